/* SPDX-License-Identifier: MIT */
#include "tests/vulkan/vulkan-scenario.h"
#include "tests/vulkan/vulkan-shim.h"
#include "tests/vulkan/vulkan-test.h"

#include <glib/gstdio.h>
#include <string.h>

#define N_CLASSES 20

/* Of Vulkan, that a convolution takes with its buffers; a measurement takes ten for each run. */
#define FEW_CALLS 45

/* A layer that does not fit a chunk where the clock is the shim's. */
#define CLOCK_SIDE 256
#define CLOCK_CHANNELS 64

static PspVulkanLayerClass
make_class (guint32 i)
{
  return (PspVulkanLayerClass) { i % 2, 1 + i % 3, 8 * (1 + i * 7 % 5), 64, i };
}

static PspVulkanChoice
make_choice (guint32 i)
{
  return (PspVulkanChoice) { PSP_VULKAN_KERNEL_CONVOLVE + i % 7, 1 + i % PSP_VULKAN_MAX_PARTS };
}

/* (transfer full): a file of %N_CLASSES choices and three bytes that follow. */
static GByteArray *
write_choices (void)
{
  g_autoptr(PspVulkanChoices) choices = psp_vulkan_choices_new ();
  GByteArray *file = g_byte_array_new ();

  for (guint32 i = 0; i < N_CLASSES; i++)
    {
      PspVulkanLayerClass class = make_class (i);

      psp_vulkan_choices_add (choices, &class, make_choice (i + 1));
      psp_vulkan_choices_add (choices, &class, make_choice (i));
    }
  psp_vulkan_choices_set_refused (choices, PSP_VULKAN_KERNEL_CONVOLVE_MATRIX_128, TRUE);
  psp_vulkan_choices_write (choices, file);
  g_byte_array_append (file, (const guint8 *) "abc", 3);
  return file;
}

static guint
count_found (const PspVulkanChoices *choices)
{
  guint n_found = 0;

  for (guint32 i = 0; i < N_CLASSES; i++)
    {
      PspVulkanLayerClass class = make_class (i);
      PspVulkanChoice choice = psp_vulkan_choices_find (choices, &class);

      g_assert_cmpuint (choice.n_parts, >=, 1);
      if (choice.kernel == PSP_VULKAN_N_KERNELS)
        continue;
      n_found++;
      g_assert_cmpint (choice.kernel, ==, make_choice (i).kernel);
      g_assert_cmpuint (choice.n_parts, ==, make_choice (i).n_parts);
    }
  return n_found;
}

static void
test_round_trip (void)
{
  g_autoptr(GByteArray) file = write_choices ();
  g_autoptr(GByteArray) again = g_byte_array_new ();
  g_autoptr(PspVulkanChoices) choices = psp_vulkan_choices_new ();
  gsize n_bytes = psp_vulkan_choices_read (choices, file->data, file->len);

  g_assert_cmpuint (n_bytes, ==, file->len - 3);
  g_assert_cmpuint (count_found (choices), ==, N_CLASSES);
  g_assert_true (psp_vulkan_choices_get_refused (choices, PSP_VULKAN_KERNEL_CONVOLVE_MATRIX_128));
  g_assert_false (psp_vulkan_choices_get_refused (choices, PSP_VULKAN_KERNEL_CONVOLVE_MATRIX_64));
  psp_vulkan_choices_write (choices, again);
  g_assert_cmpmem (again->data, again->len, file->data, n_bytes);
}

/* What is cut off anywhere, was made with other shaders, names no kernel of a convolution or no
 * possible number of parts is not believed; nothing outside the file is read. */
static void
test_damage (void)
{
  g_autoptr(GByteArray) file = write_choices ();
  const guint32 absurd[][2] = {
    { PSP_VULKAN_KERNEL_POOL, 1 },
    { PSP_VULKAN_KERNEL_CONVOLVE_SUM, 1 },
    { PSP_VULKAN_N_KERNELS, 1 },
    { G_MAXUINT32, 1 },
    { PSP_VULKAN_KERNEL_CONVOLVE, 0 },
    { PSP_VULKAN_KERNEL_CONVOLVE, PSP_VULKAN_MAX_PARTS + 1 },
  };

  for (gsize n = 0; n < file->len - 3; n++)
    {
      g_autoptr(PspVulkanChoices) choices = psp_vulkan_choices_new ();
      g_autofree guint8 *part = g_memdup2 (file->data, n);

      g_assert_cmpuint (psp_vulkan_choices_read (choices, part, n), ==, n);
      g_assert_cmpuint (count_found (choices), ==, 0);
    }

  for (gsize i = 0; i < 36; i++)
    {
      g_autoptr(PspVulkanChoices) choices = psp_vulkan_choices_new ();

      file->data[i] ^= 0x80;
      g_assert_cmpuint (psp_vulkan_choices_read (choices, file->data, file->len), <=, file->len);
      g_assert_cmpuint (count_found (choices), ==, 0);
      file->data[i] ^= 0x80;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (absurd); i++)
    {
      g_autoptr(PspVulkanChoices) choices = psp_vulkan_choices_new ();

      memcpy (file->data + file->len - 3 - sizeof absurd[i], absurd[i], sizeof absurd[i]);
      psp_vulkan_choices_read (choices, file->data, file->len);
      g_assert_cmpuint (count_found (choices), ==, 0);
    }
}

/* Opens a device that measures, computes twice, and tells how many calls the first time took. */
static int
count_calls (const char *path)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend =
    psp_vulkan_backend_new_full (vulkan_shim_get_function, path, vulkan_test_find_device (), NULL,
                                 &error);
  int n_calls;

  g_assert_no_error (error);
  ((PspVulkanBackend *) backend)->convolution.kernel = PSP_VULKAN_N_KERNELS;
  n_calls = shim->n_calls;
  vulkan_scenario_run (backend, 7, 16, &error);
  g_assert_no_error (error);
  n_calls = shim->n_calls - n_calls;

  /* The same class once more: chosen already. */
  shim->n_calls = 0;
  vulkan_scenario_run (backend, 7, 16, &error);
  g_assert_no_error (error);
  g_assert_cmpint (shim->n_calls, <, FEW_CALLS);
  return n_calls;
}

/* Measured once for each device; a file that is damaged or gone only costs measuring anew. */
static void
test_remembered (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("test-vulkan-choices-XXXXXX", &error);
  g_autofree char *path = g_build_filename (directory, "some.cache", NULL);
  g_autofree char *file = NULL;
  gsize length;

  g_assert_cmpint (count_calls (path), >, 2 * FEW_CALLS);
  g_assert_cmpint (count_calls (path), <, FEW_CALLS);

  g_assert_true (g_file_get_contents (path, &file, &length, &error));
  file[length / 2] ^= 1;
  g_assert_true (g_file_set_contents (path, file, length, &error));
  g_assert_cmpint (count_calls (path), >, 2 * FEW_CALLS);
  g_assert_cmpint (count_calls (path), <, FEW_CALLS);

  g_remove (path);
  g_assert_cmpint (count_calls (path), >, 2 * FEW_CALLS);
  g_remove (path);
  g_rmdir (directory);
}

/* Chosen for a layer that takes the device longer than a chunk may with any kernel, on
 * one where a pixel takes @pixel_seconds. */
static PspVulkanChoice
choose (const double  pixel_seconds[PSP_VULKAN_N_KERNELS],
        double        first_seconds,
        double       *longest_seconds)
{
  const PspVulkanLayerClass class = {
    PSP_PRECISION_FP32, 3, CLOCK_CHANNELS, CLOCK_CHANNELS / 8,
    g_bit_storage (CLOCK_SIDE * CLOCK_SIDE)
  };
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("test-vulkan-choices-XXXXXX", &error);
  g_autofree char *path = g_build_filename (directory, "some.cache", NULL);
  g_autoptr(PspBackend) backend = NULL;
  g_autoptr(VulkanScenario) scenario = NULL;
  PspVulkanChoice choice;

  g_assert_no_error (error);
  shim->pixel_seconds = pixel_seconds;
  shim->first_seconds = first_seconds;
  backend = psp_vulkan_backend_new_full (vulkan_shim_get_function, path, vulkan_test_find_device (),
                                         NULL, &error);
  g_assert_no_error (error);
  ((PspVulkanBackend *) backend)->convolution.kernel = PSP_VULKAN_N_KERNELS;
  scenario = vulkan_scenario_new (backend, CLOCK_SIDE, CLOCK_CHANNELS, &error);
  g_assert_no_error (error);
  g_assert_true (vulkan_scenario_convolve (scenario, NULL, &error));
  g_assert_true (psp_backend_finish (backend, NULL, &error));
  g_assert_no_error (error);
  choice = psp_vulkan_choices_find (((PspVulkanBackend *) backend)->pipelines->choices, &class);
  *longest_seconds = shim->longest_seconds;
  g_clear_pointer (&scenario, vulkan_scenario_free);
  g_clear_pointer (&backend, psp_backend_unref);
  g_remove (path);
  g_rmdir (directory);
  return choice;
}

/* Whichever kernel is the fastest is chosen, however much slower the others are; none of them keeps
 * the device for much longer than a chunk may, except while it is compiled. */
static void
test_fastest (void)
{
  const double plain = 0.12 / (CLOCK_SIDE * CLOCK_SIDE);
  const double slowness[] = { 2, 5, 30 };
  const double first_seconds[] = { 0, 0.4 };

  for (int fastest = PSP_VULKAN_KERNEL_CONVOLVE;
       fastest <= PSP_VULKAN_KERNEL_CONVOLVE_TILE_128_128; fastest++)
    for (gsize i = 0; i < G_N_ELEMENTS (slowness); i++)
      {
        double first = first_seconds[i % G_N_ELEMENTS (first_seconds)];
        double pixel_seconds[PSP_VULKAN_N_KERNELS] = { 0 };
        double longest;
        PspVulkanChoice choice;

        for (int id = PSP_VULKAN_KERNEL_CONVOLVE; id <= PSP_VULKAN_KERNEL_CONVOLVE_TILE_128_128;
             id++)
          pixel_seconds[id] = plain * (id == PSP_VULKAN_KERNEL_CONVOLVE
                                        ? 1 : slowness[(i + id) % G_N_ELEMENTS (slowness)]);
        pixel_seconds[fastest] = plain / 2.5;
        choice = choose (pixel_seconds, first, &longest);
        g_test_message ("%s with %u parts of %s; at most %.3f s at a time",
                        psp_vulkan_kernel_get (choice.kernel)->label, choice.n_parts,
                        psp_vulkan_kernel_get (fastest)->label, longest);
        g_assert_cmpint (choice.kernel, ==, fastest);
        g_assert_cmpfloat (longest, <, first + 0.11);
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vulkan/choices/round-trip", test_round_trip);
  g_test_add_func ("/vulkan/choices/damage", test_damage);
  if (vulkan_test_find_device () >= 0)
    {
      g_test_add_func ("/vulkan/choices/remembered", test_remembered);
      g_test_add_func ("/vulkan/choices/fastest", test_fastest);
    }
  return g_test_run ();
}
