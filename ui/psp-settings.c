/* SPDX-License-Identifier: MIT */

#include "ui/psp-settings.h"

enum
{
  PROP_0,
  PROP_WINDOW_WIDTH,
  PROP_WINDOW_HEIGHT,
  PROP_MAXIMIZED,
  PROP_SHOW_IMAGES,
  PROP_SHOW_CLASSES,
  PROP_SORT,
  PROP_PAIR_ORDER,
  PROP_PANE_LAYOUT,
  PROP_N_PANES,
  PROP_OVERLAY_OPACITY,
  PROP_DEVICE,
  PROP_DATASET_FOLDER,
  PROP_MODEL_FOLDER,
  PROP_OUTPUT_FOLDER,
  PROP_RECENT_DATASETS,
  PROP_RECENT_MODELS,
  N_PROPS
};

struct _PspSettings
{
  GObject    parent_instance;

  GSettings *store; /* (nullable) */
  GValue     values[N_PROPS];
};

G_DEFINE_FINAL_TYPE (PspSettings, psp_settings, G_TYPE_OBJECT)

static void
psp_settings_get_property (GObject    *object,
                           guint       id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  PspSettings *self = PSP_SETTINGS (object);

  g_value_copy (&self->values[id], value);
}

/* GLib compares lists of strings by address; here their text counts. */
static gboolean
same_value (GParamSpec   *pspec,
            const GValue *a,
            const GValue *b)
{
  const char * const *first;
  const char * const *second;

  if (!G_VALUE_HOLDS (a, G_TYPE_STRV))
    return g_param_values_cmp (pspec, a, b) == 0;

  first = g_value_get_boxed (a);
  second = g_value_get_boxed (b);

  if (first == NULL || second == NULL)
    return first == second;

  return g_strv_equal (first, second);
}

static void
psp_settings_set_property (GObject      *object,
                           guint         id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  PspSettings *self = PSP_SETTINGS (object);

  if (same_value (pspec, &self->values[id], value))
    return;

  g_value_copy (value, &self->values[id]);
  g_object_notify_by_pspec (object, pspec);
}

static void
psp_settings_finalize (GObject *object)
{
  PspSettings *self = PSP_SETTINGS (object);

  for (guint id = 1; id < N_PROPS; id++)
    g_value_unset (&self->values[id]);
  g_clear_object (&self->store);

  G_OBJECT_CLASS (psp_settings_parent_class)->finalize (object);
}

static void
install_integer (GObjectClass *class,
                 guint         id,
                 const char   *name,
                 int           initial)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  g_object_class_install_property (class, id, g_param_spec_int (name, NULL, NULL, 0, G_MAXINT,
                                                                initial, flags));
}

static void
install_boolean (GObjectClass *class,
                 guint         id,
                 const char   *name,
                 gboolean      initial)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  g_object_class_install_property (class, id,
                                   g_param_spec_boolean (name, NULL, NULL, initial, flags));
}

static void
install_string (GObjectClass *class,
                guint         id,
                const char   *name,
                const char   *initial)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  g_object_class_install_property (class, id,
                                   g_param_spec_string (name, NULL, NULL, initial, flags));
}

static void
install_strings (GObjectClass *class,
                 guint         id,
                 const char   *name)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  g_object_class_install_property (class, id,
                                   g_param_spec_boxed (name, NULL, NULL, G_TYPE_STRV, flags));
}

static void
psp_settings_class_init (PspSettingsClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = psp_settings_get_property;
  object_class->set_property = psp_settings_set_property;
  object_class->finalize = psp_settings_finalize;

  install_integer (object_class, PROP_WINDOW_WIDTH, "window-width", 1280);
  install_integer (object_class, PROP_WINDOW_HEIGHT, "window-height", 800);
  install_boolean (object_class, PROP_MAXIMIZED, "maximized", FALSE);
  install_boolean (object_class, PROP_SHOW_IMAGES, "show-images", TRUE);
  install_boolean (object_class, PROP_SHOW_CLASSES, "show-classes", TRUE);
  install_string (object_class, PROP_SORT, "sort", "name");
  install_string (object_class, PROP_PAIR_ORDER, "pair-order", "pixels");
  install_string (object_class, PROP_PANE_LAYOUT, "pane-layout", "");
  install_integer (object_class, PROP_N_PANES, "n-panes", 0);
  g_object_class_install_property (object_class, PROP_OVERLAY_OPACITY,
                                   g_param_spec_double ("overlay-opacity", NULL, NULL,
                                                        0, 1, 0.5, flags));
  install_string (object_class, PROP_DEVICE, "device", "auto");
  install_string (object_class, PROP_DATASET_FOLDER, "dataset-folder", "");
  install_string (object_class, PROP_MODEL_FOLDER, "model-folder", "");
  install_string (object_class, PROP_OUTPUT_FOLDER, "output-folder", "");
  install_strings (object_class, PROP_RECENT_DATASETS, "recent-datasets");
  install_strings (object_class, PROP_RECENT_MODELS, "recent-models");
}

static void
psp_settings_init (PspSettings *self)
{
  g_autofree GParamSpec **properties = NULL;
  guint n_properties;

  properties = g_object_class_list_properties (G_OBJECT_GET_CLASS (self), &n_properties);
  for (guint i = 0; i < n_properties; i++)
    {
      GValue *value = &self->values[properties[i]->param_id];

      g_value_init (value, properties[i]->value_type);
      g_param_value_set_default (properties[i], value);
    }
}

PspSettings *
psp_settings_new (GSettings *store)
{
  PspSettings *self = g_object_new (PSP_TYPE_SETTINGS, NULL);
  g_autofree GParamSpec **properties = NULL;
  guint n_properties;

  if (store == NULL)
    return self;

  self->store = g_object_ref (store);
  properties = g_object_class_list_properties (G_OBJECT_GET_CLASS (self), &n_properties);
  for (guint i = 0; i < n_properties; i++)
    g_settings_bind (store, properties[i]->name, self, properties[i]->name,
                     G_SETTINGS_BIND_DEFAULT);

  return self;
}

char *
psp_settings_dup_string (PspSettings *self,
                         const char  *property)
{
  char *value;

  g_return_val_if_fail (PSP_IS_SETTINGS (self), NULL);

  g_object_get (self, property, &value, NULL);
  return value != NULL ? value : g_strdup ("");
}

char **
psp_settings_dup_recent (PspSettings *self,
                         const char  *property)
{
  char **paths;

  g_return_val_if_fail (PSP_IS_SETTINGS (self), NULL);

  g_object_get (self, property, &paths, NULL);
  return paths != NULL ? paths : g_new0 (char *, 1);
}

static void
replace_recent (PspSettings *self,
                const char  *property,
                const char  *first,
                const char  *without)
{
  g_auto(GStrv) old = psp_settings_dup_recent (self, property);
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) paths = NULL;
  int n_paths = 0;

  if (first != NULL)
    {
      g_strv_builder_add (builder, first);
      n_paths++;
    }
  for (int i = 0; old[i] != NULL && n_paths < PSP_SETTINGS_MAX_RECENT; i++)
    {
      if (g_str_equal (old[i], without))
        continue;

      g_strv_builder_add (builder, old[i]);
      n_paths++;
    }

  paths = g_strv_builder_end (builder);
  g_object_set (self, property, paths, NULL);
}

void
psp_settings_add_recent (PspSettings *self,
                         const char  *property,
                         const char  *path)
{
  g_return_if_fail (PSP_IS_SETTINGS (self));
  g_return_if_fail (path != NULL);

  /* GSettings holds text; a path that is none cannot be remembered. */
  if (g_utf8_validate (path, -1, NULL))
    replace_recent (self, property, path, path);
}

void
psp_settings_drop_recent (PspSettings *self,
                          const char  *property,
                          const char  *path)
{
  g_return_if_fail (PSP_IS_SETTINGS (self));
  g_return_if_fail (path != NULL);

  replace_recent (self, property, NULL, path);
}
