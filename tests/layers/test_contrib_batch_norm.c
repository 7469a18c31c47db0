/* SPDX-License-Identifier: Apache-2.0 */
/* contrib's batch_norm in a session: the three forms, where their updates go, branches of a cond, what is refused. */
#include "layers/numbers.h"

#define BN(...) EK_CONTRIB_BATCH_NORM(.scope = "bn", .decay = 0.9, __VA_ARGS__)

static const double f32 = 2e-6; /* float32, a few sums of numbers near 1 */
static const double worked_x[] = {1, 2, 3, 4};
static const double worked_y[] = {-1.34110445, -0.44703482, 0.44703482, 1.34110445};

typedef struct form {
  const char *name;
  ek_shape shape;
  const char *data_format;
  bool fused;
  bool bessel; /* the moving variance gets the unbiased one */
} form;
#define N_FORMS 6
static void forms_of(form f[N_FORMS]) {
  const form all[N_FORMS] = {
      {"rank 2, fused", ek_shape(4, 1), "NHWC", true, true},
      {"rank 2, NCHW", ek_shape(4, 1), "NCHW", true, true},
      {"rank 4", ek_shape(1, 2, 2, 1), "NHWC", true, true},
      {"rank 4, NCHW", ek_shape(2, 1, 1, 2), "NCHW", true, true},
      {"rank 3", ek_shape(2, 2, 1), "NHWC", true, false},
      {"rank 4, NCHW, not fused", ek_shape(2, 1, 1, 2), "NCHW", false, false},
  };
  memcpy(f, all, sizeof all);
}

static void check_moving(ek_graph *g, ek_session *s, const char *name, double mean, double variance) {
  const double got[] = {number_of(s, variable_named(g, "bn/moving_mean")),
                        number_of(s, variable_named(g, "bn/moving_variance"))};
  assert_all_near(got, (const double[]){mean, variance}, 2, f32, name);
}

enum where { USUAL, OWN, IN_PLACE };

static void check_form(const form *f, enum where where, bool fed) {
  static const char *const keys[] = {EK_UPDATE_OPS, "mine", NULL};
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, f->shape, "x");
  const ek_out flag = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training");
  const ek_out y =
      ek_contrib_batch_norm(g, x,
                            BN(.data_format = f->data_format, .fused = f->fused, .updates_collections = {keys[where]},
                               .is_training = fed ? ek_flag_of(flag) : EK_TRUE));
  assert_true(ek_shape_equal(ek_out_shape(g, y), f->shape));
  const ek_ops updates = where != IN_PLACE ? ek_get_collection_ops(g, keys[where], NULL) : (ek_ops){NULL, 0};
  assert_int_equal(ek_collection_size(g, EK_UPDATE_OPS), where == USUAL ? 2 : 0);
  assert_int_equal(ek_collection_size(g, EK_MODEL_VARIABLES), 3);
  ek_session *s = initialized_session(g);
  ek_tensor *data = floats(f->shape, worked_x), *yes = ek_tensor_bool(true, NULL), *no = ek_tensor_bool(false, NULL);
  ek_feed feeds[] = {EK_FEED(x, data), EK_FEED(flag, yes)};
  double got[4];
  fetch_numbers(s, feeds, 2, y, (ek_ops){NULL, 0}, got, 4);
  assert_all_near(got, worked_y, 4, f32, f->name);
  const double mean = 0.25, variance = f->bessel ? 1.0666666667 : 1.025;
  if (where == IN_PLACE)
    check_moving(g, s, f->name, mean, variance); /* the result alone was asked for */
  else
    check_moving(g, s, f->name, 0.0, 1.0);
  if (where != IN_PLACE) fetch_numbers(s, feeds, 2, y, updates, got, 4);
  check_moving(g, s, f->name, mean, variance);
  if (fed) {
    feeds[1].value = no;
    fetch_numbers(s, feeds, 2, y, updates, got, 4);
    check_moving(g, s, f->name, mean, variance);
    const double inferred = (4.0 - mean) / sqrt(variance + 0.001);
    assert_all_near(&got[3], &inferred, 1, f32, f->name);
  }
  ek_tensor_free(data);
  ek_tensor_free(yes);
  ek_tensor_free(no);
  ek_session_free(s);
  ek_graph_free(g);
}

static void every_form_updates_where_it_is_told(void **state) {
  (void)state;
  form f[N_FORMS];
  forms_of(f);
  for (int i = 0; i < N_FORMS; i++)
    for (enum where where = USUAL; where <= IN_PLACE; where++) {
      check_form(&f[i], where, false);
      check_form(&f[i], where, true);
    }
}

/* One call in each branch, the second with reuse: only the branch that is taken computes and updates. */
static void branches_share_variables(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 1), "x");
  const ek_out flag = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training");
  ek_cond_block c;
  EK_COND(g, flag, c) {
    EK_THEN(c) { ek_cond_yield(&c, ek_contrib_batch_norm(g, x, BN(.updates_collections = {NULL}))); }
    EK_ELSE(c) {
      ek_cond_yield(&c, ek_contrib_batch_norm(
                            g, x, BN(.updates_collections = {NULL}, .is_training = EK_FALSE, .reuse = EK_REUSE)));
    }
  }
  const ek_out y = ek_cond_result(&c, 0);
  ek_session *s = initialized_session(g);
  assert_int_equal(ek_collection_size(g, EK_GLOBAL_VARIABLES), 3);
  ek_tensor *data = floats(ek_shape(4, 1), worked_x), *yes = ek_tensor_bool(true, NULL),
            *no = ek_tensor_bool(false, NULL);
  ek_feed feeds[] = {EK_FEED(x, data), EK_FEED(flag, no)};
  double got[4];
  fetch_numbers(s, feeds, 2, y, (ek_ops){NULL, 0}, got, 4);
  check_moving(g, s, "not training", 0.0, 1.0);
  feeds[1].value = yes;
  fetch_numbers(s, feeds, 2, y, (ek_ops){NULL, 0}, got, 4);
  assert_all_near(got, worked_y, 4, f32, "training");
  check_moving(g, s, "training", 0.25, 1.0666666667);
  ek_tensor_free(data);
  ek_tensor_free(yes);
  ek_tensor_free(no);
  ek_session_free(s);
  ek_graph_free(g);
}

static void a_frozen_one_still_updates(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  (void)ek_contrib_batch_norm(g, ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 3), "x"), BN(.trainable = false));
  (void)ek_contrib_batch_norm(g, ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 2, 2, 3), "y"),
                              EK_CONTRIB_BATCH_NORM(.trainable = false)); /* this one is the layer */
  assert_int_equal(ek_collection_size(g, EK_TRAINABLE_VARIABLES), 0);
  assert_int_equal(ek_collection_size(g, EK_UPDATE_OPS), 2);
  ek_graph_free(g);
}

static void refused(ek_shape shape, const ek_contrib_batch_norm_opts *o, const char *words) {
  ek_graph *g = ek_graph_new(NULL);
  assert_int_equal(ek_contrib_batch_norm(g, ek_placeholder(g, EK_FLOAT32, shape, "x"), o).op, 0);
  assert_refused(g, words);
}

static void wrong_inputs_are_refused(void **state) {
  (void)state;
  const ek_contrib_batch_norm_opts zero = {0};
  refused(ek_shape(-1, 3), BN(.data_format = "CHWN"), "data_format has to be either NCHW or NHWC");
  refused(ek_shape_unknown(), NULL, "undefined rank");
  refused(ek_shape(-1, -1), NULL, "undefined channels");
  refused(ek_shape(-1, -1, 2, 2), BN(.data_format = "NCHW"), "undefined channels");
  refused(ek_shape(3), BN(.data_format = "NCHW"), "undefined channels");
  refused(ek_shape(-1, 3), EK_CONTRIB_BATCH_NORM(.reuse = EK_REUSE), "reuse needs a scope");
  refused(ek_shape(-1, 3), BN(.reuse = EK_REUSE), "bn/beta does not exist");
  refused(ek_shape(-1, 3), &zero, "options of version 0");
  ek_graph *g = ek_graph_new(NULL);
  (void)ek_contrib_l2_regularizer(g, -0.1);
  assert_refused(g, "less than 0");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_form_updates_where_it_is_told),
      cmocka_unit_test(branches_share_variables),
      cmocka_unit_test(a_frozen_one_still_updates),
      cmocka_unit_test(wrong_inputs_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
