/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-geometry.h"

#include <gio/gio.h>

/**
 * PspGraph:
 *
 * A network as a list of layers between values.  Every value is made by one layer (the input by
 * none) before a later layer uses it.  Built once, then immutable; free of any device.
 */
typedef struct _PspGraph PspGraph;

typedef enum
{
  PSP_LAYER_CONVOLUTION,
  PSP_LAYER_MAX_POOL,
  PSP_LAYER_BIN_POOL,
  PSP_LAYER_RESIZE,
  PSP_LAYER_PYRAMID,
} PspLayerKind;

#define PSP_LAYER_MAX_PARTS 16

/**
 * PspLayerPart:
 * @value: what a %PSP_LAYER_RESIZE made of a level of the pyramid
 * @weights: [value channels padded][kernel][kernel][destination channels padded], folded
 */
typedef struct
{
  int     value;
  GBytes *weights;
} PspLayerPart;

/**
 * PspLayer:
 * @kind: the operation
 * @name: of its weights in the checkpoint, or of the operation: “layer1.0.conv1”
 * @source: the value that it reads; -1 where @parts are read
 * @residual: the value that it adds, or -1
 * @destination: the value that it makes
 * @kernel: (convolution, max pool, pyramid): side of the window
 * @stride: (convolution, max pool)
 * @padding: (convolution, max pool)
 * @round_up: (max pool): whether a last window that reaches beyond the padding counts, if it begins
 *   before the end of the source and not in the padding behind it
 * @dilation: (convolution)
 * @relu: (convolution, pyramid)
 * @weights: (convolution): [kernel][kernel][source channels padded][destination channels padded],
 *   folded
 * @bias: (convolution, pyramid): [destination channels padded], folded
 * @bins: (bin pool): cells on a side
 * @maximum: (bin pool): whether a cell is the largest of its pixels, not their mean
 * @size_of: (resize): the value whose height and width the destination gets
 * @factor: (resize): if not 0, the destination is this many times as high and wide as the source,
 *   and @size_of does not count
 * @align_corners: (resize)
 * @n_parts: (pyramid): how many of @parts are set
 * @parts: (pyramid)
 *
 * A %PSP_LAYER_PYRAMID is a convolution of a concatenation, given by its parts:
 * destination = relu (residual + bias + sum over the parts of value * weights), with stride 1 and
 * as much padding of zeros as keeps the size.
 */
typedef struct
{
  PspLayerKind  kind;
  char         *name;
  int           source;
  int           residual;
  int           destination;
  int           kernel;
  int           stride;
  int           padding;
  gboolean      round_up;
  int           dilation;
  gboolean      relu;
  GBytes       *weights;
  GBytes       *bias;
  int           bins;
  gboolean      maximum;
  int           size_of;
  int           factor;
  gboolean      align_corners;
  int           n_parts;
  PspLayerPart  parts[PSP_LAYER_MAX_PARTS];
} PspLayer;

/**
 * PspValue:
 * @name: (nullable): what `--taps` calls it: “layer4”, “ppm.3”, “logits”
 * @channels: without padding
 */
typedef struct
{
  char *name;
  int   channels;
} PspValue;

PspGraph       *psp_graph_new          (void) G_GNUC_WARN_UNUSED_RESULT;
void            psp_graph_free         (PspGraph        *self);

/* Adds a value and returns its index; the first one added is the input.  @name may be %NULL. */
int             psp_graph_add_value    (PspGraph        *self,
                                        const char      *name,
                                        int              channels);

/* Adds a layer without weights and returns its index; its @name is copied. */
int             psp_graph_add_layer    (PspGraph        *self,
                                        const PspLayer  *layer);

/* Gives the layer at @index its folded weights, those of @part if that is not -1. */
void            psp_graph_set_weights  (PspGraph        *self,
                                        int              index,
                                        int              part,
                                        GBytes          *weights);

/* Gives the layer at @index its folded bias. */
void            psp_graph_set_bias     (PspGraph        *self,
                                        int              index,
                                        GBytes          *bias);

int             psp_graph_get_n_values (const PspGraph  *self);
int             psp_graph_get_n_layers (const PspGraph  *self);
const PspValue *psp_graph_get_value    (const PspGraph  *self,
                                        int              index);
const PspLayer *psp_graph_get_layer    (const PspGraph  *self,
                                        int              index);

/* (nullable): the layer that makes @value; %NULL for the input. */
const PspLayer *psp_graph_find_maker   (const PspGraph  *self,
                                        int              value);

/* The value called @name, or -1. */
int             psp_graph_find_value   (const PspGraph  *self,
                                        const char      *name);

/**
 * psp_graph_infer_sizes:
 * @self: a graph
 * @input: height and width of the input, at least 1 x 1
 *
 * Returns: (transfer full) (array): the size of every value, g_free() it
 */
PspSize        *psp_graph_infer_sizes  (const PspGraph  *self,
                                        PspSize          input) G_GNUC_WARN_UNUSED_RESULT;

/* Multiply-accumulates of @layer with values of @sizes, as it is written. */
gint64          psp_graph_count_macs   (const PspGraph  *self,
                                        const PspLayer  *layer,
                                        const PspSize   *sizes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspGraph, psp_graph_free)
