/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-weights.h"

struct _PspWeights
{
  const PspGraph *graph;
  PspBackend     *backend;
  GHashTable     *buffers; /* GBytes, as the graph has them, to PspBuffer */
};

static gboolean
upload (PspWeights  *self,
        GBytes      *floats,
        const char  *label,
        GError     **error)
{
  PspBuffer *buffer;

  if (floats == NULL || g_hash_table_contains (self->buffers, floats))
    return TRUE;
  buffer = psp_backend_buffer_wrap (self->backend, floats, label, error);
  return buffer != NULL && g_hash_table_insert (self->buffers, floats, buffer);
}

static gboolean
upload_layer (PspWeights      *self,
              const PspLayer  *layer,
              GError         **error)
{
  if (!upload (self, layer->weights, layer->name, error) ||
      !upload (self, layer->bias, layer->name, error))
    return FALSE;
  for (int i = 0; i < layer->n_parts; i++)
    if (!upload (self, layer->parts[i].weights, layer->name, error))
      return FALSE;
  return TRUE;
}

PspWeights *
psp_weights_new (const PspGraph  *graph,
                 PspBackend      *backend,
                 GError         **error)
{
  g_autoptr(PspWeights) self = g_new0 (PspWeights, 1);

  self->graph = graph;
  self->backend = psp_backend_ref (backend);
  self->buffers = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) psp_buffer_free);
  for (int i = 0; i < psp_graph_get_n_layers (graph); i++)
    if (!upload_layer (self, psp_graph_get_layer (graph, i), error))
      return NULL;
  return g_steal_pointer (&self);
}

void
psp_weights_free (PspWeights *self)
{
  g_hash_table_unref (self->buffers);
  psp_backend_unref (self->backend);
  g_free (self);
}

const PspGraph *
psp_weights_get_graph (const PspWeights *self)
{
  return self->graph;
}

PspBackend *
psp_weights_get_backend (const PspWeights *self)
{
  return self->backend;
}

PspBuffer *
psp_weights_get_buffer (const PspWeights *self,
                        GBytes           *floats)
{
  return g_hash_table_lookup (self->buffers, floats);
}
