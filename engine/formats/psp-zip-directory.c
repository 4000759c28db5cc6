/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-zip-directory.h"

#include <string.h>
#include <zlib.h>

#define END_BYTES 22u
#define END_SIGNATURE 0x06054b50u
#define END64_BYTES 56u
#define END64_SIGNATURE 0x06064b50u
#define LOCATOR64_BYTES 20u
#define LOCATOR64_SIGNATURE 0x07064b50u
#define ENTRY_BYTES 46u
#define ENTRY_SIGNATURE 0x02014b50u
#define LOCAL_BYTES 30u
#define LOCAL_SIGNATURE 0x04034b50u
#define EXTRA64_ID 1u
#define FLAG_ENCRYPTED 1u
#define METHOD_STORED 0u

#define MAX_MEMBERS 100000u
#define MAX_DIRECTORY_BYTES (16u * 1024 * 1024)
#define MAX_COMMENT_BYTES 65535u

struct _PspZipDirectory
{
  PspFileReader *file;
  GArray        *members;   /* of PspZipMember; before find_content(), offset is of the header */
  GHashTable    *by_name;
};

/* What the end record says of the directory. */
typedef struct
{
  guint64 n_entries;
  guint64 n_bytes;
  guint64 offset;
  guint64 end;      /* where the first end record starts */
} Extent;

/* What is left of a record while it is taken apart. */
typedef struct
{
  const guint8 *bytes;
  gsize         n_bytes;
} Slice;

static guint64
load_number (const guint8 *bytes,
             gsize         n_bytes)
{
  guint64 number = 0;

  for (gsize i = 0; i < n_bytes; i++)
    number |= (guint64) bytes[i] << (8 * i);
  return number;
}

static guint32
load_16 (const guint8 *bytes)
{
  return (guint32) load_number (bytes, 2);
}

static guint32
load_32 (const guint8 *bytes)
{
  return (guint32) load_number (bytes, 4);
}

static guint64
load_64 (const guint8 *bytes)
{
  return load_number (bytes, 8);
}

static gboolean
fail (const PspFileReader  *file,
      PspError              code,
      const char           *reason,
      GError              **error)
{
  g_set_error (error, PSP_ERROR, code, "%s: the zip archive %s", file->path, reason);
  return FALSE;
}

static gboolean
fail_member (const PspFileReader  *file,
             const PspZipMember   *member,
             const char           *reason,
             GError              **error)
{
  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "%s: the archive's member “%s” %s",
               file->path, member->name, reason);
  return FALSE;
}

/* The end record is the last whose comment reaches exactly to the end of the file. */
static gboolean
find_end (PspFileReader  *file,
          guint8         *end,
          guint64        *end_offset,
          GError        **error)
{
  gsize n_tail = (gsize) MIN (file->n_bytes, END_BYTES + MAX_COMMENT_BYTES);
  g_autofree guint8 *tail = g_malloc (MAX (n_tail, 1));

  if (!psp_file_reader_read (file, file->n_bytes - n_tail, tail, n_tail, error))
    return FALSE;
  for (gsize n_after = END_BYTES; n_after <= n_tail; n_after++)
    {
      const guint8 *candidate = tail + n_tail - n_after;

      if (load_32 (candidate) != END_SIGNATURE || load_16 (candidate + 20) != n_after - END_BYTES)
        continue;
      memcpy (end, candidate, END_BYTES);
      *end_offset = file->n_bytes - n_after;
      return TRUE;
    }
  return fail (file, PSP_ERROR_TRUNCATED,
               "has no directory at its end: it was cut off; copy or download it again", error);
}

/* Replaces @extent by what the ZIP64 end record says, if there is one. */
static gboolean
read_end_64 (PspFileReader  *file,
             Extent         *extent,
             GError        **error)
{
  guint8 locator[LOCATOR64_BYTES];
  guint8 end[END64_BYTES];
  guint64 end_offset;

  if (extent->end < LOCATOR64_BYTES)
    return TRUE;
  if (!psp_file_reader_read (file, extent->end - LOCATOR64_BYTES, locator, sizeof locator, error))
    return FALSE;
  if (load_32 (locator) != LOCATOR64_SIGNATURE)
    return TRUE;

  end_offset = load_64 (locator + 8);
  if (end_offset > extent->end - LOCATOR64_BYTES ||
      extent->end - LOCATOR64_BYTES - end_offset < END64_BYTES)
    return fail (file, PSP_ERROR_BAD_FILE, "has its ZIP64 end record in the wrong place", error);
  if (!psp_file_reader_read (file, end_offset, end, sizeof end, error))
    return FALSE;
  if (load_32 (end) != END64_SIGNATURE)
    return fail (file, PSP_ERROR_BAD_FILE, "has no ZIP64 end record where it should be", error);
  if (load_32 (end + 16) != 0 || load_32 (end + 20) != 0)
    return fail (file, PSP_ERROR_UNSUPPORTED, "is one part of several; join them first", error);

  extent->n_entries = load_64 (end + 32);
  extent->n_bytes = load_64 (end + 40);
  extent->offset = load_64 (end + 48);
  extent->end = end_offset;
  return TRUE;
}

static gboolean
find_extent (PspFileReader  *file,
             Extent         *extent,
             GError        **error)
{
  guint8 end[END_BYTES];

  if (!find_end (file, end, &extent->end, error))
    return FALSE;
  extent->n_entries = load_16 (end + 10);
  extent->n_bytes = load_32 (end + 12);
  extent->offset = load_32 (end + 16);
  if (!read_end_64 (file, extent, error))
    return FALSE;

  if (load_16 (end + 4) != 0 || load_16 (end + 6) != 0)
    return fail (file, PSP_ERROR_UNSUPPORTED, "is one part of several; join them first", error);
  if (extent->n_entries > MAX_MEMBERS || extent->n_bytes > MAX_DIRECTORY_BYTES)
    return fail (file, PSP_ERROR_BAD_FILE, "has more than 100000 members or 16 MiB of directory",
                 error);
  if (extent->offset > extent->end || extent->n_bytes > extent->end - extent->offset)
    return fail (file, PSP_ERROR_BAD_FILE, "has its directory outside the file", error);
  return TRUE;
}

static const guint8 *
take (Slice *slice,
      gsize  n_bytes)
{
  const guint8 *taken = slice->bytes;

  if (n_bytes > slice->n_bytes)
    return NULL;
  slice->bytes += n_bytes;
  slice->n_bytes -= n_bytes;
  return taken;
}

/* Numbers too large for 32 bits are, in this order, in the ZIP64 extra field. */
static gboolean
widen (guint64 *number,
       Slice   *extra)
{
  const guint8 *taken;

  if (*number != G_MAXUINT32)
    return TRUE;
  taken = take (extra, 8);
  if (taken == NULL)
    return FALSE;
  *number = load_64 (taken);
  return TRUE;
}

static Slice
find_extra_64 (Slice extras)
{
  const guint8 *head;

  while ((head = take (&extras, 4)) != NULL)
    {
      gsize n_bytes = load_16 (head + 2);
      const guint8 *content = take (&extras, n_bytes);

      if (content == NULL)
        break;
      if (load_16 (head) == EXTRA64_ID)
        return (Slice) { content, n_bytes };
    }
  return (Slice) { NULL, 0 };
}

/* Sizes and place of @member from its entry in the directory, at the start of @entry. */
static gboolean
parse_numbers (const guint8 *entry,
               Slice         extras,
               PspZipMember *member)
{
  Slice extra = find_extra_64 (extras);
  guint64 n_unpacked_bytes = load_32 (entry + 24);
  gboolean is_plain = load_16 (entry + 10) == METHOD_STORED &&
                      (load_16 (entry + 8) & FLAG_ENCRYPTED) == 0;

  member->crc32 = load_32 (entry + 16);
  member->n_bytes = load_32 (entry + 20);
  member->offset = load_32 (entry + 42);
  if (!widen (&n_unpacked_bytes, &extra) || !widen (&member->n_bytes, &extra) ||
      !widen (&member->offset, &extra))
    return FALSE;
  member->is_stored = is_plain && n_unpacked_bytes == member->n_bytes;
  return TRUE;
}

static gboolean
is_inside_archive (const char *name)
{
  g_auto(GStrv) parts = g_strsplit (name, "/", -1);

  return name[0] != '/' && !g_strv_contains ((const char *const *) parts, "..");
}

static gboolean
add_member (PspZipDirectory  *self,
            PspZipMember     *member,
            const guint8     *name,
            gsize             n_name_bytes,
            GError          **error)
{
  g_autofree char *own_name = NULL;

  if (n_name_bytes == 0 || !g_utf8_validate_len ((const char *) name, n_name_bytes, NULL))
    return fail (self->file, PSP_ERROR_BAD_FILE, "has a member whose name is not text", error);

  own_name = g_strndup ((const char *) name, n_name_bytes);
  member->name = own_name;
  if (!is_inside_archive (own_name))
    return fail_member (self->file, member, "has a name that leads out of the archive", error);
  if (g_hash_table_contains (self->by_name, own_name))
    return fail_member (self->file, member, "is there twice", error);

  g_hash_table_add (self->by_name, own_name);
  g_array_append_val (self->members, *member);
  g_steal_pointer (&own_name);
  return TRUE;
}

static gboolean
read_entry (PspZipDirectory  *self,
            Slice            *directory,
            GError          **error)
{
  const guint8 *entry = take (directory, ENTRY_BYTES);
  PspZipMember member = { 0 };
  const guint8 *name;
  const guint8 *extras;

  if (entry == NULL || load_32 (entry) != ENTRY_SIGNATURE)
    return fail (self->file, PSP_ERROR_BAD_FILE, "has a damaged directory", error);
  name = take (directory, load_16 (entry + 28));
  extras = take (directory, load_16 (entry + 30));
  if (name == NULL || extras == NULL || take (directory, load_16 (entry + 32)) == NULL ||
      !parse_numbers (entry, (Slice) { extras, load_16 (entry + 30) }, &member))
    return fail (self->file, PSP_ERROR_BAD_FILE, "has a damaged directory", error);
  return add_member (self, &member, name, load_16 (entry + 28), error);
}

static gboolean
read_directory (PspZipDirectory  *self,
                const Extent     *extent,
                GError          **error)
{
  g_autofree guint8 *bytes = g_malloc (MAX (extent->n_bytes, 1));
  Slice directory = { bytes, extent->n_bytes };

  if (!psp_file_reader_read (self->file, extent->offset, bytes, extent->n_bytes, error))
    return FALSE;
  for (guint64 i = 0; i < extent->n_entries; i++)
    if (!read_entry (self, &directory, error))
      return FALSE;
  return TRUE;
}

static int
compare_offsets (gconstpointer a,
                 gconstpointer b)
{
  const PspZipMember *first = a;
  const PspZipMember *second = b;

  return first->offset < second->offset ? -1 : first->offset > second->offset;
}

/* Moves @member's offset from its local header to its content. */
static gboolean
find_content (PspZipDirectory  *self,
              PspZipMember     *member,
              GError          **error)
{
  guint8 header[LOCAL_BYTES];
  g_autofree char *name = NULL;
  gsize n_name_bytes = strlen (member->name);

  if (!psp_file_reader_holds (self->file, member->offset, LOCAL_BYTES))
    return fail_member (self->file, member, "lies outside the file", error);
  if (!psp_file_reader_read (self->file, member->offset, header, sizeof header, error))
    return FALSE;
  if (load_32 (header) != LOCAL_SIGNATURE || load_16 (header + 26) != n_name_bytes)
    return fail_member (self->file, member, "has a damaged header", error);

  name = g_malloc (n_name_bytes);
  if (!psp_file_reader_read (self->file, member->offset + LOCAL_BYTES, name, n_name_bytes, error))
    return FALSE;
  if (memcmp (name, member->name, n_name_bytes) != 0)
    return fail_member (self->file, member, "has another name in its header", error);

  member->offset += LOCAL_BYTES + n_name_bytes + load_16 (header + 28);
  return TRUE;
}

static gboolean
find_contents (PspZipDirectory  *self,
               guint64           end,
               GError          **error)
{
  g_array_sort (self->members, compare_offsets);
  for (guint i = 0; i < self->members->len; i++)
    {
      PspZipMember *member = &g_array_index (self->members, PspZipMember, i);
      guint64 limit = i + 1 < self->members->len ? (member + 1)->offset : end;

      g_hash_table_insert (self->by_name, (char *) member->name, member);
      if (!find_content (self, member, error))
        return FALSE;
      if (member->offset > limit || member->n_bytes > limit - member->offset)
        return fail_member (self->file, member, "reaches into the next one", error);
    }
  return TRUE;
}

static void
clear_member (gpointer data)
{
  PspZipMember *member = data;

  g_free ((char *) member->name);
}

PspZipDirectory *
psp_zip_directory_new (PspFileReader  *file,
                       GError        **error)
{
  g_autoptr(PspZipDirectory) self = g_new0 (PspZipDirectory, 1);
  Extent extent;

  self->file = file;
  self->members = g_array_new (FALSE, FALSE, sizeof (PspZipMember));
  g_array_set_clear_func (self->members, clear_member);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  if (!find_extent (file, &extent, error) || !read_directory (self, &extent, error) ||
      !find_contents (self, extent.offset, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
psp_zip_directory_free (PspZipDirectory *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->by_name);
  g_array_unref (self->members);
  g_free (self);
}

guint
psp_zip_directory_get_n_members (const PspZipDirectory *self)
{
  return self->members->len;
}

const PspZipMember *
psp_zip_directory_get_member (const PspZipDirectory *self,
                              guint                  index)
{
  return &g_array_index (self->members, PspZipMember, index);
}

const PspZipMember *
psp_zip_directory_find (const PspZipDirectory *self,
                        const char            *name)
{
  return g_hash_table_lookup (self->by_name, name);
}

GBytes *
psp_zip_directory_load (const PspZipDirectory  *self,
                        const PspZipMember     *member,
                        gsize                   limit_bytes,
                        GError                **error)
{
  g_autofree guint8 *content = NULL;
  gsize n_bytes = (gsize) member->n_bytes;

  if (!member->is_stored || n_bytes > limit_bytes)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "%s: the archive's member “%s” is %s, which is not read", self->file->path,
                   member->name, member->is_stored ? "too long" : "compressed or encrypted");
      return NULL;
    }
  content = g_malloc (MAX (n_bytes, 1));
  if (!psp_file_reader_read (self->file, member->offset, content, n_bytes, error))
    return NULL;
  if (member->crc32 != 0 && crc32 (0, content, (uInt) n_bytes) != member->crc32)
    {
      (void) fail_member (self->file, member,
                          "is damaged (its CRC differs); copy or download the file again", error);
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&content), n_bytes);
}
