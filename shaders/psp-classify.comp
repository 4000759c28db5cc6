/* SPDX-License-Identifier: MIT */
/*
 * Bilinear enlargement as in psp-resize.comp, then for each pixel the n_top classes with the
 * greatest logits, of equal ones the first, and on demand their share of the softmax over all:
 *   destination [n, y, x, rank] = class, destination [n, y, x, n_top + rank] = probability
 *
 * Each invocation: one output pixel, four channels.  Logits are enlarged again for each pass over
 * the classes: nothing has to be kept.
 */
#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/psp-classify.h"
#include "shaders/psp-quad.glsl"

layout (push_constant) uniform Push { PspClassifyPush push; };

/* Where the four source pixels begin, and the weights of the later ones. */
ivec4 corners;
vec2 share;

void
find_corners (int n,
              int y,
              int x)
{
  const PspMapLayout from = push.part.source;
  vec2 centre = vec2 (push.centre);
  vec2 at = max (vec2 (0), vec2 (push.scale_x, push.scale_y) * (vec2 (x, y) + centre) - centre);
  ivec2 last = ivec2 (from.width, from.height) - 1;
  ivec2 low = min (ivec2 (at), last);
  ivec2 high = min (low + 1, last);
  ivec4 rows = ivec4 (low.y, low.y, high.y, high.y) + n * from.height;

  share = at - vec2 (low);
  corners = from.base + (rows * from.width + ivec4 (low.x, high.x, low.x, high.x)) * from.stride;
}

vec4
enlarge (int quad)
{
  vec4 upper = (1 - share.x) * texelFetch (source, corners.x + quad) +
               share.x * texelFetch (source, corners.y + quad);
  vec4 lower = (1 - share.x) * texelFetch (source, corners.z + quad) +
               share.x * texelFetch (source, corners.w + quad);

  return (1 - share.y) * upper + share.y * lower;
}

/* The class that follows @previous, whose logit is @limit. */
int
choose (inout float limit,
        int previous)
{
  float best = 0;
  int chosen = -1;

  for (int quad = 0; 4 * quad < push.n_classes; quad++)
    {
      vec4 values = enlarge (quad);

      for (int i = 0; i < 4; i++)
        {
          int c = 4 * quad + i;
          bool behind = previous < 0 || values[i] < limit || (values[i] == limit && c > previous);

          if (c < push.n_classes && behind && (chosen < 0 || values[i] > best))
            {
              best = values[i];
              chosen = c;
            }
        }
    }
  limit = best;
  return chosen;
}

float
sum_exponentials (float maximum)
{
  float sum = 0;

  for (int quad = 0; 4 * quad < push.n_classes; quad++)
    {
      vec4 values = exp (enlarge (quad) - maximum);

      for (int i = 0; i < 4; i++)
        sum += 4 * quad + i < push.n_classes ? values[i] : 0;
    }
  return sum;
}

void
main ()
{
  const PspMapLayout to = push.part.destination;
  int quad = int (gl_GlobalInvocationID.x);
  int pixel = push.part.first_pixel + int (gl_GlobalInvocationID.y);
  int row = pixel / to.width;
  int n = row / to.height;
  bool is_probability = push.probabilities != 0 && 4 * quad + 3 >= push.n_top;
  int n_needed = min (push.n_top, is_probability ? push.n_top : 4 * quad + 4);
  float limit = 0, maximum = 0, sum = 1;
  int class_id = -1;
  vec4 result = vec4 (0);

  if (quad >= push.part.n_columns || pixel >= push.part.end_pixel)
    return;
  if (4 * quad >= push.n_top && !is_probability)
    n_needed = 0;

  find_corners (n, push.first_row + row - n * to.height, pixel - row * to.width);
  for (int rank = 0; rank < n_needed; rank++)
    {
      class_id = choose (limit, class_id);
      if (rank == 0)
        maximum = limit;
      if (rank == 0 && is_probability)
        sum = sum_exponentials (maximum);
      for (int i = 0; i < 4; i++)
        {
          if (4 * quad + i == rank)
            result[i] = float (class_id);
          if (is_probability && 4 * quad + i == push.n_top + rank)
            result[i] = exp (limit - maximum) / sum;
        }
    }
  destination[to.base + pixel * to.stride + quad] = psp_quad (result);
}
