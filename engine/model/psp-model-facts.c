/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-model-facts.h"

#include "engine/core/psp-error.h"

#include <math.h>
#include <string.h>

/* What facts are found from. */
typedef struct
{
  const PspArchitecture *architecture;
  const PspCheckpoint   *checkpoint;
  const PspModelOptions *options;
} Sources;

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

static gboolean
find_bins (PspModelFacts  *self,
           const Sources  *sources,
           GError        **error)
{
  static const int usual[] = { 1, 2, 3, 6 };
  const char *text = psp_checkpoint_get_metadata (sources->checkpoint, "bins");
  const char *path = psp_checkpoint_get_path (sources->checkpoint);
  int n_levels = sources->architecture->n_levels;
  gboolean known = TRUE;

  if (sources->options->n_bins > 0)
    {
      self->n_bins = MIN (sources->options->n_bins, PSP_MODEL_MAX_BINS);
      memcpy (self->bins, sources->options->bins, self->n_bins * sizeof (int));
    }
  else if (text != NULL && n_levels > 0)
    {
      if (!parse_bins (text, self->bins, &self->n_bins))
        return metadata_error (sources->checkpoint, "bins", text, error);
    }
  else if (n_levels == 4 || n_levels == 1 || n_levels == 0)
    {
      self->n_bins = n_levels;
      memcpy (self->bins, usual, n_levels * sizeof (int));
      self->bins_assumed = n_levels > 0 && !sources->architecture->family->names_tell_bins;
    }
  else
    known = FALSE;

  if (known && self->n_bins == n_levels)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
               "%s: the pyramid has %d levels, and their bins are not in the file; name %d with "
               "--bins, such as --bins 1,2,3,6", path, n_levels, n_levels);
  return FALSE;
}

/* Reads three numbers “a,b,c”. */
static gboolean
parse_triple (const char *text,
              float      *values)
{
  for (int i = 0; i < 3; i++)
    {
      char *end;

      values[i] = g_ascii_strtod (text, &end);
      if (end == text || *end != (i < 2 ? ',' : '\0') || !isfinite (values[i]))
        return FALSE;
      text = end + 1;
    }
  return TRUE;
}

/* From @given, else the metadata entry @key, else @usual. */
static gboolean
find_triple (float          *values,
             gboolean       *assumed,
             const Sources  *sources,
             const char     *key,
             const float    *given,
             const float    *usual,
             GError        **error)
{
  const char *text = psp_checkpoint_get_metadata (sources->checkpoint, key);

  *assumed = given == NULL && text == NULL;
  if (given == NULL && text != NULL)
    return parse_triple (text, values) || metadata_error (sources->checkpoint, key, text, error);
  memcpy (values, given != NULL ? given : usual, 3 * sizeof (float));
  return TRUE;
}

/* One of two words: from the metadata entry @key, else @value stays.  @known: if it is there. */
static gboolean
read_word (gboolean            *value,
           gboolean            *known,
           const Sources       *sources,
           const char          *key,
           const char * const  *words,
           GError             **error)
{
  const char *text = psp_checkpoint_get_metadata (sources->checkpoint, key);

  *known = text != NULL;
  for (int i = 0; text != NULL && i < 2; i++)
    if (words[i] != NULL && g_str_equal (words[i], text))
      {
        *value = i;
        return TRUE;
      }
  return text == NULL || metadata_error (sources->checkpoint, key, text, error);
}

static gboolean
find_align_corners (PspModelFacts  *self,
                    const Sources  *sources,
                    GError        **error)
{
  static const char * const words[] = { "false", "true" };
  gboolean known;

  self->align_corners = !sources->architecture->family->half_pixels;
  if (!read_word (&self->align_corners, &known, sources, "align_corners", words, error))
    return FALSE;
  if (sources->options->has_align_corners)
    self->align_corners = sources->options->align_corners;
  self->align_corners_assumed = !known && !sources->options->has_align_corners;
  return TRUE;
}

static gboolean
find_channel_order (PspModelFacts  *self,
                    const Sources  *sources,
                    GError        **error)
{
  static const char * const words[] = { "rgb", "bgr" };
  gboolean known;

  self->bgr = sources->architecture->family->bgr;
  if (!read_word (&self->bgr, &known, sources, "channel_order", words, error))
    return FALSE;
  if (sources->options->has_bgr)
    self->bgr = sources->options->bgr;
  self->bgr_assumed = !known && !sources->options->has_bgr;
  return TRUE;
}

static gboolean
find_preprocessing (PspModelFacts  *self,
                    const Sources  *sources,
                    GError        **error)
{
  static const char * const poolings[] = { NULL, "average" };
  const PspModelOptions *options = sources->options;
  const PspFamily *family = sources->architecture->family;
  gboolean value, known;

  if (!find_align_corners (self, sources, error) || !find_channel_order (self, sources, error) ||
      !find_triple (self->mean, &self->mean_assumed, sources, "mean",
                    options->has_mean ? options->mean : NULL, family->mean, error) ||
      !find_triple (self->standard_deviation, &self->standard_deviation_assumed, sources, "std",
                    options->has_standard_deviation ? options->standard_deviation : NULL,
                    family->standard_deviation, error) ||
      !read_word (&value, &known, sources, "pooling", poolings, error))
    return FALSE;

  self->preprocessing_assumed = self->align_corners_assumed || self->bgr_assumed ||
                                self->mean_assumed || self->standard_deviation_assumed;
  for (int i = 0; i < 3; i++)
    if (!(self->standard_deviation[i] > 0))
      {
        g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                     "%s: colours cannot be divided by %g; each number of --std or of the metadata "
                     "entry “std” is above 0", psp_checkpoint_get_path (sources->checkpoint),
                     (double) self->standard_deviation[i]);
        return FALSE;
      }
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
  PspModelOptions none = { 0 };
  Sources sources = { architecture, checkpoint, options != NULL ? options : &none };

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
  return find_bins (self, &sources, error) && find_preprocessing (self, &sources, error);
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

void
psp_model_facts_write (const PspModelFacts  *self,
                       const PspFamily      *family,
                       PspSafetensorsWriter *writer)
{
  g_autoptr(GString) bins = g_string_new (NULL);

  for (int i = 0; i < self->n_bins; i++)
    g_string_append_printf (bins, "%s%d", i > 0 ? "," : "", self->bins[i]);

  psp_safetensors_writer_set_metadata (writer, "format", "scenescope");
  psp_safetensors_writer_set_metadata (writer, "version", "1");
  psp_safetensors_writer_set_metadata (writer, "family", family->id);
  if (self->n_bins > 0)
    psp_safetensors_writer_set_metadata (writer, "bins", bins->str);
  psp_safetensors_writer_set_metadata (writer, "align_corners",
                                       self->align_corners ? "true" : "false");
  set_triple (writer, "mean", self->mean);
  set_triple (writer, "std", self->standard_deviation);
  psp_safetensors_writer_set_metadata (writer, "channel_order", self->bgr ? "bgr" : "rgb");
  psp_safetensors_writer_set_metadata (writer, "pooling", "average");
}
