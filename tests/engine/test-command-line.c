/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-image-file.h"
#include "tests/command-run.h"
#include "tests/golden-models.h"

#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/resource.h>

static void
test_help (void)
{
  static const char * const commands[] = {
    "predict", "evaluate", "export", "model info", "model check", "model convert", "device list",
    "bench",
  };
  g_auto(Outcome) help = RUN ("--help");

  command_assert_status (&help, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *line = g_strconcat (commands[i], " --help", NULL);
      g_auto(GStrv) arguments = g_strsplit (line, " ", -1);
      g_auto(Outcome) outcome = command_run ((const char * const *) arguments, NULL, NULL);

      command_assert_says (help.output, commands[i]);
      command_assert_status (&outcome, 0);
      command_assert_says (outcome.output, "Usage:");
      command_assert_says (outcome.output, commands[i]);
    }
}

/* Commands about a model say what a MODEL may be, and take every fact from the command line. */
static void
test_model_help (void)
{
  static const char * const commands[] = { "info", "check", "convert" };
  static const char * const options[] = {
    "ENCODER,DECODER", "--bins=", "--pooling=", "--align-corners=", "--mean=", "--std=",
    "--channel-order=", "--crop=", "--base=", "--names=",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_auto(Outcome) outcome = RUN ("model", commands[i], "--help");

      command_assert_status (&outcome, 0);
      for (gsize k = 0; k < G_N_ELEMENTS (options); k++)
        command_assert_says (outcome.output, options[k]);
    }
}

static void
test_wrong_use (void)
{
  g_auto(Outcome) nothing = RUN ("predict");
  g_auto(Outcome) unknown = RUN ("predictt");
  g_auto(Outcome) option = RUN ("evaluate", "--frobnicate");
  g_auto(Outcome) half = RUN ("model");
  g_auto(Outcome) protocol = RUN ("predict", "-m", "m", "-o", "o", "--protocol", "walk", "x");
  g_auto(Outcome) device = RUN ("predict", "-m", "m", "-o", "o", "--device", "gpu", "x");
  g_autofree char *model = golden_path ("tiny18.pth");
  g_auto(Outcome) crop = RUN ("predict", "-m", model, "-o", "o", "--crop", "240", model);

  command_assert_status (&nothing, 2);
  command_assert_says (nothing.errors, "-m MODEL");
  command_assert_status (&unknown, 2);
  command_assert_says (unknown.errors, "predictt");
  command_assert_status (&option, 2);
  command_assert_status (&half, 2);
  command_assert_status (&protocol, 2);
  command_assert_says (protocol.errors, "walk");
  command_assert_status (&device, 2);
  command_assert_status (&crop, 2);
  command_assert_says (crop.errors, "8n + 1");
}

static void
test_devices (void)
{
  g_autofree char *model = golden_path ("tiny18.pth");
  g_auto(Outcome) all = RUN ("device", "list");
  const char * const list[] = { "device", "list", NULL };
  const char * const predict[] = {
    "predict", "-m", model, "-o", "nowhere", "--device", "vulkan", model, NULL
  };
  g_auto(Outcome) alone = command_run (list, "VK_DRIVER_FILES=/nonexistent.json", NULL);
  g_auto(Outcome) missing = command_run (predict, "VK_DRIVER_FILES=/nonexistent.json", NULL);
  g_auto(Outcome) number = RUN ("predict", "-m", model, "-o", "nowhere", "--device", "vulkan:99",
                                model);

  command_assert_status (&all, 0);
  command_assert_says (all.output, "OpenBLAS");
  command_assert_status (&alone, 0);
  g_assert_null (strstr (alone.output, "vulkan:0"));
  command_assert_status (&missing, 3);
  command_assert_says (missing.errors, "cpu");
  command_assert_status (&number, 3);
  command_assert_says (number.errors, "99");
}

/* OpenBLAS told to use the oldest kernels; it is said once, where the processor computes.  If it
 * takes them on its own, as it does where it does not know the processor, the program does better.
 */
static void
test_slow_core (void)
{
  const char * const list[] = { "device", "list", NULL };
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *golden = golden_path ("tiny18.golden.safetensors");
  const char * const check[] = { "model", "check", model, golden, "--device", "cpu", NULL };
  const char *says = "OPENBLAS_CORETYPE=Prescott";
  g_auto(Outcome) listed = command_run (list, "OPENBLAS_CORETYPE=Prescott", NULL);
  g_auto(Outcome) checked = command_run (check, "OPENBLAS_CORETYPE=Prescott", NULL);
  g_auto(Outcome) free_list = { 0 };

  g_unsetenv ("OPENBLAS_CORETYPE");
  free_list = command_run (list, NULL, NULL);

  command_assert_status (&listed, 0);
  command_assert_status (&checked, 0);
  command_assert_status (&free_list, 0);
  g_assert_null (strstr (free_list.errors, "OPENBLAS_CORETYPE"));
#ifdef __x86_64__
  if (!__builtin_cpu_supports ("avx"))
    {
      g_test_skip ("this processor has nothing that the oldest kernels lack");
      return;
    }
  if (__builtin_cpu_supports ("avx2"))
    g_assert_null (strstr (free_list.output, "OpenBLAS Prescott"));
  command_assert_says (listed.output, "OpenBLAS Prescott");
  command_assert_says (listed.errors, says);
  command_assert_says (checked.errors, says);
  g_assert_null (strstr (strstr (checked.errors, says) + 1, says));
#else
  g_assert_null (strstr (listed.errors, says));
#endif
}

/* Facts that a file does not hold, from options through `model convert` into the copy. */
static void
test_model_facts (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("mmseg18b.pth");
  g_autofree char *golden = golden_path ("mmseg18b.golden.safetensors");
  g_autofree char *converted = psp_test_folder_path (folder, "converted.safetensors");
  g_auto(Outcome) info = RUN ("model", "info", model);
  g_auto(Outcome) aligned = RUN ("model", "check", model, golden, "--device", "cpu");
  g_auto(Outcome) centred = RUN ("model", "check", model, golden, "--device", "cpu",
                                 "--align-corners", "no");
  g_auto(Outcome) convert = RUN ("model", "convert", model, converted, "--align-corners", "yes",
                                 "--mean", "123.68,116.779,103.939", "--std", "1,1,2");
  g_auto(Outcome) facts = RUN ("model", "info", converted);
  g_auto(Outcome) again = RUN ("model", "check", converted, golden, "--device", "cpu");
  g_auto(Outcome) answer = RUN ("model", "info", model, "--align-corners", "maybe");
  g_auto(Outcome) order = RUN ("model", "info", model, "--channel-order", "gbr");
  g_auto(Outcome) mean = RUN ("model", "info", model, "--mean", "1,2");
  g_auto(Outcome) deviation = RUN ("model", "info", model, "--std", "1,2,0");

  command_assert_status (&info, 0);
  command_assert_says (info.output, "mmsegmentation");
  command_assert_says (info.output, "align corners    no  (assumed)");
  command_assert_says (info.output, "channel order    rgb  (assumed)");
  command_assert_status (&centred, 1);
  command_assert_status (&aligned, 0);
  command_assert_status (&convert, 0);
  command_assert_says (facts.output, "align corners    yes  (in the file)\n");
  command_assert_says (facts.output, "123.68, 116.779, 103.939  (in the file)\n");
  command_assert_says (facts.output, "1, 1, 2  (in the file)\n");
  command_assert_says (facts.output, "channel order    rgb  (assumed)\n");
  command_assert_status (&again, 0);
  command_assert_status (&answer, 2);
  command_assert_says (answer.errors, "yes or no");
  command_assert_status (&order, 2);
  command_assert_says (order.errors, "rgb or bgr");
  command_assert_status (&mean, 2);
  command_assert_says (mean.errors, "three numbers");
  command_assert_status (&deviation, 2);
  command_assert_says (deviation.errors, "above 0");
}

static void
test_model_commands (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("bins48_18.pth");
  g_autofree char *golden = golden_path ("bins48_18.golden.safetensors");
  g_autofree char *other = golden_path ("tiny18.golden.safetensors");
  g_autofree char *converted = psp_test_folder_path (folder, "converted.safetensors");
  g_auto(Outcome) info = RUN ("model", "info", model);
  g_auto(Outcome) check = RUN ("model", "check", model, golden, "--device", "cpu");
  g_auto(Outcome) strict = RUN ("model", "check", model, golden, "--device", "cpu",
                                "--tolerance", "0");
  g_auto(Outcome) wrong = RUN ("model", "check", model, other, "--device", "cpu");
  g_auto(Outcome) convert = RUN ("model", "convert", model, converted, "--bins", "1,2,4,8");
  g_auto(Outcome) again = RUN ("model", "check", converted, golden, "--device", "cpu");
  g_auto(Outcome) facts = RUN ("model", "info", converted);

  g_auto(Outcome) named = RUN ("model", "info", model, "--names", "camvid-11", "--crop", "65");
  g_auto(Outcome) misnamed = RUN ("model", "info", model, "--names", "voc-21");

  command_assert_status (&info, 0);
  command_assert_says (info.output, "PSPNet-18");
  command_assert_says (info.output, "class names      unknown\n");
  command_assert_says (info.output, "say --names camvid-11\n");
  command_assert_says (info.output, "crop             473  (assumed)\n");
  command_assert_says (named.output, "class names      camvid-11  (given)\n");
  command_assert_says (named.output, "#808080  Sky\n");
  command_assert_says (named.output, "crop             65  (given)\n");
  command_assert_status (&misnamed, 1);
  command_assert_says (misnamed.errors, "voc-21 names 21");
  command_assert_says (info.output, "1, 2, 3, 6  (assumed)");
  command_assert_status (&check, 0);
  command_assert_says (check.output, "ppm.8");
  command_assert_status (&strict, 1);
  command_assert_says (strict.output, "FAIL");
  command_assert_status (&wrong, 1);
  command_assert_status (&convert, 0);
  command_assert_status (&again, 0);
  command_assert_says (facts.output, "1, 2, 4, 8  (in the file)\n");
}

/* What is no checkpoint is named and said; nothing is written. */
static void
test_bad_models (void)
{
  static const struct { const char *name; const char *content; const char *says; } cases[] = {
    { "pointer.pth", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
      "LFS" },
    { "page.pth", "<!DOCTYPE html><html><body>Sign in</body></html>", "web page" },
    { "empty.pth", "", "empty" },
    { "noise.pth", "this is no checkpoint at all, whatever its name says", "noise.pth" },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_auto(Outcome) missing = RUN ("model", "info", "/nonexistent.pth");
  g_auto(Outcome) directory = RUN ("model", "info", folder);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = psp_test_folder_path (folder, cases[i].name);
      Outcome outcome;

      psp_test_folder_print (folder, cases[i].name, cases[i].content);
      outcome = RUN ("predict", "-m", path, "-o", out, path);
      command_assert_status (&outcome, 1);
      command_assert_says (outcome.errors, path);
      command_assert_says (outcome.errors, cases[i].says);
      command_clear_outcome (&outcome);
    }
  g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
  command_assert_status (&missing, 1);
  command_assert_says (missing.errors, "/nonexistent.pth");
  command_assert_status (&directory, 1);
  command_assert_says (directory.errors, "folder");
}

/* A bad photo among good ones is named; the good ones are done. */
static void
test_predict (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *good = psp_test_folder_path (folder, "good.png");
  g_autofree char *bad = psp_test_folder_path (folder, "bad.png");
  g_autofree char *tiny = psp_test_folder_path (folder, "tiny.png");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *taps = psp_test_folder_path (folder, "taps.safetensors");
  g_autofree char *written = g_build_filename (out, "good.png", NULL);
  g_autoptr(PspCheckpoint) tapped = NULL;
  g_autoptr(PspMask) labels = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(Outcome) tapping = { 0 };
  g_auto(Outcome) outcome = { 0 };

  command_draw_photo (folder, "good.png", (PspSize) { 50, 41 });
  command_draw_photo (folder, "tiny.png", (PspSize) { 1, 1 });
  psp_test_folder_print (folder, "bad.png", "no picture");
  outcome = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", "--probabilities",
                 good, bad, tiny, "/nonexistent.png");
  command_assert_status (&outcome, 1);
  command_assert_says (outcome.errors, bad);
  command_assert_says (outcome.errors, "/nonexistent.png");
  labels = psp_mask_load (written, &error);
  g_assert_no_error (error);
  g_assert_cmpint (labels->size.width, ==, 50);
  g_assert_cmpint (psp_test_folder_count (folder, "out"), ==, 4);

  tapping = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", "--taps", taps, good);
  command_assert_status (&tapping, 0);
  tapped = psp_checkpoint_open (taps, &error);
  g_assert_no_error (error);
  g_assert_nonnull (psp_checkpoint_find (tapped, "layer4"));
  g_assert_nonnull (psp_checkpoint_find (tapped, "ppm.6"));
  g_assert_nonnull (psp_checkpoint_find (tapped, "aux_full"));
}

/* The slide protocol and its options reach the engine. */
static void
test_predict_slide (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *photo = psp_test_folder_path (folder, "photo.png");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_auto(Outcome) outcome = { 0 };

  command_draw_photo (folder, "photo.png", (PspSize) { 90, 60 });
  outcome = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", "--protocol", "slide",
                 "--crop", "65", "--base", "90", "--scales", "0.5,1", "--no-flip", photo);
  command_assert_status (&outcome, 0);
  g_assert_cmpint (psp_test_folder_count (folder, "out"), ==, 1);
}

static void
allow_small_files_only (gpointer data)
{
  struct rlimit limit = { 100, 100 };

  setrlimit (RLIMIT_FSIZE, &limit);
}

/* A disk that takes no more: an error, and no file that is half written. */
static void
test_full_disk (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *photo = psp_test_folder_path (folder, "photo.png");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *copy = psp_test_folder_path (folder, "out/copy.safetensors");
  const char * const predict[] = {
    "predict", "-m", model, "-o", out, "--device", "cpu", photo, NULL
  };
  const char * const convert[] = { "model", "convert", model, copy, NULL };
  g_auto(Outcome) predicted = { 0 };
  g_auto(Outcome) converted = { 0 };

  command_draw_photo (folder, "photo.png", (PspSize) { 200, 150 });
  predicted = command_run (predict, NULL, allow_small_files_only);
  converted = command_run (convert, NULL, allow_small_files_only);
  command_assert_status (&predicted, 1);
  command_assert_says (predicted.errors, "photo.png");
  command_assert_status (&converted, 1);
  command_assert_says (converted.errors, copy);
  g_assert_cmpint (psp_test_folder_count (folder, "out"), ==, 0);
}

static void
make_dataset (const PspTestFolder *folder)
{
  PspSize size = { 40, 33 };

  psp_test_folder_print (folder, "data/names.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n");
  command_draw_photo (folder, "data/images/good.png", size);
  command_draw_label (folder, "data/labels/good.png", size, 8, 3);
  command_draw_photo (folder, "data/images/large.png", size);
  command_draw_label (folder, "data/labels/large.png", (PspSize) { 80, 66 }, 8, 3);
  command_draw_photo (folder, "data/images/lonely.png", size);
}

/* A label of another size and a missing one are reported by name; the rest is judged. */
static void
test_evaluate (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *again = psp_test_folder_path (folder, "again");
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_auto(Outcome) outcome = { 0 };
  g_auto(Outcome) judged = { 0 };

  make_dataset (folder);
  outcome = RUN ("evaluate", "-m", model, "-d", data, "-o", out, "--device", "cpu");
  command_assert_status (&outcome, 1);
  command_assert_says (outcome.errors, "large");
  command_assert_says (outcome.errors, "lonely");
  command_assert_says (outcome.output, "1 images judged, 2 failed");
  first = psp_test_folder_read (folder, "out/results.txt", NULL);
  command_assert_says (first, "Eval result: mIoU/mAcc/allAcc ");
  command_assert_says (first, "name: k.");
  g_assert_true (psp_test_folder_count (folder, "out") >= 5);

  judged = RUN ("evaluate", "--predictions", out, "-d", data, "-o", again);
  command_assert_status (&judged, 1);
  second = psp_test_folder_read (folder, "again/results.txt", NULL);
  g_assert_cmpstr (first, ==, second);
}

/* Has the C library find a German locale in @folder, made if the system has its source. */
static gboolean
make_locale (const PspTestFolder *folder)
{
  g_autofree char *path = psp_test_folder_path (folder, "de_DE.UTF-8");
  const char *command[] = {
    "localedef", "--no-archive", "-i", "de_DE", "-f", "UTF-8", path, NULL
  };
  g_autofree char *errors = NULL;
  const char *number[] = { "printf", "%.1f", "1", NULL };
  g_autofree char *output = NULL;
  g_auto(GStrv) environment = NULL;

  g_spawn_sync (NULL, (char **) command, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &errors, NULL,
                NULL);
  g_setenv ("LOCPATH", folder, TRUE);
  environment = g_environ_setenv (g_get_environ (), "LC_ALL", "de_DE.UTF-8", TRUE);
  return g_spawn_sync (NULL, (char **) number, environment,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL,
                       NULL, NULL) &&
         g_str_equal (output, "1,0");
}

/* Numbers are for programs, too: they have a point where a user writes a comma, and are read so. */
static void
test_decimal_comma (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *golden = golden_path ("tiny18.golden.safetensors");
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  const char * const evaluate[] = {
    "evaluate", "-m", model, "-d", data, "-o", out, "--device", "cpu", "--protocol", "slide",
    "--crop", "65", "--base", "90", "--scales", "0.5,1", NULL
  };
  const char * const check[] = {
    "model", "check", model, golden, "--device", "cpu", "--tolerance", "0.5", NULL
  };
  g_autofree char *metrics = NULL;
  g_auto(Outcome) evaluated = { 0 };
  g_auto(Outcome) checked = { 0 };

  if (!make_locale (folder))
    {
      g_unsetenv ("LOCPATH");
      g_test_skip ("no locale with a decimal comma, and localedef cannot make one");
      return;
    }
  make_dataset (folder);
  evaluated = command_run (evaluate, "LC_ALL=de_DE.UTF-8", NULL);
  checked = command_run (check, "LC_ALL=de_DE.UTF-8", NULL);
  g_unsetenv ("LOCPATH");

  command_assert_status (&evaluated, 1);
  command_assert_says (evaluated.output, "mIoU/mAcc/allAcc 0.");
  g_assert_null (strchr (strstr (evaluated.output, "mIoU"), ','));
  metrics = psp_test_folder_read (folder, "out/metrics.json", NULL);
  command_assert_says (metrics, "\"slide, scales 0.5 1, crop 65, base 90, flip\"");
  command_assert_status (&checked, 0);
  command_assert_says (checked.output, "e-");
  g_assert_null (strchr (checked.output, ','));
}

/* Compares the label maps OUT/STEM.png with those that PyTorch made. */
static void
assert_agrees (const char *out,
               const char *expected,
               const char *stem)
{
  g_autofree char *name = g_strconcat (stem, ".png", NULL);
  g_autofree char *path = g_build_filename (out, name, NULL);
  g_autofree char *expected_path = g_build_filename (expected, name, NULL);
  g_autoptr(PspMask) labels = psp_mask_load (path, NULL);
  g_autoptr(PspMask) reference = psp_mask_load (expected_path, NULL);
  int n_pixels, n_equal = 0;

  g_assert_nonnull (labels);
  g_assert_nonnull (reference);
  g_assert_true (psp_size_equal (labels->size, reference->size));
  n_pixels = labels->size.width * labels->size.height;
  for (int i = 0; i < n_pixels; i++)
    n_equal += labels->pixels[i] == reference->pixels[i];
  g_test_message ("%s: %d of %d pixels agree", stem, n_equal, n_pixels);
  g_assert_cmpfloat (n_equal, >=, 0.999 * n_pixels);
}

/* Real photos through a trained network, both protocols, against PyTorch.  The photos are not ours
 * to ship: they lie beside the repository or the test is skipped. */
static void
test_real_photos (void)
{
  static const char * const stems[] = { "0001TP_008580", "Seq05VD_f02130" };
  g_autofree char *shared = g_test_build_filename (G_TEST_DIST, "..", "..", "shared", NULL);
  g_autofree char *model = g_build_filename (shared, "models", "camvid-pspnet18.pth", NULL);
  g_autofree char *whole = g_build_filename (shared, "models", "expected-whole", NULL);
  g_autofree char *slide = g_build_filename (shared, "models", "expected-slide", NULL);
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *out_whole = psp_test_folder_path (folder, "whole");
  g_autofree char *out_slide = psp_test_folder_path (folder, "slide");

  if (!g_file_test (model, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("no real photos and no trained model in ../shared");
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (stems); i++)
    {
      g_autofree char *name = g_strconcat (stems[i], ".png", NULL);
      g_autofree char *photo = g_build_filename (shared, "camvid", "images", name, NULL);
      g_auto(Outcome) one_pass = RUN ("predict", "-m", model, "-o", out_whole, "--device", "cpu",
                                      photo);

      command_assert_status (&one_pass, 0);
      assert_agrees (out_whole, whole, stems[i]);
      if (i == 0)
        {
          g_auto(Outcome) windows = RUN ("predict", "-m", model, "-o", out_slide, "--device",
                                         "cpu", "--protocol", "slide", "--scales",
                                         "0.5,0.75,1,1.25,1.5,1.75", "--crop", "241", "--base",
                                         "480", photo);

          command_assert_status (&windows, 0);
          assert_agrees (out_slide, slide, stems[i]);
        }
    }
}

static void
test_evaluate_other_classes (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny50.pth");
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_auto(Outcome) outcome = { 0 };

  make_dataset (folder);
  outcome = RUN ("evaluate", "-m", model, "-d", data, "-o", out, "--device", "cpu");
  command_assert_status (&outcome, 1);
  command_assert_says (outcome.errors, "21 classes");
  g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
}

/* What is no workspace is refused; nothing is made. */
static void
test_export (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_auto(Outcome) outcome = { 0 };
  g_auto(Outcome) format = { 0 };

  make_dataset (folder);
  outcome = RUN ("export", "-w", data, "-f", "folder", "-o", out);
  format = RUN ("export", "-w", data, "-f", "zip", "-o", out);
  command_assert_status (&outcome, 1);
  command_assert_says (outcome.errors, data);
  command_assert_status (&format, 2);
  g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
}

/* The groups of `bench --json` are those of the network and add up to the whole. */
static void
test_bench (void)
{
  static const char * const groups[] = {
    "stem", "layer1", "layer2", "layer3", "layer4", "ppm", "head", "out"
  };
  static const char * const numbers[] = { "median_ms", "min_ms", "gmac", "gflops", "peak_mib" };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *path = psp_test_folder_path (folder, "bench.json");
  g_auto(Outcome) outcome = RUN ("bench", "-m", model, "--size", "57x65", "--repeat", "3",
                                 "--json", path, "--device", "cpu");
  g_autoptr(JsonParser) parser = json_parser_new ();
  g_autoptr(GError) error = NULL;
  double gmac = 0, milliseconds = 0;
  JsonObject *root, *ceiling;
  JsonArray *list;

  command_assert_status (&outcome, 0);
  command_assert_says (outcome.output, "total");
  command_assert_says (outcome.output, "(sgemm of OpenBLAS)");
  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  root = json_node_get_object (json_parser_get_root (parser));
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_assert_cmpfloat (json_object_get_double_member (root, numbers[i]), >, 0);
  g_assert_cmpstr (json_object_get_string_member (root, "device"), ==, "cpu");
  g_assert_cmpstr (json_object_get_string_member (root, "precision"), ==, "fp32");
  g_assert_cmpint (json_object_get_int_member (root, "height"), ==, 57);
  g_assert_cmpint (json_object_get_int_member (root, "width"), ==, 65);
  ceiling = json_object_get_object_member (root, "ceiling");
  g_assert_cmpfloat (json_object_get_double_member (ceiling, "product_gflops"), >, 0);
  g_assert_cmpfloat (json_object_get_double_member (ceiling, "copy_gib_per_s"), >, 0);
  g_assert_cmpstr (json_object_get_string_member (ceiling, "copy_means"), ==, "memcpy");

  list = json_object_get_array_member (root, "groups");
  g_assert_cmpuint (json_array_get_length (list), ==, G_N_ELEMENTS (groups));
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      JsonObject *group = json_array_get_object_element (list, i);

      g_assert_cmpstr (json_object_get_string_member (group, "name"), ==, groups[i]);
      gmac += json_object_get_double_member (group, "gmac");
      milliseconds += json_object_get_double_member (group, "median_ms");
    }
  g_assert_cmpfloat_with_epsilon (gmac, json_object_get_double_member (root, "gmac"), 1e-12);
  g_assert_cmpfloat (milliseconds, >, 0);
}

/* The stages and the head of a network with other names and fewer stages are found, too. */
static void
test_bench_groups (void)
{
  g_autofree char *model = golden_path ("smp34.pth");
  g_auto(Outcome) outcome = RUN ("bench", "-m", model, "--size", "65x65", "--repeat", "1",
                                 "--device", "cpu");

  command_assert_status (&outcome, 0);
  command_assert_says (outcome.output, "stem");
  command_assert_says (outcome.output, "layer2");
  command_assert_says (outcome.output, "ppm");
  command_assert_says (outcome.output, "head");
  g_assert_null (strstr (outcome.output, "layer3"));
}

static void
test_bench_wrong_use (void)
{
  static const char * const sizes[] = {
    "473", "0x65", "65x-1", "65x65x3", "x", "1000000x1000000", "99999999999999999999x65", "65 x65"
  };
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *json = g_build_filename (model, "bench.json", NULL);
  g_auto(Outcome) nothing = RUN ("bench");
  g_auto(Outcome) repeat = RUN ("bench", "-m", model, "--repeat", "0");
  g_auto(Outcome) missing = RUN ("bench", "-m", "/nonexistent.pth", "--device", "cpu");
  g_auto(Outcome) memory = RUN ("bench", "-m", model, "--size", "2001x2001", "--memory", "1",
                                "--device", "cpu");
  g_auto(Outcome) unwritable = RUN ("bench", "-m", model, "--size", "33x33", "--repeat", "1",
                                    "--json", json, "--device", "cpu");

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_auto(Outcome) size = RUN ("bench", "-m", model, "--size", sizes[i]);

      command_assert_status (&size, 2);
      command_assert_says (size.errors, sizes[i]);
    }
  command_assert_status (&nothing, 2);
  command_assert_says (nothing.errors, "-m MODEL");
  command_assert_status (&repeat, 2);
  command_assert_status (&missing, 1);
  command_assert_says (missing.errors, "/nonexistent.pth");
  command_assert_status (&memory, 1);
  command_assert_says (memory.errors, "--memory");
  command_assert_status (&unwritable, 1);
  command_assert_says (unwritable.errors, json);
}

/* A folder that cannot be made: its path runs through a file. */
static void
test_no_output_folder (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *out = psp_test_folder_path (folder, "photo.png/out");
  g_autofree char *photo = psp_test_folder_path (folder, "photo.png");
  g_auto(Outcome) outcome = { 0 };

  command_draw_photo (folder, "photo.png", (PspSize) { 9, 9 });
  outcome = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", photo);
  command_assert_status (&outcome, 1);
  command_assert_says (outcome.errors, out);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_nonnull (g_getenv ("SCENESCOPE"));
  g_test_add_func ("/command-line/help", test_help);
  g_test_add_func ("/command-line/model-help", test_model_help);
  g_test_add_func ("/command-line/wrong-use", test_wrong_use);
  g_test_add_func ("/command-line/devices", test_devices);
  g_test_add_func ("/command-line/slow-core", test_slow_core);
  g_test_add_func ("/command-line/model-facts", test_model_facts);
  g_test_add_func ("/command-line/model", test_model_commands);
  g_test_add_func ("/command-line/bad-models", test_bad_models);
  g_test_add_func ("/command-line/predict", test_predict);
  g_test_add_func ("/command-line/predict-slide", test_predict_slide);
  g_test_add_func ("/command-line/full-disk", test_full_disk);
  g_test_add_func ("/command-line/evaluate", test_evaluate);
  g_test_add_func ("/command-line/decimal-comma", test_decimal_comma);
  g_test_add_func ("/command-line/real-photos", test_real_photos);
  g_test_add_func ("/command-line/evaluate-other-classes", test_evaluate_other_classes);
  g_test_add_func ("/command-line/export", test_export);
  g_test_add_func ("/command-line/bench", test_bench);
  g_test_add_func ("/command-line/bench-groups", test_bench_groups);
  g_test_add_func ("/command-line/bench-wrong-use", test_bench_wrong_use);
  g_test_add_func ("/command-line/no-output-folder", test_no_output_folder);
  return g_test_run ();
}
