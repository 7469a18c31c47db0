/* SPDX-License-Identifier: Apache-2.0 */
/* Made by tools/gen_ops.c from the registry of ops: change the op, then `make generate`.
 *
 * Every op that the library runs, one function each. Inputs come first, as the op has them (a list as ek_outs), then
 * attributes that must be given, then options; NULL options are TensorFlow's defaults. A literal (ek_number, ek_ints)
 * may stand for any input. Errors stick to the graph, as everywhere in graph.h; what is returned is then none. */
#ifndef EVENKEEL_OPS_H
#define EVENKEEL_OPS_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Abs: |x|.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64, int8, int16, int32, int64 */
EK_API ek_out ek_abs(ek_graph *g, ek_out x);

/* AccumulateNV2: the sum of the inputs, which have one shape, given as an attribute.
 *   in: inputs: N * T
 *   out: sum: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_accumulate_nv2(ek_graph *g, ek_outs inputs, ek_shape shape);

/* Acos: the angle in [0, pi] whose cosine is x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_acos(ek_graph *g, ek_out x);

/* Acosh: the inverse hyperbolic cosine of x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_acosh(ek_graph *g, ek_out x);

/* Add: x + y.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_add_v1(ek_graph *g, ek_out x, ek_out y);

/* AddN: the sum of the inputs, which have one shape.
 *   in: inputs: N * T
 *   out: sum: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_add_n(ek_graph *g, ek_outs inputs);

/* AddV2: x + y.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_add(ek_graph *g, ek_out x, ek_out y);

typedef struct ek_reduce_all_opts {
  uint32_t version;
  bool keep_dims;
} ek_reduce_all_opts;
#define EK_REDUCE_ALL_OPTS_FIELDS_ .version = 1u, .keep_dims = false
#define EK_REDUCE_ALL_OPTS_INIT                                                                                        \
  { EK_REDUCE_ALL_OPTS_FIELDS_ }
#define EK_REDUCE_ALL(...) EK_OPTS_(ek_reduce_all_opts, EK_REDUCE_ALL_OPTS_FIELDS_, __VA_ARGS__)
/* All: whether all along reduction_indices are true.
 *   in: input: bool, reduction_indices: Tidx
 *   out: output: bool
 *   keep_dims: default false
 *   Tidx: int32, int64 */
EK_API ek_out ek_reduce_all(ek_graph *g, ek_out input, ek_out reduction_indices, const ek_reduce_all_opts *opts);

typedef struct ek_reduce_any_opts {
  uint32_t version;
  bool keep_dims;
} ek_reduce_any_opts;
#define EK_REDUCE_ANY_OPTS_FIELDS_ .version = 1u, .keep_dims = false
#define EK_REDUCE_ANY_OPTS_INIT                                                                                        \
  { EK_REDUCE_ANY_OPTS_FIELDS_ }
#define EK_REDUCE_ANY(...) EK_OPTS_(ek_reduce_any_opts, EK_REDUCE_ANY_OPTS_FIELDS_, __VA_ARGS__)
/* Any: whether any along reduction_indices is true.
 *   in: input: bool, reduction_indices: Tidx
 *   out: output: bool
 *   keep_dims: default false
 *   Tidx: int32, int64 */
EK_API ek_out ek_reduce_any(ek_graph *g, ek_out input, ek_out reduction_indices, const ek_reduce_any_opts *opts);

typedef struct ek_apply_adagrad_opts {
  uint32_t version;
  bool use_locking;
  bool update_slots;
} ek_apply_adagrad_opts;
#define EK_APPLY_ADAGRAD_OPTS_FIELDS_ .version = 1u, .use_locking = false, .update_slots = true
#define EK_APPLY_ADAGRAD_OPTS_INIT                                                                                     \
  { EK_APPLY_ADAGRAD_OPTS_FIELDS_ }
#define EK_APPLY_ADAGRAD(...) EK_OPTS_(ek_apply_adagrad_opts, EK_APPLY_ADAGRAD_OPTS_FIELDS_, __VA_ARGS__)
/* ApplyAdagrad: accum += grad^2; var -= lr * grad / sqrt(accum).
 *   in: var: Ref(T), accum: Ref(T), lr: T, grad: T
 *   out: out: Ref(T)
 *   T: float32, float64, float16, bfloat16
 *   use_locking: default false
 *   update_slots: default true */
EK_API ek_out ek_apply_adagrad(ek_graph *g, ek_out var, ek_out accum, ek_out lr, ek_out grad,
                               const ek_apply_adagrad_opts *opts);

typedef struct ek_apply_adagrad_v2_opts {
  uint32_t version;
  bool use_locking;
  bool update_slots;
} ek_apply_adagrad_v2_opts;
#define EK_APPLY_ADAGRAD_V2_OPTS_FIELDS_ .version = 1u, .use_locking = false, .update_slots = true
#define EK_APPLY_ADAGRAD_V2_OPTS_INIT                                                                                  \
  { EK_APPLY_ADAGRAD_V2_OPTS_FIELDS_ }
#define EK_APPLY_ADAGRAD_V2(...) EK_OPTS_(ek_apply_adagrad_v2_opts, EK_APPLY_ADAGRAD_V2_OPTS_FIELDS_, __VA_ARGS__)
/* ApplyAdagradV2: accum += grad^2; var -= lr * grad / (sqrt(accum) + epsilon).
 *   in: var: Ref(T), accum: Ref(T), lr: T, epsilon: T, grad: T
 *   out: out: Ref(T)
 *   T: float32, float64, float16, bfloat16
 *   use_locking: default false
 *   update_slots: default true */
EK_API ek_out ek_apply_adagrad_v2(ek_graph *g, ek_out var, ek_out accum, ek_out lr, ek_out epsilon, ek_out grad,
                                  const ek_apply_adagrad_v2_opts *opts);

typedef struct ek_apply_adam_opts {
  uint32_t version;
  bool use_locking;
  bool use_nesterov;
} ek_apply_adam_opts;
#define EK_APPLY_ADAM_OPTS_FIELDS_ .version = 1u, .use_locking = false, .use_nesterov = false
#define EK_APPLY_ADAM_OPTS_INIT                                                                                        \
  { EK_APPLY_ADAM_OPTS_FIELDS_ }
#define EK_APPLY_ADAM(...) EK_OPTS_(ek_apply_adam_opts, EK_APPLY_ADAM_OPTS_FIELDS_, __VA_ARGS__)
/* ApplyAdam: one step of Adam: m and v follow grad and its square, var -= m * lr' / (sqrt(v) + epsilon).
 *   in: var: Ref(T), m: Ref(T), v: Ref(T), beta1_power: T, beta2_power: T, lr: T, beta1: T, beta2: T, epsilon:
 *     T, grad: T
 *   out: out: Ref(T)
 *   T: float32, float64, float16, bfloat16
 *   use_locking: default false
 *   use_nesterov: default false */
EK_API ek_out ek_apply_adam(ek_graph *g, ek_out var, ek_out m, ek_out v, ek_out beta1_power, ek_out beta2_power,
                            ek_out lr, ek_out beta1, ek_out beta2, ek_out epsilon, ek_out grad,
                            const ek_apply_adam_opts *opts);

typedef struct ek_apply_centered_rms_prop_opts {
  uint32_t version;
  bool use_locking;
} ek_apply_centered_rms_prop_opts;
#define EK_APPLY_CENTERED_RMS_PROP_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_APPLY_CENTERED_RMS_PROP_OPTS_INIT                                                                           \
  { EK_APPLY_CENTERED_RMS_PROP_OPTS_FIELDS_ }
#define EK_APPLY_CENTERED_RMS_PROP(...)                                                                                \
  EK_OPTS_(ek_apply_centered_rms_prop_opts, EK_APPLY_CENTERED_RMS_PROP_OPTS_FIELDS_, __VA_ARGS__)
/* ApplyCenteredRMSProp: RMSProp with the variance of grad, ms - mg^2, in place of ms.
 *   in: var: Ref(T), mg: Ref(T), ms: Ref(T), mom: Ref(T), lr: T, rho: T, momentum: T, epsilon: T, grad: T
 *   out: out: Ref(T)
 *   T: float32, float64, float16, bfloat16
 *   use_locking: default false */
EK_API ek_out ek_apply_centered_rms_prop(ek_graph *g, ek_out var, ek_out mg, ek_out ms, ek_out mom, ek_out lr,
                                         ek_out rho, ek_out momentum, ek_out epsilon, ek_out grad,
                                         const ek_apply_centered_rms_prop_opts *opts);

typedef struct ek_apply_gradient_descent_opts {
  uint32_t version;
  bool use_locking;
} ek_apply_gradient_descent_opts;
#define EK_APPLY_GRADIENT_DESCENT_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_APPLY_GRADIENT_DESCENT_OPTS_INIT                                                                            \
  { EK_APPLY_GRADIENT_DESCENT_OPTS_FIELDS_ }
#define EK_APPLY_GRADIENT_DESCENT(...)                                                                                 \
  EK_OPTS_(ek_apply_gradient_descent_opts, EK_APPLY_GRADIENT_DESCENT_OPTS_FIELDS_, __VA_ARGS__)
/* ApplyGradientDescent: var -= alpha * delta.
 *   in: var: Ref(T), alpha: T, delta: T
 *   out: out: Ref(T)
 *   T: float32, float64, float16, bfloat16
 *   use_locking: default false */
EK_API ek_out ek_apply_gradient_descent(ek_graph *g, ek_out var, ek_out alpha, ek_out delta,
                                        const ek_apply_gradient_descent_opts *opts);

typedef struct ek_apply_momentum_opts {
  uint32_t version;
  bool use_locking;
  bool use_nesterov;
} ek_apply_momentum_opts;
#define EK_APPLY_MOMENTUM_OPTS_FIELDS_ .version = 1u, .use_locking = false, .use_nesterov = false
#define EK_APPLY_MOMENTUM_OPTS_INIT                                                                                    \
  { EK_APPLY_MOMENTUM_OPTS_FIELDS_ }
#define EK_APPLY_MOMENTUM(...) EK_OPTS_(ek_apply_momentum_opts, EK_APPLY_MOMENTUM_OPTS_FIELDS_, __VA_ARGS__)
/* ApplyMomentum: accum = accum * momentum + grad; var -= lr * accum (with Nesterov: grad * lr + accum * momentum * lr).
 *   in: var: Ref(T), accum: Ref(T), lr: T, grad: T, momentum: T
 *   out: out: Ref(T)
 *   T: float32, float64, float16, bfloat16
 *   use_locking: default false
 *   use_nesterov: default false */
EK_API ek_out ek_apply_momentum(ek_graph *g, ek_out var, ek_out accum, ek_out lr, ek_out grad, ek_out momentum,
                                const ek_apply_momentum_opts *opts);

typedef struct ek_apply_rms_prop_opts {
  uint32_t version;
  bool use_locking;
} ek_apply_rms_prop_opts;
#define EK_APPLY_RMS_PROP_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_APPLY_RMS_PROP_OPTS_INIT                                                                                    \
  { EK_APPLY_RMS_PROP_OPTS_FIELDS_ }
#define EK_APPLY_RMS_PROP(...) EK_OPTS_(ek_apply_rms_prop_opts, EK_APPLY_RMS_PROP_OPTS_FIELDS_, __VA_ARGS__)
/* ApplyRMSProp: ms follows grad^2; mom = momentum * mom + lr * grad / sqrt(ms + epsilon); var -= mom.
 *   in: var: Ref(T), ms: Ref(T), mom: Ref(T), lr: T, rho: T, momentum: T, epsilon: T, grad: T
 *   out: out: Ref(T)
 *   T: float32, float64, float16, bfloat16
 *   use_locking: default false */
EK_API ek_out ek_apply_rms_prop(ek_graph *g, ek_out var, ek_out ms, ek_out mom, ek_out lr, ek_out rho, ek_out momentum,
                                ek_out epsilon, ek_out grad, const ek_apply_rms_prop_opts *opts);

typedef struct ek_argmax_opts {
  uint32_t version;
  ek_dtype output_type;
} ek_argmax_opts;
#define EK_ARGMAX_OPTS_FIELDS_ .version = 1u, .output_type = EK_INT64
#define EK_ARGMAX_OPTS_INIT                                                                                            \
  { EK_ARGMAX_OPTS_FIELDS_ }
#define EK_ARGMAX(...) EK_OPTS_(ek_argmax_opts, EK_ARGMAX_OPTS_FIELDS_, __VA_ARGS__)
/* ArgMax: the index of the largest number along dimension, the first of equals.
 *   in: input: T, dimension: Tidx
 *   out: output: output_type
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64, bool
 *   Tidx: int32, int64
 *   output_type: int32, int64; default int64 */
EK_API ek_out ek_argmax(ek_graph *g, ek_out input, ek_out dimension, const ek_argmax_opts *opts);

typedef struct ek_argmin_opts {
  uint32_t version;
  ek_dtype output_type;
} ek_argmin_opts;
#define EK_ARGMIN_OPTS_FIELDS_ .version = 1u, .output_type = EK_INT64
#define EK_ARGMIN_OPTS_INIT                                                                                            \
  { EK_ARGMIN_OPTS_FIELDS_ }
#define EK_ARGMIN(...) EK_OPTS_(ek_argmin_opts, EK_ARGMIN_OPTS_FIELDS_, __VA_ARGS__)
/* ArgMin: the index of the smallest number along dimension, the first of equals.
 *   in: input: T, dimension: Tidx
 *   out: output: output_type
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64, bool
 *   Tidx: int32, int64
 *   output_type: int32, int64; default int64 */
EK_API ek_out ek_argmin(ek_graph *g, ek_out input, ek_out dimension, const ek_argmin_opts *opts);

typedef struct ek_as_string_opts {
  uint32_t version;
  int64_t precision;
  bool scientific;
  bool shortest;
  int64_t width;
  const char *fill;
} ek_as_string_opts;
#define EK_AS_STRING_OPTS_FIELDS_                                                                                      \
  .version = 1u, .precision = -1, .scientific = false, .shortest = false, .width = -1, .fill = ""
#define EK_AS_STRING_OPTS_INIT                                                                                         \
  { EK_AS_STRING_OPTS_FIELDS_ }
#define EK_AS_STRING(...) EK_OPTS_(ek_as_string_opts, EK_AS_STRING_OPTS_FIELDS_, __VA_ARGS__)
/* AsString: each number as text.
 *   in: input: T
 *   out: output: string
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64, bool
 *   precision: default -1
 *   scientific: default false
 *   shortest: default false
 *   width: default -1
 *   fill: default "" */
EK_API ek_out ek_as_string(ek_graph *g, ek_out input, const ek_as_string_opts *opts);

/* Asin: the angle in [-pi/2, pi/2] whose sine is x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_asin(ek_graph *g, ek_out x);

/* Asinh: the inverse hyperbolic sine of x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_asinh(ek_graph *g, ek_out x);

typedef struct ek_assert_true_opts {
  uint32_t version;
  int64_t summarize;
} ek_assert_true_opts;
#define EK_ASSERT_TRUE_OPTS_FIELDS_ .version = 1u, .summarize = 3
#define EK_ASSERT_TRUE_OPTS_INIT                                                                                       \
  { EK_ASSERT_TRUE_OPTS_FIELDS_ }
#define EK_ASSERT_TRUE(...) EK_OPTS_(ek_assert_true_opts, EK_ASSERT_TRUE_OPTS_FIELDS_, __VA_ARGS__)
/* Assert: an error that shows data unless the condition holds.
 *   in: condition: bool, data: T
 *   summarize: default 3 */
EK_API ek_op ek_assert_true(ek_graph *g, ek_out condition, ek_outs data, const ek_assert_true_opts *opts);

typedef struct ek_assign_opts {
  uint32_t version;
  bool validate_shape;
  bool use_locking;
} ek_assign_opts;
#define EK_ASSIGN_OPTS_FIELDS_ .version = 1u, .validate_shape = true, .use_locking = true
#define EK_ASSIGN_OPTS_INIT                                                                                            \
  { EK_ASSIGN_OPTS_FIELDS_ }
#define EK_ASSIGN(...) EK_OPTS_(ek_assign_opts, EK_ASSIGN_OPTS_FIELDS_, __VA_ARGS__)
/* Assign: ref = value; without validate_shape the variable takes the value's shape.
 *   in: ref: Ref(T), value: T
 *   out: output_ref: Ref(T)
 *   validate_shape: default true
 *   use_locking: default true */
EK_API ek_out ek_assign(ek_graph *g, ek_out ref, ek_out value, const ek_assign_opts *opts);

typedef struct ek_assign_add_opts {
  uint32_t version;
  bool use_locking;
} ek_assign_add_opts;
#define EK_ASSIGN_ADD_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_ASSIGN_ADD_OPTS_INIT                                                                                        \
  { EK_ASSIGN_ADD_OPTS_FIELDS_ }
#define EK_ASSIGN_ADD(...) EK_OPTS_(ek_assign_add_opts, EK_ASSIGN_ADD_OPTS_FIELDS_, __VA_ARGS__)
/* AssignAdd: ref += value.
 *   in: ref: Ref(T), value: T
 *   out: output_ref: Ref(T)
 *   T: float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, float16,
 *     uint32, uint64
 *   use_locking: default false */
EK_API ek_out ek_assign_add(ek_graph *g, ek_out ref, ek_out value, const ek_assign_add_opts *opts);

/* AssignAddVariableOp: adds the value to the variable behind the handle.
 *   in: resource: resource, value: dtype */
EK_API ek_op ek_assign_add_variable_op(ek_graph *g, ek_out resource, ek_out value);

typedef struct ek_assign_sub_opts {
  uint32_t version;
  bool use_locking;
} ek_assign_sub_opts;
#define EK_ASSIGN_SUB_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_ASSIGN_SUB_OPTS_INIT                                                                                        \
  { EK_ASSIGN_SUB_OPTS_FIELDS_ }
#define EK_ASSIGN_SUB(...) EK_OPTS_(ek_assign_sub_opts, EK_ASSIGN_SUB_OPTS_FIELDS_, __VA_ARGS__)
/* AssignSub: ref -= value.
 *   in: ref: Ref(T), value: T
 *   out: output_ref: Ref(T)
 *   T: float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, float16,
 *     uint32, uint64
 *   use_locking: default false */
EK_API ek_out ek_assign_sub(ek_graph *g, ek_out ref, ek_out value, const ek_assign_sub_opts *opts);

/* AssignSubVariableOp: subtracts the value from the variable behind the handle.
 *   in: resource: resource, value: dtype */
EK_API ek_op ek_assign_sub_variable_op(ek_graph *g, ek_out resource, ek_out value);

/* AssignVariableOp: the variable behind the handle takes the value and its shape.
 *   in: resource: resource, value: dtype */
EK_API ek_op ek_assign_variable_op(ek_graph *g, ek_out resource, ek_out value);

/* Atan: the angle in (-pi/2, pi/2) whose tangent is x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_atan(ek_graph *g, ek_out x);

/* Atan2: the angle of the point (x, y).
 *   in: y: T, x: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_atan2(ek_graph *g, ek_out y, ek_out x);

/* Atanh: the inverse hyperbolic tangent of x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_atanh(ek_graph *g, ek_out x);

typedef struct ek_avg_pool_opts {
  uint32_t version;
  const char *data_format;
} ek_avg_pool_opts;
#define EK_AVG_POOL_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_AVG_POOL_OPTS_INIT                                                                                          \
  { EK_AVG_POOL_OPTS_FIELDS_ }
#define EK_AVG_POOL(...) EK_OPTS_(ek_avg_pool_opts, EK_AVG_POOL_OPTS_FIELDS_, __VA_ARGS__)
/* AvgPool: the mean of each window, channel by channel; what is padded does not count.
 *   in: value: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64
 *   padding: "SAME", "VALID"
 *   data_format: "NHWC", "NCHW"; default "NHWC" */
EK_API ek_out ek_avg_pool(ek_graph *g, ek_out value, const int64_t *ksize, int n_ksize, const int64_t *strides,
                          int n_strides, const char *padding, const ek_avg_pool_opts *opts);

typedef struct ek_avg_pool3d_opts {
  uint32_t version;
  const char *data_format;
} ek_avg_pool3d_opts;
#define EK_AVG_POOL3D_OPTS_FIELDS_ .version = 1u, .data_format = "NDHWC"
#define EK_AVG_POOL3D_OPTS_INIT                                                                                        \
  { EK_AVG_POOL3D_OPTS_FIELDS_ }
#define EK_AVG_POOL3D(...) EK_OPTS_(ek_avg_pool3d_opts, EK_AVG_POOL3D_OPTS_FIELDS_, __VA_ARGS__)
/* AvgPool3D: AvgPool of volumes.
 *   in: input: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64
 *   padding: "SAME", "VALID"
 *   data_format: "NDHWC", "NCDHW"; default "NDHWC" */
EK_API ek_out ek_avg_pool3d(ek_graph *g, ek_out input, const int64_t *ksize, int n_ksize, const int64_t *strides,
                            int n_strides, const char *padding, const ek_avg_pool3d_opts *opts);

typedef struct ek_avg_pool3d_grad_opts {
  uint32_t version;
  const char *data_format;
} ek_avg_pool3d_grad_opts;
#define EK_AVG_POOL3D_GRAD_OPTS_FIELDS_ .version = 1u, .data_format = "NDHWC"
#define EK_AVG_POOL3D_GRAD_OPTS_INIT                                                                                   \
  { EK_AVG_POOL3D_GRAD_OPTS_FIELDS_ }
#define EK_AVG_POOL3D_GRAD(...) EK_OPTS_(ek_avg_pool3d_grad_opts, EK_AVG_POOL3D_GRAD_OPTS_FIELDS_, __VA_ARGS__)
/* AvgPool3DGrad: the gradient of AvgPool3D.
 *   in: orig_input_shape: int32, grad: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64
 *   padding: "SAME", "VALID"
 *   data_format: "NDHWC", "NCDHW"; default "NDHWC" */
EK_API ek_out ek_avg_pool3d_grad(ek_graph *g, ek_out orig_input_shape, ek_out grad, const int64_t *ksize, int n_ksize,
                                 const int64_t *strides, int n_strides, const char *padding,
                                 const ek_avg_pool3d_grad_opts *opts);

typedef struct ek_avg_pool_grad_opts {
  uint32_t version;
  const char *data_format;
} ek_avg_pool_grad_opts;
#define EK_AVG_POOL_GRAD_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_AVG_POOL_GRAD_OPTS_INIT                                                                                     \
  { EK_AVG_POOL_GRAD_OPTS_FIELDS_ }
#define EK_AVG_POOL_GRAD(...) EK_OPTS_(ek_avg_pool_grad_opts, EK_AVG_POOL_GRAD_OPTS_FIELDS_, __VA_ARGS__)
/* AvgPoolGrad: the gradient of AvgPool.
 *   in: orig_input_shape: int32, grad: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64
 *   padding: "SAME", "VALID"
 *   data_format: "NHWC", "NCHW"; default "NHWC" */
EK_API ek_out ek_avg_pool_grad(ek_graph *g, ek_out orig_input_shape, ek_out grad, const int64_t *ksize, int n_ksize,
                               const int64_t *strides, int n_strides, const char *padding,
                               const ek_avg_pool_grad_opts *opts);

typedef struct ek_batch_matmul_opts {
  uint32_t version;
  bool adj_x;
  bool adj_y;
} ek_batch_matmul_opts;
#define EK_BATCH_MATMUL_OPTS_FIELDS_ .version = 1u, .adj_x = false, .adj_y = false
#define EK_BATCH_MATMUL_OPTS_INIT                                                                                      \
  { EK_BATCH_MATMUL_OPTS_FIELDS_ }
#define EK_BATCH_MATMUL(...) EK_OPTS_(ek_batch_matmul_opts, EK_BATCH_MATMUL_OPTS_FIELDS_, __VA_ARGS__)
/* BatchMatMulV2: products of many matrices; the batch dimensions broadcast.
 *   in: x: T, y: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int32, int64
 *   adj_x: default false
 *   adj_y: default false */
EK_API ek_out ek_batch_matmul(ek_graph *g, ek_out x, ek_out y, const ek_batch_matmul_opts *opts);

/* BatchNormWithGlobalNormalization: (t - m) / sqrt(v + variance_epsilon) [* gamma] + beta; only in graphs of GraphDef
 * versions below 9. in: t: T, m: T, v: T, beta: T, gamma: T out: result: T T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_batch_norm_with_global_normalization(ek_graph *g, ek_out t, ek_out m, ek_out v, ek_out beta,
                                                      ek_out gamma, double variance_epsilon,
                                                      bool scale_after_normalization);

typedef struct ek_batch_norm_with_global_normalization_grad_outs {
  ek_out dx, dm, dv, db, dg;
} ek_batch_norm_with_global_normalization_grad_outs;
/* BatchNormWithGlobalNormalizationGrad: the gradient of BatchNormWithGlobalNormalization.
 *   in: t: T, m: T, v: T, gamma: T, backprop: T
 *   out: dx: T, dm: T, dv: T, db: T, dg: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_batch_norm_with_global_normalization_grad_outs
ek_batch_norm_with_global_normalization_grad(ek_graph *g, ek_out t, ek_out m, ek_out v, ek_out gamma, ek_out backprop,
                                             double variance_epsilon, bool scale_after_normalization);

/* BatchToSpace: undoes SpaceToBatch.
 *   in: input: T, crops: Tidx
 *   out: output: T
 *   Tidx: int32, int64 */
EK_API ek_out ek_batch_to_space(ek_graph *g, ek_out input, ek_out crops, int64_t block_size);

/* BatchToSpaceND: undoes SpaceToBatchND: the batch becomes blocks of space, which are cropped.
 *   in: input: T, block_shape: Tblock_shape, crops: Tcrops
 *   out: output: T
 *   Tblock_shape: int32, int64
 *   Tcrops: int32, int64 */
EK_API ek_out ek_batch_to_space_nd(ek_graph *g, ek_out input, ek_out block_shape, ek_out crops);

typedef struct ek_bias_add_opts {
  uint32_t version;
  const char *data_format;
} ek_bias_add_opts;
#define EK_BIAS_ADD_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_BIAS_ADD_OPTS_INIT                                                                                          \
  { EK_BIAS_ADD_OPTS_FIELDS_ }
#define EK_BIAS_ADD(...) EK_OPTS_(ek_bias_add_opts, EK_BIAS_ADD_OPTS_FIELDS_, __VA_ARGS__)
/* BiasAdd: value + bias, one number of it for each channel.
 *   in: value: T, bias: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   data_format: "NHWC", "NCHW"; default "NHWC" */
EK_API ek_out ek_bias_add(ek_graph *g, ek_out value, ek_out bias, const ek_bias_add_opts *opts);

typedef struct ek_bias_add_grad_opts {
  uint32_t version;
  const char *data_format;
} ek_bias_add_grad_opts;
#define EK_BIAS_ADD_GRAD_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_BIAS_ADD_GRAD_OPTS_INIT                                                                                     \
  { EK_BIAS_ADD_GRAD_OPTS_FIELDS_ }
#define EK_BIAS_ADD_GRAD(...) EK_OPTS_(ek_bias_add_grad_opts, EK_BIAS_ADD_GRAD_OPTS_FIELDS_, __VA_ARGS__)
/* BiasAddGrad: the sum of out_backprop over all dimensions but the channels'.
 *   in: out_backprop: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   data_format: "NHWC", "NCHW"; default "NHWC" */
EK_API ek_out ek_bias_add_grad(ek_graph *g, ek_out out_backprop, const ek_bias_add_grad_opts *opts);

/* BitwiseAnd: the bits that x and y both have.
 *   in: x: T, y: T
 *   out: z: T
 *   T: int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_bitwise_and(ek_graph *g, ek_out x, ek_out y);

/* BitwiseOr: the bits that x or y has.
 *   in: x: T, y: T
 *   out: z: T
 *   T: int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_bitwise_or(ek_graph *g, ek_out x, ek_out y);

/* BitwiseXor: the bits that one of x and y has.
 *   in: x: T, y: T
 *   out: z: T
 *   T: int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_bitwise_xor(ek_graph *g, ek_out x, ek_out y);

/* BroadcastArgs: the shape that two shapes broadcast to.
 *   in: s0: T, s1: T
 *   out: r0: T
 *   T: int32, int64 */
EK_API ek_out ek_broadcast_args(ek_graph *g, ek_out s0, ek_out s1);

typedef struct ek_broadcast_gradient_args_outs {
  ek_out r0, r1;
} ek_broadcast_gradient_args_outs;
/* BroadcastGradientArgs: the axes over which the gradients of a broadcast of two shapes are summed.
 *   in: s0: T, s1: T
 *   out: r0: T, r1: T
 *   T: int32, int64 */
EK_API ek_broadcast_gradient_args_outs ek_broadcast_gradient_args(ek_graph *g, ek_out s0, ek_out s1);

/* BroadcastTo: the input repeated to the shape, as arithmetic would broadcast it.
 *   in: input: T, shape: Tidx
 *   out: output: T
 *   Tidx: int32, int64 */
EK_API ek_out ek_broadcast_to(ek_graph *g, ek_out input, ek_out shape);

typedef struct ek_cast_opts {
  uint32_t version;
  bool truncate;
} ek_cast_opts;
#define EK_CAST_OPTS_FIELDS_ .version = 1u, .truncate = false
#define EK_CAST_OPTS_INIT                                                                                              \
  { EK_CAST_OPTS_FIELDS_ }
#define EK_CAST(...) EK_OPTS_(ek_cast_opts, EK_CAST_OPTS_FIELDS_, __VA_ARGS__)
/* Cast: x as numbers of another dtype; truth values are 0 and 1.
 *   in: x: SrcT
 *   out: y: DstT
 *   truncate: default false */
EK_API ek_out ek_cast(ek_graph *g, ek_out x, ek_dtype dst_t, const ek_cast_opts *opts);

/* Ceil: the smallest integer not below x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_ceil(ek_graph *g, ek_out x);

/* CheckNumerics: its input, which must hold neither NaN nor infinity.
 *   in: tensor: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_check_numerics(ek_graph *g, ek_out tensor, const char *message);

/* ConcatOffset: where each of the inputs of a concatenation begins in its output.
 *   in: concat_dim: int32, shape: N * int32
 *   out: offset: N * int32 (ek_op_output gives each of them) */
EK_API ek_op ek_concat_offset(ek_graph *g, ek_out concat_dim, ek_outs shape);

/* ConcatV2: tensors one after another along axis.
 *   in: values: N * T, axis: Tidx
 *   out: output: T
 *   Tidx: int32, int64 */
EK_API ek_out ek_concat(ek_graph *g, ek_outs values, ek_out axis);

/* ControlTrigger: nothing; a place for control edges to meet, alive even where they are dead. */
EK_API ek_op ek_control_trigger(ek_graph *g);

typedef struct ek_conv2d_opts {
  uint32_t version;
  bool use_cudnn_on_gpu;
  const int64_t *explicit_paddings;
  int n_explicit_paddings;
  const char *data_format;
  const int64_t *dilations;
  int n_dilations;
} ek_conv2d_opts;
#define EK_CONV2D_OPTS_FIELDS_ .version = 1u, .use_cudnn_on_gpu = true, .data_format = "NHWC"
#define EK_CONV2D_OPTS_INIT                                                                                            \
  { EK_CONV2D_OPTS_FIELDS_ }
#define EK_CONV2D(...) EK_OPTS_(ek_conv2d_opts, EK_CONV2D_OPTS_FIELDS_, __VA_ARGS__)
/* Conv2D: a convolution of images with a filter [height, width, in, out].
 *   in: input: T, filter: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int32
 *   use_cudnn_on_gpu: default true
 *   padding: "SAME", "VALID", "EXPLICIT"
 *   explicit_paddings: default [], which NULL stands for
 *   data_format: "NHWC", "NCHW"; default "NHWC"
 *   dilations: default [1, 1, 1, 1], which NULL stands for */
EK_API ek_out ek_conv2d(ek_graph *g, ek_out input, ek_out filter, const int64_t *strides, int n_strides,
                        const char *padding, const ek_conv2d_opts *opts);

typedef struct ek_conv2d_backprop_filter_opts {
  uint32_t version;
  bool use_cudnn_on_gpu;
  const int64_t *explicit_paddings;
  int n_explicit_paddings;
  const char *data_format;
  const int64_t *dilations;
  int n_dilations;
} ek_conv2d_backprop_filter_opts;
#define EK_CONV2D_BACKPROP_FILTER_OPTS_FIELDS_ .version = 1u, .use_cudnn_on_gpu = true, .data_format = "NHWC"
#define EK_CONV2D_BACKPROP_FILTER_OPTS_INIT                                                                            \
  { EK_CONV2D_BACKPROP_FILTER_OPTS_FIELDS_ }
#define EK_CONV2D_BACKPROP_FILTER(...)                                                                                 \
  EK_OPTS_(ek_conv2d_backprop_filter_opts, EK_CONV2D_BACKPROP_FILTER_OPTS_FIELDS_, __VA_ARGS__)
/* Conv2DBackpropFilter: the gradient of Conv2D to its filter.
 *   in: input: T, filter_sizes: int32, out_backprop: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64
 *   use_cudnn_on_gpu: default true
 *   padding: "SAME", "VALID", "EXPLICIT"
 *   explicit_paddings: default [], which NULL stands for
 *   data_format: "NHWC", "NCHW"; default "NHWC"
 *   dilations: default [1, 1, 1, 1], which NULL stands for */
EK_API ek_out ek_conv2d_backprop_filter(ek_graph *g, ek_out input, ek_out filter_sizes, ek_out out_backprop,
                                        const int64_t *strides, int n_strides, const char *padding,
                                        const ek_conv2d_backprop_filter_opts *opts);

typedef struct ek_conv2d_backprop_input_opts {
  uint32_t version;
  bool use_cudnn_on_gpu;
  const int64_t *explicit_paddings;
  int n_explicit_paddings;
  const char *data_format;
  const int64_t *dilations;
  int n_dilations;
} ek_conv2d_backprop_input_opts;
#define EK_CONV2D_BACKPROP_INPUT_OPTS_FIELDS_ .version = 1u, .use_cudnn_on_gpu = true, .data_format = "NHWC"
#define EK_CONV2D_BACKPROP_INPUT_OPTS_INIT                                                                             \
  { EK_CONV2D_BACKPROP_INPUT_OPTS_FIELDS_ }
#define EK_CONV2D_BACKPROP_INPUT(...)                                                                                  \
  EK_OPTS_(ek_conv2d_backprop_input_opts, EK_CONV2D_BACKPROP_INPUT_OPTS_FIELDS_, __VA_ARGS__)
/* Conv2DBackpropInput: the gradient of Conv2D to its input; a transposed convolution.
 *   in: input_sizes: int32, filter: T, out_backprop: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int32
 *   use_cudnn_on_gpu: default true
 *   padding: "SAME", "VALID", "EXPLICIT"
 *   explicit_paddings: default [], which NULL stands for
 *   data_format: "NHWC", "NCHW"; default "NHWC"
 *   dilations: default [1, 1, 1, 1], which NULL stands for */
EK_API ek_out ek_conv2d_backprop_input(ek_graph *g, ek_out input_sizes, ek_out filter, ek_out out_backprop,
                                       const int64_t *strides, int n_strides, const char *padding,
                                       const ek_conv2d_backprop_input_opts *opts);

typedef struct ek_conv3d_opts {
  uint32_t version;
  const char *data_format;
  const int64_t *dilations;
  int n_dilations;
} ek_conv3d_opts;
#define EK_CONV3D_OPTS_FIELDS_ .version = 1u, .data_format = "NDHWC"
#define EK_CONV3D_OPTS_INIT                                                                                            \
  { EK_CONV3D_OPTS_FIELDS_ }
#define EK_CONV3D(...) EK_OPTS_(ek_conv3d_opts, EK_CONV3D_OPTS_FIELDS_, __VA_ARGS__)
/* Conv3D: a convolution of volumes with a filter [depth, height, width, in, out].
 *   in: input: T, filter: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64
 *   padding: "SAME", "VALID"
 *   data_format: "NDHWC", "NCDHW"; default "NDHWC"
 *   dilations: default [1, 1, 1, 1, 1], which NULL stands for */
EK_API ek_out ek_conv3d(ek_graph *g, ek_out input, ek_out filter, const int64_t *strides, int n_strides,
                        const char *padding, const ek_conv3d_opts *opts);

typedef struct ek_conv3d_backprop_filter_v2_opts {
  uint32_t version;
  const char *data_format;
  const int64_t *dilations;
  int n_dilations;
} ek_conv3d_backprop_filter_v2_opts;
#define EK_CONV3D_BACKPROP_FILTER_V2_OPTS_FIELDS_ .version = 1u, .data_format = "NDHWC"
#define EK_CONV3D_BACKPROP_FILTER_V2_OPTS_INIT                                                                         \
  { EK_CONV3D_BACKPROP_FILTER_V2_OPTS_FIELDS_ }
#define EK_CONV3D_BACKPROP_FILTER_V2(...)                                                                              \
  EK_OPTS_(ek_conv3d_backprop_filter_v2_opts, EK_CONV3D_BACKPROP_FILTER_V2_OPTS_FIELDS_, __VA_ARGS__)
/* Conv3DBackpropFilterV2: the gradient of Conv3D to its filter.
 *   in: input: T, filter_sizes: int32, out_backprop: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64
 *   padding: "SAME", "VALID"
 *   data_format: "NDHWC", "NCDHW"; default "NDHWC"
 *   dilations: default [1, 1, 1, 1, 1], which NULL stands for */
EK_API ek_out ek_conv3d_backprop_filter_v2(ek_graph *g, ek_out input, ek_out filter_sizes, ek_out out_backprop,
                                           const int64_t *strides, int n_strides, const char *padding,
                                           const ek_conv3d_backprop_filter_v2_opts *opts);

typedef struct ek_conv3d_backprop_input_v2_opts {
  uint32_t version;
  const char *data_format;
  const int64_t *dilations;
  int n_dilations;
} ek_conv3d_backprop_input_v2_opts;
#define EK_CONV3D_BACKPROP_INPUT_V2_OPTS_FIELDS_ .version = 1u, .data_format = "NDHWC"
#define EK_CONV3D_BACKPROP_INPUT_V2_OPTS_INIT                                                                          \
  { EK_CONV3D_BACKPROP_INPUT_V2_OPTS_FIELDS_ }
#define EK_CONV3D_BACKPROP_INPUT_V2(...)                                                                               \
  EK_OPTS_(ek_conv3d_backprop_input_v2_opts, EK_CONV3D_BACKPROP_INPUT_V2_OPTS_FIELDS_, __VA_ARGS__)
/* Conv3DBackpropInputV2: the gradient of Conv3D to its input; a transposed convolution.
 *   in: input_sizes: Tshape, filter: T, out_backprop: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64
 *   padding: "SAME", "VALID"
 *   data_format: "NDHWC", "NCDHW"; default "NDHWC"
 *   dilations: default [1, 1, 1, 1, 1], which NULL stands for
 *   Tshape: int32, int64 */
EK_API ek_out ek_conv3d_backprop_input_v2(ek_graph *g, ek_out input_sizes, ek_out filter, ek_out out_backprop,
                                          const int64_t *strides, int n_strides, const char *padding,
                                          const ek_conv3d_backprop_input_v2_opts *opts);

/* Cos: the cosine of x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_cos(ek_graph *g, ek_out x);

/* Cosh: the hyperbolic cosine of x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_cosh(ek_graph *g, ek_out x);

typedef struct ek_cumprod_opts {
  uint32_t version;
  bool exclusive;
  bool reverse;
} ek_cumprod_opts;
#define EK_CUMPROD_OPTS_FIELDS_ .version = 1u, .exclusive = false, .reverse = false
#define EK_CUMPROD_OPTS_INIT                                                                                           \
  { EK_CUMPROD_OPTS_FIELDS_ }
#define EK_CUMPROD(...) EK_OPTS_(ek_cumprod_opts, EK_CUMPROD_OPTS_FIELDS_, __VA_ARGS__)
/* Cumprod: the product of all numbers along axis up to this one.
 *   in: x: T, axis: Tidx
 *   out: out: T
 *   exclusive: default false
 *   reverse: default false
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tidx: int32, int64 */
EK_API ek_out ek_cumprod(ek_graph *g, ek_out x, ek_out axis, const ek_cumprod_opts *opts);

typedef struct ek_cumsum_opts {
  uint32_t version;
  bool exclusive;
  bool reverse;
} ek_cumsum_opts;
#define EK_CUMSUM_OPTS_FIELDS_ .version = 1u, .exclusive = false, .reverse = false
#define EK_CUMSUM_OPTS_INIT                                                                                            \
  { EK_CUMSUM_OPTS_FIELDS_ }
#define EK_CUMSUM(...) EK_OPTS_(ek_cumsum_opts, EK_CUMSUM_OPTS_FIELDS_, __VA_ARGS__)
/* Cumsum: the sum of all numbers along axis up to this one.
 *   in: x: T, axis: Tidx
 *   out: out: T
 *   exclusive: default false
 *   reverse: default false
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tidx: int32, int64 */
EK_API ek_out ek_cumsum(ek_graph *g, ek_out x, ek_out axis, const ek_cumsum_opts *opts);

typedef struct ek_dense_to_dense_set_operation_opts {
  uint32_t version;
  bool validate_indices;
} ek_dense_to_dense_set_operation_opts;
#define EK_DENSE_TO_DENSE_SET_OPERATION_OPTS_FIELDS_ .version = 1u, .validate_indices = true
#define EK_DENSE_TO_DENSE_SET_OPERATION_OPTS_INIT                                                                      \
  { EK_DENSE_TO_DENSE_SET_OPERATION_OPTS_FIELDS_ }
#define EK_DENSE_TO_DENSE_SET_OPERATION(...)                                                                           \
  EK_OPTS_(ek_dense_to_dense_set_operation_opts, EK_DENSE_TO_DENSE_SET_OPERATION_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_dense_to_dense_set_operation_outs {
  ek_out result_indices, result_values, result_shape;
} ek_dense_to_dense_set_operation_outs;
/* DenseToDenseSetOperation: a-b, b-a, intersection or union of sets, which are last dimensions.
 *   in: set1: T, set2: T
 *   out: result_indices: int64, result_values: T, result_shape: int64
 *   validate_indices: default true
 *   T: int8, uint8, int16, uint16, int32, int64 */
EK_API ek_dense_to_dense_set_operation_outs ek_dense_to_dense_set_operation(
    ek_graph *g, ek_out set1, ek_out set2, const char *set_operation, const ek_dense_to_dense_set_operation_opts *opts);

typedef struct ek_depth_to_space_opts {
  uint32_t version;
  const char *data_format;
} ek_depth_to_space_opts;
#define EK_DEPTH_TO_SPACE_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_DEPTH_TO_SPACE_OPTS_INIT                                                                                    \
  { EK_DEPTH_TO_SPACE_OPTS_FIELDS_ }
#define EK_DEPTH_TO_SPACE(...) EK_OPTS_(ek_depth_to_space_opts, EK_DEPTH_TO_SPACE_OPTS_FIELDS_, __VA_ARGS__)
/* DepthToSpace: undoes SpaceToDepth: channels become square blocks.
 *   in: input: T
 *   out: output: T
 *   data_format: "NHWC", "NCHW"; default "NHWC" */
EK_API ek_out ek_depth_to_space(ek_graph *g, ek_out input, int64_t block_size, const ek_depth_to_space_opts *opts);

typedef struct ek_depthwise_conv2d_native_opts {
  uint32_t version;
  const char *data_format;
  const int64_t *dilations;
  int n_dilations;
} ek_depthwise_conv2d_native_opts;
#define EK_DEPTHWISE_CONV2D_NATIVE_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_DEPTHWISE_CONV2D_NATIVE_OPTS_INIT                                                                           \
  { EK_DEPTHWISE_CONV2D_NATIVE_OPTS_FIELDS_ }
#define EK_DEPTHWISE_CONV2D_NATIVE(...)                                                                                \
  EK_OPTS_(ek_depthwise_conv2d_native_opts, EK_DEPTHWISE_CONV2D_NATIVE_OPTS_FIELDS_, __VA_ARGS__)
/* DepthwiseConv2dNative: a convolution of each channel by itself with a filter [height, width, channels, multiplier].
 *   in: input: T, filter: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64
 *   padding: "SAME", "VALID", "EXPLICIT"
 *   data_format: "NHWC", "NCHW"; default "NHWC"
 *   dilations: default [1, 1, 1, 1], which NULL stands for */
EK_API ek_out ek_depthwise_conv2d_native(ek_graph *g, ek_out input, ek_out filter, const int64_t *strides,
                                         int n_strides, const char *padding,
                                         const ek_depthwise_conv2d_native_opts *opts);

typedef struct ek_depthwise_conv2d_native_backprop_filter_opts {
  uint32_t version;
  const char *data_format;
  const int64_t *dilations;
  int n_dilations;
} ek_depthwise_conv2d_native_backprop_filter_opts;
#define EK_DEPTHWISE_CONV2D_NATIVE_BACKPROP_FILTER_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_DEPTHWISE_CONV2D_NATIVE_BACKPROP_FILTER_OPTS_INIT                                                           \
  { EK_DEPTHWISE_CONV2D_NATIVE_BACKPROP_FILTER_OPTS_FIELDS_ }
#define EK_DEPTHWISE_CONV2D_NATIVE_BACKPROP_FILTER(...)                                                                \
  EK_OPTS_(ek_depthwise_conv2d_native_backprop_filter_opts, EK_DEPTHWISE_CONV2D_NATIVE_BACKPROP_FILTER_OPTS_FIELDS_,   \
           __VA_ARGS__)
/* DepthwiseConv2dNativeBackpropFilter: the gradient of DepthwiseConv2dNative to its filter.
 *   in: input: T, filter_sizes: int32, out_backprop: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64
 *   padding: "SAME", "VALID", "EXPLICIT"
 *   data_format: "NHWC", "NCHW"; default "NHWC"
 *   dilations: default [1, 1, 1, 1], which NULL stands for */
EK_API ek_out ek_depthwise_conv2d_native_backprop_filter(ek_graph *g, ek_out input, ek_out filter_sizes,
                                                         ek_out out_backprop, const int64_t *strides, int n_strides,
                                                         const char *padding,
                                                         const ek_depthwise_conv2d_native_backprop_filter_opts *opts);

typedef struct ek_depthwise_conv2d_native_backprop_input_opts {
  uint32_t version;
  const char *data_format;
  const int64_t *dilations;
  int n_dilations;
} ek_depthwise_conv2d_native_backprop_input_opts;
#define EK_DEPTHWISE_CONV2D_NATIVE_BACKPROP_INPUT_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_DEPTHWISE_CONV2D_NATIVE_BACKPROP_INPUT_OPTS_INIT                                                            \
  { EK_DEPTHWISE_CONV2D_NATIVE_BACKPROP_INPUT_OPTS_FIELDS_ }
#define EK_DEPTHWISE_CONV2D_NATIVE_BACKPROP_INPUT(...)                                                                 \
  EK_OPTS_(ek_depthwise_conv2d_native_backprop_input_opts, EK_DEPTHWISE_CONV2D_NATIVE_BACKPROP_INPUT_OPTS_FIELDS_,     \
           __VA_ARGS__)
/* DepthwiseConv2dNativeBackpropInput: the gradient of DepthwiseConv2dNative to its input.
 *   in: input_sizes: int32, filter: T, out_backprop: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64
 *   padding: "SAME", "VALID", "EXPLICIT"
 *   data_format: "NHWC", "NCHW"; default "NHWC"
 *   dilations: default [1, 1, 1, 1], which NULL stands for */
EK_API ek_out ek_depthwise_conv2d_native_backprop_input(ek_graph *g, ek_out input_sizes, ek_out filter,
                                                        ek_out out_backprop, const int64_t *strides, int n_strides,
                                                        const char *padding,
                                                        const ek_depthwise_conv2d_native_backprop_input_opts *opts);

/* Diag: zeros but for output[i, ..., i, ...] = diagonal[i, ...].
 *   in: diagonal: T
 *   out: output: T
 *   T: float32, float64, float16, bfloat16, int32, int64, bool */
EK_API ek_out ek_diag(ek_graph *g, ek_out diagonal);

/* DiagPart: input[i, ..., i, ...]: the diagonal of a matrix, or of a tensor of even rank.
 *   in: input: T
 *   out: diagonal: T
 *   T: float32, float64, float16, bfloat16, int32, int64, bool */
EK_API ek_out ek_diag_part(ek_graph *g, ek_out input);

/* Digamma: the derivative of Lgamma.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_digamma(ek_graph *g, ek_out x);

/* Div: x / y; of integers towards zero.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_div(ek_graph *g, ek_out x, ek_out y);

/* DivNoNan: x / y, but 0 where y is 0.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_div_no_nan(ek_graph *g, ek_out x, ek_out y);

/* DynamicPartition: outputs[i] holds the parts of data whose number in partitions is i.
 *   in: data: T, partitions: int32
 *   out: outputs: num_partitions * T (ek_op_output gives each of them) */
EK_API ek_op ek_dynamic_partition(ek_graph *g, ek_out data, ek_out partitions, int64_t num_partitions);

/* DynamicStitch: merged[indices[i][k]] = data[i][k]; the last one wins.
 *   in: indices: N * int32, data: N * T
 *   out: merged: T */
EK_API ek_out ek_dynamic_stitch(ek_graph *g, ek_outs indices, ek_outs data);

/* Einsum: the product of the inputs, summed over the subscripts that the output lacks.
 *   in: inputs: N * T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_einsum(ek_graph *g, ek_outs inputs, const char *equation);

/* Elu: x < 0 ? e^x - 1 : x.
 *   in: features: T
 *   out: activations: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_elu(ek_graph *g, ek_out features);

/* EluGrad: outputs < 0 ? (outputs + 1) * gradients : gradients.
 *   in: gradients: T, outputs: T
 *   out: backprops: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_elu_grad(ek_graph *g, ek_out gradients, ek_out outputs);

/* EnsureShape: its input, which must have the shape.
 *   in: input: T
 *   out: output: T */
EK_API ek_out ek_ensure_shape(ek_graph *g, ek_out input, ek_shape shape);

typedef struct ek_enter_opts {
  uint32_t version;
  bool is_constant;
  int64_t parallel_iterations;
} ek_enter_opts;
#define EK_ENTER_OPTS_FIELDS_ .version = 1u, .is_constant = false, .parallel_iterations = 10
#define EK_ENTER_OPTS_INIT                                                                                             \
  { EK_ENTER_OPTS_FIELDS_ }
#define EK_ENTER(...) EK_OPTS_(ek_enter_opts, EK_ENTER_OPTS_FIELDS_, __VA_ARGS__)
/* Enter: brings data into the loop called frame_name: as it is in every iteration if is_constant, else for the first
 * one. in: data: T out: output: T is_constant: default false parallel_iterations: default 10 */
EK_API ek_out ek_enter(ek_graph *g, ek_out data, const char *frame_name, const ek_enter_opts *opts);

typedef struct ek_equal_opts {
  uint32_t version;
  bool incompatible_shape_error;
} ek_equal_opts;
#define EK_EQUAL_OPTS_FIELDS_ .version = 1u, .incompatible_shape_error = true
#define EK_EQUAL_OPTS_INIT                                                                                             \
  { EK_EQUAL_OPTS_FIELDS_ }
#define EK_EQUAL(...) EK_OPTS_(ek_equal_opts, EK_EQUAL_OPTS_FIELDS_, __VA_ARGS__)
/* Equal: x == y.
 *   in: x: T, y: T
 *   out: z: bool
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64, bool, string
 *   incompatible_shape_error: default true */
EK_API ek_out ek_equal(ek_graph *g, ek_out x, ek_out y, const ek_equal_opts *opts);

/* Erf: the error function of x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_erf(ek_graph *g, ek_out x);

/* Erfc: 1 - erf(x).
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_erfc(ek_graph *g, ek_out x);

/* Exit: what data is when the loop ends, for what is around it.
 *   in: data: T
 *   out: output: T */
EK_API ek_out ek_exit_loop(ek_graph *g, ek_out data);

/* Exp: e^x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_exp(ek_graph *g, ek_out x);

/* ExpandDims: a dimension of 1 put in before axis dim.
 *   in: input: T, dim: Tdim
 *   out: output: T
 *   Tdim: int32, int64 */
EK_API ek_out ek_expand_dims(ek_graph *g, ek_out input, ek_out dim);

/* Expm1: e^x - 1, exact near 0.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_expm1(ek_graph *g, ek_out x);

typedef struct ek_fake_quant_with_min_max_args_opts {
  uint32_t version;
  double min;
  double max;
  int64_t num_bits;
  bool narrow_range;
} ek_fake_quant_with_min_max_args_opts;
#define EK_FAKE_QUANT_WITH_MIN_MAX_ARGS_OPTS_FIELDS_                                                                   \
  .version = 1u, .min = -6, .max = 6, .num_bits = 8, .narrow_range = false
#define EK_FAKE_QUANT_WITH_MIN_MAX_ARGS_OPTS_INIT                                                                      \
  { EK_FAKE_QUANT_WITH_MIN_MAX_ARGS_OPTS_FIELDS_ }
#define EK_FAKE_QUANT_WITH_MIN_MAX_ARGS(...)                                                                           \
  EK_OPTS_(ek_fake_quant_with_min_max_args_opts, EK_FAKE_QUANT_WITH_MIN_MAX_ARGS_OPTS_FIELDS_, __VA_ARGS__)
/* FakeQuantWithMinMaxArgs: inputs as num_bits between min and max can hold them.
 *   in: inputs: float
 *   out: outputs: float
 *   min: default -6
 *   max: default 6
 *   num_bits: default 8
 *   narrow_range: default false */
EK_API ek_out ek_fake_quant_with_min_max_args(ek_graph *g, ek_out inputs,
                                              const ek_fake_quant_with_min_max_args_opts *opts);

typedef struct ek_fake_quant_with_min_max_args_gradient_opts {
  uint32_t version;
  double min;
  double max;
  int64_t num_bits;
  bool narrow_range;
} ek_fake_quant_with_min_max_args_gradient_opts;
#define EK_FAKE_QUANT_WITH_MIN_MAX_ARGS_GRADIENT_OPTS_FIELDS_                                                          \
  .version = 1u, .min = -6, .max = 6, .num_bits = 8, .narrow_range = false
#define EK_FAKE_QUANT_WITH_MIN_MAX_ARGS_GRADIENT_OPTS_INIT                                                             \
  { EK_FAKE_QUANT_WITH_MIN_MAX_ARGS_GRADIENT_OPTS_FIELDS_ }
#define EK_FAKE_QUANT_WITH_MIN_MAX_ARGS_GRADIENT(...)                                                                  \
  EK_OPTS_(ek_fake_quant_with_min_max_args_gradient_opts, EK_FAKE_QUANT_WITH_MIN_MAX_ARGS_GRADIENT_OPTS_FIELDS_,       \
           __VA_ARGS__)
/* FakeQuantWithMinMaxArgsGradient: the gradient of FakeQuantWithMinMaxArgs.
 *   in: gradients: float, inputs: float
 *   out: backprops: float
 *   min: default -6
 *   max: default 6
 *   num_bits: default 8
 *   narrow_range: default false */
EK_API ek_out ek_fake_quant_with_min_max_args_gradient(ek_graph *g, ek_out gradients, ek_out inputs,
                                                       const ek_fake_quant_with_min_max_args_gradient_opts *opts);

typedef struct ek_fake_quant_with_min_max_vars_opts {
  uint32_t version;
  int64_t num_bits;
  bool narrow_range;
} ek_fake_quant_with_min_max_vars_opts;
#define EK_FAKE_QUANT_WITH_MIN_MAX_VARS_OPTS_FIELDS_ .version = 1u, .num_bits = 8, .narrow_range = false
#define EK_FAKE_QUANT_WITH_MIN_MAX_VARS_OPTS_INIT                                                                      \
  { EK_FAKE_QUANT_WITH_MIN_MAX_VARS_OPTS_FIELDS_ }
#define EK_FAKE_QUANT_WITH_MIN_MAX_VARS(...)                                                                           \
  EK_OPTS_(ek_fake_quant_with_min_max_vars_opts, EK_FAKE_QUANT_WITH_MIN_MAX_VARS_OPTS_FIELDS_, __VA_ARGS__)
/* FakeQuantWithMinMaxVars: inputs as num_bits between the scalars min and max can hold them.
 *   in: inputs: float, min: float, max: float
 *   out: outputs: float
 *   num_bits: default 8
 *   narrow_range: default false */
EK_API ek_out ek_fake_quant_with_min_max_vars(ek_graph *g, ek_out inputs, ek_out min, ek_out max,
                                              const ek_fake_quant_with_min_max_vars_opts *opts);

typedef struct ek_fake_quant_with_min_max_vars_gradient_opts {
  uint32_t version;
  int64_t num_bits;
  bool narrow_range;
} ek_fake_quant_with_min_max_vars_gradient_opts;
#define EK_FAKE_QUANT_WITH_MIN_MAX_VARS_GRADIENT_OPTS_FIELDS_ .version = 1u, .num_bits = 8, .narrow_range = false
#define EK_FAKE_QUANT_WITH_MIN_MAX_VARS_GRADIENT_OPTS_INIT                                                             \
  { EK_FAKE_QUANT_WITH_MIN_MAX_VARS_GRADIENT_OPTS_FIELDS_ }
#define EK_FAKE_QUANT_WITH_MIN_MAX_VARS_GRADIENT(...)                                                                  \
  EK_OPTS_(ek_fake_quant_with_min_max_vars_gradient_opts, EK_FAKE_QUANT_WITH_MIN_MAX_VARS_GRADIENT_OPTS_FIELDS_,       \
           __VA_ARGS__)
typedef struct ek_fake_quant_with_min_max_vars_gradient_outs {
  ek_out backprops_wrt_input, backprop_wrt_min, backprop_wrt_max;
} ek_fake_quant_with_min_max_vars_gradient_outs;
/* FakeQuantWithMinMaxVarsGradient: the gradient of FakeQuantWithMinMaxVars.
 *   in: gradients: float, inputs: float, min: float, max: float
 *   out: backprops_wrt_input: float, backprop_wrt_min: float, backprop_wrt_max: float
 *   num_bits: default 8
 *   narrow_range: default false */
EK_API ek_fake_quant_with_min_max_vars_gradient_outs
ek_fake_quant_with_min_max_vars_gradient(ek_graph *g, ek_out gradients, ek_out inputs, ek_out min, ek_out max,
                                         const ek_fake_quant_with_min_max_vars_gradient_opts *opts);

typedef struct ek_fake_quant_with_min_max_vars_per_channel_opts {
  uint32_t version;
  int64_t num_bits;
  bool narrow_range;
} ek_fake_quant_with_min_max_vars_per_channel_opts;
#define EK_FAKE_QUANT_WITH_MIN_MAX_VARS_PER_CHANNEL_OPTS_FIELDS_ .version = 1u, .num_bits = 8, .narrow_range = false
#define EK_FAKE_QUANT_WITH_MIN_MAX_VARS_PER_CHANNEL_OPTS_INIT                                                          \
  { EK_FAKE_QUANT_WITH_MIN_MAX_VARS_PER_CHANNEL_OPTS_FIELDS_ }
#define EK_FAKE_QUANT_WITH_MIN_MAX_VARS_PER_CHANNEL(...)                                                               \
  EK_OPTS_(ek_fake_quant_with_min_max_vars_per_channel_opts, EK_FAKE_QUANT_WITH_MIN_MAX_VARS_PER_CHANNEL_OPTS_FIELDS_, \
           __VA_ARGS__)
/* FakeQuantWithMinMaxVarsPerChannel: the same, with a min and max for each channel.
 *   in: inputs: float, min: float, max: float
 *   out: outputs: float
 *   num_bits: default 8
 *   narrow_range: default false */
EK_API ek_out ek_fake_quant_with_min_max_vars_per_channel(ek_graph *g, ek_out inputs, ek_out min, ek_out max,
                                                          const ek_fake_quant_with_min_max_vars_per_channel_opts *opts);

typedef struct ek_fake_quant_with_min_max_vars_per_channel_gradient_opts {
  uint32_t version;
  int64_t num_bits;
  bool narrow_range;
} ek_fake_quant_with_min_max_vars_per_channel_gradient_opts;
#define EK_FAKE_QUANT_WITH_MIN_MAX_VARS_PER_CHANNEL_GRADIENT_OPTS_FIELDS_                                              \
  .version = 1u, .num_bits = 8, .narrow_range = false
#define EK_FAKE_QUANT_WITH_MIN_MAX_VARS_PER_CHANNEL_GRADIENT_OPTS_INIT                                                 \
  { EK_FAKE_QUANT_WITH_MIN_MAX_VARS_PER_CHANNEL_GRADIENT_OPTS_FIELDS_ }
#define EK_FAKE_QUANT_WITH_MIN_MAX_VARS_PER_CHANNEL_GRADIENT(...)                                                      \
  EK_OPTS_(ek_fake_quant_with_min_max_vars_per_channel_gradient_opts,                                                  \
           EK_FAKE_QUANT_WITH_MIN_MAX_VARS_PER_CHANNEL_GRADIENT_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_fake_quant_with_min_max_vars_per_channel_gradient_outs {
  ek_out backprops_wrt_input, backprop_wrt_min, backprop_wrt_max;
} ek_fake_quant_with_min_max_vars_per_channel_gradient_outs;
/* FakeQuantWithMinMaxVarsPerChannelGradient: the gradient of FakeQuantWithMinMaxVarsPerChannel.
 *   in: gradients: float, inputs: float, min: float, max: float
 *   out: backprops_wrt_input: float, backprop_wrt_min: float, backprop_wrt_max: float
 *   num_bits: default 8
 *   narrow_range: default false */
EK_API ek_fake_quant_with_min_max_vars_per_channel_gradient_outs ek_fake_quant_with_min_max_vars_per_channel_gradient(
    ek_graph *g, ek_out gradients, ek_out inputs, ek_out min, ek_out max,
    const ek_fake_quant_with_min_max_vars_per_channel_gradient_opts *opts);

/* Fill: a tensor of shape dims, every element of it value.
 *   in: dims: index_type, value: T
 *   out: output: T
 *   index_type: int32, int64 */
EK_API ek_out ek_fill(ek_graph *g, ek_out dims, ek_out value);

/* Floor: the largest integer not above x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_floor(ek_graph *g, ek_out x);

/* FloorDiv: x / y rounded down.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_floordiv(ek_graph *g, ek_out x, ek_out y);

/* FloorMod: the remainder of x / y rounded down: it has the sign of y.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64, int32, int64 */
EK_API ek_out ek_floormod(ek_graph *g, ek_out x, ek_out y);

typedef struct ek_fused_batch_norm_opts {
  uint32_t version;
  double epsilon;
  const char *data_format;
  bool is_training;
} ek_fused_batch_norm_opts;
#define EK_FUSED_BATCH_NORM_OPTS_FIELDS_                                                                               \
  .version = 1u, .epsilon = 9.9999997e-05, .data_format = "NHWC", .is_training = true
#define EK_FUSED_BATCH_NORM_OPTS_INIT                                                                                  \
  { EK_FUSED_BATCH_NORM_OPTS_FIELDS_ }
#define EK_FUSED_BATCH_NORM(...) EK_OPTS_(ek_fused_batch_norm_opts, EK_FUSED_BATCH_NORM_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_fused_batch_norm_outs {
  ek_out y, batch_mean, batch_variance, reserve_space_1, reserve_space_2;
} ek_fused_batch_norm_outs;
/* FusedBatchNorm: batch normalization of float32.
 *   in: x: T, scale: T, offset: T, mean: T, variance: T
 *   out: y: T, batch_mean: T, batch_variance: T, reserve_space_1: T, reserve_space_2: T
 *   T: float32
 *   epsilon: default 9.9999997e-05
 *   data_format: "NHWC", "NCHW"; default "NHWC"
 *   is_training: default true */
EK_API ek_fused_batch_norm_outs ek_fused_batch_norm(ek_graph *g, ek_out x, ek_out scale, ek_out offset, ek_out mean,
                                                    ek_out variance, const ek_fused_batch_norm_opts *opts);

typedef struct ek_fused_batch_norm_grad_opts {
  uint32_t version;
  double epsilon;
  const char *data_format;
  bool is_training;
} ek_fused_batch_norm_grad_opts;
#define EK_FUSED_BATCH_NORM_GRAD_OPTS_FIELDS_                                                                          \
  .version = 1u, .epsilon = 9.9999997e-05, .data_format = "NHWC", .is_training = true
#define EK_FUSED_BATCH_NORM_GRAD_OPTS_INIT                                                                             \
  { EK_FUSED_BATCH_NORM_GRAD_OPTS_FIELDS_ }
#define EK_FUSED_BATCH_NORM_GRAD(...)                                                                                  \
  EK_OPTS_(ek_fused_batch_norm_grad_opts, EK_FUSED_BATCH_NORM_GRAD_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_fused_batch_norm_grad_outs {
  ek_out x_backprop, scale_backprop, offset_backprop, reserve_space_3, reserve_space_4;
} ek_fused_batch_norm_grad_outs;
/* FusedBatchNormGrad: the gradient of FusedBatchNorm.
 *   in: y_backprop: T, x: T, scale: T, reserve_space_1: T, reserve_space_2: T
 *   out: x_backprop: T, scale_backprop: T, offset_backprop: T, reserve_space_3: T, reserve_space_4: T
 *   T: float32
 *   epsilon: default 9.9999997e-05
 *   data_format: "NHWC", "NCHW"; default "NHWC"
 *   is_training: default true */
EK_API ek_fused_batch_norm_grad_outs ek_fused_batch_norm_grad(ek_graph *g, ek_out y_backprop, ek_out x, ek_out scale,
                                                              ek_out reserve_space_1, ek_out reserve_space_2,
                                                              const ek_fused_batch_norm_grad_opts *opts);

typedef struct ek_fused_batch_norm_grad_v2_opts {
  uint32_t version;
  double epsilon;
  const char *data_format;
  bool is_training;
} ek_fused_batch_norm_grad_v2_opts;
#define EK_FUSED_BATCH_NORM_GRAD_V2_OPTS_FIELDS_                                                                       \
  .version = 1u, .epsilon = 9.9999997e-05, .data_format = "NHWC", .is_training = true
#define EK_FUSED_BATCH_NORM_GRAD_V2_OPTS_INIT                                                                          \
  { EK_FUSED_BATCH_NORM_GRAD_V2_OPTS_FIELDS_ }
#define EK_FUSED_BATCH_NORM_GRAD_V2(...)                                                                               \
  EK_OPTS_(ek_fused_batch_norm_grad_v2_opts, EK_FUSED_BATCH_NORM_GRAD_V2_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_fused_batch_norm_grad_v2_outs {
  ek_out x_backprop, scale_backprop, offset_backprop, reserve_space_3, reserve_space_4;
} ek_fused_batch_norm_grad_v2_outs;
/* FusedBatchNormGradV2: the gradient of FusedBatchNormV2.
 *   in: y_backprop: T, x: T, scale: float, reserve_space_1: U, reserve_space_2: U
 *   out: x_backprop: T, scale_backprop: U, offset_backprop: U, reserve_space_3: U, reserve_space_4: U
 *   T: float16, bfloat16, float32
 *   U: float32
 *   epsilon: default 9.9999997e-05
 *   data_format: "NHWC", "NCHW"; default "NHWC"
 *   is_training: default true */
EK_API ek_fused_batch_norm_grad_v2_outs ek_fused_batch_norm_grad_v2(ek_graph *g, ek_out y_backprop, ek_out x,
                                                                    ek_out scale, ek_out reserve_space_1,
                                                                    ek_out reserve_space_2,
                                                                    const ek_fused_batch_norm_grad_v2_opts *opts);

typedef struct ek_fused_batch_norm_grad_v3_opts {
  uint32_t version;
  double epsilon;
  const char *data_format;
  bool is_training;
} ek_fused_batch_norm_grad_v3_opts;
#define EK_FUSED_BATCH_NORM_GRAD_V3_OPTS_FIELDS_                                                                       \
  .version = 1u, .epsilon = 9.9999997e-05, .data_format = "NHWC", .is_training = true
#define EK_FUSED_BATCH_NORM_GRAD_V3_OPTS_INIT                                                                          \
  { EK_FUSED_BATCH_NORM_GRAD_V3_OPTS_FIELDS_ }
#define EK_FUSED_BATCH_NORM_GRAD_V3(...)                                                                               \
  EK_OPTS_(ek_fused_batch_norm_grad_v3_opts, EK_FUSED_BATCH_NORM_GRAD_V3_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_fused_batch_norm_grad_v3_outs {
  ek_out x_backprop, scale_backprop, offset_backprop, reserve_space_4, reserve_space_5;
} ek_fused_batch_norm_grad_v3_outs;
/* FusedBatchNormGradV3: the gradient of FusedBatchNormV3.
 *   in: y_backprop: T, x: T, scale: float, reserve_space_1: U, reserve_space_2: U, reserve_space_3: U
 *   out: x_backprop: T, scale_backprop: U, offset_backprop: U, reserve_space_4: U, reserve_space_5: U
 *   T: float16, bfloat16, float32
 *   U: float32
 *   epsilon: default 9.9999997e-05
 *   data_format: "NHWC", "NCHW", "NDHWC", "NCDHW"; default "NHWC"
 *   is_training: default true */
EK_API ek_fused_batch_norm_grad_v3_outs ek_fused_batch_norm_grad_v3(ek_graph *g, ek_out y_backprop, ek_out x,
                                                                    ek_out scale, ek_out reserve_space_1,
                                                                    ek_out reserve_space_2, ek_out reserve_space_3,
                                                                    const ek_fused_batch_norm_grad_v3_opts *opts);

typedef struct ek_fused_batch_norm_v2_opts {
  uint32_t version;
  double epsilon;
  const char *data_format;
  bool is_training;
} ek_fused_batch_norm_v2_opts;
#define EK_FUSED_BATCH_NORM_V2_OPTS_FIELDS_                                                                            \
  .version = 1u, .epsilon = 9.9999997e-05, .data_format = "NHWC", .is_training = true
#define EK_FUSED_BATCH_NORM_V2_OPTS_INIT                                                                               \
  { EK_FUSED_BATCH_NORM_V2_OPTS_FIELDS_ }
#define EK_FUSED_BATCH_NORM_V2(...)                                                                                    \
  EK_OPTS_(ek_fused_batch_norm_v2_opts, EK_FUSED_BATCH_NORM_V2_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_fused_batch_norm_v2_outs {
  ek_out y, batch_mean, batch_variance, reserve_space_1, reserve_space_2;
} ek_fused_batch_norm_v2_outs;
/* FusedBatchNormV2: batch normalization; parameters and statistics are float32.
 *   in: x: T, scale: U, offset: U, mean: U, variance: U
 *   out: y: T, batch_mean: U, batch_variance: U, reserve_space_1: U, reserve_space_2: U
 *   T: float16, bfloat16, float32
 *   U: float32
 *   epsilon: default 9.9999997e-05
 *   data_format: "NHWC", "NCHW"; default "NHWC"
 *   is_training: default true */
EK_API ek_fused_batch_norm_v2_outs ek_fused_batch_norm_v2(ek_graph *g, ek_out x, ek_out scale, ek_out offset,
                                                          ek_out mean, ek_out variance,
                                                          const ek_fused_batch_norm_v2_opts *opts);

typedef struct ek_fused_batch_norm_v3_opts {
  uint32_t version;
  double epsilon;
  const char *data_format;
  bool is_training;
} ek_fused_batch_norm_v3_opts;
#define EK_FUSED_BATCH_NORM_V3_OPTS_FIELDS_                                                                            \
  .version = 1u, .epsilon = 9.9999997e-05, .data_format = "NHWC", .is_training = true
#define EK_FUSED_BATCH_NORM_V3_OPTS_INIT                                                                               \
  { EK_FUSED_BATCH_NORM_V3_OPTS_FIELDS_ }
#define EK_FUSED_BATCH_NORM_V3(...)                                                                                    \
  EK_OPTS_(ek_fused_batch_norm_v3_opts, EK_FUSED_BATCH_NORM_V3_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_fused_batch_norm_v3_outs {
  ek_out y, batch_mean, batch_variance, reserve_space_1, reserve_space_2, reserve_space_3;
} ek_fused_batch_norm_v3_outs;
/* FusedBatchNormV3: V2 with one more reserve space, which is 0 here.
 *   in: x: T, scale: U, offset: U, mean: U, variance: U
 *   out: y: T, batch_mean: U, batch_variance: U, reserve_space_1: U, reserve_space_2: U, reserve_space_3: U
 *   T: float16, bfloat16, float32
 *   U: float32
 *   epsilon: default 9.9999997e-05
 *   data_format: "NHWC", "NCHW", "NDHWC", "NCDHW"; default "NHWC"
 *   is_training: default true */
EK_API ek_fused_batch_norm_v3_outs ek_fused_batch_norm_v3(ek_graph *g, ek_out x, ek_out scale, ek_out offset,
                                                          ek_out mean, ek_out variance,
                                                          const ek_fused_batch_norm_v3_opts *opts);

/* GatherNd: the parts of params that the last dimension of indices names.
 *   in: params: Tparams, indices: Tindices
 *   out: output: Tparams
 *   Tindices: int16, int32, int64 */
EK_API ek_out ek_gather_nd(ek_graph *g, ek_out params, ek_out indices);

typedef struct ek_gather_opts {
  uint32_t version;
  int64_t batch_dims;
} ek_gather_opts;
#define EK_GATHER_OPTS_FIELDS_ .version = 1u, .batch_dims = 0
#define EK_GATHER_OPTS_INIT                                                                                            \
  { EK_GATHER_OPTS_FIELDS_ }
#define EK_GATHER(...) EK_OPTS_(ek_gather_opts, EK_GATHER_OPTS_FIELDS_, __VA_ARGS__)
/* GatherV2: the parts of params along axis that indices name.
 *   in: params: Tparams, indices: Tindices, axis: Taxis
 *   out: output: Tparams
 *   batch_dims: default 0
 *   Tindices: int32, int64
 *   Taxis: int32, int64 */
EK_API ek_out ek_gather(ek_graph *g, ek_out params, ek_out indices, ek_out axis, const ek_gather_opts *opts);

/* Greater: x > y.
 *   in: x: T, y: T
 *   out: z: bool
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_greater(ek_graph *g, ek_out x, ek_out y);

/* GreaterEqual: x >= y.
 *   in: x: T, y: T
 *   out: z: bool
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_greater_equal(ek_graph *g, ek_out x, ek_out y);

/* HistogramSummary: a Summary of how the values are distributed; NaN is an error.
 *   in: tag: string, values: T
 *   out: summary: string
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_histogram_summary(ek_graph *g, ek_out tag, ek_out values);

/* Identity: its input; of a reference variable: a view of the variable's memory.
 *   in: input: T
 *   out: output: T */
EK_API ek_out ek_identity(ek_graph *g, ek_out input);

typedef struct ek_image_summary_opts {
  uint32_t version;
  int64_t max_images;
} ek_image_summary_opts;
#define EK_IMAGE_SUMMARY_OPTS_FIELDS_ .version = 1u, .max_images = 3
#define EK_IMAGE_SUMMARY_OPTS_INIT                                                                                     \
  { EK_IMAGE_SUMMARY_OPTS_FIELDS_ }
#define EK_IMAGE_SUMMARY(...) EK_OPTS_(ek_image_summary_opts, EK_IMAGE_SUMMARY_OPTS_FIELDS_, __VA_ARGS__)
/* ImageSummary: a Summary of up to max_images images as PNG.
 *   in: tag: string, tensor: T
 *   out: summary: string
 *   max_images: default 3
 *   T: uint8, float32, float16, float64 */
EK_API ek_out ek_image_summary(ek_graph *g, ek_out tag, ek_out tensor, const ek_image_summary_opts *opts);

/* InTopKV2: whether a prediction is among the k largest of its row.
 *   in: predictions: float, targets: T, k: T
 *   out: precision: bool
 *   T: int32, int64 */
EK_API ek_out ek_in_top_k(ek_graph *g, ek_out predictions, ek_out targets, ek_out k);

/* Invert: x with every bit the other way.
 *   in: x: T
 *   out: z: T
 *   T: int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_invert(ek_graph *g, ek_out x);

/* InvertPermutation: y[x[i]] = i.
 *   in: x: T
 *   out: y: T
 *   T: int32, int64 */
EK_API ek_out ek_invert_permutation(ek_graph *g, ek_out x);

/* IsFinite: whether x is neither infinite nor NaN.
 *   in: x: T
 *   out: y: bool
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_is_finite(ek_graph *g, ek_out x);

/* IsInf: whether x is infinite.
 *   in: x: T
 *   out: y: bool
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_is_inf(ek_graph *g, ek_out x);

/* IsNan: whether x is NaN.
 *   in: x: T
 *   out: y: bool
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_is_nan(ek_graph *g, ek_out x);

/* L2Loss: sum(t^2) / 2.
 *   in: t: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_l2_loss(ek_graph *g, ek_out t);

typedef struct ek_lrn_opts {
  uint32_t version;
  int64_t depth_radius;
  double bias;
  double alpha;
  double beta;
} ek_lrn_opts;
#define EK_LRN_OPTS_FIELDS_ .version = 1u, .depth_radius = 5, .bias = 1, .alpha = 1, .beta = 0.5
#define EK_LRN_OPTS_INIT                                                                                               \
  { EK_LRN_OPTS_FIELDS_ }
#define EK_LRN(...) EK_OPTS_(ek_lrn_opts, EK_LRN_OPTS_FIELDS_, __VA_ARGS__)
/* LRN: each channel over (bias + alpha * the squares of its neighbours) ^ beta.
 *   in: input: T
 *   out: output: T
 *   depth_radius: default 5
 *   bias: default 1
 *   alpha: default 1
 *   beta: default 0.5
 *   T: float16, bfloat16, float32 */
EK_API ek_out ek_lrn(ek_graph *g, ek_out input, const ek_lrn_opts *opts);

typedef struct ek_lrn_grad_opts {
  uint32_t version;
  int64_t depth_radius;
  double bias;
  double alpha;
  double beta;
} ek_lrn_grad_opts;
#define EK_LRN_GRAD_OPTS_FIELDS_ .version = 1u, .depth_radius = 5, .bias = 1, .alpha = 1, .beta = 0.5
#define EK_LRN_GRAD_OPTS_INIT                                                                                          \
  { EK_LRN_GRAD_OPTS_FIELDS_ }
#define EK_LRN_GRAD(...) EK_OPTS_(ek_lrn_grad_opts, EK_LRN_GRAD_OPTS_FIELDS_, __VA_ARGS__)
/* LRNGrad: the gradient of LRN.
 *   in: input_grads: T, input_image: T, output_image: T
 *   out: output: T
 *   depth_radius: default 5
 *   bias: default 1
 *   alpha: default 1
 *   beta: default 0.5
 *   T: float16, bfloat16, float32 */
EK_API ek_out ek_lrn_grad(ek_graph *g, ek_out input_grads, ek_out input_image, ek_out output_image,
                          const ek_lrn_grad_opts *opts);

typedef struct ek_leaky_relu_opts {
  uint32_t version;
  double alpha;
} ek_leaky_relu_opts;
#define EK_LEAKY_RELU_OPTS_FIELDS_ .version = 1u, .alpha = 0.2
#define EK_LEAKY_RELU_OPTS_INIT                                                                                        \
  { EK_LEAKY_RELU_OPTS_FIELDS_ }
#define EK_LEAKY_RELU(...) EK_OPTS_(ek_leaky_relu_opts, EK_LEAKY_RELU_OPTS_FIELDS_, __VA_ARGS__)
/* LeakyRelu: x > 0 ? x : alpha * x.
 *   in: features: T
 *   out: activations: T
 *   alpha: default 0.2
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_leaky_relu(ek_graph *g, ek_out features, const ek_leaky_relu_opts *opts);

typedef struct ek_leaky_relu_grad_opts {
  uint32_t version;
  double alpha;
} ek_leaky_relu_grad_opts;
#define EK_LEAKY_RELU_GRAD_OPTS_FIELDS_ .version = 1u, .alpha = 0.2
#define EK_LEAKY_RELU_GRAD_OPTS_INIT                                                                                   \
  { EK_LEAKY_RELU_GRAD_OPTS_FIELDS_ }
#define EK_LEAKY_RELU_GRAD(...) EK_OPTS_(ek_leaky_relu_grad_opts, EK_LEAKY_RELU_GRAD_OPTS_FIELDS_, __VA_ARGS__)
/* LeakyReluGrad: features > 0 ? gradients : alpha * gradients.
 *   in: gradients: T, features: T
 *   out: backprops: T
 *   alpha: default 0.2
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_leaky_relu_grad(ek_graph *g, ek_out gradients, ek_out features, const ek_leaky_relu_grad_opts *opts);

/* LeftShift: x with its bits y places higher.
 *   in: x: T, y: T
 *   out: z: T
 *   T: int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_left_shift(ek_graph *g, ek_out x, ek_out y);

/* Less: x < y.
 *   in: x: T, y: T
 *   out: z: bool
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_less(ek_graph *g, ek_out x, ek_out y);

/* LessEqual: x <= y.
 *   in: x: T, y: T
 *   out: z: bool
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_less_equal(ek_graph *g, ek_out x, ek_out y);

/* Lgamma: log |gamma(x)|.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_lgamma(ek_graph *g, ek_out x);

/* LinSpace: num numbers from start to stop, which is the last one, at equal distances.
 *   in: start: T, stop: T, num: Tidx
 *   out: output: T
 *   T: float32, float64
 *   Tidx: int32, int64 */
EK_API ek_out ek_linspace(ek_graph *g, ek_out start, ek_out stop, ek_out num);

typedef struct ek_list_diff_opts {
  uint32_t version;
  ek_dtype out_idx;
} ek_list_diff_opts;
#define EK_LIST_DIFF_OPTS_FIELDS_ .version = 1u, .out_idx = EK_INT32
#define EK_LIST_DIFF_OPTS_INIT                                                                                         \
  { EK_LIST_DIFF_OPTS_FIELDS_ }
#define EK_LIST_DIFF(...) EK_OPTS_(ek_list_diff_opts, EK_LIST_DIFF_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_list_diff_outs {
  ek_out out, idx;
} ek_list_diff_outs;
/* ListDiff: the elements of x that are not in y, and their indices.
 *   in: x: T, y: T
 *   out: out: T, idx: out_idx
 *   T: int8, uint8, int16, uint16, int32, int64, bool
 *   out_idx: int32, int64; default int32 */
EK_API ek_list_diff_outs ek_list_diff(ek_graph *g, ek_out x, ek_out y, const ek_list_diff_opts *opts);

/* Log: the natural logarithm of x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_log(ek_graph *g, ek_out x);

/* Log1p: log(1 + x), exact near 0.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_log1p(ek_graph *g, ek_out x);

/* LogSoftmax: x - log(sum(e^x)) along the last dimension.
 *   in: logits: T
 *   out: logsoftmax: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_log_softmax(ek_graph *g, ek_out logits);

/* LogicalAnd: x and y.
 *   in: x: bool, y: bool
 *   out: z: bool */
EK_API ek_out ek_logical_and(ek_graph *g, ek_out x, ek_out y);

/* LogicalNot: not x.
 *   in: x: bool
 *   out: y: bool */
EK_API ek_out ek_logical_not(ek_graph *g, ek_out x);

/* LogicalOr: x or y.
 *   in: x: bool, y: bool
 *   out: z: bool */
EK_API ek_out ek_logical_or(ek_graph *g, ek_out x, ek_out y);

/* LoopCond: input, which says whether the loop goes on.
 *   in: input: bool
 *   out: output: bool */
EK_API ek_out ek_loop_cond(ek_graph *g, ek_out input);

typedef struct ek_matmul_opts {
  uint32_t version;
  bool transpose_a;
  bool transpose_b;
} ek_matmul_opts;
#define EK_MATMUL_OPTS_FIELDS_ .version = 1u, .transpose_a = false, .transpose_b = false
#define EK_MATMUL_OPTS_INIT                                                                                            \
  { EK_MATMUL_OPTS_FIELDS_ }
#define EK_MATMUL(...) EK_OPTS_(ek_matmul_opts, EK_MATMUL_OPTS_FIELDS_, __VA_ARGS__)
/* MatMul: the product of two matrices, transposed first where the attributes say so.
 *   in: a: T, b: T
 *   out: product: T
 *   transpose_a: default false
 *   transpose_b: default false
 *   T: bfloat16, float16, float32, float64, int32, int64 */
EK_API ek_out ek_matmul(ek_graph *g, ek_out a, ek_out b, const ek_matmul_opts *opts);

/* MatrixBandPart: matrices with zeros beyond num_lower and num_upper diagonals; negative: all of them stay.
 *   in: input: T, num_lower: Tindex, num_upper: Tindex
 *   out: band: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64, bool
 *   Tindex: int32, int64 */
EK_API ek_out ek_matrix_band_part(ek_graph *g, ek_out input, ek_out num_lower, ek_out num_upper);

typedef struct ek_matrix_diag_part_opts {
  uint32_t version;
  const char *align;
} ek_matrix_diag_part_opts;
#define EK_MATRIX_DIAG_PART_OPTS_FIELDS_ .version = 1u, .align = "RIGHT_LEFT"
#define EK_MATRIX_DIAG_PART_OPTS_INIT                                                                                  \
  { EK_MATRIX_DIAG_PART_OPTS_FIELDS_ }
#define EK_MATRIX_DIAG_PART(...) EK_OPTS_(ek_matrix_diag_part_opts, EK_MATRIX_DIAG_PART_OPTS_FIELDS_, __VA_ARGS__)
/* MatrixDiagPartV3: diagonal k of each matrix, or k[0] to k[1], the uppermost first, filled up with padding_value.
 *   in: input: T, k: int32, padding_value: T
 *   out: diagonal: T
 *   T: float32, float64, float16, bfloat16, int32, int64, bool
 *   align: "LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT"; default "RIGHT_LEFT" */
EK_API ek_out ek_matrix_diag_part(ek_graph *g, ek_out input, ek_out k, ek_out padding_value,
                                  const ek_matrix_diag_part_opts *opts);

typedef struct ek_matrix_diag_v3_opts {
  uint32_t version;
  const char *align;
} ek_matrix_diag_v3_opts;
#define EK_MATRIX_DIAG_V3_OPTS_FIELDS_ .version = 1u, .align = "RIGHT_LEFT"
#define EK_MATRIX_DIAG_V3_OPTS_INIT                                                                                    \
  { EK_MATRIX_DIAG_V3_OPTS_FIELDS_ }
#define EK_MATRIX_DIAG_V3(...) EK_OPTS_(ek_matrix_diag_v3_opts, EK_MATRIX_DIAG_V3_OPTS_FIELDS_, __VA_ARGS__)
/* MatrixDiagV3: matrices with the given diagonal k, or k[0] to k[1], the uppermost first; padding_value elsewhere.
 *   in: diagonal: T, k: int32, num_rows: int32, num_cols: int32, padding_value: T
 *   out: output: T
 *   T: float32, float64, float16, bfloat16, int32, int64, bool
 *   align: "LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT"; default "RIGHT_LEFT" */
EK_API ek_out ek_matrix_diag_v3(ek_graph *g, ek_out diagonal, ek_out k, ek_out num_rows, ek_out num_cols,
                                ek_out padding_value, const ek_matrix_diag_v3_opts *opts);

typedef struct ek_matrix_set_diag_v3_opts {
  uint32_t version;
  const char *align;
} ek_matrix_set_diag_v3_opts;
#define EK_MATRIX_SET_DIAG_V3_OPTS_FIELDS_ .version = 1u, .align = "RIGHT_LEFT"
#define EK_MATRIX_SET_DIAG_V3_OPTS_INIT                                                                                \
  { EK_MATRIX_SET_DIAG_V3_OPTS_FIELDS_ }
#define EK_MATRIX_SET_DIAG_V3(...) EK_OPTS_(ek_matrix_set_diag_v3_opts, EK_MATRIX_SET_DIAG_V3_OPTS_FIELDS_, __VA_ARGS__)
/* MatrixSetDiagV3: input with diagonal k of its matrices, or k[0] to k[1], replaced.
 *   in: input: T, diagonal: T, k: int32
 *   out: output: T
 *   T: float32, float64, float16, bfloat16, int32, int64, bool
 *   align: "LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT"; default "RIGHT_LEFT" */
EK_API ek_out ek_matrix_set_diag_v3(ek_graph *g, ek_out input, ek_out diagonal, ek_out k,
                                    const ek_matrix_set_diag_v3_opts *opts);

typedef struct ek_reduce_max_opts {
  uint32_t version;
  bool keep_dims;
} ek_reduce_max_opts;
#define EK_REDUCE_MAX_OPTS_FIELDS_ .version = 1u, .keep_dims = false
#define EK_REDUCE_MAX_OPTS_INIT                                                                                        \
  { EK_REDUCE_MAX_OPTS_FIELDS_ }
#define EK_REDUCE_MAX(...) EK_OPTS_(ek_reduce_max_opts, EK_REDUCE_MAX_OPTS_FIELDS_, __VA_ARGS__)
/* Max: the largest number along reduction_indices; NaN if there is one.
 *   in: input: T, reduction_indices: Tidx
 *   out: output: T
 *   keep_dims: default false
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tidx: int32, int64 */
EK_API ek_out ek_reduce_max(ek_graph *g, ek_out input, ek_out reduction_indices, const ek_reduce_max_opts *opts);

typedef struct ek_max_pool_opts {
  uint32_t version;
  const char *data_format;
} ek_max_pool_opts;
#define EK_MAX_POOL_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_MAX_POOL_OPTS_INIT                                                                                          \
  { EK_MAX_POOL_OPTS_FIELDS_ }
#define EK_MAX_POOL(...) EK_OPTS_(ek_max_pool_opts, EK_MAX_POOL_OPTS_FIELDS_, __VA_ARGS__)
/* MaxPool: the largest element of each window, channel by channel.
 *   in: input: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   padding: "SAME", "VALID", "EXPLICIT"
 *   data_format: "NHWC", "NCHW"; default "NHWC" */
EK_API ek_out ek_max_pool(ek_graph *g, ek_out input, const int64_t *ksize, int n_ksize, const int64_t *strides,
                          int n_strides, const char *padding, const ek_max_pool_opts *opts);

typedef struct ek_max_pool3d_opts {
  uint32_t version;
  const char *data_format;
} ek_max_pool3d_opts;
#define EK_MAX_POOL3D_OPTS_FIELDS_ .version = 1u, .data_format = "NDHWC"
#define EK_MAX_POOL3D_OPTS_INIT                                                                                        \
  { EK_MAX_POOL3D_OPTS_FIELDS_ }
#define EK_MAX_POOL3D(...) EK_OPTS_(ek_max_pool3d_opts, EK_MAX_POOL3D_OPTS_FIELDS_, __VA_ARGS__)
/* MaxPool3D: MaxPool of volumes.
 *   in: input: T
 *   out: output: T
 *   T: float16, bfloat16, float32
 *   padding: "SAME", "VALID"
 *   data_format: "NDHWC", "NCDHW"; default "NDHWC" */
EK_API ek_out ek_max_pool3d(ek_graph *g, ek_out input, const int64_t *ksize, int n_ksize, const int64_t *strides,
                            int n_strides, const char *padding, const ek_max_pool3d_opts *opts);

typedef struct ek_max_pool3d_grad_opts {
  uint32_t version;
  const char *data_format;
} ek_max_pool3d_grad_opts;
#define EK_MAX_POOL3D_GRAD_OPTS_FIELDS_ .version = 1u, .data_format = "NDHWC"
#define EK_MAX_POOL3D_GRAD_OPTS_INIT                                                                                   \
  { EK_MAX_POOL3D_GRAD_OPTS_FIELDS_ }
#define EK_MAX_POOL3D_GRAD(...) EK_OPTS_(ek_max_pool3d_grad_opts, EK_MAX_POOL3D_GRAD_OPTS_FIELDS_, __VA_ARGS__)
/* MaxPool3DGrad: the gradient of MaxPool3D.
 *   in: orig_input: TInput, orig_output: TInput, grad: T
 *   out: output: T
 *   T: float16, bfloat16, float32
 *   TInput: float16, bfloat16, float32
 *   padding: "SAME", "VALID"
 *   data_format: "NDHWC", "NCDHW"; default "NDHWC" */
EK_API ek_out ek_max_pool3d_grad(ek_graph *g, ek_out orig_input, ek_out orig_output, ek_out grad, const int64_t *ksize,
                                 int n_ksize, const int64_t *strides, int n_strides, const char *padding,
                                 const ek_max_pool3d_grad_opts *opts);

typedef struct ek_max_pool3d_grad_grad_opts {
  uint32_t version;
  const char *data_format;
} ek_max_pool3d_grad_grad_opts;
#define EK_MAX_POOL3D_GRAD_GRAD_OPTS_FIELDS_ .version = 1u, .data_format = "NDHWC"
#define EK_MAX_POOL3D_GRAD_GRAD_OPTS_INIT                                                                              \
  { EK_MAX_POOL3D_GRAD_GRAD_OPTS_FIELDS_ }
#define EK_MAX_POOL3D_GRAD_GRAD(...)                                                                                   \
  EK_OPTS_(ek_max_pool3d_grad_grad_opts, EK_MAX_POOL3D_GRAD_GRAD_OPTS_FIELDS_, __VA_ARGS__)
/* MaxPool3DGradGrad: the gradient of MaxPool3DGrad.
 *   in: orig_input: T, orig_output: T, grad: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   padding: "SAME", "VALID"
 *   data_format: "NDHWC", "NCDHW"; default "NDHWC" */
EK_API ek_out ek_max_pool3d_grad_grad(ek_graph *g, ek_out orig_input, ek_out orig_output, ek_out grad,
                                      const int64_t *ksize, int n_ksize, const int64_t *strides, int n_strides,
                                      const char *padding, const ek_max_pool3d_grad_grad_opts *opts);

typedef struct ek_max_pool_grad_opts {
  uint32_t version;
  const char *data_format;
} ek_max_pool_grad_opts;
#define EK_MAX_POOL_GRAD_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_MAX_POOL_GRAD_OPTS_INIT                                                                                     \
  { EK_MAX_POOL_GRAD_OPTS_FIELDS_ }
#define EK_MAX_POOL_GRAD(...) EK_OPTS_(ek_max_pool_grad_opts, EK_MAX_POOL_GRAD_OPTS_FIELDS_, __VA_ARGS__)
/* MaxPoolGrad: the gradient of MaxPool: it goes to the first largest element.
 *   in: orig_input: T, orig_output: T, grad: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   padding: "SAME", "VALID", "EXPLICIT"
 *   data_format: "NHWC", "NCHW"; default "NHWC" */
EK_API ek_out ek_max_pool_grad(ek_graph *g, ek_out orig_input, ek_out orig_output, ek_out grad, const int64_t *ksize,
                               int n_ksize, const int64_t *strides, int n_strides, const char *padding,
                               const ek_max_pool_grad_opts *opts);

typedef struct ek_max_pool_grad_grad_opts {
  uint32_t version;
  const char *data_format;
} ek_max_pool_grad_grad_opts;
#define EK_MAX_POOL_GRAD_GRAD_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_MAX_POOL_GRAD_GRAD_OPTS_INIT                                                                                \
  { EK_MAX_POOL_GRAD_GRAD_OPTS_FIELDS_ }
#define EK_MAX_POOL_GRAD_GRAD(...) EK_OPTS_(ek_max_pool_grad_grad_opts, EK_MAX_POOL_GRAD_GRAD_OPTS_FIELDS_, __VA_ARGS__)
/* MaxPoolGradGrad: the gradient of MaxPoolGrad: what lies where the input is largest.
 *   in: orig_input: T, orig_output: T, grad: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   padding: "SAME", "VALID"
 *   data_format: "NHWC", "NCHW"; default "NHWC" */
EK_API ek_out ek_max_pool_grad_grad(ek_graph *g, ek_out orig_input, ek_out orig_output, ek_out grad,
                                    const int64_t *ksize, int n_ksize, const int64_t *strides, int n_strides,
                                    const char *padding, const ek_max_pool_grad_grad_opts *opts);

typedef struct ek_max_pool_grad_grad_v2_opts {
  uint32_t version;
  const char *data_format;
} ek_max_pool_grad_grad_v2_opts;
#define EK_MAX_POOL_GRAD_GRAD_V2_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_MAX_POOL_GRAD_GRAD_V2_OPTS_INIT                                                                             \
  { EK_MAX_POOL_GRAD_GRAD_V2_OPTS_FIELDS_ }
#define EK_MAX_POOL_GRAD_GRAD_V2(...)                                                                                  \
  EK_OPTS_(ek_max_pool_grad_grad_v2_opts, EK_MAX_POOL_GRAD_GRAD_V2_OPTS_FIELDS_, __VA_ARGS__)
/* MaxPoolGradGradV2: the gradient of MaxPoolGradV2.
 *   in: orig_input: T, orig_output: T, grad: T, ksize: int32, strides: int32
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   padding: "SAME", "VALID"
 *   data_format: "NHWC", "NCHW"; default "NHWC" */
EK_API ek_out ek_max_pool_grad_grad_v2(ek_graph *g, ek_out orig_input, ek_out orig_output, ek_out grad, ek_out ksize,
                                       ek_out strides, const char *padding, const ek_max_pool_grad_grad_v2_opts *opts);

typedef struct ek_max_pool_grad_v2_opts {
  uint32_t version;
  const char *data_format;
} ek_max_pool_grad_v2_opts;
#define EK_MAX_POOL_GRAD_V2_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_MAX_POOL_GRAD_V2_OPTS_INIT                                                                                  \
  { EK_MAX_POOL_GRAD_V2_OPTS_FIELDS_ }
#define EK_MAX_POOL_GRAD_V2(...) EK_OPTS_(ek_max_pool_grad_v2_opts, EK_MAX_POOL_GRAD_V2_OPTS_FIELDS_, __VA_ARGS__)
/* MaxPoolGradV2: the gradient of MaxPoolV2.
 *   in: orig_input: T, orig_output: T, grad: T, ksize: int32, strides: int32
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   padding: "SAME", "VALID"
 *   data_format: "NHWC", "NCHW"; default "NHWC" */
EK_API ek_out ek_max_pool_grad_v2(ek_graph *g, ek_out orig_input, ek_out orig_output, ek_out grad, ek_out ksize,
                                  ek_out strides, const char *padding, const ek_max_pool_grad_v2_opts *opts);

typedef struct ek_max_pool_grad_with_argmax_opts {
  uint32_t version;
  bool include_batch_in_index;
} ek_max_pool_grad_with_argmax_opts;
#define EK_MAX_POOL_GRAD_WITH_ARGMAX_OPTS_FIELDS_ .version = 1u, .include_batch_in_index = false
#define EK_MAX_POOL_GRAD_WITH_ARGMAX_OPTS_INIT                                                                         \
  { EK_MAX_POOL_GRAD_WITH_ARGMAX_OPTS_FIELDS_ }
#define EK_MAX_POOL_GRAD_WITH_ARGMAX(...)                                                                              \
  EK_OPTS_(ek_max_pool_grad_with_argmax_opts, EK_MAX_POOL_GRAD_WITH_ARGMAX_OPTS_FIELDS_, __VA_ARGS__)
/* MaxPoolGradWithArgmax: the gradient of MaxPoolWithArgmax.
 *   in: input: T, grad: T, argmax: Targmax
 *   out: output: T
 *   padding: "SAME", "VALID"
 *   include_batch_in_index: default false
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Targmax: int32, int64 */
EK_API ek_out ek_max_pool_grad_with_argmax(ek_graph *g, ek_out input, ek_out grad, ek_out argmax, const int64_t *ksize,
                                           int n_ksize, const int64_t *strides, int n_strides, const char *padding,
                                           const ek_max_pool_grad_with_argmax_opts *opts);

typedef struct ek_max_pool_v2_opts {
  uint32_t version;
  const char *data_format;
} ek_max_pool_v2_opts;
#define EK_MAX_POOL_V2_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_MAX_POOL_V2_OPTS_INIT                                                                                       \
  { EK_MAX_POOL_V2_OPTS_FIELDS_ }
#define EK_MAX_POOL_V2(...) EK_OPTS_(ek_max_pool_v2_opts, EK_MAX_POOL_V2_OPTS_FIELDS_, __VA_ARGS__)
/* MaxPoolV2: MaxPool whose window and strides are tensors.
 *   in: input: T, ksize: int32, strides: int32
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   padding: "SAME", "VALID"
 *   data_format: "NHWC", "NCHW"; default "NHWC" */
EK_API ek_out ek_max_pool_v2(ek_graph *g, ek_out input, ek_out ksize, ek_out strides, const char *padding,
                             const ek_max_pool_v2_opts *opts);

typedef struct ek_max_pool_with_argmax_opts {
  uint32_t version;
  bool include_batch_in_index;
  ek_dtype targmax;
} ek_max_pool_with_argmax_opts;
#define EK_MAX_POOL_WITH_ARGMAX_OPTS_FIELDS_ .version = 1u, .include_batch_in_index = false, .targmax = EK_INT64
#define EK_MAX_POOL_WITH_ARGMAX_OPTS_INIT                                                                              \
  { EK_MAX_POOL_WITH_ARGMAX_OPTS_FIELDS_ }
#define EK_MAX_POOL_WITH_ARGMAX(...)                                                                                   \
  EK_OPTS_(ek_max_pool_with_argmax_opts, EK_MAX_POOL_WITH_ARGMAX_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_max_pool_with_argmax_outs {
  ek_out output, argmax;
} ek_max_pool_with_argmax_outs;
/* MaxPoolWithArgmax: the largest element of each window, and where in the image it is.
 *   in: input: T
 *   out: output: T, argmax: Targmax
 *   padding: "SAME", "VALID"
 *   include_batch_in_index: default false
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   targmax: int32, int64; default int64 */
EK_API ek_max_pool_with_argmax_outs ek_max_pool_with_argmax(ek_graph *g, ek_out input, const int64_t *ksize,
                                                            int n_ksize, const int64_t *strides, int n_strides,
                                                            const char *padding,
                                                            const ek_max_pool_with_argmax_opts *opts);

/* Maximum: the larger of x and y; NaN if one is.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_maximum(ek_graph *g, ek_out x, ek_out y);

typedef struct ek_reduce_mean_opts {
  uint32_t version;
  bool keep_dims;
} ek_reduce_mean_opts;
#define EK_REDUCE_MEAN_OPTS_FIELDS_ .version = 1u, .keep_dims = false
#define EK_REDUCE_MEAN_OPTS_INIT                                                                                       \
  { EK_REDUCE_MEAN_OPTS_FIELDS_ }
#define EK_REDUCE_MEAN(...) EK_OPTS_(ek_reduce_mean_opts, EK_REDUCE_MEAN_OPTS_FIELDS_, __VA_ARGS__)
/* Mean: the mean along reduction_indices; NaN of nothing.
 *   in: input: T, reduction_indices: Tidx
 *   out: output: T
 *   keep_dims: default false
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tidx: int32, int64 */
EK_API ek_out ek_reduce_mean(ek_graph *g, ek_out input, ek_out reduction_indices, const ek_reduce_mean_opts *opts);

typedef struct ek_merge_outs {
  ek_out output, value_index;
} ek_merge_outs;
/* Merge: the first input that is alive, and which one it was.
 *   in: inputs: N * T
 *   out: output: T, value_index: int32 */
EK_API ek_merge_outs ek_merge(ek_graph *g, ek_outs inputs);

/* MergeSummary: all values of its inputs in one Summary; a tag twice is an error.
 *   in: inputs: N * string
 *   out: summary: string */
EK_API ek_out ek_merge_summary(ek_graph *g, ek_outs inputs);

typedef struct ek_merge_v2_checkpoints_opts {
  uint32_t version;
  bool delete_old_dirs;
} ek_merge_v2_checkpoints_opts;
#define EK_MERGE_V2_CHECKPOINTS_OPTS_FIELDS_ .version = 1u, .delete_old_dirs = true
#define EK_MERGE_V2_CHECKPOINTS_OPTS_INIT                                                                              \
  { EK_MERGE_V2_CHECKPOINTS_OPTS_FIELDS_ }
#define EK_MERGE_V2_CHECKPOINTS(...)                                                                                   \
  EK_OPTS_(ek_merge_v2_checkpoints_opts, EK_MERGE_V2_CHECKPOINTS_OPTS_FIELDS_, __VA_ARGS__)
/* MergeV2Checkpoints: one checkpoint of several, which are removed.
 *   in: checkpoint_prefixes: string, destination_prefix: string
 *   delete_old_dirs: default true */
EK_API ek_op ek_merge_v2_checkpoints(ek_graph *g, ek_out checkpoint_prefixes, ek_out destination_prefix,
                                     const ek_merge_v2_checkpoints_opts *opts);

typedef struct ek_reduce_min_opts {
  uint32_t version;
  bool keep_dims;
} ek_reduce_min_opts;
#define EK_REDUCE_MIN_OPTS_FIELDS_ .version = 1u, .keep_dims = false
#define EK_REDUCE_MIN_OPTS_INIT                                                                                        \
  { EK_REDUCE_MIN_OPTS_FIELDS_ }
#define EK_REDUCE_MIN(...) EK_OPTS_(ek_reduce_min_opts, EK_REDUCE_MIN_OPTS_FIELDS_, __VA_ARGS__)
/* Min: the smallest number along reduction_indices; NaN if there is one.
 *   in: input: T, reduction_indices: Tidx
 *   out: output: T
 *   keep_dims: default false
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tidx: int32, int64 */
EK_API ek_out ek_reduce_min(ek_graph *g, ek_out input, ek_out reduction_indices, const ek_reduce_min_opts *opts);

/* Minimum: the smaller of x and y; NaN if one is.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_minimum(ek_graph *g, ek_out x, ek_out y);

/* MirrorPad: the input with its own border mirrored around it, the edge left out (REFLECT) or repeated (SYMMETRIC).
 *   in: input: T, paddings: Tpaddings
 *   out: output: T
 *   Tpaddings: int32, int64
 *   mode: "REFLECT", "SYMMETRIC" */
EK_API ek_out ek_mirror_pad(ek_graph *g, ek_out input, ek_out paddings, const char *mode);

/* MirrorPadGrad: the gradient of MirrorPad: each element of the border is added to the one that it mirrors.
 *   in: input: T, paddings: Tpaddings
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tpaddings: int32, int64
 *   mode: "REFLECT", "SYMMETRIC" */
EK_API ek_out ek_mirror_pad_grad(ek_graph *g, ek_out input, ek_out paddings, const char *mode);

/* Mod: the remainder of x / y towards zero: it has the sign of x.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64, int32, int64 */
EK_API ek_out ek_truncatemod(ek_graph *g, ek_out x, ek_out y);

/* Mul: x * y.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_multiply(ek_graph *g, ek_out x, ek_out y);

typedef struct ek_multinomial_opts {
  uint32_t version;
  int64_t seed;
  int64_t seed2;
  ek_dtype output_dtype;
} ek_multinomial_opts;
#define EK_MULTINOMIAL_OPTS_FIELDS_ .version = 1u, .seed = 0, .seed2 = 0, .output_dtype = EK_INT64
#define EK_MULTINOMIAL_OPTS_INIT                                                                                       \
  { EK_MULTINOMIAL_OPTS_FIELDS_ }
#define EK_MULTINOMIAL(...) EK_OPTS_(ek_multinomial_opts, EK_MULTINOMIAL_OPTS_FIELDS_, __VA_ARGS__)
/* Multinomial: num_samples classes a row, drawn by its logits.
 *   in: logits: T, num_samples: int32
 *   out: output: output_dtype
 *   seed: default 0
 *   seed2: default 0
 *   T: bfloat16, float16, float32, float64, int32, int64
 *   output_dtype: int32, int64; default int64 */
EK_API ek_out ek_multinomial(ek_graph *g, ek_out logits, ek_out num_samples, const ek_multinomial_opts *opts);

/* Neg: -x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64, int8, int16, int32, int64 */
EK_API ek_out ek_negative(ek_graph *g, ek_out x);

/* NextIteration: data, for the iteration that follows.
 *   in: data: T
 *   out: output: T */
EK_API ek_out ek_next_iteration(ek_graph *g, ek_out data);

typedef struct ek_not_equal_opts {
  uint32_t version;
  bool incompatible_shape_error;
} ek_not_equal_opts;
#define EK_NOT_EQUAL_OPTS_FIELDS_ .version = 1u, .incompatible_shape_error = true
#define EK_NOT_EQUAL_OPTS_INIT                                                                                         \
  { EK_NOT_EQUAL_OPTS_FIELDS_ }
#define EK_NOT_EQUAL(...) EK_OPTS_(ek_not_equal_opts, EK_NOT_EQUAL_OPTS_FIELDS_, __VA_ARGS__)
/* NotEqual: x != y.
 *   in: x: T, y: T
 *   out: z: bool
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64, bool, string
 *   incompatible_shape_error: default true */
EK_API ek_out ek_not_equal(ek_graph *g, ek_out x, ek_out y, const ek_not_equal_opts *opts);

typedef struct ek_one_hot_opts {
  uint32_t version;
  int64_t axis;
} ek_one_hot_opts;
#define EK_ONE_HOT_OPTS_FIELDS_ .version = 1u, .axis = -1
#define EK_ONE_HOT_OPTS_INIT                                                                                           \
  { EK_ONE_HOT_OPTS_FIELDS_ }
#define EK_ONE_HOT(...) EK_OPTS_(ek_one_hot_opts, EK_ONE_HOT_OPTS_FIELDS_, __VA_ARGS__)
/* OneHot: on_value where the new axis' index is indices', off_value elsewhere.
 *   in: indices: TI, depth: int32, on_value: T, off_value: T
 *   out: output: T
 *   axis: default -1
 *   TI: uint8, int32, int64 */
EK_API ek_out ek_one_hot(ek_graph *g, ek_out indices, ek_out depth, ek_out on_value, ek_out off_value,
                         const ek_one_hot_opts *opts);

/* OnesLike: ones in the shape of x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
 *     complex128, bool */
EK_API ek_out ek_ones_like(ek_graph *g, ek_out x);

typedef struct ek_stack_opts {
  uint32_t version;
  int64_t axis;
} ek_stack_opts;
#define EK_STACK_OPTS_FIELDS_ .version = 1u, .axis = 0
#define EK_STACK_OPTS_INIT                                                                                             \
  { EK_STACK_OPTS_FIELDS_ }
#define EK_STACK(...) EK_OPTS_(ek_stack_opts, EK_STACK_OPTS_FIELDS_, __VA_ARGS__)
/* Pack: tensors of one shape side by side along a new axis.
 *   in: values: N * T
 *   out: output: T
 *   axis: default 0 */
EK_API ek_out ek_stack(ek_graph *g, ek_outs values, const ek_stack_opts *opts);

/* Pad: zeros around the input: paddings[i] = {before, after} axis i.
 *   in: input: T, paddings: Tpaddings
 *   out: output: T
 *   Tpaddings: int32, int64 */
EK_API ek_out ek_pad(ek_graph *g, ek_out input, ek_out paddings);

/* PadV2: constant_values around the input: paddings[i] = {before, after} axis i.
 *   in: input: T, paddings: Tpaddings, constant_values: T
 *   out: output: T
 *   Tpaddings: int32, int64 */
EK_API ek_out ek_pad_v2(ek_graph *g, ek_out input, ek_out paddings, ek_out constant_values);

/* ParallelDynamicStitch: DynamicStitch where no place is named twice.
 *   in: indices: N * int32, data: N * T
 *   out: merged: T */
EK_API ek_out ek_parallel_dynamic_stitch(ek_graph *g, ek_outs indices, ek_outs data);

/* PlaceholderWithDefault: its input, unless it is fed.
 *   in: input: dtype
 *   out: output: dtype */
EK_API ek_out ek_placeholder_with_default(ek_graph *g, ek_out input, ek_shape shape);

/* Pow: x^y; integers only to powers from 0.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64, int32, int64 */
EK_API ek_out ek_pow(ek_graph *g, ek_out x, ek_out y);

typedef struct ek_prevent_gradient_opts {
  uint32_t version;
  const char *message;
} ek_prevent_gradient_opts;
#define EK_PREVENT_GRADIENT_OPTS_FIELDS_ .version = 1u, .message = ""
#define EK_PREVENT_GRADIENT_OPTS_INIT                                                                                  \
  { EK_PREVENT_GRADIENT_OPTS_FIELDS_ }
#define EK_PREVENT_GRADIENT(...) EK_OPTS_(ek_prevent_gradient_opts, EK_PREVENT_GRADIENT_OPTS_FIELDS_, __VA_ARGS__)
/* PreventGradient: its input; asking for its gradient is an error.
 *   in: input: T
 *   out: output: T
 *   message: default "" */
EK_API ek_out ek_prevent_gradient(ek_graph *g, ek_out input, const ek_prevent_gradient_opts *opts);

typedef struct ek_print_opts {
  uint32_t version;
  const char *message;
  int64_t first_n;
  int64_t summarize;
} ek_print_opts;
#define EK_PRINT_OPTS_FIELDS_ .version = 1u, .message = "", .first_n = -1, .summarize = 3
#define EK_PRINT_OPTS_INIT                                                                                             \
  { EK_PRINT_OPTS_FIELDS_ }
#define EK_PRINT(...) EK_OPTS_(ek_print_opts, EK_PRINT_OPTS_FIELDS_, __VA_ARGS__)
/* Print: its input; TensorFlow also logs data here.
 *   in: input: T, data: U
 *   out: output: T
 *   message: default ""
 *   first_n: default -1
 *   summarize: default 3 */
EK_API ek_out ek_print(ek_graph *g, ek_out input, ek_outs data, const ek_print_opts *opts);

typedef struct ek_reduce_prod_opts {
  uint32_t version;
  bool keep_dims;
} ek_reduce_prod_opts;
#define EK_REDUCE_PROD_OPTS_FIELDS_ .version = 1u, .keep_dims = false
#define EK_REDUCE_PROD_OPTS_INIT                                                                                       \
  { EK_REDUCE_PROD_OPTS_FIELDS_ }
#define EK_REDUCE_PROD(...) EK_OPTS_(ek_reduce_prod_opts, EK_REDUCE_PROD_OPTS_FIELDS_, __VA_ARGS__)
/* Prod: the product along reduction_indices.
 *   in: input: T, reduction_indices: Tidx
 *   out: output: T
 *   keep_dims: default false
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tidx: int32, int64 */
EK_API ek_out ek_reduce_prod(ek_graph *g, ek_out input, ek_out reduction_indices, const ek_reduce_prod_opts *opts);

typedef struct ek_qr_opts {
  uint32_t version;
  bool full_matrices;
} ek_qr_opts;
#define EK_QR_OPTS_FIELDS_ .version = 1u, .full_matrices = false
#define EK_QR_OPTS_INIT                                                                                                \
  { EK_QR_OPTS_FIELDS_ }
#define EK_QR(...) EK_OPTS_(ek_qr_opts, EK_QR_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_qr_outs {
  ek_out q, r;
} ek_qr_outs;
/* Qr: q r = input, the columns of q orthonormal, r upper triangular.
 *   in: input: T
 *   out: q: T, r: T
 *   full_matrices: default false
 *   T: float32, float64 */
EK_API ek_qr_outs ek_qr(ek_graph *g, ek_out input, const ek_qr_opts *opts);

typedef struct ek_random_shuffle_opts {
  uint32_t version;
  int64_t seed;
  int64_t seed2;
} ek_random_shuffle_opts;
#define EK_RANDOM_SHUFFLE_OPTS_FIELDS_ .version = 1u, .seed = 0, .seed2 = 0
#define EK_RANDOM_SHUFFLE_OPTS_INIT                                                                                    \
  { EK_RANDOM_SHUFFLE_OPTS_FIELDS_ }
#define EK_RANDOM_SHUFFLE(...) EK_OPTS_(ek_random_shuffle_opts, EK_RANDOM_SHUFFLE_OPTS_FIELDS_, __VA_ARGS__)
/* RandomShuffle: value with its first dimension in a random order.
 *   in: value: T
 *   out: output: T
 *   seed: default 0
 *   seed2: default 0 */
EK_API ek_out ek_random_shuffle(ek_graph *g, ek_out value, const ek_random_shuffle_opts *opts);

typedef struct ek_random_standard_normal_opts {
  uint32_t version;
  int64_t seed;
  int64_t seed2;
} ek_random_standard_normal_opts;
#define EK_RANDOM_STANDARD_NORMAL_OPTS_FIELDS_ .version = 1u, .seed = 0, .seed2 = 0
#define EK_RANDOM_STANDARD_NORMAL_OPTS_INIT                                                                            \
  { EK_RANDOM_STANDARD_NORMAL_OPTS_FIELDS_ }
#define EK_RANDOM_STANDARD_NORMAL(...)                                                                                 \
  EK_OPTS_(ek_random_standard_normal_opts, EK_RANDOM_STANDARD_NORMAL_OPTS_FIELDS_, __VA_ARGS__)
/* RandomStandardNormal: independent numbers, normal with mean 0 and deviation 1.
 *   in: shape: T
 *   out: output: dtype
 *   seed: default 0
 *   seed2: default 0
 *   dtype: float16, bfloat16, float32, float64
 *   T: int32, int64 */
EK_API ek_out ek_random_standard_normal(ek_graph *g, ek_out shape, ek_dtype dtype,
                                        const ek_random_standard_normal_opts *opts);

typedef struct ek_random_uniform_int_opts {
  uint32_t version;
  int64_t seed;
  int64_t seed2;
} ek_random_uniform_int_opts;
#define EK_RANDOM_UNIFORM_INT_OPTS_FIELDS_ .version = 1u, .seed = 0, .seed2 = 0
#define EK_RANDOM_UNIFORM_INT_OPTS_INIT                                                                                \
  { EK_RANDOM_UNIFORM_INT_OPTS_FIELDS_ }
#define EK_RANDOM_UNIFORM_INT(...) EK_OPTS_(ek_random_uniform_int_opts, EK_RANDOM_UNIFORM_INT_OPTS_FIELDS_, __VA_ARGS__)
/* RandomUniformInt: independent integers, uniform in [minval, maxval).
 *   in: shape: T, minval: Tout, maxval: Tout
 *   out: output: Tout
 *   seed: default 0
 *   seed2: default 0
 *   Tout: int32, int64
 *   T: int32, int64 */
EK_API ek_out ek_random_uniform_int(ek_graph *g, ek_out shape, ek_out minval, ek_out maxval,
                                    const ek_random_uniform_int_opts *opts);

/* Range: start, start + delta, ... as far as limit, which is left out.
 *   in: start: Tidx, limit: Tidx, delta: Tidx
 *   out: output: Tidx
 *   Tidx: float32, float64, int32, int64 */
EK_API ek_out ek_range(ek_graph *g, ek_out start, ek_out limit, ek_out delta);

/* Rank: the number of dimensions.
 *   in: input: T
 *   out: output: int32 */
EK_API ek_out ek_rank(ek_graph *g, ek_out input);

/* ReadVariableOp: the variable's value as it is now.
 *   in: resource: resource
 *   out: value: dtype */
EK_API ek_out ek_read_variable_op(ek_graph *g, ek_out resource, ek_dtype dtype);

/* RealDiv: x / y of floating numbers.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_truediv(ek_graph *g, ek_out x, ek_out y);

/* Reciprocal: 1 / x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_reciprocal(ek_graph *g, ek_out x);

/* ReciprocalGrad: -dy * y^2.
 *   in: y: T, dy: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_reciprocal_grad(ek_graph *g, ek_out y, ek_out dy);

typedef struct ek_ref_enter_opts {
  uint32_t version;
  bool is_constant;
  int64_t parallel_iterations;
} ek_ref_enter_opts;
#define EK_REF_ENTER_OPTS_FIELDS_ .version = 1u, .is_constant = false, .parallel_iterations = 10
#define EK_REF_ENTER_OPTS_INIT                                                                                         \
  { EK_REF_ENTER_OPTS_FIELDS_ }
#define EK_REF_ENTER(...) EK_OPTS_(ek_ref_enter_opts, EK_REF_ENTER_OPTS_FIELDS_, __VA_ARGS__)
/* RefEnter: Enter of a reference.
 *   in: data: Ref(T)
 *   out: output: Ref(T)
 *   is_constant: default false
 *   parallel_iterations: default 10 */
EK_API ek_out ek_ref_enter(ek_graph *g, ek_out data, const char *frame_name, const ek_ref_enter_opts *opts);

/* RefExit: Exit of a reference.
 *   in: data: Ref(T)
 *   out: output: Ref(T) */
EK_API ek_out ek_ref_exit(ek_graph *g, ek_out data);

/* RefIdentity: the same reference, once what the op waits for is done.
 *   in: input: Ref(T)
 *   out: output: Ref(T) */
EK_API ek_out ek_ref_identity(ek_graph *g, ek_out input);

typedef struct ek_ref_merge_outs {
  ek_out output, value_index;
} ek_ref_merge_outs;
/* RefMerge: Merge of references.
 *   in: inputs: Ref(N * T)
 *   out: output: Ref(T), value_index: int32 */
EK_API ek_ref_merge_outs ek_ref_merge(ek_graph *g, ek_outs inputs);

/* RefNextIteration: NextIteration of a reference.
 *   in: data: Ref(T)
 *   out: output: Ref(T) */
EK_API ek_out ek_ref_next_iteration(ek_graph *g, ek_out data);

typedef struct ek_ref_switch_outs {
  ek_out output_false, output_true;
} ek_ref_switch_outs;
/* RefSwitch: Switch of a reference.
 *   in: data: Ref(T), pred: bool
 *   out: output_false: Ref(T), output_true: Ref(T) */
EK_API ek_ref_switch_outs ek_ref_switch(ek_graph *g, ek_out data, ek_out pred);

/* Relu: max(x, 0).
 *   in: features: T
 *   out: activations: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_relu(ek_graph *g, ek_out features);

/* Relu6: min(max(x, 0), 6).
 *   in: features: T
 *   out: activations: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_relu6(ek_graph *g, ek_out features);

/* Relu6Grad: gradients where 0 < features < 6, else 0.
 *   in: gradients: T, features: T
 *   out: backprops: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_relu6_grad(ek_graph *g, ek_out gradients, ek_out features);

/* ReluGrad: gradients where features > 0, else 0.
 *   in: gradients: T, features: T
 *   out: backprops: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_relu_grad(ek_graph *g, ek_out gradients, ek_out features);

/* Reshape: the same elements under a new shape; one dimension may be -1.
 *   in: tensor: T, shape: Tshape
 *   out: output: T
 *   Tshape: int32, int64 */
EK_API ek_out ek_reshape(ek_graph *g, ek_out tensor, ek_out shape);

typedef struct ek_resize_bilinear_opts {
  uint32_t version;
  bool align_corners;
  bool half_pixel_centers;
} ek_resize_bilinear_opts;
#define EK_RESIZE_BILINEAR_OPTS_FIELDS_ .version = 1u, .align_corners = false, .half_pixel_centers = false
#define EK_RESIZE_BILINEAR_OPTS_INIT                                                                                   \
  { EK_RESIZE_BILINEAR_OPTS_FIELDS_ }
#define EK_RESIZE_BILINEAR(...) EK_OPTS_(ek_resize_bilinear_opts, EK_RESIZE_BILINEAR_OPTS_FIELDS_, __VA_ARGS__)
/* ResizeBilinear: images of another size, interpolated between four pixels.
 *   in: images: T, size: int32
 *   out: resized_images: float
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   align_corners: default false
 *   half_pixel_centers: default false */
EK_API ek_out ek_resize_bilinear(ek_graph *g, ek_out images, ek_out size, const ek_resize_bilinear_opts *opts);

typedef struct ek_resize_bilinear_grad_opts {
  uint32_t version;
  bool align_corners;
  bool half_pixel_centers;
} ek_resize_bilinear_grad_opts;
#define EK_RESIZE_BILINEAR_GRAD_OPTS_FIELDS_ .version = 1u, .align_corners = false, .half_pixel_centers = false
#define EK_RESIZE_BILINEAR_GRAD_OPTS_INIT                                                                              \
  { EK_RESIZE_BILINEAR_GRAD_OPTS_FIELDS_ }
#define EK_RESIZE_BILINEAR_GRAD(...)                                                                                   \
  EK_OPTS_(ek_resize_bilinear_grad_opts, EK_RESIZE_BILINEAR_GRAD_OPTS_FIELDS_, __VA_ARGS__)
/* ResizeBilinearGrad: the gradient of ResizeBilinear.
 *   in: grads: float, original_image: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64
 *   align_corners: default false
 *   half_pixel_centers: default false */
EK_API ek_out ek_resize_bilinear_grad(ek_graph *g, ek_out grads, ek_out original_image,
                                      const ek_resize_bilinear_grad_opts *opts);

typedef struct ek_resize_nearest_neighbor_opts {
  uint32_t version;
  bool align_corners;
  bool half_pixel_centers;
} ek_resize_nearest_neighbor_opts;
#define EK_RESIZE_NEAREST_NEIGHBOR_OPTS_FIELDS_ .version = 1u, .align_corners = false, .half_pixel_centers = false
#define EK_RESIZE_NEAREST_NEIGHBOR_OPTS_INIT                                                                           \
  { EK_RESIZE_NEAREST_NEIGHBOR_OPTS_FIELDS_ }
#define EK_RESIZE_NEAREST_NEIGHBOR(...)                                                                                \
  EK_OPTS_(ek_resize_nearest_neighbor_opts, EK_RESIZE_NEAREST_NEIGHBOR_OPTS_FIELDS_, __VA_ARGS__)
/* ResizeNearestNeighbor: images of another size, each pixel taken from the nearest.
 *   in: images: T, size: int32
 *   out: resized_images: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   align_corners: default false
 *   half_pixel_centers: default false */
EK_API ek_out ek_resize_nearest_neighbor(ek_graph *g, ek_out images, ek_out size,
                                         const ek_resize_nearest_neighbor_opts *opts);

typedef struct ek_resize_nearest_neighbor_grad_opts {
  uint32_t version;
  bool align_corners;
  bool half_pixel_centers;
} ek_resize_nearest_neighbor_grad_opts;
#define EK_RESIZE_NEAREST_NEIGHBOR_GRAD_OPTS_FIELDS_ .version = 1u, .align_corners = false, .half_pixel_centers = false
#define EK_RESIZE_NEAREST_NEIGHBOR_GRAD_OPTS_INIT                                                                      \
  { EK_RESIZE_NEAREST_NEIGHBOR_GRAD_OPTS_FIELDS_ }
#define EK_RESIZE_NEAREST_NEIGHBOR_GRAD(...)                                                                           \
  EK_OPTS_(ek_resize_nearest_neighbor_grad_opts, EK_RESIZE_NEAREST_NEIGHBOR_GRAD_OPTS_FIELDS_, __VA_ARGS__)
/* ResizeNearestNeighborGrad: the gradient of ResizeNearestNeighbor.
 *   in: grads: T, size: int32
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   align_corners: default false
 *   half_pixel_centers: default false */
EK_API ek_out ek_resize_nearest_neighbor_grad(ek_graph *g, ek_out grads, ek_out size,
                                              const ek_resize_nearest_neighbor_grad_opts *opts);

typedef struct ek_resource_apply_adagrad_opts {
  uint32_t version;
  bool use_locking;
  bool update_slots;
} ek_resource_apply_adagrad_opts;
#define EK_RESOURCE_APPLY_ADAGRAD_OPTS_FIELDS_ .version = 1u, .use_locking = false, .update_slots = true
#define EK_RESOURCE_APPLY_ADAGRAD_OPTS_INIT                                                                            \
  { EK_RESOURCE_APPLY_ADAGRAD_OPTS_FIELDS_ }
#define EK_RESOURCE_APPLY_ADAGRAD(...)                                                                                 \
  EK_OPTS_(ek_resource_apply_adagrad_opts, EK_RESOURCE_APPLY_ADAGRAD_OPTS_FIELDS_, __VA_ARGS__)
/* ResourceApplyAdagrad: accum += grad^2; var -= lr * grad / sqrt(accum).
 *   in: var: resource, accum: resource, lr: T, grad: T
 *   T: float32, float64, float16, bfloat16
 *   use_locking: default false
 *   update_slots: default true */
EK_API ek_op ek_resource_apply_adagrad(ek_graph *g, ek_out var, ek_out accum, ek_out lr, ek_out grad,
                                       const ek_resource_apply_adagrad_opts *opts);

typedef struct ek_resource_apply_adagrad_v2_opts {
  uint32_t version;
  bool use_locking;
  bool update_slots;
} ek_resource_apply_adagrad_v2_opts;
#define EK_RESOURCE_APPLY_ADAGRAD_V2_OPTS_FIELDS_ .version = 1u, .use_locking = false, .update_slots = true
#define EK_RESOURCE_APPLY_ADAGRAD_V2_OPTS_INIT                                                                         \
  { EK_RESOURCE_APPLY_ADAGRAD_V2_OPTS_FIELDS_ }
#define EK_RESOURCE_APPLY_ADAGRAD_V2(...)                                                                              \
  EK_OPTS_(ek_resource_apply_adagrad_v2_opts, EK_RESOURCE_APPLY_ADAGRAD_V2_OPTS_FIELDS_, __VA_ARGS__)
/* ResourceApplyAdagradV2: accum += grad^2; var -= lr * grad / (sqrt(accum) + epsilon).
 *   in: var: resource, accum: resource, lr: T, epsilon: T, grad: T
 *   T: float32, float64, float16, bfloat16
 *   use_locking: default false
 *   update_slots: default true */
EK_API ek_op ek_resource_apply_adagrad_v2(ek_graph *g, ek_out var, ek_out accum, ek_out lr, ek_out epsilon, ek_out grad,
                                          const ek_resource_apply_adagrad_v2_opts *opts);

typedef struct ek_resource_apply_adam_opts {
  uint32_t version;
  bool use_locking;
  bool use_nesterov;
} ek_resource_apply_adam_opts;
#define EK_RESOURCE_APPLY_ADAM_OPTS_FIELDS_ .version = 1u, .use_locking = false, .use_nesterov = false
#define EK_RESOURCE_APPLY_ADAM_OPTS_INIT                                                                               \
  { EK_RESOURCE_APPLY_ADAM_OPTS_FIELDS_ }
#define EK_RESOURCE_APPLY_ADAM(...)                                                                                    \
  EK_OPTS_(ek_resource_apply_adam_opts, EK_RESOURCE_APPLY_ADAM_OPTS_FIELDS_, __VA_ARGS__)
/* ResourceApplyAdam: one step of Adam: m and v follow grad and its square, var -= m * lr' / (sqrt(v) + epsilon).
 *   in: var: resource, m: resource, v: resource, beta1_power: T, beta2_power: T, lr: T, beta1: T, beta2: T,
 *     epsilon: T, grad: T
 *   T: float32, float64, float16, bfloat16
 *   use_locking: default false
 *   use_nesterov: default false */
EK_API ek_op ek_resource_apply_adam(ek_graph *g, ek_out var, ek_out m, ek_out v, ek_out beta1_power, ek_out beta2_power,
                                    ek_out lr, ek_out beta1, ek_out beta2, ek_out epsilon, ek_out grad,
                                    const ek_resource_apply_adam_opts *opts);

typedef struct ek_resource_apply_centered_rms_prop_opts {
  uint32_t version;
  bool use_locking;
} ek_resource_apply_centered_rms_prop_opts;
#define EK_RESOURCE_APPLY_CENTERED_RMS_PROP_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_RESOURCE_APPLY_CENTERED_RMS_PROP_OPTS_INIT                                                                  \
  { EK_RESOURCE_APPLY_CENTERED_RMS_PROP_OPTS_FIELDS_ }
#define EK_RESOURCE_APPLY_CENTERED_RMS_PROP(...)                                                                       \
  EK_OPTS_(ek_resource_apply_centered_rms_prop_opts, EK_RESOURCE_APPLY_CENTERED_RMS_PROP_OPTS_FIELDS_, __VA_ARGS__)
/* ResourceApplyCenteredRMSProp: RMSProp with the variance of grad, ms - mg^2, in place of ms.
 *   in: var: resource, mg: resource, ms: resource, mom: resource, lr: T, rho: T, momentum: T, epsilon: T, grad:
 *     T
 *   T: float32, float64, float16, bfloat16
 *   use_locking: default false */
EK_API ek_op ek_resource_apply_centered_rms_prop(ek_graph *g, ek_out var, ek_out mg, ek_out ms, ek_out mom, ek_out lr,
                                                 ek_out rho, ek_out momentum, ek_out epsilon, ek_out grad,
                                                 const ek_resource_apply_centered_rms_prop_opts *opts);

typedef struct ek_resource_apply_gradient_descent_opts {
  uint32_t version;
  bool use_locking;
} ek_resource_apply_gradient_descent_opts;
#define EK_RESOURCE_APPLY_GRADIENT_DESCENT_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_RESOURCE_APPLY_GRADIENT_DESCENT_OPTS_INIT                                                                   \
  { EK_RESOURCE_APPLY_GRADIENT_DESCENT_OPTS_FIELDS_ }
#define EK_RESOURCE_APPLY_GRADIENT_DESCENT(...)                                                                        \
  EK_OPTS_(ek_resource_apply_gradient_descent_opts, EK_RESOURCE_APPLY_GRADIENT_DESCENT_OPTS_FIELDS_, __VA_ARGS__)
/* ResourceApplyGradientDescent: var -= alpha * delta.
 *   in: var: resource, alpha: T, delta: T
 *   T: float32, float64, float16, bfloat16
 *   use_locking: default false */
EK_API ek_op ek_resource_apply_gradient_descent(ek_graph *g, ek_out var, ek_out alpha, ek_out delta,
                                                const ek_resource_apply_gradient_descent_opts *opts);

typedef struct ek_resource_apply_momentum_opts {
  uint32_t version;
  bool use_locking;
  bool use_nesterov;
} ek_resource_apply_momentum_opts;
#define EK_RESOURCE_APPLY_MOMENTUM_OPTS_FIELDS_ .version = 1u, .use_locking = false, .use_nesterov = false
#define EK_RESOURCE_APPLY_MOMENTUM_OPTS_INIT                                                                           \
  { EK_RESOURCE_APPLY_MOMENTUM_OPTS_FIELDS_ }
#define EK_RESOURCE_APPLY_MOMENTUM(...)                                                                                \
  EK_OPTS_(ek_resource_apply_momentum_opts, EK_RESOURCE_APPLY_MOMENTUM_OPTS_FIELDS_, __VA_ARGS__)
/* ResourceApplyMomentum: accum = accum * momentum + grad; var -= lr * accum (with Nesterov: grad * lr + accum *
 * momentum * lr). in: var: resource, accum: resource, lr: T, grad: T, momentum: T T: float32, float64, float16,
 * bfloat16 use_locking: default false use_nesterov: default false */
EK_API ek_op ek_resource_apply_momentum(ek_graph *g, ek_out var, ek_out accum, ek_out lr, ek_out grad, ek_out momentum,
                                        const ek_resource_apply_momentum_opts *opts);

typedef struct ek_resource_apply_rms_prop_opts {
  uint32_t version;
  bool use_locking;
} ek_resource_apply_rms_prop_opts;
#define EK_RESOURCE_APPLY_RMS_PROP_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_RESOURCE_APPLY_RMS_PROP_OPTS_INIT                                                                           \
  { EK_RESOURCE_APPLY_RMS_PROP_OPTS_FIELDS_ }
#define EK_RESOURCE_APPLY_RMS_PROP(...)                                                                                \
  EK_OPTS_(ek_resource_apply_rms_prop_opts, EK_RESOURCE_APPLY_RMS_PROP_OPTS_FIELDS_, __VA_ARGS__)
/* ResourceApplyRMSProp: ms follows grad^2; mom = momentum * mom + lr * grad / sqrt(ms + epsilon); var -= mom.
 *   in: var: resource, ms: resource, mom: resource, lr: T, rho: T, momentum: T, epsilon: T, grad: T
 *   T: float32, float64, float16, bfloat16
 *   use_locking: default false */
EK_API ek_op ek_resource_apply_rms_prop(ek_graph *g, ek_out var, ek_out ms, ek_out mom, ek_out lr, ek_out rho,
                                        ek_out momentum, ek_out epsilon, ek_out grad,
                                        const ek_resource_apply_rms_prop_opts *opts);

typedef struct ek_resource_gather_opts {
  uint32_t version;
  int64_t batch_dims;
  bool validate_indices;
} ek_resource_gather_opts;
#define EK_RESOURCE_GATHER_OPTS_FIELDS_ .version = 1u, .batch_dims = 0, .validate_indices = true
#define EK_RESOURCE_GATHER_OPTS_INIT                                                                                   \
  { EK_RESOURCE_GATHER_OPTS_FIELDS_ }
#define EK_RESOURCE_GATHER(...) EK_OPTS_(ek_resource_gather_opts, EK_RESOURCE_GATHER_OPTS_FIELDS_, __VA_ARGS__)
/* ResourceGather: the rows of the variable behind the handle that indices name.
 *   in: resource: resource, indices: Tindices
 *   out: output: dtype
 *   batch_dims: default 0
 *   validate_indices: default true
 *   Tindices: int32, int64 */
EK_API ek_out ek_resource_gather(ek_graph *g, ek_out resource, ek_out indices, ek_dtype dtype,
                                 const ek_resource_gather_opts *opts);

/* ResourceGatherNd: the parts of the variable behind the handle that indices name.
 *   in: resource: resource, indices: Tindices
 *   out: output: dtype
 *   Tindices: int32, int64 */
EK_API ek_out ek_resource_gather_nd(ek_graph *g, ek_out resource, ek_out indices, ek_dtype dtype);

/* ResourceScatterAdd: rows of the variable behind the handle += updates.
 *   in: resource: resource, indices: Tindices, updates: dtype
 *   dtype: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64 */
EK_API ek_op ek_resource_scatter_add(ek_graph *g, ek_out resource, ek_out indices, ek_out updates);

/* ResourceScatterDiv: rows of the variable behind the handle /= updates.
 *   in: resource: resource, indices: Tindices, updates: dtype
 *   dtype: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64 */
EK_API ek_op ek_resource_scatter_div(ek_graph *g, ek_out resource, ek_out indices, ek_out updates);

/* ResourceScatterMax: the greater of rows of the variable and updates.
 *   in: resource: resource, indices: Tindices, updates: dtype
 *   dtype: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64 */
EK_API ek_op ek_resource_scatter_max(ek_graph *g, ek_out resource, ek_out indices, ek_out updates);

/* ResourceScatterMin: the lesser of rows of the variable and updates.
 *   in: resource: resource, indices: Tindices, updates: dtype
 *   dtype: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64 */
EK_API ek_op ek_resource_scatter_min(ek_graph *g, ek_out resource, ek_out indices, ek_out updates);

/* ResourceScatterMul: rows of the variable behind the handle *= updates.
 *   in: resource: resource, indices: Tindices, updates: dtype
 *   dtype: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64 */
EK_API ek_op ek_resource_scatter_mul(ek_graph *g, ek_out resource, ek_out indices, ek_out updates);

typedef struct ek_resource_scatter_nd_add_opts {
  uint32_t version;
  bool use_locking;
} ek_resource_scatter_nd_add_opts;
#define EK_RESOURCE_SCATTER_ND_ADD_OPTS_FIELDS_ .version = 1u, .use_locking = true
#define EK_RESOURCE_SCATTER_ND_ADD_OPTS_INIT                                                                           \
  { EK_RESOURCE_SCATTER_ND_ADD_OPTS_FIELDS_ }
#define EK_RESOURCE_SCATTER_ND_ADD(...)                                                                                \
  EK_OPTS_(ek_resource_scatter_nd_add_opts, EK_RESOURCE_SCATTER_ND_ADD_OPTS_FIELDS_, __VA_ARGS__)
/* ResourceScatterNdAdd: parts of the variable += updates.
 *   in: ref: resource, indices: Tindices, updates: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64
 *   use_locking: default true */
EK_API ek_op ek_resource_scatter_nd_add(ek_graph *g, ek_out ref, ek_out indices, ek_out updates,
                                        const ek_resource_scatter_nd_add_opts *opts);

typedef struct ek_resource_scatter_nd_sub_opts {
  uint32_t version;
  bool use_locking;
} ek_resource_scatter_nd_sub_opts;
#define EK_RESOURCE_SCATTER_ND_SUB_OPTS_FIELDS_ .version = 1u, .use_locking = true
#define EK_RESOURCE_SCATTER_ND_SUB_OPTS_INIT                                                                           \
  { EK_RESOURCE_SCATTER_ND_SUB_OPTS_FIELDS_ }
#define EK_RESOURCE_SCATTER_ND_SUB(...)                                                                                \
  EK_OPTS_(ek_resource_scatter_nd_sub_opts, EK_RESOURCE_SCATTER_ND_SUB_OPTS_FIELDS_, __VA_ARGS__)
/* ResourceScatterNdSub: parts of the variable -= updates.
 *   in: ref: resource, indices: Tindices, updates: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64
 *   use_locking: default true */
EK_API ek_op ek_resource_scatter_nd_sub(ek_graph *g, ek_out ref, ek_out indices, ek_out updates,
                                        const ek_resource_scatter_nd_sub_opts *opts);

typedef struct ek_resource_scatter_nd_update_opts {
  uint32_t version;
  bool use_locking;
} ek_resource_scatter_nd_update_opts;
#define EK_RESOURCE_SCATTER_ND_UPDATE_OPTS_FIELDS_ .version = 1u, .use_locking = true
#define EK_RESOURCE_SCATTER_ND_UPDATE_OPTS_INIT                                                                        \
  { EK_RESOURCE_SCATTER_ND_UPDATE_OPTS_FIELDS_ }
#define EK_RESOURCE_SCATTER_ND_UPDATE(...)                                                                             \
  EK_OPTS_(ek_resource_scatter_nd_update_opts, EK_RESOURCE_SCATTER_ND_UPDATE_OPTS_FIELDS_, __VA_ARGS__)
/* ResourceScatterNdUpdate: parts of the variable = updates.
 *   in: ref: resource, indices: Tindices, updates: T
 *   Tindices: int32, int64
 *   use_locking: default true */
EK_API ek_op ek_resource_scatter_nd_update(ek_graph *g, ek_out ref, ek_out indices, ek_out updates,
                                           const ek_resource_scatter_nd_update_opts *opts);

/* ResourceScatterSub: rows of the variable behind the handle -= updates.
 *   in: resource: resource, indices: Tindices, updates: dtype
 *   dtype: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64 */
EK_API ek_op ek_resource_scatter_sub(ek_graph *g, ek_out resource, ek_out indices, ek_out updates);

/* ResourceScatterUpdate: rows of the variable behind the handle = updates.
 *   in: resource: resource, indices: Tindices, updates: dtype
 *   Tindices: int32, int64 */
EK_API ek_op ek_resource_scatter_update(ek_graph *g, ek_out resource, ek_out indices, ek_out updates);

/* RestoreV2: reads tensors by name from a checkpoint.
 *   in: prefix: string, tensor_names: string, shape_and_slices: string
 *   out: tensors: dtypes (ek_op_output gives each of them) */
EK_API ek_op ek_restore_v2(ek_graph *g, ek_out prefix, ek_out tensor_names, ek_out shape_and_slices,
                           const ek_dtype *dtypes, int n_dtypes);

typedef struct ek_reverse_sequence_opts {
  uint32_t version;
  int64_t batch_dim;
} ek_reverse_sequence_opts;
#define EK_REVERSE_SEQUENCE_OPTS_FIELDS_ .version = 1u, .batch_dim = 0
#define EK_REVERSE_SEQUENCE_OPTS_INIT                                                                                  \
  { EK_REVERSE_SEQUENCE_OPTS_FIELDS_ }
#define EK_REVERSE_SEQUENCE(...) EK_OPTS_(ek_reverse_sequence_opts, EK_REVERSE_SEQUENCE_OPTS_FIELDS_, __VA_ARGS__)
/* ReverseSequence: the first seq_lengths[i] steps of sequence i turned round.
 *   in: input: T, seq_lengths: Tlen
 *   out: output: T
 *   batch_dim: default 0
 *   Tlen: int32, int64 */
EK_API ek_out ek_reverse_sequence(ek_graph *g, ek_out input, ek_out seq_lengths, int64_t seq_dim,
                                  const ek_reverse_sequence_opts *opts);

/* ReverseV2: tensor with the order along each of the axes turned round.
 *   in: tensor: T, axis: Tidx
 *   out: output: T
 *   Tidx: int32, int64 */
EK_API ek_out ek_reverse(ek_graph *g, ek_out tensor, ek_out axis);

/* RightShift: x with its bits y places lower, its sign kept.
 *   in: x: T, y: T
 *   out: z: T
 *   T: int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_right_shift(ek_graph *g, ek_out x, ek_out y);

/* Rint: the integer nearest to x, ties to even.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_rint(ek_graph *g, ek_out x);

/* Roll: input with its elements moved on by shift along each axis, round the end.
 *   in: input: T, shift: Tshift, axis: Taxis
 *   out: output: T
 *   Tshift: int32, int64
 *   Taxis: int32, int64 */
EK_API ek_out ek_roll(ek_graph *g, ek_out input, ek_out shift, ek_out axis);

/* Round: the integer nearest to x, ties to even.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64, int32, int64 */
EK_API ek_out ek_round(ek_graph *g, ek_out x);

/* Rsqrt: 1 / sqrt(x).
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_rsqrt(ek_graph *g, ek_out x);

/* RsqrtGrad: dy * -0.5 * y^3.
 *   in: y: T, dy: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_rsqrt_grad(ek_graph *g, ek_out y, ek_out dy);

/* SaveV2: writes tensors under their names to a checkpoint in TensorFlow's V2 form.
 *   in: prefix: string, tensor_names: string, shape_and_slices: string, tensors: dtypes */
EK_API ek_op ek_save_v2(ek_graph *g, ek_out prefix, ek_out tensor_names, ek_out shape_and_slices, ek_outs tensors);

/* ScalarSummary: a Summary of each value under its tag.
 *   in: tags: string, values: T
 *   out: summary: string
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_scalar_summary(ek_graph *g, ek_out tags, ek_out values);

typedef struct ek_scatter_add_opts {
  uint32_t version;
  bool use_locking;
} ek_scatter_add_opts;
#define EK_SCATTER_ADD_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_SCATTER_ADD_OPTS_INIT                                                                                       \
  { EK_SCATTER_ADD_OPTS_FIELDS_ }
#define EK_SCATTER_ADD(...) EK_OPTS_(ek_scatter_add_opts, EK_SCATTER_ADD_OPTS_FIELDS_, __VA_ARGS__)
/* ScatterAdd: ref[indices] += updates.
 *   in: ref: Ref(T), indices: Tindices, updates: T
 *   out: output_ref: Ref(T)
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64
 *   use_locking: default false */
EK_API ek_out ek_scatter_add(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_add_opts *opts);

typedef struct ek_scatter_div_opts {
  uint32_t version;
  bool use_locking;
} ek_scatter_div_opts;
#define EK_SCATTER_DIV_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_SCATTER_DIV_OPTS_INIT                                                                                       \
  { EK_SCATTER_DIV_OPTS_FIELDS_ }
#define EK_SCATTER_DIV(...) EK_OPTS_(ek_scatter_div_opts, EK_SCATTER_DIV_OPTS_FIELDS_, __VA_ARGS__)
/* ScatterDiv: ref[indices] /= updates.
 *   in: ref: Ref(T), indices: Tindices, updates: T
 *   out: output_ref: Ref(T)
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64
 *   use_locking: default false */
EK_API ek_out ek_scatter_div(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_div_opts *opts);

typedef struct ek_scatter_max_opts {
  uint32_t version;
  bool use_locking;
} ek_scatter_max_opts;
#define EK_SCATTER_MAX_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_SCATTER_MAX_OPTS_INIT                                                                                       \
  { EK_SCATTER_MAX_OPTS_FIELDS_ }
#define EK_SCATTER_MAX(...) EK_OPTS_(ek_scatter_max_opts, EK_SCATTER_MAX_OPTS_FIELDS_, __VA_ARGS__)
/* ScatterMax: ref[indices] = max(ref[indices], updates).
 *   in: ref: Ref(T), indices: Tindices, updates: T
 *   out: output_ref: Ref(T)
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64
 *   use_locking: default false */
EK_API ek_out ek_scatter_max(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_max_opts *opts);

typedef struct ek_scatter_min_opts {
  uint32_t version;
  bool use_locking;
} ek_scatter_min_opts;
#define EK_SCATTER_MIN_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_SCATTER_MIN_OPTS_INIT                                                                                       \
  { EK_SCATTER_MIN_OPTS_FIELDS_ }
#define EK_SCATTER_MIN(...) EK_OPTS_(ek_scatter_min_opts, EK_SCATTER_MIN_OPTS_FIELDS_, __VA_ARGS__)
/* ScatterMin: ref[indices] = min(ref[indices], updates).
 *   in: ref: Ref(T), indices: Tindices, updates: T
 *   out: output_ref: Ref(T)
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64
 *   use_locking: default false */
EK_API ek_out ek_scatter_min(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_min_opts *opts);

typedef struct ek_scatter_mul_opts {
  uint32_t version;
  bool use_locking;
} ek_scatter_mul_opts;
#define EK_SCATTER_MUL_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_SCATTER_MUL_OPTS_INIT                                                                                       \
  { EK_SCATTER_MUL_OPTS_FIELDS_ }
#define EK_SCATTER_MUL(...) EK_OPTS_(ek_scatter_mul_opts, EK_SCATTER_MUL_OPTS_FIELDS_, __VA_ARGS__)
/* ScatterMul: ref[indices] *= updates.
 *   in: ref: Ref(T), indices: Tindices, updates: T
 *   out: output_ref: Ref(T)
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64
 *   use_locking: default false */
EK_API ek_out ek_scatter_mul(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_mul_opts *opts);

/* ScatterNd: zeros of a shape, with updates added at the places that indices name.
 *   in: indices: Tindices, updates: T, shape: Tindices
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64, bool
 *   Tindices: int16, int32, int64 */
EK_API ek_out ek_scatter_nd(ek_graph *g, ek_out indices, ek_out updates, ek_out shape);

typedef struct ek_scatter_nd_add_opts {
  uint32_t version;
  bool use_locking;
} ek_scatter_nd_add_opts;
#define EK_SCATTER_ND_ADD_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_SCATTER_ND_ADD_OPTS_INIT                                                                                    \
  { EK_SCATTER_ND_ADD_OPTS_FIELDS_ }
#define EK_SCATTER_ND_ADD(...) EK_OPTS_(ek_scatter_nd_add_opts, EK_SCATTER_ND_ADD_OPTS_FIELDS_, __VA_ARGS__)
/* ScatterNdAdd: the parts of ref that indices name += updates.
 *   in: ref: Ref(T), indices: Tindices, updates: T
 *   out: output_ref: Ref(T)
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64
 *   use_locking: default false */
EK_API ek_out ek_scatter_nd_add(ek_graph *g, ek_out ref, ek_out indices, ek_out updates,
                                const ek_scatter_nd_add_opts *opts);

typedef struct ek_scatter_nd_sub_opts {
  uint32_t version;
  bool use_locking;
} ek_scatter_nd_sub_opts;
#define EK_SCATTER_ND_SUB_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_SCATTER_ND_SUB_OPTS_INIT                                                                                    \
  { EK_SCATTER_ND_SUB_OPTS_FIELDS_ }
#define EK_SCATTER_ND_SUB(...) EK_OPTS_(ek_scatter_nd_sub_opts, EK_SCATTER_ND_SUB_OPTS_FIELDS_, __VA_ARGS__)
/* ScatterNdSub: the parts of ref that indices name -= updates.
 *   in: ref: Ref(T), indices: Tindices, updates: T
 *   out: output_ref: Ref(T)
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64
 *   use_locking: default false */
EK_API ek_out ek_scatter_nd_sub(ek_graph *g, ek_out ref, ek_out indices, ek_out updates,
                                const ek_scatter_nd_sub_opts *opts);

typedef struct ek_scatter_nd_update_opts {
  uint32_t version;
  bool use_locking;
} ek_scatter_nd_update_opts;
#define EK_SCATTER_ND_UPDATE_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_SCATTER_ND_UPDATE_OPTS_INIT                                                                                 \
  { EK_SCATTER_ND_UPDATE_OPTS_FIELDS_ }
#define EK_SCATTER_ND_UPDATE(...) EK_OPTS_(ek_scatter_nd_update_opts, EK_SCATTER_ND_UPDATE_OPTS_FIELDS_, __VA_ARGS__)
/* ScatterNdUpdate: the parts of ref that indices name = updates.
 *   in: ref: Ref(T), indices: Tindices, updates: T
 *   out: output_ref: Ref(T)
 *   Tindices: int32, int64
 *   use_locking: default false */
EK_API ek_out ek_scatter_nd_update(ek_graph *g, ek_out ref, ek_out indices, ek_out updates,
                                   const ek_scatter_nd_update_opts *opts);

typedef struct ek_scatter_sub_opts {
  uint32_t version;
  bool use_locking;
} ek_scatter_sub_opts;
#define EK_SCATTER_SUB_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_SCATTER_SUB_OPTS_INIT                                                                                       \
  { EK_SCATTER_SUB_OPTS_FIELDS_ }
#define EK_SCATTER_SUB(...) EK_OPTS_(ek_scatter_sub_opts, EK_SCATTER_SUB_OPTS_FIELDS_, __VA_ARGS__)
/* ScatterSub: ref[indices] -= updates.
 *   in: ref: Ref(T), indices: Tindices, updates: T
 *   out: output_ref: Ref(T)
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64
 *   use_locking: default false */
EK_API ek_out ek_scatter_sub(ek_graph *g, ek_out ref, ek_out indices, ek_out updates, const ek_scatter_sub_opts *opts);

typedef struct ek_scatter_update_opts {
  uint32_t version;
  bool use_locking;
} ek_scatter_update_opts;
#define EK_SCATTER_UPDATE_OPTS_FIELDS_ .version = 1u, .use_locking = false
#define EK_SCATTER_UPDATE_OPTS_INIT                                                                                    \
  { EK_SCATTER_UPDATE_OPTS_FIELDS_ }
#define EK_SCATTER_UPDATE(...) EK_OPTS_(ek_scatter_update_opts, EK_SCATTER_UPDATE_OPTS_FIELDS_, __VA_ARGS__)
/* ScatterUpdate: ref[indices] = updates.
 *   in: ref: Ref(T), indices: Tindices, updates: T
 *   out: output_ref: Ref(T)
 *   Tindices: int32, int64
 *   use_locking: default false */
EK_API ek_out ek_scatter_update(ek_graph *g, ek_out ref, ek_out indices, ek_out updates,
                                const ek_scatter_update_opts *opts);

/* SegmentMax: output[i] is the maximum of data[k] where segment_ids[k] is i; ids ascend.
 *   in: data: T, segment_ids: Tindices
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64 */
EK_API ek_out ek_segment_max(ek_graph *g, ek_out data, ek_out segment_ids);

/* SegmentMean: output[i] is the mean of data[k] where segment_ids[k] is i; ids ascend.
 *   in: data: T, segment_ids: Tindices
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64 */
EK_API ek_out ek_segment_mean(ek_graph *g, ek_out data, ek_out segment_ids);

/* SegmentMin: output[i] is the minimum of data[k] where segment_ids[k] is i; ids ascend.
 *   in: data: T, segment_ids: Tindices
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64 */
EK_API ek_out ek_segment_min(ek_graph *g, ek_out data, ek_out segment_ids);

/* SegmentProd: output[i] is the product of data[k] where segment_ids[k] is i; ids ascend.
 *   in: data: T, segment_ids: Tindices
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64 */
EK_API ek_out ek_segment_prod(ek_graph *g, ek_out data, ek_out segment_ids);

/* SegmentSum: output[i] is the sum of data[k] where segment_ids[k] is i; ids ascend.
 *   in: data: T, segment_ids: Tindices
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64 */
EK_API ek_out ek_segment_sum(ek_graph *g, ek_out data, ek_out segment_ids);

/* Select: t where condition holds, else e; a condition that is a vector chooses rows.
 *   in: condition: bool, t: T, e: T
 *   out: output: T */
EK_API ek_out ek_where(ek_graph *g, ek_out condition, ek_out t, ek_out e);

/* SelectV2: t where condition holds, else e; all three are broadcast.
 *   in: condition: bool, t: T, e: T
 *   out: output: T */
EK_API ek_out ek_where_v2(ek_graph *g, ek_out condition, ek_out t, ek_out e);

/* Selu: scale * (x < 0 ? alpha * (e^x - 1) : x).
 *   in: features: T
 *   out: activations: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_selu(ek_graph *g, ek_out features);

/* SeluGrad: outputs < 0 ? gradients * (outputs + scale * alpha) : gradients * scale.
 *   in: gradients: T, outputs: T
 *   out: backprops: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_selu_grad(ek_graph *g, ek_out gradients, ek_out outputs);

typedef struct ek_dynamic_shape_opts {
  uint32_t version;
  ek_dtype out_type;
} ek_dynamic_shape_opts;
#define EK_DYNAMIC_SHAPE_OPTS_FIELDS_ .version = 1u, .out_type = EK_INT32
#define EK_DYNAMIC_SHAPE_OPTS_INIT                                                                                     \
  { EK_DYNAMIC_SHAPE_OPTS_FIELDS_ }
#define EK_DYNAMIC_SHAPE(...) EK_OPTS_(ek_dynamic_shape_opts, EK_DYNAMIC_SHAPE_OPTS_FIELDS_, __VA_ARGS__)
/* Shape: the shape of a tensor, as a vector.
 *   in: input: T
 *   out: output: out_type
 *   out_type: int32, int64; default int32 */
EK_API ek_out ek_dynamic_shape(ek_graph *g, ek_out input, const ek_dynamic_shape_opts *opts);

typedef struct ek_shape_n_opts {
  uint32_t version;
  ek_dtype out_type;
} ek_shape_n_opts;
#define EK_SHAPE_N_OPTS_FIELDS_ .version = 1u, .out_type = EK_INT32
#define EK_SHAPE_N_OPTS_INIT                                                                                           \
  { EK_SHAPE_N_OPTS_FIELDS_ }
#define EK_SHAPE_N(...) EK_OPTS_(ek_shape_n_opts, EK_SHAPE_N_OPTS_FIELDS_, __VA_ARGS__)
/* ShapeN: the shapes of several tensors.
 *   in: input: N * T
 *   out: output: N * out_type (ek_op_output gives each of them)
 *   out_type: int32, int64; default int32 */
EK_API ek_op ek_shape_n(ek_graph *g, ek_outs input, const ek_shape_n_opts *opts);

/* ShardedFilename: basename-00003-of-00010.
 *   in: basename: string, shard: int32, num_shards: int32
 *   out: filename: string */
EK_API ek_out ek_sharded_filename(ek_graph *g, ek_out basename, ek_out shard, ek_out num_shards);

/* Sigmoid: 1 / (1 + e^-x).
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_sigmoid(ek_graph *g, ek_out x);

/* SigmoidGrad: dy * y * (1 - y).
 *   in: y: T, dy: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_sigmoid_grad(ek_graph *g, ek_out y, ek_out dy);

/* Sign: -1, 0 or 1: the sign of x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64, int32, int64 */
EK_API ek_out ek_sign(ek_graph *g, ek_out x);

/* Sin: the sine of x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_sin(ek_graph *g, ek_out x);

/* Sinh: the hyperbolic sine of x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_sinh(ek_graph *g, ek_out x);

typedef struct ek_size_opts {
  uint32_t version;
  ek_dtype out_type;
} ek_size_opts;
#define EK_SIZE_OPTS_FIELDS_ .version = 1u, .out_type = EK_INT32
#define EK_SIZE_OPTS_INIT                                                                                              \
  { EK_SIZE_OPTS_FIELDS_ }
#define EK_SIZE(...) EK_OPTS_(ek_size_opts, EK_SIZE_OPTS_FIELDS_, __VA_ARGS__)
/* Size: the number of elements.
 *   in: input: T
 *   out: output: out_type
 *   out_type: int32, int64; default int32 */
EK_API ek_out ek_size(ek_graph *g, ek_out input, const ek_size_opts *opts);

/* Slice: size[i] elements from begin[i] on along every axis i; a size of -1: all the rest.
 *   in: input: T, begin: Index, size: Index
 *   out: output: T
 *   Index: int32, int64 */
EK_API ek_out ek_slice(ek_graph *g, ek_out input, ek_out begin, ek_out size);

/* Snapshot: a copy of its input.
 *   in: input: T
 *   out: output: T */
EK_API ek_out ek_snapshot(ek_graph *g, ek_out input);

/* Softmax: e^x / sum(e^x) along the last dimension.
 *   in: logits: T
 *   out: softmax: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_softmax(ek_graph *g, ek_out logits);

typedef struct ek_softmax_cross_entropy_with_logits_outs {
  ek_out loss, backprop;
} ek_softmax_cross_entropy_with_logits_outs;
/* SoftmaxCrossEntropyWithLogits: loss = -sum(labels * log(softmax(features))) of each row; backprop = softmax(features)
 * - labels. in: features: T, labels: T out: loss: T, backprop: T T: bfloat16, float16, float32, float64 */
EK_API ek_softmax_cross_entropy_with_logits_outs ek_softmax_cross_entropy_with_logits(ek_graph *g, ek_out features,
                                                                                      ek_out labels);

/* Softplus: log(1 + e^x).
 *   in: features: T
 *   out: activations: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_softplus(ek_graph *g, ek_out features);

/* SoftplusGrad: gradients / (1 + e^-features).
 *   in: gradients: T, features: T
 *   out: backprops: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_softplus_grad(ek_graph *g, ek_out gradients, ek_out features);

/* Softsign: x / (1 + |x|).
 *   in: features: T
 *   out: activations: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_softsign(ek_graph *g, ek_out features);

/* SoftsignGrad: gradients / (1 + |features|)^2.
 *   in: gradients: T, features: T
 *   out: backprops: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_softsign_grad(ek_graph *g, ek_out gradients, ek_out features);

/* SpaceToBatch: SpaceToBatchND with square blocks of images.
 *   in: input: T, paddings: Tpaddings
 *   out: output: T
 *   Tpaddings: int32, int64 */
EK_API ek_out ek_space_to_batch(ek_graph *g, ek_out input, ek_out paddings, int64_t block_size);

/* SpaceToBatchND: blocks of the padded dimensions 1, 2, ... dealt out over the batch.
 *   in: input: T, block_shape: Tblock_shape, paddings: Tpaddings
 *   out: output: T
 *   Tblock_shape: int32, int64
 *   Tpaddings: int32, int64 */
EK_API ek_out ek_space_to_batch_nd(ek_graph *g, ek_out input, ek_out block_shape, ek_out paddings);

typedef struct ek_space_to_depth_opts {
  uint32_t version;
  const char *data_format;
} ek_space_to_depth_opts;
#define EK_SPACE_TO_DEPTH_OPTS_FIELDS_ .version = 1u, .data_format = "NHWC"
#define EK_SPACE_TO_DEPTH_OPTS_INIT                                                                                    \
  { EK_SPACE_TO_DEPTH_OPTS_FIELDS_ }
#define EK_SPACE_TO_DEPTH(...) EK_OPTS_(ek_space_to_depth_opts, EK_SPACE_TO_DEPTH_OPTS_FIELDS_, __VA_ARGS__)
/* SpaceToDepth: square blocks of an image laid out as channels.
 *   in: input: T
 *   out: output: T
 *   data_format: "NHWC", "NCHW"; default "NHWC" */
EK_API ek_out ek_space_to_depth(ek_graph *g, ek_out input, int64_t block_size, const ek_space_to_depth_opts *opts);

typedef struct ek_sparse_softmax_cross_entropy_with_logits_outs {
  ek_out loss, backprop;
} ek_sparse_softmax_cross_entropy_with_logits_outs;
/* SparseSoftmaxCrossEntropyWithLogits: loss = -log(softmax(features)[label]) of each row; backprop = softmax(features)
 * - one_hot(label). in: features: T, labels: Tlabels out: loss: T, backprop: T T: bfloat16, float16, float32, float64
 *   Tlabels: int32, int64 */
EK_API ek_sparse_softmax_cross_entropy_with_logits_outs ek_sparse_softmax_cross_entropy_with_logits(ek_graph *g,
                                                                                                    ek_out features,
                                                                                                    ek_out labels);

/* Split: num_split equal parts of value along split_dim.
 *   in: split_dim: int32, value: T
 *   out: output: num_split * T (ek_op_output gives each of them) */
EK_API ek_op ek_split(ek_graph *g, ek_out split_dim, ek_out value, int64_t num_split);

/* SplitV: parts of value of the given sizes along split_dim; one size may be -1: the rest.
 *   in: value: T, size_splits: Tlen, split_dim: int32
 *   out: output: num_split * T (ek_op_output gives each of them)
 *   Tlen: int32, int64 */
EK_API ek_op ek_split_v(ek_graph *g, ek_out value, ek_out size_splits, ek_out split_dim, int64_t num_split);

/* Sqrt: the square root of x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_sqrt(ek_graph *g, ek_out x);

/* SqrtGrad: dy * 0.5 / y.
 *   in: y: T, dy: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_sqrt_grad(ek_graph *g, ek_out y, ek_out dy);

/* Square: x * x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64, int32, int64 */
EK_API ek_out ek_square(ek_graph *g, ek_out x);

/* SquaredDifference: (x - y)^2.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64, int32, int64 */
EK_API ek_out ek_squared_difference(ek_graph *g, ek_out x, ek_out y);

typedef struct ek_squeeze_opts {
  uint32_t version;
  const int64_t *squeeze_dims;
  int n_squeeze_dims;
} ek_squeeze_opts;
#define EK_SQUEEZE_OPTS_FIELDS_ .version = 1u
#define EK_SQUEEZE_OPTS_INIT                                                                                           \
  { EK_SQUEEZE_OPTS_FIELDS_ }
#define EK_SQUEEZE(...) EK_OPTS_(ek_squeeze_opts, EK_SQUEEZE_OPTS_FIELDS_, __VA_ARGS__)
/* Squeeze: dimensions of 1 left out: those named, or all.
 *   in: input: T
 *   out: output: T
 *   squeeze_dims: default [], which NULL stands for */
EK_API ek_out ek_squeeze(ek_graph *g, ek_out input, const ek_squeeze_opts *opts);

/* StackCloseV2: ends the life of the stack.
 *   in: handle: resource */
EK_API ek_op ek_stack_close_v2(ek_graph *g, ek_out handle);

/* StackPopV2: what is on top of the stack, which is one less then.
 *   in: handle: resource
 *   out: elem: elem_type */
EK_API ek_out ek_stack_pop_v2(ek_graph *g, ek_out handle, ek_dtype elem_type);

typedef struct ek_stack_push_v2_opts {
  uint32_t version;
  bool swap_memory;
} ek_stack_push_v2_opts;
#define EK_STACK_PUSH_V2_OPTS_FIELDS_ .version = 1u, .swap_memory = false
#define EK_STACK_PUSH_V2_OPTS_INIT                                                                                     \
  { EK_STACK_PUSH_V2_OPTS_FIELDS_ }
#define EK_STACK_PUSH_V2(...) EK_OPTS_(ek_stack_push_v2_opts, EK_STACK_PUSH_V2_OPTS_FIELDS_, __VA_ARGS__)
/* StackPushV2: elem, which is on top of the stack then.
 *   in: handle: resource, elem: T
 *   out: output: T
 *   swap_memory: default false */
EK_API ek_out ek_stack_push_v2(ek_graph *g, ek_out handle, ek_out elem, const ek_stack_push_v2_opts *opts);

typedef struct ek_stack_v2_opts {
  uint32_t version;
  const char *stack_name;
} ek_stack_v2_opts;
#define EK_STACK_V2_OPTS_FIELDS_ .version = 1u, .stack_name = ""
#define EK_STACK_V2_OPTS_INIT                                                                                          \
  { EK_STACK_V2_OPTS_FIELDS_ }
#define EK_STACK_V2(...) EK_OPTS_(ek_stack_v2_opts, EK_STACK_V2_OPTS_FIELDS_, __VA_ARGS__)
/* StackV2: a new stack, of at most max_size tensors if that is not negative.
 *   in: max_size: int32
 *   out: handle: resource
 *   stack_name: default "" */
EK_API ek_out ek_stack_v2(ek_graph *g, ek_out max_size, ek_dtype elem_type, const ek_stack_v2_opts *opts);

/* StaticRegexFullMatch: whether the whole string matches the pattern.
 *   in: input: string
 *   out: output: bool */
EK_API ek_out ek_static_regex_full_match(ek_graph *g, ek_out input, const char *pattern);

/* StopGradient: its input; gradients do not pass.
 *   in: input: T
 *   out: output: T */
EK_API ek_out ek_stop_gradient(ek_graph *g, ek_out input);

typedef struct ek_strided_slice_opts {
  uint32_t version;
  int64_t begin_mask;
  int64_t end_mask;
  int64_t ellipsis_mask;
  int64_t new_axis_mask;
  int64_t shrink_axis_mask;
} ek_strided_slice_opts;
#define EK_STRIDED_SLICE_OPTS_FIELDS_                                                                                  \
  .version = 1u, .begin_mask = 0, .end_mask = 0, .ellipsis_mask = 0, .new_axis_mask = 0, .shrink_axis_mask = 0
#define EK_STRIDED_SLICE_OPTS_INIT                                                                                     \
  { EK_STRIDED_SLICE_OPTS_FIELDS_ }
#define EK_STRIDED_SLICE(...) EK_OPTS_(ek_strided_slice_opts, EK_STRIDED_SLICE_OPTS_FIELDS_, __VA_ARGS__)
/* StridedSlice: Python's input[begin:end:strides, ...]; bit i of a mask changes what entry i means.
 *   in: input: T, begin: Index, end: Index, strides: Index
 *   out: output: T
 *   Index: int16, int32, int64
 *   begin_mask: default 0
 *   end_mask: default 0
 *   ellipsis_mask: default 0
 *   new_axis_mask: default 0
 *   shrink_axis_mask: default 0 */
EK_API ek_out ek_strided_slice(ek_graph *g, ek_out input, ek_out begin, ek_out end, ek_out strides,
                               const ek_strided_slice_opts *opts);

typedef struct ek_strided_slice_grad_opts {
  uint32_t version;
  int64_t begin_mask;
  int64_t end_mask;
  int64_t ellipsis_mask;
  int64_t new_axis_mask;
  int64_t shrink_axis_mask;
} ek_strided_slice_grad_opts;
#define EK_STRIDED_SLICE_GRAD_OPTS_FIELDS_                                                                             \
  .version = 1u, .begin_mask = 0, .end_mask = 0, .ellipsis_mask = 0, .new_axis_mask = 0, .shrink_axis_mask = 0
#define EK_STRIDED_SLICE_GRAD_OPTS_INIT                                                                                \
  { EK_STRIDED_SLICE_GRAD_OPTS_FIELDS_ }
#define EK_STRIDED_SLICE_GRAD(...) EK_OPTS_(ek_strided_slice_grad_opts, EK_STRIDED_SLICE_GRAD_OPTS_FIELDS_, __VA_ARGS__)
/* StridedSliceGrad: zeros of the given shape with dy where StridedSlice takes from.
 *   in: shape: Index, begin: Index, end: Index, strides: Index, dy: T
 *   out: output: T
 *   Index: int32, int64
 *   begin_mask: default 0
 *   end_mask: default 0
 *   ellipsis_mask: default 0
 *   new_axis_mask: default 0
 *   shrink_axis_mask: default 0 */
EK_API ek_out ek_strided_slice_grad(ek_graph *g, ek_out shape, ek_out begin, ek_out end, ek_out strides, ek_out dy,
                                    const ek_strided_slice_grad_opts *opts);

typedef struct ek_string_format_opts {
  uint32_t version;
  const char *template_;
  const char *placeholder;
  int64_t summarize;
} ek_string_format_opts;
#define EK_STRING_FORMAT_OPTS_FIELDS_ .version = 1u, .template_ = "%s", .placeholder = "%s", .summarize = 3
#define EK_STRING_FORMAT_OPTS_INIT                                                                                     \
  { EK_STRING_FORMAT_OPTS_FIELDS_ }
#define EK_STRING_FORMAT(...) EK_OPTS_(ek_string_format_opts, EK_STRING_FORMAT_OPTS_FIELDS_, __VA_ARGS__)
/* StringFormat: the template with a tensor in each placeholder.
 *   in: inputs: T
 *   out: output: string
 *   template_: default "%s"
 *   placeholder: default "%s"
 *   summarize: default 3 */
EK_API ek_out ek_string_format(ek_graph *g, ek_outs inputs, const ek_string_format_opts *opts);

typedef struct ek_string_join_opts {
  uint32_t version;
  const char *separator;
} ek_string_join_opts;
#define EK_STRING_JOIN_OPTS_FIELDS_ .version = 1u, .separator = ""
#define EK_STRING_JOIN_OPTS_INIT                                                                                       \
  { EK_STRING_JOIN_OPTS_FIELDS_ }
#define EK_STRING_JOIN(...) EK_OPTS_(ek_string_join_opts, EK_STRING_JOIN_OPTS_FIELDS_, __VA_ARGS__)
/* StringJoin: strings one after another, with a separator between them.
 *   in: inputs: N * string
 *   out: output: string
 *   separator: default "" */
EK_API ek_out ek_string_join(ek_graph *g, ek_outs inputs, const ek_string_join_opts *opts);

typedef struct ek_string_length_opts {
  uint32_t version;
  const char *unit;
} ek_string_length_opts;
#define EK_STRING_LENGTH_OPTS_FIELDS_ .version = 1u, .unit = "BYTE"
#define EK_STRING_LENGTH_OPTS_INIT                                                                                     \
  { EK_STRING_LENGTH_OPTS_FIELDS_ }
#define EK_STRING_LENGTH(...) EK_OPTS_(ek_string_length_opts, EK_STRING_LENGTH_OPTS_FIELDS_, __VA_ARGS__)
/* StringLength: how many bytes, or characters, each string has.
 *   in: input: string
 *   out: output: int32
 *   unit: "BYTE", "UTF8_CHAR"; default "BYTE" */
EK_API ek_out ek_string_length(ek_graph *g, ek_out input, const ek_string_length_opts *opts);

/* Sub: x - y.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_subtract(ek_graph *g, ek_out x, ek_out y);

typedef struct ek_reduce_sum_opts {
  uint32_t version;
  bool keep_dims;
} ek_reduce_sum_opts;
#define EK_REDUCE_SUM_OPTS_FIELDS_ .version = 1u, .keep_dims = false
#define EK_REDUCE_SUM_OPTS_INIT                                                                                        \
  { EK_REDUCE_SUM_OPTS_FIELDS_ }
#define EK_REDUCE_SUM(...) EK_OPTS_(ek_reduce_sum_opts, EK_REDUCE_SUM_OPTS_FIELDS_, __VA_ARGS__)
/* Sum: the sum along reduction_indices.
 *   in: input: T, reduction_indices: Tidx
 *   out: output: T
 *   keep_dims: default false
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tidx: int32, int64 */
EK_API ek_out ek_reduce_sum(ek_graph *g, ek_out input, ek_out reduction_indices, const ek_reduce_sum_opts *opts);

typedef struct ek_switch_outs {
  ek_out output_false, output_true;
} ek_switch_outs;
/* Switch: data goes to output_true if pred, else to output_false; the other output is dead.
 *   in: data: T, pred: bool
 *   out: output_false: T, output_true: T */
EK_API ek_switch_outs ek_switch(ek_graph *g, ek_out data, ek_out pred);

/* Tan: the tangent of x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_tan(ek_graph *g, ek_out x);

/* Tanh: the hyperbolic tangent of x.
 *   in: x: T
 *   out: y: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_tanh(ek_graph *g, ek_out x);

/* TanhGrad: dy * (1 - y^2).
 *   in: y: T, dy: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_tanh_grad(ek_graph *g, ek_out y, ek_out dy);

/* TensorArrayCloseV3: ends the life of the array.
 *   in: handle: resource */
EK_API ek_op ek_tensor_array_close_v3(ek_graph *g, ek_out handle);

typedef struct ek_tensor_array_concat_v3_opts {
  uint32_t version;
  ek_shape element_shape_except0;
} ek_tensor_array_concat_v3_opts;
#define EK_TENSOR_ARRAY_CONCAT_V3_OPTS_FIELDS_ .version = 1u, .element_shape_except0 = {-1, {0}}
#define EK_TENSOR_ARRAY_CONCAT_V3_OPTS_INIT                                                                            \
  { EK_TENSOR_ARRAY_CONCAT_V3_OPTS_FIELDS_ }
#define EK_TENSOR_ARRAY_CONCAT_V3(...)                                                                                 \
  EK_OPTS_(ek_tensor_array_concat_v3_opts, EK_TENSOR_ARRAY_CONCAT_V3_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_tensor_array_concat_v3_outs {
  ek_out value, lengths;
} ek_tensor_array_concat_v3_outs;
/* TensorArrayConcatV3: all elements, one behind the other along their first dimension, and how long each was.
 *   in: handle: resource, flow_in: float
 *   out: value: dtype, lengths: int64
 *   element_shape_except0: default <unknown> */
EK_API ek_tensor_array_concat_v3_outs ek_tensor_array_concat_v3(ek_graph *g, ek_out handle, ek_out flow_in,
                                                                ek_dtype dtype,
                                                                const ek_tensor_array_concat_v3_opts *opts);

typedef struct ek_tensor_array_gather_v3_opts {
  uint32_t version;
  ek_shape element_shape;
} ek_tensor_array_gather_v3_opts;
#define EK_TENSOR_ARRAY_GATHER_V3_OPTS_FIELDS_ .version = 1u, .element_shape = {-1, {0}}
#define EK_TENSOR_ARRAY_GATHER_V3_OPTS_INIT                                                                            \
  { EK_TENSOR_ARRAY_GATHER_V3_OPTS_FIELDS_ }
#define EK_TENSOR_ARRAY_GATHER_V3(...)                                                                                 \
  EK_OPTS_(ek_tensor_array_gather_v3_opts, EK_TENSOR_ARRAY_GATHER_V3_OPTS_FIELDS_, __VA_ARGS__)
/* TensorArrayGatherV3: the elements at indices, stacked along a new first dimension.
 *   in: handle: resource, indices: int32, flow_in: float
 *   out: value: dtype
 *   element_shape: default <unknown> */
EK_API ek_out ek_tensor_array_gather_v3(ek_graph *g, ek_out handle, ek_out indices, ek_out flow_in, ek_dtype dtype,
                                        const ek_tensor_array_gather_v3_opts *opts);

typedef struct ek_tensor_array_grad_v3_outs {
  ek_out grad_handle, flow_out;
} ek_tensor_array_grad_v3_outs;
/* TensorArrayGradV3: the array of gradients of the array; one for every source.
 *   in: handle: resource, flow_in: float
 *   out: grad_handle: resource, flow_out: float */
EK_API ek_tensor_array_grad_v3_outs ek_tensor_array_grad_v3(ek_graph *g, ek_out handle, ek_out flow_in,
                                                            const char *source);

/* TensorArrayReadV3: element index of the array.
 *   in: handle: resource, index: int32, flow_in: float
 *   out: value: dtype */
EK_API ek_out ek_tensor_array_read_v3(ek_graph *g, ek_out handle, ek_out index, ek_out flow_in, ek_dtype dtype);

/* TensorArrayScatterV3: writes the slices of value as the elements at indices.
 *   in: handle: resource, indices: int32, value: T, flow_in: float
 *   out: flow_out: float */
EK_API ek_out ek_tensor_array_scatter_v3(ek_graph *g, ek_out handle, ek_out indices, ek_out value, ek_out flow_in);

/* TensorArraySizeV3: how many elements the array has.
 *   in: handle: resource, flow_in: float
 *   out: size: int32 */
EK_API ek_out ek_tensor_array_size_v3(ek_graph *g, ek_out handle, ek_out flow_in);

/* TensorArraySplitV3: writes pieces of value, lengths[i] rows as element i.
 *   in: handle: resource, value: T, lengths: int64, flow_in: float
 *   out: flow_out: float */
EK_API ek_out ek_tensor_array_split_v3(ek_graph *g, ek_out handle, ek_out value, ek_out lengths, ek_out flow_in);

typedef struct ek_tensor_array_v3_opts {
  uint32_t version;
  ek_shape element_shape;
  bool dynamic_size;
  bool clear_after_read;
  bool identical_element_shapes;
  const char *tensor_array_name;
} ek_tensor_array_v3_opts;
#define EK_TENSOR_ARRAY_V3_OPTS_FIELDS_                                                                                \
  .version = 1u, .element_shape = {-1, {0}}, .dynamic_size = false, .clear_after_read = true,                          \
  .identical_element_shapes = false, .tensor_array_name = ""
#define EK_TENSOR_ARRAY_V3_OPTS_INIT                                                                                   \
  { EK_TENSOR_ARRAY_V3_OPTS_FIELDS_ }
#define EK_TENSOR_ARRAY_V3(...) EK_OPTS_(ek_tensor_array_v3_opts, EK_TENSOR_ARRAY_V3_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_tensor_array_v3_outs {
  ek_out handle, flow;
} ek_tensor_array_v3_outs;
/* TensorArrayV3: a new array of size tensors, each written once; flow carries the order of what is done with it.
 *   in: size: int32
 *   out: handle: resource, flow: float
 *   element_shape: default <unknown>
 *   dynamic_size: default false
 *   clear_after_read: default true
 *   identical_element_shapes: default false
 *   tensor_array_name: default "" */
EK_API ek_tensor_array_v3_outs ek_tensor_array_v3(ek_graph *g, ek_out size, ek_dtype dtype,
                                                  const ek_tensor_array_v3_opts *opts);

/* TensorArrayWriteV3: writes value as element index of the array.
 *   in: handle: resource, index: int32, value: T, flow_in: float
 *   out: flow_out: float */
EK_API ek_out ek_tensor_array_write_v3(ek_graph *g, ek_out handle, ek_out index, ek_out value, ek_out flow_in);

/* TensorScatterAdd: a copy with updates added to the parts that indices name.
 *   in: tensor: T, indices: Tindices, updates: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64 */
EK_API ek_out ek_tensor_scatter_add(ek_graph *g, ek_out tensor, ek_out indices, ek_out updates);

/* TensorScatterSub: a copy with updates subtracted from the parts that indices name.
 *   in: tensor: T, indices: Tindices, updates: T
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64 */
EK_API ek_out ek_tensor_scatter_sub(ek_graph *g, ek_out tensor, ek_out indices, ek_out updates);

/* TensorScatterUpdate: a copy in which the parts that indices name are updates.
 *   in: tensor: T, indices: Tindices, updates: T
 *   out: output: T
 *   Tindices: int32, int64 */
EK_API ek_out ek_tensor_scatter_update(ek_graph *g, ek_out tensor, ek_out indices, ek_out updates);

/* Tile: the input multiples[i] times along each axis i.
 *   in: input: T, multiples: Tmultiples
 *   out: output: T
 *   Tmultiples: int32, int64 */
EK_API ek_out ek_tile(ek_graph *g, ek_out input, ek_out multiples);

typedef struct ek_top_k_opts {
  uint32_t version;
  bool sorted;
} ek_top_k_opts;
#define EK_TOP_K_OPTS_FIELDS_ .version = 1u, .sorted = true
#define EK_TOP_K_OPTS_INIT                                                                                             \
  { EK_TOP_K_OPTS_FIELDS_ }
#define EK_TOP_K(...) EK_OPTS_(ek_top_k_opts, EK_TOP_K_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_top_k_outs {
  ek_out values, indices;
} ek_top_k_outs;
/* TopKV2: the k largest of each row, and where they are.
 *   in: input: T, k: int32
 *   out: values: T, indices: int32
 *   sorted: default true
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64 */
EK_API ek_top_k_outs ek_top_k(ek_graph *g, ek_out input, ek_out k, const ek_top_k_opts *opts);

/* Transpose: dimension i of the output is dimension perm[i] of the input.
 *   in: x: T, perm: Tperm
 *   out: y: T
 *   Tperm: int32, int64 */
EK_API ek_out ek_transpose(ek_graph *g, ek_out x, ek_out perm);

/* TruncateDiv: x / y of integers, towards zero.
 *   in: x: T, y: T
 *   out: z: T
 *   T: int8, uint8, int16, uint16, int32, int64 */
EK_API ek_out ek_truncate_div(ek_graph *g, ek_out x, ek_out y);

/* TruncateMod: the remainder of x / y towards zero: it has the sign of x.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64, int32, int64 */
EK_API ek_out ek_truncate_mod(ek_graph *g, ek_out x, ek_out y);

typedef struct ek_unique_opts {
  uint32_t version;
  ek_dtype out_idx;
} ek_unique_opts;
#define EK_UNIQUE_OPTS_FIELDS_ .version = 1u, .out_idx = EK_INT32
#define EK_UNIQUE_OPTS_INIT                                                                                            \
  { EK_UNIQUE_OPTS_FIELDS_ }
#define EK_UNIQUE(...) EK_OPTS_(ek_unique_opts, EK_UNIQUE_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_unique_outs {
  ek_out y, idx;
} ek_unique_outs;
/* Unique: the different elements of a vector in the order they come, and which each is.
 *   in: x: T
 *   out: y: T, idx: out_idx
 *   out_idx: int32, int64; default int32 */
EK_API ek_unique_outs ek_unique(ek_graph *g, ek_out x, const ek_unique_opts *opts);

typedef struct ek_unstack_opts {
  uint32_t version;
  int64_t axis;
} ek_unstack_opts;
#define EK_UNSTACK_OPTS_FIELDS_ .version = 1u, .axis = 0
#define EK_UNSTACK_OPTS_INIT                                                                                           \
  { EK_UNSTACK_OPTS_FIELDS_ }
#define EK_UNSTACK(...) EK_OPTS_(ek_unstack_opts, EK_UNSTACK_OPTS_FIELDS_, __VA_ARGS__)
/* Unpack: the parts of a tensor along an axis, each without that axis.
 *   in: value: T
 *   out: output: num * T (ek_op_output gives each of them)
 *   axis: default 0 */
EK_API ek_op ek_unstack(ek_graph *g, ek_out value, int64_t num, const ek_unstack_opts *opts);

/* UnsortedSegmentMax: output[i] is the maximum of data[k] where segment_ids[k] is i; negative ids are left out.
 *   in: data: T, segment_ids: Tindices, num_segments: Tnumsegments
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64
 *   Tnumsegments: int32, int64 */
EK_API ek_out ek_unsorted_segment_max(ek_graph *g, ek_out data, ek_out segment_ids, ek_out num_segments);

/* UnsortedSegmentMin: output[i] is the minimum of data[k] where segment_ids[k] is i; negative ids are left out.
 *   in: data: T, segment_ids: Tindices, num_segments: Tnumsegments
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64
 *   Tnumsegments: int32, int64 */
EK_API ek_out ek_unsorted_segment_min(ek_graph *g, ek_out data, ek_out segment_ids, ek_out num_segments);

/* UnsortedSegmentProd: output[i] is the product of data[k] where segment_ids[k] is i; negative ids are left out.
 *   in: data: T, segment_ids: Tindices, num_segments: Tnumsegments
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64
 *   Tnumsegments: int32, int64 */
EK_API ek_out ek_unsorted_segment_prod(ek_graph *g, ek_out data, ek_out segment_ids, ek_out num_segments);

/* UnsortedSegmentSum: output[i] is the sum of data[k] where segment_ids[k] is i; negative ids are left out.
 *   in: data: T, segment_ids: Tindices, num_segments: Tnumsegments
 *   out: output: T
 *   T: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, int64
 *   Tindices: int32, int64
 *   Tnumsegments: int32, int64 */
EK_API ek_out ek_unsorted_segment_sum(ek_graph *g, ek_out data, ek_out segment_ids, ek_out num_segments);

typedef struct ek_var_handle_op_opts {
  uint32_t version;
  const char *container;
  const char *shared_name;
} ek_var_handle_op_opts;
#define EK_VAR_HANDLE_OP_OPTS_FIELDS_ .version = 1u, .container = "", .shared_name = ""
#define EK_VAR_HANDLE_OP_OPTS_INIT                                                                                     \
  { EK_VAR_HANDLE_OP_OPTS_FIELDS_ }
#define EK_VAR_HANDLE_OP(...) EK_OPTS_(ek_var_handle_op_opts, EK_VAR_HANDLE_OP_OPTS_FIELDS_, __VA_ARGS__)
/* VarHandleOp: a handle of a variable that the session keeps.
 *   out: resource: resource
 *   container: default ""
 *   shared_name: default "" */
EK_API ek_out ek_var_handle_op(ek_graph *g, ek_dtype dtype, ek_shape shape, const ek_var_handle_op_opts *opts);

/* VarIsInitializedOp: whether the variable behind the handle has a value.
 *   in: resource: resource
 *   out: is_initialized: bool */
EK_API ek_out ek_var_is_initialized_op(ek_graph *g, ek_out resource);

/* Where: where the input is not zero: one row of indices for each such element.
 *   in: input: T
 *   out: index: int64
 *   T: float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64, bool */
EK_API ek_out ek_where_true(ek_graph *g, ek_out input);

/* Xdivy: x / y, 0 where x is 0.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_xdivy(ek_graph *g, ek_out x, ek_out y);

/* Xlogy: x * log(y), 0 where x is 0.
 *   in: x: T, y: T
 *   out: z: T
 *   T: bfloat16, float16, float32, float64 */
EK_API ek_out ek_xlogy(ek_graph *g, ek_out x, ek_out y);

/* ZerosLike: zeros in the shape of x.
 *   in: x: T
 *   out: y: T */
EK_API ek_out ek_zeros_like(ek_graph *g, ek_out x);

typedef struct ek_fused_batch_norm_ex_opts {
  uint32_t version;
  const char *activation_mode;
  double epsilon;
  const char *data_format;
  bool is_training;
} ek_fused_batch_norm_ex_opts;
#define EK_FUSED_BATCH_NORM_EX_OPTS_FIELDS_                                                                            \
  .version = 1u, .activation_mode = "Identity", .epsilon = 9.9999997e-05, .data_format = "NHWC", .is_training = true
#define EK_FUSED_BATCH_NORM_EX_OPTS_INIT                                                                               \
  { EK_FUSED_BATCH_NORM_EX_OPTS_FIELDS_ }
#define EK_FUSED_BATCH_NORM_EX(...)                                                                                    \
  EK_OPTS_(ek_fused_batch_norm_ex_opts, EK_FUSED_BATCH_NORM_EX_OPTS_FIELDS_, __VA_ARGS__)
typedef struct ek_fused_batch_norm_ex_outs {
  ek_out y, batch_mean, batch_variance, reserve_space_1, reserve_space_2, reserve_space_3;
} ek_fused_batch_norm_ex_outs;
/* _FusedBatchNormEx: FusedBatchNormV3, plus a side input of the shape of x, through an activation.
 *   in: x: T, scale: U, offset: U, mean: U, variance: U, side_input: num_side_inputs * T
 *   out: y: T, batch_mean: U, batch_variance: U, reserve_space_1: U, reserve_space_2: U, reserve_space_3: U
 *   T: float16, bfloat16, float32
 *   U: float32
 *   activation_mode: "Identity", "Relu"; default "Identity"
 *   epsilon: default 9.9999997e-05
 *   data_format: "NHWC", "NCHW"; default "NHWC"
 *   is_training: default true */
EK_API ek_fused_batch_norm_ex_outs ek_fused_batch_norm_ex(ek_graph *g, ek_out x, ek_out scale, ek_out offset,
                                                          ek_out mean, ek_out variance, ek_outs side_input,
                                                          const ek_fused_batch_norm_ex_opts *opts);

#ifdef __cplusplus
}
#endif
#endif
