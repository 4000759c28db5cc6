/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-stored-tensor.h"
#include "tests/psp-test-folder.h"

#include <math.h>
#include <string.h>

#define N_ELEMENTS 24

/* A file of N_ELEMENTS floats 0, 1, 2… behind 4 bytes of something else. */
static PspFileReader *
make_file (const PspTestFolder *folder)
{
  guint8 bytes[4 + N_ELEMENTS * 4] = { 0 };
  float values[N_ELEMENTS];
  g_autofree char *path = psp_test_folder_path (folder, "storage");
  g_autoptr(GError) error = NULL;
  PspFileReader *file;

  for (int i = 0; i < N_ELEMENTS; i++)
    values[i] = (float) i;
  psp_dtype_from_float (PSP_DTYPE_F32, values, N_ELEMENTS, bytes + 4);
  psp_test_folder_write (folder, "storage", bytes, sizeof bytes);
  file = psp_file_reader_new (path, &error);
  g_assert_no_error (error);
  return file;
}

static PspStoredTensor
make_tensor (int           n_dimensions,
             const gint64 *shape,
             const gint64 *strides,
             gint64        first_element)
{
  PspStoredTensor tensor = {
    .entry = { "weight", PSP_DTYPE_F32, n_dimensions, { 0 } },
    .first_element = first_element,
    .storage_offset = 4,
    .storage_elements = N_ELEMENTS,
  };

  for (int i = 0; i < n_dimensions; i++)
    {
      tensor.entry.shape[i] = shape[i];
      tensor.strides[i] = strides[i];
    }
  return tensor;
}

typedef struct
{
  int    n_dimensions;
  gint64 shape[4];
  gint64 strides[4];
  gint64 first_element;
  gint64 n_values;
  float  values[8];
} Layout;

static void
test_layouts (void)
{
  static const Layout layouts[] = {
    { 1, { 3 }, { 1 }, 0, 3, { 0, 1, 2 } },
    { 1, { 3 }, { 1 }, 21, 3, { 21, 22, 23 } },
    { 1, { 3 }, { 11 }, 1, 3, { 1, 12, 23 } },
    { 2, { 2, 3 }, { 1, 2 }, 0, 6, { 0, 2, 4, 1, 3, 5 } },
    { 2, { 2, 2 }, { 0, 1 }, 5, 4, { 5, 6, 5, 6 } },
    { 3, { 2, 1, 2 }, { 4, 99999, 1 }, 0, 4, { 0, 1, 4, 5 } },
    { 3, { 2, 1, 2 }, { 2, G_MAXINT64, 1 }, 20, 4, { 20, 21, 22, 23 } },
    { 4, { 1, 2, 2, 2 }, { 8, 1, 4, 2 }, 0, 8, { 0, 2, 4, 6, 1, 3, 5, 7 } },
    { 0, { 0 }, { 0 }, 23, 1, { 23 } },
    { 2, { 0, 5 }, { 5, 1 }, 24, 0, { 0 } },
    { 3, { 0, G_MAXINT64, G_MAXINT64 }, { 1, 1, 1 }, 0, 0, { 0 } },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspFileReader) file = make_file (folder);

  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      const Layout *layout = &layouts[i];
      PspStoredTensor stored = make_tensor (layout->n_dimensions, layout->shape, layout->strides,
                                            layout->first_element);
      g_autoptr(GError) error = NULL;
      g_autoptr(PspTensor) tensor = NULL;
      gboolean checked = psp_stored_tensor_check (&stored, file, &error);

      g_test_message ("layout %u", i);
      g_assert_no_error (error);
      g_assert_true (checked);
      g_assert_true (psp_stored_tensor_verify (&stored, file, 0, &error));
      g_assert_no_error (error);
      tensor = psp_stored_tensor_read (&stored, file, &error);
      g_assert_no_error (error);
      g_assert_cmpint ((gint64) tensor->n_elements, ==, layout->n_values);
      for (gint64 k = 0; k < layout->n_values; k++)
        g_assert_cmpfloat (tensor->data[k], ==, layout->values[k]);
    }
}

static void
test_contiguous (void)
{
  PspStoredTensor tensor = make_tensor (3, (gint64[]) { 2, 3, 4 }, (gint64[]) { 0, 0, 0 }, 0);

  psp_stored_tensor_set_contiguous (&tensor);
  g_assert_cmpint (tensor.strides[0], ==, 12);
  g_assert_cmpint (tensor.strides[1], ==, 4);
  g_assert_cmpint (tensor.strides[2], ==, 1);
}

static void
test_bad_layouts (void)
{
  static const struct
  {
    Layout      layout;
    const char *says;
  } cases[] = {
    { { 1, { 3 }, { 1 }, 22 }, "outside" },
    { { 1, { 3 }, { 1 }, -1 }, "outside" },
    { { 1, { 3 }, { 1 }, G_MAXINT64 }, "outside" },
    { { 1, { 3 }, { 12 }, 0 }, "outside" },
    { { 1, { 3 }, { -1 }, 10 }, "outside" },
    { { 1, { 3 }, { G_MAXINT64 }, 0 }, "outside" },
    { { 2, { 2, 2 }, { G_MAXINT64, 1 }, 1 }, "outside" },
    { { 1, { 25 }, { 0 }, 0 }, "stored" },
    { { 1, { -1 }, { 1 }, 0 }, "shape" },
    { { 2, { G_MAXINT64, 2 }, { 0, 0 }, 0 }, "shape" },
    { { 3, { 1ll << 32, 1ll << 32, 1 }, { 0, 0, 0 }, 0 }, "shape" },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspFileReader) file = make_file (folder);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Layout *layout = &cases[i].layout;
      PspStoredTensor stored = make_tensor (layout->n_dimensions, layout->shape, layout->strides,
                                            layout->first_element);
      g_autoptr(GError) error = NULL;

      g_test_message ("layout %u", i);
      g_assert_false (psp_stored_tensor_check (&stored, file, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE);
      g_assert_true (g_str_has_prefix (error->message, file->path));
      g_assert_nonnull (strstr (error->message, "“weight”"));
      g_assert_nonnull (strstr (error->message, cases[i].says));
    }
}

static void
test_bad_storages (void)
{
  static const struct
  {
    guint64 offset;
    gint64  n_elements;
  } cases[] = {
    { 5, N_ELEMENTS },
    { 4, N_ELEMENTS + 1 },
    { 101, 1 },
    { G_MAXUINT64, 1 },
    { 4, G_MAXINT64 },
    { 4, -1 },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspFileReader) file = make_file (folder);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PspStoredTensor stored = make_tensor (0, NULL, NULL, 0);
      g_autoptr(GError) error = NULL;

      stored.storage_offset = cases[i].offset;
      stored.storage_elements = cases[i].n_elements;
      g_assert_false (psp_stored_tensor_check (&stored, file, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_TRUNCATED);
      g_assert_nonnull (strstr (error->message, "“weight”"));
    }
}

/* A wrong CRC is noticed when the whole storage is read, in whatever order; 0 stands for none. */
static void
test_crc (void)
{
  static const Layout whole[] = {
    { 1, { N_ELEMENTS }, { 1 }, 0 },
    { 2, { 2, 12 }, { 1, 2 }, 0 },
  };
  static const Layout part = { 1, { N_ELEMENTS - 1 }, { 1 }, 0 };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspFileReader) file = make_file (folder);
  PspStoredTensor stored;
  g_autoptr(PspTensor) tensor = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (whole); i++)
    {
      g_autoptr(GError) error = NULL;

      stored = make_tensor (whole[i].n_dimensions, whole[i].shape, whole[i].strides, 0);
      stored.crc32 = 1;
      g_assert_null (psp_stored_tensor_read (&stored, file, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE);
      g_assert_nonnull (strstr (error->message, "CRC"));
      g_clear_error (&error);
      g_assert_false (psp_stored_tensor_verify (&stored, file, 0, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE);
      g_assert_nonnull (strstr (error->message, "CRC"));
    }

  stored = make_tensor (part.n_dimensions, part.shape, part.strides, 0);
  stored.crc32 = 1;
  tensor = psp_stored_tensor_read (&stored, file, NULL);
  g_assert_nonnull (tensor);
  g_assert_true (psp_stored_tensor_verify (&stored, file, 0, NULL));
}

/* Elements of a storage that is read in several pieces. */
#define N_MANY 300000

/* Where in the storage the element @index of a tensor is. */
static gsize
find_element (const PspStoredTensor *tensor,
              gsize                  index)
{
  gsize place = tensor->first_element;

  for (int i = tensor->entry.n_dimensions - 1; i >= 0; i--)
    {
      place += index % tensor->entry.shape[i] * tensor->strides[i];
      index /= tensor->entry.shape[i];
    }
  return place;
}

static PspFileReader *
write_many (const PspTestFolder *folder,
            float               *values)
{
  g_autofree char *path = psp_test_folder_path (folder, "many");
  PspFileReader *file;

  psp_test_folder_write (folder, "many", values, N_MANY * sizeof *values);
  file = psp_file_reader_new (path, NULL);
  g_assert_nonnull (file);
  return file;
}

/* Pieces of a large storage, in whatever order its elements are wanted: one next to another, with
 * rows turned into columns, far apart, or on top of each other.  A number that no network has is
 * found wherever it is. */
static void
test_pieces (void)
{
  static const struct
  {
    Layout layout;
    gsize  bad; /* of the tensor's elements */
  } cases[] = {
    { { 1, { N_MANY }, { 1 }, 0 }, 299999 },
    { { 1, { N_MANY - 7 }, { 1 }, 7 }, 65536 },
    { { 2, { 500, 600 }, { 1, 500 }, 0 }, 299998 },
    { { 4, { 50, 600, 3, 3 }, { 5400, 1, 1800, 600 }, 3 }, 150001 },
    { { 2, { 9, 40 }, { 1, 7000 }, 100 }, 0 },
    { { 2, { 2, 30 }, { 150000, 4999 }, 0 }, 59 },
    { { 2, { 40, 40 }, { 1500, 1501 }, 0 }, 1599 },
    { { 3, { 3, 2, 40000 }, { 50000, 0, 1 }, 0 }, 0 },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree float *values = g_new (float, N_MANY);

  for (gsize i = 0; i < N_MANY; i++)
    values[i] = (float) i;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Layout *layout = &cases[i].layout;
      PspStoredTensor stored = make_tensor (layout->n_dimensions, layout->shape, layout->strides,
                                            layout->first_element);
      gsize bad;
      g_autofree char *says = g_strdup_printf ("holds -inf at place %" G_GSIZE_FORMAT,
                                               cases[i].bad);
      g_autoptr(PspFileReader) file = write_many (folder, values);
      g_autoptr(PspFileReader) bad_file = NULL;
      g_autoptr(PspTensor) tensor = NULL;
      g_autoptr(GError) error = NULL;

      stored.storage_offset = 0;
      stored.storage_elements = N_MANY;
      g_test_message ("layout %u", i);
      g_assert_true (psp_stored_tensor_check (&stored, file, &error));
      tensor = psp_stored_tensor_read (&stored, file, &error);
      g_assert_no_error (error);
      for (gsize k = 0; k < tensor->n_elements; k++)
        g_assert_cmpfloat (tensor->data[k], ==, values[find_element (&stored, k)]);
      g_assert_true (psp_stored_tensor_verify (&stored, file, 0, &error));
      g_assert_no_error (error);

      bad = find_element (&stored, cases[i].bad);
      values[bad] = -INFINITY;
      bad_file = write_many (folder, values);
      values[bad] = (float) bad;
      g_assert_false (psp_stored_tensor_verify (&stored, bad_file, -HUGE_VAL, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
      g_assert_nonnull (strstr (error->message, says));
    }
}

static void
test_minimum (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspFileReader) file = make_file (folder);
  PspStoredTensor stored = make_tensor (1, (gint64[]) { 20 }, (gint64[]) { 1 }, 4);
  g_autoptr(GError) error = NULL;

  g_assert_true (psp_stored_tensor_verify (&stored, file, 4, &error));
  g_assert_no_error (error);
  g_assert_false (psp_stored_tensor_verify (&stored, file, 4.5, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
  g_assert_nonnull (strstr (error->message, "“weight” holds 4 at place 0"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stored-tensor/layouts", test_layouts);
  g_test_add_func ("/stored-tensor/contiguous", test_contiguous);
  g_test_add_func ("/stored-tensor/bad-layouts", test_bad_layouts);
  g_test_add_func ("/stored-tensor/bad-storages", test_bad_storages);
  g_test_add_func ("/stored-tensor/crc", test_crc);
  g_test_add_func ("/stored-tensor/pieces", test_pieces);
  g_test_add_func ("/stored-tensor/minimum", test_minimum);
  return g_test_run ();
}
