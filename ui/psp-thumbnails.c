/* SPDX-License-Identifier: MIT */

#include "ui/psp-thumbnails.h"

/* 256 pictures of 128 x 96 pixels are 9 MiB. */
#define MAX_ENTRIES 256

typedef struct
{
  char       *key;
  GdkTexture *texture;
} Entry;

struct _PspThumbnails
{
  GObject     parent_instance;

  GHashTable *links; /* key → its GList in order; owned by the entries */
  GQueue      order; /* of Entry, the last used first */
};

G_DEFINE_FINAL_TYPE (PspThumbnails, psp_thumbnails, G_TYPE_OBJECT)

static void
entry_free (Entry *entry)
{
  g_free (entry->key);
  g_object_unref (entry->texture);
  g_free (entry);
}

static char *
create_key (PspProjectItem *item,
            int             longest_side)
{
  return g_strdup_printf ("%d:%s", longest_side, psp_project_item_get_image_path (item));
}

static void
psp_thumbnails_finalize (GObject *object)
{
  PspThumbnails *self = PSP_THUMBNAILS (object);

  g_clear_pointer (&self->links, g_hash_table_unref);
  g_queue_clear_full (&self->order, (GDestroyNotify) entry_free);

  G_OBJECT_CLASS (psp_thumbnails_parent_class)->finalize (object);
}

static void
psp_thumbnails_class_init (PspThumbnailsClass *class)
{
  G_OBJECT_CLASS (class)->finalize = psp_thumbnails_finalize;
}

static void
psp_thumbnails_init (PspThumbnails *self)
{
  self->links = g_hash_table_new (g_str_hash, g_str_equal);
  g_queue_init (&self->order);
}

PspThumbnails *
psp_thumbnails_new (void)
{
  return g_object_new (PSP_TYPE_THUMBNAILS, NULL);
}

static GdkTexture *
find (PspThumbnails *self,
      const char    *key)
{
  GList *link = g_hash_table_lookup (self->links, key);
  Entry *entry;

  if (link == NULL)
    return NULL;

  g_queue_unlink (&self->order, link);
  g_queue_push_head_link (&self->order, link);
  entry = link->data;
  return entry->texture;
}

static void
keep (PspThumbnails *self,
      const char    *key,
      GdkTexture    *texture)
{
  Entry *entry;

  if (find (self, key) != NULL)
    return;

  if (self->order.length == MAX_ENTRIES)
    {
      Entry *oldest = g_queue_pop_tail (&self->order);

      g_hash_table_remove (self->links, oldest->key);
      entry_free (oldest);
    }

  entry = g_new0 (Entry, 1);
  entry->key = g_strdup (key);
  entry->texture = g_object_ref (texture);
  g_queue_push_head (&self->order, entry);
  g_hash_table_insert (self->links, entry->key, self->order.head);
}

GdkTexture *
psp_thumbnails_peek (PspThumbnails  *self,
                     PspProjectItem *item,
                     int             longest_side)
{
  g_autofree char *key = create_key (item, longest_side);

  g_return_val_if_fail (PSP_IS_THUMBNAILS (self), NULL);

  return find (self, key);
}

static GdkTexture *
create_texture (PspImage *image)
{
  gsize stride = 3 * (gsize) image->size.width;
  g_autoptr(GBytes) bytes = NULL;

  bytes = g_bytes_new_with_free_func (image->pixels, stride * (gsize) image->size.height,
                                      (GDestroyNotify) psp_image_unref, psp_image_ref (image));
  return gdk_memory_texture_new (image->size.width, image->size.height,
                                 GDK_MEMORY_R8G8B8, bytes, stride);
}

static void
loaded_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(GTask) task = data;
  PspThumbnails *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspImage) image = NULL;
  g_autoptr(GdkTexture) texture = NULL;

  image = psp_project_item_load_thumbnail_finish (PSP_PROJECT_ITEM (source), result, &error);
  if (image == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  texture = create_texture (image);
  keep (self, g_task_get_task_data (task), texture);
  g_task_return_pointer (task, g_steal_pointer (&texture), g_object_unref);
}

void
psp_thumbnails_load_async (PspThumbnails       *self,
                           PspProjectItem      *item,
                           int                  longest_side,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             data)
{
  GTask *task;

  g_return_if_fail (PSP_IS_THUMBNAILS (self));

  task = g_task_new (self, cancellable, callback, data);
  g_task_set_source_tag (task, psp_thumbnails_load_async);
  g_task_set_task_data (task, create_key (item, longest_side), g_free);
  psp_project_item_load_thumbnail_async (item, longest_side, cancellable, loaded_cb, task);
}

GdkTexture *
psp_thumbnails_load_finish (PspThumbnails  *self,
                            GAsyncResult   *result,
                            GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
