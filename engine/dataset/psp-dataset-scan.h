/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/dataset/psp-dataset.h"

/**
 * PspDatasetScan:
 * @skipped: (nullable): a folder that is not looked at where it lies among the images or labels
 * @items: (element-type PspDatasetItem): in the order found; each string belongs to the scan
 * @stems: (element-type utf8 guint): where in @items each stem is, plus 1
 * @problems: (element-type utf8): of images: sentences for people
 * @remarks: (element-type utf8): the same of labels, classes and lists
 * @notes: (element-type utf8): what was asked for and is worth knowing
 *
 * What is found while a dataset is opened.  One thread.
 */
typedef struct
{
  const char *skipped;
  GArray     *items;
  GHashTable *stems;
  GPtrArray  *problems;
  GPtrArray  *remarks;
  GPtrArray  *notes;
} PspDatasetScan;

/* @skipped (nullable) is the caller's, and lives as long as the scan goes on. */
PspDatasetScan *psp_dataset_scan_new        (const char         *skipped)
  G_GNUC_WARN_UNUSED_RESULT;
void            psp_dataset_scan_free       (PspDatasetScan     *self);

void            psp_dataset_scan_problem    (PspDatasetScan     *self,
                                             const char         *format,
                                             ...) G_GNUC_PRINTF (2, 3);
void            psp_dataset_scan_remark     (PspDatasetScan     *self,
                                             const char         *format,
                                             ...) G_GNUC_PRINTF (2, 3);
void            psp_dataset_scan_note       (PspDatasetScan     *self,
                                             const char         *format,
                                             ...) G_GNUC_PRINTF (2, 3);

/* Takes an image file that was named by itself; what cannot be one becomes a problem. */
void            psp_dataset_scan_add_file   (PspDatasetScan     *self,
                                             const char         *path);

/**
 * psp_dataset_scan_add_folder:
 * @self: a new scan
 * @folder: a folder
 * @cancellable: (nullable): looked at between files
 * @error: %PSP_ERROR_IO, %PSP_ERROR_NOT_FOUND or %G_IO_ERROR_CANCELLED
 *
 * Finds the layout that @folder has and takes its images and labels.
 */
gboolean        psp_dataset_scan_add_folder (PspDatasetScan     *self,
                                             const char         *folder,
                                             GCancellable       *cancellable,
                                             GError            **error);

/* Puts the items in the byte order of their stems. */
void            psp_dataset_scan_sort       (PspDatasetScan     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspDatasetScan, psp_dataset_scan_free)
