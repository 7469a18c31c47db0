# SPDX-License-Identifier: Apache-2.0
# Graphs that are wrong or hostile: exit status 1 and one line that names the node, whether the mistake is seen when the
# file is read or when the graph runs.
try() { "$evenkeel" run "$@"; echo "exit $?"; }
graph() { cat >graph.pbtxt && try graph.pbtxt --fetch "$1"; } # FETCH <NODES
type() { printf 'attr { key: "%s" value { type: %s } } ' "$1" "$2"; }
int() { printf 'attr { key: "%s" value { i: %s } } ' "$1" "$2"; }
node() { # NAME OP ATTRIBUTES INPUT...
  printf 'node { name: "%s" op: "%s" %s' "$1" "$2" "$3" && shift 3
  for input; do printf 'input: "%s" ' "$input"; done
  echo '}'
}
constant() { # NAME TYPE TENSOR
  node "$1" Const "$(type dtype "$2")attr { key: \"value\" value { tensor { dtype: $2 $3 } } } "
}
float=$(type T DT_FLOAT)
x() { constant x DT_FLOAT 'tensor_shape { dim { size: 2 } } float_val: 1 float_val: 2'; }
i() { constant i DT_INT32 'tensor_shape { dim { size: 3 } } int_val: 7'; }
flags() { constant flags DT_BOOL 'tensor_shape { dim { size: 2 } } bool_val: true'; }

echo "-- cycles"
{ node a Identity "$float" b && node b Identity "$float" a; } | graph a
node a Identity "$float" a | graph a
{ x && node a Identity "$float" x ^b && node b Identity "$float" a; } | graph b
{ x && node m Merge "$float$(int N 2)" x n && node n NextIteration "$float" m; } | graph m

echo "-- loops"
enter() { node "$1" Enter "$float"'attr { key: "frame_name" value { s: "'"$3"'" } } '"attr { key: \"is_constant\" value { b: ${4-false} } } " "$2"; }
merge() { node "$1" Merge "$float$(int N 2)" "$2" "$3"; }
p() { constant p DT_BOOL 'tensor_shape { } bool_val: true'; }
condition() { node pe Enter "$(type T DT_BOOL)"'attr { key: "frame_name" value { s: "f" } } attr { key: "is_constant" value { b: true } } ' p &&
  node c LoopCond '' pe; }
{ x && node a Exit "$float" x; } | graph a
{ x && enter e x f && node a Exit "$float" e; } | graph a
{ x && enter e x '' && node a Exit "$float" e; } | graph a
{ x && enter e x f true && node a Exit "$float" e; } | graph a
{ x && enter e x f true && node a AddV2 "$float" e x && node b Exit "$float" a; } | graph b
{ x && enter e x f true && node a AddV2 "$float" e x; } | graph e
{ x && enter e x f && merge m e n && node n NextIteration "$float" m && node a Exit "$float" m; } | graph a
{ x && p && enter e x f && condition && merge m e n && node s Switch "$float" m c && node n NextIteration "$float" s:1 &&
  node a Exit "$float" s:1; } | graph a
{ x && p && enter e x f && condition && merge m n e && node s Switch "$float" m c && node n NextIteration "$float" s:1 &&
  node a Exit "$float" s; } | graph a
{ x && p && enter e x f && condition && merge m e n && node s Switch "$float" m c && node n NextIteration "$float" s:1 &&
  node a Exit "$float" s && enter f a f && node b AddV2 "$float" f f && node d Exit "$float" b; } | graph d
{ x && p && enter e x f && condition && merge m e n && node s Switch "$float" m c && node n NextIteration "$float" s:1 &&
  node a Exit "$float" s; } | graph s:1
{ x && enter e0 x f0 true && for i in $(seq 40); do enter e$i e$((i - 1)) f$i true; done && node a Exit "$float" e40; } | graph a

echo "-- inputs and names"
node a Identity "$float" nothing | graph a
{ x && node a Identity "$float" x:1; } | graph a
{ x && node a Identity "$float" x:-1; } | graph a
{ x && node a Identity "$float"; } | graph a
{ x && node a Identity "$float" x x; } | graph a
{ x && node a AddV2 "$float" ^x x; } | graph a
{ x && x; } | graph x
{ x && node "a b" Identity "$float" x; } | graph x

echo "-- types and attributes"
{ x && i && node a AddV2 "$float" x i; } | graph a
{ i && node a Identity "$float" i; } | graph a
{ x && node a Identity '' x; } | graph a
{ x && node a Identity "$(int T 1)" x; } | graph a
{ x && node a Identity "$(type T 77)" x; } | graph a
{ x && node a AddN "$(int N 1)$(type T 99)" x; } | graph a
{ x && node a Exp "$(type T DT_STRING)" x; } | graph a
{ x && node a Assign "$float" x x; } | graph a
{ i && node a Concat "$float$(int N -3)" i; } | graph a
node a AddN "$float$(int N 1000000000)" | graph a

echo "-- shapes"
{ x && i && node a Reshape "$float$(type Tshape DT_INT32)" x i; } | graph a
{ x && node a MatMul "$float" x x; } | graph a
{ x && flags && node a Switch "$float" x flags; } | graph a
{ constant d DT_INT32 'tensor_shape { dim { size: 3 } } int_val: 2000000000' &&
  constant v DT_FLOAT 'tensor_shape { } float_val: 1' && node f Fill "$float" d v; } | graph f
{ constant d DT_INT64 'tensor_shape { dim { size: 1 } } int64_val: 4611686018427387904' && # times 4 bytes: 0, modulo 2^64
  constant v DT_FLOAT 'tensor_shape { } float_val: 1' && node f Fill "$float$(type index_type DT_INT64)" d v &&
  node n Neg "$float" f && constant axis DT_INT32 'tensor_shape { } int_val: 0' &&
  node s Sum "$float$(type Tidx DT_INT32)" n axis; } | graph s

echo "-- constants"
constant c DT_FLOAT 'tensor_shape { dim { size: 1099511627776 } dim { size: 1099511627776 } }' | graph c
constant c DT_FLOAT 'tensor_shape { dim { size: -5 } }' | graph c
constant c DT_FLOAT 'tensor_shape { dim { size: 9 } } tensor_content: "abc"' | graph c
node c Const "$(type dtype DT_FLOAT)attr { key: \"value\" value { tensor { dtype: DT_INT32 tensor_shape { } } } } " | graph c
node c Const "$(type dtype DT_FLOAT)" | graph c

echo "-- what runs"
{ x && node a NoSuchOp '' x && node b Identity "$float" a; } | graph b
{ x && node a NoSuchOp '' x && node b Identity "$float" x; } | graph b
{ x && node a NoSuchOp '' x; } | graph a
{ x && node a NoSuchOp '' x && node b Identity "$float" a; } | graph a:3
{ x && node a Identity "$float" x; } | graph a:1
node q Placeholder "$(type dtype DT_QINT8)" | graph q
{ node q Placeholder "$(type dtype DT_QINT8)" && node a Identity "$(type T DT_QINT8)" q; } | graph a
node p Placeholder "$(type dtype DT_FLOAT)" | graph p
node v VariableV2 "$(type dtype DT_FLOAT)attr { key: \"shape\" value { shape { } } } " | graph v
{ constant l DT_FLOAT 'tensor_shape { dim { size: 1 } dim { size: 2 } } float_val: 1' &&
  constant k DT_INT64 'tensor_shape { dim { size: 1 } } int64_val: 2' &&
  node s SparseSoftmaxCrossEntropyWithLogits "$float$(type Tlabels DT_INT64)" l k; } | graph s

echo "-- files"
printf '\n\377\377\377\377\007' >graph.pb && try graph.pb --fetch x
awk 'BEGIN { printf "node { "; for (i = 0; i < 100000; i++) printf "attr { value { func { " }' | graph x
printf 'node { name: "x' | graph x
ls
