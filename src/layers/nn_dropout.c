/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn.dropout. */
#include "evenkeel/nn.h"
#include "evenkeel/random.h"
#include "layers/build.h"

static bool check(ek_graph *g, ek_out x, double rate, const ek_nn_dropout_opts *o) {
  if (!ek__given(g, "x", x)) return false;
  if (o->version != 1u)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "dropout '%s': options of version %u; start from EK_NN_DROPOUT_OPTS_INIT",
                  ek_current_name_scope(g), o->version);
  else if (!(rate >= 0.0 && rate < 1.0))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "dropout '%s': rate is %.9g; it must be in [0, 1)", ek_current_name_scope(g),
                  rate);
  else if (!ek_dtype_is_floating(ek_out_dtype(g, x)))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "dropout '%s': x is %s; it must be floating, as it will be scaled",
                  ek_current_name_scope(g), ek_dtype_name(ek_out_dtype(g, x)));
  else
    return true;
  return false;
}

ek_out ek_nn_dropout(ek_graph *g, ek_out x, double rate, const ek_nn_dropout_opts *options) {
  static const ek_nn_dropout_opts defaults = EK_NN_DROPOUT_OPTS_INIT;
  const ek_nn_dropout_opts *o = options != NULL ? options : &defaults;
  g = ek_composite_begin(g, "dropout");
  ek_out y = ek__no_out;
  if (check(g, x, rate, o) && rate == 0.0) {
    int64_t seed, seed2;
    ek_get_seed(g, o->has_seed, o->seed, &seed, &seed2); /* as many seeds are used up as with any other rate */
    y = x;
  } else if (ek_graph_status(g, NULL) == EK_OK) {
    const ek_dtype dtype = ek_out_dtype(g, x);
    const ek_out scale = ek_convert(g, ek_number(g, 1.0 / (1.0 - rate)), dtype, NULL);
    const ek_out scaled = ek__op2(g, "Mul", x, scale);
    const ek_out shape = o->noise_shape.op != 0 ? o->noise_shape : ek__py_shape(g, x);
    ek_random_opts random = EK_RANDOM_OPTS_INIT;
    random.dtype = dtype;
    random.has_seed = o->has_seed;
    random.seed = o->seed;
    const ek_out u = ek_random_uniform(g, shape, &random);
    const ek_out keep = ek__op2(g, "GreaterEqual", u, ek_number(g, rate));
    const ek_out zero = ek_convert(g, ek_number(g, 0.0), dtype, NULL);
    y = ek_op_output(ek_build(g, "SelectV2", EK_OUTS(keep, scaled, zero), EK_NO_ATTRS), 0);
    if (y.op > 0) ek_out_set_shape(g, y, ek_out_shape(g, x));
  }
  ek_name_scope_end(g);
  return y;
}
