/* SPDX-License-Identifier: MIT */
#include "ui/psp-canvas.h"

#include <math.h>

#define MAX_CLASS_ID 65534

struct _PspCanvas
{
  GObject      parent_instance;

  PspScene    *scene;    /* (nullable) owned */
  PspViewport *viewport; /* owned */
  PspPixmap    *photo;    /* (nullable) owned */
  char         *problem;  /* (nullable): why there is no scene */
  char         *prediction_problem; /* (nullable): why the scene has no prediction */

  double       overlay_opacity;
  gboolean     outlines;
  gboolean     bare;
  gboolean     hand;
  gboolean     by_keys;

  PspTool      tool;
  int          class_id;
  double       radius;   /* image pixels */
  int          favorites[PSP_CANVAS_N_FAVORITES]; /* class ids; -1: none */

  gboolean     painting;
  GArray      *corners;  /* of PspPoint, image pixels: the polygon under way */
};

enum
{
  PROP_0,
  PROP_BARE,
  PROP_CLASS_ID,
  PROP_FAVORITES,
  PROP_HAND,
  PROP_OUTLINES,
  PROP_OVERLAY_OPACITY,
  PROP_PREDICTION_PROBLEM,
  PROP_PROBLEM,
  PROP_RADIUS,
  PROP_SCENE,
  PROP_TOOL,
  PROP_VIEWPORT,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (PspCanvas, psp_canvas, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];
static guint put_down;
static guint sketch_changed;

/* Where [ and ] stop: image pixels. */
static const double radii[] = {
  0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 125, 150, 200, 250,
  300, 400, 500,
};

static int
count_classes (PspCanvas *self)
{
  if (self->scene == NULL)
    return MAX_CLASS_ID + 1;

  return psp_taxonomy_get_n_classes (psp_scene_get_taxonomy (self->scene));
}

static char *
favorites_to_string (PspCanvas *self)
{
  GString *text = g_string_new (NULL);

  for (int key = 0; key < PSP_CANVAS_N_FAVORITES; key++)
    g_string_append_printf (text, "%s%d", key > 0 ? "," : "", self->favorites[key]);

  return g_string_free (text, FALSE);
}

/* Text that is no list of numbers leaves the keys it does not name as they are. */
static void
set_favorites_from_string (PspCanvas  *self,
                           const char *text)
{
  g_auto(GStrv) parts = g_strsplit (text != NULL ? text : "", ",", PSP_CANVAS_N_FAVORITES);

  for (int key = 0; parts[key] != NULL; key++)
    {
      gint64 class_id;

      if (g_ascii_string_to_signed (parts[key], 10, -1, MAX_CLASS_ID, &class_id, NULL))
        self->favorites[key] = class_id;
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FAVORITES]);
}

static void
psp_canvas_dispose (GObject *object)
{
  PspCanvas *self = PSP_CANVAS (object);

  g_clear_object (&self->scene);
  g_clear_object (&self->photo);

  G_OBJECT_CLASS (psp_canvas_parent_class)->dispose (object);
}

static void
psp_canvas_finalize (GObject *object)
{
  PspCanvas *self = PSP_CANVAS (object);

  g_object_unref (self->viewport);
  g_array_unref (self->corners);
  g_free (self->problem);
  g_free (self->prediction_problem);

  G_OBJECT_CLASS (psp_canvas_parent_class)->finalize (object);
}

static void
psp_canvas_get_property (GObject    *object,
                         guint       property_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  PspCanvas *self = PSP_CANVAS (object);

  switch (property_id)
    {
    case PROP_BARE:
      g_value_set_boolean (value, self->bare);
      break;

    case PROP_CLASS_ID:
      g_value_set_int (value, self->class_id);
      break;

    case PROP_FAVORITES:
      g_value_take_string (value, favorites_to_string (self));
      break;

    case PROP_HAND:
      g_value_set_boolean (value, self->hand);
      break;

    case PROP_OUTLINES:
      g_value_set_boolean (value, self->outlines);
      break;

    case PROP_OVERLAY_OPACITY:
      g_value_set_double (value, self->overlay_opacity);
      break;

    case PROP_PREDICTION_PROBLEM:
      g_value_set_string (value, self->prediction_problem);
      break;

    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;

    case PROP_RADIUS:
      g_value_set_double (value, self->radius);
      break;

    case PROP_SCENE:
      g_value_set_object (value, self->scene);
      break;

    case PROP_TOOL:
      g_value_set_enum (value, self->tool);
      break;

    case PROP_VIEWPORT:
      g_value_set_object (value, self->viewport);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
psp_canvas_set_property (GObject      *object,
                         guint         property_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  PspCanvas *self = PSP_CANVAS (object);

  switch (property_id)
    {
    case PROP_BARE:
      psp_canvas_set_bare (self, g_value_get_boolean (value));
      break;

    case PROP_CLASS_ID:
      psp_canvas_set_class_id (self, g_value_get_int (value));
      break;

    case PROP_FAVORITES:
      set_favorites_from_string (self, g_value_get_string (value));
      break;

    case PROP_HAND:
      psp_canvas_set_hand (self, g_value_get_boolean (value));
      break;

    case PROP_OUTLINES:
      psp_canvas_set_outlines (self, g_value_get_boolean (value));
      break;

    case PROP_OVERLAY_OPACITY:
      psp_canvas_set_overlay_opacity (self, g_value_get_double (value));
      break;

    case PROP_PREDICTION_PROBLEM:
      psp_canvas_set_prediction_problem (self, g_value_get_string (value));
      break;

    case PROP_PROBLEM:
      psp_canvas_set_problem (self, g_value_get_string (value));
      break;

    case PROP_RADIUS:
      psp_canvas_set_radius (self, g_value_get_double (value));
      break;

    case PROP_SCENE:
      psp_canvas_set_scene (self, g_value_get_object (value));
      break;

    case PROP_TOOL:
      psp_canvas_set_tool (self, g_value_get_enum (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
psp_canvas_class_init (PspCanvasClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = psp_canvas_dispose;
  object_class->finalize = psp_canvas_finalize;
  object_class->get_property = psp_canvas_get_property;
  object_class->set_property = psp_canvas_set_property;

  properties[PROP_BARE] = g_param_spec_boolean ("bare", NULL, NULL, FALSE, flags);
  properties[PROP_CLASS_ID] = g_param_spec_int ("class-id", NULL, NULL, 0, MAX_CLASS_ID, 0, flags);
  properties[PROP_FAVORITES] = g_param_spec_string ("favorites", NULL, NULL, NULL, flags);
  properties[PROP_HAND] = g_param_spec_boolean ("hand", NULL, NULL, FALSE, flags);
  properties[PROP_OUTLINES] = g_param_spec_boolean ("outlines", NULL, NULL, TRUE, flags);
  properties[PROP_OVERLAY_OPACITY] = g_param_spec_double ("overlay-opacity", NULL, NULL, 0, 1, 0.6,
                                                          flags);
  properties[PROP_PREDICTION_PROBLEM] = g_param_spec_string ("prediction-problem", NULL, NULL, NULL,
                                                             flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  properties[PROP_RADIUS] = g_param_spec_double ("radius", NULL, NULL, PSP_CANVAS_MIN_RADIUS,
                                                 PSP_CANVAS_MAX_RADIUS, 8, flags);
  properties[PROP_SCENE] = g_param_spec_object ("scene", NULL, NULL, PSP_TYPE_SCENE, flags);
  properties[PROP_TOOL] = g_param_spec_enum ("tool", NULL, NULL, PSP_TYPE_TOOL, PSP_TOOL_INSPECT,
                                             flags);
  properties[PROP_VIEWPORT] = g_param_spec_object ("viewport", NULL, NULL, PSP_TYPE_VIEWPORT,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  put_down = g_signal_new ("put-down", PSP_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                           G_TYPE_NONE, 0);
  sketch_changed = g_signal_new ("sketch-changed", PSP_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
psp_canvas_init (PspCanvas *self)
{
  self->viewport = psp_viewport_new ();
  self->corners = g_array_new (FALSE, FALSE, sizeof (PspPoint));
  self->overlay_opacity = 0.6;
  self->outlines = TRUE;
  self->radius = 8;
  for (int key = 0; key < PSP_CANVAS_N_FAVORITES; key++)
    self->favorites[key] = key;
}

PspCanvas *
psp_canvas_new (void)
{
  return g_object_new (PSP_TYPE_CANVAS, NULL);
}

void
psp_canvas_set_scene (PspCanvas *self,
                      PspScene  *scene)
{
  g_return_if_fail (PSP_IS_CANVAS (self));
  g_return_if_fail (scene == NULL || PSP_IS_SCENE (scene));

  if (self->scene == scene)
    return;

  psp_canvas_cancel (self);
  g_set_object (&self->scene, scene);
  g_clear_object (&self->photo);
  if (scene != NULL)
    {
      int n_classes = psp_taxonomy_get_n_classes (psp_scene_get_taxonomy (scene));

      self->photo = psp_pixmap_new_photo (psp_scene_get_photo (scene));
      psp_canvas_set_class_id (self, MIN (self->class_id, n_classes - 1));
    }
  psp_viewport_set_image_size (self->viewport,
                               scene != NULL ? psp_scene_get_size (scene) : (PspSize) { 0 });
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCENE]);
}

PspScene *
psp_canvas_get_scene (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), NULL);

  return self->scene;
}

static void
set_text (PspCanvas   *self,
          char       **place,
          const char  *text,
          int          property)
{
  if (g_strcmp0 (*place, text) == 0)
    return;

  g_free (*place);
  *place = g_strdup (text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
psp_canvas_set_problem (PspCanvas  *self,
                        const char *problem)
{
  g_return_if_fail (PSP_IS_CANVAS (self));

  set_text (self, &self->problem, problem, PROP_PROBLEM);
}

const char *
psp_canvas_get_problem (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), NULL);

  return self->problem;
}

void
psp_canvas_set_prediction_problem (PspCanvas  *self,
                                   const char *problem)
{
  g_return_if_fail (PSP_IS_CANVAS (self));

  set_text (self, &self->prediction_problem, problem, PROP_PREDICTION_PROBLEM);
}

const char *
psp_canvas_get_prediction_problem (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), NULL);

  return self->prediction_problem;
}

PspViewport *
psp_canvas_get_viewport (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), NULL);

  return self->viewport;
}

PspPixmap *
psp_canvas_get_photo (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), NULL);

  return self->photo;
}

void
psp_canvas_set_overlay_opacity (PspCanvas *self,
                                double     opacity)
{
  g_return_if_fail (PSP_IS_CANVAS (self));
  g_return_if_fail (opacity >= 0 && opacity <= 1);

  if (self->overlay_opacity == opacity)
    return;

  self->overlay_opacity = opacity;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OVERLAY_OPACITY]);
}

double
psp_canvas_get_overlay_opacity (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), 0);

  return self->overlay_opacity;
}

void
psp_canvas_set_outlines (PspCanvas *self,
                         gboolean   outlines)
{
  g_return_if_fail (PSP_IS_CANVAS (self));

  outlines = !!outlines;
  if (self->outlines == outlines)
    return;

  self->outlines = outlines;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OUTLINES]);
}

gboolean
psp_canvas_get_outlines (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), FALSE);

  return self->outlines;
}

void
psp_canvas_set_bare (PspCanvas *self,
                     gboolean   bare)
{
  g_return_if_fail (PSP_IS_CANVAS (self));

  bare = !!bare;
  if (self->bare == bare)
    return;

  self->bare = bare;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BARE]);
}

gboolean
psp_canvas_get_bare (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), FALSE);

  return self->bare;
}

void
psp_canvas_set_hand (PspCanvas *self,
                     gboolean   hand)
{
  g_return_if_fail (PSP_IS_CANVAS (self));

  hand = !!hand;
  if (self->hand == hand)
    return;

  self->hand = hand;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAND]);
}

gboolean
psp_canvas_get_hand (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), FALSE);

  return self->hand;
}

void
psp_canvas_set_by_keys (PspCanvas *self,
                        gboolean   by_keys)
{
  g_return_if_fail (PSP_IS_CANVAS (self));

  self->by_keys = by_keys;
}

gboolean
psp_canvas_get_by_keys (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), FALSE);

  return self->by_keys;
}

void
psp_canvas_set_tool (PspCanvas *self,
                     PspTool    tool)
{
  g_return_if_fail (PSP_IS_CANVAS (self));

  if (self->tool == tool)
    return;

  psp_canvas_cancel (self);
  self->tool = tool;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOOL]);
}

PspTool
psp_canvas_get_tool (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), PSP_TOOL_INSPECT);

  return self->tool;
}

void
psp_canvas_set_class_id (PspCanvas *self,
                         int        class_id)
{
  g_return_if_fail (PSP_IS_CANVAS (self));
  g_return_if_fail (class_id >= 0 && class_id <= MAX_CLASS_ID);

  if (self->class_id == class_id || class_id >= count_classes (self))
    return;

  self->class_id = class_id;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLASS_ID]);
}

int
psp_canvas_get_class_id (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), 0);

  return self->class_id;
}

void
psp_canvas_set_radius (PspCanvas *self,
                       double     radius)
{
  g_return_if_fail (PSP_IS_CANVAS (self));
  g_return_if_fail (radius >= PSP_CANVAS_MIN_RADIUS && radius <= PSP_CANVAS_MAX_RADIUS);

  if (self->radius == radius)
    return;

  self->radius = radius;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RADIUS]);
}

double
psp_canvas_get_radius (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), 0);

  return self->radius;
}

void
psp_canvas_step_radius (PspCanvas *self,
                        int        n_steps)
{
  int place = 0;

  g_return_if_fail (PSP_IS_CANVAS (self));

  /* The first at or above the radius; a step down from between two goes to the lower one. */
  while (place < (int) G_N_ELEMENTS (radii) - 1 && radii[place] < self->radius)
    place++;
  if (n_steps > 0 && radii[place] > self->radius)
    place--;

  place = CLAMP (place + n_steps, 0, (int) G_N_ELEMENTS (radii) - 1);
  psp_canvas_set_radius (self, radii[place]);
}

int
psp_canvas_get_favorite (PspCanvas *self,
                         int        key)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), -1);
  g_return_val_if_fail (key >= 0 && key < PSP_CANVAS_N_FAVORITES, -1);

  return self->favorites[key];
}

void
psp_canvas_set_favorite (PspCanvas *self,
                         int        key,
                         int        class_id)
{
  g_return_if_fail (PSP_IS_CANVAS (self));
  g_return_if_fail (key >= 0 && key < PSP_CANVAS_N_FAVORITES);
  g_return_if_fail (class_id >= -1 && class_id <= MAX_CLASS_ID);

  if (self->favorites[key] == class_id)
    return;

  self->favorites[key] = class_id;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FAVORITES]);
}

static void
set_corners (PspCanvas      *self,
             const PspPoint *added,
             guint           n_kept)
{
  g_array_set_size (self->corners, n_kept);
  if (added != NULL)
    g_array_append_val (self->corners, *added);
  g_signal_emit (self, sketch_changed, 0);
}

static void
add_corner (PspCanvas *self,
            PspPoint   image)
{
  if (self->corners->len > 0)
    {
      PspPoint last = g_array_index (self->corners, PspPoint, self->corners->len - 1);

      if (last.x == image.x && last.y == image.y)
        return;
    }

  set_corners (self, &image, self->corners->len);
}

void
psp_canvas_begin (PspCanvas *self,
                  PspPoint   image)
{
  g_return_if_fail (PSP_IS_CANVAS (self));

  if (self->scene == NULL || self->painting || self->tool == PSP_TOOL_INSPECT)
    return;

  g_signal_emit (self, put_down, 0);
  switch (self->tool)
    {
    case PSP_TOOL_BRUSH:
    case PSP_TOOL_ERASER:
      self->painting = TRUE;
      psp_scene_begin_stroke (self->scene,
                              self->tool == PSP_TOOL_BRUSH ? self->class_id : PSP_SCENE_ERASE,
                              self->radius, image);
      break;

    case PSP_TOOL_FILL:
      {
        g_autoptr(PspEdit) edit = psp_edit_new_fill (self->class_id, image);

        psp_scene_apply (self->scene, edit);
      }
      break;

    case PSP_TOOL_POLYGON:
      add_corner (self, image);
      break;

    case PSP_TOOL_INSPECT:
    default:
      break;
    }
}

void
psp_canvas_extend (PspCanvas *self,
                   PspPoint   image)
{
  g_return_if_fail (PSP_IS_CANVAS (self));

  if (self->painting)
    psp_scene_extend_stroke (self->scene, image);
}

void
psp_canvas_end (PspCanvas *self)
{
  g_return_if_fail (PSP_IS_CANVAS (self));

  if (!self->painting)
    return;

  self->painting = FALSE;
  psp_scene_end_stroke (self->scene);
}

gboolean
psp_canvas_is_painting (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), FALSE);

  return self->painting;
}

gboolean
psp_canvas_cancel (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), FALSE);

  if (self->painting)
    {
      self->painting = FALSE;
      psp_scene_cancel_stroke (self->scene);
      return TRUE;
    }

  if (self->corners->len > 0)
    {
      set_corners (self, NULL, 0);
      return TRUE;
    }

  return FALSE;
}

const PspPoint *
psp_canvas_get_corners (PspCanvas *self,
                        int       *n_corners)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), NULL);

  *n_corners = self->corners->len;
  return (const PspPoint *) self->corners->data;
}

gboolean
psp_canvas_remove_corner (PspCanvas *self)
{
  g_return_val_if_fail (PSP_IS_CANVAS (self), FALSE);

  if (self->corners->len == 0)
    return FALSE;

  set_corners (self, NULL, self->corners->len - 1);
  return TRUE;
}

void
psp_canvas_finish_polygon (PspCanvas *self)
{
  g_return_if_fail (PSP_IS_CANVAS (self));

  if (self->scene != NULL && self->corners->len >= 3)
    {
      g_autoptr(PspEdit) edit = psp_edit_new_polygon (self->class_id,
                                                      (const PspPoint *) self->corners->data,
                                                      self->corners->len);

      g_signal_emit (self, put_down, 0);
      set_corners (self, NULL, 0);
      psp_scene_apply (self->scene, edit);
    }
}

void
psp_canvas_pick (PspCanvas *self,
                 PspPoint   image)
{
  const PspMask *mask;
  guint16 class_id;

  g_return_if_fail (PSP_IS_CANVAS (self));

  if (self->scene == NULL)
    return;

  mask = psp_scene_get_mask (self->scene);
  if (!psp_rect_contains ((PspRect) { 0, 0, mask->size.width, mask->size.height },
                          floor (image.x), floor (image.y)))
    return;

  class_id = mask->pixels[(gsize) floor (image.y) * mask->size.width + (gsize) floor (image.x)];
  if (class_id != psp_mask_get_ignore (mask) && class_id <= MAX_CLASS_ID)
    psp_canvas_set_class_id (self, class_id);
}

void
psp_canvas_accept (PspCanvas       *self,
                   PspCanvasAccept  what,
                   PspPoint         image)
{
  g_autoptr(PspEdit) edit = NULL;
  PspPrediction *prediction;
  PspMask *labels;

  g_return_if_fail (PSP_IS_CANVAS (self));

  prediction = self->scene != NULL ? psp_scene_get_prediction (self->scene) : NULL;
  if (prediction == NULL || self->painting ||
      psp_scene_get_network_taxonomy (self->scene) != psp_scene_get_taxonomy (self->scene))
    return;

  labels = psp_prediction_get_labels (prediction);
  edit = what == PSP_CANVAS_ACCEPT_ALL ? psp_edit_new_accept_all (labels)
                                       : psp_edit_new_accept_component (labels, image);
  psp_scene_apply (self->scene, edit);
}
