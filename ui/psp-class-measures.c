/* SPDX-License-Identifier: MIT */

#include "ui/psp-class-measures.h"

typedef struct
{
  int      n_classes;
  PspMask *truth;      /* (nullable) */
  PspMask *prediction; /* (nullable) */
} Job;

static void
job_free (Job *job)
{
  g_clear_pointer (&job->truth, psp_mask_unref);
  g_clear_pointer (&job->prediction, psp_mask_unref);
  g_free (job);
}

/* The share of every class in @mask. */
static double *
count_shares (const PspMask *mask,
              int            n_classes)
{
  gsize n_pixels = (gsize) mask->size.width * (gsize) mask->size.height;
  g_autofree guint64 *counts = g_new0 (guint64, G_MAXUINT16 + 1);
  double *shares = g_new0 (double, n_classes);

  for (gsize i = 0; i < n_pixels; i++)
    counts[mask->pixels[i]]++;
  for (int id = 0; id < n_classes; id++)
    shares[id] = (double) counts[id] / (double) n_pixels;

  return shares;
}

/* IoU is left unknown where it cannot be had; the shares are worth showing all the same. */
static void
measure_overlap (const Job        *job,
                 PspClassMeasures *measures)
{
  g_autoptr(PspConfusion) confusion = psp_confusion_new (job->n_classes, NULL);
  g_autoptr(PspMetrics) metrics = NULL;

  if (confusion == NULL || !psp_confusion_add (confusion, job->truth, job->prediction, NULL))
    return;

  metrics = psp_metrics_new (confusion);
  for (int id = 0; id < job->n_classes; id++)
    {
      if (metrics->classes[id].present)
        measures[id].iou = metrics->classes[id].iou;
    }
}

static void
worker (GTask        *task,
        gpointer      source,
        gpointer      data,
        GCancellable *cancellable)
{
  const Job *job = data;
  PspClassMeasures *measures = g_new (PspClassMeasures, job->n_classes);
  g_autofree double *truth = NULL;
  g_autofree double *prediction = NULL;

  if (job->truth != NULL)
    truth = count_shares (job->truth, job->n_classes);
  if (job->prediction != NULL)
    prediction = count_shares (job->prediction, job->n_classes);

  for (int id = 0; id < job->n_classes; id++)
    {
      measures[id] = (PspClassMeasures) PSP_CLASS_MEASURES_UNKNOWN;
      if (truth != NULL)
        measures[id].truth = truth[id];
      if (prediction != NULL)
        measures[id].prediction = prediction[id];
    }
  if (truth != NULL && prediction != NULL)
    measure_overlap (job, measures);

  g_task_return_pointer (task, measures, g_free);
}

void
psp_class_measures_async (int                  n_classes,
                          PspMask             *truth,
                          PspMask             *prediction,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, data);
  Job *job = g_new0 (Job, 1);

  job->n_classes = n_classes;
  job->truth = truth != NULL ? psp_mask_ref (truth) : NULL;
  job->prediction = prediction != NULL ? psp_mask_ref (prediction) : NULL;
  g_task_set_source_tag (task, psp_class_measures_async);
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  g_task_run_in_thread (task, worker);
}

PspClassMeasures *
psp_class_measures_finish (GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
