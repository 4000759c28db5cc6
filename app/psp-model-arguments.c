/* SPDX-License-Identifier: MIT */
#include "app/psp-model-arguments.h"

#include <math.h>
#include <string.h>

void
psp_model_arguments_fill_entries (PspModelArguments *self,
                                  GOptionEntry      *entries)
{
  const GOptionEntry filled[] = {
    { "bins", 0, 0, G_OPTION_ARG_STRING, &self->bins,
      "Cells on a side of each pyramid level, for checkpoints that do not say", "LIST" },
    { "align-corners", 0, 0, G_OPTION_ARG_STRING, &self->align_corners,
      "Of the network's bilinear enlargements: yes or no", "ANSWER" },
    { "mean", 0, 0, G_OPTION_ARG_STRING, &self->mean,
      "Subtracted from red, green and blue, 0 to 255, such as 123.68,116.779,103.939", "LIST" },
    { "std", 0, 0, G_OPTION_ARG_STRING, &self->standard_deviation,
      "Red, green and blue are then divided by it, such as 58.395,57.12,57.375", "LIST" },
    { "channel-order", 0, 0, G_OPTION_ARG_STRING, &self->channel_order,
      "The order in which the network reads colours: rgb or bgr", "ORDER" },
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (filled) == PSP_MODEL_ARGUMENTS_N_ENTRIES);
  memcpy (entries, filled, sizeof filled);
}

void
psp_model_arguments_clear (PspModelArguments *self)
{
  g_clear_pointer (&self->bins, g_free);
  g_clear_pointer (&self->align_corners, g_free);
  g_clear_pointer (&self->mean, g_free);
  g_clear_pointer (&self->standard_deviation, g_free);
  g_clear_pointer (&self->channel_order, g_free);
}

static gboolean
bad_value (const char  *option,
           const char  *value,
           const char  *expected,
           GError     **error)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--%s cannot be “%s”; it takes %s", option, value, expected);
  return FALSE;
}

gboolean
psp_model_arguments_parse_bins (const char       *text,
                                PspModelOptions  *options,
                                GError          **error)
{
  g_auto(GStrv) pieces = g_strsplit (text, ",", -1);

  for (int i = 0; pieces[i] != NULL; i++)
    {
      guint64 value;

      if (i >= PSP_MODEL_MAX_BINS ||
          !g_ascii_string_to_unsigned (g_strstrip (pieces[i]), 10, 1, 1024, &value, NULL))
        return bad_value ("bins", text, "up to 16 whole numbers, such as 1,2,3,6", error);
      options->bins[i] = value;
      options->n_bins = i + 1;
    }
  return TRUE;
}

/* Sets @value to whether @text is the second of two words; @given tells whether there is a text. */
static gboolean
parse_choice (const char          *option,
              const char          *text,
              const char * const  *words,
              gboolean            *given,
              gboolean            *value,
              GError             **error)
{
  g_autofree char *expected = g_strjoin (" or ", words[1], words[0], NULL);

  if (text == NULL)
    return TRUE;
  for (int i = 0; i < 2; i++)
    if (g_str_equal (text, words[i]))
      {
        *given = TRUE;
        *value = i;
        return TRUE;
      }
  return bad_value (option, text, expected, error);
}

/* Three numbers, each above @limit. */
static gboolean
parse_triple (const char  *option,
              const char  *text,
              double       limit,
              gboolean    *given,
              float       *values,
              GError     **error)
{
  g_auto(GStrv) pieces = g_strsplit (text != NULL ? text : "", ",", -1);

  if (text == NULL)
    return TRUE;
  *given = g_strv_length (pieces) == 3;
  for (int i = 0; *given && i < 3; i++)
    {
      char *end;
      double value = g_ascii_strtod (pieces[i], &end);

      values[i] = value;
      *given = end != pieces[i] && *end == '\0' && isfinite (value) && value > limit;
    }
  return *given ||
         bad_value (option, text, limit < 0 ? "three numbers, for red, green and blue"
                                            : "three numbers above 0, for red, green and blue",
                    error);
}

gboolean
psp_model_arguments_parse (const PspModelArguments  *self,
                           PspModelOptions          *options,
                           GError                  **error)
{
  static const char * const answers[] = { "no", "yes" };
  static const char * const orders[] = { "rgb", "bgr" };

  return (self->bins == NULL || psp_model_arguments_parse_bins (self->bins, options, error)) &&
         parse_choice ("align-corners", self->align_corners, answers,
                       &options->has_align_corners, &options->align_corners, error) &&
         parse_choice ("channel-order", self->channel_order, orders,
                       &options->has_bgr, &options->bgr, error) &&
         parse_triple ("mean", self->mean, -HUGE_VAL, &options->has_mean, options->mean, error) &&
         parse_triple ("std", self->standard_deviation, 0, &options->has_standard_deviation,
                       options->standard_deviation, error);
}
