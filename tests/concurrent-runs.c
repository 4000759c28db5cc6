/* SPDX-License-Identifier: MIT */
#include "tests/concurrent-runs.h"

#include "tests/golden-models.h"

#include <math.h>

#define N_THREADS 4
#define N_ROUNDS 3

/* Small photos of different sizes, so that threads need plans of their own. */
static const PspSize sizes[N_THREADS] = { { 24, 16 }, { 40, 24 }, { 17, 33 }, { 31, 9 } };

/* What one thread does. */
typedef struct
{
  ConcurrentOpenFunc  open;     /* a device of its own, unless @backend is shared */
  PspModel           *model;
  PspBackend         *backend;  /* (nullable) */
  PspRunner          *runner;   /* (nullable): shared, too */
  PspImage           *image;
  PspPrediction      *expected;
} Job;

void
concurrent_assert_agree (const PspPrediction *prediction,
                         const PspPrediction *expected,
                         double               tolerance)
{
  const PspTensor *confidence = psp_prediction_get_confidence (prediction);
  const PspTensor *reference = psp_prediction_get_confidence (expected);

  g_assert_true (psp_mask_equal (psp_prediction_get_labels (prediction),
                                 psp_prediction_get_labels (expected)));
  g_assert_cmpint (confidence->n_elements, ==, reference->n_elements);
  for (gsize i = 0; i < reference->n_elements; i++)
    g_assert_cmpfloat (fabsf (confidence->data[i] - reference->data[i]), <=, tolerance);
}

static PspRunner *
open_runner (PspModel   *model,
             PspBackend *backend)
{
  g_autoptr(GError) error = NULL;
  PspRunner *runner = psp_runner_new (model, backend, &error);

  g_assert_no_error (error);
  return runner;
}

static PspPrediction *
predict (PspRunner *runner,
         PspImage  *image)
{
  g_autoptr(GError) error = NULL;
  PspPrediction *prediction = psp_runner_predict (runner, image, NULL, TRUE,
                                                  (PspProgress) { 0 }, NULL, &error);

  g_assert_no_error (error);
  return prediction;
}

static gpointer
work (gpointer data)
{
  const Job *job = data;
  g_autoptr(PspBackend) backend = job->backend != NULL ? psp_backend_ref (job->backend)
                                                       : job->open ();
  g_autoptr(PspRunner) runner = job->runner != NULL ? psp_runner_ref (job->runner)
                                                    : open_runner (job->model, backend);

  for (int i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr(PspPrediction) prediction = predict (runner, job->image);

      concurrent_assert_agree (prediction, job->expected, 0);
    }
  return NULL;
}

/* Runs a job on each thread; those of them that do not share get what @template lacks. */
static void
run_jobs (const Job *template)
{
  g_autoptr(PspBackend) backend = template->open ();
  g_autoptr(PspRunner) reference = open_runner (template->model, backend);
  GThread *threads[N_THREADS];
  Job jobs[N_THREADS];

  for (int i = 0; i < N_THREADS; i++)
    {
      jobs[i] = *template;
      jobs[i].image = golden_draw_noise (sizes[i], i);
      jobs[i].expected = predict (reference, jobs[i].image);
    }
  for (int i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("runner", work, &jobs[i]);
  for (int i = 0; i < N_THREADS; i++)
    {
      g_thread_join (threads[i]);
      psp_image_unref (jobs[i].image);
      psp_prediction_unref (jobs[i].expected);
    }
}

static void
test_own_devices (gconstpointer data)
{
  g_autoptr(PspModel) model = golden_load_model ("tiny18");

  run_jobs (&(Job) { .open = (ConcurrentOpenFunc) data, .model = model });
}

/* Each thread loads the network itself, while others run it. */
static void
test_shared_device (gconstpointer data)
{
  ConcurrentOpenFunc open = (ConcurrentOpenFunc) data;
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(PspBackend) backend = open ();

  run_jobs (&(Job) { .open = open, .model = model, .backend = backend });
}

static void
test_shared_runner (gconstpointer data)
{
  ConcurrentOpenFunc open = (ConcurrentOpenFunc) data;
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(PspBackend) backend = open ();
  g_autoptr(PspRunner) runner = open_runner (model, backend);

  run_jobs (&(Job) { .open = open, .model = model, .backend = backend, .runner = runner });
}

/* Cancels a run when it has reported progress so many times. */
typedef struct
{
  GCancellable *cancellable;
  int           n_left;
} Canceller;

static void
count_down (double   fraction,
            gpointer data)
{
  Canceller *self = data;

  if (--self->n_left == 0)
    g_cancellable_cancel (self->cancellable);
}

/* Whether a run that is cancelled at its step @n came so far. */
static gboolean
cancel_at (PspRunner *runner,
           PspImage  *image,
           int        n)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Canceller canceller = { cancellable, n };
  g_autoptr(GError) error = NULL;
  g_autoptr(PspPrediction) prediction =
    psp_runner_predict (runner, image, NULL, TRUE, (PspProgress) { count_down, &canceller },
                        cancellable, &error);

  if (canceller.n_left > 0)
    {
      g_assert_no_error (error);
      return FALSE;
    }
  g_assert_null (prediction);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return TRUE;
}

/* After each cancelled run the same plan gives the right result.  It is a new one each time, since
 * only the first run of a plan is sure to report each step. */
static void
test_cancel_at_every_step (gconstpointer data)
{
  ConcurrentOpenFunc open = (ConcurrentOpenFunc) data;
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(PspBackend) backend = open ();
  g_autoptr(PspRunner) reference = open_runner (model, backend);
  g_autoptr(PspImage) image = golden_draw_noise (sizes[0], 7);
  g_autoptr(PspPrediction) expected = predict (reference, image);
  gboolean cancelled = TRUE;
  int n = 0;

  while (cancelled)
    {
      g_autoptr(PspRunner) runner = open_runner (model, backend);
      g_autoptr(PspPrediction) prediction = NULL;

      cancelled = cancel_at (runner, image, ++n);
      prediction = predict (runner, image);
      concurrent_assert_agree (prediction, expected, 0);
    }
  g_assert_cmpint (n, >, 20);
}

/* One of several that share a device is cancelled; the others do not notice. */
static gpointer
cancel_often (gpointer data)
{
  const Job *job = data;
  g_autoptr(PspRunner) runner = open_runner (job->model, job->backend);

  for (int n = 1; n < 20; n++)
    g_assert_true (cancel_at (runner, job->image, n));
  return NULL;
}

static void
test_cancel_beside_others (gconstpointer data)
{
  ConcurrentOpenFunc open = (ConcurrentOpenFunc) data;
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(PspBackend) backend = open ();
  g_autoptr(PspImage) image = golden_draw_noise (sizes[3], 7);
  Job job = { .model = model, .backend = backend, .image = image };
  GThread *thread = g_thread_new ("canceller", cancel_often, &job);

  run_jobs (&(Job) { .open = open, .model = model, .backend = backend });
  g_thread_join (thread);
}

/* A run that waits for the one that is told of @started to end, and is not to wait so long. */
typedef struct
{
  PspRunner           *runner;
  PspImage            *image;
  const PspRunOptions *options;
  GCancellable        *cancellable;
  gboolean             started;
} Waiter;

static gpointer
wait_for_turn (gpointer data)
{
  Waiter *self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(PspPrediction) prediction =
    psp_runner_predict (self->runner, self->image, self->options, TRUE, (PspProgress) { 0 },
                        self->cancellable, &error);

  g_assert_null (prediction);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return NULL;
}

/* In the middle of a run, which goes on only when the other one has ended. */
static void
cancel_waiter (double   fraction,
               gpointer data)
{
  Waiter *self = data;
  GThread *thread;

  if (self->started)
    return;
  self->started = TRUE;
  thread = g_thread_new ("waiter", wait_for_turn, self);
  g_usleep (G_TIME_SPAN_SECOND / 20); /* mostly, it waits by then */
  g_cancellable_cancel (self->cancellable);
  g_thread_join (thread);
}

static void
cancel_behind (PspRunner           *running,
               PspRunner           *waiting,
               const PspRunOptions *options)
{
  g_autoptr(PspImage) image = golden_draw_noise (sizes[0], 7);
  g_autoptr(PspPrediction) expected = predict (running, image);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Waiter waiter = { waiting, image, options, cancellable, FALSE };
  g_autoptr(GError) error = NULL;
  g_autoptr(PspPrediction) prediction =
    psp_runner_predict (running, image, NULL, TRUE, (PspProgress) { cancel_waiter, &waiter }, NULL,
                        &error);

  g_assert_no_error (error);
  g_assert_true (waiter.started);
  concurrent_assert_agree (prediction, expected, 0);
}

/* A run need not have begun to be cancelled. */
static void
test_cancel_behind_another (gconstpointer data)
{
  const PspRunOptions options[] = {
    { 0 }, { .protocol = PSP_PROTOCOL_SLIDE, .crop = 33, .base = 40 },
  };
  ConcurrentOpenFunc open = (ConcurrentOpenFunc) data;
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(PspBackend) backend = open ();
  g_autoptr(PspRunner) runner = open_runner (model, backend);
  g_autoptr(PspRunner) other = open_runner (model, backend);

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      cancel_behind (runner, runner, &options[i]);
      cancel_behind (runner, other, &options[i]);
    }
}

void
concurrent_add_tests (ConcurrentOpenFunc  open,
                      const char         *prefix)
{
  const struct { const char *name; GTestDataFunc test; } tests[] = {
    { "own-devices", test_own_devices },
    { "shared-device", test_shared_device },
    { "shared-runner", test_shared_runner },
    { "cancel-at-every-step", test_cancel_at_every_step },
    { "cancel-beside-others", test_cancel_beside_others },
    { "cancel-behind-another", test_cancel_behind_another },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/concurrent/%s", prefix, tests[i].name);

      g_test_add_data_func (path, (gconstpointer) open, tests[i].test);
    }
}
