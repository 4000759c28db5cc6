/* SPDX-License-Identifier: MIT */
#include "tests/reference-operations.h"

#include "engine/core/psp-half.h"
#include "tests/reference-loops.h"

#include <math.h>

/* What may differ from the ideal line. */
enum
{
  RELU = 1 << 0,
  RESIDUAL = 1 << 1,          /* added from a map of its own */
  IN_PLACE = 1 << 2,          /* added from the destination itself */
  SLICE_SOURCE = 1 << 3,      /* the source is a part of wider pixels */
  SLICE_DESTINATION = 1 << 4,
  INTEGERS = 1 << 5,          /* small ones: any order of summation gives the same bits */
  ALIGN_CORNERS = 1 << 6,
  COMPUTED_WEIGHTS = 1 << 7,  /* an operation before wrote them into the middle of a buffer */
  MAXIMUM = 1 << 8,           /* bins hold it, not the mean */
  TELLS_RULES = 1 << 9,       /* the opposite of the rule gives something else */
  ROUND_UP = 1 << 10,         /* one window more than fit in */
};

/* The limits of the study: NMSE for 32-bit and 16-bit storage, sums always in 32 bits. */
#define MAX_NMSE_FP32 1e-11
#define MAX_NMSE_FP16 3e-6

/* Of any element, relative to the largest of the reference. */
#define MAX_ERROR_FP32 1e-5
#define MAX_ERROR_FP16 2e-3

/* Positions may be rounded otherwise in their last bit: 2e-6 of a pixel at position 32. */
#define MAX_NMSE_RESIZE 1e-10

/* What no operation may touch. */
#define SENTINEL 1536.0f

typedef struct
{
  const char *name;
  int         batch;
  int         height;
  int         width;
  int         in;  /* channels */
  int         out;
  int         kernel;
  int         stride;
  int         padding;
  int         dilation;
  int         flags;
} ConvolutionCase;

static const ConvolutionCase convolutions[] = {
  { "1x1",                    1,  5,  7,   8,   8, 1, 1, 0, 1, 0 },
  { "1x1-exact",              1,  9,  5,  24,  40, 1, 1, 0, 1, INTEGERS },
  { "1x1-odd-channels",       1,  6,  3,  19,  21, 1, 1, 0, 1, RELU },
  { "1x1-many-channels",      1,  4,  5,  64, 150, 1, 1, 0, 1, 0 },
  { "1x1-one-pixel",          1,  1,  1,  17,   3, 1, 1, 0, 1, 0 },
  { "1x1-one-channel",        1,  3,  3,   1,   1, 1, 1, 0, 1, 0 },
  { "1x1-stride-2",           1,  9,  8,  16,  24, 1, 2, 0, 1, 0 },
  { "1x1-batch",              3,  5,  3,   8,  16, 1, 1, 0, 1, RELU },
  { "1x1-many-pixels",        1, 59, 53,   8,  16, 1, 1, 0, 1, RELU | INTEGERS },
  { "1x1-slices",             2,  4,  6,  11,  13, 1, 1, 0, 1, SLICE_SOURCE | SLICE_DESTINATION },
  { "3x3",                    1, 11, 13,   8,   8, 3, 1, 1, 1, 0 },
  { "3x3-exact",              1, 19, 17,  16,  24, 3, 1, 1, 1, INTEGERS },
  { "3x3-no-padding",         1,  7,  9,   8,  16, 3, 1, 0, 1, 0 },
  { "3x3-stride-2",           1, 13, 12,   3,  16, 3, 2, 1, 1, RELU },
  { "3x3-stride-2-exact",     2, 12, 13,   3,  16, 3, 2, 1, 1, INTEGERS },
  { "3x3-stride-2-many",      1, 99, 101,  3,   8, 3, 2, 1, 1, INTEGERS },
  { "3x3-dilation-2",         1, 12, 11,  19,  24, 3, 1, 2, 2, RELU },
  { "3x3-dilation-2-exact",   2,  9, 11,  19,  24, 3, 1, 2, 2, INTEGERS },
  { "3x3-dilation-4",         1, 13, 10,  16,  21, 3, 1, 4, 4, 0 },
  { "3x3-dilation-4-exact",   1, 10, 13,  16,  21, 3, 1, 4, 4, INTEGERS | RELU },
  { "3x3-dilation-8-small",   1,  3,  2,   8,   8, 3, 1, 8, 8, 0 },
  { "3x3-residual",           1,  8,  9,  16,  20, 3, 1, 1, 1, RESIDUAL },
  { "3x3-residual-in-place",  1,  8,  9,  16,  20, 3, 1, 1, 1, IN_PLACE | RELU },
  { "1x1-residual-in-place",  2,  5,  7,  24,  16, 1, 1, 0, 1, IN_PLACE | RELU | INTEGERS },
  { "3x3-residual-slices",    2,  6,  5,   9,  12, 3, 1, 1, 1,
    RESIDUAL | SLICE_SOURCE | SLICE_DESTINATION | INTEGERS },
  { "3x3-batch",              3,  7,  5,   8,  16, 3, 1, 1, 1, RELU },
  { "3x3-wide",               1,  2, 61,   8,   8, 3, 1, 1, 1, 0 },
  { "7x7-stride-2",           1, 21, 19,   3,  16, 7, 2, 3, 1, RELU },
  { "7x7-stride-2-exact",     1, 20, 23,   3,  16, 7, 2, 3, 1, INTEGERS },
  { "1x1-computed-weights",   2,  5,  7,  19,  21, 1, 1, 0, 1, COMPUTED_WEIGHTS | IN_PLACE },
  { "3x3-computed-weights",   1,  6,  9,  13,  24, 3, 1, 1, 1, COMPUTED_WEIGHTS | INTEGERS },
  { "5x5-uneven-padding",     1,  9,  9,   4,   8, 5, 1, 3, 1, 0 },
};

typedef struct
{
  const char *name;
  int         batch;
  int         height;
  int         width;
  int         channels;
  int         kernel;
  int         stride;
  int         padding;
  int         flags;
} PoolingCase;

static const PoolingCase poolings[] = {
  { "3x3-stride-2",       1, 15, 13, 16, 3, 2, 1, 0 },
  { "3x3-stride-2-even",  1, 12, 14, 16, 3, 2, 1, INTEGERS },
  { "3x3-odd-channels",   1,  9,  8, 13, 3, 2, 1, 0 },
  { "2x2-stride-2",       1,  8, 10,  8, 2, 2, 0, 0 },
  { "3x3-stride-1",       1,  7,  6,  8, 3, 1, 1, 0 },
  { "batch",              3,  7,  5, 24, 3, 2, 1, 0 },
  { "slices",             2,  9,  7, 11, 3, 2, 1, SLICE_SOURCE | SLICE_DESTINATION },
  { "one-pixel",          1,  1,  1,  3, 3, 2, 1, 0 },
  { "round-up",           2, 12, 14, 11, 3, 2, 1, ROUND_UP },
  { "round-up-slices",    1,  2,  4, 16, 3, 2, 1, ROUND_UP | SLICE_SOURCE | SLICE_DESTINATION },
};

typedef struct
{
  const char *name;
  int         batch;
  int         height;
  int         width;
  int         channels;
  int         bins;
  int         flags;
} BinCase;

static const BinCase bin_poolings[] = {
  { "1",               1, 15, 13, 16, 1, 0 },
  { "1-odd-channels",  1, 13, 15, 67, 1, 0 },
  { "2",               1, 15, 13, 16, 2, 0 },
  { "3",               1, 14, 13, 16, 3, 0 },
  { "6",               1, 15, 20, 16, 6, 0 },
  { "6-exact",         1, 24, 12, 16, 6, INTEGERS },
  { "6-of-4",          1,  4,  5,  8, 6, 0 },
  { "48",              1, 60, 33,  8, 48, 0 },
  { "3-batch",         3,  7,  8, 24, 3, 0 },
  { "2-slices",        2,  9,  7, 13, 2, SLICE_SOURCE | SLICE_DESTINATION },
  { "1-maximum",       1, 15, 13, 16, 1, MAXIMUM },
  { "6-maximum",       2, 15, 20, 13, 6, MAXIMUM },
  { "6-of-4-maximum",  1,  4,  5,  8, 6, MAXIMUM | SLICE_SOURCE | SLICE_DESTINATION },
  { "2-wide",          2,  5,  7, 521, 2, 0 },
  { "2-wide-maximum",  2,  5,  7, 521, 2, MAXIMUM },
  { "3-overlapping",   1, 64, 128, 8, 3, TELLS_RULES },
  { "6-overlapping",   1, 64, 97,  8, 6, TELLS_RULES },
};

typedef struct
{
  const char *name;
  int         batch;
  int         height;
  int         width;
  int         out_height;
  int         out_width;
  int         channels;
  int         flags;
} ResizingCase;

static const ResizingCase resizings[] = {
  { "up-corners",         1,  5,  7, 33, 49, 19, ALIGN_CORNERS },
  { "up-edges",           1,  5,  7, 20, 28, 19, 0 },
  { "down-corners",       1, 31, 29,  7,  9,  8, ALIGN_CORNERS },
  { "down-edges",         1, 31, 29,  7,  9,  8, 0 },
  { "same-corners",       1,  9, 11,  9, 11, 16, ALIGN_CORNERS | INTEGERS },
  { "same-edges",         1,  9, 11,  9, 11, 16, INTEGERS },
  { "from-one-corners",   1,  1,  1,  6,  5,  8, ALIGN_CORNERS | INTEGERS },
  { "from-one-edges",     1,  1,  1,  6,  5,  8, INTEGERS },
  { "to-one-corners",     1,  6,  5,  1,  1,  8, ALIGN_CORNERS },
  { "to-one-edges",       1,  6,  5,  1,  1,  8, 0 },
  { "bins-to-slices",     2,  6,  6, 15, 13, 11, ALIGN_CORNERS | SLICE_SOURCE | SLICE_DESTINATION },
  { "batch-edges",        3,  4,  5,  9,  7, 24, 0 },
  { "473-corners",        1, 60,  2, 473, 9,  8, ALIGN_CORNERS | TELLS_RULES },
  { "512-edges",          1, 64,  2, 512, 9,  8, TELLS_RULES },
};

typedef struct
{
  const char *name;
  int         batch;
  int         height;
  int         width;
  int         full_height;
  int         full_width;
  int         first_row;
  int         out_height; /* the rows and columns that are cut out */
  int         out_width;
  int         channels;
  int         n_top;
  gboolean    probabilities;
  int         flags;
} ClassificationCase;

static const ClassificationCase classifications[] = {
  { "corners",          1,  8, 10, 57, 73,  0, 57, 73,  19, 1, FALSE, ALIGN_CORNERS },
  { "edges",            1,  8, 10, 64, 80,  0, 64, 80,  19, 1, FALSE, 0 },
  { "cut",              1,  8, 10, 57, 73,  9, 20, 61,  21, 1, FALSE, ALIGN_CORNERS },
  { "confidence",       1,  5,  7, 33, 49,  0, 33, 49, 150, 1, TRUE,  ALIGN_CORNERS },
  { "confidence-edges", 2,  5,  7, 20, 28,  3,  9, 25,  11, 1, TRUE,  0 },
  { "top-3",            1,  5,  7, 33, 49,  0, 33, 49,  12, 3, TRUE,  ALIGN_CORNERS },
  { "top-5",            1,  5,  7, 33, 49, 30,  3, 49,  21, 5, TRUE,  0 },
  { "top-5-classes",    1,  5,  7, 33, 49, 30,  3, 49,  21, 5, FALSE, 0 },
  { "all-of-8",         2,  4,  4, 25, 25,  0, 25, 25,   8, 8, TRUE,  ALIGN_CORNERS },
  { "one-class",        1,  3,  3, 17, 17,  0, 17, 17,   1, 1, TRUE,  ALIGN_CORNERS },
  { "300-classes",      1,  3,  3, 17, 17,  0, 17, 17, 300, 2, TRUE,  ALIGN_CORNERS },
  { "first-of-equal",   1,  9,  7,  9,  7,  0,  9,  7,  19, 4, FALSE, ALIGN_CORNERS | INTEGERS },
  { "equal-edges",      1,  9,  7,  9,  7,  2,  5,  6,  37, 1, FALSE, INTEGERS },
  { "slice",            2,  6,  5, 41, 33,  0, 41, 33,  13, 2, TRUE,
    ALIGN_CORNERS | SLICE_SOURCE | SLICE_DESTINATION },
};

/* A map in memory as a backend sees it. */
typedef struct
{
  PspMap    map;
  float    *content; /* of the whole buffer */
  gsize     n_elements;
} TestMap;

typedef struct
{
  PspBackend    *backend; /* not owned */
  gconstpointer  line;    /* of a table, or @copy */
  gpointer       copy;    /* (nullable): a line of its own */
  void         (*run)  (PspBackend    *backend,
                        gconstpointer  line);
} Test;

static int
pad_channels (int channels)
{
  return (channels + PSP_CHANNEL_ALIGNMENT - 1) / PSP_CHANNEL_ALIGNMENT * PSP_CHANNEL_ALIGNMENT;
}

/* A number that the backend's storage holds exactly. */
static double
random_value (const PspBackend *backend,
              GRand            *random,
              gboolean          integers)
{
  float value = integers ? (float) g_rand_int_range (random, -2, 3)
                         : (float) g_rand_double_range (random, -1, 1);
  guint16 half;

  if (psp_backend_get_precision (backend) == PSP_PRECISION_FP16)
    {
      psp_half_from_floats (&half, &value, 1);
      psp_half_to_floats (&value, &half, 1);
    }
  return (double) value;
}

static ReferenceMap *
random_map (const PspBackend *backend,
            GRand            *random,
            int               batch,
            int               height,
            int               width,
            int               channels,
            int               flags)
{
  ReferenceMap *map = reference_map_new (batch, height, width, channels);
  gsize n = (gsize) batch * height * width * channels;

  for (gsize i = 0; i < n; i++)
    map->values[i] = random_value (backend, random, flags & INTEGERS);
  return map;
}

static gsize
element (const PspMap *map,
         gsize         pixel,
         int           channel)
{
  return map->offset + pixel * map->pixel_stride + channel;
}

static gsize
count_pixels (const PspMap *map)
{
  return (gsize) map->batch * map->height * map->width;
}

static void
upload (PspBackend *backend,
        TestMap    *self)
{
  g_autoptr(GError) error = NULL;

  psp_backend_upload (backend, self->map.buffer, 0, self->content, self->n_elements, &error);
  g_assert_no_error (error);
}

/* Places a map of the shape of @values in a buffer full of @background, and uploads @values if
 * @filled, with zeros as padding. */
static TestMap *
place_map (PspBackend         *backend,
           const ReferenceMap *values,
           gboolean            slice,
           float               background,
           gboolean            filled)
{
  TestMap *self = g_new0 (TestMap, 1);
  int channels = values->channels;
  g_autoptr(GError) error = NULL;

  self->map = (PspMap) {
    .offset = PSP_MAP_ALIGNMENT + (slice ? PSP_CHANNEL_ALIGNMENT : 0),
    .batch = values->batch,
    .height = values->height,
    .width = values->width,
    .channels = channels,
    .pixel_stride = pad_channels (channels) + (slice ? 3 * PSP_CHANNEL_ALIGNMENT : 0),
  };
  self->n_elements = 2 * PSP_MAP_ALIGNMENT + count_pixels (&self->map) * self->map.pixel_stride;
  self->content = g_new (float, self->n_elements);
  for (gsize i = 0; i < self->n_elements; i++)
    self->content[i] = background;
  for (gsize pixel = 0; filled && pixel < count_pixels (&self->map); pixel++)
    for (int c = 0; c < pad_channels (channels); c++)
      self->content[element (&self->map, pixel, c)] =
        c < channels ? (float) values->values[pixel * channels + c] : 0;

  self->map.buffer = psp_backend_buffer_new (backend, self->n_elements, "test map", &error);
  g_assert_no_error (error);
  upload (backend, self);
  return self;
}

static void
test_map_free (TestMap *self)
{
  psp_buffer_free (self->map.buffer);
  g_free (self->content);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestMap, test_map_free)

/* Everything of the buffer but the map's own channels is as it was; its padding is zero. */
static void
check_surroundings (TestMap *self,
                    float   *content)
{
  const PspMap *map = &self->map;

  for (gsize pixel = 0; pixel < count_pixels (map); pixel++)
    for (int c = 0; c < pad_channels (map->channels); c++)
      {
        gsize i = element (map, pixel, c);

        if (c >= map->channels)
          g_assert_cmpfloat (content[i], ==, 0);
        content[i] = self->content[i];
      }

  for (gsize i = 0; i < self->n_elements; i++)
    g_assert_cmpfloat (content[i], ==, self->content[i]);
}

static void
check_values (const PspBackend   *backend,
              const ReferenceMap *expected,
              const TestMap      *result,
              const float        *content,
              double              max_nmse,
              gboolean            exact)
{
  gsize n = count_pixels (&result->map) * expected->channels;
  double noise = 0, energy = 0, worst = 0, largest = 0;
  gboolean halves = psp_backend_get_precision (backend) == PSP_PRECISION_FP16;

  for (gsize i = 0; i < n; i++)
    {
      double want = expected->values[i];
      double got = (double) content[element (&result->map, i / expected->channels,
                                             i % expected->channels)];

      if (exact)
        g_assert_cmpfloat (got, ==, want);
      noise += (got - want) * (got - want);
      energy += want * want;
      worst = MAX (worst, fabs (got - want));
      largest = MAX (largest, fabs (want));
      g_assert_true (isfinite (got));
    }

  g_assert_cmpfloat (largest, >, 0);
  g_assert_cmpfloat (noise / energy, <=, halves ? MAX_NMSE_FP16 : max_nmse);
  g_assert_cmpfloat (worst / largest, <=, halves ? MAX_ERROR_FP16 : MAX_ERROR_FP32);
}

static void
check_result (PspBackend         *backend,
              const ReferenceMap *expected,
              TestMap            *result,
              double              max_nmse,
              gboolean            exact)
{
  g_autofree float *content = g_new (float, result->n_elements);
  g_autoptr(GError) error = NULL;

  psp_backend_finish (backend, NULL, &error);
  g_assert_no_error (error);
  psp_backend_download (backend, result->map.buffer, 0, content, result->n_elements, &error);
  g_assert_no_error (error);
  check_values (backend, expected, result, content, max_nmse, exact);
  check_surroundings (result, content);
}

/* Reference weights into a buffer with zeros where padded. */
static PspBuffer *
wrap_weights (PspBackend   *backend,
              const double *weights,
              int           n_taps,
              int           in,
              int           out)
{
  gsize n = (gsize) n_taps * pad_channels (in) * pad_channels (out);
  float *padded = g_new0 (float, n);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  PspBuffer *buffer;

  for (int tap = 0; tap < n_taps; tap++)
    for (int i = 0; i < in; i++)
      for (int o = 0; o < out; o++)
        padded[((gsize) tap * pad_channels (in) + i) * pad_channels (out) + o] =
          (float) weights[((gsize) tap * in + i) * out + o];

  bytes = g_bytes_new_take (padded, n * sizeof *padded);
  buffer = psp_backend_buffer_wrap (backend, bytes, "test weights", &error);
  g_assert_no_error (error);
  return buffer;
}

/* The weights as a map: a pixel for each tap and padded input. */
static ReferenceMap *
weights_as_map (const double *weights,
                int           n_taps,
                int           in,
                int           out)
{
  ReferenceMap *map = reference_map_new (1, n_taps * pad_channels (in), 1, out);

  for (int tap = 0; tap < n_taps; tap++)
    for (int i = 0; i < in; i++)
      for (int o = 0; o < out; o++)
        *reference_map_at (map, 0, tap * pad_channels (in) + i, 0, o) =
          weights[((gsize) tap * in + i) * out + o];
  return map;
}

/* Lets the backend itself write the weights, by an operation that keeps every number, and
 * @operation use them from there. */
static void
compute_weights (PspBackend     *backend,
                 const TestMap  *from,
                 const TestMap  *to,
                 PspConvolution *operation)
{
  g_autoptr(GError) error = NULL;

  psp_backend_resize (backend, &(PspResizing) { from->map, to->map, FALSE }, NULL, &error);
  g_assert_no_error (error);
  operation->weights = to->map.buffer;
  operation->weights_offset = to->map.offset;
}

static PspBuffer *
wrap_bias (PspBackend   *backend,
           const double *bias,
           int           out)
{
  float *padded = g_new0 (float, pad_channels (out));
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  PspBuffer *buffer;

  for (int o = 0; o < out; o++)
    padded[o] = (float) bias[o];

  bytes = g_bytes_new_take (padded, pad_channels (out) * sizeof *padded);
  buffer = psp_backend_buffer_wrap (backend, bytes, "test bias", &error);
  g_assert_no_error (error);
  return buffer;
}

static double *
random_values (const PspBackend *backend,
               GRand            *random,
               gsize             n,
               gboolean          integers)
{
  double *values = g_new (double, n);

  for (gsize i = 0; i < n; i++)
    values[i] = random_value (backend, random, integers);
  return values;
}

static int
output_length (int length,
               int kernel,
               int stride,
               int padding,
               int dilation)
{
  return (length + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
}

static void
run_convolution (PspBackend    *backend,
                 gconstpointer  data)
{
  const ConvolutionCase *line = data;
  int n_taps = line->kernel * line->kernel;
  int height = output_length (line->height, line->kernel, line->stride, line->padding,
                              line->dilation);
  int width = output_length (line->width, line->kernel, line->stride, line->padding,
                             line->dilation);
  gboolean adds = (line->flags & (RESIDUAL | IN_PLACE)) != 0;
  g_autoptr(GRand) random = g_rand_new_with_seed (20);
  g_autoptr(GError) error = NULL;
  g_autoptr(ReferenceMap) source = random_map (backend, random, line->batch, line->height,
                                               line->width, line->in, line->flags);
  g_autoptr(ReferenceMap) residual = random_map (backend, random, line->batch, height, width,
                                                 line->out, line->flags);
  g_autoptr(ReferenceMap) expected = reference_map_new (line->batch, height, width, line->out);
  g_autofree double *weights = random_values (backend, random, n_taps * line->in * line->out,
                                              line->flags & INTEGERS);
  g_autofree double *bias = random_values (backend, random, line->out, line->flags & INTEGERS);
  g_autoptr(TestMap) from = place_map (backend, source, line->flags & SLICE_SOURCE, NAN, TRUE);
  g_autoptr(TestMap) to = place_map (backend, residual, line->flags & SLICE_DESTINATION, SENTINEL,
                                     line->flags & IN_PLACE);
  g_autoptr(TestMap) added = place_map (backend, residual, FALSE, NAN, TRUE);
  g_autoptr(ReferenceMap) weight_map = weights_as_map (weights, n_taps, line->in, line->out);
  g_autoptr(TestMap) given = place_map (backend, weight_map, FALSE, NAN, TRUE);
  g_autoptr(TestMap) computed = place_map (backend, weight_map, FALSE, NAN, FALSE);
  g_autoptr(PspBuffer) weight_buffer = wrap_weights (backend, weights, n_taps, line->in, line->out);
  g_autoptr(PspBuffer) bias_buffer = wrap_bias (backend, bias, line->out);
  PspConvolution operation = {
    .source = from->map,
    .destination = to->map,
    .weights = weight_buffer,
    .bias = bias_buffer,
    .kernel = line->kernel,
    .stride = line->stride,
    .padding = line->padding,
    .dilation = line->dilation,
    .relu = (line->flags & RELU) != 0,
  };

  if (adds)
    operation.residual = line->flags & IN_PLACE ? &to->map : &added->map;
  if (line->flags & COMPUTED_WEIGHTS)
    compute_weights (backend, given, computed, &operation);
  psp_backend_convolve (backend, &operation, NULL, &error);
  g_assert_no_error (error);

  reference_convolve (source, weights, bias, adds ? residual : NULL, line->kernel, line->stride,
                      line->padding, line->dilation, operation.relu, expected);
  check_result (backend, expected, to, MAX_NMSE_FP32, line->flags & INTEGERS);
}

static void
run_pooling (PspBackend    *backend,
             gconstpointer  data)
{
  const PoolingCase *line = data;
  int more = line->flags & ROUND_UP ? 1 : 0;
  int height = output_length (line->height, line->kernel, line->stride, line->padding, 1) + more;
  int width = output_length (line->width, line->kernel, line->stride, line->padding, 1) + more;
  g_autoptr(GRand) random = g_rand_new_with_seed (21);
  g_autoptr(GError) error = NULL;
  g_autoptr(ReferenceMap) source = random_map (backend, random, line->batch, line->height,
                                               line->width, line->channels, line->flags);
  g_autoptr(ReferenceMap) expected = reference_map_new (line->batch, height, width,
                                                        line->channels);
  g_autoptr(TestMap) from = NULL;
  g_autoptr(TestMap) to = place_map (backend, expected, line->flags & SLICE_DESTINATION, SENTINEL,
                                     FALSE);
  PspPooling operation = {
    .kernel = line->kernel,
    .stride = line->stride,
    .padding = line->padding,
  };

  /* Below zero, so that a padding that takes part wins. */
  for (gsize i = 0; i < (gsize) line->batch * line->height * line->width * line->channels; i++)
    source->values[i] = -fabs (source->values[i]) - 1;
  if (psp_backend_get_precision (backend) == PSP_PRECISION_FP16)
    for (gsize i = 0; i < (gsize) line->batch * line->height * line->width * line->channels; i++)
      source->values[i] = floor (source->values[i] * 256) / 256;

  from = place_map (backend, source, line->flags & SLICE_SOURCE, NAN, TRUE);
  operation.source = from->map;
  operation.destination = to->map;
  psp_backend_pool (backend, &operation, NULL, &error);
  g_assert_no_error (error);

  reference_pool (source, line->kernel, line->stride, line->padding, expected);
  for (gsize i = 0; i < (gsize) line->batch * height * width * line->channels; i++)
    expected->values[i] = (double) (float) expected->values[i];
  check_result (backend, expected, to, MAX_NMSE_FP32, TRUE);
}

/* @expected is not what another rule makes. */
static void
assert_different (const ReferenceMap *expected,
                  const ReferenceMap *other)
{
  gsize n = (gsize) expected->batch * expected->height * expected->width * expected->channels;
  double difference = 0;

  for (gsize i = 0; i < n; i++)
    difference = MAX (difference, fabs (expected->values[i] - other->values[i]));
  g_assert_cmpfloat (difference, >, 1e-3);
}

/* Cells side by side, where those of the network overlap. */
static void
pool_apart (const ReferenceMap *source,
            ReferenceMap       *destination)
{
  int bins = destination->height;

  for (int i = 0; i < bins * bins; i++)
    for (int c = 0; c < destination->channels; c++)
      {
        int top = i / bins * source->height / bins, left = i % bins * source->width / bins;
        int bottom = (i / bins + 1) * source->height / bins;
        int right = (i % bins + 1) * source->width / bins;
        double sum = 0;

        for (int y = top; y < bottom; y++)
          for (int x = left; x < right; x++)
            sum += *reference_map_at (source, 0, y, x, c);
        *reference_map_at (destination, 0, i / bins, i % bins, c) =
          sum / ((bottom - top) * (right - left));
      }
}

static void
run_bin_pooling (PspBackend    *backend,
                 gconstpointer  data)
{
  const BinCase *line = data;
  g_autoptr(GRand) random = g_rand_new_with_seed (22);
  g_autoptr(GError) error = NULL;
  g_autoptr(ReferenceMap) source = random_map (backend, random, line->batch, line->height,
                                               line->width, line->channels, line->flags);
  g_autoptr(ReferenceMap) expected = reference_map_new (line->batch, line->bins, line->bins,
                                                        line->channels);
  g_autoptr(TestMap) from = place_map (backend, source, line->flags & SLICE_SOURCE, NAN, TRUE);
  g_autoptr(TestMap) to = place_map (backend, expected, line->flags & SLICE_DESTINATION, SENTINEL,
                                     FALSE);
  PspBinPooling operation = { from->map, to->map, (line->flags & MAXIMUM) != 0 };

  psp_backend_pool_bins (backend, &operation, NULL, &error);
  g_assert_no_error (error);

  reference_pool_bins (source, operation.maximum, expected);
  check_result (backend, expected, to, MAX_NMSE_FP32, line->flags & (INTEGERS | MAXIMUM));
  if (line->flags & TELLS_RULES)
    {
      g_autoptr(ReferenceMap) apart = reference_map_new (1, line->bins, line->bins,
                                                         line->channels);

      pool_apart (source, apart);
      assert_different (expected, apart);
    }
}

static void
run_resizing (PspBackend    *backend,
              gconstpointer  data)
{
  const ResizingCase *line = data;
  g_autoptr(GRand) random = g_rand_new_with_seed (23);
  g_autoptr(GError) error = NULL;
  g_autoptr(ReferenceMap) source = random_map (backend, random, line->batch, line->height,
                                               line->width, line->channels, line->flags);
  g_autoptr(ReferenceMap) expected = reference_map_new (line->batch, line->out_height,
                                                        line->out_width, line->channels);
  g_autoptr(TestMap) from = place_map (backend, source, line->flags & SLICE_SOURCE, NAN, TRUE);
  g_autoptr(TestMap) to = place_map (backend, expected, line->flags & SLICE_DESTINATION, SENTINEL,
                                     FALSE);
  PspResizing operation = { from->map, to->map, (line->flags & ALIGN_CORNERS) != 0 };

  psp_backend_resize (backend, &operation, NULL, &error);
  g_assert_no_error (error);

  reference_resize (source, operation.align_corners, expected);
  check_result (backend, expected, to, MAX_NMSE_RESIZE, line->flags & INTEGERS);
  if (line->flags & TELLS_RULES)
    {
      g_autoptr(ReferenceMap) other = reference_map_new (1, line->out_height, line->out_width,
                                                         line->channels);

      reference_resize (source, !operation.align_corners, other);
      assert_different (expected, other);
    }
}

/* What one pixel should have become; @logits are enlarged in double precision. */
static void
check_pixel (const ClassificationCase *line,
             const double             *logits,
             const float              *result,
             double                    tolerance)
{
  g_autofree gboolean *taken = g_new0 (gboolean, line->channels);
  double maximum = -G_MAXDOUBLE, sum = 0;

  for (int c = 0; c < line->channels; c++)
    maximum = MAX (maximum, logits[c]);
  for (int c = 0; c < line->channels; c++)
    sum += exp (logits[c] - maximum);

  for (int rank = 0; rank < line->n_top; rank++)
    {
      int chosen = (int) result[rank];
      int best = -1;

      g_assert_cmpint (chosen, >=, 0);
      g_assert_cmpint (chosen, <, line->channels);
      g_assert_false (taken[chosen]);
      for (int c = 0; c < line->channels; c++)
        if (!taken[c] && (best < 0 || logits[c] > logits[best]))
          best = c;
      taken[chosen] = TRUE;
      if (line->flags & INTEGERS)
        g_assert_cmpint (chosen, ==, best);
      g_assert_cmpfloat_with_epsilon (logits[chosen], logits[best], MAX_ERROR_FP32);
      if (line->probabilities)
        g_assert_cmpfloat_with_epsilon ((double) result[line->n_top + rank],
                                        exp (logits[chosen] - maximum) / sum, tolerance);
    }
}

static void
run_classification (PspBackend    *backend,
                    gconstpointer  data)
{
  const ClassificationCase *line = data;
  gboolean halves = psp_backend_get_precision (backend) == PSP_PRECISION_FP16;
  int n_results = line->n_top * (line->probabilities ? 2 : 1);
  g_autoptr(GRand) random = g_rand_new_with_seed (29);
  g_autoptr(GError) error = NULL;
  g_autoptr(ReferenceMap) source = random_map (backend, random, line->batch, line->height,
                                               line->width, line->channels, line->flags);
  g_autoptr(ReferenceMap) logits = reference_map_new (line->batch, line->full_height,
                                                      line->full_width, line->channels);
  g_autoptr(ReferenceMap) shape = reference_map_new (line->batch, line->out_height,
                                                     line->out_width, n_results);
  g_autoptr(TestMap) from = place_map (backend, source, line->flags & SLICE_SOURCE, NAN, TRUE);
  g_autoptr(TestMap) to = place_map (backend, shape, line->flags & SLICE_DESTINATION, SENTINEL,
                                     FALSE);
  g_autofree float *content = g_new (float, to->n_elements);
  PspClassification operation = {
    from->map, to->map, { line->full_width, line->full_height }, line->first_row, line->n_top,
    line->probabilities, (line->flags & ALIGN_CORNERS) != 0
  };

  psp_backend_classify (backend, &operation, NULL, &error);
  g_assert_no_error (error);
  psp_backend_finish (backend, NULL, &error);
  g_assert_no_error (error);
  psp_backend_download (backend, to->map.buffer, 0, content, to->n_elements, &error);
  g_assert_no_error (error);

  reference_resize (source, operation.align_corners, logits);
  for (int n = 0; n < line->batch; n++)
    for (int y = 0; y < line->out_height; y++)
      for (int x = 0; x < line->out_width; x++)
        check_pixel (line, reference_map_at (logits, n, line->first_row + y, x, 0),
                     content + element (&to->map, ((gsize) n * line->out_height + y) *
                                                  line->out_width + x, 0),
                     halves ? 1e-3 : 2e-6);
  check_surroundings (to, content);
}

static void
run_test (gconstpointer data)
{
  const Test *test = data;

  test->run (test->backend, test->line);
}

static void
free_test (gpointer data)
{
  Test *test = data;

  g_free (test->copy);
  g_free (test);
}

static void
add_test (PspBackend    *backend,
          const char    *prefix,
          const char    *operation,
          const char    *name,
          gconstpointer  line,
          gpointer       copy,
          void         (*run) (PspBackend    *backend,
                               gconstpointer  line))
{
  g_autofree char *path = g_strdup_printf ("%s/%s/%s", prefix, operation, name);
  Test *test = g_new (Test, 1);

  *test = (Test) { backend, copy != NULL ? copy : line, copy, run };
  g_test_add_data_func_full (path, test, run_test, free_test);
}

/* Copies @line; small integers come out exactly only if @exact. */
static void
add_convolution (PspBackend            *backend,
                 const char            *prefix,
                 const char            *name,
                 const ConvolutionCase *line,
                 gboolean               exact)
{
  ConvolutionCase *copy = g_memdup2 (line, sizeof *line);

  if (!exact)
    copy->flags &= ~INTEGERS;
  add_test (backend, prefix, "convolve", name, NULL, copy, run_convolution);
}

void
reference_add_sweep (PspBackend *backend,
                     const char *prefix,
                     gboolean    exact,
                     int         n_cases)
{
  static const int channels[] = { 1, 3, 8, 19, 64, 150 };
  static const int sides[] = { 60, 61 };
  static const int added[] = { 0, RESIDUAL, IN_PLACE };
  g_autoptr(GRand) random = g_rand_new_with_seed (24);

  for (int i = 0; i < n_cases; i++)
    {
      g_autofree char *name = g_strdup_printf ("3x3-sweep-%02d", i);
      gboolean large = i % 4 == 0; /* then wide, but not high: the plain loops are slow */
      int dilation = 1 << g_rand_int_range (random, 0, 4);
      ConvolutionCase line = {
        .batch = g_rand_int_range (random, 1, large ? 2 : 4),
        .height = g_rand_int_range (random, 1, 20),
        .width = large ? sides[i / 4 % 2] : g_rand_int_range (random, 1, 20),
        .in = channels[g_rand_int_range (random, 0, G_N_ELEMENTS (channels))],
        .out = channels[g_rand_int_range (random, 0, G_N_ELEMENTS (channels))],
        .kernel = 3,
        .stride = 1,
        .padding = dilation,
        .dilation = dilation,
        .flags = g_rand_int_range (random, 0, 2) * RELU |
                 g_rand_int_range (random, 0, 2) * INTEGERS |
                 g_rand_int_range (random, 0, 2) * SLICE_SOURCE |
                 g_rand_int_range (random, 0, 2) * SLICE_DESTINATION |
                 added[g_rand_int_range (random, 0, G_N_ELEMENTS (added))],
      };

      add_convolution (backend, prefix, name, &line, exact);
    }
}

void
reference_add_convolutions (PspBackend *backend,
                            const char *prefix,
                            int         first,
                            int         step)
{
  for (gsize i = first; i < G_N_ELEMENTS (convolutions); i += step)
    add_convolution (backend, prefix, convolutions[i].name, &convolutions[i], TRUE);
}

void
reference_add_tests (PspBackend *backend,
                     const char *prefix,
                     gboolean    exact)
{
  for (gsize i = 0; i < G_N_ELEMENTS (convolutions); i++)
    add_convolution (backend, prefix, convolutions[i].name, &convolutions[i], exact);
  for (gsize i = 0; i < G_N_ELEMENTS (poolings); i++)
    add_test (backend, prefix, "pool", poolings[i].name, &poolings[i], NULL, run_pooling);
  for (gsize i = 0; i < G_N_ELEMENTS (bin_poolings); i++)
    add_test (backend, prefix, "pool-bins", bin_poolings[i].name, &bin_poolings[i], NULL,
              run_bin_pooling);
  for (gsize i = 0; i < G_N_ELEMENTS (resizings); i++)
    add_test (backend, prefix, "resize", resizings[i].name, &resizings[i], NULL, run_resizing);
  for (gsize i = 0; i < G_N_ELEMENTS (classifications); i++)
    add_test (backend, prefix, "classify", classifications[i].name, &classifications[i], NULL,
              run_classification);
}
