/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pytorch-state.h"

#include "engine/formats/psp-pytorch-meta.h"
#include "engine/formats/psp-pytorch-storage-id.h"

/* Parameters wrap a tensor once; a chain of wrappers is hostile. */
#define MAX_WRAPPERS 4

typedef struct
{
  PspCheckpointIndex    *index;
  PspPytorchStorageFunc  find_storage;
  gpointer               user_data;
} Reader;

/* The arguments of the call that rebuilds a tensor. */
typedef struct
{
  char                *name;          /* for messages */
  const PspPickleNode *storage;
  const PspPickleNode *first_element;
  const PspPickleNode *shape;
  const PspPickleNode *strides;
  const PspPickleNode *dtype;         /* or NULL: the storage's */
} Call;

static gboolean
is_call (const PspPickleNode *node,
         const char          *name)
{
  return node->kind == PSP_PICKLE_OBJECT &&
         psp_pickle_node_is_global (node->callable, "torch._utils", name);
}

/* (nullable): the call under @node that rebuilds a tensor, wrappers of parameters taken off. */
static const PspPickleNode *
find_tensor (const PspPickleNode *node)
{
  for (int i = 0; i < MAX_WRAPPERS && node != NULL; i++)
    {
      if (is_call (node, "_rebuild_tensor_v2") || is_call (node, "_rebuild_tensor") ||
          is_call (node, "_rebuild_tensor_v3"))
        return node;
      if (!is_call (node, "_rebuild_parameter") && !is_call (node, "_rebuild_parameter_with_state"))
        return NULL;
      node = psp_pickle_node_get_argument (node, 0);
    }
  return NULL;
}

static gboolean
has_items (const PspPickleNode *node)
{
  return node->kind == PSP_PICKLE_DICT || node->kind == PSP_PICKLE_OBJECT;
}

static gboolean
holds_tensors (const PspPickleNode *node)
{
  if (!has_items (node))
    return FALSE;
  for (guint i = 0; i + 1 < node->n_items; i += 2)
    if (node->items[i]->kind == PSP_PICKLE_STRING && find_tensor (node->items[i + 1]) != NULL)
      return TRUE;
  return FALSE;
}

/* (nullable): the only member of @root that holds tensors. */
static const PspPickleNode *
find_only_state (const PspPickleNode *root)
{
  const PspPickleNode *found = NULL;

  if (!has_items (root))
    return NULL;
  for (guint i = 1; i < root->n_items; i += 2)
    if (holds_tensors (root->items[i]))
      {
        if (found != NULL)
          return NULL;
        found = root->items[i];
      }
  return found;
}

static const PspPickleNode *
find_state (const PspPickleNode *root)
{
  static const char *const keys[] = { "state_dict", "model", "model_state_dict", "ema_state_dict" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const PspPickleNode *state = psp_pickle_node_lookup (root, keys[i]);

      if (state != NULL && holds_tensors (state))
        return state;
    }
  return holds_tensors (root) ? root : find_only_state (root);
}

/* Files from before PyTorch 1.6 name a network's class by ('module', class, file, source). */
static const PspPickleNode *
get_class (const PspPickleNode *object)
{
  const PspPickleNode *class = object->callable;

  if (class->kind == PSP_PICKLE_PERSISTENT && class->n_items == 1)
    class = psp_pickle_node_get_item (class->items[0], 1);
  return class != NULL ? class : object->callable;
}

/* Whether there are several state dicts, and none under the names that are looked for first. */
static gboolean
refuse_several (const PspPickleNode  *root,
                const char           *path,
                GError              **error)
{
  g_autoptr(GString) names = g_string_new (NULL);
  guint n_found = 0;

  for (guint i = 0; has_items (root) && i + 1 < root->n_items; i += 2)
    if (root->items[i]->kind == PSP_PICKLE_STRING && holds_tensors (root->items[i + 1]))
      {
        gsize n_bytes = MIN (root->items[i]->n_bytes, 40);
        g_autofree char *name = g_utf8_make_valid (root->items[i]->bytes, (gssize) n_bytes);

        if (++n_found <= 4)
          g_string_append_printf (names, "%s“%s”", n_found > 1 ? ", " : "", name);
      }
  if (n_found > 1)
    g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                 "%s: the file holds %u state dicts (%s%s), and none is called “state_dict” or "
                 "“model”; save one of them alone", path, n_found, names->str,
                 n_found > 4 ? ", …" : "");
  return n_found > 1;
}

/* Says what there is in place of a state dict. */
static void
set_no_state_error (const PspPickleNode  *root,
                    const char           *path,
                    GError              **error)
{
  const PspPickleNode *model = psp_pickle_node_lookup (root, "model");
  g_autofree char *class_name = NULL;

  if (model == NULL)
    model = psp_pickle_node_lookup (root, "state_dict");
  if (model == NULL || model->kind != PSP_PICKLE_OBJECT)
    model = root;
  if (find_tensor (root) != NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "%s: the file holds one tensor, not a network", path);
      return;
    }
  if (refuse_several (root, path, error))
    return;
  if (model->kind == PSP_PICKLE_OBJECT)
    {
      class_name = psp_pickle_node_dup_name (get_class (model));
      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "%s: the file holds a whole Python object (%s), which is never run here; save "
                   "its weights instead: torch.save(model.state_dict(), …)", path, class_name);
      return;
    }
  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: the file holds no state dict (tensors by name, at the top, under “state_dict” "
               "or “model”, or under one other name)", path);
}

static gboolean
fail (const Reader  *reader,
      const Call    *call,
      PspError       code,
      const char    *reason,
      GError       **error)
{
  g_set_error (error, PSP_ERROR, code, "%s: tensor “%s” %s", reader->index->file->path, call->name,
               reason);
  return FALSE;
}

static gboolean
read_integers (const PspPickleNode *node,
               gint64              *integers,
               int                 *n_integers)
{
  /* torch.Size (tuple) */
  if (node->kind == PSP_PICKLE_OBJECT &&
      psp_pickle_node_is_global (node->callable, "torch", "Size"))
    node = psp_pickle_node_get_argument (node, 0);
  if (node == NULL || (node->kind != PSP_PICKLE_TUPLE && node->kind != PSP_PICKLE_LIST) ||
      node->n_items > PSP_TENSOR_MAX_DIMENSIONS)
    return FALSE;

  for (guint i = 0; i < node->n_items; i++)
    {
      if (node->items[i]->kind != PSP_PICKLE_INTEGER)
        return FALSE;
      integers[i] = node->items[i]->integer;
    }
  *n_integers = (int) node->n_items;
  return TRUE;
}

static gboolean
read_layout (const Reader     *reader,
             const Call       *call,
             PspStoredTensor  *tensor,
             GError          **error)
{
  int n_strides;

  if (call->first_element->kind != PSP_PICKLE_INTEGER ||
      !read_integers (call->shape, tensor->entry.shape, &tensor->entry.n_dimensions) ||
      !read_integers (call->strides, tensor->strides, &n_strides) ||
      n_strides != tensor->entry.n_dimensions)
    return fail (reader, call, PSP_ERROR_BAD_FILE, "has a damaged shape", error);

  tensor->first_element = call->first_element->integer;
  return TRUE;
}

static gboolean
read_dtype (const Reader         *reader,
            const Call           *call,
            const PspPickleNode  *storage_type,
            PspStoredTensor      *tensor,
            GError              **error)
{
  const PspPickleNode *type = call->dtype != NULL ? call->dtype : storage_type;
  g_autofree char *name = NULL;

  if (psp_pytorch_dtype_from_global (type, &tensor->entry.dtype))
    return TRUE;

  name = psp_pickle_node_dup_name (type);
  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: tensor “%s” has numbers of type %s; float, integer and bool types are read",
               reader->index->file->path, call->name, name);
  return FALSE;
}

static gboolean
read_storage (const Reader     *reader,
              const Call       *call,
              PspStoredTensor  *tensor,
              GError          **error)
{
  PspPytorchStorageId id;
  PspPytorchStorage storage = { 0 };
  guint64 element_bytes;
  guint64 unit_bytes;
  guint64 n_view_bytes;

  if (!psp_pytorch_storage_id_read (&id, call->storage))
    return fail (reader, call, PSP_ERROR_BAD_FILE, "has a damaged storage", error);
  if (!read_dtype (reader, call, id.type, tensor, error))
    return FALSE;
  if (!reader->find_storage (id.key, &storage, reader->user_data))
    return fail (reader, call, PSP_ERROR_BAD_FILE, "has its numbers in a storage that is not there",
                 error);

  element_bytes = psp_dtype_get_size (tensor->entry.dtype);
  unit_bytes = id.is_untyped ? 1 : element_bytes;
  if ((guint64) id.n_elements > storage.n_bytes / unit_bytes)
    return fail (reader, call, PSP_ERROR_BAD_FILE, "claims more numbers than its storage has",
                 error);
  n_view_bytes = (guint64) id.n_view_elements * unit_bytes;
  tensor->storage_offset = storage.offset + (guint64) id.first_element * unit_bytes;
  tensor->storage_elements = (gint64) (n_view_bytes / element_bytes);
  if (n_view_bytes == storage.n_bytes && n_view_bytes % element_bytes == 0)
    tensor->crc32 = storage.crc32;
  tensor->is_big_endian = storage.is_big_endian;
  return TRUE;
}

static gboolean
read_tensor (const Reader         *reader,
             const PspPickleNode  *key,
             const PspPickleNode  *node,
             GError              **error)
{
  g_autofree char *name = g_utf8_make_valid (key->bytes, (gssize) MIN (key->n_bytes, 200));
  PspStoredTensor tensor = { 0 };
  Call call = {
    .name = name,
    .storage = psp_pickle_node_get_argument (node, 0),
    .first_element = psp_pickle_node_get_argument (node, 1),
    .shape = psp_pickle_node_get_argument (node, 2),
    .strides = psp_pickle_node_get_argument (node, 3),
  };

  if (call.strides == NULL)
    return fail (reader, &call, PSP_ERROR_BAD_FILE, "is described incompletely", error);
  if (is_call (node, "_rebuild_tensor_v3"))
    {
      call.dtype = psp_pickle_node_get_argument (node, 6);
      if (call.dtype == NULL)
        return fail (reader, &call, PSP_ERROR_BAD_FILE, "is described incompletely", error);
    }
  return read_layout (reader, &call, &tensor, error) &&
         read_storage (reader, &call, &tensor, error) &&
         psp_checkpoint_index_add (reader->index, key->bytes, key->n_bytes, &tensor, error);
}

gboolean
psp_pytorch_state_read (const PspPickleNode    *root,
                        PspCheckpointIndex     *index,
                        PspPytorchStorageFunc   find_storage,
                        gpointer                user_data,
                        GError                **error)
{
  const Reader reader = { index, find_storage, user_data };
  const PspPickleNode *state = find_state (root);

  if (state == NULL)
    {
      set_no_state_error (root, index->file->path, error);
      return FALSE;
    }
  for (guint i = 0; i + 1 < state->n_items; i += 2)
    {
      const PspPickleNode *tensor = find_tensor (state->items[i + 1]);

      if (tensor == NULL || state->items[i]->kind != PSP_PICKLE_STRING)
        continue;
      if (!read_tensor (&reader, state->items[i], tensor, error))
        return FALSE;
    }
  psp_pytorch_meta_read (root, index);
  return TRUE;
}
