/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-kernel.h"

/**
 * PspVulkanLayerClass:
 * @precision: a PspPrecision
 * @kernel: side of the convolution's kernel in taps
 * @source_channels: padded
 * @destination_channels: padded
 * @pixel_bits: length of the number of destination pixels, of all images, in bits
 *
 * Convolutions for which the same is the fastest.
 */
typedef struct
{
  guint32 precision;
  guint32 kernel;
  guint32 source_channels;
  guint32 destination_channels;
  guint32 pixel_bits;
} PspVulkanLayerClass;

/* The most parts that the sums of a convolution are computed in. */
#define PSP_VULKAN_MAX_PARTS 16

/**
 * PspVulkanChoice:
 * @kernel: of the convolution; %PSP_VULKAN_N_KERNELS: none
 * @n_parts: that its sums are computed in, to be added in the end; 1: not cut
 *
 * How to compute a convolution.
 */
typedef struct
{
  PspVulkanKernelId kernel;
  guint32           n_parts;
} PspVulkanChoice;

/**
 * PspVulkanChoices:
 *
 * What was the fastest for which class of layers on one device.
 */
typedef struct _PspVulkanChoices PspVulkanChoices;

PspVulkanChoices *psp_vulkan_choices_new   (void) G_GNUC_WARN_UNUSED_RESULT;
void              psp_vulkan_choices_free  (PspVulkanChoices           *self);

/* What was chosen for @class, if anything was. */
PspVulkanChoice   psp_vulkan_choices_find  (const PspVulkanChoices     *self,
                                            const PspVulkanLayerClass  *class);

/* Chooses @choice for @class, whatever was chosen before. */
void              psp_vulkan_choices_add   (PspVulkanChoices           *self,
                                            const PspVulkanLayerClass  *class,
                                            PspVulkanChoice             choice);

/* Whether never to choose @kernel any more: it failed where it was proved.  Remembered like the
 * choices. */
void              psp_vulkan_choices_set_refused (PspVulkanChoices       *self,
                                                  PspVulkanKernelId       kernel,
                                                  gboolean                refused);

/* Whether @kernel is refused, or two proofs of it were begun of which nobody knows the end: the
 * driver may have taken the program with it. */
gboolean          psp_vulkan_choices_get_refused (const PspVulkanChoices *self,
                                                  PspVulkanKernelId       kernel);

/* Counts a proof of @kernel that begins; psp_vulkan_choices_set_refused() ends it. */
void              psp_vulkan_choices_begin_proof (PspVulkanChoices       *self,
                                                  PspVulkanKernelId       kernel);

/**
 * psp_vulkan_choices_read:
 * @self: choices
 * @content: what begins with what psp_vulkan_choices_write() wrote
 * @n_bytes: length of @content
 *
 * Adds choices for classes that @self has none for, and takes over what is known about kernels, but
 * for those that were proved through @self: other processes write the same file.  Choices made with
 * other shaders than ours are left out; so are all of them if anything is wrong with one.
 *
 * Returns: their length in bytes; @n_bytes if it cannot be known
 */
gsize             psp_vulkan_choices_read  (PspVulkanChoices           *self,
                                            const guint8               *content,
                                            gsize                       n_bytes);

/* Appends the choices to @file, in the order of their classes. */
void              psp_vulkan_choices_write (const PspVulkanChoices     *self,
                                            GByteArray                 *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspVulkanChoices, psp_vulkan_choices_free)
