/* SPDX-License-Identifier: MIT */
/* A 3x3 convolution as an implicit product of matrices with no shared memory: each invocation makes
 * 10 pixels of a row x 4 channels, tap by tap, read in vec4.  Pixels
 * outside the map are read at its edge and count as zeros. */
#version 450
#extension GL_EXT_control_flow_attributes : require
#extension GL_GOOGLE_include_directive : require
#include "tests/bench/table-shader.glsl"

#define PIXELS 10

layout (local_size_x_id = 0, local_size_y_id = 1) in;

void
main ()
{
  int column = int (gl_GlobalInvocationID.x);
  int first = int (gl_GlobalInvocationID.y) * PIXELS;
  int y = first / push.side;
  int x = first - y * push.side;
  int address[PIXELS];
  bool inside[PIXELS];
  vec4 sums[PIXELS], values[PIXELS];

  if (column >= push.n_columns || first >= push.n_pixels)
    return;

  [[unroll]] for (int p = 0; p < PIXELS; p++)
    sums[p] = vec4 (0);
  for (int tap = 0; tap < 9; tap++)
    {
      int weight = tap * push.n_quads * 4 * push.n_columns + column;
      int row = y + (tap / 3 - 1) * push.dilation;
      int near_row = clamp (row, 0, push.side - 1);

      [[unroll]] for (int p = 0; p < PIXELS; p++)
        {
          int at = x + p + (tap % 3 - 1) * push.dilation;
          int near = clamp (at, 0, push.side - 1);

          inside[p] = at == near && row == near_row;
          address[p] = (near_row * push.side + near) * push.n_quads;
        }
      for (int quad = 0; quad < push.n_quads; quad++)
        {
          [[unroll]] for (int p = 0; p < PIXELS; p++)
            values[p] = mix (vec4 (0), SOURCE (address[p] + quad), bvec4 (inside[p]));

          [[unroll]] for (int i = 0; i < 4; i++)
            {
              vec4 weights_row = WEIGHTS (weight);

              [[unroll]] for (int p = 0; p < PIXELS; p++)
                sums[p] += values[p][i] * weights_row;
              weight += push.n_columns;
            }
        }
    }
  [[unroll]] for (int p = 0; p < PIXELS; p++)
    product[(first + p) * push.n_columns + column] = sums[p];
}
