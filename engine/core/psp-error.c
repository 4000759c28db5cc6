/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-error.h"

#include <errno.h>

G_DEFINE_QUARK (psp-error-quark, psp_error)

void
psp_error_set_errno (GError     **error,
                     const char  *path,
                     const char  *action,
                     int          error_number)
{
  g_set_error (error, PSP_ERROR, error_number == ENOENT ? PSP_ERROR_NOT_FOUND : PSP_ERROR_IO,
               "%s: cannot %s: %s", path, action, g_strerror (error_number));
}
