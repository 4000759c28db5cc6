/* SPDX-License-Identifier: MIT */
#include "app/config.h"
#include "app/psp-command.h"
#include "engine/run/psp-device.h"

#include <locale.h>
#include <signal.h>

#if PSP_WITH_GUI
#include "app/psp-application.h"
#endif

int
main (int    argc,
      char **argv)
{
  int status;

  psp_device_restart_if_slow (argv);
  setlocale (LC_ALL, "");
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
