/* SPDX-License-Identifier: Apache-2.0 */
/* Batch norm over any axes, of contiguous and strided views: every instruction set and type against long double. */
#include "axes_test.h"

/* As in test_batch_norm.c: 64 additions in T and a few terms more; over a few statistics, and five roundings. What
 * several statistics share is added in double and rounded once more. */
#define SUM_EPS  72.0L
#define DATA_EPS 160.0L

static const ek_kernels *kernels;

static void close_to(const char *what, const axes_case *c, double got, real want, real room) {
  const real off = fabsl((real)got - want);
  if ((isnan(got) && isnan(want)) || off == 0 || off <= room) return;
  print_error("%s type %d %s, kept %x shared %x:", ek_kernels_name(kernels), (int)c->axes.type, what, c->axes.kept,
              c->axes.shared);
  for (int i = 0; i < c->axes.rank; i++)
    print_error(" %lld/%lld", (long long)c->axes.sizes[i], (long long)c->axes.strides[i]);
  print_error(": got %a, want %La, off by %Lg, allowed %Lg\n", got, want, off, room);
  fail();
}

static real eps_of(const axes_case *c) { return c->axes.type == EK_KERNELS_F64 ? 0x1p-53L : 0x1p-24L; }

/* What is between the values of a view with gaps is not written. */
static void check_gaps(const axes_case *c, guarded g) {
  const size_t size = bn_data_size(c->axes.type);
  unsigned char *const seen = calloc(g.bytes + 1, 1);
  for (int64_t e = 0; e < c->elements; e++) memset(seen + (size_t)c->at[e] * size, 1, size);
  for (size_t i = 0; i < g.bytes; i++) assert_true(seen[i] || g.data[i] == GUARD_BYTE);
  free(seen);
}

static void check_statistics(const axes_case *c, const axes_reference *r, const double *before) {
  const real eps = eps_of(c);
  real *const sum = calloc((size_t)(2 * c->parameters) + 1, sizeof *sum), *const spread = sum + c->parameters;
  const real groups = (real)c->statistics / (real)c->parameters;
  for (int64_t s = 0; s < c->statistics; s++) {
    const real mean = r->base[s] + r->mean[s], variance = r->variance[s];
    const real unbiased = variance * (real)c->count / (real)(c->count > 1 ? c->count - 1 : 1);
    close_to("mean", c, (double)axes_param(c, c->mean, s), mean, eps * (fabsl(mean) + SUM_EPS * r->deviation[s]));
    close_to("variance", c, (double)axes_param(c, c->variance, s), variance, eps * (SUM_EPS + 4) * variance);
    close_to("unbiased", c, (double)axes_param(c, c->unbiased, s), unbiased, eps * (SUM_EPS + 4) * unbiased);
  }
  for (int64_t e = 0; e < c->elements; e++) { /* every statistic comes count times */
    const int64_t s = c->statistic[e];
    sum[c->parameter[e]] += axes_param(c, c->mean, s) / (groups * (real)c->count);
    spread[c->parameter[e]] += axes_param(c, c->correct ? c->unbiased : c->variance, s) / (groups * (real)c->count);
  }
  for (int64_t i = 0; i < c->parameters; i++) {
    const real m = (real)before[2 * i], v = (real)before[2 * i + 1], d = (real)c->decay;
    close_to("moving mean", c, (double)axes_param(c, c->moving_mean, i), m - (m - sum[i]) * d,
             4 * eps * (fabsl(m) + fabsl(sum[i])));
    close_to("moving variance", c, (double)axes_param(c, c->moving_variance, i), v - (v - spread[i]) * d,
             4 * eps * (v + spread[i]));
  }
  free(sum);
}

static void check_train(axes_case *c) {
  const real eps = eps_of(c);
  axes_reference r = axes_reference_of(c);
  double *const before = calloc((size_t)(2 * c->parameters) + 1, sizeof *before);
  for (int64_t i = 0; i < c->parameters; i++)
    before[2 * i] = (double)axes_param(c, c->moving_mean, i),
               before[2 * i + 1] = (double)axes_param(c, c->moving_variance, i);
  assert_int_equal(axes_train(c, kernels, 1), EK_KERNELS_OK);
  check_statistics(c, &r, before);
  for (int64_t e = 0; e < c->elements; e++) {
    const int64_t s = c->statistic[e];
    const real slope = axes_scale_of(c, e) / sqrtl(r.variance[s] + (real)c->epsilon);
    const real want = ((axes_x(c, e) - r.base[s]) - r.mean[s]) * slope + axes_offset_of(c, e);
    close_to("y", c, bn_value(c->axes.type, c->y.data, c->at[e]), want,
             eps * DATA_EPS * (1 + fabsl(want)) + (real)bn_storage_eps(c->axes.type) * fabsl(want));
  }
  check_gaps(c, c->y);
  axes_reference_free(r), free(before);
}

static void check_infer(axes_case *c) {
  assert_int_equal(axes_infer(c, kernels, 1), EK_KERNELS_OK);
  for (int64_t e = 0; e < c->elements; e++) {
    const int64_t p = c->parameter[e];
    const real slope = axes_scale_of(c, e) / sqrtl(axes_param(c, c->moving_variance, p) + (real)c->epsilon);
    const real want = (axes_x(c, e) - axes_param(c, c->moving_mean, p)) * slope + axes_offset_of(c, e);
    close_to("inference", c, bn_value(c->axes.type, c->y.data, c->at[e]), want,
             8 * eps_of(c) * (1 + fabsl(want) + fabsl(axes_offset_of(c, e))) +
                 (real)bn_storage_eps(c->axes.type) * fabsl(want));
  }
  check_gaps(c, c->y);
}

/* x - mean and 1 / sqrt(variance + epsilon) of an element, with the statistics that the call was given. */
static void given(const axes_case *c, int64_t e, real *xc, real *k) {
  const int64_t i = c->frozen ? c->parameter[e] : c->statistic[e];
  *xc = axes_x(c, e) - axes_param(c, c->frozen ? c->moving_mean : c->mean, i);
  *k = 1 / sqrtl(axes_param(c, c->frozen ? c->moving_variance : c->variance, i) + (real)c->epsilon);
}

static void check_grad(axes_case *c) {
  const real eps = eps_of(c), count = (real)c->count;
  real *const s = calloc((size_t)(4 * c->statistics) + 1, sizeof *s), xc, k;
  real *const p = calloc((size_t)(4 * c->parameters) + 1, sizeof *p);
  assert_int_equal(axes_grad(c, kernels, 1), EK_KERNELS_OK);
  for (int64_t e = 0; e < c->elements; e++) {
    real *const of = s + 4 * c->statistic[e], *const own = p + 4 * c->parameter[e], dy = axes_dy(c, e);
    given(c, e, &xc, &k);
    of[0] += dy, of[1] += dy * xc, of[2] += fabsl(dy), of[3] += fabsl(dy * xc);
    own[0] += dy, own[1] += dy * xc * k, own[2] += fabsl(dy), own[3] += fabsl(dy * xc) * k;
  }
  for (int64_t i = 0; i < c->parameters; i++) {
    close_to("doffset", c, (double)axes_param(c, c->doffset, i), p[4 * i], eps * SUM_EPS * p[4 * i + 2]);
    close_to("dscale", c, (double)axes_param(c, c->dscale, i), p[4 * i + 1], eps * SUM_EPS * p[4 * i + 3]);
  }
  for (int64_t e = 0; e < c->elements; e++) {
    const real *const of = s + 4 * c->statistic[e], dy = axes_dy(c, e);
    given(c, e, &xc, &k);
    const real a = axes_scale_of(c, e) * k;
    const real want = c->frozen ? a * dy : a * (dy - of[0] / count - xc * k * k * of[1] / count);
    const real size = a * (fabsl(dy) + of[2] / count + fabsl(xc) * k * k * of[3] / count);
    close_to(c->frozen ? "frozen dx" : "dx", c, bn_value(c->axes.type, c->dx.data, c->at[e]), want,
             eps * DATA_EPS * size + (real)bn_storage_eps(c->axes.type) * fabsl(want));
  }
  check_gaps(c, c->dx);
  free(s), free(p);
}

static void check(ek_kernels_axes axes, unsigned without) {
  axes_case c = axes_case_new(axes, 0.5, 1, without);
  c.correct = (int)(axes.kept & 1);
  check_train(&c);
  check_infer(&c);
  for (c.frozen = 0; c.frozen < 2; c.frozen++) check_grad(&c);
  axes_case_free(&c);
}

/* The view with a gap behind every row, and the axes in memory turned round. */
static ek_kernels_axes with_gaps(ek_kernels_axes a) {
  int64_t stride = 1;
  for (int i = a.rank - 1; i >= 0; i--) a.strides[i] = stride, stride = stride * a.sizes[i] + 1;
  return a;
}
static ek_kernels_axes turned(ek_kernels_axes a) {
  int64_t stride = 1;
  for (int i = 0; i < a.rank; i++) a.strides[i] = stride, stride *= a.sizes[i];
  return a;
}
/* Every other value of the fastest axis. */
static ek_kernels_axes thinned(ek_kernels_axes a) {
  int64_t stride = 2;
  for (int i = a.rank - 1; i >= 0; i--) a.strides[i] = stride, stride *= a.sizes[i];
  return a;
}

static void subsets_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++)
    for (unsigned kept = 0; kept < 16; kept++)
      for (unsigned shared = 0; shared < 16; shared++) {
        if (shared & ~kept) continue;
        const ek_kernels_axes a = {
            .type = (ek_kernels_type)type, .rank = 4, .sizes = {3, 4, 5, 7}, .kept = kept, .shared = shared};
        check(a, (kept + shared) % 4);
        if (type == EK_KERNELS_F32) check(with_gaps(a), 0), check(turned(a), 0), check(thinned(a), 0);
      }
}
static void every_subset_of_axes(void **state) {
  (void)state;
  for_each_isa(subsets_on);
}

static void sizes_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++)
    for (int64_t n = 1; n <= 2 * MAX_LANES + 1; n++) {
      const ek_kernels_type t = (ek_kernels_type)type;
      check((ek_kernels_axes){.type = t, .rank = 4, .sizes = {2, 3, 2, n}, .kept = 10}, 0);
      check((ek_kernels_axes){.type = t, .rank = 4, .sizes = {3, 2, n, 2}, .kept = 9, .shared = 1}, 0);
      check((ek_kernels_axes){.type = t, .rank = 4, .sizes = {2, 3, 2, n}, .kept = 5}, 0);
    }
}
static void every_size_around_the_vector_length(void **state) {
  (void)state;
  for_each_isa(sizes_on);
}

/* Blocks in several parts, rows in several pieces; all axes kept, or none; axes of size 1; eight of them. */
static void shapes_on(const ek_kernels *k) {
  kernels = k;
  const ek_kernels_axes shapes[] = {
      {.rank = 4, .sizes = {20, 2, 200, 9}, .kept = 10},
      {.rank = 3, .sizes = {2, 3600, 19}, .kept = 5},
      {.rank = 4, .sizes = {30, 2, 90, 16}, .kept = 10, .shared = 2},
      {.rank = 4, .sizes = {2, 30, 3, 90}, .kept = 5},
      {.rank = 4, .sizes = {3, 9, 2, 300}, .kept = 5, .shared = 1},
      {.rank = 2, .sizes = {300, 200}, .kept = 2},
      {.rank = 0},
      {.rank = 2, .sizes = {5, 6}, .kept = 3, .shared = 3},
      {.rank = 5, .sizes = {4, 1, 3, 1, 9}, .kept = 26, .shared = 2},
      {.rank = 8, .sizes = {2, 3, 2, 2, 3, 2, 3, 5}, .kept = 0xaa, .shared = 0x28},
  };
  for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
    for (int type = EK_KERNELS_F32; type <= LAST_LARGE_TYPE; type++) {
      ek_kernels_axes a = shapes[i];
      a.type = (ek_kernels_type)type;
      check(a, 0);
    }
}
static void larger_shapes(void **state) {
  (void)state;
  for_each_isa(shapes_on);
}

static void write_to_inputs(axes_case *c, ek_kernels_code (*call)(const axes_case *, const ek_kernels *, int),
                            guarded *in, guarded *out) {
  const guarded elsewhere = *out, copy = guarded_new(in->bytes, 0), was = *in;
  memcpy(copy.data, in->data, in->bytes);
  *in = *out = copy;
  assert_int_equal(call(c, kernels, 1), EK_KERNELS_OK);
  *in = was, *out = elsewhere;
  for (int64_t e = 0; e < c->elements; e++)
    assert_true(bn_value(c->axes.type, copy.data, c->at[e]) == bn_value(c->axes.type, elsewhere.data, c->at[e]));
  guarded_free(copy);
}

static void in_place_on(const ek_kernels *k) {
  kernels = k;
  const ek_kernels_axes a = with_gaps((ek_kernels_axes){.rank = 4, .sizes = {3, 4, 5, 19}, .kept = 10, .shared = 2});
  axes_case c = axes_case_new(a, 0.5, 1, 0);
  c.decay = 0; /* the moving averages stay */
  assert_int_equal(axes_train(&c, k, 1), EK_KERNELS_OK);
  write_to_inputs(&c, axes_train, &c.x, &c.y);
  assert_int_equal(axes_infer(&c, k, 1), EK_KERNELS_OK);
  write_to_inputs(&c, axes_infer, &c.x, &c.y);
  for (c.frozen = 0; c.frozen < 2; c.frozen++) {
    assert_int_equal(axes_grad(&c, k, 1), EK_KERNELS_OK);
    write_to_inputs(&c, axes_grad, &c.x, &c.dx);
    write_to_inputs(&c, axes_grad, &c.dy, &c.dx);
  }
  axes_case_free(&c);
}
static void in_place(void **state) {
  (void)state;
  for_each_isa(in_place_on);
}

static void threads_on(const ek_kernels *k) {
  const ek_kernels_axes shapes[] = {{.rank = 4, .sizes = {20, 2, 200, 9}, .kept = 10},
                                    {.rank = 4, .sizes = {40, 50, 30, 17}, .kept = 10, .shared = 2},
                                    {.rank = 3, .sizes = {60, 9, 2000}, .kept = 3}};
  for (int s = 0; s < 3; s++) {
    axes_case one = axes_case_new(shapes[s], 0.5, 1, 0), more = axes_case_new(shapes[s], 0.5, 1, 0);
    assert_int_equal(axes_train(&one, k, 1), EK_KERNELS_OK);
    assert_int_equal(axes_grad(&one, k, 1), EK_KERNELS_OK);
    assert_int_equal(axes_train(&more, k, 3), EK_KERNELS_OK);
    assert_int_equal(axes_grad(&more, k, 3), EK_KERNELS_OK);
    assert_memory_equal(one.y.data, more.y.data, one.y.bytes);
    assert_memory_equal(one.dx.data, more.dx.data, one.dx.bytes);
    assert_memory_equal(one.variance.data, more.variance.data, one.variance.bytes);
    assert_memory_equal(one.moving_variance.data, more.moving_variance.data, one.moving_variance.bytes);
    assert_memory_equal(one.dscale.data, more.dscale.data, one.dscale.bytes);
    axes_case_free(&one), axes_case_free(&more);
  }
}
static void threads_change_no_bit(void **state) {
  (void)state;
  for_each_isa(threads_on);
}

/* NaN stays with the statistic whose value it is; nothing to average gives NaN, and gradients of zero. */
static void special_on(const ek_kernels *k) {
  kernels = k;
  axes_case c = axes_case_new((ek_kernels_axes){.rank = 4, .sizes = {3, 4, 5, 19}, .kept = 10}, 0.5, 1, 0);
  bn_set(EK_KERNELS_F32, c.x.data, c.at[100], NAN);
  assert_int_equal(axes_train(&c, k, 1), EK_KERNELS_OK);
  assert_int_equal(axes_grad(&c, k, 1), EK_KERNELS_OK);
  for (int64_t e = 0; e < c.elements; e++) {
    const bool bad = c.statistic[e] == c.statistic[100];
    assert_true(isnan(bn_value(EK_KERNELS_F32, c.y.data, c.at[e])) == bad);
    assert_true(isnan(bn_value(EK_KERNELS_F32, c.dx.data, c.at[e])) == bad);
  }
  axes_case_free(&c);
  const ek_kernels_axes empty[] = {{.rank = 4, .sizes = {0, 4, 5, 19}, .kept = 10, .shared = 2},
                                   {.rank = 4, .sizes = {3, 0, 5, 19}, .kept = 10, .shared = 2},
                                   {.rank = 4, .sizes = {3, 4, 5, 0}, .kept = 10}};
  for (int i = 0; i < 3; i++) {
    c = axes_case_new(empty[i], 0.5, 1, 0);
    assert_int_equal(axes_train(&c, k, 1), EK_KERNELS_OK);
    assert_int_equal(axes_infer(&c, k, 1), EK_KERNELS_OK);
    assert_int_equal(axes_grad(&c, k, 1), EK_KERNELS_OK);
    for (int64_t s = 0; s < c.statistics; s++) assert_true(isnan((double)axes_param(&c, c.variance, s)));
    for (int64_t p = 0; p < c.parameters; p++) {
      assert_true(isnan((double)axes_param(&c, c.moving_mean, p)));
      assert_true(axes_param(&c, c.dscale, p) == 0 && axes_param(&c, c.doffset, p) == 0);
    }
    axes_case_free(&c);
  }
}
static void special_values(void **state) {
  (void)state;
  for_each_isa(special_on);
}

/* Whose row b of the batch is, and that the view has it so: x [batch * rows, channels, inner]. */
static void check_ghosts(ek_kernels_batch_norm_shape shape, int64_t batch, int64_t virtual_size, int blocks) {
  ek_kernels_axes a;
  assert_int_equal(ek_kernels_ghost_axes(&shape, batch, virtual_size, blocks, &a), EK_KERNELS_OK);
  axes_case c = axes_case_new(a, 0.5, 1, 0);
  const int64_t groups = batch / virtual_size, sample = shape.outer / batch * shape.channels * shape.inner;
  assert_int_equal(c.elements, batch * sample);
  assert_int_equal(c.statistics, groups * shape.channels);
  assert_int_equal(c.parameters, shape.channels);
  for (int64_t e = 0; e < c.elements; e++) {
    const int64_t at = c.at[e], row = at / sample, channel = at / shape.inner % shape.channels;
    const int64_t group = blocks ? row / virtual_size : row % groups;
    assert_int_equal(c.statistic[e], group * shape.channels + channel);
    assert_int_equal(c.parameter[e], channel);
  }
  check_train(&c), check_grad(&c);
  axes_case_free(&c);
}

static void ghosts_on(const ek_kernels *k) {
  kernels = k;
  const ek_kernels_batch_norm_shape shapes[] = {{EK_KERNELS_F32, 12, 19, 1},     /* dense */
                                                {EK_KERNELS_F32, 12 * 35, 9, 1}, /* NHWC */
                                                {EK_KERNELS_F32, 12, 9, 35},     /* NCHW */
                                                {EK_KERNELS_F64, 12 * 35, 9, 1},  {EK_KERNELS_BF16, 12, 9, 35},
                                                {EK_KERNELS_F32, 12 * 1500, 5, 1}};
  for (int s = 0; s < (LAST_LARGE_TYPE == EK_KERNELS_F32 ? 5 : 6); s++)
    for (int64_t size = 1; size <= 12; size++) {
      if (12 % size != 0) continue;
      check_ghosts(shapes[s], 12, size, 0);
      check_ghosts(shapes[s], 12, size, 1);
    }
}

static void ghosts_and_instances(void **state) {
  (void)state;
  for_each_isa(ghosts_on);
  const ek_kernels_batch_norm_shape shape = {EK_KERNELS_F32, 12, 9, 5};
  ek_kernels_axes a, b = {.rank = 3};
  assert_int_equal(ek_kernels_instance_axes(&shape, 4, &a), EK_KERNELS_OK); /* 4 samples of 3 rows */
  const int64_t sizes[] = {4, 3, 9, 5};
  assert_memory_equal(a.sizes, sizes, sizeof sizes);
  assert_true(a.rank == 4 && a.kept == 5 && a.shared == 1);
  assert_int_equal(ek_kernels_instance_axes(&shape, 5, &b), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_instance_axes(&shape, -1, &b), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_instance_axes(&shape, 12, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_instance_axes(NULL, 12, &b), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_ghost_axes(&shape, 12, 5, 0, &b), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_ghost_axes(&shape, 12, 0, 0, &b), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_ghost_axes(&shape, 7, 7, 0, &b), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(b.rank, 3);
}

static void refused(axes_case *c, ek_kernels_code want) {
  assert_int_equal(axes_train(c, NULL, 1), want);
  assert_int_equal(axes_grad(c, NULL, 1), want);
}

static void wrong_arguments_are_refused(void **state) {
  (void)state;
  axes_case good = axes_case_new((ek_kernels_axes){.rank = 4, .sizes = {3, 4, 5, 19}, .kept = 10}, 0.5, 1, 0), bad;
  size_t bytes;
  memset(good.y.data, 0, good.y.bytes), memset(good.dx.data, 0, good.dx.bytes);
  assert_int_equal(ek_kernels_axes_norm_train(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_axes_norm_infer(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_axes_norm_grad(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_axes_norm_train_workspace(NULL, &bytes), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_axes_norm_train_workspace(&good.axes, NULL), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.rank = -1, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.rank = 9, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.type = (ek_kernels_type)7, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.sizes[2] = -1, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.sizes[2] = INT64_MAX / 2, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.kept = 16, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.shared = 1, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.strides[0] = 1, refused(&bad, EK_KERNELS_INVALID_ARGUMENT); /* the others would be 0 */
  bad = good, bad.axes = with_gaps(good.axes), bad.axes.strides[0] = 19;           /* values coincide */
  refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad.axes.strides[0] = INT64_MAX / 2, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad.axes.strides[0] = -1000, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.x.data = NULL, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(axes_infer(&bad, NULL, 1), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.workspace.data = NULL, refused(&bad, EK_KERNELS_WORKSPACE);
  assert_int_equal(ek_kernels_axes_norm_train_workspace(&good.axes, &bytes), EK_KERNELS_OK);
  bad = good, bad.workspace.bytes = bytes - 1, refused(&bad, EK_KERNELS_WORKSPACE);
  bad = good, bad.workspace.data++, refused(&bad, EK_KERNELS_WORKSPACE);
  bad = good, bad.y.data = good.x.data + 4, bad.dx.data = good.dy.data + 4, refused(&bad, EK_KERNELS_OVERLAP);
  bad = good, bad.mean.data = good.variance.data;
  assert_int_equal(axes_train(&bad, NULL, 1), EK_KERNELS_OVERLAP);
  bad = good, bad.dscale.data = good.mean.data;
  assert_int_equal(axes_grad(&bad, NULL, 1), EK_KERNELS_OVERLAP);
  bad = good, bad.mean.data = NULL;
  assert_int_equal(axes_grad(&bad, NULL, 1), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(axes_train(&good, NULL, -1), EK_KERNELS_INVALID_ARGUMENT);
  for (size_t i = 0; i < good.y.bytes; i++) assert_true(good.y.data[i] == 0 && good.dx.data[i] == 0);
  axes_case_free(&good);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_subset_of_axes),  cmocka_unit_test(every_size_around_the_vector_length),
      cmocka_unit_test(larger_shapes),         cmocka_unit_test(in_place),
      cmocka_unit_test(threads_change_no_bit), cmocka_unit_test(special_values),
      cmocka_unit_test(ghosts_and_instances),  cmocka_unit_test(wrong_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
