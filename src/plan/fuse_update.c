/* SPDX-License-Identifier: Apache-2.0 */
/* The gradient of a weight, a matrix product, and the step of gradient descent that alone reads it. */
#include "plan/fuse.h"

#include <string.h>

/* What may be read later than the product would read it: no variable's memory, which others write. */
static bool stays(const ek__fuser *f, int32_t value) {
  const ek__pvalue *v = &f->ir->values[value];
  return v->view_of == NULL && v->dtype == EK_FLOAT32;
}

enum { SMALL_WORK = 1 << 17 }; /* multiplications: below, the library's shortest way to a product is faster */

static bool is_small(const ek__fuser *f, const ek__pnode *product) {
  const ek_shape a = f->ir->values[product->in[0]].shape, c = f->ir->values[product->first_out].shape;
  if (!ek_shape_is_known(a) || !ek_shape_is_known(c) || c.rank != 2 || c.dim[0] == 0) return true;
  return (double)ek_shape_num_elements(a) * (double)c.dim[1] < SMALL_WORK;
}

bool ek__fuse_update(const ek__fuser *f, int32_t node, ek__group *g) {
  enum { VAR, ALPHA, DELTA };
  const ek__pnode *n = &f->ir->nodes[node];
  if (n->kind != EK__P_OP ||
      (strcmp(n->def->name, "ApplyGradientDescent") != 0 && strcmp(n->def->name, "ResourceApplyGradientDescent") != 0))
    return false;
  const int32_t delta = ek__fuse_origin(f, n->in[DELTA]);
  const ek__pnode *product = ek__fuse_producer(f, delta, "MatMul");
  if (product == NULL || !stays(f, product->in[0]) || !stays(f, product->in[1]) || is_small(f, product)) return false;
  g->def = &ek__fused_product_update;
  g->nodes[g->n_nodes++] = f->ir->values[delta].node;
  g->nodes[g->n_nodes++] = node;
  g->in[g->n_in++] = n->in[VAR];
  g->in[g->n_in++] = n->in[ALPHA];
  g->in[g->n_in++] = product->in[0];
  g->in[g->n_in++] = product->in[1];
  if (n->n_out > 0) g->out[g->n_out++] = n->first_out;
  return true;
}
