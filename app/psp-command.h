/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

/* Exit statuses of every command, as scripts rely on them. */
typedef enum
{
  PSP_EXIT_DONE = 0,   /* everything was done */
  PSP_EXIT_FAILED = 1, /* some input failed: all of it is named, the rest is done */
  PSP_EXIT_USAGE = 2,  /* the command line is wrong */
  PSP_EXIT_DEVICE = 3, /* there is no such device, or it failed */
} PspExit;

/**
 * PspCommand:
 * @name: the words of the command: “predict”, “model info”
 * @summary: one line for `scenescope --help`
 * @run: does the work; the first of @arguments is the name for messages, the rest is what follows
 *   the words of the command
 *
 * A command that needs no display.
 */
typedef struct
{
  const char *name;
  const char *summary;
  PspExit   (*run) (GStrv arguments);
} PspCommand;

/* One function for each command, in psp-command-NAME.c. */
PspExit psp_command_predict       (GStrv arguments);
PspExit psp_command_evaluate      (GStrv arguments);
PspExit psp_command_export        (GStrv arguments);
PspExit psp_command_model_info    (GStrv arguments);
PspExit psp_command_model_check   (GStrv arguments);
PspExit psp_command_model_convert (GStrv arguments);
PspExit psp_command_device_list   (GStrv arguments);
PspExit psp_command_bench         (GStrv arguments);

/**
 * psp_command_line_run:
 * @argc: of main()
 * @argv: of main()
 * @status: (out): the exit status, if a command was found
 *
 * Runs the command that @argv names.  `--help` and `--version` count as commands; so does a word
 * that is neither a command nor an existing path (a usage error).  A command sees LC_NUMERIC “C”.
 *
 * Returns: whether @argv named a command; if not, the window is wanted
 */
gboolean psp_command_line_run     (int    argc,
                                   char **argv,
                                   int   *status);

/* Prints “scenescope: message” to stderr and returns the status that fits @error. */
PspExit  psp_command_fail         (const GError *error);

/* The worse of two statuses: a device that failed counts more than an input that did. */
PspExit  psp_command_worse           (PspExit a,
                                      PspExit b);

/* Prints “scenescope: message” to stderr. */
void     psp_command_warn            (const char *format,
                                      ...) G_GNUC_PRINTF (1, 2);

/* Prints to stderr what makes the processor slower than it needs to be, if anything does. */
void     psp_command_warn_of_slowdown (void);

/* Prints a wrong use with a hint at --help and returns %PSP_EXIT_USAGE. */
PspExit  psp_command_misuse       (const char *command,
                                   const char *format,
                                   ...) G_GNUC_PRINTF (2, 3);

/**
 * psp_command_parse:
 * @arguments: (inout): the options are taken out; @arguments[0] and what is no option stay
 * @command: for messages: “predict”
 * @parameters: what follows the options, for --help: “INPUT…”
 * @description: what the command does, for --help
 * @entries: (nullable): the command's own options
 * @run_entries: (nullable): psp_run_arguments_get_entries()
 * @error: %G_OPTION_ERROR
 *
 * Returns: whether the options are all known and well-formed, and nothing is empty
 */
gboolean psp_command_parse        (GStrv               *arguments,
                                   const char          *command,
                                   const char          *parameters,
                                   const char          *description,
                                   const GOptionEntry  *entries,
                                   const GOptionEntry  *run_entries,
                                   GError             **error);
