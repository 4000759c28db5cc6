/* SPDX-License-Identifier: MIT */

#include "ui/psp-action-table.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* Lines of a column of the window “Keyboard Shortcuts”. */
#define MAX_LINES 16

#define APPLICATION PSP_ACTION_KEYS_APPLICATION
#define WINDOW PSP_ACTION_KEYS_WINDOW
#define PANES PSP_ACTION_KEYS_PANES

static const PspActionEntry entries[] = {
  { "win.open-dataset", N_("Open a dataset folder"), N_("Project"), "<Control>o", APPLICATION },
  { "win.open-images", N_("Open images"), N_("Project"), "<Control><Shift>o", APPLICATION },
  { "win.open-model", N_("Open a checkpoint"), N_("Project"), "<Control>m", APPLICATION },
  { "win.model-facts", N_("Facts about the checkpoint"), N_("Project"), "<Control><Shift>m",
    APPLICATION },
  { "win.open-demo", N_("Open the demo"), N_("Project"), NULL, APPLICATION },
  { "win.save", N_("Save corrected masks"), N_("Project"), "<Control>s", APPLICATION },
  { "win.choose-workspace", N_("Choose the workspace folder"), N_("Project"),
    "<Control><Shift>s", APPLICATION },
  { "win.export", N_("Export the corrected dataset"), N_("Project"), "<Control>e", APPLICATION },
  { "win.save-report", N_("Save the report"), N_("Project"), "<Control><Shift>e", APPLICATION },

  { "win.run", N_("Run on this image"), N_("Model"), "r", WINDOW },
  { "win.run-all", N_("Run on all images"), N_("Model"), "<Shift>r", WINDOW },
  { "win.all-pyramid-levels", N_("All pyramid levels again"), N_("Model"), "<Alt>0", APPLICATION },
  { "win.cancel", N_("Cancel the work under way"), N_("Model"), "<Control>period", APPLICATION },

  { "win.next-image", N_("Next image"), N_("Images"), "j", WINDOW },
  { "win.previous-image", N_("Previous image"), N_("Images"), "k", WINDOW },
  { "win.find-image", N_("Find an image by name"), N_("Images"), "<Control>f", APPLICATION },

  { "canvas.tool::inspect", N_("Inspect: a drag moves the view"), N_("Tools"), NULL, PANES },
  { "canvas.tool::brush", N_("Brush"), N_("Tools"), "b", PANES },
  { "canvas.tool::eraser", N_("Eraser"), N_("Tools"), "e", PANES },
  { "canvas.tool::fill", N_("Fill"), N_("Tools"), "g", PANES },
  { "canvas.tool::polygon", N_("Polygon: a double click closes it"), N_("Tools"), "p", PANES },
  { "canvas.radius-smaller", N_("Smaller brush"), N_("Tools"), "bracketleft", PANES },
  { "canvas.radius-larger", N_("Larger brush"), N_("Tools"), "bracketright", PANES },
  { "canvas.favorite", N_("Favorite class"), N_("Tools"), "1...9", PANES },
  { "canvas.assign-favorite", N_("Make the class a favorite"), N_("Tools"), "<Control>1...9",
    PANES },
  { "canvas.pick", N_("Pick the class under the crosshair"), N_("Tools"), "i", PANES },
  { "canvas.press", N_("Use the tool at the crosshair"), N_("Tools"), "Return", PANES },
  { "canvas.remove-corner", N_("Take the last corner of the polygon back"), N_("Tools"),
    "BackSpace", PANES },

  { "canvas.accept-region", N_("Accept the predicted region under the crosshair"), N_("Edit"), "a",
    PANES },
  { "canvas.accept-all", N_("Accept the whole prediction"), N_("Edit"), "<Shift>a", PANES },
  { "canvas.revert", N_("Take back all edits of the image"), N_("Edit"), NULL, PANES },
  { "canvas.undo", N_("Undo"), N_("Edit"), "<Control>z", PANES },
  { "canvas.redo", N_("Redo"), N_("Edit"), "<Control><Shift>z <Control>y", PANES },
  { "canvas.cancel", N_("Cancel the gesture, then inspect"), N_("Edit"), "Escape", PANES },

  { "canvas.fit", N_("Fit the image"), N_("View"), "f", PANES },
  { "canvas.actual-size", N_("Actual size"), N_("View"), "z", PANES },
  { "canvas.zoom-in", N_("Zoom in"), N_("View"), "plus", PANES },
  { "canvas.zoom-out", N_("Zoom out"), N_("View"), "minus", PANES },
  { "canvas.outlines", N_("Outlines between classes"), N_("View"), "o", PANES },
  { "canvas.bare", N_("The bare photo, while held"), N_("View"), "v", PANES },
  { "canvas.hand", N_("A drag moves the view, while held"), N_("View"), "space", PANES },
  { "canvas.move", N_("Move the crosshair"), N_("View"), "Left...Down", PANES },
  { "canvas.scroll", N_("Move the view"), N_("View"), "<Control>Left...Down", PANES },

  { "win.page::inspect", N_("Inspect"), N_("Window"), "<Alt>1", APPLICATION },
  { "win.page::results", N_("Results"), N_("Window"), "<Alt>2", APPLICATION },
  { "win.next-area", N_("Go on to images, panes, classes"), N_("Window"), "F6", APPLICATION },
  { "win.previous-area", N_("Go back to classes, panes, images"), N_("Window"), "<Shift>F6",
    APPLICATION },
  { "win.side-panes", N_("Show or hide the side panes"), N_("Window"), "F9", APPLICATION },
  { "win.show-images", N_("Show or hide the images"), N_("Window"), "<Control>F9", APPLICATION },
  { "win.show-classes", N_("Show or hide the classes"), N_("Window"), "<Shift>F9", APPLICATION },
  { "win.full-screen", N_("Full screen"), N_("Window"), "F11", APPLICATION },
  { "win.shortcuts", N_("Keyboard shortcuts"), N_("Window"), "<Control>question", APPLICATION },
  { "win.about", N_("About Scenescope"), N_("Window"), NULL, APPLICATION },
  { "window.close", N_("Close the window"), N_("Window"), "<Control>w", APPLICATION },
  { "app.quit", N_("Quit"), N_("Window"), "<Control>q", APPLICATION },
};

const PspActionEntry *
psp_action_table_get (guint *n_entries)
{
  *n_entries = G_N_ELEMENTS (entries);
  return entries;
}

const PspActionEntry *
psp_action_table_find (const char *action)
{
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      if (g_strcmp0 (entries[i].action, action) == 0)
        return &entries[i];
    }

  return NULL;
}

char *
psp_action_entry_dup_key_label (const PspActionEntry *entry)
{
  g_auto(GStrv) keys = NULL;
  guint key;
  GdkModifierType modifiers;

  if (entry->key == NULL)
    return NULL;

  keys = g_strsplit (entry->key, " ", -1);
  if (!gtk_accelerator_parse (keys[0], &key, &modifiers))
    return g_strdup (keys[0]);

  return gtk_accelerator_get_label (key, modifiers);
}

void
psp_action_table_set_accels (GtkApplication *application)
{
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      g_auto(GStrv) keys = NULL;

      if (entries[i].keys != APPLICATION || entries[i].key == NULL)
        continue;

      keys = g_strsplit (entries[i].key, " ", -1);
      gtk_application_set_accels_for_action (application, entries[i].action,
                                             (const char * const *) keys);
    }
}

void
psp_action_table_add_shortcuts (GtkWidget *widget)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      if (entries[i].keys != WINDOW)
        continue;

      gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (controller),
        gtk_shortcut_new (gtk_shortcut_trigger_parse_string (entries[i].key),
                          gtk_named_action_new (entries[i].action)));
    }

  gtk_widget_add_controller (widget, controller);
}

/* (transfer full) (nullable): the detailed name of the action that @widget activates. */
static char *
dup_detailed_action (GtkWidget *widget)
{
  const char *name;
  GVariant *target;

  if (!GTK_IS_ACTIONABLE (widget))
    return NULL;

  name = gtk_actionable_get_action_name (GTK_ACTIONABLE (widget));
  target = gtk_actionable_get_action_target_value (GTK_ACTIONABLE (widget));
  if (name == NULL)
    return NULL;

  return g_action_print_detailed_name (name, target);
}

/* A picture says nothing to those who cannot see it. */
static void
name_widget (GtkWidget  *widget,
             const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
complete_tooltip (GtkWidget            *widget,
                  const PspActionEntry *entry)
{
  g_autofree char *key = psp_action_entry_dup_key_label (entry);
  g_autofree char *text = g_strdup (gtk_widget_get_tooltip_text (widget));
  g_autofree char *full = NULL;

  if (text == NULL)
    text = g_strdup (_(entry->label));
  if (key == NULL || strstr (text, key) != NULL)
    full = g_strdup (text);
  else
    full = g_strdup_printf ("%s (%s)", text, key);

  gtk_widget_set_tooltip_text (widget, full);
  if (GTK_IS_BUTTON (widget) && gtk_button_get_icon_name (GTK_BUTTON (widget)) != NULL)
    name_widget (widget, _(entry->label));
}

void
psp_action_table_complete_tooltips (GtkWidget *root)
{
  g_autofree char *action = dup_detailed_action (root);
  const PspActionEntry *entry = psp_action_table_find (action);

  if (entry != NULL)
    complete_tooltip (root, entry);

  /* The half of a split button that AdwSplitButton leaves without a name. */
  if (GTK_IS_MENU_BUTTON (root) && ADW_IS_SPLIT_BUTTON (gtk_widget_get_parent (root)))
    name_widget (root, adw_split_button_get_dropdown_tooltip (
                         ADW_SPLIT_BUTTON (gtk_widget_get_parent (root))));

  for (GtkWidget *child = gtk_widget_get_first_child (root);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    psp_action_table_complete_tooltips (child);
}

/* The markup of a group up to the next one; @position is moved there. */
static void
append_group (GString *markup,
              guint   *position)
{
  const char *heading = entries[*position].group;
  g_autofree char *start = NULL;

  start = g_markup_printf_escaped ("<child><object class='GtkShortcutsGroup'>"
                                   "<property name='title'>%s</property>", _(heading));
  g_string_append (markup, start);
  for (; *position < G_N_ELEMENTS (entries); (*position)++)
    {
      const PspActionEntry *entry = &entries[*position];
      g_autofree char *child = NULL;

      if (!g_str_equal (entry->group, heading))
        break;
      if (entry->key == NULL)
        continue;

      child = g_markup_printf_escaped ("<child><object class='GtkShortcutsShortcut'>"
                                       "<property name='title'>%s</property>"
                                       "<property name='accelerator'>%s</property>"
                                       "</object></child>", _(entry->label), entry->key);
      g_string_append (markup, child);
    }
  g_string_append (markup, "</object></child>");
}

/* By way of markup: GTK 4.8 has no functions that put sections and groups into place. */
GtkWidget *
psp_action_table_create_window (void)
{
  g_autoptr(GString) markup = g_string_new (NULL);
  g_autoptr(GtkBuilder) builder = NULL;
  guint position = 0;

  g_string_append (markup,
                   "<interface><object class='GtkShortcutsWindow' id='window'>"
                   "<property name='modal'>1</property>"
                   "<child><object class='GtkShortcutsSection' id='section'>"
                   "<property name='section-name'>shortcuts</property>"
                   "<property name='max-height'>1000</property>");
  while (position < G_N_ELEMENTS (entries))
    append_group (markup, &position);
  g_string_append (markup, "</object></child></object></interface>");

  builder = gtk_builder_new_from_string (markup->str, (gssize) markup->len);

  /* Only now: GTK 4.8 mixes up the pages when groups come after they are full. */
  g_object_set (gtk_builder_get_object (builder, "section"), "max-height", MAX_LINES, NULL);
  return GTK_WIDGET (gtk_builder_get_object (builder, "window"));
}
