/* SPDX-License-Identifier: Apache-2.0 */
/* What a recurrent network refuses: a cell without its parts, states and inputs that do not fit it. */
#include "layers/rnn.h"

#include "layers/build.h"

bool ek__rnn_check_cell(ek_graph *g, const char *what, const ek_rnn_cell *cell, const ek_rnn_state *initial) {
  if (ek_graph_status(g, NULL) != EK_OK) return false;
  if (cell == NULL || cell->call == NULL || cell->n_state < 0 || cell->n_state > EK_RNN_MAX_STATE)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: no cell, or one without call or with more than %d state tensors", what,
                  EK_RNN_MAX_STATE);
  else if (initial != NULL && initial->n != 0 && initial->n != cell->n_state)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: an initial state of %d tensors; %s has %d", what, initial->n,
                  cell->class_name, cell->n_state);
  return ek_graph_status(g, NULL) == EK_OK;
}

bool ek__rnn_check_input(ek_graph *g, const ek_rnn_cell *cell, ek_out input, const ek_rnn_state *state) {
  char text[EK_SHAPE_TEXT];
  const char *what = cell->class_name;
  if (!ek__given(g, "input", input)) return false;
  const ek_shape s = ek_out_shape(g, input);
  if (!ek_dtype_is_floating(ek_out_dtype(g, input)))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': input is %s; it must be floating", what, ek_current_name_scope(g),
                  ek_dtype_name(ek_out_dtype(g, input)));
  else if (s.rank != 2 || s.dim[1] < 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': input has shape %s; it must be a matrix whose width is known", what,
                  ek_current_name_scope(g), ek_shape_format(s, text, sizeof text));
  else if (state->n != cell->n_state)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': a state of %d tensors, not %d", what, ek_current_name_scope(g),
                  state->n, cell->n_state);
  else
    return true;
  return false;
}
