/* SPDX-License-Identifier: Apache-2.0 */
/* numbers/batch_norm.npz: derivatives of the fused op, the op of old graphs, moments, as TensorFlow computes them. */
#include "evenkeel/evenkeel.h"
#include "evenkeel/io.h"
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double epsilon = 1e-2;

/* Sums of some ten numbers near 1 in float32, here and there; what is computed in float16 is rounded to 11 bits, and a
 * second derivative of that amplifies it. */
static const double f32 = 2e-5, f16 = 2e-2, f64 = 1e-12;

static ek_npz *numbers(void) {
  ek_status st = EK_STATUS_INIT;
  ek_npz *z = ek_npz_open(EK_SOURCE_DIR "/tests/golden/numbers/batch_norm.npz", &st);
  if (z == NULL) fail_msg("%s", st.msg);
  return z;
}

static ek_tensor *member(ek_npz *z, const char *folder, const char *kind, const char *name) {
  char path[256];
  ek_status st = EK_STATUS_INIT;
  (void)snprintf(path, sizeof path, "%s/%s/%s", folder, kind, name);
  ek_tensor *t = ek_npz_get(z, path, &st);
  if (t == NULL) fail_msg("%s", st.msg);
  return t;
}

static ek_out constant(ek_graph *g, ek_tensor *t) {
  const ek_out c = ek_constant(g, t);
  ek_tensor_free(t);
  return c;
}

/* All of out, against CASE/out/0, 1, ... */
static void compare(ek_graph *g, ek_npz *z, const char *name, const ek_out *out, int n, double tolerance) {
  ek_status st = EK_STATUS_INIT;
  ek_fetch fetches[16];
  ek_tensor *got[16];
  for (int i = 0; i < n; i++) fetches[i] = EK_FETCH(out[i]);
  ek_session *s = ek_session_new(g, NULL, &st);
  if (s == NULL || ek_session_run(s, NULL, 0, fetches, n, got, NULL, 0, NULL, &st) != EK_OK)
    fail_msg("%s: %s", name, st.msg);
  for (int i = 0; i < n; i++) {
    char k[16];
    (void)snprintf(k, sizeof k, "%d", i);
    ek_tensor *want = member(z, name, "out", k);
    assert_int_equal(ek_tensor_num_elements(got[i]), ek_tensor_num_elements(want));
    for (int64_t e = 0; e < ek_tensor_num_elements(want); e++) {
      const double x = ek_tensor_number(got[i], e), y = ek_tensor_number(want, e);
      if (!(fabs(x - y) <= tolerance * (1 + fabs(y))))
        fail_msg("%s, output %d, element %d: got %.9g, want %.9g", name, i, (int)e, x, y);
    }
    ek_tensor_free(want);
    ek_tensor_free(got[i]);
  }
  ek_session_free(s);
}

/* ---- derivatives of the fused op */

static ek_out turned(ek_graph *g, ek_out x, bool to_first) {
  return to_first ? ek_transpose(g, x, ek_ints(g, 0, 3, 1, 2)) : ek_transpose(g, x, ek_ints(g, 0, 2, 3, 1));
}

static void check_derivatives(ek_npz *z, const char *size, const char *version, bool nchw, bool training,
                              ek_dtype dtype) {
  static const char *const names[] = {"x", "a", "b", "scale", "offset", "c", "mean", "variance"};
  enum { X, A, B, SCALE, OFFSET, C, MEAN, VARIANCE, N };
  char folder[64], name[96];
  (void)snprintf(folder, sizeof folder, "second/%s", size);
  (void)snprintf(name, sizeof name, "second/%s_NHWC_%s_%s", size, training ? "train" : "infer", ek_dtype_name(dtype));
  ek_graph *g = ek_graph_new(NULL);
  ek_out v[N];
  for (int i = 0; i < N; i++) v[i] = constant(g, member(z, folder, "in", names[i]));
  const ek_out none = constant(g, ek_tensor_new(EK_FLOAT32, ek_shape(0), NULL, NULL));
  const ek_out x = ek_cast(g, nchw ? turned(g, v[X], true) : v[X], dtype, NULL);
  const ek_out a = ek_cast(g, nchw ? turned(g, v[A], true) : v[A], dtype, NULL);
  const ek_op op =
      ek_build(g, version, EK_OUTS(x, v[SCALE], v[OFFSET], training ? none : v[MEAN], training ? none : v[VARIANCE]),
               EK_ATTRS(EK_FLOAT_ATTR("epsilon", epsilon), EK_BOOL_ATTR("is_training", training),
                        EK_STRING_ATTR("data_format", nchw ? "NCHW" : "NHWC")));
  ek_out out[7] = {ek_cast(g, nchw ? turned(g, ek_op_output(op, 0), false) : ek_op_output(op, 0), EK_FLOAT32, NULL)};
  ek_gradients(g, EK_OUTS(ek_op_output(op, 0)), EK_OUTS(v[X], v[SCALE], v[OFFSET]), EK_GRADIENTS(.grad_ys = EK_OUTS(a)),
               &out[1]);
  const ek_out target =
      ek_add(g, ek_reduce_sum_all(g, ek_multiply(g, out[1], v[B])), ek_reduce_sum_all(g, ek_multiply(g, out[2], v[C])));
  ek_gradients(g, EK_OUTS(target), EK_OUTS(v[X], v[SCALE], v[A]), NULL, &out[4]);
  compare(g, z, name, out, 7, dtype == EK_FLOAT32 ? f32 : f16);
  ek_graph_free(g);
}

static void derivatives_of_the_fused_op(void **state) {
  static const char *const sizes[] = {"small", "one", "flat"};
  static const char *const versions[] = {"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"};
  (void)state;
  ek_npz *z = numbers();
  for (int s = 0; s < 3; s++)
    for (int i = 0; i < 12; i++) check_derivatives(z, sizes[s], versions[i / 4], i & 1, i & 2, EK_FLOAT32);
  for (int i = 4; i < 12; i++) check_derivatives(z, "small", versions[i / 4], i & 1, i & 2, EK_FLOAT16);
  ek_npz_close(z);
}

/* ---- the op of old graphs */

static void global_normalization(void **state) {
  static const char *const names[] = {"t", "m", "v", "beta", "gamma", "backprop"};
  (void)state;
  ek_npz *z = numbers();
  for (int scaled = 0; scaled < 2; scaled++) {
    ek_graph *g = ek_graph_new(NULL);
    ek_out v[6], out[6];
    for (int i = 0; i < 6; i++) v[i] = constant(g, member(z, "global", "in", names[i]));
    const ek_attr attrs[] = {EK_FLOAT_ATTR("variance_epsilon", epsilon),
                             EK_BOOL_ATTR("scale_after_normalization", scaled)};
    out[0] = ek_op_output(ek_build(g, "BatchNormWithGlobalNormalization", (ek_outs){v, 5}, attrs, 2), 0);
    ek_gradients(g, EK_OUTS(out[0]), (ek_outs){v, 5}, EK_GRADIENTS(.grad_ys = EK_OUTS(v[5])), &out[1]);
    compare(g, z, scaled ? "global/scaled" : "global/plain", out, 6, f32);
    ek_graph_free(g);
  }
  ek_npz_close(z);
}

/* ---- moments */

static void moments(void **state) {
  static const int64_t axes[] = {0, 1};
  static const struct {
    ek_dtype dtype;
    const char *name;
    double tolerance;
  } types[] = {
      {EK_FLOAT16, "moments/float16", f16}, {EK_FLOAT32, "moments/float32", f32}, {EK_FLOAT64, "moments/float64", f64}};
  (void)state;
  ek_npz *z = numbers();
  for (int i = 0; i < 3; i++) {
    ek_graph *g = ek_graph_new(NULL);
    const ek_out x = constant(g, member(z, "moments", "in", "x")), w = constant(g, member(z, "moments", "in", "w"));
    const ek_out wide = ek_cast(g, x, types[i].dtype, NULL), weights = ek_cast(g, w, types[i].dtype, NULL);
    ek_nn_moments_outs m[4] = {ek_nn_moments(g, wide, axes, 2, false),
                               ek_nn_weighted_moments(g, wide, axes, 2, weights, false)};
    for (int k = 0; k < 2; k++) {
      const ek_out shift = k == 0 ? (ek_out){0, 0} : ek_convert(g, ek_number(g, 2.0), types[i].dtype, NULL);
      const ek_nn_sufficient_statistics_outs s = ek_nn_sufficient_statistics(g, wide, axes, 2, shift, false);
      m[2 + k] = ek_nn_normalize_moments(g, s.count, s.mean_ss, s.var_ss, s.shift);
    }
    ek_out out[10];
    for (int k = 0; k < 4; k++) {
      out[2 * k] = m[k].mean;
      out[2 * k + 1] = m[k].variance;
    }
    ek_gradients(g, EK_OUTS(out[3]), EK_OUTS(x, w), NULL, &out[8]);
    for (int k = 0; k < 10; k++) out[k] = ek_cast(g, out[k], EK_FLOAT64, NULL);
    compare(g, z, types[i].name, out, 10, types[i].tolerance);
    ek_graph_free(g);
  }
  ek_npz_close(z);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(derivatives_of_the_fused_op),
      cmocka_unit_test(global_normalization),
      cmocka_unit_test(moments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
