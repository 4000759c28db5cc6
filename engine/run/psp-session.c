/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-session.h"

#include "engine/run/psp-arena.h"

#include <math.h>

/* One layer that runs. */
typedef struct
{
  const PspLayer *layer;
  PspPyramid     *pyramid; /* (nullable): of a %PSP_LAYER_PYRAMID */
  gint64          macs;
} Step;

/* What is copied into the input at once, in elements. */
#define PIECE_ELEMENTS (1 << 18)

struct _PspSession
{
  PspWeights     *weights;
  const PspGraph *graph;   /* of the weights */
  int             batch;
  PspSize        *sizes;   /* of every value */
  GArray         *steps;   /* Step, in the order of the layers */
  int            *shared;  /* of every value: whose place is its place too; -1: its own */
  PspArenaValue  *places;  /* of every value, then of each step's scratch memory */
  GArray         *pieces;  /* gsize: elements of each piece of the arena */
  GPtrArray      *arena;   /* (nullable) PspBuffer: its pieces, from the first run on */
  PspRecording   *recording; /* (nullable): of the steps */
  gint64          macs;
};

static void
clear_step (gpointer data)
{
  g_clear_pointer (&((Step *) data)->pyramid, psp_pyramid_free);
}

static Step *
get_step (const PspSession *self,
          guint             index)
{
  return &g_array_index (self->steps, Step, index);
}

/* How many values a step reads beside its residual. */
static int
count_sources (const Step *step)
{
  return step->pyramid != NULL ? psp_pyramid_get_n_inputs (step->pyramid) : 1;
}

static int
get_source (const Step *step,
            int         index)
{
  return step->pyramid != NULL ? psp_pyramid_get_input (step->pyramid, index)
                               : step->layer->source;
}

static Step
plan_step (const PspSession       *self,
           const PspLayer         *layer,
           const PspSessionParams *params)
{
  Step step = { .layer = layer };

  if (layer->kind == PSP_LAYER_PYRAMID)
    {
      step.pyramid = psp_pyramid_new (&(PspPyramidParams) {
        .backend = psp_weights_get_backend (self->weights), .graph = self->graph, .layer = layer,
        .sizes = self->sizes, .batch = self->batch, .fold = params->fold,
        .n_left_out = params->n_left_out, .left_out = params->left_out
      });
      step.macs = psp_pyramid_count_macs (step.pyramid);
    }
  else
    step.macs = self->batch * psp_graph_count_macs (self->graph, layer, self->sizes);
  return step;
}

/* Walks backwards from the wanted values and keeps the layers that they need. */
static void
choose_steps (PspSession             *self,
              const PspSessionParams *params)
{
  g_autofree gboolean *needed = g_new0 (gboolean, psp_graph_get_n_values (self->graph));

  for (int i = 0; i < params->n_wanted; i++)
    needed[params->wanted[i]] = TRUE;
  for (int i = psp_graph_get_n_layers (self->graph) - 1; i >= 0; i--)
    {
      const PspLayer *layer = psp_graph_get_layer (self->graph, i);
      Step step;

      if (!needed[layer->destination])
        continue;
      step = plan_step (self, layer, params);
      for (int k = 0; k < count_sources (&step); k++)
        needed[get_source (&step, k)] = TRUE;
      if (layer->residual >= 0)
        needed[layer->residual] = TRUE;
      g_array_prepend_val (self->steps, step);
      self->macs += step.macs;
    }
}

static void
use_value (PspSession *self,
           int         value,
           int         step)
{
  PspArenaValue *place = &self->places[value];
  PspSize size = self->sizes[value];

  if (place->n_elements == 0)
    place->first_step = step;
  place->last_step = MAX (place->last_step, step);
  place->n_elements = (gsize) self->batch * size.width * size.height *
                      psp_channels_pad (psp_graph_get_value (self->graph, value)->channels);
}

/* The value whose place @value shares; its own index if it has one. */
static int
find_place (const PspSession *self,
            int               value)
{
  return self->shared[value] >= 0 ? self->shared[value] : value;
}

/* (nullable): where @place lies; %NULL: nothing is allocated yet */
static PspBuffer *
get_piece (const PspSession    *self,
           const PspArenaValue *place)
{
  return self->arena != NULL ? g_ptr_array_index (self->arena, place->piece) : NULL;
}

static PspMap
map_of (const PspSession *self,
        int               index)
{
  int channels = psp_graph_get_value (self->graph, index)->channels;
  const PspArenaValue *place = &self->places[find_place (self, index)];

  return (PspMap) {
    .buffer = get_piece (self, place),
    .offset = place->offset,
    .batch = self->batch,
    .height = self->sizes[index].height,
    .width = self->sizes[index].width,
    .channels = channels,
    .pixel_stride = psp_channels_pad (channels),
  };
}

static PspArenaValue *
get_scratch (const PspSession *self,
             int               step)
{
  return &self->places[psp_graph_get_n_values (self->graph) + step];
}

/* @residual: (nullable): is part of the result. */
static PspConvolution
make_convolution (const PspSession *self,
                  int               step,
                  const PspMap     *residual)
{
  const PspLayer *layer = get_step (self, step)->layer;
  const PspArenaValue *scratch = get_scratch (self, step);

  return (PspConvolution) {
    .source = map_of (self, layer->source),
    .destination = map_of (self, layer->destination),
    .residual = residual,
    .weights = psp_weights_get_buffer (self->weights, layer->weights),
    .bias = psp_weights_get_buffer (self->weights, layer->bias),
    .kernel = layer->kernel,
    .stride = layer->stride,
    .padding = layer->padding,
    .dilation = layer->dilation,
    .relu = layer->relu,
    .scratch = scratch->n_elements > 0 ? get_piece (self, scratch) : NULL,
    .scratch_offset = scratch->offset,
  };
}

/* Lets a step's result lie where its residual lies, if nothing else needs that any more. */
static void
share_residual (PspSession *self,
                int         index)
{
  const Step *step = get_step (self, index);
  int residual = step->layer->residual;
  int destination = step->layer->destination;
  PspArenaValue *place;

  if (residual < 0)
    return;
  place = &self->places[find_place (self, residual)];
  if (place->last_step > index ||
      place->n_elements != self->places[destination].n_elements)
    return;
  for (int i = 0; i < count_sources (step); i++)
    if (find_place (self, get_source (step, i)) == find_place (self, residual))
      return;
  self->shared[destination] = find_place (self, residual);
  place->last_step = self->places[destination].last_step;
  self->places[destination].n_elements = 0;
}

/* Scratch memory shares that of values which are not needed meanwhile.  Nothing has its place yet:
 * all that counts of a residual is whether it lies elsewhere. */
static void
place_scratch (PspSession *self,
               int         step)
{
  PspBackend *backend = psp_weights_get_backend (self->weights);
  const PspLayer *layer = get_step (self, step)->layer;
  PspMap residual = map_of (self, layer->destination);
  PspConvolution operation;

  if (layer->kind != PSP_LAYER_CONVOLUTION)
    return;
  if (self->shared[layer->destination] < 0)
    residual.offset += PSP_MAP_ALIGNMENT;
  operation = make_convolution (self, step, layer->residual >= 0 ? &residual : NULL);
  *get_scratch (self, step) = (PspArenaValue) {
    .n_elements = psp_backend_count_scratch (backend, &operation) /
                  psp_backend_get_element_bytes (backend),
    .first_step = step, .last_step = step,
  };
}

/* (transfer full): the elements of each piece of the arena. */
static GArray *
place_values (PspSession             *self,
              const PspSessionParams *params)
{
  int n_steps = self->steps->len;

  use_value (self, 0, 0);
  for (int i = 0; i < n_steps; i++)
    {
      const Step *step = get_step (self, i);

      for (int k = 0; k < count_sources (step); k++)
        use_value (self, get_source (step, k), i);
      if (step->layer->residual >= 0)
        use_value (self, step->layer->residual, i);
      use_value (self, step->layer->destination, i);
    }
  for (int i = 0; i < params->n_wanted; i++)
    use_value (self, params->wanted[i], n_steps);
  for (int i = 0; i < n_steps; i++)
    {
      share_residual (self, i);
      place_scratch (self, i);
    }

  return psp_arena_place (self->places, psp_graph_get_n_values (self->graph) + n_steps,
                          PSP_MAP_ALIGNMENT,
                          psp_weights_get_backend (self->weights)->max_buffer_elements);
}

static gboolean
make_buffers (PspSession  *self,
              GError     **error)
{
  self->arena = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_buffer_free);
  for (guint i = 0; i < self->pieces->len; i++)
    {
      PspBuffer *piece = psp_backend_buffer_new (psp_weights_get_backend (self->weights),
                                                 g_array_index (self->pieces, gsize, i),
                                                 "activations", error);

      if (piece == NULL)
        return FALSE;
      g_ptr_array_add (self->arena, piece);
    }
  for (guint i = 0; i < self->steps->len; i++)
    if (get_step (self, i)->pyramid != NULL &&
        !psp_pyramid_allocate (get_step (self, i)->pyramid, self->weights, error))
      return FALSE;
  return TRUE;
}

/* All memory of a run, unless it is there; after a failure there is none. */
static gboolean
allocate (PspSession  *self,
          GError     **error)
{
  PspSize input = self->sizes[0];

  if (self->arena != NULL || make_buffers (self, error))
    return TRUE;

  for (guint i = 0; i < self->steps->len; i++)
    if (get_step (self, i)->pyramid != NULL)
      psp_pyramid_release (get_step (self, i)->pyramid);
  g_clear_pointer (&self->arena, g_ptr_array_unref);
  g_prefix_error (error, "%d x %d pixels: ", input.width, input.height);
  return FALSE;
}

PspSession *
psp_session_new (PspWeights             *weights,
                 const PspSessionParams *params)
{
  PspSession *self;

  g_return_val_if_fail (params->batch >= 1 && params->n_wanted >= 1, NULL);

  self = g_new0 (PspSession, 1);
  self->weights = weights;
  self->graph = psp_weights_get_graph (weights);
  self->batch = params->batch;
  self->sizes = psp_graph_infer_sizes (self->graph, params->input);
  self->steps = g_array_new (FALSE, FALSE, sizeof (Step));
  g_array_set_clear_func (self->steps, clear_step);
  choose_steps (self, params);
  self->shared = g_new (int, psp_graph_get_n_values (self->graph));
  for (int i = 0; i < psp_graph_get_n_values (self->graph); i++)
    self->shared[i] = -1;
  self->places = g_new0 (PspArenaValue, psp_graph_get_n_values (self->graph) + self->steps->len);
  self->pieces = place_values (self, params);
  return self;
}

void
psp_session_free (PspSession *self)
{
  g_clear_pointer (&self->recording, psp_recording_free);
  g_clear_pointer (&self->arena, g_ptr_array_unref);
  g_array_unref (self->pieces);
  g_array_unref (self->steps);
  g_free (self->places);
  g_free (self->shared);
  g_free (self->sizes);
  g_free (self);
}

gsize
psp_session_get_bytes (const PspSession *self)
{
  PspBackend *backend = psp_weights_get_backend (self->weights);
  gsize n_elements = 0;

  for (guint i = 0; i < self->pieces->len; i++)
    n_elements += g_array_index (self->pieces, gsize, i);
  for (guint i = 0; i < self->steps->len; i++)
    if (get_step (self, i)->pyramid != NULL)
      n_elements += psp_pyramid_count_elements (get_step (self, i)->pyramid);
  return n_elements * psp_backend_get_element_bytes (backend);
}

int
psp_session_get_n_steps (const PspSession *self)
{
  return self->steps->len;
}

gint64
psp_session_get_macs (const PspSession *self)
{
  return self->macs;
}

/* Elements of a value in memory. */
static gint64
count_elements (const PspSession *self,
                int               value)
{
  PspSize size = self->sizes[value];

  return (gint64) self->batch * size.width * size.height *
         psp_channels_pad (psp_graph_get_value (self->graph, value)->channels);
}

static gint64
count_weights (GBytes *weights)
{
  return weights != NULL ? g_bytes_get_size (weights) / sizeof (float) : 0;
}

PspSessionStep
psp_session_get_step (const PspSession *self,
                      int               index)
{
  const Step *step = get_step (self, index);
  const PspLayer *layer = step->layer;
  PspBackend *backend = psp_weights_get_backend (self->weights);
  gint64 n_elements = count_elements (self, layer->destination) + count_weights (layer->weights) +
                      count_weights (layer->bias);

  for (int i = 0; i < count_sources (step); i++)
    n_elements += count_elements (self, get_source (step, i));
  if (layer->residual >= 0)
    n_elements += count_elements (self, layer->residual);
  for (int i = 0; i < layer->n_parts; i++)
    n_elements += count_weights (layer->parts[i].weights);
  if (step->pyramid != NULL)
    n_elements += psp_pyramid_count_elements (step->pyramid);
  return (PspSessionStep) {
    .layer = layer,
    .macs = step->macs,
    .bytes = n_elements * psp_backend_get_element_bytes (backend),
  };
}

static void
find_inputs (const PspSession *self,
             const Step       *step,
             PspMap            inputs[PSP_LAYER_MAX_PARTS])
{
  for (int i = 0; i < count_sources (step); i++)
    inputs[i] = map_of (self, get_source (step, i));
}

static gboolean
run_pyramid (PspSession    *self,
             const Step    *step,
             const PspMap  *residual,
             GCancellable  *cancellable,
             GError       **error)
{
  PspMap destination = map_of (self, step->layer->destination);
  PspMap inputs[PSP_LAYER_MAX_PARTS];

  find_inputs (self, step, inputs);
  return psp_pyramid_run (step->pyramid, inputs, residual, &destination, cancellable, error);
}

gsize
psp_session_get_scratch_bytes (const PspSession *self)
{
  gsize n_bytes = 0;

  for (guint i = 0; i < self->steps->len; i++)
    {
      const Step *step = get_step (self, i);
      PspMap destination = map_of (self, step->layer->destination);
      PspMap inputs[PSP_LAYER_MAX_PARTS];

      if (step->pyramid == NULL)
        continue;
      find_inputs (self, step, inputs);
      n_bytes = MAX (n_bytes, psp_pyramid_count_scratch (step->pyramid, inputs, &destination));
    }
  return n_bytes + psp_backend_get_transfer_bytes (psp_weights_get_backend (self->weights));
}

static gboolean
run_step (PspSession    *self,
          int            index,
          GCancellable  *cancellable,
          GError       **error)
{
  const Step *step = get_step (self, index);
  const PspLayer *layer = step->layer;
  PspBackend *backend = psp_weights_get_backend (self->weights);
  PspMap residual = layer->residual >= 0 ? map_of (self, layer->residual) : (PspMap) { 0 };
  const PspMap *added = layer->residual >= 0 ? &residual : NULL;
  PspConvolution convolution;

  switch (layer->kind)
    {
    case PSP_LAYER_CONVOLUTION:
      convolution = make_convolution (self, index, added);
      return psp_backend_convolve (backend, &convolution, cancellable, error);
    case PSP_LAYER_MAX_POOL:
      return psp_backend_pool (backend, &(PspPooling) {
        map_of (self, layer->source), map_of (self, layer->destination), layer->kernel,
        layer->stride, layer->padding
      }, cancellable, error);
    case PSP_LAYER_BIN_POOL:
      return psp_backend_pool_bins (backend, &(PspBinPooling) {
        map_of (self, layer->source), map_of (self, layer->destination), layer->maximum
      }, cancellable, error);
    case PSP_LAYER_RESIZE:
      return psp_backend_resize (backend, &(PspResizing) {
        map_of (self, layer->source), map_of (self, layer->destination), layer->align_corners
      }, cancellable, error);
    case PSP_LAYER_PYRAMID:
      return run_pyramid (self, step, added, cancellable, error);
    default:
      g_assert_not_reached ();
    }
}

static gboolean
check_input (const PspMap     *map,
             const PspTensor  *input,
             GError          **error)
{
  g_autofree char *shape = NULL;

  if (input->n_dimensions == 4 && input->shape[0] == map->batch &&
      input->shape[1] == map->channels && input->shape[2] == map->height &&
      input->shape[3] == map->width)
    return TRUE;

  shape = psp_shape_to_string (input->n_dimensions, input->shape);
  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
               "an input of shape %s was given to a network that waits for [%d, %d, %d, %d]",
               shape, map->batch, map->channels, map->height, map->width);
  return FALSE;
}

/* [batch, channels, H, W] to the input's place, channels last and padded with zeros. */
static gboolean
upload_input (PspSession       *self,
              const PspTensor  *input,
              GError          **error)
{
  PspBackend *backend = psp_weights_get_backend (self->weights);
  PspMap map = map_of (self, 0);
  gsize n_pixels = (gsize) map.height * map.width;
  gsize n_piece = MIN (n_pixels, (gsize) PIECE_ELEMENTS / map.pixel_stride);
  g_autofree float *packed = g_new0 (float, n_piece * map.pixel_stride);

  if (!check_input (&map, input, error))
    return FALSE;

  for (int n = 0; n < map.batch; n++)
    for (gsize first = 0; first < n_pixels; first += n_piece)
      {
        gsize n_now = MIN (n_piece, n_pixels - first);
        gsize offset = map.offset + (n * n_pixels + first) * map.pixel_stride;

        for (int c = 0; c < map.channels; c++)
          for (gsize i = 0; i < n_now; i++)
            packed[i * map.pixel_stride + c] =
              input->data[((gsize) n * map.channels + c) * n_pixels + first + i];
        if (!psp_backend_upload (backend, map.buffer, offset, packed, n_now * map.pixel_stride,
                                 error))
          return FALSE;
      }
  return TRUE;
}

/* Runs a step; with @seconds, waits for it and takes the time. */
static gboolean
run_timed_step (PspSession    *self,
                int            index,
                double        *seconds,
                GCancellable  *cancellable,
                GError       **error)
{
  gint64 start_us = g_get_monotonic_time ();

  if (!run_step (self, index, cancellable, error))
    return FALSE;
  if (seconds == NULL)
    return TRUE;
  if (!psp_backend_finish (psp_weights_get_backend (self->weights), cancellable, error))
    return FALSE;
  seconds[index] = (g_get_monotonic_time () - start_us) / 1e6;
  return TRUE;
}

static gboolean
run_steps (PspSession    *self,
           double        *seconds,
           PspProgress    progress,
           GCancellable  *cancellable,
           GError       **error)
{
  PspBackend *backend = psp_weights_get_backend (self->weights);
  gint64 done = 0;

  for (guint i = 0; i < self->steps->len; i++)
    {
      if (!run_timed_step (self, i, seconds, cancellable, error))
        {
          /* Nothing of this run may still be recorded when the session is used again. */
          (void) psp_backend_finish (backend, cancellable, NULL);
          return FALSE;
        }
      done += get_step (self, i)->macs;
      psp_progress_report (progress, (double) done / (double) MAX (1, self->macs));
    }
  return psp_backend_finish (backend, cancellable, error);
}

/* Runs the steps so that they can be replayed. */
static gboolean
record_steps (PspSession    *self,
              PspProgress    progress,
              GCancellable  *cancellable,
              GError       **error)
{
  PspBackend *backend = psp_weights_get_backend (self->weights);
  gboolean success;

  g_clear_pointer (&self->recording, psp_recording_free);
  if (!psp_backend_begin_recording (backend, &self->recording, error))
    return FALSE;
  success = run_steps (self, NULL, progress, cancellable, error);
  psp_backend_end_recording (backend, self->recording, success);
  return success;
}

static gboolean
run (PspSession       *self,
     const PspTensor  *input,
     double           *seconds,
     PspProgress       progress,
     GCancellable     *cancellable,
     GError          **error)
{
  PspBackend *backend = psp_weights_get_backend (self->weights);

  /* A run that was cancelled may not be off the device yet. */
  if (!psp_backend_finish (backend, cancellable, error) || !allocate (self, error) ||
      !upload_input (self, input, error))
    return FALSE;

  if (seconds != NULL)
    return run_steps (self, seconds, progress, cancellable, error);
  if (!psp_recording_suits (self->recording))
    return record_steps (self, progress, cancellable, error);
  return psp_recording_replay (self->recording, progress, cancellable, error) &&
         psp_backend_finish (backend, cancellable, error);
}

/* What other sessions do with the device comes before or after all of it. */
gboolean
psp_session_profile (PspSession       *self,
                     const PspTensor  *input,
                     double           *seconds,
                     PspProgress       progress,
                     GCancellable     *cancellable,
                     GError          **error)
{
  g_autoptr(PspLockHolder) holder = psp_backend_hold (psp_weights_get_backend (self->weights),
                                                      cancellable, error);

  return holder != NULL && run (self, input, seconds, progress, cancellable, error);
}

gboolean
psp_session_run (PspSession       *self,
                 const PspTensor  *input,
                 PspProgress       progress,
                 GCancellable     *cancellable,
                 GError          **error)
{
  return psp_session_profile (self, input, NULL, progress, cancellable, error);
}

PspMap
psp_session_get_map (const PspSession *self,
                     int               value)
{
  return map_of (self, value);
}

/* Copies the channels of each pixel of row @y, without their padding. */
static gboolean
unpack_row (const PspMap  *map,
            const float   *packed,
            int            y,
            float         *row,
            GError       **error)
{
  for (int x = 0; x < map->width; x++, packed += map->pixel_stride)
    for (int c = 0; c < map->channels; c++)
      {
        if (!isfinite (packed[c]))
          {
            g_set_error (error, PSP_ERROR, PSP_ERROR_DEVICE,
                         "the network returned a number that is not finite (class %d at %d, %d); "
                         "the device or the weights are at fault", c, x, y);
            return FALSE;
          }
        *row++ = packed[c];
      }
  return TRUE;
}

gboolean
psp_session_read_rows (PspSession     *self,
                       int             value,
                       int             image,
                       float * const  *rows,
                       GError        **error)
{
  PspMap map = map_of (self, value);
  gsize row_length = (gsize) map.width * map.pixel_stride;
  gsize n_elements = map.height * row_length;
  g_autofree float *packed = g_try_new (float, n_elements);

  if (packed == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY, "no memory to read “%s”",
                   psp_graph_get_value (self->graph, value)->name);
      return FALSE;
    }
  if (!psp_backend_download (psp_weights_get_backend (self->weights), map.buffer,
                             map.offset + image * n_elements, packed, n_elements, error))
    return FALSE;
  for (int y = 0; y < map.height; y++)
    if (!unpack_row (&map, packed + y * row_length, y, rows[y], error))
      return FALSE;
  return TRUE;
}

PspTensor *
psp_session_read (PspSession  *self,
                  int          value,
                  GError     **error)
{
  const PspValue *description = psp_graph_get_value (self->graph, value);
  PspMap map = map_of (self, value);
  gsize n_pixels = (gsize) map.height * map.width;
  gsize n_elements = map.batch * n_pixels * map.pixel_stride;
  g_autofree float *packed = g_try_new (float, n_elements);
  g_autoptr(PspTensor) tensor = NULL;

  tensor = psp_tensor_new (4, (gint64[]) { map.batch, description->channels, map.height,
                                           map.width }, error);
  if (tensor == NULL)
    return NULL;
  if (packed == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY, "no memory to read “%s”",
                   description->name);
      return NULL;
    }
  if (!psp_backend_download (psp_weights_get_backend (self->weights), map.buffer, map.offset,
                             packed, n_elements, error))
    return NULL;

  for (int n = 0; n < map.batch; n++)
    for (int c = 0; c < description->channels; c++)
      for (gsize i = 0; i < n_pixels; i++)
        tensor->data[((gsize) n * description->channels + c) * n_pixels + i] =
          packed[(n * n_pixels + i) * map.pixel_stride + c];
  return g_steal_pointer (&tensor);
}
