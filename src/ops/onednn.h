/* SPDX-License-Identifier: Apache-2.0 */
/* oneDNN through its C API, version 2 or 3: onednn.c alone knows the difference. Work is cut into pieces by its shape;
 * a piece is one primitive on one thread, so that results have the same bits for any number of threads. Primitives are
 * made while planning and get their scratch memory from the caller. */
#ifndef EK_OPS_ONEDNN_H
#define EK_OPS_ONEDNN_H

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

#endif
