# SPDX-License-Identifier: Apache-2.0
# Any graph is trained on arrays: whole, or cut into batches; and a NaN in one row is found in the step that meets it.
. "$helpers"
golden serve/model.meta serve/model.index serve/model.data-00000-of-00001 serve/images.npy serve/labels.npy
npy '|b1' '()' '\001' >true.npy
say() { "$evenkeel" train --model model.meta --train-op train "$@" | sed 's/in .*//'; }
feeds="--feed images=images.npy --feed labels=labels.npy --feed is_training=true.npy"
say $feeds --restore model --steps 30 --out whole && tail -n 1 whole/log.jsonl | cut -c 1-25
say $feeds --restore model --batch 4 --steps 30 --out cut && tail -n 1 cut/log.jsonl | cut -c 1-25
say $feeds --batch 4 --steps 12 --out begun
"$evenkeel" train --out begun --resume --steps 30 | sed 's/in .*//'
say $feeds --batch 4 --steps 30 --out once
cmp begun/model-30.data-00000-of-00001 once/model-30.data-00000-of-00001 && echo same bits
"$evenkeel" run whole/model.meta --restore whole/model-30 --feed images=images.npy --feed labels=labels.npy \
  --feed is_training=true.npy --fetch loss | cut -c 1-6
# Row 5 of 8 holds a NaN: 2,048 bytes of pixels behind a header of 128, row 5 from byte 1408.
cp images.npy nan.npy && printf '\000\000\300\177' | dd of=nan.npy bs=1 seek=1420 conv=notrunc 2>/dev/null
"$evenkeel" train --model model.meta --train-op train --feed images=nan.npy --feed labels=labels.npy \
  --feed is_training=true.npy --restore model --batch 1 --steps 100 --out nan
echo "exit $?"
latest=$(sed -n 's/model_checkpoint_path: "\(.*\)"/\1/p' nan/checkpoint | head -n 1)
"$evenkeel" inspect model.meta --restore "nan/$latest" | tail -n 2 | grep -c nan
fail() { "$evenkeel" train --model model.meta "$@"; echo "exit $?"; }
fail --train-op nothing --feed images=images.npy
fail --train-op train --feed nothing=images.npy
fail --train-op train --feed labels=images.npy
fail --train-op train --feed images=labels.npy
fail --train-op train --feed images=images.npy
fail --train-op train --feed images=images.npy --loss nothing
fail --train-op train --feed images=none.npy
