# SPDX-License-Identifier: Apache-2.0
# PyTorch's names of layers other than dense and convolution, there and back.

# values FILE.npz: "NAME DIM..." on standard input, each an array of that name and shape, filled with its line's number.
values() {
  fetches= n=0
  while read -r name dims; do
    n=$((n + 1)) dtype=DT_FLOAT value="float_val: $n" shape=
    for d in $dims; do shape="$shape dim { size: $d }"; done
    case $name in *.num_batches_tracked) dtype=DT_INT64 value="int64_val: 0" ;; esac
    fetches="$fetches --fetch $name"
    echo "node { name: '$name' op: 'Const' attr { key: 'dtype' value { type: $dtype } }
      attr { key: 'value' value { tensor { dtype: $dtype tensor_shape { $shape } $value } } } }" >>values.pbtxt
  done
  # shellcheck disable=SC2086 # words are what is wanted
  "$evenkeel" run values.pbtxt $fetches --out "$1"
  rm values.pbtxt
}
shapes() { grep -a -o "'shape': ([0-9, ]*)" "$1" | sed "s/.*: //" | tr '\n' ' ' && echo; }
say() { "$evenkeel" "$@"; echo "exit $?"; }
values torch.npz <<'NAMES'
features.0.weight 8 3 3 3
features.1.weight 8
features.1.bias 8
features.1.running_mean 8
features.1.running_var 8
features.1.num_batches_tracked
features.3.weight 16 1 3 3
features.4.weight 4 16 1 1
sep.depthwise.weight 4 1 3 3
sep.pointwise.weight 6 4 1 1
sep.pointwise.bias 6
layer_norm.weight 6
layer_norm.bias 6
up.weight 6 5 2 2
prelu.weight 5
embedding.weight 7 5
NAMES
say convert torch.npz layers.npz --names torch:layers --json
shapes layers.npz
say convert layers.npz again.npz --names layers:torch
say convert again.npz again.ckpt && say convert torch.npz torch.ckpt
cmp again.ckpt.index torch.ckpt.index && cmp again.ckpt.data-00000-of-00001 torch.ckpt.data-00000-of-00001 && echo the same
say convert torch.npz keras.npz --names torch:keras
say convert keras.npz slim.npz --names keras:slim --json
# A bias in between makes two layers of it.
values biased.npz <<'NAMES'
sep.depthwise.weight 4 1 3 3
sep.depthwise.bias 4
sep.pointwise.weight 6 4 1 1
sep.pointwise.bias 6
NAMES
say convert biased.npz two.npz --names torch:layers --json
say convert two.npz back.npz --names layers:torch --json
# One channel that comes in makes no depthwise kernel of the first layer.
echo 'conv.weight 4 1 3 3' | values gray.npz
say convert gray.npz plain.npz --names torch:layers --json
shapes plain.npz
