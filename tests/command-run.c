/* SPDX-License-Identifier: MIT */
#include "tests/command-run.h"

#include "engine/formats/psp-image-file.h"

#include <string.h>

void
command_clear_outcome (Outcome *outcome)
{
  g_free (outcome->output);
  g_free (outcome->errors);
}

Outcome
command_run (const char * const   *arguments,
             const char           *variable,
             GSpawnChildSetupFunc  setup)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) environment = g_get_environ ();
  g_auto(GStrv) command = NULL;
  g_autoptr(GError) error = NULL;
  Outcome outcome = { 0 };
  int wait_status;

  g_strv_builder_add (builder, g_getenv ("SCENESCOPE"));
  g_strv_builder_addv (builder, (const char **) arguments);
  command = g_strv_builder_end (builder);
  environment = g_environ_unsetenv (environment, "DISPLAY");
  environment = g_environ_unsetenv (environment, "WAYLAND_DISPLAY");
  /* Listing the devices leaks in lavapipe (vulkan-leaks.c), and the program is not to know that. */
  environment = g_environ_setenv (environment, "LSAN_OPTIONS", "detect_leaks=0", TRUE);
  if (variable != NULL)
    {
      g_auto(GStrv) parts = g_strsplit (variable, "=", 2);

      environment = g_environ_setenv (environment, parts[0], parts[1], TRUE);
    }
  g_spawn_sync (NULL, command, environment, G_SPAWN_DEFAULT, setup, NULL, &outcome.output,
                &outcome.errors, &wait_status, &error);
  g_assert_no_error (error);
  if (!WIFEXITED (wait_status))
    g_error ("%s was killed by signal %d: %s", arguments[0], WTERMSIG (wait_status),
             outcome.errors);
  outcome.status = WEXITSTATUS (wait_status);
  return outcome;
}

void
command_assert_status (const Outcome *outcome,
                       int                   status)
{
  if (outcome->status != status)
    g_error ("status %d instead of %d\n%s%s", outcome->status, status, outcome->output,
             outcome->errors);
}

void
command_assert_says (const char *text,
                     const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” is not in: %s", part, text);
}

void
command_draw_photo (const PspTestFolder *folder,
                    const char          *name,
                    PspSize              size)
{
  g_autofree char *path = psp_test_folder_path (folder, name);
  g_autoptr(PspImage) image = psp_image_new (size, NULL);
  g_autoptr(GError) error = NULL;

  psp_test_folder_print (folder, name, "");
  for (int i = 0; i < size.width * size.height * 3; i++)
    image->pixels[i] = (i * 37) ^ (i >> 5);
  psp_image_save_png (image, path, &error);
  g_assert_no_error (error);
}

void
command_draw_label (const PspTestFolder *folder,
                    const char          *name,
                    PspSize              size,
                    int                  bit_depth,
                    int                  id)
{
  g_autofree char *path = psp_test_folder_path (folder, name);
  g_autoptr(PspMask) mask = psp_mask_new (size, bit_depth, NULL);
  g_autoptr(GError) error = NULL;

  psp_test_folder_print (folder, name, "");
  for (int i = 0; i < size.width * size.height; i++)
    mask->pixels[i] = id;
  psp_mask_save (mask, path, &error);
  g_assert_no_error (error);
}
