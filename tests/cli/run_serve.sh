# SPDX-License-Identifier: Apache-2.0
# A graph and a checkpoint that TensorFlow wrote (tests/golden/make_serve.py), run as it does: loss 0.9068 with moving
# averages, 0.9216 with batch statistics.
. "$helpers"
golden serve/model.meta serve/model.index serve/model.data-00000-of-00001 serve/inference.pbtxt serve/images.npy serve/labels.npy
npy '|b1' '()' '\000' >false.npy
npy '|b1' '()' '\001' >true.npy
say() { "$evenkeel" run "$@"; echo "exit $?"; }
feeds="--restore model --feed images=images.npy --feed labels=labels.npy --feed is_training"
say model.meta $feeds=false.npy --fetch loss --fetch accuracy
say model.meta $feeds=true.npy --fetch loss:0
say inference.pbtxt --restore model --feed images=images.npy --feed is_training=false.npy --fetch probabilities
# Every step of training lowers the loss; --repeat does several in one session.
say model.meta $feeds=true.npy --fetch loss --target train --repeat 5 --save trained
say model.meta --restore trained ${feeds#--restore model }=true.npy --fetch loss --json
# A tensor of the branch that is not taken.
say model.meta $feeds=true.npy --fetch bn/cond/Switch_1:1
say model.meta $feeds=false.npy --fetch bn/cond/Switch_1:1 --out out.npz
say model.meta $feeds=false.npy --fetch accuracy --out out.npz --json
say model.meta --restore model --target fc/kernel/read --profile --json | sed 's/"start_us.*//'
say model.meta --restore model --fetch logits
# Asked for nothing, it says what there is.
say model.meta
say model.meta --json
ls
