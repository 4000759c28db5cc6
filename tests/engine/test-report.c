/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-report.h"

#include "engine/core/psp-error.h"
#include "engine/formats/psp-image-file.h"
#include "tests/psp-test-folder.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <locale.h>
#include <string.h>

#define TOLERANCE 1e-9

static const char * const FILES[] = { "metrics.json", "report.csv", "results.txt", "report.html" };

/* One row of digits; “.” is ignored. */
static PspMask *
row (const char *text)
{
  PspMask *mask = psp_mask_new ((PspSize) { strlen (text), 1 }, 8, NULL);

  for (int i = 0; text[i] != '\0'; i++)
    if (text[i] != '.')
      mask->pixels[i] = text[i] - '0';
  return mask;
}

static void
add (PspEvaluation *evaluation,
     const char    *stem,
     const char    *truth_text,
     const char    *prediction_text)
{
  g_autoptr(PspMask) truth = row (truth_text);
  g_autoptr(PspMask) prediction = row (prediction_text);

  g_assert_true (psp_evaluation_add (evaluation, stem, truth, prediction, NULL));
}

static PspEvaluation *
evaluation_new (void)
{
  static const char * const NAMES[] = { "Sky", "road, \"paved\"", "<absent>", NULL };
  g_autoptr(PspTaxonomy) taxonomy = psp_taxonomy_new_from_names ("test-3", NAMES);

  return psp_evaluation_new (taxonomy, NULL);
}

/* Sky: 8 right, 2 taken for road; road: 2 right, 1 taken for sky, 1 for no class. */
static PspEvaluation *
small_evaluation (void)
{
  PspEvaluation *evaluation = evaluation_new ();

  add (evaluation, "b", "00000", "00001");
  add (evaluation, "a", "000001111", "00001011.");
  psp_evaluation_add_failure (evaluation, "c", "there is no label");
  return evaluation;
}

static void
write_report (PspEvaluation         *evaluation,
              const char            *folder,
              const PspReportParams *params)
{
  g_autoptr(GError) error = NULL;

  psp_report_write (evaluation, folder, params, NULL, &error);
  g_assert_no_error (error);
}

static void
test_results (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspEvaluation) evaluation = small_evaluation ();
  g_autofree char *text = NULL;

  write_report (evaluation, folder, NULL);
  text = psp_test_folder_read (folder, "results.txt", NULL);
  g_assert_cmpstr (text, ==,
                   "Eval result: mIoU/mAcc/allAcc 0.3535/0.4333/0.7143.\n"
                   "Class_00 result: iou/accuracy 0.7273/0.8000, name: Sky.\n"
                   "Class_01 result: iou/accuracy 0.3333/0.5000, name: road, \"paved\".\n"
                   "Class_02 result: iou/accuracy 0.0000/0.0000, name: <absent>.\n");
}

static void
test_csv (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspEvaluation) evaluation = small_evaluation ();
  g_autofree char *text = NULL;

  write_report (evaluation, folder, NULL);
  text = psp_test_folder_read (folder, "report.csv", NULL);
  g_assert_cmpstr (text, ==,
                   "id,name,gt_pixels,pred_pixels,tp,fp,fn,iou,accuracy,precision,dice,n_images\n"
                   "0,Sky,10,9,8,1,2,0.727273,0.800000,0.888889,0.842105,2\n"
                   "1,\"road, \"\"paved\"\"\",4,4,2,2,2,0.333333,0.500000,0.500000,0.500000,1\n"
                   "2,<absent>,0,0,0,0,0,,,,,0\n"
                   ",mIoU,,,,,,0.353535,,,,2\n"
                   ",mAcc,,,,,,,0.433333,,,2\n"
                   ",allAcc,14,13,10,3,4,,0.714286,,,2\n"
                   ",mIoU_present,,,,,,0.530303,,,,2\n"
                   ",mAcc_present,,,,,,,0.650000,,,2\n");
}

static JsonObject *
load_json (JsonParser *parser,
           const char *path)
{
  g_autoptr(GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static void
test_json (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "metrics.json");
  g_autoptr(PspEvaluation) evaluation = small_evaluation ();
  g_autoptr(JsonParser) parser = json_parser_new ();
  JsonObject *root;
  JsonObject *absent;
  JsonArray *row_of_sky;

  write_report (evaluation, folder, &(PspReportParams) { .model = "net" });
  root = load_json (parser, path);
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (root, "mIoU"),
                                  (8.0 / 11 + 2.0 / 6) / 3, TOLERANCE);
  row_of_sky = json_array_get_array_element (json_object_get_array_member (root, "confusion"), 0);
  g_assert_cmpint (json_array_get_int_element (row_of_sky, 1), ==, 2);
  g_assert_cmpint (json_array_get_int_element (
                     json_object_get_array_member (root, "prediction_outside"), 1), ==, 1);

  absent = json_array_get_object_element (json_object_get_array_member (root, "classes"), 2);
  g_assert_true (json_object_get_null_member (absent, "iou"));
  g_assert_cmpint (json_array_get_length (json_object_get_array_member (root, "images")), ==, 3);
  g_assert_cmpint (json_array_get_length (json_object_get_array_member (root, "problems")), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (root, "policy"),
                                                  "model"), ==, "net");
}

/* Without any image the means over present classes are unknown, not 0. */
static void
test_nothing_judged (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "metrics.json");
  g_autofree char *html = NULL;
  g_autoptr(PspEvaluation) evaluation = evaluation_new ();
  g_autoptr(JsonParser) parser = json_parser_new ();
  JsonObject *root;

  write_report (evaluation, folder, NULL);
  root = load_json (parser, path);
  g_assert_true (json_object_get_null_member (root, "mIoU_present"));
  html = psp_test_folder_read (folder, "report.html", NULL);
  g_assert_nonnull (strstr (html, "No pixel was counted."));
}

static void
load_pictures (const char        *stem,
               PspReportPictures *pictures,
               gpointer           data)
{
  int width = g_str_equal (stem, "a") ? 9 : 5;

  if (g_str_equal (stem, data))
    return;
  pictures->photo = psp_image_new ((PspSize) { width, 1 }, NULL);
  pictures->truth = row ("000001111");
  pictures->prediction = row ("00001011.");
}

static int
count (const char *text,
       const char *part)
{
  int n_found = 0;

  for (const char *next = strstr (text, part); next != NULL; next = strstr (next + 1, part))
    n_found++;
  return n_found;
}

static void
test_html (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspEvaluation) evaluation = small_evaluation ();
  g_autofree char *html = NULL;
  const PspReportParams params = {
    .dataset = "streets & roads",
    .model = "net.pth",
    .device = "OpenBLAS",
    .protocol = "whole",
  };

  write_report (evaluation, folder, &params);
  html = psp_test_folder_read (folder, "report.html", NULL);
  g_assert_nonnull (strstr (html, "Evaluation of streets &amp; roads</title>"));
  g_assert_nonnull (strstr (html, "&lt;absent&gt;"));
  g_assert_null (strstr (html, "<absent>"));
  g_assert_nonnull (strstr (html, "<dd>net.pth</dd>"));
  g_assert_nonnull (strstr (html, "<dd>test-3, 3 classes, 2 of them present</dd>"));
  g_assert_nonnull (strstr (html, "c: there is no label"));
  g_assert_nonnull (strstr (html, "prefers-color-scheme:dark"));
  g_assert_nonnull (strstr (html, "Sky → road, &quot;paved&quot;: 2 pixels, 20 %"));
  g_assert_nonnull (strstr (html, "→ no class: 1 pixels, 25 %"));
  g_assert_cmpint (count (html, "<img"), ==, 0);
  g_assert_null (strstr (html, "//"));
}

/* “b” has no photo of its masks' size: the photo alone is shown.  “a” has all four. */
static void
test_pictures (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspEvaluation) evaluation = small_evaluation ();
  g_autofree char *html = NULL;
  PspReportParams params = { .load_pictures = load_pictures, .load_pictures_data = (gpointer) "" };

  write_report (evaluation, folder, &params);
  html = psp_test_folder_read (folder, "report.html", NULL);
  g_assert_cmpint (count (html, "src=\"data:image/png;base64,"), ==, 5);
  g_assert_cmpint (count (html, "alt=\"Errors\" width=\"9\" height=\"1\""), ==, 1);

  g_clear_pointer (&html, g_free);
  params.load_pictures_data = (gpointer) "b";
  params.n_worst = 1;
  write_report (evaluation, folder, &params);
  html = psp_test_folder_read (folder, "report.html", NULL);
  g_assert_cmpint (count (html, "<img"), ==, 0);
}

static void
test_same_bytes (void)
{
  g_autoptr(PspTestFolder) first_folder = psp_test_folder_new ();
  g_autoptr(PspTestFolder) second_folder = psp_test_folder_new ();
  g_autoptr(PspEvaluation) first = small_evaluation ();
  g_autoptr(PspEvaluation) second = evaluation_new ();
  const PspReportParams params = {
    .load_pictures = load_pictures,
    .load_pictures_data = (gpointer) "",
  };

  psp_evaluation_add_failure (second, "c", "there is no label");
  add (second, "a", "000001111", "00001011.");
  add (second, "b", "00000", "00001");
  write_report (first, first_folder, &params);
  write_report (second, second_folder, &params);

  for (gsize i = 0; i < G_N_ELEMENTS (FILES); i++)
    {
      g_autofree char *one = psp_test_folder_read (first_folder, FILES[i], NULL);
      g_autofree char *other = psp_test_folder_read (second_folder, FILES[i], NULL);

      g_assert_cmpstr (one, ==, other);
    }
}

/* Names of files may be any bytes; what is written is UTF-8. */
static void
test_names_of_any_bytes (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspEvaluation) evaluation = evaluation_new ();

  add (evaluation, "caf\xe9", "0011", "0000");
  write_report (evaluation, folder, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (FILES); i++)
    {
      g_autofree char *text = psp_test_folder_read (folder, FILES[i], NULL);

      g_assert_true (g_utf8_validate (text, -1, NULL));
    }
}

static void
test_decimal_comma (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspEvaluation) evaluation = small_evaluation ();
  g_autofree char *text = NULL;

  if (setlocale (LC_NUMERIC, "de_DE.UTF-8") == NULL &&
      setlocale (LC_NUMERIC, "fr_FR.UTF-8") == NULL)
    {
      g_test_skip ("no locale with a decimal comma is installed");
      return;
    }

  write_report (evaluation, folder, NULL);
  setlocale (LC_NUMERIC, "C");
  text = psp_test_folder_read (folder, "results.txt", NULL);
  g_assert_true (g_str_has_prefix (text, "Eval result: mIoU/mAcc/allAcc 0.3535/0.4333/0.7143.\n"));
}

static void
test_errors_name_the_file (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *blocked = psp_test_folder_path (folder, "results.txt");
  g_autoptr(PspEvaluation) evaluation = small_evaluation ();
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (g_mkdir (blocked, 0777), ==, 0);
  g_assert_false (psp_report_write (evaluation, folder, NULL, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_assert_nonnull (strstr (error->message, blocked));

  g_clear_error (&error);
  g_assert_false (psp_report_write (evaluation, "/dev/null/report", NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "/dev/null/report"));
}

static void
test_cancelled (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspEvaluation) evaluation = small_evaluation ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (psp_report_write (evaluation, folder, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
assert_same_numbers (JsonObject *ours,
                     JsonObject *theirs,
                     const char *name)
{
  JsonArray *our_array = json_object_get_array_member (ours, name);
  JsonArray *their_array = json_object_get_array_member (theirs, name);

  g_assert_cmpuint (json_array_get_length (our_array), ==, json_array_get_length (their_array));
  for (guint i = 0; i < json_array_get_length (their_array); i++)
    g_assert_cmpfloat_with_epsilon (json_array_get_double_element (our_array, i),
                                    json_array_get_double_element (their_array, i), TOLERANCE);
}

static void
assert_same_confusion (JsonObject *ours,
                       JsonObject *theirs)
{
  JsonArray *our_rows = json_object_get_array_member (ours, "confusion");
  JsonArray *their_rows = json_object_get_array_member (theirs, "confusion");
  guint n_classes = json_array_get_length (their_rows);

  g_assert_cmpuint (json_array_get_length (our_rows), ==, n_classes);
  for (guint i = 0; i < n_classes * n_classes; i++)
    {
      JsonArray *our_row = json_array_get_array_element (our_rows, i / n_classes);
      JsonArray *their_row = json_array_get_array_element (their_rows, i / n_classes);

      g_assert_cmpint (json_array_get_int_element (our_row, i % n_classes), ==,
                       json_array_get_int_element (their_row, i % n_classes));
    }
}

static PspEvaluation *
judge_folders (const char *labels,
               const char *predictions)
{
  g_autoptr(PspTaxonomy) taxonomy = psp_taxonomy_new_numbered (11);
  g_autoptr(GDir) files = g_dir_open (labels, 0, NULL);
  PspEvaluation *evaluation = psp_evaluation_new (taxonomy, NULL);
  const char *name;

  while ((name = g_dir_read_name (files)) != NULL)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *truth_path = g_build_filename (labels, name, NULL);
      g_autofree char *prediction_path = g_build_filename (predictions, name, NULL);
      g_autoptr(PspMask) truth = psp_mask_load (truth_path, &error);
      g_autoptr(PspMask) prediction = truth ? psp_mask_load (prediction_path, &error) : NULL;

      g_assert_no_error (error);
      psp_evaluation_add (evaluation, name, truth, prediction, &error);
      g_assert_no_error (error);
    }
  return evaluation;
}

/* The PNGs that the PyTorch reference wrote, counted again: its numbers must come out. */
static void
test_against_reference (gconstpointer data)
{
  const char *shared = g_test_get_filename (G_TEST_DIST, "..", "..", "shared", NULL);
  g_autofree char *labels = g_build_filename (shared, "camvid", "labels", NULL);
  g_autofree char *predictions = g_build_filename (shared, "models", data, NULL);
  g_autofree char *expected_path = g_build_filename (predictions, "metrics.json", NULL);
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "metrics.json");
  g_autoptr(PspEvaluation) evaluation = NULL;
  g_autoptr(JsonParser) parser = json_parser_new ();
  g_autoptr(JsonParser) expected_parser = json_parser_new ();
  JsonObject *ours;
  JsonObject *theirs;

  if (!g_file_test (labels, G_FILE_TEST_IS_DIR) ||
      !g_file_test (expected_path, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("there is no ../shared with CamVid and the reference predictions");
      return;
    }

  evaluation = judge_folders (labels, predictions);
  write_report (evaluation, folder, NULL);
  ours = load_json (parser, path);
  theirs = load_json (expected_parser, expected_path);
  assert_same_confusion (ours, theirs);
  assert_same_numbers (ours, theirs, "iou");
  assert_same_numbers (ours, theirs, "accuracy");
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (ours, "mIoU"),
                                  json_object_get_double_member (theirs, "mIoU"), TOLERANCE);
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (ours, "mAcc"),
                                  json_object_get_double_member (theirs, "mAcc"), TOLERANCE);
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (ours, "allAcc"),
                                  json_object_get_double_member (theirs, "allAcc"), TOLERANCE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/results", test_results);
  g_test_add_func ("/report/csv", test_csv);
  g_test_add_func ("/report/json", test_json);
  g_test_add_func ("/report/nothing-judged", test_nothing_judged);
  g_test_add_func ("/report/html", test_html);
  g_test_add_func ("/report/pictures", test_pictures);
  g_test_add_func ("/report/same-bytes", test_same_bytes);
  g_test_add_func ("/report/names-of-any-bytes", test_names_of_any_bytes);
  g_test_add_func ("/report/decimal-comma", test_decimal_comma);
  g_test_add_func ("/report/errors-name-the-file", test_errors_name_the_file);
  g_test_add_func ("/report/cancelled", test_cancelled);
  g_test_add_data_func ("/report/reference-whole", "expected-whole", test_against_reference);
  g_test_add_data_func ("/report/reference-slide", "expected-slide", test_against_reference);
  return g_test_run ();
}
