/* SPDX-License-Identifier: MIT */
/*
 * destination [n, y, x, c] = maximum over ky, kx of
 *   source [n, y stride - padding + ky, x stride - padding + kx, c], what lies outside left out
 *
 * Each invocation: one output pixel, four channels.
 */
#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/psp-pool.h"
#include "shaders/psp-quad.glsl"

layout (push_constant) uniform Push { PspPoolPush push; };

void
main ()
{
  const PspMapLayout from = push.part.source;
  const PspMapLayout to = push.part.destination;
  int quad = int (gl_GlobalInvocationID.x);
  int pixel = push.part.first_pixel + int (gl_GlobalInvocationID.y);
  int row = pixel / to.width;
  int n = row / to.height;
  ivec2 start = ivec2 (pixel - row * to.width, row - n * to.height) * push.stride - push.padding;
  ivec2 end = min (start + push.kernel, ivec2 (from.width, from.height));
  vec4 best;

  if (quad >= push.part.n_columns || pixel >= push.part.end_pixel)
    return;

  start = max (start, ivec2 (0));
  best = texelFetch (source, from.base + quad +
                      ((n * from.height + start.y) * from.width + start.x) * from.stride);
  for (int y = start.y; y < end.y; y++)
    for (int x = start.x; x < end.x; x++)
      best = max (best, texelFetch (source, from.base + quad +
                                     ((n * from.height + y) * from.width + x) * from.stride));

  destination[to.base + pixel * to.stride + quad] = psp_quad (best);
}
