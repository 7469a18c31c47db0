/* SPDX-License-Identifier: Apache-2.0 */
/* op_def_library.apply_op: from a type, inputs and some attributes to a node with everything filled in. */
#include "graph/infer.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_ATTRS = 32 };

typedef struct builder {
  ek_graph *g;
  const ek__signature *s;
  const char *name; /* full */
  ek_outs given;
  ek_out *inputs;  /* literals placed */
  ek_dtype *types; /* of every flat input, for list(type) attributes */
  ek_attr attrs[MAX_ATTRS];
  int n_attrs;
} builder;

static bool fail(builder *b, const char *what, const char *detail) {
  ek_graph_fail(b->g, EK_INVALID_ARGUMENT, "%s '%s': %s%s", b->s->def->name, b->name, what, detail);
  return false;
}

static ek_attr *find(builder *b, const char *name) {
  for (int i = 0; i < b->n_attrs; i++)
    if (strcmp(b->attrs[i].name, name) == 0) return &b->attrs[i];
  return NULL;
}

static bool set(builder *b, ek_attr attr) {
  if (b->n_attrs == MAX_ATTRS) return fail(b, "too many attributes", "");
  b->attrs[b->n_attrs++] = attr;
  return true;
}

/* How many of the flat inputs argument i takes; the one list without a known length takes what is left. */
static int length_of(builder *b, int i) {
  const ek__arg *arg = &b->s->in[i];
  if (arg->number_attr == NULL && arg->list_attr == NULL) return 1;
  const ek_attr *known = find(b, arg->number_attr != NULL ? arg->number_attr : arg->list_attr);
  if (known != NULL) return arg->number_attr != NULL ? (int)known->v.i : known->n;
  int others = 0, sharing = 1; /* DynamicStitch has two lists of N */
  for (int k = 0; k < b->s->n_in; k++) {
    const ek__arg *other = &b->s->in[k];
    if (k == i) continue;
    if (arg->number_attr != NULL && other->number_attr != NULL && strcmp(arg->number_attr, other->number_attr) == 0) {
      sharing++;
      continue;
    }
    const ek_attr *n = other->number_attr != NULL ? find(b, other->number_attr)
                       : other->list_attr != NULL ? find(b, other->list_attr)
                                                  : NULL;
    others += n == NULL ? 1 : other->number_attr != NULL ? (int)n->v.i : n->n;
  }
  return (b->given.n - others) / sharing;
}

static bool dtype_allowed(const ek__attr_spec *spec, ek_dtype dtype) {
  for (int i = 0; i < spec->n_types; i++)
    if (spec->types[i] == dtype) return true;
  return spec->n_types == 0;
}

static bool check_dtype(builder *b, const ek__attr_spec *spec, ek_dtype dtype) {
  if (dtype_allowed(spec, dtype)) return true;
  char allowed[256] = "";
  for (int i = 0; i < spec->n_types; i++) {
    if (i > 0) strncat(allowed, ", ", sizeof allowed - strlen(allowed) - 1);
    strncat(allowed, ek_dtype_name(spec->types[i]), sizeof allowed - strlen(allowed) - 1);
  }
  ek_graph_fail(b->g, EK_INVALID_ARGUMENT, "%s '%s': %s is %s; allowed: %s", b->s->def->name, b->name, spec->value.name,
                ek_dtype_name(dtype), allowed);
  return false;
}

/* Flat inputs that belong to argument i begin at *first. */
static int place_of(builder *b, int i) {
  int first = 0;
  for (int k = 0; k < i; k++) first += length_of(b, k);
  return first;
}

/* Every argument's length fits the inputs given, and number attributes are set from them. */
static bool count_inputs(builder *b) {
  for (int i = 0; i < b->s->n_in; i++) {
    const ek__arg *arg = &b->s->in[i];
    const int n = length_of(b, i);
    if (n < 0) break;
    if (arg->number_attr != NULL && find(b, arg->number_attr) == NULL &&
        !set(b, (ek_attr){.name = arg->number_attr, .kind = EK_ATTR_INT, .n = 1, .v.i = n}))
      return false;
  }
  const int total = place_of(b, b->s->n_in);
  if (total != b->given.n) {
    ek_graph_fail(b->g, EK_INVALID_ARGUMENT, "%s '%s': takes %d inputs (%s), not %d", b->s->def->name, b->name, total,
                  b->s->def->in != NULL ? b->s->def->in : "none", b->given.n);
    return false;
  }
  for (int i = 0; i < b->given.n; i++) {
    const ek_out in = b->given.at[i];
    if (in.op >= 0 && ek__type_of(b->g, in) == NULL) {
      ek_graph_fail(b->g, EK_INVALID_ARGUMENT, "%s '%s': input %d is %s", b->s->def->name, b->name, i,
                    in.op == 0 ? "missing" : "no output of this graph");
      return false;
    }
  }
  return true;
}

/* A type attribute: as given, else from the first input that is no literal, else the default, else what a literal is.
 */
static bool infer_type(builder *b, const ek__attr_spec *spec) {
  const char *name = spec->value.name;
  if (find(b, name) != NULL) return check_dtype(b, spec, find(b, name)->v.type);
  ek_dtype dtype = EK_INVALID_DTYPE, literal = EK_INVALID_DTYPE;
  for (int i = 0; i < b->s->n_in && dtype == EK_INVALID_DTYPE; i++) {
    const ek__arg *arg = &b->s->in[i];
    if (arg->type_attr == NULL || strcmp(arg->type_attr, name) != 0) continue;
    const int first = place_of(b, i), n = length_of(b, i);
    for (int k = first; k < first + n && dtype == EK_INVALID_DTYPE; k++) {
      const ek_dtype found = ek_out_dtype(b->g, b->given.at[k]);
      if (!ek__is_number(b->g, b->given.at[k]))
        dtype = found;
      else if (literal == EK_INVALID_DTYPE)
        literal = found;
    }
  }
  if (dtype == EK_INVALID_DTYPE && spec->has_default) return true; /* filled in later */
  if (dtype == EK_INVALID_DTYPE) dtype = literal;
  if (dtype == EK_INVALID_DTYPE) return fail(b, "cannot tell the type attribute ", name);
  return check_dtype(b, spec, dtype) && set(b, (ek_attr){.name = name, .kind = EK_ATTR_TYPE, .n = 1, .v.type = dtype});
}

static ek_dtype wanted_dtype(builder *b, const ek__arg *arg, int k) {
  if (arg->dtype != EK_INVALID_DTYPE) return arg->dtype;
  if (arg->list_attr != NULL) {
    const ek_attr *a = find(b, arg->list_attr);
    return a != NULL && k < a->n ? a->v.types[k] : EK_INVALID_DTYPE;
  }
  const ek_attr *a = find(b, arg->type_attr);
  if (a != NULL) return a->v.type;
  const ek__attr_spec *spec = ek__signature_attr(b->s, arg->type_attr);
  return spec != NULL && spec->has_default ? spec->value.v.type : EK_INVALID_DTYPE;
}

/* A literal whose dtype only an attribute's default tells is first made with the dtype that it has by itself. If the op
 * does not take that one (an empty list is float32), the constant stays and a second one is made, as in TensorFlow. */
static bool try_own_dtype(builder *b, const ek__arg *arg, ek_out literal, ek_dtype *wanted) {
  const ek__attr_spec *spec = arg->type_attr != NULL ? ek__signature_attr(b->s, arg->type_attr) : NULL;
  if (spec == NULL || !spec->has_default || spec->n_types == 0 || find(b, arg->type_attr) != NULL) return true;
  const ek_dtype own = ek__literal_dtype(b->g, literal);
  if (dtype_allowed(spec, own))
    *wanted = own;
  else if (ek__place_literal(b->g, literal, own, arg->name).op == 0)
    return false;
  return set(b, (ek_attr){.name = arg->type_attr, .kind = EK_ATTR_TYPE, .n = 1, .v.type = *wanted});
}

/* Literals become constants called after their argument; everything else must have the dtype asked for. */
static bool place_inputs(builder *b) {
  for (int i = 0, at = 0; i < b->s->n_in; i++) {
    const ek__arg *arg = &b->s->in[i];
    const int n = length_of(b, i);
    const bool list = arg->number_attr != NULL || arg->list_attr != NULL;
    for (int k = 0; k < n; k++, at++) {
      ek_dtype wanted = wanted_dtype(b, arg, k);
      ek_out in = b->given.at[at];
      if (in.op < 0 && !list && ek__is_number(b->g, in) && !try_own_dtype(b, arg, in, &wanted)) return false;
      if (in.op < 0) {
        const char *name = list ? ek__graph_printf(b->g, "%s_%d", arg->name, k) : arg->name;
        in = ek__place_literal(b->g, in, wanted != EK_INVALID_DTYPE ? wanted : ek__literal_dtype(b->g, in), name);
        if (in.op == 0) return false;
      }
      const ek__type *t = ek__type_of(b->g, in);
      b->types[at] = t->dtype;
      b->inputs[at] = in;
      if (wanted != EK_INVALID_DTYPE && t->dtype != wanted && t->dtype != EK_INVALID_DTYPE) {
        ek_graph_fail(b->g, EK_INVALID_ARGUMENT, "%s '%s': input %d '%s' is %s ('%s'), it must be %s", b->s->def->name,
                      b->name, at, arg->name, ek_dtype_name(t->dtype), ek_op_name(b->g, ek_out_op(in)),
                      ek_dtype_name(wanted));
        return false;
      }
      if (arg->is_ref && !t->is_ref) return fail(b, "this input must be a reference variable: ", arg->name);
    }
    if (arg->list_attr != NULL && find(b, arg->list_attr) == NULL &&
        !set(b, (ek_attr){.name = arg->list_attr, .kind = EK_ATTR_LIST_TYPE, .n = n, .v.types = b->types + at - n}))
      return false;
  }
  return true;
}

static bool string_allowed(const ek__attr_spec *spec, const ek_attr *a) {
  const size_t size = a->v.s.size == SIZE_MAX ? strlen(a->v.s.data) : a->v.s.size;
  for (int i = 0; i < spec->n_strings; i++)
    if (spec->strings[i].size == size && memcmp(spec->strings[i].data, a->v.s.data, size) == 0) return true;
  return spec->n_strings == 0;
}

/* What was given exists, has the right kind and an allowed value; what is needed is there. */
static bool check_attrs(builder *b) {
  for (int i = 0; i < b->n_attrs; i++) {
    const ek_attr *a = &b->attrs[i];
    const ek__attr_spec *spec = ek__signature_attr(b->s, a->name);
    if (a->name[0] == '_') continue; /* an annotation */
    if (spec == NULL) return fail(b, "has no attribute ", a->name);
    if (spec->value.kind != a->kind) return fail(b, "wrong kind of value for attribute ", a->name);
    if (a->kind == EK_ATTR_STRING && !string_allowed(spec, a)) {
      ek_graph_fail(b->g, EK_INVALID_ARGUMENT, "%s '%s': %s is '%.*s'; allowed: %s", b->s->def->name, b->name, a->name,
                    (int)(a->v.s.size == SIZE_MAX ? strlen(a->v.s.data) : a->v.s.size), a->v.s.data, b->s->def->attrs);
      return false;
    }
    const int64_t measure = a->kind == EK_ATTR_INT ? a->v.i : a->n;
    if (spec->has_minimum && measure < spec->minimum) {
      ek_graph_fail(b->g, EK_INVALID_ARGUMENT, "%s '%s': %s is %" PRId64 ", it must be at least %" PRId64,
                    b->s->def->name, b->name, a->name, measure, spec->minimum);
      return false;
    }
    for (int k = 0; a->kind == EK_ATTR_LIST_TYPE && k < a->n; k++)
      if (!check_dtype(b, spec, a->v.types[k])) return false;
  }
  for (int i = 0; i < b->s->n_attrs; i++) {
    const ek__attr_spec *spec = &b->s->attrs[i];
    if (!spec->has_default && find(b, spec->value.name) == NULL)
      return fail(b, "needs the attribute ", spec->value.name);
  }
  return true;
}

/* "_class": the colocation groups of every op on the stack above the last mark, sorted, without duplicates. */
void ek__colocate(ek_graph *g, ek_op op) {
  ek_text groups[16];
  int n = 0;
  for (int i = g->n_colocation - 1; i >= 0 && g->colocation[i].id != 0; i--) {
    const ek_attr *own = ek_op_attr(g, g->colocation[i], "_class");
    const char *loc = own == NULL ? ek__graph_printf(g, "loc:@%s", ek_op_name(g, g->colocation[i])) : NULL;
    const ek_text one = {loc, loc != NULL ? strlen(loc) : 0};
    const ek_text *texts = own != NULL ? own->v.strings : &one;
    for (int k = 0; k < (own != NULL ? own->n : 1) && n < 16; k++) {
      int at = n;
      bool have = texts[k].data == NULL;
      for (int j = 0; j < n; j++) have = have || strcmp(groups[j].data, texts[k].data) == 0;
      if (have) continue;
      for (; at > 0 && strcmp(groups[at - 1].data, texts[k].data) > 0; at--) groups[at] = groups[at - 1];
      groups[at] = texts[k];
      n++;
    }
  }
  if (n > 0)
    ek__node_set_attr(g, op, (ek_attr){.name = "_class", .kind = EK_ATTR_LIST_STRING, .n = n, .v.strings = groups});
}

static void set_class(ek_graph *g, ek_op op, const char *location) {
  const ek_text text = {location, strlen(location)};
  ek__node_set_attr(g, op, (ek_attr){.name = "_class", .kind = EK_ATTR_LIST_STRING, .n = 1, .v.strings = &text});
}

/* As with colocate_with(input) around the op, for each reference argument: an op that changes a variable lives with it.
 */
static int colocate_with_refs(builder *b) {
  int n = 0;
  for (int i = 0; i < b->s->n_in && i < b->given.n; i++) {
    if (!b->s->in[i].is_ref) continue;
    ek_colocate_with_begin(b->g, ek_out_op(b->inputs[i]), false);
    n++;
  }
  return n;
}

static void add_to_context(builder *b, ek_op op) {
  const int n = colocate_with_refs(b);
  ek__context_add_op(b->g, op);
  ek__colocate(b->g, op);
  for (int i = 0; i < n; i++) ek_colocate_with_end(b->g);
}

static ek_op add(builder *b) {
  const ek__node_spec spec = {.name = b->name,
                              .type = b->s->def->name,
                              .inputs = b->inputs,
                              .n_inputs = b->given.n,
                              .attrs = b->attrs,
                              .n_attrs = b->n_attrs};
  const ek_op op = ek__node_add(b->g, &spec);
  ek_status st = EK_STATUS_INIT;
  if (op.id == 0) return op;
  if (b->g->class_scope != NULL && ek_op_attr(b->g, op, "_class") == NULL) set_class(b->g, op, b->g->class_scope);
  ek__apply_control_block(b->g, op);
  (void)ek__node_infer(b->g, op, &st);
  if (!ek__graph_take(b->g, &st)) return (ek_op){0};
  add_to_context(b, op);
  return b->g->status.code == EK_OK ? op : (ek_op){0};
}

static const char *full_name(ek_graph *g, const char *name) {
  const size_t n = strlen(name);
  if (n > 0 && name[n - 1] == '/') {
    const char *absolute = ek__arena_strndup(&g->arena, name, n - 1);
    if (absolute == NULL) (void)ek__graph_no_memory(g);
    return absolute;
  }
  const size_t good = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.\\-/");
  if (n == 0 || name[good] != '\0' || strchr("_\\-/", name[0]) != NULL) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "'%s' is not a valid node name", name);
    return NULL;
  }
  return ek_unique_name(g, name, true);
}

ek_op ek_build(ek_graph *g, const char *type, ek_outs inputs, const ek_attr *attrs, int n_attrs) {
  const ek_op none = {0};
  const char *name = ek__unname(&g);
  if (!ek__graph_ok(g)) return none;
  const ek__signature *s = ek__graph_signature(g, type);
  if (s == NULL) {
    ek_graph_fail(g, EK_NOT_FOUND, "'%s': op type '%s' is not registered", name != NULL ? name : "", type);
    return none;
  }
  builder b = {.g = g, .s = s, .given = inputs};
  b.name = full_name(g, name != NULL ? name : s->def->name + strspn(s->def->name, "_")); /* no name begins with it */
  b.inputs = ek__graph_alloc(g, (size_t)(inputs.n > 0 ? inputs.n : 1), sizeof *b.inputs);
  b.types = ek__graph_alloc(g, (size_t)(inputs.n > 0 ? inputs.n : 1), sizeof *b.types);
  if (g->status.code != EK_OK) return none;
  for (int i = 0; i < n_attrs; i++)
    if (!set(&b, attrs[i])) return none;
  if (!count_inputs(&b)) return none;
  for (int i = 0; i < s->n_attrs; i++)
    if (s->attrs[i].value.kind == EK_ATTR_TYPE && !infer_type(&b, &s->attrs[i])) return none;
  /* Python makes constants without a scope of their own; what a loop adds for them shows it. */
  ek__push_scope(g, strcmp(type, "Const") != 0 ? b.name : g->scope);
  const ek_op op = place_inputs(&b) && check_attrs(&b) ? add(&b) : none;
  ek_name_scope_end(g);
  return op;
}

ek_out ek_placeholder(ek_graph *g, ek_dtype dtype, ek_shape shape, const char *name) {
  const char *given = ek__unname(&g);
  const ek_attr attrs[] = {EK_TYPE_ATTR("dtype", dtype), EK_SHAPE_ATTR("shape", shape)};
  if (shape.rank < -1) ek_graph_fail(g, EK_INVALID_ARGUMENT, "Placeholder '%s': not a shape", name != NULL ? name : "");
  return ek_op_output(ek_build(ek_named(g, name != NULL ? name : given), "Placeholder", (ek_outs){NULL, 0}, attrs, 2),
                      0);
}
