/* SPDX-License-Identifier: MIT */
#include "app/psp-command.h"

#include "app/psp-model-arguments.h"
#include "app/psp-run-arguments.h"
#include "engine/dataset/psp-taxonomy-file.h"

#include <math.h>
#include <string.h>

#define DEFAULT_TOLERANCE 1e-4

static char *
join_bins (const PspModelFacts *facts)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < facts->n_bins; i++)
    g_string_append_printf (text, "%s%d", i > 0 ? ", " : "", facts->bins[i]);
  return g_string_free (text, FALSE);
}

static const char *
mark (gboolean assumed)
{
  return assumed ? "  (assumed)" : "";
}

static void
print_facts (const PspModel *model)
{
  const PspModelFacts *facts = psp_model_get_facts (model);
  PspTaxonomy *taxonomy = psp_model_get_taxonomy (model);
  g_autofree char *bins = join_bins (facts);

  g_print ("file             %s\n", psp_model_get_path (model));
  g_print ("container        %s\n", facts->container);
  g_print ("family           %s\n", facts->family);
  g_print ("network          PSPNet-%d, %" G_GINT64_FORMAT " parameters\n", facts->depth,
           facts->n_parameters);
  g_print ("classes          %d%s%s\n", facts->n_classes, taxonomy != NULL ? ", " : "",
           taxonomy != NULL ? psp_taxonomy_get_name (taxonomy) : "");
  g_print ("pyramid bins     %s%s\n", facts->n_bins > 0 ? bins : "none",
           mark (facts->bins_assumed));
  g_print ("auxiliary head   %s\n", facts->has_auxiliary ? "yes" : "no");
  g_print ("align corners    %s%s\n", facts->align_corners ? "yes" : "no",
           mark (facts->align_corners_assumed));
  g_print ("mean             %g, %g, %g%s\n", (double) facts->mean[0], (double) facts->mean[1],
           (double) facts->mean[2], mark (facts->mean_assumed));
  g_print ("deviation        %g, %g, %g%s\n", (double) facts->standard_deviation[0],
           (double) facts->standard_deviation[1], (double) facts->standard_deviation[2],
           mark (facts->standard_deviation_assumed));
  g_print ("channel order    %s%s\n", facts->bgr ? "bgr" : "rgb", mark (facts->bgr_assumed));
  g_print ("output stride    %d\n", facts->output_stride);
  for (int i = 0; taxonomy != NULL && i < facts->n_classes; i++)
    g_print ("  %3d  #%06X  %s\n", i, psp_taxonomy_get_class_color (taxonomy, i),
             psp_taxonomy_get_class_name (taxonomy, i));
}

PspExit
psp_command_model_info (GStrv arguments)
{
  g_auto(GStrv) rest = arguments;
  g_auto(PspModelArguments) given = { 0 };
  GOptionEntry entries[PSP_MODEL_ARGUMENTS_N_ENTRIES + 1] = { 0 };
  PspModelOptions options = { 0 };
  g_autoptr(PspModel) model = NULL;
  g_autoptr(GError) error = NULL;

  psp_model_arguments_fill_entries (&given, entries);
  if (!psp_command_parse (&rest, "model info", "MODEL",
                          "Says what a checkpoint holds.  What is not in the file but follows "
                          "from its family is marked “assumed”.", NULL, entries, &error) ||
      !psp_model_arguments_parse (&given, &options, &error))
    return psp_command_misuse ("model info", "%s", error->message);
  if (rest[1] == NULL || rest[2] != NULL)
    return psp_command_misuse ("model info", "exactly one MODEL is needed");

  model = psp_model_load (rest[1], &options, NULL, &error);
  if (model == NULL)
    return psp_command_fail (error);
  print_facts (model);
  return PSP_EXIT_DONE;
}

PspExit
psp_command_model_convert (GStrv arguments)
{
  g_auto(GStrv) rest = arguments;
  g_auto(PspModelArguments) given = { 0 };
  GOptionEntry model_entries[PSP_MODEL_ARGUMENTS_N_ENTRIES + 1] = { 0 };
  g_autofree char *names = NULL;
  gboolean half = FALSE;
  const GOptionEntry entries[] = {
    { "fp16", 0, 0, G_OPTION_ARG_NONE, &half, "Round convolution weights to 16 bits", NULL },
    { "names", 0, 0, G_OPTION_ARG_FILENAME, &names,
      "Class names to put into the file: one a line, or a taxonomy in JSON", "FILE" },
    { NULL }
  };
  PspModelOptions options = { 0 };
  g_autoptr(PspTaxonomy) taxonomy = NULL;
  g_autoptr(GError) error = NULL;

  psp_model_arguments_fill_entries (&given, model_entries);
  if (!psp_command_parse (&rest, "model convert", "MODEL OUT.safetensors",
                          "Rewrites a checkpoint as safetensors with everything that it takes to "
                          "run it in the metadata.", entries, model_entries, &error) ||
      !psp_model_arguments_parse (&given, &options, &error))
    return psp_command_misuse ("model convert", "%s", error->message);
  if (rest[1] == NULL || rest[2] == NULL || rest[3] != NULL)
    return psp_command_misuse ("model convert", "a MODEL and an OUT.safetensors are needed");

  if (names != NULL)
    {
      taxonomy = psp_taxonomy_load (names, &error);
      if (taxonomy == NULL)
        return psp_command_fail (error);
    }
  if (!psp_model_convert (rest[1], rest[2], &options, taxonomy, half, &error))
    return psp_command_fail (error);
  return PSP_EXIT_DONE;
}

/* What model check works on. */
typedef struct
{
  PspRunner     *runner;
  PspCheckpoint *golden;
  double         tolerance;
} Check;

/* max |difference| / max |reference|; infinite if a number is not finite. */
static double
relative_error (const PspTensor *tensor,
                const PspTensor *reference)
{
  double difference = 0, scale = 0;

  for (gsize i = 0; i < reference->n_elements; i++)
    {
      double distance = fabs ((double) tensor->data[i] - (double) reference->data[i]);

      if (!isfinite (distance))
        return HUGE_VAL;
      difference = MAX (difference, distance);
      scale = MAX (scale, fabs ((double) reference->data[i]));
    }
  return scale > 0 ? difference / scale : difference;
}

static gboolean
same_shape (const PspTensor *a,
            const PspTensor *b)
{
  return a->n_dimensions == b->n_dimensions &&
         memcmp (a->shape, b->shape, a->n_dimensions * sizeof *a->shape) == 0;
}

/* Prints one line; returns whether the tensor agrees. */
static gboolean
check_tensor (const Check  *self,
              GHashTable   *taps,
              const char   *name,
              GError      **error)
{
  g_autoptr(PspTensor) reference = psp_checkpoint_read (self->golden, name, error);
  const PspTensor *tensor = g_hash_table_lookup (taps, name);
  double relative;

  if (reference == NULL)
    return FALSE;
  if (!same_shape (tensor, reference))
    {
      g_autofree char *is = psp_shape_to_string (tensor->n_dimensions, tensor->shape);
      g_autofree char *should = psp_shape_to_string (reference->n_dimensions, reference->shape);

      g_print ("FAIL  %-12s is %s, should be %s\n", name, is, should);
      return FALSE;
    }
  relative = relative_error (tensor, reference);
  g_print ("%s  %-12s %.3e\n", relative <= self->tolerance ? "ok  " : "FAIL", name, relative);
  return relative <= self->tolerance;
}

static PspExit
check_tensors (const Check *self)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) names = NULL;
  g_autoptr(PspTensor) input = NULL;
  g_autoptr(GHashTable) taps = NULL;
  g_autoptr(GError) error = NULL;
  gboolean agree = TRUE;

  for (gsize i = 0; i < psp_checkpoint_get_n_entries (self->golden); i++)
    g_strv_builder_add (builder, psp_checkpoint_get_entry (self->golden, i)->name);
  names = g_strv_builder_end (builder);
  input = psp_checkpoint_read (self->golden, "input", &error);
  if (input != NULL)
    taps = psp_runner_get_taps (self->runner, input, (const char * const *) names, NULL, &error);
  if (taps == NULL)
    return psp_command_fail (error);

  for (int i = 0; names[i] != NULL; i++)
    {
      agree = check_tensor (self, taps, names[i], &error) && agree;
      if (error != NULL)
        return psp_command_fail (error);
    }
  return agree ? PSP_EXIT_DONE : PSP_EXIT_FAILED;
}

static PspExit
run_check (PspRunArguments *run,
           char           **paths,
           double           tolerance)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspCheckpoint) golden = psp_checkpoint_open (paths[1], &error);
  g_autoptr(PspRunner) runner = NULL;
  PspModelOptions options = { 0 };
  const char *bins;

  if (golden == NULL)
    return psp_command_fail (error);
  bins = psp_checkpoint_get_metadata (golden, "bins");
  if (bins != NULL && !psp_model_arguments_parse_bins (bins, &options, &error))
    return psp_command_fail (error);
  runner = psp_run_arguments_open_runner_with (run, paths[0], &options, &error);
  if (runner == NULL)
    return psp_command_fail (error);
  g_print ("%s on %s\n", paths[0],
           psp_backend_get_device_name (psp_runner_get_backend (runner)));
  return check_tensors (&(Check) { runner, golden, tolerance });
}

PspExit
psp_command_model_check (GStrv arguments)
{
  g_auto(GStrv) rest = arguments;
  g_autoptr(PspRunArguments) run = psp_run_arguments_new ();
  double tolerance = DEFAULT_TOLERANCE;
  const GOptionEntry entries[] = {
    { "tolerance", 0, 0, G_OPTION_ARG_DOUBLE, &tolerance,
      "Largest difference, as a share of the largest reference value (default: 1e-4)", "X" },
    { NULL }
  };
  g_autoptr(GError) error = NULL;

  if (!psp_command_parse (&rest, "model check", "MODEL GOLDEN.safetensors",
                          "Feeds the golden file's input to a network and compares every tensor "
                          "of the file.  Prints max |difference| / max |reference| for each.",
                          entries, psp_run_arguments_get_entries (run), &error) ||
      !psp_run_arguments_check (run, &error))
    return psp_command_misuse ("model check", "%s", error->message);
  if (rest[1] == NULL || rest[2] == NULL || rest[3] != NULL)
    return psp_command_misuse ("model check", "a MODEL and a GOLDEN.safetensors are needed");
  if (!(tolerance >= 0))
    return psp_command_misuse ("model check", "--tolerance takes a number from 0 up");
  return run_check (run, rest + 1, tolerance);
}
