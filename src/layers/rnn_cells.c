/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn.rnn_cell: BasicRNNCell, BasicLSTMCell and GRUCell. */
#include "layers/build.h"
#include "layers/layer.h"
#include "layers/rnn.h"

typedef struct ek__cell {
  ek_rnn_cell cell;
  ek__layer layer;
  ek_nn_cell_opts o;
  int64_t units;
  ek_variable kernel[2], bias[2]; /* of a GRU: gates, candidate */
} ek__cell;

ek_out ek__rnn_affine(ek_graph *g, ek_out input, ek_out h, ek_variable kernel, ek_variable bias) {
  const ek_op both =
      ek_build(ek_named(g, "concat"), "ConcatV2", EK_OUTS(input, h, ek_integer(g, 1)), EK_ATTRS(EK_INT_ATTR("N", 2)));
  const ek_out y = ek__op2(g, "MatMul", ek_op_output(both, 0), ek_variable_operand(g, kernel));
  return ek_nn_bias_add(g, y, ek_variable_operand(g, bias), NULL);
}

static ek_out activate(ek_graph *g, const ek__cell *c, ek_out x) {
  return c->o.activation != NULL ? c->o.activation(g, x) : ek__op1(g, "Tanh", x);
}

static ek_variable weight(ek__cell *c, const char *name, ek_shape shape, ek_dtype dtype, ek_initializer initializer) {
  return ek__layer_add_weight(&c->layer,
                              &(ek__weight){.name = name, .shape = shape, .dtype = dtype, .initializer = initializer});
}

/* ---- the most basic one */

static ek_rnn_step call_rnn(ek_graph *g, ek_rnn_cell *cell, ek_out input, const ek_rnn_state *state) {
  ek__cell *c = cell->ctx;
  ek_rnn_step step = {0};
  ek__layer_begin(&c->layer);
  if (ek__rnn_check_input(g, cell, input, state)) {
    const int64_t depth = ek_out_shape(g, input).dim[1];
    const ek_dtype dtype = ek_out_dtype(g, input);
    if (!c->layer.built) {
      c->kernel[0] = weight(c, "kernel", ek_shape(depth + c->units, c->units), dtype, (ek_initializer){0});
      c->bias[0] = weight(c, "bias", ek_shape(c->units), dtype, ek_zeros_initializer());
    }
    c->layer.built = true;
    const ek_out y = activate(g, c, ek__rnn_affine(g, input, state->at[0], c->kernel[0], c->bias[0]));
    step = (ek_rnn_step){.output = y, .state = {.n = 1, .at = {y}}};
  }
  ek__layer_end(&c->layer);
  return step;
}

/* ---- LSTM */

static void build_lstm(ek_graph *g, ek__cell *c, ek_out input) {
  const int64_t depth = ek_out_shape(g, input).dim[1];
  const ek_dtype dtype = ek_out_dtype(g, input);
  c->kernel[0] = weight(c, "kernel", ek_shape(depth + c->units, 4 * c->units), dtype, (ek_initializer){0});
  c->bias[0] = weight(c, "bias", ek_shape(4 * c->units), dtype, ek_zeros_initializer());
}

static ek_rnn_step lstm(ek_graph *g, const ek__cell *c, ek_out input, ek_out memory, ek_out h) {
  const ek_out one = ek_constant_int32(g, 1);
  const ek_out gates = ek__rnn_affine(g, input, h, c->kernel[0], c->bias[0]);
  const ek_op parts =
      ek_build(ek_named(g, "split"), "Split", EK_OUTS(one, gates), EK_ATTRS(EK_INT_ATTR("num_split", 4)));
  const ek_out i = ek_op_output(parts, 0), j = ek_op_output(parts, 1), f = ek_op_output(parts, 2),
               o = ek_op_output(parts, 3);
  const ek_out forget = ek_convert(g, ek_number(g, c->o.forget_bias), ek_out_dtype(g, f), NULL);
  const ek_out keep = ek__op1(g, "Sigmoid", ek__op2(ek_named(g, "Add"), "AddV2", f, forget));
  const ek_out kept = ek__op2(g, "Mul", memory, keep);
  const ek_out admitted = ek__op1(g, "Sigmoid", i);
  const ek_out fresh = ek__op2(g, "Mul", admitted, activate(g, c, j));
  const ek_out next = ek__op2(ek_named(g, "Add"), "AddV2", kept, fresh);
  const ek_out shown = activate(g, c, next);
  const ek_out y = ek__op2(g, "Mul", shown, ek__op1(g, "Sigmoid", o));
  return (ek_rnn_step){.output = y, .state = {.n = 2, .at = {next, y}}};
}

static ek_rnn_step call_lstm(ek_graph *g, ek_rnn_cell *cell, ek_out input, const ek_rnn_state *state) {
  ek__cell *c = cell->ctx;
  ek_rnn_step step = {0};
  ek__layer_begin(&c->layer);
  if (ek__rnn_check_input(g, cell, input, state)) {
    if (!c->layer.built) build_lstm(g, c, input);
    c->layer.built = true;
    step = lstm(g, c, input, state->at[0], state->at[1]);
  }
  ek__layer_end(&c->layer);
  return step;
}

/* ---- GRU */

static void build_gru(ek_graph *g, ek__cell *c, ek_out input) {
  const int64_t rows = ek_out_shape(g, input).dim[1] + c->units;
  const ek_dtype dtype = ek_out_dtype(g, input);
  const ek_initializer kernel = c->o.kernel_initializer, bias = c->o.bias_initializer;
  c->kernel[0] = weight(c, "gates/kernel", ek_shape(rows, 2 * c->units), dtype, kernel);
  c->bias[0] =
      weight(c, "gates/bias", ek_shape(2 * c->units), dtype, ek__initializer_or(bias, ek_constant_initializer(1.0)));
  c->kernel[1] = weight(c, "candidate/kernel", ek_shape(rows, c->units), dtype, kernel);
  c->bias[1] = weight(c, "candidate/bias", ek_shape(c->units), dtype, ek__initializer_or(bias, ek_zeros_initializer()));
}

static ek_rnn_step gru(ek_graph *g, const ek__cell *c, ek_out input, ek_out h) {
  const ek_out gates = ek__op1(g, "Sigmoid", ek__rnn_affine(g, input, h, c->kernel[0], c->bias[0]));
  const ek_op parts =
      ek_build(ek_named(g, "split"), "Split", EK_OUTS(ek_integer(g, 1), gates), EK_ATTRS(EK_INT_ATTR("num_split", 2)));
  const ek_out reset = ek_op_output(parts, 0), update = ek_op_output(parts, 1);
  const ek_out seen = ek__op2(ek_named(g, "mul"), "Mul", reset, h);
  const ek_out candidate = activate(g, c, ek__rnn_affine(g, input, seen, c->kernel[1], c->bias[1]));
  const ek_out kept = ek__op2(ek_named(g, "mul"), "Mul", update, h);
  const ek_out rest = ek__op2(ek_named(g, "sub"), "Sub", ek_number(g, 1.0), update);
  const ek_out fresh = ek__op2(ek_named(g, "mul"), "Mul", rest, candidate);
  const ek_out y = ek__op2(ek_named(g, "add"), "AddV2", kept, fresh);
  return (ek_rnn_step){.output = y, .state = {.n = 1, .at = {y}}};
}

static ek_rnn_step call_gru(ek_graph *g, ek_rnn_cell *cell, ek_out input, const ek_rnn_state *state) {
  ek__cell *c = cell->ctx;
  ek_rnn_step step = {0};
  ek__layer_begin(&c->layer);
  if (ek__rnn_check_input(g, cell, input, state)) {
    if (!c->layer.built) build_gru(g, c, input);
    c->layer.built = true;
    step = gru(g, c, input, state->at[0]);
  }
  ek__layer_end(&c->layer);
  return step;
}

/* ---- making one */

static ek_rnn_cell *make(ek_graph *g, const char *class_name, const char *base_name, int64_t units, int n_state,
                         const ek_nn_cell_opts *options) {
  static const ek_nn_cell_opts defaults = EK_NN_CELL_OPTS_INIT;
  const ek_nn_cell_opts *o = options != NULL ? options : &defaults;
  g = ek_named(g, NULL);
  ek__cell *c = ek_graph_alloc(g, sizeof *c);
  if (c == NULL) return NULL;
  *c = (ek__cell){.o = *o, .units = units};
  c->cell = (ek_rnn_cell){.ctx = c, .class_name = class_name, .output_size = units, .n_state = n_state};
  for (int i = 0; i < n_state; i++) c->cell.state_size[i] = units;
  if (!ek__options_ok(g, class_name, o->version)) return &c->cell;
  if (units < 1)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: %lld units; allowed: 1 and more", class_name, (long long)units);
  if (c->o.name != NULL) c->o.name = ek_graph_text(g, "%s", c->o.name);
  ek__layer_init(&c->layer, g, base_name, c->o.name, false, (ek_variable_scope){0}, o->reuse, true);
  return &c->cell;
}

ek_rnn_cell *ek_nn_basic_rnn_cell(ek_graph *g, int64_t units, const ek_nn_cell_opts *options) {
  ek_rnn_cell *cell = make(g, "BasicRNNCell", "basic_rnn_cell", units, 1, options);
  if (cell != NULL) cell->call = call_rnn;
  return cell;
}

ek_rnn_cell *ek_nn_basic_lstm_cell(ek_graph *g, int64_t units, const ek_nn_cell_opts *options) {
  ek_rnn_cell *cell = make(g, "BasicLSTMCell", "basic_lstm_cell", units, 2, options);
  if (cell != NULL) cell->call = call_lstm;
  return cell;
}

ek_rnn_cell *ek_nn_gru_cell(ek_graph *g, int64_t units, const ek_nn_cell_opts *options) {
  ek_rnn_cell *cell = make(g, "GRUCell", "gru_cell", units, 1, options);
  if (cell != NULL) cell->call = call_gru;
  return cell;
}
