/* SPDX-License-Identifier: Apache-2.0 */
/* Every line of tests/golden/numbers/random.txt: TensorFlow's bits, of the first and of the second run. */
#include "ops/harness.h"

#include <inttypes.h>
#include <stdio.h>
#include <zlib.h>

typedef struct line {
  char op[32], dtype[16], bits[1024];
  int64_t low, high, seed, seed2;
  ek_shape shape;
  int run;
} line;

static bool value_of(const char *text, const char *key, char *out, size_t size) {
  const char *at = strstr(text, key);
  if (at == NULL) return false;
  at += strlen(key);
  const size_t n = strcspn(at, " :\n");
  if (n >= size) return false;
  memcpy(out, at, n);
  out[n] = '\0';
  return true;
}

static bool parse(const char *text, line *l) {
  char word[64];
  *l = (line){.shape = {.rank = 0}};
  if (sscanf(text, "%31s %15s", l->op, l->dtype) != 2) return false;
  if (value_of(text, " minval=", word, sizeof word)) l->low = strtoll(word, NULL, 10);
  if (value_of(text, " maxval=", word, sizeof word)) l->high = strtoll(word, NULL, 10);
  if (!value_of(text, " seed=", word, sizeof word)) return false;
  l->seed = strtoll(word, NULL, 10);
  if (!value_of(text, " seed2=", word, sizeof word)) return false;
  l->seed2 = strtoll(word, NULL, 10);
  if (!value_of(text, " shape=", word, sizeof word)) return false;
  for (char *at = word; *at != '\0'; at += *at == 'x') l->shape.dim[l->shape.rank++] = strtoll(at, &at, 10);
  if (!value_of(text, " run=", word, sizeof word)) return false;
  l->run = (int)strtol(word, NULL, 10);
  const char *bits = strstr(text, ": ");
  return bits != NULL && snprintf(l->bits, sizeof l->bits, "%s", bits + 2) < (int)sizeof l->bits;
}

static void compare(const line *l, const ek_tensor *t) {
  char got[1024] = "";
  size_t used = 0;
  const int64_t n = ek_tensor_num_elements(t);
  const size_t size = ek_dtype_size(t->dtype);
  if (n > 64) used = (size_t)snprintf(got, sizeof got, "crc32=%08lx", crc32(0, t->data, (uInt)t->size_bytes));
  for (int64_t i = 0; n <= 64 && i < n; i++)
    used += (size_t)(size == 8 ? snprintf(got + used, sizeof got - used, "%s%016" PRIx64, i > 0 ? " " : "",
                                          ((const uint64_t *)t->data)[i])
                               : snprintf(got + used, sizeof got - used, "%s%08" PRIx32, i > 0 ? " " : "",
                                          ((const uint32_t *)t->data)[i]));
  if (strncmp(got, l->bits, used) != 0 || l->bits[used] != '\n')
    fail_msg("%s %s seed=%" PRId64 " run=%d: %s, not %s", l->op, l->dtype, l->seed, l->run, got, l->bits);
}

static ek_tensor *shape_tensor(ek_shape s) { return ek_tensor_from(EK_INT64, ek_shape(s.rank), s.dim, NULL); }

static ek_op random_op(ek_graph *g, const line *l, ek_dtype dtype) {
  const ek_out shape = op_any(g, EK_INT64);
  const ek_attr attrs[] = {EK_INT_ATTR("seed", l->seed), EK_INT_ATTR("seed2", l->seed2), EK_TYPE_ATTR("dtype", dtype)};
  if (strcmp(l->op, "RandomUniformInt") == 0)
    return ek_build(g, l->op, EK_OUTS(shape, op_any(g, dtype), op_any(g, dtype)), attrs, 2);
  return ek_build(g, l->op, EK_OUTS(shape), attrs, 3);
}

static ek_tensor *integer(ek_dtype dtype, int64_t v) {
  ek_tensor *t = ek_tensor_new(dtype, ek_shape_scalar(), NULL, NULL);
  if (dtype == EK_INT32)
    *(int32_t *)t->data = (int32_t)v;
  else
    *(int64_t *)t->data = v;
  return t;
}

static void bits_are_tensorflows(void **state) {
  (void)state;
  char text[2048];
  FILE *f = fopen(EK_SOURCE_DIR "/tests/golden/numbers/random.txt", "r");
  int lines = 0;
  op_test t = {.n_in = 0};
  assert_non_null(f);
  for (; fgets(text, sizeof text, f) != NULL; lines++) {
    line l;
    if (!parse(text, &l)) fail_msg("not understood: %s", text);
    const ek_dtype dtype = ek_dtype_from_name(l.dtype);
    if (l.run == 1) {
      if (t.g != NULL) op_done(&t);
      ek_graph_free(t.g);
      t = (op_test){.g = ek_graph_new(NULL)};
      t.op = random_op(t.g, &l, dtype);
      t.in[t.n_in++] = shape_tensor(l.shape);
      if (dtype == EK_INT32 || dtype == EK_INT64) {
        t.in[t.n_in++] = integer(dtype, l.low);
        t.in[t.n_in++] = integer(dtype, l.high);
      }
    }
    assert_int_equal(op_run(&t), EK_OK);
    compare(&l, t.out[0]);
  }
  op_done(&t);
  ek_graph_free(t.g);
  (void)fclose(f);
  assert_true(lines > 100);
}

static void without_seeds_two_sessions_differ(void **state) {
  (void)state;
  const line l = {.op = "RandomUniform", .shape = {.rank = 1, .dim = {4}}};
  ek_graph *g = ek_graph_new(NULL);
  op_test a = {.g = g, .op = random_op(g, &l, EK_FLOAT32), .n_in = 1, .in = {shape_tensor(l.shape)}};
  op_test b = {.g = g, .op = a.op, .n_in = 1, .in = {shape_tensor(l.shape)}};
  assert_int_equal(op_run(&a), EK_OK);
  assert_int_equal(op_run(&b), EK_OK);
  assert_false(ek_tensor_equal(a.out[0], b.out[0]));
  ek_tensor *first = ek_tensor_ref(a.out[0]);
  assert_int_equal(op_run(&a), EK_OK);
  assert_false(ek_tensor_equal(first, a.out[0]));
  ek_tensor_free(first);
  op_done(&a);
  op_done(&b);
  ek_graph_free(g);
}

static void halves_lie_in_their_range(void **state) {
  (void)state;
  static const ek_dtype halves[] = {EK_FLOAT16, EK_BFLOAT16};
  for (int i = 0; i < 2; i++) {
    const line l = {.op = "RandomUniform", .seed = 3, .shape = {.rank = 1, .dim = {999}}};
    line z = l;
    strcpy(z.op, "TruncatedNormal");
    ek_graph *g = ek_graph_new(NULL);
    op_test u = {.g = g, .op = random_op(g, &l, halves[i]), .n_in = 1, .in = {shape_tensor(l.shape)}};
    op_test t = {.g = g, .op = random_op(g, &z, halves[i]), .n_in = 1, .in = {shape_tensor(l.shape)}};
    assert_int_equal(op_run(&u), EK_OK);
    assert_int_equal(op_run(&t), EK_OK);
    double sum = 0;
    for (int64_t k = 0; k < 999; k++) {
      const double x = ek_tensor_number(u.out[0], k);
      assert_true(x >= 0 && x < 1 && ek_tensor_number(t.out[0], k) <= 2 && ek_tensor_number(t.out[0], k) >= -2);
      sum += x;
    }
    assert_true(sum > 450 && sum < 550);
    op_done(&u);
    op_done(&t);
    ek_graph_free(g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bits_are_tensorflows),
      cmocka_unit_test(without_seeds_two_sessions_differ),
      cmocka_unit_test(halves_lie_in_their_range),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
