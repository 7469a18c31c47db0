/* SPDX-License-Identifier: Apache-2.0 */
/* What a loop that goes back over another one has of it: values that were pushed there and are popped here. */
#include "plan/fuse.h"
#include "plan/loop.h"

#include <string.h>

static const ek_out none = {0, 0};

static bool names_again(const ek__node *n) {
  static const char *const types[] = {"Identity", "StopGradient", "Squeeze", "Reshape", "ExpandDims"};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    if (strcmp(n->type, types[i]) == 0) return n->n_inputs > 0;
  return false;
}

ek_out ek__fuse_named_first(const ek_graph *g, ek_out out) {
  for (const ek__node *n = ek__node_of(g, ek_out_op(out)); n != NULL && names_again(n);
       n = ek__node_of(g, ek_out_op(out)))
    out = n->inputs[0];
  return out;
}

ek_out ek__fuse_popped(const ek__fuser *f, int32_t value) {
  enum { HANDLE, PUSHED };
  const ek_graph *g = f->ir->env->graph;
  const ek__pnode *pop = ek__fuse_producer(f, ek__fuse_origin(f, value), "StackPopV2");
  const ek__node *push = pop != NULL ? ek__node_of(g, ek__only_writer(f->ir->values[pop->in[HANDLE]].made)) : NULL;
  if (push == NULL || strcmp(push->type, "StackPushV2") != 0) return none;
  return ek__fuse_named_first(g, push->inputs[PUSHED]);
}

/* What enters a loop and stays, as the Enter's input; none. */
static ek_out outside(const ek_graph *g, ek_out out) {
  const ek__node *n = ek__node_of(g, ek_out_op(out));
  const ek_attr *constant = n != NULL && ek__is_enter(n) ? ek__attr_find(n, "is_constant") : NULL;
  return constant != NULL && constant->v.b ? n->inputs[0] : none;
}

static bool equal(ek_out a, ek_out b) { return a.op != 0 && a.op == b.op && a.index == b.index; }

bool ek__fuse_is_forward(const ek__fuser *f, int32_t value, ek_out forward) {
  const ek_graph *g = f->ir->env->graph;
  const ek__pvalue *v = &f->ir->values[ek__fuse_origin(f, value)];
  const ek_out first = ek__fuse_named_first(g, forward), here = {v->op.id, 0};
  if (equal(ek__fuse_popped(f, value), first)) return true;
  return v->node < 0 && equal(outside(g, here), outside(g, first));
}

bool ek__fuse_same(const ek__fuser *f, int32_t a, int32_t b) {
  if (ek__fuse_origin(f, a) == ek__fuse_origin(f, b)) return true;
  return equal(ek__fuse_popped(f, a), ek__fuse_popped(f, b));
}
