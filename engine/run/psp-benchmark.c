/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-benchmark.h"

#include "engine/run/psp-runner-private.h"

#include <string.h>
#include <sys/resource.h>

static const char * const group_names[] = {
  "stem", "layer1", "layer2", "layer3", "layer4", "ppm", "head", "out"
};

enum { GROUP_PPM = 5, GROUP_HEAD, GROUP_OUT };

typedef struct
{
  PspRunner                *runner;
  const PspBenchmarkParams *params;
  PspBenchmark             *result;
  PspBackend               *backend;
  PspSession               *session;
  PspTensor                *input;
  int                      *groups;      /* of each step */
  double                   *seconds;     /* of each step of a run */
  GArray                   *totals;      /* double: milliseconds of each run */
  GArray                   *times[PSP_BENCHMARK_GROUPS]; /* double: the same of a group */
  PspBuffer                *logits;
  PspBuffer                *labels;
  PspClassification         output;
} Bench;

static void
clear_bench (Bench *self)
{
  g_clear_pointer (&self->logits, psp_buffer_free);
  g_clear_pointer (&self->labels, psp_buffer_free);
  g_clear_pointer (&self->input, psp_tensor_unref);
  g_clear_pointer (&self->groups, g_free);
  g_clear_pointer (&self->seconds, g_free);
  g_clear_pointer (&self->totals, g_array_unref);
  for (int i = 0; i < PSP_BENCHMARK_GROUPS; i++)
    g_clear_pointer (&self->times[i], g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, clear_bench)

static int
compare_doubles (gconstpointer a,
                 gconstpointer b)
{
  double difference = *(const double *) a - *(const double *) b;

  return difference < 0 ? -1 : difference > 0;
}

/* Sorts @numbers. */
static double
find_median (GArray *numbers)
{
  const double *sorted = (const double *) numbers->data;

  g_array_sort (numbers, compare_doubles);
  return (sorted[(numbers->len - 1) / 2] + sorted[numbers->len / 2]) / 2;
}

/* Which stage @value is the result of; -1: of none. */
static int
find_stage (const PspGraph *graph,
            int             value)
{
  static const char * const names[] = { "layer0", "layer1", "layer2", "layer3", "layer4" };
  const char *name = psp_graph_get_value (graph, value)->name;

  for (gsize i = 0; name != NULL && i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i]))
      return i;
  return -1;
}

/* A step behind the last stage: of the pyramid if it reads a bin or makes or enlarges one. */
static int
find_late_group (const Bench    *self,
                 const PspLayer *layer,
                 int             step)
{
  if (layer->kind == PSP_LAYER_BIN_POOL || layer->kind == PSP_LAYER_RESIZE)
    return GROUP_PPM;
  for (int i = 0; i < step; i++)
    {
      const PspLayer *earlier = psp_session_get_step (self->session, i).layer;

      if (earlier->kind == PSP_LAYER_BIN_POOL && earlier->destination == layer->source)
        return GROUP_PPM;
    }
  return GROUP_HEAD;
}

/* Stages end with the value that is called after them, whatever the family calls its tensors. */
static void
find_groups (Bench *self)
{
  const PspGraph *graph = psp_model_get_graph (psp_runner_get_model (self->runner));
  int stage = -1;

  for (int step = psp_session_get_n_steps (self->session) - 1; step >= 0; step--)
    {
      const PspLayer *layer = psp_session_get_step (self->session, step).layer;
      int ends = find_stage (graph, layer->destination);

      stage = ends >= 0 ? ends : stage;
      self->groups[step] = stage >= 0 ? stage : find_late_group (self, layer, step);
    }
}

/* Numbers of the order of a normalised photo's, the same each time. */
static PspTensor *
make_input (PspSize   size,
            GError  **error)
{
  PspTensor *input = psp_tensor_new (4, (gint64[]) { 1, 3, size.height, size.width }, error);
  g_autoptr(GRand) random = g_rand_new_with_seed (1);

  for (gsize i = 0; input != NULL && i < input->n_elements; i++)
    input->data[i] = g_rand_double_range (random, -2, 2);
  return input;
}

/* (transfer full): memory on the device that begins with @tensor's numbers, if any, in whatever
 * order, and goes on with zeros. */
static PspBuffer *
make_buffer (PspBackend       *backend,
             const PspMap     *map,
             const PspTensor  *tensor,
             const char       *label,
             GError          **error)
{
  gsize n_elements = (gsize) map->width * map->height * map->pixel_stride;
  g_autoptr(PspBuffer) buffer = psp_backend_buffer_new (backend, n_elements, label, error);
  g_autofree float *numbers = NULL;

  if (buffer == NULL)
    return NULL;
  numbers = g_try_new0 (float, n_elements);
  if (numbers == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY, "no memory for %s", label);
      return NULL;
    }
  if (tensor != NULL)
    memcpy (numbers, tensor->data, tensor->n_elements * sizeof *numbers);
  if (!psp_backend_upload (backend, buffer, 0, numbers, n_elements, error))
    return NULL;
  return g_steal_pointer (&buffer);
}

static PspMap
make_map (PspSize size,
          int     channels)
{
  return (PspMap) {
    .batch = 1, .height = size.height, .width = size.width, .channels = channels,
    .pixel_stride = psp_channels_pad (channels),
  };
}

/* What turns the logits of the first run into class ids. */
static gboolean
prepare_output (Bench   *self,
                GError **error)
{
  PspModel *model = psp_runner_get_model (self->runner);
  const PspModelFacts *facts = psp_model_get_facts (model);
  int value = psp_graph_find_value (psp_model_get_graph (model), "logits");
  g_autoptr(PspTensor) logits = psp_session_read (self->session, value, error);

  if (logits == NULL)
    return FALSE;
  self->output = (PspClassification) {
    .source = make_map ((PspSize) { logits->shape[3], logits->shape[2] }, facts->n_classes),
    .destination = make_map (self->params->size, 1),
    .full = self->params->size, .n_top = 1, .align_corners = facts->align_corners,
  };
  self->logits = make_buffer (self->backend, &self->output.source, logits, "logits", error);
  self->labels = self->logits != NULL
                 ? make_buffer (self->backend, &self->output.destination, NULL, "class ids", error)
                 : NULL;
  self->output.source.buffer = self->logits;
  self->output.destination.buffer = self->labels;
  return self->labels != NULL;
}

/* Plans the network, runs it once and gets ready to take times. */
static gboolean
prepare (Bench         *self,
         PspProgress    progress,
         GCancellable  *cancellable,
         GError       **error)
{
  static const char * const names[] = { "logits", NULL };

  self->session = psp_runner_get_session (self->runner, self->params->size, 1, names,
                                          &self->params->options, error);
  self->input = self->session != NULL ? make_input (self->params->size, error) : NULL;
  if (self->input == NULL ||
      !psp_session_run (self->session, self->input, progress, cancellable, error) ||
      !prepare_output (self, error))
    return FALSE;

  self->groups = g_new (int, psp_session_get_n_steps (self->session));
  self->seconds = g_new0 (double, psp_session_get_n_steps (self->session));
  self->totals = g_array_new (FALSE, FALSE, sizeof (double));
  for (int i = 0; i < PSP_BENCHMARK_GROUPS; i++)
    self->times[i] = g_array_new (FALSE, FALSE, sizeof (double));
  find_groups (self);
  return TRUE;
}

/* Milliseconds from @start_us, of g_get_monotonic_time(), to now. */
static double
elapsed_ms (gint64 start_us)
{
  return (g_get_monotonic_time () - start_us) / 1e3;
}

static gboolean
run_output (Bench         *self,
            double        *milliseconds,
            GCancellable  *cancellable,
            GError       **error)
{
  gint64 start_us = g_get_monotonic_time ();

  if (!psp_backend_classify (self->backend, &self->output, cancellable, error) ||
      !psp_backend_finish (self->backend, cancellable, error))
    return FALSE;
  *milliseconds = elapsed_ms (start_us);
  return TRUE;
}

/* One run as a whole. */
static gboolean
run_whole (Bench         *self,
           PspProgress    progress,
           GCancellable  *cancellable,
           GError       **error)
{
  gint64 start_us = g_get_monotonic_time ();
  double output_ms, total_ms;

  if (!psp_session_run (self->session, self->input, progress, cancellable, error) ||
      !run_output (self, &output_ms, cancellable, error))
    return FALSE;
  total_ms = elapsed_ms (start_us);
  g_array_append_val (self->totals, total_ms);
  return TRUE;
}

/* One run step by step. */
static gboolean
run_groups (Bench         *self,
            PspProgress    progress,
            GCancellable  *cancellable,
            GError       **error)
{
  double times[PSP_BENCHMARK_GROUPS] = { 0 };

  if (!psp_session_profile (self->session, self->input, self->seconds, progress, cancellable,
                            error) ||
      !run_output (self, &times[GROUP_OUT], cancellable, error))
    return FALSE;
  for (int step = 0; step < psp_session_get_n_steps (self->session); step++)
    times[self->groups[step]] += self->seconds[step] * 1e3;
  for (int i = 0; i < PSP_BENCHMARK_GROUPS; i++)
    g_array_append_val (self->times[i], times[i]);
  return TRUE;
}

static gboolean
run_repeats (Bench         *self,
             PspProgress    progress,
             GCancellable  *cancellable,
             GError       **error)
{
  double share = 1.0 / (1 + 2 * self->params->n_repeats);

  if (!prepare (self, psp_progress_part (progress, 0, share), cancellable, error))
    return FALSE;
  for (int i = 0; i < self->params->n_repeats; i++)
    if (!run_whole (self, psp_progress_part (progress, (1 + 2 * i) * share, share), cancellable,
                    error) ||
        !run_groups (self, psp_progress_part (progress, (2 + 2 * i) * share, share), cancellable,
                     error))
      return FALSE;
  return TRUE;
}

/* Work of every group; @groups is indexed like the names. */
static void
sum_work (const Bench       *self,
          PspBenchmarkGroup *groups)
{
  const PspClassification *output = &self->output;

  for (int step = 0; step < psp_session_get_n_steps (self->session); step++)
    {
      PspSessionStep work = psp_session_get_step (self->session, step);

      groups[self->groups[step]].macs += work.macs;
      groups[self->groups[step]].bytes += work.bytes;
    }
  groups[GROUP_OUT].bytes = psp_backend_get_element_bytes (self->backend) *
    ((gint64) output->source.width * output->source.height * output->source.pixel_stride +
     (gint64) output->full.width * output->full.height * output->destination.pixel_stride);
}

static void
summarise (Bench *self)
{
  PspBenchmark *result = self->result;
  PspBenchmarkGroup groups[PSP_BENCHMARK_GROUPS] = { 0 };
  struct rusage usage;

  sum_work (self, groups);
  for (int i = 0; i < PSP_BENCHMARK_GROUPS; i++)
    {
      if (groups[i].bytes == 0)
        continue;
      groups[i].name = group_names[i];
      groups[i].milliseconds = find_median (self->times[i]);
      result->groups[result->n_groups++] = groups[i];
      result->macs += groups[i].macs;
      result->bytes += groups[i].bytes;
    }
  result->median_ms = find_median (self->totals);
  result->minimum_ms = g_array_index (self->totals, double, 0);
  result->activation_bytes = psp_session_get_bytes (self->session);
  if (getrusage (RUSAGE_SELF, &usage) == 0)
    result->peak_bytes = (gsize) usage.ru_maxrss * 1024;
}

gboolean
psp_benchmark_run (PspRunner                 *runner,
                   const PspBenchmarkParams  *params,
                   PspBenchmark              *benchmark,
                   PspProgress                progress,
                   GCancellable              *cancellable,
                   GError                   **error)
{
  g_auto(Bench) self = {
    .runner = runner, .params = params, .result = benchmark,
    .backend = psp_runner_get_backend (runner),
  };

  g_return_val_if_fail (params->n_repeats >= 1, FALSE);
  g_return_val_if_fail (params->size.width >= 1 && params->size.height >= 1, FALSE);

  *benchmark = (PspBenchmark) { 0 };
  if (!run_repeats (&self, progress, cancellable, error))
    return FALSE;
  summarise (&self);
  return psp_backend_measure_ceiling (self.backend, &benchmark->ceiling, cancellable, error);
}

double
psp_benchmark_get_share (const PspBenchmark *self,
                         gint64              macs,
                         gint64              bytes,
                         double              milliseconds)
{
  double least_s = MAX ((double) macs / self->ceiling.product_rate,
                        (double) bytes / self->ceiling.copy_rate);

  return least_s * 1e3 / milliseconds;
}
