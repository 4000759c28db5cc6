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

/* The first gap between the @placed values alive with @value that is wide enough. */
static gsize
find_gap (GPtrArray           *placed,
          const PspArenaValue *value,
          gsize                alignment)
{
  gsize offset = 0;

  g_ptr_array_sort (placed, compare_offsets);
  for (guint i = 0; i < placed->len; i++)
    {
      const PspArenaValue *other = g_ptr_array_index (placed, i);

      if (!overlap_in_time (value, other))
        continue;
      if (offset + value->n_elements <= other->offset)
        break;
      offset = MAX (offset, other->offset + other->n_elements);
      offset = (offset + alignment - 1) / alignment * alignment;
    }
  return offset;
}

gsize
psp_arena_place (PspArenaValue *values,
                 int            n_values,
                 gsize          alignment)
{
  g_autoptr(GPtrArray) order = g_ptr_array_new ();
  g_autoptr(GPtrArray) placed = g_ptr_array_new ();
  gsize n_elements = 0;

  for (int i = 0; i < n_values; i++)
    if (values[i].n_elements > 0)
      g_ptr_array_add (order, &values[i]);
  g_ptr_array_sort (order, compare_sizes);

  for (guint i = 0; i < order->len; i++)
    {
      PspArenaValue *value = g_ptr_array_index (order, i);

      value->offset = find_gap (placed, value, alignment);
      g_ptr_array_add (placed, value);
      n_elements = MAX (n_elements, value->offset + value->n_elements);
    }
  return n_elements;
}
