/* SPDX-License-Identifier: MIT */
#include "app/psp-command.h"

#include "app/psp-interrupt.h"
#include "app/psp-label-output.h"
#include "app/psp-run-arguments.h"
#include "app/psp-terminal-progress.h"
#include "engine/analysis/psp-report.h"
#include "engine/dataset/psp-dataset.h"
#include "engine/dataset/psp-taxonomy-file.h"
#include "engine/formats/psp-file.h"
#include "engine/formats/psp-image-file.h"

static const char description[] =
  "Judges a network, or the label PNGs of --predictions, on a dataset with labels.  Writes "
  "metrics.json, report.csv, report.html and results.txt, and with -m each prediction as STEM.png, "
  "with the class ids of the dataset whatever the protocol.  Classes are called as the dataset "
  "calls them; --names counts where it has no names.";

/* What the command line asks for, and what is open. */
typedef struct
{
  char            *model;
  char            *predictions;
  char            *dataset_path;
  char            *folder;
  char            *id_offset_text;
  int              id_offset;
  PspRunArguments *run;
  GCancellable    *cancellable; /* of the interrupt */
  PspPredictor    *predictor;   /* with a model */
  PspDataset      *dataset;
  PspTaxonomy     *taxonomy;
  PspEvaluation   *evaluation;
  PspOutputs      *outputs;
} Evaluation;

static void
clear_evaluation (Evaluation *self)
{
  g_free (self->model);
  g_free (self->predictions);
  g_free (self->dataset_path);
  g_free (self->folder);
  g_free (self->id_offset_text);
  g_clear_pointer (&self->run, psp_run_arguments_free);
  g_clear_pointer (&self->predictor, psp_predictor_unref);
  g_clear_pointer (&self->dataset, psp_dataset_unref);
  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);
  g_clear_pointer (&self->evaluation, psp_evaluation_unref);
  g_clear_pointer (&self->outputs, psp_outputs_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Evaluation, clear_evaluation)

/* Runs the network on a photo and writes its labels. */
static PspMask *
run_network (Evaluation            *self,
             const PspDatasetItem  *item,
             GError               **error)
{
  g_autoptr(PspTerminalProgress) progress = psp_terminal_progress_new (item->stem);
  g_autoptr(PspImage) image = psp_label_output_claim (self->outputs, self->folder, item->stem,
                                                      error)
                              ? psp_image_load (item->image_path, error) : NULL;
  g_autoptr(PspPrediction) prediction = NULL;

  if (image == NULL)
    return NULL;
  prediction = psp_predictor_predict (self->predictor, image,
                                      psp_run_arguments_get_options (self->run), FALSE,
                                      psp_terminal_progress_get (progress), self->cancellable,
                                      error);
  if (prediction == NULL)
    {
      g_prefix_error (error, "%s: ", item->image_path);
      return NULL;
    }
  if (!psp_label_output_save (self->folder, item->stem, psp_prediction_get_labels (prediction),
                              error))
    return NULL;
  return psp_mask_ref (psp_prediction_get_labels (prediction));
}

/* The dataset's ids, from PNGs that count from --id-offset. */
static PspMask *
load_prediction (const Evaluation  *self,
                 const char        *stem,
                 GError           **error)
{
  g_autofree char *path = psp_label_output_path (self->predictions != NULL ? self->predictions
                                                                           : self->folder, stem);
  g_autoptr(PspMask) mask = psp_mask_load (path, error);
  guint16 ignore;

  if (mask == NULL || self->predictions == NULL)
    return g_steal_pointer (&mask);

  ignore = psp_mask_get_ignore (mask);
  for (gsize i = 0; i < (gsize) mask->size.width * mask->size.height; i++)
    if (mask->pixels[i] != ignore)
      mask->pixels[i] = mask->pixels[i] >= self->id_offset ? mask->pixels[i] - self->id_offset
                                                           : ignore;
  return g_steal_pointer (&mask);
}

static gboolean
evaluate_item (Evaluation            *self,
               const PspDatasetItem  *item,
               GError               **error)
{
  g_autoptr(PspMask) truth = NULL;
  g_autoptr(PspMask) prediction = NULL;

  if (item->label_path == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND,
                   "%s: there is no label for this image", item->image_path);
      return FALSE;
    }
  truth = psp_mask_load (item->label_path, error);
  if (truth == NULL)
    return FALSE;

  prediction = self->predictor != NULL ? run_network (self, item, error)
                                       : load_prediction (self, item->stem, error);
  if (prediction == NULL)
    return FALSE;
  if (psp_evaluation_add (self->evaluation, item->stem, truth, prediction, error))
    return TRUE;
  g_prefix_error (error, "%s: ", item->label_path);
  return FALSE;
}

/* Names a label whose ids go beyond the classes: these pixels count nowhere. */
static PspExit
check_label (const Evaluation     *self,
             const PspDatasetItem *item)
{
  g_autoptr(PspEvaluatedImage) image = psp_evaluation_get_image (self->evaluation, item->stem);

  if (image->truth_outside == 0)
    return PSP_EXIT_DONE;
  psp_command_warn ("%s: pixels with an id that is no class, and that are not counted: "
                    "%" G_GUINT64_FORMAT ", the smallest id %d of %d classes", item->label_path,
                    image->truth_outside, image->first_truth_outside,
                    psp_taxonomy_get_n_classes (self->taxonomy));
  return PSP_EXIT_FAILED;
}

/* Names a failed image, unless the dataset's problems did so already. */
static PspExit
report_failure (const Evaluation *self,
                const GError     *failure)
{
  if (g_strv_contains (psp_dataset_get_problems (self->dataset), failure->message))
    return PSP_EXIT_FAILED;
  return psp_command_fail (failure);
}

static PspExit
evaluate_items (Evaluation *self)
{
  PspExit status = PSP_EXIT_DONE;

  for (gsize i = 0; i < psp_dataset_get_n_items (self->dataset) && status != PSP_EXIT_DEVICE &&
                    !g_cancellable_is_cancelled (self->cancellable); i++)
    {
      const PspDatasetItem *item = &psp_dataset_get_items (self->dataset)[i];
      g_autoptr(GError) error = NULL;

      if (evaluate_item (self, item, &error))
        {
          status = psp_command_worse (status, check_label (self, item));
          continue;
        }
      psp_evaluation_add_failure (self->evaluation, item->stem, error->message);
      status = psp_command_worse (status, report_failure (self, error));
    }
  return status;
}

/* Names what is to be said of the dataset's layout; faults of it count as a failed input. */
static PspExit
report_problems (Evaluation *self)
{
  const char * const *problems = psp_dataset_get_problems (self->dataset);

  for (int i = 0; problems[i] != NULL; i++)
    {
      psp_evaluation_add_problem (self->evaluation, problems[i]);
      psp_command_warn ("%s", problems[i]);
    }
  return psp_dataset_is_sound (self->dataset) ? PSP_EXIT_DONE : PSP_EXIT_FAILED;
}

/* The classes of --names where no model has looked at them. */
static gboolean
find_names (Evaluation  *self,
            GError     **error)
{
  const char *names = psp_run_arguments_get_model_options (self->run)->names;

  if (names == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND,
                   "%s: the classes are not known; put their names into names.txt, one a line, or "
                   "give them with --names", self->dataset_path);
      return FALSE;
    }
  self->taxonomy = psp_taxonomy_load_any (names, error);
  return self->taxonomy != NULL;
}

/* The dataset's classes, else those of --names or of the model, else as many numbers as the model
 * has classes. */
static gboolean
choose_taxonomy (Evaluation  *self,
                 GError     **error)
{
  PspTaxonomy *taxonomy = psp_dataset_get_taxonomy (self->dataset);
  PspModel *model = self->predictor != NULL ? psp_predictor_get_model (self->predictor) : NULL;
  int n_classes = model != NULL ? psp_model_get_facts (model)->n_classes : 0;

  if (taxonomy == NULL && model != NULL)
    taxonomy = psp_model_get_taxonomy (model);
  if (taxonomy != NULL)
    self->taxonomy = psp_taxonomy_ref (taxonomy);
  else if (model != NULL)
    self->taxonomy = psp_taxonomy_new_numbered (n_classes);
  else if (!find_names (self, error))
    return FALSE;

  if (model == NULL || psp_taxonomy_get_n_classes (self->taxonomy) == n_classes)
    return TRUE;
  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
               "%s: the model has %d classes, but %s names %d", self->model, n_classes,
               self->dataset_path, psp_taxonomy_get_n_classes (self->taxonomy));
  return FALSE;
}

static void
load_pictures (const char        *stem,
               PspReportPictures *pictures,
               gpointer           data)
{
  Evaluation *self = data;
  const PspDatasetItem *item = psp_dataset_find (self->dataset, stem);

  if (item == NULL)
    return;
  pictures->photo = psp_image_load (item->image_path, NULL);
  pictures->truth = item->label_path != NULL ? psp_mask_load (item->label_path, NULL) : NULL;
  pictures->prediction = load_prediction (self, stem, NULL);
}

static gboolean
write_report (Evaluation  *self,
              GError     **error)
{
  g_autoptr(PspRunner) runner = self->predictor != NULL
                                ? psp_predictor_ref_runner (self->predictor, NULL) : NULL;
  g_autofree char *protocol = psp_run_arguments_describe (self->run, runner);
  const char *model = self->predictor != NULL ? self->model : self->predictions;
  g_autofree char *model_name = g_path_get_basename (model);
  PspReportParams params = {
    .dataset = psp_dataset_get_name (self->dataset),
    .model = model_name,
    .load_pictures = load_pictures,
    .load_pictures_data = self,
  };

  if (runner != NULL)
    {
      const PspBackend *backend = psp_runner_get_backend (runner);

      params.device = psp_backend_get_device_name (backend);
      params.device_id = psp_backend_get_device_id (backend);
      params.precision = psp_precision_get_name (psp_backend_get_precision (backend));
    }
  if (self->predictor != NULL)
    params.protocol = protocol;
  return psp_report_write (self->evaluation, self->folder, &params, self->cancellable, error);
}

/* The means of nothing would be numbers, but not true ones. */
static PspExit
report_nothing (const Evaluation *self)
{
  psp_command_warn ("none of the %" G_GSIZE_FORMAT " images of %s could be judged; no report was "
                    "written", psp_dataset_get_n_items (self->dataset), self->dataset_path);
  return PSP_EXIT_FAILED;
}

static void
print_summary (const Evaluation *self)
{
  g_autoptr(PspMetrics) metrics = psp_evaluation_get_metrics (self->evaluation, NULL);

  if (metrics == NULL)
    return;
  g_print ("%d images judged, %d failed\n", psp_evaluation_get_n_judged (self->evaluation),
           psp_evaluation_get_n_failed (self->evaluation));
  g_print ("mIoU/mAcc/allAcc %.4f/%.4f/%.4f\n", metrics->mean_iou, metrics->mean_accuracy,
           metrics->pixel_accuracy);
}

/* Neither labels nor reports may take the place of what is read. */
static gboolean
claim_outputs (Evaluation  *self,
               GError     **error)
{
  static const char * const names[] = {
    "metrics.json", "report.csv", "report.html", "results.txt"
  };

  if (!psp_label_output_check_folder (self->folder, self->dataset, error))
    return FALSE;
  self->outputs = psp_outputs_new ();
  psp_label_output_protect (self->outputs, self->dataset);
  psp_run_arguments_protect (self->run, self->predictor != NULL
                                        ? psp_predictor_get_model (self->predictor) : NULL,
                             self->outputs);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, names[i], NULL);

      if (!psp_outputs_claim (self->outputs, path, NULL, error))
        return FALSE;
    }
  return TRUE;
}

/* Once, not for every image. */
static gboolean
check_predictions (const Evaluation  *self,
                   GError           **error)
{
  if (self->predictions == NULL || g_file_test (self->predictions, G_FILE_TEST_IS_DIR))
    return TRUE;
  g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND, "%s: there is no such folder",
               self->predictions);
  return FALSE;
}

static gboolean
open_all (Evaluation  *self,
          GError     **error)
{
  const char *paths[] = { self->dataset_path, NULL };

  self->dataset = psp_dataset_open_without (paths, self->folder, self->cancellable, error);
  if (self->dataset == NULL || !check_predictions (self, error))
    return FALSE;
  if (self->model != NULL)
    {
      self->predictor = psp_run_arguments_open_predictor (self->run, self->model,
                                                          self->cancellable, error);
      if (self->predictor == NULL)
        return FALSE;
    }
  if (!choose_taxonomy (self, error) || !claim_outputs (self, error) ||
      !psp_file_make_folder (self->folder, error))
    return FALSE;
  self->evaluation = psp_evaluation_new (self->taxonomy, error);
  return self->evaluation != NULL;
}

static PspExit
check_arguments (const Evaluation *self,
                 GStrv             rest)
{
  const char *without_network = psp_run_arguments_find_given (self->run, "names");

  if ((self->model == NULL) == (self->predictions == NULL))
    return psp_command_misuse ("evaluate", "either -m MODEL or --predictions FOLDER is needed");
  if (self->model != NULL && self->id_offset_text != NULL)
    psp_command_warn ("--id-offset has no effect with -m, whose labels have the ids of the "
                      "dataset; it tells what --predictions hold");
  if (self->predictions != NULL && without_network != NULL)
    psp_command_warn ("--%s has no effect with --predictions, as no network runs",
                      without_network);
  if (self->dataset_path == NULL)
    return psp_command_misuse ("evaluate", "-d DATASET is missing");
  if (self->folder == NULL)
    return psp_command_misuse ("evaluate", "-o FOLDER is missing");
  if (rest[0] != NULL)
    return psp_command_misuse ("evaluate", "“%s” is one argument too many", rest[0]);
  return PSP_EXIT_DONE;
}

PspExit
psp_command_evaluate (GStrv arguments)
{
  g_autoptr(PspInterrupt) interrupt = psp_interrupt_new ();
  g_auto(GStrv) rest = arguments;
  g_auto(Evaluation) self = { .run = psp_run_arguments_new (PSP_RUN_PHOTOS) };
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &self.model,
      "The checkpoint; of two files either, or both with a comma between them", "FILE" },
    { "predictions", 0, 0, G_OPTION_ARG_FILENAME, &self.predictions,
      "Judge FOLDER/STEM.png instead of running a network", "FOLDER" },
    { "id-offset", 0, 0, G_OPTION_ARG_STRING, &self.id_offset_text,
      "What the PNGs of --predictions add to class ids (default: 0)", "N" },
    { "dataset", 'd', 0, G_OPTION_ARG_FILENAME, &self.dataset_path,
      "A folder with images/, labels/ and names.txt", "FOLDER" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &self.folder, "Where to write", "FOLDER" },
    { NULL }
  };
  g_autoptr(GError) error = NULL;
  PspExit status;

  if (!psp_command_parse (&rest, "evaluate", NULL, description, entries,
                          psp_run_arguments_get_entries (self.run), &error) ||
      !psp_run_arguments_check (self.run, &error) ||
      !psp_label_output_parse_offset (self.id_offset_text, &self.id_offset, &error))
    return psp_command_misuse ("evaluate", "%s", error->message);
  status = check_arguments (&self, rest + 1);
  if (status != PSP_EXIT_DONE)
    return status;
  self.cancellable = psp_interrupt_get_cancellable (interrupt);
  if (!open_all (&self, &error))
    return psp_command_fail (error);

  status = report_problems (&self);
  status = psp_command_worse (status, evaluate_items (&self));
  /* Numbers of a part of the dataset would pass for those of the whole. */
  if (g_cancellable_is_cancelled (self.cancellable))
    return status;
  if (psp_evaluation_get_n_judged (self.evaluation) == 0)
    return psp_command_worse (status, report_nothing (&self));
  /* First, as whoever reads the summary may stop listening, which ends the program. */
  if (!write_report (&self, &error))
    status = psp_command_worse (status, psp_command_fail (error));
  print_summary (&self);
  return status;
}
