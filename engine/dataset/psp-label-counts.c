/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-label-counts.h"

PspLabelCounts *
psp_label_counts_new (void)
{
  return g_new0 (PspLabelCounts, 1);
}

void
psp_label_counts_free (PspLabelCounts *self)
{
  g_free (self);
}

void
psp_label_counts_add (PspLabelCounts *self,
                      const PspMask  *mask)
{
  gsize n_pixels = (gsize) mask->size.width * mask->size.height;
  guint16 ignore = psp_mask_get_ignore (mask);

  for (gsize i = 0; i < n_pixels; i++)
    if (mask->pixels[i] == ignore)
      self->ignored++;
    else
      self->pixels[mask->pixels[i]]++;
}
