/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

/**
 * PspSharedParts:
 * @prefix: bytes at the beginning
 * @suffix: bytes at the end
 *
 * What the names of all images of a dataset have in common, up to a separator: nothing that tells
 * them apart.
 */
typedef struct
{
  gsize prefix;
  gsize suffix;
} PspSharedParts;

/* Of @items, a list of PspProjectItem. */
PspSharedParts psp_shared_parts_find  (GListModel     *items);

/**
 * psp_shared_parts_shorten:
 * @name: one of those names
 *
 * Returns: (transfer full): for a narrow label: @name without these parts if it is long, with
 *   places to break a line at
 */
char          *psp_shared_parts_shorten (PspSharedParts  self,
                                         const char     *name) G_GNUC_WARN_UNUSED_RESULT;
