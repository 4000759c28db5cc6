#!/bin/sh
# Usage: check-includes.sh SOURCE_ROOT
# Who may include whom.  Exits 1 and names each line that crosses a boundary.
cd "$1" || exit 2
bad=0

# refuse LINES REASON: complains of LINES unless there are none.
refuse () {
  if [ -n "$1" ]; then
    printf '%s\n  ^ %s\n' "$1" "$2"
    bad=1
  fi
}

# includes DIRECTORY... : the lines of its C files, and of those below, that include something.
includes () {
  grep -rHnE --include='*.[ch]' '^ *# *include *[<"]' "$@" 2>/dev/null
}

# forbid DIRECTORY PATTERN REASON: no include in DIRECTORY may match.
forbid () {
  refuse "$(includes "$1" | grep -E "include *[<\"]($2)")" "$3"
}

# only DIRECTORY LAYER...: of our own headers, DIRECTORY includes its own and those of the layers.
only () {
  directory=$1
  shift
  allowed="$directory/|engine/psp-version.h"
  for layer; do
    allowed="$allowed|$layer"
  done
  refuse "$(includes "$directory" | grep 'include *"' | grep -vE "\"($allowed)")" \
    "$directory includes only $allowed"
}

for directory in app engine ui tests; do
  forbid "$directory" '\.\.?/' 'headers are named from the root'
done

# Our layers.
only engine/core
only engine/edit     engine/core/
only engine/formats  engine/core/
only engine/dataset  engine/core/ engine/edit/ engine/formats/
only engine/analysis engine/core/ engine/formats/
only engine/model    engine/core/ engine/formats/ engine/dataset/psp-taxonomy-file.h
only engine/run      engine/core/ engine/model/ \
                     engine/cpu/psp-cpu-backend.h engine/vulkan/psp-vulkan-backend.h
only engine/cpu      engine/core/ engine/run/
only engine/vulkan   engine/core/ engine/run/ shaders/ psp-
only engine/project  engine/core/ engine/edit/ engine/formats/ engine/dataset/ engine/analysis/ \
                     engine/model/ engine/run/
only ui              engine/psp.h
forbid app 'engine/(cpu|vulkan)/' 'a backend is chosen by name: engine/run/psp-device.h'

# Libraries.
forbid engine '(gtk|gdk|gsk)/|adwaita' 'the engine does not know the toolkit'
forbid engine/core '(gio|json-glib|vulkan|cairo)[/.]' 'core is plain C over GLib'
forbid ui '(gio/g(file|unix)|png|jpeg|sqlite|json-glib|vulkan|cblas|stdio)' 'widgets see engine/psp.h'
refuse "$(includes app engine ui | grep 'include *<vulkan/' | grep -v '^engine/vulkan/')" \
  'only engine/vulkan includes Vulkan'

# Widgets show what the engine gives them: no file is opened in ui.
calls='g_file_(get_contents|set_contents|read|load|open|replace|create|append|copy|move|delete'
calls="$calls|trash|enumerate|make|query|test|new_tmp)|fopen|g_f?open|g_creat|g_dir_open|g_mkdir"
calls="$calls|g_unlink|g_remove|g_rename|g_mapped_file|gdk_pixbuf|gdk_texture_new_from_file"
calls="$calls|gtk_(image|picture)_(new_from|new_for|set_from)_(file|filename|pixbuf)"
refuse "$(grep -rHnE --include='*.[ch]' "(^|[^a-z_])($calls)[a-z_]* \(" ui 2>/dev/null)" \
  'widgets never touch files'

exit $bad
