/* SPDX-License-Identifier: MIT */
#include "tests/vulkan/vulkan-shim-clock.h"

#define MAX_QUERIES 16
#define MAX_DISPATCHES 1024

/* A pipeline, and whether it was never submitted. */
typedef struct
{
  PspVulkanKernelId kernel;
  gboolean          fresh;
} Pipeline;

/* Rows of work-groups. */
typedef struct
{
  Pipeline *pipeline;
  guint32   n_rows;
} Dispatch;

/* What a command buffer does, as far as it takes time. */
typedef struct
{
  Pipeline *bound;
  Dispatch  dispatches[MAX_DISPATCHES];
  int       n_dispatches;
  int       query; /* whose timestamp it writes in the end; -1: none */
} Commands;

static GHashTable *modules;   /* VkShaderModule to its code */
static GHashTable *pipelines; /* VkPipeline to Pipeline */
static GHashTable *buffers;   /* VkCommandBuffer to Commands */
static double now;            /* seconds */
static guint64 stamps[MAX_QUERIES];

void
vulkan_shim_clock_reset (void)
{
  g_clear_pointer (&modules, g_hash_table_unref);
  g_clear_pointer (&pipelines, g_hash_table_unref);
  g_clear_pointer (&buffers, g_hash_table_unref);
  modules = g_hash_table_new (NULL, NULL);
  pipelines = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  buffers = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  now = 0;
}

VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_clock_create_pool (VkDevice                     device,
                               const VkQueryPoolCreateInfo *info,
                               const VkAllocationCallbacks *allocator,
                               VkQueryPool                 *pool)
{
  if (vulkan_shim_fails ("vkCreateQueryPool"))
    return vulkan_shim_get ()->failure;
  return vulkan_shim_count (vulkan_shim_get_real ()->CreateQueryPool (device, info, allocator,
                                                                      pool));
}

VKAPI_ATTR void VKAPI_CALL
vulkan_shim_clock_destroy_pool (VkDevice                     device,
                                VkQueryPool                  pool,
                                const VkAllocationCallbacks *allocator)
{
  vulkan_shim_get ()->n_live--;
  vulkan_shim_get_real ()->DestroyQueryPool (device, pool, allocator);
}

VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_clock_read (VkDevice            device,
                        VkQueryPool         pool,
                        uint32_t            first,
                        uint32_t            n_queries,
                        size_t              n_bytes,
                        void               *data,
                        VkDeviceSize        stride,
                        VkQueryResultFlags  flags)
{
  guint64 *ticks = data;

  if (vulkan_shim_fails ("vkGetQueryPoolResults"))
    return vulkan_shim_get ()->failure;
  if (vulkan_shim_is_lost ())
    return VK_ERROR_DEVICE_LOST;
  if (vulkan_shim_get ()->pixel_seconds == NULL)
    return vulkan_shim_get_real ()->GetQueryPoolResults (device, pool, first, n_queries, n_bytes,
                                                         data, stride, flags);

  for (uint32_t i = 0; i < n_queries; i++)
    ticks[i] = stamps[first + i];
  return VK_SUCCESS;
}

static Commands *
find_commands (VkCommandBuffer commands)
{
  return g_hash_table_lookup (buffers, commands);
}

VKAPI_ATTR void VKAPI_CALL
vulkan_shim_clock_write (VkCommandBuffer         commands,
                         VkPipelineStageFlagBits stage,
                         VkQueryPool             pool,
                         uint32_t                query)
{
  g_assert_cmpuint (query, <, MAX_QUERIES);
  find_commands (commands)->query = query;
  vulkan_shim_get_real ()->CmdWriteTimestamp (commands, stage, pool, query);
}

VKAPI_ATTR void VKAPI_CALL
vulkan_shim_clock_bind (VkCommandBuffer     commands,
                        VkPipelineBindPoint point,
                        VkPipeline          pipeline)
{
  find_commands (commands)->bound = g_hash_table_lookup (pipelines, (gpointer) pipeline);
  vulkan_shim_get_real ()->CmdBindPipeline (commands, point, pipeline);
}

void
vulkan_shim_clock_add_module (VkShaderModule  module,
                              const guint32  *code)
{
  g_hash_table_insert (modules, (gpointer) module, (gpointer) code);
}

/* The kernel that has this code and these work-groups. */
void
vulkan_shim_clock_add_pipeline (VkPipeline                         pipeline,
                                const VkComputePipelineCreateInfo *info)
{
  const guint32 *code = g_hash_table_lookup (modules, (gpointer) info->stage.module);
  const guint32 *values = info->stage.pSpecializationInfo->pData;
  Pipeline *added = g_new (Pipeline, 1);

  *added = (Pipeline) { PSP_VULKAN_N_KERNELS, TRUE };
  for (int id = 0; id < PSP_VULKAN_N_KERNELS; id++)
    {
      const PspVulkanKernel *kernel = psp_vulkan_kernel_get (id);

      if ((kernel->code[0] == code || kernel->code[1] == code) &&
          kernel->group_width == values[0] && kernel->group_height == values[1])
        added->kernel = id;
    }
  g_hash_table_insert (pipelines, (gpointer) pipeline, added);
}

void
vulkan_shim_clock_begin (VkCommandBuffer commands)
{
  Commands *self = g_new0 (Commands, 1);

  self->query = -1;
  g_hash_table_insert (buffers, commands, self);
}

void
vulkan_shim_clock_dispatch (VkCommandBuffer commands,
                            guint32         n_rows)
{
  Commands *self = find_commands (commands);

  if (vulkan_shim_get ()->pixel_seconds == NULL)
    return;
  g_assert_cmpint (self->n_dispatches, <, MAX_DISPATCHES);
  self->dispatches[self->n_dispatches++] = (Dispatch) { self->bound, n_rows };
}

/* How long the device takes for @dispatch. */
static double
reckon (const Dispatch *dispatch)
{
  const VulkanShim *shim = vulkan_shim_get ();
  const PspVulkanKernel *kernel;
  double seconds = dispatch->pipeline->fresh ? shim->first_seconds : 0;

  dispatch->pipeline->fresh = FALSE;
  if (dispatch->pipeline->kernel == PSP_VULKAN_N_KERNELS)
    return seconds;

  kernel = psp_vulkan_kernel_get (dispatch->pipeline->kernel);
  return seconds + (double) dispatch->n_rows * kernel->group_height * kernel->pixels_per_row *
                   shim->pixel_seconds[dispatch->pipeline->kernel];
}

void
vulkan_shim_clock_submit (const VkSubmitInfo *info)
{
  VulkanShim *shim = vulkan_shim_get ();
  double before = now;

  if (shim->pixel_seconds == NULL)
    return;
  for (guint32 i = 0; i < info->commandBufferCount; i++)
    {
      const Commands *commands = find_commands (info->pCommandBuffers[i]);

      for (int k = 0; k < commands->n_dispatches; k++)
        now += reckon (&commands->dispatches[k]);
      if (commands->query >= 0)
        stamps[commands->query] = (guint64) (now * 1e9);
    }
  shim->longest_seconds = MAX (shim->longest_seconds, now - before);
}
