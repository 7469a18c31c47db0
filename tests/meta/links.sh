# SPDX-License-Identifier: Apache-2.0
# What a page in Markdown links to inside the tree is there.
git ls-files >/dev/null 2>&1 || { echo "skipped: no git checkout"; exit 77; }
failed=0
for page in $(git ls-files '*.md'); do
  [ -f "$page" ] || continue
  for target in $(grep -oE '\]\([^)# ]+' "$page" | cut -c3- | grep -vE '^[a-z]+:'); do
    [ -e "$(dirname "$page")/$target" ] || { echo "$page: no such file: $target"; failed=1; }
  done
done
exit $failed
