/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-backend.h"

void
psp_backend_init (PspBackend                 *self,
                  const PspBackendOperations *operations,
                  const char                 *device_id,
                  const char                 *device_name,
                  PspPrecision                precision)
{
  self->operations = operations;
  self->device_id = g_strdup (device_id);
  self->device_name = g_strdup (device_name);
  self->precision = precision;
  psp_lock_init (&self->lock);
  g_atomic_ref_count_init (&self->ref_count);
}

PspBackend *
psp_backend_ref (PspBackend *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_backend_unref (PspBackend *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->device_id, g_free);
  g_clear_pointer (&self->device_name, g_free);
  psp_lock_clear (&self->lock);
  self->operations->free (self);
}

const char *
psp_backend_get_device_id (const PspBackend *self)
{
  return self->device_id;
}

const char *
psp_backend_get_device_name (const PspBackend *self)
{
  return self->device_name;
}

PspPrecision
psp_backend_get_precision (const PspBackend *self)
{
  return self->precision;
}

gboolean
psp_convolution_adds_in_place (const PspConvolution *self)
{
  return self->residual != NULL && self->residual->buffer == self->destination.buffer &&
         self->residual->offset == self->destination.offset;
}

const char *
psp_precision_get_name (PspPrecision precision)
{
  return precision == PSP_PRECISION_FP16 ? "fp16" : "fp32";
}

int
psp_backend_get_element_bytes (const PspBackend *self)
{
  return self->precision == PSP_PRECISION_FP16 ? 2 : 4;
}

PspLockHolder *
psp_backend_hold (PspBackend    *self,
                  GCancellable  *cancellable,
                  GError       **error)
{
  return psp_lock_hold (&self->lock, cancellable, error);
}

static PspBuffer *
adopt_buffer (PspBackend *self,
              PspBuffer  *buffer,
              gsize       n_elements)
{
  if (buffer == NULL)
    return NULL;
  buffer->backend = psp_backend_ref (self);
  buffer->n_elements = n_elements;
  return buffer;
}

PspBuffer *
psp_backend_buffer_new (PspBackend  *self,
                        gsize        n_elements,
                        const char  *label,
                        GError     **error)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);

  g_return_val_if_fail (n_elements > 0, NULL);

  return adopt_buffer (self, self->operations->buffer_new (self, n_elements, label, error),
                       n_elements);
}

PspBuffer *
psp_backend_buffer_wrap (PspBackend  *self,
                         GBytes      *floats,
                         const char  *label,
                         GError     **error)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);
  gsize n_elements = g_bytes_get_size (floats) / sizeof (float);

  g_return_val_if_fail (n_elements > 0, NULL);

  return adopt_buffer (self, self->operations->buffer_wrap (self, floats, label, error),
                       n_elements);
}

void
psp_buffer_free (PspBuffer *self)
{
  PspBackend *backend = self->backend;
  PspLockHolder *holder = psp_lock_hold (&backend->lock, NULL, NULL);

  backend->operations->buffer_free (self);
  psp_lock_release (holder);
  psp_backend_unref (backend);
}

static gboolean
check_range (const PspBuffer  *buffer,
             gsize             offset,
             gsize             n_elements,
             GError          **error)
{
  if (offset <= buffer->n_elements && n_elements <= buffer->n_elements - offset)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
               "elements %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT " lie outside a buffer of %"
               G_GSIZE_FORMAT, offset, offset + n_elements, buffer->n_elements);
  return FALSE;
}

gboolean
psp_backend_upload (PspBackend   *self,
                    PspBuffer    *buffer,
                    gsize         offset,
                    const float  *floats,
                    gsize         n_elements,
                    GError      **error)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);

  return check_range (buffer, offset, n_elements, error) &&
         self->operations->upload (self, buffer, offset, floats, n_elements, error);
}

gboolean
psp_backend_download (PspBackend  *self,
                      PspBuffer   *buffer,
                      gsize        offset,
                      float       *floats,
                      gsize        n_elements,
                      GError     **error)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);

  return check_range (buffer, offset, n_elements, error) &&
         self->operations->download (self, buffer, offset, floats, n_elements, error);
}

static gboolean
check_map (const PspMap  *map,
           const char    *role,
           GError       **error)
{
  gsize n_pixels = (gsize) map->batch * map->height * map->width;

  if (map->batch >= 1 && map->height >= 1 && map->width >= 1 && map->channels >= 1 &&
      map->offset % PSP_CHANNEL_ALIGNMENT == 0 &&
      map->pixel_stride % PSP_CHANNEL_ALIGNMENT == 0 &&
      psp_channels_pad (map->channels) <= map->pixel_stride &&
      map->offset + n_pixels * map->pixel_stride <= map->buffer->n_elements)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
               "the %s map %d x %d x %d x %d does not fit its buffer", role,
               map->batch, map->height, map->width, map->channels);
  return FALSE;
}

static gboolean
check_agree (gboolean     agree,
             const char  *operation,
             GError     **error)
{
  if (!agree)
    g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                 "the shapes of a %s do not fit together", operation);
  return agree;
}

static gboolean
check_weights (const PspConvolution  *operation,
               GError               **error)
{
  gsize n_inputs = (gsize) operation->kernel * operation->kernel *
                   psp_channels_pad (operation->source.channels);
  gsize n_outputs = psp_channels_pad (operation->destination.channels);

  return check_agree (operation->weights_offset % PSP_MAP_ALIGNMENT == 0 &&
                      operation->bias->n_elements == n_outputs, "convolution", error) &&
         check_range (operation->weights, operation->weights_offset, n_inputs * n_outputs, error);
}

static gboolean
check_scratch (PspBackend            *self,
               const PspConvolution  *operation,
               GError               **error)
{
  return operation->scratch == NULL ||
         (check_agree (operation->scratch_offset % PSP_MAP_ALIGNMENT == 0, "convolution", error) &&
          check_range (operation->scratch, operation->scratch_offset,
                       psp_backend_count_scratch (self, operation) /
                       psp_backend_get_element_bytes (self), error));
}

static int
output_length (int length,
               int kernel,
               int stride,
               int padding,
               int dilation)
{
  return (length + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
}

static gboolean
same_shape (const PspMap *a,
            const PspMap *b)
{
  return a->batch == b->batch && a->height == b->height && a->width == b->width &&
         a->channels == b->channels;
}

gboolean
psp_backend_convolve (PspBackend            *self,
                      const PspConvolution  *operation,
                      GCancellable          *cancellable,
                      GError               **error)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);
  const PspMap *source = &operation->source;
  const PspMap *destination = &operation->destination;

  return check_map (source, "source", error) &&
         check_map (destination, "destination", error) &&
         (operation->residual == NULL ||
          (check_map (operation->residual, "residual", error) &&
           check_agree (same_shape (operation->residual, destination), "residual", error))) &&
         check_agree (operation->kernel >= 1 && operation->stride >= 1 &&
                      operation->padding >= 0 && operation->dilation >= 1 &&
                      source->batch == destination->batch &&
                      destination->height == output_length (source->height, operation->kernel,
                                                            operation->stride, operation->padding,
                                                            operation->dilation) &&
                      destination->width == output_length (source->width, operation->kernel,
                                                           operation->stride, operation->padding,
                                                           operation->dilation),
                      "convolution", error) &&
         check_weights (operation, error) &&
         check_scratch (self, operation, error) &&
         self->operations->convolve (self, operation, cancellable, error);
}

/* Whether windows over @length make @count; the last of them may reach beyond the padding. */
static gboolean
is_window_count (int               count,
                 int               length,
                 const PspPooling *operation)
{
  int n_full = output_length (length, operation->kernel, operation->stride, operation->padding, 1);

  return count == n_full ||
         (count == n_full + 1 && n_full * operation->stride - operation->padding < length);
}

gboolean
psp_backend_pool (PspBackend        *self,
                  const PspPooling  *operation,
                  GCancellable      *cancellable,
                  GError           **error)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);
  const PspMap *source = &operation->source;
  const PspMap *destination = &operation->destination;

  return check_map (source, "source", error) &&
         check_map (destination, "destination", error) &&
         check_agree (operation->kernel >= 1 && operation->stride >= 1 &&
                      operation->padding >= 0 && operation->padding < operation->kernel &&
                      source->batch == destination->batch &&
                      source->channels == destination->channels &&
                      is_window_count (destination->height, source->height, operation) &&
                      is_window_count (destination->width, source->width, operation),
                      "maximum pooling", error) &&
         self->operations->pool (self, operation, cancellable, error);
}

gboolean
psp_backend_pool_bins (PspBackend           *self,
                       const PspBinPooling  *operation,
                       GCancellable         *cancellable,
                       GError              **error)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);
  const PspMap *source = &operation->source;
  const PspMap *destination = &operation->destination;

  return check_map (source, "source", error) &&
         check_map (destination, "destination", error) &&
         check_agree (source->batch == destination->batch &&
                      source->channels == destination->channels &&
                      destination->height == destination->width, "bin pooling", error) &&
         self->operations->pool_bins (self, operation, cancellable, error);
}

gboolean
psp_backend_resize (PspBackend         *self,
                    const PspResizing  *operation,
                    GCancellable       *cancellable,
                    GError            **error)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);

  return check_map (&operation->source, "source", error) &&
         check_map (&operation->destination, "destination", error) &&
         check_agree (operation->source.batch == operation->destination.batch &&
                      operation->source.channels == operation->destination.channels,
                      "resizing", error) &&
         self->operations->resize (self, operation, cancellable, error);
}

/* Halves hold whole numbers up to here. */
#define MAX_CLASSES_FP16 2048

gboolean
psp_backend_classify (PspBackend               *self,
                      const PspClassification  *operation,
                      GCancellable             *cancellable,
                      GError                  **error)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);
  const PspMap *source = &operation->source;
  const PspMap *destination = &operation->destination;

  if (self->precision == PSP_PRECISION_FP16 && source->channels > MAX_CLASSES_FP16)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "16-bit numbers cannot tell %d classes apart; use --precision fp32",
                   source->channels);
      return FALSE;
    }
  return check_map (source, "source", error) &&
         check_map (destination, "destination", error) &&
         check_agree (source->batch == destination->batch &&
                      operation->n_top >= 1 && operation->n_top <= source->channels &&
                      destination->channels == (operation->probabilities ? 2 : 1) *
                                               operation->n_top &&
                      destination->width <= operation->full.width &&
                      operation->first_row >= 0 &&
                      operation->first_row <= operation->full.height - destination->height,
                      "classification", error) &&
         self->operations->classify (self, operation, cancellable, error);
}

void
psp_backend_run_tasks (PspBackend  *self,
                       int          n_tasks,
                       PspTaskFunc  func,
                       gpointer     data)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);

  if (self->pool != NULL)
    psp_thread_pool_run (self->pool, n_tasks, func, data);
  else
    for (int i = 0; i < n_tasks; i++)
      func (i, 0, data);
}

void
psp_backend_keep_weights (PspBackend *self,
                          gsize       n_bytes)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);

  if (self->operations->keep_weights != NULL)
    self->operations->keep_weights (self, n_bytes);
}

gsize
psp_backend_count_scratch (PspBackend           *self,
                           const PspConvolution *operation)
{
  return self->operations->count_scratch != NULL
         ? self->operations->count_scratch (self, operation) : 0;
}

gsize
psp_backend_get_transfer_bytes (const PspBackend *self)
{
  return self->transfer_bytes;
}

gboolean
psp_backend_measure_ceiling (PspBackend    *self,
                             PspCeiling    *ceiling,
                             GCancellable  *cancellable,
                             GError       **error)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);

  return self->operations->measure_ceiling (self, ceiling, cancellable, error);
}

gboolean
psp_backend_finish (PspBackend    *self,
                    GCancellable  *cancellable,
                    GError       **error)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);

  return self->operations->finish (self, cancellable, error);
}

gboolean
psp_backend_begin_recording (PspBackend    *self,
                             PspRecording **recording,
                             GError       **error)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);

  *recording = NULL;
  if (self->operations->begin_recording == NULL)
    return TRUE;

  *recording = self->operations->begin_recording (self, error);
  if (*recording == NULL)
    return FALSE;
  (*recording)->backend = psp_backend_ref (self);
  return TRUE;
}

void
psp_backend_end_recording (PspBackend   *self,
                           PspRecording *recording,
                           gboolean      complete)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);

  if (recording == NULL)
    return;
  self->operations->end_recording (self);
  recording->complete = complete;
}

void
psp_recording_free (PspRecording *self)
{
  PspBackend *backend;
  PspLockHolder *holder;

  if (self == NULL)
    return;
  backend = self->backend;
  holder = psp_lock_hold (&backend->lock, NULL, NULL);
  backend->operations->recording_free (self);
  psp_lock_release (holder);
  psp_backend_unref (backend);
}

gboolean
psp_recording_suits (const PspRecording *self)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = NULL;

  if (self == NULL || !self->complete)
    return FALSE;
  holder = psp_lock_hold (&self->backend->lock, NULL, NULL);
  return self->backend->operations->recording_suits (self);
}

gboolean
psp_recording_replay (PspRecording  *self,
                      PspProgress    progress,
                      GCancellable  *cancellable,
                      GError       **error)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED =
    psp_lock_hold (&self->backend->lock, NULL, NULL);

  return self->backend->operations->replay (self, progress, cancellable, error);
}
