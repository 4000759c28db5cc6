/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * PSP_ERROR:
 *
 * The error domain of the engine.  Its messages are whole sentences without a final stop that name
 * the file, tensor or device at fault.  A cancelled operation reports %G_IO_ERROR_CANCELLED
 * instead.
 */
#define PSP_ERROR (psp_error_quark ())

/**
 * PspError:
 * @PSP_ERROR_NOT_FOUND: a file, class, tensor or image that was named does not exist
 * @PSP_ERROR_IO: the operating system refused to read or write
 * @PSP_ERROR_BAD_FILE: a file is damaged or not what its name promises
 * @PSP_ERROR_TRUNCATED: a file ends too early
 * @PSP_ERROR_UNSUPPORTED: understood, but nothing we handle (the message says what is handled)
 * @PSP_ERROR_BAD_SHAPE: sizes that must agree do not
 * @PSP_ERROR_BAD_VALUE: a value outside its range (an option, an id, a NaN weight)
 * @PSP_ERROR_NO_MEMORY: not enough memory on the host or the device
 * @PSP_ERROR_OVER_LIMIT: more memory would be needed than the caller allows
 * @PSP_ERROR_NO_DEVICE: the device that was asked for does not exist
 * @PSP_ERROR_DEVICE: the device failed; its results are lost
 *
 * What a caller can act on; the message is for the person.
 */
typedef enum
{
  PSP_ERROR_NOT_FOUND,
  PSP_ERROR_IO,
  PSP_ERROR_BAD_FILE,
  PSP_ERROR_TRUNCATED,
  PSP_ERROR_UNSUPPORTED,
  PSP_ERROR_BAD_SHAPE,
  PSP_ERROR_BAD_VALUE,
  PSP_ERROR_NO_MEMORY,
  PSP_ERROR_OVER_LIMIT,
  PSP_ERROR_NO_DEVICE,
  PSP_ERROR_DEVICE,
} PspError;

GQuark psp_error_quark (void);

/**
 * psp_error_set_errno:
 * @error: (nullable): where to set %PSP_ERROR_IO, or %PSP_ERROR_NOT_FOUND for ENOENT
 * @path: the file that was worked on
 * @action: what failed, for the sentence “PATH: cannot ACTION: reason”
 * @error_number: the value of errno
 */
void psp_error_set_errno (GError     **error,
                          const char  *path,
                          const char  *action,
                          int          error_number);
