/* SPDX-License-Identifier: MIT */
#include "tests/golden-models.h"

#include <math.h>

static const char * const names[] = {
  "tiny18", "tiny34", "tiny50", "tiny101", "bins1_50", "bins48_18",
};

typedef struct
{
  PspBackend *backend;
  const char *name;
  double      tolerance;
} GoldenCase;

char *
golden_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "golden", name, NULL);
}

static PspCheckpoint *
open_golden (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".golden.safetensors", NULL);
  g_autofree char *path = golden_path (file);
  g_autoptr(GError) error = NULL;
  PspCheckpoint *golden = psp_checkpoint_open (path, &error);

  g_assert_no_error (error);
  return golden;
}

PspModel *
golden_load_model (const char *name)
{
  g_autoptr(PspCheckpoint) golden = open_golden (name);
  g_autofree char *file = g_strconcat (name, ".pth", NULL);
  g_autofree char *path = golden_path (file);
  g_auto(GStrv) bins = g_strsplit (psp_checkpoint_get_metadata (golden, "bins"), ",", -1);
  g_autoptr(GError) error = NULL;
  PspModelOptions options = { 0 };
  PspModel *model;

  for (; bins[options.n_bins] != NULL; options.n_bins++)
    options.bins[options.n_bins] = (int) g_ascii_strtoll (bins[options.n_bins], NULL, 10);
  model = psp_model_load (path, &options, NULL, &error);
  g_assert_no_error (error);
  return model;
}

PspTensor *
golden_read (const char *name,
             const char *tensor)
{
  g_autoptr(PspCheckpoint) golden = open_golden (name);
  g_autoptr(GError) error = NULL;
  PspTensor *result = psp_checkpoint_read (golden, tensor, &error);

  g_assert_no_error (error);
  return result;
}

double
golden_difference (const PspTensor *tensor,
                   const PspTensor *reference)
{
  double difference = 0, scale = 0;

  g_assert_cmpint (tensor->n_dimensions, ==, reference->n_dimensions);
  for (int i = 0; i < reference->n_dimensions; i++)
    g_assert_cmpint (tensor->shape[i], ==, reference->shape[i]);
  for (gsize i = 0; i < reference->n_elements; i++)
    {
      g_assert_true (isfinite (tensor->data[i]));
      difference = MAX (difference,
                        fabs ((double) tensor->data[i] - (double) reference->data[i]));
      scale = MAX (scale, fabs ((double) reference->data[i]));
    }
  return difference / scale;
}

static void
test_golden (gconstpointer data)
{
  const GoldenCase *golden_case = data;
  g_autoptr(PspCheckpoint) golden = open_golden (golden_case->name);
  g_autoptr(PspModel) model = golden_load_model (golden_case->name);
  g_autoptr(PspTensor) input = golden_read (golden_case->name, "input");
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspRunner) runner = psp_runner_new (model, golden_case->backend, &error);
  g_autoptr(GHashTable) taps = NULL;
  g_auto(GStrv) tensors = NULL;

  g_assert_no_error (error);
  for (gsize i = 0; i < psp_checkpoint_get_n_entries (golden); i++)
    g_strv_builder_add (builder, psp_checkpoint_get_entry (golden, i)->name);
  tensors = g_strv_builder_end (builder);
  taps = psp_runner_get_taps (runner, input, (const char * const *) tensors, NULL, &error);
  g_assert_no_error (error);

  for (int i = 0; tensors[i] != NULL; i++)
    {
      g_autoptr(PspTensor) reference = golden_read (golden_case->name, tensors[i]);
      double difference = golden_difference (g_hash_table_lookup (taps, tensors[i]), reference);

      g_test_message ("%s %s: %.2e", golden_case->name, tensors[i], difference);
      g_assert_cmpfloat (difference, <=, golden_case->tolerance);
    }
}

void
golden_add_tests (PspBackend *backend,
                  const char *prefix,
                  double      tolerance)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/golden/%s", prefix, names[i]);
      GoldenCase *golden_case = g_new (GoldenCase, 1);

      *golden_case = (GoldenCase) { backend, names[i], tolerance };
      g_test_add_data_func_full (path, golden_case, test_golden, g_free);
    }
}
