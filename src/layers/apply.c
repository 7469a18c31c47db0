/* SPDX-License-Identifier: Apache-2.0 */
/* The nodes of one update: hyperparameters, Apply ops, constraints, and Adam's powers afterwards. */
#include "layers/optimizer.h"

#include "layers/build.h"

#include <stdio.h>

enum { MAX_INPUTS = 16 };

void ek__optimizer_prepare(ek_optimizer *o, ek_out hypers[EK__MAX_HYPERPARAMETERS]) {
  for (int i = 0; o->kind->hypers[i] != NULL; i++) {
    const ek__hyper *h = &o->hypers[i];
    const ek_out value = h->tensor.op != 0 ? h->tensor : ek_number(o->graph, h->value);
    hypers[i] = ek_convert(o->graph, value, EK_FLOAT32, o->kind->hypers[i]);
  }
}

ek_out ek__optimizer_power(ek_graph *g, ek_variable v, ek_dtype dtype) {
  if (ek_variable_dtype(g, v) == dtype) return ek_variable_operand(g, v);
  return ek_op_output(ek_build(g, "Cast", EK_OUTS(ek_variable_operand(g, v)), EK_ATTRS(EK_TYPE_ATTR("DstT", dtype))),
                      0);
}

/* The constraint of v put on what it holds after update. */
static ek_op constrained(ek_graph *g, ek_variable v, ek_op update) {
  ek_control_dependencies_begin(g, EK_OPS(update));
  const ek_out value = ek_variable_assign(g, v, ek_variable_constrain(g, v, ek_variable_operand(g, v)));
  ek_control_dependencies_end(g);
  return ek__assigned_by(g, value);
}

ek_op ek__optimizer_apply(ek_optimizer *o, const ek_out *hypers, ek_variable v, ek_out grad, ek_out indices) {
  ek_graph *g = o->graph;
  const ek__slots *slots = ek__slots_of(o, v);
  const ek_dtype dtype = ek_variable_dtype(g, v);
  ek_out in[MAX_INPUTS] = {ek_variable_handle(g, v)};
  const ek_attr attrs[2] = {EK_BOOL_ATTR("use_locking", o->use_locking), EK_BOOL_ATTR("use_nesterov", o->use_nesterov)};
  char type[64];
  int n = 1;
  for (const char *c = o->kind->inputs; *c != '\0'; c++) {
    if (*c == 'g') {
      in[n++] = grad;
      if (indices.op != 0) in[n++] = indices;
    } else if (*c == 'p' || *c == 'q') {
      in[n++] = ek__optimizer_power(g, o->powers[*c - 'p'], dtype);
    } else if (*c >= 'A') {
      in[n++] = ek_variable_handle(g, slots->at[*c - 'A']);
    } else {
      in[n++] = ek__py_cast(g, hypers[*c - '0'], dtype);
    }
  }
  (void)snprintf(type, sizeof type, "%s%s%s", ek_variable_is_resource(g, v) ? "Resource" : "",
                 indices.op != 0 ? "Sparse" : "", o->kind->op);
  return ek_build(g, type, (ek_outs){in, n}, attrs, o->kind->nesterov ? 2 : 1);
}

ek_op ek__optimizer_assign(const ek_optimizer *o, ek_variable v, ek_out value) {
  ek_graph *g = o->graph;
  if (ek_variable_is_resource(g, v)) return ek__assigned_by(g, ek_variable_assign(g, v, value));
  return ek_build(g, "Assign", EK_OUTS(ek_variable_handle(g, v), value),
                  EK_ATTRS(EK_BOOL_ATTR("use_locking", o->use_locking)));
}

ek_op ek__optimizer_update(ek_optimizer *o, const ek_out *hypers, ek_variable v, ek_out grad) {
  ek_graph *g = o->graph;
  ek_indexed_slices rows;
  ek_op op = {0};
  if (o->kind->slots[0] != NULL && ek__slots_of(o, v) == NULL) return op; /* the graph has the error */
  (void)ek_name_scope_begin(g, ek_graph_text(g, "update_%s", ek_variable_name(g, v)));
  ek_colocate_with_begin(g, ek_variable_op(g, v), false);
  if (ek_indexed_slices_of(g, grad, &rows)) {
    op = ek__optimizer_update_rows(o, hypers, v, rows);
  } else {
    op = ek__optimizer_apply(o, hypers, v, grad, ek__no_out);
    if (ek_variable_has_constraint(g, v)) op = constrained(g, v, op);
  }
  ek_colocate_with_end(g);
  ek_name_scope_end(g);
  return op;
}

void ek__optimizer_finish(ek_optimizer *o, const ek_out *hypers, ek_op *ops, int *n) {
  ek_graph *g = o->graph;
  if (o->powers[0].id == 0) return;
  ek_control_dependencies_begin(g, (ek_ops){ops, *n});
  ek_colocate_with_begin(g, ek_variable_op(g, o->powers[0]), false);
  for (int i = 0; i < EK__MAX_POWERS; i++) {
    const ek_variable v = o->powers[i];
    const ek_out next = ek_op_output(
        ek_build(ek_named(g, "mul"), "Mul", EK_OUTS(ek_variable_value(g, v), hypers[1 + i]), EK_NO_ATTRS), 0);
    ops[(*n)++] = ek__optimizer_assign(o, v, next);
  }
  ek_colocate_with_end(g);
  ek_control_dependencies_end(g);
}
