/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-session.h"

#include "engine/run/psp-arena.h"

struct _PspWeights
{
  const PspGraph  *graph;
  PspBackend      *backend;
  PspBuffer      **weights; /* one for each layer; %NULL where it has none */
  PspBuffer      **biases;
};

struct _PspSession
{
  PspWeights    *weights;
  int            batch;
  PspSize       *sizes;    /* of every value */
  GArray        *steps;    /* int: indices of the layers that run, in order */
  PspArenaValue *places;   /* of every value; parts have none of their own */
  PspBuffer     *arena;
  gint64         macs;
};

void
psp_weights_free (PspWeights *self)
{
  for (int i = 0; i < psp_graph_get_n_layers (self->graph); i++)
    {
      g_clear_pointer (&self->weights[i], psp_buffer_free);
      g_clear_pointer (&self->biases[i], psp_buffer_free);
    }
  psp_backend_unref (self->backend);
  g_free (self->weights);
  g_free (self->biases);
  g_free (self);
}

PspWeights *
psp_weights_new (const PspGraph  *graph,
                 PspBackend      *backend,
                 GError         **error)
{
  int n_layers = psp_graph_get_n_layers (graph);
  g_autoptr(PspWeights) self = g_new0 (PspWeights, 1);

  self->graph = graph;
  self->backend = psp_backend_ref (backend);
  self->weights = g_new0 (PspBuffer *, n_layers);
  self->biases = g_new0 (PspBuffer *, n_layers);

  for (int i = 0; i < n_layers; i++)
    {
      const PspLayer *layer = psp_graph_get_layer (graph, i);

      if (layer->kind != PSP_LAYER_CONVOLUTION)
        continue;
      self->weights[i] = psp_backend_buffer_wrap (backend, layer->weights, layer->name, error);
      if (self->weights[i] == NULL)
        return NULL;
      self->biases[i] = psp_backend_buffer_wrap (backend, layer->bias, layer->name, error);
      if (self->biases[i] == NULL)
        return NULL;
    }
  return g_steal_pointer (&self);
}

/* The value in whose memory @value lies. */
static int
storage_of (const PspGraph *graph,
            int             value)
{
  int whole = psp_graph_get_value (graph, value)->part_of;

  return whole >= 0 ? whole : value;
}

/* Marks a value, and with a concatenation all its parts, as needed. */
static void
need_value (const PspGraph *graph,
            gboolean       *needed,
            int             value)
{
  needed[value] = TRUE;
  for (int i = 0; i < psp_graph_get_n_values (graph); i++)
    if (psp_graph_get_value (graph, i)->part_of == value)
      needed[i] = TRUE;
}

/* Walks backwards from the wanted values and keeps the layers that they need. */
static void
choose_steps (PspSession *self,
              const int  *wanted,
              int         n_wanted)
{
  const PspGraph *graph = self->weights->graph;
  g_autofree gboolean *needed = g_new0 (gboolean, psp_graph_get_n_values (graph));

  for (int i = 0; i < n_wanted; i++)
    need_value (graph, needed, wanted[i]);
  for (int i = psp_graph_get_n_layers (graph) - 1; i >= 0; i--)
    {
      const PspLayer *layer = psp_graph_get_layer (graph, i);

      if (!needed[layer->destination])
        continue;
      need_value (graph, needed, layer->source);
      if (layer->residual >= 0)
        need_value (graph, needed, layer->residual);
      g_array_prepend_val (self->steps, i);
      self->macs += self->batch * psp_graph_count_macs (graph, layer, self->sizes);
    }
}

static void
use_value (PspSession *self,
           int         value,
           int         step)
{
  const PspGraph *graph = self->weights->graph;
  int storage = storage_of (graph, value);
  PspArenaValue *place = &self->places[storage];
  PspSize size = self->sizes[storage];

  if (place->n_elements == 0)
    place->first_step = step;
  place->last_step = MAX (place->last_step, step);
  place->n_elements = (gsize) self->batch * size.width * size.height *
                      psp_graph_get_value (graph, storage)->physical_channels;
}

static gsize
place_values (PspSession *self,
              const int  *wanted,
              int         n_wanted)
{
  const PspGraph *graph = self->weights->graph;
  int n_steps = self->steps->len;

  use_value (self, 0, 0);
  for (int step = 0; step < n_steps; step++)
    {
      const PspLayer *layer = psp_graph_get_layer (graph, g_array_index (self->steps, int, step));

      use_value (self, layer->source, step);
      if (layer->residual >= 0)
        use_value (self, layer->residual, step);
      use_value (self, layer->destination, step);
    }
  for (int i = 0; i < n_wanted; i++)
    use_value (self, wanted[i], n_steps);

  return psp_arena_place (self->places, psp_graph_get_n_values (graph), PSP_MAP_ALIGNMENT);
}

PspSession *
psp_session_new (PspWeights  *weights,
                 PspSize      input,
                 int          batch,
                 const int   *wanted,
                 int          n_wanted,
                 GError     **error)
{
  g_autoptr(PspSession) self = g_new0 (PspSession, 1);
  gsize n_elements;

  g_return_val_if_fail (batch >= 1 && n_wanted >= 1, NULL);

  self->weights = weights;
  self->batch = batch;
  self->sizes = psp_graph_infer_sizes (weights->graph, input);
  self->steps = g_array_new (FALSE, FALSE, sizeof (int));
  self->places = g_new0 (PspArenaValue, psp_graph_get_n_values (weights->graph));
  choose_steps (self, wanted, n_wanted);
  n_elements = place_values (self, wanted, n_wanted);
  self->arena = psp_backend_buffer_new (weights->backend, n_elements, "activations", error);
  if (self->arena == NULL)
    {
      g_prefix_error (error, "%d x %d pixels: ", input.width, input.height);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
psp_session_free (PspSession *self)
{
  g_clear_pointer (&self->arena, psp_buffer_free);
  g_array_unref (self->steps);
  g_free (self->places);
  g_free (self->sizes);
  g_free (self);
}

gsize
psp_session_get_bytes (const PspSession *self)
{
  return self->arena->n_elements * sizeof (float);
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

/* Where a value lies.  A concatenation is seen with all its channels in memory, padding
 * included. */
static PspMap
map_of (const PspSession *self,
        int               index)
{
  const PspGraph *graph = self->weights->graph;
  const PspValue *value = psp_graph_get_value (graph, index);
  int storage = storage_of (graph, index);
  gboolean concatenation = value->part_of < 0 &&
                           value->physical_channels != psp_channels_pad (value->channels);

  return (PspMap) {
    .buffer = self->arena,
    .offset = self->places[storage].offset,
    .batch = self->batch,
    .height = self->sizes[index].height,
    .width = self->sizes[index].width,
    .channels = concatenation ? value->physical_channels : value->channels,
    .channel_offset = value->channel_offset,
    .pixel_stride = value->physical_channels,
  };
}

static gboolean
run_convolution (PspSession      *self,
                 const PspLayer  *layer,
                 int              index,
                 GCancellable    *cancellable,
                 GError         **error)
{
  PspMap residual = { 0 };

  if (layer->residual >= 0)
    residual = map_of (self, layer->residual);

  return psp_backend_convolve (self->weights->backend, &(PspConvolution) {
    .source = map_of (self, layer->source),
    .destination = map_of (self, layer->destination),
    .residual = layer->residual >= 0 ? &residual : NULL,
    .weights = self->weights->weights[index],
    .bias = self->weights->biases[index],
    .kernel = layer->kernel,
    .stride = layer->stride,
    .padding = layer->padding,
    .dilation = layer->dilation,
    .relu = layer->relu,
  }, cancellable, error);
}

static gboolean
run_layer (PspSession    *self,
           int            index,
           GCancellable  *cancellable,
           GError       **error)
{
  const PspLayer *layer = psp_graph_get_layer (self->weights->graph, index);
  PspBackend *backend = self->weights->backend;
  PspMap source = map_of (self, layer->source);
  PspMap destination = map_of (self, layer->destination);

  switch (layer->kind)
    {
    case PSP_LAYER_CONVOLUTION:
      return run_convolution (self, layer, index, cancellable, error);
    case PSP_LAYER_MAX_POOL:
      return psp_backend_pool (backend, &(PspPooling) {
        source, destination, layer->kernel, layer->stride, layer->padding
      }, cancellable, error);
    case PSP_LAYER_BIN_POOL:
      return psp_backend_pool_bins (backend, &(PspBinPooling) { source, destination },
                                    cancellable, error);
    case PSP_LAYER_RESIZE:
      return psp_backend_resize (backend, &(PspResizing) {
        source, destination, layer->align_corners
      }, cancellable, error);
    default:
      g_assert_not_reached ();
    }
}

/* [batch, channels, H, W] to the input's place, channels last and padded with zeros. */
static gboolean
upload_input (PspSession       *self,
              const PspTensor  *input,
              GError          **error)
{
  PspMap map = map_of (self, 0);
  gsize n_pixels = (gsize) map.height * map.width;
  gsize n_elements = (gsize) map.batch * n_pixels * map.pixel_stride;
  g_autofree float *packed = NULL;

  if (input->n_dimensions != 4 || input->shape[0] != map.batch ||
      input->shape[1] != map.channels || input->shape[2] != map.height ||
      input->shape[3] != map.width)
    {
      g_autofree char *shape = psp_shape_to_string (input->n_dimensions, input->shape);

      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                   "an input of shape %s was given to a network that waits for [%d, %d, %d, %d]",
                   shape, map.batch, map.channels, map.height, map.width);
      return FALSE;
    }

  packed = g_try_new0 (float, n_elements);
  if (packed == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory for an input of %d x %d pixels", map.width, map.height);
      return FALSE;
    }
  for (int n = 0; n < map.batch; n++)
    for (int c = 0; c < map.channels; c++)
      for (gsize i = 0; i < n_pixels; i++)
        packed[(n * n_pixels + i) * map.pixel_stride + c] =
          input->data[((gsize) n * map.channels + c) * n_pixels + i];
  return psp_backend_upload (self->weights->backend, self->arena, map.offset, packed, n_elements,
                             error);
}

static gboolean
run_steps (PspSession       *self,
           const PspTensor  *input,
           PspProgress       progress,
           GCancellable     *cancellable,
           GError          **error)
{
  const PspGraph *graph = self->weights->graph;
  gint64 done = 0;

  /* A run that was cancelled may not be off the device yet. */
  if (!psp_backend_finish (self->weights->backend, cancellable, error) ||
      !upload_input (self, input, error))
    return FALSE;

  for (guint step = 0; step < self->steps->len; step++)
    {
      int index = g_array_index (self->steps, int, step);
      const PspLayer *layer = psp_graph_get_layer (graph, index);

      if (!run_layer (self, index, cancellable, error))
        {
          /* Nothing of this run may still be recorded when the session is used again. */
          (void) psp_backend_finish (self->weights->backend, cancellable, NULL);
          return FALSE;
        }
      done += self->batch * psp_graph_count_macs (graph, layer, self->sizes);
      psp_progress_report (progress, (double) done / (double) MAX (1, self->macs));
    }
  return psp_backend_finish (self->weights->backend, cancellable, error);
}

/* What other sessions do with the device comes before or after all of it. */
gboolean
psp_session_run (PspSession       *self,
                 const PspTensor  *input,
                 PspProgress       progress,
                 GCancellable     *cancellable,
                 GError          **error)
{
  PspBackend *backend = self->weights->backend;
  gboolean success;

  psp_backend_lock (backend);
  success = run_steps (self, input, progress, cancellable, error);
  psp_backend_unlock (backend);
  return success;
}

PspTensor *
psp_session_read (PspSession  *self,
                  int          value,
                  GError     **error)
{
  const PspValue *description = psp_graph_get_value (self->weights->graph, value);
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
  if (!psp_backend_download (self->weights->backend, self->arena, map.offset, packed, n_elements,
                             error))
    return NULL;

  for (int n = 0; n < map.batch; n++)
    for (int c = 0; c < description->channels; c++)
      for (gsize i = 0; i < n_pixels; i++)
        tensor->data[((gsize) n * description->channels + c) * n_pixels + i] =
          packed[(n * n_pixels + i) * map.pixel_stride + map.channel_offset + c];
  return g_steal_pointer (&tensor);
}
