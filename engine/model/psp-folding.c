/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-folding.h"

#include "engine/core/psp-channels.h"
#include "engine/core/psp-error.h"
#include "engine/core/psp-floats.h"

#include <math.h>
#include <string.h>

#define BATCH_NORM_EPSILON 1e-5

/* Outputs, and rows, that are folded together: floats of a cache line. */
#define BLOCK 16

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

/* Where the weights of one input and tap of a part lie: rows are [taps][padded inputs] or
 * [padded inputs][taps]. */
static gsize
find_row (const PspFolding     *self,
          const PspFoldingPart *part,
          gsize                 index)
{
  gsize taps = self->weights->shape[2] * self->weights->shape[3];
  gsize tap = index % taps;
  gsize input = part->reversed ? part->inputs - 1 - index / taps : index / taps;

  return part->inputs_first ? input * taps + tap : tap * psp_channels_pad (part->inputs) + input;
}

/* Up to BLOCK outputs of one part, from @first on: @source [outputs][all inputs, taps] to the rows
 * of @destination.  Turned over in tiles, so that each cache line is read and written once. */
static void
fold_outputs (const PspFolding     *self,
              const PspFoldingPart *part,
              int                   first,
              const float          *source,
              float                *destination)
{
  gsize taps = self->weights->shape[2] * self->weights->shape[3];
  gsize stride = self->weights->shape[1] * taps;
  gsize n_rows = part->inputs * taps;
  int padded_outputs = psp_channels_pad (self->weights->shape[0]);
  int n_outputs = MIN (BLOCK, self->weights->shape[0] - first);
  double scales[BLOCK];

  for (int i = 0; i < n_outputs; i++)
    scales[i] = scale_of (self, first + i);
  for (gsize row = 0; row < n_rows; row += BLOCK)
    {
      int n_now = MIN (BLOCK, n_rows - row);
      float tile[BLOCK][BLOCK];

      for (int i = 0; i < n_outputs; i++)
        for (int k = 0; k < n_now; k++)
          tile[k][i] = (double) source[i * stride + row + k] * scales[i];
      for (int k = 0; k < n_now; k++)
        memcpy (destination + find_row (self, part, row + k) * padded_outputs + first, tile[k],
                n_outputs * sizeof (float));
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
  float *folded = psp_floats_new (n_weights);

  if (folded == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory for the %" G_GSIZE_FORMAT " weights of “%s”", n_weights, self->name);
      return NULL;
    }
  for (int output = 0; output < self->weights->shape[0]; output += BLOCK)
    fold_outputs (self, part, output, self->weights->data +
                  ((gsize) output * self->weights->shape[1] + first_input) * taps, folded);
  return psp_floats_to_bytes (folded, n_weights);
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
