/* SPDX-License-Identifier: Apache-2.0 */
#include "io/files.h"
#include "io/record.h"

static void golden_records(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  const char *dir = fresh_folder("record"), *path = in_folder(dir, "events");
  bytes version = from_hex("09000000000000f03f1a0d627261696e2e4576656e743a32");
  bytes loss = from_hex("09000000000000004010072a0d0a0b0a046c6f7373150000003f");
  bytes want = from_hex("1800000000000000 a37f4b22 09000000000000f03f1a0d627261696e2e4576656e743a32 86bf577a"
                        "1a00000000000000 129bd82d 09000000000000004010072a0d0a0b0a046c6f7373150000003f c33fc24a"
                        "0000000000000000 29039807 d8ea82a2");
  ek__record_writer *w = NULL;
  assert_int_equal(ek__record_writer_new(path, ek_allocator_default(), &w, &st), EK_OK);
  assert_int_equal(ek__record_writer_add(w, version.data, version.size, &st), EK_OK);
  assert_int_equal(ek__record_writer_flush(w, &st), EK_OK);
  bytes got = slurp(path);
  assert_int_equal(got.size, version.size + 16); /* readable before it is closed */
  free(got.data);
  assert_int_equal(ek__record_writer_add(w, loss.data, loss.size, &st), EK_OK);
  assert_int_equal(ek__record_writer_add(w, "", 0, &st), EK_OK);
  assert_int_equal(ek__record_writer_close(w, &st), EK_OK);
  got = slurp(path);
  assert_int_equal(got.size, want.size);
  assert_memory_equal(got.data, want.data, want.size);
  free(got.data);

  ek__record_reader *r = NULL;
  const uint8_t *data = NULL;
  size_t size = 0;
  assert_int_equal(ek__record_reader_new(path, ek_allocator_default(), &r, &st), EK_OK);
  assert_int_equal(ek__record_reader_next(r, &data, &size, &st), EK_OK);
  assert_memory_equal(data, version.data, size);
  assert_int_equal(size, version.size);
  assert_int_equal(ek__record_reader_next(r, &data, &size, &st), EK_OK);
  assert_int_equal(size, loss.size);
  assert_int_equal(ek__record_reader_next(r, &data, &size, &st), EK_OK);
  assert_non_null(data);
  assert_int_equal(size, 0);
  assert_int_equal(ek__record_reader_next(r, &data, &size, &st), EK_OK);
  assert_null(data);
  ek__record_reader_free(r);
  free(version.data);
  free(loss.data);
  free(want.data);
}

static int records_in(const char *path, ek_status *st) {
  ek__record_reader *r = NULL;
  const uint8_t *data = NULL;
  size_t size = 0;
  int n = 0;
  assert_int_equal(ek__record_reader_new(path, ek_allocator_default(), &r, st), EK_OK);
  while (ek__record_reader_next(r, &data, &size, st) == EK_OK && data != NULL) n++;
  ek__record_reader_free(r);
  return n;
}

static void damage_is_an_error(void **state) {
  (void)state;
  const char *dir = fresh_folder("record"), *path = in_folder(dir, "damaged");
  ek_status st = EK_STATUS_INIT;
  ek__record_writer *w = NULL;
  assert_int_equal(ek__record_writer_new(path, ek_allocator_default(), &w, &st), EK_OK);
  for (int i = 0; i < 2; i++) assert_int_equal(ek__record_writer_add(w, "abc", 3, &st), EK_OK);
  assert_int_equal(ek__record_writer_close(w, &st), EK_OK);
  bytes good = slurp(path);
  for (size_t i = 0; i < good.size; i++) { /* every byte flipped */
    st = (ek_status)EK_STATUS_INIT;
    good.data[i] ^= 0x10;
    spit(path, good.data, good.size);
    good.data[i] ^= 0x10;
    assert_int_equal(records_in(path, &st), i < good.size / 2 ? 0 : 1);
    assert_int_equal(st.code, EK_DATA_LOSS);
  }
  for (size_t n = 0; n < good.size; n++) { /* every truncation */
    st = (ek_status)EK_STATUS_INIT;
    spit(path, good.data, n);
    assert_int_equal(records_in(path, &st), n / (good.size / 2));
    assert_int_equal(st.code, n % (good.size / 2) == 0 ? EK_OK : EK_DATA_LOSS);
  }
  free(good.data);
}

static void a_full_disk_is_an_error(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  ek__record_writer *w = NULL;
  if (access("/dev/full", W_OK) != 0) skip();
  assert_int_equal(ek__record_writer_new("/dev/full", ek_allocator_default(), &w, &st), EK_OK);
  assert_int_equal(ek__record_writer_add(w, "abc", 3, &st), EK_OK); /* buffered */
  assert_int_equal(ek__record_writer_flush(w, &st), EK_RESOURCE_EXHAUSTED);
  assert_string_equal(st.msg, "record file: /dev/full: No space left on device");
  assert_int_equal(ek__record_writer_add(w, "abc", 3, NULL), EK_OK);
  assert_int_equal(ek__record_writer_close(w, NULL), EK_RESOURCE_EXHAUSTED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(golden_records),
      cmocka_unit_test(damage_is_an_error),
      cmocka_unit_test(a_full_disk_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
