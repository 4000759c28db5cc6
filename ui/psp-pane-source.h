/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-pixmap.h"

/* The finest pyramid level that is looked for: cells on a side. */
#define PSP_PANE_MAX_BINS 64

typedef enum
{
  PSP_PANE_PHOTO,
  PSP_PANE_TRUTH,
  PSP_PANE_PREDICTION,
  PSP_PANE_AUXILIARY,
  PSP_PANE_EDITED,
  PSP_PANE_ERRORS,
  PSP_PANE_CONFIDENCE,
  PSP_PANE_PYRAMID,
} PspPaneKind;

/**
 * PspPaneSource:
 * @kind: what a pane shows
 * @bins: (pyramid): cells on a side of the level
 *
 * As a word, for settings and actions: “photo”, “truth”, “prediction”, “auxiliary”, “edited”,
 * “errors”, “confidence”, “pyramid-3”.
 */
typedef struct
{
  PspPaneKind kind;
  int         bins;
} PspPaneSource;

/* %FALSE, and @source untouched, if @word is none of those. */
gboolean       psp_pane_source_parse           (const char     *word,
                                                PspPaneSource  *source);

/* (transfer full): the word. */
char          *psp_pane_source_to_string       (PspPaneSource   self);

/* (transfer full): the name for people: “Ground truth”, “Pyramid 3 × 3”. */
char          *psp_pane_source_to_label        (PspPaneSource   self);

gboolean       psp_pane_source_equal           (PspPaneSource   a,
                                                PspPaneSource   b);

/* Whether it is drawn through the ramp of heat maps. */
gboolean       psp_pane_source_is_heat         (PspPaneSource   self);

/**
 * psp_pane_source_get_problem:
 * @scene: (nullable): an image
 * @no_prediction: (nullable): why it has no prediction, if it has none
 *
 * Returns: (transfer full) (nullable): why @scene has nothing to show, for people; %NULL if it has
 */
char          *psp_pane_source_get_problem     (PspPaneSource   self,
                                                PspScene       *scene,
                                                const char     *no_prediction);

/* (transfer none) (nullable): the class ids that it shows, if it shows classes. */
const PspMask *psp_pane_source_get_labels      (PspPaneSource   self,
                                                PspScene       *scene);

/* (transfer none): names and colours of those. */
PspTaxonomy   *psp_pane_source_get_taxonomy    (PspPaneSource   self,
                                                PspScene       *scene);

/* (transfer none) (nullable): the values of its pyramid level: [bins, bins]. */
PspTensor     *psp_pane_source_get_cells       (PspPaneSource   self,
                                                PspScene       *scene);

/* What the two ends of the ramp stand for: the same for all panes that show the same quantity. */
void           psp_pane_source_get_range       (PspPaneSource   self,
                                                PspScene       *scene,
                                                double         *minimum,
                                                double         *maximum);

/* (transfer full) (nullable): what lies over the photo; %NULL if that is nothing. */
PspPixmap     *psp_pane_source_make_pixmap     (PspPaneSource   self,
                                                PspScene       *scene);

/* The pyramid levels of a prediction, the coarsest first; returns how many. */
int            psp_pane_source_find_bins       (PspPrediction  *prediction,
                                                int             bins[PSP_PANE_MAX_BINS]);
