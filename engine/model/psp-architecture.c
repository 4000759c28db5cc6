/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-architecture.h"

#include "engine/core/psp-error.h"
#include "engine/model/psp-architecture-json.h"

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
  { "conv_last.0.weight", "a decoder of CSAIL's semantic-segmentation-pytorch other than PPM" },
  { "convbnrelu1_1.cbr_unit.0.weight", "a PSPNet of pytorch-semseg" },
  { "decode_head.conv_seg.weight", "a network of mmsegmentation other than PSPNet" },
  { "segmentation_head.0.weight", "a network of segmentation_models.pytorch other than PSPNet" },
  { "classifier.0.convs.0.0.weight", "a DeepLab of torchvision" },
  { "backbone.layer4.0.conv1.weight", "a ResNet with a head other than PSPNet's" },
  { "fc.weight", "a bare ResNet classifier without a segmentation head" },
  { "layer4.0.conv1.weight", "a bare ResNet backbone without a segmentation head" },
};

int
psp_architecture_stage_channels (const PspArchitecture *self,
                                 int                    stage)
{
  return (self->planes << stage) * (self->bottleneck ? 4 : 1);
}

int
psp_architecture_output_stride (const PspArchitecture *self)
{
  return self->family->undilated ? 2 << self->n_stages : 8;
}

gboolean
psp_architecture_set_depth (PspArchitecture *self,
                            int              depth)
{
  for (gsize i = 0; i < G_N_ELEMENTS (depths); i++)
    if (depths[i].depth == depth)
      {
        self->depth = depth;
        self->bottleneck = depths[i].bottleneck;
        memcpy (self->blocks, depths[i].blocks, sizeof self->blocks);
        return TRUE;
      }
  return FALSE;
}

/* What the checkpoint says of the @piece of the convolution, or normalisation, called @pattern. */
static const PspCheckpointEntry *
find_entry (const PspArchitecture *self,
            const PspCheckpoint   *checkpoint,
            const char            *pattern,
            const PspPlace        *place,
            PspPiece               piece)
{
  g_autofree char *part = psp_family_expand (pattern, place);
  g_autofree char *name = part != NULL ? psp_family_make_name (self->family, part, piece) : NULL;

  return name != NULL ? psp_checkpoint_find (checkpoint, name) : NULL;
}

static const PspCheckpointEntry *
find_weights (const PspArchitecture *self,
              const PspCheckpoint   *checkpoint,
              PspPart                part,
              const PspPlace        *place)
{
  return find_entry (self, checkpoint, self->family->parts[part].convolution, place,
                     PSP_PIECE_WEIGHT);
}

/* The outputs of a convolution; 0 if there is none. */
static int
outputs_of (const PspCheckpointEntry *entry)
{
  if (entry == NULL || entry->n_dimensions != 4 ||
      entry->shape[0] < 1 || entry->shape[0] > G_MAXUINT16)
    return 0;
  return entry->shape[0];
}

static int
count_blocks (const PspArchitecture *self,
              const PspCheckpoint   *checkpoint,
              int                    stage)
{
  int n = 0;

  while (find_weights (self, checkpoint, PSP_PART_BLOCK_1,
                       &(PspPlace) { .stage = stage, .block = n }) != NULL)
    n++;
  return n;
}

static void
detect_levels (PspArchitecture     *self,
               const PspCheckpoint *checkpoint)
{
  const PspPartNames *names = &self->family->parts[PSP_PART_LEVEL];

  int most = self->family->names_tell_bins ? PSP_FAMILY_NAMED_BINS - 1
                                            : PSP_ARCHITECTURE_MAX_LEVELS;

  for (int n = 0; n <= most; n++)
    {
      PspPlace place = { .level = n };

      if (find_weights (self, checkpoint, PSP_PART_LEVEL, &place) == NULL)
        break;
      self->n_levels = n + 1;
      if (n < PSP_ARCHITECTURE_MAX_LEVELS)
        self->level_normalised[n] =
          !self->family->optional_normalisation ||
          find_entry (self, checkpoint, names->normalisation, &place, PSP_PIECE_GAMMA) != NULL;
    }
  self->level_reduced = self->n_levels > 0;
  self->level_channels = outputs_of (find_weights (self, checkpoint, PSP_PART_LEVEL,
                                                   &(PspPlace) { 0 }));
}

/* A pyramid whose levels have no tensors shows in the fusion's inputs: the features once more for
 * each of them. */
static void
detect_unreduced_levels (PspArchitecture     *self,
                         const PspCheckpoint *checkpoint)
{
  const PspCheckpointEntry *fuse = find_weights (self, checkpoint, PSP_PART_FUSE,
                                                 &(PspPlace) { 0 });
  int channels = psp_architecture_stage_channels (self, self->n_stages - 1);

  if (self->n_levels > 0 || self->family->partial_encoder || outputs_of (fuse) == 0 ||
      channels == 0 || fuse->shape[1] < channels || fuse->shape[1] % channels != 0)
    return;
  self->n_levels = MIN (fuse->shape[1] / channels - 1, PSP_ARCHITECTURE_MAX_LEVELS + 1);
  self->level_channels = channels;
}

/* “official PyTorch, mmsegmentation or …” */
static char *
list_families (void)
{
  GString *text = g_string_new (NULL);
  const PspFamily *family;

  for (int i = 0; (family = psp_family_get (i)) != NULL; i++)
    g_string_append_printf (text, "%s%s",
                            i == 0 ? "" : psp_family_get (i + 1) != NULL ? ", " : " or ",
                            family->name);
  return g_string_free (text, FALSE);
}

static gboolean
refuse_stranger (const PspCheckpoint  *checkpoint,
                 GError              **error)
{
  const char *path = psp_checkpoint_get_path (checkpoint);
  g_autofree char *names = list_families ();

  for (gsize i = 0; i < G_N_ELEMENTS (strangers); i++)
    if (psp_checkpoint_find (checkpoint, strangers[i].name) != NULL)
      {
        g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                     "%s: this looks like %s; what can be opened is a PSPNet of %s", path,
                     strangers[i].what, names);
        return FALSE;
      }

  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: none of its %" G_GSIZE_FORMAT " tensors belongs to the head of a PSPNet; what "
               "can be opened is a PSPNet of %s", path, psp_checkpoint_get_n_entries (checkpoint),
               names);
  return FALSE;
}

/* Whether the stages that are there have the blocks of @depth; a stage that is not used may be
 * missing. */
static gboolean
has_depth (const PspArchitecture *self,
           const Depth           *depth)
{
  if (depth->bottleneck != self->bottleneck)
    return FALSE;
  for (int stage = 0; stage < PSP_ARCHITECTURE_STAGES; stage++)
    if (self->blocks[stage] != depth->blocks[stage] &&
        (stage < self->n_stages || self->blocks[stage] != 0))
      return FALSE;
  return TRUE;
}

static gboolean
detect_depth (PspArchitecture      *self,
              const PspCheckpoint  *checkpoint,
              GError              **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (depths); i++)
    if (has_depth (self, &depths[i]))
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

static void
detect_stem (PspArchitecture     *self,
             const PspCheckpoint *checkpoint)
{
  static const PspPart parts[] = { PSP_PART_STEM, PSP_PART_STEM_2, PSP_PART_STEM_3 };
  PspPlace nowhere = { 0 };

  self->deep_stem = find_weights (self, checkpoint, PSP_PART_STEM, &nowhere) != NULL;
  for (gsize i = 0; self->deep_stem && i < G_N_ELEMENTS (parts); i++)
    self->stem[i] = outputs_of (find_weights (self, checkpoint, parts[i], &nowhere));
  if (!self->deep_stem)
    self->stem[0] = outputs_of (find_entry (self, checkpoint,
                                            self->family->plain_stem.convolution, &nowhere,
                                            PSP_PIECE_WEIGHT));
}

/* A partial encoder ends with the stage whose channels are the fusion's inputs that come from no
 * level. */
static void
detect_stages (PspArchitecture     *self,
               const PspCheckpoint *checkpoint)
{
  const PspCheckpointEntry *fuse = find_weights (self, checkpoint, PSP_PART_FUSE,
                                                 &(PspPlace) { 0 });
  PspPlace first = { 0 };

  self->n_stages = PSP_ARCHITECTURE_STAGES;
  self->bottleneck = find_weights (self, checkpoint, PSP_PART_BLOCK_3, &first) != NULL;
  self->planes = outputs_of (find_weights (self, checkpoint, PSP_PART_BLOCK_1, &first));
  for (int stage = 0; stage < PSP_ARCHITECTURE_STAGES; stage++)
    self->blocks[stage] = count_blocks (self, checkpoint, stage);

  if (!self->family->partial_encoder || outputs_of (fuse) == 0)
    return;
  for (int stage = 0; stage < PSP_ARCHITECTURE_STAGES; stage++)
    if (fuse->shape[1] == psp_architecture_stage_channels (self, stage) +
                          (gint64) self->n_levels * self->level_channels)
      self->n_stages = stage + 1;
}

static void
detect_heads (PspArchitecture     *self,
              const PspCheckpoint *checkpoint)
{
  const PspFamily *family = self->family;
  PspPlace nowhere = { 0 };

  self->head_channels = outputs_of (find_weights (self, checkpoint, PSP_PART_FUSE, &nowhere));
  self->head_normalised =
    !family->optional_normalisation ||
    find_entry (self, checkpoint, family->parts[PSP_PART_FUSE].normalisation, &nowhere,
                PSP_PIECE_GAMMA) != NULL;
  self->n_classes = outputs_of (find_weights (self, checkpoint, PSP_PART_CLASSIFIER, &nowhere));
  self->auxiliary_channels = outputs_of (find_weights (self, checkpoint, PSP_PART_AUXILIARY,
                                                       &nowhere));
}

static void
detect_stride (PspArchitecture     *self,
               const PspCheckpoint *checkpoint)
{
  const char *key = self->family->stride_key;
  const char *text = key != NULL ? psp_checkpoint_get_metadata (checkpoint, key) : NULL;

  self->stride_first = text != NULL ? g_str_has_prefix (text, "2")
                                    : self->depth == self->family->stride_first_depth;
}

static const PspFamily *
find_family (const PspCheckpoint *checkpoint)
{
  const PspFamily *family;

  for (int i = 0; (family = psp_family_get (i)) != NULL; i++)
    if (psp_checkpoint_find (checkpoint, family->giveaway) != NULL)
      return family;
  return NULL;
}

/* Encoders of segmentation_models.pytorch that are no ResNet, by how their tensors begin. */
static const Stranger encoders[] = {
  { "encoder.features.denseblock", "DenseNet" },
  { "encoder.features.conv0.", "DenseNet" },
  { "encoder._conv_stem.", "EfficientNet" },
  { "encoder.features.0.0.", "MobileNet" },
  { "encoder.features.", "VGG" },
  { "encoder.patch_embed1.", "Mix Transformer" },
  { "encoder.layer0.conv1.", "SENet" },
  { "encoder.stem.", "Inception or Xception" },
  { "encoder.model.", "timm's library" },
};

static gboolean
has_prefix (const PspCheckpoint *checkpoint,
            const char          *prefix)
{
  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    if (g_str_has_prefix (psp_checkpoint_get_entry (checkpoint, i)->name, prefix))
      return TRUE;
  return FALSE;
}

static gboolean
refuse_variant (const PspArchitecture  *self,
                const PspCheckpoint    *checkpoint,
                const char             *what,
                const char             *which,
                GError                **error)
{
  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: this looks like %s of %s, but %s%s", psp_checkpoint_get_path (checkpoint),
               has_prefix (checkpoint, "psa.") ? "a PSANet" : "a PSPNet", self->family->name, what,
               which);
  return FALSE;
}

/* Networks of other projects that share the names of a family's head. */
static gboolean
check_encoder (const PspArchitecture  *self,
               const PspCheckpoint    *checkpoint,
               GError                **error)
{
  if (has_prefix (checkpoint, "psa."))
    return refuse_variant (self, checkpoint, "only PSPNets can be opened", "", error);
  if (self->stem[0] > 0 || !self->family->partial_encoder)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (encoders); i++)
    if (has_prefix (checkpoint, encoders[i].name))
      return refuse_variant (self, checkpoint, "its encoder is no ResNet but of the kind ",
                             encoders[i].what, error);
  return TRUE;
}

static gboolean
has_one_element (const PspCheckpointEntry *entry)
{
  for (int i = 0; i < entry->n_dimensions; i++)
    if (entry->shape[i] != 1)
      return FALSE;
  return TRUE;
}

/* ResNets that are built otherwise than all that can be run. */
static gboolean
check_variant (const PspArchitecture  *self,
               const PspCheckpoint    *checkpoint,
               GError                **error)
{
  const PspPartNames *projection = &self->family->parts[PSP_PART_PROJECTION];
  const PspPartNames *stem = self->deep_stem ? &self->family->parts[PSP_PART_STEM]
                                             : &self->family->plain_stem;
  PspPlace first = { 0 }, second = { .stage = 1 };
  const PspCheckpointEntry *input = find_entry (self, checkpoint, stem->convolution, &first,
                                                PSP_PIECE_WEIGHT);
  const PspCheckpointEntry *middle = find_weights (self, checkpoint, PSP_PART_BLOCK_2, &first);
  const PspCheckpointEntry *shortcut = find_entry (self, checkpoint, projection->normalisation,
                                                   &second, PSP_PIECE_GAMMA);
  const PspCheckpointEntry *mean = find_entry (self, checkpoint, stem->normalisation, &first,
                                               PSP_PIECE_MEAN);

  if (input->shape[1] != 3)
    return refuse_variant (self, checkpoint, "it does not read photos of three colours", "", error);
  if (middle != NULL && middle->n_dimensions == 4 && middle->shape[1] < self->planes &&
      self->planes % MAX (1, middle->shape[1]) == 0)
    return refuse_variant (self, checkpoint, "its convolutions are grouped, as in ResNeXt; these "
                           "cannot be run", "", error);
  if (shortcut != NULL && shortcut->n_dimensions == 4 && !self->family->framed_vectors)
    return refuse_variant (self, checkpoint, "its shortcuts begin with an average, as in "
                           "ResNet-V1d; these cannot be run", "", error);
  if (mean != NULL && self->stem[0] > 1 && has_one_element (mean))
    return refuse_variant (self, checkpoint, "its batch normalisation is that of BVLC's Caffe, and "
                           "there is no Scale layer with a bias behind it", "", error);
  return TRUE;
}

/* One output is a probability through a sigmoid in these projects, not the only class. */
static gboolean
refuse_binary (const PspArchitecture  *self,
               const PspCheckpoint    *checkpoint,
               GError                **error)
{
  if (self->n_classes > 1)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: a network with a single output tells one class from the rest, which is not "
               "supported; train it with two classes", psp_checkpoint_get_path (checkpoint));
  return FALSE;
}

/* A file of ours says it. */
static gboolean
read_folded (PspArchitecture      *self,
             const PspCheckpoint  *checkpoint,
             GError              **error)
{
  const char *path = psp_checkpoint_get_path (checkpoint);
  const char *id = psp_checkpoint_get_metadata (checkpoint, PSP_ARCHITECTURE_FAMILY_KEY);
  const PspFamily *family = id != NULL ? psp_family_find (id) : NULL;

  *self = (PspArchitecture) { .family = family, .folded = TRUE };
  if (family == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "%s: the family “%s” in the metadata is not known here; a newer version may "
                   "have written the file", path, id != NULL ? id : "");
      return FALSE;
    }
  if (!psp_architecture_from_json (self, psp_checkpoint_get_metadata (checkpoint,
                                                                      PSP_ARCHITECTURE_KEY),
                                   error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  return TRUE;
}

gboolean
psp_architecture_is_folded (const PspCheckpoint *checkpoint)
{
  return psp_checkpoint_get_metadata (checkpoint, PSP_ARCHITECTURE_KEY) != NULL;
}

gboolean
psp_architecture_detect (PspArchitecture      *self,
                         const PspCheckpoint  *checkpoint,
                         GError              **error)
{
  if (psp_architecture_is_folded (checkpoint))
    return read_folded (self, checkpoint, error);

  *self = (PspArchitecture) { .family = find_family (checkpoint) };
  if (self->family == NULL)
    return refuse_stranger (checkpoint, error);

  detect_stem (self, checkpoint);
  detect_levels (self, checkpoint);
  detect_stages (self, checkpoint);
  detect_unreduced_levels (self, checkpoint);
  detect_heads (self, checkpoint);
  if (!check_encoder (self, checkpoint, error))
    return FALSE;
  if (self->stem[0] == 0 || (self->deep_stem && (self->stem[1] == 0 || self->stem[2] == 0)) ||
      self->planes == 0 || self->head_channels == 0 || self->n_classes == 0 ||
      self->n_levels > PSP_ARCHITECTURE_MAX_LEVELS)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "%s: this looks like a PSPNet of %s, but its stem, its first stage or its head "
                   "is missing or has an impossible shape", psp_checkpoint_get_path (checkpoint),
                   self->family->name);
      return FALSE;
    }
  if (!check_variant (self, checkpoint, error) || !refuse_binary (self, checkpoint, error) ||
      !detect_depth (self, checkpoint, error))
    return FALSE;
  detect_stride (self, checkpoint);
  return TRUE;
}
