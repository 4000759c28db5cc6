/* SPDX-License-Identifier: MIT */
#include "ui/psp-class-option.h"

#include "ui/psp-swatch.h"

struct _PspClassOption
{
  GtkWidget  parent_instance;

  GtkWidget *key;    /* template children */
  GtkWidget *name;
  GtkWidget *swatch;
};

G_DEFINE_FINAL_TYPE (PspClassOption, psp_class_option, GTK_TYPE_WIDGET)

static void
psp_class_option_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (psp_class_option_parent_class)->dispose (object);
}

static void
psp_class_option_class_init (PspClassOptionClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = psp_class_option_dispose;

  g_type_ensure (PSP_TYPE_SWATCH);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/scenescope/Scenescope/ui/psp-class-option.ui");
  gtk_widget_class_bind_template_child (widget_class, PspClassOption, key);
  gtk_widget_class_bind_template_child (widget_class, PspClassOption, name);
  gtk_widget_class_bind_template_child (widget_class, PspClassOption, swatch);
}

static void
psp_class_option_init (PspClassOption *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
psp_class_option_new (void)
{
  return g_object_new (PSP_TYPE_CLASS_OPTION, NULL);
}

void
psp_class_option_show (PspClassOption *self,
                       PspClassEntry  *entry,
                       int             key)
{
  g_autofree char *digit = key > 0 ? g_strdup_printf ("%d", key) : NULL;

  g_return_if_fail (PSP_IS_CLASS_OPTION (self));
  g_return_if_fail (PSP_IS_CLASS_ENTRY (entry));

  psp_swatch_set_color (PSP_SWATCH (self->swatch), psp_class_entry_get_color (entry));
  gtk_label_set_label (GTK_LABEL (self->name), psp_class_entry_get_name (entry));
  gtk_label_set_label (GTK_LABEL (self->key), digit != NULL ? digit : "");
}
