/* SPDX-License-Identifier: MIT */
#include "tests/reference-operations.h"
#include "tests/vulkan/vulkan-test.h"

/* Those that the other programs do not run, since a software device does not choose them. */
static const PspVulkanKernelId tiles[] = {
  PSP_VULKAN_KERNEL_CONVOLVE_TILE_64_32,
  PSP_VULKAN_KERNEL_CONVOLVE_TILE_64_64,
  PSP_VULKAN_KERNEL_CONVOLVE_TILE_128_64,
  PSP_VULKAN_KERNEL_CONVOLVE_TILE_128_128,
};

/* Convolutions with @kernel, or with the fastest for each if it is %PSP_VULKAN_N_KERNELS. */
static PspBackend *
add_tests (PspVulkanKernelId  kernel,
           const char        *label,
           PspPrecision       precision,
           int                first,
           int                step)
{
  PspBackend *backend = vulkan_test_open (NULL, precision);
  g_autofree char *prefix = g_strdup_printf ("/vulkan/kernels/%s/%s", label,
                                             precision == PSP_PRECISION_FP16 ? "fp16" : "fp32");

  ((PspVulkanBackend *) backend)->convolution = kernel;
  reference_add_convolutions (backend, prefix, first, step);
  return backend;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GPtrArray) backends =
    g_ptr_array_new_with_free_func ((GDestroyNotify) psp_backend_unref);

  g_test_init (&argc, &argv, NULL);
  if (vulkan_test_find_device () < 0)
    return vulkan_test_run_without_device ();

  for (gsize i = 0; i < G_N_ELEMENTS (tiles); i++)
    {
      const char *label = psp_vulkan_kernel_get (tiles[i])->label;

      g_ptr_array_add (backends, add_tests (tiles[i], label, PSP_PRECISION_FP32, i, 3));
      g_ptr_array_add (backends, add_tests (tiles[i], label, PSP_PRECISION_FP16, i + 1, 5));
    }
  g_ptr_array_add (backends, add_tests (PSP_VULKAN_N_KERNELS, "measured", PSP_PRECISION_FP32,
                                        1, 9));
  return g_test_run ();
}
