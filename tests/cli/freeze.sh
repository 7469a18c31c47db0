# SPDX-License-Identifier: Apache-2.0
# Graphs that TensorFlow wrote, with their variables put into them: the answers stay the same.
. "$helpers"
golden serve/model.meta serve/model.index serve/model.data-00000-of-00001 serve/images.npy
cp -r "$source/tests/golden/saved_model" served && mv served/x.npy .
npy '|b1' '()' '\000' >false.npy
say() { "$evenkeel" "$@"; echo "exit $?"; }
say freeze model.meta --restore model --output probabilities --out frozen.pb
say run frozen.pb --feed images=images.npy --feed is_training=false.npy --fetch probabilities | head -n 2
say freeze model.meta --restore model --output probabilities --constant is_training=false.npy --out frozen.pbtxt
say run frozen.pbtxt --feed images=images.npy --fetch probabilities | head -n 2
grep -c 'op: "VariableV2"' frozen.pbtxt
say freeze served --out served.pb
say run served.pb --feed images=x.npy --fetch classes
# Mistakes.
say freeze model.meta --output probabilities --out none.pb
say freeze model.meta --restore model --out none.pb
say freeze model.meta --restore model --output nothing --out none.pb
say freeze model.meta --restore model --output train --out none.pb
say freeze served --signature nothing --out none.pb
say freeze model.meta --restore model --output logits --constant images=false.npy --out none.pb
say freeze model.meta
ls
