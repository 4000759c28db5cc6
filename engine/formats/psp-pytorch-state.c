/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pytorch-state.h"

#include "engine/formats/psp-pytorch-meta.h"
#include "engine/formats/psp-pytorch-module.h"

#define MAX_NAMES 4
#define MAX_NAME_BYTES 40

/* What is looked through.  Values may be named many times and are asked once. */
typedef struct
{
  GHashTable           *answers;    /* node → whether it holds tensors by name */
  PspPytorchModuleWalk  walk;       /* counts the tensors of networks */
  guint                 n_tensors;
} Search;

/* What was found. */
typedef struct
{
  const PspPickleNode *first;
  guint                n;
  GString             *names;   /* of the first few, for messages */
} Candidates;

static void
search_clear (Search *search)
{
  g_clear_pointer (&search->answers, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Search, search_clear)

static gboolean
count_tensor (const char           *name,
              gsize                 n_name_bytes,
              const PspPickleNode  *node,
              gpointer              user_data,
              GError              **error)
{
  guint *n_tensors = user_data;

  ++*n_tensors;
  return TRUE;
}

/* Losses are modules, too, but have no tensors.  A damaged network counts: reading it says more. */
static gboolean
is_network (Search              *search,
            const PspPickleNode *node)
{
  g_autoptr(GError) error = NULL;

  if (!psp_pytorch_module_is (node))
    return FALSE;
  search->n_tensors = 0;
  return !psp_pytorch_module_walk (&search->walk, node, &error) || search->n_tensors > 0;
}

static gboolean
is_state_dict (const PspPickleNode *node)
{
  if (!psp_pickle_node_has_pairs (node))
    return FALSE;
  for (guint i = 0; i + 1 < node->n_items; i += 2)
    if (node->items[i]->kind == PSP_PICKLE_STRING &&
        psp_pytorch_tensor_find (node->items[i + 1]) != NULL)
      return TRUE;
  return FALSE;
}

/* Whether @node is what is looked for: a state dict, or a network. */
static gboolean
holds_tensors (Search              *search,
               const PspPickleNode *node)
{
  gpointer answer;
  gboolean holds;

  if (g_hash_table_lookup_extended (search->answers, node, NULL, &answer))
    return GPOINTER_TO_INT (answer);
  holds = is_state_dict (node) || is_network (search, node);
  g_hash_table_insert (search->answers, (gpointer) node, GINT_TO_POINTER (holds));
  return holds;
}

static void
append_text (GString             *names,
             const PspPickleNode *key)
{
  g_autofree char *text = NULL;

  if (key->kind == PSP_PICKLE_STRING)
    text = g_utf8_make_valid (key->bytes, (gssize) MIN (key->n_bytes, MAX_NAME_BYTES));
  g_string_append (names, text != NULL ? text : "?");
}

/* @outer: (nullable): the name of what @key is in. */
static void
add_name (Candidates          *found,
          const PspPickleNode *outer,
          const PspPickleNode *key)
{
  if (found->n > MAX_NAMES)
    return;
  g_string_append (found->names, found->n > 1 ? ", “" : "“");
  if (outer != NULL)
    {
      append_text (found->names, outer);
      g_string_append_c (found->names, '.');
    }
  append_text (found->names, key);
  g_string_append (found->names, "”");
}

/* Members of @node. */
static void
add_candidates (Search              *search,
                const PspPickleNode *node,
                const PspPickleNode *outer,
                Candidates          *found)
{
  if (!psp_pickle_node_has_pairs (node))
    return;
  for (guint i = 0; i + 1 < node->n_items; i += 2)
    {
      const PspPickleNode *member = node->items[i + 1];

      if (!holds_tensors (search, member))
        continue;
      if (found->n++ == 0)
        found->first = member;
      add_name (found, outer, node->items[i]);
    }
}

/* Members of members of @root: {'model': {'state_dict': …}}. */
static void
add_inner_candidates (Search              *search,
                      const PspPickleNode *root,
                      Candidates          *found)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (NULL, NULL);

  if (!psp_pickle_node_has_pairs (root))
    return;
  for (guint i = 0; i + 1 < root->n_items; i += 2)
    if (g_hash_table_add (seen, (gpointer) root->items[i + 1]))
      add_candidates (search, root->items[i + 1], root->items[i], found);
}

static const PspPickleNode *
find_state (Search              *search,
            const PspPickleNode *root,
            Candidates          *found)
{
  static const char *const keys[] = { "state_dict", "model", "model_state_dict", "ema_state_dict" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const PspPickleNode *state = psp_pickle_node_lookup (root, keys[i]);

      if (state != NULL && holds_tensors (search, state))
        return state;
    }
  if (holds_tensors (search, root))
    return root;
  add_candidates (search, root, NULL, found);
  if (found->n == 0)
    add_inner_candidates (search, root, found);
  return found->n == 1 ? found->first : NULL;
}

static void
set_object_error (const PspPickleNode  *object,
                  const char           *path,
                  GError              **error)
{
  g_autofree char *class_name = psp_pytorch_module_dup_class (object);

  if (psp_pytorch_module_is (object))
    g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                 "%s: the file holds a whole network (%s), but there is no tensor in it", path,
                 class_name);
  else
    g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                 "%s: the file holds a Python object (%s) that is no torch.nn.Module, and is never "
                 "run here; save the network or its weights instead: "
                 "torch.save(model.state_dict(), …)", path, class_name);
}

/* Says what there is in place of a state dict. */
static void
set_no_state_error (const PspPickleNode  *root,
                    const Candidates     *found,
                    const char           *path,
                    GError              **error)
{
  const PspPickleNode *model = psp_pickle_node_lookup (root, "model");

  if (model == NULL)
    model = psp_pickle_node_lookup (root, "state_dict");
  if (model == NULL || model->kind != PSP_PICKLE_OBJECT)
    model = root;
  if (psp_pytorch_tensor_find (root) != NULL)
    g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                 "%s: the file holds one tensor, not a network", path);
  else if (found->n > 1)
    g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                 "%s: the file holds %u state dicts or networks (%s%s), and none is called "
                 "“state_dict” or “model”; save one of them alone", path, found->n,
                 found->names->str, found->n > MAX_NAMES ? ", …" : "");
  else if (model->kind == PSP_PICKLE_OBJECT)
    set_object_error (model, path, error);
  else
    g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                 "%s: the file holds no network and no state dict (tensors by name), neither at "
                 "the top nor under “state_dict”, “model” or one other name", path);
}

static gboolean
read_tensor (const char           *name,
             gsize                 n_name_bytes,
             const PspPickleNode  *node,
             gpointer              user_data,
             GError              **error)
{
  return psp_pytorch_tensor_read (user_data, name, n_name_bytes, node, error);
}

static gboolean
read_state_dict (const PspPickleNode           *state,
                 const PspPytorchTensorReader  *reader,
                 GError                       **error)
{
  for (guint i = 0; i + 1 < state->n_items; i += 2)
    {
      const PspPickleNode *key = state->items[i];
      const PspPickleNode *tensor = psp_pytorch_tensor_find (state->items[i + 1]);

      if (tensor == NULL || key->kind != PSP_PICKLE_STRING)
        continue;
      if (!psp_pytorch_tensor_read (reader, key->bytes, key->n_bytes, tensor, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_network (const PspPickleNode           *network,
              const PspPytorchTensorReader  *reader,
              GError                       **error)
{
  PspPytorchModuleWalk walk = {
    .path = reader->index->file->path, .func = read_tensor, .user_data = (gpointer) reader,
  };

  return psp_pytorch_module_walk (&walk, network, error);
}

gboolean
psp_pytorch_state_read (const PspPickleNode           *root,
                        const PspPytorchTensorReader  *reader,
                        GError                       **error)
{
  const char *path = reader->index->file->path;
  g_autoptr(GString) names = g_string_new (NULL);
  Candidates found = { .names = names };
  g_auto(Search) search = { .answers = g_hash_table_new (NULL, NULL) };
  const PspPickleNode *state;

  search.walk = (PspPytorchModuleWalk) {
    .path = path, .func = count_tensor, .user_data = &search.n_tensors,
  };
  state = find_state (&search, root, &found);
  if (state == NULL)
    {
      set_no_state_error (root, &found, path, error);
      return FALSE;
    }
  if (is_state_dict (state) ? !read_state_dict (state, reader, error)
                            : !read_network (state, reader, error))
    return FALSE;
  psp_pytorch_meta_read (root, reader->index);
  return TRUE;
}
