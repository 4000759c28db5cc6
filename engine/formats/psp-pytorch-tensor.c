/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pytorch-tensor.h"

#include "engine/formats/psp-pytorch-storage-id.h"

/* Parameters wrap a tensor once; a chain of wrappers is hostile. */
#define MAX_WRAPPERS 4

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

/* Before PyTorch 1.0 a parameter was made by its class. */
static gboolean
is_parameter (const PspPickleNode *node)
{
  return is_call (node, "_rebuild_parameter") || is_call (node, "_rebuild_parameter_with_state") ||
         (node->kind == PSP_PICKLE_OBJECT &&
          psp_pickle_node_is_global (node->callable, "torch.nn.parameter", "Parameter"));
}

const PspPickleNode *
psp_pytorch_tensor_find (const PspPickleNode *node)
{
  for (int i = 0; i < MAX_WRAPPERS && node != NULL; i++)
    {
      if (is_call (node, "_rebuild_tensor_v2") || is_call (node, "_rebuild_tensor") ||
          is_call (node, "_rebuild_tensor_v3"))
        return node;
      if (!is_parameter (node))
        return NULL;
      node = psp_pickle_node_get_argument (node, 0);
    }
  return NULL;
}

static gboolean
fail (const PspPytorchTensorReader  *self,
      const Call                    *call,
      PspError                       code,
      const char                    *reason,
      GError                       **error)
{
  g_set_error (error, PSP_ERROR, code, "%s: tensor “%s” %s", self->index->file->path, call->name,
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
read_layout (const PspPytorchTensorReader  *self,
             const Call                    *call,
             PspStoredTensor               *tensor,
             GError                       **error)
{
  int n_strides;

  if (call->first_element->kind != PSP_PICKLE_INTEGER ||
      !read_integers (call->shape, tensor->entry.shape, &tensor->entry.n_dimensions) ||
      !read_integers (call->strides, tensor->strides, &n_strides) ||
      n_strides != tensor->entry.n_dimensions)
    return fail (self, call, PSP_ERROR_BAD_FILE, "has a damaged shape", error);

  tensor->first_element = call->first_element->integer;
  return TRUE;
}

static gboolean
read_dtype (const PspPytorchTensorReader  *self,
            const Call                    *call,
            const PspPickleNode           *storage_type,
            PspStoredTensor               *tensor,
            GError                       **error)
{
  const PspPickleNode *type = call->dtype != NULL ? call->dtype : storage_type;
  g_autofree char *name = NULL;

  if (psp_pytorch_dtype_from_global (type, &tensor->entry.dtype))
    return TRUE;

  name = psp_pickle_node_dup_name (type);
  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: tensor “%s” has numbers of type %s; float, integer and bool types are read",
               self->index->file->path, call->name, name);
  return FALSE;
}

static gboolean
read_storage (const PspPytorchTensorReader  *self,
              const Call                    *call,
              PspStoredTensor               *tensor,
              GError                       **error)
{
  PspPytorchStorageId id;
  PspPytorchStorage storage = { 0 };
  guint64 element_bytes;
  guint64 unit_bytes;
  guint64 n_view_bytes;

  if (!psp_pytorch_storage_id_read (&id, call->storage))
    return fail (self, call, PSP_ERROR_BAD_FILE, "has a damaged storage", error);
  if (!read_dtype (self, call, id.type, tensor, error))
    return FALSE;
  if (!self->find_storage (id.key, &storage, self->user_data))
    return fail (self, call, PSP_ERROR_BAD_FILE, "has its numbers in a storage that is not there",
                 error);

  element_bytes = psp_dtype_get_size (tensor->entry.dtype);
  unit_bytes = id.is_untyped ? 1 : element_bytes;
  if ((guint64) id.n_elements > storage.n_bytes / unit_bytes)
    return fail (self, call, PSP_ERROR_BAD_FILE, "claims more numbers than its storage has",
                 error);
  n_view_bytes = (guint64) id.n_view_elements * unit_bytes;
  tensor->storage_offset = storage.offset + (guint64) id.first_element * unit_bytes;
  tensor->storage_elements = (gint64) (n_view_bytes / element_bytes);
  if (n_view_bytes == storage.n_bytes && n_view_bytes % element_bytes == 0)
    tensor->crc32 = storage.crc32;
  tensor->is_big_endian = storage.is_big_endian;
  return TRUE;
}

gboolean
psp_pytorch_tensor_read (const PspPytorchTensorReader  *self,
                         const char                    *name,
                         gsize                          n_name_bytes,
                         const PspPickleNode           *node,
                         GError                       **error)
{
  g_autofree char *text = g_utf8_make_valid (name, (gssize) MIN (n_name_bytes, 200));
  PspStoredTensor tensor = { 0 };
  Call call = {
    .name = text,
    .storage = psp_pickle_node_get_argument (node, 0),
    .first_element = psp_pickle_node_get_argument (node, 1),
    .shape = psp_pickle_node_get_argument (node, 2),
    .strides = psp_pickle_node_get_argument (node, 3),
  };

  if (call.strides == NULL)
    return fail (self, &call, PSP_ERROR_BAD_FILE, "is described incompletely", error);
  if (is_call (node, "_rebuild_tensor_v3"))
    {
      call.dtype = psp_pickle_node_get_argument (node, 6);
      if (call.dtype == NULL)
        return fail (self, &call, PSP_ERROR_BAD_FILE, "is described incompletely", error);
    }
  return read_layout (self, &call, &tensor, error) &&
         read_storage (self, &call, &tensor, error) &&
         psp_checkpoint_index_add (self->index, name, n_name_bytes, &tensor, error);
}
