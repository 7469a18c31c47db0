/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes that come from files: what build.c guarantees for its own is checked here. */
#include "graph/infer.h"

#include <inttypes.h>
#include <string.h>

static const char *kind_name(ek_attr_kind kind) {
  static const char *const names[] = {
      [EK_ATTR_NONE] = "nothing",
      [EK_ATTR_STRING] = "a string",
      [EK_ATTR_INT] = "an integer",
      [EK_ATTR_FLOAT] = "a float",
      [EK_ATTR_BOOL] = "a bool",
      [EK_ATTR_TYPE] = "a type",
      [EK_ATTR_SHAPE] = "a shape",
      [EK_ATTR_TENSOR] = "a tensor",
      [EK_ATTR_FUNC] = "a function",
      [EK_ATTR_PLACEHOLDER] = "a placeholder",
      [EK_ATTR_LIST_STRING] = "a list of strings",
      [EK_ATTR_LIST_INT] = "a list of integers",
      [EK_ATTR_LIST_FLOAT] = "a list of floats",
      [EK_ATTR_LIST_BOOL] = "a list of bools",
      [EK_ATTR_LIST_TYPE] = "a list of types",
      [EK_ATTR_LIST_SHAPE] = "a list of shapes",
      [EK_ATTR_LIST_TENSOR] = "a list of tensors",
      [EK_ATTR_LIST_FUNC] = "a list of functions",
  };
  return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "nothing";
}

static ek_code check_range(const ek__node *n, const ek__attr_spec *spec, const ek_attr *a, ek_status *st) {
  const int64_t measure = a->kind == EK_ATTR_INT ? a->v.i : a->n;
  EK_REQUIRE(!spec->has_minimum || measure >= spec->minimum, st, EK_INVALID_ARGUMENT,
             "%s '%s': %s is %" PRId64 ", it must be at least %" PRId64, n->type, n->name, a->name, measure,
             spec->minimum);
  if (a->kind != EK_ATTR_STRING || spec->n_strings == 0) return EK_OK;
  for (int i = 0; i < spec->n_strings; i++) {
    const ek_text *allowed = &spec->strings[i];
    if (allowed->size == a->v.s.size && memcmp(allowed->data, a->v.s.data, allowed->size) == 0) return EK_OK;
  }
  return ek_status_set(st, EK_INVALID_ARGUMENT, "%s '%s': %s is '%.60s'; allowed: %s", n->type, n->name, a->name,
                       a->v.s.data, n->def->attrs);
}

static ek_code check_attrs(const ek__node *n, const ek__signature *s, ek_status *st) {
  for (int i = 0; i < s->n_attrs; i++) {
    const ek__attr_spec *spec = &s->attrs[i];
    const ek_attr *a = ek__attr_find(n, spec->value.name);
    EK_REQUIRE(a != NULL, st, EK_INVALID_ARGUMENT, "%s '%s': needs the attribute %s, %s", n->type, n->name,
               spec->value.name, kind_name(spec->value.kind));
    EK_REQUIRE(a->kind == spec->value.kind, st, EK_INVALID_ARGUMENT, "%s '%s': attribute %s is %s, it must be %s",
               n->type, n->name, a->name, kind_name(a->kind), kind_name(spec->value.kind));
    EK_TRY(check_range(n, spec, a, st));
  }
  return EK_OK;
}

/* A Switch and its like instead of a reference: TensorFlow's freezing left it there (graph_def_read.c). */
static bool is_lost_ref(const ek_graph *g, ek_out in) {
  static const char *const types[] = {"Switch", "Merge", "Identity", "Enter"};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    if (strcmp(ek__node_of(g, ek_out_op(in))->type, types[i]) == 0) return true;
  return false;
}

static const char *inputs_of(const ek__node *n) { /* n->def is NULL if the node is one that cannot run */
  const ek_op_def *def = ek__op_find(n->type);
  return def != NULL && def->in != NULL ? def->in : "none";
}

/* What comes from an op that we do not know has the dtype that its readers ask for: so it can be fed. */
static ek_code check_inputs(ek_graph *g, const ek__node *n, const ek__signature *s, ek_status *st) {
  int at = 0;
  for (int i = 0; i < s->n_in; i++) {
    const ek__arg *arg = &s->in[i];
    const int64_t length = ek__arg_length(n, arg);
    EK_REQUIRE(length >= 0 && length <= n->n_inputs - at, st, EK_INVALID_ARGUMENT,
               "%s '%s': has %d inputs, too few for '%s' (%s)", n->type, n->name, n->n_inputs, arg->name, inputs_of(n));
    for (int k = 0; k < (int)length; k++, at++) {
      const ek__type *t = ek__type_of(g, n->inputs[at]);
      const ek_dtype wanted = ek__arg_dtype(n, arg, k);
      if (t == NULL) continue;
      if (t->dtype == EK_INVALID_DTYPE) {
        ek__node_of(g, ek_out_op(n->inputs[at]))->outputs[n->inputs[at].index].dtype = wanted;
        continue;
      }
      EK_REQUIRE(t->dtype == wanted, st, EK_INVALID_ARGUMENT, "%s '%s': input %d '%s' is %s, it must be %s", n->type,
                 n->name, at, arg->name, ek_dtype_name(t->dtype), ek_dtype_name(wanted));
      EK_REQUIRE(t->is_ref || !arg->is_ref, st, is_lost_ref(g, n->inputs[at]) ? EK_UNIMPLEMENTED : EK_INVALID_ARGUMENT,
                 "%s '%s': input %d '%s' must be a reference variable", n->type, n->name, at, arg->name);
    }
  }
  EK_REQUIRE(at == n->n_inputs, st, EK_INVALID_ARGUMENT, "%s '%s': takes %d inputs (%s), not %d", n->type, n->name, at,
             inputs_of(n), n->n_inputs);
  return EK_OK;
}

static bool dtype_allowed(const ek__attr_spec *spec, ek_dtype dtype) {
  for (int i = 0; i < spec->n_types; i++)
    if (spec->types[i] == dtype) return true;
  return spec->n_types == 0 && ek__dtype_is_known(dtype);
}

static int dtypes_of(const ek__node *n, const ek__attr_spec *spec, const ek_dtype **types) {
  const ek_attr *a = ek__attr_find(n, spec->value.name);
  const bool one = a != NULL && a->kind == EK_ATTR_TYPE, some = a != NULL && a->kind == EK_ATTR_LIST_TYPE;
  *types = one ? &a->v.type : some ? a->v.types : NULL;
  return one || some ? a->n : 0;
}

static bool is_dtype(ek_dtype number) {
  const ek_dtype dtype = number > 100 ? (ek_dtype)(number - 100) : number; /* a reference */
  return ek__dtype_is_known(dtype) || ek__dtype_is_foreign(dtype);
}

static ek_code check_numbers(const ek__node *n, const ek__signature *s, ek_status *st) {
  const ek_dtype *types;
  for (int i = 0; i < s->n_attrs; i++)
    for (int k = 0; k < dtypes_of(n, &s->attrs[i], &types); k++)
      EK_REQUIRE(is_dtype(types[k]), st, EK_INVALID_ARGUMENT,
                 "%s '%s': attribute %s is %d, which is the number of no data type", n->type, n->name,
                 s->attrs[i].value.name, (int)types[k]);
  return EK_OK;
}

static ek_code check_dtypes(const ek__node *n, const ek__signature *s, ek_status *st) {
  const ek_dtype *types;
  for (int i = 0; i < s->n_attrs; i++)
    for (int k = 0; k < dtypes_of(n, &s->attrs[i], &types); k++)
      EK_REQUIRE(dtype_allowed(&s->attrs[i], types[k]), st, EK_UNIMPLEMENTED,
                 "%s '%s': attribute %s is %s, which is not supported here", n->type, n->name, s->attrs[i].value.name,
                 ek_dtype_name(types[k]));
  return EK_OK;
}

ek_code ek__node_check(ek_graph *g, ek_op op, ek_status *st) {
  const ek__node *n = ek__node_of(g, op);
  if (n->def == NULL) return EK_OK;
  const ek__signature *s = ek__graph_signature(g, n->type);
  if (s == NULL) return ek_graph_status(g, st);
  EK_TRY(check_attrs(n, s, st));
  EK_TRY(check_numbers(n, s, st));
  EK_TRY(check_inputs(g, n, s, st));
  return check_dtypes(n, s, st);
}

ek_code ek_op_can_run(ek_graph *g, ek_op op, ek_status *st) {
  (void)ek__unname(&g);
  const ek__node *n = ek__node_of(g, op);
  EK_REQUIRE(n != NULL, st, EK_INVALID_ARGUMENT, "no op %d in this graph", (int)op.id);
  if (n->def != NULL) return EK_OK;
  const ek__signature *s = ek__graph_signature(g, n->type);
  if (s != NULL) {
    EK_TRY(check_dtypes(n, s, st));
    EK_TRY(check_inputs(g, n, s, st));
  }
  return ek_status_set(st, EK_UNIMPLEMENTED, "%s '%s': op type %s is not registered", n->type, n->name, n->type);
}
