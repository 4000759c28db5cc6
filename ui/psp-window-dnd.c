/* SPDX-License-Identifier: MIT */

#include "ui/psp-window-private.h"

const char * const psp_window_checkpoint_suffixes[] = {
  "pth", "pt", "bin", "safetensors", "caffemodel", "params", "tar", NULL
};

/* By the name alone: what is in the file, the engine finds out. */
static gboolean
is_checkpoint (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  const char *stop = strrchr (name, '.');
  g_autofree char *suffix = NULL;

  if (stop == NULL)
    return FALSE;

  suffix = g_ascii_strdown (stop + 1, -1);
  return g_strv_contains (psp_window_checkpoint_suffixes, suffix);
}

void
psp_window_open_paths (PspWindow          *self,
                       const char * const *paths)
{
  g_autoptr(GStrvBuilder) others = g_strv_builder_new ();
  g_autoptr(GStrvBuilder) checkpoints = g_strv_builder_new ();
  g_auto(GStrv) dataset = NULL;
  g_auto(GStrv) model = NULL;

  g_return_if_fail (PSP_IS_WINDOW (self));

  for (int i = 0; paths[i] != NULL; i++)
    g_strv_builder_add (is_checkpoint (paths[i]) ? checkpoints : others, paths[i]);

  dataset = g_strv_builder_end (others);
  model = g_strv_builder_end (checkpoints);
  if (dataset[0] != NULL)
    psp_window_open_dataset (self, (const char * const *) dataset);
  if (model[0] != NULL)
    psp_window_open_model (self, (const char * const *) model);
}

static gboolean
drop_cb (PspWindow    *self,
         const GValue *value)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) paths = NULL;

  for (GSList *link = g_value_get_boxed (value); link != NULL; link = link->next)
    {
      g_autofree char *path = g_file_get_path (link->data);

      if (path != NULL)
        g_strv_builder_add (builder, path);
    }

  paths = g_strv_builder_end (builder);
  if (paths[0] == NULL)
    return FALSE;

  psp_window_open_paths (self, (const char * const *) paths);
  return TRUE;
}

static GdkDragAction
enter_cb (PspWindow *self)
{
  gtk_widget_set_visible (self->drop_area, TRUE);
  return GDK_ACTION_COPY;
}

static void
leave_cb (PspWindow *self)
{
  gtk_widget_set_visible (self->drop_area, FALSE);
}

void
psp_window_accept_drops (PspWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "enter", G_CALLBACK (enter_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "leave", G_CALLBACK (leave_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}
