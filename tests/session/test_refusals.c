/* SPDX-License-Identifier: Apache-2.0 */
/* What a session refuses, and in which words; and that it costs nothing to keep. */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

typedef struct branches { /* y = p ? x : 2 x */
  ek_graph *g;
  ek_out p, x, inside, y;
  ek_tensor *yes, *no, *in;
} branches;

static branches branches_new(void) {
  branches b = {.g = ek_graph_new(NULL)};
  b.p = ek_placeholder(b.g, EK_BOOL, ek_shape_scalar(), "p");
  b.x = ek_placeholder(b.g, EK_FLOAT32, ek_shape(2), "x");
  ek_cond_block c;
  EK_COND(b.g, b.p, c) {
    EK_THEN(c) { ek_cond_yield(&c, b.inside = ek_identity(ek_named(b.g, "inside"), b.x)); }
    EK_ELSE(c) { ek_cond_yield(&c, ek_multiply(b.g, b.x, ek_number(b.g, 2))); }
  }
  b.y = ek_cond_result(&c, 0);
  b.yes = ek_tensor_bool(true, NULL);
  b.no = ek_tensor_bool(false, NULL);
  b.in = ek_tensor_from(EK_FLOAT32, ek_shape(2), (const float[]){1, 2}, NULL);
  return b;
}

static void branches_free(branches *b) {
  ek_tensor_free(b->yes);
  ek_tensor_free(b->no);
  ek_tensor_free(b->in);
  ek_graph_free(b->g);
}

static void refused(ek_session *s, const ek_feed *feeds, int n, ek_fetch fetch, const ek_op *target, ek_code code,
                    const char *words) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = NULL;
  assert_int_equal(ek_session_run(s, feeds, n, &fetch, target == NULL, &t, target, target != NULL, NULL, &st), code);
  assert_null(t);
  if (strstr(st.msg, words) == NULL) fail_msg("'%s' does not say '%s'", st.msg, words);
}

static void what_a_branch_makes_is_not_fetched(void **state) {
  (void)state;
  branches b = branches_new();
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(b.g, NULL, &st);
  const ek_feed feeds[] = {EK_FEED(b.p, b.yes), EK_FEED(b.x, b.in)};
  const char *const names[] = {"cond/inside:0", "cond/inside", "cond/Switch:1", "cond/switch_t", "cond/pred_id"};
  const char *const words = "has been marked as not fetchable";
  refused(s, feeds, 2, EK_FETCH(b.inside), NULL, EK_INVALID_ARGUMENT, words);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    refused(s, feeds, 2, EK_FETCH_NAME(names[i]), NULL, EK_INVALID_ARGUMENT, words);
  const ek_op target = ek_out_op(b.inside);
  refused(s, feeds, 2, EK_FETCH(b.y), &target, EK_INVALID_ARGUMENT, words);
  assert_null(ek_session_make_callable(s, NULL, 0, NULL, 0, &target, 1, &st));
  assert_non_null(strstr(st.msg, words));
  ek_session_free(s);
  branches_free(&b);
}

/* What waits outside for an op of a branch waits where that branch is taken, and else for nothing. */
static void what_waits_for_a_dead_op_is_alive(void **state) {
  (void)state;
  branches b = branches_new();
  ek_status st = EK_STATUS_INIT;
  ek_out z = {0, 0};
  EK_CONTROL_DEPENDENCIES (b.g, EK_OPS(ek_out_op(b.inside))) {
    z = ek_identity(ek_named(b.g, "z"), b.x);
  }
  ek_session *s = ek_session_new(b.g, NULL, &st);
  const ek_feed live[] = {EK_FEED(b.p, b.yes), EK_FEED(b.x, b.in)}, dead[] = {EK_FEED(b.p, b.no), EK_FEED(b.x, b.in)};
  ek_tensor *t = NULL;
  assert_int_equal(ek_session_run(s, dead, 2, &EK_FETCH(z), 1, &t, NULL, 0, NULL, &st), EK_OK);
  assert_true(ek_tensor_equal(t, b.in));
  ek_tensor_free(t);
  assert_int_equal(ek_session_run(s, live, 2, &EK_FETCH(z), 1, &t, NULL, 0, NULL, &st), EK_OK);
  ek_tensor_free(t);
  ek_session_free(s);
  branches_free(&b);
}

static void feeds_that_do_not_fit(void **state) {
  (void)state;
  branches b = branches_new();
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(b.g, NULL, &st);
  ek_tensor *three = ek_tensor_new(EK_FLOAT32, ek_shape(3), NULL, NULL), *t = NULL;
  const ek_feed wide[] = {EK_FEED(b.p, b.yes), EK_FEED(b.x, three)},
                twice[] = {EK_FEED(b.p, b.yes), EK_FEED(b.x, b.in), EK_FEED_NAME("x:0", b.in)},
                number[] = {EK_FEED(b.p, b.in), EK_FEED(b.x, b.in)}, beyond[] = {EK_FEED_NAME("x:3", b.in)},
                branch[] = {EK_FEED(b.p, b.yes), EK_FEED(b.x, b.in), EK_FEED_NAME("cond/inside", b.in)};
  refused(s, wide, 2, EK_FETCH(b.y), NULL, EK_INVALID_ARGUMENT, "Cannot feed value of shape [3] for Tensor 'x:0'");
  refused(s, twice, 3, EK_FETCH(b.y), NULL, EK_INVALID_ARGUMENT, "feed 'x:0' is given twice");
  refused(s, number, 2, EK_FETCH(b.y), NULL, EK_INVALID_ARGUMENT, "the tensor is float32, it must be bool");
  refused(s, beyond, 1, EK_FETCH(b.y), NULL, EK_NOT_FOUND, "feed 'x:3'");
  refused(s, NULL, 0, EK_FETCH_NAME("y"), NULL, EK_NOT_FOUND, "fetch 'y'");
  refused(s, NULL, 0, EK_FETCH(b.y), NULL, EK_INVALID_ARGUMENT, "You must feed a value for placeholder tensor");
  assert_int_equal(ek_session_run(s, branch, 3, &EK_FETCH(b.y), 1, &t, NULL, 0, NULL, &st), EK_OK); /* may be fed */
  ek_tensor_free(t);
  const ek_out same[] = {b.x, b.x};
  assert_null(ek_session_make_callable(s, same, 2, &EK_FETCH(b.y), 1, NULL, 0, &st));
  assert_non_null(strstr(st.msg, "feed 'x:0' is given twice"));
  ek_tensor_free(three);
  ek_session_free(s);
  branches_free(&b);
}

/* ---- what a session keeps */

typedef struct counted {
  long live_bytes;
} counted;

static void *counted_alloc(void *ctx, size_t size, size_t align) {
  ((counted *)ctx)->live_bytes += (long)size;
  return aligned_alloc(align, (size + align - 1) / align * align);
}

static void counted_free(void *ctx, void *p, size_t size) {
  ((counted *)ctx)->live_bytes -= (long)size;
  free(p);
}

/* Plans for more batch sizes than are kept, and values read again and again: no more memory than after the first time
 * round. */
static void what_a_session_keeps_is_bounded(void **state) {
  (void)state;
  enum { SIZES = 6, ROUNDS = 4, READS = 1000 };
  counted memory = {0};
  const ek_allocator a = {counted_alloc, counted_free, &memory};
  ek_graph *g = ek_graph_new(NULL);
  ek_status st = EK_STATUS_INIT;
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 3), "x");
  const ek_variable w = ek_get_variable(g, "w", ek_shape(3, 4), NULL);
  const ek_out y = ek_reduce_mean_all(g, ek_matmul(g, x, ek_variable_value(g, w), NULL));
  const ek_op init = ek_global_variables_initializer(g);
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  opts.allocator = &a;
  opts.max_plans = 2;
  ek_session *s = ek_session_new(g, &opts, &st);
  assert_int_equal(ek_session_run_op(s, init, &st), EK_OK);
  long after_first = 0;
  for (int round = 0; round < ROUNDS; round++) {
    for (int rows = 1; rows <= SIZES; rows++) {
      ek_tensor *in = ek_tensor_new(EK_FLOAT32, ek_shape(rows, 3), NULL, NULL), *out = NULL;
      for (int again = 0; again < 2; again++) {
        assert_int_equal(ek_session_run(s, &EK_FEED(x, in), 1, &EK_FETCH(y), 1, &out, NULL, 0, NULL, &st), EK_OK);
        ek_tensor_free(out);
      }
      ek_tensor_free(in);
    }
    for (int i = 0; i < READS; i++) ek_tensor_free(ek_session_get_variable(s, w, &st));
    if (round == 0) after_first = memory.live_bytes;
    assert_int_equal(memory.live_bytes, after_first);
  }
  ek_session_free(s);
  assert_int_equal(memory.live_bytes, 0);
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_a_branch_makes_is_not_fetched), cmocka_unit_test(what_waits_for_a_dead_op_is_alive),
      cmocka_unit_test(feeds_that_do_not_fit), cmocka_unit_test(what_a_session_keeps_is_bounded)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
