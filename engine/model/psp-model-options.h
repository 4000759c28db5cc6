/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

#define PSP_MODEL_MAX_BINS 16

/* The most that logits are enlarged, in height and width. */
#define PSP_MODEL_MAX_ENLARGEMENT 64

/* What a weight file may not hold, but has to be known to run its network as its project does. */
typedef enum
{
  PSP_FACT_BINS,
  PSP_FACT_POOLING,
  PSP_FACT_ALIGN_CORNERS,
  PSP_FACT_MEAN,
  PSP_FACT_STANDARD_DEVIATION,
  PSP_FACT_CHANNEL_ORDER,
  PSP_FACT_CROP,
  PSP_FACT_BASE,
  PSP_FACT_NAMES,
} PspFact;

#define PSP_N_FACTS (PSP_FACT_NAMES + 1)

/**
 * PspModelOptions:
 * @n_bins: how many of @bins are set; 0: not given
 * @bins: cells on a side of each pyramid level
 * @has_max_pooling: whether @max_pooling is set
 * @max_pooling: whether the cells hold maxima, not averages
 * @has_align_corners: whether @align_corners is set
 * @align_corners: of both bilinear upsamplings
 * @has_mean: whether @mean is set
 * @mean: subtracted from R, G, B, in units of 0 to 255
 * @has_standard_deviation: whether @standard_deviation is set
 * @standard_deviation: R, G, B are divided by it, each above 0
 * @has_bgr: whether @bgr is set
 * @bgr: whether the file's network reads blue first
 * @crop: side of the windows that the network was trained on, in pixels; 0: not given
 * @base: longer side of a photo at scale 1, in pixels; 0: not given
 * @names: (nullable): a built-in taxonomy, “voc-21”, or a file for psp_taxonomy_load()
 *
 * Facts from one source.  All zero: none.
 */
typedef struct
{
  int      n_bins;
  int      bins[PSP_MODEL_MAX_BINS];
  gboolean has_max_pooling;
  gboolean max_pooling;
  gboolean has_align_corners;
  gboolean align_corners;
  gboolean has_mean;
  float    mean[3];
  gboolean has_standard_deviation;
  float    standard_deviation[3];
  gboolean has_bgr;
  gboolean bgr;
  int      crop;
  int      base;
  char    *names;
} PspModelOptions;

/* What a fact is called in our metadata: “align_corners”; the option of the command line has “-”
 * for “_”. */
const char *psp_fact_get_key         (PspFact                 fact);

void        psp_model_options_clear  (PspModelOptions        *self);

/* Sets @copy, which holds nothing, to what @self says; clear it. */
void        psp_model_options_copy   (const PspModelOptions  *self,
                                      PspModelOptions        *copy);

/* Whether both give the same facts the same values. */
gboolean    psp_model_options_equal  (const PspModelOptions  *a,
                                      const PspModelOptions  *b);

/* Whether @fact is given. */
gboolean    psp_model_options_has    (const PspModelOptions  *self,
                                      PspFact                 fact);

/**
 * psp_model_options_set:
 * @text: “1,2,3,6” (bins), “average” or “max”, “true” or “false” (“yes” or “no”), “58.395,57.12,1”
 *   (mean, deviation), “rgb” or “bgr”, “473” (crop, base), “voc-21” (names)
 * @error: %PSP_ERROR_BAD_VALUE: “cannot be “…”; it takes …”, for the caller to put a name before
 *
 * On failure nothing changes.
 */
gboolean    psp_model_options_set    (PspModelOptions        *self,
                                      PspFact                 fact,
                                      const char             *text,
                                      GError                **error);

/* (transfer full) (nullable): what psp_model_options_set() reads back; %NULL if not given. */
char       *psp_model_options_format (const PspModelOptions  *self,
                                      PspFact                 fact) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PspModelOptions, psp_model_options_clear)
