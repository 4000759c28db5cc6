/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/dataset/psp-workspace.h"
#include "engine/project/psp-scene-private.h"

#include <gio/gio.h>

/**
 * PspSceneSource:
 * @stem: of the image
 * @image_path: the photo
 * @label_path: (nullable): its label
 * @workspace: (nullable): where corrected masks and the journal are
 * @taxonomy: of the masks
 *
 * Where the parts of a scene come from.
 */
typedef struct
{
  char         *stem;
  char         *image_path;
  char         *label_path;
  PspWorkspace *workspace;
  PspTaxonomy  *taxonomy;
} PspSceneSource;

/* (transfer full): copies of all. */
PspSceneSource *psp_scene_source_new    (const char            *stem,
                                         const char            *image_path,
                                         const char            *label_path,
                                         PspWorkspace          *workspace,
                                         PspTaxonomy           *taxonomy) G_GNUC_WARN_UNUSED_RESULT;
void            psp_scene_source_free   (PspSceneSource        *self);

/**
 * psp_scene_source_load:
 * @self: where from
 * @cancellable: (nullable)
 * @error: the photo or the corrected mask cannot be read, or the journal belongs to another mask
 *
 * Decodes everything; any thread.  A label that cannot be read or has another size is a
 * truth_problem, not an error.
 *
 * Returns: (transfer full): the parts, or %NULL with @error set
 */
PspSceneParts  *psp_scene_source_load   (const PspSceneSource  *self,
                                         GCancellable          *cancellable,
                                         GError               **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_scene_source_load_editor:
 * @self: where from
 * @size: of the photo
 * @truth: (nullable): the dataset's label
 * @error: as psp_scene_source_load()
 *
 * Returns: (transfer full): an editor on the corrected mask, the label or an ignored mask, with the
 *   journal replayed, or %NULL with @error set
 */
PspMaskEditor  *psp_scene_source_load_editor (const PspSceneSource  *self,
                                         PspSize                size,
                                         PspMask               *truth,
                                         GError               **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full) (nullable): the label, if it can be read and has @size; else @problem says why,
 * if there is a file. */
PspMask        *psp_scene_source_load_truth (const PspSceneSource *self,
                                         PspSize                size,
                                         char                 **problem) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspSceneSource, psp_scene_source_free)
