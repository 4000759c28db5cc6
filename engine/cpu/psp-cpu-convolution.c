/* SPDX-License-Identifier: MIT */
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

static gboolean
convolve_by (PspCpuBackend         *self,
             PspConvolutionMethod   method,
             const PspConvolution  *operation,
             GCancellable          *cancellable,
             GError               **error)
{
  return method == PSP_CONVOLUTION_WINOGRAD
         ? psp_cpu_winograd_convolve (self, operation, cancellable, error)
         : psp_cpu_direct_convolve (self, operation, cancellable, error);
}

/* The fewest microseconds that each method took; short layers are measured several times. */
static gboolean
measure_methods (PspCpuBackend         *self,
                 const PspConvolution  *operation,
                 gint64                 best_us[N_METHODS],
                 GCancellable          *cancellable,
                 GError               **error)
{
  gint64 start_us = g_get_monotonic_time ();

  for (int round = 0; round < MEASURED_ROUNDS; round++)
    {
      if (g_get_monotonic_time () - start_us > MEASURED_US)
        break;
      for (int i = 0; i < N_METHODS; i++)
        {
          gint64 before_us = g_get_monotonic_time ();
          gint64 us;

          if (!convolve_by (self, methods[i], operation, cancellable, error))
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

/* Measures @operation and remembers the faster method.  If there is no memory for that, Winograd is
 * taken and nothing remembered. */
static gboolean
choose_method (PspCpuBackend         *self,
               const PspConvolution  *operation,
               PspConvolutionMethod  *method,
               GCancellable          *cancellable,
               GError               **error)
{
  PspConvolution trial = *operation;
  g_autoptr(PspBuffer) buffer = NULL;
  gint64 best_us[N_METHODS];

  *method = PSP_CONVOLUTION_WINOGRAD;
  trial.residual = NULL;
  /* A result that is thrown away may not be written where the true one goes. */
  if (psp_cpu_adds_in_place (operation))
    {
      buffer = psp_backend_buffer_new (&self->parent, count_results (operation), "a measurement",
                                       NULL);
      if (buffer == NULL)
        return TRUE;
      trial.destination.buffer = buffer;
      trial.destination.offset = 0;
      trial.destination.pixel_stride = psp_channels_pad (trial.destination.channels);
    }
  if (!measure_methods (self, &trial, best_us, cancellable, error))
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
  n_trial = both && psp_cpu_adds_in_place (operation) ? count_results (operation) : 0;
  return (n_trial + MAX (n_winograd, both ? n_direct : 0)) * sizeof (float);
}

gboolean
psp_cpu_convolve (PspBackend            *backend,
                  const PspConvolution  *operation,
                  GCancellable          *cancellable,
                  GError               **error)
{
  PspCpuBackend *self = (PspCpuBackend *) backend;
  PspConvolutionMethod method = self->method;

  if (!psp_cpu_winograd_supports (operation))
    method = PSP_CONVOLUTION_DIRECT;
  else if (method == PSP_CONVOLUTION_AUTOMATIC)
    method = psp_cpu_choices_find (self->choices, operation);
  if (method == PSP_CONVOLUTION_AUTOMATIC &&
      !choose_method (self, operation, &method, cancellable, error))
    return FALSE;
  return convolve_by (self, method, operation, cancellable, error);
}
