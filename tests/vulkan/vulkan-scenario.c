/* SPDX-License-Identifier: MIT */
#include "tests/vulkan/vulkan-scenario.h"

static int
count_outputs (const VulkanScenario *self)
{
  return MAX (8, self->channels / 8);
}

static PspBuffer *
wrap (PspBackend  *backend,
      gsize        n,
      float        value,
      GError     **error)
{
  float *floats = g_new (float, n);
  g_autoptr(GBytes) bytes = g_bytes_new_take (floats, n * sizeof *floats);

  for (gsize i = 0; i < n; i++)
    floats[i] = value;
  return psp_backend_buffer_wrap (backend, bytes, "scenario", error);
}

VulkanScenario *
vulkan_scenario_new (PspBackend  *backend,
                     int          side,
                     int          channels,
                     GError     **error)
{
  g_autoptr(VulkanScenario) self = g_new0 (VulkanScenario, 1);
  gsize n_pixels = (gsize) side * side;

  self->backend = backend;
  self->side = side;
  self->channels = channels;
  self->source = wrap (backend, n_pixels * channels, 1, error);
  if (self->source != NULL)
    self->weights = wrap (backend, (gsize) 9 * channels * count_outputs (self), 1, error);
  if (self->weights != NULL)
    self->bias = wrap (backend, count_outputs (self), 2, error);
  if (self->bias != NULL)
    self->destination = psp_backend_buffer_new (backend, n_pixels * count_outputs (self),
                                                "scenario result", error);
  return self->destination != NULL ? g_steal_pointer (&self) : NULL;
}

void
vulkan_scenario_free (VulkanScenario *self)
{
  g_clear_pointer (&self->source, psp_buffer_free);
  g_clear_pointer (&self->destination, psp_buffer_free);
  g_clear_pointer (&self->weights, psp_buffer_free);
  g_clear_pointer (&self->bias, psp_buffer_free);
  g_free (self);
}

static PspMap
describe (const VulkanScenario *self,
          PspBuffer            *buffer,
          int                   channels)
{
  return (PspMap) {
    .buffer = buffer,
    .batch = 1,
    .height = self->side,
    .width = self->side,
    .channels = channels,
    .pixel_stride = channels,
  };
}

gboolean
vulkan_scenario_convolve (VulkanScenario  *self,
                          GCancellable    *cancellable,
                          GError         **error)
{
  PspConvolution operation = {
    .source = describe (self, self->source, self->channels),
    .destination = describe (self, self->destination, count_outputs (self)),
    .weights = self->weights,
    .bias = self->bias,
    .kernel = 3,
    .stride = 1,
    .padding = 1,
    .dilation = 1,
  };

  return psp_backend_convolve (self->backend, &operation, cancellable, error);
}

gboolean
vulkan_scenario_check (VulkanScenario  *self,
                       GError         **error)
{
  int outputs = count_outputs (self);
  gsize n = (gsize) self->side * self->side * outputs;
  g_autofree float *floats = g_new (float, n);

  if (!psp_backend_download (self->backend, self->destination, 0, floats, n, error))
    return FALSE;

  for (int y = 0; y < self->side; y++)
    for (int x = 0; x < self->side; x++)
      {
        int rows = 3 - (y == 0) - (y == self->side - 1);
        int columns = 3 - (x == 0) - (x == self->side - 1);

        for (int o = 0; o < outputs; o++)
          g_assert_cmpfloat (floats[((gsize) y * self->side + x) * outputs + o], ==,
                             rows * columns * self->channels + 2);
      }
  return TRUE;
}

gboolean
vulkan_scenario_run (PspBackend  *backend,
                     int          side,
                     int          channels,
                     GError     **error)
{
  g_autoptr(VulkanScenario) scenario = vulkan_scenario_new (backend, side, channels, error);

  return scenario != NULL &&
         vulkan_scenario_convolve (scenario, NULL, error) &&
         psp_backend_finish (backend, NULL, error) &&
         vulkan_scenario_check (scenario, error);
}
