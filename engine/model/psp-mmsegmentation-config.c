/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-mmsegmentation-config.h"

#include <string.h>

/* (nullable): what follows the first “key=” or “'key':” in @text. */
static const char *
find_value (const char *text,
            const char *key)
{
  for (const char *place = text; (place = strstr (place, key)) != NULL; place++)
    {
      const char *end = place + strlen (key);

      if (place > text && (g_ascii_isalnum (place[-1]) || place[-1] == '_'))
        continue;
      end += strspn (end, "'\"");
      end += strspn (end, " ");
      if (*end != '=' && *end != ':')
        continue;
      end++;
      return end + strspn (end, " \n");
    }
  return NULL;
}

/* (transfer full) (nullable): “1,2,3” from “(1, 2, 3)” or “[1, 2, 3]”. */
static char *
dup_list (const char *value)
{
  GString *list;

  if (value == NULL || (*value != '(' && *value != '['))
    return NULL;
  list = g_string_new (NULL);
  for (const char *c = value + 1; *c != '\0' && *c != ')' && *c != ']'; c++)
    if (!g_ascii_isspace (*c))
      g_string_append_c (list, *c);
  if (list->len > 0 && list->str[list->len - 1] == ',')
    g_string_truncate (list, list->len - 1);
  return g_string_free (list, FALSE);
}

static void
read_list (PspModelOptions *options,
           PspFact          fact,
           const char      *text,
           const char      *key)
{
  g_autofree char *list = dup_list (find_value (text, key));

  if (list != NULL)
    psp_model_options_set (options, fact, list, NULL);
}

/* The windows, if they are squares. */
static void
read_crop (PspModelOptions *options,
           const char      *text)
{
  g_autofree char *list = dup_list (find_value (text, "crop_size"));
  g_auto(GStrv) sides = g_strsplit (list != NULL ? list : "", ",", -1);

  if (g_strv_length (sides) == 2 && g_str_equal (sides[0], sides[1]))
    psp_model_options_set (options, PSP_FACT_CROP, sides[0], NULL);
}

/* @yes and @no are what True and False mean. */
static void
read_answer (PspModelOptions *options,
             PspFact          fact,
             const char      *value,
             const char      *yes,
             const char      *no)
{
  if (value != NULL && g_str_has_prefix (value, "True"))
    psp_model_options_set (options, fact, yes, NULL);
  else if (value != NULL && g_str_has_prefix (value, "False"))
    psp_model_options_set (options, fact, no, NULL);
}

void
psp_mmsegmentation_config_read (const char      *text,
                                PspModelOptions *options)
{
  const char *head = find_value (text, "decode_head");

  if (head != NULL)
    {
      read_answer (options, PSP_FACT_ALIGN_CORNERS, find_value (head, "align_corners"), "true",
                   "false");
      read_list (options, PSP_FACT_BINS, head, "pool_scales");
    }
  read_list (options, PSP_FACT_MEAN, text, "mean");
  read_list (options, PSP_FACT_STANDARD_DEVIATION, text, "std");
  read_answer (options, PSP_FACT_CHANNEL_ORDER, find_value (text, "to_rgb"), "rgb", "bgr");
  if (find_value (text, "bgr_to_rgb") != NULL)
    read_answer (options, PSP_FACT_CHANNEL_ORDER, find_value (text, "bgr_to_rgb"), "rgb", "bgr");
  read_crop (options, text);
}
