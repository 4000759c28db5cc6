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

/* What one part of the weights takes in memory, in numbers. */
static gsize
count_weights (const PspFolding     *self,
               const PspFoldingPart *part)
{
  return (gsize) self->weights->shape[2] * self->weights->shape[3] *
         psp_channels_pad (part->inputs) * psp_channels_pad (self->weights->shape[0]);
}

/* One output of one part: @source [inputs, taps] to @destination, whose rows are
 * [taps][padded inputs] or [padded inputs][taps]. */
static void
fold_output (const PspFolding     *self,
             const PspFoldingPart *part,
             int                   output,
             const float          *source,
             float                *destination)
{
  int taps = self->weights->shape[2] * self->weights->shape[3];
  int padded_inputs = psp_channels_pad (part->inputs);
  int padded_outputs = psp_channels_pad (self->weights->shape[0]);
  double scale = scale_of (self, output);

  for (int i = 0; i < part->inputs; i++)
    for (int tap = 0; tap < taps; tap++)
      {
        int input = part->reversed ? part->inputs - 1 - i : i;
        gsize row = part->inputs_first ? (gsize) input * taps + tap
                                       : (gsize) tap * padded_inputs + input;

        destination[row * padded_outputs + output] = (double) *source++ * scale;
      }
}

/* The part that begins with logical channel @first_input. */
static GBytes *
fold_part (const PspFolding      *self,
           const PspFoldingPart  *part,
           int                    first_input,
           GError               **error)
{
  gsize n_weights = count_weights (self, part);
  int taps = self->weights->shape[2] * self->weights->shape[3];
  float *folded = g_try_new0 (float, n_weights);

  if (folded == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory for the %" G_GSIZE_FORMAT " weights of “%s”", n_weights, self->name);
      return NULL;
    }
  for (int output = 0; output < self->weights->shape[0]; output++)
    fold_output (self, part, output, self->weights->data +
                 ((gsize) output * self->weights->shape[1] + first_input) * taps, folded);
  return g_bytes_new_take (folded, n_weights * sizeof (float));
}

static GBytes *
fold_bias (const PspFolding *self)
{
  int outputs = self->weights->shape[0];
  float *folded = g_new0 (float, psp_channels_pad (outputs));

  for (int output = 0; output < outputs; output++)
    folded[output] = bias_of (self, output);
  return g_bytes_new_take (folded, psp_channels_pad (outputs) * sizeof (float));
}

gboolean
psp_folding_run (const PspFolding  *self,
                 GBytes           **weights,
                 GBytes           **bias,
                 GError           **error)
{
  int first_input = 0;

  if (!check_values (self, error))
    return FALSE;

  for (int i = 0; i < self->n_parts; i++)
    {
      weights[i] = fold_part (self, &self->parts[i], first_input, error);
      if (weights[i] == NULL)
        {
          while (i-- > 0)
            g_clear_pointer (&weights[i], g_bytes_unref);
          return FALSE;
        }
      first_input += self->parts[i].inputs;
    }
  *bias = fold_bias (self);
  return TRUE;
}
