/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "engine/formats/psp-safetensors-writer.h"
#include "engine/model/psp-architecture.h"
#include "engine/model/psp-model-files.h"
#include "engine/run/psp-runner.h"
#include "tests/golden-models.h"
#include "tests/psp-test-folder.h"

#include <math.h>
#include <string.h>

/* Files as people have them: two for a network, a configuration beside it, one network of several,
 * other networks; and the copies that are made of them. */

/* The tensor @name of what the network at @path makes of the input of @golden. */
static PspTensor *
run_model (const char *path,
           const char *golden,
           const char *name)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, NULL, NULL, &error);
  g_autoptr(PspBackend) backend = psp_cpu_backend_new (NULL, NULL);
  g_autoptr(PspTensor) input = golden_read (golden, "input");
  g_autoptr(PspRunner) runner = NULL;
  g_autoptr(GHashTable) taps = NULL;

  g_assert_no_error (error);
  runner = psp_runner_new (model, backend, &error);
  g_assert_no_error (error);
  taps = psp_runner_get_taps (runner, input, (const char *[]) { name, NULL }, NULL, NULL, &error);
  g_assert_no_error (error);
  return psp_tensor_ref (g_hash_table_lookup (taps, name));
}

/* Only weights are rounded. */
static void
test_convert_half (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *source = golden_model_path ("caffe50");
  g_autofree char *path = psp_test_folder_path (folder, "half.safetensors");
  g_autoptr(PspCheckpoint) half = NULL;
  g_autoptr(GError) error = NULL;

  psp_model_convert (source, path, NULL, TRUE, NULL, &error);
  g_assert_no_error (error);
  half = psp_checkpoint_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (psp_checkpoint_find (half, "conv5_4.weights.0")->dtype, ==, PSP_DTYPE_F16);
  g_assert_cmpint (psp_checkpoint_find (half, "conv6.weights")->dtype, ==, PSP_DTYPE_F16);
  g_assert_cmpint (psp_checkpoint_find (half, "conv5_4.bias")->dtype, ==, PSP_DTYPE_F32);
}

/* A change on the way of a golden checkpoint into a safetensors file. */
typedef struct
{
  const char *golden;
  const char *left_out;  /* (nullable) a tensor */
  gboolean    single;    /* the segmentation head gets one output */
  const char *renamed;   /* (nullable) the part of names that becomes … */
  const char *name;      /* … this */
  const char *reshaped;  /* (nullable) a tensor of which only the first numbers stay, as … */
  gint64      shape[4];  /* … this */
  const char *stride;    /* (nullable) what the container says of a stride */
  const char *prefix;    /* (nullable) of all names */
  const char *again;     /* (nullable) the prefix of all tensors a second time */
  const char *extra;     /* (nullable) a tensor more */
  const char *large;     /* (nullable) a tensor whose second number becomes … */
  float       value;     /* … this */
} Change;

static void
add_named (PspSafetensorsWriter *writer,
           const Change         *change,
           const char           *name,
           PspTensor            *tensor)
{
  g_autofree char *full = g_strconcat (change->prefix != NULL ? change->prefix : "", name, NULL);
  g_autofree char *second = g_strconcat (change->again != NULL ? change->again : "", name, NULL);

  psp_safetensors_writer_add (writer, full, tensor, PSP_DTYPE_F32);
  if (change->again != NULL)
    psp_safetensors_writer_add (writer, second, tensor, PSP_DTYPE_F32);
}

static void
write_changed (const char   *path,
               const Change *change)
{
  g_autofree char *source = golden_model_path (change->golden);
  g_autoptr(PspCheckpoint) checkpoint = psp_model_files_open (source, NULL);
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_autoptr(PspTensor) scalar = psp_tensor_new (0, NULL, NULL);
  g_autoptr(GError) error = NULL;

  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      const PspCheckpointEntry *entry = psp_checkpoint_get_entry (checkpoint, i);
      g_autoptr(PspTensor) tensor = psp_checkpoint_read (checkpoint, entry->name, &error);
      gint64 shape[PSP_TENSOR_MAX_DIMENSIONS] = { 1 };
      gboolean cut = change->single && g_str_has_prefix (entry->name, "segmentation_head");
      g_autoptr(PspTensor) first = NULL;
      g_autoptr(GString) name = g_string_new (entry->name);

      g_assert_no_error (error);
      for (int k = 1; k < tensor->n_dimensions; k++)
        shape[k] = tensor->shape[k];
      cut = cut || g_strcmp0 (entry->name, change->reshaped) == 0;
      first = change->reshaped != NULL ? psp_tensor_new (4, change->shape, NULL)
                                       : psp_tensor_new (tensor->n_dimensions, shape, NULL);
      if (change->renamed != NULL)
        g_string_replace (name, change->renamed, change->name, 0);
      if (g_strcmp0 (entry->name, change->large) == 0)
        tensor->data[1] = change->value;
      if (g_strcmp0 (entry->name, change->left_out) != 0)
        add_named (writer, change, name->str, cut ? first : tensor);
    }
  if (change->extra != NULL)
    psp_safetensors_writer_add (writer, change->extra, scalar, PSP_DTYPE_F32);
  if (change->stride != NULL)
    psp_safetensors_writer_set_metadata (writer, "caffe.conv3_1_1x1_reduce.stride",
                                         change->stride);
  psp_safetensors_writer_write (writer, path, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_refused (const char *path,
                int         code,
                const char *words)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, NULL, NULL, &error);

  g_assert_null (model);
  g_assert_error (error, PSP_ERROR, code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” is not in: %s", words, error->message);
}

/* A lost tensor has the file's own name in the message; a lost stage that is used, too. */
static void
test_refused (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "changed.safetensors");

  write_changed (path, &(Change) { "smp34", .single = TRUE });
  assert_refused (path, PSP_ERROR_UNSUPPORTED, "single output");
  write_changed (path, &(Change) { "smp34", "decoder.psp.blocks.1.pool.1.1.weight" });
  assert_refused (path, PSP_ERROR_BAD_SHAPE, "missing: decoder.psp.blocks.1.pool.1.0.bias");
  write_changed (path, &(Change) { "smp34", "encoder.layer2.3.conv2.weight" });
  assert_refused (path, PSP_ERROR_BAD_SHAPE, "missing: encoder.layer2.3.conv2.weight");
  write_changed (path, &(Change) { "smp34", "encoder.layer2.3.conv1.weight" });
  assert_refused (path, PSP_ERROR_UNSUPPORTED, "3, 3, 6 and 3 basic blocks");
  write_changed (path, &(Change) { "smp34", "encoder.conv1.weight" });
  assert_refused (path, PSP_ERROR_UNSUPPORTED, "segmentation_models.pytorch");
}

/* Networks that share a family's head and cannot be run are named. */
static void
test_refused_variants (void)
{
  static const struct { Change change; const char *words; } cases[] = {
    { { "tiny18", .renamed = "aux.", .name = "psa." }, "looks like a PSANet" },
    { { "smp34", .renamed = "encoder.conv1", .name = "encoder._conv_stem" }, "EfficientNet" },
    { { "smp34", .renamed = "encoder.conv1", .name = "encoder.features.conv0" }, "DenseNet" },
    { { "smp34", .reshaped = "encoder.conv1.weight", .shape = { 8, 4, 7, 7 } }, "three colours" },
    { { "mmseg50", .reshaped = "backbone.layer1.0.conv2.weight", .shape = { 4, 1, 3, 3 } },
      "ResNeXt" },
    { { "mmseg50", .reshaped = "backbone.layer2.0.downsample.1.weight", .shape = { 8, 8, 1, 1 } },
      "ResNet-V1d" },
    { { "caffe50", .reshaped = "conv1_1_3x3_s2/bn/2", .shape = { 1, 1, 1, 1 } }, "BVLC" },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "changed.safetensors");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      write_changed (path, &cases[i].change);
      assert_refused (path, PSP_ERROR_UNSUPPORTED, cases[i].words);
    }
}

static gboolean
has_stride_first (const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspCheckpoint) checkpoint = psp_checkpoint_open (path, &error);
  PspArchitecture architecture;

  g_assert_no_error (error);
  psp_architecture_detect (&architecture, checkpoint, &error);
  g_assert_no_error (error);
  return architecture.stride_first;
}

/* Where a Caffe model says where the stride is, that counts more than its depth, in a copy too. */
static void
test_stride (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "changed.safetensors");
  g_autofree char *copy = psp_test_folder_path (folder, "copy.safetensors");
  g_autoptr(GError) error = NULL;

  write_changed (path, &(Change) { "caffe50" });
  g_assert_true (has_stride_first (path));
  write_changed (path, &(Change) { "caffe50", .stride = "1" });
  g_assert_false (has_stride_first (path));
  write_changed (path, &(Change) { "caffe101" });
  g_assert_false (has_stride_first (path));
  write_changed (path, &(Change) { "caffe101", .stride = "2,2" });
  g_assert_true (has_stride_first (path));

  psp_model_convert (path, copy, NULL, FALSE, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (has_stride_first (copy));
}

static void
copy_golden (const char *name,
             const char *path)
{
  g_autofree char *source = golden_path (name);
  g_autoptr(GFile) from = g_file_new_for_path (source);
  g_autoptr(GFile) to = g_file_new_for_path (path);
  g_autoptr(GError) error = NULL;

  g_file_copy (from, to, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* Either half leads to the other; a half without the other says what is missing. */
static void
test_two_files (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *encoder = psp_test_folder_path (folder, "my-encoder_epoch_20.pth");
  g_autofree char *decoder = psp_test_folder_path (folder, "my-decoder_epoch_20.pth");
  g_autofree char *other = psp_test_folder_path (folder, "other.pth");
  g_autoptr(PspTensor) expected = golden_read ("csail18", "logits");
  g_autoptr(PspTensor) from_encoder = NULL;
  g_autoptr(PspTensor) from_decoder = NULL;
  g_autoptr(PspTensor) from_both = NULL;
  g_autofree char *both = NULL;
  g_autofree char *missing = NULL;
  g_autofree char *twice = NULL;

  copy_golden ("decoder_csail18.pth", decoder);
  assert_refused (decoder, PSP_ERROR_NOT_FOUND, "my-encoder_epoch_20.pth");
  copy_golden ("decoder_csail18.pth", other);
  assert_refused (other, PSP_ERROR_NOT_FOUND, "“encoder”");

  copy_golden ("encoder_csail18.pth", encoder);
  from_encoder = run_model (encoder, "csail18", "logits");
  from_decoder = run_model (decoder, "csail18", "logits");
  g_assert_cmpfloat (golden_difference (from_encoder, expected), <=, 1e-4);
  g_assert_cmpfloat (golden_difference (from_decoder, from_encoder), ==, 0);

  copy_golden ("encoder_csail18.pth", other);
  assert_refused (other, PSP_ERROR_UNSUPPORTED, "bare ResNet backbone");
  both = g_strconcat (other, ",", decoder, NULL);
  from_both = run_model (both, "csail18", "logits");
  g_assert_cmpfloat (golden_difference (from_both, from_encoder), ==, 0);
  missing = g_strconcat (decoder, ",", other, "x", NULL);
  assert_refused (missing, PSP_ERROR_NOT_FOUND, "other.pthx: ");
  twice = g_strconcat (other, ",", other, NULL);
  assert_refused (twice, PSP_ERROR_BAD_FILE, "belong together");
  copy_golden ("tiny18.pth", encoder);
  assert_refused (decoder, PSP_ERROR_BAD_SHAPE, "unexpected: ppm.0.1.weight");
  copy_golden ("decoder_csail18.pth", encoder);
  assert_refused (decoder, PSP_ERROR_BAD_FILE, "belong together");
}

/* What save_pretrained() of segmentation_models.pytorch writes beside the weights is believed if it
 * is of this network, and refused by its name if not. */
static void
test_smp_config (void)
{
  static const struct { const char *text; int code; const char *words; } refused[] = {
    { "{\"encoder_name\": \"resnet50\"}", PSP_ERROR_UNSUPPORTED, "“encoder_name” is \"resnet50\"" },
    { "{\"encoder_name\": \"resnet34\", \"encoder_depth\": 4}", PSP_ERROR_UNSUPPORTED, "only 3" },
    { "{\"encoder_name\": \"resnet34\", \"classes\": 7}", PSP_ERROR_UNSUPPORTED, "only 6" },
    { "{\"encoder_name\": \"resnet34\", \"upsampling\": 0}", PSP_ERROR_BAD_VALUE,
      "“upsampling” cannot be 0" },
    { "{\"encoder_name\": \"resnet34\", \"upsampling\": 2.5}", PSP_ERROR_BAD_VALUE, "2.5" },
    { "{\"encoder_name\": \"resnet34\", \"upsampling\": 65}", PSP_ERROR_BAD_VALUE, "1 to 64" },
    { "{\"encoder_name\": \"resnet34\", \"in_channels\": 1}", PSP_ERROR_UNSUPPORTED, "only 3" },
    { "{\"encoder_name\": \"resnet34\", \"psp_out_channels\": 1}", PSP_ERROR_UNSUPPORTED,
      "“psp_out_channels” is 1" },
    { "{\"encoder_name\": \"resnet34\", \"decoder_use_norm\": false}", PSP_ERROR_UNSUPPORTED,
      "only true" },
    { "[]", PSP_ERROR_BAD_FILE, "config.json: a configuration is an object" },
    { "{", PSP_ERROR_BAD_FILE, "config.json: " },
  };
  static const struct { const char *text; int enlargement; gboolean assumed; } read[] = {
    { "{\"encoder_name\": \"resnet34\", \"encoder_depth\": 3, \"upsampling\": 8, \"classes\": 6, "
      "\"in_channels\": 3, \"decoder_use_norm\": \"batchnorm\"}", 8, FALSE },
    { "{\"encoder_name\": \"resnet34\", \"upsampling\": 4}", 4, FALSE },
    { "{\"encoder_name\": \"resnet34\"}", 8, FALSE },
    { "{\"architectures\": [], \"classes\": 7, \"upsampling\": 2}", 8, TRUE },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "weights.pth");
  PspModel *model;

  copy_golden ("smp34.pth", path);
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      psp_test_folder_write (folder, "config.json", refused[i].text, strlen (refused[i].text));
      assert_refused (path, refused[i].code, refused[i].words);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (read); i++)
    {
      g_autoptr(GError) error = NULL;

      psp_test_folder_write (folder, "config.json", read[i].text, strlen (read[i].text));
      model = psp_model_load (path, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (psp_model_get_facts (model)->enlargement_assumed, ==, read[i].assumed);
      g_assert_cmpint (psp_model_get_facts (model)->enlargement, ==, read[i].enlargement);
      psp_model_unref (model);
    }
}

/* Masks have the size that the configuration says, also of a copy without it; once is not at all,
 * and without a configuration it is 8 times. */
static void
test_smp_enlargement (void)
{
  static const int factors[] = { 1, 4, 8, 16 };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "weights.pth");
  g_autofree char *copy = psp_test_folder_path (folder, "copy/converted.safetensors");
  g_autoptr(PspTensor) logits = golden_read ("smp50", "logits");
  g_autoptr(PspTensor) usual = golden_read ("smp50", "logits_full");

  psp_test_folder_print (folder, "copy/empty", "");
  copy_golden ("smp50.pth", path);
  for (gsize i = 0; i < G_N_ELEMENTS (factors); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"encoder_name\": \"resnet50\", "
                                               "\"upsampling\": %d}", factors[i]);
      g_autoptr(PspTensor) enlarged = NULL;
      g_autoptr(PspTensor) of_copy = NULL;
      g_autoptr(GError) error = NULL;

      psp_test_folder_write (folder, "config.json", text, strlen (text));
      enlarged = run_model (path, "smp50", "logits_full");
      g_assert_cmpint (enlarged->shape[2], ==, logits->shape[2] * factors[i]);
      g_assert_cmpint (enlarged->shape[3], ==, logits->shape[3] * factors[i]);
      if (factors[i] == 1)
        g_assert_cmpfloat (golden_difference (enlarged, logits), <=, 1e-4);
      if (factors[i] == 8)
        g_assert_cmpfloat (golden_difference (enlarged, usual), <=, 1e-4);

      psp_model_convert (path, copy, NULL, FALSE, NULL, &error);
      g_assert_no_error (error);
      of_copy = run_model (copy, "smp50", "logits_full");
      g_assert_cmpfloat (golden_difference (of_copy, enlarged), ==, 0);
    }
}

/* Nothing is written that 16 bits cannot hold, and nothing is left of an old copy but the whole. */
static void
test_convert_half_refused (void)
{
  static const struct { float value; const char *words; } cases[] = {
    { 65520, "the value 65520 in the weights of segmentation_head.0" },
    { -1e30f, "the value -1e+30 in the weights of segmentation_head.0" },
    { NAN, "“segmentation_head.0.weight” holds nan" },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "large.safetensors");
  g_autofree char *copy = psp_test_folder_path (folder, "copies/half.safetensors");

  psp_test_folder_print (folder, "copies/half.safetensors", "old");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *old = NULL;

      write_changed (path, &(Change) { "smp34", .large = "segmentation_head.0.weight",
                                       .value = cases[i].value });
      g_assert_false (psp_model_convert (path, copy, NULL, TRUE, NULL, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
      if (strstr (error->message, cases[i].words) == NULL)
        g_error ("“%s” is not in: %s", cases[i].words, error->message);
      g_assert_nonnull (strstr (error->message, path));
      old = psp_test_folder_read (folder, "copies/half.safetensors", NULL);
      g_assert_cmpstr (old, ==, "old");
      g_assert_cmpint (psp_test_folder_count (folder, "copies"), ==, 1);
    }

  write_changed (path, &(Change) { "smp34", .large = "segmentation_head.0.weight",
                                   .value = 65519 });
  g_assert_true (psp_model_convert (path, copy, NULL, TRUE, NULL, NULL));
}

/* A network among other things that were saved is found by its tensors' prefix. */
static void
test_prefixes (void)
{
  static const Change changes[] = {
    { "smp34", .prefix = "module." },
    { "smp34", .prefix = "model." },
    { "smp34", .prefix = "net." },
    { "smp34", .prefix = "_orig_mod.module." },
    { "smp34", .prefix = "model.", .extra = "mean" },
    { "smp34", .prefix = "model.", .extra = "loss.weight" },
    { "smp34", .prefix = "module.", .extra = "n_averaged" },
    { "smp34", .prefix = "student.net.", .extra = "teacher.weight" },
    { "mmseg18b", .prefix = "segmentor.", .extra = "steps" },
    { "mmseg18b", .extra = "ema_decode_head_conv_seg_weight" },
    { "tiny18", .prefix = "pspnet.", .extra = "criterion.weight" },
    { "caffe50", .prefix = "net." },
    { "csail50", .prefix = "a.", .extra = "b" },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "changed.safetensors");

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr(PspTensor) expected = golden_read (changes[i].golden, "logits");
      g_autoptr(PspTensor) logits = NULL;
      g_autoptr(GError) error = NULL;
      PspModelOptions options = golden_read_options (changes[i].golden);
      g_autofree char *copy = psp_test_folder_path (folder, "copy.safetensors");

      write_changed (path, &changes[i]);
      psp_model_convert (path, copy, &options, FALSE, NULL, &error);
      g_assert_no_error (error);
      logits = run_model (copy, changes[i].golden, "logits");
      g_test_message ("%s %s", changes[i].golden, changes[i].prefix);
      g_assert_cmpfloat (golden_difference (logits, expected), <=, 1e-4);
    }
  write_changed (path, &(Change) { "smp34", .prefix = "model.", .again = "ema_model." });
  assert_refused (path, PSP_ERROR_UNSUPPORTED, "“model.…” and “ema_model.…”");
}

/* Files that are no network of ours, by what a person then reads. */
static void
test_strangers (void)
{
  static const char * const tensors[][2] = {
    { "classifier.0.convs.0.0.weight", "a DeepLab of torchvision" },
    { "backbone.layer4.0.conv1.weight", "a ResNet with a head other than PSPNet's" },
    { "segmentation_head.0.weight", "segmentation_models.pytorch other than PSPNet" },
    { "decode_head.conv_seg.weight", "mmsegmentation other than PSPNet" },
    { "fc.weight", "a bare ResNet classifier" },
    { "layer4.0.conv1.weight", "a bare ResNet backbone" },
    { "anything", "none of its 1 tensors belongs to the head of a PSPNet" },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "stranger.safetensors");
  g_autoptr(PspTensor) scalar = psp_tensor_new (0, NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (tensors); i++)
    {
      g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();

      psp_safetensors_writer_add (writer, tensors[i][0], scalar, PSP_DTYPE_F32);
      g_assert_true (psp_safetensors_writer_write (writer, path, NULL, NULL));
      assert_refused (path, PSP_ERROR_UNSUPPORTED, tensors[i][1]);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model-files/convert-half", test_convert_half);
  g_test_add_func ("/model-files/convert-half-refused", test_convert_half_refused);
  g_test_add_func ("/model-files/prefixes", test_prefixes);
  g_test_add_func ("/model-files/strangers", test_strangers);
  g_test_add_func ("/model-files/refused", test_refused);
  g_test_add_func ("/model-files/refused-variants", test_refused_variants);
  g_test_add_func ("/model-files/stride", test_stride);
  g_test_add_func ("/model-files/two-files", test_two_files);
  g_test_add_func ("/model-files/smp-config", test_smp_config);
  g_test_add_func ("/model-files/smp-enlargement", test_smp_enlargement);
  return g_test_run ();
}
