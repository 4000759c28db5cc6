/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-pickle.h"

/**
 * PspPytorchTensorFunc:
 * @name: (array length=n_name_bytes): what torch.nn.Module.state_dict() would call it; any bytes
 * @n_name_bytes: the length of @name
 * @node: what psp_pytorch_tensor_find() found
 * @user_data: of the walk
 * @error: what is wrong with it
 *
 * Returns: whether to go on; %FALSE with @error set
 */
typedef gboolean (*PspPytorchTensorFunc) (const char           *name,
                                          gsize                 n_name_bytes,
                                          const PspPickleNode  *node,
                                          gpointer              user_data,
                                          GError              **error);

/**
 * PspPytorchModuleWalk:
 * @path: of the file, for messages
 * @func: is called with each tensor
 * @user_data: for @func
 *
 * What walks through networks need.  All walks with the same one share its limits.
 */
typedef struct
{
  const char           *path;
  PspPytorchTensorFunc  func;
  gpointer              user_data;

  /*< private >*/
  guint                 n_modules;
  guint                 n_items;
} PspPytorchModuleWalk;

/* Whether @node is a torch.nn.Module: an object whose attributes have _parameters, _buffers and
 * _modules.  Its class may be any, and is not looked at.  Takes as long as it has attributes. */
gboolean psp_pytorch_module_is        (const PspPickleNode   *node);

/**
 * psp_pytorch_module_walk:
 * @walk: where to
 * @module: a network as torch.save stores it, not its state dict
 * @error: %PSP_ERROR_BAD_FILE or %PSP_ERROR_UNSUPPORTED, naming the file and what is at fault; or
 *   what the walk's function set
 *
 * Meets the tensors in the order and under the names of torch.nn.Module.state_dict(): of each
 * module the parameters, the buffers but for those that are not persistent, then the children;
 * what is None is left out.  A tensor that has several names is met under each.  What else a class
 * keeps in its objects is not looked at.
 *
 * Modules may contain each other: beyond 64 levels, %PSP_CHECKPOINT_MAX_ENTRIES modules or two
 * million of their attributes and members it gives up.
 */
gboolean psp_pytorch_module_walk      (PspPytorchModuleWalk  *walk,
                                       const PspPickleNode   *module,
                                       GError               **error);

/* (transfer full): for messages, the class of any object, “some.module.Name”, or what makes it. */
char    *psp_pytorch_module_dup_class (const PspPickleNode   *object);
