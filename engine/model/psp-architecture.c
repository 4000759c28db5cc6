/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-architecture.h"

#include "engine/core/psp-error.h"

#include <string.h>

typedef struct
{
  int      depth;
  gboolean bottleneck;
  int      blocks[PSP_ARCHITECTURE_STAGES];
} Depth;

static const Depth depths[] = {
  { 18, FALSE, { 2, 2, 2, 2 } },
  { 34, FALSE, { 3, 4, 6, 3 } },
  { 50, TRUE, { 3, 4, 6, 3 } },
  { 101, TRUE, { 3, 4, 23, 3 } },
  { 152, TRUE, { 3, 8, 36, 3 } },
  { 269, TRUE, { 3, 30, 48, 8 } },
};

typedef struct
{
  const char *name;
  const char *what;
} Stranger;

/* Names that give other networks away, the most telling first. */
static const Stranger strangers[] = {
  { "decode_head.psp_modules.0.1.conv.weight", "a PSPNet of mmsegmentation" },
  { "decoder.psp.blocks.0.pool.1.0.weight", "a PSPNet of segmentation_models.pytorch" },
  { "decoder.psp.stages.0.pool.1.block.0.weight", "a PSPNet of segmentation_models.pytorch 0.0" },
  { "head.psp.conv1.0.weight", "a PSPNet of GluonCV" },
  { "conv_last.0.weight", "a decoder of CSAIL's semantic-segmentation-pytorch" },
  { "convbnrelu1_1.cbr_unit.0.weight", "a PSPNet of pytorch-semseg" },
  { "fc.weight", "a bare ResNet classifier without a segmentation head" },
  { "layer4.0.conv1.weight", "a bare ResNet backbone without a segmentation head" },
};

int
psp_architecture_stage_channels (const PspArchitecture *self,
                                 int                    stage)
{
  return (self->planes << stage) * (self->bottleneck ? 4 : 1);
}

/* Output channels of the convolution called @name; 0 if there is none. */
static int
outputs_of (const PspCheckpoint *checkpoint,
            const char          *name)
{
  const PspCheckpointEntry *entry = psp_checkpoint_find (checkpoint, name);

  if (entry == NULL || entry->n_dimensions != 4 ||
      entry->shape[0] < 1 || entry->shape[0] > G_MAXUINT16)
    return 0;
  return entry->shape[0];
}

static int
count_blocks (const PspCheckpoint *checkpoint,
              int                  stage)
{
  for (int n = 0;; n++)
    {
      g_autofree char *name = g_strdup_printf ("layer%d.%d.conv1.weight", stage + 1, n);

      if (psp_checkpoint_find (checkpoint, name) == NULL)
        return n;
    }
}

static int
count_levels (const PspCheckpoint *checkpoint)
{
  for (int n = 0;; n++)
    {
      g_autofree char *name = g_strdup_printf ("ppm.features.%d.1.weight", n);

      if (psp_checkpoint_find (checkpoint, name) == NULL)
        return n;
    }
}

static gboolean
refuse_stranger (const PspCheckpoint  *checkpoint,
                 GError              **error)
{
  const char *path = psp_checkpoint_get_path (checkpoint);

  for (gsize i = 0; i < G_N_ELEMENTS (strangers); i++)
    if (psp_checkpoint_find (checkpoint, strangers[i].name) != NULL)
      {
        g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                     "%s: this looks like %s; what can be opened is a PSPNet in the official "
                     "PyTorch layout, with tensors layer0 to layer4, ppm, cls and aux", path,
                     strangers[i].what);
        return FALSE;
      }

  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: none of its %" G_GSIZE_FORMAT " tensors belongs to a PSPNet; what can be "
               "opened has tensors layer0 to layer4, ppm, cls and aux, as the official PyTorch "
               "release names them", path, psp_checkpoint_get_n_entries (checkpoint));
  return FALSE;
}

static gboolean
detect_depth (PspArchitecture      *self,
              const PspCheckpoint  *checkpoint,
              GError              **error)
{
  self->bottleneck = psp_checkpoint_find (checkpoint, "layer1.0.conv3.weight") != NULL;
  for (int stage = 0; stage < PSP_ARCHITECTURE_STAGES; stage++)
    self->blocks[stage] = count_blocks (checkpoint, stage);

  for (gsize i = 0; i < G_N_ELEMENTS (depths); i++)
    if (depths[i].bottleneck == self->bottleneck &&
        memcmp (depths[i].blocks, self->blocks, sizeof self->blocks) == 0)
      {
        self->depth = depths[i].depth;
        return TRUE;
      }

  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: stages of %d, %d, %d and %d %s blocks are none of the depths 18, 34, 50, 101, "
               "152 and 269", psp_checkpoint_get_path (checkpoint), self->blocks[0],
               self->blocks[1], self->blocks[2], self->blocks[3],
               self->bottleneck ? "bottleneck" : "basic");
  return FALSE;
}

gboolean
psp_architecture_detect (PspArchitecture      *self,
                         const PspCheckpoint  *checkpoint,
                         GError              **error)
{
  *self = (PspArchitecture) { 0 };

  self->n_classes = outputs_of (checkpoint, "cls.4.weight");
  self->stem[0] = outputs_of (checkpoint, "layer0.0.weight");
  if (self->n_classes == 0 || self->stem[0] == 0)
    return refuse_stranger (checkpoint, error);
  if (!detect_depth (self, checkpoint, error))
    return FALSE;

  self->stem[1] = outputs_of (checkpoint, "layer0.3.weight");
  self->stem[2] = outputs_of (checkpoint, "layer0.6.weight");
  self->planes = outputs_of (checkpoint, "layer1.0.conv1.weight");
  self->n_levels = count_levels (checkpoint);
  self->level_channels = outputs_of (checkpoint, "ppm.features.0.1.weight");
  self->head_channels = outputs_of (checkpoint, "cls.0.weight");
  self->auxiliary_channels = outputs_of (checkpoint, "aux.0.weight");

  if (self->stem[1] == 0 || self->stem[2] == 0 || self->planes == 0 || self->head_channels == 0 ||
      self->n_levels > PSP_ARCHITECTURE_MAX_LEVELS)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "%s: the stem, the first stage or the head is missing or has an impossible "
                   "shape", psp_checkpoint_get_path (checkpoint));
      return FALSE;
    }
  return TRUE;
}
