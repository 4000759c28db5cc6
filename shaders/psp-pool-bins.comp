/* SPDX-License-Identifier: MIT */
/*
 * destination [n, i, j, c] = mean, or maximum, of source [n, y, x, c] over
 *   floor (i H / bins) <= y < ceil ((i + 1) H / bins), and x likewise
 *
 * Each work-group: one bin, local_size_x quads of channels.  Its rows (along y) add every
 * local_size_y-th pixel of the bin in 32 bits, or keep the largest; then one of them does so with
 * the results of all.
 */
#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/psp-pool-bins.h"
#include "shaders/psp-quad.glsl"

layout (constant_id = 2) const bool MAXIMUM = false;

#define LEAST -3.402823466e38

layout (push_constant) uniform Push { PspPoolBinsPush push; };

shared vec4 sums[gl_WorkGroupSize.y * gl_WorkGroupSize.x];

vec4
join (vec4 a,
      vec4 b)
{
  return MAXIMUM ? max (a, b) : a + b;
}

void
main ()
{
  const PspMapLayout from = push.part.source;
  const PspMapLayout to = push.part.destination;
  int quad = int (gl_GlobalInvocationID.x);
  int pixel = push.part.first_pixel + int (gl_WorkGroupID.y);
  int row = pixel / to.width;
  int n = row / to.height;
  ivec2 bin = ivec2 (pixel - row * to.width, row - n * to.height);
  ivec2 bins = ivec2 (to.width, to.height);
  ivec2 size = ivec2 (from.width, from.height);
  ivec2 start = bin * size / bins;
  ivec2 extent = ((bin + 1) * size + bins - 1) / bins - start;
  int own = int (gl_LocalInvocationIndex);
  vec4 sum = vec4 (MAXIMUM ? LEAST : 0);

  if (quad < push.part.n_columns)
    for (int i = int (gl_LocalInvocationID.y); i < extent.x * extent.y;
         i += int (gl_WorkGroupSize.y))
      {
        ivec2 at = start + ivec2 (i % extent.x, i / extent.x);

        sum = join (sum, texelFetch (source, from.base + quad +
                                     ((n * from.height + at.y) * from.width + at.x) *
                                     from.stride));
      }

  sums[own] = sum;
  barrier (); /* the sums of all rows, before one adds them */

  if (gl_LocalInvocationID.y != 0 || quad >= push.part.n_columns)
    return;
  for (int i = 1; i < int (gl_WorkGroupSize.y); i++)
    sum = join (sum, sums[own + i * int (gl_WorkGroupSize.x)]);
  destination[to.base + pixel * to.stride + quad] =
    psp_quad (MAXIMUM ? sum : sum / float (extent.x * extent.y));
}
