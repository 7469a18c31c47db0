/* SPDX-License-Identifier: Apache-2.0 */
/* Sub graphs, and variables as constants: the nodes are written as a GraphDef, changed there, and read again. */
#include "evenkeel/graph_util.h"

#include "formats/branches.h"
#include "formats/graph_def.h"
#include "graph/infer.h"

#include <stdio.h>
#include <string.h>

typedef struct ek__freezer {
  const ek_graph *g;
  const ek_freeze_opts *o; /* NULL: nothing is frozen */
  ek__arena arena;
  bool *kept;           /* by op id */
  ek_tensor **values;   /* by op id: what the op becomes a constant of */
  ek__branches *taken;  /* NULL: no constants decide any cond */
  int32_t *source;      /* by op id: the variable that the op's output 0 hands on, 0 if none */
  Ek__GraphDef *def;    /* all nodes of g, then only those that are kept */
  Ek__NodeDef **behind; /* new ones */
  size_t n_behind;
  ek_tensor *zeros[2]; /* of int32 and int64, made when they are needed; messages borrow them */
  ek_status *st;
} ek__freezer;

static ek_code no_memory(const ek__freezer *f) { return ek__no_memory(f->st, "a sub graph", 0); }

/* ---- what is needed */

static bool is_constant(const ek__freezer *f, int32_t id) { return f->values != NULL && f->values[id] != NULL; }

/* Whether a cond that constants decide makes nothing of input i. */
static bool is_passed_over(const ek__freezer *f, int32_t id, int i) {
  if (f->taken == NULL) return false;
  return (f->taken->taken[id] >= 0 && i == 1) || (f->taken->chosen[id] >= 0 && i != f->taken->chosen[id]);
}

static ek_code keep_ancestors(ek__freezer *f, ek_ops outputs) {
  const size_t n = (size_t)f->g->n_nodes + 1;
  int32_t *stack = ek__arena_array(&f->arena, n, sizeof *stack);
  f->kept = ek__arena_array(&f->arena, n, sizeof *f->kept);
  if (stack == NULL || f->kept == NULL) return no_memory(f);
  size_t depth = 0;
  for (int i = 0; i < outputs.n; i++) {
    const ek__node *node = ek__node_of(f->g, outputs.at[i]);
    EK_REQUIRE(node != NULL, f->st, EK_INVALID_ARGUMENT, "sub graph: output %d of %d is no op of the graph", i,
               outputs.n);
    EK_REQUIRE(f->taken == NULL || f->taken->alive[outputs.at[i].id], f->st, EK_INVALID_ARGUMENT,
               "freeze: %s '%s' is in a branch that the constants never take", node->type, node->name);
    if (!f->kept[outputs.at[i].id]) f->kept[outputs.at[i].id] = true, stack[depth++] = outputs.at[i].id;
  }
  while (depth > 0) {
    const int32_t id = stack[--depth];
    const ek__node *node = ek__node_of(f->g, (ek_op){id});
    if (is_constant(f, id)) continue; /* nothing that it read is needed */
    for (int i = 0; i < node->n_inputs + node->n_controls; i++) {
      const int32_t in = i < node->n_inputs ? node->inputs[i].op : node->controls[i - node->n_inputs];
      if (in <= 0 || (i < node->n_inputs && is_passed_over(f, id, i))) continue;
      if (!f->kept[in]) f->kept[in] = true, stack[depth++] = in;
    }
  }
  return EK_OK;
}

/* ---- which values become constants */

static bool is_variable(const ek__node *n) {
  return strcmp(n->type, "VariableV2") == 0 || strcmp(n->type, "Variable") == 0 || strcmp(n->type, "VarHandleOp") == 0;
}

static bool is_listed(const char *name, const char *const *list, int n) {
  for (int i = 0; i < n; i++)
    if (strcmp(list[i], name) == 0) return true;
  return false;
}

static ek_code take_constants(ek__freezer *f) {
  f->values = ek__arena_array(&f->arena, (size_t)f->g->n_nodes + 1, sizeof *f->values);
  if (f->values == NULL) return no_memory(f);
  for (int i = 0; i < f->o->n_constants; i++) {
    const ek_feed *c = &f->o->constants[i];
    const ek_out out = c->out.op != 0 ? c->out : ek_graph_find_out(f->g, c->name != NULL ? c->name : "");
    const ek__node *n = ek__node_of(f->g, ek_out_op(out));
    EK_REQUIRE(n != NULL && c->value != NULL, f->st, EK_INVALID_ARGUMENT, "freeze: constant %d: no tensor '%.80s'", i,
               c->name != NULL ? c->name : "");
    EK_REQUIRE(n->n_outputs == 1, f->st, EK_INVALID_ARGUMENT, "freeze: %s '%s' has %d outputs: it can be no constant",
               n->type, n->name, n->n_outputs);
    const ek_dtype dtype = n->outputs[0].dtype;
    EK_REQUIRE(dtype == ek_tensor_dtype(c->value) &&
                   ek_shape_compatible(n->outputs[0].shape, ek_tensor_shape(c->value)),
               f->st, EK_INVALID_ARGUMENT, "freeze: %s '%s' is %s; its constant is %s or of another shape", n->type,
               n->name, ek_dtype_name(dtype), ek_dtype_name(ek_tensor_dtype(c->value)));
    if (f->values[out.op] == NULL) f->values[out.op] = ek_tensor_ref(c->value);
  }
  return EK_OK;
}

static ek_code take_variables(ek__freezer *f, ek_value_of value, void *ctx) {
  for (int32_t id = 1; id <= f->g->n_nodes; id++) {
    const ek__node *n = ek__node_of(f->g, (ek_op){id});
    if (!f->kept[id] || f->values[id] != NULL || !is_variable(n)) continue;
    if (f->o->variable_names_allowlist != NULL &&
        !is_listed(n->name, f->o->variable_names_allowlist, f->o->n_allowlist))
      continue;
    if (is_listed(n->name, f->o->variable_names_denylist, f->o->n_denylist)) continue;
    ek_status why = EK_STATUS_INIT;
    f->values[id] = value(ctx, (ek_op){id}, &why);
    EK_REQUIRE(why.code == EK_OK, f->st, why.code, "freeze: %s", why.msg);
  }
  return EK_OK;
}

/* ---- what hands a frozen variable on */

static bool hands_on(const ek__node *n) {
  static const char *const types[] = {"Identity", "Switch",        "Merge",       "Enter",
                                      "Exit",     "NextIteration", "RefIdentity", "RefSwitch",
                                      "RefMerge", "RefEnter",      "RefExit",     "RefNextIteration"};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    if (strcmp(n->type, types[i]) == 0) return true;
  return false;
}

static bool is_ref_or_handle(const ek__node *n) {
  return n->n_outputs > 0 && (n->outputs[0].is_ref || n->outputs[0].dtype == EK_RESOURCE);
}

/* Until nothing changes any more: loops hand on, too. */
static ek_code find_sources(ek__freezer *f) {
  f->source = ek__arena_array(&f->arena, (size_t)f->g->n_nodes + 1, sizeof *f->source);
  if (f->source == NULL) return no_memory(f);
  for (bool changed = true; changed;) {
    changed = false;
    for (int32_t id = 1; id <= f->g->n_nodes; id++) {
      const ek__node *n = ek__node_of(f->g, (ek_op){id});
      if (!f->kept[id] || f->source[id] != 0) continue;
      if (is_constant(f, id) && is_variable(n)) f->source[id] = id, changed = true;
      for (int i = 0; hands_on(n) && is_ref_or_handle(n) && i < n->n_inputs && f->source[id] == 0; i++)
        if (n->inputs[i].op > 0 && f->source[n->inputs[i].op] != 0)
          f->source[id] = f->source[n->inputs[i].op], changed = true;
    }
  }
  return EK_OK;
}

/* The frozen variable that input i of n is the reference to or the handle of; 0: none. */
static int32_t frozen_input(const ek__freezer *f, const ek__node *n, int i) {
  if (i >= n->n_inputs || n->inputs[i].op <= 0 || f->source[n->inputs[i].op] == 0) return 0;
  const ek__type *t = ek__type_of(f->g, n->inputs[i]);
  return t != NULL && (t->is_ref || t->dtype == EK_RESOURCE) ? f->source[n->inputs[i].op] : 0;
}

static bool needs_reference(const ek_graph *g, const ek__node *n, int input) {
  const ek__signature *s = n->def != NULL ? ek__graph_signature((ek_graph *)(uintptr_t)g, n->type) : NULL;
  return s != NULL && input < s->n_in && s->in[input].is_ref;
}

/* ---- changing nodes */

static Ek__AttrEntry *new_entry(ek__freezer *f, const char *name) {
  Ek__AttrEntry *e = ek__arena_alloc(&f->arena, sizeof *e);
  Ek__AttrValue *v = ek__arena_alloc(&f->arena, sizeof *v);
  if (e == NULL || v == NULL) return NULL;
  ek__attr_entry__init(e);
  ek__attr_value__init(v);
  e->key = (char *)(uintptr_t)name;
  e->value = v;
  return e;
}

static Ek__AttrEntry *type_entry(ek__freezer *f, const char *name, ek_dtype dtype) {
  Ek__AttrEntry *e = new_entry(f, name);
  if (e == NULL) return NULL;
  e->value->value_case = EK__ATTR_VALUE__VALUE_TYPE;
  e->value->type = (Ek__DataType)dtype;
  return e;
}

static Ek__AttrEntry *entry_of(const Ek__NodeDef *n, const char *name) {
  for (size_t i = 0; i < n->n_attr; i++)
    if (strcmp(n->attr[i]->key, name) == 0) return n->attr[i];
  return NULL;
}

/* The node's attributes are those of entries that are not NULL; its control inputs stay unless it becomes a constant.
 */
static ek_code set_node(ek__freezer *f, Ek__NodeDef *n, const char *type, size_t n_inputs,
                        Ek__AttrEntry *const *entries, size_t n_entries) {
  Ek__AttrEntry **attrs = ek__arena_array(&f->arena, n_entries, sizeof(Ek__AttrEntry *));
  if (attrs == NULL) return no_memory(f);
  n->attr = attrs;
  n->n_attr = 0;
  for (size_t i = 0; i < n_entries; i++)
    if (entries[i] != NULL) n->attr[n->n_attr++] = entries[i];
  n->op = (char *)(uintptr_t)type;
  n->n_input = n_inputs;
  return EK_OK;
}

static ek_code make_const(ek__freezer *f, Ek__NodeDef *n, const ek_tensor *value) {
  Ek__AttrEntry *entries[] = {type_entry(f, "dtype", ek_tensor_dtype(value)), new_entry(f, "value")};
  if (entries[0] == NULL || entries[1] == NULL) return no_memory(f);
  entries[1]->value->value_case = EK__ATTR_VALUE__VALUE_TENSOR;
  EK_TRY(ek__tensor_to_proto(value, &f->arena, &entries[1]->value->tensor, f->st));
  return set_node(f, n, "Const", 0, entries, 2);
}

/* NAME/axis, a scalar zero. */
static ek_code add_axis(ek__freezer *f, const char *name, ek_dtype dtype, const char **out) {
  const size_t size = strlen(name) + sizeof "/axis";
  char *axis_name = ek__arena_alloc(&f->arena, size);
  Ek__NodeDef *axis = ek__arena_alloc(&f->arena, sizeof *axis);
  ek_tensor **zero = &f->zeros[dtype == EK_INT64];
  if (axis_name == NULL || axis == NULL) return no_memory(f);
  if (*zero == NULL) *zero = ek_tensor_new(dtype == EK_INT64 ? EK_INT64 : EK_INT32, ek_shape_scalar(), NULL, f->st);
  if (*zero == NULL) return EK_RESOURCE_EXHAUSTED;
  (void)snprintf(axis_name, size, "%s/axis", name);
  ek__node_def__init(axis);
  axis->name = axis_name;
  f->behind[f->n_behind++] = axis;
  *out = axis_name;
  return make_const(f, axis, *zero);
}

static ek_code make_gather(ek__freezer *f, const ek__node *node, Ek__NodeDef *n, ek_dtype dtype) {
  const ek_attr *dims = ek__attr_find(node, "batch_dims"), *indices = ek__attr_find(node, "Tindices");
  const bool is_nd = strcmp(node->type, "ResourceGatherNd") == 0;
  EK_REQUIRE(is_nd || dims == NULL || dims->v.i == 0, f->st, EK_UNIMPLEMENTED,
             "freeze: ResourceGather '%s' has batch_dims %lld, it must be 0", node->name, (long long)dims->v.i);
  EK_REQUIRE(indices != NULL && indices->kind == EK_ATTR_TYPE && n->n_input >= 2, f->st, EK_INVALID_ARGUMENT,
             "freeze: %s '%s' lacks Tindices", node->type, node->name);
  Ek__AttrEntry *entries[] = {is_nd ? NULL : type_entry(f, "Taxis", indices->v.type),
                              type_entry(f, "Tindices", indices->v.type), type_entry(f, "Tparams", dtype),
                              entry_of(n, "_class")};
  if (is_nd) return set_node(f, n, "GatherNd", 2, entries, 4);
  char **inputs = ek__arena_array(&f->arena, 3, sizeof *inputs);
  const char *axis = NULL;
  if (inputs == NULL) return no_memory(f);
  EK_TRY(add_axis(f, node->name, indices->v.type, &axis));
  inputs[0] = n->input[0], inputs[1] = n->input[1], inputs[2] = (char *)(uintptr_t)axis;
  n->input = inputs;
  return set_node(f, n, "GatherV2", 3, entries, 4);
}

/* RefSwitch -> Switch: a constant has no reference. */
static const char *without_ref(const char *type) { return strncmp(type, "Ref", 3) == 0 ? type + 3 : type; }

static ek_code change_node(ek__freezer *f, int32_t id, Ek__NodeDef *n) {
  const ek__node *node = ek__node_of(f->g, (ek_op){id});
  if (is_constant(f, id)) return make_const(f, n, f->values[id]);
  for (int i = 0; i < node->n_inputs; i++) {
    const int32_t variable = frozen_input(f, node, i);
    if (variable == 0) continue;
    const ek_dtype dtype = ek_tensor_dtype(f->values[variable]);
    const char *name = ek__node_of(f->g, (ek_op){variable})->name;
    const bool by_handle = ek__type_of(f->g, node->inputs[i])->dtype == EK_RESOURCE;
    if (hands_on(node)) {
      Ek__AttrEntry *type = entry_of(n, "T"), *given = type_entry(f, "T", dtype);
      if (given == NULL) return no_memory(f);
      if (type != NULL) type->value = given->value; /* the message is ours */
      n->op = (char *)(uintptr_t)without_ref(node->type);
      return EK_OK;
    }
    if (by_handle && strcmp(node->type, "ReadVariableOp") == 0) {
      Ek__AttrEntry *entries[] = {type_entry(f, "T", dtype), entry_of(n, "_class")};
      return set_node(f, n, "Identity", 1, entries, 2);
    }
    if (by_handle && strcmp(node->type, "VariableShape") == 0) {
      Ek__AttrEntry *entries[] = {type_entry(f, "T", dtype), entry_of(n, "_class"), entry_of(n, "out_type")};
      return set_node(f, n, "Shape", 1, entries, 3);
    }
    if (by_handle && strncmp(node->type, "ResourceGather", 14) == 0) return make_gather(f, node, n, dtype);
    EK_REQUIRE(
        !by_handle && !needs_reference(f->g, node, i), f->st, EK_INVALID_ARGUMENT,
        "freeze: %s '%s' needs the variable '%s' itself, which becomes a constant; one for the flag of a cond leaves "
        "the other branch out",
        node->type, node->name, name);
  }
  return EK_OK;
}

/* ---- conds that constants decide */

/* A Switch or Merge that has only one way to go is an Identity. */
static ek_code make_identity(ek__freezer *f, int32_t id, Ek__NodeDef *n) {
  const ek__node *node = ek__node_of(f->g, (ek_op){id});
  const bool is_switch = f->taken->taken[id] >= 0;
  if (is_constant(f, id) || (!is_switch && f->taken->chosen[id] < 0)) return EK_OK;
  Ek__AttrEntry *entries[] = {entry_of(n, "T"), entry_of(n, "_class")};
  const size_t n_controls = n->n_input - (size_t)node->n_inputs;
  char **inputs = ek__arena_array(&f->arena, n_controls + 1, sizeof *inputs);
  if (inputs == NULL) return no_memory(f);
  inputs[0] = n->input[is_switch ? 0 : f->taken->chosen[id]];
  for (size_t i = 0; i < n_controls; i++) inputs[i + 1] = n->input[(size_t)node->n_inputs + i];
  n->input = inputs;
  return set_node(f, n, "Identity", n_controls + 1, entries, 2);
}

/* Its output 1 is read as the Identity's output. */
static ek_code read_identities(ek__freezer *f, int32_t id, Ek__NodeDef *n) {
  const ek__node *node = ek__node_of(f->g, (ek_op){id});
  for (int i = 0; i < node->n_inputs && (size_t)i < n->n_input; i++) {
    const ek_out in = node->inputs[i];
    if (in.op <= 0 || in.index == 0 || is_passed_over(f, id, i)) continue;
    EK_REQUIRE(f->taken->chosen[in.op] < 0, f->st, EK_UNIMPLEMENTED,
               "freeze: %s '%s' reads which input Merge '%s' takes, and the constants have decided that", node->type,
               node->name, ek__node_of(f->g, ek_out_op(in))->name);
    if (f->taken->taken[in.op] >= 0) n->input[i] = (char *)(uintptr_t)ek__node_of(f->g, ek_out_op(in))->name;
  }
  return EK_OK;
}

/* ---- the whole */

static ek_code select_nodes(ek__freezer *f) {
  size_t n = 0;
  f->behind = ek__arena_array(&f->arena, f->def->n_node, sizeof(Ek__NodeDef *));
  if (f->behind == NULL) return no_memory(f);
  for (size_t i = 0; i < f->def->n_node; i++) {
    if (!f->kept[i + 1]) continue;
    Ek__NodeDef *node = f->def->node[i];
    if (f->taken != NULL) EK_TRY(read_identities(f, (int32_t)i + 1, node));
    if (f->o != NULL) EK_TRY(change_node(f, (int32_t)i + 1, node));
    if (f->taken != NULL) EK_TRY(make_identity(f, (int32_t)i + 1, node));
    f->def->node[n++] = node;
  }
  Ek__NodeDef **all = ek__arena_array(&f->arena, n + f->n_behind, sizeof(Ek__NodeDef *));
  if (all == NULL) return no_memory(f);
  if (n > 0) memcpy(all, f->def->node, n * sizeof(Ek__NodeDef *));
  if (f->n_behind > 0) memcpy(all + n, f->behind, f->n_behind * sizeof(Ek__NodeDef *));
  f->def->node = all;
  f->def->n_node = n + f->n_behind;
  return EK_OK;
}

static ek_code make_graph(ek__freezer *f, ek_graph **out) {
  static const ek_import_graph_def_opts plain = EK_IMPORT_GRAPH_DEF_OPTS_INIT;
  const ek_graph_opts opts = {.version = 1u, .allocator = f->g->allocator};
  ek_graph *made = ek_graph_new(&opts);
  if (made == NULL) return no_memory(f);
  const ek_code code = ek__graph_def_import(made, f->def, SIZE_MAX, "sub graph", &plain, NULL, f->st);
  if (code == EK_OK)
    *out = made;
  else
    ek_graph_free(made);
  return code;
}

static ek_code freeze(ek__freezer *f, ek_ops outputs, ek_value_of value, void *ctx, ek_graph **out) {
  static const ek_export_graph_def_opts plain = EK_EXPORT_GRAPH_DEF_OPTS_INIT;
  ek__branches taken;
  if (f->o != NULL) EK_TRY(take_constants(f));
  if (f->o != NULL && f->o->n_constants > 0) {
    EK_TRY(ek__branches_find(f->g, f->values, &f->arena, &taken, f->st));
    f->taken = &taken;
  }
  EK_TRY(keep_ancestors(f, outputs));
  if (f->o != NULL) {
    if (value != NULL) EK_TRY(take_variables(f, value, ctx));
    EK_TRY(find_sources(f));
  }
  EK_TRY(ek__graph_def_export(f->g, &plain, &f->arena, &f->def, f->st));
  EK_TRY(select_nodes(f));
  return make_graph(f, out);
}

static ek_code run(const ek_graph *g, ek_ops outputs, const ek_freeze_opts *opts, ek_value_of value, void *ctx,
                   ek_graph **out, ek_status *st) {
  ek_status own = EK_STATUS_INIT;
  ek__freezer f = {.g = g, .o = opts, .st = st != NULL ? st : &own};
  *out = NULL;
  ek__arena_init(&f.arena, g->allocator);
  const ek_code code = freeze(&f, outputs, value, ctx, out);
  for (int32_t id = 1; f.values != NULL && id <= g->n_nodes; id++) ek_tensor_free(f.values[id]);
  ek_tensor_free(f.zeros[0]);
  ek_tensor_free(f.zeros[1]);
  ek__arena_fini(&f.arena);
  return code;
}

ek_code ek_graph_util_extract_sub_graph(const ek_graph *g, ek_ops outputs, ek_graph **out, ek_status *st) {
  return run(g, outputs, NULL, NULL, NULL, out, st);
}

ek_code ek_graph_util_freeze(const ek_graph *g, ek_ops outputs, const ek_freeze_opts *opts, ek_value_of value,
                             void *ctx, ek_graph **out, ek_status *st) {
  static const ek_freeze_opts defaults = EK_FREEZE_OPTS_INIT;
  const ek_freeze_opts *o = opts != NULL ? opts : &defaults;
  *out = NULL;
  EK_REQUIRE(o->version == 1u, st, EK_INVALID_ARGUMENT, "freeze: options of version %u; start from ..._OPTS_INIT",
             o->version);
  return run(g, outputs, o, value, ctx, out, st);
}
