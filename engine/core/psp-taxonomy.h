/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/* What is drawn for pixels that belong to no class. */
#define PSP_TAXONOMY_IGNORE_COLOR 0x000000

/**
 * PspClass:
 * @name: as datasets write it: “Sky”, “sidewalk_pavement”
 * @category: (nullable): the group it belongs to: “vehicle”
 * @color: 0xRRGGBB; for display only, never stored in masks
 */
typedef struct
{
  char    *name;
  char    *category;
  guint32  color;
} PspClass;

/**
 * PspTaxonomy:
 *
 * A named list of classes.  A class's id is its place in the list.  Immutable and
 * reference-counted; use it from any thread.
 */
typedef struct _PspTaxonomy PspTaxonomy;

/**
 * psp_taxonomy_new:
 * @name: what the list is called, such as “camvid-11”
 * @classes: (array length=n_classes): copied
 * @n_classes: 1 to 65535
 *
 * Returns: (transfer full): a taxonomy
 */
PspTaxonomy    *psp_taxonomy_new              (const char         *name,
                                               const PspClass     *classes,
                                               int                 n_classes) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_taxonomy_new_numbered:
 * @n_classes: 1 to 65535
 *
 * For when nothing is known but the number: “class 0”, “class 1” …, in colours that differ.
 */
PspTaxonomy    *psp_taxonomy_new_numbered     (int                 n_classes) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_taxonomy_new_from_names:
 * @name: what the list is called
 * @names: (array zero-terminated): at least one
 *
 * A list of names with the colours of psp_taxonomy_default_color().
 */
PspTaxonomy    *psp_taxonomy_new_from_names   (const char         *name,
                                               const char * const *names) G_GNUC_WARN_UNUSED_RESULT;

PspTaxonomy    *psp_taxonomy_ref              (PspTaxonomy        *self);
void            psp_taxonomy_unref            (PspTaxonomy        *self);

const char     *psp_taxonomy_get_name         (const PspTaxonomy  *self);
int             psp_taxonomy_get_n_classes    (const PspTaxonomy  *self);

/* (transfer none) (nullable): the class with @id, %NULL outside the list. */
const PspClass *psp_taxonomy_get_class        (const PspTaxonomy  *self,
                                               int                 id);

/* The name of @id; “ignored” for ids outside the list. */
const char     *psp_taxonomy_get_class_name   (const PspTaxonomy  *self,
                                               int                 id);

/* 0xRRGGBB of @id; %PSP_TAXONOMY_IGNORE_COLOR for ids outside the list. */
guint32         psp_taxonomy_get_class_color  (const PspTaxonomy  *self,
                                               int                 id);

/* The id of the class called exactly @name; -1 if there is none. */
int             psp_taxonomy_find             (const PspTaxonomy  *self,
                                               const char         *name);

/* Whether both have the same class names in the same order. */
gboolean        psp_taxonomy_same_names       (const PspTaxonomy  *a,
                                               const PspTaxonomy  *b);

/* 0xRRGGBB for @id from the VOC colour map algorithm (bits of the id spread over the three
 * channels, VOCdevkit's VOClabelcolormap.m), shifted by one so that no class is black. */
guint32         psp_taxonomy_default_color    (int                 id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspTaxonomy, psp_taxonomy_unref)
