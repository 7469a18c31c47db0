# SPDX-License-Identifier: Apache-2.0
# A person's view of graphs that TensorFlow wrote.
for file in serve/model.meta serve/model.index serve/model.data-00000-of-00001 formats/batch_norm.meta formats/batch_norm.pbtxt formats/moving.meta; do
  cp "$source/tests/golden/$file" .
done
say() { "$evenkeel" inspect "$@"; echo "exit $?"; }
say model.meta --restore model
say model.meta --json
say model.meta --json --restore model | sed -n '/statistics/,$p'
say model.meta --json --restore none
say batch_norm.meta
say batch_norm.pbtxt
say moving.meta
# The second Saver of a graph restores in save_1; that is no update.
"$evenkeel" convert batch_norm.meta second.pbtxt && sed 's|save/|save_1/|g' second.pbtxt >saved.pbtxt
say saved.pbtxt | tail -n 4
# A checkpoint alone, and a folder as TensorFlow's training leaves it.
say model
say model --json | head -n 8
say model --restore model
mkdir run && cp model.* run && cp run/model.meta run/model-7.meta && cp run/model.index run/model-7.index
mv run/model.data-00000-of-00001 run/model-7.data-00000-of-00001 && rm run/model.meta
echo 'model_checkpoint_path: "model-7"' >run/checkpoint
say run | head -n 1
say run | tail -n 4
say none.meta
say model.meta --restore none
"$evenkeel" train --steps 1 --out trained >/dev/null && say trained | head -n 24
say trained | tail -n 9 | cut -c 1-40
