/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"
#include "ui/psp-settings.h"

#include <adwaita.h>

/**
 * PspWindow:
 *
 * The main window: images at the left, panes in the middle, classes and the pixel at the right;
 * or the results.  It shows a PspProject and turns what people do into calls of it.
 *
 * Properties (notify): “page” (string: “inspect” or “results”), “show-images”, “show-classes”
 * (boolean: the side panes), “device” (string: the choice, see psp_device_open()).
 *
 * Actions; those with a path do without a file chooser what the ones above them do with it:
 *  win.open-dataset  win.open-images  win.open-model  win.choose-workspace
 *  win.open-paths (as: one dataset folder, or images, or a workspace)
 *  win.open-dataset-path (s)  win.workspace-path (s)  win.open-demo
 *  win.choose-another-workspace: after a failure; what asked for saving goes on then
 *  win.open-model-path (s: as psp_model_load() takes it)
 *  win.open-model-paths (as: a checkpoint, or the two files of one)
 *  win.save  win.export  win.export-path ((ss): “folder” or “mseg”, and where to)
 *  win.save-report  win.report-path (s)
 *  win.toggle-pyramid-level (i: its place in the model's pyramid)  win.all-pyramid-levels
 *  win.model-facts  win.set-model-facts (a{ss}: psp_fact_get_key() to what the person says)
 *  win.run  win.run-all  win.cancel: the work that the status bar shows
 *  win.next-image  win.previous-image  win.select-image (s: its stem)  win.find-image
 *  win.show-pair ((sii): an image, and two classes: where the first is taken for the second)
 *  win.page (s)  win.device (s)  win.show-images  win.show-classes  win.side-panes
 *  win.next-area  win.previous-area: the focus, among images, panes and classes
 *  win.full-screen  win.shortcuts  win.about
 */
#define PSP_TYPE_WINDOW (psp_window_get_type ())
G_DECLARE_FINAL_TYPE (PspWindow, psp_window, PSP, WINDOW, AdwApplicationWindow)

/**
 * PspDemo:
 * @dataset: the folder of its images
 * @model: the checkpoint
 * @stem: (nullable): the image that is opened
 * @hint: (nullable): one sentence: what to look at
 *
 * What is shown to somebody who has opened nothing yet.
 */
typedef struct
{
  char *dataset;
  char *model;
  char *stem;
  char *hint;
} PspDemo;

/* Under so many pixels of width the classes fold away, and then the images. */
#define PSP_WINDOW_CLASSES_WIDTH 1260
#define PSP_WINDOW_IMAGES_WIDTH 1000

GtkWidget  *psp_window_new         (GtkApplication      *application,
                                    PspProject          *project,
                                    PspSettings         *settings);

PspProject *psp_window_get_project (PspWindow           *self);

/* What win.open-demo opens; %NULL: there is none.  Copied. */
void        psp_window_set_demo    (PspWindow           *self,
                                    const PspDemo       *demo);

/* Opens files that were given or dropped: a checkpoint, or the two files of one, as the model, the
 * rest as the dataset. */
void        psp_window_open_paths  (PspWindow           *self,
                                    const char * const  *paths);
