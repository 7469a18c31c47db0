# SPDX-License-Identifier: Apache-2.0
# Variables are initialised, saved and restored; a GraphDef's are found by their nodes.
cp "$source"/tests/golden/serve/model.meta "$source"/tests/golden/serve/inference.pbtxt .
say() { "$evenkeel" run "$@"; echo "exit $?"; }
say model.meta --init --fetch bn/gamma --fetch bn/moving_mean:0 --fetch fc/kernel/Initializer/random_uniform/shape
say model.meta --init --fetch bn/beta --json
say model.meta --init --fetch bn/gamma --fetch bn/gamma:0 --out out.npz --save saved
say model.meta --restore saved --fetch bn/gamma --save again
cmp saved.index again.index && cmp saved.data-00000-of-00001 again.data-00000-of-00001 && ls
say inference.pbtxt --restore saved --fetch bn/gamma
say inference.pbtxt --init --fetch bn/gamma
