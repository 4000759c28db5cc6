/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib-object.h>

/**
 * PspTool:
 * @PSP_TOOL_INSPECT: “inspect”: a drag moves the view
 * @PSP_TOOL_BRUSH: “brush”: a drag paints the class that is chosen
 * @PSP_TOOL_ERASER: “eraser”: a drag restores the label as the dataset has it
 * @PSP_TOOL_FILL: “fill”: a click fills the region of equal class under the pointer
 * @PSP_TOOL_POLYGON: “polygon”: clicks set corners; Return or a double click fills the polygon
 *
 * What the main button does on a pane.  The words in quotes are the nicks, and the states of the
 * action “canvas.tool”.
 */
typedef enum
{
  PSP_TOOL_INSPECT,
  PSP_TOOL_BRUSH,
  PSP_TOOL_ERASER,
  PSP_TOOL_FILL,
  PSP_TOOL_POLYGON,
} PspTool;

#define PSP_TYPE_TOOL (psp_tool_get_type ())
GType psp_tool_get_type (void);
