/* SPDX-License-Identifier: MIT */
/* Read by psp-resize.comp and by engine/vulkan/psp-vulkan-operations.c. */
#ifndef PSP_RESIZE_H
#define PSP_RESIZE_H

#include "shaders/psp-part.h"

struct PspResizePush
{
  PspPart   part;
  psp_float scale_y; /* source pixels from one output pixel to the next */
  psp_float scale_x;
  psp_float centre;  /* 0: corners on corners; 0.5: pixel edges on pixel edges */
};

#endif
