/* SPDX-License-Identifier: MIT */
/* What the shaders of measure-shaders have in common: product [n_pixels][4 n_columns] =
 * source [n_pixels][4 n_quads] * weights [4 n_quads][4 n_columns], or for a 3x3 kernel
 * weights [9][4 n_quads][4 n_columns] and a source that is as high as it is wide.  Both factors are
 * storage buffers of vec4 or, with TEXELS, texels. */

/* As in measure-shaders.c. */
layout (push_constant) uniform Push
{
  int n_pixels;
  int n_quads;
  int n_columns;
  int side;     /* of the map, in pixels */
  int dilation; /* pixels between taps */
} push;

layout (set = 0, binding = 1, std430) writeonly buffer Product { vec4 product[]; };
#ifdef TEXELS
layout (set = 0, binding = 0) uniform textureBuffer source;
layout (set = 0, binding = 2) uniform textureBuffer weights;
# define SOURCE(i) texelFetch (source, i)
# define WEIGHTS(i) texelFetch (weights, i)
#else
layout (set = 0, binding = 0, std430) readonly buffer Source { vec4 source[]; };
layout (set = 0, binding = 2, std430) readonly buffer Weights { vec4 weights[]; };
# define SOURCE(i) source[i]
# define WEIGHTS(i) weights[i]
#endif
