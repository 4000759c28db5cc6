#!/bin/sh
# Usage: check-data.sh SOURCE_ROOT
# What is installed for the desktop, by the desktop's own checkers.  Speaks TAP.
cd "$1" || exit 2
n=0
bad=0

# check NAME PROGRAM FILE COMMAND...: skipped, saying so, without the program or the file.
check () {
  name=$1 program=$2 file=$3
  shift 3
  n=$((n + 1))
  if [ ! -e "$file" ]; then
    echo "ok $n - $name # SKIP there is no such file"
  elif ! command -v "$program" >/dev/null; then
    echo "ok $n - $name # SKIP $program is not installed"
  elif output=$("$@" 2>&1); then
    echo "ok $n - $name"
  else
    echo "not ok $n - $name"
    echo "$output" | sed 's/^/# /'
    bad=1
  fi
}

# first PATTERN...: the first file of that name, as data/ holds one of each kind.
first () {
  find data -name "$1" | LC_ALL=C sort | head -n 1
}

desktop=$(first '*.desktop')
metainfo=$(first '*.metainfo.xml')
schema=$(first '*.gschema.xml')
check desktop-file desktop-file-validate "$desktop" desktop-file-validate "$desktop"
check metainfo appstreamcli "$metainfo" appstreamcli validate --no-net "$metainfo"
check schema glib-compile-schemas "$schema" \
  glib-compile-schemas --strict --dry-run "$(dirname "${schema:-.}")"
echo "1..$n"
exit $bad
