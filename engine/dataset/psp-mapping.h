/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"
#include "engine/core/psp-mask.h"
#include "engine/core/psp-taxonomy.h"

/**
 * PspMapping:
 *
 * Which class of one taxonomy each class of another is, or that it is ignored.  Classes are matched
 * by name, so that the order of a dataset's names.txt does not matter.  Immutable; use it from any
 * thread.
 */
typedef struct _PspMapping PspMapping;

/* The target of classes that have none. */
#define PSP_MAPPING_IGNORED -1

/**
 * psp_mapping_parse:
 * @text: a table of two columns separated by one tab, LF or CRLF, as MSeg's A_to_B.tsv (reference:
 *   mseg-api, class_remapping_files): the two taxonomies' names in the first line, class names
 *   below; “unlabeled” as a target ignores the class
 * @origin: where @text came from, for messages
 * @source: the taxonomy that masks have
 * @target: the taxonomy that they shall have
 * @error: %PSP_ERROR_BAD_FILE naming the line: not two columns, a class that @source or @target
 *   does not have, a class of @source that is mapped twice or not at all
 *
 * A row for “unlabeled” is skipped where @source has no class of this name: ignored stays ignored.
 *
 * Returns: (transfer full): the mapping, or %NULL with @error set
 */
PspMapping  *psp_mapping_parse        (const char         *text,
                                       const char         *origin,
                                       PspTaxonomy        *source,
                                       PspTaxonomy        *target,
                                       GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/* psp_mapping_parse() of the file @path; also %PSP_ERROR_NOT_FOUND and %PSP_ERROR_IO. */
PspMapping  *psp_mapping_load         (const char         *path,
                                       PspTaxonomy        *source,
                                       PspTaxonomy        *target,
                                       GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_mapping_load_builtin:
 * @source_name: “camvid-11”
 * @target_name: “mseg-universal”
 * @error: %PSP_ERROR_NOT_FOUND if the program has no such table
 *
 * Between two of psp_taxonomy_list_builtin(), in their own order.
 *
 * Returns: (transfer full): the mapping, or %NULL with @error set
 */
PspMapping  *psp_mapping_load_builtin (const char         *source_name,
                                       const char         *target_name,
                                       GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_mapping_find_builtin:
 * @source: any taxonomy: its class names count, in any order, and nothing else
 * @target_name: one of psp_taxonomy_list_builtin()
 * @error: %PSP_ERROR_UNSUPPORTED, naming what can be mapped
 *
 * Finds the table whose source has exactly the class names of @source.  A taxonomy whose every
 * class name is one of the target's needs no table: each class is the one of its name.
 *
 * Returns: (transfer full): the mapping, or %NULL with @error set
 */
PspMapping  *psp_mapping_find_builtin (PspTaxonomy        *source,
                                       const char         *target_name,
                                       GError            **error) G_GNUC_WARN_UNUSED_RESULT;

void         psp_mapping_free         (PspMapping         *self);

/* (transfer none) */
PspTaxonomy *psp_mapping_get_source   (const PspMapping   *self);
PspTaxonomy *psp_mapping_get_target   (const PspMapping   *self);

/* The target's id of class @source_id; %PSP_MAPPING_IGNORED for classes that are ignored and ids
 * that do not exist. */
int          psp_mapping_get_target_id (const PspMapping  *self,
                                        int                source_id);

/**
 * psp_mapping_apply:
 * @self: a mapping
 * @mask: ids of the source
 * @error: %PSP_ERROR_NO_MEMORY
 *
 * The result is 8-bit if the target has at most 255 classes, else 16-bit.  Ids that are no class of
 * the source become ignored; count them with psp_label_counts_add() and report them.
 *
 * Returns: (transfer full): a mask of the same size with ids of the target, or %NULL with @error
 *   set
 */
PspMask     *psp_mapping_apply        (const PspMapping   *self,
                                       const PspMask      *mask,
                                       GError            **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspMapping, psp_mapping_free)
