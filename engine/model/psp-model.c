/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-model.h"

#include "engine/core/psp-error.h"
#include "engine/dataset/psp-taxonomy-file.h"
#include "engine/formats/psp-safetensors-writer.h"
#include "engine/model/psp-pspnet.h"

#include <stdlib.h>
#include <string.h>

struct _PspModel
{
  char           *path;
  char           *name;
  PspModelFacts   facts;
  PspTaxonomy    *taxonomy; /* (nullable) */
  PspGraph       *graph;
  gatomicrefcount ref_count;
};

/* ImageNet's statistics, as every PyTorch release of PSPNet uses them. */
static const float default_mean[3] = { 123.675f, 116.28f, 103.53f };
static const float default_standard_deviation[3] = { 58.395f, 57.12f, 57.375f };

static gboolean
metadata_error (const PspCheckpoint  *checkpoint,
                const char           *key,
                const char           *text,
                GError              **error)
{
  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
               "%s: the metadata entry “%s” cannot be “%s”",
               psp_checkpoint_get_path (checkpoint), key, text);
  return FALSE;
}

/* Reads “1,2,3,6” into @bins. */
static gboolean
parse_bins (const char *text,
            int        *bins,
            int        *n_bins)
{
  g_auto(GStrv) pieces = g_strsplit (text, ",", -1);

  *n_bins = 0;
  for (int i = 0; pieces[i] != NULL; i++)
    {
      guint64 value;

      if (i >= PSP_MODEL_MAX_BINS ||
          !g_ascii_string_to_unsigned (g_strstrip (pieces[i]), 10, 1, 1024, &value, NULL))
        return FALSE;
      bins[(*n_bins)++] = value;
    }
  return *n_bins > 0;
}

/* From the options, else the metadata, else the family's convention. */
static gboolean
choose_bins (PspModelFacts          *facts,
             int                     n_levels,
             const PspCheckpoint    *checkpoint,
             const PspModelOptions  *options,
             GError                **error)
{
  static const int usual[] = { 1, 2, 3, 6 };
  const char *text = psp_checkpoint_get_metadata (checkpoint, "bins");
  gboolean known = TRUE;

  if (options != NULL && options->n_bins > 0)
    {
      facts->n_bins = MIN (options->n_bins, PSP_MODEL_MAX_BINS);
      memcpy (facts->bins, options->bins, facts->n_bins * sizeof (int));
    }
  else if (text != NULL && n_levels > 0)
    {
      if (!parse_bins (text, facts->bins, &facts->n_bins))
        return metadata_error (checkpoint, "bins", text, error);
    }
  else if (n_levels == 4 || n_levels == 1 || n_levels == 0)
    {
      facts->n_bins = n_levels;
      memcpy (facts->bins, usual, n_levels * sizeof (int));
      facts->bins_assumed = n_levels > 0;
    }
  else
    known = FALSE;

  if (known && facts->n_bins == n_levels)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
               "%s: the pyramid has %d levels, and their bins are not in the file; name %d with "
               "--bins, such as --bins 1,2,3,6", psp_checkpoint_get_path (checkpoint), n_levels,
               n_levels);
  return FALSE;
}

/* Reads three numbers “a,b,c” from the metadata; without the entry @values stay as they are. */
static gboolean
read_triple (const PspCheckpoint  *checkpoint,
             const char           *key,
             float                *values,
             GError              **error)
{
  const char *text = psp_checkpoint_get_metadata (checkpoint, key);
  const char *rest = text;

  if (text == NULL)
    return TRUE;

  for (int i = 0; i < 3; i++)
    {
      char *end;

      values[i] = g_ascii_strtod (rest, &end);
      if (end == rest || *end != (i < 2 ? ',' : '\0'))
        return metadata_error (checkpoint, key, text, error);
      rest = end + 1;
    }
  return TRUE;
}

/* An entry that has only one value that we can follow. */
static gboolean
require_value (const PspCheckpoint  *checkpoint,
               const char           *key,
               const char           *value,
               GError              **error)
{
  const char *text = psp_checkpoint_get_metadata (checkpoint, key);

  return text == NULL || g_str_equal (text, value) ||
         metadata_error (checkpoint, key, text, error);
}

static gboolean
read_metadata (PspModel             *self,
               const PspCheckpoint  *checkpoint,
               GError              **error)
{
  const char *taxonomy = psp_checkpoint_get_metadata (checkpoint, "taxonomy");
  PspModelFacts *facts = &self->facts;

  memcpy (facts->mean, default_mean, sizeof default_mean);
  memcpy (facts->standard_deviation, default_standard_deviation,
          sizeof default_standard_deviation);
  facts->preprocessing_assumed = psp_checkpoint_get_metadata (checkpoint, "mean") == NULL;
  if (!read_triple (checkpoint, "mean", facts->mean, error) ||
      !read_triple (checkpoint, "std", facts->standard_deviation, error) ||
      !require_value (checkpoint, "align_corners", "true", error) ||
      !require_value (checkpoint, "channel_order", "rgb", error) ||
      !require_value (checkpoint, "pooling", "average", error))
    return FALSE;

  for (int i = 0; i < 3; i++)
    if (!(facts->standard_deviation[i] > 0))
      return metadata_error (checkpoint, "std",
                             psp_checkpoint_get_metadata (checkpoint, "std"), error);

  if (taxonomy == NULL)
    return TRUE;
  self->taxonomy = psp_taxonomy_from_json (taxonomy, error);
  if (self->taxonomy == NULL)
    {
      g_prefix_error (error, "%s: ", psp_checkpoint_get_path (checkpoint));
      return FALSE;
    }
  if (psp_taxonomy_get_n_classes (self->taxonomy) != facts->n_classes)
    return metadata_error (checkpoint, "taxonomy", taxonomy, error);
  return TRUE;
}

static PspModel *
model_new (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  char *dot = strrchr (base, '.');
  PspModel *self = g_new0 (PspModel, 1);

  if (dot != NULL && dot != base)
    *dot = '\0';
  self->path = g_strdup (path);
  self->name = g_steal_pointer (&base);
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

static gboolean
fill_facts (PspModel               *self,
            const PspArchitecture  *architecture,
            const PspCheckpoint    *checkpoint,
            const PspModelOptions  *options,
            GError                **error)
{
  PspModelFacts *facts = &self->facts;

  facts->family = "official PyTorch";
  facts->container = psp_checkpoint_get_container (checkpoint);
  facts->depth = architecture->depth;
  facts->n_classes = architecture->n_classes;
  facts->has_auxiliary = architecture->auxiliary_channels > 0;
  facts->align_corners = TRUE;
  facts->output_stride = 8;
  return choose_bins (facts, architecture->n_levels, checkpoint, options, error) &&
         read_metadata (self, checkpoint, error);
}

static PspModel *
model_load (PspCheckpoint          *checkpoint,
            const PspModelOptions  *options,
            GCancellable           *cancellable,
            GError                **error)
{
  g_autoptr(PspModel) self = model_new (psp_checkpoint_get_path (checkpoint));
  PspArchitecture architecture;
  PspNetwork network;

  if (!psp_architecture_detect (&architecture, checkpoint, error) ||
      !fill_facts (self, &architecture, checkpoint, options, error) ||
      !psp_pspnet_build (&architecture, self->facts.bins, checkpoint, cancellable, &network,
                         error))
    return NULL;

  self->graph = network.graph;
  self->facts.n_parameters = network.n_parameters;
  return g_steal_pointer (&self);
}

PspModel *
psp_model_load (const char             *path,
                const PspModelOptions  *options,
                GCancellable           *cancellable,
                GError                **error)
{
  g_autoptr(PspCheckpoint) checkpoint = psp_checkpoint_open (path, error);

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

PspTaxonomy *
psp_model_get_taxonomy (const PspModel *self)
{
  return self->taxonomy;
}

const PspGraph *
psp_model_get_graph (const PspModel *self)
{
  return self->graph;
}

static void
set_triple (PspSafetensorsWriter *writer,
            const char           *key,
            const float          *values)
{
  g_autoptr(GString) text = g_string_new (NULL);
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  for (int i = 0; i < 3; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "," : "",
                            g_ascii_formatd (number, sizeof number, "%.7g", (double) values[i]));
  psp_safetensors_writer_set_metadata (writer, key, text->str);
}

static void
write_facts (PspSafetensorsWriter *writer,
             const PspModelFacts  *facts,
             PspTaxonomy          *taxonomy)
{
  g_autoptr(GString) bins = g_string_new (NULL);

  for (int i = 0; i < facts->n_bins; i++)
    g_string_append_printf (bins, "%s%d", i > 0 ? "," : "", facts->bins[i]);

  psp_safetensors_writer_set_metadata (writer, "format", "scenescope");
  psp_safetensors_writer_set_metadata (writer, "version", "1");
  psp_safetensors_writer_set_metadata (writer, "family", "pytorch-official");
  if (facts->n_bins > 0)
    psp_safetensors_writer_set_metadata (writer, "bins", bins->str);
  psp_safetensors_writer_set_metadata (writer, "align_corners", "true");
  set_triple (writer, "mean", facts->mean);
  set_triple (writer, "std", facts->standard_deviation);
  psp_safetensors_writer_set_metadata (writer, "channel_order", "rgb");
  psp_safetensors_writer_set_metadata (writer, "pooling", "average");
  if (taxonomy != NULL)
    {
      g_autofree char *json = psp_taxonomy_to_json (taxonomy);

      psp_safetensors_writer_set_metadata (writer, "taxonomy", json);
    }
}

static gboolean
write_tensors (PspSafetensorsWriter  *writer,
               PspCheckpoint         *checkpoint,
               gboolean               half,
               GError               **error)
{
  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      const PspCheckpointEntry *entry = psp_checkpoint_get_entry (checkpoint, i);
      g_autoptr(PspTensor) tensor = NULL;

      if (psp_pspnet_ignores (entry->name))
        continue;
      tensor = psp_checkpoint_read (checkpoint, entry->name, error);
      if (tensor == NULL)
        return FALSE;
      psp_safetensors_writer_add (writer, entry->name, tensor,
                                  half && entry->n_dimensions == 4 ? PSP_DTYPE_F16
                                                                   : PSP_DTYPE_F32);
    }
  return TRUE;
}

gboolean
psp_model_convert (const char             *path,
                   const char             *output_path,
                   const PspModelOptions  *options,
                   PspTaxonomy            *taxonomy,
                   gboolean                half,
                   GError                **error)
{
  g_autoptr(PspCheckpoint) checkpoint = psp_checkpoint_open (path, error);
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_autoptr(PspModel) model = NULL;

  if (checkpoint == NULL)
    return FALSE;
  model = model_load (checkpoint, options, NULL, error);
  if (model == NULL)
    return FALSE;

  if (taxonomy != NULL && psp_taxonomy_get_n_classes (taxonomy) != model->facts.n_classes)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                   "%s: the model has %d classes, but %d names are given", path,
                   model->facts.n_classes, psp_taxonomy_get_n_classes (taxonomy));
      return FALSE;
    }

  write_facts (writer, &model->facts, taxonomy != NULL ? taxonomy : model->taxonomy);
  return write_tensors (writer, checkpoint, half, error) &&
         psp_safetensors_writer_write (writer, output_path, error);
}
