/* SPDX-License-Identifier: MIT */

#include "ui/psp-facts-dialog.h"

#include <glib/gi18n.h>

struct _PspFactsDialog
{
  AdwWindow        parent_instance;

  PspWindow       *window;
  PspModel        *model;
  PspModelOptions  given;    /* before */
  gboolean         asked;    /* nobody has answered for this checkpoint yet */
  gboolean         answered;
  PspFactRow      *rows[PSP_N_FACTS]; /* (nullable): those that apply */

  GtkWidget       *classes;
  GtkWidget       *photo;
  GtkWidget       *network;
  GtkWidget       *forget;
  GtkWidget       *accept_button;
};

G_DEFINE_FINAL_TYPE (PspFactsDialog, psp_facts_dialog, ADW_TYPE_WINDOW)

/* Tells the window, which remembers it. */
static void
answer (PspFactsDialog        *self,
        const PspModelOptions *options)
{
  g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));

  self->answered = TRUE;
  for (PspFact fact = 0; fact < PSP_N_FACTS; fact++)
    {
      g_autofree char *text = psp_model_options_format (options, fact);

      if (text != NULL)
        g_variant_builder_add (&builder, "{ss}", psp_fact_get_key (fact), text);
    }
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.set-model-facts", "a{ss}", &builder);
}

static void
accept_action (GtkWidget  *widget,
               const char *action,
               GVariant   *parameter)
{
  PspFactsDialog *self = PSP_FACTS_DIALOG (widget);
  g_auto(PspModelOptions) options = { 0 };

  for (PspFact fact = 0; fact < PSP_N_FACTS; fact++)
    if (self->rows[fact] != NULL)
      psp_fact_row_read (self->rows[fact], &options);
  answer (self, &options);
  gtk_window_close (GTK_WINDOW (self));
}

static void
forget_action (GtkWidget  *widget,
               const char *action,
               GVariant   *parameter)
{
  PspFactsDialog *self = PSP_FACTS_DIALOG (widget);
  const PspModelOptions none = { 0 };

  answer (self, &none);
  gtk_window_close (GTK_WINDOW (self));
}

static gboolean
psp_facts_dialog_close_request (GtkWindow *window)
{
  PspFactsDialog *self = PSP_FACTS_DIALOG (window);

  if (self->asked && !self->answered)
    answer (self, &self->given);
  return GTK_WINDOW_CLASS (psp_facts_dialog_parent_class)->close_request (window);
}

static void
update_accept (PspFactsDialog *self)
{
  gboolean valid = TRUE;

  for (PspFact fact = 0; fact < PSP_N_FACTS; fact++)
    valid &= self->rows[fact] == NULL || psp_fact_row_get_valid (self->rows[fact]);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "facts.accept", valid);
}

static GtkWidget *
find_group (PspFactsDialog *self,
            PspFact         fact)
{
  switch (fact)
    {
    case PSP_FACT_NAMES:
      return self->classes;

    case PSP_FACT_BINS:
    case PSP_FACT_POOLING:
    case PSP_FACT_ALIGN_CORNERS:
      return self->network;

    case PSP_FACT_MEAN:
    case PSP_FACT_STANDARD_DEVIATION:
    case PSP_FACT_CHANNEL_ORDER:
    case PSP_FACT_CROP:
    case PSP_FACT_BASE:
    default:
      return self->photo;
    }
}

static void
add_rows (PspFactsDialog *self)
{
  const PspModelFacts *facts = psp_model_get_facts (self->model);

  for (PspFact fact = 0; fact < PSP_N_FACTS; fact++)
    {
      GtkWidget *row;

      if (!psp_fact_row_applies (fact, facts))
        continue;
      row = psp_fact_row_new (fact, self->model, &self->given, self->asked);
      self->rows[fact] = PSP_FACT_ROW (row);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (find_group (self, fact)), row);
      g_signal_connect_object (row, "notify::valid", G_CALLBACK (update_accept), self,
                               G_CONNECT_SWAPPED);
    }
}

static void
describe (PspFactsDialog *self)
{
  const PspModelFacts *facts = psp_model_get_facts (self->model);
  g_autofree char *text = NULL;
  g_autofree char *markup = NULL;

  text = g_strdup_printf (_("What has to be known to run “%s” as its makers do. What the file does "
                            "not tell is assumed to be as %s usually has it; correct it where you "
                            "know better."),
                          psp_model_get_name (self->model), facts->family);
  markup = g_markup_escape_text (text, -1);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->classes), markup);
}

static void
psp_facts_dialog_dispose (GObject *object)
{
  PspFactsDialog *self = PSP_FACTS_DIALOG (object);

  g_clear_object (&self->window);
  g_clear_pointer (&self->model, psp_model_unref);
  psp_model_options_clear (&self->given);

  G_OBJECT_CLASS (psp_facts_dialog_parent_class)->dispose (object);
}

static void
psp_facts_dialog_class_init (PspFactsDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = psp_facts_dialog_dispose;
  GTK_WINDOW_CLASS (class)->close_request = psp_facts_dialog_close_request;

  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-facts-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PspFactsDialog, classes);
  gtk_widget_class_bind_template_child (widget_class, PspFactsDialog, photo);
  gtk_widget_class_bind_template_child (widget_class, PspFactsDialog, network);
  gtk_widget_class_bind_template_child (widget_class, PspFactsDialog, forget);
  gtk_widget_class_bind_template_child (widget_class, PspFactsDialog, accept_button);
  gtk_widget_class_install_action (widget_class, "facts.accept", NULL, accept_action);
  gtk_widget_class_install_action (widget_class, "facts.forget", NULL, forget_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
psp_facts_dialog_init (PspFactsDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_window_set_default_widget (GTK_WINDOW (self), self->accept_button);
  gtk_window_set_focus (GTK_WINDOW (self), self->accept_button);
}

GtkWidget *
psp_facts_dialog_new (PspWindow *window)
{
  PspFactsDialog *self = g_object_new (PSP_TYPE_FACTS_DIALOG, "transient-for", window, NULL);
  PspProject *project = psp_window_get_project (window);
  const PspModelOptions none = { 0 };

  self->window = g_object_ref (window);
  self->model = psp_model_ref (psp_project_get_model (project));
  psp_model_options_copy (psp_project_get_model_options (project), &self->given);
  self->asked = psp_project_get_model_asks (project);
  add_rows (self);
  describe (self);
  gtk_widget_set_visible (self->forget, !psp_model_options_equal (&self->given, &none));
  return GTK_WIDGET (self);
}

PspModel *
psp_facts_dialog_get_model (PspFactsDialog *self)
{
  g_return_val_if_fail (PSP_IS_FACTS_DIALOG (self), NULL);

  return self->model;
}

PspFactRow *
psp_facts_dialog_get_row (PspFactsDialog *self,
                          PspFact         fact)
{
  g_return_val_if_fail (PSP_IS_FACTS_DIALOG (self) && fact < PSP_N_FACTS, NULL);

  return self->rows[fact];
}
