/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-evaluation.h"

#include "engine/core/psp-error.h"

#include <math.h>
#include <string.h>

#define TOLERANCE 1e-9

static PspEvaluation *
evaluation_new (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTaxonomy) taxonomy = psp_taxonomy_new_numbered (3);
  PspEvaluation *evaluation = psp_evaluation_new (taxonomy, &error);

  g_assert_no_error (error);
  return evaluation;
}

/* One row; “.” is ignored. */
static PspMask *
row (const char *text)
{
  PspMask *mask = psp_mask_new ((PspSize) { strlen (text), 1 }, 8, NULL);

  for (int i = 0; text[i] != '\0'; i++)
    if (text[i] != '.')
      mask->pixels[i] = text[i] - '0';
  return mask;
}

static gboolean
add (PspEvaluation  *evaluation,
     const char     *stem,
     const char     *truth_text,
     const char     *prediction_text,
     GError        **error)
{
  g_autoptr(PspMask) truth = row (truth_text);
  g_autoptr(PspMask) prediction = row (prediction_text);

  return psp_evaluation_add (evaluation, stem, truth, prediction, error);
}

static void
test_images (void)
{
  g_autoptr(PspEvaluation) evaluation = evaluation_new ();
  g_autoptr(PspMetrics) metrics = NULL;
  g_autoptr(GPtrArray) images = NULL;
  const PspEvaluatedImage *image;

  g_assert_true (add (evaluation, "b", "0011", "0111", NULL));
  g_assert_true (add (evaluation, "a", "22..", "2200", NULL));

  metrics = psp_evaluation_get_metrics (evaluation, NULL);
  g_assert_cmpfloat_with_epsilon (metrics->pixel_accuracy, 5.0 / 6, TOLERANCE);

  images = psp_evaluation_list_images (evaluation);
  g_assert_cmpuint (images->len, ==, 2);
  image = images->pdata[0];
  g_assert_cmpstr (image->stem, ==, "a");
  g_assert_cmpuint (image->labelled_pixels, ==, 2);
  g_assert_cmpfloat_with_epsilon (image->mean_iou, 1, TOLERANCE);
  image = images->pdata[1];
  g_assert_cmpuint (image->correct_pixels, ==, 3);
  g_assert_cmpfloat_with_epsilon (image->mean_iou, (0.5 + 2.0 / 3) / 2, TOLERANCE);
  g_assert_cmpfloat (image->pixel_accuracy, ==, 0.75);
  g_assert_cmpint (psp_evaluation_count_images (evaluation, 2), ==, 1);
}

static void
test_replaces (void)
{
  g_autoptr(PspEvaluation) evaluation = evaluation_new ();
  g_autoptr(PspConfusion) confusion = NULL;
  g_autoptr(PspEvaluatedImage) image = NULL;

  add (evaluation, "a", "0000", "1111", NULL);
  add (evaluation, "a", "0000", "0000", NULL);
  confusion = psp_evaluation_get_confusion (evaluation, NULL);
  image = psp_evaluation_get_image (evaluation, "a");

  g_assert_cmpint (psp_evaluation_get_n_judged (evaluation), ==, 1);
  g_assert_cmpuint (psp_confusion_get (confusion, 0, 1), ==, 0);
  g_assert_cmpuint (psp_confusion_get (confusion, 0, 0), ==, 4);
  g_assert_cmpuint (image->correct_pixels, ==, 4);
  g_assert_null (psp_evaluation_get_image (evaluation, "b"));
}

static void
test_failures (void)
{
  g_autoptr(PspEvaluation) evaluation = evaluation_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspEvaluatedImage) image = NULL;
  g_autoptr(GPtrArray) worst = NULL;
  g_auto(GStrv) problems = NULL;

  psp_evaluation_add_failure (evaluation, "c", "there is no label");
  psp_evaluation_add_problem (evaluation, "names.txt is missing");
  g_assert_false (add (evaluation, "b", "0000", "000", &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
  g_assert_true (g_str_has_prefix (error->message, "the label has 4 x 1 pixels"));
  add (evaluation, "a", "0078", "0.00", NULL);
  add (evaluation, "d", "....", "0000", NULL);

  g_assert_cmpint (psp_evaluation_get_n_judged (evaluation), ==, 2);
  g_assert_cmpint (psp_evaluation_get_n_failed (evaluation), ==, 2);
  image = psp_evaluation_get_image (evaluation, "c");
  g_assert_cmpstr (image->error, ==, "there is no label");
  g_assert_true (isnan (image->mean_iou));

  worst = psp_evaluation_list_worst (evaluation, 0);
  g_assert_cmpuint (worst->len, ==, 1);

  problems = psp_evaluation_list_problems (evaluation);
  g_assert_cmpuint (g_strv_length (problems), ==, 5);
  g_assert_cmpstr (problems[0], ==, "names.txt is missing");
  g_assert_cmpstr (problems[1], ==, "a: pixels of the label with an id that is no class: 2, "
                                    "smallest id 7; not counted");
  g_assert_cmpstr (problems[2], ==, "a: labelled pixels whose prediction is no class: 1; "
                                    "counted as wrong");
  g_assert_true (g_str_has_prefix (problems[3], "b: the label has 4 x 1 pixels"));
  g_assert_cmpstr (problems[4], ==, "c: there is no label");
}

static void
test_outside_reaches_the_sum (void)
{
  g_autoptr(PspEvaluation) evaluation = evaluation_new ();
  g_autoptr(PspConfusion) confusion = NULL;

  add (evaluation, "a", "0098", "0.00", NULL);
  add (evaluation, "b", "7777", "0000", NULL);
  confusion = psp_evaluation_get_confusion (evaluation, NULL);

  g_assert_cmpuint (psp_confusion_get_truth_outside (confusion), ==, 6);
  g_assert_cmpint (psp_confusion_get_first_truth_outside (confusion), ==, 7);
  g_assert_cmpuint (psp_confusion_get_prediction_outside (confusion, 0), ==, 1);
}

static void
test_worst (void)
{
  g_autoptr(PspEvaluation) evaluation = evaluation_new ();
  g_autoptr(GPtrArray) worst = NULL;
  const char *expected[] = { "wrong", "half-a", "half-b" };

  add (evaluation, "right", "0000", "0000", NULL);
  add (evaluation, "half-b", "0011", "0101", NULL);
  add (evaluation, "wrong", "0000", "1111", NULL);
  add (evaluation, "half-a", "0011", "0101", NULL);
  worst = psp_evaluation_list_worst (evaluation, 3);

  g_assert_cmpuint (worst->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpstr (((PspEvaluatedImage *) worst->pdata[i])->stem, ==, expected[i]);
}

static void
test_cell (void)
{
  g_autoptr(PspEvaluation) evaluation = evaluation_new ();
  g_autoptr(GPtrArray) images = NULL;
  g_autoptr(GPtrArray) first = NULL;

  add (evaluation, "few", "0000", "1000", NULL);
  add (evaluation, "none", "0000", "0000", NULL);
  add (evaluation, "many", "0000", "1110", NULL);
  images = psp_evaluation_list_cell (evaluation, 0, 1, 0);
  first = psp_evaluation_list_cell (evaluation, 0, 1, 1);

  g_assert_cmpuint (images->len, ==, 2);
  g_assert_cmpstr (((PspImageShare *) images->pdata[0])->stem, ==, "many");
  g_assert_cmpuint (((PspImageShare *) images->pdata[0])->n_pixels, ==, 3);
  g_assert_cmpstr (((PspImageShare *) images->pdata[1])->stem, ==, "few");
  g_assert_cmpuint (first->len, ==, 1);
}

/* Another class and none: both are misses. */
static void
test_missed (void)
{
  g_autoptr(PspEvaluation) evaluation = evaluation_new ();
  g_autoptr(GPtrArray) images = NULL;
  g_autoptr(GPtrArray) first = NULL;

  add (evaluation, "few", "00001", "10000", NULL);
  add (evaluation, "none", "0000", "0000", NULL);
  add (evaluation, "absent", "1111", "0000", NULL);
  add (evaluation, "many", "0000", "12.0", NULL);
  images = psp_evaluation_list_missed (evaluation, 0, 0);
  first = psp_evaluation_list_missed (evaluation, 0, 1);

  g_assert_cmpuint (images->len, ==, 2);
  g_assert_cmpstr (((PspImageShare *) images->pdata[0])->stem, ==, "many");
  g_assert_cmpuint (((PspImageShare *) images->pdata[0])->n_pixels, ==, 3);
  g_assert_cmpstr (((PspImageShare *) images->pdata[1])->stem, ==, "few");
  g_assert_cmpuint (((PspImageShare *) images->pdata[1])->n_pixels, ==, 1);
  g_assert_cmpuint (first->len, ==, 1);
}

#define N_THREADS 4
#define N_EACH    50

typedef struct
{
  PspEvaluation *evaluation;
  int            number;
} AddJob;

static gpointer
add_many (gpointer data)
{
  const AddJob *job = data;

  for (int i = 0; i < N_EACH; i++)
    {
      g_autofree char *stem = g_strdup_printf ("%d-%d", job->number, i);
      g_autoptr(PspConfusion) confusion = NULL;

      add (job->evaluation, stem, "0012", "0112", NULL);
      confusion = psp_evaluation_get_confusion (job->evaluation, NULL);
      g_assert_cmpuint (psp_confusion_get (confusion, 0, 0), >, (guint64) i);
    }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr(PspEvaluation) evaluation = evaluation_new ();
  g_autoptr(PspConfusion) confusion = NULL;
  GThread *threads[N_THREADS];
  AddJob jobs[N_THREADS];

  for (int i = 0; i < N_THREADS; i++)
    {
      jobs[i] = (AddJob) { evaluation, i };
      threads[i] = g_thread_new ("add", add_many, &jobs[i]);
    }
  for (int i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  confusion = psp_evaluation_get_confusion (evaluation, NULL);
  g_assert_cmpint (psp_evaluation_get_n_judged (evaluation), ==, N_THREADS * N_EACH);
  g_assert_cmpuint (psp_confusion_get (confusion, 0, 1), ==, N_THREADS * N_EACH);
}

static void
test_too_many_classes (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTaxonomy) taxonomy = psp_taxonomy_new_numbered (PSP_CONFUSION_MAX_CLASSES + 1);

  g_assert_null (psp_evaluation_new (taxonomy, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evaluation/images", test_images);
  g_test_add_func ("/evaluation/replaces", test_replaces);
  g_test_add_func ("/evaluation/failures", test_failures);
  g_test_add_func ("/evaluation/outside", test_outside_reaches_the_sum);
  g_test_add_func ("/evaluation/worst", test_worst);
  g_test_add_func ("/evaluation/cell", test_cell);
  g_test_add_func ("/evaluation/missed", test_missed);
  g_test_add_func ("/evaluation/threads", test_threads);
  g_test_add_func ("/evaluation/too-many-classes", test_too_many_classes);
  return g_test_run ();
}
