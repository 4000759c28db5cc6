/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-safetensors-writer.h"

/* Networks as wide as the official ones: names and shapes of their tensors, written down here once
 * more; they share nothing with the engine. */

#define NETWORK_STAGES 4
#define NETWORK_LEVELS 4

/* hszhao/semseg, model/resnet.py; 18: torchvision's resnet.py. */
typedef struct
{
  int depth;
  int blocks[NETWORK_STAGES];
  int expansion; /* 1: blocks of two 3x3 convolutions */
} NetworkDepth;

enum { NETWORK_50, NETWORK_101, NETWORK_152, NETWORK_18 };

extern const NetworkDepth network_depths[];
extern const int network_bins[NETWORK_LEVELS];

/* How a project names its tensors, and how wide its stem is. */
typedef struct _NetworkStyle NetworkStyle;

extern const NetworkStyle network_official;
extern const NetworkStyle network_mmsegmentation;

/* The project's name. */
const char *network_style_get_name (const NetworkStyle *self);

/**
 * NetworkListing:
 * @tensors: (nullable): takes name and PspTensor
 * @writer: given with @tensors
 * @header: (nullable): takes that of a safetensors file without numbers
 * @n_bytes: of those numbers
 * @random: state of network_listing_draw()
 * @counters: whether each normalisation has one, as newer PyTorch writes
 * @n_entries: of the file
 * @n_parameters: learnable
 *
 * A network being listed: its tensors, or only how many there are.
 */
typedef struct
{
  GHashTable           *tensors;
  PspSafetensorsWriter *writer;
  GString              *header;
  guint64               n_bytes;
  guint64               random;
  gboolean              counters;
  int                   n_entries;
  gint64                n_parameters;
} NetworkListing;

/* Lists all tensors of a network of network_depths[@depth_index].  Numbers are drawn. */
void   network_listing_add          (NetworkListing     *self,
                                     const NetworkStyle *style,
                                     int                 depth_index,
                                     int                 n_classes,
                                     gboolean            auxiliary);

/* From 0 to 1, the same in every run. */
double network_listing_draw         (NetworkListing     *self);

/* Writes a safetensors file from @header, whose numbers are a hole: zeros that take no room. */
void   network_listing_write_hollow (NetworkListing     *self,
                                     const char         *path);
