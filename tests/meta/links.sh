# SPDX-License-Identifier: Apache-2.0
# What a page in Markdown links to inside the tree is there, and so are the sources that docs/architecture.md names.
git ls-files >/dev/null 2>&1 || { echo "skipped: no git checkout"; exit 77; }
failed=0
for page in $(git ls-files '*.md'); do
  [ -f "$page" ] || continue
  for target in $(grep -oE '\]\([^)# ]+' "$page" | cut -c3- | grep -vE '^[a-z]+:'); do
    [ -e "$(dirname "$page")/$target" ] || { echo "$page: no such file: $target"; failed=1; }
  done
done
for source in $(grep -oE '`[a-z_]+/[a-z_/]+\.[a-z]+`' docs/architecture.md | tr -d '`'); do
  [ -e "src/$source" ] || [ -e "$source" ] || { echo "docs/architecture.md: no such file: $source"; failed=1; }
done
exit $failed
