/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-database.h"

#include "engine/core/psp-error.h"

/* How long to wait for another process that reads, in milliseconds. */
#define BUSY_TIMEOUT_MS 5000

/* What an SQLite result means to a caller, and the end of the sentence about it. */
static PspError
explain (int          result,
         const char **explanation)
{
  switch (result & 0xff)
    {
    case SQLITE_FULL:
      *explanation = "cannot write: the disk is full";
      return PSP_ERROR_IO;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      *explanation = "another program is using the database";
      return PSP_ERROR_IO;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      *explanation = "cannot read or write the database";
      return PSP_ERROR_IO;
    case SQLITE_NOMEM:
      *explanation = "no memory for the database";
      return PSP_ERROR_NO_MEMORY;
    case SQLITE_NOTADB:
      *explanation = "this is no database, or damaged";
      return PSP_ERROR_BAD_FILE;
    case SQLITE_CORRUPT:
      *explanation = "the database is damaged";
      return PSP_ERROR_BAD_FILE;
    default:
      *explanation = "cannot use the database";
      return PSP_ERROR_IO;
    }
}

static void
set_error (PspDatabase  *self,
           GError      **error)
{
  g_autofree char *name = g_filename_display_name (self->path);
  const char *explanation;
  PspError code = explain (sqlite3_extended_errcode (self->handle), &explanation);

  g_set_error (error, PSP_ERROR, code, "%s: %s (%s)", name, explanation,
               sqlite3_errmsg (self->handle));
}

static gboolean
connect_to (PspDatabase  *self,
            const char   *name,
            int           flags,
            GError      **error)
{
  gint64 version;

  if (sqlite3_open_v2 (name, &self->handle, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
    {
      set_error (self, error);
      return FALSE;
    }
  sqlite3_extended_result_codes (self->handle, TRUE);
  sqlite3_busy_timeout (self->handle, BUSY_TIMEOUT_MS);

  /* Only now is the file looked at. */
  return psp_database_get_integer (self, "PRAGMA user_version", &version, error);
}

/* Where not even the index of the write-ahead log can be written, and there is no such log, the
 * file is all there is. */
static gboolean
connect_to_immutable (PspDatabase  *self,
                      GError      **error)
{
  g_autofree char *log = g_strconcat (self->path, "-wal", NULL);
  g_autofree char *uri = g_filename_to_uri (self->path, NULL, NULL);
  g_autofree char *name = g_strconcat (uri, "?immutable=1", NULL);

  if (uri == NULL || g_file_test (log, G_FILE_TEST_EXISTS))
    return FALSE;

  g_clear_pointer (&self->handle, sqlite3_close);
  g_clear_error (error);
  return connect_to (self, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);
}

PspDatabase *
psp_database_open (const char  *path,
                   int          flags,
                   GError     **error)
{
  g_autoptr(PspDatabase) self = g_new0 (PspDatabase, 1);
  g_autoptr(GError) problem = NULL;

  self->path = g_canonicalize_filename (path, NULL);
  if (connect_to (self, self->path, flags, &problem) ||
      (flags == SQLITE_OPEN_READONLY && g_error_matches (problem, PSP_ERROR, PSP_ERROR_IO) &&
       connect_to_immutable (self, &problem)))
    return g_steal_pointer (&self);

  g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}

void
psp_database_close (PspDatabase *self)
{
  g_clear_pointer (&self->handle, sqlite3_close);
  g_free (self->path);
  g_free (self);
}

gboolean
psp_database_execute (PspDatabase  *self,
                      const char   *sql,
                      GError      **error)
{
  return psp_database_check (self, sqlite3_exec (self->handle, sql, NULL, NULL, NULL), error);
}

sqlite3_stmt *
psp_database_prepare (PspDatabase  *self,
                      const char   *sql,
                      GError      **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (self->handle, sql, -1, &statement, NULL) != SQLITE_OK)
    set_error (self, error);
  return statement;
}

gboolean
psp_database_check (PspDatabase  *self,
                    int           result,
                    GError      **error)
{
  if (result == SQLITE_OK)
    return TRUE;

  set_error (self, error);
  return FALSE;
}

gboolean
psp_database_step (PspDatabase   *self,
                   sqlite3_stmt  *statement,
                   gboolean      *row,
                   GError       **error)
{
  int result = sqlite3_step (statement);

  *row = result == SQLITE_ROW;
  if (result == SQLITE_ROW || result == SQLITE_DONE)
    return TRUE;

  set_error (self, error);
  return FALSE;
}

gboolean
psp_database_run (PspDatabase   *self,
                  sqlite3_stmt  *statement,
                  GError       **error)
{
  gboolean row;

  do
    if (!psp_database_step (self, statement, &row, error))
      return FALSE;
  while (row);
  return TRUE;
}

gboolean
psp_database_get_integer (PspDatabase  *self,
                          const char   *sql,
                          gint64       *value,
                          GError      **error)
{
  g_autoptr(sqlite3_stmt) statement = psp_database_prepare (self, sql, error);
  gboolean row;

  *value = 0;
  if (statement == NULL || !psp_database_step (self, statement, &row, error))
    return FALSE;
  if (row)
    *value = sqlite3_column_int64 (statement, 0);
  return TRUE;
}

gboolean
psp_database_begin (PspDatabase  *self,
                    GError      **error)
{
  return psp_database_execute (self, "BEGIN IMMEDIATE", error);
}

gboolean
psp_database_finish (PspDatabase  *self,
                     gboolean      done,
                     GError      **error)
{
  if (done && psp_database_execute (self, "COMMIT", error))
    return TRUE;

  /* Some errors have rolled back already. */
  if (!sqlite3_get_autocommit (self->handle))
    (void) psp_database_execute (self, "ROLLBACK", NULL);
  return FALSE;
}

char *
psp_database_dup_text (sqlite3_stmt *statement,
                       int           column)
{
  const char *text = (const char *) sqlite3_column_text (statement, column);

  return g_strdup (text != NULL ? text : "");
}
