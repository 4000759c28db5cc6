/* SPDX-License-Identifier: MIT */
/* Commands as a user meets them: odd inputs, many classes, full disks, Ctrl-C. */
#include "engine/formats/psp-image-file.h"
#include "engine/project/psp-workspace-dataset.h"
#include "tests/command-run.h"
#include "tests/golden-models.h"
#include "tests/psp-test-workspace.h"

#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_MANY 300

static PspMask *
load_mask (const PspTestFolder *folder,
           const char          *name)
{
  g_autofree char *path = psp_test_folder_path (folder, name);
  g_autoptr(GError) error = NULL;
  PspMask *mask = psp_mask_load (path, &error);

  g_assert_no_error (error);
  return mask;
}

static void
save_mask (const PspTestFolder *folder,
           const char          *name,
           const PspMask       *mask)
{
  g_autofree char *path = psp_test_folder_path (folder, name);
  g_autoptr(GError) error = NULL;

  psp_test_folder_print (folder, name, "");
  psp_mask_save (mask, path, &error);
  g_assert_no_error (error);
}

/* A member of metrics.json in the folder @out. */
static double
read_metric (const char *out,
             const char *member)
{
  g_autofree char *path = g_build_filename (out, "metrics.json", NULL);
  g_autoptr(JsonParser) parser = json_parser_new ();
  g_autoptr(GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_object_get_double_member (json_node_get_object (json_parser_get_root (parser)),
                                        member);
}

/* A dataset with more classes than 8 bits hold: data/images/a.png, its label without ids. */
static PspMask *
make_many_classes (const PspTestFolder *folder)
{
  PspSize size = { 40, 30 };
  g_autoptr(GString) names = g_string_new (NULL);
  PspMask *truth = psp_mask_new (size, 16, NULL);

  for (int i = 0; i < N_MANY; i++)
    g_string_append_printf (names, "class %d\n", i);
  psp_test_folder_print (folder, "data/names.txt", names->str);
  command_draw_photo (folder, "data/images/a.png", size);
  for (int i = 0; i < size.width * size.height; i++)
    truth->pixels[i] = i % N_MANY;
  return truth;
}

/* Labels and predictions of 16 bits: 65535 is ignored, 255 is a class, and the offset counts. */
static void
test_wide_predictions (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspMask) truth = make_many_classes (folder);
  g_autoptr(PspMask) prediction = psp_mask_copy (truth, NULL);
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *predictions = psp_test_folder_path (folder, "predictions");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_auto(Outcome) plain = { 0 };
  g_auto(Outcome) shifted = { 0 };
  const int n_pixels = 1200;

  /* Of four rounds of classes, 255 is wrong once and ignored once; 7 is predicted “ignored”. */
  truth->pixels[255] = 65535;
  prediction->pixels[N_MANY + 255] = 254;
  prediction->pixels[7] = 65535;
  save_mask (folder, "data/labels/a.png", truth);
  save_mask (folder, "predictions/a.png", prediction);
  plain = RUN ("evaluate", "--predictions", predictions, "-d", data, "-o", out);
  command_assert_status (&plain, 0);
  g_assert_cmpfloat_with_epsilon (read_metric (out, "allAcc"),
                                  (n_pixels - 3.0) / (n_pixels - 1), 1e-9);

  for (int i = 0; i < n_pixels; i++)
    if (prediction->pixels[i] != 65535)
      prediction->pixels[i] += 200;
  save_mask (folder, "predictions/a.png", prediction);
  shifted = RUN ("evaluate", "--predictions", predictions, "-d", data, "-o", out, "--id-offset",
                 "200");
  command_assert_status (&shifted, 0);
  g_assert_cmpstr (shifted.output, ==, plain.output);
}

/* A network of as many classes: what it writes is judged like what it says. */
static void
test_wide_network (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspMask) truth = make_many_classes (folder);
  g_autofree char *model = psp_test_folder_path (folder, "many.safetensors");
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *shifted = psp_test_folder_path (folder, "shifted");
  g_autofree char *judged = psp_test_folder_path (folder, "judged");
  g_autoptr(PspMask) labels = NULL;
  g_autoptr(PspMask) with_offset = NULL;
  g_auto(Outcome) evaluated = { 0 };
  g_auto(Outcome) predicted = { 0 };
  g_auto(Outcome) again = { 0 };
  int highest = 0;

  save_mask (folder, "data/labels/a.png", truth);
  golden_write_with_classes (model, N_MANY);
  evaluated = RUN ("evaluate", "-m", model, "-d", data, "-o", out, "--device", "cpu");
  predicted = RUN ("predict", "-m", model, "-o", shifted, "--device", "cpu", "--id-offset", "5",
                   data);
  again = RUN ("evaluate", "--predictions", shifted, "-d", data, "-o", judged, "--id-offset", "5");
  command_assert_status (&evaluated, 0);
  command_assert_status (&predicted, 0);
  command_assert_status (&again, 0);
  g_assert_cmpstr (again.output, ==, evaluated.output);

  labels = load_mask (folder, "out/a.png");
  with_offset = load_mask (folder, "shifted/a.png");
  g_assert_cmpint (labels->bit_depth, ==, 16);
  g_assert_cmpint (with_offset->bit_depth, ==, 16);
  for (int i = 0; i < labels->size.width * labels->size.height; i++)
    {
      g_assert_cmpint (with_offset->pixels[i], ==, labels->pixels[i] + 5);
      highest = MAX (highest, labels->pixels[i]);
    }
  g_assert_cmpint (highest, >, 255);
}

/* A disk with room for files of 20000 bytes. */
static void
allow_short_files_only (gpointer data)
{
  struct rlimit limit = { 20000, 20000 };

  setrlimit (RLIMIT_FSIZE, &limit);
}

/* No file that is not whole or that nobody asked for. */
static void
assert_no_leftovers (const PspTestFolder *folder,
                     const char          *name)
{
  g_autofree char *path = psp_test_folder_path (folder, name);
  g_autoptr(GDir) directory = g_dir_open (path, 0, NULL);
  const char *found;

  while (directory != NULL && (found = g_dir_read_name (directory)) != NULL)
    if (strstr (found, ".new-") != NULL)
      g_error ("%s was left in %s", found, name);
}

/* A disk that takes the small files but not the large ones: the small ones are there, of the large
 * ones those that were there before. */
static void
test_full_disk (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_autofree char *report = psp_test_folder_path (folder, "out/report.html");
  g_autofree char *large = psp_test_folder_path (folder, "data/images/large.png");
  g_autofree char *page = NULL;
  g_autofree char *page_before = NULL;
  g_autoptr(PspMask) before = NULL;
  g_autoptr(PspMask) after = NULL;
  const char * const evaluate[] = {
    "evaluate", "-m", model, "-d", data, "-o", out, "--device", "cpu", NULL
  };
  const char * const predict[] = {
    "predict", "-m", model, "-o", out, "--device", "cpu", "--probabilities", large, NULL
  };
  g_auto(Outcome) whole = { 0 };
  g_auto(Outcome) full = { 0 };
  g_auto(Outcome) predicted = { 0 };

  psp_test_folder_print (folder, "data/names.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n");
  command_draw_photo (folder, "data/images/large.png", (PspSize) { 200, 150 });
  command_draw_photo (folder, "data/images/small.png", (PspSize) { 20, 15 });
  command_draw_label (folder, "data/labels/large.png", (PspSize) { 200, 150 }, 8, 3);
  command_draw_label (folder, "data/labels/small.png", (PspSize) { 20, 15 }, 8, 3);
  whole = command_run (evaluate, NULL, NULL);
  command_assert_status (&whole, 0);
  page_before = psp_test_folder_read (folder, "out/report.html", NULL);
  before = load_mask (folder, "out/small.png");
  g_assert_cmpint (strlen (page_before), >, 20000);

  full = command_run (evaluate, NULL, allow_short_files_only);
  predicted = command_run (predict, NULL, allow_short_files_only);
  command_assert_status (&full, 1);
  command_assert_says (full.errors, report);
  command_assert_says (full.errors, g_strerror (EFBIG));
  command_assert_says (full.output, "mIoU/mAcc/allAcc");
  command_assert_status (&predicted, 1);
  command_assert_says (predicted.errors, "large.probabilities.safetensors");
  page = psp_test_folder_read (folder, "out/report.html", NULL);
  g_assert_cmpstr (page, ==, page_before);
  after = load_mask (folder, "out/small.png");
  g_assert_true (psp_mask_equal (after, before));
  g_assert_cmpint (psp_test_folder_count (folder, "out"), ==, 6);
  assert_no_leftovers (folder, "out");
}

/* Photos and labels keep what they are, wherever -o points. */
static void
test_originals (void)
{
  static const char * const folders[] = { "data/images", "data/labels", "link" };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *images = psp_test_folder_path (folder, "data/images");
  g_autofree char *link = psp_test_folder_path (folder, "link");
  g_autofree char *photo = NULL;
  g_autofree char *label = NULL;

  command_draw_photo (folder, "data/images/a.png", (PspSize) { 20, 15 });
  command_draw_label (folder, "data/labels/a.png", (PspSize) { 20, 15 }, 8, 3);
  photo = psp_test_folder_read (folder, "data/images/a.png", NULL);
  label = psp_test_folder_read (folder, "data/labels/a.png", NULL);
  g_assert_cmpint (symlink (images, link), ==, 0);

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *out = psp_test_folder_path (folder, folders[i]);
      g_auto(Outcome) predicted = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", data);
      g_auto(Outcome) evaluated = RUN ("evaluate", "-m", model, "-o", out, "--device", "cpu", "-d",
                                       data);
      gsize n_photo, n_label;
      g_autofree char *photo_now = psp_test_folder_read (folder, "data/images/a.png", &n_photo);
      g_autofree char *label_now = psp_test_folder_read (folder, "data/labels/a.png", &n_label);

      command_assert_status (&predicted, 1);
      command_assert_says (predicted.errors, "original");
      command_assert_status (&evaluated, 1);
      command_assert_says (evaluated.errors, "original");
      g_assert_cmpmem (photo_now, n_photo, photo, n_photo);
      g_assert_cmpmem (label_now, n_label, label, n_label);
    }
}

/* Photos that are left out of a folder are named as failed ones are; labels are no concern. */
static void
test_left_out (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_auto(Outcome) clean = { 0 };
  g_auto(Outcome) outcome = { 0 };

  command_draw_photo (folder, "data/images/a.png", (PspSize) { 20, 15 });
  command_draw_label (folder, "data/labels/b.png", (PspSize) { 20, 15 }, 8, 3);
  clean = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", data);
  command_assert_status (&clean, 0);

  command_draw_photo (folder, "data/images/a.jpg", (PspSize) { 20, 15 });
  psp_test_folder_print (folder, "data/images/c.gif", "GIF89a");
  outcome = RUN ("predict", "-m", model, "-o", out, "--device", "cpu", data);
  command_assert_status (&outcome, 1);
  command_assert_says (outcome.errors, "a.png");
  command_assert_says (outcome.errors, "a.jpg");
  command_assert_says (outcome.errors, "c.gif");
  g_assert_cmpint (psp_test_folder_count (folder, "out"), ==, 1);
}

static void
assert_named_once (const Outcome *outcome,
                   const char    *name)
{
  const char *first = strstr (outcome->errors, name);

  if (first == NULL || strstr (first + 1, name) != NULL)
    g_error ("“%s” is not named once in: %s", name, outcome->errors);
}

/* Whatever is wrong with a photo or its label, it is said once, and the rest is judged. */
static void
test_named_once (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *predictions = psp_test_folder_path (folder, "predictions");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  const PspSize size = { 20, 15 };
  g_auto(Outcome) outcome = { 0 };

  psp_test_folder_print (folder, "data/names.txt", "a\nb\n");
  command_draw_photo (folder, "data/images/lonely.png", size);
  command_draw_photo (folder, "data/images/unseen.png", size);
  command_draw_label (folder, "data/labels/unseen.png", size, 8, 1);
  command_draw_photo (folder, "data/images/beyond.png", size);
  command_draw_label (folder, "data/labels/beyond.png", size, 8, 7);
  command_draw_label (folder, "predictions/beyond.png", size, 8, 1);
  command_draw_photo (folder, "data/images/small.png", size);
  command_draw_label (folder, "data/labels/small.png", (PspSize) { 2, 3 }, 8, 1);
  command_draw_label (folder, "predictions/small.png", size, 8, 1);
  outcome = RUN ("evaluate", "--predictions", predictions, "-d", data, "-o", out);
  command_assert_status (&outcome, 1);
  assert_named_once (&outcome, "lonely.png");
  assert_named_once (&outcome, "unseen.png");
  assert_named_once (&outcome, "small.png");
  assert_named_once (&outcome, "beyond.png");
  command_assert_says (outcome.errors, "300, the smallest id 7 of 2 classes");
  command_assert_says (outcome.output, "1 images judged, 3 failed");
}

/* A list that chooses some of the photos is no failure; one that names another photo is. */
static void
test_list (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *predictions = psp_test_folder_path (folder, "data/labels");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  g_auto(Outcome) some = { 0 };
  g_auto(Outcome) more = { 0 };

  psp_test_folder_print (folder, "data/names.txt", "a\nb\n");
  command_draw_photo (folder, "data/images/a.png", (PspSize) { 20, 15 });
  command_draw_photo (folder, "data/images/b.png", (PspSize) { 20, 15 });
  command_draw_label (folder, "data/labels/a.png", (PspSize) { 20, 15 }, 8, 1);
  psp_test_folder_print (folder, "data/list.txt", "images/a.png labels/a.png\n");
  some = RUN ("evaluate", "--predictions", predictions, "-d", data, "-o", out);
  command_assert_status (&some, 0);
  command_assert_says (some.errors, "leaves out 1 of the 2 images");
  command_assert_says (some.output, "1 images judged, 0 failed");

  psp_test_folder_print (folder, "data/list.txt",
                         "images/a.png labels/a.png\nimages/c.png labels/c.png\n");
  more = RUN ("evaluate", "--predictions", predictions, "-d", data, "-o", out);
  command_assert_status (&more, 1);
  command_assert_says (more.errors, "images/c.png");
}

/* Starts the program on a small photo and a large one, and sends @number when the first is done. */
static int
interrupt (const PspTestFolder *folder,
           const char          *command,
           int                  number)
{
  g_autofree char *model = golden_path ("tiny18.pth");
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *out = psp_test_folder_path (folder, command);
  g_autofree char *first = g_build_filename (out, "a.png", NULL);
  gboolean evaluates = strcmp (command, "evaluate") == 0;
  const char *arguments[] = {
    g_getenv ("SCENESCOPE"), command, "-m", model, "-o", out, "--device", "cpu",
    evaluates ? "-d" : "--no-flip", data, NULL
  };
  g_autoptr(GError) error = NULL;
  int status;
  GPid pid;

  g_spawn_async (NULL, (char **) arguments, NULL,
                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                 G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &pid, &error);
  g_assert_no_error (error);
  while (!g_file_test (first, G_FILE_TEST_EXISTS))
    {
      g_assert_cmpint (waitpid (pid, &status, WNOHANG), ==, 0);
      g_usleep (1000);
    }
  g_assert_cmpint (kill (pid, number), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return status;
}

/* A run that is stopped says so to whoever started it, and leaves whole files only. */
static void
test_interrupt (void)
{
  static const int signals[] = { SIGINT, SIGTERM };
  const PspSize large = { 2400, 1800 };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();

  psp_test_folder_print (folder, "data/names.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n");
  command_draw_photo (folder, "data/images/a.png", (PspSize) { 1, 1 });
  command_draw_label (folder, "data/labels/a.png", (PspSize) { 1, 1 }, 8, 3);
  command_draw_photo (folder, "data/images/b.png", large);
  command_draw_label (folder, "data/labels/b.png", large, 8, 3);
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      const char *command = i == 0 ? "evaluate" : "predict";
      int status = interrupt (folder, command, signals[i]);

      g_assert_true (WIFSIGNALED (status));
      g_assert_cmpint (WTERMSIG (status), ==, signals[i]);
      g_assert_cmpint (psp_test_folder_count (folder, command), ==, 1);
    }
}

/* Whether @folder holds a file or folder called @start and more. */
static gboolean
has_beginning (const PspTestFolder *folder,
               const char          *start)
{
  g_autoptr(GDir) directory = g_dir_open (folder, 0, NULL);
  const char *found;

  g_assert_nonnull (directory);
  while ((found = g_dir_read_name (directory)) != NULL)
    if (g_str_has_prefix (found, start))
      return TRUE;
  return FALSE;
}

/* Starts the program, and sends SIGINT when @folder holds what is called @start and more: what is
 * not whole yet.  Nothing of this may be left. */
static void
interrupt_writing (const PspTestFolder *folder,
                   const char          *start,
                   const char * const  *arguments)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) command = NULL;
  g_autoptr(GError) error = NULL;
  int status;
  GPid pid;

  g_strv_builder_add (builder, g_getenv ("SCENESCOPE"));
  g_strv_builder_addv (builder, (const char **) arguments);
  command = g_strv_builder_end (builder);
  g_spawn_async (NULL, command, NULL,
                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                 G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &pid, &error);
  g_assert_no_error (error);
  while (!has_beginning (folder, start))
    {
      g_assert_cmpint (waitpid (pid, &status, WNOHANG), ==, 0);
      g_usleep (500);
    }
  g_assert_cmpint (kill (pid, SIGINT), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGINT);
  g_assert_false (has_beginning (folder, start));
}

/* A workspace of a dataset with many large photos. */
static void
make_large_workspace (const PspTestFolder *folder)
{
  g_autofree char *data = psp_test_folder_path (folder, "data");
  g_autofree char *path = psp_test_folder_path (folder, "workspace");
  g_autofree char *photo = NULL;
  g_autofree char *label = NULL;
  const char *paths[] = { data, NULL };
  const PspSize size = { 1200, 900 };
  g_autoptr(PspWorkspace) workspace = NULL;
  g_autoptr(PspDataset) dataset = NULL;
  g_autoptr(GError) error = NULL;
  gsize n_photo, n_label;

  psp_test_folder_print (folder, "data/names.txt", "a\nb\nc\nd\n");
  command_draw_photo (folder, "data/images/0.png", size);
  command_draw_label (folder, "data/labels/0.png", size, 8, 3);
  photo = psp_test_folder_read (folder, "data/images/0.png", &n_photo);
  label = psp_test_folder_read (folder, "data/labels/0.png", &n_label);
  for (int i = 1; i < 40; i++)
    {
      g_autofree char *image_name = g_strdup_printf ("data/images/%d.png", i);
      g_autofree char *label_name = g_strdup_printf ("data/labels/%d.png", i);

      psp_test_folder_write (folder, image_name, photo, n_photo);
      psp_test_folder_write (folder, label_name, label, n_label);
    }
  dataset = psp_dataset_open (paths, NULL, &error);
  g_assert_no_error (error);
  workspace = psp_test_open_workspace (path, PSP_WORKSPACE_CREATE);
  psp_workspace_remember_dataset (workspace, paths, dataset, NULL, &error);
  g_assert_no_error (error);
}

/* An export that is stopped leaves nothing under the hidden name under which it is made. */
static void
test_interrupted_export (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *workspace = psp_test_folder_path (folder, "workspace");
  g_autofree char *out = psp_test_folder_path (folder, "out");
  const char * const export[] = {
    "export", "-w", workspace, "-f", "folder", "-o", out, NULL
  };

  make_large_workspace (folder);
  interrupt_writing (folder, ".out.", export);
}

/* The same for the file that a checkpoint becomes. */
static void
test_interrupted_convert (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *model = psp_test_folder_path (folder, "many.safetensors");
  g_autofree char *copy = psp_test_folder_path (folder, "copy.safetensors");
  const char * const convert[] = { "model", "convert", model, copy, NULL };

  golden_write_with_classes (model, 60000);
  interrupt_writing (folder, "copy.safetensors.new-", convert);
}

/* Every number that a protocol is summed up in, against PyTorch's. */
static void
assert_metrics (const char *out,
                const char *expected)
{
  static const char * const members[] = { "mIoU", "mAcc", "allAcc" };

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      double is = read_metric (out, members[i]);
      double should = read_metric (expected, members[i]);

      g_test_message ("%s: %.6f, PyTorch %.6f", members[i], is, should);
      g_assert_cmpfloat_with_epsilon (is, should, 1e-3);
    }
}

/* A dataset of real photos through a trained network, under both protocols.  It takes minutes, and
 * the photos are not ours to ship. */
static void
test_real_dataset (void)
{
  g_autofree char *shared = g_test_build_filename (G_TEST_DIST, "..", "..", "shared", NULL);
  g_autofree char *absolute = g_canonicalize_filename (shared, NULL);
  g_autofree char *model = g_build_filename (absolute, "models", "camvid-pspnet18.pth", NULL);
  g_autofree char *data = g_build_filename (absolute, "camvid", NULL);
  g_autofree char *expected_whole = g_build_filename (absolute, "models", "expected-whole", NULL);
  g_autofree char *expected_slide = g_build_filename (absolute, "models", "expected-slide", NULL);
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *whole = psp_test_folder_path (folder, "whole");
  g_autofree char *slide = psp_test_folder_path (folder, "slide");
  g_auto(Outcome) one_pass = { 0 };
  g_auto(Outcome) windows = { 0 };

  if (!g_test_slow ())
    {
      g_test_skip ("36 photos under six scales take minutes; with -m slow");
      return;
    }
  if (!g_file_test (model, G_FILE_TEST_EXISTS) || !g_file_test (data, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("no real photos and no trained model in ../shared");
      return;
    }
  one_pass = RUN ("evaluate", "-m", model, "-d", data, "-o", whole, "--device", "cpu");
  command_assert_status (&one_pass, 0);
  assert_metrics (whole, expected_whole);
  windows = RUN ("evaluate", "-m", model, "-d", data, "-o", slide, "--device", "cpu",
                 "--protocol", "slide", "--scales", "0.5,0.75,1,1.25,1.5,1.75", "--flip",
                 "--crop", "241", "--base", "480");
  command_assert_status (&windows, 0);
  assert_metrics (slide, expected_slide);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_nonnull (g_getenv ("SCENESCOPE"));
  g_test_add_func ("/command-photos/wide-predictions", test_wide_predictions);
  g_test_add_func ("/command-photos/wide-network", test_wide_network);
  g_test_add_func ("/command-photos/full-disk", test_full_disk);
  g_test_add_func ("/command-photos/originals", test_originals);
  g_test_add_func ("/command-photos/left-out", test_left_out);
  g_test_add_func ("/command-photos/named-once", test_named_once);
  g_test_add_func ("/command-photos/list", test_list);
  g_test_add_func ("/command-photos/interrupt", test_interrupt);
  g_test_add_func ("/command-photos/interrupted-export", test_interrupted_export);
  g_test_add_func ("/command-photos/interrupted-convert", test_interrupted_convert);
  g_test_add_func ("/command-photos/real-dataset", test_real_dataset);
  return g_test_run ();
}
