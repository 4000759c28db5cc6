/* SPDX-License-Identifier: MIT */
/* The demo's scenes: those that were committed, and the program that draws them. */
#include <json-glib/json-glib.h>
#include <png.h>

#include "tests/psp-test-folder.h"

#define N_SCENES 24
#define N_CLASSES 11
#define IGNORED 255
#define HARD_SHARE "0.4"    /* as data/demo/README.md says */

typedef struct
{
  int     width, height;
  guint8 *values;
} Labels;

static void
labels_clear (Labels *self)
{
  g_free (self->values);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Labels, labels_clear)

/* Reads a label raster, which must be a PNG of 8-bit grey values without a palette. */
static void
read_labels (const char *path,
             Labels     *labels)
{
  g_autofree char *bytes = NULL;
  gsize n_bytes;
  g_autoptr(GError) error = NULL;
  png_image image = { .version = PNG_IMAGE_VERSION };

  g_file_get_contents (path, &bytes, &n_bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_bytes, >, 26);
  g_assert_cmpint (bytes[24], ==, 8);
  g_assert_cmpint (bytes[25], ==, 0);
  g_assert_true (png_image_begin_read_from_memory (&image, bytes, n_bytes));
  image.format = PNG_FORMAT_GRAY;
  labels->width = (int) image.width;
  labels->height = (int) image.height;
  labels->values = g_malloc (PNG_IMAGE_SIZE (image));
  g_assert_true (png_image_finish_read (&image, NULL, labels->values, 0, NULL));
}

static void
assert_size (const char   *path,
             const Labels *labels)
{
  png_image image = { .version = PNG_IMAGE_VERSION };

  g_assert_true (png_image_begin_read_from_file (&image, path));
  g_assert_cmpint ((int) image.width, ==, labels->width);
  g_assert_cmpint ((int) image.height, ==, labels->height);
  g_assert_true (image.format & PNG_FORMAT_FLAG_COLOR);
  png_image_free (&image);
}

/* Adds the number of pixels of each value to @counts. */
static void
count_values (const Labels *labels,
              gint64       *counts)
{
  for (int i = 0; i < labels->width * labels->height; i++)
    counts[labels->values[i]]++;
}

static void
assert_only_classes (const gint64 *counts)
{
  for (int value = N_CLASSES; value < IGNORED; value++)
    if (counts[value] != 0)
      g_error ("%" G_GINT64_FORMAT " pixels have the value %d, which is no class", counts[value],
               value);
}

static char *
committed (const char *kind,
           const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "..", "data", "demo", kind, name, NULL);
}

static JsonArray *
read_list (JsonParser *parser,
           const char *path)
{
  g_autoptr(GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_node_get_array (json_parser_get_root (parser));
}

static JsonArray *
read_committed_list (JsonParser *parser)
{
  g_autofree char *path = committed ("scenes.json", NULL);

  return read_list (parser, path);
}

/* Draws into @folder with the further @arguments; gives the exit status. */
static int
draw_status (const char         *folder,
             const char * const *arguments)
{
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "..", "data", "demo", "maker",
                                                    "scenescope-draw-scenes", NULL);
  g_autoptr(GPtrArray) command = g_ptr_array_new ();
  g_autoptr(GError) error = NULL;
  int status;

  g_ptr_array_add (command, program);
  g_ptr_array_add (command, (char *) folder);
  for (int i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (command, (char *) arguments[i]);
  g_ptr_array_add (command, NULL);
  g_spawn_sync (NULL, (char **) command->pdata, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                NULL, &status, &error);
  g_assert_no_error (error);
  if (g_spawn_check_wait_status (status, &error))
    return 0;
  g_assert_true (error->domain == G_SPAWN_EXIT_ERROR);
  return error->code;
}

static void
draw (const char         *folder,
      const char * const *arguments)
{
  g_assert_cmpint (draw_status (folder, arguments), ==, 0);
}

static void
assert_same_file (const PspTestFolder *one,
                  const PspTestFolder *other,
                  const char          *name)
{
  gsize n_one, n_other;
  g_autofree char *first = psp_test_folder_read (one, name, &n_one);
  g_autofree char *second = psp_test_folder_read (other, name, &n_other);

  g_assert_cmpmem (first, n_one, second, n_other);
}

static void
test_same_seed (void)
{
  static const char *const arguments[] = { "--seed", "70", "--count", "2", "--hard-share", "1",
                                           NULL };
  static const char *const names[] = { "images/0001.png", "images/0002.png", "labels/0001.png",
                                       "labels/0002.png", "names.txt", "scenes.json" };
  g_autoptr(PspTestFolder) one = psp_test_folder_new ();
  g_autoptr(PspTestFolder) other = psp_test_folder_new ();

  draw (one, arguments);
  draw (other, arguments);
  g_assert_cmpint (psp_test_folder_count (one, "images"), ==, 2);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    assert_same_file (one, other, names[i]);
}

static void
test_other_seed (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  gsize n_one, n_other;
  g_autofree char *one = NULL, *other = NULL;

  draw (folder, (const char *[]) { "70", "71", NULL });
  one = psp_test_folder_read (folder, "labels/0001.png", &n_one);
  other = psp_test_folder_read (folder, "labels/0002.png", &n_other);
  g_assert_false (n_one == n_other && memcmp (one, other, n_one) == 0);
}

static void
test_drawn_values (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  gint64 counts[256] = { 0 };

  draw (folder, (const char *[]) { "--seed", "500", "--count", "6", "--hard-share", "0.5", NULL });
  for (int i = 1; i <= 6; i++)
    {
      g_autofree char *name = g_strdup_printf ("labels/%04d.png", i);
      g_autofree char *path = psp_test_folder_path (folder, name);
      g_auto(Labels) labels = { 0 };

      read_labels (path, &labels);
      g_assert_cmpint (labels.width, ==, 480);
      g_assert_cmpint (labels.height, ==, 360);
      count_values (&labels, counts);
    }
  assert_only_classes (counts);
}

static void
test_wrong_usage (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();

  g_assert_cmpint (draw_status (folder, (const char *[]) { "--hard-share", "2", NULL }), ==, 2);
  g_assert_cmpint (draw_status (folder, (const char *[]) { "twelve", NULL }), ==, 1);
  g_assert_cmpint (psp_test_folder_count (folder, "images"), <=, 0);
}

static void
test_committed (void)
{
  g_autoptr(JsonParser) parser = json_parser_new ();
  JsonArray *list = read_committed_list (parser);
  gint64 counts[256] = { 0 };

  g_assert_cmpuint (json_array_get_length (list), ==, N_SCENES);
  for (guint i = 0; i < N_SCENES; i++)
    {
      JsonObject *scene = json_array_get_object_element (list, i);
      const char *stem = json_object_get_string_member (scene, "scene");
      g_autofree char *name = g_strconcat (stem, ".png", NULL);
      g_autofree char *image_path = committed ("images", name);
      g_autofree char *label_path = committed ("labels", name);
      g_auto(Labels) labels = { 0 };

      read_labels (label_path, &labels);
      assert_size (image_path, &labels);
      count_values (&labels, counts);
    }
  assert_only_classes (counts);
  for (int id = 0; id < N_CLASSES; id++)
    g_assert_cmpint (counts[id], >, 0);
}

static void
assert_inside (JsonObject *hard)
{
  gint64 x = json_object_get_int_member (hard, "x"), y = json_object_get_int_member (hard, "y");
  gint64 width = json_object_get_int_member (hard, "width");
  gint64 height = json_object_get_int_member (hard, "height");

  g_assert_cmpint (x, >=, 0);
  g_assert_cmpint (y, >=, 0);
  g_assert_cmpint (width, >, 0);
  g_assert_cmpint (height, >, 0);
  g_assert_cmpint (x + width, <=, 480);
  g_assert_cmpint (y + height, <=, 360);
}

static void
test_hard_cases (void)
{
  g_autoptr(JsonParser) parser = json_parser_new ();
  g_autoptr(GHashTable) kinds = g_hash_table_new (g_str_hash, g_str_equal);
  JsonArray *list = read_committed_list (parser);
  int n_hard_scenes = 0;

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *scene = json_array_get_object_element (list, i);
      JsonArray *cases = json_object_get_array_member (scene, "hard");

      n_hard_scenes += json_array_get_length (cases) > 0;
      for (guint j = 0; j < json_array_get_length (cases); j++)
        {
          JsonObject *hard = json_array_get_object_element (cases, j);

          assert_inside (hard);
          g_hash_table_add (kinds, (char *) json_object_get_string_member (hard, "kind"));
        }
    }
  g_assert_cmpint (n_hard_scenes, >=, N_SCENES / 4);
  g_assert_cmpint (n_hard_scenes, <=, N_SCENES / 2);
  g_assert_cmpuint (g_hash_table_size (kinds), ==, 4);
}

/* The share of the pixels that two rasters agree on. */
static double
agreement (const Labels *a,
           const Labels *b)
{
  int n_pixels = a->width * a->height, n_same = 0;

  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  for (int i = 0; i < n_pixels; i++)
    n_same += a->values[i] == b->values[i];
  return (double) n_same / n_pixels;
}

/* The program still draws what was committed.  Another mathematics library may round a corner of
 * a shape to the next pixel; that is the one per cent. */
static void
test_reproduces (void)
{
  g_autoptr(JsonParser) parser = json_parser_new ();
  JsonArray *list = read_committed_list (parser);

  for (guint i = 0; i < N_SCENES; i += 5)
    {
      JsonObject *scene = json_array_get_object_element (list, i);
      g_autofree char *seed = g_strdup_printf ("%" G_GINT64_FORMAT,
                                               json_object_get_int_member (scene, "seed"));
      g_autofree char *name = g_strconcat (json_object_get_string_member (scene, "scene"), ".png",
                                           NULL);
      g_autofree char *committed_path = committed ("labels", name);
      g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
      g_autofree char *drawn_path = psp_test_folder_path (folder, "labels/0001.png");
      g_auto(Labels) then = { 0 };
      g_auto(Labels) now = { 0 };

      draw (folder, (const char *[]) { "--hard-share", HARD_SHARE, seed, NULL });
      read_labels (committed_path, &then);
      read_labels (drawn_path, &now);
      g_assert_cmpfloat (agreement (&then, &now), >=, 0.99);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/demo-scenes/same-seed", test_same_seed);
  g_test_add_func ("/demo-scenes/other-seed", test_other_seed);
  g_test_add_func ("/demo-scenes/drawn-values", test_drawn_values);
  g_test_add_func ("/demo-scenes/wrong-usage", test_wrong_usage);
  g_test_add_func ("/demo-scenes/committed", test_committed);
  g_test_add_func ("/demo-scenes/hard-cases", test_hard_cases);
  g_test_add_func ("/demo-scenes/reproduces", test_reproduces);

  return g_test_run ();
}
