/* SPDX-License-Identifier: MIT */
/*
 * The convolution of psp-convolve.comp by work-groups that share what they read.
 *
 * A work-group makes 8 pixels x 8 channels of the product for each invocation.  It walks through
 * the sums in blocks of 16 input channels of one tap: all invocations together bring the block's
 * source and weights into shared memory, then each adds 16 products for its 8 pixels x 8 channels.
 * While it does, the next block is already under way.  Every bound of a loop around a barrier is
 * the same for the whole work-group.
 */
#version 450
#extension GL_EXT_control_flow_attributes : require
#extension GL_GOOGLE_include_directive : require
#define PSP_SOURCE_IN_BUFFER
#include "shaders/psp-convolve.h"
#include "shaders/psp-quad.glsl"

/* Of one invocation. */
#define PIXELS 8
#define QUADS 2

/* Source quads of a block, and of a row in shared memory: the odd one keeps pixels apart in the
 * banks. */
#define BLOCK 4
#define ROW (BLOCK + 1)

#define STEP_BLOCKS (PSP_CONVOLVE_STEP_QUADS / BLOCK)

layout (constant_id = 2) const int KERNEL = 1;
layout (constant_id = 3) const bool RESIDUAL = false;
layout (constant_id = 4) const bool RELU = false;
layout (constant_id = 5) const bool SLOTS = false; /* write sums into slots */

/* The size of the work-group is that of the tile. */
const int COLUMNS = int (gl_WorkGroupSize.x);
const int ROWS = int (gl_WorkGroupSize.y);
const int INVOCATIONS = COLUMNS * ROWS;
const int TILE_PIXELS = ROWS * PIXELS;
const int TILE_QUADS = COLUMNS * QUADS;
const int SOURCE_LOADS = TILE_PIXELS * BLOCK / INVOCATIONS; /* of an invocation, for a block */
const int WEIGHT_LOADS = 4 * BLOCK * TILE_QUADS / INVOCATIONS;

layout (push_constant) uniform Push { PspConvolvePush push; };
layout (set = 0, binding = 2, std430) readonly buffer Weights { psp_quad weights[]; };
layout (set = 0, binding = 3, std430) readonly buffer Bias { psp_quad bias[]; };
/* May be the destination itself: each element is read before the same invocation writes it. */
layout (set = 0, binding = 4, std430) readonly buffer Residual { psp_quad residual[]; };
/* With SLOTS, instead of the destination. */
layout (set = 0, binding = 1, std430) writeonly buffer Slots { vec4 slots[]; };

shared vec4 source_tile[TILE_PIXELS * ROW];
shared vec4 weights_tile[4 * BLOCK * TILE_QUADS];

/* What this invocation brings: the quad at place i, i + INVOCATIONS, … of the block. */
vec4 source_quads[SOURCE_LOADS];
vec4 weight_quads[WEIGHT_LOADS];
int addresses[SOURCE_LOADS]; /* of its pixels under the current tap */
bool inside[SOURCE_LOADS];

/* Where this work-group's tile lies, and which part of the sums it adds. */
int tile_column;
int slot;

vec4 sums[PIXELS * QUADS];

void
find_addresses (int tap)
{
  const PspMapLayout from = push.part.source;
  const PspMapLayout to = push.part.destination;

  [[unroll]] for (int i = 0; i < SOURCE_LOADS; i++)
    {
      int place = int (gl_LocalInvocationIndex) + i * INVOCATIONS;
      int pixel = min (push.part.first_pixel + int (gl_WorkGroupID.y) * TILE_PIXELS +
                       place / BLOCK, push.part.end_pixel - 1);
      int row = pixel / to.width;
      int n = row / to.height;
      ivec2 at = ivec2 (pixel - row * to.width, row - n * to.height) * push.stride - push.padding +
                 ivec2 (tap % KERNEL, tap / KERNEL) * push.dilation;
      ivec2 near = clamp (at, ivec2 (0), ivec2 (from.width, from.height) - 1);

      inside[i] = at == near;
      addresses[i] = from.base + ((n * from.height + near.y) * from.width + near.x) * from.stride;
    }
}

/* Behind the last channel the source counts as zero; weights are read again from the last. */
void
read_block (int tap,
            int first_quad)
{
  int n_quads = push.part.n_columns * 2;

  [[unroll]] for (int i = 0; i < SOURCE_LOADS; i++)
    {
      int quad = first_quad + (int (gl_LocalInvocationIndex) + i * INVOCATIONS) % BLOCK;

      source_quads[i] = mix (vec4 (0),
                             vec4 (source[addresses[i] + min (quad, push.source_quads - 1)]),
                             bvec4 (inside[i] && quad < push.source_quads));
    }

  [[unroll]] for (int i = 0; i < WEIGHT_LOADS; i++)
    {
      int place = int (gl_LocalInvocationIndex) + i * INVOCATIONS;
      int channel = min (4 * first_quad + place / TILE_QUADS, 4 * push.source_quads - 1);
      int quad = min (tile_column * TILE_QUADS + place % TILE_QUADS, n_quads - 1);

      weight_quads[i] = vec4 (weights[push.weights_base +
                                      (tap * 4 * push.source_quads + channel) * n_quads + quad]);
    }
}

void
share_block ()
{
  [[unroll]] for (int i = 0; i < SOURCE_LOADS; i++)
    {
      int place = int (gl_LocalInvocationIndex) + i * INVOCATIONS;

      source_tile[place / BLOCK * ROW + place % BLOCK] = source_quads[i];
    }

  [[unroll]] for (int i = 0; i < WEIGHT_LOADS; i++)
    weights_tile[int (gl_LocalInvocationIndex) + i * INVOCATIONS] = weight_quads[i];
}

void
add_block (int row,
           int column)
{
  for (int quad = 0; quad < BLOCK; quad++)
    {
      vec4 values[PIXELS];

      [[unroll]] for (int p = 0; p < PIXELS; p++)
        values[p] = source_tile[(row + p * ROWS) * ROW + quad];

      [[unroll]] for (int i = 0; i < 4; i++)
        {
          vec4 low = weights_tile[(4 * quad + i) * TILE_QUADS + column];
          vec4 high = weights_tile[(4 * quad + i) * TILE_QUADS + column + COLUMNS];

          [[unroll]] for (int p = 0; p < PIXELS; p++)
            {
              sums[2 * p] += values[p][i] * low;
              sums[2 * p + 1] += values[p][i] * high;
            }
        }
    }
}

void
finish (vec4 sum,
        int  pixel,
        int  quad)
{
  if (pixel >= push.part.end_pixel || quad >= push.part.n_columns * 2)
    return;

  if (SLOTS)
    {
      slots[((slot + push.first_slot) * (push.part.end_pixel - push.part.first_pixel) +
             pixel - push.part.first_pixel) * push.part.n_columns * 2 + quad] = sum;
      return;
    }

  sum += vec4 (bias[quad]);
  if (RESIDUAL)
    sum += vec4 (residual[push.part.residual_base + pixel * push.part.residual_stride + quad]);
  destination[push.part.destination.base + pixel * push.part.destination.stride + quad] =
    psp_quad (RELU ? max (sum, vec4 (0)) : sum);
}

/* Which tile, of which part of the sums. */
void
find_tile ()
{
  int n_columns = (push.part.n_columns - 1) / COLUMNS + 1;

  slot = SLOTS ? int (gl_WorkGroupID.x) / n_columns : 0;
  tile_column = int (gl_WorkGroupID.x) - slot * n_columns;
}

void
main ()
{
  find_tile ();

  int row = int (gl_LocalInvocationIndex) / COLUMNS;
  int column = int (gl_LocalInvocationIndex) % COLUMNS;
  int n_blocks = (push.source_quads + BLOCK - 1) / BLOCK;
  int tap_steps = (n_blocks - 1) / STEP_BLOCKS + 1;
  int first_step = SLOTS ? push.first_step + slot * push.n_steps / push.n_slots : 0;
  int end_step = SLOTS ? push.first_step + (slot + 1) * push.n_steps / push.n_slots
                       : KERNEL * KERNEL * tap_steps;
  int end_tap = SLOTS ? end_step / tap_steps : KERNEL * KERNEL;
  int end_block = SLOTS ? end_step % tap_steps * STEP_BLOCKS : 0;
  int first_pixel = push.part.first_pixel + int (gl_WorkGroupID.y) * TILE_PIXELS;
  int first_quad = tile_column * TILE_QUADS;
  int tap = SLOTS ? first_step / tap_steps : 0;
  int block = SLOTS ? first_step % tap_steps * STEP_BLOCKS : 0;

  [[unroll]] for (int i = 0; i < PIXELS * QUADS; i++)
    sums[i] = vec4 (0);

  find_addresses (tap);
  read_block (tap, block * BLOCK);
  while (tap < end_tap || block < end_block)
    {
      barrier (); /* nobody reads the block before any more */
      share_block ();
      barrier (); /* all of this one is there */

      block++;
      if (block == n_blocks)
        {
          block = 0;
          tap++;
          if (tap < end_tap || end_block > 0)
            find_addresses (tap);
        }
      if (tap < end_tap || block < end_block)
        read_block (tap, block * BLOCK);
      add_block (row, column);
    }

  [[unroll]] for (int p = 0; p < PIXELS; p++)
    {
      finish (sums[2 * p], first_pixel + row + p * ROWS, first_quad + column);
      finish (sums[2 * p + 1], first_pixel + row + p * ROWS, first_quad + column + COLUMNS);
    }
}
