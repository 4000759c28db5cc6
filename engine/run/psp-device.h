/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-backend.h"

/**
 * PspDeviceKind:
 * @PSP_DEVICE_DISCRETE: a graphics card with memory of its own
 * @PSP_DEVICE_INTEGRATED: a GPU that shares the processor's memory
 * @PSP_DEVICE_VIRTUAL: a GPU lent by a virtual machine
 * @PSP_DEVICE_PROCESSOR: the processor through OpenBLAS; always there
 * @PSP_DEVICE_SOFTWARE: Vulkan emulated on the processor (lavapipe); never chosen by itself
 *
 * In the order of preference.
 */
typedef enum
{
  PSP_DEVICE_DISCRETE,
  PSP_DEVICE_INTEGRATED,
  PSP_DEVICE_VIRTUAL,
  PSP_DEVICE_PROCESSOR,
  PSP_DEVICE_SOFTWARE,
} PspDeviceKind;

/**
 * PspDeviceInfo:
 * @id: what `--device` takes: “cpu”, “vulkan:0”, “vulkan:1”
 * @name: as the driver writes it: “NVIDIA H200”; for the processor the OpenBLAS core in use
 * @kind: what it is
 * @driver: name and version of the driver or library
 * @memory_bytes: the device's own or shared memory
 */
typedef struct
{
  char          *id;
  char          *name;
  PspDeviceKind  kind;
  char          *driver;
  guint64        memory_bytes;
} PspDeviceInfo;

PspDeviceInfo *psp_device_info_copy (const PspDeviceInfo  *self) G_GNUC_WARN_UNUSED_RESULT;
void           psp_device_info_free (PspDeviceInfo        *self);

/* A word for @kind: “discrete GPU”. */
const char    *psp_device_kind_to_string (PspDeviceKind kind);

/**
 * psp_device_list:
 *
 * Every device that can be opened, the preferred one first; the processor is always among them.
 * A missing Vulkan loader or driver only makes the list shorter.  May take 100 ms.
 *
 * Returns: (transfer full) (element-type PspDeviceInfo): at least one entry
 */
GPtrArray     *psp_device_list      (void) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_device_open:
 * @choice: “auto”: the first of psp_device_list() that is no software device; “cpu”; “vulkan”: the
 *   first Vulkan device, a software one if there is no other; “vulkan:N”
 * @options: how to run on it
 * @error: %PSP_ERROR_NO_DEVICE (the message lists what there is), %PSP_ERROR_BAD_VALUE for another
 *   @choice, %PSP_ERROR_UNSUPPORTED for a precision that the device lacks, %PSP_ERROR_DEVICE
 *
 * Returns: (transfer full): the opened device, or %NULL with @error set
 */
PspBackend    *psp_device_open      (const char               *choice,
                                     const PspBackendOptions  *options,
                                     GError                  **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_device_restart_if_slow:
 * @argv: the program's arguments
 *
 * To be called first in main(), before there is a thread.  OpenBLAS chooses its kernels when it is
 * loaded, and can be told only by the environment: where it does not know the processor and took
 * kernels that are several times slower than need be, the same program starts anew in this process
 * with OPENBLAS_CORETYPE set.  Returns if there is no need, if the variable is set already, or if
 * the program cannot be started: psp_device_find_slowdown() tells then.
 */
void           psp_device_restart_if_slow (char **argv);

/**
 * psp_device_find_slowdown:
 *
 * Returns: (transfer full) (nullable): a sentence for people if the processor is slower than it
 *   needs to be: the environment says so (OPENBLAS_CORETYPE), or OpenBLAS does not know it
 */
char          *psp_device_find_slowdown (void) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspDeviceInfo, psp_device_info_free)
