# SPDX-License-Identifier: Apache-2.0
# Every source starts with its licence line; no file is over 1 MB; what is over 450 lines is named, for a hard look.
git ls-files >/dev/null 2>&1 || { echo "skipped: no git checkout"; exit 77; }
failed=0
complain() { echo "$1: $2"; failed=1; }
for file in $(git ls-files '*.c' '*.h' '*.inc' '*.def' '*.proto' '*.py' '*.sh' '*.awk' scripts); do
  [ -f "$file" ] || continue
  [ "$file" = scripts/packages ] && continue
  head -n 2 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || complain "$file" "no SPDX line at the top"
  lines=$(wc -l <"$file")
  [ "$lines" -le 450 ] || echo "note: $file has $lines lines: is there a second concept in it?"
done
big=$(git ls-files -z | xargs -0 du -b 2>/dev/null | awk '$1 > 1000000 { print $2 ": " $1 " bytes, over 1 MB" }')
[ -z "$big" ] || { echo "$big"; failed=1; }
exit $failed
