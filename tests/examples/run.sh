# SPDX-License-Identifier: Apache-2.0
# run.sh PROGRAM EXPECTED [ARGUMENT]...: the program's words are those expected, its numbers too but for rounding (1e-3 of
# each: losses after hundreds of steps, where TensorFlow's kernels and ours have added in another order). $EMULATOR runs
# the program, if this machine cannot.
program=$1 expected=$2
shift 2
# shellcheck disable=SC2086 # a command and its options
got=$(${EMULATOR-} "$program" "$@") || { echo "$program failed"; exit 1; }
printf '%s\n' "$got" | awk -v expected="$expected" '
  function off(a, b) { return a > b ? a - b : b - a }
  {
    if ((getline want < expected) <= 0) { print "not expected: " $0; bad = 1; exit }
    n = split(want, w, " ")
    if (n != NF) bad = 1
    for (i = 1; i <= NF; i++)
      if ($i != w[i] && !($i ~ /^[0-9.]+$/ && w[i] ~ /^[0-9.]+$/ && off($i, w[i]) <= 1e-3 * w[i])) bad = 1
    if (bad) { print "got:  " $0; print "want: " want; exit }
  }
  END {
    if (!bad && (getline want < expected) > 0) { print "missing: " want; bad = 1 }
    exit bad
  }'
