/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-project-item-private.h"

#include "engine/formats/psp-image-file.h"

struct _PspProjectItem
{
  GObject   parent_instance;

  char     *stem;
  char     *image_path;
  char     *label_path; /* (nullable) */
  char     *problems[PSP_N_ITEM_PROBLEMS]; /* (nullable) each */
  double    score;      /* -1: not known */
  gboolean  predicted;
  gboolean  modified;
  gboolean  corrected;
};

enum {
  PROP_0,
  PROP_STEM,
  PROP_SCORE,
  PROP_PREDICTED,
  PROP_MODIFIED,
  PROP_CORRECTED,
  PROP_PROBLEM,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (PspProjectItem, psp_project_item, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static void
psp_project_item_finalize (GObject *object)
{
  PspProjectItem *self = PSP_PROJECT_ITEM (object);

  g_free (self->stem);
  g_free (self->image_path);
  g_free (self->label_path);
  for (int i = 0; i < PSP_N_ITEM_PROBLEMS; i++)
    g_free (self->problems[i]);

  G_OBJECT_CLASS (psp_project_item_parent_class)->finalize (object);
}

static void
psp_project_item_get_property (GObject    *object,
                               guint       property,
                               GValue     *value,
                               GParamSpec *spec)
{
  PspProjectItem *self = PSP_PROJECT_ITEM (object);

  switch (property)
    {
    case PROP_STEM:
      g_value_set_string (value, self->stem);
      break;
    case PROP_SCORE:
      g_value_set_double (value, self->score);
      break;
    case PROP_PREDICTED:
      g_value_set_boolean (value, self->predicted);
      break;
    case PROP_MODIFIED:
      g_value_set_boolean (value, self->modified);
      break;
    case PROP_CORRECTED:
      g_value_set_boolean (value, self->corrected);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, psp_project_item_get_problem (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, spec);
    }
}

static void
psp_project_item_class_init (PspProjectItemClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = psp_project_item_finalize;
  object_class->get_property = psp_project_item_get_property;

  properties[PROP_STEM] = g_param_spec_string ("stem", NULL, NULL, NULL, flags);
  properties[PROP_SCORE] = g_param_spec_double ("score", NULL, NULL, -1, 1, -1, flags);
  properties[PROP_PREDICTED] = g_param_spec_boolean ("predicted", NULL, NULL, FALSE, flags);
  properties[PROP_MODIFIED] = g_param_spec_boolean ("modified", NULL, NULL, FALSE, flags);
  properties[PROP_CORRECTED] = g_param_spec_boolean ("corrected", NULL, NULL, FALSE, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
psp_project_item_init (PspProjectItem *self)
{
  self->score = -1;
}

PspProjectItem *
psp_project_item_new (const PspDatasetItem *item)
{
  PspProjectItem *self = g_object_new (PSP_TYPE_PROJECT_ITEM, NULL);

  self->stem = g_strdup (item->stem);
  self->image_path = g_strdup (item->image_path);
  self->label_path = g_strdup (item->label_path);
  return self;
}

const char *
psp_project_item_get_stem (PspProjectItem *self)
{
  return self->stem;
}

const char *
psp_project_item_get_image_path (PspProjectItem *self)
{
  return self->image_path;
}

const char *
psp_project_item_get_label_path (PspProjectItem *self)
{
  return self->label_path;
}

double
psp_project_item_get_score (PspProjectItem *self)
{
  return self->score;
}

gboolean
psp_project_item_get_predicted (PspProjectItem *self)
{
  return self->predicted;
}

gboolean
psp_project_item_get_modified (PspProjectItem *self)
{
  return self->modified;
}

gboolean
psp_project_item_get_corrected (PspProjectItem *self)
{
  return self->corrected;
}

const char *
psp_project_item_get_problem (PspProjectItem *self)
{
  for (int i = 0; i < PSP_N_ITEM_PROBLEMS; i++)
    if (self->problems[i] != NULL)
      return self->problems[i];
  return NULL;
}

void
psp_project_item_set_score (PspProjectItem *self,
                            double          score)
{
  if (self->score == score)
    return;

  self->score = score;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCORE]);
}

/* The five lines of each boolean. */
static void
set_flag (PspProjectItem *self,
          gboolean       *flag,
          gboolean        value,
          int             property)
{
  if (*flag == !!value)
    return;

  *flag = !!value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
psp_project_item_set_predicted (PspProjectItem *self,
                                gboolean        predicted)
{
  set_flag (self, &self->predicted, predicted, PROP_PREDICTED);
}

void
psp_project_item_set_modified (PspProjectItem *self,
                               gboolean        modified)
{
  set_flag (self, &self->modified, modified, PROP_MODIFIED);
}

void
psp_project_item_set_corrected (PspProjectItem *self,
                                gboolean        corrected)
{
  set_flag (self, &self->corrected, corrected, PROP_CORRECTED);
}

void
psp_project_item_set_problem (PspProjectItem *self,
                              PspItemProblem  problem,
                              const char     *text)
{
  if (g_strcmp0 (self->problems[problem], text) == 0)
    return;

  g_free (self->problems[problem]);
  self->problems[problem] = g_strdup (text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

static void
load_thumbnail (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  PspProjectItem *self = source;
  g_autoptr(GError) error = NULL;
  g_autoptr(PspImage) image = NULL;
  PspImage *thumbnail = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;
  image = psp_image_load (self->image_path, &error);
  if (image != NULL)
    thumbnail = psp_image_scale_to_fit (image, GPOINTER_TO_INT (data), &error);
  if (thumbnail != NULL)
    g_task_return_pointer (task, thumbnail, (GDestroyNotify) psp_image_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
psp_project_item_load_thumbnail_async (PspProjectItem      *self,
                                       int                  longest_side,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, data);

  g_task_set_source_tag (task, psp_project_item_load_thumbnail_async);
  /* Behind other work, but before redrawing: a slow display would never let the callback run. */
  g_task_set_priority (task, G_PRIORITY_DEFAULT + 10);
  g_task_set_task_data (task, GINT_TO_POINTER (longest_side), NULL);
  g_task_run_in_thread (task, load_thumbnail);
}

PspImage *
psp_project_item_load_thumbnail_finish (PspProjectItem  *self,
                                        GAsyncResult    *result,
                                        GError         **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
