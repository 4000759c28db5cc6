/* SPDX-License-Identifier: MIT */
#include "app/psp-command.h"

#include "app/psp-interrupt.h"
#include "app/psp-terminal-progress.h"
#include "engine/project/psp-workspace-dataset.h"

static const char description[] =
  "Writes the dataset of a workspace with its corrected masks.  FORMAT is folder (images, labels, "
  "names.txt and list.txt, as the official PyTorch training code reads them) or mseg (the same, "
  "mapped into MSeg's universal taxonomy).";

static void
print_counts (const PspExportResult *result)
{
  PspTaxonomy *target = result->target;

  for (int i = 0; target != NULL && i < psp_taxonomy_get_n_classes (target); i++)
    if (result->after->pixels[i] > 0)
      g_print ("  %3d  %12" G_GUINT64_FORMAT "  %s\n", i, result->after->pixels[i],
               psp_taxonomy_get_class_name (target, i));
}

/* Whether there are any. */
static gboolean
print_sentences (char **sentences)
{
  for (int i = 0; sentences[i] != NULL; i++)
    psp_command_warn ("%s", sentences[i]);
  return sentences[0] != NULL;
}

static PspExit
print_result (const PspExportResult *result,
              gboolean               dry_run)
{
  gboolean skipped = print_sentences (result->skipped);
  gboolean failed = print_sentences (result->failures);
  gboolean remarked = print_sentences (result->remarks);

  g_print ("%" G_GSIZE_FORMAT " images%s, %" G_GSIZE_FORMAT " with a corrected mask\n",
           result->n_done, dry_run ? " would be written" : "", result->n_corrected);
  print_counts (result);
  return skipped || failed || remarked ? PSP_EXIT_FAILED : PSP_EXIT_DONE;
}

static PspMask *
find_corrected (const char  *stem,
                gpointer     data,
                GError     **error)
{
  return psp_workspace_find_corrected (data, stem, error);
}

static PspExit
run_export (const char       *workspace_path,
            PspExportProfile  profile,
            const char       *folder,
            gboolean          dry_run,
            GCancellable     *cancellable)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTerminalProgress) progress = psp_terminal_progress_new ("export");
  g_autoptr(PspWorkspace) workspace = psp_workspace_open (workspace_path, PSP_WORKSPACE_READ,
                                                          &error);
  g_autoptr(PspDataset) dataset = NULL;
  g_autoptr(PspTaxonomy) taxonomy = NULL;
  g_autoptr(PspExportResult) result = NULL;

  if (workspace == NULL)
    return psp_command_fail (error);
  dataset = psp_workspace_open_dataset (workspace, &taxonomy, cancellable, &error);
  if (dataset == NULL)
    return psp_command_fail (error);

  result = psp_export_run (&(PspExportRequest) {
    .items = psp_dataset_get_items (dataset),
    .n_items = psp_dataset_get_n_items (dataset),
    .source_folder = psp_dataset_get_folder (dataset),
    .taxonomy = taxonomy,
    .profile = profile,
    .folder = folder,
    .dry_run = dry_run,
    .find_corrected = find_corrected,
    .find_corrected_data = workspace,
    .progress = psp_terminal_progress_get (progress),
  }, cancellable, &error);
  if (result == NULL)
    return psp_command_fail (error);
  return print_result (result, dry_run);
}

PspExit
psp_command_export (GStrv arguments)
{
  g_autoptr(PspInterrupt) interrupt = psp_interrupt_new ();
  g_auto(GStrv) rest = arguments;
  g_autofree char *workspace = NULL;
  g_autofree char *format = NULL;
  g_autofree char *folder = NULL;
  gboolean dry_run = FALSE;
  const GOptionEntry entries[] = {
    { "workspace", 'w', 0, G_OPTION_ARG_FILENAME, &workspace, "The workspace", "FOLDER" },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &format, "folder or mseg", "FORMAT" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &folder, "The folder to make", "FOLDER" },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "Count everything, write nothing", NULL },
    { NULL }
  };
  PspExportProfile profile;
  g_autoptr(GError) error = NULL;

  if (!psp_command_parse (&rest, "export", NULL, description, entries, NULL, &error))
    return psp_command_misuse ("export", "%s", error->message);
  if (workspace == NULL || format == NULL || folder == NULL)
    return psp_command_misuse ("export", "-w WORKSPACE, -f FORMAT and -o FOLDER are needed");
  if (rest[1] != NULL)
    return psp_command_misuse ("export", "“%s” is one argument too many", rest[1]);
  if (!psp_export_profile_from_name (format, &profile, &error))
    return psp_command_misuse ("export", "%s", error->message);
  return run_export (workspace, profile, folder, dry_run,
                     psp_interrupt_get_cancellable (interrupt));
}
