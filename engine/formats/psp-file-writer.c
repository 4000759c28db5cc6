/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-file-writer.h"

#include "engine/formats/psp-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

struct _PspFileWriter
{
  char *path;
  char *temporary;    /* NULL once it is renamed */
  int   descriptor;   /* -1 once it is closed */
};

static gboolean
fail (const PspFileWriter  *self,
      GError              **error)
{
  psp_error_set_errno (error, self->path, "write", errno);
  return FALSE;
}

/* A device or a pipe is no file to put another one in the place of. */
static gboolean
check_replaceable (const char  *path,
                   GError     **error)
{
  GStatBuf status;

  if (g_stat (path, &status) != 0 || S_ISREG (status.st_mode))
    return TRUE;
  g_set_error (error, PSP_ERROR, PSP_ERROR_IO, "%s: cannot write: this is %s", path,
               S_ISDIR (status.st_mode) ? "a folder" : "a pipe or a device");
  return FALSE;
}

PspFileWriter *
psp_file_writer_new (const char  *path,
                     GError     **error)
{
  g_autofree char *temporary = g_strconcat (path, PSP_FILE_TEMPORARY_SUFFIX "XXXXXX", NULL);
  PspFileWriter *self;
  int descriptor;

  if (!check_replaceable (path, error))
    return NULL;
  descriptor = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0666);
  if (descriptor < 0)
    {
      psp_error_set_errno (error, path, "write", errno);
      return NULL;
    }
  self = g_new0 (PspFileWriter, 1);
  self->path = g_strdup (path);
  self->temporary = g_steal_pointer (&temporary);
  self->descriptor = descriptor;
  return self;
}

void
psp_file_writer_free (PspFileWriter *self)
{
  if (self == NULL)
    return;

  if (self->descriptor >= 0)
    (void) close (self->descriptor);
  if (self->temporary != NULL)
    (void) g_unlink (self->temporary);
  g_free (self->temporary);
  g_free (self->path);
  g_free (self);
}

gboolean
psp_file_writer_append (PspFileWriter  *self,
                        gconstpointer   bytes,
                        gsize           n_bytes,
                        GError        **error)
{
  const guint8 *from = bytes;

  while (n_bytes > 0)
    {
      gssize n_written = write (self->descriptor, from, MIN (n_bytes, G_MAXINT));

      if (n_written < 0 && errno == EINTR)
        continue;
      if (n_written < 0)
        return fail (self, error);
      from += n_written;
      n_bytes -= (gsize) n_written;
    }
  return TRUE;
}

gboolean
psp_file_writer_commit (PspFileWriter  *self,
                        GError        **error)
{
  int descriptor = self->descriptor;

  if (fsync (descriptor) != 0)
    return fail (self, error);
  self->descriptor = -1;
  if (close (descriptor) != 0 || g_rename (self->temporary, self->path) != 0)
    return fail (self, error);

  g_clear_pointer (&self->temporary, g_free);
  psp_file_flush_name (self->path);
  return TRUE;
}
