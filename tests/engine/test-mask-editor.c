/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-mask-editor.h"

#include "engine/core/psp-error.h"
#include "tests/psp-edit-model.h"

#include <string.h>

/* Four tiles, all but the first cut. */
#define WIDTH 530
#define HEIGHT 37
#define N_PIXELS (WIDTH * HEIGHT)

/* An editor and what it should be, kept as whole masks. */
typedef struct
{
  PspMaskEditor *editor;
  PspMask       *original;
  GPtrArray     *states;    /* PspMask: by step; the first is the base */
  guint          current;
  PspMask       *saved;     /* (nullable): a state by identity; NULL: forgotten */

  PspMask       *base;      /* what the journal applies to */
  GPtrArray     *journal;   /* PspEdit */

  PspMask       *pending;   /* (nullable): being saved: its pixels … */
  PspMask       *pending_state; /* … its place in the states, not owned … */
  guint64        pending_token;
  guint          pending_end; /* … and how much of the journal it has */
} Model;

static PspMask *
noise_mask (PspSize size,
            int     n_classes)
{
  PspMask *mask = psp_mask_new (size, 8, NULL);

  for (gsize i = 0; i < (gsize) size.width * size.height; i++)
    mask->pixels[i] = i % 7 != 0 && i > 0 ? mask->pixels[i - 1]
                                          : g_test_rand_int_range (0, n_classes);
  return mask;
}

static const PspMask *
model_mask (const Model *self)
{
  return self->states->pdata[self->current];
}

static void
model_init (Model    *self,
            gboolean  with_original)
{
  PspSize size = { WIDTH, HEIGHT };
  g_autoptr(PspMask) mask = noise_mask (size, 4);

  *self = (Model) { 0 };
  self->original = with_original ? noise_mask (size, 4) : NULL;
  self->editor = psp_mask_editor_new (mask, self->original, NULL);
  self->states = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_mask_unref);
  self->journal = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_edit_unref);
  self->base = psp_mask_copy (mask, NULL);
  g_ptr_array_add (self->states, psp_mask_copy (mask, NULL));
  self->saved = psp_mask_ref (self->states->pdata[0]);
}

static void
model_clear (Model *self)
{
  psp_mask_editor_free (self->editor);
  g_clear_pointer (&self->original, psp_mask_unref);
  g_clear_pointer (&self->pending, psp_mask_unref);
  g_clear_pointer (&self->pending_state, psp_mask_unref);
  psp_mask_unref (self->saved);
  psp_mask_unref (self->base);
  g_ptr_array_unref (self->states);
  g_ptr_array_unref (self->journal);
}

static void
assert_rect (PspRect        rect,
             const PspMask *before,
             const PspMask *after,
             gboolean       exact)
{
  PspRect needed = { 0 };

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      if (before->pixels[y * WIDTH + x] != after->pixels[y * WIDTH + x])
        needed = psp_rect_union (needed, (PspRect) { x, y, 1, 1 });

  if (exact)
    g_assert_cmpmem (&rect, sizeof rect, &needed, sizeof needed);
  needed = psp_rect_union (needed, rect);
  g_assert_cmpmem (&rect, sizeof rect, &needed, sizeof needed);
}

/* Takes @mask over as the state after the current one, if it is another. */
static void
model_push (Model   *self,
            PspMask *mask,
            PspEdit *entry)
{
  g_assert_true ((entry == NULL) == psp_mask_equal (mask, model_mask (self)));
  if (entry == NULL)
    {
      psp_mask_unref (mask);
      return;
    }

  g_ptr_array_set_size (self->states, self->current + 1);
  g_ptr_array_add (self->states, mask);
  self->current++;
  g_ptr_array_add (self->journal, entry);
}

static PspPoint
random_point (void)
{
  return (PspPoint) {
    g_test_rand_int_range (-100, 8 * WIDTH + 100) / 8.0,
    g_test_rand_int_range (-100, 8 * HEIGHT + 100) / 8.0,
  };
}

static int
random_class (void)
{
  return g_test_rand_int_range (0, 8) == 0 ? 255 : g_test_rand_int_range (-1, 4);
}

static PspEdit *
lock_like_editor (Model         *self,
                  const PspEdit *edit)
{
  guint16 locked[5];
  gsize n_locked = 0;

  for (int id = 0; id < 256; id = id == 3 ? 255 : id + 1)
    if (psp_mask_editor_get_locked (self->editor, id))
      locked[n_locked++] = id;
  return psp_edit_new_locked (edit, locked, n_locked);
}

static void
fuzz_stroke (Model *self)
{
  int n_points = g_test_rand_int_range (1, 5);
  PspPoint points[4];
  double radius = g_test_rand_int_range (4, 80) / 8.0;
  int class_id = random_class ();
  gboolean cancel = g_test_rand_int_range (0, 6) == 0;
  g_autoptr(PspEdit) plain = NULL;
  g_autoptr(PspEdit) edit = NULL;
  PspMask *mask = psp_mask_copy (model_mask (self), NULL);
  PspRect rect;

  for (int i = 0; i < n_points; i++)
    points[i] = random_point ();
  plain = psp_edit_new_stroke (class_id, radius, points, n_points);
  edit = lock_like_editor (self, plain);
  psp_edit_model_apply (edit, mask, self->original, NULL, NULL);

  rect = psp_mask_editor_begin_stroke (self->editor, class_id, radius, points[0]);
  g_assert_true (psp_mask_editor_get_stroking (self->editor));
  for (int i = 1; i < n_points; i++)
    rect = psp_rect_union (rect, psp_mask_editor_extend_stroke (self->editor, points[i]));
  assert_rect (rect, model_mask (self), psp_mask_editor_get_mask (self->editor), TRUE);

  if (cancel)
    {
      PspRect back = psp_mask_editor_cancel_stroke (self->editor);

      assert_rect (back, model_mask (self), mask, TRUE);
      psp_mask_unref (mask);
    }
  else
    {
      PspEdit *entry = psp_mask_editor_end_stroke (self->editor);

      g_assert_true (entry == NULL || psp_edit_equal (entry, edit));
      model_push (self, mask, entry);
    }
}

static void
fuzz_apply (Model *self)
{
  PspSize size = { WIDTH, HEIGHT };
  PspPoint points[6];
  int kind = g_test_rand_int_range (0, 8);
  g_autoptr(PspMask) source = kind >= 6 ? noise_mask (size, 4) : NULL;
  g_autofree guint8 *chosen = kind >= 6 ? g_new (guint8, N_PIXELS) : NULL;
  PspMask *mask = psp_mask_copy (model_mask (self), NULL);
  g_autoptr(PspEdit) plain = NULL;
  g_autoptr(PspEdit) edit = NULL;
  PspEdit *entry;
  PspRect rect;

  for (int i = 0; i < 6; i++)
    points[i] = random_point ();
  if (kind < 3)
    plain = psp_edit_new_fill (random_class (), points[0]);
  else if (kind < 5)
    plain = psp_edit_new_polygon (random_class (), points, kind + 1);
  else if (kind < 6)
    plain = psp_edit_new_revert ();
  else if (kind < 7)
    {
      plain = psp_edit_new_accept_all (source);
      memset (chosen, TRUE, N_PIXELS);
    }
  else
    {
      plain = psp_edit_new_accept_class (source, 2);
      for (int i = 0; i < N_PIXELS; i++)
        chosen[i] = source->pixels[i] == 2;
    }

  edit = lock_like_editor (self, plain);
  psp_edit_model_apply (edit, mask, self->original, source, chosen);
  rect = psp_mask_editor_apply (self->editor, plain, &entry);
  assert_rect (rect, model_mask (self), psp_mask_editor_get_mask (self->editor), TRUE);
  g_assert_true (entry == NULL || psp_edit_equal (entry, edit));
  model_push (self, mask, entry);
}

static void
fuzz_undo (Model    *self,
           gboolean  redo)
{
  gboolean can = redo ? self->current + 1 < self->states->len : self->current > 0;
  const PspMask *before = model_mask (self);
  PspEdit *entry;
  PspRect rect = redo ? psp_mask_editor_redo (self->editor, &entry)
                      : psp_mask_editor_undo (self->editor, &entry);

  g_assert_true ((entry != NULL) == can);
  if (!can)
    {
      g_assert_true (psp_rect_is_empty (rect));
      return;
    }
  self->current += redo ? 1 : -1;
  assert_rect (rect, before, model_mask (self), FALSE);
  g_ptr_array_add (self->journal, entry);
}

static void
fuzz_begin_save (Model *self)
{
  g_clear_pointer (&self->pending, psp_mask_unref);
  g_clear_pointer (&self->pending_state, psp_mask_unref);
  self->pending = psp_mask_editor_copy_mask (self->editor, &self->pending_token, NULL);
  self->pending_state = psp_mask_ref (self->states->pdata[self->current]);
  self->pending_end = self->journal->len;
}

static void
fuzz_end_save (Model *self)
{
  if (self->pending == NULL)
    return;

  if (g_test_rand_int_range (0, 3) > 0)
    {
      psp_mask_editor_mark_saved (self->editor, self->pending_token);
      psp_mask_unref (self->saved);
      self->saved = g_steal_pointer (&self->pending_state);
      psp_mask_unref (self->base);
      self->base = g_steal_pointer (&self->pending);
      if (self->pending_end > 0)
        g_ptr_array_remove_range (self->journal, 0, self->pending_end);
    }
  g_clear_pointer (&self->pending, psp_mask_unref);
  g_clear_pointer (&self->pending_state, psp_mask_unref);
}

/* Through bytes and into a new editor, as after a crash. */
static PspMaskEditor *
recover (Model *self)
{
  g_autoptr(GPtrArray) parsed = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_edit_unref);
  PspMaskEditor *editor = psp_mask_editor_new (self->base, self->original, NULL);
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < self->journal->len; i++)
    {
      g_autoptr(GBytes) bytes = psp_edit_serialize (self->journal->pdata[i]);

      g_ptr_array_add (parsed, psp_edit_parse (bytes, &error));
      g_assert_no_error (error);
    }
  psp_mask_editor_replay (editor, parsed, &error);
  g_assert_no_error (error);
  return editor;
}

/* Undoes or redoes @n_steps, which goes on with the journal; redone states are those of the
 * model. */
static void
walk_history (Model   *self,
              guint    n_steps,
              PspRect (*move) (PspMaskEditor *editor, PspEdit **entry))
{
  for (guint i = 0; i < n_steps; i++)
    {
      PspEdit *entry;

      move (self->editor, &entry);
      g_ptr_array_add (self->journal, entry);
      if (move == psp_mask_editor_redo)
        g_ptr_array_add (self->states,
                         psp_mask_copy (psp_mask_editor_get_mask (self->editor), NULL));
    }
}

/* Goes on from the recovered editor: it knows fewer steps. */
static void
fuzz_crash (Model *self)
{
  PspMaskEditor *recovered = recover (self);
  guint n_steps = psp_mask_editor_get_n_undo (recovered);

  g_assert_true (psp_mask_equal (psp_mask_editor_get_mask (recovered), model_mask (self)));
  g_assert_true (psp_mask_editor_get_modified (recovered) == (n_steps > 0));
  for (guint i = 0; i < n_steps; i++)
    psp_mask_editor_undo (recovered, NULL);
  g_assert_true (psp_mask_equal (psp_mask_editor_get_mask (recovered), self->base));
  psp_mask_editor_free (recovered);

  psp_mask_editor_free (self->editor);
  self->editor = recover (self);
  g_clear_pointer (&self->pending, psp_mask_unref);
  g_clear_pointer (&self->pending_state, psp_mask_unref);
  g_ptr_array_set_size (self->states, 0);
  walk_history (self, n_steps, psp_mask_editor_undo);
  g_ptr_array_add (self->states, psp_mask_copy (psp_mask_editor_get_mask (self->editor), NULL));
  walk_history (self, n_steps, psp_mask_editor_redo);
  self->current = n_steps;
  psp_mask_unref (self->saved);
  self->saved = psp_mask_ref (self->states->pdata[0]);
}

static void
fuzz_once (Model *self)
{
  int dice = g_test_rand_int_range (0, 1000);

  if (dice < 300)
    fuzz_stroke (self);
  else if (dice < 500)
    fuzz_apply (self);
  else if (dice < 700)
    fuzz_undo (self, FALSE);
  else if (dice < 850)
    fuzz_undo (self, TRUE);
  else if (dice < 900)
    fuzz_begin_save (self);
  else if (dice < 950)
    fuzz_end_save (self);
  else if (dice < 990)
    psp_mask_editor_set_locked (self->editor, dice % 5 == 4 ? 255 : dice % 5, dice % 4 == 0);
  else
    fuzz_crash (self);
}

static void
check_state (Model *self,
             int    i)
{
  if (!psp_mask_equal (psp_mask_editor_get_mask (self->editor), model_mask (self)))
    g_error ("after operation %d the mask differs from the model", i);
  g_assert_cmpuint (psp_mask_editor_get_n_undo (self->editor), ==, self->current);
  g_assert_true (psp_mask_editor_get_can_undo (self->editor) == (self->current > 0));
  g_assert_true (psp_mask_editor_get_can_redo (self->editor) ==
                 (self->current + 1 < self->states->len));
  g_assert_true (psp_mask_editor_get_modified (self->editor) ==
                 (self->saved != self->states->pdata[self->current]));
}

static void
test_fuzz (gconstpointer with_original)
{
  Model model;

  model_init (&model, with_original != NULL);
  for (int i = 0; i < 5000; i++)
    {
      fuzz_once (&model);
      check_state (&model, i);
      if (i % 20 == 0)
        {
          g_autoptr(PspMaskEditor) recovered = recover (&model);

          g_assert_true (psp_mask_equal (psp_mask_editor_get_mask (recovered),
                                         model_mask (&model)));
        }
    }
  model_clear (&model);
}

static void
test_no_op (void)
{
  g_autoptr(PspMask) base = psp_mask_new ((PspSize) { 20, 20 }, 8, NULL);
  g_autoptr(PspMaskEditor) editor = psp_mask_editor_new (base, NULL, NULL);
  g_autoptr(PspEdit) fill = psp_edit_new_fill (255, (PspPoint) { 3, 3 });
  g_autoptr(PspEdit) revert = psp_edit_new_revert ();
  PspEdit *entry;

  g_assert_true (psp_rect_is_empty (psp_mask_editor_begin_stroke (editor, 255, 9,
                                                                  (PspPoint) { 5, 5 })));
  g_assert_null (psp_mask_editor_end_stroke (editor));
  psp_mask_editor_begin_stroke (editor, 1, 9, (PspPoint) { -50, 5 });
  g_assert_null (psp_mask_editor_end_stroke (editor));
  psp_mask_editor_apply (editor, fill, &entry);
  g_assert_null (entry);
  psp_mask_editor_apply (editor, revert, &entry);
  g_assert_null (entry);
  psp_mask_editor_set_locked (editor, 255, TRUE);
  psp_mask_editor_begin_stroke (editor, 1, 9, (PspPoint) { 5, 5 });
  g_assert_null (psp_mask_editor_end_stroke (editor));

  g_assert_false (psp_mask_editor_get_can_undo (editor));
  g_assert_false (psp_mask_editor_get_modified (editor));
  g_assert_cmpuint (psp_mask_editor_get_n_bytes (editor), ==, 0);
}

/* A no-op keeps what can be redone. */
static void
test_no_op_keeps_redo (void)
{
  g_autoptr(PspMask) base = psp_mask_new ((PspSize) { 20, 20 }, 8, NULL);
  g_autoptr(PspMaskEditor) editor = psp_mask_editor_new (base, NULL, NULL);
  g_autoptr(PspEdit) fill = psp_edit_new_fill (1, (PspPoint) { 3, 3 });
  g_autoptr(PspEdit) nothing = psp_edit_new_fill (255, (PspPoint) { 3, 3 });

  psp_mask_editor_apply (editor, fill, NULL);
  psp_mask_editor_undo (editor, NULL);
  psp_mask_editor_apply (editor, nothing, NULL);
  g_assert_true (psp_mask_editor_get_can_redo (editor));
}

/* A repeated pair of noise masks of 2048 x 1024 pixels: steps of several MiB each. */
static void
test_memory_bound (void)
{
  PspSize size = { 2048, 1024 };
  g_autoptr(PspMask) base = noise_mask (size, 200);
  g_autoptr(PspMask) other = psp_mask_new (size, 8, NULL);
  g_autoptr(PspMaskEditor) editor = psp_mask_editor_new (base, NULL, NULL);
  g_autoptr(PspEdit) there = NULL;
  g_autoptr(PspEdit) back = psp_edit_new_accept_all (base);
  gsize n_steps = 0;

  for (int i = 0; i < size.width * size.height; i++)
    other->pixels[i] = i * 2654435761u >> 24;
  there = psp_edit_new_accept_all (other);

  do
    {
      n_steps = psp_mask_editor_get_n_undo (editor);
      psp_mask_editor_apply (editor, n_steps % 2 == 0 ? there : back, NULL);
      g_assert_cmpuint (psp_mask_editor_get_n_bytes (editor), <=, PSP_MASK_EDITOR_HISTORY_BYTES);
    }
  while (psp_mask_editor_get_n_undo (editor) > n_steps);
  g_test_message ("%" G_GSIZE_FORMAT " steps of noise", n_steps);
  g_assert_cmpuint (n_steps, >, 10);
  g_assert_cmpuint (n_steps, <, 1000);

  while (psp_mask_editor_get_can_undo (editor))
    psp_mask_editor_undo (editor, NULL);
  g_assert_true (psp_mask_editor_get_modified (editor));
}

/* Everyday work is remembered far beyond a hundred steps. */
static void
test_depth (void)
{
  PspSize size = { 2048, 1024 };
  g_autoptr(PspMask) base = noise_mask (size, 19);
  g_autoptr(PspMaskEditor) editor = psp_mask_editor_new (base, NULL, NULL);

  for (int i = 0; i < 300; i++)
    {
      g_autoptr(PspEdit) entry = NULL;

      psp_mask_editor_begin_stroke (editor, i % 19, 64,
                                    (PspPoint) { g_test_rand_double_range (0, 2048),
                                                 g_test_rand_double_range (0, 1024) });
      psp_mask_editor_extend_stroke (editor, (PspPoint) { g_test_rand_double_range (0, 2048),
                                                          g_test_rand_double_range (0, 1024) });
      entry = psp_mask_editor_end_stroke (editor);
      g_assert_nonnull (entry);
    }
  g_assert_cmpuint (psp_mask_editor_get_n_undo (editor), ==, 300);
  for (int i = 0; i < 300; i++)
    psp_mask_editor_undo (editor, NULL);
  g_assert_true (psp_mask_equal (psp_mask_editor_get_mask (editor), base));
  g_assert_false (psp_mask_editor_get_modified (editor));
}

/* More tiles than are kept uncoded: an edit, a stroke and a cancelled stroke over all of them. */
static void
test_many_tiles (void)
{
  PspSize size = { 5200, 4100 };
  g_autoptr(PspMask) base = noise_mask (size, 3);
  g_autoptr(PspMaskEditor) editor = psp_mask_editor_new (base, NULL, NULL);
  g_autoptr(PspMask) painted = NULL;
  g_autoptr(PspEdit) revert = psp_edit_new_revert ();
  g_autoptr(PspEdit) entry = NULL;

  psp_mask_editor_begin_stroke (editor, 7, 2100, (PspPoint) { 0, 2050 });
  psp_mask_editor_extend_stroke (editor, (PspPoint) { 5200, 2050 });
  psp_mask_editor_extend_stroke (editor, (PspPoint) { 0, 2050 });
  entry = psp_mask_editor_end_stroke (editor);
  painted = psp_mask_editor_copy_mask (editor, NULL, NULL);
  for (gsize i = 0; i < (gsize) size.width * size.height; i++)
    g_assert_cmpint (painted->pixels[i], ==, 7);

  psp_mask_editor_apply (editor, revert, NULL);
  psp_mask_editor_begin_stroke (editor, 6, 2100, (PspPoint) { 0, 2050 });
  psp_mask_editor_extend_stroke (editor, (PspPoint) { 5200, 2050 });
  psp_mask_editor_cancel_stroke (editor);
  g_assert_cmpint (psp_mask_editor_get_mask (editor)->pixels[12345], ==, 255);

  psp_mask_editor_undo (editor, NULL);
  g_assert_true (psp_mask_equal (psp_mask_editor_get_mask (editor), painted));
  psp_mask_editor_undo (editor, NULL);
  g_assert_true (psp_mask_equal (psp_mask_editor_get_mask (editor), base));
}

/* Applies @edit and checks the mask against @model, which is led there, and against the journal. */
static void
check_large (PspMaskEditor *editor,
             PspEdit       *edit,
             PspMask       *model,
             const PspMask *source,
             const guint8  *chosen)
{
  const guint16 locked[] = { 1 };
  g_autoptr(PspEdit) with_lock = psp_edit_new_locked (edit, locked, G_N_ELEMENTS (locked));
  g_autoptr(PspMask) before = psp_mask_editor_copy_mask (editor, NULL, NULL);
  g_autoptr(PspMask) after = NULL;
  g_autoptr(PspEdit) entry = NULL;
  g_autoptr(PspEdit) back = NULL;
  g_autoptr(PspMaskEditor) again = NULL;

  psp_mask_editor_apply (editor, edit, &entry);
  g_assert_true (psp_edit_equal (entry, with_lock));
  psp_edit_model_apply (with_lock, model, psp_mask_editor_get_original (editor), source, chosen);
  g_assert_true (psp_mask_equal (psp_mask_editor_get_mask (editor), model));

  after = psp_mask_editor_copy_mask (editor, NULL, NULL);
  psp_mask_editor_undo (editor, &back);
  g_assert_true (psp_mask_equal (psp_mask_editor_get_mask (editor), before));
  g_assert_cmpint (back->kind, ==, PSP_EDIT_ACCEPT);
  again = psp_mask_editor_new (after, NULL, NULL);
  psp_mask_editor_apply (again, back, NULL);
  g_assert_true (psp_mask_equal (psp_mask_editor_get_mask (again), before));

  psp_mask_editor_redo (editor, NULL);
  g_assert_true (psp_mask_equal (psp_mask_editor_get_mask (editor), model));
}

/* A mask that several threads work on: every edit does what it does to a small one. */
static void
test_large (void)
{
  PspSize size = { 1100, 1001 };
  gsize n_pixels = (gsize) size.width * size.height;
  g_autoptr(PspMask) original = noise_mask (size, 4);
  g_autoptr(PspMask) source = noise_mask (size, 4);
  g_autoptr(PspMask) model = noise_mask (size, 4);
  g_autoptr(PspMaskEditor) editor = NULL;
  g_autofree guint8 *chosen = g_new (guint8, n_pixels);
  PspPoint points[] = { { 2, 3.5 }, { 1090, 400 }, { 1000, 998 }, { 20, 700 } };
  g_autoptr(PspEdit) polygon = psp_edit_new_polygon (3, points, G_N_ELEMENTS (points));
  g_autoptr(PspEdit) fill = psp_edit_new_fill (2, (PspPoint) { 600, 600 });
  g_autoptr(PspEdit) revert = psp_edit_new_revert ();
  g_autoptr(PspEdit) all = NULL;
  g_autoptr(PspEdit) some = NULL;

  /* Where the fill starts is not locked. */
  model->pixels[600 * size.width + 600] = 0;
  editor = psp_mask_editor_new (model, original, NULL);

  /* A large connected area, and whole rows without the class that is accepted. */
  for (gsize i = 0; i < n_pixels / 2; i++)
    source->pixels[i] = i < n_pixels / 3 ? 255 : 0;
  all = psp_edit_new_accept_all (source);
  some = psp_edit_new_accept_class (source, 2);

  psp_mask_editor_set_locked (editor, 1, TRUE);
  check_large (editor, polygon, model, NULL, NULL);
  check_large (editor, fill, model, NULL, NULL);
  for (gsize i = 0; i < n_pixels; i++)
    chosen[i] = source->pixels[i] == 2;
  check_large (editor, some, model, source, chosen);
  memset (chosen, TRUE, n_pixels);
  check_large (editor, all, model, source, chosen);
  check_large (editor, revert, model, NULL, NULL);
}

static void
test_wide (void)
{
  g_autoptr(PspMask) base = psp_mask_new ((PspSize) { 300, 300 }, 16, NULL);
  g_autoptr(PspMaskEditor) editor = psp_mask_editor_new (base, NULL, NULL);
  g_autoptr(PspEdit) fill = psp_edit_new_fill (40000, (PspPoint) { 3, 3 });

  psp_mask_editor_apply (editor, fill, NULL);
  g_assert_cmpint (psp_mask_editor_get_mask (editor)->pixels[89999], ==, 40000);
  psp_mask_editor_undo (editor, NULL);
  g_assert_cmpint (psp_mask_editor_get_mask (editor)->pixels[89999], ==, 65535);
}

static void
test_bad_original (void)
{
  g_autoptr(PspMask) base = psp_mask_new ((PspSize) { 30, 20 }, 8, NULL);
  g_autoptr(PspMask) turned = psp_mask_new ((PspSize) { 20, 30 }, 8, NULL);
  g_autoptr(PspMask) wide = psp_mask_new ((PspSize) { 30, 20 }, 16, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_null (psp_mask_editor_new (base, turned, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
  g_clear_error (&error);
  g_assert_null (psp_mask_editor_new (base, wide, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
}

static void
assert_not_replayed (PspEdit *first,
                     PspEdit *second,
                     int      code)
{
  g_autoptr(PspMask) base = psp_mask_new ((PspSize) { 30, 20 }, 8, NULL);
  g_autoptr(PspMaskEditor) editor = psp_mask_editor_new (base, NULL, NULL);
  g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_edit_unref);
  g_autoptr(GError) error = NULL;

  g_ptr_array_add (entries, first);
  g_ptr_array_add (entries, second);
  g_assert_false (psp_mask_editor_replay (editor, entries, &error));
  g_assert_error (error, PSP_ERROR, code);
  g_assert_true (psp_mask_equal (psp_mask_editor_get_mask (editor), base));
}

static void
test_bad_journal (void)
{
  g_autoptr(PspMask) other = psp_mask_new ((PspSize) { 31, 20 }, 8, NULL);
  PspPoint point = { 3, 3 };

  assert_not_replayed (psp_edit_new_fill (1, point), psp_edit_new_fill (256, point),
                       PSP_ERROR_BAD_VALUE);
  assert_not_replayed (psp_edit_new_fill (1, point), psp_edit_new_accept_all (other),
                       PSP_ERROR_BAD_SHAPE);
  assert_not_replayed (psp_edit_new_fill (1, point), psp_edit_new_redo (), PSP_ERROR_BAD_VALUE);
  assert_not_replayed (psp_edit_new_undo (), psp_edit_new_fill (1, point), PSP_ERROR_BAD_VALUE);
}

/* An entry that does nothing is no step, yet marks count it: undo must not be a mark then. */
static void
test_idle_journal (void)
{
  g_autoptr(PspMask) base = psp_mask_new ((PspSize) { 30, 20 }, 8, NULL);
  g_autoptr(PspMaskEditor) editor = psp_mask_editor_new (base, NULL, NULL);
  g_autoptr(PspMaskEditor) again = psp_mask_editor_new (base, NULL, NULL);
  g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_edit_unref);
  PspPoint point = { 3, 3 };
  PspEdit *entry;

  g_ptr_array_add (entries, psp_edit_new_fill (1, point));
  g_ptr_array_add (entries, psp_edit_new_fill (1, point));
  g_assert_true (psp_mask_editor_replay (editor, entries, NULL));
  g_assert_cmpuint (psp_mask_editor_get_n_undo (editor), ==, 1);
  psp_mask_editor_undo (editor, &entry);
  g_ptr_array_add (entries, entry);
  g_assert_true (psp_mask_editor_replay (again, entries, NULL));
  g_assert_true (psp_mask_equal (psp_mask_editor_get_mask (again), base));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/mask-editor/fuzz/original", "original", test_fuzz);
  g_test_add_data_func ("/mask-editor/fuzz/ignored", NULL, test_fuzz);
  g_test_add_func ("/mask-editor/no-op", test_no_op);
  g_test_add_func ("/mask-editor/no-op-keeps-redo", test_no_op_keeps_redo);
  g_test_add_func ("/mask-editor/memory-bound", test_memory_bound);
  g_test_add_func ("/mask-editor/depth", test_depth);
  g_test_add_func ("/mask-editor/many-tiles", test_many_tiles);
  g_test_add_func ("/mask-editor/large", test_large);
  g_test_add_func ("/mask-editor/wide", test_wide);
  g_test_add_func ("/mask-editor/bad-original", test_bad_original);
  g_test_add_func ("/mask-editor/bad-journal", test_bad_journal);
  g_test_add_func ("/mask-editor/idle-journal", test_idle_journal);
  return g_test_run ();
}
