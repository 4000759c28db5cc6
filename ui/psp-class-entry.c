/* SPDX-License-Identifier: MIT */

#include "ui/psp-class-entry.h"

struct _PspClassEntry
{
  GObject          parent_instance;

  int              id;
  char            *name;
  guint32          color;
  PspClassMeasures measures;
  guint            version;
};

enum
{
  PROP_0,
  PROP_NAME,
  PROP_VERSION,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (PspClassEntry, psp_class_entry, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static void
psp_class_entry_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PspClassEntry *self = PSP_CLASS_ENTRY (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;

    case PROP_VERSION:
      g_value_set_uint (value, self->version);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_class_entry_finalize (GObject *object)
{
  g_clear_pointer (&PSP_CLASS_ENTRY (object)->name, g_free);

  G_OBJECT_CLASS (psp_class_entry_parent_class)->finalize (object);
}

static void
psp_class_entry_class_init (PspClassEntryClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = psp_class_entry_get_property;
  object_class->finalize = psp_class_entry_finalize;

  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_VERSION] = g_param_spec_uint ("version", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
psp_class_entry_init (PspClassEntry *self)
{
  self->measures = (PspClassMeasures) PSP_CLASS_MEASURES_UNKNOWN;
}

PspClassEntry *
psp_class_entry_new (int         id,
                     const char *name,
                     guint32     color)
{
  PspClassEntry *self = g_object_new (PSP_TYPE_CLASS_ENTRY, NULL);

  self->id = id;
  self->name = g_strdup (name);
  self->color = color;
  return self;
}

int
psp_class_entry_get_id (PspClassEntry *self)
{
  g_return_val_if_fail (PSP_IS_CLASS_ENTRY (self), -1);

  return self->id;
}

const char *
psp_class_entry_get_name (PspClassEntry *self)
{
  g_return_val_if_fail (PSP_IS_CLASS_ENTRY (self), NULL);

  return self->name;
}

guint32
psp_class_entry_get_color (PspClassEntry *self)
{
  g_return_val_if_fail (PSP_IS_CLASS_ENTRY (self), 0);

  return self->color;
}

const PspClassMeasures *
psp_class_entry_get_measures (PspClassEntry *self)
{
  g_return_val_if_fail (PSP_IS_CLASS_ENTRY (self), NULL);

  return &self->measures;
}

void
psp_class_entry_set_measures (PspClassEntry    *self,
                              PspClassMeasures  measures)
{
  g_return_if_fail (PSP_IS_CLASS_ENTRY (self));

  if (self->measures.truth == measures.truth &&
      self->measures.prediction == measures.prediction &&
      self->measures.iou == measures.iou)
    return;

  self->measures = measures;
  self->version++;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VERSION]);
}

gboolean
psp_class_entry_get_present (PspClassEntry *self)
{
  g_return_val_if_fail (PSP_IS_CLASS_ENTRY (self), FALSE);

  return self->measures.truth > 0 || self->measures.prediction > 0;
}
