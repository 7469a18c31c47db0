/* SPDX-License-Identifier: Apache-2.0 */
/* The models that evenkeel bench trains, on data made up in memory. */
#ifndef EK_CLI_BENCH_NET_H
#define EK_CLI_BENCH_NET_H

#include "cli.h"

enum { BENCH_BATCHES = 16 };

typedef struct bench_net { /* one model with its data, ready to train */
  ek_graph *graph;
  ek_session *session;
  ek_callable *train; /* feeds: images, labels; one run of step */
  ek_out images, labels, loss;
  ek_op step;
  ek_tensor *batches[BENCH_BATCHES][2]; /* images and labels; steps take them in turn */
  int next;
} bench_net;

/* The net of the paper that introduced batch normalization: 784 inputs, three layers of 100 sigmoid units, 10 classes.
 * normalized: batch normalization in front of each sigmoid, in place of the bias. False, with its line printed: there
 * is nothing to free. */
bool bench_net_init(bench_net *net, bool normalized, int64_t batch, int threads);
void bench_net_free(bench_net *net);
bool bench_net_step(void *net); /* a contender's run */
/* Trains for some steps; whether the loss of a batch has come down. */
bool bench_net_learns(bench_net *net);

typedef struct bench_products { /* the matrix products of a model's training step, and nothing else */
  ek_graph *graph;
  ek_session *session;
  ek_callable *run;
  ek_tensor **factors; /* as the step itself had them */
  int n_factors, n;
} bench_products;

bool bench_products_init(bench_products *p, const bench_net *net, int threads);
void bench_products_free(bench_products *p);
bool bench_products_step(void *p); /* a contender's run */

#endif
