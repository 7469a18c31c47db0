/* SPDX-License-Identifier: Apache-2.0 */
/* What evenkeel train is asked for, kept beside each checkpoint so that --resume alone goes on with it. */
#ifndef EK_CLI_TRAIN_OPTIONS_H
#define EK_CLI_TRAIN_OPTIONS_H

#include "net.h"

#include <jansson.h>

typedef struct train_options {
  net_options net;
  const char *data;
  int64_t batch, steps, epochs;
  /* of --model */
  const char *model, *restore, *train_op, *loss;
  texts feeds;
  /* of this call only */
  const char *out;
  int64_t threads, save_every;
  bool init, resume, json, progress;

  bool given_net, given_norm, given_activation, given_placement, given_optimizer, given_learning_rate, given_batch,
      given_seed, given_steps, given_epochs, given_classes;
} train_options;

/* Reads argv; as args_parse: negative to go on. train_options_free in any case. */
int train_options_parse(const command *self, train_options *o, int argc, char **argv);
void train_options_free(train_options *o);
/* Examples of a step; 0: the arrays of --feed as they are. */
int64_t train_options_batch(const train_options *o);

/* Those that a run keeps; and the inverse, for --resume: what was not given is taken from saved (whose strings o then
 * borrows), what was given must not differ, but for the length. Negative, or the exit status. */
json_t *train_options_to_json(const train_options *o);
int train_options_resume(const command *self, train_options *o, json_t *saved);

#endif
