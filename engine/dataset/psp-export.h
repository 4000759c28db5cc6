/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-progress.h"
#include "engine/dataset/psp-dataset.h"
#include "engine/dataset/psp-label-counts.h"
#include "engine/dataset/psp-mapping.h"

/* A dataset written anew, with the corrected masks, for training.  The folder holds
 *
 *   images/STEM.EXT   byte for byte the originals; a photo with an EXIF orientation is written as
 *                     PNG with its pixels as they are shown, since readers disagree on whether to
 *                     turn it
 *   labels/STEM.png   grey PNG of class ids, 255 ignored (psp_mask_encode_png())
 *   names.txt         one class a line, if the classes have names
 *   colors.txt        “R G B”, one class a line
 *   list.txt          “images/STEM.EXT labels/STEM.png”: one pair a line, separated by exactly one
 *                     space, no empty line, as the official PyTorch semseg code reads it
 *   manifest.json     what is what: tool, taxonomies, mapping, pixels of each class before and
 *                     after, ids that are no class, each image and whether its mask is a corrected
 *                     one, what was skipped or failed
 *
 * A blank, control character or “#” in a stem would break that list: each becomes “_”, and the
 * manifest names the original.
 */

/**
 * PspExportProfile:
 * @PSP_EXPORT_FOLDER: “folder”: the classes as they are
 * @PSP_EXPORT_MSEG: “mseg”: labels mapped into the 194 universal classes of MSeg by
 *   psp_mapping_find_builtin().  MSeg itself maps only from universal to CamVid; this direction is
 *   ours, and the manifest says so
 */
typedef enum
{
  PSP_EXPORT_FOLDER,
  PSP_EXPORT_MSEG,
} PspExportProfile;

/* “folder” or “mseg” to a profile; %FALSE with %PSP_ERROR_BAD_VALUE for anything else. */
gboolean    psp_export_profile_from_name (const char        *name,
                                          PspExportProfile  *profile,
                                          GError           **error);

/* “folder” or “mseg”. */
const char *psp_export_profile_get_name  (PspExportProfile   profile);

/**
 * PspExportMaskFunc:
 * @stem: of the item
 * @data: the caller's
 * @error: set if there is a corrected mask that cannot be read: the item fails
 *
 * Called in the thread of psp_export_run().
 *
 * Returns: (transfer full) (nullable): the corrected mask; %NULL without @error: there is none, the
 *   dataset's label is taken
 */
typedef PspMask *(*PspExportMaskFunc) (const char  *stem,
                                       gpointer     data,
                                       GError     **error);

/**
 * PspExportRequest:
 * @items: (array length=n_items): what to export, such as psp_dataset_get_items(); stems are unique
 * @n_items: how many
 * @source_folder: (nullable): the dataset's own folder, in which nothing is written
 * @taxonomy: (nullable): of the labels; without one the folder profile writes no names.txt and no
 *   colors.txt, and the mseg profile fails
 * @profile: what to write
 * @folder: where to; it must not exist, or be empty
 * @dry_run: whether to read and count everything and write nothing
 * @find_corrected: (nullable): looks up corrected masks
 * @find_corrected_data: for @find_corrected
 * @progress: who is told
 */
typedef struct
{
  const PspDatasetItem *items;
  gsize                 n_items;
  const char           *source_folder;
  PspTaxonomy          *taxonomy;
  PspExportProfile      profile;
  const char           *folder;
  gboolean              dry_run;
  PspExportMaskFunc     find_corrected;
  gpointer              find_corrected_data;
  PspProgress           progress;
} PspExportRequest;

/**
 * PspExportResult:
 * @n_done: images written, or that would be written by a run that is not dry
 * @n_corrected: those of @n_done with a corrected mask
 * @failures: (array zero-terminated): one sentence for each item that failed, naming it
 * @skipped: (array zero-terminated): one sentence for each item that has no mask at all
 * @remarks: (array zero-terminated): one sentence for each item that was done although its mask
 *   holds ids that are no class
 * @before: pixels of each id in the source's taxonomy, over the images done
 * @after: the same in the taxonomy that was written
 * @source: (nullable): the taxonomy of @before
 * @target: (nullable): the taxonomy of @after
 *
 * Ids of @before beyond the classes of @source are no class: the folder profile keeps them and the
 * mseg profile ignores them.
 */
typedef struct
{
  gsize            n_done;
  gsize            n_corrected;
  char           **failures;
  char           **skipped;
  char           **remarks;
  PspLabelCounts  *before;
  PspLabelCounts  *after;
  PspTaxonomy     *source;
  PspTaxonomy     *target;
} PspExportResult;

/**
 * psp_export_run:
 * @request: what to export where
 * @cancellable: (nullable): looked at between images and behind the last
 * @error: %PSP_ERROR_BAD_VALUE (the target is not empty, or lies in the dataset),
 *   %PSP_ERROR_UNSUPPORTED (no mapping from these classes), %PSP_ERROR_IO, %PSP_ERROR_NOT_FOUND or
 *   %G_IO_ERROR_CANCELLED
 *
 * Blocks; any thread.  Everything is written into a new folder beside the target, which takes the
 * target's name at the end: after an error or a kill there is no half export under that name.  An
 * item that fails (an unreadable photo or mask, sizes that differ, an id that 8 bits cannot hold)
 * is named in the result and the rest is done.  If nothing could be done no folder is made.
 *
 * 16-bit masks are written as 8-bit where the taxonomy has at most 255 classes.
 *
 * Returns: (transfer full): what was done, or %NULL with @error set
 */
PspExportResult *psp_export_run         (const PspExportRequest  *request,
                                         GCancellable            *cancellable,
                                         GError                 **error) G_GNUC_WARN_UNUSED_RESULT;
void             psp_export_result_free (PspExportResult         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspExportResult, psp_export_result_free)
