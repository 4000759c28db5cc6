/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"
#include "engine/core/psp-taxonomy.h"

#include <gio/gio.h>

/**
 * PspDataset:
 *
 * The images of a dataset, the labels that go with them, and their classes: paths and names, no
 * pixels.  Nothing in it is ever written.  Immutable and reference-counted; use it from any thread.
 */
typedef struct _PspDataset PspDataset;

/**
 * PspDatasetItem:
 * @stem: what the image is called: its path below images/ without the extension, “/” between
 *   folders; UTF-8, unique in the dataset
 * @image_path: the photo
 * @label_path: (nullable): its label PNG
 */
typedef struct
{
  const char *stem;
  const char *image_path;
  const char *label_path;
} PspDatasetItem;

/**
 * psp_dataset_open:
 * @paths: (array zero-terminated): one folder, or one or more image files
 * @cancellable: (nullable)
 * @error: %PSP_ERROR_NOT_FOUND (no such path, or no image in it), %PSP_ERROR_IO,
 *   %PSP_ERROR_UNSUPPORTED (several folders) or %G_IO_ERROR_CANCELLED
 *
 * What a folder may be:
 *  - images/ and, optionally, labels/, matched by stem; both may have subfolders.  list.txt, where
 *    there is one, chooses the images: lines of “images/x.png labels/x.png” below the folder;
 *  - a folder with image files in it or in its subfolders: no labels.
 *
 * In both, names.txt (and colors.txt) give the classes: psp_taxonomy_load_names().  Names that
 * start with a full stop are skipped.  Files are listed, not opened: an unreadable photo shows when
 * it is loaded.
 *
 * Everything that does not fit (a label without an image, an image without a label where labels/
 * exists, two images with one stem, a name that is not UTF-8, a folder that cannot be read, a kind
 * of file that is not read) becomes one sentence of psp_dataset_get_problems() and does not stop
 * the rest.
 *
 * Returns: (transfer full): the dataset, its items in the byte order of their stems, or %NULL with
 *   @error set
 */
G_GNUC_WARN_UNUSED_RESULT
PspDataset           *psp_dataset_open         (const char * const  *paths,
                                                GCancellable        *cancellable,
                                                GError             **error);

/* The same, but for a folder @skipped (nullable), such as that of an output, which is not looked at
 * where it lies below the images or labels. */
G_GNUC_WARN_UNUSED_RESULT
PspDataset           *psp_dataset_open_without (const char * const  *paths,
                                                const char          *skipped,
                                                GCancellable        *cancellable,
                                                GError             **error);
PspDataset           *psp_dataset_ref          (PspDataset          *self);
void                  psp_dataset_unref        (PspDataset          *self);

/* For people: the folder's own name; “3 images” for a list of files. */
const char           *psp_dataset_get_name     (const PspDataset    *self);

/* (nullable): the folder that was opened, absolute; %NULL for a list of files. */
const char           *psp_dataset_get_folder   (const PspDataset    *self);

/* (transfer none) (nullable): %NULL if the dataset does not name its classes. */
PspTaxonomy          *psp_dataset_get_taxonomy (const PspDataset    *self);

/* At least 1. */
gsize                 psp_dataset_get_n_items  (const PspDataset    *self);

/* (transfer none): all items, an array of psp_dataset_get_n_items(). */
const PspDatasetItem *psp_dataset_get_items    (const PspDataset    *self);

/* (transfer none) (nullable): the item called @stem. */
const PspDatasetItem *psp_dataset_find         (const PspDataset    *self,
                                                const char          *stem);

/* (array zero-terminated): whole sentences in UTF-8, for people; empty if all is well. */
const char * const   *psp_dataset_get_problems (const PspDataset    *self);

/* Whether none of them is a fault; that list.txt leaves out images is none. */
gboolean              psp_dataset_is_sound     (const PspDataset    *self);

/* (array zero-terminated): those of them that concern images: what was left out, and why. */
const char * const   *psp_dataset_get_image_problems (const PspDataset *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspDataset, psp_dataset_unref)
