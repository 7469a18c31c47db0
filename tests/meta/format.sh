# SPDX-License-Identifier: Apache-2.0
# clang-format has nothing to say about any tracked source. Another version formats otherwise, so only version 14 judges.
clang-format --version 2>/dev/null | grep -q 'version 14\.' || { echo "skipped: no clang-format 14"; exit 77; }
git ls-files >/dev/null 2>&1 || { echo "skipped: no git checkout"; exit 77; }
git ls-files '*.c' '*.h' '*.inc' | while read -r file; do [ ! -f "$file" ] || echo "$file"; done |
  xargs clang-format --dry-run -Werror --ferror-limit=1 || { echo "make format repairs this"; exit 1; }
