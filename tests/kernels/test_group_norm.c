/* SPDX-License-Identifier: Apache-2.0 */
/* Group, layer and instance norm: every instruction set, type, layout, size around the vector length and alignment
 * against long double. */
#include "batch_norm_test.h"

/* As in test_batch_norm.c: 64 additions in T and a few terms more. The sums over a group are of dy * scale, one
 * rounding more, and those for dscale of dy * (x - mean) * k, two more. dx and y follow. */
#define SUM_EPS  74.0L
#define DATA_EPS 160.0L

static const ek_kernels *kernels;

typedef struct gn_case {
  ek_kernels_group_shape shape;
  double epsilon;
  unsigned without;
  int64_t elements, count; /* in memory, and of a group */
  guarded x, y, dy, dx, scale, offset, mean, variance, dscale, doffset, workspace;
} gn_case;

static int64_t stored(const ek_kernels_group_shape *s) {
  return s->block == 0 ? s->channels : (s->channels + 15) / 16 * 16;
}
static int64_t channel_of(const gn_case *c, int64_t i) {
  const ek_kernels_group_shape *const s = &c->shape;
  if (s->block != 0) return i / (16 * s->inner) % (stored(s) / 16) * 16 + i % 16;
  return s->channels_last ? i % s->channels : i / s->inner % s->channels;
}
static bool is_real(const gn_case *c, int64_t i) { return channel_of(c, i) < c->shape.channels; }
static int64_t statistic_of(const gn_case *c, int64_t i) {
  const ek_kernels_group_shape *const s = &c->shape;
  return i / (stored(s) * s->inner) * s->groups + channel_of(c, i) / (s->channels / s->groups);
}

static gn_case gn_case_new(ek_kernels_group_shape s, double mean, unsigned without) {
  gn_case c = {.shape = s, .epsilon = 1e-3, .without = without};
  const size_t size = bn_data_size(s.type), psize = bn_param_size(s.type);
  const ek_kernels_type ptype = bn_param_type(s.type);
  c.elements = s.batch * stored(&s) * s.inner, c.count = s.channels / s.groups * s.inner;
  guarded *const data[] = {&c.x, &c.y, &c.dy, &c.dx}, *const stat[] = {&c.mean, &c.variance};
  guarded *const param[] = {&c.scale, &c.offset, &c.dscale, &c.doffset};
  for (size_t i = 0; i < 4; i++) *data[i] = guarded_new((size_t)c.elements * size, (i + (size_t)c.elements) % 5 * size);
  for (size_t i = 0; i < 2; i++) *stat[i] = guarded_new((size_t)(s.batch * s.groups) * psize, i * psize);
  for (size_t i = 0; i < 4; i++) *param[i] = guarded_new((size_t)s.channels * psize, i % 3 * psize);
  uint64_t seed = (uint64_t)c.elements + 17;
  for (int64_t i = 0; i < c.elements; i++) {
    const bool real_one = is_real(&c, i);
    bn_set(s.type, c.x.data, i, real_one ? mean + (double)(channel_of(&c, i) % 3) + draw(&seed, -1, 1) : 0);
    bn_set(s.type, c.dy.data, i, real_one ? draw(&seed, -1, 1) + 0.25 : 0);
  }
  for (int64_t i = 0; i < s.channels; i++)
    bn_set(ptype, c.scale.data, i, draw(&seed, 0.5, 2)), bn_set(ptype, c.offset.data, i, draw(&seed, -1, 1));
  size_t bytes = 0;
  assert_int_equal(ek_kernels_group_norm_workspace(&s, &bytes), EK_KERNELS_OK);
  c.workspace = guarded_new(bytes, 8);
  return c;
}

static void gn_case_free(gn_case *c) {
  const guarded all[] = {c->x,    c->y,        c->dy,     c->dx,      c->scale,    c->offset,
                         c->mean, c->variance, c->dscale, c->doffset, c->workspace};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) guarded_free(all[i]);
}

static ek_kernels_code forward(const gn_case *c, int threads) {
  return ek_kernels_group_norm(
      kernels, &(ek_kernels_group_norm_args){.shape = c->shape,
                                             .epsilon = c->epsilon,
                                             .x = c->x.data,
                                             .scale = c->without & WITHOUT_SCALE ? NULL : c->scale.data,
                                             .offset = c->without & WITHOUT_OFFSET ? NULL : c->offset.data,
                                             .y = c->y.data,
                                             .mean = c->mean.data,
                                             .variance = c->variance.data,
                                             .workspace = c->workspace.data,
                                             .workspace_bytes = c->workspace.bytes,
                                             .threads = threads});
}

static ek_kernels_code backward(const gn_case *c, int threads) {
  return ek_kernels_group_norm_grad(
      kernels, &(ek_kernels_group_norm_grad_args){.shape = c->shape,
                                                  .epsilon = c->epsilon,
                                                  .x = c->x.data,
                                                  .dy = c->dy.data,
                                                  .scale = c->without & WITHOUT_SCALE ? NULL : c->scale.data,
                                                  .mean = c->mean.data,
                                                  .variance = c->variance.data,
                                                  .dx = c->dx.data,
                                                  .dscale = c->dscale.data,
                                                  .doffset = c->doffset.data,
                                                  .workspace = c->workspace.data,
                                                  .workspace_bytes = c->workspace.bytes,
                                                  .threads = threads});
}

static real value(const gn_case *c, guarded g, int64_t i) { return (real)bn_value(c->shape.type, g.data, i); }
static real param(const gn_case *c, guarded g, int64_t i) {
  return (real)bn_value(bn_param_type(c->shape.type), g.data, i);
}
static real scale_of(const gn_case *c, int64_t i) {
  return c->without & WITHOUT_SCALE ? 1 : param(c, c->scale, channel_of(c, i));
}
static real offset_of(const gn_case *c, int64_t i) {
  return c->without & WITHOUT_OFFSET ? 0 : param(c, c->offset, channel_of(c, i));
}

static void close_to(const char *what, const gn_case *c, real got, real want, real room) {
  const real off = fabsl(got - want);
  if (off == 0 || off <= room) return;
  print_error("%s type %d [%lld, %lld, %lld] in %lld%s%s: %s: got %La, want %La, off by %Lg, allowed %Lg\n",
              ek_kernels_name(kernels), (int)c->shape.type, (long long)c->shape.batch, (long long)c->shape.channels,
              (long long)c->shape.inner, (long long)c->shape.groups, c->shape.channels_last ? ", channels last" : "",
              c->shape.block != 0 ? ", in blocks" : "", what, got, want, off, room);
  fail();
}
static real eps_of(const gn_case *c) { return c->shape.type == EK_KERNELS_F64 ? 0x1p-53L : 0x1p-24L; }

static void check_forward(const gn_case *c) {
  const int64_t statistics = c->shape.batch * c->shape.groups;
  real *const m = calloc((size_t)(4 * statistics) + 1, sizeof *m), eps = eps_of(c), count = (real)c->count;
  real *const base = m, *const mean = base + statistics, *const variance = mean + statistics;
  real *const deviation = variance + statistics;
  assert_int_equal(forward(c, 1), EK_KERNELS_OK);
  for (int64_t i = c->elements - 1; i >= 0; i--)
    if (is_real(c, i)) base[statistic_of(c, i)] = value(c, c->x, i);
  for (int64_t i = 0; i < c->elements; i++)
    if (is_real(c, i)) mean[statistic_of(c, i)] += (value(c, c->x, i) - base[statistic_of(c, i)]) / count;
  for (int64_t i = 0; i < c->elements; i++) {
    if (!is_real(c, i)) continue;
    const real d = (value(c, c->x, i) - base[statistic_of(c, i)]) - mean[statistic_of(c, i)];
    variance[statistic_of(c, i)] += d * d / count, deviation[statistic_of(c, i)] += fabsl(d) / count;
  }
  for (int64_t s = 0; s < statistics; s++) {
    close_to("mean", c, param(c, c->mean, s), base[s] + mean[s],
             eps * (fabsl(base[s] + mean[s]) + SUM_EPS * deviation[s]));
    close_to("variance", c, param(c, c->variance, s), variance[s], eps * (SUM_EPS + 4) * variance[s]);
  }
  for (int64_t i = 0; i < c->elements; i++) {
    if (!is_real(c, i)) {
      assert_true(value(c, c->y, i) == 0);
      continue;
    }
    const int64_t s = statistic_of(c, i);
    const real xc = (value(c, c->x, i) - base[s]) - mean[s];
    const real want = xc * (scale_of(c, i) / sqrtl(variance[s] + (real)c->epsilon)) + offset_of(c, i);
    close_to("y", c, value(c, c->y, i), want,
             eps * DATA_EPS * (1 + fabsl(want)) + (real)bn_storage_eps(c->shape.type) * fabsl(want));
  }
  free(m);
}

static void check_backward(const gn_case *c) {
  const real eps = eps_of(c), count = (real)c->count;
  real *const s = calloc((size_t)(4 * c->shape.batch * c->shape.groups) + 1, sizeof *s);
  real *const p = calloc((size_t)(4 * c->shape.channels) + 1, sizeof *p);
  assert_int_equal(backward(c, 1), EK_KERNELS_OK);
  for (int pass = 0; pass < 2; pass++)
    for (int64_t i = 0; i < c->elements; i++) {
      if (!is_real(c, i)) {
        assert_true(value(c, c->dx, i) == 0);
        continue;
      }
      const int64_t at = statistic_of(c, i);
      real *const of = s + 4 * at, *const own = p + 4 * channel_of(c, i);
      const real k = 1 / sqrtl(param(c, c->variance, at) + (real)c->epsilon), dy = value(c, c->dy, i);
      const real xc = value(c, c->x, i) - param(c, c->mean, at), g = dy * scale_of(c, i);
      if (pass == 0) {
        of[0] += g, of[1] += g * xc, of[2] += fabsl(g), of[3] += fabsl(g * xc);
        own[0] += dy, own[1] += dy * xc * k, own[2] += fabsl(dy), own[3] += fabsl(dy * xc * k);
        continue;
      }
      const real want = k * (g - of[0] / count - xc * k * k * of[1] / count);
      const real size = k * (fabsl(g) + of[2] / count + fabsl(xc) * k * k * of[3] / count);
      close_to("dx", c, value(c, c->dx, i), want,
               eps * DATA_EPS * size + (real)bn_storage_eps(c->shape.type) * fabsl(want));
    }
  for (int64_t i = 0; i < c->shape.channels; i++) {
    close_to("doffset", c, param(c, c->doffset, i), p[4 * i], eps * SUM_EPS * p[4 * i + 2]);
    close_to("dscale", c, param(c, c->dscale, i), p[4 * i + 1], eps * SUM_EPS * p[4 * i + 3]);
  }
  free(s), free(p);
}

/* The same call with its output over an input writes the same bits. */
static void check_in_place(const gn_case *c, ek_kernels_code (*call)(const gn_case *, int), guarded in, guarded out) {
  gn_case same = *c;
  const guarded copy = guarded_new(in.bytes, 0);
  if (in.bytes > 0) memcpy(copy.data, in.data, in.bytes);
  for (guarded *g = &same.x; g <= &same.dx; g++)
    if (g->data == in.data || g->data == out.data) *g = copy;
  assert_int_equal(call(&same, 1), EK_KERNELS_OK);
  if (in.bytes > 0) assert_memory_equal(copy.data, out.data, out.bytes);
  guarded_free(copy);
}

static void check_shape(ek_kernels_group_shape shape, unsigned without) {
  gn_case c = gn_case_new(shape, 0.5, without);
  check_forward(&c);
  check_in_place(&c, forward, c.x, c.y);
  check_backward(&c);
  check_in_place(&c, backward, c.x, c.dx);
  check_in_place(&c, backward, c.dy, c.dx);
  gn_case_free(&c);
}

static void check(ek_kernels_type type, int64_t batch, int64_t channels, int64_t inner, int64_t groups, int last,
                  unsigned without) {
  check_shape((ek_kernels_group_shape){type, batch, channels, inner, groups, last}, without);
}

static void sizes_on(const ek_kernels *k) {
  kernels = k;
  for (int t = EK_KERNELS_F32; t <= EK_KERNELS_F16; t++)
    for (int64_t n = 1; n <= 2 * MAX_LANES + 1; n++) {
      const ek_kernels_type type = (ek_kernels_type)t;
      check(type, 3, n, 1, 1, 0, (unsigned)n % 4); /* layer norm of rows */
      check(type, 3, 2 * n, 1, 2, 1, 0);
      check(type, 2, 6, n, 3, 0, (unsigned)n % 4);
      check(type, 2, 4, n, 4, 0, 0); /* instance norm */
      check(type, 2, n, 5, 1, 1, (unsigned)n % 4);
      check(type, 2, 3 * n, 5, 3, 1, 0);
      check(type, 2, n, 3, n, 1, 0);
    }
}
static void every_size_around_the_vector_length(void **state) {
  (void)state;
  for_each_isa(sizes_on);
}

/* nChw16c: layer norm, instance norm and every way for groups to lie in two or three blocks; pictures of one value. */
static void blocks_on(const ek_kernels *k) {
  kernels = k;
  for (int t = EK_KERNELS_F32; t <= EK_KERNELS_F16; t++)
    for (int64_t n = 1; n <= 40; n++)
      for (int64_t groups = 1; groups <= n; groups++) {
        const ek_kernels_type type = (ek_kernels_type)t;
        if (n % groups != 0) continue;
        check_shape((ek_kernels_group_shape){type, 2, n, 5, groups, 0, 16}, (unsigned)n % 4);
        check_shape((ek_kernels_group_shape){type, 2, n, 1, groups, 0, 16}, 0);
      }
  for (int t = EK_KERNELS_F32; t <= LAST_LARGE_TYPE; t++) { /* several sections of channels, tiles of rows and parts */
    check_shape((ek_kernels_group_shape){(ek_kernels_type)t, 20, 108, 70, 9, 0, 16}, 0);
    check_shape((ek_kernels_group_shape){(ek_kernels_type)t, 900, 70, 1, 2, 0, 16}, 0);
  }
}
static void blocks_of_channels(void **state) {
  (void)state;
  for_each_isa(blocks_on);
}

/* Several parts, tiles of rows, rows longer than a tile's values. */
static void shapes_on(const ek_kernels *k) {
  kernels = k;
  for (int t = EK_KERNELS_F32; t <= LAST_LARGE_TYPE; t++) {
    const ek_kernels_type type = (ek_kernels_type)t;
    check(type, 900, 70, 1, 1, 0, 0);
    check(type, 3, 9001, 1, 1, 0, 0);
    check(type, 20, 24, 144, 6, 0, 0);
    check(type, 20, 24, 144, 6, 1, 0);
    check(type, 2, 2, 9001, 1, 0, 0);
  }
}
static void larger_shapes(void **state) {
  (void)state;
  for_each_isa(shapes_on);
}

/* A mean that is 10^4 times the spread, in double 10^9 times, costs no digits. */
static void large_means_on(const ek_kernels *k) {
  kernels = k;
  for (int layout = 0; layout < 3; layout++)
    for (int64_t inner = 1; inner < 40; inner += 38) {
      ek_kernels_group_shape shape = {EK_KERNELS_F32, 3, 66, inner, 2, layout == 1, layout == 2 ? 16 : 0};
      gn_case c = gn_case_new(shape, 1e4, 0);
      shape.type = EK_KERNELS_F64;
      gn_case wide = gn_case_new(shape, 1e9, 0);
      check_forward(&c), check_forward(&wide);
      gn_case_free(&c), gn_case_free(&wide);
    }
}
static void large_means(void **state) {
  (void)state;
  for_each_isa(large_means_on);
}

static void threads_on(const ek_kernels *k) {
  const ek_kernels_group_shape shapes[] = {{EK_KERNELS_F32, 3000, 70, 1, 1, 0},
                                           {EK_KERNELS_F32, 40, 24, 144, 6, 0},
                                           {EK_KERNELS_BF16, 40, 48, 144, 6, 1},
                                           {EK_KERNELS_F32, 40, 60, 144, 5, 0, 16}};
  kernels = k;
  for (int s = 0; s < 4; s++) {
    gn_case one = gn_case_new(shapes[s], 0.5, 0), more = gn_case_new(shapes[s], 0.5, 0);
    assert_true(forward(&one, 1) == EK_KERNELS_OK && backward(&one, 1) == EK_KERNELS_OK);
    assert_true(forward(&more, 3) == EK_KERNELS_OK && backward(&more, 3) == EK_KERNELS_OK);
    assert_memory_equal(one.y.data, more.y.data, one.y.bytes);
    assert_memory_equal(one.dx.data, more.dx.data, one.dx.bytes);
    assert_memory_equal(one.dscale.data, more.dscale.data, one.dscale.bytes);
    assert_memory_equal(one.doffset.data, more.doffset.data, one.doffset.bytes);
    gn_case_free(&one), gn_case_free(&more);
  }
}
static void threads_change_no_bit(void **state) {
  (void)state;
  for_each_isa(threads_on);
}

/* NaN and infinities, of x and of dy, stay in their group; a constant group has variance 0 and becomes offset. */
static void bad_value(ek_kernels_group_shape shape, double bad) {
  const int64_t at = shape.block != 0 && shape.channels < 16 ? 1 : 40; /* a channel's, and not of the constant group */
  for (int of_dy = 0; of_dy < 2; of_dy++) {
    gn_case c = gn_case_new(shape, 0.5, 0);
    for (int64_t i = 0; i < c.elements; i++)
      if (is_real(&c, i) && statistic_of(&c, i) == 4) bn_set(shape.type, c.x.data, i, 1234.1);
    bn_set(shape.type, of_dy ? c.dy.data : c.x.data, at, bad);
    assert_true(forward(&c, 1) == EK_KERNELS_OK && backward(&c, 1) == EK_KERNELS_OK);
    for (int64_t i = 0; i < c.elements; i++) {
      const bool here = is_real(&c, i) && statistic_of(&c, i) == statistic_of(&c, at);
      assert_true(isfinite(value(&c, c.y, i)) == (of_dy || !here));
      assert_true(isfinite(value(&c, c.dx, i)) == !here);
      if (!is_real(&c, i) || statistic_of(&c, i) != 4) continue;
      close_to("y", &c, value(&c, c.y, i), offset_of(&c, i),
               (real)bn_storage_eps(shape.type) * fabsl(offset_of(&c, i)));
      assert_true(param(&c, c.mean, 4) == value(&c, c.x, i));
    }
    assert_true(param(&c, c.variance, 4) == 0);
    gn_case_free(&c);
  }
}

static void special_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++) {
    const ek_kernels_type t = (ek_kernels_type)type;
    const ek_kernels_group_shape shapes[] = {
        {t, 3, 66, 1, 2, 0}, {t, 3, 6, 33, 2, 0}, {t, 3, 66, 5, 2, 1}, {t, 3, 6, 1, 2, 0, 16}, {t, 3, 66, 5, 2, 0, 16}};
    for (int s = 0; s < 5; s++)
      bad_value(shapes[s], NAN), bad_value(shapes[s], INFINITY), bad_value(shapes[s], -INFINITY);
  }
  for (int s = 0; s < 3; s++) {
    const ek_kernels_group_shape empty[] = {
        {EK_KERNELS_F32, 3, 6, 0, 2, 0}, {EK_KERNELS_F32, 0, 6, 4, 2, 0}, {EK_KERNELS_F32, 3, 0, 4, 2, 1}};
    gn_case c = gn_case_new(empty[s], 0.5, 0);
    assert_true(forward(&c, 1) == EK_KERNELS_OK && backward(&c, 1) == EK_KERNELS_OK);
    for (int64_t i = 0; i < c.shape.batch * c.shape.groups; i++)
      assert_true(isnan(param(&c, c.mean, i)) && isnan(param(&c, c.variance, i)));
    for (int64_t i = 0; i < c.shape.channels; i++)
      assert_true(param(&c, c.dscale, i) == 0 && param(&c, c.doffset, i) == 0);
    gn_case_free(&c);
  }
}
static void special_values(void **state) {
  (void)state;
  for_each_isa(special_on);
}

/* Statistics alone and gradients alone are those of the whole call. */
static void optional_on(const ek_kernels *k) {
  const ek_kernels_group_shape shapes[] = {{EK_KERNELS_F32, 3, 66, 1, 1, 0},
                                           {EK_KERNELS_F64, 3, 6, 33, 2, 0},
                                           {EK_KERNELS_BF16, 3, 66, 5, 2, 1},
                                           {EK_KERNELS_F32, 3, 66, 5, 2, 0, 16}};
  kernels = k;
  for (int s = 0; s < 4; s++) {
    gn_case whole = gn_case_new(shapes[s], 0.5, 0), part = gn_case_new(shapes[s], 0.5, 0);
    const gn_case all = part;
    assert_true(forward(&whole, 1) == EK_KERNELS_OK && backward(&whole, 1) == EK_KERNELS_OK);
    part.y.data = NULL;
    assert_int_equal(forward(&part, 1), EK_KERNELS_OK);
    bn_expect_same(whole.mean, all.mean), bn_expect_same(whole.variance, all.variance);
    part.dx.data = NULL;
    assert_int_equal(backward(&part, 1), EK_KERNELS_OK);
    bn_expect_same(whole.dscale, all.dscale), bn_expect_same(whole.doffset, all.doffset);
    part.dx = all.dx, part.dscale.data = part.doffset.data = NULL;
    assert_int_equal(backward(&part, 1), EK_KERNELS_OK);
    bn_expect_same(whole.dx, all.dx);
    part.y = all.y, part.mean.data = part.variance.data = NULL;
    assert_int_equal(forward(&part, 1), EK_KERNELS_OK);
    bn_expect_same(whole.y, all.y);
    part = all;
    gn_case_free(&whole), gn_case_free(&part);
  }
}
static void optional_outputs(void **state) {
  (void)state;
  for_each_isa(optional_on);
}

static void refused(const gn_case *c, ek_kernels_code want) {
  assert_int_equal(forward(c, 1), want);
  assert_int_equal(backward(c, 1), want);
}

static void wrong_arguments_are_refused(void **state) {
  (void)state;
  kernels = NULL;
  gn_case good = gn_case_new((ek_kernels_group_shape){EK_KERNELS_F32, 3, 66, 5, 2, 1}, 0.5, 0), bad;
  size_t bytes;
  assert_int_equal(ek_kernels_group_norm(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_group_norm_grad(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_group_norm_workspace(NULL, &bytes), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_group_norm_workspace(&good.shape, NULL), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.shape.batch = -1, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.shape.batch = INT64_MAX / 2, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.shape.groups = 0, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.shape.groups = 4, refused(&bad, EK_KERNELS_INVALID_ARGUMENT); /* 66 channels */
  bad = good, bad.shape.block = 16, refused(&bad, EK_KERNELS_INVALID_ARGUMENT); /* and the channels last */
  bad = good, bad.shape.channels_last = 0, bad.shape.block = 8, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.shape.type = (ek_kernels_type)9, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.x.data = NULL, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.mean.data = NULL;
  assert_int_equal(backward(&bad, 1), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.workspace.bytes--, refused(&bad, EK_KERNELS_WORKSPACE);
  bad = good, bad.workspace.data = NULL, refused(&bad, EK_KERNELS_WORKSPACE);
  bad = good, bad.y.data = good.x.data + 4, bad.dx.data = good.dy.data + 4, refused(&bad, EK_KERNELS_OVERLAP);
  bad = good, bad.scale.data = good.workspace.data, refused(&bad, EK_KERNELS_OVERLAP);
  assert_int_equal(forward(&good, -1), EK_KERNELS_INVALID_ARGUMENT);
  const guarded written[] = {good.y, good.dx, good.mean, good.variance, good.dscale, good.doffset};
  for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) guarded_expect_untouched(written[i]);
  gn_case_free(&good);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_size_around_the_vector_length),
      cmocka_unit_test(blocks_of_channels),
      cmocka_unit_test(larger_shapes),
      cmocka_unit_test(large_means),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(special_values),
      cmocka_unit_test(optional_outputs),
      cmocka_unit_test(wrong_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
