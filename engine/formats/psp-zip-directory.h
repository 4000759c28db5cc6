/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-file-reader.h"

/**
 * PspZipMember:
 * @name: the full name, with its folders
 * @is_stored: neither compressed nor encrypted: @n_bytes bytes from @offset on are its content
 * @crc32: of the content; 0: not known
 * @offset: where the content starts in the file
 * @n_bytes: how long it is in the file
 */
typedef struct
{
  const char *name;
  gboolean    is_stored;
  guint32     crc32;
  guint64     offset;
  guint64     n_bytes;
} PspZipMember;

/**
 * PspZipDirectory:
 *
 * Where the members of a zip archive lie (APPNOTE.TXT 6.3, ZIP64 included).  Reads the central
 * directory and, because its offsets lead only there, the local header of each member; sizes come
 * from the central directory alone, since those of local headers are often left open.  libzip would
 * unpack members, but does not tell where they lie, which is what lets any thread read tensors
 * straight from the file.  Immutable.
 */
typedef struct _PspZipDirectory PspZipDirectory;

/**
 * psp_zip_directory_new:
 * @file: an archive in one piece
 * @error: %PSP_ERROR_TRUNCATED (no directory at the end), %PSP_ERROR_BAD_FILE,
 *   %PSP_ERROR_UNSUPPORTED or %PSP_ERROR_IO
 *
 * Refuses more than 100 000 members or 16 MiB of directory, two of one name, names that lead out of
 * the archive, and members that overlap or lie outside the file.
 *
 * Returns: (transfer full): the directory, or %NULL with @error set
 */
PspZipDirectory    *psp_zip_directory_new           (PspFileReader          *file,
                                                     GError                **error)
  G_GNUC_WARN_UNUSED_RESULT;
void                psp_zip_directory_free          (PspZipDirectory        *self);

guint               psp_zip_directory_get_n_members (const PspZipDirectory  *self);

/* (transfer none): @index below psp_zip_directory_get_n_members(), in the order of the content. */
const PspZipMember *psp_zip_directory_get_member    (const PspZipDirectory  *self,
                                                     guint                   index);

/* (transfer none) (nullable): the member called exactly @name. */
const PspZipMember *psp_zip_directory_find          (const PspZipDirectory  *self,
                                                     const char             *name);

/**
 * psp_zip_directory_load:
 * @member: a member of @self
 * @limit_bytes: the most that is read
 * @error: %PSP_ERROR_UNSUPPORTED (compressed, or too long), %PSP_ERROR_BAD_FILE (the CRC differs),
 *   %PSP_ERROR_IO or %PSP_ERROR_TRUNCATED
 *
 * Returns: (transfer full): the whole content of @member, or %NULL with @error set
 */
GBytes             *psp_zip_directory_load          (const PspZipDirectory  *self,
                                                     const PspZipMember     *member,
                                                     gsize                   limit_bytes,
                                                     GError                **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspZipDirectory, psp_zip_directory_free)
