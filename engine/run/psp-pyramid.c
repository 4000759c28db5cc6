/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-pyramid.h"

#include "engine/run/psp-bilinear.h"

/* A part of the layer that is not left out. */
typedef struct
{
  const PspLayerPart *part;
  int                 source;        /* the value that is enlarged */
  gboolean            align_corners;
  PspSize             bins;
  int                 channels;
  int                 first_row;     /* (folded) of its rows of P, which are columns of the panel */
  PspBuffer          *weights;       /* folded: those of the part, not owned; else taps first */
} Level;

struct _PspPyramid
{
  const PspLayer *layer;
  PspBackend     *backend;     /* not owned */
  PspSize         size;        /* of the destination */
  int             batch;
  int             n_taps;
  int             outputs;     /* channels of the destination */
  int             row_length;  /* the same, padded */
  gboolean        folded;
  int             n_levels;
  Level           levels[PSP_LAYER_MAX_PARTS];
  int             n_rows;      /* of P */
  PspBuffer      *bias;        /* of the layer; not owned */
  PspBuffer      *no_bias;     /* zeros */
  PspBuffer      *panel;       /* [height][width][rows padded] */
  PspBuffer      *products;    /* P of each image, [rows padded][outputs padded] */
};

static gboolean
is_left_out (const PspPyramidParams *params,
             int                     value)
{
  for (int i = 0; i < params->n_left_out; i++)
    if (params->left_out[i] == value)
      return TRUE;
  return FALSE;
}

static void
add_level (PspPyramid             *self,
           const PspPyramidParams *params,
           const PspLayerPart     *part)
{
  const PspLayer *maker = psp_graph_find_maker (params->graph, part->value);
  PspSize bins = params->sizes[maker->source];

  self->levels[self->n_levels++] = (Level) {
    .part = part,
    .source = maker->source,
    .align_corners = maker->align_corners,
    .bins = bins,
    .channels = psp_graph_get_value (params->graph, part->value)->channels,
    .first_row = self->n_rows,
  };
  self->n_rows += bins.width * bins.height * self->n_taps;
}

static gint64
count_folded (const PspPyramid *self)
{
  gint64 macs = (gint64) self->size.width * self->size.height * self->n_rows * self->outputs;

  for (int i = 0; i < self->n_levels; i++)
    macs += (gint64) self->levels[i].bins.width * self->levels[i].bins.height * self->n_taps *
            self->levels[i].channels * self->outputs;
  return macs;
}

static gint64
count_written (const PspPyramid *self)
{
  gint64 channels = 0;

  for (int i = 0; i < self->n_levels; i++)
    channels += self->levels[i].channels;
  return (gint64) self->size.width * self->size.height * self->n_taps * channels * self->outputs;
}

PspPyramid *
psp_pyramid_new (const PspPyramidParams *params)
{
  const PspLayer *layer = params->layer;
  PspPyramid *self = g_new0 (PspPyramid, 1);

  self->layer = layer;
  self->backend = params->backend;
  self->size = params->sizes[layer->destination];
  self->batch = params->batch;
  self->n_taps = layer->kernel * layer->kernel;
  self->outputs = psp_graph_get_value (params->graph, layer->destination)->channels;
  self->row_length = psp_channels_pad (self->outputs);
  for (int i = 0; i < layer->n_parts; i++)
    if (!is_left_out (params, layer->parts[i].value))
      add_level (self, params, &layer->parts[i]);

  /* Without any level, the folded way still adds the bias. */
  self->folded = self->n_levels == 0 || params->fold == PSP_FOLD_ALWAYS ||
                 (params->fold == PSP_FOLD_CHEAPER && count_folded (self) <= count_written (self));
  return self;
}

void
psp_pyramid_release (PspPyramid *self)
{
  for (int i = 0; i < self->n_levels && !self->folded; i++)
    g_clear_pointer (&self->levels[i].weights, psp_buffer_free);
  g_clear_pointer (&self->no_bias, psp_buffer_free);
  g_clear_pointer (&self->panel, psp_buffer_free);
  g_clear_pointer (&self->products, psp_buffer_free);
}

void
psp_pyramid_free (PspPyramid *self)
{
  psp_pyramid_release (self);
  g_free (self);
}

int
psp_pyramid_get_n_inputs (const PspPyramid *self)
{
  return self->n_levels;
}

int
psp_pyramid_get_input (const PspPyramid *self,
                       int               index)
{
  const Level *level = &self->levels[index];

  return self->folded ? level->source : level->part->value;
}

gint64
psp_pyramid_count_macs (const PspPyramid *self)
{
  return self->batch * (self->folded ? count_folded (self) : count_written (self));
}

/* Of P, padded; at least what one channel takes. */
static int
padded_rows (const PspPyramid *self)
{
  return psp_channels_pad (MAX (1, self->n_rows));
}

static gsize
panel_elements (const PspPyramid *self)
{
  return (gsize) self->size.width * self->size.height * padded_rows (self);
}

/* From P of one image to that of the next. */
static gsize
product_elements (const PspPyramid *self)
{
  gsize n_elements = (gsize) padded_rows (self) * self->row_length;

  return (n_elements + PSP_MAP_ALIGNMENT - 1) / PSP_MAP_ALIGNMENT * PSP_MAP_ALIGNMENT;
}

gsize
psp_pyramid_count_elements (const PspPyramid *self)
{
  gsize n_elements = 0;

  if (self->folded)
    return panel_elements (self) + self->batch * product_elements (self) +
           (gsize) self->n_taps * self->row_length;
  for (int i = 0; i < self->n_levels; i++)
    n_elements += (gsize) self->n_taps * psp_channels_pad (self->levels[i].channels) *
                  self->row_length;
  return n_elements + self->row_length;
}

static float *
allocate_floats (gsize     n_elements,
                 GError  **error)
{
  float *floats = g_try_new0 (float, n_elements);

  if (floats == NULL)
    g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                 "no memory for the pyramid: %.1f MiB",
                 (double) (n_elements * sizeof (float)) / 1048576.0);
  return floats;
}

/* (transfer full): a buffer with @floats, which are taken over. */
static PspBuffer *
upload_new (PspPyramid  *self,
            float       *floats,
            gsize        n_elements,
            const char  *label,
            GError     **error)
{
  g_autoptr(GBytes) bytes = g_bytes_new_take (floats, n_elements * sizeof *floats);

  return psp_backend_buffer_wrap (self->backend, bytes, label, error);
}

/* One tap at one pixel: the bins around the place under it. */
static void
fill_tap (const Level *level,
          int          n_taps,
          PspTap       row,
          PspTap       column,
          float       *weights)
{
  int width = level->bins.width;

  weights[(row.first * width + column.first) * n_taps] += (1 - row.weight) * (1 - column.weight);
  weights[(row.first * width + column.second) * n_taps] += (1 - row.weight) * column.weight;
  weights[(row.second * width + column.first) * n_taps] += row.weight * (1 - column.weight);
  weights[(row.second * width + column.second) * n_taps] += row.weight * column.weight;
}

/* The columns of @level at the pixel (@x, @y), whose weights begin at @pixel. */
static void
fill_pixel (const PspPyramid *self,
            const Level      *level,
            int               x,
            int               y,
            float            *pixel)
{
  int kernel = self->layer->kernel;

  for (int tap = 0; tap < self->n_taps; tap++)
    {
      int tap_y = y + tap / kernel - kernel / 2;
      int tap_x = x + tap % kernel - kernel / 2;

      if (tap_y < 0 || tap_y >= self->size.height || tap_x < 0 || tap_x >= self->size.width)
        continue;
      fill_tap (level, self->n_taps,
                psp_tap_find (tap_y, level->bins.height, self->size.height, !level->align_corners),
                psp_tap_find (tap_x, level->bins.width, self->size.width, !level->align_corners),
                pixel + level->first_row + tap);
    }
}

static gboolean
make_panel (PspPyramid  *self,
            GError     **error)
{
  float *floats = allocate_floats (panel_elements (self), error);

  if (floats == NULL)
    return FALSE;
  for (int y = 0; y < self->size.height; y++)
    for (int x = 0; x < self->size.width; x++)
      for (int i = 0; i < self->n_levels; i++)
        fill_pixel (self, &self->levels[i], x, y,
                    floats + ((gsize) y * self->size.width + x) * padded_rows (self));
  self->panel = upload_new (self, floats, panel_elements (self), "interpolation panel", error);
  return self->panel != NULL;
}

/* Padding rows are never written afterwards: they stay zero. */
static gboolean
make_products (PspPyramid  *self,
               GError     **error)
{
  gsize n_elements = self->batch * product_elements (self);
  g_autofree float *zeros = allocate_floats (n_elements, error);

  if (zeros == NULL)
    return FALSE;
  self->products = psp_backend_buffer_new (self->backend, n_elements, "products of the pyramid",
                                           error);
  return self->products != NULL &&
         psp_backend_upload (self->backend, self->products, 0, zeros, n_elements, error);
}

/* [inputs][taps][outputs] to [taps][inputs][outputs]. */
static gboolean
make_weights (PspPyramid  *self,
              Level       *level,
              GError     **error)
{
  int inputs = psp_channels_pad (level->channels);
  gsize n_elements = (gsize) self->n_taps * inputs * self->row_length;
  const float *source = g_bytes_get_data (level->part->weights, NULL);
  float *floats = allocate_floats (n_elements, error);

  if (floats == NULL)
    return FALSE;
  for (int input = 0; input < inputs; input++)
    for (int tap = 0; tap < self->n_taps; tap++)
      for (int output = 0; output < self->row_length; output++)
        floats[((gsize) tap * inputs + input) * self->row_length + output] = *source++;
  level->weights = upload_new (self, floats, n_elements, self->layer->name, error);
  return level->weights != NULL;
}

static gboolean
make_no_bias (PspPyramid  *self,
              GError     **error)
{
  gsize n_elements = (gsize) (self->folded ? self->n_taps : 1) * self->row_length;

  self->no_bias = upload_new (self, g_new0 (float, n_elements), n_elements, "no bias", error);
  return self->no_bias != NULL;
}

static gboolean
make_buffers (PspPyramid        *self,
              const PspWeights  *weights,
              GError           **error)
{
  self->bias = psp_weights_get_buffer (weights, self->layer->bias);
  if (!make_no_bias (self, error))
    return FALSE;
  if (self->folded)
    {
      for (int i = 0; i < self->n_levels; i++)
        self->levels[i].weights = psp_weights_get_buffer (weights,
                                                          self->levels[i].part->weights);
      return make_panel (self, error) && make_products (self, error);
    }
  for (int i = 0; i < self->n_levels; i++)
    if (!make_weights (self, &self->levels[i], error))
      return FALSE;
  return TRUE;
}

gboolean
psp_pyramid_allocate (PspPyramid        *self,
                      const PspWeights  *weights,
                      GError           **error)
{
  if (make_buffers (self, weights, error))
    return TRUE;
  psp_pyramid_release (self);
  return FALSE;
}

/* One image of a map. */
static PspMap
image_of (const PspMap *map,
          int           image)
{
  PspMap result = *map;

  result.batch = 1;
  result.offset += (gsize) image * map->height * map->width * map->pixel_stride;
  return result;
}

/* The convolution to P of one image: a level's pixels times its weights, row by row behind those of
 * the levels before. */
static PspConvolution
multiply_level (const PspPyramid *self,
                const Level      *level,
                const PspMap     *input,
                int               image)
{
  int channels = self->n_taps * self->row_length;

  return (PspConvolution) {
    .source = image_of (input, image),
    .destination = {
      .buffer = self->products,
      .offset = image * product_elements (self) + (gsize) level->first_row * self->row_length,
      .batch = 1,
      .height = level->bins.height,
      .width = level->bins.width,
      .channels = channels,
      .pixel_stride = channels,
    },
    .weights = level->weights,
    .bias = self->no_bias,
    .kernel = 1,
    .stride = 1,
    .dilation = 1,
  };
}

/* The convolution to relu (panel x P + bias + residual) of one image; @residual is of that image
 * alone. */
static PspConvolution
interpolate (const PspPyramid *self,
             const PspMap     *residual,
             const PspMap     *destination,
             int               image)
{
  return (PspConvolution) {
    .source = {
      .buffer = self->panel,
      .batch = 1,
      .height = self->size.height,
      .width = self->size.width,
      .channels = padded_rows (self),
      .pixel_stride = padded_rows (self),
    },
    .destination = image_of (destination, image),
    .residual = residual,
    .weights = self->products,
    .weights_offset = image * product_elements (self),
    .bias = self->bias,
    .kernel = 1,
    .stride = 1,
    .dilation = 1,
    .relu = self->layer->relu,
  };
}

static gboolean
run_folded (const PspPyramid  *self,
            const PspMap      *inputs,
            const PspMap      *residual,
            const PspMap      *destination,
            GCancellable      *cancellable,
            GError           **error)
{
  PspConvolution operation;

  for (int image = 0; image < self->batch; image++)
    for (int i = 0; i < self->n_levels; i++)
      {
        operation = multiply_level (self, &self->levels[i], &inputs[i], image);
        if (!psp_backend_convolve (self->backend, &operation, cancellable, error))
          return FALSE;
      }
  for (int image = 0; image < self->batch; image++)
    {
      PspMap added = residual != NULL ? image_of (residual, image) : (PspMap) { 0 };

      operation = interpolate (self, residual != NULL ? &added : NULL, destination, image);
      if (!psp_backend_convolve (self->backend, &operation, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

/* The convolution of a part that adds to those before; the last brings the bias and the ReLU. */
static PspConvolution
write_level (const PspPyramid *self,
             int               index,
             const PspMap     *inputs,
             const PspMap     *residual,
             const PspMap     *destination)
{
  gboolean last = index == self->n_levels - 1;

  return (PspConvolution) {
    .source = inputs[index],
    .destination = *destination,
    .residual = index == 0 ? residual : destination,
    .weights = self->levels[index].weights,
    .bias = last ? self->bias : self->no_bias,
    .kernel = self->layer->kernel,
    .stride = 1,
    .padding = self->layer->kernel / 2,
    .dilation = 1,
    .relu = last && self->layer->relu,
  };
}

static gboolean
run_written (const PspPyramid  *self,
             const PspMap      *inputs,
             const PspMap      *residual,
             const PspMap      *destination,
             GCancellable      *cancellable,
             GError           **error)
{
  for (int i = 0; i < self->n_levels; i++)
    {
      PspConvolution operation = write_level (self, i, inputs, residual, destination);

      if (!psp_backend_convolve (self->backend, &operation, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

gsize
psp_pyramid_count_scratch (const PspPyramid *self,
                           const PspMap     *inputs,
                           const PspMap     *destination)
{
  PspConvolution operation;
  PspMap residual;
  gsize n_bytes = 0;

  for (int i = 0; i < self->n_levels; i++)
    {
      operation = self->folded ? multiply_level (self, &self->levels[i], &inputs[i], 0)
                               : write_level (self, i, inputs, NULL, destination);
      n_bytes = MAX (n_bytes, psp_backend_count_scratch (self->backend, &operation));
    }
  if (!self->folded)
    return n_bytes;
  operation = interpolate (self, NULL, destination, 0);
  n_bytes = MAX (n_bytes, psp_backend_count_scratch (self->backend, &operation));
  residual = operation.destination;
  operation.residual = &residual;
  return MAX (n_bytes, psp_backend_count_scratch (self->backend, &operation));
}

gboolean
psp_pyramid_run (PspPyramid    *self,
                 const PspMap  *inputs,
                 const PspMap  *residual,
                 const PspMap  *destination,
                 GCancellable  *cancellable,
                 GError       **error)
{
  return self->folded
         ? run_folded (self, inputs, residual, destination, cancellable, error)
         : run_written (self, inputs, residual, destination, cancellable, error);
}
