/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the typed builders from the registry of ops: gen_ops HEADER SOURCE TABLE SUMMARY. `make generate` runs it
 * for include/evenkeel/ops.h, src/layers/ops.c, docs/ops.md and a table in README.md, which are checked in. */
#include "graph/signature.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 64 };

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

typedef struct op {
  const ek_op_def *def;
  ek__signature s;
  char function[NAME], macro[NAME];
} op;

typedef struct output {
  FILE *header, *source, *table, *summary;
} output;

/* ---- names */

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

static void name_op(op *o) {
  snake(o->def->name, o->function);
  for (size_t i = 0; i < sizeof python_names / sizeof python_names[0]; i++)
    if (strcmp(python_names[i][0], o->def->name) == 0) (void)snprintf(o->function, NAME, "%s", python_names[i][1]);
  if (o->def->function != NULL) (void)snprintf(o->function, NAME, "%s", o->def->function);
  for (size_t i = 0; i < NAME; i++) o->macro[i] = (char)toupper((unsigned char)o->function[i]);
}

/* A parameter's name: no word that C or C++ keeps for itself, none of ours. */
static const char *parameter(const char *name, char *out) {
  static const char *const taken[] = {"class", "default",  "delete", "g",       "new",
                                      "opts",  "register", "switch", "template"};
  snake(name, out);
  for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
    if (strcmp(out, taken[i]) == 0) strcat(out, "_");
  return out;
}

/* ---- what is given how */

static bool is_list(const ek__arg *a) { return a->number_attr != NULL || a->list_attr != NULL; }

/* Read from the inputs: types, and lengths of lists. */
static bool follows(const op *o, const ek__attr_spec *a) {
  for (int i = 0; i < o->s.n_in; i++) {
    const ek__arg *in = &o->s.in[i];
    const char *const from[] = {in->type_attr, in->number_attr, in->list_attr};
    for (int k = 0; k < 3; k++)
      if (from[k] != NULL && strcmp(from[k], a->value.name) == 0) return true;
  }
  return false;
}
static bool is_required(const op *o, const ek__attr_spec *a) { return !a->has_default && !follows(o, a); }
static bool is_optional(const op *o, const ek__attr_spec *a) { return a->has_default && !follows(o, a); }

static bool has_options(const op *o) {
  for (int i = 0; i < o->s.n_attrs; i++)
    if (is_optional(o, &o->s.attrs[i])) return true;
  return false;
}

/* The C type of an attribute and how ek_build takes it. */
static const struct kind {
  ek_attr_kind kind;
  const char *c, *macro;
  bool list;
} kinds[] = {{EK_ATTR_STRING, "const char *", "EK_STRING_ATTR", false},
             {EK_ATTR_INT, "int64_t ", "EK_INT_ATTR", false},
             {EK_ATTR_FLOAT, "double ", "EK_FLOAT_ATTR", false},
             {EK_ATTR_BOOL, "bool ", "EK_BOOL_ATTR", false},
             {EK_ATTR_TYPE, "ek_dtype ", "EK_TYPE_ATTR", false},
             {EK_ATTR_SHAPE, "ek_shape ", "EK_SHAPE_ATTR", false},
             {EK_ATTR_TENSOR, "ek_tensor *", "EK_TENSOR_ATTR", false},
             {EK_ATTR_LIST_INT, "const int64_t *", "EK_INTS_ATTR", true},
             {EK_ATTR_LIST_TYPE, "const ek_dtype *", "EK_TYPES_ATTR", true}};

static const struct kind *kind_of(const ek__attr_spec *a) {
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (kinds[i].kind == a->value.kind) return &kinds[i];
  return NULL;
}

/* Ops with attributes of kinds that have no C form here are built by ek_build only. */
static bool expressible(const op *o) {
  for (int i = 0; i < o->s.n_attrs; i++)
    if (!follows(o, &o->s.attrs[i]) && kind_of(&o->s.attrs[i]) == NULL) return false;
  return o->function[0] != '\0';
}

typedef enum result { NOTHING, ONE, SEVERAL, MANY } result; /* MANY: as many as an attribute says */
static result result_of(const op *o) {
  for (int i = 0; i < o->s.n_out; i++)
    if (is_list(&o->s.out[i])) return MANY;
  return o->s.n_out == 0 ? NOTHING : o->s.n_out == 1 ? ONE : SEVERAL;
}

/* ---- text of a default */

static void append(char *line, size_t size, const char *fmt, ...) EK_PRINTF(3, 4);
static void append(char *line, size_t size, const char *fmt, ...) {
  const size_t used = strlen(line);
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(line + used, size - used, fmt, ap);
  va_end(ap);
}

/* As C writes it, or as a reader does. */
static const char *default_text(const ek__attr_spec *a, bool c, char *out, size_t size) {
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

/* ---- header */

/* One line of a comment, or several where it is long. */
static void comment_line(FILE *f, const char *text) {
  enum { WIDTH = 108 };
  const char *indent = "\n *   ";
  while (*text != '\0') {
    size_t n = strlen(text);
    if (n > WIDTH)
      for (n = WIDTH; n > 1 && text[n] != ' ';) n--;
    fprintf(f, "%s%.*s", indent, (int)n, text);
    text += n + (text[n] == ' ');
    indent = "\n *     ";
  }
}

static void attribute_line(FILE *f, const op *o, const ek__attr_spec *a) {
  char name[NAME], text[128], line[1024] = "";
  append(line, sizeof line, "%s:", follows(o, a) ? a->value.name : parameter(a->value.name, name));
  for (int k = 0; k < a->n_types; k++) append(line, sizeof line, "%s %s", k > 0 ? "," : "", ek_dtype_name(a->types[k]));
  for (int k = 0; k < a->n_strings; k++) append(line, sizeof line, "%s \"%s\"", k > 0 ? "," : "", a->strings[k].data);
  if (is_optional(o, a))
    append(line, sizeof line, "%s default %s%s", a->n_types > 0 || a->n_strings > 0 ? ";" : "",
           default_text(a, false, text, sizeof text), kind_of(a)->list ? ", which NULL stands for" : "");
  comment_line(f, line);
}

static void doc(FILE *f, const op *o) {
  char line[1024] = "";
  fprintf(f, "/* %s: %s.", o->def->name, o->def->doc);
  if (o->def->in != NULL) {
    append(line, sizeof line, "in: %s", o->def->in);
    comment_line(f, line);
  }
  line[0] = '\0';
  if (o->def->out != NULL) {
    append(line, sizeof line, "out: %s%s", o->def->out,
           result_of(o) == MANY ? " (ek_op_output gives each of them)" : "");
    comment_line(f, line);
  }
  for (int i = 0; i < o->s.n_attrs; i++) {
    const ek__attr_spec *a = &o->s.attrs[i];
    if (a->n_types > 0 || a->n_strings > 0 || is_optional(o, a)) attribute_line(f, o, a);
  }
  fputs(" */\n", f);
}

static void option_struct(FILE *f, const op *o) {
  char name[NAME], text[128];
  fprintf(f, "typedef struct ek_%s_opts {\n  uint32_t version;\n", o->function);
  for (int i = 0; i < o->s.n_attrs; i++) {
    const ek__attr_spec *a = &o->s.attrs[i];
    if (!is_optional(o, a)) continue;
    fprintf(f, "  %s%s;\n", kind_of(a)->c, parameter(a->value.name, name));
    if (kind_of(a)->list) fprintf(f, "  int n_%s;\n", name);
  }
  fprintf(f, "} ek_%s_opts;\n#define EK_%s_OPTS_FIELDS_ .version = 1u", o->function, o->macro);
  for (int i = 0; i < o->s.n_attrs; i++) {
    const ek__attr_spec *a = &o->s.attrs[i];
    if (!is_optional(o, a) || kind_of(a)->list) continue;
    fprintf(f, ", .%s = %s", parameter(a->value.name, name), default_text(a, true, text, sizeof text));
  }
  fprintf(f, "\n#define EK_%s_OPTS_INIT { EK_%s_OPTS_FIELDS_ }\n", o->macro, o->macro);
  fprintf(f, "#define EK_%s(...) EK_OPTS_(ek_%s_opts, EK_%s_OPTS_FIELDS_, __VA_ARGS__)\n", o->macro, o->function,
          o->macro);
}

/* "ek_out ek_matmul(ek_graph *g, ek_out a, ek_out b, const ek_matmul_opts *opts)" */
static void prototype(FILE *f, const op *o) {
  char name[NAME];
  const result r = result_of(o);
  if (r == SEVERAL)
    fprintf(f, "ek_%s_outs", o->function);
  else
    fputs(r == ONE ? "ek_out" : "ek_op", f);
  fprintf(f, " ek_%s(ek_graph *g", o->function);
  for (int i = 0; i < o->s.n_in; i++)
    fprintf(f, ", %s %s", is_list(&o->s.in[i]) ? "ek_outs" : "ek_out", parameter(o->s.in[i].name, name));
  for (int i = 0; i < o->s.n_attrs; i++) {
    const ek__attr_spec *a = &o->s.attrs[i];
    if (!is_required(o, a)) continue;
    fprintf(f, ", %s%s", kind_of(a)->c, parameter(a->value.name, name));
    if (kind_of(a)->list) fprintf(f, ", int n_%s", name);
  }
  if (has_options(o)) fprintf(f, ", const ek_%s_opts *opts", o->function);
  fputc(')', f);
}

static void header_op(FILE *f, const op *o) {
  char name[NAME];
  fputc('\n', f);
  if (has_options(o)) option_struct(f, o);
  if (result_of(o) == SEVERAL) {
    fprintf(f, "typedef struct ek_%s_outs {\n  ek_out ", o->function);
    for (int i = 0; i < o->s.n_out; i++) fprintf(f, "%s%s", i > 0 ? ", " : "", parameter(o->s.out[i].name, name));
    fprintf(f, ";\n} ek_%s_outs;\n", o->function);
  }
  doc(f, o);
  fputs("EK_API ", f);
  prototype(f, o);
  fputs(";\n", f);
}

/* ---- source */

static void source_attr(FILE *f, const op *o, const ek__attr_spec *a) {
  char name[NAME];
  const char *from = is_optional(o, a) ? "o->" : "";
  const struct kind *k = kind_of(a);
  parameter(a->value.name, name);
  if (k->list && from[0] != '\0') fprintf(f, "  if (o->%s != NULL)\n", name);
  fprintf(f, "  attrs[n_attrs++] = %s(\"%s\", %s%s", k->macro, a->value.name, from, name);
  if (k->list) fprintf(f, ", %sn_%s", from, name);
  fputs(");\n", f);
}

static void source_op(FILE *f, const op *o) {
  char name[NAME];
  const result r = result_of(o);
  int n_attrs = 0, lists = 0;
  for (int i = 0; i < o->s.n_attrs; i++) n_attrs += !follows(o, &o->s.attrs[i]);
  for (int i = 0; i < o->s.n_in; i++) lists += is_list(&o->s.in[i]);
  fputc('\n', f);
  prototype(f, o);
  fputs(" {\n", f);
  if (has_options(o)) {
    fprintf(f, "  static const ek_%s_opts defaults = EK_%s_OPTS_INIT;\n", o->function, o->macro);
    fprintf(f, "  const ek_%s_opts *o = opts != NULL ? opts : &defaults;\n", o->function);
    fprintf(f, "  check_version(g, o->version, \"%s\", \"EK_%s_OPTS_INIT\");\n", o->def->name, o->macro);
  }
  if (n_attrs > 0) fprintf(f, "  ek_attr attrs[%d];\n  int n_attrs = 0;\n", n_attrs);
  for (int i = 0; i < o->s.n_attrs; i++)
    if (!follows(o, &o->s.attrs[i])) source_attr(f, o, &o->s.attrs[i]);
  if (lists > 0 && o->s.n_in > 1) {
    fputs("  const ek_outs parts[] = {", f);
    for (int i = 0; i < o->s.n_in; i++) {
      parameter(o->s.in[i].name, name);
      fprintf(f, is_list(&o->s.in[i]) ? "%s%s" : "%sEK_OUTS(%s)", i > 0 ? ", " : "", name);
    }
    fprintf(f, "};\n  const ek_op op = build_parts(g, \"%s\", parts, %d", o->def->name, o->s.n_in);
  } else {
    fprintf(f, "  const ek_op op = ek_build(g, \"%s\", ", o->def->name);
    if (o->s.n_in == 0) fputs("(ek_outs){NULL, 0}", f);
    for (int i = 0; i < o->s.n_in; i++)
      fprintf(f,
              lists > 0 ? "%s%s"
              : i == 0  ? "EK_OUTS(%s%s"
                        : "%s%s",
              i > 0 ? ", " : "", parameter(o->s.in[i].name, name));
    if (o->s.n_in > 0 && lists == 0) fputc(')', f);
  }
  fputs(n_attrs > 0 ? ", attrs, n_attrs);\n" : ", EK_NO_ATTRS);\n", f);
  if (r == ONE) {
    fputs("  return ek_op_output(op, 0);\n", f);
  } else if (r == SEVERAL) {
    fprintf(f, "  return (ek_%s_outs){", o->function);
    for (int i = 0; i < o->s.n_out; i++) fprintf(f, "%sek_op_output(op, %d)", i > 0 ? ", " : "", i);
    fputs("};\n", f);
  } else {
    fputs("  return op;\n", f);
  }
  fputs("}\n", f);
}

/* ---- tables */

/* The attribute that says what an op computes in: TensorFlow calls it dtype or T; else the first output's type. NULL:
 * the op leaves no choice. */
static const ek__attr_spec *main_type(const op *o) {
  const char *const names[] = {"dtype", "T", o->s.n_out > 0 ? o->s.out[0].type_attr : NULL};
  for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
    for (int i = 0; names[k] != NULL && i < o->s.n_attrs; i++)
      if (strcmp(o->s.attrs[i].value.name, names[k]) == 0) return &o->s.attrs[i];
  return NULL;
}

/* Bit k: dtype number k is allowed. 0: any, or none to choose. */
static uint32_t type_bits(const op *o) {
  uint32_t bits = 0;
  const ek__attr_spec *a = main_type(o);
  for (int k = 0; a != NULL && k < a->n_types; k++) bits |= UINT32_C(1) << a->types[k];
  return bits;
}

/* "floats, integers, bool": families that are there in full, then single types. */
static const char *types_text(uint32_t bits, char *out, size_t size) {
#define BIT(t) (UINT32_C(1) << (t))
  static const struct family {
    const char *name;
    uint32_t bits;
  } families[] = {
      {"floats", BIT(EK_FLOAT16) | BIT(EK_BFLOAT16) | BIT(EK_FLOAT32) | BIT(EK_FLOAT64)},
      {"integers", BIT(EK_INT8) | BIT(EK_UINT8) | BIT(EK_INT16) | BIT(EK_UINT16) | BIT(EK_INT32) | BIT(EK_INT64)}};
  out[0] = '\0';
  for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
    if ((bits & families[i].bits) != families[i].bits) continue;
    append(out, size, "%s%s", out[0] != '\0' ? ", " : "", families[i].name);
    bits &= ~families[i].bits;
  }
  for (int k = 0; k < 32; k++)
    if ((bits & BIT(k)) != 0) append(out, size, "%s%s", out[0] != '\0' ? ", " : "", ek_dtype_name((ek_dtype)k));
#undef BIT
  return out[0] != '\0' ? out : "any, or fixed by the op";
}

static void table_op(FILE *f, const op *o) {
  const ek__attr_spec *a = main_type(o);
  fprintf(f, "| %s | ", o->def->name);
  if (expressible(o)) fprintf(f, "`ek_%s`", o->function);
  fputs(" | ", f);
  for (int k = 0; a != NULL && k < a->n_types; k++) fprintf(f, "%s%s", k > 0 ? ", " : "", ek_dtype_name(a->types[k]));
  fprintf(f, " | %s | ", o->def->grad != NULL ? "yes" : (o->def->flags & EK_OP_NOT_DIFFERENTIABLE) != 0 ? "none" : "-");
  for (const char *d = o->def->doc; *d != '\0'; d++) fprintf(f, *d == '|' ? "\\%c" : "%c", *d);
  fputs(" |\n", f);
}

/* For the README: ops of the same types share a row, the longest row first. */
static void summary(FILE *f, const op *ops, int n) {
  char types[256];
  fputs("| types | ops |\n|---|---|\n", f);
  for (int longest = n; longest > 0; longest--)
    for (int i = 0; i < n; i++) {
      const uint32_t bits = type_bits(&ops[i]);
      int same = 0, before = 0;
      for (int k = 0; k < n; k++) {
        same += type_bits(&ops[k]) == bits;
        before += k < i && type_bits(&ops[k]) == bits;
      }
      if (same != longest || before > 0) continue;
      fprintf(f, "| %s |", types_text(bits, types, sizeof types));
      for (int k = 0; k < n; k++)
        if (type_bits(&ops[k]) == bits) fprintf(f, " %s", ops[k].def->name);
      fputs(" |\n", f);
    }
}

static const char header_begin[] =
    "/* SPDX-License-Identifier: Apache-2.0 */\n"
    "/* Made by tools/gen_ops.c from the registry of ops: change the op, then `make generate`.\n"
    " *\n"
    " * Every op that the library runs, one function each. Inputs come first, as the op has them (a list as ek_outs), "
    "then\n"
    " * attributes that must be given, then options; NULL options are TensorFlow's defaults. A literal (ek_number, "
    "ek_ints)\n"
    " * may stand for any input. Errors stick to the graph, as everywhere in graph.h; what is returned is then none. "
    "*/\n"
    "#ifndef EVENKEEL_OPS_H\n#define EVENKEEL_OPS_H\n\n#include \"graph.h\"\n\n"
    "#ifdef __cplusplus\nextern \"C\" {\n#endif\n";
static const char header_end[] = "\n#ifdef __cplusplus\n}\n#endif\n#endif\n";

static const char source_begin[] =
    "/* SPDX-License-Identifier: Apache-2.0 */\n"
    "/* Made by tools/gen_ops.c from the registry of ops: change the op, then `make generate`. */\n"
    "#include \"evenkeel/ops.h\"\n\n"
    "/* A forgotten initializer is version 0. */\n"
    "static void check_version(ek_graph *g, uint32_t version, const char *type, const char *init) {\n"
    "  if (version != 1u)\n"
    "    ek_graph_fail(g, EK_INVALID_ARGUMENT, \"%s: options of version %u: begin with %s\", type, (unsigned)version,\n"
    "                  init);\n}\n\n"
    "/* Inputs of which some are lists, one after another. */\n"
    "static ek_op build_parts(ek_graph *g, const char *type, const ek_outs *parts, int n_parts, const ek_attr *attrs,\n"
    "                         int n_attrs) {\n"
    "  enum { FEW = 32 };\n"
    "  const ek_allocator *a = ek_allocator_default();\n"
    "  ek_out few[FEW], *all = few;\n"
    "  int n = 0, at = 0;\n"
    "  for (int i = 0; i < n_parts; i++) n += parts[i].n;\n"
    "  const size_t bytes = (size_t)n * sizeof *all;\n"
    "  if (n > FEW) all = a->alloc(a->ctx, bytes, sizeof(void *));\n"
    "  if (all == NULL) {\n"
    "    ek_graph_fail(g, EK_RESOURCE_EXHAUSTED, \"%s: no memory for %d inputs\", type, n);\n"
    "    return (ek_op){0};\n  }\n"
    "  for (int i = 0; i < n_parts; i++)\n"
    "    for (int k = 0; k < parts[i].n; k++) all[at++] = parts[i].at[k];\n"
    "  const ek_op op = ek_build(g, type, (ek_outs){all, n}, attrs, n_attrs);\n"
    "  if (all != few) a->free(a->ctx, all, bytes);\n"
    "  return op;\n}\n";

static const char table_begin[] =
    "# Ops\n\nMade by `make generate` from the registry. Types are those that the op computes in (its attribute dtype "
    "or T);\n"
    "none: any, or fixed by the op.\n"
    "Gradient: yes; none: nothing flows back, as in TensorFlow; -: asking for it is an error.\n\n"
    "| TensorFlow | function | types | gradient | |\n|---|---|---|---|---|\n";

static int write_all(const output *out, op *ops, int n) {
  fputs(header_begin, out->header);
  fputs(source_begin, out->source);
  fputs(table_begin, out->table);
  summary(out->summary, ops, n);
  for (int i = 0; i < n; i++) {
    table_op(out->table, &ops[i]);
    if (!expressible(&ops[i])) continue;
    for (int k = 0; k < i; k++)
      if (expressible(&ops[k]) && strcmp(ops[k].function, ops[i].function) == 0)
        return fprintf(stderr, "gen_ops: %s and %s would both be ek_%s\n", ops[k].def->name, ops[i].def->name,
                       ops[i].function);
    header_op(out->header, &ops[i]);
    source_op(out->source, &ops[i]);
  }
  fputs(header_end, out->header);
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 5) return fprintf(stderr, "usage: gen_ops HEADER SOURCE TABLE SUMMARY\n"), 2;
  const int n = ek__op_count();
  op *ops = calloc((size_t)n, sizeof *ops);
  ek_status st = EK_STATUS_INIT;
  ek__arena arena;
  ek__arena_init(&arena, ek_allocator_default());
  int rc = ops == NULL;
  for (int i = 0; rc == 0 && i < n; i++) {
    ops[i].def = ek__op_at(i);
    if (ek__signature_parse(ops[i].def, &arena, &ops[i].s, &st) != EK_OK) rc = fprintf(stderr, "gen_ops: %s\n", st.msg);
    name_op(&ops[i]);
  }
  const output out = {fopen(argv[1], "w"), fopen(argv[2], "w"), fopen(argv[3], "w"), fopen(argv[4], "w")};
  if (out.header == NULL || out.source == NULL || out.table == NULL || out.summary == NULL)
    rc = fprintf(stderr, "gen_ops: cannot write\n");
  if (rc == 0) rc = write_all(&out, ops, n);
  if (out.header != NULL && fclose(out.header) != 0) rc = 1;
  if (out.source != NULL && fclose(out.source) != 0) rc = 1;
  if (out.table != NULL && fclose(out.table) != 0) rc = 1;
  if (out.summary != NULL && fclose(out.summary) != 0) rc = 1;
  ek__arena_fini(&arena);
  free(ops);
  return rc != 0;
}
