/* SPDX-License-Identifier: Apache-2.0 */
#include "layers/layer.h"

#include "evenkeel/session.h"
#include "layers/build.h"

static ek_variable_scope open_and_close(ek_graph *g, const char *name, const ek_variable_scope_opts *o) {
  const ek_variable_scope scope = ek_variable_scope_begin(g, name, o);
  ek_variable_scope_end(g);
  return scope;
}

void ek__layer_init(ek__layer *l, ek_graph *g, const char *class_name, const char *name, bool scoped,
                    ek_variable_scope scope, ek_reuse reuse, bool trainable) {
  *l = (ek__layer){.g = g, .base_name = name != NULL ? name : class_name, .reuse = reuse, .trainable = trainable};
  ek_variable_scope_opts o = EK_VARIABLE_SCOPE_OPTS_INIT;
  if (scope.id != 0) {
    o.scope = scope;
    l->scope = open_and_close(g, NULL, &o);
  } else if (scoped && name != NULL) {
    l->scope = open_and_close(g, name, &o);
  }
}

static void set_scope(ek__layer *l) {
  ek_variable_scope_opts o = EK_VARIABLE_SCOPE_OPTS_INIT;
  if (l->scope.id != 0) return;
  if (l->reuse != EK_REUSE_INHERIT) {
    l->scope = open_and_close(l->g, l->base_name, &o);
  } else {
    o.default_name = l->base_name;
    l->scope = open_and_close(l->g, NULL, &o);
  }
}

void ek__layer_begin(ek__layer *l) {
  set_scope(l);
  ek_variable_scope_opts o = EK_VARIABLE_SCOPE_OPTS_INIT;
  o.scope = l->scope;
  o.reuse = l->built ? EK_REUSE : l->reuse;
  o.auxiliary_name_scope = false;
  (void)ek_variable_scope_begin(l->g, l->scope.id != 0 ? NULL : l->base_name, &o);
  const char *scope = ek_variable_scope_original_name_scope(l->g, l->scope);
  (void)ek_name_scope_begin(l->g, *scope != '\0' ? ek_graph_text(l->g, "%s/", scope) : NULL);
}

static bool collected(const ek_graph *g, ek_op op) {
  for (int i = ek_collection_size(g, EK_UPDATE_OPS) - 1; i >= 0; i--) {
    const ek_item item = ek_collection_item(g, EK_UPDATE_OPS, i);
    if (item.kind == EK_ITEM_OP && item.v.op.id == op.id) return true;
  }
  return false;
}

void ek__layer_end(ek__layer *l) {
  ek_name_scope_end(l->g);
  ek_variable_scope_end(l->g);
  if (!l->trainable) return; /* a layer that is not trained has no updates either */
  for (const ek__update_op *u = l->updates; u != NULL; u = u->next)
    if (!collected(l->g, u->op)) ek_add_op_to_collection(l->g, EK_UPDATE_OPS, u->op);
}

ek_variable ek__layer_add_weight(ek__layer *l, const ek__weight *w) {
  ek_get_variable_opts o = EK_GET_VARIABLE_OPTS_INIT;
  o.dtype = w->dtype;
  o.initializer = w->initializer;
  o.trainable = l->trainable && !w->not_trainable;
  o.constraint = w->constraint;
  o.constraint_ctx = w->constraint_ctx;
  const int known = ek_collection_size(l->g, EK_GLOBAL_VARIABLES);
  const ek_variable v = ek_get_variable(l->g, w->name, w->shape, &o);
  const bool is_new = ek_collection_size(l->g, EK_GLOBAL_VARIABLES) > known;
  if (v.id == 0 || !is_new || w->regularizer.fn == NULL) return v;
  (void)ek_name_scope_begin(l->g, ek_graph_text(l->g, "%s/Regularizer", w->name));
  const ek_out loss = w->regularizer.fn(l->g, ek_variable_operand(l->g, v), w->regularizer.ctx);
  ek_name_scope_end(l->g);
  if (loss.op > 0) ek_add_out_to_collection(l->g, EK_REGULARIZATION_LOSSES, loss);
  return v;
}

void ek__layer_add_update(ek__layer *l, ek_op op) {
  if (op.id == 0 || ek_graph_status(l->g, NULL) != EK_OK) return;
  ek__update_op *u = ek_graph_alloc(l->g, sizeof *u);
  if (u == NULL) return;
  u->op = op;
  ek__update_op **at = &l->updates;
  while (*at != NULL) at = &(*at)->next;
  *at = u;
}

void ek__layer_add_activity(ek__layer *l, ek_regularizer r, ek_out outputs) {
  if (r.fn == NULL || outputs.op <= 0) return;
  ek_graph *g = l->g;
  (void)ek_name_scope_begin(g, "ActivityRegularizer");
  const ek_out loss = ek_convert(g, r.fn(g, outputs, r.ctx), EK_INVALID_DTYPE, NULL);
  if (ek__given(g, "the loss of the regularizer", loss)) {
    const ek_out shape = ek__py_shape(g, outputs);
    const ek_out batch = ek__py_cast(g, ek__py_element(g, shape, 0), ek_out_dtype(g, loss));
    const ek_out mean = ek__op2(ek_named(g, "truediv"), "RealDiv", loss, batch);
    if (mean.op > 0) ek_add_out_to_collection(g, EK_REGULARIZATION_LOSSES, mean);
  }
  ek_name_scope_end(g);
}

ek_flag ek__layer_flag(ek_graph *g, ek_flag flag) {
  if (flag.kind != EK_FLAG_OUT || ek_graph_status(g, NULL) != EK_OK) return flag;
  if (ek_flag_static_value(g, flag) != EK_IS_OPEN) return flag;
  ek_tensor *value = ek_out_dtype(g, flag.out) == EK_BOOL ? ek_constant_value(g, flag.out) : NULL;
  if (value != NULL && ek_tensor_num_elements(value) == 1) flag = ek_flag_of_bool(ek_tensor_number(value, 0) != 0.0);
  ek_tensor_free(value);
  return flag;
}

ek_initializer ek__initializer_or(ek_initializer given, ek_initializer otherwise) {
  return given.kind != EK_INITIALIZER_DEFAULT ? given : otherwise;
}

bool ek__options_ok(ek_graph *g, const char *what, uint32_t version) {
  if (ek_graph_status(g, NULL) != EK_OK) return false;
  if (version == 1u) return true;
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: options of version %u; start from their initializer", what, version);
  return false;
}
