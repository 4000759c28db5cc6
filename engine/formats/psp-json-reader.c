/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-json-reader.h"

#include <errno.h>
#include <string.h>

#define MAX_DEPTH 64
#define HIGH_SURROGATE 0xd800u
#define LOW_SURROGATE 0xdc00u
#define SURROGATE_MASK 0xfc00u

static void
skip_blanks (PspJsonReader *self)
{
  self->position += strspn (self->text + self->position, " \t\r\n");
}

gboolean
psp_json_reader_take (PspJsonReader *self,
                      char           c)
{
  skip_blanks (self);
  if (self->text[self->position] != c)
    return FALSE;
  self->position++;
  return TRUE;
}

gboolean
psp_json_reader_is_at_end (PspJsonReader *self)
{
  skip_blanks (self);
  return self->position == self->n_bytes;
}

/* Whether the next byte is one of @characters. */
static gboolean
is_one_of (const PspJsonReader *self,
           const char          *characters)
{
  char c = self->text[self->position];

  return c != '\0' && strchr (characters, c) != NULL;
}

/* \uXXXX: behind the “u”. */
static gboolean
take_unit (PspJsonReader *self,
           gunichar      *unit)
{
  *unit = 0;
  for (int i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (self->text[self->position]);

      if (digit < 0)
        return FALSE;
      *unit = *unit << 4 | (gunichar) digit;
      self->position++;
    }
  return TRUE;
}

static gboolean
take_character (PspJsonReader *self,
                gunichar      *character)
{
  gunichar low;

  if (!take_unit (self, character) || *character == 0 ||
      (*character & SURROGATE_MASK) == LOW_SURROGATE)
    return FALSE;
  if ((*character & SURROGATE_MASK) != HIGH_SURROGATE)
    return TRUE;

  if (strncmp (self->text + self->position, "\\u", 2) != 0)
    return FALSE;
  self->position += 2;
  if (!take_unit (self, &low) || (low & SURROGATE_MASK) != LOW_SURROGATE)
    return FALSE;
  *character = 0x10000 + ((*character & ~SURROGATE_MASK) << 10) + (low & ~SURROGATE_MASK);
  return TRUE;
}

/* What a backslash stands before; @to moves behind what it means, never past what was read. */
static gboolean
take_escape (PspJsonReader  *self,
             char          **to)
{
  static const char letters[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  char letter = self->text[self->position];
  const char *found = letter != '\0' ? strchr (letters, letter) : NULL;
  gunichar character;

  if (found == NULL && letter != 'u')
    return FALSE;
  self->position++;
  if (found != NULL)
    {
      *(*to)++ = meanings[found - letters];
      return TRUE;
    }
  if (!take_character (self, &character))
    return FALSE;
  *to += g_unichar_to_utf8 (character, *to);
  return TRUE;
}

const char *
psp_json_reader_take_string (PspJsonReader *self)
{
  const char *string;
  char *to;

  if (!psp_json_reader_take (self, '"'))
    return NULL;
  string = to = self->text + self->position;
  for (;;)
    {
      char c = self->text[self->position];

      if ((guchar) c < 0x20)
        return NULL;
      self->position++;
      if (c == '"')
        break;
      if (c != '\\')
        *to++ = c;
      else if (!take_escape (self, &to))
        return NULL;
    }
  *to = '\0';
  return string;
}

/* Past “-” and the digits; FALSE if there are none, or zeros before them. */
static gboolean
skip_digits (PspJsonReader *self)
{
  gsize n_digits;

  skip_blanks (self);
  if (self->text[self->position] == '-')
    self->position++;
  n_digits = strspn (self->text + self->position, "0123456789");
  if (n_digits == 0 || (n_digits > 1 && self->text[self->position] == '0'))
    return FALSE;
  self->position += n_digits;
  return TRUE;
}

gboolean
psp_json_reader_take_integer (PspJsonReader *self,
                              gint64        *integer)
{
  const char *start;

  skip_blanks (self);
  start = self->text + self->position;
  if (!skip_digits (self) || is_one_of (self, ".eE"))
    return FALSE;
  errno = 0;
  *integer = g_ascii_strtoll (start, NULL, 10);
  return errno == 0;
}

static gboolean
skip_number (PspJsonReader *self)
{
  gsize n_digits;

  if (!skip_digits (self))
    return FALSE;
  if (self->text[self->position] == '.')
    {
      n_digits = strspn (self->text + ++self->position, "0123456789");
      self->position += n_digits;
      if (n_digits == 0)
        return FALSE;
    }
  if (!is_one_of (self, "eE"))
    return TRUE;
  self->position++;
  if (is_one_of (self, "+-"))
    self->position++;
  n_digits = strspn (self->text + self->position, "0123456789");
  self->position += n_digits;
  return n_digits > 0;
}

static gboolean
skip_scalar (PspJsonReader *self)
{
  static const char *const words[] = { "true", "false", "null" };

  skip_blanks (self);
  if (self->text[self->position] == '"')
    return psp_json_reader_take_string (self) != NULL;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_has_prefix (self->text + self->position, words[i]))
      {
        self->position += strlen (words[i]);
        return TRUE;
      }
  return skip_number (self);
}

/* The name of a member and its colon, in an object only. */
static gboolean
skip_name (PspJsonReader *self,
           char           closing)
{
  return closing == ']' ||
         (psp_json_reader_take_string (self) != NULL && psp_json_reader_take (self, ':'));
}

gboolean
psp_json_reader_skip_value (PspJsonReader *self)
{
  char closing[MAX_DEPTH]; /* of what is open */
  int depth = 0;

  do
    {
      gboolean is_object = psp_json_reader_take (self, '{');

      if (is_object || psp_json_reader_take (self, '['))
        {
          if (depth == MAX_DEPTH)
            return FALSE;
          closing[depth++] = is_object ? '}' : ']';
          if (!psp_json_reader_take (self, closing[depth - 1]))
            {
              if (!skip_name (self, closing[depth - 1]))
                return FALSE;
              continue;
            }
          depth--;
        }
      else if (!skip_scalar (self))
        {
          return FALSE;
        }
      while (depth > 0 && psp_json_reader_take (self, closing[depth - 1]))
        depth--;
      if (depth > 0 &&
          (!psp_json_reader_take (self, ',') || !skip_name (self, closing[depth - 1])))
        return FALSE;
    }
  while (depth > 0);
  return TRUE;
}
