/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"
#include "engine/core/psp-taxonomy.h"

/* Taxonomies as text and as files.  Class names are UTF-8, unique within a taxonomy, and may
 * contain blanks.  Every function runs in any thread. */

/**
 * psp_taxonomy_from_json:
 * @text: {"name": …, "classes": [{"name": …, "color": "#RRGGBB", "category": …}, …]}; “color” and
 *   “category” may be left out, other members are ignored
 * @error: %PSP_ERROR_BAD_FILE saying which class is wrong and why
 *
 * Returns: (transfer full): the taxonomy, or %NULL with @error set
 */
PspTaxonomy *psp_taxonomy_from_json        (const char         *text,
                                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): what psp_taxonomy_from_json() reads back to an equal taxonomy, on one line. */
char        *psp_taxonomy_to_json          (const PspTaxonomy  *self) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the content of a names.txt: one name a line, each line ended by a line feed. */
char        *psp_taxonomy_to_names_text    (const PspTaxonomy  *self) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the content of a colors.txt: “R G B” in 0 to 255, one class a line. */
char        *psp_taxonomy_to_colors_text   (const PspTaxonomy  *self) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_taxonomy_load:
 * @path: a JSON file as above, or a text with one class name a line
 * @error: %PSP_ERROR_NOT_FOUND, %PSP_ERROR_IO or %PSP_ERROR_BAD_FILE, naming @path and the line
 *
 * Tells the two by their first character.  A list of names goes through psp_taxonomy_load_names()
 * without colours.
 *
 * Returns: (transfer full): the taxonomy, or %NULL with @error set
 */
PspTaxonomy *psp_taxonomy_load             (const char         *path,
                                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_taxonomy_load_names:
 * @name: what the taxonomy is called if no built-in one has the same names
 * @names_path: one class name a line, LF or CRLF; empty lines at the end do not count, others are
 *   an error
 * @colors_path: (nullable): “R G B” a line, as many as there are names
 * @error: %PSP_ERROR_NOT_FOUND, %PSP_ERROR_IO or %PSP_ERROR_BAD_FILE, naming the file and the line
 *
 * A list that a built-in taxonomy has in the same order takes its name; colours that are not given
 * and categories are those of the built-in taxonomy with the same names, in whatever order.
 *
 * Returns: (transfer full): the taxonomy, or %NULL with @error set
 */
PspTaxonomy *psp_taxonomy_load_names       (const char         *name,
                                            const char         *names_path,
                                            const char         *colors_path,
                                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/* (array zero-terminated): the names of the built-in taxonomies: “camvid-11”, “voc-21” ….
 * What each is: data/taxonomies/README.md. */
const char * const *psp_taxonomy_list_builtin (void);

/**
 * psp_taxonomy_load_builtin:
 * @name: one of psp_taxonomy_list_builtin()
 * @error: %PSP_ERROR_NOT_FOUND, listing those that exist
 *
 * Returns: (transfer full): the taxonomy from the program's own data, or %NULL with @error set
 */
PspTaxonomy *psp_taxonomy_load_builtin     (const char         *name,
                                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): what --names takes: one of psp_taxonomy_list_builtin(), which counts more than a
 * file that is called like it, or a file for psp_taxonomy_load(). */
PspTaxonomy *psp_taxonomy_load_any         (const char         *names,
                                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_taxonomy_find_builtin_for:
 * @names: any taxonomy
 *
 * Looks for a built-in taxonomy with exactly the same set of class names.  Their order may differ:
 * look classes up by name.
 *
 * Returns: (transfer full) (nullable): the built-in taxonomy, %NULL if none has these names
 */
PspTaxonomy *psp_taxonomy_find_builtin_for (const PspTaxonomy  *names) G_GNUC_WARN_UNUSED_RESULT;
