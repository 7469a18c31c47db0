# SPDX-License-Identifier: Apache-2.0
# Loops as TensorFlow writes them: Enter, Merge, Switch, NextIteration, Exit.
run() { cat >graph.pbtxt && "$evenkeel" run graph.pbtxt "$@"; }
type() { printf 'attr { key: "%s" value { type: %s } } ' "$1" "$2"; }
int=$(type T DT_INT32)
node() { # NAME OP ATTRIBUTES INPUT...
  printf 'node { name: "%s" op: "%s" %s' "$1" "$2" "$3" && shift 3
  for input; do printf 'input: "%s" ' "$input"; done
  echo '}'
}
constant() { node "$1" Const "$(type dtype DT_INT32)attr { key: \"value\" value { tensor { dtype: DT_INT32 tensor_shape { } int_val: $2 } } } "; }
enter() { node "$1" Enter "$int"'attr { key: "frame_name" value { s: "f" } } '"attr { key: \"is_constant\" value { b: $3 } } " "$2"; }
variable() { # NAME FIRST NEXT: e_, m_, s_, n_, x_NAME
  enter "e_$1" "$2" false && node "m_$1" Merge "$int"'attr { key: "N" value { i: 2 } } ' "e_$1" "n_$1" &&
    node "s_$1" Switch "$int" "m_$1" go && node "n_$1" NextIteration "$int" "$3" && node "x_$1" Exit "$int" "s_$1"
}
limit() { constant zero 0 && constant one 1 && constant limit "$1" && enter l limit true && enter o one true &&
  node less Less "$int" m_i l && node go LoopCond '' less && variable i zero add && node add AddV2 "$int" s_i:1 o; }

echo "-- counts"
limit 5 | run --fetch x_i
limit 0 | run --fetch x_i
limit 1000000 | run --fetch x_i

echo "-- two that change places"
{ limit 3 && variable a one s_b:1 && variable b limit s_a:1; } | run --fetch x_a --fetch x_b

echo "-- Fibonacci numbers"
{ limit 10 && variable a zero s_b:1 && variable b one sum && node sum AddV2 "$int" s_a:1 s_b:1; } | run --fetch x_a
