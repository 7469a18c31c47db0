# SPDX-License-Identifier: Apache-2.0
# Data from plain and gzipped IDX files and from an NPZ, and labels and images that do not fit.
. "$helpers"
digits=$source/data/digits
mkdir plain && for file in "$digits"/*.gz; do gzip -dc "$file" >"plain/$(basename "$file" .gz)"; done
score() { "$evenkeel" train --steps 50 "$@" --json | tail -n 1; }
score >bundled
score --data "$digits" | cmp - bundled && echo same from a folder
score --data plain | cmp - bundled && echo same from plain files
(cd / && "$evenkeel" train --steps 50 --json | tail -n 1) | cmp - bundled && echo same from anywhere
# pack FILE.npz NAME:DTYPE...: NAME.npy into an archive, by a graph that hands on what it is fed.
pack() {
  archive=$1 && shift
  set -- "$@" && feeds=
  for array in "$@"; do
    name=${array%:*}
    printf 'node { name: "%s" op: "Placeholder" attr { key: "dtype" value { type: %s } } }\n' "$name" "${array#*:}"
    feeds="$feeds --feed $name=$name.npy --fetch $name"
  done >pack.pbtxt
  "$evenkeel" run pack.pbtxt $feeds --out "$archive"
}
# Four images of two pixels, two classes.
npy '|u1' '(4, 1, 2)' '\000\377\377\000\000\377\377\000' >x_train.npy
npy '|u1' '(4,)' '\000\001\000\001' >y_train.npy
cp x_train.npy x_test.npy && cp y_train.npy y_test.npy
pack small.npz x_train:DT_UINT8 y_train:DT_UINT8 x_test:DT_UINT8 y_test:DT_UINT8
"$evenkeel" train --data small.npz --classes 2 --batch 4 --steps 60 --out small --json | tail -n 1 | sed 's/"loss.*accuracy/accuracy/'
"$evenkeel" eval --model small --data small.npz --batch 4 --json | sed 's/"loss": [^,]*, //g'
"$evenkeel" predict --model small --data small.npz --json | cut -c 1-30
"$evenkeel" eval --model small
say() { "$evenkeel" train --data "$1" --steps 5; echo "exit $?"; }
pack part.npz x_train:DT_UINT8 && say part.npz
printf 'PK\005\006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >empty.npz && say empty.npz
bad() { pack bad.npz x_train:$1 y_train:$2 x_test:DT_UINT8 y_test:DT_UINT8 && say bad.npz; }
npy '<f4' '(4,)' '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >y_train.npy && bad DT_UINT8 DT_FLOAT
npy '|i1' '(4,)' '\000\001\377\000' >y_train.npy && bad DT_UINT8 DT_INT8
npy '|i1' '(2,2)' '\000\001\000\001' >y_train.npy && bad DT_UINT8 DT_INT8
npy '|i1' '(4,)' '\000\001\001\000' >y_train.npy && npy '|i1' '(4,2)' '\0\0\0\0\0\0\0\0' >x_train.npy && bad DT_INT8 DT_INT8
npy '|u1' '(4,3)' '\0\0\0\0\0\0\0\0\0\0\0\0' >x_train.npy && bad DT_UINT8 DT_INT8
npy '|u1' '(4,)' '\0\0\0\0' >x_train.npy && bad DT_UINT8 DT_INT8
