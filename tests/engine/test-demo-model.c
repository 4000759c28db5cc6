/* SPDX-License-Identifier: MIT */
/* The demo's model file: small, complete, and consistent with the taxonomy beside it. */
#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <math.h>

#include "engine/model/psp-architecture.h"

#define MOST_BYTES (10 * 1000 * 1000)

static char *
data_path (const char *folder,
           const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "..", "data", folder, name, NULL);
}

static char *
model_path (void)
{
  return data_path ("models", "demo-pspnet18.safetensors");
}

static PspCheckpoint *
open_model (void)
{
  g_autofree char *path = model_path ();
  g_autoptr(GError) error = NULL;
  PspCheckpoint *checkpoint = psp_checkpoint_open (path, &error);

  g_assert_no_error (error);
  return checkpoint;
}

static void
test_size (void)
{
  g_autofree char *path = model_path ();
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GError) error = NULL;
  g_autoptr(GFileInfo) info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE,
                                                 G_FILE_QUERY_INFO_NONE, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (g_file_info_get_size (info), <, MOST_BYTES);
}

static void
test_architecture (void)
{
  g_autoptr(PspCheckpoint) checkpoint = open_model ();
  g_autoptr(GError) error = NULL;
  PspArchitecture architecture;

  g_assert_true (psp_architecture_detect (&architecture, checkpoint, &error));
  g_assert_no_error (error);
  g_assert_cmpint (architecture.depth, ==, 18);
  g_assert_cmpint (architecture.n_levels, ==, 4);
  g_assert_cmpint (architecture.n_classes, ==, 11);
  g_assert_cmpint (architecture.auxiliary_channels, >, 0);
}

/* Kernels in half precision, everything else in single, and nothing that training alone needs. */
static void
test_types (void)
{
  g_autoptr(PspCheckpoint) checkpoint = open_model ();

  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      const PspCheckpointEntry *entry = psp_checkpoint_get_entry (checkpoint, i);

      g_assert_cmpint (entry->dtype, ==, entry->n_dimensions == 4 ? PSP_DTYPE_F16 : PSP_DTYPE_F32);
      g_assert_false (g_str_has_suffix (entry->name, "num_batches_tracked"));
      g_assert_false (g_str_has_prefix (entry->name, "module."));
    }
}

static void
test_finite (void)
{
  g_autoptr(PspCheckpoint) checkpoint = open_model ();

  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      const PspCheckpointEntry *entry = psp_checkpoint_get_entry (checkpoint, i);
      g_autoptr(GError) error = NULL;
      g_autoptr(PspTensor) tensor = psp_checkpoint_read (checkpoint, entry->name, &error);
      gint64 n_values = 1;

      g_assert_no_error (error);
      for (int j = 0; j < entry->n_dimensions; j++)
        n_values *= entry->shape[j];
      for (gint64 j = 0; j < n_values; j++)
        if (!isfinite (tensor->data[j]))
          g_error ("%s holds a value that is not finite", entry->name);
    }
}

static void
test_facts (void)
{
  static const char *const facts[][2] = {
    { "format", "scenescope" }, { "version", "1" }, { "family", "pytorch-official" },
    { "bins", "1,2,3,6" }, { "align_corners", "true" }, { "mean", "123.675,116.28,103.53" },
    { "std", "58.395,57.12,57.375" }, { "channel_order", "rgb" }, { "pooling", "average" },
  };
  g_autoptr(PspCheckpoint) checkpoint = open_model ();

  for (guint i = 0; i < G_N_ELEMENTS (facts); i++)
    g_assert_cmpstr (psp_checkpoint_get_metadata (checkpoint, facts[i][0]), ==, facts[i][1]);
}

static void
test_taxonomy (void)
{
  g_autoptr(PspCheckpoint) checkpoint = open_model ();
  g_autofree char *path = data_path ("taxonomies", "camvid-11.json");
  g_autoptr(JsonParser) inside = json_parser_new (), beside = json_parser_new ();
  g_autoptr(GError) error = NULL;

  json_parser_load_from_data (inside, psp_checkpoint_get_metadata (checkpoint, "taxonomy"), -1,
                              &error);
  g_assert_no_error (error);
  json_parser_load_from_file (beside, path, &error);
  g_assert_no_error (error);
  g_assert_true (json_node_equal (json_parser_get_root (inside), json_parser_get_root (beside)));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/demo-model/size", test_size);
  g_test_add_func ("/demo-model/architecture", test_architecture);
  g_test_add_func ("/demo-model/types", test_types);
  g_test_add_func ("/demo-model/finite", test_finite);
  g_test_add_func ("/demo-model/facts", test_facts);
  g_test_add_func ("/demo-model/taxonomy", test_taxonomy);

  return g_test_run ();
}
