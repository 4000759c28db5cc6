/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/model/psp-model.h"

/* The options of every command that opens a model. */
#define PSP_MODEL_ARGUMENTS_N_ENTRIES 5

/**
 * PspModelArguments:
 *
 * --bins, --align-corners, --mean, --std and --channel-order as they stand on the command line:
 * facts that a checkpoint may not hold.  All zero: none was given.
 */
typedef struct
{
  char *bins;
  char *align_corners;
  char *mean;
  char *standard_deviation;
  char *channel_order;
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

/* Reads “1,2,3,6”.  @error: %G_OPTION_ERROR_BAD_VALUE. */
gboolean psp_model_arguments_parse_bins   (const char               *text,
                                           PspModelOptions          *options,
                                           GError                  **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PspModelArguments, psp_model_arguments_clear)
