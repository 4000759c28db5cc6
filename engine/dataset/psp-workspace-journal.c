/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-workspace-private.h"

#include "engine/core/psp-error.h"
#include "engine/formats/psp-file.h"
#include "engine/formats/psp-image-file.h"

/* Saving a mask is three steps, each whole on the disk before the next: the database learns the
 * digest of the new file; the file is renamed into place; the database forgets the entries that the
 * file includes.  After a kill in between, the digest of the file tells which step was the last. */

gboolean
psp_workspace_count_journal (PspWorkspace  *self,
                             GError       **error)
{
  gint64 last;

  if (!psp_database_get_integer (self->database,
                                 "SELECT seq FROM sqlite_sequence WHERE name = 'journal'", &last,
                                 error))
    return FALSE;

  atomic_store (&self->journal_end, last);
  return TRUE;
}

gint64
psp_workspace_get_journal_end (PspWorkspace *self)
{
  return atomic_load (&self->journal_end);
}

gint64
psp_workspace_get_n_saves (PspWorkspace *self)
{
  return atomic_load (&self->n_saves);
}

static gboolean
run_for_stem (PspWorkspace  *self,
              const char    *sql,
              const char    *stem,
              GError       **error)
{
  g_autoptr(sqlite3_stmt) statement = psp_workspace_prepare (self, sql, stem, error);

  return statement != NULL && psp_database_run (self->database, statement, error);
}

/* The third step. */
static gboolean
settle_new_file (PspWorkspace  *self,
                 const char    *stem,
                 GError       **error)
{
  return psp_database_begin (self->database, error) &&
         psp_database_finish (self->database,
                              run_for_stem (self, "DELETE FROM journal WHERE id <="
                                            " (SELECT pending_end FROM image WHERE stem = ?1)"
                                            " AND image ="
                                            " (SELECT id FROM image WHERE stem = ?1)",
                                            stem, error) &&
                              run_for_stem (self, "UPDATE image SET corrected = 1, base = pending,"
                                            " pending = NULL, pending_end = NULL WHERE stem = ?1",
                                            stem, error),
                              error);
}

/* After a failure between the steps.  A file that cannot be read now may be read later. */
static gboolean
settle (PspWorkspace  *self,
        const char    *stem,
        const char    *pending,
        GError       **error)
{
  g_autofree char *path = psp_workspace_dup_mask_path (self, stem, error);
  g_autoptr(GError) problem = NULL;
  g_autoptr(PspMask) mask = path != NULL ? psp_mask_load (path, &problem) : NULL;
  g_autofree char *digest = mask != NULL ? psp_mask_dup_digest (mask) : NULL;

  if (path == NULL)
    return FALSE;
  if (g_error_matches (problem, PSP_ERROR, PSP_ERROR_IO) ||
      g_error_matches (problem, PSP_ERROR, PSP_ERROR_NO_MEMORY))
    return TRUE;

  psp_file_remove_leftovers (path);
  if (g_strcmp0 (digest, pending) == 0)
    return settle_new_file (self, stem, error);
  return run_for_stem (self, "UPDATE image SET pending = NULL, pending_end = NULL WHERE stem = ?1",
                       stem, error);
}

/* (transfer full) (element-type utf8): stems and digests in turn, or %NULL with @error set. */
static GPtrArray *
list_pending (PspWorkspace  *self,
              GError       **error)
{
  g_autoptr(GPtrArray) pending = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(sqlite3_stmt) statement = NULL;
  gboolean row = FALSE;

  statement = psp_database_prepare (self->database, "SELECT stem, pending FROM image"
                                    " WHERE pending IS NOT NULL", error);
  if (statement == NULL)
    return NULL;

  while (psp_database_step (self->database, statement, &row, error))
    {
      if (!row)
        return g_steal_pointer (&pending);
      g_ptr_array_add (pending, psp_database_dup_text (statement, 0));
      g_ptr_array_add (pending, psp_database_dup_text (statement, 1));
    }
  return NULL;
}

gboolean
psp_workspace_settle_saves (PspWorkspace  *self,
                            GError       **error)
{
  g_autoptr(GPtrArray) pending = list_pending (self, error);

  for (guint i = 0; pending != NULL && i < pending->len; i += 2)
    if (!settle (self, pending->pdata[i], pending->pdata[i + 1], error))
      return FALSE;
  return pending != NULL;
}

/* The first step. */
static gboolean
announce_file (PspWorkspace  *self,
               const char    *stem,
               const char    *digest,
               gint64         journal_end,
               GError       **error)
{
  g_autoptr(sqlite3_stmt) statement = NULL;

  statement = psp_workspace_prepare (self, "INSERT INTO image (stem, pending, pending_end)"
                                     " VALUES (?1, ?2, ?3) ON CONFLICT (stem) DO UPDATE SET"
                                     " pending = excluded.pending,"
                                     " pending_end = excluded.pending_end", stem, error);
  return statement != NULL &&
         psp_database_check (self->database, sqlite3_bind_text (statement, 2, digest, -1,
                                                                SQLITE_TRANSIENT), error) &&
         psp_database_check (self->database, sqlite3_bind_int64 (statement, 3, journal_end),
                             error) &&
         psp_database_run (self->database, statement, error);
}

static gboolean
begin_save (PspWorkspace   *self,
            const char     *stem,
            const PspMask  *mask,
            gint64          journal_end,
            GError        **error)
{
  g_autofree char *digest = psp_mask_dup_digest (mask);
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  return psp_workspace_settle_saves (self, error) &&
         announce_file (self, stem, digest, journal_end, error);
}

static gboolean
write_file (const char     *path,
            const PspMask  *mask,
            GError        **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return psp_file_make_folder (folder, error) && psp_mask_save (mask, path, error);
}

static gboolean
end_save (PspWorkspace  *self,
          const char    *stem,
          gboolean       written,
          GError       **error)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  if (written)
    atomic_fetch_add (&self->n_saves, 1);
  if (written && settle_new_file (self, stem, error))
    {
      g_hash_table_remove (self->gaps, stem);
      return TRUE;
    }
  if (written)
    return FALSE;

  /* The failure to write is what the caller hears of. */
  (void) psp_workspace_settle_saves (self, NULL);
  return FALSE;
}

gboolean
psp_workspace_save_mask (PspWorkspace   *self,
                         const char     *stem,
                         const PspMask  *mask,
                         gint64          journal_end,
                         GError        **error)
{
  g_autofree char *path = psp_workspace_dup_mask_path (self, stem, error);
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->save_mutex);

  return path != NULL && begin_save (self, stem, mask, journal_end, error) &&
         end_save (self, stem, write_file (path, mask, error), error);
}

/* Binds the empty journal of @stem to the mask called @base. */
static gboolean
bind_journal (PspWorkspace  *self,
              const char    *stem,
              const char    *base,
              GError       **error)
{
  g_autoptr(sqlite3_stmt) statement = psp_workspace_prepare (self, "UPDATE image SET base = ?2"
                                                             " WHERE stem = ?1", stem, error);

  return statement != NULL &&
         psp_database_check (self->database, sqlite3_bind_text (statement, 2, base, -1,
                                                                SQLITE_TRANSIENT), error) &&
         psp_database_run (self->database, statement, error);
}

static PspEdit *
read_edit (const char    *stem,
           sqlite3_stmt  *statement,
           GError       **error)
{
  gsize n_bytes = sqlite3_column_bytes (statement, 0);
  g_autoptr(GBytes) bytes = g_bytes_new (sqlite3_column_blob (statement, 0), n_bytes);
  PspEdit *edit = psp_edit_parse (bytes, error);

  if (edit == NULL)
    g_prefix_error (error, "the journal of “%s”, entry %" G_GINT64_FORMAT ": ", stem,
                    (gint64) sqlite3_column_int64 (statement, 1));
  return edit;
}

static GPtrArray *
read_journal (PspWorkspace  *self,
              const char    *stem,
              GError       **error)
{
  g_autoptr(GPtrArray) edits = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_edit_unref);
  g_autoptr(sqlite3_stmt) statement = NULL;
  g_autofree char *name = g_filename_display_name (stem);
  gboolean row = FALSE;

  statement = psp_workspace_prepare (self, "SELECT edit, journal.id FROM journal"
                                     " JOIN image ON image.id = journal.image"
                                     " WHERE stem = ?1 ORDER BY journal.id", stem, error);
  if (statement == NULL)
    return NULL;

  while (psp_database_step (self->database, statement, &row, error))
    {
      PspEdit *edit;

      if (!row)
        return g_steal_pointer (&edits);
      edit = read_edit (name, statement, error);
      if (edit == NULL)
        return NULL;
      g_ptr_array_add (edits, edit);
    }
  return NULL;
}

/* FALSE with @error set if the journal of @stem is bound to another mask than @base. */
static gboolean
check_base (PspWorkspace  *self,
            const char    *stem,
            const char    *base,
            GError       **error)
{
  g_autoptr(sqlite3_stmt) statement = psp_workspace_prepare (self, "SELECT base FROM image"
                                                             " WHERE stem = ?1", stem, error);
  g_autofree char *bound = NULL;
  g_autofree char *name = g_filename_display_name (stem);
  gboolean row;

  if (statement == NULL || !psp_database_step (self->database, statement, &row, error))
    return FALSE;
  bound = row ? psp_database_dup_text (statement, 0) : g_strdup ("");
  if (g_str_equal (bound, base))
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
               "the unsaved edits of “%s” belong to another mask: its label was changed elsewhere",
               name);
  return FALSE;
}

GPtrArray *
psp_workspace_load_journal (PspWorkspace  *self,
                            const char    *stem,
                            const char    *base,
                            GError       **error)
{
  g_autoptr(GMutexLocker) saver G_GNUC_UNUSED = g_mutex_locker_new (&self->save_mutex);
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  g_autoptr(GPtrArray) edits = NULL;

  if (!psp_workspace_add_image (self, stem, error) || !psp_workspace_settle_saves (self, error))
    return NULL;

  edits = read_journal (self, stem, error);
  if (edits == NULL ||
      !(edits->len > 0 ? check_base : bind_journal) (self, stem, base, error))
    return NULL;
  g_hash_table_remove (self->gaps, stem);
  return g_steal_pointer (&edits);
}

static gboolean
append_bytes (PspWorkspace  *self,
              const char    *stem,
              GBytes        *bytes,
              GError       **error)
{
  g_autofree char *name = g_filename_display_name (stem);
  g_autoptr(sqlite3_stmt) statement = NULL;

  statement = psp_workspace_prepare (self, "INSERT INTO journal (image, edit) SELECT id, ?2"
                                     " FROM image WHERE stem = ?1 AND base IS NOT NULL", stem,
                                     error);
  if (statement == NULL ||
      !psp_database_check (self->database,
                           sqlite3_bind_blob64 (statement, 2, g_bytes_get_data (bytes, NULL),
                                                g_bytes_get_size (bytes), SQLITE_STATIC), error) ||
      !psp_database_run (self->database, statement, error))
    return FALSE;
  if (sqlite3_changes (self->database->handle) > 0)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND,
               "the journal of “%s” was not opened, so that nothing can be added", name);
  return FALSE;
}

gboolean
psp_workspace_append_edit (PspWorkspace   *self,
                           const char     *stem,
                           const PspEdit  *edit,
                           GError        **error)
{
  g_autoptr(GBytes) bytes = psp_edit_serialize (edit);
  g_autofree char *name = g_filename_display_name (stem);
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  if (g_hash_table_contains (self->gaps, stem))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_IO,
                   "the journal of “%s” lacks an edit that could not be written; save the mask",
                   name);
      return FALSE;
    }
  if (!append_bytes (self, stem, bytes, error))
    {
      g_hash_table_add (self->gaps, g_strdup (stem));
      return FALSE;
    }

  atomic_store (&self->journal_end, sqlite3_last_insert_rowid (self->database->handle));
  return TRUE;
}

gboolean
psp_workspace_clear_journal (PspWorkspace  *self,
                             const char    *stem,
                             GError       **error)
{
  g_autoptr(GMutexLocker) saver G_GNUC_UNUSED = g_mutex_locker_new (&self->save_mutex);
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  return psp_database_begin (self->database, error) &&
         psp_database_finish (self->database,
                              run_for_stem (self, "DELETE FROM journal WHERE image ="
                                            " (SELECT id FROM image WHERE stem = ?1)",
                                            stem, error) &&
                              run_for_stem (self, "UPDATE image SET base = NULL WHERE stem = ?1",
                                            stem, error),
                              error);
}
