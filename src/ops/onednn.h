/* SPDX-License-Identifier: Apache-2.0 */
/* oneDNN through its C API, version 2 or 3: onednn_api.c alone knows the difference. Work is cut into pieces by its
 * shape; a piece is one primitive on one thread, so that results have the same bits for any number of threads.
 * Primitives are made while planning and get their scratch memory from the caller. */
#ifndef EK_OPS_ONEDNN_H
#define EK_OPS_ONEDNN_H

#include "ops/conv.h"
#include "ops/matmul.h"

typedef struct ek__onednn_matmul ek__onednn_matmul;

/* A float32 product with m, n and k over 0. *scratch_bytes: what run needs for `threads`. UNIMPLEMENTED if this build
 * or this oneDNN cannot do it: then ek__matmul_plain does. */
ek_code ek__onednn_matmul_new(const ek__matmul *p, int threads, const ek_allocator *a, ek__onednn_matmul **out,
                              size_t *scratch_bytes, ek_status *st);
void ek__onednn_matmul_free(ek__onednn_matmul *m); /* NULL is fine */
/* threads: at most those of new. scratch: aligned to 64. One call at a time. */
ek_code ek__onednn_matmul_run(ek__onednn_matmul *m, int threads, const void *a, const void *b, void *c, void *scratch,
                              ek_status *st);

typedef struct ek__onednn_conv ek__onednn_conv;

/* The same for a float32 convolution with at least one multiplication; else ek__conv_plain does it. */
ek_code ek__onednn_conv_new(ek__conv_kind kind, const ek__conv *p, int threads, const ek_allocator *a,
                            ek__onednn_conv **out, size_t *scratch_bytes, ek_status *st);
void ek__onednn_conv_free(ek__onednn_conv *m); /* NULL is fine */
/* a and b: the two inputs in the order of ek__conv_kind. */
ek_code ek__onednn_conv_run(ek__onednn_conv *m, int threads, const void *a, const void *b, void *out, void *scratch,
                            ek_status *st);

bool ek__onednn_is_here(void); /* in this build */

/* c = beta * c + alpha * a * b in float32, on the caller's thread. m, n and k are over 0; p may be a piece of a larger
 * product, whose steps it then has; c_row: from one row of c to the next. False: no memory, or not in this build. */
bool ek__onednn_gemm(const ek__matmul *p, float alpha, const float *a, const float *b, float beta, float *c,
                     int64_t c_row);

#endif
