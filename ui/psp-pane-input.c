/* SPDX-License-Identifier: MIT */
#include "ui/psp-pane-private.h"

#include <math.h>

/* What a key moves the view by, as a share of the pane. */
#define KEY_PAN_SHARE 0.1

/* How much one logical pixel of a touchpad with Ctrl zooms. */
#define TOUCHPAD_ZOOM_PER_PX 0.01

static PspViewport *
get_viewport (PspPane *self)
{
  return psp_canvas_get_viewport (self->canvas);
}

static void
update_cursor (PspPane *self)
{
  const char *name = "crosshair";

  if (self->drag == PSP_DRAG_VIEW)
    name = "grabbing";
  else if (psp_canvas_get_hand (self->canvas))
    name = "grab";

  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), name);
}

static void
point_at (PspPane *self,
          double   x,
          double   y)
{
  self->pointer = (PspPoint) { x, y };
  psp_canvas_set_by_keys (self->canvas, FALSE);
  psp_viewport_set_crosshair (get_viewport (self), psp_pane_to_image (self, x, y));
}

/* GTK repeats the last motion when something under the pointer changes: that is none. */
static void
pointer_motion (PspPane *self,
                double   x,
                double   y)
{
  if (self->pointed && self->pointer.x == x && self->pointer.y == y)
    return;

  self->pointed = TRUE;
  point_at (self, x, y);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
psp_pane_view_changed (PspPane *self)
{
  if (self->pointed && self->drag == PSP_DRAG_NONE && !psp_canvas_get_by_keys (self->canvas))
    point_at (self, self->pointer.x, self->pointer.y);
}

/* The crosshair stays: what is said about its pixel can be read elsewhere. */
static void
pointer_leave (PspPane *self)
{
  self->pointed = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static PspPoint
pointer_or_middle (PspPane *self)
{
  PspPoint image;

  if (self->pointed && psp_viewport_get_crosshair (get_viewport (self), &image))
    return image;

  return psp_viewport_get_center (get_viewport (self));
}

/* Moves the view so that the image follows a way of (@dx, @dy) logical pixels. */
static void
drag_view (PspPane *self,
           double   dx,
           double   dy)
{
  double scale = psp_pane_get_transform (self).scale /
                 gtk_widget_get_scale_factor (GTK_WIDGET (self));

  psp_viewport_pan (get_viewport (self), (PspPoint) { -dx / scale, -dy / scale });
}

static gboolean
scroll (PspPane            *self,
        double              dx,
        double              dy,
        GtkEventController *controller)
{
  GtkEventControllerScroll *wheel = GTK_EVENT_CONTROLLER_SCROLL (controller);
  gboolean control = gtk_event_controller_get_current_event_state (controller) & GDK_CONTROL_MASK;

  if (gtk_event_controller_scroll_get_unit (wheel) == GDK_SCROLL_UNIT_WHEEL)
    {
      if (fabs (dy) >= 1)
        psp_viewport_zoom_step (get_viewport (self), dy < 0 ? 1 : -1, pointer_or_middle (self));
      else if (dy != 0)
        psp_viewport_zoom_to (get_viewport (self),
                              psp_viewport_get_zoom (get_viewport (self)) * exp2 (-dy / 2),
                              pointer_or_middle (self));
    }
  else if (control)
    psp_viewport_zoom_to (get_viewport (self),
                          psp_viewport_get_zoom (get_viewport (self)) *
                          exp2 (-dy * TOUCHPAD_ZOOM_PER_PX),
                          pointer_or_middle (self));
  else
    drag_view (self, -dx, -dy);

  return GDK_EVENT_STOP;
}

static void
pinch_begin (PspPane *self)
{
  self->pinch_from = psp_viewport_get_zoom (get_viewport (self));
}

static void
pinch_changed (PspPane    *self,
               double      scale,
               GtkGesture *gesture)
{
  double x, y;

  if (gtk_gesture_get_bounding_box_center (gesture, &x, &y) && scale > 0)
    psp_viewport_zoom_to (get_viewport (self), self->pinch_from * scale,
                          psp_pane_to_image (self, x, y));
}

/* A double click closes a polygon at the corner that its first press set: further presses at the
 * same place set none. */
static void
press_tool (PspPane  *self,
            PspPoint  image)
{
  if (psp_canvas_get_tool (self->canvas) == PSP_TOOL_POLYGON && self->n_press > 1)
    {
      if (self->n_press == 2)
        psp_canvas_finish_polygon (self->canvas);
      return;
    }

  self->drag = PSP_DRAG_TOOL;
  psp_canvas_begin (self->canvas, image);
}

static void
drag_begin (PspPane    *self,
            double      x,
            double      y,
            GtkGesture *gesture)
{
  GdkModifierType state =
    gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  gboolean middle = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture)) ==
                    GDK_BUTTON_MIDDLE;

  if (gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT) != GTK_WIDGET (self))
    {
      gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_DENIED);
      return;
    }

  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_grab_focus (GTK_WIDGET (self));
  point_at (self, x, y);

  if (middle || psp_canvas_get_hand (self->canvas) ||
      psp_canvas_get_tool (self->canvas) == PSP_TOOL_INSPECT)
    {
      self->drag = PSP_DRAG_VIEW;
      self->drag_from = (PspPoint) { 0, 0 };
    }
  else if (state & GDK_ALT_MASK)
    psp_canvas_pick (self->canvas, psp_pane_to_image (self, x, y));
  else
    press_tool (self, psp_pane_to_image (self, x, y));

  update_cursor (self);
}

/* The places of the pointer since the last frame that GTK put into one event. */
static void
extend_through_history (PspPane    *self,
                        GtkGesture *gesture)
{
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (gesture));
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  g_autofree GdkTimeCoord *history = NULL;
  double surface_x, surface_y;
  guint n = 0;

  if (event != NULL)
    history = gdk_event_get_history (event, &n);

  gtk_native_get_surface_transform (native, &surface_x, &surface_y);
  for (guint i = 0; i < n; i++)
    {
      double x, y;

      if ((history[i].flags & (GDK_AXIS_FLAG_X | GDK_AXIS_FLAG_Y)) !=
          (GDK_AXIS_FLAG_X | GDK_AXIS_FLAG_Y))
        continue;

      gtk_widget_translate_coordinates (GTK_WIDGET (native), GTK_WIDGET (self),
                                        history[i].axes[GDK_AXIS_X] - surface_x,
                                        history[i].axes[GDK_AXIS_Y] - surface_y, &x, &y);
      psp_canvas_extend (self->canvas, psp_pane_to_image (self, x, y));
    }
}

static void
drag_update (PspPane    *self,
             double      offset_x,
             double      offset_y,
             GtkGesture *gesture)
{
  double x, y;

  gtk_gesture_drag_get_start_point (GTK_GESTURE_DRAG (gesture), &x, &y);
  if (self->drag == PSP_DRAG_VIEW)
    {
      drag_view (self, offset_x - self->drag_from.x, offset_y - self->drag_from.y);
      self->drag_from = (PspPoint) { offset_x, offset_y };
    }
  else if (self->drag == PSP_DRAG_TOOL && psp_canvas_is_painting (self->canvas))
    {
      extend_through_history (self, gesture);
      psp_canvas_extend (self->canvas, psp_pane_to_image (self, x + offset_x, y + offset_y));
    }

  point_at (self, x + offset_x, y + offset_y);
}

static void
drag_end (PspPane *self)
{
  if (self->drag == PSP_DRAG_TOOL)
    psp_canvas_end (self->canvas);

  self->drag = PSP_DRAG_NONE;
  update_cursor (self);
}

static void
drag_cancel (PspPane *self)
{
  if (self->drag == PSP_DRAG_TOOL && psp_canvas_is_painting (self->canvas))
    psp_canvas_cancel (self->canvas);

  self->drag = PSP_DRAG_NONE;
  update_cursor (self);
}

/* GTK tells the click of a press before the drag: of two controllers the later one comes first. */
static void
click_pressed (PspPane *self,
               int      n_press)
{
  self->n_press = n_press;
}

/* The middle of the pixel under the crosshair; of the one in the middle if there is none. */
static PspPoint
get_key_position (PspPane *self)
{
  PspPoint image;

  if (!psp_viewport_get_crosshair (get_viewport (self), &image))
    image = psp_viewport_get_center (get_viewport (self));

  return (PspPoint) { floor (image.x) + 0.5, floor (image.y) + 0.5 };
}

static void
move_crosshair (PspPane *self,
                PspPoint direction,
                double   step)
{
  PspSize size = psp_viewport_get_image_size (get_viewport (self));
  PspPoint image = get_key_position (self);

  if (size.width < 1 || size.height < 1)
    return;

  image.x = CLAMP (image.x + direction.x * step, 0.5, size.width - 0.5);
  image.y = CLAMP (image.y + direction.y * step, 0.5, size.height - 0.5);
  psp_canvas_set_by_keys (self->canvas, TRUE);
  psp_viewport_set_crosshair (get_viewport (self), image);
  psp_viewport_reveal (get_viewport (self), image);
  psp_canvas_extend (self->canvas, image);
}

static void
move_view (PspPane *self,
           PspPoint direction)
{
  drag_view (self, -direction.x * KEY_PAN_SHARE * gtk_widget_get_width (GTK_WIDGET (self)),
             -direction.y * KEY_PAN_SHARE * gtk_widget_get_height (GTK_WIDGET (self)));
}

static gboolean
get_direction (guint     keyval,
               PspPoint *direction)
{
  static const struct
  {
    guint    keyvals[2];
    PspPoint direction;
  } arrows[] = {
    { { GDK_KEY_Left, GDK_KEY_KP_Left }, { -1, 0 } },
    { { GDK_KEY_Right, GDK_KEY_KP_Right }, { 1, 0 } },
    { { GDK_KEY_Up, GDK_KEY_KP_Up }, { 0, -1 } },
    { { GDK_KEY_Down, GDK_KEY_KP_Down }, { 0, 1 } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (arrows); i++)
    if (keyval == arrows[i].keyvals[0] || keyval == arrows[i].keyvals[1])
      {
        *direction = arrows[i].direction;
        return TRUE;
      }

  return FALSE;
}

static gboolean
is_return (guint keyval)
{
  return keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter || keyval == GDK_KEY_ISO_Enter;
}

/* Whether Return means “close the polygon” and not “a corner here”: after corners set with the
 * pointer, or for the second time at the same place. */
static gboolean
return_closes (PspPane *self)
{
  int n_corners;
  const PspPoint *corners = psp_canvas_get_corners (self->canvas, &n_corners);
  PspPoint image = get_key_position (self);

  if (n_corners == 0)
    return FALSE;

  return !psp_canvas_get_by_keys (self->canvas) ||
         (corners[n_corners - 1].x == image.x && corners[n_corners - 1].y == image.y);
}

static void
press_return (PspPane *self)
{
  PspPoint image = get_key_position (self);

  if (psp_canvas_is_painting (self->canvas))
    return;

  if (return_closes (self))
    {
      psp_canvas_finish_polygon (self->canvas);
      return;
    }

  psp_canvas_set_by_keys (self->canvas, TRUE);
  psp_viewport_set_crosshair (get_viewport (self), image);
  psp_canvas_begin (self->canvas, image);
}

static gboolean
key_pressed (PspPane         *self,
             guint            keyval,
             guint            keycode,
             GdkModifierType  state)
{
  PspPoint direction;

  if (get_direction (keyval, &direction))
    {
      if (state & GDK_CONTROL_MASK)
        move_view (self, direction);
      else
        move_crosshair (self, direction, state & GDK_SHIFT_MASK ? 10 : 1);
      return GDK_EVENT_STOP;
    }

  if (is_return (keyval))
    {
      press_return (self);
      return GDK_EVENT_STOP;
    }

  if (keyval == GDK_KEY_Menu || (keyval == GDK_KEY_F10 && (state & GDK_SHIFT_MASK)))
    {
      gtk_menu_button_popup (GTK_MENU_BUTTON (self->name));
      return GDK_EVENT_STOP;
    }

  return GDK_EVENT_PROPAGATE;
}

static void
end_key_stroke (PspPane *self)
{
  if (self->drag == PSP_DRAG_NONE)
    psp_canvas_end (self->canvas);
}

static void
key_released (PspPane *self,
              guint    keyval)
{
  if (is_return (keyval))
    end_key_stroke (self);
}

static GtkGesture *
add_drag (PspPane *self,
          guint    button)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), button);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end), self);
  g_signal_connect_swapped (drag, "cancel", G_CALLBACK (drag_cancel), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  return drag;
}

static void
add_pointer_controllers (PspPane *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *wheel =
    gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *pinch = gtk_gesture_zoom_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *drag = add_drag (self, GDK_BUTTON_PRIMARY);

  add_drag (self, GDK_BUTTON_MIDDLE);

  g_signal_connect_swapped (motion, "enter", G_CALLBACK (pointer_motion), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (pointer_motion), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (pointer_leave), self);
  g_signal_connect_swapped (wheel, "scroll", G_CALLBACK (scroll), self);
  g_signal_connect_swapped (pinch, "begin", G_CALLBACK (pinch_begin), self);
  g_signal_connect_swapped (pinch, "scale-changed", G_CALLBACK (pinch_changed), self);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (click_pressed), self);

  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), wheel);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (pinch));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_gesture_group (click, drag);
}

void
psp_pane_init_input (PspPane *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  add_pointer_controllers (self);

  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect_swapped (keys, "key-released", G_CALLBACK (key_released), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (end_key_stroke), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);

  g_signal_connect_object (self->canvas, "notify::hand", G_CALLBACK (update_cursor), self,
                           G_CONNECT_SWAPPED);
  update_cursor (self);
}
