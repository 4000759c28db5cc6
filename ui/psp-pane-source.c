/* SPDX-License-Identifier: MIT */
#include "ui/psp-pane-source.h"

#define PYRAMID_PREFIX "pyramid-"

static const struct
{
  const char *word;
  const char *label;
} names[] = {
  [PSP_PANE_PHOTO] = { "photo", "Photo" },
  [PSP_PANE_TRUTH] = { "truth", "Ground truth" },
  [PSP_PANE_PREDICTION] = { "prediction", "Prediction" },
  [PSP_PANE_AUXILIARY] = { "auxiliary", "Auxiliary" },
  [PSP_PANE_EDITED] = { "edited", "Edited" },
  [PSP_PANE_ERRORS] = { "errors", "Errors" },
  [PSP_PANE_CONFIDENCE] = { "confidence", "Confidence" },
};

gboolean
psp_pane_source_parse (const char    *word,
                       PspPaneSource *source)
{
  guint64 bins;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (word, names[i].word) == 0)
      {
        *source = (PspPaneSource) { .kind = i };
        return TRUE;
      }

  if (word == NULL || !g_str_has_prefix (word, PYRAMID_PREFIX) ||
      !g_ascii_string_to_unsigned (word + strlen (PYRAMID_PREFIX), 10, 1, PSP_PANE_MAX_BINS, &bins,
                                   NULL))
    return FALSE;

  *source = (PspPaneSource) { PSP_PANE_PYRAMID, bins };
  return TRUE;
}

char *
psp_pane_source_to_string (PspPaneSource self)
{
  if (self.kind == PSP_PANE_PYRAMID)
    return g_strdup_printf (PYRAMID_PREFIX "%d", self.bins);

  return g_strdup (names[self.kind].word);
}

char *
psp_pane_source_to_label (PspPaneSource self)
{
  if (self.kind == PSP_PANE_PYRAMID)
    return g_strdup_printf ("Pyramid %d × %d", self.bins, self.bins);

  return g_strdup (names[self.kind].label);
}

gboolean
psp_pane_source_equal (PspPaneSource a,
                       PspPaneSource b)
{
  return a.kind == b.kind && a.bins == b.bins;
}

gboolean
psp_pane_source_is_heat (PspPaneSource self)
{
  return self.kind == PSP_PANE_CONFIDENCE || self.kind == PSP_PANE_PYRAMID;
}

static gboolean
needs_truth (PspPaneSource self)
{
  return self.kind == PSP_PANE_TRUTH || self.kind == PSP_PANE_ERRORS;
}

static gboolean
needs_prediction (PspPaneSource self)
{
  return self.kind != PSP_PANE_PHOTO && self.kind != PSP_PANE_TRUTH &&
         self.kind != PSP_PANE_EDITED;
}

char *
psp_pane_source_get_problem (PspPaneSource  self,
                             PspScene      *scene,
                             const char    *no_prediction)
{
  PspPrediction *prediction;

  if (scene == NULL)
    return g_strdup ("No image");

  if (needs_truth (self) && psp_scene_get_truth (scene) == NULL)
    {
      const char *problem = psp_scene_get_truth_problem (scene);

      return problem != NULL ? g_strdup_printf ("No ground truth\n%s", problem)
                             : g_strdup ("No ground truth");
    }

  prediction = psp_scene_get_prediction (scene);
  if (needs_prediction (self) && prediction == NULL)
    return g_strdup (no_prediction != NULL ? no_prediction : "Not run");

  if (self.kind == PSP_PANE_ERRORS &&
      psp_scene_get_network_taxonomy (scene) != psp_scene_get_taxonomy (scene))
    return g_strdup ("The network has other classes");

  if (self.kind == PSP_PANE_AUXILIARY && psp_prediction_get_auxiliary_labels (prediction) == NULL)
    return g_strdup ("No auxiliary branch");

  if (self.kind == PSP_PANE_PYRAMID && psp_pane_source_get_cells (self, scene) == NULL)
    return g_strdup_printf ("No level of %d × %d", self.bins, self.bins);

  return NULL;
}

const PspMask *
psp_pane_source_get_labels (PspPaneSource  self,
                            PspScene      *scene)
{
  PspPrediction *prediction = psp_scene_get_prediction (scene);

  switch (self.kind)
    {
    case PSP_PANE_TRUTH:
      return psp_scene_get_truth (scene);

    case PSP_PANE_PREDICTION:
      return prediction != NULL ? psp_prediction_get_labels (prediction) : NULL;

    case PSP_PANE_AUXILIARY:
      return prediction != NULL ? psp_prediction_get_auxiliary_labels (prediction) : NULL;

    case PSP_PANE_EDITED:
      return psp_scene_get_mask (scene);

    case PSP_PANE_PHOTO:
    case PSP_PANE_ERRORS:
    case PSP_PANE_CONFIDENCE:
    case PSP_PANE_PYRAMID:
    default:
      return NULL;
    }
}

PspTaxonomy *
psp_pane_source_get_taxonomy (PspPaneSource  self,
                              PspScene      *scene)
{
  return needs_prediction (self) ? psp_scene_get_network_taxonomy (scene)
                                 : psp_scene_get_taxonomy (scene);
}

PspTensor *
psp_pane_source_get_cells (PspPaneSource  self,
                           PspScene      *scene)
{
  PspPrediction *prediction = psp_scene_get_prediction (scene);

  if (self.kind != PSP_PANE_PYRAMID || prediction == NULL)
    return NULL;

  return psp_prediction_get_bin_means (prediction, self.bins);
}

int
psp_pane_source_find_bins (PspPrediction *prediction,
                           int            bins[PSP_PANE_MAX_BINS])
{
  int n = 0;

  for (int i = 1; i <= PSP_PANE_MAX_BINS; i++)
    if (psp_prediction_get_bin_means (prediction, i) != NULL)
      bins[n++] = i;

  return n;
}

/* The least and the greatest activation of all levels. */
static void
find_pyramid_range (PspPrediction *prediction,
                    double        *minimum,
                    double        *maximum)
{
  int bins[PSP_PANE_MAX_BINS];
  int n = psp_pane_source_find_bins (prediction, bins);

  *minimum = G_MAXDOUBLE;
  *maximum = -G_MAXDOUBLE;
  for (int i = 0; i < n; i++)
    {
      const PspTensor *means = psp_prediction_get_bin_means (prediction, bins[i]);

      for (gsize k = 0; k < means->n_elements; k++)
        {
          *minimum = MIN (*minimum, (double) means->data[k]);
          *maximum = MAX (*maximum, (double) means->data[k]);
        }
    }
}

void
psp_pane_source_get_range (PspPaneSource  self,
                           PspScene      *scene,
                           double        *minimum,
                           double        *maximum)
{
  *minimum = 0;
  *maximum = 1;
  if (psp_pane_source_get_cells (self, scene) != NULL)
    find_pyramid_range (psp_scene_get_prediction (scene), minimum, maximum);
}

static PspPixmap *
make_labels (PspScene      *scene,
             const PspMask *labels,
             PspTaxonomy   *taxonomy)
{
  PspOverlay overlay = {
    .kind = PSP_OVERLAY_LABELS,
    .labels = labels,
    .taxonomy = taxonomy,
  };

  return psp_pixmap_new_overlay (psp_scene_get_size (scene), &overlay);
}

static PspPixmap *
make_errors (PspScene *scene)
{
  PspOverlay overlay = {
    .kind = PSP_OVERLAY_ERRORS,
    .labels = psp_prediction_get_labels (psp_scene_get_prediction (scene)),
    .truth = psp_scene_get_truth (scene),
  };

  return psp_pixmap_new_overlay (psp_scene_get_size (scene), &overlay);
}

static PspPixmap *
make_confidence (PspScene *scene)
{
  PspOverlay overlay = {
    .kind = PSP_OVERLAY_HEAT,
    .values = psp_prediction_get_confidence (psp_scene_get_prediction (scene)),
    .maximum = 1,
  };

  return psp_pixmap_new_overlay (psp_scene_get_size (scene), &overlay);
}

static PspPixmap *
make_pyramid (PspPaneSource  self,
              PspScene      *scene)
{
  PspPrediction *prediction = psp_scene_get_prediction (scene);
  g_autofree PspRect *cells = g_new (PspRect, self.bins * self.bins);
  PspOverlay overlay = {
    .kind = PSP_OVERLAY_CELLS,
    .values = psp_pane_source_get_cells (self, scene),
    .cells = cells,
  };

  for (int i = 0; i < self.bins * self.bins; i++)
    cells[i] = psp_prediction_get_bin_cell (prediction, self.bins, i % self.bins, i / self.bins);
  psp_pane_source_get_range (self, scene, &overlay.minimum, &overlay.maximum);

  return psp_pixmap_new_overlay (psp_scene_get_size (scene), &overlay);
}

PspPixmap *
psp_pane_source_make_pixmap (PspPaneSource  self,
                             PspScene      *scene)
{
  g_autofree char *problem = psp_pane_source_get_problem (self, scene, NULL);

  if (problem != NULL)
    return NULL;

  switch (self.kind)
    {
    case PSP_PANE_TRUTH:
    case PSP_PANE_PREDICTION:
    case PSP_PANE_AUXILIARY:
    case PSP_PANE_EDITED:
      return make_labels (scene, psp_pane_source_get_labels (self, scene),
                          psp_pane_source_get_taxonomy (self, scene));

    case PSP_PANE_ERRORS:
      return make_errors (scene);

    case PSP_PANE_CONFIDENCE:
      return make_confidence (scene);

    case PSP_PANE_PYRAMID:
      return make_pyramid (self, scene);

    case PSP_PANE_PHOTO:
    default:
      return NULL;
    }
}
