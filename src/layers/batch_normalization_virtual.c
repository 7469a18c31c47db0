/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual batches ("ghost batch normalization"): the batch takes one dimension more, and loses it again. */
#include "layers/batch_normalization.h"
#include "layers/build.h"

/* first, then the shape without its first number. */
static ek_out with_first(ek_graph *g, const int64_t *first, int n, ek_out shape) {
  const ek_out head = ek__py_int32s(g, first, n), rest = ek__py_from(g, shape, 1);
  return ek_op_output(
      ek_build(ek_named(g, "concat"), "ConcatV2", EK_OUTS(head, rest, ek_integer(g, 0)), EK_ATTRS(EK_INT_ATTR("N", 2))),
      0);
}

ek_out ek__bn_virtual_batches(const ek__bn_call *c, ek_out inputs, ek_out *shape) {
  const int64_t any = -1, apart[] = {c->bn->o.virtual_batch_size, -1};
  ek_shape s = ek_out_shape(c->g, inputs);
  const int64_t n = s.dim[0];
  *shape = with_first(c->g, &any, 1, ek__py_shape(c->g, inputs));
  const ek_out x = ek__op2(c->g, "Reshape", inputs, with_first(c->g, apart, 2, *shape));
  for (int i = s.rank; i > 1; i--) s.dim[i] = s.dim[i - 1];
  s.rank++;
  s.dim[0] = apart[0];
  s.dim[1] = n >= 0 ? n / apart[0] : -1;
  if (x.op > 0) ek_out_set_shape(c->g, x, s);
  return x;
}

ek_out ek__bn_whole_batch(const ek__bn_call *c, ek_out y, ek_shape s, ek_out shape) {
  y = ek__op2(c->g, "Reshape", y, shape);
  if (y.op > 0) ek_out_set_shape(c->g, y, s);
  return y;
}
