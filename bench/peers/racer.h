/* SPDX-License-Identifier: Apache-2.0 */
/* One library's batch norm, prepared once and called many times: what bench/peers/peer_native.py loads and times. The
 * loop over the calls is in C, so that a small call is not mostly Python's. */
#ifndef RACER_H
#define RACER_H

#include <stdint.h>

#define RACER_API __attribute__((visibility("default")))

enum racer_kernel { RACER_FORWARD_TRAIN, RACER_FORWARD_INFER, RACER_BACKWARD_TRAIN, RACER_BACKWARD_FROZEN };
enum racer_layout { RACER_NHWC, RACER_NCHW, RACER_NCHW16C };

typedef struct racer_job { /* float32; the arrays are the caller's, and outlive the racer */
  int32_t kernel, layout, threads;
  float epsilon;
  int64_t n, height, width, channels;
  float *x, *dy, *out; /* in the layout; nChw16c filled up with zeros. out: y or dx */
  float *scale, *offset, *mean, *variance, *dscale, *doffset; /* [channels]; training writes mean and variance */
} racer_job;

typedef struct racer racer;

RACER_API const char *racer_version(void);
RACER_API racer *racer_new(const racer_job *job);         /* NULL: the library has no such thing */
RACER_API int racer_calls(const racer *r, int64_t calls); /* 0, or the library's code of what went wrong */
RACER_API void racer_free(racer *r);

#endif
