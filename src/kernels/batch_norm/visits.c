/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/batch_norm/visits.h"
#include "kernels/schedule.h"

#include <string.h>

#define TERMS     64 /* rows whose sums in T are added up in double together */
#define GUESS_MIN 4  /* values whose mean is close enough to a channel's: a sixteenth of all, within these bounds */
#define GUESS_MAX 16
#define PAST_END  64 /* bytes: loops load and store whole vectors of columns */
#define ROW       (EK__ROW_BYTES + PAST_END)

/* What one thread works with, per column. */
typedef struct scratch {
  _Alignas(64) char k[ROW];
  _Alignas(64) char s1[ROW];
  _Alignas(64) char s2[ROW];
  _Alignas(64) char coefficients[4 * ROW];
} scratch;

/* Rows of one group that are worked on in one call: full ones, and perhaps a last, shorter one. */
typedef struct tile {
  int64_t at, rows, cols; /* at: where it begins, in values */
  int64_t last_cols;      /* 0: all rows are full */
} tile;

static int64_t channels_of(const ek__batch_norm_plan *p, int64_t g) {
  return ek__min_i64(p->per_group, p->stored - g * p->per_group);
}
static int64_t real_channels_of(const ek__batch_norm_plan *p, int64_t g) {
  return ek__min_i64(p->per_group, p->channels - g * p->per_group);
}

/* Tiles t to end of a group's image, as one. */
static tile tiles_of(const ek__batch_norm_plan *p, int64_t g, int64_t image, int64_t t, int64_t end) {
  const int64_t n = channels_of(p, g), begin = t * p->tile_rows;
  const int64_t all = p->form == EK__RUNS ? n : p->rows;
  tile found = {.at = g * p->group_stride + image * p->image_stride + begin * p->row_stride,
                .rows = ek__min_i64((end - t) * p->tile_rows, all - begin),
                .cols = p->cols};
  if (n < p->per_group && p->form == EK__BLOCKED) found.cols = n * p->inner;
  if (n < p->per_group && p->form == EK__CYCLIC) found.cols = n;
  if (p->last_cols != p->cols && begin + found.rows == p->rows) found.rows--, found.last_cols = p->last_cols;
  return found;
}

static ek__norm_data data_at(const ek__visits *v, int64_t at) {
  const int64_t bytes = at * (int64_t)v->plan->loops->data_size;
  ek__norm_data d = v->data;
  d.far = v->plan->far, d.near = v->plan->near, d.stream = v->plan->stream;
  d.first = at;
  if (d.x != NULL) d.x = (const char *)d.x + bytes;
  if (d.dy != NULL) d.dy = (const char *)d.dy + bytes;
  if (d.other != NULL) d.other = (const char *)d.other + bytes;
  if (d.out != NULL) d.out = (char *)d.out + bytes;
  if (d.other_out != NULL) d.other_out = (char *)d.other_out + bytes;
  return d;
}

/* Blocks of 16 channels: their rows are joined for the sums, and one by one where coefficients stay in registers. */
static bool in_blocks(const ek__batch_norm_plan *p) { return p->form == EK__CYCLIC && p->group_stride != p->per_group; }

/* The same for the sums of n images, side by side. */
static ek__norm_data data_abreast(const ek__visits *v, int64_t at, int64_t n) {
  ek__norm_data d = data_at(v, at);
  d.abreast = n, d.example_stride = v->plan->image_stride;
  d.pieces = v->plan->abreast > 1 || v->plan->form == EK__BLOCKED;
  return d;
}

/* Gives the values of a group's channels to its columns, where these differ; whichever of the two to use. */
static const char *spread(const ek__batch_norm_plan *p, int64_t g, const char *from, char *to) {
  const int64_t n = channels_of(p, g);
  from += g * p->per_group * (int64_t)p->loops->param_size;
  if (p->form == EK__RUNS || (p->form == EK__CYCLIC && p->period == p->cols)) return from;
  if (p->form == EK__CYCLIC)
    p->loops->spread_cyclic(p->cols, p->period, from, to);
  else
    p->loops->spread_blocked(n, p->inner, from, to);
  return to;
}

/* ---- the second visit: results */

typedef struct writing {
  const ek__visits *v;
  int64_t g, apart;
  const char *coefficients;
} writing;

static writing write_group(const ek__visits *v, int64_t g, scratch *s) {
  const ek__batch_norm_plan *const p = v->plan;
  const int64_t size = (int64_t)p->loops->param_size;
  writing of = {.v = v, .g = g, .apart = p->apart};
  of.coefficients =
      in_blocks(p) ? p->coefficients + g * p->per_group * size : spread(p, g, p->coefficients, s->coefficients);
  if (of.coefficients != s->coefficients) return of; /* nothing was spread */
  of.apart = ROW / size;
  for (int64_t row = 1; row < 4; row++)
    (void)spread(p, g, p->coefficients + row * p->apart * size, s->coefficients + row * ROW);
  return of;
}

static void write_tiles(const writing *of, int64_t image, int64_t t, int64_t end) {
  const ek__batch_norm_plan *const p = of->v->plan;
  const tile at = tiles_of(p, of->g, image, t, end);
  const ek__norm_data d = data_at(of->v, at.at);
  ek__apply_loop *const apply = p->loops->apply[of->v->apply][p->form == EK__RUNS];
  if (in_blocks(p)) {
    apply((at.rows * at.cols + at.last_cols) / p->period, p->period, p->period, &d, of->coefficients, of->apart);
    return;
  }
  if (at.rows > 0) apply(at.rows, at.cols, p->row_stride, &d, of->coefficients, of->apart);
  if (at.last_cols > 0) {
    const ek__norm_data last = data_at(of->v, at.at + at.rows * p->row_stride);
    apply(1, at.last_cols, p->row_stride, &last, of->coefficients, of->apart);
  }
}

/* Tiles u to end of those of all images. */
static void write_range(const writing *of, int64_t u, int64_t end) {
  const int64_t tiles = of->v->plan->tiles;
  while (u < end) {
    const int64_t t = u % tiles, n = ek__min_i64(tiles - t, end - u);
    write_tiles(of, u / tiles, t, t + n);
    u += n;
  }
}

/* ---- the first visit: sums of a group's tiles, part by part */

typedef struct gathering {
  const ek__visits *v;
  int64_t g, terms;
  scratch *s;
  const char *k;
  double *s1, *s2;    /* of the part, for the group's channels */
  const writing *out; /* NULL, or what is written on the way */
} gathering;

static void clear_columns(const gathering *of) {
  const size_t bytes = (size_t)of->v->plan->cols * of->v->plan->loops->param_size;
  if (of->v->plan->form == EK__RUNS) return;
  memset(of->s->s1, 0, bytes), memset(of->s->s2, 0, bytes);
}

static gathering gather(const ek__visits *v, int64_t g, scratch *s) {
  return (gathering){.v = v, .g = g, .s = s, .k = spread(v->plan, g, v->plan->k, s->k)};
}

static void begin_part(gathering *of, int64_t part) {
  const ek__batch_norm_plan *const p = of->v->plan;
  const int64_t c = of->g * p->per_group;
  const size_t bytes = (size_t)channels_of(p, of->g) * sizeof(double);
  of->s1 = ek__part_sums(p, part, 0) + c, of->s2 = ek__part_sums(p, part, 1) + c;
  memset(of->s1, 0, bytes), memset(of->s2, 0, bytes);
  of->terms = 0;
  clear_columns(of);
}

static void fold_columns(gathering *of) {
  const ek__batch_norm_plan *const p = of->v->plan;
  const int64_t n = channels_of(p, of->g);
  if (of->terms == 0) return;
  if (p->form == EK__CYCLIC) {
    const int64_t cols = p->period == p->cols ? n : p->cols;
    p->loops->fold_cyclic(cols, ek__min_i64(n, p->period), of->s->s1, of->s1);
    p->loops->fold_cyclic(cols, ek__min_i64(n, p->period), of->s->s2, of->s2);
  } else if (p->form == EK__BLOCKED) {
    p->loops->fold_blocked(n, p->inner, of->s->s1, of->s1);
    p->loops->fold_blocked(n, p->inner, of->s->s2, of->s2);
  }
  of->terms = 0;
}

/* The t-th tile of n images, side by side. */
static void gather_tile(gathering *of, int64_t image, int64_t n, int64_t t) {
  const ek__batch_norm_plan *const p = of->v->plan;
  const tile at = tiles_of(p, of->g, image, t, t + 1);
  const ek__norm_data d = data_abreast(of->v, at.at, n);
  if (p->form == EK__RUNS) {
    p->loops->sums[of->v->sums][1](at.rows, at.cols, p->row_stride, &d, of->k, of->s1, of->s2);
    return;
  }
  ek__sums_loop *const sums = p->loops->sums[of->v->sums][0];
  const int64_t rows = (at.rows + (at.last_cols > 0)) * n;
  if (of->terms + rows > TERMS) fold_columns(of), clear_columns(of);
  of->terms += rows;
  if (at.rows > 0) sums(at.rows, at.cols, p->row_stride, &d, of->k, of->s->s1, of->s->s2);
  if (at.last_cols > 0) {
    const ek__norm_data last = data_abreast(of->v, at.at + at.rows * p->row_stride, n);
    sums(1, at.last_cols, p->row_stride, &last, of->k, of->s->s1, of->s->s2);
  }
}

/* Where the tiles of a part begin. */
static int64_t part_begin(const ek__batch_norm_plan *p, int64_t part) { return part * p->bands * p->tiles / p->parts; }

static void gather_part(gathering *of, int64_t part) {
  const ek__batch_norm_plan *const p = of->v->plan;
  begin_part(of, part);
  for (int64_t u = part_begin(p, part); u < part_begin(p, part + 1); u++) {
    const int64_t image = u / p->tiles * p->abreast, end = ek__min_i64(image + p->abreast, p->images);
    gather_tile(of, image, end - image, u % p->tiles);
    for (int64_t i = image; of->out != NULL && i < end; i++) write_tiles(of->out, i, u % p->tiles, u % p->tiles + 1);
  }
  fold_columns(of);
}

/* ---- between the visits */

static void prepare(const ek__visits *v, int64_t g) {
  const ek__batch_norm_plan *const p = v->plan;
  const int64_t n = channels_of(p, g), real = real_channels_of(p, g), c = g * p->per_group;
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

/* All of a group's first visit, by one thread. */
static void first_visit(const ek__visits *v, int64_t g, scratch *s) {
  prepare(v, g);
  const writing out = v->foretell != NULL ? write_group(v, g, s) : (writing){.v = NULL};
  for (int again = 0; again < 2; again++) {
    gathering of = gather(v, g, s);
    if (out.v != NULL) of.out = &out;
    for (int64_t part = 0; part < v->plan->parts; part++) gather_part(&of, part);
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
  scratch s;
  for (int64_t g = share(p->groups, i, n); g < end; g++) {
    first_visit(v, g, &s);
    if (v->apply < 0 || v->foretell != NULL) continue;
    const writing out = write_group(v, g, &s);
    for (int64_t image = p->images - 1; image >= 0; image--) write_tiles(&out, image, 0, p->tiles);
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
  scratch s;
  gathering of = gather(j->v, j->g, &s);
  const writing out = j->v->foretell != NULL ? write_group(j->v, j->g, &s) : (writing){.v = NULL};
  if (out.v != NULL) of.out = &out;
  gather_part(&of, part);
  if (j->v->plan->stream) j->v->plan->loops->stream_end();
}

static void shared_second(void *context, int64_t i) {
  const shared *const j = context;
  const ek__batch_norm_plan *const p = j->v->plan;
  const int64_t all = p->images * p->tiles, n = shares(p, all);
  scratch s;
  const writing of = write_group(j->v, j->g, &s);
  write_range(&of, share(all, i, n), share(all, i + 1, n));
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
  scratch s;
  writing of = {.g = -1};
  for (int64_t u = share(all, i, n); u < end;) {
    const int64_t g = u / p->tiles % p->groups, t = u % p->tiles, tiles = ek__min_i64(p->tiles - t, end - u);
    if (g != of.g) of = write_group(v, g, &s);
    write_tiles(&of, u / p->tiles / p->groups, t, t + tiles);
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

/* ---- guessing */

/* Columns: some rows, in an image or across images, of which there are more. Pictures: the beginning of each first run.
 */
void ek__guess_means(const ek__visits *v, int64_t c, int64_t n) {
  const ek__batch_norm_plan *const p = v->plan;
  const ek__batch_norm_loops *const loops = p->loops;
  const int64_t g = c / p->per_group, size = (int64_t)loops->param_size;
  const ek__norm_data d = data_at(v, g * p->group_stride);
  char *const k = p->k + c * size;
  double *const s1 = ek__part_sums(p, 0, 0) + c, *const s2 = ek__part_sums(p, 0, 1) + c;
  memset(s1, 0, (size_t)n * sizeof *s1), memset(s2, 0, (size_t)n * sizeof *s2);
  const int64_t wanted = ek__min_i64(ek__max_i64(p->count / 16, GUESS_MIN), GUESS_MAX);
  int64_t terms = ek__min_i64(wanted, p->inner);
  if (p->form == EK__CYCLIC) {
    const int64_t rows = p->images > 1 ? p->inner : p->count, row = in_blocks(p) ? p->period : p->stored;
    const bool across = p->images > rows;
    _Alignas(64) char sums[2][ROW];
    memset(sums[0], 0, (size_t)(n * size)), memset(sums[1], 0, (size_t)(n * size));
    terms = ek__min_i64(wanted, across ? p->images : rows);
    loops->first_values(n, d.x, 1, k);
    loops->sums[EK__SUMS_MOMENTS][0](terms, n, across ? p->image_stride : row, &d, k, sums[0], sums[1]);
    loops->fold_cyclic(n, n, sums[0], s1);
  } else {
    loops->first_values(n, d.x, p->inner, k);
    loops->sums[EK__SUMS_MOMENTS][1](n, terms, p->inner, &d, k, s1, s2);
  }
  loops->shift_by(n, 1 / (double)terms, s1, k);
}
