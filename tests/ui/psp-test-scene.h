/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

/* Scenes without files, for tests of the window. */

#define PSP_TEST_SCENE_N_CLASSES 5

/**
 * psp_test_scene_new:
 * @size: of the photo
 * @with_truth: whether there is a label; it has vertical stripes of a quarter of the width, of the
 *   classes 0 to 3, and its last row is ignored
 *
 * Every pixel of the photo has another colour than its neighbours.
 *
 * Returns: (transfer full): a scene without prediction
 */
PspScene *psp_test_scene_new            (PspSize   size,
                                         gboolean  with_truth) G_GNUC_WARN_UNUSED_RESULT;

/* Horizontal stripes of the classes 0 to 3, auxiliary labels of class 4, and the levels 1, 2, 3, 6
 * of a pyramid, cell i having the mean i. */
void      psp_test_scene_add_prediction (PspScene *scene);

/* The photo's pixel as it is on the screen: 0xffRRGGBB. */
guint32   psp_test_scene_get_photo_pixel (PspScene *scene,
                                          int       x,
                                          int       y);
