/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds.h"

#include <string.h>

static bool find(row_feed *f, ek_graph *g, const char *name, ek_dtype dtype) {
  *f = (row_feed){.out = ek_graph_find_out(g, name)};
  if (f->out.op == 0) return fail("feed", name, "the graph has no such tensor"), false;
  const ek_dtype wanted = ek_out_dtype(g, f->out);
  if (wanted == dtype) return true;
  return failf("feed", name, "the values are %s, it must be %s", ek_dtype_name(dtype), ek_dtype_name(wanted)), false;
}

static bool make(row_feed *f, ek_graph *g, const char *name, ek_dtype dtype, ek_shape shape) {
  char given[EK_SHAPE_TEXT], wanted[EK_SHAPE_TEXT];
  ek_status st = EK_STATUS_INIT;
  if (!ek_shape_compatible(shape, ek_out_shape(g, f->out)))
    return failf("feed", name, "the values are %s, it must be %s", ek_shape_format(shape, given, sizeof given),
                 ek_shape_format(ek_out_shape(g, f->out), wanted, sizeof wanted)),
           false;
  f->value = ek_tensor_new(dtype, shape, NULL, &st);
  return f->value != NULL || (fail_status("feed", name, &st), false);
}

static void fill_images(const row_feed *f, const int64_t *index, int64_t n) {
  examples_copy_images(f->examples, index, n, ek_tensor_mutable_data(f->value));
}

bool feed_images(row_feed *f, ek_graph *g, const char *name, const examples *e, int64_t batch) {
  if (!find(f, g, name, EK_FLOAT32)) return false;
  /* The tensor's own shape where it is known and takes the pixels, else one row an image. */
  ek_shape shape = ek_out_shape(g, f->out);
  int64_t inner = 1;
  for (int i = 1; i < shape.rank; i++) inner *= shape.dim[i] >= 0 ? shape.dim[i] : 0;
  if (shape.rank < 2 || inner != e->pixels) shape = ek_shape(batch, e->pixels);
  shape.dim[0] = batch;
  f->examples = e;
  f->fill = fill_images;
  return make(f, g, name, EK_FLOAT32, shape);
}

static void fill_labels(const row_feed *f, const int64_t *index, int64_t n) {
  int64_t *to = ek_tensor_mutable_data(f->value);
  examples_copy_labels(f->examples, index, n, to);
}

static void fill_labels_int32(const row_feed *f, const int64_t *index, int64_t n) {
  int32_t *to = ek_tensor_mutable_data(f->value);
  const int64_t *labels = ek_tensor_data(f->examples->labels);
  for (int64_t i = 0; i < n; i++) to[i] = (int32_t)labels[index[i]];
}

bool feed_labels(row_feed *f, ek_graph *g, const char *name, const examples *e, int64_t batch) {
  const ek_out out = ek_graph_find_out(g, name);
  const ek_dtype dtype = out.op != 0 && ek_out_dtype(g, out) == EK_INT32 ? EK_INT32 : EK_INT64;
  if (!find(f, g, name, dtype)) return false;
  f->examples = e;
  f->fill = dtype == EK_INT32 ? fill_labels_int32 : fill_labels;
  return make(f, g, name, dtype, ek_shape(batch));
}

bool feed_bool(row_feed *f, ek_graph *g, const char *name, bool value) {
  if (!find(f, g, name, EK_BOOL) || !make(f, g, name, EK_BOOL, ek_shape_scalar())) return false;
  *(bool *)ek_tensor_mutable_data(f->value) = value;
  return true;
}

static void fill_rows(const row_feed *f, const int64_t *index, int64_t n) {
  const size_t row = ek_tensor_size_bytes(f->value) / (size_t)n;
  const char *from = ek_tensor_data(f->rows);
  char *to = ek_tensor_mutable_data(f->value);
  for (int64_t i = 0; i < n; i++) memcpy(to + (size_t)i * row, from + (size_t)index[i] * row, row);
}

bool feed_rows(row_feed *f, ek_graph *g, const char *name, ek_tensor *rows, int64_t batch) {
  const bool found = find(f, g, name, ek_tensor_dtype(rows));
  f->rows = rows;
  if (!found) return false;
  ek_shape shape = ek_tensor_shape(rows);
  if (batch == 0 || shape.rank == 0) {
    f->value = ek_tensor_ref(rows);
    return true;
  }
  if (ek_tensor_dtype(rows) == EK_STRING) return fail("feed", name, "strings cannot be cut into batches"), false;
  shape.dim[0] = batch;
  f->fill = fill_rows;
  return make(f, g, name, ek_tensor_dtype(rows), shape);
}

void feed_free(row_feed *f) {
  ek_tensor_free(f->value);
  ek_tensor_free(f->rows);
  *f = (row_feed){0};
}

void feeds_fill(const row_feed *feeds, int n_feeds, const int64_t *index, int64_t n) {
  for (int i = 0; i < n_feeds; i++)
    if (feeds[i].fill != NULL) feeds[i].fill(&feeds[i], index, n);
}
