/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "tests/checkpoint-samples.h"
#include "tests/golden-models.h"

#include <string.h>

#define N_FLIPS_PER_FILE 4000

/* test-checkpoint.c compares their names and numbers with torch's state_dict(). */
static const char *const samples[] = { "whole.pth", "whole-trained.pth", "legacy-whole.pth" };

/* As torch's state_dict() has them: parameters, buffers, then the children in their order; the
 * same tensor under two names twice; nothing that is None, not persistent or a mere attribute. */
static void
test_order (void)
{
  static const char *const wanted[] = {
    "scale", "mean", "stem.0.weight", "stem.1.0.weight", "stem.1.0.bias", "stem.1.0.running_mean",
    "stem.1.0.running_var", "stem.1.0.num_batches_tracked", "head.weight", "head.bias",
    "tied.weight", "again.0.weight", "again.0.bias", "again.0.running_mean", "again.0.running_var",
    "again.0.num_batches_tracked",
  };

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr(PspCheckpoint) checkpoint = sample_open (samples[i]);

      g_assert_cmpuint (psp_checkpoint_get_n_entries (checkpoint), ==, G_N_ELEMENTS (wanted));
      for (guint k = 0; k < G_N_ELEMENTS (wanted); k++)
        g_assert_cmpstr (psp_checkpoint_get_entry (checkpoint, k)->name, ==, wanted[k]);
    }
}

static void
test_types (void)
{
  static const struct
  {
    const char *name;
    PspDtype    dtype;
  } wanted[] = {
    { "whole.pth", PSP_DTYPE_F32 },
    { "whole-cuda.pth", PSP_DTYPE_F16 },
    { "whole-only.pth", PSP_DTYPE_BF16 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autoptr(PspCheckpoint) checkpoint = sample_open (wanted[i].name);

      g_assert_cmpint (psp_checkpoint_find (checkpoint, "head.weight")->dtype, ==, wanted[i].dtype);
    }
}

static void
test_refused (void)
{
  static const SampleRefusal refused[] = {
    { "refused-whole-buffer.pth", PSP_ERROR_UNSUPPORTED, "“b” is no tensor" },
    { "refused-whole-child.pth", PSP_ERROR_BAD_FILE, "“m” is no module" },
    { "refused-whole-circle.pth", PSP_ERROR_BAD_FILE, "64 levels" },
    { "refused-whole-deep.pth", PSP_ERROR_BAD_FILE, "64 levels" },
    { "refused-whole-doubled.pth", PSP_ERROR_BAD_FILE, "one module too many" },
    { "refused-whole-empty-name.pth", PSP_ERROR_BAD_FILE, "without a name" },
    { "refused-whole-long-name.pth", PSP_ERROR_BAD_FILE, "too long" },
    { "refused-whole-modules.pth", PSP_ERROR_BAD_FILE, "else than a dict as _modules" },
    { "refused-whole-nameless.pth", PSP_ERROR_BAD_FILE, "without a name" },
    { "refused-whole-no-set.pth", PSP_ERROR_BAD_FILE, "_non_persistent_buffers_set" },
    { "refused-whole-not-text.pth", PSP_ERROR_BAD_FILE, "not text" },
    { "refused-whole-object.pth", PSP_ERROR_UNSUPPORTED, "types.SimpleNamespace" },
    { "refused-whole-parameter.pth", PSP_ERROR_UNSUPPORTED, "“w” is no tensor" },
    { "refused-whole-parameters.pth", PSP_ERROR_BAD_FILE, "else than a dict as _parameters" },
    { "refused-whole-repeated.pth", PSP_ERROR_BAD_FILE, "named too many times" },
    { "refused-whole-twice.pth", PSP_ERROR_BAD_FILE, "two tensors called “m.w”" },
    { "refused-legacy-whole-circle.pth", PSP_ERROR_BAD_FILE, "64 levels" },
    { "refused-module.pth", PSP_ERROR_UNSUPPORTED, "(torch.nn.modules.activation.ReLU)" },
    { "refused-two-networks.pth", PSP_ERROR_UNSUPPORTED, "“student”, “teacher”" },
    { "refused-two-inner.pth", PSP_ERROR_UNSUPPORTED, "“model.net”, “ema.net”" },
  };

  sample_assert_all_refused ("", "", refused, G_N_ELEMENTS (refused));
}

/* A whole network computes what the golden file of its weights says. */
static void
test_logits (gconstpointer data)
{
  static const char *const logits[] = { "logits", NULL };
  const char *golden = data;
  g_autofree char *file = g_strconcat ("whole_", golden, ".pth", NULL);
  g_autofree char *path = golden_path (file);
  PspModelOptions options = golden_read_options (golden);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, &options, NULL, &error);
  g_autoptr(PspBackend) backend = psp_cpu_backend_new (NULL, NULL);
  g_autoptr(PspTensor) input = golden_read (golden, "input");
  g_autoptr(PspTensor) reference = golden_read (golden, "logits");
  g_autoptr(PspRunner) runner = NULL;
  g_autoptr(GHashTable) taps = NULL;

  g_assert_no_error (error);
  runner = psp_runner_new (model, backend, &error);
  g_assert_no_error (error);
  taps = psp_runner_get_taps (runner, input, logits, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (golden_difference (g_hash_table_lookup (taps, "logits"), reference), <=, 1e-4);
}

/* Names and numbers are those of the state dict that the network was made from. */
static void
test_same_as_state (gconstpointer data)
{
  g_autofree char *state_name = g_strconcat ("../", data, ".pth", NULL);
  g_autofree char *whole_name = g_strconcat ("../whole_", data, ".pth", NULL);
  g_autoptr(PspCheckpoint) state = sample_open (state_name);
  g_autoptr(PspCheckpoint) whole = sample_open (whole_name);
  gsize n_entries = psp_checkpoint_get_n_entries (state);

  g_assert_cmpuint (psp_checkpoint_get_n_entries (whole), ==, n_entries);
  for (gsize i = 0; i < n_entries; i++)
    {
      const char *name = psp_checkpoint_get_entry (state, i)->name;
      g_autoptr(PspTensor) wanted = sample_read (state, name);
      g_autoptr(PspTensor) got = sample_read (whole, name);

      sample_assert_same (name, got, wanted);
    }
}

static void
test_cut (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    sample_assert_cut_refused (samples[i], 1);
}

static void
test_flips (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    sample_flip (samples[i], N_FLIPS_PER_FILE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pytorch-module/order", test_order);
  g_test_add_func ("/pytorch-module/types", test_types);
  g_test_add_func ("/pytorch-module/refused", test_refused);
  g_test_add_data_func ("/pytorch-module/logits/official", "pyramid18", test_logits);
  g_test_add_data_func ("/pytorch-module/logits/smp", "smp18plain", test_logits);
  g_test_add_data_func ("/pytorch-module/state/official", "pyramid18", test_same_as_state);
  g_test_add_data_func ("/pytorch-module/state/smp", "smp18plain", test_same_as_state);
  g_test_add_func ("/pytorch-module/cut", test_cut);
  g_test_add_func ("/pytorch-module/flips", test_flips);
  return g_test_run ();
}
