/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/* A number in 0..1 that looks random but belongs to the cell (@x, @y) of @seed. */
double psp_noise_cell    (int     x,
                          int     y,
                          guint32 seed);

/* Cell values at whole coordinates, smooth between them; 0..1. */
double psp_noise_smooth  (double  x,
                          double  y,
                          guint32 seed);

/* @n_octaves of smooth noise, each half as large and twice as fine; 0..1. */
double psp_noise_fractal (double  x,
                          double  y,
                          guint32 seed,
                          int     n_octaves);
