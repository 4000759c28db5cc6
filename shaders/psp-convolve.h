/* SPDX-License-Identifier: MIT */
/* Read by the shaders of convolutions and by engine/vulkan/psp-vulkan-split.c.
 *
 * A convolution's sums can be cut between steps of 32 input channels of one tap; the last step of
 * each tap may have fewer.  A dispatch adds all steps, or some of them in slots, about as many in
 * each and at least one.  A slot holds 32-bit sums of the part's pixels, one behind the other, all
 * channels of each; psp-convolve-sum.comp adds the slots. */
#ifndef PSP_CONVOLVE_H
#define PSP_CONVOLVE_H

#include "shaders/psp-part.h"

#define PSP_CONVOLVE_STEP_QUADS 8

struct PspConvolvePush
{
  PspPart part;
  psp_int source_quads; /* of each pixel of the source that take part */
  psp_int stride;       /* source pixels from one output to the next */
  psp_int padding;      /* pixels of zeros around the source */
  psp_int dilation;     /* pixels between taps */
  psp_int weights_base; /* of the first tap's first channel, as in the layouts */
  psp_int first_step;   /* where not all are added: the first of those that are */
  psp_int n_steps;      /* how many */
  psp_int first_slot;   /* where the first part of them goes */
  psp_int n_slots;      /* in how many parts */
};

#endif
