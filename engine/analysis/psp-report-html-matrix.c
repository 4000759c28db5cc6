/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-report-html-private.h"

#include <math.h>

#define N_SHADES 10

/* The share of a class that still gets the lightest shade. */
#define LEAST_SHARE 1e-4

/* With more classes than this the cells have no room for numbers. */
#define MAX_NUMBERED 24

/* 0: nothing, 1 … N_SHADES: from LEAST_SHARE to 1 by its logarithm. */
static int
shade_of (double share)
{
  double position = 1 - log10 (share) / log10 (LEAST_SHARE);

  if (!(share > 0))
    return 0;
  return CLAMP (1 + (int) ((N_SHADES - 1) * position + 0.5), 1, N_SHADES);
}

static GArray *
list_present (const PspMetrics *metrics)
{
  GArray *present = g_array_new (FALSE, FALSE, sizeof (int));

  for (int id = 0; id < metrics->n_classes; id++)
    if (metrics->classes[id].present)
      g_array_append_val (present, id);
  return present;
}

static void
append_head (GString              *page,
             const PspReportFacts *facts,
             const GArray         *present,
             gboolean              outside)
{
  g_string_append (page, "<tr><th></th>");
  for (guint i = 0; i < present->len; i++)
    {
      g_string_append (page, "<th class=\"top\"><span>");
      psp_report_html_append_class (page, facts->taxonomy, g_array_index (present, int, i));
      g_string_append (page, "</span></th>");
    }
  if (outside)
    g_string_append (page, "<th class=\"top\"><span>no class</span></th>");
  g_string_append (page, "</tr>\n");
}

typedef struct
{
  const char *truth;
  const char *prediction;
  guint64     n_pixels;
  double      share;    /* of the true class */
  gboolean    right;
  gboolean    numbered;
} MatrixCell;

static void
append_matrix_cell (GString    *page,
                    MatrixCell  cell)
{
  if (cell.n_pixels == 0)
    {
      g_string_append (page, "<td></td>");
      return;
    }

  g_string_append_printf (page, "<td class=\"%c%d\" title=\"", cell.right ? 'r' : 'w',
                          shade_of (cell.share));
  psp_report_html_append_text (page, cell.truth);
  g_string_append (page, " → ");
  psp_report_html_append_text (page, cell.prediction);
  g_string_append_printf (page, ": %" G_GUINT64_FORMAT " pixels, ", cell.n_pixels);
  psp_report_append_number (page, "%.3g", 100 * cell.share);
  g_string_append (page, " %\">");
  if (cell.numbered && cell.share >= 0.0005)
    psp_report_append_number (page, cell.share < 0.0995 ? "%.1f" : "%.0f", 100 * cell.share);
  g_string_append (page, "</td>");
}

static void
append_matrix_row (GString              *page,
                   const PspReportFacts *facts,
                   const GArray         *present,
                   gboolean              outside,
                   int                   truth)
{
  guint64 n_truth = facts->metrics->classes[truth].truth_pixels;
  MatrixCell cell = {
    .truth = psp_taxonomy_get_class_name (facts->taxonomy, truth),
    .numbered = present->len <= MAX_NUMBERED,
  };

  g_string_append (page, "<tr><th>");
  psp_report_html_append_class (page, facts->taxonomy, truth);
  g_string_append (page, "</th>");
  for (guint i = 0; i < present->len; i++)
    {
      int prediction = g_array_index (present, int, i);

      cell.prediction = psp_taxonomy_get_class_name (facts->taxonomy, prediction);
      cell.n_pixels = psp_confusion_get (facts->confusion, truth, prediction);
      cell.share = (double) cell.n_pixels / n_truth;
      cell.right = prediction == truth;
      append_matrix_cell (page, cell);
    }
  if (outside)
    {
      cell.prediction = "no class";
      cell.n_pixels = psp_confusion_get_prediction_outside (facts->confusion, truth);
      cell.share = (double) cell.n_pixels / n_truth;
      cell.right = FALSE;
      append_matrix_cell (page, cell);
    }
  g_string_append (page, "</tr>\n");
}

static gboolean
has_outside (const PspConfusion *confusion)
{
  for (int truth = 0; truth < psp_confusion_get_n_classes (confusion); truth++)
    if (psp_confusion_get_prediction_outside (confusion, truth) > 0)
      return TRUE;
  return FALSE;
}

void
psp_report_html_append_matrix (GString              *page,
                               const PspReportFacts *facts)
{
  g_autoptr(GArray) present = list_present (facts->metrics);
  gboolean outside = has_outside (facts->confusion);

  g_string_append (page, "<section><h2>Confusion matrix</h2>\n");
  if (present->len == 0)
    {
      g_string_append (page, "<p>No pixel was counted.</p></section>\n");
      return;
    }

  g_string_append (page, "<p class=\"dim\">Rows: what it is. Columns: what it was taken for, in "
                   "percent of the row. The shade is logarithmic, from 0.01 % to 100 %. Classes "
                   "without a pixel are left out.</p>\n");
  g_string_append (page, present->len <= MAX_NUMBERED ? "<table class=\"matrix\">\n"
                                                      : "<table class=\"matrix small\">\n");
  append_head (page, facts, present, outside);
  for (guint i = 0; i < present->len; i++)
    append_matrix_row (page, facts, present, outside, g_array_index (present, int, i));
  g_string_append (page, "</table></section>\n");
}
