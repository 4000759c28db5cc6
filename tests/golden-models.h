/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-runner.h"

/* The models of tests/golden and what PyTorch computes with them. */

/* (transfer full): the path of a file in tests/golden. */
char      *golden_path        (const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the path of the checkpoint NAME.pth, or how its family calls it. */
char      *golden_model_path  (const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* What the golden file of @name says and its checkpoint does not. */
PspModelOptions golden_read_options (const char *name);

/* (transfer full): the checkpoint of @name with those options. */
PspModel  *golden_load_model  (const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* Writes tiny18 with another classifier: its rows again and again, each time with more weight. */
void       golden_write_with_classes (const char *path,
                               int         n_classes);

/* (transfer full): a tensor of tests/golden/NAME.golden.safetensors. */
PspTensor *golden_read        (const char *name,
                               const char *tensor) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): a photo of noise, the same for every call with @size and @seed. */
PspImage  *golden_draw_noise  (PspSize     size,
                               int         seed) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): what @runner predicts for the noise of seed 7; @options may be %NULL. */
PspPrediction *golden_predict (PspRunner           *runner,
                               PspSize              size,
                               const PspRunOptions *options,
                               gboolean             details) G_GNUC_WARN_UNUSED_RESULT;

/* max |difference| / max |reference|. */
double     golden_difference  (const PspTensor *tensor,
                               const PspTensor *reference);

/**
 * golden_add_tests:
 * @backend: what is tested; lives until g_test_run() returns
 * @prefix: of the tests' paths: “/cpu”
 * @tolerance: of golden_difference()
 *
 * Adds tests for each golden model: every tensor of its golden file, from one run that taps them
 * all, with the pyramid folded and as it is written; and for one of them, logits without some of
 * its levels, and of a batch.
 */
void       golden_add_tests   (PspBackend *backend,
                               const char *prefix,
                               double      tolerance);

/* Adds a test for each golden model with a photo: the probabilities of `whole` at every pixel. */
void       golden_add_photo_tests (PspBackend *backend,
                               const char *prefix,
                               double      tolerance);
