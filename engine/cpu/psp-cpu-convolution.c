/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-direct.h"
#include "engine/cpu/psp-cpu-winograd.h"

PSP_CPU_VECTORISED void
psp_cpu_finish_pixel (const PspConvolution *operation,
                      gsize                 pixel,
                      int                   channel,
                      int                   n,
                      gboolean              residual_added,
                      float                *restrict sums)
{
  const float *restrict bias = ((PspCpuBuffer *) operation->bias)->data + channel;
  const PspMap *residual = residual_added ? NULL : operation->residual;

  if (residual != NULL)
    {
      const float *restrict other = psp_cpu_map_data (residual) +
                                    pixel * residual->pixel_stride + channel;

      for (int c = 0; c < n; c++)
        sums[c] += other[c];
    }
  if (operation->relu)
    for (int c = 0; c < n; c++)
      {
        float sum = sums[c] + bias[c];

        sums[c] = sum > 0 ? sum : 0;
      }
  else
    for (int c = 0; c < n; c++)
      sums[c] += bias[c];
}

gboolean
psp_cpu_convolve (PspBackend            *backend,
                  const PspConvolution  *operation,
                  GCancellable          *cancellable,
                  GError               **error)
{
  PspCpuBackend *self = (PspCpuBackend *) backend;

  if (self->method != PSP_CONVOLUTION_DIRECT && psp_cpu_winograd_supports (operation))
    return psp_cpu_winograd_convolve (self, operation, cancellable, error);
  return psp_cpu_direct_convolve (self, operation, cancellable, error);
}
