/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-predictor.h"

/* How devices are opened: psp_device_open(). */
typedef PspBackend *(*PspPredictorOpenFunc) (const char               *device,
                                             const PspBackendOptions  *options,
                                             GError                  **error);

/* As psp_predictor_new(), for tests, which open devices that fail. */
PspPredictor *psp_predictor_new_full (PspPredictorOpenFunc      open,
                                      PspModel                 *model,
                                      const char               *device,
                                      const PspBackendOptions  *options,
                                      PspPredictorListenFunc    listen,
                                      gpointer                  listen_data,
                                      GError                  **error) G_GNUC_WARN_UNUSED_RESULT;
