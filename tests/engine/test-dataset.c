/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-dataset.h"

#include "tests/psp-test-folder.h"

#include <unistd.h>

/* Opening lists files without looking into them: any content will do. */
static void
make_files (const PspTestFolder *folder,
            const char          *joined_names)
{
  g_auto(GStrv) names = g_strsplit (joined_names, " ", -1);

  for (char **name = names; *name != NULL; name++)
    psp_test_folder_print (folder, *name, "x");
}

static PspDataset *
open_one (const char  *path,
          GError     **error)
{
  const char *paths[] = { path, NULL };

  return psp_dataset_open (paths, NULL, error);
}

/* The stems, each with “+” if it has a label. */
static char *
describe (const PspDataset *dataset)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < psp_dataset_get_n_items (dataset); i++)
    {
      const PspDatasetItem *item = &psp_dataset_get_items (dataset)[i];

      g_string_append_printf (text, "%s%s%s", i > 0 ? " " : "", item->stem,
                              item->label_path != NULL ? "+" : "");
      g_assert_true (psp_dataset_find (dataset, item->stem) == item);
    }
  return g_string_free (text, FALSE);
}

static int
count_problems (const PspDataset *dataset)
{
  return (int) g_strv_length ((char **) psp_dataset_get_problems (dataset));
}

static void
assert_problem (const PspDataset *dataset,
                const char       *file,
                const char       *complaint)
{
  const char * const *problems = psp_dataset_get_problems (dataset);

  for (int i = 0; problems[i] != NULL; i++)
    if (strstr (problems[i], file) != NULL && strstr (problems[i], complaint) != NULL)
      return;
  g_error ("nothing says of %s: %s", file, complaint);
}

static void
test_pairs (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *name = g_path_get_basename (folder);
  g_autofree char *image = psp_test_folder_path (folder, "images/b.JPG");
  g_autofree char *label = psp_test_folder_path (folder, "labels/b.png");
  g_autofree char *with_slash = g_strconcat (folder, "/", NULL);
  g_autofree char *described = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(PspDataset) dataset = NULL;

  make_files (folder, "images/b.JPG images/a.png images/B.jpeg images/sub/deep/a.1.png "
                      "images/notes.md images/.hidden.png labels/a.png labels/b.png labels/B.png "
                      "labels/sub/deep/a.1.png labels/readme.txt");
  dataset = open_one (with_slash, &error);
  g_assert_no_error (error);
  described = describe (dataset);
  g_assert_cmpstr (described, ==, "B+ a+ b+ sub/deep/a.1+");
  g_assert_cmpint (count_problems (dataset), ==, 0);
  g_assert_cmpstr (psp_dataset_get_name (dataset), ==, name);
  g_assert_cmpstr (psp_dataset_get_folder (dataset), ==, folder);
  g_assert_null (psp_dataset_get_taxonomy (dataset));
  g_assert_cmpstr (psp_dataset_find (dataset, "b")->image_path, ==, image);
  g_assert_cmpstr (psp_dataset_find (dataset, "b")->label_path, ==, label);
  g_assert_null (psp_dataset_find (dataset, "c"));
}

static void
test_problems (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *dangling = psp_test_folder_path (folder, "images/dangling.png");
  g_autofree char *circle = psp_test_folder_path (folder, "images/circle");
  g_autofree char *described = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(PspDataset) dataset = NULL;

  make_files (folder, "images/a.png images/a.jpg images/alone.png images/odd.bmp "
                      "images/\xff.png labels/a.png labels/a.PNG labels/lonely.png "
                      "labels/alone.jpg");
  g_assert_cmpint (symlink ("nowhere.png", dangling), ==, 0);
  g_assert_cmpint (symlink (".", circle), ==, 0);
  dataset = open_one (folder, &error);
  g_assert_no_error (error);
  described = describe (dataset);
  g_assert_cmpstr (described, ==, "a+ alone");
  g_assert_true (g_str_has_suffix (psp_dataset_find (dataset, "a")->image_path, "a.jpg"));
  assert_problem (dataset, "images/a.png", "has the same name");
  assert_problem (dataset, "images/odd.bmp", "PNG and JPEG are read");
  assert_problem (dataset, "images/dangling.png", "cannot be read");
  assert_problem (dataset, "images/alone.png", "there is no label");
  assert_problem (dataset, "labels/lonely.png", "there is no image");
  assert_problem (dataset, "labels/alone.jpg", "labels are PNG");
  assert_problem (dataset, "labels/a.png", "has the same name");
  assert_problem (dataset, "images/\xef\xbf\xbd.png", "not UTF-8");
  g_assert_cmpint (count_problems (dataset), ==, 8);
}

static void
test_no_labels (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *described = NULL;
  g_autofree char *bare_described = NULL;
  g_autofree char *bare = psp_test_folder_path (folder, "images");
  g_autoptr(GError) error = NULL;
  g_autoptr(PspDataset) dataset = NULL;
  g_autoptr(PspDataset) bare_dataset = NULL;

  make_files (folder, "images/b.png images/x/a.jpg");
  dataset = open_one (folder, &error);
  g_assert_no_error (error);
  described = describe (dataset);
  g_assert_cmpstr (described, ==, "b x/a");
  g_assert_cmpint (count_problems (dataset), ==, 0);

  bare_dataset = open_one (bare, &error);
  g_assert_no_error (error);
  bare_described = describe (bare_dataset);
  g_assert_cmpstr (bare_described, ==, "b x/a");
  g_assert_cmpstr (psp_dataset_get_name (bare_dataset), ==, "images");
}

static void
test_taxonomy (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspDataset) good = NULL;
  g_autoptr(PspDataset) bad_colors = NULL;
  g_autoptr(PspDataset) bad_names = NULL;

  make_files (folder, "images/a.png");
  psp_test_folder_print (folder, "names.txt", "road\nsky\n");
  psp_test_folder_print (folder, "colors.txt", "1 2 3\n4 5 6\n");
  good = open_one (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (psp_taxonomy_get_class_color (psp_dataset_get_taxonomy (good), 1), ==, 0x040506);

  psp_test_folder_print (folder, "colors.txt", "1 2 3\n");
  bad_colors = open_one (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (psp_taxonomy_get_n_classes (psp_dataset_get_taxonomy (bad_colors)), ==, 2);
  assert_problem (bad_colors, "colors.txt", "1 colours for 2 classes");

  psp_test_folder_print (folder, "names.txt", "road\nroad\n");
  bad_names = open_one (folder, &error);
  g_assert_no_error (error);
  g_assert_null (psp_dataset_get_taxonomy (bad_names));
  assert_problem (bad_names, "names.txt", "line 2");
}

static void
test_list (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *described = NULL;
  g_autofree char *all_described = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(PspDataset) dataset = NULL;
  g_autoptr(PspDataset) all = NULL;

  make_files (folder, "images/a.png images/b.png images/c.png images/d.png labels/a_gt.png "
                      "labels/b.png");
  psp_test_folder_print (folder, "list.txt",
                         "images/b.png labels/b.png\r\nimages/a.png labels/a_gt.png\n"
                         "images/c.png labels/c.png\nimages/gone.png labels/gone.png\n"
                         "images/a.png  labels/a.png\n/images/d.png labels/d.png\n"
                         "images/../d.png labels/d.png\n");
  dataset = open_one (folder, &error);
  g_assert_no_error (error);
  described = describe (dataset);
  g_assert_cmpstr (described, ==, "a+ b+ c");
  assert_problem (dataset, "labels/c.png", "line 3");
  assert_problem (dataset, "images/gone.png", "line 4");
  assert_problem (dataset, "list.txt", "line 5");
  assert_problem (dataset, "list.txt", "line 6");
  assert_problem (dataset, "list.txt", "line 7");
  assert_problem (dataset, "images", "leaves out 1 of the 4 images");
  g_assert_cmpint (count_problems (dataset), ==, 6);

  psp_test_folder_print (folder, "list.txt", "nothing here\n");
  all = open_one (folder, &error);
  g_assert_no_error (error);
  all_described = describe (all);
  g_assert_cmpstr (all_described, ==, "a b+ c d");
  assert_problem (all, "list.txt", "all its images are taken");
}

static void
test_files (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *first = psp_test_folder_path (folder, "x/photo.png");
  g_autofree char *second = psp_test_folder_path (folder, "a.jpg");
  g_autofree char *twin = psp_test_folder_path (folder, "y/photo.jpg");
  g_autofree char *text = psp_test_folder_path (folder, "notes.txt");
  g_autofree char *missing = psp_test_folder_path (folder, "missing.png");
  const char *paths[] = { first, second, twin, text, missing, NULL };
  const char *mixed[] = { first, folder, NULL };
  g_autofree char *described = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) mixed_error = NULL;
  g_autoptr(GError) text_error = NULL;
  g_autoptr(PspDataset) dataset = NULL;

  make_files (folder, "x/photo.png a.jpg y/photo.jpg notes.txt");
  dataset = psp_dataset_open (paths, NULL, &error);
  g_assert_no_error (error);
  described = describe (dataset);
  g_assert_cmpstr (described, ==, "a photo");
  g_assert_cmpstr (psp_dataset_get_name (dataset), ==, "2 images");
  g_assert_null (psp_dataset_get_folder (dataset));
  assert_problem (dataset, "y/photo.jpg", "has the same name");
  assert_problem (dataset, "notes.txt", "neither a PNG nor a JPEG");
  assert_problem (dataset, "missing.png", "no such file");

  g_assert_null (psp_dataset_open (mixed, NULL, &mixed_error));
  g_assert_error (mixed_error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
  g_assert_null (open_one (text, &text_error));
  g_assert_error (text_error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (text_error->message, "neither a PNG nor a JPEG"));
}

static void
test_nothing (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *missing = psp_test_folder_path (folder, "missing");
  g_autoptr(GError) empty_error = NULL;
  g_autoptr(GError) missing_error = NULL;

  g_assert_null (open_one (folder, &empty_error));
  g_assert_error (empty_error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_assert_true (g_str_has_prefix (empty_error->message, folder));
  g_assert_null (open_one (missing, &missing_error));
  g_assert_error (missing_error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_assert_true (g_str_has_prefix (missing_error->message, missing));
}

static void
test_cancel (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  const char *paths[] = { folder, NULL };
  g_autoptr(GError) error = NULL;

  make_files (folder, "images/a.png labels/a.png");
  g_cancellable_cancel (cancellable);
  g_assert_null (psp_dataset_open (paths, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* One more name for the file number 0: many times faster than one more file. */
static void
link_again (const PspTestFolder *folder,
            const char          *kind,
            const char          *extension,
            int                  number)
{
  g_autofree char *first = g_strdup_printf ("%s/%s/00000.%s", folder, kind, extension);
  g_autofree char *path = g_strdup_printf ("%s/%s/%05d.%s", folder, kind, number, extension);

  g_assert_cmpint (link (first, path), ==, 0);
}

static void
test_many (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspDataset) dataset = NULL;
  g_autoptr(GTimer) timer = NULL;

  make_files (folder, "images/00000.jpg labels/00000.png");
  for (int i = 1; i < 10000; i++)
    {
      link_again (folder, "images", "jpg", i);
      link_again (folder, "labels", "png", i);
    }

  timer = g_timer_new ();
  dataset = open_one (folder, &error);
  g_test_message ("10000 pairs in %.3f s", g_timer_elapsed (timer, NULL));
  g_assert_no_error (error);
  g_assert_cmpint (psp_dataset_get_n_items (dataset), ==, 10000);
  g_assert_cmpint (count_problems (dataset), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dataset/pairs", test_pairs);
  g_test_add_func ("/dataset/problems", test_problems);
  g_test_add_func ("/dataset/no-labels", test_no_labels);
  g_test_add_func ("/dataset/taxonomy", test_taxonomy);
  g_test_add_func ("/dataset/list", test_list);
  g_test_add_func ("/dataset/files", test_files);
  g_test_add_func ("/dataset/nothing", test_nothing);
  g_test_add_func ("/dataset/cancel", test_cancel);
  g_test_add_func ("/dataset/many", test_many);
  return g_test_run ();
}
