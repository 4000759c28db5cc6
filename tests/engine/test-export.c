/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-export.h"
#include "engine/dataset/psp-taxonomy-file.h"
#include "engine/formats/psp-image-file.h"

#include "tests/psp-test-folder.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <sys/inotify.h>
#include <unistd.h>

#define CAMVID "Sky\nBuilding\nPole\nRoad\nPavement\nTree\nSignSymbol\nFence\nCar\nPedestrian\n" \
               "Bicyclist\n"

/* JPEG, 1 x 2 pixels (white above black) with EXIF orientation 6: shown as 2 x 1, black on the
 * left.  Made with Pillow 9.4.0: Image.new ("L", (1, 2)), save (quality=100, exif=…,
 * optimize=True). */
static const guint8 turned_jpeg[] = {
  0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46, 0x00, 0x01, 0x01, 0x00, 0x00,
  0x01, 0x00, 0x01, 0x00, 0x00, 0xff, 0xe1, 0x00, 0x22, 0x45, 0x78, 0x69, 0x66, 0x00, 0x00,
  0x4d, 0x4d, 0x00, 0x2a, 0x00, 0x00, 0x00, 0x08, 0x00, 0x01, 0x01, 0x12, 0x00, 0x03, 0x00,
  0x00, 0x00, 0x01, 0x00, 0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xdb, 0x00, 0x43,
  0x00, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01,
  0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01,
  0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01,
  0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01,
  0x01, 0x01, 0x01, 0x01, 0x01, 0xff, 0xc0, 0x00, 0x0b, 0x08, 0x00, 0x02, 0x00, 0x01, 0x01,
  0x01, 0x11, 0x00, 0xff, 0xc4, 0x00, 0x14, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0a, 0xff, 0xc4, 0x00, 0x1a, 0x10,
  0x00, 0x01, 0x05, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x08, 0x00, 0x09, 0x19, 0x59, 0x98, 0xd7, 0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00,
  0x00, 0x3f, 0x00, 0x1f, 0xd2, 0xc4, 0xe9, 0xb6, 0x58, 0x7f, 0xec, 0x82, 0x2b, 0xa3, 0x2f,
  0xff, 0xd9,
};

static void
write_photo (const PspTestFolder *folder,
             const char          *name,
             PspSize              size)
{
  g_autofree char *path = psp_test_folder_path (folder, name);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr(PspImage) image = psp_image_new (size, NULL);
  GError *error = NULL;

  image->pixels[0] = 200;
  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  psp_image_save_png (image, path, &error);
  g_assert_no_error (error);
}

static PspMask *
make_mask (const guint16 *ids,
           PspSize        size,
           int            bit_depth)
{
  PspMask *mask = psp_mask_new (size, bit_depth, NULL);

  memcpy (mask->pixels, ids, sizeof *ids * size.width * size.height);
  return mask;
}

static void
write_mask (const PspTestFolder *folder,
            const char          *name,
            const guint16       *ids,
            PspSize              size,
            int                  bit_depth)
{
  g_autofree char *path = psp_test_folder_path (folder, name);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr(PspMask) mask = make_mask (ids, size, bit_depth);
  GError *error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  psp_mask_save (mask, path, &error);
  g_assert_no_error (error);
}

static void
assert_mask (const PspTestFolder *folder,
             const char          *name,
             const guint16       *ids,
             PspSize              size)
{
  g_autofree char *path = psp_test_folder_path (folder, name);
  g_autoptr(PspMask) expected = make_mask (ids, size, 8);
  GError *error = NULL;
  g_autoptr(PspMask) mask = psp_mask_load (path, &error);

  g_assert_no_error (error);
  g_assert_true (psp_mask_equal (mask, expected));
}

static void
assert_text (const PspTestFolder *folder,
             const char          *name,
             const char          *expected)
{
  gsize n_bytes;
  g_autofree char *text = psp_test_folder_read (folder, name, &n_bytes);

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_same_file (const PspTestFolder *folder,
                  const char          *a,
                  const char          *b)
{
  gsize n_a, n_b;
  g_autofree char *a_bytes = psp_test_folder_read (folder, a, &n_a);
  g_autofree char *b_bytes = psp_test_folder_read (folder, b, &n_b);

  g_assert_cmpmem (a_bytes, n_a, b_bytes, n_b);
}

static JsonObject *
read_manifest (const PspTestFolder *folder,
               const char          *name,
               JsonParser          *parser)
{
  gsize n_bytes;
  g_autofree char *text = psp_test_folder_read (folder, name, &n_bytes);
  GError *error = NULL;

  json_parser_load_from_data (parser, text, (gssize) n_bytes, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static gint64
class_pixels (JsonObject *manifest,
              const char *taxonomy,
              guint       id)
{
  JsonObject *counts = json_object_get_object_member (manifest, taxonomy);
  JsonArray *classes = json_object_get_array_member (counts, "classes");
  JsonObject *class = json_array_get_object_element (classes, id);

  g_assert_cmpint (json_object_get_int_member (class, "id"), ==, id);
  return json_object_get_int_member (class, "pixels");
}

static const PspSize pair_size = { 4, 2 };
static const guint16 first_ids[] = { 0, 0, 3, 3, 8, 8, 255, 10 };
static const guint16 second_ids[] = { 5, 5, 5, 5, 20, 20, 65535, 65535 };
static const guint16 corrected_ids[] = { 1, 1, 1, 1, 1, 1, 1, 255 };

/* data/: two pairs and an image without a label; out: where to export. */
typedef struct
{
  PspTestFolder *folder;
  char          *data;
  char          *out;
  PspDataset    *dataset;
} Fixture;

static void
reopen (Fixture *fixture)
{
  const char *paths[] = { fixture->data, NULL };
  GError *error = NULL;

  g_clear_pointer (&fixture->dataset, psp_dataset_unref);
  fixture->dataset = psp_dataset_open (paths, NULL, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->folder = psp_test_folder_new ();
  fixture->data = psp_test_folder_path (fixture->folder, "data");
  fixture->out = psp_test_folder_path (fixture->folder, "out");
  write_photo (fixture->folder, "data/images/a.png", pair_size);
  write_photo (fixture->folder, "data/images/sub/b.png", pair_size);
  write_photo (fixture->folder, "data/images/bare.png", pair_size);
  write_mask (fixture->folder, "data/labels/a.png", first_ids, pair_size, 8);
  write_mask (fixture->folder, "data/labels/sub/b.png", second_ids, pair_size, 16);
  psp_test_folder_print (fixture->folder, "data/names.txt", CAMVID);
  reopen (fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  psp_dataset_unref (fixture->dataset);
  g_free (fixture->data);
  g_free (fixture->out);
  psp_test_folder_remove (fixture->folder);
}

static PspExportRequest
request_for (const Fixture    *fixture,
             PspExportProfile  profile)
{
  return (PspExportRequest) {
    .items = psp_dataset_get_items (fixture->dataset),
    .n_items = psp_dataset_get_n_items (fixture->dataset),
    .source_folder = psp_dataset_get_folder (fixture->dataset),
    .taxonomy = psp_dataset_get_taxonomy (fixture->dataset),
    .profile = profile,
    .folder = fixture->out,
  };
}

/* Nothing but data/ is there: no half export, no hidden folder. */
static void
assert_nothing_written (const Fixture *fixture)
{
  g_assert_cmpint (psp_test_folder_count (fixture->folder, "."), ==, 1);
}

static void
test_folder (Fixture       *fixture,
             gconstpointer  data)
{
  static const guint16 second_expected[] = { 5, 5, 5, 5, 20, 20, 254, 254 };
  static const guint16 second_given[] = { 5, 5, 5, 5, 20, 20, 254, 254 };
  PspExportRequest request = request_for (fixture, PSP_EXPORT_FOLDER);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspExportResult) result = NULL;
  g_autoptr(JsonParser) parser = json_parser_new ();
  JsonObject *manifest;
  JsonArray *unmapped;

  write_mask (fixture->folder, "data/labels/sub/b.png", second_given, pair_size, 16);
  result = psp_export_run (&request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->n_done, ==, 2);
  g_assert_cmpint (result->n_corrected, ==, 0);
  g_assert_cmpint (g_strv_length (result->failures), ==, 0);
  g_assert_cmpint (g_strv_length (result->skipped), ==, 1);
  g_assert_cmpstr (result->skipped[0], ==, "bare: it has no label");
  g_assert_cmpint (result->before->pixels[5], ==, 4);
  g_assert_cmpint (result->before->pixels[20], ==, 2);
  g_assert_cmpint (result->before->ignored, ==, 1);

  assert_same_file (fixture->folder, "data/images/a.png", "out/images/a.png");
  assert_same_file (fixture->folder, "data/images/sub/b.png", "out/images/sub/b.png");
  assert_same_file (fixture->folder, "data/labels/a.png", "out/labels/a.png");
  assert_mask (fixture->folder, "out/labels/sub/b.png", second_expected, pair_size);
  assert_text (fixture->folder, "out/names.txt", CAMVID);
  assert_text (fixture->folder, "out/colors.txt",
               "128 128 128\n128 0 0\n192 192 128\n128 64 128\n60 40 222\n128 128 0\n192 128 128\n"
               "64 64 128\n64 0 128\n64 64 0\n0 128 192\n");
  assert_text (fixture->folder, "out/list.txt",
               "images/a.png labels/a.png\nimages/sub/b.png labels/sub/b.png\n");
  g_assert_cmpint (psp_test_folder_count (fixture->folder, "out"), ==, 6);
  g_assert_cmpint (psp_test_folder_count (fixture->folder, "."), ==, 2);

  manifest = read_manifest (fixture->folder, "out/manifest.json", parser);
  g_assert_cmpstr (json_object_get_string_member (manifest, "profile"), ==, "folder");
  g_assert_false (json_object_has_member (manifest, "mapping"));
  g_assert_cmpint (class_pixels (manifest, "source_taxonomy", 3), ==, 2);
  g_assert_cmpint (class_pixels (manifest, "target_taxonomy", 3), ==, 2);
  unmapped = json_object_get_array_member (manifest, "unmapped_ids");
  g_assert_cmpint (json_array_get_length (unmapped), ==, 2);
  g_assert_cmpint (json_object_get_int_member (json_array_get_object_element (unmapped, 0), "id"),
                   ==, 20);
}

static void
test_mseg (Fixture       *fixture,
           gconstpointer  data)
{
  static const guint16 first_mapped[] = { 142, 142, 98, 98, 176, 176, 255, 127 };
  static const guint16 second_mapped[] = { 174, 174, 174, 174, 255, 255, 255, 255 };
  PspExportRequest request = request_for (fixture, PSP_EXPORT_MSEG);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspExportResult) result = psp_export_run (&request, NULL, &error);
  g_autoptr(PspTaxonomy) universal = psp_taxonomy_load_builtin ("mseg-universal", NULL);
  g_autofree char *names = psp_taxonomy_to_names_text (universal);
  g_autoptr(JsonParser) parser = json_parser_new ();
  JsonObject *manifest, *pair;

  g_assert_no_error (error);
  g_assert_cmpint (result->n_done, ==, 2);
  assert_mask (fixture->folder, "out/labels/a.png", first_mapped, pair_size);
  assert_mask (fixture->folder, "out/labels/sub/b.png", second_mapped, pair_size);
  assert_text (fixture->folder, "out/names.txt", names);
  assert_same_file (fixture->folder, "data/images/a.png", "out/images/a.png");

  manifest = read_manifest (fixture->folder, "out/manifest.json", parser);
  g_assert_cmpstr (json_object_get_string_member (manifest, "profile"), ==, "mseg");
  g_assert_nonnull (strstr (json_object_get_string_member (manifest, "note"), "this program's"));
  g_assert_cmpint (class_pixels (manifest, "source_taxonomy", 5), ==, 4);
  g_assert_cmpint (class_pixels (manifest, "target_taxonomy", 174), ==, 4);
  g_assert_cmpint (class_pixels (manifest, "target_taxonomy", 5), ==, 0);
  g_assert_cmpint (json_array_get_length (json_object_get_array_member (manifest, "mapping")), ==,
                   11);
  pair = json_array_get_object_element (json_object_get_array_member (manifest, "mapping"), 4);
  g_assert_cmpstr (json_object_get_string_member (pair, "source"), ==, "Pavement");
  g_assert_cmpstr (json_object_get_string_member (pair, "target"), ==, "sidewalk_pavement");
  g_assert_cmpint (json_object_get_int_member (pair, "target_id"), ==, 100);
}

/* The same classes in another order are mapped by their names. */
static void
test_mseg_shuffled (Fixture       *fixture,
                    gconstpointer  data)
{
  static const guint16 ids[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
  static const guint16 mapped[] = { 176, 142, 35, 143, 98, 100, 174, 135 };
  PspExportRequest request;
  g_autoptr(GError) error = NULL;
  g_autoptr(PspExportResult) result = NULL;

  psp_test_folder_print (fixture->folder, "data/names.txt",
                         "Car\nSky\nBuilding\nPole\nRoad\nPavement\nTree\nSignSymbol\nFence\n"
                         "Pedestrian\nBicyclist\n");
  write_mask (fixture->folder, "data/labels/a.png", ids, pair_size, 8);
  reopen (fixture);
  request = request_for (fixture, PSP_EXPORT_MSEG);
  result = psp_export_run (&request, NULL, &error);
  g_assert_no_error (error);
  assert_mask (fixture->folder, "out/labels/a.png", mapped, pair_size);
}

static void
test_mseg_unknown_classes (Fixture       *fixture,
                           gconstpointer  data)
{
  PspExportRequest request;
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) nameless_error = NULL;

  psp_test_folder_print (fixture->folder, "data/names.txt", "a\nb\n");
  reopen (fixture);
  request = request_for (fixture, PSP_EXPORT_MSEG);
  g_assert_null (psp_export_run (&request, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
  request.taxonomy = NULL;
  g_assert_null (psp_export_run (&request, NULL, &nameless_error));
  g_assert_error (nameless_error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
  assert_nothing_written (fixture);
}

static PspMask *
find_corrected (const char  *stem,
                gpointer     data,
                GError     **error)
{
  if (g_str_equal (stem, "a"))
    return make_mask (corrected_ids, pair_size, 8);
  if (g_str_equal (stem, "sub/b"))
    g_set_error_literal (error, PSP_ERROR, PSP_ERROR_IO, "the corrected mask is gone");
  return NULL;
}

static void
test_corrected (Fixture       *fixture,
                gconstpointer  data)
{
  PspExportRequest request = request_for (fixture, PSP_EXPORT_FOLDER);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspExportResult) result = NULL;
  g_autoptr(JsonParser) parser = json_parser_new ();
  JsonObject *manifest;
  JsonArray *images;

  request.find_corrected = find_corrected;
  result = psp_export_run (&request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->n_done, ==, 1);
  g_assert_cmpint (result->n_corrected, ==, 1);
  g_assert_cmpint (g_strv_length (result->failures), ==, 1);
  g_assert_cmpstr (result->failures[0], ==, "sub/b: the corrected mask is gone");
  assert_mask (fixture->folder, "out/labels/a.png", corrected_ids, pair_size);
  manifest = read_manifest (fixture->folder, "out/manifest.json", parser);
  images = json_object_get_array_member (manifest, "images");
  g_assert_true (json_object_get_boolean_member (json_array_get_object_element (images, 0),
                                                 "corrected"));
}

static void
test_failures (Fixture       *fixture,
               gconstpointer  data)
{
  static const guint16 wide[] = { 300, 0, 0, 0, 0, 0, 0, 0 };
  PspExportRequest request;
  g_autoptr(GError) error = NULL;
  g_autoptr(PspExportResult) result = NULL;
  g_autofree char *photo = psp_test_folder_path (fixture->folder, "data/images/cut.png");

  write_photo (fixture->folder, "data/images/size.png", (PspSize) { 2, 4 });
  write_mask (fixture->folder, "data/labels/size.png", first_ids, pair_size, 8);
  write_photo (fixture->folder, "data/images/cut.png", pair_size);
  write_mask (fixture->folder, "data/labels/cut.png", first_ids, pair_size, 8);
  g_assert_cmpint (truncate (photo, 50), ==, 0);
  write_photo (fixture->folder, "data/images/wide.png", pair_size);
  write_mask (fixture->folder, "data/labels/wide.png", wide, pair_size, 16);
  write_photo (fixture->folder, "data/images/text.png", pair_size);
  psp_test_folder_print (fixture->folder, "data/labels/text.png", "not a mask");
  reopen (fixture);

  request = request_for (fixture, PSP_EXPORT_FOLDER);
  result = psp_export_run (&request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->n_done, ==, 2);
  g_assert_cmpint (g_strv_length (result->failures), ==, 4);
  g_assert_true (g_str_has_prefix (result->failures[0], "cut: "));
  g_assert_nonnull (strstr (result->failures[0], "ends too early"));
  g_assert_cmpstr (result->failures[1], ==,
                   "size: its photo has 2 x 4 pixels and its mask 4 x 2");
  g_assert_true (g_str_has_prefix (result->failures[2], "text: "));
  g_assert_nonnull (strstr (result->failures[3], "wide: its mask holds id 300"));
  assert_text (fixture->folder, "out/list.txt",
               "images/a.png labels/a.png\nimages/sub/b.png labels/sub/b.png\n");
  g_assert_cmpint (psp_test_folder_count (fixture->folder, "out/labels"), ==, 2);
}

static void
test_nothing_done (Fixture       *fixture,
                   gconstpointer  data)
{
  PspDatasetItem item = { "x", "/nowhere/x.png", "/nowhere/label.png" };
  PspDatasetItem escape = { "../x", "/nowhere/x.png", "/nowhere/label.png" };
  PspDatasetItem items[] = { item, escape };
  PspExportRequest request = request_for (fixture, PSP_EXPORT_FOLDER);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspExportResult) result = NULL;

  request.items = items;
  request.n_items = 2;
  result = psp_export_run (&request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->n_done, ==, 0);
  g_assert_cmpint (g_strv_length (result->failures), ==, 2);
  assert_nothing_written (fixture);
}

static void
test_dry_run (Fixture       *fixture,
              gconstpointer  data)
{
  PspExportRequest request = request_for (fixture, PSP_EXPORT_MSEG);
  g_autofree char *deep = psp_test_folder_path (fixture->folder, "new/parents/out");
  g_autoptr(GError) error = NULL;
  g_autoptr(PspExportResult) result = NULL;

  request.dry_run = TRUE;
  request.folder = deep;
  result = psp_export_run (&request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->n_done, ==, 2);
  g_assert_cmpint (result->before->pixels[5], ==, 4);
  g_assert_cmpint (result->before->pixels[20], ==, 2);
  g_assert_cmpint (result->after->pixels[174], ==, 4);
  g_assert_cmpint (result->after->ignored, ==, 5);
  g_assert_cmpstr (psp_taxonomy_get_name (result->source), ==, "camvid-11");
  g_assert_cmpstr (psp_taxonomy_get_name (result->target), ==, "mseg-universal");
  assert_nothing_written (fixture);
}

/* Blanks and “#” would break list.txt; the item whose name needs no change keeps it. */
static void
test_names (Fixture       *fixture,
            gconstpointer  data)
{
  PspExportRequest request;
  g_autoptr(GError) error = NULL;
  g_autoptr(PspExportResult) result = NULL;
  g_autoptr(JsonParser) parser = json_parser_new ();
  JsonObject *manifest;
  JsonArray *images;

  write_photo (fixture->folder, "data/images/x y.png", pair_size);
  write_mask (fixture->folder, "data/labels/x y.png", first_ids, pair_size, 8);
  write_photo (fixture->folder, "data/images/x_y.png", pair_size);
  write_mask (fixture->folder, "data/labels/x_y.png", corrected_ids, pair_size, 8);
  write_photo (fixture->folder, "data/images/z#1.png", pair_size);
  write_mask (fixture->folder, "data/labels/z#1.png", first_ids, pair_size, 8);
  reopen (fixture);
  request = request_for (fixture, PSP_EXPORT_FOLDER);
  result = psp_export_run (&request, NULL, &error);
  g_assert_no_error (error);
  assert_text (fixture->folder, "out/list.txt",
               "images/a.png labels/a.png\nimages/sub/b.png labels/sub/b.png\n"
               "images/x_y_.png labels/x_y_.png\nimages/x_y.png labels/x_y.png\n"
               "images/z_1.png labels/z_1.png\n");
  assert_mask (fixture->folder, "out/labels/x_y_.png", first_ids, pair_size);
  assert_mask (fixture->folder, "out/labels/x_y.png", corrected_ids, pair_size);
  manifest = read_manifest (fixture->folder, "out/manifest.json", parser);
  images = json_object_get_array_member (manifest, "images");
  manifest = json_array_get_object_element (images, 2);
  g_assert_cmpstr (json_object_get_string_member (manifest, "stem"), ==, "x y");
}

static void
test_turned_photo (Fixture       *fixture,
                   gconstpointer  data)
{
  static const guint16 ids[] = { 3, 8 };
  g_autofree char *path = psp_test_folder_path (fixture->folder, "out/images/turned.png");
  PspExportRequest request;
  g_autoptr(GError) error = NULL;
  g_autoptr(PspExportResult) result = NULL;
  g_autoptr(PspImage) image = NULL;
  PspImageInfo info;

  psp_test_folder_write (fixture->folder, "data/images/turned.jpg", turned_jpeg,
                         sizeof turned_jpeg);
  write_mask (fixture->folder, "data/labels/turned.png", ids, (PspSize) { 2, 1 }, 8);
  reopen (fixture);
  request = request_for (fixture, PSP_EXPORT_FOLDER);
  result = psp_export_run (&request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->n_done, ==, 3);
  image = psp_image_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (image->size.width, ==, 2);
  g_assert_cmpint (image->size.height, ==, 1);
  g_assert_cmpint (image->pixels[0], <, 30);
  g_assert_cmpint (image->pixels[3], >, 225);
  g_assert_true (psp_image_probe (path, &info, &error));
  g_assert_cmpint (info.orientation, ==, 1);
}

/* How often @watch tells that the file was opened. */
static int
count_opened (int watch)
{
  char events[16384] __attribute__ ((aligned (__alignof__ (struct inotify_event))));
  gssize n_bytes = read (watch, events, sizeof events);
  int n_opened = 0;

  for (gssize at = 0; at < n_bytes;)
    {
      const struct inotify_event *event = (const struct inotify_event *) (events + at);

      n_opened += (event->mask & IN_OPEN) != 0;
      at += (gssize) sizeof *event + event->len;
    }
  return n_opened;
}

/* The photo that is copied is the one that was looked at: it is read once. */
static void
test_read_once (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *photo = psp_test_folder_path (fixture->folder, "data/images/a.png");
  PspExportRequest request = request_for (fixture, PSP_EXPORT_FOLDER);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspExportResult) result = NULL;
  int watch = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);

  if (watch < 0)
    {
      g_test_skip ("no more files can be watched; other programs of this user watch too many");
      return;
    }
  g_assert_cmpint (inotify_add_watch (watch, photo, IN_OPEN | IN_CLOSE), >=, 0);
  result = psp_export_run (&request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (count_opened (watch), ==, 1);
  g_assert_cmpint (close (watch), ==, 0);
}

static void
assert_refused (Fixture    *fixture,
                const char *folder)
{
  PspExportRequest request = request_for (fixture, PSP_EXPORT_FOLDER);
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) dry_error = NULL;

  request.folder = folder;
  g_assert_null (psp_export_run (&request, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
  g_assert_true (g_str_has_prefix (error->message, folder));
  request.dry_run = TRUE;
  g_assert_null (psp_export_run (&request, NULL, &dry_error));
  g_assert_error (dry_error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
}

static void
test_refused_targets (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autofree char *below = psp_test_folder_path (fixture->folder, "data/new/out");
  g_autofree char *link = psp_test_folder_path (fixture->folder, "link");
  g_autofree char *through_link = psp_test_folder_path (fixture->folder, "link/out");
  g_autofree char *full = psp_test_folder_path (fixture->folder, "full");
  g_autofree char *file = psp_test_folder_path (fixture->folder, "full/file");

  g_assert_cmpint (symlink (fixture->data, link), ==, 0);
  psp_test_folder_print (fixture->folder, "full/file", "keep");
  assert_refused (fixture, fixture->data);
  assert_refused (fixture, below);
  assert_refused (fixture, through_link);
  assert_refused (fixture, full);
  assert_refused (fixture, file);
  assert_text (fixture->folder, "full/file", "keep");
  g_assert_cmpint (psp_test_folder_count (fixture->folder, "."), ==, 3);
  g_assert_cmpint (psp_test_folder_count (fixture->folder, "data"), ==, 3);
}

/* A folder that is there but empty is filled, also through a link. */
static void
test_empty_target (Fixture       *fixture,
                   gconstpointer  data)
{
  PspExportRequest request = request_for (fixture, PSP_EXPORT_FOLDER);
  g_autofree char *link = psp_test_folder_path (fixture->folder, "link");
  g_autoptr(GError) error = NULL;
  g_autoptr(PspExportResult) result = NULL;

  g_assert_cmpint (g_mkdir (fixture->out, 0700), ==, 0);
  g_assert_cmpint (symlink ("out", link), ==, 0);
  request.folder = link;
  result = psp_export_run (&request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (psp_test_folder_count (fixture->folder, "out"), ==, 6);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
}

static void
test_read_only_target (Fixture       *fixture,
                       gconstpointer  data)
{
  PspExportRequest request = request_for (fixture, PSP_EXPORT_FOLDER);
  g_autofree char *locked = psp_test_folder_path (fixture->folder, "locked");
  g_autofree char *target = psp_test_folder_path (fixture->folder, "locked/out");
  g_autoptr(GError) error = NULL;

  if (geteuid () == 0)
    {
      g_test_skip ("root may write everywhere");
      return;
    }

  g_assert_cmpint (g_mkdir (locked, 0500), ==, 0);
  request.folder = target;
  g_assert_null (psp_export_run (&request, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_assert_true (g_str_has_prefix (error->message, target));
  g_assert_cmpint (psp_test_folder_count (fixture->folder, "locked"), ==, 0);
}

/* Also for root: a folder cannot be made below a file. */
static void
test_impossible_target (Fixture       *fixture,
                        gconstpointer  data)
{
  PspExportRequest request = request_for (fixture, PSP_EXPORT_FOLDER);
  g_autofree char *target = psp_test_folder_path (fixture->folder, "data/names.txt/out");
  g_autoptr(GError) error = NULL;

  request.source_folder = NULL;
  request.folder = target;
  g_assert_null (psp_export_run (&request, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  assert_nothing_written (fixture);
}

static void
cancel_now (double   fraction,
            gpointer data)
{
  g_cancellable_cancel (data);
}

static void
test_cancel (Fixture       *fixture,
             gconstpointer  data)
{
  PspExportRequest request = request_for (fixture, PSP_EXPORT_FOLDER);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  /* After the first image. */
  request.progress = (PspProgress) { .func = cancel_now, .data = cancellable };
  g_assert_null (psp_export_run (&request, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_nothing_written (fixture);
}

static void
count_progress (double   fraction,
                gpointer data)
{
  double *last = data;

  g_assert_cmpfloat (fraction, >, *last);
  *last = fraction;
}

static void
test_progress (Fixture       *fixture,
               gconstpointer  data)
{
  PspExportRequest request = request_for (fixture, PSP_EXPORT_FOLDER);
  g_autoptr(PspExportResult) result = NULL;
  double last = 0;

  request.progress = (PspProgress) { .func = count_progress, .data = &last };
  result = psp_export_run (&request, NULL, NULL);
  g_assert_nonnull (result);
  g_assert_cmpfloat (last, ==, 1);
}

/* What was exported is a dataset that opens without a complaint. */
static void
test_reopen (Fixture       *fixture,
             gconstpointer  data)
{
  PspExportRequest request = request_for (fixture, PSP_EXPORT_MSEG);
  const char *paths[] = { fixture->out, NULL };
  g_autoptr(GError) error = NULL;
  g_autoptr(PspExportResult) result = psp_export_run (&request, NULL, &error);
  g_autoptr(PspDataset) exported = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (result->n_done, ==, 2);
  exported = psp_dataset_open (paths, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (psp_dataset_get_n_items (exported), ==, 2);
  g_assert_nonnull (psp_dataset_find (exported, "sub/b")->label_path);
  g_assert_null (psp_dataset_get_problems (exported)[0]);
  g_assert_cmpstr (psp_taxonomy_get_name (psp_dataset_get_taxonomy (exported)), ==,
                   "mseg-universal");
}

static void
test_profile_names (void)
{
  PspExportProfile profile = PSP_EXPORT_FOLDER;
  g_autoptr(GError) error = NULL;

  g_assert_true (psp_export_profile_from_name ("mseg", &profile, &error));
  g_assert_cmpint (profile, ==, PSP_EXPORT_MSEG);
  g_assert_true (psp_export_profile_from_name ("folder", &profile, &error));
  g_assert_cmpint (profile, ==, PSP_EXPORT_FOLDER);
  g_assert_cmpstr (psp_export_profile_get_name (PSP_EXPORT_MSEG), ==, "mseg");
  g_assert_false (psp_export_profile_from_name ("coco", &profile, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
}

static void
add (const char *name,
     void      (*test) (Fixture *, gconstpointer))
{
  g_autofree char *path = g_strconcat ("/export/", name, NULL);

  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("folder", test_folder);
  add ("mseg/usual-order", test_mseg);
  add ("mseg/shuffled", test_mseg_shuffled);
  add ("mseg/unknown-classes", test_mseg_unknown_classes);
  add ("corrected", test_corrected);
  add ("failures", test_failures);
  add ("nothing-done", test_nothing_done);
  add ("dry-run", test_dry_run);
  add ("names", test_names);
  add ("turned-photo", test_turned_photo);
  add ("target/refused", test_refused_targets);
  add ("target/empty", test_empty_target);
  add ("target/read-only", test_read_only_target);
  add ("target/impossible", test_impossible_target);
  add ("read-once", test_read_once);
  add ("cancel", test_cancel);
  add ("progress", test_progress);
  add ("reopen", test_reopen);
  g_test_add_func ("/export/profile-names", test_profile_names);
  return g_test_run ();
}
