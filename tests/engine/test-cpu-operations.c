/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "tests/reference-operations.h"

#define N_SWEEP 48

static PspBackend *
open_backend (PspConvolutionMethod method,
              PspPrecision         precision)
{
  PspBackendOptions options = { .n_threads = 2, .method = method, .precision = precision };
  g_autoptr(GError) error = NULL;
  PspBackend *backend = psp_cpu_backend_new (&options, &error);

  g_assert_no_error (error);
  return backend;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(PspBackend) direct = open_backend (PSP_CONVOLUTION_DIRECT, PSP_PRECISION_FP32);
  g_autoptr(PspBackend) winograd = open_backend (PSP_CONVOLUTION_WINOGRAD, PSP_PRECISION_FP32);
  g_autoptr(PspBackend) halves = open_backend (PSP_CONVOLUTION_DIRECT, PSP_PRECISION_FP16);

  g_test_init (&argc, &argv, NULL);
  reference_add_tests (direct, "/cpu/direct", TRUE);
  reference_add_sweep (direct, "/cpu/direct", TRUE, N_SWEEP);
  reference_add_tests (winograd, "/cpu/winograd", FALSE);
  reference_add_sweep (winograd, "/cpu/winograd", FALSE, N_SWEEP);
  reference_add_tests (halves, "/cpu/fp16", TRUE);
  reference_add_sweep (halves, "/cpu/fp16", TRUE, N_SWEEP);
  return g_test_run ();
}
