/* SPDX-License-Identifier: Apache-2.0 */
/* Bits of integers. */
#include "ops/binary.h"

/* Of integers only: no loops for floats. */
#define INT_LOOPS(LOOP, name_, ...)                                                                                    \
  EK_INT_TAGS(LOOP, name_, __VA_ARGS__)                                                                                \
  static ek__loop *const name_##_loops[EK__DTYPES] = {EK_INT_TAGS(EK__ENTRY, name_)}
#define BITWISE(id_, name_, doc_, infer_, in_, n_, flags_, LOOP, ...)                                                  \
  INT_LOOPS(LOOP, id_, __VA_ARGS__);                                                                                   \
  static ek_code run_##id_(ek_run_context *c) { return ek__run_loops(c, n_, id_##_loops, 0.0); }                       \
  const ek_op_def ek_op_##id_ = {.name = name_,                                                                        \
                                 .doc = doc_,                                                                          \
                                 .in = in_,                                                                            \
                                 .out = "z: T",                                                                        \
                                 .attrs = "T: {" EK_INT_TYPES "}",                                                     \
                                 .flags = EK_OP_NOT_DIFFERENTIABLE | (flags_),                                         \
                                 .infer = infer_,                                                                      \
                                 .run = run_##id_}
#define TWO(id_, name_, doc_, flags_, ...)                                                                             \
  BITWISE(id_, name_, doc_, ek__infer_broadcast, "x: T, y: T", 2, flags_, EK__LOOP2, __VA_ARGS__)

/* A count of bits outside of the type's is cut to it, as TensorFlow does. */
static int64_t bits_of(size_t size, int64_t y) {
  return y < 0 ? 0 : y >= (int64_t)size * 8 ? (int64_t)size * 8 - 1 : y;
}

TWO(bitwise_and, "BitwiseAnd", "the bits that x and y both have", EK_OP_COMMUTATIVE, x &y);
TWO(bitwise_or, "BitwiseOr", "the bits that x or y has", EK_OP_COMMUTATIVE, x | y);
TWO(bitwise_xor, "BitwiseXor", "the bits that one of x and y has", EK_OP_COMMUTATIVE, x ^ y);
TWO(left_shift, "LeftShift", "x with its bits y places higher", 0, (int64_t)((uint64_t)x << bits_of(sizeof *z, y)));
TWO(right_shift, "RightShift", "x with its bits y places lower, its sign kept", 0, x >> bits_of(sizeof *z, y));
BITWISE(invert, "Invert", "x with every bit the other way", ek__infer_same, "x: T", 1, 0, EK__LOOP1, ~x);
