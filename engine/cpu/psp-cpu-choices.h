/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-backend.h"

/**
 * PspCpuChoices:
 *
 * Which method was faster for each class of convolutions when it was measured on this machine: in
 * memory and in a file, so that a layer is measured once and later runs give the same bits.  Used
 * by one thread at a time; any number of processes may share the file.
 *
 * The file is text: a line with our version, the revision of the methods and the OpenBLAS core in
 * use, a line with the SHA-256 of all that follows, then a line “CLASS METHOD” for each class.  A
 * file that is not just so is as good as none, and nothing here is ever an error.
 */
typedef struct _PspCpuChoices PspCpuChoices;

/* (transfer full): the file of the OpenBLAS core in use, in the user's cache directory. */
char                 *psp_cpu_choices_get_path (void);

/* (transfer full): what the file at @path holds; nothing if it is missing or damaged. */
PspCpuChoices        *psp_cpu_choices_new  (const char            *path) G_GNUC_WARN_UNUSED_RESULT;
void                  psp_cpu_choices_free (PspCpuChoices         *self);

/* What was chosen for convolutions like @operation: equal channels and dilation and about as many
 * pixels, the number of threads aside; %PSP_CONVOLUTION_AUTOMATIC if nothing was. */
PspConvolutionMethod  psp_cpu_choices_find (const PspCpuChoices   *self,
                                            const PspConvolution  *operation);

/* Remembers @method for convolutions like @operation, unless another process was quicker: the
 * choice that holds is returned.  The file is replaced atomically. */
PspConvolutionMethod  psp_cpu_choices_add  (PspCpuChoices         *self,
                                            const PspConvolution  *operation,
                                            PspConvolutionMethod   method);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspCpuChoices, psp_cpu_choices_free)
