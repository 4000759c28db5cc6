/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-file-reader.h"

/**
 * PspWireType:
 *
 * How the content of a field is stored.  (Protocol Buffers, “Encoding”; groups, types 3 and 4, are
 * refused.)
 */
typedef enum
{
  PSP_WIRE_VARINT = 0,
  PSP_WIRE_64_BITS = 1,
  PSP_WIRE_BYTES = 2,    /* a text, a message or packed numbers */
  PSP_WIRE_32_BITS = 5,
} PspWireType;

/**
 * PspWireField:
 * @number: which field of its message it is
 * @type: how @content is stored
 * @offset: where it starts in the file, with its tag
 * @content: where what follows tag and length starts
 * @n_bytes: the length of that
 *
 * A field of a message in a file.
 */
typedef struct
{
  guint64     number;
  PspWireType type;
  guint64     offset;
  guint64     content;
  guint64     n_bytes;
} PspWireField;

/**
 * PspWireReader:
 *
 * Steps through the fields of messages in a file in protobuf's wire format, without their contents:
 * protobuf-c takes a whole message into memory, and these may have gigabytes.  One thread.
 */
typedef struct _PspWireReader PspWireReader;

/**
 * psp_wire_reader_new:
 * @file: stays open as long as the reader
 */
PspWireReader *psp_wire_reader_new  (PspFileReader  *file) G_GNUC_WARN_UNUSED_RESULT;
void           psp_wire_reader_free (PspWireReader  *self);

/**
 * psp_wire_reader_next:
 * @offset: (inout): where the field starts in the file; then, where the next one does
 * @end: where the message ends; above @offset
 * @field: (out): the field
 * @error: %PSP_ERROR_TRUNCATED if it goes on beyond the end of the file, %PSP_ERROR_BAD_FILE beyond
 *   @end or if it is none, %PSP_ERROR_IO
 *
 * A reader gives at most 4 million varints and bytes.
 */
gboolean       psp_wire_reader_next (PspWireReader  *self,
                                     guint64        *offset,
                                     guint64         end,
                                     PspWireField   *field,
                                     GError        **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspWireReader, psp_wire_reader_free)
