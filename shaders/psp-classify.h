/* SPDX-License-Identifier: MIT */
/* Read by psp-classify.comp and by engine/vulkan/psp-vulkan-operations.c. */
#ifndef PSP_CLASSIFY_H
#define PSP_CLASSIFY_H

#include "shaders/psp-part.h"

struct PspClassifyPush
{
  PspPart   part;
  psp_float scale_y;       /* source pixels from one pixel of the picture to the next */
  psp_float scale_x;
  psp_float centre;        /* 0: corners on corners; 0.5: pixel edges on pixel edges */
  psp_int   first_row;     /* of the picture, in the destination */
  psp_int   n_classes;
  psp_int   n_top;         /* classes to choose */
  psp_int   probabilities; /* 1: theirs follow */
};

#endif
