/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-taxonomy-file.h"
#include "engine/dataset/psp-text-file.h"

#include "tests/psp-test-folder.h"

static void
test_builtin (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) missing = NULL;
  g_autoptr(PspTaxonomy) camvid = psp_taxonomy_load_builtin ("camvid-11", &error);
  g_autoptr(PspTaxonomy) mseg = psp_taxonomy_load_builtin ("mseg-universal", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (psp_taxonomy_get_name (camvid), ==, "camvid-11");
  g_assert_cmpint (psp_taxonomy_get_n_classes (camvid), ==, 11);
  g_assert_cmpstr (psp_taxonomy_get_class_name (camvid, 8), ==, "Car");
  g_assert_cmpint (psp_taxonomy_get_class_color (camvid, 0), ==, 0x808080);
  g_assert_cmpint (psp_taxonomy_get_n_classes (mseg), ==, 194);
  g_assert_cmpstr (psp_taxonomy_get_class_name (mseg, 98), ==, "road");
  g_assert_cmpstr (psp_taxonomy_get_class_name (mseg, 176), ==, "car");

  for (int i = 0; psp_taxonomy_list_builtin ()[i] != NULL; i++)
    {
      g_autoptr(PspTaxonomy) listed = psp_taxonomy_load_builtin (psp_taxonomy_list_builtin ()[i],
                                                                 &error);

      g_assert_no_error (error);
      g_assert_cmpstr (psp_taxonomy_get_name (listed), ==, psp_taxonomy_list_builtin ()[i]);
    }

  g_assert_null (psp_taxonomy_load_builtin ("../taxonomies/camvid-11", &missing));
  g_assert_error (missing, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (missing->message, "coco-stuff-171, mseg-universal"));
}

/* What everyone who trains on a dataset relies on: how many classes, and which number is which. */
static void
test_builtin_order (void)
{
  static const struct
  {
    const char *taxonomy;
    int         n_classes;
    int         id;
    const char *class_name;
    guint32     color;
  } expected[] = {
    { "ade20k-150", 150, 0, "wall", 0x787878 },
    { "ade20k-150", 150, 12, "person", 0x96053D },
    { "ade20k-150", 150, 149, "flag", 0x5C00FF },
    { "camvid-11", 11, 10, "Bicyclist", 0x0080C0 },
    { "cityscapes-19", 19, 0, "road", 0x804080 },
    { "cityscapes-19", 19, 13, "car", 0x00008E },
    { "cityscapes-19", 19, 18, "bicycle", 0x770B20 },
    { "coco-stuff-171", 171, 0, "person", 0x800000 },
    { "coco-stuff-171", 171, 79, "toothbrush", 0x204000 },
    { "coco-stuff-171", 171, 80, "banner", 0xA04000 },
    { "coco-stuff-171", 171, 170, "wood", 0xC0A040 },
    { "mseg-universal", 194, 98, "road", 0x91CBF2 },
    { "pascal-context-59", 59, 0, "aeroplane", 0xB47878 },
    { "pascal-context-59", 59, 58, "wood", 0x1F00FF },
    { "pascal-context-60", 60, 0, "background", 0x787878 },
    { "pascal-context-60", 60, 59, "wood", 0x1F00FF },
    { "voc-21", 21, 0, "background", 0x000000 },
    { "voc-21", 21, 15, "person", 0xC08080 },
    { "voc-21", 21, 20, "tvmonitor", 0x004080 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(PspTaxonomy) taxonomy = psp_taxonomy_load_builtin (expected[i].taxonomy, &error);
      int id = expected[i].id;

      g_assert_no_error (error);
      g_test_message ("%s %d", expected[i].taxonomy, id);
      g_assert_cmpint (psp_taxonomy_get_n_classes (taxonomy), ==, expected[i].n_classes);
      g_assert_cmpstr (psp_taxonomy_get_class_name (taxonomy, id), ==, expected[i].class_name);
      g_assert_cmphex (psp_taxonomy_get_class_color (taxonomy, id), ==, expected[i].color);
    }
}

/* Entry @id of VOC's colour map: its bits, from the lowest, go to red, green, blue in turn, the
 * highest bit of each first. */
static guint32
voc_color (int id)
{
  guint32 color = 0;

  for (int bit = 0; bit < 24; bit++)
    if (id >> bit & 1)
      color |= 1u << (16 - 8 * (bit % 3) + 7 - bit / 3);
  return color;
}

static void
assert_voc_colors (const char *name,
                   int         first)
{
  g_autoptr(PspTaxonomy) taxonomy = psp_taxonomy_load_builtin (name, NULL);

  for (int i = 0; i < psp_taxonomy_get_n_classes (taxonomy); i++)
    g_assert_cmphex (psp_taxonomy_get_class_color (taxonomy, i), ==, voc_color (first + i));
}

static void
test_builtin_colors (void)
{
  assert_voc_colors ("voc-21", 0);
  assert_voc_colors ("coco-stuff-171", 1);
}

/* Without a background the same classes, one number lower. */
static void
test_builtin_context (void)
{
  g_autoptr(PspTaxonomy) with = psp_taxonomy_load_builtin ("pascal-context-60", NULL);
  g_autoptr(PspTaxonomy) without = psp_taxonomy_load_builtin ("pascal-context-59", NULL);

  for (int i = 0; i < 59; i++)
    {
      g_assert_cmpstr (psp_taxonomy_get_class_name (without, i), ==,
                       psp_taxonomy_get_class_name (with, i + 1));
      g_assert_cmphex (psp_taxonomy_get_class_color (without, i), ==,
                       psp_taxonomy_get_class_color (with, i + 1));
    }
}

/* A list of MSeg's, beside the source tree; %NULL if it is not there. */
static GStrv
load_mseg_lines (const char *dataset,
                 const char *kind)
{
  g_autofree char *file = g_strdup_printf ("%s_%s.txt", dataset, kind);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "..", "shared", "mseg",
                                                 "dataset_lists", dataset, file, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return psp_text_split_lines (text);
}

static void
compare_names (const PspTaxonomy   *taxonomy,
               const char * const  *names,
               gboolean             ordered)
{
  g_assert_cmpint (psp_taxonomy_get_n_classes (taxonomy), ==, g_strv_length ((GStrv) names));
  for (int i = 0; names[i] != NULL; i++)
    {
      int id = psp_taxonomy_find (taxonomy, names[i]);

      g_test_message ("%s", names[i]);
      g_assert_cmpint (id, >=, 0);
      if (ordered)
        g_assert_cmpint (id, ==, i);
    }
}

static void
compare_colors (const PspTaxonomy   *taxonomy,
                const char * const  *colors)
{
  g_autofree char *text = psp_taxonomy_to_colors_text (taxonomy);
  g_auto(GStrv) lines = g_strsplit (g_strchomp (text), "\n", -1);

  g_assert_true (g_strv_equal ((const char * const *) lines, colors));
}

/* MSeg's lists of the same datasets; some of them are sorted by name. */
static void
test_builtin_mseg (void)
{
  static const struct
  {
    const char *taxonomy;
    const char *dataset;
    gboolean    ordered;
  } cases[] = {
    { "ade20k-150", "ade20k-150", FALSE },
    { "cityscapes-19", "cityscapes-19", TRUE },
    { "pascal-context-60", "pascal-context-60", FALSE },
    { "voc-21", "voc2012", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PspTaxonomy) taxonomy = psp_taxonomy_load_builtin (cases[i].taxonomy, NULL);
      g_auto(GStrv) names = load_mseg_lines (cases[i].dataset, "names");
      g_auto(GStrv) colors = load_mseg_lines (cases[i].dataset, "colors");

      if (names == NULL)
        {
          g_test_skip ("no lists of MSeg in ../shared");
          return;
        }
      compare_names (taxonomy, (const char * const *) names, cases[i].ordered);
      if (colors != NULL)
        compare_colors (taxonomy, (const char * const *) colors);
    }
}

/* The things of COCO in their order, and the stuff that the panoptic classes kept as it was. */
static void
test_builtin_coco (void)
{
  g_autoptr(PspTaxonomy) taxonomy = psp_taxonomy_load_builtin ("coco-stuff-171", NULL);
  g_auto(GStrv) names = load_mseg_lines ("coco-panoptic-133", "names");
  int next_thing = 0, n_stuff = 0;

  for (int i = 0; names != NULL && names[i] != NULL; i++)
    {
      int id = psp_taxonomy_find (taxonomy, names[i]);

      if (g_str_has_suffix (names[i], "-merged"))
        continue;
      g_test_message ("%s", names[i]);
      if (id >= 80)
        n_stuff++;
      else
        g_assert_cmpint (id, ==, next_thing++);
    }
  if (names == NULL)
    {
      g_test_skip ("no lists of MSeg in ../shared");
      return;
    }
  g_assert_cmpint (next_thing, ==, 80);
  g_assert_cmpint (n_stuff, ==, 36);
}

static void
assert_same (const PspTaxonomy *a,
             const PspTaxonomy *b)
{
  g_assert_cmpstr (psp_taxonomy_get_name (a), ==, psp_taxonomy_get_name (b));
  g_assert_true (psp_taxonomy_same_names (a, b));
  for (int i = 0; i < psp_taxonomy_get_n_classes (a); i++)
    {
      g_assert_cmpint (psp_taxonomy_get_class_color (a, i), ==,
                       psp_taxonomy_get_class_color (b, i));
      g_assert_cmpstr (psp_taxonomy_get_class (a, i)->category, ==,
                       psp_taxonomy_get_class (b, i)->category);
    }
}

static void
test_json_round_trip (void)
{
  g_autoptr(GError) error = NULL;
  PspClass classes[] = { { (char *) "a \"b\" \\ ä", (char *) "group", 0x01fe80 },
                         { (char *) "c", NULL, 0 } };
  g_autoptr(PspTaxonomy) odd = psp_taxonomy_new ("odd", classes, 2);
  g_autoptr(PspTaxonomy) mseg = psp_taxonomy_load_builtin ("mseg-universal", &error);
  g_autofree char *odd_text = psp_taxonomy_to_json (odd);
  g_autofree char *mseg_text = psp_taxonomy_to_json (mseg);
  g_autoptr(PspTaxonomy) odd_again = psp_taxonomy_from_json (odd_text, &error);
  g_autoptr(PspTaxonomy) mseg_again = psp_taxonomy_from_json (mseg_text, &error);

  g_assert_no_error (error);
  g_assert_null (strchr (odd_text, '\n'));
  assert_same (odd, odd_again);
  assert_same (mseg, mseg_again);
}

static void
test_bad_json (void)
{
  static const struct
  {
    const char *text;
    const char *complaint;
  } cases[] = {
    { "", "empty" },
    { "nonsense", "not JSON" },
    { "[]", "“classes”" },
    { "{\"classes\": []}", "“name”" },
    { "{\"name\": \"x\", \"classes\": []}", "0 classes" },
    { "{\"name\": \"x\", \"classes\": {}}", "“classes”" },
    { "{\"name\": 5, \"classes\": [{\"name\": \"a\"}]}", "“name”" },
    { "{\"name\": \"x\", \"classes\": [{\"name\": \"a\"}, 7]}", "class 2" },
    { "{\"name\": \"x\", \"classes\": [{\"name\": null}]}", "class 1" },
    { "{\"name\": \"x\", \"classes\": [{\"name\": \" \"}]}", "class 1" },
    { "{\"name\": \"x\", \"classes\": [{\"name\": \"a\\nb\"}]}", "class 1" },
    { "{\"name\": \"x\", \"classes\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}", "second class" },
    { "{\"name\": \"x\", \"classes\": [{\"name\": \"a\", \"color\": \"red\"}]}", "#RRGGBB" },
    { "{\"name\": \"x\", \"classes\": [{\"name\": \"a\", \"color\": \"#12345G\"}]}", "#RRGGBB" },
    { "{\"name\": \"x\", \"classes\": [{\"name\": \"a\", \"color\": 5}]}", "#RRGGBB" },
    { "{\"name\": \"\xff\"}", "UTF-8" },
    { "{\"name\": \"\\ud800\"}", "not JSON" },
    { "{\n/* */\"name\": \"x\"}", "line 2" },
    { "{\"name\": \"x\"} {}", "not JSON" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      g_test_message ("%s", cases[i].complaint);
      g_assert_null (psp_taxonomy_from_json (cases[i].text, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE);
      g_assert_nonnull (strstr (error->message, cases[i].complaint));
    }
}

/* A parser that recurses without a limit would run out of stack. */
static void
test_deep_json (void)
{
  g_autofree char *brackets = g_strnfill (1000000, '[');
  g_autoptr(GError) error = NULL;

  g_assert_null (psp_taxonomy_from_json (brackets, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE);
}

static PspTaxonomy *
load_names (const char  *names_text,
            const char  *colors_text,
            GError     **error)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *names = psp_test_folder_path (folder, "names.txt");
  g_autofree char *colors = psp_test_folder_path (folder, "colors.txt");

  psp_test_folder_print (folder, "names.txt", names_text);
  if (colors_text != NULL)
    psp_test_folder_print (folder, "colors.txt", colors_text);
  return psp_taxonomy_load_names ("mine", names, colors_text != NULL ? colors : NULL, error);
}

static void
test_names (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTaxonomy) plain = load_names ("\xef\xbb\xbfroad\r\ncell phone \r\n#3\r\n\r\n", NULL,
                                             &error);
  g_autoptr(PspTaxonomy) colored = load_names ("a\nb", "1 2 3\r\n  255\t0   16 \n", &error);
  g_autofree char *names = NULL;
  g_autofree char *colors = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (psp_taxonomy_get_n_classes (plain), ==, 3);
  g_assert_cmpstr (psp_taxonomy_get_class_name (plain, 0), ==, "road");
  g_assert_cmpstr (psp_taxonomy_get_class_name (plain, 1), ==, "cell phone ");
  g_assert_cmpint (psp_taxonomy_get_class_color (plain, 1), ==, psp_taxonomy_default_color (1));

  names = psp_taxonomy_to_names_text (colored);
  colors = psp_taxonomy_to_colors_text (colored);
  g_assert_cmpstr (names, ==, "a\nb\n");
  g_assert_cmpstr (colors, ==, "1 2 3\n255 0 16\n");
}

static void
test_names_of_builtin (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTaxonomy) same = load_names ("Sky\nBuilding\nPole\nRoad\nPavement\nTree\n"
                                            "SignSymbol\nFence\nCar\nPedestrian\nBicyclist\n", NULL,
                                            &error);
  g_autoptr(PspTaxonomy) shuffled = load_names ("Bicyclist\nCar\nSky\nBuilding\nPole\nRoad\n"
                                                "Pavement\nTree\nSignSymbol\nFence\n"
                                                "Pedestrian\n", NULL, &error);
  g_autoptr(PspTaxonomy) other = load_names ("Bicyclist\nCar\nSky\nBuilding\nPole\nRoad\nPavement\n"
                                             "Tree\nSignSymbol\nFence\nPerson\n", NULL, &error);
  g_autoptr(PspTaxonomy) builtin = psp_taxonomy_load_builtin ("camvid-11", &error);
  g_autoptr(PspTaxonomy) found = psp_taxonomy_find_builtin_for (shuffled);

  g_assert_no_error (error);
  assert_same (same, builtin);
  g_assert_cmpstr (psp_taxonomy_get_name (shuffled), ==, "mine");
  g_assert_cmpint (psp_taxonomy_get_class_color (shuffled, 2), ==, 0x808080);
  g_assert_cmpstr (psp_taxonomy_get_class (shuffled, 1)->category, ==, "vehicle");
  g_assert_cmpstr (psp_taxonomy_get_name (found), ==, "camvid-11");
  g_assert_cmpint (psp_taxonomy_get_class_color (other, 2), ==, psp_taxonomy_default_color (2));
  g_assert_null (psp_taxonomy_find_builtin_for (other));
}

static void
test_bad_names (void)
{
  static const struct
  {
    const char *names;
    const char *colors;
    const char *complaint;
  } cases[] = {
    { "", NULL, "0 classes" },
    { "\n\n\n", NULL, "0 classes" },
    { "a\n\nb\n", NULL, "line 2" },
    { "a\nb\na\n", NULL, "line 3" },
    { "a\tb\n", NULL, "line 1" },
    { "a\n\xff\n", NULL, "UTF-8" },
    { "a\nb\n", "1 2 3\n", "1 colours for 2 classes" },
    { "a\nb\n", "1 2 3\n1 2\n", "line 2" },
    { "a\nb\n", "1 2 3\n1 2 256\n", "line 2" },
    { "a\nb\n", "1 2 3\n1 2 3 4\n", "line 2" },
    { "a\nb\n", "1 2 3\n1 2 -3\n", "line 2" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      g_test_message ("%s", cases[i].complaint);
      g_assert_null (load_names (cases[i].names, cases[i].colors, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE);
      g_assert_nonnull (strstr (error->message, cases[i].complaint));
      g_assert_nonnull (strstr (error->message, ".txt: "));
    }
}

static void
test_load (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *json = psp_test_folder_path (folder, "a.txt");
  g_autofree char *names = psp_test_folder_path (folder, "street.txt");
  g_autofree char *missing = psp_test_folder_path (folder, "missing.json");
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) missing_error = NULL;
  g_autoptr(GError) folder_error = NULL;
  g_autoptr(PspTaxonomy) from_json = NULL;
  g_autoptr(PspTaxonomy) from_names = NULL;

  psp_test_folder_print (folder, "a.txt", " \n{\"name\": \"x\", \"classes\": [{\"name\": \"a\"}]}");
  psp_test_folder_print (folder, "street.txt", "road\nsky\n");
  from_json = psp_taxonomy_load (json, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (psp_taxonomy_get_name (from_json), ==, "x");
  from_names = psp_taxonomy_load (names, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (psp_taxonomy_get_name (from_names), ==, "street");
  g_assert_null (psp_taxonomy_load (missing, &missing_error));
  g_assert_error (missing_error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_assert_null (psp_taxonomy_load (folder, &folder_error));
  g_assert_error (folder_error, PSP_ERROR, PSP_ERROR_IO);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/taxonomy-file/builtin", test_builtin);
  g_test_add_func ("/taxonomy-file/builtin-order", test_builtin_order);
  g_test_add_func ("/taxonomy-file/builtin-colors", test_builtin_colors);
  g_test_add_func ("/taxonomy-file/builtin-context", test_builtin_context);
  g_test_add_func ("/taxonomy-file/builtin-mseg", test_builtin_mseg);
  g_test_add_func ("/taxonomy-file/builtin-coco", test_builtin_coco);
  g_test_add_func ("/taxonomy-file/json-round-trip", test_json_round_trip);
  g_test_add_func ("/taxonomy-file/bad-json", test_bad_json);
  g_test_add_func ("/taxonomy-file/deep-json", test_deep_json);
  g_test_add_func ("/taxonomy-file/names", test_names);
  g_test_add_func ("/taxonomy-file/names-of-builtin", test_names_of_builtin);
  g_test_add_func ("/taxonomy-file/bad-names", test_bad_names);
  g_test_add_func ("/taxonomy-file/load", test_load);
  return g_test_run ();
}
