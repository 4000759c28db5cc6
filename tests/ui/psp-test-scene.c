/* SPDX-License-Identifier: MIT */
#include "tests/ui/psp-test-scene.h"

#include "engine/project/psp-scene-private.h"
#include "engine/run/psp-prediction-private.h"

/* The network sees an eighth of the photo, with aligned corners. */
#define OUTPUT_STRIDE 8

static PspImage *
make_photo (PspSize size)
{
  PspImage *photo = psp_image_new (size, NULL);

  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++)
      {
        guint8 *pixel = photo->pixels + 3 * ((gsize) y * size.width + x);

        pixel[0] = 37 * x + 11 * y;
        pixel[1] = 64 + x / 2;
        pixel[2] = 91 * y + 5 * x;
      }

  return photo;
}

static PspMask *
make_truth (PspSize size)
{
  PspMask *truth = psp_mask_new (size, 8, NULL);

  for (int y = 0; y < size.height - 1; y++)
    for (int x = 0; x < size.width; x++)
      truth->pixels[(gsize) y * size.width + x] = x * 4 / size.width;

  return truth;
}

PspScene *
psp_test_scene_new (PspSize  size,
                    gboolean with_truth)
{
  PspSceneParts *parts = g_new0 (PspSceneParts, 1);
  g_autoptr(PspMask) empty = psp_mask_new (size, 8, NULL);

  parts->stem = g_strdup ("test");
  parts->photo = make_photo (size);
  parts->truth = with_truth ? make_truth (size) : NULL;
  parts->taxonomy = psp_taxonomy_new_numbered (PSP_TEST_SCENE_N_CLASSES);
  parts->editor = psp_mask_editor_new (with_truth ? parts->truth : empty, parts->truth, NULL);
  return psp_scene_new (parts);
}

/* Logits that are high for @class_id, or for horizontal stripes if that is -1. */
static PspScores *
make_logits (PspSize padded,
             int     class_id)
{
  PspSize size = { (padded.width - 1) / OUTPUT_STRIDE + 1,
                   (padded.height - 1) / OUTPUT_STRIDE + 1 };
  PspScores *logits = psp_scores_new (size, PSP_TEST_SCENE_N_CLASSES, NULL);

  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++)
      {
        int high = class_id >= 0 ? class_id : MIN (3, y * 4 / size.height);

        logits->data[(y * size.width + x) * PSP_TEST_SCENE_N_CLASSES + high] = 4;
      }

  return logits;
}

static void
add_level (PspPrediction *prediction,
           int            bins)
{
  const gint64 shape[] = { 1, 1, bins, bins };
  g_autoptr(PspTensor) level = psp_tensor_new (4, shape, NULL);

  for (gsize i = 0; i < level->n_elements; i++)
    level->data[i] = i;
  g_assert_true (psp_prediction_add_bins (prediction, level, NULL));
}

static int
pad (int length)
{
  return (length + OUTPUT_STRIDE - 2) / OUTPUT_STRIDE * OUTPUT_STRIDE + 1;
}

/* Labels, and of the main branch their confidence, as the probabilities say. */
static void
set_rows (PspPrediction *prediction,
          PspSize        size,
          gboolean       auxiliary)
{
  g_autofree float *ranked = g_new (float, 2 * size.width);
  float probabilities[PSP_TEST_SCENE_N_CLASSES];

  for (int y = 0; y < size.height; y++)
    {
      for (int x = 0; x < size.width; x++)
        {
          int best = 0;

          g_assert_true (psp_prediction_get_probabilities (prediction, x, y, auxiliary,
                                                           probabilities));
          for (int i = 1; i < PSP_TEST_SCENE_N_CLASSES; i++)
            if (probabilities[i] > probabilities[best])
              best = i;
          ranked[2 * x] = best;
          ranked[2 * x + 1] = probabilities[best];
        }
      psp_prediction_set_row (prediction, auxiliary, y, ranked, 2);
    }
}

void
psp_test_scene_add_prediction (PspScene *scene)
{
  PspSize size = psp_scene_get_size (scene);
  PspSize padded = { pad (size.width), pad (size.height) };
  g_autoptr(PspPrediction) prediction = psp_prediction_new (size, PSP_TEST_SCENE_N_CLASSES, 0,
                                                            TRUE, NULL);

  g_assert_nonnull (prediction);
  g_assert_true (psp_prediction_set_logits (prediction, make_logits (padded, -1),
                                            make_logits (padded, 4), padded, NULL));
  set_rows (prediction, size, FALSE);
  set_rows (prediction, size, TRUE);
  add_level (prediction, 1);
  add_level (prediction, 2);
  add_level (prediction, 3);
  add_level (prediction, 6);
  psp_scene_set_prediction (scene, prediction);
}

guint32
psp_test_scene_get_photo_pixel (PspScene *scene,
                                int       x,
                                int       y)
{
  PspImage *photo = psp_scene_get_photo (scene);
  const guint8 *pixel = photo->pixels + 3 * ((gsize) y * photo->size.width + x);

  return 0xff000000u | (guint32) pixel[0] << 16 | (guint32) pixel[1] << 8 | pixel[2];
}
