/* SPDX-License-Identifier: Apache-2.0 */
/* Pooling of images and volumes: the largest or the mean element of each window, channel by channel. */
#ifndef EK_OPS_POOL_H
#define EK_OPS_POOL_H

#include "graph/grad.h"
#include "ops/window.h"

typedef enum ek__pool_kind {
  EK__POOL_MAX,       /* y from x */
  EK__POOL_MAX_GRAD,  /* dx from x, dy: to the first largest element of each window */
  EK__POOL_MAX_AGAIN, /* from x, d: the elements of d at the places where x is largest */
  EK__POOL_AVG,       /* y from x: what lies outside the input does not count */
  EK__POOL_AVG_GRAD,  /* dx from dy */
  EK__POOL_KINDS
} ek__pool_kind;

typedef struct ek__pool {
  ek_dtype dtype;
  int64_t channels;
  ek__window window;
} ek__pool;

/* a: x, or dy where there is no x; b: the second input or NULL. False for a dtype that it cannot do. The same bits for
 * any number of threads. */
bool ek__pool_run(ek__pool_kind kind, const ek__pool *p, int threads, const void *a, const void *b, void *out);

ek_code ek__grad_max_pool(ek_grad_context *c);      /* MaxPool, V2, 3D */
ek_code ek__grad_max_pool_grad(ek_grad_context *c); /* their gradients */
ek_code ek__grad_max_pool_again(ek_grad_context *c);
ek_code ek__grad_avg_pool(ek_grad_context *c);
ek_code ek__grad_avg_pool_grad(ek_grad_context *c);

#endif
