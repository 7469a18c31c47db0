/* SPDX-License-Identifier: Apache-2.0 */
/* What the examples share: the bundled digits in batches, and a loop that trains on them. */
#ifndef EXAMPLES_DIGITS_H
#define EXAMPLES_DIGITS_H

#include <evenkeel/evenkeel.h>

#include <stdio.h>
#include <stdlib.h>

static inline void check(const ek_status *st) {
  if (st->code == EK_OK) return;
  (void)fprintf(stderr, "%s: %s\n", ek_code_name(st->code), st->msg);
  exit(1);
}

typedef struct digits {
  ek_tensor *images, *labels; /* [N, 8, 8] and [N], bytes */
} digits;

static inline digits digits_load(const char *folder, const char *part) {
  char path[1024];
  digits d;
  ek_status st = EK_STATUS_INIT;
  (void)snprintf(path, sizeof path, "%s/%s-images-idx3-ubyte.gz", folder, part);
  d.images = ek_idx_load(path, &st);
  (void)snprintf(path, sizeof path, "%s/%s-labels-idx1-ubyte.gz", folder, part);
  d.labels = ek_idx_load(path, &st);
  check(&st);
  return d;
}

static inline int digits_count(const digits *d) { return (int)ek_tensor_num_elements(d->labels); }

static inline void digits_free(digits *d) {
  ek_tensor_free(d->images);
  ek_tensor_free(d->labels);
}

/* Digits [first, first + n) as the network wants them: images [n, 64] in [0, 1], labels [n]. */
static inline digits digits_batch(const digits *d, int first, int n) {
  ek_status st = EK_STATUS_INIT;
  const digits b = {ek_tensor_new(EK_FLOAT32, ek_shape(n, 64), NULL, &st),
                    ek_tensor_new(EK_INT64, ek_shape(n), NULL, &st)};
  check(&st);
  const uint8_t *pixels = ek_tensor_data(d->images), *labels = ek_tensor_data(d->labels);
  for (int i = 0; i < n * 64; i++)
    ((float *)ek_tensor_mutable_data(b.images))[i] = (float)pixels[first * 64 + i] / 255.0f;
  for (int i = 0; i < n; i++) ((int64_t *)ek_tensor_mutable_data(b.labels))[i] = labels[first + i];
  return b;
}

/* What such a loop needs of a network. */
typedef struct network {
  ek_out images, labels, is_training; /* to be fed */
  ek_out loss, accuracy;
  ek_op train, init;
} network;

enum { BATCH = 60 };

/* Trains for so many steps and prints ten losses of them; then the test digits, with the moving averages. */
static inline void train_and_test(ek_graph *g, const network *n, int steps, const char *folder) {
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(g, NULL, &st); /* any mistake made while building is reported here */
  check(&st);
  (void)ek_session_run_op(s, n->init, &st);
  check(&st);
  digits train = digits_load(folder, "train"), test = digits_load(folder, "t10k");
  ek_tensor *yes = ek_tensor_bool(true, &st), *no = ek_tensor_bool(false, &st), *out[2];
  for (int step = 0; step < steps; step++) {
    digits b = digits_batch(&train, step * BATCH % (digits_count(&train) - BATCH), BATCH);
    const ek_feed feeds[] = {EK_FEED(n->images, b.images), EK_FEED(n->labels, b.labels), EK_FEED(n->is_training, yes)};
    (void)ek_session_run(s, feeds, 3, &EK_FETCH(n->loss), 1, out, &n->train, 1, NULL, &st);
    check(&st);
    if ((step + 1) % (steps / 10) == 0) (void)printf("step %d loss %.5f\n", step + 1, ek_tensor_number(out[0], 0));
    ek_tensor_free(out[0]);
    digits_free(&b);
  }
  digits b = digits_batch(&test, 0, digits_count(&test));
  const ek_feed feeds[] = {EK_FEED(n->images, b.images), EK_FEED(n->labels, b.labels), EK_FEED(n->is_training, no)};
  const ek_fetch fetches[] = {EK_FETCH(n->loss), EK_FETCH(n->accuracy)};
  (void)ek_session_run(s, feeds, 3, fetches, 2, out, NULL, 0, NULL, &st);
  check(&st);
  (void)printf("test, with moving averages: loss %.5f accuracy %.4f\n", ek_tensor_number(out[0], 0),
               ek_tensor_number(out[1], 0));
  ek_tensor_free(out[0]);
  ek_tensor_free(out[1]);
  ek_tensor_free(yes);
  ek_tensor_free(no);
  digits_free(&b);
  digits_free(&train);
  digits_free(&test);
  ek_session_free(s);
}

#endif
