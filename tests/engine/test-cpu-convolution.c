/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "engine/cpu/psp-cpu-operations.h"

#include <string.h>

/* A convolution with its maps, on a backend of its own. */
typedef struct
{
  PspBackend     *backend;
  PspConvolution  operation;
} Layer;

typedef struct
{
  const char *name;
  int         side;
  int         inputs;
  int         outputs;
  int         kernel;
  int         stride;
  int         dilation;
} Shape;

/* Several blocks of tiles, of input and of output channels; several bands; few pixels. */
static const Shape shapes[] = {
  { "many tiles",     100,  64,  72, 3, 1, 1 },
  { "dilation 2",      30, 136, 264, 3, 1, 2 },
  { "dilation 4",      23, 520, 512, 3, 1, 4 },
  { "1x1",             60,  64, 256, 1, 1, 1 },
  { "wide 1x1",        60,  72, 512, 1, 1, 1 },
  { "few pixels",       3, 512, 512, 1, 1, 1 },
  { "stride 2",        61,  24,  40, 3, 2, 1 },
  { "stem",            97,   3,  64, 7, 2, 1 },
};

static const PspConvolutionMethod methods[] = { PSP_CONVOLUTION_DIRECT, PSP_CONVOLUTION_WINOGRAD };

static float *
make_values (gsize n)
{
  float *values = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    values[i] = (i * 7919 % 1013) / 1013.0f - 0.5f;
  return values;
}

static PspBuffer *
make_weights (PspBackend *backend,
              gsize       n)
{
  g_autoptr(GBytes) bytes = g_bytes_new_take (make_values (n), n * sizeof (float));
  g_autoptr(GError) error = NULL;
  PspBuffer *buffer = psp_backend_buffer_wrap (backend, bytes, "weights", &error);

  g_assert_no_error (error);
  return buffer;
}

/* Channels are multiples of 8, but for the stem. */
static PspMap
make_map (PspBackend *backend,
          int         side,
          int         channels)
{
  int stride = psp_channels_pad (channels);
  gsize n = (gsize) side * side * stride;
  g_autofree float *values = make_values (n);
  g_autoptr(GError) error = NULL;
  PspBuffer *buffer = psp_backend_buffer_new (backend, n, "map", &error);

  g_assert_no_error (error);
  for (gsize i = 0; i < n; i++)
    values[i] = (int) (i % stride) < channels ? values[i] : 0;
  psp_backend_upload (backend, buffer, 0, values, n, &error);
  g_assert_no_error (error);
  return (PspMap) { buffer, 0, 1, side, side, channels, stride };
}

static Layer *
layer_new (const Shape          *shape,
           PspConvolutionMethod  method,
           int                   n_threads)
{
  PspBackendOptions options = { .n_threads = n_threads, .method = method };
  g_autoptr(GError) error = NULL;
  Layer *self = g_new0 (Layer, 1);
  int padding = shape->kernel / 2 * shape->dilation;

  self->backend = psp_cpu_backend_new (&options, &error);
  g_assert_no_error (error);
  self->operation = (PspConvolution) {
    .source = make_map (self->backend, shape->side, shape->inputs),
    .destination = make_map (self->backend, (shape->side - 1) / shape->stride + 1,
                             shape->outputs),
    .weights = make_weights (self->backend,
                             (gsize) shape->kernel * shape->kernel *
                             psp_channels_pad (shape->inputs) *
                             psp_channels_pad (shape->outputs)),
    .bias = make_weights (self->backend, psp_channels_pad (shape->outputs)),
    .kernel = shape->kernel,
    .stride = shape->stride,
    .padding = padding,
    .dilation = shape->dilation,
    .relu = TRUE,
  };
  return self;
}

static void
layer_free (Layer *self)
{
  psp_buffer_free (self->operation.source.buffer);
  psp_buffer_free (self->operation.destination.buffer);
  psp_buffer_free (self->operation.weights);
  psp_buffer_free (self->operation.bias);
  psp_backend_unref (self->backend);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Layer, layer_free)

/* (transfer full): all bytes of the result. */
static GBytes *
compute (Layer *self)
{
  PspBuffer *buffer = self->operation.destination.buffer;
  float *values = g_new (float, buffer->n_elements);
  g_autoptr(GError) error = NULL;

  psp_backend_convolve (self->backend, &self->operation, NULL, &error);
  g_assert_no_error (error);
  psp_backend_finish (self->backend, NULL, &error);
  g_assert_no_error (error);
  psp_backend_download (self->backend, buffer, 0, values, buffer->n_elements, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (values, buffer->n_elements * sizeof *values);
}

static GBytes *
compute_new (const Shape          *shape,
             PspConvolutionMethod  method,
             int                   n_threads)
{
  g_autoptr(Layer) layer = layer_new (shape, method, n_threads);

  return compute (layer);
}

static void
test_threads (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (gsize m = 0; m < G_N_ELEMENTS (methods); m++)
      {
        g_autoptr(GBytes) expected = compute_new (&shapes[i], methods[m], 1);

        for (int n_threads = 2; n_threads <= 24; n_threads += n_threads < 8 ? 1 : 8)
          {
            g_autoptr(GBytes) result = compute_new (&shapes[i], methods[m], n_threads);

            if (!g_bytes_equal (result, expected))
              g_error ("%s: %d threads give other bits than one", shapes[i].name, n_threads);
          }
      }
}

/* What a convolution leaves behind must not show in the next one. */
static void
test_again (void)
{
  g_autoptr(Layer) large = layer_new (&shapes[2], PSP_CONVOLUTION_WINOGRAD, 2);
  g_autoptr(Layer) small = layer_new (&shapes[0], PSP_CONVOLUTION_WINOGRAD, 2);
  g_autoptr(GBytes) first = compute (large);
  g_autoptr(GBytes) second = NULL;
  g_autoptr(GError) error = NULL;

  psp_backend_convolve (large->backend, &small->operation, NULL, &error);
  g_assert_no_error (error);
  second = compute (large);
  g_assert_true (g_bytes_equal (first, second));
}

/* The backend takes just what it says, which is what --memory allows or not. */
static void
test_scratch (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (gsize m = 0; m < G_N_ELEMENTS (methods); m++)
      for (int n_threads = 1; n_threads <= 16; n_threads *= 4)
        {
          g_autoptr(Layer) layer = layer_new (&shapes[i], methods[m], n_threads);
          g_autoptr(GBytes) result = compute (layer);

          g_assert_nonnull (result);
          g_assert_cmpint (((PspCpuBackend *) layer->backend)->n_scratch * sizeof (float), ==,
                           psp_backend_count_scratch (layer->backend, &layer->operation));
        }
}

/* (transfer full): the result with @residual, which lies where the result goes or not. */
static GBytes *
compute_added (const Shape          *shape,
               PspConvolutionMethod  method,
               gboolean              in_place)
{
  g_autoptr(Layer) layer = layer_new (shape, method, 2);
  PspMap *destination = &layer->operation.destination;
  PspMap other = make_map (layer->backend, destination->height, destination->channels);
  GBytes *result;

  layer->operation.residual = in_place ? destination : &other;
  result = compute (layer);
  psp_buffer_free (other.buffer);
  return result;
}

/* A plan in which nobody asks for the residual later lets the result lie there: the same bits. */
static void
test_in_place (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (gsize m = 0; m < G_N_ELEMENTS (methods); m++)
      {
        g_autoptr(GBytes) there = compute_added (&shapes[i], methods[m], TRUE);
        g_autoptr(GBytes) elsewhere = compute_added (&shapes[i], methods[m], FALSE);

        g_assert_true (g_bytes_equal (there, elsewhere));
      }
}

#define GUARD 4096.5f

/* Computes in memory that is lent, between two guards. */
static GBytes *
compute_lent (Layer *self)
{
  gsize n = psp_backend_count_scratch (self->backend, &self->operation) / sizeof (float);
  gsize n_all = n + 2 * PSP_MAP_ALIGNMENT;
  g_autofree float *values = g_new (float, n_all);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBuffer) scratch = psp_backend_buffer_new (self->backend, n_all, "lent", &error);
  GBytes *result;

  g_assert_no_error (error);
  for (gsize i = 0; i < n_all; i++)
    values[i] = GUARD;
  psp_backend_upload (self->backend, scratch, 0, values, n_all, &error);
  g_assert_no_error (error);
  self->operation.scratch = scratch;
  self->operation.scratch_offset = PSP_MAP_ALIGNMENT;
  result = compute (self);
  psp_backend_download (self->backend, scratch, 0, values, n_all, &error);
  g_assert_no_error (error);
  for (int i = 0; i < PSP_MAP_ALIGNMENT; i++)
    {
      g_assert_cmpfloat (values[i], ==, GUARD);
      g_assert_cmpfloat (values[n_all - 1 - i], ==, GUARD);
    }
  return result;
}

/* Memory that is lent gives the same bits, nothing beside it is written, and none is taken. */
static void
test_lent (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (gsize m = 0; m < G_N_ELEMENTS (methods); m++)
      {
        g_autoptr(Layer) layer = layer_new (&shapes[i], methods[m], 2);
        g_autoptr(GBytes) result = compute_lent (layer);
        g_autoptr(GBytes) expected = compute_new (&shapes[i], methods[m], 2);

        g_assert_true (g_bytes_equal (result, expected));
        g_assert_cmpint (((PspCpuBackend *) layer->backend)->n_scratch, ==, 0);
      }
}

/* Too little is refused. */
static void
test_lent_too_little (void)
{
  g_autoptr(Layer) layer = layer_new (&shapes[0], PSP_CONVOLUTION_WINOGRAD, 1);
  g_autoptr(GError) error = NULL;
  gsize n = psp_backend_count_scratch (layer->backend, &layer->operation) / sizeof (float);
  g_autoptr(PspBuffer) scratch = psp_backend_buffer_new (layer->backend, n - 1, "lent", &error);

  g_assert_no_error (error);
  layer->operation.scratch = scratch;
  g_assert_false (psp_backend_convolve (layer->backend, &layer->operation, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
}

#define PLENTY ((gsize) 1 << 30)

static const PspCpuBuffer *
get_weights (const Layer *self)
{
  return (const PspCpuBuffer *) self->operation.weights;
}

/* Transformed weights that are kept are used, give the same bits, and are freed when they may not
 * be kept any more. */
static void
test_kept (void)
{
  for (gsize i = 0; i < 3; i++)
    {
      g_autoptr(Layer) layer = layer_new (&shapes[i], PSP_CONVOLUTION_WINOGRAD, 2);
      const PspCpuBackend *backend = (PspCpuBackend *) layer->backend;
      const PspCpuBuffer *weights = get_weights (layer);
      g_autoptr(GBytes) expected = compute (layer);

      g_assert_null (weights->kept);
      psp_backend_keep_weights (layer->backend, PLENTY);
      for (int run = 0; run < 3; run++)
        {
          g_autoptr(GBytes) result = compute (layer);

          g_assert_true (g_bytes_equal (result, expected));
          g_assert_true (weights->kept_done);
          g_assert_cmpuint (backend->kept_bytes, ==, weights->n_kept * sizeof (float));
        }

      memset (weights->kept, 0, weights->n_kept * sizeof (float));
      {
        g_autoptr(GBytes) result = compute (layer);

        g_assert_false (g_bytes_equal (result, expected));
      }
      psp_backend_keep_weights (layer->backend, backend->kept_bytes - 1);
      g_assert_null (weights->kept);
      g_assert_cmpuint (backend->kept_bytes, ==, 0);
      {
        g_autoptr(GBytes) result = compute (layer);

        g_assert_true (g_bytes_equal (result, expected));
        g_assert_null (weights->kept);
      }
    }
}

/* What a run that was cancelled left half done is not taken for done. */
static void
test_kept_cancel (void)
{
  g_autoptr(Layer) layer = layer_new (&shapes[2], PSP_CONVOLUTION_WINOGRAD, 2);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) expected = compute (layer);
  g_autoptr(GBytes) result = NULL;

  psp_backend_keep_weights (layer->backend, PLENTY);
  g_cancellable_cancel (cancellable);
  g_assert_false (psp_backend_convolve (layer->backend, &layer->operation, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  result = compute (layer);
  g_assert_true (g_bytes_equal (result, expected));
}

/* Weights that an earlier operation wrote may be others in the next run. */
static void
test_kept_computed (void)
{
  g_autoptr(Layer) layer = layer_new (&shapes[0], PSP_CONVOLUTION_WINOGRAD, 2);
  gsize n = layer->operation.weights->n_elements;
  g_autofree float *values = g_new0 (float, n);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBuffer) written = psp_backend_buffer_new (layer->backend, n, "written", &error);
  g_autoptr(GBytes) expected = compute (layer);
  PspBuffer *weights = layer->operation.weights;

  g_assert_no_error (error);
  psp_backend_keep_weights (layer->backend, PLENTY);
  layer->operation.weights = written;
  for (int run = 0; run < 2; run++)
    {
      g_autoptr(GBytes) result = NULL;

      psp_backend_upload (layer->backend, written, 0,
                          run == 0 ? values : ((PspCpuBuffer *) weights)->data, n, &error);
      g_assert_no_error (error);
      result = compute (layer);
      g_assert_true (g_bytes_equal (result, expected) == (run == 1));
    }
  layer->operation.weights = weights;
}

static gpointer
compute_often (gpointer data)
{
  Layer *layer = data;
  g_autoptr(GBytes) first = compute (layer);

  for (int i = 0; i < 3; i++)
    {
      g_autoptr(GBytes) again = compute (layer);

      g_assert_true (g_bytes_equal (first, again));
    }
  return g_steal_pointer (&first);
}

/* Two backends at work at the same time do not disturb each other. */
static void
test_two_backends (void)
{
  Layer *layers[2] = {
    layer_new (&shapes[1], PSP_CONVOLUTION_WINOGRAD, 2),
    layer_new (&shapes[5], PSP_CONVOLUTION_DIRECT, 2),
  };
  GThread *threads[2];

  for (int i = 0; i < 2; i++)
    threads[i] = g_thread_new ("layer", compute_often, layers[i]);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr(GBytes) result = g_thread_join (threads[i]);
      g_autoptr(GBytes) expected = compute (layers[i]);

      g_assert_true (g_bytes_equal (result, expected));
    }
  for (int i = 0; i < 2; i++)
    layer_free (layers[i]);
}

static void
test_cancel (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (gsize m = 0; m < G_N_ELEMENTS (methods); m++)
      {
        g_autoptr(Layer) layer = layer_new (&shapes[i], methods[m], 2);
        g_autoptr(GCancellable) cancellable = g_cancellable_new ();
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) first = compute (layer);
        g_autoptr(GBytes) second = NULL;

        g_cancellable_cancel (cancellable);
        g_assert_false (psp_backend_convolve (layer->backend, &layer->operation, cancellable,
                                              &error));
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        second = compute (layer);
        g_assert_true (g_bytes_equal (first, second));
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cpu/convolution/threads", test_threads);
  g_test_add_func ("/cpu/convolution/again", test_again);
  g_test_add_func ("/cpu/convolution/scratch", test_scratch);
  g_test_add_func ("/cpu/convolution/in-place", test_in_place);
  g_test_add_func ("/cpu/convolution/lent", test_lent);
  g_test_add_func ("/cpu/convolution/lent-too-little", test_lent_too_little);
  g_test_add_func ("/cpu/convolution/kept", test_kept);
  g_test_add_func ("/cpu/convolution/kept/cancel", test_kept_cancel);
  g_test_add_func ("/cpu/convolution/kept/computed", test_kept_computed);
  g_test_add_func ("/cpu/convolution/two-backends", test_two_backends);
  g_test_add_func ("/cpu/convolution/cancel", test_cancel);
  return g_test_run ();
}
