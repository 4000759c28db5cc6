/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-floats.h"

/* Around where arrays get pages of their own, and where these are no multiple of anything. */
static const gsize sizes[] = { 1, 15, 16, 262143, 262144, 262145, 1000003 };

static void
test_zeros (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      float *floats = psp_floats_new (sizes[i]);

      g_assert_nonnull (floats);
      g_assert_cmpuint ((gsize) floats % PSP_FLOATS_ALIGNMENT, ==, 0);
      for (gsize k = 0; k < sizes[i]; k++)
        {
          g_assert_cmpfloat (floats[k], ==, 0);
          floats[k] = 1;
        }
      psp_floats_free (floats, sizes[i]);
    }
}

static void
test_bytes (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      float *floats = psp_floats_new (sizes[i]);
      g_autoptr(GBytes) bytes = psp_floats_to_bytes (floats, sizes[i]);
      gsize n_bytes;

      g_assert_true (g_bytes_get_data (bytes, &n_bytes) == floats);
      g_assert_cmpuint (n_bytes, ==, sizes[i] * sizeof (float));
    }
}

/* More than there can be is no memory, not the end of the program. */
static void
test_too_many (void)
{
  g_assert_null (psp_floats_new (G_MAXSIZE));
  g_assert_null (psp_floats_new (G_MAXSIZE / sizeof (float)));
  g_assert_null (psp_floats_new (G_MAXSSIZE / sizeof (float) / 2));
  psp_floats_free (NULL, 5);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/floats/zeros", test_zeros);
  g_test_add_func ("/floats/bytes", test_bytes);
  g_test_add_func ("/floats/too-many", test_too_many);
  return g_test_run ();
}
