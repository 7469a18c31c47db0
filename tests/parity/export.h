/* SPDX-License-Identifier: Apache-2.0 */
/* Trains a network with images, labels and maybe is_training fed, and leaves for run.py what README.md says. */
#ifndef EK_TESTS_PARITY_EXPORT_H
#define EK_TESTS_PARITY_EXPORT_H

#include "evenkeel/evenkeel.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 20, BATCH = 60, PIXELS = 64, CLASSES = 10, MAX_VARIABLES = 1024 };

#define GOOD(call_)                                                                                                    \
  do {                                                                                                                 \
    ek_status st = EK_STATUS_INIT;                                                                                     \
    if (!(call_)) fail_msg("%s: %s", #call_, st.msg);                                                                  \
  } while (0)

static const char *const export_folder = EK_TEST_TMP "/exports";

static inline const char *path_of(const char *name, const char *end) {
  static char path[512];
  (void)snprintf(path, sizeof path, "%s/%s%s", export_folder, name, end);
  return path;
}

static inline uint32_t draw(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

/* What is fed, of all steps. */
typedef struct feeds {
  int steps;
  ek_tensor *images, *labels, *is_training;
  bool is_fed; /* there is a placeholder is_training */
} feeds;

static inline feeds make_feeds(ek_dtype images, int steps, bool is_fed) {
  feeds f = {.steps = steps, .is_fed = is_fed};
  GOOD(f.images = ek_tensor_new(images, ek_shape(steps, BATCH, PIXELS), NULL, &st));
  GOOD(f.labels = ek_tensor_new(EK_INT64, ek_shape(steps, BATCH), NULL, &st));
  GOOD(f.is_training = ek_tensor_new(EK_BOOL, ek_shape(steps), NULL, &st));
  uint32_t state = 1;
  void *pixels = ek_tensor_mutable_data(f.images);
  for (int i = 0; i < steps * BATCH * PIXELS; i++) {
    const double pixel = draw(&state) / (double)(1 << 24);
    if (images == EK_FLOAT64)
      ((double *)pixels)[i] = pixel;
    else
      ((float *)pixels)[i] = (float)pixel;
  }
  int64_t *label = ek_tensor_mutable_data(f.labels);
  for (int i = 0; i < steps * BATCH; i++) label[i] = draw(&state) % CLASSES;
  memset(ek_tensor_mutable_data(f.is_training), 1, (size_t)steps);
  return f;
}

/* A view of step k: all.shape without its first dimension. */
static inline ek_tensor *at_step(ek_tensor *all, int k) {
  const ek_shape whole = ek_tensor_shape(all);
  const size_t bytes = ek_tensor_size_bytes(all) / (size_t)whole.dim[0];
  ek_tensor *t = NULL;
  GOOD(t = ek_tensor_from(ek_tensor_dtype(all), ek_shape_of(whole.dim + 1, whole.rank - 1),
                          (const char *)ek_tensor_data(all) + (size_t)k * bytes, &st));
  return t;
}

static inline void write_feeds(const char *name, const feeds *f) {
  ek_npz_writer *w = NULL;
  GOOD(w = ek_npz_writer_new(path_of(name, ".feeds.npz"), true, &st));
  GOOD(ek_npz_writer_add(w, "images", f->images, &st) == EK_OK);
  GOOD(ek_npz_writer_add(w, "labels", f->labels, &st) == EK_OK);
  if (f->is_fed) GOOD(ek_npz_writer_add(w, "is_training", f->is_training, &st) == EK_OK);
  GOOD(ek_npz_writer_finish(w, &st) == EK_OK);
  ek_npz_writer_free(w);
}

static inline void initialize(ek_session *s, ek_variables variables) {
  ek_op initializers[MAX_VARIABLES];
  assert_in_range(variables.n, 1, MAX_VARIABLES);
  for (int i = 0; i < variables.n; i++) initializers[i] = ek_variable_initializer(ek_session_graph(s), variables.at[i]);
  GOOD(ek_session_run(s, NULL, 0, NULL, 0, NULL, initializers, variables.n, NULL, &st) == EK_OK);
}

/* Trains, and gives the losses of the steps. */
static inline ek_tensor *train(ek_session *s, const feeds *f) {
  const ek_op target = ek_graph_find_op(ek_session_graph(s), "train");
  const ek_fetch fetch = EK_FETCH_NAME("loss");
  const ek_dtype dtype = ek_out_dtype(ek_session_graph(s), ek_graph_find_out(ek_session_graph(s), "loss"));
  const size_t bytes = ek_dtype_size(dtype);
  ek_tensor *losses = NULL;
  GOOD(losses = ek_tensor_new(dtype, ek_shape(f->steps), NULL, &st));
  for (int k = 0; k < f->steps; k++) {
    const ek_feed fed[] = {EK_FEED_NAME("images", at_step(f->images, k)), EK_FEED_NAME("labels", at_step(f->labels, k)),
                           EK_FEED_NAME("is_training", at_step(f->is_training, k))};
    ek_tensor *loss = NULL;
    GOOD(ek_session_run(s, fed, f->is_fed ? 3 : 2, &fetch, 1, &loss, &target, 1, NULL, &st) == EK_OK);
    memcpy((char *)ek_tensor_mutable_data(losses) + (size_t)k * bytes, ek_tensor_data(loss), bytes);
    ek_tensor_free(loss);
    for (int i = 0; i < 3; i++) ek_tensor_free(fed[i].value);
  }
  return losses;
}

static inline void write_numbers(const char *name, ek_session *s, ek_tensor *losses, ek_variables variables) {
  ek_npz_writer *w = NULL;
  GOOD(w = ek_npz_writer_new(path_of(name, ".numbers.npz"), true, &st));
  GOOD(ek_npz_writer_add(w, "loss", losses, &st) == EK_OK);
  for (int i = 0; i < variables.n; i++) {
    ek_tensor *value = NULL;
    GOOD(value = ek_session_get_variable(s, variables.at[i], &st));
    GOOD(ek_npz_writer_add(w, ek_variable_name(ek_session_graph(s), variables.at[i]), value, &st) == EK_OK);
    ek_tensor_free(value);
  }
  GOOD(ek_npz_writer_finish(w, &st) == EK_OK);
  ek_npz_writer_free(w);
}

/* Takes the graph, which has loss and train and no error. limit: what no loss comes near. */
static inline void export_graph(const char *name, ek_graph *g, int steps, double limit) {
  ek_saver *saver = ek_train_saver_new(g, NULL);
  GOOD(ek_graph_status(g, &st) == EK_OK);
  ek_session *s = NULL;
  GOOD(s = ek_session_new(g, NULL, &st));
  const ek_variables variables = ek_get_collection_variables(g, EK_GLOBAL_VARIABLES, NULL);
  initialize(s, variables);
  GOOD(ek_train_saver_save(saver, s, path_of(name, ""), EK_TRAIN_SAVE(.write_state = false), NULL, &st) == EK_OK);

  const ek_dtype images = ek_out_dtype(g, ek_graph_find_out(g, "images"));
  const feeds f = make_feeds(images, steps, ek_graph_find_op(g, "is_training").id != 0);
  ek_tensor *losses = train(s, &f);
  for (int k = 0; k < steps; k++) assert_true(ek_tensor_number(losses, k) < limit); /* NaN fails */
  write_feeds(name, &f);
  write_numbers(name, s, losses, variables);
  ek_tensor_free(losses);
  ek_tensor_free(f.images), ek_tensor_free(f.labels), ek_tensor_free(f.is_training);
  ek_session_free(s);
  ek_train_saver_free(saver);
  ek_graph_free(g);
}

#endif
