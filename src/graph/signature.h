/* SPDX-License-Identifier: Apache-2.0 */
/* An op's textual signature, parsed once a graph. */
#ifndef EK_GRAPH_SIGNATURE_H
#define EK_GRAPH_SIGNATURE_H

#include "base/memory.h"
#include "graph/op_def.h"

typedef struct ek__arg {
  const char *name;
  ek_dtype dtype;          /* fixed, or EK_INVALID_DTYPE */
  const char *type_attr;   /* "T" */
  const char *number_attr; /* "N": a list of that length */
  const char *list_attr;   /* a list(type) attribute: one tensor for each of its types */
  bool is_ref;
} ek__arg;

typedef struct ek__attr_spec {
  ek_attr value; /* name and kind; the default if has_default */
  bool has_default;
  bool has_minimum;
  int64_t minimum;       /* of an int, or of a list's length */
  const ek_dtype *types; /* allowed, for type and list(type) */
  int n_types;
  const ek_text *strings; /* allowed, for string */
  int n_strings;
} ek__attr_spec;

typedef struct ek__signature {
  const ek_op_def *def;
  const ek__arg *in, *out;
  int n_in, n_out;
  const ek__attr_spec *attrs;
  int n_attrs;
} ek__signature;

/* Parses def's strings into arena. An error is ours, not the user's: INTERNAL with the op and the place. */
ek_code ek__signature_parse(const ek_op_def *def, ek__arena *arena, ek__signature *out, ek_status *st);
const ek__attr_spec *ek__signature_attr(const ek__signature *s, const char *name);

#endif
