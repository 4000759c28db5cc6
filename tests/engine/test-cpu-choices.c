/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "engine/cpu/psp-cpu-choices.h"
#include "engine/psp-version.h"
#include "tests/psp-test-folder.h"

#include <cblas.h>
#include <dlfcn.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define SIDE 24
#define CHANNELS 32

/* What the clock says one call after the other, then always the last; none: the time. */
static const gint64 *clock_us;
static int n_clock_us;

/* In the place of GLib's, for the engine. */
gint64
g_get_monotonic_time (void)
{
  gint64 (*real) (void) = (gint64 (*) (void)) dlsym (RTLD_NEXT, "g_get_monotonic_time");

  if (n_clock_us == 0)
    return real ();
  return n_clock_us > 1 ? (n_clock_us--, *clock_us++) : *clock_us;
}

static PspBuffer *
make_buffer (PspBackend *backend,
             gsize       n)
{
  float *values = g_new (float, n);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  PspBuffer *buffer;

  for (gsize i = 0; i < n; i++)
    values[i] = (i * 7919 % 1013) / 1013.0f - 0.5f;
  bytes = g_bytes_new_take (values, n * sizeof *values);
  buffer = psp_backend_buffer_wrap (backend, bytes, "values", &error);
  g_assert_no_error (error);
  return buffer;
}

/* A 3x3 convolution of the shape that all tests use; its buffers are missing. */
static PspConvolution
make_operation (int dilation)
{
  PspMap map = { NULL, 0, 1, SIDE, SIDE, CHANNELS, CHANNELS };

  return (PspConvolution) {
    .source = map, .destination = map, .kernel = 3, .stride = 1, .padding = dilation,
    .dilation = dilation,
  };
}

/* (transfer full): the bytes that a new backend computes. */
static GBytes *
compute (PspConvolutionMethod method,
         int                  n_threads)
{
  PspBackendOptions options = { .n_threads = n_threads, .method = method };
  const gsize n = SIDE * SIDE * CHANNELS;
  float *values = g_new (float, n);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = psp_cpu_backend_new (&options, &error);
  g_autoptr(PspBuffer) source = make_buffer (backend, n);
  g_autoptr(PspBuffer) weights = make_buffer (backend, 9 * CHANNELS * CHANNELS);
  g_autoptr(PspBuffer) bias = make_buffer (backend, CHANNELS);
  g_autoptr(PspBuffer) result = psp_backend_buffer_new (backend, n, "result", &error);
  PspConvolution operation = make_operation (1);

  g_assert_no_error (error);
  operation.source.buffer = source;
  operation.destination.buffer = result;
  operation.residual = &operation.destination;
  operation.weights = weights;
  operation.bias = bias;
  for (gsize i = 0; i < n; i++)
    values[i] = i % 17;
  psp_backend_upload (backend, result, 0, values, n, &error);
  g_assert_no_error (error);
  psp_backend_convolve (backend, &operation, NULL, &error);
  g_assert_no_error (error);
  psp_backend_download (backend, result, 0, values, n, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (values, n * sizeof *values);
}

static void
forget_all (void)
{
  g_autofree char *path = psp_cpu_choices_get_path ();

  g_unlink (path);
}

/* Measured once, then the same bits whatever the threads; the measurement leaves no trace in the
 * result, which is added to what was there. */
static void
test_measured_once (void)
{
  g_autofree char *path = psp_cpu_choices_get_path ();
  g_autoptr(GBytes) direct = compute (PSP_CONVOLUTION_DIRECT, 1);
  g_autoptr(GBytes) winograd = compute (PSP_CONVOLUTION_WINOGRAD, 1);
  g_autoptr(GBytes) first = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  forget_all ();
  g_assert_false (g_bytes_equal (direct, winograd));
  first = compute (PSP_CONVOLUTION_AUTOMATIC, 1);
  g_assert_true (g_bytes_equal (first, direct) || g_bytes_equal (first, winograd));
  g_assert_true (g_file_get_contents (path, &before, NULL, NULL));
  for (int n_threads = 1; n_threads <= 3; n_threads++)
    {
      g_autoptr(GBytes) again = compute (PSP_CONVOLUTION_AUTOMATIC, n_threads);

      g_assert_true (g_bytes_equal (first, again));
    }
  g_assert_true (g_file_get_contents (path, &after, NULL, NULL));
  g_assert_cmpstr (before, ==, after);
}

/* The machine is asleep between the beginning and the first measurement, longer than a measurement
 * may take: the faster method is chosen all the same. */
static void
test_pause (void)
{
  static const struct
  {
    PspConvolutionMethod faster;
    gint64               clock_us[5];
  } cases[] = {
    { PSP_CONVOLUTION_WINOGRAD, { 0, 900000, 900001, 900001, 900100 } },
    { PSP_CONVOLUTION_DIRECT, { 0, 900000, 900100, 900100, 900101 } },
  };
  g_autofree char *path = psp_cpu_choices_get_path ();
  PspConvolution operation = make_operation (1);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GBytes) result = NULL;
      g_autoptr(PspCpuChoices) choices = NULL;

      forget_all ();
      clock_us = cases[i].clock_us;
      n_clock_us = G_N_ELEMENTS (cases[i].clock_us);
      result = compute (PSP_CONVOLUTION_AUTOMATIC, 1);
      n_clock_us = 0;
      choices = psp_cpu_choices_new (path);
      g_assert_cmpint (psp_cpu_choices_find (choices, &operation), ==, cases[i].faster);
    }
}

/* What the file says is done, faster or not. */
static void
test_obeyed (void)
{
  static const PspConvolutionMethod methods[] = {
    PSP_CONVOLUTION_DIRECT, PSP_CONVOLUTION_WINOGRAD
  };
  g_autofree char *path = psp_cpu_choices_get_path ();
  PspConvolution operation = make_operation (1);

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr(GBytes) expected = compute (methods[i], 2);
      g_autoptr(GBytes) result = NULL;
      g_autoptr(PspCpuChoices) choices = NULL;

      forget_all ();
      choices = psp_cpu_choices_new (path);
      g_assert_cmpint (psp_cpu_choices_add (choices, &operation, methods[i]), ==, methods[i]);
      result = compute (PSP_CONVOLUTION_AUTOMATIC, 2);
      g_assert_true (g_bytes_equal (result, expected));
    }
}

/* The first of two processes decides, and neither loses what the other found. */
static void
test_shared (void)
{
  g_autofree char *path = psp_cpu_choices_get_path ();
  PspConvolution near = make_operation (1);
  PspConvolution wide = make_operation (2);
  g_autoptr(PspCpuChoices) one = NULL;
  g_autoptr(PspCpuChoices) other = NULL;
  g_autoptr(PspCpuChoices) later = NULL;

  forget_all ();
  one = psp_cpu_choices_new (path);
  other = psp_cpu_choices_new (path);
  psp_cpu_choices_add (one, &near, PSP_CONVOLUTION_DIRECT);
  psp_cpu_choices_add (other, &wide, PSP_CONVOLUTION_WINOGRAD);
  g_assert_cmpint (psp_cpu_choices_add (other, &near, PSP_CONVOLUTION_WINOGRAD), ==,
                   PSP_CONVOLUTION_DIRECT);
  later = psp_cpu_choices_new (path);
  g_assert_cmpint (psp_cpu_choices_find (later, &near), ==, PSP_CONVOLUTION_DIRECT);
  g_assert_cmpint (psp_cpu_choices_find (later, &wide), ==, PSP_CONVOLUTION_WINOGRAD);
}

/* The choice in a file with @length bytes of @content. */
static PspConvolutionMethod
find_in (const char *content,
         gsize       length)
{
  g_autofree char *path = psp_cpu_choices_get_path ();
  PspConvolution operation = make_operation (1);
  g_autoptr(PspCpuChoices) choices = NULL;
  FILE *file;

  file = g_fopen (path, "wb");
  g_assert_nonnull (file);
  g_assert_cmpint (fwrite (content, 1, length, file), ==, length);
  g_assert_cmpint (fclose (file), ==, 0);
  choices = psp_cpu_choices_new (path);
  return psp_cpu_choices_find (choices, &operation);
}

static void
test_damaged (void)
{
  g_autofree char *path = psp_cpu_choices_get_path ();
  PspConvolution operation = make_operation (1);
  g_autofree char *file = NULL;
  g_autoptr(PspCpuChoices) choices = NULL;
  gsize length;

  forget_all ();
  choices = psp_cpu_choices_new (path);
  psp_cpu_choices_add (choices, &operation, PSP_CONVOLUTION_WINOGRAD);
  g_assert_true (g_file_get_contents (path, &file, &length, NULL));
  g_assert_cmpint (find_in (file, length), ==, PSP_CONVOLUTION_WINOGRAD);
  for (gsize i = 0; i < length; i++)
    {
      g_assert_cmpint (find_in (file, i), ==, PSP_CONVOLUTION_AUTOMATIC);
      for (int bit = 0; bit < 8; bit++)
        {
          file[i] ^= 1 << bit;
          g_assert_cmpint (find_in (file, length), ==, PSP_CONVOLUTION_AUTOMATIC);
          file[i] ^= 1 << bit;
        }
    }
}

/* What was measured with slower methods is measured again: here by those of the first revision,
 * which did not tell. */
static void
test_former_methods (void)
{
  g_autofree char *path = psp_cpu_choices_get_path ();
  PspConvolution operation = make_operation (1);
  g_autoptr(PspCpuChoices) choices = NULL;
  g_autofree char *file = NULL;
  g_autofree char *former = NULL;

  forget_all ();
  choices = psp_cpu_choices_new (path);
  psp_cpu_choices_add (choices, &operation, PSP_CONVOLUTION_DIRECT);
  g_assert_true (g_file_get_contents (path, &file, NULL, NULL));
  former = g_strdup_printf ("Scenescope %s convolutions on %s%s", PSP_VERSION,
                            openblas_get_corename (), strchr (file, '\n'));
  g_assert_cmpint (find_in (former, strlen (former)), ==, PSP_CONVOLUTION_AUTOMATIC);
}

/* No place for the file: measured in each process, and no error. */
static void
test_no_directory (void)
{
  g_autofree char *path = psp_cpu_choices_get_path ();
  g_autofree char *directory = g_path_get_dirname (path);
  g_autoptr(GBytes) result = NULL;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  forget_all ();
  g_assert_cmpint (g_rmdir (directory), ==, 0);
  g_assert_true (g_file_set_contents (directory, "in the way", -1, NULL));
  result = compute (PSP_CONVOLUTION_AUTOMATIC, 2);
  g_assert_nonnull (result);
  g_unlink (directory);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *cache = psp_test_folder_path (folder, "cache");

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cpu/choices/measured-once", test_measured_once);
  g_test_add_func ("/cpu/choices/pause", test_pause);
  g_test_add_func ("/cpu/choices/obeyed", test_obeyed);
  g_test_add_func ("/cpu/choices/shared", test_shared);
  g_test_add_func ("/cpu/choices/damaged", test_damaged);
  g_test_add_func ("/cpu/choices/former-methods", test_former_methods);
  g_test_add_func ("/cpu/choices/no-directory", test_no_directory);
  return g_test_run ();
}
