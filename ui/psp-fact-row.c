/* SPDX-License-Identifier: MIT */

#include "ui/psp-fact-row.h"

#include <glib/gi18n.h>

typedef enum
{
  EDITOR_ENTRY,
  EDITOR_SWITCH,
  EDITOR_DROP_DOWN,
} Editor;

static const struct
{
  const char *title;
  Editor      editor;
} descriptions[PSP_N_FACTS] = {
  [PSP_FACT_BINS] = { N_("Pyramid bins"), EDITOR_ENTRY },
  [PSP_FACT_POOLING] = { N_("Pyramid pooling"), EDITOR_DROP_DOWN },
  [PSP_FACT_ALIGN_CORNERS] = { N_("Align corners when upsampling"), EDITOR_SWITCH },
  [PSP_FACT_MEAN] = { N_("Mean of red, green, blue"), EDITOR_ENTRY },
  [PSP_FACT_STANDARD_DEVIATION] = { N_("Standard deviation of red, green, blue"), EDITOR_ENTRY },
  [PSP_FACT_CHANNEL_ORDER] = { N_("Channel order"), EDITOR_DROP_DOWN },
  [PSP_FACT_CROP] = { N_("Crop size of sliding windows, in pixels"), EDITOR_ENTRY },
  [PSP_FACT_BASE] = { N_("Base size: longer side at scale 1, in pixels"), EDITOR_ENTRY },
  [PSP_FACT_NAMES] = { N_("Class names"), EDITOR_DROP_DOWN },
};

struct _PspFactRow
{
  AdwActionRow   parent_instance;

  PspFact        fact;
  PspFactSource  source;
  char          *origin;  /* where the fact comes from, in words */
  char          *initial; /* what holds now */
  GPtrArray     *values;  /* of the drop-down: utf8 */
  GtkWidget     *editor;
  gboolean       valid;
};

enum
{
  PROP_0,
  PROP_VALID,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (PspFactRow, psp_fact_row, ADW_TYPE_ACTION_ROW)

static GParamSpec *properties[N_PROPS];

gboolean
psp_fact_row_applies (PspFact              fact,
                      const PspModelFacts *facts)
{
  return facts->n_bins > 0 || (fact != PSP_FACT_BINS && fact != PSP_FACT_POOLING);
}

char *
psp_fact_row_dup_text (PspFactRow *self)
{
  guint selected;

  g_return_val_if_fail (PSP_IS_FACT_ROW (self), NULL);

  switch (descriptions[self->fact].editor)
    {
    case EDITOR_ENTRY:
      return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->editor))));

    case EDITOR_SWITCH:
      return g_strdup (gtk_switch_get_active (GTK_SWITCH (self->editor)) ? "true" : "false");

    case EDITOR_DROP_DOWN:
    default:
      selected = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->editor));
      return g_strdup (g_ptr_array_index (self->values, selected));
    }
}

void
psp_fact_row_set_text (PspFactRow *self,
                       const char *text)
{
  guint position;

  g_return_if_fail (PSP_IS_FACT_ROW (self));

  switch (descriptions[self->fact].editor)
    {
    case EDITOR_ENTRY:
      gtk_editable_set_text (GTK_EDITABLE (self->editor), text);
      break;

    case EDITOR_SWITCH:
      gtk_switch_set_active (GTK_SWITCH (self->editor), g_str_equal (text, "true"));
      break;

    case EDITOR_DROP_DOWN:
    default:
      if (g_ptr_array_find_with_equal_func (self->values, text, g_str_equal, &position))
        gtk_drop_down_set_selected (GTK_DROP_DOWN (self->editor), position);
      break;
    }
}

/* Whether the editor holds what it was made with, be it written differently. */
static gboolean
is_unchanged (PspFactRow *self)
{
  g_autofree char *text = psp_fact_row_dup_text (self);
  g_autofree char *written = NULL;
  g_auto(PspModelOptions) parsed = { 0 };

  if (g_str_equal (text, self->initial))
    return TRUE;
  if (psp_model_options_set (&parsed, self->fact, text, NULL))
    written = psp_model_options_format (&parsed, self->fact);
  return g_strcmp0 (written, self->initial) == 0;
}

static void
show_validity (PspFactRow   *self,
               const GError *error)
{
  g_autofree char *problem = NULL;
  g_autofree char *markup = NULL;

  if (error != NULL)
    problem = g_strdup_printf (_("This %s"), error->message);
  markup = g_markup_escape_text (problem != NULL ? problem : self->origin, -1);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), markup);
  if (problem != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self), "bad-fact");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "bad-fact");

  if (self->valid == (error == NULL))
    return;
  self->valid = error == NULL;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALID]);
}

static void
changed_cb (PspFactRow *self)
{
  g_autofree char *text = psp_fact_row_dup_text (self);
  g_auto(PspModelOptions) parsed = { 0 };
  g_autoptr(GError) error = NULL;

  if (*text != '\0' || descriptions[self->fact].editor == EDITOR_ENTRY)
    psp_model_options_set (&parsed, self->fact, text, &error);
  show_validity (self, error);
}

gboolean
psp_fact_row_get_valid (PspFactRow *self)
{
  g_return_val_if_fail (PSP_IS_FACT_ROW (self), FALSE);

  return self->valid;
}

void
psp_fact_row_read (PspFactRow      *self,
                   PspModelOptions *options)
{
  g_autofree char *text = NULL;

  g_return_if_fail (PSP_IS_FACT_ROW (self));

  if (!self->valid || (self->source != PSP_FACT_GIVEN && is_unchanged (self)))
    return;
  text = psp_fact_row_dup_text (self);
  if (*text != '\0')
    psp_model_options_set (options, self->fact, text, NULL);
}

static void
add_choice (PspFactRow    *self,
            GtkStringList *labels,
            const char    *value,
            const char    *label)
{
  if (g_ptr_array_find_with_equal_func (self->values, value, g_str_equal, NULL))
    return;
  g_ptr_array_add (self->values, g_strdup (value));
  gtk_string_list_append (labels, label);
}

/* What is known, numbers unless the file has names, and what the classes may be. */
static void
add_names (PspFactRow    *self,
           GtkStringList *labels,
           PspModel      *model)
{
  g_auto(GStrv) proposals = psp_model_propose_names (model);

  if (self->source != PSP_FACT_ASSUMED)
    {
      g_autofree char *label = g_filename_display_basename (self->initial);

      add_choice (self, labels, self->initial, label);
    }
  for (int i = 0; proposals[i] != NULL; i++)
    add_choice (self, labels, proposals[i], proposals[i]);
  if (self->source != PSP_FACT_IN_FILE)
    add_choice (self, labels, "", _("Numbers only"));
}

static GtkWidget *
create_drop_down (PspFactRow *self,
                  PspModel   *model)
{
  GtkStringList *labels = gtk_string_list_new (NULL);

  if (self->fact == PSP_FACT_POOLING)
    {
      add_choice (self, labels, "average", _("Average"));
      add_choice (self, labels, "max", _("Maximum"));
    }
  else if (self->fact == PSP_FACT_CHANNEL_ORDER)
    {
      add_choice (self, labels, "rgb", _("RGB"));
      add_choice (self, labels, "bgr", _("BGR"));
    }
  else
    add_names (self, labels, model);
  return gtk_drop_down_new (G_LIST_MODEL (labels), NULL);
}

static GtkWidget *
create_entry (PspFact fact)
{
  GtkWidget *entry = gtk_entry_new ();
  gboolean triple = fact == PSP_FACT_MEAN || fact == PSP_FACT_STANDARD_DEVIATION;

  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), triple ? 22 : 9);
  gtk_widget_add_css_class (entry, "numeric");
  return entry;
}

static void
create_editor (PspFactRow *self,
               PspModel   *model)
{
  const char *signal;

  switch (descriptions[self->fact].editor)
    {
    case EDITOR_ENTRY:
      self->editor = create_entry (self->fact);
      signal = "changed";
      break;

    case EDITOR_SWITCH:
      self->editor = gtk_switch_new ();
      signal = "notify::active";
      break;

    case EDITOR_DROP_DOWN:
    default:
      self->editor = create_drop_down (self, model);
      signal = "notify::selected";
      break;
    }

  gtk_widget_set_valign (self->editor, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->editor), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _(descriptions[self->fact].title), -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->editor);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self), self->editor);
  psp_fact_row_set_text (self, self->initial);
  g_signal_connect_swapped (self->editor, signal, G_CALLBACK (changed_cb), self);
}

static char *
describe_origin (PspFact        fact,
                 PspFactSource  source,
                 PspModel      *model,
                 gboolean       proposed)
{
  const PspModelFacts *facts = psp_model_get_facts (model);

  if (source == PSP_FACT_GIVEN)
    return g_strdup (_("You said so"));
  if (source == PSP_FACT_IN_FILE)
    return g_strdup (_("In the file"));
  if (fact != PSP_FACT_NAMES)
    return g_strdup_printf (_("Assumed: usual for %s"), facts->family);
  if (proposed)
    return g_strdup_printf (_("Not in the file; lists with its %d classes are proposed"),
                            facts->n_classes);
  return g_strdup_printf (_("Not in the file; no known list has %d classes"), facts->n_classes);
}

static void
psp_fact_row_get_property (GObject    *object,
                           guint       id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_VALID:
      g_value_set_boolean (value, PSP_FACT_ROW (object)->valid);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_fact_row_finalize (GObject *object)
{
  PspFactRow *self = PSP_FACT_ROW (object);

  g_free (self->origin);
  g_free (self->initial);
  g_ptr_array_unref (self->values);

  G_OBJECT_CLASS (psp_fact_row_parent_class)->finalize (object);
}

static void
psp_fact_row_class_init (PspFactRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = psp_fact_row_get_property;
  object_class->finalize = psp_fact_row_finalize;

  properties[PROP_VALID] = g_param_spec_boolean ("valid", NULL, NULL, TRUE,
                                                 G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY |
                                                 G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
psp_fact_row_init (PspFactRow *self)
{
  self->values = g_ptr_array_new_with_free_func (g_free);
  self->valid = TRUE;
}

GtkWidget *
psp_fact_row_new (PspFact                fact,
                  PspModel              *model,
                  const PspModelOptions *given,
                  gboolean               propose)
{
  PspFactRow *self = g_object_new (PSP_TYPE_FACT_ROW, "title", _(descriptions[fact].title), NULL);

  self->fact = fact;
  self->source = psp_model_get_facts (model)->sources[fact];
  if (self->source == PSP_FACT_GIVEN)
    self->initial = psp_model_options_format (given, fact);
  else if (fact == PSP_FACT_NAMES && self->source == PSP_FACT_ASSUMED)
    self->initial = g_strdup ("");
  else
    self->initial = psp_model_format_fact (model, fact);
  create_editor (self, model);

  self->origin = describe_origin (fact, self->source, model, self->values->len > 1);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self), 0);
  show_validity (self, NULL);
  if (propose && fact == PSP_FACT_NAMES && self->source == PSP_FACT_ASSUMED)
    gtk_drop_down_set_selected (GTK_DROP_DOWN (self->editor), 0);
  return GTK_WIDGET (self);
}
