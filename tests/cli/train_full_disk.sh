# SPDX-License-Identifier: Apache-2.0
# A disk that fills up, stood in for by a limit on the size of files: one line, and what was whole stays so. Skipped with LLVM's
# OpenMP, which makes a file in shared memory when it is loaded, and dies of the limit before main begins.
! ldd "$evenkeel" | grep -q libomp || exit 77
"$evenkeel" train --steps 10 --out run >/dev/null || exit 1
say() { (ulimit -f "$limit"; "$evenkeel" "$@"; echo "exit $?") 2>&1 | cat | sed 's/model-20[^:]*/model-20.*/'; }
for limit in 0 1 8 64; do
  say train --out run --resume --steps 20
  ls run | grep -v -e '^model-10\.' -e '^log.jsonl$' -e '^model.meta$' -e '^checkpoint$'
  "$evenkeel" eval --model run | head -n 1
done
limit=0
say train --steps 10 --out new
test -e new || echo no folder
cp "$source/tests/golden/serve/model.meta" .
limit=0
say run model.meta --init --save saved
say run model.meta --init --fetch bn/gamma --out out.npz
"$evenkeel" predict --model run --json >/dev/full
echo "exit $?"
"$evenkeel" --help >/dev/full
echo "exit $?"
ls
"$evenkeel" train --out run --resume --steps 20 >/dev/null && ls run
