/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pytorch-zip.h"

#include "engine/formats/psp-pytorch-state.h"
#include "engine/formats/psp-zip-directory.h"

#include <string.h>

#define PICKLE_SUFFIX "/data.pkl"
#define MAX_PICKLE_BYTES (64 * 1024 * 1024)
#define MAX_TEXT_BYTES 64

typedef struct
{
  PspZipDirectory *directory;
  char            *root;       /* the folder that all members are in */
  gboolean         is_big_endian;
} Archive;

static void
archive_clear (Archive *archive)
{
  g_clear_pointer (&archive->directory, psp_zip_directory_free);
  g_clear_pointer (&archive->root, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Archive, archive_clear)

static const PspZipMember *
find_member (const Archive *archive,
             const char    *folder,
             const char    *name)
{
  g_autofree char *full_name = g_strconcat (archive->root, "/", folder, name, NULL);

  return psp_zip_directory_find (archive->directory, full_name);
}

static gboolean
fail (const PspCheckpointIndex  *index,
      PspError                   code,
      const char                *reason,
      GError                   **error)
{
  g_set_error (error, PSP_ERROR, code, "%s: %s", index->file->path, reason);
  return FALSE;
}

/* The folder is named after the file that was saved, so it is found by the one data.pkl in it. */
static const PspZipMember *
find_pickle (Archive             *archive,
             PspCheckpointIndex  *index,
             GError             **error)
{
  const PspZipMember *pickle = NULL;

  for (guint i = 0; i < psp_zip_directory_get_n_members (archive->directory); i++)
    {
      const PspZipMember *member = psp_zip_directory_get_member (archive->directory, i);

      if (!g_str_has_suffix (member->name, PICKLE_SUFFIX))
        continue;
      if (pickle != NULL)
        {
          (void) fail (index, PSP_ERROR_BAD_FILE, "the archive has two members called data.pkl",
                       error);
          return NULL;
        }
      pickle = member;
    }
  if (pickle == NULL)
    {
      (void) fail (index, PSP_ERROR_UNSUPPORTED,
                   "this is a zip archive, but not one of torch.save: it has no data.pkl; if it "
                   "was packed for transport, unpack it first", error);
      return NULL;
    }
  archive->root = g_strndup (pickle->name, strlen (pickle->name) - strlen (PICKLE_SUFFIX));
  return pickle;
}

static gboolean
check_kind (const Archive             *archive,
            const PspCheckpointIndex  *index,
            GError                   **error)
{
  if (find_member (archive, "", "constants.pkl") == NULL)
    return TRUE;
  return fail (index, PSP_ERROR_UNSUPPORTED,
               "this is a TorchScript program, not a checkpoint; in Python, save its weights: "
               "torch.save(torch.jit.load(…).state_dict(), …)", error);
}

static gboolean
is_text (GBytes     *content,
         const char *text)
{
  gsize n_bytes;
  const char *bytes = g_bytes_get_data (content, &n_bytes);

  return n_bytes == strlen (text) && memcmp (bytes, text, n_bytes) == 0;
}

/* Files without a “byteorder” are older than it, and little-endian. */
static gboolean
read_byte_order (Archive                   *archive,
                 const PspCheckpointIndex  *index,
                 GError                   **error)
{
  const PspZipMember *member = find_member (archive, "", "byteorder");
  g_autoptr(GBytes) content = NULL;

  if (member == NULL)
    return TRUE;
  content = psp_zip_directory_load (archive->directory, member, MAX_TEXT_BYTES, error);
  if (content == NULL)
    return FALSE;
  archive->is_big_endian = is_text (content, "big");
  if (archive->is_big_endian || is_text (content, "little"))
    return TRUE;
  return fail (index, PSP_ERROR_BAD_FILE,
               "the archive's member “byteorder” is neither “little” nor “big”", error);
}

/* Storages are read where they lie, so all of them must be stored plainly. */
static gboolean
check_stored (const Archive             *archive,
              const PspCheckpointIndex  *index,
              GError                   **error)
{
  g_autofree char *folder = g_strconcat (archive->root, "/data/", NULL);

  for (guint i = 0; i < psp_zip_directory_get_n_members (archive->directory); i++)
    {
      const PspZipMember *member = psp_zip_directory_get_member (archive->directory, i);

      if (g_str_has_prefix (member->name, folder) && !member->is_stored)
        {
          g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                       "%s: the archive's member “%s” is compressed, which torch.save never does; "
                       "someone packed the file again: load and save it with PyTorch",
                       index->file->path, member->name);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
find_storage (const char        *key,
              PspPytorchStorage *storage,
              gpointer           user_data)
{
  const Archive *archive = user_data;
  const PspZipMember *member = find_member (archive, "data/", key);

  if (member == NULL)
    return FALSE;
  storage->is_big_endian = archive->is_big_endian;
  storage->offset = member->offset;
  storage->n_bytes = member->n_bytes;
  storage->crc32 = member->crc32;
  return TRUE;
}

gboolean
psp_pytorch_zip_read (PspCheckpointIndex  *index,
                      GError             **error)
{
  g_auto(Archive) archive = { psp_zip_directory_new (index->file, error), NULL, FALSE };
  const PspZipMember *member;
  g_autoptr(GBytes) content = NULL;
  g_autoptr(PspPickle) pickle = NULL;

  if (archive.directory == NULL)
    return FALSE;
  member = find_pickle (&archive, index, error);
  if (member == NULL || !check_kind (&archive, index, error) ||
      !read_byte_order (&archive, index, error) || !check_stored (&archive, index, error))
    return FALSE;

  content = psp_zip_directory_load (archive.directory, member, MAX_PICKLE_BYTES, error);
  if (content == NULL)
    return FALSE;
  pickle = psp_pickle_parse (content, error);
  if (pickle == NULL)
    {
      g_prefix_error (error, "%s: data.pkl: ", index->file->path);
      return FALSE;
    }
  return psp_pytorch_state_read (psp_pickle_get_root (pickle),
                                 &(PspPytorchTensorReader) { index, find_storage, &archive },
                                 error);
}
