/* SPDX-License-Identifier: MIT */
#include <json-glib/json-glib.h>

#include "data/demo/maker/psp-film.h"
#include "data/demo/maker/psp-files.h"
#include "data/demo/maker/psp-scene.h"

#define WIDTH 480
#define HEIGHT 360

typedef struct
{
  const char  *folder;
  int          first_seed, n_scenes;
  char       **seeds;               /* (nullable): of each scene; else they follow first_seed */
  double       hard_share;
  JsonBuilder *list;
} Job;

static const char names[] =
  "Sky\nBuilding\nPole\nRoad\nPavement\nTree\nSignSymbol\nFence\nCar\nPedestrian\nBicyclist\n";

static gboolean
write_pair (const Job     *self,
            int            number,
            PspPainter    *painter,
            const guint8  *photo,
            GError       **error)
{
  g_autofree char *image = g_strdup_printf ("%s/images/%04d.png", self->folder, number);
  g_autofree char *label = g_strdup_printf ("%s/labels/%04d.png", self->folder, number);

  return psp_files_write_png (image, photo, WIDTH, HEIGHT, 3, error)
         && psp_files_write_png (label, psp_painter_get_labels (painter), WIDTH, HEIGHT, 1, error);
}

static void
add_number (JsonBuilder *list,
            const char  *name,
            gint64       value)
{
  json_builder_set_member_name (list, name);
  json_builder_add_int_value (list, value);
}

static void
add_text (JsonBuilder *list,
          const char  *name,
          const char  *value)
{
  json_builder_set_member_name (list, name);
  json_builder_add_string_value (list, value);
}

static void
list_hard_cases (JsonBuilder    *list,
                 const PspScene *scene)
{
  json_builder_set_member_name (list, "hard");
  json_builder_begin_array (list);
  for (guint i = 0; i < scene->hard_cases->len; i++)
    {
      const PspHardCase *hard = &g_array_index (scene->hard_cases, PspHardCase, i);

      json_builder_begin_object (list);
      add_text (list, "kind", psp_hard_kind_get_name (hard->kind));
      add_number (list, "x", hard->bounds.x);
      add_number (list, "y", hard->bounds.y);
      add_number (list, "width", hard->bounds.width);
      add_number (list, "height", hard->bounds.height);
      json_builder_end_object (list);
    }
  json_builder_end_array (list);
}

static void
list_scene (JsonBuilder    *list,
            const PspScene *scene,
            int             number)
{
  g_autofree char *stem = g_strdup_printf ("%04d", number);

  json_builder_begin_object (list);
  add_text (list, "scene", stem);
  add_number (list, "seed", scene->seed);
  add_text (list, "street", psp_street_get_name (&scene->street));
  add_text (list, "weather", psp_weather_get_name (&scene->weather));
  list_hard_cases (list, scene);
  json_builder_end_object (list);
}

static gboolean
draw_scene (const Job  *self,
            int         number,
            guint32     seed,
            GError    **error)
{
  g_autoptr(PspScene) scene = psp_scene_new (seed, WIDTH, HEIGHT, self->hard_share);
  g_autoptr(PspPainter) painter = psp_painter_new (WIDTH, HEIGHT, &scene->camera,
                                                   &scene->weather.light);
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed + 11);
  g_autofree guint8 *photo = NULL;

  psp_scene_draw (scene, painter);
  photo = psp_film_develop (painter, rand);
  list_scene (self->list, scene, number);
  return write_pair (self, number, painter, photo, error);
}

static gboolean
make_folders (const Job  *self,
              GError    **error)
{
  static const char *const parts[] = { "images", "labels" };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *folder = g_build_filename (self->folder, parts[i], NULL);

      if (g_mkdir_with_parents (folder, 0755) != 0)
        {
          g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s could not be made.", folder);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
write_lists (const Job  *self,
             GError    **error)
{
  g_autofree char *names_path = g_build_filename (self->folder, "names.txt", NULL);
  g_autofree char *list_path = g_build_filename (self->folder, "scenes.json", NULL);
  g_autoptr(JsonNode) root = json_builder_get_root (self->list);
  g_autofree char *text = json_to_string (root, TRUE);
  g_autofree char *line = g_strconcat (text, "\n", NULL);

  return g_file_set_contents (names_path, names, -1, error)
         && g_file_set_contents (list_path, line, -1, error);
}

static gboolean
run_job (const Job  *self,
         GError    **error)
{
  if (!make_folders (self, error))
    return FALSE;
  json_builder_begin_array (self->list);
  for (int i = 1; i <= self->n_scenes; i++)
    {
      guint64 seed = (guint64) self->first_seed + i;

      if (self->seeds != NULL
          && !g_ascii_string_to_unsigned (self->seeds[i - 1], 10, 0, G_MAXUINT32, &seed, error))
        return FALSE;
      if (!draw_scene (self, i, (guint32) seed, error))
        return FALSE;
    }
  json_builder_end_array (self->list);
  return write_lists (self, error);
}

int
main (int    argc,
      char **argv)
{
  Job job = { .n_scenes = 24 };
  GOptionEntry entries[] = {
    { "seed", 0, 0, G_OPTION_ARG_INT, &job.first_seed, "Scene I is drawn from seed N + I", "N" },
    { "count", 0, 0, G_OPTION_ARG_INT, &job.n_scenes, "How many scenes (24)", "N" },
    { "hard-share", 0, 0, G_OPTION_ARG_DOUBLE, &job.hard_share,
      "Share of the scenes that hold a planted hard case, 0 to 1 (0)", "SHARE" },
    { 0 },
  };
  g_autoptr(GOptionContext) context = g_option_context_new ("FOLDER [SEED…]");
  g_autoptr(JsonBuilder) list = json_builder_new ();
  g_autoptr(GError) error = NULL;

  job.list = list;
  g_option_context_set_summary (context, "Draws street scenes with exact label masks, "
                                "one for every SEED, or by --seed and --count.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  if (argc > 2)
    {
      job.seeds = argv + 2;
      job.n_scenes = argc - 2;
    }
  if (argc < 2 || job.n_scenes < 1 || job.hard_share < 0 || job.hard_share > 1)
    {
      g_printerr ("One folder is needed, at least one scene, and a hard share from 0 to 1.\n");
      return 2;
    }
  job.folder = argv[1];
  if (!run_job (&job, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  return 0;
}
