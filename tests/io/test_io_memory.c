/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out at the N-th allocation, for every N: RESOURCE_EXHAUSTED, nothing leaks, no file is left
 * half-written. */
#include "base/status.h"
#include "io/bundle_reader.h"
#include "io/bundle_writer.h"
#include "io/files.h"
#include "io/record.h"

typedef struct scarce {
  long left, live;
} scarce;

static void *scarce_alloc(void *ctx, size_t size, size_t align) {
  scarce *s = ctx;
  if (s->left-- <= 0) return NULL;
  void *p = ek_allocator_default()->alloc(NULL, size, align);
  s->live += p != NULL;
  return p;
}

static void scarce_free(void *ctx, void *ptr, size_t size) {
  ((scarce *)ctx)->live--;
  ek_allocator_default()->free(NULL, ptr, size);
}

/* Runs one until it passes; returns how many allocations that took. */
static long until_it_passes(ek_code (*one)(const ek_allocator *a, ek_status *st), void (*after_failure)(void)) {
  for (long n = 0; n < 10000; n++) {
    scarce s = {n, 0};
    const ek_allocator a = {scarce_alloc, scarce_free, &s};
    ek_status st = EK_STATUS_INIT;
    const ek_code code = one(&a, &st);
    assert_int_equal(s.live, 0);
    if (code == EK_OK) return n;
    if (code != EK_RESOURCE_EXHAUSTED || st.code != code) fail_msg("%s: %s", ek_code_name(code), st.msg);
    if (after_failure != NULL) after_failure();
  }
  fail_msg("never passes");
  return 0;
}

static ek_code write_one(const ek_allocator *a, ek_status *st) {
  ek__bundle_writer *w = NULL;
  ek_tensor *words = ek_tensor_from_strings(ek_shape(2), (const char *[]){"ab", "c"}, NULL, NULL);
  const float x[] = {1, 2, 3};
  ek_code code = ek__bundle_writer_new("m", a, &w, st);
  if (code == EK_OK) code = ek__bundle_writer_add(w, "x", EK_FLOAT32, ek_shape(3), x, st);
  if (code == EK_OK) code = ek__bundle_writer_add(w, "words", EK_STRING, ek_shape(2), words->data, st);
  if (code == EK_OK) code = ek__bundle_writer_finish(w, st);
  ek__bundle_writer_free(w);
  ek_tensor_free(words);
  return code;
}

static void nothing_is_left(void) { assert_int_equal(count_files("."), 0); }

static ek_code read_one(const ek_allocator *a, ek_status *st) {
  ek__bundle_reader *r = NULL;
  ek_tensor *x = NULL, *words = NULL;
  ek_code code = ek__bundle_reader_new("m", a, &r, st);
  if (code == EK_OK) code = ek__bundle_reader_tensor(r, "x", &x, st);
  if (code == EK_OK) code = ek__bundle_reader_tensor(r, "words", &words, st);
  ek_tensor_free(x);
  ek_tensor_free(words);
  ek__bundle_reader_free(r);
  return code;
}

static ek_code merge_one(const ek_allocator *a, ek_status *st) {
  return ek__bundle_merge((const char *[]){"m"}, 1, "merged", false, a, st);
}

static void checkpoints(void **state) {
  (void)state;
  assert_int_equal(chdir(fresh_folder("memory")), 0);
  assert_true(until_it_passes(write_one, nothing_is_left) > 5);
  assert_true(until_it_passes(read_one, NULL) > 5);
  assert_true(until_it_passes(merge_one, NULL) > 5);
}

static ek_code records(const ek_allocator *a, ek_status *st) {
  ek__record_writer *w = NULL;
  ek__record_reader *r = NULL;
  const uint8_t *record = NULL;
  size_t size = 0;
  EK_TRY(ek__record_writer_new("r", a, &w, st));
  ek_code code = ek__record_writer_add(w, "abc", 3, st);
  assert_int_equal(ek__record_writer_close(w, st), EK_OK);
  if (code == EK_OK) code = ek__record_reader_new("r", a, &r, st);
  if (code == EK_OK) code = ek__record_reader_next(r, &record, &size, st);
  ek__record_reader_free(r);
  return code;
}

static void record_files(void **state) {
  (void)state;
  assert_int_equal(chdir(fresh_folder("memory")), 0);
  assert_true(until_it_passes(records, NULL) > 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(checkpoints),
      cmocka_unit_test(record_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
