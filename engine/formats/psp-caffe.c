/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-caffe.h"

#include "engine/formats/caffe.pb-c.h"
#include "engine/formats/psp-caffe-layers.h"
#include "engine/formats/psp-wire-reader.h"

#include <string.h>

#define MAX_NAME_BYTES 256
#define MAX_BLOBS_PER_LAYER 64
/* Of a blob without its numbers, or of a convolution's parameters. */
#define MAX_MESSAGE_BYTES 4096
/* A kernel has as many as its blob has dimensions. */
#define MAX_STRIDES PSP_TENSOR_MAX_DIMENSIONS

/* Fields of BlobProto. */
#define BLOB_WIDTH 4
#define BLOB_DATA 5
#define BLOB_SHAPE 7
#define BLOB_DOUBLE_DATA 8

/* The numbers of the fields of a generation's layers. */
typedef struct
{
  guint64 layer;       /* in NetParameter */
  guint64 name;
  guint64 bottom;
  guint64 top;
  guint64 blobs;
  guint64 convolution;
} Generation;

static const Generation generations[] = {
  { .layer = 2, .name = 4, .bottom = 2, .top = 3, .blobs = 6, .convolution = 10 },
  { .layer = 100, .name = 1, .bottom = 3, .top = 4, .blobs = 7, .convolution = 106 },
};

/* Numbers end to end (@pitch is their size) or each behind a tag. */
typedef struct
{
  guint64 offset;
  gint64  n_elements;
  gsize   pitch;
} Run;

typedef struct
{
  PspCheckpointIndex *index;
  PspWireReader      *wire;
  PspCaffeLayers     *layers;
  char                name[MAX_NAME_BYTES + 1]; /* of the layer; empty until it is found */
  char                bottom[MAX_NAME_BYTES + 1];
  char                top[MAX_NAME_BYTES + 1];
  GByteArray         *convolution;              /* its ConvolutionParameter */
  GByteArray         *blob;                     /* a BlobProto without its numbers */
  GArray             *tensors;                  /* of PspStoredTensor: the layer's blobs */
} Reader;

static void
reader_clear (Reader *reader)
{
  g_clear_pointer (&reader->wire, psp_wire_reader_free);
  g_clear_pointer (&reader->layers, psp_caffe_layers_free);
  g_clear_pointer (&reader->convolution, g_byte_array_unref);
  g_clear_pointer (&reader->blob, g_byte_array_unref);
  g_clear_pointer (&reader->tensors, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)
static void
blob_free (PspCaffe__BlobProto *blob)
{
  psp_caffe__blob_proto__free_unpacked (blob, NULL);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspCaffe__BlobProto, blob_free)

static void
convolution_free (PspCaffe__ConvolutionParameter *convolution)
{
  psp_caffe__convolution_parameter__free_unpacked (convolution, NULL);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspCaffe__ConvolutionParameter, convolution_free)

static gboolean
fail (const Reader  *reader,
      PspError       code,
      const char    *reason,
      GError       **error)
{
  g_set_error (error, PSP_ERROR, code, "%s: the Caffe layer “%s” %s", reader->index->file->path,
               reader->name, reason);
  return FALSE;
}

/* Adds @n_bytes of the file to @message; pieces of one message add up to it. */
static gboolean
append (const Reader  *reader,
        GByteArray    *message,
        guint64        offset,
        guint64        n_bytes,
        GError       **error)
{
  guint n_before = message->len;

  if (n_bytes > MAX_MESSAGE_BYTES - n_before)
    return fail (reader, PSP_ERROR_BAD_FILE, "is described at more length than any is", error);
  /* A message may be empty, and then an array without memory. */
  if (n_bytes == 0)
    return TRUE;
  g_byte_array_set_size (message, n_before + (guint) n_bytes);
  return psp_file_reader_read (reader->index->file, offset, message->data + n_before,
                               (gsize) n_bytes, error);
}

/* Reads @field into @text, of MAX_NAME_BYTES and one more. */
static gboolean
take_name (Reader              *reader,
           const PspWireField  *field,
           char                *text,
           GError             **error)
{
  char name[MAX_NAME_BYTES];

  if (field->n_bytes > sizeof name)
    return fail (reader, PSP_ERROR_BAD_FILE, "has a name of more than 256 bytes", error);
  if (!psp_file_reader_read (reader->index->file, field->content, name, (gsize) field->n_bytes,
                             error))
    return FALSE;
  if (!g_utf8_validate_len (name, (gsize) field->n_bytes, NULL))
    return fail (reader, PSP_ERROR_BAD_FILE, "has a name that is not text", error);
  memcpy (text, name, (gsize) field->n_bytes);
  text[field->n_bytes] = '\0';
  return TRUE;
}

/* Packed numbers, or one number. */
static gboolean
add_to_run (const Reader        *reader,
            Run                 *run,
            const PspWireField  *field,
            gsize                size,
            GError             **error)
{
  gboolean is_packed = field->type == PSP_WIRE_BYTES;
  gboolean follows = run->pitch > size &&
                     field->content == run->offset + (guint64) run->n_elements * run->pitch;

  if (is_packed ? field->n_bytes % size != 0 : field->n_bytes != size)
    return fail (reader, PSP_ERROR_BAD_FILE, "has a damaged blob", error);
  if (field->n_bytes == 0)
    return TRUE;
  if (run->n_elements > 0 && (is_packed || !follows))
    return fail (reader, PSP_ERROR_UNSUPPORTED,
                 "has a blob whose numbers are in several pieces; load and save it with Caffe",
                 error);

  if (run->n_elements == 0)
    *run = (Run) {
      .offset = field->content,
      .pitch = is_packed ? size : (gsize) (field->content + field->n_bytes - field->offset),
    };
  run->n_elements += (gint64) (field->n_bytes / size);
  return TRUE;
}

/* Finds @single and @precise numbers, and collects what else counts. */
static gboolean
walk_blob (Reader              *reader,
           const PspWireField  *blob,
           Run                 *single,
           Run                 *precise,
           GError             **error)
{
  guint64 end = blob->content + blob->n_bytes;
  PspWireField field;

  g_byte_array_set_size (reader->blob, 0);
  for (guint64 offset = blob->content; offset < end;)
    {
      gboolean is_fine = psp_wire_reader_next (reader->wire, &offset, end, &field, error);

      if (is_fine && field.number == BLOB_DATA)
        is_fine = add_to_run (reader, single, &field, sizeof (float), error);
      else if (is_fine && field.number == BLOB_DOUBLE_DATA)
        is_fine = add_to_run (reader, precise, &field, sizeof (double), error);
      else if (is_fine && (field.number <= BLOB_WIDTH || field.number == BLOB_SHAPE))
        is_fine = append (reader, reader->blob, field.offset, offset - field.offset, error);
      if (!is_fine)
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_shape (const Reader     *reader,
            PspStoredTensor  *tensor,
            GError          **error)
{
  g_autoptr(PspCaffe__BlobProto) blob = psp_caffe__blob_proto__unpack (NULL, reader->blob->len,
                                                                       reader->blob->data);
  PspCheckpointEntry *entry = &tensor->entry;

  if (blob == NULL)
    return fail (reader, PSP_ERROR_BAD_FILE, "has a damaged blob", error);
  if (blob->has_num || blob->has_channels || blob->has_height || blob->has_width)
    {
      const gint64 shape[] = { blob->num, blob->channels, blob->height, blob->width };

      entry->n_dimensions = G_N_ELEMENTS (shape);
      memcpy (entry->shape, shape, sizeof shape);
    }
  else if (blob->shape != NULL)
    {
      if (blob->shape->n_dim > PSP_TENSOR_MAX_DIMENSIONS)
        return fail (reader, PSP_ERROR_BAD_FILE, "has a blob of more than 8 dimensions", error);
      entry->n_dimensions = (int) blob->shape->n_dim;
      for (gsize i = 0; i < blob->shape->n_dim; i++)
        entry->shape[i] = blob->shape->dim[i];
    }
  psp_stored_tensor_set_contiguous (tensor);
  return TRUE;
}

static gboolean
check_count (const Reader           *reader,
             const PspStoredTensor  *tensor,
             GError                **error)
{
  gint64 n_elements;
  g_autofree char *shape = NULL;

  if (psp_stored_tensor_count (tensor, &n_elements) && n_elements == tensor->storage_elements)
    return TRUE;

  shape = psp_shape_to_string (tensor->entry.n_dimensions, tensor->entry.shape);
  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
               "%s: blob %u of the Caffe layer “%s” has the shape %s, but %" G_GINT64_FORMAT
               " numbers", reader->index->file->path, reader->tensors->len, reader->name, shape,
               tensor->storage_elements);
  return FALSE;
}

static gboolean
read_blob (Reader              *reader,
           const PspWireField  *blob,
           GError             **error)
{
  Run single = { 0 };
  Run precise = { 0 };
  const Run *run;
  PspStoredTensor tensor = { 0 };

  if (reader->tensors->len == MAX_BLOBS_PER_LAYER)
    return fail (reader, PSP_ERROR_BAD_FILE, "has more than 64 blobs", error);
  if (!walk_blob (reader, blob, &single, &precise, error) || !read_shape (reader, &tensor, error))
    return FALSE;

  run = precise.n_elements > 0 ? &precise : &single;
  tensor.entry.dtype = run == &precise ? PSP_DTYPE_F64 : PSP_DTYPE_F32;
  tensor.storage_offset = run->offset;
  tensor.storage_elements = run->n_elements;
  tensor.pitch = run->pitch;
  if (!check_count (reader, &tensor, error))
    return FALSE;
  g_array_append_val (reader->tensors, tensor);
  return TRUE;
}

/* Puts @numbers, if there are any, under “caffe.NAME.@what”. */
static void
add_metadata (const Reader   *reader,
              const char     *what,
              const guint32  *numbers,
              gsize           n_numbers)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (gsize i = 0; i < n_numbers; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? "," : "", numbers[i]);
  if (n_numbers > 0)
    g_hash_table_insert (reader->index->metadata,
                         g_strdup_printf ("caffe.%s.%s", reader->name, what),
                         g_strdup (text->str));
}

static gboolean
read_convolution (const Reader  *reader,
                  GError       **error)
{
  g_autoptr(PspCaffe__ConvolutionParameter) convolution =
    psp_caffe__convolution_parameter__unpack (NULL, reader->convolution->len,
                                              reader->convolution->data);

  if (convolution == NULL || convolution->n_stride > MAX_STRIDES ||
      convolution->n_dilation > MAX_STRIDES)
    return fail (reader, PSP_ERROR_BAD_FILE, "has damaged parameters of a convolution", error);

  if (convolution->has_stride_h || convolution->has_stride_w)
    {
      const guint32 strides[] = {
        convolution->has_stride_h ? convolution->stride_h : 1,
        convolution->has_stride_w ? convolution->stride_w : 1,
      };

      add_metadata (reader, "stride", strides, G_N_ELEMENTS (strides));
    }
  else
    {
      add_metadata (reader, "stride", convolution->stride, convolution->n_stride);
    }
  add_metadata (reader, "dilation", convolution->dilation, convolution->n_dilation);
  return TRUE;
}

/* After the whole layer was walked: its name may come behind its blobs. */
static gboolean
add_layer (Reader  *reader,
           GError **error)
{
  g_auto(PspCaffeLayer) layer = { 0 };

  if (reader->name[0] == '\0')
    return fail (reader, PSP_ERROR_BAD_FILE, "has blobs, but no name", error);
  layer.name = g_strdup (reader->name);
  layer.bottom = g_strdup (reader->bottom);
  layer.top = g_strdup (reader->top);
  layer.tensors = g_steal_pointer (&reader->tensors);
  reader->tensors = g_array_new (FALSE, FALSE, sizeof (PspStoredTensor));
  return psp_caffe_layers_take (reader->layers, &layer, error) && read_convolution (reader, error);
}

/* One field of a layer; others than these do not count, nor do further bottoms and tops. */
static gboolean
read_field (Reader              *reader,
            const Generation    *generation,
            const PspWireField  *field,
            GError             **error)
{
  if (field->type != PSP_WIRE_BYTES)
    return TRUE;
  if (field->number == generation->name)
    return take_name (reader, field, reader->name, error);
  if (field->number == generation->bottom && reader->bottom[0] == '\0')
    return take_name (reader, field, reader->bottom, error);
  if (field->number == generation->top && reader->top[0] == '\0')
    return take_name (reader, field, reader->top, error);
  if (field->number == generation->blobs)
    return read_blob (reader, field, error);
  if (field->number == generation->convolution)
    return append (reader, reader->convolution, field->content, field->n_bytes, error);
  return TRUE;
}

static gboolean
read_layer (Reader              *reader,
            const Generation    *generation,
            const PspWireField  *layer,
            GError             **error)
{
  guint64 end = layer->content + layer->n_bytes;
  PspWireField field;

  reader->name[0] = reader->bottom[0] = reader->top[0] = '\0';
  g_byte_array_set_size (reader->convolution, 0);
  g_array_set_size (reader->tensors, 0);
  for (guint64 offset = layer->content; offset < end;)
    if (!psp_wire_reader_next (reader->wire, &offset, end, &field, error) ||
        !read_field (reader, generation, &field, error))
      return FALSE;
  return reader->tensors->len == 0 || add_layer (reader, error);
}

static gboolean
read_net (Reader  *reader,
          GError **error)
{
  guint64 end = reader->index->file->n_bytes;
  PspWireField field;

  for (guint64 offset = 0; offset < end;)
    {
      if (!psp_wire_reader_next (reader->wire, &offset, end, &field, error))
        return FALSE;
      for (guint i = 0; i < G_N_ELEMENTS (generations); i++)
        if (field.type == PSP_WIRE_BYTES && field.number == generations[i].layer &&
            !read_layer (reader, &generations[i], &field, error))
          return FALSE;
    }
  return TRUE;
}

gboolean
psp_caffe_read (PspCheckpointIndex  *index,
                GError             **error)
{
  g_auto(Reader) reader = {
    .index = index,
    .wire = psp_wire_reader_new (index->file),
    .layers = psp_caffe_layers_new (index),
    .convolution = g_byte_array_new (),
    .blob = g_byte_array_new (),
    .tensors = g_array_new (FALSE, FALSE, sizeof (PspStoredTensor)),
  };

  if (!read_net (&reader, error) || !psp_caffe_layers_finish (reader.layers, error))
    return FALSE;
  if (index->tensors->len > 0)
    return TRUE;
  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: this looks like a Caffe model, but no layer has blobs; name the .caffemodel "
               "file, not the network's description or the solver's state", index->file->path);
  return FALSE;
}
