/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-evaluation.h"

#include <math.h>
#include <string.h>

/* Stands in a Cell for “no class”; no matrix has that many classes. */
#define NO_CLASS G_MAXUINT16

/* One number of an image's confusion matrix that is not 0: few of K x K are. */
typedef struct
{
  guint16 truth;
  guint16 prediction; /* NO_CLASS: outside the taxonomy */
  guint64 n_pixels;
} Cell;

/* One image; never changed once it is in an evaluation.  An atomically counted box. */
typedef struct
{
  PspEvaluatedImage image;
  GArray           *cells; /* of Cell, by truth, then prediction */
} Record;

struct _PspEvaluation
{
  gatomicrefcount  ref_count;
  PspTaxonomy     *taxonomy;

  GMutex           lock;     /* guards what follows */
  GTree           *records;  /* stem to Record: always in the same order */
  GPtrArray       *problems; /* of char * */
};

static void
record_clear (gpointer data)
{
  Record *record = data;

  g_free (record->image.stem);
  g_free (record->image.error);
  g_array_unref (record->cells);
}

static void
record_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, record_clear);
}

static Record *
record_new (const char *stem)
{
  Record *record = g_atomic_rc_box_new0 (Record);

  record->image.stem = g_strdup (stem);
  record->image.mean_iou = (double) NAN;
  record->image.pixel_accuracy = (double) NAN;
  record->cells = g_array_new (FALSE, FALSE, sizeof (Cell));
  record->image.first_truth_outside = -1;
  return record;
}

/* How many pixels of class @truth are taken for @prediction, or with @others for anything else. */
static guint64
record_count_pixels (const Record *record,
                     int           truth,
                     int           prediction,
                     gboolean      others)
{
  guint64 n_pixels = 0;

  for (guint i = 0; i < record->cells->len; i++)
    {
      const Cell *cell = &g_array_index (record->cells, Cell, i);

      if (cell->truth == truth && (cell->prediction == prediction) != others)
        n_pixels += cell->n_pixels;
    }
  return n_pixels;
}

static int
compare_stems (gconstpointer a,
               gconstpointer b,
               gpointer      data)
{
  return strcmp (a, b);
}

PspEvaluation *
psp_evaluation_new (PspTaxonomy  *taxonomy,
                    GError      **error)
{
  /* Made only to find out now whether there can be one. */
  g_autoptr(PspConfusion) confusion =
    psp_confusion_new (psp_taxonomy_get_n_classes (taxonomy), error);
  PspEvaluation *self;

  if (confusion == NULL)
    return NULL;

  self = g_new0 (PspEvaluation, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->taxonomy = psp_taxonomy_ref (taxonomy);
  g_mutex_init (&self->lock);
  self->records = g_tree_new_full (compare_stems, NULL, NULL, record_unref);
  self->problems = g_ptr_array_new_with_free_func (g_free);
  return self;
}

PspEvaluation *
psp_evaluation_ref (PspEvaluation *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_evaluation_unref (PspEvaluation *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  psp_taxonomy_unref (self->taxonomy);
  g_tree_unref (self->records);
  g_ptr_array_unref (self->problems);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
add_cell (Record  *record,
          int      truth,
          int      prediction,
          guint64  n_pixels)
{
  Cell cell = { truth, prediction, n_pixels };

  if (n_pixels > 0)
    g_array_append_val (record->cells, cell);
}

static void
fill_record (Record             *record,
             const PspConfusion *confusion)
{
  g_autoptr(PspMetrics) metrics = psp_metrics_new (confusion);
  PspEvaluatedImage *image = &record->image;

  for (int truth = 0; truth < metrics->n_classes; truth++)
    {
      image->labelled_pixels += metrics->classes[truth].truth_pixels;
      image->correct_pixels += metrics->classes[truth].true_positives;
      for (int prediction = 0; prediction < metrics->n_classes; prediction++)
        add_cell (record, truth, prediction, psp_confusion_get (confusion, truth, prediction));
      add_cell (record, truth, NO_CLASS, psp_confusion_get_prediction_outside (confusion, truth));
    }

  image->truth_outside = psp_confusion_get_truth_outside (confusion);
  image->first_truth_outside = psp_confusion_get_first_truth_outside (confusion);
  if (image->labelled_pixels == 0)
    return;
  image->mean_iou = metrics->mean_iou_present;
  image->pixel_accuracy = (double) image->correct_pixels / image->labelled_pixels;
}

static void
take_record (PspEvaluation *self,
             Record        *record)
{
  g_mutex_lock (&self->lock);
  g_tree_replace (self->records, record->image.stem, record);
  g_mutex_unlock (&self->lock);
}

gboolean
psp_evaluation_add (PspEvaluation  *self,
                    const char     *stem,
                    const PspMask  *truth,
                    const PspMask  *prediction,
                    GError        **error)
{
  g_autoptr(PspConfusion) confusion = NULL;
  g_autoptr(GError) problem = NULL;
  Record *record;

  confusion = psp_confusion_new (psp_taxonomy_get_n_classes (self->taxonomy), &problem);
  if (confusion == NULL || !psp_confusion_add (confusion, truth, prediction, &problem))
    {
      psp_evaluation_add_failure (self, stem, problem->message);
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }

  record = record_new (stem);
  fill_record (record, confusion);
  take_record (self, record);
  return TRUE;
}

void
psp_evaluation_add_failure (PspEvaluation *self,
                            const char    *stem,
                            const char    *message)
{
  Record *record = record_new (stem);

  record->image.error = g_strdup (message);
  take_record (self, record);
}

void
psp_evaluation_add_problem (PspEvaluation *self,
                            const char    *message)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->problems, g_strdup (message));
  g_mutex_unlock (&self->lock);
}

PspTaxonomy *
psp_evaluation_get_taxonomy (const PspEvaluation *self)
{
  return self->taxonomy;
}

/* The records by stem, to be looked at without the lock. */
static GPtrArray *
list_records (PspEvaluation *self)
{
  GPtrArray *records = g_ptr_array_new_with_free_func (record_unref);

  g_mutex_lock (&self->lock);
  for (GTreeNode *node = g_tree_node_first (self->records); node != NULL;
       node = g_tree_node_next (node))
    g_ptr_array_add (records, g_atomic_rc_box_acquire (g_tree_node_value (node)));
  g_mutex_unlock (&self->lock);
  return records;
}

static int
count_records (PspEvaluation *self,
               gboolean       failed)
{
  g_autoptr(GPtrArray) records = list_records (self);
  int n_records = 0;

  for (guint i = 0; i < records->len; i++)
    n_records += (((Record *) records->pdata[i])->image.error != NULL) == failed;
  return n_records;
}

int
psp_evaluation_get_n_judged (PspEvaluation *self)
{
  return count_records (self, FALSE);
}

int
psp_evaluation_get_n_failed (PspEvaluation *self)
{
  return count_records (self, TRUE);
}

PspConfusion *
psp_evaluation_get_confusion (PspEvaluation  *self,
                              GError        **error)
{
  int n_classes = psp_taxonomy_get_n_classes (self->taxonomy);
  PspConfusion *confusion = psp_confusion_new (n_classes, error);
  g_autoptr(GPtrArray) records = list_records (self);

  for (guint i = 0; confusion != NULL && i < records->len; i++)
    {
      const Record *record = records->pdata[i];

      for (guint j = 0; j < record->cells->len; j++)
        {
          const Cell *cell = &g_array_index (record->cells, Cell, j);

          psp_confusion_add_pixels (confusion, cell->truth, cell->prediction, cell->n_pixels);
        }
      if (record->image.truth_outside > 0)
        psp_confusion_add_pixels (confusion, record->image.first_truth_outside, 0,
                                  record->image.truth_outside);
    }
  return confusion;
}

PspMetrics *
psp_evaluation_get_metrics (PspEvaluation  *self,
                            GError        **error)
{
  g_autoptr(PspConfusion) confusion = psp_evaluation_get_confusion (self, error);

  return confusion == NULL ? NULL : psp_metrics_new (confusion);
}

static PspEvaluatedImage *
copy_image (const PspEvaluatedImage *image)
{
  PspEvaluatedImage *copy = g_new (PspEvaluatedImage, 1);

  *copy = *image;
  copy->stem = g_strdup (image->stem);
  copy->error = g_strdup (image->error);
  return copy;
}

PspEvaluatedImage *
psp_evaluation_get_image (PspEvaluation *self,
                          const char    *stem)
{
  PspEvaluatedImage *image = NULL;
  const Record *record;

  g_mutex_lock (&self->lock);
  record = g_tree_lookup (self->records, stem);
  if (record != NULL)
    image = copy_image (&record->image);
  g_mutex_unlock (&self->lock);
  return image;
}

static void
image_free (gpointer image)
{
  psp_evaluated_image_free (image);
}

GPtrArray *
psp_evaluation_list_images (PspEvaluation *self)
{
  g_autoptr(GPtrArray) records = list_records (self);
  GPtrArray *images = g_ptr_array_new_with_free_func (image_free);

  for (guint i = 0; i < records->len; i++)
    g_ptr_array_add (images, copy_image (&((Record *) records->pdata[i])->image));
  return images;
}

/* Of pointers to images; qsort() gives pointers to those. */
static int
compare_scores (gconstpointer a,
                gconstpointer b)
{
  const PspEvaluatedImage *first = *(PspEvaluatedImage * const *) a;
  const PspEvaluatedImage *second = *(PspEvaluatedImage * const *) b;

  if (first->mean_iou < second->mean_iou || first->mean_iou > second->mean_iou)
    return first->mean_iou < second->mean_iou ? -1 : 1;
  if (first->pixel_accuracy < second->pixel_accuracy ||
      first->pixel_accuracy > second->pixel_accuracy)
    return first->pixel_accuracy < second->pixel_accuracy ? -1 : 1;
  return strcmp (first->stem, second->stem);
}

static void
cut_to (GPtrArray *array,
        int        max_length)
{
  if (max_length > 0 && array->len > (guint) max_length)
    g_ptr_array_set_size (array, max_length);
}

GPtrArray *
psp_evaluation_list_worst (PspEvaluation *self,
                           int            max_images)
{
  g_autoptr(GPtrArray) images = psp_evaluation_list_images (self);
  GPtrArray *worst = g_ptr_array_new_with_free_func (image_free);

  for (guint i = 0; i < images->len; i++)
    {
      const PspEvaluatedImage *image = images->pdata[i];

      if (image->labelled_pixels > 0)
        g_ptr_array_add (worst, copy_image (image));
    }
  g_ptr_array_sort (worst, compare_scores);
  cut_to (worst, max_images);
  return worst;
}

static int
compare_shares (gconstpointer a,
                gconstpointer b)
{
  const PspImageShare *first = *(PspImageShare * const *) a;
  const PspImageShare *second = *(PspImageShare * const *) b;

  if (first->n_pixels != second->n_pixels)
    return first->n_pixels > second->n_pixels ? -1 : 1;
  return strcmp (first->stem, second->stem);
}

static void
share_free (gpointer share)
{
  psp_image_share_free (share);
}

/* The images with pixels that record_count_pixels() counts. */
static GPtrArray *
list_shares (PspEvaluation *self,
             int            truth,
             int            prediction,
             gboolean       others,
             int            max_images)
{
  g_autoptr(GPtrArray) records = list_records (self);
  GPtrArray *shares = g_ptr_array_new_with_free_func (share_free);

  for (guint i = 0; i < records->len; i++)
    {
      const Record *record = records->pdata[i];
      guint64 n_pixels = record_count_pixels (record, truth, prediction, others);
      PspImageShare *share;

      if (n_pixels == 0)
        continue;
      share = g_new (PspImageShare, 1);
      share->stem = g_strdup (record->image.stem);
      share->n_pixels = n_pixels;
      g_ptr_array_add (shares, share);
    }
  g_ptr_array_sort (shares, compare_shares);
  cut_to (shares, max_images);
  return shares;
}

GPtrArray *
psp_evaluation_list_cell (PspEvaluation *self,
                          int            truth,
                          int            prediction,
                          int            max_images)
{
  return list_shares (self, truth, prediction, FALSE, max_images);
}

GPtrArray *
psp_evaluation_list_missed (PspEvaluation *self,
                            int            truth,
                            int            max_images)
{
  return list_shares (self, truth, truth, TRUE, max_images);
}

static gboolean
record_has_class (const Record *record,
                  int           class_id)
{
  for (guint i = 0; i < record->cells->len; i++)
    if (g_array_index (record->cells, Cell, i).truth == class_id)
      return TRUE;
  return FALSE;
}

int
psp_evaluation_count_images (PspEvaluation *self,
                             int            class_id)
{
  g_autoptr(GPtrArray) records = list_records (self);
  int n_images = 0;

  for (guint i = 0; i < records->len; i++)
    n_images += record_has_class (records->pdata[i], class_id);
  return n_images;
}

static void
append_record_problems (const Record *record,
                        GPtrArray    *problems)
{
  const PspEvaluatedImage *image = &record->image;
  const char *stem = image->stem;
  guint64 n_outside = 0;

  if (image->error != NULL)
    g_ptr_array_add (problems, g_strdup_printf ("%s: %s", stem, image->error));

  if (image->truth_outside > 0)
    g_ptr_array_add (problems,
                     g_strdup_printf ("%s: pixels of the label with an id that is no class: "
                                      "%" G_GUINT64_FORMAT ", smallest id %d; not counted",
                                      stem, image->truth_outside, image->first_truth_outside));

  for (guint i = 0; i < record->cells->len; i++)
    {
      const Cell *cell = &g_array_index (record->cells, Cell, i);

      n_outside += cell->prediction == NO_CLASS ? cell->n_pixels : 0;
    }
  if (n_outside > 0)
    g_ptr_array_add (problems,
                     g_strdup_printf ("%s: labelled pixels whose prediction is no class: "
                                      "%" G_GUINT64_FORMAT "; counted as wrong", stem, n_outside));
}

static int
compare_texts (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(char * const *) a, *(char * const *) b);
}

char **
psp_evaluation_list_problems (PspEvaluation *self)
{
  g_autoptr(GPtrArray) records = list_records (self);
  GPtrArray *problems = g_ptr_array_new ();

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->problems->len; i++)
    g_ptr_array_add (problems, g_strdup (self->problems->pdata[i]));
  g_mutex_unlock (&self->lock);
  g_ptr_array_sort (problems, compare_texts);

  for (guint i = 0; i < records->len; i++)
    append_record_problems (records->pdata[i], problems);
  g_ptr_array_add (problems, NULL);
  return (char **) g_ptr_array_free (problems, FALSE);
}

void
psp_evaluated_image_free (PspEvaluatedImage *self)
{
  if (self == NULL)
    return;

  g_free (self->stem);
  g_free (self->error);
  g_free (self);
}

void
psp_image_share_free (PspImageShare *self)
{
  if (self == NULL)
    return;

  g_free (self->stem);
  g_free (self);
}
