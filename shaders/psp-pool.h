/* SPDX-License-Identifier: MIT */
/* Read by psp-pool.comp and by engine/vulkan/psp-vulkan-operations.c. */
#ifndef PSP_POOL_H
#define PSP_POOL_H

#include "shaders/psp-part.h"

struct PspPoolPush
{
  PspPart part;
  psp_int kernel;  /* side of the window in pixels */
  psp_int stride;  /* source pixels from one window to the next */
  psp_int padding; /* pixels around the source that never win */
};

#endif
