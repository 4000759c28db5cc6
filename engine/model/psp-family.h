/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/* The convolutions of a PSPNet, by what they do. */
typedef enum
{
  PSP_PART_STEM,        /* the first of the three of a deep stem */
  PSP_PART_STEM_2,
  PSP_PART_STEM_3,
  PSP_PART_BLOCK_1,     /* of a residual block */
  PSP_PART_BLOCK_2,
  PSP_PART_BLOCK_3,
  PSP_PART_PROJECTION,  /* of a block's shortcut */
  PSP_PART_LEVEL,       /* of the pyramid */
  PSP_PART_FUSE,        /* of the concatenation */
  PSP_PART_CLASSIFIER,
  PSP_PART_AUXILIARY,
  PSP_PART_AUXILIARY_CLASSIFIER,
} PspPart;

#define PSP_N_PARTS (PSP_PART_AUXILIARY_CLASSIFIER + 1)

/* What one convolution and its batch normalisation consist of. */
typedef enum
{
  PSP_PIECE_WEIGHT,
  PSP_PIECE_BIAS,
  PSP_PIECE_GAMMA,
  PSP_PIECE_BETA,
  PSP_PIECE_MEAN,
  PSP_PIECE_VARIANCE,
} PspPiece;

#define PSP_N_PIECES (PSP_PIECE_VARIANCE + 1)

/* How many levels have a pattern's {bins}: 1, 2, 3 and 6. */
#define PSP_FAMILY_NAMED_BINS 4

/**
 * PspPlace:
 * @stage: (blocks): 0 to 3
 * @block: (blocks): from 0
 * @level: (pyramid): from 0
 *
 * Which of the convolutions that are one #PspPart.
 */
typedef struct
{
  int stage;
  int block;
  int level;
} PspPlace;

/**
 * PspPartNames:
 * @convolution: (nullable): %NULL: the family has no such part
 * @normalisation: (nullable): %NULL: it is followed by no batch normalisation
 *
 * Patterns: {stage} counts from 1 and {conv} from 2, {block} from 0 and {unit} from 1, {level} from
 * 0 and {branch} from 1; {bins} is 1, 2, 3 or 6.
 */
typedef struct
{
  const char *convolution;
  const char *normalisation;
} PspPartNames;

/**
 * PspHalf:
 * @word: in the file's name: “encoder”
 * @tensor: one that only this half has
 *
 * One of two files that a network is saved in.
 */
typedef struct
{
  const char *word;
  const char *tensor;
} PspHalf;

/**
 * PspFamilySize:
 * @crop: side of the windows that networks are trained on, in pixels
 * @base: longer side of a photo at scale 1, in pixels
 */
typedef struct
{
  int crop;
  int base;
} PspFamilySize;

/**
 * PspFamily:
 * @id: in our metadata: “pytorch-official”
 * @name: for people: “official PyTorch”
 * @giveaway: a tensor that a checkpoint of this family has and those of others do not
 * @halves: (nullable words): the two files of a network, if it is saved in two; names in them
 *   differ
 * @parts: names of the convolutions
 * @plain_stem: of a 7x7 stem, if the family has that (too)
 * @suffixes: what follows a part's name
 * @ignored: (array zero-terminated=1) (nullable): patterns of names that inference never needs
 * @tolerant: whether tensors that the network does not have are no mistake: training leaves layers
 *   behind
 * @optional_normalisation: whether convolutions without batch normalisation, then with a bias,
 *   occur: they are told by what is in the file
 * @framed_vectors: whether vectors are stored with further dimensions of 1
 * @partial_encoder: whether stages may be left out: how many follows from the inputs of the fusion
 * @pool_rounds_up: whether the max pool behind the stem has a last window that is not full: from an
 *   even length n it makes n / 2 + 1, not n / 2
 * @enlargement: how often the project enlarges the logits where nothing tells it: it leaves that to
 *   its users; 0: to the size of the input
 * @undilated: whether stages 3 and 4 have stride 2 and no dilation
 * @first_dilation_halved: whether the first 3x3 convolution of stage 3 and 4 has dilation 1 and 2,
 *   not 2 and 4
 * @second_undilated: whether the second convolution of a basic block is never dilated
 * @stride_first_depth: the depth at which the 1x1 convolution at the start of stage 2 has the
 *   stride, not the 3x3; 0: none
 * @stride_key: (nullable): the metadata entry with the stride of that 1x1 convolution; where a file
 *   has it, it counts more
 * @features_last: whether the pyramid stands before the features in the concatenation
 * @levels_reversed: whether the level with most bins comes first there
 * @fuse_kernel: 3 or 1
 * @classifier_kernel: 1 or 3
 * @names_tell_bins: whether the bins are in the names
 * @early_bins: (nullable): what early versions of the project had in place of 1, 2, 3 and 6
 * @half_pixels: whether both bilinear upsamplings go by pixel centres, not by aligned corners
 * @bgr: whether the network reads blue first
 * @mean: subtracted from R, G, B, in units of 0 to 255
 * @standard_deviation: R, G, B are divided by it, in units of 0 to 255
 * @size_multiple: sides of the input are a multiple of this …; 0: of the output stride
 * @size_offset: … plus this
 * @resized: whether a photo is resized to such a size, not padded
 * @usual: sizes of most networks
 * @street: sizes of those with 19 classes, for Cityscapes
 * @aligned: sizes of those with aligned corners, if they differ; else zero
 * @config_key: (nullable): the metadata entry with a configuration of mmsegmentation
 * @datasets: (array zero-terminated): built-in taxonomies that there are checkpoints for
 *
 * How one project builds, names and feeds its PSPNets.  What is the same in all: the block counts,
 * batch normalisation with epsilon 1e-5, a 3x3 max pool with stride 2 behind the stem, 1x1
 * convolutions of the pyramid's levels, and that predictions are the classifier's indices from 0.
 * Sources are named at each row.
 */
typedef struct
{
  const char         *id;
  const char         *name;
  const char         *giveaway;
  PspHalf             halves[2];
  PspPartNames        parts[PSP_N_PARTS];
  PspPartNames        plain_stem;
  const char         *suffixes[PSP_N_PIECES];
  const char * const *ignored;
  gboolean            tolerant;
  gboolean            optional_normalisation;
  gboolean            framed_vectors;
  gboolean            partial_encoder;
  gboolean            pool_rounds_up;
  int                 enlargement;
  gboolean            undilated;
  gboolean            first_dilation_halved;
  gboolean            second_undilated;
  int                 stride_first_depth;
  const char         *stride_key;
  gboolean            features_last;
  gboolean            levels_reversed;
  int                 fuse_kernel;
  int                 classifier_kernel;
  gboolean            names_tell_bins;
  const char         *early_bins;
  gboolean            half_pixels;
  gboolean            bgr;
  float               mean[3];
  float               standard_deviation[3];
  int                 size_multiple;
  int                 size_offset;
  gboolean            resized;
  PspFamilySize       usual;
  PspFamilySize       street;
  PspFamilySize       aligned;
  const char         *config_key;
  const char * const *datasets;
} PspFamily;

/* The rows, each in psp-family-NAME.c. */
extern const PspFamily psp_family_official;
extern const PspFamily psp_family_mmsegmentation;
extern const PspFamily psp_family_caffe;
extern const PspFamily psp_family_csail;
extern const PspFamily psp_family_gluoncv;
extern const PspFamily psp_family_smp;
extern const PspFamily psp_family_smp_0;

/* PyTorch's names of what a convolution and its batch normalisation consist of. */
#define PSP_PYTORCH_SUFFIXES \
  { ".weight", ".bias", ".weight", ".bias", ".running_mean", ".running_var" }

/* ImageNet's statistics, as torchvision has them. */
#define PSP_IMAGENET_MEAN { 123.675f, 116.28f, 103.53f }
#define PSP_IMAGENET_STANDARD_DEVIATION { 58.395f, 57.12f, 57.375f }

/* (transfer none) (nullable): row @index of the table; %NULL behind its end. */
const PspFamily *psp_family_get         (int               index);

/* (transfer none) (nullable): the row with this @id; %NULL if there is none. */
const PspFamily *psp_family_find        (const char       *id);

/* (transfer full) (nullable): PATTERN with its braces filled in; %NULL for %NULL. */
char            *psp_family_expand      (const char       *pattern,
                                         const PspPlace   *place);

/* (transfer full): the name of the @piece of the convolution, or normalisation, called @name. */
char            *psp_family_make_name   (const PspFamily  *self,
                                         const char       *name,
                                         PspPiece          piece);

/* Whether inference never needs the tensor called @name: counters and the like. */
gboolean         psp_family_ignores     (const PspFamily  *self,
                                         const char       *name);
