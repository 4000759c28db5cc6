/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-graph.h"

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
  for (int i = 0; i < layer->n_parts; i++)
    g_clear_pointer (&layer->parts[i].weights, g_bytes_unref);
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

int
psp_graph_add_value (PspGraph   *self,
                     const char *name,
                     int         channels)
{
  PspValue value = { g_strdup (name), channels };

  g_array_append_val (self->values, value);
  return self->values->len - 1;
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

static void
set_bytes (GBytes **place,
           GBytes  *bytes)
{
  g_clear_pointer (place, g_bytes_unref);
  *place = g_bytes_ref (bytes);
}

void
psp_graph_set_weights (PspGraph *self,
                       int       index,
                       int       part,
                       GBytes   *weights)
{
  PspLayer *layer = &g_array_index (self->layers, PspLayer, index);

  g_return_if_fail (part < layer->n_parts);

  set_bytes (part >= 0 ? &layer->parts[part].weights : &layer->weights, weights);
}

void
psp_graph_set_bias (PspGraph *self,
                    int       index,
                    GBytes   *bias)
{
  set_bytes (&g_array_index (self->layers, PspLayer, index).bias, bias);
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

const PspLayer *
psp_graph_find_maker (const PspGraph *self,
                      int             value)
{
  for (guint i = 0; i < self->layers->len; i++)
    if (psp_graph_get_layer (self, i)->destination == value)
      return psp_graph_get_layer (self, i);
  return NULL;
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
  int spare = length + 2 * layer->padding - dilation * (layer->kernel - 1) - 1;
  int count = spare / layer->stride + 1;

  if (layer->round_up && spare % layer->stride != 0 &&
      count * layer->stride - layer->padding < length)
    count++;
  return count;
}

static PspSize
infer_size (const PspLayer *layer,
            const PspSize  *sizes)
{
  switch (layer->kind)
    {
    case PSP_LAYER_CONVOLUTION:
    case PSP_LAYER_MAX_POOL:
      return (PspSize) { window_count (sizes[layer->source].width, layer),
                         window_count (sizes[layer->source].height, layer) };
    case PSP_LAYER_BIN_POOL:
      return (PspSize) { layer->bins, layer->bins };
    case PSP_LAYER_RESIZE:
      if (layer->factor > 0)
        return (PspSize) { sizes[layer->source].width * layer->factor,
                           sizes[layer->source].height * layer->factor };
      return sizes[layer->size_of];
    case PSP_LAYER_PYRAMID:
      return sizes[layer->parts[0].value];
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

      sizes[layer->destination] = infer_size (layer, sizes);
    }
  return sizes;
}

gint64
psp_graph_count_macs (const PspGraph *self,
                      const PspLayer *layer,
                      const PspSize  *sizes)
{
  PspSize output = sizes[layer->destination];
  gint64 inputs = 0;

  if (layer->kind == PSP_LAYER_CONVOLUTION)
    inputs = psp_graph_get_value (self, layer->source)->channels;
  for (int i = 0; i < layer->n_parts; i++)
    inputs += psp_graph_get_value (self, layer->parts[i].value)->channels;

  return (gint64) output.width * output.height * layer->kernel * layer->kernel * inputs *
         psp_graph_get_value (self, layer->destination)->channels;
}
