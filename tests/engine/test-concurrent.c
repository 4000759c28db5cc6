/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "tests/concurrent-runs.h"
#include "tests/golden-models.h"

static PspBackend *
open_with_threads (int n_threads)
{
  g_autoptr(GError) error = NULL;
  PspBackend *backend = psp_cpu_backend_new (&(PspBackendOptions) { .n_threads = n_threads },
                                             &error);

  g_assert_no_error (error);
  return backend;
}

static PspBackend *
open_processor (void)
{
  return open_with_threads (3);
}

/* More threads than processors, than OpenBLAS was built for, and than any system has: the results
 * stay the same. */
static void
test_many_threads (void)
{
  static const int counts[] = { 64, 1000 * 1000 };
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(PspImage) image = golden_draw_noise ((PspSize) { 90, 70 }, 7);
  g_autoptr(PspPrediction) expected = NULL;

  for (gsize i = 0; i <= G_N_ELEMENTS (counts); i++)
    {
      g_autoptr(PspBackend) backend = open_with_threads (i == 0 ? 1 : counts[i - 1]);
      g_autoptr(GError) error = NULL;
      g_autoptr(PspRunner) runner = psp_runner_new (model, backend, &error);
      g_autoptr(PspPrediction) prediction =
        psp_runner_predict (runner, image, NULL, TRUE, (PspProgress) { 0 }, NULL, &error);

      g_assert_no_error (error);
      if (i == 0)
        expected = g_steal_pointer (&prediction);
      else
        concurrent_assert_agree (prediction, expected, 0);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  concurrent_add_tests (open_processor, "/cpu");
  g_test_add_func ("/cpu/concurrent/many-threads", test_many_threads);
  return g_test_run ();
}
