/* SPDX-License-Identifier: Apache-2.0 */
/* tf.Variable: the nodes that make up a variable, in TensorFlow's order, and its entry in the table and collections. */
#include "graph/fill.h"
#include "graph/variables.h"

#include <string.h>

/* How the initial value is to be had. */
typedef struct source {
  bool is_initializer;
  ek_initializer initializer;
  ek_shape shape; /* of the initializer */
  ek_out value;
} source;

static ek_op build_placed(ek_graph *g, const char *type, const char *name, ek_outs inputs, const ek_attr *attrs, int n,
                          ek_op with) {
  ek_colocate_with_begin(g, with, true);
  const ek_op op = ek_build(ek_named(g, name), type, inputs, attrs, n);
  ek_colocate_with_end(g);
  return op;
}

/* What is built until the end of the frame is placed with the variable called like the open scope, which does not exist
 * yet. */
static void begin_class_scope(ek_graph *g) {
  if (ek__push_frame(g, EK__FRAME_OTHER, "a variable's initializer") == NULL) return;
  g->class_scope = ek__graph_printf(g, "loc:@%s", g->scope);
}

static ek_out make_initial_value(ek_graph *g, const source *from, ek_dtype dtype) {
  if (!from->is_initializer) return ek_convert(g, from->value, dtype, "initial_value");
  const ek_out value = ek_initialize(g, from->initializer, from->shape, dtype != EK_INVALID_DTYPE ? dtype : EK_FLOAT32);
  return ek_convert(g, value, dtype, "initial_value");
}

static bool check_initial_value(ek_graph *g, const ek__variable *v, const source *from, const ek_variable_opts *o) {
  char text[EK_SHAPE_TEXT];
  const ek__node *n = ek__node_of(g, ek_out_op(v->initial_value));
  if (n == NULL) return ek_graph_fail(g, EK_INVALID_ARGUMENT, "variable '%s': no initial value", g->scope), false;
  if (!from->is_initializer && n->context != NULL)
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "Initializer for variable %s is from inside a control-flow construct, such as a loop or conditional. "
                  "When creating a variable inside a loop or conditional, use an initializer.",
                  g->scope);
  if (o->validate_shape && !ek_shape_is_known(ek_out_shape(g, v->initial_value)))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "variable '%s': initial_value must have a shape specified: '%s' has %s",
                  g->scope, n->name, ek_shape_format(ek_out_shape(g, v->initial_value), text, sizeof text));
  return g->status.code == EK_OK;
}

static void describe(ek_graph *g, ek__variable *v, const ek_variable_opts *o) {
  v->dtype = ek_out_dtype(g, v->initial_value);
  v->shape = o->validate_shape ? ek_out_shape(g, v->initial_value) : ek_shape_unknown();
}

/* w/Initializer/... or w/initial_value, w, w/Assign, w/read */
static void make_by_ref(ek_graph *g, ek__variable *v, const source *from, const ek_variable_opts *o) {
  if (from->is_initializer) {
    begin_class_scope(g);
    (void)ek_name_scope_begin(g, "Initializer");
    v->initial_value = make_initial_value(g, from, o->dtype);
    ek_name_scope_end(g);
  } else {
    v->initial_value = make_initial_value(g, from, o->dtype);
  }
  if (check_initial_value(g, v, from, o)) {
    describe(g, v, o);
    v->op = ek_build(ek__as_scope(g), "VariableV2", (ek_outs){NULL, 0},
                     EK_ATTRS(EK_TYPE_ATTR("dtype", v->dtype), EK_SHAPE_ATTR("shape", v->shape)));
  }
  if (from->is_initializer) ek__pop_frame(g, EK__FRAME_OTHER);
  if (v->op.id == 0) return;
  const ek_out ref = ek_op_output(v->op, 0), safe = ek__guarded_initial_value(g, v->initial_value);
  v->initializer =
      ek_build(g, "Assign", EK_OUTS(ref, safe), EK_ATTRS(EK_BOOL_ATTR("validate_shape", o->validate_shape)));
  if (!o->cached) ek_colocate_with_begin(g, v->op, false);
  v->snapshot = ek_op_output(ek_build(ek_named(g, "read"), "Identity", EK_OUTS(ref), EK_NO_ATTRS), 0);
  if (!o->cached) ek_colocate_with_end(g);
}

/* w/Initializer/..., w, w/IsInitialized/..., w/Assign, w/Read/ReadVariableOp */
static void make_by_handle(ek_graph *g, ek__variable *v, const source *from, const ek_variable_opts *o) {
  begin_class_scope(g);
  (void)ek_name_scope_begin(g, "Initializer");
  v->initial_value = make_initial_value(g, from, o->dtype);
  ek_name_scope_end(g);
  if (check_initial_value(g, v, from, o)) {
    describe(g, v, o);
    v->op = ek_build(ek__as_scope(g), "VarHandleOp", (ek_outs){NULL, 0},
                     EK_ATTRS(EK_TYPE_ATTR("dtype", v->dtype), EK_SHAPE_ATTR("shape", v->shape),
                              EK_STRING_ATTR("shared_name", g->scope)));
  }
  ek__pop_frame(g, EK__FRAME_OTHER);
  if (v->op.id == 0) return;
  const ek_out handle = ek_op_output(v->op, 0);
  const ek_attr dtype = EK_TYPE_ATTR("dtype", v->dtype);
  (void)ek_name_scope_begin(g, "IsInitialized");
  (void)ek_build(g, "VarIsInitializedOp", EK_OUTS(handle), EK_NO_ATTRS);
  ek_name_scope_end(g);
  (void)ek_name_scope_begin(g, "Assign");
  const char *assign = ek__graph_printf(g, "%s/", g->scope);
  const ek_out safe = ek__guarded_initial_value(g, v->initial_value);
  v->initializer = build_placed(g, "AssignVariableOp", assign, EK_OUTS(handle, safe), EK_NO_ATTRS, (ek_op){0});
  ek_name_scope_end(g);
  (void)ek_name_scope_begin(g, "Read");
  v->snapshot = ek_op_output(ek_build(g, "ReadVariableOp", EK_OUTS(handle), &dtype, 1), 0);
  ek_name_scope_end(g);
}

/* add_to_collections: each name once; a trainable variable is in TRAINABLE_VARIABLES besides. */
static void collect(ek_graph *g, ek_variable v, const ek_variable_opts *o) {
  static const char *const usual[] = {EK_GLOBAL_VARIABLES};
  const char *const *keys = o->collections != NULL ? o->collections : usual;
  const int n = o->collections != NULL ? o->n_collections : 1;
  bool trainable = !o->trainable;
  for (int i = 0; i < n; i++) {
    bool seen = false;
    for (int k = 0; k < i; k++) seen = seen || strcmp(keys[k], keys[i]) == 0;
    if (!seen) ek_add_variable_to_collection(g, keys[i], v);
    trainable = trainable || strcmp(keys[i], EK_TRAINABLE_VARIABLES) == 0;
  }
  if (!trainable) ek_add_variable_to_collection(g, EK_TRAINABLE_VARIABLES, v);
}

static ek_variable make(ek_graph *g, const source *from, const ek_variable_opts *options) {
  static const ek_variable_opts defaults = EK_VARIABLE_OPTS_INIT;
  const ek_variable_opts *o = options != NULL ? options : &defaults;
  const char *name = ek__unname(&g);
  ek_variable made = {0};
  if (!ek__graph_ok(g)) return made;
  if (o->version != 1u) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "variable '%s': options of version %u; start from EK_VARIABLE_OPTS_INIT",
                  name != NULL ? name : "", o->version);
    return made;
  }
  ek_init_scope_begin(g);
  (void)ek_name_scope_begin(g, name != NULL ? name : "Variable");
  ek__variable v = {.name = g->scope,
                    .is_resource = o->use_resource,
                    .trainable = o->trainable,
                    .constraint = o->constraint,
                    .constraint_ctx = o->constraint_ctx};
  if (o->use_resource)
    make_by_handle(g, &v, from, o);
  else
    make_by_ref(g, &v, from, o);
  if (g->status.code == EK_OK) made = ek__variable_add(g, &v);
  ek_name_scope_end(g);
  ek_init_scope_end(g);
  if (made.id != 0) collect(g, made, o);
  return made;
}

ek_variable ek_variable_new(ek_graph *g, ek_out initial_value, const ek_variable_opts *options) {
  const source from = {.value = initial_value};
  return make(g, &from, options);
}

ek_variable ek_variable_from(ek_graph *g, ek_initializer initializer, ek_shape shape, const ek_variable_opts *options) {
  const source from = {.is_initializer = true, .initializer = initializer, .shape = shape};
  return make(g, &from, options);
}
