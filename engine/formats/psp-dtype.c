/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-dtype.h"

#include "engine/core/psp-bits.h"
#include "engine/core/psp-half.h"

#include <string.h>

static const struct
{
  const char *name;
  gsize       size;
} dtypes[] = {
  [PSP_DTYPE_F32] = { "F32", 4 },
  [PSP_DTYPE_F16] = { "F16", 2 },
  [PSP_DTYPE_BF16] = { "BF16", 2 },
  [PSP_DTYPE_F64] = { "F64", 8 },
  [PSP_DTYPE_I64] = { "I64", 8 },
  [PSP_DTYPE_I32] = { "I32", 4 },
  [PSP_DTYPE_I16] = { "I16", 2 },
  [PSP_DTYPE_I8] = { "I8", 1 },
  [PSP_DTYPE_U8] = { "U8", 1 },
  [PSP_DTYPE_BOOL] = { "BOOL", 1 },
};

gsize
psp_dtype_get_size (PspDtype dtype)
{
  return dtypes[dtype].size;
}

const char *
psp_dtype_get_name (PspDtype dtype)
{
  return dtypes[dtype].name;
}

gboolean
psp_dtype_from_name (const char *name,
                     PspDtype   *dtype)
{
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (g_str_equal (name, dtypes[i].name))
      {
        *dtype = (PspDtype) i;
        return TRUE;
      }
  return FALSE;
}

static guint16
load_16 (const guint8 *bytes)
{
  guint16 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT16_FROM_LE (value);
}

static guint32
load_32 (const guint8 *bytes)
{
  guint32 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT32_FROM_LE (value);
}

static guint64
load_64 (const guint8 *bytes)
{
  guint64 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT64_FROM_LE (value);
}

static double
load_double (const guint8 *bytes)
{
  guint64 bits = load_64 (bytes);
  double value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static float
load_half (const guint8 *bytes)
{
  guint16 half = load_16 (bytes);
  float value;

  psp_half_to_floats (&value, &half, 1);
  return value;
}

static float
load_as_float (PspDtype      dtype,
               const guint8 *bytes)
{
  switch (dtype)
    {
    case PSP_DTYPE_F32:
      return psp_float_from_bits (load_32 (bytes));

    case PSP_DTYPE_F16:
      return load_half (bytes);

    case PSP_DTYPE_BF16:
      return psp_float_from_bits ((guint32) load_16 (bytes) << 16);

    case PSP_DTYPE_F64:
      return (float) load_double (bytes);

    case PSP_DTYPE_I64:
      return (float) (gint64) load_64 (bytes);

    case PSP_DTYPE_I32:
      return (float) (gint32) load_32 (bytes);

    case PSP_DTYPE_I16:
      return (float) (gint16) load_16 (bytes);

    case PSP_DTYPE_I8:
      return (float) (gint8) bytes[0];

    case PSP_DTYPE_U8:
      return (float) bytes[0];

    case PSP_DTYPE_BOOL:
      return bytes[0] != 0 ? 1.0f : 0.0f;

    default:
      g_return_val_if_reached (0.0f);
    }
}

static void
brain_floats_to_float (const guint8 *from,
                       gsize         n_elements,
                       float        *values)
{
  for (gsize i = 0; i < n_elements; i++)
    values[i] = psp_float_from_bits ((guint32) load_16 (from + i * 2) << 16);
}

static void
halves_to_float (const guint8 *from,
                 gsize         n_elements,
                 float        *values)
{
  for (gsize i = 0; i < n_elements; i++)
    values[i] = load_half (from + i * 2);
}

static void
singles_to_float (const guint8 *from,
                  gsize         n_elements,
                  float        *values)
{
  for (gsize i = 0; i < n_elements; i++)
    values[i] = psp_float_from_bits (load_32 (from + i * 4));
}

/* Weights come in the three formats of 16 and 32 bits, and by the hundred million: loops that the
 * compiler turns into copies and vectors.  The rest is rare. */
void
psp_dtype_to_float (PspDtype       dtype,
                    gconstpointer  bytes,
                    gsize          n_elements,
                    float         *values)
{
  const guint8 *from = bytes;
  gsize size = psp_dtype_get_size (dtype);

  if (dtype == PSP_DTYPE_F32)
    singles_to_float (from, n_elements, values);
  else if (dtype == PSP_DTYPE_F16)
    halves_to_float (from, n_elements, values);
  else if (dtype == PSP_DTYPE_BF16)
    brain_floats_to_float (from, n_elements, values);
  else
    for (gsize i = 0; i < n_elements; i++)
      values[i] = load_as_float (dtype, from + i * size);
}

void
psp_dtype_from_float (PspDtype     dtype,
                      const float *values,
                      gsize        n_elements,
                      gpointer     bytes)
{
  guint8 *to = bytes;

  g_return_if_fail (dtype == PSP_DTYPE_F32 || dtype == PSP_DTYPE_F16);

  for (gsize i = 0; i < n_elements; i++)
    if (dtype == PSP_DTYPE_F32)
      {
        guint32 bits = GUINT32_TO_LE (psp_float_to_bits (values[i]));

        memcpy (to + i * sizeof bits, &bits, sizeof bits);
      }
    else
      {
        guint16 half;

        psp_half_from_floats (&half, &values[i], 1);
        half = GUINT16_TO_LE (half);
        memcpy (to + i * sizeof half, &half, sizeof half);
      }
}
