/* SPDX-License-Identifier: MIT */
#include "ui/psp-pixmap.h"

/* Up to here the smaller sizes are made at once: it takes a few milliseconds. */
#define IMMEDIATE_PIXELS (4 << 20)

/* What a picture is made of; a worker thread has one of its own. */
typedef struct
{
  PspImage   *photo;   /* (nullable) owned: the picture is the photo itself */
  PspOverlay  overlay; /* owns what it names */
} Content;

struct _PspPixmap
{
  GObject       parent_instance;

  PspSize       size;
  Content      *content;
  PspMipmap    *mipmap;      /* (nullable) owned */
  GCancellable *cancellable; /* (nullable) owned: a worker is making the mipmap */
  PspRect       outdated;    /* what changed since that worker started, in image pixels */
  char         *problem;     /* (nullable) owned */
};

G_DEFINE_FINAL_TYPE (PspPixmap, psp_pixmap, G_TYPE_OBJECT)

static guint changed_signal;

static void
content_free (Content *content)
{
  PspOverlay *overlay = &content->overlay;

  g_clear_pointer (&content->photo, psp_image_unref);
  g_clear_pointer ((PspMask **) &overlay->labels, psp_mask_unref);
  g_clear_pointer ((PspMask **) &overlay->truth, psp_mask_unref);
  g_clear_pointer ((PspTaxonomy **) &overlay->taxonomy, psp_taxonomy_unref);
  g_clear_pointer ((PspTensor **) &overlay->values, psp_tensor_unref);
  g_free ((PspRect *) overlay->cells);
  g_free (content);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Content, content_free)

static Content *
content_new (PspImage         *photo,
             const PspOverlay *overlay)
{
  Content *content = g_new0 (Content, 1);

  if (photo != NULL)
    content->photo = psp_image_ref (photo);
  if (overlay == NULL)
    return content;

  content->overlay = *overlay;
  if (overlay->labels != NULL)
    psp_mask_ref ((PspMask *) overlay->labels);
  if (overlay->truth != NULL)
    psp_mask_ref ((PspMask *) overlay->truth);
  if (overlay->taxonomy != NULL)
    psp_taxonomy_ref ((PspTaxonomy *) overlay->taxonomy);
  if (overlay->values != NULL)
    psp_tensor_ref ((PspTensor *) overlay->values);
  if (overlay->cells != NULL)
    content->overlay.cells = g_memdup2 (overlay->cells,
                                        overlay->values->n_elements * sizeof *overlay->cells);
  return content;
}

/* The same values, with labels that nobody else writes. */
static Content *
content_snapshot (const Content  *content,
                  GError        **error)
{
  g_autoptr(Content) copy = content_new (content->photo, &content->overlay);

  if (copy->overlay.labels != NULL)
    {
      PspMask *labels = psp_mask_copy (content->overlay.labels, error);

      if (labels == NULL)
        return NULL;

      psp_mask_unref ((PspMask *) copy->overlay.labels);
      copy->overlay.labels = labels;
    }

  return g_steal_pointer (&copy);
}

/* A PspMipmapSource. */
static void
content_render (gpointer  data,
                PspRect   area,
                guint32  *pixels)
{
  const Content *content = data;

  if (content->photo != NULL)
    psp_overlay_render_photo (content->photo, area, pixels);
  else
    psp_overlay_render_layer (&content->overlay, area, pixels);
}

static gboolean
takes_long (int width,
            int height)
{
  return (gint64) width * height > IMMEDIATE_PIXELS;
}

static void
psp_pixmap_dispose (GObject *object)
{
  PspPixmap *self = PSP_PIXMAP (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (psp_pixmap_parent_class)->dispose (object);
}

static void
psp_pixmap_finalize (GObject *object)
{
  PspPixmap *self = PSP_PIXMAP (object);

  content_free (self->content);
  g_clear_pointer (&self->mipmap, psp_mipmap_unref);
  g_free (self->problem);

  G_OBJECT_CLASS (psp_pixmap_parent_class)->finalize (object);
}

static void
psp_pixmap_class_init (PspPixmapClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = psp_pixmap_dispose;
  object_class->finalize = psp_pixmap_finalize;

  changed_signal = g_signal_new ("changed", PSP_TYPE_PIXMAP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
psp_pixmap_init (PspPixmap *self)
{
}

PspPixmap *
psp_pixmap_new_photo (PspImage *photo)
{
  PspPixmap *self = g_object_new (PSP_TYPE_PIXMAP, NULL);

  self->size = photo->size;
  self->content = content_new (photo, NULL);
  return self;
}

PspPixmap *
psp_pixmap_new_overlay (PspSize           size,
                       const PspOverlay *overlay)
{
  PspPixmap *self = g_object_new (PSP_TYPE_PIXMAP, NULL);

  self->size = size;
  self->content = content_new (NULL, overlay);
  return self;
}

typedef struct
{
  PspSize  size;
  Content *content; /* owned */
} Job;

static void
job_free (Job *job)
{
  content_free (job->content);
  g_free (job);
}

static void
build_worker (GTask        *task,
              gpointer      source_object,
              gpointer      task_data,
              GCancellable *cancellable)
{
  Job *job = task_data;
  g_autoptr(GError) error = NULL;
  PspMipmap *mipmap = psp_mipmap_new (job->size, content_render, job->content, cancellable,
                                      &error);

  if (mipmap == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, mipmap, (GDestroyNotify) psp_mipmap_unref);
}

static void
fail (PspPixmap     *self,
      const GError *error)
{
  g_free (self->problem);
  self->problem = g_strdup (error->message);
}

static void
build_ready (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  PspPixmap *self = PSP_PIXMAP (source);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspMipmap) mipmap = g_task_propagate_pointer (G_TASK (result), &error);
  PspRect outdated = self->outdated;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->cancellable);
  self->outdated = (PspRect) { 0 };
  if (mipmap == NULL)
    {
      fail (self, error);
      g_signal_emit (self, changed_signal, 0);
      return;
    }

  g_clear_pointer (&self->mipmap, psp_mipmap_unref);
  self->mipmap = g_steal_pointer (&mipmap);
  if (psp_rect_is_empty (outdated))
    g_signal_emit (self, changed_signal, 0);
  else
    psp_pixmap_invalidate (self, outdated);
}

static void
build_in_worker (PspPixmap *self)
{
  g_autoptr(GTask) task = NULL;
  g_autoptr(GError) error = NULL;
  Content *content = content_snapshot (self->content, &error);
  Job *job;

  if (content == NULL)
    {
      fail (self, error);
      return;
    }

  job = g_new0 (Job, 1);
  job->size = self->size;
  job->content = content;
  self->cancellable = g_cancellable_new ();
  self->outdated = (PspRect) { 0 };

  task = g_task_new (self, self->cancellable, build_ready, NULL);
  g_task_set_source_tag (task, build_in_worker);
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  g_task_run_in_thread (task, build_worker);
}

static void
build (PspPixmap *self)
{
  g_autoptr(GError) error = NULL;

  if (self->cancellable != NULL || self->problem != NULL)
    return;

  if (takes_long (self->size.width, self->size.height))
    {
      build_in_worker (self);
      return;
    }

  self->mipmap = psp_mipmap_new (self->size, content_render, self->content, NULL, &error);
  if (self->mipmap == NULL)
    fail (self, error);
}

PspSize
psp_pixmap_get_size (PspPixmap *self)
{
  g_return_val_if_fail (PSP_IS_PIXMAP (self), (PspSize) { 0 });

  return self->size;
}

const PspMask *
psp_pixmap_get_labels (PspPixmap *self)
{
  g_return_val_if_fail (PSP_IS_PIXMAP (self), NULL);

  return self->content->overlay.labels;
}

PspSize
psp_pixmap_get_level_size (PspPixmap *self,
                          int       level)
{
  PspSize size;

  g_return_val_if_fail (PSP_IS_PIXMAP (self), (PspSize) { 0 });
  g_return_val_if_fail (level >= 0, (PspSize) { 0 });

  size = self->size;
  for (int i = 0; i < level; i++)
    size = (PspSize) { (size.width + 1) / 2, (size.height + 1) / 2 };

  return size;
}

void
psp_pixmap_invalidate (PspPixmap *self,
                      PspRect   area)
{
  g_return_if_fail (PSP_IS_PIXMAP (self));

  if (self->cancellable != NULL)
    self->outdated = psp_rect_union (self->outdated, area);
  else if (self->mipmap != NULL && takes_long (area.width, area.height))
    build_in_worker (self);

  if (self->mipmap != NULL && !takes_long (area.width, area.height))
    psp_mipmap_update (self->mipmap, area, content_render, self->content);
  g_signal_emit (self, changed_signal, 0);
}

gboolean
psp_pixmap_read (PspPixmap *self,
                int       level,
                PspRect   area,
                guint32  *pixels)
{
  g_return_val_if_fail (PSP_IS_PIXMAP (self), FALSE);
  g_return_val_if_fail (level >= 0, FALSE);

  if (level == 0)
    {
      content_render (self->content, area, pixels);
      return TRUE;
    }

  if (self->mipmap == NULL)
    build (self);
  if (self->mipmap == NULL)
    return FALSE;

  psp_mipmap_read (self->mipmap, level, area, pixels);
  return TRUE;
}

const char *
psp_pixmap_get_problem (PspPixmap *self)
{
  g_return_val_if_fail (PSP_IS_PIXMAP (self), NULL);

  return self->problem;
}
