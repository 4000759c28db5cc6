/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-pspnet.h"

#include "engine/core/psp-error.h"
#include "engine/model/psp-folding.h"

/* One convolution in the checkpoint and the layer that it becomes. */
typedef struct
{
  int             layer;
  char           *weight;        /* name of the weights without “.weight” */
  char           *normalisation; /* (nullable) name of the batch normalisation */
  gboolean        has_bias;
  gint64          shape[4];
  int             n_ranges;
  PspChannelRange ranges[PSP_ARCHITECTURE_MAX_LEVELS + 1];
} ConvolutionSource;

typedef struct
{
  const PspArchitecture *architecture;
  PspCheckpoint         *checkpoint;
  PspGraph              *graph;
  GArray                *sources; /* ConvolutionSource */
} Builder;

/* What differs from a 1x1 convolution with stride 1 and batch normalisation; zero is right. */
typedef struct
{
  const char *value;       /* (nullable) name of the result */
  int         whole;       /* (with is_part) the value that the result is part of */
  gboolean    is_part;
  int         part_offset;
  int         residual;    /* (with has_residual) */
  gboolean    has_residual;
  int         kernel;      /* 0: 1 */
  int         stride;      /* 0: 1 */
  int         dilation;    /* 0: 1 */
  gboolean    linear;      /* no ReLU */
  gboolean    has_bias;
} ConvolutionParams;

static void
clear_source (gpointer data)
{
  ConvolutionSource *source = data;

  g_free (source->weight);
  g_free (source->normalisation);
}

static int
pad_channels (int channels)
{
  return (channels + 7) / 8 * 8;
}

/* Adds a convolution of @input to @channels and returns the value that it makes. */
static int
add_convolution (Builder                 *self,
                 int                      input,
                 int                      channels,
                 const char              *weight,
                 const char              *normalisation,
                 const ConvolutionParams *params)
{
  int kernel = MAX (1, params->kernel);
  int dilation = MAX (1, params->dilation);
  int inputs = psp_graph_get_value (self->graph, input)->channels;
  int output = params->is_part
               ? psp_graph_add_part (self->graph, params->value, channels, params->whole,
                                     params->part_offset)
               : psp_graph_add_value (self->graph, params->value, channels);
  ConvolutionSource source = {
    .weight = g_strdup (weight),
    .normalisation = g_strdup (normalisation),
    .has_bias = params->has_bias,
    .shape = { channels, inputs, kernel, kernel },
    .n_ranges = 1,
    .ranges = { { inputs, 0 } },
  };

  source.layer = psp_graph_add_layer (self->graph, &(PspLayer) {
    .kind = PSP_LAYER_CONVOLUTION,
    .name = (char *) weight,
    .source = input,
    .residual = params->has_residual ? params->residual : -1,
    .destination = output,
    .kernel = kernel,
    .stride = MAX (1, params->stride),
    .padding = kernel / 2 * dilation,
    .dilation = dilation,
    .relu = !params->linear,
  });
  g_array_append_val (self->sources, source);
  return output;
}

static int
add_stem (Builder *self)
{
  const int *channels = self->architecture->stem;
  int value = psp_graph_add_value (self->graph, "input", 3);
  int pooled;

  value = add_convolution (self, value, channels[0], "layer0.0", "layer0.1",
                           &(ConvolutionParams) { .kernel = 3, .stride = 2 });
  value = add_convolution (self, value, channels[1], "layer0.3", "layer0.4",
                           &(ConvolutionParams) { .kernel = 3 });
  value = add_convolution (self, value, channels[2], "layer0.6", "layer0.7",
                           &(ConvolutionParams) { .kernel = 3 });
  pooled = psp_graph_add_value (self->graph, "layer0", channels[2]);
  psp_graph_add_layer (self->graph, &(PspLayer) {
    .kind = PSP_LAYER_MAX_POOL,
    .name = (char *) "layer0.9",
    .source = value,
    .residual = -1,
    .destination = pooled,
    .kernel = 3,
    .stride = 2,
    .padding = 1,
  });
  return pooled;
}

/* The convolution PREFIX.convNUMBER with PREFIX.bnNUMBER. */
static int
add_numbered (Builder                 *self,
              int                      input,
              int                      channels,
              const char              *prefix,
              int                      number,
              const ConvolutionParams *params)
{
  g_autofree char *weight = g_strdup_printf ("%s.conv%d", prefix, number);
  g_autofree char *normalisation = g_strdup_printf ("%s.bn%d", prefix, number);

  return add_convolution (self, input, channels, weight, normalisation, params);
}

static int
add_projection (Builder    *self,
                int         input,
                int         channels,
                const char *prefix,
                int         stride)
{
  g_autofree char *weight = g_strdup_printf ("%s.downsample.0", prefix);
  g_autofree char *normalisation = g_strdup_printf ("%s.downsample.1", prefix);

  if (stride == 1 && psp_graph_get_value (self->graph, input)->channels == channels)
    return input;

  return add_convolution (self, input, channels, weight, normalisation,
                          &(ConvolutionParams) { .stride = stride, .linear = TRUE });
}

typedef struct
{
  int planes;
  int stride;
  int dilation;
} BlockParams;

/* One residual block; @last tells where its result goes. */
static int
add_block (Builder                 *self,
           int                      input,
           const char              *prefix,
           const BlockParams       *params,
           const ConvolutionParams *last)
{
  gboolean bottleneck = self->architecture->bottleneck;
  int channels = params->planes * (bottleneck ? 4 : 1);
  ConvolutionParams strided = {
    .kernel = 3, .stride = params->stride, .dilation = params->dilation
  };
  ConvolutionParams final = *last;
  int value;

  final.has_residual = TRUE;
  final.residual = add_projection (self, input, channels, prefix, params->stride);
  if (bottleneck)
    {
      value = add_numbered (self, input, params->planes, prefix, 1, &(ConvolutionParams) { 0 });
      value = add_numbered (self, value, params->planes, prefix, 2, &strided);
      return add_numbered (self, value, channels, prefix, 3, &final);
    }

  final.kernel = 3;
  final.dilation = params->dilation;
  value = add_numbered (self, input, params->planes, prefix, 1, &strided);
  return add_numbered (self, value, channels, prefix, 2, &final);
}

/* Stage @stage (0 to 3); @last tells where the result of its last block goes. */
static int
add_stage (Builder                 *self,
           int                      value,
           int                      stage,
           const ConvolutionParams *last)
{
  static const int strides[] = { 1, 2, 1, 1 };
  static const int dilations[] = { 1, 1, 2, 4 };
  int n_blocks = self->architecture->blocks[stage];

  for (int i = 0; i < n_blocks; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("layer%d.%d", stage + 1, i);
      BlockParams params = {
        .planes = self->architecture->planes << stage,
        .stride = i == 0 ? strides[stage] : 1,
        .dilation = dilations[stage],
      };

      value = add_block (self, value, prefix, &params,
                         i == n_blocks - 1 ? last : &(ConvolutionParams) { 0 });
    }
  return value;
}

static int
concatenation_channels (const PspArchitecture *architecture)
{
  return pad_channels (psp_architecture_stage_channels (architecture, 3)) +
         architecture->n_levels * pad_channels (architecture->level_channels);
}

/* Pools, reduces and enlarges one level into its part of @whole. */
static void
add_level (Builder *self,
           int      features,
           int      whole,
           int      level,
           int      bins)
{
  const PspArchitecture *architecture = self->architecture;
  int channels = architecture->level_channels;
  int offset = pad_channels (psp_architecture_stage_channels (architecture, 3)) +
               level * pad_channels (channels);
  g_autofree char *name = g_strdup_printf ("ppm.%d", bins);
  g_autofree char *weight = g_strdup_printf ("ppm.features.%d.1", level);
  g_autofree char *normalisation = g_strdup_printf ("ppm.features.%d.2", level);
  int pooled = psp_graph_add_value (self->graph, NULL,
                                    psp_graph_get_value (self->graph, features)->channels);
  int reduced, enlarged;

  psp_graph_add_layer (self->graph, &(PspLayer) {
    .kind = PSP_LAYER_BIN_POOL,
    .name = name,
    .source = features,
    .residual = -1,
    .destination = pooled,
    .bins = bins,
  });
  reduced = add_convolution (self, pooled, channels, weight, normalisation,
                             &(ConvolutionParams) { .value = name });
  enlarged = psp_graph_add_part (self->graph, NULL, channels, whole, offset);
  psp_graph_add_layer (self->graph, &(PspLayer) {
    .kind = PSP_LAYER_RESIZE,
    .name = name,
    .source = reduced,
    .residual = -1,
    .destination = enlarged,
    .size_of = features,
    .align_corners = TRUE,
  });
}

/* Tells the head's first convolution where the parts of the concatenation lie in memory. */
static void
set_ranges (Builder *self)
{
  const PspArchitecture *architecture = self->architecture;
  ConvolutionSource *source = &g_array_index (self->sources, ConvolutionSource,
                                              self->sources->len - 1);
  int channels = psp_architecture_stage_channels (architecture, 3);

  source->n_ranges = 1 + architecture->n_levels;
  source->ranges[0] = (PspChannelRange) { channels, 0 };
  for (int i = 0; i < architecture->n_levels; i++)
    source->ranges[1 + i] = (PspChannelRange) {
      architecture->level_channels,
      pad_channels (channels) + i * pad_channels (architecture->level_channels),
    };
}

typedef struct
{
  const char *prefix; /* in the checkpoint: “cls” */
  const char *value;  /* name of the logits */
  int         channels;
  gboolean    reads_pyramid;
} HeadParams;

/* 3x3, ReLU, 1x1 with bias, and the enlargement to the input's size. */
static void
add_head (Builder          *self,
          int               input,
          const HeadParams *params)
{
  g_autofree char *first = g_strconcat (params->prefix, ".0", NULL);
  g_autofree char *normalisation = g_strconcat (params->prefix, ".1", NULL);
  g_autofree char *last = g_strconcat (params->prefix, ".4", NULL);
  g_autofree char *full = g_strconcat (params->value, "_full", NULL);
  int value = add_convolution (self, input, params->channels, first, normalisation,
                               &(ConvolutionParams) { .kernel = 3 });
  int enlarged;

  if (params->reads_pyramid)
    set_ranges (self);

  value = add_convolution (self, value, self->architecture->n_classes, last, NULL,
                           &(ConvolutionParams) {
    .value = params->value, .has_bias = TRUE, .linear = TRUE
  });
  enlarged = psp_graph_add_value (self->graph, full, self->architecture->n_classes);
  psp_graph_add_layer (self->graph, &(PspLayer) {
    .kind = PSP_LAYER_RESIZE,
    .name = full,
    .source = value,
    .residual = -1,
    .destination = enlarged,
    .size_of = 0,
    .align_corners = TRUE,
  });
}

static void
add_network (Builder   *self,
             const int *bins)
{
  const PspArchitecture *architecture = self->architecture;
  int value = add_stem (self);
  int middle, whole;

  value = add_stage (self, value, 0, &(ConvolutionParams) { .value = "layer1" });
  value = add_stage (self, value, 1, &(ConvolutionParams) { .value = "layer2" });
  middle = add_stage (self, value, 2, &(ConvolutionParams) { .value = "layer3" });
  whole = psp_graph_add_concatenation (self->graph,
                                       psp_architecture_stage_channels (architecture, 3) +
                                       architecture->n_levels * architecture->level_channels,
                                       concatenation_channels (architecture));
  value = add_stage (self, middle, 3, &(ConvolutionParams) {
    .value = "layer4", .is_part = TRUE, .whole = whole
  });
  for (int i = 0; i < architecture->n_levels; i++)
    add_level (self, value, whole, i, bins[i]);

  add_head (self, whole, &(HeadParams) { "cls", "logits", architecture->head_channels, TRUE });
  if (architecture->auxiliary_channels > 0)
    add_head (self, middle,
              &(HeadParams) { "aux", "aux", architecture->auxiliary_channels, FALSE });
}

/* What a comparison of the file with the architecture found, one line each. */
typedef struct
{
  GString    *missing;
  GString    *misshapen;
  GString    *unexpected;
  GHashTable *expected;
  gint64      n_parameters;
} Inspection;

static void
append_name (GString    *list,
             const char *text)
{
  if (list->len > 0)
    g_string_append (list, ", ");
  g_string_append (list, text);
}

static void
expect_tensor (Inspection          *self,
               const PspCheckpoint *checkpoint,
               const char          *prefix,
               const char          *suffix,
               int                  n_dimensions,
               const gint64        *shape)
{
  char *name = g_strconcat (prefix, ".", suffix, NULL);
  const PspCheckpointEntry *entry = psp_checkpoint_find (checkpoint, name);
  gboolean same = entry != NULL && entry->n_dimensions == n_dimensions;
  gint64 n_elements = 1;

  g_hash_table_add (self->expected, name);
  if (entry == NULL)
    {
      append_name (self->missing, name);
      return;
    }

  for (int i = 0; i < n_dimensions; i++)
    {
      same = same && entry->shape[i] == shape[i];
      n_elements *= shape[i];
    }
  if (!g_str_has_prefix (suffix, "running_"))
    self->n_parameters += n_elements;
  if (!same)
    {
      g_autofree char *is = psp_shape_to_string (entry->n_dimensions, entry->shape);
      g_autofree char *should = psp_shape_to_string (n_dimensions, shape);
      g_autofree char *text = g_strdup_printf ("%s is %s, should be %s", name, is, should);

      append_name (self->misshapen, text);
    }
}

static void
expect_source (Inspection              *self,
               const PspCheckpoint     *checkpoint,
               const ConvolutionSource *source)
{
  static const char * const parts[] = { "weight", "bias", "running_mean", "running_var" };

  expect_tensor (self, checkpoint, source->weight, "weight", 4, source->shape);
  if (source->has_bias)
    expect_tensor (self, checkpoint, source->weight, "bias", 1, source->shape);
  if (source->normalisation == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    expect_tensor (self, checkpoint, source->normalisation, parts[i], 1, source->shape);
}

static void
find_unexpected (Inspection          *self,
                 const PspCheckpoint *checkpoint)
{
  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      const char *name = psp_checkpoint_get_entry (checkpoint, i)->name;

      if (!g_hash_table_contains (self->expected, name) && !psp_pspnet_ignores (name))
        append_name (self->unexpected, name);
    }
}

/* Sets the error that lists what is wrong, if anything is. */
static gboolean
judge (const Inspection     *self,
       const PspCheckpoint  *checkpoint,
       GError              **error)
{
  g_autoptr(GString) text = g_string_new (NULL);
  const GString *lists[] = { self->missing, self->misshapen, self->unexpected };
  const char *titles[] = { "missing", "misshapen", "unexpected" };

  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    if (lists[i]->len > 0)
      g_string_append_printf (text, "%s%s: %s", text->len > 0 ? "; " : "",
                              titles[i], lists[i]->str);
  if (text->len == 0)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
               "%s: its tensors are not those of the PSPNet that it seems to be. %s",
               psp_checkpoint_get_path (checkpoint), text->str);
  return FALSE;
}

static gboolean
inspect (const Builder  *self,
         gint64         *n_parameters,
         GError        **error)
{
  g_autoptr(GString) missing = g_string_new (NULL);
  g_autoptr(GString) misshapen = g_string_new (NULL);
  g_autoptr(GString) unexpected = g_string_new (NULL);
  g_autoptr(GHashTable) expected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Inspection inspection = { missing, misshapen, unexpected, expected, 0 };

  for (guint i = 0; i < self->sources->len; i++)
    expect_source (&inspection, self->checkpoint,
                   &g_array_index (self->sources, ConvolutionSource, i));
  find_unexpected (&inspection, self->checkpoint);
  *n_parameters = inspection.n_parameters;
  return judge (&inspection, self->checkpoint, error);
}

/* Reads PREFIX.SUFFIX into @tensor; a %NULL prefix is no error and leaves %NULL. */
static gboolean
read_tensor (const Builder  *self,
             const char     *prefix,
             const char     *suffix,
             PspTensor     **tensor,
             GError        **error)
{
  g_autofree char *name = NULL;

  if (prefix == NULL)
    return TRUE;
  name = g_strconcat (prefix, ".", suffix, NULL);
  *tensor = psp_checkpoint_read (self->checkpoint, name, error);
  return *tensor != NULL;
}

static gboolean
load_source (const Builder            *self,
             const ConvolutionSource  *source,
             GError                  **error)
{
  g_autoptr(PspTensor) weights = NULL;
  g_autoptr(PspTensor) bias = NULL;
  g_autoptr(PspTensor) gamma = NULL;
  g_autoptr(PspTensor) beta = NULL;
  g_autoptr(PspTensor) mean = NULL;
  g_autoptr(PspTensor) variance = NULL;
  int input = psp_graph_get_layer (self->graph, source->layer)->source;
  const PspValue *value = psp_graph_get_value (self->graph, input);
  const char *normalisation = source->normalisation;
  GBytes *folded_weights, *folded_bias;

  if (!read_tensor (self, source->weight, "weight", &weights, error) ||
      !read_tensor (self, source->has_bias ? source->weight : NULL, "bias", &bias, error) ||
      !read_tensor (self, normalisation, "weight", &gamma, error) ||
      !read_tensor (self, normalisation, "bias", &beta, error) ||
      !read_tensor (self, normalisation, "running_mean", &mean, error) ||
      !read_tensor (self, normalisation, "running_var", &variance, error))
    return FALSE;

  if (!psp_folding_run (&(PspFolding) {
        .weights = weights, .bias = bias, .gamma = gamma, .beta = beta, .mean = mean,
        .variance = variance, .n_ranges = source->n_ranges, .ranges = source->ranges,
        .physical_inputs = value->part_of < 0 ? value->physical_channels
                                              : pad_channels (value->channels),
        .name = source->weight }, &folded_weights, &folded_bias, error))
    {
      g_prefix_error (error, "%s: ", psp_checkpoint_get_path (self->checkpoint));
      return FALSE;
    }

  psp_graph_take_weights (self->graph, source->layer, folded_weights, folded_bias);
  return TRUE;
}

static gboolean
load_sources (const Builder  *self,
              GCancellable   *cancellable,
              GError        **error)
{
  for (guint i = 0; i < self->sources->len; i++)
    if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
        !load_source (self, &g_array_index (self->sources, ConvolutionSource, i), error))
      return FALSE;
  return TRUE;
}

gboolean
psp_pspnet_build (const PspArchitecture  *architecture,
                  const int              *bins,
                  PspCheckpoint          *checkpoint,
                  GCancellable           *cancellable,
                  PspNetwork             *network,
                  GError                **error)
{
  g_autoptr(PspGraph) graph = psp_graph_new ();
  g_autoptr(GArray) sources = g_array_new (FALSE, TRUE, sizeof (ConvolutionSource));
  Builder builder = { architecture, checkpoint, graph, sources };

  g_array_set_clear_func (sources, clear_source);
  add_network (&builder, bins);
  if (!inspect (&builder, &network->n_parameters, error) ||
      !load_sources (&builder, cancellable, error))
    return FALSE;

  network->graph = g_steal_pointer (&graph);
  return TRUE;
}

gboolean
psp_pspnet_ignores (const char *name)
{
  return g_str_has_suffix (name, ".num_batches_tracked");
}
