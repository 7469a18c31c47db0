# SPDX-License-Identifier: Apache-2.0
# Whatever is wrong: exit status 1, one line that names the culprit, no file left.
serve=$source/tests/golden/serve
cp "$serve"/model.meta "$serve"/images.npy .
say() { "$evenkeel" run "$@"; echo "exit $?"; }
say none.meta
say .
touch empty.meta && say empty.meta --fetch x
head -c 5000 model.meta >cut.meta && say cut.meta --fetch loss
cp model.meta model.txt.gz && say model.txt.gz
say model.meta --fetch nonsense
say model.meta --fetch logits:1
say model.meta --fetch "$(printf 'two\nlines')"
say model.meta --fetch train
say model.meta --target nonsense
say model.meta --fetch bn/gamma --out out.npz --save saved
say model.meta --init --fetch images --out out.npz --save saved
say model.meta --init --fetch images --feed images=none.npy
head -c 200 images.npy >cut.npy && say model.meta --init --fetch images --feed images=cut.npy
say model.meta --init --fetch images --feed labels=images.npy
say model.meta --init --fetch bn/gamma --feed bn/gamma=images.npy
say model.meta --restore none --fetch bn/gamma
touch old.ckpt other.index other.data-00000-of-00001
for prefix in . old.ckpt other.data-00000-of-00001 other.index; do say model.meta --restore $prefix --fetch bn/gamma; done
rm old.ckpt other.*
say model.meta --init --fetch bn/gamma --out no/folder/out.npz --save saved
say model.meta --init --fetch bn/gamma --out out.npz --save no/folder/saved
say model.meta --init --fetch bn/gamma --out .
say none.meta --init --fetch bn/gamma --out no/folder/out.npz
mkdir saved && say model.meta --init --save saved && rm -r saved saved.*
ls

# Checkpoints of other models: other names, other shapes.
"$evenkeel" train --steps 1 --out ten >/dev/null && "$evenkeel" train --steps 1 --classes 12 --out twelve >/dev/null
say model.meta --restore ten/model-1 --fetch bn/gamma
cp "$serve"/inference.pbtxt "$serve"/model.* . && say inference.pbtxt --restore ten/model-1 --fetch fc/kernel
sed 's/size: 64/size: 65/' inference.pbtxt >wide.pbtxt && say wide.pbtxt --restore model --fetch fc/kernel
say ten/model.meta --restore twelve/model-1 --fetch dense_3/bias
cp ten/model.meta twelve
"$evenkeel" eval --model twelve
"$evenkeel" train --out twelve --resume --steps 3
ls twelve
