/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pytorch-storage-id.h"

#include <string.h>

static const struct
{
  const char *storage;
  const char *dtype;
  PspDtype    value;
} dtypes[] = {
  { "FloatStorage", "float32", PSP_DTYPE_F32 },
  { "HalfStorage", "float16", PSP_DTYPE_F16 },
  { "BFloat16Storage", "bfloat16", PSP_DTYPE_BF16 },
  { "DoubleStorage", "float64", PSP_DTYPE_F64 },
  { "LongStorage", "int64", PSP_DTYPE_I64 },
  { "IntStorage", "int32", PSP_DTYPE_I32 },
  { "ShortStorage", "int16", PSP_DTYPE_I16 },
  { "CharStorage", "int8", PSP_DTYPE_I8 },
  { "ByteStorage", "uint8", PSP_DTYPE_U8 },
  { "BoolStorage", "bool", PSP_DTYPE_BOOL },
};

static gboolean
get_integer (const PspPickleNode *tuple,
             guint                index,
             gint64              *integer)
{
  const PspPickleNode *node = psp_pickle_node_get_item (tuple, index);

  if (node == NULL || node->kind != PSP_PICKLE_INTEGER)
    return FALSE;
  *integer = node->integer;
  return TRUE;
}

static gboolean
read_view (PspPytorchStorageId *self,
           const PspPickleNode *view)
{
  gint64 end;

  self->first_element = 0;
  self->n_view_elements = self->n_elements;
  if (view == NULL || view->kind == PSP_PICKLE_NONE)
    return self->n_elements >= 0;
  return get_integer (view, 1, &self->first_element) &&
         get_integer (view, 2, &self->n_view_elements) &&
         self->first_element >= 0 && self->n_view_elements >= 0 &&
         !__builtin_add_overflow (self->first_element, self->n_view_elements, &end) &&
         end <= self->n_elements;
}

gboolean
psp_pytorch_storage_id_read (PspPytorchStorageId *self,
                             const PspPickleNode *node)
{
  const PspPickleNode *id;
  const PspPickleNode *kind;
  const PspPickleNode *type;
  const PspPickleNode *key;

  if (node->kind != PSP_PICKLE_PERSISTENT || node->n_items != 1)
    return FALSE;
  id = node->items[0];
  kind = psp_pickle_node_get_item (id, 0);
  type = psp_pickle_node_get_item (id, 1);
  key = psp_pickle_node_get_item (id, 2);
  if (key == NULL || !psp_pickle_node_is_string (kind, "storage") ||
      type->kind != PSP_PICKLE_GLOBAL || key->kind != PSP_PICKLE_STRING ||
      key->n_bytes > PSP_PYTORCH_MAX_KEY_BYTES ||
      !g_utf8_validate_len (key->bytes, key->n_bytes, NULL) ||
      !get_integer (id, 4, &self->n_elements))
    return FALSE;

  memcpy (self->key, key->bytes, key->n_bytes);
  self->key[key->n_bytes] = '\0';
  self->type = type;
  self->is_untyped = psp_pickle_node_is_global (type, "torch.storage", "UntypedStorage");
  return read_view (self, psp_pickle_node_get_item (id, 5));
}

gboolean
psp_pytorch_dtype_from_global (const PspPickleNode *node,
                               PspDtype            *dtype)
{
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (psp_pickle_node_is_global (node, "torch", dtypes[i].storage) ||
        psp_pickle_node_is_global (node, "torch", dtypes[i].dtype))
      {
        *dtype = dtypes[i].value;
        return TRUE;
      }
  return FALSE;
}
