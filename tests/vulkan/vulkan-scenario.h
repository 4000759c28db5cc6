/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-backend.h"

/**
 * VulkanScenario:
 *
 * A 3x3 convolution of a square map, ready to run.
 */
typedef struct
{
  PspBackend *backend; /* not owned */
  PspBuffer  *source;
  PspBuffer  *destination;
  PspBuffer  *weights;
  PspBuffer  *bias;
  int         side;     /* pixels */
  int         channels; /* of both maps */
} VulkanScenario;

/**
 * vulkan_scenario_new:
 * @backend: where
 * @side: of the maps in pixels
 * @channels: of the source, a multiple of 8; the destination has 8 or, if more, an eighth of them
 * @error: whatever failed
 *
 * Source and weights are 1 and the bias 2, so that away from the border each result is
 * 9 @channels + 2.
 *
 * Returns: (transfer full): buffers with their content, or %NULL with @error set
 */
VulkanScenario *vulkan_scenario_new      (PspBackend      *backend,
                                          int              side,
                                          int              channels,
                                          GError         **error);
void            vulkan_scenario_free     (VulkanScenario  *self);

/* Records the convolution. */
gboolean        vulkan_scenario_convolve (VulkanScenario  *self,
                                          GCancellable    *cancellable,
                                          GError         **error);

/* Downloads the result; fails the test if it is wrong. */
gboolean        vulkan_scenario_check    (VulkanScenario  *self,
                                          GError         **error);

/* All of it once. */
gboolean        vulkan_scenario_run      (PspBackend      *backend,
                                          int              side,
                                          int              channels,
                                          GError         **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VulkanScenario, vulkan_scenario_free)
