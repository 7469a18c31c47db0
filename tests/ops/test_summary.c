/* SPDX-License-Identifier: Apache-2.0 */
/* Summaries by the bytes that TensorFlow writes, and the random choices by its draws. */
#include "ops/build.h"

#include <stdio.h>

#define S(...) ek_shape(__VA_ARGS__)

static ek_tensor *text(const char *s) { return ek_tensor_from_strings(ek_shape_scalar(), &s, NULL, NULL); }

static void expect_hex(const ek_tensor *t, const char *want) {
  size_t size = 0;
  const char *bytes = ek_tensor_string(t, 0, &size);
  char hex[1024] = "";
  assert_in_range(size, 1, sizeof hex / 2 - 1);
  for (size_t i = 0; i < size; i++) (void)snprintf(hex + 2 * i, 3, "%02x", (unsigned)(unsigned char)bytes[i]);
  assert_string_equal(hex, want);
}

static void tensorflows_bytes(void **state) {
  (void)state;
  op_test t = op_call("ScalarSummary", TENSORS(text("a"), F32(ek_shape_scalar(), 1.5F)), EK_NO_ATTRS);
  expect_hex(t.out[0], "0a080a0161150000c03f");
  op_test h = op_call("HistogramSummary", TENSORS(text("h_1"), F32(S(3), 0, 1, -1)), EK_NO_ATTRS);
  expect_hex(h.out[0],
             "0aa0010a03685f312a980109000000000000f0bf11000000000000f03f190000000000000840290000000000000040"
             "32382b14facdbe24f0bf08996919155aedbf000000000000000011ea2d819997713d08996919155aed3f2b14facdbe24f03f"
             "ffffffffffffef7f3a380000000000000000000000000000f03f0000000000000000000000000000f03f0000000000000000"
             "000000000000f03f0000000000000000");
  op_test m = op_call("MergeSummary", TENSORS(ek_tensor_ref(t.out[0]), text("")), EK_NO_ATTRS);
  expect_hex(m.out[0], "0a080a0161150000c03f");
  op_refused("Duplicate tag a found", "MergeSummary", TENSORS(ek_tensor_ref(t.out[0]), ek_tensor_ref(t.out[0])),
             EK_NO_ATTRS);
  op_refused("Could not parse", "MergeSummary", TENSORS(text("no message"), text("")), EK_NO_ATTRS);
  op_refused("Nan in summary histogram for", "HistogramSummary", TENSORS(text("h"), F32(S(1), NAN)), EK_NO_ATTRS);
  op_refused("not the same shape", "ScalarSummary", TENSORS(text("a"), F32(S(2), 1, 2)), EK_NO_ATTRS);
  op_end(&t), op_end(&h), op_end(&m);
}

/* A PNG of two by one pixels in a message with tag, size and colors. */
static void images(void **state) {
  (void)state;
  op_test t = op_call("ImageSummary", TENSORS(text("i"), F32(S(1, 1, 2, 3), 0, 1, 2, 2, 1, NAN)), EK_NO_ATTRS);
  size_t size = 0;
  const char *bytes = ek_tensor_string(t.out[0], 0, &size);
  assert_memory_equal(bytes + 2, "\x0a\x09i/image/0\x22", 12);
  assert_memory_equal(bytes + 15, "\x08\x01\x10\x02\x18\x03\x22", 7);
  assert_memory_equal(bytes + 23, "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x01\x08\x02\0\0\0", 29);
  op_end(&t);
  op_refused("Tensor must be 4-D with last dim 1, 3, or 4", "ImageSummary",
             TENSORS(text("i"), F32(S(1, 1, 1, 2), 1, 2)), EK_NO_ATTRS);
}

static void random_choices(void **state) {
  (void)state;
  op_test t = op_call("RandomShuffle", TENSORS(I32(S(7), 0, 1, 2, 3, 4, 5, 6)),
                      EK_ATTRS(EK_INT_ATTR("seed", 3), EK_INT_ATTR("seed2", 5)));
  EXPECT(t.out[0], S(7), 6, 5, 3, 4, 0, 2, 1);
  assert_int_equal(op_run(&t), EK_OK);
  EXPECT(t.out[0], S(7), 3, 2, 1, 0, 6, 5, 4);
  op_end(&t);
  t = op_call("Multinomial", TENSORS(F32(S(2, 3), 0, 1, 2, 3, 0, -INFINITY), I32(ek_shape_scalar(), 5)),
              EK_ATTRS(EK_INT_ATTR("seed", 3), EK_INT_ATTR("seed2", 5)));
  EXPECT(t.out[0], S(2, 5), 1, 0, 2, 2, 2, 0, 0, 0, 0, 0);
  assert_int_equal(op_run(&t), EK_OK);
  EXPECT(t.out[0], S(2, 5), 2, 2, 2, 2, 2, 1, 0, 0, 0, 0);
  op_end(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(tensorflows_bytes), cmocka_unit_test(images),
                                     cmocka_unit_test(random_choices)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
