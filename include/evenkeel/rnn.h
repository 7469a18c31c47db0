/* SPDX-License-Identifier: Apache-2.0 */
/* Recurrent networks: a cell is one step; tf.nn.dynamic_rnn applies it in a loop over a batch of sequences, and
 * tf.nn.static_rnn once for every input.
 *
 *   ek_rnn_cell *cell = ek_nn_basic_lstm_cell(g, 64, NULL);
 *   ek_rnn_sequence s = ek_nn_dynamic_rnn(g, cell, x, EK_NN_DYNAMIC_RNN(.sequence_length = lengths));
 *   ek_out logits = ek_layers_dense(g, s.state.at[1], 10, NULL);
 */
#ifndef EVENKEEL_RNN_H
#define EVENKEEL_RNN_H

#include "layers.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { EK_RNN_MAX_STATE = 16 };

/* What a cell keeps from step to step: n tensors, as TensorFlow's nest.flatten orders them (an LSTM has c, then h). */
typedef struct ek_rnn_state {
  int n; /* 0: the zero state */
  ek_out at[EK_RNN_MAX_STATE];
} ek_rnn_state;

typedef struct ek_rnn_step {
  ek_out output; /* [batch, output_size] */
  ek_rnn_state state;
} ek_rnn_step;

/* RNNCell. A cell of your own fills one in; it must live as long as it is used for building. */
typedef struct ek_rnn_cell ek_rnn_cell;
struct ek_rnn_cell {
  /* Builds one step. input: [batch, depth]; state: of this cell's sizes. Called in the variable scope of the network,
   * which reuses its variables from the second step on: a cell that asks for them by name needs nothing more. After an
   * error, which is on the graph, what it returns is not read. */
  ek_rnn_step (*call)(ek_graph *g, ek_rnn_cell *cell, ek_out input, const ek_rnn_state *state);
  void *ctx;
  const char *class_name; /* "BasicLSTMCell": the zero state is built under "BasicLSTMCellZeroState" */
  int64_t output_size;
  int64_t state_size[EK_RNN_MAX_STATE]; /* each state tensor is [batch, state_size[i]] */
  int n_state;
  ek_rnn_cell *const
      *cells; /* what it is made of, n_cells: its state is theirs, one after the other; NULL: one piece */
  int n_cells;
};

/* ---- Cells of TensorFlow, as old as the graph */

typedef struct ek_nn_cell_opts {
  uint32_t version;
  double forget_bias;                /* 1.0; basic_lstm_cell only */
  ek_activation activation;          /* NULL: tanh */
  ek_initializer kernel_initializer; /* gru_cell only. default: the scope's, else glorot_uniform */
  ek_initializer bias_initializer;   /* gru_cell only. default: ones for the gates, zeros for the candidate */
  ek_reuse reuse;
  const char *name;
} ek_nn_cell_opts;
#define EK_NN_CELL_OPTS_FIELDS_ .version = 1u, .forget_bias = 1.0
#define EK_NN_CELL_OPTS_INIT                                                                                           \
  { EK_NN_CELL_OPTS_FIELDS_ }
#define EK_NN_CELL(...) EK_OPTS_(ek_nn_cell_opts, EK_NN_CELL_OPTS_FIELDS_, __VA_ARGS__)

/* tf.nn.rnn_cell.BasicRNNCell: h' = act([input, h] * kernel + bias). Variables kernel [depth + units, units], bias
 * [units]. */
EK_API ek_rnn_cell *ek_nn_basic_rnn_cell(ek_graph *g, int64_t units, const ek_nn_cell_opts *options);
/* tf.nn.rnn_cell.BasicLSTMCell: i, j, f, o = split([input, h] * kernel + bias); c' = c * sigmoid(f + forget_bias) +
 * sigmoid(i) * act(j); h' = act(c') * sigmoid(o). Variables kernel [depth + units, 4 * units], bias [4 * units]. */
EK_API ek_rnn_cell *ek_nn_basic_lstm_cell(ek_graph *g, int64_t units, const ek_nn_cell_opts *options);
/* tf.nn.rnn_cell.LSTMCell: the same names for the gates; c' = clip(sigmoid(f + forget_bias + w_f * c) * c + sigmoid(i +
 * w_i * c) * act(j)); h' = clip((sigmoid(o + w_o * c') * act(c')) * projection). Variables kernel [depth + width, 4 *
 * units], bias [4 * units], with peepholes w_f_diag, w_i_diag, w_o_diag [units], with a projection projection/kernel
 * [units, num_proj]; width, of outputs and h, is num_proj or units. */
typedef struct ek_nn_lstm_cell_opts {
  uint32_t version;
  double forget_bias;         /* 1.0 */
  ek_activation activation;   /* NULL: tanh */
  ek_initializer initializer; /* of all but the bias. default: the scope's, else glorot_uniform */
  bool use_peepholes;
  int64_t num_proj;            /* 0: no projection */
  double cell_clip, proj_clip; /* 0: none; c' and the projection are clipped to [-clip, clip] */
  ek_reuse reuse;
  const char *name;
} ek_nn_lstm_cell_opts;
#define EK_NN_LSTM_CELL_OPTS_FIELDS_ .version = 1u, .forget_bias = 1.0
#define EK_NN_LSTM_CELL_OPTS_INIT                                                                                      \
  { EK_NN_LSTM_CELL_OPTS_FIELDS_ }
#define EK_NN_LSTM_CELL(...) EK_OPTS_(ek_nn_lstm_cell_opts, EK_NN_LSTM_CELL_OPTS_FIELDS_, __VA_ARGS__)
EK_API ek_rnn_cell *ek_nn_lstm_cell(ek_graph *g, int64_t units, const ek_nn_lstm_cell_opts *options);
/* tf.nn.rnn_cell.GRUCell: r, u = split(sigmoid([input, h] * gates/kernel + gates/bias)); c = act([input, r * h] *
 * candidate/kernel + candidate/bias); h' = u * h + (1 - u) * c. */
EK_API ek_rnn_cell *ek_nn_gru_cell(ek_graph *g, int64_t units, const ek_nn_cell_opts *options);

/* tf.nn.rnn_cell.MultiRNNCell: n cells (copied pointers), each fed with what the one before it gives; the output is
 * the last one's. At most EK_RNN_MAX_STATE state tensors in all. */
EK_API ek_rnn_cell *ek_nn_multi_rnn_cell(ek_graph *g, ek_rnn_cell *const *cells, int n);

/* ---- Networks */

/* cell.zero_state: zeros for as many rows as input [batch, ...] has; its size is read where it is not known. */
EK_API ek_rnn_state ek_rnn_zero_state(ek_graph *g, const ek_rnn_cell *cell, ek_out input, ek_dtype dtype);

/* tf.nn.static_rnn in variable scope "rnn" (or ek_named's name): a step for each of the inputs [batch, depth], which
 * all have one shape. initial NULL, or with n == 0: zeros. Writes inputs.n outputs to outputs, returns the state after
 * the last step. */
EK_API ek_rnn_state ek_nn_static_rnn(ek_graph *g, ek_rnn_cell *cell, ek_outs inputs, const ek_rnn_state *initial,
                                     ek_out *outputs);

/* What a loop gives: the outputs of all steps, and the state after the last one. */
typedef struct ek_rnn_sequence {
  ek_out outputs; /* [batch, time, output_size], or time first */
  ek_rnn_state state;
} ek_rnn_sequence;

typedef struct ek_nn_dynamic_rnn_opts {
  uint32_t version;
  /* [batch], of integers: beyond it the outputs of a sequence are zero and its state stays as it is. none: all are as
   * long as the inputs */
  ek_out sequence_length;
  ek_rnn_state initial_state;  /* n == 0: zeros */
  ek_dtype dtype;              /* of zero state and zero outputs. default: the initial state's, else the inputs' */
  int64_t parallel_iterations; /* 32; kept for TensorFlow, as swap_memory is */
  bool swap_memory;
  bool time_major;         /* false; true: inputs and outputs are [time, batch, ...], which saves transposing them */
  ek_variable_scope scope; /* instead of a name: into this scope */
  ek_rnn_state initial_state_bw; /* of the second cell of bidirectional_dynamic_rnn */
} ek_nn_dynamic_rnn_opts;
#define EK_NN_DYNAMIC_RNN_OPTS_FIELDS_ .version = 1u, .parallel_iterations = 32
#define EK_NN_DYNAMIC_RNN_OPTS_INIT                                                                                    \
  { EK_NN_DYNAMIC_RNN_OPTS_FIELDS_ }
#define EK_NN_DYNAMIC_RNN(...) EK_OPTS_(ek_nn_dynamic_rnn_opts, EK_NN_DYNAMIC_RNN_OPTS_FIELDS_, __VA_ARGS__)

/* tf.nn.dynamic_rnn in variable scope "rnn" (or ek_named's name, or options->scope): the cell in a while_loop over the
 * time of inputs [batch, time, depth...], of known depth; as many steps as the longest sequence has, one at least. A
 * batch of other rows than sequence_length has is refused when it runs. */
EK_API ek_rnn_sequence ek_nn_dynamic_rnn(ek_graph *g, ek_rnn_cell *cell, ek_out inputs,
                                         const ek_nn_dynamic_rnn_opts *options);

typedef struct ek_rnn_both {
  ek_rnn_sequence fw, bw;
} ek_rnn_both;

/* tf.nn.bidirectional_dynamic_rnn in variable scope "bidirectional_rnn" (or ek_named's name): dynamic_rnn with fw in
 * "fw"; and with bw in "bw" from the end of each sequence to its beginning, outputs turned round again. */
EK_API ek_rnn_both ek_nn_bidirectional_dynamic_rnn(ek_graph *g, ek_rnn_cell *fw, ek_rnn_cell *bw, ek_out inputs,
                                                   const ek_nn_dynamic_rnn_opts *options);

#ifdef __cplusplus
}
#endif
#endif
