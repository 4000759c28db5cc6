/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-edit-private.h"

#include "engine/core/psp-error.h"
#include "engine/core/psp-image.h"

#include <math.h>
#include <string.h>

/* An edit as bytes is a little-endian GVariant: version, kind, class, radius, width, height,
 * points, locked, runs.  The version is the first byte whatever follows. */
#define TYPE "(yyidiia(dd)aqay)"
#define VERSION 1

G_STATIC_ASSERT (sizeof (PspPoint) == 2 * sizeof (double));

GBytes *
psp_edit_serialize (const PspEdit *self)
{
  g_autoptr(GBytes) no_runs = g_bytes_new (NULL, 0);
  g_autoptr(GVariant) native = NULL;
  g_autoptr(GVariant) variant = NULL;

  native = g_variant_new ("(yyidii@a(dd)@aq@ay)", VERSION, self->kind, self->class_id,
                          self->radius, self->size.width, self->size.height,
                          g_variant_new_fixed_array (G_VARIANT_TYPE ("(dd)"), self->points,
                                                     self->n_points, sizeof (PspPoint)),
                          g_variant_new_fixed_array (G_VARIANT_TYPE_UINT16, self->locked,
                                                     self->n_locked, sizeof (guint16)),
                          g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING,
                                                    self->runs != NULL ? self->runs : no_runs,
                                                    TRUE));
  g_variant_ref_sink (native);
  variant = G_BYTE_ORDER == G_LITTLE_ENDIAN ? g_variant_ref (native) : g_variant_byteswap (native);
  return g_variant_get_data_as_bytes (variant);
}

static gboolean
refuse (GError     **error,
        const char  *problem)
{
  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "the edit is damaged: %s", problem);
  return FALSE;
}

static gboolean
check_points (const PspEdit  *self,
              GError        **error)
{
  gboolean has_points = self->kind == PSP_EDIT_STROKE || self->kind == PSP_EDIT_FILL ||
                        self->kind == PSP_EDIT_POLYGON;

  if (has_points != (self->n_points > 0) || self->n_points > PSP_EDIT_MAX_POINTS ||
      (self->kind == PSP_EDIT_FILL && self->n_points != 1))
    return refuse (error, "the number of points");

  for (gsize i = 0; i < self->n_points; i++)
    if (!(fabs (self->points[i].x) <= PSP_EDIT_MAX_COORDINATE &&
          fabs (self->points[i].y) <= PSP_EDIT_MAX_COORDINATE))
      return refuse (error, "a point out of range");
  return TRUE;
}

static gboolean
check_runs (const PspEdit  *self,
            GError        **error)
{
  gsize n_bytes = g_bytes_get_size (self->runs);
  const guint8 *start = g_bytes_get_data (self->runs, NULL);
  const guint8 *cursor = NULL;
  PspEditRun run = { 0 };

  if (self->kind != PSP_EDIT_ACCEPT)
    {
      if (n_bytes == 0 && self->size.width == 0 && self->size.height == 0)
        return TRUE;
      return refuse (error, "pixels in an edit that has none");
    }

  if (self->size.width < 1 || self->size.width > PSP_IMAGE_MAX_SIDE ||
      self->size.height < 1 || self->size.height > PSP_IMAGE_MAX_SIDE)
    return refuse (error, "the size of its mask");

  while (psp_edit_next_run (self, &cursor, &run))
    continue;
  if ((gsize) (cursor != NULL ? cursor - start : 0) != n_bytes)
    return refuse (error, "a run of pixels");
  return TRUE;
}

static gboolean
check_content (const PspEdit  *self,
               GError        **error)
{
  if (self->kind > PSP_EDIT_REDO)
    return refuse (error, "no such kind");
  if (self->class_id < PSP_EDIT_ORIGINAL || self->class_id > 65535 ||
      (self->kind == PSP_EDIT_REVERT && self->class_id != PSP_EDIT_ORIGINAL))
    return refuse (error, "no such class");
  if (self->kind == PSP_EDIT_STROKE
      ? !(self->radius >= PSP_EDIT_MIN_RADIUS && self->radius <= PSP_EDIT_MAX_RADIUS)
      : self->radius != 0)
    return refuse (error, "the radius of the brush");

  for (gsize i = 1; i < self->n_locked; i++)
    if (self->locked[i] <= self->locked[i - 1])
      return refuse (error, "the locked classes are not in order");
  return check_points (self, error) && check_runs (self, error);
}

/* (transfer full): a copy of the fixed-size elements of child @index. */
static gpointer
dup_array (GVariant *tuple,
           gsize     index,
           gsize     element_size,
           gsize    *n_elements)
{
  g_autoptr(GVariant) child = g_variant_get_child_value (tuple, index);
  gconstpointer elements = g_variant_get_fixed_array (child, n_elements, element_size);

  return *n_elements > 0 ? g_memdup2 (elements, *n_elements * element_size) : NULL;
}

static PspEdit *
edit_from_variant (GVariant *variant)
{
  PspEdit *self = g_new0 (PspEdit, 1);
  gsize n_bytes;
  guint8 *runs;
  guint8 kind;

  g_atomic_ref_count_init (&self->ref_count);
  g_variant_get (variant, "(yyidii@a(dd)@aq@ay)", NULL, &kind, &self->class_id, &self->radius,
                 &self->size.width, &self->size.height, NULL, NULL, NULL);
  self->kind = kind;
  self->points = dup_array (variant, 6, sizeof (PspPoint), &self->n_points);
  self->locked = dup_array (variant, 7, sizeof (guint16), &self->n_locked);
  runs = dup_array (variant, 8, 1, &n_bytes);
  self->runs = g_bytes_new_take (runs, n_bytes);
  return self;
}

PspEdit *
psp_edit_parse (GBytes  *bytes,
                GError **error)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);
  g_autoptr(GVariant) raw = NULL;
  g_autoptr(GVariant) variant = NULL;
  g_autoptr(PspEdit) self = NULL;

  if (n_bytes > 0 && data[0] > VERSION)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "the edit was written by a later version (form %d; this version reads %d)",
                   data[0], VERSION);
      return NULL;
    }

  raw = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (TYPE), bytes, FALSE));
  if (n_bytes == 0 || data[0] != VERSION || !g_variant_is_normal_form (raw))
    {
      refuse (error, "these bytes are none");
      return NULL;
    }

  variant = G_BYTE_ORDER == G_LITTLE_ENDIAN ? g_variant_ref (raw) : g_variant_byteswap (raw);
  self = edit_from_variant (variant);
  return check_content (self, error) ? g_steal_pointer (&self) : NULL;
}
