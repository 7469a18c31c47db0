# SPDX-License-Identifier: Apache-2.0
# calls_finds.sh CC FOLDER: the check of calls passes objects that obey and finds one that does not.
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$2" && mkdir -p "$2/src/base" "$2/src/graph" "$2/src/layers" "$2/src/session" && cd "$2" || exit 1
object() { echo "$2" | "$cc" -x c -c - -o "src/$1.c.o" || exit 1; } # FILE SOURCE
cc=$1
object base/status 'int ek_status_set(void) { return 0; }'
object session/session 'int ek_session_new(void) { return 0; } int ek__session_key(void) { return 0; }'
object graph/graph 'int ek_status_set(void); int ek_graph_new(void) { return ek_status_set(); }'
object layers/dense 'int ek_session_new(void); int ek_layers_dense(void) { return ek_session_new(); }'
check() { find src -name '*.o' -exec sh "$here/calls.sh" {} +; }
check || { echo "objects that obey are refused"; exit 1; }
object graph/cond 'int ek_session_new(void); int ek_cond(void) { return ek_session_new(); }'
check | grep -q '^src/graph/cond.c takes ek_session_new from src/session$' || { echo "graph -> session is not found"; exit 1; }
rm src/graph/cond.c.o
object layers/loss 'int ek__session_key(void); int ek_loss(void) { return ek__session_key(); }'
check | grep -q '^src/layers/loss.c takes ek__session_key' || { echo "what is private is not found"; exit 1; }
