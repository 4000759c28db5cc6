/* SPDX-License-Identifier: MIT */
/* A product of matrices with no shared memory: each invocation makes 8 pixels x 4 QUADS channels in
 * registers, read in vec4.  Lanes lie along channels. */
#version 450
#extension GL_EXT_control_flow_attributes : require
#extension GL_GOOGLE_include_directive : require
#include "tests/bench/table-shader.glsl"

#define PIXELS 8

layout (local_size_x_id = 0, local_size_y_id = 1) in;

void
main ()
{
  int column = int (gl_GlobalInvocationID.x) * QUADS;
  int first = int (gl_GlobalInvocationID.y) * PIXELS;
  vec4 sums[PIXELS * QUADS], values[PIXELS], row[QUADS];

  if (column >= push.n_columns || first >= push.n_pixels)
    return;

  [[unroll]] for (int i = 0; i < PIXELS * QUADS; i++)
    sums[i] = vec4 (0);
  for (int quad = 0; quad < push.n_quads; quad++)
    {
      [[unroll]] for (int p = 0; p < PIXELS; p++)
        values[p] = SOURCE ((first + p) * push.n_quads + quad);

      [[unroll]] for (int i = 0; i < 4; i++)
        {
          [[unroll]] for (int q = 0; q < QUADS; q++)
            row[q] = WEIGHTS ((quad * 4 + i) * push.n_columns + column + q);

          [[unroll]] for (int p = 0; p < PIXELS; p++)
            [[unroll]] for (int q = 0; q < QUADS; q++)
              sums[p * QUADS + q] += values[p][i] * row[q];
        }
    }
  [[unroll]] for (int p = 0; p < PIXELS; p++)
    [[unroll]] for (int q = 0; q < QUADS; q++)
      product[(first + p) * push.n_columns + column + q] = sums[p * QUADS + q];
}
