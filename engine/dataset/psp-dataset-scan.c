/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-dataset-scan.h"

#include "engine/dataset/psp-file-list.h"
#include "engine/dataset/psp-text-file.h"
#include "engine/formats/psp-image-file.h"

#include <string.h>

PspDatasetScan *
psp_dataset_scan_new (const char *skipped)
{
  PspDatasetScan *self = g_new0 (PspDatasetScan, 1);

  self->skipped = skipped;
  self->items = g_array_new (FALSE, TRUE, sizeof (PspDatasetItem));
  self->stems = g_hash_table_new (g_str_hash, g_str_equal);
  self->problems = g_ptr_array_new_with_free_func (g_free);
  self->remarks = g_ptr_array_new_with_free_func (g_free);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
psp_dataset_scan_free (PspDatasetScan *self)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      PspDatasetItem *item = &g_array_index (self->items, PspDatasetItem, i);

      g_free ((char *) item->stem);
      g_free ((char *) item->image_path);
      g_free ((char *) item->label_path);
    }
  g_array_unref (self->items);
  g_hash_table_unref (self->stems);
  g_ptr_array_unref (self->problems);
  g_ptr_array_unref (self->remarks);
  g_ptr_array_unref (self->notes);
  g_free (self);
}

G_GNUC_PRINTF (2, 0)
static void
add_sentence (GPtrArray  *sentences,
              const char *format,
              va_list     arguments)
{
  g_autofree char *text = g_strdup_vprintf (format, arguments);

  g_ptr_array_add (sentences, g_utf8_make_valid (text, -1));
}

void
psp_dataset_scan_problem (PspDatasetScan *self,
                          const char     *format,
                          ...)
{
  va_list arguments;

  va_start (arguments, format);
  add_sentence (self->problems, format, arguments);
  va_end (arguments);
}

void
psp_dataset_scan_remark (PspDatasetScan *self,
                         const char     *format,
                         ...)
{
  va_list arguments;

  va_start (arguments, format);
  add_sentence (self->remarks, format, arguments);
  va_end (arguments);
}

void
psp_dataset_scan_note (PspDatasetScan *self,
                       const char     *format,
                       ...)
{
  va_list arguments;

  va_start (arguments, format);
  add_sentence (self->notes, format, arguments);
  va_end (arguments);
}

typedef enum
{
  FILE_OTHER,   /* passed over without a word: notes, sums, … */
  FILE_PNG,
  FILE_JPEG,
  FILE_FOREIGN, /* a picture that is not read */
} FileKind;

static FileKind
kind_of (const char *path)
{
  static const struct
  {
    const char *extension;
    FileKind    kind;
  } kinds[] = {
    { "png", FILE_PNG }, { "jpg", FILE_JPEG }, { "jpeg", FILE_JPEG },
    { "bmp", FILE_FOREIGN }, { "gif", FILE_FOREIGN }, { "webp", FILE_FOREIGN },
    { "tif", FILE_FOREIGN }, { "tiff", FILE_FOREIGN }, { "ppm", FILE_FOREIGN },
    { "heic", FILE_FOREIGN }, { "avif", FILE_FOREIGN }, { "jp2", FILE_FOREIGN },
  };
  const char *dot = strrchr (path, '.');

  for (gsize i = 0; dot != NULL && i < G_N_ELEMENTS (kinds); i++)
    if (g_ascii_strcasecmp (dot + 1, kinds[i].extension) == 0)
      return kinds[i].kind;
  return FILE_OTHER;
}

/* @path without what follows the last full stop of its last part. */
static char *
stem_of (const char *path)
{
  const char *slash = strrchr (path, '/');
  const char *dot = strrchr (path, '.');

  return dot != NULL && dot > (slash != NULL ? slash + 1 : path) ? g_strndup (path, dot - path)
                                                                  : g_strdup (path);
}

static PspDatasetItem *
find_item (PspDatasetScan *self,
           const char     *stem)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (self->stems, stem));

  return place > 0 ? &g_array_index (self->items, PspDatasetItem, place - 1) : NULL;
}

/* Adds an image unless its stem is taken or not UTF-8. */
static void
add_item (PspDatasetScan *self,
          const char     *stem,
          const char     *image_path,
          const char     *label_path)
{
  const PspDatasetItem *other = find_item (self, stem);
  PspDatasetItem item;

  if (other != NULL)
    {
      psp_dataset_scan_problem (self, "%s: left out, because %s has the same name", image_path,
                                other->image_path);
      return;
    }

  if (!g_utf8_validate (stem, -1, NULL))
    {
      psp_dataset_scan_problem (self, "%s: left out, because its name is not UTF-8", image_path);
      return;
    }

  item = (PspDatasetItem) { g_strdup (stem), g_strdup (image_path), g_strdup (label_path) };
  g_array_append_val (self->items, item);
  g_hash_table_insert (self->stems, (char *) item.stem, GUINT_TO_POINTER (self->items->len));
}

void
psp_dataset_scan_add_file (PspDatasetScan *self,
                           const char     *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *stem = stem_of (name);
  g_autoptr(GError) error = NULL;
  FileKind kind = kind_of (name);
  PspImageInfo info;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    psp_dataset_scan_problem (self, "%s: there is no such file", path);
  else if (kind != FILE_PNG && kind != FILE_JPEG && !psp_image_probe (path, &info, &error))
    psp_dataset_scan_problem (self, "%s", error->message);
  else
    add_item (self, stem, path, NULL);
}

/* All images in @folder and below it, without labels. */
static gboolean
read_images (PspDatasetScan  *self,
             const char      *folder,
             GCancellable    *cancellable,
             GError         **error)
{
  g_autoptr(GPtrArray) files = psp_file_list (folder, self->skipped, self->problems, cancellable,
                                               error);

  if (files == NULL)
    return FALSE;

  for (guint i = 0; i < files->len; i++)
    {
      const char *relative = g_ptr_array_index (files, i);
      g_autofree char *stem = stem_of (relative);
      g_autofree char *path = g_build_filename (folder, relative, NULL);
      FileKind kind = kind_of (relative);

      if (kind == FILE_PNG || kind == FILE_JPEG)
        add_item (self, stem, path, NULL);
      else if (kind == FILE_FOREIGN)
        psp_dataset_scan_problem (self, "%s: left out; PNG and JPEG are read", path);
    }
  return TRUE;
}

static void
add_label (PspDatasetScan *self,
           const char     *folder,
           const char     *relative)
{
  g_autofree char *stem = stem_of (relative);
  g_autofree char *path = g_build_filename (folder, relative, NULL);
  PspDatasetItem *item = find_item (self, stem);
  FileKind kind = kind_of (relative);

  if (kind == FILE_OTHER)
    return;

  if (kind != FILE_PNG)
    psp_dataset_scan_remark (self, "%s: left out; labels are PNG files", path);
  else if (item == NULL)
    psp_dataset_scan_remark (self, "%s: there is no image for this label", path);
  else if (item->label_path != NULL)
    psp_dataset_scan_remark (self, "%s: left out, because %s has the same name", path,
                             item->label_path);
  else
    item->label_path = g_steal_pointer (&path);
}

/* Gives the images the labels in @folder. */
static gboolean
read_labels (PspDatasetScan  *self,
             const char      *folder,
             GCancellable    *cancellable,
             GError         **error)
{
  g_autoptr(GError) list_error = NULL;
  g_autoptr(GPtrArray) files = psp_file_list (folder, self->skipped, self->remarks, cancellable,
                                               &list_error);

  if (g_error_matches (list_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&list_error));
      return FALSE;
    }
  if (files == NULL)
    {
      psp_dataset_scan_remark (self, "%s", list_error->message);
      return TRUE;
    }

  for (guint i = 0; i < files->len; i++)
    add_label (self, folder, g_ptr_array_index (files, i));
  for (guint i = 0; i < self->items->len; i++)
    {
      const PspDatasetItem *item = &g_array_index (self->items, PspDatasetItem, i);

      if (item->label_path == NULL)
        psp_dataset_scan_remark (self, "%s: there is no label for this image", item->image_path);
    }
  return TRUE;
}

/* Whether @path, from a list, stays below the dataset's folder. */
static gboolean
is_below (const char *path)
{
  g_auto(GStrv) parts = g_strsplit (path, "/", -1);

  return *path != '\0' && !g_path_is_absolute (path) &&
         !g_strv_contains ((const char * const *) parts, "..");
}

/* One line “IMAGE LABEL” or “IMAGE” of a list.txt; paths are relative to @folder. */
static void
add_listed (PspDatasetScan *self,
            const char     *folder,
            const char     *line,
            int             number)
{
  g_auto(GStrv) words = g_strsplit (line, " ", -1);
  guint n_words = g_strv_length (words);
  g_autofree char *image_path = NULL;
  g_autofree char *label_path = NULL;
  g_autofree char *stem = NULL;

  if (n_words < 1 || n_words > 2 || !is_below (words[0]) || (n_words == 2 && !is_below (words[1])))
    {
      psp_dataset_scan_problem (self, "%s/list.txt: line %d is not an image and a label below the "
                                "folder, separated by one space", folder, number);
      return;
    }

  image_path = g_build_filename (folder, words[0], NULL);
  stem = stem_of (words[0] + (g_str_has_prefix (words[0], "images/") ? strlen ("images/") : 0));
  if (!g_file_test (image_path, G_FILE_TEST_IS_REGULAR))
    {
      psp_dataset_scan_problem (self, "%s: there is no such file, but list.txt names it in line %d",
                                image_path, number);
      return;
    }

  label_path = n_words == 2 ? g_build_filename (folder, words[1], NULL) : NULL;
  if (label_path != NULL && !g_file_test (label_path, G_FILE_TEST_IS_REGULAR))
    {
      psp_dataset_scan_remark (self, "%s: there is no such file, but list.txt names it in line %d",
                               label_path, number);
      g_clear_pointer (&label_path, g_free);
    }
  add_item (self, stem, image_path, label_path);
}

/* Takes what list.txt names.  A list that cannot be read is a problem and nothing more. */
static gboolean
read_list (PspDatasetScan  *self,
           const char      *folder,
           GCancellable    *cancellable,
           GError         **error)
{
  g_autofree char *path = g_build_filename (folder, "list.txt", NULL);
  g_autoptr(GError) list_error = NULL;
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  text = psp_text_file_load (path, &list_error);
  if (text == NULL)
    {
      psp_dataset_scan_problem (self, "%s", list_error->message);
      return TRUE;
    }

  lines = psp_text_split_lines (text);
  for (int i = 0; lines[i] != NULL; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      add_listed (self, folder, lines[i], i + 1);
    }
  if (self->items->len == 0)
    psp_dataset_scan_problem (self, "%s: no line names an image of the folder; all its images are "
                              "taken", path);
  return TRUE;
}

/* Says how many images a list leaves out. */
static gboolean
count_unlisted (PspDatasetScan  *self,
                const char      *images,
                GCancellable    *cancellable,
                GError         **error)
{
  g_autoptr(PspDatasetScan) all = psp_dataset_scan_new (self->skipped);
  guint n_left_out = 0;

  if (!read_images (all, images, cancellable, error))
    return FALSE;

  for (guint i = 0; i < all->items->len; i++)
    if (find_item (self, g_array_index (all->items, PspDatasetItem, i).stem) == NULL)
      n_left_out++;
  if (n_left_out > 0)
    psp_dataset_scan_note (self, "%s: list.txt leaves out %u of the %u images", images,
                           n_left_out, all->items->len);
  return TRUE;
}

/* images/ and labels/, matched by stem, or what list.txt names. */
static gboolean
read_pairs (PspDatasetScan  *self,
            const char      *folder,
            GCancellable    *cancellable,
            GError         **error)
{
  g_autofree char *images = g_build_filename (folder, "images", NULL);
  g_autofree char *labels = g_build_filename (folder, "labels", NULL);

  if (!read_list (self, folder, cancellable, error))
    return FALSE;
  if (self->items->len > 0)
    return count_unlisted (self, images, cancellable, error);
  if (!read_images (self, images, cancellable, error))
    return FALSE;
  return !g_file_test (labels, G_FILE_TEST_IS_DIR) ||
         read_labels (self, labels, cancellable, error);
}

static gboolean
has_images_folder (const char *folder)
{
  g_autofree char *images = g_build_filename (folder, "images", NULL);

  return g_file_test (images, G_FILE_TEST_IS_DIR);
}

static gboolean
is_any_folder (const char *folder)
{
  return TRUE;
}

/* The first layout that recognises a folder reads it. */
static const struct
{
  const char *name;
  gboolean  (*recognise) (const char *folder);
  gboolean  (*read)      (PspDatasetScan  *self,
                          const char      *folder,
                          GCancellable    *cancellable,
                          GError         **error);
} layouts[] = {
  { "images/ and labels/", has_images_folder, read_pairs },
  { "a folder of images", is_any_folder, read_images },
};

static int
compare_items (gconstpointer a,
               gconstpointer b)
{
  return strcmp (((const PspDatasetItem *) a)->stem, ((const PspDatasetItem *) b)->stem);
}

gboolean
psp_dataset_scan_add_folder (PspDatasetScan  *self,
                             const char      *folder,
                             GCancellable    *cancellable,
                             GError         **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (layouts); i++)
    if (layouts[i].recognise (folder))
      return layouts[i].read (self, folder, cancellable, error);
  return TRUE;
}

void
psp_dataset_scan_sort (PspDatasetScan *self)
{
  g_array_sort (self->items, compare_items);
  for (guint i = 0; i < self->items->len; i++)
    g_hash_table_insert (self->stems, (char *) g_array_index (self->items, PspDatasetItem, i).stem,
                         GUINT_TO_POINTER (i + 1));
}
