/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of gen_ops share: an op of the registry with its names, and what its attributes are in C. */
#ifndef EK_TOOLS_GEN_OPS_H
#define EK_TOOLS_GEN_OPS_H

#include "graph/signature.h"

#include <stdio.h>

enum { NAME = 64 };

typedef struct op {
  const ek_op_def *def;
  ek__signature s;
  char function[NAME], macro[NAME];
} op;

/* The C type of an attribute and how ek_build takes it. */
struct kind {
  ek_attr_kind kind;
  const char *c, *macro;
  bool list;
};

typedef enum result { NOTHING, ONE, SEVERAL, MANY } result; /* MANY: as many as an attribute says */

/* ---- gen_describe.c */

void name_op(op *o);                                /* function and macro */
const char *parameter(const char *name, char *out); /* as C and C++ take it */
bool is_list(const ek__arg *a);
bool follows(const op *o, const ek__attr_spec *a); /* read from the inputs: types, and lengths of lists */
bool is_required(const op *o, const ek__attr_spec *a);
bool is_optional(const op *o, const ek__attr_spec *a);
bool has_options(const op *o);
const struct kind *kind_of(const ek__attr_spec *a); /* NULL: none in C */
bool expressible(const op *o);                      /* as a typed builder */
result result_of(const op *o);
void append(char *line, size_t size, const char *fmt, ...) EK_PRINTF(3, 4);
/* As C writes it, or as a reader does. */
const char *default_text(const ek__attr_spec *a, bool c, char *out, size_t size);

/* ---- gen_builders.c */

extern const char header_begin[], header_end[], source_begin[];
void header_op(FILE *f, const op *o);
void source_op(FILE *f, const op *o);

/* ---- gen_tables.c */

extern const char table_begin[];
void table_op(FILE *f, const op *o);
void summary(FILE *f, const op *ops, int n);

#endif
