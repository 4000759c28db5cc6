/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/analysis/psp-report.h"

/**
 * PspReportFacts:
 * @params: never %NULL
 * @evaluation: for questions about single classes and cells
 * @images: (element-type PspEvaluatedImage): all, by stem
 *
 * What the files of a report are made of, asked for once.
 */
typedef struct
{
  const PspReportParams *params;
  PspEvaluation         *evaluation;
  PspTaxonomy           *taxonomy;
  PspConfusion          *confusion;
  PspMetrics            *metrics;
  GPtrArray             *images;
  char                 **problems;
  int                    n_judged;
  int                    n_failed;
} PspReportFacts;

/* What every report says of ignored pixels and of classes without a pixel. */
#define PSP_REPORT_IGNORED "255 in 8-bit labels, 65535 in 16-bit labels: counted nowhere"
#define PSP_REPORT_ABSENT                                                               \
  "count as 0 in mIoU and mAcc (hszhao/semseg, mseg-semantic); are left out of the means over " \
  "present classes (cityscapesScripts, mmsegmentation)"

/* (transfer full): @text with what is no UTF-8 replaced: names of files may be any bytes. */
char       *psp_report_clean_text    (const char             *text);

/* Appends @value by a printf format of nothing but a double, such as “%.4f”, with a point in every
 * locale. */
void        psp_report_append_number (GString                *output,
                                      const char             *format,
                                      double                  value);

/* (transfer full): the whole files. */
char       *psp_report_make_json     (const PspReportFacts   *facts);
char       *psp_report_make_csv      (const PspReportFacts   *facts);
char       *psp_report_make_results  (const PspReportFacts   *facts);
char       *psp_report_make_html     (const PspReportFacts   *facts,
                                      GCancellable           *cancellable,
                                      GError                **error);
