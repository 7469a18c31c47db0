/* SPDX-License-Identifier: Apache-2.0 */
/* Where a recurrent network begins: zeros for as many rows as its batch has. */
#include "layers/rnn.h"

#include "layers/build.h"

/* [rows] before [size], each a vector. */
static void two_sizes(ek_graph *g, ek__rnn_rows rows, int64_t size, ek_out *both) {
  both[0] = rows.n > 0 ? ek__py_int32s(g, &rows.n, 1) : ek__op2(g, "ExpandDims", rows.scalar, ek_integer(g, 0));
  both[1] = ek__py_int32s(g, &size, 1);
}

ek_out ek__rnn_zeros(ek_graph *g, ek__rnn_rows rows, int64_t size, ek_dtype dtype) {
  ek_out sizes[2];
  two_sizes(g, rows, size, sizes);
  const ek_op shape = ek_build(ek_named(g, "concat"), "ConcatV2", EK_OUTS(sizes[0], sizes[1], ek_integer(g, 0)),
                               EK_ATTRS(EK_INT_ATTR("N", 2)));
  (void)ek_name_scope_begin(g, "zeros");
  const ek_out zero = ek_convert(g, ek_number(g, 0.0), dtype, NULL);
  const ek_out filled = ek__op2(ek_named_scope(g), "Fill", ek_op_output(shape, 0), zero);
  ek_name_scope_end(g);
  return filled;
}

static ek_out zero_state(ek_graph *g, ek__rnn_rows rows, int64_t size, ek_dtype dtype) {
  ek_out sizes[2];
  const ek_out zeros = ek__rnn_zeros(g, rows, size, dtype);
  two_sizes(g, rows, size, sizes); /* TensorFlow asks once more, for the static shape, and leaves the nodes */
  if (zeros.op > 0) ek_out_set_shape(g, zeros, ek_shape(rows.n > 0 ? rows.n : -1, size));
  return zeros;
}

ek_rnn_state ek__rnn_zero_state(ek_graph *g, const ek_rnn_cell *cell, ek__rnn_rows rows, ek_dtype dtype) {
  ek_rnn_state state = {.n = cell->n_state};
  (void)ek_name_scope_begin(g, ek_graph_text(g, "%sZeroState", cell->class_name));
  for (int i = 0; i < cell->n_state && cell->cells == NULL; i++)
    state.at[i] = zero_state(g, rows, cell->state_size[i], dtype);
  for (int i = 0, n = 0; cell->cells != NULL && i < cell->n_cells; i++) {
    const ek_rnn_state part = ek__rnn_zero_state(g, cell->cells[i], rows, dtype);
    for (int k = 0; k < part.n && n < state.n; k++) state.at[n++] = part.at[k];
  }
  ek_name_scope_end(g);
  return state;
}

ek_rnn_state ek_rnn_zero_state(ek_graph *g, const ek_rnn_cell *cell, ek_out input, ek_dtype dtype) {
  g = ek_named(g, NULL);
  const ek_shape s = ek_out_shape(g, input);
  ek__rnn_rows rows = {.n = s.rank > 0 ? s.dim[0] : -1};
  if (rows.n <= 0) rows.scalar = ek__py_element(g, ek__op1(g, "Shape", input), 0);
  return ek__rnn_zero_state(g, cell, rows, dtype);
}
