/* SPDX-License-Identifier: Apache-2.0 */
/* MaxPool, AvgPool and their gradients, of images and volumes; V2 takes the window's size and strides as tensors. Both
 * data formats work everywhere; TensorFlow 1.15's CPU kernels refuse NCHW. */
#include "ops/pool.h"
#include "ops/index.h"
#include "ops/number.h"

#include <string.h>

static int spatial_of(const ek__node *node) { return strstr(node->type, "3D") != NULL ? 3 : 2; }
static bool is_v2(const ek__node *node) { return strstr(node->type, "V2") != NULL; }

/* The window over an input of shape x. */
static ek_code pool_over(const ek__node *node, ek_shape x, const int64_t *ksize, const int64_t *strides, ek_status *st,
                         ek__pool *p) {
  const int spatial = spatial_of(node);
  char text[EK_SHAPE_TEXT];
  *p = (ek__pool){.dtype = ek__attr_type(node, "T"), .channels = -1};
  EK_WINDOW_REQUIRE(node, st, x.rank < 0 || x.rank == spatial + 2, "input must be %d-dimensional: %s", spatial + 2,
                    ek_shape_format(x, text, sizeof text));
  EK_TRY(ek__window_init(node, spatial, strides, st, &p->window));
  EK_TRY(ek__window_size(node, ksize, st, &p->window));
  if (x.rank > 0) p->channels = x.dim[ek__window_channel(&p->window)];
  return ek__window_over(node, x, st, &p->window);
}

/* ---- Shapes */

/* ksize and strides of V2 are inputs `at` and `at` + 1: *known, if their values are. */
static ek_code infer_pool(ek_infer_context *c, ek_shape x, int at, ek__pool *p) {
  int64_t ksize[4], strides[4] = {1, 1, 1, 1};
  int n = 0, m = 0;
  if (!is_v2(c->node)) return pool_over(c->node, x, NULL, NULL, c->st, p);
  if (ek__infer_ints(c, at, 4, ksize, &n) && ek__infer_ints(c, at + 1, 4, strides, &m)) {
    EK_INFER_REQUIRE(c, n == 4 && m == 4, "ksize and strides must have 4 elements, not %d and %d", n, m);
    return pool_over(c->node, x, ksize, strides, c->st, p);
  }
  for (int i = 0; i < 4; i++) ksize[i] = strides[i] = 1;
  EK_TRY(pool_over(c->node, x, ksize, strides, c->st, p));
  for (int i = 0; i < 2; i++) ek__window_at(&p->window, i)->out = -1;
  return EK_OK;
}

static ek_code infer_forward(ek_infer_context *c) {
  ek__pool p;
  EK_TRY(infer_pool(c, c->in[0].shape, 1, &p));
  c->out[0].shape = ek__window_shape(&p.window, true, p.channels);
  return EK_OK;
}

/* orig_input, orig_output, grad: the gradient lies over the output, the gradient's gradient over the input. */
static ek_code infer_max_grad(ek_infer_context *c) {
  ek__pool p;
  ek_shape merged;
  EK_TRY(infer_pool(c, c->in[0].shape, 3, &p));
  const ek_shape y = ek__window_shape(&p.window, true, p.channels);
  EK_TRY(ek__infer_merge(c, y, c->in[1].shape, &merged));
  EK_TRY(ek__infer_merge(c, merged, c->in[2].shape, &merged));
  c->out[0].shape = c->in[0].shape;
  return EK_OK;
}

static ek_code infer_max_again(ek_infer_context *c) {
  ek__pool p;
  ek_shape x;
  EK_TRY(ek__infer_merge(c, c->in[0].shape, c->in[2].shape, &x));
  EK_TRY(infer_pool(c, x, 3, &p));
  return ek__infer_merge(c, ek__window_shape(&p.window, true, p.channels), c->in[1].shape, &c->out[0].shape);
}

static ek_code infer_avg_grad(ek_infer_context *c) {
  const int rank = spatial_of(c->node) + 2;
  ek__pool p;
  ek_shape x, merged;
  EK_TRY(ek__infer_shape_from_input(c, 0, &x));
  if (x.rank < 0) {
    x.rank = rank;
    for (int i = 0; i < rank; i++) x.dim[i] = -1;
  }
  EK_TRY(infer_pool(c, x, 0, &p));
  EK_TRY(ek__infer_merge(c, ek__window_shape(&p.window, true, p.channels), c->in[1].shape, &merged));
  c->out[0].shape = x;
  return EK_OK;
}

/* ---- Running */

static ek_code pool_of(ek_run_context *c, ek_shape x, int at, ek__pool *p) {
  int64_t ksize[4], strides[4];
  int n = 0, m = 0;
  if (!is_v2(c->node)) return pool_over(c->node, x, NULL, NULL, c->st, p);
  EK_TRY(ek__run_ints(c, at, 4, ksize, &n));
  EK_TRY(ek__run_ints(c, at + 1, 4, strides, &m));
  EK_RUN_REQUIRE(c, n == 4 && m == 4, "ksize and strides must have 4 elements, not %d and %d", n, m);
  return pool_over(c->node, x, ksize, strides, c->st, p);
}

static ek_code must_equal(ek_run_context *c, int i, ek_shape want) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  EK_RUN_REQUIRE(c, ek_shape_equal(c->in[i]->shape, want), "input %d has shape %s, it must have %s", i,
                 ek_shape_format(c->in[i]->shape, a, sizeof a), ek_shape_format(want, b, sizeof b));
  return EK_OK;
}

static ek_code finish(ek_run_context *c, ek__pool_kind kind, const ek__pool *p, const void *a, const void *b) {
  EK_RUN_REQUIRE(c, ek__pool_run(kind, p, c->threads, a, b, c->out[0]->data), "cannot pool %s",
                 ek_dtype_name(p->dtype));
  return EK_OK;
}

static ek_code run_forward(ek_run_context *c) {
  ek__pool p;
  EK_TRY(pool_of(c, c->in[0]->shape, 1, &p));
  EK_TRY(ek__run_output(c, 0, ek__window_shape(&p.window, true, p.channels)));
  return finish(c, c->node->type[0] == 'M' ? EK__POOL_MAX : EK__POOL_AVG, &p, c->in[0]->data, NULL);
}

static ek_code run_max_grad(ek_run_context *c) {
  ek__pool p;
  EK_TRY(pool_of(c, c->in[0]->shape, 3, &p));
  EK_TRY(must_equal(c, 2, ek__window_shape(&p.window, true, p.channels)));
  EK_TRY(ek__run_output(c, 0, c->in[0]->shape));
  ek__zero(p.dtype, c->out[0]->data, c->out[0]->n);
  return finish(c, EK__POOL_MAX_GRAD, &p, c->in[0]->data, c->in[2]->data);
}

static ek_code run_max_again(ek_run_context *c) {
  ek__pool p;
  EK_TRY(pool_of(c, c->in[0]->shape, 3, &p));
  EK_TRY(must_equal(c, 2, c->in[0]->shape));
  EK_TRY(ek__run_output(c, 0, ek__window_shape(&p.window, true, p.channels)));
  return finish(c, EK__POOL_MAX_AGAIN, &p, c->in[0]->data, c->in[2]->data);
}

static ek_code run_avg_grad(ek_run_context *c) {
  int64_t dims[EK_MAX_RANK];
  int n = 0;
  ek__pool p;
  EK_TRY(ek__run_ints(c, 0, EK_MAX_RANK, dims, &n));
  const ek_shape x = ek_shape_of(dims, n);
  EK_RUN_REQUIRE(c, ek_shape_is_known(x), "orig_input_shape has a negative size");
  EK_TRY(pool_of(c, x, 0, &p));
  EK_TRY(must_equal(c, 1, ek__window_shape(&p.window, true, p.channels)));
  EK_TRY(ek__run_output(c, 0, x));
  ek__zero(p.dtype, c->out[0]->data, c->out[0]->n);
  return finish(c, EK__POOL_AVG_GRAD, &p, c->in[1]->data, NULL);
}

/* ---- The ops */

#define FORMAT2        "data_format: {'NHWC', 'NCHW'} = 'NHWC'"
#define FORMAT3        "data_format: {'NDHWC', 'NCDHW'} = 'NDHWC'"
#define WINDOW         "ksize: list(int); strides: list(int); "
#define PLAIN_PADDING  "padding: {'SAME', 'VALID'}; "
#define GIVEN_PADDING  "padding: {'SAME', 'VALID', 'EXPLICIT'}; "
#define OF_NUMBERS     "T: {" EK_NUMBER_TYPES "} = float; "
#define OF_ANY_NUMBERS "T: {" EK_NUMBER_TYPES "}; "
#define OF_FLOATS      "T: {" EK_FLOAT_TYPES "}; "
#define OF_SHORT       "T: {half, bfloat16, float}; "

#define OP(id_, name_, function_, doc_, in_, attrs_, infer_, run_, grad_)                                              \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = (in_),                                                                          \
                                 .out = "output: T",                                                                   \
                                 .attrs = attrs_,                                                                      \
                                 .function = (function_),                                                              \
                                 .infer = (infer_),                                                                    \
                                 .run = (run_),                                                                        \
                                 .grad = (grad_)}

#define THREE    "orig_input: T, orig_output: T, grad: T"
#define THREE_V2 THREE ", ksize: int32, strides: int32"

OP(max_pool, "MaxPool", "max_pool", "the largest element of each window, channel by channel", "input: T",
   OF_NUMBERS WINDOW GIVEN_PADDING FORMAT2, infer_forward, run_forward, ek__grad_max_pool);
OP(max_pool_v2, "MaxPoolV2", "max_pool_v2", "MaxPool whose window and strides are tensors",
   "input: T, ksize: int32, strides: int32", OF_NUMBERS PLAIN_PADDING FORMAT2, infer_forward, run_forward,
   ek__grad_max_pool);
OP(max_pool3d, "MaxPool3D", "max_pool3d", "MaxPool of volumes", "input: T", OF_SHORT WINDOW PLAIN_PADDING FORMAT3,
   infer_forward, run_forward, ek__grad_max_pool);
OP(max_pool_grad, "MaxPoolGrad", "max_pool_grad", "the gradient of MaxPool: it goes to the first largest element",
   THREE, OF_NUMBERS WINDOW GIVEN_PADDING FORMAT2, infer_max_grad, run_max_grad, ek__grad_max_pool_grad);
OP(max_pool_grad_v2, "MaxPoolGradV2", "max_pool_grad_v2", "the gradient of MaxPoolV2", THREE_V2,
   OF_NUMBERS PLAIN_PADDING FORMAT2, infer_max_grad, run_max_grad, ek__grad_max_pool_grad);
OP(max_pool3d_grad, "MaxPool3DGrad", "max_pool3d_grad", "the gradient of MaxPool3D",
   "orig_input: TInput, orig_output: TInput, grad: T",
   "T: {half, bfloat16, float} = float; TInput: {half, bfloat16, float} = float; " WINDOW PLAIN_PADDING FORMAT3,
   infer_max_grad, run_max_grad, ek__grad_max_pool_grad);
OP(max_pool_grad_grad, "MaxPoolGradGrad", "max_pool_grad_grad",
   "the gradient of MaxPoolGrad: what lies where the input is largest", THREE,
   OF_ANY_NUMBERS WINDOW PLAIN_PADDING FORMAT2, infer_max_again, run_max_again, ek__grad_max_pool_again);
OP(max_pool_grad_grad_v2, "MaxPoolGradGradV2", "max_pool_grad_grad_v2", "the gradient of MaxPoolGradV2", THREE_V2,
   OF_ANY_NUMBERS PLAIN_PADDING FORMAT2, infer_max_again, run_max_again, NULL);
OP(max_pool3d_grad_grad, "MaxPool3DGradGrad", "max_pool3d_grad_grad", "the gradient of MaxPool3DGrad", THREE,
   OF_ANY_NUMBERS WINDOW PLAIN_PADDING FORMAT3, infer_max_again, run_max_again, ek__grad_max_pool_again);
OP(avg_pool, "AvgPool", "avg_pool", "the mean of each window, channel by channel; what is padded does not count",
   "value: T", OF_FLOATS WINDOW PLAIN_PADDING FORMAT2, infer_forward, run_forward, ek__grad_avg_pool);
OP(avg_pool3d, "AvgPool3D", "avg_pool3d", "AvgPool of volumes", "input: T", OF_FLOATS WINDOW PLAIN_PADDING FORMAT3,
   infer_forward, run_forward, ek__grad_avg_pool);
OP(avg_pool_grad, "AvgPoolGrad", "avg_pool_grad", "the gradient of AvgPool", "orig_input_shape: int32, grad: T",
   OF_FLOATS WINDOW PLAIN_PADDING FORMAT2, infer_avg_grad, run_avg_grad, ek__grad_avg_pool_grad);
OP(avg_pool3d_grad, "AvgPool3DGrad", "avg_pool3d_grad", "the gradient of AvgPool3D", "orig_input_shape: int32, grad: T",
   OF_FLOATS WINDOW PLAIN_PADDING FORMAT3, infer_avg_grad, run_avg_grad, ek__grad_avg_pool_grad);
