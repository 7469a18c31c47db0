# SPDX-License-Identifier: Apache-2.0
# includes_finds.sh FOLDER: the include check passes a tree that obeys and finds each way not to.
here=$(cd "$(dirname "$0")" && pwd)
failed=0
tree() { # a small tree that obeys
  rm -rf "$1" && mkdir -p "$1/include/evenkeel" "$1/src/base" "$1/src/graph" "$1/src/ops" "$1/src/kernels/isa" "$1/cli" && cd "$1" || exit 1
  echo '#include <stdint.h>' >include/evenkeel/common.h
  echo '#include <evenkeel/common.h>' >src/base/status.h
  printf '#include "status.h"\n/* abort() is for others, "exit(1)" too */\nx->exit(1); my_abort();\n' >src/base/status.c
  printf '#include "base/status.h"\n#include "ops/ops.def"\n' >src/graph/graph.h
  echo 'X(mul)' >src/ops/ops.def
  echo '#include "graph/graph.h"' >src/ops/op.h
  printf '#include "../loop.h"\n#include <math.h>\n' >src/kernels/isa/all.c
  : >src/kernels/loop.h
  echo '#include <evenkeel/common.h>' >cli/main.c
}
finds() { # finds FILE LINE: the line added to the file makes one complaint about that file
  tree "$1/x"
  echo "$3" >>"$2"
  said=$(sh "$here/includes.sh" .) && { echo "not found: $3 in $2"; failed=1; }
  [ "$(echo "$said" | grep -c "^$2:")" = 1 ] || { echo "$3 in $2: said '$said'"; failed=1; }
}
tree "$1/x"
sh "$here/includes.sh" . || { echo "a tree that obeys is refused"; failed=1; }
finds "$1" src/graph/graph.h '#include "ops/op.h"'
finds "$1" src/base/status.c '#include "graph/graph.h"'
finds "$1" src/kernels/loop.h '#include <evenkeel/common.h>'
finds "$1" src/kernels/loop.h '#include "base/status.h"'
finds "$1" src/kernels/loop.h '#include <stdio.h>'
finds "$1" src/kernels/loop.h 'p = malloc(3);'
finds "$1" src/base/status.c 'if (x) exit (1);'
finds "$1" src/graph/graph.h '#include <mpi.h>'
finds "$1" src/graph/graph.h '#include <glib.h>'
finds "$1" src/ops/op.h '# include "graph.pb-c.h"'
finds "$1" cli/main.c '#include "base/status.h"'
finds "$1" include/evenkeel/common.h '#include "base/status.h"'
finds "$1" src/graph/graph.h '#include "nowhere.h"'
exit $failed
