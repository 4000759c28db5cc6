/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-vectorised.h"
#include "engine/cpu/psp-cpu-direct.h"
#include "engine/cpu/psp-cpu-winograd.h"

/* What is measured against each other. */
#define N_METHODS 2

static const PspConvolutionMethod methods[N_METHODS] = {
  PSP_CONVOLUTION_WINOGRAD, PSP_CONVOLUTION_DIRECT
};

/* A layer is measured so often, but not again after so many microseconds. */
#define MEASURED_ROUNDS 5
#define MEASURED_US 50000

PSP_VECTORISED void
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

static gboolean
convolve_by (PspCpuBackend         *self,
             PspConvolutionMethod   method,
             const PspConvolution  *operation,
             float                 *scratch,
             gboolean               keep,
             GCancellable          *cancellable,
             GError               **error)
{
  return method == PSP_CONVOLUTION_WINOGRAD
         ? psp_cpu_winograd_convolve (self, operation, scratch, keep, cancellable, error)
         : psp_cpu_direct_convolve (self, operation, scratch, cancellable, error);
}

/* The fewest microseconds that each method took, at least once; short layers are measured several
 * times.  No weights are kept meanwhile: the choice shall not depend on memory. */
static gboolean
measure_methods (PspCpuBackend         *self,
                 const PspConvolution  *operation,
                 float                 *scratch,
                 gint64                 best_us[N_METHODS],
                 GCancellable          *cancellable,
                 GError               **error)
{
  gint64 start_us = g_get_monotonic_time ();

  for (int round = 0; round < MEASURED_ROUNDS; round++)
    {
      if (round > 0 && g_get_monotonic_time () - start_us > MEASURED_US)
        break;
      for (int i = 0; i < N_METHODS; i++)
        {
          gint64 before_us = g_get_monotonic_time ();
          gint64 us;

          if (!convolve_by (self, methods[i], operation, scratch, FALSE, cancellable, error))
            return FALSE;
          us = g_get_monotonic_time () - before_us;
          best_us[i] = round == 0 ? us : MIN (best_us[i], us);
        }
    }
  return TRUE;
}

/* Elements of the destination, packed. */
static gsize
count_results (const PspConvolution *operation)
{
  const PspMap *destination = &operation->destination;

  return (gsize) destination->batch * destination->height * destination->width *
         psp_channels_pad (destination->channels);
}

/* Measures @operation and remembers the faster method. */
static gboolean
choose_method (PspCpuBackend         *self,
               const PspConvolution  *operation,
               float                 *scratch,
               PspConvolutionMethod  *method,
               GCancellable          *cancellable,
               GError               **error)
{
  PspConvolution trial = *operation;
  PspCpuBuffer results = { .data = scratch };
  gint64 best_us[N_METHODS];

  trial.residual = NULL;
  /* A result that is thrown away may not be written where the true one goes. */
  if (psp_convolution_adds_in_place (operation))
    {
      trial.destination.buffer = &results.parent;
      trial.destination.offset = 0;
      trial.destination.pixel_stride = psp_channels_pad (trial.destination.channels);
      scratch += count_results (operation);
    }
  if (!measure_methods (self, &trial, scratch, best_us, cancellable, error))
    return FALSE;
  *method = psp_cpu_choices_add (self->choices, operation,
                                 methods[best_us[0] <= best_us[1] ? 0 : 1]);
  return TRUE;
}

/* What is remembered does not count: what a layer takes shall be the same each time. */
gsize
psp_cpu_count_scratch (PspBackend           *backend,
                       const PspConvolution *operation)
{
  PspCpuBackend *self = (PspCpuBackend *) backend;
  gboolean both = self->method == PSP_CONVOLUTION_AUTOMATIC;
  gsize n_direct = psp_cpu_direct_count_scratch (self, operation);
  gsize n_winograd, n_trial;

  if (self->method == PSP_CONVOLUTION_DIRECT || !psp_cpu_winograd_supports (operation))
    return n_direct * sizeof (float);
  n_winograd = psp_cpu_winograd_count_scratch (operation);
  n_trial = both && psp_convolution_adds_in_place (operation) ? count_results (operation) : 0;
  return (n_trial + MAX (n_winograd, both ? n_direct : 0)) * sizeof (float);
}

/* The memory that the caller lends, or our own; %NULL if none is needed. */
static gboolean
find_scratch (PspCpuBackend         *self,
              const PspConvolution  *operation,
              float                **scratch,
              GError               **error)
{
  gsize n_bytes = psp_cpu_count_scratch (&self->parent, operation);

  *scratch = NULL;
  if (n_bytes == 0)
    return TRUE;
  *scratch = operation->scratch != NULL
             ? ((PspCpuBuffer *) operation->scratch)->data + operation->scratch_offset
             : psp_cpu_get_scratch (self, n_bytes / sizeof (float), error);
  return *scratch != NULL;
}

gboolean
psp_cpu_convolve (PspBackend            *backend,
                  const PspConvolution  *operation,
                  GCancellable          *cancellable,
                  GError               **error)
{
  PspCpuBackend *self = (PspCpuBackend *) backend;
  PspConvolutionMethod method = self->method;
  float *scratch;

  if (!find_scratch (self, operation, &scratch, error))
    return FALSE;
  if (!psp_cpu_winograd_supports (operation))
    method = PSP_CONVOLUTION_DIRECT;
  else if (method == PSP_CONVOLUTION_AUTOMATIC)
    method = psp_cpu_choices_find (self->choices, operation);
  if (method == PSP_CONVOLUTION_AUTOMATIC &&
      !choose_method (self, operation, scratch, &method, cancellable, error))
    return FALSE;
  return convolve_by (self, method, operation, scratch, TRUE, cancellable, error);
}
