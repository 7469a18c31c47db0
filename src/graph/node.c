/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes as data: adding, changing, copying attributes. What a node means is decided in build.c. */
#include "graph/infer.h"

#include <string.h>

/* ---- copying an attribute into the graph */

static bool copy_text(ek_graph *g, const ek_text *from, ek_text *to) {
  const size_t size = from->size == SIZE_MAX ? strlen(from->data) : from->size;
  const char *data = ek__arena_strndup(&g->arena, from->data, size);
  if (data == NULL) return (void)ek__graph_no_memory(g), false;
  *to = (ek_text){data, size};
  return true;
}

static bool keep_tensor(ek_graph *g, ek_tensor *t) {
  ek_status st = EK_STATUS_INIT;
  if (t == NULL) return ek_graph_fail(g, EK_INVALID_ARGUMENT, "an attribute's tensor is missing"), false;
  if (ek__grow(g->allocator, &g->tensors, &g->cap_tensors, g->n_tensors + 1, sizeof(ek_tensor *), &st) == EK_OK)
    g->tensors[g->n_tensors++] = ek_tensor_ref(t);
  return ek__graph_take(g, &st);
}

static const void *copy_array(ek_graph *g, const void *items, int n, size_t size) {
  void *p = ek__graph_alloc(g, (size_t)(n > 0 ? n : 1), size);
  if (p != NULL && n > 0) memcpy(p, items, (size_t)n * size);
  return p;
}

static bool copy_attr(ek_graph *g, const ek_attr *from, ek_attr *to) {
  *to = *from;
  to->name = ek__graph_strdup(g, from->name);
  if (to->name == NULL) return false;
  switch (from->kind) {
  case EK_ATTR_STRING:
  case EK_ATTR_FUNC:
  case EK_ATTR_PLACEHOLDER: return copy_text(g, &from->v.s, &to->v.s);
  case EK_ATTR_TENSOR: return keep_tensor(g, from->v.tensor);
  case EK_ATTR_LIST_INT: return (to->v.ints = copy_array(g, from->v.ints, from->n, sizeof(int64_t))) != NULL;
  case EK_ATTR_LIST_FLOAT: return (to->v.floats = copy_array(g, from->v.floats, from->n, sizeof(float))) != NULL;
  case EK_ATTR_LIST_BOOL: return (to->v.bools = copy_array(g, from->v.bools, from->n, sizeof(bool))) != NULL;
  case EK_ATTR_LIST_TYPE: return (to->v.types = copy_array(g, from->v.types, from->n, sizeof(ek_dtype))) != NULL;
  case EK_ATTR_LIST_SHAPE: return (to->v.shapes = copy_array(g, from->v.shapes, from->n, sizeof(ek_shape))) != NULL;
  case EK_ATTR_LIST_TENSOR:
    for (int i = 0; i < from->n; i++)
      if (!keep_tensor(g, from->v.tensors[i])) return false;
    return (to->v.tensors = copy_array(g, from->v.tensors, from->n, sizeof(ek_tensor *))) != NULL;
  case EK_ATTR_LIST_STRING:
  case EK_ATTR_LIST_FUNC: {
    ek_text *texts = ek__graph_alloc(g, (size_t)(from->n > 0 ? from->n : 1), sizeof *texts);
    to->v.strings = texts;
    for (int i = 0; texts != NULL && i < from->n; i++)
      if (!copy_text(g, &from->v.strings[i], &texts[i])) return false;
    return texts != NULL;
  }
  default: return true;
  }
}

static void sort_attrs(ek_attr *attrs, int n) { /* few, nearly sorted */
  for (int i = 1; i < n; i++) {
    const ek_attr a = attrs[i];
    int j = i;
    for (; j > 0 && strcmp(attrs[j - 1].name, a.name) > 0; j--) attrs[j] = attrs[j - 1];
    attrs[j] = a;
  }
}

void ek__node_set_attr(ek_graph *g, ek_op op, ek_attr attr) {
  ek__node *n = ek__node_of(g, op);
  ek_attr copy;
  if (n == NULL || !ek__graph_ok(g) || !copy_attr(g, &attr, &copy)) return;
  g->version++;
  for (int i = 0; i < n->n_attrs; i++)
    if (strcmp(n->attrs[i].name, copy.name) == 0) {
      n->attrs[i] = copy;
      return;
    }
  ek_attr *attrs = ek__graph_alloc(g, (size_t)n->n_attrs + 1, sizeof *attrs);
  if (attrs == NULL) return;
  if (n->n_attrs > 0) memcpy(attrs, n->attrs, (size_t)n->n_attrs * sizeof *attrs);
  attrs[n->n_attrs] = copy;
  n->attrs = attrs;
  n->n_attrs++;
  sort_attrs(n->attrs, n->n_attrs);
}

/* ---- outputs */

static const ek_attr *find_attr(const ek__node *n, const char *name, ek_attr_kind kind) {
  const ek_attr *a = ek__attr_find(n, name);
  return a != NULL && a->kind == kind ? a : NULL;
}

int64_t ek__arg_length(const ek__node *n, const ek__arg *arg) {
  if (arg->list_attr != NULL) {
    const ek_attr *a = find_attr(n, arg->list_attr, EK_ATTR_LIST_TYPE);
    return a != NULL ? a->n : -1;
  }
  if (arg->number_attr == NULL) return 1;
  const ek_attr *a = find_attr(n, arg->number_attr, EK_ATTR_INT);
  return a != NULL && a->v.i >= 0 && a->v.i < 1 << 20 ? a->v.i : -1;
}

ek_dtype ek__arg_dtype(const ek__node *n, const ek__arg *arg, int i) {
  if (arg->dtype != EK_INVALID_DTYPE) return arg->dtype;
  if (arg->list_attr != NULL) return find_attr(n, arg->list_attr, EK_ATTR_LIST_TYPE)->v.types[i];
  const ek_attr *a = find_attr(n, arg->type_attr, EK_ATTR_TYPE);
  return a != NULL ? a->v.type : EK_INVALID_DTYPE;
}

static bool make_outputs(ek_graph *g, ek__node *n, const ek__signature *s) {
  int64_t total = 0;
  for (int i = 0; i < s->n_out; i++) {
    const int64_t length = ek__arg_length(n, &s->out[i]);
    if (length < 0) {
      ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': the attribute that counts its outputs '%s' is missing or wrong",
                    n->type, n->name, s->out[i].name);
      return false;
    }
    total += length;
  }
  n->outputs = ek__graph_alloc(g, (size_t)(total > 0 ? total : 1), sizeof *n->outputs);
  if (n->outputs == NULL) return false;
  for (int i = 0; i < s->n_out; i++) {
    const int length = (int)ek__arg_length(n, &s->out[i]);
    for (int k = 0; k < length; k++)
      n->outputs[n->n_outputs++] =
          (ek__type){.dtype = ek__arg_dtype(n, &s->out[i], k), .is_ref = s->out[i].is_ref, .shape = ek_shape_unknown()};
  }
  return true;
}

ek_code ek__node_grow_outputs(ek_graph *g, ek_op op, int count) {
  ek__node *n = ek__node_of(g, op);
  if (count <= n->n_outputs) return EK_OK;
  ek__type *outputs = ek__graph_alloc(g, (size_t)count, sizeof *outputs);
  if (outputs == NULL) return EK_RESOURCE_EXHAUSTED;
  for (int i = 0; i < count; i++)
    outputs[i] = i < n->n_outputs ? n->outputs[i] : (ek__type){.shape = ek_shape_unknown()};
  n->outputs = outputs;
  n->n_outputs = count;
  return EK_OK;
}

/* ---- nodes */

static bool fill_defaults(ek_graph *g, ek__node *n, const ek__signature *s, int *cap) {
  for (int i = 0; i < s->n_attrs; i++) {
    const ek__attr_spec *spec = &s->attrs[i];
    if (!spec->has_default) continue;
    bool have = false;
    for (int k = 0; k < n->n_attrs; k++) have = have || strcmp(n->attrs[k].name, spec->value.name) == 0;
    if (have) continue;
    if (n->n_attrs == *cap) return ek_graph_fail(g, EK_INTERNAL, "%s: more defaults than attributes", n->type), false;
    n->attrs[n->n_attrs++] = spec->value; /* lives in the graph's arena already */
  }
  return true;
}

ek_op ek__node_add(ek_graph *g, const ek__node_spec *spec) {
  const ek_op none = {0};
  ek_status st = EK_STATUS_INIT;
  if (!ek__graph_ok(g)) return none;
  if (ek__map_get(&g->ops_by_name, spec->name) != NULL) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': the graph already has an op of this name", spec->type, spec->name);
    return none;
  }
  if (g->n_nodes >= (1 << 24) - 1) {
    ek_graph_fail(g, EK_RESOURCE_EXHAUSTED, "%s '%s': a graph holds less than 2^24 ops", spec->type, spec->name);
    return none;
  }
  const ek__signature *s = ek__graph_signature(g, spec->type);
  if (g->status.code != EK_OK) return none;
  int cap_attrs = spec->n_attrs + (s != NULL ? s->n_attrs : 0);
  ek__node n = {.name = ek__graph_strdup(g, spec->name),
                .type = s != NULL ? s->def->name : ek__graph_strdup(g, spec->type),
                .device = spec->device != NULL && *spec->device != '\0' ? ek__graph_strdup(g, spec->device) : "",
                .def = s != NULL ? s->def : NULL,
                .n_inputs = spec->n_inputs,
                .context = g->context,
                .block = g->block};
  n.inputs = ek__graph_alloc(g, (size_t)(spec->n_inputs > 0 ? spec->n_inputs : 1), sizeof *n.inputs);
  n.attrs = ek__graph_alloc(g, (size_t)(cap_attrs > 0 ? cap_attrs : 1), sizeof *n.attrs);
  if (n.name == NULL || n.type == NULL || n.device == NULL || n.inputs == NULL || n.attrs == NULL) return none;
  if (spec->n_inputs > 0) memcpy(n.inputs, spec->inputs, (size_t)spec->n_inputs * sizeof *n.inputs);
  for (int i = 0; i < spec->n_attrs; i++)
    if (!copy_attr(g, &spec->attrs[i], &n.attrs[n.n_attrs++])) return none;
  if (s != NULL && !fill_defaults(g, &n, s, &cap_attrs)) return none;
  sort_attrs(n.attrs, n.n_attrs);
  if (s != NULL && !make_outputs(g, &n, s)) return none;
  if (ek__grow(g->allocator, &g->nodes, &g->cap_nodes, g->n_nodes + 1, sizeof *g->nodes, &st) != EK_OK ||
      ek__map_put(&g->ops_by_name, n.name, g->n_nodes + 1, &st) != EK_OK) {
    (void)ek__graph_take(g, &st);
    return none;
  }
  g->nodes[g->n_nodes++] = n;
  g->version++;
  const ek_op op = {g->n_nodes};
  for (int i = 0; i < spec->n_controls; i++) ek__node_add_control(g, op, (ek_op){spec->controls[i]});
  return op;
}

void ek__node_set_input(ek_graph *g, ek_op op, int i, ek_out value) {
  ek__node *n = ek__node_of(g, op);
  n->inputs[i] = value;
  g->version++;
}

bool ek__node_has_control(const ek_graph *g, ek_op op, ek_op control) {
  const ek__node *n = ek__node_of(g, op);
  for (int i = 0; i < n->n_controls; i++)
    if (n->controls[i] == control.id) return true;
  return false;
}

/* The array doubles whenever its length is a power of two, so that a group of thousands costs linear time. */
void ek__node_add_control(ek_graph *g, ek_op op, ek_op control) {
  ek__node *n = ek__node_of(g, op);
  if ((n->n_controls & (n->n_controls - 1)) == 0) {
    int32_t *grown = ek__graph_alloc(g, n->n_controls == 0 ? 1 : (size_t)n->n_controls * 2, sizeof *grown);
    if (grown == NULL) return;
    if (n->n_controls > 0) memcpy(grown, n->controls, (size_t)n->n_controls * sizeof *grown);
    n->controls = grown;
  }
  n->controls[n->n_controls++] = control.id;
  g->version++;
}

void ek__node_remove_controls(ek_graph *g, ek_op op) {
  ek__node_of(g, op)->n_controls = 0;
  g->version++;
}

void ek_out_set_shape(ek_graph *g, ek_out out, ek_shape shape) {
  ek__node *n = ek__node_of(g, ek_out_op(out));
  char found[EK_SHAPE_TEXT], given[EK_SHAPE_TEXT];
  if (!ek__graph_ok(g) || n == NULL || out.index < 0 || out.index >= n->n_outputs) return;
  ek_shape *known = &n->outputs[out.index].shape;
  if (shape.rank < -1 || !ek_shape_compatible(*known, shape)) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': shape %s cannot be set, it is known to be %s", n->type, n->name,
                  ek_shape_format(shape, given, sizeof given), ek_shape_format(*known, found, sizeof found));
    return;
  }
  if (known->rank < 0) *known = shape;
  for (int i = 0; shape.rank >= 0 && i < known->rank; i++)
    if (known->dim[i] < 0) known->dim[i] = shape.dim[i];
  g->version++;
}
