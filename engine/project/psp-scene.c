/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-scene-private.h"

struct _PspScene
{
  GObject         parent_instance;

  PspSceneParts  *parts;
  PspPrediction  *prediction; /* (nullable) */

  /* As last notified. */
  gboolean        can_undo;
  gboolean        can_redo;
  gboolean        modified;
};

enum {
  PROP_0,
  PROP_PREDICTION,
  PROP_CAN_UNDO,
  PROP_CAN_REDO,
  PROP_MODIFIED,
  N_PROPS
};

enum {
  MASK_CHANGED,
  JOURNAL,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (PspScene, psp_scene, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

void
psp_scene_parts_free (PspSceneParts *self)
{
  g_free (self->stem);
  g_free (self->truth_problem);
  g_clear_pointer (&self->photo, psp_image_unref);
  g_clear_pointer (&self->truth, psp_mask_unref);
  g_clear_pointer (&self->editor, psp_mask_editor_free);
  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);
  g_clear_pointer (&self->network_taxonomy, psp_taxonomy_unref);
  g_free (self);
}

static void
psp_scene_finalize (GObject *object)
{
  PspScene *self = PSP_SCENE (object);

  g_clear_pointer (&self->prediction, psp_prediction_unref);
  g_clear_pointer (&self->parts, psp_scene_parts_free);

  G_OBJECT_CLASS (psp_scene_parent_class)->finalize (object);
}

static void
psp_scene_get_property (GObject    *object,
                        guint       property,
                        GValue     *value,
                        GParamSpec *spec)
{
  PspScene *self = PSP_SCENE (object);

  switch (property)
    {
    case PROP_PREDICTION:
      g_value_set_pointer (value, self->prediction);
      break;
    case PROP_CAN_UNDO:
      g_value_set_boolean (value, psp_scene_get_can_undo (self));
      break;
    case PROP_CAN_REDO:
      g_value_set_boolean (value, psp_scene_get_can_redo (self));
      break;
    case PROP_MODIFIED:
      g_value_set_boolean (value, psp_scene_get_modified (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, spec);
    }
}

static void
psp_scene_class_init (PspSceneClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = psp_scene_finalize;
  object_class->get_property = psp_scene_get_property;

  properties[PROP_PREDICTION] = g_param_spec_pointer ("prediction", NULL, NULL, flags);
  properties[PROP_CAN_UNDO] = g_param_spec_boolean ("can-undo", NULL, NULL, FALSE, flags);
  properties[PROP_CAN_REDO] = g_param_spec_boolean ("can-redo", NULL, NULL, FALSE, flags);
  properties[PROP_MODIFIED] = g_param_spec_boolean ("modified", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[MASK_CHANGED] = g_signal_new ("mask-changed", PSP_TYPE_SCENE, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 4, G_TYPE_INT, G_TYPE_INT,
                                        G_TYPE_INT, G_TYPE_INT);
  signals[JOURNAL] = g_signal_new ("journal", PSP_TYPE_SCENE, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
psp_scene_init (PspScene *self)
{
}

PspScene *
psp_scene_new (PspSceneParts *parts)
{
  PspScene *self = g_object_new (PSP_TYPE_SCENE, NULL);

  self->parts = parts;
  psp_scene_update_state (self);
  return self;
}

const char *
psp_scene_get_stem (PspScene *self)
{
  return self->parts->stem;
}

PspSize
psp_scene_get_size (PspScene *self)
{
  return self->parts->photo->size;
}

PspImage *
psp_scene_get_photo (PspScene *self)
{
  return self->parts->photo;
}

PspMask *
psp_scene_get_truth (PspScene *self)
{
  return self->parts->truth;
}

const char *
psp_scene_get_truth_problem (PspScene *self)
{
  return self->parts->truth_problem;
}

PspPrediction *
psp_scene_get_prediction (PspScene *self)
{
  return self->prediction;
}

const PspMask *
psp_scene_get_mask (PspScene *self)
{
  return psp_mask_editor_get_mask (self->parts->editor);
}

PspTaxonomy *
psp_scene_get_taxonomy (PspScene *self)
{
  return self->parts->taxonomy;
}

PspTaxonomy *
psp_scene_get_network_taxonomy (PspScene *self)
{
  return self->parts->network_taxonomy != NULL ? self->parts->network_taxonomy
                                               : self->parts->taxonomy;
}

PspMaskEditor *
psp_scene_get_editor (PspScene *self)
{
  return self->parts->editor;
}

gsize
psp_scene_get_n_bytes (PspScene *self)
{
  PspSize size = psp_scene_get_size (self);
  gsize n_masks = self->parts->truth != NULL ? 2 : 1;
  gsize n_pixels = (gsize) size.width * size.height;

  return n_pixels * (3 + n_masks * sizeof (guint16)) +
         psp_mask_editor_get_n_bytes (self->parts->editor);
}

gboolean
psp_scene_get_can_undo (PspScene *self)
{
  return psp_mask_editor_get_can_undo (self->parts->editor);
}

gboolean
psp_scene_get_can_redo (PspScene *self)
{
  return psp_mask_editor_get_can_redo (self->parts->editor);
}

gboolean
psp_scene_get_modified (PspScene *self)
{
  return psp_mask_editor_get_modified (self->parts->editor);
}

static void
update_flag (PspScene *self,
             gboolean *flag,
             gboolean  value,
             int       property)
{
  if (*flag == value)
    return;

  *flag = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
psp_scene_update_state (PspScene *self)
{
  update_flag (self, &self->can_undo, psp_scene_get_can_undo (self), PROP_CAN_UNDO);
  update_flag (self, &self->can_redo, psp_scene_get_can_redo (self), PROP_CAN_REDO);
  update_flag (self, &self->modified, psp_scene_get_modified (self), PROP_MODIFIED);
}

void
psp_scene_set_prediction (PspScene      *self,
                          PspPrediction *prediction)
{
  if (self->prediction == prediction)
    return;

  if (prediction != NULL)
    psp_prediction_ref (prediction);
  g_clear_pointer (&self->prediction, psp_prediction_unref);
  self->prediction = prediction;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PREDICTION]);
}

void
psp_scene_set_taxonomy (PspScene    *self,
                        PspTaxonomy *taxonomy,
                        PspTaxonomy *network_taxonomy)
{
  psp_taxonomy_ref (taxonomy);
  psp_taxonomy_unref (self->parts->taxonomy);
  self->parts->taxonomy = taxonomy;
  if (network_taxonomy != NULL)
    psp_taxonomy_ref (network_taxonomy);
  g_clear_pointer (&self->parts->network_taxonomy, psp_taxonomy_unref);
  self->parts->network_taxonomy = network_taxonomy;
}

/* Tells everyone that pixels inside @rect are others now. */
static void
report_change (PspScene *self,
               PspRect   rect)
{
  if (!psp_rect_is_empty (rect))
    g_signal_emit (self, signals[MASK_CHANGED], 0, rect.x, rect.y, rect.width, rect.height);
}

/* After a whole gesture: the journal first, then what shows. */
static void
report_step (PspScene *self,
             PspRect   rect,
             PspEdit  *entry)
{
  if (entry != NULL)
    g_signal_emit (self, signals[JOURNAL], 0, entry);
  report_change (self, rect);
  psp_scene_update_state (self);
}

void
psp_scene_take_editor (PspScene      *self,
                       PspMaskEditor *editor)
{
  PspSize size = psp_scene_get_size (self);

  psp_mask_editor_free (self->parts->editor);
  self->parts->editor = editor;
  report_step (self, (PspRect) { 0, 0, size.width, size.height }, NULL);
}

void
psp_scene_begin_stroke (PspScene *self,
                        int       class_id,
                        double    radius,
                        PspPoint  point)
{
  report_change (self, psp_mask_editor_begin_stroke (self->parts->editor, class_id, radius,
                                                     point));
}

void
psp_scene_extend_stroke (PspScene *self,
                         PspPoint  point)
{
  if (psp_mask_editor_get_stroking (self->parts->editor))
    report_change (self, psp_mask_editor_extend_stroke (self->parts->editor, point));
}

void
psp_scene_end_stroke (PspScene *self)
{
  g_autoptr(PspEdit) entry = NULL;

  if (!psp_mask_editor_get_stroking (self->parts->editor))
    return;
  entry = psp_mask_editor_end_stroke (self->parts->editor);
  report_step (self, (PspRect) { 0 }, entry);
}

void
psp_scene_cancel_stroke (PspScene *self)
{
  if (psp_mask_editor_get_stroking (self->parts->editor))
    report_change (self, psp_mask_editor_cancel_stroke (self->parts->editor));
}

void
psp_scene_apply (PspScene      *self,
                 const PspEdit *edit)
{
  g_autoptr(PspEdit) entry = NULL;
  PspRect rect;

  psp_scene_end_stroke (self);
  rect = psp_mask_editor_apply (self->parts->editor, edit, &entry);
  report_step (self, rect, entry);
}

void
psp_scene_undo (PspScene *self)
{
  g_autoptr(PspEdit) entry = NULL;
  PspRect rect;

  psp_scene_end_stroke (self);
  rect = psp_mask_editor_undo (self->parts->editor, &entry);
  report_step (self, rect, entry);
}

void
psp_scene_redo (PspScene *self)
{
  g_autoptr(PspEdit) entry = NULL;
  PspRect rect;

  psp_scene_end_stroke (self);
  rect = psp_mask_editor_redo (self->parts->editor, &entry);
  report_step (self, rect, entry);
}
