/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The transforms of Winograd's F(4x4, 3x3), each along one side of a square.  Every number of a
 * line is an array of @n neighbouring channels; what is written overlaps nothing else.  The
 * polynomials are evaluated at 0, ±5/8, ±3/2 and infinity: exact in binary, and in 32 bits half the
 * error of the usual 0, ±1, ±2.
 */

/* The side of a tile of results, of a kernel, and of what they are transformed to. */
#define PSP_TILE_RESULTS 4
#define PSP_TILE_TAPS 3
#define PSP_TILE_SIDE 6
#define PSP_TILE_POSITIONS (PSP_TILE_SIDE * PSP_TILE_SIDE)

/* Six pixels to six positions. */
void psp_cpu_transform_pixels   (const float *const  pixels[PSP_TILE_SIDE],
                                 float *const        positions[PSP_TILE_SIDE],
                                 int                 n);

/* Three taps to six positions. */
void psp_cpu_transform_taps     (const float *const  taps[PSP_TILE_TAPS],
                                 float *const        positions[PSP_TILE_SIDE],
                                 int                 n);

/* Products at six positions to four results. */
void psp_cpu_transform_products (const float *const  positions[PSP_TILE_SIDE],
                                 float *const        results[PSP_TILE_RESULTS],
                                 int                 n);
