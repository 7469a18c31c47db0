/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of training on a graph that is there: one batch after the other, and what happens when the loss goes bad. */
#ifndef EK_CLI_TRAINER_H
#define EK_CLI_TRAINER_H

#include "batches.h"
#include "feeds.h"

/* Everything that a step changes. */
typedef struct snapshot {
  int64_t step, position;
  ek_tensor **values; /* of trainer.variables; NULL where there was none */
  ek_tensor *random_names, *random_counters;
} snapshot;

typedef struct trainer {
  ek_graph *graph;
  ek_session *session;
  int threads;
  row_feed *feeds;
  int n_feeds;
  ek_op train;
  ek_out loss, accuracy; /* none: not known */
  int64_t batch;         /* examples of a step */
  batches order;
  int64_t step; /* done so far */

  ek_callable *call;
  ek_tensor **fed;
  int64_t *index;
  ek_variables variables;
  snapshot last; /* of a few steps ago */

  ek_status why; /* of a failure, and at which step */
  int64_t failed_step;
  bool recovered; /* the loss went bad, and the session is back at the last good step */
} trainer;

/* The session must hold values for the variables. position: of the data, of which there are n examples. Both here and
 * in trainer_step false leaves why. */
bool trainer_begin(trainer *t, int64_t n, int64_t seed, int64_t position);
void trainer_end(trainer *t);

typedef struct step_result {
  double loss, accuracy; /* NaN where there is none to fetch */
} step_result;
/* One step. False: an error (failed_step is the step), or a loss that is no finite number: then why names the first
 * node that gave one, and the session is back at the last good step, which is t->step. */
bool trainer_step(trainer *t, step_result *result);

#endif
