/* SPDX-License-Identifier: Apache-2.0 */
/* What a trained graph says about examples. */
#ifndef EK_CLI_EVALUATE_H
#define EK_CLI_EVALUATE_H

#include "data.h"
#include "model.h"

typedef struct score {
  double loss, accuracy;
} score;

/* The means of the tensors loss and accuracy over all examples, in batches; training: with the statistics of each batch
 * instead of the moving ones. Nothing in the session changes. False: the one line is printed. */
bool evaluate(ek_session *s, const examples *e, int64_t batch, bool training, score *result);

/* The logits of all examples, [n, classes]; NULL: the one line is printed. The caller frees it. */
ek_tensor *evaluate_logits(ek_session *s, const examples *e, int64_t batch);

/* A folder that evenkeel train wrote: its model.meta, in a session with the values of its newest checkpoint. */
typedef struct trained {
  model model;
  ek_session *session;
  char *prefix; /* of the checkpoint */
} trained;
bool trained_load(trained *t, const char *folder, int64_t threads);
void trained_free(trained *t);

#endif
