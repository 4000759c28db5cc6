/* SPDX-License-Identifier: MIT */
#include "tests/psp-ui-test.h"
#include "ui/psp-action-table.h"
#include "ui/psp-pane-grid-private.h"
#include "ui/psp-window.h"

static void
collect_shortcuts (GtkWidget  *widget,
                   GHashTable *shortcuts)
{
  if (GTK_IS_SHORTCUTS_SHORTCUT (widget))
    {
      char *title;
      char *accelerator;

      g_object_get (widget, "title", &title, "accelerator", &accelerator, NULL);
      /* GTK makes another of each for its search. */
      if (g_hash_table_contains (shortcuts, title))
        g_assert_cmpstr (g_hash_table_lookup (shortcuts, title), ==, accelerator);
      g_hash_table_insert (shortcuts, title, accelerator);
    }

  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect_shortcuts (child, shortcuts);
}

/* The window lists every command that has a key, with that key, and nothing else. */
static void
test_shortcuts_window (void)
{
  g_autoptr(GHashTable) shortcuts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GtkWidget *window = psp_action_table_create_window ();
  const PspActionEntry *entries;
  guint n_entries;
  guint n_keys = 0;

  collect_shortcuts (window, shortcuts);
  entries = psp_action_table_get (&n_entries);
  for (guint i = 0; i < n_entries; i++)
    {
      if (entries[i].key == NULL)
        continue;

      g_assert_cmpstr (g_hash_table_lookup (shortcuts, entries[i].label), ==, entries[i].key);
      n_keys++;
    }
  g_assert_cmpuint (g_hash_table_size (shortcuts), ==, n_keys);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_keys_differ (void)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const PspActionEntry *entries;
  guint n_entries;

  entries = psp_action_table_get (&n_entries);
  for (guint i = 0; i < n_entries; i++)
    {
      g_auto(GStrv) keys = g_strsplit (entries[i].key != NULL ? entries[i].key : "", " ", -1);

      for (int j = 0; keys[j] != NULL; j++)
        {
          guint key;
          GdkModifierType modifiers;

          if (strstr (keys[j], "...") == NULL && !gtk_accelerator_parse (keys[j], &key, &modifiers))
            g_error ("%s: “%s” is no key", entries[i].action, keys[j]);
          if (!g_hash_table_add (seen, g_strdup (keys[j])))
            g_error ("%s: “%s” is taken", entries[i].action, keys[j]);
        }
    }
}

static void
test_accelerators (gconstpointer data)
{
  GtkApplication *application = (GtkApplication *) data;
  const PspActionEntry *entries;
  guint n_entries;

  psp_action_table_set_accels (application);
  entries = psp_action_table_get (&n_entries);
  for (guint i = 0; i < n_entries; i++)
    {
      g_auto(GStrv) keys = gtk_application_get_accels_for_action (application, entries[i].action);

      if (entries[i].keys == PSP_ACTION_KEYS_APPLICATION && entries[i].key != NULL)
        g_assert_cmpuint (g_strv_length (keys), >, 0);
      else
        g_assert_cmpuint (g_strv_length (keys), ==, 0);
    }
}

/* Whatever the table names exists: a misspelt action does nothing and says nothing. */
static void
test_actions_exist (gconstpointer data)
{
  GtkApplication *application = (GtkApplication *) data;
  g_autoptr(PspProject) project = psp_project_new ();
  g_autoptr(PspSettings) settings = psp_settings_new (NULL);
  GtkWidget *window = psp_window_new (application, project, settings);
  GtkWidgetClass *class = GTK_WIDGET_GET_CLASS (window);
  g_autoptr(GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const PspActionEntry *entries;
  guint n_entries;
  GType owner;
  const char *name;
  const GVariantType *parameter;
  const char *property;

  for (guint i = 0;
       gtk_widget_class_query_action (class, i, &owner, &name, &parameter, &property);
       i++)
    g_hash_table_add (names, g_strdup (name));

  entries = psp_action_table_get (&n_entries);
  for (guint i = 0; i < n_entries; i++)
    {
      g_autofree char *action = NULL;
      g_autoptr(GVariant) target = NULL;

      g_assert_true (g_action_parse_detailed_name (entries[i].action, &action, &target, NULL));
      if (g_str_has_prefix (action, "win") && !g_hash_table_contains (names, action))
        g_error ("the window has no action “%s”", action);
    }

  gtk_window_destroy (GTK_WINDOW (window));
  psp_ui_test_settle ();
}

/* Whether the table has @name, with whatever target. */
static gboolean
is_listed (const char *name)
{
  const PspActionEntry *entries;
  guint n_entries;

  entries = psp_action_table_get (&n_entries);
  for (guint i = 0; i < n_entries; i++)
    {
      g_autofree char *action = NULL;
      g_autoptr(GVariant) target = NULL;

      g_assert_true (g_action_parse_detailed_name (entries[i].action, &action, &target, NULL));
      if (g_str_equal (action, name))
        return TRUE;
    }
  return FALSE;
}

/* Whatever the panes can do is in the table, but for what is chosen from lists and menus. */
static gboolean
is_chosen (const char *name)
{
  const char * const names[] = { "class", "large", "n-panes", NULL };

  return g_strv_contains (names, name);
}

static void
test_panes_listed (gconstpointer data)
{
  g_autoptr(PspProject) project = psp_project_new ();
  g_autoptr(PspSettings) settings = psp_settings_new (NULL);
  GtkWidget *window = psp_window_new ((GtkApplication *) data, project, settings);
  PspPaneGrid *grid = PSP_PANE_GRID (psp_ui_test_find (window, PSP_TYPE_PANE_GRID));
  g_auto(GStrv) names = g_action_group_list_actions (G_ACTION_GROUP (grid->actions));

  g_assert_cmpuint (g_strv_length (names), >, 10);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *action = g_strconcat ("canvas.", names[i], NULL);

      if (!is_chosen (names[i]) && !is_listed (action))
        g_error ("“%s” is not listed", action);
    }
  gtk_window_destroy (GTK_WINDOW (window));
  psp_ui_test_settle ();
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GtkApplication) application = NULL;

  gtk_test_init (&argc, &argv, NULL);
  application = psp_ui_test_create_application ();
  g_test_add_func ("/action-table/shortcuts-window", test_shortcuts_window);
  g_test_add_func ("/action-table/keys-differ", test_keys_differ);
  g_test_add_data_func ("/action-table/accelerators", application, test_accelerators);
  g_test_add_data_func ("/action-table/actions-exist", application, test_actions_exist);
  g_test_add_data_func ("/action-table/panes-listed", application, test_panes_listed);
  return g_test_run ();
}
