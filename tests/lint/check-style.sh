#!/bin/sh
# Usage: check-style.sh SOURCE_ROOT
# What can be said of the form of a source file without reading it.  Exits 1 and names each place.
cd "$1" || exit 2
list=$(mktemp) || exit 2
trap 'rm -f "$list"' EXIT

for directory in app engine ui shaders tests data; do
  [ -d "$directory" ] && find "$directory" -name '*.[ch]' -o -name '*.comp' -o -name '*.glsl'
done | LC_ALL=C sort >"$list"
[ -s "$list" ] || { echo 'no source files'; exit 2; }

# Lengths are in characters: bytes that go on with one are not counted (UTF-8).
LC_ALL=C xargs awk '
function complain(text)
{
  print FILENAME ":" FNR ": " text
  bad = 1
}

function end_file()
{
  if (n_lines > 900)
    complain_about(previous_file, "has " n_lines " lines; split it by kind of work (900)")
  if (previous_file ~ /\.h$/ && previous_file !~ /^shaders\// && !once)
    complain_about(previous_file, "a header says #pragma once")
}

function complain_about(file, text)
{
  print file ": " text
  bad = 1
}

FNR == 1 {
  if (NR > 1)
    end_file()
  previous_file = FILENAME
  once = 0
  is_c = FILENAME ~ /\.[ch]$/
  body_from = 0
  before = ""
  if ($0 != "/* SPDX-License-Identifier: MIT */")
    complain("the first line is /* SPDX-License-Identifier: MIT */")
}

{
  n_lines = FNR
  line = $0
  # An attribute behind a prototype does not count.
  sub (/ G_GNUC_[A-Z_]+;$/, "", line)
  gsub (/[\200-\277]/, "", line)
  if (length (line) > 100)
    complain("has " length (line) " characters (100)")
}

/\t/ { complain("a tab") }
/[ \r]$/ { complain("a space at the end") }
/(^|[^A-Za-z_])(TODO|FIXME|XXX)([^A-Za-z_]|$)/ { complain("do it, or write it down elsewhere") }
/^#pragma once$/ { once = 1 }

# GNU braces: a body starts and ends in the first column; what a type or a table opens does not count.
is_c && /^\{/ {
  body_from = before ~ /^(typedef|struct|enum|union)|=$/ ? 0 : FNR
  is_class_init = name ~ /(class_init|class_intern_init) *\(/
}
is_c && /^\}/ {
  if (body_from > 0 && FNR - body_from - 1 > 80 && !is_class_init)
    complain("the function above has " FNR - body_from - 1 " lines (80)")
  body_from = 0
}
/^[a-z][a-zA-Z0-9_]* \(/ { name = $0 }
/[^ ]/ { before = $0 }

END {
  end_file()
  exit bad
}' <"$list"
