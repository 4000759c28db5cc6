/* SPDX-License-Identifier: MIT */
/*
 * Bilinear: position = max (0, scale (i + centre) - centre) on each axis, then
 *   destination [n, y, x, c] = sum over the four source pixels around (position y, position x)
 *     of their weight times source [n, …, c]; the second tap is clamped to the edge
 *
 * Each invocation: one output pixel, four channels.
 */
#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/psp-resize.h"
#include "shaders/psp-quad.glsl"

layout (push_constant) uniform Push { PspResizePush push; };

vec4
read_source (int row,
             int x,
             int quad)
{
  return texelFetch (source, push.part.source.base +
                      (row * push.part.source.width + x) * push.part.source.stride + quad);
}

void
main ()
{
  const PspMapLayout from = push.part.source;
  const PspMapLayout to = push.part.destination;
  int quad = int (gl_GlobalInvocationID.x);
  int pixel = push.part.first_pixel + int (gl_GlobalInvocationID.y);
  int row = pixel / to.width;
  int n = row / to.height;
  vec2 centre = vec2 (push.centre);
  vec2 at = max (vec2 (0), vec2 (push.scale_x, push.scale_y) *
                           (vec2 (pixel - row * to.width, row - n * to.height) + centre) - centre);
  ivec2 last = ivec2 (from.width, from.height) - 1;
  ivec2 low = min (ivec2 (at), last);
  ivec2 high = min (low + 1, last);
  vec2 share = at - vec2 (low);
  vec4 upper, lower;

  if (quad >= push.part.n_columns || pixel >= push.part.end_pixel)
    return;

  n *= from.height;
  upper = (1 - share.x) * read_source (n + low.y, low.x, quad) +
          share.x * read_source (n + low.y, high.x, quad);
  lower = (1 - share.x) * read_source (n + high.y, low.x, quad) +
          share.x * read_source (n + high.y, high.x, quad);
  destination[to.base + pixel * to.stride + quad] =
    psp_quad ((1 - share.y) * upper + share.y * lower);
}
