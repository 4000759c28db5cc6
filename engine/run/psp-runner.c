/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-runner-private.h"

#include "engine/run/psp-output.h"
#include "engine/run/psp-prediction-private.h"
#include "engine/run/psp-resized-photo.h"
#include "engine/run/psp-slide.h"

/* How many plans are kept; each has an arena of its own. */
#define MAX_PLANS 3

#define MIB ((gsize) 1 << 20)

/* A plan and what it was made for. */
typedef struct
{
  char       *key;
  PspSize     input;
  PspSession *session;
  GArray     *wanted; /* int: values in the order of the names */
} Plan;

struct _PspRunner
{
  PspModel        *model;
  PspBackend      *backend;
  PspWeights      *weights;
  PspLock          lock;   /* one run at a time; guards the plans */
  GPtrArray       *plans;  /* Plan, the one used last at the end */
  gsize            peak_bytes;
  gatomicrefcount  ref_count;
};

static void
plan_free (gpointer data)
{
  Plan *self = data;

  g_clear_pointer (&self->session, psp_session_free);
  g_clear_pointer (&self->wanted, g_array_unref);
  g_free (self->key);
  g_free (self);
}

PspRunner *
psp_runner_new (PspModel    *model,
                PspBackend  *backend,
                GError     **error)
{
  PspWeights *weights = psp_weights_new (psp_model_get_graph (model), backend, error);
  PspRunner *self;

  if (weights != NULL && !psp_model_check_file (model, error))
    g_clear_pointer (&weights, psp_weights_free);
  if (weights == NULL)
    return NULL;

  self = g_new0 (PspRunner, 1);
  self->model = psp_model_ref (model);
  self->backend = psp_backend_ref (backend);
  self->weights = weights;
  self->plans = g_ptr_array_new_with_free_func (plan_free);
  psp_lock_init (&self->lock);
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

PspRunner *
psp_runner_ref (PspRunner *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_runner_unref (PspRunner *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_ptr_array_unref (self->plans);
  psp_weights_free (self->weights);
  psp_backend_unref (self->backend);
  psp_model_unref (self->model);
  psp_lock_clear (&self->lock);
  g_free (self);
}

PspModel *
psp_runner_get_model (const PspRunner *self)
{
  return self->model;
}

PspBackend *
psp_runner_get_backend (const PspRunner *self)
{
  return self->backend;
}

static Plan *
find_plan (PspRunner  *self,
           const char *key)
{
  for (guint i = 0; i < self->plans->len; i++)
    if (g_str_equal (((Plan *) g_ptr_array_index (self->plans, i))->key, key))
      {
        Plan *plan = g_ptr_array_steal_index (self->plans, i);

        g_ptr_array_add (self->plans, plan);
        return plan;
      }
  return NULL;
}

static gboolean
find_values (PspRunner           *self,
             const char * const  *names,
             GArray              *wanted,
             GError             **error)
{
  for (int i = 0; names[i] != NULL; i++)
    {
      int value = psp_graph_find_value (psp_model_get_graph (self->model), names[i]);

      if (value < 0)
        {
          g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND,
                       "%s: the network has no value called “%s”",
                       psp_model_get_path (self->model), names[i]);
          return FALSE;
        }
      g_array_append_val (wanted, value);
    }
  return TRUE;
}

/* What is left may keep weights; without a limit, a run takes as little as it can. */
static gboolean
check_memory (PspRunner   *self,
              PspSize      size,
              gsize        n_bytes,
              gsize        limit,
              const char  *advice,
              GError     **error)
{
  if (limit > 0)
    psp_backend_keep_weights (self->backend, n_bytes <= limit ? limit - n_bytes : 0);
  if (limit == 0 || n_bytes <= limit)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_OVER_LIMIT,
               "%d x %d pixels need %" G_GSIZE_FORMAT " MiB beside the weights, and --memory "
               "allows %" G_GSIZE_FORMAT "; raise it%s", size.width, size.height,
               (n_bytes + MIB - 1) / MIB, limit / MIB, advice);
  return FALSE;
}

gboolean
psp_runner_reckon (PspRunner            *self,
                   const PspImage       *image,
                   const PspRunOptions  *options,
                   gsize                 n_bytes,
                   GError              **error)
{
  self->peak_bytes = n_bytes;
  return check_memory (self, image->size, n_bytes, options->memory_bytes,
                       options->protocol == PSP_PROTOCOL_WHOLE
                       ? " or use --protocol slide with a small --crop"
                       : " or use a smaller --crop or --base", error);
}

/* What is not allowed to run is not kept either. */
static gboolean
drop_plan (PspRunner *self,
           Plan      *plan)
{
  g_ptr_array_remove (self->plans, plan);
  return FALSE;
}

/* Of a pass alone. */
static gboolean
check_plan (PspRunner            *self,
            Plan                 *plan,
            const PspRunOptions  *options,
            GError              **error)
{
  return check_memory (self, plan->input,
                       psp_session_get_bytes (plan->session) +
                       psp_session_get_scratch_bytes (plan->session),
                       options->memory_bytes, "", error) ||
         drop_plan (self, plan);
}

gboolean
psp_runner_check_bins (const PspRunner      *self,
                       const PspRunOptions  *options,
                       GError              **error)
{
  const PspModelFacts *facts = psp_model_get_facts (self->model);

  for (int i = 0; i < options->n_without_bins; i++)
    {
      g_autoptr(GString) there = g_string_new (NULL);
      gboolean found = FALSE;

      for (int k = 0; k < facts->n_bins; k++)
        {
          found = found || facts->bins[k] == options->without_bins[i];
          g_string_append_printf (there, "%s%d", k > 0 ? ", " : "", facts->bins[k]);
        }
      if (found)
        continue;
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                   "%s: its pyramid has no level of %d x %d bins that could be left out; %s%s",
                   psp_model_get_path (self->model), options->without_bins[i],
                   options->without_bins[i], facts->n_bins > 0 ? "there are: " : "it has none",
                   there->str);
      return FALSE;
    }
  return TRUE;
}

/* The values that are the levels of @options' bins, enlarged. */
static GArray *
find_left_out (const PspRunner     *self,
               const PspRunOptions *options)
{
  GArray *values = g_array_new (FALSE, FALSE, sizeof (int));

  for (int i = 0; i < options->n_without_bins; i++)
    {
      g_autofree char *name = g_strdup_printf ("ppm.%d.upsampled", options->without_bins[i]);
      int value = psp_graph_find_value (psp_model_get_graph (self->model), name);

      g_array_append_val (values, value);
    }
  return values;
}

/* Two passes that this is equal for can have the same plan. */
static char *
make_key (PspSize              input,
          int                  batch,
          const char * const  *names,
          const PspRunOptions *options)
{
  GString *key = g_string_new (NULL);

  g_string_append_printf (key, "%dx%dx%d fold %d", batch, input.width, input.height,
                          options->fold);
  for (int i = 0; i < options->n_without_bins; i++)
    g_string_append_printf (key, " without %d", options->without_bins[i]);
  for (int i = 0; names[i] != NULL; i++)
    g_string_append_printf (key, " %s", names[i]);
  return g_string_free (key, FALSE);
}

static PspSession *
make_session (PspRunner           *self,
              PspSize              input,
              int                  batch,
              const GArray        *wanted,
              const PspRunOptions *options)
{
  g_autoptr(GArray) left_out = find_left_out (self, options);

  return psp_session_new (self->weights, &(PspSessionParams) {
    .input = input, .batch = batch, .n_wanted = wanted->len,
    .wanted = (const int *) wanted->data, .fold = options->fold,
    .n_left_out = left_out->len, .left_out = (const int *) left_out->data,
  });
}

/* A new plan has no memory on the device until it runs. */
static Plan *
get_plan (PspRunner            *self,
          PspSize               input,
          int                   batch,
          const char * const   *names,
          const PspRunOptions  *options,
          GError              **error)
{
  g_autofree char *key = make_key (input, batch, names, options);
  g_autoptr(GArray) wanted = g_array_new (FALSE, FALSE, sizeof (int));
  Plan *plan = find_plan (self, key);

  if (plan != NULL)
    return plan;

  if (!psp_runner_check_bins (self, options, error) || !find_values (self, names, wanted, error))
    return NULL;
  /* What other photos left would come on top of what this one may use. */
  if (options->memory_bytes > 0)
    g_ptr_array_set_size (self->plans, 0);
  else if (self->plans->len >= MAX_PLANS)
    g_ptr_array_remove_index (self->plans, 0);

  plan = g_new0 (Plan, 1);
  plan->key = g_steal_pointer (&key);
  plan->input = input;
  plan->session = make_session (self, input, batch, wanted, options);
  plan->wanted = g_steal_pointer (&wanted);
  g_ptr_array_add (self->plans, plan);
  return plan;
}

PspSession *
psp_runner_get_session (PspRunner            *self,
                        PspSize               input,
                        int                   batch,
                        const char * const   *names,
                        const PspRunOptions  *options,
                        GError              **error)
{
  Plan *plan = get_plan (self, input, batch, names, options, error);

  return plan != NULL && check_plan (self, plan, options, error) ? plan->session : NULL;
}

void
psp_runner_keep_plans (PspRunner *self,
                       PspSize    input)
{
  for (guint i = self->plans->len; i > 0; i--)
    if (!psp_size_equal (((Plan *) g_ptr_array_index (self->plans, i - 1))->input, input))
      g_ptr_array_remove_index (self->plans, i - 1);
}

gsize
psp_runner_get_peak_bytes (PspRunner *self)
{
  g_autoptr(PspLockHolder) holder G_GNUC_UNUSED = psp_lock_hold (&self->lock, NULL, NULL);

  return self->peak_bytes;
}

int
psp_runner_find_logits (const PspRunner *self)
{
  return psp_graph_find_value (psp_model_get_graph (self->model), "logits");
}

int
psp_runner_fit_length (const PspRunner *self,
                       int              length)
{
  return psp_model_facts_fit_length (psp_model_get_facts (self->model), length);
}

gboolean
psp_runner_check_crop (const PspRunner  *self,
                       int               crop,
                       GError          **error)
{
  const PspModelFacts *facts = psp_model_get_facts (self->model);
  int shortest = facts->size_multiple + facts->size_offset;

  if (crop >= shortest && psp_runner_fit_length (self, crop) == crop)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
               "a window of %d pixels does not fit the network; --crop takes %dn%s: %d, %d, %d",
               crop, facts->size_multiple, facts->size_offset == 1 ? " + 1" : "",
               psp_runner_fit_length (self, 241), psp_runner_fit_length (self, 473),
               psp_runner_fit_length (self, 713));
  return FALSE;
}

static PspSize
fit_size (const PspRunner *self,
          PspSize          size)
{
  return (PspSize) { psp_runner_fit_length (self, size.width),
                     psp_runner_fit_length (self, size.height) };
}

PspTensor *
psp_runner_prepare_input (const PspRunner  *self,
                          const PspImage   *image,
                          GError          **error)
{
  const PspModelFacts *facts = psp_model_get_facts (self->model);
  PspSize size = fit_size (self, image->size);
  g_autoptr(PspScores) photo =
    psp_resized_photo_make_scores (image, facts->resized ? size : image->size, PSP_PHOTO_BILINEAR,
                                   error);
  PspTensor *input = photo != NULL
                     ? psp_tensor_new (4, (gint64[]) { 1, 3, size.height, size.width }, error)
                     : NULL;

  if (input == NULL)
    return NULL;

  for (int c = 0; c < 3; c++)
    for (int y = 0; y < photo->size.height; y++)
      {
        const float *source = photo->data + (gsize) y * photo->size.width * 3 + c;
        float *row = input->data + ((gsize) c * size.height + y) * size.width;

        for (int x = 0; x < photo->size.width; x++)
          row[x] = (source[3 * x] - facts->mean[c]) / facts->standard_deviation[c];
      }
  return input;
}

/* Logits of a run, as the model's project enlarges them. */
static PspScores *
read_scores (const PspRunner  *self,
             PspSession       *session,
             int               value,
             GError          **error)
{
  PspMap map = psp_session_get_map (session, value);
  g_autoptr(PspScores) scores = psp_scores_new ((PspSize) { map.width, map.height },
                                                map.channels, error);
  g_autofree float **rows = g_new (float *, map.height);

  if (scores == NULL)
    return NULL;
  scores->half_pixels = !psp_model_get_facts (self->model)->align_corners;
  for (int y = 0; y < map.height; y++)
    rows[y] = scores->data + (gsize) y * map.width * map.channels;
  return psp_session_read_rows (session, value, 0, rows, error) ? g_steal_pointer (&scores) : NULL;
}

/* “logits” and what else a detailed prediction reads. */
static GStrv
choose_names (PspRunner *self,
              gboolean   details)
{
  const PspModelFacts *facts = psp_model_get_facts (self->model);
  g_autoptr(GStrvBuilder) names = g_strv_builder_new ();

  g_strv_builder_add (names, "logits");
  if (details && facts->has_auxiliary)
    g_strv_builder_add (names, "aux");
  for (int i = 0; details && i < facts->n_bins; i++)
    {
      g_autofree char *name = g_strdup_printf ("ppm.%d", facts->bins[i]);

      g_strv_builder_add (names, name);
    }
  return g_strv_builder_end (names);
}

/* Reads the values of @plan from the one after the logits on: the auxiliary logits and the
 * pyramid. */
static gboolean
read_auxiliary (PspRunner   *self,
                Plan        *plan,
                gboolean     details,
                PspScores  **auxiliary,
                GError     **error)
{
  if (!details || !psp_model_get_facts (self->model)->has_auxiliary)
    return TRUE;
  *auxiliary = read_scores (self, plan->session, g_array_index (plan->wanted, int, 1), error);
  return *auxiliary != NULL;
}

static gboolean
read_levels (PspRunner      *self,
             Plan           *plan,
             PspPrediction  *prediction,
             GError        **error)
{
  const PspModelFacts *facts = psp_model_get_facts (self->model);

  for (guint i = 1 + facts->has_auxiliary; i < plan->wanted->len; i++)
    {
      g_autoptr(PspTensor) level = psp_session_read (plan->session,
                                                     g_array_index (plan->wanted, int, i), error);

      if (level == NULL || !psp_prediction_add_bins (prediction, level, error))
        return FALSE;
    }
  return TRUE;
}

/* What is known at the network's resolution, and from it labels in the photo's. */
static gboolean
fill_prediction (PspRunner      *self,
                 Plan           *plan,
                 PspPrediction  *prediction,
                 PspScores      *logits,
                 PspScores      *auxiliary,
                 PspSize         covered,
                 GCancellable   *cancellable,
                 GError        **error)
{
  gboolean align_corners = psp_model_get_facts (self->model)->align_corners;

  if (!psp_prediction_set_logits (prediction, logits, auxiliary, covered, error))
    return FALSE;
  for (int i = 0; i < (auxiliary != NULL ? 2 : 1); i++)
    {
      PspMap map = psp_session_get_map (plan->session, g_array_index (plan->wanted, int, i));

      if (!psp_output_classify (self->backend, &map, covered, align_corners, prediction, i == 1,
                                cancellable, error))
        return FALSE;
    }
  return TRUE;
}

/* What a pass takes beyond the weights at its height: before it, the photo as numbers and as a
 * tensor; after it, logits, those being read twice, a band of results twice and the results. */
static gsize
count_whole_bytes (const PspRunner      *self,
                   const Plan           *plan,
                   const PspImage       *image,
                   const PspRunOptions  *options,
                   gboolean              details)
{
  const PspModelFacts *facts = psp_model_get_facts (self->model);
  PspMap logits = psp_session_get_map (plan->session, g_array_index (plan->wanted, int, 0));
  gsize n_image = (gsize) image->size.width * image->size.height;
  gsize n_input = (gsize) plan->input.width * plan->input.height;
  gsize tensor = n_input * 3 * sizeof (float);
  gsize photo = (facts->resized ? n_input : n_image) * 3 * sizeof (float);
  gsize map = (gsize) logits.height * logits.width * logits.pixel_stride * sizeof (float);
  gsize pixel = sizeof (guint16) + (details ? sizeof (float) + sizeof (guint16) : 0) +
                options->n_top * 2 * sizeof (float);
  gsize before = tensor + photo;
  gsize after = map * (details && facts->has_auxiliary ? 3 : 2) + n_image * pixel +
                2 * PSP_OUTPUT_BAND_BYTES;

  return psp_session_get_bytes (plan->session) + psp_session_get_scratch_bytes (plan->session) +
         3 * n_image + MAX (before, after);
}

/* Before the plan takes memory. */
static gboolean
check_whole (PspRunner            *self,
             Plan                 *plan,
             const PspImage       *image,
             const PspRunOptions  *options,
             gboolean              details,
             GError              **error)
{
  return psp_runner_reckon (self, image, options,
                            count_whole_bytes (self, plan, image, options, details), error) ||
         drop_plan (self, plan);
}

static PspPrediction *
predict_whole (PspRunner            *self,
               const PspImage       *image,
               const PspRunOptions  *options,
               gboolean              details,
               PspProgress           progress,
               GCancellable         *cancellable,
               GError              **error)
{
  const PspModelFacts *facts = psp_model_get_facts (self->model);
  PspSize padded = fit_size (self, image->size);
  g_auto(GStrv) names = choose_names (self, details);
  g_autoptr(PspLockHolder) holder = psp_backend_hold (self->backend, cancellable, error);
  Plan *plan = holder != NULL ? get_plan (self, padded, 1, (const char * const *) names, options,
                                          error) : NULL;
  g_autoptr(PspTensor) input = NULL;
  g_autoptr(PspScores) logits = NULL;
  g_autoptr(PspScores) auxiliary = NULL;
  g_autoptr(PspPrediction) prediction = NULL;

  if (plan == NULL || !check_whole (self, plan, image, options, details, error))
    return NULL;
  input = psp_runner_prepare_input (self, image, error);
  if (input == NULL || !psp_session_run (plan->session, input, progress, cancellable, error))
    return NULL;
  g_clear_pointer (&input, psp_tensor_unref);
  logits = read_scores (self, plan->session, psp_runner_find_logits (self), error);
  if (logits == NULL || !read_auxiliary (self, plan, details, &auxiliary, error))
    return NULL;

  prediction = psp_prediction_new (image->size, facts->n_classes, options->n_top, details, error);
  if (prediction == NULL ||
      !fill_prediction (self, plan, prediction, g_steal_pointer (&logits),
                        g_steal_pointer (&auxiliary), facts->resized ? image->size : padded,
                        cancellable, error) ||
      !read_levels (self, plan, prediction, error))
    return NULL;
  return g_steal_pointer (&prediction);
}

PspPrediction *
psp_runner_predict (PspRunner            *self,
                    PspImage             *image,
                    const PspRunOptions  *options,
                    gboolean              details,
                    PspProgress           progress,
                    GCancellable         *cancellable,
                    GError              **error)
{
  g_autoptr(PspLockHolder) holder = psp_lock_hold (&self->lock, cancellable, error);
  PspRunOptions resolved = { 0 };
  g_autoptr(PspPrediction) prediction = NULL;

  if (holder == NULL || !psp_model_check_file (self->model, error))
    return NULL;
  if (options != NULL)
    resolved = *options;
  resolved.protocol = psp_protocol_resolve (resolved.protocol, psp_model_get_facts (self->model));
  if (resolved.protocol == PSP_PROTOCOL_WHOLE)
    prediction = predict_whole (self, image, &resolved, details, progress, cancellable, error);
  else
    prediction = psp_slide_run (self, psp_protocol_get_rules (resolved.protocol), image, &resolved,
                                progress, cancellable, error);
  return prediction != NULL && psp_model_check_file (self->model, error)
         ? g_steal_pointer (&prediction) : NULL;
}

GHashTable *
psp_runner_get_taps (PspRunner            *self,
                     PspTensor            *input,
                     const char * const   *names,
                     const PspRunOptions  *options,
                     GCancellable         *cancellable,
                     GError              **error)
{
  PspRunOptions usual = { 0 };
  g_autoptr(PspLockHolder) runs = psp_lock_hold (&self->lock, cancellable, error);
  g_autoptr(PspLockHolder) device = runs != NULL ? psp_backend_hold (self->backend, cancellable,
                                                                     error) : NULL;
  g_autoptr(GHashTable) taps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                      (GDestroyNotify) psp_tensor_unref);
  Plan *plan;

  if (device == NULL)
    return NULL;
  if (input->n_dimensions != 4)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                   "the input of a network has four dimensions, not %d", input->n_dimensions);
      return NULL;
    }
  plan = get_plan (self, (PspSize) { input->shape[3], input->shape[2] }, input->shape[0], names,
                   options != NULL ? options : &usual, error);
  if (plan == NULL || !check_plan (self, plan, options != NULL ? options : &usual, error) ||
      !psp_session_run (plan->session, input, (PspProgress) { 0 }, cancellable, error))
    return NULL;

  for (guint i = 0; i < plan->wanted->len; i++)
    {
      PspTensor *tensor = psp_session_read (plan->session,
                                            g_array_index (plan->wanted, int, i), error);

      if (tensor == NULL)
        return NULL;
      g_hash_table_insert (taps, g_strdup (names[i]), tensor);
    }
  return psp_model_check_file (self->model, error) ? g_steal_pointer (&taps) : NULL;
}
