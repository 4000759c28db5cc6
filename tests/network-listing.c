/* SPDX-License-Identifier: MIT */
#include "tests/network-listing.h"

#include <gio/gio.h>
#include <math.h>

const NetworkDepth network_depths[] = {
  [NETWORK_50] = { 50, { 3, 4, 6, 3 }, 4 },
  [NETWORK_101] = { 101, { 3, 4, 23, 3 }, 4 },
  [NETWORK_152] = { 152, { 3, 8, 36, 3 }, 4 },
  [NETWORK_18] = { 18, { 2, 2, 2, 2 }, 1 },
};

const int network_bins[NETWORK_LEVELS] = { 1, 2, 3, 6 };

/* Names of a convolution, its normalisation and a classifier. */
typedef struct
{
  const char *convolution;
  const char *normalisation;
  const char *classifier;
} HeadNames;

struct _NetworkStyle
{
  const char *name;
  const char *stem;
  int         stem_channels[3];
  const char *stage;
  HeadNames   level; /* # is the level */
  HeadNames   head;
  HeadNames   auxiliary;
};

const NetworkStyle network_official = {
  "official", "layer0", { 64, 64, 128 }, "layer",
  { "ppm.features.#.1", "ppm.features.#.2", NULL }, { "cls.0", "cls.1", "cls.4" },
  { "aux.0", "aux.1", "aux.4" },
};

/* open-mmlab/mmsegmentation: backbones/resnet.py (ResNetV1c), decode_heads/psp_head.py and
 * fcn_head.py. */
const NetworkStyle network_mmsegmentation = {
  "mmsegmentation", "backbone.stem", { 32, 32, 64 }, "backbone.layer",
  { "decode_head.psp_modules.#.1.conv", "decode_head.psp_modules.#.1.bn", NULL },
  { "decode_head.bottleneck.conv", "decode_head.bottleneck.bn", "decode_head.conv_seg" },
  { "auxiliary_head.convs.0.conv", "auxiliary_head.convs.0.bn", "auxiliary_head.conv_seg" },
};

const char *
network_style_get_name (const NetworkStyle *self)
{
  return self->name;
}

double
network_listing_draw (NetworkListing *self)
{
  self->random ^= self->random << 13;
  self->random ^= self->random >> 7;
  self->random ^= self->random << 17;
  return (double) (self->random >> 11) / 9007199254740992.0;
}

/* Numbers from @low to @high, the same in every run. */
static void
list_tensor (NetworkListing *self,
             const char     *name,
             int             n_dimensions,
             const gint64   *shape,
             double          low,
             double          high)
{
  g_autoptr(PspTensor) tensor = NULL;
  guint64 n_elements = 1;

  self->n_entries++;
  for (int i = 0; i < n_dimensions; i++)
    n_elements *= shape[i];
  if (self->header != NULL)
    {
      g_autofree char *text = psp_shape_to_string (n_dimensions, shape);

      g_string_append_printf (self->header, "%s\"%s\":{\"dtype\":\"F32\",\"shape\":%s,"
                              "\"data_offsets\":[%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "]}",
                              self->n_bytes > 0 ? "," : "{", name, text, self->n_bytes,
                              self->n_bytes + 4 * n_elements);
      self->n_bytes += 4 * n_elements;
    }
  if (self->tensors == NULL)
    return;

  tensor = psp_tensor_new (n_dimensions, shape, NULL);
  for (gsize i = 0; i < tensor->n_elements; i++)
    tensor->data[i] = low + (high - low) * network_listing_draw (self);
  psp_safetensors_writer_add (self->writer, name, tensor, PSP_DTYPE_F32);
  g_hash_table_insert (self->tensors, g_strdup (name), psp_tensor_ref (tensor));
}

static void
list_weights (NetworkListing *self,
              const char     *name,
              int             outputs,
              int             inputs,
              int             kernel)
{
  g_autofree char *weight = g_strconcat (name, ".weight", NULL);
  double limit = sqrt (6.0 / (inputs * kernel * kernel));

  self->n_parameters += (gint64) outputs * inputs * kernel * kernel;
  list_tensor (self, weight, 4, (gint64[]) { outputs, inputs, kernel, kernel }, -limit, limit);
}

/* @gain is the largest gamma. */
static void
list_normalisation (NetworkListing *self,
                    const char     *name,
                    int             channels,
                    double          gain)
{
  const struct { const char *suffix; double low, high; } pieces[] = {
    { "weight", gain / 2, gain }, { "bias", -0.1, 0.1 },
    { "running_mean", -0.1, 0.1 }, { "running_var", 0.5, 1.5 },
  };

  self->n_parameters += 2 * channels;
  for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autofree char *full = g_strdup_printf ("%s.%s", name, pieces[i].suffix);

      list_tensor (self, full, 1, (gint64[]) { channels }, pieces[i].low, pieces[i].high);
    }
  if (self->counters)
    {
      g_autofree char *full = g_strdup_printf ("%s.num_batches_tracked", name);

      list_tensor (self, full, 0, NULL, 0, 0);
    }
}

/* A convolution without bias and its normalisation. */
static void
list_pair (NetworkListing *self,
           const char     *convolution,
           const char     *normalisation,
           int             outputs,
           int             inputs,
           int             kernel,
           double          gain)
{
  list_weights (self, convolution, outputs, inputs, kernel);
  list_normalisation (self, normalisation, outputs, gain);
}

static void
list_block (NetworkListing     *self,
            const NetworkStyle *style,
            const NetworkDepth *depth,
            int                 stage,
            int                 block,
            int                 inputs)
{
  int planes = 64 << stage;
  int outputs = planes * depth->expansion;
  int n = depth->expansion > 1 ? 3 : 2;
  g_autofree char *prefix = g_strdup_printf ("%s%d.%d.", style->stage, stage + 1, block);

  for (int i = 0; i < n; i++)
    {
      g_autofree char *convolution = g_strdup_printf ("%sconv%d", prefix, i + 1);
      g_autofree char *normalisation = g_strdup_printf ("%sbn%d", prefix, i + 1);

      list_pair (self, convolution, normalisation, i == n - 1 ? outputs : planes,
                 i == 0 ? inputs : planes, n == 2 || i == 1 ? 3 : 1, i == n - 1 ? 0.4 : 1.2);
    }
  if (block == 0 && (stage > 0 || inputs != outputs))
    {
      g_autofree char *convolution = g_strconcat (prefix, "downsample.0", NULL);
      g_autofree char *normalisation = g_strconcat (prefix, "downsample.1", NULL);

      list_pair (self, convolution, normalisation, outputs, inputs, 1, 1);
    }
}

static void
list_head (NetworkListing  *self,
           const HeadNames *names,
           int              inputs,
           int              channels,
           int              n_classes)
{
  g_autofree char *bias = g_strconcat (names->classifier, ".bias", NULL);

  list_pair (self, names->convolution, names->normalisation, channels, inputs, 3, 1);
  list_weights (self, names->classifier, n_classes, channels, 1);
  self->n_parameters += n_classes;
  list_tensor (self, bias, 1, (gint64[]) { n_classes }, -1, 1);
}

/* (transfer full): @pattern with @number for #. */
static char *
fill_in (const char *pattern,
         int         number)
{
  g_auto(GStrv) pieces = g_strsplit (pattern, "#", 2);

  return g_strdup_printf ("%s%d%s", pieces[0], number, pieces[1]);
}

void
network_listing_add (NetworkListing     *self,
                     const NetworkStyle *style,
                     int                 depth_index,
                     int                 n_classes,
                     gboolean            auxiliary)
{
  const NetworkDepth *depth = &network_depths[depth_index];
  int features = 512 * depth->expansion;
  int inputs = 3;

  for (int i = 0; i < 3; i++)
    {
      g_autofree char *convolution = g_strdup_printf ("%s.%d", style->stem, 3 * i);
      g_autofree char *normalisation = g_strdup_printf ("%s.%d", style->stem, 3 * i + 1);

      list_pair (self, convolution, normalisation, style->stem_channels[i], inputs, 3, 1);
      inputs = style->stem_channels[i];
    }
  for (int stage = 0; stage < NETWORK_STAGES; stage++)
    for (int block = 0; block < depth->blocks[stage]; block++)
      {
        list_block (self, style, depth, stage, block, inputs);
        inputs = (64 << stage) * depth->expansion;
      }
  for (gsize i = 0; i < G_N_ELEMENTS (network_bins); i++)
    {
      g_autofree char *convolution = fill_in (style->level.convolution, i);
      g_autofree char *normalisation = fill_in (style->level.normalisation, i);

      list_pair (self, convolution, normalisation, features / 4, features, 1, 1);
    }
  list_head (self, &style->head, 2 * features, features / 4, n_classes);
  if (auxiliary)
    list_head (self, &style->auxiliary, features / 2, features / 8, n_classes);
}

void
network_listing_write_hollow (NetworkListing *self,
                              const char     *path)
{
  guint64 length = GUINT64_TO_LE (self->header->len + 1);
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GFileIOStream) stream = g_file_create_readwrite (file, 0, NULL, NULL);
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (stream));

  g_string_append_c (self->header, '}');
  g_assert_true (g_output_stream_write_all (output, &length, sizeof length, NULL, NULL, NULL));
  g_assert_true (g_output_stream_write_all (output, self->header->str, self->header->len, NULL,
                                            NULL, NULL));
  g_assert_true (g_seekable_truncate (G_SEEKABLE (stream),
                                      sizeof length + self->header->len + self->n_bytes, NULL,
                                      NULL));
  g_assert_true (g_io_stream_close (G_IO_STREAM (stream), NULL, NULL));
}

