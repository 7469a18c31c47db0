/* SPDX-License-Identifier: Apache-2.0 */
/* An optimizer: a row of what distinguishes it from the others, and its state in one graph. */
#ifndef EK_LAYERS_OPTIMIZER_H
#define EK_LAYERS_OPTIMIZER_H

#include "evenkeel/train.h"

enum { EK__MAX_SLOTS = 3, EK__MAX_HYPERPARAMETERS = 4, EK__MAX_POWERS = 2 };

/* An update by IndexedSlices. */
typedef ek_op ek__sparse_update(ek_optimizer *o, const ek_out *hypers, ek_variable v, ek_indexed_slices s);

typedef struct ek__optimizer_kind {
  const char *op;                                  /* "ApplyAdam"; "Resource" and "Sparse" are put in front */
  const char *slots[EK__MAX_SLOTS + 1];            /* names, in the order they are made */
  const char *hypers[EK__MAX_HYPERPARAMETERS + 1]; /* names of their constants, in the order they are made */
  const char *inputs;                              /* after the variable: A.. a slot, 0.. a hyperparameter, p q a
                                                      power, g the gradient */
  bool nesterov;                                   /* the op has the attribute use_nesterov, to be set */
  ek__sparse_update *sparse;                       /* NULL: by a Sparse op */
} ek__optimizer_kind;

typedef struct ek__hyper {
  double value;
  ek_out tensor; /* not none: taken instead of value */
} ek__hyper;

typedef struct ek__slots {
  ek_variable variable, at[EK__MAX_SLOTS];
  struct ek__slots *next;
} ek__slots;

struct ek_optimizer {
  ek_graph *graph;
  const ek__optimizer_kind *kind;
  const char *name;
  bool use_locking, use_nesterov;
  ek__hyper hypers[EK__MAX_HYPERPARAMETERS];
  ek_initializer first[EK__MAX_SLOTS]; /* what each slot begins with */
  ek_variable powers[EK__MAX_POWERS];  /* Adam's beta1_power and beta2_power */
  ek__slots *slots;                    /* of the variables met so far */
};

/* slots.c: those of v, NULL if there are none; and all that applying gradients to variables needs, made now. */
const ek__slots *ek__slots_of(const ek_optimizer *o, ek_variable v);
void ek__slots_create(ek_optimizer *o, ek_variables variables);

/* apply.c: the hyperparameters as outputs, in the scope that is open; the update of one variable; and what follows the
 * updates (Adam's powers). ops has room for all updates and EK__MAX_POWERS more, *n of them are there. */
void ek__optimizer_prepare(ek_optimizer *o, ek_out hypers[EK__MAX_HYPERPARAMETERS]);
ek_op ek__optimizer_update(ek_optimizer *o, const ek_out *hypers, ek_variable v, ek_out grad);
/* ... of which this is the one op: whole, or with indices for rows. */
ek_op ek__optimizer_apply(ek_optimizer *o, const ek_out *hypers, ek_variable v, ek_out grad, ek_out indices);
/* Assign, with the optimizer's locking. */
ek_op ek__optimizer_assign(const ek_optimizer *o, ek_variable v, ek_out value);
/* Adam's power as an input: in the variable's dtype. */
ek_out ek__optimizer_power(ek_graph *g, ek_variable v, ek_dtype dtype);
void ek__optimizer_finish(ek_optimizer *o, const ek_out *hypers, ek_op *ops, int *n);

/* apply_rows.c: the update by IndexedSlices, in the scope that is open, and how two optimizers do it. */
ek__sparse_update ek__optimizer_update_rows, ek__sparse_gradient_descent, ek__sparse_adam;

#endif
