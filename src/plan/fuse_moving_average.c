/* SPDX-License-Identifier: Apache-2.0 */
/* AssignSub(var, (var - statistic) * decay), as assign_moving_average writes it. */
#include "plan/fuse.h"

#include <string.h>

bool ek__fuse_moving_average(const ek__fuser *f, int32_t node, ek__group *g) {
  const ek__ir *ir = f->ir;
  const ek__pnode *n = &ir->nodes[node];
  if (n->kind != EK__P_OP ||
      (strcmp(n->def->name, "AssignSub") != 0 && strcmp(n->def->name, "AssignSubVariableOp") != 0))
    return false;
  const ek__pnode *product = ek__fuse_producer(f, n->in[1], "Mul");
  for (int k = 0; product != NULL && k < 2; k++) {
    const ek__pnode *difference = ek__fuse_producer(f, product->in[k], "Sub");
    const ek__pvalue *decay = &ir->values[product->in[1 - k]];
    if (difference == NULL || decay->constant == NULL || decay->shape.rank != 0) continue;
    const ek__pvalue *value = &ir->values[difference->in[0]], *statistic = &ir->values[difference->in[1]];
    const ek_slot *slot = ir->values[n->in[0]].slot;
    if (slot == NULL || value->view_of != slot || f->writes[slot->index] != 1 || statistic->view_of != NULL) continue;
    if ((value->dtype != EK_FLOAT32 && value->dtype != EK_FLOAT64) || !ek_shape_equal(value->shape, statistic->shape))
      continue;
    g->def = &ek__fused_moving_average;
    g->nodes[g->n_nodes++] = ir->values[product->in[k]].node;
    g->nodes[g->n_nodes++] = ir->values[n->in[1]].node;
    g->nodes[g->n_nodes++] = node;
    g->in[g->n_in++] = n->in[0];
    g->in[g->n_in++] = difference->in[0];
    g->in[g->n_in++] = difference->in[1];
    g->in[g->n_in++] = product->in[1 - k];
    if (n->n_out > 0) g->out[g->n_out++] = n->first_out;
    return true;
  }
  return false;
}
