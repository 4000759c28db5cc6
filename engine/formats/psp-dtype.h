/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * PspDtype:
 *
 * How a number is stored in a file.
 */
typedef enum
{
  PSP_DTYPE_F32,
  PSP_DTYPE_F16,
  PSP_DTYPE_BF16,
  PSP_DTYPE_F64,
  PSP_DTYPE_I64,
  PSP_DTYPE_I32,
  PSP_DTYPE_I16,
  PSP_DTYPE_I8,
  PSP_DTYPE_U8,
  PSP_DTYPE_BOOL,
} PspDtype;

/* Bytes of one element: 1, 2, 4 or 8. */
gsize       psp_dtype_get_size   (PspDtype       dtype);

/* The name that safetensors gives it: “F32”, “BF16”, “BOOL”… */
const char *psp_dtype_get_name   (PspDtype       dtype);

/**
 * psp_dtype_from_name:
 * @name: as psp_dtype_get_name() gives it
 * @dtype: (out): the type
 *
 * Returns: whether the name is one of ours; @dtype is left alone otherwise
 */
gboolean    psp_dtype_from_name  (const char    *name,
                                  PspDtype      *dtype);

/**
 * psp_dtype_to_float:
 * @dtype: how @bytes are stored, little-endian
 * @bytes: @n_elements elements, unaligned
 * @n_elements: how many
 * @values: (out caller-allocates): @n_elements numbers; integers and F64 are rounded to nearest
 */
void        psp_dtype_to_float   (PspDtype       dtype,
                                  gconstpointer  bytes,
                                  gsize          n_elements,
                                  float         *values);

/**
 * psp_dtype_from_float:
 * @dtype: %PSP_DTYPE_F32 or %PSP_DTYPE_F16
 * @values: @n_elements numbers
 * @n_elements: how many
 * @bytes: (out caller-allocates): @n_elements elements, little-endian, unaligned
 *
 * F16 as psp_half_from_floats().
 */
void        psp_dtype_from_float (PspDtype       dtype,
                                  const float   *values,
                                  gsize          n_elements,
                                  gpointer       bytes);
