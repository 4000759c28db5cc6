/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pytorch-legacy.h"

#include "engine/formats/psp-pytorch-state.h"
#include "engine/formats/psp-pytorch-storage-id.h"

#include <string.h>

#define PROTOCOL 1001
/* The pickles of most files fit into the first; the numbers behind them are not wanted here. */
#define FIRST_HEAD_BYTES (1024 * 1024)
#define MAX_HEAD_BYTES (64 * 1024 * 1024)
#define MAX_STORAGES PSP_CHECKPOINT_MAX_ENTRIES

/* What the object says of a storage, and then where it was found. */
typedef struct
{
  gint64   n_elements;
  guint64  element_bytes;
  gboolean is_found;
  guint64  offset;
} Storage;

typedef struct
{
  PspCheckpointIndex *index;
  GBytes             *head;     /* the start of the file: all its pickles */
  gsize               position; /* of the next pickle in the head */
  GHashTable         *storages; /* key → Storage */
} Reader;

static void
reader_clear (Reader *reader)
{
  g_clear_pointer (&reader->head, g_bytes_unref);
  g_clear_pointer (&reader->storages, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

static gboolean
fail (const Reader  *reader,
      PspError       code,
      const char    *reason,
      GError       **error)
{
  g_set_error (error, PSP_ERROR, code, "%s: %s", reader->index->file->path, reason);
  return FALSE;
}

/* Reads the start of the file, as far as it has @n_bytes. */
static gboolean
load_head (Reader   *reader,
           gsize     n_bytes,
           GError  **error)
{
  PspFileReader *file = reader->index->file;
  gsize n_head_bytes = (gsize) MIN (file->n_bytes, n_bytes);
  g_autofree guint8 *bytes = NULL;

  g_clear_pointer (&reader->head, g_bytes_unref);
  bytes = g_malloc (n_head_bytes);
  if (!psp_file_reader_read (file, 0, bytes, n_head_bytes, error))
    return FALSE;
  reader->head = g_bytes_new_take (g_steal_pointer (&bytes), n_head_bytes);
  return TRUE;
}

/* The next pickle, as far as the head goes. */
static PspPickle *
parse_next (const Reader  *reader,
            GError       **error)
{
  gsize n_bytes = g_bytes_get_size (reader->head);
  g_autoptr(GBytes) rest = g_bytes_new_from_bytes (reader->head, reader->position,
                                                   n_bytes - reader->position);

  return psp_pickle_parse (rest, error);
}

static PspPickle *
read_pickle (Reader      *reader,
             const char  *what,
             GError     **error)
{
  g_autoptr(GError) parse_error = NULL;
  PspPickle *pickle = parse_next (reader, &parse_error);
  gsize n_bytes = g_bytes_get_size (reader->head);

  if (g_error_matches (parse_error, PSP_ERROR, PSP_ERROR_TRUNCATED) &&
      n_bytes == FIRST_HEAD_BYTES && n_bytes < reader->index->file->n_bytes)
    {
      if (!load_head (reader, MAX_HEAD_BYTES, error))
        return NULL;
      g_clear_error (&parse_error);
      pickle = parse_next (reader, &parse_error);
      n_bytes = g_bytes_get_size (reader->head);
    }
  if (pickle != NULL)
    {
      reader->position += psp_pickle_get_n_bytes (pickle);
      return pickle;
    }
  if (n_bytes < reader->index->file->n_bytes &&
      g_error_matches (parse_error, PSP_ERROR, PSP_ERROR_TRUNCATED))
    {
      (void) fail (reader, PSP_ERROR_UNSUPPORTED,
                   "what describes the tensors goes beyond the first 64 MiB that are read for it",
                   error);
      return NULL;
    }
  g_propagate_prefixed_error (error, g_steal_pointer (&parse_error), "%s: %s: ",
                              reader->index->file->path, what);
  return NULL;
}

static gboolean
check_protocol (Reader  *reader,
                GError **error)
{
  g_autoptr(PspPickle) pickle = read_pickle (reader, "the protocol", error);
  const PspPickleNode *root;

  if (pickle == NULL)
    return FALSE;
  root = psp_pickle_get_root (pickle);
  if (root->kind == PSP_PICKLE_INTEGER && root->integer == PROTOCOL)
    return TRUE;
  return fail (reader, PSP_ERROR_UNSUPPORTED,
               "this PyTorch file is of another protocol than 1001, the only one before version "
               "1.6", error);
}

/* What it says of the machine that saved it means nothing for the numbers, which PyTorch always
 * wrote in little-endian order (torch/csrc/generic/serialization.cpp). */
static gboolean
skip_machine (Reader  *reader,
              GError **error)
{
  g_autoptr(PspPickle) pickle = read_pickle (reader, "what it says of the machine", error);

  if (pickle == NULL)
    return FALSE;
  return psp_pickle_get_root (pickle)->kind == PSP_PICKLE_DICT ||
         fail (reader, PSP_ERROR_BAD_FILE,
               "the file does not say on what machine it was saved; it is damaged", error);
}

/* All mentions of a storage must agree. */
static gboolean
add_storage (Reader               *reader,
             const PspPickleNode  *node,
             GError              **error)
{
  PspPytorchStorageId id;
  PspDtype dtype;
  Storage storage = { .element_bytes = 1 };
  const Storage *known;

  if (!psp_pytorch_storage_id_read (&id, node))
    return fail (reader, PSP_ERROR_BAD_FILE, "a storage is described in a damaged way", error);
  if (!id.is_untyped && !psp_pytorch_dtype_from_global (id.type, &dtype))
    {
      g_autofree char *name = psp_pickle_node_dup_name (id.type);

      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "%s: storage “%s” has numbers of type %s; float, integer and bool types are "
                   "read", reader->index->file->path, id.key, name);
      return FALSE;
    }
  storage.n_elements = id.n_elements;
  if (!id.is_untyped)
    storage.element_bytes = psp_dtype_get_size (dtype);

  known = g_hash_table_lookup (reader->storages, id.key);
  if (known == NULL && g_hash_table_size (reader->storages) < MAX_STORAGES)
    return g_hash_table_insert (reader->storages, g_strdup (id.key),
                                g_memdup2 (&storage, sizeof storage));
  if (known != NULL && known->n_elements == storage.n_elements &&
      known->element_bytes == storage.element_bytes)
    return TRUE;
  return fail (reader, PSP_ERROR_BAD_FILE,
               known == NULL ? "the file claims more than 50000 storages"
                             : "a storage is described in two ways", error);
}

/* The optimiser's storages too, which lie between those of the network. */
static gboolean
add_storages (Reader           *reader,
              const PspPickle  *object,
              GError          **error)
{
  for (guint i = 0; i < psp_pickle_get_n_nodes (object); i++)
    {
      const PspPickleNode *node = psp_pickle_get_node (object, i);
      const PspPickleNode *kind;

      if (node->kind != PSP_PICKLE_PERSISTENT || node->n_items != 1)
        continue;
      /* ('module', class, file, source): a class that the object needs. */
      kind = psp_pickle_node_get_item (node->items[0], 0);
      if (kind != NULL && psp_pickle_node_is_string (kind, "module"))
        continue;
      if (!add_storage (reader, node, error))
        return FALSE;
    }
  return TRUE;
}

static Storage *
find_listed (Reader               *reader,
             const PspPickleNode  *node,
             GError              **error)
{
  g_autofree char *key = NULL;
  Storage *storage = NULL;

  if (node->kind == PSP_PICKLE_STRING && node->n_bytes <= PSP_PYTORCH_MAX_KEY_BYTES)
    {
      key = g_strndup (node->bytes, node->n_bytes);
      storage = g_hash_table_lookup (reader->storages, key);
    }
  if (storage == NULL || storage->is_found)
    {
      (void) fail (reader, PSP_ERROR_BAD_FILE,
                   "the list of storages has one twice, or one that nothing needs; the file is "
                   "damaged", error);
      return NULL;
    }
  storage->is_found = TRUE;
  return storage;
}

/* Moves @offset from the storage's count to behind its numbers. */
static gboolean
find_numbers (Reader   *reader,
              Storage  *storage,
              guint64  *offset,
              GError  **error)
{
  PspFileReader *file = reader->index->file;
  gint64 n_elements;
  guint64 n_bytes;

  if (!psp_file_reader_read (file, *offset, &n_elements, sizeof n_elements, error))
    return FALSE;
  n_elements = GINT64_FROM_LE (n_elements);
  if (n_elements != storage->n_elements ||
      __builtin_mul_overflow ((guint64) n_elements, storage->element_bytes, &n_bytes))
    return fail (reader, PSP_ERROR_BAD_FILE,
                 "a storage has another size than the tensors say; the file is damaged", error);
  storage->offset = *offset + sizeof n_elements;
  if (!psp_file_reader_holds (file, storage->offset, n_bytes))
    return fail (reader, PSP_ERROR_TRUNCATED,
                 "the file ends inside the numbers; it was cut off: copy or download it again",
                 error);
  *offset = storage->offset + n_bytes;
  return TRUE;
}

static gboolean
find_storages (Reader  *reader,
               GError **error)
{
  g_autoptr(PspPickle) pickle = read_pickle (reader, "the list of storages", error);
  guint64 offset = reader->position;
  const PspPickleNode *keys;

  if (pickle == NULL)
    return FALSE;
  keys = psp_pickle_get_root (pickle);
  if (keys->kind != PSP_PICKLE_LIST)
    return fail (reader, PSP_ERROR_BAD_FILE, "the file has no list of storages; it is damaged",
                 error);
  for (guint i = 0; i < keys->n_items; i++)
    {
      Storage *storage = find_listed (reader, keys->items[i], error);

      if (storage == NULL || !find_numbers (reader, storage, &offset, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
find_storage (const char        *key,
              PspPytorchStorage *found,
              gpointer           user_data)
{
  const Reader *reader = user_data;
  const Storage *storage = g_hash_table_lookup (reader->storages, key);

  if (storage == NULL || !storage->is_found)
    return FALSE;
  *found = (PspPytorchStorage) {
    .offset = storage->offset,
    .n_bytes = (guint64) storage->n_elements * storage->element_bytes,
  };
  return TRUE;
}

/* Protocols from 4 on tell first how long the rest of a pickle is. */
gsize
psp_pytorch_legacy_match (const guint8 *bytes,
                          gsize         n_bytes)
{
  static const char magic[] = PSP_PYTORCH_LEGACY_MAGIC;
  static const char frame[] = "\x95\x0d\0\0\0\0\0\0\0";
  const gsize n_head = 2, n_frame = sizeof frame - 1, n_rest = sizeof magic - 1 - n_head;
  gsize start = n_head;

  if (n_bytes < n_head || bytes[0] != 0x80 || bytes[1] < 2 || bytes[1] > 5)
    return 0;
  if (bytes[1] >= 4)
    start += n_frame;
  if (n_bytes < start + n_rest || memcmp (bytes + n_head, frame, start - n_head) != 0 ||
      memcmp (bytes + start, magic + n_head, n_rest) != 0)
    return 0;
  return start + n_rest;
}

static gboolean
skip_magic (Reader *reader)
{
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (reader->head, &n_bytes);

  reader->position = psp_pytorch_legacy_match (bytes, n_bytes);
  return reader->position > 0;
}

gboolean
psp_pytorch_legacy_read (PspCheckpointIndex  *index,
                         GError             **error)
{
  g_auto(Reader) reader = { .index = index };
  g_autoptr(PspPickle) object = NULL;

  reader.storages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!load_head (&reader, FIRST_HEAD_BYTES, error))
    return FALSE;
  if (!skip_magic (&reader))
    return fail (&reader, PSP_ERROR_BAD_FILE, "the file does not begin as torch.save begins one",
                 error);
  if (!check_protocol (&reader, error) || !skip_machine (&reader, error))
    return FALSE;
  object = read_pickle (&reader, "the saved object", error);
  return object != NULL && add_storages (&reader, object, error) &&
         find_storages (&reader, error) &&
         psp_pytorch_state_read (psp_pickle_get_root (object),
                                 &(PspPytorchTensorReader) { index, find_storage, &reader },
                                 error);
}
