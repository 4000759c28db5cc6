/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-model.h"

#include "engine/core/psp-error.h"
#include "engine/core/psp-half.h"
#include "engine/dataset/psp-taxonomy-file.h"
#include "engine/model/psp-model-facts.h"
#include "engine/model/psp-model-files.h"
#include "engine/model/psp-pspnet.h"

#include <string.h>

struct _PspModel
{
  char            *path;
  char            *name;
  const PspFamily *family;
  PspModelFacts    facts;
  PspTaxonomy     *taxonomy; /* (nullable) */
  PspGraph        *graph;
  gatomicrefcount  ref_count;
};

static PspModel *
model_new (const PspCheckpoint *checkpoint)
{
  const char *path = psp_checkpoint_get_path (checkpoint);
  g_autofree char *base = g_path_get_basename (path);
  char *dot = strrchr (base, '.');
  PspModel *self = g_new0 (PspModel, 1);

  if (dot != NULL && dot != base)
    *dot = '\0';
  self->path = g_strjoin (",", path, psp_checkpoint_get_companion_path (checkpoint), NULL);
  self->name = g_steal_pointer (&base);
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

static PspModel *
model_load (PspCheckpoint          *checkpoint,
            const PspModelOptions  *options,
            GCancellable           *cancellable,
            GError                **error)
{
  g_autoptr(PspModel) self = model_new (checkpoint);
  PspModelFacts *facts = &self->facts;
  PspArchitecture architecture;
  PspNetworkParams params = { .architecture = &architecture, .bins = facts->bins };
  PspNetwork network;

  if (!psp_architecture_detect (&architecture, checkpoint, error) ||
      !psp_model_facts_find (facts, &architecture, checkpoint, options, error) ||
      !psp_model_facts_find_taxonomy (facts, checkpoint, options != NULL ? options->names : NULL,
                                      &self->taxonomy, error))
    return NULL;
  params.max_pooling = facts->max_pooling;
  params.align_corners = facts->align_corners;
  params.bgr = facts->bgr;
  params.enlargement = facts->enlargement;
  if (!psp_pspnet_build (&params, checkpoint, cancellable, &network, error))
    return NULL;

  self->graph = network.graph;
  self->family = architecture.family;
  facts->n_parameters = network.n_parameters;
  return g_steal_pointer (&self);
}

PspModel *
psp_model_load (const char             *path,
                const PspModelOptions  *options,
                GCancellable           *cancellable,
                GError                **error)
{
  g_autoptr(PspCheckpoint) checkpoint = psp_model_files_open (path, error);

  if (checkpoint == NULL)
    return NULL;
  return model_load (checkpoint, options, cancellable, error);
}

PspModel *
psp_model_ref (PspModel *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_model_unref (PspModel *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->graph, psp_graph_free);
  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);
  g_free (self->path);
  g_free (self->name);
  g_free (self);
}

const char *
psp_model_get_path (const PspModel *self)
{
  return self->path;
}

const char *
psp_model_get_name (const PspModel *self)
{
  return self->name;
}

const PspModelFacts *
psp_model_get_facts (const PspModel *self)
{
  return &self->facts;
}

int
psp_model_facts_fit_length (const PspModelFacts *self,
                            int                  length)
{
  int n = (length - self->size_offset + self->size_multiple - 1) / self->size_multiple;

  return n * self->size_multiple + self->size_offset;
}

PspTaxonomy *
psp_model_get_taxonomy (const PspModel *self)
{
  return self->taxonomy;
}

char *
psp_model_format_fact (const PspModel *self,
                       PspFact         fact)
{
  PspModelOptions values = psp_model_facts_to_options (&self->facts);

  if (fact == PSP_FACT_BINS && self->facts.n_bins == 0)
    return g_strdup ("none");
  if (fact == PSP_FACT_NAMES)
    return g_strdup (self->taxonomy != NULL ? psp_taxonomy_get_name (self->taxonomy) : "unknown");
  return psp_model_options_format (&values, fact);
}

/* Adds the built-in taxonomies of @n_classes that @family's project has, or has not. */
static void
add_proposals (GStrvBuilder    *builder,
               const PspFamily *family,
               int              n_classes,
               gboolean         published)
{
  static const char * const none[] = { NULL };
  const char * const *datasets = family->datasets != NULL ? family->datasets : none;
  const char * const *names = psp_taxonomy_list_builtin ();

  for (int i = 0; names[i] != NULL; i++)
    {
      g_autoptr(PspTaxonomy) taxonomy = psp_taxonomy_load_builtin (names[i], NULL);

      if (psp_taxonomy_get_n_classes (taxonomy) == n_classes &&
          g_strv_contains (datasets, names[i]) == published)
        g_strv_builder_add (builder, names[i]);
    }
}

GStrv
psp_model_propose_names (const PspModel *self)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  add_proposals (builder, self->family, self->facts.n_classes, TRUE);
  add_proposals (builder, self->family, self->facts.n_classes, FALSE);
  return g_strv_builder_end (builder);
}

const PspGraph *
psp_model_get_graph (const PspModel *self)
{
  return self->graph;
}

/* Weights of several outputs; a vector in a frame of four dimensions starts with 1. */
static gboolean
is_convolution (const PspCheckpointEntry *entry)
{
  return entry->n_dimensions == 4 && entry->shape[0] > 1;
}

/* What the container itself says of a stride goes along. */
static void
write_stride (PspSafetensorsWriter *writer,
              PspCheckpoint        *checkpoint,
              const PspFamily      *family)
{
  const char *text = family->stride_key != NULL
                     ? psp_checkpoint_get_metadata (checkpoint, family->stride_key)
                     : NULL;

  if (text != NULL)
    psp_safetensors_writer_set_metadata (writer, family->stride_key, text);
}

static gboolean
check_half (const PspCheckpoint       *checkpoint,
            const PspCheckpointEntry  *entry,
            const PspTensor           *tensor,
            GError                   **error)
{
  for (gsize i = 0; i < tensor->n_elements; i++)
    if (!psp_half_can_hold (tensor->data[i]))
      {
        g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                     "%s: %s has the value %g, which 16 bits cannot hold: they end at 65504; keep "
                     "32 bits", psp_checkpoint_get_path (checkpoint), entry->name,
                     (double) tensor->data[i]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
write_tensors (PspSafetensorsWriter  *writer,
               PspCheckpoint         *checkpoint,
               const PspFamily       *family,
               gboolean               half,
               GError               **error)
{
  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      const PspCheckpointEntry *entry = psp_checkpoint_get_entry (checkpoint, i);
      g_autoptr(PspTensor) tensor = NULL;
      gboolean rounded;

      if (psp_family_ignores (family, entry->name))
        continue;
      tensor = psp_checkpoint_read (checkpoint, entry->name, error);
      rounded = half && is_convolution (entry);
      if (tensor == NULL || (rounded && !check_half (checkpoint, entry, tensor, error)))
        return FALSE;
      psp_safetensors_writer_add (writer, entry->name, tensor,
                                  rounded ? PSP_DTYPE_F16 : PSP_DTYPE_F32);
    }
  return TRUE;
}

gboolean
psp_model_convert (const char             *path,
                   const char             *output_path,
                   const PspModelOptions  *options,
                   gboolean                half,
                   GError                **error)
{
  g_autoptr(PspCheckpoint) checkpoint = psp_model_files_open (path, error);
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_autoptr(PspModel) model = NULL;

  if (checkpoint == NULL)
    return FALSE;
  model = model_load (checkpoint, options, NULL, error);
  if (model == NULL)
    return FALSE;

  psp_model_facts_write (&model->facts, model->family, writer);
  write_stride (writer, checkpoint, model->family);
  if (model->taxonomy != NULL)
    {
      g_autofree char *json = psp_taxonomy_to_json (model->taxonomy);

      psp_safetensors_writer_set_metadata (writer, "taxonomy", json);
    }
  return write_tensors (writer, checkpoint, model->family, half, error) &&
         psp_safetensors_writer_write (writer, output_path, error);
}
