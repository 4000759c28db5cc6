#!/bin/sh
# Usage: test-lint.sh
# Every check passes on a small tree that is right and fails when one line of it is wrong.  TAP.
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
n=0
bad=0

# write FILE LINE...
write () {
  file=$tree/$1
  shift
  mkdir -p "$(dirname "$file")"
  printf '%s\n' "$@" >"$file"
}

licence='/* SPDX-License-Identifier: MIT */'

# A tree in which nothing is wrong, with what looks wrong and is not.
reset () {
  rm -rf "$tree"
  for layer in analysis core cpu dataset edit formats model project run vulkan; do
    write "engine/$layer/psp-good.h" "$licence" '#pragma once' '' '#include <glib.h>' \
      "#include \"engine/$layer/psp-other.h\""
  done
  write engine/vulkan/psp-good.c "$licence" '#include <vulkan/vulkan.h>'
  write ui/psp-good.c "$licence" '#include <gtk/gtk.h>' '#include "engine/psp.h"' \
    '#include "ui/psp-good.h"' 'path = g_file_get_path (file);'
  write app/psp-good.c "$licence" '#include "engine/run/psp-device.h"' '#include "ui/psp-good.h"'
  write engine/core/psp-good.c "$licence" 'static const char * const NAMES[] = {' '  "é",' '};' '' \
    'static const int LENGTH = 3;' '' 'static GParamSpec *properties[N_PROPERTIES];' '' \
    'typedef struct' '{' "$(yes '  int member;' | head -n 90)" '} Large;' '' \
    'int' 'get (void)' '{' '  static const int table[] = { 1 };' '  int local = 0;' \
    '  return local;' '}' \
    'static void' 'psp_good_class_init (PspGoodClass *class)' '{' "$(yes '  call ();' | head -n 90)" '}' \
    "/* $(yes 'ö' | head -n 94 | tr -d '\n') */"
  write data/org.example.Example.desktop '[Desktop Entry]' 'Type=Application' 'Name=Example' \
    'Exec=example' 'Categories=Graphics;'
  write data/org.example.Example.gschema.xml '<schemalist>' \
    '<schema id="org.example.Example" path="/org/example/Example/">' \
    '<key name="width" type="i"><default>1</default></key>' '</schema>' '</schemalist>'
}

result () {
  n=$((n + 1))
  if [ "$1" -eq 0 ]; then
    echo "ok $n - $2"
  else
    echo "not ok $n - $2"
    bad=1
  fi
}

# accepts CHECK NAME: the tree as it is.
accepts () {
  "$here/$1" "$tree" >"$tree.log" 2>&1
  status=$?
  [ $status -eq 0 ] || sed 's/^/# /' "$tree.log"
  result $status "$2"
}

# refuses CHECK FILE NAME: the tree as it is, for FILE's sake.
refuses () {
  if "$here/$1" "$tree" >"$tree.log" 2>&1; then
    result 1 "$3"
  elif [ -n "$2" ]; then
    grep -qF "$2" "$tree.log"
    result $? "$3"
  else
    result 0 "$3"
  fi
  reset
}

# crossing FILE INCLUDE: an include that the layers forbid.
crossing () {
  write "$1" "$licence" "#include $2"
  refuses check-includes.sh "$1" "includes: $1 may not include $2"
}

reset
accepts check-includes.sh 'includes: a tree that keeps the layers'
accepts check-style.sh 'style: a tree in good form'
accepts check-globals.sh 'globals: a tree without any'

crossing engine/core/psp-bad.c '"engine/formats/psp-file.h"'
crossing engine/core/psp-bad.c '<gio/gio.h>'
crossing engine/run/psp-bad.c '"engine/vulkan/psp-vulkan-stream.h"'
crossing engine/run/psp-bad.c '<vulkan/vulkan.h>'
crossing engine/analysis/psp-bad.c '"engine/model/psp-model.h"'
crossing engine/dataset/psp-bad.h '<gtk/gtk.h>'
crossing engine/project/psp-bad.c '"ui/psp-window.h"'
crossing engine/formats/psp-bad.c '"../core/psp-mask.h"'
crossing ui/psp-bad.c '"engine/core/psp-mask.h"'
crossing ui/psp-bad.c '<vulkan/vulkan.h>'
crossing ui/psp-bad.c '"app/psp-application.h"'
crossing app/psp-bad.c '"engine/cpu/psp-cpu-backend.h"'
write ui/psp-bad.c "$licence" 'if (g_file_get_contents (path, &text, NULL, NULL))'
refuses check-includes.sh ui/psp-bad.c 'includes: a widget may not read a file'
write ui/psp-bad.c "$licence" 'texture = gdk_texture_new_from_filename (path, NULL);'
refuses check-includes.sh ui/psp-bad.c 'includes: a widget may not decode a file'

write engine/core/psp-bad.c "$licence" "$(printf '\tint x;')"
refuses check-style.sh psp-bad.c:2 'style: a tab'
write engine/core/psp-bad.c "$licence" 'int x; '
refuses check-style.sh psp-bad.c:2 'style: a space at the end'
write engine/core/psp-bad.c "$licence" "/* $(yes 'ö' | head -n 95 | tr -d '\n') */"
refuses check-style.sh psp-bad.c:2 'style: a line of 101 characters'
write engine/core/psp-bad.c "$licence" "$(yes 'int x;' | head -n 900)"
refuses check-style.sh psp-bad.c 'style: a file of 901 lines'
write engine/core/psp-bad.c "$licence" 'static void' 'long_one (void)' '{' \
  "$(yes '  call ();' | head -n 81)" '}'
refuses check-style.sh psp-bad.c:86 'style: a function of 81 lines'
write engine/core/psp-bad.c 'int x;'
refuses check-style.sh psp-bad.c:1 'style: no licence'
write engine/core/psp-bad.h "$licence" 'int x;'
refuses check-style.sh psp-bad.h 'style: a header that may be read twice'
write engine/core/psp-bad.c "$licence" "/* TO""DO: later */"
refuses check-style.sh psp-bad.c:2 'style: a promise'

for line in 'static int counter;' 'static int counter = 0;' 'GHashTable *cache = NULL;' \
            'static const char *current;' 'static const char *names[] = {' \
            'int values[3] = { 1, 2, 3 };' '  static gsize once = 0;'; do
  write engine/run/psp-bad.c "$licence" "$line"
  refuses check-globals.sh psp-bad.c:2 "globals: $line"
done

# vectors LINE: a function with a loop behind LINE, which gcc would not dare to change by itself.
vectors () {
  write engine/run/psp-vectors.c "$licence" \
    '#define PSP_VECTORISED __attribute__ ((target_clones ("avx512f", "default")))' \
    'void copy_each (float **to, float **from, int n);' '' 'PSP_VECTORISED void' \
    'copy_each (float **to, float **from, int n)' '{' \
    '  float *a = to[0], *b = to[1], *c = to[2], *d = from[0], *e = from[1], *f = from[2];' '' \
    "$1" '  for (int i = 0; i < n; i++)' '    {' \
    '      a[i] = d[i] + e[i];' '      b[i] = d[i] + f[i];' '      c[i] = e[i] + f[i];' \
    '      a[n - i] = 0;' '    }' '}'
}

vectors '#pragma GCC ivdep'
"$here/check-vectors.sh" "$tree" "$tree" >"$tree.log" 2>&1
if [ $? -eq 77 ]; then
  n=$((n + 1))
  echo "ok $n - vectors # SKIP not gcc on x86-64"
else
  accepts check-vectors.sh 'vectors: a loop that is made one'
  vectors ''
  refuses check-vectors.sh copy_each 'vectors: a loop that is not'
fi
reset

# without PROGRAM NAME: skips a test for want of a program.
without () {
  n=$((n + 1))
  echo "ok $n - $2 # SKIP $1 is not installed"
}

accepts check-data.sh 'data: files that are right'
name='data: a desktop file without a type'
write data/org.example.Example.desktop '[Desktop Entry]' 'Name=Example'
if command -v desktop-file-validate >/dev/null; then
  refuses check-data.sh '' "$name"
else
  without desktop-file-validate "$name"
fi
name='data: a schema that does not compile'
write data/org.example.Example.gschema.xml '<schemalist><schema id="a"><key/></schema></schemalist>'
if command -v glib-compile-schemas >/dev/null; then
  refuses check-data.sh '' "$name"
else
  without glib-compile-schemas "$name"
fi
name='data: metainfo without an id'
write data/org.example.Example.metainfo.xml '<component></component>'
if command -v appstreamcli >/dev/null; then
  refuses check-data.sh '' "$name"
else
  without appstreamcli "$name"
fi

rm -f "$tree.log"
echo "1..$n"
exit $bad
