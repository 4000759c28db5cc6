/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-workspace-private.h"

#include "engine/core/psp-error.h"
#include "engine/formats/psp-file.h"
#include "engine/formats/psp-image-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

#define DATABASE_NAME "workspace.db"
#define LOCK_NAME "workspace.lock"

/* In the head of the database: that it is ours (“PspW”), and which schema it has. */
#define APPLICATION_ID 0x50737057
#define SCHEMA_VERSION 1

/* Of image: base is the digest of the mask that the journal applies to; while the file is being
 * replaced, pending is the digest of the new one and pending_end the last entry that it has. */
static const char schema[] =
  "CREATE TABLE workspace (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE image ("
  "  id INTEGER PRIMARY KEY,"
  "  stem TEXT NOT NULL UNIQUE,"
  "  status TEXT NOT NULL DEFAULT 'todo',"
  "  note TEXT NOT NULL DEFAULT '',"
  "  corrected INTEGER NOT NULL DEFAULT 0,"
  "  base TEXT,"
  "  pending TEXT,"
  "  pending_end INTEGER);"
  "CREATE TABLE journal ("
  "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  image INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,"
  "  edit BLOB NOT NULL);"
  "CREATE INDEX journal_of_image ON journal (image, id);"
  "CREATE TABLE score ("
  "  image INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,"
  "  model TEXT NOT NULL,"
  "  mean_iou REAL NOT NULL,"
  "  updated INTEGER NOT NULL,"
  "  PRIMARY KEY (image, model)) WITHOUT ROWID;"
  "PRAGMA application_id = " G_STRINGIFY (APPLICATION_ID) ";"
  "PRAGMA user_version = " G_STRINGIFY (SCHEMA_VERSION) ";";

/* By PspWorkspaceStatus. */
static const char * const status_names[] = { "todo", "review", "resolved", "question" };

static gboolean
stem_is_valid (const char *stem)
{
  g_auto(GStrv) parts = g_strsplit (stem, "/", -1);

  if (parts[0] == NULL)
    return FALSE;
  for (char **part = parts; *part != NULL; part++)
    if ((*part)[0] == '\0' || g_str_equal (*part, ".") || g_str_equal (*part, ".."))
      return FALSE;
  return TRUE;
}

static gboolean
check_stem (const char  *stem,
            GError     **error)
{
  g_autofree char *name = g_filename_display_name (stem);

  if (stem_is_valid (stem))
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
               "“%s” cannot name an image: it must be a path inside the dataset", name);
  return FALSE;
}

sqlite3_stmt *
psp_workspace_prepare (PspWorkspace  *self,
                       const char    *sql,
                       const char    *stem,
                       GError       **error)
{
  g_autoptr(sqlite3_stmt) statement = psp_database_prepare (self->database, sql, error);

  if (statement == NULL ||
      !psp_database_check (self->database,
                           sqlite3_bind_text (statement, 1, stem, -1, SQLITE_TRANSIENT), error))
    return NULL;
  return g_steal_pointer (&statement);
}

gboolean
psp_workspace_add_image (PspWorkspace  *self,
                         const char    *stem,
                         GError       **error)
{
  g_autoptr(sqlite3_stmt) statement = NULL;

  if (!check_stem (stem, error))
    return FALSE;

  statement = psp_workspace_prepare (self, "INSERT INTO image (stem) VALUES (?1)"
                                     " ON CONFLICT (stem) DO NOTHING", stem, error);
  return statement != NULL && psp_database_run (self->database, statement, error);
}

gboolean
psp_workspace_is_workspace (const char *path)
{
  g_autofree char *database = g_build_filename (path, DATABASE_NAME, NULL);

  return g_file_test (database, G_FILE_TEST_IS_REGULAR);
}

/* Whether the folder holds nothing but what an interrupted creation leaves. */
static gboolean
folder_is_free (const char  *path,
                gboolean    *is_free,
                GError     **error)
{
  g_autoptr(GDir) folder = psp_file_open_folder (path, error);
  const char *name;

  if (folder == NULL)
    return FALSE;
  *is_free = TRUE;
  while ((name = g_dir_read_name (folder)) != NULL)
    *is_free = *is_free && g_str_has_prefix (name, "workspace.");
  return TRUE;
}

static gboolean
check_folder (const char        *path,
              PspWorkspaceMode   mode,
              GError           **error)
{
  gboolean is_free;

  if (mode == PSP_WORKSPACE_CREATE && !g_file_test (path, G_FILE_TEST_EXISTS) &&
      !psp_file_make_folder (path, error))
    return FALSE;
  if (psp_workspace_is_workspace (path))
    return TRUE;
  if (!folder_is_free (path, &is_free, error))
    return FALSE;
  if (is_free && mode == PSP_WORKSPACE_CREATE)
    return TRUE;

  if (mode == PSP_WORKSPACE_CREATE)
    g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                 "%s: the folder is neither empty nor a workspace; choose a new one", path);
  else
    g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND,
                 "%s: this is no workspace: it has no " DATABASE_NAME, path);
  return FALSE;
}

static gboolean
lock_folder (PspWorkspace  *self,
             GError       **error)
{
  g_autofree char *path = g_build_filename (self->path, LOCK_NAME, NULL);

  self->lock = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (self->lock < 0)
    {
      psp_error_set_errno (error, path, "write", errno);
      return FALSE;
    }
  if (flock (self->lock, LOCK_EX | LOCK_NB) == 0)
    return TRUE;

  if (errno == EWOULDBLOCK)
    g_set_error (error, PSP_ERROR, PSP_ERROR_IO,
                 "%s: another window or program works in this workspace; close it there first",
                 self->path);
  else
    psp_error_set_errno (error, path, "lock", errno);
  return FALSE;
}

static gboolean
make_schema (PspWorkspace  *self,
             GError       **error)
{
  return psp_database_begin (self->database, error) &&
         psp_database_finish (self->database,
                              psp_database_execute (self->database, schema, error), error);
}

/* Makes the schema in an empty database, or checks that it is the one we know. */
static gboolean
check_schema (PspWorkspace  *self,
              GError       **error)
{
  const char *path = self->database->path;
  gint64 application, version, n_tables;
  gboolean is_free;

  if (!psp_database_get_integer (self->database, "PRAGMA application_id", &application, error) ||
      !psp_database_get_integer (self->database, "PRAGMA user_version", &version, error) ||
      !psp_database_get_integer (self->database, "SELECT count (*) FROM sqlite_schema", &n_tables,
                                 error) ||
      !folder_is_free (self->path, &is_free, error))
    return FALSE;

  if (n_tables == 0 && application == 0 && is_free && self->mode == PSP_WORKSPACE_CREATE)
    return make_schema (self, error);

  if (application != APPLICATION_ID)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                   "%s: this is not the database of a workspace", path);
      return FALSE;
    }
  if (version != SCHEMA_VERSION)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "%s: the workspace was made by another version of the program (form %"
                   G_GINT64_FORMAT "; this version reads %d); open it with that version", path,
                   version, SCHEMA_VERSION);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_integrity (PspWorkspace  *self,
                 GError       **error)
{
  g_autoptr(sqlite3_stmt) statement = psp_database_prepare (self->database,
                                                            "PRAGMA quick_check (1)", error);
  g_autofree char *verdict = NULL;
  gboolean row;

  if (statement == NULL || !psp_database_step (self->database, statement, &row, error))
    return FALSE;

  verdict = row ? psp_database_dup_text (statement, 0) : g_strdup ("no answer");
  if (g_str_equal (verdict, "ok"))
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
               "%s: the database is damaged (%s); the masks in labels are files of their own",
               self->database->path, verdict);
  return FALSE;
}

static gboolean
open_database (PspWorkspace  *self,
               GError       **error)
{
  const int flags[] = {
    [PSP_WORKSPACE_WRITE] = SQLITE_OPEN_READWRITE,
    [PSP_WORKSPACE_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
    [PSP_WORKSPACE_READ] = SQLITE_OPEN_READONLY,
  };
  g_autofree char *path = g_build_filename (self->path, DATABASE_NAME, NULL);

  self->database = psp_database_open (path, flags[self->mode], error);
  if (self->database == NULL)
    return FALSE;

  if (self->mode == PSP_WORKSPACE_READ)
    return check_schema (self, error) && check_integrity (self, error);

  /* Every commit reaches the disk before the next step of psp_workspace_save_mask(). */
  return psp_database_execute (self->database, "PRAGMA synchronous = FULL;"
                               "PRAGMA foreign_keys = ON;"
                               "PRAGMA trusted_schema = OFF;", error) &&
         check_schema (self, error) && check_integrity (self, error) &&
         psp_database_execute (self->database, "PRAGMA journal_mode = WAL", error) &&
         psp_workspace_count_journal (self, error) &&
         psp_workspace_settle_saves (self, error);
}

PspWorkspace *
psp_workspace_open (const char        *path,
                    PspWorkspaceMode   mode,
                    GError           **error)
{
  g_autoptr(PspWorkspace) self = NULL;

  if (!check_folder (path, mode, error))
    return NULL;

  self = g_new0 (PspWorkspace, 1);
  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->save_mutex);
  g_mutex_init (&self->mutex);
  self->path = g_canonicalize_filename (path, NULL);
  self->gaps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->mode = mode;
  self->lock = -1;
  if ((mode != PSP_WORKSPACE_READ && !lock_folder (self, error)) || !open_database (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

PspWorkspace *
psp_workspace_ref (PspWorkspace *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

gboolean
psp_workspace_is_shared (PspWorkspace *self)
{
  return !g_atomic_ref_count_compare (&self->ref_count, 1);
}

void
psp_workspace_unref (PspWorkspace *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->database, psp_database_close);
  if (self->lock >= 0)
    (void) close (self->lock);
  g_hash_table_unref (self->gaps);
  g_mutex_clear (&self->mutex);
  g_mutex_clear (&self->save_mutex);
  g_free (self->path);
  g_free (self);
}

const char *
psp_workspace_get_path (PspWorkspace *self)
{
  return self->path;
}

char *
psp_workspace_dup_mask_path (PspWorkspace  *self,
                             const char    *stem,
                             GError       **error)
{
  g_autofree char *name = g_strconcat (stem, ".png", NULL);

  return check_stem (stem, error) ? g_build_filename (self->path, "labels", name, NULL) : NULL;
}

PspMask *
psp_workspace_load_mask (PspWorkspace  *self,
                         const char    *stem,
                         GError       **error)
{
  g_autofree char *path = psp_workspace_dup_mask_path (self, stem, error);

  return path != NULL ? psp_mask_load (path, error) : NULL;
}

gboolean
psp_workspace_set_dataset (PspWorkspace  *self,
                           const char    *json,
                           GError       **error)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  g_autoptr(sqlite3_stmt) statement = NULL;

  statement = psp_workspace_prepare (self, "INSERT OR REPLACE INTO workspace (key, value)"
                                     " VALUES ('dataset', ?1)", json, error);
  return statement != NULL && psp_database_run (self->database, statement, error);
}

gboolean
psp_workspace_dup_dataset (PspWorkspace  *self,
                           char         **json,
                           GError       **error)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  g_autoptr(sqlite3_stmt) statement = NULL;
  gboolean row;

  *json = NULL;
  statement = psp_database_prepare (self->database,
                                    "SELECT value FROM workspace WHERE key = 'dataset'", error);
  if (statement == NULL || !psp_database_step (self->database, statement, &row, error))
    return FALSE;
  if (row)
    *json = psp_database_dup_text (statement, 0);
  return TRUE;
}

void
psp_workspace_image_free (PspWorkspaceImage *self)
{
  g_free (self->stem);
  g_free (self->note);
  g_free (self);
}

static PspWorkspaceImage *
read_image (sqlite3_stmt *statement)
{
  PspWorkspaceImage *image = g_new0 (PspWorkspaceImage, 1);
  g_autofree char *status = psp_database_dup_text (statement, 1);

  image->stem = psp_database_dup_text (statement, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (status_names); i++)
    if (g_str_equal (status, status_names[i]))
      image->status = (PspWorkspaceStatus) i;
  image->note = psp_database_dup_text (statement, 2);
  image->corrected = sqlite3_column_int (statement, 3) != 0;
  image->unsaved = sqlite3_column_int (statement, 4) != 0;
  return image;
}

GPtrArray *
psp_workspace_list (PspWorkspace  *self,
                    GError       **error)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  g_autoptr(GPtrArray) images = NULL;
  g_autoptr(sqlite3_stmt) statement = NULL;
  gboolean row = FALSE;

  images = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_workspace_image_free);
  statement = psp_database_prepare (self->database, "SELECT stem, status, note, corrected,"
                                    " EXISTS (SELECT 1 FROM journal WHERE image = image.id)"
                                    " FROM image ORDER BY stem", error);
  if (statement == NULL)
    return NULL;

  while (psp_database_step (self->database, statement, &row, error))
    {
      if (!row)
        return g_steal_pointer (&images);
      g_ptr_array_add (images, read_image (statement));
    }
  return NULL;
}

gboolean
psp_workspace_get_corrected (PspWorkspace  *self,
                             const char    *stem,
                             gboolean      *corrected,
                             GError       **error)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  g_autoptr(sqlite3_stmt) statement = NULL;
  gboolean row = FALSE;

  statement = psp_workspace_prepare (self, "SELECT corrected FROM image WHERE stem = ?1", stem,
                                     error);
  if (statement == NULL || !psp_database_step (self->database, statement, &row, error))
    return FALSE;
  *corrected = row && sqlite3_column_int (statement, 0) != 0;
  return TRUE;
}

gboolean
psp_workspace_set_status (PspWorkspace        *self,
                          const char          *stem,
                          PspWorkspaceStatus   status,
                          const char          *note,
                          GError             **error)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  g_autoptr(sqlite3_stmt) statement = NULL;

  g_return_val_if_fail (status < G_N_ELEMENTS (status_names), FALSE);

  if (!check_stem (stem, error))
    return FALSE;
  statement = psp_workspace_prepare (self, "INSERT INTO image (stem, status, note)"
                                     " VALUES (?1, ?2, ?3) ON CONFLICT (stem) DO UPDATE"
                                     " SET status = excluded.status, note = excluded.note", stem,
                                     error);
  return statement != NULL &&
         psp_database_check (self->database, sqlite3_bind_text (statement, 2, status_names[status],
                                                                -1, SQLITE_STATIC), error) &&
         psp_database_check (self->database, sqlite3_bind_text (statement, 3, note, -1,
                                                                SQLITE_TRANSIENT), error) &&
         psp_database_run (self->database, statement, error);
}

static gboolean
put_score (PspWorkspace  *self,
           const char    *stem,
           const char    *model,
           double         mean_iou,
           GError       **error)
{
  g_autoptr(sqlite3_stmt) statement = NULL;

  if (!psp_workspace_add_image (self, stem, error))
    return FALSE;
  statement = psp_workspace_prepare (self, "INSERT OR REPLACE INTO score"
                                     " SELECT id, ?2, ?3, strftime ('%s', 'now')"
                                     " FROM image WHERE stem = ?1", stem, error);
  return statement != NULL &&
         psp_database_check (self->database, sqlite3_bind_text (statement, 2, model, -1,
                                                                SQLITE_TRANSIENT), error) &&
         psp_database_check (self->database, sqlite3_bind_double (statement, 3, mean_iou),
                             error) &&
         psp_database_run (self->database, statement, error);
}

gboolean
psp_workspace_put_score (PspWorkspace  *self,
                         const char    *stem,
                         const char    *model,
                         double         mean_iou,
                         GError       **error)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  if (!(mean_iou >= 0 && mean_iou <= 1))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE, "a mean IoU of %g is none", mean_iou);
      return FALSE;
    }
  return psp_database_begin (self->database, error) &&
         psp_database_finish (self->database, put_score (self, stem, model, mean_iou, error),
                              error);
}

GHashTable *
psp_workspace_load_scores (PspWorkspace  *self,
                           const char    *model,
                           GError       **error)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  g_autoptr(GHashTable) scores = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(sqlite3_stmt) statement = NULL;
  gboolean row = FALSE;

  statement = psp_workspace_prepare (self, "SELECT stem, mean_iou FROM score"
                                     " JOIN image ON image.id = score.image WHERE model = ?1",
                                     model, error);
  if (statement == NULL)
    return NULL;

  while (psp_database_step (self->database, statement, &row, error))
    {
      double mean_iou;

      if (!row)
        return g_steal_pointer (&scores);
      mean_iou = sqlite3_column_double (statement, 1);
      g_hash_table_replace (scores, psp_database_dup_text (statement, 0),
                            g_memdup2 (&mean_iou, sizeof mean_iou));
    }
  return NULL;
}
