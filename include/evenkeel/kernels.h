/* SPDX-License-Identifier: Apache-2.0 */
/* Batch normalization as plain functions on pointers and shapes: no graph, no allocation, no input or output, no state.
 * This header and src/kernels build alone: cmake -DEK_KERNELS_ONLY=ON makes libevenkeel_kernels, and copied as
 * evenkeel/kernels.h and kernels they need no CMake:
 *   cc -std=c17 -O2 -I. app.c $(find kernels -name '*.c') -lm          (-fopenmp: with threads)
 * Functions may be called from any number of threads at once. */
#ifndef EVENKEEL_KERNELS_H
#define EVENKEEL_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifndef EK_API
#if defined(EK_BUILDING) && defined(__GNUC__)
#define EK_API __attribute__((visibility("default")))
#else
#define EK_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What every function here returns. After anything but EK_KERNELS_OK no output has been written. */
typedef enum ek_kernels_code {
  EK_KERNELS_OK = 0,
  EK_KERNELS_INVALID_ARGUMENT, /* NULL where data is needed, a negative size, an unknown type, bytes beyond size_t */
  EK_KERNELS_OVERLAP,   /* two arrays overlap, one of them is written, and this is not the in-place use allowed */
  EK_KERNELS_WORKSPACE, /* the workspace is missing, too small or not aligned to 8 bytes */
  EK_KERNELS_NO_ISA     /* no such instruction set, or this processor lacks it */
} ek_kernels_code;

/* "ok", "invalid argument", ...: a constant. */
EK_API const char *ek_kernels_code_name(ek_kernels_code code);

/* The type of the data. Parameters and statistics are double beside EK_KERNELS_F64 and float beside all others. */
typedef enum ek_kernels_type { EK_KERNELS_F32, EK_KERNELS_F64, EK_KERNELS_BF16, EK_KERNELS_F16 } ek_kernels_type;

/* The kernels of one instruction set: a constant, valid for ever. */
typedef struct ek_kernels ek_kernels;

/* Every function below takes such a set, or NULL for the one that ek_kernels_get(NULL, ...) finds.
 * Finds kernels by the name of their instruction set: "avx512bf16", "avx512", "avx2", "sse2", or "neon" on AArch64,
 * "scalar". NULL: the one named by the environment variable EK_ISA or, if that is unset or empty, the best one of this
 * processor; this choice is made once per process. A set that does not exist or that the processor lacks is
 * EK_KERNELS_NO_ISA, never another set. (The first two give the same bits: the first rounds to bfloat16 faster.) */
EK_API ek_kernels_code ek_kernels_get(const char *isa, const ek_kernels **out);

/* The name of the instruction set. */
EK_API const char *ek_kernels_name(const ek_kernels *kernels);

/* The name of the i-th set in this build, best first, usable here or not; NULL past the end. */
EK_API const char *ek_kernels_list(int i);

/* How x, y and their gradients lie in memory: [outer, channels, inner], contiguous. NHWC: outer = N*H*W, inner = 1;
 * NCHW: outer = N, inner = H*W; [rows, columns]: outer = rows, inner = 1.
 * With block = 16 (nChw16c): [outer, ceil(channels / 16), inner, 16], outer = N, inner = H*W. Where channels is no
 * multiple of 16 the last block is filled up with channels that nothing is made of: the inputs should hold zeros there,
 * as oneDNN leaves them, and so will the outputs. Parameters and statistics stay [channels]. */
typedef struct ek_kernels_batch_norm_shape {
  ek_kernels_type type;
  int64_t outer, channels, inner;
  int64_t block; /* 0, or 16 */
} ek_kernels_batch_norm_shape;

/* All arrays below are the caller's, of any alignment that their type allows; parameters and statistics are [channels].
 * x, y, dy and dx may be the same array where an output equals an input exactly; any other overlap with something
 * written is an error. threads: at most so many; 0: as many as OpenMP would take; results are the same bits for any
 * number. Bytes of workspace: what the twin function says for the shape; it needs no initialisation and keeps nothing.
 * NaN and infinities stay in their channel. Fields left out of a designated initializer are NULL or 0. */

/* What may follow in the same pass: something of the data's shape is added, then an activation is taken. ReLU and leaky
 * ReLU are y where y > 0 and alpha * y elsewhere, alpha being 0 for ReLU; NaN stays NaN. Which side of zero a value was
 * on can be kept in a mask of bits, a 32nd of the floats that gradients otherwise read: bit i % 8 of byte i / 8, the
 * lowest first, is whether value i, as values lie in memory, was above 0 before it was rounded to the data's type.
 * It has ek_kernels_batch_norm_mask_bytes; what is behind the last value is 0. (Where pieces of memory that threads
 * share out begin within bytes, as in NCHW with an odd number of values a picture, a mask is written by one thread.) */
typedef enum ek_kernels_activation {
  EK_KERNELS_NO_ACTIVATION,
  EK_KERNELS_RELU,
  EK_KERNELS_LEAKY_RELU
} ek_kernels_activation;

/* Bytes of the mask of a shape's values, those that fill up the last block of channels included. */
EK_API ek_kernels_code ek_kernels_batch_norm_mask_bytes(const ek_kernels_batch_norm_shape *shape, size_t *bytes);

/* Training: over the N = outer * inner values of each channel
 *   mean = sum(x) / N, variance = sum((x - mean)^2) / N, y = (x - mean) * (rsqrt(variance + epsilon) * scale) + offset.
 * Statistics are summed around a value close to the mean and then in double: a large mean costs no accuracy, variance
 * is never negative, and that of a constant channel is 0. y is computed from them before they are rounded to their
 * type. N = 0: the statistics are NaN. (FusedBatchNormV3 with is_training = true; tf.nn.moments with y = NULL.)
 * Moving averages follow in the same call, in their own type:
 *   moving -= (moving - statistic) * decay
 * with the mean and the variance, or with `correct` its unbiased form. (assign_moving_average; decay = 1 - momentum.)
 */
typedef struct ek_kernels_batch_norm_train_args {
  ek_kernels_batch_norm_shape shape;
  double epsilon;
  const void *x;
  const void *scale, *offset;          /* NULL: ones, zeros */
  void *y;                             /* may be x; NULL: only the statistics */
  void *mean, *variance;               /* NULL: not wanted */
  void *unbiased_variance;             /* variance * N / max(N - 1, 1); NULL: not wanted */
  void *moving_mean, *moving_variance; /* read and written; NULL: none */
  double decay;                        /* the factor of the new value */
  int correct;                         /* 0: moving_variance follows variance; else: unbiased_variance */
  const void *add;                     /* added to y before the activation; may be y. NULL: nothing */
  ek_kernels_activation activation;
  double alpha;        /* of leaky ReLU */
  unsigned char *mask; /* written; only with an activation and y; NULL: not wanted */
  void *workspace;
  size_t workspace_bytes;
  int threads;
} ek_kernels_batch_norm_train_args;

EK_API ek_kernels_code ek_kernels_batch_norm_train_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes);
EK_API ek_kernels_code ek_kernels_batch_norm_train(const ek_kernels *kernels,
                                                   const ek_kernels_batch_norm_train_args *args);

/* What the library decides for a shape, for people who want to know: texts are constants, counts as named. Data are
 * seen as groups of channels, each of them rows of columns; sums are taken in `parts`, which are folded in order. Shape
 * and layout choose the form, and with it every bit of the result; threads and caches choose the schedule and the
 * stores. */
typedef struct ek_kernels_batch_norm_choice {
  const char *form, *form_why;         /* "columns", "joined columns", "blocked columns", "runs" */
  const char *schedule, *schedule_why; /* "slabs", "shared", "once" */
  const char *stores_why;
  int streams;              /* whether results are stored past the caches */
  int64_t groups, channels; /* how many, and channels of each */
  int64_t rows, columns;    /* of a group */
  int64_t parts;
  int threads;
  int64_t l2_bytes, l3_bytes; /* the caches, as the processor tells */
} ek_kernels_batch_norm_choice;

/* reads: the arrays of data that the call would read, 1 to 3; sums: of how many it takes any: 0, 1 for training (x), 2
 * for its gradient (x and dy). Data are taken to be aligned to 64 bytes, and results not to be in place. */
EK_API ek_kernels_code ek_kernels_batch_norm_explain(const ek_kernels *kernels,
                                                     const ek_kernels_batch_norm_shape *shape, int reads, int sums,
                                                     int threads, ek_kernels_batch_norm_choice *out);

/* Inference, with given statistics: y = (x - mean) * (rsqrt(variance + epsilon) * scale) + offset. */
typedef struct ek_kernels_batch_norm_infer_args {
  ek_kernels_batch_norm_shape shape;
  double epsilon;
  const void *x;
  const void *scale, *offset; /* NULL: ones, zeros */
  const void *mean, *variance;
  void *y;         /* may be x */
  const void *add; /* as in training, as are the next three */
  ek_kernels_activation activation;
  double alpha;
  unsigned char *mask;
  void *workspace;
  size_t workspace_bytes;
  int threads;
} ek_kernels_batch_norm_infer_args;

EK_API ek_kernels_code ek_kernels_batch_norm_infer_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes);
EK_API ek_kernels_code ek_kernels_batch_norm_infer(const ek_kernels *kernels,
                                                   const ek_kernels_batch_norm_infer_args *args);

/* Scale and shift alone: y = x * a[c] + b[c], for coefficients found elsewhere (folded, or of a group or a layer); what
 * is added, the activation and its mask follow as above. */
typedef struct ek_kernels_batch_norm_apply_args {
  ek_kernels_batch_norm_shape shape;
  const void *x;
  const void *a, *b; /* NULL: ones; nothing is added */
  void *y;           /* may be x */
  const void *add;   /* as in training, as are the next three */
  ek_kernels_activation activation;
  double alpha;
  unsigned char *mask;
  void *workspace;
  size_t workspace_bytes;
  int threads;
} ek_kernels_batch_norm_apply_args;

EK_API ek_kernels_code ek_kernels_batch_norm_apply_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes);
EK_API ek_kernels_code ek_kernels_batch_norm_apply(const ek_kernels *kernels,
                                                   const ek_kernels_batch_norm_apply_args *args);

/* Statistics alone, in the form that merges: N, and per channel mean = sum(x) / N and m2 = sum((x - mean)^2), in double
 * whatever the type. N = 0: mean and m2 are zeros. (variance = m2 / N, unbiased m2 / (N - 1).) */
typedef struct ek_kernels_batch_norm_moments_args {
  ek_kernels_batch_norm_shape shape;
  const void *x;
  int64_t *count;
  double *mean, *m2; /* [channels] */
  void *workspace;
  size_t workspace_bytes;
  int threads;
} ek_kernels_batch_norm_moments_args;

EK_API ek_kernels_code ek_kernels_batch_norm_moments_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes);
EK_API ek_kernels_code ek_kernels_batch_norm_moments(const ek_kernels *kernels,
                                                     const ek_kernels_batch_norm_moments_args *args);

/* Merges the statistics of more values (those of another rank, or of another batch) into count, mean and m2. With
 * d = more_mean - mean and n = count + more_count
 *   mean += d * more_count / n, m2 += more_m2 + d^2 * count * more_count / n, count = n  (Chan, Golub and LeVeque).
 * A set of no values changes nothing, whatever its mean says. The order of merging can change last bits of the doubles:
 * ranks that merge in the same order have the same bits, on every instruction set. Needs no workspace. */
typedef struct ek_kernels_batch_norm_merge_args {
  int64_t channels;
  int64_t more_count;
  const double *more_mean, *more_m2; /* [channels] */
  int64_t *count;                    /* read and written, as are the next two */
  double *mean, *m2;                 /* [channels] */
} ek_kernels_batch_norm_merge_args;

EK_API ek_kernels_code ek_kernels_batch_norm_merge(const ek_kernels *kernels,
                                                   const ek_kernels_batch_norm_merge_args *args);

/* Gradients. Behind an activation dy is first multiplied by its slope, which y or the mask, what training wrote, tells:
 * 1 where y > 0, else alpha. What comes out is dadd, the gradient of what was added, and takes dy's place below.
 * If training wrote y over x, x can be found again from y where the activation can be inverted (leaky ReLU, alpha > 0;
 * or none), nothing was added and no scale is 0: x = NULL asks for that, and offset must be training's.
 * With k = rsqrt(variance + epsilon) and xc = x - mean, per channel
 *   doffset = sum(dy), dscale = sum(dy * xc) * k,
 *   dx = scale * k * (dy - sum(dy) / N - xc * k^2 * sum(dy * xc) / N)   where mean and variance are x's own,
 *   dx = scale * k * dy                                                 where they are frozen.
 * N = 0: dscale and doffset are zeros. (FusedBatchNormGradV3.) */
typedef struct ek_kernels_batch_norm_grad_args {
  ek_kernels_batch_norm_shape shape;
  double epsilon;
  int frozen; /* 0: mean and variance are those that training gave; else: constants */
  const void *x, *dy;
  const void *scale; /* NULL: ones */
  const void *mean, *variance;
  void *dx;               /* may be x, dy or y; NULL: not wanted */
  void *dscale, *doffset; /* NULL: not wanted */
  ek_kernels_activation activation;
  double alpha;              /* of leaky ReLU */
  const void *y;             /* of training; only with an activation or without x */
  const unsigned char *mask; /* instead of y, behind an activation; NULL: none */
  const void *offset;        /* only without x; NULL: zeros */
  void *dadd;                /* may be dy or y; only with an activation and dx; NULL: not wanted */
  void *workspace;
  size_t workspace_bytes;
  int threads;
} ek_kernels_batch_norm_grad_args;

EK_API ek_kernels_code ek_kernels_batch_norm_grad_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes);
EK_API ek_kernels_code ek_kernels_batch_norm_grad(const ek_kernels *kernels,
                                                  const ek_kernels_batch_norm_grad_args *args);

/* The two halves of the gradients, for a batch in pieces: those of ranks, of a graph cut in two. The sums are
 *   sum_dy = sum(dy), sum_dy_xc = sum(dy * (x - mean))
 * per channel, in double whatever the type. Those of pieces add up, if all are around the same mean: that of the whole
 * batch (ek_kernels_batch_norm_moments and _merge, rounded to the parameters' type). N = 0: zeros. Behind an activation
 * both halves first take its slope, from y or the mask. */
typedef struct ek_kernels_batch_norm_grad_sums_args {
  ek_kernels_batch_norm_shape shape;
  const void *x, *dy;
  const void *mean;
  double *sum_dy, *sum_dy_xc; /* [channels] */
  ek_kernels_activation activation;
  double alpha;              /* of leaky ReLU */
  const void *y;             /* of training; only with an activation */
  const unsigned char *mask; /* or this */
  void *workspace;
  size_t workspace_bytes;
  int threads;
} ek_kernels_batch_norm_grad_sums_args;

EK_API ek_kernels_code ek_kernels_batch_norm_grad_sums_workspace(const ek_kernels_batch_norm_shape *shape,
                                                                 size_t *bytes);
EK_API ek_kernels_code ek_kernels_batch_norm_grad_sums(const ek_kernels *kernels,
                                                       const ek_kernels_batch_norm_grad_sums_args *args);

/* What ek_kernels_batch_norm_grad (not frozen) gives for this piece, from the sums and the count of the whole batch;
 * with those of x itself the same bits. */
typedef struct ek_kernels_batch_norm_grad_dx_args {
  ek_kernels_batch_norm_shape shape; /* of the piece */
  double epsilon;
  int64_t count; /* values of a channel in the whole batch: at least outer * inner */
  const void *x, *dy;
  const void *scale; /* NULL: ones */
  const void *mean, *variance;
  const double *sum_dy, *sum_dy_xc;
  void *dx;               /* may be x, dy or y; NULL: not wanted */
  void *dscale, *doffset; /* of the whole batch; NULL: not wanted */
  ek_kernels_activation activation;
  double alpha;              /* of leaky ReLU */
  const void *y;             /* of training; only with an activation */
  const unsigned char *mask; /* or this */
  void *dadd;                /* may be dy or y; only with an activation and dx; NULL: not wanted */
  void *workspace;
  size_t workspace_bytes;
  int threads;
} ek_kernels_batch_norm_grad_dx_args;

EK_API ek_kernels_code ek_kernels_batch_norm_grad_dx_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes);
EK_API ek_kernels_code ek_kernels_batch_norm_grad_dx(const ek_kernels *kernels,
                                                     const ek_kernels_batch_norm_grad_dx_args *args);

/* Batch norm over any axes. x, y, dy and dx are one strided view; statistics are taken over the axes that are not
 * `kept`, of which there may be any number in any place, and lie densely in the order of the kept ones. Parameters and
 * moving averages lie likewise, but are the same along the axes that are `shared`: they have those that are kept and
 * not shared. [A, B, C, D] with kept = 1 << 1 | 1 << 3 has statistics and parameters [B, D]; with shared = 1 << 1,
 * statistics [B, D] and parameters [D]. A `blocked` axis lies in blocks of 16 neighbours, the last filled up as in
 * ek_kernels_batch_norm_shape; its stride is the way from block to block. [N, C, H, W] with blocked = 1 << 1 is
 * nChw16c. What amounts to a batch norm of such a shape, in blocks or not, is done by the functions above, with their
 * bits and at their speed. */
enum { EK_KERNELS_AXES = 8 };
typedef struct ek_kernels_axes {
  ek_kernels_type type;
  int rank; /* 0 to EK_KERNELS_AXES */
  int64_t sizes[EK_KERNELS_AXES];
  int64_t
      strides[EK_KERNELS_AXES]; /* in values; all 0: contiguous, the last axis fastest. No two values may coincide */
  unsigned kept, shared;        /* bit i: axis i; shared is part of kept */
  unsigned blocked;             /* none, or one bit of kept */
} ek_kernels_axes;

/* Ghost batches: of batch rows, groups of virtual_size are normalised on their own; statistics are [groups, channels].
 * Group g has the rows g, g + groups, g + 2 * groups, ... (virtual_batch_size of tf.layers.batch_normalization), or if
 * `blocks` those from g * virtual_size on. A row is outer / batch of the shape's: for NHWC, H * W of them. batch must
 * be a multiple of virtual_size. The shape's own `block`, here and below, makes its channels a blocked axis. */
EK_API ek_kernels_code ek_kernels_ghost_axes(const ek_kernels_batch_norm_shape *shape, int64_t batch,
                                             int64_t virtual_size, int blocks, ek_kernels_axes *out);

/* Instance norm: statistics [batch, channels], parameters [channels]. */
EK_API ek_kernels_code ek_kernels_instance_axes(const ek_kernels_batch_norm_shape *shape, int64_t batch,
                                                ek_kernels_axes *out);

/* As ek_kernels_batch_norm_train. Moving averages follow the mean of the statistics that share them. */
typedef struct ek_kernels_axes_norm_train_args {
  ek_kernels_axes axes;
  double epsilon;
  const void *x;
  const void *scale, *offset;                /* parameters; NULL: ones, zeros */
  void *y;                                   /* may be x; NULL: only the statistics */
  void *mean, *variance, *unbiased_variance; /* statistics; NULL: not wanted */
  void *moving_mean, *moving_variance;       /* parameters, read and written; NULL: none */
  double decay;
  int correct;
  void *workspace;
  size_t workspace_bytes;
  int threads;
} ek_kernels_axes_norm_train_args;

EK_API ek_kernels_code ek_kernels_axes_norm_train_workspace(const ek_kernels_axes *axes, size_t *bytes);
EK_API ek_kernels_code ek_kernels_axes_norm_train(const ek_kernels *kernels,
                                                  const ek_kernels_axes_norm_train_args *args);

/* As ek_kernels_batch_norm_infer. */
typedef struct ek_kernels_axes_norm_infer_args {
  ek_kernels_axes axes;
  double epsilon;
  const void *x;
  const void *scale, *offset;  /* parameters; NULL: ones, zeros */
  const void *mean, *variance; /* as many as parameters: the moving averages */
  void *y;                     /* may be x */
  void *workspace;
  size_t workspace_bytes;
  int threads;
} ek_kernels_axes_norm_infer_args;

EK_API ek_kernels_code ek_kernels_axes_norm_infer_workspace(const ek_kernels_axes *axes, size_t *bytes);
EK_API ek_kernels_code ek_kernels_axes_norm_infer(const ek_kernels *kernels,
                                                  const ek_kernels_axes_norm_infer_args *args);

/* As ek_kernels_batch_norm_grad. */
typedef struct ek_kernels_axes_norm_grad_args {
  ek_kernels_axes axes;
  double epsilon;
  int frozen;
  const void *x, *dy;
  const void *scale;           /* parameters; NULL: ones */
  const void *mean, *variance; /* statistics; frozen: as many as parameters */
  void *dx;                    /* may be x or dy; NULL: not wanted */
  void *dscale, *doffset;      /* parameters; NULL: not wanted */
  void *workspace;
  size_t workspace_bytes;
  int threads;
} ek_kernels_axes_norm_grad_args;

EK_API ek_kernels_code ek_kernels_axes_norm_grad_workspace(const ek_kernels_axes *axes, size_t *bytes);
EK_API ek_kernels_code ek_kernels_axes_norm_grad(const ek_kernels *kernels, const ek_kernels_axes_norm_grad_args *args);

/* Group norm: the channels of a sample in `groups` of neighbours, each with a mean and a variance of its own over its
 * channels and `inner`; a scale and an offset for every channel.
 *   y = (x - mean) * rsqrt(variance + epsilon) * scale + offset
 * groups = 1 is layer norm; with inner = 1, that of rows. groups = channels is instance norm. Groups may begin anywhere
 * in a block. Statistics are those of ek_kernels_batch_norm_train in accuracy; no values: NaN. */
typedef struct ek_kernels_group_shape {
  ek_kernels_type type;
  int64_t batch, channels, inner;
  int64_t groups;    /* a divisor of channels */
  int channels_last; /* 0: x is [batch, channels, inner]; else [batch, inner, channels] */
  int64_t block;     /* 0, or 16: [batch, ceil(channels / 16), inner, 16], as ek_kernels_batch_norm_shape has it */
} ek_kernels_group_shape;

/* Forward and backward need the same. */
EK_API ek_kernels_code ek_kernels_group_norm_workspace(const ek_kernels_group_shape *shape, size_t *bytes);

typedef struct ek_kernels_group_norm_args {
  ek_kernels_group_shape shape;
  double epsilon;
  const void *x;
  const void *scale, *offset; /* [channels]; NULL: ones, zeros */
  void *y;                    /* may be x; NULL: only the statistics */
  void *mean, *variance;      /* [batch, groups]; NULL: not wanted */
  void *workspace;
  size_t workspace_bytes;
  int threads;
} ek_kernels_group_norm_args;

EK_API ek_kernels_code ek_kernels_group_norm(const ek_kernels *kernels, const ek_kernels_group_norm_args *args);

/* Its gradients. With k = rsqrt(variance + epsilon), xc = x - mean, g = dy * scale and sums over a group of M values
 *   dx = k * (g - sum(g) / M - xc * k^2 * sum(g * xc) / M);
 * dscale = sum(dy * xc * k) and doffset = sum(dy) over the batch and `inner`. */
typedef struct ek_kernels_group_norm_grad_args {
  ek_kernels_group_shape shape;
  double epsilon;
  const void *x, *dy;
  const void *scale;           /* [channels]; NULL: ones */
  const void *mean, *variance; /* [batch, groups]: those that forward gave */
  void *dx;                    /* may be x or dy; NULL: not wanted */
  void *dscale, *doffset;      /* [channels]; NULL: not wanted */
  void *workspace;
  size_t workspace_bytes;
  int threads;
} ek_kernels_group_norm_grad_args;

EK_API ek_kernels_code ek_kernels_group_norm_grad(const ek_kernels *kernels,
                                                  const ek_kernels_group_norm_grad_args *args);

/* Batch norm whose rows have weights: masks, frequencies (batch_weights of tf.contrib.layers.batch_norm). There are
 * `batch` of them, each for outer / batch rows: for NHWC, the H * W of a sample. With W = sum(w) over all values
 *   mean = sum(w * x) / W, variance = sum(w * (x - mean)^2) / W,
 * and every row is normalised with them. Rows of weight 0 do not count in them, whatever they hold (TensorFlow lets a
 * NaN there spoil its channel). W = 0: the statistics are NaN. Weights that are negative, infinite or NaN are refused.
 */
typedef struct ek_kernels_weighted_train_args {
  ek_kernels_batch_norm_shape shape;
  int64_t batch;
  double epsilon;
  const void *x;
  const void *weights;                 /* [batch], of the parameters' type */
  const void *scale, *offset;          /* NULL: ones, zeros */
  void *y;                             /* may be x; NULL: only the statistics */
  void *mean, *variance;               /* NULL: not wanted */
  void *moving_mean, *moving_variance; /* read and written; NULL: none */
  double decay;
  void *workspace;
  size_t workspace_bytes;
  int threads;
} ek_kernels_weighted_train_args;

EK_API ek_kernels_code ek_kernels_weighted_train_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes);
EK_API ek_kernels_code ek_kernels_weighted_train(const ek_kernels *kernels, const ek_kernels_weighted_train_args *args);

/* Its gradients, the weights being constants. With k = rsqrt(variance + epsilon), xc = x - mean and sums over all rows
 *   doffset = sum(dy), dscale = sum(dy * xc) * k, dx = scale * k * (dy - w / W * (sum(dy) + xc * k^2 * sum(dy * xc))).
 * W = 0: dscale and doffset are zeros. */
typedef struct ek_kernels_weighted_grad_args {
  ek_kernels_batch_norm_shape shape;
  int64_t batch;
  double epsilon;
  const void *x, *dy;
  const void *weights;
  const void *scale;           /* NULL: ones */
  const void *mean, *variance; /* those that training gave */
  void *dx;                    /* may be x or dy; NULL: not wanted */
  void *dscale, *doffset;      /* NULL: not wanted */
  void *workspace;
  size_t workspace_bytes;
  int threads;
} ek_kernels_weighted_grad_args;

EK_API ek_kernels_code ek_kernels_weighted_grad_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes);
EK_API ek_kernels_code ek_kernels_weighted_grad(const ek_kernels *kernels, const ek_kernels_weighted_grad_args *args);

/* Batch renormalization between the statistics of a batch and its normalization. With s = sqrt(variance + epsilon) and
 * t = max(renorm_stddev, sqrt(epsilon)), per channel
 *   r = s / t, at least *rmin and at most *rmax; d = (mean - renorm_mean) / t, within -*dmax and *dmax;
 *   y = ((x - mean) / s * r + d) * scale + offset:
 * ek_kernels_batch_norm_infer with this mean and variance, renorm_scale = r * scale and renorm_offset = d * scale +
 * offset. Then, with what they were when r and d were made,
 *   renorm_mean -= (renorm_mean - mean) * renorm_decay, renorm_stddev -= (renorm_stddev - s) * renorm_decay,
 *   moving_mean -= (moving_mean - mean) * decay,        moving_stddev -= (moving_stddev - s) * decay,
 *   moving_variance = max(moving_stddev^2 - epsilon, 0).
 * (renorm = True of tf.layers.batch_normalization.) Arrays are [channels] of the parameters' type; no workspace. */
typedef struct ek_kernels_renorm_args {
  ek_kernels_type type; /* of the data */
  int64_t channels;
  double epsilon;
  const void *mean, *variance;
  const double *rmin, *rmax, *dmax; /* NULL: no bound */
  const void *scale, *offset;       /* NULL: ones, zeros */
  void *r, *d;                      /* NULL: not wanted, here and in the next line */
  void *renorm_scale, *renorm_offset;
  void *renorm_mean, *renorm_stddev; /* read; written where renorm_decay is not 0 */
  double renorm_decay;
  void *moving_mean, *moving_stddev, *moving_variance; /* NULL: none; moving_variance needs moving_stddev */
  double decay;
} ek_kernels_renorm_args;

EK_API ek_kernels_code ek_kernels_renorm(const ek_kernels_renorm_args *args);

/* Backward: r and d are constants, so dx and doffset are those of ek_kernels_batch_norm_grad with renorm_scale for the
 * scale, whose dscale = sum(dy * (x - mean) / s) becomes dscale = r * dscale + d * doffset here. */
typedef struct ek_kernels_renorm_grad_args {
  ek_kernels_type type;
  int64_t channels;
  const void *r, *d, *doffset;
  void *dscale; /* read and written */
} ek_kernels_renorm_grad_args;

EK_API ek_kernels_code ek_kernels_renorm_grad(const ek_kernels_renorm_grad_args *args);

#ifdef __cplusplus
}
#endif
#endif
