# SPDX-License-Identifier: Apache-2.0
# docs/benchmarks.md has a place for every table that bench/report.py makes, and putting them there twice is as once.
# usage: bench_tables.sh FOLDER
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
folder=$1
rm -rf "${folder:?}" && mkdir -p "$folder/measured" || exit 1
cp docs/benchmarks.md "$folder/once.md" || exit 1
cat >"$folder/measured/start.json" <<'END'
{"results": [{"what": "a thing", "ms": 1.25, "spread": 0.5, "rounds": 3}]}
END
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
python3 bench/report.py "$folder/measured" --into "$folder/once.md" || exit 1
grep -qF '| a thing | 1.2 ms | 50.0 % |' "$folder/once.md" || { echo "the table is not in the text"; exit 1; }
cp "$folder/once.md" "$folder/twice.md"
python3 bench/report.py "$folder/measured" --into "$folder/twice.md" || exit 1
cmp "$folder/once.md" "$folder/twice.md"
