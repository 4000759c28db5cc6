/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-report-private.h"

#include <json-glib/json-glib.h>
#include <math.h>

static void
add_number (JsonBuilder *builder,
            const char  *name,
            double       value)
{
  json_builder_set_member_name (builder, name);
  if (isnan (value))
    json_builder_add_null_value (builder);
  else
    json_builder_add_double_value (builder, value);
}

/* null unless it is @known. */
static void
add_measure (JsonBuilder *builder,
             const char  *name,
             double       value,
             gboolean     known)
{
  add_number (builder, name, known ? value : (double) NAN);
}

static void
add_count (JsonBuilder *builder,
           const char  *name,
           guint64      value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_text (JsonBuilder *builder,
          const char  *name,
          const char  *text)
{
  json_builder_set_member_name (builder, name);
  if (text == NULL)
    {
      json_builder_add_null_value (builder);
    }
  else
    {
      g_autofree char *clean = psp_report_clean_text (text);

      json_builder_add_string_value (builder, clean);
    }
}

static void
add_confusion (JsonBuilder        *builder,
               const PspConfusion *confusion)
{
  int n_classes = psp_confusion_get_n_classes (confusion);

  json_builder_set_member_name (builder, "confusion");
  json_builder_begin_array (builder);
  for (int truth = 0; truth < n_classes; truth++)
    {
      json_builder_begin_array (builder);
      for (int prediction = 0; prediction < n_classes; prediction++)
        json_builder_add_int_value (builder, psp_confusion_get (confusion, truth, prediction));
      json_builder_end_array (builder);
    }
  json_builder_end_array (builder);
}

/* The keys of the reference protocol. */
static void
add_reference_metrics (JsonBuilder      *builder,
                       const PspMetrics *metrics)
{
  json_builder_set_member_name (builder, "iou");
  json_builder_begin_array (builder);
  for (int i = 0; i < metrics->n_classes; i++)
    json_builder_add_double_value (builder, metrics->classes[i].iou);
  json_builder_end_array (builder);

  json_builder_set_member_name (builder, "accuracy");
  json_builder_begin_array (builder);
  for (int i = 0; i < metrics->n_classes; i++)
    json_builder_add_double_value (builder, metrics->classes[i].accuracy);
  json_builder_end_array (builder);

  add_number (builder, "mIoU", metrics->mean_iou);
  add_number (builder, "mAcc", metrics->mean_accuracy);
  add_number (builder, "allAcc", metrics->pixel_accuracy);
}

static void
add_outside (JsonBuilder        *builder,
             const PspConfusion *confusion)
{
  int n_classes = psp_confusion_get_n_classes (confusion);

  json_builder_set_member_name (builder, "prediction_outside");
  json_builder_begin_array (builder);
  for (int truth = 0; truth < n_classes; truth++)
    json_builder_add_int_value (builder, psp_confusion_get_prediction_outside (confusion, truth));
  json_builder_end_array (builder);
  add_count (builder, "truth_outside", psp_confusion_get_truth_outside (confusion));
}

static void
add_policy (JsonBuilder          *builder,
            const PspReportFacts *facts)
{
  json_builder_set_member_name (builder, "policy");
  json_builder_begin_object (builder);
  add_text (builder, "taxonomy", psp_taxonomy_get_name (facts->taxonomy));
  add_text (builder, "ignored", PSP_REPORT_IGNORED);
  add_text (builder, "absent_classes", PSP_REPORT_ABSENT);
  add_text (builder, "mapping", facts->params->mapping);
  add_text (builder, "dataset", facts->params->dataset);
  add_text (builder, "model", facts->params->model);
  add_text (builder, "device", facts->params->device);
  add_text (builder, "device_id", facts->params->device_id);
  add_text (builder, "precision", facts->params->precision);
  add_text (builder, "protocol", facts->params->protocol);
  json_builder_end_object (builder);
}

static void
add_class (JsonBuilder          *builder,
           const PspReportFacts *facts,
           int                   id)
{
  const PspClassMetrics *class = &facts->metrics->classes[id];

  json_builder_begin_object (builder);
  add_count (builder, "id", id);
  add_text (builder, "name", psp_taxonomy_get_class_name (facts->taxonomy, id));
  add_count (builder, "gt_pixels", class->truth_pixels);
  add_count (builder, "pred_pixels", class->predicted_pixels);
  add_count (builder, "tp", class->true_positives);
  add_count (builder, "fp", class->false_positives);
  add_count (builder, "fn", class->false_negatives);
  add_measure (builder, "iou", class->iou, class->present);
  add_measure (builder, "accuracy", class->accuracy, class->truth_pixels > 0);
  add_measure (builder, "precision", class->precision, class->predicted_pixels > 0);
  add_measure (builder, "dice", class->dice, class->present);
  add_count (builder, "n_images", psp_evaluation_count_images (facts->evaluation, id));
  json_builder_end_object (builder);
}

static void
add_image (JsonBuilder             *builder,
           const PspEvaluatedImage *image)
{
  json_builder_begin_object (builder);
  add_text (builder, "stem", image->stem);
  add_text (builder, "error", image->error);
  add_count (builder, "labelled_pixels", image->labelled_pixels);
  add_count (builder, "correct_pixels", image->correct_pixels);
  add_number (builder, "mIoU_present", image->mean_iou);
  add_number (builder, "allAcc", image->pixel_accuracy);
  json_builder_end_object (builder);
}

static void
add_lists (JsonBuilder          *builder,
           const PspReportFacts *facts)
{
  json_builder_set_member_name (builder, "classes");
  json_builder_begin_array (builder);
  for (int id = 0; id < facts->metrics->n_classes; id++)
    add_class (builder, facts, id);
  json_builder_end_array (builder);

  json_builder_set_member_name (builder, "images");
  json_builder_begin_array (builder);
  for (guint i = 0; i < facts->images->len; i++)
    add_image (builder, facts->images->pdata[i]);
  json_builder_end_array (builder);

  json_builder_set_member_name (builder, "problems");
  json_builder_begin_array (builder);
  for (int i = 0; facts->problems[i] != NULL; i++)
    {
      g_autofree char *clean = psp_report_clean_text (facts->problems[i]);

      json_builder_add_string_value (builder, clean);
    }
  json_builder_end_array (builder);
}

char *
psp_report_make_json (const PspReportFacts *facts)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonGenerator) generator = json_generator_new ();
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  add_confusion (builder, facts->confusion);
  add_reference_metrics (builder, facts->metrics);
  add_number (builder, "mIoU_present", facts->metrics->mean_iou_present);
  add_number (builder, "mAcc_present", facts->metrics->mean_accuracy_present);
  add_outside (builder, facts->confusion);
  add_policy (builder, facts);
  add_lists (builder, facts);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  json_generator_set_indent (generator, 1);
  text = json_generator_to_data (generator, NULL);
  return g_strconcat (text, "\n", NULL);
}
