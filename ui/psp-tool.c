/* SPDX-License-Identifier: MIT */
#include "ui/psp-tool.h"

static const GEnumValue tools[] = {
  { PSP_TOOL_INSPECT, "PSP_TOOL_INSPECT", "inspect" },
  { PSP_TOOL_BRUSH, "PSP_TOOL_BRUSH", "brush" },
  { PSP_TOOL_ERASER, "PSP_TOOL_ERASER", "eraser" },
  { PSP_TOOL_FILL, "PSP_TOOL_FILL", "fill" },
  { PSP_TOOL_POLYGON, "PSP_TOOL_POLYGON", "polygon" },
  { 0, NULL, NULL },
};

GType
psp_tool_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("PspTool", tools));

  return type;
}
