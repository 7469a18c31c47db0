/* SPDX-License-Identifier: Apache-2.0 */
/* What the cases of batch normalization share: cases/batch_norm.py's CLIPPING and adjust. */
#ifndef EK_TESTS_ADJUST_H
#define EK_TESTS_ADJUST_H

#include "golden/golden.h"

static const ek_renorm_clipping clipping = {
    .rmin = {true, 0.5, {0, 0}}, .rmax = {true, 2.0, {0, 0}}, .dmax = {true, 1.5, {0, 0}}};

static inline ek_adjustment adjust(ek_graph *g, ek_out shape, void *ctx) {
  (void)ctx;
  ek_adjustment a;
  const int64_t last = -1, end = 0, stride = 1;
  ek_name_scope_begin(g, "strided_slice");
  const ek_out from = ek_constant_int32s(ek_named(g, "stack"), &last, 1);
  const ek_out to = ek_constant_int32s(ek_named(g, "stack"), &end, 1);
  const ek_out step = ek_constant_int32s(ek_named(g, "stack"), &stride, 1);
  const ek_op op =
      ek_build(ek_named_scope(g), "StridedSlice", EK_OUTS(shape, from, to, step), EK_ATTRS(EK_INT_ATTR("end_mask", 1)));
  ek_name_scope_end(g);
  a.scale = OP(g, "Fill", ek_op_output(op, 0), ek_number(g, 1.25));
  a.bias = ek_convert(g, ek_numbers(g, 0.5, 0.25, 0.0), EK_FLOAT32, NULL);
  return a;
}

#endif
