/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-ceiling.h"

#include "engine/vulkan/psp-vulkan-operations.h"

/* Depth and columns of a product, as of a wide layer; and its rows: so many at most in one
 * dispatch, which are several work-groups for each core of a large device. */
#define SIDE 1024
#define FIRST_ROWS 1024
#define MAX_ROWS 16384

/* Bytes of a copy: far more than the caches of a device hold. */
#define COPY_BYTES ((gsize) 256 << 20)

/* A run of so many seconds is long enough that handing it over does not count.  After a shorter one
 * comes one of twice the work, up to so many times the first. */
#define ENOUGH_SECONDS 0.05
#define MAX_GROWTH 4096

/* Runs that are long enough; the fastest of all counts. */
#define N_RUNS 3

/* Numbers that are uploaded at a time. */
#define N_PATTERN ((gsize) 1 << 20)

typedef struct
{
  PspVulkanBackend *backend;
  PspBuffer        *source;
  PspBuffer        *destination;
  PspBuffer        *weights;
  PspBuffer        *bias;
} Measurement;

/* Hands @n rows to multiply, or @n copies, to the device. */
typedef gboolean (*RecordFunc) (const Measurement  *self,
                                gint64              n,
                                GCancellable       *cancellable,
                                GError            **error);

static void
clear_measurement (Measurement *self)
{
  g_clear_pointer (&self->source, psp_buffer_free);
  g_clear_pointer (&self->destination, psp_buffer_free);
  g_clear_pointer (&self->weights, psp_buffer_free);
  g_clear_pointer (&self->bias, psp_buffer_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Measurement, clear_measurement)

/* (transfer full): memory that was written: what never was may not be there. */
static PspBuffer *
make_buffer (PspVulkanBackend  *backend,
             gsize              n_elements,
             GError           **error)
{
  g_autoptr(PspBuffer) buffer =
    psp_backend_buffer_new (&backend->parent, n_elements, "measurement of the ceiling", error);
  g_autofree float *pattern = g_new (float, N_PATTERN);

  for (gsize i = 0; i < N_PATTERN; i++)
    pattern[i] = (float) (i % 7) - 3;
  for (gsize done = 0; buffer != NULL && done < n_elements; done += N_PATTERN)
    if (!psp_backend_upload (&backend->parent, buffer, done, pattern,
                             MIN (N_PATTERN, n_elements - done), error))
      return NULL;
  return g_steal_pointer (&buffer);
}

static gboolean
make_buffers (Measurement  *self,
              GError      **error)
{
  gsize n_elements = COPY_BYTES / self->backend->device->element_bytes;

  self->source = make_buffer (self->backend, n_elements, error);
  self->destination = self->source != NULL ? make_buffer (self->backend, n_elements, error) : NULL;
  self->weights = self->destination != NULL ? make_buffer (self->backend, SIDE * SIDE, error)
                                            : NULL;
  self->bias = self->weights != NULL ? make_buffer (self->backend, SIDE, error) : NULL;
  return self->bias != NULL;
}

static gboolean
record_products (const Measurement  *self,
                 gint64              n,
                 GCancellable       *cancellable,
                 GError            **error)
{
  PspConvolution product = {
    .weights = self->weights, .bias = self->bias, .kernel = 1, .stride = 1, .dilation = 1,
  };

  for (; n > 0; n -= MAX_ROWS)
    {
      int n_rows = MIN (n, MAX_ROWS);

      product.source = (PspMap) { self->source, 0, 1, 1, n_rows, SIDE, SIDE };
      product.destination = (PspMap) { self->destination, 0, 1, 1, n_rows, SIDE, SIDE };
      if (!psp_vulkan_convolve (self->backend, &product, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
record_copies (const Measurement  *self,
               gint64              n,
               GCancellable       *cancellable,
               GError            **error)
{
  PspVulkanRange source = {
    ((PspVulkanBuffer *) self->source)->memory->buffer, 0, COPY_BYTES
  };
  PspVulkanRange destination = {
    ((PspVulkanBuffer *) self->destination)->memory->buffer, 0, COPY_BYTES
  };

  for (; n > 0; n--)
    if (!psp_vulkan_stream_copy (self->backend->stream, &source, &destination, error))
      return FALSE;
  return TRUE;
}

/* The most of what @record counts in a second, beginning with @first of it at a time. */
static gboolean
find_rate (const Measurement  *self,
           RecordFunc          record,
           gint64              first,
           double             *rate,
           GCancellable       *cancellable,
           GError            **error)
{
  gint64 n = first;

  *rate = 0;
  for (int n_left = N_RUNS; n_left > 0;)
    {
      gint64 start_us = g_get_monotonic_time ();
      double seconds;

      if (!record (self, n, cancellable, error) ||
          !psp_vulkan_stream_finish (self->backend->stream, cancellable, error))
        return FALSE;
      seconds = MAX (1, g_get_monotonic_time () - start_us) / 1e6;
      *rate = MAX (*rate, (double) n / seconds);
      if (seconds < ENOUGH_SECONDS && n < first * MAX_GROWTH)
        n *= 2;
      else
        n_left--;
    }
  return TRUE;
}

gboolean
psp_vulkan_measure_ceiling (PspVulkanBackend  *backend,
                            PspCeiling        *ceiling,
                            GCancellable      *cancellable,
                            GError           **error)
{
  g_auto(Measurement) self = { .backend = backend };
  double row_rate, copy_rate;

  if (!make_buffers (&self, error) ||
      !find_rate (&self, record_products, FIRST_ROWS, &row_rate, cancellable, error) ||
      !find_rate (&self, record_copies, 1, &copy_rate, cancellable, error))
    {
      /* What was recorded goes before the buffers that it uses. */
      psp_vulkan_stream_abandon (backend->stream);
      return FALSE;
    }
  *ceiling = (PspCeiling) {
    .product_rate = row_rate * SIDE * SIDE,
    .product_means = "the fastest of our kernels; Vulkan has no library",
    .copy_rate = 2 * copy_rate * COPY_BYTES,
    .copy_means = "vkCmdCopyBuffer",
  };
  return TRUE;
}
