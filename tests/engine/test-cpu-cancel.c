/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"

#include <cblas.h>
#include <string.h>

/*
 * How much work lies between two looks at a cancellable, counted, not timed: cblas_sgemm() is the
 * one below, which only counts.  What is measured of it can be told from the counts, too.
 */

/* Multiply-accumulates: at most 0.5 s of a thread that does 2.2 of these in a nanosecond, which is
 * what vectors of four numbers reach at 0.6 GHz. */
#define MOST_MACS ((gint64) 1100 << 20)

/* Guarded by nothing: the backend has one thread. */
typedef struct
{
  int           n_calls;
  gint64        most_macs;   /* of a call */
  GCancellable *cancellable; /* (nullable): is cancelled in a call */
  int           cancelled_call;
  gulong        pause_us;    /* that a call takes at least */
} Products;

static Products products;

void
cblas_sgemm (OPENBLAS_CONST enum CBLAS_ORDER order, OPENBLAS_CONST enum CBLAS_TRANSPOSE a_turned,
             OPENBLAS_CONST enum CBLAS_TRANSPOSE b_turned, OPENBLAS_CONST blasint m,
             OPENBLAS_CONST blasint n, OPENBLAS_CONST blasint k, OPENBLAS_CONST float alpha,
             OPENBLAS_CONST float *a, OPENBLAS_CONST blasint a_stride, OPENBLAS_CONST float *b,
             OPENBLAS_CONST blasint b_stride, OPENBLAS_CONST float beta, float *c,
             OPENBLAS_CONST blasint c_stride)
{
  products.n_calls++;
  products.most_macs = MAX (products.most_macs, (gint64) m * n * k);
  if (products.cancellable != NULL && products.n_calls == products.cancelled_call)
    g_cancellable_cancel (products.cancellable);
  if (products.pause_us > 0)
    g_usleep (products.pause_us);
}

typedef struct
{
  const char           *name;
  PspConvolutionMethod  method;
  int                   side;
  int                   inputs;
  int                   outputs;
  int                   kernel;
  int                   dilation;
} Shape;

/* The largest layers of PSPNet at 713x713, and larger ones. */
static const Shape shapes[] = {
  { "head of 4096",        PSP_CONVOLUTION_WINOGRAD, 90, 4096,  512, 3, 1 },
  { "head of 2048",        PSP_CONVOLUTION_WINOGRAD, 90, 2048,  512, 3, 1 },
  { "layer4",              PSP_CONVOLUTION_WINOGRAD, 90,  512,  512, 3, 4 },
  { "head of 4096 direct", PSP_CONVOLUTION_DIRECT,   90, 4096,  512, 3, 1 },
  { "layer4 direct",       PSP_CONVOLUTION_DIRECT,   90,  512,  512, 3, 4 },
  { "layer4 expand",       PSP_CONVOLUTION_DIRECT,   90,  512, 2048, 1, 1 },
  { "layer4 projection",   PSP_CONVOLUTION_DIRECT,   90, 1024, 2048, 1, 1 },
  { "pyramid",             PSP_CONVOLUTION_DIRECT,    6,  512, 4608, 1, 1 },
  { "wide",                PSP_CONVOLUTION_DIRECT,   40, 4096, 4096, 1, 1 },
};

static PspBuffer *
make_buffer (PspBackend *backend,
             gsize       n_elements)
{
  g_autoptr(GError) error = NULL;
  PspBuffer *buffer = psp_backend_buffer_new (backend, n_elements, "zeros", &error);

  g_assert_no_error (error);
  return buffer;
}

static gboolean
convolve (const Shape   *shape,
          GCancellable  *cancellable,
          GError       **error)
{
  PspBackendOptions options = { .n_threads = 1, .method = shape->method };
  g_autoptr(PspBackend) backend = psp_cpu_backend_new (&options, NULL);
  gsize n_pixels = (gsize) shape->side * shape->side;
  gsize n_taps = (gsize) shape->kernel * shape->kernel;
  g_autoptr(PspBuffer) source = make_buffer (backend, n_pixels * shape->inputs);
  g_autoptr(PspBuffer) destination = make_buffer (backend, n_pixels * shape->outputs);
  g_autoptr(PspBuffer) weights = make_buffer (backend, n_taps * shape->inputs * shape->outputs);
  g_autoptr(PspBuffer) bias = make_buffer (backend, shape->outputs);

  products.n_calls = 0;
  return psp_backend_convolve (backend, &(PspConvolution) {
    .source = { source, 0, 1, shape->side, shape->side, shape->inputs, shape->inputs },
    .destination = { destination, 0, 1, shape->side, shape->side, shape->outputs, shape->outputs },
    .weights = weights, .bias = bias, .kernel = shape->kernel, .stride = 1,
    .padding = shape->kernel / 2 * shape->dilation, .dilation = shape->dilation,
  }, cancellable, error);
}

static void
test_work_between_looks (gconstpointer data)
{
  const Shape *shape = data;
  g_autoptr(GError) error = NULL;

  products = (Products) { 0 };
  g_assert_true (convolve (shape, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (products.n_calls, >, 1);
  g_assert_cmpint (products.most_macs, <=, MOST_MACS);
}

/* Not one more product once it is cancelled in the middle. */
static void
test_cancelled_inside (gconstpointer data)
{
  const Shape *shape = data;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  products = (Products) { .cancellable = cancellable, .cancelled_call = 2 };
  g_assert_false (convolve (shape, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (products.n_calls, ==, products.cancelled_call);
}

static gboolean
measure_ceiling (PspPrecision   precision,
                 PspCeiling    *ceiling,
                 GCancellable  *cancellable,
                 GError       **error)
{
  PspBackendOptions options = { .n_threads = 1, .precision = precision };
  g_autoptr(PspBackend) backend = psp_cpu_backend_new (&options, NULL);

  return psp_backend_measure_ceiling (backend, ceiling, cancellable, error);
}

/* The ceiling is that of cblas_sgemm(), called with as much as the caller of others waits for: no
 * more of it in a second than there was time for, and the same for 16 bits. */
static void
test_ceiling (gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  PspCeiling ceiling = { 0 };

  products = (Products) { .pause_us = 1000 };
  g_assert_true (measure_ceiling (GPOINTER_TO_INT (data), &ceiling, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (products.n_calls, >, 1);
  g_assert_cmpint (products.most_macs, <=, MOST_MACS);
  g_assert_cmpfloat (ceiling.product_rate, >, 0);
  g_assert_cmpfloat (ceiling.product_rate, <=, (double) products.most_macs * 1000);
  g_assert_cmpfloat (ceiling.copy_rate, >, 0);
  g_assert_nonnull (strstr (ceiling.product_means, "sgemm"));
  g_assert_cmpstr (ceiling.copy_means, ==, "memcpy");
}

static void
test_ceiling_cancelled (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  PspCeiling ceiling;

  products = (Products) { .cancellable = cancellable, .cancelled_call = 2 };
  g_assert_false (measure_ceiling (PSP_PRECISION_FP32, &ceiling, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (products.n_calls, ==, products.cancelled_call);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *between = g_strconcat ("/cpu/cancel/work-between-looks/", shapes[i].name,
                                              NULL);
      g_autofree char *inside = g_strconcat ("/cpu/cancel/inside/", shapes[i].name, NULL);

      g_test_add_data_func (between, &shapes[i], test_work_between_looks);
      g_test_add_data_func (inside, &shapes[i], test_cancelled_inside);
    }
  g_test_add_data_func ("/cpu/ceiling/fp32", GINT_TO_POINTER (PSP_PRECISION_FP32), test_ceiling);
  g_test_add_data_func ("/cpu/ceiling/fp16", GINT_TO_POINTER (PSP_PRECISION_FP16), test_ceiling);
  g_test_add_func ("/cpu/ceiling/cancelled", test_ceiling_cancelled);
  return g_test_run ();
}
