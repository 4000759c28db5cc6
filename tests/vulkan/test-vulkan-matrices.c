/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-proof.h"
#include "tests/vulkan/vulkan-scenario.h"
#include "tests/vulkan/vulkan-shim.h"
#include "tests/vulkan/vulkan-test.h"

#include <glib/gstdio.h>

#define SMALL PSP_VULKAN_KERNEL_CONVOLVE_MATRIX_64
#define LARGE PSP_VULKAN_KERNEL_CONVOLVE_MATRIX_128

/* No software device has matrix units: what a device says and does is the shim's; what the program
 * makes of it is tested.  The validation layer watches what arrives at the driver. */
typedef struct
{
  VulkanShim *shim;
  char       *path; /* of the kernels' cache */
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("test-vulkan-matrices-XXXXXX", &error);

  g_assert_no_error (error);
  self->path = g_build_filename (folder, "some.cache", NULL);
  self->shim = vulkan_shim_reset ();
  self->shim->nv_matrices = GPOINTER_TO_INT (data);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_autofree char *folder = g_path_get_dirname (self->path);

  g_remove (self->path);
  g_rmdir (folder);
  g_free (self->path);
}

static PspVulkanBackend *
open_device (Fixture      *self,
             PspPrecision  precision,
             gboolean      cautious)
{
  PspBackendOptions options = {
    .precision = precision,
    .cautious = cautious,
    .validation = vulkan_test_has_validation (),
  };
  g_autoptr(GError) error = NULL;
  PspBackend *backend = psp_vulkan_backend_new_full (vulkan_shim_get_function, self->path,
                                                     vulkan_test_find_device (), &options, &error);

  g_assert_no_error (error);
  ((PspVulkanBackend *) backend)->convolution.kernel = PSP_VULKAN_N_KERNELS;
  return (PspVulkanBackend *) backend;
}

/* Computes, and fails the test unless the result is right and nobody complains. */
static void
compute (PspVulkanBackend *backend)
{
  g_autoptr(GError) error = NULL;

  vulkan_scenario_run (&backend->parent, 7, 16, &error);
  g_assert_no_error (error);
}

static void
close_device (PspVulkanBackend *backend)
{
  psp_backend_unref (&backend->parent);
}

/* A device that does what it says: both kernels prove themselves, and can be used. */
static void
test_right (Fixture       *self,
            gconstpointer  data)
{
  PspVulkanBackend *backend;

  self->shim->matrices = VULKAN_SHIM_MATRICES_RIGHT;
  backend = open_device (self, PSP_PRECISION_FP16, FALSE);
  g_assert_cmpuint (backend->device->matrices.rows, ==, 16);
  g_assert_cmpuint (backend->device->matrices.columns, ==, 16);
  g_assert_cmpuint (backend->device->matrices.depth, ==, 16);
  g_assert_cmpint (backend->device->matrices.khr, ==, !self->shim->nv_matrices);

  compute (backend);
  g_assert_cmphex (backend->pipelines->proven, ==, 1u << SMALL | 1u << LARGE);
  g_assert_false (psp_vulkan_choices_get_refused (backend->pipelines->choices, SMALL));
  g_assert_false (psp_vulkan_choices_get_refused (backend->pipelines->choices, LARGE));

  for (guint32 n_parts = 1; n_parts <= 3; n_parts++)
    {
      backend->convolution = (PspVulkanChoice) { SMALL, n_parts };
      compute (backend);
      backend->convolution = (PspVulkanChoice) { LARGE, n_parts };
      compute (backend);
    }
  close_device (backend);
}

/* A device with one size of subgroups need not be asked for it. */
static void
test_one_subgroup (Fixture       *self,
                   gconstpointer  data)
{
  self->shim->one_subgroup = TRUE;
  test_right (self, data);
}

/* A device that computes wrong, or makes no pipeline: the result is right all the same, and the
 * kernels are never tried again. */
static void
test_dropped (Fixture            *self,
              VulkanShimMatrices  matrices)
{
  const PspVulkanLayerClass class = { PSP_PRECISION_FP16, 3, 16, 8, 6 }; /* of the scenario */
  PspVulkanBackend *backend;

  self->shim->matrices = matrices;
  backend = open_device (self, PSP_PRECISION_FP16, FALSE);
  compute (backend);
  g_assert_cmpint (self->shim->n_matrix_pipelines, >=, 2);
  g_assert_cmphex (backend->pipelines->proven, ==, 0);
  g_assert_true (psp_vulkan_choices_get_refused (backend->pipelines->choices, SMALL));
  g_assert_true (psp_vulkan_choices_get_refused (backend->pipelines->choices, LARGE));
  close_device (backend);

  self->shim->n_matrix_pipelines = 0;
  backend = open_device (self, PSP_PRECISION_FP16, FALSE);
  g_assert_cmpint (psp_vulkan_choices_find (backend->pipelines->choices, &class).kernel, !=,
                   PSP_VULKAN_N_KERNELS);

  /* Forgotten, it is measured anew. */
  psp_vulkan_choices_add (backend->pipelines->choices, &class,
                          (PspVulkanChoice) { PSP_VULKAN_N_KERNELS, 1 });
  compute (backend);
  g_assert_cmpint (psp_vulkan_choices_find (backend->pipelines->choices, &class).kernel, !=,
                   PSP_VULKAN_N_KERNELS);
  g_assert_cmpint (self->shim->n_matrix_pipelines, ==, 0);
  close_device (backend);
}

static void
test_wrong (Fixture       *self,
            gconstpointer  data)
{
  test_dropped (self, VULKAN_SHIM_MATRICES_WRONG);
}

static void
test_refused (Fixture       *self,
              gconstpointer  data)
{
  test_dropped (self, VULKAN_SHIM_MATRICES_REFUSED);
}

/* Nobody asks for matrix units with 32-bit storage, nor on a device that failed before; a device
 * that cannot be opened with them is opened without. */
static void
test_without (Fixture       *self,
              gconstpointer  data)
{
  PspVulkanBackend *backend;

  self->shim->matrices = VULKAN_SHIM_MATRICES_RIGHT;
  backend = open_device (self, PSP_PRECISION_FP32, FALSE);
  g_assert_cmpuint (backend->device->matrices.rows, ==, 0);
  compute (backend);
  close_device (backend);

  backend = open_device (self, PSP_PRECISION_FP16, TRUE);
  g_assert_cmpuint (backend->device->matrices.rows, ==, 0);
  close_device (backend);

  self->shim->failure = VK_ERROR_FEATURE_NOT_PRESENT;
  self->shim->only = "vkCreateDevice";
  self->shim->fail_at = 1;
  backend = open_device (self, PSP_PRECISION_FP16, FALSE);
  g_assert_cmpstr (self->shim->failed, ==, "vkCreateDevice");
  g_assert_cmpuint (backend->device->matrices.rows, ==, 0);
  close_device (backend);
}

/* The proof finds each kind of kernel right that is, and sees the half that is missing. */
static void
test_proof (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  PspVulkanBackend *backend;
  gboolean right;

  self->shim->matrices = VULKAN_SHIM_MATRICES_WRONG;
  backend = open_device (self, PSP_PRECISION_FP16, FALSE);
  g_assert_true (psp_vulkan_proof_run (backend, PSP_VULKAN_KERNEL_CONVOLVE, NULL, &right, &error));
  g_assert_true (right);
  g_assert_true (psp_vulkan_proof_run (backend, PSP_VULKAN_KERNEL_CONVOLVE_TILE_128_128, NULL,
                                       &right, &error));
  g_assert_true (right);
  g_assert_true (psp_vulkan_proof_run (backend, SMALL, NULL, &right, &error));
  g_assert_false (right);
  g_assert_no_error (error);
  g_assert_cmpint (backend->convolution.kernel, ==, PSP_VULKAN_N_KERNELS);
  close_device (backend);
}

/* Whatever fails while kernels are measured, but for the device itself, only costs that kernel.
 * The test's seed says which of the calls are tried; with -m slow, each. */
static void
test_failure_while_measuring (Fixture       *self,
                              gconstpointer  data)
{
  const PspVulkanLayerClass class = { PSP_PRECISION_FP32, 3, 16, 8, 6 }; /* of the scenario */
  const int step = g_test_slow () ? 1 : 13;
  int n_survived = 0;

  for (int n = g_test_rand_int_range (1, step + 1);; n += step)
    {
      PspVulkanBackend *backend = open_device (self, PSP_PRECISION_FP32, FALSE);
      g_autoptr(GError) error = NULL;
      g_autoptr(VulkanScenario) scenario = vulkan_scenario_new (&backend->parent, 7, 16, &error);
      gboolean success;

      g_assert_no_error (error);
      self->shim->failure = VK_ERROR_OUT_OF_DEVICE_MEMORY;
      self->shim->failed = NULL;
      self->shim->fail_at = n;
      success = vulkan_scenario_convolve (scenario, NULL, &error);
      self->shim->fail_at = 0;
      if (success)
        {
          g_assert_true (psp_backend_finish (&backend->parent, NULL, &error));
          g_assert_true (vulkan_scenario_check (scenario, &error));
          g_assert_no_error (error);
          n_survived += self->shim->failed != NULL;
        }
      else if (psp_vulkan_choices_find (backend->pipelines->choices, &class).kernel ==
               PSP_VULKAN_N_KERNELS)
        /* Nobody knows what a device does that cannot be waited for. */
        g_assert_cmpstr (self->shim->failed, ==, "vkWaitForFences");

      g_clear_pointer (&scenario, vulkan_scenario_free);
      close_device (backend);
      g_remove (self->path);
      if (self->shim->failed == NULL)
        break;
    }
  g_assert_cmpint (n_survived, >=, 5);
}

/* Opens the device once more; whether @kernel is refused there. */
static gboolean
is_refused (Fixture           *self,
            PspVulkanKernelId  kernel)
{
  PspVulkanBackend *backend = open_device (self, PSP_PRECISION_FP16, FALSE);
  gboolean refused = psp_vulkan_choices_get_refused (backend->pipelines->choices, kernel);

  close_device (backend);
  return refused;
}

/* Computes while the module of the small matrix kernel, with which its proof begins, cannot be
 * had. */
static void
compute_without_module (Fixture       *self,
                        VkResult       failure,
                        GCancellable  *cancellable,
                        GError       **error)
{
  PspVulkanBackend *backend;
  g_autoptr(VulkanScenario) scenario = NULL;

  self->shim->matrices = VULKAN_SHIM_MATRICES_RIGHT;
  backend = open_device (self, PSP_PRECISION_FP16, FALSE);
  scenario = vulkan_scenario_new (&backend->parent, 7, 16, NULL);
  g_assert_nonnull (scenario);
  self->shim->only = "vkCreateShaderModule";
  self->shim->failure = failure;
  self->shim->cancel = cancellable;
  self->shim->fail_at = 1 + SMALL - PSP_VULKAN_KERNEL_CONVOLVE;
  (void) vulkan_scenario_convolve (scenario, cancellable, error);
  g_assert_cmpstr (self->shim->failed, ==, "vkCreateShaderModule");
  g_clear_pointer (&scenario, vulkan_scenario_free);
  close_device (backend);
  self->shim->only = NULL;
  self->shim->cancel = NULL;
}

/* Neither the want of memory nor somebody who does not wait is a kernel's fault. */
static void
test_not_its_fault (Fixture       *self,
                    gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  compute_without_module (self, VK_ERROR_OUT_OF_DEVICE_MEMORY, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (is_refused (self, SMALL));
  g_assert_false (is_refused (self, LARGE));

  g_remove (self->path);
  compute_without_module (self, VK_SUCCESS, cancellable, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (is_refused (self, SMALL));
  g_assert_false (is_refused (self, LARGE));
}

/* A kernel that loses the device is not tried again, though that device says no more. */
static void
test_loses_device (Fixture       *self,
                   gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  compute_without_module (self, VK_ERROR_DEVICE_LOST, NULL, &error);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_DEVICE);
  g_assert_true (is_refused (self, SMALL));
  g_assert_false (is_refused (self, LARGE));
}

/* A process that begins while another one proves a kernel does not undo what that finds. */
static void
test_two_processes (Fixture       *self,
                    gconstpointer  data)
{
  const PspVulkanLayerClass first = { PSP_PRECISION_FP16, 3, 16, 8, 6 };
  const PspVulkanLayerClass second = { PSP_PRECISION_FP16, 3, 16, 8, 16 };
  const PspVulkanChoice choice = { PSP_VULKAN_KERNEL_CONVOLVE, 1 };
  PspVulkanBackend *one, *other;

  self->shim->matrices = VULKAN_SHIM_MATRICES_RIGHT;
  one = open_device (self, PSP_PRECISION_FP16, FALSE);
  one->convolution = choice;
  compute (one);
  psp_vulkan_choices_begin_proof (one->pipelines->choices, SMALL);
  psp_vulkan_pipelines_save (one->pipelines);
  other = open_device (self, PSP_PRECISION_FP16, FALSE);
  other->convolution = choice;
  compute (other);
  psp_vulkan_choices_set_refused (one->pipelines->choices, SMALL, FALSE);
  psp_vulkan_choices_set_refused (one->pipelines->choices, LARGE, TRUE);
  psp_vulkan_choices_add (one->pipelines->choices, &first, choice);
  close_device (one);
  psp_vulkan_choices_add (other->pipelines->choices, &second, choice);
  close_device (other);

  one = open_device (self, PSP_PRECISION_FP16, FALSE);
  g_assert_false (psp_vulkan_choices_get_refused (one->pipelines->choices, SMALL));
  g_assert_true (psp_vulkan_choices_get_refused (one->pipelines->choices, LARGE));
  g_assert_cmpint (psp_vulkan_choices_find (one->pipelines->choices, &first).kernel, ==,
                   choice.kernel);
  g_assert_cmpint (psp_vulkan_choices_find (one->pipelines->choices, &second).kernel, ==,
                   choice.kernel);
  close_device (one);
}

/* Ends in the middle of a proof. */
static void
die (Fixture *self)
{
  g_autofree char *file = NULL;
  g_autoptr(GError) error = NULL;
  PspVulkanBackend *backend = open_device (self, PSP_PRECISION_FP16, FALSE);
  gsize length;

  backend->convolution = (PspVulkanChoice) { PSP_VULKAN_KERNEL_CONVOLVE, 1 };
  compute (backend);
  psp_vulkan_choices_begin_proof (backend->pipelines->choices, SMALL);
  psp_vulkan_pipelines_save (backend->pipelines);
  g_file_get_contents (self->path, &file, &length, &error);
  g_assert_no_error (error);
  close_device (backend);
  g_file_set_contents (self->path, file, length, &error);
  g_assert_no_error (error);
}

/* One death may have any reason, and the kernel may prove itself the next time; after two it is
 * left alone. */
static void
test_deaths (Fixture       *self,
             gconstpointer  data)
{
  PspVulkanBackend *backend;

  self->shim->matrices = VULKAN_SHIM_MATRICES_RIGHT;
  die (self);
  g_assert_false (is_refused (self, SMALL));
  die (self);
  g_assert_true (is_refused (self, SMALL));

  g_remove (self->path);
  die (self);
  backend = open_device (self, PSP_PRECISION_FP16, FALSE);
  compute (backend);
  g_assert_cmphex (backend->pipelines->proven, ==, 1u << SMALL | 1u << LARGE);
  close_device (backend);
  die (self);
  g_assert_false (is_refused (self, SMALL));
}

static void
add (const char *path,
     gboolean    nv,
     void      (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, GINT_TO_POINTER (nv), set_up, test, tear_down);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (vulkan_test_find_device () < 0)
    return vulkan_test_run_without_device ();

  add ("/vulkan/matrices/right/khr", FALSE, test_right);
  add ("/vulkan/matrices/right/nv", TRUE, test_right);
  add ("/vulkan/matrices/one-subgroup", FALSE, test_one_subgroup);
  add ("/vulkan/matrices/wrong/khr", FALSE, test_wrong);
  add ("/vulkan/matrices/wrong/nv", TRUE, test_wrong);
  add ("/vulkan/matrices/refused", FALSE, test_refused);
  add ("/vulkan/matrices/without", FALSE, test_without);
  add ("/vulkan/matrices/proof", FALSE, test_proof);
  add ("/vulkan/matrices/failure-while-measuring", FALSE, test_failure_while_measuring);
  add ("/vulkan/matrices/not-its-fault", FALSE, test_not_its_fault);
  add ("/vulkan/matrices/loses-device", FALSE, test_loses_device);
  add ("/vulkan/matrices/two-processes", FALSE, test_two_processes);
  add ("/vulkan/matrices/deaths", FALSE, test_deaths);
  return g_test_run ();
}
