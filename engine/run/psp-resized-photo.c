/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-resized-photo.h"

#include "engine/core/psp-error.h"

#include <math.h>
#include <string.h>

#define N_COLOURS 3

/* Of the weights of Pillow's filter, and of OpenCV's. */
#define WEIGHT_BITS 22
#define OPENCV_BITS 11

/* Along rows of any number of values, or with @channels apart along columns: value i of line l is
 * at l line_stride + i step. */
typedef struct
{
  int   n_lines;
  gsize line_stride;
  gsize step;
  gsize result_line_stride;
  gsize result_step;
} Pass;

/* More than a sum in double precision is off, less than two sums of small fractions differ. */
#define HAIR 1e-9

typedef void (*FilterBytes) (const PspFilter *filter,
                             const Pass      *pass,
                             const guint8    *source,
                             guint8          *result);

/* Sums in double precision, as MATLAB does.  Halves are frequent, and a sum may miss one by a hair:
 * they become the larger byte, as in exact arithmetic. */
static void
filter_doubles (const PspFilter *filter,
                const Pass      *pass,
                const guint8    *source,
                guint8          *result)
{
  for (int line = 0; line < pass->n_lines; line++)
    for (int i = 0; i < filter->length; i++)
      for (int c = 0; c < N_COLOURS; c++)
        {
          const guint8 *from = source + line * pass->line_stride + c;
          double sum = 0.5 + HAIR;

          for (int k = i * filter->n_taps; k < (i + 1) * filter->n_taps; k++)
            sum += filter->weights[k] * from[filter->places[k] * pass->step];
          result[line * pass->result_line_stride + i * pass->result_step + c] =
            CLAMP ((int) sum, 0, 255);
        }
}

/* Sums in whole numbers, as Pillow does: the same on every machine. */
static void
filter_bytes (const PspFilter *filter,
              const Pass      *pass,
              const guint8    *source,
              guint8          *result)
{
  g_autofree int *weights = g_new (int, filter->length * filter->n_taps);

  for (int i = 0; i < filter->length * filter->n_taps; i++)
    weights[i] = (int) floor (filter->weights[i] * (1 << WEIGHT_BITS) + 0.5);

  for (int line = 0; line < pass->n_lines; line++)
    for (int i = 0; i < filter->length; i++)
      for (int c = 0; c < N_COLOURS; c++)
        {
          const guint8 *from = source + line * pass->line_stride + c;
          int sum = 1 << (WEIGHT_BITS - 1);

          for (int k = i * filter->n_taps; k < (i + 1) * filter->n_taps; k++)
            sum += weights[k] * from[filter->places[k] * pass->step];
          result[line * pass->result_line_stride + i * pass->result_step + c] =
            CLAMP (sum >> WEIGHT_BITS, 0, 255);
        }
}

static guint8 *
filter_columns (const guint8    *source,
                PspSize          size,
                const PspFilter *filter,
                FilterBytes      run)
{
  guint8 *result = g_try_malloc ((gsize) filter->length * size.height * N_COLOURS);

  if (result == NULL)
    return NULL;
  run (filter, &(Pass) {
    size.height, (gsize) size.width * N_COLOURS, N_COLOURS,
    (gsize) filter->length * N_COLOURS, N_COLOURS
  }, source, result);
  return result;
}

static guint8 *
filter_rows (const guint8    *source,
             PspSize          size,
             const PspFilter *filter,
             FilterBytes      run)
{
  gsize row = (gsize) size.width * N_COLOURS;
  guint8 *result = g_try_malloc (row * filter->length);

  if (result == NULL)
    return NULL;
  run (filter, &(Pass) { size.width, N_COLOURS, row, N_COLOURS, row }, source, result);
  return result;
}

/* (transfer full) (nullable): both axes, rounded after each; %NULL: no memory. */
static guint8 *
filter_axes (const PspImage  *image,
             const PspFilter *columns,
             const PspFilter *rows,
             gboolean         rows_first,
             FilterBytes      run)
{
  PspSize size = image->size;
  g_autofree guint8 *middle = rows_first ? filter_rows (image->pixels, size, rows, run)
                                         : filter_columns (image->pixels, size, columns, run);

  if (middle == NULL)
    return NULL;
  if (rows_first)
    return filter_columns (middle, (PspSize) { size.width, rows->length }, columns, run);
  return filter_rows (middle, (PspSize) { columns->length, size.height }, rows, run);
}

struct _PspResizedPhoto
{
  const PspImage *image;
  PspSize         size;
  PspPhotoFilter  filter;
  PspFilter      *columns; /* (nullable), as are @rows: what is read is mixed by them */
  PspFilter      *rows;
  guint8         *bytes;   /* (nullable): what is read */
};

static gboolean
filter_twice (PspResizedPhoto  *self,
              PspFilterKind     kind,
              GError          **error)
{
  PspSize from = self->image->size, to = self->size;
  g_autoptr(PspFilter) columns = psp_filter_new (kind, from.width, to.width);
  g_autoptr(PspFilter) rows = psp_filter_new (kind, from.height, to.height);
  gboolean rows_first = kind == PSP_FILTER_MIRRORED &&
                        (gint64) to.height * from.width <= (gint64) to.width * from.height;

  self->bytes = filter_axes (self->image, columns, rows, rows_first,
                             kind == PSP_FILTER_MIRRORED ? filter_doubles : filter_bytes);
  if (self->bytes == NULL)
    g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                 "no memory to resize the photo to %d x %d pixels", to.width, to.height);
  return self->bytes != NULL;
}

/* The sum of the taps of result (x, y). */
static float
filter_float (const PspImage  *image,
              const PspFilter *columns,
              const PspFilter *rows,
              int              x,
              int              y,
              int              colour)
{
  float result = 0;

  for (int j = y * rows->n_taps; j < (y + 1) * rows->n_taps; j++)
    {
      const guint8 *row = image->pixels + (gsize) rows->places[j] * image->size.width * N_COLOURS;
      float sum = 0;

      for (int i = x * columns->n_taps; i < (x + 1) * columns->n_taps; i++)
        sum += (float) columns->weights[i] * (float) row[columns->places[i] * N_COLOURS + colour];
      result += (float) rows->weights[j] * sum;
    }
  return result;
}

static int
opencv_weight (double weight)
{
  return (int) rint (weight * (1 << OPENCV_BITS));
}

/* OpenCV's resize of bytes: weights of 11 bits; the sums along columns lose 4 bits, the products
 * with the weights of the rows 16, the result 2. */
static float
filter_opencv (const PspImage  *image,
               const PspFilter *columns,
               const PspFilter *rows,
               int              x,
               int              y,
               int              colour)
{
  int result = 2;

  for (int j = y * rows->n_taps; j < (y + 1) * rows->n_taps; j++)
    {
      const guint8 *row = image->pixels + (gsize) rows->places[j] * image->size.width * N_COLOURS;
      int sum = 0;

      for (int i = x * columns->n_taps; i < (x + 1) * columns->n_taps; i++)
        sum += opencv_weight (columns->weights[i]) * row[columns->places[i] * N_COLOURS + colour];
      result += (opencv_weight (rows->weights[j]) * (sum >> 4)) >> 16;
    }
  return CLAMP (result >> 2, 0, 255);
}

static void
make_filters (PspResizedPhoto *self)
{
  PspSize from = self->image->size, to = self->size;
  gboolean aligned = self->filter == PSP_PHOTO_ALIGNED;

  self->columns = psp_filter_new (aligned ? PSP_FILTER_ALIGNED : PSP_FILTER_OPENCV, from.width,
                                  to.width);
  self->rows = psp_filter_new (aligned ? PSP_FILTER_ALIGNED : PSP_FILTER_OPENCV_ROWS, from.height,
                               to.height);
}

PspResizedPhoto *
psp_resized_photo_new (const PspImage  *image,
                       PspSize          size,
                       PspPhotoFilter   filter,
                       GError         **error)
{
  g_autoptr(PspResizedPhoto) self = g_new0 (PspResizedPhoto, 1);

  *self = (PspResizedPhoto) { .image = image, .size = size, .filter = filter };
  if (filter != PSP_PHOTO_PILLOW && filter != PSP_PHOTO_MATLAB)
    make_filters (self);
  else if (!filter_twice (self, filter == PSP_PHOTO_PILLOW ? PSP_FILTER_CUT : PSP_FILTER_MIRRORED,
                          error))
    return NULL;
  return g_steal_pointer (&self);
}

void
psp_resized_photo_free (PspResizedPhoto *self)
{
  g_clear_pointer (&self->columns, psp_filter_free);
  g_clear_pointer (&self->rows, psp_filter_free);
  g_free (self->bytes);
  g_free (self);
}

gsize
psp_resized_photo_get_bytes (const PspResizedPhoto *self)
{
  return self->bytes != NULL ? (gsize) self->size.width * self->size.height * N_COLOURS : 0;
}

void
psp_resized_photo_read (const PspResizedPhoto *self,
                        int                    y,
                        int                    first,
                        int                    end,
                        float                 *values)
{
  for (int x = first; x < end; x++)
    for (int c = 0; c < N_COLOURS; c++)
      if (self->bytes != NULL)
        *values++ = self->bytes[((gsize) y * self->size.width + x) * N_COLOURS + c];
      else if (self->filter == PSP_PHOTO_OPENCV)
        *values++ = filter_opencv (self->image, self->columns, self->rows, x, y, c);
      else
        *values++ = filter_float (self->image, self->columns, self->rows, x, y, c);
}

PspScores *
psp_resized_photo_make_scores (const PspImage  *image,
                               PspSize          size,
                               PspPhotoFilter   filter,
                               GError         **error)
{
  g_autoptr(PspResizedPhoto) photo = psp_resized_photo_new (image, size, filter, error);
  PspScores *result = photo != NULL ? psp_scores_new (size, N_COLOURS, error) : NULL;

  for (int y = 0; result != NULL && y < size.height; y++)
    psp_resized_photo_read (photo, y, 0, size.width,
                            result->data + (gsize) y * size.width * N_COLOURS);
  return result;
}
