/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-protocol.h"

#include "engine/model/psp-family.h"

#include <math.h>

static const PspProtocolRules table[PSP_N_PROTOCOLS] = {
  [PSP_PROTOCOL_WHOLE] = { .name = "whole" },

  /* hszhao/semseg, tool/test.py. */
  [PSP_PROTOCOL_SLIDE] = {
    .name = "slide",
    .scale = PSP_SCALE_LONGER,
    .photo = PSP_PHOTO_BILINEAR,
    .tiles = PSP_TILES_END,
    .padding = PSP_PADDING_CENTRED,
    .fusion = PSP_FUSION_PROBABILITIES,
    .result = PSP_FILTER_OPENCV,
    .flip = TRUE,
    .base = { 512, 2048 },
    .crop = { 473, 713 },
    .n_scales = 1,
    .scales = { 1 },
  },

  /* mseg-dataset/mseg-semantic, tool/inference_task.py. */
  [PSP_PROTOCOL_MSEG] = {
    .name = "mseg",
    .scale = PSP_SCALE_SHORTER,
    .photo = PSP_PHOTO_BILINEAR,
    .tiles = PSP_TILES_END,
    .padding = PSP_PADDING_CENTRED,
    .fusion = PSP_FUSION_PROBABILITIES,
    .result = PSP_FILTER_OPENCV,
    .flip = TRUE,
    .base = { 360, 360 },
    .crop = { 713, 713 },
    .n_scales = 1,
    .scales = { 1 },
  },

  /* hszhao/PSPNet, evaluation/eval_sub.m, scale_process.m, caffe_process.m. */
  [PSP_PROTOCOL_CAFFE] = {
    .name = "caffe",
    .scale = PSP_SCALE_LONGER_AND_ONE,
    .photo = PSP_PHOTO_MATLAB,
    .tiles = PSP_TILES_END,
    .padding = PSP_PADDING_BEHIND,
    .fusion = PSP_FUSION_SUMMED,
    .result = PSP_FILTER_MIRRORED,
    .flip = TRUE,
    .base = { 512, 2048 },
    .crop = { 473, 713 },
    .n_scales = 1,
    .scales = { 1 },
  },

  /* open-mmlab/mmsegmentation, models/segmentors/encoder_decoder.py. */
  [PSP_PROTOCOL_MMSEGMENTATION_WHOLE] = {
    .name = "mmsegmentation-whole",
    .scale = PSP_SCALE_WITHIN,
    .photo = PSP_PHOTO_OPENCV,
    .tiles = PSP_TILES_NONE,
    .padding = PSP_PADDING_BEHIND,
    .fusion = PSP_FUSION_LOGITS,
    .result = PSP_FILTER_CENTRED,
    .result_as_model = TRUE,
    .base = { 512, 1024 },
    .n_scales = 1,
    .scales = { 1 },
  },
  [PSP_PROTOCOL_MMSEGMENTATION_SLIDE] = {
    .name = "mmsegmentation-slide",
    .scale = PSP_SCALE_WITHIN,
    .photo = PSP_PHOTO_OPENCV,
    .tiles = PSP_TILES_SMALL,
    .padding = PSP_PADDING_BEHIND,
    .fusion = PSP_FUSION_LOGITS,
    .result = PSP_FILTER_CENTRED,
    .result_as_model = TRUE,
    .base = { 512, 1024 },
    .crop = { 512, 769 },
    .n_scales = 1,
    .scales = { 1 },
  },

  /* CSAILVision/semantic-segmentation-pytorch, dataset.py, eval.py: scales are the short sides. */
  [PSP_PROTOCOL_CSAIL] = {
    .name = "csail",
    .scale = PSP_SCALE_FITTED,
    .photo = PSP_PHOTO_PILLOW,
    .tiles = PSP_TILES_NONE,
    .padding = PSP_PADDING_BEHIND,
    .fusion = PSP_FUSION_PROBABILITIES,
    .result = PSP_FILTER_CENTRED,
    .direct = TRUE,
    .base = { 1, 1 },
    .n_scales = 5,
    .scales = { 300, 375, 450, 525, 600 },
  },

  /* dmlc/gluon-cv, model_zoo/segbase.py (MultiEvalModel). */
  [PSP_PROTOCOL_GLUONCV] = {
    .name = "gluoncv",
    .scale = PSP_SCALE_LONGER_UP,
    .photo = PSP_PHOTO_ALIGNED,
    .tiles = PSP_TILES_BEYOND,
    .padding = PSP_PADDING_BLACK,
    .fusion = PSP_FUSION_EXPONENTIALS,
    .result = PSP_FILTER_ALIGNED,
    .flip = TRUE,
    .base = { 520, 520 },
    .crop = { 480, 480 },
    .n_scales = 1,
    .scales = { 1 },
  },
};

const PspProtocolRules *
psp_protocol_get_rules (PspProtocol protocol)
{
  g_return_val_if_fail (protocol < PSP_N_PROTOCOLS, NULL);

  return &table[protocol];
}

gboolean
psp_protocol_find (const char  *name,
                   PspProtocol *protocol)
{
  if (g_str_equal (name, "auto"))
    {
      *protocol = PSP_PROTOCOL_FAMILY;
      return TRUE;
    }
  for (int i = 0; i < PSP_N_PROTOCOLS; i++)
    if (g_str_equal (name, table[i].name))
      {
        *protocol = i;
        return TRUE;
      }
  return FALSE;
}

char *
psp_protocol_list (void)
{
  GString *list = g_string_new ("auto");

  for (int i = 0; i < PSP_N_PROTOCOLS; i++)
    g_string_append_printf (list, ", %s", table[i].name);
  return g_string_free (list, FALSE);
}

PspProtocol
psp_protocol_resolve (PspProtocol          protocol,
                      const PspModelFacts *facts)
{
  const struct { const PspFamily *family; PspProtocol protocol; } projects[] = {
    { &psp_family_caffe, PSP_PROTOCOL_CAFFE },
    { &psp_family_mmsegmentation, PSP_PROTOCOL_MMSEGMENTATION_WHOLE },
    { &psp_family_csail, PSP_PROTOCOL_CSAIL },
    { &psp_family_gluoncv, PSP_PROTOCOL_GLUONCV },
  };

  if (protocol != PSP_PROTOCOL_FAMILY)
    return protocol;
  for (gsize i = 0; i < G_N_ELEMENTS (projects); i++)
    if (g_strcmp0 (facts->family, projects[i].family->name) == 0)
      return projects[i].protocol;
  return PSP_PROTOCOL_WHOLE;
}

int
psp_protocol_id_offset (PspProtocol          protocol,
                        const PspModelFacts *facts)
{
  return psp_protocol_resolve (protocol, facts) == PSP_PROTOCOL_CAFFE &&
         facts->n_classes == 150 ? 1 : 0;
}

/* The longer side becomes @longer; rint() rounds half to even, as Python's round() does. */
static PspSize
scale_longer (PspSize size,
              double  longer)
{
  if (size.height > size.width)
    return (PspSize) { (int) rint (longer / size.height * size.width), (int) longer };
  return (PspSize) { (int) longer, (int) rint (longer / size.width * size.height) };
}

static PspSize
scale_shorter (PspSize size,
               double  shorter)
{
  if (size.height > size.width)
    return (PspSize) { (int) shorter, (int) rint (shorter / size.width * size.height) };
  return (PspSize) { (int) rint (shorter / size.height * size.width), (int) shorter };
}

/* MATLAB's round(), and its arithmetic on singles. */
static PspSize
scale_longer_and_one (PspSize size,
                      float   longer)
{
  if (size.height > size.width)
    return (PspSize) { (int) roundf (longer / (float) size.height * (float) size.width),
                       (int) longer };
  return (PspSize) { (int) longer,
                     (int) roundf (longer / (float) size.width * (float) size.height) };
}

static PspSize
scale_longer_up (PspSize size,
                 double  longer)
{
  if (size.height > size.width)
    return (PspSize) { (int) (size.width * longer / size.height + 0.5), (int) longer };
  return (PspSize) { (int) longer, (int) (size.height * longer / size.width + 0.5) };
}

static PspSize
scale_within (PspSize size,
              double  shorter,
              double  longer)
{
  double share = MIN (longer / MAX (size.width, size.height),
                      shorter / MIN (size.width, size.height));

  return (PspSize) { (int) (size.width * share + 0.5), (int) (size.height * share + 0.5) };
}

#define LONGEST_FITTED 1000

static PspSize
scale_fitted (PspSize              size,
              double               shorter,
              const PspModelFacts *facts)
{
  double share = MIN (shorter / MIN (size.width, size.height),
                      (double) LONGEST_FITTED / MAX (size.width, size.height));

  return (PspSize) { psp_model_facts_fit_length (facts, (int) (size.width * share)),
                     psp_model_facts_fit_length (facts, (int) (size.height * share)) };
}

static PspSize
scale_size (const PspProtocolRules *self,
            PspSize                 size,
            double                  scale,
            int                     base,
            const PspModelFacts    *facts)
{
  int more = facts->align_corners;

  switch (self->scale)
    {
    case PSP_SCALE_LONGER:
      return scale_longer (size, rint (scale * base));
    case PSP_SCALE_SHORTER:
      return scale_shorter (size, rint (scale * base));
    case PSP_SCALE_LONGER_AND_ONE:
      return scale_longer_and_one (size, floorf ((float) (base * scale) + 1));
    case PSP_SCALE_LONGER_UP:
      return scale_longer_up (size, ceil (scale * base));
    case PSP_SCALE_WITHIN:
      return scale_within (size, floor ((base + more) * scale),
                           floor ((base * (facts->n_classes == 19 ? 2 : 4) + more) * scale));
    case PSP_SCALE_FITTED:
      return scale_fitted (size, scale * base, facts);
    default:
      g_assert_not_reached ();
    }
}

PspSize
psp_protocol_scale_size (const PspProtocolRules *self,
                         PspSize                 size,
                         double                  scale,
                         int                     base,
                         const PspModelFacts    *facts)
{
  PspSize scaled = scale_size (self, size, scale, base, facts);

  return (PspSize) { MAX (1, scaled.width), MAX (1, scaled.height) };
}
