/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of ops: docs/ops.md and README.md. */
#include "gen_ops.h"

#include <string.h>

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

void table_op(FILE *f, const op *o) {
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
void summary(FILE *f, const op *ops, int n) {
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

const char table_begin[] =
    "# Ops\n\nMade by `make generate` from the registry. Types are those that the op computes in (its attribute dtype "
    "or T);\n"
    "none: any, or fixed by the op.\n"
    "Gradient: yes; none: nothing flows back, as in TensorFlow; -: asking for it is an error.\n\n"
    "| TensorFlow | function | types | gradient | |\n|---|---|---|---|---|\n";
