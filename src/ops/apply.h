/* SPDX-License-Identifier: Apache-2.0 */
/* What optimizers' updates in place share: which input is what, the checks, and that a sparse one is the dense one on
 * the rows that indices name. */
#ifndef EK_OPS_APPLY_H
#define EK_OPS_APPLY_H

#include "ops/variable.h"

enum { EK__APPLY_SLOTS = 3, EK__APPLY_HYPERS = 6 };

/* Inputs of the dense op: the variable, its slots, then the others in any order. SparseApply... has indices behind the
 * gradient, and the rest of them one place later. */
typedef struct ek__apply_form {
  int slots, grad;             /* how many; which input */
  int hyper[EK__APPLY_HYPERS]; /* which input each number is; 0: none */
} ek__apply_form;

typedef struct ek__apply_job {
  const ek__apply_form *form;
  const void *rule; /* the caller's own */
  ek_dtype dtype;   /* of all arrays and the gradient */
  int threads;
  double hyper[EK__APPLY_HYPERS];
} ek__apply_job;

/* One step of n elements: arrays[0] is the variable, then its slots. */
typedef void ek__apply_step(const ek__apply_job *job, int64_t n, void *const *arrays, const void *grad);

ek_code ek__infer_apply(ek_infer_context *c, const ek__apply_form *form);
/* Nothing has been changed when it fails. A row that is named twice takes two steps, one after the other. */
ek_code ek__run_apply(ek_run_context *c, const ek__apply_form *form, ek__apply_step *step, const void *rule);

#define EK__APPLY_FLAGS (EK_OP_WRITES_REF | EK_OP_STATEFUL | EK_OP_NOT_DIFFERENTIABLE)
#define EK__APPLY_TYPES "T: {float, double, half, bfloat16}; use_locking: bool = false"

#endif
