/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/cpu/psp-cpu-choices.h"
#include "engine/run/psp-backend.h"

/* The operations of the CPU backend, on maps whose buffers are PspCpuBuffer.  Each returns once it
 * is done. */

typedef struct
{
  PspBuffer  parent;
  float     *data;
  GBytes    *wrapped;   /* (nullable): the owner of @data */
  float     *kept;      /* (nullable): weights as an operation transformed them */
  gsize      n_kept;
  gboolean   kept_done; /* whether all of them are there */
} PspCpuBuffer;

typedef struct
{
  PspBackend            parent;
  PspConvolutionMethod  method;
  PspCpuChoices        *choices;    /* (nullable): only if automatic */
  float                *scratch;    /* grown when needed */
  gsize                 n_scratch;
  gsize                 keep_bytes; /* psp_backend_keep_weights() */
  gsize                 kept_bytes;
  GPtrArray            *kept;       /* PspCpuBuffer that keep some, the last one at the end */
} PspCpuBackend;

static inline float *
psp_cpu_map_data (const PspMap *map)
{
  return ((PspCpuBuffer *) map->buffer)->data + map->offset;
}

static inline const float *
psp_cpu_weights (const PspConvolution *operation)
{
  return ((PspCpuBuffer *) operation->weights)->data + operation->weights_offset;
}

/* Parts of @length that @n makes, the last of them perhaps shorter. */
static inline gsize
psp_cpu_count_parts (gsize n,
                     gsize length)
{
  return (n + length - 1) / length;
}

/* The length of the parts if @n is split into the fewest equal parts of @limit at most. */
static inline gsize
psp_cpu_split_evenly (gsize n,
                      gsize limit)
{
  return psp_cpu_count_parts (n, psp_cpu_count_parts (n, limit));
}

/* The backend's own scratch memory, at least @n_elements of it, its content undefined.  %NULL with
 * %PSP_ERROR_NO_MEMORY if there is not so much. */
float   *psp_cpu_get_scratch  (PspCpuBackend         *backend,
                               gsize                  n_elements,
                               GError               **error);

/* The buffer of @operation's weights with @n_elements of room for another form of them, which the
 * caller fills and then sets @kept_done; %NULL if they may change or there is no memory for it. */
PspCpuBuffer *psp_cpu_find_kept (PspCpuBackend        *backend,
                                 const PspConvolution *operation,
                                 gsize                 n_elements);

/* sums = relu (sums + bias + residual) for @n channels from @channel on of an output pixel;
 * without the residual if @residual_added. */
void     psp_cpu_finish_pixel (const PspConvolution  *operation,
                               gsize                  pixel,
                               int                    channel,
                               int                    n,
                               gboolean               residual_added,
                               float                 *restrict sums);

gsize    psp_cpu_count_scratch (PspBackend           *backend,
                                const PspConvolution *operation);
gboolean psp_cpu_convolve  (PspBackend            *backend,
                            const PspConvolution  *operation,
                            GCancellable          *cancellable,
                            GError               **error);
gboolean psp_cpu_pool      (PspBackend            *backend,
                            const PspPooling      *operation,
                            GCancellable          *cancellable,
                            GError               **error);
gboolean psp_cpu_pool_bins (PspBackend            *backend,
                            const PspBinPooling   *operation,
                            GCancellable          *cancellable,
                            GError               **error);
gboolean psp_cpu_resize    (PspBackend            *backend,
                            const PspResizing     *operation,
                            GCancellable          *cancellable,
                            GError               **error);
gboolean psp_cpu_classify  (PspBackend               *backend,
                            const PspClassification  *operation,
                            GCancellable             *cancellable,
                            GError                  **error);

/* Products of 1024 x 1024 x 1024, all threads at once, each with rows of its own; copies of 128 MiB
 * by all threads, or of 16 MiB by each.  Each thread has some of these in a run. */
gboolean psp_cpu_measure_ceiling (PspBackend          *backend,
                                  PspCeiling          *ceiling,
                                  GCancellable        *cancellable,
                                  GError             **error);
