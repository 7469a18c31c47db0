/* SPDX-License-Identifier: Apache-2.0 */
/* Conv2D, DepthwiseConv2dNative and Conv3D, each with its gradients to the input and to the filter. float32 goes to
 * oneDNN where it can do it, all else to plain loops. Both data formats work everywhere, as do dilations;
 * TensorFlow 1.15's CPU kernels refuse NCHW, and dilations in gradients. */
#include "ops/conv.h"
#include "ops/conv_grad.h"
#include "ops/index.h"
#include "ops/number.h"
#include "ops/onednn.h"

#include <string.h>

/* What the op's type says: which of the three it is, and of how many dimensions. */
static ek__conv_kind kind_of(const ek__node *node) {
  if (strstr(node->type, "BackpropInput") != NULL) return EK__CONV_INPUT;
  return strstr(node->type, "BackpropFilter") != NULL ? EK__CONV_FILTER : EK__CONV_FORWARD;
}
static bool is_depthwise(const ek__node *node) { return node->type[0] == 'D'; }
static int spatial_of(const ek__node *node) { return strncmp(node->type, "Conv3D", 6) == 0 ? 3 : 2; }

/* ---- Shapes */

static ek_code infer_forward(ek_infer_context *c) {
  ek__conv p;
  EK_TRY(ek__conv_init(c->node, spatial_of(c->node), is_depthwise(c->node), c->in[0].shape, c->in[1].shape, c->st, &p));
  c->out[0].shape = ek__window_shape(&p.window, true, p.out_channels);
  return EK_OK;
}

/* What out_backprop has to look like, as far as that is known. */
static ek_code infer_backprop(ek_infer_context *c, ek_shape x, ek_shape filter) {
  ek__conv p;
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  EK_TRY(ek__conv_init(c->node, spatial_of(c->node), is_depthwise(c->node), x, filter, c->st, &p));
  const ek_shape y = ek__window_shape(&p.window, true, p.out_channels);
  EK_INFER_REQUIRE(c, ek_shape_compatible(y, c->in[2].shape), "out_backprop has shape %s, but the convolution gives %s",
                   ek_shape_format(c->in[2].shape, a, sizeof a), ek_shape_format(y, b, sizeof b));
  return EK_OK;
}

static ek_shape all_unknown(int rank) {
  ek_shape s = {.rank = rank};
  for (int i = 0; i < rank; i++) s.dim[i] = -1;
  return s;
}

static ek_code infer_input(ek_infer_context *c) {
  const int rank = spatial_of(c->node) + 2;
  const ek_shape dy = c->in[2].shape, filter = c->in[1].shape;
  ek_shape x;
  EK_TRY(ek__infer_shape_from_input(c, 0, &x));
  if (x.rank < 0) x = all_unknown(rank);
  if (rank == 4 && x.rank == 2) { /* height and width only */
    const bool first = ek__attr_string(c->node, "data_format")[1] == 'C';
    ek_shape whole = all_unknown(rank);
    memcpy(&whole.dim[first ? 2 : 1], x.dim, 2 * sizeof x.dim[0]);
    if (filter.rank == rank) whole.dim[first ? 1 : 3] = filter.dim[2];
    x = whole;
  }
  EK_INFER_REQUIRE(c, x.rank == rank, "input_sizes must contain %s%d values, but got: %d", rank == 4 ? "2 or " : "",
                   rank, x.rank);
  EK_INFER_REQUIRE(c, dy.rank < 0 || dy.rank == rank, "out_backprop must be %d-dimensional, not of rank %d", rank,
                   dy.rank);
  if (x.dim[0] < 0 && dy.rank == rank) x.dim[0] = dy.dim[0];
  EK_TRY(infer_backprop(c, x, filter));
  c->out[0].shape = x;
  return EK_OK;
}

static ek_code infer_filter(ek_infer_context *c) {
  const int rank = spatial_of(c->node) + 2;
  ek_shape filter;
  EK_TRY(ek__infer_shape_from_input(c, 1, &filter));
  if (filter.rank < 0) filter = all_unknown(rank);
  EK_INFER_REQUIRE(c, filter.rank == rank, "filter_sizes must contain %d values, but got: %d", rank, filter.rank);
  EK_TRY(infer_backprop(c, c->in[0].shape, filter));
  c->out[0].shape = filter;
  return EK_OK;
}

/* ---- Running */

/* The two inputs that are data, in the order of ek__conv_kind. */
static void operands(ek__conv_kind kind, int i[2]) {
  i[0] = kind == EK__CONV_INPUT;
  i[1] = kind == EK__CONV_FORWARD ? 1 : 2;
}

static bool for_onednn(const ek__conv *p) { return p->dtype == EK_FLOAT32 && ek__conv_work(p) > 0.0; }

static ek_code prepare(ek_prepare_context *c) {
  const ek__conv_kind kind = kind_of(c->node);
  const ek_shape x = kind == EK__CONV_INPUT ? c->out[0]->shape : c->in[0]->shape;
  const ek_shape filter = kind == EK__CONV_FILTER ? c->out[0]->shape : c->in[1]->shape;
  ek_status ignored = EK_STATUS_INIT;
  ek__onednn_conv *made = NULL;
  ek__conv p;
  if (!ek_shape_is_known(x) || !ek_shape_is_known(filter) ||
      ek__conv_init(c->node, spatial_of(c->node), is_depthwise(c->node), x, filter, &ignored, &p) != EK_OK ||
      !for_onednn(&p))
    return EK_OK; /* run says what is wrong */
  const ek_code rc = ek__onednn_conv_new(kind, &p, c->threads, c->allocator, &made, &c->scratch_bytes, &ignored);
  if (rc == EK_RESOURCE_EXHAUSTED) return ek_status_set(c->st, rc, "%s", ignored.msg);
  c->state = made; /* NULL: plain loops */
  return EK_OK;
}

static void release(void *state) { ek__onednn_conv_free(state); }

/* A shape that was not known while planning: primitives for this run only. */
static ek_code run_once(ek_run_context *c, ek__conv_kind kind, const ek__conv *p, const void *a, const void *b,
                        bool *done) {
  ek__onednn_conv *made = NULL;
  ek_status ignored = EK_STATUS_INIT;
  size_t bytes = 0;
  *done = false;
  if (ek__onednn_conv_new(kind, p, c->threads, c->allocator, &made, &bytes, &ignored) != EK_OK) return EK_OK;
  void *scratch = ek__alloc(c->allocator, bytes);
  ek_code rc = scratch != NULL ? EK_OK : ek__no_memory(c->st, c->node->name, bytes);
  if (rc == EK_OK) rc = ek__onednn_conv_run(made, c->threads, a, b, c->out[0]->data, scratch, c->st);
  ek__free(c->allocator, scratch, bytes);
  ek__onednn_conv_free(made);
  *done = true;
  return rc;
}

static ek_code compute(ek_run_context *c, ek__conv_kind kind, const ek__conv *p) {
  int i[2];
  bool done = false;
  operands(kind, i);
  const void *a = c->in[i[0]]->data, *b = c->in[i[1]]->data;
  if (c->out[0]->n == 0) return EK_OK;
  if (c->state != NULL) return ek__onednn_conv_run(c->state, c->threads, a, b, c->out[0]->data, c->scratch, c->st);
  if (for_onednn(p)) EK_TRY(run_once(c, kind, p, a, b, &done));
  if (!done && !ek__conv_plain(kind, p, c->threads, a, b, c->out[0]->data))
    return ek__run_fail(c, EK_UNIMPLEMENTED, "cannot convolve %s", ek_dtype_name(p->dtype));
  return EK_OK;
}

static ek_code run_forward(ek_run_context *c) {
  ek__conv p;
  EK_TRY(
      ek__conv_init(c->node, spatial_of(c->node), is_depthwise(c->node), c->in[0]->shape, c->in[1]->shape, c->st, &p));
  EK_TRY(ek__run_output(c, 0, ek__window_shape(&p.window, true, p.out_channels)));
  return compute(c, EK__CONV_FORWARD, &p);
}

/* A shape that input i spells. */
static ek_code spelled(ek_run_context *c, int i, ek_shape *s) {
  int64_t dims[EK_MAX_RANK];
  int n = 0;
  EK_TRY(ek__run_ints(c, i, EK_MAX_RANK, dims, &n));
  for (int k = 0; k < n; k++) EK_RUN_REQUIRE(c, dims[k] >= 0, "input %d: a size is negative", i);
  *s = ek_shape_of(dims, n);
  return EK_OK;
}

static ek_code run_backprop(ek_run_context *c, ek__conv_kind kind, ek_shape x, ek_shape filter, ek_shape out) {
  ek__conv p;
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  EK_TRY(ek__conv_init(c->node, spatial_of(c->node), is_depthwise(c->node), x, filter, c->st, &p));
  const ek_shape y = ek__window_shape(&p.window, true, p.out_channels);
  EK_RUN_REQUIRE(c, ek_shape_equal(y, c->in[2]->shape), "out_backprop has shape %s, but the convolution gives %s",
                 ek_shape_format(c->in[2]->shape, a, sizeof a), ek_shape_format(y, b, sizeof b));
  EK_TRY(ek__run_output(c, 0, out));
  if (ek__conv_work(&p) > 0.0) return compute(c, kind, &p);
  ek__zero(p.dtype, c->out[0]->data, c->out[0]->n);
  return EK_OK;
}

static ek_code run_input(ek_run_context *c) {
  const int rank = spatial_of(c->node) + 2;
  const ek_shape filter = c->in[1]->shape, dy = c->in[2]->shape;
  ek_shape x;
  EK_TRY(spelled(c, 0, &x));
  EK_RUN_REQUIRE(c, filter.rank == rank && dy.rank == rank, "filter and out_backprop must be %d-dimensional", rank);
  if (rank == 4 && x.rank == 2)
    x = ek__attr_string(c->node, "data_format")[1] == 'C' ? ek_shape(dy.dim[0], filter.dim[2], x.dim[0], x.dim[1])
                                                          : ek_shape(dy.dim[0], x.dim[0], x.dim[1], filter.dim[2]);
  EK_RUN_REQUIRE(c, x.rank == rank, "input_sizes must contain %d values, but got: %d", rank, x.rank);
  return run_backprop(c, EK__CONV_INPUT, x, filter, x);
}

static ek_code run_filter(ek_run_context *c) {
  const int rank = spatial_of(c->node) + 2;
  ek_shape filter;
  EK_TRY(spelled(c, 1, &filter));
  EK_RUN_REQUIRE(c, filter.rank == rank, "filter_sizes must contain %d values, but got: %d", rank, filter.rank);
  return run_backprop(c, EK__CONV_FILTER, c->in[0]->shape, filter, filter);
}

/* ---- The ops */

#define PADDING2   "padding: {'SAME', 'VALID', 'EXPLICIT'}"
#define DILATIONS2 "data_format: {'NHWC', 'NCHW'} = 'NHWC'; dilations: list(int) = [1, 1, 1, 1]"
#define CONV2D(types_)                                                                                                 \
  "T: {" types_ "}; strides: list(int); use_cudnn_on_gpu: bool = true; " PADDING2                                      \
  "; explicit_paddings: list(int) = []; " DILATIONS2
#define DEPTHWISE "T: {" EK_FLOAT_TYPES "}; strides: list(int); " PADDING2 "; " DILATIONS2
#define CONV3D(more_)                                                                                                  \
  "T: {" EK_FLOAT_TYPES "}; strides: list(int); padding: {'SAME', 'VALID'}; data_format: {'NDHWC', 'NCDHW'} = "        \
  "'NDHWC'; dilations: list(int) = [1, 1, 1, 1, 1]" more_

#define OP(id_, name_, function_, doc_, in_, attrs_, what_)                                                            \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = (in_),                                                                          \
                                 .out = "output: T",                                                                   \
                                 .attrs = attrs_,                                                                      \
                                 .function = (function_),                                                              \
                                 .infer = infer_##what_,                                                               \
                                 .prepare = prepare,                                                                   \
                                 .release = release,                                                                   \
                                 .run = run_##what_,                                                                   \
                                 .grad = ek__grad_conv_##what_}

#define IN_FORWARD "input: T, filter: T"
#define IN_INPUT   "input_sizes: int32, filter: T, out_backprop: T"
#define IN_FILTER  "input: T, filter_sizes: int32, out_backprop: T"

OP(conv2d, "Conv2D", "conv2d", "a convolution of images with a filter [height, width, in, out]", IN_FORWARD,
   CONV2D(EK_FLOAT_TYPES ", int32"), forward);
OP(conv2d_backprop_input, "Conv2DBackpropInput", "conv2d_backprop_input",
   "the gradient of Conv2D to its input; a transposed convolution", IN_INPUT, CONV2D(EK_FLOAT_TYPES ", int32"), input);
OP(conv2d_backprop_filter, "Conv2DBackpropFilter", "conv2d_backprop_filter", "the gradient of Conv2D to its filter",
   IN_FILTER, CONV2D(EK_FLOAT_TYPES), filter);
OP(depthwise_conv2d_native, "DepthwiseConv2dNative", "depthwise_conv2d_native",
   "a convolution of each channel by itself with a filter [height, width, channels, multiplier]", IN_FORWARD, DEPTHWISE,
   forward);
OP(depthwise_conv2d_native_backprop_input, "DepthwiseConv2dNativeBackpropInput",
   "depthwise_conv2d_native_backprop_input", "the gradient of DepthwiseConv2dNative to its input", IN_INPUT, DEPTHWISE,
   input);
OP(depthwise_conv2d_native_backprop_filter, "DepthwiseConv2dNativeBackpropFilter",
   "depthwise_conv2d_native_backprop_filter", "the gradient of DepthwiseConv2dNative to its filter", IN_FILTER,
   DEPTHWISE, filter);
OP(conv3d, "Conv3D", "conv3d", "a convolution of volumes with a filter [depth, height, width, in, out]", IN_FORWARD,
   CONV3D(""), forward);
OP(conv3d_backprop_input_v2, "Conv3DBackpropInputV2", "conv3d_backprop_input_v2",
   "the gradient of Conv3D to its input; a transposed convolution", "input_sizes: Tshape, filter: T, out_backprop: T",
   CONV3D("; Tshape: {int32, int64} = int32"), input);
OP(conv3d_backprop_filter_v2, "Conv3DBackpropFilterV2", "conv3d_backprop_filter_v2",
   "the gradient of Conv3D to its filter", IN_FILTER, CONV3D(""), filter);
