/* SPDX-License-Identifier: MIT */
#include "tests/psp-ui-test.h"
#include "ui/psp-image-list.h"
#include "ui/psp-pane-grid.h"
#include "ui/psp-window.h"

#include <time.h>

/*
 * Measures how long the window keeps its main loop from turning while the model runs on all images
 * and a person looks, zooms and paints: the longest time between two beats of a timer, and the most
 * that the main thread computed between two beats, which other programs do not change.
 *
 * usage: tests/ui/with-display.sh build/tests/measure-stalls DATASET MODEL
 */

/* Between two beats, in milliseconds. */
#define BEAT_MS 2

/* How long each part is measured, in milliseconds. */
#define PART_MS 6000

typedef struct
{
  PspProject *project;
  GtkWidget  *window;
  PspCanvas  *canvas;
  gint64      last_us;    /* the last beat */
  double      longest_ms; /* between two beats of this part */
  double      last_cpu_ms;
  double      longest_cpu_ms;
  int         n_beats;
  int         n_acts;
} Measurement;

/* What this thread has computed so far. */
static double
get_cpu_ms (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static gboolean
beat (gpointer data)
{
  Measurement *self = data;
  gint64 now_us = g_get_monotonic_time ();
  double cpu_ms = get_cpu_ms ();

  self->longest_ms = MAX (self->longest_ms, (now_us - self->last_us) / 1000.0);
  self->longest_cpu_ms = MAX (self->longest_cpu_ms, cpu_ms - self->last_cpu_ms);
  self->last_us = now_us;
  self->last_cpu_ms = cpu_ms;
  self->n_beats++;
  return G_SOURCE_CONTINUE;
}

static void
turn_for (int duration_ms)
{
  gint64 end_us = g_get_monotonic_time () + duration_ms * 1000;

  while (g_get_monotonic_time () < end_us)
    g_main_context_iteration (NULL, TRUE);
}

/* Does @act every @pause_ms for PART_MS and prints the longest pause of the main loop. */
static void
measure (Measurement *self,
         const char  *name,
         int          pause_ms,
         void       (*act) (Measurement *self))
{
  gint64 end_us = g_get_monotonic_time () + PART_MS * 1000;

  turn_for (300);
  self->last_us = g_get_monotonic_time ();
  self->longest_ms = 0;
  self->last_cpu_ms = get_cpu_ms ();
  self->longest_cpu_ms = 0;
  self->n_beats = 0;
  self->n_acts = 0;
  while (g_get_monotonic_time () < end_us)
    {
      act (self);
      self->n_acts++;
      turn_for (pause_ms);
    }
  g_print ("%-12s longest pause %6.1f ms, of computing %6.1f ms  (%d acts, %d beats, %s)\n",
           name, self->longest_ms, self->longest_cpu_ms, self->n_acts, self->n_beats,
           psp_project_get_running (self->project) ? "model at work" : "model idle");
}

static void
wait_only (Measurement *self)
{
}

static void
next_image (Measurement *self)
{
  gtk_widget_activate_action (self->window, "win.next-image", NULL);
}

static void
zoom (Measurement *self)
{
  PspPaneGrid *grid = PSP_PANE_GRID (psp_ui_test_find (self->window, PSP_TYPE_PANE_GRID));

  gtk_widget_activate_action (GTK_WIDGET (grid),
                              self->n_acts / 10 % 2 == 0 ? "canvas.zoom-in" : "canvas.zoom-out",
                              NULL);
}

static void
paint (Measurement *self)
{
  double x = 20 + self->n_acts * 7 % 300;

  psp_canvas_set_tool (self->canvas, PSP_TOOL_BRUSH);
  psp_canvas_set_radius (self->canvas, 16);
  psp_canvas_begin (self->canvas, (PspPoint) { x, 40 });
  psp_canvas_extend (self->canvas, (PspPoint) { x + 30, 160 });
  psp_canvas_end (self->canvas);
}

static gboolean
is_open (gpointer data)
{
  Measurement *self = data;

  return psp_project_get_scene (self->project) != NULL;
}

static gboolean
has_model (gpointer data)
{
  Measurement *self = data;

  return psp_project_get_model (self->project) != NULL;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GtkApplication) application = psp_ui_test_create_application ();
  g_autoptr(PspSettings) settings = psp_settings_new (NULL);
  g_autoptr(PspProject) project = psp_project_new ();
  Measurement self = { .project = project };

  if (argc != 3)
    {
      g_printerr ("usage: %s DATASET MODEL\n", argv[0]);
      return 2;
    }
  g_object_set (settings, "device", "cpu", NULL);
  self.window = psp_window_new (application, project, settings);
  gtk_window_present (GTK_WINDOW (self.window));
  gtk_widget_activate_action (self.window, "win.open-dataset-path", "s", argv[1]);
  psp_ui_test_wait (is_open, &self, "the dataset is open");
  gtk_widget_activate_action (self.window, "win.open-model-path", "s", argv[2]);
  psp_ui_test_wait (has_model, &self, "the model is open");
  self.canvas = psp_pane_grid_get_canvas (
    PSP_PANE_GRID (psp_ui_test_find (self.window, PSP_TYPE_PANE_GRID)));

  g_timeout_add_full (G_PRIORITY_HIGH, BEAT_MS, beat, &self, NULL);
  gtk_widget_activate_action (self.window, "win.run-all", NULL);
  measure (&self, "waiting", 100, wait_only);
  gtk_widget_activate_action (self.window, "win.run-all", NULL);
  measure (&self, "next image", 400, next_image);
  gtk_widget_activate_action (self.window, "win.run-all", NULL);
  measure (&self, "zooming", 60, zoom);
  measure (&self, "painting", 60, paint);
  return 0;
}
