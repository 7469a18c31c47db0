/* SPDX-License-Identifier: Apache-2.0 */
/* Cross entropy of softmax(logits) against labels, row by row, with the gradient as second output. */
#include "kernels/schedule.h"
#include "ops/grad_util.h"
#include "ops/softmax.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 64 };

typedef struct job {
  const ek__row_loops *loops;
  const ek_kernels *kernels;
  int64_t rows, cols, size, per_chunk;
  const char *logits, *labels;
  int64_t logits_row, logits_col, labels_row, labels_col; /* steps in elements */
  const ek_value *classes;                                /* sparse labels; else NULL */
  char *loss, *backprop;
} job;

/* Few rows at a time: a row's exponentials are stored long before they are summed. */
static void cross_entropy_rows(const job *j, int64_t begin, int64_t end) {
  double dots[BLOCK][2]; /* sum of the labels, and of labels * z */
  const int64_t row_bytes = j->cols * j->size;
  for (int64_t row = begin; row < end; row++) {
    char *z = j->backprop + row * row_bytes;
    double *const dot = dots[row - begin];
    j->loops->shift(j->cols, j->logits + row * j->logits_row * j->size, j->logits_col, z);
    if (j->classes != NULL)
      dot[0] = 1, dot[1] = j->loops->at(z, ek__value_int(j->classes, row));
    else
      j->loops->dots(j->cols, z, j->labels + row * j->labels_row * j->size, j->labels_col, dot);
  }
  j->loops->exp_all(j->kernels, (end - begin) * j->cols, j->backprop + begin * row_bytes);
  for (int64_t row = begin; row < end; row++) {
    char *z = j->backprop + row * row_bytes;
    const double *const dot = dots[row - begin], sum = j->loops->sum(j->cols, z);
    j->loops->store(j->loss, row, dot[0] * log(sum) - dot[1]);
    j->loops->divide(j->cols, z, sum);
    if (j->classes != NULL)
      j->loops->minus_one(z, ek__value_int(j->classes, row));
    else
      j->loops->minus(j->cols, z, j->labels + row * j->labels_row * j->size, j->labels_col);
  }
}

static void cross_entropy_chunk(void *context, int64_t chunk) {
  const job *j = context;
  const int64_t end = ek__min_i64(j->rows, (chunk + 1) * j->per_chunk);
  for (int64_t row = chunk * j->per_chunk; row < end; row += BLOCK)
    cross_entropy_rows(j, row, ek__min_i64(end, row + BLOCK));
}

static ek_code run_rows(ek_run_context *c, job *j) {
  EK_TRY(ek__run_kernels(c, &j->kernels));
  j->loops = ek__row_loops_of(c->in[0]->dtype);
  j->size = (int64_t)ek_dtype_size(c->in[0]->dtype);
  j->logits = c->in[0]->data;
  j->loss = c->out[0]->data;
  j->backprop = c->out[1]->data;
  j->per_chunk = ek__max_i64(1, 4096 / ek__max_i64(1, j->cols));
  ek__for_chunks(ek__threads_for(c->threads, 8 * j->rows * j->cols * j->size), ek__chunk_count(j->rows, j->per_chunk),
                 cross_entropy_chunk, j);
  return EK_OK;
}

/* ---- Gradients */

/* vector * matrix, a number for each row */
static ek_out times_rows(ek_graph *g, ek_out vector, ek_out matrix) {
  const ek_out column = ek__op2(g, "ExpandDims", vector, ek_integer(g, -1));
  return ek__op2(ek_named(g, "mul"), "Mul", column, matrix);
}

/* No gradient came to the second output: the driver gives nothing, or zeros that it made itself. */
static bool is_zeros(const ek_graph *g, ek_out out) {
  const ek__node *n = ek__node_of(g, ek_out_op(out));
  if (n == NULL || strcmp(n->type, "ZerosLike") == 0) return true;
  const char *slash = strrchr(n->name, '/'), *base = slash != NULL ? slash + 1 : n->name;
  return strncmp(base, "zeros", 5) == 0;
}

/* dlogits of both ops, before the part of the labels. */
static ek_out logits_gradient(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out logits = ek__grad_in(c, 0), second = c->n_dy > 1 ? c->dy[1] : (ek_out){0, 0};
  const ek_out first = times_rows(g, c->dy[0], ek__grad_out(c, 1));
  if (is_zeros(g, second)) return first;
  const ek_out softmax = ek__op1(g, "Softmax", logits);
  const ek_out row = ek__op2(g, "ExpandDims", second, ek_integer(g, 1));
  const ek_out column = ek__op2(g, "ExpandDims", softmax, ek_integer(g, 2));
  const ek_out product = ek__op2(ek_named(g, "MatMul"), "BatchMatMulV2", row, column);
  const ek_op squeezed =
      ek_build(g, "Squeeze", EK_OUTS(product), EK_ATTRS(EK_INTS_ATTR("squeeze_dims", ((const int64_t[]){1}), 1)));
  const ek_out centred = ek__op2(ek_named(g, "sub"), "Sub", second, ek_op_output(squeezed, 0));
  const ek_out curved = ek__op2(ek_named(g, "mul"), "Mul", centred, softmax);
  return ek__op2(ek_named(g, "add"), "AddV2", first, curved);
}

/* ---- SoftmaxCrossEntropyWithLogits: labels are probabilities; either input may have one row or one column. */

static ek_code infer_dense(ek_infer_context *c) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  ek_shape s;
  EK_TRY(ek__infer_rank(c, 0, 2));
  EK_TRY(ek__infer_rank(c, 1, 2));
  EK_INFER_REQUIRE(c, ek__broadcast_shapes(c->in[0].shape, c->in[1].shape, &s),
                   "logits and labels must be broadcastable: logits_size=%s labels_size=%s",
                   ek_shape_format(c->in[0].shape, a, sizeof a), ek_shape_format(c->in[1].shape, b, sizeof b));
  if (s.rank < 0) s = ek_shape(-1, -1);
  c->out[0].shape = ek_shape(s.dim[0]);
  c->out[1].shape = s;
  return EK_OK;
}

static ek_code run_dense(ek_run_context *c) {
  const ek_shape logits = c->in[0]->shape, labels = c->in[1]->shape;
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  ek_shape s;
  EK_RUN_REQUIRE(c, logits.rank == 2 && labels.rank == 2 && ek__broadcast_shapes(logits, labels, &s),
                 "logits and labels must be broadcastable: logits_size=%s labels_size=%s",
                 ek_shape_format(logits, a, sizeof a), ek_shape_format(labels, b, sizeof b));
  EK_TRY(ek__run_output(c, 0, ek_shape(s.dim[0])));
  EK_TRY(ek__run_output(c, 1, s));
  job j = {.rows = s.dim[0],
           .cols = s.dim[1],
           .labels = c->in[1]->data,
           .logits_row = logits.dim[0] == 1 ? 0 : logits.dim[1],
           .logits_col = logits.dim[1] == 1 ? 0 : 1,
           .labels_row = labels.dim[0] == 1 ? 0 : labels.dim[1],
           .labels_col = labels.dim[1] == 1 ? 0 : 1};
  return run_rows(c, &j);
}

static ek_code grad_dense(ek_grad_context *c) {
  ek_graph *g = c->g;
  c->dx[0] = logits_gradient(c);
  const ek_out log_softmax = ek__op1(g, "LogSoftmax", ek__grad_in(c, 0));
  const ek_out minus = ek__op1(g, "Neg", log_softmax);
  c->dx[1] = times_rows(g, c->dy[0], minus);
  return EK_OK;
}

const ek_op_def ek_op_softmax_cross_entropy_with_logits = {
    .name = "SoftmaxCrossEntropyWithLogits",
    .doc = "loss = -sum(labels * log(softmax(features))) of each row; backprop = softmax(features) - labels",
    .in = "features: T, labels: T",
    .out = "loss: T, backprop: T",
    .attrs = "T: {" EK_FLOAT_TYPES "}",
    .infer = infer_dense,
    .run = run_dense,
    .grad = grad_dense,
    .check_lo = 0.25,
    .check_hi = 2};

/* ---- SparseSoftmaxCrossEntropyWithLogits: labels are class numbers. */

static ek_code infer_sparse(ek_infer_context *c) {
  const ek_shape features = c->in[0].shape, labels = c->in[1].shape;
  ek_shape rows = ek_shape(-1);
  EK_TRY(ek__infer_rank(c, 0, 2));
  EK_TRY(ek__infer_rank(c, 1, 1));
  if (features.rank == 2) rows.dim[0] = features.dim[0];
  EK_TRY(ek__infer_merge(c, rows, labels, &rows));
  c->out[0].shape = rows;
  c->out[1].shape = ek_shape(rows.dim[0], features.rank == 2 ? features.dim[1] : -1);
  return EK_OK;
}

/* TensorFlow's words, with as many labels as the message has room for. */
static ek_code bad_label(ek_run_context *c, const ek_value *labels, int64_t bad, int64_t classes) {
  char text[160] = "";
  size_t used = 0;
  for (int64_t i = 0; i < labels->n && used < sizeof text; i++) {
    const int n = snprintf(text + used, sizeof text - used, " %" PRId64, ek__value_int(labels, i));
    if (n < 0 || (size_t)n >= sizeof text - used) {
      text[used] = '\0';
      break;
    }
    used += (size_t)n;
  }
  return ek__run_fail(c, EK_INVALID_ARGUMENT,
                      "Received a label value of %" PRId64 " which is outside the valid range of [0, %" PRId64
                      ").  Label values:%s",
                      bad, classes, text);
}

static ek_code run_sparse(ek_run_context *c) {
  const ek_value *labels = c->in[1];
  const ek_shape s = c->in[0]->shape;
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  EK_RUN_REQUIRE(c, s.rank == 2, "logits must be 2-D, but got shape %s", ek_shape_format(s, a, sizeof a));
  EK_RUN_REQUIRE(c, labels->shape.rank == 1 && labels->n == s.dim[0],
                 "logits and labels must have the same first dimension, got logits shape %s and labels shape %s",
                 ek_shape_format(s, a, sizeof a), ek_shape_format(labels->shape, b, sizeof b));
  EK_RUN_REQUIRE(c, s.dim[1] > 0, "Must have at least one class, but got logits shape %s",
                 ek_shape_format(s, a, sizeof a));
  for (int64_t i = 0; i < labels->n; i++) {
    const int64_t label = ek__value_int(labels, i);
    if (label < 0 || label >= s.dim[1]) return bad_label(c, labels, label, s.dim[1]);
  }
  EK_TRY(ek__run_output(c, 0, labels->shape));
  EK_TRY(ek__run_output(c, 1, s));
  job j = {.rows = s.dim[0], .cols = s.dim[1], .classes = labels, .logits_row = s.dim[1], .logits_col = 1};
  return run_rows(c, &j);
}

static ek_code grad_sparse(ek_grad_context *c) {
  c->dx[0] = logits_gradient(c);
  return EK_OK;
}

const ek_op_def ek_op_sparse_softmax_cross_entropy_with_logits = {
    .name = "SparseSoftmaxCrossEntropyWithLogits",
    .doc = "loss = -log(softmax(features)[label]) of each row; backprop = softmax(features) - one_hot(label)",
    .in = "features: T, labels: Tlabels",
    .out = "loss: T, backprop: T",
    .attrs = "T: {" EK_FLOAT_TYPES "}; Tlabels: {int32, int64} = int64",
    .infer = infer_sparse,
    .run = run_sparse,
    .grad = grad_sparse};
