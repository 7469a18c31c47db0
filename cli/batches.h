/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which training sees its examples: shuffled anew in every epoch, as a function of seed and epoch alone,
 * so that a run that goes on from a position sees what an uninterrupted one would have. */
#ifndef EK_CLI_BATCHES_H
#define EK_CLI_BATCHES_H

#include "cli.h"

typedef struct batches {
  int64_t n; /* examples */
  int64_t seed;
  int64_t position; /* examples taken since the start of epoch 0 */
  int64_t epoch;    /* that order holds; -1: none */
  int64_t *order;
} batches;

void batches_init(batches *b, int64_t n, int64_t seed, int64_t position);
void batches_fini(batches *b);
/* The next size examples. A batch that an epoch's end cuts is filled from the next epoch: all are of one size. */
void batches_next(batches *b, int64_t *index, int64_t size);

#endif
