/* SPDX-License-Identifier: MIT */
#include "app/psp-command.h"

#include "app/config.h"
#include "engine/core/psp-error.h"
#include "engine/run/psp-device.h"

#include <locale.h>
#include <string.h>

static const PspCommand commands[] = {
  { "predict", "Label photos with a network", psp_command_predict },
  { "evaluate", "Judge a network, or given predictions, on a dataset", psp_command_evaluate },
  { "export", "Write a dataset with its corrected masks", psp_command_export },
  { "model info", "Say what a checkpoint holds", psp_command_model_info },
  { "model check", "Compare a network with reference activations", psp_command_model_check },
  { "model convert", "Rewrite a checkpoint as safetensors", psp_command_model_convert },
  { "device list", "List the devices that can run a network", psp_command_device_list },
  { "bench", "Measure how fast a network runs on a device", psp_command_bench },
};

static void
print_help (void)
{
  g_print ("Usage:\n"
           "  scenescope [PATH…]             open a window on a workspace, dataset, images or a "
           "checkpoint; no PATH: the demo\n"
           "  scenescope COMMAND [OPTION…]   work without a display\n\n"
           "Commands:\n");
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-14s  %s\n", commands[i].name, commands[i].summary);
  g_print ("\n“scenescope COMMAND --help” tells more about each.\n"
           "Exit status: 0 done; 1 some input failed; 2 wrong usage; "
           "3 no such device, or it failed.\n");
}

/* How many of @argv's words after the program's name are @name; 0 if they are not. */
static int
match_words (int          argc,
             char       **argv,
             const char  *name)
{
  g_auto(GStrv) words = g_strsplit (name, " ", -1);
  int n_words = g_strv_length (words);

  if (argc < 1 + n_words)
    return 0;
  for (int i = 0; i < n_words; i++)
    if (!g_str_equal (argv[1 + i], words[i]))
      return 0;
  return n_words;
}

/* Whether @name is that of a command of several words, and @word the first of them. */
static gboolean
begins_with_word (const char *name,
                  const char *word)
{
  gsize length = strlen (word);

  return strncmp (name, word, length) == 0 && name[length] == ' ';
}

static gboolean
is_group (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (begins_with_word (commands[i].name, word))
      return TRUE;
  return FALSE;
}

/* Whether @argv, which names no command, begins with a path; else @status is that of a wrong use.
 * Behind “--” there is no option and no command. */
static gboolean
is_for_window (char **argv,
               int   *status)
{
  gboolean protected = g_str_equal (argv[1], "--");
  const char *path = protected ? argv[2] : argv[1];

  if (path == NULL || ((protected || *path != '-') && g_file_test (path, G_FILE_TEST_EXISTS)))
    return TRUE;

  *status = psp_command_misuse (NULL, protected ? "“%s” is no file or folder"
                                      : *path == '-' ? "there is no option “%s”"
                                      : "“%s” is neither a command nor a file or folder", path);
  return FALSE;
}

/* The commands that begin with the word @group: “device list”. */
static void
print_group (const char *group)
{
  g_print ("Commands:\n");
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (begins_with_word (commands[i].name, group))
      g_print ("  %-14s  %s\n", commands[i].name, commands[i].summary);
  g_print ("\n“scenescope COMMAND --help” tells more about each.\n");
}

static gboolean
is_help (const char *word)
{
  return g_strcmp0 (word, "--help") == 0 || g_strcmp0 (word, "-h") == 0;
}

/* @argv begins with the first word of commands of several, but names none of them. */
static int
run_group (char **argv)
{
  if (is_help (argv[2]))
    {
      print_group (argv[1]);
      return PSP_EXIT_DONE;
    }
  if (argv[2] == NULL)
    return psp_command_misuse (argv[1], "“%s” is not complete", argv[1]);
  return psp_command_misuse (argv[1], "there is no command “%s %s”", argv[1], argv[2]);
}

static int
run_command (const PspCommand  *command,
             int                n_words,
             char             **argv)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  /* Other programs read what commands write: numbers have a point in every language. */
  setlocale (LC_NUMERIC, "C");
  g_strv_builder_add (builder, "scenescope");
  g_strv_builder_addv (builder, (const char **) argv + 1 + n_words);
  return command->run (g_strv_builder_end (builder));
}

/* “help predict” as “predict --help”. */
static gboolean
run_help (char **argv,
          int   *status)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) asked = NULL;

  if (is_help (argv[2]) || g_str_equal (argv[2], "help"))
    {
      print_help ();
      return TRUE;
    }
  g_strv_builder_add (builder, argv[0]);
  g_strv_builder_addv (builder, (const char **) argv + 2);
  g_strv_builder_add (builder, "--help");
  asked = g_strv_builder_end (builder);
  if (psp_command_line_run ((int) g_strv_length (asked), asked, status))
    return TRUE;
  *status = psp_command_misuse (NULL, "there is no command “%s”", argv[2]);
  return TRUE;
}

gboolean
psp_command_line_run (int    argc,
                      char **argv,
                      int   *status)
{
  if (argc < 2)
    return FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      int n_words = match_words (argc, argv, commands[i].name);

      if (n_words == 0)
        continue;
      *status = run_command (&commands[i], n_words, argv);
      return TRUE;
    }

  *status = PSP_EXIT_DONE;
  if (is_help (argv[1]) || (g_str_equal (argv[1], "help") && argc == 2))
    {
      print_help ();
      return TRUE;
    }
  if (g_str_equal (argv[1], "help"))
    return run_help (argv, status);
  if (g_str_equal (argv[1], "--version"))
    {
      g_print ("scenescope %s\n", PSP_VERSION);
      return TRUE;
    }
  if (is_group (argv[1]))
    {
      *status = run_group (argv);
      return TRUE;
    }
  return !is_for_window (argv, status);
}

PspExit
psp_command_fail (const GError *error)
{
  psp_command_warn ("%s", error->message);
  if (error->domain == G_OPTION_ERROR)
    return PSP_EXIT_USAGE;
  if (g_error_matches (error, PSP_ERROR, PSP_ERROR_NO_DEVICE) ||
      g_error_matches (error, PSP_ERROR, PSP_ERROR_DEVICE))
    return PSP_EXIT_DEVICE;
  return PSP_EXIT_FAILED;
}

PspExit
psp_command_worse (PspExit a,
                   PspExit b)
{
  return MAX (a, b);
}

void
psp_command_warn (const char *format,
                  ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("scenescope: %s\n", message);
}

void
psp_command_warn_of_slowdown (void)
{
  g_autofree char *text = psp_device_find_slowdown ();

  if (text != NULL)
    psp_command_warn ("%s", text);
}

PspExit
psp_command_misuse (const char *command,
                    const char *format,
                    ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("scenescope: %s\nTry “scenescope %s%s--help”.\n", message,
              command != NULL ? command : "", command != NULL ? " " : "");
  return PSP_EXIT_USAGE;
}

/* An empty word is a variable of a script that was not set. */
static gboolean
check_not_empty (const GOptionEntry  *entries,
                 GError             **error)
{
  for (const GOptionEntry *entry = entries; entry != NULL && entry->long_name != NULL; entry++)
    if ((entry->arg == G_OPTION_ARG_STRING || entry->arg == G_OPTION_ARG_FILENAME) &&
        g_strcmp0 (*(char **) entry->arg_data, "") == 0)
      {
        g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "what --%s is given is empty",
                     entry->long_name);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_parsed (GStrv                arguments,
              const GOptionEntry  *entries,
              const GOptionEntry  *run_entries,
              GError             **error)
{
  if (!check_not_empty (entries, error) || !check_not_empty (run_entries, error))
    return FALSE;
  if (!g_strv_contains ((const char * const *) arguments, ""))
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "an argument is empty");
  return FALSE;
}

/* GOption leaves “--” where a word behind it begins with “-”. */
static void
drop_separator (GStrv arguments)
{
  int i = 0;

  while (arguments[i] != NULL && !g_str_equal (arguments[i], "--"))
    i++;
  if (arguments[i] == NULL)
    return;
  g_free (arguments[i]);
  for (; arguments[i + 1] != NULL; i++)
    arguments[i] = arguments[i + 1];
  arguments[i] = NULL;
}

gboolean
psp_command_parse (GStrv               *arguments,
                   const char          *command,
                   const char          *parameters,
                   const char          *description,
                   const GOptionEntry  *entries,
                   const GOptionEntry  *run_entries,
                   GError             **error)
{
  g_autoptr(GOptionContext) context = g_option_context_new (parameters);
  g_autofree char *program = g_strdup_printf ("scenescope %s", command);

  g_set_prgname (program);
  g_option_context_set_summary (context, description);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, NULL);
  if (run_entries != NULL)
    g_option_context_add_main_entries (context, run_entries, NULL);
  if (!g_option_context_parse_strv (context, arguments, error))
    return FALSE;
  drop_separator (*arguments);
  return check_parsed (*arguments, entries, run_entries, error);
}
