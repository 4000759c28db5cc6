/* SPDX-License-Identifier: MIT */
/* Commands never lose what a user has, and say so when they cannot do what is asked. */
#include "engine/formats/psp-image-file.h"
#include "engine/project/psp-workspace-dataset.h"
#include "tests/command-run.h"
#include "tests/golden-models.h"
#include "tests/psp-test-workspace.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SMALL ((PspSize) { 20, 15 })

/* Copies tests/golden/NAME into @folder; (transfer full): where it lies then. */
static char *
copy_golden (const PspTestFolder *folder,
             const char          *name)
{
  g_autofree char *path = golden_path (name);
  g_autofree char *content = NULL;
  g_autoptr(GError) error = NULL;
  gsize n_bytes;

  g_file_get_contents (path, &content, &n_bytes, &error);
  g_assert_no_error (error);
  psp_test_folder_write (folder, name, content, n_bytes);
  return psp_test_folder_path (folder, name);
}

/* Fails unless @outcome is a failure that names the file @name of @folder, and that is @before. */
static void
assert_kept (const PspTestFolder *folder,
             const char          *name,
             const Outcome       *outcome,
             GBytes              *before)
{
  g_autofree char *path = psp_test_folder_path (folder, name);
  gsize n_bytes;
  g_autofree char *content = psp_test_folder_read (folder, name, &n_bytes);

  command_assert_status (outcome, 1);
  command_assert_says (outcome->errors, path);
  g_assert_cmpmem (content, n_bytes, g_bytes_get_data (before, NULL), g_bytes_get_size (before));
}

static GBytes *
read_bytes (const PspTestFolder *folder,
            const char          *name)
{
  gsize n_bytes;
  char *content = psp_test_folder_read (folder, name, &n_bytes);

  return g_bytes_new_take (content, n_bytes);
}

/* No output takes the place of an input. */
static void
test_inputs_stay (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = copy_golden (folder, "tiny18.pth");
  g_autofree char *link = psp_test_folder_path (folder, "link.pth");
  g_autofree char *photo = psp_test_folder_path (folder, "photo.png");
  g_autofree char *names = psp_test_folder_path (folder, "names.txt");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autoptr(GBytes) model_before = read_bytes (folder, "tiny18.pth");
  g_autoptr(GBytes) photo_before = NULL;
  g_autoptr(GBytes) names_before = NULL;
  g_auto(Outcome) taps_photo = { 0 };
  g_auto(Outcome) taps_model = { 0 };
  g_auto(Outcome) taps_link = { 0 };
  g_auto(Outcome) convert = { 0 };
  g_auto(Outcome) convert_names = { 0 };
  g_auto(Outcome) bench = { 0 };

  command_draw_photo (folder, "photo.png", SMALL);
  psp_test_folder_print (folder, "names.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n");
  g_assert_cmpint (symlink (model, link), ==, 0);
  photo_before = read_bytes (folder, "photo.png");
  names_before = read_bytes (folder, "names.txt");
  taps_photo = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", "--taps", photo, photo);
  taps_model = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", "--taps", model, photo);
  taps_link = RUN ("predict", "-m", link, "-o", out, "--device", "cpu", "--taps", model, photo);
  convert = RUN ("model", "convert", model, model);
  convert_names = RUN ("model", "convert", model, names, "--names", names);
  bench = RUN ("bench", "-m", model, "--json", model, "--size", "33x33", "--repeat", "1",
               "--device", "cpu");
  assert_kept (folder, "photo.png", &taps_photo, photo_before);
  assert_kept (folder, "tiny18.pth", &taps_model, model_before);
  assert_kept (folder, "tiny18.pth", &taps_link, model_before);
  assert_kept (folder, "tiny18.pth", &convert, model_before);
  assert_kept (folder, "tiny18.pth", &bench, model_before);
  assert_kept (folder, "names.txt", &convert_names, names_before);
  g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
}

/* What others made is not replaced either, nor another output of the same run. */
static void
test_strangers_stay (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = copy_golden (folder, "tiny18.pth");
  g_autofree char *golden = copy_golden (folder, "tiny18.golden.safetensors");
  g_autofree char *photo = psp_test_folder_path (folder, "photo.png");
  g_autofree char *other = psp_test_folder_path (folder, "other.json");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *label = psp_test_folder_path (folder, "out/photo.png");
  g_autoptr(GBytes) golden_before = read_bytes (folder, "tiny18.golden.safetensors");
  g_autoptr(GBytes) other_before = NULL;
  g_autoptr(GBytes) photo_before = NULL;
  g_auto(Outcome) convert = { 0 };
  g_auto(Outcome) taps = { 0 };
  g_auto(Outcome) bench = { 0 };
  g_auto(Outcome) twice = { 0 };
  g_auto(Outcome) coloured = { 0 };

  command_draw_photo (folder, "photo.png", SMALL);
  psp_test_folder_print (folder, "other.json", "{\"name\": \"a package\"}");
  other_before = read_bytes (folder, "other.json");
  convert = RUN ("model", "convert", model, golden);
  taps = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", "--taps", golden, photo);
  bench = RUN ("bench", "-m", model, "--json", other, "--size", "33x33", "--repeat", "1",
               "--device", "cpu");
  twice = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", "--taps", label, photo);
  assert_kept (folder, "tiny18.golden.safetensors", &convert, golden_before);
  assert_kept (folder, "tiny18.golden.safetensors", &taps, golden_before);
  assert_kept (folder, "other.json", &bench, other_before);
  command_assert_status (&twice, 1);
  command_assert_says (twice.errors, label);
  g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));

  /* A photo is no label. */
  command_draw_photo (folder, "out/photo.png", SMALL);
  photo_before = read_bytes (folder, "out/photo.png");
  coloured = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", photo);
  assert_kept (folder, "out/photo.png", &coloured, photo_before);
}

/* A command that runs again replaces what it wrote. */
static void
test_again (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *photo = psp_test_folder_path (folder, "photo.png");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *taps = psp_test_folder_path (folder, "taps.safetensors");
  g_autofree char *copy = psp_test_folder_path (folder, "copy.safetensors");
  g_autofree char *json = psp_test_folder_path (folder, "bench.json");

  command_draw_photo (folder, "photo.png", SMALL);
  psp_test_folder_print (folder, "bench.json", "");
  for (int i = 0; i < 2; i++)
    {
      g_auto(Outcome) predict = RUN ("predict", "-m", model, "-o", out, "--device", "cpu",
                                     "--probabilities", "--taps", taps, photo);
      g_auto(Outcome) convert = RUN ("model", "convert", model, copy);
      g_auto(Outcome) bench = RUN ("bench", "-m", model, "--json", json, "--size", "33x33",
                                   "--repeat", "1", "--device", "cpu");

      command_assert_status (&predict, 0);
      command_assert_status (&convert, 0);
      command_assert_status (&bench, 0);
    }
}

/* An input that is named later is an input all the same. */
static void
test_later_input (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *out = psp_test_folder_path (folder, "two");
  g_autofree char *first = psp_test_folder_path (folder, "two/x");
  g_autofree char *later = psp_test_folder_path (folder, "two/a.png");
  g_autofree char *other = psp_test_folder_path (folder, "two/b.png");
  g_autoptr(GBytes) before = NULL;
  g_auto(Outcome) outcome = { 0 };

  /* Grey, so that it might be a label. */
  command_draw_label (folder, "two/a.png", SMALL, 8, 3);
  command_draw_photo (folder, "two/x/a.png", SMALL);
  command_draw_photo (folder, "two/x/b.png", SMALL);
  before = read_bytes (folder, "two/a.png");
  outcome = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", first, later);
  assert_kept (folder, "two/a.png", &outcome, before);
  command_assert_says (outcome.errors, "original");
  g_assert_true (g_file_test (other, G_FILE_TEST_EXISTS));
}

/* Predictions never get among the labels of the photos that they are of, whatever the input is. */
static void
test_labels_stay (void)
{
  static const char * const inputs[] = {
    "data/images", "data/images/a.png", "data/images/town", "link", "data/images/unlabelled.png"
  };
  static const char * const outputs[] = { "data/labels", "data/labels/town", "labels-link" };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *images = psp_test_folder_path (folder, "data/images");
  g_autofree char *labels = psp_test_folder_path (folder, "data/labels");
  g_autofree char *link = psp_test_folder_path (folder, "link");
  g_autofree char *labels_link = psp_test_folder_path (folder, "labels-link");
  g_autofree char *beside = psp_test_folder_path (folder, "data/predictions");
  g_autoptr(GBytes) before = NULL;
  g_auto(Outcome) allowed = { 0 };

  command_draw_photo (folder, "data/images/a.png", SMALL);
  command_draw_photo (folder, "data/images/unlabelled.png", SMALL);
  command_draw_photo (folder, "data/images/town/b.png", SMALL);
  command_draw_label (folder, "data/labels/a.png", SMALL, 8, 3);
  command_draw_label (folder, "data/labels/town/b.png", SMALL, 8, 3);
  g_assert_cmpint (symlink (images, link), ==, 0);
  g_assert_cmpint (symlink (labels, labels_link), ==, 0);
  before = read_bytes (folder, "data/labels/a.png");
  for (gsize i = 0; i < G_N_ELEMENTS (inputs); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (outputs); k++)
      {
        g_autofree char *input = psp_test_folder_path (folder, inputs[i]);
        g_autofree char *out = psp_test_folder_path (folder, outputs[k]);
        g_auto(Outcome) outcome = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", input);

        command_assert_status (&outcome, 1);
        command_assert_says (outcome.errors, labels);
      }
  g_assert_cmpint (psp_test_folder_count (folder, "data/labels"), ==, 2);
  g_assert_cmpint (psp_test_folder_count (folder, "data/labels/town"), ==, 1);
  allowed = RUN ("predict", "-m", model, "-o", beside, "--device", "cpu", images);
  command_assert_status (&allowed, 0);
  g_assert_cmpint (psp_test_folder_count (folder, "data/predictions"), ==, 3);
}

static void
make_pipe (const PspTestFolder *folder,
           const char          *name)
{
  g_autofree char *path = psp_test_folder_path (folder, name);

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
}

/* A pipe to which nobody writes keeps nobody waiting, wherever a file is read. */
static void
test_pipes (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *predictions = psp_test_folder_path (folder, "predictions");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *photo = psp_test_folder_path (folder, "photo.png");
  g_autofree char *names = psp_test_folder_path (folder, "data/names.txt");
  g_autofree char *list = psp_test_folder_path (folder, "data/list.txt");
  g_auto(Outcome) piped = { 0 };
  g_auto(Outcome) predicted = { 0 };
  g_auto(Outcome) named = { 0 };
  g_auto(Outcome) evaluated = { 0 };

  command_draw_photo (folder, "data/images/a.png", SMALL);
  command_draw_label (folder, "data/labels/a.png", SMALL, 8, 3);
  psp_test_folder_print (folder, "predictions/b.png", "");
  make_pipe (folder, "predictions/a.png");
  make_pipe (folder, "photo.png");
  make_pipe (folder, "data/names.txt");
  make_pipe (folder, "data/list.txt");
  piped = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", "/dev/stdin");
  predicted = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", photo);
  named = RUN ("model", "info", model, "--names", names);
  evaluated = RUN ("evaluate", "-m", model, "-d", data, "-o", out, "--device", "cpu");
  g_assert_true (g_str_has_prefix (piped.errors, "scenescope: /dev/stdin: this is"));
  command_assert_status (&predicted, 1);
  command_assert_says (predicted.errors, "photo.png: this is a pipe");
  command_assert_status (&named, 1);
  command_assert_says (named.errors, "names.txt: this is a pipe");
  command_assert_status (&evaluated, 1);
  command_assert_says (evaluated.errors, "names.txt: this is a pipe");
  command_assert_says (evaluated.errors, "list.txt: this is a pipe");

  command_clear_outcome (&evaluated);
  g_assert_cmpint (unlink (names), ==, 0);
  g_assert_cmpint (unlink (list), ==, 0);
  psp_test_folder_print (folder, "data/names.txt", "a\nb\nc\nd\n");
  evaluated = RUN ("evaluate", "--predictions", predictions, "-d", data, "-o", out);
  command_assert_status (&evaluated, 1);
  command_assert_says (evaluated.errors, "a.png: this is a pipe");
}

/* Fails unless the program ends with @status and says @part. */
static void
assert_tells (int                 status,
              const char         *part,
              const char * const *arguments)
{
  g_auto(Outcome) outcome = command_run (arguments, NULL, NULL);

  command_assert_status (&outcome, status);
  command_assert_says (outcome.errors, part);
}

#define TELLS(status, part, ...) \
  assert_tells (status, part, (const char * const []) { __VA_ARGS__, NULL })
#define REFUSES(part, ...) TELLS (2, part, __VA_ARGS__)

/* Options that are ignored are told of, with what to say instead; the command goes on. */
static void
test_without_effect (void)
{
  static const char * const cases[][2] = {
    { "--scales", "0.5,1" }, { "--crop", "65" }, { "--base", "90" }, { "--flip", NULL },
  };
  static const char * const tensors[][2] = {
    { "--protocol", "slide" }, { "--scales", "0.5,1" }, { "--flip", NULL }, { "--no-flip", NULL },
  };
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *golden = golden_path ("tiny18.golden.safetensors");
  g_autofree char *segmented = golden_path ("mmseg18.pth");

  /* An input that is no photo. */
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TELLS (1, "--protocol slide", "predict", "-m", model, "-o", "o", model, "--device", "cpu",
             "--protocol", "whole", cases[i][0], cases[i][1]);
      TELLS (1, "--protocol slide", "predict", "-m", model, "-o", "o", "--device", "cpu", model,
             cases[i][0], cases[i][1]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tensors); i++)
    {
      TELLS (0, tensors[i][0], "model", "check", model, golden, "--device", "cpu", tensors[i][0],
             tensors[i][1]);
      TELLS (0, tensors[i][0], "bench", "-m", model, "--size", "33x33", "--repeat", "1",
             "--device", "cpu", tensors[i][0], tensors[i][1]);
    }
  TELLS (1, "--protocol mmsegmentation-slide", "predict", "-m", segmented, "-o", "o", "--device",
         "cpu", segmented, "--crop", "65");
  TELLS (1, "--device", "evaluate", "--predictions", "p", "-d", "d", "-o", "o", "--device", "cpu");
  TELLS (1, "--bins", "evaluate", "--predictions", "p", "-d", "d", "-o", "o", "--bins", "1,2,3,6");
  TELLS (1, "--protocol", "evaluate", "--predictions", "p", "-d", "d", "-o", "o", "--protocol",
         "slide");
  TELLS (1, "--threads", "evaluate", "--predictions", "p", "-d", "d", "-o", "o", "--threads", "1");
  TELLS (1, "--id-offset", "evaluate", "-m", model, "-d", "d", "-o", "o", "--device", "cpu",
         "--id-offset", "1");
}

/* Numbers outside of what an option takes. */
static void
test_numbers (void)
{
  static const char * const cases[][2] = {
    { "--threads", "0" }, { "--threads", "-1" }, { "--memory", "0" }, { "--memory", "x" },
    { "--id-offset", "-1" }, { "--id-offset", "256" },
  };
  static const char * const scales[] = { "inf", "1,1e30", "1e-30", "17" };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    REFUSES (cases[i][0], "predict", "-m", "m", "-o", "o", "x", cases[i][0], cases[i][1]);
  for (gsize i = 0; i < G_N_ELEMENTS (scales); i++)
    REFUSES ("from 0.05 to 16", "predict", "-m", "m", "-o", "o", "x", "--protocol", "slide",
             "--scales", scales[i]);
  REFUSES ("from 16 to 8192", "predict", "-m", "m", "-o", "o", "x", "--protocol", "csail",
           "--scales", "0.5,1");
}

/* data/ with the photos a and b of four classes, and workspace/ that corrects it. */
static PspWorkspace *
make_workspace (const PspTestFolder *folder)
{
  const PspSize size = { PSP_TEST_MASK_SIDE, PSP_TEST_MASK_SIDE };
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *path = psp_test_folder_path (folder, "workspace");
  const char *paths[] = { data, NULL };
  g_autoptr(PspDataset) dataset = NULL;
  g_autoptr(GError) error = NULL;
  PspWorkspace *workspace;

  psp_test_folder_print (folder, "data/names.txt", "a\nb\nc\nd\n");
  command_draw_photo (folder, "data/images/a.png", size);
  command_draw_photo (folder, "data/images/b.png", size);
  command_draw_label (folder, "data/labels/a.png", size, 8, 3);
  command_draw_label (folder, "data/labels/b.png", size, 8, 3);
  workspace = psp_test_open_workspace (path, PSP_WORKSPACE_CREATE);
  dataset = psp_dataset_open (paths, NULL, &error);
  g_assert_no_error (error);
  psp_workspace_remember_dataset (workspace, paths, dataset, NULL, &error);
  g_assert_no_error (error);
  return workspace;
}

/* The original label does not take the place of a correction that was lost. */
static void
test_lost_correction (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = make_workspace (folder);
  g_autoptr(PspMask) mask = psp_test_noise_mask (1);
  g_autofree char *path = psp_test_folder_path (folder, "workspace");
  g_autofree char *lost = psp_test_folder_path (folder, "workspace/labels/a.png");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *list = NULL;
  g_auto(Outcome) outcome = { 0 };

  psp_test_save_mask (workspace, "a", mask, 0);
  psp_test_save_mask (workspace, "b", mask, 0);
  g_clear_pointer (&workspace, psp_workspace_unref);
  g_assert_cmpint (unlink (lost), ==, 0);
  outcome = RUN ("export", "-w", path, "-f", "folder", "-o", out);
  command_assert_status (&outcome, 1);
  command_assert_says (outcome.errors, lost);
  command_assert_says (outcome.output, "1 images, 1 with a corrected mask");
  list = psp_test_folder_read (folder, "out/list.txt", NULL);
  g_assert_cmpstr (list, ==, "images/b.png labels/b.png\n");
}

/* What is printed goes into a pipe that nobody reads any more. */
static void
print_to_nobody (gpointer data)
{
  int ends[2];

  if (pipe (ends) != 0)
    _exit (99);
  (void) close (ends[0]);
  (void) dup2 (ends[1], STDOUT_FILENO);
}

static void
run_for_nobody (const char * const *arguments)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) command = NULL;
  g_autoptr(GError) error = NULL;

  g_strv_builder_add (builder, g_getenv ("SCENESCOPE"));
  g_strv_builder_addv (builder, (const char **) arguments);
  command = g_strv_builder_end (builder);
  g_spawn_sync (NULL, command, NULL, G_SPAWN_DEFAULT, print_to_nobody, NULL, NULL, NULL, NULL,
                &error);
  g_assert_no_error (error);
}

/* `evaluate … | head -1` writes the whole report all the same, and so does bench. */
static void
test_closed_pipe (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *labels = psp_test_folder_path (folder, "data/labels");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *json = psp_test_folder_path (folder, "bench.json");
  g_autofree char *results = psp_test_folder_path (folder, "out/results.txt");

  psp_test_folder_print (folder, "data/names.txt", "a\nb\nc\nd\n");
  command_draw_photo (folder, "data/images/a.png", SMALL);
  command_draw_label (folder, "data/labels/a.png", SMALL, 8, 3);
  run_for_nobody ((const char * const []) { "evaluate", "--predictions", labels, "-d", data, "-o",
                                            out, NULL });
  run_for_nobody ((const char * const []) { "bench", "-m", model, "--json", json, "--size", "33x33",
                                            "--repeat", "1", "--device", "cpu", NULL });
  g_assert_true (g_file_test (results, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (json, G_FILE_TEST_EXISTS));
}

/* Where nothing could be judged there are no numbers. */
static void
test_nothing_judged (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *empty = psp_test_folder_path (folder, "empty");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *metrics = psp_test_folder_path (folder, "out/metrics.json");
  g_autofree char *missing = psp_test_folder_path (folder, "missing");
  g_autofree char *says = g_strdup_printf ("scenescope: %s: there is no such folder\n", missing);
  g_auto(Outcome) nothing = { 0 };
  g_auto(Outcome) nowhere = { 0 };

  psp_test_folder_print (folder, "data/names.txt", "a\nb\nc\nd\n");
  psp_test_folder_print (folder, "empty/notes.txt", "");
  command_draw_photo (folder, "data/images/a.png", SMALL);
  command_draw_photo (folder, "data/images/b.png", SMALL);
  command_draw_label (folder, "data/labels/a.png", SMALL, 8, 3);
  command_draw_label (folder, "data/labels/b.png", SMALL, 8, 3);
  nothing = RUN ("evaluate", "--predictions", empty, "-d", data, "-o", out);
  nowhere = RUN ("evaluate", "--predictions", missing, "-d", data, "-o", out);
  command_assert_status (&nothing, 1);
  command_assert_says (nothing.errors, "none of the 2 images");
  g_assert_cmpstr (nothing.output, ==, "");
  g_assert_false (g_file_test (metrics, G_FILE_TEST_EXISTS));
  command_assert_status (&nowhere, 1);
  g_assert_cmpstr (nowhere.errors, ==, says);
}

/* What a run wrote among its photos is no photo for the next one. */
static void
test_output_inside (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *photos = psp_test_folder_path (folder, "photos");
  g_autofree char *out = psp_test_folder_path (folder, "photos/out");

  command_draw_photo (folder, "photos/a.png", SMALL);
  command_draw_photo (folder, "photos/b.png", SMALL);
  for (int i = 0; i < 2; i++)
    {
      g_auto(Outcome) outcome = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", photos);

      command_assert_status (&outcome, 0);
      g_assert_cmpint (psp_test_folder_count (folder, "photos/out"), ==, 2);
    }
}

/* --names tells the classes of given predictions, too. */
static void
test_names_of_predictions (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *labels = psp_test_folder_path (folder, "data/labels");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *results = NULL;
  g_auto(Outcome) unnamed = { 0 };
  g_auto(Outcome) named = { 0 };

  command_draw_photo (folder, "data/images/a.png", SMALL);
  command_draw_label (folder, "data/labels/a.png", SMALL, 8, 3);
  unnamed = RUN ("evaluate", "--predictions", labels, "-d", data, "-o", out);
  named = RUN ("evaluate", "--predictions", labels, "-d", data, "-o", out, "--names", "camvid-11");
  command_assert_status (&unnamed, 1);
  command_assert_says (unnamed.errors, "--names");
  command_assert_status (&named, 0);
  results = psp_test_folder_read (folder, "out/results.txt", NULL);
  command_assert_says (results, "Pedestrian");
}

/* An id that is no class is named as evaluate names it; everything is exported. */
static void
test_export_strangers (void)
{
  const PspSize size = { PSP_TEST_MASK_SIDE, PSP_TEST_MASK_SIDE };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = make_workspace (folder);
  g_autofree char *path = psp_test_folder_path (folder, "workspace");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_auto(Outcome) outcome = { 0 };

  command_draw_label (folder, "data/labels/b.png", size, 8, 77);
  g_clear_pointer (&workspace, psp_workspace_unref);
  outcome = RUN ("export", "-w", path, "-f", "folder", "-o", out);
  command_assert_status (&outcome, 1);
  command_assert_says (outcome.errors, "b: pixels with an id that is no class, and that are kept: "
                       "2304, the smallest id 77 of 4 classes\n");
  g_assert_null (strstr (outcome.errors, "a: "));
  g_assert_cmpint (psp_test_folder_count (folder, "out/labels"), ==, 2);
}

/* As a disk without room. */
static void
print_to_full_device (gpointer data)
{
  int device = open ("/dev/full", O_WRONLY);

  if (device < 0 || dup2 (device, STDOUT_FILENO) < 0)
    _exit (99);
}

/* A command whose output did not arrive has failed. */
static void
test_full_output (void)
{
  static const char * const commands[] = {
    "--version", "--help", "predict --help", "device list", "model info MODEL",
  };
  g_autofree char *model = golden_path ("tiny18.pth");

  if (!g_file_test ("/dev/full", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("this system has no /dev/full");
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *line = g_strdup_printf ("%s %s", g_getenv ("SCENESCOPE"), commands[i]);
      g_auto(GStrv) command = g_strsplit (line, " ", -1);
      g_autofree char *errors = NULL;
      g_autoptr(GError) error = NULL;
      int wait_status;

      for (int k = 0; command[k] != NULL; k++)
        if (strcmp (command[k], "MODEL") == 0)
          {
            g_free (command[k]);
            command[k] = g_strdup (model);
          }
      /* The setup comes after the child's own output was put in its place. */
      g_spawn_sync (NULL, command, NULL, G_SPAWN_DEFAULT, print_to_full_device, NULL, NULL,
                    &errors, &wait_status, &error);
      g_assert_no_error (error);
      g_assert_true (WIFEXITED (wait_status));
      g_assert_cmpint (WEXITSTATUS (wait_status), ==, 1);
      command_assert_says (errors, "cannot write what was to be printed");
    }
}

/* Behind “--” a name may begin with “-”. */
static void
test_dashes (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *model = copy_golden (folder, "tiny18.pth");
  g_autofree char *dash_model = psp_test_folder_path (folder, "-x.pth");
  g_auto(Outcome) predict = { 0 };
  g_auto(Outcome) mixed = { 0 };
  g_auto(Outcome) info = { 0 };
  g_auto(Outcome) window = { 0 };

  g_assert_cmpint (symlink (model, dash_model), ==, 0);
  command_draw_photo (folder, "-dash.png", SMALL);
  command_draw_photo (folder, "plain.png", SMALL);
  g_assert_cmpint (chdir (folder), ==, 0);
  predict = RUN ("predict", "-m", model, "-o", "out", "--device", "cpu", "--", "-dash.png");
  mixed = RUN ("predict", "plain.png", "-m", model, "-o", "both", "--device", "cpu", "--",
               "-dash.png");
  info = RUN ("model", "info", "--", "-x.pth");
  window = RUN ("--", "missing");
  g_assert_cmpint (chdir (here), ==, 0);
  command_assert_status (&predict, 0);
  command_assert_status (&mixed, 0);
  command_assert_status (&info, 0);
  command_assert_status (&window, 2);
  command_assert_says (window.errors, "“missing” is no file or folder");
  g_assert_cmpint (psp_test_folder_count (folder, "out"), ==, 1);
  g_assert_cmpint (psp_test_folder_count (folder, "both"), ==, 2);
}

/* What was computed in 16 bits is told from what was not. */
static void
test_precision (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *json = psp_test_folder_path (folder, "bench.json");
  g_autofree char *metrics = NULL;
  g_autofree char *measured = NULL;
  g_auto(Outcome) evaluated = { 0 };
  g_auto(Outcome) bench = { 0 };

  command_draw_photo (folder, "data/images/a.png", SMALL);
  command_draw_label (folder, "data/labels/a.png", SMALL, 8, 3);
  evaluated = RUN ("evaluate", "-m", model, "-d", data, "-o", out, "--device", "cpu",
                   "--precision", "fp16");
  bench = RUN ("bench", "-m", model, "--json", json, "--size", "33x33", "--repeat", "1",
               "--device", "cpu");
  command_assert_status (&evaluated, 0);
  command_assert_status (&bench, 0);
  metrics = psp_test_folder_read (folder, "out/metrics.json", NULL);
  command_assert_says (metrics, "\"precision\" : \"fp16\"");
  command_assert_says (metrics, "\"device_id\" : \"cpu\"");
  measured = psp_test_folder_read (folder, "bench.json", NULL);
  command_assert_says (measured, "\"device_name\" : \"OpenBLAS");
}

/* --taps writes what its help lists, and nothing else. */
static void
test_taps (void)
{
  static const char * const names[] = {
    "input", "layer0", "layer1", "layer2", "layer3", "layer4", "ppm.1", "ppm.2", "ppm.3", "ppm.6",
    "logits", "aux", "logits_full", "aux_full",
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *photo = psp_test_folder_path (folder, "photo.png");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *taps = psp_test_folder_path (folder, "taps.safetensors");
  g_autoptr(PspCheckpoint) tapped = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(Outcome) outcome = { 0 };

  command_draw_photo (folder, "photo.png", SMALL);
  outcome = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", "--taps", taps, photo);
  command_assert_status (&outcome, 0);
  tapped = psp_checkpoint_open (taps, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_nonnull (psp_checkpoint_find (tapped, names[i]));
  g_assert_cmpuint (psp_checkpoint_get_n_entries (tapped), ==, G_N_ELEMENTS (names));
}

/* Messages say what can be given, and each thing once. */
static void
test_messages (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *labels = psp_test_folder_path (folder, "predictions");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *missing = psp_test_folder_path (folder, "missing");
  g_auto(Outcome) judged = { 0 };
  g_auto(Outcome) export = { 0 };
  const char *name;

  REFUSES ("from 1 to 65535", "model", "info", model, "--crop", "999999999");
  REFUSES ("--model is given is empty", "predict", "-m", "", "-o", out, model);
  REFUSES ("--output is given is empty", "predict", "-m", model, "-o", "", model);
  REFUSES ("an argument is empty", "predict", "-m", model, "-o", out, "");
  REFUSES ("an argument is empty", "model", "info", "");

  psp_test_folder_print (folder, "data/names.txt", "a\nb\nc\nd\n");
  command_draw_photo (folder, "data/images/stem.png", SMALL);
  command_draw_label (folder, "data/labels/stem.png", SMALL, 8, 3);
  command_draw_label (folder, "predictions/stem.png", (PspSize) { 3, 4 }, 8, 3);
  judged = RUN ("evaluate", "--predictions", labels, "-d", data, "-o", out);
  command_assert_says (judged.errors, "stem.png: the label has");
  export = RUN ("export", "-w", missing, "-f", "folder", "-o", out);
  name = strstr (export.errors, missing);
  g_assert_nonnull (name);
  g_assert_null (strstr (name + 1, missing));
}

/* Help is found in the ways in which it is looked for. */
static void
test_help (void)
{
  g_auto(Outcome) predict = RUN ("help", "predict");
  g_auto(Outcome) info = RUN ("help", "model", "info");
  g_auto(Outcome) nonsense = RUN ("help", "nonsense");
  g_auto(Outcome) group = RUN ("device", "-h");

  command_assert_status (&predict, 0);
  command_assert_says (predict.output, "--probabilities");
  command_assert_status (&info, 0);
  command_assert_says (info.output, "--align-corners");
  command_assert_status (&nonsense, 2);
  command_assert_says (nonsense.errors, "nonsense");
  command_assert_status (&group, 0);
  command_assert_says (group.output, "device list");
  REFUSES ("there is no command “device foo”", "device", "foo");
}

/* Where the locale has ASCII only, the bytes of names are printed as they are. */
static void
test_ascii_locale (void)
{
  const char * const arguments[] = { "model", "info", "/nowhere/m\xc3\xbcll.pth", NULL };
  g_auto(Outcome) outcome = command_run (arguments, "LC_ALL=C", NULL);

  command_assert_status (&outcome, 1);
  command_assert_says (outcome.errors, arguments[2]);
}

/* Without a display, what works is said. */
static void
test_no_display (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  const char * const arguments[] = { folder, NULL };
  g_auto(Outcome) outcome = command_run (arguments,
                                         "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/bus",
                                         NULL);

  g_assert_cmpint (outcome.status, !=, 0);
  command_assert_says (outcome.errors, "scenescope --help");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_nonnull (g_getenv ("SCENESCOPE"));
  g_test_add_func ("/command-safety/inputs-stay", test_inputs_stay);
  g_test_add_func ("/command-safety/strangers-stay", test_strangers_stay);
  g_test_add_func ("/command-safety/again", test_again);
  g_test_add_func ("/command-safety/later-input", test_later_input);
  g_test_add_func ("/command-safety/labels-stay", test_labels_stay);
  g_test_add_func ("/command-safety/pipes", test_pipes);
  g_test_add_func ("/command-safety/without-effect", test_without_effect);
  g_test_add_func ("/command-safety/numbers", test_numbers);
  g_test_add_func ("/command-safety/lost-correction", test_lost_correction);
  g_test_add_func ("/command-safety/closed-pipe", test_closed_pipe);
  g_test_add_func ("/command-safety/nothing-judged", test_nothing_judged);
  g_test_add_func ("/command-safety/output-inside", test_output_inside);
  g_test_add_func ("/command-safety/names-of-predictions", test_names_of_predictions);
  g_test_add_func ("/command-safety/export-strangers", test_export_strangers);
  g_test_add_func ("/command-safety/full-output", test_full_output);
  g_test_add_func ("/command-safety/dashes", test_dashes);
  g_test_add_func ("/command-safety/precision", test_precision);
  g_test_add_func ("/command-safety/taps", test_taps);
  g_test_add_func ("/command-safety/messages", test_messages);
  g_test_add_func ("/command-safety/help", test_help);
  g_test_add_func ("/command-safety/ascii-locale", test_ascii_locale);
  g_test_add_func ("/command-safety/no-display", test_no_display);
  return g_test_run ();
}
