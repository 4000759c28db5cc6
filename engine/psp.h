/* SPDX-License-Identifier: MIT */
#pragma once

/* The engine as the window sees it: the only engine header that ui/ includes. */

#include "engine/analysis/psp-mipmap.h"
#include "engine/analysis/psp-overlay.h"
#include "engine/analysis/psp-pair-region.h"
#include "engine/core/psp-error.h"
#include "engine/core/psp-geometry.h"
#include "engine/core/psp-image.h"
#include "engine/core/psp-mask.h"
#include "engine/core/psp-taxonomy.h"
#include "engine/core/psp-tensor.h"
#include "engine/edit/psp-edit.h"
#include "engine/model/psp-model-answers.h"
#include "engine/model/psp-model-files.h"
#include "engine/project/psp-project.h"
#include "engine/project/psp-project-item.h"
#include "engine/project/psp-scene.h"
#include "engine/run/psp-device.h"
#include "engine/run/psp-prediction.h"
#include "engine/run/psp-predictor.h"
#include "engine/run/psp-runner.h"
