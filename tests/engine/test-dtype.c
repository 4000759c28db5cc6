/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-dtype.h"

static void
test_to_float (void)
{
  /* At an odd address: files do not align. */
  static const guint8 bytes[] = { 0, 0x80, 0xff, 0x01, 0xff, 0xff, 0xff, 0xff, 0x7f };
  static const struct
  {
    PspDtype dtype;
    float    first;
  } cases[] = {
    { PSP_DTYPE_U8, 128.0f },
    { PSP_DTYPE_I8, -128.0f },
    { PSP_DTYPE_BOOL, 1.0f },
    { PSP_DTYPE_I16, -128.0f },
    { PSP_DTYPE_I32, -16646272.0f },
    { PSP_DTYPE_I64, 0x1p63f },
  };
  static const guint8 brain[] = { 0x80, 0xbf };
  static const guint8 wide[] = { 0, 0, 0, 0x10, 0, 0, 0xf0, 0x3f };
  float value;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      psp_dtype_to_float (cases[i].dtype, bytes + 1, 1, &value);
      g_assert_cmpfloat (value, ==, cases[i].first);
    }
  psp_dtype_to_float (PSP_DTYPE_BF16, brain, 1, &value);
  g_assert_cmpfloat (value, ==, -1.0f);
  /* 1 + 2^-24 lies between two floats and goes to the even one. */
  psp_dtype_to_float (PSP_DTYPE_F64, wide, 1, &value);
  g_assert_cmpfloat (value, ==, 1.0f);
}

static void
test_from_float (void)
{
  static const float values[] = { 1.0f, -2.5f };
  guint8 bytes[9] = { 0 };

  psp_dtype_from_float (PSP_DTYPE_F32, values, 2, bytes + 1);
  g_assert_cmpmem (bytes + 1, 8, "\x00\x00\x80\x3f\x00\x00\x20\xc0", 8);
  psp_dtype_from_float (PSP_DTYPE_F16, values, 2, bytes + 1);
  g_assert_cmpmem (bytes + 1, 4, "\x00\x3c\x00\xc1", 4);
}

static void
test_names (void)
{
  for (int i = PSP_DTYPE_F32; i <= PSP_DTYPE_BOOL; i++)
    {
      PspDtype dtype = PSP_DTYPE_F32;

      g_assert_true (psp_dtype_from_name (psp_dtype_get_name ((PspDtype) i), &dtype));
      g_assert_cmpint (dtype, ==, i);
    }
  g_assert_false (psp_dtype_from_name ("U64", &(PspDtype) { PSP_DTYPE_F32 }));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dtype/to-float", test_to_float);
  g_test_add_func ("/dtype/from-float", test_from_float);
  g_test_add_func ("/dtype/names", test_names);
  return g_test_run ();
}
