/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-slide.h"

#include "engine/run/psp-runner-private.h"

#include <math.h>
#include <string.h>

/* What all windows of one photo share. */
typedef struct
{
  PspRunner    *runner;
  PspSession   *session;
  GCancellable *cancellable;
  PspProgress   progress;   /* of the windows of this scale */
  int           crop;
  gboolean      flip;
  gboolean      half_pixels; /* of the enlargement */
  int           n_classes;
} Slide;

/* Probabilities being added up over one scaled, padded photo. */
typedef struct
{
  PspScores *photo;  /* normalised, padded */
  PspScores *sum;
  float     *count;  /* windows over each pixel */
} Canvas;

static void
clear_canvas (Canvas *self)
{
  g_clear_pointer (&self->photo, psp_scores_free);
  g_clear_pointer (&self->sum, psp_scores_free);
  g_clear_pointer (&self->count, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Canvas, clear_canvas)

/* Where a window's probabilities go. */
typedef struct
{
  const Slide *slide;
  Canvas      *canvas;
  int          left;
  int          top;
  gboolean     mirrored;
} Window;

static int
count_windows (int length,
               int crop)
{
  int stride = (2 * crop + 2) / 3;

  return (length - crop + stride - 1) / stride + 1;
}

/* The first pixel of window @i; the last window ends with the photo. */
static int
place_window (int i,
              int length,
              int crop)
{
  int stride = (2 * crop + 2) / 3;

  return MIN (i * stride + crop, length) - crop;
}

/* Adds one enlarged row of a window to the canvas, softmax first. */
static void
add_row (int      y,
         float   *values,
         gpointer data)
{
  Window *self = data;
  int n_classes = self->slide->n_classes;
  int crop = self->slide->crop;
  float share = self->slide->flip ? 0.5f : 1.0f;
  PspScores *sum = self->canvas->sum;
  gsize first = (gsize) (self->top + y) * sum->size.width + self->left;

  for (int x = 0; x < crop; x++)
    {
      gsize pixel = first + (self->mirrored ? crop - 1 - x : x);
      float *target = sum->data + pixel * n_classes;
      float *probabilities = values + (gsize) x * n_classes;

      psp_scores_softmax (probabilities, n_classes);
      for (int i = 0; i < n_classes; i++)
        target[i] += share * probabilities[i];
      if (!self->mirrored)
        self->canvas->count[pixel] += 1;
    }
}

/* The window, and behind it its mirror image, as the network reads them. */
static PspTensor *
cut_window (const Slide   *self,
            const Canvas  *canvas,
            int            left,
            int            top,
            GError       **error)
{
  int crop = self->crop;
  PspTensor *input = psp_tensor_new (4, (gint64[]) { self->flip ? 2 : 1, 3, crop, crop }, error);

  if (input == NULL)
    return NULL;

  for (gint64 n = 0; n < input->shape[0]; n++)
    for (int c = 0; c < 3; c++)
      for (int y = 0; y < crop; y++)
        {
          const float *source = canvas->photo->data +
                                ((gsize) (top + y) * canvas->photo->size.width + left) * 3 + c;
          float *row = input->data + ((n * 3 + c) * crop + y) * crop;

          for (int x = 0; x < crop; x++)
            row[x] = source[3 * (n == 0 ? x : crop - 1 - x)];
        }
  return input;
}

static gboolean
run_window (const Slide  *self,
            Canvas       *canvas,
            int           left,
            int           top,
            PspProgress   progress,
            GError      **error)
{
  PspSize full = { self->crop, self->crop };
  g_autoptr(PspTensor) input = cut_window (self, canvas, left, top, error);
  g_autoptr(PspTensor) logits = NULL;

  if (input == NULL)
    return FALSE;
  logits = psp_runner_run_logits (self->runner, self->session, input, progress,
                                  self->cancellable, error);
  if (logits == NULL)
    return FALSE;

  for (gint64 n = 0; n < logits->shape[0]; n++)
    {
      g_autoptr(PspScores) scores = psp_scores_new_from_tensor (logits, n, error);
      Window window = { self, canvas, left, top, n == 1 };

      if (scores == NULL)
        return FALSE;
      scores->half_pixels = self->half_pixels;
      if (!psp_scores_enlarge (scores, full, full, add_row, &window, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run_windows (const Slide  *self,
             Canvas       *canvas,
             GError      **error)
{
  PspSize size = canvas->photo->size;
  int n_rows = count_windows (size.height, self->crop);
  int n_columns = count_windows (size.width, self->crop);
  double share = 1.0 / (n_rows * n_columns);

  for (int i = 0; i < n_rows * n_columns; i++)
    if (!run_window (self, canvas, place_window (i % n_columns, size.width, self->crop),
                     place_window (i / n_columns, size.height, self->crop),
                     psp_progress_part (self->progress, i * share, share), error))
      return FALSE;
  return TRUE;
}

/* Half to even, as Python's round(). */
static PspSize
scaled_size (PspSize size,
             double  scale,
             int     base)
{
  int longer = MAX (1, (int) rint (scale * base));

  if (size.height > size.width)
    return (PspSize) { MAX (1, (int) rint ((double) longer / size.height * size.width)), longer };
  return (PspSize) { longer, MAX (1, (int) rint ((double) longer / size.width * size.height)) };
}

/* Normalises @photo into the middle of a canvas of at least crop x crop; the rest is the mean,
 * 0. */
static gboolean
fill_canvas (const Slide      *self,
             const PspScores  *photo,
             PspRect          *inner,
             Canvas           *canvas,
             GError          **error)
{
  const PspModelFacts *facts = psp_model_get_facts (psp_runner_get_model (self->runner));
  PspSize size = { MAX (photo->size.width, self->crop), MAX (photo->size.height, self->crop) };

  *inner = (PspRect) { (size.width - photo->size.width) / 2,
                       (size.height - photo->size.height) / 2,
                       photo->size.width, photo->size.height };
  canvas->photo = psp_scores_new (size, 3, error);
  canvas->sum = canvas->photo != NULL ? psp_scores_new (size, self->n_classes, error) : NULL;
  if (canvas->sum == NULL)
    return FALSE;
  canvas->count = g_new0 (float, (gsize) size.width * size.height);

  for (int y = 0; y < inner->height; y++)
    for (int x = 0; x < inner->width; x++)
      {
        const float *source = photo->data + ((gsize) y * inner->width + x) * 3;
        float *target = canvas->photo->data +
                        ((gsize) (y + inner->y) * size.width + x + inner->x) * 3;

        for (int c = 0; c < 3; c++)
          target[c] = (source[c] - facts->mean[c]) / facts->standard_deviation[c];
      }
  return TRUE;
}

/* Cuts the padding off and divides by the number of windows. */
static PspScores *
average_canvas (const Canvas  *canvas,
                PspRect        inner,
                GError       **error)
{
  int n = canvas->sum->n_channels;
  PspScores *average = psp_scores_new ((PspSize) { inner.width, inner.height }, n, error);

  if (average == NULL)
    return NULL;
  for (int y = 0; y < inner.height; y++)
    for (int x = 0; x < inner.width; x++)
      {
        gsize pixel = (gsize) (y + inner.y) * canvas->sum->size.width + x + inner.x;
        float *target = average->data + ((gsize) y * inner.width + x) * n;

        for (int i = 0; i < n; i++)
          target[i] = canvas->sum->data[pixel * n + i] / canvas->count[pixel];
      }
  return average;
}

/* The probabilities of one scale in the photo's own size. */
static PspScores *
run_scale (const Slide      *self,
           const PspScores  *photo,
           PspSize           scaled,
           GError          **error)
{
  g_autoptr(PspScores) resized = psp_scores_resize (photo, scaled, error);
  g_autoptr(PspScores) average = NULL;
  g_auto(Canvas) canvas = { 0 };
  PspRect inner;

  if (resized == NULL ||
      !fill_canvas (self, resized, &inner, &canvas, error) ||
      !run_windows (self, &canvas, error))
    return NULL;
  average = average_canvas (&canvas, inner, error);
  return average != NULL ? psp_scores_resize (average, photo->size, error) : NULL;
}

static gboolean
check_options (const PspRunner      *runner,
               const PspRunOptions  *options,
               int                   crop,
               GError              **error)
{
  for (int i = 0; i < options->n_scales; i++)
    if (!(options->scales[i] > 0 && options->scales[i] <= 16))
      {
        g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                     "a scale of %g is outside 0 to 16", options->scales[i]);
        return FALSE;
      }
  return psp_runner_check_crop (runner, crop, error);
}

PspScores *
psp_slide_run (PspRunner            *runner,
               const PspImage       *image,
               const PspRunOptions  *options,
               PspProgress           progress,
               GCancellable         *cancellable,
               GError              **error)
{
  static const char * const names[] = { "logits", NULL };
  const PspModelFacts *facts = psp_model_get_facts (psp_runner_get_model (runner));
  Slide self = {
    .runner = runner,
    .cancellable = cancellable,
    .flip = !options->no_flip,
    .half_pixels = !facts->align_corners,
    .n_classes = facts->n_classes,
  };
  int base = options->base > 0 ? options->base : facts->base;
  int n_scales = MAX (1, options->n_scales);
  gsize n_values = (gsize) image->size.width * image->size.height * self.n_classes;
  g_autoptr(PspScores) photo = NULL;
  g_autoptr(PspScores) total = NULL;

  self.crop = options->crop > 0 ? options->crop : facts->crop;
  if (!check_options (runner, options, self.crop, error))
    return NULL;
  self.session = psp_runner_get_session (runner, (PspSize) { self.crop, self.crop },
                                         self.flip ? 2 : 1, names, options, error);
  photo = self.session != NULL ? psp_scores_new_from_image (image, error) : NULL;
  total = photo != NULL ? psp_scores_new (image->size, self.n_classes, error) : NULL;
  if (total == NULL)
    return NULL;

  for (int i = 0; i < n_scales; i++)
    {
      double scale = options->n_scales > 0 ? options->scales[i] : 1;
      g_autoptr(PspScores) scores = NULL;

      self.progress = psp_progress_part (progress, (double) i / n_scales, 1.0 / n_scales);
      scores = run_scale (&self, photo, scaled_size (image->size, scale, base), error);
      if (scores == NULL)
        return NULL;
      for (gsize k = 0; k < n_values; k++)
        total->data[k] += scores->data[k] / (float) n_scales;
    }
  return g_steal_pointer (&total);
}
