/* SPDX-License-Identifier: Apache-2.0 */
/* Batch norm over any subset of axes, in a strided view. Axes that lie behind one another and are treated alike become
 * one; what is left is cut into tiles that the loops of batch norm take:
 *
 *   columns   [rows, width]  a row holds `width` neighbouring channels      ... kept axis fastest
 *   runs      [rows, width]  a row holds `width` values of the one channel  ... averaged axis fastest
 *
 * The kept axes outside of the tile number the blocks, each with statistics of its own; the averaged ones number the
 * pieces of a block, which are folded in order. Where this would be the view [outer, channels, inner], or one of
 * nChw16c, that is used. A blocked axis is two: that of the blocks, and their 16 values. */
#ifndef EK_KERNELS_AXES_PLAN_H
#define EK_KERNELS_AXES_PLAN_H

#include "kernels/batch_norm/plan.h"

/* Some axes as one: its size, and how far its neighbours are apart in the data, in the statistics and in the
 * parameters, in values. */
typedef struct ek__axis {
  int64_t size, data, statistic, parameter;
  int64_t channel; /* where a blocked axis has a last block that is filled up: the way along it; else 0 */
  bool kept;
} ek__axis;

typedef struct ek__axis_list {
  int n;
  ek__axis axis[EK_KERNELS_AXES + 1];
} ek__axis_list;

typedef struct ek__axes_plan {
  const ek__batch_norm_loops *loops;
  bool single; /* a view of batch norm does: `shape` */
  ek_kernels_batch_norm_shape shape;
  bool columns;
  int64_t rows, apart, width;       /* of a tile; `apart` from row to row */
  int64_t rows_at_once;             /* of which a piece has so many */
  int64_t channels;                 /* of the axis whose last block is filled up; 0: there is none */
  ek__axis_list block, piece, kept; /* kept: all of them, as the caller has them */
  int64_t blocks, pieces, row_pieces;
  int64_t parts, per_part; /* pieces of a block that one thread adds up */
  int64_t count, statistics, parameters;
  bool shared; /* several statistics share a parameter */
  int64_t bytes;
  int threads;
  double *sums;       /* [parts, 4, statistics]: mean, m2 or sum_dy, sum_dy_xc; and those of a piece */
  double *base;       /* [statistics] */
  char *coefficients; /* [3, statistics] */
  char *spread;       /* [EK__SPREAD, statistics]: parameters as every statistic sees them; none unless shared */
} ek__axes_plan;

enum { EK__SPREAD = 5 };

/* As ek__batch_norm_plan_init; where plan->single comes out, workspace and threads are not looked at. */
ek_kernels_code ek__axes_plan_init(ek__axes_plan *plan, const ek_kernels *kernels, const ek_kernels_axes *axes,
                                   int threads, void *workspace, size_t workspace_bytes);

/* The bytes that the plan needs; those of `single`, what the function for that view says. */
ek_kernels_code ek__axes_workspace(const ek_kernels_axes *axes,
                                   ek_kernels_code (*single)(const ek_kernels_batch_norm_shape *, size_t *),
                                   size_t *bytes);

/* Where the i-th of what a list numbers lies; the others of its members are left as 0. */
ek__axis ek__axes_locate(const ek__axis_list *list, int64_t i);

/* How many statistics a block has: as many as columns, or one; less where it is filled up. */
static inline int64_t ek__axes_width(const ek__axes_plan *p, const ek__axis *block) {
  const int64_t all = p->columns ? p->width : 1, left = p->channels == 0 ? all : p->channels - block->channel;
  return left < 0 ? 0 : left < all ? left : all;
}
static inline double *ek__axes_sums(const ek__axes_plan *p, int64_t part, int row) {
  return p->sums + (part * 4 + row) * p->statistics;
}

/* A piece of a block: the first row's place in the data and the number of rows. */
typedef struct ek__axes_piece {
  int64_t data, rows;
} ek__axes_piece;
ek__axes_piece ek__axes_piece_of(const ek__axes_plan *plan, const ek__axis *block, int64_t piece);

/* How many values of a statistic the pieces in front of this one have. */
int64_t ek__axes_values_before(const ek__axes_plan *plan, int64_t piece);

/* The k-th row of plan->spread. */
static inline void *ek__axes_row(const ek__axes_plan *p, int k) {
  return p->spread + k * p->statistics * (int64_t)sizeof(double);
}

/* Parameters as every statistic sees them: p itself, or a copy in the k-th row. NULL stays NULL. */
const void *ek__axes_spread(const ek__axes_plan *plan, int k, const void *p);

/* sum[parameter] = the sum of what its statistics have in the k-th row, in order. */
void ek__axes_gather(const ek__axes_plan *plan, int k, double *sum);

#endif
