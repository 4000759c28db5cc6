/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "tests/reference-operations.h"

int
main (int    argc,
      char **argv)
{
  PspBackendOptions options = { .n_threads = 2 };
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = NULL;

  g_test_init (&argc, &argv, NULL);
  backend = psp_cpu_backend_new (&options, &error);
  g_assert_no_error (error);
  reference_add_tests (backend, "/cpu");
  return g_test_run ();
}
