/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-half-backend.h"

#include "engine/core/psp-floats.h"
#include "engine/core/psp-half.h"
#include "engine/cpu/psp-cpu-operations.h"

/* Numbers that a task converts, about. */
#define TASK_NUMBERS (1 << 16)

typedef struct
{
  PspBuffer  parent;
  guint16   *halves;
} HalfBuffer;

typedef struct
{
  PspBackend  parent;
  PspBackend *wide;
  PspBuffer  *copies; /* (nullable): of @wide, grown when needed: of an operation's maps */
} HalfBackend;

/* Rows of numbers that lie packed in 32 bits and @step apart in 16 bits. */
typedef struct
{
  guint16 *halves;
  float   *floats;
  gsize    n_rows;
  gsize    length; /* of a row */
  gsize    step;
  gboolean narrow; /* to 16 bits */
} Conversion;

static gsize
count_task_rows (const Conversion *self)
{
  return MAX (1, TASK_NUMBERS / self->length);
}

static void
convert_row (const Conversion *self,
             gsize             row,
             gsize             length)
{
  guint16 *halves = self->halves + row * self->step;
  float *floats = self->floats + row * self->length;

  if (self->narrow)
    psp_half_from_floats (halves, floats, length);
  else
    psp_half_to_floats (floats, halves, length);
}

static void
run_task (int      task,
          int      thread,
          gpointer data)
{
  const Conversion *self = data;
  gsize first = task * count_task_rows (self);
  gsize end = MIN (first + count_task_rows (self), self->n_rows);

  if (self->step == self->length)
    convert_row (self, first, (end - first) * self->length);
  else
    for (gsize row = first; row < end; row++)
      convert_row (self, row, self->length);
}

static void
convert (HalfBackend *self,
         Conversion   conversion)
{
  gsize task_rows = count_task_rows (&conversion);

  psp_backend_run_tasks (self->wide, (conversion.n_rows + task_rows - 1) / task_rows, run_task,
                         &conversion);
}

static Conversion
map_conversion (const PspMap *map,
                const PspMap *wide,
                gboolean      narrow)
{
  return (Conversion) {
    .halves = ((HalfBuffer *) map->buffer)->halves + map->offset,
    .floats = psp_cpu_map_data (wide),
    .n_rows = (gsize) map->batch * map->height * map->width,
    .length = wide->pixel_stride,
    .step = map->pixel_stride,
    .narrow = narrow,
  };
}

static void
widen (HalfBackend  *self,
       const PspMap *map,
       const PspMap *wide)
{
  convert (self, map_conversion (map, wide, FALSE));
}

static void
narrow (HalfBackend  *self,
        const PspMap *map,
        const PspMap *wide)
{
  convert (self, map_conversion (map, wide, TRUE));
}

static gsize
reserve (gsize *n_used,
         gsize  n_elements)
{
  gsize offset = *n_used;

  *n_used += (n_elements + PSP_MAP_ALIGNMENT - 1) / PSP_MAP_ALIGNMENT * PSP_MAP_ALIGNMENT;
  return offset;
}

/* Where a packed copy of @map goes; its buffer is told later. */
static PspMap
place_map (const PspMap *map,
           gsize        *n_used)
{
  PspMap wide = *map;

  wide.pixel_stride = psp_channels_pad (map->channels);
  wide.offset = reserve (n_used, (gsize) map->batch * map->height * map->width *
                                 wide.pixel_stride);
  return wide;
}

/* (transfer none): room for @n_elements. */
static PspBuffer *
get_copies (HalfBackend  *self,
            gsize         n_elements,
            GError      **error)
{
  if (self->copies == NULL || self->copies->n_elements < n_elements)
    {
      g_clear_pointer (&self->copies, psp_buffer_free);
      self->copies = psp_backend_buffer_new (self->wide, n_elements,
                                             "32-bit copies of an operation's maps", error);
    }
  return self->copies;
}

static gsize
count_weights (const PspConvolution *operation)
{
  return (gsize) operation->kernel * operation->kernel *
         psp_channels_pad (operation->source.channels) *
         psp_channels_pad (operation->destination.channels);
}

/* The operation on copies, whose buffers are told later; @residual is where its residual goes, if
 * it has one of its own. */
static PspConvolution
place_convolution (const PspConvolution *operation,
                   PspMap               *residual,
                   gsize                *n_used)
{
  PspConvolution wide = *operation;

  wide.source = place_map (&operation->source, n_used);
  wide.destination = place_map (&operation->destination, n_used);
  wide.weights_offset = reserve (n_used, count_weights (operation));
  if (operation->residual != NULL && !psp_convolution_adds_in_place (operation))
    *residual = place_map (operation->residual, n_used);
  return wide;
}

/* Only now, since the addresses are those of the caller's copies of @wide and @residual. */
static void
set_buffers (PspConvolution *wide,
             PspMap         *residual,
             PspBuffer      *copies,
             PspBuffer      *bias,
             gboolean        in_place)
{
  wide->source.buffer = copies;
  wide->destination.buffer = copies;
  wide->weights = copies;
  wide->bias = bias;
  residual->buffer = copies;
  if (wide->residual != NULL)
    wide->residual = in_place ? &wide->destination : residual;
}

static void
widen_weights (HalfBackend          *self,
               const PspConvolution *operation,
               const PspConvolution *wide)
{
  gsize n_outputs = psp_channels_pad (operation->destination.channels);

  convert (self, (Conversion) {
    .halves = ((HalfBuffer *) operation->weights)->halves + operation->weights_offset,
    .floats = (float *) psp_cpu_weights (wide),
    .n_rows = count_weights (operation) / n_outputs,
    .length = n_outputs,
    .step = n_outputs,
  });
  psp_half_to_floats (((PspCpuBuffer *) wide->bias)->data,
                      ((HalfBuffer *) operation->bias)->halves, n_outputs);
}

/* The memory that is lent with @operation, as one of @wide's. */
static PspCpuBuffer
find_lent (HalfBackend          *self,
           const PspConvolution *operation)
{
  gsize n_bytes = psp_backend_count_scratch (&self->parent, operation);

  return (PspCpuBuffer) {
    .parent = { .backend = self->wide, .n_elements = n_bytes / sizeof (float) },
    .data = (float *) (((HalfBuffer *) operation->scratch)->halves + operation->scratch_offset),
  };
}

static gboolean
half_convolve (PspBackend            *backend,
               const PspConvolution  *operation,
               GCancellable          *cancellable,
               GError               **error)
{
  HalfBackend *self = (HalfBackend *) backend;
  gsize n_used = 0;
  PspMap residual = { 0, };
  PspConvolution wide = place_convolution (operation, &residual, &n_used);
  PspCpuBuffer lent = { 0, };
  PspBuffer *copies;
  g_autoptr(PspBuffer) bias = NULL;

  if (operation->scratch != NULL)
    lent = find_lent (self, operation);
  copies = operation->scratch != NULL ? &lent.parent : get_copies (self, n_used, error);
  if (copies == NULL)
    return FALSE;
  bias = psp_backend_buffer_new (self->wide, operation->bias->n_elements, "a bias", error);
  if (bias == NULL)
    return FALSE;

  set_buffers (&wide, &residual, copies, bias, psp_convolution_adds_in_place (operation));
  wide.scratch = operation->scratch != NULL ? copies : NULL;
  wide.scratch_offset = n_used;
  widen (self, &operation->source, &wide.source);
  widen_weights (self, operation, &wide);
  if (operation->residual != NULL)
    widen (self, operation->residual, wide.residual);
  if (!psp_backend_convolve (self->wide, &wide, cancellable, error))
    return FALSE;
  narrow (self, &operation->destination, &wide.destination);
  return TRUE;
}

/* Copies of the maps of an operation with one source, which is widened. */
static gboolean
prepare (HalfBackend  *self,
         PspMap       *source,
         PspMap       *destination,
         GError      **error)
{
  PspMap half_source = *source;
  gsize n_used = 0;
  PspBuffer *copies;

  *source = place_map (source, &n_used);
  *destination = place_map (destination, &n_used);
  copies = get_copies (self, n_used, error);
  if (copies == NULL)
    return FALSE;
  source->buffer = copies;
  destination->buffer = copies;
  widen (self, &half_source, source);
  return TRUE;
}

static gboolean
half_pool (PspBackend        *backend,
           const PspPooling  *operation,
           GCancellable      *cancellable,
           GError           **error)
{
  HalfBackend *self = (HalfBackend *) backend;
  PspPooling wide = *operation;

  if (!prepare (self, &wide.source, &wide.destination, error) ||
      !psp_backend_pool (self->wide, &wide, cancellable, error))
    return FALSE;
  narrow (self, &operation->destination, &wide.destination);
  return TRUE;
}

static gboolean
half_pool_bins (PspBackend           *backend,
                const PspBinPooling  *operation,
                GCancellable         *cancellable,
                GError              **error)
{
  HalfBackend *self = (HalfBackend *) backend;
  PspBinPooling wide = *operation;

  if (!prepare (self, &wide.source, &wide.destination, error) ||
      !psp_backend_pool_bins (self->wide, &wide, cancellable, error))
    return FALSE;
  narrow (self, &operation->destination, &wide.destination);
  return TRUE;
}

static gboolean
half_resize (PspBackend         *backend,
             const PspResizing  *operation,
             GCancellable       *cancellable,
             GError            **error)
{
  HalfBackend *self = (HalfBackend *) backend;
  PspResizing wide = *operation;

  if (!prepare (self, &wide.source, &wide.destination, error) ||
      !psp_backend_resize (self->wide, &wide, cancellable, error))
    return FALSE;
  narrow (self, &operation->destination, &wide.destination);
  return TRUE;
}

static gboolean
half_classify (PspBackend               *backend,
               const PspClassification  *operation,
               GCancellable             *cancellable,
               GError                  **error)
{
  HalfBackend *self = (HalfBackend *) backend;
  PspClassification wide = *operation;

  if (!prepare (self, &wide.source, &wide.destination, error) ||
      !psp_backend_classify (self->wide, &wide, cancellable, error))
    return FALSE;
  narrow (self, &operation->destination, &wide.destination);
  return TRUE;
}

static gsize
half_count_scratch (PspBackend           *backend,
                    const PspConvolution *operation)
{
  HalfBackend *self = (HalfBackend *) backend;
  gsize n_used = 0;
  PspMap residual = { 0, };
  PspConvolution wide = place_convolution (operation, &residual, &n_used);

  set_buffers (&wide, &residual, NULL, NULL, psp_convolution_adds_in_place (operation));
  return n_used * sizeof (float) + psp_backend_count_scratch (self->wide, &wide);
}

static void
half_free (PspBackend *backend)
{
  HalfBackend *self = (HalfBackend *) backend;

  g_clear_pointer (&self->copies, psp_buffer_free);
  psp_backend_unref (self->wide);
  g_free (self);
}

/* Those that take the place of @n_halves. */
static gsize
count_floats (gsize n_halves)
{
  return n_halves / 2 + n_halves % 2;
}

static PspBuffer *
half_buffer_new (PspBackend  *backend,
                 gsize        n_elements,
                 const char  *label,
                 GError     **error)
{
  HalfBuffer *buffer;
  guint16 *halves = (guint16 *) psp_floats_new (count_floats (n_elements));

  if (halves == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory for %s: %.1f MiB", label, n_elements * sizeof *halves / 1048576.0);
      return NULL;
    }
  buffer = g_new0 (HalfBuffer, 1);
  buffer->halves = halves;
  return &buffer->parent;
}

static void
half_buffer_free (PspBuffer *buffer)
{
  psp_floats_free ((float *) ((HalfBuffer *) buffer)->halves, count_floats (buffer->n_elements));
  g_free (buffer);
}

static gboolean
half_upload (PspBackend   *backend,
             PspBuffer    *buffer,
             gsize         offset,
             const float  *floats,
             gsize         n_elements,
             GError      **error)
{
  convert ((HalfBackend *) backend, (Conversion) {
    .halves = ((HalfBuffer *) buffer)->halves + offset,
    .floats = (float *) floats,
    .n_rows = n_elements,
    .length = 1,
    .step = 1,
    .narrow = TRUE,
  });
  return TRUE;
}

static gboolean
half_download (PspBackend  *backend,
               PspBuffer   *buffer,
               gsize        offset,
               float       *floats,
               gsize        n_elements,
               GError     **error)
{
  convert ((HalfBackend *) backend, (Conversion) {
    .halves = ((HalfBuffer *) buffer)->halves + offset,
    .floats = floats,
    .n_rows = n_elements,
    .length = 1,
    .step = 1,
  });
  return TRUE;
}

static PspBuffer *
half_buffer_wrap (PspBackend  *backend,
                  GBytes      *floats,
                  const char  *label,
                  GError     **error)
{
  gsize n_elements = g_bytes_get_size (floats) / sizeof (float);
  PspBuffer *buffer = half_buffer_new (backend, n_elements, label, error);

  if (buffer != NULL)
    half_upload (backend, buffer, 0, g_bytes_get_data (floats, NULL), n_elements, NULL);
  return buffer;
}

/* Products are computed in 32 bits, and a copy does not know of numbers. */
static gboolean
half_measure_ceiling (PspBackend    *backend,
                      PspCeiling    *ceiling,
                      GCancellable  *cancellable,
                      GError       **error)
{
  return psp_backend_measure_ceiling (((HalfBackend *) backend)->wide, ceiling, cancellable,
                                      error);
}

static gboolean
half_finish (PspBackend    *backend,
             GCancellable  *cancellable,
             GError       **error)
{
  return psp_backend_finish (((HalfBackend *) backend)->wide, cancellable, error);
}

static const PspBackendOperations operations = {
  .free = half_free,
  .buffer_new = half_buffer_new,
  .buffer_wrap = half_buffer_wrap,
  .buffer_free = half_buffer_free,
  .upload = half_upload,
  .download = half_download,
  .convolve = half_convolve,
  .pool = half_pool,
  .pool_bins = half_pool_bins,
  .resize = half_resize,
  .classify = half_classify,
  .count_scratch = half_count_scratch,
  .measure_ceiling = half_measure_ceiling,
  .finish = half_finish,
};

PspBackend *
psp_cpu_half_backend_new (PspBackend *wide)
{
  HalfBackend *self = g_new0 (HalfBackend, 1);

  psp_backend_init (&self->parent, &operations, psp_backend_get_device_id (wide),
                    psp_backend_get_device_name (wide), PSP_PRECISION_FP16);
  self->wide = wide;
  self->parent.pool = wide->pool;
  return &self->parent;
}
