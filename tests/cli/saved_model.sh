# SPDX-License-Identifier: Apache-2.0
# A SavedModel that TensorFlow wrote (tests/golden/make_saved_model.py): looked at, run, served.
cp -r "$source/tests/golden/saved_model" model && mv model/x.npy model/answers.npz .
say() { "$evenkeel" "$@"; echo "exit $?"; }
say inspect model
say inspect model --json | head -n 4
say predict --model model --feed x=x.npy
say predict --model model --feed x=x.npy --json --signature serving_default | cut -c 1-32
say predict --model model --feed x=x.npy --out out.npz
# By the name of a tensor; what the main op has put into a local variable; a member of the graph's function library.
say predict --model model --feed images:0=x.npy --json | cut -c 1-15
say run model --fetch words_path
say run model --feed images=x.npy --fetch classes
say run model --init --feed images=x.npy --fetch classes --save after
say run model --restore after --feed images=x.npy --fetch fc/kernel | head -n 1
say predict --model model --feed x=x.npy --signature half
# Mistakes.
say predict --model model --feed x=x.npy --signature none
say predict --model model --feed y=x.npy
say predict --model model --feed x=x.npy --feed images=x.npy
say predict --model model --data none.npz
head -c 1000 model/saved_model.pb >short && mv short model/saved_model.pb
say run model --fetch classes
mkdir empty
say run empty --fetch classes
ls
