/* SPDX-License-Identifier: MIT */

#include "ui/psp-pyramid-levels.h"

#include <glib/gi18n.h>

struct _PspPyramidLevels
{
  GtkBox      parent_instance;

  PspProject *project;  /* (nullable) */
  PspModel   *model;    /* (nullable): that the toggles are for */
  GtkWidget  *toggles;  /* a box of them */
};

G_DEFINE_FINAL_TYPE (PspPyramidLevels, psp_pyramid_levels, GTK_TYPE_BOX)

static void toggled_cb (PspPyramidLevels *self);

static GtkWidget *
create_toggle (PspPyramidLevels *self,
               int               bins)
{
  g_autofree char *label = g_strdup_printf ("%d", bins);
  g_autofree char *tooltip = g_strdup_printf (_("The level of %d × %d bins: show the prediction "
                                                "with or without it"), bins, bins);
  GtkWidget *toggle = gtk_toggle_button_new_with_label (label);

  gtk_widget_set_tooltip_text (toggle, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (toggle), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                  -1);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (toggle), TRUE);
  g_signal_connect_swapped (toggle, "toggled", G_CALLBACK (toggled_cb), self);
  return toggle;
}

/* One toggle for each level of the model. */
static void
model_cb (PspPyramidLevels *self)
{
  PspModel *model = psp_project_get_model (self->project);
  const PspModelFacts *facts = model != NULL ? psp_model_get_facts (model) : NULL;
  GtkWidget *child;

  if (self->model == model)
    return;

  while ((child = gtk_widget_get_first_child (self->toggles)) != NULL)
    gtk_box_remove (GTK_BOX (self->toggles), child);
  g_clear_pointer (&self->model, psp_model_unref);
  self->model = model != NULL ? psp_model_ref (model) : NULL;
  for (int i = 0; facts != NULL && i < facts->n_bins; i++)
    gtk_box_append (GTK_BOX (self->toggles), create_toggle (self, facts->bins[i]));
  gtk_widget_set_visible (GTK_WIDGET (self), facts != NULL && facts->n_bins > 0);
}

static void
toggled_cb (PspPyramidLevels *self)
{
  guint levels_off = 0;
  guint level = 1;

  for (GtkWidget *toggle = gtk_widget_get_first_child (self->toggles);
       toggle != NULL;
       toggle = gtk_widget_get_next_sibling (toggle), level <<= 1)
    if (!gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (toggle)))
      levels_off |= level;
  psp_project_set_levels_off (self->project, levels_off);
}

static void
levels_cb (PspPyramidLevels *self)
{
  guint levels_off = psp_project_get_levels_off (self->project);
  guint level = 1;

  for (GtkWidget *toggle = gtk_widget_get_first_child (self->toggles);
       toggle != NULL;
       toggle = gtk_widget_get_next_sibling (toggle), level <<= 1)
    {
      g_signal_handlers_block_by_func (toggle, toggled_cb, self);
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (toggle), (levels_off & level) == 0);
      g_signal_handlers_unblock_by_func (toggle, toggled_cb, self);
    }
}

static void
psp_pyramid_levels_dispose (GObject *object)
{
  PspPyramidLevels *self = PSP_PYRAMID_LEVELS (object);

  g_clear_pointer (&self->model, psp_model_unref);
  g_clear_object (&self->project);

  G_OBJECT_CLASS (psp_pyramid_levels_parent_class)->dispose (object);
}

static void
psp_pyramid_levels_class_init (PspPyramidLevelsClass *class)
{
  G_OBJECT_CLASS (class)->dispose = psp_pyramid_levels_dispose;
}

static void
psp_pyramid_levels_init (PspPyramidLevels *self)
{
  GtkWidget *label = gtk_label_new (_("Show the prediction with levels"));

  self->toggles = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->toggles, "linked");
  gtk_box_set_spacing (GTK_BOX (self), 12);
  gtk_box_append (GTK_BOX (self), label);
  gtk_box_append (GTK_BOX (self), self->toggles);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

void
psp_pyramid_levels_set_project (PspPyramidLevels *self,
                                PspProject       *project)
{
  g_return_if_fail (PSP_IS_PYRAMID_LEVELS (self) && self->project == NULL);

  self->project = g_object_ref (project);
  g_signal_connect_object (project, "notify::model-name", G_CALLBACK (model_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::levels-off", G_CALLBACK (levels_cb), self,
                           G_CONNECT_SWAPPED);
  model_cb (self);
  levels_cb (self);
}

GtkWidget *
psp_pyramid_levels_get_toggle (PspPyramidLevels *self,
                               int               level)
{
  GtkWidget *toggle;

  g_return_val_if_fail (PSP_IS_PYRAMID_LEVELS (self) && level >= 0, NULL);

  toggle = gtk_widget_get_first_child (self->toggles);
  while (toggle != NULL && level-- > 0)
    toggle = gtk_widget_get_next_sibling (toggle);
  return toggle;
}
