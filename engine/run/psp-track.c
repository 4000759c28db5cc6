/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-track.h"

#include "engine/core/psp-channels.h"
#include "engine/run/psp-bilinear.h"
#include "engine/run/psp-filter.h"
#include "engine/run/psp-ranking.h"

#include <string.h>

#define IMAGES_OF_PAIR 2

/* How windows lie along one axis of the canvas. */
typedef struct
{
  int      length; /* of the canvas: the photo and what is around it */
  int      window;
  int      stride;
  int      n;
  gboolean beyond; /* whether the last window may end behind the canvas */
} Axis;

struct _PspTrack
{
  PspTrackParams  params;
  int             n_classes;
  int             n_padded;
  gboolean        half_pixels;
  PspResizedPhoto *photo;
  PspRect         inner;    /* where results for the photo lie on the canvas */
  PspRect         source;   /* where the resized photo lies on it */
  Axis            columns;
  Axis            rows;
  PspSize         input;    /* what the network gets of a window */
  PspSize         covered;  /* what the logits of a window cover of the canvas */
  int             n_done;   /* windows that ran */
  PspSize         map;      /* of their logits */
  float         **map_rows; /* [windows][images][map.height], once one ran: [map.width][n_classes]
                               while it is needed */
  PspFilter      *to_columns; /* from inner to the photo's own size */
  PspFilter      *to_rows;
  float          *band;     /* [band_end - band_first][inner.width][n_padded] */
  int             band_room;  /* rows that there is memory for */
  int             band_first; /* row of inner */
  int             band_end;
};

static int
images_of (const PspTrack *self)
{
  return self->params.paired ? IMAGES_OF_PAIR : 1;
}

static Axis
place_windows (const PspProtocolRules *rules,
               int                     length,
               int                     crop)
{
  Axis axis = { .length = length, .window = crop };

  if (rules->tiles == PSP_TILES_SMALL)
    axis.window = MIN (crop, length);
  axis.beyond = rules->tiles == PSP_TILES_BEYOND;
  axis.stride = MAX (1, (2 * crop + (axis.beyond ? 0 : 2)) / 3);
  axis.n = (MAX (0, length - axis.window) + axis.stride - 1) / axis.stride + 1;
  return axis;
}

static int
window_start (const Axis *self,
              int         i)
{
  return self->beyond ? i * self->stride
                      : MIN (i * self->stride + self->window, self->length) - self->window;
}

/* Where the photo lies along one axis of a canvas that is at least one window long. */
static int
place_photo (const PspProtocolRules *rules,
             int                     canvas,
             int                     length)
{
  return rules->padding == PSP_PADDING_CENTRED ? (canvas - length) / 2 : 0;
}

static void
lay_out (PspTrack *self)
{
  const PspTrackParams *params = &self->params;
  const PspProtocolRules *rules = params->rules;
  PspSize scaled = params->scaled;
  PspSize canvas = rules->direct ? params->image->size : scaled;
  gboolean padded = rules->tiles == PSP_TILES_END || rules->tiles == PSP_TILES_BEYOND;

  self->inner = (PspRect) { 0, 0, canvas.width, canvas.height };
  if (padded)
    canvas = (PspSize) { MAX (canvas.width, params->crop), MAX (canvas.height, params->crop) };
  self->inner.x = place_photo (rules, canvas.width, self->inner.width);
  self->inner.y = place_photo (rules, canvas.height, self->inner.height);
  self->source = (PspRect) { self->inner.x, self->inner.y, scaled.width, scaled.height };

  if (rules->tiles == PSP_TILES_NONE)
    {
      self->columns = (Axis) { canvas.width, canvas.width, canvas.width, 1, FALSE };
      self->rows = (Axis) { canvas.height, canvas.height, canvas.height, 1, FALSE };
    }
  else
    {
      self->columns = place_windows (rules, canvas.width, params->crop);
      self->rows = place_windows (rules, canvas.height, params->crop);
    }
  self->input.width = psp_runner_fit_length (params->runner, rules->direct
                                             ? scaled.width : self->columns.window);
  self->input.height = psp_runner_fit_length (params->runner, rules->direct
                                              ? scaled.height : self->rows.window);
  self->covered = rules->direct ? canvas : self->input;
}

static void
make_filters (PspTrack *self)
{
  const PspProtocolRules *rules = self->params.rules;
  PspSize size = self->params.image->size;
  PspFilterKind kind = rules->result_as_model && !self->half_pixels ? PSP_FILTER_ALIGNED
                                                                    : rules->result;

  self->to_columns = psp_filter_new (kind, self->inner.width, size.width);
  self->to_rows = psp_filter_new (kind, self->inner.height, size.height);
}

PspTrack *
psp_track_new (const PspTrackParams  *params,
               GError               **error)
{
  const PspModelFacts *facts = psp_model_get_facts (psp_runner_get_model (params->runner));
  g_autoptr(PspTrack) self = g_new0 (PspTrack, 1);

  self->params = *params;
  self->n_classes = facts->n_classes;
  self->n_padded = psp_channels_pad (facts->n_classes);
  self->half_pixels = !facts->align_corners;
  self->photo = psp_resized_photo_new (params->image, params->scaled, params->rules->photo, error);
  if (self->photo == NULL)
    return NULL;
  lay_out (self);
  make_filters (self);
  return g_steal_pointer (&self);
}

static float **
get_map_rows (const PspTrack *self,
              int             window,
              int             image)
{
  return self->map_rows + ((gsize) window * images_of (self) + image) * self->map.height;
}

void
psp_track_free (PspTrack *self)
{
  gsize n_rows = (gsize) psp_track_get_n_windows (self) * images_of (self) * self->map.height;

  for (gsize i = 0; self->map_rows != NULL && i < n_rows; i++)
    g_free (self->map_rows[i]);
  g_free (self->map_rows);
  g_clear_pointer (&self->photo, psp_resized_photo_free);
  g_clear_pointer (&self->to_columns, psp_filter_free);
  g_clear_pointer (&self->to_rows, psp_filter_free);
  g_free (self->band);
  g_free (self);
}

int
psp_track_get_n_windows (const PspTrack *self)
{
  return self->columns.n * self->rows.n;
}

PspSize
psp_track_get_input (const PspTrack *self)
{
  return self->input;
}

int
psp_track_get_images (const PspTrack *self)
{
  return images_of (self);
}

/* How many rows of its logits, of @map_height, row @y of the canvas and those below it do not need
 * of window @row of a column. */
static int
count_spent_rows (const PspTrack *self,
                  int             row,
                  int             y,
                  int             map_height)
{
  int place = y - window_start (&self->rows, row);

  if (place >= self->rows.window)
    return map_height;
  return psp_tap_find (MAX (0, place), map_height, self->covered.height, self->half_pixels).first;
}

/* What the network makes of a window of this size, at most. */
static PspSize
guess_map (const PspTrack *self)
{
  const PspModelFacts *facts = psp_model_get_facts (psp_runner_get_model (self->params.runner));

  return (PspSize) { self->input.width / facts->output_stride + 1,
                     self->input.height / facts->output_stride + 1 };
}

gsize
psp_track_count_logits (const PspTrack *self)
{
  PspSize map = guess_map (self);

  return (gsize) map.width * map.height * images_of (self) * self->n_padded * sizeof (float);
}

/* Of the logits that rows @have to @end of the results need, those above @have being done. */
static gsize
count_map_bytes (const PspTrack *self,
                 int             have,
                 int             end)
{
  PspSize map = guess_map (self);
  gsize n_rows = 0;

  for (int i = 0; i < self->rows.n && window_start (&self->rows, i) < end + self->inner.y; i++)
    n_rows += map.height - count_spent_rows (self, i, have + self->inner.y, map.height);
  return n_rows * map.width * self->columns.n * images_of (self) * self->n_classes *
         sizeof (float);
}

void
psp_track_add_bytes (const PspTrack *self,
                     int             n_rows,
                     gsize          *bytes)
{
  int n_bands = (self->to_rows->length + n_rows - 1) / n_rows;
  int first, end, have = 0, most = 0;
  gsize fixed = psp_resized_photo_get_bytes (self->photo);

  for (int i = 0; i < n_bands; i++)
    {
      psp_filter_find_source (self->to_rows, i * n_rows,
                              MIN ((i + 1) * n_rows, self->to_rows->length), &first, &end);
      end = MAX (end, have);
      most = MAX (most, end - first);
      bytes[i] += count_map_bytes (self, have, end);
      have = end;
    }
  fixed += (gsize) most * self->inner.width * self->n_padded * sizeof (float);
  for (int i = 0; i < n_bands; i++)
    bytes[i] += fixed;
}

/* Some windows that are cut. */
typedef struct
{
  const PspTrack *track;
  int             first; /* window */
  float          *input; /* [windows][images][3][height][width] */
} Cut;

/* A row of an image as the network reads it, a plane of @input for each colour; @mirror: from right
 * to left.  @pixels are columns @first to @end of the resized photo; the window begins at @left. */
static void
fill_row (const PspTrack *self,
          const float    *pixels,
          int             first,
          int             end,
          int             left,
          gboolean        mirror,
          float          *input)
{
  const PspModelFacts *facts = psp_model_get_facts (psp_runner_get_model (self->params.runner));
  gboolean black = self->params.rules->padding == PSP_PADDING_BLACK;
  int width = self->params.rules->direct ? self->source.width : self->columns.window;
  gsize plane = (gsize) self->input.width * self->input.height;

  for (int c = 0; c < 3; c++)
    for (int x = 0; x < self->input.width; x++)
      {
        int from = left + (mirror ? width - 1 - x : x);
        int place = self->params.mirrored ? end - 1 - from : from - first;

        if (x < width && from >= first && from < end)
          input[c * plane + x] = (pixels[3 * place + c] - facts->mean[c]) /
                                 facts->standard_deviation[c];
        else
          input[c * plane + x] = black ? -facts->mean[c] / facts->standard_deviation[c] : 0;
      }
}

/* A task is one row of one window. */
static void
cut_row (int      task,
         int      thread,
         gpointer data)
{
  const Cut *cut = data;
  const PspTrack *self = cut->track;
  int window = cut->first + task / self->input.height;
  int y = task % self->input.height;
  int left = window_start (&self->columns, window % self->columns.n) - self->source.x;
  int from_y = window_start (&self->rows, window / self->columns.n) - self->source.y + y;
  int width = self->params.rules->direct ? self->source.width : self->columns.window;
  gboolean inside = from_y >= 0 && from_y < self->source.height;
  int first = CLAMP (left, 0, self->source.width);
  int end = inside ? CLAMP (left + width, first, self->source.width) : first;
  gsize n_values = (gsize) 3 * self->input.width * self->input.height;
  float *input = cut->input + (gsize) (task / self->input.height) * images_of (self) * n_values +
                 (gsize) y * self->input.width;
  g_autofree float *pixels = g_new (float, (gsize) 3 * (end - first));

  if (end > first && self->params.mirrored)
    psp_resized_photo_read (self->photo, from_y, self->source.width - end,
                            self->source.width - first, pixels);
  else if (end > first)
    psp_resized_photo_read (self->photo, from_y, first, end, pixels);
  for (int i = 0; i < images_of (self); i++)
    fill_row (self, pixels, first, end, left, i == 1, input + i * n_values);
}

/* The next @n windows as a batch. */
static PspTensor *
cut_windows (const PspTrack  *self,
             int              n,
             GError         **error)
{
  PspTensor *input = psp_tensor_new (4, (gint64[]) { n * images_of (self), 3, self->input.height,
                                                     self->input.width }, error);

  if (input != NULL)
    psp_backend_run_tasks (psp_runner_get_backend (self->params.runner), n * self->input.height,
                           cut_row, &(Cut) { self, self->n_done, input->data });
  return input;
}

/* Takes the logits of the @n windows that @session ran. */
static gboolean
keep_logits (PspTrack    *self,
             PspSession  *session,
             int          n,
             GError     **error)
{
  int value = psp_runner_find_logits (self->params.runner);
  PspMap map = psp_session_get_map (session, value);
  int images = images_of (self);

  self->map = (PspSize) { map.width, map.height };
  if (self->map_rows == NULL)
    self->map_rows = g_new0 (float *,
                             (gsize) psp_track_get_n_windows (self) * images * map.height);
  for (int i = 0; i < n * images; i++)
    {
      float **rows = get_map_rows (self, self->n_done + i / images, i % images);

      for (int y = 0; y < map.height; y++)
        {
          rows[y] = g_try_new (float, (gsize) map.width * self->n_classes);
          if (rows[y] == NULL)
            {
              g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                           "no memory for the logits of %d x %d pixels", map.width, map.height);
              return FALSE;
            }
        }
      if (!psp_session_read_rows (session, value, i, rows, error))
        return FALSE;
    }
  return TRUE;
}

/* The device is held. */
static gboolean
run_windows (PspTrack     *self,
             int           n,
             PspTrackRun  *run,
             GError      **error)
{
  static const char * const names[] = { "logits", NULL };
  int images = images_of (self);
  PspSession *session = psp_runner_get_session (self->params.runner, self->input, n * images,
                                                names, self->params.options, error);
  g_autoptr(PspTensor) input = session != NULL ? cut_windows (self, n, error) : NULL;
  PspProgress progress = psp_progress_part (run->progress, (double) run->n_done / run->n_windows,
                                            (double) n / run->n_windows);

  if (input == NULL || !psp_session_run (session, input, progress, run->cancellable, error))
    return FALSE;
  g_clear_pointer (&input, psp_tensor_unref);
  if (!keep_logits (self, session, n, error))
    return FALSE;
  self->n_done += n;
  run->n_done += n;
  return TRUE;
}

/* Runs all windows that begin above row @end of the results. */
static gboolean
reach_row (PspTrack     *self,
           int           end,
           PspTrackRun  *run,
           GError      **error)
{
  int n_windows = psp_track_get_n_windows (self);

  while (self->n_done < n_windows &&
         window_start (&self->rows, self->n_done / self->columns.n) < end + self->inner.y)
    {
      g_autoptr(PspLockHolder) holder =
        psp_backend_hold (psp_runner_get_backend (self->params.runner), run->cancellable, error);

      if (holder == NULL)
        return FALSE;
      psp_runner_keep_plans (self->params.runner, self->input);
      if (!run_windows (self, MIN (run->batch, n_windows - self->n_done), run, error))
        return FALSE;
    }
  return TRUE;
}

/* Row @y of the canvas, as an image of @window sees it: a row as wide as the logits. */
static void
mix_window (const PspTrack     *self,
            const PspLogitsMap *map,
            int                 window,
            int                 image,
            int                 y,
            float              *row)
{
  float **rows = get_map_rows (self, window, image);
  int top = window_start (&self->rows, window / self->columns.n);
  PspTap tap = psp_tap_find (y - top, self->map.height, self->covered.height, self->half_pixels);

  psp_logits_map_mix_rows (map, rows[tap.first], rows[tap.second], tap.weight, row);
}

/* Adds what the fusion makes of one pixel of a window; @mirrored: (nullable). */
static void
fuse_pixel (const PspTrack *self,
            float          *values,
            float          *mirrored,
            float          *sum)
{
  PspFusionRule fusion = self->params.rules->fusion;
  float share = mirrored != NULL && fusion == PSP_FUSION_PROBABILITIES ? 0.5f : 1;
  int n = self->n_padded;

  if (mirrored != NULL && fusion != PSP_FUSION_PROBABILITIES)
    for (int i = 0; i < n; i++)
      values[i] += mirrored[i];
  if (fusion == PSP_FUSION_PROBABILITIES || fusion == PSP_FUSION_SUMMED)
    psp_ranking_softmax (values, n);
  else if (fusion == PSP_FUSION_EXPONENTIALS)
    psp_ranking_exponential (values, n, 0);
  for (int i = 0; i < n; i++)
    sum[i] += share * values[i];

  if (mirrored == NULL || fusion != PSP_FUSION_PROBABILITIES)
    return;
  psp_ranking_softmax (mirrored, n);
  for (int i = 0; i < n; i++)
    sum[i] += share * mirrored[i];
}

/* Adds row @y of the canvas, as @window sees it, to @sum; counts the windows of each pixel. */
static void
merge_window (const PspTrack *self,
              int             window,
              int             y,
              float          *scratch,
              float          *sum,
              int            *count)
{
  int left = window_start (&self->columns, window % self->columns.n);
  int width = self->columns.window;
  PspLogitsMap map = {
    .size = self->map,
    .n_classes = self->n_classes,
    .stride = self->n_classes,
    .full = self->covered,
    .half_pixels = self->half_pixels,
  };
  float *values = scratch, *mirrored = scratch + self->n_padded;
  float *row = mirrored + self->n_padded, *mirrored_row = row + psp_logits_map_row_length (&map);
  int first = MAX (left, self->inner.x);
  int end = MIN (left + width, self->inner.x + self->inner.width);

  mix_window (self, &map, window, 0, y, row);
  if (self->params.paired)
    mix_window (self, &map, window, 1, y, mirrored_row);
  for (int x = first; x < end; x++)
    {
      psp_logits_map_mix_pixel (&map, row, x - left, values);
      if (self->params.paired)
        psp_logits_map_mix_pixel (&map, mirrored_row, width - 1 - (x - left), mirrored);
      fuse_pixel (self, values, self->params.paired ? mirrored : NULL,
                  sum + (gsize) (x - self->inner.x) * self->n_padded);
      count[x - self->inner.x]++;
    }
}

typedef struct
{
  PspTrack *track;
  int       first; /* row of the results */
} Merge;

/* A task is one row of the results. */
static void
merge_row (int      task,
           int      thread,
           gpointer data)
{
  const Merge *merge = data;
  PspTrack *self = merge->track;
  int y = merge->first + task + self->inner.y;
  gsize row_length = (gsize) self->inner.width * self->n_padded;
  float *sum = self->band + (merge->first + task - self->band_first) * row_length;
  gsize map_width = self->map.width;
  g_autofree float *scratch = g_new (float, (2 * map_width + 2) * self->n_padded);
  g_autofree int *count = g_new0 (int, self->inner.width);

  memset (sum, 0, row_length * sizeof *sum);
  for (int i = 0; i < self->n_done; i++)
    {
      int top = window_start (&self->rows, i / self->columns.n);

      if (top <= y && y < top + self->rows.window)
        merge_window (self, i, y, scratch, sum, count);
    }
  for (int x = 0; x < self->inner.width; x++)
    for (int i = 0; i < self->n_padded; i++)
      sum[(gsize) x * self->n_padded + i] /= (float) count[x];
}

/* Moves the band to rows @first to @end, keeping those that it has already: *@have is the first
 * that it does not have. */
static gboolean
move_band (PspTrack  *self,
           int        first,
           int        end,
           int       *have,
           GError   **error)
{
  gsize row_length = (gsize) self->inner.width * self->n_padded;
  float *band;

  *have = MAX (first, self->band_end);
  if (*have > first && first > self->band_first)
    memmove (self->band, self->band + (first - self->band_first) * row_length,
             (*have - first) * row_length * sizeof *self->band);
  self->band_first = first;
  self->band_end = *have;

  band = end - first > self->band_room
         ? g_try_renew (float, self->band, (end - first) * row_length) : self->band;
  if (band == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory for %d rows of %d pixels of %d classes", end - first,
                   self->inner.width, self->n_classes);
      return FALSE;
    }
  self->band = band;
  self->band_room = MAX (self->band_room, end - first);
  self->band_end = end;
  return TRUE;
}

/* Forgets the logits that row @first of the results and those below it do not need. */
static void
drop_logits (PspTrack *self,
             int       first)
{
  for (int i = 0; i < self->n_done; i++)
    {
      int n_spent = count_spent_rows (self, i / self->columns.n, first + self->inner.y,
                                      self->map.height);

      for (int n = 0; n < images_of (self); n++)
        for (int y = 0; y < n_spent; y++)
          g_clear_pointer (&get_map_rows (self, i, n)[y], g_free);
    }
}

gboolean
psp_track_prepare (PspTrack     *self,
                   int           first,
                   int           end,
                   PspTrackRun  *run,
                   GError      **error)
{
  PspBackend *backend = psp_runner_get_backend (self->params.runner);
  g_autoptr(PspLockHolder) holder = NULL;
  int source_first, source_end, have;

  psp_filter_find_source (self->to_rows, first, end, &source_first, &source_end);
  source_first = MAX (source_first, self->band_first);
  source_end = MAX (source_end, self->band_end);
  if (!reach_row (self, source_end, run, error) ||
      !move_band (self, source_first, source_end, &have, error))
    return FALSE;

  holder = psp_backend_hold (backend, run->cancellable, error);
  if (holder == NULL)
    return FALSE;
  psp_backend_run_tasks (backend, source_end - have, merge_row, &(Merge) { self, have });
  drop_logits (self, source_end);
  return !g_cancellable_set_error_if_cancelled (run->cancellable, error);
}

gsize
psp_track_get_scratch_length (const PspTrack *self)
{
  return ((gsize) self->inner.width + 1) * self->n_padded;
}

void
psp_track_add_row (const PspTrack *self,
                   int             y,
                   float           share,
                   float          *scratch,
                   float          *row)
{
  PspFusionRule fusion = self->params.rules->fusion;
  int width = self->to_columns->length;
  int n = self->n_padded;
  float *values = scratch, *mixed = scratch + n;

  psp_filter_mix (self->to_rows, y, self->band, self->band_first,
                  (gsize) self->inner.width * self->n_padded, mixed);
  for (int x = 0; x < width; x++)
    {
      float *result = row + (gsize) (self->params.mirrored ? width - 1 - x : x) * n;
      float weight = share;

      psp_filter_mix (self->to_columns, x, mixed, 0, n, values);
      if (fusion == PSP_FUSION_LOGITS)
        psp_ranking_softmax (values, n);
      else if (fusion == PSP_FUSION_SUMMED)
        weight = share / psp_ranking_sum (values, n);
      for (int i = 0; i < n; i++)
        result[i] += weight * values[i];
    }
}
