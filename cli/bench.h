/* SPDX-License-Identifier: Apache-2.0 */
/* What the benchmarks share. Every figure is a ratio of medians, taken in one run beside its own yardstick: contenders
 * take turns, so that a machine that slows down slows all of them. */
#ifndef EK_CLI_BENCH_H
#define EK_CLI_BENCH_H

#include "cli.h"

#include "evenkeel/kernels.h"

#include <jansson.h>

/* ---- contenders in turn (bench_race.c) */

typedef struct contender {
  const char *name;
  bool (*run)(void *context); /* one call; false, with its line printed, ends the race */
  void *context;
  int64_t calls; /* in one sample: found by race_run */
  double *us;    /* [rounds]: microseconds of a call; race_run allocates, race_free frees */
} contender;

/* rounds samples of each contender, in turn, after a warm-up. A sample lasts at least sample_us, in as many calls as
 * that takes; it begins after one call that is not timed, so that it finds the caches as its own calls leave them. */
bool race_run(contender *contenders, int n, int rounds, double sample_us);
void race_free(contender *contenders, int n);

double bench_median(const double *values, int n);
/* The distance between the quartiles, divided by the median. */
double bench_spread(const double *values, int n);

/* ---- the machine (bench_machine.c) */

int64_t bench_cache_bytes(int level); /* of level 2 or 3; a guess (1 MB, 32 MB) where the system does not tell */
int bench_threads(int64_t asked);     /* 0: all cores */
json_t *bench_machine(void);          /* {"cpu": ..., "cores": ..., ...} */
/* {"machine": ..., "results": results}, which is taken; the exit status. */
int bench_print_json(json_t *results);

/* ---- plain loops over memory (bench_memory.c) */

typedef struct stream { /* what one call moves; all arrays have bytes bytes, a multiple of 1 */
  const void *in[3];
  int n_in;
  void *out, *out2; /* out2: NULL, or a copy of out */
  int64_t bytes;
  const void *mask_in; /* NULL, or mask_bytes bytes more that are read, */
  void *mask_out;      /* and that are written */
  int64_t mask_bytes;
  int threads;
} stream;

typedef struct stream_loop {
  const char *name; /* "memcpy", "cached", "streaming" */
  bool (*usable)(const stream *s);
  void (*run)(const stream *s); /* out = in[0] ^ in[1] ^ in[2], as many as there are: each byte moved once */
} stream_loop;
extern const stream_loop stream_loops[];
extern const int n_stream_loops;
/* Reads the inputs and keeps nothing. */
void stream_read(const stream *s);

/* ---- numbers of every type that kernels take (bench_numbers.c) */

size_t number_size(ek_kernels_type type);
double number_get(ek_kernels_type type, const void *p, int64_t i);
/* n values from 0.5 to 2 of either sign, which every type holds exactly and which follow from seed. */
void number_fill(ek_kernels_type type, void *p, int64_t n, uint64_t seed);
/* How far a result may be from the true value 1 and still be right: a few roundings of the type. */
double number_tolerance(ek_kernels_type type);

/* ---- one batch norm to measure (bench_batch_norm.c) */

typedef enum bench_kernel { FORWARD_TRAIN, FORWARD_INFER, BACKWARD_TRAIN, BACKWARD_FROZEN } bench_kernel;

typedef enum bench_fuse { FUSE_NONE, FUSE_RELU, FUSE_RELU_MASK, FUSE_ADD_RELU, FUSE_ADD_RELU_MASK } bench_fuse;

typedef struct data_set {  /* of the call's own shape; dy only backward */
  void *x, *dy, *out;      /* out: y or dx */
  void *other, *other_out; /* fused: what is added, or y; the gradient of what was added */
  unsigned char *mask;     /* fused with one: what forward writes, and backward reads in the place of y */
} data_set;

typedef struct batch_norm {
  bench_kernel kernel;
  bench_fuse fuse;
  ek_kernels_batch_norm_shape shape;
  int threads;
  int64_t values, bytes; /* of one tensor, padding included */
  int64_t mask_bytes;    /* 0: there is no mask */
  data_set *sets;
  int n_sets, next;                                          /* calls take the sets in turn */
  void *scale, *offset, *mean, *variance, *dscale, *doffset; /* [channels] */
  void *workspace;
  size_t workspace_bytes;
} batch_norm;

bool batch_norm_is_backward(bench_kernel kernel);
/* One set, or (cold) so many that the next is in no cache when its turn comes. */
void batch_norm_init(batch_norm *b, bench_kernel kernel, bench_fuse fuse, ek_kernels_batch_norm_shape shape,
                     int threads, bool cold);
int batch_norm_reads(const batch_norm *b);     /* arrays of data that a call reads, */
int batch_norm_writes(const batch_norm *b);    /* and writes, */
int64_t batch_norm_moved(const batch_norm *b); /* and the bytes of all of them and of the mask */
void batch_norm_free(batch_norm *b);
bool batch_norm_call(void *b); /* a contender's run */
/* Calls once and compares a few channels with plain sums in double. NULL: right; else what is wrong. */
const char *batch_norm_check(batch_norm *b);

/* ---- the parts of the command; argv without "kernels" and "model" */

int bench_kernels(const command *self, int argc, char **argv);
int bench_model(const command *self, int argc, char **argv);

#endif
