/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"

/**
 * PspOutputs:
 *
 * The files that a command reads and those that it is going to write, so that neither its inputs
 * nor what others made are lost.  Ask before anything is written.  One thread.
 */
typedef struct _PspOutputs PspOutputs;

/* In the metadata of safetensors files that commands write, so that they are known again. */
#define PSP_OUTPUTS_FORMAT_KEY "format"

PspOutputs *psp_outputs_new           (void) G_GNUC_WARN_UNUSED_RESULT;
void        psp_outputs_free          (PspOutputs    *self);

/* @path (nullable) is read, and must stay as it is. */
void        psp_outputs_protect       (PspOutputs    *self,
                                       const char    *path);

/* The same for each file of a MODEL on the command line, or of psp_model_get_path(). */
void        psp_outputs_protect_model (PspOutputs    *self,
                                       const char    *path);

/* Whether @path is a safetensors file that says in its metadata that it has the given @format. */
gboolean    psp_outputs_has_format    (const char    *path,
                                       const char    *format);

/* Whether the file @path, which is there, is one that the same command wrote before. */
typedef gboolean (*PspOutputsIsOwn)   (const char    *path);

/**
 * psp_outputs_claim:
 * @path: a file that is going to be written or replaced
 * @is_own: (nullable): which files may be replaced, beside empty ones; %NULL: any
 * @error: %PSP_ERROR_BAD_VALUE if @path is protected or claimed already, or is there and not the
 *   command's own
 *
 * Files count as the same whatever the path, links and all.
 */
gboolean    psp_outputs_claim         (PspOutputs      *self,
                                       const char      *path,
                                       PspOutputsIsOwn  is_own,
                                       GError         **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspOutputs, psp_outputs_free)
