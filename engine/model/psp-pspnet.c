/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-pspnet.h"

#include "engine/model/psp-architecture-json.h"
#include "engine/model/psp-pspnet-folded.h"
#include "engine/model/psp-pspnet-private.h"

typedef struct
{
  const PspNetworkParams *params;
  const PspArchitecture  *architecture;
  const PspFamily        *family;
  PspGraph               *graph;
  GArray                 *sources; /* PspConvolutionSource */
} Builder;

/* What differs from a 1x1 convolution with stride 1 and batch normalisation; zero is right. */
typedef struct
{
  const char *value;       /* (nullable) name of the result */
  int         residual;    /* (with has_residual) */
  gboolean    has_residual;
  int         kernel;      /* 0: 1 */
  int         stride;      /* 0: 1 */
  int         dilation;    /* 0: 1 */
  gboolean    linear;      /* no ReLU */
  gboolean    has_bias;    /* instead of batch normalisation */
} ConvolutionParams;

static void
clear_source (gpointer data)
{
  PspConvolutionSource *source = data;

  g_free (source->weight);
  g_free (source->normalisation);
}

/* Adds a convolution of @input to @channels and returns the value that it makes. */
static int
add_named (Builder                 *self,
           int                      input,
           int                      channels,
           const PspPartNames      *names,
           const PspPlace          *place,
           const ConvolutionParams *params)
{
  int kernel = MAX (1, params->kernel);
  int dilation = MAX (1, params->dilation);
  int inputs = psp_graph_get_value (self->graph, input)->channels;
  int output = psp_graph_add_value (self->graph, params->value, channels);
  PspConvolutionSource source = {
    .weight = psp_family_expand (names->convolution, place),
    .normalisation = params->has_bias ? NULL : psp_family_expand (names->normalisation, place),
    .has_bias = params->has_bias,
    .shape = { channels, inputs, kernel, kernel },
    .n_parts = 1,
    .parts = { { .inputs = inputs } },
  };

  source.layer = psp_graph_add_layer (self->graph, &(PspLayer) {
    .kind = PSP_LAYER_CONVOLUTION,
    .name = source.weight,
    .source = input,
    .residual = params->has_residual ? params->residual : -1,
    .destination = output,
    .kernel = kernel,
    .stride = MAX (1, params->stride),
    .padding = kernel / 2 * dilation,
    .dilation = dilation,
    .relu = !params->linear,
  });
  source.places[0] = (PspWeightsPlace) { source.layer, -1, -1 };
  g_array_append_val (self->sources, source);
  return output;
}

static int
add_convolution (Builder                 *self,
                 int                      input,
                 int                      channels,
                 PspPart                  part,
                 const PspPlace          *place,
                 const ConvolutionParams *params)
{
  return add_named (self, input, channels, &self->family->parts[part], place, params);
}

/* The convolution that was added last. */
static PspConvolutionSource *
last_source (Builder *self)
{
  return &g_array_index (self->sources, PspConvolutionSource, self->sources->len - 1);
}

static int
add_stem_convolutions (Builder *self,
                       int      value)
{
  static const PspPart parts[] = { PSP_PART_STEM, PSP_PART_STEM_2, PSP_PART_STEM_3 };
  const PspArchitecture *architecture = self->architecture;
  PspPlace nowhere = { 0 };

  if (!architecture->deep_stem)
    value = add_named (self, value, architecture->stem[0], &self->family->plain_stem, &nowhere,
                       &(ConvolutionParams) { .kernel = 7, .stride = 2 });
  for (gsize i = 0; architecture->deep_stem && i < G_N_ELEMENTS (parts); i++)
    {
      value = add_convolution (self, value, architecture->stem[i], parts[i], &nowhere,
                               &(ConvolutionParams) { .kernel = 3, .stride = i == 0 ? 2 : 1 });
      if (i == 0)
        last_source (self)->parts[0].reversed = self->params->bgr;
    }
  if (!architecture->deep_stem)
    last_source (self)->parts[0].reversed = self->params->bgr;
  return value;
}

static int
add_stem (Builder *self)
{
  int value = add_stem_convolutions (self, psp_graph_add_value (self->graph, "input", 3));
  int pooled = psp_graph_add_value (self->graph, "layer0",
                                    psp_graph_get_value (self->graph, value)->channels);

  psp_graph_add_layer (self->graph, &(PspLayer) {
    .kind = PSP_LAYER_MAX_POOL,
    .name = (char *) "layer0.pool",
    .source = value,
    .residual = -1,
    .destination = pooled,
    .kernel = 3,
    .stride = 2,
    .padding = 1,
    .round_up = self->family->pool_rounds_up,
  });
  return pooled;
}

/* What the convolutions of a residual block do. */
typedef struct
{
  PspPlace place;
  int      planes;
  int      stride;
  int      dilation;         /* of the first 3x3 convolution */
  int      second_dilation;  /* (basic) of the second */
  gboolean stride_first;     /* (bottleneck) whether the first 1x1 convolution has the stride */
} Block;

static Block
plan_block (const Builder *self,
            int            stage,
            int            i)
{
  static const int strides[] = { 1, 2, 1, 1 };
  static const int dilations[] = { 1, 1, 2, 4 };
  const PspFamily *family = self->family;
  gboolean dilated = dilations[stage] > 1 && !family->undilated;
  int stride = family->undilated && stage > 0 ? 2 : strides[stage];
  int dilation = dilated ? dilations[stage] : 1;

  return (Block) {
    .place = { .stage = stage, .block = i },
    .planes = self->architecture->planes << stage,
    .stride = i == 0 ? stride : 1,
    .dilation = dilated && i == 0 && family->first_dilation_halved ? dilation / 2 : dilation,
    .second_dilation = family->second_undilated ? 1 : dilation,
    .stride_first = self->architecture->stride_first,
  };
}

static int
add_projection (Builder     *self,
                int          input,
                int          channels,
                const Block *block)
{
  if (block->stride == 1 && psp_graph_get_value (self->graph, input)->channels == channels)
    return input;

  return add_convolution (self, input, channels, PSP_PART_PROJECTION, &block->place,
                          &(ConvolutionParams) { .stride = block->stride, .linear = TRUE });
}

/* One residual block; @last tells where its result goes. */
static int
add_block (Builder                 *self,
           int                      input,
           const Block             *block,
           const ConvolutionParams *last)
{
  gboolean bottleneck = self->architecture->bottleneck;
  int channels = block->planes * (bottleneck ? 4 : 1);
  ConvolutionParams reduction = { .stride = block->stride_first ? block->stride : 1 };
  ConvolutionParams strided = {
    .kernel = 3, .stride = block->stride_first ? 1 : block->stride, .dilation = block->dilation
  };
  ConvolutionParams final = *last;
  int value;

  final.has_residual = TRUE;
  final.residual = add_projection (self, input, channels, block);
  if (bottleneck)
    {
      value = add_convolution (self, input, block->planes, PSP_PART_BLOCK_1, &block->place,
                               &reduction);
      value = add_convolution (self, value, block->planes, PSP_PART_BLOCK_2, &block->place,
                               &strided);
      return add_convolution (self, value, channels, PSP_PART_BLOCK_3, &block->place, &final);
    }

  strided.stride = block->stride;
  final.kernel = 3;
  final.dilation = block->second_dilation;
  value = add_convolution (self, input, block->planes, PSP_PART_BLOCK_1, &block->place, &strided);
  return add_convolution (self, value, channels, PSP_PART_BLOCK_2, &block->place, &final);
}

/* Stage @stage (0 to 3). */
static int
add_stage (Builder *self,
           int      value,
           int      stage)
{
  g_autofree char *name = g_strdup_printf ("layer%d", stage + 1);
  ConvolutionParams last = { .value = name };
  int n_blocks = self->architecture->blocks[stage];

  for (int i = 0; i < n_blocks; i++)
    {
      Block block = plan_block (self, stage, i);

      value = add_block (self, value, &block,
                         i == n_blocks - 1 ? &last : &(ConvolutionParams) { 0 });
    }
  return value;
}

/* Adds a layer that enlarges @value @factor times; 0: to the size of @size_of. */
static int
add_resizing (Builder    *self,
              const char *name,
              int         value,
              int         size_of,
              int         factor)
{
  int enlarged = psp_graph_add_value (self->graph, name,
                                      psp_graph_get_value (self->graph, value)->channels);

  psp_graph_add_layer (self->graph, &(PspLayer) {
    .kind = PSP_LAYER_RESIZE,
    .name = (char *) name,
    .source = value,
    .residual = -1,
    .destination = enlarged,
    .size_of = size_of,
    .factor = factor,
    .align_corners = self->params->align_corners,
  });
  return enlarged;
}

/* Pools, reduces (in most networks) and enlarges one level of the pyramid. */
static int
add_level (Builder *self,
           int      features,
           int      level)
{
  const PspArchitecture *architecture = self->architecture;
  int bins = self->params->bins[level];
  g_autofree char *name = g_strdup_printf ("ppm.%d", bins);
  g_autofree char *pooled_name = g_strconcat (name, ".pooled", NULL);
  g_autofree char *enlarged_name = g_strconcat (name, ".upsampled", NULL);
  int level_value = psp_graph_add_value (self->graph,
                                         architecture->level_reduced ? pooled_name : name,
                                         psp_graph_get_value (self->graph, features)->channels);

  psp_graph_add_layer (self->graph, &(PspLayer) {
    .kind = PSP_LAYER_BIN_POOL,
    .name = pooled_name,
    .source = features,
    .residual = -1,
    .destination = level_value,
    .bins = bins,
    .maximum = self->params->max_pooling,
  });
  if (architecture->level_reduced)
    level_value = add_convolution (self, level_value, architecture->level_channels, PSP_PART_LEVEL,
                                   &(PspPlace) { .level = level },
                                   &(ConvolutionParams) {
      .value = name, .has_bias = !architecture->level_normalised[level]
    });
  return add_resizing (self, enlarged_name, level_value, features, 0);
}

/* A layer for what one level alone adds to the first convolution of the head; only a session in
 * which somebody wants that runs it. */
static int
add_contribution (Builder        *self,
                  const PspLayer *pyramid,
                  int             level)
{
  g_autofree char *name = g_strdup_printf ("head.%d", self->params->bins[level]);
  int channels = psp_graph_get_value (self->graph, pyramid->destination)->channels;

  return psp_graph_add_layer (self->graph, &(PspLayer) {
    .kind = PSP_LAYER_PYRAMID,
    .name = name,
    .source = -1,
    .residual = -1,
    .destination = psp_graph_add_value (self->graph, name, channels),
    .kernel = pyramid->kernel,
    .n_parts = 1,
    .parts = { pyramid->parts[level] },
  });
}

/* Tells where the inputs of the fusion, which was added last, go: those from the features to the
 * layer that it is, those from a level to their part of the layer @pyramid. */
static void
divide_fusion (Builder   *self,
               int        pyramid,
               const int *contributions)
{
  const PspArchitecture *architecture = self->architecture;
  PspConvolutionSource *source = last_source (self);
  int n_levels = architecture->n_levels;
  int features_at = self->family->features_last ? n_levels : 0;
  int first_level = self->family->features_last ? 0 : 1;

  source->parts[features_at] = source->parts[0];
  source->places[features_at] = source->places[0];
  for (int i = 0; i < n_levels; i++)
    {
      int level = self->family->levels_reversed ? n_levels - 1 - i : i;

      source->parts[first_level + i] = (PspFoldingPart) {
        .inputs = architecture->level_channels, .inputs_first = TRUE
      };
      source->places[first_level + i] = (PspWeightsPlace) { pyramid, level, contributions[level] };
    }
  source->layer = pyramid;
  source->n_parts = 1 + n_levels;
  source->shape[1] += (gint64) n_levels * architecture->level_channels;
}

/* Adds the enlarged levels' share to @sum, the features' share of the first convolution of the
 * head, which was added last. */
static int
add_pyramid (Builder   *self,
             int        sum,
             const int *levels)
{
  g_autofree char *name = g_strconcat (last_source (self)->weight, ".pyramid", NULL);
  int contributions[PSP_ARCHITECTURE_MAX_LEVELS];
  PspLayer pyramid = {
    .kind = PSP_LAYER_PYRAMID,
    .name = name,
    .source = -1,
    .residual = sum,
    .destination = psp_graph_add_value (self->graph, "head", self->architecture->head_channels),
    .kernel = self->family->fuse_kernel,
    .relu = TRUE,
    .n_parts = self->architecture->n_levels,
  };

  for (int level = 0; level < pyramid.n_parts; level++)
    {
      pyramid.parts[level].value = levels[level];
      contributions[level] = add_contribution (self, &pyramid, level);
    }
  divide_fusion (self, psp_graph_add_layer (self->graph, &pyramid), contributions);
  return pyramid.destination;
}

typedef struct
{
  PspPart     fuse;
  PspPart     classifier;
  const char *value;  /* name of the logits */
  int         channels;
  int         fuse_kernel;
  int         classifier_kernel;
  gboolean    is_plain;
  gboolean    is_main;
} HeadParams;

/* The first convolution of a head, for the main one of the concatenated pyramid. */
static int
add_fusion (Builder          *self,
            int               features,
            const HeadParams *params)
{
  int n_levels = params->is_main ? self->architecture->n_levels : 0;
  int levels[PSP_ARCHITECTURE_MAX_LEVELS];
  PspPlace nowhere = { 0 };
  int value;

  for (int i = 0; i < n_levels; i++)
    levels[i] = add_level (self, features, i);
  value = add_convolution (self, features, params->channels, params->fuse, &nowhere,
                           &(ConvolutionParams) {
    .value = n_levels > 0 ? "head.features" : params->is_main ? "head" : NULL,
    .kernel = params->fuse_kernel, .linear = n_levels > 0, .has_bias = params->is_plain
  });
  return n_levels > 0 ? add_pyramid (self, value, levels) : value;
}

/* Two convolutions, the second with bias, and the enlargement. */
static void
add_head (Builder          *self,
          int               input,
          const HeadParams *params)
{
  g_autofree char *full = g_strconcat (params->value, "_full", NULL);
  PspPlace nowhere = { 0 };
  int value = add_fusion (self, input, params);

  value = add_convolution (self, value, self->architecture->n_classes, params->classifier,
                           &nowhere, &(ConvolutionParams) {
    .value = params->value, .kernel = params->classifier_kernel, .has_bias = TRUE, .linear = TRUE
  });
  add_resizing (self, full, value, 0, self->params->enlargement);
}

static void
add_network (Builder *self)
{
  const PspArchitecture *architecture = self->architecture;
  int value = add_stem (self);
  int middle = value;

  for (int stage = 0; stage < architecture->n_stages; stage++)
    {
      middle = value;
      value = add_stage (self, value, stage);
    }
  add_head (self, value, &(HeadParams) {
    .fuse = PSP_PART_FUSE, .classifier = PSP_PART_CLASSIFIER, .value = "logits",
    .channels = architecture->head_channels, .fuse_kernel = self->family->fuse_kernel,
    .classifier_kernel = self->family->classifier_kernel,
    .is_plain = !architecture->head_normalised, .is_main = TRUE,
  });
  if (architecture->auxiliary_channels > 0)
    add_head (self, middle, &(HeadParams) {
      .fuse = PSP_PART_AUXILIARY, .classifier = PSP_PART_AUXILIARY_CLASSIFIER, .value = "aux",
      .channels = architecture->auxiliary_channels, .fuse_kernel = 3, .classifier_kernel = 1,
    });
}

gboolean
psp_pspnet_build (const PspNetworkParams  *params,
                  PspCheckpoint           *checkpoint,
                  GCancellable            *cancellable,
                  PspNetwork              *network,
                  GError                 **error)
{
  const PspArchitecture *architecture = params->architecture;
  g_autoptr(PspGraph) graph = psp_graph_new ();
  g_autoptr(GArray) sources = g_array_new (FALSE, TRUE, sizeof (PspConvolutionSource));
  Builder builder = { params, architecture, architecture->family, graph, sources };
  PspPspnetWeights weights = { architecture, checkpoint, graph, sources };

  g_array_set_clear_func (sources, clear_source);
  add_network (&builder);
  if (!(architecture->folded
        ? psp_pspnet_folded_inspect (&weights, &network->n_parameters, error)
        : psp_pspnet_weights_inspect (&weights, &network->n_parameters, error)) ||
      !psp_pspnet_weights_load (&weights, cancellable, error))
    return FALSE;

  network->graph = g_steal_pointer (&graph);
  return TRUE;
}

/* Which convolutions there are follows from @params again: what is built twice is the same. */
gboolean
psp_pspnet_write (const PspNetworkParams  *params,
                  const PspNetwork        *network,
                  gboolean                 half,
                  PspSafetensorsWriter    *writer,
                  GError                 **error)
{
  const PspArchitecture *architecture = params->architecture;
  g_autoptr(PspGraph) graph = psp_graph_new ();
  g_autoptr(GArray) sources = g_array_new (FALSE, TRUE, sizeof (PspConvolutionSource));
  Builder builder = { params, architecture, architecture->family, graph, sources };
  g_autofree char *json = psp_architecture_to_json (architecture);

  g_array_set_clear_func (sources, clear_source);
  add_network (&builder);
  psp_safetensors_writer_set_metadata (writer, PSP_ARCHITECTURE_FAMILY_KEY,
                                       architecture->family->id);
  psp_safetensors_writer_set_metadata (writer, PSP_ARCHITECTURE_KEY, json);
  return psp_pspnet_folded_write (sources, network, half, writer, error);
}
