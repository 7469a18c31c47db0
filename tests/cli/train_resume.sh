# SPDX-License-Identifier: Apache-2.0
# A run that goes on gives the same bits as one that never stopped, also from a checkpoint of a run that was killed.
options="--optimizer momentum --seed 7 --batch 50"
"$evenkeel" train $options --steps 90 --out whole >/dev/null || exit 1
"$evenkeel" train $options --steps 40 --out parts >/dev/null || exit 1
"$evenkeel" train --out parts --resume --steps 70 >/dev/null || exit 1
"$evenkeel" train $options --out parts --resume --steps 90 >/dev/null || exit 1
for end in index data-00000-of-00001; do cmp whole/model-90.$end parts/model-90.$end && echo same $end; done
for run in whole parts; do sed 's/, "seconds.*//' $run/log.jsonl | tail -n 20 >$run.log; done
cmp whole.log parts.log && echo same log
sed 's/"seconds": [^,]*,//; /steps/d' whole/model-90.state.json >whole.state
sed 's/"seconds": [^,]*,//; /steps/d' parts/model-90.state.json >parts.state
cmp whole.state parts.state && echo same state
say() { "$evenkeel" train "$@"; echo "exit $?"; }
say --out parts --resume --batch 60
say --out parts --resume --norm none
say --resume
say --out nothing --resume
say --out parts
"$evenkeel" train --out parts --resume --steps 95 --threads 1 >/dev/null || exit 1
"$evenkeel" train --out whole --resume --steps 95 --threads 2 >/dev/null || exit 1
cmp whole/model-95.data-00000-of-00001 parts/model-95.data-00000-of-00001 && echo same for 1 and 2 threads
# What stands beside a checkpoint, damaged.
damaged() {
  rm -rf damaged && cp -R whole damaged && rm damaged/model-90* && sed "$1" whole/model-95.state.json >damaged/model-95.state.json
  say --out damaged --resume --steps 100
}
damaged d
damaged 2d
damaged '/position/s/[0-9][0-9]*/9223372036854775807/'
damaged '/"step"/s/[0-9][0-9]*/-1/'
damaged '/"batch"/s/[0-9][0-9]*/-1/'
damaged 's/dense.kernel.Initializer/nothing/'
damaged '/random/,$d'
rm -rf damaged && cp -R whole damaged && echo no log >damaged/log.jsonl && dd if=whole/model-95.index of=damaged/model-95.index bs=50 count=1 2>/dev/null
say --out damaged --resume --steps 100
cp whole/model-95.index damaged && printf x | dd of=damaged/model-95.data-00000-of-00001 bs=1 seek=5000 conv=notrunc 2>/dev/null
say --out damaged --resume --steps 100
cat damaged/log.jsonl
