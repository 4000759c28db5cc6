/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-tensor.h"

#include "engine/core/psp-error.h"

static const gint64 large[] = { 2, 3, 4 };
static const gint64 small[] = { 5 };
static const gint64 larger[] = { 5, 5 };

static void
test_zeros (void)
{
  g_autoptr(PspTensor) tensor = psp_tensor_new (3, large, NULL);

  g_assert_cmpuint (tensor->n_elements, ==, 24);
  for (gsize i = 0; i < tensor->n_elements; i++)
    g_assert_cmpfloat (tensor->data[i], ==, 0);
}

/* Memory is kept while it suffices, even through a smaller shape, and grows when it does not. */
static void
test_reshape (void)
{
  g_autoptr(PspTensor) tensor = psp_tensor_new (3, large, NULL);
  const float *data = tensor->data;

  g_assert_true (psp_tensor_reshape (tensor, 1, small, NULL));
  g_assert_cmpint (tensor->n_dimensions, ==, 1);
  g_assert_cmpint (tensor->shape[0], ==, 5);
  g_assert_cmpuint (tensor->n_elements, ==, 5);
  g_assert_true (tensor->data == data);
  g_assert_true (psp_tensor_reshape (tensor, 3, large, NULL));
  g_assert_true (tensor->data == data);

  g_assert_true (psp_tensor_reshape (tensor, 2, larger, NULL));
  g_assert_cmpuint (tensor->n_elements, ==, 25);
  for (gsize i = 0; i < tensor->n_elements; i++)
    tensor->data[i] = i;
}

static void
test_impossible (void)
{
  const gint64 shapes[][2] = { { -1, 2 }, { G_MAXINT64, G_MAXINT64 }, { 1 << 30, 1ll << 40 } };

  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr(PspTensor) tensor = psp_tensor_new (1, small, NULL);
      g_autoptr(GError) error = NULL;
      g_autoptr(GError) reshape_error = NULL;

      g_assert_null (psp_tensor_new (2, shapes[i], &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
      g_assert_false (psp_tensor_reshape (tensor, 2, shapes[i], &reshape_error));
      g_assert_error (reshape_error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
    }
}

/* Beyond any address space: the tensor can still be freed. */
static void
test_no_memory (void)
{
  const gint64 shape[] = { 1ll << 58 };
  g_autoptr(PspTensor) tensor = psp_tensor_new (1, small, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_false (psp_tensor_reshape (tensor, 1, shape, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/zeros", test_zeros);
  g_test_add_func ("/tensor/reshape", test_reshape);
  g_test_add_func ("/tensor/impossible", test_impossible);
  g_test_add_func ("/tensor/no-memory", test_no_memory);
  return g_test_run ();
}
