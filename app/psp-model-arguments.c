/* SPDX-License-Identifier: MIT */
#include "app/psp-model-arguments.h"

typedef struct
{
  const char *option;
  const char *description;
  const char *argument;
} Argument;

static const Argument arguments[PSP_N_FACTS] = {
  [PSP_FACT_BINS] = { "bins", "Cells on a side of each pyramid level, such as 1,2,3,6", "LIST" },
  [PSP_FACT_POOLING] = { "pooling", "What the pyramid's cells hold: average or max", "KIND" },
  [PSP_FACT_ALIGN_CORNERS] = {
    "align-corners", "Of the network's bilinear enlargements: yes or no", "ANSWER"
  },
  [PSP_FACT_MEAN] = {
    "mean", "Subtracted from red, green and blue, 0 to 255, such as 123.68,116.779,103.939", "LIST"
  },
  [PSP_FACT_STANDARD_DEVIATION] = {
    "std", "Red, green and blue are then divided by it, such as 58.395,57.12,57.375", "LIST"
  },
  [PSP_FACT_CHANNEL_ORDER] = {
    "channel-order", "The order in which the network reads colours: rgb or bgr", "ORDER"
  },
  [PSP_FACT_CROP] = { "crop", "Side of the window, such as 473", "PIXELS" },
  [PSP_FACT_BASE] = { "base", "Longer side of the photo at scale 1, such as 512; the shorter side "
                      "for the protocols mseg, mmsegmentation and csail", "PIXELS" },
  [PSP_FACT_NAMES] = {
    "names", "Class names: a built-in taxonomy such as voc-21, a text with one a line, or a "
    "taxonomy in JSON", "FILE"
  },
};

void
psp_model_arguments_fill_entries (PspModelArguments *self,
                                  GOptionEntry      *entries)
{
  for (PspFact fact = 0; fact < PSP_N_FACTS; fact++)
    entries[fact] = (GOptionEntry) {
      arguments[fact].option, 0, 0,
      fact == PSP_FACT_NAMES ? G_OPTION_ARG_FILENAME : G_OPTION_ARG_STRING, &self->texts[fact],
      arguments[fact].description, arguments[fact].argument
    };
}

void
psp_model_arguments_clear (PspModelArguments *self)
{
  for (PspFact fact = 0; fact < PSP_N_FACTS; fact++)
    g_clear_pointer (&self->texts[fact], g_free);
}

gboolean
psp_model_arguments_parse (const PspModelArguments  *self,
                           PspModelOptions          *options,
                           GError                  **error)
{
  for (PspFact fact = 0; fact < PSP_N_FACTS; fact++)
    {
      g_autoptr(GError) reason = NULL;

      if (self->texts[fact] == NULL ||
          psp_model_options_set (options, fact, self->texts[fact], &reason))
        continue;
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--%s %s",
                   arguments[fact].option, reason->message);
      return FALSE;
    }
  return TRUE;
}
