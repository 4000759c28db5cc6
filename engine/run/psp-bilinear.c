/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-bilinear.h"

#include "engine/core/psp-channels.h"
#include "engine/run/psp-ranking.h"

gsize
psp_logits_map_row_length (const PspLogitsMap *self)
{
  return (gsize) self->size.width * psp_channels_pad (self->n_classes);
}

void
psp_logits_map_mix_rows (const PspLogitsMap *self,
                         const float        *above,
                         const float        *below,
                         float               weight,
                         float              *row)
{
  int n_padded = psp_channels_pad (self->n_classes);

  for (int x = 0; x < self->size.width; x++, row += n_padded)
    {
      psp_mix (above + (gsize) x * self->stride, below + (gsize) x * self->stride, weight,
               self->n_classes, row);
      for (int i = self->n_classes; i < n_padded; i++)
        row[i] = PSP_RANKING_LEAST;
    }
}

void
psp_logits_map_mix_row (const PspLogitsMap *self,
                        int                 y,
                        float              *row)
{
  PspTap tap = psp_tap_find (y, self->size.height, self->full.height, self->half_pixels);
  gsize row_length = (gsize) self->size.width * self->stride;

  psp_logits_map_mix_rows (self, self->values + tap.first * row_length,
                           self->values + tap.second * row_length, tap.weight, row);
}

void
psp_logits_map_mix_pixel (const PspLogitsMap *self,
                          const float        *row,
                          int                 x,
                          float              *values)
{
  PspTap tap = psp_tap_find (x, self->size.width, self->full.width, self->half_pixels);
  int n_padded = psp_channels_pad (self->n_classes);

  psp_mix (row + (gsize) tap.first * n_padded, row + (gsize) tap.second * n_padded, tap.weight,
           n_padded, values);
}
