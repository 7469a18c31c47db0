/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn.static_rnn: a cell, once for every input. */
#include "evenkeel/rnn.h"

#include "layers/build.h"
#include "layers/layer.h"

/* [batch] before [size], each a vector: batch is a tensor where its size is not known. */
static void two_sizes(ek_graph *g, int64_t rows, ek_out batch, int64_t size, ek_out *both) {
  both[0] = rows > 0 ? ek__py_int32s(g, &rows, 1) : ek__op2(g, "ExpandDims", batch, ek_integer(g, 0));
  both[1] = ek__py_int32s(g, &size, 1);
}

static ek_out zeros(ek_graph *g, int64_t rows, ek_out batch, int64_t size, ek_dtype dtype) {
  ek_out sizes[2];
  two_sizes(g, rows, batch, size, sizes);
  const ek_op shape = ek_build(ek_named(g, "concat"), "ConcatV2", EK_OUTS(sizes[0], sizes[1], ek_integer(g, 0)),
                               EK_ATTRS(EK_INT_ATTR("N", 2)));
  (void)ek_name_scope_begin(g, "zeros");
  const ek_out zero = ek_convert(g, ek_number(g, 0.0), dtype, NULL);
  const ek_out filled = ek__op2(ek_named_scope(g), "Fill", ek_op_output(shape, 0), zero);
  ek_name_scope_end(g);
  two_sizes(g, rows, batch, size, sizes); /* TensorFlow asks once more, for the static shape, and leaves the nodes */
  if (filled.op > 0) ek_out_set_shape(g, filled, ek_shape(rows > 0 ? rows : -1, size));
  return filled;
}

ek_rnn_state ek_rnn_zero_state(ek_graph *g, const ek_rnn_cell *cell, ek_out input, ek_dtype dtype) {
  ek_rnn_state state = {.n = cell->n_state};
  g = ek_named(g, NULL);
  const ek_shape s = ek_out_shape(g, input);
  const int64_t rows = s.rank > 0 ? s.dim[0] : -1;
  const ek_out batch = rows > 0 ? ek__no_out : ek__py_element(g, ek__op1(g, "Shape", input), 0);
  (void)ek_name_scope_begin(g, ek_graph_text(g, "%sZeroState", cell->class_name));
  for (int i = 0; i < cell->n_state; i++) state.at[i] = zeros(g, rows, batch, cell->state_size[i], dtype);
  ek_name_scope_end(g);
  return state;
}

static bool check(ek_graph *g, const ek_rnn_cell *cell, ek_outs inputs, const ek_rnn_state *initial) {
  char text[EK_SHAPE_TEXT], first[EK_SHAPE_TEXT];
  if (cell == NULL || cell->call == NULL || cell->n_state < 0 || cell->n_state > EK_RNN_MAX_STATE)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "static_rnn: no cell, or one without call or with more than %d state tensors",
                  EK_RNN_MAX_STATE);
  else if (inputs.n < 1)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "static_rnn: 'inputs' must not be empty");
  else if (initial != NULL && initial->n != 0 && initial->n != cell->n_state)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "static_rnn: an initial state of %d tensors; %s has %d", initial->n,
                  cell->class_name, cell->n_state);
  for (int i = 0; i < inputs.n && ek_graph_status(g, NULL) == EK_OK; i++) {
    const ek_shape s = ek_out_shape(g, inputs.at[i]), s0 = ek_out_shape(g, inputs.at[0]);
    if (!ek__given(g, "inputs", inputs.at[i])) return false;
    bool fits = s.rank >= 2 && s.rank == s0.rank;
    for (int k = 1; k < s.rank && fits; k++) fits = s.dim[k] >= 0 && s.dim[k] == s0.dim[k];
    if (!fits)
      ek_graph_fail(g, EK_INVALID_ARGUMENT,
                    "static_rnn: input %d has shape %s, input 0 %s; all must have one shape, known but for the batch",
                    i, ek_shape_format(s, text, sizeof text), ek_shape_format(s0, first, sizeof first));
  }
  return ek_graph_status(g, NULL) == EK_OK;
}

ek_rnn_state ek_nn_static_rnn(ek_graph *g, ek_rnn_cell *cell, ek_outs inputs, const ek_rnn_state *initial,
                              ek_out *outputs) {
  const char *name = ek_given_name(g);
  ek_rnn_state state = {0};
  g = ek_named(g, NULL);
  for (int i = 0; i < inputs.n; i++) outputs[i] = ek__no_out;
  if (!check(g, cell, inputs, initial)) return state;
  const ek_variable_scope scope = ek_variable_scope_begin(g, name != NULL ? name : "rnn", EK_SCOPE(.cached = true));
  state = initial != NULL && initial->n > 0 ? *initial
                                            : ek_rnn_zero_state(g, cell, inputs.at[0], ek_out_dtype(g, inputs.at[0]));
  for (int i = 0; i < inputs.n && ek_graph_status(g, NULL) == EK_OK; i++) {
    if (i > 0) ek_variable_scope_reuse_variables(g, scope);
    const ek_rnn_step step = cell->call(g, cell, inputs.at[i], &state);
    outputs[i] = step.output;
    state = step.state;
  }
  ek_variable_scope_end(g);
  return state;
}
