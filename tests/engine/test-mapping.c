/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-label-counts.h"
#include "engine/dataset/psp-mapping.h"
#include "engine/dataset/psp-taxonomy-file.h"

#include "tests/psp-test-folder.h"

static PspTaxonomy *
make_taxonomy (const char *name,
               const char *joined_names)
{
  g_auto(GStrv) names = g_strsplit (joined_names, ",", -1);

  return psp_taxonomy_new_from_names (name, (const char * const *) names);
}

static PspMask *
make_mask (const guint16 *ids,
           int            n_ids,
           int            bit_depth)
{
  PspMask *mask = psp_mask_new ((PspSize) { n_ids, 1 }, bit_depth, NULL);

  memcpy (mask->pixels, ids, n_ids * sizeof *ids);
  return mask;
}

/* The ids of MSeg_master.tsv's rows, for CamVid's classes in their usual order. */
static const int camvid_in_mseg[] = { 142, 35, 143, 98, 100, 174, 135, 144, 176, 125, 127 };

static void
test_builtin (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) missing = NULL;
  g_autoptr(PspMapping) mapping = psp_mapping_load_builtin ("camvid-11", "mseg-universal", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (psp_taxonomy_get_name (psp_mapping_get_source (mapping)), ==, "camvid-11");
  g_assert_cmpint (psp_taxonomy_get_n_classes (psp_mapping_get_target (mapping)), ==, 194);
  for (int i = 0; i < 11; i++)
    g_assert_cmpint (psp_mapping_get_target_id (mapping, i), ==, camvid_in_mseg[i]);
  g_assert_cmpint (psp_mapping_get_target_id (mapping, 11), ==, PSP_MAPPING_IGNORED);
  g_assert_cmpint (psp_mapping_get_target_id (mapping, -1), ==, PSP_MAPPING_IGNORED);

  g_assert_null (psp_mapping_load_builtin ("mseg-universal", "camvid-11", &missing));
  g_assert_error (missing, PSP_ERROR, PSP_ERROR_NOT_FOUND);
}

/* The same classes in another order, under another name. */
static void
test_find_by_names (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTaxonomy) shuffled =
    make_taxonomy ("mine", "Bicyclist,Pedestrian,Car,Fence,SignSymbol,Tree,Pavement,Road,Pole,"
                           "Building,Sky");
  g_autoptr(PspMapping) mapping = psp_mapping_find_builtin (shuffled, "mseg-universal", &error);

  g_assert_no_error (error);
  for (int i = 0; i < 11; i++)
    g_assert_cmpint (psp_mapping_get_target_id (mapping, i), ==, camvid_in_mseg[10 - i]);
}

/* Eleven classes of other names are not CamVid. */
static void
test_find_nothing (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) target_error = NULL;
  g_autoptr(PspTaxonomy) eleven = psp_taxonomy_new_numbered (11);

  g_assert_null (psp_mapping_find_builtin (eleven, "mseg-universal", &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "camvid-11"));
  g_assert_null (psp_mapping_find_builtin (eleven, "nothing", &target_error));
  g_assert_error (target_error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
}

static void
test_find_by_target_names (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTaxonomy) part = make_taxonomy ("part", "car,road,cell phone");
  g_autoptr(PspMapping) mapping = psp_mapping_find_builtin (part, "mseg-universal", &error);

  g_assert_no_error (error);
  g_assert_cmpint (psp_mapping_get_target_id (mapping, 0), ==, 176);
  g_assert_cmpint (psp_mapping_get_target_id (mapping, 1), ==, 98);
}

static void
test_apply (void)
{
  static const guint16 before[] = { 0, 1, 2, 3, 3, 7, 255, 1 };
  static const guint16 after[] = { 1, 255, 0, 255, 255, 255, 255, 255 };
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTaxonomy) source = make_taxonomy ("s", "a,b,c");
  g_autoptr(PspTaxonomy) target = make_taxonomy ("t", "x,y");
  g_autoptr(PspMapping) mapping =
    psp_mapping_parse ("s\tt\r\na\ty\r\nc\tx\r\nb\tunlabeled\r\nunlabeled\tunlabeled", "table",
                       source, target, &error);
  g_autoptr(PspMask) mask = make_mask (before, G_N_ELEMENTS (before), 8);
  g_autoptr(PspMask) expected = make_mask (after, G_N_ELEMENTS (after), 8);
  g_autoptr(PspMask) mapped = NULL;
  g_autoptr(PspLabelCounts) counts = psp_label_counts_new ();

  g_assert_no_error (error);
  mapped = psp_mapping_apply (mapping, mask, &error);
  g_assert_no_error (error);
  g_assert_true (psp_mask_equal (mapped, expected));

  psp_label_counts_add (counts, mask);
  g_assert_cmpint (counts->pixels[3], ==, 2);
  g_assert_cmpint (counts->pixels[7], ==, 1);
  g_assert_cmpint (counts->pixels[255], ==, 0);
  g_assert_cmpint (counts->ignored, ==, 1);
}

/* In a 16-bit mask, 255 is an ordinary id and 65535 is ignored. */
static void
test_apply_16_bit (void)
{
  static const guint16 before[] = { 255, 299, 300, 65535 };
  static const guint16 after[] = { 255, 299, 65535, 65535 };
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTaxonomy) many = psp_taxonomy_new_numbered (300);
  g_autoptr(GString) table = g_string_new ("a\tb\n");
  g_autoptr(PspMapping) mapping = NULL;
  g_autoptr(PspMask) mask = make_mask (before, G_N_ELEMENTS (before), 16);
  g_autoptr(PspMask) expected = make_mask (after, G_N_ELEMENTS (after), 16);
  g_autoptr(PspMask) mapped = NULL;

  for (int i = 0; i < 300; i++)
    g_string_append_printf (table, "class %d\tclass %d\n", i, i);
  mapping = psp_mapping_parse (table->str, "table", many, many, &error);
  g_assert_no_error (error);
  mapped = psp_mapping_apply (mapping, mask, &error);
  g_assert_no_error (error);
  g_assert_true (psp_mask_equal (mapped, expected));
}

static void
test_bad_tables (void)
{
  static const struct
  {
    const char *text;
    const char *complaint;
  } cases[] = {
    { "", "“a” of s is not mapped" },
    { "s\tt\n", "“a” of s is not mapped" },
    { "s\tt\na\tx\n", "“b” of s is not mapped" },
    { "s t\na\tx\nb\ty\n", "line 1: there are not two names" },
    { "s\tt\na\tx\nb\n", "line 3: there are not two names" },
    { "s\tt\na\tx\nb\ty\tz\n", "line 3: there are not two names" },
    { "s\tt\na\tx\n\nb\ty\n", "line 3: there are not two names" },
    { "s\tt\na\tx\nb\ty\nq\tx\n", "line 4: s has no class “q”" },
    { "s\tt\na\tx\nb\tq\n", "line 3: t has no class “q”" },
    { "s\tt\na\tx\nb\ty\na\ty\n", "line 4: “a” is mapped a second time" },
    { "s\tt\na\tx\nb\ty\nunlabeled\tx\n", "line 4: s has no class “unlabeled”" },
  };
  g_autoptr(PspTaxonomy) source = make_taxonomy ("s", "a,b");
  g_autoptr(PspTaxonomy) target = make_taxonomy ("t", "x,y");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (psp_mapping_parse (cases[i].text, "table.tsv", source, target, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE);
      g_assert_true (g_str_has_prefix (error->message, "table.tsv: "));
      if (strstr (error->message, cases[i].complaint) == NULL)
        g_error ("“%s” was to say “%s”", error->message, cases[i].complaint);
    }
}

static void
test_load (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "s_to_t.tsv");
  g_autofree char *missing = psp_test_folder_path (folder, "missing.tsv");
  g_autoptr(PspTaxonomy) source = make_taxonomy ("s", "a");
  g_autoptr(PspTaxonomy) target = make_taxonomy ("t", "x");
  g_autoptr(PspMapping) mapping = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) missing_error = NULL;

  psp_test_folder_print (folder, "s_to_t.tsv", "s\tt\na\tx\n");
  mapping = psp_mapping_load (path, source, target, &error);
  g_assert_no_error (error);
  g_assert_cmpint (psp_mapping_get_target_id (mapping, 0), ==, 0);
  g_assert_null (psp_mapping_load (missing, source, target, &missing_error));
  g_assert_error (missing_error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mapping/builtin", test_builtin);
  g_test_add_func ("/mapping/find/by-names", test_find_by_names);
  g_test_add_func ("/mapping/find/by-target-names", test_find_by_target_names);
  g_test_add_func ("/mapping/find/nothing", test_find_nothing);
  g_test_add_func ("/mapping/apply/8-bit", test_apply);
  g_test_add_func ("/mapping/apply/16-bit", test_apply_16_bit);
  g_test_add_func ("/mapping/bad-tables", test_bad_tables);
  g_test_add_func ("/mapping/load", test_load);
  return g_test_run ();
}
