/* SPDX-License-Identifier: MIT */
/* Read by GLSL and C: how a map lies in its binding, and which part of an operation runs. */
#ifndef PSP_PART_H
#define PSP_PART_H

#ifdef PSP_GLSL
# define psp_int int
# define psp_float float
#else
# include <stdint.h>
typedef int32_t psp_int;
typedef float psp_float;
typedef struct PspMapLayout PspMapLayout;
typedef struct PspPart PspPart;
#endif

/* Channels are read four at a time: a quad.  Eight channels, what maps are padded to: an octet. */
struct PspMapLayout
{
  psp_int base;   /* of the first pixel, in quads from the start of the binding; less than 0 where
                     the binding begins at a later pixel */
  psp_int stride; /* quads from one pixel to the next */
  psp_int height; /* rows of each image */
  psp_int width;  /* pixels of each row */
};

struct PspPart
{
  PspMapLayout source;
  PspMapLayout destination;
  psp_int      residual_base; /* as in the layouts */
  psp_int      residual_stride;
  psp_int      first_pixel;   /* of the destination, counted through all images */
  psp_int      end_pixel;     /* excluded */
  psp_int      n_columns;     /* invocations along x: octets or quads of the destination */
};

#endif
