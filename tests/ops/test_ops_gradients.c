/* SPDX-License-Identifier: Apache-2.0 */
/* The gradient of every differentiable op against central differences, in float64 where the op has it: once with shapes
 * known while building and once without. An op whose inputs are all of one shape, axes or conditions needs no line
 * here: its range is in the registry (check_lo, check_hi). The others have a recipe below, or a word why not. */
#include "ops/gradients.h"

/* ---- what follows from the signature */

static ek_op by_signature(maker *m, ek_shape second) {
  const ek__signature *s = ek__graph_signature(m->g, m->def->name);
  ek_out in[8];
  int n = 0;
  for (int i = 0; i < s->n_in; i++) {
    const ek__arg *arg = &s->in[i];
    const int repeat = arg->number_attr != NULL ? 2 : 1;
    for (int k = 0; k < repeat; k++) {
      if (arg->dtype == EK_BOOL)
        in[n++] = constant(m, BOOLS(ek_shape(SIDE, SIDE), 1, 0, 1, 0, 0, 1, 1, 1, 0));
      else if (arg->type_attr != NULL && strcmp(arg->type_attr, "T") == 0)
        in[n++] = x(m, i == 1 ? second : ek_shape(SIDE, SIDE));
      else
        in[n++] = ek_integer(m->g, 1); /* an axis */
    }
  }
  return made(m, (ek_outs){in, n}, EK_NO_ATTRS);
}
static ek_op plain(maker *m) { return by_signature(m, ek_shape(SIDE, SIDE)); }
static ek_op broadcast_row(maker *m) { return by_signature(m, ek_shape(SIDE)); }
static ek_op broadcast_column(maker *m) { return by_signature(m, ek_shape(SIDE, 1)); }

/* ---- recipes */

static ek_op accumulate(maker *m) {
  return made(m, EK_OUTS(square(m), square(m)), EK_ATTRS(EK_SHAPE_ATTR("shape", ek_shape(SIDE, SIDE))));
}
static ek_op bias_add(maker *m) { return made(m, EK_OUTS(square(m), x(m, ek_shape(SIDE))), EK_NO_ATTRS); }
static ek_op bias_add_nchw(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, SIDE, 2, 1)), x(m, ek_shape(SIDE))),
              EK_ATTRS(EK_STRING_ATTR("data_format", "NCHW")));
}
static ek_op bias_add_grad_nchw(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, SIDE, 2, 1))), EK_ATTRS(EK_STRING_ATTR("data_format", "NCHW")));
}
static ek_op broadcast_to(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(1, 3)), ek_ints(m->g, 2, 2, 3)), EK_NO_ATTRS);
}
static ek_op cast(maker *m) {
  return made(m, EK_OUTS(x_of(m, EK_FLOAT32, ek_shape(4))), EK_ATTRS(EK_TYPE_ATTR("DstT", EK_FLOAT64)));
}
static ek_op check_numerics(maker *m) {
  return made(m, EK_OUTS(square(m)), EK_ATTRS(EK_STRING_ATTR("message", "here")));
}
static ek_op concat(maker *m) {
  return made(m, EK_OUTS(ek_integer(m->g, 1), square(m), x(m, ek_shape(SIDE, 1))), EK_NO_ATTRS);
}
static ek_op concat_v2(maker *m) {
  return made(m, EK_OUTS(square(m), x(m, ek_shape(1, SIDE)), ek_integer(m->g, -2)), EK_NO_ATTRS);
}
static ek_op cumulative(maker *m) {
  return made(m, EK_OUTS(square(m), ek_integer(m->g, 0)),
              EK_ATTRS(EK_BOOL_ATTR("exclusive", true), EK_BOOL_ATTR("reverse", true)));
}
/* A convolution op of any kind over x [1, 3, 4, in], filter [2, 2, in, out] and, of a gradient, out_backprop. */
static ek_op convolution(maker *m, bool nchw, const char *padding, int64_t stride, int64_t dilation) {
  const bool depthwise = m->def->name[0] == 'D', input = strstr(m->def->name, "Input") != NULL,
             filter = strstr(m->def->name, "Filter") != NULL, same = strcmp(padding, "SAME") == 0;
  const int64_t last[2][4] = {{1, stride, stride, 1}, {1, dilation, dilation, 1}},
                first[2][4] = {{1, 1, stride, stride}, {1, 1, dilation, dilation}};
  const int64_t h = same ? (3 + stride - 1) / stride : (3 - dilation + stride - 1) / stride,
                w = same ? (4 + stride - 1) / stride : (4 - dilation + stride - 1) / stride;
  const int64_t out = depthwise ? 4 : 3;
  const ek_shape of_x = nchw ? ek_shape(1, 2, 3, 4) : ek_shape(1, 3, 4, 2),
                 of_filter = ek_shape(2, 2, 2, depthwise ? 2 : 3);
  const ek_shape of_y = nchw ? ek_shape(1, out, h, w) : ek_shape(1, h, w, out);
  ek_out in[3];
  int n = 0;
  if (input)
    in[n++] = nchw ? INTS(m, ek_shape(4), 1, 2, 3, 4) : INTS(m, ek_shape(4), 1, 3, 4, 2);
  else
    in[n++] = x(m, of_x);
  if (filter) in[n++] = INTS(m, ek_shape(4), 2, 2, 2, depthwise ? 2 : 3);
  if (!filter) in[n++] = x(m, of_filter);
  if (input || filter) in[n++] = x(m, of_y);
  return made(m, (ek_outs){in, n},
              EK_ATTRS(EK_INTS_ATTR("strides", nchw ? first[0] : last[0], 4),
                       EK_INTS_ATTR("dilations", nchw ? first[1] : last[1], 4), EK_STRING_ATTR("padding", padding),
                       EK_STRING_ATTR("data_format", nchw ? "NCHW" : "NHWC")));
}
static ek_op conv_same(maker *m) { return convolution(m, false, "SAME", 2, 1); }
static ek_op conv_valid(maker *m) { return convolution(m, false, "VALID", 1, 2); }
static ek_op conv_nchw(maker *m) { return convolution(m, true, "SAME", 1, 1); }

static ek_op conv3d(maker *m) {
  const int64_t strides[] = {1, 1, 2, 1, 1};
  return made(m, EK_OUTS(x(m, ek_shape(1, 2, 3, 3, 2)), x(m, ek_shape(2, 1, 2, 2, 2))),
              EK_ATTRS(EK_INTS_ATTR("strides", strides, 5), EK_STRING_ATTR("padding", "SAME")));
}
static ek_op conv3d_input(maker *m) {
  const int64_t strides[] = {1, 1, 2, 1, 1};
  return made(
      m, EK_OUTS(INTS(m, ek_shape(5), 1, 2, 3, 3, 2), x(m, ek_shape(2, 1, 2, 2, 2)), x(m, ek_shape(1, 2, 2, 3, 2))),
      EK_ATTRS(EK_INTS_ATTR("strides", strides, 5), EK_STRING_ATTR("padding", "SAME")));
}
static ek_op conv3d_filter(maker *m) {
  const int64_t strides[] = {1, 1, 2, 1, 1};
  return made(
      m, EK_OUTS(x(m, ek_shape(1, 2, 3, 3, 2)), INTS(m, ek_shape(5), 2, 1, 2, 2, 2), x(m, ek_shape(1, 2, 2, 3, 2))),
      EK_ATTRS(EK_INTS_ATTR("strides", strides, 5), EK_STRING_ATTR("padding", "SAME")));
}
static ek_op dynamic_stitch(maker *m) {
  return made(
      m, EK_OUTS(INTS(m, ek_shape(2), 3, 0), INTS(m, ek_shape(2), 1, 2), x(m, ek_shape(2, 3)), x(m, ek_shape(2, 3))),
      EK_NO_ATTRS);
}
static ek_op ensure_shape(maker *m) {
  return made(m, EK_OUTS(square(m)), EK_ATTRS(EK_SHAPE_ATTR("shape", ek_shape(-1, SIDE))));
}
static ek_op fill(maker *m) { return made(m, EK_OUTS(ek_ints(m->g, 2, 3), x(m, ek_shape_scalar())), EK_NO_ATTRS); }
static ek_op one_in(maker *m) { return made(m, EK_OUTS(square(m)), EK_NO_ATTRS); }
static ek_op two_in(maker *m) { return made(m, EK_OUTS(square(m), square(m)), EK_NO_ATTRS); }
static ek_op with_one(maker *m) { return made(m, EK_OUTS(square(m), ek_integer(m->g, 1)), EK_NO_ATTRS); }

static ek_op batch_norm(maker *m, bool training, const char *format) {
  const ek_shape c = ek_shape(2), none = ek_shape(0);
  const bool first = strcmp(format, "NCHW") == 0;
  const ek_out in = x(m, first ? ek_shape(2, 2, 3, 1) : ek_shape(2, 3, 1, 2)), scale = x(m, c), offset = x(m, c);
  const ek_out mean = constant(m, training ? EMPTY(EK_FLOAT32, none) : NUMBERS(EK_FLOAT32, c, 0.5, 1)),
               variance = constant(m, training ? EMPTY(EK_FLOAT32, none) : NUMBERS(EK_FLOAT32, c, 2, 0.5));
  return made(m, EK_OUTS(in, scale, offset, mean, variance),
              EK_ATTRS(EK_BOOL_ATTR("is_training", training), EK_STRING_ATTR("data_format", format),
                       EK_FLOAT_ATTR("epsilon", 0.1)));
}
static ek_op batch_norm_trains(maker *m) { return batch_norm(m, true, "NHWC"); }
static ek_op batch_norm_infers(maker *m) { return batch_norm(m, false, "NHWC"); }
static ek_op batch_norm_trains_nchw(maker *m) { return batch_norm(m, true, "NCHW"); }

static ek_op with_global_normalization(maker *m, bool scale) {
  const ek_shape c = ek_shape(2);
  ek_out in[5] = {x(m, ek_shape(2, 3, 1, 2))};
  for (int i = 1; i < 5; i++) in[i] = x(m, c);
  return made(m, (ek_outs){in, 5},
              EK_ATTRS(EK_FLOAT_ATTR("variance_epsilon", 0.1), EK_BOOL_ATTR("scale_after_normalization", scale)));
}
static ek_op global_scaled(maker *m) { return with_global_normalization(m, true); }
static ek_op global_unscaled(maker *m) { return with_global_normalization(m, false); }

/* Some of the five gradients in a row. */
static ek_op global_grad(maker *m, bool scale, int first, int last) {
  const ek_shape full = ek_shape(2, 3, 1, 2), c = ek_shape(2);
  const ek_out inputs[] = {x(m, full), x(m, c), x(m, c), x(m, c), x(m, full)};
  const ek_op op =
      made(m, (ek_outs){inputs, 5},
           EK_ATTRS(EK_FLOAT_ATTR("variance_epsilon", 0.1), EK_BOOL_ATTR("scale_after_normalization", scale)));
  ek_out parts[6];
  int n = 0;
  for (int i = first; i <= last; i++) parts[n++] = ek_reshape(m->g, ek_op_output(op, i), ek_ints(m->g, -1));
  parts[n] = ek_integer(m->g, 0);
  return ek_build(m->g, "ConcatV2", (ek_outs){parts, n + 1}, EK_ATTRS(EK_INT_ATTR("N", n)));
}
static ek_op global_grad_scaled(maker *m) { return global_grad(m, true, 0, 4); }
static ek_op global_grad_unscaled(maker *m) { return global_grad(m, false, 0, 4); }
static ek_op global_grad_of_moments(maker *m) { return global_grad(m, true, 1, 2); }

static ek_op fused_ex(maker *m, bool relu, bool side) {
  const ek_shape s = ek_shape(2, 3, 1, 2), c = ek_shape(2), none = ek_shape(0);
  const ek_out empty = constant(m, EMPTY(EK_FLOAT32, none));
  const ek_out inputs[] = {x(m, s), x(m, c), x(m, c), empty, empty, x(m, s)};
  return made(m, (ek_outs){inputs, side ? 6 : 5},
              EK_ATTRS(EK_INT_ATTR("num_side_inputs", side), EK_FLOAT_ATTR("epsilon", 0.1),
                       EK_STRING_ATTR("activation_mode", relu ? "Relu" : "Identity")));
}
static ek_op fused_ex_plain(maker *m) { return fused_ex(m, false, false); }
static ek_op fused_ex_side(maker *m) { return fused_ex(m, false, true); }
static ek_op fused_ex_relu(maker *m) { return fused_ex(m, true, true); }

/* The op's three gradients in a row. It is given the statistics of x, as a training step gives them. */
static ek_op batch_norm_grad(maker *m, bool training, const char *format) {
  const ek_shape c = ek_shape(2), none = ek_shape(0);
  const ek_shape s = format[1] == 'C' ? ek_shape(2, 2, 3, 1) : ek_shape(2, 3, 1, 2);
  const ek_out dy = x(m, s), in = x(m, s), scale = x(m, c);
  ek_out mean = constant(m, NUMBERS(EK_FLOAT32, c, 0.5, 1)), variance = constant(m, NUMBERS(EK_FLOAT32, c, 2, 0.5));
  if (training) {
    const ek_out empty = constant(m, EMPTY(EK_FLOAT32, none));
    const ek_op forward = ek_build(m->g, "FusedBatchNorm", EK_OUTS(in, scale, scale, empty, empty),
                                   EK_ATTRS(EK_STRING_ATTR("data_format", format)));
    mean = ek_op_output(forward, 3);
    variance = ek_op_output(forward, 4);
  }
  const bool third = strcmp(m->def->name, "FusedBatchNormGradV3") == 0;
  const ek_out inputs[] = {dy, in, scale, mean, variance, scale};
  const ek_op op = made(m, (ek_outs){inputs, third ? 6 : 5},
                        EK_ATTRS(EK_BOOL_ATTR("is_training", training), EK_STRING_ATTR("data_format", format),
                                 EK_FLOAT_ATTR("epsilon", 0.1)));
  const ek_out dx = ek_reshape(m->g, ek_op_output(op, 0), ek_ints(m->g, -1));
  return ek_build(m->g, "ConcatV2", EK_OUTS(dx, ek_op_output(op, 1), ek_op_output(op, 2), ek_integer(m->g, 0)),
                  EK_ATTRS(EK_INT_ATTR("N", 3)));
}
static ek_op batch_norm_grad_trains(maker *m) { return batch_norm_grad(m, true, "NHWC"); }
static ek_op batch_norm_grad_infers(maker *m) { return batch_norm_grad(m, false, "NHWC"); }
static ek_op batch_norm_grad_trains_nchw(maker *m) { return batch_norm_grad(m, true, "NCHW"); }
static ek_op batch_norm_grad_infers_nchw(maker *m) { return batch_norm_grad(m, false, "NCHW"); }

static ek_op gather(maker *m) { return made(m, EK_OUTS(x(m, ek_shape(4, 2)), ek_ints(m->g, 2, 0, 2)), EK_NO_ATTRS); }
static ek_op gather_rows(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(4, 2)), ek_ints(m->g, 3, 0, 3), ek_integer(m->g, 0)), EK_NO_ATTRS);
}
static ek_op gather_columns(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 4, 3)), ek_ints(m->g, 3, 0, 3), ek_integer(m->g, -2)), EK_NO_ATTRS);
}
static ek_op gather_in_batches(maker *m) {
  const ek_out places = INTS(m, ek_shape(2, 3), 3, 0, 3, 1, 1, 2);
  return made(m, EK_OUTS(x(m, ek_shape(2, 2, 4, 2)), places, ek_integer(m->g, 2)),
              EK_ATTRS(EK_INT_ATTR("batch_dims", 1)));
}
static ek_op gather_in_two_batches(maker *m) {
  const ek_out places = INTS(m, ek_shape(2, 2, 1), 3, 0, 3, 1);
  return made(m, EK_OUTS(x(m, ek_shape(2, 2, 4)), places, ek_integer(m->g, 2)), EK_ATTRS(EK_INT_ATTR("batch_dims", 2)));
}
static ek_op matmul(maker *m, bool a, bool b) {
  const ek_out left = x(m, a ? ek_shape(4, 2) : ek_shape(2, 4)), right = x(m, b ? ek_shape(3, 4) : ek_shape(4, 3));
  return made(m, EK_OUTS(left, right), EK_ATTRS(EK_BOOL_ATTR("transpose_a", a), EK_BOOL_ATTR("transpose_b", b)));
}
static ek_op matmul_nn(maker *m) { return matmul(m, false, false); }
static ek_op matmul_nt(maker *m) { return matmul(m, false, true); }
static ek_op matmul_tn(maker *m) { return matmul(m, true, false); }
static ek_op matmul_tt(maker *m) { return matmul(m, true, true); }

static ek_op in_a_cond(maker *m, bool pred) {
  const ek_out a = square(m), b = square(m);
  ek_cond_block c;
  EK_COND(m->g, ek_constant_bool(m->g, pred), c) {
    EK_THEN(c) { ek_cond_yield(&c, ek_multiply(m->g, a, b)); }
    EK_ELSE(c) { ek_cond_yield(&c, ek_subtract(m->g, a, b)); }
  }
  return ek_out_op(ek_cond_result(&c, 0));
}
static ek_op cond_true(maker *m) { return in_a_cond(m, true); }
static ek_op cond_false(maker *m) { return in_a_cond(m, false); }

static ek_op pack(maker *m) { return made(m, EK_OUTS(square(m), square(m)), EK_ATTRS(EK_INT_ATTR("axis", 1))); }
static ek_op pad(maker *m) { return made(m, EK_OUTS(square(m), INTS(m, ek_shape(2, 2), 1, 0, 0, 2)), EK_NO_ATTRS); }
static ek_op pad_v2(maker *m) {
  return made(m, EK_OUTS(square(m), INTS(m, ek_shape(2, 2), 1, 0, 0, 2), ek_number(m->g, 5)), EK_NO_ATTRS);
}
static ek_op with_default(maker *m) {
  return made(m, EK_OUTS(square(m)), EK_ATTRS(EK_SHAPE_ATTR("shape", ek_shape(-1, SIDE))));
}
/* A pooling op of any kind over x [1, 3, 4, 2] with windows of 2 x 2. */
static ek_op pooling(maker *m, const char *padding, int64_t stride, bool nchw) {
  const bool max = m->def->name[0] == 'M', grad = strstr(m->def->name, "Grad") != NULL,
             again = strstr(m->def->name, "GradGrad") != NULL, v2 = strstr(m->def->name, "V2") != NULL,
             volume = strstr(m->def->name, "3D") != NULL, same = padding[0] == 'S';
  const int64_t h = same ? (3 + stride - 1) / stride : 1 + 1 / stride,
                w = same ? (4 + stride - 1) / stride : 1 + 2 / stride;
  const int64_t ksize[3][5] = {{1, 2, 2, 1}, {1, 1, 2, 2}, {1, 1, 2, 2, 1}},
                strides[3][5] = {{1, stride, stride, 1}, {1, 1, stride, stride}, {1, 1, stride, stride, 1}};
  const int form = volume ? 2 : nchw, rank = volume ? 5 : 4;
  const ek_shape of_x = volume ? ek_shape(1, 1, 3, 4, 2)
                        : nchw ? ek_shape(1, 2, 3, 4)
                               : ek_shape(1, 3, 4, 2),
                 of_y = volume ? ek_shape(1, 1, h, w, 2)
                        : nchw ? ek_shape(1, 2, h, w)
                               : ek_shape(1, h, w, 2);
  ek_out in[5];
  int n = 0;
  if (max && grad) { /* what is looked at is no variable: the gradient to it is 0 by decree */
    double values[24];
    for (int i = 0; i < 24; i++) values[i] = (i * 7) % 24;
    in[n++] = constant(m, op_numbers(m->dtype, of_x, values));
    in[n++] = constant(m, op_numbers(m->dtype, of_y, values));
    in[n++] = x(m, again ? of_x : of_y);
  } else if (grad) {
    in[n++] = volume ? INTS(m, ek_shape(5), 1, 1, 3, 4, 2)
              : nchw ? INTS(m, ek_shape(4), 1, 2, 3, 4)
                     : INTS(m, ek_shape(4), 1, 3, 4, 2);
    in[n++] = x(m, of_y);
  } else {
    in[n++] = x(m, of_x);
  }
  if (v2) {
    const double step = (double)stride;
    in[n++] = nchw ? INTS(m, ek_shape(4), 1, 1, 2, 2) : INTS(m, ek_shape(4), 1, 2, 2, 1);
    in[n++] = nchw ? INTS(m, ek_shape(4), 1, 1, step, step) : INTS(m, ek_shape(4), 1, step, step, 1);
  }
  ek_attr attrs[4] = {EK_STRING_ATTR("padding", padding),
                      EK_STRING_ATTR("data_format", volume ? "NDHWC"
                                                    : nchw ? "NCHW"
                                                           : "NHWC"),
                      EK_INTS_ATTR("ksize", ksize[form], rank), EK_INTS_ATTR("strides", strides[form], rank)};
  return made(m, (ek_outs){in, n}, attrs, v2 ? 2 : 4);
}
static ek_op pool_argmax(maker *m) {
  static const int64_t two[] = {1, 2, 2, 1};
  return made(
      m, EK_OUTS(x(m, ek_shape(1, 3, 4, 2))),
      EK_ATTRS(EK_STRING_ATTR("padding", "SAME"), EK_INTS_ATTR("ksize", two, 4), EK_INTS_ATTR("strides", two, 4)));
}
static ek_op pool_same(maker *m) { return pooling(m, "SAME", 2, false); }
static ek_op pool_valid(maker *m) { return pooling(m, "VALID", 1, false); }
static ek_op pool_nchw(maker *m) { return pooling(m, "SAME", 1, true); }
static ek_op mirror_pad(maker *m, const char *mode, ek_shape s) {
  return made(m, EK_OUTS(x(m, s), INTS(m, ek_shape(2, 2), 1, 2, 0, 1)), EK_ATTRS(EK_STRING_ATTR("mode", mode)));
}
static ek_op mirror_reflect(maker *m) { return mirror_pad(m, "REFLECT", ek_shape(SIDE, 2)); }
static ek_op mirror_symmetric(maker *m) { return mirror_pad(m, "SYMMETRIC", ek_shape(SIDE, 1)); }
static ek_op mirror_reflect_grad(maker *m) { return mirror_pad(m, "REFLECT", ek_shape(SIDE + 3, 3)); }
static ek_op mirror_symmetric_grad(maker *m) { return mirror_pad(m, "SYMMETRIC", ek_shape(SIDE + 3, 2)); }

static ek_op lrn(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(1, 2, 1, 5))),
              EK_ATTRS(EK_INT_ATTR("depth_radius", 1), EK_FLOAT_ATTR("alpha", 0.5), EK_FLOAT_ATTR("bias", 2)));
}

static ek_op resize(maker *m, bool align_corners, bool half_pixels) {
  return made(m, EK_OUTS(x(m, ek_shape(1, 3, 2, 2)), ek_ints(m->g, 5, 1)),
              EK_ATTRS(EK_BOOL_ATTR("align_corners", align_corners), EK_BOOL_ATTR("half_pixel_centers", half_pixels)));
}
static ek_op resize_plain(maker *m) { return resize(m, false, false); }
static ek_op resize_corners(maker *m) { return resize(m, true, false); }
static ek_op resize_half(maker *m) { return resize(m, false, true); }

static ek_op space_nd(maker *m) {
  const bool back = m->def->name[0] == 'B';
  return made(m,
              EK_OUTS(x(m, back ? ek_shape(6, 2, 1, 2) : ek_shape(1, 3, 2, 2)), ek_ints(m->g, 2, 3),
                      INTS(m, ek_shape(2, 2), 1, 0, 0, 1)),
              EK_NO_ATTRS);
}
static ek_op space_old(maker *m) {
  const bool back = m->def->name[0] == 'B';
  return made(m, EK_OUTS(x(m, back ? ek_shape(4, 2, 1, 2) : ek_shape(1, 3, 2, 2)), INTS(m, ek_shape(2, 2), 1, 0, 0, 0)),
              EK_ATTRS(EK_INT_ATTR("block_size", 2)));
}
static ek_op depth(maker *m, const char *format) {
  const bool back = m->def->name[0] == 'D', first = strcmp(format, "NCHW") == 0;
  const ek_shape s = first  ? back ? ek_shape(2, 4, 1, 2) : ek_shape(2, 1, 2, 4)
                      : back ? ek_shape(2, 1, 2, 4)
                            : ek_shape(2, 2, 4, 1);
  return made(m, EK_OUTS(x(m, s)), EK_ATTRS(EK_INT_ATTR("block_size", 2), EK_STRING_ATTR("data_format", format)));
}
static ek_op depth_nhwc(maker *m) { return depth(m, "NHWC"); }
static ek_op depth_nchw(maker *m) { return depth(m, "NCHW"); }

static ek_op reduce_two_axes(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 3, 4)), ek_ints(m->g, 0, 2)), EK_NO_ATTRS);
}
static ek_op reduce_keeping(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 3, 4)), ek_ints(m->g, 1)), EK_ATTRS(EK_BOOL_ATTR("keep_dims", true)));
}
static ek_op reshape(maker *m) { return made(m, EK_OUTS(square(m), ek_ints(m->g, -1, 1)), EK_NO_ATTRS); }
static ek_op slice(maker *m) {
  return made(m, EK_OUTS(square(m), ek_ints(m->g, 1, 0), ek_ints(m->g, -1, 2)), EK_NO_ATTRS);
}
/* Its gradient with respect to the logits takes each row of labels to have the sum 1. */
static ek_op cross_entropy(maker *m) {
  const ek_out logits = square(m), labels = square(m);
  double *v = ek_tensor_mutable_data(m->value[1]);
  for (int i = 0; i < SIDE; i++) {
    const double sum = v[i * SIDE] + v[i * SIDE + 1] + v[i * SIDE + 2];
    for (int k = 0; k < SIDE; k++) v[i * SIDE + k] /= sum;
  }
  return made(m, EK_OUTS(logits, labels), EK_NO_ATTRS);
}
static ek_op sparse_cross_entropy(maker *m) {
  return made(m, EK_OUTS(square(m), constant(m, NUMBERS(EK_INT64, ek_shape(SIDE), 2, 0, 1))), EK_NO_ATTRS);
}
static ek_op split(maker *m) {
  return made(m, EK_OUTS(ek_integer(m->g, 1), x(m, ek_shape(2, 6))), EK_ATTRS(EK_INT_ATTR("num_split", 3)));
}
static ek_op split_v(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 6)), ek_ints(m->g, 1, 3, 2), ek_integer(m->g, 1)),
              EK_ATTRS(EK_INT_ATTR("num_split", 3)));
}
static ek_op squeeze(maker *m) {
  const int64_t dims[] = {1};
  return made(m, EK_OUTS(x(m, ek_shape(3, 1, 2))), EK_ATTRS(EK_INTS_ATTR("squeeze_dims", dims, 1)));
}
static ek_op strided_slice(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(4, 3)), ek_ints(m->g, 3, 1), ek_ints(m->g, 0, 2), ek_ints(m->g, -2, 1)),
              EK_ATTRS(EK_INT_ATTR("shrink_axis_mask", 2)));
}
static ek_op strided_slice_grad(maker *m) {
  return made(
      m,
      EK_OUTS(ek_ints(m->g, 4, 3), ek_ints(m->g, 0, 1), ek_ints(m->g, 4, 3), ek_ints(m->g, 2, 1), x(m, ek_shape(2, 2))),
      EK_NO_ATTRS);
}
static ek_op tile(maker *m) { return made(m, EK_OUTS(x(m, ek_shape(2, 3)), ek_ints(m->g, 2, 3)), EK_NO_ATTRS); }
static ek_op transpose(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 3, 4)), ek_ints(m->g, 2, 0, 1)), EK_NO_ATTRS);
}
static ek_op unpack(maker *m) {
  return made(m, EK_OUTS(square(m)), EK_ATTRS(EK_INT_ATTR("num", SIDE), EK_INT_ATTR("axis", 1)));
}

static ek_op batch_matmul(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 3, 2)), x(m, ek_shape(2, 3, 4))), EK_ATTRS(EK_BOOL_ATTR("adj_x", true)));
}
static ek_op batch_matmul_wide(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 2, 3)), x(m, ek_shape(4, 3))), EK_ATTRS(EK_BOOL_ATTR("adj_y", true)));
}
static ek_op dynamic_partition(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(4, 2)), INTS(m, ek_shape(4), 1, 0, 1, 0)),
              EK_ATTRS(EK_INT_ATTR("num_partitions", 2)));
}
static ek_op gather_nd(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(3, 2, 2)), INTS(m, ek_shape(3, 2), 2, 0, 0, 1, 2, 0)), EK_NO_ATTRS);
}
static ek_op scatter_nd(maker *m) {
  return made(m, EK_OUTS(INTS(m, ek_shape(3, 1), 3, 0, 3), x(m, ek_shape(3, 2)), ek_ints(m->g, 4, 2)), EK_NO_ATTRS);
}
static ek_op tensor_scatter(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(4, 2)), INTS(m, ek_shape(2, 1), 3, 0), x(m, ek_shape(2, 2))), EK_NO_ATTRS);
}
static ek_op band_part(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 3, 3)), ek_integer(m->g, 0), ek_integer(m->g, 1)), EK_NO_ATTRS);
}
static ek_op reverse(maker *m) { return made(m, EK_OUTS(x(m, ek_shape(2, 3, 2)), ek_ints(m->g, 1, -1)), EK_NO_ATTRS); }
static ek_op reverse_sequence(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 4, 2)), INTS(m, ek_shape(2), 3, 2)), EK_ATTRS(EK_INT_ATTR("seq_dim", 1)));
}
static ek_op roll(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 3, 2)), ek_ints(m->g, 2, -1), ek_ints(m->g, 1, 2)), EK_NO_ATTRS);
}
static ek_op segment(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(4, 2)), INTS(m, ek_shape(4), 0, 0, 2, 2)), EK_NO_ATTRS);
}
static ek_op unsorted_segment(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(4, 2)), INTS(m, ek_shape(4), 1, -1, 0, 1), ek_integer(m->g, 2)), EK_NO_ATTRS);
}
static ek_op sparse_segment(maker *m) {
  const ek_out places = INTS(m, ek_shape(4), 3, 0, 3, 1), ids = INTS(m, ek_shape(4), 0, 0, 2, 2);
  const ek_out in[] = {x(m, ek_shape(5, 2)), places, ids, ek_integer(m->g, 4)};
  return made(m, (ek_outs){in, strstr(m->def->name, "Num") != NULL ? 4 : 3}, EK_NO_ATTRS);
}
static ek_op einsum_products(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 3, 2)), x(m, ek_shape(2, 4))),
              EK_ATTRS(EK_STRING_ATTR("equation", "bij,jk->kbi")));
}
static ek_op einsum_summed(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 3, 2)), x(m, ek_shape(3, 4))),
              EK_ATTRS(EK_STRING_ATTR("equation", "bij,ik->ib")));
}
static ek_op einsum_dots(maker *m) { /* 1 meets 3 */
  return made(m, EK_OUTS(x(m, ek_shape(2, 1, 2, 3)), x(m, ek_shape(3, 3, 2))),
              EK_ATTRS(EK_STRING_ATTR("equation", "...ij,...jk->...ik")));
}
static ek_op einsum_dots_once(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 2, 3)), x(m, ek_shape(2, 3))),
              EK_ATTRS(EK_STRING_ATTR("equation", "...ij,kj->k...i")));
}
static ek_op einsum_diagonal(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(3, 2, 3))), EK_ATTRS(EK_STRING_ATTR("equation", "iki->ki")));
}
static ek_op einsum_trace(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(3, 2, 3))), EK_ATTRS(EK_STRING_ATTR("equation", "iki->k")));
}
static ek_op einsum_alone(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 3, 2))), EK_ATTRS(EK_STRING_ATTR("equation", "abc->ca")));
}
static ek_op diagonal_of(maker *m) { return made(m, EK_OUTS(x(m, ek_shape(2, 3, 4))), EK_NO_ATTRS); }
static ek_op diagonal_k(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 3, 4)), ek_integer(m->g, -1), ek_number(m->g, 0)), EK_NO_ATTRS);
}
static ek_op diagonal(maker *m) { return made(m, EK_OUTS(x(m, ek_shape(2, 3))), EK_NO_ATTRS); }
static ek_op set_diagonal(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 3, 2)), x(m, ek_shape(2, 2))), EK_NO_ATTRS);
}
static ek_op square_part(maker *m) { return made(m, EK_OUTS(x(m, ek_shape(2, 3, 2, 3))), EK_NO_ATTRS); }
static ek_op diagonal_above(maker *m) {
  const ek_out in[] = {x(m, ek_shape(2, 3)), ek_integer(m->g, 1), ek_integer(m->g, -1), ek_integer(m->g, 5),
                       ek_number(m->g, 0)};
  return made(m, (ek_outs){in, 5}, EK_NO_ATTRS);
}
static ek_op set_diagonal_k(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 3, 4)), x(m, ek_shape(2, 2)), ek_integer(m->g, -1)), EK_NO_ATTRS);
}
static ek_op band(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 3, 4)), ek_ints(m->g, -1, 2), ek_number(m->g, 0)), EK_NO_ATTRS);
}
static ek_op band_made(maker *m) {
  const ek_out in[] = {x(m, ek_shape(2, 3, 2)), ek_ints(m->g, -1, 1), ek_integer(m->g, 3), ek_integer(m->g, 2),
                       ek_number(m->g, 0)};
  return made(m, (ek_outs){in, 5}, EK_NO_ATTRS);
}
static ek_op band_replaced(maker *m) {
  return made(m, EK_OUTS(x(m, ek_shape(2, 3, 4)), x(m, ek_shape(2, 3, 3)), ek_ints(m->g, 0, 2)), EK_NO_ATTRS);
}
static ek_op top_k(maker *m) { return made(m, EK_OUTS(x(m, ek_shape(2, 2, 4)), ek_integer(m->g, 2)), EK_NO_ATTRS); }
static ek_op top_k_old(maker *m) { return made(m, EK_OUTS(x(m, ek_shape(3, 4))), EK_ATTRS(EK_INT_ATTR("k", 3))); }

/* ---- TensorArrays: a tensor taken to pieces and put together again */

static ek_op new_array(maker *m, int64_t size) {
  return ek_build(m->g, "TensorArrayV3", EK_OUTS(ek_integer(m->g, size)),
                  EK_ATTRS(EK_TYPE_ATTR("dtype", m->dtype), EK_BOOL_ATTR("clear_after_read", false)));
}

/* Element 0 is read twice, element 2 not at all. */
static ek_op array_of_rows(maker *m) {
  ek_graph *g = m->g;
  const ek_attr dtype = EK_TYPE_ATTR("dtype", m->dtype);
  static const int64_t order[] = {0, 1, 0};
  const ek_op from = new_array(m, SIDE), to = new_array(m, SIDE);
  const ek_out rows = ek_convert(g, ek_ints(g, 0, 1, 2), EK_INT32, NULL);
  const ek_out filled =
      ek_op_output(ek_build(g, "TensorArrayScatterV3",
                            EK_OUTS(ek_op_output(from, 0), rows, square(m), ek_op_output(from, 1)), EK_NO_ATTRS),
                   0);
  ek_out flow = ek_op_output(to, 1);
  for (int i = 0; i < SIDE; i++) {
    const ek_out row = ek_op_output(
        ek_build(g, "TensorArrayReadV3", EK_OUTS(ek_op_output(from, 0), ek_integer(g, order[i]), filled), &dtype, 1),
        0);
    const ek_out squared = ek_op_output(ek_build(g, "Square", EK_OUTS(row), EK_NO_ATTRS), 0);
    flow = ek_op_output(
        ek_build(g, "TensorArrayWriteV3", EK_OUTS(ek_op_output(to, 0), ek_integer(g, i), squared, flow), EK_NO_ATTRS),
        0);
  }
  return ek_build(g, "TensorArrayGatherV3", EK_OUTS(ek_op_output(to, 0), rows, flow), &dtype, 1);
}

static ek_op array_of_pieces(maker *m) {
  ek_graph *g = m->g;
  const ek_attr dtype = EK_TYPE_ATTR("dtype", m->dtype);
  const ek_op array = new_array(m, 2);
  const ek_out flow =
      ek_op_output(ek_build(g, "TensorArraySplitV3",
                            EK_OUTS(ek_op_output(array, 0), square(m), ek_convert(g, ek_ints(g, 1, 2), EK_INT64, NULL),
                                    ek_op_output(array, 1)),
                            EK_NO_ATTRS),
                   0);
  return ek_build(g, "TensorArrayConcatV3", EK_OUTS(ek_op_output(array, 0), flow), &dtype, 1);
}

static const recipe recipes[] = {
    {"AccumulateNV2", accumulate, 0, false},
    {"Add", broadcast_row, 0, false},
    {"AddV2", broadcast_column, 0, false},
    {"AvgPool", pool_same, 0, false},
    {"AvgPool", pool_valid, 0, false},
    {"AvgPool", pool_nchw, 0, false},
    {"AvgPool3D", pool_same, 0, false},
    {"AvgPool3D", pool_valid, 0, false},
    {"AvgPool3DGrad", pool_same, 0, false},
    {"AvgPool3DGrad", pool_valid, 0, false},
    {"AvgPoolGrad", pool_same, 0, false},
    {"AvgPoolGrad", pool_valid, 0, false},
    {"AvgPoolGrad", pool_nchw, 0, false},
    {"BatchToSpace", space_old, 0, false},
    {"BatchToSpaceND", space_nd, 0, false},
    {"BatchMatMul", batch_matmul, 0, false},
    {"BatchMatMulV2", batch_matmul, 0, false},
    {"BatchMatMulV2", batch_matmul_wide, 0, false},
    {"BiasAdd", bias_add, 0, false},
    {"BiasAdd", bias_add_nchw, 0, false},
    {"BiasAddGrad", bias_add_grad_nchw, 0, false},
    {"BroadcastTo", broadcast_to, 0, false},
    {"Cast", cast, EK_FLOAT32, false},
    {"Ceil", one_in, 0, false},
    {"CheckNumerics", check_numerics, 0, false},
    {"Concat", concat, 0, false},
    {"ConcatV2", concat_v2, 0, false},
    {"Conv2D", conv_same, 0, false},
    {"Conv2D", conv_valid, 0, false},
    {"Conv2D", conv_nchw, 0, false},
    {"Conv2DBackpropFilter", conv_same, 0, false},
    {"Conv2DBackpropFilter", conv_valid, 0, false},
    {"Conv2DBackpropFilter", conv_nchw, 0, false},
    {"Conv2DBackpropInput", conv_same, 0, false},
    {"Conv2DBackpropInput", conv_valid, 0, false},
    {"Conv2DBackpropInput", conv_nchw, 0, false},
    {"Conv3D", conv3d, 0, false},
    {"Conv3DBackpropFilterV2", conv3d_filter, 0, false},
    {"Conv3DBackpropInputV2", conv3d_input, 0, false},
    {"Cumprod", cumulative, 0, false},
    {"Cumsum", cumulative, 0, false},
    {"DepthToSpace", depth_nhwc, 0, false},
    {"DepthToSpace", depth_nchw, 0, false},
    {"DepthwiseConv2dNative", conv_same, 0, false},
    {"DepthwiseConv2dNative", conv_valid, 0, false},
    {"DepthwiseConv2dNative", conv_nchw, 0, false},
    {"DepthwiseConv2dNativeBackpropFilter", conv_same, 0, false},
    {"DepthwiseConv2dNativeBackpropFilter", conv_valid, 0, false},
    {"DepthwiseConv2dNativeBackpropFilter", conv_nchw, 0, false},
    {"DepthwiseConv2dNativeBackpropInput", conv_same, 0, false},
    {"DepthwiseConv2dNativeBackpropInput", conv_valid, 0, false},
    {"DepthwiseConv2dNativeBackpropInput", conv_nchw, 0, false},
    {"Div", broadcast_row, 0, false},
    {"DivNoNan", broadcast_column, 0, false},
    {"DynamicPartition", dynamic_partition, 0, true},
    {"DynamicStitch", dynamic_stitch, 0, false},
    {"EnsureShape", ensure_shape, 0, false},
    {"Einsum", einsum_alone, 0, false},
    {"Einsum", einsum_diagonal, 0, false},
    {"Einsum", einsum_dots, 0, false},
    {"Einsum", einsum_dots_once, 0, false},
    {"Einsum", einsum_products, 0, false},
    {"Einsum", einsum_summed, 0, false},
    {"Einsum", einsum_trace, 0, false},
    {"ExpandDims", with_one, 0, false},
    {"Fill", fill, 0, false},
    {"Floor", one_in, 0, false},
    {"FloorDiv", two_in, 0, false},
    {"FloorMod", two_in, 0, false},
    {"BatchNormWithGlobalNormalization", global_scaled, 0, false},
    {"BatchNormWithGlobalNormalization", global_unscaled, 0, false},
    {"BatchNormWithGlobalNormalizationGrad", global_grad_scaled, 0, false},
    {"BatchNormWithGlobalNormalizationGrad", global_grad_unscaled, 0, false},
    {"BatchNormWithGlobalNormalizationGrad", global_grad_of_moments, 0, false},
    {"FusedBatchNorm", batch_norm_trains, EK_FLOAT32, false},
    {"FusedBatchNorm", batch_norm_infers, EK_FLOAT32, false},
    {"FusedBatchNormGrad", batch_norm_grad_trains, EK_FLOAT32, false},
    {"FusedBatchNormGrad", batch_norm_grad_infers, EK_FLOAT32, false},
    {"FusedBatchNormGradV2", batch_norm_grad_trains_nchw, EK_FLOAT32, false},
    {"FusedBatchNormGradV2", batch_norm_grad_infers_nchw, EK_FLOAT32, false},
    {"FusedBatchNormGradV3", batch_norm_grad_trains, EK_FLOAT32, false},
    {"FusedBatchNormGradV3", batch_norm_grad_infers, EK_FLOAT32, false},
    {"FusedBatchNormV2", batch_norm_trains, EK_FLOAT32, false},
    {"FusedBatchNormV2", batch_norm_infers, EK_FLOAT32, false},
    {"FusedBatchNormV3", batch_norm_trains, EK_FLOAT32, false},
    {"FusedBatchNormV3", batch_norm_infers, EK_FLOAT32, false},
    {"FusedBatchNormV3", batch_norm_trains_nchw, EK_FLOAT32, false},
    {"Gather", gather, 0, false},
    {"GatherNd", gather_nd, 0, false},
    {"GatherV2", gather_rows, 0, false},
    {"GatherV2", gather_columns, 0, false},
    {"GatherV2", gather_in_batches, 0, false},
    {"GatherV2", gather_in_two_batches, 0, false},
    {"Identity", one_in, 0, false},
    {"LRN", lrn, EK_FLOAT32, false},
    {"IdentityN", two_in, 0, true},
    {"MatMul", matmul_nn, 0, false},
    {"MatMul", matmul_nt, 0, false},
    {"MatMul", matmul_tn, 0, false},
    {"MatMul", matmul_tt, 0, false},
    {"MatrixBandPart", band_part, 0, false},
    {"Diag", diagonal, 0, false},
    {"DiagPart", square_part, 0, false},
    {"MatrixDiag", diagonal, 0, false},
    {"MatrixDiagPart", diagonal_of, 0, false},
    {"MatrixDiagPartV2", diagonal_k, 0, false},
    {"MatrixDiagPartV2", band, 0, false},
    {"MatrixDiagPartV3", diagonal_k, 0, false},
    {"MatrixDiagPartV3", band, 0, false},
    {"MatrixDiagV2", band_made, 0, false},
    {"MatrixDiagV3", diagonal_above, 0, false},
    {"MatrixDiagV3", band_made, 0, false},
    {"MatrixSetDiag", set_diagonal, 0, false},
    {"MatrixSetDiagV2", band_replaced, 0, false},
    {"MatrixSetDiagV3", set_diagonal_k, 0, false},
    {"MatrixSetDiagV3", band_replaced, 0, false},
    {"Max", reduce_two_axes, 0, false},
    {"Max", reduce_keeping, 0, false},
    {"MaxPool", pool_same, 0, false},
    {"MaxPool", pool_valid, 0, false},
    {"MaxPool", pool_nchw, 0, false},
    {"MaxPool3D", pool_same, EK_FLOAT32, false},
    {"MaxPool3D", pool_valid, EK_FLOAT32, false},
    {"MaxPool3DGrad", pool_same, EK_FLOAT32, false},
    {"MaxPool3DGrad", pool_valid, EK_FLOAT32, false},
    {"MaxPool3DGradGrad", pool_same, EK_FLOAT32, false},
    {"MaxPool3DGradGrad", pool_valid, EK_FLOAT32, false},
    {"MaxPoolWithArgmax", pool_argmax, 0, false},
    {"MaxPoolGrad", pool_same, 0, false},
    {"MaxPoolGrad", pool_valid, 0, false},
    {"MaxPoolGrad", pool_nchw, 0, false},
    {"MaxPoolGradGrad", pool_same, 0, false},
    {"MaxPoolGradGrad", pool_valid, 0, false},
    {"MaxPoolGradGrad", pool_nchw, 0, false},
    {"MaxPoolGradV2", pool_same, 0, false},
    {"MaxPoolGradV2", pool_valid, 0, false},
    {"MaxPoolGradV2", pool_nchw, 0, false},
    {"MaxPoolV2", pool_same, 0, false},
    {"MaxPoolV2", pool_valid, 0, false},
    {"MaxPoolV2", pool_nchw, 0, false},
    {"Maximum", broadcast_row, 0, false},
    {"Mean", reduce_two_axes, 0, false},
    {"Mean", reduce_keeping, 0, false},
    {"Merge", cond_true, 0, false},
    {"Min", reduce_keeping, 0, false},
    {"Minimum", broadcast_column, 0, false},
    {"MirrorPad", mirror_reflect, 0, false},
    {"MirrorPad", mirror_symmetric, 0, false},
    {"MirrorPadGrad", mirror_reflect_grad, 0, false},
    {"MirrorPadGrad", mirror_symmetric_grad, 0, false},
    {"Mul", broadcast_row, 0, false},
    {"Pack", pack, 0, false},
    {"Pad", pad, 0, false},
    {"PadV2", pad_v2, 0, false},
    {"ParallelDynamicStitch", dynamic_stitch, 0, false},
    {"PlaceholderWithDefault", with_default, 0, false},
    {"Pow", broadcast_row, 0, false},
    {"Print", two_in, 0, false},
    {"Prod", reduce_two_axes, 0, false},
    {"RealDiv", broadcast_row, 0, false},
    {"Reshape", reshape, 0, false},
    {"ResizeBilinear", resize_plain, EK_FLOAT32, false},
    {"ResizeBilinear", resize_corners, EK_FLOAT32, false},
    {"ResizeBilinear", resize_half, EK_FLOAT32, false},
    {"ResizeNearestNeighbor", resize_plain, 0, false},
    {"ResizeNearestNeighbor", resize_corners, 0, false},
    {"ResizeNearestNeighbor", resize_half, 0, false},
    {"ReverseSequence", reverse_sequence, 0, false},
    {"ReverseV2", reverse, 0, false},
    {"Rint", one_in, 0, false},
    {"Roll", roll, 0, false},
    {"Round", one_in, 0, false},
    {"ScatterNd", scatter_nd, 0, false},
    {"SegmentMax", segment, 0, false},
    {"SegmentMean", segment, 0, false},
    {"SegmentMin", segment, 0, false},
    {"SegmentProd", segment, 0, false},
    {"SegmentSum", segment, 0, false},
    {"Slice", slice, 0, false},
    {"Snapshot", one_in, 0, false},
    {"SoftmaxCrossEntropyWithLogits", cross_entropy, 0, false},
    {"SpaceToBatch", space_old, 0, false},
    {"SpaceToBatchND", space_nd, 0, false},
    {"SpaceToDepth", depth_nhwc, 0, false},
    {"SpaceToDepth", depth_nchw, 0, false},
    {"SparseSegmentMean", sparse_segment, 0, false},
    {"SparseSegmentMeanWithNumSegments", sparse_segment, 0, false},
    {"SparseSegmentSqrtN", sparse_segment, 0, false},
    {"SparseSegmentSqrtNWithNumSegments", sparse_segment, 0, false},
    {"SparseSegmentSum", sparse_segment, 0, false},
    {"SparseSegmentSumWithNumSegments", sparse_segment, 0, false},
    {"SparseSoftmaxCrossEntropyWithLogits", sparse_cross_entropy, 0, false},
    {"Split", split, 0, true},
    {"SplitV", split_v, 0, true},
    {"SquaredDifference", broadcast_column, 0, false},
    {"Squeeze", squeeze, 0, false},
    {"StridedSlice", strided_slice, 0, false},
    {"StridedSliceGrad", strided_slice_grad, 0, false},
    {"Sub", broadcast_row, 0, false},
    {"Sum", reduce_two_axes, 0, false},
    {"Sum", reduce_keeping, 0, false},
    {"Switch", cond_false, 0, false},
    {"TensorArrayConcatV3", array_of_pieces, 0, false},
    {"TensorArrayGatherV3", array_of_rows, 0, false},
    {"TensorArrayReadV3", array_of_rows, 0, false},
    {"TensorArrayScatterV3", array_of_rows, 0, false},
    {"TensorArraySplitV3", array_of_pieces, 0, false},
    {"TensorArrayWriteV3", array_of_rows, 0, false},
    {"TensorScatterAdd", tensor_scatter, 0, false},
    {"TensorScatterSub", tensor_scatter, 0, false},
    {"TensorScatterUpdate", tensor_scatter, 0, false},
    {"Tile", tile, 0, false},
    {"TopK", top_k_old, 0, false},
    {"TopKV2", top_k, 0, false},
    {"Transpose", transpose, 0, false},
    {"Unpack", unpack, 0, true},
    {"UnsortedSegmentMax", unsorted_segment, 0, false},
    {"UnsortedSegmentMin", unsorted_segment, 0, false},
    {"UnsortedSegmentProd", unsorted_segment, 0, false},
    {"UnsortedSegmentSum", unsorted_segment, 0, false},
    {"Xdivy", broadcast_row, 0, false},
    {"Xlogy", broadcast_column, 0, false},
    {"_FusedBatchNormEx", fused_ex_plain, EK_FLOAT32, false},
    {"_FusedBatchNormEx", fused_ex_side, EK_FLOAT32, false},
    {"_FusedBatchNormEx", fused_ex_relu, EK_FLOAT32, false},
};

/* No numbers to compare: what goes in or comes out is an integer, the gradient is refused on purpose, or is that of
 * something else (clipping without rounding). References and resources cannot be fed; that they pass gradients on is
 * what every training golden shows. Loops have tests of their own. */
static const char *const not_here[] = {"Enter",
                                       "Exit",
                                       "NextIteration",
                                       "RefEnter",
                                       "RefExit",
                                       "RefNextIteration",
                                       "ArgMax",
                                       "ArgMin",
                                       "PreventGradient",
                                       "ReadVariableOp",
                                       "RefMerge",
                                       "RefSwitch",
                                       "TruncateDiv",
                                       "ResourceGather",
                                       "ResourceGatherNd",
                                       "RefIdentity",
                                       "FakeQuantWithMinMaxArgs",
                                       "FakeQuantWithMinMaxVars",
                                       "FakeQuantWithMinMaxVarsPerChannel"};

static void ops_with_a_range(void **state) {
  static const char *const other_shapes[] = {"BatchMatMul", "BatchMatMulV2", "BiasAdd",
                                             "SoftmaxCrossEntropyWithLogits"}; /* recipes only */
  (void)state;
  for (int i = 0; i < ek__op_count(); i++) {
    const ek_op_def *def = ek__op_at(i);
    const recipe r = {def->name, plain, 0, false};
    bool skip = def->grad == NULL || def->check_lo >= def->check_hi;
    for (size_t k = 0; k < sizeof other_shapes / sizeof other_shapes[0]; k++)
      skip = skip || strcmp(other_shapes[k], def->name) == 0;
    for (int known = 0; known < 2 && !skip; known++) check(def, &r, known != 0);
  }
}

static void ops_with_a_recipe(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof recipes / sizeof recipes[0]; i++) {
    const ek_op_def *def = ek__op_find(recipes[i].op);
    assert_non_null(def);
    for (int known = 0; known < 2; known++) check(def, &recipes[i], known != 0);
  }
}

static void no_differentiable_op_is_left_out(void **state) {
  (void)state;
  for (int i = 0; i < ek__op_count(); i++) {
    const ek_op_def *def = ek__op_at(i);
    bool found = def->grad == NULL || def->check_lo < def->check_hi;
    for (size_t k = 0; k < sizeof recipes / sizeof recipes[0]; k++)
      found = found || strcmp(recipes[k].op, def->name) == 0;
    for (size_t k = 0; k < sizeof not_here / sizeof not_here[0]; k++)
      found = found || strcmp(not_here[k], def->name) == 0;
    if (!found) fail_msg("%s: has a gradient that nothing checks: give it a range or a recipe", def->name);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(ops_with_a_range), cmocka_unit_test(ops_with_a_recipe),
                                     cmocka_unit_test(no_differentiable_op_is_left_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
