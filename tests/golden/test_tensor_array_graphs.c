/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of cases/tensor_array.py, line by line. */
#include "golden/golden.h"

#define INPUT(g_, ...) ek_placeholder((g_), EK_FLOAT32, ek_shape(__VA_ARGS__), "x")
#define GRADIENTS(g_, ys_, x_)                                                                                         \
  do {                                                                                                                 \
    ek_out dx_[1];                                                                                                     \
    ek_gradients((g_), ys_, EK_OUTS(x_), NULL, dx_);                                                                   \
  } while (0)

static void tensor_array_items(ek_graph *g) {
  const ek_out x = INPUT(g, 2, 3), n = ek_placeholder(g, EK_INT32, ek_shape_scalar(), "n");
  ek_tensor_array ta = ek_tensor_array_new(g, EK_FLOAT32, n, EK_TENSOR_ARRAY(.tensor_array_name = "items"));
  ta = ek_tensor_array_write(g, ta, ek_integer(g, 0), x);
  const ek_out y = ek_tanh(g, x);
  ta = ek_tensor_array_write(ek_named(g, "second"), ta, ek_integer(g, 1), y);
  const ek_out a = ek_tensor_array_read(g, ta, ek_integer(g, 1));
  const ek_out last = OP(ek_named(g, "sub"), "Sub", n, ek_integer(g, 1));
  const ek_out b = ek_tensor_array_read(ek_named(g, "last"), ta, last);
  (void)ek_tensor_array_size(g, ta);
  (void)ek_tensor_array_size(ek_named(g, "how_many"), ta);
  (void)ek_tensor_array_close(g, ta);
  GRADIENTS(g, EK_OUTS(a, b), x);
}
GOLDEN_TEST(tensor_array_items)

static void tensor_array_stack(ek_graph *g) {
  const ek_out x = INPUT(g, 4, 2, 3);
  ek_tensor_array ta = ek_tensor_array_new(g, EK_FLOAT32, ek_integer(g, 4), EK_TENSOR_ARRAY(.clear_after_read = false));
  ta = ek_tensor_array_unstack(g, ta, x);
  const ek_out y = ek_tensor_array_stack(g, ta);
  const ek_out z = ek_tensor_array_gather(ek_named(g, "some"), ta, ek_ints(g, 2, 0));
  GRADIENTS(g, EK_OUTS(y, z), x);
}
GOLDEN_TEST(tensor_array_stack)

static void tensor_array_scatter(ek_graph *g) {
  const ek_out x = INPUT(g, -1, 2);
  ek_tensor_array ta = ek_tensor_array_new(ek_named(g, "grows"), EK_FLOAT32, ek_integer(g, 0),
                                           EK_TENSOR_ARRAY(.dynamic_size = true, .element_shape = ek_shape(2)));
  ta = ek_tensor_array_scatter(ek_named(g, "put"), ta, ek_ints(g, 1, 0), x);
  const ek_out y = ek_tensor_array_stack(ek_named(g, "all"), ta);
  const ek_out n = ek_tensor_array_size(g, ta);
  GRADIENTS(g, EK_OUTS(y), x);
  (void)OP(g, "Identity", n);
}
GOLDEN_TEST(tensor_array_scatter)

static void tensor_array_split(ek_graph *g) {
  const ek_out x = INPUT(g, 6, 2);
  ek_tensor_array ta = ek_tensor_array_new(g, EK_FLOAT32, ek_integer(g, 3), EK_TENSOR_ARRAY(.infer_shape = false));
  ta = ek_tensor_array_split(g, ta, x, ek_ints(g, 1, 3, 2));
  const ek_out y = ek_tensor_array_concat(g, ta);
  ek_tensor_array halves = ek_tensor_array_new(g, EK_FLOAT32, ek_integer(g, 2), NULL);
  halves = ek_tensor_array_split(ek_named(g, "halves"), halves, x, ek_ints(g, 3, 3));
  const ek_out z = ek_tensor_array_concat(ek_named(g, "whole"), halves);
  GRADIENTS(g, EK_OUTS(y, z), x);
}
GOLDEN_TEST(tensor_array_split)

static void tensor_array_flow(ek_graph *g) {
  const ek_out x = INPUT(g, 2), none = {0, 0};
  ek_tensor_array ta =
      ek_tensor_array_new(g, EK_FLOAT32, ek_integer(g, 2), EK_TENSOR_ARRAY(.colocate_with_first_write_call = false));
  ta = ek_tensor_array_write(g, ta, ek_integer(g, 0), x);
  const ek_tensor_array same = ek_tensor_array_identity(g, ta);
  ek_tensor_array gradients = ek_tensor_array_grad(g, same, "gradients", none);
  gradients = ek_tensor_array_write(g, gradients, ek_integer(g, 0), ek_numbers(g, 1.0, 2.0));
  (void)ek_tensor_array_read(g, gradients, ek_integer(g, 0));
  const ek_tensor_array again = ek_tensor_array_grad(ek_named(g, "of_it"), ta, "gradients_1", same.flow);
  (void)ek_tensor_array_stack(g, again);
}
GOLDEN_TEST(tensor_array_flow)

static void tensor_array_integers(ek_graph *g) {
  ek_tensor_array ta = ek_tensor_array_new(g, EK_INT64, ek_integer(g, 2),
                                           EK_TENSOR_ARRAY(.infer_shape = false, .element_shape = ek_shape_scalar()));
  ta = ek_tensor_array_write(g, ta, ek_integer(g, 0), ek_constant_int64(g, 3));
  ta = ek_tensor_array_write(g, ta, ek_integer(g, 1), ek_constant_int64(g, 4));
  (void)ek_tensor_array_stack(g, ta);
}
GOLDEN_TEST(tensor_array_integers)

/* shape[0] */
static ek_out first_of(ek_graph *g, ek_out shape) {
  (void)ek_name_scope_begin(g, "strided_slice");
  const ek_out from = ek_constant_int32s(ek_named(g, "stack"), (const int64_t[]){0}, 1);
  const ek_out to = ek_constant_int32s(ek_named(g, "stack"), (const int64_t[]){1}, 1);
  const ek_out stride = ek_constant_int32s(ek_named(g, "stack"), (const int64_t[]){1}, 1);
  const ek_out n =
      ek_strided_slice(ek_named_scope(g), shape, from, to, stride, EK_STRIDED_SLICE(.shrink_axis_mask = 1));
  ek_name_scope_end(g);
  return n;
}

static void tensor_array_in_while(ek_graph *g) {
  const ek_out x = INPUT(g, -1, 3), shape = OP(g, "Shape", x);
  const ek_out n = first_of(g, shape);
  ek_tensor_array rows = ek_tensor_array_unstack(g, ek_tensor_array_new(g, EK_FLOAT32, n, NULL), x);
  ek_tensor_array sums = ek_tensor_array_new(g, EK_FLOAT32, n, NULL);
  const double zeros[3] = {0, 0, 0};
  const ek_out zero = ek_convert(g, ek_number_list(g, zeros, 3), EK_FLOAT32, "zeros");
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), zero, sums.flow), NULL, w) {
    EK_WHILE_COND(w) {
      (void)ek_tensor_array_at(g, sums, ek_while_var(&w, 2));
      ek_while_test(&w, OP(g, "Less", ek_while_var(&w, 0), n));
    }
    EK_WHILE_BODY(w) {
      const ek_out i = ek_while_var(&w, 0);
      ek_tensor_array now = ek_tensor_array_at(g, sums, ek_while_var(&w, 2));
      const ek_out row = ek_tanh(g, ek_tensor_array_read(g, rows, i));
      const ek_out total = OP(ek_named(g, "add"), "AddV2", ek_while_var(&w, 1), row);
      ek_while_next(&w, OP(ek_named(g, "add"), "AddV2", i, ek_integer(g, 1)));
      now = ek_tensor_array_write(g, now, i, total);
      ek_while_next(&w, total);
      ek_while_next(&w, now.flow);
    }
    sums = ek_tensor_array_at(g, sums, ek_while_result(&w, 2));
  }
  const ek_out y = ek_tensor_array_stack(g, sums);
  GRADIENTS(g, EK_OUTS(y), x);
}
GOLDEN_TEST(tensor_array_in_while)

static void fails(ek_graph *g, const char *word) {
  ek_status st;
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  if (strstr(st.msg, word) == NULL) fail_msg("'%s' lacks '%s'", st.msg, word);
  ek_graph_free(g);
}

static void wrong_values_are_named(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_tensor_array none = {.state = NULL};
  ek_tensor_array ta = ek_tensor_array_new(ek_named(g, "ta"), EK_FLOAT32, ek_integer(g, 2), NULL);
  ta = ek_tensor_array_write(g, ta, ek_integer(g, 0), INPUT(g, 2, 3));
  assert_true(ek_shape_equal(ek_tensor_array_element_shape(ta), ek_shape(2, 3)));
  (void)ek_tensor_array_write(g, ta, ek_integer(g, 1), INPUT(g, 2, 4));
  fails(g, "TensorArray 'ta': Inconsistent shapes: saw [2,4] but expected [2,3]");

  g = ek_graph_new(NULL);
  ta = ek_tensor_array_new(ek_named(g, "ta"), EK_FLOAT32, ek_integer(g, 2), NULL);
  assert_int_equal(ek_tensor_array_dtype(ta), EK_FLOAT32);
  (void)ek_tensor_array_unstack(g, ta, ek_constant_int32s(g, (const int64_t[]){1, 2}, 2));
  fails(g, "TensorArray 'ta': value is int32, the elements are float32");

  g = ek_graph_new(NULL);
  (void)ek_tensor_array_new(g, EK_FLOAT32, none.flow, NULL);
  fails(g, "TensorArray: size must be given");

  g = ek_graph_new(NULL);
  (void)ek_tensor_array_stack(g, none);
  fails(g, "no array, or none that has a flow");

  g = ek_graph_new(NULL);
  (void)ek_tensor_array_new(g, EK_FLOAT32, ek_integer(g, 2), &(ek_tensor_array_opts){.version = 0});
  fails(g, "options of version 0");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tensor_array_items),    cmocka_unit_test(test_tensor_array_stack),
      cmocka_unit_test(test_tensor_array_scatter),  cmocka_unit_test(test_tensor_array_split),
      cmocka_unit_test(test_tensor_array_flow),     cmocka_unit_test(test_tensor_array_integers),
      cmocka_unit_test(test_tensor_array_in_while), cmocka_unit_test(wrong_values_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
