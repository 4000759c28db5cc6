/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-latest.h"

#include <gio/gio.h>

guint
psp_latest_ask (PspLatest *self)
{
  return ++self->n_asked;
}

guint
psp_latest_get_number (const PspLatest *self)
{
  return self->taken;
}

gboolean
psp_latest_take (PspLatest  *self,
                 guint       number,
                 GError    **error)
{
  if (number < self->taken)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                           "something else was chosen meanwhile");
      return FALSE;
    }
  self->taken = number;
  return TRUE;
}
