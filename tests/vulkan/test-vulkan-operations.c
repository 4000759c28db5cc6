/* SPDX-License-Identifier: MIT */
#include "tests/reference-operations.h"
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
  reference_add_tests (singles, "/vulkan/fp32", TRUE);
  halves = vulkan_test_open (NULL, PSP_PRECISION_FP16);
  reference_add_tests (halves, "/vulkan/fp16", TRUE);
  return g_test_run ();
}
