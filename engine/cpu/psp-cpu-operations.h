/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/cpu/psp-thread-pool.h"
#include "engine/run/psp-backend.h"

/* The operations of the CPU backend, on maps whose buffers are PspCpuBuffer.  Each returns once it
 * is done. */

typedef struct
{
  PspBuffer  parent;
  float     *data;
  GBytes    *wrapped; /* (nullable): the owner of @data */
} PspCpuBuffer;

/* Scratch memory of a thread, grown when needed. */
typedef struct
{
  float *data;
  gsize  n_elements;
} PspCpuScratch;

typedef struct
{
  PspBackend     parent;
  PspThreadPool *pool;
  PspCpuScratch *scratch; /* one for each thread of @pool */
} PspCpuBackend;

static inline float *
psp_cpu_map_data (const PspMap *map)
{
  return ((PspCpuBuffer *) map->buffer)->data + map->offset + map->channel_offset;
}

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
