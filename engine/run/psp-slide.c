/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-slide.h"

#include "engine/core/psp-channels.h"
#include "engine/run/psp-prediction-private.h"
#include "engine/run/psp-ranking.h"
#include "engine/run/psp-track.h"

/* Rows of the photo that are made at a time, at most; down to the second where memory is scarce:
 * fewer keep threads waiting for each other. */
#define MOST_ROWS 16
#define FEWEST_ROWS 4

/* Images of a pass: more do not make a device faster. */
#define MAX_IMAGES 8

/* What a run may use where no limit is set, if it can: a pass of one window runs in any case. */
#define USUAL_MEMORY_BYTES ((gsize) 1 << 30)

#define LONGEST_SIDE 32767

/* Where a protocol has two usual sizes, these many classes have the second. */
#define CITYSCAPES_CLASSES 19

/* A photo under a protocol. */
typedef struct
{
  PspRunner              *runner;
  const PspProtocolRules *rules;
  const PspImage         *image;
  const PspRunOptions    *options;
  PspRunOptions           pass;      /* the same for one pass: its memory was reckoned before */
  GPtrArray              *tracks;    /* PspTrack */
  PspPrediction          *prediction;
  int                     n_classes;
  int                     crop;
  int                     base;
  gboolean                flip;
  int                     n_rows;    /* of the photo that are made at a time */
  int                     batch;     /* windows of a pass */
} Slide;

static void
clear_slide (Slide *self)
{
  g_clear_pointer (&self->tracks, g_ptr_array_unref);
  g_clear_pointer (&self->prediction, psp_prediction_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Slide, clear_slide)

static gboolean
check_scaled (double    scale,
              PspSize   scaled,
              GError  **error)
{
  if (scale > 0 && scaled.width <= LONGEST_SIDE && scaled.height <= LONGEST_SIDE)
    return TRUE;
  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
               "a scale of %g is of no use here: it makes %d x %d pixels of this photo", scale,
               scaled.width, scaled.height);
  return FALSE;
}

static gboolean
add_track (Slide     *self,
           PspSize    scaled,
           gboolean   mirrored,
           GError   **error)
{
  gboolean of_photo = self->rules->fusion == PSP_FUSION_LOGITS;
  PspTrack *track = psp_track_new (&(PspTrackParams) {
    .runner = self->runner,
    .rules = self->rules,
    .image = self->image,
    .options = &self->pass,
    .scaled = scaled,
    .crop = self->crop,
    .mirrored = mirrored,
    .paired = self->flip && !of_photo,
  }, error);

  if (track != NULL)
    g_ptr_array_add (self->tracks, track);
  return track != NULL;
}

/* A track for each scale, and where logits are merged, for the mirror image of each. */
static gboolean
add_tracks (Slide         *self,
            GCancellable  *cancellable,
            GError       **error)
{
  const PspRunOptions *options = self->options;
  const PspModelFacts *facts = psp_model_get_facts (psp_runner_get_model (self->runner));
  gboolean given = options->n_scales > 0;
  int n_scales = given ? options->n_scales : self->rules->n_scales;
  gboolean of_photo = self->rules->fusion == PSP_FUSION_LOGITS;

  for (int i = 0; i < n_scales; i++)
    {
      double scale = given ? options->scales[i] : self->rules->scales[i];
      PspSize scaled = { 0, 0 };

      if (scale > 0 && scale * self->base <= LONGEST_SIDE)
        scaled = psp_protocol_scale_size (self->rules, self->image->size, scale, self->base,
                                          facts);
      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !check_scaled (scale, scaled, error) ||
          !add_track (self, scaled, FALSE, error) ||
          (of_photo && self->flip && !add_track (self, scaled, TRUE, error)))
        return FALSE;
    }
  return TRUE;
}

/* What is in memory beside the network: the photo, tracks, rows on their way, results. */
static gsize
count_fixed_bytes (const Slide *self)
{
  PspSize size = self->image->size;
  gsize n_padded = psp_channels_pad (self->n_classes);
  int n_bands = (size.height + self->n_rows - 1) / self->n_rows;
  g_autofree gsize *kept = g_new0 (gsize, n_bands);
  gsize scratch = 0, bytes = 0;

  for (guint i = 0; i < self->tracks->len; i++)
    {
      const PspTrack *track = g_ptr_array_index (self->tracks, i);

      psp_track_add_bytes (track, self->n_rows, kept);
      scratch = MAX (scratch, psp_track_get_scratch_length (track));
    }
  for (int i = 0; i < n_bands; i++)
    bytes = MAX (bytes, kept[i]);
  bytes += self->n_rows * (scratch + size.width * n_padded) * sizeof (float);
  return bytes + (gsize) size.width * size.height *
                 (3 + sizeof (guint16) + sizeof (float) * (1 + 2 * self->options->n_top));
}

/* Bytes that come with passes. */
typedef struct
{
  gsize scratch; /* of the backend, whatever the pass */
  gsize session; /* of a pass of one window */
  gsize input;   /* of one window */
  gsize logits;  /* of one window, while they are read */
  gsize ahead;   /* the logits of one window of each track */
} PassBytes;

static gboolean
measure_pass (const Slide  *self,
              PassBytes    *pass,
              GError      **error)
{
  static const char * const names[] = { "logits", NULL };

  for (guint i = 0; i < self->tracks->len; i++)
    {
      const PspTrack *track = g_ptr_array_index (self->tracks, i);
      PspSize input = psp_track_get_input (track);
      int images = psp_track_get_images (track);
      PspSession *session;

      psp_runner_keep_plans (self->runner, input);
      session = psp_runner_get_session (self->runner, input, images, names, &self->pass, error);
      if (session == NULL)
        return FALSE;
      pass->scratch = MAX (pass->scratch, psp_session_get_scratch_bytes (session));
      pass->session = MAX (pass->session, psp_session_get_bytes (session));
      pass->input = MAX (pass->input,
                         (gsize) images * input.width * input.height * 3 * sizeof (float));
      pass->logits = MAX (pass->logits, psp_track_count_logits (track));
      pass->ahead += psp_track_count_logits (track);
    }
  return TRUE;
}

/* What a run takes in passes of @batch windows.  The last pass may be a smaller one, whose memory
 * is another's; and windows run ahead in a batch, whose logits no row needs yet. */
static gsize
count_bytes (const Slide     *self,
             const PassBytes *pass,
             int              batch)
{
  return count_fixed_bytes (self) + pass->scratch + pass->logits + batch * pass->input +
         (batch > 1 ? 2 : 1) * batch * pass->session + (batch - 1) * pass->ahead;
}

/* As many rows at a time and windows in a pass as the memory allows; at least one window. */
static gboolean
choose_batch (Slide         *self,
              GCancellable  *cancellable,
              GError       **error)
{
  g_autoptr(PspLockHolder) holder =
    psp_backend_hold (psp_runner_get_backend (self->runner), cancellable, error);
  gsize limit = self->options->memory_bytes > 0 ? self->options->memory_bytes
                                                : USUAL_MEMORY_BYTES;
  PassBytes pass = { 0 };

  if (holder == NULL || !measure_pass (self, &pass, error))
    return FALSE;
  self->n_rows = MOST_ROWS;
  while (self->n_rows > FEWEST_ROWS && count_bytes (self, &pass, 1) > limit)
    self->n_rows /= 2;
  self->batch = MAX_IMAGES / psp_track_get_images (g_ptr_array_index (self->tracks, 0));
  while (self->batch > 1 && count_bytes (self, &pass, self->batch) > limit)
    self->batch--;
  return psp_runner_reckon (self->runner, self->image, self->options,
                            count_bytes (self, &pass, self->batch), error);
}

typedef struct
{
  const Slide *slide;
  int          first; /* row of the photo */
} Band;

/* A task is one row of the photo. */
static void
classify_row (int      task,
              int      thread,
              gpointer data)
{
  const Band *band = data;
  const Slide *self = band->slide;
  int width = self->image->size.width;
  int n = psp_channels_pad (self->n_classes);
  int n_top = psp_prediction_get_n_kept (self->prediction);
  gsize scratch_length = 0;
  g_autofree float *row = g_new0 (float, (gsize) width * n);
  g_autofree float *ranked = g_new (float, (gsize) width * 2 * n_top);
  g_autofree float *scratch = NULL;

  for (guint i = 0; i < self->tracks->len; i++)
    scratch_length = MAX (scratch_length,
                          psp_track_get_scratch_length (g_ptr_array_index (self->tracks, i)));
  scratch = g_new (float, scratch_length);
  for (guint i = 0; i < self->tracks->len; i++)
    psp_track_add_row (g_ptr_array_index (self->tracks, i), band->first + task,
                       1.0f / (float) self->tracks->len, scratch, row);

  for (int x = 0; x < width; x++)
    {
      float *values = row + (gsize) x * n;
      float *result = ranked + (gsize) x * 2 * n_top;

      if (self->rules->fusion == PSP_FUSION_EXPONENTIALS)
        psp_ranking_normalise (values, n);
      psp_ranking_choose (values, n, n_top, result, result + n_top);
    }
  psp_prediction_set_row (self->prediction, FALSE, band->first + task, ranked, 2 * n_top);
}

static gboolean
run_band (Slide        *self,
          int           first,
          int           end,
          PspTrackRun  *run,
          GError      **error)
{
  PspBackend *backend = psp_runner_get_backend (self->runner);
  g_autoptr(PspLockHolder) holder = NULL;

  for (guint i = 0; i < self->tracks->len; i++)
    if (!psp_track_prepare (g_ptr_array_index (self->tracks, i), first, end, run, error))
      return FALSE;
  holder = psp_backend_hold (backend, run->cancellable, error);
  if (holder == NULL)
    return FALSE;
  psp_backend_run_tasks (backend, end - first, classify_row, &(Band) { self, first });
  return TRUE;
}

static gboolean
run_bands (Slide         *self,
           PspProgress    progress,
           GCancellable  *cancellable,
           GError       **error)
{
  int height = self->image->size.height;
  PspTrackRun run = {
    .batch = self->batch,
    .progress = progress,
    .cancellable = cancellable,
  };

  for (guint i = 0; i < self->tracks->len; i++)
    run.n_windows += psp_track_get_n_windows (g_ptr_array_index (self->tracks, i));
  for (int y = 0; y < height; y += self->n_rows)
    if (!run_band (self, y, MIN (y + self->n_rows, height), &run, error))
      return FALSE;
  return TRUE;
}

/* Whether a fact of the model counts more than what is usual: where somebody knows it, and for the
 * official protocol. */
static gboolean
trusts_fact (const Slide *self,
             PspFact      fact)
{
  const PspModelFacts *facts = psp_model_get_facts (psp_runner_get_model (self->runner));

  return self->options->protocol == PSP_PROTOCOL_SLIDE || facts->sources[fact] != PSP_FACT_ASSUMED;
}

/* The model's base is its longer side. */
static int
choose_base (const Slide *self)
{
  const PspModelFacts *facts = psp_model_get_facts (psp_runner_get_model (self->runner));
  gboolean of_longer = self->rules->scale == PSP_SCALE_LONGER ||
                       self->rules->scale == PSP_SCALE_LONGER_AND_ONE ||
                       self->rules->scale == PSP_SCALE_LONGER_UP;

  if (self->options->base > 0)
    return self->options->base;
  if (of_longer && trusts_fact (self, PSP_FACT_BASE))
    return facts->base;
  return self->rules->base[self->n_classes == CITYSCAPES_CLASSES];
}

static gboolean
choose_crop (Slide   *self,
             GError **error)
{
  const PspModelFacts *facts = psp_model_get_facts (psp_runner_get_model (self->runner));

  if (self->rules->tiles == PSP_TILES_NONE)
    return TRUE;
  if (self->options->crop > 0)
    self->crop = self->options->crop;
  else if (trusts_fact (self, PSP_FACT_CROP))
    self->crop = facts->crop;
  else
    self->crop = psp_runner_fit_length (self->runner,
                                        self->rules->crop[self->n_classes == CITYSCAPES_CLASSES]);
  return psp_runner_check_crop (self->runner, self->crop, error);
}

PspPrediction *
psp_slide_run (PspRunner               *runner,
               const PspProtocolRules  *rules,
               const PspImage          *image,
               const PspRunOptions     *options,
               PspProgress              progress,
               GCancellable            *cancellable,
               GError                 **error)
{
  const PspModelFacts *facts = psp_model_get_facts (psp_runner_get_model (runner));
  g_auto(Slide) self = {
    .runner = runner,
    .rules = rules,
    .image = image,
    .options = options,
    .pass = *options,
    .tracks = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_track_free),
    .n_classes = facts->n_classes,
    .flip = rules->flip ? !options->no_flip : options->flip,
  };

  self.pass.memory_bytes = 0;
  self.base = choose_base (&self);
  if (!choose_crop (&self, error) || !add_tracks (&self, cancellable, error) ||
      !choose_batch (&self, cancellable, error))
    return NULL;
  self.prediction = psp_prediction_new (image->size, facts->n_classes, options->n_top, TRUE,
                                        error);
  if (self.prediction == NULL || !run_bands (&self, progress, cancellable, error))
    return NULL;
  return g_steal_pointer (&self.prediction);
}
