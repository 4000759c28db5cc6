/* SPDX-License-Identifier: MIT */
#include "tests/golden-models.h"
#include "tests/vulkan/vulkan-test.h"

int
main (int    argc,
      char **argv)
{
  g_autoptr(PspBackend) backend = NULL;

  g_test_init (&argc, &argv, NULL);
  if (vulkan_test_find_device () < 0)
    return vulkan_test_run_without_device ();

  backend = vulkan_test_open (NULL, PSP_PRECISION_FP32);
  golden_add_tests (backend, "/vulkan", 1e-4);
  return g_test_run ();
}
