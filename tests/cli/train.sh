# SPDX-License-Identifier: Apache-2.0
# A short run on the bundled digits, what it leaves, and what eval and predict make of it.
"$evenkeel" train --steps 200 --save-every 1000 --out model --json >lines || exit 1
head -n 1 lines && tail -n 1 lines
wc -l <lines && wc -l <model/log.jsonl && tail -n 1 model/log.jsonl
ls model
"$evenkeel" eval --model model
"$evenkeel" eval --model model --json
"$evenkeel" predict --model model --json >answers && cut -c 1-40 answers
"$evenkeel" predict --model model --out answers.npz && ls answers.npz
"$evenkeel" predict --model model | tail -n 1
"$evenkeel" run model/model.meta --restore model/model-200 --fetch global_step
# What was asked of a network by options is what the graph holds.
for options in "--norm none" "--placement after --activation relu" "--optimizer momentum" "--optimizer adam" \
  "--optimizer rmsprop" "--optimizer adagrad"; do
  "$evenkeel" train --steps 100 --batch 30 $options --json | tail -n 1 | sed "s/.*accuracy/$options: accuracy/"
done
# Convolutional networks take the digits as images.
"$evenkeel" train --net cnn --optimizer momentum --steps 60 --batch 30 --json | tail -n 1 | sed 's/.*"accuracy": /cnn: /'
"$evenkeel" train --net resnet20 --steps 2 --batch 4 --json | tail -n 1 | grep -c '"loss"'
