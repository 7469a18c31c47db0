# SPDX-License-Identifier: Apache-2.0
# ops_def.sh LIBRARY LIST: every op that the static library defines stands in src/ops/ops.def, once.
[ -f "$2" ] || { echo "skipped: no $2"; exit 77; }
nm --defined-only "$1" 2>/dev/null | awk -v list="$2" '
  BEGIN { while ((getline line < list) > 0) while (match(line, /X\([a-z0-9_]+\)/)) {
    listed[substr(line, RSTART + 2, RLENGTH - 3)]++
    line = substr(line, RSTART + RLENGTH)
  } }
  $2 ~ /^[RDB]$/ && $3 ~ /^ek_op_[a-z0-9_]+$/ { defined[substr($3, 7)] = 1 }
  END {
    for (op in defined) if (!(op in listed)) { print "ek_op_" op " is not in " list; bad = 1 }
    for (op in listed) if (listed[op] > 1) { print "X(" op ") stands twice in " list; bad = 1 }
    for (op in listed) if (!(op in defined)) { print "X(" op ") in " list " has no ek_op_" op; bad = 1 }
    exit bad
  }'
