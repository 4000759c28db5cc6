/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-predictor-private.h"

#include "engine/run/psp-device.h"

/* The first limit for a batch of windows that a device had no memory for, and the last one. */
#define FIRST_BATCH_BYTES ((gsize) 256 << 20)
#define LAST_BATCH_BYTES ((gsize) 16 << 20)

/* How far down we are with the device. */
typedef enum
{
  STATE_FIRST,     /* as it was opened */
  STATE_REOPENED,  /* opened anew and given less at a time */
  STATE_PROCESSOR, /* the processor is in charge */
} State;

struct _PspPredictor
{
  PspPredictorOpenFunc    open;
  PspModel               *model;
  gboolean                automatic; /* whether the processor may take over */
  PspBackendOptions       options;
  PspPredictorListenFunc  listen;
  gpointer                listen_data;
  gatomicrefcount         ref_count;

  GMutex                  mutex;     /* guards all below */
  char                   *device;    /* “auto” until it is known which */
  State                   state;
  PspRunner              *runner;    /* (nullable) on the device in charge */
  GError                 *failure;   /* (nullable) why there is none */
  PspRunner              *processor; /* (nullable) what takes over, once it was needed */
};

static void
tell (PspPredictor *self,
      const GError *failure,
      const char   *remedy)
{
  if (self->listen != NULL)
    self->listen (failure, remedy, self->listen_data);
}

static PspRunner *
open_runner (PspPredictor  *self,
             GError       **error)
{
  PspBackendOptions options = self->options;
  g_autoptr(PspBackend) backend = NULL;

  options.cautious = self->state == STATE_REOPENED;
  backend = self->open (self->device, &options, error);
  if (backend == NULL)
    return NULL;

  /* What “auto” means must not change when the device is opened again. */
  g_free (self->device);
  self->device = g_strdup (psp_backend_get_device_id (backend));
  if (g_str_equal (self->device, "cpu"))
    self->state = STATE_PROCESSOR;
  return psp_runner_new (self->model, backend, error);
}

static PspRunner *
open_processor (PspPredictor  *self,
                GError       **error)
{
  PspBackendOptions options = self->options;
  g_autoptr(PspBackend) backend = NULL;

  if (self->processor != NULL)
    return psp_runner_ref (self->processor);

  options.precision = PSP_PRECISION_FP32;
  backend = self->open ("cpu", &options, error);
  if (backend != NULL)
    self->processor = psp_runner_new (self->model, backend, error);
  return self->processor != NULL ? psp_runner_ref (self->processor) : NULL;
}

/* Whether another device could do better. */
static gboolean
blames_device (const GError *error)
{
  return error->domain == PSP_ERROR &&
         (error->code == PSP_ERROR_DEVICE || error->code == PSP_ERROR_NO_MEMORY ||
          error->code == PSP_ERROR_NO_DEVICE || error->code == PSP_ERROR_UNSUPPORTED);
}

/* Opens the device anew; replaces @failure if that fails. */
static PspRunner *
reopen (PspPredictor  *self,
        GError       **failure)
{
  tell (self, *failure, "the device is opened anew and given less at a time");
  self->state = STATE_REOPENED;
  /* What it holds has to go first. */
  g_clear_pointer (&self->runner, psp_runner_unref);
  g_clear_error (failure);
  self->runner = open_runner (self, failure);
  return self->runner != NULL ? psp_runner_ref (self->runner) : NULL;
}

/* Hands over to the processor, for good or for the want of memory of one photo. */
static PspRunner *
hand_over (PspPredictor  *self,
           GError       **failure)
{
  gboolean once = self->runner != NULL && (*failure)->code == PSP_ERROR_NO_MEMORY;
  PspRunner *processor;

  tell (self, *failure, once ? "the processor computes what does not fit"
                             : self->options.precision == PSP_PRECISION_FP16
                               ? "the processor takes over, in 32 bits"
                               : "the processor takes over");
  g_clear_error (failure);
  processor = open_processor (self, failure);
  if (processor == NULL || once)
    return processor;

  self->state = STATE_PROCESSOR;
  g_clear_pointer (&self->runner, psp_runner_unref);
  self->runner = psp_runner_ref (processor);
  return processor;
}

/* (transfer full): what is left to try; %NULL, and why, if that is nothing. */
static PspRunner *
step_down (PspPredictor  *self,
           GError       **failure)
{
  PspRunner *next = NULL;

  if (self->state == STATE_FIRST && (*failure)->code != PSP_ERROR_UNSUPPORTED)
    next = reopen (self, failure);
  if (next == NULL && self->automatic && self->state != STATE_PROCESSOR &&
      blames_device (*failure))
    next = hand_over (self, failure);

  g_clear_error (&self->failure);
  if (self->runner == NULL)
    self->failure = g_error_copy (*failure);
  return next;
}

/* (transfer full): what to try after @failed (transfer full) and its @failure; %NULL, and the last
 * failure, if nothing is left. */
static PspRunner *
find_next (PspPredictor  *self,
           PspRunner     *failed,
           GError       **failure)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  gboolean in_charge = failed == self->runner;
  gboolean last = failed == self->processor;

  psp_runner_unref (failed);
  if (!blames_device (*failure) || last)
    return NULL;
  /* Else another thread was here first. */
  if (in_charge)
    return step_down (self, failure);
  if (self->runner != NULL)
    return psp_runner_ref (self->runner);
  return NULL;
}

/* A choice that cannot be opened is no failure of a device. */
static gboolean
may_try_again (const PspPredictor *self,
               const GError       *failure)
{
  return g_error_matches (failure, PSP_ERROR, PSP_ERROR_DEVICE) ||
         g_error_matches (failure, PSP_ERROR, PSP_ERROR_NO_MEMORY) ||
         (self->automatic && g_error_matches (failure, PSP_ERROR, PSP_ERROR_NO_DEVICE));
}

PspPredictor *
psp_predictor_new_full (PspPredictorOpenFunc      open,
                        PspModel                 *model,
                        const char               *device,
                        const PspBackendOptions  *options,
                        PspPredictorListenFunc    listen,
                        gpointer                  listen_data,
                        GError                  **error)
{
  g_autoptr(PspPredictor) self = g_new0 (PspPredictor, 1);
  g_autoptr(PspRunner) other = NULL;
  g_autoptr(GError) failure = NULL;

  self->open = open;
  self->model = psp_model_ref (model);
  self->automatic = g_str_equal (device, "auto");
  self->device = g_strdup (device);
  self->options = options != NULL ? *options : (PspBackendOptions) { 0 };
  self->listen = listen;
  self->listen_data = listen_data;
  g_mutex_init (&self->mutex);
  g_atomic_ref_count_init (&self->ref_count);

  self->runner = open_runner (self, &failure);
  if (self->runner == NULL && may_try_again (self, failure))
    other = step_down (self, &failure);
  if (self->runner != NULL)
    return g_steal_pointer (&self);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

PspPredictor *
psp_predictor_new (PspModel                 *model,
                   const char               *device,
                   const PspBackendOptions  *options,
                   PspPredictorListenFunc    listen,
                   gpointer                  listen_data,
                   GError                  **error)
{
  return psp_predictor_new_full (psp_device_open, model, device, options, listen, listen_data,
                                 error);
}

PspPredictor *
psp_predictor_ref (PspPredictor *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_predictor_unref (PspPredictor *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->runner, psp_runner_unref);
  g_clear_pointer (&self->processor, psp_runner_unref);
  g_clear_error (&self->failure);
  psp_model_unref (self->model);
  g_mutex_clear (&self->mutex);
  g_free (self->device);
  g_free (self);
}

PspModel *
psp_predictor_get_model (const PspPredictor *self)
{
  return self->model;
}

PspRunner *
psp_predictor_ref_runner (PspPredictor  *self,
                          GError       **error)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  if (self->runner != NULL)
    return psp_runner_ref (self->runner);
  g_propagate_error (error, g_error_copy (self->failure));
  return NULL;
}

/* The share that was reached before a failure is not taken back. */
typedef struct
{
  PspProgress progress;
  double      reached;
} Reached;

static void
keep_reached (double   fraction,
              gpointer data)
{
  Reached *self = data;

  self->reached = MAX (self->reached, fraction);
  psp_progress_report (self->progress, self->reached);
}

static gboolean
runs_whole (const PspPredictor  *self,
            const PspRunOptions *options)
{
  return psp_protocol_resolve (options->protocol, psp_model_get_facts (self->model)) ==
         PSP_PROTOCOL_WHOLE;
}

/* Lessens what a batch may take until the device has room for it. */
static PspPrediction *
predict_in_batches (PspPredictor   *self,
                    PspRunner      *runner,
                    PspImage       *image,
                    PspRunOptions   options,
                    gboolean        details,
                    PspProgress     progress,
                    GCancellable   *cancellable,
                    GError        **failure)
{
  gsize limit = options.memory_bytes > 0 ? MIN (options.memory_bytes / 2, FIRST_BATCH_BYTES)
                                         : FIRST_BATCH_BYTES;
  PspPrediction *prediction = psp_runner_predict (runner, image, &options, details, progress,
                                                  cancellable, failure);

  if (runs_whole (self, &options))
    return prediction;
  for (; g_error_matches (*failure, PSP_ERROR, PSP_ERROR_NO_MEMORY) && limit >= LAST_BATCH_BYTES;
       limit /= 4)
    {
      g_autofree char *remedy = g_strdup_printf ("windows run in batches of at most %d MiB",
                                                 (int) (limit >> 20));
      g_autoptr(GError) error = NULL;

      tell (self, *failure, remedy);
      options.memory_bytes = limit;
      prediction = psp_runner_predict (runner, image, &options, details, progress, cancellable,
                                       &error);
      /* That not even one window is so small says nothing of the device. */
      if (g_error_matches (error, PSP_ERROR, PSP_ERROR_OVER_LIMIT))
        break;
      g_clear_error (failure);
      *failure = g_steal_pointer (&error);
    }
  return prediction;
}

/* What could be done where only the device that was asked for may be tried. */
static void
propagate_with_advice (const PspPredictor   *self,
                       const PspRunOptions  *options,
                       const GError         *failure,
                       GError              **error)
{
  const char *windows = runs_whole (self, options) ? "windows (the protocol “slide”)"
                                                   : "smaller windows";

  if (self->automatic || g_str_equal (self->device, "cpu") ||
      !g_error_matches (failure, PSP_ERROR, PSP_ERROR_NO_MEMORY))
    g_propagate_error (error, g_error_copy (failure));
  else
    g_set_error (error, failure->domain, failure->code, "%s; use %s, or the device “cpu”",
                 failure->message, windows);
}

PspPrediction *
psp_predictor_predict (PspPredictor         *self,
                       PspImage             *image,
                       const PspRunOptions  *options,
                       gboolean              details,
                       PspProgress           progress,
                       GCancellable         *cancellable,
                       GError              **error)
{
  PspRunner *runner = psp_predictor_ref_runner (self, error);
  PspRunOptions usual = { 0 };
  Reached reached = { progress, 0 };

  if (options == NULL)
    options = &usual;

  while (runner != NULL)
    {
      g_autoptr(GError) failure = NULL;
      PspPrediction *prediction = predict_in_batches (self, runner, image, *options, details,
                                                      (PspProgress) { keep_reached, &reached },
                                                      cancellable, &failure);

      if (prediction != NULL)
        {
          psp_runner_unref (runner);
          return prediction;
        }
      runner = find_next (self, runner, &failure);
      if (runner == NULL)
        propagate_with_advice (self, options, failure, error);
    }
  return NULL;
}

GHashTable *
psp_predictor_get_taps (PspPredictor         *self,
                        PspTensor            *input,
                        const char * const   *names,
                        const PspRunOptions  *options,
                        GCancellable         *cancellable,
                        GError              **error)
{
  PspRunner *runner = psp_predictor_ref_runner (self, error);

  while (runner != NULL)
    {
      g_autoptr(GError) failure = NULL;
      GHashTable *taps = psp_runner_get_taps (runner, input, names, options, cancellable,
                                              &failure);

      if (taps != NULL)
        {
          psp_runner_unref (runner);
          return taps;
        }
      runner = find_next (self, runner, &failure);
      if (runner == NULL)
        g_propagate_error (error, g_steal_pointer (&failure));
    }
  return NULL;
}
