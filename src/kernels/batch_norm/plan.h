/* SPDX-License-Identifier: Apache-2.0 */
/* How a batch norm is cut into work. What is added up in which order follows from the shape alone, so that no result
 * depends on threads or caches; these choose between orders of visiting. */
#ifndef EK_KERNELS_BATCH_NORM_PLAN_H
#define EK_KERNELS_BATCH_NORM_PLAN_H

#include "kernels/table.h"

#include <stdbool.h>

/* How the values of a group of channels lie in a row of the plan. */
typedef enum ek__form {
  EK__CYCLIC,  /* every column another channel, which begin again after a period: NHWC, and a block of nChw16c */
  EK__BLOCKED, /* each channel some neighbouring columns, a row an example: NCHW with small pictures */
  EK__RUNS     /* a row is one channel's: NCHW with large pictures, or few examples */
} ek__form;

/* Which order the visits take. */
typedef enum ek__schedule {
  EK__SHARED, /* group after group, each visit of it shared by all threads */
  EK__SLABS,  /* threads share the groups out: all of a group's sums, then all its results */
  EK__ONCE    /* one visit, in the order of memory */
} ek__schedule;

/* The longest row of columns, in bytes of the parameters' type: it is as much as keeps sums and coefficients in the
 * first cache beside the data, and a run of memory that is long enough to be read at full speed. */
#define EK__ROW_BYTES 9472

/* What a plan is for. Gradients read twice as much as moments, which so decide about other slabs. */
typedef enum ek__purpose { EK__RESULTS, EK__MOMENTS, EK__GRADIENTS } ek__purpose;

typedef struct ek__batch_norm_plan {
  const ek__batch_norm_loops *loops;
  int64_t outer, channels, inner, count; /* count: values of a channel */
  int64_t block;                         /* 16: channels lie in blocks; else 0 */
  int64_t bytes;                         /* of the data */
  ek__purpose purpose;
  ek__form form;
  ek__schedule schedule;
  bool far;    /* rows of channels come from memory: the last cache cannot keep them */
  bool near;   /* the second visit comes from the second cache, where rows may be cut into blocks */
  bool stream; /* results are stored past the caches */
  bool pieces; /* sums are taken of short pieces of memory, which are asked for ahead */
  bool joint;  /* slabs: a group's results are written while sums of the next are taken */
  int threads;
  /* The channels in groups, and the data of a group: images of rows of columns, in units of values. */
  int64_t stored;                            /* channels as they lie in memory, padding included */
  int64_t groups, per_group, group_stride;   /* channels of a group; the last may have fewer */
  int64_t images, image_stride;              /* pieces of memory that do not touch */
  int64_t abreast, bands;                    /* images whose sums are taken side by side; how many times that is done */
  int64_t rows, cols, row_stride, last_cols; /* of an image; the last row may be shorter */
  int64_t period;                            /* cyclic: channels of a row. A row repeats them */
  int64_t tile_rows, tiles;                  /* rows worked on in one call; how many calls an image, or a band, takes */
  int64_t parts;                             /* each with sums of its own, folded in order: ranges of all tiles */
  /* The workspace. Rows of values for channels begin `apart` from each other. */
  int64_t apart;
  double *sums;       /* [parts, 2, apart] */
  char *k;            /* [apart]: what is subtracted before sums are taken */
  double *base;       /* [apart]: the same in double, once the sums are there */
  char *coefficients; /* [4, apart] */
} ek__batch_norm_plan;

/* Blocks of 16 channels: their rows are joined for the sums, and one by one where coefficients stay in registers. */
static inline bool ek__in_blocks(const ek__batch_norm_plan *p) {
  return p->form == EK__CYCLIC && p->group_stride != p->per_group;
}

/* Fills the plan in, checks kernels (NULL: the default), shape, threads and workspace. */
ek_kernels_code ek__batch_norm_plan_init(ek__batch_norm_plan *plan, const ek_kernels *kernels,
                                         const ek_kernels_batch_norm_shape *shape, ek__purpose purpose, int threads,
                                         void *workspace, size_t workspace_bytes);

/* The plan of a call that is only talked about: all of it but the workspace. */
ek_kernels_code ek__batch_norm_plan_choose(ek__batch_norm_plan *plan, const ek_kernels *kernels,
                                           const ek_kernels_batch_norm_shape *shape, ek__purpose purpose, int threads);

ek_kernels_code ek__batch_norm_workspace(const ek_kernels_batch_norm_shape *shape, ek__purpose purpose, size_t *bytes);

/* The groups, rows and parts of a plan whose sizes are known (cut.c); its order of visits, once the machine is too. */
void ek__batch_norm_cut(ek__batch_norm_plan *plan, int64_t data_size, int64_t param_size);
void ek__batch_norm_order(ek__batch_norm_plan *plan);
/* Where the data lie, as their size says, and whether results are stored past the caches: if these could not keep them
 * beside what is read, and none is in place. */
void ek__batch_norm_choose_stores(ek__batch_norm_plan *plan, const ek__norm_data *data);
/* How many bytes, read and written, the caches keep from one call to the next. */
int64_t ek__batch_norm_kept(const ek__batch_norm_plan *plan);

/* For a mask of bits: its bytes are zeros at first, and if those of pieces that threads share out are not their own,
 * one thread does all. */
void ek__batch_norm_clear_mask(ek__batch_norm_plan *plan, unsigned char *mask);
int64_t ek__batch_norm_mask_bytes(const ek__batch_norm_plan *plan);

/* An argument array: where, how long, whether it is written. Data arrays may coincide exactly. */
typedef struct ek__array {
  const void *p;
  int64_t bytes;
  bool written, data;
} ek__array;

/* EK_KERNELS_OVERLAP if two arrays share bytes, one of them is written, and they are not the same data array. */
ek_kernels_code ek__check_overlap(const ek__array *arrays, int n);

/* Channel c's place in a [channels] array of parameters, NULL staying NULL. */
static inline const void *ek__param(const ek__batch_norm_plan *plan, const void *p, int64_t c) {
  return p == NULL ? NULL : (const char *)p + c * (int64_t)plan->loops->param_size;
}
static inline void *ek__param_mut(const ek__batch_norm_plan *plan, void *p, int64_t c) {
  return p == NULL ? NULL : (char *)p + c * (int64_t)plan->loops->param_size;
}
/* The two rows of sums of a part. */
static inline double *ek__part_sums(const ek__batch_norm_plan *plan, int64_t part, int row) {
  return plan->sums + (part * 2 + row) * plan->apart;
}

/* Channels that other plans fold, and make coefficients of, at a time. */
#define EK__CHANNEL_BLOCK 128

#endif
