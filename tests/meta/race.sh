# SPDX-License-Identifier: Apache-2.0
# The race against other libraries without them: tests/meta/race_parts.py.
# usage: race.sh FOLDER
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
rm -rf "${1:?}"
PYTHONDONTWRITEBYTECODE=1 exec python3 tests/meta/race_parts.py "$1"
