/* SPDX-License-Identifier: Apache-2.0 */
/* Elementwise kernels against double arithmetic: every instruction set, type, size around the vector length, alignment.
 */
#include "kernel_test.h"
#include "kernels/elementwise.h"

/* Single operations are correctly rounded. An expression of up to four roundings is off by half an ulp of a binade
 * each. */
#define EXACT_ULP      0.5
#define EXPRESSION_ULP 4.0
#define LIBM_ULP       2.5

static const ek_kernels *kernels;

static double unary_reference(ek__unary_op op, double a, double *ulp) {
  *ulp = EXACT_ULP;
  switch (op) {
  case EK__NEG: return -a;
  case EK__ABS: return fabs(a);
  case EK__SQUARE: return a * a;
  case EK__SQRT: return sqrt(a);
  case EK__RECIPROCAL: return 1 / a;
  case EK__RELU: return isnan(a) || a > 0 ? a : 0;
  default: *ulp = LIBM_ULP;
  }
  switch (op) {
  case EK__RSQRT: return 1 / sqrt(a);
  case EK__SIGMOID: return 1 / (1 + exp(-a));
  case EK__TANH: return tanh(a);
  case EK__EXP: return exp(a);
  case EK__LOG: return log(a);
  default: fail(); return 0;
  }
}

static double binary_reference(ek__binary_op op, double a, double b, double *ulp) {
  *ulp = EXACT_ULP;
  switch (op) {
  case EK__ADD: return a + b;
  case EK__SUB: return a - b;
  case EK__MUL: return a * b;
  case EK__DIV: return a / b;
  case EK__MAXIMUM: return isnan(a) || isnan(b) ? NAN : a > b ? a : b;
  case EK__MINIMUM: return isnan(a) || isnan(b) ? NAN : a < b ? a : b;
  case EK__RELU_GRAD: return a * (b > 0 ? 1 : 0);
  default: *ulp = EXPRESSION_ULP;
  }
  switch (op) {
  case EK__SQUARED_DIFFERENCE: return (a - b) * (a - b);
  case EK__SIGMOID_GRAD: return b * a * (1 - a);
  case EK__TANH_GRAD: return b * (1 - a * a);
  case EK__SQRT_GRAD: return b * 0.5 / a;
  case EK__RSQRT_GRAD: return b * (-0.5 * a) * (a * a);
  case EK__RECIPROCAL_GRAD: return -b * a * a;
  default: fail(); return 0;
  }
}

static size_t size_of(ek_kernels_type type) { return type == EK_KERNELS_F32 ? 4 : 8; }
static double get(ek_kernels_type type, const void *p, int64_t i) {
  return type == EK_KERNELS_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}
static void set(ek_kernels_type type, void *p, int64_t i, double v) {
  if (type == EK_KERNELS_F32)
    ((float *)p)[i] = (float)v;
  else
    ((double *)p)[i] = v;
}
static void expect(ek_kernels_type type, const char *what, int op, int64_t i, double got, double want, double bound) {
  const double ulp = type == EK_KERNELS_F32 ? ulp_f32((float)got, want) : ulp_f64(got, want);
  if (ulp <= bound) return;
  print_error("%s %s %d [%lld]: got %a, want %a, %g ulp\n", ek_kernels_name(kernels), what, op, (long long)i, got, want,
              ulp);
  fail();
}

static guarded filled(ek_kernels_type type, int64_t n, size_t misaligned, double lo, double hi, uint64_t seed) {
  const double special[] = {0.0, -0.0, NAN, INFINITY, -INFINITY, 0x1p-130, 1e-310};
  const guarded g = guarded_new((size_t)n * size_of(type), misaligned * size_of(type));
  for (int64_t i = 0; i < n; i++) set(type, g.data, i, draw(&seed, lo, hi));
  if (n > 20 && lo < 0)
    for (int i = 0; i < 7; i++) set(type, g.data, (i * 3 + (int64_t)(seed % 19)) % n, special[i]);
  return g;
}

static void unary_of(ek_kernels_type type, int64_t n, size_t misaligned) {
  for (int op = 0; op < EK__UNARY_COUNT; op++) {
    const guarded a = filled(type, n, misaligned, op == EK__LOG ? 0.01 : -4, 4, (uint64_t)n);
    const guarded out = guarded_new(a.bytes, (misaligned + 1) % 3 * size_of(type));
    ek__unary(kernels, type, 1, (ek__unary_op)op, n, a.data, out.data);
    for (int64_t i = 0; i < n; i++) {
      double ulp;
      const double want = unary_reference((ek__unary_op)op, get(type, a.data, i), &ulp);
      expect(type, "unary", op, i, get(type, out.data, i), want, ulp);
    }
    ek__unary(kernels, type, 1, (ek__unary_op)op, n, a.data, a.data); /* in place: the same bits */
    if (n > 0) assert_memory_equal(a.data, out.data, out.bytes);
    guarded_free(a), guarded_free(out);
  }
}

/* Whether a product of several factors may pass through the denormals, where it loses bits for good. */
static bool may_underflow(double a, double b) { return (a != 0 && fabs(a) < 0x1p-40) || (b != 0 && fabs(b) < 0x1p-40); }

/* 1 - y and 1 - y^2 are exact to half an ulp of their terms, which may be larger than the difference. */
static bool cancels(ek__binary_op op) { return op == EK__SIGMOID_GRAD || op == EK__TANH_GRAD; }
static double cancellation(double y, double dy, double want) {
  const double terms = fabs(dy) * (1 + y * y) * fmax(1, fabs(y));
  return terms > fabs(want) && isfinite(terms) ? terms / fabs(want) : 1;
}

/* [rows, cols] in the forms full, scalar, row, column, on both sides. */
static void binary_of(ek_kernels_type type, int64_t rows, int64_t cols, size_t misaligned) {
  const int64_t n = rows * cols;
  for (int op = 0; op < EK__BINARY_COUNT; op++)
    for (int form = 0; form < 16; form++) {
      const guarded a = filled(type, n > 0 ? n : 1, misaligned, -4, 4, 1), b = filled(type, n > 0 ? n : 1, 0, -4, 4, 2);
      const guarded out = guarded_new((size_t)n * size_of(type), misaligned * size_of(type));
      const ek__operand as[] = {ek__full(a.data, cols), ek__scalar(a.data), ek__row(a.data), ek__column(a.data)};
      const ek__operand bs[] = {ek__full(b.data, cols), ek__scalar(b.data), ek__row(b.data), ek__column(b.data)};
      const ek__operand pa = as[form / 4], pb = bs[form % 4];
      ek__binary(kernels, type, 1, (ek__binary_op)op, rows, cols, pa, pb, out.data);
      for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < cols; c++) {
          double ulp;
          const double x = get(type, a.data, r * pa.row + c * pa.col), y = get(type, b.data, r * pb.row + c * pb.col);
          const double want = binary_reference((ek__binary_op)op, x, y, &ulp);
          if (ulp > EXACT_ULP && may_underflow(x, y)) continue;
          if (cancels((ek__binary_op)op)) ulp *= cancellation(x, y, want);
          expect(type, "binary", op, r * cols + c, get(type, out.data, r * cols + c), want, ulp);
        }
      guarded_free(a), guarded_free(b), guarded_free(out);
    }
}

static void sizes_on(const ek_kernels *k) {
  kernels = k;
  for (ek_kernels_type type = EK_KERNELS_F32; type <= EK_KERNELS_F64; type++)
    for (int64_t n = 0; n <= 2 * MAX_LANES + 1; n++) {
      unary_of(type, n, (size_t)n % 4);
      binary_of(type, n % 4, n, (size_t)n % 3);
    }
}

static void every_size_form_and_alignment(void **state) {
  (void)state;
  for_each_isa(sizes_on);
}

/* Sums: the tile's lanes add at most 64 values in T, the rest happens in double. */
#define SUM_RELATIVE_F32 (70 * 0x1p-24)
#define SUM_RELATIVE_F64 (300 * 0x1p-53)

static void sums_of(ek_kernels_type type, int64_t rows, int64_t cols) {
  const int64_t n = rows * cols;
  uint64_t seed = 7;
  const guarded a = guarded_new((size_t)n * size_of(type), size_of(type)), b = guarded_new(a.bytes, 0);
  const guarded columns = guarded_new((size_t)cols * size_of(type), size_of(type));
  const guarded sums = guarded_new((size_t)rows * size_of(type), 0);
  for (int64_t i = 0; i < n; i++)
    set(type, a.data, i, draw(&seed, -1, 1) + 0.3), set(type, b.data, i, draw(&seed, -1, 1));
  const double relative = type == EK_KERNELS_F32 ? SUM_RELATIVE_F32 : SUM_RELATIVE_F64;
  double sum = 0, squares = 0, dot = 0;
  for (int64_t i = 0; i < n; i++) {
    const double x = get(type, a.data, i), y = get(type, b.data, i);
    sum += x, squares += x * x, dot += x * y;
  }
  const double room = relative * 1.3 * (double)n; /* |values| <= 1.3: the sum of magnitudes */
  assert_true(fabs(ek__sum(kernels, type, 1, n, a.data) - sum) <= room);
  assert_true(fabs(ek__sum_squares(kernels, type, 1, n, a.data) - squares) <= 1.3 * room);
  assert_true(fabs(ek__dot(kernels, type, 1, n, a.data, b.data) - dot) <= room);
  ek__column_sums(kernels, type, 1, rows, cols, a.data, columns.data);
  ek__row_sums(kernels, type, 1, rows, cols, a.data, sums.data);
  for (int64_t c = 0; c < cols; c++) {
    double want = 0;
    for (int64_t r = 0; r < rows; r++) want += get(type, a.data, r * cols + c);
    assert_true(fabs(get(type, columns.data, c) - want) <= relative * 1.3 * (double)rows);
  }
  for (int64_t r = 0; r < rows; r++) {
    double want = 0;
    for (int64_t c = 0; c < cols; c++) want += get(type, a.data, r * cols + c);
    assert_true(fabs(get(type, sums.data, r) - want) <= relative * 1.3 * (double)cols);
  }
  guarded_free(a), guarded_free(b), guarded_free(columns), guarded_free(sums);
}

static void sums_on(const ek_kernels *k) {
  kernels = k;
  for (ek_kernels_type type = EK_KERNELS_F32; type <= EK_KERNELS_F64; type++) {
    for (int64_t n = 0; n <= 2 * MAX_LANES + 1; n++) sums_of(type, n % 5, n), sums_of(type, n, n % 7);
    sums_of(type, 200, 77), sums_of(type, 3, 30011);
  }
}

static void sums_are_accurate(void **state) {
  (void)state;
  for_each_isa(sums_on);
}

static void threads_on(const ek_kernels *k) {
  enum { ROWS = 700, COLS = 301, N = ROWS * COLS };
  static float a[N], b[N], first[N], out[N];
  static const int threads[] = {1, 2, 3, 8, 0};
  uint64_t seed = 3;
  double sums[3] = {0};
  for (int i = 0; i < N; i++) a[i] = (float)draw(&seed, -2, 2), b[i] = (float)draw(&seed, -2, 2);
  for (int t = 0; t < 5; t++) {
    const double now[] = {ek__sum(k, EK_KERNELS_F32, threads[t], N, a),
                          ek__sum_squares(k, EK_KERNELS_F32, threads[t], N, a),
                          ek__dot(k, EK_KERNELS_F32, threads[t], N, a, b)};
    if (t == 0) memcpy(sums, now, sizeof now);
    assert_memory_equal(sums, now, sizeof now);
    for (int what = 0; what < 5; what++) {
      float *const to = t == 0 && what == 0 ? first : out;
      memset(to, 0, sizeof out);
      if (what == 0) ek__unary(k, EK_KERNELS_F32, threads[t], EK__TANH, N, a, to);
      if (what == 1)
        ek__binary(k, EK_KERNELS_F32, threads[t], EK__MUL, ROWS, COLS, ek__full(a, COLS), ek__full(b, COLS), to);
      if (what == 2) ek__binary(k, EK_KERNELS_F32, threads[t], EK__SUB, ROWS, COLS, ek__full(a, COLS), ek__row(b), to);
      if (what == 3) ek__column_sums(k, EK_KERNELS_F32, threads[t], ROWS, COLS, a, to);
      if (what == 4) ek__row_sums(k, EK_KERNELS_F32, threads[t], ROWS, COLS, a, to);
      if (what == 0) assert_memory_equal(first, t == 0 ? first : out, sizeof out);
      if (what == 1)
        for (int i = 0; i < N; i++) assert_true(out[i] == a[i] * b[i]);
      if (what == 2)
        for (int i = 0; i < N; i++) assert_true(out[i] == a[i] - b[i % COLS]);
      static float columns[COLS], rows[ROWS];
      if (what == 3 && t == 0) memcpy(columns, out, sizeof columns);
      if (what == 4 && t == 0) memcpy(rows, out, sizeof rows);
      if (what == 3) assert_memory_equal(columns, out, sizeof columns);
      if (what == 4) assert_memory_equal(rows, out, sizeof rows);
    }
  }
}

static void threads_change_no_bit(void **state) {
  (void)state;
  for_each_isa(threads_on);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_size_form_and_alignment),
      cmocka_unit_test(sums_are_accurate),
      cmocka_unit_test(threads_change_no_bit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
