/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-file-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

static gboolean
learn_size (PspFileReader  *self,
            GError        **error)
{
  if (fstat (self->descriptor, &self->status) != 0)
    {
      psp_error_set_errno (error, self->path, "read", errno);
      return FALSE;
    }
  if (S_ISDIR (self->status.st_mode))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_IO,
                   "%s: this is a folder; name a file inside it", self->path);
      return FALSE;
    }
  if (!S_ISREG (self->status.st_mode))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_IO,
                   "%s: this is a pipe or a device; name an ordinary file", self->path);
      return FALSE;
    }
  self->n_bytes = (guint64) self->status.st_size;
  return TRUE;
}

PspFileReader *
psp_file_reader_new (const char  *path,
                     GError     **error)
{
  g_autoptr(PspFileReader) self = g_new0 (PspFileReader, 1);

  self->path = g_strdup (path);
  /* O_NONBLOCK: a pipe without a writer would make open() wait. */
  self->descriptor = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (self->descriptor < 0)
    {
      psp_error_set_errno (error, path, "read", errno);
      return NULL;
    }
  if (!learn_size (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
psp_file_reader_free (PspFileReader *self)
{
  if (self == NULL)
    return;

  if (self->descriptor >= 0)
    (void) close (self->descriptor);
  g_free (self->path);
  g_free (self);
}

gboolean
psp_file_reader_read (PspFileReader  *self,
                      guint64         offset,
                      gpointer        buffer,
                      gsize           n_bytes,
                      GError        **error)
{
  guint8 *to = buffer;

  if (offset > G_MAXINT64 - n_bytes)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_TRUNCATED,
                   "%s: the file ends before byte %" G_GUINT64_FORMAT, self->path, offset);
      return FALSE;
    }
  while (n_bytes > 0)
    {
      gssize n_read = pread (self->descriptor, to, MIN (n_bytes, G_MAXINT), (off_t) offset);

      if (n_read < 0 && errno == EINTR)
        continue;
      if (n_read < 0)
        {
          psp_error_set_errno (error, self->path, "read", errno);
          return FALSE;
        }
      if (n_read == 0)
        {
          g_set_error (error, PSP_ERROR, PSP_ERROR_TRUNCATED,
                       "%s: the file ends at byte %" G_GUINT64_FORMAT
                       ", where more must follow; it was cut off", self->path, offset);
          return FALSE;
        }
      to += n_read;
      offset += (guint64) n_read;
      n_bytes -= (gsize) n_read;
    }
  return TRUE;
}

gboolean
psp_file_reader_holds (const PspFileReader *self,
                       guint64              offset,
                       guint64              n_bytes)
{
  return offset <= self->n_bytes && n_bytes <= self->n_bytes - offset;
}

int
psp_file_reader_dup_descriptor (PspFileReader *self)
{
  return fcntl (self->descriptor, F_DUPFD_CLOEXEC, 0);
}
