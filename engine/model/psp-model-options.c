/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-model-options.h"

#include "engine/core/psp-error.h"

#include <math.h>
#include <string.h>

#define MAX_BINS_ON_A_SIDE 1024
#define MAX_SIDE 65535

static const char * const keys[PSP_N_FACTS] = {
  [PSP_FACT_BINS] = "bins",
  [PSP_FACT_POOLING] = "pooling",
  [PSP_FACT_ALIGN_CORNERS] = "align_corners",
  [PSP_FACT_MEAN] = "mean",
  [PSP_FACT_STANDARD_DEVIATION] = "std",
  [PSP_FACT_CHANNEL_ORDER] = "channel_order",
  [PSP_FACT_CROP] = "crop",
  [PSP_FACT_BASE] = "base",
  [PSP_FACT_NAMES] = "names",
};

/* What a text may be, for messages. */
static const char * const expectations[PSP_N_FACTS] = {
  [PSP_FACT_BINS] = "up to 16 whole numbers, such as 1,2,3,6",
  [PSP_FACT_POOLING] = "average or max",
  [PSP_FACT_ALIGN_CORNERS] = "yes or no",
  [PSP_FACT_MEAN] = "three numbers, for red, green and blue",
  [PSP_FACT_STANDARD_DEVIATION] = "three numbers above 0, for red, green and blue",
  [PSP_FACT_CHANNEL_ORDER] = "rgb or bgr",
  [PSP_FACT_CROP] = "a whole number from 1 to " G_STRINGIFY (MAX_SIDE),
  [PSP_FACT_BASE] = "a whole number from 1 to " G_STRINGIFY (MAX_SIDE),
  [PSP_FACT_NAMES] = "a built-in taxonomy or a file",
};

const char *
psp_fact_get_key (PspFact fact)
{
  return keys[fact];
}

void
psp_model_options_clear (PspModelOptions *self)
{
  g_clear_pointer (&self->names, g_free);
}

void
psp_model_options_copy (const PspModelOptions *self,
                        PspModelOptions       *copy)
{
  *copy = *self;
  copy->names = g_strdup (self->names);
}

gboolean
psp_model_options_has (const PspModelOptions *self,
                       PspFact                fact)
{
  switch (fact)
    {
    case PSP_FACT_BINS:
      return self->n_bins > 0;
    case PSP_FACT_POOLING:
      return self->has_max_pooling;
    case PSP_FACT_ALIGN_CORNERS:
      return self->has_align_corners;
    case PSP_FACT_MEAN:
      return self->has_mean;
    case PSP_FACT_STANDARD_DEVIATION:
      return self->has_standard_deviation;
    case PSP_FACT_CHANNEL_ORDER:
      return self->has_bgr;
    case PSP_FACT_CROP:
      return self->crop > 0;
    case PSP_FACT_BASE:
      return self->base > 0;
    case PSP_FACT_NAMES:
      return self->names != NULL;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
parse_bins (PspModelOptions *self,
            const char      *text)
{
  g_auto(GStrv) pieces = g_strsplit (text, ",", -1);
  int bins[PSP_MODEL_MAX_BINS];
  int n_bins = g_strv_length (pieces);

  if (n_bins > PSP_MODEL_MAX_BINS)
    return FALSE;
  for (int i = 0; i < n_bins; i++)
    {
      guint64 value;

      if (!g_ascii_string_to_unsigned (g_strstrip (pieces[i]), 10, 1, MAX_BINS_ON_A_SIDE, &value,
                                       NULL))
        return FALSE;
      bins[i] = value;
    }
  self->n_bins = n_bins;
  memcpy (self->bins, bins, n_bins * sizeof *bins);
  return n_bins > 0;
}

/* Sets @value to whether @text is the second of two words, or of two others. */
static gboolean
parse_choice (const char         *text,
              const char * const *words,
              gboolean           *given,
              gboolean           *value)
{
  for (int i = 0; i < 4; i++)
    if (words[i] != NULL && g_str_equal (text, words[i]))
      {
        *given = TRUE;
        *value = i % 2;
        return TRUE;
      }
  return FALSE;
}

/* Three numbers, each above @limit. */
static gboolean
parse_triple (const char *text,
              double      limit,
              gboolean   *given,
              float      *values)
{
  g_auto(GStrv) pieces = g_strsplit (text, ",", -1);
  float parsed[3];

  if (g_strv_length (pieces) != 3)
    return FALSE;
  for (int i = 0; i < 3; i++)
    {
      char *end;

      parsed[i] = g_ascii_strtod (pieces[i], &end);
      if (end == pieces[i] || *end != '\0' || !isfinite (parsed[i]) ||
          !((double) parsed[i] > limit))
        return FALSE;
    }
  memcpy (values, parsed, sizeof parsed);
  *given = TRUE;
  return TRUE;
}

static gboolean
parse_side (const char *text,
            int        *side)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, 1, MAX_SIDE, &value, NULL))
    return FALSE;
  *side = value;
  return TRUE;
}

static gboolean
parse (PspModelOptions *self,
       PspFact          fact,
       const char      *text)
{
  static const char * const poolings[4] = { "average", "max" };
  static const char * const answers[4] = { "no", "yes", "false", "true" };
  static const char * const orders[4] = { "rgb", "bgr" };

  switch (fact)
    {
    case PSP_FACT_BINS:
      return parse_bins (self, text);
    case PSP_FACT_POOLING:
      return parse_choice (text, poolings, &self->has_max_pooling, &self->max_pooling);
    case PSP_FACT_ALIGN_CORNERS:
      return parse_choice (text, answers, &self->has_align_corners, &self->align_corners);
    case PSP_FACT_MEAN:
      return parse_triple (text, -HUGE_VAL, &self->has_mean, self->mean);
    case PSP_FACT_STANDARD_DEVIATION:
      return parse_triple (text, 0, &self->has_standard_deviation, self->standard_deviation);
    case PSP_FACT_CHANNEL_ORDER:
      return parse_choice (text, orders, &self->has_bgr, &self->bgr);
    case PSP_FACT_CROP:
      return parse_side (text, &self->crop);
    case PSP_FACT_BASE:
      return parse_side (text, &self->base);
    case PSP_FACT_NAMES:
      g_free (self->names);
      self->names = g_strdup (text);
      return TRUE;
    default:
      g_assert_not_reached ();
    }
}

gboolean
psp_model_options_set (PspModelOptions  *self,
                       PspFact           fact,
                       const char       *text,
                       GError          **error)
{
  if (parse (self, fact, text))
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE, "cannot be “%s”; it takes %s", text,
               expectations[fact]);
  return FALSE;
}

static char *
format_bins (const PspModelOptions *self)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < MIN (self->n_bins, PSP_MODEL_MAX_BINS); i++)
    g_string_append_printf (text, "%s%d", i > 0 ? "," : "", self->bins[i]);
  return g_string_free (text, FALSE);
}

/* As short as it can be read back. */
static void
append_number (GString *text,
               float    value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (number, sizeof number, "%.7g", (double) value);
  if ((float) g_ascii_strtod (number, NULL) != value)
    g_ascii_formatd (number, sizeof number, "%.9g", (double) value);
  g_string_append (text, number);
}

static char *
format_triple (const float *values)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < 3; i++)
    {
      g_string_append (text, i > 0 ? "," : "");
      append_number (text, values[i]);
    }
  return g_string_free (text, FALSE);
}

char *
psp_model_options_format (const PspModelOptions *self,
                          PspFact                fact)
{
  if (!psp_model_options_has (self, fact))
    return NULL;

  switch (fact)
    {
    case PSP_FACT_BINS:
      return format_bins (self);
    case PSP_FACT_POOLING:
      return g_strdup (self->max_pooling ? "max" : "average");
    case PSP_FACT_ALIGN_CORNERS:
      return g_strdup (self->align_corners ? "true" : "false");
    case PSP_FACT_MEAN:
      return format_triple (self->mean);
    case PSP_FACT_STANDARD_DEVIATION:
      return format_triple (self->standard_deviation);
    case PSP_FACT_CHANNEL_ORDER:
      return g_strdup (self->bgr ? "bgr" : "rgb");
    case PSP_FACT_CROP:
      return g_strdup_printf ("%d", self->crop);
    case PSP_FACT_BASE:
      return g_strdup_printf ("%d", self->base);
    case PSP_FACT_NAMES:
      return g_strdup (self->names);
    default:
      g_assert_not_reached ();
    }
}

gboolean
psp_model_options_equal (const PspModelOptions *a,
                         const PspModelOptions *b)
{
  for (PspFact fact = 0; fact < PSP_N_FACTS; fact++)
    {
      g_autofree char *text_a = psp_model_options_format (a, fact);
      g_autofree char *text_b = psp_model_options_format (b, fact);

      if (g_strcmp0 (text_a, text_b) != 0)
        return FALSE;
    }
  return TRUE;
}
