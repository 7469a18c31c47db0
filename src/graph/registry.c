/* SPDX-License-Identifier: Apache-2.0 */
/* The one place that names every op: src/ops/ops.def, sorted by type. */
#include "graph/op_def.h"

#include <string.h>

#define X(id) extern const ek_op_def ek_op_##id;
#include "ops/ops.def"
#undef X

static const ek_op_def *const registry[] = {
#define X(id) &ek_op_##id,
#include "ops/ops.def"
#undef X
};

int ek__op_count(void) { return (int)(sizeof registry / sizeof registry[0]); }

const ek_op_def *ek__op_at(int i) { return registry[i]; }

const ek_op_def *ek__op_find(const char *type) {
  int low = 0, high = ek__op_count();
  while (low < high) {
    const int mid = (low + high) / 2, order = strcmp(registry[mid]->name, type);
    if (order == 0) return registry[mid];
    if (order < 0)
      low = mid + 1;
    else
      high = mid;
  }
  return NULL;
}
