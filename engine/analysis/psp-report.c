/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-report-private.h"

#include "engine/formats/psp-file.h"

#include <math.h>
#include <string.h>

char *
psp_report_clean_text (const char *text)
{
  return g_utf8_make_valid (text, -1);
}

void
psp_report_append_number (GString    *output,
                          const char *format,
                          double      value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (output, g_ascii_formatd (text, sizeof text, format, value));
}

/* A field of RFC 4180: quoted where it must be. */
static void
append_field (GString    *output,
              const char *text)
{
  g_autofree char *clean = psp_report_clean_text (text);

  if (strpbrk (clean, ",\"\r\n") == NULL)
    {
      g_string_append (output, clean);
      return;
    }

  g_string_append_c (output, '"');
  for (const char *next = clean; *next != '\0'; next++)
    {
      if (*next == '"')
        g_string_append_c (output, '"');
      g_string_append_c (output, *next);
    }
  g_string_append_c (output, '"');
}

/* A comma and the value; nothing after it where the value is not known. */
static void
append_measure (GString  *output,
                double    value,
                gboolean  known)
{
  g_string_append_c (output, ',');
  if (known && !isnan (value))
    psp_report_append_number (output, "%.6f", value);
}

static void
append_counts (GString               *output,
               const PspClassMetrics *counts)
{
  g_string_append_printf (output,
                          ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT
                          ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT,
                          counts->truth_pixels, counts->predicted_pixels, counts->true_positives,
                          counts->false_positives, counts->false_negatives);
}

static PspClassMetrics
sum_counts (const PspMetrics *metrics)
{
  PspClassMetrics sum = { 0 };

  for (int i = 0; i < metrics->n_classes; i++)
    {
      sum.truth_pixels += metrics->classes[i].truth_pixels;
      sum.predicted_pixels += metrics->classes[i].predicted_pixels;
      sum.true_positives += metrics->classes[i].true_positives;
      sum.false_positives += metrics->classes[i].false_positives;
      sum.false_negatives += metrics->classes[i].false_negatives;
    }
  return sum;
}

/* A line about all classes: a mean of the column “iou” or of the column “accuracy”. */
static void
append_mean (GString    *output,
             const char *name,
             double      iou,
             double      accuracy,
             int         n_images)
{
  g_string_append_printf (output, ",%s,,,,,", name);
  append_measure (output, iou, TRUE);
  append_measure (output, accuracy, TRUE);
  g_string_append_printf (output, ",,,%d\n", n_images);
}

char *
psp_report_make_csv (const PspReportFacts *facts)
{
  const PspMetrics *metrics = facts->metrics;
  PspClassMetrics sum = sum_counts (metrics);
  GString *output = g_string_new ("id,name,gt_pixels,pred_pixels,tp,fp,fn,"
                                  "iou,accuracy,precision,dice,n_images\n");

  for (int id = 0; id < metrics->n_classes; id++)
    {
      const PspClassMetrics *class = &metrics->classes[id];

      g_string_append_printf (output, "%d,", id);
      append_field (output, psp_taxonomy_get_class_name (facts->taxonomy, id));
      append_counts (output, class);
      append_measure (output, class->iou, class->present);
      append_measure (output, class->accuracy, class->truth_pixels > 0);
      append_measure (output, class->precision, class->predicted_pixels > 0);
      append_measure (output, class->dice, class->present);
      g_string_append_printf (output, ",%d\n", psp_evaluation_count_images (facts->evaluation, id));
    }

  append_mean (output, "mIoU", metrics->mean_iou, (double) NAN, facts->n_judged);
  append_mean (output, "mAcc", (double) NAN, metrics->mean_accuracy, facts->n_judged);
  g_string_append (output, ",allAcc");
  append_counts (output, &sum);
  append_measure (output, 0, FALSE);
  append_measure (output, metrics->pixel_accuracy, TRUE);
  g_string_append_printf (output, ",,,%d\n", facts->n_judged);
  append_mean (output, "mIoU_present", metrics->mean_iou_present, (double) NAN, facts->n_judged);
  append_mean (output, "mAcc_present", (double) NAN, metrics->mean_accuracy_present,
               facts->n_judged);
  return g_string_free (output, FALSE);
}

/* The text of mseg-semantic's evaluation, which its collector splits at slashes. */
char *
psp_report_make_results (const PspReportFacts *facts)
{
  const PspMetrics *metrics = facts->metrics;
  GString *output = g_string_new ("Eval result: mIoU/mAcc/allAcc ");

  psp_report_append_number (output, "%.4f", metrics->mean_iou);
  g_string_append_c (output, '/');
  psp_report_append_number (output, "%.4f", metrics->mean_accuracy);
  g_string_append_c (output, '/');
  psp_report_append_number (output, "%.4f", metrics->pixel_accuracy);
  g_string_append (output, ".\n");

  for (int id = 0; id < metrics->n_classes; id++)
    {
      const char *name = psp_taxonomy_get_class_name (facts->taxonomy, id);
      g_autofree char *clean = psp_report_clean_text (name);

      g_string_append_printf (output, "Class_%02d result: iou/accuracy ", id);
      psp_report_append_number (output, "%.4f", metrics->classes[id].iou);
      g_string_append_c (output, '/');
      psp_report_append_number (output, "%.4f", metrics->classes[id].accuracy);
      g_string_append_printf (output, ", name: %s.\n", clean);
    }
  return g_string_free (output, FALSE);
}

static void
clear_facts (PspReportFacts *facts)
{
  g_clear_pointer (&facts->confusion, psp_confusion_free);
  g_clear_pointer (&facts->metrics, psp_metrics_free);
  g_clear_pointer (&facts->images, g_ptr_array_unref);
  g_clear_pointer (&facts->problems, g_strfreev);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PspReportFacts, clear_facts)

static gboolean
gather_facts (PspReportFacts  *facts,
              GError         **error)
{
  facts->confusion = psp_evaluation_get_confusion (facts->evaluation, error);
  if (facts->confusion == NULL)
    return FALSE;

  facts->taxonomy = psp_evaluation_get_taxonomy (facts->evaluation);
  facts->metrics = psp_metrics_new (facts->confusion);
  facts->images = psp_evaluation_list_images (facts->evaluation);
  facts->problems = psp_evaluation_list_problems (facts->evaluation);
  facts->n_judged = psp_evaluation_get_n_judged (facts->evaluation);
  facts->n_failed = psp_evaluation_get_n_failed (facts->evaluation);
  return TRUE;
}

static gboolean
write_text (const char    *folder,
            const char    *name,
            const char    *text,
            GCancellable  *cancellable,
            GError       **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return !g_cancellable_set_error_if_cancelled (cancellable, error) &&
         psp_file_replace (path, text, strlen (text), error);
}

gboolean
psp_report_write (PspEvaluation          *evaluation,
                  const char             *folder,
                  const PspReportParams  *params,
                  GCancellable           *cancellable,
                  GError                **error)
{
  static const PspReportParams defaults = { 0 };
  g_auto(PspReportFacts) facts = {
    .params = params != NULL ? params : &defaults,
    .evaluation = evaluation,
  };
  g_autofree char *json = NULL;
  g_autofree char *csv = NULL;
  g_autofree char *results = NULL;
  g_autofree char *html = NULL;

  if (!gather_facts (&facts, error))
    return FALSE;
  html = psp_report_make_html (&facts, cancellable, error);
  if (html == NULL)
    return FALSE;
  json = psp_report_make_json (&facts);
  csv = psp_report_make_csv (&facts);
  results = psp_report_make_results (&facts);

  return psp_file_make_folder (folder, error) &&
         write_text (folder, "metrics.json", json, cancellable, error) &&
         write_text (folder, "report.csv", csv, cancellable, error) &&
         write_text (folder, "results.txt", results, cancellable, error) &&
         write_text (folder, "report.html", html, cancellable, error);
}
