/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-mask.h"
#include "engine/edit/psp-edit.h"

/**
 * PspWorkspace:
 *
 * A folder of the user's choice that holds what was corrected; the dataset itself is never written.
 *
 *     workspace.db     an SQLite database: states, notes, scores and the edit journal
 *     workspace.lock   locked by the one process that may write
 *     labels/STEM.png  the corrected masks, each replaced atomically
 *
 * The journal of an image holds the edits that its saved mask lacks.  Whenever the process is
 * killed or the disk fills up, the files are whole, and the saved mask with the journal replayed
 * on it is the mask as it was after the last psp_workspace_append_edit() that returned %TRUE.
 *
 * A stem names an image, in the encoding of file names: not absolute, “/” for subfolders, no part
 * of it “..”, “.” or empty.
 *
 * Reference-counted; all functions may be called from any thread.  They wait for the disk: the
 * main thread leaves them to a worker.  Every function may fail with %PSP_ERROR_IO (disk full, no
 * permission), %PSP_ERROR_BAD_FILE (the database is damaged) or %PSP_ERROR_BAD_VALUE (no stem).
 */
typedef struct _PspWorkspace PspWorkspace;

/**
 * PspWorkspaceMode:
 * @PSP_WORKSPACE_WRITE: an existing workspace, to work on
 * @PSP_WORKSPACE_CREATE: the same, and a folder that is not there or empty becomes a new one
 * @PSP_WORKSPACE_READ: to export from it; nothing is written, and another process may be working
 *   on it
 */
typedef enum
{
  PSP_WORKSPACE_WRITE,
  PSP_WORKSPACE_CREATE,
  PSP_WORKSPACE_READ,
} PspWorkspaceMode;

typedef enum
{
  PSP_WORKSPACE_STATUS_TODO,
  PSP_WORKSPACE_STATUS_REVIEW,
  PSP_WORKSPACE_STATUS_RESOLVED,
  PSP_WORKSPACE_STATUS_QUESTION,
} PspWorkspaceStatus;

/**
 * PspWorkspaceImage:
 * @stem: names the image
 * @status: where its correction stands
 * @note: what the person wrote about it; “” if nothing
 * @corrected: labels/STEM.png holds a mask
 * @unsaved: the journal holds edits that the mask lacks; right after opening, these were left by a
 *   crash
 */
typedef struct
{
  char               *stem;
  PspWorkspaceStatus  status;
  char               *note;
  gboolean            corrected;
  gboolean            unsaved;
} PspWorkspaceImage;

void          psp_workspace_image_free    (PspWorkspaceImage   *self);

/**
 * psp_workspace_open:
 * @path: the folder
 * @mode: what for
 * @error: %PSP_ERROR_NOT_FOUND: no such folder, or (unless creating) no workspace in it;
 *   %PSP_ERROR_BAD_VALUE: the folder is neither empty nor a workspace; %PSP_ERROR_UNSUPPORTED:
 *   made by a later version; %PSP_ERROR_IO: no permission, read-only, or another process works on
 *   it; %PSP_ERROR_BAD_FILE: workspace.db is not a database of ours or damaged
 *
 * What a kill interrupted is put in order here.
 *
 * Returns: (transfer full): the workspace, or %NULL with @error set
 */
PspWorkspace *psp_workspace_open          (const char          *path,
                                           PspWorkspaceMode     mode,
                                           GError             **error) G_GNUC_WARN_UNUSED_RESULT;
PspWorkspace *psp_workspace_ref           (PspWorkspace        *self);
void          psp_workspace_unref         (PspWorkspace        *self);

/* Whether anybody but the caller holds a reference. */
gboolean      psp_workspace_is_shared     (PspWorkspace        *self);

/* Whether @path is a folder with a workspace.db in it. */
gboolean      psp_workspace_is_workspace  (const char          *path);

/* (transfer none): the folder. */
const char   *psp_workspace_get_path      (PspWorkspace        *self);

/* (transfer full): the path of the file that holds the corrected mask of @stem, or %NULL with
 * @error set for something that is no stem; the file need not be there. */
char         *psp_workspace_dup_mask_path (PspWorkspace        *self,
                                           const char          *stem,
                                           GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/* What the workspace belongs to: JSON text of the caller (paths, taxonomy), stored as it is. */
gboolean      psp_workspace_set_dataset   (PspWorkspace        *self,
                                           const char          *json,
                                           GError             **error);

/**
 * psp_workspace_dup_dataset:
 * @json: (out) (transfer full) (nullable): what psp_workspace_set_dataset() stored; %NULL if
 *   nothing
 */
gboolean      psp_workspace_dup_dataset   (PspWorkspace        *self,
                                           char               **json,
                                           GError             **error);

/**
 * psp_workspace_list:
 *
 * All images that the workspace knows something of, sorted by stem.
 *
 * Returns: (transfer full) (element-type PspWorkspaceImage): the images, or %NULL with @error set
 */
GPtrArray    *psp_workspace_list          (PspWorkspace        *self,
                                           GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_workspace_get_corrected:
 * @corrected: (out): whether a mask of @stem was saved, as the database says
 */
gboolean      psp_workspace_get_corrected (PspWorkspace        *self,
                                           const char          *stem,
                                           gboolean            *corrected,
                                           GError             **error);

gboolean      psp_workspace_set_status    (PspWorkspace        *self,
                                           const char          *stem,
                                           PspWorkspaceStatus   status,
                                           const char          *note,
                                           GError             **error);

/**
 * psp_workspace_load_mask:
 * @error: also %PSP_ERROR_NOT_FOUND if there is no corrected mask of @stem
 *
 * Returns: (transfer full): the corrected mask, or %NULL with @error set
 */
PspMask      *psp_workspace_load_mask     (PspWorkspace        *self,
                                           const char          *stem,
                                           GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_workspace_save_mask:
 * @stem: an image
 * @mask: what psp_mask_editor_copy_mask() gave
 * @journal_end: the last journal entry that @mask includes: psp_workspace_get_journal_end() when
 *   all entries up to that copy were appended and no later one of this image was
 *
 * Replaces the mask file and forgets the journal entries up to @journal_end, as one step: after a
 * kill, either both have happened or neither.  Entries that were appended since are kept and apply
 * to @mask.  After an error nothing is lost either: the file is whole, the old or the new, and the
 * journal leads from it to the last edit; save again.
 */
gboolean      psp_workspace_save_mask     (PspWorkspace        *self,
                                           const char          *stem,
                                           const PspMask       *mask,
                                           gint64               journal_end,
                                           GError             **error);

/* How many mask files were replaced since @self was opened.  Whoever loads a mask and then its
 * journal has what belongs together if it is the same before and afterwards. */
gint64        psp_workspace_get_n_saves   (PspWorkspace        *self);

/* The number of the last entry that was appended to any journal of @self; they only grow.  Never
 * waits for the disk. */
gint64        psp_workspace_get_journal_end (PspWorkspace      *self);

/**
 * psp_workspace_load_journal:
 * @stem: an image
 * @base: psp_mask_dup_digest() of the mask that editing starts from: the corrected one, or else
 *   the dataset's label, or an ignored mask
 * @error: also %PSP_ERROR_BAD_SHAPE: the journal belongs to another mask than @base (the label was
 *   changed by something else); psp_workspace_clear_journal() gives it up
 *
 * Opens the journal.  To be called before the first psp_workspace_append_edit() of an image.
 *
 * Returns: (transfer full) (element-type PspEdit): the edits to be replayed on the mask, the
 *   oldest first; an empty array if the mask is up to date; or %NULL with @error set
 */
GPtrArray    *psp_workspace_load_journal  (PspWorkspace        *self,
                                           const char          *stem,
                                           const char          *base,
                                           GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_workspace_append_edit:
 * @stem: an image whose journal was loaded
 * @edit: what the mask editor gave for the journal
 * @error: also %PSP_ERROR_NOT_FOUND if the journal was never loaded
 *
 * Appends to the journal; on the disk when it returns.  Edits of one image must arrive in their
 * order.  Once one could not be written, the journal ends before it: without it, later ones would
 * mean something else, and are refused until psp_workspace_save_mask() has made it needless.
 */
gboolean      psp_workspace_append_edit   (PspWorkspace        *self,
                                           const char          *stem,
                                           const PspEdit       *edit,
                                           GError             **error);

/* Gives up the edits that the saved mask of @stem lacks; psp_workspace_load_journal() starts the
 * next. */
gboolean      psp_workspace_clear_journal (PspWorkspace        *self,
                                           const char          *stem,
                                           GError             **error);

/* Remembers the mean IoU (0 to 1) of what the model called @model predicted for @stem. */
gboolean      psp_workspace_put_score     (PspWorkspace        *self,
                                           const char          *stem,
                                           const char          *model,
                                           double               mean_iou,
                                           GError             **error);

/**
 * psp_workspace_load_scores:
 * @model: as in psp_workspace_put_score(): something that names the weights, such as a digest
 *
 * Returns: (transfer full) (element-type utf8 double): from stem to a pointer to its mean IoU, or
 *   %NULL with @error set
 */
GHashTable   *psp_workspace_load_scores   (PspWorkspace        *self,
                                           const char          *model,
                                           GError             **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspWorkspace, psp_workspace_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspWorkspaceImage, psp_workspace_image_free)
