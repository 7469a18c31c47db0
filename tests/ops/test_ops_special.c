/* SPDX-License-Identifier: Apache-2.0 */
/* Special values, ties and extreme numbers, against what TensorFlow answers: tests/golden/numbers/ops.npz. */
#include "evenkeel/io.h"
#include "ops/build.h"

#include <stdio.h>

/* What the vector kernels and libm may be off from TensorFlow's own approximations. */
#define EXACT       0.0
#define ROUNDED     2.4e-7 /* 2 ulp */
#define APPROXIMATE 1e-6   /* TensorFlow's exp, log and tanh are off by some ulps themselves */

#define BN_INPUTS                                                                                                      \
  { "x", "scale", "offset", "mean", "variance" }
#define BN_GRAD_INPUTS                                                                                                 \
  { "y_backprop", "x", "scale", "reserve_space_1", "reserve_space_2", "reserve_space_3" }

/* Statistics in float32 and in double; at a mean of 10000 TensorFlow's own are off by half an ulp of the mean. */
#define STATISTICS 2e-6
#define LARGE_MEAN 1e-3
#define CANCELLED  1e-6 /* sums of numbers around 1 that nearly cancel */

typedef struct special {
  const char *name, *inputs[6]; /* members CASE/in/NAME, or those of `shared` */
  const char *shared;
  double tolerance;
  int outputs; /* 0: 1 */
  double absolute;
} special;

#define PAIRS(type, tolerance)                                                                                         \
  { type "/float32", {"x", "y"}, "pairs", tolerance, 0, 0 }
#define UNARY(type, tolerance)                                                                                         \
  { type "/float32", {"x"}, "unary", tolerance, 0, 0 }
#define ACTIVATION(type, tolerance)                                                                                    \
  { type "/float32", {"features"}, "activations", tolerance, 0, 0 }
#define ACTIVATION_GRAD(type, tolerance)                                                                               \
  { type "/float32", {"gradients", "features"}, "activation_grads", tolerance, 0, 0 }

static const special specials[] = {
    PAIRS("Pow", ROUNDED),
    PAIRS("FloorMod", EXACT),
    PAIRS("FloorDiv", EXACT),
    PAIRS("DivNoNan", EXACT),
    PAIRS("RealDiv", EXACT),
    PAIRS("Maximum", EXACT),
    PAIRS("Minimum", EXACT),
    PAIRS("Less", EXACT),
    PAIRS("GreaterEqual", EXACT),
    PAIRS("Equal", EXACT),
    UNARY("Exp", APPROXIMATE),
    UNARY("Log", APPROXIMATE),
    UNARY("Log1p", APPROXIMATE),
    UNARY("Sqrt", EXACT),
    UNARY("Rsqrt", ROUNDED),
    UNARY("Reciprocal", ROUNDED),
    UNARY("Sigmoid", APPROXIMATE),
    UNARY("Tanh", APPROXIMATE),
    UNARY("Abs", EXACT),
    UNARY("Sign", EXACT),
    UNARY("Floor", EXACT),
    UNARY("IsFinite", EXACT),
    ACTIVATION("Relu", EXACT),
    ACTIVATION("Relu6", EXACT),
    ACTIVATION("LeakyRelu", EXACT),
    ACTIVATION("Elu", APPROXIMATE),
    ACTIVATION("Selu", APPROXIMATE),
    ACTIVATION("Softplus", APPROXIMATE),
    ACTIVATION_GRAD("ReluGrad", EXACT),
    ACTIVATION_GRAD("Relu6Grad", EXACT),
    ACTIVATION_GRAD("LeakyReluGrad", EXACT),
    ACTIVATION_GRAD("SoftplusGrad", APPROXIMATE),
    {"FloorMod/int32", {"x", "y"}, NULL, EXACT, 0, 0},
    {"FloorDiv/int32", {"x", "y"}, NULL, EXACT, 0, 0},
    {"Select/same", {"condition", "x", "y"}, NULL, EXACT, 0, 0},
    {"Select/rows", {"condition", "x", "y"}, NULL, EXACT, 0, 0},
    {"SelectV2/broadcast", {"condition", "t", "e"}, NULL, EXACT, 0, 0},
    {"Max/nan", {"input", "axis"}, NULL, EXACT, 0, 0},
    {"Max/empty", {"input", "axis"}, NULL, EXACT, 0, 0},
    {"Mean/empty", {"input", "axis"}, NULL, EXACT, 0, 0},
    {"Prod/empty", {"input", "axis"}, NULL, EXACT, 0, 0},
    {"ArgMax/ties", {"input", "dimension"}, NULL, EXACT, 0, 0},
    {"Cast/int32", {"x"}, NULL, EXACT, 0, 0},
    {"Cast/bool", {"x"}, NULL, EXACT, 0, 0},
    {"Cast/half", {"x"}, NULL, EXACT, 0, 0},
    {"SoftmaxCrossEntropyWithLogits/extreme", {"features", "labels"}, NULL, APPROXIMATE, 2, 0},
    {"SparseSoftmaxCrossEntropyWithLogits/extreme", {"features", "labels"}, NULL, APPROXIMATE, 2, 0},
    {"Softmax/extreme", {"logits"}, NULL, APPROXIMATE, 0, 0},
    {"LogSoftmax/extreme", {"logits"}, NULL, APPROXIMATE, 0, 0},
    {"FusedBatchNormV3/small_train", BN_INPUTS, NULL, STATISTICS, 3, CANCELLED},
    {"FusedBatchNormV3/small_infer", BN_INPUTS, NULL, STATISTICS, 3, CANCELLED},
    {"FusedBatchNormV3/one_train", BN_INPUTS, NULL, STATISTICS, 3, CANCELLED},
    {"FusedBatchNormV3/mean_train", BN_INPUTS, NULL, STATISTICS, 3, LARGE_MEAN},
    {"FusedBatchNormV3/mean_average", BN_INPUTS, NULL, STATISTICS, 3, LARGE_MEAN},
    {"FusedBatchNormGradV3/small_train", BN_GRAD_INPUTS, NULL, STATISTICS, 3, CANCELLED},
    {"FusedBatchNormGradV3/small_infer", BN_GRAD_INPUTS, NULL, STATISTICS, 3, CANCELLED},
    {"FusedBatchNormGradV3/one_train", BN_GRAD_INPUTS, NULL, STATISTICS, 3, CANCELLED},
    {"FusedBatchNormGradV3/mean_train", BN_GRAD_INPUTS, NULL, STATISTICS, 3, LARGE_MEAN},
};

static ek_tensor *member(ek_npz *z, const char *folder, const char *kind, const char *name) {
  char path[256];
  ek_status st = EK_STATUS_INIT;
  (void)snprintf(path, sizeof path, "%s/%s/%s", folder, kind, name);
  ek_tensor *t = ek_npz_get(z, path, &st);
  if (t == NULL) fail_msg("%s", st.msg);
  return t;
}

/* The attributes that tests/golden/numbers_ops.py gives to a case. */
static int attributes(const char *name, ek_attr *attrs) {
  const char *slash = strchr(name, '/') + 1;
  int n = 0;
  if (strncmp(name, "Cast/", 5) == 0) attrs[n++] = EK_TYPE_ATTR("DstT", ek_dtype_from_name(slash));
  if (strncmp(name, "FusedBatchNorm", 14) == 0) {
    attrs[n++] = EK_FLOAT_ATTR("epsilon", 1e-3);
    attrs[n++] = EK_BOOL_ATTR("is_training", strstr(slash, "infer") == NULL);
  }
  return n;
}

static void check(ek_npz *z, const special *s) {
  char type[64];
  ek_tensor *in[6];
  int n = 0;
  (void)snprintf(type, sizeof type, "%.*s", (int)strcspn(s->name, "/"), s->name);
  for (; n < 6 && s->inputs[n] != NULL; n++)
    in[n] = member(z, s->shared != NULL ? s->shared : s->name, "in", s->inputs[n]);
  ek_attr attrs[4];
  const int n_attrs = attributes(s->name, attrs);
  op_test t = op_make(type, in, n, attrs, n_attrs);
  if (t.st.code != EK_OK) fail_msg("%s", t.st.msg);
  if (strstr(s->name, "average") != NULL) /* comes in with files of later versions */
    ek__node_set_attr(t.g, t.op, EK_FLOAT_ATTR("exponential_avg_factor", 0.25));
  if (op_run(&t) != EK_OK) fail_msg("%s", t.st.msg);
  for (int i = 0; i < (s->outputs > 0 ? s->outputs : 1); i++) {
    char what[96], index[16];
    (void)snprintf(what, sizeof what, "%s output %d", s->name, i);
    (void)snprintf(index, sizeof index, "%d", i);
    ek_tensor *want = member(z, s->name, "out", index);
    op_compare(what, t.out[i], want, s->tolerance, s->absolute);
    ek_tensor_free(want);
  }
  op_end(&t);
}

static void special_value(void **state) {
  ek_status st = EK_STATUS_INIT;
  ek_npz *z = ek_npz_open(EK_SOURCE_DIR "/tests/golden/numbers/ops.npz", &st);
  if (z == NULL) fail_msg("%s", st.msg);
  check(z, *state);
  ek_npz_close(z);
}

int main(void) {
  enum { COUNT = sizeof specials / sizeof specials[0] };
  struct CMUnitTest tests[COUNT];
  for (int i = 0; i < COUNT; i++) {
    union {
      const special *in;
      void *out;
    } state = {.in = &specials[i]};
    tests[i] = (struct CMUnitTest){.name = specials[i].name, .test_func = special_value, .initial_state = state.out};
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
