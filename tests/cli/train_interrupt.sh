# SPDX-License-Identifier: Apache-2.0
# Ctrl-C ends the step under way, saves, and says how to go on.
"$evenkeel" train --steps 100000 --save-every 1000000 --out run 2>said >lines &
pid=$!
while [ ! -s run/log.jsonl ]; do kill -0 $pid || exit 1; done
kill -INT $pid
wait $pid
echo "exit $?"
step=$(sed -n 's/stopped after step \([0-9]*\);.*/\1/p' said)
sed "s/$step/N/" said
ls run | sed "s/$step/N/"
"$evenkeel" train --out run --resume --steps $((step + 10)) >/dev/null || exit 1
"$evenkeel" train --steps $((step + 10)) --save-every 1000000 --out whole >/dev/null || exit 1
cmp run/model-$((step + 10)).data-00000-of-00001 whole/model-$((step + 10)).data-00000-of-00001 && echo same bits

# A second signal does not wait for the step, nor for anything to be saved.
"$evenkeel" train --steps 100000 --save-every 1000000 --out twice 2>said >lines &
pid=$!
while [ ! -s twice/log.jsonl ]; do kill -0 $pid || exit 1; done
kill -STOP $pid # both are there when it goes on
kill -INT $pid
kill -TERM $pid
kill -CONT $pid
wait $pid
case $? in 130 | 143) echo "exit by a signal" ;; *) echo "exit $?" ;; esac # which of two comes second is the system's affair
cat said
ls twice
