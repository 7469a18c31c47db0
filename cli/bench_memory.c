/* SPDX-License-Identifier: Apache-2.0 */
/* Plain loops that move every byte once: what memory can do here, at the moment a kernel is measured against it. Which
 * of them is fastest changes with the size and within minutes, so all of them run in every race. */
#include "bench.h"

#include <omp.h>
#include <string.h>

typedef struct span { /* a thread's share */
  const char *in[3];
  char *out[2];
  int64_t bytes;
  const char *mask_in;
  char *mask_out;
  int64_t mask_bytes;
} span;
typedef void (*loop_fn)(const span *s);
typedef uint64_t (*read_fn)(const char *p, int64_t bytes);

static void copy(const span *s) { memcpy(s->out[0], s->in[0], (size_t)s->bytes); }

static void finish(const span *s, int64_t i, int64_t bytes) {
  for (; i < bytes; i++) {
    char v = s->in[0][i];
    for (int k = 1; k < 3 && s->in[k] != NULL; k++) v = (char)(v ^ s->in[k][i]);
    for (int k = 0; k < 2 && s->out[k] != NULL; k++) s->out[k][i] = v;
  }
}

static uint64_t finish_read(const char *p, int64_t i, int64_t bytes) {
  uint64_t sum = 0;
  for (; i < bytes; i++) sum += (unsigned char)p[i];
  return sum;
}

#if defined(__x86_64__)
#include <immintrin.h>

/* Four vectors at a time: loads, then a store of the kind `put`, which wants outputs aligned. */
#define MOVE_LOOP(name, features, vec, load, xor_, put)                                                                \
  __attribute__((target(features))) static void name(const span *s) {                                                  \
    enum { STEP = (int)(4 * sizeof(vec)) };                                                                            \
    const char *const a = s->in[0], *const b = s->in[1], *const c = s->in[2];                                          \
    char *const out = s->out[0], *const out2 = s->out[1];                                                              \
    int64_t i = (int64_t)(-(uintptr_t)out % sizeof(vec));                                                              \
    if (i > s->bytes) i = s->bytes;                                                                                    \
    finish(s, 0, i);                                                                                                   \
    for (; i + STEP <= s->bytes; i += STEP) {                                                                          \
      vec v[4];                                                                                                        \
      for (int k = 0; k < 4; k++) v[k] = load((const void *)(a + i + k * (int)sizeof(vec)));                           \
      if (b != NULL)                                                                                                   \
        for (int k = 0; k < 4; k++) v[k] = xor_(v[k], load((const void *)(b + i + k * (int)sizeof(vec))));             \
      if (c != NULL)                                                                                                   \
        for (int k = 0; k < 4; k++) v[k] = xor_(v[k], load((const void *)(c + i + k * (int)sizeof(vec))));             \
      for (int k = 0; k < 4; k++) put((void *)(out + i + k * (int)sizeof(vec)), v[k]);                                 \
      if (out2 != NULL)                                                                                                \
        for (int k = 0; k < 4; k++) put((void *)(out2 + i + k * (int)sizeof(vec)), v[k]);                              \
    }                                                                                                                  \
    finish(s, i, s->bytes);                                                                                            \
    _mm_sfence();                                                                                                      \
  }
#define READ_LOOP(name, features, vec, load, xor_)                                                                     \
  __attribute__((target(features))) static uint64_t name(const char *p, int64_t bytes) {                               \
    enum { STEP = (int)(4 * sizeof(vec)), WORDS = STEP / (int)sizeof(uint64_t) };                                      \
    vec v[4];                                                                                                          \
    uint64_t words[WORDS], sum = 0;                                                                                    \
    int64_t i = 0;                                                                                                     \
    memset(v, 0, sizeof v);                                                                                            \
    for (; i + STEP <= bytes; i += STEP)                                                                               \
      for (int k = 0; k < 4; k++) v[k] = xor_(v[k], load((const void *)(p + i + k * (int)sizeof(vec))));               \
    memcpy(words, v, sizeof v);                                                                                        \
    for (int k = 0; k < WORDS; k++) sum += words[k];                                                                   \
    return sum + finish_read(p, i, bytes);                                                                             \
  }

MOVE_LOOP(cached_128, "sse2", __m128i, _mm_loadu_si128, _mm_xor_si128, _mm_store_si128)
MOVE_LOOP(streaming_128, "sse2", __m128i, _mm_loadu_si128, _mm_xor_si128, _mm_stream_si128)
READ_LOOP(read_128, "sse2", __m128i, _mm_loadu_si128, _mm_xor_si128)
MOVE_LOOP(cached_256, "avx2", __m256i, _mm256_loadu_si256, _mm256_xor_si256, _mm256_store_si256)
MOVE_LOOP(streaming_256, "avx2", __m256i, _mm256_loadu_si256, _mm256_xor_si256, _mm256_stream_si256)
READ_LOOP(read_256, "avx2", __m256i, _mm256_loadu_si256, _mm256_xor_si256)
MOVE_LOOP(cached_512, "avx512f", __m512i, _mm512_loadu_si512, _mm512_xor_si512, _mm512_store_si512)
MOVE_LOOP(streaming_512, "avx512f", __m512i, _mm512_loadu_si512, _mm512_xor_si512, _mm512_stream_si512)
READ_LOOP(read_512, "avx512f", __m512i, _mm512_loadu_si512, _mm512_xor_si512)

static int width(void) {
  if (__builtin_cpu_supports("avx512f")) return 512;
  return __builtin_cpu_supports("avx2") ? 256 : 128;
}
#define WIDEST(name) (width() == 512 ? name##_512 : width() == 256 ? name##_256 : name##_128)
#else
static void cached_plain(const span *s) { finish(s, 0, s->bytes); }
static uint64_t read_plain(const char *p, int64_t bytes) { return finish_read(p, 0, bytes); }
#define streaming_plain cached_plain
#define WIDEST(name)    name##_plain
#endif

/* Whole pages for each thread: where those of the i-th begin. */
static int64_t share(int64_t bytes, int threads, int i) {
  const int64_t pages = (bytes + 4095) / 4096;
  const int64_t at = pages * i / threads * 4096;
  return at < bytes ? at : bytes;
}

static span span_of(const stream *s, int i) {
  const int64_t at = share(s->bytes, s->threads, i), mask_at = share(s->mask_bytes, s->threads, i);
  span found = {.bytes = share(s->bytes, s->threads, i + 1) - at};
  found.mask_bytes = share(s->mask_bytes, s->threads, i + 1) - mask_at;
  if (s->mask_in != NULL) found.mask_in = (const char *)s->mask_in + mask_at;
  if (s->mask_out != NULL) found.mask_out = (char *)s->mask_out + mask_at;
  for (int k = 0; k < s->n_in; k++) found.in[k] = (const char *)s->in[k] + at;
  found.out[0] = (char *)s->out + at;
  if (s->out2 != NULL) found.out[1] = (char *)s->out2 + at;
  return found;
}

static volatile uint64_t kept; /* what was read was needed */

/* The bits beside the arrays; what was read. */
static uint64_t move_mask(const span *s) {
  if (s->mask_out != NULL) memset(s->mask_out, 0, (size_t)s->mask_bytes);
  return s->mask_in != NULL ? WIDEST(read)(s->mask_in, s->mask_bytes) : 0;
}

static void in_parallel(const stream *s, loop_fn loop) {
  uint64_t sum = 0;
  if (s->threads == 1) {
    const span all = span_of(s, 0);
    loop(&all), sum = move_mask(&all);
  } else {
#pragma omp parallel for num_threads(s->threads) schedule(static, 1) reduction(+ : sum)
    for (int i = 0; i < s->threads; i++) {
      const span mine = span_of(s, i);
      loop(&mine), sum += move_mask(&mine);
    }
  }
  kept = sum;
}

static bool usable_copy(const stream *s) { return s->n_in == 1 && s->out2 == NULL; }
static bool usable_always(const stream *s) { return s->n_in > 0; }
static void run_copy(const stream *s) { in_parallel(s, copy); }
static void run_cached(const stream *s) { in_parallel(s, WIDEST(cached)); }
static void run_streaming(const stream *s) { in_parallel(s, WIDEST(streaming)); }

const stream_loop stream_loops[] = {
    {"memcpy", usable_copy, run_copy},
    {"cached", usable_always, run_cached},
    {"streaming", usable_always, run_streaming},
};
const int n_stream_loops = (int)(sizeof stream_loops / sizeof stream_loops[0]);

static uint64_t read_span(const stream *s, int i) {
  const span mine = span_of(s, i);
  const read_fn read = WIDEST(read);
  uint64_t sum = mine.mask_in != NULL ? read(mine.mask_in, mine.mask_bytes) : 0;
  for (int k = 0; k < s->n_in; k++) sum += read(mine.in[k], mine.bytes);
  return sum;
}

void stream_read(const stream *s) {
  uint64_t sum = 0;
  if (s->threads == 1) {
    sum = read_span(s, 0);
  } else {
#pragma omp parallel for num_threads(s->threads) schedule(static, 1) reduction(+ : sum)
    for (int i = 0; i < s->threads; i++) sum += read_span(s, i);
  }
  kept = sum;
}
