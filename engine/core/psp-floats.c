/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-floats.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Arrays from this size on have pages of their own. */
#define LARGE_BYTES (1 << 20)

/* Where large pages begin: at multiples of this on x86-64 and on most others. */
#define PAGE_BYTES ((gsize) 2 << 20)

/* Pages of @n_bytes that begin where a large page can. */
static void *
map_pages (gsize n_bytes)
{
  guint8 *all = mmap (NULL, n_bytes + PAGE_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  gsize before;

  if (all == MAP_FAILED)
    return NULL;

  before = (PAGE_BYTES - (gsize) all % PAGE_BYTES) % PAGE_BYTES;
  if (before > 0)
    (void) munmap (all, before);
  (void) munmap (all + before + n_bytes, PAGE_BYTES - before);
#ifdef MADV_HUGEPAGE
  (void) madvise (all + before, n_bytes, MADV_HUGEPAGE);
#endif
  return all + before;
}

/* Bytes of @n_elements; of large arrays whole pages of any system. */
static gsize
count_bytes (gsize n_elements)
{
  const gsize page = 1 << 16;
  gsize n_bytes = n_elements * sizeof (float);

  return n_bytes < LARGE_BYTES ? n_bytes : (n_bytes + page - 1) / page * page;
}

float *
psp_floats_new (gsize n_elements)
{
  gsize n_bytes;
  void *floats;

  if (n_elements > G_MAXSSIZE / sizeof (float) - PAGE_BYTES)
    return NULL;
  n_bytes = count_bytes (n_elements);
  if (n_bytes >= LARGE_BYTES)
    return map_pages (n_bytes);
  if (posix_memalign (&floats, PSP_FLOATS_ALIGNMENT, n_bytes) != 0)
    return NULL;
  return memset (floats, 0, n_bytes);
}

void
psp_floats_free (float *floats,
                 gsize  n_elements)
{
  if (floats != NULL && count_bytes (n_elements) >= LARGE_BYTES)
    (void) munmap (floats, count_bytes (n_elements));
  else
    free (floats);
}

typedef struct
{
  float *floats;
  gsize  n_elements;
} Array;

static void
free_array (gpointer data)
{
  Array *self = data;

  psp_floats_free (self->floats, self->n_elements);
  g_free (self);
}

GBytes *
psp_floats_to_bytes (float *floats,
                     gsize  n_elements)
{
  Array *array = g_new (Array, 1);

  *array = (Array) { floats, n_elements };
  return g_bytes_new_with_free_func (floats, n_elements * sizeof *floats, free_array, array);
}
