/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/batch_norm/visits.h"
#include "kernels/batch_norm/gather.h"
#include "kernels/batch_norm/write.h"

#include <string.h>

/* ---- between the visits */

static int64_t real_channels_of(const ek__batch_norm_plan *p, int64_t g) {
  return ek__min_i64(p->per_group, p->channels - g * p->per_group);
}

static void prepare(const ek__visits *v, int64_t g) {
  const ek__batch_norm_plan *const p = v->plan;
  const int64_t n = ek__channels_of(p, g), real = real_channels_of(p, g), c = g * p->per_group;
  if (v->prepare != NULL) v->prepare(v, c, real);
  if (v->foretell != NULL) v->foretell(v, c, real);
  if (real < n) memset(p->k + (size_t)(c + real) * p->loops->param_size, 0, (size_t)(n - real) * p->loops->param_size);
}

/* Coefficients of zero: channels that only fill a block up come out as zeros. */
static void clear_padding(const ek__batch_norm_plan *p) {
  const size_t size = p->loops->param_size, bytes = (size_t)(p->stored - p->channels) * size;
  for (int64_t row = 0; bytes > 0 && row < 4; row++)
    memset(p->coefficients + (size_t)(row * p->apart + p->channels) * size, 0, bytes);
}

/* The sums of all parts, in order, in the first; then the caller's turn. */
static bool finish(const ek__visits *v, int64_t g, bool last) {
  const ek__batch_norm_plan *const p = v->plan;
  const int64_t c = g * p->per_group, n = real_channels_of(p, g);
  for (int64_t part = 1; part < p->parts; part++)
    for (int row = 0; row < 2; row++) p->loops->add(n, ek__part_sums(p, part, row) + c, ek__part_sums(p, 0, row) + c);
  return v->finish(v, c, n, last);
}

/* All of a group's first visit, by one thread; before: NULL, or what is written on the way. */
static void first_visit(const ek__visits *v, int64_t g, ek__scratch *s, const ek__writing *before) {
  prepare(v, g);
  const ek__writing foretold = v->foretell != NULL ? ek__write_group(v, g, s) : (ek__writing){.v = NULL};
  const ek__writing *out = foretold.v != NULL ? &foretold : before;
  for (int again = 0; again < 2; again++, out = NULL) {
    ek__gathering of = ek__gather(v, g, s, out);
    for (int64_t part = 0; part < v->plan->parts; part++) ek__gather_part(&of, part);
    if (!finish(v, g, again == 1)) return;
  }
}

/* ---- slabs: a thread has some groups, one after the other */

/* The n-th of `of` shares of what there is. */
static int64_t share(int64_t all, int64_t n, int64_t of) { return all / of * n + ek__min_i64(all % of, n); }

static int64_t shares(const ek__batch_norm_plan *p, int64_t most) { return ek__min_i64(p->threads, most); }

static void slabs(void *context, int64_t i) {
  const ek__visits *const v = context;
  const ek__batch_norm_plan *const p = v->plan;
  const int64_t n = shares(p, p->groups), end = share(p->groups, i + 1, n);
  const bool writes = v->apply >= 0 && v->foretell == NULL;
  ek__scratch s;
  ek__writing out = {.v = NULL};
  for (int64_t g = share(p->groups, i, n); g < end; g++) {
    first_visit(v, g, &s, out.v != NULL ? &out : NULL);
    if (!writes) continue;
    out = ek__write_group(v, g, &s);
    if (p->joint && g + 1 < end) continue; /* with the next group's first visit */
    for (int64_t image = p->images - 1; image >= 0; image--) ek__write_tiles(&out, image, 0, p->tiles);
    out.v = NULL;
  }
  if (p->stream) p->loops->stream_end();
}

/* ---- shared: all threads in one group */

typedef struct shared {
  const ek__visits *v;
  int64_t g;
} shared;

static void shared_first(void *context, int64_t part) {
  const shared *const j = context;
  ek__scratch s;
  const ek__writing out = j->v->foretell != NULL ? ek__write_group(j->v, j->g, &s) : (ek__writing){.v = NULL};
  ek__gathering of = ek__gather(j->v, j->g, &s, out.v != NULL ? &out : NULL);
  ek__gather_part(&of, part);
  if (j->v->plan->stream) j->v->plan->loops->stream_end();
}

static void shared_second(void *context, int64_t i) {
  const shared *const j = context;
  const ek__batch_norm_plan *const p = j->v->plan;
  const int64_t all = p->images * p->tiles, n = shares(p, all);
  ek__scratch s;
  const ek__writing of = ek__write_group(j->v, j->g, &s);
  ek__write_range(&of, share(all, i, n), share(all, i + 1, n));
  if (p->stream) p->loops->stream_end();
}

static void visit_shared(const ek__visits *v) {
  const ek__batch_norm_plan *const p = v->plan;
  for (int64_t g = 0; g < p->groups; g++) {
    shared j = {.v = v, .g = g};
    prepare(v, g);
    for (int again = 0; again < 2; again++) {
      ek__for_chunks(p->threads, p->parts, shared_first, &j);
      if (!finish(v, g, again == 1)) break;
    }
    if (v->apply >= 0 && v->foretell == NULL)
      ek__for_chunks(p->threads, shares(p, p->images * p->tiles), shared_second, &j);
  }
}

/* ---- once: the second visit alone, in the order of memory */

static void once(void *context, int64_t i) {
  const ek__visits *const v = context;
  const ek__batch_norm_plan *const p = v->plan;
  const int64_t all = p->images * p->groups * p->tiles, n = shares(p, all), end = share(all, i + 1, n);
  ek__scratch s;
  ek__writing of = {.g = -1};
  for (int64_t u = share(all, i, n); u < end;) {
    const int64_t g = u / p->tiles % p->groups, t = u % p->tiles, tiles = ek__min_i64(p->tiles - t, end - u);
    if (g != of.g) of = ek__write_group(v, g, &s);
    ek__write_tiles(&of, u / p->tiles / p->groups, t, t + tiles);
    u += tiles;
  }
  if (p->stream) p->loops->stream_end();
}

void ek__visit(const ek__visits *v) {
  const ek__batch_norm_plan *const p = v->plan;
  ek__visits copy = *v;
  clear_padding(p);
  switch (p->schedule) {
  case EK__SLABS: ek__for_chunks(p->threads, shares(p, p->groups), slabs, &copy); break;
  case EK__SHARED: visit_shared(v); break;
  case EK__ONCE: ek__for_chunks(p->threads, shares(p, p->images * p->groups * p->tiles), once, &copy); break;
  }
}

void ek__write_once(const ek__batch_norm_plan *plan, const ek__norm_data *data, int apply) {
  ek__batch_norm_plan once_plan = *plan;
  const ek__visits v = {.plan = &once_plan, .data = *data, .apply = apply};
  once_plan.schedule = EK__ONCE;
  ek__batch_norm_choose_stores(&once_plan, data);
  ek__visit(&v);
}

void ek__normalize(const ek__batch_norm_plan *plan, const void *x, void *y) {
  const ek__norm_data data = {.x = x, .out = y};
  ek__write_once(plan, &data, EK__APPLY_PLAIN);
}
