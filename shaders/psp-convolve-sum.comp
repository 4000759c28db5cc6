/* SPDX-License-Identifier: MIT */
/*
 * destination [n, y, x, o] = relu (bias [o] + residual [n, y, x, o] + sum over the slots)
 *
 * The last step of a convolution whose sums were computed in several parts (psp-convolve.h).  They
 * are added in the order of the slots, whatever ran first: the same bits each time.
 *
 * Each invocation: one output pixel, four channels.
 */
#version 450
#extension GL_GOOGLE_include_directive : require
#define PSP_SOURCE_IN_SLOTS
#include "shaders/psp-convolve.h"
#include "shaders/psp-quad.glsl"

layout (constant_id = 3) const bool RESIDUAL = false;
layout (constant_id = 4) const bool RELU = false;

layout (push_constant) uniform Push { PspConvolvePush push; };
layout (set = 0, binding = 3, std430) readonly buffer Bias { psp_quad bias[]; };
/* May be the destination itself: each element is read before the same invocation writes it. */
layout (set = 0, binding = 4, std430) readonly buffer Residual { psp_quad residual[]; };

void
main ()
{
  const PspMapLayout to = push.part.destination;
  int quad = int (gl_GlobalInvocationID.x);
  int pixel = push.part.first_pixel + int (gl_GlobalInvocationID.y);
  int slot_quads = (push.part.end_pixel - push.part.first_pixel) * push.part.n_columns;
  int address = int (gl_GlobalInvocationID.y) * push.part.n_columns + quad;
  vec4 sum = vec4 (0);

  if (quad >= push.part.n_columns || pixel >= push.part.end_pixel)
    return;

  for (int slot = 0; slot < push.n_slots; slot++)
    sum += slots[slot * slot_quads + address];
  sum += vec4 (bias[quad]);
  if (RESIDUAL)
    sum += vec4 (residual[push.part.residual_base + pixel * push.part.residual_stride + quad]);
  destination[to.base + pixel * to.stride + quad] = psp_quad (RELU ? max (sum, vec4 (0)) : sum);
}
