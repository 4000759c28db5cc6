/* SPDX-License-Identifier: MIT */
/* Four channels as they are stored: 32-bit, or 16-bit with PSP_FP16.  Arithmetic is 32-bit.
 * Sources are read as texels: a software device takes a whole texel for all lanes at once, where it
 * takes an element of a storage buffer for each lane and component alone (6 times the time). */
#ifdef PSP_FP16
# extension GL_EXT_shader_16bit_storage : require
# define psp_quad f16vec4
#else
# define psp_quad vec4
#endif

layout (local_size_x_id = 0, local_size_y_id = 1) in;

#if defined PSP_SOURCE_IN_SLOTS
layout (set = 0, binding = 0, std430) readonly buffer Slots { vec4 slots[]; };
#elif defined PSP_SOURCE_IN_BUFFER
layout (set = 0, binding = 0, std430) readonly buffer Source { psp_quad source[]; };
#else
layout (set = 0, binding = 5) uniform textureBuffer source;
#endif
layout (set = 0, binding = 1, std430) writeonly buffer Destination { psp_quad destination[]; };
