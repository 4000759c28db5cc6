/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-model-facts.h"

#include "engine/core/psp-error.h"
#include "engine/dataset/psp-taxonomy-file.h"
#include "engine/model/psp-mmsegmentation-config.h"
#include "engine/model/psp-smp-config.h"

#include <string.h>

/* Photos of street scenes are larger; 19 classes are those of Cityscapes. */
#define STREET_CLASSES 19

/* In our own metadata: how often the logits are enlarged. */
#define ENLARGEMENT_KEY "enlargement"

/* There: the keys of what was assumed when the copy was made, with commas. */
#define ASSUMED_KEY "assumed"

static const int usual_bins[] = { 1, 2, 3, 6 };

static void
set_triple (gboolean    *given,
            float       *values,
            const float *usual)
{
  *given = TRUE;
  memcpy (values, usual, 3 * sizeof *values);
}

/* What @architecture's family usually has. */
static void
assume (PspModelOptions       *usual,
        const PspArchitecture *architecture)
{
  const PspFamily *family = architecture->family;
  const PspFamilySize *size = architecture->n_classes == STREET_CLASSES ? &family->street
                                                                        : &family->usual;

  *usual = (PspModelOptions) {
    .has_max_pooling = TRUE,
    .has_align_corners = TRUE, .align_corners = !family->half_pixels,
    .has_bgr = TRUE, .bgr = family->bgr,
    .crop = size->crop, .base = size->base,
  };
  set_triple (&usual->has_mean, usual->mean, family->mean);
  set_triple (&usual->has_standard_deviation, usual->standard_deviation,
              family->standard_deviation);
  if (architecture->n_levels == 1 || architecture->n_levels == G_N_ELEMENTS (usual_bins))
    {
      usual->n_bins = architecture->n_levels;
      memcpy (usual->bins, usual_bins, usual->n_bins * sizeof *usual_bins);
    }
}

/* What the metadata of @checkpoint say; our own count more than a configuration. */
static gboolean
read_metadata (PspModelOptions      *in_file,
               const PspFamily      *family,
               const PspCheckpoint  *checkpoint,
               GError              **error)
{
  const char *config = family->config_key != NULL
                       ? psp_checkpoint_get_metadata (checkpoint, family->config_key)
                       : NULL;

  if (config != NULL)
    psp_mmsegmentation_config_read (config, in_file);
  for (PspFact fact = 0; fact < PSP_FACT_NAMES; fact++)
    {
      const char *key = psp_fact_get_key (fact);
      const char *text = psp_checkpoint_get_metadata (checkpoint, key);

      if (text != NULL && !psp_model_options_set (in_file, fact, text, error))
        {
          g_prefix_error (error, "%s: the metadata entry “%s” ",
                          psp_checkpoint_get_path (checkpoint), key);
          return FALSE;
        }
    }
  return TRUE;
}

/* Whether @checkpoint is a copy of ours that was made without knowing what is under @key. */
static gboolean
was_assumed (const PspCheckpoint *checkpoint,
             const char          *key)
{
  const char *text = psp_checkpoint_get_metadata (checkpoint, ASSUMED_KEY);
  g_auto(GStrv) keys_assumed = g_strsplit (text != NULL ? text : "", ",", -1);

  return g_strv_contains ((const char * const *) keys_assumed, key);
}

/* Takes over what @options give, for numbers that came in without being checked as a text is. */
static gboolean
take (PspModelFacts          *self,
      PspModelOptions        *values,
      const PspModelOptions  *options,
      PspFactSource           source,
      GError                **error)
{
  for (PspFact fact = 0; fact < PSP_FACT_NAMES; fact++)
    {
      g_autofree char *text = psp_model_options_format (options, fact);

      if (text == NULL)
        continue;
      if (!psp_model_options_set (values, fact, text, error))
        {
          g_prefix_error (error, "“%s” ", psp_fact_get_key (fact));
          return FALSE;
        }
      self->sources[fact] = source;
    }
  return TRUE;
}

static void
set_values (PspModelFacts         *self,
            const PspModelOptions *values)
{
  self->n_bins = values->n_bins;
  memcpy (self->bins, values->bins, sizeof self->bins);
  self->max_pooling = values->max_pooling;
  self->align_corners = values->align_corners;
  memcpy (self->mean, values->mean, sizeof self->mean);
  memcpy (self->standard_deviation, values->standard_deviation, sizeof self->standard_deviation);
  self->bgr = values->bgr;
  self->crop = values->crop;
  self->base = values->base;
}

PspModelOptions
psp_model_facts_to_options (const PspModelFacts *self)
{
  PspModelOptions options = {
    .n_bins = self->n_bins,
    .has_max_pooling = TRUE, .max_pooling = self->max_pooling,
    .has_align_corners = TRUE, .align_corners = self->align_corners,
    .has_bgr = TRUE, .bgr = self->bgr,
    .crop = self->crop, .base = self->base,
  };

  memcpy (options.bins, self->bins, sizeof options.bins);
  set_triple (&options.has_mean, options.mean, self->mean);
  set_triple (&options.has_standard_deviation, options.standard_deviation,
              self->standard_deviation);
  return options;
}

/* Networks whose corners are aligned may have been trained on other windows. */
static void
assume_aligned_size (PspModelFacts   *self,
                     const PspFamily *family)
{
  if (!self->align_corners || family->aligned.crop == 0)
    return;
  if (self->sources[PSP_FACT_CROP] == PSP_FACT_ASSUMED)
    self->crop = family->aligned.crop;
  if (self->sources[PSP_FACT_BASE] == PSP_FACT_ASSUMED)
    self->base = family->aligned.base;
}

static gboolean
check_bins (const PspModelFacts    *self,
            const PspArchitecture  *architecture,
            const PspCheckpoint    *checkpoint,
            GError                **error)
{
  if (self->n_bins == architecture->n_levels)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
               "%s: the pyramid has %d levels, and their bins are not in the file; name %d with "
               "--bins, such as --bins 1,2,3,6", psp_checkpoint_get_path (checkpoint),
               architecture->n_levels, architecture->n_levels);
  return FALSE;
}

static gboolean
find_values (PspModelFacts          *self,
             const PspArchitecture  *architecture,
             const PspCheckpoint    *checkpoint,
             const PspModelOptions  *options,
             GError                **error)
{
  const char *path = psp_checkpoint_get_path (checkpoint);
  g_auto(PspModelOptions) values = { 0 };
  g_auto(PspModelOptions) usual = { 0 };
  g_auto(PspModelOptions) in_file = { 0 };

  assume (&usual, architecture);
  if (!read_metadata (&in_file, architecture->family, checkpoint, error))
    return FALSE;
  if (!take (self, &values, &usual, PSP_FACT_ASSUMED, error) ||
      !take (self, &values, &in_file, PSP_FACT_IN_FILE, error) ||
      (options != NULL && !take (self, &values, options, PSP_FACT_GIVEN, error)))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }

  set_values (self, &values);
  for (PspFact fact = 0; fact < PSP_FACT_NAMES; fact++)
    if (self->sources[fact] == PSP_FACT_IN_FILE &&
        was_assumed (checkpoint, psp_fact_get_key (fact)))
      self->sources[fact] = PSP_FACT_ASSUMED;
  if (architecture->family->names_tell_bins && self->sources[PSP_FACT_BINS] == PSP_FACT_ASSUMED)
    self->sources[PSP_FACT_BINS] = PSP_FACT_IN_FILE;
  if (self->sources[PSP_FACT_BINS] == PSP_FACT_ASSUMED &&
      self->n_bins == G_N_ELEMENTS (usual_bins))
    self->early_bins = architecture->family->early_bins;
  assume_aligned_size (self, architecture->family);
  return check_bins (self, architecture, checkpoint, error);
}

/* What our own copy tells, or a configuration beside the file; else what is usual. */
static gboolean
find_enlargement (PspModelFacts          *self,
                  const PspArchitecture  *architecture,
                  const PspCheckpoint    *checkpoint,
                  GError                **error)
{
  const char *text = psp_checkpoint_get_metadata (checkpoint, ENLARGEMENT_KEY);
  guint64 told = 0;

  if (text == NULL)
    {
      if (!psp_smp_config_read (checkpoint, architecture, &self->enlargement, error))
        return FALSE;
      self->enlargement_assumed = self->enlargement == 0;
      if (self->enlargement_assumed)
        self->enlargement = architecture->family->enlargement;
      return TRUE;
    }
  if (!g_ascii_string_to_unsigned (text, 10, 1, PSP_MODEL_MAX_ENLARGEMENT, &told, NULL))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                   "%s: the metadata entry “%s” cannot be “%s”; it takes a whole number from 1 to "
                   "%d", psp_checkpoint_get_path (checkpoint), ENLARGEMENT_KEY, text,
                   PSP_MODEL_MAX_ENLARGEMENT);
      return FALSE;
    }
  self->enlargement = told;
  self->enlargement_assumed = was_assumed (checkpoint, ENLARGEMENT_KEY);
  return TRUE;
}

gboolean
psp_model_facts_find (PspModelFacts          *self,
                      const PspArchitecture  *architecture,
                      const PspCheckpoint    *checkpoint,
                      const PspModelOptions  *options,
                      GError                **error)
{
  const PspFamily *family = architecture->family;

  *self = (PspModelFacts) {
    .family = family->name,
    .container = psp_checkpoint_get_container (checkpoint),
    .depth = architecture->depth,
    .n_classes = architecture->n_classes,
    .has_auxiliary = architecture->auxiliary_channels > 0,
    .output_stride = psp_architecture_output_stride (architecture),
    .size_offset = family->size_offset,
    .resized = family->resized,
  };
  self->size_multiple = family->size_multiple > 0 ? family->size_multiple : self->output_stride;
  if (family->enlargement > 0 && !find_enlargement (self, architecture, checkpoint, error))
    return FALSE;
  return find_values (self, architecture, checkpoint, options, error);
}

/* (nullable): the classes that a project wrote beside its weights.  They are those of the training,
 * and do not count if the head was made for another number. */
static PspTaxonomy *
read_classes (const PspCheckpoint *checkpoint,
              int                  n_classes)
{
  const char *text = psp_checkpoint_get_metadata (checkpoint, "classes");
  g_autoptr(PspTaxonomy) classes = text != NULL ? psp_taxonomy_from_json (text, NULL) : NULL;
  PspTaxonomy *builtin;

  if (classes == NULL || psp_taxonomy_get_n_classes (classes) != n_classes)
    return NULL;
  builtin = psp_taxonomy_find_builtin_for (classes);
  if (builtin != NULL && psp_taxonomy_same_names (builtin, classes))
    return builtin;
  g_clear_pointer (&builtin, psp_taxonomy_unref);
  return g_steal_pointer (&classes);
}

/* (nullable): the classes in the metadata. */
static gboolean
read_taxonomy (const PspCheckpoint  *checkpoint,
               int                   n_classes,
               PspTaxonomy         **taxonomy,
               GError              **error)
{
  const char *text = psp_checkpoint_get_metadata (checkpoint, "taxonomy");

  if (text == NULL)
    {
      *taxonomy = read_classes (checkpoint, n_classes);
      return TRUE;
    }
  *taxonomy = psp_taxonomy_from_json (text, error);
  if (*taxonomy == NULL)
    g_prefix_error (error, "%s: ", psp_checkpoint_get_path (checkpoint));
  return *taxonomy != NULL;
}

gboolean
psp_model_facts_find_taxonomy (PspModelFacts        *self,
                               const PspCheckpoint  *checkpoint,
                               const char           *names,
                               PspTaxonomy         **taxonomy,
                               GError              **error)
{
  g_autoptr(PspTaxonomy) found = NULL;

  if (names != NULL)
    found = psp_taxonomy_load_any (names, error);
  if (names != NULL ? found == NULL : !read_taxonomy (checkpoint, self->n_classes, &found, error))
    return FALSE;

  if (found != NULL && psp_taxonomy_get_n_classes (found) != self->n_classes)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                   "%s: the model has %d classes, but %s names %d",
                   psp_checkpoint_get_path (checkpoint), self->n_classes,
                   names != NULL ? names : "the metadata entry “taxonomy”",
                   psp_taxonomy_get_n_classes (found));
      return FALSE;
    }
  self->sources[PSP_FACT_NAMES] = names != NULL ? PSP_FACT_GIVEN
                                  : found != NULL ? PSP_FACT_IN_FILE : PSP_FACT_ASSUMED;
  *taxonomy = g_steal_pointer (&found);
  return TRUE;
}

void
psp_model_facts_write (const PspModelFacts  *self,
                       PspSafetensorsWriter *writer)
{
  PspModelOptions values = psp_model_facts_to_options (self);
  g_autofree char *enlargement = g_strdup_printf ("%d", self->enlargement);
  g_autoptr(GString) assumed = g_string_new (self->enlargement_assumed ? ENLARGEMENT_KEY : "");

  psp_safetensors_writer_set_metadata (writer, "format", "scenescope");
  psp_safetensors_writer_set_metadata (writer, "version", "2");
  if (self->enlargement > 0)
    psp_safetensors_writer_set_metadata (writer, ENLARGEMENT_KEY, enlargement);
  for (PspFact fact = 0; fact < PSP_FACT_NAMES; fact++)
    {
      g_autofree char *text = psp_model_options_format (&values, fact);

      if (text == NULL)
        continue;
      psp_safetensors_writer_set_metadata (writer, psp_fact_get_key (fact), text);
      if (self->sources[fact] == PSP_FACT_ASSUMED)
        g_string_append_printf (assumed, "%s%s", assumed->len > 0 ? "," : "",
                                psp_fact_get_key (fact));
    }
  if (assumed->len > 0)
    psp_safetensors_writer_set_metadata (writer, ASSUMED_KEY, assumed->str);
}
