# SPDX-License-Identifier: Apache-2.0
# Wrong usage is exit status 2 and one line; help is asked for by -h or --help.
say() { "$evenkeel" "$@"; echo "exit $?"; }
"$evenkeel" --help >help || exit 1
"$evenkeel" -h | cmp - help || exit 1
say --version
say nonsense
say run
say run a.meta b.meta
say run a.meta --nonsense
say run a.meta --feed x
say run a.meta --repeat 0
say run a.meta --fetch
say run ''
say run a.meta --out ''
say convert a.meta "" --to pb
say info --json=yes
for command in $(sed -n 's/^  \([a-z]*\)  .*/\1/p' help); do
  "$evenkeel" "$command" --help >text || exit 1
  head -n 1 text
done
