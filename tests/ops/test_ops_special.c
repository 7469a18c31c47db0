/* SPDX-License-Identifier: Apache-2.0 */
/* Special values, ties and extreme numbers, against what TensorFlow answers: tests/golden/numbers/ops.npz. */
#include "evenkeel/io.h"
#include "ops/build.h"

#include <stdio.h>

/* What the vector kernels and libm may be off from TensorFlow's own approximations. */
#define EXACT       0.0
#define ROUNDED     2.4e-7 /* 2 ulp */
#define APPROXIMATE 1e-6   /* TensorFlow's exp, log and tanh are off by some ulps themselves */

typedef struct special {
  const char *name, *inputs[6]; /* members CASE/in/NAME, or those of `shared` */
  const char *shared;
  double tolerance;
  int outputs; /* 0: 1 */
} special;

#define PAIRS(type, tolerance)                                                                                         \
  { type "/float32", {"x", "y"}, "pairs", tolerance, 0 }
#define UNARY(type, tolerance)                                                                                         \
  { type "/float32", {"x"}, "unary", tolerance, 0 }
#define ACTIVATION(type, tolerance)                                                                                    \
  { type "/float32", {"features"}, "activations", tolerance, 0 }
#define ACTIVATION_GRAD(type, tolerance)                                                                               \
  { type "/float32", {"gradients", "features"}, "activation_grads", tolerance, 0 }

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
    {"FloorMod/int32", {"x", "y"}, NULL, EXACT, 0},
    {"FloorDiv/int32", {"x", "y"}, NULL, EXACT, 0},
};

static ek_tensor *member(ek_npz *z, const char *folder, const char *kind, const char *name) {
  char path[256];
  ek_status st = EK_STATUS_INIT;
  (void)snprintf(path, sizeof path, "%s/%s/%s", folder, kind, name);
  ek_tensor *t = ek_npz_get(z, path, &st);
  if (t == NULL) fail_msg("%s", st.msg);
  return t;
}

static void check(ek_npz *z, const special *s) {
  char type[64];
  ek_tensor *in[6];
  int n = 0;
  (void)snprintf(type, sizeof type, "%.*s", (int)strcspn(s->name, "/"), s->name);
  for (; n < 6 && s->inputs[n] != NULL; n++)
    in[n] = member(z, s->shared != NULL ? s->shared : s->name, "in", s->inputs[n]);
  op_test t = op_call(type, in, n, EK_NO_ATTRS);
  for (int i = 0; i < (s->outputs > 0 ? s->outputs : 1); i++) {
    char what[96], index[8];
    (void)snprintf(what, sizeof what, "%s output %d", s->name, i);
    (void)snprintf(index, sizeof index, "%d", i);
    ek_tensor *want = member(z, s->name, "out", index);
    op_compare(what, t.out[i], want, s->tolerance);
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
