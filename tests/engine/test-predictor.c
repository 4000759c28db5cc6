/* SPDX-License-Identifier: MIT */
/* What takes over when a device fails, with a device that fails on demand: the processor behind a
 * table of operations of the test's own. */
#include "engine/cpu/psp-cpu-backend.h"
#include "engine/run/psp-predictor-private.h"
#include "tests/concurrent-runs.h"
#include "tests/golden-models.h"

#include <string.h>

/* How the devices behave that are opened now; tests set it. */
typedef struct
{
  int   n_opened;       /* devices that are no processor */
  int   n_silent;       /* of these, so many do not answer: their waits end in a time-out */
  gsize largest;        /* elements of the largest buffer so far */
  gsize most_elements;  /* of a buffer; larger ones are refused for want of memory; 0: none is */
  int   n_refused;
  int   n_timeouts;
  char *remedies;       /* what the listener heard, one a line */
} World;

static World world;

/* What is tried first for want of memory. */
#define BATCHES                                     \
  "windows run in batches of at most 256 MiB\n"     \
  "windows run in batches of at most 64 MiB\n"      \
  "windows run in batches of at most 16 MiB\n"

typedef struct
{
  PspBackend  parent;
  PspBackend *processor;
  gboolean    silent;
} FakeBackend;

static PspBackend *
processor_of (PspBackend *backend)
{
  return ((FakeBackend *) backend)->processor;
}

static void
fake_free (PspBackend *backend)
{
  psp_backend_unref (processor_of (backend));
  g_free (backend);
}

static PspBuffer *
fake_buffer_new (PspBackend  *backend,
                 gsize        n_elements,
                 const char  *label,
                 GError     **error)
{
  PspBackend *processor = processor_of (backend);

  world.largest = MAX (world.largest, n_elements);
  if (world.most_elements == 0 || n_elements <= world.most_elements)
    return processor->operations->buffer_new (processor, n_elements, label, error);
  world.n_refused++;
  g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY, "no memory for %s", label);
  return NULL;
}

static PspBuffer *
fake_buffer_wrap (PspBackend  *backend,
                  GBytes      *floats,
                  const char  *label,
                  GError     **error)
{
  PspBackend *processor = processor_of (backend);

  return processor->operations->buffer_wrap (processor, floats, label, error);
}

static gboolean
fake_upload (PspBackend   *backend,
             PspBuffer    *buffer,
             gsize         offset,
             const float  *floats,
             gsize         n_elements,
             GError      **error)
{
  PspBackend *processor = processor_of (backend);

  return processor->operations->upload (processor, buffer, offset, floats, n_elements, error);
}

static gboolean
fake_download (PspBackend  *backend,
               PspBuffer   *buffer,
               gsize        offset,
               float       *floats,
               gsize        n_elements,
               GError     **error)
{
  PspBackend *processor = processor_of (backend);

  return processor->operations->download (processor, buffer, offset, floats, n_elements, error);
}

#define FAKE_OPERATION(name, Type)                                                        \
  static gboolean                                                                         \
  fake_##name (PspBackend    *backend,                                                    \
               const Type    *operation,                                                  \
               GCancellable  *cancellable,                                                \
               GError       **error)                                                      \
  {                                                                                       \
    PspBackend *processor = processor_of (backend);                                       \
                                                                                          \
    return processor->operations->name (processor, operation, cancellable, error);        \
  }

FAKE_OPERATION (convolve, PspConvolution)
FAKE_OPERATION (pool, PspPooling)
FAKE_OPERATION (pool_bins, PspBinPooling)
FAKE_OPERATION (resize, PspResizing)
FAKE_OPERATION (classify, PspClassification)

static gboolean
fake_finish (PspBackend    *backend,
             GCancellable  *cancellable,
             GError       **error)
{
  PspBackend *processor = processor_of (backend);

  if (!((FakeBackend *) backend)->silent)
    return processor->operations->finish (processor, cancellable, error);
  world.n_timeouts++;
  g_set_error (error, PSP_ERROR, PSP_ERROR_DEVICE, "the device does not answer");
  return FALSE;
}

static const PspBackendOperations fake_operations = {
  .free = fake_free,
  .buffer_new = fake_buffer_new,
  .buffer_wrap = fake_buffer_wrap,
  .upload = fake_upload,
  .download = fake_download,
  .convolve = fake_convolve,
  .pool = fake_pool,
  .pool_bins = fake_pool_bins,
  .resize = fake_resize,
  .classify = fake_classify,
  .finish = fake_finish,
};

/* As psp_device_open(): “cpu” is the processor, all else a device of ours. */
static PspBackend *
open_fake (const char               *device,
           const PspBackendOptions  *options,
           GError                  **error)
{
  g_autoptr(PspBackend) processor = psp_cpu_backend_new (options, error);
  static PspBackendOperations operations;
  FakeBackend *self;

  if (processor == NULL || strcmp (device, "cpu") == 0)
    return g_steal_pointer (&processor);

  operations = fake_operations;
  operations.buffer_free = processor->operations->buffer_free;
  self = g_new0 (FakeBackend, 1);
  psp_backend_init (&self->parent, &operations, "fake:0", "a device that fails on demand",
                    PSP_PRECISION_FP32);
  self->processor = g_steal_pointer (&processor);
  self->silent = world.n_opened++ < world.n_silent;
  return &self->parent;
}

static void
listen (const GError *failure,
        const char   *remedy,
        gpointer      data)
{
  g_autofree char *before = world.remedies;

  g_assert_nonnull (failure);
  world.remedies = g_strdup_printf ("%s%s\n", before != NULL ? before : "", remedy);
}

/* A photo under a protocol of windows, and what comes of it. */
typedef struct
{
  PspModel      *model;
  PspImage      *image;
  PspRunOptions  options;
  PspPrediction *expected;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr(PspBackend) processor = psp_cpu_backend_new (NULL, NULL);
  g_autoptr(PspRunner) runner = NULL;
  g_autoptr(GError) error = NULL;

  world = (World) { 0 };
  fixture->model = golden_load_model ("tiny18");
  fixture->image = golden_draw_noise ((PspSize) { 90, 60 }, 7);
  fixture->options = (PspRunOptions) { .protocol = PSP_PROTOCOL_SLIDE, .crop = 33, .base = 90 };
  runner = psp_runner_new (fixture->model, processor, &error);
  fixture->expected = psp_runner_predict (runner, fixture->image, &fixture->options, FALSE,
                                          (PspProgress) { 0 }, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  psp_model_unref (fixture->model);
  psp_image_unref (fixture->image);
  psp_prediction_unref (fixture->expected);
  g_clear_pointer (&world.remedies, g_free);
}

static PspPredictor *
open_predictor (const Fixture *fixture,
                const char    *device)
{
  g_autoptr(GError) error = NULL;
  PspPredictor *predictor = psp_predictor_new_full (open_fake, fixture->model, device, NULL,
                                                    listen, NULL, &error);

  g_assert_no_error (error);
  return predictor;
}

static void
assert_right (const Fixture *fixture,
              PspPredictor  *predictor)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspPrediction) prediction =
    psp_predictor_predict (predictor, fixture->image, &fixture->options, FALSE,
                           (PspProgress) { 0 }, NULL, &error);

  g_assert_no_error (error);
  concurrent_assert_agree (prediction, fixture->expected, 1e-5);
}

/* One that did not answer once: opened anew, it does. */
static void
test_silent_once (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(PspPredictor) predictor = NULL;

  world.n_silent = 1;
  predictor = open_predictor (fixture, "auto");
  assert_right (fixture, predictor);
  assert_right (fixture, predictor);
  g_assert_cmpint (world.n_timeouts, >, 0);
  g_assert_cmpint (world.n_opened, ==, 2);
  g_assert_cmpstr (world.remedies, ==, "the device is opened anew and given less at a time\n");
}

/* One that never answers: each step is told, and nobody asks it again. */
static void
test_silent_for_good (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr(PspPredictor) predictor = NULL;
  int n_timeouts;

  world.n_silent = 2;
  predictor = open_predictor (fixture, "auto");
  assert_right (fixture, predictor);
  n_timeouts = world.n_timeouts;
  assert_right (fixture, predictor);
  g_assert_cmpint (world.n_timeouts, ==, n_timeouts);
  g_assert_cmpint (world.n_opened, ==, 2);
  g_assert_cmpstr (world.remedies, ==, "the device is opened anew and given less at a time\n"
                                       "the processor takes over\n");
}

/* One that was asked for by its name is not replaced: its time-out is the error. */
static void
test_silent_asked_for (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr(PspPredictor) predictor = NULL;
  g_autoptr(PspPrediction) prediction = NULL;
  g_autoptr(GError) error = NULL;

  world.n_silent = 2;
  predictor = open_predictor (fixture, "fake:0");
  prediction = psp_predictor_predict (predictor, fixture->image, &fixture->options, FALSE,
                                      (PspProgress) { 0 }, NULL, &error);
  g_assert_null (prediction);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_DEVICE);
  g_assert_nonnull (strstr (error->message, "does not answer"));
  g_assert_cmpstr (world.remedies, ==, "the device is opened anew and given less at a time\n");
}

/* Windows so large that the last limit for batches (16 MiB) has room for one but not for four. */
static gsize
find_largest_buffer (Fixture *fixture)
{
  const gsize last_limit = 16 << 20;
  g_autoptr(PspPredictor) predictor = NULL;
  g_autoptr(PspRunner) runner = NULL;

  g_clear_pointer (&fixture->expected, psp_prediction_unref);
  fixture->options.crop = 129;
  fixture->options.base = 300;
  predictor = open_predictor (fixture, "fake:0");
  fixture->expected = psp_predictor_predict (predictor, fixture->image, &fixture->options, FALSE,
                                             (PspProgress) { 0 }, NULL, NULL);
  runner = psp_predictor_ref_runner (predictor, NULL);
  g_assert_cmpuint (psp_runner_get_peak_bytes (runner), >, last_limit);
  g_assert_cmpuint (psp_runner_get_peak_bytes (runner), <, 4 * last_limit);
  world.n_opened = 0;
  return world.largest;
}

/* A device without room for four windows at once has room for fewer. */
static void
test_batches (Fixture       *fixture,
              gconstpointer  data)
{
  gsize largest = find_largest_buffer (fixture);
  g_autoptr(PspPredictor) predictor = open_predictor (fixture, "auto");

  world.most_elements = largest - 1;
  assert_right (fixture, predictor);
  g_assert_cmpint (world.n_refused, >, 0);
  g_assert_cmpint (world.n_opened, ==, 1);
  g_assert_cmpstr (world.remedies, ==, BATCHES);
}

/* One without room for a single window is opened anew, once; each photo then ends with the
 * processor, and the device is asked first again. */
static void
test_no_room (Fixture       *fixture,
              gconstpointer  data)
{
  gsize largest = find_largest_buffer (fixture);
  g_autoptr(PspPredictor) predictor = open_predictor (fixture, "auto");

  world.most_elements = largest / 16;
  assert_right (fixture, predictor);
  g_assert_cmpstr (world.remedies, ==, BATCHES
                   "the device is opened anew and given less at a time\n" BATCHES
                   "the processor computes what does not fit\n");

  g_clear_pointer (&world.remedies, g_free);
  assert_right (fixture, predictor);
  g_assert_cmpstr (world.remedies, ==, BATCHES "the processor computes what does not fit\n");
  g_assert_cmpint (world.n_opened, ==, 2);

  g_clear_pointer (&world.remedies, g_free);
  world.most_elements = 0;
  assert_right (fixture, predictor);
  g_assert_null (world.remedies);
}

/* Nothing but the device that was asked for is tried; the error says what would need less. */
static void
test_no_room_asked_for (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr(PspPredictor) predictor = open_predictor (fixture, "fake:0");
  static const struct
  {
    PspProtocol  protocol;
    const char  *advice;
  } cases[] = {
    { PSP_PROTOCOL_SLIDE, "; use smaller windows, or the device “cpu”" },
    { PSP_PROTOCOL_WHOLE, "; use windows (the protocol “slide”), or the device “cpu”" },
  };

  world.most_elements = 1;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PspPrediction) prediction = NULL;
      g_autoptr(GError) error = NULL;

      fixture->options.protocol = cases[i].protocol;
      prediction = psp_predictor_predict (predictor, fixture->image, &fixture->options, FALSE,
                                          (PspProgress) { 0 }, NULL, &error);
      g_assert_null (prediction);
      g_assert_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY);
      g_assert_true (g_str_has_suffix (error->message, cases[i].advice));
    }
}

/* A limit of the user's that one window does not fit into would stop any device. */
static void
test_over_limit (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr(PspPredictor) predictor = open_predictor (fixture, "auto");
  g_autoptr(PspPrediction) prediction = NULL;
  g_autoptr(GError) error = NULL;

  fixture->options.memory_bytes = 1 << 16;
  prediction = psp_predictor_predict (predictor, fixture->image, &fixture->options, FALSE,
                                      (PspProgress) { 0 }, NULL, &error);
  g_assert_null (prediction);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_OVER_LIMIT);
  g_assert_null (world.remedies);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/predictor/silent/once", Fixture, NULL, set_up, test_silent_once, tear_down);
  g_test_add ("/predictor/silent/for-good", Fixture, NULL, set_up, test_silent_for_good,
              tear_down);
  g_test_add ("/predictor/silent/asked-for", Fixture, NULL, set_up, test_silent_asked_for,
              tear_down);
  g_test_add ("/predictor/memory/batches", Fixture, NULL, set_up, test_batches, tear_down);
  g_test_add ("/predictor/memory/no-room", Fixture, NULL, set_up, test_no_room, tear_down);
  g_test_add ("/predictor/memory/no-room-asked-for", Fixture, NULL, set_up,
              test_no_room_asked_for, tear_down);
  g_test_add ("/predictor/memory/over-limit", Fixture, NULL, set_up, test_over_limit, tear_down);
  return g_test_run ();
}
