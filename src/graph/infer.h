/* SPDX-License-Identifier: Apache-2.0 */
/* What an op's shape rule sees. The same rule runs while building, where little is known, and while planning, where the
 * shapes of the feeds are. */
#ifndef EK_GRAPH_INFER_H
#define EK_GRAPH_INFER_H

#include "base/status.h"
#include "graph/graph.h"

struct ek_infer_context {
  const ek_graph *g;
  const ek__node *node; /* type, name and attributes; its inputs may not be what runs: use in[] */
  const ek__type *in;
  int n_in;
  ek__type *out;
  int n_out;
  /* The value of input i if it is known now, borrowed; else NULL. */
  const ek_tensor *(*constant)(const ek_infer_context *c, int i);
  /* The integer value of input i as far as known (ek_op_def.partial_value of its producer). */
  bool (*partial)(const ek_infer_context *c, int i, ek_shape *value);
  void *env;  /* of the two functions */
  int output; /* which one ek_op_def.partial_value is asked for */
  ek_status *st;
};

/* For EK_REQUIRE's message: "MatMul 'dense/MatMul'". Use as  EK_INFER_REQUIRE(c, cond, "rank %d is not 2", r). */
#define EK_INFER_REQUIRE(c_, cond_, ...)                                                                               \
  do {                                                                                                                 \
    if (!(cond_)) return ek__infer_fail((c_), __VA_ARGS__);                                                            \
  } while (0)
ek_code ek__infer_fail(ek_infer_context *c, const char *fmt, ...)
    EK_PRINTF(2, 3); /* INVALID_ARGUMENT with type and name */

/* Attributes of the node, which the signature guarantees to be there. */
int64_t ek__attr_int(const ek__node *node, const char *name);
float ek__attr_float(const ek__node *node, const char *name);
bool ek__attr_bool(const ek__node *node, const char *name);
ek_dtype ek__attr_type(const ek__node *node, const char *name);
const char *ek__attr_string(const ek__node *node, const char *name);
const ek_attr *ek__attr_find(const ek__node *node, const char *name); /* NULL if absent */

/* Rules that many ops share. */
ek_code ek__infer_same(ek_infer_context *c);      /* every output has input 0's shape */
ek_code ek__infer_scalar(ek_infer_context *c);    /* every output is a scalar */
ek_code ek__infer_broadcast(ek_infer_context *c); /* output 0: NumPy's broadcast of inputs 0 and 1 */

/* The shape that integer input i (1-D) spells: dims as far as known, rank if the length is known, else unknown. An
 * entry that is -1 by value counts as unknown. Checks rank <= 1. */
ek_code ek__infer_shape_from_input(ek_infer_context *c, int i, ek_shape *shape);
/* Requires rank (unknown passes). */
ek_code ek__infer_rank(ek_infer_context *c, int i, int rank);
/* out = what both say; an error names the input if they cannot be the same. */
ek_code ek__infer_merge(ek_infer_context *c, ek_shape a, ek_shape b, ek_shape *out);
bool ek__broadcast_shapes(ek_shape a, ek_shape b, ek_shape *out); /* false: not compatible */

/* The integer output out read as a shape, as far as it is known while building; else unknown. */
ek_shape ek__shape_value(const ek_graph *g, ek_out out);

#endif
