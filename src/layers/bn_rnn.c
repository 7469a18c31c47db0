/* SPDX-License-Identifier: Apache-2.0 */
/* Cells whose normalizations keep statistics for every time step: rows of [max_steps, C]. */
#include "evenkeel/bn_rnn.h"

#include "layers/build.h"
#include "layers/layer.h"
#include "layers/moving_update.h"

#include <inttypes.h>

enum { N_NORMS = 3, MAX_UPDATES = 2 * N_NORMS + 1 };

typedef struct step_norm {
  ek_variable gamma, beta, moving_mean, moving_variance;
} step_norm;

typedef struct bn_cell {
  ek_rnn_cell cell;
  ek__layer layer;
  ek_bn_cell_opts o;
  int64_t units;
  ek_variable kernel, recurrent_kernel, candidate_kernel, bias, steps_seen;
  step_norm norm[N_NORMS];
} bn_cell;

/* One step under construction. */
typedef struct call {
  bn_cell *cell;
  ek_graph *g;
  ek_dtype dtype;
  ek_out row;   /* this step's, in training */
  ek_out known; /* that of inference: the last that was ever trained, if this is later */
  ek_op updates[MAX_UPDATES];
  int n_updates;
} call;

static ek_out mul(ek_graph *g, ek_out a, ek_out b) { return ek__op2(ek_named(g, "mul"), "Mul", a, b); }
static ek_out add(ek_graph *g, ek_out a, ek_out b) { return ek__op2(ek_named(g, "add"), "AddV2", a, b); }
static ek_out sub(ek_graph *g, ek_out a, ek_out b) { return ek__op2(ek_named(g, "sub"), "Sub", a, b); }

/* ---- which step */

static void find_row(call *c, ek_out step) {
  ek_graph *g = c->g;
  const ek_flag training = c->cell->o.training;
  const ek_out last = ek_integer(g, c->cell->o.max_steps - 1);
  const ek_out number = ek__py_cast(g, ek__py_reduce_all(ek_named(g, "step"), "Max", step), EK_INT32);
  const ek_out from_zero = ek__op2(g, "Maximum", number, ek_integer(g, 0)); /* a batch of none has no step */
  c->row = ek__op2(g, "Minimum", from_zero, last);
  if (ek_flag_static_value(g, training) == EK_IS_TRUE) return;
  const ek_out seen = sub(g, ek_variable_value(g, c->cell->steps_seen), ek_integer(g, 1));
  const ek_out at_most = ek__op2(g, "Minimum", c->row, seen);
  c->known = ek__op2(g, "Maximum", at_most, ek_integer(g, 0));
}

/* ---- updates */

static void updated(call *c, ek_op op) { c->updates[c->n_updates++] = op; }

/* Row c->row of v moves towards value, the others stay. */
static ek__moving_average move_row(call *c, const ek_nn_moments_outs *batch, ek_variable v, ek_out value) {
  ek_graph *g = c->g;
  ek__moving_average u = {{0}, ek__no_out};
  (void)ek_name_scope_begin(g, "AssignMovingAvg");
  const ek_out now = ek_variable_value(g, v);
  const ek_out rows = ek_constant_int32(g, (int32_t)c->cell->o.max_steps);
  const ek_out at = ek__op2(g, "Equal", ek__py_range(g, ek_integer(g, 0), rows), c->row);
  const ek_out here = ek__op2(g, "ExpandDims", at, ek_integer(g, 1));
  const ek_out delta = mul(g, sub(g, now, value), ek_number(g, 1.0 - c->cell->o.momentum));
  ek_out moved = here;
  if (c->cell->o.guard) {
    const ek_out mean = ek__op1(g, "IsFinite", batch->mean), variance = ek__op1(g, "IsFinite", batch->variance);
    moved = ek__op2(g, "LogicalAnd", here, ek__op2(g, "LogicalAnd", mean, variance));
  }
  const ek_out none = ek__py_zeros_like(g, delta);
  const ek_out change = ek_op_output(ek_build(g, "SelectV2", EK_OUTS(moved, delta, none), EK_NO_ATTRS), 0);
  u.value = ek_variable_assign_sub(g, v, change);
  u.op = ek__assigned_by(g, u.value);
  ek_name_scope_end(g);
  return u;
}

static void update_row(call *c, const ek_nn_moments_outs *batch, ek_variable v, ek_out value) {
  ek_graph *g = c->g;
  ek_cond_block k;
  const ek_flag training = c->cell->o.training;
  if (ek_flag_static_value(g, training) == EK_IS_TRUE) {
    updated(c, move_row(c, batch, v, value).op);
    return;
  }
  EK_SMART_COND(g, training, k) {
    EK_THEN(k) ek_cond_yield(&k, ek__moving_average_result(g, v, move_row(c, batch, v, value)));
    EK_ELSE(k) ek_cond_yield(&k, ek_variable_operand(g, v));
  }
  updated(c, ek_cond_result_op(&k, 0));
}

/* steps_seen = max(steps_seen, row + 1) */
static ek__moving_average count_step(const call *c) {
  ek_graph *g = c->g;
  const ek_variable seen = c->cell->steps_seen;
  const ek_out length = add(g, c->row, ek_integer(g, 1));
  return ek__layer_assign_new(g, seen, ek__op2(g, "Maximum", ek_variable_value(g, seen), length));
}

static void update_steps_seen(call *c) {
  ek_graph *g = c->g;
  ek_cond_block k;
  const ek_flag training = c->cell->o.training;
  if (ek_flag_static_value(g, training) == EK_IS_TRUE) {
    updated(c, count_step(c).op);
    return;
  }
  EK_SMART_COND(g, training, k) {
    EK_THEN(k) ek_cond_yield(&k, ek__moving_average_result(g, c->cell->steps_seen, count_step(c)));
    EK_ELSE(k) ek_cond_yield(&k, ek_variable_operand(g, c->cell->steps_seen));
  }
  updated(c, ek_cond_result_op(&k, 0));
}

/* ---- normalization */

static ek_out row_of(const call *c, ek_variable v) {
  ek_graph *g = c->g;
  const ek_out all = ek_variable_value(g, v);
  return ek_op_output(ek_build(g, "GatherV2", EK_OUTS(all, c->known, ek_integer(g, 0)), EK_NO_ATTRS), 0);
}

static ek_out normalize(call *c, const step_norm *n, ek_out x) {
  static const int64_t rows = 0;
  ek_graph *g = c->g;
  ek_cond_block k;
  const bool never = ek_flag_static_value(g, c->cell->o.training) == EK_IS_FALSE;
  ek_nn_moments_outs batch = {ek__no_out, ek__no_out};
  if (!never) batch = ek_nn_moments(g, x, &rows, 1, false);
  EK_SMART_COND(g, c->cell->o.training, k) {
    EK_THEN(k) {
      ek_cond_yield(&k, batch.mean);
      ek_cond_yield(&k, batch.variance);
    }
    EK_ELSE(k) {
      ek_cond_yield(&k, row_of(c, n->moving_mean));
      ek_cond_yield(&k, row_of(c, n->moving_variance));
    }
  }
  if (!never) {
    update_row(c, &batch, n->moving_mean, batch.mean);
    update_row(c, &batch, n->moving_variance, batch.variance);
  }
  const ek_out mean = ek_cond_result(&k, 0), variance = ek_cond_result(&k, 1);
  const ek_out beta = n->beta.id != 0 ? ek_variable_value(g, n->beta) : ek__no_out;
  const ek_out gamma = ek_variable_value(g, n->gamma);
  return ek_nn_batch_normalization(g, x, mean, variance, beta, gamma, c->cell->o.epsilon);
}

static ek_out product(const call *c, ek_out x, ek_variable kernel) {
  return ek__op2(c->g, "MatMul", x, ek_variable_value(c->g, kernel));
}

static ek_out activate(const call *c, ek_out x) {
  return c->cell->o.activation != NULL ? c->cell->o.activation(c->g, x) : ek__op1(c->g, "Tanh", x);
}

static void split(const call *c, ek_out x, int n, ek_out *parts) {
  const ek_op op = ek_build(ek_named(c->g, "split"), "Split", EK_OUTS(ek_integer(c->g, 1), x),
                            EK_ATTRS(EK_INT_ATTR("num_split", n)));
  for (int i = 0; i < n; i++) parts[i] = ek_op_output(op, i);
}

/* What the step gives, once the updates have run if they are to run in place. */
static ek_out finish(call *c, ek_out y) {
  ek_graph *g = c->g;
  if (ek_flag_static_value(g, c->cell->o.training) != EK_IS_FALSE) update_steps_seen(c);
  if (!c->cell->o.in_place) {
    for (int i = 0; i < c->n_updates; i++) ek__layer_add_update(&c->cell->layer, c->updates[i]);
    return y;
  }
  if (c->n_updates == 0 || ek_graph_status(g, NULL) != EK_OK) return y;
  ek_control_dependencies_begin(g, (ek_ops){c->updates, c->n_updates});
  y = ek__op1(g, "Identity", y);
  ek_control_dependencies_end(g);
  return y;
}

/* ---- variables */

static ek_variable weight(bn_cell *c, ek__weight w, ek_dtype dtype) {
  if (w.dtype == EK_INVALID_DTYPE) w.dtype = dtype;
  return ek__layer_add_weight(&c->layer, &w);
}

static step_norm norm_of(ek_graph *g, bn_cell *c, const char *name, int64_t channels, bool beta, ek_dtype dtype) {
  const ek_shape all = ek_shape(c->o.max_steps, channels), one = ek_shape(channels);
  const char *gamma = ek_graph_text(g, "%s/gamma", name), *beta_name = ek_graph_text(g, "%s/beta", name);
  const char *mean = ek_graph_text(g, "%s/moving_mean", name), *variance = ek_graph_text(g, "%s/moving_variance", name);
  const ek_initializer zeros = ek_zeros_initializer(), ones = ek_ones_initializer();
  step_norm n = {{0}, {0}, {0}, {0}};
  if (gamma == NULL || beta_name == NULL || mean == NULL || variance == NULL) return n;
  n.gamma =
      weight(c, (ek__weight){.name = gamma, .shape = one, .initializer = ek_constant_initializer(c->o.gamma)}, dtype);
  if (beta) n.beta = weight(c, (ek__weight){.name = beta_name, .shape = one, .initializer = zeros}, dtype);
  n.moving_mean =
      weight(c, (ek__weight){.name = mean, .shape = all, .initializer = zeros, .not_trainable = true}, dtype);
  n.moving_variance =
      weight(c, (ek__weight){.name = variance, .shape = all, .initializer = ones, .not_trainable = true}, dtype);
  return n;
}

/* The gates' part of the bias: zeros, and forget_bias where the forget gate is. */
static ek_out lstm_bias(ek_graph *g, ek_shape shape, ek_dtype dtype, void *ctx) {
  const bn_cell *c = ctx;
  const int64_t n = c->units;
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = ek_tensor_new(dtype, shape, NULL, &st);
  for (int64_t i = 2 * n; t != NULL && i < 3 * n; i++) {
    if (dtype == EK_FLOAT64)
      ((double *)ek_tensor_mutable_data(t))[i] = c->o.forget_bias;
    else
      ((float *)ek_tensor_mutable_data(t))[i] = (float)c->o.forget_bias;
  }
  if (t == NULL) ek_graph_fail(g, st.code, "%s", st.msg);
  const ek_out out = t != NULL ? ek_constant(g, t) : ek__no_out;
  ek_tensor_free(t);
  return out;
}

static void make_variables(ek_graph *g, bn_cell *c, ek_out input) {
  const int64_t depth = ek_out_shape(g, input).dim[1], n = c->units;
  const ek_dtype dtype = ek_out_dtype(g, input);
  const bool lstm = c->cell.n_state == 3;
  const ek_initializer own = ek__initializer_or(c->o.recurrent_initializer, ek_orthogonal_initializer(1.0));
  const int64_t wide = (lstm ? 4 : 3) * n, from_state = (lstm ? 4 : 2) * n;
  c->kernel = weight(
      c, (ek__weight){.name = "kernel", .shape = ek_shape(depth, wide), .initializer = c->o.kernel_initializer}, dtype);
  c->recurrent_kernel =
      weight(c, (ek__weight){.name = "recurrent_kernel", .shape = ek_shape(n, from_state), .initializer = own}, dtype);
  if (!lstm)
    c->candidate_kernel =
        weight(c, (ek__weight){.name = "candidate_kernel", .shape = ek_shape(n, n), .initializer = own}, dtype);
  const ek_initializer bias = lstm ? ek_callback_initializer(lstm_bias, c) : ek_zeros_initializer();
  c->bias = weight(c, (ek__weight){.name = "bias", .shape = ek_shape(wide), .initializer = bias}, dtype);
  c->norm[0] = norm_of(g, c, "input_norm", wide, false, dtype);
  c->norm[1] = norm_of(g, c, "state_norm", from_state, false, dtype);
  c->norm[2] = norm_of(g, c, lstm ? "cell_norm" : "candidate_norm", n, lstm, dtype);
  c->steps_seen = weight(c,
                         (ek__weight){.name = "steps_seen",
                                      .shape = ek_shape_scalar(),
                                      .dtype = EK_INT32,
                                      .initializer = ek_zeros_initializer(),
                                      .not_trainable = true},
                         dtype);
}

/* ---- the cells */

static ek_rnn_step lstm(call *c, ek_out input, const ek_rnn_state *state) {
  ek_graph *g = c->g;
  bn_cell *cell = c->cell;
  ek_out gate[4];
  const ek_out from_input = normalize(c, &cell->norm[0], product(c, input, cell->kernel));
  const ek_out from_state = normalize(c, &cell->norm[1], product(c, state->at[1], cell->recurrent_kernel));
  const ek_out sum = ek_nn_bias_add(g, add(g, from_input, from_state), ek_variable_value(g, cell->bias), NULL);
  split(c, sum, 4, gate);
  const ek_out kept = mul(g, ek__op1(g, "Sigmoid", gate[2]), state->at[0]);
  const ek_out admitted = ek__op1(g, "Sigmoid", gate[0]);
  const ek_out memory = add(g, kept, mul(g, admitted, activate(c, gate[1])));
  const ek_out shown = activate(c, normalize(c, &cell->norm[2], memory));
  const ek_out y = finish(c, mul(g, ek__op1(g, "Sigmoid", gate[3]), shown));
  return (ek_rnn_step){.output = y, .state = {.n = 3, .at = {memory, y}}};
}

static ek_rnn_step gru(call *c, ek_out input, const ek_rnn_state *state) {
  ek_graph *g = c->g;
  bn_cell *cell = c->cell;
  ek_out in[3], own[2];
  const ek_out h = state->at[0];
  const ek_out from_input = normalize(c, &cell->norm[0], product(c, input, cell->kernel));
  split(c, ek_nn_bias_add(g, from_input, ek_variable_value(g, cell->bias), NULL), 3, in);
  split(c, normalize(c, &cell->norm[1], product(c, h, cell->recurrent_kernel)), 2, own);
  const ek_out reset = ek__op1(g, "Sigmoid", add(g, in[0], own[0]));
  const ek_out update = ek__op1(g, "Sigmoid", add(g, in[1], own[1]));
  const ek_out from_state = normalize(c, &cell->norm[2], product(c, mul(g, reset, h), cell->candidate_kernel));
  const ek_out candidate = activate(c, add(g, in[2], from_state));
  const ek_out rest = mul(g, sub(g, ek_number(g, 1.0), update), candidate);
  const ek_out y = finish(c, add(g, mul(g, update, h), rest));
  return (ek_rnn_step){.output = y, .state = {.n = 2, .at = {y}}};
}

static bool check(const call *c, ek_out input, const ek_rnn_state *state) {
  char text[EK_SHAPE_TEXT];
  ek_graph *g = c->g;
  const char *what = c->cell->cell.class_name, *scope = ek_current_name_scope(g);
  if (!ek__given(g, "input", input)) return false;
  const ek_shape s = ek_out_shape(g, input);
  if (c->dtype != EK_FLOAT32 && c->dtype != EK_FLOAT64)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': input is %s; allowed: float32, float64", what, scope,
                  ek_dtype_name(c->dtype));
  else if (s.rank != 2 || s.dim[1] < 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': input has shape %s; it must be a matrix whose width is known", what,
                  scope, ek_shape_format(s, text, sizeof text));
  else if (state->n != c->cell->cell.n_state)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': a state of %d tensors, not %d", what, scope, state->n,
                  c->cell->cell.n_state);
  else
    return true;
  return false;
}

static ek_rnn_step call_cell(ek_graph *g, ek_rnn_cell *rnn, ek_out input, const ek_rnn_state *state) {
  bn_cell *cell = rnn->ctx;
  call c = {.cell = cell, .g = g, .dtype = ek_out_dtype(g, input)};
  ek_rnn_step step = {0};
  ek__layer_begin(&cell->layer);
  if (check(&c, input, state)) {
    const int last = rnn->n_state - 1;
    if (!cell->layer.built) make_variables(g, cell, input);
    cell->layer.built = true;
    find_row(&c, state->at[last]);
    step = rnn->n_state == 3 ? lstm(&c, input, state) : gru(&c, input, state);
    step.state.at[last] = add(g, state->at[last], ek_number(g, 1.0));
  }
  ek__layer_end(&cell->layer);
  return step;
}

static ek_rnn_cell *make(ek_graph *g, const char *class_name, const char *base_name, int64_t units, int n_state,
                         const ek_bn_cell_opts *options) {
  static const ek_bn_cell_opts defaults = EK_BN_CELL_OPTS_INIT;
  const ek_bn_cell_opts *o = options != NULL ? options : &defaults;
  g = ek_named(g, NULL);
  bn_cell *c = ek_graph_alloc(g, sizeof *c);
  if (c == NULL) return NULL;
  *c = (bn_cell){.o = *o, .units = units};
  c->cell =
      (ek_rnn_cell){.call = call_cell, .ctx = c, .class_name = class_name, .output_size = units, .n_state = n_state};
  for (int i = 0; i < n_state; i++) c->cell.state_size[i] = i < n_state - 1 ? units : 1;
  if (!ek__options_ok(g, class_name, o->version)) return &c->cell;
  if (units < 1 || o->max_steps < 1 || o->max_steps > INT32_MAX)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: %" PRId64 " units, max_steps %" PRId64 "; allowed: 1 and more",
                  class_name, units, o->max_steps);
  if (c->o.name != NULL) c->o.name = ek_graph_text(g, "%s", c->o.name);
  ek__layer_init(&c->layer, g, base_name, c->o.name, false, (ek_variable_scope){0}, o->reuse, true);
  return &c->cell;
}

ek_rnn_cell *ek_bn_lstm_cell(ek_graph *g, int64_t units, const ek_bn_cell_opts *options) {
  return make(g, "BNLSTMCell", "bn_lstm_cell", units, 3, options);
}

ek_rnn_cell *ek_bn_gru_cell(ek_graph *g, int64_t units, const ek_bn_cell_opts *options) {
  return make(g, "BNGRUCell", "bn_gru_cell", units, 2, options);
}
