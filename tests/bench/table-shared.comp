/* SPDX-License-Identifier: MIT */
/* A product of matrices in tiles of 64 pixels x 64 channels, 16 deep, in shared memory: 256
 * invocations, each of 4 pixels x 4 channels, all loops inside a tile unrolled. */
#version 450
#extension GL_EXT_control_flow_attributes : require
#extension GL_GOOGLE_include_directive : require
#include "tests/bench/table-shader.glsl"

layout (local_size_x = 16, local_size_y = 16) in;

shared vec4 source_tile[64 * 4];  /* [pixel][quad] */
shared vec4 weights_tile[16 * 16]; /* [channel][column] */

void
main ()
{
  int place = int (gl_LocalInvocationIndex);
  int column = int (gl_WorkGroupID.x) * 16;
  int first = int (gl_WorkGroupID.y) * 64;
  int x = int (gl_LocalInvocationID.x);
  int y = int (gl_LocalInvocationID.y) * 4;
  int pixel = min (first + place / 4, push.n_pixels - 1);
  vec4 sums[4] = { vec4 (0), vec4 (0), vec4 (0), vec4 (0) };

  for (int quad = 0; quad < push.n_quads; quad += 4)
    {
      source_tile[place] = source[pixel * push.n_quads + quad + place % 4];
      weights_tile[place] = weights[(quad * 4 + place / 16) * push.n_columns + column + place % 16];
      barrier ();
      [[unroll]] for (int k = 0; k < 16; k++)
        [[unroll]] for (int p = 0; p < 4; p++)
          sums[p] += source_tile[(y + p) * 4 + k / 4][k % 4] * weights_tile[k * 16 + x];
      barrier ();
    }
  [[unroll]] for (int p = 0; p < 4; p++)
    if (first + y + p < push.n_pixels)
      product[(first + y + p) * push.n_columns + column + x] = sums[p];
}
