/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-safetensors-writer.h"
#include "engine/model/psp-pspnet.h"
#include "engine/run/psp-device.h"
#include "engine/run/psp-runner.h"
#include "tests/psp-test-folder.h"

#include <math.h>
#include <string.h>

/* Networks as wide as the official ones.  Their names, shapes and what they compute are written
 * down here once more, in plain loops and double precision, and share nothing with the engine. */

#define N_STAGES 4

/* hszhao/semseg, model/resnet.py; 18: torchvision's resnet.py. */
typedef struct
{
  int depth;
  int blocks[N_STAGES];
  int expansion; /* 1: blocks of two 3x3 convolutions */
} Depth;

enum { DEPTH_50, DEPTH_101, DEPTH_152, DEPTH_18 };

static const Depth depths[] = {
  [DEPTH_50] = { 50, { 3, 4, 6, 3 }, 4 },
  [DEPTH_101] = { 101, { 3, 4, 23, 3 }, 4 },
  [DEPTH_152] = { 152, { 3, 8, 36, 3 }, 4 },
  [DEPTH_18] = { 18, { 2, 2, 2, 2 }, 1 },
};

static const int level_bins[] = { 1, 2, 3, 6 };

/* Names of a convolution, its normalisation and a classifier. */
typedef struct
{
  const char *convolution;
  const char *normalisation;
  const char *classifier;
} HeadNames;

/* How a project names its tensors, and how wide its stem is. */
typedef struct
{
  const char *name;
  const char *stem;
  int         stem_channels[3];
  const char *stage;
  HeadNames   level; /* # is the level */
  HeadNames   head;
  HeadNames   auxiliary;
} Style;

static const Style official = {
  "official", "layer0", { 64, 64, 128 }, "layer",
  { "ppm.features.#.1", "ppm.features.#.2", NULL }, { "cls.0", "cls.1", "cls.4" },
  { "aux.0", "aux.1", "aux.4" },
};

/* open-mmlab/mmsegmentation: backbones/resnet.py (ResNetV1c), decode_heads/psp_head.py and
 * fcn_head.py. */
static const Style mmsegmentation = {
  "mmsegmentation", "backbone.stem", { 32, 32, 64 }, "backbone.layer",
  { "decode_head.psp_modules.#.1.conv", "decode_head.psp_modules.#.1.bn", NULL },
  { "decode_head.bottleneck.conv", "decode_head.bottleneck.bn", "decode_head.conv_seg" },
  { "auxiliary_head.convs.0.conv", "auxiliary_head.convs.0.bn", "auxiliary_head.conv_seg" },
};

/* A network being listed: its tensors, or only how many there are. */
typedef struct
{
  GHashTable           *tensors;      /* (nullable) name to PspTensor */
  PspSafetensorsWriter *writer;       /* (nullable) */
  GString              *header;       /* (nullable) of a safetensors file without numbers */
  guint64               n_bytes;      /* of those numbers */
  guint64               random;
  gboolean              counters;     /* each normalisation has one, as newer PyTorch writes */
  int                   n_entries;
  gint64                n_parameters;
} Listing;

static double
next_random (Listing *self)
{
  self->random ^= self->random << 13;
  self->random ^= self->random >> 7;
  self->random ^= self->random << 17;
  return (double) (self->random >> 11) / 9007199254740992.0;
}

/* Numbers from @low to @high, the same in every run. */
static void
list_tensor (Listing      *self,
             const char   *name,
             int           n_dimensions,
             const gint64 *shape,
             double        low,
             double        high)
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
    tensor->data[i] = low + (high - low) * next_random (self);
  psp_safetensors_writer_add (self->writer, name, tensor, PSP_DTYPE_F32);
  g_hash_table_insert (self->tensors, g_strdup (name), psp_tensor_ref (tensor));
}

static void
list_weights (Listing    *self,
              const char *name,
              int         outputs,
              int         inputs,
              int         kernel)
{
  g_autofree char *weight = g_strconcat (name, ".weight", NULL);
  double limit = sqrt (6.0 / (inputs * kernel * kernel));

  self->n_parameters += (gint64) outputs * inputs * kernel * kernel;
  list_tensor (self, weight, 4, (gint64[]) { outputs, inputs, kernel, kernel }, -limit, limit);
}

/* @gain is the largest gamma. */
static void
list_normalisation (Listing    *self,
                    const char *name,
                    int         channels,
                    double      gain)
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
list_pair (Listing    *self,
           const char *convolution,
           const char *normalisation,
           int         outputs,
           int         inputs,
           int         kernel,
           double      gain)
{
  list_weights (self, convolution, outputs, inputs, kernel);
  list_normalisation (self, normalisation, outputs, gain);
}

static void
list_block (Listing     *self,
            const Style *style,
            const Depth *depth,
            int          stage,
            int          block,
            int          inputs)
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
list_head (Listing         *self,
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

static void
list_network (Listing     *self,
              const Style *style,
              const Depth *depth,
              int          n_classes,
              gboolean     auxiliary)
{
  int features = 512 * depth->expansion;
  int inputs = 3;

  for (int i = 0; i < 3; i++)
    {
      g_autofree char *convolution = g_strdup_printf ("%s.%d", style->stem, 3 * i);
      g_autofree char *normalisation = g_strdup_printf ("%s.%d", style->stem, 3 * i + 1);

      list_pair (self, convolution, normalisation, style->stem_channels[i], inputs, 3, 1);
      inputs = style->stem_channels[i];
    }
  for (int stage = 0; stage < N_STAGES; stage++)
    for (int block = 0; block < depth->blocks[stage]; block++)
      {
        list_block (self, style, depth, stage, block, inputs);
        inputs = (64 << stage) * depth->expansion;
      }
  for (gsize i = 0; i < G_N_ELEMENTS (level_bins); i++)
    {
      g_autofree char *convolution = fill_in (style->level.convolution, i);
      g_autofree char *normalisation = fill_in (style->level.normalisation, i);

      list_pair (self, convolution, normalisation, features / 4, features, 1, 1);
    }
  list_head (self, &style->head, 2 * features, features / 4, n_classes);
  if (auxiliary)
    list_head (self, &style->auxiliary, features / 2, features / 8, n_classes);
}

/* Numbers of the published networks: entries, and learnable parameters. */
typedef struct
{
  const Style *style;
  int          depth; /* index */
  int          n_classes;
  gboolean     auxiliary;
  gboolean     counters;
  int          n_entries;
  gint64       n_parameters;
} Total;

static const Total totals[] = {
  { &official, DEPTH_50, 150, FALSE, FALSE, 302, 46782550 },
  { &official, DEPTH_101, 150, FALSE, FALSE, 557, 65774678 },
  { &official, DEPTH_152, 150, FALSE, FALSE, 812, 81418326 },
  { &official, DEPTH_50, 21, FALSE, FALSE, 302, 46716373 },
  { &official, DEPTH_101, 21, FALSE, FALSE, 557, 65708501 },
  { &official, DEPTH_50, 19, FALSE, FALSE, 302, 46715347 },
  { &official, DEPTH_101, 19, FALSE, FALSE, 557, 65707475 },
  { &official, DEPTH_50, 150, TRUE, FALSE, 309, 49180908 },
  { &official, DEPTH_101, 150, TRUE, FALSE, 564, 68173036 },
  { &official, DEPTH_152, 150, TRUE, FALSE, 819, 83816684 },
  { &official, DEPTH_50, 150, TRUE, TRUE, 370, 49180908 },
  { &official, DEPTH_101, 150, TRUE, TRUE, 676, 68173036 },
  { &official, DEPTH_152, 150, TRUE, TRUE, 982, 83816684 },
  { &mmsegmentation, DEPTH_50, 19, FALSE, TRUE, 362, 46610803 },
  { &mmsegmentation, DEPTH_101, 19, FALSE, TRUE, 668, 65602931 },
  { &mmsegmentation, DEPTH_18, 19, FALSE, TRUE, 164, 12641267 },
};

/* A safetensors file whose numbers are a hole. */
static void
write_hollow (const char *path,
              GString    *header,
              guint64     n_bytes)
{
  guint64 length = GUINT64_TO_LE (header->len);
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GFileIOStream) stream = g_file_create_readwrite (file, 0, NULL, NULL);
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (stream));

  g_assert_true (g_output_stream_write_all (output, &length, sizeof length, NULL, NULL, NULL));
  g_assert_true (g_output_stream_write_all (output, header->str, header->len, NULL, NULL, NULL));
  g_assert_true (g_seekable_truncate (G_SEEKABLE (stream), sizeof length + header->len + n_bytes,
                                      NULL, NULL));
  g_assert_true (g_io_stream_close (G_IO_STREAM (stream), NULL, NULL));
}

/* The engine agrees with every name and shape, counts the same, and gets as far as the first
 * number. */
static void
test_total (gconstpointer data)
{
  const Total *total = data;
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "hollow.safetensors");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GString) header = g_string_new (NULL);
  Listing listing = { .header = header, .counters = total->counters };
  g_autoptr(PspCheckpoint) checkpoint = NULL;
  g_autoptr(GError) error = NULL;
  PspArchitecture architecture;
  PspNetworkParams params = { .architecture = &architecture, .bins = level_bins };
  PspNetwork network;

  list_network (&listing, total->style, &depths[total->depth], total->n_classes, total->auxiliary);
  g_string_append_c (header, '}');
  g_assert_cmpint (listing.n_entries, ==, total->n_entries);
  g_assert_cmpint (listing.n_parameters, ==, total->n_parameters);

  write_hollow (path, header, listing.n_bytes);
  checkpoint = psp_checkpoint_open (path, &error);
  g_assert_no_error (error);
  g_assert_true (psp_architecture_detect (&architecture, checkpoint, &error));
  g_assert_cmpint (architecture.depth, ==, depths[total->depth].depth);
  g_cancellable_cancel (cancellable);
  g_assert_false (psp_pspnet_build (&params, checkpoint, cancellable, &network, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (network.n_parameters, ==, total->n_parameters);
}

/* An activation: [channels][size][size]. */
typedef struct
{
  int     channels;
  int     size;
  double *data;
} Map;

static Map *
map_new (int channels,
         int size)
{
  Map *self = g_new (Map, 1);

  *self = (Map) { channels, size, g_new0 (double, (gsize) channels * size * size) };
  return self;
}

static void
map_free (Map *self)
{
  g_free (self->data);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Map, map_free)

static const float *
get_numbers (GHashTable *tensors,
             const char *name,
             const char *suffix)
{
  g_autofree char *full = g_strconcat (name, suffix, NULL);

  return ((const PspTensor *) g_hash_table_lookup (tensors, full))->data;
}

static Map *
convolve (GHashTable *tensors,
          const char *name,
          const Map  *source,
          int         stride,
          int         dilation)
{
  g_autofree char *full = g_strconcat (name, ".weight", NULL);
  const PspTensor *weights = g_hash_table_lookup (tensors, full);
  int kernel = weights->shape[2];
  int padding = kernel / 2 * dilation;
  Map *result = map_new (weights->shape[0], (source->size - 1) / stride + 1);
  const float *weight = weights->data;

  for (int o = 0; o < result->channels; o++)
    for (int i = 0; i < source->channels; i++)
      for (int tap = 0; tap < kernel * kernel; tap++)
        {
          double w = *weight++;
          double *target = result->data + (gsize) o * result->size * result->size;
          const double *plane = source->data + (gsize) i * source->size * source->size;

          for (int y = 0; y < result->size; y++)
            for (int x = 0; x < result->size; x++)
              {
                int from_y = y * stride - padding + tap / kernel * dilation;
                int from_x = x * stride - padding + tap % kernel * dilation;

                if (from_y >= 0 && from_y < source->size && from_x >= 0 && from_x < source->size)
                  target[y * result->size + x] += w * plane[from_y * source->size + from_x];
              }
        }
  return result;
}

static void
normalise (GHashTable *tensors,
           const char *name,
           Map        *map)
{
  const float *gamma = get_numbers (tensors, name, ".weight");
  const float *beta = get_numbers (tensors, name, ".bias");
  const float *mean = get_numbers (tensors, name, ".running_mean");
  const float *variance = get_numbers (tensors, name, ".running_var");
  gsize n = (gsize) map->size * map->size;

  for (gsize i = 0; i < map->channels * n; i++)
    {
      gsize c = i / n;

      map->data[i] = (map->data[i] - (double) mean[c]) / sqrt ((double) variance[c] + 1e-5) *
                     (double) gamma[c] + (double) beta[c];
    }
}

/* Adds @shortcut, if there is one, and cuts below zero. */
static void
rectify (Map       *map,
         const Map *shortcut)
{
  for (gsize i = 0; i < (gsize) map->channels * map->size * map->size; i++)
    map->data[i] = MAX (0, map->data[i] + (shortcut != NULL ? shortcut->data[i] : 0));
}

/* Convolution, normalisation and ReLU. */
static Map *
convolve_all (GHashTable *tensors,
              const char *convolution,
              const char *normalisation,
              const Map  *source,
              int         stride,
              int         dilation)
{
  Map *map = convolve (tensors, convolution, source, stride, dilation);

  normalise (tensors, normalisation, map);
  rectify (map, NULL);
  return map;
}

static Map *
pool_maximum (const Map *source)
{
  Map *result = map_new (source->channels, (source->size - 1) / 2 + 1);

  for (int c = 0; c < result->channels; c++)
    for (int y = 0; y < result->size; y++)
      for (int x = 0; x < result->size; x++)
        {
          double best = -HUGE_VAL;

          for (int v = MAX (0, 2 * y - 1); v <= MIN (source->size - 1, 2 * y + 1); v++)
            for (int u = MAX (0, 2 * x - 1); u <= MIN (source->size - 1, 2 * x + 1); u++)
              best = MAX (best, source->data[((gsize) c * source->size + v) * source->size + u]);
          result->data[((gsize) c * result->size + y) * result->size + x] = best;
        }
  return result;
}

static Map *
run_block (GHashTable *tensors,
           const Map  *source,
           int         stage,
           int         block)
{
  static const int strides[] = { 1, 2, 1, 1 };
  static const int dilations[] = { 1, 1, 2, 4 };
  g_autofree char *prefix = g_strdup_printf ("layer%d.%d.", stage + 1, block);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int stride = block == 0 ? strides[stage] : 1;
  g_autoptr(Map) reduced = NULL;
  g_autoptr(Map) middle = NULL;
  g_autoptr(Map) shortcut = NULL;
  Map *result;

  static const char * const parts[] = {
    "conv1", "bn1", "conv2", "bn2", "conv3", "bn3", "downsample.0", "downsample.1",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    g_ptr_array_add (names, g_strconcat (prefix, parts[i], NULL));
  reduced = convolve_all (tensors, names->pdata[0], names->pdata[1], source, 1, 1);
  middle = convolve_all (tensors, names->pdata[2], names->pdata[3], reduced, stride,
                         dilations[stage]);
  result = convolve (tensors, names->pdata[4], middle, 1, 1);
  normalise (tensors, names->pdata[5], result);
  if (block == 0)
    {
      shortcut = convolve (tensors, names->pdata[6], source, stride, 1);
      normalise (tensors, names->pdata[7], shortcut);
    }
  rectify (result, shortcut != NULL ? shortcut : source);
  return result;
}

/* Means of the cells of a level; cells may overlap. */
static Map *
pool_bins (const Map *source,
           int        bins)
{
  Map *result = map_new (source->channels, bins);
  int size = source->size;

  for (int c = 0; c < result->channels; c++)
    for (int cell = 0; cell < bins * bins; cell++)
      {
        int top = cell / bins * size / bins, left = cell % bins * size / bins;
        int bottom = ((cell / bins + 1) * size + bins - 1) / bins;
        int right = ((cell % bins + 1) * size + bins - 1) / bins;
        double sum = 0;

        for (int y = top; y < bottom; y++)
          for (int x = left; x < right; x++)
            sum += source->data[((gsize) c * size + y) * size + x];
        result->data[(gsize) c * bins * bins + cell] = sum / ((bottom - top) * (right - left));
      }
  return result;
}

/* Bilinear, with aligned corners, into the channels of @target from @first on. */
static void
enlarge (const Map *source,
         Map       *target,
         int        first)
{
  double scale = (double) (source->size - 1) / (target->size - 1);

  for (int c = 0; c < source->channels; c++)
    for (int y = 0; y < target->size; y++)
      for (int x = 0; x < target->size; x++)
        {
          const double *plane = source->data + (gsize) c * source->size * source->size;
          int top = y * scale, left = x * scale;
          int bottom = MIN (top + 1, source->size - 1), right = MIN (left + 1, source->size - 1);
          double v = y * scale - top, u = x * scale - left;

          target->data[((gsize) (first + c) * target->size + y) * target->size + x] =
            (1 - v) * ((1 - u) * plane[top * source->size + left] +
                       u * plane[top * source->size + right]) +
            v * ((1 - u) * plane[bottom * source->size + left] +
                 u * plane[bottom * source->size + right]);
        }
}

static Map *
run_head (GHashTable *tensors,
          const Map  *features)
{
  g_autoptr(Map) whole = map_new (4096, features->size);
  g_autoptr(Map) fused = NULL;
  const float *bias = get_numbers (tensors, "cls.4", ".bias");
  gsize n = (gsize) features->size * features->size;
  Map *logits;

  memcpy (whole->data, features->data, features->channels * n * sizeof *whole->data);
  for (gsize i = 0; i < G_N_ELEMENTS (level_bins); i++)
    {
      g_autofree char *convolution = g_strdup_printf ("ppm.features.%d.1", (int) i);
      g_autofree char *normalisation = g_strdup_printf ("ppm.features.%d.2", (int) i);
      g_autoptr(Map) pooled = pool_bins (features, level_bins[i]);
      g_autoptr(Map) level = convolve_all (tensors, convolution, normalisation, pooled, 1, 1);

      enlarge (level, whole, 2048 + 512 * (int) i);
    }
  fused = convolve_all (tensors, "cls.0", "cls.1", whole, 1, 1);
  logits = convolve (tensors, "cls.4", fused, 1, 1);
  for (gsize i = 0; i < logits->channels * n; i++)
    logits->data[i] += (double) bias[i / n];
  return logits;
}

static Map *
run_reference (GHashTable      *tensors,
               const Depth     *depth,
               const PspTensor *input)
{
  Map *map = map_new (3, input->shape[3]);
  Map *next;

  for (gsize i = 0; i < input->n_elements; i++)
    map->data[i] = (double) input->data[i];
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *convolution = g_strdup_printf ("layer0.%d", 3 * i);
      g_autofree char *normalisation = g_strdup_printf ("layer0.%d", 3 * i + 1);

      next = convolve_all (tensors, convolution, normalisation, map, i == 0 ? 2 : 1, 1);
      map_free (map);
      map = next;
    }
  next = pool_maximum (map);
  map_free (map);
  map = next;
  for (int stage = 0; stage < N_STAGES; stage++)
    for (int block = 0; block < depth->blocks[stage]; block++)
      {
        next = run_block (tensors, map, stage, block);
        map_free (map);
        map = next;
      }
  next = run_head (tensors, map);
  map_free (map);
  return next;
}

/* MiB that the system can still give; unknown counts as plenty. */
static gint64
find_free_memory (void)
{
  g_autofree char *text = NULL;
  char *place;

  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, NULL))
    return G_MAXINT64;
  place = strstr (text, "MemAvailable:");
  return place != NULL ? g_ascii_strtoll (place + strlen ("MemAvailable:"), NULL, 10) / 1024
                       : G_MAXINT64;
}

typedef struct
{
  int    depth; /* index */
  int    n_classes;
  gint64 n_parameters;
} Network;

static const Network networks[] = { { DEPTH_50, 150, 46782550 }, { DEPTH_101, 19, 65707475 } };

/* (nullable): %NULL: there is no such device. */
static PspTensor *
run_engine (const char    *device,
            const char    *path,
            const Network *network,
            PspTensor     *input)
{
  static const char * const names[] = { "logits", NULL };
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, NULL, NULL, &error);
  g_autoptr(PspBackend) backend = psp_device_open (device, NULL, NULL);
  g_autoptr(PspRunner) runner = NULL;
  g_autoptr(GHashTable) taps = NULL;

  g_assert_no_error (error);
  if (backend == NULL)
    return NULL;
  g_assert_cmpint (psp_model_get_facts (model)->n_parameters, ==, network->n_parameters);
  g_assert_cmpint (psp_model_get_facts (model)->depth, ==, depths[network->depth].depth);
  g_assert_cmpint (psp_model_get_facts (model)->n_classes, ==, network->n_classes);
  runner = psp_runner_new (model, backend, &error);
  g_assert_no_error (error);
  taps = psp_runner_get_taps (runner, input, names, NULL, NULL, &error);
  g_assert_no_error (error);
  return psp_tensor_ref (g_hash_table_lookup (taps, "logits"));
}

/* How far @logits are from @reference, as a share of its largest value. */
static double
compare (const PspTensor *logits,
         const Map       *reference)
{
  double difference = 0, scale = 0;

  for (gsize i = 0; i < logits->n_elements; i++)
    {
      g_assert_true (isfinite (logits->data[i]));
      difference = MAX (difference, fabs ((double) logits->data[i] - reference->data[i]));
      scale = MAX (scale, fabs (reference->data[i]));
    }
  g_assert_cmpfloat (scale, >, 0.1);
  return difference / scale;
}

static void
test_network (gconstpointer data)
{
  static const char * const devices[] = { "cpu", "vulkan" };
  const Network *network = data;
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "full.safetensors");
  g_autoptr(GHashTable) tensors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                         (GDestroyNotify) psp_tensor_unref);
  PspSafetensorsWriter *writer = psp_safetensors_writer_new ();
  Listing listing = { .tensors = tensors, .writer = writer, .random = 88172645463325252 };
  g_autoptr(PspTensor) input = psp_tensor_new (4, (gint64[]) { 1, 3, 25, 25 }, NULL);
  g_autoptr(Map) reference = NULL;
  g_autoptr(GError) error = NULL;

  if (find_free_memory () < 2048)
    {
      psp_safetensors_writer_free (writer);
      g_test_skip ("less than 2 GiB of memory are free");
      return;
    }
  list_network (&listing, &official, &depths[network->depth], network->n_classes, FALSE);
  psp_safetensors_writer_write (writer, path, &error);
  psp_safetensors_writer_free (writer);
  g_assert_no_error (error);
  for (gsize i = 0; i < input->n_elements; i++)
    input->data[i] = 4 * next_random (&listing) - 2;

  reference = run_reference (tensors, &depths[network->depth], input);
  for (gsize i = 0; i < G_N_ELEMENTS (devices); i++)
    {
      g_autoptr(PspTensor) logits = run_engine (devices[i], path, network, input);
      double difference;

      if (logits == NULL)
        continue;
      g_assert_cmpint (logits->n_elements, ==, network->n_classes * 4 * 4);
      difference = compare (logits, reference);
      g_test_message ("%s: %.2e", devices[i], difference);
      g_assert_cmpfloat (difference, <=, 1e-4);
    }
}

/* Under `slide`, a photo of 2048 x 1024 with six scales and 150 classes needs less than 1 GiB
 * beyond the weights, whatever the window and how much of the result is kept.  Weights: zeros. */
static void
test_slide_memory (void)
{
  static const int crops[] = { 473, 713 };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "hollow.safetensors");
  g_autoptr(GString) header = g_string_new (NULL);
  Listing listing = { .header = header };
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = NULL;
  g_autoptr(PspBackend) backend = psp_device_open ("cpu", NULL, NULL);
  g_autoptr(PspRunner) runner = NULL;
  g_autoptr(PspImage) image = psp_image_new ((PspSize) { 2048, 1024 }, NULL);

  if (find_free_memory () < 2048)
    {
      g_test_skip ("less than 2 GiB of memory are free");
      return;
    }
  list_network (&listing, &official, &depths[DEPTH_50], 150, FALSE);
  g_string_append_c (header, '}');
  write_hollow (path, header, listing.n_bytes);
  model = psp_model_load (path, NULL, NULL, &error);
  g_assert_no_error (error);
  runner = psp_runner_new (model, backend, &error);
  g_assert_no_error (error);

  for (int i = 0; i < 8; i++)
    {
      PspRunOptions options = {
        .protocol = PSP_PROTOCOL_SLIDE, .crop = crops[i / 4], .base = 2048, .no_flip = i / 2 % 2,
        .n_top = i % 2 * PSP_PREDICTION_TOP, .n_scales = 6,
        .scales = { 0.5, 0.75, 1, 1.25, 1.5, 1.75 }, .memory_bytes = 1 << 20,
      };
      g_autoptr(GError) refusal = NULL;
      g_autoptr(PspPrediction) refused = psp_runner_predict (runner, image, &options, FALSE,
                                                             (PspProgress) { 0 }, NULL, &refusal);

      g_assert_null (refused);
      g_assert_error (refusal, PSP_ERROR, PSP_ERROR_OVER_LIMIT);
      g_test_message ("windows of %d pixels%s, %d classes of each kept: %.0f MiB", options.crop,
                      options.no_flip ? "" : " and their mirror images", options.n_top,
                      (double) psp_runner_get_peak_bytes (runner) / 1048576);
      g_assert_cmpuint (psp_runner_get_peak_bytes (runner), <, 1 << 30);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (totals); i++)
    {
      g_autofree char *path = g_strdup_printf ("/full-width/total/%s-%d-%d%s%s",
                                               totals[i].style->name,
                                               depths[totals[i].depth].depth, totals[i].n_classes,
                                               totals[i].auxiliary ? "-auxiliary" : "",
                                               totals[i].counters ? "-counters" : "");

      g_test_add_data_func (path, &totals[i], test_total);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      g_autofree char *path = g_strdup_printf ("/full-width/network/%d",
                                               depths[networks[i].depth].depth);

      g_test_add_data_func (path, &networks[i], test_network);
    }
  g_test_add_func ("/full-width/slide-memory", test_slide_memory);
  return g_test_run ();
}
