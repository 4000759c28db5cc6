/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"

#include "engine/core/psp-floats.h"
#include "engine/cpu/psp-cpu-core.h"
#include "engine/cpu/psp-cpu-half-backend.h"
#include "engine/cpu/psp-cpu-operations.h"

#include <cblas.h>
#include <string.h>
#include <unistd.h>

#define CORE_VARIABLE "OPENBLAS_CORETYPE"

/* Of OpenBLAS (driver/others/blas_server.c), which calls it before a fork; in no header. */
extern int blas_thread_shutdown_ (void) __attribute__ ((weak));

/* Every buffer is gone. */
static void
cpu_free (PspBackend *backend)
{
  PspCpuBackend *self = (PspCpuBackend *) backend;

  psp_floats_free (self->scratch, self->n_scratch);
  g_ptr_array_unref (self->kept);
  g_clear_pointer (&self->choices, psp_cpu_choices_free);
  psp_thread_pool_free (self->parent.pool);
  g_free (self);
}

/* %NULL with @error set if there is no memory for @n_elements of @label. */
static float *
allocate (gsize        n_elements,
          const char  *label,
          GError     **error)
{
  float *data = psp_floats_new (n_elements);

  if (data == NULL)
    g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                 "no memory for %s: %.1f MiB", label, n_elements * sizeof (float) / 1048576.0);
  return data;
}

float *
psp_cpu_get_scratch (PspCpuBackend  *backend,
                     gsize           n_elements,
                     GError        **error)
{
  if (backend->n_scratch < n_elements)
    {
      psp_floats_free (backend->scratch, backend->n_scratch);
      backend->scratch = allocate (n_elements, "the parts of a convolution", error);
      backend->n_scratch = backend->scratch != NULL ? n_elements : 0;
    }
  return backend->scratch;
}

static void
forget (PspCpuBackend *self,
        PspCpuBuffer  *weights)
{
  psp_floats_free (weights->kept, weights->n_kept);
  self->kept_bytes -= weights->n_kept * sizeof (float);
  weights->kept = NULL;
  weights->n_kept = 0;
  weights->kept_done = FALSE;
  g_ptr_array_remove (self->kept, weights);
}

/* The first ones stay: they are as good as others, and memory that changes from photo to photo does
 * not make all of them again. */
static void
cpu_keep_weights (PspBackend *backend,
                  gsize       n_bytes)
{
  PspCpuBackend *self = (PspCpuBackend *) backend;

  self->keep_bytes = n_bytes;
  while (self->kept_bytes > n_bytes)
    forget (self, g_ptr_array_index (self->kept, self->kept->len - 1));
}

PspCpuBuffer *
psp_cpu_find_kept (PspCpuBackend        *backend,
                   const PspConvolution *operation,
                   gsize                 n_elements)
{
  PspCpuBuffer *weights = (PspCpuBuffer *) operation->weights;
  gsize n_bytes = n_elements * sizeof (float);

  if (weights->wrapped == NULL || operation->weights_offset > 0)
    return NULL;
  if (weights->kept == NULL && n_bytes <= backend->keep_bytes - backend->kept_bytes)
    {
      weights->kept = psp_floats_new (n_elements);
      if (weights->kept != NULL)
        {
          weights->n_kept = n_elements;
          backend->kept_bytes += n_bytes;
          g_ptr_array_add (backend->kept, weights);
        }
    }
  return weights->n_kept == n_elements ? weights : NULL;
}

static PspBuffer *
cpu_buffer_new (PspBackend  *backend,
                gsize        n_elements,
                const char  *label,
                GError     **error)
{
  float *data = allocate (n_elements, label, error);
  PspCpuBuffer *buffer;

  if (data == NULL)
    return NULL;

  buffer = g_new0 (PspCpuBuffer, 1);
  buffer->data = data;
  return &buffer->parent;
}

static PspBuffer *
cpu_buffer_wrap (PspBackend  *backend,
                 GBytes      *floats,
                 const char  *label,
                 GError     **error)
{
  PspCpuBuffer *buffer = g_new0 (PspCpuBuffer, 1);

  buffer->wrapped = g_bytes_ref (floats);
  buffer->data = (float *) g_bytes_get_data (floats, NULL);
  return &buffer->parent;
}

static void
cpu_buffer_free (PspBuffer *buffer)
{
  PspCpuBuffer *self = (PspCpuBuffer *) buffer;

  if (self->kept != NULL)
    forget ((PspCpuBackend *) buffer->backend, self);
  if (self->wrapped != NULL)
    g_bytes_unref (self->wrapped);
  else
    psp_floats_free (self->data, buffer->n_elements);
  g_free (self);
}

static gboolean
cpu_upload (PspBackend   *backend,
            PspBuffer    *buffer,
            gsize         offset,
            const float  *floats,
            gsize         n_elements,
            GError      **error)
{
  memcpy (((PspCpuBuffer *) buffer)->data + offset, floats, n_elements * sizeof *floats);
  return TRUE;
}

static gboolean
cpu_download (PspBackend  *backend,
              PspBuffer   *buffer,
              gsize        offset,
              float       *floats,
              gsize        n_elements,
              GError     **error)
{
  memcpy (floats, ((PspCpuBuffer *) buffer)->data + offset, n_elements * sizeof *floats);
  return TRUE;
}

static gboolean
cpu_finish (PspBackend    *backend,
            GCancellable  *cancellable,
            GError       **error)
{
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static const PspBackendOperations operations = {
  .free = cpu_free,
  .buffer_new = cpu_buffer_new,
  .buffer_wrap = cpu_buffer_wrap,
  .buffer_free = cpu_buffer_free,
  .upload = cpu_upload,
  .download = cpu_download,
  .convolve = psp_cpu_convolve,
  .pool = psp_cpu_pool,
  .pool_bins = psp_cpu_pool_bins,
  .resize = psp_cpu_resize,
  .classify = psp_cpu_classify,
  .keep_weights = cpu_keep_weights,
  .count_scratch = psp_cpu_count_scratch,
  .measure_ceiling = psp_cpu_measure_ceiling,
  .finish = cpu_finish,
};

/* Our bands are the parallelism; OpenBLAS' own threads would fight with them.  Those that it
 * started when it was loaded look for work in a loop for the first tenth of a second, on the cores
 * that we want; they end when they are told so. */
static void
stop_library_threads (void)
{
  if (openblas_get_num_threads () <= 1)
    return;
  openblas_set_num_threads (1);
  if (blas_thread_shutdown_ != NULL)
    (void) blas_thread_shutdown_ ();
}

PspBackend *
psp_cpu_backend_new (const PspBackendOptions  *options,
                     GError                  **error)
{
  g_autofree char *choices_path = NULL;
  PspCpuBackend *self;

  stop_library_threads ();
  self = g_new0 (PspCpuBackend, 1);
  psp_backend_init (&self->parent, &operations, "cpu", "OpenBLAS", PSP_PRECISION_FP32);
  self->parent.pool = psp_thread_pool_new (options != NULL ? options->n_threads : 0,
                                           options != NULL && options->background);
  self->kept = g_ptr_array_new ();
  self->method = options != NULL ? options->method : PSP_CONVOLUTION_AUTOMATIC;
  if (self->method == PSP_CONVOLUTION_AUTOMATIC)
    {
      choices_path = psp_cpu_choices_get_path ();
      self->choices = psp_cpu_choices_new (choices_path);
    }
  return options != NULL && options->precision == PSP_PRECISION_FP16
         ? psp_cpu_half_backend_new (&self->parent) : &self->parent;
}

void
psp_cpu_restart_if_slow (char **argv)
{
  const char *better = psp_cpu_core_find_better (openblas_get_corename ());
  g_autofree char *path = NULL;

  if (better == NULL || g_getenv (CORE_VARIABLE) != NULL)
    return;
  path = g_file_read_link ("/proc/self/exe", NULL);
  if (path == NULL || !g_setenv (CORE_VARIABLE, better, FALSE))
    return;
  (void) execv (path, argv);
  g_unsetenv (CORE_VARIABLE);
}

char *
psp_cpu_find_slowdown (void)
{
  return psp_cpu_core_find_slowdown (openblas_get_corename (), g_getenv (CORE_VARIABLE));
}

PspDeviceInfo *
psp_cpu_device_info (void)
{
  PspDeviceInfo *info = g_new0 (PspDeviceInfo, 1);
  gint64 pages = sysconf (_SC_PHYS_PAGES);
  gint64 page_bytes = sysconf (_SC_PAGESIZE);

  info->id = g_strdup ("cpu");
  info->name = g_strdup_printf ("OpenBLAS %s", openblas_get_corename ());
  info->kind = PSP_DEVICE_PROCESSOR;
  info->driver = g_strdup (openblas_get_config ());
  info->memory_bytes = pages > 0 && page_bytes > 0 ? (guint64) pages * page_bytes : 0;
  return info;
}
