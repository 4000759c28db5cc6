/* SPDX-License-Identifier: MIT */
#include "tests/reference-operations.h"
#include "tests/vulkan/vulkan-shim.h"
#include "tests/vulkan/vulkan-test.h"

/* Every operation on a device that is poor in everything: the results are the same, since work is
 * cut into parts that fit. */
int
main (int    argc,
      char **argv)
{
  g_autoptr(PspBackend) singles = NULL;
  g_autoptr(PspBackend) halves = NULL;
  VulkanShim *shim;

  g_test_init (&argc, &argv, NULL);
  if (vulkan_test_find_device () < 0)
    return vulkan_test_run_without_device ();

  shim = vulkan_shim_reset ();
  shim->storage_range = 96 * 1024;
  shim->n_texels = 6 * 1024;
  shim->n_groups = 3;
  shim->no_timestamps = TRUE;
  shim->split_memory = TRUE;
  shim->atom = 256;
  singles = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  halves = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP16);

  /* Not even one pixel fits a chunk: each has to be submitted alone, until they grow. */
  ((PspVulkanBackend *) singles)->stream->cost_limit = 1;
  reference_add_tests (singles, "/vulkan/limits/fp32", TRUE);
  reference_add_tests (halves, "/vulkan/limits/fp16", TRUE);
  return g_test_run ();
}
