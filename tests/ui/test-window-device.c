/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "engine/project/psp-project-private.h"
#include "tests/psp-window-test.h"
#include "ui/psp-device-list.h"

#include <string.h>

/* A GPU that fails: the processor under another name. */
#define BRITTLE_ID "vulkan:7"
#define BRITTLE_NAME "Brittle GPU"

/* One that is not there, which takes as long as SLOW_US to find out. */
#define ABSENT_ID "vulkan:9"
#define SLOW_US 300000

#define EDITED_CLASS 8

/* What is left of its life; any thread. */
static struct
{
  int      n_operations; /* (atomic) until it fails; -1: never */
  gboolean for_good;     /* whether each one after that fails, too */
  int      code;         /* PspError of that */
  int      n_opened;     /* (atomic) */
  gboolean slow;         /* to open */
} brittle;

typedef struct
{
  PspBackendOperations        operations; /* comes first: the backend points to it */
  const PspBackendOperations *sound;
} BrittleOperations;

static gboolean
fail_convolve (PspBackend            *backend,
               const PspConvolution  *operation,
               GCancellable          *cancellable,
               GError               **error)
{
  const BrittleOperations *self = (const BrittleOperations *) backend->operations;
  int left = g_atomic_int_get (&brittle.n_operations);

  if (left > 0)
    g_atomic_int_set (&brittle.n_operations, left - 1);
  if (left != 0)
    return self->sound->convolve (backend, operation, cancellable, error);

  if (!brittle.for_good)
    g_atomic_int_set (&brittle.n_operations, -1);
  g_set_error (error, PSP_ERROR, brittle.code, "%s has had enough", BRITTLE_NAME);
  return FALSE;
}

static void
free_brittle (PspBackend *backend)
{
  BrittleOperations *self = (BrittleOperations *) backend->operations;

  self->sound->free (backend);
  g_free (self);
}

/* As psp_device_open(), where the preferred device is the brittle one. */
static PspBackend *
open_device (const char               *device,
             const PspBackendOptions  *options,
             GError                  **error)
{
  PspBackend *backend = psp_cpu_backend_new (options, error);
  BrittleOperations *operations;

  if (backend == NULL || g_str_equal (device, "cpu"))
    return backend;

  if (brittle.slow)
    g_usleep (SLOW_US);
  if (g_str_equal (device, ABSENT_ID))
    {
      psp_backend_unref (backend);
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE, "there is no such device");
      return NULL;
    }
  operations = g_new (BrittleOperations, 1);
  operations->sound = backend->operations;
  operations->operations = *backend->operations;
  operations->operations.convolve = fail_convolve;
  operations->operations.free = free_brittle;
  backend->operations = &operations->operations;
  g_free (backend->device_id);
  g_free (backend->device_name);
  backend->device_id = g_strdup (BRITTLE_ID);
  backend->device_name = g_strdup (BRITTLE_NAME);
  g_atomic_int_inc (&brittle.n_opened);
  return backend;
}

/* The dataset, an edit of its first image, and the model on the brittle device, which has run that
 * image. */
static void
open_all (PspWindowTest *fixture,
          const char    *choice)
{
  g_autoptr(PspEdit) edit = NULL;

  brittle.n_operations = -1;
  brittle.for_good = FALSE;
  brittle.slow = FALSE;
  brittle.code = PSP_ERROR_DEVICE;
  psp_window_test_wait (fixture);
  psp_project_set_device_opener (fixture->project, open_device);
  psp_window_test_activate_path (fixture, "win.device", choice);
  psp_window_test_open_dataset (fixture);
  edit = psp_edit_new_fill (EDITED_CLASS, (PspPoint) { 48, 36 });
  psp_scene_apply (psp_project_get_scene (fixture->project), edit);
  psp_window_test_open_model (fixture);
  g_assert_nonnull (psp_scene_get_prediction (psp_project_get_scene (fixture->project)));
  brittle.n_opened = 0;
}

static gboolean
shows (GtkWidget     *widget,
       gconstpointer  text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) &&
         strstr (gtk_label_get_label (GTK_LABEL (widget)), text) != NULL;
}

static gboolean
has_label (GtkWidget  *root,
           const char *text)
{
  return psp_ui_test_find_where (root, shows, text) != NULL;
}

static void
assert_told (PspWindowTest *fixture,
             const char    *words)
{
  PspMessageBar *bar = psp_window_test_find_error (fixture);

  g_assert_true (psp_message_bar_get_shown (bar));
  if (strstr (psp_message_bar_get_title (bar), words) == NULL)
    g_error ("“%s” says nothing of “%s”", psp_message_bar_get_title (bar), words);
  g_assert_nonnull (strstr (psp_message_bar_get_details (bar), BRITTLE_NAME " has had enough"));
}

/* What was done by hand is still there. */
static void
assert_edit_kept (PspWindowTest *fixture)
{
  const PspMask *mask = psp_scene_get_mask (psp_project_get_scene (fixture->project));

  g_assert_true (psp_project_get_modified (fixture->project));
  g_assert_cmpint (mask->pixels[36 * mask->size.width + 48], ==, EDITED_CLASS);
}

/* How many images the model has run on, none of them with a problem. */
static int
count_predicted (PspWindowTest *fixture)
{
  int n = 0;

  for (guint i = 0; i < 3; i++)
    {
      PspProjectItem *item = psp_window_test_get_item (fixture, i);

      if (!psp_project_item_get_predicted (item))
        continue;
      g_assert_null (psp_project_item_get_problem (item));
      n++;
    }
  return n;
}

static void
run_all (PspWindowTest *fixture)
{
  psp_window_test_activate (fixture, "win.run-all");
  psp_window_test_wait (fixture);
}

typedef struct
{
  const char *name;
  gboolean    for_good;
  int         code;
  const char *told;
  const char *device; /* that is named afterwards */
} Ladder;

static const Ladder ladders[] = {
  { "/window/device/once", FALSE, PSP_ERROR_DEVICE, "opened anew", BRITTLE_NAME },
  { "/window/device/for-good", TRUE, PSP_ERROR_DEVICE, "the processor takes over", "OpenBLAS" },
  { "/window/device/memory", TRUE, PSP_ERROR_NO_MEMORY, "what does not fit", BRITTLE_NAME },
};

static const Ladder *
find_ladder (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ladders); i++)
    if (g_str_equal (g_test_get_path (), ladders[i].name))
      return &ladders[i];
  g_assert_not_reached ();
}

/* It is said once what failed and what goes on; every image gets its prediction. */
static void
test_ladder (PspWindowTest *fixture,
             gconstpointer  data)
{
  const Ladder *ladder = find_ladder ();
  PspMessageBar *bar = psp_window_test_find_error (fixture);

  open_all (fixture, "auto");
  g_assert_true (has_label (fixture->window, BRITTLE_NAME));
  g_assert_false (psp_message_bar_get_shown (bar));
  brittle.for_good = ladder->for_good;
  brittle.code = ladder->code;
  g_atomic_int_set (&brittle.n_operations, 5);

  run_all (fixture);
  assert_told (fixture, ladder->told);
  g_assert_false (has_label (GTK_WIDGET (bar), "Use the Processor"));
  g_assert_cmpint (count_predicted (fixture), ==, 3);
  g_assert_cmpint (brittle.n_opened, ==, 1);
  assert_edit_kept (fixture);
  g_assert_true (has_label (fixture->window, ladder->device));
  g_assert_cmpint (g_str_equal (ladder->device, BRITTLE_NAME), ==,
                   has_label (fixture->window, BRITTLE_NAME " · fp32"));

  /* Once read, it is not said again for each photo. */
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (bar), "message.close", NULL));
  for (int i = 0; i < 2; i++)
    {
      psp_window_test_activate (fixture, "win.next-image");
      psp_window_test_wait (fixture);
      psp_window_test_activate (fixture, "win.run");
      psp_window_test_wait (fixture);
      g_assert_false (psp_message_bar_get_shown (bar));
    }
  g_assert_cmpint (count_predicted (fixture), ==, 3);
}

/* A device that was chosen by name is not replaced unasked: the images say what is wrong, the bar
 * says it once and offers the processor. */
static void
test_chosen (PspWindowTest *fixture,
             gconstpointer  data)
{
  PspMessageBar *bar = psp_window_test_find_error (fixture);
  GtkWidget *button;

  open_all (fixture, BRITTLE_ID);
  brittle.for_good = TRUE;
  g_atomic_int_set (&brittle.n_operations, 5);
  run_all (fixture);
  assert_told (fixture, "2 of 2 images could not be run");
  g_assert_cmpint (count_predicted (fixture), ==, 1);
  g_assert_nonnull (psp_project_item_get_problem (psp_window_test_get_item (fixture, 1)));
  g_assert_nonnull (psp_scene_get_prediction (psp_project_get_scene (fixture->project)));

  button = psp_ui_test_find_button (GTK_WIDGET (bar), "win.device::cpu");
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  psp_window_test_wait (fixture);
  g_assert_false (psp_message_bar_get_shown (bar));
  g_assert_true (has_label (fixture->window, "OpenBLAS"));
  run_all (fixture);
  g_assert_cmpint (count_predicted (fixture), ==, 3);
  assert_edit_kept (fixture);
}

static void
assert_on (PspWindowTest *fixture,
           const char    *choice,
           const char    *name)
{
  g_autofree char *shown = NULL;
  g_autofree char *remembered = psp_settings_dup_string (fixture->settings, "device");

  g_object_get (fixture->window, "device", &shown, NULL);
  g_assert_cmpstr (shown, ==, choice);
  g_assert_cmpstr (remembered, ==, choice);
  g_assert_true (has_label (fixture->window, name));
  g_assert_false (psp_message_bar_get_shown (psp_window_test_find_error (fixture)));
}

/* Of devices that are chosen in quick succession the last one counts, and is remembered, whether
 * the others open after it or cannot be opened at all. */
static void
test_change_of_mind (PspWindowTest *fixture,
                     gconstpointer  data)
{
  open_all (fixture, "auto");
  brittle.slow = TRUE;
  g_object_set (fixture->window, "device", BRITTLE_ID, NULL);
  g_object_set (fixture->window, "device", "cpu", NULL);
  psp_window_test_wait (fixture);
  assert_on (fixture, "cpu", "OpenBLAS");

  g_object_set (fixture->window, "device", ABSENT_ID, NULL);
  g_object_set (fixture->window, "device", BRITTLE_ID, NULL);
  psp_window_test_wait (fixture);
  assert_on (fixture, BRITTLE_ID, BRITTLE_NAME);

  g_object_set (fixture->window, "device", ABSENT_ID, NULL);
  g_object_set (fixture->window, "device", "cpu", NULL);
  psp_window_test_wait (fixture);
  assert_on (fixture, "cpu", "OpenBLAS");
}

/* A model moves to 16 bits and back; that is remembered with the device. */
static void
test_precision (PspWindowTest *fixture,
                gconstpointer  data)
{
  open_all (fixture, "cpu");
  g_object_set (fixture->window, "device", "cpu" PSP_PROJECT_DEVICE_FP16, NULL);
  psp_window_test_wait (fixture);
  assert_on (fixture, "cpu" PSP_PROJECT_DEVICE_FP16, "fp16");
  run_all (fixture);
  g_assert_cmpint (count_predicted (fixture), ==, 3);
  g_object_set (fixture->window, "device", "cpu", NULL);
  psp_window_test_wait (fixture);
  assert_on (fixture, "cpu", "fp32");
}

/* What the menu offers: 16 bits where they are faster. */
static void
test_menu (PspWindowTest *fixture,
           gconstpointer  data)
{
  static const char * const targets[] = { "auto", "cpu", "vulkan:0", "vulkan:0,fp16" };
  PspDeviceInfo processor = { .id = (char *) "cpu", .name = (char *) "OpenBLAS",
                              .kind = PSP_DEVICE_PROCESSOR };
  PspDeviceInfo card = { .id = (char *) "vulkan:0", .name = (char *) BRITTLE_NAME,
                         .kind = PSP_DEVICE_DISCRETE };
  g_autoptr(GPtrArray) devices = g_ptr_array_new ();
  g_autoptr(GMenu) menu = NULL;
  g_autoptr(GMenuModel) section = NULL;

  g_ptr_array_add (devices, &processor);
  g_ptr_array_add (devices, &card);
  menu = psp_device_list_create_menu (devices, "win.device");
  section = g_menu_model_get_item_link (G_MENU_MODEL (menu), 0, G_MENU_LINK_SECTION);
  g_assert_cmpint (g_menu_model_get_n_items (section), ==, G_N_ELEMENTS (targets));
  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autofree char *target = NULL;

      g_assert_true (g_menu_model_get_item_attribute (section, i, G_MENU_ATTRIBUTE_TARGET, "s",
                                                      &target));
      g_assert_cmpstr (target, ==, targets[i]);
    }
}

int
main (int    argc,
      char **argv)
{
  const PspWindowTestCase cases[] = {
    { ladders[0].name, test_ladder },
    { ladders[1].name, test_ladder },
    { ladders[2].name, test_ladder },
    { "/window/device/chosen", test_chosen },
    { "/window/device/change-of-mind", test_change_of_mind },
    { "/window/device/precision", test_precision },
    { "/window/device/menu", test_menu },
  };

  return psp_window_test_run (argc, argv, cases, G_N_ELEMENTS (cases));
}
