/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-file-mapping.h"
#include "tests/psp-test-folder.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file of several pages that is mapped. */
#define FILE_BYTES (1 << 20)

typedef struct
{
  PspTestFolder  *folder;
  char           *path;
  PspFileMapping *mapping;
} Fixture;

static void
write_bytes (const char *path,
             int         byte)
{
  g_autofree char *content = g_malloc (FILE_BYTES);
  g_autoptr(GError) error = NULL;

  memset (content, byte, FILE_BYTES);
  g_file_set_contents (path, content, FILE_BYTES, &error);
  g_assert_no_error (error);
}

/* The time of the last change is a second ago, lest a change now goes unseen. */
static void
make_older (const char *path)
{
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = 1000000000 } };

  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr(PspFileReader) file = NULL;
  g_autoptr(GError) error = NULL;

  self->folder = psp_test_folder_new ();
  self->path = psp_test_folder_path (self->folder, "weights");
  write_bytes (self->path, 7);
  make_older (self->path);
  file = psp_file_reader_new (self->path, &error);
  g_assert_no_error (error);
  self->mapping = psp_file_mapping_new (file);
  g_assert_nonnull (self->mapping);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  psp_file_mapping_unref (self->mapping);
  g_free (self->path);
  psp_test_folder_remove (self->folder);
}

static int
sum_bytes (GBytes *bytes)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);
  int sum = 0;

  for (gsize i = 0; i < n_bytes; i++)
    sum += data[i];
  return sum;
}

static void
assert_broken (Fixture    *self,
               PspError    code,
               const char *words)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (psp_file_mapping_check (self->mapping, &error));
  g_assert_error (error, PSP_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, self->path));
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_bytes (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr(GBytes) all = psp_file_mapping_get_bytes (self->mapping, 0, FILE_BYTES);
  g_autoptr(GBytes) some = psp_file_mapping_get_bytes (self->mapping, 100, 50);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (sum_bytes (all), ==, 7 * FILE_BYTES);
  g_assert_true ((const char *) g_bytes_get_data (some, NULL) ==
                 (const char *) g_bytes_get_data (all, NULL) + 100);
  g_assert_true (psp_file_mapping_check (self->mapping, &error));
  g_assert_no_error (error);
}

/* What a reader saw before it was mapped counts, too. */
static void
test_written_before (Fixture       *self,
                     gconstpointer  data)
{
  g_autoptr(PspFileReader) file = psp_file_reader_new (self->path, NULL);
  int descriptor = open (self->path, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (pwrite (descriptor, "x", 1, 100), ==, 1);
  g_assert_cmpint (close (descriptor), ==, 0);
  psp_file_mapping_unref (self->mapping);
  self->mapping = psp_file_mapping_new (file);
  assert_broken (self, PSP_ERROR_BAD_FILE, "was changed");
}

/* Bytes keep the mapping, and the mapping the file. */
static void
test_kept (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr(PspFileReader) file = psp_file_reader_new (self->path, NULL);
  PspFileMapping *mapping = psp_file_mapping_new (file);
  g_autoptr(GBytes) all = psp_file_mapping_get_bytes (mapping, 0, FILE_BYTES);

  psp_file_mapping_unref (mapping);
  g_clear_pointer (&file, psp_file_reader_free);
  g_assert_cmpint (sum_bytes (all), ==, 7 * FILE_BYTES);
}

/* What is gone reads as zeros, in every thread, and is told. */
static gpointer
read_mapping (gpointer data)
{
  g_autoptr(GBytes) all = psp_file_mapping_get_bytes (data, 0, FILE_BYTES);

  return GINT_TO_POINTER (sum_bytes (all));
}

static void
test_cut_off (Fixture       *self,
              gconstpointer  data)
{
  GThread *threads[4];

  g_assert_cmpint (truncate (self->path, FILE_BYTES / 4), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", read_mapping, self->mapping);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (threads[i])), ==, 7 * (FILE_BYTES / 4));
  assert_broken (self, PSP_ERROR_TRUNCATED, "cut off");
}

/* Whoever read zeros gets to know it, even if the file is whole again. */
static void
test_cut_off_for_a_while (Fixture       *self,
                          gconstpointer  data)
{
  g_autoptr(GBytes) all = psp_file_mapping_get_bytes (self->mapping, 0, FILE_BYTES);
  int descriptor;

  g_assert_cmpint (truncate (self->path, 0), ==, 0);
  g_assert_cmpint (sum_bytes (all), ==, 0);
  descriptor = g_open (self->path, O_WRONLY, 0);
  for (int i = 0; i < FILE_BYTES; i += 4096)
    g_assert_cmpint (write (descriptor, memset (g_alloca (4096), 7, 4096), 4096), ==, 4096);
  close (descriptor);
  make_older (self->path);
  assert_broken (self, PSP_ERROR_TRUNCATED, "cut off");
}

static void
test_written (Fixture       *self,
              gconstpointer  data)
{
  int descriptor = g_open (self->path, O_WRONLY, 0);

  g_assert_cmpint (write (descriptor, "x", 1), ==, 1);
  close (descriptor);
  assert_broken (self, PSP_ERROR_BAD_FILE, "changed");
}

static void
test_longer (Fixture       *self,
             gconstpointer  data)
{
  g_assert_cmpint (truncate (self->path, FILE_BYTES + 1), ==, 0);
  assert_broken (self, PSP_ERROR_BAD_FILE, "changed");
}

/* Another file under the same name is another file. */
static void
test_replaced (Fixture       *self,
               gconstpointer  data)
{
  g_autofree char *other = psp_test_folder_path (self->folder, "other");
  g_autoptr(GBytes) all = psp_file_mapping_get_bytes (self->mapping, 0, FILE_BYTES);
  g_autoptr(GError) error = NULL;

  write_bytes (other, 9);
  g_assert_cmpint (g_rename (other, self->path), ==, 0);
  g_assert_cmpint (g_unlink (self->path), ==, 0);
  g_assert_cmpint (sum_bytes (all), ==, 7 * FILE_BYTES);
  g_assert_true (psp_file_mapping_check (self->mapping, &error));
  g_assert_no_error (error);
}

/* No mapping is no failure: the file can be read. */
static void
test_none (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "empty");
  g_autoptr(PspFileReader) file = NULL;

  psp_test_folder_print (folder, "empty", "");
  file = psp_file_reader_new (path, NULL);
  g_assert_null (psp_file_mapping_new (file));
}

/* At some time there is no room for more, and then there is again. */
static void
test_many (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "weights");
  g_autoptr(GPtrArray) mappings =
    g_ptr_array_new_with_free_func ((GDestroyNotify) psp_file_mapping_unref);
  g_autoptr(PspFileReader) file = NULL;
  PspFileMapping *mapping;

  write_bytes (path, 7);
  file = psp_file_reader_new (path, NULL);
  while ((mapping = psp_file_mapping_new (file)) != NULL && mappings->len < 1000)
    g_ptr_array_add (mappings, mapping);
  g_assert_null (mapping);
  g_assert_cmpint (mappings->len, >=, 16);

  g_ptr_array_remove_index (mappings, 3);
  mapping = psp_file_mapping_new (file);
  g_assert_nonnull (mapping);
  g_ptr_array_add (mappings, mapping);
}

/* A fault elsewhere ends the program, as it would without us. */
static void
test_foreign_fault (void)
{
  g_autoptr(PspTestFolder) folder = NULL;
  g_autofree char *path = NULL;
  g_autoptr(PspFileReader) file = NULL;
  g_autoptr(PspFileMapping) mapping = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_failed ();
      return;
    }
  folder = psp_test_folder_new ();
  path = psp_test_folder_path (folder, "weights");
  write_bytes (path, 7);
  file = psp_file_reader_new (path, NULL);
  mapping = psp_file_mapping_new (file);
  g_assert_nonnull (mapping);
  {
    g_autoptr(GMappedFile) foreign = g_mapped_file_new (path, FALSE, NULL);
    volatile const char *content = g_mapped_file_get_contents (foreign);

    g_assert_cmpint (truncate (path, 0), ==, 0);
    g_assert_cmpint (content[0], ==, 7);
  }
}

static void
add_test (const char *path,
          void      (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_test ("/file-mapping/bytes", test_bytes);
  add_test ("/file-mapping/kept", test_kept);
  add_test ("/file-mapping/written-before", test_written_before);
  add_test ("/file-mapping/cut-off", test_cut_off);
  add_test ("/file-mapping/cut-off-for-a-while", test_cut_off_for_a_while);
  add_test ("/file-mapping/written", test_written);
  add_test ("/file-mapping/longer", test_longer);
  add_test ("/file-mapping/replaced", test_replaced);
  g_test_add_func ("/file-mapping/none", test_none);
  g_test_add_func ("/file-mapping/many", test_many);
  g_test_add_func ("/file-mapping/foreign-fault", test_foreign_fault);
  return g_test_run ();
}
