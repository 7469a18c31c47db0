/* SPDX-License-Identifier: Apache-2.0 */
/* Random graphs of elementwise ops, views, branches, variables and control edges: whatever the planner does with
 * memory, constants and branches, fetches and variables have the same bits as when it does nothing. */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <string.h>

enum { GRAPHS = 300, NODES = 60, FETCHES = 6, VARIABLES = 2, RUNS = 3, WIDTH = 5 };
enum { EVERY_PASS = EK_PASS_FOLD | EK_PASS_INPLACE | EK_PASS_REUSE | EK_PASS_SINK | EK_PASS_FUSE };

typedef struct random_graph {
  ek_graph *g;
  ek_out x, flag;
  ek_variable v[VARIABLES];
  ek_op init, writes[NODES];
  int n_writes;
  ek_out fetches[FETCHES];
} random_graph;

static uint32_t state;

static uint32_t draw(uint32_t n) { /* xorshift: the same graphs everywhere */
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state % n;
}

static ek_out op1(ek_graph *g, const char *type, ek_out x) {
  return ek_op_output(ek_build(g, type, EK_OUTS(x), EK_NO_ATTRS), 0);
}
static ek_op op2(ek_graph *g, const char *type, ek_out x, ek_out y) {
  return ek_build(g, type, EK_OUTS(x, y), EK_NO_ATTRS);
}

/* There and back through another shape: two views. */
static ek_out reshaped(ek_graph *g, ek_out x) {
  return ek_op_output(op2(g, "Reshape", ek_op_output(op2(g, "Reshape", x, ek_ints(g, WIDTH, 1)), 0), ek_ints(g, WIDTH)),
                      0);
}

static ek_out branches(ek_graph *g, ek_out pred, ek_out a, ek_out b) {
  ek_cond_block c;
  EK_COND(g, pred, c) {
    EK_THEN(c) { ek_cond_yield(&c, draw(2) != 0 ? op1(g, "Sigmoid", a) : a); }
    EK_ELSE(c) { ek_cond_yield(&c, ek_op_output(op2(g, "Mul", b, draw(2) != 0 ? a : b), 0)); }
  }
  return ek_cond_result(&c, 0);
}

static random_graph make(uint32_t seed) {
  static const char *const unary[] = {"Neg", "Sigmoid", "Identity", "Tanh"};
  static const char *const binary[] = {"AddV2", "Mul", "Sub", "Maximum"};
  random_graph r = {.g = ek_graph_new(NULL)};
  ek_graph *g = r.g;
  ek_out at[NODES];
  state = seed * 2654435761u + 1u;
  ek_set_random_seed(g, 1);
  r.x = ek_placeholder(g, EK_FLOAT32, ek_shape(WIDTH), "x");
  r.flag = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "flag");
  for (int i = 0; i < VARIABLES; i++)
    r.v[i] =
        ek_variable_from(g, ek_random_uniform_initializer(-1, 1), ek_shape(WIDTH), EK_VARIABLE(.use_resource = i == 1));
  at[0] = r.x;
  at[1] = ek_variable_value(g, r.v[0]);
  at[2] = ek_op_output(op2(g, "Fill", ek_ints(g, WIDTH), ek_number(g, 0.5)), 0);
  for (int i = 3; i < NODES; i++) {
    const ek_out a = at[draw((uint32_t)i)], b = at[draw((uint32_t)i)];
    const ek_ops after = {r.writes, r.n_writes > 0 && draw(4) == 0 ? 1 + (int)draw((uint32_t)r.n_writes) : 0};
    ek_control_dependencies_begin(g, after);
    switch (draw(8)) {
    case 0: at[i] = reshaped(g, a); break;
    case 1: at[i] = branches(g, r.flag, a, b); break;
    case 2: at[i] = ek_variable_value(g, r.v[draw(VARIABLES)]); break;
    case 3: {
      const ek_variable v = r.v[draw(VARIABLES)];
      const ek_op write = ek_variable_update(g, v, EK_ASSIGN_ADD, op1(g, "Sigmoid", a));
      r.writes[r.n_writes++] = write;
      at[i] = b;
      break;
    }
    case 4:
    case 5: at[i] = op1(g, unary[draw(4)], a); break;
    default: at[i] = ek_op_output(op2(g, binary[draw(4)], a, b), 0); break;
    }
    ek_control_dependencies_end(g);
  }
  for (int i = 0; i < FETCHES; i++) r.fetches[i] = op1(g, "Identity", at[NODES - 1 - i]);
  r.init = ek_global_variables_initializer(g);
  return r;
}

/* Everything that can be seen from outside: the fetches of all runs, then the variables. */
static void observe(const random_graph *r, unsigned without, float *seen) {
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(r->g, EK_SESSION(.without_passes = without, .threads = 1), &st);
  if (s == NULL) print_error("%s\n", st.msg);
  assert_non_null(s);
  assert_int_equal(ek_session_run_op(s, r->init, &st), EK_OK);
  const float numbers[WIDTH] = {-1.5f, -0.25f, 0.0f, 0.5f, 2.0f};
  ek_tensor *x = ek_tensor_from(EK_FLOAT32, ek_shape(WIDTH), numbers, &st);
  ek_fetch fetches[FETCHES];
  for (int i = 0; i < FETCHES; i++) fetches[i] = EK_FETCH(r->fetches[i]);
  for (int run = 0; run < RUNS; run++) {
    ek_tensor *flag = ek_tensor_bool(run % 2 == 0, &st), *out[FETCHES];
    const ek_feed feeds[] = {EK_FEED(r->x, x), EK_FEED(r->flag, flag)};
    (void)ek_session_run(s, feeds, 2, fetches, FETCHES, out, r->writes, r->n_writes, NULL, &st);
    if (st.code != EK_OK) print_error("%s\n", st.msg);
    assert_int_equal(st.code, EK_OK);
    for (int i = 0; i < FETCHES; i++) {
      memcpy(seen, ek_tensor_data(out[i]), WIDTH * sizeof *seen);
      seen += WIDTH;
      ek_tensor_free(out[i]);
    }
    ek_tensor_free(flag);
  }
  for (int i = 0; i < VARIABLES; i++) {
    ek_tensor *t = ek_session_get_variable(s, r->v[i], &st);
    memcpy(seen, ek_tensor_data(t), WIDTH * sizeof *seen);
    seen += WIDTH;
    ek_tensor_free(t);
  }
  ek_tensor_free(x);
  ek_session_free(s);
}

static void passes_change_no_bit(void **unused) {
  (void)unused;
  enum { SEEN = (RUNS * FETCHES + VARIABLES) * WIDTH };
  static const unsigned choices[] = {0, EK_PASS_FOLD, EK_PASS_INPLACE, EK_PASS_REUSE, EK_PASS_SINK, EK_PASS_FUSE};
  for (uint32_t seed = 0; seed < GRAPHS; seed++) {
    const random_graph r = make(seed);
    float want[SEEN], got[SEEN];

    observe(&r, EVERY_PASS, want);
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
      observe(&r, choices[i], got);
      for (int k = 0; k < SEEN; k++)
        if (memcmp(&want[k], &got[k], sizeof want[k]) != 0) {
          print_error("graph %u without passes %u: number %d is %.9g, not %.9g\n", seed, choices[i], k, (double)got[k],
                      (double)want[k]);
          fail();
        }
    }
    ek_graph_free(r.g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(passes_change_no_bit)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
