# SPDX-License-Identifier: Apache-2.0
# A run that is killed at any moment goes on from its last whole checkpoint, to the same bits.
newest() { sed -n '1s/.*-\([0-9]*\)".*/\1/p' run/checkpoint 2>/dev/null; } # older ones go as new ones come
"$evenkeel" train --steps 100 --out whole >/dev/null || exit 1
for after in 20 50 70; do
  rm -rf run
  "$evenkeel" train --steps 100000 --save-every 10 --out run >lines 2>&1 &
  pid=$!
  while at=$(newest); [ "${at:-0}" -lt $after ]; do kill -0 $pid || exit 1; done
  kill -KILL $pid
  wait $pid 2>/dev/null
  at=$(newest)
  [ -e "run/model-$at.index" ] || echo the newest checkpoint is not there
  [ "$at" -lt 100 ] || continue # the kill came late
  "$evenkeel" train --out run --resume --steps 100 --save-every 1000 >/dev/null || exit 1
  cmp run/model-100.data-00000-of-00001 whole/model-100.data-00000-of-00001 || exit 1
  tail -n 1 run/log.jsonl | grep -q '"step": 100,' || echo the log does not end at the last step
done
echo same bits
