/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/dataset/psp-export.h"

/**
 * PspExportEntry:
 * @stem: of the item in its dataset
 * @image: its photo in the export, relative to the folder
 * @label: its label in the export, relative to the folder
 * @corrected: whether the label is a corrected mask
 * @turned: whether the photo was written anew because of its EXIF orientation
 *
 * One image that was exported.
 */
typedef struct
{
  char     *stem;
  char     *image;
  char     *label;
  gboolean  corrected;
  gboolean  turned;
} PspExportEntry;

void    psp_export_entry_free       (PspExportEntry        *self);

/* (transfer full): list.txt of @entries (element-type PspExportEntry). */
GBytes *psp_export_list_text        (const GPtrArray       *entries) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_export_manifest_text:
 * @profile: what is written
 * @mapping: (nullable): how ids were changed
 * @result: the counts, complete
 * @entries: (element-type PspExportEntry): what was exported
 *
 * Returns: (transfer full): manifest.json; the same input gives the same bytes
 */
GBytes *psp_export_manifest_text    (PspExportProfile       profile,
                                     const PspMapping      *mapping,
                                     const PspExportResult *result,
                                     const GPtrArray       *entries) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspExportEntry, psp_export_entry_free)
