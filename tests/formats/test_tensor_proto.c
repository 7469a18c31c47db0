/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/tensor_proto.h"
#include "formats/wire.h"

#include "files.h"
#include "graph.pb-c.h"

#include <string.h>

static const size_t PLENTY = 1 << 20;

static Ek__GraphDef *read_graph(const char *name) {
  size_t size = 0;
  char *bytes = read_golden(name, &size);
  ProtobufCMessage *m = NULL;
  const ek_code code =
      ek__proto_unpack(&ek__graph_def__descriptor, bytes, size, name, ek_allocator_default(), &m, NULL);
  assert_int_equal(code, EK_OK);
  free(bytes);
  return (Ek__GraphDef *)m;
}

/* Every tensor that Python wrote for every dtype becomes a tensor and from it the same bytes again. */
static void tensors_come_back_byte_by_byte(void **state) {
  (void)state;
  Ek__GraphDef *graph = read_graph("every_value.pb");
  const ek_allocator *a = ek_allocator_default();
  int n = 0;
  for (size_t i = 0; i < graph->node[0]->n_attr; i++) {
    const Ek__AttrEntry *e = graph->node[0]->attr[i];
    if (e->value->value_case != EK__ATTR_VALUE__VALUE_TENSOR || strcmp(e->key, "tensor_doubles") == 0) continue;
    ek_status st = EK_STATUS_INIT;
    ek_tensor *t = NULL;
    size_t room = PLENTY, sizes[2] = {0};
    uint8_t *packed[2] = {0};
    ek__arena arena;
    ek__arena_init(&arena, a);
    Ek__TensorProto *again = NULL;
    if (ek__tensor_from_proto(e->value->tensor, a, &room, &t, &st) != EK_OK) fail_msg("%s: %s", e->key, st.msg);
    assert_int_equal(room, PLENTY - ek_tensor_size_bytes(t));
    assert_int_equal(ek__tensor_to_proto(t, &arena, &again, &st), EK_OK);
    assert_int_equal(ek__proto_pack(&e->value->tensor->base, "x", a, &packed[0], &sizes[0], &st), EK_OK);
    assert_int_equal(ek__proto_pack(&again->base, "x", a, &packed[1], &sizes[1], &st), EK_OK);
    if (sizes[0] != sizes[1] || memcmp(packed[0], packed[1], sizes[0]) != 0) fail_msg("%s differs", e->key);
    for (int k = 0; k < 2; k++) ek__free(a, packed[k], sizes[k]);
    ek__arena_fini(&arena);
    ek_tensor_free(t);
    n++;
  }
  assert_int_equal(n, 31);
  ek__proto_free(a, &graph->base);
}

static ek_code from_proto(Ek__TensorProto *p, ek_tensor **t, ek_status *st) {
  size_t room = PLENTY;
  *st = (ek_status)EK_STATUS_INIT;
  return ek__tensor_from_proto(p, ek_allocator_default(), &room, t, st);
}

static void the_last_value_repeats(void **state) {
  (void)state;
  Ek__TensorShapeProto__Dim two = EK__TENSOR_SHAPE_PROTO__DIM__INIT, three = two;
  Ek__TensorShapeProto__Dim *dims[] = {&two, &three};
  Ek__TensorShapeProto shape = EK__TENSOR_SHAPE_PROTO__INIT;
  Ek__TensorProto p = EK__TENSOR_PROTO__INIT;
  ek_status st;
  ek_tensor *t = NULL;
  two.size = 2;
  three.size = 3;
  shape.dim = dims;
  shape.n_dim = 2;
  p.tensor_shape = &shape;
  p.dtype = EK__DATA_TYPE__DT_INT8;
  int32_t ints[] = {1, -2, 3, 4, 5, 6, 7, 8};
  p.int_val = ints;
  static const int8_t want[][6] = {{0}, {1, 1, 1, 1, 1, 1}, {1, -2, -2, -2, -2, -2}, {1, -2, 3, 4, 5, 6}};
  static const size_t counts[] = {0, 1, 2, 8};
  for (int i = 0; i < 4; i++) {
    p.n_int_val = counts[i];
    assert_int_equal(from_proto(&p, &t, &st), EK_OK);
    assert_memory_equal(ek_tensor_data(t), want[i], 6);
    ek_tensor_free(t);
  }
  ProtobufCBinaryData strings[] = {{1, (uint8_t *)"a"}, {2, (uint8_t *)"bc"}};
  p.dtype = EK__DATA_TYPE__DT_STRING;
  p.string_val = strings;
  p.n_string_val = 2;
  assert_int_equal(from_proto(&p, &t, &st), EK_OK);
  assert_string_equal(ek_tensor_string(t, 0, NULL), "a");
  assert_string_equal(ek_tensor_string(t, 5, NULL), "bc");
  ek_tensor_free(t);
  p.dtype = EK__DATA_TYPE__DT_COMPLEX64;
  float parts[] = {1, 2, 3};
  p.scomplex_val = parts;
  p.n_scomplex_val = 3;
  assert_int_equal(from_proto(&p, &t, &st), EK_OK);
  assert_true(((const float *)ek_tensor_data(t))[10] == 1 && ((const float *)ek_tensor_data(t))[11] == 2);
  ek_tensor_free(t);
}

static void wrong_tensors_are_refused(void **state) {
  (void)state;
  Ek__TensorShapeProto__Dim dim = EK__TENSOR_SHAPE_PROTO__DIM__INIT;
  Ek__TensorShapeProto__Dim *dims[] = {&dim, &dim, &dim, &dim, &dim, &dim, &dim, &dim, &dim};
  Ek__TensorShapeProto shape = EK__TENSOR_SHAPE_PROTO__INIT;
  Ek__TensorProto p = EK__TENSOR_PROTO__INIT;
  ek_status st;
  ek_tensor *t = NULL;
  uint8_t content[8] = {0};
  p.tensor_shape = &shape;
  p.dtype = EK__DATA_TYPE__DT_FLOAT;
  shape.dim = dims;
  shape.n_dim = 1;
  dim.size = 3;
  p.tensor_content.data = content;
  p.tensor_content.len = 8;
  assert_int_equal(from_proto(&p, &t, &st), EK_INVALID_ARGUMENT);
  assert_string_equal(st.msg, "a float32 tensor with 8 bytes of contents; its shape takes 12");
  p.tensor_content.len = 0;
  dim.size = -1;
  assert_int_equal(from_proto(&p, &t, &st), EK_INVALID_ARGUMENT);
  dim.size = -2;
  assert_int_equal(from_proto(&p, &t, &st), EK_INVALID_ARGUMENT);
  dim.size = (int64_t)(PLENTY / 4) + 1;
  assert_int_equal(from_proto(&p, &t, &st), EK_RESOURCE_EXHAUSTED);
  dim.size = INT64_MAX;
  shape.n_dim = 8;
  assert_int_equal(from_proto(&p, &t, &st), EK_RESOURCE_EXHAUSTED);
  shape.n_dim = 9;
  assert_int_equal(from_proto(&p, &t, &st), EK_UNIMPLEMENTED);
  shape.n_dim = 0;
  for (int dtype = 0; dtype < 130; dtype++) {
    if (ek_dtype_size((ek_dtype)dtype) > 0) continue;
    p.dtype = (Ek__DataType)dtype;
    assert_int_equal(from_proto(&p, &t, &st), EK_UNIMPLEMENTED);
    assert_null(t);
  }
  shape.unknown_rank = 1;
  p.dtype = EK__DATA_TYPE__DT_FLOAT;
  assert_int_equal(from_proto(&p, &t, &st), EK_INVALID_ARGUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tensors_come_back_byte_by_byte),
      cmocka_unit_test(the_last_value_repeats),
      cmocka_unit_test(wrong_tensors_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
