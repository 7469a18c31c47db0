/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints that TensorFlow wrote (tests/golden/make_bundle.py) and ours: the same bytes. */
#include "evenkeel/io.h"
#include "io/bundle_proto.h"
#include "io/bundle_reader.h"
#include "io/crc32c.h"
#include "io/files.h"
#include "io/table.h"

#include <inttypes.h>

static const char *folder(void) { return fresh_folder("bundle"); }

static void assert_ok(const ek_status *st) {
  if (st->code != EK_OK) fail_msg("%s: %s", ek_code_name(st->code), st->msg);
}

static void the_golden_of_three_scalars(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  const char *dir = folder(), *names[] = {"a", "b", "c"};
  ek_tensor *t[] = {ek_tensor_float32(0.5f, &st), ek_tensor_float32(2.0f, &st), ek_tensor_float32(3.0f, &st)};
  const char *prefix = in_folder(dir, "abc");
  (void)ek_checkpoint_write(prefix, names, (const ek_tensor *const *)t, 3, &st);
  assert_ok(&st);
  bytes want =
      from_hex("00000608011a02080100010b61080112002804350638271f00010d6208011200200428043510fd784f00010d6308011200"
               "2008280435efd682c3 0000000001000000 00e415b6bc 0000000001000000 00c0f2a1b0"
               "000102640042 0000000001000000 0058b2e9f7 4708 540e"
               "000000000000000000000000000000000000000000000000000000000000000000000000 57fb808b247547db");
  bytes got = slurp(in_folder(dir, "abc.index"));
  assert_int_equal(got.size, want.size);
  assert_memory_equal(got.data, want.data, want.size);
  free(got.data);
  got = slurp(in_folder(dir, "abc.data-00000-of-00001"));
  assert_int_equal(got.size, 12);
  assert_memory_equal(got.data, "\0\0\0\x3f\0\0\0\x40\0\0\x40\x40", 12);
  assert_int_equal(count_files(dir), 2);
  free(got.data);
  free(want.data);
  for (int i = 0; i < 3; i++) ek_tensor_free(t[i]);
}

static int by_offset(const void *a, const void *b) {
  const ek__bundle_entry *x = *(const ek__bundle_entry *const *)a, *y = *(const ek__bundle_entry *const *)b;
  return x->offset != y->offset ? (x->offset < y->offset ? -1 : 1) : (x->size > 0) - (y->size > 0);
}

/* Reads all that TensorFlow wrote, writes it again in the order of the data file: the same two files. */
static void every_dtype_reads_and_writes_back_as_the_same_bytes(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  ek__bundle_reader *r = NULL;
  (void)ek__bundle_reader_new(GOLDEN("bundle/small"), ek_allocator_default(), &r, &st);
  assert_ok(&st);
  enum { N = 24 };
  assert_int_equal(ek__bundle_reader_num_entries(r), N);
  const ek__bundle_entry *order[N];
  const char *names[N];
  ek_tensor *tensors[N];
  for (int i = 0; i < N; i++) order[i] = ek__bundle_reader_entry(r, i);
  qsort(order, N, sizeof order[0], by_offset);
  for (int i = 0; i < N; i++) {
    names[i] = order[i]->key;
    (void)ek__bundle_reader_tensor(r, names[i], &tensors[i], &st);
    assert_ok(&st);
  }
  const char *dir = folder();
  (void)ek_checkpoint_write(in_folder(dir, "again"), names, (const ek_tensor *const *)tensors, N, &st);
  assert_ok(&st);
  assert_same_file(in_folder(dir, "again.data-00000-of-00001"), GOLDEN("bundle/small.data-00000-of-00001"));
  assert_same_file(in_folder(dir, "again.index"), GOLDEN("bundle/small.index"));
  for (int i = 0; i < N; i++) ek_tensor_free(tensors[i]);
  ek__bundle_reader_free(r);
}

static void the_values_are_those_saved(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  ek_checkpoint_reader *r = ek_checkpoint_reader_new(GOLDEN("bundle/small"), &st);
  assert_ok(&st);
  static const char *const numeric[] = {"float16", "float32", "float64", "int8",   "int16", "int32",
                                        "int64",   "uint8",   "uint16",  "uint32", "uint64"};
  for (size_t k = 0; k < sizeof numeric / sizeof numeric[0]; k++) {
    char key[64];
    (void)snprintf(key, sizeof key, "dtype/%s", numeric[k]);
    ek_tensor *t = ek_checkpoint_reader_get_tensor(r, key, &st);
    assert_ok(&st);
    assert_int_equal(ek_tensor_dtype(t), ek_dtype_from_name(numeric[k]));
    assert_int_equal(ek_checkpoint_reader_dtype(r, key), ek_tensor_dtype(t));
    assert_true(ek_shape_equal(ek_checkpoint_reader_shape(r, key), ek_shape(3)));
    for (int i = 0; i < 3; i++) assert_true(ek_tensor_number(t, i) == i + 1.0);
    ek_tensor_free(t);
  }
  ek_tensor *t = ek_checkpoint_reader_get_tensor(r, "dtype/bfloat16", &st);
  assert_true(ek_tensor_number(t, 1) == -2.5);
  ek_tensor_free(t);
  t = ek_checkpoint_reader_get_tensor(r, "dtype/bool", &st);
  assert_true(ek_tensor_number(t, 0) == 1.0 && ek_tensor_number(t, 1) == 0.0);
  ek_tensor_free(t);
  t = ek_checkpoint_reader_get_tensor(r, "dtype/complex64", &st);
  const float c64[] = {1, 0, 2, 0, 3, 0};
  assert_memory_equal(ek_tensor_data(t), c64, sizeof c64);
  ek_tensor_free(t);
  t = ek_checkpoint_reader_get_tensor(r, "empty", &st);
  assert_true(ek_shape_equal(ek_tensor_shape(t), ek_shape(0, 3)));
  ek_tensor_free(t);
  t = ek_checkpoint_reader_get_tensor(r, "string/vector", &st);
  size_t n = 0;
  assert_memory_equal(ek_tensor_string(t, 2, &n), "with\0nul", 8);
  assert_int_equal(n, 8);
  (void)ek_tensor_string(t, 3, &n);
  assert_int_equal(n, 200);
  ek_tensor_free(t);
  t = ek_checkpoint_reader_get_tensor(r, "string/scalar", &st);
  assert_string_equal(ek_tensor_string(t, 0, NULL), "a single string");
  ek_tensor_free(t);
  assert_ok(&st);
  assert_false(ek_checkpoint_reader_has(r, "nothing"));
  assert_null(ek_checkpoint_reader_get_tensor(r, "nothing", &st));
  assert_int_equal(st.code, EK_NOT_FOUND);
  assert_non_null(strstr(st.msg, "Key nothing not found in checkpoint"));
  assert_null(ek_checkpoint_reader_key(r, 24));
  assert_string_equal(ek_checkpoint_reader_key(r, 23), "z/last");
  ek_checkpoint_reader_free(r);
}

/* 12,000 keys: an index of two blocks, the same as TensorFlow's (size and crc printed by the generator). */
static void a_large_index_is_the_same_bytes(void **state) {
  (void)state;
  enum { N = 12000 };
  ek_status st = EK_STATUS_INIT;
  char(*text)[64] = calloc(N, sizeof *text);
  const char **names = calloc(N, sizeof *names);
  ek_tensor **tensors = calloc(N, sizeof *tensors);
  assert_true(text != NULL && names != NULL && tensors != NULL);
  for (int i = 0; i < N; i++) {
    const int32_t pair[] = {i, -i};
    (void)snprintf(text[i], sizeof text[i], "scope_%d/layer_%d/variable_%05d", i / 1000, i / 10, i);
    names[i] = text[i];
    tensors[i] = ek_tensor_from(EK_INT32, ek_shape(2), pair, &st);
  }
  const char *dir = folder();
  (void)ek_checkpoint_write(in_folder(dir, "large"), names, (const ek_tensor *const *)tensors, N, &st);
  assert_ok(&st);
  bytes index = slurp(in_folder(dir, "large.index")), data = slurp(in_folder(dir, "large.data-00000-of-00001"));
  assert_int_equal(index.size, 318749);
  assert_int_equal(ek__crc32c(index.data, index.size), 0xcc121e10u);
  assert_int_equal(data.size, 96000);
  assert_int_equal(ek__crc32c(data.data, data.size), 0x82e9c050u);
  ek_checkpoint_reader *r = ek_checkpoint_reader_new(in_folder(dir, "large"), &st);
  assert_ok(&st);
  assert_int_equal(ek_checkpoint_reader_num_keys(r), N);
  for (int i = 0; i < N; i += 97) {
    ek_tensor *t = ek_checkpoint_reader_get_tensor(r, names[i], &st);
    assert_ok(&st);
    assert_true(ek_tensor_equal(t, tensors[i]));
    ek_tensor_free(t);
  }
  ek_checkpoint_reader_free(r);
  for (int i = 0; i < N; i++) ek_tensor_free(tensors[i]);
  free(index.data);
  free(data.data);
  free(text);
  free(names);
  free(tensors);
}

static ek_code copy_pair(void *ctx, const uint8_t *key, size_t key_size, const uint8_t *value, size_t value_size,
                         ek_status *st) {
  return ek__table_writer_add(ctx, key, key_size, value, value_size, st);
}

static void snappy_blocks_are_read(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  const char *dir = folder();
  bytes plain = slurp(GOLDEN("bundle/small.index")), data = slurp(GOLDEN("bundle/small.data-00000-of-00001"));
  ek__table_writer w;
  ek__table_writer_init(&w, EK__TABLE_SNAPPY, ek_allocator_default());
  w.block_size = 100; /* many blocks */
  (void)ek__table_read("test", "small", plain.data, plain.size, ek_allocator_default(), copy_pair, &w, &st);
  (void)ek__table_writer_finish(&w, &st);
  assert_ok(&st);
  spit(in_folder(dir, "s.index"), w.out.data, w.out.size);
  spit(in_folder(dir, "s.data-00000-of-00001"), data.data, data.size);
  ek__table_writer_fini(&w);
  ek_checkpoint_reader *r = ek_checkpoint_reader_new(in_folder(dir, "s"), &st);
  assert_ok(&st);
  assert_int_equal(ek_checkpoint_reader_num_keys(r), 24);
  for (int i = 0; i < 24; i++) ek_tensor_free(ek_checkpoint_reader_get_tensor(r, ek_checkpoint_reader_key(r, i), &st));
  assert_ok(&st);
  ek_checkpoint_reader_free(r);
  free(plain.data);
  free(data.data);
}

/* A checkpoint put together by hand: two shards, big-endian. */
static void shards_and_byte_order(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  const char *dir = folder();
  const uint8_t one[] = {0x3f, 0x80, 0, 0}, two[] = {9, 9, 0x40, 0, 0, 0};
  ek__bundle_header header = {.num_shards = 2, .endianness = 1};
  ek__bundle_entry entries[] = {{.dtype = EK_FLOAT32,
                                 .shape = ek_shape_scalar(),
                                 .shard = 1,
                                 .size = 4,
                                 .crc = ek__crc32c_mask(ek__crc32c(one, 4))},
                                {.dtype = EK_FLOAT32,
                                 .shape = ek_shape(1),
                                 .offset = 2,
                                 .size = 4,
                                 .crc = ek__crc32c_mask(ek__crc32c(two + 2, 4))}};
  const char *keys[] = {"one", "two"};
  ek__table_writer w;
  ek__buffer value;
  ek__table_writer_init(&w, EK__TABLE_RAW, ek_allocator_default());
  ek__buffer_init(&value, ek_allocator_default());
  (void)ek__bundle_header_encode(&header, &value, &st);
  (void)ek__table_writer_add(&w, "", 0, value.data, value.size, &st);
  for (int i = 0; i < 2; i++) {
    value.size = 0;
    (void)ek__bundle_entry_encode(&entries[i], &value, &st);
    (void)ek__table_writer_add(&w, keys[i], 3, value.data, value.size, &st);
  }
  (void)ek__table_writer_finish(&w, &st);
  spit(in_folder(dir, "m.index"), w.out.data, w.out.size);
  spit(in_folder(dir, "m.data-00001-of-00002"), one, sizeof one);
  spit(in_folder(dir, "m.data-00000-of-00002"), two, sizeof two);
  ek__table_writer_fini(&w);
  ek__buffer_fini(&value);
  ek_checkpoint_reader *r = ek_checkpoint_reader_new(in_folder(dir, "m"), &st);
  assert_ok(&st);
  for (int i = 0; i < 2; i++) {
    ek_tensor *t = ek_checkpoint_reader_get_tensor(r, keys[i], &st);
    assert_ok(&st);
    assert_true(ek_tensor_number(t, 0) == i + 1.0);
    ek_tensor_free(t);
  }
  assert_int_equal(remove(in_folder(dir, "m.data-00001-of-00002")), 0);
  assert_null(ek_checkpoint_reader_get_tensor(r, "one", &st));
  assert_int_equal(st.code, EK_NOT_FOUND);
  ek_checkpoint_reader_free(r);
  st = (ek_status)EK_STATUS_INIT;
  assert_int_equal(ek_train_remove_checkpoint(in_folder(dir, "m"), &st), EK_OK);
  assert_int_equal(count_files(dir), 0);
}

static void a_partitioned_tensor_is_put_together(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  ek_checkpoint_reader *r = ek_checkpoint_reader_new(GOLDEN("bundle/sliced"), &st);
  assert_ok(&st);
  assert_int_equal(ek_checkpoint_reader_num_keys(r), 3);
  ek_tensor *matrix = ek_checkpoint_reader_get_tensor(r, "matrix", &st),
            *part = ek_checkpoint_reader_get_tensor(r, "part", &st);
  ek_tensor *whole = ek_checkpoint_reader_get_tensor(r, "whole", &st);
  assert_ok(&st);
  assert_true(ek_shape_equal(ek_tensor_shape(matrix), ek_shape(200, 3)));
  for (int i = 0; i < 600; i++) assert_true(ek_tensor_number(matrix, i) == i);
  for (int i = 0; i < 5; i++) assert_true(ek_tensor_number(part, i) == i);
  assert_true(ek_tensor_number(whole, 0) == 1.0);
  ek_tensor_free(matrix);
  ek_tensor_free(part);
  ek_tensor_free(whole);
  ek_checkpoint_reader_free(r);
}

static ek_code drop_one_piece(void *ctx, const uint8_t *key, size_t key_size, const uint8_t *value, size_t value_size,
                              ek_status *st) {
  if (key_size > 1 && key[0] == 0 && key[key_size - 1] == 0x82) return EK_OK; /* the last piece of each: length 2 */
  return ek__table_writer_add(ctx, key, key_size, value, value_size, st);
}

static void a_missing_piece_is_an_error(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  const char *dir = folder();
  bytes index = slurp(GOLDEN("bundle/sliced.index")), data = slurp(GOLDEN("bundle/sliced.data-00000-of-00001"));
  ek__table_writer w;
  ek__table_writer_init(&w, EK__TABLE_RAW, ek_allocator_default());
  (void)ek__table_read("test", "sliced", index.data, index.size, ek_allocator_default(), drop_one_piece, &w, &st);
  (void)ek__table_writer_finish(&w, &st);
  assert_ok(&st);
  spit(in_folder(dir, "p.index"), w.out.data, w.out.size);
  spit(in_folder(dir, "p.data-00000-of-00001"), data.data, data.size);
  ek__table_writer_fini(&w);
  ek_checkpoint_reader *r = ek_checkpoint_reader_new(in_folder(dir, "p"), &st);
  assert_ok(&st);
  assert_null(ek_checkpoint_reader_get_tensor(r, "part", &st));
  assert_int_equal(st.code, EK_DATA_LOSS);
  assert_non_null(strstr(st.msg, "'part': its slices are not all there"));
  assert_null(ek_checkpoint_reader_get_tensor(r, "matrix", NULL));
  ek_checkpoint_reader_free(r);
  free(index.data);
  free(data.data);
}

static void patch(const char *path, size_t at, unsigned char byte) { /* in place: rewriting a file syncs it, slowly */
  FILE *f = fopen(path, "r+b");
  assert_non_null(f);
  assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
  assert_int_equal(fputc(byte, f), byte);
  assert_int_equal(fclose(f), 0);
}

static const ek__bundle_entry *entry_of_byte(const ek__bundle_reader *r, uint64_t at) {
  for (int k = 0; k < ek__bundle_reader_num_entries(r); k++) {
    const ek__bundle_entry *e = ek__bundle_reader_entry(r, k);
    if (at >= e->offset && at - e->offset < e->size) return e;
  }
  fail_msg("no tensor holds byte %d", (int)at);
  return NULL;
}

static void assert_lost(const ek__bundle_reader *r, uint64_t at) {
  ek_tensor *t = NULL;
  assert_int_equal(ek__bundle_reader_tensor(r, entry_of_byte(r, at)->key, &t, NULL), EK_DATA_LOSS);
  assert_null(t);
}

/* Each byte of both files flipped in turn, and the data cut at each: DATA_LOSS, never other values. */
static void damage_is_found(void **state) {
  (void)state;
  const char *dir = folder(), *index_path = in_folder(dir, "d.index"),
             *data_path = in_folder(dir, "d.data-00000-of-00001");
  const char *prefix = in_folder(dir, "d");
  bytes index = slurp(GOLDEN("bundle/small.index")), data = slurp(GOLDEN("bundle/small.data-00000-of-00001"));
  ek__bundle_reader *r = NULL;
  spit(data_path, data.data, data.size);
  spit(index_path, index.data, index.size);
  for (size_t i = 0; i < index.size; i++) {
    patch(index_path, i, index.data[i] ^ 0x04);
    const ek_code code = ek__bundle_reader_new(prefix, ek_allocator_default(), &r, NULL);
    patch(index_path, i, index.data[i]);
    if (code == EK_OK) { /* behind the data block lie bytes that nobody reads: metaindex, padding */
      assert_true(i > index.size - 100);
      assert_int_equal(ek__bundle_reader_num_entries(r), 24);
    } else {
      assert_int_equal(code, EK_DATA_LOSS);
    }
    ek__bundle_reader_free(r);
  }
  assert_int_equal(ek__bundle_reader_new(prefix, ek_allocator_default(), &r, NULL), EK_OK);
  for (size_t i = 0; i < data.size; i++) {
    patch(data_path, i, data.data[i] ^ 0x04);
    assert_lost(r, i);
    patch(data_path, i, data.data[i]);
  }
  for (size_t i = data.size; i-- > 0;) {
    assert_int_equal(truncate(data_path, (off_t)i), 0);
    assert_lost(r, i);
  }
  ek__bundle_reader_free(r);
  free(index.data);
  free(data.data);
}

static void names_are_checked(void **state) {
  (void)state;
  const char *dir = folder(), *twice[] = {"a", "a"}, *none[] = {""};
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = ek_tensor_float32(1.0f, &st);
  const ek_tensor *const both[] = {t, t};
  assert_int_equal(ek_checkpoint_write(in_folder(dir, "x"), twice, both, 2, &st), EK_INVALID_ARGUMENT);
  assert_int_equal(ek_checkpoint_write(in_folder(dir, "x"), none, both, 1, NULL), EK_INVALID_ARGUMENT);
  assert_int_equal(ek_checkpoint_write(in_folder(dir, "x/"), twice, both, 1, NULL), EK_INVALID_ARGUMENT);
  assert_int_equal(count_files(dir), 0);
  assert_int_equal(ek_checkpoint_write(in_folder(dir, "new/x"), twice, both, 1, NULL), EK_OK); /* makes the folder */
  assert_true(ek_train_checkpoint_exists(in_folder(dir, "new/x")));
  assert_int_equal(ek_train_remove_checkpoint(in_folder(dir, "new/x"), NULL), EK_OK);
  assert_int_equal(rmdir(in_folder(dir, "new")), 0);
  ek_tensor_free(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_golden_of_three_scalars),
      cmocka_unit_test(every_dtype_reads_and_writes_back_as_the_same_bytes),
      cmocka_unit_test(the_values_are_those_saved),
      cmocka_unit_test(a_large_index_is_the_same_bytes),
      cmocka_unit_test(snappy_blocks_are_read),
      cmocka_unit_test(shards_and_byte_order),
      cmocka_unit_test(a_partitioned_tensor_is_put_together),
      cmocka_unit_test(a_missing_piece_is_an_error),
      cmocka_unit_test(damage_is_found),
      cmocka_unit_test(names_are_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
