/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-report-html-private.h"

#include <math.h>

#define N_PAIRS       25
#define N_PAIR_IMAGES 3

void
psp_report_html_append_text (GString    *page,
                             const char *text)
{
  g_autofree char *clean = psp_report_clean_text (text);
  g_autofree char *escaped = g_markup_escape_text (clean, -1);

  g_string_append (page, escaped);
}

void
psp_report_html_append_percent (GString *page,
                                double   share)
{
  if (isnan (share))
    {
      g_string_append (page, "n/a");
      return;
    }

  psp_report_append_number (page, "%.1f", 100 * share);
  g_string_append (page, " %");
}

void
psp_report_html_append_class (GString           *page,
                              const PspTaxonomy *taxonomy,
                              int                id)
{
  g_string_append_printf (page, "<i style=\"background:#%06x\"></i>",
                          psp_taxonomy_get_class_color (taxonomy, id));
  psp_report_html_append_text (page, psp_taxonomy_get_class_name (taxonomy, id));
}

static void
append_tile (GString    *page,
             const char *name,
             double      share)
{
  g_string_append (page, "<div><b>");
  psp_report_html_append_percent (page, share);
  g_string_append_printf (page, "</b>%s</div>", name);
}

static void
append_count_tile (GString    *page,
                   const char *name,
                   int         count)
{
  g_string_append_printf (page, "<div><b>%d</b>%s</div>", count, name);
}

/* A line of the policy, left out where nothing is known. */
static void
append_fact (GString    *page,
             const char *name,
             const char *value)
{
  if (value == NULL)
    return;

  g_string_append_printf (page, "<dt>%s</dt><dd>", name);
  psp_report_html_append_text (page, value);
  g_string_append (page, "</dd>\n");
}

void
psp_report_html_append_summary (GString              *page,
                                const PspReportFacts *facts)
{
  const PspMetrics *metrics = facts->metrics;
  g_autofree char *taxonomy = g_strdup_printf ("%s, %d classes, %d of them present",
                                               psp_taxonomy_get_name (facts->taxonomy),
                                               metrics->n_classes, metrics->n_present);

  g_string_append (page, "<section class=\"tiles\">");
  append_tile (page, "mIoU", metrics->mean_iou);
  append_tile (page, "mAcc", metrics->mean_accuracy);
  append_tile (page, "pixel accuracy", metrics->pixel_accuracy);
  append_tile (page, "mIoU, present classes", metrics->mean_iou_present);
  append_count_tile (page, facts->n_judged == 1 ? "image judged" : "images judged",
                     facts->n_judged);
  if (facts->n_failed > 0)
    append_count_tile (page, "could not be judged", facts->n_failed);
  g_string_append (page, "</section>\n<section><dl>\n");

  append_fact (page, "Dataset", facts->params->dataset);
  append_fact (page, "Model", facts->params->model);
  append_fact (page, "Device", facts->params->device);
  append_fact (page, "Precision", facts->params->precision);
  append_fact (page, "Protocol", facts->params->protocol);
  append_fact (page, "Taxonomy", taxonomy);
  append_fact (page, "Mapping of ids",
               facts->params->mapping != NULL ? facts->params->mapping : "none");
  append_fact (page, "Ignored label", PSP_REPORT_IGNORED);
  append_fact (page, "Classes without a pixel", PSP_REPORT_ABSENT);
  append_fact (page, "Predictions of no class", "count as misses of the true class");
  g_string_append (page, "</dl></section>\n");
}

/* Classes with pixels first, highest IoU first, then by id. */
static int
compare_classes (gconstpointer a,
                 gconstpointer b,
                 gpointer      data)
{
  const PspMetrics *metrics = data;
  int first_id = *(const int *) a;
  int second_id = *(const int *) b;
  const PspClassMetrics *first = &metrics->classes[first_id];
  const PspClassMetrics *second = &metrics->classes[second_id];

  if (first->present != second->present)
    return second->present - first->present;
  if (first->iou > second->iou || first->iou < second->iou)
    return first->iou > second->iou ? -1 : 1;
  return first_id - second_id;
}

static void
append_cell (GString  *page,
             double    share,
             gboolean  known)
{
  g_string_append (page, "<td>");
  psp_report_html_append_percent (page, known ? share : (double) NAN);
  g_string_append (page, "</td>");
}

static void
append_class_row (GString              *page,
                  const PspReportFacts *facts,
                  int                   id)
{
  const PspClassMetrics *class = &facts->metrics->classes[id];

  g_string_append (page, "<tr><th>");
  psp_report_html_append_class (page, facts->taxonomy, id);
  g_string_append (page, "</th><td class=\"bar\"><span style=\"width:");
  psp_report_append_number (page, "%.2f", 100 * class->iou);
  g_string_append (page, "%\"></span></td>");

  append_cell (page, class->iou, class->present);
  append_cell (page, class->accuracy, class->truth_pixels > 0);
  append_cell (page, class->precision, class->predicted_pixels > 0);
  append_cell (page, class->dice, class->present);
  g_string_append_printf (page, "<td>%" G_GUINT64_FORMAT "</td><td>%" G_GUINT64_FORMAT "</td>"
                          "<td>%d</td></tr>\n", class->truth_pixels, class->predicted_pixels,
                          psp_evaluation_count_images (facts->evaluation, id));
}

void
psp_report_html_append_classes (GString              *page,
                                const PspReportFacts *facts)
{
  g_autoptr(GArray) order = g_array_new (FALSE, FALSE, sizeof (int));

  for (int id = 0; id < facts->metrics->n_classes; id++)
    g_array_append_val (order, id);
  g_array_sort_with_data (order, compare_classes, facts->metrics);

  g_string_append (page, "<section><h2>Classes</h2>\n<table class=\"list\"><tr><th>Class</th>"
                   "<th></th><th>IoU</th><th>Accuracy</th><th>Precision</th><th>Dice</th>"
                   "<th>True pixels</th><th>Predicted pixels</th><th>Images</th></tr>\n");
  for (guint i = 0; i < order->len; i++)
    append_class_row (page, facts, g_array_index (order, int, i));
  g_string_append (page, "</table></section>\n");
}

static void
append_pair_row (GString               *page,
                 const PspReportFacts  *facts,
                 const PspConfusedPair *pair)
{
  g_autoptr(GPtrArray) images = psp_evaluation_list_cell (facts->evaluation, pair->truth,
                                                          pair->prediction, N_PAIR_IMAGES);

  g_string_append (page, "<tr><th>");
  psp_report_html_append_class (page, facts->taxonomy, pair->truth);
  g_string_append (page, "</th><th>");
  psp_report_html_append_class (page, facts->taxonomy, pair->prediction);
  g_string_append_printf (page, "</th><td>%" G_GUINT64_FORMAT "</td><td>", pair->n_pixels);
  psp_report_html_append_percent (page, pair->share);
  g_string_append (page, "</td><td class=\"text\">");
  for (guint i = 0; i < images->len; i++)
    {
      const PspImageShare *share = images->pdata[i];

      g_string_append (page, i > 0 ? ", " : "");
      psp_report_html_append_text (page, share->stem);
    }
  g_string_append (page, "</td></tr>\n");
}

void
psp_report_html_append_pairs (GString              *page,
                              const PspReportFacts *facts)
{
  g_autoptr(GArray) pairs = psp_confusion_list_pairs (facts->confusion, N_PAIRS);

  g_string_append (page, "<section><h2>Most confused pairs</h2>\n");
  if (pairs->len == 0)
    {
      g_string_append (page, "<p>No pixel was taken for another class.</p></section>\n");
      return;
    }

  g_string_append (page, "<table class=\"list\"><tr><th>It is</th><th>Taken for</th>"
                   "<th>Pixels</th><th>Of the class</th><th class=\"text\">Most of it in</th>"
                   "</tr>\n");
  for (guint i = 0; i < pairs->len; i++)
    append_pair_row (page, facts, &g_array_index (pairs, PspConfusedPair, i));
  g_string_append (page, "</table></section>\n");
}

void
psp_report_html_append_problems (GString              *page,
                                 const PspReportFacts *facts)
{
  g_string_append (page, "<section><h2>Problems</h2>\n");
  if (facts->problems[0] == NULL)
    g_string_append (page, "<p>None.</p>");
  else
    g_string_append (page, "<ul>\n");
  for (int i = 0; facts->problems[i] != NULL; i++)
    {
      g_string_append (page, "<li>");
      psp_report_html_append_text (page, facts->problems[i]);
      g_string_append (page, "</li>\n");
    }
  g_string_append (page, facts->problems[0] == NULL ? "</section>\n" : "</ul></section>\n");
}

char *
psp_report_make_html (const PspReportFacts  *facts,
                      GCancellable          *cancellable,
                      GError               **error)
{
  g_autoptr(GString) page = g_string_new (NULL);
  const char *dataset = facts->params->dataset;

  g_string_append (page, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width\">\n"
                   "<meta name=\"color-scheme\" content=\"light dark\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                   "img-src data:; style-src 'unsafe-inline'\">\n<title>Evaluation");
  if (dataset != NULL)
    {
      g_string_append (page, " of ");
      psp_report_html_append_text (page, dataset);
    }
  g_string_append (page, "</title>\n");
  psp_report_html_append_style (page);
  g_string_append (page, "</head><body>\n<h1>Evaluation");
  if (dataset != NULL)
    {
      g_string_append (page, " of ");
      psp_report_html_append_text (page, dataset);
    }
  g_string_append (page, "</h1>\n");

  psp_report_html_append_summary (page, facts);
  psp_report_html_append_classes (page, facts);
  psp_report_html_append_matrix (page, facts);
  psp_report_html_append_pairs (page, facts);
  if (!psp_report_html_append_worst (page, facts, cancellable, error))
    return NULL;
  psp_report_html_append_problems (page, facts);
  g_string_append (page, "<footer>The same numbers for programs: metrics.json, report.csv, "
                   "results.txt.</footer>\n</body></html>\n");
  return g_string_free (g_steal_pointer (&page), FALSE);
}
