/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes that only a run finds out, and what a branch that is not taken cannot spoil. */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static void *counting_alloc(void *ctx, size_t size, size_t align) {
  ++*(long *)ctx;
  return aligned_alloc(align, (size + align - 1) / align * align);
}

static void counting_free(void *ctx, void *p, size_t size) {
  (void)ctx;
  (void)size;
  free(p);
}

enum { ROWS = 64, COLUMNS = 48 };

static ek_out sum_of(ek_graph *g, ek_out x) { /* of a value of any size */
  return ek_reduce_sum(g, ek_reshape(g, x, ek_ints(g, -1)), ek_integer(g, 0), NULL);
}

/* The rows of x whose number is positive, times themselves: matrix products, a softmax and a batch normalization of
 * as many rows as there are. */
static ek_out chosen(ek_graph *g, ek_out x, ek_out numbers) {
  const ek_out positive = ek_where_true(g, ek_greater(g, numbers, ek_number(g, 0)));
  const ek_out which = ek_reshape(g, positive, ek_ints(g, -1));
  const ek_out rows = ek_gather(g, x, which, ek_integer(g, 0), NULL);
  const ek_out square = ek_matmul(g, rows, rows, EK_MATMUL(.transpose_a = true));
  const ek_out images = ek_reshape(g, rows, ek_ints(g, -1, 1, 1, COLUMNS));
  const ek_out h = ek_layers_batch_normalization(g, images, EK_LAYERS_BATCH_NORMALIZATION(.training = EK_TRUE));
  const ek_out flat = ek_reshape(g, h, ek_ints(g, -1, COLUMNS));
  return sum_of(g, ek_softmax(g, ek_matmul(g, flat, square, NULL)));
}

static float run_chosen(ek_callable *c, ek_tensor *x, int positive) {
  ek_status st = EK_STATUS_INIT;
  float numbers[ROWS] = {0};
  for (int i = 0; i < positive; i++) numbers[i * 3 % ROWS] = 1;
  ek_tensor *which = ek_tensor_from(EK_FLOAT32, ek_shape(ROWS), numbers, NULL), *sum = NULL;
  ek_tensor *const feeds[] = {x, which};
  if (ek_callable_run(c, feeds, &sum, &st) != EK_OK) fail_msg("%s", st.msg);
  const float value = (float)ek_tensor_number(sum, 0);
  ek_tensor_free(sum);
  ek_tensor_free(which);
  return value;
}

static void a_loop_allocates_nothing(void **state) {
  (void)state;
  long made = 0;
  const ek_allocator a = {counting_alloc, counting_free, &made};
  ek_graph *g = ek_graph_new(NULL);
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  ek_status st = EK_STATUS_INIT;
  opts.allocator = &a;
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(ROWS, COLUMNS), "x");
  const ek_out numbers = ek_placeholder(g, EK_FLOAT32, ek_shape(ROWS), "numbers");
  const ek_out sum = chosen(g, x, numbers), feeds[] = {x, numbers};
  ek_session *s = ek_session_new(g, &opts, &st);
  if (s == NULL) fail_msg("%s", st.msg);
  assert_int_equal(ek_session_run_op(s, ek_global_variables_initializer(g), &st), EK_OK);
  ek_callable *c = ek_session_make_callable(s, feeds, 2, &EK_FETCH(sum), 1, NULL, 0, &st);
  assert_non_null(c);
  float values[ROWS * COLUMNS];
  for (int i = 0; i < ROWS * COLUMNS; i++) values[i] = (float)(i % 17) / 17 - 0.5f;
  ek_tensor *in = ek_tensor_from(EK_FLOAT32, ek_shape(ROWS, COLUMNS), values, NULL);
  for (int round = 0; round < 2; round++) assert_float_equal(run_chosen(c, in, 30), 30.0, 1e-3);
  const long before = made;
  for (int round = 0; round < 3; round++) assert_float_equal(run_chosen(c, in, 30), 30.0, 1e-3);
  assert_int_equal(made - before, 0);
  assert_float_equal(run_chosen(c, in, 7), 7.0, 1e-3); /* what was prepared for 30 rows does not serve 7 */
  assert_float_equal(run_chosen(c, in, 30), 30.0, 1e-3);
  ek_tensor_free(in);
  ek_callable_free(c);
  ek_session_free(s);
  ek_graph_free(g);
}

/* y = p ? inner(x) : 1 */
typedef struct choice {
  ek_graph *g;
  ek_out p, x, y;
} choice;

static choice choice_new(ek_out (*inner)(ek_graph *g, ek_out x)) {
  choice b = {.g = ek_graph_new(NULL)};
  b.p = ek_placeholder(b.g, EK_BOOL, ek_shape_scalar(), "p");
  b.x = ek_placeholder(b.g, EK_FLOAT32, ek_shape_unknown(), "x");
  ek_cond_block c;
  EK_COND(b.g, b.p, c) {
    EK_THEN(c) { ek_cond_yield(&c, inner(b.g, b.x)); }
    EK_ELSE(c) { ek_cond_yield(&c, ek_number(b.g, 1)); }
  }
  b.y = ek_cond_result(&c, 0);
  return b;
}

static void only_where_taken(ek_out (*inner)(ek_graph *g, ek_out x), const char *words) {
  const choice b = choice_new(inner);
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(b.g, NULL, &st);
  ek_tensor *in = ek_tensor_from(EK_FLOAT32, ek_shape(2, 3), (const float[]){1, 2, 3, 4, 5, 6}, NULL), *y = NULL;
  ek_tensor *no = ek_tensor_bool(false, NULL), *yes = ek_tensor_bool(true, NULL);
  ek_feed feeds[] = {EK_FEED(b.x, in), EK_FEED(b.p, no)};
  if (ek_session_run(s, feeds, 2, &EK_FETCH(b.y), 1, &y, NULL, 0, NULL, &st) != EK_OK) fail_msg("%s", st.msg);
  assert_float_equal(ek_tensor_number(y, 0), 1.0, 0.0);
  ek_tensor_free(y);
  feeds[1].value = yes;
  assert_int_not_equal(ek_session_run(s, feeds, 2, &EK_FETCH(b.y), 1, &y, NULL, 0, NULL, &st), EK_OK);
  if (strstr(st.msg, words) == NULL) fail_msg("'%s' does not say '%s'", st.msg, words);
  ek_tensor_free(in);
  ek_tensor_free(no);
  ek_tensor_free(yes);
  ek_session_free(s);
  ek_graph_free(b.g);
}

static ek_out to_power(ek_graph *g, ek_out x, double size) {
  const ek_out sizes = ek_constant_int32s(g, (const int64_t[]){(int64_t)size, (int64_t)size, (int64_t)size}, 3);
  const ek_out large = ek_fill(g, sizes, ek_convert(g, ek_number(g, 1), EK_FLOAT32, NULL));
  return sum_of(g, ek_add(g, large, sum_of(g, x)));
}
static ek_out more_than_there_is(ek_graph *g, ek_out x) { return to_power(g, x, 30000); }    /* 108 TB */
static ek_out more_than_can_be(ek_graph *g, ek_out x) { return to_power(g, x, 2000000000); } /* over 2^64 bytes */
static ek_out mismatched(ek_graph *g, ek_out x) { return sum_of(g, ek_matmul(g, x, x, NULL)); }
static ek_out reshaped(ek_graph *g, ek_out x) { return sum_of(g, ek_reshape(g, x, ek_ints(g, 4, 2))); }

static void huge_in_a_branch(void **state) {
  (void)state;
  only_where_taken(more_than_there_is, "memory");
  only_where_taken(more_than_can_be, "Fill 'cond/Fill'");
}

static void impossible_in_a_branch(void **state) {
  (void)state;
  only_where_taken(mismatched, "MatMul 'cond/MatMul'");
  only_where_taken(reshaped, "Reshape 'cond/Reshape'");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_loop_allocates_nothing), cmocka_unit_test(huge_in_a_branch),
                                     cmocka_unit_test(impossible_in_a_branch)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
