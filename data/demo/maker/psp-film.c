/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-film.h"

#include <math.h>

typedef struct
{
  int    width, height;
  double softness;              /* weight of the neighbours against the pixel itself */
  double gains[3];              /* exposure and white balance */
  double noise, contrast, saturation, vignette;
} Film;

static Film
film_new (PspPainter *painter,
          GRand      *rand)
{
  double exposure = g_rand_double_range (rand, 0.9, 1.3);
  double warmth = g_rand_double_range (rand, -0.08, 0.08);

  return (Film) {
    .width = psp_painter_get_width (painter),
    .height = psp_painter_get_height (painter),
    .softness = g_rand_double_range (rand, 0.12, 0.35),
    .gains = { exposure * (1 + warmth), exposure, exposure * (1 - warmth) },
    .noise = g_rand_double_range (rand, 0.006, 0.016),
    .contrast = g_rand_double_range (rand, 0.1, 0.6),
    .saturation = g_rand_double_range (rand, 0.65, 1.05),
    .vignette = g_rand_double_range (rand, 0.05, 0.3),
  };
}

/* One pass of a three-pixel lens blur, over pixels @step apart, in lines of @count. */
static void
soften_line (float  *line,
             int     count,
             gsize   step,
             double  softness)
{
  float side = (float) (softness / (1 + 2 * softness)), middle = 1 - 2 * side;
  float before = line[0];

  for (int i = 0; i < count; i++)
    {
      float here = line[i * step];
      float after = line[MIN (i + 1, count - 1) * step];

      line[i * step] = middle * here + side * (before + after);
      before = here;
    }
}

static void
soften (const Film *self,
        float      *photo)
{
  gsize pitch = (gsize) self->width * 3;

  for (int channel = 0; channel < 3; channel++)
    {
      for (int row = 0; row < self->height; row++)
        soften_line (photo + row * pitch + channel, self->width, 3, self->softness);
      for (int column = 0; column < self->width; column++)
        soften_line (photo + column * 3 + channel, self->height, pitch, self->softness);
    }
}

/* Nearly normal, of width 1. */
static double
bell (GRand *rand)
{
  return g_rand_double (rand) + g_rand_double (rand) + g_rand_double (rand)
         + g_rand_double (rand) - 2;
}

/* Film's answer to light: steep in the middle, gentle at both ends. */
static double
tone (const Film *self,
      double      light)
{
  double shown = pow (CLAMP (light, 0, 4), 1 / 2.2);

  shown = shown < 0.8 ? shown : 0.8 + 0.2 * (1 - exp ((0.8 - shown) / 0.2));
  return shown + self->contrast * (shown - 0.45) * shown * (1 - shown);
}

static double
corner_light (const Film *self,
              int         column,
              int         row)
{
  double x = column * 2.0 / self->width - 1, y = row * 2.0 / self->height - 1;

  return 1 - self->vignette * (x * x + y * y) / 2;
}

static void
develop_pixel (const Film  *self,
               const float *light,
               guint8      *shown,
               double       corner,
               GRand       *rand)
{
  double grain = bell (rand) * self->noise * 1.2, values[3];
  double grey;

  for (int i = 0; i < 3; i++)
    values[i] = tone (self, (double) light[i] * self->gains[i] * corner);
  grey = 0.3 * values[0] + 0.59 * values[1] + 0.11 * values[2];
  for (int i = 0; i < 3; i++)
    {
      double value = grey + (values[i] - grey) * self->saturation;

      value += (grain + bell (rand) * self->noise) * (1.4 - value);
      shown[i] = (guint8) CLAMP (value * 255 + 0.5, 0, 255);
    }
}

guint8 *
psp_film_develop (PspPainter *painter,
                  GRand      *rand)
{
  Film self = film_new (painter, rand);
  float *photo = psp_painter_get_photo (painter);
  guint8 *shown = g_malloc ((gsize) self.width * self.height * 3);

  soften (&self, photo);
  for (int row = 0; row < self.height; row++)
    for (int column = 0; column < self.width; column++)
      {
        gsize at = ((gsize) row * self.width + column) * 3;

        develop_pixel (&self, photo + at, shown + at, corner_light (&self, column, row), rand);
      }
  return shown;
}
