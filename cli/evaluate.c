/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate.h"
#include "feeds.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Feeds of one batch; models without one of these tensors do without it. */
typedef struct inputs {
  row_feed at[3];
  int n;
} inputs;

static void inputs_free(inputs *in) {
  for (int i = 0; i < in->n; i++) feed_free(&in->at[i]);
}

static bool inputs_make(inputs *in, ek_graph *g, const examples *e, int64_t batch, bool training, bool labels) {
  in->n = 0;
  if (!feed_images(&in->at[in->n++], g, "images", e, batch)) return false;
  if (labels && !feed_labels(&in->at[in->n++], g, "labels", e, batch)) return false;
  return ek_graph_find_op(g, "is_training").id == 0 || feed_bool(&in->at[in->n++], g, "is_training", training);
}

typedef bool (*take_fn)(void *ctx, ek_tensor *const *fetched, int64_t from, int64_t n);

/* Runs the fetches for every batch in the order of the examples; the last one may be smaller. */
static bool for_batches(ek_session *s, const examples *e, int64_t batch, bool training, const ek_fetch *fetches,
                        int n_fetches, take_fn take, void *ctx) {
  bool good = true;
  int64_t *index = need_memory((size_t)e->n, sizeof *index);
  for (int64_t i = 0; i < e->n; i++) index[i] = i;
  for (int64_t from = 0; from < e->n && good; from += batch) {
    const int64_t n = e->n - from < batch ? e->n - from : batch;
    ek_status st = EK_STATUS_INIT;
    inputs in;
    ek_feed feeds[3];
    ek_tensor *fetched[2];
    good = inputs_make(&in, ek_session_graph(s), e, n, training, n_fetches > 1);
    if (good) {
      feeds_fill(in.at, in.n, index + from, n);
      for (int i = 0; i < in.n; i++) feeds[i] = EK_FEED(in.at[i].out, in.at[i].value);
      good = ek_session_run(s, feeds, in.n, fetches, n_fetches, fetched, NULL, 0, NULL, &st) == EK_OK;
      if (!good) (void)fail_status("eval", NULL, &st);
    }
    if (good) {
      good = take(ctx, fetched, from, n);
      for (int i = 0; i < n_fetches; i++) ek_tensor_free(fetched[i]);
    }
    inputs_free(&in);
  }
  free(index);
  return good;
}

static bool add_scores(void *ctx, ek_tensor *const *fetched, int64_t from, int64_t n) {
  score *sum = ctx;
  (void)from;
  sum->loss += ek_tensor_number(fetched[0], 0) * (double)n;
  sum->accuracy += ek_tensor_number(fetched[1], 0) * (double)n;
  return true;
}

bool evaluate(ek_session *s, const examples *e, int64_t batch, bool training, score *result) {
  const ek_fetch fetches[] = {EK_FETCH_NAME("loss"), EK_FETCH_NAME("accuracy")};
  *result = (score){0};
  if (!for_batches(s, e, batch, training, fetches, 2, add_scores, result)) return false;
  result->loss /= (double)e->n;
  result->accuracy /= (double)e->n;
  return true;
}

typedef struct rows {
  ek_tensor *all;
  int64_t n;
} rows;

static bool add_rows(void *ctx, ek_tensor *const *fetched, int64_t from, int64_t n) {
  rows *r = ctx;
  ek_status st = EK_STATUS_INIT;
  ek_shape shape = ek_tensor_shape(fetched[0]);
  if (shape.rank != 2 || shape.dim[0] != n || ek_tensor_dtype(fetched[0]) != EK_FLOAT32)
    return fail("predict", "logits", "must be float32 [examples, classes]"), false;
  const size_t row = (size_t)shape.dim[1] * sizeof(float);
  shape.dim[0] = r->n;
  if (r->all == NULL) r->all = ek_tensor_new(EK_FLOAT32, shape, NULL, &st);
  if (r->all == NULL) return fail_status("predict", NULL, &st), false;
  memcpy((char *)ek_tensor_mutable_data(r->all) + (size_t)from * row, ek_tensor_data(fetched[0]), (size_t)n * row);
  return true;
}

ek_tensor *evaluate_logits(ek_session *s, const examples *e, int64_t batch) {
  const ek_fetch fetch = EK_FETCH_NAME("logits");
  rows r = {.n = e->n};
  if (for_batches(s, e, batch, false, &fetch, 1, add_rows, &r)) return r.all;
  ek_tensor_free(r.all);
  return NULL;
}

bool trained_load(trained *t, const char *folder, int64_t threads) {
  ek_status st = EK_STATUS_INIT;
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  opts.threads = (int)threads;
  char prefix[PATH_MAX];
  *t = (trained){0};
  char *meta = textf("%s/model.meta", folder);
  bool good = model_load(&t->model, meta);
  if (good && !ek_train_latest_checkpoint(folder, NULL, prefix, sizeof prefix)) {
    const ek_checkpoint_state *state = ek_train_get_checkpoint_state(folder, NULL, &st);
    good = state != NULL ? (fail("checkpoint", state->model_checkpoint_path, "is not there"), false)
                         : (fail_io(&st), false);
    ek_checkpoint_state_free(state);
  }
  model_restore restore = {0};
  if (good) {
    t->prefix = textf("%s", prefix);
    good = model_restore_prepare(&t->model, t->prefix, &restore);
  }
  if (good) {
    t->session = ek_session_new(t->model.graph, &opts, &st);
    good = t->session != NULL ? model_restore_run(&t->model, &restore, t->session)
                              : (fail_status("model", meta, &st), false);
  }
  free(restore.ops);
  t->model.path = folder;
  free(meta);
  return good;
}

void trained_free(trained *t) {
  ek_session_free(t->session);
  model_free(&t->model);
  free(t->prefix);
  *t = (trained){0};
}
