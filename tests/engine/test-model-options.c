/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-error.h"
#include "engine/model/psp-model-answers.h"
#include "tests/psp-test-folder.h"

#include <string.h>

/* What each fact may be written as, and how it is written again. */
static void
test_round_trip (void)
{
  static const struct { PspFact fact; const char *text; const char *again; } cases[] = {
    { PSP_FACT_BINS, "1,2,3,6", "1,2,3,6" },
    { PSP_FACT_BINS, " 4, 8", "4,8" },
    { PSP_FACT_BINS, "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
      "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16" },
    { PSP_FACT_POOLING, "max", "max" },
    { PSP_FACT_POOLING, "average", "average" },
    { PSP_FACT_ALIGN_CORNERS, "yes", "true" },
    { PSP_FACT_ALIGN_CORNERS, "false", "false" },
    { PSP_FACT_MEAN, "-1,0.1,123.675", "-1,0.1,123.675" },
    { PSP_FACT_MEAN, "0.12345679,16777216,1e-20", "0.123456791,16777216,1e-20" },
    { PSP_FACT_STANDARD_DEVIATION, "1,2,0.5", "1,2,0.5" },
    { PSP_FACT_CHANNEL_ORDER, "bgr", "bgr" },
    { PSP_FACT_CROP, "473", "473" },
    { PSP_FACT_BASE, "2048", "2048" },
    { PSP_FACT_NAMES, "voc-21", "voc-21" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto(PspModelOptions) options = { 0 };
      g_autoptr(GError) error = NULL;
      g_autofree char *none = psp_model_options_format (&options, cases[i].fact);
      g_autofree char *again = NULL;

      g_assert_null (none);
      psp_model_options_set (&options, cases[i].fact, cases[i].text, &error);
      g_assert_no_error (error);
      for (PspFact fact = 0; fact < PSP_N_FACTS; fact++)
        g_assert_cmpint (psp_model_options_has (&options, fact), ==, fact == cases[i].fact);
      again = psp_model_options_format (&options, cases[i].fact);
      g_assert_cmpstr (again, ==, cases[i].again);
    }
}

static void
test_refused (void)
{
  static const struct { PspFact fact; const char *text; const char *complaint; } cases[] = {
    { PSP_FACT_BINS, "", "whole numbers" },
    { PSP_FACT_BINS, "1,,2", "whole numbers" },
    { PSP_FACT_BINS, "0", "whole numbers" },
    { PSP_FACT_BINS, "1025", "whole numbers" },
    { PSP_FACT_BINS, "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "up to 16" },
    { PSP_FACT_POOLING, "median", "average or max" },
    { PSP_FACT_ALIGN_CORNERS, "maybe", "yes or no" },
    { PSP_FACT_MEAN, "1,2", "three numbers" },
    { PSP_FACT_MEAN, "1,2,nan", "three numbers" },
    { PSP_FACT_MEAN, "1,2,3,4", "three numbers" },
    { PSP_FACT_STANDARD_DEVIATION, "1,0,1", "above 0" },
    { PSP_FACT_STANDARD_DEVIATION, "1,1e-60,1", "above 0" },
    { PSP_FACT_CHANNEL_ORDER, "gbr", "rgb or bgr" },
    { PSP_FACT_CROP, "0", "1 to 65535" },
    { PSP_FACT_CROP, "-5", "1 to 65535" },
    { PSP_FACT_BASE, "1e3", "whole number" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto(PspModelOptions) options = { 0 };
      g_autoptr(GError) error = NULL;

      g_test_message ("%s", cases[i].text);
      g_assert_false (psp_model_options_set (&options, cases[i].fact, cases[i].text, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
      g_assert_nonnull (strstr (error->message, cases[i].complaint));
      g_assert_false (psp_model_options_has (&options, cases[i].fact));
    }
}

static char *
fingerprint (const char *path)
{
  g_autoptr(GError) error = NULL;
  char *result = psp_model_answers_fingerprint (path, &error);

  g_assert_no_error (error);
  return result;
}

/* The content counts, to the last byte, and not the name. */
static void
test_fingerprint (void)
{
  static const gsize lengths[] = { 0, 1, 65536, 16 * 65536, 16 * 65536 + 1, 5000000 };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *first = psp_test_folder_path (folder, "first");
  g_autofree char *second = psp_test_folder_path (folder, "second");
  g_autofree char *missing = psp_test_folder_path (folder, "missing");
  g_autoptr(GError) error = NULL;
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *bytes = g_malloc0 (lengths[i] + 1);
      g_autofree char *a = NULL;
      g_autofree char *b = NULL;

      g_assert_true (g_file_set_contents (first, bytes, lengths[i], NULL));
      g_assert_true (g_file_set_contents (second, bytes, lengths[i], NULL));
      a = fingerprint (first);
      b = fingerprint (second);
      g_assert_cmpuint (strlen (a), ==, 64);
      g_assert_cmpstr (a, ==, b);
      g_assert_true (g_hash_table_add (seen, g_steal_pointer (&a)));
      if (lengths[i] == 0)
        continue;
      bytes[lengths[i] - 1] = 1;
      g_assert_true (g_file_set_contents (first, bytes, lengths[i], NULL));
      g_assert_true (g_hash_table_add (seen, fingerprint (first)));
      bytes[lengths[i] - 1] = 0;
      bytes[0] ^= 2;
      g_assert_true (g_file_set_contents (first, bytes, lengths[i], NULL));
      g_assert_true (g_hash_table_add (seen, fingerprint (first)));
    }
  g_assert_null (psp_model_answers_fingerprint (missing, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
}

static void
test_answers (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "new/answers.json");
  g_auto(PspModelOptions) first = { .crop = 473 };
  g_auto(PspModelOptions) nothing = { 0 };
  g_auto(PspModelOptions) loaded = { .base = 99 };
  g_autoptr(GError) error = NULL;

  psp_model_options_set (&first, PSP_FACT_NAMES, "voc-21", NULL);
  psp_model_options_set (&first, PSP_FACT_MEAN, "1,2,3", NULL);
  g_assert_true (psp_model_answers_load (path, "aa", &loaded, &error));
  g_assert_false (psp_model_answers_knows (path, "aa"));
  g_assert_true (psp_model_answers_save (path, "aa", &first, &error));
  g_assert_true (psp_model_answers_save (path, "bb", &nothing, &error));
  g_assert_no_error (error);
  g_assert_true (psp_model_answers_knows (path, "aa") && psp_model_answers_knows (path, "bb"));
  g_assert_false (psp_model_answers_knows (path, "cc"));

  psp_model_answers_load (path, "bb", &loaded, &error);
  g_assert_false (psp_model_options_has (&loaded, PSP_FACT_NAMES));
  psp_model_answers_load (path, "aa", &loaded, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (loaded.names, ==, "voc-21");
  g_assert_cmpint (loaded.crop, ==, 473);
  g_assert_cmpint (loaded.base, ==, 99);
  g_assert_cmpfloat (loaded.mean[2], ==, 3);

  g_assert_true (psp_model_answers_save (path, "aa", &nothing, &error));
  psp_model_options_clear (&loaded);
  loaded = (PspModelOptions) { 0 };
  g_assert_true (psp_model_answers_load (path, "aa", &loaded, &error));
  g_assert_false (psp_model_options_has (&loaded, PSP_FACT_CROP));
}

/* What another program wrote is named; saving starts anew. */
static void
test_damaged_answers (void)
{
  static const struct { const char *text; int code; } cases[] = {
    { "{", PSP_ERROR_BAD_FILE }, { "[]", PSP_ERROR_BAD_FILE }, { "", PSP_ERROR_BAD_FILE },
    { "{\"aa\": {\"bins\": \"x\"}}", PSP_ERROR_BAD_VALUE },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "answers.json");
  PspModelOptions options = { 0 };
  g_autoptr(GError) save_error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      psp_test_folder_print (folder, "answers.json", cases[i].text);
      g_assert_false (psp_model_answers_load (path, "aa", &options, &error));
      g_assert_error (error, PSP_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, path));
    }
  psp_test_folder_print (folder, "answers.json", "{\"aa\": {\"bins\": 3, \"later\": \"x\"}}");
  g_assert_true (psp_model_answers_load (path, "aa", &options, &save_error));
  g_assert_true (psp_model_answers_knows (path, "aa"));

  psp_test_folder_print (folder, "answers.json", "{");
  options.crop = 65;
  g_assert_true (psp_model_answers_save (path, "bb", &options, &save_error));
  options.crop = 0;
  g_assert_true (psp_model_answers_load (path, "bb", &options, &save_error));
  g_assert_no_error (save_error);
  g_assert_cmpint (options.crop, ==, 65);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model-options/round-trip", test_round_trip);
  g_test_add_func ("/model-options/refused", test_refused);
  g_test_add_func ("/model-options/fingerprint", test_fingerprint);
  g_test_add_func ("/model-options/answers", test_answers);
  g_test_add_func ("/model-options/damaged-answers", test_damaged_answers);
  return g_test_run ();
}
