/* SPDX-License-Identifier: Apache-2.0 */
/* Two steps of every optimizer on [1, 2] with the gradient [0.5, -0.25], against what TensorFlow computes in float64;
 * the sparse ones take them in one row of three. */
#include "ops/build.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

typedef struct golden {
  const char *type, *flag; /* an attribute with a value other than its default */
  bool flag_value;
  int slots, grad, n_in;
  double numbers[6]; /* in the order of the inputs, without grad */
  double initial[4]; /* element 0 of the variable and its slots; element 1 is twice that */
  double want[4][2];
} golden;

static const golden goldens[] = {
    {"ApplyGradientDescent", NULL, false, 0, 2, 3, {.1}, {1}, {{0.8999999999999999, 2.05}}},
    {"ApplyMomentum", NULL, false, 1, 3, 5, {.1, .9}, {1, 0}, {{0.855, 2.0725}, {0.95, -0.475}}},
    {"ApplyMomentum", "use_nesterov", true, 1, 3, 5, {.1, .9}, {1, 0}, {{0.7695, 2.11525}, {0.95, -0.475}}},
    {"ApplyAdam",
     NULL,
     false,
     2,
     9,
     10,
     {.9, .999, .001, .9, .999, 1e-8},
     {1, 0, 0},
     {{0.9976561623476068, 2.0023438364188064}, {0.095, -0.0475}, {0.0004997500000000004, 0.0001249375000000001}}},
    {"ApplyAdam",
     "use_nesterov",
     true,
     2,
     9,
     10,
     {.9, .999, .001, .9, .999, 1e-8},
     {1, 0, 0},
     {{0.9961832634374863, 2.0038167345034457}, {0.095, -0.0475}, {0.0004997500000000004, 0.0001249375000000001}}},
    {"ApplyRMSProp",
     NULL,
     false,
     2,
     7,
     8,
     {.1, .9, .5, 1e-10},
     {1, 1, 0},
     {{0.8680237885552542, 2.0474727085258038}, {0.8575, 1.631875}, {0.07998868695655226, -0.028871075231210516}}},
    {"ApplyCenteredRMSProp",
     NULL,
     false,
     3,
     8,
     9,
     {.1, .9, .5, 1e-10},
     {1, 0, 1, 0},
     {{0.8676317892024579, 2.047491080275114},
      {0.095, -0.0475},
      {0.8575, 1.631875},
      {0.0803102901708283, -0.028886227869431}}},
    {"ApplyAdagrad", NULL, false, 1, 3, 4, {.1}, {1, .1}, {{0.8509348520903581, 2.092647904612778}, {0.6, 0.325}}},
    {"ApplyAdagrad",
     "update_slots",
     false,
     1,
     3,
     4,
     {.1},
     {1, .1},
     {{0.683772233983162, 2.111803398874989}, {0.1, 0.2}}},
    {"ApplyAdagradV2",
     NULL,
     false,
     1,
     4,
     5,
     {.1, .5},
     {1, .1},
     {{0.9149679152390929, 2.048057647445816}, {0.6, 0.325}}},
    {"ApplyAdadelta",
     NULL,
     false,
     2,
     6,
     7,
     {0.1, 0.9, 0.25},
     {1, 1.0, 0.5},
     {{0.9198517746308178, 2.039067390176842},
      {0.8575, 1.6318750000000002},
      {0.43552326977570727, 0.8172514003870308}}},
    {"ApplyKerasMomentum", NULL, false, 1, 3, 5, {.1, .9}, {1, 0}, {{0.855, 2.0725}, {-0.095, 0.0475}}},
    {"ApplyKerasMomentum",
     "use_nesterov",
     true,
     1,
     3,
     5,
     {.1, .9},
     {1, 0},
     {{0.7695000000000001, 2.11525}, {-0.095, 0.0475}}},
    {"ApplyAdaMax",
     NULL,
     false,
     2,
     8,
     9,
     {.9, .001, .9, .999, 1e-8},
     {1, 0, 0},
     {{0.997100000058, 2.002899999884}, {0.09499999999999997, -0.04749999999999999}, {0.5, 0.25}}},
    {"ApplyAdamWithAmsgrad",
     NULL,
     false,
     3,
     10,
     11,
     {.9, .999, .001, .9, .999, 1e-8},
     {1, 0, 0, .0001},
     {{0.9976561623476068, 2.0016211481373625},
      {0.09499999999999997, -0.04749999999999999},
      {0.0004997500000000004, 0.0001249375000000001},
      {0.0004997500000000004, 0.0002}}},
    {"ApplyAddSign",
     NULL,
     false,
     1,
     6,
     7,
     {.1, 1, .5, .9},
     {1, .1},
     {{0.8500000000000001, 2.0250000000000004}, {0.17600000000000002, 0.11450000000000005}}},
    {"ApplyPowerSign",
     NULL,
     false,
     1,
     6,
     7,
     {.1, 1.5, .5, .9},
     {1, .1},
     {{0.7882999983387324, 2.0236183276370507}, {0.17600000000000002, 0.11450000000000005}}},
    {"ApplyProximalGradientDescent",
     NULL,
     false,
     0,
     4,
     5,
     {0.1, 0.5, 1.0},
     {1},
     {{0.6528925619834708, 1.6095041322314045}}},
    {"ApplyProximalAdagrad",
     NULL,
     false,
     1,
     5,
     6,
     {0.1, 0.5, 1.0},
     {1, 1.0},
     {{0.6972232698649018, 1.7184916267682184}, {1.5, 2.125}}},
    {"ApplyFtrl",
     NULL,
     false,
     2,
     3,
     8,
     {0.5, 0.5, 1.0, -0.5},
     {1, 1.0, -3.0},
     {{0.41549160930462614, 1.2490065996647233}, {1.5, 2.125}, {-2.3487256538134096, -6.6394618988240985}}},
    {"ApplyFtrlV2",
     NULL,
     false,
     2,
     3,
     9,
     {0.5, 0.5, 1.0, 0.25, -0.5},
     {1, 1.0, -3.0},
     {{0.2514040189125152, 0.942766171250336}, {1.5, 2.125}, {-1.6186196034457043, -5.13414443882477}}},
    {"ApplyAdagradDA",
     NULL,
     false,
     2,
     3,
     8,
     {0.5, 0.1, 1.0, 3},
     {1, .25, 1.0},
     {{-0.1743282481186603, 0}, {1.25, 0}, {1.5, 2.125}}},
};
enum { GOLDENS = sizeof goldens / sizeof goldens[0] };

typedef enum form { REFERENCE = 0, HANDLE = 1, ROWS = 2, ROWS_BY_HANDLE = HANDLE | ROWS } form;

/* Initial values; by rows, those of row 1 between others. */
static ek_tensor *initial(ek_dtype dtype, form how, double x) {
  return how & ROWS ? NUMBERS(dtype, ek_shape(3, 2), 7, 7, x, 2 * x, 7, 7) : NUMBERS(dtype, ek_shape(2), x, 2 * x);
}

static ek_out variable(ek_graph *g, ek_dtype dtype, form how) {
  return ek_op_output(ek_build(g, how & HANDLE ? "VarHandleOp" : "VariableV2", (ek_outs){NULL, 0},
                               EK_ATTRS(EK_TYPE_ATTR("dtype", dtype),
                                        EK_SHAPE_ATTR("shape", how & ROWS ? ek_shape(3, 2) : ek_shape(2)))),
                      0);
}

static void check(const golden *w, ek_dtype dtype, double relative, form how) {
  static const char *const keys[] = {"w", "a", "b", "c"};
  ek_graph *g = ek_graph_new(NULL);
  ek_slot slots[4];
  ek_out in[OP_TEST_INS];
  op_test t = {.g = g};
  char type[64];
  (void)snprintf(type, sizeof type, "%s%s%s", how & HANDLE ? "Resource" : "", how & ROWS ? "Sparse" : "", w->type);
  for (int i = 0; i < w->n_in; i++) {
    const int at = t.n_in++;
    const bool whole = strcmp(w->type, "ApplyAdagradDA") == 0 && i == w->n_in - 1; /* global_step */
    in[at] = i <= w->slots ? variable(g, dtype, how) : op_any(g, whole ? EK_INT64 : dtype);
    if (i <= w->slots) {
      slots[i] = (ek_slot){.key = keys[i], .dtype = dtype, .tensor = initial(dtype, how, w->initial[i])};
      t.slot[at] = &slots[i];
    } else if (i == w->grad) {
      t.in[at] = NUMBERS(dtype, how & ROWS ? ek_shape(1, 2) : ek_shape(2), .5, -.25);
      if (!(how & ROWS)) continue;
      in[t.n_in] = op_any(g, EK_INT64);
      t.in[t.n_in++] = NUMBERS(EK_INT64, ek_shape(1), 1);
    } else {
      const double x = w->numbers[i - w->slots - 1 - (i > w->grad)];
      t.in[at] = NUMBERS(whole ? EK_INT64 : dtype, ek_shape_scalar(), x);
    }
  }
  const ek_attr flag = EK_BOOL_ATTR(w->flag, w->flag_value);
  t.op = ek_build(g, type, (ek_outs){in, t.n_in}, &flag, w->flag != NULL);
  if (ek_graph_status(g, &t.st) != EK_OK) fail_msg("%s", t.st.msg);
  for (int k = 0; k < 2; k++)
    if (op_run(&t) != EK_OK) fail_msg("%s", t.st.msg);
  if (!(how & HANDLE)) assert_ptr_equal(t.out_slot[0], &slots[0]);
  for (int i = 0; i <= w->slots; i++) {
    for (int k = 0; k < (how & ROWS ? 6 : 2); k++) {
      const bool other = how & ROWS && k / 2 != 1;
      const double got = ek_tensor_number(slots[i].tensor, k), want = other ? 7 : w->want[i][k % 2];
      if (!(fabs(got - want) <= relative * fabs(want)))
        fail_msg("%s %s: array %d element %d is %.17g, not %.17g", type, ek_dtype_name(dtype), i, k, got, want);
    }
    ek_tensor_free(slots[i].tensor);
  }
  op_done(&t);
  ek_graph_free(g);
}

static bool is(const golden *w, const char *type) { return strcmp(w->type, type) == 0; }

/* In which of the forms the op comes. */
static bool has(const golden *w, form how) {
  if (how & ROWS && (is(w, "ApplyGradientDescent") || is(w, "ApplyAdam") || is(w, "ApplyAdaMax"))) return false;
  if (how & ROWS && (is(w, "ApplyAddSign") || is(w, "ApplyPowerSign") || is(w, "ApplyAdamWithAmsgrad"))) return false;
  return how & HANDLE || (!is(w, "ApplyKerasMomentum") && !is(w, "ApplyAdamWithAmsgrad"));
}

static void double_steps_are_tensorflows(void **state) {
  (void)state;
  for (int i = 0; i < GOLDENS; i++)
    if (has(&goldens[i], REFERENCE)) check(&goldens[i], EK_FLOAT64, 16 * DBL_EPSILON, REFERENCE);
}

static void resources_step_alike(void **state) {
  (void)state;
  for (int i = 0; i < GOLDENS; i++) check(&goldens[i], EK_FLOAT64, 16 * DBL_EPSILON, HANDLE);
}

static void rows_step_alike(void **state) {
  (void)state;
  for (int i = 0; i < GOLDENS; i++) {
    if (has(&goldens[i], ROWS)) check(&goldens[i], EK_FLOAT64, 16 * DBL_EPSILON, ROWS);
    if (has(&goldens[i], ROWS_BY_HANDLE)) check(&goldens[i], EK_FLOAT64, 16 * DBL_EPSILON, ROWS_BY_HANDLE);
  }
}

/* Two roundings of every number and 1 - 0.999 cost some bits. */
static void float_and_half_steps_round(void **state) {
  (void)state;
  for (int i = 0; i < GOLDENS; i++) {
    const form how = has(&goldens[i], ROWS) ? ROWS : has(&goldens[i], REFERENCE) ? REFERENCE : HANDLE;
    check(&goldens[i], EK_FLOAT32, 3e-5, has(&goldens[i], REFERENCE) ? REFERENCE : HANDLE);
    check(&goldens[i], EK_FLOAT32, 3e-5, how);
    if (strncmp(goldens[i].type, "ApplyAda", 8) == 0 && goldens[i].n_in > 8)
      continue; /* 0.999 and 1e-8 are no halves */
    check(&goldens[i], EK_FLOAT16, 4e-3, how);
    check(&goldens[i], EK_BFLOAT16, 4e-2, has(&goldens[i], REFERENCE) ? REFERENCE : HANDLE);
  }
}

/* One row twice: two steps, the second from where the first led. */
static void rows_may_come_twice(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_slot w = {.key = "w", .dtype = EK_FLOAT32, .tensor = F32(ek_shape(3, 1), 1, 2, 3)},
          a = {.key = "a", .dtype = EK_FLOAT32, .tensor = F32(ek_shape(3, 1), 0, 0, 1)};
  ek_out ref[2];
  for (int i = 0; i < 2; i++)
    ref[i] = ek_op_output(ek_build(g, "VariableV2", (ek_outs){NULL, 0},
                                   EK_ATTRS(EK_TYPE_ATTR("dtype", EK_FLOAT32), EK_SHAPE_ATTR("shape", ek_shape(3, 1)))),
                          0);
  op_test t = {.g = g,
               .n_in = 6,
               .slot = {&w, &a},
               .in = {NULL, NULL, F32(ek_shape_scalar(), 1), F32(ek_shape(3, 1), 1, 2, 4), I32(ek_shape(3), 2, 0, 2),
                      F32(ek_shape_scalar(), .5)}};
  t.op = ek_build(
      g, "SparseApplyMomentum",
      EK_OUTS(ref[0], ref[1], op_any(g, EK_FLOAT32), op_any(g, EK_FLOAT32), op_any(g, EK_INT32), op_any(g, EK_FLOAT32)),
      EK_NO_ATTRS);
  assert_int_equal(op_run(&t), EK_OK);
  EXPECT(w.tensor, ek_shape(3, 1), -1, 2, -3.25);
  EXPECT(a.tensor, ek_shape(3, 1), 2, 0, 4.75);
  ek_tensor_free(t.in[4]);
  t.in[4] = I32(ek_shape(3), 0, 3, -1);
  assert_int_equal(op_run(&t), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(t.st.msg, "Index 3 at offset 1 in indices is out of range [0, 3)"));
  ek_tensor_free(t.in[4]);
  t.in[4] = I32(ek_shape(2), 0, 1);
  memset(&t.st, 0, sizeof t.st);
  assert_int_equal(op_run(&t), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(t.st.msg, "grad has 3 rows, there are 2 indices"));
  EXPECT(w.tensor, ek_shape(3, 1), -1, 2, -3.25); /* as it was */
  op_done(&t);
  ek_tensor_free(w.tensor);
  ek_tensor_free(a.tensor);
  ek_graph_free(g);
}

static void shapes_are_checked(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_slot w = {.key = "w", .dtype = EK_FLOAT32, .tensor = F32(ek_shape(2), 1, 2)};
  const ek_out ref =
      ek_op_output(ek_build(g, "VariableV2", (ek_outs){NULL, 0},
                            EK_ATTRS(EK_TYPE_ATTR("dtype", EK_FLOAT32), EK_SHAPE_ATTR("shape", ek_shape_unknown()))),
                   0);
  op_test t = {.g = g, .n_in = 3, .slot = {&w}, .in = {NULL, F32(ek_shape_scalar(), 1), F32(ek_shape(3), 1, 2, 3)}};
  t.op = ek_build(g, "ApplyGradientDescent", EK_OUTS(ref, op_any(g, EK_FLOAT32), op_any(g, EK_FLOAT32)), EK_NO_ATTRS);
  assert_int_equal(op_run(&t), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(t.st.msg, "var and delta do not have the same shape[2] [3]"));
  op_done(&t);
  t.in[1] = F32(ek_shape(2), 1, 1);
  t.in[2] = F32(ek_shape(2), 1, 1);
  memset(t.out, 0, sizeof t.out);
  assert_int_equal(op_run(&t), EK_INVALID_ARGUMENT); /* the rate is no scalar */
  EXPECT(w.tensor, ek_shape(2), 1, 2);
  op_done(&t);
  ek_tensor_free(w.tensor);
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(double_steps_are_tensorflows), cmocka_unit_test(resources_step_alike),
      cmocka_unit_test(float_and_half_steps_round),   cmocka_unit_test(rows_step_alike),
      cmocka_unit_test(rows_may_come_twice),          cmocka_unit_test(shapes_are_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
