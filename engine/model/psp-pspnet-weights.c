/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-channels.h"
#include "engine/core/psp-error.h"
#include "engine/core/psp-thread-pool.h"
#include "engine/model/psp-inspection.h"
#include "engine/model/psp-pspnet-folded.h"

#include <math.h>
#include <string.h>

/* A comparison of the file with the architecture. */
typedef struct
{
  const PspPspnetWeights *weights;
  PspInspection          *inspection;
  gint64                  n_parameters;
} Comparison;

static void
expect_tensor (Comparison   *self,
               const char   *part,
               PspPiece      piece,
               int           n_dimensions,
               const gint64 *shape)
{
  const PspFamily *family = self->weights->architecture->family;
  g_autofree char *name = psp_family_make_name (family, part, piece);
  gint64 n_elements = 1;

  for (int i = 0; i < n_dimensions; i++)
    n_elements *= shape[i];
  if (psp_inspection_expect (self->inspection, name, n_dimensions, shape,
                             family->framed_vectors) &&
      piece != PSP_PIECE_MEAN && piece != PSP_PIECE_VARIANCE)
    self->n_parameters += n_elements;
}

static void
expect_source (Comparison                 *self,
               const PspConvolutionSource *source)
{
  expect_tensor (self, source->weight, PSP_PIECE_WEIGHT, 4, source->shape);
  if (source->has_bias)
    expect_tensor (self, source->weight, PSP_PIECE_BIAS, 1, source->shape);
  if (source->normalisation == NULL)
    return;
  for (PspPiece piece = PSP_PIECE_GAMMA; piece <= PSP_PIECE_VARIANCE; piece++)
    expect_tensor (self, source->normalisation, piece, 1, source->shape);
}

/* Whether @name belongs to a block of a stage that a partial encoder leaves out. */
static gboolean
is_left_out (const PspArchitecture *architecture,
             const char            *name)
{
  const char *pattern = architecture->family->parts[PSP_PART_BLOCK_1].convolution;
  g_autofree char *prefix = g_strndup (pattern, strcspn (pattern, "{"));

  for (int stage = architecture->n_stages; stage < PSP_ARCHITECTURE_STAGES; stage++)
    {
      g_autofree char *start = g_strdup_printf ("%s%d.", prefix, stage + 1);

      if (g_str_has_prefix (name, start))
        return TRUE;
    }
  return FALSE;
}

static void
find_unexpected (const Comparison *self)
{
  const PspArchitecture *architecture = self->weights->architecture;
  const PspCheckpoint *checkpoint = self->weights->checkpoint;

  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      const char *name = psp_checkpoint_get_entry (checkpoint, i)->name;

      if (!psp_inspection_knows (self->inspection, name) &&
          !architecture->family->tolerant &&
          !psp_family_ignores (architecture->family, name) && !is_left_out (architecture, name))
        psp_inspection_refuse (self->inspection, name);
    }
}

gboolean
psp_pspnet_weights_inspect (const PspPspnetWeights  *self,
                            gint64                  *n_parameters,
                            GError                 **error)
{
  g_autoptr(PspInspection) inspection = psp_inspection_new (self->checkpoint);
  Comparison comparison = { self, inspection, 0 };

  for (guint i = 0; i < self->sources->len; i++)
    expect_source (&comparison, &g_array_index (self->sources, PspConvolutionSource, i));
  find_unexpected (&comparison);
  *n_parameters = comparison.n_parameters;
  return psp_inspection_judge (inspection, error);
}

/* Reads the @piece of @part into @tensor, which may be there already; a %NULL part is no error and
 * leaves it as it is. */
static gboolean
read_piece (const PspPspnetWeights  *self,
            const char              *part,
            PspPiece                 piece,
            PspTensor              **tensor,
            GError                 **error)
{
  g_autofree char *name = NULL;

  if (part == NULL)
    return TRUE;
  if (*tensor == NULL)
    *tensor = psp_tensor_new (0, NULL, error);
  name = psp_family_make_name (self->architecture->family, part, piece);
  return *tensor != NULL &&
         psp_checkpoint_read_into (self->checkpoint, name, *tensor, error);
}

/* Gives the layers their weights and the bias; all are given away. */
static void
place_weights (const PspPspnetWeights     *self,
               const PspConvolutionSource *source,
               GBytes                    **weights,
               GBytes                     *bias)
{
  for (int i = 0; i < source->n_parts; i++)
    {
      const PspWeightsPlace *place = &source->places[i];

      psp_graph_set_weights (self->graph, place->layer, place->part, weights[i]);
      if (place->contribution >= 0)
        psp_graph_set_weights (self->graph, place->contribution, 0, weights[i]);
      g_bytes_unref (weights[i]);
    }
  psp_graph_set_bias (self->graph, source->layer, bias);
  g_bytes_unref (bias);
}

/* From a file as a project writes it.  @room: where the weights are read to */
static gboolean
fold_source (const PspPspnetWeights      *self,
             const PspConvolutionSource  *source,
             PspTensor                  **room,
             GBytes                     **weights,
             GBytes                     **folded_bias,
             GError                     **error)
{
  g_autoptr(PspTensor) bias = NULL;
  g_autoptr(PspTensor) gamma = NULL;
  g_autoptr(PspTensor) beta = NULL;
  g_autoptr(PspTensor) mean = NULL;
  g_autoptr(PspTensor) variance = NULL;
  const char *normalisation = source->normalisation;

  if (!read_piece (self, source->weight, PSP_PIECE_WEIGHT, room, error) ||
      !read_piece (self, source->has_bias ? source->weight : NULL, PSP_PIECE_BIAS, &bias, error) ||
      !read_piece (self, normalisation, PSP_PIECE_GAMMA, &gamma, error) ||
      !read_piece (self, normalisation, PSP_PIECE_BETA, &beta, error) ||
      !read_piece (self, normalisation, PSP_PIECE_MEAN, &mean, error) ||
      !read_piece (self, normalisation, PSP_PIECE_VARIANCE, &variance, error))
    return FALSE;

  if (psp_folding_run (&(PspFolding) {
        .weights = *room, .bias = bias, .gamma = gamma, .beta = beta, .mean = mean,
        .variance = variance, .n_parts = source->n_parts, .parts = source->parts,
        .name = source->weight }, weights, folded_bias, error))
    return TRUE;
  g_prefix_error (error, "%s: ", psp_checkpoint_get_path (self->checkpoint));
  return FALSE;
}

/* What a thread keeps for the next layer: the largest of the backbone's take 9 MiB, the head's
 * 75. */
#define MAX_KEPT_ELEMENTS (4 << 20)

static gboolean
load_source (const PspPspnetWeights      *self,
             const PspConvolutionSource  *source,
             PspTensor                  **room,
             GError                     **error)
{
  GBytes *weights[G_N_ELEMENTS (source->parts)];
  GBytes *bias;
  gboolean is_loaded = self->architecture->folded
                       ? psp_pspnet_folded_read (self, source, weights, &bias, error)
                       : fold_source (self, source, room, weights, &bias, error);

  if (is_loaded)
    place_weights (self, source, weights, bias);
  if (*room != NULL && (*room)->n_elements > MAX_KEPT_ELEMENTS)
    g_clear_pointer (room, psp_tensor_unref);
  return is_loaded;
}

/* A %NULL part is no error. */
static gboolean
verify_piece (const PspPspnetWeights  *self,
              const char              *part,
              PspPiece                 piece,
              GError                 **error)
{
  g_autofree char *name = NULL;

  if (part == NULL)
    return TRUE;
  name = psp_family_make_name (self->architecture->family, part, piece);
  return psp_checkpoint_verify (self->checkpoint, name,
                                piece == PSP_PIECE_VARIANCE ? 0 : -HUGE_VAL, error);
}

/* Whether the numbers of @source can be those of a network: finite, and not negative where they are
 * variances. */
static gboolean
verify_source (const PspPspnetWeights      *self,
               const PspConvolutionSource  *source,
               PspTensor                  **room,
               GError                     **error)
{
  if (self->architecture->folded)
    return psp_pspnet_folded_verify (self, source, error);

  if (!verify_piece (self, source->weight, PSP_PIECE_WEIGHT, error) ||
      !verify_piece (self, source->has_bias ? source->weight : NULL, PSP_PIECE_BIAS, error))
    return FALSE;
  for (PspPiece piece = PSP_PIECE_GAMMA; piece <= PSP_PIECE_VARIANCE; piece++)
    if (!verify_piece (self, source->normalisation, piece, error))
      return FALSE;
  return TRUE;
}

/* The terms of a sum that another layer ends have no bias of their own. */
static void
fill_biases (PspGraph *graph)
{
  for (int i = 0; i < psp_graph_get_n_layers (graph); i++)
    {
      const PspLayer *layer = psp_graph_get_layer (graph, i);
      int channels = psp_channels_pad (psp_graph_get_value (graph, layer->destination)->channels);

      if ((layer->kind == PSP_LAYER_CONVOLUTION || layer->kind == PSP_LAYER_PYRAMID) &&
          layer->bias == NULL)
        {
          g_autoptr(GBytes) zeros = g_bytes_new_take (g_new0 (float, channels),
                                                      channels * sizeof (float));

          psp_graph_set_bias (graph, i, zeros);
        }
    }
}

/* What is done with a source.  @room: (nullable): for the weights of a layer, kept by the thread */
typedef gboolean (*SourceFunc) (const PspPspnetWeights      *self,
                                const PspConvolutionSource  *source,
                                PspTensor                  **room,
                                GError                     **error);

/* The same for all sources, by several threads. */
typedef struct
{
  const PspPspnetWeights *weights;
  SourceFunc              function;
  GCancellable           *cancellable;
  PspTensor             **rooms; /* (nullable): of every thread */
  GMutex                  mutex; /* guards what follows */
  GError                 *error;
} Loading;

static gboolean
has_failed (Loading *self)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  return self->error != NULL;
}

/* The last sources come first: that of the head is the longest. */
static void
run_task (int      task,
          int      thread,
          gpointer data)
{
  Loading *self = data;
  const GArray *sources = self->weights->sources;
  g_autoptr(GError) error = NULL;

  if (has_failed (self) ||
      (!g_cancellable_set_error_if_cancelled (self->cancellable, &error) &&
       self->function (self->weights,
                       &g_array_index (sources, PspConvolutionSource, sources->len - 1 - task),
                       &self->rooms[thread], &error)))
    return;
  g_mutex_lock (&self->mutex);
  if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  g_mutex_unlock (&self->mutex);
}

static gboolean
run_all (const PspPspnetWeights  *weights,
         SourceFunc               function,
         PspThreadPool           *pool,
         GCancellable            *cancellable,
         GError                 **error)
{
  int n_threads = psp_thread_pool_get_n_threads (pool);
  g_autofree PspTensor **rooms = g_new0 (PspTensor *, n_threads);
  Loading loading = {
    .weights = weights, .function = function, .cancellable = cancellable, .rooms = rooms,
  };

  g_mutex_init (&loading.mutex);
  psp_thread_pool_run (pool, weights->sources->len, run_task, &loading);
  g_mutex_clear (&loading.mutex);
  for (int i = 0; i < n_threads; i++)
    g_clear_pointer (&rooms[i], psp_tensor_unref);
  if (loading.error == NULL)
    return TRUE;
  g_propagate_error (error, loading.error);
  return FALSE;
}

gboolean
psp_pspnet_weights_load (const PspPspnetWeights  *self,
                         GCancellable            *cancellable,
                         GError                 **error)
{
  g_autoptr(PspThreadPool) pool = psp_thread_pool_new (0, FALSE);

  if (!run_all (self, verify_source, pool, cancellable, error) ||
      !run_all (self, load_source, pool, cancellable, error))
    return FALSE;
  fill_biases (self->graph);
  return TRUE;
}
