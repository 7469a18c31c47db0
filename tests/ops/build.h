/* SPDX-License-Identifier: Apache-2.0 */
/* One call from an op's type and the values of its inputs to its outputs; each op in a graph of its own. */
#ifndef EK_TESTS_OPS_BUILD_H
#define EK_TESTS_OPS_BUILD_H

#include "ops/harness.h"
#include "tensor/half.h"

#include <math.h>

/* An op of that type over placeholders of unknown shapes, with the given values for when it runs (taken over). */
static inline op_test op_make(const char *type, ek_tensor *const *in, int n_in, const ek_attr *attrs, int n_attrs) {
  op_test t = {.g = ek_graph_new(NULL), .n_in = n_in};
  ek_out x[OP_TEST_INS];
  for (int i = 0; i < n_in; i++) {
    assert_non_null(in[i]);
    t.in[i] = in[i];
    x[i] = op_any(t.g, ek_tensor_dtype(in[i]));
  }
  t.op = ek_build(t.g, type, (ek_outs){x, n_in}, attrs, n_attrs);
  (void)ek_graph_status(t.g, &t.st);
  return t;
}
#define TENSORS(...)                                                                                                   \
  (ek_tensor *const[]){__VA_ARGS__}, (int)(sizeof((ek_tensor *const[]){__VA_ARGS__}) / sizeof(ek_tensor *))

static inline void op_end(op_test *t) {
  op_done(t);
  ek_graph_free(t->g);
}

/* Makes it and runs it; must go well. */
static inline op_test op_call(const char *type, ek_tensor *const *in, int n_in, const ek_attr *attrs, int n_attrs) {
  op_test t = op_make(type, in, n_in, attrs, n_attrs);
  if (t.st.code != EK_OK) fail_msg("%s", t.st.msg);
  if (op_run(&t) != EK_OK) fail_msg("%s", t.st.msg);
  return t;
}

/* Makes it and runs it: it must be refused, while building or when it runs, with a message that holds `words`. */
static inline void op_refused(const char *words, const char *type, ek_tensor *const *in, int n_in, const ek_attr *attrs,
                              int n_attrs) {
  op_test t = op_make(type, in, n_in, attrs, n_attrs);
  const ek_code code = t.st.code != EK_OK ? t.st.code : op_run(&t);
  if (code == EK_OK) fail_msg("%s was not refused: %s", type, words);
  if (strstr(t.st.msg, words) == NULL) fail_msg("'%s' does not say '%s'", t.st.msg, words);
  if (strstr(t.st.msg, type) == NULL) fail_msg("'%s' does not name %s", t.st.msg, type);
  op_end(&t);
}

/* A tensor of any numeric dtype from numbers. */
static inline ek_tensor *op_numbers(ek_dtype dtype, ek_shape shape, const double *v) {
  ek_tensor *t = ek_tensor_new(dtype, shape, NULL, NULL);
  assert_non_null(t);
  for (int64_t i = 0; i < ek_tensor_num_elements(t); i++) {
    switch (dtype) {
    case EK_FLOAT32: ((float *)t->data)[i] = (float)v[i]; break;
    case EK_FLOAT64: ((double *)t->data)[i] = v[i]; break;
    case EK_FLOAT16: ((uint16_t *)t->data)[i] = ek__f16_of_float((float)v[i]); break;
    case EK_BFLOAT16: ((uint16_t *)t->data)[i] = ek__bf16_of_float((float)v[i]); break;
    case EK_INT8: ((int8_t *)t->data)[i] = (int8_t)v[i]; break;
    case EK_UINT8: ((uint8_t *)t->data)[i] = (uint8_t)v[i]; break;
    case EK_INT16: ((int16_t *)t->data)[i] = (int16_t)v[i]; break;
    case EK_UINT16: ((uint16_t *)t->data)[i] = (uint16_t)v[i]; break;
    case EK_INT32: ((int32_t *)t->data)[i] = (int32_t)v[i]; break;
    case EK_INT64: ((int64_t *)t->data)[i] = (int64_t)v[i]; break;
    case EK_BOOL: ((bool *)t->data)[i] = v[i] != 0; break;
    default: fail_msg("no numbers of %s", ek_dtype_name(dtype));
    }
  }
  return t;
}
#define NUMBERS(dtype, shape, ...) op_numbers((dtype), (shape), (const double[]){__VA_ARGS__})
#define BOOLS(shape, ...)          NUMBERS(EK_BOOL, shape, __VA_ARGS__)
#define F64(shape, ...)            NUMBERS(EK_FLOAT64, shape, __VA_ARGS__)
#define EMPTY(dtype, shape)        op_numbers((dtype), (shape), NULL)

/* Equal up to `relative` and `absolute`; NaN equals NaN, zeros have the same sign. */
static inline bool op_near(double got, double want, double relative, double absolute) {
  if (isnan(want)) return isnan(got);
  if (got == want) return got != 0 || signbit(got) == signbit(want);
  if (relative > 0 && fabs(got) < 1.2e-38 && fabs(want) < 1.2e-38) return true; /* TensorFlow flushes denormals */
  return fabs(got - want) <= relative * fabs(want) + absolute;
}

static inline void op_compare(const char *what, const ek_tensor *got, const ek_tensor *want, double relative,
                              double absolute) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  assert_non_null(got);
  assert_string_equal(ek_shape_format(got->shape, a, sizeof a), ek_shape_format(want->shape, b, sizeof b));
  if (got->dtype != want->dtype)
    fail_msg("%s: %s, not %s", what, ek_dtype_name(got->dtype), ek_dtype_name(want->dtype));
  for (int64_t i = 0; i < ek_tensor_num_elements(want); i++)
    if (!op_near(ek_tensor_number(got, i), ek_tensor_number(want, i), relative, absolute))
      fail_msg("%s: element %d is %.9g, not %.9g", what, (int)i, ek_tensor_number(got, i), ek_tensor_number(want, i));
}

#endif
