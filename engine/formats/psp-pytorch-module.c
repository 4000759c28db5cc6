/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pytorch-module.h"

#include "engine/formats/psp-pytorch-tensor.h"

#include <string.h>

#define MAX_DEPTH 64
#define MAX_SHOWN_BYTES 200
/* As many as a pickle has at most, where each is met once. */
#define MAX_ITEMS (2 * 1000 * 1000)

/* How far a walk has come. */
typedef struct
{
  PspPytorchModuleWalk *walk;
  GString              *name;   /* of the module or tensor; a module's members add theirs */
  guint                 depth;
} Place;

static gboolean visit (Place                *place,
                       const PspPickleNode  *module,
                       GError              **error);

static gboolean
fail (const Place  *place,
      PspError      code,
      const char   *reason,
      GError      **error)
{
  gsize n_bytes = MIN (place->name->len, MAX_SHOWN_BYTES);
  g_autofree char *name = g_utf8_make_valid (place->name->str, (gssize) n_bytes);

  g_set_error (error, PSP_ERROR, code,
               "%s: the file holds a whole network that cannot be read: %s%s%s %s",
               place->walk->path, *name != '\0' ? "its “" : "it", name, *name != '\0' ? "”" : "",
               reason);
  return FALSE;
}

/* So that what is met again and again does not take longer than the file explains. */
static gboolean
count_items (const Place          *place,
             const PspPickleNode  *container,
             GError              **error)
{
  if (container->n_items > MAX_ITEMS - place->walk->n_items)
    return fail (place, PSP_ERROR_BAD_FILE, "has parts that are named too many times", error);
  place->walk->n_items += container->n_items;
  return TRUE;
}

/* (nullable): what a module has under @key, which must be a dict. */
static const PspPickleNode *
get_dict (const Place          *place,
          const PspPickleNode  *state,
          const char           *key,
          GError              **error)
{
  const PspPickleNode *dict = psp_pickle_node_lookup (state, key);

  if (!psp_pickle_node_has_pairs (dict))
    {
      g_autofree char *reason = g_strdup_printf ("has something else than a dict as %s", key);

      (void) fail (place, PSP_ERROR_BAD_FILE, reason, error);
      return NULL;
    }
  return count_items (place, dict, error) ? dict : NULL;
}

static gboolean
append_name (const Place          *place,
             const PspPickleNode  *name,
             GError              **error)
{
  if (name->kind != PSP_PICKLE_STRING || name->n_bytes == 0)
    return fail (place, PSP_ERROR_BAD_FILE, "has a part without a name", error);
  if (name->n_bytes > PSP_CHECKPOINT_MAX_NAME_BYTES ||
      place->name->len + name->n_bytes > PSP_CHECKPOINT_MAX_NAME_BYTES)
    return fail (place, PSP_ERROR_BAD_FILE, "has a part with a name that is too long", error);
  g_string_append_len (place->name, name->bytes, (gssize) name->n_bytes);
  return TRUE;
}

/* (nullable): what has the members of @set as its items; before protocol 4, set() is called with a
 * list. */
static const PspPickleNode *
get_members (const PspPickleNode *set)
{
  if (set->kind == PSP_PICKLE_OBJECT &&
      (psp_pickle_node_is_global (set->callable, "builtins", "set") ||
       psp_pickle_node_is_global (set->callable, "__builtin__", "set")))
    set = psp_pickle_node_get_argument (set, 0);
  return set != NULL && (set->kind == PSP_PICKLE_SET || set->kind == PSP_PICKLE_LIST) ? set : NULL;
}

static gboolean
contains (const PspPickleNode *members,
          const PspPickleNode *name)
{
  for (guint i = 0; i < members->n_items; i++)
    {
      const PspPickleNode *member = members->items[i];

      if (member->kind == PSP_PICKLE_STRING && member->n_bytes == name->n_bytes &&
          memcmp (member->bytes, name->bytes, name->n_bytes) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
meet_tensor (Place                *place,
             const PspPickleNode  *node,
             GError              **error)
{
  const PspPickleNode *tensor = psp_pytorch_tensor_find (node);

  if (tensor == NULL)
    return fail (place, PSP_ERROR_UNSUPPORTED, "is no tensor, or none of a kind that is read",
                 error);
  return place->walk->func (place->name->str, place->name->len, tensor, place->walk->user_data,
                            error);
}

/* @left_out: (nullable): the names of those that a state dict does not have. */
static gboolean
meet_tensors (Place                *place,
              const PspPickleNode  *tensors,
              const PspPickleNode  *left_out,
              GError              **error)
{
  gsize n_name_bytes = place->name->len;

  for (guint i = 0; i + 1 < tensors->n_items; i += 2)
    {
      const PspPickleNode *name = tensors->items[i];
      const PspPickleNode *tensor = tensors->items[i + 1];

      if (tensor->kind == PSP_PICKLE_NONE)
        continue;
      /* First, as only then the name is short enough to be compared. */
      if (!append_name (place, name, error) ||
          (left_out != NULL && !count_items (place, left_out, error)))
        return FALSE;
      if ((left_out == NULL || !contains (left_out, name)) && !meet_tensor (place, tensor, error))
        return FALSE;
      g_string_truncate (place->name, n_name_bytes);
    }
  return TRUE;
}

static gboolean
meet_parameters (Place                *place,
                 const PspPickleNode  *state,
                 GError              **error)
{
  const PspPickleNode *parameters = get_dict (place, state, "_parameters", error);

  return parameters != NULL && meet_tensors (place, parameters, NULL, error);
}

/* Before PyTorch 1.6 all buffers were persistent. */
static gboolean
meet_buffers (Place                *place,
              const PspPickleNode  *state,
              GError              **error)
{
  const PspPickleNode *buffers = get_dict (place, state, "_buffers", error);
  const PspPickleNode *left_out = psp_pickle_node_lookup (state, "_non_persistent_buffers_set");

  if (buffers == NULL)
    return FALSE;
  if (left_out != NULL)
    {
      left_out = get_members (left_out);
      if (left_out == NULL)
        return fail (place, PSP_ERROR_BAD_FILE,
                     "has something else than a set as _non_persistent_buffers_set", error);
    }
  return meet_tensors (place, buffers, left_out, error);
}

static gboolean
visit_children (Place                *place,
                const PspPickleNode  *state,
                GError              **error)
{
  const PspPickleNode *modules = get_dict (place, state, "_modules", error);
  gsize n_name_bytes = place->name->len;

  if (modules == NULL)
    return FALSE;
  place->depth++;
  for (guint i = 0; i + 1 < modules->n_items; i += 2)
    {
      if (modules->items[i + 1]->kind == PSP_PICKLE_NONE)
        continue;
      if (!append_name (place, modules->items[i], error) ||
          !visit (place, modules->items[i + 1], error))
        return FALSE;
      g_string_truncate (place->name, n_name_bytes);
    }
  place->depth--;
  return TRUE;
}

static gboolean
fail_no_module (const Place          *place,
                const PspPickleNode  *node,
                GError              **error)
{
  g_autofree char *class_name = NULL;
  g_autofree char *reason = NULL;

  if (node->kind != PSP_PICKLE_OBJECT)
    return fail (place, PSP_ERROR_BAD_FILE, "is no module", error);
  class_name = psp_pytorch_module_dup_class (node);
  reason = g_strdup_printf ("is no module, but of the class %s", class_name);
  return fail (place, PSP_ERROR_UNSUPPORTED, reason, error);
}

static gboolean
visit (Place                *place,
       const PspPickleNode  *module,
       GError              **error)
{
  const PspPickleNode *state = module->state;

  if (place->depth > MAX_DEPTH)
    return fail (place, PSP_ERROR_BAD_FILE, "is nested deeper than 64 levels", error);
  if (++place->walk->n_modules > PSP_CHECKPOINT_MAX_ENTRIES)
    return fail (place, PSP_ERROR_BAD_FILE, "is one module too many (50000)", error);
  if (state != NULL && !count_items (place, state, error))
    return FALSE;
  if (!psp_pytorch_module_is (module))
    return fail_no_module (place, module, error);

  if (place->name->len > 0)
    g_string_append_c (place->name, '.');
  return meet_parameters (place, state, error) && meet_buffers (place, state, error) &&
         visit_children (place, state, error);
}

gboolean
psp_pytorch_module_is (const PspPickleNode *node)
{
  return node->kind == PSP_PICKLE_OBJECT && node->state != NULL &&
         psp_pickle_node_lookup (node->state, "_parameters") != NULL &&
         psp_pickle_node_lookup (node->state, "_buffers") != NULL &&
         psp_pickle_node_lookup (node->state, "_modules") != NULL;
}

gboolean
psp_pytorch_module_walk (PspPytorchModuleWalk  *walk,
                         const PspPickleNode   *module,
                         GError               **error)
{
  g_autoptr(GString) name = g_string_new (NULL);
  Place place = { walk, name, 0 };

  return visit (&place, module, error);
}

char *
psp_pytorch_module_dup_class (const PspPickleNode *object)
{
  const PspPickleNode *class = object->callable;

  /* What pickles before protocol 2 call, with the class as its first argument. */
  if (psp_pickle_node_is_global (class, "copyreg", "_reconstructor") ||
      psp_pickle_node_is_global (class, "copy_reg", "_reconstructor"))
    class = psp_pickle_node_get_argument (object, 0);
  /* Files from before PyTorch 1.6 name a class by ('module', class, file, source). */
  if (class != NULL && class->kind == PSP_PICKLE_PERSISTENT)
    class = psp_pickle_node_get_item (class->items[0], 1);
  return psp_pickle_node_dup_name (class != NULL ? class : object);
}
