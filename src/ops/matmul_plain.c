/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/schedule.h"
#include "ops/matmul.h"
#include "ops/number.h"

enum { COLS = 64 }; /* columns of c computed side by side */

typedef void row_loop(const ek__matmul *p, int64_t row, const void *a, const void *b, void *c);

/* One row of c. */
#define ROW_LOOP(tag_, type_)                                                                                          \
  static void row_##tag_(const ek__matmul *p, int64_t row, const void *a_data, const void *b_data, void *c_data) {     \
    const ek__s_##tag_ *a = (const ek__s_##tag_ *)a_data + row * p->a_row;                                             \
    ek__s_##tag_ *c = (ek__s_##tag_ *)c_data + row * p->n;                                                             \
    for (int64_t first = 0; first < p->n; first += COLS) {                                                             \
      const int64_t cols = ek__min_i64(COLS, p->n - first);                                                            \
      type_ acc[COLS] = {0};                                                                                           \
      for (int64_t q = 0; q < p->k; q++) {                                                                             \
        const ek__s_##tag_ *b = (const ek__s_##tag_ *)b_data + q * p->b_row + first * p->b_col;                        \
        const type_ x = (type_)ek__get_##tag_(a[q * p->a_col]);                                                        \
        if (p->b_col == 1)                                                                                             \
          for (int64_t j = 0; j < cols; j++) acc[j] += x * (type_)ek__get_##tag_(b[j]);                                \
        else                                                                                                           \
          for (int64_t j = 0; j < cols; j++) acc[j] += x * (type_)ek__get_##tag_(b[j * p->b_col]);                     \
      }                                                                                                                \
      for (int64_t j = 0; j < cols; j++) c[first + j] = ek__put_##tag_((ek__v_##tag_)acc[j]);                          \
    }                                                                                                                  \
  }
ROW_LOOP(f32, double)
ROW_LOOP(f64, double)
ROW_LOOP(f16, double)
ROW_LOOP(bf16, double)
ROW_LOOP(i32, uint64_t) /* modulo 2^64, as integers wrap around */
ROW_LOOP(i64, uint64_t)

static row_loop *const loops[EK__DTYPES] = {[EK_FLOAT32] = row_f32,   [EK_FLOAT64] = row_f64, [EK_FLOAT16] = row_f16,
                                            [EK_BFLOAT16] = row_bf16, [EK_INT32] = row_i32,   [EK_INT64] = row_i64};

typedef struct job {
  const ek__matmul *p;
  const void *a, *b;
  void *c;
  int64_t per_chunk;
} job;

static void plain_chunk(void *context, int64_t chunk) {
  const job *j = context;
  const int64_t end = ek__min_i64(j->p->m, (chunk + 1) * j->per_chunk);
  for (int64_t row = chunk * j->per_chunk; row < end; row++) loops[j->p->dtype](j->p, row, j->a, j->b, j->c);
}

bool ek__matmul_plain(const ek__matmul *p, int threads, const void *a, const void *b, void *c) {
  if (p->dtype >= EK__DTYPES || loops[p->dtype] == NULL) return false;
  job j = {.p = p, .a = a, .b = b, .c = c};
  j.per_chunk = ek__max_i64(1, 65536 / ek__max_i64(1, p->n * p->k));
  ek__for_chunks(threads, ek__chunk_count(p->m, j.per_chunk), plain_chunk, &j);
  return true;
}
