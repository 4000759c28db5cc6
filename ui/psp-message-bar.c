/* SPDX-License-Identifier: MIT */

#include "ui/psp-message-bar.h"

#include <string.h>

/* Details that take no more room than this are shown at once. */
#define MAX_SHORT_CHARACTERS 240
#define MAX_SHORT_LINES 2

struct _PspMessageBar
{
  GtkWidget  parent_instance;

  GtkWidget *revealer;
  GtkWidget *icon;
  GtkWidget *title;
  GtkWidget *reason;  /* short details */
  GtkWidget *details;
  GtkWidget *details_button;
  GtkWidget *action_button;
};

enum
{
  PROP_0,
  PROP_SHOWN,
  PROP_TITLE,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (PspMessageBar, psp_message_bar, GTK_TYPE_WIDGET)

static GParamSpec *properties[N_PROPS];
static guint dismissed_signal;

static void
set_shown (PspMessageBar *self,
           gboolean       shown)
{
  if (psp_message_bar_get_shown (self) == shown)
    return;

  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), shown);
  gtk_widget_set_can_target (GTK_WIDGET (self), shown);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOWN]);
}

/* Whatever was to come of the message does not. */
static void
dismiss (PspMessageBar *self)
{
  if (psp_message_bar_get_shown (self))
    g_signal_emit (self, dismissed_signal, 0);
}

static void
answered_cb (PspMessageBar *self)
{
  set_shown (self, FALSE);
}

static void
close_action (GtkWidget  *widget,
              const char *action,
              GVariant   *parameter)
{
  psp_message_bar_close (PSP_MESSAGE_BAR (widget));
}

static void
psp_message_bar_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PspMessageBar *self = PSP_MESSAGE_BAR (object);

  switch (id)
    {
    case PROP_SHOWN:
      g_value_set_boolean (value, psp_message_bar_get_shown (self));
      break;

    case PROP_TITLE:
      g_value_set_string (value, psp_message_bar_get_title (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_message_bar_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (psp_message_bar_parent_class)->dispose (object);
}

static void
psp_message_bar_class_init (PspMessageBarClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = psp_message_bar_get_property;
  object_class->dispose = psp_message_bar_dispose;

  properties[PROP_SHOWN] = g_param_spec_boolean ("shown", NULL, NULL, FALSE, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, "", flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  dismissed_signal = g_signal_new ("dismissed", PSP_TYPE_MESSAGE_BAR, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-message-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, PspMessageBar, revealer);
  gtk_widget_class_bind_template_child (widget_class, PspMessageBar, icon);
  gtk_widget_class_bind_template_child (widget_class, PspMessageBar, title);
  gtk_widget_class_bind_template_child (widget_class, PspMessageBar, reason);
  gtk_widget_class_bind_template_child (widget_class, PspMessageBar, details);
  gtk_widget_class_bind_template_child (widget_class, PspMessageBar, details_button);
  gtk_widget_class_bind_template_child (widget_class, PspMessageBar, action_button);
  gtk_widget_class_install_action (widget_class, "message.close", NULL, close_action);
  gtk_widget_class_set_css_name (widget_class, "messagebar");
}

static void
psp_message_bar_init (PspMessageBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_can_target (GTK_WIDGET (self), FALSE);

  /* Its action is an answer to the message, which is then done with. */
  g_signal_connect_object (self->action_button, "clicked", G_CALLBACK (answered_cb), self,
                           G_CONNECT_SWAPPED);
}

/* By way of no action at all: name and target must never be those of different actions. */
static void
set_action (PspMessageBar *self,
            const char    *detailed_action)
{
  GtkActionable *button = GTK_ACTIONABLE (self->action_button);
  g_autofree char *action = NULL;
  g_autoptr(GVariant) target = NULL;

  gtk_actionable_set_action_name (button, NULL);
  if (!g_action_parse_detailed_name (detailed_action, &action, &target, NULL))
    g_return_if_reached ();

  gtk_actionable_set_action_target_value (button, target);
  gtk_actionable_set_action_name (button, action);
}

static gboolean
is_short (const char *text)
{
  int n_lines = 1;

  for (const char *end = strchr (text, '\n'); end != NULL; end = strchr (end + 1, '\n'))
    n_lines++;
  return n_lines <= MAX_SHORT_LINES && g_utf8_strlen (text, -1) <= MAX_SHORT_CHARACTERS;
}

static void
show_message (PspMessageBar *self,
              const char    *title,
              const char    *details,
              const char    *action_label,
              const char    *action)
{
  dismiss (self);
  gtk_label_set_label (GTK_LABEL (self->title), title);
  gtk_label_set_label (GTK_LABEL (self->details), details != NULL ? details : "");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->details_button), FALSE);
  gtk_widget_set_visible (self->details_button, details != NULL && !is_short (details));
  gtk_label_set_label (GTK_LABEL (self->reason), details != NULL ? details : "");
  gtk_widget_set_visible (self->reason, details != NULL && is_short (details));

  gtk_widget_set_visible (self->action_button, action_label != NULL);
  if (action_label != NULL)
    {
      gtk_button_set_label (GTK_BUTTON (self->action_button), action_label);
      set_action (self, action);
    }

  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
  set_shown (self, TRUE);
}

void
psp_message_bar_show_error (PspMessageBar *self,
                            const char    *title,
                            const GError  *error,
                            const char    *action_label,
                            const char    *action)
{
  g_return_if_fail (PSP_IS_MESSAGE_BAR (self));
  g_return_if_fail (error != NULL);

  gtk_widget_remove_css_class (GTK_WIDGET (self), "hint");
  gtk_widget_add_css_class (GTK_WIDGET (self), "failure");
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), "dialog-error-symbolic");
  show_message (self, title, error->message, action_label, action);
}

void
psp_message_bar_show_hint (PspMessageBar *self,
                           const char    *title,
                           const char    *details,
                           const char    *action_label,
                           const char    *action)
{
  g_return_if_fail (PSP_IS_MESSAGE_BAR (self));

  gtk_widget_remove_css_class (GTK_WIDGET (self), "failure");
  gtk_widget_add_css_class (GTK_WIDGET (self), "hint");
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), "dialog-information-symbolic");
  show_message (self, title, details, action_label, action);
}

void
psp_message_bar_close (PspMessageBar *self)
{
  g_return_if_fail (PSP_IS_MESSAGE_BAR (self));

  dismiss (self);
  set_shown (self, FALSE);
}

gboolean
psp_message_bar_get_shown (PspMessageBar *self)
{
  g_return_val_if_fail (PSP_IS_MESSAGE_BAR (self), FALSE);

  return gtk_revealer_get_reveal_child (GTK_REVEALER (self->revealer));
}

const char *
psp_message_bar_get_title (PspMessageBar *self)
{
  g_return_val_if_fail (PSP_IS_MESSAGE_BAR (self), NULL);

  return gtk_label_get_label (GTK_LABEL (self->title));
}

const char *
psp_message_bar_get_details (PspMessageBar *self)
{
  g_return_val_if_fail (PSP_IS_MESSAGE_BAR (self), NULL);

  return gtk_label_get_label (GTK_LABEL (self->details));
}
