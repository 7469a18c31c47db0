/* SPDX-License-Identifier: Apache-2.0 */
/* Products cut along the inner dimension. */
#ifndef EK_OPS_MATMUL_DEEP_H
#define EK_OPS_MATMUL_DEEP_H

#include "ops/choice.h"
#include "ops/matmul.h"

/* Whether the product is cut like that: by its shape and dtype alone. */
bool ek__matmul_is_deep(const ek__matmul *p);
size_t ek__matmul_deep_bytes(const ek__matmul *p); /* of the parts behind the first, which run wants room for */

/* The same bits for any number of threads. False: not in this build, or oneDNN has no memory. */
bool ek__matmul_deep(const ek__matmul *p, int threads, ek__choice *choice, const void *a, const void *b, void *c,
                     float *parts);

#endif
