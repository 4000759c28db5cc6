/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-folding.h"

#include "engine/core/psp-channels.h"
#include "engine/core/psp-error.h"

#include <math.h>

#define BATCH_NORM_EPSILON 1e-5

static gboolean
check_finite (const PspFolding  *self,
              const PspTensor   *tensor,
              const char        *part,
              double             minimum,
              GError           **error)
{
  if (tensor == NULL)
    return TRUE;

  for (gsize i = 0; i < tensor->n_elements; i++)
    if (!isfinite (tensor->data[i]) || (double) tensor->data[i] < minimum)
      {
        g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                     "tensor “%s” (%s) holds %g at place %" G_GSIZE_FORMAT
                     ", which no working network has", self->name, part,
                     (double) tensor->data[i], i);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_values (const PspFolding  *self,
              GError           **error)
{
  return check_finite (self, self->weights, "weight", -HUGE_VAL, error) &&
         check_finite (self, self->bias, "bias", -HUGE_VAL, error) &&
         check_finite (self, self->gamma, "batch normalisation weight", -HUGE_VAL, error) &&
         check_finite (self, self->beta, "batch normalisation bias", -HUGE_VAL, error) &&
         check_finite (self, self->mean, "running mean", -HUGE_VAL, error) &&
         check_finite (self, self->variance, "running variance", 0, error);
}

static double
scale_of (const PspFolding *self,
          int               output)
{
  if (self->gamma == NULL)
    return 1;
  return (double) self->gamma->data[output] /
         sqrt ((double) self->variance->data[output] + BATCH_NORM_EPSILON);
}

static double
bias_of (const PspFolding *self,
         int               output)
{
  double bias = self->bias != NULL ? (double) self->bias->data[output] : 0;

  if (self->gamma == NULL)
    return bias;
  return (double) self->beta->data[output] +
         (bias - (double) self->mean->data[output]) * scale_of (self, output);
}

/* source [outputs, inputs, taps] to destination [taps][physical inputs][padded outputs] */
static void
fold_weights (const PspFolding *self,
              int               padded_outputs,
              float            *destination)
{
  int outputs = self->weights->shape[0];
  int inputs = self->weights->shape[1];
  int taps = self->weights->shape[2] * self->weights->shape[3];

  for (int output = 0; output < outputs; output++)
    {
      const float *source = self->weights->data + (gsize) output * inputs * taps;
      double scale = scale_of (self, output);

      for (int range = 0; range < self->n_ranges; range++)
        for (int i = 0; i < self->ranges[range].count; i++)
          for (int tap = 0; tap < taps; tap++)
            {
              gsize row = (gsize) tap * self->physical_inputs + self->ranges[range].physical + i;

              destination[row * padded_outputs + output] = (double) *source++ * scale;
            }
    }
}

gboolean
psp_folding_run (const PspFolding  *self,
                 GBytes           **weights,
                 GBytes           **bias,
                 GError           **error)
{
  int outputs = self->weights->shape[0];
  int taps = self->weights->shape[2] * self->weights->shape[3];
  int padded_outputs = psp_channels_pad (outputs);
  gsize n_weights = (gsize) taps * self->physical_inputs * padded_outputs;
  g_autofree float *folded = NULL;
  float *folded_bias;

  if (!check_values (self, error))
    return FALSE;

  folded = g_try_new0 (float, n_weights);
  if (folded == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory for the %" G_GSIZE_FORMAT " weights of “%s”", n_weights, self->name);
      return FALSE;
    }

  fold_weights (self, padded_outputs, folded);
  folded_bias = g_new0 (float, padded_outputs);
  for (int output = 0; output < outputs; output++)
    folded_bias[output] = bias_of (self, output);

  *weights = g_bytes_new_take (g_steal_pointer (&folded), n_weights * sizeof (float));
  *bias = g_bytes_new_take (folded_bias, padded_outputs * sizeof (float));
  return TRUE;
}
