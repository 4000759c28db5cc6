/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/* Writes a PNG of @n_channels (3: red, green, blue; 1: a value) 8-bit channels, rows from the
 * top.  Returns: %FALSE with @error set if the file cannot be written. */
gboolean psp_files_write_png (const char    *path,
                              const guint8  *pixels,
                              int            width,
                              int            height,
                              int            n_channels,
                              GError       **error);
