# SPDX-License-Identifier: Apache-2.0
# Files that TensorFlow wrote, in every other form and back; values under other names.
. "$helpers"
golden serve/model.meta serve/model.index serve/model.data-00000-of-00001 serve/images.npy
cp -r "$source/tests/golden/saved_model" served && mv served/x.npy .
npy '|b1' '()' '\000' >false.npy
say() { "$evenkeel" "$@"; echo "exit $?"; }
same() { cmp -s "$1" "$2" && echo "$1 and $2 are the same" || echo "$1 and $2 differ"; }
# Graphs: through text and back to the same bytes.
say convert model.meta model.pbtxt
say convert model.pbtxt again.meta
say convert again.meta once.pbtxt
same model.pbtxt once.pbtxt
say convert model.meta model.pb
say run model.pb --restore model --feed images=images.npy --feed is_training=false.npy --fetch probabilities | head -n 1
# SavedModels.
say convert model.meta exported --restore model --input images=images --input is_training=is_training --output p=probabilities
say predict --model exported --feed images=images.npy --feed is_training=false.npy --json | cut -c 1-9
say convert exported exported.meta
say convert exported.meta back --restore exported/variables/variables
same exported/variables/variables.data-00000-of-00001 back/variables/variables.data-00000-of-00001
say predict --model back --feed images=images.npy --feed is_training=false.npy --json | cut -c 1-9
say convert served copy
(cd copy && find . -type f | sort)
say predict --model copy --feed x=x.npy --json | cut -c 1-11
say run copy --fetch words_path
"$evenkeel" inspect copy | grep "meta graphs"
say convert served train.meta --from-tag train
say convert served trained --from-tag train
"$evenkeel" inspect trained | grep "meta graphs"
say convert served none --from-tag train --from-tag serve
say convert model.meta none.pb --from-tag train
# Values: a checkpoint through NPZ to the same bytes, and under other names.
say convert model values.npz
say convert values.npz copied
same model.data-00000-of-00001 copied.data-00000-of-00001
same model.index copied.index
say convert served served.npz
say convert model torch.npz --names layers:torch
say convert torch.npz layers --names torch:layers
same model.data-00000-of-00001 layers.data-00000-of-00001
say convert model slim --names layers:slim --json
say convert served keras.npz --names layers:keras
say convert keras.npz slim.npz --names keras:slim
# Mistakes.
say convert model slim --names slim:layers
say convert model none.npz --names slim:layers --strict
say convert model none.meta
say convert model.meta none --names layers:slim
say convert model.meta none
say convert model.meta none.meta --output p=nothing --to saved_model --init
say convert model.meta model.pb --names x
say convert model.meta none --input a=b
say convert model.meta
say convert none none.pb
say convert model.meta copy --init
printf 'PK\005\006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >empty.npz # an archive of nothing
say convert empty.npz none
say convert empty.npz none.npz
ls
