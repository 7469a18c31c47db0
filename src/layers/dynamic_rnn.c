/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn.dynamic_rnn: a cell in a loop that reads its inputs from a TensorArray and writes its outputs to another. */
#include "evenkeel/tensor_array.h"
#include "evenkeel/while_loop.h"
#include "layers/build.h"
#include "layers/layer.h"
#include "layers/rnn.h"

/* One network under construction. */
typedef struct network {
  ek_graph *g;
  ek_rnn_cell *cell;
  const ek_nn_dynamic_rnn_opts *o;
  ek_dtype dtype;
  ek_shape input_shape; /* [time, batch, ...] */
  ek_out time_steps, lengths, zero_output;
  ek_tensor_array inputs, outputs;
} network;

/* [a, b, ...] for [b, a, ...] */
static ek_out transpose_batch_time(ek_graph *g, ek_out x) {
  static const int64_t front[] = {1, 0};
  ek_shape shape = ek_out_shape(g, x);
  const ek_out rest = ek__py_range(g, ek_integer(g, 2), ek__py_rank(g, x));
  (void)ek_name_scope_begin(g, "concat");
  const ek_out swapped = ek__py_int32s(ek_named(g, "values_0"), front, 2);
  const ek_op axes =
      ek_build(ek_named_scope(g), "ConcatV2", EK_OUTS(swapped, rest, ek_integer(g, 0)), EK_ATTRS(EK_INT_ATTR("N", 2)));
  ek_name_scope_end(g);
  const ek_out y = ek__op2(ek_named(g, "transpose"), "Transpose", x, ek_op_output(axes, 0));
  const int64_t first = shape.dim[0];
  shape.dim[0] = shape.dim[1];
  shape.dim[1] = first;
  if (y.op > 0) ek_out_set_shape(g, y, shape);
  return y;
}

/* As many rows as a batch of inputs [time, batch, ...] has. */
static ek__rnn_rows rows_of(ek_graph *g, ek_out inputs) {
  ek__rnn_rows rows = {.n = ek_out_shape(g, inputs).dim[1]};
  if (rows.n <= 0) rows.scalar = ek__py_element(g, ek__py_shape(g, inputs), 1);
  return rows;
}

/* ---- lengths */

static ek_out named_lengths(const network *n) {
  char text[EK_SHAPE_TEXT];
  ek_graph *g = n->g;
  const ek_out lengths = ek__py_cast(g, n->o->sequence_length, EK_INT32);
  const ek_shape s = ek_out_shape(g, lengths);
  if (s.rank >= 0 && s.rank != 1)
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "dynamic_rnn: sequence_length has shape %s; it must be a vector with a number for each row",
                  ek_shape_format(s, text, sizeof text));
  return ek__op1(ek_named(g, "sequence_length"), "Identity", lengths);
}

/* The lengths, once it has been seen that there is one for each row. */
static ek_out checked_lengths(ek_graph *g, ek_out lengths, ek__rnn_rows rows) {
  const ek_out shape = ek__py_shape(g, lengths);
  const ek_out want = rows.n > 0 ? ek__py_int32s(ek_named(g, "stack"), &rows.n, 1)
                                 : ek__py_pack(ek_named(g, "stack"), EK_OUTS(rows.scalar));
  const ek_out all = ek__py_reduce_all(g, "All", ek__op2(g, "Equal", shape, want));
  const char *const texts[] = {
      ek_graph_text(g, "Expected shape for Tensor %s:0 is ", ek_op_name(g, ek_out_op(lengths))), " but saw shape: "};
  if (texts[0] == NULL) return ek__no_out;
  (void)ek_name_scope_begin(g, "Assert");
  for (int i = 0; i < 2; i++) (void)ek_constant_string(g, texts[i]);
  (void)ek_name_scope_begin(g, "Assert");
  const ek_out expected = ek_constant_string(ek_named(g, "data_0"), texts[0]);
  const ek_out saw = ek_constant_string(ek_named(g, "data_2"), texts[1]);
  const ek_op check = ek_build(ek_named_scope(g), "Assert", EK_OUTS(all, expected, want, saw, shape),
                               EK_ATTRS(EK_INT_ATTR("summarize", 3)));
  ek_name_scope_end(g);
  ek_name_scope_end(g);
  ek_control_dependencies_begin(g, EK_OPS(check));
  lengths = ek__op1(ek_named(g, "CheckSeqLen"), "Identity", lengths);
  ek_control_dependencies_end(g);
  return lengths;
}

/* ---- the loop */

static ek_tensor_array new_array(const network *n, const char *name, ek_shape element, ek_dtype dtype) {
  return ek_tensor_array_new(n->g, dtype, n->time_steps,
                             EK_TENSOR_ARRAY(.element_shape = element, .tensor_array_name = name));
}

static void make_arrays(network *n, ek_out inputs) {
  ek_graph *g = n->g;
  const ek_shape s = n->input_shape, input = ek_shape_of(s.dim + 1, s.rank - 1);
  const char *base = ek_name_scope_begin(g, "dynamic_rnn");
  ek_name_scope_end(g);
  const char *output_name = ek_graph_text(g, "%s/output_0", base), *input_name = ek_graph_text(g, "%s/input_0", base);
  n->outputs = new_array(n, output_name, ek_shape(s.dim[1], n->cell->output_size), n->dtype);
  n->inputs = new_array(n, input_name, input, ek_out_dtype(g, inputs));
  n->inputs = ek_tensor_array_unstack(g, n->inputs, inputs);
}

/* Beyond the end of a sequence the old value, where one was given before the step. */
static ek_out copy_through(ek_graph *g, ek_out past, ek_out old, ek_out fresh) {
  if (fresh.op <= 0 || ek_out_shape(g, old).rank == 0) return fresh;
  ek_colocate_with_begin(g, ek_out_op(fresh), false);
  const ek_out y = ek_op_output(ek_build(g, "Select", EK_OUTS(past, old, fresh), EK_NO_ATTRS), 0);
  ek_colocate_with_end(g);
  return y;
}

static ek_rnn_step step_within_lengths(const network *n, ek_out time, ek_out input, const ek_rnn_state *state) {
  ek_graph *g = n->g;
  const ek_out past = ek__op2(g, "GreaterEqual", time, n->lengths);
  ek_rnn_step step = n->cell->call(g, n->cell, input, state);
  step.output = copy_through(g, past, n->zero_output, step.output);
  for (int i = 0; i < step.state.n; i++) step.state.at[i] = copy_through(g, past, state->at[i], step.state.at[i]);
  if (ek_graph_status(g, NULL) != EK_OK) return step;
  ek_out_set_shape(g, step.output, ek_out_shape(g, n->zero_output));
  for (int i = 0; i < step.state.n; i++) ek_out_set_shape(g, step.state.at[i], ek_out_shape(g, state->at[i]));
  return step;
}

static void body(network *n, ek_while_block *w) {
  ek_graph *g = n->g;
  const ek_out time = ek_while_var(w, 0);
  ek_rnn_state state = {.n = n->cell->n_state};
  for (int i = 0; i < state.n; i++) state.at[i] = ek_while_var(w, 2 + i);
  ek_tensor_array outputs = ek_tensor_array_at(g, n->outputs, ek_while_var(w, 1));
  const ek_out input = ek_tensor_array_read(g, n->inputs, time);
  const ek_rnn_step step =
      n->lengths.op != 0 ? step_within_lengths(n, time, input, &state) : n->cell->call(g, n->cell, input, &state);
  if (ek_graph_status(g, NULL) == EK_OK && step.state.n != state.n)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "dynamic_rnn: %s gives a state of %d tensors, not %d", n->cell->class_name,
                  step.state.n, state.n);
  outputs = ek_tensor_array_write(g, outputs, time, step.output);
  ek_while_next(w, ek__op2(ek_named(g, "add"), "AddV2", time, ek_integer(g, 1)));
  ek_while_next(w, outputs.flow);
  for (int i = 0; i < state.n; i++) ek_while_next(w, step.state.at[i]);
}

static ek_rnn_state loop(network *n, ek_out time, ek_out bound, const ek_rnn_state *initial) {
  ek_graph *g = n->g;
  ek_while_block w;
  ek_rnn_state state = {.n = initial->n};
  ek_out vars[2 + EK_RNN_MAX_STATE] = {time, n->outputs.flow};
  for (int i = 0; i < initial->n; i++) vars[2 + i] = initial->at[i];
  EK_WHILE(g, ((ek_outs){vars, 2 + initial->n}),
           EK_WHILE_LOOP(.parallel_iterations = n->o->parallel_iterations, .swap_memory = n->o->swap_memory,
                         .maximum_iterations = n->time_steps),
           w) {
    EK_WHILE_COND(w) {
      (void)ek_tensor_array_at(g, n->outputs, ek_while_var(&w, 1));
      ek_while_test(&w, ek__op2(g, "Less", ek_while_var(&w, 0), bound));
    }
    EK_WHILE_BODY(w) body(n, &w);
    n->outputs = ek_tensor_array_at(g, n->outputs, ek_while_result(&w, 1));
  }
  for (int i = 0; i < state.n; i++) state.at[i] = ek_while_result(&w, 2 + i);
  return state;
}

/* ---- around it */

static bool check(ek_graph *g, const ek_rnn_cell *cell, ek_out inputs, const ek_nn_dynamic_rnn_opts *o) {
  char text[EK_SHAPE_TEXT];
  if (!ek__options_ok(g, "dynamic_rnn", o->version)) return false;
  if (!ek__rnn_check_cell(g, "dynamic_rnn", cell, &o->initial_state) || !ek__given(g, "inputs", inputs)) return false;
  const ek_shape s = ek_out_shape(g, inputs);
  bool known = s.rank >= 3;
  for (int i = 2; i < s.rank && known; i++) known = s.dim[i] >= 0;
  if (!known)
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "dynamic_rnn: inputs have shape %s; allowed: batch, time, and a depth that is known",
                  ek_shape_format(s, text, sizeof text));
  return known;
}

static ek_dtype dtype_of(const network *n, ek_out inputs, const ek_rnn_state *initial) {
  if (n->o->dtype != EK_INVALID_DTYPE) return n->o->dtype;
  return ek_out_dtype(n->g, initial->n > 0 ? initial->at[0] : inputs);
}

/* The static shape, as TensorFlow writes it down once more. */
static void say_shape(const network *n, ek_out outputs) {
  const int64_t *dim = n->input_shape.dim, size = n->cell->output_size;
  if (dim[0] >= 0 && dim[1] >= 0) (void)ek__py_int32s(n->g, dim, 2);
  (void)ek__py_int32s(n->g, &size, 1);
  if (outputs.op > 0) ek_out_set_shape(n->g, outputs, ek_shape(dim[0], dim[1], size));
}

static ek_rnn_sequence build(network *n, ek_out inputs) {
  ek_graph *g = n->g;
  ek_rnn_state state = n->o->initial_state;
  if (!n->o->time_major) inputs = transpose_batch_time(g, inputs);
  if (n->o->sequence_length.op != 0) n->lengths = named_lengths(n);
  n->dtype = dtype_of(n, inputs, &state);
  ek__rnn_rows rows = rows_of(g, inputs);
  if (state.n == 0) state = ek__rnn_zero_state(g, n->cell, rows, n->dtype);
  if (n->lengths.op != 0) n->lengths = checked_lengths(g, n->lengths, rows);
  n->input_shape = ek_out_shape(g, inputs);
  n->time_steps = ek__py_element(g, ek__py_shape(g, inputs), 0);
  rows = rows_of(g, inputs);
  n->zero_output = ek__rnn_zeros(g, rows, n->cell->output_size, n->dtype);
  ek_out longest = n->time_steps;
  if (n->lengths.op != 0) {
    (void)ek__py_reduce_all(g, "Min", n->lengths);
    longest = ek__py_reduce_all(g, "Max", n->lengths);
  }
  const ek_out time = ek_constant_int32(ek_named(g, "time"), 0);
  make_arrays(n, inputs);
  const ek_out bound = ek__op2(g, "Minimum", n->time_steps, ek__op2(g, "Maximum", ek_integer(g, 1), longest));
  state = loop(n, time, bound, &state);
  ek_out outputs = ek_tensor_array_stack(g, n->outputs);
  say_shape(n, outputs);
  if (!n->o->time_major && outputs.op > 0) outputs = transpose_batch_time(g, outputs);
  return (ek_rnn_sequence){outputs, state};
}

ek_rnn_sequence ek_nn_dynamic_rnn(ek_graph *g, ek_rnn_cell *cell, ek_out inputs,
                                  const ek_nn_dynamic_rnn_opts *options) {
  static const ek_nn_dynamic_rnn_opts defaults = EK_NN_DYNAMIC_RNN_OPTS_INIT;
  const char *name = ek_given_name(g);
  network n = {.g = ek_named(g, NULL), .cell = cell, .o = options != NULL ? options : &defaults};
  ek_rnn_sequence sequence = {.outputs = ek__no_out};
  g = n.g;
  if (!check(g, cell, inputs, n.o)) return sequence;
  const char *const scope = n.o->scope.id != 0 ? NULL : name != NULL ? name : "rnn";
  (void)ek_variable_scope_begin(g, scope, EK_SCOPE(.scope = n.o->scope, .cached = true));
  sequence = build(&n, inputs);
  ek_variable_scope_end(g);
  return sequence;
}
