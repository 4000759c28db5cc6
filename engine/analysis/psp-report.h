/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/analysis/psp-evaluation.h"
#include "engine/core/psp-image.h"

#include <gio/gio.h>

/**
 * PspReportPictures:
 * @photo: (nullable) (transfer full): the photo; without it there are no pictures
 * @truth: (nullable) (transfer full): its label mask
 * @prediction: (nullable) (transfer full): what the network says
 *
 * What is shown of one image.  What is %NULL, or not of the photo's size, is left out.
 */
typedef struct
{
  PspImage *photo;
  PspMask  *truth;
  PspMask  *prediction;
} PspReportPictures;

/**
 * PspReportPicturesFunc:
 * @stem: an image of the evaluation
 * @pictures: (out): all %NULL; filled with what can be had
 * @data: the caller's
 *
 * Called in the thread of psp_report_write(), once for each of the worst images.
 */
typedef void (*PspReportPicturesFunc) (const char        *stem,
                                       PspReportPictures *pictures,
                                       gpointer           data);

/**
 * PspReportParams:
 * @dataset: (nullable): the name of what was judged
 * @model: (nullable): the name of the network, or where the predictions come from
 * @device: (nullable): where it ran
 * @device_id: (nullable): the same as --device takes it: “vulkan:0”
 * @precision: (nullable): “fp32” or “fp16”
 * @protocol: (nullable): how it was run: “whole”, “slide, scales 0.5 1 1.5, flip”
 * @mapping: (nullable): how ids were mapped before counting; %NULL: not at all
 * @n_worst: how many of the worst images the HTML shows; 0: 20
 * @load_pictures: (nullable): their pictures; %NULL: a table without pictures
 * @load_pictures_data: for @load_pictures
 *
 * What a report says beside the numbers.  All zero: the numbers alone.
 */
typedef struct
{
  const char            *dataset;
  const char            *model;
  const char            *device;
  const char            *device_id;
  const char            *precision;
  const char            *protocol;
  const char            *mapping;
  int                    n_worst;
  PspReportPicturesFunc  load_pictures;
  gpointer               load_pictures_data;
} PspReportParams;

/**
 * psp_report_write:
 * @evaluation: what is reported
 * @folder: where to; made if it is not there
 * @params: (nullable): %NULL: all zero
 * @cancellable: (nullable): looked at between pictures and files
 * @error: %PSP_ERROR_IO or %PSP_ERROR_NOT_FOUND, naming the file; %PSP_ERROR_NO_MEMORY;
 *   %G_IO_ERROR_CANCELLED
 *
 * Writes four files into @folder, each replaced whole (psp_file_replace()).  The same evaluation
 * gives the same bytes: there is no date and no path in them.
 *
 * - `metrics.json`: confusion, iou, accuracy, mIoU, mAcc, allAcc as the reference protocol
 *   defines them (a class without a pixel counts as 0), then mIoU_present, mAcc_present (null if
 *   there is no such class), prediction_outside, truth_outside, policy, classes (null for measures
 *   that are unknown), images, problems.
 * - `report.csv`: id,name,gt_pixels,pred_pixels,tp,fp,fn,iou,accuracy,precision,dice,n_images
 *   with a line for each class, empty fields for measures that are unknown; then the lines mIoU,
 *   mAcc, allAcc, mIoU_present, mAcc_present.
 * - `results.txt`: the text that mseg-semantic writes and its collector reads.
 * - `report.html`: one page without external resources.
 *
 * Any thread; with pictures it decodes and shrinks the worst images, which takes seconds.
 */
gboolean psp_report_write (PspEvaluation          *evaluation,
                           const char             *folder,
                           const PspReportParams  *params,
                           GCancellable           *cancellable,
                           GError                **error);
