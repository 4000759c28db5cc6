/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-safetensors-writer.h"
#include "engine/model/psp-pspnet.h"
#include "engine/run/psp-device.h"
#include "engine/run/psp-runner.h"
#include "tests/network-listing.h"
#include "tests/psp-test-folder.h"

#include <math.h>
#include <string.h>

/* What networks compute that are as wide as the official ones, written down once more, in plain
 * loops and double precision; it shares nothing with the engine. */

/* Numbers of the published networks: entries, and learnable parameters. */
typedef struct
{
  const NetworkStyle *style;
  int                 depth; /* index */
  int                 n_classes;
  gboolean            auxiliary;
  gboolean            counters;
  int                 n_entries;
  gint64              n_parameters;
} Total;

static const Total totals[] = {
  { &network_official, NETWORK_50, 150, FALSE, FALSE, 302, 46782550 },
  { &network_official, NETWORK_101, 150, FALSE, FALSE, 557, 65774678 },
  { &network_official, NETWORK_152, 150, FALSE, FALSE, 812, 81418326 },
  { &network_official, NETWORK_50, 21, FALSE, FALSE, 302, 46716373 },
  { &network_official, NETWORK_101, 21, FALSE, FALSE, 557, 65708501 },
  { &network_official, NETWORK_50, 19, FALSE, FALSE, 302, 46715347 },
  { &network_official, NETWORK_101, 19, FALSE, FALSE, 557, 65707475 },
  { &network_official, NETWORK_50, 150, TRUE, FALSE, 309, 49180908 },
  { &network_official, NETWORK_101, 150, TRUE, FALSE, 564, 68173036 },
  { &network_official, NETWORK_152, 150, TRUE, FALSE, 819, 83816684 },
  { &network_official, NETWORK_50, 150, TRUE, TRUE, 370, 49180908 },
  { &network_official, NETWORK_101, 150, TRUE, TRUE, 676, 68173036 },
  { &network_official, NETWORK_152, 150, TRUE, TRUE, 982, 83816684 },
  { &network_mmsegmentation, NETWORK_50, 19, FALSE, TRUE, 362, 46610803 },
  { &network_mmsegmentation, NETWORK_101, 19, FALSE, TRUE, 668, 65602931 },
  { &network_mmsegmentation, NETWORK_18, 19, FALSE, TRUE, 164, 12641267 },
};

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
  NetworkListing listing = { .header = header, .counters = total->counters };
  g_autoptr(PspCheckpoint) checkpoint = NULL;
  g_autoptr(GError) error = NULL;
  PspArchitecture architecture;
  PspNetworkParams params = { .architecture = &architecture, .bins = network_bins };
  PspNetwork network;

  network_listing_add (&listing, total->style, total->depth, total->n_classes, total->auxiliary);
  g_assert_cmpint (listing.n_entries, ==, total->n_entries);
  g_assert_cmpint (listing.n_parameters, ==, total->n_parameters);

  network_listing_write_hollow (&listing, path);
  checkpoint = psp_checkpoint_open (path, &error);
  g_assert_no_error (error);
  g_assert_true (psp_architecture_detect (&architecture, checkpoint, &error));
  g_assert_cmpint (architecture.depth, ==, network_depths[total->depth].depth);
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
  for (gsize i = 0; i < G_N_ELEMENTS (network_bins); i++)
    {
      g_autofree char *convolution = g_strdup_printf ("ppm.features.%d.1", (int) i);
      g_autofree char *normalisation = g_strdup_printf ("ppm.features.%d.2", (int) i);
      g_autoptr(Map) pooled = pool_bins (features, network_bins[i]);
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
               const NetworkDepth *depth,
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
  for (int stage = 0; stage < NETWORK_STAGES; stage++)
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

static const Network networks[] = { { NETWORK_50, 150, 46782550 }, { NETWORK_101, 19, 65707475 } };

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
  g_assert_cmpint (psp_model_get_facts (model)->depth, ==, network_depths[network->depth].depth);
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
  NetworkListing listing = { .tensors = tensors, .writer = writer, .random = 88172645463325252 };
  g_autoptr(PspTensor) input = psp_tensor_new (4, (gint64[]) { 1, 3, 25, 25 }, NULL);
  g_autoptr(Map) reference = NULL;
  g_autoptr(GError) error = NULL;

  if (find_free_memory () < 2048)
    {
      psp_safetensors_writer_free (writer);
      g_test_skip ("less than 2 GiB of memory are free");
      return;
    }
  network_listing_add (&listing, &network_official, network->depth, network->n_classes, FALSE);
  psp_safetensors_writer_write (writer, path, NULL, &error);
  psp_safetensors_writer_free (writer);
  g_assert_no_error (error);
  for (gsize i = 0; i < input->n_elements; i++)
    input->data[i] = 4 * network_listing_draw (&listing) - 2;

  reference = run_reference (tensors, &network_depths[network->depth], input);
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
  NetworkListing listing = { .header = header };
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
  network_listing_add (&listing, &network_official, NETWORK_50, 150, FALSE);
  network_listing_write_hollow (&listing, path);
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
      const Total *total = &totals[i];
      g_autofree char *path = g_strdup_printf ("/full-width/total/%s-%d-%d%s%s",
                                               network_style_get_name (total->style),
                                               network_depths[total->depth].depth,
                                               total->n_classes,
                                               total->auxiliary ? "-auxiliary" : "",
                                               total->counters ? "-counters" : "");

      g_test_add_data_func (path, total, test_total);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      g_autofree char *path = g_strdup_printf ("/full-width/network/%d",
                                               network_depths[networks[i].depth].depth);

      g_test_add_data_func (path, &networks[i], test_network);
    }
  g_test_add_func ("/full-width/slide-memory", test_slide_memory);
  return g_test_run ();
}
