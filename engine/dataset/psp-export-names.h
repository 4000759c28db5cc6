/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/dataset/psp-dataset.h"

/**
 * psp_export_names:
 * @items: (array length=n_items): items with different stems
 * @n_items: how many
 *
 * What each item is called in an export.  Blanks, control characters and “#” become “_”, for the
 * sake of list.txt; if that name is taken, by an item that needs no change or one before, more “_”
 * follow.
 *
 * Returns: (transfer full) (element-type utf8 utf8): names by stem; the stems are @items' own
 */
GHashTable *psp_export_names (const PspDatasetItem *items,
                              gsize                 n_items) G_GNUC_WARN_UNUSED_RESULT;
