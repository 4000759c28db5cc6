/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>
#include <sqlite3.h>

/**
 * PspDatabase:
 * @handle: the connection
 * @path: its file, for messages
 *
 * SQLite with errors as ours: %PSP_ERROR_BAD_FILE for a file that is damaged or no database,
 * %PSP_ERROR_NO_MEMORY, and %PSP_ERROR_IO for what the system, another process or SQLite refuses,
 * in whose words.  One thread at a time.
 */
typedef struct
{
  sqlite3 *handle;
  char    *path;
} PspDatabase;

/**
 * psp_database_open:
 * @flags: SQLITE_OPEN_READONLY or SQLITE_OPEN_READWRITE, with SQLITE_OPEN_CREATE or without
 *
 * A database that is only read may lie where nothing can be written.
 *
 * Returns: (transfer full): the connection, or %NULL with @error set
 */
PspDatabase  *psp_database_open        (const char    *path,
                                        int            flags,
                                        GError       **error) G_GNUC_WARN_UNUSED_RESULT;
void          psp_database_close       (PspDatabase   *self);

/* Runs statements that need no parameters and give no rows that matter. */
gboolean      psp_database_execute     (PspDatabase   *self,
                                        const char    *sql,
                                        GError       **error);

/* (transfer full): a statement to be bound, or %NULL with @error set. */
sqlite3_stmt *psp_database_prepare     (PspDatabase   *self,
                                        const char    *sql,
                                        GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether @result, of an SQLite function that was just called, is a success. */
gboolean      psp_database_check       (PspDatabase   *self,
                                        int            result,
                                        GError       **error);

/**
 * psp_database_step:
 * @row: (out): whether there is a row to look at; %FALSE behind the last
 */
gboolean      psp_database_step        (PspDatabase   *self,
                                        sqlite3_stmt  *statement,
                                        gboolean      *row,
                                        GError       **error);

/* Runs @statement to its end. */
gboolean      psp_database_run         (PspDatabase   *self,
                                        sqlite3_stmt  *statement,
                                        GError       **error);

/* The number in the first row that @sql gives; 0 without a row. */
gboolean      psp_database_get_integer (PspDatabase   *self,
                                        const char    *sql,
                                        gint64        *value,
                                        GError       **error);

/* What follows becomes one change: all of it or nothing. */
gboolean      psp_database_begin       (PspDatabase   *self,
                                        GError       **error);

/**
 * psp_database_finish:
 * @done: whether what followed psp_database_begin() succeeded; else it is taken back
 *
 * Returns: %FALSE if @done is, or with @error set if the change could not be written
 */
gboolean      psp_database_finish      (PspDatabase   *self,
                                        gboolean       done,
                                        GError       **error);

/* (transfer full): column @column of the row as text; “” for NULL. */
char         *psp_database_dup_text    (sqlite3_stmt  *statement,
                                        int            column) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspDatabase, psp_database_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)
