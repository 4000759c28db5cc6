/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-model.h"

#include "engine/core/psp-error.h"
#include "engine/dataset/psp-taxonomy-file.h"
#include "engine/model/psp-model-facts.h"
#include "engine/model/psp-model-files.h"
#include "engine/model/psp-pspnet.h"

#include <string.h>

struct _PspModel
{
  char            *path;
  char            *name;
  PspCheckpoint   *checkpoint; /* weights may lie in the file */
  PspArchitecture  architecture;
  PspModelFacts    facts;
  PspTaxonomy     *taxonomy;   /* (nullable) */
  PspGraph        *graph;
  gatomicrefcount  ref_count;
};

static PspModel *
model_new (PspCheckpoint *checkpoint)
{
  const char *path = psp_checkpoint_get_path (checkpoint);
  g_autofree char *base = g_path_get_basename (path);
  char *dot = strrchr (base, '.');
  PspModel *self = g_new0 (PspModel, 1);

  if (dot != NULL && dot != base)
    *dot = '\0';
  self->path = g_strjoin (",", path, psp_checkpoint_get_companion_path (checkpoint), NULL);
  self->name = g_steal_pointer (&base);
  self->checkpoint = psp_checkpoint_ref (checkpoint);
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

/* A file of ours holds weights that read red first, as far as its own fact says. */
static gboolean
stores_blue_first (const PspModel *self)
{
  PspModelOptions in_file = { 0 };
  const char *text = psp_checkpoint_get_metadata (self->checkpoint,
                                                  psp_fact_get_key (PSP_FACT_CHANNEL_ORDER));

  if (!self->architecture.folded || text == NULL)
    return self->facts.bgr;
  return psp_model_options_set (&in_file, PSP_FACT_CHANNEL_ORDER, text, NULL) &&
         self->facts.bgr != in_file.bgr;
}

static PspNetworkParams
describe_network (const PspModel *self)
{
  return (PspNetworkParams) {
    .architecture = &self->architecture,
    .bins = self->facts.bins,
    .max_pooling = self->facts.max_pooling,
    .align_corners = self->facts.align_corners,
    .bgr = stores_blue_first (self),
    .enlargement = self->facts.enlargement,
  };
}

static PspModel *
model_load (PspCheckpoint          *checkpoint,
            const PspModelOptions  *options,
            GCancellable           *cancellable,
            GError                **error)
{
  g_autoptr(PspModel) self = model_new (checkpoint);
  PspModelFacts *facts = &self->facts;
  PspNetworkParams params;
  PspNetwork network;

  if (!psp_architecture_detect (&self->architecture, checkpoint, error) ||
      !psp_model_facts_find (facts, &self->architecture, checkpoint, options, error) ||
      !psp_model_facts_find_taxonomy (facts, checkpoint, options != NULL ? options->names : NULL,
                                      &self->taxonomy, error))
    return NULL;
  params = describe_network (self);
  if (!psp_pspnet_build (&params, checkpoint, cancellable, &network, error))
    return NULL;

  self->graph = network.graph;
  facts->n_parameters = network.n_parameters;
  return psp_model_check_file (self, error) ? g_steal_pointer (&self) : NULL;
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
  psp_checkpoint_unref (self->checkpoint);
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

  add_proposals (builder, self->architecture.family, self->facts.n_classes, TRUE);
  add_proposals (builder, self->architecture.family, self->facts.n_classes, FALSE);
  return g_strv_builder_end (builder);
}

const PspGraph *
psp_model_get_graph (const PspModel *self)
{
  return self->graph;
}

gboolean
psp_model_check_file (const PspModel  *self,
                      GError         **error)
{
  return psp_checkpoint_check_mapping (self->checkpoint, error);
}

gboolean
psp_model_convert (const char             *path,
                   const char             *output_path,
                   const PspModelOptions  *options,
                   gboolean                half,
                   GCancellable           *cancellable,
                   GError                **error)
{
  g_autoptr(PspCheckpoint) checkpoint = psp_model_files_open (path, error);
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_autoptr(PspModel) model = NULL;
  PspNetworkParams params;

  if (checkpoint == NULL)
    return FALSE;
  model = model_load (checkpoint, options, cancellable, error);
  if (model == NULL)
    return FALSE;

  psp_model_facts_write (&model->facts, writer);
  if (model->taxonomy != NULL)
    {
      g_autofree char *json = psp_taxonomy_to_json (model->taxonomy);

      psp_safetensors_writer_set_metadata (writer, "taxonomy", json);
    }
  params = describe_network (model);
  if (!psp_pspnet_write (&params, &(PspNetwork) { model->graph, model->facts.n_parameters }, half,
                         writer, error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  psp_safetensors_writer_set_source (writer, checkpoint);
  return psp_safetensors_writer_write (writer, output_path, cancellable, error);
}
