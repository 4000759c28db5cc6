/* SPDX-License-Identifier: MIT */
#include "app/config.h"
#include "app/psp-command.h"
#include "engine/run/psp-device.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#if PSP_WITH_GUI
#include "app/psp-application.h"
#endif

/* What was printed may not have arrived: the disk behind it was full.  At the end, as GOption ends
 * the program when it has printed a help. */
static void
check_output (void)
{
  int reason = fflush (stdout) == 0 ? 0 : errno;

  if (reason == 0 && !ferror (stdout))
    return;
  g_printerr ("scenescope: cannot write what was to be printed%s%s\n", reason != 0 ? ": " : "",
              reason != 0 ? g_strerror (reason) : "");
  _exit (PSP_EXIT_FAILED);
}

/* GLib would print “?” for what ASCII does not have, in file names, too. */
static void
print_as_it_is (const char *text)
{
  fputs (text, stdout);
  fflush (stdout);
}

static void
print_error_as_it_is (const char *text)
{
  fputs (text, stderr);
  fflush (stderr);
}

static gboolean
locale_is_ascii (void)
{
  static const char * const names[] = { "ANSI_X3.4-1968", "US-ASCII", "ASCII", "646", NULL };
  const char *charset;

  return !g_get_charset (&charset) && g_strv_contains (names, charset);
}

int
main (int    argc,
      char **argv)
{
  int status;

  psp_device_restart_if_slow (argv);
  setlocale (LC_ALL, "");
  if (locale_is_ascii ())
    {
      g_set_print_handler (print_as_it_is);
      g_set_printerr_handler (print_error_as_it_is);
    }
  (void) atexit (check_output);
  /* A file that may not grow any more is an error, not the end of the program. */
  (void) signal (SIGXFSZ, SIG_IGN);
  if (psp_command_line_run (argc, argv, &status))
    return status;

#if PSP_WITH_GUI
  return psp_application_run (argv);
#else
  return psp_command_misuse (NULL, "this build has no window (gui=disabled); name a command");
#endif
}
