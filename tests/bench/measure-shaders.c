/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-backend-private.h"

#include <string.h>
#include <time.h>

/*
 * Measures the Vulkan backend's convolution against the shaders that were tried before it, in turn
 * on the same layers: GFLOP/s by the clock and, in parentheses, by the processor's time of all
 * threads, which other programs change less and which is all there is to a software device; and how
 * many times as fast as the shader the backend is, by both.  All results are whole numbers and have
 * to be equal.
 *
 * The shaders keep 8 pixels x 8 channels, 8 x 4 or 10 x 4 in the registers of an invocation, which
 * are 8x1, 8x8 or 32x1 in a work-group, or a tile in shared memory.  They read storage buffers, as
 * they did then, or texels, as the backend's kernel for software devices does.
 *
 * usage: measure-shaders [--device N] [--repeat N] [--layer PART] [--shader PART]
 */

static const guint32 product_8x4[] = {
#include "tests/table-product-8x4.inc"
};

static const guint32 product_8x8[] = {
#include "tests/table-product-8x8.inc"
};

static const guint32 product_8x4_texels[] = {
#include "tests/table-product-8x4-texels.inc"
};

static const guint32 product_8x8_texels[] = {
#include "tests/table-product-8x8-texels.inc"
};

static const guint32 shared[] = {
#include "tests/table-shared.inc"
};

static const guint32 implicit[] = {
#include "tests/table-3x3.inc"
};

static const guint32 implicit_texels[] = {
#include "tests/table-3x3-texels.inc"
};

/* As in table-shader.glsl. */
typedef struct
{
  gint32 n_pixels;
  gint32 n_quads;
  gint32 n_columns;
  gint32 side;
  gint32 dilation;
} Push;

/* Of pixels and channels that one invocation makes, and of invocations. */
typedef struct
{
  const char    *name;
  int            kernel;
  const guint32 *code;
  gsize          code_bytes;
  int            pixels;
  int            columns;    /* of four channels */
  int            lanes_x;    /* of a work-group, along channels */
  int            lanes_y;
  gboolean       texels;
} Shader;

static const Shader shaders[] = {
  { "8 px x 8 ch, 8x1",  1, product_8x8, sizeof product_8x8, 8, 2, 8, 1 },
  { "8 px x 8 ch, 8x8",  1, product_8x8, sizeof product_8x8, 8, 2, 8, 8 },
  { "8 px x 8 ch, 32x1", 1, product_8x8, sizeof product_8x8, 8, 2, 32, 1 },
  { "8 px x 4 ch, 8x1",  1, product_8x4, sizeof product_8x4, 8, 1, 8, 1 },
  { "8 px x 4 ch, 32x1", 1, product_8x4, sizeof product_8x4, 8, 1, 32, 1 },
  { "shared 64x64x16",   1, shared, sizeof shared, 4, 1, 16, 16 },
  { "8 px x 8 ch, 8x1, texels",  1, product_8x8_texels, sizeof product_8x8_texels, 8, 2, 8, 1,
    TRUE },
  { "8 px x 8 ch, 8x8, texels",  1, product_8x8_texels, sizeof product_8x8_texels, 8, 2, 8, 8,
    TRUE },
  { "8 px x 4 ch, 8x8, texels",  1, product_8x4_texels, sizeof product_8x4_texels, 8, 1, 8, 8,
    TRUE },
  { "10 px x 4 ch, 8x1",  3, implicit, sizeof implicit, 10, 1, 8, 1 },
  { "10 px x 4 ch, 8x8",  3, implicit, sizeof implicit, 10, 1, 8, 8 },
  { "10 px x 4 ch, 32x1", 3, implicit, sizeof implicit, 10, 1, 32, 1 },
  { "10 px x 4 ch, 8x1, texels",  3, implicit_texels, sizeof implicit_texels, 10, 1, 8, 1, TRUE },
  { "10 px x 4 ch, 8x8, texels",  3, implicit_texels, sizeof implicit_texels, 10, 1, 8, 8, TRUE },
  { "10 px x 4 ch, 32x1, texels", 3, implicit_texels, sizeof implicit_texels, 10, 1, 32, 1, TRUE },
};

/* The map of PSPNet at 473 x 473; whole tiles and pixels of every shader fit it. */
#define SIDE 60

typedef struct
{
  const char *name;
  int         inputs;
  int         outputs;
  int         kernel;
  int         dilation;
} Layer;

static const Layer layers[] = {
  { "product 3600x512x512",   512,  512, 1, 1 },
  { "1x1 64->256",             64,  256, 1, 1 },
  { "1x1 256->1024",          256, 1024, 1, 1 },
  { "3x3 128->128",           128,  128, 3, 1 },
  { "3x3 128->128 dilated 4", 128,  128, 3, 4 },
  { "3x3 512->512 dilated 4", 512,  512, 3, 4 },
};

typedef struct
{
  double clock;     /* seconds */
  double processor;
} Times;

typedef struct
{
  PspBackend      *backend;
  PspVulkanDevice *device;
  int              n_repeats;
  char            *layer_part;  /* (nullable): of the names of the layers to measure */
  char            *shader_part; /* (nullable): of those of the shaders */

  PspBuffer       *source;      /* of the layer */
  PspBuffer       *weights;
  PspBuffer       *bias;
  PspBuffer       *ours;
  PspBuffer       *theirs;
} Measurement;

/* Source, product, weights. */
#define N_BINDINGS 3

#define PRODUCT_BINDING 1

/* One shader, ready for a layer. */
typedef struct
{
  VkShaderModule        module;
  VkDescriptorSetLayout set_layout;
  VkPipelineLayout      layout;
  VkPipeline            pipeline;
  VkDescriptorPool      descriptors;
  VkDescriptorSet       set;
  VkCommandPool         pool;
  VkCommandBuffer       commands;
  VkFence               fence;
  VkBufferView          views[N_BINDINGS]; /* (nullable): of texels */
} Program;

static void
fail_on (const GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static void
check (Measurement *self,
       VkResult     result,
       const char  *call)
{
  g_autoptr(GError) error = NULL;

  psp_vulkan_device_check (self->device, result, call, &error);
  fail_on (error);
}

/* (transfer full): whole numbers from -@limit to @limit. */
static PspBuffer *
new_buffer (Measurement *self,
            gsize        n_elements,
            int          limit)
{
  g_autoptr(GError) error = NULL;
  PspBuffer *buffer = psp_backend_buffer_new (self->backend, n_elements, "numbers", &error);
  g_autofree float *content = g_new (float, n_elements);

  fail_on (error);
  for (gsize i = 0; i < n_elements; i++)
    content[i] = (float) (int) (i * 7919 % 1013 % (2 * limit + 1)) - (float) limit;
  psp_backend_upload (self->backend, buffer, 0, content, n_elements, &error);
  fail_on (error);
  return buffer;
}

static VkDescriptorType
get_type (const Shader *shader,
          guint32       binding)
{
  return shader->texels && binding != PRODUCT_BINDING ? VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER
                                                      : VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
}

static void
create_layouts (Measurement  *self,
                const Shader *shader,
                Program      *program)
{
  const PspVulkanFunctions *vk = self->device->vk;
  VkDescriptorSetLayoutBinding bindings[N_BINDINGS];
  VkDescriptorSetLayoutCreateInfo set = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
    .bindingCount = G_N_ELEMENTS (bindings),
    .pBindings = bindings,
  };
  VkPushConstantRange push = {
    .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
    .size = sizeof (Push),
  };
  VkPipelineLayoutCreateInfo layout = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
    .setLayoutCount = 1,
    .pSetLayouts = &program->set_layout,
    .pushConstantRangeCount = 1,
    .pPushConstantRanges = &push,
  };

  for (guint32 i = 0; i < G_N_ELEMENTS (bindings); i++)
    bindings[i] = (VkDescriptorSetLayoutBinding) {
      i, get_type (shader, i), 1, VK_SHADER_STAGE_COMPUTE_BIT, NULL
    };
  check (self, vk->CreateDescriptorSetLayout (self->device->handle, &set, NULL,
                                              &program->set_layout),
         "vkCreateDescriptorSetLayout");
  check (self, vk->CreatePipelineLayout (self->device->handle, &layout, NULL, &program->layout),
         "vkCreatePipelineLayout");
}

static void
create_pipeline (Measurement  *self,
                 const Shader *shader,
                 Program      *program)
{
  const PspVulkanFunctions *vk = self->device->vk;
  const guint32 group[] = { shader->lanes_x, shader->lanes_y };
  const VkSpecializationMapEntry entries[] = {
    { 0, 0, sizeof group[0] }, { 1, sizeof group[0], sizeof group[0] },
  };
  VkSpecializationInfo constants = {
    .mapEntryCount = G_N_ELEMENTS (entries),
    .pMapEntries = entries,
    .dataSize = sizeof group,
    .pData = group,
  };
  VkShaderModuleCreateInfo module = {
    .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
    .codeSize = shader->code_bytes,
    .pCode = shader->code,
  };
  VkComputePipelineCreateInfo pipeline = {
    .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
    .stage = {
      .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
      .stage = VK_SHADER_STAGE_COMPUTE_BIT,
      .pName = "main",
      .pSpecializationInfo = &constants,
    },
    .layout = program->layout,
  };

  check (self, vk->CreateShaderModule (self->device->handle, &module, NULL, &program->module),
         "vkCreateShaderModule");
  pipeline.stage.module = program->module;
  check (self, vk->CreateComputePipelines (self->device->handle, VK_NULL_HANDLE, 1, &pipeline,
                                           NULL, &program->pipeline),
         "vkCreateComputePipelines");
}

static void
create_set (Measurement *self,
            Program     *program)
{
  const PspVulkanFunctions *vk = self->device->vk;
  VkDescriptorPoolSize sizes[] = {
    { VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, N_BINDINGS },
    { VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, N_BINDINGS },
  };
  VkDescriptorPoolCreateInfo pool = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
    .maxSets = 1,
    .poolSizeCount = G_N_ELEMENTS (sizes),
    .pPoolSizes = sizes,
  };
  VkDescriptorSetAllocateInfo set = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
    .descriptorSetCount = 1,
    .pSetLayouts = &program->set_layout,
  };

  check (self, vk->CreateDescriptorPool (self->device->handle, &pool, NULL,
                                         &program->descriptors), "vkCreateDescriptorPool");
  set.descriptorPool = program->descriptors;
  check (self, vk->AllocateDescriptorSets (self->device->handle, &set, &program->set),
         "vkAllocateDescriptorSets");
}

static void
bind_buffer (Measurement  *self,
             const Shader *shader,
             PspBuffer    *buffer,
             guint32       binding,
             Program      *program)
{
  const PspVulkanFunctions *vk = self->device->vk;
  PspVulkanMemory *memory = ((PspVulkanBuffer *) buffer)->memory;
  VkDescriptorBufferInfo storage = { memory->buffer, 0, memory->n_bytes };
  VkBufferViewCreateInfo view = {
    .sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO,
    .buffer = memory->buffer,
    .format = VK_FORMAT_R32G32B32A32_SFLOAT,
    .range = memory->n_bytes,
  };
  VkWriteDescriptorSet write = {
    .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
    .dstSet = program->set,
    .dstBinding = binding,
    .descriptorCount = 1,
    .descriptorType = get_type (shader, binding),
    .pBufferInfo = &storage,
    .pTexelBufferView = &program->views[binding],
  };

  if (write.descriptorType == VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER)
    check (self, vk->CreateBufferView (self->device->handle, &view, NULL,
                                       &program->views[binding]), "vkCreateBufferView");
  vk->UpdateDescriptorSets (self->device->handle, 1, &write, 0, NULL);
}

static guint32
divide_up (int value,
           int divisor)
{
  return (value + divisor - 1) / divisor;
}

static void
record_dispatch (Measurement  *self,
                 const Layer  *layer,
                 const Shader *shader,
                 Program      *program)
{
  const PspVulkanFunctions *vk = self->device->vk;
  VkCommandBuffer commands = program->commands;
  const Push push = {
    SIDE * SIDE, layer->inputs / 4, layer->outputs / 4, SIDE, layer->dilation
  };
  VkCommandBufferBeginInfo begin = { .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO };
  VkMemoryBarrier barrier = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
    .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT,
    .dstAccessMask = VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT |
                     VK_ACCESS_HOST_READ_BIT,
  };

  check (self, vk->BeginCommandBuffer (commands, &begin), "vkBeginCommandBuffer");
  vk->CmdBindPipeline (commands, VK_PIPELINE_BIND_POINT_COMPUTE, program->pipeline);
  vk->CmdBindDescriptorSets (commands, VK_PIPELINE_BIND_POINT_COMPUTE, program->layout, 0, 1,
                             &program->set, 0, NULL);
  vk->CmdPushConstants (commands, program->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof push,
                        &push);
  vk->CmdDispatch (commands, divide_up (layer->outputs / 4, shader->columns * shader->lanes_x),
                   divide_up (SIDE * SIDE, shader->pixels * shader->lanes_y), 1);
  vk->CmdPipelineBarrier (commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                          VK_PIPELINE_STAGE_ALL_COMMANDS_BIT | VK_PIPELINE_STAGE_HOST_BIT, 0, 1,
                          &barrier, 0, NULL, 0, NULL);
  check (self, vk->EndCommandBuffer (commands), "vkEndCommandBuffer");
}

static void
create_program (Measurement  *self,
                const Layer  *layer,
                const Shader *shader,
                Program      *program)
{
  const PspVulkanFunctions *vk = self->device->vk;
  VkCommandPoolCreateInfo pool = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
    .queueFamilyIndex = self->device->adapter->queue_family,
  };
  VkCommandBufferAllocateInfo commands = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
    .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
    .commandBufferCount = 1,
  };
  VkFenceCreateInfo fence = { .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO };

  create_layouts (self, shader, program);
  create_pipeline (self, shader, program);
  create_set (self, program);
  bind_buffer (self, shader, self->source, 0, program);
  bind_buffer (self, shader, self->theirs, PRODUCT_BINDING, program);
  bind_buffer (self, shader, self->weights, 2, program);
  check (self, vk->CreateCommandPool (self->device->handle, &pool, NULL, &program->pool),
         "vkCreateCommandPool");
  commands.commandPool = program->pool;
  check (self, vk->AllocateCommandBuffers (self->device->handle, &commands, &program->commands),
         "vkAllocateCommandBuffers");
  check (self, vk->CreateFence (self->device->handle, &fence, NULL, &program->fence),
         "vkCreateFence");
  record_dispatch (self, layer, shader, program);
}

static void
destroy_program (Measurement *self,
                 Program     *program)
{
  const PspVulkanFunctions *vk = self->device->vk;
  VkDevice device = self->device->handle;

  vk->DestroyFence (device, program->fence, NULL);
  vk->DestroyCommandPool (device, program->pool, NULL);
  vk->DestroyDescriptorPool (device, program->descriptors, NULL);
  for (guint32 i = 0; i < N_BINDINGS; i++)
    if (program->views[i] != VK_NULL_HANDLE)
      vk->DestroyBufferView (device, program->views[i], NULL);
  vk->DestroyPipeline (device, program->pipeline, NULL);
  vk->DestroyShaderModule (device, program->module, NULL);
  vk->DestroyPipelineLayout (device, program->layout, NULL);
  vk->DestroyDescriptorSetLayout (device, program->set_layout, NULL);
}

static void
run_theirs (Measurement *self,
            Program     *program)
{
  const PspVulkanFunctions *vk = self->device->vk;
  VkSubmitInfo info = {
    .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
    .commandBufferCount = 1,
    .pCommandBuffers = &program->commands,
  };

  check (self, vk->ResetFences (self->device->handle, 1, &program->fence), "vkResetFences");
  check (self, vk->QueueSubmit (self->device->queue, 1, &info, program->fence), "vkQueueSubmit");
  check (self, vk->WaitForFences (self->device->handle, 1, &program->fence, VK_TRUE, G_MAXUINT64),
         "vkWaitForFences");
}

static PspMap
describe_map (PspBuffer *buffer,
              int        channels)
{
  return (PspMap) { buffer, 0, 1, SIDE, SIDE, channels, channels };
}

static void
run_ours (Measurement *self,
          const Layer *layer)
{
  PspConvolution operation = {
    .source = describe_map (self->source, layer->inputs),
    .destination = describe_map (self->ours, layer->outputs),
    .weights = self->weights,
    .bias = self->bias,
    .kernel = layer->kernel,
    .stride = 1,
    .padding = layer->kernel / 2 * layer->dilation,
    .dilation = layer->dilation,
  };
  g_autoptr(GError) error = NULL;

  if (psp_backend_convolve (self->backend, &operation, NULL, &error))
    psp_backend_finish (self->backend, NULL, &error);
  fail_on (error);
}

static Times
read_clocks (void)
{
  struct timespec processor;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &processor);
  return (Times) {
    g_get_monotonic_time () / 1e6, (double) processor.tv_sec + (double) processor.tv_nsec / 1e9
  };
}

/* Lowers @least to what was taken since @start. */
static void
take_times (Times  start,
            Times *least)
{
  Times now = read_clocks ();

  least->clock = MIN (least->clock, now.clock - start.clock);
  least->processor = MIN (least->processor, now.processor - start.processor);
}

/* Once each to warm up, then in turn. */
static void
measure_shader (Measurement  *self,
                const Layer  *layer,
                const Shader *shader,
                Times        *ours,
                Times        *theirs)
{
  Program program = { 0 };

  create_program (self, layer, shader, &program);
  *ours = *theirs = (Times) { G_MAXDOUBLE, G_MAXDOUBLE };
  for (int i = 0; i <= self->n_repeats; i++)
    {
      Times unused = { 0 };
      Times start = read_clocks ();

      run_theirs (self, &program);
      take_times (start, i > 0 ? theirs : &unused);
      start = read_clocks ();
      run_ours (self, layer);
      take_times (start, i > 0 ? ours : &unused);
    }
  destroy_program (self, &program);
}

static void
check_equal (Measurement *self,
             gsize        n_elements)
{
  g_autofree float *ours = g_new (float, n_elements);
  g_autofree float *theirs = g_new (float, n_elements);
  g_autoptr(GError) error = NULL;

  if (psp_backend_download (self->backend, self->ours, 0, ours, n_elements, &error))
    psp_backend_download (self->backend, self->theirs, 0, theirs, n_elements, &error);
  fail_on (error);
  for (gsize i = 0; i < n_elements; i++)
    if (ours[i] != theirs[i])
      g_error ("number %" G_GSIZE_FORMAT " is %g here and %g there", i, (double) ours[i],
               (double) theirs[i]);
}

static gboolean
is_wanted (const char *name,
           const char *part)
{
  return part == NULL || strstr (name, part) != NULL;
}

static void
measure_layer (Measurement *self,
               const Layer *layer)
{
  gsize n_results = (gsize) SIDE * SIDE * layer->outputs;
  gsize n_weights = (gsize) layer->kernel * layer->kernel * layer->inputs * layer->outputs;
  double gflop = 2e-9 * SIDE * SIDE * (double) n_weights;

  self->source = new_buffer (self, (gsize) SIDE * SIDE * layer->inputs, 3);
  self->weights = new_buffer (self, n_weights, 2);
  self->bias = new_buffer (self, layer->outputs, 0);
  self->ours = new_buffer (self, n_results, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (shaders); i++)
    {
      Times ours, theirs;

      if (shaders[i].kernel != layer->kernel || !is_wanted (shaders[i].name, self->shader_part))
        continue;
      self->theirs = new_buffer (self, n_results, 2);
      measure_shader (self, layer, &shaders[i], &ours, &theirs);
      check_equal (self, n_results);
      g_print ("%-22s %-27s %6.2f (%6.2f) ours %6.2f (%6.2f): %5.2f (%5.2f) times as fast\n",
               layer->name, shaders[i].name, gflop / theirs.clock, gflop / theirs.processor,
               gflop / ours.clock, gflop / ours.processor, theirs.clock / ours.clock,
               theirs.processor / ours.processor);
      g_clear_pointer (&self->theirs, psp_buffer_free);
    }
  g_clear_pointer (&self->source, psp_buffer_free);
  g_clear_pointer (&self->weights, psp_buffer_free);
  g_clear_pointer (&self->bias, psp_buffer_free);
  g_clear_pointer (&self->ours, psp_buffer_free);
}

int
main (int    argc,
      char **argv)
{
  Measurement self = { .n_repeats = 3 };
  int index = 0;
  GOptionEntry entries[] = {
    { "device", 0, 0, G_OPTION_ARG_INT, &index, "the N of vulkan:N", "N" },
    { "repeat", 0, 0, G_OPTION_ARG_INT, &self.n_repeats, "runs of each", "N" },
    { "layer", 0, 0, G_OPTION_ARG_STRING, &self.layer_part, "only those with it in their name",
      "PART" },
    { "shader", 0, 0, G_OPTION_ARG_STRING, &self.shader_part, "only those with it in their name",
      "PART" },
    { NULL }
  };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  self.backend = psp_vulkan_backend_new (index, NULL, &error);
  fail_on (error);
  self.device = ((PspVulkanBackend *) self.backend)->device;
  g_print ("%s; GFLOP/s by the clock (and by the processor's time)\n",
           psp_backend_get_device_name (self.backend));
  for (gsize i = 0; i < G_N_ELEMENTS (layers); i++)
    if (is_wanted (layers[i].name, self.layer_part))
      measure_layer (&self, &layers[i]);
  psp_backend_unref (self.backend);
  g_free (self.layer_part);
  g_free (self.shader_part);
  return 0;
}
