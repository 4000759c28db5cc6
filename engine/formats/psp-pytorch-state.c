/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pytorch-state.h"

#include "engine/formats/psp-pytorch-meta.h"

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
    if (node->items[i]->kind == PSP_PICKLE_STRING &&
        psp_pytorch_tensor_find (node->items[i + 1]) != NULL)
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
  if (psp_pytorch_tensor_find (root) != NULL)
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

gboolean
psp_pytorch_state_read (const PspPickleNode           *root,
                        const PspPytorchTensorReader  *reader,
                        GError                       **error)
{
  const PspPickleNode *state = find_state (root);

  if (state == NULL)
    {
      set_no_state_error (root, reader->index->file->path, error);
      return FALSE;
    }
  for (guint i = 0; i + 1 < state->n_items; i += 2)
    {
      const PspPickleNode *key = state->items[i];
      const PspPickleNode *tensor = psp_pytorch_tensor_find (state->items[i + 1]);

      if (tensor == NULL || key->kind != PSP_PICKLE_STRING)
        continue;
      if (!psp_pytorch_tensor_read (reader, key->bytes, key->n_bytes, tensor, error))
        return FALSE;
    }
  psp_pytorch_meta_read (root, reader->index);
  return TRUE;
}
