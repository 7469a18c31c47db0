/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes that come from files: what build.c guarantees for its own is checked here. */
#include "graph/infer.h"

#include <inttypes.h>
#include <string.h>

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
    EK_REQUIRE(a != NULL, st, EK_INVALID_ARGUMENT, "%s '%s': needs the attribute %s", n->type, n->name,
               spec->value.name);
    EK_REQUIRE(a->kind == spec->value.kind, st, EK_INVALID_ARGUMENT, "%s '%s': wrong kind of value for attribute %s",
               n->type, n->name, a->name);
    EK_TRY(check_range(n, spec, a, st));
  }
  return EK_OK;
}

static ek_code check_inputs(const ek_graph *g, const ek__node *n, const ek__signature *s, ek_status *st) {
  int at = 0;
  for (int i = 0; i < s->n_in; i++) {
    const ek__arg *arg = &s->in[i];
    const int64_t length = ek__arg_length(n, arg);
    EK_REQUIRE(length >= 0 && length <= n->n_inputs - at, st, EK_INVALID_ARGUMENT,
               "%s '%s': has %d inputs, too few for '%s' (%s)", n->type, n->name, n->n_inputs, arg->name, n->def->in);
    for (int k = 0; k < (int)length; k++, at++) {
      const ek__type *t = ek__type_of(g, n->inputs[at]);
      const ek_dtype wanted = ek__arg_dtype(n, arg, k);
      if (t == NULL || t->dtype == EK_INVALID_DTYPE) continue;
      EK_REQUIRE(t->dtype == wanted, st, EK_INVALID_ARGUMENT, "%s '%s': input %d '%s' is %s, it must be %s", n->type,
                 n->name, at, arg->name, ek_dtype_name(t->dtype), ek_dtype_name(wanted));
      EK_REQUIRE(t->is_ref || !arg->is_ref, st, EK_INVALID_ARGUMENT,
                 "%s '%s': input %d '%s' must be a reference variable", n->type, n->name, at, arg->name);
    }
  }
  EK_REQUIRE(at == n->n_inputs, st, EK_INVALID_ARGUMENT, "%s '%s': takes %d inputs (%s), not %d", n->type, n->name, at,
             n->def->in != NULL ? n->def->in : "none", n->n_inputs);
  return EK_OK;
}

static bool dtype_allowed(const ek__attr_spec *spec, ek_dtype dtype) {
  for (int i = 0; i < spec->n_types; i++)
    if (spec->types[i] == dtype) return true;
  return spec->n_types == 0 && dtype > EK_INVALID_DTYPE && dtype < 100;
}

static ek_code check_dtypes(const ek__node *n, const ek__signature *s, ek_status *st) {
  for (int i = 0; i < s->n_attrs; i++) {
    const ek_attr *a = ek__attr_find(n, s->attrs[i].value.name);
    const ek_dtype *types = a->kind == EK_ATTR_TYPE ? &a->v.type : a->kind == EK_ATTR_LIST_TYPE ? a->v.types : NULL;
    for (int k = 0; types != NULL && k < a->n; k++)
      EK_REQUIRE(dtype_allowed(&s->attrs[i], types[k]), st, EK_UNIMPLEMENTED, "%s '%s': no %s for %s", n->type, n->name,
                 ek_dtype_name(types[k]), a->name);
  }
  return EK_OK;
}

ek_code ek__node_check(ek_graph *g, ek_op op, ek_status *st) {
  const ek__node *n = ek__node_of(g, op);
  if (n->def == NULL) return EK_OK;
  const ek__signature *s = ek__graph_signature(g, n->type);
  if (s == NULL) return ek_graph_status(g, st);
  EK_TRY(check_attrs(n, s, st));
  EK_TRY(check_inputs(g, n, s, st));
  return check_dtypes(n, s, st);
}
