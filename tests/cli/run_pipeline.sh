# SPDX-License-Identifier: Apache-2.0
# An input pipeline has ops that are not here: its outputs are fed, with the dtype that their readers ask for.
. "$helpers"
npy '<f4' '(2,)' '\000\000\200\077\000\000\000\100' >x.npy
npy '<i8' '(2,)' '\001\000\000\000\000\000\000\000\002\000\000\000\000\000\000\000' >y.npy
cat >pipeline.pbtxt <<'PBTXT'
node { name: "iterator" op: "OneShotIterator" attr { key: "dataset_factory" value { func { name: "make" } } } }
node { name: "next" op: "IteratorGetNext" input: "iterator" }
node { name: "twice" op: "AddV2" input: "next" input: "next" attr { key: "T" value { type: DT_FLOAT } } }
node { name: "labels" op: "Identity" input: "next:1" attr { key: "T" value { type: DT_INT64 } } }
library { function { signature { name: "make" } } }
versions { producer: 134 }
PBTXT
say() { "$evenkeel" run pipeline.pbtxt "$@"; echo "exit $?"; }
say --feed next=x.npy --feed next:1=y.npy --fetch twice --fetch labels
say --feed next=y.npy --fetch twice
say --fetch twice
say --feed next=x.npy --fetch labels
say
