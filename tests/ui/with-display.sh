#!/bin/sh
# Usage: with-display.sh COMMAND [ARG...]
# Runs a test on a display and a session bus of its own, so that it neither needs nor disturbs a
# desktop.  Without Xvfb it takes the display that is there; without any it skips, saying so.
export GDK_BACKEND=x11 GTK_A11Y=test GDK_SCALE=1 LC_ALL=C.UTF-8
unset GTK_THEME ADW_DEBUG_COLOR_SCHEME WAYLAND_DISPLAY

bus=
command -v dbus-run-session >/dev/null && bus='dbus-run-session --'

if ! command -v Xvfb >/dev/null; then
  if [ -z "$DISPLAY" ]; then
    echo '1..0 # SKIP no display, and Xvfb is not installed'
    exit 0
  fi
  exec $bus "$@"
fi

folder=$(mktemp -d) || exit 1
Xvfb -displayfd 3 -screen 0 1600x1200x24 -nolisten tcp 3>"$folder/number" >"$folder/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM

tries=0
while [ ! -s "$folder/number" ]; do
  tries=$((tries + 1))
  if [ $tries -gt 200 ] || ! kill -0 $server 2>/dev/null; then
    echo "Bail out! Xvfb does not start: $(cat "$folder/log")"
    exit 1
  fi
  sleep 0.05
done

DISPLAY=:$(cat "$folder/number") $bus "$@"
