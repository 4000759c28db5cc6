/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-mapping.h"

#include "engine/dataset/psp-builtin.h"
#include "engine/dataset/psp-taxonomy-file.h"
#include "engine/dataset/psp-text-file.h"

#define UNLABELED "unlabeled"
#define NOT_MAPPED -2

/* The tables in data/mappings: SOURCE_to_TARGET.tsv between two built-in taxonomies. */
static const struct
{
  const char *source;
  const char *target;
} builtin_tables[] = {
  { "camvid-11", "mseg-universal" },
};

struct _PspMapping
{
  PspTaxonomy *source;
  PspTaxonomy *target;
  int         *target_ids; /* for each class of the source; PSP_MAPPING_IGNORED: none */
};

static PspMapping *
mapping_new (PspTaxonomy *source,
             PspTaxonomy *target)
{
  PspMapping *self = g_new0 (PspMapping, 1);
  int n_classes = psp_taxonomy_get_n_classes (source);

  self->source = psp_taxonomy_ref (source);
  self->target = psp_taxonomy_ref (target);
  self->target_ids = g_new (int, n_classes);
  for (int i = 0; i < n_classes; i++)
    self->target_ids[i] = NOT_MAPPED;
  return self;
}

void
psp_mapping_free (PspMapping *self)
{
  psp_taxonomy_unref (self->source);
  psp_taxonomy_unref (self->target);
  g_free (self->target_ids);
  g_free (self);
}

static gboolean
add_pair (PspMapping  *self,
          const char  *source_name,
          const char  *target_name,
          GError     **error)
{
  int source_id = psp_taxonomy_find (self->source, source_name);
  int target_id = psp_taxonomy_find (self->target, target_name);

  if (source_id < 0 && g_str_equal (source_name, UNLABELED) && g_str_equal (target_name, UNLABELED))
    return TRUE;
  if (source_id < 0)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "%s has no class “%s”",
                   psp_taxonomy_get_name (self->source), source_name);
      return FALSE;
    }
  if (target_id < 0 && !g_str_equal (target_name, UNLABELED))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "%s has no class “%s”",
                   psp_taxonomy_get_name (self->target), target_name);
      return FALSE;
    }
  if (self->target_ids[source_id] != NOT_MAPPED)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "“%s” is mapped a second time",
                   source_name);
      return FALSE;
    }

  self->target_ids[source_id] = target_id < 0 ? PSP_MAPPING_IGNORED : target_id;
  return TRUE;
}

static gboolean
add_line (PspMapping  *self,
          char        *line,
          gboolean     is_header,
          GError     **error)
{
  g_auto(GStrv) cells = g_strsplit (line, "\t", -1);

  if (g_strv_length (cells) != 2 || *cells[0] == '\0' || *cells[1] == '\0')
    {
      g_set_error_literal (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                           "there are not two names separated by one tab");
      return FALSE;
    }
  return is_header || add_pair (self, cells[0], cells[1], error);
}

static gboolean
check_complete (const PspMapping  *self,
                const char        *origin,
                GError           **error)
{
  for (int i = 0; i < psp_taxonomy_get_n_classes (self->source); i++)
    if (self->target_ids[i] == NOT_MAPPED)
      {
        g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "%s: the class “%s” of %s is not mapped",
                     origin, psp_taxonomy_get_class_name (self->source, i),
                     psp_taxonomy_get_name (self->source));
        return FALSE;
      }
  return TRUE;
}

PspMapping *
psp_mapping_parse (const char   *text,
                   const char   *origin,
                   PspTaxonomy  *source,
                   PspTaxonomy  *target,
                   GError      **error)
{
  g_autoptr(PspMapping) self = mapping_new (source, target);
  g_auto(GStrv) lines = psp_text_split_lines (text);

  for (int i = 0; lines[i] != NULL; i++)
    if (!add_line (self, lines[i], i == 0, error))
      {
        g_prefix_error (error, "%s: line %d: ", origin, i + 1);
        return NULL;
      }
  return check_complete (self, origin, error) ? g_steal_pointer (&self) : NULL;
}

PspMapping *
psp_mapping_load (const char   *path,
                  PspTaxonomy  *source,
                  PspTaxonomy  *target,
                  GError      **error)
{
  g_autofree char *text = psp_text_file_load (path, error);

  return text != NULL ? psp_mapping_parse (text, path, source, target, error) : NULL;
}

/* The table between two built-in taxonomies, for the @source in whatever order its classes are. */
static PspMapping *
load_table (const char   *source_name,
            const char   *target_name,
            PspTaxonomy  *source,
            GError      **error)
{
  g_autofree char *name = g_strdup_printf ("mappings/%s_to_%s.tsv", source_name, target_name);
  g_autofree char *text = psp_builtin_load (name, error);
  g_autoptr(PspTaxonomy) target = NULL;

  if (text == NULL)
    return NULL;
  target = psp_taxonomy_load_builtin (target_name, error);
  return target != NULL ? psp_mapping_parse (text, name, source, target, error) : NULL;
}

PspMapping *
psp_mapping_load_builtin (const char  *source_name,
                          const char  *target_name,
                          GError     **error)
{
  g_autoptr(PspTaxonomy) source = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (builtin_tables); i++)
    if (g_str_equal (builtin_tables[i].source, source_name) &&
        g_str_equal (builtin_tables[i].target, target_name))
      {
        source = psp_taxonomy_load_builtin (source_name, error);
        return source != NULL ? load_table (source_name, target_name, source, error) : NULL;
      }

  g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND,
               "there is no built-in mapping from %s to %s", source_name, target_name);
  return NULL;
}

/* Every class is the one of its name; %NULL if @target lacks one. */
static PspMapping *
map_by_name (PspTaxonomy *source,
             PspTaxonomy *target)
{
  g_autoptr(PspMapping) self = mapping_new (source, target);

  for (int i = 0; i < psp_taxonomy_get_n_classes (source); i++)
    {
      self->target_ids[i] = psp_taxonomy_find (target, psp_taxonomy_get_class_name (source, i));
      if (self->target_ids[i] < 0)
        return NULL;
    }
  return g_steal_pointer (&self);
}

PspMapping *
psp_mapping_find_builtin (PspTaxonomy  *source,
                          const char   *target_name,
                          GError      **error)
{
  g_autoptr(PspTaxonomy) target = psp_taxonomy_load_builtin (target_name, error);
  g_autoptr(PspTaxonomy) known = NULL;
  g_autoptr(PspMapping) by_name = NULL;

  if (target == NULL)
    return NULL;

  known = psp_taxonomy_find_builtin_for (source);
  for (gsize i = 0; known != NULL && i < G_N_ELEMENTS (builtin_tables); i++)
    if (g_str_equal (builtin_tables[i].source, psp_taxonomy_get_name (known)) &&
        g_str_equal (builtin_tables[i].target, target_name))
      return load_table (builtin_tables[i].source, target_name, source, error);

  by_name = map_by_name (source, target);
  if (by_name != NULL)
    return g_steal_pointer (&by_name);

  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "the classes of “%s” cannot be mapped to %s: that is known for the classes of %s "
               "and for class names of %s itself", psp_taxonomy_get_name (source), target_name,
               builtin_tables[0].source, target_name);
  return NULL;
}

PspTaxonomy *
psp_mapping_get_source (const PspMapping *self)
{
  return self->source;
}

PspTaxonomy *
psp_mapping_get_target (const PspMapping *self)
{
  return self->target;
}

int
psp_mapping_get_target_id (const PspMapping *self,
                           int               source_id)
{
  return source_id >= 0 && source_id < psp_taxonomy_get_n_classes (self->source)
         ? self->target_ids[source_id] : PSP_MAPPING_IGNORED;
}

PspMask *
psp_mapping_apply (const PspMapping  *self,
                   const PspMask     *mask,
                   GError           **error)
{
  int bit_depth = psp_taxonomy_get_n_classes (self->target) <= 255 ? 8 : 16;
  PspMask *result = psp_mask_new (mask->size, bit_depth, error);
  gsize n_pixels = (gsize) mask->size.width * mask->size.height;
  guint16 ignore = psp_mask_get_ignore (mask);

  if (result == NULL)
    return NULL;

  /* A new mask is ignored everywhere: what has no target stays so. */
  for (gsize i = 0; i < n_pixels; i++)
    {
      int target_id = mask->pixels[i] != ignore ? psp_mapping_get_target_id (self, mask->pixels[i])
                                                : PSP_MAPPING_IGNORED;

      if (target_id != PSP_MAPPING_IGNORED)
        result->pixels[i] = (guint16) target_id;
    }
  return result;
}
