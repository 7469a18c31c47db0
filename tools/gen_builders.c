/* SPDX-License-Identifier: Apache-2.0 */
/* The typed builders: include/evenkeel/ops.h and src/layers/ops.c. */
#include "gen_ops.h"

#include <string.h>

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

void header_op(FILE *f, const op *o) {
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

void source_op(FILE *f, const op *o) {
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

/* ---- around them */

const char header_begin[] =
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
const char header_end[] = "\n#ifdef __cplusplus\n}\n#endif\n#endif\n";

const char source_begin[] =
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
