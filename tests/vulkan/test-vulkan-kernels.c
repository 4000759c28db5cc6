/* SPDX-License-Identifier: MIT */
#include "tests/reference-operations.h"
#include "tests/vulkan/vulkan-test.h"

/* Kernels that the other programs do not run, since a software device does not choose them. */
static const PspVulkanKernelId tiles[] = {
  PSP_VULKAN_KERNEL_CONVOLVE_TILE_64_32,
  PSP_VULKAN_KERNEL_CONVOLVE_TILE_64_64,
  PSP_VULKAN_KERNEL_CONVOLVE_TILE_128_64,
  PSP_VULKAN_KERNEL_CONVOLVE_TILE_128_128,
};

/* Parts that sums are cut into: more than some of the tested layers have steps, and no divisor. */
static const guint32 parts[] = { 2, 3, 7 };

/* Convolutions as @choice says, or as is the fastest for each if it is none. */
static PspBackend *
add_tests (PspVulkanChoice  choice,
           const char      *label,
           PspPrecision     precision,
           int              first,
           int              step)
{
  PspBackend *backend = vulkan_test_open (NULL, precision);
  g_autofree char *prefix = g_strdup_printf ("/vulkan/kernels/%s/%u-parts/%s", label,
                                             choice.n_parts,
                                             precision == PSP_PRECISION_FP16 ? "fp16" : "fp32");

  ((PspVulkanBackend *) backend)->convolution = choice;
  reference_add_convolutions (backend, prefix, first, step);
  return backend;
}

/* Sums in parts, by the kernel without shared memory and by one tile of each size in turn. */
static void
add_parts (GPtrArray *backends)
{
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      PspVulkanChoice plain = { PSP_VULKAN_KERNEL_CONVOLVE, parts[i] };
      PspVulkanChoice tile = { tiles[i], parts[i] };
      const char *label = psp_vulkan_kernel_get (tile.kernel)->label;

      g_ptr_array_add (backends, add_tests (plain, "convolve", PSP_PRECISION_FP32, i, 2));
      g_ptr_array_add (backends, add_tests (plain, "convolve", PSP_PRECISION_FP16, i + 1, 4));
      g_ptr_array_add (backends, add_tests (tile, label, PSP_PRECISION_FP32, i + 1, 4));
      g_ptr_array_add (backends, add_tests (tile, label, PSP_PRECISION_FP16, i + 2, 7));
    }
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
      PspVulkanChoice whole = { tiles[i], 1 };
      const char *label = psp_vulkan_kernel_get (tiles[i])->label;

      g_ptr_array_add (backends, add_tests (whole, label, PSP_PRECISION_FP32, i, 3));
      g_ptr_array_add (backends, add_tests (whole, label, PSP_PRECISION_FP16, i + 1, 5));
    }
  add_parts (backends);
  g_ptr_array_add (backends, add_tests ((PspVulkanChoice) { PSP_VULKAN_N_KERNELS, 1 }, "measured",
                                        PSP_PRECISION_FP32, 1, 9));
  return g_test_run ();
}
