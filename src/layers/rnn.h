/* SPDX-License-Identifier: Apache-2.0 */
/* What the recurrent networks share. */
#ifndef EK_LAYERS_RNN_H
#define EK_LAYERS_RNN_H

#include "evenkeel/rnn.h"

/* How many rows a batch has: a number, or a scalar if that is not known. */
typedef struct ek__rnn_rows {
  int64_t n; /* -1: not known */
  ek_out scalar;
} ek__rnn_rows;

/* Zeros [rows, size], as rnn's _concat and zeros write them. */
ek_out ek__rnn_zeros(ek_graph *g, ek__rnn_rows rows, int64_t size, ek_dtype dtype);
/* cell.zero_state(rows, dtype) */
ek_rnn_state ek__rnn_zero_state(ek_graph *g, const ek_rnn_cell *cell, ek__rnn_rows rows, ek_dtype dtype);
/* False, with an error on the graph, unless there is a cell, and initial (which may be NULL) fits it. */
bool ek__rnn_check_cell(ek_graph *g, const char *what, const ek_rnn_cell *cell, const ek_rnn_state *initial);
/* The same unless a step of the cell can take input, a matrix of known width, and state. */
bool ek__rnn_check_input(ek_graph *g, const ek_rnn_cell *cell, ek_out input, const ek_rnn_state *state);
/* [input, h] * kernel + bias, which all cells of TensorFlow begin with. */
ek_out ek__rnn_affine(ek_graph *g, ek_out input, ek_out h, ek_variable kernel, ek_variable bias);

#endif
