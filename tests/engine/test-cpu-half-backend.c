/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"

#include <math.h>

#define SIDE 5
#define CHANNELS 8

static PspBackend *
open_backend (PspPrecision precision)
{
  PspBackendOptions options = { .n_threads = 2, .precision = precision };
  g_autoptr(GError) error = NULL;
  PspBackend *backend = psp_cpu_backend_new (&options, &error);

  g_assert_no_error (error);
  return backend;
}

static void
test_storage (void)
{
  const float floats[] = { 1 + 0x1p-12f, 0x1p-24f, -65504, 1e6f, 0.1f };
  const float expected[] = { 1, 0x1p-24f, -65504, INFINITY, 0x1.998p-4f };
  g_autoptr(PspBackend) backend = open_backend (PSP_PRECISION_FP16);
  g_autoptr(PspBuffer) buffer = psp_backend_buffer_new (backend, 16, "numbers", NULL);
  g_autoptr(GBytes) bytes = g_bytes_new_static (floats, sizeof floats);
  g_autoptr(PspBuffer) wrapped = psp_backend_buffer_wrap (backend, bytes, "numbers", NULL);
  float read[G_N_ELEMENTS (floats)];

  g_assert_cmpint (psp_backend_get_precision (backend), ==, PSP_PRECISION_FP16);
  g_assert_true (psp_backend_upload (backend, buffer, 3, floats, G_N_ELEMENTS (floats), NULL));
  g_assert_true (psp_backend_download (backend, buffer, 3, read, G_N_ELEMENTS (floats), NULL));
  g_assert_cmpmem (read, sizeof read, expected, sizeof expected);
  g_assert_true (psp_backend_download (backend, wrapped, 0, read, G_N_ELEMENTS (floats), NULL));
  g_assert_cmpmem (read, sizeof read, expected, sizeof expected);
}

/* 3x3, with @residual. */
static gsize
count_scratch (PspPrecision  precision,
               const PspMap *map,
               const PspMap *residual)
{
  g_autoptr(PspBackend) backend = open_backend (precision);
  PspConvolution operation = {
    .source = *map, .destination = *map, .residual = residual,
    .kernel = 3, .stride = 1, .padding = 1, .dilation = 1,
  };

  return psp_backend_count_scratch (backend, &operation);
}

/* The copies in 32 bits count; a residual in place has none. */
static void
test_scratch (void)
{
  PspMap map = { NULL, 0, 1, SIDE, SIDE, CHANNELS, CHANNELS };
  PspMap other = { NULL, 128 * 8, 1, SIDE, SIDE, CHANNELS, CHANNELS };
  gsize map_bytes = SIDE * SIDE * CHANNELS * sizeof (float);
  gsize weight_bytes = 9 * CHANNELS * CHANNELS * sizeof (float);
  gsize with_other = count_scratch (PSP_PRECISION_FP16, &map, &other);
  gsize with_itself = count_scratch (PSP_PRECISION_FP16, &map, &map);

  g_assert_cmpuint (with_other, >=, count_scratch (PSP_PRECISION_FP32, &map, &other) +
                                    3 * map_bytes + weight_bytes);
  g_assert_cmpuint (with_itself, <, with_other);
}

static void
test_cancelled (void)
{
  g_autoptr(PspBackend) backend = open_backend (PSP_PRECISION_FP16);
  g_autoptr(PspBuffer) maps = psp_backend_buffer_new (backend, 2 * SIDE * SIDE * CHANNELS, "maps",
                                                      NULL);
  PspMap source = { maps, 0, 1, SIDE, SIDE, CHANNELS, CHANNELS };
  PspMap destination = { maps, SIDE * SIDE * CHANNELS, 1, SIDE, SIDE, CHANNELS, CHANNELS };
  PspResizing operation = { source, destination, TRUE };
  float zeros[2 * SIDE * SIDE * CHANNELS] = { 0 };
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_assert_true (psp_backend_upload (backend, maps, 0, zeros, G_N_ELEMENTS (zeros), NULL));
  g_cancellable_cancel (cancellable);
  g_assert_false (psp_backend_resize (backend, &operation, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cpu-half/storage", test_storage);
  g_test_add_func ("/cpu-half/scratch", test_scratch);
  g_test_add_func ("/cpu-half/cancelled", test_cancelled);
  return g_test_run ();
}
