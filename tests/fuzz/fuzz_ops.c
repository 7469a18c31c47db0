/* SPDX-License-Identifier: Apache-2.0 */
/* Any op on any input: the bytes say which ops stand in a graph, with which attributes, and which of the values before
 * them they read. Nodes are added as the import adds them, so what a file could hold is what is tried. */
#include "graph/infer.h"
#include "run_graph.h"

#include <limits.h>

enum { MAX_NODES = 20, MAX_VALUES = 256, MAX_INPUTS = 8, MAX_ATTRS = 12, MAX_ELEMENTS = 4096 };

typedef struct input {
  const uint8_t *at;
  size_t left;
} input;

static unsigned next(input *in) {
  if (in->left == 0) return 0;
  in->left--;
  return *in->at++;
}

static unsigned below(input *in, unsigned n) { return next(in) % n; }

typedef struct maker {
  input in;
  ek_graph *g;
  ek_out values[MAX_VALUES]; /* that may be read */
  int n_values;
  ek_tensor *owned[MAX_VALUES];
  int n_owned;
} maker;

static int64_t an_integer(input *in) {
  static const int64_t odd[] = {-1, -2, 1 << 20, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, (int64_t)1 << 40};
  const unsigned choice = next(in);
  return choice < 232 ? (int64_t)(choice % 6) : odd[choice % 8];
}

static double a_float(input *in) {
  static const double odd[] = {0.0, -0.0, 1e-30, 1e30, -1e30, NAN, INFINITY, -INFINITY};
  const unsigned choice = next(in);
  return choice < 224 ? (double)choice / 32.0 - 3.0 : odd[choice % 8];
}

static ek_shape a_shape(input *in, bool unknown) {
  static const int64_t dims[] = {1, 2, 3, 2, 1, 4, 0, 5};
  const unsigned choice = next(in);
  ek_shape s = {.rank = choice < 224 ? (int)(choice % 5) : (int)(choice % (EK_MAX_RANK + 1))};
  if (unknown && choice == 223) return ek_shape_unknown();
  for (int i = 0; i < s.rank; i++) {
    const unsigned dim = next(in);
    s.dim[i] = unknown && dim > 240 ? -1 : dims[dim % 8];
  }
  return s;
}

static ek_dtype a_dtype(input *in, const ek__attr_spec *spec) {
  static const ek_dtype common[] = {EK_FLOAT32, EK_INT32, EK_BOOL, EK_FLOAT64, EK_INT64, EK_STRING, EK_FLOAT16};
  const unsigned choice = next(in);
  if (spec->n_types > 0) return spec->types[choice % (unsigned)spec->n_types];
  return common[choice % (sizeof common / sizeof *common)];
}

static ek_tensor *a_tensor(maker *m, ek_dtype dtype) {
  const ek_shape shape = a_shape(&m->in, false);
  const int64_t n = ek_shape_num_elements(shape);
  ek_tensor *t = n > MAX_ELEMENTS ? NULL : ek_tensor_new(dtype, shape, fuzz_allocator(), NULL);
  for (int64_t i = 0; t != NULL && i < n; i++) {
    if (dtype == EK_STRING)
      (void)ek_tensor_set_string(t, i, "text", (size_t)below(&m->in, 5), NULL);
    else
      (void)ek__set_number(t, i, ek_dtype_is_floating(dtype) ? a_float(&m->in) : (double)an_integer(&m->in), NULL);
  }
  if (t == NULL || m->n_owned == MAX_VALUES) return ek_tensor_free(t), NULL;
  return m->owned[m->n_owned++] = t;
}

/* ---- nodes */

/* The node if it is what a file may hold; its outputs may then be read. */
static ek_op add(maker *m, const char *type, const ek_out *inputs, int n_inputs, const ek_attr *attrs, int n_attrs) {
  char name[16];
  (void)snprintf(name, sizeof name, "n%d", ek_graph_num_ops(m->g));
  const ek__node_spec spec = {
      .name = name, .type = type, .inputs = inputs, .n_inputs = n_inputs, .attrs = attrs, .n_attrs = n_attrs};
  ek_status st = EK_STATUS_INIT;
  const ek_op op = ek__node_add(m->g, &spec);
  if (op.id == 0) return op;
  if (ek__node_check(m->g, op, &st) != EK_OK || ek__node_infer(m->g, op, &st) != EK_OK) {
    ek__node_of(m->g, op)->def = NULL;
    return op;
  }
  for (int i = 0; i < ek_op_num_outputs(m->g, op) && m->n_values < MAX_VALUES; i++) {
    const ek_out out = m->values[m->n_values++] = ek_op_output(op, i);
    if (!ek_shape_is_known(ek_out_shape(m->g, out)) && below(&m->in, 8) == 0) { /* a file's _output_shapes may lie */
      const ek_shape claim = a_shape(&m->in, true);
      if (ek_shape_compatible(claim, ek_out_shape(m->g, out))) ek_out_set_shape(m->g, out, claim);
    }
  }
  return op;
}

static ek_out a_constant(maker *m, ek_dtype dtype) {
  ek_tensor *t = a_tensor(m, dtype);
  if (t == NULL) return (ek_out){0, 0};
  const ek_attr attrs[] = {EK_TYPE_ATTR("dtype", dtype), EK_TENSOR_ATTR("value", t)};
  return ek_op_output(add(m, "Const", NULL, 0, attrs, 2), 0);
}

static ek_out a_variable(maker *m, ek_dtype dtype, bool by_handle) {
  const ek_out first = a_constant(m, dtype);
  ek_attr attrs[] = {EK_STRING_ATTR("container", ""), EK_TYPE_ATTR("dtype", dtype),
                     EK_SHAPE_ATTR("shape", ek_out_shape(m->g, first)), EK_STRING_ATTR("shared_name", "")};
  const ek_out v = ek_op_output(add(m, by_handle ? "VarHandleOp" : "VariableV2", NULL, 0, attrs, 4), 0);
  const ek_out inputs[] = {v, first};
  if (by_handle) {
    const ek_attr assign[] = {EK_TYPE_ATTR("dtype", dtype), EK_BOOL_ATTR("validate_shape", false)};
    (void)add(m, "AssignVariableOp", inputs, 2, assign, 2);
  } else {
    const ek_attr assign[] = {EK_TYPE_ATTR("T", dtype), EK_BOOL_ATTR("use_locking", true),
                              EK_BOOL_ATTR("validate_shape", true)};
    (void)add(m, "Assign", inputs, 2, assign, 3);
  }
  return v;
}

/* A value of that kind that is already there, one time in four a new one. */
static ek_out a_value(maker *m, ek_dtype dtype, bool is_ref) {
  const unsigned choice = next(&m->in);
  for (int i = 0; choice % 4 != 0 && i < m->n_values; i++) {
    const ek_out out = m->values[(choice + (unsigned)i) % (unsigned)m->n_values];
    const ek__type *t = ek__type_of(m->g, out);
    if (t->dtype == dtype && (t->is_ref || !is_ref)) return out;
  }
  if (dtype == EK_RESOURCE) return a_variable(m, choice % 8 < 6 ? EK_FLOAT32 : EK_INT32, true);
  return is_ref ? a_variable(m, dtype, false) : a_constant(m, dtype);
}

/* ---- attributes */

enum { LIST = 4 };

typedef struct lists { /* what lists of one node point to */
  int64_t ints[MAX_ATTRS][LIST];
  ek_dtype types[MAX_ATTRS][LIST];
  ek_shape shapes[MAX_ATTRS][LIST];
  ek_text strings[MAX_ATTRS][LIST];
} lists;

static bool an_attr(maker *m, const ek__attr_spec *spec, lists *l, int at, ek_attr *a) {
  input *in = &m->in;
  *a = spec->value;
  if (spec->has_default && below(in, 4) != 0) return true;
  a->n = spec->value.kind >= EK_ATTR_LIST_STRING ? (int)below(in, LIST + 1) : 1;
  switch (spec->value.kind) {
  case EK_ATTR_INT: a->v.i = an_integer(in); return true;
  case EK_ATTR_FLOAT: a->v.f = (float)a_float(in); return true;
  case EK_ATTR_BOOL: a->v.b = below(in, 2) != 0; return true;
  case EK_ATTR_TYPE: a->v.type = a_dtype(in, spec); return true;
  case EK_ATTR_SHAPE: a->v.shape = a_shape(in, true); return true;
  case EK_ATTR_STRING:
    a->v.s = spec->n_strings > 0 ? spec->strings[below(in, (unsigned)spec->n_strings)] : (ek_text){"a-b", 3};
    return true;
  case EK_ATTR_TENSOR: a->v.tensor = a_tensor(m, EK_FLOAT32); return a->v.tensor != NULL;
  case EK_ATTR_LIST_INT:
    for (int i = 0; i < a->n; i++) l->ints[at][i] = an_integer(in);
    a->v.ints = l->ints[at];
    return true;
  case EK_ATTR_LIST_TYPE:
    for (int i = 0; i < a->n; i++) l->types[at][i] = a_dtype(in, spec);
    a->v.types = l->types[at];
    return true;
  case EK_ATTR_LIST_SHAPE:
    for (int i = 0; i < a->n; i++) l->shapes[at][i] = a_shape(in, true);
    a->v.shapes = l->shapes[at];
    return true;
  case EK_ATTR_LIST_STRING:
    for (int i = 0; i < a->n; i++) l->strings[at][i] = (ek_text){"loc:@n0", 7};
    a->v.strings = l->strings[at];
    return true;
  default: return false;
  }
}

/* One op with all that it needs, if the bytes make something that can be. */
static void a_node(maker *m) {
  const ek_op_def *def = ek__op_at((int)below(&m->in, 256) * ek__op_count() / 256);
  const ek__signature *s = ek__graph_signature(m->g, def->name);
  if (fuzz_touches_files(def->name) || s == NULL || s->n_attrs > MAX_ATTRS) return;
  static lists l;
  ek_attr attrs[MAX_ATTRS];
  for (int i = 0; i < s->n_attrs; i++)
    if (!an_attr(m, &s->attrs[i], &l, i, &attrs[i])) return;
  const ek__node like = {.name = "", .type = def->name, .def = def, .attrs = attrs, .n_attrs = s->n_attrs};
  ek_out inputs[MAX_INPUTS];
  int n = 0;
  for (int i = 0; i < s->n_in; i++) {
    const int64_t length = ek__arg_length(&like, &s->in[i]);
    for (int64_t k = 0; k < length; k++) {
      if (n == MAX_INPUTS) return;
      inputs[n] = a_value(m, ek__arg_dtype(&like, &s->in[i], (int)k), s->in[i].is_ref);
      if (inputs[n++].op == 0) return;
    }
  }
  (void)add(m, def->name, inputs, n, attrs, s->n_attrs);
}

/* Gradients of what is there are ops too. */
static void differentiate(maker *m) {
  ek_out y = {0, 0}, x = {0, 0};
  for (int i = 0; i < m->n_values; i++) {
    const ek__type *t = ek__type_of(m->g, m->values[i]);
    if (!ek_dtype_is_floating(t->dtype) || t->is_ref) continue;
    if (x.op == 0) x = m->values[i];
    y = m->values[i];
  }
  if (x.op == 0) return;
  ek_out dx = {0, 0};
  ek_gradients(m->g, EK_OUTS(y), EK_OUTS(x), NULL, &dx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  maker m = {.in = {data, size}, .g = fuzz_graph()};
  const bool gradients = below(&m.in, 2) != 0;
  for (int i = 0; i < MAX_NODES && m.in.left > 0; i++) a_node(&m);
  if (gradients) differentiate(&m);
  for (int i = 0; i < m.n_owned; i++) ek_tensor_free(m.owned[i]);
  fuzz_run_graph(m.g);
  return 0;
}
