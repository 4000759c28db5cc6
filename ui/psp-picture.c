/* SPDX-License-Identifier: MIT */
#include "ui/psp-picture.h"

#include <math.h>
#include <string.h>

#define OUTLINE_COLOR 0xffffffffu

/* From this level on an average has no trace of a hatch that is drawn in image pixels. */
#define HATCHED_LEVEL 2

/* The pixels of a level that are needed, and how they get onto the screen. */
typedef struct
{
  int          level;
  PspTransform transform; /* of that level */
  PspRect      area;      /* in its pixels */
  guint32     *pixels;    /* of @area */
} Source;

/* For one row or column of the screen: the pixels of the source on both sides, and how much of the
 * second to take, in 256ths. */
typedef struct
{
  int first;
  int second;
  int weight;
} Tap;

static gboolean
is_sharp (double scale)
{
  return scale >= 2 || scale == floor (scale);
}

/* The pixels of the screen whose centres lie on the image, cut to the pane. */
static PspRect
find_place (const PspPicture *self,
            PspSize           image)
{
  const PspTransform *transform = &self->transform;
  int width = ceil (image.width * transform->scale - 0.5);
  int height = ceil (image.height * transform->scale - 0.5);

  return psp_rect_intersect ((PspRect) { transform->x, transform->y, MAX (width, 1),
                                         MAX (height, 1) },
                             (PspRect) { 0, 0, self->pane.width, self->pane.height });
}

/* The first and last pixel of a row of @length that @n pixels of the screen from @start need. */
static void
find_span (int     start,
           int     n,
           double  origin,
           double  scale,
           int     length,
           int    *first,
           int    *n_pixels)
{
  int last;

  *first = CLAMP (floor ((start + 0.5 - origin) / scale - 0.5), 0, length - 1);
  last = CLAMP (ceil ((start + n - 0.5 - origin) / scale), 0, length - 1);
  *n_pixels = last - *first + 1;
}

/* The level whose pixels are one to two on a pixel of the screen, or the image itself. */
static Source
find_source (const PspPicture *self,
             PspRect           place)
{
  Source source = { .transform = self->transform };
  PspSize size = psp_pixmap_get_size (self->photo);

  while (source.transform.scale <= 0.5 && (size.width > 1 || size.height > 1))
    {
      source.level++;
      source.transform.scale *= 2;
      size = psp_pixmap_get_level_size (self->photo, source.level);
    }

  find_span (place.x, place.width, source.transform.x, source.transform.scale, size.width,
             &source.area.x, &source.area.width);
  find_span (place.y, place.height, source.transform.y, source.transform.scale, size.height,
             &source.area.y, &source.area.height);
  return source;
}

/* Photo and layer as one, in the pixels of the source. */
static gboolean
fill_source (const PspPicture *self,
             Source           *source)
{
  gsize n_pixels = (gsize) source->area.width * source->area.height;

  source->pixels = g_new (guint32, n_pixels);
  if (!psp_pixmap_read (self->photo, source->level, source->area, source->pixels))
    return FALSE;

  if (self->gray)
    psp_overlay_desaturate (source->pixels, n_pixels);

  if (self->layer != NULL && self->opacity > 0)
    {
      g_autofree guint32 *above = g_new (guint32, n_pixels);

      if (!psp_pixmap_read (self->layer, source->level, source->area, above))
        return FALSE;

      psp_overlay_blend (source->pixels, above, n_pixels, self->opacity);
    }

  return TRUE;
}

static Tap *
make_taps (int    start,
           int    n,
           double origin,
           double scale,
           int    source_start,
           int    n_source)
{
  gboolean sharp = is_sharp (scale);
  Tap *taps = g_new (Tap, n);

  for (int i = 0; i < n; i++)
    {
      double center = (start + i + 0.5 - origin) / scale;
      double left = sharp ? floor (center) : floor (center - 0.5);

      taps[i].first = CLAMP ((int) left - source_start, 0, n_source - 1);
      taps[i].second = sharp ? taps[i].first : CLAMP ((int) left + 1 - source_start, 0,
                                                      n_source - 1);
      taps[i].weight = sharp ? 0 : (center - 0.5 - left) * 256;
    }

  return taps;
}

/* Between two pixels, channel by channel; @weight of the second in 256ths. */
static inline guint32
mix (guint32 first,
     guint32 second,
     guint32 weight)
{
  const guint32 even = 0x00ff00ffu;
  const guint32 half = 0x00800080u;
  guint32 low = (first & even) * (256 - weight) + (second & even) * weight + half;
  guint32 high = (first >> 8 & even) * (256 - weight) + (second >> 8 & even) * weight + half;

  return (low >> 8 & even) | (high & ~even);
}

static void
resample_row (const Source *source,
              const Tap    *columns,
              Tap           row,
              int           width,
              guint32      *destination)
{
  const guint32 *upper = source->pixels + (gsize) row.first * source->area.width;
  const guint32 *lower = source->pixels + (gsize) row.second * source->area.width;

  for (int x = 0; x < width; x++)
    {
      Tap column = columns[x];

      destination[x] = mix (mix (upper[column.first], upper[column.second], column.weight),
                            mix (lower[column.first], lower[column.second], column.weight),
                            row.weight);
    }
}

static void
pick_row (const Source *source,
          const Tap    *columns,
          Tap           row,
          int           width,
          guint32      *destination)
{
  const guint32 *pixels = source->pixels + (gsize) row.first * source->area.width;

  for (int x = 0; x < width; x++)
    destination[x] = pixels[columns[x].first];
}

static void
resample (const Source *source,
          PspRect       place,
          guint32      *pixels)
{
  const PspTransform *transform = &source->transform;
  gboolean sharp = is_sharp (transform->scale);
  g_autofree Tap *columns = make_taps (place.x, place.width, transform->x, transform->scale,
                                       source->area.x, source->area.width);
  g_autofree Tap *rows = make_taps (place.y, place.height, transform->y, transform->scale,
                                    source->area.y, source->area.height);

  for (int y = 0; y < place.height; y++)
    {
      guint32 *destination = pixels + (gsize) y * place.width;

      if (!sharp)
        resample_row (source, columns, rows[y], place.width, destination);
      else if (y > 0 && rows[y].first == rows[y - 1].first)
        memcpy (destination, destination - place.width, place.width * sizeof *destination);
      else
        pick_row (source, columns, rows[y], place.width, destination);
    }
}

/* For each of @n pixels of the screen the image pixel that its centre lies on. */
static void
find_places (int     start,
             int     n,
             double  origin,
             double  scale,
             int     length,
             int    *places)
{
  for (int i = 0; i < n; i++)
    places[i] = CLAMP (floor ((start + i + 0.5 - origin) / scale), 0, length - 1);
}

/* For each of @n pixels of the screen the image pixel it lies on, and whether it is among the first
 * @width of that: where a line belongs that parts it from the image pixel before. */
static void
find_edges (int       start,
            int       n,
            double    origin,
            double    scale,
            int       length,
            int       width,
            int      *places,
            gboolean *edges)
{
  find_places (start, n, origin, scale, length, places);
  for (int i = 0; i < n; i++)
    {
      int first = ceil (places[i] * scale + origin - 0.5);

      edges[i] = places[i] > 0 && start + i - first < width;
    }
}

static void
draw_outlines (const PspPicture *self,
               PspRect           place,
               guint32          *pixels)
{
  const PspTransform *transform = &self->transform;
  const PspMask *mask = self->outlines;
  g_autofree int *columns = g_new (int, place.width);
  g_autofree int *rows = g_new (int, place.height);
  g_autofree gboolean *column_edges = g_new (gboolean, place.width);
  g_autofree gboolean *row_edges = g_new (gboolean, place.height);

  find_edges (place.x, place.width, transform->x, transform->scale, mask->size.width,
              self->outline_width, columns, column_edges);
  find_edges (place.y, place.height, transform->y, transform->scale, mask->size.height,
              self->outline_width, rows, row_edges);

  for (int y = 0; y < place.height; y++)
    {
      const guint16 *row = mask->pixels + (gsize) rows[y] * mask->size.width;
      const guint16 *above = row_edges[y] ? row - mask->size.width : row;
      guint32 *destination = pixels + (gsize) y * place.width;

      for (int x = 0; x < place.width; x++)
        {
          guint16 id = row[columns[x]];

          if (above[columns[x]] != id || (column_edges[x] && row[columns[x] - 1] != id))
            destination[x] = OUTLINE_COLOR;
        }
    }
}

/* Light diagonals over what is ignored, which the layer has darkened.  They move with the image. */
static void
draw_hatch (const PspPicture *self,
            PspRect           place,
            guint32          *pixels)
{
  const PspTransform *transform = &self->transform;
  const PspMask *mask = self->hatched;
  guint16 ignore = psp_mask_get_ignore (mask);
  int left = place.x - transform->x;
  int top = place.y - transform->y;
  g_autofree int *columns = g_new (int, place.width);
  g_autofree int *rows = g_new (int, place.height);
  g_autofree guint32 *lines = g_new (guint32, place.width);

  find_places (place.x, place.width, transform->x, transform->scale, mask->size.width, columns);
  find_places (place.y, place.height, transform->y, transform->scale, mask->size.height, rows);
  for (int y = 0; y < place.height; y++)
    {
      const guint16 *row = mask->pixels + (gsize) rows[y] * mask->size.width;

      for (int x = 0; x < place.width; x++)
        lines[x] = row[columns[x]] == ignore ? psp_overlay_get_hatch_line (left + x, top + y) : 0;
      psp_overlay_blend (pixels + (gsize) y * place.width, lines, place.width, self->opacity);
    }
}

GdkTexture *
psp_picture_render (const PspPicture *self,
                    PspRect          *place)
{
  g_autofree guint32 *source_pixels = NULL;
  g_autofree guint32 *pixels = NULL;
  g_autoptr(GBytes) bytes = NULL;
  Source source;
  gsize n_bytes;

  *place = find_place (self, psp_pixmap_get_size (self->photo));
  if (psp_rect_is_empty (*place))
    return NULL;

  source = find_source (self, *place);
  if (!fill_source (self, &source))
    {
      g_free (source.pixels);
      return NULL;
    }
  source_pixels = source.pixels;

  n_bytes = (gsize) place->width * place->height * sizeof *pixels;
  pixels = g_malloc (n_bytes);
  resample (&source, *place, pixels);
  if (self->hatched != NULL && source.level >= HATCHED_LEVEL)
    draw_hatch (self, *place, pixels);
  if (self->outlines != NULL && self->transform.scale >= 2 * self->outline_width)
    draw_outlines (self, *place, pixels);

  bytes = g_bytes_new_take (g_steal_pointer (&pixels), n_bytes);
  return gdk_memory_texture_new (place->width, place->height, GDK_MEMORY_DEFAULT, bytes,
                                 (gsize) place->width * sizeof *pixels);
}
