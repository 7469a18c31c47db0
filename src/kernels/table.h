/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of one instruction set: what isa/<name>/all.c fills in and the schedules call. Loops know pointers and
 * counts; they check nothing, allocate nothing and start no threads. */
#ifndef EK_KERNELS_TABLE_H
#define EK_KERNELS_TABLE_H

#include "evenkeel/kernels.h"
#include "kernels/elementwise.h"

#include <stdbool.h>

/* out[i] = f(a[i]); out may be a. */
typedef void ek__unary_loop(int64_t n, const void *a, void *out);

/* out[r*cols + c] = f(a[r*a.row + c*a.col], b[r*b.row + c*b.col]) */
typedef void ek__binary_loop(int64_t rows, int64_t cols, ek__operand a, ek__operand b, void *out);

typedef struct ek__elementwise_loops {
  ek__unary_loop *unary[EK__UNARY_COUNT];
  ek__binary_loop *binary[EK__BINARY_COUNT];
  double (*sum)(int64_t n, const void *a);
  double (*sum_squares)(int64_t n, const void *a);
  double (*dot)(int64_t n, const void *a, const void *b);
  /* out[c] = sum over r of a[r*stride + c] */
  void (*column_sums)(int64_t rows, int64_t cols, const void *a, int64_t stride, void *out);
  void (*update[EK__UPDATE_COUNT])(int64_t n, void *const *arrays, const void *grad, const double *hyper);
} ek__elementwise_loops;

/* The arrays of data that a loop works on, where its first row begins. Forward reads x and writes out (y); backward
 * reads x and dy and writes out (dx). Fused with an activation, forward may add `other` before it, and backward reads
 * the activation's y as `other` and may write what dy becomes behind it to other_out. Which values are above zero
 * forward may write to put_bits, and backward may read from bits instead of y. */
typedef struct ek__norm_data {
  const void *x, *dy, *other;
  void *out, *other_out;
  unsigned char *put_bits;   /* bit i % 8 of byte i / 8 is that of value i, */
  const unsigned char *bits; /* the first row's first value being number `first` */
  int64_t first;
  double slope; /* of the activation, below zero */
  bool far;     /* they lie in memory, which is read fast only from one end to the other */
  bool near;    /* they lie in the second cache, where any order will do */
  bool stream;  /* what is written goes past the caches: whole vectors of it are aligned, or in runs can be */
  /* Sums alone: they are taken of so many examples side by side (0: of one), which lie so many values apart. */
  int64_t abreast, example_stride;
  bool pieces; /* what is read is short pieces of memory: they are asked for ahead */
} ek__norm_data;

enum { EK__SUMS_MOMENTS, EK__SUMS_DY, EK__SUMS_MASKED, EK__SUMS_INVERTED, EK__SUMS_KINDS };
enum {
  EK__APPLY_PLAIN,
  EK__APPLY_ACTIVATED,
  EK__APPLY_ADDED,
  EK__APPLY_DY,
  EK__APPLY_DY_MASKED,
  EK__APPLY_DX,
  EK__APPLY_DX_MASKED,
  EK__APPLY_DX_INVERTED,
  EK__APPLY_KINDS
};

/* Values: rows of columns that are longer keep the first cache busier than memory, two of them side by side. */
#define EK__LONG_ROW 1024

/* Examples side by side, if there are so many: memory reads several pages at a time faster than one. */
#define EK__ABREAST 4

/* Adds the terms of so many rows to s1 and s2. In columns these, and k, are T's, one for each column; in runs they are
 * one for each row, s1 and s2 doubles. */
typedef void ek__sums_loop(int64_t rows, int64_t cols, int64_t stride, const ek__norm_data *data, const void *k,
                           void *s1, void *s2);
/* Coefficients, for each column or row, lie in rows `apart` values from each other: shift, a, b for y = (x - shift) * a
 * + b; mean, a, c1, c2 for dx = a * ((dy - c1) - (x - mean) * c2), and a alone for dx = a * dy. */
typedef void ek__apply_loop(int64_t rows, int64_t cols, int64_t stride, const ek__norm_data *data,
                            const void *coefficients, int64_t apart);

/* Both at once: results as apply writes them, of the first kinds alone and past the caches, and the sums of moments of
 * what lies `ahead` values further on. Rows lie one behind the other. Columns are always EK__BLOCK_ROW, rows of
 * blocks, whose channels have one k and one of each coefficient. */
typedef void ek__both_loop(int64_t rows, int64_t cols, const ek__norm_data *data, const void *coefficients,
                           int64_t apart, int64_t ahead, const void *k, void *s1, void *s2);

typedef struct ek__batch_norm_loops {
  size_t data_size, param_size, vector_size; /* vector_size: the bytes of a vector in memory */
  ek__sums_loop *sums[EK__SUMS_KINDS][2];    /* in columns, in runs */
  ek__apply_loop *apply[EK__APPLY_KINDS][2];
  ek__both_loop *both[EK__APPLY_ADDED + 1][2];
  void (*stream_end)(void); /* after the last store past the caches; NULL: the set has none */
  void (*first_values)(int64_t n, const void *x, int64_t apart, void *k);
  /* Sums of columns added to those of channels, and channels' values given to their columns: see
   * common/batch_norm_spread.inc. */
  void (*fold_cyclic)(int64_t cols, int64_t channels, const void *from, double *sum);
  void (*fold_blocked)(int64_t channels, int64_t each, const void *from, double *sum);
  void (*spread_cyclic)(int64_t cols, int64_t channels, const void *from, void *to);
  void (*spread_blocked)(int64_t channels, int64_t each, const void *from, void *to);
  /* Pieces without a plan: see common/batch_norm_pieces.inc. Here coefficients of dx are a, c1, c2; sums, means and m2
   * are overwritten. */
  void (*bases)(int64_t channels, const void *x, int64_t apart, double *base);
  void (*moments_columns)(int64_t rows, int64_t cols, const void *x, int64_t stride, const double *base, double *mean,
                          double *m2);
  void (*apply_columns)(int64_t rows, int64_t cols, const void *x, int64_t stride, const void *coefficients,
                        int64_t apart, void *y);
  void (*gradient_columns)(int64_t rows, int64_t cols, const void *x, const void *dy, int64_t stride, const void *mean,
                           double *sum_dy, double *sum_dy_xc);
  void (*dx_columns)(int64_t rows, int64_t cols, const void *x, const void *dy, int64_t stride, const void *mean,
                     const void *coefficients, int64_t apart, void *dx);
  void (*moments_runs)(int64_t runs, int64_t len, const void *x, int64_t stride, const double *base, double *mean,
                       double *m2);
  void (*apply_run)(int64_t len, const void *x, const void *coefficients, int64_t apart, void *y);
  void (*gradient_runs)(int64_t runs, int64_t len, const void *x, const void *dy, int64_t stride, const void *mean,
                        double *sum_dy, double *sum_dy_xc);
  void (*dx_run)(int64_t len, const void *x, const void *dy, const void *mean, const void *coefficients, int64_t apart,
                 void *dx);
  /* Per channel: the statistics of more_n values added to those of n; plain sums. */
  void (*add_moments)(int64_t channels, double n, double more_n, const double *more_mean, const double *more_m2,
                      double *mean, double *m2);
  void (*add)(int64_t n, const double *more, double *sum);
  /* See common/batch_norm_channels.inc. */
  void (*widen)(int64_t channels, const void *k, double *base);
  void (*shift_by)(int64_t channels, double share, const double *s1, void *k);
  bool (*moments)(int64_t channels, double count, void *k, double *s1, double *s2);
  void (*normalizers)(int64_t channels, double count, double epsilon, const double *base, const double *mean,
                      const double *m2, const void *scale, const void *offset, void *coefficients, int64_t apart);
  void (*given_normalizers)(int64_t channels, double epsilon, const void *mean, const void *variance, const void *scale,
                            const void *offset, void *coefficients, int64_t apart);
  void (*given_coefficients)(int64_t channels, const void *a, const void *b, void *coefficients, int64_t apart);
  void (*statistics)(int64_t channels, double count, const double *base, const double *mean, const double *m2,
                     void *mean_out, void *variance_out, void *unbiased_out);
  void (*moving_averages)(int64_t channels, double count, double decay, bool correct, const double *base,
                          const double *mean, const double *m2, void *moving_mean, void *moving_variance);
  void (*gradients)(int64_t channels, double count, double epsilon, const double *sum_dy, const double *sum_dy_xc,
                    const void *variance, const void *scale, void *coefficients, int64_t apart, void *dscale,
                    void *doffset);
  /* Of x that is found again from y: the sums of dy * (y - offset) as those of dy * (x - mean); and coefficients of dx
   * (mean, a, c1, c2) for y and offset in the places of x and mean. */
  void (*invert_sums)(int64_t channels, double epsilon, const void *variance, const void *scale, double *sum_dy_xc);
  void (*invert_coefficients)(int64_t channels, const void *offset, void *coefficients, int64_t apart);
  void (*frozen_gradients)(int64_t channels, double count, double epsilon, const double *sum_dy,
                           const double *sum_dy_xc, const void *variance, const void *scale, void *coefficients,
                           int64_t apart, void *dscale, void *doffset);
} ek__batch_norm_loops;

/* A row has one statistic, and a scale and an offset for every column. Scalars come as doubles and are rounded to what
 * is computed in; common/group_norm.inc has the formulas. */
typedef struct ek__group_norm_loops {
  void (*normalize_row)(int64_t len, const void *x, double shift, double k, double b, const void *scale,
                        const void *offset, void *y);
  void (*gradient_row)(int64_t len, const void *x, const void *dy, double mean, double k, const void *scale,
                       double *sum, double *sum_xc, void *dscale, void *doffset);
  void (*fold_row)(int64_t cols, void *row, double *sum);
  void (*dx_row)(int64_t len, const void *x, const void *dy, double mean, const void *scale, double k, double c1,
                 double c2, void *dx);
  void (*dx_run)(int64_t len, const void *x, const void *dy, const void *coefficients, int64_t apart, void *dx);
  void (*dx_columns)(int64_t rows, int64_t cols, const void *x, const void *dy, int64_t stride,
                     const void *coefficients, int64_t apart, void *dx);
} ek__group_norm_loops;

/* Columns whose rows have weights of the parameters' type, `repeat` rows each; `first` is the number of the first row.
 */
typedef struct ek__weighted_loops {
  double (*moments)(int64_t rows, int64_t cols, const void *x, int64_t stride, const void *weights, int64_t first,
                    int64_t repeat, const double *base, double *mean, double *m2);
  void (*dx)(int64_t rows, int64_t cols, const void *x, const void *dy, int64_t stride, const void *weights,
             int64_t first, int64_t repeat, const void *mean, const void *coefficients, int64_t apart, void *dx);
  void (*dx_run)(int64_t len, const void *x, const void *dy, double weight, const void *mean, const void *coefficients,
                 int64_t apart, void *dx);
} ek__weighted_loops;

struct ek_kernels {
  const char *name;
  bool (*usable)(void);
  const ek__elementwise_loops *elementwise[2]; /* by ek_kernels_type: F32, F64 */
  const ek__batch_norm_loops *batch_norm[4];   /* by ek_kernels_type */
  const ek__group_norm_loops *group_norm[4];
  const ek__weighted_loops *weighted[4];
};

#endif
