/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"

#include <cblas.h>
#include <string.h>
#include <time.h>

/*
 * Measures the operations of PSPNet-50 on the processor, one line for each class of layers: how
 * often it occurs; the milliseconds of one; the processor's time that these took on all threads,
 * where what other programs take does not show; GFLOP/s counted as a plain convolution, and these
 * as a share of a plain sgemm on as many threads in the same run: above 100 % Winograd's saving
 * shows.  The sum tells what a whole network would take.
 *
 * With --speed-up instead: the milliseconds of one with one thread and with all, measured in turn,
 * and what the other threads gain, beside what they gain for a plain sgemm.
 *
 * usage: measure-convolutions [--size PIXELS] [--threads N] [--repeat N] [--layer PART]
 *                             [--direct] [--speed-up]
 */

typedef enum
{
  CONVOLUTION,
  MAX_POOL,
  BIN_POOL,
  RESIZE,
} Kind;

typedef struct
{
  const char *name;
  int         count;    /* in the network */
  Kind        kind;
  int         divisor;  /* of the input's size, for the source */
  int         bins;     /* instead of that: a source of so many pixels on a side */
  int         inputs;
  int         outputs;
  int         kernel;
  int         stride;
  int         dilation;
  gboolean    residual;
} Layer;

static const Layer layers[] = {
  { "stem.1",              1, CONVOLUTION, 1, 0,    3,   64, 3, 2, 1 },
  { "stem.2",              1, CONVOLUTION, 2, 0,   64,   64, 3, 1, 1 },
  { "stem.3",              1, CONVOLUTION, 2, 0,   64,  128, 3, 1, 1 },
  { "stem.pool",           1, MAX_POOL,    2, 0,  128,  128, 3, 2, 1 },
  { "layer1.reduce first", 1, CONVOLUTION, 4, 0,  128,   64, 1, 1, 1 },
  { "layer1.reduce",       2, CONVOLUTION, 4, 0,  256,   64, 1, 1, 1 },
  { "layer1.3x3",          3, CONVOLUTION, 4, 0,   64,   64, 3, 1, 1 },
  { "layer1.expand",       3, CONVOLUTION, 4, 0,   64,  256, 1, 1, 1, TRUE },
  { "layer1.projection",   1, CONVOLUTION, 4, 0,  128,  256, 1, 1, 1 },
  { "layer2.reduce first", 1, CONVOLUTION, 4, 0,  256,  128, 1, 1, 1 },
  { "layer2.3x3 stride 2", 1, CONVOLUTION, 4, 0,  128,  128, 3, 2, 1 },
  { "layer2.projection",   1, CONVOLUTION, 4, 0,  256,  512, 1, 2, 1 },
  { "layer2.reduce",       3, CONVOLUTION, 8, 0,  512,  128, 1, 1, 1 },
  { "layer2.3x3",          3, CONVOLUTION, 8, 0,  128,  128, 3, 1, 1 },
  { "layer2.expand",       4, CONVOLUTION, 8, 0,  128,  512, 1, 1, 1, TRUE },
  { "layer3.reduce first", 1, CONVOLUTION, 8, 0,  512,  256, 1, 1, 1 },
  { "layer3.reduce",       5, CONVOLUTION, 8, 0, 1024,  256, 1, 1, 1 },
  { "layer3.3x3",          6, CONVOLUTION, 8, 0,  256,  256, 3, 1, 2 },
  { "layer3.expand",       6, CONVOLUTION, 8, 0,  256, 1024, 1, 1, 1, TRUE },
  { "layer3.projection",   1, CONVOLUTION, 8, 0,  512, 1024, 1, 1, 1 },
  { "layer4.reduce first", 1, CONVOLUTION, 8, 0, 1024,  512, 1, 1, 1 },
  { "layer4.reduce",       2, CONVOLUTION, 8, 0, 2048,  512, 1, 1, 1 },
  { "layer4.3x3",          3, CONVOLUTION, 8, 0,  512,  512, 3, 1, 4 },
  { "layer4.expand",       3, CONVOLUTION, 8, 0,  512, 2048, 1, 1, 1, TRUE },
  { "layer4.projection",   1, CONVOLUTION, 8, 0, 1024, 2048, 1, 1, 1 },
  { "pyramid.pool 1",      1, BIN_POOL,    8, 1, 2048, 2048, 1, 1, 1 },
  { "pyramid.pool 6",      1, BIN_POOL,    8, 6, 2048, 2048, 1, 1, 1 },
  { "pyramid.reduce 1",    1, CONVOLUTION, 0, 1, 2048,  512, 1, 1, 1 },
  { "pyramid.reduce 6",    1, CONVOLUTION, 0, 6, 2048,  512, 1, 1, 1 },
  { "head.3x3",            1, CONVOLUTION, 8, 0, 2048,  512, 3, 1, 1 },
  { "head.classifier",     1, CONVOLUTION, 8, 0,  512,  150, 1, 1, 1 },
  { "head.resize",         1, RESIZE,      8, 0,  150,  150, 1, 1, 1 },
};

typedef struct
{
  PspBackend *backend;
  int         size;     /* of the network's input */
  int         n_repeats;
  char       *part;     /* (nullable): of the names of the layers to measure */
} Measurement;

static void
fail_on (const GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

/* (length + 1) / 2 for each halving, as strides of 2 with their padding give. */
static int
divide_size (int size,
             int divisor)
{
  for (; divisor > 1; divisor /= 2)
    size = (size + 1) / 2;
  return size;
}

static PspMap
new_map (PspBackend *backend,
         int         side,
         int         channels)
{
  g_autoptr(GError) error = NULL;
  int stride = psp_channels_pad (channels);
  gsize n_elements = (gsize) side * side * stride;
  PspBuffer *buffer = psp_backend_buffer_new (backend, n_elements, "map", &error);
  g_autofree float *content = g_new (float, n_elements);

  fail_on (error);
  for (gsize i = 0; i < n_elements; i++)
    content[i] = (int) (i % stride) < channels ? (i * 7919 % 1013) / 1013.0f - 0.5f : 0;
  psp_backend_upload (backend, buffer, 0, content, n_elements, &error);
  fail_on (error);
  return (PspMap) { buffer, 0, 1, side, side, channels, stride };
}

static PspBuffer *
new_weights (PspBackend *backend,
             gsize       n_elements)
{
  g_autoptr(GError) error = NULL;
  float *content = g_new (float, n_elements);
  g_autoptr(GBytes) bytes = NULL;
  PspBuffer *buffer;

  for (gsize i = 0; i < n_elements; i++)
    content[i] = (i * 104729 % 2003) / 2003.0f - 0.5f;
  bytes = g_bytes_new_take (content, n_elements * sizeof *content);
  buffer = psp_backend_buffer_wrap (backend, bytes, "weights", &error);
  fail_on (error);
  return buffer;
}

static void
run_layer (Measurement          *self,
           const Layer          *layer,
           const PspConvolution *operation)
{
  g_autoptr(GError) error = NULL;

  switch (layer->kind)
    {
    case CONVOLUTION:
      psp_backend_convolve (self->backend, operation, NULL, &error);
      break;
    case MAX_POOL:
      psp_backend_pool (self->backend, &(PspPooling) {
        operation->source, operation->destination, layer->kernel, layer->stride, 1
      }, NULL, &error);
      break;
    case BIN_POOL:
      psp_backend_pool_bins (self->backend, &(PspBinPooling) {
        operation->source, operation->destination
      }, NULL, &error);
      break;
    case RESIZE:
      psp_backend_resize (self->backend, &(PspResizing) {
        operation->source, operation->destination, TRUE
      }, NULL, &error);
      break;
    default:
      g_assert_not_reached ();
    }
  fail_on (error);
}

/* The side of what @layer makes of @side pixels. */
static int
result_side (const Measurement *self,
             const Layer       *layer,
             int                side)
{
  switch (layer->kind)
    {
    case BIN_POOL:
      return layer->bins;
    case RESIZE:
      return self->size;
    case CONVOLUTION:
    case MAX_POOL:
    default:
      return (side - 1) / layer->stride + 1;
    }
}

/* What all threads of the process have computed so far. */
static double
get_processor_ms (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

/* Returns the milliseconds of the fastest run. */
static double
measure_layer (Measurement *self,
               const Layer *layer,
               double      *gflop,
               double      *processor_ms)
{
  int side = layer->divisor > 0 ? divide_size (self->size, layer->divisor) : layer->bins;
  int result = result_side (self, layer, side);
  int taps = layer->kernel * layer->kernel;
  PspConvolution operation = {
    .source = new_map (self->backend, side, layer->inputs),
    .destination = new_map (self->backend, result, layer->outputs),
    .weights = new_weights (self->backend, (gsize) taps * psp_channels_pad (layer->inputs) *
                                           psp_channels_pad (layer->outputs)),
    .bias = new_weights (self->backend, psp_channels_pad (layer->outputs)),
    .kernel = layer->kernel,
    .stride = layer->stride,
    .padding = layer->kernel / 2 * layer->dilation,
    .dilation = layer->dilation,
    .relu = TRUE,
  };
  double best = G_MAXDOUBLE;

  *processor_ms = G_MAXDOUBLE;
  if (layer->residual)
    operation.residual = &operation.destination;
  for (int i = 0; i <= self->n_repeats; i++)
    {
      gint64 start = g_get_monotonic_time ();
      double processor_start = get_processor_ms ();

      run_layer (self, layer, &operation);
      if (i == 0) /* grows the scratch memory */
        continue;
      best = MIN (best, (g_get_monotonic_time () - start) / 1000.0);
      *processor_ms = MIN (*processor_ms, get_processor_ms () - processor_start);
    }
  *gflop = layer->kind == CONVOLUTION
           ? 2e-9 * result * result * taps * layer->inputs * layer->outputs : 0;
  psp_buffer_free (operation.source.buffer);
  psp_buffer_free (operation.destination.buffer);
  psp_buffer_free (operation.weights);
  psp_buffer_free (operation.bias);
  return best;
}

#define PLAIN_SIDE 768

/* A thread's own plain sgemm; returns its GFLOP/s. */
static gpointer
multiply (gpointer data)
{
  gsize n = PLAIN_SIDE * PLAIN_SIDE;
  g_autofree float *values = g_new (float, 3 * n);
  double *rate = data;
  const int n_calls = 12;
  gint64 start = 0;

  for (gsize i = 0; i < 3 * n; i++)
    values[i] = (i % 1009) / 1009.0f;
  for (int i = -1; i < n_calls; i++)
    {
      if (i == 0)
        start = g_get_monotonic_time ();
      cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, PLAIN_SIDE, PLAIN_SIDE, PLAIN_SIDE,
                   1, values, PLAIN_SIDE, values + n, PLAIN_SIDE, 0, values + 2 * n, PLAIN_SIDE);
    }
  *rate = 2e-3 * n_calls * n * PLAIN_SIDE / (g_get_monotonic_time () - start);
  return NULL;
}

/* GFLOP/s of plain sgemm on @n_threads at the same time. */
static double
measure_sgemm (int n_threads)
{
  g_autofree double *rates = g_new (double, n_threads);
  g_autofree GThread **threads = g_new (GThread *, n_threads);
  double sum = 0;

  openblas_set_num_threads (1);
  for (int i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("sgemm", multiply, &rates[i]);
  for (int i = 0; i < n_threads; i++)
    {
      g_thread_join (threads[i]);
      sum += rates[i];
    }
  return sum;
}

static gboolean
is_wanted (const Measurement *self,
           const Layer       *layer)
{
  return self->part == NULL || strstr (layer->name, self->part) != NULL;
}

static void
measure_layers (Measurement *self,
                int          n_threads)
{
  double ceiling = measure_sgemm (n_threads);
  double total_ms = 0, total_processor_ms = 0, total_gflop = 0;

  g_print ("%d x %d pixels, %d threads; plain sgemm: %.1f GFLOP/s\n", self->size, self->size,
           n_threads, ceiling);
  for (gsize i = 0; i < G_N_ELEMENTS (layers); i++)
    {
      const Layer *layer = &layers[i];
      double gflop, ms, processor_ms;

      if (!is_wanted (self, layer))
        continue;
      ms = measure_layer (self, layer, &gflop, &processor_ms);
      g_print ("%-20s %2d x %8.3f ms (%8.3f)", layer->name, layer->count, ms, processor_ms);
      if (gflop > 0)
        g_print (" %8.1f GFLOP/s %5.0f %%", gflop / ms * 1e3, gflop / ms * 1e5 / ceiling);
      g_print ("\n");
      total_ms += layer->count * ms;
      total_processor_ms += layer->count * processor_ms;
      total_gflop += layer->count * gflop;
    }
  g_print ("%-20s      %8.3f ms (%8.3f) %8.1f GFLOP/s %5.0f %%\n", "all", total_ms,
           total_processor_ms, total_gflop / total_ms * 1e3,
           total_gflop / total_ms * 1e5 / ceiling);
  g_print ("plain sgemm again: %.1f GFLOP/s\n", measure_sgemm (n_threads));
}

/* @self with all threads beside one. */
static void
measure_speed_up (Measurement *self,
                  PspBackend  *single,
                  int          n_threads)
{
  Measurement alone = *self;
  double total_ms = 0, total_alone_ms = 0, gflop, processor_ms;

  alone.backend = single;
  g_print ("%d x %d pixels, 1 and %d threads; plain sgemm: %.2f times as fast\n", self->size,
           self->size, n_threads, measure_sgemm (n_threads) / measure_sgemm (1));
  for (gsize i = 0; i < G_N_ELEMENTS (layers); i++)
    {
      const Layer *layer = &layers[i];
      double alone_ms, ms;

      if (!is_wanted (self, layer))
        continue;
      alone_ms = measure_layer (&alone, layer, &gflop, &processor_ms);
      ms = measure_layer (self, layer, &gflop, &processor_ms);
      g_print ("%-20s %2d x %8.3f and %8.3f ms: %.2f times as fast\n", layer->name, layer->count,
               alone_ms, ms, alone_ms / ms);
      total_alone_ms += layer->count * alone_ms;
      total_ms += layer->count * ms;
    }
  g_print ("%-20s      %8.3f and %8.3f ms: %.2f times as fast\n", "all", total_alone_ms, total_ms,
           total_alone_ms / total_ms);
  g_print ("plain sgemm again: %.2f times as fast\n",
           measure_sgemm (n_threads) / measure_sgemm (1));
}

int
main (int    argc,
      char **argv)
{
  Measurement self = { .size = 473, .n_repeats = 5 };
  PspBackendOptions options = { .n_threads = 2 };
  gboolean direct = FALSE, speed_up = FALSE;
  GOptionEntry entries[] = {
    { "size", 0, 0, G_OPTION_ARG_INT, &self.size, "of the input", "PIXELS" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.n_threads, "of the backend", "N" },
    { "repeat", 0, 0, G_OPTION_ARG_INT, &self.n_repeats, "runs of each layer", "N" },
    { "layer", 0, 0, G_OPTION_ARG_STRING, &self.part, "only those with it in their name", "PART" },
    { "direct", 0, 0, G_OPTION_ARG_NONE, &direct, "no Winograd", NULL },
    { "speed-up", 0, 0, G_OPTION_ARG_NONE, &speed_up, "what more threads than one gain", NULL },
    { NULL }
  };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(PspBackend) single = NULL;
  g_autoptr(GError) error = NULL;

  psp_device_restart_if_slow (argv);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  if (direct)
    options.method = PSP_CONVOLUTION_DIRECT;
  self.backend = psp_cpu_backend_new (&options, &error);
  fail_on (error);
  single = psp_cpu_backend_new (&(PspBackendOptions) { .n_threads = 1, .method = options.method },
                                &error);
  fail_on (error);
  if (speed_up)
    measure_speed_up (&self, single, options.n_threads);
  else
    measure_layers (&self, options.n_threads);
  psp_backend_unref (self.backend);
  g_free (self.part);
  return 0;
}
