/* SPDX-License-Identifier: Apache-2.0 */
/* Training: optimizers, learning-rate schedules, clipping, moving averages (tf.train). What they build are nodes of the
 * graph, named and ordered as TensorFlow's; errors stick to the graph.
 *
 *   ek_optimizer *adam = ek_train_adam(g, EK_TRAIN_ADAM(.learning_rate = 0.01));
 *   EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL)) {
 *     train = ek_train_minimize(adam, loss, EK_TRAIN_MINIMIZE(.global_step = step));
 *   }
 */
#ifndef EVENKEEL_TRAIN_H
#define EVENKEEL_TRAIN_H

#include "gradients.h"
#include "graph.h"
#include "variables.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Optimizers */

/* An optimizer of one graph, which owns it: there is nothing to free. It remembers the slots (momenta, second moments)
 * of the variables it has updated, so that a second minimize shares them. A call that fails gives NULL, and every
 * function below accepts NULL: the error is on the graph. */
typedef struct ek_optimizer ek_optimizer;

/* In the options below each hyperparameter is a number; where the field of the same name with _tensor is not none, that
 * output (a scalar, made before) is taken instead. The numbers become float32 constants, cast to the variable's dtype,
 * as in TensorFlow. */

/* var -= learning_rate * grad (tf.train.GradientDescentOptimizer). */
typedef struct ek_train_gradient_descent_opts {
  uint32_t version;
  ek_out learning_rate_tensor;
  bool use_locking;
  const char *name; /* of the ops that apply gradients; copied, as in all options here */
} ek_train_gradient_descent_opts;
#define EK_TRAIN_GRADIENT_DESCENT_OPTS_FIELDS_ .version = 1u, .name = "GradientDescent"
#define EK_TRAIN_GRADIENT_DESCENT_OPTS_INIT                                                                            \
  { EK_TRAIN_GRADIENT_DESCENT_OPTS_FIELDS_ }
#define EK_TRAIN_GRADIENT_DESCENT(...)                                                                                 \
  EK_OPTS_(ek_train_gradient_descent_opts, EK_TRAIN_GRADIENT_DESCENT_OPTS_FIELDS_, __VA_ARGS__)
EK_API ek_optimizer *ek_train_gradient_descent(ek_graph *g, double learning_rate);
/* The same with options, which may be NULL here and below. */
EK_API ek_optimizer *ek_train_gradient_descent_with(ek_graph *g, double learning_rate,
                                                    const ek_train_gradient_descent_opts *options);

/* accum = momentum * accum + grad; var -= learning_rate * accum (tf.train.MomentumOptimizer). With use_nesterov: var -=
 * learning_rate * (grad + momentum * accum). Slot "momentum", zeros: w/Momentum. */
typedef struct ek_train_momentum_opts {
  uint32_t version;
  ek_out learning_rate_tensor, momentum_tensor;
  bool use_nesterov, use_locking;
  const char *name;
} ek_train_momentum_opts;
#define EK_TRAIN_MOMENTUM_OPTS_FIELDS_ .version = 1u, .name = "Momentum"
#define EK_TRAIN_MOMENTUM_OPTS_INIT                                                                                    \
  { EK_TRAIN_MOMENTUM_OPTS_FIELDS_ }
#define EK_TRAIN_MOMENTUM(...) EK_OPTS_(ek_train_momentum_opts, EK_TRAIN_MOMENTUM_OPTS_FIELDS_, __VA_ARGS__)
EK_API ek_optimizer *ek_train_momentum(ek_graph *g, double learning_rate, double momentum,
                                       const ek_train_momentum_opts *options);

/* m += (1 - beta1) (grad - m); v += (1 - beta2) (grad^2 - v);
 * var -= learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon) (tf.train.AdamOptimizer). Slots
 * "m" and "v", zeros: w/Adam, w/Adam_1; two more variables, beta1_power and beta2_power. */
typedef struct ek_train_adam_opts {
  uint32_t version;
  double learning_rate, beta1, beta2, epsilon;
  ek_out learning_rate_tensor, beta1_tensor, beta2_tensor, epsilon_tensor;
  bool use_locking;
  const char *name;
} ek_train_adam_opts;
#define EK_TRAIN_ADAM_OPTS_FIELDS_                                                                                     \
  .version = 1u, .learning_rate = 0.001, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .name = "Adam"
#define EK_TRAIN_ADAM_OPTS_INIT                                                                                        \
  { EK_TRAIN_ADAM_OPTS_FIELDS_ }
#define EK_TRAIN_ADAM(...) EK_OPTS_(ek_train_adam_opts, EK_TRAIN_ADAM_OPTS_FIELDS_, __VA_ARGS__)
EK_API ek_optimizer *ek_train_adam(ek_graph *g, const ek_train_adam_opts *options);

/* rms += (1 - decay) (grad^2 - rms); mom = momentum * mom + learning_rate * grad / sqrt(rms + epsilon); var -= mom
 * (tf.train.RMSPropOptimizer). centered: also mg += (1 - decay) (grad - mg), under the root rms - mg^2 + epsilon. Slots
 * "rms" (ones), "mg" if centered, "momentum" (zeros): w/RMSProp, w/RMSProp_1, ... */
typedef struct ek_train_rmsprop_opts {
  uint32_t version;
  double decay, momentum, epsilon;
  ek_out learning_rate_tensor, decay_tensor, momentum_tensor, epsilon_tensor;
  bool centered, use_locking;
  const char *name;
} ek_train_rmsprop_opts;
#define EK_TRAIN_RMSPROP_OPTS_FIELDS_ .version = 1u, .decay = 0.9, .epsilon = 1e-10, .name = "RMSProp"
#define EK_TRAIN_RMSPROP_OPTS_INIT                                                                                     \
  { EK_TRAIN_RMSPROP_OPTS_FIELDS_ }
#define EK_TRAIN_RMSPROP(...) EK_OPTS_(ek_train_rmsprop_opts, EK_TRAIN_RMSPROP_OPTS_FIELDS_, __VA_ARGS__)
EK_API ek_optimizer *ek_train_rmsprop(ek_graph *g, double learning_rate, const ek_train_rmsprop_opts *options);

/* accum += grad^2; var -= learning_rate * grad / sqrt(accum) (tf.train.AdagradOptimizer). Slot "accumulator", which
 * begins at initial_accumulator_value, above zero: w/Adagrad. */
typedef struct ek_train_adagrad_opts {
  uint32_t version;
  double initial_accumulator_value;
  ek_out learning_rate_tensor;
  bool use_locking;
  const char *name;
} ek_train_adagrad_opts;
#define EK_TRAIN_ADAGRAD_OPTS_FIELDS_ .version = 1u, .initial_accumulator_value = 0.1, .name = "Adagrad"
#define EK_TRAIN_ADAGRAD_OPTS_INIT                                                                                     \
  { EK_TRAIN_ADAGRAD_OPTS_FIELDS_ }
#define EK_TRAIN_ADAGRAD(...) EK_OPTS_(ek_train_adagrad_opts, EK_TRAIN_ADAGRAD_OPTS_FIELDS_, __VA_ARGS__)
EK_API ek_optimizer *ek_train_adagrad(ek_graph *g, double learning_rate, const ek_train_adagrad_opts *options);

/* The slot of that name which o keeps for v (Optimizer.get_slot), and its names ("m", "v"); none and NULL if there is
 * no such thing. */
EK_API ek_variable ek_train_get_slot(const ek_optimizer *o, ek_variable v, const char *name);
EK_API const char *ek_train_slot_name(const ek_optimizer *o, int i);

/* ---- Minimizing */

typedef enum ek_gate_gradients {
  EK_GATE_NONE, /* each gradient is applied as soon as it is there */
  EK_GATE_OP,   /* no input gradient of an op is used before all of them are there */
  EK_GATE_GRAPH /* none is applied before all of them are there */
} ek_gate_gradients;

typedef struct ek_train_minimize_opts {
  uint32_t version;
  ek_variable global_step; /* incremented by one after the updates; none: no counter */
  ek_variables var_list;   /* at NULL: the trainable variables; EK_VARS by assignment only */
  ek_gate_gradients gate_gradients;
  ek_aggregation_method aggregation_method;
  bool colocate_gradients_with_ops;
  const char *name; /* of the op that is returned; NULL: the optimizer's name */
  ek_out grad_loss; /* the gradient of the loss; none: ones */
} ek_train_minimize_opts;
#define EK_TRAIN_MINIMIZE_OPTS_FIELDS_ .version = 1u, .gate_gradients = EK_GATE_OP
#define EK_TRAIN_MINIMIZE_OPTS_INIT                                                                                    \
  { EK_TRAIN_MINIMIZE_OPTS_FIELDS_ }
#define EK_TRAIN_MINIMIZE(...) EK_OPTS_(ek_train_minimize_opts, EK_TRAIN_MINIMIZE_OPTS_FIELDS_, __VA_ARGS__)

/* Optimizer.minimize: compute_gradients, then apply_gradients. The op updates every variable once; it is also put into
 * EK_TRAIN_OP. Regularization losses are not added to loss. */
EK_API ek_op ek_train_minimize(ek_optimizer *o, ek_out loss, const ek_train_minimize_opts *options);

/* A gradient (none: no path leads from the variable to the loss) and its variable. */
typedef struct ek_grad_and_var {
  ek_out grad; /* ek_indexed_slices of a variable that was read by rows */
  ek_variable variable;
} ek_grad_and_var;
typedef struct ek_grads_and_vars {
  ek_grad_and_var *at; /* to be changed at will; the graph's memory */
  int n;
} ek_grads_and_vars;

/* Optimizer.compute_gradients: one pair for each variable, in order; name and global_step of the options are not
 * looked at. Slots are made here or in apply_gradients, in the variable scope that is open. */
EK_API ek_grads_and_vars ek_train_compute_gradients(ek_optimizer *o, ek_out loss,
                                                    const ek_train_minimize_opts *options);
/* Optimizer.apply_gradients: pairs without a gradient are skipped; all without is an error. Where a gradient is an
 * ek_indexed_slices, only the rows that it names are updated, each once by the sum of its values (SparseApply...,
 * ScatterSub; with Adam the moments decay in all rows, and all move); the variable must not have a constraint then.
 * global_step none: no counter; name NULL: the optimizer's. */
EK_API ek_op ek_train_apply_gradients(ek_optimizer *o, ek_grads_and_vars grads_and_vars, ek_variable global_step,
                                      const char *name);

/* tf.train.get_global_step and get_or_create_global_step: the int64 scalar in EK_GLOBAL_STEP. */
EK_API ek_variable ek_train_get_global_step(ek_graph *g);
EK_API ek_variable ek_train_get_or_create_global_step(ek_graph *g);

/* ---- Schedules */

/* tf.train.exponential_decay: learning_rate * decay_rate ^ (step / decay_steps), the exponent rounded down if
 * staircase. Arguments are outputs or literals (ek_number, ek_integer); the result has learning_rate's dtype, float32
 * for a number. Scope "ExponentialDecay", or ek_named's name. */
EK_API ek_out ek_train_exponential_decay(ek_graph *g, ek_out learning_rate, ek_out global_step, ek_out decay_steps,
                                         ek_out decay_rate, bool staircase);
/* tf.train.piecewise_constant: values[0] while x <= boundaries[0], values[i] while boundaries[i-1] < x <=
 * boundaries[i], values[n] above all n boundaries. Boundaries are integers if x is one. Scope "PiecewiseConstant", or
 * ek_named's name.
 */
EK_API ek_out ek_train_piecewise_constant(ek_graph *g, ek_out x, const double *boundaries, int n, const double *values);

/* ---- Clipping */

/* tf.clip_by_value: max(min(t, max), min), bounds broadcast. */
EK_API ek_out ek_clip_by_value(ek_graph *g, ek_out t, ek_out min, ek_out max);
/* tf.clip_by_norm: t * clip_norm / max(norm, clip_norm), the norm over the axes (none given: over all). Of slices the
 * values are clipped, as if the rows were all. Scope "clip_by_norm", or ek_named's name. */
EK_API ek_out ek_clip_by_norm(ek_graph *g, ek_out t, ek_out clip_norm, const int64_t *axes, int n_axes);
/* tf.global_norm: the square root of the sum of all squares; outs that are none are skipped. Of slices (here and below)
 * the values count, and a row that is named twice counts twice. */
EK_API ek_out ek_global_norm(ek_graph *g, ek_outs t_list);
/* tf.clip_by_global_norm: writes t * clip_norm / max(norm, clip_norm) of each t to clipped (none stays none),
 * which may be t_list.at, and returns the norm: use_norm, or ek_global_norm if that is none. NaN everywhere if the norm
 * is not finite. */
EK_API ek_out ek_clip_by_global_norm(ek_graph *g, ek_outs t_list, ek_out clip_norm, ek_out use_norm, ek_out *clipped);

/* ---- Moving averages */

/* moving_averages.assign_moving_average without bias correction: v -= (v - value) * (1 - decay); what v holds then.
 * decay_tensor, if not none, is taken instead of the number. Scope "AssignMovingAvg", or ek_named's name. */
EK_API ek_out ek_train_assign_moving_average(ek_graph *g, ek_variable v, ek_out value, double decay,
                                             ek_out decay_tensor);
/* The same with zero_debias=True: variables biased (an average that begins at 0) and local_step, in a scope of the name
 * of v inside the open one; v becomes biased / (1 - decay^local_step). A second call makes biased_1, ..., unless the
 * scope reuses. */
EK_API ek_out ek_train_assign_moving_average_zero_debias(ek_graph *g, ek_variable v, ek_out value, double decay);

/* tf.train.ExponentialMovingAverage: a shadow of each variable, w/ExponentialMovingAverage, that follows it. The graph
 * owns it. */
typedef struct ek_moving_average ek_moving_average;
typedef struct ek_train_exponential_moving_average_opts {
  uint32_t version;
  ek_out decay_tensor;
  ek_variable num_updates; /* given: the decay is min(decay, (1 + n) / (10 + n)) */
  const char *name;
} ek_train_exponential_moving_average_opts;
#define EK_TRAIN_EXPONENTIAL_MOVING_AVERAGE_OPTS_FIELDS_ .version = 1u, .name = "ExponentialMovingAverage"
#define EK_TRAIN_EXPONENTIAL_MOVING_AVERAGE_OPTS_INIT                                                                  \
  { EK_TRAIN_EXPONENTIAL_MOVING_AVERAGE_OPTS_FIELDS_ }
#define EK_TRAIN_EXPONENTIAL_MOVING_AVERAGE(...)                                                                       \
  EK_OPTS_(ek_train_exponential_moving_average_opts, EK_TRAIN_EXPONENTIAL_MOVING_AVERAGE_OPTS_FIELDS_, __VA_ARGS__)
EK_API ek_moving_average *ek_train_exponential_moving_average(ek_graph *g, double decay,
                                                              const ek_train_exponential_moving_average_opts *options);
/* The op that moves the shadows of all variables (at NULL: the trainable ones), which begin at the variables' initial
 * values and are made here if they are not there. The variables are put into EK_MOVING_AVERAGE_VARIABLES. */
EK_API ek_op ek_moving_average_apply(ek_moving_average *a, ek_variables variables);
/* The shadow of v; none if there is no such thing. */
EK_API ek_variable ek_moving_average_average(const ek_moving_average *a, ek_variable v);
/* The shadow's name, or the one that it would get; borrowed. */
EK_API const char *ek_moving_average_average_name(ek_moving_average *a, ek_variable v);

/* Variables, each with the name that it has in a checkpoint; the graph's memory. */
typedef struct ek_named_variable {
  const char *name;
  ek_variable variable;
} ek_named_variable;
typedef struct ek_named_variables {
  const ek_named_variable *at;
  int n;
} ek_named_variables;
/* What restores averages into the variables themselves: those of EK_TRAINABLE_VARIABLES and EK_MOVING_AVERAGE_VARIABLES
 * by the names of their shadows, all other global variables by their own. For a saver's var_map. */
EK_API ek_named_variables ek_moving_average_variables_to_restore(ek_moving_average *a);

#ifdef __cplusplus
}
#endif
#endif
