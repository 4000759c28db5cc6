/* SPDX-License-Identifier: MIT */
/*
 * destination [n, y, x, o] = relu (bias [o] + residual [n, y, x, o]
 *   + sum over ky, kx, i of weights [ky, kx, i, o]
 *       * source [n, y stride - padding + ky dilation, x stride - padding + kx dilation, i])
 *
 * An implicit product of matrices: rows are output pixels, columns output channels.  Each
 * invocation keeps 8 pixels x 8 channels in registers and shares nothing, so it has no barrier.
 * Taps outside the source are read at its edge and replaced by zeros, even if they are infinite.
 */
#version 450
#extension GL_EXT_control_flow_attributes : require
#extension GL_GOOGLE_include_directive : require
#include "shaders/psp-convolve.h"
#include "shaders/psp-quad.glsl"

#define PIXELS 8

layout (constant_id = 2) const int KERNEL = 1;
layout (constant_id = 3) const bool RESIDUAL = false;
layout (constant_id = 4) const bool RELU = false;
layout (constant_id = 5) const bool SLOTS = false; /* write sums into slots */

layout (push_constant) uniform Push { PspConvolvePush push; };
layout (set = 0, binding = 6) uniform textureBuffer weights;
layout (set = 0, binding = 3, std430) readonly buffer Bias { psp_quad bias[]; };
/* May be the destination itself: each element is read before the same invocation writes it. */
layout (set = 0, binding = 4, std430) readonly buffer Residual { psp_quad residual[]; };
/* With SLOTS, instead of the destination. */
layout (set = 0, binding = 1, std430) writeonly buffer Slots { vec4 slots[]; };

void
finish (vec4 sum,
        vec4 its_bias,
        int  slot,
        int  pixel,
        int  quad)
{
  if (SLOTS)
    {
      slots[((slot + push.first_slot) * (push.part.end_pixel - push.part.first_pixel) +
             pixel - push.part.first_pixel) * push.part.n_columns * 2 + quad] = sum;
      return;
    }

  sum += its_bias;
  if (RESIDUAL)
    sum += vec4 (residual[push.part.residual_base + pixel * push.part.residual_stride + quad]);
  destination[push.part.destination.base + pixel * push.part.destination.stride + quad] =
    psp_quad (RELU ? max (sum, vec4 (0)) : sum);
}

void
main ()
{
  const PspMapLayout from = push.part.source;
  const PspMapLayout to = push.part.destination;
  int n_groups = (push.part.n_columns - 1) / int (gl_WorkGroupSize.x) + 1;
  int slot = SLOTS ? int (gl_WorkGroupID.x) / n_groups : 0;
  int octet = int (gl_GlobalInvocationID.x) - slot * n_groups * int (gl_WorkGroupSize.x);
  int tap_steps = (push.source_quads - 1) / PSP_CONVOLVE_STEP_QUADS + 1;
  int first_step = SLOTS ? push.first_step + slot * push.n_steps / push.n_slots : 0;
  int end_step = SLOTS ? push.first_step + (slot + 1) * push.n_steps / push.n_slots
                       : KERNEL * KERNEL * tap_steps;
  int first_tap = SLOTS ? first_step / tap_steps : 0;
  int end_tap = SLOTS ? (end_step - 1) / tap_steps + 1 : KERNEL * KERNEL;
  int first_channel = 4 * (first_tap * push.source_quads +
                           (first_step - first_tap * tap_steps) * PSP_CONVOLVE_STEP_QUADS);
  int first = push.part.first_pixel + int (gl_GlobalInvocationID.y) * PIXELS;
  int weights_stride = push.part.n_columns * 2;
  int weight = push.weights_base + first_channel * weights_stride + octet * 2;
  int image[PIXELS], top[PIXELS], left[PIXELS], address[PIXELS];
  bool inside[PIXELS];
  vec4 low[PIXELS], high[PIXELS], values[PIXELS];

  if (octet >= push.part.n_columns || first >= push.part.end_pixel)
    return;

  [[unroll]] for (int p = 0; p < PIXELS; p++)
    {
      int pixel = min (first + p, push.part.end_pixel - 1);
      int row = pixel / to.width;
      int n = row / to.height;

      image[p] = n * from.height;
      top[p] = (row - n * to.height) * push.stride - push.padding;
      left[p] = (pixel - row * to.width) * push.stride - push.padding;
      low[p] = vec4 (0);
      high[p] = vec4 (0);
    }

  for (int tap = first_tap; tap < end_tap; tap++)
    {
      int first_quad = SLOTS ? max ((first_step - tap * tap_steps) * PSP_CONVOLVE_STEP_QUADS, 0)
                             : 0;
      int end_quad = SLOTS ? min ((end_step - tap * tap_steps) * PSP_CONVOLVE_STEP_QUADS,
                                  push.source_quads)
                           : push.source_quads;

      [[unroll]] for (int p = 0; p < PIXELS; p++)
        {
          ivec2 at = ivec2 (left[p], top[p]) + ivec2 (tap % KERNEL, tap / KERNEL) * push.dilation;
          ivec2 near = clamp (at, ivec2 (0), ivec2 (from.width, from.height) - 1);

          inside[p] = at == near;
          address[p] = from.base + ((image[p] + near.y) * from.width + near.x) * from.stride;
        }

      for (int quad = first_quad; quad < end_quad; quad++)
        {
          [[unroll]] for (int p = 0; p < PIXELS; p++)
            values[p] = mix (vec4 (0), texelFetch (source, address[p] + quad), bvec4 (inside[p]));

          [[unroll]] for (int i = 0; i < 4; i++)
            {
              vec4 weights_low = texelFetch (weights, weight);
              vec4 weights_high = texelFetch (weights, weight + 1);

              [[unroll]] for (int p = 0; p < PIXELS; p++)
                {
                  low[p] += values[p][i] * weights_low;
                  high[p] += values[p][i] * weights_high;
                }
              weight += weights_stride;
            }
        }
    }

  /* Once: behind a store, what is in a buffer is read again. */
  vec4 bias_low = vec4 (bias[octet * 2]);
  vec4 bias_high = vec4 (bias[octet * 2 + 1]);

  [[unroll]] for (int p = 0; p < PIXELS; p++)
    if (first + p < push.part.end_pixel)
      {
        finish (low[p], bias_low, slot, first + p, octet * 2);
        finish (high[p], bias_high, slot, first + p, octet * 2 + 1);
      }
}
