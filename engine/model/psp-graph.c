/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-graph.h"

#include "engine/core/psp-channels.h"

struct _PspGraph
{
  GArray *values; /* PspValue */
  GArray *layers; /* PspLayer */
};

static void
clear_value (gpointer value)
{
  g_free (((PspValue *) value)->name);
}

static void
clear_layer (gpointer data)
{
  PspLayer *layer = data;

  g_free (layer->name);
  g_clear_pointer (&layer->weights, g_bytes_unref);
  g_clear_pointer (&layer->bias, g_bytes_unref);
}

PspGraph *
psp_graph_new (void)
{
  PspGraph *self = g_new0 (PspGraph, 1);

  self->values = g_array_new (FALSE, TRUE, sizeof (PspValue));
  self->layers = g_array_new (FALSE, TRUE, sizeof (PspLayer));
  g_array_set_clear_func (self->values, clear_value);
  g_array_set_clear_func (self->layers, clear_layer);
  return self;
}

void
psp_graph_free (PspGraph *self)
{
  g_array_unref (self->values);
  g_array_unref (self->layers);
  g_free (self);
}

static int
append_value (PspGraph       *self,
              const PspValue *value)
{
  g_array_append_vals (self->values, value, 1);
  return self->values->len - 1;
}

int
psp_graph_add_value (PspGraph   *self,
                     const char *name,
                     int         channels)
{
  g_return_val_if_fail (channels >= 1, -1);

  return append_value (self, &(PspValue) {
    .name = g_strdup (name),
    .channels = channels,
    .part_of = -1,
    .physical_channels = psp_channels_pad (channels),
  });
}

int
psp_graph_add_concatenation (PspGraph *self,
                             int       channels,
                             int       physical_channels)
{
  g_return_val_if_fail (channels >= 1 && physical_channels % PSP_CHANNEL_ALIGNMENT == 0, -1);

  return append_value (self, &(PspValue) {
    .channels = channels,
    .part_of = -1,
    .physical_channels = physical_channels,
  });
}

int
psp_graph_add_part (PspGraph   *self,
                    const char *name,
                    int         channels,
                    int         whole,
                    int         channel_offset)
{
  const PspValue *value = psp_graph_get_value (self, whole);

  g_return_val_if_fail (value->part_of == -1 && channel_offset % PSP_CHANNEL_ALIGNMENT == 0, -1);
  g_return_val_if_fail (channel_offset + channels <= value->physical_channels, -1);

  return append_value (self, &(PspValue) {
    .name = g_strdup (name),
    .channels = channels,
    .part_of = whole,
    .channel_offset = channel_offset,
    .physical_channels = value->physical_channels,
  });
}

int
psp_graph_add_layer (PspGraph       *self,
                     const PspLayer *layer)
{
  PspLayer copy = *layer;

  g_return_val_if_fail (layer->weights == NULL && layer->bias == NULL, -1);

  copy.name = g_strdup (layer->name);
  g_array_append_val (self->layers, copy);
  return self->layers->len - 1;
}

void
psp_graph_take_weights (PspGraph *self,
                        int       index,
                        GBytes   *weights,
                        GBytes   *bias)
{
  PspLayer *layer = &g_array_index (self->layers, PspLayer, index);

  g_clear_pointer (&layer->weights, g_bytes_unref);
  g_clear_pointer (&layer->bias, g_bytes_unref);
  layer->weights = weights;
  layer->bias = bias;
}

int
psp_graph_get_n_values (const PspGraph *self)
{
  return self->values->len;
}

int
psp_graph_get_n_layers (const PspGraph *self)
{
  return self->layers->len;
}

const PspValue *
psp_graph_get_value (const PspGraph *self,
                     int             index)
{
  return &g_array_index (self->values, PspValue, index);
}

const PspLayer *
psp_graph_get_layer (const PspGraph *self,
                     int             index)
{
  return &g_array_index (self->layers, PspLayer, index);
}

int
psp_graph_find_value (const PspGraph *self,
                      const char     *name)
{
  for (guint i = 0; i < self->values->len; i++)
    if (g_strcmp0 (psp_graph_get_value (self, i)->name, name) == 0)
      return i;
  return -1;
}

static int
window_count (int             length,
              const PspLayer *layer)
{
  int dilation = MAX (1, layer->dilation);

  return (length + 2 * layer->padding - dilation * (layer->kernel - 1) - 1) / layer->stride + 1;
}

static PspSize
infer_size (const PspLayer *layer,
            const PspSize  *sizes)
{
  PspSize source = sizes[layer->source];

  switch (layer->kind)
    {
    case PSP_LAYER_CONVOLUTION:
    case PSP_LAYER_MAX_POOL:
      return (PspSize) { window_count (source.width, layer), window_count (source.height, layer) };
    case PSP_LAYER_BIN_POOL:
      return (PspSize) { layer->bins, layer->bins };
    case PSP_LAYER_RESIZE:
      return sizes[layer->size_of];
    default:
      g_assert_not_reached ();
    }
}

PspSize *
psp_graph_infer_sizes (const PspGraph *self,
                       PspSize         input)
{
  PspSize *sizes = g_new0 (PspSize, self->values->len);

  sizes[0] = input;
  for (guint i = 0; i < self->layers->len; i++)
    {
      const PspLayer *layer = psp_graph_get_layer (self, i);
      int whole = psp_graph_get_value (self, layer->destination)->part_of;

      sizes[layer->destination] = infer_size (layer, sizes);
      if (whole >= 0)
        sizes[whole] = sizes[layer->destination];
    }
  return sizes;
}

gint64
psp_graph_count_macs (const PspGraph *self,
                      const PspLayer *layer,
                      const PspSize  *sizes)
{
  PspSize output = sizes[layer->destination];

  if (layer->kind != PSP_LAYER_CONVOLUTION)
    return 0;

  return (gint64) output.width * output.height * layer->kernel * layer->kernel *
         psp_graph_get_value (self, layer->source)->channels *
         psp_graph_get_value (self, layer->destination)->channels;
}
