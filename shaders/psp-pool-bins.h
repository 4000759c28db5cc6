/* SPDX-License-Identifier: MIT */
/* Read by psp-pool-bins.comp and by engine/vulkan/psp-vulkan-operations.c. */
#ifndef PSP_POOL_BINS_H
#define PSP_POOL_BINS_H

#include "shaders/psp-part.h"

struct PspPoolBinsPush
{
  PspPart part;
};

#endif
