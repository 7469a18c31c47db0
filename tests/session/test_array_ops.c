/* SPDX-License-Identifier: Apache-2.0 */
/* Array ops as a session runs them: checks that must happen, and shapes that only values tell. */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <math.h>
#include <string.h>

static ek_tensor *floats(ek_shape shape, const float *v) { return ek_tensor_from(EK_FLOAT32, shape, v, NULL); }

static ek_code run(ek_session *s, const ek_feed *feeds, int n, ek_out out, ek_tensor **t, ek_status *st) {
  ek_status_clear(st);
  *t = NULL;
  return ek_session_run(s, feeds, n, &EK_FETCH(out), 1, t, NULL, 0, NULL, st);
}

static void numbers_are_checked_in_every_run(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(2), "x"), y = ek_check_numerics(g, x, "here");
  ek_session *s = ek_session_new(g, NULL, &st);
  ek_tensor *good = floats(ek_shape(2), (const float[]){1, 2}),
            *bad = floats(ek_shape(2), (const float[]){1, (float)NAN}), *out = NULL;
  assert_int_equal(run(s, &EK_FEED(x, good), 1, y, &out, &st), EK_OK);
  assert_true(ek_tensor_equal(out, good));
  ek_tensor_free(out);
  assert_int_equal(run(s, &EK_FEED(x, bad), 1, y, &out, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "here : Tensor had NaN values"));
  ek_tensor_free(good);
  ek_tensor_free(bad);
  ek_session_free(s);
  ek_graph_free(g);
}

static void a_shape_may_be_fed(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape_unknown(), "x"),
               shape = ek_placeholder(g, EK_INT32, ek_shape(-1), "shape"), y = ek_reshape(g, x, shape);
  ek_session *s = ek_session_new(g, NULL, &st);
  ek_tensor *in = floats(ek_shape(6), (const float[]){0, 1, 2, 3, 4, 5}), *out = NULL,
            *two = ek_tensor_from(EK_INT32, ek_shape(2), (const int32_t[]){-1, 2}, NULL),
            *bad = ek_tensor_from(EK_INT32, ek_shape(2), (const int32_t[]){4, 2}, NULL);
  const ek_feed feeds[] = {EK_FEED(x, in), EK_FEED(shape, two)}, wrong[] = {EK_FEED(x, in), EK_FEED(shape, bad)};
  assert_int_equal(run(s, feeds, 2, y, &out, &st), EK_OK);
  assert_true(ek_shape_equal(ek_tensor_shape(out), ek_shape(3, 2)));
  assert_true(ek_tensor_number(out, 5) == 5);
  ek_tensor_free(out);
  assert_int_equal(run(s, wrong, 2, y, &out, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "Reshape 'Reshape'"));
  ek_tensor_free(in);
  ek_tensor_free(two);
  ek_tensor_free(bad);
  ek_session_free(s);
  ek_graph_free(g);
}

static void sizes_may_depend_on_values(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1), "x"), index = ek_where_true(g, x);
  const ek_out flat = ek_reshape(g, index, ek_ints(g, -1)), y = ek_gather(g, x, flat, ek_integer(g, 0), NULL);
  assert_int_equal(ek_graph_status(g, &st), EK_OK);
  ek_session *s = ek_session_new(g, NULL, &st);
  ek_tensor *in = floats(ek_shape(4), (const float[]){0, 7, 0, 9}), *out = NULL;
  for (int i = 0; i < 2; i++) {
    assert_int_equal(run(s, &EK_FEED(x, in), 1, y, &out, &st), EK_OK);
    assert_true(ek_shape_equal(ek_tensor_shape(out), ek_shape(2)));
    assert_true(ek_tensor_number(out, 0) == 7 && ek_tensor_number(out, 1) == 9);
    ek_tensor_free(out);
  }
  ek_tensor_free(in);
  ek_session_free(s);
  ek_graph_free(g);
}

/* One output's shape is known while planning, the other's is not. */
static void a_size_beside_a_shape(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_INT64, ek_shape(-1), "x");
  const ek_op unique = ek_build(g, "Unique", EK_OUTS(x), EK_NO_ATTRS);
  const ek_out idx = ek_op_output(unique, 1), view = ek_reshape(g, idx, ek_ints(g, 2, 2));
  ek_session *s = ek_session_new(g, NULL, &st);
  ek_tensor *in = ek_tensor_from(EK_INT64, ek_shape(4), (const int64_t[]){5, 6, 6, 7}, NULL), *out[3];
  const ek_fetch fetches[] = {EK_FETCH(idx), EK_FETCH(view), EK_FETCH(ek_op_output(unique, 0))};
  static const int32_t want[] = {0, 1, 1, 2};
  for (int n = 1; n <= 3; n++)
    for (int again = 0; again < 2; again++) {
      assert_int_equal(ek_session_run(s, &EK_FEED(x, in), 1, fetches, n, out, NULL, 0, NULL, &st), EK_OK);
      for (int i = 0; i < n && i < 2; i++) assert_memory_equal(ek_tensor_data(out[i]), want, sizeof want);
      if (n == 3) assert_true(ek_tensor_num_elements(out[2]) == 3 && ek_tensor_number(out[2], 2) == 7);
      for (int i = 0; i < n; i++) ek_tensor_free(out[i]);
    }
  ek_tensor_free(in);
  ek_session_free(s);
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_checked_in_every_run),
      cmocka_unit_test(a_shape_may_be_fed),
      cmocka_unit_test(sizes_may_depend_on_values),
      cmocka_unit_test(a_size_beside_a_shape),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
