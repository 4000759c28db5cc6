#!/bin/sh
# Usage: check-vectors.sh SOURCE_ROOT BUILD_ROOT
# The compiler makes vectors of what is marked PSP_VECTORISED.  Exits 1 and names each such function
# in which it does not: a loop that it leaves as it is takes many times as long, and nothing else
# tells.  Asks gcc on x86-64, by which the program is built; 77 (skipped) elsewhere.
cd "$1" || exit 2
[ "$(uname -m)" = x86_64 ] && command -v gcc >/dev/null || exit 77
files=$(grep -l '^PSP_VECTORISED' -r engine --include='*.c' | LC_ALL=C sort)
[ -n "$files" ] || { echo 'no vectorised functions'; exit 2; }
found=$(mktemp) || exit 2
trap 'rm -f "$found"' EXIT
status=0

for file in $files
do
  gcc -std=gnu11 -O3 -fno-math-errno -fno-trapping-math -I. -I"$2" \
      $(pkg-config --cflags gio-2.0 openblas) -fopt-info-vec-optimized -c -o /dev/null "$file" \
      2>"$found" || { cat "$found"; exit 2; }
  awk '
told { # file:line:column: optimized: loop vectorized using 64 byte vectors
  split ($0, part, ":")
  if (/using (32|64) byte vectors/)
    vectors[part[2]] = 1
  next
}
/^PSP_VECTORISED/ { inside = FNR; good = 0; name = "" }
inside && name == "" && /^[a-z_0-9]+ \(/ { name = $1 }
inside && FNR in vectors { good = 1 }
inside && /^}/ {
  if (!good)
    {
      print FILENAME ":" inside ": no vectors in " name "()"
      bad = 1
    }
  inside = 0
}
END { exit bad }' told=1 "$found" told=0 "$file" || status=1
done
exit $status
