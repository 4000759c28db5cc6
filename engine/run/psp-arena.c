/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-arena.h"

static gboolean
overlap_in_time (const PspArenaValue *a,
                 const PspArenaValue *b)
{
  return a->first_step <= b->last_step && b->first_step <= a->last_step;
}

static int
compare_sizes (gconstpointer a,
               gconstpointer b)
{
  const PspArenaValue *first = *(const PspArenaValue * const *) a;
  const PspArenaValue *second = *(const PspArenaValue * const *) b;

  if (first->n_elements != second->n_elements)
    return first->n_elements > second->n_elements ? -1 : 1;
  return first->first_step - second->first_step;
}

static int
compare_offsets (gconstpointer a,
                 gconstpointer b)
{
  const PspArenaValue *first = *(const PspArenaValue * const *) a;
  const PspArenaValue *second = *(const PspArenaValue * const *) b;

  return first->offset < second->offset ? -1 : first->offset > second->offset;
}

/* The first gap in @piece between the @placed values alive with @value that is wide enough;
 * @placed is sorted by offset. */
static gsize
find_gap (GPtrArray           *placed,
          const PspArenaValue *value,
          int                  piece,
          gsize                alignment)
{
  gsize offset = 0;

  for (guint i = 0; i < placed->len; i++)
    {
      const PspArenaValue *other = g_ptr_array_index (placed, i);

      if (other->piece != piece || !overlap_in_time (value, other))
        continue;
      if (offset + value->n_elements <= other->offset)
        break;
      offset = MAX (offset, other->offset + other->n_elements);
      offset = (offset + alignment - 1) / alignment * alignment;
    }
  return offset;
}

/* In the first piece that has room, or in a new one. */
static void
place (PspArenaValue *value,
       GPtrArray     *placed,
       GArray        *sizes,
       gsize          alignment,
       gsize          limit)
{
  gsize *size;

  g_ptr_array_sort (placed, compare_offsets);
  for (value->piece = 0; value->piece < (int) sizes->len; value->piece++)
    {
      value->offset = find_gap (placed, value, value->piece, alignment);
      if (limit == 0 || value->offset + value->n_elements <= limit)
        break;
    }
  if (value->piece == (int) sizes->len)
    {
      value->offset = 0;
      g_array_set_size (sizes, sizes->len + 1);
    }
  size = &g_array_index (sizes, gsize, value->piece);
  *size = MAX (*size, value->offset + value->n_elements);
}

GArray *
psp_arena_place (PspArenaValue *values,
                 int            n_values,
                 gsize          alignment,
                 gsize          limit)
{
  g_autoptr(GPtrArray) order = g_ptr_array_new ();
  g_autoptr(GPtrArray) placed = g_ptr_array_new ();
  GArray *sizes = g_array_new (FALSE, TRUE, sizeof (gsize));

  for (int i = 0; i < n_values; i++)
    if (values[i].n_elements > 0)
      g_ptr_array_add (order, &values[i]);
  g_ptr_array_sort (order, compare_sizes);

  for (guint i = 0; i < order->len; i++)
    {
      place (g_ptr_array_index (order, i), placed, sizes, alignment, limit);
      g_ptr_array_add (placed, g_ptr_array_index (order, i));
    }
  return sizes;
}
