/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

#include <adwaita.h>

/**
 * PspFactRow:
 *
 * One fact about a checkpoint that its file may not tell: what it is, where it comes from, and an
 * entry, a switch or a drop-down to say it differently.  A text that the fact cannot be makes the
 * row say what it takes.
 *
 * Properties: “valid” (boolean, read only, notifies).
 */
#define PSP_TYPE_FACT_ROW (psp_fact_row_get_type ())
G_DECLARE_FINAL_TYPE (PspFactRow, psp_fact_row, PSP, FACT_ROW, AdwActionRow)

/**
 * psp_fact_row_new:
 * @fact: which one
 * @model: whose
 * @given: what the person said of it before
 * @propose: whether class names that the file lacks are answered with the first proposal, for the
 *   person to agree with; else with numbers
 */
GtkWidget  *psp_fact_row_new      (PspFact                fact,
                                   PspModel              *model,
                                   const PspModelOptions *given,
                                   gboolean               propose);

/* Whether @fact means something to @model: a network without a pyramid has no bins. */
gboolean    psp_fact_row_applies  (PspFact                fact,
                                   const PspModelFacts   *facts);

/* What the editor holds, as psp_model_options_set() reads it; empty for numbers in place of names.
 * A text that the drop-down does not have is none of its business and changes nothing. */
char       *psp_fact_row_dup_text (PspFactRow            *self) G_GNUC_WARN_UNUSED_RESULT;
void        psp_fact_row_set_text (PspFactRow            *self,
                                   const char            *text);

gboolean    psp_fact_row_get_valid (PspFactRow           *self);

/* Sets the fact in @options if the person says it, now or before; nothing if the row is not
 * valid. */
void        psp_fact_row_read     (PspFactRow            *self,
                                   PspModelOptions       *options);
