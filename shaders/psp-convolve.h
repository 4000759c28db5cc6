/* SPDX-License-Identifier: MIT */
/* Read by psp-convolve.comp and by engine/vulkan/psp-vulkan-operations.c. */
#ifndef PSP_CONVOLVE_H
#define PSP_CONVOLVE_H

#include "shaders/psp-part.h"

struct PspConvolvePush
{
  PspPart part;
  psp_int source_quads; /* of each pixel of the source that take part */
  psp_int stride;       /* source pixels from one output to the next */
  psp_int padding;      /* pixels of zeros around the source */
  psp_int dilation;     /* pixels between taps */
};

#endif
