/* SPDX-License-Identifier: MIT */
/*
 * The convolution of psp-convolve.comp by the matrix units of a device: 16-bit storage, products
 * summed in 32 bits.  It has been compiled and checked, but no device has run it yet; the program
 * uses it only where it proved itself (engine/vulkan/psp-vulkan-proof.h).
 *
 * As in psp-convolve-tile.comp, a work-group walks through the sums in blocks of input channels of
 * one tap and shares them, here 32 at a time and in octets: 16 bytes that hold eight channels.  Its
 * four subgroups lie in two rows and two columns; each multiplies its SIDE x SIDE part of the tile
 * in pieces of the size that the device's matrix units have.  The sums go out piece by piece
 * through shared memory, since how a matrix is spread over a subgroup is the device's secret.
 *
 * Written for GL_NV_cooperative_matrix, the only form that Debian 12's compiler knows, and
 * translated to SPV_KHR_cooperative_matrix by psp-translate-matrices.c.  There a type also says
 * which operand it is; so that the three stay three types, each dimension is a constant of its own
 * for each of them, although the values are the same.
 */
#version 450
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_NV_cooperative_matrix : require
#pragma use_vulkan_memory_model
#include "shaders/psp-convolve.h"

/* Of the work-group, in each direction. */
#define SUBGROUPS 2

/* Source octets of a block; the odd one in each row keeps rows apart in the banks. */
#define BLOCK 4
#define ROW (BLOCK + 1)

#define STEP_BLOCKS (PSP_CONVOLVE_STEP_QUADS / 2 / BLOCK)

layout (constant_id = 2) const int KERNEL = 1;
layout (constant_id = 3) const bool RESIDUAL = false;
layout (constant_id = 4) const bool RELU = false;
layout (constant_id = 5) const bool SLOTS = false; /* write sums into slots */
layout (constant_id = 16) const int SIDE = 32; /* of a subgroup's part: pixels, channels */
layout (constant_id = 17) const int A_ROWS = 16; /* source: pixels, input channels */
layout (constant_id = 18) const int A_COLUMNS = 16;
layout (constant_id = 19) const int B_ROWS = 16; /* weights: input channels, output channels */
layout (constant_id = 20) const int B_COLUMNS = 16;
layout (constant_id = 21) const int C_ROWS = 16; /* sums: pixels, output channels */
layout (constant_id = 22) const int C_COLUMNS = 16;

/* One row of four whole subgroups. */
layout (local_size_x_id = 0, local_size_y_id = 1) in;

const int INVOCATIONS = int (gl_WorkGroupSize.x * gl_WorkGroupSize.y);
const int SUBGROUP = INVOCATIONS / (SUBGROUPS * SUBGROUPS);
const int TILE = SUBGROUPS * SIDE; /* pixels, channels */
const int TILE_OCTETS = TILE / 8;
const int WEIGHT_ROW = TILE_OCTETS + 1;
const int LOADS = TILE * BLOCK / INVOCATIONS; /* of an invocation, for a block of either */
const int ROWS = SIDE / C_ROWS;
const int COLUMNS = SIDE / C_COLUMNS;
const int PIECE = C_ROWS * C_COLUMNS;

layout (push_constant) uniform Push { PspConvolvePush push; };
layout (set = 0, binding = 0, std430) readonly buffer Source { uvec4 source[]; };
layout (set = 0, binding = 1, std430) writeonly buffer Destination { f16vec4 destination[]; };
layout (set = 0, binding = 2, std430) readonly buffer Weights { uvec4 weights[]; };
layout (set = 0, binding = 3, std430) readonly buffer Bias { f16vec4 bias[]; };
/* May be the destination itself: each element is read before the same invocation writes it. */
layout (set = 0, binding = 4, std430) readonly buffer Residual { f16vec4 residual[]; };
/* With SLOTS, instead of the destination. */
layout (set = 0, binding = 1, std430) writeonly buffer Slots { vec4 slots[]; };

shared uvec4 source_tile[TILE * ROW];
shared uvec4 weights_tile[8 * BLOCK * WEIGHT_ROW];
shared uvec4 pieces[SUBGROUPS * SUBGROUPS * PIECE / 4]; /* of floats */

/* What this invocation brings: the octet at place i, i + INVOCATIONS, … of the block. */
uvec4 source_octets[LOADS];
uvec4 weight_octets[LOADS];
int addresses[LOADS]; /* of its pixels under the current tap */
bool inside[LOADS];

/* Where this work-group's tile lies, and which part of the sums it adds. */
int tile_column;
int slot;

fcoopmatNV<32, gl_ScopeSubgroup, C_ROWS, C_COLUMNS> sums[ROWS * COLUMNS];

void
find_addresses (int tap)
{
  const PspMapLayout from = push.part.source;
  const PspMapLayout to = push.part.destination;

  [[unroll]] for (int i = 0; i < LOADS; i++)
    {
      int place = int (gl_LocalInvocationIndex) + i * INVOCATIONS;
      int pixel = min (push.part.first_pixel + int (gl_WorkGroupID.y) * TILE + place / BLOCK,
                       push.part.end_pixel - 1);
      int row = pixel / to.width;
      int n = row / to.height;
      ivec2 at = ivec2 (pixel - row * to.width, row - n * to.height) * push.stride - push.padding +
                 ivec2 (tap % KERNEL, tap / KERNEL) * push.dilation;
      ivec2 near = clamp (at, ivec2 (0), ivec2 (from.width, from.height) - 1);

      inside[i] = at == near;
      addresses[i] =
        (from.base + ((n * from.height + near.y) * from.width + near.x) * from.stride) / 2;
    }
}

/* Behind the last channel the source counts as zero; weights are read again from the last. */
void
read_block (int tap,
            int first_octet)
{
  int source_octets_all = push.source_quads / 2;
  int n_octets = push.part.n_columns;

  [[unroll]] for (int i = 0; i < LOADS; i++)
    {
      int place = int (gl_LocalInvocationIndex) + i * INVOCATIONS;
      int source_octet = first_octet + place % BLOCK;
      int channel = min (8 * first_octet + place / TILE_OCTETS, 8 * source_octets_all - 1);
      int octet = min (tile_column * TILE_OCTETS + place % TILE_OCTETS, n_octets - 1);

      source_octets[i] = mix (uvec4 (0),
                              source[addresses[i] + min (source_octet, source_octets_all - 1)],
                              bvec4 (inside[i] && source_octet < source_octets_all));
      weight_octets[i] = weights[push.weights_base / 2 +
                                 (tap * 8 * source_octets_all + channel) * n_octets + octet];
    }
}

void
share_block ()
{
  [[unroll]] for (int i = 0; i < LOADS; i++)
    {
      int place = int (gl_LocalInvocationIndex) + i * INVOCATIONS;

      source_tile[place / BLOCK * ROW + place % BLOCK] = source_octets[i];
      weights_tile[place / TILE_OCTETS * WEIGHT_ROW + place % TILE_OCTETS] = weight_octets[i];
    }
}

/* For the subgroup's part that begins at pixel @row and channel @column of the tile. */
void
add_block (int row,
           int column)
{
  fcoopmatNV<16, gl_ScopeSubgroup, A_ROWS, A_COLUMNS> a[ROWS];
  fcoopmatNV<16, gl_ScopeSubgroup, B_ROWS, B_COLUMNS> b;

  [[unroll]] for (int k = 0; k < 8 * BLOCK; k += A_COLUMNS)
    {
      [[unroll]] for (int i = 0; i < ROWS; i++)
        coopMatLoadNV (a[i], source_tile, (row + i * A_ROWS) * ROW + k / 8, ROW, false);

      [[unroll]] for (int j = 0; j < COLUMNS; j++)
        {
          coopMatLoadNV (b, weights_tile, k * WEIGHT_ROW + (column + j * B_COLUMNS) / 8,
                         WEIGHT_ROW, false);
          [[unroll]] for (int i = 0; i < ROWS; i++)
            sums[i * COLUMNS + j] = coopMatMulAddNV (a[i], b, sums[i * COLUMNS + j]);
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
    f16vec4 (RELU ? max (sum, vec4 (0)) : sum);
}

/* One piece of each subgroup, which lies at @pixel and @channel of the map: its invocations take
 * four channels each, in turn. */
void
write_piece (int pixel,
             int channel)
{
  for (int place = int (gl_SubgroupInvocationID); place < PIECE / 4; place += SUBGROUP)
    {
      int row = 4 * place / C_COLUMNS;
      int column = 4 * place % C_COLUMNS;
      uvec4 sum = pieces[int (gl_SubgroupID) * PIECE / 4 + place];

      finish (uintBitsToFloat (sum), pixel + row, (channel + column) / 4);
    }
}

/* Which tile, of which part of the sums. */
void
find_tile ()
{
  int n_columns = (push.part.n_columns - 1) / TILE_OCTETS + 1;

  slot = SLOTS ? int (gl_WorkGroupID.x) / n_columns : 0;
  tile_column = int (gl_WorkGroupID.x) - slot * n_columns;
}

void
main ()
{
  find_tile ();

  int subgroup = int (gl_SubgroupID);
  int row = subgroup / SUBGROUPS * SIDE;
  int column = subgroup % SUBGROUPS * SIDE;
  int pixel = push.part.first_pixel + int (gl_WorkGroupID.y) * TILE + row;
  int channel = tile_column * TILE + column;
  int n_blocks = (push.source_quads / 2 + BLOCK - 1) / BLOCK;
  int tap_steps = (n_blocks - 1) / STEP_BLOCKS + 1;
  int first_step = SLOTS ? push.first_step + slot * push.n_steps / push.n_slots : 0;
  int end_step = SLOTS ? push.first_step + (slot + 1) * push.n_steps / push.n_slots
                       : KERNEL * KERNEL * tap_steps;
  int end_tap = SLOTS ? end_step / tap_steps : KERNEL * KERNEL;
  int end_block = SLOTS ? end_step % tap_steps * STEP_BLOCKS : 0;
  int tap = SLOTS ? first_step / tap_steps : 0;
  int block = SLOTS ? first_step % tap_steps * STEP_BLOCKS : 0;

  [[unroll]] for (int i = 0; i < ROWS * COLUMNS; i++)
    sums[i] = fcoopmatNV<32, gl_ScopeSubgroup, C_ROWS, C_COLUMNS> (0.0);

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

  [[unroll]] for (int i = 0; i < ROWS * COLUMNS; i++)
    {
      barrier (); /* nobody reads the piece before any more */
      coopMatStoreNV (sums[i], pieces, subgroup * PIECE / 4, C_COLUMNS / 4, false);
      barrier (); /* all of this one is there */
      write_piece (pixel + i / COLUMNS * C_ROWS, channel + i % COLUMNS * C_COLUMNS);
    }
}
