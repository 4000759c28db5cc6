#!/bin/sh
# Usage: check-globals.sh SOURCE_ROOT
# No variable of the engine outlives a call.  Exits 1 and names each that does.
#
# Read from the text: a line that declares a variable at file scope, or a static one in a function,
# must make it const (behind the last star, too).  What GObject makes every class write is allowed,
# and what a signal handler looks at, which is given nothing.
cd "$1" || exit 2
list=$(mktemp) || exit 2
trap 'rm -f "$list"' EXIT
find engine -name '*.[ch]' | LC_ALL=C sort >"$list"
[ -s "$list" ] || { echo 'no source files'; exit 2; }

LC_ALL=C xargs awk '
# “static const Type * const name[] = {” → what stands before the name
function declaration(text)
{
  sub (/ *(=|;|\[).*$/, "", text)
  return text
}

function is_constant(text)
{
  return text ~ /\*/ ? text ~ /\* *const +[A-Za-z_0-9]+$/ : text ~ /(^| )const /
}

function is_gobject(text)
{
  return text ~ /^static (GParamSpec \*properties|guint signals)$/
}

function is_for_signals(text)
{
  return FILENAME == "engine/formats/psp-file-mapping.c" && text == "static Guard guard"
}

/^ *\/?\*/ { next }
FNR == 1 { depth = 0 }

# At file scope, ending as a variable does and not as a function or a type.
/^[A-Za-z]/ && !/^(typedef|struct|enum|union|extern|return|case|default|goto)/ && /[;={]$/ {
  text = declaration($0)
  if (text !~ /\(/ && text ~ /^[A-Za-z_0-9]+ [ *A-Za-z_0-9]+$/ && !is_constant(text) &&
      !is_gobject(text) && !is_for_signals(text))
    {
      print FILENAME ":" FNR ": " $0
      bad = 1
    }
}

/^ +static / {
  text = $0
  sub (/^ +/, "", text)
  text = declaration(text)
  if (!is_constant(text))
    {
      print FILENAME ":" FNR ": " $0
      bad = 1
    }
}

END { exit bad }' <"$list"
