/* SPDX-License-Identifier: MIT */
#pragma once

#include "app/psp-outputs.h"
#include "engine/run/psp-device.h"
#include "engine/run/psp-predictor.h"

/**
 * PspRunArguments:
 *
 * The run options that several commands share: --device, --threads, --precision, --protocol,
 * --scales, --[no-]flip, --without-bins, --memory, --validation, and those of PspModelArguments.
 */
typedef struct _PspRunArguments PspRunArguments;

/* What a command puts through a network. */
typedef enum
{
  PSP_RUN_PHOTOS,  /* all options count */
  PSP_RUN_TENSORS, /* --protocol, --scales and --[no-]flip have no effect, which is told */
} PspRunScope;

PspRunArguments     *psp_run_arguments_new           (PspRunScope             scope)
                                                      G_GNUC_WARN_UNUSED_RESULT;
void                 psp_run_arguments_free          (PspRunArguments        *self);

/* (transfer none): for psp_command_parse(), which fills @self. */
const GOptionEntry  *psp_run_arguments_get_entries   (const PspRunArguments  *self);

/**
 * psp_run_arguments_check:
 * @self: after parsing
 * @error: %G_OPTION_ERROR_BAD_VALUE naming the option
 *
 * Reads the options that are text, and tells on stderr which of all have no effect.  Call it before
 * the functions below.
 */
gboolean             psp_run_arguments_check         (PspRunArguments        *self,
                                                      GError                **error);

/* (transfer none) (nullable): an option that was given, “device”; @but does not count. */
const char          *psp_run_arguments_find_given    (const PspRunArguments  *self,
                                                      const char             *but);
const PspRunOptions *psp_run_arguments_get_options   (const PspRunArguments  *self);

/* (transfer none): the facts of the model that were given; more may be set. */
PspModelOptions     *psp_run_arguments_get_model_options (PspRunArguments    *self);

/* (transfer full): one line for reports: “whole”, “slide, scales 0.5 1, crop 241, base 480,
 * flip”; @runner: (nullable): tells what the protocol “auto” is. */
char                *psp_run_arguments_describe      (const PspRunArguments  *self,
                                                      const PspRunner        *runner)
                                                      G_GNUC_WARN_UNUSED_RESULT;

/* Protects what was read for the options: the files of @model (nullable) and of --names. */
void                 psp_run_arguments_protect       (const PspRunArguments  *self,
                                                      const PspModel         *model,
                                                      PspOutputs             *outputs);

/* (transfer full): the checkpoint at @path on the device that was asked for and what takes over if
 * that fails, which is told on stderr; @cancellable (nullable) ends the loading; %NULL with @error
 * set, %G_OPTION_ERROR_BAD_VALUE for a --crop or --scales that the model or its protocol does not
 * take, or bins that are not its own.  Options without effect under what “auto” is for it are told
 * on stderr. */
PspPredictor        *psp_run_arguments_open_predictor (PspRunArguments       *self,
                                                      const char             *path,
                                                      GCancellable           *cancellable,
                                                      GError                **error)
                                                      G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the same on that device and no other. */
PspRunner           *psp_run_arguments_open_runner   (PspRunArguments        *self,
                                                      const char             *path,
                                                      GCancellable           *cancellable,
                                                      GError                **error)
                                                      G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspRunArguments, psp_run_arguments_free)
