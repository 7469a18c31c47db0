/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn.static_rnn: a cell, once for every input. */
#include "layers/build.h"
#include "layers/rnn.h"

static bool check(ek_graph *g, const ek_rnn_cell *cell, ek_outs inputs, const ek_rnn_state *initial) {
  char text[EK_SHAPE_TEXT], first[EK_SHAPE_TEXT];
  if (!ek__rnn_check_cell(g, "static_rnn", cell, initial)) return false;
  if (inputs.n < 1) ek_graph_fail(g, EK_INVALID_ARGUMENT, "static_rnn: 'inputs' must not be empty");
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
