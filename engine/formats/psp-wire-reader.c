/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-wire-reader.h"

#define BUFFER_BYTES 4096
#define MAX_VARINT_BYTES 10
#define MAX_FIELDS (4 * 1000 * 1000)

struct _PspWireReader
{
  PspFileReader *file;
  guint          n_fields;
  guint64        buffer_offset;
  gsize          n_buffered;
  guint8         buffer[BUFFER_BYTES];
};

PspWireReader *
psp_wire_reader_new (PspFileReader *file)
{
  PspWireReader *self = g_new0 (PspWireReader, 1);

  self->file = file;
  return self;
}

void
psp_wire_reader_free (PspWireReader *self)
{
  g_free (self);
}

static gboolean
fail (const PspWireReader  *self,
      guint64               offset,
      const char           *reason,
      GError              **error)
{
  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
               "%s: at byte %" G_GUINT64_FORMAT " %s; the file is damaged, or no message in "
               "protobuf's format", self->file->path, offset, reason);
  return FALSE;
}

/* What must follow does not fit before @end. */
static gboolean
fail_end (const PspWireReader  *self,
          guint64               offset,
          guint64               end,
          GError              **error)
{
  if (end < self->file->n_bytes)
    return fail (self, offset, "there is a field that is longer than the message around it", error);

  g_set_error (error, PSP_ERROR, PSP_ERROR_TRUNCATED,
               "%s: what starts at byte %" G_GUINT64_FORMAT " goes on beyond the end of the file, "
               "which was cut off; copy or download it again", self->file->path, offset);
  return FALSE;
}

static gboolean
get_byte (PspWireReader  *self,
          guint64         offset,
          guint64         end,
          guint8         *byte,
          GError        **error)
{
  if (offset >= end)
    return fail_end (self, offset, end, error);
  if (offset < self->buffer_offset || offset - self->buffer_offset >= self->n_buffered)
    {
      gsize n_bytes = (gsize) MIN (end - offset, BUFFER_BYTES);

      self->n_buffered = 0;
      if (!psp_file_reader_read (self->file, offset, self->buffer, n_bytes, error))
        return FALSE;
      self->buffer_offset = offset;
      self->n_buffered = n_bytes;
    }
  *byte = self->buffer[offset - self->buffer_offset];
  return TRUE;
}

static gboolean
take_varint (PspWireReader  *self,
             guint64        *offset,
             guint64         end,
             guint64        *value,
             GError        **error)
{
  *value = 0;
  for (int i = 0; i < MAX_VARINT_BYTES; i++)
    {
      guint8 byte;

      if (!get_byte (self, *offset, end, &byte, error))
        return FALSE;
      (*offset)++;
      if (i == MAX_VARINT_BYTES - 1 && byte > 1)
        break;
      *value |= (guint64) (byte & 0x7f) << (7 * i);
      if ((byte & 0x80) == 0)
        return TRUE;
    }
  return fail (self, *offset - 1, "there is a number of more than 64 bits", error);
}

/* From behind the tag to behind the content. */
static gboolean
take_content (PspWireReader  *self,
              guint64        *offset,
              guint64         end,
              PspWireField   *field,
              GError        **error)
{
  guint64 value;

  field->content = *offset;
  switch (field->type)
    {
    case PSP_WIRE_VARINT:
      if (!take_varint (self, offset, end, &value, error))
        return FALSE;
      field->n_bytes = *offset - field->content;
      return TRUE;

    case PSP_WIRE_64_BITS:
      field->n_bytes = sizeof (guint64);
      break;

    case PSP_WIRE_BYTES:
      if (!take_varint (self, offset, end, &field->n_bytes, error))
        return FALSE;
      field->content = *offset;
      break;

    case PSP_WIRE_32_BITS:
      field->n_bytes = sizeof (guint32);
      break;

    default:
      return fail (self, field->offset, "there is a field of an unknown type", error);
    }

  if (field->n_bytes > end - *offset)
    return fail_end (self, field->offset, end, error);
  *offset += field->n_bytes;
  return TRUE;
}

gboolean
psp_wire_reader_next (PspWireReader  *self,
                      guint64        *offset,
                      guint64         end,
                      PspWireField   *field,
                      GError        **error)
{
  guint64 tag;

  field->offset = *offset;
  if (!take_varint (self, offset, end, &tag, error))
    return FALSE;
  field->number = tag >> 3;
  field->type = (PspWireType) (tag & 7);
  if (field->number == 0)
    return fail (self, field->offset, "there is a field number 0", error);
  if ((field->type == PSP_WIRE_VARINT || field->type == PSP_WIRE_BYTES) &&
      ++self->n_fields > MAX_FIELDS)
    return fail (self, field->offset, "begins one more than the 4 million fields that are read",
                 error);
  return take_content (self, offset, end, field, error);
}
