/* SPDX-License-Identifier: Apache-2.0 */
/* Which branches of conds are taken, once some tensors are constants. */
#ifndef EK_FORMATS_BRANCHES_H
#define EK_FORMATS_BRANCHES_H

#include "graph/graph.h"

typedef struct ek__branches {
  int8_t *taken;   /* by op id: of a Switch or RefSwitch, the output that is alive, else -1 */
  int32_t *chosen; /* by op id: of a Merge or RefMerge with one input alive, which, else -1 */
  bool *alive;     /* by op id */
} ek__branches;

/* values, by op id, NULL where it is none: what ops with one output become constants of. Everything is in the arena. */
ek_code ek__branches_find(const ek_graph *g, ek_tensor *const *values, ek__arena *arena, ek__branches *b,
                          ek_status *st);

#endif
