/* SPDX-License-Identifier: Apache-2.0 */
/* The cuts of a batch norm. docs/batch-norm.md draws them and tells what each was measured against. */
#include "kernels/batch_norm/plan.h"
#include "kernels/blocks.h"
#include "kernels/caches.h"
#include "kernels/schedule.h"

/* Values: columns in multiples of LINE fill vectors and cache lines of every kind; rows shorter than NARROW_COLUMNS are
 * joined, and so are odd ones in data of JOIN_BYTES, where a lost part of a vector would show. */
#define LINE           16
#define NARROW_COLUMNS 64
#define JOIN_BYTES     (1 << 20)
#define TILE_ROWS      64 /* terms that a column's sum in T takes before it is added up in double */

/* Pictures of up to BLOCKED_INNER values, half as many where no moments are taken, are columns if there are
 * BLOCKED_OUTER examples to add up, else runs. A slab's row of columns with coefficients stays in the first cache. */
#define BLOCKED_INNER 256
#define BLOCKED_OUTER 8
#define BLOCKED_BYTES 3200

/* Runs: a slab, and its piece of an example. The second cache keeps a slab of both x and dy. Where results are written
 * while the next slab's sums are taken, pieces should be long, and the last cache keeps two slabs; that is left if they
 * cannot be longer than SHORT_BYTES. Pieces longer than PIECE_BYTES are read fast by themselves. */
#define RUN_BYTES   6272
#define SLAB_BYTES  (224 << 10)
#define JOINT_BYTES (112 << 10)
#define JOINT_SLAB  (3584 << 10)
#define SHORT_BYTES (6 << 10)
#define PIECE_BYTES (64 << 10)

/* A part has at least PART_VALUES, and of each channel as many as make folding cheap. */
#define PART_VALUES 65536
#define PART_COUNT  128
#define MAX_PARTS   64

static int64_t gcd(int64_t a, int64_t b) { return b == 0 ? a : gcd(b, a % b); }
static int64_t up_to(int64_t n, int64_t multiple) { return ek__chunk_count(n, multiple) * multiple; }

/* Examples whose pieces, of so many bytes, are summed up side by side. */
static int64_t side_by_side(const ek__batch_norm_plan *p, int64_t piece) {
  const int64_t longest = p->purpose == EK__GRADIENTS ? PIECE_BYTES : SHORT_BYTES;
  return piece > longest ? 1 : ek__min_i64(p->images, EK__ABREAST);
}

/* Rows of `period` channels, joined in twos, threes... to rows of at least 64 columns and of whole vectors. */
static void cut_image(ek__batch_norm_plan *p, int64_t rows, int64_t period, int64_t joined) {
  p->period = period;
  p->cols = period * joined, p->row_stride = p->cols;
  p->rows = ek__chunk_count(rows, joined);
  p->last_cols = rows * period - (p->rows - 1) * p->cols;
  const int64_t most = TILE_ROWS / p->abreast; /* and of one size, where there are several examples */
  p->tile_rows = p->abreast == 1 ? most : ek__chunk_count(p->rows, ek__chunk_count(p->rows, most));
}

/* Blocks of pictures of one value are rows of channels, too, those that fill the last one up included. */
static void cut_rows_of_channels(ek__batch_norm_plan *p, int64_t size, int64_t widest) {
  const int64_t c = p->stored;
  int64_t joined = LINE / gcd(c, LINE);
  p->form = EK__CYCLIC;
  p->groups = ek__chunk_count(c, widest),
  p->per_group = p->groups == 1 ? c : up_to(ek__chunk_count(c, p->groups), LINE);
  p->groups = ek__chunk_count(c, p->per_group), p->group_stride = p->per_group;
  p->images = 1;
  joined *= ek__chunk_count(NARROW_COLUMNS, joined * c);
  if (c >= NARROW_COLUMNS && (joined * c > widest || p->count * c * size < JOIN_BYTES)) joined = 1;
  cut_image(p, p->count, p->per_group, p->groups == 1 ? joined : 1);
  if (p->groups > 1) p->row_stride = c, p->last_cols = p->cols;
}

static void cut_blocks_of_channels(ek__batch_norm_plan *p, int64_t size) {
  p->form = EK__CYCLIC;
  p->groups = p->stored / EK__BLOCK, p->per_group = EK__BLOCK, p->group_stride = EK__BLOCK * p->inner;
  p->images = p->outer, p->image_stride = p->stored * p->inner;
  p->abreast = side_by_side(p, p->inner * EK__BLOCK * size);
  cut_image(p, p->inner, EK__BLOCK, EK__BLOCK_ROW / EK__BLOCK);
}

/* As many channels as make a run of memory long, their slab small, vectors whole and groups even. */
static int64_t channels_of_slab(const ek__batch_norm_plan *p, int64_t size) {
  const int64_t step = LINE / gcd(p->inner, LINE), run = p->inner * size, slab = run * ek__max_i64(p->outer, 1);
  const bool joint = p->form == EK__RUNS && p->purpose == EK__MOMENTS;
  const int64_t longest = p->form == EK__BLOCKED ? BLOCKED_BYTES : joint ? JOINT_BYTES : RUN_BYTES;
  const int64_t most = ek__max_i64(ek__min_i64(longest / run, (joint ? JOINT_SLAB : SLAB_BYTES) / slab), 1);
  if (most < step) return most;
  const int64_t whole = most / step * step;
  for (int64_t n = whole; n >= ek__max_i64(whole / 2, step); n -= step)
    if (p->channels % n == 0) return n;
  return whole;
}

static void cut_slabs(ek__batch_norm_plan *p, int64_t channels) {
  p->per_group = channels, p->groups = ek__chunk_count(p->channels, channels);
  p->group_stride = channels * p->inner;
  if (p->form == EK__RUNS) p->rows = p->tile_rows = channels;
}

static void cut_pictures(ek__batch_norm_plan *p, int64_t size) {
  const int64_t largest = p->purpose == EK__MOMENTS ? BLOCKED_INNER : BLOCKED_INNER / 2;
  const bool blocked = p->outer >= BLOCKED_OUTER && p->inner <= largest;
  p->form = blocked ? EK__BLOCKED : EK__RUNS;
  cut_slabs(p, channels_of_slab(p, size));
  if (blocked) {
    p->images = 1;
    p->rows = p->outer, p->cols = p->group_stride, p->row_stride = p->channels * p->inner;
    p->tile_rows = TILE_ROWS;
  } else {
    p->images = p->outer, p->image_stride = p->channels * p->inner;
    p->cols = p->inner, p->row_stride = p->inner;
    p->abreast = side_by_side(p, p->group_stride * size);
  }
  p->last_cols = p->cols;
}

/* Channels, or blocks of them, lie in pieces of memory, one in every example. */
static bool of_pieces(const ek__batch_norm_plan *p) { return p->form == EK__RUNS || ek__in_blocks(p); }

void ek__batch_norm_cut(ek__batch_norm_plan *p, int64_t data_size, int64_t param_size) {
  p->apart = up_to(p->stored, LINE);
  p->abreast = 1;
  if (p->bytes == 0) {
    p->parts = 1;
    return;
  }
  if (p->block != 0 && p->inner > 1)
    cut_blocks_of_channels(p, data_size);
  else if (p->inner == 1 || p->channels == 1)
    cut_rows_of_channels(p, data_size, EK__ROW_BYTES / param_size);
  else
    cut_pictures(p, ek__max_i64(data_size, param_size));
  p->pieces = p->form == EK__BLOCKED || of_pieces(p);
  p->tiles = ek__chunk_count(p->rows, p->tile_rows);
  p->bands = ek__chunk_count(p->images, p->abreast);
  const int64_t values = p->count * (p->form == EK__CYCLIC ? p->per_group : 1), tiles = p->bands * p->tiles;
  p->parts = 1;
  while (p->parts < MAX_PARTS && values / (2 * p->parts) >= PART_VALUES && p->count / (2 * p->parts) >= PART_COUNT &&
         tiles >= 2 * p->parts)
    p->parts *= 2;
}

/* Groups of runs are cut smaller until each thread has some: that changes no sum. */
void ek__batch_norm_order(ek__batch_norm_plan *p) {
  const int64_t threads = p->threads, enough = threads == 1 ? 1 : 4 * threads;
  while (p->form == EK__RUNS && p->groups < enough && p->per_group > 1) cut_slabs(p, ek__chunk_count(p->per_group, 2));
  const bool fair = p->groups >= enough || (of_pieces(p) && p->groups >= 2 * threads && p->groups % threads == 0);
  p->schedule = p->purpose == EK__RESULTS ? EK__ONCE : fair ? EK__SLABS : EK__SHARED;
}

/* Runs find their own way to an aligned place, which must be one for a second output too. */
static bool aligned(const ek__batch_norm_plan *p, const void *out, const void *first) {
  const int64_t size = (int64_t)p->loops->data_size, vector = (int64_t)p->loops->vector_size;
  if (out == NULL) return true;
  if (p->form == EK__RUNS) return ((uintptr_t)out - (uintptr_t)first) % (uintptr_t)vector == 0;
  return (uintptr_t)out % (uintptr_t)vector == 0 && p->row_stride * size % vector == 0 &&
         p->group_stride * size % vector == 0 && p->image_stride * size % vector == 0;
}

/* Several threads may well have several L3 caches, whatever the processor says of itself. */
int64_t ek__batch_norm_kept(const ek__batch_norm_plan *p) {
  const int64_t l3 = ek__caches().l3;
  return p->threads > 1 ? l3 / 8 * 7 : l3 / 4 * 3;
}

void ek__batch_norm_choose_stores(ek__batch_norm_plan *p, const ek__norm_data *d) {
  const void *const inputs[] = {d->x, d->dy, d->other};
  const int64_t outputs = 1 + (d->other_out != NULL);
  int64_t read = 0;
  bool in_place = false;
  for (int i = 0; i < 3; i++) {
    if (inputs[i] == NULL) continue;
    read += p->bytes;
    in_place |= inputs[i] == d->out || inputs[i] == d->other_out;
  }
  const bool slabs = p->schedule == EK__SLABS && p->form == EK__BLOCKED;
  const bool rows = p->form == EK__CYCLIC && p->groups == 1 && d->dy != NULL; /* training forward loses by it */
  p->near = (slabs || rows) && read / ek__max_i64(p->groups, 1) <= ek__caches().l2;
  const bool kept = read + outputs * p->bytes <= ek__batch_norm_kept(p);
  p->far = p->form == EK__CYCLIC && !kept && (read > ek__caches().l3 || p->cols <= EK__LONG_ROW);
  p->pieces = p->pieces && !kept;
  p->stream = p->loops->stream_end != NULL && !kept && !in_place && p->stored == p->channels &&
              aligned(p, d->out, d->out) && aligned(p, d->other_out, d->out);
  p->joint = p->stream && p->schedule == EK__SLABS && p->purpose == EK__MOMENTS && of_pieces(p) && p->abreast == 1;
}
