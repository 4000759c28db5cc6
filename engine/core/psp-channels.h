/* SPDX-License-Identifier: MIT */
#pragma once

/* Channels of a map are padded to a multiple of this in memory; the padding holds zeros. */
#define PSP_CHANNEL_ALIGNMENT 8

/* @channels rounded up to a multiple of %PSP_CHANNEL_ALIGNMENT. */
static inline int
psp_channels_pad (int channels)
{
  return (channels + PSP_CHANNEL_ALIGNMENT - 1) / PSP_CHANNEL_ALIGNMENT * PSP_CHANNEL_ALIGNMENT;
}
