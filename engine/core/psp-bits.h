/* SPDX-License-Identifier: MIT */
#pragma once

#include <string.h>

#include <glib.h>

/* The IEEE 754 binary32 number that @bits are. */
static inline float
psp_float_from_bits (guint32 bits)
{
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

/* The bits of @value. */
static inline guint32
psp_float_to_bits (float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}
