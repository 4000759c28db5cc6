/* SPDX-License-Identifier: MIT */
#include "app/psp-command.h"

#include "app/psp-interrupt.h"
#include "app/psp-model-arguments.h"
#include "app/psp-outputs.h"
#include "app/psp-run-arguments.h"
#include "engine/model/psp-model-files.h"

#include <math.h>
#include <string.h>

#define DEFAULT_TOLERANCE 1e-4

/* What people call the facts. */
static const char * const fact_titles[PSP_N_FACTS] = {
  [PSP_FACT_BINS] = "pyramid bins",
  [PSP_FACT_POOLING] = "pooling",
  [PSP_FACT_ALIGN_CORNERS] = "align corners",
  [PSP_FACT_MEAN] = "mean",
  [PSP_FACT_STANDARD_DEVIATION] = "deviation",
  [PSP_FACT_CHANNEL_ORDER] = "channel order",
  [PSP_FACT_CROP] = "crop",
  [PSP_FACT_BASE] = "base",
  [PSP_FACT_NAMES] = "class names",
};

/* Each fact with where it comes from. */
static void
print_fact (const PspModel *model,
            PspFact         fact)
{
  static const char * const marks[] = {
    [PSP_FACT_ASSUMED] = "  (assumed)", [PSP_FACT_IN_FILE] = "  (in the file)",
    [PSP_FACT_GIVEN] = "  (given)",
  };
  const PspModelFacts *facts = psp_model_get_facts (model);
  g_autofree char *text = psp_model_format_fact (model, fact);
  gboolean known = !g_str_equal (text, "none") && !g_str_equal (text, "unknown");
  g_auto(GStrv) pieces = g_strsplit (text, ",", -1);
  g_autofree char *spaced = g_strjoinv (", ", pieces);

  if (fact == PSP_FACT_ALIGN_CORNERS)
    {
      g_free (spaced);
      spaced = g_strdup (facts->align_corners ? "yes" : "no");
    }
  g_print ("%-16s %s%s\n", fact_titles[fact], spaced,
           known ? marks[facts->sources[fact]] : "");
  if (fact == PSP_FACT_BINS && facts->early_bins != NULL)
    g_print ("  early versions of that project had others; if it is one of these, say --bins %s\n",
             facts->early_bins);
}

static void
print_names (const PspModel *model)
{
  PspTaxonomy *taxonomy = psp_model_get_taxonomy (model);
  g_auto(GStrv) proposals = psp_model_propose_names (model);

  for (int i = 0; taxonomy == NULL && proposals[i] != NULL; i++)
    g_print ("  as many classes has %s; if it is this, say --names %s\n", proposals[i],
             proposals[i]);
  for (int i = 0; taxonomy != NULL && i < psp_taxonomy_get_n_classes (taxonomy); i++)
    g_print ("  %3d  #%06X  %s\n", i, psp_taxonomy_get_class_color (taxonomy, i),
             psp_taxonomy_get_class_name (taxonomy, i));
}

/* Where the project leaves it to its users. */
static void
print_enlargement (const PspModelFacts *facts)
{
  if (facts->enlargement == 0)
    return;

  g_print ("enlargement      %d times  (%s)\n", facts->enlargement,
           facts->enlargement_assumed ? "assumed" : "in the file or beside it");
  if (facts->enlargement != facts->output_stride)
    g_print ("                 that makes masks of %d/%d of the input's height and width; here, "
             "predictions are\n                 enlarged in the same way, but to the size of the "
             "photo\n", facts->enlargement, facts->output_stride);
}

static void
print_facts (const PspModel *model)
{
  const PspModelFacts *facts = psp_model_get_facts (model);

  g_print ("file             %s\n", psp_model_get_path (model));
  g_print ("container        %s\n", facts->container);
  g_print ("family           %s\n", facts->family);
  g_print ("network          PSPNet-%d, %" G_GINT64_FORMAT " parameters\n", facts->depth,
           facts->n_parameters);
  g_print ("classes          %d\n", facts->n_classes);
  g_print ("auxiliary head   %s\n", facts->has_auxiliary ? "yes" : "no");
  g_print ("output stride    %d\n", facts->output_stride);
  print_enlargement (facts);
  for (PspFact fact = 0; fact < PSP_N_FACTS; fact++)
    print_fact (model, fact);
  print_names (model);
}

PspExit
psp_command_model_info (GStrv arguments)
{
  g_auto(GStrv) rest = arguments;
  g_auto(PspModelArguments) given = { 0 };
  GOptionEntry entries[PSP_MODEL_ARGUMENTS_N_ENTRIES + 1] = { 0 };
  g_auto(PspModelOptions) options = { 0 };
  g_autoptr(PspModel) model = NULL;
  g_autoptr(GError) error = NULL;

  psp_model_arguments_fill_entries (&given, entries);
  if (!psp_command_parse (&rest, "model info", "MODEL",
                          "Says what a checkpoint holds, and where each fact comes from.  What is "
                          "not in the file but usual for its family is marked “assumed”.\n\n"
                          PSP_MODEL_ARGUMENTS_HELP "  What the options below say counts more than "
                          "the file.",
                          NULL, entries, &error) ||
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

static gboolean
is_converted_model (const char *path)
{
  return psp_outputs_has_format (path, "scenescope");
}

/* The copy must not take the place of what is read, nor of anything else but an earlier copy. */
static gboolean
claim_copy (const char             *path,
            const char             *copy_path,
            const PspModelOptions  *options,
            GError                **error)
{
  g_autoptr(PspCheckpoint) checkpoint = psp_model_files_open (path, error);
  g_autoptr(PspOutputs) outputs = psp_outputs_new ();

  if (checkpoint == NULL)
    return FALSE;
  psp_outputs_protect (outputs, psp_checkpoint_get_path (checkpoint));
  psp_outputs_protect (outputs, psp_checkpoint_get_companion_path (checkpoint));
  psp_outputs_protect (outputs, options->names);
  return psp_outputs_claim (outputs, copy_path, is_converted_model, error);
}

PspExit
psp_command_model_convert (GStrv arguments)
{
  g_autoptr(PspInterrupt) interrupt = psp_interrupt_new ();
  g_auto(GStrv) rest = arguments;
  g_auto(PspModelArguments) given = { 0 };
  GOptionEntry model_entries[PSP_MODEL_ARGUMENTS_N_ENTRIES + 1] = { 0 };
  gboolean half = FALSE;
  const GOptionEntry entries[] = {
    { "fp16", 0, 0, G_OPTION_ARG_NONE, &half, "Round convolution weights to 16 bits", NULL },
    { NULL }
  };
  g_auto(PspModelOptions) options = { 0 };
  g_autoptr(GError) error = NULL;

  psp_model_arguments_fill_entries (&given, model_entries);
  if (!psp_command_parse (&rest, "model convert", "MODEL OUT.safetensors",
                          "Rewrites a checkpoint as safetensors with everything that it takes to "
                          "run it in the metadata.\n\n" PSP_MODEL_ARGUMENTS_HELP "  What "
                          "the options below say counts more than the file, and is written.",
                          entries, model_entries, &error) ||
      !psp_model_arguments_parse (&given, &options, &error))
    return psp_command_misuse ("model convert", "%s", error->message);
  if (rest[1] == NULL || rest[2] == NULL || rest[3] != NULL)
    return psp_command_misuse ("model convert", "a MODEL and an OUT.safetensors are needed");

  if (!claim_copy (rest[1], rest[2], &options, &error) ||
      !psp_model_convert (rest[1], rest[2], &options, half,
                          psp_interrupt_get_cancellable (interrupt), &error))
    return psp_command_fail (error);
  return PSP_EXIT_DONE;
}

/* What model check works on. */
typedef struct
{
  PspRunArguments *run;
  PspRunner       *runner;
  PspCheckpoint   *golden;
  double           tolerance;
  GCancellable    *cancellable; /* of the interrupt */
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
    taps = psp_runner_get_taps (self->runner, input, (const char * const *) names,
                                psp_run_arguments_get_options (self->run), self->cancellable,
                                &error);
  if (taps == NULL)
    return psp_command_fail (error);

  for (int i = 0; names[i] != NULL; i++)
    {
      agree = check_tensor (self, taps, names[i], &error) && agree;
      if (error != NULL || g_cancellable_set_error_if_cancelled (self->cancellable, &error))
        return psp_command_fail (error);
    }
  return agree ? PSP_EXIT_DONE : PSP_EXIT_FAILED;
}

/* What the golden file says of the network counts, unless it is given. */
static gboolean
adopt_facts (PspModelOptions      *options,
             const PspCheckpoint  *golden,
             GError              **error)
{
  for (PspFact fact = 0; fact < PSP_FACT_NAMES; fact++)
    {
      const char *text = psp_checkpoint_get_metadata (golden, psp_fact_get_key (fact));

      if (text != NULL && !psp_model_options_has (options, fact) &&
          !psp_model_options_set (options, fact, text, error))
        {
          g_prefix_error (error, "%s: the metadata entry “%s” ", psp_checkpoint_get_path (golden),
                          psp_fact_get_key (fact));
          return FALSE;
        }
    }
  return TRUE;
}

static PspExit
run_check (PspRunArguments *run,
           char           **paths,
           double           tolerance,
           GCancellable    *cancellable)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspCheckpoint) golden = psp_checkpoint_open (paths[1], &error);
  g_autoptr(PspRunner) runner = NULL;

  if (golden == NULL ||
      !adopt_facts (psp_run_arguments_get_model_options (run), golden, &error))
    return psp_command_fail (error);
  runner = psp_run_arguments_open_runner (run, paths[0], cancellable, &error);
  if (runner == NULL)
    return psp_command_fail (error);
  g_print ("%s on %s\n", paths[0],
           psp_backend_get_device_name (psp_runner_get_backend (runner)));
  return check_tensors (&(Check) { run, runner, golden, tolerance, cancellable });
}

PspExit
psp_command_model_check (GStrv arguments)
{
  g_autoptr(PspInterrupt) interrupt = psp_interrupt_new ();
  g_auto(GStrv) rest = arguments;
  g_autoptr(PspRunArguments) run = psp_run_arguments_new (PSP_RUN_TENSORS);
  double tolerance = DEFAULT_TOLERANCE;
  const GOptionEntry entries[] = {
    { "tolerance", 0, 0, G_OPTION_ARG_DOUBLE, &tolerance,
      "Largest difference, as a share of the largest reference value (default: 1e-4)", "X" },
    { NULL }
  };
  g_autoptr(GError) error = NULL;

  if (!psp_command_parse (&rest, "model check", "MODEL GOLDEN.safetensors",
                          "Feeds the golden file's input to a network and compares every tensor "
                          "of the file.  Prints max |difference| / max |reference| for each.\n\n"
                          PSP_MODEL_ARGUMENTS_HELP "  What the options below say counts more than "
                          "the golden file, and that more than MODEL.",
                          entries, psp_run_arguments_get_entries (run), &error) ||
      !psp_run_arguments_check (run, &error))
    return psp_command_misuse ("model check", "%s", error->message);
  if (rest[1] == NULL || rest[2] == NULL || rest[3] != NULL)
    return psp_command_misuse ("model check", "a MODEL and a GOLDEN.safetensors are needed");
  if (!(tolerance >= 0))
    return psp_command_misuse ("model check", "--tolerance takes a number from 0 up");
  return run_check (run, rest + 1, tolerance, psp_interrupt_get_cancellable (interrupt));
}
