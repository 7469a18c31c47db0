/* SPDX-License-Identifier: Apache-2.0 */
/* tf.layers.flatten. */
#include "layers/build.h"
#include "layers/layer.h"

/* [shape(x)[0], -1] as TensorFlow packs it on the way into Reshape. */
static ek_out keep_first(ek_graph *g, ek_out x) {
  const ek_out shape = ek__py_shape(g, x), batch = ek__py_element(g, shape, 0);
  (void)ek_name_scope_begin(g, "Reshape");
  (void)ek_name_scope_begin(g, "shape");
  const ek_out rest = ek_constant_int32(ek_named(g, "1"), -1);
  const ek_out dims = ek__py_pack(ek_named_scope(g), EK_OUTS(batch, rest));
  ek_name_scope_end(g);
  const ek_out y = ek__op2(ek_named_scope(g), "Reshape", x, dims);
  ek_name_scope_end(g);
  return y;
}

static ek_out call(ek_graph *g, ek_out x) {
  const ek_shape s = ek_out_shape(g, x);
  if (s.rank == 0) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "flatten '%s': inputs are a scalar; the rank must be 1 at least",
                  ek_current_name_scope(g));
    return ek__no_out;
  }
  if (s.rank == 1) return ek__op2(g, "ExpandDims", x, ek_integer(g, 1));
  int64_t dims[] = {-1, 1};
  bool known = s.rank > 0;
  for (int i = 1; i < s.rank; i++)
    known = known && s.dim[i] >= 0 && !__builtin_mul_overflow(dims[1], s.dim[i], &dims[1]);
  if (!known) {
    if (s.rank < 0 || s.dim[0] < 0) return keep_first(g, x);
    dims[0] = s.dim[0];
    dims[1] = -1;
  }
  return ek__op2(g, "Reshape", x, ek__py_int32s(g, dims, 2));
}

ek_out ek_layers_flatten(ek_graph *g, ek_out inputs) {
  ek__layer l;
  const char *name = ek_given_name(g);
  g = ek_named(g, NULL);
  if (ek_graph_status(g, NULL) != EK_OK) return ek__no_out;
  ek__layer_init(&l, g, "flatten", name, false, (ek_variable_scope){0}, EK_REUSE_INHERIT, true);
  inputs = ek_convert(g, inputs, EK_INVALID_DTYPE, NULL);
  ek__layer_begin(&l);
  const ek_out y = ek__given(g, "inputs", inputs) ? call(g, inputs) : ek__no_out;
  ek__layer_end(&l);
  return y;
}
