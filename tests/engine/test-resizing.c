/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-checkpoint.h"
#include "engine/formats/psp-image-file.h"
#include "engine/run/psp-resized-photo.h"
#include "tests/golden-models.h"
#include "tests/psp-test-folder.h"

#include <math.h>

/* What OpenCV, Pillow and PyTorch make of photos and maps (tests/golden/resizing.py): names are
 * KIND.SOURCE.RESULT. */

/* Floats may differ by this share of the largest value that there is. */
#define HAIR 1e-6

/* Makes what @expected holds from @source, @how. */
typedef PspTensor *(*Make) (const PspTensor *source,
                            const PspTensor *expected,
                            int              how);

typedef struct
{
  const char *name;
  Make        make;
  int         how;
  double      tolerance;
} Kind;

static PspTensor *
make_photo (const PspTensor *source,
            const PspTensor *expected,
            int              how)
{
  g_autoptr(PspImage) photo =
    psp_image_new ((PspSize) { (int) source->shape[1], (int) source->shape[0] }, NULL);
  PspSize size = { (int) expected->shape[1], (int) expected->shape[0] };
  PspTensor *result = psp_tensor_new (3, (gint64[]) { size.height, size.width, 3 }, NULL);
  g_autoptr(PspScores) scores = NULL;

  for (gsize i = 0; i < source->n_elements; i++)
    photo->pixels[i] = (guint8) source->data[i];
  scores = psp_resized_photo_make_scores (photo, size, how, NULL);
  for (gsize i = 0; i < result->n_elements; i++)
    result->data[i] = scores->data[i];
  return result;
}

/* As psp_track_add_row() does: rows first. */
static PspTensor *
make_map (const PspTensor *source,
          const PspTensor *expected,
          int              how)
{
  int height = (int) expected->shape[0], width = (int) expected->shape[1];
  gsize n_channels = (gsize) source->shape[2];
  gsize row_length = (gsize) source->shape[1] * n_channels;
  PspTensor *result = psp_tensor_new (3, (gint64[]) { height, width, source->shape[2] }, NULL);
  g_autoptr(PspFilter) rows = psp_filter_new (how, (int) source->shape[0], height);
  g_autoptr(PspFilter) columns = psp_filter_new (how, (int) source->shape[1], width);
  g_autofree float *mixed = g_new (float, row_length);

  for (int y = 0; y < height; y++)
    {
      psp_filter_mix (rows, y, source->data, 0, row_length, mixed);
      for (int x = 0; x < width; x++)
        psp_filter_mix (columns, x, mixed, 0, n_channels,
                        result->data + ((gsize) y * width + x) * n_channels);
    }
  return result;
}

/* @source: the bytes of a file. */
static PspTensor *
make_decoded (const PspTensor *source,
              const PspTensor *expected,
              int              how)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "photo");
  g_autofree guint8 *bytes = g_new (guint8, source->n_elements);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspImage) photo = NULL;
  PspTensor *result;

  for (gsize i = 0; i < source->n_elements; i++)
    bytes[i] = (guint8) source->data[i];
  psp_test_folder_write (folder, "photo", bytes, source->n_elements);
  photo = psp_image_load (path, &error);
  g_assert_no_error (error);
  result = psp_tensor_new (3, (gint64[]) { photo->size.height, photo->size.width, 3 }, NULL);
  for (gsize i = 0; i < result->n_elements; i++)
    result->data[i] = photo->pixels[i];
  return result;
}

static const Kind kinds[] = {
  { "bytes", make_photo, PSP_PHOTO_OPENCV, 0 },
  { "floats", make_photo, PSP_PHOTO_BILINEAR, 255 * HAIR },
  { "pillow", make_photo, PSP_PHOTO_PILLOW, 0 },
  { "opencv", make_map, PSP_FILTER_OPENCV, HAIR },
  { "centred", make_map, PSP_FILTER_CENTRED, HAIR },
  { "aligned", make_map, PSP_FILTER_ALIGNED, HAIR },
  { "decoded", make_decoded, 0, 0 },
};

static PspTensor *
read_tensor (PspCheckpoint *checkpoint,
             const char    *name)
{
  g_autoptr(GError) error = NULL;
  PspTensor *tensor = psp_checkpoint_read (checkpoint, name, &error);

  g_assert_no_error (error);
  return tensor;
}

static void
check_result (PspCheckpoint *checkpoint,
              const Kind    *kind,
              const char    *name)
{
  g_auto(GStrv) parts = g_strsplit (name, ".", 3);
  g_autoptr(PspTensor) source = read_tensor (checkpoint, parts[1]);
  g_autoptr(PspTensor) expected = read_tensor (checkpoint, name);
  g_autoptr(PspTensor) result = kind->make (source, expected, kind->how);
  double worst = 0;
  int n_different = 0;

  for (int i = 0; i < 3; i++)
    g_assert_cmpint (result->shape[i], ==, expected->shape[i]);
  for (gsize i = 0; i < result->n_elements; i++)
    {
      double difference = fabs ((double) result->data[i] - (double) expected->data[i]);

      worst = MAX (worst, difference);
      n_different += difference > kind->tolerance;
    }
  g_test_message ("%s: %d of %" G_GSIZE_FORMAT " differ, at most by %g", name, n_different,
                  result->n_elements, worst);
  g_assert_cmpint (n_different, ==, 0);
}

static void
test_kind (gconstpointer data)
{
  const Kind *kind = data;
  g_autofree char *path = golden_path ("resizing.safetensors");
  g_autofree char *prefix = g_strconcat (kind->name, ".", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspCheckpoint) checkpoint = psp_checkpoint_open (path, &error);
  int n = 0;

  g_assert_no_error (error);
  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      const char *name = psp_checkpoint_get_entry (checkpoint, i)->name;

      if (!g_str_has_prefix (name, prefix))
        continue;
      check_result (checkpoint, kind, name);
      n++;
    }
  g_assert_cmpint (n, >, 5);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strconcat ("/resizing/", kinds[i].name, NULL);

      g_test_add_data_func (path, &kinds[i], test_kind);
    }
  return g_test_run ();
}
