/* SPDX-License-Identifier: Apache-2.0 */
/* The gradient of batch normalization in training, as TensorFlow's gradient functions spell it out. With
 * y = x * inverse + (offset - mean * inverse), inverse = rsqrt * scale and the moments of x:
 *   d_shift = Sum(dy), which is d_offset        d_mean_product = -d_shift
 *   d_mean = d_mean_product * inverse           d_inverse = Sum(x * dy) + d_mean_product * mean
 *   d_scale = d_inverse * rsqrt                 d_variance = RsqrtGrad(rsqrt, d_inverse * scale)
 *   dx = dy * inverse + (2 * d_variance / N) * (x - mean) + d_mean / N
 * In a loop that goes back over another one, x, mean, rsqrt and inverse are popped. */
#include "plan/fuse_batch_norm.h"

#include <string.h>

typedef struct gradient {
  int32_t dx;                               /* the sum of three */
  int32_t direct;                           /* dy * inverse */
  int32_t spread, twice, share, difference; /* (2 * share) * difference, with share = d_variance / N */
  int32_t level;                            /* d_mean / N */
  int32_t tile[2];                          /* what stretches d_variance and d_mean to the shape of x */
  int32_t d_variance, d_rsqrt, d_inverse, d_scale, from_x, x_dy, from_mean, d_mean_product, d_shift, d_mean;
  int32_t x, dy;
  ek__moments moments;
  ek__inverse inverse;
  bool minus; /* without an offset: y = x * inverse + (-mean) * inverse; d_mean_product is d_shift * inverse then */
  bool popped;
  ek_out rsqrt, scale; /* in the other loop; scale: none if there is none */
} gradient;

static int32_t origin_in(const ek__fuser *f, const ek__pnode *n, int k) { return ek__fuse_origin(f, n->in[k]); }

/* The operand of a product that is this value, under whatever name; the other one. -1: none. */
static int32_t other_origin(const ek__fuser *f, const ek__pnode *product, int32_t one) {
  for (int k = 0; k < 2; k++)
    if (ek__fuse_same(f, product->in[k], one)) return product->in[1 - k];
  return -1;
}

static bool is_number(const ek__fuser *f, int32_t value, double number) {
  const ek_tensor *t = f->ir->values[value].constant;
  return t != NULL && ek_tensor_num_elements(t) == 1 && ek_tensor_number(t, 0) == number;
}

static double rows_of(const ek__fuser *f, const gradient *m) {
  const ek_shape x = f->ir->values[m->x].shape;
  return (double)(ek_shape_num_elements(x) / x.dim[m->moments.axis]);
}

/* value = stretched / N: the gradient of a mean. Gives what is stretched. */
static int32_t match_share(const ek__fuser *f, const gradient *m, int32_t value, int32_t *tile) {
  const ek__pnode *division = ek__fuse_producer(f, value, "RealDiv");
  if (division == NULL || !is_number(f, division->in[1], rows_of(f, m))) return -1;
  *tile = origin_in(f, division, 0);
  const ek__pnode *stretch = ek__fuse_producer(f, *tile, "Tile");
  if (stretch == NULL) stretch = ek__fuse_producer(f, *tile, "BroadcastTo");
  return stretch != NULL ? origin_in(f, stretch, 0) : -1;
}

/* value = (2 * share) * (x - mean), which tells x and its moments. */
static bool match_spread(const ek__fuser *f, int32_t value, gradient *m) {
  const ek__pnode *product = ek__fuse_producer(f, value, "Mul");
  for (int k = 0; product != NULL && k < 2; k++) {
    const ek__pnode *twice = ek__fuse_producer(f, origin_in(f, product, k), "Mul");
    const ek__pnode *difference = ek__fuse_producer(f, origin_in(f, product, 1 - k), "Sub");
    if (twice == NULL || difference == NULL) continue;
    m->spread = value;
    m->twice = origin_in(f, product, k);
    m->difference = origin_in(f, product, 1 - k);
    m->x = difference->in[0];
    m->moments.mean = origin_in(f, difference, 1);
    m->share = is_number(f, twice->in[0], 2.0)   ? origin_in(f, twice, 1)
               : is_number(f, twice->in[1], 2.0) ? origin_in(f, twice, 0)
                                                 : -1;
    return m->share >= 0;
  }
  return false;
}

/* Of popped ones, which values here rsqrt and scale are. */
static bool find_popped(const ek__fuser *f, const ek__pnode *of_rsqrt, gradient *m) {
  m->inverse.rsqrt = origin_in(f, of_rsqrt, 0);
  m->inverse.scale = -1;
  if (!ek__fuse_is_forward(f, m->inverse.rsqrt, m->rsqrt)) return false;
  if (m->scale.op == 0) return true;
  const ek__pnode *scaled = ek__fuse_producer(f, m->d_rsqrt, "Mul");
  for (int k = 0; scaled != NULL && k < 2 && m->inverse.scale < 0; k++)
    if (ek__fuse_is_forward(f, scaled->in[k], m->scale)) m->inverse.scale = scaled->in[k];
  return m->inverse.scale >= 0;
}

/* Is it minus the mean, here or where it was pushed? */
static bool is_minus_mean(const ek__fuser *f, const gradient *m, int32_t value) {
  const ek__pnode *minus = ek__fuse_producer(f, ek__fuse_origin(f, value), "Neg");
  if (minus != NULL) return ek__fuse_same(f, minus->in[0], m->moments.mean);
  const ek__node *pushed = ek__node_of(f->ir->env->graph, ek_out_op(ek__fuse_popped(f, value)));
  return pushed != NULL && strcmp(pushed->type, "Neg") == 0 &&
         ek__fuse_is_forward(f, m->moments.mean, pushed->inputs[0]);
}

/* The part of d_inverse that comes from the product with the mean tells d_shift. */
static bool match_from_mean(const ek__fuser *f, const ek__pnode *product, gradient *m) {
  const int32_t d = other_origin(f, product, m->moments.mean);
  m->d_mean_product = d >= 0 ? ek__fuse_origin(f, d) : -1;
  const ek__pnode *minus = d >= 0 ? ek__fuse_producer(f, m->d_mean_product, "Neg") : NULL;
  m->minus = minus == NULL;
  m->d_shift = minus != NULL ? origin_in(f, minus, 0) : -1;
  for (int k = 0; m->minus && k < 2 && m->d_shift < 0; k++)
    if (is_minus_mean(f, m, product->in[k])) m->d_shift = origin_in(f, product, 1 - k);
  return m->d_shift >= 0;
}

/* From d_variance back to the sums over dy. */
static bool match_sums(const ek__fuser *f, gradient *m) {
  const ek__pnode *of_rsqrt = ek__fuse_producer(f, m->d_variance, "RsqrtGrad");
  if (of_rsqrt == NULL) return false;
  m->d_rsqrt = origin_in(f, of_rsqrt, 1);
  m->d_inverse = m->d_rsqrt;
  if (m->popped && !find_popped(f, of_rsqrt, m)) return false;
  if (m->inverse.scale >= 0) {
    const ek__pnode *scaled = ek__fuse_producer(f, m->d_rsqrt, "Mul");
    const int32_t d = scaled != NULL ? other_origin(f, scaled, ek__fuse_origin(f, m->inverse.scale)) : -1;
    if (d < 0) return false;
    m->d_inverse = ek__fuse_origin(f, d);
  }
  const ek__pnode *sum = ek__fuse_producer(f, m->d_inverse, "AddN");
  for (int k = 0; sum != NULL && sum->n_in == 2 && k < 2; k++) {
    m->from_x = origin_in(f, sum, k);
    m->from_mean = origin_in(f, sum, 1 - k);
    const ek__pnode *over_rows = ek__fuse_producer(f, m->from_x, "Sum"),
                    *product = ek__fuse_producer(f, m->from_mean, "Mul");
    const ek__pnode *x_dy = over_rows != NULL ? ek__fuse_producer(f, over_rows->in[0], "Mul") : NULL;
    if (x_dy == NULL || product == NULL) continue;
    m->x_dy = over_rows->in[0];
    m->dy = ek__other_operand(x_dy, m->x);
    if (m->dy < 0 || !match_from_mean(f, product, m)) return false;
    const ek__pnode *of_dy = ek__fuse_producer(f, m->d_shift, "Sum");
    return of_dy != NULL && ek__fuse_origin(f, of_dy->in[0]) == ek__fuse_origin(f, m->dy) &&
           ek__kept_axis(f, of_dy) == m->moments.axis && ek__kept_axis(f, over_rows) == m->moments.axis;
  }
  return false;
}

static bool match_rest(const ek__fuser *f, int32_t dy, gradient *m) {
  m->d_variance = match_share(f, m, m->share, &m->tile[0]);
  m->d_mean = match_share(f, m, m->level, &m->tile[1]);
  if (m->d_variance < 0 || m->d_mean < 0 || !match_sums(f, m)) return false;
  if (ek__fuse_origin(f, dy) != ek__fuse_origin(f, m->dy)) return false;
  const ek__pnode *minus = m->minus ? ek__fuse_producer(f, m->d_mean, "Neg") : NULL;
  if (minus != NULL) m->d_mean_product = origin_in(f, minus, 0);
  const ek__pnode *d_mean = ek__fuse_producer(f, m->minus ? m->d_mean_product : m->d_mean, "Mul");
  return d_mean != NULL && (minus != NULL) == m->minus &&
         other_origin(f, d_mean, m->minus ? m->d_shift : m->d_mean_product) == m->inverse.inverse;
}

/* The normalization stands here, too. */
static bool match_here(const ek__fuser *f, int32_t inverse, int32_t dy, gradient *m) {
  const int32_t mean = m->moments.mean, x = m->x;
  return ek__match_inverse(f, inverse, &m->inverse) &&
         ek__match_moments(f, ek__fuse_origin(f, m->inverse.variance), &m->moments) && m->moments.mean == mean &&
         m->moments.x == x && match_rest(f, dy, m);
}

/* It stands in the loop that this one goes back over. */
static bool match_popped(const ek__fuser *f, int32_t inverse, int32_t dy, gradient *m) {
  const ek_graph *g = f->ir->env->graph;
  const ek_shape x = f->ir->values[m->x].shape;
  const ek_out out = ek__fuse_popped(f, inverse);
  const ek__node *n = ek__node_of(g, ek_out_op(out));
  if (n == NULL || !ek__has_kernels(f, m->x)) return false;
  m->popped = true;
  m->rsqrt = out;
  m->scale = (ek_out){0, 0};
  m->inverse = (ek__inverse){.inverse = ek__fuse_origin(f, inverse)};
  for (int k = 0; strcmp(n->type, "Mul") == 0 && k < 2 && m->scale.op == 0; k++) {
    const ek_out factor = ek__fuse_named_first(g, n->inputs[k]);
    if (strcmp(ek__node_of(g, ek_out_op(factor))->type, "Rsqrt") != 0) continue;
    m->rsqrt = factor;
    m->scale = n->inputs[1 - k];
  }
  if (strcmp(ek__node_of(g, ek_out_op(m->rsqrt))->type, "Rsqrt") != 0) return false;
  for (m->moments.axis = x.rank - 1; m->moments.axis >= 0; m->moments.axis--)
    if (ek__is_of_channels(f, m->moments.mean, x, m->moments.axis) && match_rest(f, dy, m)) return true;
  return false;
}

/* dx as direct + spread + level, in any order. */
static bool match_terms(const ek__fuser *f, const int32_t *terms, gradient *m) {
  m->direct = terms[0];
  m->level = terms[2];
  if (ek__fuse_producer(f, m->level, "RealDiv") == NULL || !match_spread(f, terms[1], m)) return false;
  const ek__pnode *direct = ek__fuse_producer(f, m->direct, "Mul");
  if (direct == NULL) return false;
  const gradient before = *m;
  for (int k = 0; k < 4; k++) {
    *m = before;
    if ((k < 2 ? match_here : match_popped)(f, direct->in[k % 2], direct->in[1 - k % 2], m)) return true;
  }
  return false;
}

/* d_inverse * rsqrt among those who read d_inverse; -1: nobody asks for it. */
static int32_t find_d_scale(const ek__fuser *f, const gradient *m) {
  for (int32_t r = f->first_reader[m->d_inverse]; r < f->first_reader[m->d_inverse + 1]; r++) {
    const ek__pnode *n = &f->ir->nodes[f->readers[r]];
    if (n->needed && n->kind == EK__P_OP && strcmp(n->def->name, "Mul") == 0 &&
        ek__other_operand(n, m->d_inverse) == m->inverse.rsqrt)
      return n->first_out;
  }
  return -1;
}

bool ek__fuse_batch_norm_grad(const ek__fuser *f, int32_t node, ek__group *g) {
  static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  const ek__pnode *n = &f->ir->nodes[node];
  gradient m = {0};
  bool found = false;
  if (n->kind != EK__P_OP || strcmp(n->def->name, "AddN") != 0 || n->n_in != 3) return false;
  for (size_t o = 0; o < sizeof orders / sizeof orders[0] && !found; o++) {
    const int32_t terms[3] = {origin_in(f, n, orders[o][0]), origin_in(f, n, orders[o][1]),
                              origin_in(f, n, orders[o][2])};
    found = match_terms(f, terms, &m);
  }
  const ek_shape x = found ? f->ir->values[m.x].shape : ek_shape_unknown();
  if (!found || !ek__is_of_channels(f, m.inverse.inverse, x, m.moments.axis) ||
      !ek__is_of_channels(f, m.inverse.rsqrt, x, m.moments.axis) ||
      (m.inverse.scale >= 0 && !ek__is_of_channels(f, m.inverse.scale, x, m.moments.axis)))
    return false;
  m.d_scale = m.inverse.scale >= 0 ? find_d_scale(f, &m) : -1;
  const int32_t members[] = {m.d_shift,    m.d_mean_product, m.x_dy,  m.from_x, m.from_mean,  m.d_inverse,
                             m.d_variance, m.tile[0],        m.share, m.twice,  m.difference, m.spread,
                             m.d_mean,     m.tile[1],        m.level, m.direct};
  g->def = m.popped ? &ek__fused_batch_norm_grad_kept : &ek__fused_batch_norm_grad;
  g->fused.axis = m.moments.axis;
  for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) ek__group_node(f, g, members[i]);
  if (m.inverse.scale >= 0) ek__group_node(f, g, m.d_rsqrt);
  if (m.d_scale >= 0) ek__group_node(f, g, m.d_scale);
  g->nodes[g->n_nodes++] = node;
  (void)ek__group_in(g, ek__fuse_origin(f, m.dy)); /* other names of it wait for parts of its gradient */
  (void)ek__group_in(g, m.x);
  (void)ek__group_in(g, m.moments.mean);
  (void)ek__group_in(g, m.popped ? m.inverse.rsqrt : m.moments.variance);
  if (!m.popped) (void)ek__group_in(g, m.inverse.epsilon);
  if (m.inverse.scale >= 0) g->fused.scale = ek__group_in(g, m.inverse.scale);
  g->out[g->n_out++] = n->first_out;
  g->out[g->n_out++] = m.d_shift;
  if (m.d_scale >= 0) {
    g->fused.dscale = g->n_out;
    g->out[g->n_out++] = m.d_scale;
  }
  return true;
}
