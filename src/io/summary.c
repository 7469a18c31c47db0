/* SPDX-License-Identifier: Apache-2.0 */
#include "io/summary.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MAX_BUCKETS = 1600 };

void ek__summary_init(ek__summary *s, const ek_allocator *a) {
  ek__arena_init(&s->arena, a);
  ek__summary__init(&s->message);
  s->cap = 0;
}

void ek__summary_fini(ek__summary *s) { ek__arena_fini(&s->arena); }

static ek_code no_memory(ek_status *st) { return ek__no_memory(st, "a summary", 0); }

/* The next value, with its tag. */
static Ek__Summary__Value *add(ek__summary *s, const char *tag, ek_status *st) {
  if (s->message.n_value == s->cap) {
    const size_t cap = s->cap == 0 ? 4 : 2 * s->cap;
    Ek__Summary__Value **more = ek__arena_array(&s->arena, cap, sizeof(Ek__Summary__Value *));
    if (more != NULL && s->cap > 0) memcpy(more, s->message.value, s->cap * sizeof(Ek__Summary__Value *));
    if (more == NULL) return (void)no_memory(st), NULL;
    s->message.value = more;
    s->cap = cap;
  }
  Ek__Summary__Value *v = ek__arena_alloc(&s->arena, sizeof *v);
  char *kept = ek__arena_strdup(&s->arena, tag);
  if (v == NULL || kept == NULL) return (void)no_memory(st), NULL;
  ek__summary__value__init(v);
  v->tag = kept;
  s->message.value[s->message.n_value++] = v;
  return v;
}

ek_code ek__summary_add_scalar(ek__summary *s, const char *tag, float value, ek_status *st) {
  Ek__Summary__Value *v = add(s, tag, st);
  if (v == NULL) return EK_RESOURCE_EXHAUSTED;
  v->value_case = EK__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
  v->simple_value = value;
  return EK_OK;
}

/* The upper limits of the buckets, ascending; how many there are. */
static int make_limits(double limits[MAX_BUCKETS]) {
  double positive[MAX_BUCKETS / 2];
  int n = 0, all = 0;
  for (double v = 1.0e-12; v < 1.0e20; v *= 1.1) positive[n++] = v;
  positive[n++] = DBL_MAX;
  for (int i = n; i-- > 0;) limits[all++] = -positive[i];
  limits[all++] = 0.0;
  for (int i = 0; i < n; i++) limits[all++] = positive[i];
  return all;
}

/* The first bucket whose limit is above the value; the last one takes the rest. */
static int bucket_of(const double *limits, int n, double value) {
  int low = 0, high = n - 1;
  while (low < high) {
    const int middle = low + (high - low) / 2;
    if (limits[middle] > value)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

ek_code ek__summary_add_histogram(ek__summary *s, const char *tag, const double *values, int64_t n, ek_status *st) {
  double *limits = ek__arena_array(&s->arena, MAX_BUCKETS, sizeof *limits);
  double *counts = ek__arena_array(&s->arena, MAX_BUCKETS, sizeof *counts);
  Ek__HistogramProto *h = ek__arena_alloc(&s->arena, sizeof *h);
  Ek__Summary__Value *v = add(s, tag, st);
  if (limits == NULL || counts == NULL || h == NULL || v == NULL) return no_memory(st);
  const int all = make_limits(limits);
  ek__histogram_proto__init(h);
  h->min = n > 0 ? INFINITY : DBL_MAX, h->max = n > 0 ? -INFINITY : -DBL_MAX;
  for (int64_t i = 0; i < n; i++) {
    const double x = values[i];
    counts[bucket_of(limits, all, x)] += 1.0;
    if (x < h->min) h->min = x;
    if (x > h->max) h->max = x;
    h->sum += x;
    h->sum_squares += x * x;
  }
  h->num = (double)n;
  size_t used = 0;
  for (int i = 0; i < all;) { /* over themselves: what is written is never ahead of what is read */
    double end = limits[i];
    const double count = counts[i++];
    if (count <= 0.0)
      while (i < all && counts[i] <= 0.0) end = limits[i++];
    limits[used] = end;
    counts[used++] = count;
  }
  h->bucket_limit = limits;
  h->bucket = counts;
  h->n_bucket_limit = h->n_bucket = used;
  v->value_case = EK__SUMMARY__VALUE__VALUE_HISTO;
  v->histo = h;
  return EK_OK;
}

ek_code ek__summary_add_image(ek__summary *s, const char *tag, const uint8_t *pixels, int64_t height, int64_t width,
                              int64_t channels, ek_status *st) {
  Ek__Summary__Image *image = ek__arena_alloc(&s->arena, sizeof *image);
  Ek__Summary__Value *v = add(s, tag, st);
  if (image == NULL || v == NULL) return no_memory(st);
  ek__summary__image__init(image);
  image->height = (int32_t)height;
  image->width = (int32_t)width;
  image->colorspace = (int32_t)channels;
  EK_TRY(ek__png_encode(pixels, height, width, channels, &s->arena, &image->encoded_image_string.data,
                        &image->encoded_image_string.len, st));
  v->value_case = EK__SUMMARY__VALUE__VALUE_IMAGE;
  v->image = image;
  return EK_OK;
}

static void *arena_alloc(void *arena, size_t size) { return ek__arena_alloc(arena, size); }
static void arena_free(void *arena, void *p) { (void)arena, (void)p; }

ek_code ek__summary_merge(ek__summary *s, const void *bytes, size_t size, ek_status *st) {
  ProtobufCAllocator a = {arena_alloc, arena_free, &s->arena};
  Ek__Summary *m = ek__summary__unpack(&a, size, bytes);
  EK_REQUIRE(m != NULL, st, EK_INVALID_ARGUMENT, "Could not parse one of the summary inputs");
  for (size_t i = 0; i < m->n_value; i++) {
    for (size_t k = 0; *m->value[i]->tag != '\0' && k < s->message.n_value; k++) {
      EK_REQUIRE(strcmp(s->message.value[k]->tag, m->value[i]->tag) != 0, st, EK_INVALID_ARGUMENT,
                 "Duplicate tag %s found in summary inputs", m->value[i]->tag);
    }
    Ek__Summary__Value *v = add(s, "", st);
    if (v == NULL) return EK_RESOURCE_EXHAUSTED;
    s->message.value[s->message.n_value - 1] = m->value[i];
  }
  return EK_OK;
}

ek_code ek__summary_pack(ek__summary *s, uint8_t **bytes, size_t *size, ek_status *st) {
  *size = ek__summary__get_packed_size(&s->message);
  *bytes = ek__arena_alloc(&s->arena, *size);
  if (*bytes == NULL) return no_memory(st);
  (void)ek__summary__pack(&s->message, *bytes);
  return EK_OK;
}
