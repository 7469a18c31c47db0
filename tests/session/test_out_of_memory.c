/* SPDX-License-Identifier: Apache-2.0 */
/* Building, differentiating, planning and running while the N-th allocation fails, for every N: each time
 * RESOURCE_EXHAUSTED, nothing leaked, everything still freeable. */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

typedef struct failing {
  long countdown; /* the allocation that fails; 0: none */
  long made, live;
} failing;

static void *failing_alloc(void *ctx, size_t size, size_t align) {
  failing *f = ctx;
  f->made++;
  if (f->countdown > 0 && --f->countdown == 0) return NULL;
  f->live++;
  return aligned_alloc(align, (size + align - 1) / align * align);
}

static void failing_free(void *ctx, void *p, size_t size) {
  (void)size;
  ((failing *)ctx)->live--;
  free(p);
}

static ek_out op2(ek_graph *g, const char *type, ek_out x, ek_out y) {
  return ek_op_output(ek_build(g, type, EK_OUTS(x, y), EK_NO_ATTRS), 0);
}

/* One unit with a squared error: variables, a cond, gradients, an update, two steps. Returns the first error. */
static ek_code train(const ek_allocator *a) {
  ek_graph_opts opts = EK_GRAPH_OPTS_INIT;
  ek_status st = EK_STATUS_INIT;
  opts.allocator = a;
  ek_graph *g = ek_graph_new(&opts);
  if (g == NULL) return EK_RESOURCE_EXHAUSTED;
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 4), "x");
  const ek_out t = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "t");
  const ek_variable w = ek_get_variable(g, "w", ek_shape(4), NULL);
  ek_out y = ek_op_output(ek_build(g, "Sigmoid", EK_OUTS(op2(g, "Mul", x, ek_variable_value(g, w))), EK_NO_ATTRS), 0);
  ek_cond_block c;
  EK_COND(g, t, c) {
    EK_THEN(c) { ek_cond_yield(&c, op2(g, "Mul", y, ek_number(g, 2.0))); }
    EK_ELSE(c) { ek_cond_yield(&c, y); }
  }
  y = ek_cond_result(&c, 0);
  const ek_out handle = ek_variable_handle(g, w);
  ek_out dw = {0, 0};
  ek_gradients(g, EK_OUTS(y), EK_OUTS(handle), NULL, &dw);
  const ek_op step = ek_build(g, "ApplyGradientDescent", EK_OUTS(handle, ek_number(g, 0.5), dw), EK_NO_ATTRS);
  const ek_op init = ek_global_variables_initializer(g);
  ek_session *s = ek_session_new(g, NULL, &st);
  ek_graph_free(g);
  if (s == NULL && st.code != EK_RESOURCE_EXHAUSTED) print_error("%s\n", st.msg);
  if (s == NULL) return st.code;
  static const float ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  ek_tensor *in = ek_tensor_from(EK_FLOAT32, ek_shape(2, 4), ones, NULL), *yes = ek_tensor_bool(true, NULL);
  const ek_feed feeds[] = {EK_FEED(x, in), EK_FEED(t, yes)};
  ek_code rc = ek_session_run_op(s, init, &st);
  for (int i = 0; i < 2 && rc == EK_OK; i++) {
    ek_tensor *out = NULL;
    rc = ek_session_run(s, feeds, 2, &EK_FETCH(y), 1, &out, &step, 1, NULL, &st);
    assert_true((out != NULL) == (rc == EK_OK));
    ek_tensor_free(out);
  }
  if (rc != EK_OK) { /* the session survives: with memory again, the same run works or says what is not initialised */
    const ek_code again = ek_session_run(s, feeds, 2, NULL, 0, NULL, &step, 1, NULL, NULL);
    assert_true(again == EK_OK || again == EK_FAILED_PRECONDITION);
  }
  ek_tensor_free(in);
  ek_tensor_free(yes);
  ek_session_free(s);
  if (rc != EK_OK && rc != EK_RESOURCE_EXHAUSTED) print_error("%s\n", st.msg);
  return rc;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  failing f = {0};
  const ek_allocator a = {failing_alloc, failing_free, &f};
  long n = 1;
  do { /* until a whole run needs fewer than n */
    f = (failing){.countdown = n};
    const ek_code rc = train(&a);
    if (f.live != 0) print_error("allocation %ld: %ld blocks leaked\n", n, f.live);
    assert_int_equal(f.live, 0);
    const ek_code want = f.made >= n ? EK_RESOURCE_EXHAUSTED : EK_OK;
    if (rc != want) print_error("allocation %ld: code %d\n", n, (int)rc);
    assert_int_equal(rc, want);
    assert_true(n++ < 100000);
  } while (f.made >= n - 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
