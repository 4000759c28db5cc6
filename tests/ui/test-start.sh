#!/bin/sh
# Usage: with-display.sh test-start.sh SCENESCOPE
# The program itself on a display: it starts on the demo or on what it is given, complains of
# nothing, and ends when it is told to.  Speaks TAP.
program=$1
source=${G_TEST_SRCDIR:?}/..
# Leaks are for the tests that know whose they are (vulkan-leaks.c).
export ASAN_OPTIONS="detect_leaks=0:$ASAN_OPTIONS"
errors=$(mktemp) || exit 1
trap 'rm -f "$errors"' EXIT
n=0
bad=0

if ! command -v gdbus >/dev/null || [ -z "$DBUS_SESSION_BUS_ADDRESS" ]; then
  echo '1..0 # SKIP gdbus or a session bus is missing'
  exit 0
fi

# quit: asks the program to end, once it is there.
quit () {
  gdbus call --session --timeout 5 --dest org.scenescope.Scenescope \
    --object-path /org/scenescope/Scenescope \
    --method org.gtk.Actions.Activate quit '[]' '{}' >/dev/null 2>&1
}

# check NAME ARGUMENT...: the program with these arguments.
check () {
  name=$1
  shift
  n=$((n + 1))
  "$program" "$@" 2>"$errors" &
  process=$!
  tries=0
  sleep 2
  until quit; do
    tries=$((tries + 1))
    if [ $tries -gt 100 ] || ! kill -0 $process 2>/dev/null; then
      break
    fi
    sleep 0.2
  done

  # Not for ever, should it not hear.
  (sleep 20; kill -9 $process) >/dev/null 2>&1 &
  guard=$!
  wait $process
  status=$?
  kill $guard 2>/dev/null
  if [ $status -eq 0 ] && ! grep -qE 'WARNING|CRITICAL' "$errors"; then
    echo "ok $n - $name"
  else
    echo "not ok $n - $name (status $status)"
    sed 's/^/# /' "$errors"
    bad=1
  fi
}

check demo
check dataset-and-checkpoint "$source/data/demo" "$source/tests/golden/tiny18.pth"
check behind-dashes -- "$source/data/demo"
check images "$source/data/demo/images/0001.png" "$source/data/demo/images/0002.png"
check two-files "$source/data/demo/images" \
  "$source/tests/golden/encoder_csail18.pth,$source/tests/golden/decoder_csail18.pth"
check broken-checkpoint "$source/data/demo" "$source/tests/golden/README.md"
echo "1..$n"
exit $bad
