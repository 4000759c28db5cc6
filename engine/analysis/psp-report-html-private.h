/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/analysis/psp-report-private.h"

/* The sections of report.html, one function each, in the order of the page. */
void     psp_report_html_append_style    (GString               *page);
void     psp_report_html_append_summary  (GString               *page,
                                          const PspReportFacts  *facts);
void     psp_report_html_append_classes  (GString               *page,
                                          const PspReportFacts  *facts);
void     psp_report_html_append_matrix   (GString               *page,
                                          const PspReportFacts  *facts);
void     psp_report_html_append_pairs    (GString               *page,
                                          const PspReportFacts  *facts);
gboolean psp_report_html_append_worst    (GString               *page,
                                          const PspReportFacts  *facts,
                                          GCancellable          *cancellable,
                                          GError               **error);
void     psp_report_html_append_problems (GString               *page,
                                          const PspReportFacts  *facts);

/* Appends @text as HTML text or attribute value. */
void     psp_report_html_append_text     (GString               *page,
                                          const char            *text);

/* Appends a share of 0 to 1 as a percentage with one decimal. */
void     psp_report_html_append_percent  (GString               *page,
                                          double                 share);

/* Appends the name of a class after a square of its colour. */
void     psp_report_html_append_class    (GString               *page,
                                          const PspTaxonomy     *taxonomy,
                                          int                    id);
