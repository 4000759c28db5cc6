/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * ReferenceMap:
 *
 * Activations [batch][height][width][channels] without any padding, in double precision.
 */
typedef struct
{
  int     batch;
  int     height;
  int     width;
  int     channels;
  double *values;
} ReferenceMap;

/* A map of zeros. */
ReferenceMap *reference_map_new  (int batch,
                                  int height,
                                  int width,
                                  int channels);
void          reference_map_free (ReferenceMap *self);
double       *reference_map_at   (const ReferenceMap *self,
                                  int                 n,
                                  int                 y,
                                  int                 x,
                                  int                 c);

/* Weights are [kernel][kernel][source channels][destination channels]; @residual is nullable. */
void reference_convolve  (const ReferenceMap *source,
                          const double       *weights,
                          const double       *bias,
                          const ReferenceMap *residual,
                          int                 kernel,
                          int                 stride,
                          int                 padding,
                          int                 dilation,
                          gboolean            relu,
                          ReferenceMap       *destination);
void reference_pool      (const ReferenceMap *source,
                          int                 kernel,
                          int                 stride,
                          int                 padding,
                          ReferenceMap       *destination);
void reference_pool_bins (const ReferenceMap *source,
                          gboolean            maximum,
                          ReferenceMap       *destination);
void reference_resize    (const ReferenceMap *source,
                          gboolean            align_corners,
                          ReferenceMap       *destination);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReferenceMap, reference_map_free)
