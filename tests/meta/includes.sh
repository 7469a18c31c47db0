# SPDX-License-Identifier: Apache-2.0
# includes.sh ROOT: every include of the tree follows the table beside this script.
table=$(cd "$(dirname "$0")" && pwd)/arrows
cd "$1" || exit 1
# shellcheck disable=SC2046 # names without blanks
awk -f "${table%arrows}includes.awk" "$table" \
  $(find include src cli examples bench \( -name '*.c' -o -name '*.h' -o -name '*.inc' -o -name '*.def' \) 2>/dev/null | sort)
