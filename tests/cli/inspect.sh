# SPDX-License-Identifier: Apache-2.0
# A person's view of graphs that TensorFlow wrote.
for file in serve/model.meta serve/model.index serve/model.data-00000-of-00001 formats/batch_norm.meta formats/batch_norm.pbtxt formats/moving.meta; do
  cp "$source/tests/golden/$file" .
done
say() { "$evenkeel" inspect "$@"; echo "exit $?"; }
say model.meta --restore model
say model.meta --json
say batch_norm.meta
say batch_norm.pbtxt
say moving.meta
say none.meta
say model.meta --restore none
"$evenkeel" train --steps 1 --out trained >/dev/null && say trained | head -n 24
say trained | tail -n 9 | cut -c 1-40
