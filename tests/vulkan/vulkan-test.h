/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-backend-private.h"

/**
 * vulkan_test_find_device:
 *
 * The device that tests run on: a software one if there is any, since that is the same everywhere.
 *
 * Returns: its index, or -1 if Vulkan offers no device
 */
int         vulkan_test_find_device    (void);

/**
 * vulkan_test_open:
 * @get_function: (nullable): functions put between us and the loader
 * @precision: what to store
 *
 * Opens that device, with the validation layer if it is installed and @get_function is %NULL.
 * Compiled kernels are kept in the directory of the build.
 *
 * Returns: (transfer full): the backend
 */
PspBackend *vulkan_test_open           (PFN_vkGetInstanceProcAddr get_function,
                                        PspPrecision              precision);

/* Runs no test but one that is skipped for the want of a device. */
int         vulkan_test_run_without_device (void);

/* Whether the validation layer is installed. */
gboolean    vulkan_test_has_validation (void);
