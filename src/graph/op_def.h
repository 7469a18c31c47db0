/* SPDX-License-Identifier: Apache-2.0 */
/* What an op is: one const struct in a file of src/ops, listed in src/ops/ops.def. Everything else (typed builders,
 * documentation, shape tests, gradient checks, the README's table) is made from these structs. */
#ifndef EK_GRAPH_OP_DEF_H
#define EK_GRAPH_OP_DEF_H

#include "evenkeel/graph.h"

typedef struct ek_infer_context ek_infer_context;     /* graph/infer.h */
typedef struct ek_grad_context ek_grad_context;       /* graph/grad.h */
typedef struct ek_run_context ek_run_context;         /* ops/run.h */
typedef struct ek_prepare_context ek_prepare_context; /* ops/run.h */

typedef enum ek_op_flags {
  EK_OP_STATEFUL = 1 << 0,  /* random, variables, files: never folded, merged or sunk */
  EK_OP_ALIAS = 1 << 1,     /* output 0 is input 0's bytes under another shape or name: no copy (Identity, Reshape) */
  EK_OP_INPLACE_0 = 1 << 2, /* output 0 may be written over input 0 while it is computed */
  EK_OP_INPLACE_1 = 1 << 3, /* the same for input 1 */
  EK_OP_COMMUTATIVE = 1 << 4,
  EK_OP_WRITES_REF = 1 << 5,         /* changes the variables of its reference and resource inputs */
  EK_OP_UNINITIALIZED = 1 << 6,      /* its reference input need not be initialised (Assign, IsVariableInitialized) */
  EK_OP_CONTROL_FLOW = 1 << 7,       /* Switch, Merge, Enter, ...: the planner knows it */
  EK_OP_ALIAS_WITHOUT_AXES = 1 << 9, /* a reduction: an alias if input 1 is known to name no axis */
  EK_OP_HANDLES = 1 << 10,           /* of stacks and TensorArrays: never folded, merged or sunk */
  EK_OP_PASSES_1 = 1 << 11,          /* output 0 is input 1's memory, which its run sees to */
  EK_OP_NOT_DIFFERENTIABLE = 1 << 8  /* ops.NotDifferentiable: its gradient is None, which is no error */
} ek_op_flags;

typedef struct ek_op_def {
  const char *name; /* TensorFlow's type: "MatMul" */
  const char *doc;  /* one line: what it computes */
  /* In the notation of TensorFlow's op registry. in, out: "x: T, y: N * T, ref: Ref(T), rest: Tlist, flag: bool".
   * attrs: "T: {half, float} = float; strides: list(int); padding: {'SAME', 'VALID'}; N: int >= 1". NULL: none. */
  const char *in, *out, *attrs;
  const char *function; /* of the typed builder, without ek_; NULL: the type in snake case; "": none is generated */
  unsigned flags;

  /* Shapes of the outputs from what is known of the inputs; dtypes are already set from the signature. NULL: every
   * output's shape is unknown. Called while building (little is known) and while planning (nearly everything is). */
  ek_code (*infer)(ek_infer_context *c);
  /* The value of integer output c->output (rank 0 or 1) as far as it is known: value->rank elements, -1 unknown. False:
   * no idea. */
  bool (*partial_value)(ek_infer_context *c, ek_shape *value);
  /* Adds the nodes of the gradient. NULL without EK_OP_NOT_DIFFERENTIABLE: LookupError, an error that names the op. */
  ek_code (*grad)(ek_grad_context *c);
  /* Once per plan step, shapes known: scratch size, state such as a oneDNN primitive. May be NULL. */
  ek_code (*prepare)(ek_prepare_context *c);
  void (*release)(void *state);
  /* Computes. NULL: nothing is to be done (NoOp, aliases), or the planner does it (control flow, sources). */
  ek_code (*run)(ek_run_context *c);

  /* The gradient check draws floating inputs from [check_lo, check_hi]; both 0: not checked that way. */
  double check_lo, check_hi;
} ek_op_def;

/* NULL if there is no such type. */
const ek_op_def *ek__op_find(const char *type);
int ek__op_count(void);
const ek_op_def *ek__op_at(int i); /* sorted by name */

#endif
