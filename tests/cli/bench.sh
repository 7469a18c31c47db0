# SPDX-License-Identifier: Apache-2.0
# Every kernel is right and timed in every type and layout; the document has the fields that scripts read; wrong words
# are told. No time is expected.
say() { "$evenkeel" bench "$@"; echo "exit $?"; }
kernels() { "$evenkeel" bench kernels --repeat 1 --threads 1 "$@" || echo "exit $?"; }
words() { awk '{ print $1, $2, $3, $4, $5, $6, $9 }'; } # without the times

kernels --shape 3x5x7x11 --dtype f32 --dtype f64 --dtype bf16 --dtype f16 | words
kernels --shape 2x3x3x18 --layout nchw16c --layout nchw --layout nhwc --fuse relu --fuse add-relu --dtype f32 --dtype bf16 | words
kernels --shape 2x3x3x18 --layout nchw16c --layout nchw --layout nhwc --fuse relu-mask --fuse add-relu-mask | words
kernels --shape 5x7 --kernel backward-train --fuse none --fuse relu-mask --explain --json | grep -E '"(fuse|mask_bytes)"'
kernels --shape 64x1000 --cold --kernel forward-train | words
kernels --shape 6x10 --kernel backward-train --json | sed -nE 's/^ {0,3}"([a-z_0-9]+)":.*/\1/p' | sort
kernels --shape 6x10 --kernel forward-infer --explain | awk 'NR > 2 && $1 != "c" { print $1, $2, $3 }'
say kernels --shape 6y10
say kernels --shape 6
say kernels --shape 1x2x3x4x5x6
say kernels --kernel forward
say kernels --layout chwn
say kernels --dtype f32 --dtype int8
say kernels --threads many
say kernels --fuse tanh
say speed
say
"$evenkeel" bench model --batch 4 --repeat 1 --threads 1 | sed -E 's/[0-9.]+ (steps|us|times)/N \1/g; s/ +N times/ N times/; s/spread [0-9.]+/spread N/'
"$evenkeel" bench model mlp --batch 4 --repeat 1 --threads 1 --norm none --json |
  sed -nE 's/^ {0,3}("([a-z_]+)":.*)/\1/p' | sed -E 's/: [0-9.e-]+,?$/: N/; s/"(cpu|isa|version)": ".*"/"\1": "..."/'
say model resnet
say model --batch 1
for what in 'bench kernels' 'bench model' info; do # the sets of this processor are its own
  EK_ISA=mmx "$evenkeel" $what 2>&1 | sed -E 's/one of [a-z0-9|]*scalar$/one of .../'
done
