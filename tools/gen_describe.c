/* SPDX-License-Identifier: Apache-2.0 */
/* Names of functions and parameters, and what of an op is given how. */
#include "gen_ops.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

/* Names of Python's functions where the type in snake case is not what one looks for. What an op's own definition says
 * comes first. */
static const char *const python_names[][2] = {
    {"AddV2", "add"},       {"Add", "add_v1"},        {"All", "reduce_all"},    {"Any", "reduce_any"},
    {"ArgMax", "argmax"},   {"ArgMin", "argmin"},     {"Max", "reduce_max"},    {"Mean", "reduce_mean"},
    {"Min", "reduce_min"},  {"Mul", "multiply"},      {"Neg", "negative"},      {"Prod", "reduce_prod"},
    {"RealDiv", "truediv"}, {"Select", "where"},      {"SelectV2", "where_v2"}, {"Sub", "subtract"},
    {"Sum", "reduce_sum"},  {"FloorMod", "floormod"}, {"FloorDiv", "floordiv"}, {"Mod", "truncatemod"},
    {"TopKV2", "top_k"},
};

/* "BiasAddGrad": bias_add_grad; "ApplyRMSProp": apply_rms_prop; "Conv2D": conv2d. */
static void snake(const char *type, char *out) {
  size_t n = 0;
  for (const char *s = type; *s != '\0' && n + 2 < NAME; s++) {
    const bool upper = isupper((unsigned char)*s) != 0;
    const bool dimension = *s == 'D' && s > type && isdigit((unsigned char)s[-1]);
    const bool after_small = s > type && !isupper((unsigned char)s[-1]);
    const bool word_begins = s > type && islower((unsigned char)s[1]);
    if (upper && !dimension && s > type && s[-1] != '_' && (after_small || word_begins)) out[n++] = '_';
    out[n++] = (char)tolower((unsigned char)*s);
  }
  out[n] = '\0';
}

void name_op(op *o) {
  snake(o->def->name, o->function);
  for (size_t i = 0; i < sizeof python_names / sizeof python_names[0]; i++)
    if (strcmp(python_names[i][0], o->def->name) == 0) (void)snprintf(o->function, NAME, "%s", python_names[i][1]);
  if (o->def->function != NULL) (void)snprintf(o->function, NAME, "%s", o->def->function);
  for (size_t i = 0; i < NAME; i++) o->macro[i] = (char)toupper((unsigned char)o->function[i]);
}

/* A parameter's name: no word that C or C++ keeps for itself, none of ours. */
const char *parameter(const char *name, char *out) {
  static const char *const taken[] = {"class", "default",  "delete", "g",       "new",
                                      "opts",  "register", "switch", "template"};
  snake(name, out);
  for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
    if (strcmp(out, taken[i]) == 0) strcat(out, "_");
  return out;
}

/* ---- what is given how */

bool is_list(const ek__arg *a) { return a->number_attr != NULL || a->list_attr != NULL; }

/* Read from the inputs: types, and lengths of lists. */
bool follows(const op *o, const ek__attr_spec *a) {
  for (int i = 0; i < o->s.n_in; i++) {
    const ek__arg *in = &o->s.in[i];
    const char *const from[] = {in->type_attr, in->number_attr, in->list_attr};
    for (int k = 0; k < 3; k++)
      if (from[k] != NULL && strcmp(from[k], a->value.name) == 0) return true;
  }
  return false;
}
bool is_required(const op *o, const ek__attr_spec *a) { return !a->has_default && !follows(o, a); }
bool is_optional(const op *o, const ek__attr_spec *a) { return a->has_default && !follows(o, a); }

bool has_options(const op *o) {
  for (int i = 0; i < o->s.n_attrs; i++)
    if (is_optional(o, &o->s.attrs[i])) return true;
  return false;
}

static const struct kind kinds[] = {{EK_ATTR_STRING, "const char *", "EK_STRING_ATTR", false},
                                    {EK_ATTR_INT, "int64_t ", "EK_INT_ATTR", false},
                                    {EK_ATTR_FLOAT, "double ", "EK_FLOAT_ATTR", false},
                                    {EK_ATTR_BOOL, "bool ", "EK_BOOL_ATTR", false},
                                    {EK_ATTR_TYPE, "ek_dtype ", "EK_TYPE_ATTR", false},
                                    {EK_ATTR_SHAPE, "ek_shape ", "EK_SHAPE_ATTR", false},
                                    {EK_ATTR_TENSOR, "ek_tensor *", "EK_TENSOR_ATTR", false},
                                    {EK_ATTR_LIST_INT, "const int64_t *", "EK_INTS_ATTR", true},
                                    {EK_ATTR_LIST_TYPE, "const ek_dtype *", "EK_TYPES_ATTR", true}};

const struct kind *kind_of(const ek__attr_spec *a) {
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (kinds[i].kind == a->value.kind) return &kinds[i];
  return NULL;
}

/* Ops with attributes of kinds that have no C form here are built by ek_build only. */
bool expressible(const op *o) {
  for (int i = 0; i < o->s.n_attrs; i++)
    if (!follows(o, &o->s.attrs[i]) && kind_of(&o->s.attrs[i]) == NULL) return false;
  return o->function[0] != '\0';
}

result result_of(const op *o) {
  for (int i = 0; i < o->s.n_out; i++)
    if (is_list(&o->s.out[i])) return MANY;
  return o->s.n_out == 0 ? NOTHING : o->s.n_out == 1 ? ONE : SEVERAL;
}

/* ---- text of a default */

void append(char *line, size_t size, const char *fmt, ...) {
  const size_t used = strlen(line);
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(line + used, size - used, fmt, ap);
  va_end(ap);
}

/* As C writes it, or as a reader does. */
const char *default_text(const ek__attr_spec *a, bool c, char *out, size_t size) {
  const ek_attr *v = &a->value;
  char shape[EK_SHAPE_TEXT];
  out[0] = '\0';
  switch (v->kind) {
  case EK_ATTR_STRING: append(out, size, "\"%s\"", v->v.s.data); break;
  case EK_ATTR_INT: append(out, size, "%lld", (long long)v->v.i); break;
  case EK_ATTR_FLOAT: append(out, size, "%.8g", (double)v->v.f); break;
  case EK_ATTR_BOOL: append(out, size, "%s", v->v.b ? "true" : "false"); break;
  case EK_ATTR_TYPE:
    append(out, size, "%s%s", c ? "EK_" : "", ek_dtype_name(v->v.type));
    for (char *s = out; c && *s != '\0'; s++) *s = (char)toupper((unsigned char)*s);
    break;
  case EK_ATTR_SHAPE:
    append(out, size, "%s",
           !c                    ? ek_shape_format(v->v.shape, shape, sizeof shape)
           : v->v.shape.rank < 0 ? "{-1, {0}}"
                                 : "{0, {0}}");
    break;
  default:
    append(out, size, c ? "NULL" : "[");
    for (int i = 0; !c && i < v->n; i++) append(out, size, "%s%lld", i > 0 ? ", " : "", (long long)v->v.ints[i]);
    append(out, size, c ? "" : "]");
    break;
  }
  return out;
}
