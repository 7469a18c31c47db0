/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch puts into a graph: rows of arrays that are larger, or values that stay. */
#ifndef EK_CLI_FEEDS_H
#define EK_CLI_FEEDS_H

#include "data.h"

typedef struct row_feed {
  ek_out out;
  ek_tensor *value; /* what is fed; filled anew for each batch unless it stays */
  void (*fill)(const struct row_feed *f, const int64_t *index, int64_t n); /* NULL: it stays */
  const examples *examples;
  ek_tensor *rows;
} row_feed;

/* All: false after the one line was printed. name must be a tensor of g; batch: rows of value. */
bool feed_images(row_feed *f, ek_graph *g, const char *name, const examples *e, int64_t batch);
bool feed_labels(row_feed *f, ek_graph *g, const char *name, const examples *e, int64_t batch);
bool feed_bool(row_feed *f, ek_graph *g, const char *name, bool value);
/* rows: taken over. batch 0, or a scalar: it stays as it is. */
bool feed_rows(row_feed *f, ek_graph *g, const char *name, ek_tensor *rows, int64_t batch);
void feed_free(row_feed *f);

/* Rows index[0..n) of every feed that has rows. */
void feeds_fill(const row_feed *feeds, int n_feeds, const int64_t *index, int64_t n);

#endif
