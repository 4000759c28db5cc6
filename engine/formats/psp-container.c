/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-container.h"

#include "engine/formats/psp-caffe.h"
#include "engine/formats/psp-mxnet.h"
#include "engine/formats/psp-pytorch-legacy.h"
#include "engine/formats/psp-pytorch-zip.h"
#include "engine/formats/psp-safetensors.h"

#include <string.h>

#define HEAD_BYTES 512u
#define HANDLED "files of torch.save, safetensors, Caffe models and MXNet parameters are read"
#define SAVE_AGAIN "load it with PyTorch and save it again: torch.save(torch.load(old), new)"

/* The first bytes of a file; zeros where it is shorter. */
typedef struct
{
  guint8 bytes[HEAD_BYTES];
  gsize  n_bytes;
} Head;

/* A row of the table: @match decides, or else @magic at @offset.  Without a reader: refused. */
typedef struct
{
  PspContainer   container;
  PspError       code;
  const char    *advice;
  gboolean     (*match)    (const Head *head);
  const char    *magic;
  gsize          n_magic_bytes;
  gsize          offset;
} Row;

static gboolean
is_empty (const Head *head)
{
  return head->n_bytes == 0;
}

static gboolean
is_too_short (const Head *head)
{
  return head->n_bytes <= 8;
}

/* A length below 4 GiB and a JSON object: no text has these zeros. */
static gboolean
is_safetensors (const Head *head)
{
  return memcmp (head->bytes + 4, "\0\0\0\0{", 5) == 0;
}

static gboolean
is_markup (const Head *head)
{
  gsize i = head->n_bytes >= 3 && memcmp (head->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

  while (i < head->n_bytes && g_ascii_isspace (head->bytes[i]))
    i++;
  return i + 1 < head->n_bytes && head->bytes[i] == '<' &&
         (g_ascii_isalpha (head->bytes[i + 1]) || strchr ("!?/", head->bytes[i + 1]) != NULL);
}

/*
 * NetParameter, whose writers put fields in order: name = 1 (a text), which may be left out; then
 * layers = 2, input = 3, force_backward = 5 or debug_info = 7 (booleans), state = 6 or layer = 100.
 */
static gboolean
is_caffe (const Head *head)
{
  const guint8 *bytes = head->bytes;
  gsize next = 0;

  if (bytes[0] == 0x0a && bytes[1] < 0x80)
    next = 2u + bytes[1];
  if (head->n_bytes < next + 2)
    return FALSE;
  switch (bytes[next])
    {
    case 0x12:
    case 0x1a:
      return TRUE;

    case 0x28:
    case 0x38:
      return bytes[next + 1] <= 1;

    case 0x32:
      return bytes[next + 1] < 0x20;

    case 0xa2:
      return bytes[next + 1] == 0x06;

    default:
      return FALSE;
    }
}

static gboolean
is_pytorch_legacy (const Head *head)
{
  return psp_pytorch_legacy_match (head->bytes, head->n_bytes) > 0;
}

/* Protocol 2 to 5 and a plausible opcode: no other file of these starts so. */
static gboolean
is_pickle (const Head *head)
{
  return head->bytes[0] == 0x80 && head->bytes[1] >= 2 && head->bytes[1] <= 5;
}

#define MAGIC(text, place) .magic = text, .n_magic_bytes = sizeof (text) - 1, .offset = place

#define READ(name, reader) .container = { name, reader }
#define REFUSED(name, reason, text) .container = { name, NULL }, .code = reason, .advice = text

/* The first row that matches counts. */
static const Row rows[] = {
  { REFUSED ("empty file", PSP_ERROR_TRUNCATED, "the file is empty; copy or download it again"),
    .match = is_empty },
  { REFUSED ("scrap", PSP_ERROR_TRUNCATED,
             "the file has 8 bytes or less; copy or download it again"),
    .match = is_too_short },
  { READ ("safetensors", psp_safetensors_read), .match = is_safetensors },
  { READ ("PyTorch zip", psp_pytorch_zip_read), MAGIC ("PK\x03\x04", 0) },
  { REFUSED ("empty zip", PSP_ERROR_UNSUPPORTED, "this is an empty zip archive; " HANDLED),
    MAGIC ("PK\x05\x06", 0) },
  { READ ("PyTorch legacy", psp_pytorch_legacy_read), .match = is_pytorch_legacy },
  { REFUSED ("tar", PSP_ERROR_UNSUPPORTED,
             "this is a tar archive; unpack it first, or if PyTorch wrote it (before version "
             "0.1.10), " SAVE_AGAIN),
    MAGIC ("ustar", 257) },
  { REFUSED ("Git-LFS pointer", PSP_ERROR_BAD_FILE,
             "this is a Git-LFS pointer, not the file it stands for; fetch that with "
             "“git lfs pull”"),
    MAGIC ("version https://git-lfs", 0) },
  { REFUSED ("web page", PSP_ERROR_BAD_FILE,
             "this is a web page, not a checkpoint; the download led to an error or a login page: "
             "download it again"),
    .match = is_markup },
  { REFUSED ("HDF5", PSP_ERROR_UNSUPPORTED,
             "this is an HDF5 file (Keras), which is not read; " HANDLED),
    MAGIC ("\x89HDF\r\n\x1a\n", 0) },
  { READ ("MXNet", psp_mxnet_read), MAGIC (PSP_MXNET_MAGIC, 0) },
  { REFUSED ("pickle", PSP_ERROR_UNSUPPORTED,
             "this is a Python pickle that torch.save did not write; " HANDLED),
    .match = is_pickle },
  { REFUSED ("gzip", PSP_ERROR_UNSUPPORTED, "this is a file packed by gzip; unpack it first"),
    MAGIC ("\x1f\x8b", 0) },
  { READ ("Caffe", psp_caffe_read), .match = is_caffe },
};

static gboolean
matches (const Row  *row,
         const Head *head)
{
  if (row->match != NULL)
    return row->match (head);
  return head->n_bytes >= row->offset + row->n_magic_bytes &&
         memcmp (head->bytes + row->offset, row->magic, row->n_magic_bytes) == 0;
}

const PspContainer *
psp_container_detect (PspFileReader  *file,
                      GError        **error)
{
  Head head = { .n_bytes = (gsize) MIN (file->n_bytes, HEAD_BYTES) };

  if (!psp_file_reader_read (file, 0, head.bytes, head.n_bytes, error))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (!matches (&rows[i], &head))
        continue;
      if (rows[i].container.read != NULL)
        return &rows[i].container;
      g_set_error (error, PSP_ERROR, rows[i].code, "%s: %s", file->path, rows[i].advice);
      return NULL;
    }
  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: this is no checkpoint that is known here; %s", file->path, HANDLED);
  return NULL;
}
