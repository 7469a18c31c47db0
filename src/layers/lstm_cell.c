/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn.rnn_cell.LSTMCell: peepholes, a projection, clipping. */
#include "evenkeel/train.h"
#include "layers/build.h"
#include "layers/layer.h"
#include "layers/rnn.h"

typedef struct lstm_cell {
  ek_rnn_cell cell;
  ek__layer layer;
  ek_nn_lstm_cell_opts o;
  int64_t units;
  ek_variable kernel, bias, w_f, w_i, w_o, projection;
} lstm_cell;

static ek_out mul(ek_graph *g, ek_out a, ek_out b) { return ek__op2(ek_named(g, "mul"), "Mul", a, b); }
static ek_out add(ek_graph *g, ek_out a, ek_out b) { return ek__op2(ek_named(g, "add"), "AddV2", a, b); }
static ek_out weigh(ek_graph *g, ek_variable w, ek_out x) { return mul(g, ek_variable_operand(g, w), x); }

static ek_out activate(ek_graph *g, const lstm_cell *c, ek_out x) {
  return c->o.activation != NULL ? c->o.activation(g, x) : ek__op1(g, "Tanh", x);
}

static ek_out clip(ek_graph *g, ek_out x, double most) {
  return most > 0 ? ek_clip_by_value(g, x, ek_number(g, -most), ek_number(g, most)) : x;
}

static ek_variable weight(lstm_cell *c, const char *name, ek_shape shape, ek_dtype dtype, ek_initializer initializer) {
  return ek__layer_add_weight(&c->layer,
                              &(ek__weight){.name = name, .shape = shape, .dtype = dtype, .initializer = initializer});
}

static void build(ek_graph *g, lstm_cell *c, ek_out input) {
  const int64_t rows = ek_out_shape(g, input).dim[1] + c->cell.output_size, n = c->units;
  const ek_dtype dtype = ek_out_dtype(g, input);
  const ek_initializer own = c->o.initializer;
  c->kernel = weight(c, "kernel", ek_shape(rows, 4 * n), dtype, own);
  c->bias = weight(c, "bias", ek_shape(4 * n), dtype, ek_zeros_initializer());
  if (c->o.use_peepholes) {
    c->w_f = weight(c, "w_f_diag", ek_shape(n), dtype, own);
    c->w_i = weight(c, "w_i_diag", ek_shape(n), dtype, own);
    c->w_o = weight(c, "w_o_diag", ek_shape(n), dtype, own);
  }
  if (c->o.num_proj > 0) c->projection = weight(c, "projection/kernel", ek_shape(n, c->o.num_proj), dtype, own);
}

static ek_rnn_step step(ek_graph *g, const lstm_cell *c, ek_out input, ek_out memory, ek_out h) {
  const ek_out gates = ek__rnn_affine(g, input, h, c->kernel, c->bias);
  const ek_op parts =
      ek_build(ek_named(g, "split"), "Split", EK_OUTS(ek_integer(g, 1), gates), EK_ATTRS(EK_INT_ATTR("num_split", 4)));
  ek_out i = ek_op_output(parts, 0), f = ek_op_output(parts, 2), o = ek_op_output(parts, 3);
  f = add(g, f, ek_number(g, c->o.forget_bias));
  if (c->o.use_peepholes) f = add(g, f, weigh(g, c->w_f, memory));
  const ek_out keep = ek__op1(g, "Sigmoid", f);
  const ek_out kept = mul(g, keep, memory);
  if (c->o.use_peepholes) i = add(g, i, weigh(g, c->w_i, memory));
  const ek_out admitted = ek__op1(g, "Sigmoid", i);
  const ek_out fresh = mul(g, admitted, activate(g, c, ek_op_output(parts, 1)));
  const ek_out next = clip(g, add(g, kept, fresh), c->o.cell_clip);
  if (c->o.use_peepholes) o = add(g, o, weigh(g, c->w_o, next));
  const ek_out open = ek__op1(g, "Sigmoid", o);
  ek_out y = mul(g, open, activate(g, c, next));
  if (c->o.num_proj > 0) {
    y = ek__op2(g, "MatMul", y, ek_variable_operand(g, c->projection));
    y = clip(g, y, c->o.proj_clip);
  }
  return (ek_rnn_step){.output = y, .state = {.n = 2, .at = {next, y}}};
}

static ek_rnn_step call_lstm(ek_graph *g, ek_rnn_cell *cell, ek_out input, const ek_rnn_state *state) {
  lstm_cell *c = cell->ctx;
  ek_rnn_step made = {0};
  ek__layer_begin(&c->layer);
  if (ek__rnn_check_input(g, cell, input, state)) {
    if (!c->layer.built) build(g, c, input);
    c->layer.built = true;
    made = step(g, c, input, state->at[0], state->at[1]);
  }
  ek__layer_end(&c->layer);
  return made;
}

ek_rnn_cell *ek_nn_lstm_cell(ek_graph *g, int64_t units, const ek_nn_lstm_cell_opts *options) {
  static const ek_nn_lstm_cell_opts defaults = EK_NN_LSTM_CELL_OPTS_INIT;
  const ek_nn_lstm_cell_opts *o = options != NULL ? options : &defaults;
  g = ek_named(g, NULL);
  lstm_cell *c = ek_graph_alloc(g, sizeof *c);
  if (c == NULL) return NULL;
  *c = (lstm_cell){.o = *o, .units = units};
  const int64_t width = o->num_proj > 0 ? o->num_proj : units;
  c->cell = (ek_rnn_cell){.call = call_lstm,
                          .ctx = c,
                          .class_name = "LSTMCell",
                          .output_size = width,
                          .state_size = {units, width},
                          .n_state = 2};
  if (!ek__options_ok(g, "LSTMCell", o->version)) return &c->cell;
  if (units < 1 || o->num_proj < 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "LSTMCell: %lld units, num_proj %lld; allowed: 1 and more, 0 and more",
                  (long long)units, (long long)o->num_proj);
  if (c->o.name != NULL) c->o.name = ek_graph_text(g, "%s", c->o.name);
  ek__layer_init(&c->layer, g, "lstm_cell", c->o.name, false, (ek_variable_scope){0}, o->reuse, true);
  return &c->cell;
}
