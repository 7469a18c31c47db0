#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# generate.sh [--check] GEN_OPS ROOT: writes what is made from the registry of ops, or says what is not current.
check=; [ "$1" = --check ] && { check=1; shift; }
command -v clang-format >/dev/null || { echo "skipped: no clang-format"; exit 77; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
"$1" "$dir/ops.h" "$dir/ops.c" "$dir/ops.md" "$dir/summary.md" || exit 1
clang-format -i --style=file:"$2/.clang-format" "$dir/ops.h" "$dir/ops.c" || exit 1
# The README with its table between the two marks replaced.
awk -v table="$dir/summary.md" '
  /<!-- end of ops -->/ { hidden = 0 }
  !hidden
  /<!-- ops, made by make generate -->/ { seen = hidden = 1; while ((getline line < table) > 0) print line }
  END { exit !seen || hidden }' \
  "$2/README.md" >"$dir/README.md" || { echo "README.md: no marks around the table of ops"; exit 1; }
bad=0
for pair in ops.h:include/evenkeel/ops.h ops.c:src/layers/ops.c ops.md:docs/ops.md README.md:README.md; do
  new=$dir/${pair%%:*} old=$2/${pair#*:}
  cmp -s "$new" "$old" && continue
  if [ -n "$check" ]; then echo "${pair#*:} is not current: make generate"; bad=1
  else cp "$new" "$old"; echo "wrote ${pair#*:}"; fi
done
exit $bad
