/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-backend.h"
#include "engine/vulkan/psp-vulkan-memory.h"
#include "engine/vulkan/psp-vulkan-stream.h"

typedef struct
{
  PspBackend          parent;
  PspVulkanDevice    *device;
  PspVulkanBlocks    *blocks;
  PspVulkanPipelines *pipelines;
  PspVulkanStream    *stream;
  PspVulkanChoice     convolution; /* of all; %PSP_VULKAN_N_KERNELS: by measurement */
  PspVulkanMemory    *staging[PSP_VULKAN_N_CHUNKS]; /* (nullable): made when first needed */
  PspVulkanMemory    *slots; /* (nullable): see psp-vulkan-split.h */
  GPtrArray          *former_slots; /* PspVulkanMemory: that were too small */
  guint64             slots_used; /* bytes from its start that are taken in this round */
} PspVulkanBackend;

typedef struct
{
  PspBuffer        parent;
  PspVulkanMemory *memory; /* (nullable): %NULL where there are @pieces */
  GPtrArray       *pieces; /* (nullable): of PspVulkanMemory: see psp-vulkan-pieces.h */
  guint64          piece_bytes; /* from the start of one to that of the next */
} PspVulkanBuffer;

/**
 * psp_vulkan_backend_new_full:
 * @get_function: (nullable): how to find Vulkan's functions; %NULL: the system's loader
 * @cache_path: (nullable): where compiled kernels are kept; %NULL: in the user's cache directory
 * @index: the N of “vulkan:N”
 * @options: as of psp_vulkan_backend_new()
 * @error: as of psp_vulkan_backend_new()
 *
 * For tests, which put their own functions between us and the loader.
 */
PspBackend *psp_vulkan_backend_new_full (PFN_vkGetInstanceProcAddr   get_function,
                                         const char                 *cache_path,
                                         int                         index,
                                         const PspBackendOptions    *options,
                                         GError                    **error)
                                         G_GNUC_WARN_UNUSED_RESULT;
