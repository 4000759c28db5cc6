/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-floats.h"
#include "engine/cpu/psp-cpu-backend.h"
#include "engine/formats/psp-safetensors-writer.h"
#include "engine/model/psp-architecture-json.h"
#include "engine/run/psp-runner.h"
#include "tests/golden-models.h"
#include "tests/psp-test-folder.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* Files of ours: networks with folded weights, as psp_model_convert() writes them. */

/* (transfer full): NAME as a file of ours in @folder. */
static char *
convert (const PspTestFolder *folder,
         const char          *name,
         gboolean             half)
{
  g_autofree char *source = golden_model_path (name);
  g_autofree char *file = g_strconcat (name, ".safetensors", NULL);
  char *path = psp_test_folder_path (folder, file);
  PspModelOptions options = golden_read_options (name);
  g_autoptr(GError) error = NULL;

  psp_model_convert (source, path, &options, half, NULL, &error);
  g_assert_no_error (error);
  return path;
}

static PspCheckpoint *
open_checkpoint (const char *path)
{
  g_autoptr(GError) error = NULL;
  PspCheckpoint *checkpoint = psp_checkpoint_open (path, &error);

  g_assert_no_error (error);
  return checkpoint;
}

static PspRunner *
open_runner (const char            *path,
             const PspModelOptions *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, options, NULL, &error);
  g_autoptr(PspBackend) backend = psp_cpu_backend_new (NULL, NULL);
  PspRunner *runner;

  g_assert_no_error (error);
  runner = psp_runner_new (model, backend, &error);
  g_assert_no_error (error);
  return runner;
}

/* The logits of what @golden's input makes. */
static PspTensor *
run (PspRunner   *runner,
     const char  *golden,
     GError     **error)
{
  g_autoptr(PspTensor) input = golden_read (golden, "input");
  g_autoptr(GHashTable) taps = psp_runner_get_taps (runner, input,
                                                    (const char *[]) { "logits", NULL }, NULL,
                                                    NULL, error);

  return taps != NULL ? psp_tensor_ref (g_hash_table_lookup (taps, "logits")) : NULL;
}

static PspTensor *
run_file (const char            *path,
          const PspModelOptions *options,
          const char            *golden)
{
  g_autoptr(PspRunner) runner = open_runner (path, options);
  g_autoptr(GError) error = NULL;
  PspTensor *logits = run (runner, golden, &error);

  g_assert_no_error (error);
  return logits;
}

/* Weights are used where they lie in the file. */
static void
test_mapped (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = convert (folder, "tiny50", FALSE);
  g_autoptr(PspCheckpoint) checkpoint = open_checkpoint (path);
  g_autoptr(GError) error = NULL;
  gsize n_weights = 0;

  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      const char *name = psp_checkpoint_get_entry (checkpoint, i)->name;
      g_autoptr(GBytes) once = psp_checkpoint_get_floats (checkpoint, name, &error);
      g_autoptr(GBytes) again = psp_checkpoint_get_floats (checkpoint, name, &error);
      g_autoptr(PspTensor) copy = psp_checkpoint_read (checkpoint, name, &error);

      g_assert_no_error (error);
      g_assert_cmpmem (g_bytes_get_data (once, NULL), g_bytes_get_size (once), copy->data,
                       copy->n_elements * sizeof *copy->data);
      if (strstr (name, ".weights") == NULL)
        continue;
      n_weights++;
      g_assert_true (g_bytes_get_data (once, NULL) == g_bytes_get_data (again, NULL));
      g_assert_cmpuint ((gsize) g_bytes_get_data (once, NULL) % PSP_FLOATS_ALIGNMENT, ==, 0);
    }
  g_assert_cmpuint (n_weights, >, 50);
}

/* A copy of a copy is the same file; so is one of a 16-bit copy. */
static void
test_again (gconstpointer data)
{
  gboolean half = GPOINTER_TO_INT (data);
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *first = convert (folder, "caffe50", half);
  g_autofree char *second = psp_test_folder_path (folder, "second.safetensors");
  g_autofree char *bytes = NULL, *other = NULL;
  gsize n_bytes, n_other;
  g_autoptr(GError) error = NULL;

  psp_model_convert (first, second, NULL, half, NULL, &error);
  g_assert_no_error (error);
  bytes = psp_test_folder_read (folder, "caffe50.safetensors", &n_bytes);
  other = psp_test_folder_read (folder, "second.safetensors", &n_other);
  g_assert_cmpmem (bytes, n_bytes, other, n_other);
}

/* Who knows better than the file which colour comes first is believed. */
static void
test_channel_order (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  const char * const names[] = { "caffe50", "tiny18" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    for (int bgr = FALSE; bgr <= TRUE; bgr++)
      {
        g_autofree char *source = golden_model_path (names[i]);
        g_autofree char *path = convert (folder, names[i], FALSE);
        PspModelOptions options = golden_read_options (names[i]);
        g_autoptr(PspTensor) expected = NULL;
        g_autoptr(PspTensor) logits = NULL;

        options.has_bgr = TRUE;
        options.bgr = bgr;
        expected = run_file (source, &options, names[i]);
        logits = run_file (path, &options, names[i]);
        g_assert_cmpfloat (golden_difference (logits, expected), ==, 0);
      }
}

static void
assert_counts (const char *name)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = convert (folder, name, FALSE);
  g_autoptr(PspModel) source = golden_load_model (name);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) copy = psp_model_load (path, NULL, NULL, &error);
  const PspModelFacts *before = psp_model_get_facts (source);
  const PspModelFacts *after = NULL;

  g_assert_no_error (error);
  after = psp_model_get_facts (copy);
  g_assert_cmpint (after->n_parameters, ==, before->n_parameters);
  g_assert_cmpint (after->depth, ==, before->depth);
  g_assert_cmpint (after->n_classes, ==, before->n_classes);
  g_assert_cmpint (after->has_auxiliary, ==, before->has_auxiliary);
  g_assert_cmpint (after->output_stride, ==, before->output_stride);
}

static void
test_facts (void)
{
  assert_counts ("tiny50");
  assert_counts ("smp34");
  assert_counts ("csail18");
  assert_counts ("bare18");
  assert_counts ("max18");
}

/* Nothing computed with weights that somebody wrote over counts. */
static void
test_cut_off (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = convert (folder, "tiny18", FALSE);
  g_autoptr(PspRunner) runner = open_runner (path, NULL);
  g_autoptr(PspImage) photo = golden_draw_noise ((PspSize) { 30, 20 }, 1);
  g_autoptr(PspTensor) logits = NULL;
  g_autoptr(PspPrediction) prediction = NULL;
  g_autoptr(GError) error = NULL;

  logits = run (runner, "tiny18", &error);
  g_assert_no_error (error);
  g_clear_pointer (&logits, psp_tensor_unref);

  g_assert_cmpint (truncate (path, 5000), ==, 0);
  logits = run (runner, "tiny18", &error);
  g_assert_null (logits);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_TRUNCATED);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);

  prediction = psp_runner_predict (runner, photo, NULL, FALSE, (PspProgress) { 0 }, NULL, &error);
  g_assert_null (prediction);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_TRUNCATED);
}

/* Nor is it written where a good copy was. */
static void
test_cut_off_source (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = convert (folder, "tiny18", FALSE);
  g_autofree char *copy = psp_test_folder_path (folder, "copy.safetensors");
  g_autofree char *kept = NULL;
  g_autoptr(PspCheckpoint) source = open_checkpoint (path);
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_autoptr(GBytes) floats = NULL;
  g_autoptr(GError) error = NULL;

  psp_test_folder_print (folder, "copy.safetensors", "old");
  floats = psp_checkpoint_get_floats (source, "cls.4.weights", &error);
  g_assert_no_error (error);
  psp_safetensors_writer_add_floats (writer, "a", 1,
                                     &(gint64) { g_bytes_get_size (floats) / sizeof (float) },
                                     floats, PSP_DTYPE_F32);
  psp_safetensors_writer_set_source (writer, source);
  g_assert_cmpint (truncate (path, 5000), ==, 0);
  g_assert_false (psp_safetensors_writer_write (writer, copy, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_TRUNCATED);
  kept = psp_test_folder_read (folder, "copy.safetensors", NULL);
  g_assert_cmpstr (kept, ==, "old");
}

/* A file of ours in which something is wrong. */
typedef struct
{
  const char *key;      /* (nullable) of the metadata, whose text becomes … */
  const char *from;     /* … with this part … */
  const char *to;       /* … replaced by this; without @from all of it */
  const char *renamed;  /* (nullable) a tensor that gets another name */
  const char *spoiled;  /* (nullable) a tensor with a NaN */
  PspError    code;
  const char *words;
} Damage;

static const Damage damages[] = {
  { .key = "family", .to = "unheard", .code = PSP_ERROR_UNSUPPORTED, .words = "“unheard”" },
  { .key = "architecture", .to = "{", .code = PSP_ERROR_BAD_FILE, .words = "" },
  { .key = "architecture", .to = "[]", .code = PSP_ERROR_BAD_FILE, .words = "no JSON object" },
  { .key = "architecture", .to = "{}", .code = PSP_ERROR_BAD_VALUE, .words = "“depth”" },
  { .key = "architecture", .from = "\"depth\":18", .to = "\"depth\":19",
    .code = PSP_ERROR_BAD_VALUE, .words = "no network" },
  { .key = "architecture", .from = "\"depth\":18", .to = "\"depth\":50",
    .code = PSP_ERROR_BAD_SHAPE, .words = "missing: " },
  { .key = "architecture", .from = "\"stages\":4", .to = "\"stages\":3",
    .code = PSP_ERROR_BAD_VALUE, .words = "no network" },
  { .key = "architecture", .from = "\"stages\":4", .to = "\"stages\":5",
    .code = PSP_ERROR_BAD_VALUE, .words = "from 1 to 4" },
  { .key = "architecture", .from = "\"classes\":11", .to = "\"classes\":12.5",
    .code = PSP_ERROR_BAD_VALUE, .words = "“classes”" },
  { .key = "architecture", .from = "\"classes\":11", .to = "\"classes\":99999999999",
    .code = PSP_ERROR_BAD_VALUE, .words = "“classes”" },
  { .key = "architecture", .from = "\"classes\":11", .to = "\"classes\":20",
    .code = PSP_ERROR_BAD_SHAPE, .words = "cls.4.weights is" },
  { .key = "architecture", .from = "\"deep_stem\":1", .to = "\"deep_stem\":0",
    .code = PSP_ERROR_BAD_VALUE, .words = "no network" },
  { .key = "architecture", .from = "\"level_reduced\":1", .to = "\"level_reduced\":0",
    .code = PSP_ERROR_BAD_VALUE, .words = "no network" },
  { .key = "architecture", .from = "\"levels\":4", .to = "\"levels\":17",
    .code = PSP_ERROR_BAD_VALUE, .words = "“levels”" },
  { .key = "parameters", .to = "many", .code = PSP_ERROR_BAD_VALUE, .words = "many" },
  { .renamed = "cls.4.weights", .code = PSP_ERROR_BAD_SHAPE, .words = "missing: cls.4.weights" },
  { .renamed = "layer1.0.conv1.bias", .code = PSP_ERROR_BAD_SHAPE,
    .words = "unexpected: layer1.0.conv1.bias.old" },
  { .spoiled = "layer3.1.conv2.weights", .code = PSP_ERROR_BAD_VALUE,
    .words = "“layer3.1.conv2.weights” holds nan" },
  { .spoiled = "cls.0.bias", .code = PSP_ERROR_BAD_VALUE, .words = "“cls.0.bias” holds nan" },
};

static void
copy_tensors (PspSafetensorsWriter *writer,
              PspCheckpoint        *checkpoint,
              const Damage         *damage)
{
  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      const char *name = psp_checkpoint_get_entry (checkpoint, i)->name;
      g_autoptr(PspTensor) tensor = psp_checkpoint_read (checkpoint, name, NULL);
      gboolean renamed = g_strcmp0 (name, damage->renamed) == 0;
      g_autofree char *written = g_strconcat (name, renamed ? ".old" : NULL, NULL);

      if (g_strcmp0 (name, damage->spoiled) == 0)
        tensor->data[tensor->n_elements - 1] = NAN;
      psp_safetensors_writer_add (writer, written, tensor, PSP_DTYPE_F32);
    }
}

static void
write_damaged (const char   *path,
               const char   *source,
               const Damage *damage)
{
  static const char * const keys[] = { "family", "architecture", "parameters", "bins", "mean" };
  g_autoptr(PspCheckpoint) checkpoint = open_checkpoint (source);
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_autoptr(GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr(GString) text = g_string_new (psp_checkpoint_get_metadata (checkpoint, keys[i]));

      if (g_strcmp0 (keys[i], damage->key) == 0 && damage->from == NULL)
        g_string_assign (text, damage->to);
      else if (g_strcmp0 (keys[i], damage->key) == 0)
        g_assert_cmpuint (g_string_replace (text, damage->from, damage->to, 0), ==, 1);
      psp_safetensors_writer_set_metadata (writer, keys[i], text->str);
    }
  copy_tensors (writer, checkpoint, damage);
  psp_safetensors_writer_write (writer, path, NULL, &error);
  g_assert_no_error (error);
}

static void
test_damaged (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *whole = convert (folder, "tiny18", FALSE);
  g_autofree char *path = psp_test_folder_path (folder, "damaged.safetensors");
  g_autoptr(PspModel) intact = NULL;

  write_damaged (path, whole, &(Damage) { 0 });
  intact = psp_model_load (path, NULL, NULL, NULL);
  g_assert_nonnull (intact);

  for (gsize i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      const Damage *damage = &damages[i];
      g_autoptr(GError) error = NULL;
      g_autoptr(PspModel) model = NULL;

      write_damaged (path, whole, damage);
      model = psp_model_load (path, NULL, NULL, &error);
      g_test_message ("%s", error != NULL ? error->message : "no error");
      g_assert_null (model);
      g_assert_error (error, PSP_ERROR, (int) damage->code);
      g_assert_nonnull (strstr (error->message, path));
      if (strstr (error->message, damage->words) == NULL)
        g_error ("“%s” is not in: %s", damage->words, error->message);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/folded/mapped", test_mapped);
  g_test_add_data_func ("/folded/again", GINT_TO_POINTER (FALSE), test_again);
  g_test_add_data_func ("/folded/again-fp16", GINT_TO_POINTER (TRUE), test_again);
  g_test_add_func ("/folded/channel-order", test_channel_order);
  g_test_add_func ("/folded/facts", test_facts);
  g_test_add_func ("/folded/cut-off", test_cut_off);
  g_test_add_func ("/folded/cut-off-source", test_cut_off_source);
  g_test_add_func ("/folded/damaged", test_damaged);
  return g_test_run ();
}
