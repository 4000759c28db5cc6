/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/model/psp-model.h"

/* The options of every command that opens a model: one for each fact. */
#define PSP_MODEL_ARGUMENTS_N_ENTRIES PSP_N_FACTS

/* What a MODEL on the command line may be, for the help of a command. */
#define PSP_MODEL_ARGUMENTS_HELP \
  "MODEL is a checkpoint.  Of a network that is saved in two files, it is either of them, if the " \
  "other lies beside it, or both with a comma between them: ENCODER,DECODER."

/**
 * PspModelArguments:
 * @texts: --bins, --pooling, --align-corners, --mean, --std, --channel-order, --crop, --base and
 *   --names as they stand on the command line; %NULL: not given
 *
 * Facts that a checkpoint may not hold.
 */
typedef struct
{
  char *texts[PSP_N_FACTS];
} PspModelArguments;

/* Writes %PSP_MODEL_ARGUMENTS_N_ENTRIES entries that fill @self. */
void     psp_model_arguments_fill_entries (PspModelArguments        *self,
                                           GOptionEntry             *entries);
void     psp_model_arguments_clear        (PspModelArguments        *self);

/**
 * psp_model_arguments_parse:
 * @self: after parsing
 * @options: (inout): what was given is set, the rest stays
 * @error: %G_OPTION_ERROR_BAD_VALUE naming the option
 */
gboolean psp_model_arguments_parse        (const PspModelArguments  *self,
                                           PspModelOptions          *options,
                                           GError                  **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PspModelArguments, psp_model_arguments_clear)
