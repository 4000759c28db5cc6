/* SPDX-License-Identifier: MIT */
#include "engine/psp-version.h"
#include "engine/run/psp-device.h"
#include "engine/run/psp-runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Scenescope as a worker of peers.py (see README.md for what it is told and answers).
 *
 * usage: peer-scenescope HEIGHT WIDTH PATH THREADS OUTPUT
 */

static const char *const names[] = { "logits", NULL };

static G_GNUC_NORETURN void
fail (const GError *error)
{
  g_printerr ("peer-scenescope: %s\n", error->message);
  exit (1);
}

static PspTensor *
read_input (const char *path,
            int         height,
            int         width)
{
  g_autofree char *name = g_strconcat (path, ".input", NULL);
  g_autofree char *bytes = NULL;
  g_autoptr(GError) error = NULL;
  PspTensor *input = psp_tensor_new (4, (gint64[]) { 1, 3, height, width }, &error);
  gsize n_bytes;

  if (input == NULL || !g_file_get_contents (name, &bytes, &n_bytes, &error))
    fail (error);
  g_assert_cmpuint (n_bytes, ==, input->n_elements * sizeof (float));
  memcpy (input->data, bytes, n_bytes);
  return input;
}

static PspRunner *
load (const char *path,
      int         n_threads)
{
  g_autofree char *name = g_strconcat (path, ".safetensors", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = NULL;
  g_autoptr(PspModel) model = NULL;
  PspRunner *runner;

  backend = psp_device_open ("cpu", &(PspBackendOptions) { .n_threads = n_threads }, &error);
  model = backend != NULL ? psp_model_load (name, NULL, NULL, &error) : NULL;
  runner = model != NULL ? psp_runner_new (model, backend, &error) : NULL;
  if (runner == NULL)
    fail (error);
  return runner;
}

static void
write_logits (GHashTable *taps,
              const char *path)
{
  const PspTensor *logits = g_hash_table_lookup (taps, "logits");
  g_autoptr(GError) error = NULL;

  if (!g_file_set_contents (path, (const char *) logits->data,
                            logits->n_elements * sizeof (float), &error))
    fail (error);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(PspTensor) input = NULL;
  g_autoptr(PspRunner) runner = NULL;
  g_autoptr(GError) error = NULL;
  char line[16];

  psp_device_restart_if_slow (argv);
  if (argc != 6)
    {
      g_printerr ("usage: %s HEIGHT WIDTH PATH THREADS OUTPUT\n", argv[0]);
      return 2;
    }
  input = read_input (argv[3], atoi (argv[1]), atoi (argv[2]));
  printf ("ready %s %s\n", PSP_VERSION, argv[4]);
  fflush (stdout);

  while (fgets (line, sizeof line, stdin) != NULL)
    {
      gboolean first = strcmp (line, "load\n") == 0;
      gint64 start = g_get_monotonic_time ();
      gint64 loaded, done;
      g_autoptr(GHashTable) taps = NULL;

      if (first)
        runner = load (argv[3], atoi (argv[4]));
      loaded = g_get_monotonic_time ();
      taps = psp_runner_get_taps (runner, input, names, NULL, NULL, &error);
      if (taps == NULL)
        fail (error);
      done = g_get_monotonic_time ();
      if (first)
        write_logits (taps, argv[5]);
      printf ("%g %g\n", (loaded - start) / 1e3, (done - loaded) / 1e3);
      fflush (stdout);
    }
  return 0;
}
