/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-overlay.h"

#include <math.h>
#include <string.h>

#define OPAQUE 0xff000000u

/* Ignored pixels are darkened, with light diagonals that also show on a dark photo. */
#define HATCH_LINE 0x50505050u
#define HATCH_SPACE 0x38000000u
#define HATCH_PERIOD 8
#define HATCH_WIDTH 2

guint32
psp_overlay_get_hatch_line (int x,
                            int y)
{
  return (x + y) % HATCH_PERIOD < HATCH_WIDTH ? HATCH_LINE : 0;
}

static guint32
hatch_pixel (int x,
             int y)
{
  guint32 line = psp_overlay_get_hatch_line (x, y);

  return line != 0 ? line : HATCH_SPACE;
}

static gboolean
area_is_inside (PspRect area,
                PspSize size)
{
  return area.x >= 0 && area.y >= 0 && area.width >= 0 && area.height >= 0 &&
         area.x + area.width <= size.width && area.y + area.height <= size.height;
}

static void
clear_pixels (guint32 *pixels,
              PspRect  area)
{
  memset (pixels, 0, (gsize) area.width * area.height * sizeof *pixels);
}

void
psp_overlay_render_photo (const PspImage *photo,
                          PspRect         area,
                          guint32        *pixels)
{
  g_return_if_fail (area_is_inside (area, photo->size));

  for (int y = area.y; y < area.y + area.height; y++)
    {
      const guint8 *row = photo->pixels + ((gsize) y * photo->size.width + area.x) * 3;

      for (int x = 0; x < area.width; x++)
        *pixels++ = OPAQUE | (guint32) row[3 * x] << 16 | (guint32) row[3 * x + 1] << 8 |
                    row[3 * x + 2];
    }
}

static void
render_labels (const PspOverlay *self,
               PspRect           area,
               guint32          *pixels)
{
  const PspMask *labels = self->labels;
  guint16 ignore = psp_mask_get_ignore (labels);
  int n_classes = psp_taxonomy_get_n_classes (self->taxonomy);
  g_autofree guint32 *colors = g_new (guint32, n_classes);

  for (int id = 0; id < n_classes; id++)
    colors[id] = OPAQUE | psp_taxonomy_get_class_color (self->taxonomy, id);

  for (int y = area.y; y < area.y + area.height; y++)
    {
      const guint16 *row = labels->pixels + (gsize) y * labels->size.width;

      for (int x = area.x; x < area.x + area.width; x++)
        if (row[x] == ignore)
          *pixels++ = hatch_pixel (x, y);
        else if (row[x] < n_classes)
          *pixels++ = colors[row[x]];
        else
          *pixels++ = OPAQUE | PSP_TAXONOMY_IGNORE_COLOR;
    }
}

static void
render_errors (const PspOverlay *self,
               PspRect           area,
               guint32          *pixels)
{
  guint16 ignore = psp_mask_get_ignore (self->truth);

  for (int y = area.y; y < area.y + area.height; y++)
    {
      gsize start = (gsize) y * self->truth->size.width;
      const guint16 *truth = self->truth->pixels + start;
      const guint16 *labels = self->labels->pixels + start;

      for (int x = area.x; x < area.x + area.width; x++)
        if (truth[x] == ignore)
          *pixels++ = hatch_pixel (x, y);
        else
          *pixels++ = truth[x] == labels[x] ? 0 : OPAQUE | PSP_OVERLAY_ERROR_COLOR;
    }
}

/* Where @value lies on the ramp; transparent if it is not a number. */
static inline guint32
heat_pixel (const PspOverlay *self,
            const guint32    *ramp,
            float             value)
{
  double range = self->maximum - self->minimum;
  double place = range > 0 ? ((double) value - self->minimum) / range : 0;

  if (isnan (value))
    return 0;

  return ramp[(int) (CLAMP (place, 0, 1) * (PSP_OVERLAY_RAMP_LENGTH - 1) + 0.5)];
}

static void
render_heat (const PspOverlay *self,
             PspRect           area,
             guint32          *pixels)
{
  guint32 ramp[PSP_OVERLAY_RAMP_LENGTH];

  psp_overlay_fill_ramp (ramp);
  for (int y = area.y; y < area.y + area.height; y++)
    {
      const float *row = self->values->data + (gsize) y * self->values->shape[1];

      for (int x = area.x; x < area.x + area.width; x++)
        *pixels++ = heat_pixel (self, ramp, row[x]);
    }
}

static void
render_cells (const PspOverlay *self,
              PspRect           area,
              guint32          *pixels)
{
  guint32 ramp[PSP_OVERLAY_RAMP_LENGTH];

  psp_overlay_fill_ramp (ramp);
  clear_pixels (pixels, area);
  for (gsize i = 0; i < self->values->n_elements; i++)
    {
      PspRect part = psp_rect_intersect (area, self->cells[i]);
      guint32 color = heat_pixel (self, ramp, self->values->data[i]);

      for (int y = part.y; y < part.y + part.height; y++)
        for (int x = part.x; x < part.x + part.width; x++)
          pixels[(gsize) (y - area.y) * area.width + (x - area.x)] = color;
    }
}

void
psp_overlay_render_layer (const PspOverlay *self,
                          PspRect           area,
                          guint32          *pixels)
{
  switch (self->kind)
    {
    case PSP_OVERLAY_LABELS:
      g_return_if_fail (area_is_inside (area, self->labels->size));
      render_labels (self, area, pixels);
      break;

    case PSP_OVERLAY_ERRORS:
      g_return_if_fail (psp_size_equal (self->labels->size, self->truth->size));
      g_return_if_fail (area_is_inside (area, self->truth->size));
      render_errors (self, area, pixels);
      break;

    case PSP_OVERLAY_HEAT:
      g_return_if_fail (area.y + area.height <= self->values->shape[0] &&
                        area.x + area.width <= self->values->shape[1]);
      render_heat (self, area, pixels);
      break;

    case PSP_OVERLAY_CELLS:
      render_cells (self, area, pixels);
      break;

    case PSP_OVERLAY_NONE:
    default:
      clear_pixels (pixels, area);
      break;
    }
}

/* @value / 255 rounded to the nearest, for 0 to 255 × 255. */
static inline guint32
divide_by_255 (guint32 value)
{
  value += 128;
  return (value + (value >> 8)) >> 8;
}

static inline guint32
blend_pixel (guint32 below,
             guint32 above,
             guint32 opacity)
{
  guint32 rest = 255 - divide_by_255 ((above >> 24) * opacity);
  guint32 result = 0;

  for (int shift = 0; shift < 24; shift += 8)
    result |= divide_by_255 ((above >> shift & 0xff) * opacity + (below >> shift & 0xff) * rest)
              << shift;

  return OPAQUE | result;
}

void
psp_overlay_blend (guint32       *pixels,
                   const guint32 *layer,
                   gsize          n_pixels,
                   double         opacity)
{
  guint32 opacity_255 = CLAMP (opacity, 0, 1) * 255 + 0.5;

  for (gsize i = 0; i < n_pixels; i++)
    pixels[i] = blend_pixel (pixels[i], layer[i], opacity_255);
}

void
psp_overlay_desaturate (guint32 *pixels,
                        gsize    n_pixels)
{
  for (gsize i = 0; i < n_pixels; i++)
    {
      guint32 red = pixels[i] >> 16 & 0xff;
      guint32 green = pixels[i] >> 8 & 0xff;
      guint32 blue = pixels[i] & 0xff;
      guint32 luma = (299 * red + 587 * green + 114 * blue + 500) / 1000;

      pixels[i] = (pixels[i] & OPAQUE) | luma << 16 | luma << 8 | luma;
    }
}

void
psp_overlay_render (const PspOverlay *self,
                    const PspImage   *photo,
                    double            opacity,
                    PspRect           area,
                    guint32          *pixels)
{
  gsize n_pixels = (gsize) area.width * area.height;
  g_autofree guint32 *layer = g_new (guint32, n_pixels);

  psp_overlay_render_photo (photo, area, pixels);
  if (self->kind == PSP_OVERLAY_ERRORS)
    psp_overlay_desaturate (pixels, n_pixels);

  psp_overlay_render_layer (self, area, layer);
  psp_overlay_blend (pixels, layer, n_pixels, opacity);
}

/* The 8-bit sRGB value (IEC 61966-2-1) of linear light from 0 to 1. */
static guint32
encode_srgb (double linear)
{
  double value = CLAMP (linear, 0, 1);

  value = value <= 0.0031308 ? 12.92 * value : 1.055 * pow (value, 1 / 2.4) - 0.055;
  return value * 255 + 0.5;
}

/* Oklab to linear sRGB: Ottosson's matrices. */
static guint32
oklab_to_pixel (double lightness,
                double a,
                double b)
{
  double l = pow (lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
  double m = pow (lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
  double s = pow (lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
  double red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
  double green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
  double blue = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s;

  return OPAQUE | encode_srgb (red) << 16 | encode_srgb (green) << 8 | encode_srgb (blue);
}

void
psp_overlay_fill_ramp (guint32 ramp[PSP_OVERLAY_RAMP_LENGTH])
{
  for (int i = 0; i < PSP_OVERLAY_RAMP_LENGTH; i++)
    {
      double place = i / (PSP_OVERLAY_RAMP_LENGTH - 1.0);
      double from_middle = 2 * place - 1;
      double hue = (310 - 205 * place) * G_PI / 180;
      /* The most that sRGB holds at every lightness and hue on the way, less a little. */
      double chroma = 0.097 + 0.05 * from_middle * from_middle + 0.015 * from_middle;

      ramp[i] = oklab_to_pixel (0.27 + 0.66 * place, chroma * cos (hue), chroma * sin (hue));
    }
}
