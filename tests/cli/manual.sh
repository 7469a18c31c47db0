# SPDX-License-Identifier: Apache-2.0
# Every command has its page, every option its place there, and bash completes what the help says.
"$evenkeel" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' >commands
while read -r command; do
  page=$source/docs/man/evenkeel-$command.1
  [ -e "$page" ] || echo "no page: $command"
  grep -q "^\.It Ic $command\$" "$source/docs/man/evenkeel.1" || echo "not in evenkeel.1: $command"
  "$evenkeel" "$command" --help | sed -n 's/^  --\([a-z-]*\).*/\1/p' | while read -r name; do
    grep -q "^\.It Fl Fl $name\( \|\$\)" "$page" || echo "not in its page: $command --$name"
  done
done <commands
command -v bash >/dev/null || exit 77
cat >ask.bash <<'ASK'
source "$source/cli/completion/evenkeel"
ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _evenkeel; echo "${COMPREPLY[*]}"; }
touch model.meta
ask "$evenkeel" tr
ask "$evenkeel" run --re
ask "$evenkeel" train --norm ""
ask "$evenkeel" train --optimizer a
ask "$evenkeel" run mo
ask "$evenkeel" run --feed x=mo
ASK
bash ask.bash
