/* SPDX-License-Identifier: Apache-2.0 */
/* Made by tools/gen_ops.c from the registry of ops: change the op, then `make generate`. */
#include "evenkeel/ops.h"

/* A forgotten initializer is version 0. */
static void check_version(ek_graph *g, uint32_t version, const char *type, const char *init) {
  if (version != 1u)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: options of version %u: begin with %s", type, (unsigned)version, init);
}

/* Inputs of which some are lists, one after another. */
static ek_op build_parts(ek_graph *g, const char *type, const ek_outs *parts, int n_parts, const ek_attr *attrs,
                         int n_attrs) {
  enum { FEW = 32 };
  const ek_allocator *a = ek_allocator_default();
  ek_out few[FEW], *all = few;
  int n = 0, at = 0;
  for (int i = 0; i < n_parts; i++) n += parts[i].n;
  const size_t bytes = (size_t)n * sizeof *all;
  if (n > FEW) all = a->alloc(a->ctx, bytes, sizeof(void *));
  if (all == NULL) {
    ek_graph_fail(g, EK_RESOURCE_EXHAUSTED, "%s: no memory for %d inputs", type, n);
    return (ek_op){0};
  }
  for (int i = 0; i < n_parts; i++)
    for (int k = 0; k < parts[i].n; k++) all[at++] = parts[i].at[k];
  const ek_op op = ek_build(g, type, (ek_outs){all, n}, attrs, n_attrs);
  if (all != few) a->free(a->ctx, all, bytes);
  return op;
}

ek_out ek_abs(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Abs", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_accumulate_nv2(ek_graph *g, ek_outs inputs, ek_shape shape) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_SHAPE_ATTR("shape", shape);
  const ek_op op = ek_build(g, "AccumulateNV2", inputs, attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_acos(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Acos", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_acosh(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Acosh", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_add_v1(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "Add", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_add_n(ek_graph *g, ek_outs inputs) {
  const ek_op op = ek_build(g, "AddN", inputs, EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_add(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "AddV2", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_reduce_all(ek_graph *g, ek_out input, ek_out reduction_indices, const ek_reduce_all_opts *opts) {
  static const ek_reduce_all_opts defaults = EK_REDUCE_ALL_OPTS_INIT;
  const ek_reduce_all_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "All", "EK_REDUCE_ALL_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("keep_dims", o->keep_dims);
  const ek_op op = ek_build(g, "All", EK_OUTS(input, reduction_indices), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_reduce_any(ek_graph *g, ek_out input, ek_out reduction_indices, const ek_reduce_any_opts *opts) {
  static const ek_reduce_any_opts defaults = EK_REDUCE_ANY_OPTS_INIT;
  const ek_reduce_any_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Any", "EK_REDUCE_ANY_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("keep_dims", o->keep_dims);
  const ek_op op = ek_build(g, "Any", EK_OUTS(input, reduction_indices), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_apply_adagrad(ek_graph *g, ek_out var, ek_out accum, ek_out lr, ek_out grad,
                        const ek_apply_adagrad_opts *opts) {
  static const ek_apply_adagrad_opts defaults = EK_APPLY_ADAGRAD_OPTS_INIT;
  const ek_apply_adagrad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ApplyAdagrad", "EK_APPLY_ADAGRAD_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  attrs[n_attrs++] = EK_BOOL_ATTR("update_slots", o->update_slots);
  const ek_op op = ek_build(g, "ApplyAdagrad", EK_OUTS(var, accum, lr, grad), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_apply_adagrad_v2(ek_graph *g, ek_out var, ek_out accum, ek_out lr, ek_out epsilon, ek_out grad,
                           const ek_apply_adagrad_v2_opts *opts) {
  static const ek_apply_adagrad_v2_opts defaults = EK_APPLY_ADAGRAD_V2_OPTS_INIT;
  const ek_apply_adagrad_v2_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ApplyAdagradV2", "EK_APPLY_ADAGRAD_V2_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  attrs[n_attrs++] = EK_BOOL_ATTR("update_slots", o->update_slots);
  const ek_op op = ek_build(g, "ApplyAdagradV2", EK_OUTS(var, accum, lr, epsilon, grad), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_apply_adam(ek_graph *g, ek_out var, ek_out m, ek_out v, ek_out beta1_power, ek_out beta2_power, ek_out lr,
                     ek_out beta1, ek_out beta2, ek_out epsilon, ek_out grad, const ek_apply_adam_opts *opts) {
  static const ek_apply_adam_opts defaults = EK_APPLY_ADAM_OPTS_INIT;
  const ek_apply_adam_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ApplyAdam", "EK_APPLY_ADAM_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  attrs[n_attrs++] = EK_BOOL_ATTR("use_nesterov", o->use_nesterov);
  const ek_op op = ek_build(
      g, "ApplyAdam", EK_OUTS(var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_apply_centered_rms_prop(ek_graph *g, ek_out var, ek_out mg, ek_out ms, ek_out mom, ek_out lr, ek_out rho,
                                  ek_out momentum, ek_out epsilon, ek_out grad,
                                  const ek_apply_centered_rms_prop_opts *opts) {
  static const ek_apply_centered_rms_prop_opts defaults = EK_APPLY_CENTERED_RMS_PROP_OPTS_INIT;
  const ek_apply_centered_rms_prop_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ApplyCenteredRMSProp", "EK_APPLY_CENTERED_RMS_PROP_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op =
      ek_build(g, "ApplyCenteredRMSProp", EK_OUTS(var, mg, ms, mom, lr, rho, momentum, epsilon, grad), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_apply_gradient_descent(ek_graph *g, ek_out var, ek_out alpha, ek_out delta,
                                 const ek_apply_gradient_descent_opts *opts) {
  static const ek_apply_gradient_descent_opts defaults = EK_APPLY_GRADIENT_DESCENT_OPTS_INIT;
  const ek_apply_gradient_descent_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ApplyGradientDescent", "EK_APPLY_GRADIENT_DESCENT_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ApplyGradientDescent", EK_OUTS(var, alpha, delta), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_apply_momentum(ek_graph *g, ek_out var, ek_out accum, ek_out lr, ek_out grad, ek_out momentum,
                         const ek_apply_momentum_opts *opts) {
  static const ek_apply_momentum_opts defaults = EK_APPLY_MOMENTUM_OPTS_INIT;
  const ek_apply_momentum_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ApplyMomentum", "EK_APPLY_MOMENTUM_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  attrs[n_attrs++] = EK_BOOL_ATTR("use_nesterov", o->use_nesterov);
  const ek_op op = ek_build(g, "ApplyMomentum", EK_OUTS(var, accum, lr, grad, momentum), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_apply_rms_prop(ek_graph *g, ek_out var, ek_out ms, ek_out mom, ek_out lr, ek_out rho, ek_out momentum,
                         ek_out epsilon, ek_out grad, const ek_apply_rms_prop_opts *opts) {
  static const ek_apply_rms_prop_opts defaults = EK_APPLY_RMS_PROP_OPTS_INIT;
  const ek_apply_rms_prop_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ApplyRMSProp", "EK_APPLY_RMS_PROP_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ApplyRMSProp", EK_OUTS(var, ms, mom, lr, rho, momentum, epsilon, grad), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_argmax(ek_graph *g, ek_out input, ek_out dimension, const ek_argmax_opts *opts) {
  static const ek_argmax_opts defaults = EK_ARGMAX_OPTS_INIT;
  const ek_argmax_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ArgMax", "EK_ARGMAX_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("output_type", o->output_type);
  const ek_op op = ek_build(g, "ArgMax", EK_OUTS(input, dimension), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_argmin(ek_graph *g, ek_out input, ek_out dimension, const ek_argmin_opts *opts) {
  static const ek_argmin_opts defaults = EK_ARGMIN_OPTS_INIT;
  const ek_argmin_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ArgMin", "EK_ARGMIN_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("output_type", o->output_type);
  const ek_op op = ek_build(g, "ArgMin", EK_OUTS(input, dimension), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_as_string(ek_graph *g, ek_out input, const ek_as_string_opts *opts) {
  static const ek_as_string_opts defaults = EK_AS_STRING_OPTS_INIT;
  const ek_as_string_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "AsString", "EK_AS_STRING_OPTS_INIT");
  ek_attr attrs[5];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("precision", o->precision);
  attrs[n_attrs++] = EK_BOOL_ATTR("scientific", o->scientific);
  attrs[n_attrs++] = EK_BOOL_ATTR("shortest", o->shortest);
  attrs[n_attrs++] = EK_INT_ATTR("width", o->width);
  attrs[n_attrs++] = EK_STRING_ATTR("fill", o->fill);
  const ek_op op = ek_build(g, "AsString", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_asin(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Asin", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_asinh(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Asinh", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_op ek_assert_true(ek_graph *g, ek_out condition, ek_outs data, const ek_assert_true_opts *opts) {
  static const ek_assert_true_opts defaults = EK_ASSERT_TRUE_OPTS_INIT;
  const ek_assert_true_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Assert", "EK_ASSERT_TRUE_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("summarize", o->summarize);
  const ek_outs parts[] = {EK_OUTS(condition), data};
  const ek_op op = build_parts(g, "Assert", parts, 2, attrs, n_attrs);
  return op;
}

ek_out ek_assign(ek_graph *g, ek_out ref, ek_out value, const ek_assign_opts *opts) {
  static const ek_assign_opts defaults = EK_ASSIGN_OPTS_INIT;
  const ek_assign_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Assign", "EK_ASSIGN_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("validate_shape", o->validate_shape);
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "Assign", EK_OUTS(ref, value), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_assign_add(ek_graph *g, ek_out ref, ek_out value, const ek_assign_add_opts *opts) {
  static const ek_assign_add_opts defaults = EK_ASSIGN_ADD_OPTS_INIT;
  const ek_assign_add_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "AssignAdd", "EK_ASSIGN_ADD_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "AssignAdd", EK_OUTS(ref, value), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_op ek_assign_add_variable_op(ek_graph *g, ek_out resource, ek_out value) {
  const ek_op op = ek_build(g, "AssignAddVariableOp", EK_OUTS(resource, value), EK_NO_ATTRS);
  return op;
}

ek_out ek_assign_sub(ek_graph *g, ek_out ref, ek_out value, const ek_assign_sub_opts *opts) {
  static const ek_assign_sub_opts defaults = EK_ASSIGN_SUB_OPTS_INIT;
  const ek_assign_sub_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "AssignSub", "EK_ASSIGN_SUB_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "AssignSub", EK_OUTS(ref, value), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_op ek_assign_sub_variable_op(ek_graph *g, ek_out resource, ek_out value) {
  const ek_op op = ek_build(g, "AssignSubVariableOp", EK_OUTS(resource, value), EK_NO_ATTRS);
  return op;
}

ek_op ek_assign_variable_op(ek_graph *g, ek_out resource, ek_out value) {
  const ek_op op = ek_build(g, "AssignVariableOp", EK_OUTS(resource, value), EK_NO_ATTRS);
  return op;
}

ek_out ek_atan(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Atan", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_atan2(ek_graph *g, ek_out y, ek_out x) {
  const ek_op op = ek_build(g, "Atan2", EK_OUTS(y, x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_atanh(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Atanh", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_avg_pool(ek_graph *g, ek_out value, const int64_t *ksize, int n_ksize, const int64_t *strides, int n_strides,
                   const char *padding, const ek_avg_pool_opts *opts) {
  static const ek_avg_pool_opts defaults = EK_AVG_POOL_OPTS_INIT;
  const ek_avg_pool_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "AvgPool", "EK_AVG_POOL_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("ksize", ksize, n_ksize);
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "AvgPool", EK_OUTS(value), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_avg_pool3d(ek_graph *g, ek_out input, const int64_t *ksize, int n_ksize, const int64_t *strides,
                     int n_strides, const char *padding, const ek_avg_pool3d_opts *opts) {
  static const ek_avg_pool3d_opts defaults = EK_AVG_POOL3D_OPTS_INIT;
  const ek_avg_pool3d_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "AvgPool3D", "EK_AVG_POOL3D_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("ksize", ksize, n_ksize);
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "AvgPool3D", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_avg_pool3d_grad(ek_graph *g, ek_out orig_input_shape, ek_out grad, const int64_t *ksize, int n_ksize,
                          const int64_t *strides, int n_strides, const char *padding,
                          const ek_avg_pool3d_grad_opts *opts) {
  static const ek_avg_pool3d_grad_opts defaults = EK_AVG_POOL3D_GRAD_OPTS_INIT;
  const ek_avg_pool3d_grad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "AvgPool3DGrad", "EK_AVG_POOL3D_GRAD_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("ksize", ksize, n_ksize);
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "AvgPool3DGrad", EK_OUTS(orig_input_shape, grad), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_avg_pool_grad(ek_graph *g, ek_out orig_input_shape, ek_out grad, const int64_t *ksize, int n_ksize,
                        const int64_t *strides, int n_strides, const char *padding, const ek_avg_pool_grad_opts *opts) {
  static const ek_avg_pool_grad_opts defaults = EK_AVG_POOL_GRAD_OPTS_INIT;
  const ek_avg_pool_grad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "AvgPoolGrad", "EK_AVG_POOL_GRAD_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("ksize", ksize, n_ksize);
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "AvgPoolGrad", EK_OUTS(orig_input_shape, grad), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_batch_matmul(ek_graph *g, ek_out x, ek_out y, const ek_batch_matmul_opts *opts) {
  static const ek_batch_matmul_opts defaults = EK_BATCH_MATMUL_OPTS_INIT;
  const ek_batch_matmul_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "BatchMatMulV2", "EK_BATCH_MATMUL_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("adj_x", o->adj_x);
  attrs[n_attrs++] = EK_BOOL_ATTR("adj_y", o->adj_y);
  const ek_op op = ek_build(g, "BatchMatMulV2", EK_OUTS(x, y), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_batch_norm_with_global_normalization(ek_graph *g, ek_out t, ek_out m, ek_out v, ek_out beta, ek_out gamma,
                                               double variance_epsilon, bool scale_after_normalization) {
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_FLOAT_ATTR("variance_epsilon", variance_epsilon);
  attrs[n_attrs++] = EK_BOOL_ATTR("scale_after_normalization", scale_after_normalization);
  const ek_op op = ek_build(g, "BatchNormWithGlobalNormalization", EK_OUTS(t, m, v, beta, gamma), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_batch_norm_with_global_normalization_grad_outs
ek_batch_norm_with_global_normalization_grad(ek_graph *g, ek_out t, ek_out m, ek_out v, ek_out gamma, ek_out backprop,
                                             double variance_epsilon, bool scale_after_normalization) {
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_FLOAT_ATTR("variance_epsilon", variance_epsilon);
  attrs[n_attrs++] = EK_BOOL_ATTR("scale_after_normalization", scale_after_normalization);
  const ek_op op =
      ek_build(g, "BatchNormWithGlobalNormalizationGrad", EK_OUTS(t, m, v, gamma, backprop), attrs, n_attrs);
  return (ek_batch_norm_with_global_normalization_grad_outs){
      ek_op_output(op, 0), ek_op_output(op, 1), ek_op_output(op, 2), ek_op_output(op, 3), ek_op_output(op, 4)};
}

ek_out ek_batch_to_space(ek_graph *g, ek_out input, ek_out crops, int64_t block_size) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("block_size", block_size);
  const ek_op op = ek_build(g, "BatchToSpace", EK_OUTS(input, crops), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_batch_to_space_nd(ek_graph *g, ek_out input, ek_out block_shape, ek_out crops) {
  const ek_op op = ek_build(g, "BatchToSpaceND", EK_OUTS(input, block_shape, crops), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_bias_add(ek_graph *g, ek_out value, ek_out bias, const ek_bias_add_opts *opts) {
  static const ek_bias_add_opts defaults = EK_BIAS_ADD_OPTS_INIT;
  const ek_bias_add_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "BiasAdd", "EK_BIAS_ADD_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "BiasAdd", EK_OUTS(value, bias), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_bias_add_grad(ek_graph *g, ek_out out_backprop, const ek_bias_add_grad_opts *opts) {
  static const ek_bias_add_grad_opts defaults = EK_BIAS_ADD_GRAD_OPTS_INIT;
  const ek_bias_add_grad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "BiasAddGrad", "EK_BIAS_ADD_GRAD_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "BiasAddGrad", EK_OUTS(out_backprop), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_bitwise_and(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "BitwiseAnd", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_bitwise_or(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "BitwiseOr", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_bitwise_xor(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "BitwiseXor", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_broadcast_args(ek_graph *g, ek_out s0, ek_out s1) {
  const ek_op op = ek_build(g, "BroadcastArgs", EK_OUTS(s0, s1), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_broadcast_gradient_args_outs ek_broadcast_gradient_args(ek_graph *g, ek_out s0, ek_out s1) {
  const ek_op op = ek_build(g, "BroadcastGradientArgs", EK_OUTS(s0, s1), EK_NO_ATTRS);
  return (ek_broadcast_gradient_args_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_out ek_broadcast_to(ek_graph *g, ek_out input, ek_out shape) {
  const ek_op op = ek_build(g, "BroadcastTo", EK_OUTS(input, shape), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_cast(ek_graph *g, ek_out x, ek_dtype dst_t, const ek_cast_opts *opts) {
  static const ek_cast_opts defaults = EK_CAST_OPTS_INIT;
  const ek_cast_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Cast", "EK_CAST_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("DstT", dst_t);
  attrs[n_attrs++] = EK_BOOL_ATTR("Truncate", o->truncate);
  const ek_op op = ek_build(g, "Cast", EK_OUTS(x), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_ceil(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Ceil", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_check_numerics(ek_graph *g, ek_out tensor, const char *message) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("message", message);
  const ek_op op = ek_build(g, "CheckNumerics", EK_OUTS(tensor), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_op ek_concat_offset(ek_graph *g, ek_out concat_dim, ek_outs shape) {
  const ek_outs parts[] = {EK_OUTS(concat_dim), shape};
  const ek_op op = build_parts(g, "ConcatOffset", parts, 2, EK_NO_ATTRS);
  return op;
}

ek_out ek_concat(ek_graph *g, ek_outs values, ek_out axis) {
  const ek_outs parts[] = {values, EK_OUTS(axis)};
  const ek_op op = build_parts(g, "ConcatV2", parts, 2, EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_op ek_control_trigger(ek_graph *g) {
  const ek_op op = ek_build(g, "ControlTrigger", (ek_outs){NULL, 0}, EK_NO_ATTRS);
  return op;
}

ek_out ek_conv2d(ek_graph *g, ek_out input, ek_out filter, const int64_t *strides, int n_strides, const char *padding,
                 const ek_conv2d_opts *opts) {
  static const ek_conv2d_opts defaults = EK_CONV2D_OPTS_INIT;
  const ek_conv2d_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Conv2D", "EK_CONV2D_OPTS_INIT");
  ek_attr attrs[6];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_BOOL_ATTR("use_cudnn_on_gpu", o->use_cudnn_on_gpu);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  if (o->explicit_paddings != NULL)
    attrs[n_attrs++] = EK_INTS_ATTR("explicit_paddings", o->explicit_paddings, o->n_explicit_paddings);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  if (o->dilations != NULL) attrs[n_attrs++] = EK_INTS_ATTR("dilations", o->dilations, o->n_dilations);
  const ek_op op = ek_build(g, "Conv2D", EK_OUTS(input, filter), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_conv2d_backprop_filter(ek_graph *g, ek_out input, ek_out filter_sizes, ek_out out_backprop,
                                 const int64_t *strides, int n_strides, const char *padding,
                                 const ek_conv2d_backprop_filter_opts *opts) {
  static const ek_conv2d_backprop_filter_opts defaults = EK_CONV2D_BACKPROP_FILTER_OPTS_INIT;
  const ek_conv2d_backprop_filter_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Conv2DBackpropFilter", "EK_CONV2D_BACKPROP_FILTER_OPTS_INIT");
  ek_attr attrs[6];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_BOOL_ATTR("use_cudnn_on_gpu", o->use_cudnn_on_gpu);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  if (o->explicit_paddings != NULL)
    attrs[n_attrs++] = EK_INTS_ATTR("explicit_paddings", o->explicit_paddings, o->n_explicit_paddings);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  if (o->dilations != NULL) attrs[n_attrs++] = EK_INTS_ATTR("dilations", o->dilations, o->n_dilations);
  const ek_op op = ek_build(g, "Conv2DBackpropFilter", EK_OUTS(input, filter_sizes, out_backprop), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_conv2d_backprop_input(ek_graph *g, ek_out input_sizes, ek_out filter, ek_out out_backprop,
                                const int64_t *strides, int n_strides, const char *padding,
                                const ek_conv2d_backprop_input_opts *opts) {
  static const ek_conv2d_backprop_input_opts defaults = EK_CONV2D_BACKPROP_INPUT_OPTS_INIT;
  const ek_conv2d_backprop_input_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Conv2DBackpropInput", "EK_CONV2D_BACKPROP_INPUT_OPTS_INIT");
  ek_attr attrs[6];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_BOOL_ATTR("use_cudnn_on_gpu", o->use_cudnn_on_gpu);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  if (o->explicit_paddings != NULL)
    attrs[n_attrs++] = EK_INTS_ATTR("explicit_paddings", o->explicit_paddings, o->n_explicit_paddings);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  if (o->dilations != NULL) attrs[n_attrs++] = EK_INTS_ATTR("dilations", o->dilations, o->n_dilations);
  const ek_op op = ek_build(g, "Conv2DBackpropInput", EK_OUTS(input_sizes, filter, out_backprop), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_conv3d(ek_graph *g, ek_out input, ek_out filter, const int64_t *strides, int n_strides, const char *padding,
                 const ek_conv3d_opts *opts) {
  static const ek_conv3d_opts defaults = EK_CONV3D_OPTS_INIT;
  const ek_conv3d_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Conv3D", "EK_CONV3D_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  if (o->dilations != NULL) attrs[n_attrs++] = EK_INTS_ATTR("dilations", o->dilations, o->n_dilations);
  const ek_op op = ek_build(g, "Conv3D", EK_OUTS(input, filter), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_conv3d_backprop_filter_v2(ek_graph *g, ek_out input, ek_out filter_sizes, ek_out out_backprop,
                                    const int64_t *strides, int n_strides, const char *padding,
                                    const ek_conv3d_backprop_filter_v2_opts *opts) {
  static const ek_conv3d_backprop_filter_v2_opts defaults = EK_CONV3D_BACKPROP_FILTER_V2_OPTS_INIT;
  const ek_conv3d_backprop_filter_v2_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Conv3DBackpropFilterV2", "EK_CONV3D_BACKPROP_FILTER_V2_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  if (o->dilations != NULL) attrs[n_attrs++] = EK_INTS_ATTR("dilations", o->dilations, o->n_dilations);
  const ek_op op = ek_build(g, "Conv3DBackpropFilterV2", EK_OUTS(input, filter_sizes, out_backprop), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_conv3d_backprop_input_v2(ek_graph *g, ek_out input_sizes, ek_out filter, ek_out out_backprop,
                                   const int64_t *strides, int n_strides, const char *padding,
                                   const ek_conv3d_backprop_input_v2_opts *opts) {
  static const ek_conv3d_backprop_input_v2_opts defaults = EK_CONV3D_BACKPROP_INPUT_V2_OPTS_INIT;
  const ek_conv3d_backprop_input_v2_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Conv3DBackpropInputV2", "EK_CONV3D_BACKPROP_INPUT_V2_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  if (o->dilations != NULL) attrs[n_attrs++] = EK_INTS_ATTR("dilations", o->dilations, o->n_dilations);
  const ek_op op = ek_build(g, "Conv3DBackpropInputV2", EK_OUTS(input_sizes, filter, out_backprop), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_cos(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Cos", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_cosh(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Cosh", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_cumprod(ek_graph *g, ek_out x, ek_out axis, const ek_cumprod_opts *opts) {
  static const ek_cumprod_opts defaults = EK_CUMPROD_OPTS_INIT;
  const ek_cumprod_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Cumprod", "EK_CUMPROD_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("exclusive", o->exclusive);
  attrs[n_attrs++] = EK_BOOL_ATTR("reverse", o->reverse);
  const ek_op op = ek_build(g, "Cumprod", EK_OUTS(x, axis), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_cumsum(ek_graph *g, ek_out x, ek_out axis, const ek_cumsum_opts *opts) {
  static const ek_cumsum_opts defaults = EK_CUMSUM_OPTS_INIT;
  const ek_cumsum_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Cumsum", "EK_CUMSUM_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("exclusive", o->exclusive);
  attrs[n_attrs++] = EK_BOOL_ATTR("reverse", o->reverse);
  const ek_op op = ek_build(g, "Cumsum", EK_OUTS(x, axis), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_dense_to_dense_set_operation_outs ek_dense_to_dense_set_operation(ek_graph *g, ek_out set1, ek_out set2,
                                                                     const char *set_operation,
                                                                     const ek_dense_to_dense_set_operation_opts *opts) {
  static const ek_dense_to_dense_set_operation_opts defaults = EK_DENSE_TO_DENSE_SET_OPERATION_OPTS_INIT;
  const ek_dense_to_dense_set_operation_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "DenseToDenseSetOperation", "EK_DENSE_TO_DENSE_SET_OPERATION_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("set_operation", set_operation);
  attrs[n_attrs++] = EK_BOOL_ATTR("validate_indices", o->validate_indices);
  const ek_op op = ek_build(g, "DenseToDenseSetOperation", EK_OUTS(set1, set2), attrs, n_attrs);
  return (ek_dense_to_dense_set_operation_outs){ek_op_output(op, 0), ek_op_output(op, 1), ek_op_output(op, 2)};
}

ek_out ek_depth_to_space(ek_graph *g, ek_out input, int64_t block_size, const ek_depth_to_space_opts *opts) {
  static const ek_depth_to_space_opts defaults = EK_DEPTH_TO_SPACE_OPTS_INIT;
  const ek_depth_to_space_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "DepthToSpace", "EK_DEPTH_TO_SPACE_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("block_size", block_size);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "DepthToSpace", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_depthwise_conv2d_native(ek_graph *g, ek_out input, ek_out filter, const int64_t *strides, int n_strides,
                                  const char *padding, const ek_depthwise_conv2d_native_opts *opts) {
  static const ek_depthwise_conv2d_native_opts defaults = EK_DEPTHWISE_CONV2D_NATIVE_OPTS_INIT;
  const ek_depthwise_conv2d_native_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "DepthwiseConv2dNative", "EK_DEPTHWISE_CONV2D_NATIVE_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  if (o->dilations != NULL) attrs[n_attrs++] = EK_INTS_ATTR("dilations", o->dilations, o->n_dilations);
  const ek_op op = ek_build(g, "DepthwiseConv2dNative", EK_OUTS(input, filter), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_depthwise_conv2d_native_backprop_filter(ek_graph *g, ek_out input, ek_out filter_sizes, ek_out out_backprop,
                                                  const int64_t *strides, int n_strides, const char *padding,
                                                  const ek_depthwise_conv2d_native_backprop_filter_opts *opts) {
  static const ek_depthwise_conv2d_native_backprop_filter_opts defaults =
      EK_DEPTHWISE_CONV2D_NATIVE_BACKPROP_FILTER_OPTS_INIT;
  const ek_depthwise_conv2d_native_backprop_filter_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "DepthwiseConv2dNativeBackpropFilter",
                "EK_DEPTHWISE_CONV2D_NATIVE_BACKPROP_FILTER_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  if (o->dilations != NULL) attrs[n_attrs++] = EK_INTS_ATTR("dilations", o->dilations, o->n_dilations);
  const ek_op op =
      ek_build(g, "DepthwiseConv2dNativeBackpropFilter", EK_OUTS(input, filter_sizes, out_backprop), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_depthwise_conv2d_native_backprop_input(ek_graph *g, ek_out input_sizes, ek_out filter, ek_out out_backprop,
                                                 const int64_t *strides, int n_strides, const char *padding,
                                                 const ek_depthwise_conv2d_native_backprop_input_opts *opts) {
  static const ek_depthwise_conv2d_native_backprop_input_opts defaults =
      EK_DEPTHWISE_CONV2D_NATIVE_BACKPROP_INPUT_OPTS_INIT;
  const ek_depthwise_conv2d_native_backprop_input_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "DepthwiseConv2dNativeBackpropInput",
                "EK_DEPTHWISE_CONV2D_NATIVE_BACKPROP_INPUT_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  if (o->dilations != NULL) attrs[n_attrs++] = EK_INTS_ATTR("dilations", o->dilations, o->n_dilations);
  const ek_op op =
      ek_build(g, "DepthwiseConv2dNativeBackpropInput", EK_OUTS(input_sizes, filter, out_backprop), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_diag(ek_graph *g, ek_out diagonal) {
  const ek_op op = ek_build(g, "Diag", EK_OUTS(diagonal), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_diag_part(ek_graph *g, ek_out input) {
  const ek_op op = ek_build(g, "DiagPart", EK_OUTS(input), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_digamma(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Digamma", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_div(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "Div", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_div_no_nan(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "DivNoNan", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_op ek_dynamic_partition(ek_graph *g, ek_out data, ek_out partitions, int64_t num_partitions) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("num_partitions", num_partitions);
  const ek_op op = ek_build(g, "DynamicPartition", EK_OUTS(data, partitions), attrs, n_attrs);
  return op;
}

ek_out ek_dynamic_stitch(ek_graph *g, ek_outs indices, ek_outs data) {
  const ek_outs parts[] = {indices, data};
  const ek_op op = build_parts(g, "DynamicStitch", parts, 2, EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_einsum(ek_graph *g, ek_outs inputs, const char *equation) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("equation", equation);
  const ek_op op = ek_build(g, "Einsum", inputs, attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_elu(ek_graph *g, ek_out features) {
  const ek_op op = ek_build(g, "Elu", EK_OUTS(features), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_elu_grad(ek_graph *g, ek_out gradients, ek_out outputs) {
  const ek_op op = ek_build(g, "EluGrad", EK_OUTS(gradients, outputs), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_ensure_shape(ek_graph *g, ek_out input, ek_shape shape) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_SHAPE_ATTR("shape", shape);
  const ek_op op = ek_build(g, "EnsureShape", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_enter(ek_graph *g, ek_out data, const char *frame_name, const ek_enter_opts *opts) {
  static const ek_enter_opts defaults = EK_ENTER_OPTS_INIT;
  const ek_enter_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Enter", "EK_ENTER_OPTS_INIT");
  ek_attr attrs[3];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("frame_name", frame_name);
  attrs[n_attrs++] = EK_BOOL_ATTR("is_constant", o->is_constant);
  attrs[n_attrs++] = EK_INT_ATTR("parallel_iterations", o->parallel_iterations);
  const ek_op op = ek_build(g, "Enter", EK_OUTS(data), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_equal(ek_graph *g, ek_out x, ek_out y, const ek_equal_opts *opts) {
  static const ek_equal_opts defaults = EK_EQUAL_OPTS_INIT;
  const ek_equal_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Equal", "EK_EQUAL_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("incompatible_shape_error", o->incompatible_shape_error);
  const ek_op op = ek_build(g, "Equal", EK_OUTS(x, y), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_erf(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Erf", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_erfc(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Erfc", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_exit_loop(ek_graph *g, ek_out data) {
  const ek_op op = ek_build(g, "Exit", EK_OUTS(data), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_exp(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Exp", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_expand_dims(ek_graph *g, ek_out input, ek_out dim) {
  const ek_op op = ek_build(g, "ExpandDims", EK_OUTS(input, dim), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_expm1(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Expm1", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_fake_quant_with_min_max_args(ek_graph *g, ek_out inputs, const ek_fake_quant_with_min_max_args_opts *opts) {
  static const ek_fake_quant_with_min_max_args_opts defaults = EK_FAKE_QUANT_WITH_MIN_MAX_ARGS_OPTS_INIT;
  const ek_fake_quant_with_min_max_args_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "FakeQuantWithMinMaxArgs", "EK_FAKE_QUANT_WITH_MIN_MAX_ARGS_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_FLOAT_ATTR("min", o->min);
  attrs[n_attrs++] = EK_FLOAT_ATTR("max", o->max);
  attrs[n_attrs++] = EK_INT_ATTR("num_bits", o->num_bits);
  attrs[n_attrs++] = EK_BOOL_ATTR("narrow_range", o->narrow_range);
  const ek_op op = ek_build(g, "FakeQuantWithMinMaxArgs", EK_OUTS(inputs), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_fake_quant_with_min_max_args_gradient(ek_graph *g, ek_out gradients, ek_out inputs,
                                                const ek_fake_quant_with_min_max_args_gradient_opts *opts) {
  static const ek_fake_quant_with_min_max_args_gradient_opts defaults =
      EK_FAKE_QUANT_WITH_MIN_MAX_ARGS_GRADIENT_OPTS_INIT;
  const ek_fake_quant_with_min_max_args_gradient_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "FakeQuantWithMinMaxArgsGradient", "EK_FAKE_QUANT_WITH_MIN_MAX_ARGS_GRADIENT_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_FLOAT_ATTR("min", o->min);
  attrs[n_attrs++] = EK_FLOAT_ATTR("max", o->max);
  attrs[n_attrs++] = EK_INT_ATTR("num_bits", o->num_bits);
  attrs[n_attrs++] = EK_BOOL_ATTR("narrow_range", o->narrow_range);
  const ek_op op = ek_build(g, "FakeQuantWithMinMaxArgsGradient", EK_OUTS(gradients, inputs), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_fake_quant_with_min_max_vars(ek_graph *g, ek_out inputs, ek_out min, ek_out max,
                                       const ek_fake_quant_with_min_max_vars_opts *opts) {
  static const ek_fake_quant_with_min_max_vars_opts defaults = EK_FAKE_QUANT_WITH_MIN_MAX_VARS_OPTS_INIT;
  const ek_fake_quant_with_min_max_vars_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "FakeQuantWithMinMaxVars", "EK_FAKE_QUANT_WITH_MIN_MAX_VARS_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("num_bits", o->num_bits);
  attrs[n_attrs++] = EK_BOOL_ATTR("narrow_range", o->narrow_range);
  const ek_op op = ek_build(g, "FakeQuantWithMinMaxVars", EK_OUTS(inputs, min, max), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_fake_quant_with_min_max_vars_gradient_outs
ek_fake_quant_with_min_max_vars_gradient(ek_graph *g, ek_out gradients, ek_out inputs, ek_out min, ek_out max,
                                         const ek_fake_quant_with_min_max_vars_gradient_opts *opts) {
  static const ek_fake_quant_with_min_max_vars_gradient_opts defaults =
      EK_FAKE_QUANT_WITH_MIN_MAX_VARS_GRADIENT_OPTS_INIT;
  const ek_fake_quant_with_min_max_vars_gradient_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "FakeQuantWithMinMaxVarsGradient", "EK_FAKE_QUANT_WITH_MIN_MAX_VARS_GRADIENT_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("num_bits", o->num_bits);
  attrs[n_attrs++] = EK_BOOL_ATTR("narrow_range", o->narrow_range);
  const ek_op op = ek_build(g, "FakeQuantWithMinMaxVarsGradient", EK_OUTS(gradients, inputs, min, max), attrs, n_attrs);
  return (ek_fake_quant_with_min_max_vars_gradient_outs){ek_op_output(op, 0), ek_op_output(op, 1), ek_op_output(op, 2)};
}

ek_out ek_fake_quant_with_min_max_vars_per_channel(ek_graph *g, ek_out inputs, ek_out min, ek_out max,
                                                   const ek_fake_quant_with_min_max_vars_per_channel_opts *opts) {
  static const ek_fake_quant_with_min_max_vars_per_channel_opts defaults =
      EK_FAKE_QUANT_WITH_MIN_MAX_VARS_PER_CHANNEL_OPTS_INIT;
  const ek_fake_quant_with_min_max_vars_per_channel_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "FakeQuantWithMinMaxVarsPerChannel",
                "EK_FAKE_QUANT_WITH_MIN_MAX_VARS_PER_CHANNEL_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("num_bits", o->num_bits);
  attrs[n_attrs++] = EK_BOOL_ATTR("narrow_range", o->narrow_range);
  const ek_op op = ek_build(g, "FakeQuantWithMinMaxVarsPerChannel", EK_OUTS(inputs, min, max), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_fake_quant_with_min_max_vars_per_channel_gradient_outs ek_fake_quant_with_min_max_vars_per_channel_gradient(
    ek_graph *g, ek_out gradients, ek_out inputs, ek_out min, ek_out max,
    const ek_fake_quant_with_min_max_vars_per_channel_gradient_opts *opts) {
  static const ek_fake_quant_with_min_max_vars_per_channel_gradient_opts defaults =
      EK_FAKE_QUANT_WITH_MIN_MAX_VARS_PER_CHANNEL_GRADIENT_OPTS_INIT;
  const ek_fake_quant_with_min_max_vars_per_channel_gradient_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "FakeQuantWithMinMaxVarsPerChannelGradient",
                "EK_FAKE_QUANT_WITH_MIN_MAX_VARS_PER_CHANNEL_GRADIENT_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("num_bits", o->num_bits);
  attrs[n_attrs++] = EK_BOOL_ATTR("narrow_range", o->narrow_range);
  const ek_op op =
      ek_build(g, "FakeQuantWithMinMaxVarsPerChannelGradient", EK_OUTS(gradients, inputs, min, max), attrs, n_attrs);
  return (ek_fake_quant_with_min_max_vars_per_channel_gradient_outs){ek_op_output(op, 0), ek_op_output(op, 1),
                                                                     ek_op_output(op, 2)};
}

ek_out ek_fill(ek_graph *g, ek_out dims, ek_out value) {
  const ek_op op = ek_build(g, "Fill", EK_OUTS(dims, value), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_floor(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Floor", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_floordiv(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "FloorDiv", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_floormod(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "FloorMod", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_fused_batch_norm_outs ek_fused_batch_norm(ek_graph *g, ek_out x, ek_out scale, ek_out offset, ek_out mean,
                                             ek_out variance, const ek_fused_batch_norm_opts *opts) {
  static const ek_fused_batch_norm_opts defaults = EK_FUSED_BATCH_NORM_OPTS_INIT;
  const ek_fused_batch_norm_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "FusedBatchNorm", "EK_FUSED_BATCH_NORM_OPTS_INIT");
  ek_attr attrs[3];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_FLOAT_ATTR("epsilon", o->epsilon);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  attrs[n_attrs++] = EK_BOOL_ATTR("is_training", o->is_training);
  const ek_op op = ek_build(g, "FusedBatchNorm", EK_OUTS(x, scale, offset, mean, variance), attrs, n_attrs);
  return (ek_fused_batch_norm_outs){ek_op_output(op, 0), ek_op_output(op, 1), ek_op_output(op, 2), ek_op_output(op, 3),
                                    ek_op_output(op, 4)};
}

ek_fused_batch_norm_grad_outs ek_fused_batch_norm_grad(ek_graph *g, ek_out y_backprop, ek_out x, ek_out scale,
                                                       ek_out reserve_space_1, ek_out reserve_space_2,
                                                       const ek_fused_batch_norm_grad_opts *opts) {
  static const ek_fused_batch_norm_grad_opts defaults = EK_FUSED_BATCH_NORM_GRAD_OPTS_INIT;
  const ek_fused_batch_norm_grad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "FusedBatchNormGrad", "EK_FUSED_BATCH_NORM_GRAD_OPTS_INIT");
  ek_attr attrs[3];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_FLOAT_ATTR("epsilon", o->epsilon);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  attrs[n_attrs++] = EK_BOOL_ATTR("is_training", o->is_training);
  const ek_op op = ek_build(g, "FusedBatchNormGrad", EK_OUTS(y_backprop, x, scale, reserve_space_1, reserve_space_2),
                            attrs, n_attrs);
  return (ek_fused_batch_norm_grad_outs){ek_op_output(op, 0), ek_op_output(op, 1), ek_op_output(op, 2),
                                         ek_op_output(op, 3), ek_op_output(op, 4)};
}

ek_fused_batch_norm_grad_v2_outs ek_fused_batch_norm_grad_v2(ek_graph *g, ek_out y_backprop, ek_out x, ek_out scale,
                                                             ek_out reserve_space_1, ek_out reserve_space_2,
                                                             const ek_fused_batch_norm_grad_v2_opts *opts) {
  static const ek_fused_batch_norm_grad_v2_opts defaults = EK_FUSED_BATCH_NORM_GRAD_V2_OPTS_INIT;
  const ek_fused_batch_norm_grad_v2_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "FusedBatchNormGradV2", "EK_FUSED_BATCH_NORM_GRAD_V2_OPTS_INIT");
  ek_attr attrs[3];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_FLOAT_ATTR("epsilon", o->epsilon);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  attrs[n_attrs++] = EK_BOOL_ATTR("is_training", o->is_training);
  const ek_op op = ek_build(g, "FusedBatchNormGradV2", EK_OUTS(y_backprop, x, scale, reserve_space_1, reserve_space_2),
                            attrs, n_attrs);
  return (ek_fused_batch_norm_grad_v2_outs){ek_op_output(op, 0), ek_op_output(op, 1), ek_op_output(op, 2),
                                            ek_op_output(op, 3), ek_op_output(op, 4)};
}

ek_fused_batch_norm_grad_v3_outs ek_fused_batch_norm_grad_v3(ek_graph *g, ek_out y_backprop, ek_out x, ek_out scale,
                                                             ek_out reserve_space_1, ek_out reserve_space_2,
                                                             ek_out reserve_space_3,
                                                             const ek_fused_batch_norm_grad_v3_opts *opts) {
  static const ek_fused_batch_norm_grad_v3_opts defaults = EK_FUSED_BATCH_NORM_GRAD_V3_OPTS_INIT;
  const ek_fused_batch_norm_grad_v3_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "FusedBatchNormGradV3", "EK_FUSED_BATCH_NORM_GRAD_V3_OPTS_INIT");
  ek_attr attrs[3];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_FLOAT_ATTR("epsilon", o->epsilon);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  attrs[n_attrs++] = EK_BOOL_ATTR("is_training", o->is_training);
  const ek_op op =
      ek_build(g, "FusedBatchNormGradV3",
               EK_OUTS(y_backprop, x, scale, reserve_space_1, reserve_space_2, reserve_space_3), attrs, n_attrs);
  return (ek_fused_batch_norm_grad_v3_outs){ek_op_output(op, 0), ek_op_output(op, 1), ek_op_output(op, 2),
                                            ek_op_output(op, 3), ek_op_output(op, 4)};
}

ek_fused_batch_norm_v2_outs ek_fused_batch_norm_v2(ek_graph *g, ek_out x, ek_out scale, ek_out offset, ek_out mean,
                                                   ek_out variance, const ek_fused_batch_norm_v2_opts *opts) {
  static const ek_fused_batch_norm_v2_opts defaults = EK_FUSED_BATCH_NORM_V2_OPTS_INIT;
  const ek_fused_batch_norm_v2_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "FusedBatchNormV2", "EK_FUSED_BATCH_NORM_V2_OPTS_INIT");
  ek_attr attrs[3];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_FLOAT_ATTR("epsilon", o->epsilon);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  attrs[n_attrs++] = EK_BOOL_ATTR("is_training", o->is_training);
  const ek_op op = ek_build(g, "FusedBatchNormV2", EK_OUTS(x, scale, offset, mean, variance), attrs, n_attrs);
  return (ek_fused_batch_norm_v2_outs){ek_op_output(op, 0), ek_op_output(op, 1), ek_op_output(op, 2),
                                       ek_op_output(op, 3), ek_op_output(op, 4)};
}

ek_fused_batch_norm_v3_outs ek_fused_batch_norm_v3(ek_graph *g, ek_out x, ek_out scale, ek_out offset, ek_out mean,
                                                   ek_out variance, const ek_fused_batch_norm_v3_opts *opts) {
  static const ek_fused_batch_norm_v3_opts defaults = EK_FUSED_BATCH_NORM_V3_OPTS_INIT;
  const ek_fused_batch_norm_v3_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "FusedBatchNormV3", "EK_FUSED_BATCH_NORM_V3_OPTS_INIT");
  ek_attr attrs[3];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_FLOAT_ATTR("epsilon", o->epsilon);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  attrs[n_attrs++] = EK_BOOL_ATTR("is_training", o->is_training);
  const ek_op op = ek_build(g, "FusedBatchNormV3", EK_OUTS(x, scale, offset, mean, variance), attrs, n_attrs);
  return (ek_fused_batch_norm_v3_outs){ek_op_output(op, 0), ek_op_output(op, 1), ek_op_output(op, 2),
                                       ek_op_output(op, 3), ek_op_output(op, 4), ek_op_output(op, 5)};
}

ek_out ek_gather_nd(ek_graph *g, ek_out params, ek_out indices) {
  const ek_op op = ek_build(g, "GatherNd", EK_OUTS(params, indices), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_gather(ek_graph *g, ek_out params, ek_out indices, ek_out axis, const ek_gather_opts *opts) {
  static const ek_gather_opts defaults = EK_GATHER_OPTS_INIT;
  const ek_gather_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "GatherV2", "EK_GATHER_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("batch_dims", o->batch_dims);
  const ek_op op = ek_build(g, "GatherV2", EK_OUTS(params, indices, axis), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_greater(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "Greater", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_greater_equal(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "GreaterEqual", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_histogram_summary(ek_graph *g, ek_out tag, ek_out values) {
  const ek_op op = ek_build(g, "HistogramSummary", EK_OUTS(tag, values), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_identity(ek_graph *g, ek_out input) {
  const ek_op op = ek_build(g, "Identity", EK_OUTS(input), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_image_summary(ek_graph *g, ek_out tag, ek_out tensor, const ek_image_summary_opts *opts) {
  static const ek_image_summary_opts defaults = EK_IMAGE_SUMMARY_OPTS_INIT;
  const ek_image_summary_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ImageSummary", "EK_IMAGE_SUMMARY_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("max_images", o->max_images);
  const ek_op op = ek_build(g, "ImageSummary", EK_OUTS(tag, tensor), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_in_top_k(ek_graph *g, ek_out predictions, ek_out targets, ek_out k) {
  const ek_op op = ek_build(g, "InTopKV2", EK_OUTS(predictions, targets, k), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_invert(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Invert", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_invert_permutation(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "InvertPermutation", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_is_finite(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "IsFinite", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_is_inf(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "IsInf", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_is_nan(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "IsNan", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_l2_loss(ek_graph *g, ek_out t) {
  const ek_op op = ek_build(g, "L2Loss", EK_OUTS(t), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_lrn(ek_graph *g, ek_out input, const ek_lrn_opts *opts) {
  static const ek_lrn_opts defaults = EK_LRN_OPTS_INIT;
  const ek_lrn_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "LRN", "EK_LRN_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("depth_radius", o->depth_radius);
  attrs[n_attrs++] = EK_FLOAT_ATTR("bias", o->bias);
  attrs[n_attrs++] = EK_FLOAT_ATTR("alpha", o->alpha);
  attrs[n_attrs++] = EK_FLOAT_ATTR("beta", o->beta);
  const ek_op op = ek_build(g, "LRN", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_lrn_grad(ek_graph *g, ek_out input_grads, ek_out input_image, ek_out output_image,
                   const ek_lrn_grad_opts *opts) {
  static const ek_lrn_grad_opts defaults = EK_LRN_GRAD_OPTS_INIT;
  const ek_lrn_grad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "LRNGrad", "EK_LRN_GRAD_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("depth_radius", o->depth_radius);
  attrs[n_attrs++] = EK_FLOAT_ATTR("bias", o->bias);
  attrs[n_attrs++] = EK_FLOAT_ATTR("alpha", o->alpha);
  attrs[n_attrs++] = EK_FLOAT_ATTR("beta", o->beta);
  const ek_op op = ek_build(g, "LRNGrad", EK_OUTS(input_grads, input_image, output_image), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_leaky_relu(ek_graph *g, ek_out features, const ek_leaky_relu_opts *opts) {
  static const ek_leaky_relu_opts defaults = EK_LEAKY_RELU_OPTS_INIT;
  const ek_leaky_relu_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "LeakyRelu", "EK_LEAKY_RELU_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_FLOAT_ATTR("alpha", o->alpha);
  const ek_op op = ek_build(g, "LeakyRelu", EK_OUTS(features), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_leaky_relu_grad(ek_graph *g, ek_out gradients, ek_out features, const ek_leaky_relu_grad_opts *opts) {
  static const ek_leaky_relu_grad_opts defaults = EK_LEAKY_RELU_GRAD_OPTS_INIT;
  const ek_leaky_relu_grad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "LeakyReluGrad", "EK_LEAKY_RELU_GRAD_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_FLOAT_ATTR("alpha", o->alpha);
  const ek_op op = ek_build(g, "LeakyReluGrad", EK_OUTS(gradients, features), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_left_shift(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "LeftShift", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_less(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "Less", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_less_equal(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "LessEqual", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_lgamma(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Lgamma", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_linspace(ek_graph *g, ek_out start, ek_out stop, ek_out num) {
  const ek_op op = ek_build(g, "LinSpace", EK_OUTS(start, stop, num), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_list_diff_outs ek_list_diff(ek_graph *g, ek_out x, ek_out y, const ek_list_diff_opts *opts) {
  static const ek_list_diff_opts defaults = EK_LIST_DIFF_OPTS_INIT;
  const ek_list_diff_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ListDiff", "EK_LIST_DIFF_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("out_idx", o->out_idx);
  const ek_op op = ek_build(g, "ListDiff", EK_OUTS(x, y), attrs, n_attrs);
  return (ek_list_diff_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_out ek_log(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Log", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_log1p(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Log1p", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_log_softmax(ek_graph *g, ek_out logits) {
  const ek_op op = ek_build(g, "LogSoftmax", EK_OUTS(logits), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_logical_and(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "LogicalAnd", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_logical_not(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "LogicalNot", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_logical_or(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "LogicalOr", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_loop_cond(ek_graph *g, ek_out input) {
  const ek_op op = ek_build(g, "LoopCond", EK_OUTS(input), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_matmul(ek_graph *g, ek_out a, ek_out b, const ek_matmul_opts *opts) {
  static const ek_matmul_opts defaults = EK_MATMUL_OPTS_INIT;
  const ek_matmul_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MatMul", "EK_MATMUL_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("transpose_a", o->transpose_a);
  attrs[n_attrs++] = EK_BOOL_ATTR("transpose_b", o->transpose_b);
  const ek_op op = ek_build(g, "MatMul", EK_OUTS(a, b), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_matrix_band_part(ek_graph *g, ek_out input, ek_out num_lower, ek_out num_upper) {
  const ek_op op = ek_build(g, "MatrixBandPart", EK_OUTS(input, num_lower, num_upper), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_matrix_diag_part(ek_graph *g, ek_out input, ek_out k, ek_out padding_value,
                           const ek_matrix_diag_part_opts *opts) {
  static const ek_matrix_diag_part_opts defaults = EK_MATRIX_DIAG_PART_OPTS_INIT;
  const ek_matrix_diag_part_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MatrixDiagPartV3", "EK_MATRIX_DIAG_PART_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("align", o->align);
  const ek_op op = ek_build(g, "MatrixDiagPartV3", EK_OUTS(input, k, padding_value), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_matrix_diag_v3(ek_graph *g, ek_out diagonal, ek_out k, ek_out num_rows, ek_out num_cols, ek_out padding_value,
                         const ek_matrix_diag_v3_opts *opts) {
  static const ek_matrix_diag_v3_opts defaults = EK_MATRIX_DIAG_V3_OPTS_INIT;
  const ek_matrix_diag_v3_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MatrixDiagV3", "EK_MATRIX_DIAG_V3_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("align", o->align);
  const ek_op op = ek_build(g, "MatrixDiagV3", EK_OUTS(diagonal, k, num_rows, num_cols, padding_value), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_matrix_set_diag_v3(ek_graph *g, ek_out input, ek_out diagonal, ek_out k,
                             const ek_matrix_set_diag_v3_opts *opts) {
  static const ek_matrix_set_diag_v3_opts defaults = EK_MATRIX_SET_DIAG_V3_OPTS_INIT;
  const ek_matrix_set_diag_v3_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MatrixSetDiagV3", "EK_MATRIX_SET_DIAG_V3_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("align", o->align);
  const ek_op op = ek_build(g, "MatrixSetDiagV3", EK_OUTS(input, diagonal, k), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_reduce_max(ek_graph *g, ek_out input, ek_out reduction_indices, const ek_reduce_max_opts *opts) {
  static const ek_reduce_max_opts defaults = EK_REDUCE_MAX_OPTS_INIT;
  const ek_reduce_max_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Max", "EK_REDUCE_MAX_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("keep_dims", o->keep_dims);
  const ek_op op = ek_build(g, "Max", EK_OUTS(input, reduction_indices), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_max_pool(ek_graph *g, ek_out input, const int64_t *ksize, int n_ksize, const int64_t *strides, int n_strides,
                   const char *padding, const ek_max_pool_opts *opts) {
  static const ek_max_pool_opts defaults = EK_MAX_POOL_OPTS_INIT;
  const ek_max_pool_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MaxPool", "EK_MAX_POOL_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("ksize", ksize, n_ksize);
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "MaxPool", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_max_pool3d(ek_graph *g, ek_out input, const int64_t *ksize, int n_ksize, const int64_t *strides,
                     int n_strides, const char *padding, const ek_max_pool3d_opts *opts) {
  static const ek_max_pool3d_opts defaults = EK_MAX_POOL3D_OPTS_INIT;
  const ek_max_pool3d_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MaxPool3D", "EK_MAX_POOL3D_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("ksize", ksize, n_ksize);
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "MaxPool3D", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_max_pool3d_grad(ek_graph *g, ek_out orig_input, ek_out orig_output, ek_out grad, const int64_t *ksize,
                          int n_ksize, const int64_t *strides, int n_strides, const char *padding,
                          const ek_max_pool3d_grad_opts *opts) {
  static const ek_max_pool3d_grad_opts defaults = EK_MAX_POOL3D_GRAD_OPTS_INIT;
  const ek_max_pool3d_grad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MaxPool3DGrad", "EK_MAX_POOL3D_GRAD_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("ksize", ksize, n_ksize);
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "MaxPool3DGrad", EK_OUTS(orig_input, orig_output, grad), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_max_pool3d_grad_grad(ek_graph *g, ek_out orig_input, ek_out orig_output, ek_out grad, const int64_t *ksize,
                               int n_ksize, const int64_t *strides, int n_strides, const char *padding,
                               const ek_max_pool3d_grad_grad_opts *opts) {
  static const ek_max_pool3d_grad_grad_opts defaults = EK_MAX_POOL3D_GRAD_GRAD_OPTS_INIT;
  const ek_max_pool3d_grad_grad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MaxPool3DGradGrad", "EK_MAX_POOL3D_GRAD_GRAD_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("ksize", ksize, n_ksize);
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "MaxPool3DGradGrad", EK_OUTS(orig_input, orig_output, grad), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_max_pool_grad(ek_graph *g, ek_out orig_input, ek_out orig_output, ek_out grad, const int64_t *ksize,
                        int n_ksize, const int64_t *strides, int n_strides, const char *padding,
                        const ek_max_pool_grad_opts *opts) {
  static const ek_max_pool_grad_opts defaults = EK_MAX_POOL_GRAD_OPTS_INIT;
  const ek_max_pool_grad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MaxPoolGrad", "EK_MAX_POOL_GRAD_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("ksize", ksize, n_ksize);
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "MaxPoolGrad", EK_OUTS(orig_input, orig_output, grad), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_max_pool_grad_grad(ek_graph *g, ek_out orig_input, ek_out orig_output, ek_out grad, const int64_t *ksize,
                             int n_ksize, const int64_t *strides, int n_strides, const char *padding,
                             const ek_max_pool_grad_grad_opts *opts) {
  static const ek_max_pool_grad_grad_opts defaults = EK_MAX_POOL_GRAD_GRAD_OPTS_INIT;
  const ek_max_pool_grad_grad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MaxPoolGradGrad", "EK_MAX_POOL_GRAD_GRAD_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("ksize", ksize, n_ksize);
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "MaxPoolGradGrad", EK_OUTS(orig_input, orig_output, grad), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_max_pool_grad_grad_v2(ek_graph *g, ek_out orig_input, ek_out orig_output, ek_out grad, ek_out ksize,
                                ek_out strides, const char *padding, const ek_max_pool_grad_grad_v2_opts *opts) {
  static const ek_max_pool_grad_grad_v2_opts defaults = EK_MAX_POOL_GRAD_GRAD_V2_OPTS_INIT;
  const ek_max_pool_grad_grad_v2_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MaxPoolGradGradV2", "EK_MAX_POOL_GRAD_GRAD_V2_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op =
      ek_build(g, "MaxPoolGradGradV2", EK_OUTS(orig_input, orig_output, grad, ksize, strides), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_max_pool_grad_v2(ek_graph *g, ek_out orig_input, ek_out orig_output, ek_out grad, ek_out ksize,
                           ek_out strides, const char *padding, const ek_max_pool_grad_v2_opts *opts) {
  static const ek_max_pool_grad_v2_opts defaults = EK_MAX_POOL_GRAD_V2_OPTS_INIT;
  const ek_max_pool_grad_v2_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MaxPoolGradV2", "EK_MAX_POOL_GRAD_V2_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "MaxPoolGradV2", EK_OUTS(orig_input, orig_output, grad, ksize, strides), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_max_pool_grad_with_argmax(ek_graph *g, ek_out input, ek_out grad, ek_out argmax, const int64_t *ksize,
                                    int n_ksize, const int64_t *strides, int n_strides, const char *padding,
                                    const ek_max_pool_grad_with_argmax_opts *opts) {
  static const ek_max_pool_grad_with_argmax_opts defaults = EK_MAX_POOL_GRAD_WITH_ARGMAX_OPTS_INIT;
  const ek_max_pool_grad_with_argmax_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MaxPoolGradWithArgmax", "EK_MAX_POOL_GRAD_WITH_ARGMAX_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("ksize", ksize, n_ksize);
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_BOOL_ATTR("include_batch_in_index", o->include_batch_in_index);
  const ek_op op = ek_build(g, "MaxPoolGradWithArgmax", EK_OUTS(input, grad, argmax), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_max_pool_v2(ek_graph *g, ek_out input, ek_out ksize, ek_out strides, const char *padding,
                      const ek_max_pool_v2_opts *opts) {
  static const ek_max_pool_v2_opts defaults = EK_MAX_POOL_V2_OPTS_INIT;
  const ek_max_pool_v2_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MaxPoolV2", "EK_MAX_POOL_V2_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "MaxPoolV2", EK_OUTS(input, ksize, strides), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_max_pool_with_argmax_outs ek_max_pool_with_argmax(ek_graph *g, ek_out input, const int64_t *ksize, int n_ksize,
                                                     const int64_t *strides, int n_strides, const char *padding,
                                                     const ek_max_pool_with_argmax_opts *opts) {
  static const ek_max_pool_with_argmax_opts defaults = EK_MAX_POOL_WITH_ARGMAX_OPTS_INIT;
  const ek_max_pool_with_argmax_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MaxPoolWithArgmax", "EK_MAX_POOL_WITH_ARGMAX_OPTS_INIT");
  ek_attr attrs[5];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INTS_ATTR("ksize", ksize, n_ksize);
  attrs[n_attrs++] = EK_INTS_ATTR("strides", strides, n_strides);
  attrs[n_attrs++] = EK_STRING_ATTR("padding", padding);
  attrs[n_attrs++] = EK_BOOL_ATTR("include_batch_in_index", o->include_batch_in_index);
  attrs[n_attrs++] = EK_TYPE_ATTR("Targmax", o->targmax);
  const ek_op op = ek_build(g, "MaxPoolWithArgmax", EK_OUTS(input), attrs, n_attrs);
  return (ek_max_pool_with_argmax_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_out ek_maximum(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "Maximum", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_reduce_mean(ek_graph *g, ek_out input, ek_out reduction_indices, const ek_reduce_mean_opts *opts) {
  static const ek_reduce_mean_opts defaults = EK_REDUCE_MEAN_OPTS_INIT;
  const ek_reduce_mean_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Mean", "EK_REDUCE_MEAN_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("keep_dims", o->keep_dims);
  const ek_op op = ek_build(g, "Mean", EK_OUTS(input, reduction_indices), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_merge_outs ek_merge(ek_graph *g, ek_outs inputs) {
  const ek_op op = ek_build(g, "Merge", inputs, EK_NO_ATTRS);
  return (ek_merge_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_out ek_merge_summary(ek_graph *g, ek_outs inputs) {
  const ek_op op = ek_build(g, "MergeSummary", inputs, EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_op ek_merge_v2_checkpoints(ek_graph *g, ek_out checkpoint_prefixes, ek_out destination_prefix,
                              const ek_merge_v2_checkpoints_opts *opts) {
  static const ek_merge_v2_checkpoints_opts defaults = EK_MERGE_V2_CHECKPOINTS_OPTS_INIT;
  const ek_merge_v2_checkpoints_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "MergeV2Checkpoints", "EK_MERGE_V2_CHECKPOINTS_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("delete_old_dirs", o->delete_old_dirs);
  const ek_op op = ek_build(g, "MergeV2Checkpoints", EK_OUTS(checkpoint_prefixes, destination_prefix), attrs, n_attrs);
  return op;
}

ek_out ek_reduce_min(ek_graph *g, ek_out input, ek_out reduction_indices, const ek_reduce_min_opts *opts) {
  static const ek_reduce_min_opts defaults = EK_REDUCE_MIN_OPTS_INIT;
  const ek_reduce_min_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Min", "EK_REDUCE_MIN_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("keep_dims", o->keep_dims);
  const ek_op op = ek_build(g, "Min", EK_OUTS(input, reduction_indices), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_minimum(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "Minimum", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_mirror_pad(ek_graph *g, ek_out input, ek_out paddings, const char *mode) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("mode", mode);
  const ek_op op = ek_build(g, "MirrorPad", EK_OUTS(input, paddings), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_mirror_pad_grad(ek_graph *g, ek_out input, ek_out paddings, const char *mode) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("mode", mode);
  const ek_op op = ek_build(g, "MirrorPadGrad", EK_OUTS(input, paddings), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_truncatemod(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "Mod", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_multiply(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "Mul", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_multinomial(ek_graph *g, ek_out logits, ek_out num_samples, const ek_multinomial_opts *opts) {
  static const ek_multinomial_opts defaults = EK_MULTINOMIAL_OPTS_INIT;
  const ek_multinomial_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Multinomial", "EK_MULTINOMIAL_OPTS_INIT");
  ek_attr attrs[3];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("seed", o->seed);
  attrs[n_attrs++] = EK_INT_ATTR("seed2", o->seed2);
  attrs[n_attrs++] = EK_TYPE_ATTR("output_dtype", o->output_dtype);
  const ek_op op = ek_build(g, "Multinomial", EK_OUTS(logits, num_samples), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_negative(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Neg", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_next_iteration(ek_graph *g, ek_out data) {
  const ek_op op = ek_build(g, "NextIteration", EK_OUTS(data), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_not_equal(ek_graph *g, ek_out x, ek_out y, const ek_not_equal_opts *opts) {
  static const ek_not_equal_opts defaults = EK_NOT_EQUAL_OPTS_INIT;
  const ek_not_equal_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "NotEqual", "EK_NOT_EQUAL_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("incompatible_shape_error", o->incompatible_shape_error);
  const ek_op op = ek_build(g, "NotEqual", EK_OUTS(x, y), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_one_hot(ek_graph *g, ek_out indices, ek_out depth, ek_out on_value, ek_out off_value,
                  const ek_one_hot_opts *opts) {
  static const ek_one_hot_opts defaults = EK_ONE_HOT_OPTS_INIT;
  const ek_one_hot_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "OneHot", "EK_ONE_HOT_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("axis", o->axis);
  const ek_op op = ek_build(g, "OneHot", EK_OUTS(indices, depth, on_value, off_value), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_ones_like(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "OnesLike", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_stack(ek_graph *g, ek_outs values, const ek_stack_opts *opts) {
  static const ek_stack_opts defaults = EK_STACK_OPTS_INIT;
  const ek_stack_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Pack", "EK_STACK_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("axis", o->axis);
  const ek_op op = ek_build(g, "Pack", values, attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_pad(ek_graph *g, ek_out input, ek_out paddings) {
  const ek_op op = ek_build(g, "Pad", EK_OUTS(input, paddings), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_pad_v2(ek_graph *g, ek_out input, ek_out paddings, ek_out constant_values) {
  const ek_op op = ek_build(g, "PadV2", EK_OUTS(input, paddings, constant_values), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_parallel_dynamic_stitch(ek_graph *g, ek_outs indices, ek_outs data) {
  const ek_outs parts[] = {indices, data};
  const ek_op op = build_parts(g, "ParallelDynamicStitch", parts, 2, EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_placeholder_with_default(ek_graph *g, ek_out input, ek_shape shape) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_SHAPE_ATTR("shape", shape);
  const ek_op op = ek_build(g, "PlaceholderWithDefault", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_pow(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "Pow", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_prevent_gradient(ek_graph *g, ek_out input, const ek_prevent_gradient_opts *opts) {
  static const ek_prevent_gradient_opts defaults = EK_PREVENT_GRADIENT_OPTS_INIT;
  const ek_prevent_gradient_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "PreventGradient", "EK_PREVENT_GRADIENT_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("message", o->message);
  const ek_op op = ek_build(g, "PreventGradient", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_print(ek_graph *g, ek_out input, ek_outs data, const ek_print_opts *opts) {
  static const ek_print_opts defaults = EK_PRINT_OPTS_INIT;
  const ek_print_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Print", "EK_PRINT_OPTS_INIT");
  ek_attr attrs[3];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("message", o->message);
  attrs[n_attrs++] = EK_INT_ATTR("first_n", o->first_n);
  attrs[n_attrs++] = EK_INT_ATTR("summarize", o->summarize);
  const ek_outs parts[] = {EK_OUTS(input), data};
  const ek_op op = build_parts(g, "Print", parts, 2, attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_reduce_prod(ek_graph *g, ek_out input, ek_out reduction_indices, const ek_reduce_prod_opts *opts) {
  static const ek_reduce_prod_opts defaults = EK_REDUCE_PROD_OPTS_INIT;
  const ek_reduce_prod_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Prod", "EK_REDUCE_PROD_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("keep_dims", o->keep_dims);
  const ek_op op = ek_build(g, "Prod", EK_OUTS(input, reduction_indices), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_qr_outs ek_qr(ek_graph *g, ek_out input, const ek_qr_opts *opts) {
  static const ek_qr_opts defaults = EK_QR_OPTS_INIT;
  const ek_qr_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Qr", "EK_QR_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("full_matrices", o->full_matrices);
  const ek_op op = ek_build(g, "Qr", EK_OUTS(input), attrs, n_attrs);
  return (ek_qr_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_out ek_random_shuffle(ek_graph *g, ek_out value, const ek_random_shuffle_opts *opts) {
  static const ek_random_shuffle_opts defaults = EK_RANDOM_SHUFFLE_OPTS_INIT;
  const ek_random_shuffle_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "RandomShuffle", "EK_RANDOM_SHUFFLE_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("seed", o->seed);
  attrs[n_attrs++] = EK_INT_ATTR("seed2", o->seed2);
  const ek_op op = ek_build(g, "RandomShuffle", EK_OUTS(value), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_random_standard_normal(ek_graph *g, ek_out shape, ek_dtype dtype,
                                 const ek_random_standard_normal_opts *opts) {
  static const ek_random_standard_normal_opts defaults = EK_RANDOM_STANDARD_NORMAL_OPTS_INIT;
  const ek_random_standard_normal_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "RandomStandardNormal", "EK_RANDOM_STANDARD_NORMAL_OPTS_INIT");
  ek_attr attrs[3];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("seed", o->seed);
  attrs[n_attrs++] = EK_INT_ATTR("seed2", o->seed2);
  attrs[n_attrs++] = EK_TYPE_ATTR("dtype", dtype);
  const ek_op op = ek_build(g, "RandomStandardNormal", EK_OUTS(shape), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_random_uniform_int(ek_graph *g, ek_out shape, ek_out minval, ek_out maxval,
                             const ek_random_uniform_int_opts *opts) {
  static const ek_random_uniform_int_opts defaults = EK_RANDOM_UNIFORM_INT_OPTS_INIT;
  const ek_random_uniform_int_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "RandomUniformInt", "EK_RANDOM_UNIFORM_INT_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("seed", o->seed);
  attrs[n_attrs++] = EK_INT_ATTR("seed2", o->seed2);
  const ek_op op = ek_build(g, "RandomUniformInt", EK_OUTS(shape, minval, maxval), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_range(ek_graph *g, ek_out start, ek_out limit, ek_out delta) {
  const ek_op op = ek_build(g, "Range", EK_OUTS(start, limit, delta), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_rank(ek_graph *g, ek_out input) {
  const ek_op op = ek_build(g, "Rank", EK_OUTS(input), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_read_variable_op(ek_graph *g, ek_out resource, ek_dtype dtype) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("dtype", dtype);
  const ek_op op = ek_build(g, "ReadVariableOp", EK_OUTS(resource), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_truediv(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "RealDiv", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_reciprocal(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Reciprocal", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_reciprocal_grad(ek_graph *g, ek_out y, ek_out dy) {
  const ek_op op = ek_build(g, "ReciprocalGrad", EK_OUTS(y, dy), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_ref_enter(ek_graph *g, ek_out data, const char *frame_name, const ek_ref_enter_opts *opts) {
  static const ek_ref_enter_opts defaults = EK_REF_ENTER_OPTS_INIT;
  const ek_ref_enter_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "RefEnter", "EK_REF_ENTER_OPTS_INIT");
  ek_attr attrs[3];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("frame_name", frame_name);
  attrs[n_attrs++] = EK_BOOL_ATTR("is_constant", o->is_constant);
  attrs[n_attrs++] = EK_INT_ATTR("parallel_iterations", o->parallel_iterations);
  const ek_op op = ek_build(g, "RefEnter", EK_OUTS(data), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_ref_exit(ek_graph *g, ek_out data) {
  const ek_op op = ek_build(g, "RefExit", EK_OUTS(data), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_ref_identity(ek_graph *g, ek_out input) {
  const ek_op op = ek_build(g, "RefIdentity", EK_OUTS(input), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_ref_merge_outs ek_ref_merge(ek_graph *g, ek_outs inputs) {
  const ek_op op = ek_build(g, "RefMerge", inputs, EK_NO_ATTRS);
  return (ek_ref_merge_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_out ek_ref_next_iteration(ek_graph *g, ek_out data) {
  const ek_op op = ek_build(g, "RefNextIteration", EK_OUTS(data), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_ref_switch_outs ek_ref_switch(ek_graph *g, ek_out data, ek_out pred) {
  const ek_op op = ek_build(g, "RefSwitch", EK_OUTS(data, pred), EK_NO_ATTRS);
  return (ek_ref_switch_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_out ek_relu(ek_graph *g, ek_out features) {
  const ek_op op = ek_build(g, "Relu", EK_OUTS(features), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_relu6(ek_graph *g, ek_out features) {
  const ek_op op = ek_build(g, "Relu6", EK_OUTS(features), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_relu6_grad(ek_graph *g, ek_out gradients, ek_out features) {
  const ek_op op = ek_build(g, "Relu6Grad", EK_OUTS(gradients, features), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_relu_grad(ek_graph *g, ek_out gradients, ek_out features) {
  const ek_op op = ek_build(g, "ReluGrad", EK_OUTS(gradients, features), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_reshape(ek_graph *g, ek_out tensor, ek_out shape) {
  const ek_op op = ek_build(g, "Reshape", EK_OUTS(tensor, shape), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_resize_bilinear(ek_graph *g, ek_out images, ek_out size, const ek_resize_bilinear_opts *opts) {
  static const ek_resize_bilinear_opts defaults = EK_RESIZE_BILINEAR_OPTS_INIT;
  const ek_resize_bilinear_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResizeBilinear", "EK_RESIZE_BILINEAR_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("align_corners", o->align_corners);
  attrs[n_attrs++] = EK_BOOL_ATTR("half_pixel_centers", o->half_pixel_centers);
  const ek_op op = ek_build(g, "ResizeBilinear", EK_OUTS(images, size), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_resize_bilinear_grad(ek_graph *g, ek_out grads, ek_out original_image,
                               const ek_resize_bilinear_grad_opts *opts) {
  static const ek_resize_bilinear_grad_opts defaults = EK_RESIZE_BILINEAR_GRAD_OPTS_INIT;
  const ek_resize_bilinear_grad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResizeBilinearGrad", "EK_RESIZE_BILINEAR_GRAD_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("align_corners", o->align_corners);
  attrs[n_attrs++] = EK_BOOL_ATTR("half_pixel_centers", o->half_pixel_centers);
  const ek_op op = ek_build(g, "ResizeBilinearGrad", EK_OUTS(grads, original_image), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_resize_nearest_neighbor(ek_graph *g, ek_out images, ek_out size,
                                  const ek_resize_nearest_neighbor_opts *opts) {
  static const ek_resize_nearest_neighbor_opts defaults = EK_RESIZE_NEAREST_NEIGHBOR_OPTS_INIT;
  const ek_resize_nearest_neighbor_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResizeNearestNeighbor", "EK_RESIZE_NEAREST_NEIGHBOR_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("align_corners", o->align_corners);
  attrs[n_attrs++] = EK_BOOL_ATTR("half_pixel_centers", o->half_pixel_centers);
  const ek_op op = ek_build(g, "ResizeNearestNeighbor", EK_OUTS(images, size), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_resize_nearest_neighbor_grad(ek_graph *g, ek_out grads, ek_out size,
                                       const ek_resize_nearest_neighbor_grad_opts *opts) {
  static const ek_resize_nearest_neighbor_grad_opts defaults = EK_RESIZE_NEAREST_NEIGHBOR_GRAD_OPTS_INIT;
  const ek_resize_nearest_neighbor_grad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResizeNearestNeighborGrad", "EK_RESIZE_NEAREST_NEIGHBOR_GRAD_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("align_corners", o->align_corners);
  attrs[n_attrs++] = EK_BOOL_ATTR("half_pixel_centers", o->half_pixel_centers);
  const ek_op op = ek_build(g, "ResizeNearestNeighborGrad", EK_OUTS(grads, size), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_op ek_resource_apply_adagrad(ek_graph *g, ek_out var, ek_out accum, ek_out lr, ek_out grad,
                                const ek_resource_apply_adagrad_opts *opts) {
  static const ek_resource_apply_adagrad_opts defaults = EK_RESOURCE_APPLY_ADAGRAD_OPTS_INIT;
  const ek_resource_apply_adagrad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResourceApplyAdagrad", "EK_RESOURCE_APPLY_ADAGRAD_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  attrs[n_attrs++] = EK_BOOL_ATTR("update_slots", o->update_slots);
  const ek_op op = ek_build(g, "ResourceApplyAdagrad", EK_OUTS(var, accum, lr, grad), attrs, n_attrs);
  return op;
}

ek_op ek_resource_apply_adagrad_v2(ek_graph *g, ek_out var, ek_out accum, ek_out lr, ek_out epsilon, ek_out grad,
                                   const ek_resource_apply_adagrad_v2_opts *opts) {
  static const ek_resource_apply_adagrad_v2_opts defaults = EK_RESOURCE_APPLY_ADAGRAD_V2_OPTS_INIT;
  const ek_resource_apply_adagrad_v2_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResourceApplyAdagradV2", "EK_RESOURCE_APPLY_ADAGRAD_V2_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  attrs[n_attrs++] = EK_BOOL_ATTR("update_slots", o->update_slots);
  const ek_op op = ek_build(g, "ResourceApplyAdagradV2", EK_OUTS(var, accum, lr, epsilon, grad), attrs, n_attrs);
  return op;
}

ek_op ek_resource_apply_adam(ek_graph *g, ek_out var, ek_out m, ek_out v, ek_out beta1_power, ek_out beta2_power,
                             ek_out lr, ek_out beta1, ek_out beta2, ek_out epsilon, ek_out grad,
                             const ek_resource_apply_adam_opts *opts) {
  static const ek_resource_apply_adam_opts defaults = EK_RESOURCE_APPLY_ADAM_OPTS_INIT;
  const ek_resource_apply_adam_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResourceApplyAdam", "EK_RESOURCE_APPLY_ADAM_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  attrs[n_attrs++] = EK_BOOL_ATTR("use_nesterov", o->use_nesterov);
  const ek_op op =
      ek_build(g, "ResourceApplyAdam", EK_OUTS(var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad),
               attrs, n_attrs);
  return op;
}

ek_op ek_resource_apply_centered_rms_prop(ek_graph *g, ek_out var, ek_out mg, ek_out ms, ek_out mom, ek_out lr,
                                          ek_out rho, ek_out momentum, ek_out epsilon, ek_out grad,
                                          const ek_resource_apply_centered_rms_prop_opts *opts) {
  static const ek_resource_apply_centered_rms_prop_opts defaults = EK_RESOURCE_APPLY_CENTERED_RMS_PROP_OPTS_INIT;
  const ek_resource_apply_centered_rms_prop_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResourceApplyCenteredRMSProp", "EK_RESOURCE_APPLY_CENTERED_RMS_PROP_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ResourceApplyCenteredRMSProp",
                            EK_OUTS(var, mg, ms, mom, lr, rho, momentum, epsilon, grad), attrs, n_attrs);
  return op;
}

ek_op ek_resource_apply_gradient_descent(ek_graph *g, ek_out var, ek_out alpha, ek_out delta,
                                         const ek_resource_apply_gradient_descent_opts *opts) {
  static const ek_resource_apply_gradient_descent_opts defaults = EK_RESOURCE_APPLY_GRADIENT_DESCENT_OPTS_INIT;
  const ek_resource_apply_gradient_descent_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResourceApplyGradientDescent", "EK_RESOURCE_APPLY_GRADIENT_DESCENT_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ResourceApplyGradientDescent", EK_OUTS(var, alpha, delta), attrs, n_attrs);
  return op;
}

ek_op ek_resource_apply_momentum(ek_graph *g, ek_out var, ek_out accum, ek_out lr, ek_out grad, ek_out momentum,
                                 const ek_resource_apply_momentum_opts *opts) {
  static const ek_resource_apply_momentum_opts defaults = EK_RESOURCE_APPLY_MOMENTUM_OPTS_INIT;
  const ek_resource_apply_momentum_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResourceApplyMomentum", "EK_RESOURCE_APPLY_MOMENTUM_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  attrs[n_attrs++] = EK_BOOL_ATTR("use_nesterov", o->use_nesterov);
  const ek_op op = ek_build(g, "ResourceApplyMomentum", EK_OUTS(var, accum, lr, grad, momentum), attrs, n_attrs);
  return op;
}

ek_op ek_resource_apply_rms_prop(ek_graph *g, ek_out var, ek_out ms, ek_out mom, ek_out lr, ek_out rho, ek_out momentum,
                                 ek_out epsilon, ek_out grad, const ek_resource_apply_rms_prop_opts *opts) {
  static const ek_resource_apply_rms_prop_opts defaults = EK_RESOURCE_APPLY_RMS_PROP_OPTS_INIT;
  const ek_resource_apply_rms_prop_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResourceApplyRMSProp", "EK_RESOURCE_APPLY_RMS_PROP_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op =
      ek_build(g, "ResourceApplyRMSProp", EK_OUTS(var, ms, mom, lr, rho, momentum, epsilon, grad), attrs, n_attrs);
  return op;
}

ek_out ek_resource_gather(ek_graph *g, ek_out resource, ek_out indices, ek_dtype dtype,
                          const ek_resource_gather_opts *opts) {
  static const ek_resource_gather_opts defaults = EK_RESOURCE_GATHER_OPTS_INIT;
  const ek_resource_gather_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResourceGather", "EK_RESOURCE_GATHER_OPTS_INIT");
  ek_attr attrs[3];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("batch_dims", o->batch_dims);
  attrs[n_attrs++] = EK_BOOL_ATTR("validate_indices", o->validate_indices);
  attrs[n_attrs++] = EK_TYPE_ATTR("dtype", dtype);
  const ek_op op = ek_build(g, "ResourceGather", EK_OUTS(resource, indices), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_resource_gather_nd(ek_graph *g, ek_out resource, ek_out indices, ek_dtype dtype) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("dtype", dtype);
  const ek_op op = ek_build(g, "ResourceGatherNd", EK_OUTS(resource, indices), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_op ek_resource_scatter_add(ek_graph *g, ek_out resource, ek_out indices, ek_out updates) {
  const ek_op op = ek_build(g, "ResourceScatterAdd", EK_OUTS(resource, indices, updates), EK_NO_ATTRS);
  return op;
}

ek_op ek_resource_scatter_div(ek_graph *g, ek_out resource, ek_out indices, ek_out updates) {
  const ek_op op = ek_build(g, "ResourceScatterDiv", EK_OUTS(resource, indices, updates), EK_NO_ATTRS);
  return op;
}

ek_op ek_resource_scatter_max(ek_graph *g, ek_out resource, ek_out indices, ek_out updates) {
  const ek_op op = ek_build(g, "ResourceScatterMax", EK_OUTS(resource, indices, updates), EK_NO_ATTRS);
  return op;
}

ek_op ek_resource_scatter_min(ek_graph *g, ek_out resource, ek_out indices, ek_out updates) {
  const ek_op op = ek_build(g, "ResourceScatterMin", EK_OUTS(resource, indices, updates), EK_NO_ATTRS);
  return op;
}

ek_op ek_resource_scatter_mul(ek_graph *g, ek_out resource, ek_out indices, ek_out updates) {
  const ek_op op = ek_build(g, "ResourceScatterMul", EK_OUTS(resource, indices, updates), EK_NO_ATTRS);
  return op;
}

ek_op ek_resource_scatter_nd_add(ek_graph *g, ek_out ref, ek_out indices, ek_out updates,
                                 const ek_resource_scatter_nd_add_opts *opts) {
  static const ek_resource_scatter_nd_add_opts defaults = EK_RESOURCE_SCATTER_ND_ADD_OPTS_INIT;
  const ek_resource_scatter_nd_add_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResourceScatterNdAdd", "EK_RESOURCE_SCATTER_ND_ADD_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ResourceScatterNdAdd", EK_OUTS(ref, indices, updates), attrs, n_attrs);
  return op;
}

ek_op ek_resource_scatter_nd_sub(ek_graph *g, ek_out ref, ek_out indices, ek_out updates,
                                 const ek_resource_scatter_nd_sub_opts *opts) {
  static const ek_resource_scatter_nd_sub_opts defaults = EK_RESOURCE_SCATTER_ND_SUB_OPTS_INIT;
  const ek_resource_scatter_nd_sub_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResourceScatterNdSub", "EK_RESOURCE_SCATTER_ND_SUB_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ResourceScatterNdSub", EK_OUTS(ref, indices, updates), attrs, n_attrs);
  return op;
}

ek_op ek_resource_scatter_nd_update(ek_graph *g, ek_out ref, ek_out indices, ek_out updates,
                                    const ek_resource_scatter_nd_update_opts *opts) {
  static const ek_resource_scatter_nd_update_opts defaults = EK_RESOURCE_SCATTER_ND_UPDATE_OPTS_INIT;
  const ek_resource_scatter_nd_update_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ResourceScatterNdUpdate", "EK_RESOURCE_SCATTER_ND_UPDATE_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ResourceScatterNdUpdate", EK_OUTS(ref, indices, updates), attrs, n_attrs);
  return op;
}

ek_op ek_resource_scatter_sub(ek_graph *g, ek_out resource, ek_out indices, ek_out updates) {
  const ek_op op = ek_build(g, "ResourceScatterSub", EK_OUTS(resource, indices, updates), EK_NO_ATTRS);
  return op;
}

ek_op ek_resource_scatter_update(ek_graph *g, ek_out resource, ek_out indices, ek_out updates) {
  const ek_op op = ek_build(g, "ResourceScatterUpdate", EK_OUTS(resource, indices, updates), EK_NO_ATTRS);
  return op;
}

ek_op ek_restore_v2(ek_graph *g, ek_out prefix, ek_out tensor_names, ek_out shape_and_slices, const ek_dtype *dtypes,
                    int n_dtypes) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPES_ATTR("dtypes", dtypes, n_dtypes);
  const ek_op op = ek_build(g, "RestoreV2", EK_OUTS(prefix, tensor_names, shape_and_slices), attrs, n_attrs);
  return op;
}

ek_out ek_reverse_sequence(ek_graph *g, ek_out input, ek_out seq_lengths, int64_t seq_dim,
                           const ek_reverse_sequence_opts *opts) {
  static const ek_reverse_sequence_opts defaults = EK_REVERSE_SEQUENCE_OPTS_INIT;
  const ek_reverse_sequence_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ReverseSequence", "EK_REVERSE_SEQUENCE_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("seq_dim", seq_dim);
  attrs[n_attrs++] = EK_INT_ATTR("batch_dim", o->batch_dim);
  const ek_op op = ek_build(g, "ReverseSequence", EK_OUTS(input, seq_lengths), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_reverse(ek_graph *g, ek_out tensor, ek_out axis) {
  const ek_op op = ek_build(g, "ReverseV2", EK_OUTS(tensor, axis), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_right_shift(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "RightShift", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_rint(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Rint", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_roll(ek_graph *g, ek_out input, ek_out shift, ek_out axis) {
  const ek_op op = ek_build(g, "Roll", EK_OUTS(input, shift, axis), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_round(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Round", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_rsqrt(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Rsqrt", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_rsqrt_grad(ek_graph *g, ek_out y, ek_out dy) {
  const ek_op op = ek_build(g, "RsqrtGrad", EK_OUTS(y, dy), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_op ek_save_v2(ek_graph *g, ek_out prefix, ek_out tensor_names, ek_out shape_and_slices, ek_outs tensors) {
  const ek_outs parts[] = {EK_OUTS(prefix), EK_OUTS(tensor_names), EK_OUTS(shape_and_slices), tensors};
  const ek_op op = build_parts(g, "SaveV2", parts, 4, EK_NO_ATTRS);
  return op;
}

ek_out ek_scalar_summary(ek_graph *g, ek_out tags, ek_out values) {
  const ek_op op = ek_build(g, "ScalarSummary", EK_OUTS(tags, values), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_scatter_add(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_add_opts *opts) {
  static const ek_scatter_add_opts defaults = EK_SCATTER_ADD_OPTS_INIT;
  const ek_scatter_add_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ScatterAdd", "EK_SCATTER_ADD_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ScatterAdd", EK_OUTS(ref, indices, updates), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_scatter_div(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_div_opts *opts) {
  static const ek_scatter_div_opts defaults = EK_SCATTER_DIV_OPTS_INIT;
  const ek_scatter_div_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ScatterDiv", "EK_SCATTER_DIV_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ScatterDiv", EK_OUTS(ref, indices, updates), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_scatter_max(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_max_opts *opts) {
  static const ek_scatter_max_opts defaults = EK_SCATTER_MAX_OPTS_INIT;
  const ek_scatter_max_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ScatterMax", "EK_SCATTER_MAX_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ScatterMax", EK_OUTS(ref, indices, updates), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_scatter_min(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_min_opts *opts) {
  static const ek_scatter_min_opts defaults = EK_SCATTER_MIN_OPTS_INIT;
  const ek_scatter_min_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ScatterMin", "EK_SCATTER_MIN_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ScatterMin", EK_OUTS(ref, indices, updates), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_scatter_mul(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_mul_opts *opts) {
  static const ek_scatter_mul_opts defaults = EK_SCATTER_MUL_OPTS_INIT;
  const ek_scatter_mul_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ScatterMul", "EK_SCATTER_MUL_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ScatterMul", EK_OUTS(ref, indices, updates), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_scatter_nd(ek_graph *g, ek_out indices, ek_out updates, ek_out shape) {
  const ek_op op = ek_build(g, "ScatterNd", EK_OUTS(indices, updates, shape), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_scatter_nd_add(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_nd_add_opts *opts) {
  static const ek_scatter_nd_add_opts defaults = EK_SCATTER_ND_ADD_OPTS_INIT;
  const ek_scatter_nd_add_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ScatterNdAdd", "EK_SCATTER_ND_ADD_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ScatterNdAdd", EK_OUTS(ref, indices, updates), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_scatter_nd_sub(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_nd_sub_opts *opts) {
  static const ek_scatter_nd_sub_opts defaults = EK_SCATTER_ND_SUB_OPTS_INIT;
  const ek_scatter_nd_sub_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ScatterNdSub", "EK_SCATTER_ND_SUB_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ScatterNdSub", EK_OUTS(ref, indices, updates), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_scatter_nd_update(ek_graph *g, ek_out ref, ek_out indices, ek_out updates,
                            const ek_scatter_nd_update_opts *opts) {
  static const ek_scatter_nd_update_opts defaults = EK_SCATTER_ND_UPDATE_OPTS_INIT;
  const ek_scatter_nd_update_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ScatterNdUpdate", "EK_SCATTER_ND_UPDATE_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ScatterNdUpdate", EK_OUTS(ref, indices, updates), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_scatter_sub(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_sub_opts *opts) {
  static const ek_scatter_sub_opts defaults = EK_SCATTER_SUB_OPTS_INIT;
  const ek_scatter_sub_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ScatterSub", "EK_SCATTER_SUB_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ScatterSub", EK_OUTS(ref, indices, updates), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_scatter_update(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_update_opts *opts) {
  static const ek_scatter_update_opts defaults = EK_SCATTER_UPDATE_OPTS_INIT;
  const ek_scatter_update_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ScatterUpdate", "EK_SCATTER_UPDATE_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("use_locking", o->use_locking);
  const ek_op op = ek_build(g, "ScatterUpdate", EK_OUTS(ref, indices, updates), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_segment_max(ek_graph *g, ek_out data, ek_out segment_ids) {
  const ek_op op = ek_build(g, "SegmentMax", EK_OUTS(data, segment_ids), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_segment_mean(ek_graph *g, ek_out data, ek_out segment_ids) {
  const ek_op op = ek_build(g, "SegmentMean", EK_OUTS(data, segment_ids), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_segment_min(ek_graph *g, ek_out data, ek_out segment_ids) {
  const ek_op op = ek_build(g, "SegmentMin", EK_OUTS(data, segment_ids), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_segment_prod(ek_graph *g, ek_out data, ek_out segment_ids) {
  const ek_op op = ek_build(g, "SegmentProd", EK_OUTS(data, segment_ids), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_segment_sum(ek_graph *g, ek_out data, ek_out segment_ids) {
  const ek_op op = ek_build(g, "SegmentSum", EK_OUTS(data, segment_ids), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_where(ek_graph *g, ek_out condition, ek_out t, ek_out e) {
  const ek_op op = ek_build(g, "Select", EK_OUTS(condition, t, e), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_where_v2(ek_graph *g, ek_out condition, ek_out t, ek_out e) {
  const ek_op op = ek_build(g, "SelectV2", EK_OUTS(condition, t, e), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_selu(ek_graph *g, ek_out features) {
  const ek_op op = ek_build(g, "Selu", EK_OUTS(features), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_selu_grad(ek_graph *g, ek_out gradients, ek_out outputs) {
  const ek_op op = ek_build(g, "SeluGrad", EK_OUTS(gradients, outputs), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_dynamic_shape(ek_graph *g, ek_out input, const ek_dynamic_shape_opts *opts) {
  static const ek_dynamic_shape_opts defaults = EK_DYNAMIC_SHAPE_OPTS_INIT;
  const ek_dynamic_shape_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Shape", "EK_DYNAMIC_SHAPE_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("out_type", o->out_type);
  const ek_op op = ek_build(g, "Shape", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_op ek_shape_n(ek_graph *g, ek_outs input, const ek_shape_n_opts *opts) {
  static const ek_shape_n_opts defaults = EK_SHAPE_N_OPTS_INIT;
  const ek_shape_n_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "ShapeN", "EK_SHAPE_N_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("out_type", o->out_type);
  const ek_op op = ek_build(g, "ShapeN", input, attrs, n_attrs);
  return op;
}

ek_out ek_sharded_filename(ek_graph *g, ek_out basename, ek_out shard, ek_out num_shards) {
  const ek_op op = ek_build(g, "ShardedFilename", EK_OUTS(basename, shard, num_shards), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_sigmoid(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Sigmoid", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_sigmoid_grad(ek_graph *g, ek_out y, ek_out dy) {
  const ek_op op = ek_build(g, "SigmoidGrad", EK_OUTS(y, dy), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_sign(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Sign", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_sin(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Sin", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_sinh(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Sinh", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_size(ek_graph *g, ek_out input, const ek_size_opts *opts) {
  static const ek_size_opts defaults = EK_SIZE_OPTS_INIT;
  const ek_size_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Size", "EK_SIZE_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("out_type", o->out_type);
  const ek_op op = ek_build(g, "Size", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_slice(ek_graph *g, ek_out input, ek_out begin, ek_out size) {
  const ek_op op = ek_build(g, "Slice", EK_OUTS(input, begin, size), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_snapshot(ek_graph *g, ek_out input) {
  const ek_op op = ek_build(g, "Snapshot", EK_OUTS(input), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_softmax(ek_graph *g, ek_out logits) {
  const ek_op op = ek_build(g, "Softmax", EK_OUTS(logits), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_softmax_cross_entropy_with_logits_outs ek_softmax_cross_entropy_with_logits(ek_graph *g, ek_out features,
                                                                               ek_out labels) {
  const ek_op op = ek_build(g, "SoftmaxCrossEntropyWithLogits", EK_OUTS(features, labels), EK_NO_ATTRS);
  return (ek_softmax_cross_entropy_with_logits_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_out ek_softplus(ek_graph *g, ek_out features) {
  const ek_op op = ek_build(g, "Softplus", EK_OUTS(features), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_softplus_grad(ek_graph *g, ek_out gradients, ek_out features) {
  const ek_op op = ek_build(g, "SoftplusGrad", EK_OUTS(gradients, features), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_softsign(ek_graph *g, ek_out features) {
  const ek_op op = ek_build(g, "Softsign", EK_OUTS(features), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_softsign_grad(ek_graph *g, ek_out gradients, ek_out features) {
  const ek_op op = ek_build(g, "SoftsignGrad", EK_OUTS(gradients, features), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_space_to_batch(ek_graph *g, ek_out input, ek_out paddings, int64_t block_size) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("block_size", block_size);
  const ek_op op = ek_build(g, "SpaceToBatch", EK_OUTS(input, paddings), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_space_to_batch_nd(ek_graph *g, ek_out input, ek_out block_shape, ek_out paddings) {
  const ek_op op = ek_build(g, "SpaceToBatchND", EK_OUTS(input, block_shape, paddings), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_space_to_depth(ek_graph *g, ek_out input, int64_t block_size, const ek_space_to_depth_opts *opts) {
  static const ek_space_to_depth_opts defaults = EK_SPACE_TO_DEPTH_OPTS_INIT;
  const ek_space_to_depth_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "SpaceToDepth", "EK_SPACE_TO_DEPTH_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("block_size", block_size);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  const ek_op op = ek_build(g, "SpaceToDepth", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_sparse_softmax_cross_entropy_with_logits_outs
ek_sparse_softmax_cross_entropy_with_logits(ek_graph *g, ek_out features, ek_out labels) {
  const ek_op op = ek_build(g, "SparseSoftmaxCrossEntropyWithLogits", EK_OUTS(features, labels), EK_NO_ATTRS);
  return (ek_sparse_softmax_cross_entropy_with_logits_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_op ek_split(ek_graph *g, ek_out split_dim, ek_out value, int64_t num_split) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("num_split", num_split);
  const ek_op op = ek_build(g, "Split", EK_OUTS(split_dim, value), attrs, n_attrs);
  return op;
}

ek_op ek_split_v(ek_graph *g, ek_out value, ek_out size_splits, ek_out split_dim, int64_t num_split) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("num_split", num_split);
  const ek_op op = ek_build(g, "SplitV", EK_OUTS(value, size_splits, split_dim), attrs, n_attrs);
  return op;
}

ek_out ek_sqrt(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Sqrt", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_sqrt_grad(ek_graph *g, ek_out y, ek_out dy) {
  const ek_op op = ek_build(g, "SqrtGrad", EK_OUTS(y, dy), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_square(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Square", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_squared_difference(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "SquaredDifference", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_squeeze(ek_graph *g, ek_out input, const ek_squeeze_opts *opts) {
  static const ek_squeeze_opts defaults = EK_SQUEEZE_OPTS_INIT;
  const ek_squeeze_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Squeeze", "EK_SQUEEZE_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  if (o->squeeze_dims != NULL) attrs[n_attrs++] = EK_INTS_ATTR("squeeze_dims", o->squeeze_dims, o->n_squeeze_dims);
  const ek_op op = ek_build(g, "Squeeze", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_op ek_stack_close_v2(ek_graph *g, ek_out handle) {
  const ek_op op = ek_build(g, "StackCloseV2", EK_OUTS(handle), EK_NO_ATTRS);
  return op;
}

ek_out ek_stack_pop_v2(ek_graph *g, ek_out handle, ek_dtype elem_type) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("elem_type", elem_type);
  const ek_op op = ek_build(g, "StackPopV2", EK_OUTS(handle), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_stack_push_v2(ek_graph *g, ek_out handle, ek_out elem, const ek_stack_push_v2_opts *opts) {
  static const ek_stack_push_v2_opts defaults = EK_STACK_PUSH_V2_OPTS_INIT;
  const ek_stack_push_v2_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "StackPushV2", "EK_STACK_PUSH_V2_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("swap_memory", o->swap_memory);
  const ek_op op = ek_build(g, "StackPushV2", EK_OUTS(handle, elem), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_stack_v2(ek_graph *g, ek_out max_size, ek_dtype elem_type, const ek_stack_v2_opts *opts) {
  static const ek_stack_v2_opts defaults = EK_STACK_V2_OPTS_INIT;
  const ek_stack_v2_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "StackV2", "EK_STACK_V2_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("elem_type", elem_type);
  attrs[n_attrs++] = EK_STRING_ATTR("stack_name", o->stack_name);
  const ek_op op = ek_build(g, "StackV2", EK_OUTS(max_size), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_static_regex_full_match(ek_graph *g, ek_out input, const char *pattern) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("pattern", pattern);
  const ek_op op = ek_build(g, "StaticRegexFullMatch", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_stop_gradient(ek_graph *g, ek_out input) {
  const ek_op op = ek_build(g, "StopGradient", EK_OUTS(input), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_strided_slice(ek_graph *g, ek_out input, ek_out begin, ek_out end, ek_out strides,
                        const ek_strided_slice_opts *opts) {
  static const ek_strided_slice_opts defaults = EK_STRIDED_SLICE_OPTS_INIT;
  const ek_strided_slice_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "StridedSlice", "EK_STRIDED_SLICE_OPTS_INIT");
  ek_attr attrs[5];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("begin_mask", o->begin_mask);
  attrs[n_attrs++] = EK_INT_ATTR("end_mask", o->end_mask);
  attrs[n_attrs++] = EK_INT_ATTR("ellipsis_mask", o->ellipsis_mask);
  attrs[n_attrs++] = EK_INT_ATTR("new_axis_mask", o->new_axis_mask);
  attrs[n_attrs++] = EK_INT_ATTR("shrink_axis_mask", o->shrink_axis_mask);
  const ek_op op = ek_build(g, "StridedSlice", EK_OUTS(input, begin, end, strides), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_strided_slice_grad(ek_graph *g, ek_out shape, ek_out begin, ek_out end, ek_out strides, ek_out dy,
                             const ek_strided_slice_grad_opts *opts) {
  static const ek_strided_slice_grad_opts defaults = EK_STRIDED_SLICE_GRAD_OPTS_INIT;
  const ek_strided_slice_grad_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "StridedSliceGrad", "EK_STRIDED_SLICE_GRAD_OPTS_INIT");
  ek_attr attrs[5];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("begin_mask", o->begin_mask);
  attrs[n_attrs++] = EK_INT_ATTR("end_mask", o->end_mask);
  attrs[n_attrs++] = EK_INT_ATTR("ellipsis_mask", o->ellipsis_mask);
  attrs[n_attrs++] = EK_INT_ATTR("new_axis_mask", o->new_axis_mask);
  attrs[n_attrs++] = EK_INT_ATTR("shrink_axis_mask", o->shrink_axis_mask);
  const ek_op op = ek_build(g, "StridedSliceGrad", EK_OUTS(shape, begin, end, strides, dy), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_string_format(ek_graph *g, ek_outs inputs, const ek_string_format_opts *opts) {
  static const ek_string_format_opts defaults = EK_STRING_FORMAT_OPTS_INIT;
  const ek_string_format_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "StringFormat", "EK_STRING_FORMAT_OPTS_INIT");
  ek_attr attrs[3];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("template", o->template_);
  attrs[n_attrs++] = EK_STRING_ATTR("placeholder", o->placeholder);
  attrs[n_attrs++] = EK_INT_ATTR("summarize", o->summarize);
  const ek_op op = ek_build(g, "StringFormat", inputs, attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_string_join(ek_graph *g, ek_outs inputs, const ek_string_join_opts *opts) {
  static const ek_string_join_opts defaults = EK_STRING_JOIN_OPTS_INIT;
  const ek_string_join_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "StringJoin", "EK_STRING_JOIN_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("separator", o->separator);
  const ek_op op = ek_build(g, "StringJoin", inputs, attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_string_length(ek_graph *g, ek_out input, const ek_string_length_opts *opts) {
  static const ek_string_length_opts defaults = EK_STRING_LENGTH_OPTS_INIT;
  const ek_string_length_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "StringLength", "EK_STRING_LENGTH_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("unit", o->unit);
  const ek_op op = ek_build(g, "StringLength", EK_OUTS(input), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_subtract(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "Sub", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_reduce_sum(ek_graph *g, ek_out input, ek_out reduction_indices, const ek_reduce_sum_opts *opts) {
  static const ek_reduce_sum_opts defaults = EK_REDUCE_SUM_OPTS_INIT;
  const ek_reduce_sum_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Sum", "EK_REDUCE_SUM_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("keep_dims", o->keep_dims);
  const ek_op op = ek_build(g, "Sum", EK_OUTS(input, reduction_indices), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_switch_outs ek_switch(ek_graph *g, ek_out data, ek_out pred) {
  const ek_op op = ek_build(g, "Switch", EK_OUTS(data, pred), EK_NO_ATTRS);
  return (ek_switch_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_out ek_tan(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Tan", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_tanh(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "Tanh", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_tanh_grad(ek_graph *g, ek_out y, ek_out dy) {
  const ek_op op = ek_build(g, "TanhGrad", EK_OUTS(y, dy), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_op ek_tensor_array_close_v3(ek_graph *g, ek_out handle) {
  const ek_op op = ek_build(g, "TensorArrayCloseV3", EK_OUTS(handle), EK_NO_ATTRS);
  return op;
}

ek_tensor_array_concat_v3_outs ek_tensor_array_concat_v3(ek_graph *g, ek_out handle, ek_out flow_in, ek_dtype dtype,
                                                         const ek_tensor_array_concat_v3_opts *opts) {
  static const ek_tensor_array_concat_v3_opts defaults = EK_TENSOR_ARRAY_CONCAT_V3_OPTS_INIT;
  const ek_tensor_array_concat_v3_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "TensorArrayConcatV3", "EK_TENSOR_ARRAY_CONCAT_V3_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("dtype", dtype);
  attrs[n_attrs++] = EK_SHAPE_ATTR("element_shape_except0", o->element_shape_except0);
  const ek_op op = ek_build(g, "TensorArrayConcatV3", EK_OUTS(handle, flow_in), attrs, n_attrs);
  return (ek_tensor_array_concat_v3_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_out ek_tensor_array_gather_v3(ek_graph *g, ek_out handle, ek_out indices, ek_out flow_in, ek_dtype dtype,
                                 const ek_tensor_array_gather_v3_opts *opts) {
  static const ek_tensor_array_gather_v3_opts defaults = EK_TENSOR_ARRAY_GATHER_V3_OPTS_INIT;
  const ek_tensor_array_gather_v3_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "TensorArrayGatherV3", "EK_TENSOR_ARRAY_GATHER_V3_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("dtype", dtype);
  attrs[n_attrs++] = EK_SHAPE_ATTR("element_shape", o->element_shape);
  const ek_op op = ek_build(g, "TensorArrayGatherV3", EK_OUTS(handle, indices, flow_in), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_tensor_array_grad_v3_outs ek_tensor_array_grad_v3(ek_graph *g, ek_out handle, ek_out flow_in, const char *source) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("source", source);
  const ek_op op = ek_build(g, "TensorArrayGradV3", EK_OUTS(handle, flow_in), attrs, n_attrs);
  return (ek_tensor_array_grad_v3_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_out ek_tensor_array_read_v3(ek_graph *g, ek_out handle, ek_out index, ek_out flow_in, ek_dtype dtype) {
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("dtype", dtype);
  const ek_op op = ek_build(g, "TensorArrayReadV3", EK_OUTS(handle, index, flow_in), attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_tensor_array_scatter_v3(ek_graph *g, ek_out handle, ek_out indices, ek_out value, ek_out flow_in) {
  const ek_op op = ek_build(g, "TensorArrayScatterV3", EK_OUTS(handle, indices, value, flow_in), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_tensor_array_size_v3(ek_graph *g, ek_out handle, ek_out flow_in) {
  const ek_op op = ek_build(g, "TensorArraySizeV3", EK_OUTS(handle, flow_in), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_tensor_array_split_v3(ek_graph *g, ek_out handle, ek_out value, ek_out lengths, ek_out flow_in) {
  const ek_op op = ek_build(g, "TensorArraySplitV3", EK_OUTS(handle, value, lengths, flow_in), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_tensor_array_v3_outs ek_tensor_array_v3(ek_graph *g, ek_out size, ek_dtype dtype,
                                           const ek_tensor_array_v3_opts *opts) {
  static const ek_tensor_array_v3_opts defaults = EK_TENSOR_ARRAY_V3_OPTS_INIT;
  const ek_tensor_array_v3_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "TensorArrayV3", "EK_TENSOR_ARRAY_V3_OPTS_INIT");
  ek_attr attrs[6];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("dtype", dtype);
  attrs[n_attrs++] = EK_SHAPE_ATTR("element_shape", o->element_shape);
  attrs[n_attrs++] = EK_BOOL_ATTR("dynamic_size", o->dynamic_size);
  attrs[n_attrs++] = EK_BOOL_ATTR("clear_after_read", o->clear_after_read);
  attrs[n_attrs++] = EK_BOOL_ATTR("identical_element_shapes", o->identical_element_shapes);
  attrs[n_attrs++] = EK_STRING_ATTR("tensor_array_name", o->tensor_array_name);
  const ek_op op = ek_build(g, "TensorArrayV3", EK_OUTS(size), attrs, n_attrs);
  return (ek_tensor_array_v3_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_out ek_tensor_array_write_v3(ek_graph *g, ek_out handle, ek_out index, ek_out value, ek_out flow_in) {
  const ek_op op = ek_build(g, "TensorArrayWriteV3", EK_OUTS(handle, index, value, flow_in), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_tensor_scatter_add(ek_graph *g, ek_out tensor, ek_out indices, ek_out updates) {
  const ek_op op = ek_build(g, "TensorScatterAdd", EK_OUTS(tensor, indices, updates), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_tensor_scatter_sub(ek_graph *g, ek_out tensor, ek_out indices, ek_out updates) {
  const ek_op op = ek_build(g, "TensorScatterSub", EK_OUTS(tensor, indices, updates), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_tensor_scatter_update(ek_graph *g, ek_out tensor, ek_out indices, ek_out updates) {
  const ek_op op = ek_build(g, "TensorScatterUpdate", EK_OUTS(tensor, indices, updates), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_tile(ek_graph *g, ek_out input, ek_out multiples) {
  const ek_op op = ek_build(g, "Tile", EK_OUTS(input, multiples), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_top_k_outs ek_top_k(ek_graph *g, ek_out input, ek_out k, const ek_top_k_opts *opts) {
  static const ek_top_k_opts defaults = EK_TOP_K_OPTS_INIT;
  const ek_top_k_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "TopKV2", "EK_TOP_K_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_BOOL_ATTR("sorted", o->sorted);
  const ek_op op = ek_build(g, "TopKV2", EK_OUTS(input, k), attrs, n_attrs);
  return (ek_top_k_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_out ek_transpose(ek_graph *g, ek_out x, ek_out perm) {
  const ek_op op = ek_build(g, "Transpose", EK_OUTS(x, perm), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_truncate_div(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "TruncateDiv", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_truncate_mod(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "TruncateMod", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_unique_outs ek_unique(ek_graph *g, ek_out x, const ek_unique_opts *opts) {
  static const ek_unique_opts defaults = EK_UNIQUE_OPTS_INIT;
  const ek_unique_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Unique", "EK_UNIQUE_OPTS_INIT");
  ek_attr attrs[1];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_TYPE_ATTR("out_idx", o->out_idx);
  const ek_op op = ek_build(g, "Unique", EK_OUTS(x), attrs, n_attrs);
  return (ek_unique_outs){ek_op_output(op, 0), ek_op_output(op, 1)};
}

ek_op ek_unstack(ek_graph *g, ek_out value, int64_t num, const ek_unstack_opts *opts) {
  static const ek_unstack_opts defaults = EK_UNSTACK_OPTS_INIT;
  const ek_unstack_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "Unpack", "EK_UNSTACK_OPTS_INIT");
  ek_attr attrs[2];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_INT_ATTR("num", num);
  attrs[n_attrs++] = EK_INT_ATTR("axis", o->axis);
  const ek_op op = ek_build(g, "Unpack", EK_OUTS(value), attrs, n_attrs);
  return op;
}

ek_out ek_unsorted_segment_max(ek_graph *g, ek_out data, ek_out segment_ids, ek_out num_segments) {
  const ek_op op = ek_build(g, "UnsortedSegmentMax", EK_OUTS(data, segment_ids, num_segments), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_unsorted_segment_min(ek_graph *g, ek_out data, ek_out segment_ids, ek_out num_segments) {
  const ek_op op = ek_build(g, "UnsortedSegmentMin", EK_OUTS(data, segment_ids, num_segments), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_unsorted_segment_prod(ek_graph *g, ek_out data, ek_out segment_ids, ek_out num_segments) {
  const ek_op op = ek_build(g, "UnsortedSegmentProd", EK_OUTS(data, segment_ids, num_segments), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_unsorted_segment_sum(ek_graph *g, ek_out data, ek_out segment_ids, ek_out num_segments) {
  const ek_op op = ek_build(g, "UnsortedSegmentSum", EK_OUTS(data, segment_ids, num_segments), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_var_handle_op(ek_graph *g, ek_dtype dtype, ek_shape shape, const ek_var_handle_op_opts *opts) {
  static const ek_var_handle_op_opts defaults = EK_VAR_HANDLE_OP_OPTS_INIT;
  const ek_var_handle_op_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "VarHandleOp", "EK_VAR_HANDLE_OP_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("container", o->container);
  attrs[n_attrs++] = EK_STRING_ATTR("shared_name", o->shared_name);
  attrs[n_attrs++] = EK_TYPE_ATTR("dtype", dtype);
  attrs[n_attrs++] = EK_SHAPE_ATTR("shape", shape);
  const ek_op op = ek_build(g, "VarHandleOp", (ek_outs){NULL, 0}, attrs, n_attrs);
  return ek_op_output(op, 0);
}

ek_out ek_var_is_initialized_op(ek_graph *g, ek_out resource) {
  const ek_op op = ek_build(g, "VarIsInitializedOp", EK_OUTS(resource), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_where_true(ek_graph *g, ek_out input) {
  const ek_op op = ek_build(g, "Where", EK_OUTS(input), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_xdivy(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "Xdivy", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_xlogy(ek_graph *g, ek_out x, ek_out y) {
  const ek_op op = ek_build(g, "Xlogy", EK_OUTS(x, y), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_out ek_zeros_like(ek_graph *g, ek_out x) {
  const ek_op op = ek_build(g, "ZerosLike", EK_OUTS(x), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_fused_batch_norm_ex_outs ek_fused_batch_norm_ex(ek_graph *g, ek_out x, ek_out scale, ek_out offset, ek_out mean,
                                                   ek_out variance, ek_outs side_input,
                                                   const ek_fused_batch_norm_ex_opts *opts) {
  static const ek_fused_batch_norm_ex_opts defaults = EK_FUSED_BATCH_NORM_EX_OPTS_INIT;
  const ek_fused_batch_norm_ex_opts *o = opts != NULL ? opts : &defaults;
  check_version(g, o->version, "_FusedBatchNormEx", "EK_FUSED_BATCH_NORM_EX_OPTS_INIT");
  ek_attr attrs[4];
  int n_attrs = 0;
  attrs[n_attrs++] = EK_STRING_ATTR("activation_mode", o->activation_mode);
  attrs[n_attrs++] = EK_FLOAT_ATTR("epsilon", o->epsilon);
  attrs[n_attrs++] = EK_STRING_ATTR("data_format", o->data_format);
  attrs[n_attrs++] = EK_BOOL_ATTR("is_training", o->is_training);
  const ek_outs parts[] = {EK_OUTS(x), EK_OUTS(scale), EK_OUTS(offset), EK_OUTS(mean), EK_OUTS(variance), side_input};
  const ek_op op = build_parts(g, "_FusedBatchNormEx", parts, 6, attrs, n_attrs);
  return (ek_fused_batch_norm_ex_outs){ek_op_output(op, 0), ek_op_output(op, 1), ek_op_output(op, 2),
                                       ek_op_output(op, 3), ek_op_output(op, 4), ek_op_output(op, 5)};
}
