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

#define N_MAP 256     /* elements of a map and of the gap behind it */
#define N_WEIGHTS 640 /* of weights and gap */
#define GUARD 9.0f

/* A 3x3 convolution of numbers in one buffer: source, residual, destination, weights; then numbers
 * that no one may change, and among these what is lent as scratch memory, if @lent. */
static void
convolve (gboolean lent,
          float    results[N_MAP])
{
  g_autoptr(PspBackend) backend = open_backend (PSP_PRECISION_FP16);
  PspMap map = { NULL, 0, 1, SIDE, SIDE, CHANNELS, CHANNELS };
  PspMap residual = map;
  PspConvolution operation = {
    .source = map, .destination = map, .residual = &residual, .weights_offset = 3 * N_MAP,
    .kernel = 3, .stride = 1, .padding = 1, .dilation = 1,
  };
  g_autoptr(PspBuffer) numbers = NULL;
  g_autoptr(PspBuffer) bias = psp_backend_buffer_new (backend, CHANNELS, "bias", NULL);
  g_autofree float *values = NULL;
  g_autoptr(GError) error = NULL;
  gsize n_used = 3 * N_MAP + N_WEIGHTS, n_lent, n;

  residual.offset = N_MAP;
  operation.destination.offset = 2 * N_MAP;
  n_lent = psp_backend_count_scratch (backend, &operation) / 2;
  operation.scratch_offset = (n_used + n_lent + 127) / 128 * 128;
  n = 2 * (operation.scratch_offset + n_lent);
  values = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    values[i] = i < n_used ? (float) (i * 7 % 5) - 2 : GUARD;
  numbers = psp_backend_buffer_new (backend, n, "numbers", &error);
  g_assert_no_error (error);
  g_assert_true (psp_backend_upload (backend, numbers, 0, values, n, NULL));
  g_assert_true (psp_backend_upload (backend, bias, 0, values, CHANNELS, NULL));
  operation.source.buffer = residual.buffer = operation.destination.buffer = numbers;
  operation.weights = numbers;
  operation.bias = bias;
  operation.scratch = lent ? numbers : NULL;
  psp_backend_convolve (backend, &operation, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (psp_backend_download (backend, numbers, 2 * N_MAP, results, N_MAP, NULL));
  g_assert_true (psp_backend_download (backend, numbers, 0, values, n, NULL));
  for (gsize i = n_used; i < n; i++)
    if (i < operation.scratch_offset || i >= operation.scratch_offset + n_lent)
      g_assert_cmpfloat (values[i], ==, GUARD);
}

/* In memory that is lent, the same result, and nothing around that memory is written. */
static void
test_lent (void)
{
  float expected[N_MAP], results[N_MAP];

  convolve (FALSE, expected);
  convolve (TRUE, results);
  g_assert_cmpmem (results, sizeof results, expected, sizeof expected);
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
  g_test_add_func ("/cpu-half/lent", test_lent);
  g_test_add_func ("/cpu-half/cancelled", test_cancelled);
  return g_test_run ();
}
