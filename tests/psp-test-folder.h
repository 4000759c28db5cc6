/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

/**
 * PspTestFolder:
 *
 * The path of an empty folder of the test's own; it goes with everything in it when the autoptr
 * does.  A failure to make files is a failure of the test.
 */
typedef char PspTestFolder;

PspTestFolder *psp_test_folder_new    (void) G_GNUC_WARN_UNUSED_RESULT;
void           psp_test_folder_remove (PspTestFolder       *self);

/* (transfer full): the path of @name in the folder, whether or not it exists. */
char          *psp_test_folder_path   (const PspTestFolder *self,
                                       const char          *name) G_GNUC_WARN_UNUSED_RESULT;

/* Makes the file @name, and the folders that it lies in. */
void           psp_test_folder_write  (const PspTestFolder *self,
                                       const char          *name,
                                       gconstpointer        content,
                                       gsize                n_bytes);

/* The same for text. */
void           psp_test_folder_print  (const PspTestFolder *self,
                                       const char          *name,
                                       const char          *text);

/* (transfer full): the content of the file @name, with a zero behind it. */
char          *psp_test_folder_read   (const PspTestFolder *self,
                                       const char          *name,
                                       gsize               *n_bytes) G_GNUC_WARN_UNUSED_RESULT;

/* How many files and folders the folder @name holds; -1 if there is no such folder. */
int            psp_test_folder_count  (const PspTestFolder *self,
                                       const char          *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspTestFolder, psp_test_folder_remove)
