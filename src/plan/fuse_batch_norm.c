/* SPDX-License-Identifier: Apache-2.0 */
/* Forward: y = x * inverse + (offset - mean * inverse), with the moments of x itself or with given ones; and moments
 * alone, where a cond stands between them and their use. */
#include "plan/fuse_batch_norm.h"

#include <string.h>

/* ---- parts */

int32_t ek__other_operand(const ek__pnode *n, int32_t one) {
  return n->in[0] == one ? n->in[1] : n->in[1] == one ? n->in[0] : -1;
}

static const ek__pnode *sum_of_two(const ek__fuser *f, int32_t value) {
  const ek__pnode *n = ek__fuse_producer(f, value, "AddV2");
  return n != NULL ? n : ek__fuse_producer(f, value, "Add");
}

bool ek__is_of_channels(const ek__fuser *f, int32_t value, ek_shape x, int axis) {
  const ek_shape s = f->ir->values[value].shape;
  if (s.rank < 0 || s.rank > x.rank) return false;
  for (int d = 0; d < s.rank; d++)
    if (s.dim[d] != (d + x.rank - s.rank == axis ? x.dim[axis] : 1)) return false;
  return s.rank >= x.rank - axis || x.dim[axis] == 1;
}

int ek__kept_axis(const ek__fuser *f, const ek__pnode *reduction) {
  const ek_tensor *axes = f->ir->values[reduction->in[1]].constant;
  const int rank = f->ir->values[reduction->in[0]].shape.rank;
  unsigned folded = 0;
  if (axes == NULL || rank < 1) return -1;
  for (int64_t i = 0; i < ek_tensor_num_elements(axes); i++) {
    const int64_t axis = (int64_t)ek_tensor_number(axes, i);
    folded |= 1u << (axis < 0 ? axis + rank : axis);
  }
  const unsigned kept = ~folded & ((1u << rank) - 1);
  return kept != 0 && (kept & (kept - 1)) == 0 ? __builtin_ctz(kept) : -1;
}

bool ek__has_kernels(const ek__fuser *f, int32_t x) {
  const ek__pvalue *v = &f->ir->values[x];
  return (v->dtype == EK_FLOAT32 || v->dtype == EK_FLOAT64) && ek_shape_is_known(v->shape) &&
         ek_shape_num_elements(v->shape) > 0;
}

bool ek__match_moments(const ek__fuser *f, int32_t variance, ek__moments *m) {
  const ek__pnode *of_squares = ek__fuse_producer(f, variance, "Mean");
  const ek__pnode *squares = of_squares != NULL ? ek__fuse_producer(f, of_squares->in[0], "SquaredDifference") : NULL;
  if (squares == NULL) return false;
  for (int k = 0; k < 2; k++) {
    const int32_t mean = ek__fuse_origin(f, squares->in[1 - k]);
    const ek__pnode *of_x = ek__fuse_producer(f, mean, "Mean");
    if (of_x == NULL || of_x->in[0] != squares->in[k]) continue;
    *m = (ek__moments){.x = squares->in[k],
                       .mean = mean,
                       .variance = variance,
                       .axis = ek__kept_axis(f, of_x),
                       .squares = of_squares->in[0]};
    return m->axis >= 0 && m->axis == ek__kept_axis(f, of_squares) && ek__has_kernels(f, m->x) &&
           ek__is_of_channels(f, squares->in[1 - k], f->ir->values[m->x].shape, m->axis);
  }
  return false;
}

bool ek__match_inverse(const ek__fuser *f, int32_t inverse, ek__inverse *m) {
  *m = (ek__inverse){.inverse = inverse, .rsqrt = inverse, .scale = -1};
  const ek__pnode *product = ek__fuse_producer(f, inverse, "Mul");
  for (int k = 0; product != NULL && k < 2 && m->scale < 0; k++)
    if (ek__fuse_producer(f, product->in[k], "Rsqrt") != NULL) m->rsqrt = product->in[k], m->scale = product->in[1 - k];
  const ek__pnode *rsqrt = ek__fuse_producer(f, m->rsqrt, "Rsqrt");
  const ek__pnode *add = rsqrt != NULL ? sum_of_two(f, rsqrt->in[0]) : NULL;
  if (add == NULL) return false;
  m->add = rsqrt->in[0];
  for (int k = 0; k < 2; k++) {
    const ek_tensor *epsilon = f->ir->values[add->in[1 - k]].constant;
    if (epsilon == NULL || epsilon->shape.rank != 0) continue;
    m->variance = add->in[k];
    m->epsilon = add->in[1 - k];
    return true;
  }
  return false;
}

static void take_inverse(const ek__fuser *f, const ek__inverse *m, ek__group *g) {
  ek__group_node(f, g, m->add);
  ek__group_node(f, g, m->rsqrt);
  if (m->scale >= 0) ek__group_node(f, g, m->inverse);
}

/* ---- the whole */

typedef struct normalized {
  ek__inverse inverse;
  int32_t x, mean, offset;                          /* mean as it is read */
  int32_t product, shift, mean_product, minus_mean; /* their ops' outputs; minus_mean: without an offset */
} normalized;

/* shift = offset - mean * inverse, or -mean * inverse. */
static bool match_shift(const ek__fuser *f, int32_t shift, int32_t inverse, normalized *m) {
  const ek__pnode *difference = ek__fuse_producer(f, shift, "Sub");
  m->shift = shift;
  m->offset = difference != NULL ? difference->in[0] : -1;
  m->mean_product = difference != NULL ? difference->in[1] : shift;
  const ek__pnode *product = ek__fuse_producer(f, m->mean_product, "Mul");
  m->mean = product != NULL ? ek__other_operand(product, inverse) : -1;
  m->minus_mean = -1;
  if (difference != NULL || m->mean < 0) return m->mean >= 0;
  const ek__pnode *minus = ek__fuse_producer(f, m->mean, "Neg");
  if (minus == NULL) return false;
  m->minus_mean = m->mean;
  m->mean = minus->in[0];
  return true;
}

static bool match_normalized(const ek__fuser *f, int32_t node, normalized *m) {
  const ek__pnode *sum = sum_of_two(f, f->ir->nodes[node].first_out);
  for (int k = 0; sum != NULL && k < 4; k++) { /* either order of the sum, and of x * inverse */
    const ek__pnode *product = ek__fuse_producer(f, sum->in[k / 2], "Mul");
    if (product == NULL || sum->in[0] == sum->in[1]) continue;
    m->product = sum->in[k / 2];
    m->x = product->in[k % 2];
    if (ek__has_kernels(f, m->x) && ek__match_inverse(f, product->in[1 - k % 2], &m->inverse) &&
        match_shift(f, sum->in[1 - k / 2], m->inverse.inverse, m))
      return true;
  }
  return false;
}

/* The axis along which statistics and parameters have their elements; the last that fits. */
static int axis_of(const ek__fuser *f, const normalized *m) {
  const ek_shape x = f->ir->values[m->x].shape;
  const int32_t all[] = {m->mean, m->inverse.variance, m->inverse.scale, m->offset};
  for (int axis = x.rank - 1; axis >= 0; axis--) {
    bool fits = true;
    for (int k = 0; k < 4; k++)
      fits = fits && (all[k] < 0 || (ek__is_of_channels(f, all[k], x, axis) &&
                                     f->ir->values[all[k]].dtype == f->ir->values[m->x].dtype));
    if (fits) return axis;
  }
  return -1;
}

static bool match_group(const ek__fuser *f, int32_t node, normalized *m, ek__group *g) {
  if (f->ir->nodes[node].kind != EK__P_OP || f->ir->nodes[node].n_out < 1 || !match_normalized(f, node, m))
    return false;
  g->fused.axis = axis_of(f, m);
  if (g->fused.axis < 0) return false;
  take_inverse(f, &m->inverse, g);
  ek__group_node(f, g, m->product);
  if (m->minus_mean >= 0) ek__group_node(f, g, m->minus_mean);
  ek__group_node(f, g, m->mean_product);
  if (m->offset >= 0) ek__group_node(f, g, m->shift);
  g->nodes[g->n_nodes++] = node;
  g->out[g->n_out++] = f->ir->nodes[node].first_out;
  return true;
}

static void take_parameters(const normalized *m, ek__group *g) {
  (void)ek__group_in(g, m->inverse.epsilon);
  if (m->inverse.scale >= 0) g->fused.scale = ek__group_in(g, m->inverse.scale);
  if (m->offset >= 0) g->fused.offset = ek__group_in(g, m->offset);
}

/* Is the value read by a step that is not in the group? */
static bool is_read_outside(const ek__fuser *f, const ek__group *g, int32_t value) {
  for (int32_t r = f->first_reader[value]; r < f->first_reader[value + 1]; r++) {
    const int32_t reader = f->readers[r];
    bool member = !f->ir->nodes[reader].needed;
    for (int i = 0; i < g->n_nodes && !member; i++) member = g->nodes[i] == reader;
    if (!member) return true;
  }
  return false;
}

bool ek__fuse_batch_norm_train(const ek__fuser *f, int32_t node, ek__group *g) {
  normalized m;
  ek__moments moments;
  if (!match_group(f, node, &m, g) || !ek__match_moments(f, ek__fuse_origin(f, m.inverse.variance), &moments) ||
      moments.x != m.x || ek__fuse_origin(f, m.mean) != moments.mean || moments.axis != g->fused.axis)
    return false;
  g->def = &ek__fused_batch_norm_train;
  ek__group_node(f, g, moments.mean);
  ek__group_node(f, g, moments.squares);
  ek__group_node(f, g, moments.variance);
  (void)ek__group_in(g, m.x);
  take_parameters(&m, g);
  g->out[g->n_out++] = moments.mean;
  g->out[g->n_out++] = moments.variance;
  if (is_read_outside(f, g, m.inverse.rsqrt)) {
    g->fused.rsqrt = g->n_out;
    g->out[g->n_out++] = m.inverse.rsqrt;
  }
  if (m.inverse.scale >= 0 && is_read_outside(f, g, m.inverse.inverse)) {
    g->fused.inverse = g->n_out;
    g->out[g->n_out++] = m.inverse.inverse;
  }
  if (m.minus_mean >= 0 && is_read_outside(f, g, m.minus_mean)) {
    g->fused.minus_mean = g->n_out;
    g->out[g->n_out++] = m.minus_mean;
  }
  return true;
}

bool ek__fuse_batch_norm_infer(const ek__fuser *f, int32_t node, ek__group *g) {
  normalized m;
  if (!match_group(f, node, &m, g)) return false;
  g->def = &ek__fused_batch_norm_infer;
  (void)ek__group_in(g, m.x);
  (void)ek__group_in(g, m.mean);
  (void)ek__group_in(g, m.inverse.variance);
  take_parameters(&m, g);
  return true;
}

bool ek__fuse_moments(const ek__fuser *f, int32_t node, ek__group *g) {
  ek__moments m;
  if (f->ir->nodes[node].kind != EK__P_OP || f->ir->nodes[node].n_out < 1 ||
      !ek__match_moments(f, f->ir->nodes[node].first_out, &m))
    return false;
  g->def = &ek__fused_batch_norm_moments;
  g->fused.axis = m.axis;
  ek__group_node(f, g, m.mean);
  ek__group_node(f, g, m.squares);
  g->nodes[g->n_nodes++] = node;
  (void)ek__group_in(g, m.x);
  g->out[g->n_out++] = m.mean;
  g->out[g->n_out++] = m.variance;
  return true;
}
