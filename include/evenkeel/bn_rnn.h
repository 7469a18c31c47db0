/* SPDX-License-Identifier: Apache-2.0 */
/* Recurrent batch normalization (Cooijmans et al., 2016): cells that normalize what comes from the input and what comes
 * from the state, each by itself, with moving averages for every time step and the same gamma for all.
 *
 *   ek_rnn_cell *cell = ek_bn_lstm_cell(g, 64, EK_BN_CELL(.max_steps = 50, .training = training, .in_place = true));
 *   ek_rnn_sequence s = ek_nn_dynamic_rnn(g, cell, x, NULL);
 */
#ifndef EVENKEEL_BN_RNN_H
#define EVENKEEL_BN_RNN_H

#include "bn.h"
#include "rnn.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ek_bn_cell_opts {
  uint32_t version;
  int64_t max_steps;        /* 100: so many steps have statistics of their own; later ones share those of the last (in
                             * a loop that TensorFlow runs, in whatever order its iterations get there) */
  double momentum, epsilon; /* 0.99, 0.001 */
  double gamma;             /* 0.1: what the gammas begin with; 1 saturates tanh, as the paper shows */
  double forget_bias;       /* 1.0: what the LSTM's forget gate begins with, in its bias */
  ek_flag training;         /* EK_FALSE: moving averages; EK_TRUE: the batch's; ek_flag_of(tensor) */
  ek_activation activation; /* NULL: tanh */
  ek_initializer kernel_initializer, recurrent_initializer; /* the scope's, else glorot_uniform; orthogonal */
  bool in_place; /* the averages are updated whenever the output is computed, instead of by ops in EK_UPDATE_OPS: needed
                  * inside a loop, whose ops nobody outside can ask for */
  bool guard;    /* see ek_bn_guard */
  ek_reuse reuse;
  const char *name;
} ek_bn_cell_opts;
#define EK_BN_CELL_OPTS_FIELDS_                                                                                        \
  .version = 1u, .max_steps = 100, .momentum = 0.99, .epsilon = 1e-3, .gamma = 0.1, .forget_bias = 1.0
#define EK_BN_CELL_OPTS_INIT                                                                                           \
  { EK_BN_CELL_OPTS_FIELDS_ }
#define EK_BN_CELL(...) EK_OPTS_(ek_bn_cell_opts, EK_BN_CELL_OPTS_FIELDS_, __VA_ARGS__)

/* i, j, f, o = split(BN(input * kernel) + BN(h * recurrent_kernel) + bias); c' = sigmoid(f) * c + sigmoid(i) * act(j);
 * h' = sigmoid(o) * act(BN(c')). Only the last normalization has a beta. State: c, h, and the number of the step as a
 * column.
 *
 * BN at step t: with the batch's moments in training; else with the moving averages of step min(t, longest - 1), where
 * longest is the longest sequence that was trained. Variables kernel [depth, 4 units], recurrent_kernel [units, 4
 * units], bias [4 units], steps_seen (int32), and under input_norm, state_norm, cell_norm: gamma [C], moving_mean and
 * moving_variance [max_steps, C], cell_norm/beta [units]. */
EK_API ek_rnn_cell *ek_bn_lstm_cell(ek_graph *g, int64_t units, const ek_bn_cell_opts *options);

/* r, u, x = split(BN(input * kernel)); s, v = split(BN(h * recurrent_kernel)); r = sigmoid(r + s + bias), u = sigmoid(u
 * + v + bias); n = act(x + BN(r * h * candidate_kernel) + bias); h' = u * h + (1 - u) * n. State: h, and the number of
 * the step. Variables kernel [depth, 3 units], recurrent_kernel [units, 2 units], candidate_kernel [units, units], bias
 * [3 units], steps_seen, and under input_norm, state_norm, candidate_norm as above, without beta. */
EK_API ek_rnn_cell *ek_bn_gru_cell(ek_graph *g, int64_t units, const ek_bn_cell_opts *options);

#ifdef __cplusplus
}
#endif
#endif
