/* SPDX-License-Identifier: MIT */
#include "tests/vulkan/vulkan-scenario.h"
#include "tests/vulkan/vulkan-shim.h"
#include "tests/vulkan/vulkan-test.h"

#include <glib/gstdio.h>
#include <string.h>

#define N_CLASSES 20

/* Of Vulkan, that a convolution takes with its buffers; a measurement takes ten for each run. */
#define FEW_CALLS 45

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

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vulkan/choices/round-trip", test_round_trip);
  g_test_add_func ("/vulkan/choices/damage", test_damage);
  if (vulkan_test_find_device () >= 0)
    g_test_add_func ("/vulkan/choices/remembered", test_remembered);
  return g_test_run ();
}
