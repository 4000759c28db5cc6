/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-weather.h"

#include <math.h>

#include "data/demo/maker/psp-noise.h"

typedef struct
{
  const char *name;
  double      lowest, highest;      /* of the sun, radians over the horizon */
  double      sun, sky;             /* strengths */
  guint32     sun_hex, sky_hex, zenith_hex, horizon_hex, cloud_hex, haze_hex;
  double      cloudiness, haze_m;
} Kind;

static const Kind kinds[] = {
  [PSP_WEATHER_NOON] = {
    "noon", 0.75, 1.1, 0.95, 0.42,
    0xfff4e0, 0xc4d4ec, 0x4f7fc0, 0xb4cce4, 0xf4f4f4, 0xbccad8, 0.35, 420,
  },
  [PSP_WEATHER_LOW_SUN] = {
    "low sun", 0.3, 0.55, 1.1, 0.42,
    0xffd9a8, 0xb8c8e4, 0x6a90c0, 0xe0d4c0, 0xf4e4d0, 0xd4c8b8, 0.3, 280,
  },
  [PSP_WEATHER_OVERCAST] = {
    "overcast", 0.8, 1.2, 0.12, 0.72,
    0xf0f0f0, 0xdce0e6, 0xb4bac2, 0xd4d6d8, 0xe4e6e8, 0xc4c8cc, 0.85, 220,
  },
  [PSP_WEATHER_DUSK] = {
    "dusk", 0.14, 0.3, 0.5, 0.52,
    0xffc4a0, 0xacb8d8, 0x62749c, 0xd8c0ac, 0xb08c88, 0xa89c9c, 0.4, 240,
  },
};

void
psp_weather_init (PspWeather *self,
                  GRand      *rand)
{
  PspWeatherKind index = g_rand_int_range (rand, 0, PSP_WEATHER_N_KINDS);
  const Kind *kind = &kinds[index];
  double height = g_rand_double_range (rand, kind->lowest, kind->highest);
  double around = g_rand_double_range (rand, -G_PI, G_PI);

  self->kind = index;
  self->seed = g_rand_int (rand);
  self->light.sun = psp_vec (cos (height) * sin (around), sin (height),
                             cos (height) * cos (around));
  self->light.sunlight = psp_color_scale (psp_color_hex (kind->sun_hex), kind->sun);
  self->light.skylight = psp_color_scale (psp_color_hex (kind->sky_hex), kind->sky);
  self->light.haze = psp_color_scale (psp_color_hex (kind->haze_hex), 0.8);
  self->light.haze_m = kind->haze_m * g_rand_double_range (rand, 0.7, 1.6);
  self->zenith = psp_color_vary (psp_color_hex (kind->zenith_hex), rand, 0.2);
  self->horizon = psp_color_vary (psp_color_hex (kind->horizon_hex), rand, 0.1);
  self->cloud = psp_color_hex (kind->cloud_hex);
  self->cloudiness = CLAMP (kind->cloudiness + g_rand_double_range (rand, -0.3, 0.3), 0, 1);
}

const char *
psp_weather_get_name (const PspWeather *self)
{
  return kinds[self->kind].name;
}

static PspColor
sky_color (const PspWeather *self,
           PspVec            direction)
{
  double height = MAX (direction.y, 0.01);
  double glow = pow (MAX (psp_vec_dot (direction, self->light.sun), 0), 24);
  PspColor color = psp_color_mix (self->horizon, self->zenith, pow (MIN (height, 1), 0.55));
  double x = direction.x / (height + 0.12) * 1.3, z = direction.z / (height + 0.12) * 1.3;
  double billow = psp_noise_fractal (x, z, self->seed, 5);
  double cover = CLAMP ((billow - 0.78 + 0.5 * self->cloudiness) * 5, 0, 1);
  double belly = 0.78 + 0.5 * psp_noise_fractal (x * 1.7 + 9, z * 1.7, self->seed + 50, 4) * 0.6;

  color = psp_color_mix (color, psp_color_scale (self->cloud, belly), cover * 0.85);
  return psp_color_mix (color, self->light.sunlight, glow * 0.6);
}

void
psp_weather_draw_sky (const PspWeather *self,
                      PspPainter       *painter)
{
  const PspCamera *camera = psp_painter_get_camera (painter);
  int width = psp_painter_get_width (painter), height = psp_painter_get_height (painter);
  float *pixel = psp_painter_get_photo (painter);

  for (int row = 0; row < height; row++)
    for (int column = 0; column < width; column++, pixel += 3)
      {
        PspVec ray = psp_camera_ray (camera, column + 0.5, row + 0.5);
        PspColor color = sky_color (self, psp_vec_unit (ray));

        pixel[0] = (float) color.red;
        pixel[1] = (float) color.green;
        pixel[2] = (float) color.blue;
      }
}
