/* SPDX-License-Identifier: Apache-2.0 */
/* The layers of a graph, as its variables and the ops that use them tell. */
#ifndef EK_CLI_LAYERS_OF_H
#define EK_CLI_LAYERS_OF_H

#include "model.h"

typedef enum layer_kind { LAYER_DENSE, LAYER_CONVOLUTION, LAYER_BATCH_NORM, LAYER_OTHER } layer_kind;

typedef struct layer {
  char *name; /* the scope of its variables */
  layer_kind kind;
  ek_out output;         /* none: not found */
  int64_t trained, kept; /* elements of trainable and of other variables; without slots of optimizers */

  /* batch normalization */
  ek_variable gamma, beta, moving_mean, moving_variance;
  bool fused;
  double epsilon;
  ek_op updates[2];  /* of the moving mean and variance; none: nothing changes them */
  bool collected[2]; /* the update is in update_ops */
  /* What decides between batch and moving statistics. */
  enum { TRAINING_UNKNOWN, TRAINING_ALWAYS, TRAINING_NEVER, TRAINING_FED } training;
  ek_out flag; /* TRAINING_FED */
} layer;

typedef struct layers {
  layer *at;
  int n;
  int64_t slots;    /* elements that optimizers keep */
  ek_op *train_ops; /* of the collection train_op, or the op `train` */
  int n_train_ops;
  bool *reached; /* by op number: some train op needs it */
} layers;

void layers_find(layers *l, ek_graph *g);
void layers_free(layers *l);
bool layers_train_reaches(const layers *l, ek_op op);

#endif
