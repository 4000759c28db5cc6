/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-checkpoint.h"

#include "engine/formats/psp-container.h"

struct _PspCheckpoint
{
  PspCheckpointIndex *index;
  const char         *container;
  PspCheckpoint      *companion; /* (nullable) where the rest of the tensors is */
  GMutex              mutex;     /* guards what follows */
  PspFileMapping     *mapping;   /* (nullable) made when it is needed first */
  gatomicrefcount     ref_count;
};

PspCheckpoint *
psp_checkpoint_open (const char  *path,
                     GError     **error)
{
  g_autoptr(PspFileReader) file = NULL;
  g_autoptr(PspCheckpointIndex) index = NULL;
  const PspContainer *container;
  PspCheckpoint *self;

  g_return_val_if_fail (path != NULL, NULL);

  file = psp_file_reader_new (path, error);
  container = file != NULL ? psp_container_detect (file, error) : NULL;
  if (container == NULL)
    return NULL;
  index = psp_checkpoint_index_new (g_steal_pointer (&file));
  if (!container->read (index, error))
    return NULL;
  psp_checkpoint_index_strip_prefixes (index);

  self = g_new0 (PspCheckpoint, 1);
  self->index = g_steal_pointer (&index);
  self->container = container->name;
  g_mutex_init (&self->mutex);
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

PspCheckpoint *
psp_checkpoint_open_pair (const char  *path,
                          const char  *companion_path,
                          GError     **error)
{
  g_autoptr(PspCheckpoint) self = psp_checkpoint_open (path, error);
  g_autoptr(PspCheckpoint) companion = NULL;

  companion = self != NULL ? psp_checkpoint_open (companion_path, error) : NULL;
  if (companion == NULL)
    return NULL;

  for (gsize i = 0; i < psp_checkpoint_get_n_entries (companion); i++)
    {
      const char *name = psp_checkpoint_get_entry (companion, i)->name;

      if (psp_checkpoint_find (self, name) != NULL)
        {
          g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                       "%s and %s do not belong together: both have a tensor called “%s”", path,
                       companion_path, name);
          return NULL;
        }
    }
  self->companion = g_steal_pointer (&companion);
  return g_steal_pointer (&self);
}

void
psp_checkpoint_keep_below (PspCheckpoint *self,
                           const char    *prefix)
{
  psp_checkpoint_index_keep_below (self->index, prefix);
}

PspCheckpoint *
psp_checkpoint_ref (PspCheckpoint *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_checkpoint_unref (PspCheckpoint *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->companion, psp_checkpoint_unref);
  g_clear_pointer (&self->mapping, psp_file_mapping_unref);
  g_mutex_clear (&self->mutex);
  psp_checkpoint_index_free (self->index);
  g_free (self);
}

const char *
psp_checkpoint_get_path (const PspCheckpoint *self)
{
  return self->index->file->path;
}

const char *
psp_checkpoint_get_companion_path (const PspCheckpoint *self)
{
  return self->companion != NULL ? psp_checkpoint_get_path (self->companion) : NULL;
}

const char *
psp_checkpoint_get_container (const PspCheckpoint *self)
{
  return self->container;
}

gsize
psp_checkpoint_get_n_entries (const PspCheckpoint *self)
{
  return self->index->tensors->len +
         (self->companion != NULL ? psp_checkpoint_get_n_entries (self->companion) : 0);
}

const PspCheckpointEntry *
psp_checkpoint_get_entry (const PspCheckpoint *self,
                          gsize                index)
{
  gsize n_own = self->index->tensors->len;

  g_return_val_if_fail (index < psp_checkpoint_get_n_entries (self), NULL);

  if (index >= n_own)
    return psp_checkpoint_get_entry (self->companion, index - n_own);
  return &g_array_index (self->index->tensors, PspStoredTensor, index).entry;
}

const PspCheckpointEntry *
psp_checkpoint_find (const PspCheckpoint *self,
                     const char          *name)
{
  const PspStoredTensor *tensor = psp_checkpoint_index_find (self->index, name);

  if (tensor == NULL && self->companion != NULL)
    return psp_checkpoint_find (self->companion, name);
  return tensor != NULL ? &tensor->entry : NULL;
}

const char *
psp_checkpoint_get_metadata (const PspCheckpoint *self,
                             const char          *key)
{
  return g_hash_table_lookup (self->index->metadata, key);
}

/* (transfer none) (nullable): the tensor called @name, which may be another file's: then @self
 * becomes that one.  %NULL with @error set if there is none. */
static const PspStoredTensor *
find_stored (PspCheckpoint **self,
             const char     *name,
             GError        **error)
{
  const char *path = psp_checkpoint_get_path (*self);

  for (; *self != NULL; *self = (*self)->companion)
    {
      const PspStoredTensor *tensor = psp_checkpoint_index_find ((*self)->index, name);

      if (tensor != NULL)
        return tensor;
    }
  g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND, "%s: there is no tensor called “%s”", path,
               name);
  return NULL;
}

gboolean
psp_checkpoint_verify (PspCheckpoint  *self,
                       const char     *name,
                       double          minimum,
                       GError        **error)
{
  const PspStoredTensor *stored = find_stored (&self, name, error);

  return stored != NULL &&
         psp_stored_tensor_verify (stored, self->index->file, minimum, error);
}

gboolean
psp_checkpoint_read_into (PspCheckpoint  *self,
                          const char     *name,
                          PspTensor      *tensor,
                          GError        **error)
{
  const PspStoredTensor *stored = find_stored (&self, name, error);

  return stored != NULL &&
         psp_stored_tensor_read_into (stored, self->index->file, tensor, error);
}

PspTensor *
psp_checkpoint_read (PspCheckpoint  *self,
                     const char     *name,
                     GError        **error)
{
  const PspStoredTensor *stored = find_stored (&self, name, error);

  return stored != NULL ? psp_stored_tensor_read (stored, self->index->file, error) : NULL;
}

/* (nullable): %NULL if the file cannot be mapped. */
static PspFileMapping *
get_mapping (PspCheckpoint *self)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  if (self->mapping == NULL)
    self->mapping = psp_file_mapping_new (self->index->file);
  return self->mapping;
}

GBytes *
psp_checkpoint_get_floats (PspCheckpoint  *self,
                           const char     *name,
                           GError        **error)
{
  const PspStoredTensor *stored = find_stored (&self, name, error);
  PspFileMapping *mapping;
  GBytes *floats;
  PspTensor *tensor;

  if (stored == NULL)
    return NULL;
  mapping = get_mapping (self);
  floats = mapping != NULL ? psp_stored_tensor_map (stored, mapping) : NULL;
  if (floats != NULL)
    return floats;

  tensor = psp_stored_tensor_read (stored, self->index->file, error);
  if (tensor == NULL)
    return NULL;
  return g_bytes_new_with_free_func (tensor->data, tensor->n_elements * sizeof *tensor->data,
                                     (GDestroyNotify) psp_tensor_unref, tensor);
}

gboolean
psp_checkpoint_check_mapping (PspCheckpoint  *self,
                              GError        **error)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  return (self->mapping == NULL || psp_file_mapping_check (self->mapping, error)) &&
         (self->companion == NULL || psp_checkpoint_check_mapping (self->companion, error));
}
