/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-painter.h"

typedef enum
{
  PSP_WEATHER_NOON,
  PSP_WEATHER_LOW_SUN,
  PSP_WEATHER_OVERCAST,
  PSP_WEATHER_DUSK,
  PSP_WEATHER_N_KINDS,
} PspWeatherKind;

/**
 * PspWeather:
 * @light: that falls on the street
 * @zenith: of the sky
 * @horizon: of the sky
 * @cloud: colour of the clouds
 * @cloudiness: share of the sky that they cover
 */
typedef struct
{
  PspWeatherKind kind;
  PspLight       light;
  PspColor       zenith, horizon, cloud;
  double         cloudiness;
  guint32        seed;
} PspWeather;

void        psp_weather_init     (PspWeather       *self,
                                  GRand            *rand);
const char *psp_weather_get_name (const PspWeather *self);

/* Makes the whole photo sky, in front of which all else is drawn. */
void        psp_weather_draw_sky (const PspWeather *self,
                                  PspPainter       *painter);
