/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-backend-private.h"

/*
 * Weights larger than what the device allocates at once: pieces that overlap by a sixteenth, so
 * that whatever is no longer than that lies in one of them.
 */

/* Elements that the device allocates at once at most, a multiple of %PSP_MAP_ALIGNMENT. */
gsize     psp_vulkan_pieces_get_largest (const PspVulkanDevice *device);

/* Whether a buffer of @n_elements has to be made of pieces. */
gboolean  psp_vulkan_pieces_are_needed (const PspVulkanDevice  *device,
                                        gsize                   n_elements);

/**
 * psp_vulkan_pieces_fill:
 * @self: a buffer without memory
 * @backend: where
 * @floats: what it shall hold
 * @n_elements: how much
 * @label: for messages and debuggers
 * @error: %PSP_ERROR_NO_MEMORY or %PSP_ERROR_DEVICE
 *
 * Makes the pieces of @self and fills them.
 *
 * Returns: whether it could; the pieces are there to be freed in any case
 */
gboolean  psp_vulkan_pieces_fill       (PspVulkanBuffer        *self,
                                        PspVulkanBackend       *backend,
                                        const float            *floats,
                                        gsize                   n_elements,
                                        const char             *label,
                                        GError                **error);

/**
 * psp_vulkan_pieces_find:
 * @self: a buffer, of pieces or not
 * @offset: a byte of it
 * @start: (out): where the memory begins, in bytes from the start of @self, a multiple of 256
 *
 * Returns: the memory that holds @offset and most of what follows
 */
PspVulkanMemory *
          psp_vulkan_pieces_find       (const PspVulkanBuffer  *self,
                                        guint64                 offset,
                                        guint64                *start);
