/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-runner.h"

/**
 * PspBenchmarkParams:
 * @size: of the network's input
 * @n_repeats: timed runs, 1 or more, after one that is not
 * @options: how to run; of the protocol nothing counts
 */
typedef struct
{
  PspSize       size;
  int           n_repeats;
  PspRunOptions options;
} PspBenchmarkParams;

#define PSP_BENCHMARK_GROUPS 8

/**
 * PspBenchmarkGroup:
 * @name: “stem”, “layer1” … “layer4”, “ppm” (pooling and reduction), “head” (from the
 *   concatenation to the logits), “out” (enlargement and the choice of a class)
 * @milliseconds: median over the runs of the sum of its layers
 * @macs: multiply-accumulates
 * @bytes: activations and weights, each read or written once by each layer
 */
typedef struct
{
  const char *name;
  double      milliseconds;
  gint64      macs;
  gint64      bytes;
} PspBenchmarkGroup;

/**
 * PspBenchmark:
 * @median_ms: of a run from the normalised photo to class ids
 * @minimum_ms: of the same
 * @macs: of all groups
 * @bytes: of all groups
 * @activation_bytes: of the arena in which the activations share memory
 * @peak_bytes: the most memory that the process had so far, before the ceiling was measured
 * @ceiling: what the device reaches by its own best means, measured after the network with the same
 *   threads
 * @n_groups: how many of @groups the network has
 * @groups: in the order of the network
 */
typedef struct
{
  double            median_ms;
  double            minimum_ms;
  gint64            macs;
  gint64            bytes;
  gsize             activation_bytes;
  gsize             peak_bytes;
  PspCeiling        ceiling;
  int               n_groups;
  PspBenchmarkGroup groups[PSP_BENCHMARK_GROUPS];
} PspBenchmark;

/**
 * psp_benchmark_run:
 * @runner: a model on a device
 * @params: what to run
 * @benchmark: (out caller-allocates): the results
 * @progress: told about the share of the runs that is done
 * @cancellable: (nullable): ends the run within 0.5 s
 * @error: as psp_runner_predict()
 *
 * Runs the network on random numbers: once to warm up, then each time as a whole, which is what
 * @median_ms tells, and layer by layer, which is what the groups tell (psp_session_profile()).  One
 * thread for each runner.
 */
gboolean psp_benchmark_run (PspRunner                 *runner,
                            const PspBenchmarkParams  *params,
                            PspBenchmark              *benchmark,
                            PspProgress                progress,
                            GCancellable              *cancellable,
                            GError                   **error);

/**
 * psp_benchmark_get_share:
 * @self: what was measured
 * @macs: of some work
 * @bytes: of the same
 * @milliseconds: that it took
 *
 * Returns: how long the work takes at the ceiling that bounds it, products or copies, as a share of
 *   @milliseconds; more than 1 where Winograd's convolutions save products, or where layers pass
 *   activations on in a cache, which the copies are too large for
 */
double   psp_benchmark_get_share (const PspBenchmark *self,
                                  gint64              macs,
                                  gint64              bytes,
                                  double              milliseconds);
