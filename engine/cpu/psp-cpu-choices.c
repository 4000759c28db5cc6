/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-choices.h"

#include "engine/psp-version.h"

#include <cblas.h>
#include <string.h>

/* Far more than any number of networks needs. */
#define MAX_FILE_BYTES (1 << 20)

/* Of the methods: what was measured when one of them was slower counts no more. */
#define REVISION 2

struct _PspCpuChoices
{
  char       *path;
  GHashTable *methods; /* name of a class to its word in @words */
};

/* What the file calls the methods; %NULL: never written. */
static const char *const words[] = {
  [PSP_CONVOLUTION_AUTOMATIC] = NULL,
  [PSP_CONVOLUTION_DIRECT] = "direct",
  [PSP_CONVOLUTION_WINOGRAD] = "winograd",
};

char *
psp_cpu_choices_get_path (void)
{
  g_autofree char *name = g_strdup_printf ("convolutions-%s.txt", openblas_get_corename ());

  return g_build_filename (g_get_user_cache_dir (), "scenescope", name, NULL);
}

/* “512x512 dilation 4 pixels 2^11”, without spaces. */
static char *
name_class (const PspConvolution *operation)
{
  const PspMap *destination = &operation->destination;
  gulong n_pixels = (gulong) destination->batch * destination->height * destination->width;

  return g_strdup_printf ("%dx%d-dilation%d-pixels2^%u", operation->source.channels,
                          destination->channels, operation->dilation,
                          g_bit_storage (n_pixels) - 1);
}

/* (transfer full): the first two lines of a file with @content. */
static char *
make_header (const char *content)
{
  g_autofree char *checksum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, content, -1);

  return g_strdup_printf ("Scenescope %s convolutions, revision %d, on %s\n%s\n", PSP_VERSION,
                          REVISION, openblas_get_corename (), checksum);
}

static const char *
find_word (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (words[i] != NULL && strcmp (word, words[i]) == 0)
      return words[i];
  return NULL;
}

/* The text behind the header; %NULL unless all is as it was written. */
static const char *
check_file (const char *file)
{
  const char *content = strchr (file, '\n');
  g_autofree char *header = NULL;

  content = content != NULL ? strchr (content + 1, '\n') : NULL;
  if (content == NULL)
    return NULL;

  content++;
  header = make_header (content);
  return strlen (header) == (gsize) (content - file) && g_str_has_prefix (file, header)
         ? content : NULL;
}

static void
read_file (PspCpuChoices *self)
{
  g_autofree char *file = NULL;
  g_auto(GStrv) lines = NULL;
  const char *content;
  gsize length;

  if (!g_file_get_contents (self->path, &file, &length, NULL) || length > MAX_FILE_BYTES)
    return;
  content = check_file (file);
  if (content == NULL)
    return;

  lines = g_strsplit (content, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      char *space = strchr (*line, ' ');
      const char *word = space != NULL ? find_word (space + 1) : NULL;

      if (word == NULL)
        continue;
      *space = '\0';
      /* What this process has computed with stays as it is. */
      if (!g_hash_table_contains (self->methods, *line))
        g_hash_table_insert (self->methods, g_strdup (*line), (gpointer) word);
    }
}

static void
write_file (const PspCpuChoices *self)
{
  g_autofree char *directory = g_path_get_dirname (self->path);
  g_autoptr(GString) content = g_string_new (NULL);
  g_autoptr(GList) names = g_list_sort (g_hash_table_get_keys (self->methods),
                                        (GCompareFunc) strcmp);
  g_autofree char *header = NULL;

  for (GList *name = names; name != NULL; name = name->next)
    g_string_append_printf (content, "%s %s\n", (const char *) name->data,
                            (const char *) g_hash_table_lookup (self->methods, name->data));
  header = make_header (content->str);
  g_string_prepend (content, header);
  if (g_mkdir_with_parents (directory, 0700) == 0)
    g_file_set_contents_full (self->path, content->str, content->len,
                              G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}

PspCpuChoices *
psp_cpu_choices_new (const char *path)
{
  PspCpuChoices *self = g_new0 (PspCpuChoices, 1);

  self->path = g_strdup (path);
  self->methods = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  read_file (self);
  return self;
}

void
psp_cpu_choices_free (PspCpuChoices *self)
{
  g_hash_table_unref (self->methods);
  g_free (self->path);
  g_free (self);
}

PspConvolutionMethod
psp_cpu_choices_find (const PspCpuChoices  *self,
                      const PspConvolution *operation)
{
  g_autofree char *name = name_class (operation);
  const char *word = g_hash_table_lookup (self->methods, name);

  for (int i = 0; word != NULL && i < (int) G_N_ELEMENTS (words); i++)
    if (word == words[i])
      return i;
  return PSP_CONVOLUTION_AUTOMATIC;
}

PspConvolutionMethod
psp_cpu_choices_add (PspCpuChoices        *self,
                     const PspConvolution *operation,
                     PspConvolutionMethod  method)
{
  PspConvolutionMethod known;

  read_file (self);
  known = psp_cpu_choices_find (self, operation);
  if (known != PSP_CONVOLUTION_AUTOMATIC)
    return known;

  g_hash_table_insert (self->methods, name_class (operation), (gpointer) words[method]);
  write_file (self);
  return method;
}
