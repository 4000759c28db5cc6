/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/* How many ids a mask may hold. */
#define PSP_CLASS_SET_SIZE 65536

/**
 * PspClassSet:
 *
 * A set of class ids, one bit each; all zero: empty.
 */
typedef struct
{
  guint64 words[PSP_CLASS_SET_SIZE / 64];
} PspClassSet;

static inline gboolean
psp_class_set_has (const PspClassSet *self,
                   guint16            class_id)
{
  return self->words[class_id / 64] >> (class_id % 64) & 1;
}

void    psp_class_set_add     (PspClassSet       *self,
                               guint16            class_id);
void    psp_class_set_remove  (PspClassSet       *self,
                               guint16            class_id);
void    psp_class_set_add_all (PspClassSet       *self,
                               const guint16     *class_ids,
                               gsize              n_class_ids);

/* (transfer full) (element-type guint16): the ids in ascending order. */
GArray *psp_class_set_list    (const PspClassSet *self) G_GNUC_WARN_UNUSED_RESULT;
