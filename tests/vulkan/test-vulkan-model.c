/* SPDX-License-Identifier: MIT */
#include "tests/golden-models.h"
#include "tests/vulkan/vulkan-test.h"

int
main (int    argc,
      char **argv)
{
  g_autoptr(PspBackend) singles = NULL;
  g_autoptr(PspBackend) halves = NULL;

  g_test_init (&argc, &argv, NULL);
  if (vulkan_test_find_device () < 0)
    return vulkan_test_run_without_device ();

  singles = vulkan_test_open (NULL, PSP_PRECISION_FP32);
  golden_add_tests (singles, "/vulkan/fp32", 1e-4);
  golden_add_photo_tests (singles, "/vulkan/fp32", 1e-4);
  halves = vulkan_test_open (NULL, PSP_PRECISION_FP16);
  golden_add_tests (halves, "/vulkan/fp16", 2e-2);
  return g_test_run ();
}
