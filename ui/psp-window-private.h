/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-canvas.h"
#include "ui/psp-job.h"
#include "ui/psp-message-bar.h"
#include "ui/psp-thumbnails.h"
#include "ui/psp-window.h"

/* What the bar below the header tells that is no failure. */
typedef enum
{
  PSP_WINDOW_HINT_NONE,
  PSP_WINDOW_HINT_NO_MODEL,
  PSP_WINDOW_HINT_PROBLEMS,
  PSP_WINDOW_HINT_DEMO,
  PSP_WINDOW_HINT_RECOVERED,
  PSP_WINDOW_HINT_LEVELS_OFF,
} PspWindowHint;

/* What the failure that the bar tells is about: it goes when that has changed. */
typedef enum
{
  PSP_WINDOW_TOPIC_NONE, /* it stays until it is closed */
  PSP_WINDOW_TOPIC_IMAGE,
  PSP_WINDOW_TOPIC_DEVICE,
  PSP_WINDOW_TOPIC_WORKSPACE,
  PSP_WINDOW_TOPIC_SAVE,
  PSP_WINDOW_TOPIC_EXPORT,
  PSP_WINDOW_TOPIC_REPORT,
} PspWindowTopic;

/* What goes on once unsaved edits are settled: psp-window-save.c. */
typedef struct _PspWindowContinuation PspWindowContinuation;

/* Pixels that the results lead to: psp-window-pair.c. */
typedef struct _PspWindowPair PspWindowPair;

struct _PspWindow
{
  AdwApplicationWindow  parent_instance;

  PspProject           *project;    /* %NULL once the window is closed */
  PspSettings          *settings;
  PspThumbnails        *thumbnails;
  PspCanvas            *canvas;     /* of the grid */
  PspJob               *run_job;    /* (nullable): the run of the project */
  PspDemo               demo;       /* all %NULL: there is none */
  char                 *device;     /* the choice that holds, or is being tried */
  gconstpointer         device_opening; /* (nullable): what is being tried last */
  PspWindowContinuation *continuation; /* (nullable): where the button of the error bar leads on */
  PspWindowPair        *pair;       /* (nullable): is being looked for */
  PspWindowHint         hint;
  PspWindowTopic        topic;      /* of the failure that was told last */
  GtkWidget            *facts_dialog; /* (nullable) weak: while it is open */
  guint                 layout_id;  /* of the idle function that folds the side panes */
  int                   width;      /* that the side panes are folded for, or soon will be */
  gboolean              closing;    /* unsaved edits were dealt with */

  GtkWidget            *toasts;         /* over the panes, where they hide no tool */
  GtkWidget            *results_toasts; /* over the results */
  AdwToast             *toast;          /* (nullable) weak: the last one, while it is shown */
  GtkWidget            *toast_overlay;  /* where it is shown */
  gint64                toast_us;       /* since when */
  GtkWidget            *header;
  GtkWidget            *switcher;
  GtkWidget            *open_button;
  GtkWidget            *demo_button;
  GtkWidget            *model_label;
  GtkWidget            *model_facts;
  GtkWidget            *pyramid_levels;
  GtkWidget            *device_button;
  GtkWidget            *device_icon;  /* in its place where there is no room */
  GtkWidget            *device_label;
  GtkWidget            *error_bar;
  GtkWidget            *hint_bar;
  GtkWidget            *pages;
  GtkWidget            *images_flap;
  GtkWidget            *classes_flap;
  GtkWidget            *image_list;
  GtkWidget            *class_list;
  GtkWidget            *probability_list;
  GtkWidget            *center;
  GtkWidget            *grid;
  GtkWidget            *tools; /* around the tool bar */
  GtkWidget            *tool_bar;
  GtkWidget            *results;
  GtkWidget            *status_bar;
  GtkWidget            *spinner;
  GtkWidget            *readouts; /* around the readout */
  GtkWidget            *readout;
  GtkWidget            *job_bar;
  GtkWidget            *drop_area;
};

/* psp-window.c */

/* Gives the focus to the pane that had it last, or to the first one. */
void    psp_window_focus_panes      (PspWindow            *self);
void    psp_window_show_error       (PspWindow            *self,
                                     const char           *title,
                                     const GError         *error,
                                     const char           *action_label,
                                     const char           *action);

/* The same, about @topic, until psp_window_settle() of that.  Whether it is shown: what was
 * cancelled is no failure. */
gboolean psp_window_show_error_about (PspWindow           *self,
                                     PspWindowTopic        topic,
                                     const char           *title,
                                     const GError         *error,
                                     const char           *action_label,
                                     const char           *action);

/* Another image is open, or what failed has worked now: a failure about it is told no more. */
void    psp_window_settle           (PspWindow            *self,
                                     PspWindowTopic        topic);
void    psp_window_show_hint        (PspWindow            *self,
                                     PspWindowHint         hint,
                                     const char           *title,
                                     const char           *details);

/* In place of the one that is still shown. */
void    psp_window_show_toast       (PspWindow            *self,
                                     const char           *title);

/* (transfer full): puts work into the status bar. */
PspJob *psp_window_begin_job        (PspWindow            *self,
                                     const char           *title) G_GNUC_WARN_UNUSED_RESULT;
void    psp_window_end_job          (PspWindow            *self,
                                     PspJob               *job);

/* psp-window-actions.c */
void    psp_window_install_actions  (GtkWidgetClass       *class);
void    psp_window_update_actions   (PspWindow            *self);

/* Opens the image of that name in the panes; %FALSE if there is none. */
gboolean psp_window_select_image    (PspWindow            *self,
                                     const char           *stem);

/* psp-window-choose.c: the file choosers; each ends in what the action with a path does. */
void    psp_window_choose_dataset   (PspWindow            *self);
void    psp_window_choose_images    (PspWindow            *self);
void    psp_window_choose_model     (PspWindow            *self);

/* Takes @continuation (nullable): what goes on once the edits are saved there. */
void    psp_window_choose_workspace (PspWindow             *self,
                                     PspWindowContinuation *continuation);
void    psp_window_choose_export    (PspWindow            *self,
                                     const char           *profile);
void    psp_window_choose_report    (PspWindow            *self);

/* psp-window-open.c */
void    psp_window_open_dataset     (PspWindow            *self,
                                     const char * const   *paths);

/* Opens the checkpoint in @paths: one, “FIRST,SECOND”, or the two files themselves. */
void    psp_window_open_model       (PspWindow            *self,
                                     const char * const   *paths);
void    psp_window_open_demo        (PspWindow            *self);

/* (transfer full): what the file at @path is called, or both files of a checkpoint that has two. */
char   *psp_window_dup_path_name    (const char           *path) G_GNUC_WARN_UNUSED_RESULT;
void    psp_window_set_device       (PspWindow            *self,
                                     const char           *choice);

/* psp-window-facts.c */

/* What is known about the checkpoint, for the person to say more. */
void    psp_window_show_facts       (PspWindow             *self);
void    psp_window_drop_facts       (PspWindow             *self);
void    psp_window_set_facts        (PspWindow             *self,
                                     const PspModelOptions *options);

/* psp-window-save.c */

/* Called once the edits are saved or given up; never when that was cancelled.  After a failure only
 * if the button that the error bar offers then leads to success. */
typedef void (*PspWindowContinueFunc) (PspWindow *self,
                                       gpointer   data);

/* Asks what to do with unsaved edits, if there are any, and goes on. */
void    psp_window_settle_edits     (PspWindow              *self,
                                     PspWindowContinueFunc   func,
                                     gpointer                data,
                                     GDestroyNotify          destroy);
void    psp_window_save             (PspWindow            *self);

void    psp_window_continuation_free (PspWindowContinuation *continuation);

/* The button of the error bar leads no further than to a workspace. */
void    psp_window_drop_continuation (PspWindow           *self);

/* Takes @continuation (nullable): what goes on once the edits are saved there. */
void    psp_window_set_workspace    (PspWindow             *self,
                                     const char            *path,
                                     PspWindowContinuation *continuation);
void    psp_window_export           (PspWindow            *self,
                                     const char           *profile,
                                     const char           *path);
void    psp_window_write_report     (PspWindow            *self,
                                     const char           *path);

/* psp-window-pair.c */

/* Opens an image and shows the largest region in it where @truth is taken for @prediction, a class
 * or %PSP_PAIR_ANY_OTHER, once its prediction is there; another image that is opened ends that. */
void    psp_window_show_pair        (PspWindow            *self,
                                     const char           *stem,
                                     int                   truth,
                                     int                   prediction);
void    psp_window_drop_pair        (PspWindow            *self);

/* psp-window-run.c */
void    psp_window_follow_run       (PspWindow            *self);

/* Says which levels of the pyramid the prediction that is shown is without. */
void    psp_window_update_levels    (PspWindow            *self);

/* psp-window-menus.c */
void    psp_window_update_open_menu (PspWindow            *self);
void    psp_window_update_model     (PspWindow            *self);
void    psp_window_list_devices     (PspWindow            *self);

/* psp-window-dnd.c */

/* How the names of checkpoints end, without the full stop; ends with %NULL. */
extern const char * const psp_window_checkpoint_suffixes[];

void    psp_window_accept_drops     (PspWindow            *self);
