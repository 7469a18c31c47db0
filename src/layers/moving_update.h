/* SPDX-License-Identifier: Apache-2.0 */
/* variable -= (variable - value) * (1 - momentum), as the layers write it down. */
#ifndef EK_LAYERS_MOVING_UPDATE_H
#define EK_LAYERS_MOVING_UPDATE_H

#include "evenkeel/variables.h"

typedef struct ek__moving_average {
  ek_op op;     /* AssignSub or AssignSubVariableOp */
  ek_out value; /* what the variable holds afterwards; for a resource a read made on the spot */
} ek__moving_average;

/* tf.layers' forms, placed with the variable: 1 - momentum is a node, or computed here in double. */
ek__moving_average ek__layer_moving_average(ek_graph *g, ek_variable v, ek_out value, ek_out momentum);
ek__moving_average ek__layer_moving_average_of(ek_graph *g, ek_variable v, ek_out value, double momentum);
/* tf.assign(v, value): locking, unlike Variable.assign. */
ek__moving_average ek__assign_now(ek_graph *g, ek_variable v, ek_out value);
/* The same as tf.layers writes it, in a scope AssignNewValue. */
ek__moving_average ek__layer_assign_new(ek_graph *g, ek_variable v, ek_out value);
/* moving_averages.assign_moving_average(zero_debias=False), as contrib uses it; with a decay that is an output. */
ek__moving_average ek__assign_moving_average(ek_graph *g, ek_variable v, ek_out value, double decay);
ek__moving_average ek__assign_moving_average_by(ek_graph *g, ek_variable v, ek_out value, ek_out decay);
/* The same with zero_debias=True: variables biased and local_step in a scope named as v is, inside the open one. */
ek__moving_average ek__assign_zero_debiased(ek_graph *g, ek_variable v, ek_out value, double decay);
/* What such an update is as the result of a function: a resource variable is read anew. */
ek_out ek__moving_average_result(ek_graph *g, ek_variable v, ek__moving_average update);

#endif
