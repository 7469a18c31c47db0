# SPDX-License-Identifier: Apache-2.0
# Bad data, bad places to write to, a loss that goes bad: exit status 1, one line, nothing half-written.
. "$helpers"
say() { "$evenkeel" train --steps 20 "$@"; echo "exit $?"; }
digits=$source/data/digits
data() { rm -rf data && mkdir data && cp "$digits"/* data; }
say --data none --out run
data && rm data/train-labels-idx1-ubyte.gz && say --data data --out run
data && rm data/t10k-images-idx3-ubyte.gz && say --data data --out run
data && gzip -dc "$digits/train-images-idx3-ubyte.gz" | head -c 5000 >data/train-images-idx3-ubyte && say --data data --out run
data && head -c 300 "$digits/train-labels-idx1-ubyte.gz" >data/train-labels-idx1-ubyte.gz && say --data data --out run
data && idx1 3 '\001\002\003' >data/t10k-labels-idx1-ubyte && say --data data --out run
data && gzip -d data/train-labels-idx1-ubyte.gz && printf '\012' | dd of=data/train-labels-idx1-ubyte bs=1 seek=20 conv=notrunc 2>/dev/null && say --data data --out run
data && printf '\000\000\010\003\000\000\000\000\000\000\000\010\000\000\000\010' >data/train-images-idx3-ubyte && idx1 0 '' >data/train-labels-idx1-ubyte && say --data data --out run
touch empty.npz && say --data empty.npz --out run
test -e run || echo "no folder run"
touch file && say --out file
say --out file/run
say --steps 0
say --optimizer none
say --steps 5 --epochs 5
say --train-op train
say --model x.meta
say --model x.meta --train-op train
# A learning rate that no network survives.
say --learning-rate 1e30 --norm none --activation relu --out bad
"$evenkeel" eval --model bad | sed 's/.*model-/model-/; s/loss.*//'
"$evenkeel" eval --model none
"$evenkeel" predict --model none
"$evenkeel" predict --model bad --signature x
"$evenkeel" train --batch 5000 --steps 1
exit 0
