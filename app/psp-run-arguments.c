/* SPDX-License-Identifier: MIT */
#include "app/psp-run-arguments.h"

#include "app/psp-command.h"
#include "app/psp-model-arguments.h"

#include <string.h>

/* Of --scales: shares of the base, or sides in pixels. */
#define MIN_SCALE 0.05
#define MAX_SCALE 16.0
#define MIN_SIDE 16.0
#define MAX_SIDE 8192.0

struct _PspRunArguments
{
  PspRunScope       scope;
  GOptionEntry      entries[11 + PSP_MODEL_ARGUMENTS_N_ENTRIES]; /* options below, and the end */

  /* As they stand on the command line. */
  char             *device;
  char             *threads;
  char             *precision;
  char             *protocol;
  char             *scales;
  gboolean          flip;
  gboolean          no_flip;
  char             *without_bins;
  char             *memory;
  gboolean          validation;
  PspModelArguments model;

  /* What psp_run_arguments_check() makes of them. */
  PspRunOptions     options;
  PspModelOptions   model_options;
  PspPrecision      parsed_precision;
  int               n_threads;
};

/* Those that say how a photo is put through the network. */
static const char * const photo_options[] = { "protocol", "scales", "flip", "no-flip", NULL };

static void
fill_entries (PspRunArguments *self)
{
  const GOptionEntry entries[] = {
    { "device", 0, 0, G_OPTION_ARG_STRING, &self->device,
      "Where to run: auto, cpu, vulkan or vulkan:N (default: auto)", "DEVICE" },
    { "threads", 0, 0, G_OPTION_ARG_STRING, &self->threads,
      "Threads of the processor, which merges windows for a GPU, too (default: one for each core)",
      "N" },
    { "precision", 0, 0, G_OPTION_ARG_STRING, &self->precision,
      "Of weights and activations: fp32 or fp16 (default: fp32)", "BITS" },
    { "protocol", 0, 0, G_OPTION_ARG_STRING, &self->protocol,
      "whole: one pass; slide: scales, windows and mirror images of the official release; mseg, "
      "caffe, mmsegmentation-whole, mmsegmentation-slide, csail, gluoncv: what that project does; "
      "auto: what the model's project does, whole for the official release (default: auto)",
      "NAME" },
    { "scales", 0, 0, G_OPTION_ARG_STRING, &self->scales,
      "Scales of the base, from 0.05 to 16, such as 0.5,1,1.5 (default: 1; csail, in pixels: "
      "300,375,450,525,600)", "LIST" },
    { "flip", 0, 0, G_OPTION_ARG_NONE, &self->flip,
      "Average with the mirror image (default for slide, mseg, caffe, gluoncv)", NULL },
    { "no-flip", 0, 0, G_OPTION_ARG_NONE, &self->no_flip,
      "Leave out the mirror image", NULL },
    { "without-bins", 0, 0, G_OPTION_ARG_STRING, &self->without_bins,
      "Levels of the pyramid that count as zero, such as 1,6 (default: none)", "LIST" },
    { "memory", 0, 0, G_OPTION_ARG_STRING, &self->memory,
      "What a run may use beside the weights: the photo, activations, windows, results and the "
      "processor's scratch memory; what is left keeps weights ready for the next photo (default: "
      "no limit, windows in batches of 1024, and as little as possible)", "MIB" },
    { "validation", 0, 0, G_OPTION_ARG_NONE, &self->validation,
      "Check every Vulkan call with the validation layer (slow)", NULL },
    { NULL }
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (entries) + PSP_MODEL_ARGUMENTS_N_ENTRIES ==
                   G_N_ELEMENTS (self->entries));
  psp_model_arguments_fill_entries (&self->model, self->entries);
  memcpy (self->entries + PSP_MODEL_ARGUMENTS_N_ENTRIES, entries, sizeof entries);
}

PspRunArguments *
psp_run_arguments_new (PspRunScope scope)
{
  PspRunArguments *self = g_new0 (PspRunArguments, 1);

  self->scope = scope;
  fill_entries (self);
  for (GOptionEntry *entry = self->entries; entry->long_name != NULL; entry++)
    if (scope == PSP_RUN_TENSORS && g_strv_contains (photo_options, entry->long_name))
      entry->flags |= G_OPTION_FLAG_HIDDEN;
  return self;
}

void
psp_run_arguments_free (PspRunArguments *self)
{
  g_free (self->device);
  g_free (self->threads);
  g_free (self->memory);
  g_free (self->precision);
  g_free (self->protocol);
  g_free (self->scales);
  g_free (self->without_bins);
  psp_model_arguments_clear (&self->model);
  psp_model_options_clear (&self->model_options);
  g_free (self);
}

const GOptionEntry *
psp_run_arguments_get_entries (const PspRunArguments *self)
{
  return self->entries;
}

static gboolean
bad_value (const char  *option,
           const char  *value,
           const char  *expected,
           GError     **error)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--%s cannot be “%s”; it takes %s", option, value, expected);
  return FALSE;
}

/* The place of @text in @words, -1 if it is not among them; %NULL is the first. */
static int
find_word (const char         *text,
           const char * const *words)
{
  if (text == NULL)
    return 0;
  for (int i = 0; words[i] != NULL; i++)
    if (g_str_equal (words[i], text))
      return i;
  return -1;
}

static gboolean
parse_scales (PspRunArguments  *self,
              GError          **error)
{
  g_auto(GStrv) pieces = g_strsplit (self->scales != NULL ? self->scales : "", ",", -1);

  for (int i = 0; pieces[i] != NULL; i++)
    {
      char *end;
      double scale = g_ascii_strtod (pieces[i], &end);

      if (end == pieces[i] || *end != '\0' || !(scale > 0) || i >= PSP_RUN_MAX_SCALES)
        return bad_value ("scales", self->scales, "up to 32 numbers above 0, such as 0.5,1,1.5",
                          error);
      self->options.scales[i] = scale;
      self->options.n_scales = i + 1;
    }
  return TRUE;
}

static gboolean
parse_without_bins (PspRunArguments  *self,
                    GError          **error)
{
  g_auto(GStrv) pieces = g_strsplit (self->without_bins != NULL ? self->without_bins : "", ",", -1);

  for (int i = 0; pieces[i] != NULL; i++)
    {
      guint64 bins;

      if (i >= PSP_MODEL_MAX_BINS ||
          !g_ascii_string_to_unsigned (pieces[i], 10, 1, G_MAXINT, &bins, NULL))
        return bad_value ("without-bins", self->without_bins,
                          "bins of the model's pyramid, such as 1,6", error);
      self->options.without_bins[i] = bins;
      self->options.n_without_bins = i + 1;
    }
  return TRUE;
}

/* “auto”, “cpu”, “vulkan” or “vulkan:N”. */
static gboolean
check_device (const PspRunArguments  *self,
              GError                **error)
{
  static const char * const words[] = { "auto", "cpu", "vulkan", NULL };
  guint64 number;

  if (find_word (self->device, words) >= 0 ||
      (g_str_has_prefix (self->device, "vulkan:") &&
       g_ascii_string_to_unsigned (self->device + strlen ("vulkan:"), 10, 0, G_MAXINT, &number,
                                   NULL)))
    return TRUE;
  return bad_value ("device", self->device, "auto, cpu, vulkan or vulkan:N", error);
}

/* A whole number above 0; @number stays as it is if @text is %NULL. */
static gboolean
parse_number (const char  *option,
              const char  *text,
              int         *number,
              GError     **error)
{
  guint64 value;

  if (text == NULL)
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT, &value, NULL))
    return bad_value (option, text, "a whole number above 0", error);
  *number = (int) value;
  return TRUE;
}

static gboolean
is_given (const GOptionEntry *entry)
{
  return entry->arg == G_OPTION_ARG_NONE ? *(const gboolean *) entry->arg_data
                                         : *(char * const *) entry->arg_data != NULL;
}

const char *
psp_run_arguments_find_given (const PspRunArguments *self,
                              const char            *but)
{
  for (const GOptionEntry *entry = self->entries; entry->long_name != NULL; entry++)
    if (is_given (entry) && !g_str_equal (entry->long_name, but))
      return entry->long_name;
  return NULL;
}

/* Of options that the help does not offer. */
static void
warn_of_hidden (const PspRunArguments *self)
{
  for (const GOptionEntry *entry = self->entries; entry->long_name != NULL; entry++)
    if (is_given (entry) && (entry->flags & G_OPTION_FLAG_HIDDEN) != 0)
      psp_command_warn ("--%s has no effect here, as no photo is looked at; it is an option of "
                        "predict and evaluate", entry->long_name);
}

/* Numbers beyond are mistakes, and would take all memory or leave nothing of a photo. */
static gboolean
check_scales (const PspRunArguments  *self,
              PspProtocol             protocol,
              GError                **error)
{
  /* Without a base they are the pixels of a side. */
  gboolean pixels = self->options.base == 0 &&
                    psp_protocol_get_rules (protocol)->scale == PSP_SCALE_FITTED;
  double least = pixels ? MIN_SIDE : MIN_SCALE;
  double most = pixels ? MAX_SIDE : MAX_SCALE;

  for (int i = 0; i < self->options.n_scales; i++)
    if (!(self->options.scales[i] >= least && self->options.scales[i] <= most))
      {
        g_autofree char *expected = g_strdup_printf ("numbers from %g to %g under the protocol %s",
                                                     least, most,
                                                     psp_protocol_get_rules (protocol)->name);

        return bad_value ("scales", self->scales, expected, error);
      }
  return TRUE;
}

/* Of options for windows, scales and mirror images that do nothing under @protocol, which is not
 * %PSP_PROTOCOL_FAMILY. */
static void
warn_of_effect (const PspRunArguments *self,
                PspProtocol            protocol)
{
  const PspProtocolRules *rules = psp_protocol_get_rules (protocol);
  gboolean scaled = protocol != PSP_PROTOCOL_WHOLE;
  const struct { const char *option; gboolean given; gboolean counts; } options[] = {
    { "scales", self->scales != NULL, scaled },
    { "flip", self->flip, scaled },
    { "base", self->options.base > 0, scaled },
    { "crop", self->options.crop > 0, scaled && rules->tiles != PSP_TILES_NONE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    if (options[i].given && !options[i].counts)
      psp_command_warn ("--%s has no effect under the protocol %s%s; give the protocol that is "
                        "meant, such as --protocol %s", options[i].option, rules->name,
                        self->options.protocol == PSP_PROTOCOL_FAMILY ? ", which “auto” is here"
                                                                      : "",
                        protocol == PSP_PROTOCOL_MMSEGMENTATION_WHOLE ? "mmsegmentation-slide"
                                                                      : "slide");
}

static gboolean
check_protocol (PspRunArguments  *self,
                GError          **error)
{
  const char *name = self->protocol != NULL ? self->protocol : "auto";
  g_autofree char *names = psp_protocol_list ();

  if (!psp_protocol_find (name, &self->options.protocol))
    return bad_value ("protocol", name, names, error);
  if (!self->flip || !self->no_flip)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--flip and --no-flip exclude each other");
  return FALSE;
}

gboolean
psp_run_arguments_check (PspRunArguments  *self,
                         GError          **error)
{
  static const char * const precisions[] = { "fp32", "fp16", NULL };
  int precision = find_word (self->precision, precisions);
  int memory_mib = 0;

  if (!check_protocol (self, error))
    return FALSE;
  if (precision < 0)
    return bad_value ("precision", self->precision, "fp32 or fp16", error);
  if (!check_device (self, error) ||
      !parse_number ("threads", self->threads, &self->n_threads, error) ||
      !parse_number ("memory", self->memory, &memory_mib, error) ||
      !parse_scales (self, error) || !parse_without_bins (self, error) ||
      !psp_model_arguments_parse (&self->model, &self->model_options, error))
    return FALSE;

  self->parsed_precision = precision == 0 ? PSP_PRECISION_FP32 : PSP_PRECISION_FP16;
  self->options.flip = self->flip;
  self->options.no_flip = self->no_flip;
  self->options.crop = self->model_options.crop;
  self->options.base = self->model_options.base;
  self->options.memory_bytes = (gsize) memory_mib << 20;
  warn_of_hidden (self);
  return self->options.protocol == PSP_PROTOCOL_FAMILY ||
         check_scales (self, self->options.protocol, error);
}

const PspRunOptions *
psp_run_arguments_get_options (const PspRunArguments *self)
{
  return &self->options;
}

static void
describe_slide (const PspRunOptions    *options,
                const PspProtocolRules *rules,
                GString                *text)
{
  g_string_append (text, ", scales");
  for (int i = 0; i < options->n_scales; i++)
    g_string_append_printf (text, " %g", options->scales[i]);
  for (int i = 0; options->n_scales == 0 && i < rules->n_scales; i++)
    g_string_append_printf (text, " %g", rules->scales[i]);
  if (options->crop > 0)
    g_string_append_printf (text, ", crop %d", options->crop);
  if (options->base > 0)
    g_string_append_printf (text, ", base %d", options->base);
  g_string_append (text, (rules->flip ? !options->no_flip : options->flip) ? ", flip"
                                                                            : ", no flip");
}

char *
psp_run_arguments_describe (const PspRunArguments *self,
                            const PspRunner       *runner)
{
  PspProtocol protocol = self->options.protocol;
  GString *text = g_string_new (NULL);

  if (runner != NULL)
    protocol = psp_protocol_resolve (protocol, psp_model_get_facts (psp_runner_get_model (runner)));
  g_string_append (text, protocol == PSP_PROTOCOL_FAMILY
                         ? "auto" : psp_protocol_get_rules (protocol)->name);
  if (protocol != PSP_PROTOCOL_WHOLE && protocol != PSP_PROTOCOL_FAMILY)
    describe_slide (&self->options, psp_protocol_get_rules (protocol), text);
  for (int i = 0; i < self->options.n_without_bins; i++)
    g_string_append_printf (text, "%s %d", i == 0 ? ", without bins" : "",
                            self->options.without_bins[i]);
  return g_string_free (text, FALSE);
}

PspModelOptions *
psp_run_arguments_get_model_options (PspRunArguments *self)
{
  return &self->model_options;
}

/* What fits depends on the model, so that it is checked only now. */
static gboolean
check_options (const PspRunArguments  *self,
               const PspRunner        *runner,
               GError                **error)
{
  const PspModelFacts *facts = psp_model_get_facts (psp_runner_get_model (runner));
  PspProtocol protocol = psp_protocol_resolve (self->options.protocol, facts);
  g_autoptr(GError) reason = NULL;

  if ((self->options.crop > 0 && !psp_runner_check_crop (runner, self->options.crop, &reason)) ||
      !psp_runner_check_bins (runner, &self->options, &reason))
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, reason->message);
      return FALSE;
    }
  if (self->scope == PSP_RUN_TENSORS)
    return TRUE;
  warn_of_effect (self, protocol);
  return check_scales (self, protocol, error);
}

void
psp_run_arguments_protect (const PspRunArguments *self,
                           const PspModel        *model,
                           PspOutputs            *outputs)
{
  if (model != NULL)
    psp_outputs_protect_model (outputs, psp_model_get_path (model));
  psp_outputs_protect (outputs, self->model_options.names);
}

static PspBackendOptions
choose_backend_options (const PspRunArguments *self)
{
  return (PspBackendOptions) {
    .n_threads = self->n_threads,
    .precision = self->parsed_precision,
    .validation = self->validation,
  };
}

static void
print_step (const GError *failure,
            const char   *remedy,
            gpointer      data)
{
  psp_command_warn ("%s; %s", failure->message, remedy);
}

PspPredictor *
psp_run_arguments_open_predictor (PspRunArguments  *self,
                                  const char       *path,
                                  GCancellable     *cancellable,
                                  GError          **error)
{
  PspBackendOptions options = choose_backend_options (self);
  g_autoptr(PspModel) model = psp_model_load (path, &self->model_options, cancellable, error);
  g_autoptr(PspPredictor) predictor = NULL;
  g_autoptr(PspRunner) runner = NULL;

  if (model == NULL)
    return NULL;
  predictor = psp_predictor_new (model, self->device != NULL ? self->device : "auto", &options,
                                 print_step, NULL, error);
  runner = predictor != NULL ? psp_predictor_ref_runner (predictor, error) : NULL;
  if (runner == NULL || !check_options (self, runner, error))
    return NULL;
  if (g_str_equal (psp_backend_get_device_id (psp_runner_get_backend (runner)), "cpu"))
    psp_command_warn_of_slowdown ();
  return g_steal_pointer (&predictor);
}

PspRunner *
psp_run_arguments_open_runner (PspRunArguments  *self,
                               const char       *path,
                               GCancellable     *cancellable,
                               GError          **error)
{
  PspBackendOptions backend_options = choose_backend_options (self);
  g_autoptr(PspBackend) backend = NULL;
  g_autoptr(PspModel) model = NULL;
  g_autoptr(PspRunner) runner = NULL;

  backend = psp_device_open (self->device != NULL ? self->device : "auto", &backend_options, error);
  if (backend == NULL)
    return NULL;
  if (g_str_equal (psp_backend_get_device_id (backend), "cpu"))
    psp_command_warn_of_slowdown ();
  model = psp_model_load (path, &self->model_options, cancellable, error);
  runner = model != NULL ? psp_runner_new (model, backend, error) : NULL;
  if (runner == NULL || !check_options (self, runner, error))
    return NULL;
  return g_steal_pointer (&runner);
}
