/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/wire.h"

#include "event.pb-c.h"
#include "files.h"
#include "meta_graph.pb-c.h"

#include <string.h>

static counting memory;
static const ek_allocator allocator = {counting_alloc, counting_free, &memory};

static int reset_memory(void **state) {
  (void)state;
  memory = (counting){0};
  return 0;
}

static int no_leak(void **state) {
  (void)state;
  return memory.live == 0 ? 0 : -1;
}

/* Unpacks, frees, and returns the code; the message in st. */
static ek_code try_unpack(const ProtobufCMessageDescriptor *d, const void *bytes, size_t size, ek_status *st) {
  ProtobufCMessage *m = NULL;
  *st = (ek_status)EK_STATUS_INIT;
  const ek_code code = ek__proto_unpack(d, bytes, size, "some.file", &allocator, &m, st);
  assert_int_equal(code, st->code);
  assert_true((code == EK_OK) == (m != NULL));
  ek__proto_free(&allocator, m);
  assert_int_equal(memory.live, 0);
  return code;
}

static void expect_error(const ProtobufCMessageDescriptor *d, const char *bytes, size_t size, ek_code code,
                         const char *part) {
  ek_status st;
  assert_int_equal(try_unpack(d, bytes, size, &st), code);
  if (strncmp(st.msg, "some.file: ", 11) != 0 || strstr(st.msg, part) == NULL)
    fail_msg("'%s' lacks '%s'", st.msg, part);
}

static void check_same_bytes(const char *golden, const ProtobufCMessageDescriptor *d) {
  size_t size = 0, again = 0;
  char *bytes = read_golden(golden, &size);
  ek_status st = EK_STATUS_INIT;
  ProtobufCMessage *m = NULL;
  uint8_t *packed = NULL;
  assert_int_equal(ek__proto_unpack(d, bytes, size, golden, &allocator, &m, &st), EK_OK);
  assert_int_equal(ek__proto_pack(m, golden, &allocator, &packed, &again, &st), EK_OK);
  assert_int_equal(again, size);
  assert_memory_equal(packed, bytes, size);
  ek__free(&allocator, packed, again);
  ek__proto_free(&allocator, m);
  free(bytes);
}

static void goldens_come_back_byte_by_byte(void **state) {
  (void)state;
  check_same_bytes("batch_norm.pb", &ek__graph_def__descriptor);
  check_same_bytes("batch_norm.meta", &ek__meta_graph_def__descriptor);
  check_same_bytes("every_value.pb", &ek__graph_def__descriptor);
}

static void values_arrive(void **state) {
  (void)state;
  size_t size = 0;
  char *bytes = read_golden("batch_norm.meta", &size);
  ProtobufCMessage *m = NULL;
  assert_int_equal(ek__proto_unpack(&ek__meta_graph_def__descriptor, bytes, size, "x", &allocator, &m, NULL), EK_OK);
  const Ek__MetaGraphDef *meta = (const Ek__MetaGraphDef *)m;
  assert_string_equal(meta->saver_def->save_tensor_name, "save/control_dependency:0");
  assert_int_equal(meta->saver_def->version, EK__SAVER_DEF__CHECKPOINT_FORMAT_VERSION__V2);
  assert_string_equal(meta->graph_def->node[0]->op, "Placeholder");
  bool update_ops = false;
  for (size_t i = 0; i < meta->n_collection_def; i++) {
    const Ek__CollectionDef *c = meta->collection_def[i]->value;
    if (strcmp(meta->collection_def[i]->key, "update_ops") != 0) continue;
    update_ops = true;
    assert_int_equal(c->kind_case, EK__COLLECTION_DEF__KIND_NODE_LIST);
    assert_int_equal(c->node_list->n_value, 2);
    assert_string_equal(c->node_list->value[0], "batch_normalization/cond_2/Merge");
  }
  assert_true(update_ops);
  ek__proto_free(&allocator, m);
  free(bytes);
}

static void unknown_fields_survive(void **state) {
  (void)state;
  /* VersionDef {1: 134}, then 100: varint 5, 101: "ab", 102: fixed32, 103: fixed64 */
  static const char bytes[] = "\x08\x86\x01\xa0\x06\x05\xaa\x06\x02"
                              "ab\xb5\x06wxyz\xb9\x06"
                              "12345678";
  ProtobufCMessage *m = NULL;
  uint8_t *packed = NULL;
  size_t size = 0;
  assert_int_equal(ek__proto_unpack(&ek__version_def__descriptor, bytes, sizeof bytes - 1, "x", &allocator, &m, NULL),
                   EK_OK);
  assert_int_equal(((Ek__VersionDef *)m)->producer, 134);
  assert_int_equal(ek__proto_pack(m, "x", &allocator, &packed, &size, NULL), EK_OK);
  assert_int_equal(size, sizeof bytes - 1);
  assert_memory_equal(packed, bytes, size);
  ek__free(&allocator, packed, size);
  ek__proto_free(&allocator, m);
}

static void the_empty_message(void **state) {
  (void)state;
  ProtobufCMessage *m = NULL;
  uint8_t *packed = NULL;
  size_t size = 1;
  assert_int_equal(ek__proto_unpack(&ek__graph_def__descriptor, NULL, 0, "x", &allocator, &m, NULL), EK_OK);
  assert_int_equal(ek__proto_pack(m, "x", &allocator, &packed, &size, NULL), EK_OK);
  assert_int_equal(size, 0);
  ek__free(&allocator, packed, size);
  ek__proto_free(&allocator, m);
  ek__proto_free(&allocator, NULL);
}

static void lists_may_be_packed_or_not(void **state) {
  (void)state;
  ProtobufCMessage *m = NULL;
  assert_int_equal(
      ek__proto_unpack(&ek__version_def__descriptor, "\x18\x03\x1a\x02\x05\x07\x18\x09", 8, "x", &allocator, &m, NULL),
      EK_OK);
  const Ek__VersionDef *v = (const Ek__VersionDef *)m;
  static const int32_t want[] = {3, 5, 7, 9};
  assert_int_equal(v->n_bad_consumers, 4);
  assert_memory_equal(v->bad_consumers, want, sizeof want);
  ek__proto_free(&allocator, m);
}

static void malformed_input_is_data_loss(void **state) {
  (void)state;
  const ProtobufCMessageDescriptor *graph = &ek__graph_def__descriptor, *node = &ek__node_def__descriptor,
                                   *versions = &ek__version_def__descriptor, *event = &ek__event__descriptor;
  expect_error(graph, "\x0a\x05\x0a\x01z", 5, EK_DATA_LOSS, "claims 5 bytes, 3 are left");
  expect_error(graph, "\x0a\x7f", 2, EK_DATA_LOSS, "claims 127 bytes, 0 are left");
  expect_error(graph, "\x0a\xff\xff\xff\xff\x07", 6, EK_DATA_LOSS, "claims 2147483647 bytes");
  expect_error(graph, "\x0a\xff\xff\xff\xff\x0f", 6, EK_DATA_LOSS, "claims 4294967295 bytes");
  expect_error(graph, "\x0a\xff\xff\xff\xff\xff\x01", 7, EK_DATA_LOSS, "over 5 bytes");
  expect_error(graph, "\x80", 1, EK_DATA_LOSS, "no field key");
  expect_error(graph, "\x00\x00", 2, EK_DATA_LOSS, "no field key");
  expect_error(graph, "\x0b", 1, EK_DATA_LOSS, "wire type"); /* a group */
  expect_error(graph, "\x0e", 1, EK_DATA_LOSS, "wire type"); /* no such type */
  expect_error(versions, "\x08", 1, EK_DATA_LOSS, "an integer is cut off");
  expect_error(versions, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12, EK_DATA_LOSS, "over 10 bytes");
  expect_error(versions, "\x1a\x01\x80", 3, EK_DATA_LOSS, "packed list");
  expect_error(versions, "\x0d\x00\x00\x00\x00", 5, EK_DATA_LOSS, "field 'producer' of VersionDef has wire type 5");
  expect_error(event, "\x09\x00\x00\x00", 4, EK_DATA_LOSS, "a number is cut off");
  expect_error(node,
               "\x0a\x03"
               "a\0b",
               5, EK_DATA_LOSS, "'name' of NodeDef holds a NUL");
  expect_error(graph, "\x22\x00\x22\x00", 4, EK_DATA_LOSS, "field 'versions' of GraphDef is there twice");
}

/* n messages inside each other: FullTypeDef.args is a FullTypeDef. */
static size_t nest(uint8_t *out, size_t room, int n) {
  size_t size = 0;
  for (int i = 1; i < n; i++) {
    uint8_t head[8];
    size_t k = 0;
    head[k++] = 0x12;
    for (size_t v = size; k == 1 || v > 0; v >>= 7) head[k++] = (uint8_t)((v & 0x7f) | (v >= 0x80 ? 0x80 : 0));
    assert_true(size + k <= room);
    memmove(out + k, out, size);
    memcpy(out, head, k);
    size += k;
  }
  return size;
}

static void nesting_is_limited(void **state) {
  (void)state;
  static uint8_t bytes[60000];
  ek_status st;
  size_t size = nest(bytes, sizeof bytes, EK__PROTO_MAX_DEPTH);
  assert_int_equal(try_unpack(&ek__full_type_def__descriptor, bytes, size, &st), EK_OK);
  size = nest(bytes, sizeof bytes, EK__PROTO_MAX_DEPTH + 1);
  expect_error(&ek__full_type_def__descriptor, (const char *)bytes, size, EK_DATA_LOSS, "nested more than 100 deep");
  size = nest(bytes, sizeof bytes, 10000);
  expect_error(&ek__full_type_def__descriptor, (const char *)bytes, size, EK_DATA_LOSS, "nested more than 100 deep");
}

static void the_budget_refuses_bombs(void **state) {
  (void)state;
  enum { SIZE = 10 << 20, BUDGET = (64 << 20) + 8 * SIZE };
  char *bytes = malloc(SIZE);
  assert_non_null(bytes);
  for (size_t i = 0; i < SIZE; i += 2) memcpy(bytes + i, "\x0a\x00", 2); /* five million empty nodes */
  expect_error(&ek__graph_def__descriptor, bytes, SIZE, EK_RESOURCE_EXHAUSTED, "messages take more than");
  assert_int_equal(memory.calls, 0);                                     /* refused before anything was allocated */
  for (size_t i = 0; i < SIZE; i += 2) memcpy(bytes + i, "\x78\x01", 2); /* five million unknown fields */
  expect_error(&ek__graph_def__descriptor, bytes, SIZE, EK_RESOURCE_EXHAUSTED, "messages take more than");
  assert_true(memory.peak > 0 && memory.peak <= BUDGET);
  free(bytes);
}

static void every_truncation_and_bit_flip(void **state) {
  (void)state;
  size_t size = 0, survived = 0;
  char *bytes = read_golden("every_value.pb", &size);
  ek_status st;
  for (size_t n = 0; n < size; n++) {
    char *cut = malloc(n == 0 ? 1 : n); /* a block of its own, so that reading behind it is seen */
    assert_non_null(cut);
    memcpy(cut, bytes, n);
    (void)try_unpack(&ek__graph_def__descriptor, cut, n, &st);
    free(cut);
  }
  for (size_t bit = 0; bit < size * 8; bit++) {
    bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
    survived += try_unpack(&ek__graph_def__descriptor, bytes, size, &st) == EK_OK;
    bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
  }
  assert_true(survived > 0 && survived < size * 8);
  free(bytes);
}

static void every_failing_allocation(void **state) {
  (void)state;
  size_t size = 0;
  char *bytes = read_golden("every_value.pb", &size);
  ek_status st;
  int n = 0;
  ek_code code = EK_UNKNOWN;
  while (code != EK_OK) {
    memory = (counting){.fail_at = ++n};
    code = try_unpack(&ek__graph_def__descriptor, bytes, size, &st);
    assert_true(code == EK_OK || code == EK_RESOURCE_EXHAUSTED);
  }
  assert_true(n > 200);
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(goldens_come_back_byte_by_byte, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(values_arrive, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(unknown_fields_survive, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(the_empty_message, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(lists_may_be_packed_or_not, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(malformed_input_is_data_loss, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(nesting_is_limited, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(the_budget_refuses_bombs, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(every_truncation_and_bit_flip, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(every_failing_allocation, reset_memory, no_leak),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
