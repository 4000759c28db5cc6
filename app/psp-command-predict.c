/* SPDX-License-Identifier: MIT */
#include "app/psp-command.h"

#include "app/psp-interrupt.h"
#include "app/psp-label-output.h"
#include "app/psp-outputs.h"
#include "app/psp-run-arguments.h"
#include "app/psp-terminal-progress.h"
#include "engine/dataset/psp-dataset.h"
#include "engine/formats/psp-file.h"
#include "engine/formats/psp-image-file.h"
#include "engine/formats/psp-safetensors-writer.h"

#include <string.h>

#define TAPS_FORMAT "scenescope taps"
#define PROBABILITIES_FORMAT "scenescope probabilities"

static const char description[] =
  "Labels photos: writes FOLDER/STEM.png, grey with the class id of every pixel, for each photo.  "
  "An INPUT is a photo, a folder of photos or a dataset.\n\n"
  "--probabilities adds FOLDER/STEM.probabilities.safetensors with two tensors: classes "
  "[5, height, width], float32 ids from 0, the most probable first; probabilities [5, height, "
  "width], float16, theirs.  Fewer than 5 where there are not so many classes.  Every protocol has "
  "them.\n"
  "--taps writes float32 tensors [N, C, H, W]: input, layer0 … layer4, ppm.BIN, logits, aux, "
  "logits_full, aux_full, as far as the network has them.";

/* What the command line asks for, and what is open. */
typedef struct
{
  char            *model;
  char            *folder;
  char            *taps;
  gboolean         probabilities;
  int              id_offset;     /* -1: as the protocol says */
  PspRunArguments *run;
  GCancellable    *cancellable;   /* of the interrupt */
  PspPredictor    *predictor;
  GPtrArray       *datasets;      /* PspDataset: the inputs */
  PspOutputs      *outputs;
  GHashTable      *stems;         /* of @items */
  GPtrArray       *items;         /* PspDatasetItem, of @datasets: those that can be written */
} Prediction;

static void
clear_prediction (Prediction *self)
{
  g_free (self->model);
  g_free (self->folder);
  g_free (self->taps);
  g_clear_pointer (&self->run, psp_run_arguments_free);
  g_clear_pointer (&self->predictor, psp_predictor_unref);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->stems, g_hash_table_unref);
  g_clear_pointer (&self->outputs, psp_outputs_free);
  g_clear_pointer (&self->datasets, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Prediction, clear_prediction)

static gboolean
is_taps_file (const char *path)
{
  return psp_outputs_has_format (path, TAPS_FORMAT);
}

static gboolean
is_probabilities_file (const char *path)
{
  return psp_outputs_has_format (path, PROBABILITIES_FORMAT);
}

/* Whether --taps has the value @name: steps between those that its help lists are left out. */
static gboolean
is_tap (const char *name)
{
  static const char * const names[] = {
    "input", "layer0", "layer1", "layer2", "layer3", "layer4", "logits", "aux", "logits_full",
    "aux_full", NULL
  };
  const char *bins = g_str_has_prefix (name, "ppm.") ? name + strlen ("ppm.") : "";

  return g_strv_contains (names, name) ||
         (*bins != '\0' && strspn (bins, G_CSET_DIGITS) == strlen (bins));
}

/* Every value that a golden file would hold, written to the --taps file. */
static gboolean
write_taps (const Prediction  *self,
            const PspImage    *image,
            GError           **error)
{
  const PspGraph *graph = psp_model_get_graph (psp_predictor_get_model (self->predictor));
  g_autoptr(PspRunner) runner = psp_predictor_ref_runner (self->predictor, error);
  g_autoptr(PspTensor) input = runner != NULL ? psp_runner_prepare_input (runner, image, error)
                                              : NULL;
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr(GHashTable) taps = NULL;
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_auto(GStrv) names = NULL;

  for (int i = 0; i < psp_graph_get_n_values (graph); i++)
    if (psp_graph_get_value (graph, i)->name != NULL &&
        is_tap (psp_graph_get_value (graph, i)->name))
      g_strv_builder_add (builder, psp_graph_get_value (graph, i)->name);
  names = g_strv_builder_end (builder);
  taps = input != NULL ? psp_predictor_get_taps (self->predictor, input,
                                                 (const char * const *) names,
                                                 psp_run_arguments_get_options (self->run),
                                                 self->cancellable, error) : NULL;
  if (taps == NULL)
    return FALSE;

  psp_safetensors_writer_set_metadata (writer, PSP_OUTPUTS_FORMAT_KEY, TAPS_FORMAT);
  for (int i = 0; names[i] != NULL; i++)
    psp_safetensors_writer_add (writer, names[i], g_hash_table_lookup (taps, names[i]),
                                PSP_DTYPE_F32);
  return psp_safetensors_writer_write (writer, self->taps, self->cancellable, error);
}

static char *
probabilities_path (const Prediction *self,
                    const char       *stem)
{
  g_autofree char *name = g_strconcat (stem, ".probabilities.safetensors", NULL);

  return g_build_filename (self->folder, name, NULL);
}

static gboolean
write_probabilities (const Prediction     *self,
                     const char           *stem,
                     const PspPrediction  *prediction,
                     GError              **error)
{
  g_autofree char *path = probabilities_path (self, stem);
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();

  psp_safetensors_writer_set_metadata (writer, PSP_OUTPUTS_FORMAT_KEY, PROBABILITIES_FORMAT);
  psp_safetensors_writer_add (writer, "classes", psp_prediction_get_top_classes (prediction),
                              PSP_DTYPE_F32);
  psp_safetensors_writer_add (writer, "probabilities",
                              psp_prediction_get_top_probabilities (prediction), PSP_DTYPE_F16);
  return psp_safetensors_writer_write (writer, path, NULL, error);
}

/* (transfer full): @labels with the offset added; 16-bit where 8 bits cannot hold the ids. */
static PspMask *
shift_labels (const Prediction  *self,
              PspMask           *labels,
              GError           **error)
{
  const PspModelFacts *facts = psp_model_get_facts (psp_predictor_get_model (self->predictor));
  int offset = self->id_offset;
  PspMask *shifted;

  if (offset < 0)
    offset = psp_protocol_id_offset (psp_run_arguments_get_options (self->run)->protocol, facts);
  if (offset == 0)
    return psp_mask_ref (labels);

  shifted = psp_mask_new (labels->size, facts->n_classes + offset > 255 ? 16 : 8, error);
  for (gsize i = 0; shifted != NULL && i < (gsize) labels->size.width * labels->size.height; i++)
    shifted->pixels[i] = labels->pixels[i] + offset;
  return shifted;
}

static gboolean
predict_item (Prediction            *self,
              const PspDatasetItem  *item,
              GError               **error)
{
  g_autoptr(PspTerminalProgress) progress = psp_terminal_progress_new (item->stem);
  g_autoptr(PspImage) image = psp_image_load (item->image_path, error);
  g_autoptr(PspPrediction) prediction = NULL;
  g_autoptr(PspMask) labels = NULL;
  PspRunOptions options = *psp_run_arguments_get_options (self->run);

  if (image == NULL)
    return FALSE;
  options.n_top = self->probabilities ? PSP_PREDICTION_TOP : 0;
  prediction = psp_predictor_predict (self->predictor, image, &options, FALSE,
                                      psp_terminal_progress_get (progress), self->cancellable,
                                      error);
  if (prediction == NULL)
    {
      g_prefix_error (error, "%s: ", item->image_path);
      return FALSE;
    }
  labels = shift_labels (self, psp_prediction_get_labels (prediction), error);
  return labels != NULL &&
         psp_label_output_save (self->folder, item->stem, labels, error) &&
         (!self->probabilities ||
          write_probabilities (self, item->stem, prediction, error)) &&
         (self->taps == NULL || write_taps (self, image, error));
}

/* Names the photos that were left out; each is a failed input. */
static PspExit
report_problems (const PspDataset *dataset)
{
  const char * const *problems = psp_dataset_get_image_problems (dataset);

  for (int i = 0; problems[i] != NULL; i++)
    psp_command_warn ("%s", problems[i]);
  return problems[0] != NULL ? PSP_EXIT_FAILED : PSP_EXIT_DONE;
}

static PspExit
open_input (Prediction *self,
            const char *input)
{
  const char *paths[] = { input, NULL };
  g_autoptr(GError) error = NULL;
  PspDataset *dataset = psp_dataset_open_without (paths, self->folder, self->cancellable,
                                                  &error);

  if (dataset == NULL)
    return psp_command_fail (error);
  g_ptr_array_add (self->datasets, dataset);
  return report_problems (dataset);
}

/* Whether what is written for @item takes the place of nothing else. */
static gboolean
claim_item (Prediction            *self,
            const PspDatasetItem  *item,
            GError               **error)
{
  g_autofree char *probabilities = probabilities_path (self, item->stem);

  if (!g_hash_table_add (self->stems, (char *) item->stem))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                   "%s: another input has the name “%s” too, and only one %s.png can be written",
                   item->image_path, item->stem, item->stem);
      return FALSE;
    }
  return psp_label_output_claim (self->outputs, self->folder, item->stem, error) &&
         (!self->probabilities ||
          psp_outputs_claim (self->outputs, probabilities, is_probabilities_file, error));
}

static PspExit
claim_items (Prediction       *self,
             const PspDataset *dataset)
{
  PspExit status = PSP_EXIT_DONE;

  for (gsize i = 0; i < psp_dataset_get_n_items (dataset); i++)
    {
      const PspDatasetItem *item = &psp_dataset_get_items (dataset)[i];
      g_autoptr(GError) error = NULL;

      if (claim_item (self, item, &error))
        g_ptr_array_add (self->items, (gpointer) item);
      else
        status = psp_command_worse (status, psp_command_fail (error));
    }
  return status;
}

static void
protect_inputs (Prediction *self)
{
  psp_run_arguments_protect (self->run, psp_predictor_get_model (self->predictor), self->outputs);
  for (guint i = 0; i < self->datasets->len; i++)
    psp_label_output_protect (self->outputs, g_ptr_array_index (self->datasets, i));
}

/* Opens all inputs before anything is written: an output may take the place of a later one. */
static PspExit
open_inputs (Prediction *self,
             GStrv       inputs)
{
  PspExit status = PSP_EXIT_DONE;

  self->datasets = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_dataset_unref);
  self->outputs = psp_outputs_new ();
  self->stems = g_hash_table_new (g_str_hash, g_str_equal);
  self->items = g_ptr_array_new ();
  for (int i = 0; inputs[i] != NULL && !g_cancellable_is_cancelled (self->cancellable); i++)
    status = psp_command_worse (status, open_input (self, inputs[i]));
  return status;
}

/* Finds out what can be written.  With @error set nothing must be; a photo whose label cannot is
 * named, and makes @status worse. */
static gboolean
claim_outputs (Prediction  *self,
               PspExit     *status,
               GError     **error)
{
  protect_inputs (self);
  for (guint i = 0; i < self->datasets->len; i++)
    if (!psp_label_output_check_folder (self->folder, g_ptr_array_index (self->datasets, i),
                                        error))
      return FALSE;
  for (guint i = 0; i < self->datasets->len; i++)
    *status = psp_command_worse (*status, claim_items (self,
                                                       g_ptr_array_index (self->datasets, i)));
  return self->taps == NULL ||
         psp_outputs_claim (self->outputs, self->taps, is_taps_file, error);
}

static PspExit
predict_items (Prediction *self)
{
  PspExit status = PSP_EXIT_DONE;

  for (guint i = 0; i < self->items->len && status != PSP_EXIT_DEVICE &&
                    !g_cancellable_is_cancelled (self->cancellable); i++)
    {
      g_autoptr(GError) error = NULL;

      if (!predict_item (self, g_ptr_array_index (self->items, i), &error))
        status = psp_command_worse (status, psp_command_fail (error));
    }
  return status;
}

static PspExit
check_arguments (const Prediction *self,
                 GStrv             inputs)
{
  if (self->model == NULL)
    return psp_command_misuse ("predict", "-m MODEL is missing");
  if (self->folder == NULL)
    return psp_command_misuse ("predict", "-o FOLDER is missing");
  if (inputs[0] == NULL)
    return psp_command_misuse ("predict", "no photo is named");
  if (self->taps != NULL &&
      (inputs[1] != NULL || g_file_test (inputs[0], G_FILE_TEST_IS_DIR)))
    return psp_command_misuse ("predict", "--taps takes exactly one photo");
  return PSP_EXIT_DONE;
}

PspExit
psp_command_predict (GStrv arguments)
{
  g_autoptr(PspInterrupt) interrupt = psp_interrupt_new ();
  g_auto(GStrv) rest = arguments;
  g_auto(Prediction) self = { .run = psp_run_arguments_new (PSP_RUN_PHOTOS), .id_offset = -1 };
  g_autofree char *id_offset = NULL;
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &self.model,
      "The checkpoint; of two files either, or both with a comma between them", "FILE" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &self.folder, "Where to write", "FOLDER" },
    { "probabilities", 0, 0, G_OPTION_ARG_NONE, &self.probabilities,
      "Write the five most probable classes of every pixel too", NULL },
    { "id-offset", 0, 0, G_OPTION_ARG_STRING, &id_offset,
      "Added to class ids in the PNGs (default: 0; 1 for the protocol caffe with 150 classes, "
      "whose PNGs count from 1)", "N" },
    { "taps", 0, 0, G_OPTION_ARG_FILENAME, &self.taps,
      "Write the activations of one photo", "FILE" },
    { NULL }
  };
  g_autoptr(GError) error = NULL;
  PspExit status;

  if (!psp_command_parse (&rest, "predict", "INPUT…", description, entries,
                          psp_run_arguments_get_entries (self.run), &error) ||
      !psp_run_arguments_check (self.run, &error) ||
      !psp_label_output_parse_offset (id_offset, &self.id_offset, &error))
    return psp_command_misuse ("predict", "%s", error->message);
  status = check_arguments (&self, rest + 1);
  if (status != PSP_EXIT_DONE)
    return status;

  self.cancellable = psp_interrupt_get_cancellable (interrupt);
  self.predictor = psp_run_arguments_open_predictor (self.run, self.model, self.cancellable,
                                                     &error);
  if (self.predictor == NULL)
    return psp_command_fail (error);
  status = open_inputs (&self, rest + 1);
  if (!claim_outputs (&self, &status, &error) ||
      !psp_file_make_folder (self.folder, &error))
    return psp_command_fail (error);
  return psp_command_worse (status, predict_items (&self));
}
