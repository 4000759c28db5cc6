/* SPDX-License-Identifier: MIT */
#include "app/psp-command.h"

#include "app/psp-interrupt.h"
#include "app/psp-outputs.h"
#include "app/psp-run-arguments.h"
#include "app/psp-terminal-progress.h"
#include "engine/formats/psp-file.h"
#include "engine/formats/psp-json.h"
#include "engine/run/psp-benchmark.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define DEFAULT_SIDE 473
#define MAX_SIDE 8192
#define DEFAULT_REPEAT 5
#define MAX_REPEAT 10000

#define MIB 1048576.0

/* A file with more is none that was written here. */
#define MAX_JSON_BYTES ((gsize) 1 << 20)

static const char description[] =
  "Runs a network on random numbers, once to warm up and then --repeat times, and prints what each "
  "group of layers takes.  “ceiling” is the least time that a plain matrix product or a plain copy "
  "would need for the same work on this device, measured in the same run, as a share of the time "
  "taken.  The product is OpenBLAS' sgemm and the copy memcpy, on as many threads; Vulkan has no "
  "library: there they are the fastest of this program's kernels and vkCmdCopyBuffer.  More than "
  "100 % are possible: on the processor Winograd's convolutions multiply less, and caches pass on "
  "what a copy moves through memory.  On Vulkan the groups are timed one layer at a time, which "
  "costs more than the whole.";

typedef struct
{
  char               *model;
  char               *size;
  char               *json;
  PspRunArguments    *run;
  PspBenchmarkParams  params;
} Bench;

static void
clear_bench (Bench *self)
{
  g_free (self->model);
  g_free (self->size);
  g_free (self->json);
  g_clear_pointer (&self->run, psp_run_arguments_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, clear_bench)

/* “473x713”: height and width. */
static gboolean
parse_size (const char *text,
            PspSize    *size)
{
  g_auto(GStrv) sides = g_strsplit (text, "x", -1);
  guint64 height, width;

  if (g_strv_length (sides) != 2 ||
      !g_ascii_string_to_unsigned (sides[0], 10, 1, MAX_SIDE, &height, NULL) ||
      !g_ascii_string_to_unsigned (sides[1], 10, 1, MAX_SIDE, &width, NULL))
    return FALSE;
  *size = (PspSize) { .width = width, .height = height };
  return TRUE;
}

/* GFLOP/s, a multiply-accumulate being two operations. */
static double
get_rate (gint64 macs,
          double milliseconds)
{
  return milliseconds > 0 ? 2e-6 * macs / milliseconds : 0;
}

static const char *
get_precision (PspRunner *runner)
{
  return psp_precision_get_name (psp_backend_get_precision (psp_runner_get_backend (runner)));
}

static void
print_line (const PspBenchmark *result,
            const char         *name,
            double              milliseconds,
            gint64              macs,
            gint64              bytes)
{
  g_print ("%-8s %9.2f ms %9.3f GMAC %9.1f GFLOP/s %9.1f MiB  ceiling %3.0f %%\n", name,
           milliseconds, macs / 1e9, get_rate (macs, milliseconds), bytes / MIB,
           100 * psp_benchmark_get_share (result, macs, bytes, milliseconds));
}

static void
print_result (const Bench        *self,
              PspRunner          *runner,
              const PspBenchmark *result)
{
  const PspBackend *backend = psp_runner_get_backend (runner);
  const PspCeiling *ceiling = &result->ceiling;

  g_print ("%s at %dx%d, %s, on %s (%s); median of %d\n\n", self->model,
           self->params.size.height, self->params.size.width, get_precision (runner),
           psp_backend_get_device_id (backend), psp_backend_get_device_name (backend),
           self->params.n_repeats);
  for (int i = 0; i < result->n_groups; i++)
    print_line (result, result->groups[i].name, result->groups[i].milliseconds,
                result->groups[i].macs, result->groups[i].bytes);
  print_line (result, "total", result->median_ms, result->macs, result->bytes);
  g_print ("\nshortest %.2f ms; peak memory %.0f MiB, of it activations %.0f MiB\n"
           "ceiling: matrix product %.1f GFLOP/s (%s), copy %.2f GiB/s (%s)\n",
           result->minimum_ms, result->peak_bytes / MIB, result->activation_bytes / MIB,
           2e-9 * ceiling->product_rate, ceiling->product_means,
           ceiling->copy_rate / MIB / 1024, ceiling->copy_means);
}

static void
add_number (JsonBuilder *builder,
            const char  *name,
            double       value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, value);
}

static void
add_count (JsonBuilder *builder,
           const char  *name,
           int          value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_text (JsonBuilder *builder,
          const char  *name,
          const char  *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

/* What groups and the whole have in common; the caller has given the time. */
static void
add_work (JsonBuilder        *builder,
          const PspBenchmark *result,
          double              milliseconds,
          gint64              macs,
          gint64              bytes)
{
  add_number (builder, "gmac", macs / 1e9);
  add_number (builder, "gflops", get_rate (macs, milliseconds));
  add_number (builder, "mib", bytes / MIB);
  add_number (builder, "ceiling_share",
              psp_benchmark_get_share (result, macs, bytes, milliseconds));
}

static void
add_groups (JsonBuilder        *builder,
            const PspBenchmark *result)
{
  json_builder_set_member_name (builder, "groups");
  json_builder_begin_array (builder);
  for (int i = 0; i < result->n_groups; i++)
    {
      const PspBenchmarkGroup *group = &result->groups[i];

      json_builder_begin_object (builder);
      add_text (builder, "name", group->name);
      add_number (builder, "median_ms", group->milliseconds);
      add_work (builder, result, group->milliseconds, group->macs, group->bytes);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_ceiling (JsonBuilder      *builder,
             const PspCeiling *ceiling)
{
  json_builder_set_member_name (builder, "ceiling");
  json_builder_begin_object (builder);
  add_number (builder, "product_gflops", 2e-9 * ceiling->product_rate);
  add_text (builder, "product_means", ceiling->product_means);
  add_number (builder, "copy_gib_per_s", ceiling->copy_rate / MIB / 1024);
  add_text (builder, "copy_means", ceiling->copy_means);
  json_builder_end_object (builder);
}

static JsonNode *
make_json (const Bench        *self,
           PspRunner          *runner,
           const PspBenchmark *result)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_number (builder, "median_ms", result->median_ms);
  add_number (builder, "min_ms", result->minimum_ms);
  add_work (builder, result, result->median_ms, result->macs, result->bytes);
  add_number (builder, "peak_mib", result->peak_bytes / MIB);
  add_number (builder, "activations_mib", result->activation_bytes / MIB);
  add_text (builder, "device", psp_backend_get_device_id (psp_runner_get_backend (runner)));
  add_text (builder, "device_name", psp_backend_get_device_name (psp_runner_get_backend (runner)));
  add_text (builder, "precision", get_precision (runner));
  add_count (builder, "height", self->params.size.height);
  add_count (builder, "width", self->params.size.width);
  add_count (builder, "repeat", self->params.n_repeats);
  add_ceiling (builder, &result->ceiling);
  add_groups (builder, result);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static gboolean
write_json (const Bench         *self,
            PspRunner           *runner,
            const PspBenchmark  *result,
            GError             **error)
{
  g_autoptr(JsonNode) root = make_json (self, runner, result);
  g_autofree char *json = json_to_string (root, TRUE);
  g_autofree char *text = g_strconcat (json, "\n", NULL);

  return psp_file_replace (self->json, text, strlen (text), error);
}

static gboolean
is_bench_file (const char *path)
{
  g_autoptr(JsonNode) root = psp_json_load_object (path, MAX_JSON_BYTES, "measurements are", NULL);

  return root != NULL && json_object_has_member (json_node_get_object (root), "median_ms") &&
         json_object_has_member (json_node_get_object (root), "groups");
}

/* The file of --json must not take the place of what is read, nor of anything else. */
static gboolean
claim_json (const Bench  *self,
            PspModel     *model,
            GError      **error)
{
  g_autoptr(PspOutputs) outputs = psp_outputs_new ();

  psp_run_arguments_protect (self->run, model, outputs);
  return self->json == NULL || psp_outputs_claim (outputs, self->json, is_bench_file, error);
}

static PspExit
run_bench (const Bench  *self,
           GCancellable *cancellable)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTerminalProgress) progress = NULL;
  g_autoptr(PspRunner) runner = psp_run_arguments_open_runner (self->run, self->model,
                                                                 cancellable, &error);
  PspExit status = PSP_EXIT_DONE;
  PspBenchmark result;

  if (runner == NULL || !claim_json (self, psp_runner_get_model (runner), &error))
    return psp_command_fail (error);
  progress = psp_terminal_progress_new ("bench");
  if (!psp_benchmark_run (runner, &self->params, &result, psp_terminal_progress_get (progress),
                          cancellable, &error))
    return psp_command_fail (error);
  g_clear_pointer (&progress, psp_terminal_progress_free);

  /* First, as whoever reads the lines may stop listening, which ends the program. */
  if (self->json != NULL && !write_json (self, runner, &result, &error))
    status = psp_command_fail (error);
  print_result (self, runner, &result);
  return status;
}

static PspExit
check_arguments (Bench *self,
                 GStrv  rest)
{
  if (self->model == NULL)
    return psp_command_misuse ("bench", "-m MODEL is missing");
  if (rest[0] != NULL)
    return psp_command_misuse ("bench", "“%s” is one argument too many", rest[0]);
  if (self->size != NULL && !parse_size (self->size, &self->params.size))
    return psp_command_misuse ("bench", "--size cannot be “%s”; it takes height and width, each "
                               "up to %d, such as 473x713", self->size, MAX_SIDE);
  if (self->params.n_repeats < 1 || self->params.n_repeats > MAX_REPEAT)
    return psp_command_misuse ("bench", "--repeat takes a number from 1 to %d", MAX_REPEAT);
  return PSP_EXIT_DONE;
}

PspExit
psp_command_bench (GStrv arguments)
{
  g_autoptr(PspInterrupt) interrupt = psp_interrupt_new ();
  g_auto(GStrv) rest = arguments;
  g_auto(Bench) self = {
    .run = psp_run_arguments_new (PSP_RUN_TENSORS),
    .params = { .size = { DEFAULT_SIDE, DEFAULT_SIDE }, .n_repeats = DEFAULT_REPEAT },
  };
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &self.model,
      "The checkpoint; of two files either, or both with a comma between them", "FILE" },
    { "size", 0, 0, G_OPTION_ARG_STRING, &self.size,
      "Height and width of the network's input (default: 473x473)", "HxW" },
    { "repeat", 0, 0, G_OPTION_ARG_INT, &self.params.n_repeats, "Timed runs (default: 5)", "N" },
    { "json", 0, 0, G_OPTION_ARG_FILENAME, &self.json, "Write the numbers, too", "FILE" },
    { NULL }
  };
  g_autoptr(GError) error = NULL;
  PspExit status;

  if (!psp_command_parse (&rest, "bench", "", description, entries,
                          psp_run_arguments_get_entries (self.run), &error) ||
      !psp_run_arguments_check (self.run, &error))
    return psp_command_misuse ("bench", "%s", error->message);
  status = check_arguments (&self, rest + 1);
  if (status != PSP_EXIT_DONE)
    return status;
  self.params.options = *psp_run_arguments_get_options (self.run);
  return run_bench (&self, psp_interrupt_get_cancellable (interrupt));
}
