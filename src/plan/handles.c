/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the tensors in a stack or a TensorArray: the shape that all agree on who put one in. So the gradient
 * of a loop, which pops what the loop pushed, has shapes, and its values have places. A run checks that they are right.
 * A constant that is pushed is a constant where it is popped, if nobody else has to do with the stack. */
#include "plan/loop.h"

#include <string.h>

enum { WRITERS = 8 };

struct ek__pmade {
  struct {
    int32_t op; /* in the graph: the same node gives another shape when its loop is gone over again */
    ek_shape shape;
    ek_tensor *constant;
  } writer[WRITERS];
  int n;
  bool any;        /* too many writers to be kept */
  bool single;     /* a stack that one op pushes to and one pops from */
  ek_shape shape;  /* what the op that made it says */
  ek__pmade *made; /* of handles that were put in */
};

static void put(ek__pmade *m, int32_t op, ek_shape shape, ek_tensor *constant) {
  int i = 0;
  while (i < m->n && m->writer[i].op != op) i++;
  if (i == WRITERS) {
    m->any = true;
    return;
  }
  m->writer[i].op = op;
  m->writer[i].shape = shape;
  m->writer[i].constant = constant;
  if (i == m->n) m->n++;
}

ek_op ek__only_writer(const ek__pmade *m) { return (ek_op){m != NULL && !m->any && m->n == 1 ? m->writer[0].op : 0}; }

static ek_shape element_shape(const ek__pmade *m) {
  if (m->any || m->n == 0) return m->shape;
  for (int i = 1; i < m->n; i++)
    if (!ek_shape_equal(m->writer[i].shape, m->writer[0].shape)) return m->shape;
  return ek_shape_is_known(m->writer[0].shape) ? m->writer[0].shape : m->shape;
}

static ek_shape behind_first(ek_shape s) {
  if (s.rank < 1) return ek_shape_unknown();
  for (int i = 1; i < s.rank; i++) s.dim[i - 1] = s.dim[i];
  s.rank--;
  return s;
}

static ek_shape stacked(int64_t n, ek_shape s) {
  if (s.rank < 0 || s.rank == EK_MAX_RANK) return ek_shape_unknown();
  for (int i = s.rank; i > 0; i--) s.dim[i] = s.dim[i - 1];
  s.dim[0] = n;
  s.rank++;
  return s;
}

/* ---- stacks of constants */

/* The StackV2 behind a handle; id 0: it cannot be told. */
static ek_op stack_of(const ek_graph *g, ek_out handle) {
  enum { FAR = 64 };
  const ek__node *n = ek__node_of(g, ek_out_op(handle));
  for (int i = 0; i < FAR && n != NULL; i++) {
    if (strcmp(n->type, "StackV2") == 0) return ek_out_op(handle);
    if (!ek__is_enter(n) && n->def != &ek_op_identity && n->def != &ek_op_switch) break;
    handle = n->inputs[0];
    n = ek__node_of(g, ek_out_op(handle));
  }
  return (ek_op){0};
}

/* Finds the stacks that one op of the graph pushes to and one pops from. Where a handle cannot be followed: none. */
static ek_code find_single(ek__ir *ir) {
  enum { PUSHED = 1, POPPED = 2, MORE = 4 };
  const ek_graph *g = ir->env->graph;
  uint8_t *used = ek__ir_alloc(ir, (size_t)g->n_nodes + 1, 1);
  if (used == NULL) return ir->st->code;
  ir->frames->stacks = used;
  for (int32_t i = 1; i <= g->n_nodes; i++) {
    const ek__node *n = ek__node_of(g, (ek_op){i});
    const bool push = strcmp(n->type, "StackPushV2") == 0, pop = strcmp(n->type, "StackPopV2") == 0;
    if (!push && !pop) continue;
    const ek_op stack = n->n_inputs > 0 ? stack_of(g, n->inputs[0]) : (ek_op){0};
    const uint8_t use = push ? PUSHED : POPPED;
    if (stack.id == 0) {
      memset(used, 0, (size_t)g->n_nodes + 1);
      return EK_OK;
    }
    used[stack.id] = (used[stack.id] & use) != 0 ? MORE : used[stack.id] | use;
  }
  for (int32_t i = 1; i <= g->n_nodes; i++) used[i] = used[i] == (PUSHED | POPPED);
  return EK_OK;
}

static bool known_element(const ek__pmade *m) {
  return m->single && !m->any && m->n == 1 && m->writer[0].constant != NULL;
}

bool ek__is_known_stack(const ek__ir *ir, const ek__pnode *n) {
  if (n->kind != EK__P_OP || (ir->env->without_passes & EK_PASS_FOLD) != 0) return false;
  if (strcmp(n->def->name, "StackPopV2") == 0) return ir->values[n->first_out].constant != NULL;
  const ek__pmade *m = strcmp(n->def->name, "StackPushV2") == 0 ? ir->values[n->in[0]].made : NULL;
  return m != NULL && known_element(m);
}

/* ---- one by one */

static ek_code make(ek__ir *ir, const ek__pnode *n, ek__pvalue *handle) {
  if (ir->frames != NULL && ir->frames->stacks == NULL) EK_TRY(find_single(ir));
  const ek_attr *shape = ek__attr_find(n->node, "element_shape");
  handle->made = ek__ir_alloc(ir, 1, sizeof *handle->made);
  if (handle->made == NULL) return ir->st->code;
  handle->made->shape = shape != NULL ? shape->v.shape : ek_shape_unknown();
  handle->made->single =
      (ir->env->without_passes & EK_PASS_FOLD) == 0 && ir->frames != NULL && ir->frames->stacks[n->op.id] != 0;
  return EK_OK;
}

/* The value's shape is at least what the container says, where that is no contradiction. */
static void learn(ek__pvalue *v, ek_shape shape) {
  if (!ek_shape_compatible(v->shape, shape) || shape.rank < 0) return;
  if (v->shape.rank < 0) v->shape = shape;
  for (int i = 0; i < shape.rank; i++)
    if (v->shape.dim[i] < 0) v->shape.dim[i] = shape.dim[i];
}

ek_code ek__fold_handle(ek__ir *ir, const ek__pnode *n) {
  const char *type = n->def->name;
  ek__pvalue *out = &ir->values[n->first_out];
  if (strcmp(type, "StackV2") == 0 || strcmp(type, "TensorArrayV3") == 0) return make(ir, n, out);
  ek__pmade *m = ir->values[n->in[0]].made;
  if (m == NULL) return EK_OK;
  if (strcmp(type, "TensorArrayGradV3") == 0) {
    out->made = m; /* gradients have the shapes of what they are of */
  } else if (strcmp(type, "StackPushV2") == 0) {
    put(m, n->op.id, ir->values[n->in[1]].shape, ir->values[n->in[1]].constant);
    m->made = ir->values[n->in[1]].made;
  } else if (strcmp(type, "StackPopV2") == 0) {
    learn(out, element_shape(m));
    out->made = m->made;
    if (known_element(m)) out->constant = m->writer[0].constant;
  } else if (strcmp(type, "TensorArrayWriteV3") == 0) {
    put(m, n->op.id, ir->values[n->in[2]].shape, NULL);
  } else if (strcmp(type, "TensorArrayScatterV3") == 0) {
    put(m, n->op.id, behind_first(ir->values[n->in[2]].shape), NULL);
  } else if (strcmp(type, "TensorArraySplitV3") == 0) {
    put(m, n->op.id, ek_shape_unknown(), NULL);
  } else if (strcmp(type, "TensorArrayReadV3") == 0) {
    learn(out, element_shape(m));
  } else if (strcmp(type, "TensorArrayGatherV3") == 0) {
    const ek_shape indices = ir->values[n->in[1]].shape;
    learn(out, stacked(indices.rank == 1 ? indices.dim[0] : -1, element_shape(m)));
  }
  return EK_OK;
}
