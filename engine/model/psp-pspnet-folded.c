/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-pspnet-folded.h"

#include "engine/core/psp-channels.h"
#include "engine/core/psp-error.h"
#include "engine/core/psp-half.h"
#include "engine/model/psp-inspection.h"

#include <math.h>
#include <string.h>

#define PARAMETERS_KEY "parameters"

/* (transfer full): the tensor with the weights of one part. */
static char *
name_weights (const PspConvolutionSource *source,
              int                         part)
{
  return source->n_parts == 1 ? g_strdup_printf ("%s.weights", source->weight)
                              : g_strdup_printf ("%s.weights.%d", source->weight, part);
}

static char *
name_bias (const PspConvolutionSource *source)
{
  return g_strdup_printf ("%s.bias", source->weight);
}

static void
describe_weights (const PspConvolutionSource *source,
                  int                         part,
                  gint64                      shape[4])
{
  gint64 inputs = psp_channels_pad (source->parts[part].inputs);
  gint64 kernel = source->shape[2];
  gboolean inputs_first = source->parts[part].inputs_first;

  shape[0] = inputs_first ? inputs : kernel;
  shape[1] = kernel;
  shape[2] = inputs_first ? kernel : inputs;
  shape[3] = psp_channels_pad (source->shape[0]);
}

static void
expect_source (PspInspection              *inspection,
               const PspConvolutionSource *source)
{
  g_autofree char *bias = name_bias (source);
  gint64 shape[4];

  for (int i = 0; i < source->n_parts; i++)
    {
      g_autofree char *weights = name_weights (source, i);

      describe_weights (source, i, shape);
      psp_inspection_expect (inspection, weights, 4, shape, FALSE);
    }
  psp_inspection_expect (inspection, bias, 1, &(gint64) { psp_channels_pad (source->shape[0]) },
                         FALSE);
}

static gboolean
read_parameters (const PspCheckpoint  *checkpoint,
                 gint64               *n_parameters,
                 GError              **error)
{
  const char *text = psp_checkpoint_get_metadata (checkpoint, PARAMETERS_KEY);

  if (text != NULL &&
      g_ascii_string_to_signed (text, 10, 1, G_MAXINT64, n_parameters, NULL))
    return TRUE;
  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
               "%s: the metadata entry “" PARAMETERS_KEY "” is %s, and should be a number",
               psp_checkpoint_get_path (checkpoint), text != NULL ? text : "missing");
  return FALSE;
}

gboolean
psp_pspnet_folded_inspect (const PspPspnetWeights  *self,
                           gint64                  *n_parameters,
                           GError                 **error)
{
  g_autoptr(PspInspection) inspection = psp_inspection_new (self->checkpoint);

  for (guint i = 0; i < self->sources->len; i++)
    expect_source (inspection, &g_array_index (self->sources, PspConvolutionSource, i));
  for (gsize i = 0; i < psp_checkpoint_get_n_entries (self->checkpoint); i++)
    {
      const char *name = psp_checkpoint_get_entry (self->checkpoint, i)->name;

      if (!psp_inspection_knows (inspection, name))
        psp_inspection_refuse (inspection, name);
    }
  return psp_inspection_judge (inspection, error) &&
         read_parameters (self->checkpoint, n_parameters, error);
}

/* [kernel, kernel, inputs, outputs] with the inputs in the opposite order; takes @weights. */
static GBytes *
reverse_inputs (GBytes                     *weights,
                const PspConvolutionSource *source,
                int                         n_inputs)
{
  gsize n_taps = (gsize) source->shape[2] * source->shape[3];
  gsize n_outputs = psp_channels_pad (source->shape[0]);
  gsize n_bytes;
  const float *from = g_bytes_get_data (weights, &n_bytes);
  float *turned = g_memdup2 (from, n_bytes);

  for (gsize tap = 0; tap < n_taps; tap++)
    for (int i = 0; i < n_inputs; i++)
      {
        gsize first = tap * psp_channels_pad (n_inputs);

        memcpy (turned + (first + i) * n_outputs, from + (first + n_inputs - 1 - i) * n_outputs,
                n_outputs * sizeof *turned);
      }
  g_bytes_unref (weights);
  return g_bytes_new_take (turned, n_bytes);
}

gboolean
psp_pspnet_folded_verify (const PspPspnetWeights      *self,
                          const PspConvolutionSource  *source,
                          GError                     **error)
{
  g_autofree char *bias = name_bias (source);

  for (int i = 0; i < source->n_parts; i++)
    {
      g_autofree char *weights = name_weights (source, i);

      if (!psp_checkpoint_verify (self->checkpoint, weights, -HUGE_VAL, error))
        return FALSE;
    }
  return psp_checkpoint_verify (self->checkpoint, bias, -HUGE_VAL, error);
}

gboolean
psp_pspnet_folded_read (const PspPspnetWeights      *self,
                        const PspConvolutionSource  *source,
                        GBytes                     **weights,
                        GBytes                     **bias,
                        GError                     **error)
{
  g_autofree char *bias_name = name_bias (source);
  int n_read = 0;

  *bias = psp_checkpoint_get_floats (self->checkpoint, bias_name, error);
  while (*bias != NULL && n_read < source->n_parts)
    {
      g_autofree char *name = name_weights (source, n_read);

      weights[n_read] = psp_checkpoint_get_floats (self->checkpoint, name, error);
      if (weights[n_read] == NULL)
        break;
      if (source->parts[n_read].reversed)
        weights[n_read] = reverse_inputs (weights[n_read], source, source->parts[n_read].inputs);
      n_read++;
    }
  if (n_read == source->n_parts)
    return TRUE;

  g_clear_pointer (bias, g_bytes_unref);
  while (n_read > 0)
    g_clear_pointer (&weights[--n_read], g_bytes_unref);
  return FALSE;
}

static gboolean
check_half (const char  *name,
            GBytes      *weights,
            GError     **error)
{
  gsize n_bytes;
  const float *values = g_bytes_get_data (weights, &n_bytes);

  for (gsize i = 0; i < n_bytes / sizeof *values; i++)
    if (!psp_half_can_hold (values[i]))
      {
        g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                     "16 bits, which end at 65504, cannot hold the value %g in the weights of %s "
                     "after its batch normalisation was folded in; keep 32 bits",
                     (double) values[i], name);
        return FALSE;
      }
  return TRUE;
}

static gboolean
write_weights (const PspConvolutionSource  *source,
               const PspGraph              *graph,
               gboolean                     half,
               PspSafetensorsWriter        *writer,
               GError                     **error)
{
  for (int i = 0; i < source->n_parts; i++)
    {
      const PspWeightsPlace *place = &source->places[i];
      const PspLayer *layer = psp_graph_get_layer (graph, place->layer);
      GBytes *weights = place->part < 0 ? layer->weights : layer->parts[place->part].weights;
      g_autofree char *name = name_weights (source, i);
      gint64 shape[4];

      if (half && !check_half (source->weight, weights, error))
        return FALSE;
      describe_weights (source, i, shape);
      psp_safetensors_writer_add_floats (writer, name, 4, shape, weights,
                                         half ? PSP_DTYPE_F16 : PSP_DTYPE_F32);
    }
  return TRUE;
}

gboolean
psp_pspnet_folded_write (const GArray          *sources,
                         const PspNetwork      *network,
                         gboolean               half,
                         PspSafetensorsWriter  *writer,
                         GError               **error)
{
  g_autofree char *n_parameters = g_strdup_printf ("%" G_GINT64_FORMAT, network->n_parameters);

  psp_safetensors_writer_set_metadata (writer, PARAMETERS_KEY, n_parameters);
  for (guint i = 0; i < sources->len; i++)
    if (!write_weights (&g_array_index (sources, PspConvolutionSource, i), network->graph, half,
                        writer, error))
      return FALSE;
  for (guint i = 0; i < sources->len; i++)
    {
      const PspConvolutionSource *source = &g_array_index (sources, PspConvolutionSource, i);
      g_autofree char *name = name_bias (source);

      psp_safetensors_writer_add_floats (writer, name, 1,
                                         &(gint64) { psp_channels_pad (source->shape[0]) },
                                         psp_graph_get_layer (network->graph, source->layer)->bias,
                                         PSP_DTYPE_F32);
    }
  return TRUE;
}
