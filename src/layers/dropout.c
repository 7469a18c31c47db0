/* SPDX-License-Identifier: Apache-2.0 */
/* tf.layers.dropout. */
#include "layers/build.h"
#include "layers/layer.h"

/* The noise shape as a tensor: what is not given comes from the inputs. */
static ek_out noise_shape(ek_graph *g, ek_out inputs, const ek_layers_dropout_opts *o) {
  ek_out dims[EK_MAX_RANK];
  bool known = true;
  if (o->n_noise_shape == 0) return ek__no_out;
  const ek_out shape = ek__py_shape(g, inputs);
  for (int i = 0; i < o->n_noise_shape; i++) {
    known = known && o->noise_shape[i] >= 0;
    dims[i] = o->noise_shape[i] >= 0 ? ek__no_out : ek__py_element(g, shape, i);
  }
  if (known) return ek__py_int32s(g, o->noise_shape, o->n_noise_shape);
  (void)ek_name_scope_begin(g, "packed");
  for (int i = 0; i < o->n_noise_shape; i++)
    if (o->noise_shape[i] >= 0)
      dims[i] = ek_convert(g, ek_integer(g, o->noise_shape[i]), EK_INT32, ek_graph_text(g, "%d", i));
  const ek_out packed = ek__py_pack(ek_named_scope(g), (ek_outs){dims, o->n_noise_shape});
  ek_name_scope_end(g);
  return packed;
}

static ek_out call(ek_graph *g, ek_out inputs, const ek_layers_dropout_opts *o) {
  ek_cond_block c;
  if (o->rate == 0.0) return ek__op1(g, "Identity", inputs);
  EK_SMART_COND(g, o->training, c) {
    EK_THEN(c) {
      ek_nn_dropout_opts nn = EK_NN_DROPOUT_OPTS_INIT;
      nn.noise_shape = noise_shape(g, inputs, o);
      nn.has_seed = o->has_seed;
      nn.seed = o->seed;
      ek_cond_yield(&c, ek_nn_dropout(g, inputs, o->rate, &nn));
    }
    EK_ELSE(c) ek_cond_yield(&c, ek__op1(g, "Identity", inputs));
  }
  return ek_cond_result(&c, 0);
}

static bool check(ek_graph *g, const ek_layers_dropout_opts *o) {
  if (!ek__options_ok(g, "dropout", o->version)) return false;
  if (!(o->rate >= 0.0 && o->rate < 1.0))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "dropout: rate is %.9g; it must be in [0, 1)", o->rate);
  else if (o->n_noise_shape < 0 || o->n_noise_shape > EK_MAX_RANK)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "dropout: a noise_shape of %d dimensions; allowed: 0 to %d", o->n_noise_shape,
                  EK_MAX_RANK);
  else
    return true;
  return false;
}

ek_out ek_layers_dropout(ek_graph *g, ek_out inputs, const ek_layers_dropout_opts *options) {
  static const ek_layers_dropout_opts defaults = EK_LAYERS_DROPOUT_OPTS_INIT;
  const ek_layers_dropout_opts *o = options != NULL ? options : &defaults;
  ek__layer l;
  g = ek_named(g, NULL);
  if (!check(g, o)) return ek__no_out;
  ek__layer_init(&l, g, "dropout", o->name, false, (ek_variable_scope){0}, EK_REUSE_INHERIT, true);
  inputs = ek_convert(g, inputs, EK_INVALID_DTYPE, NULL);
  ek__layer_begin(&l);
  const ek_out y = ek__given(g, "inputs", inputs) ? call(g, inputs, o) : ek__no_out;
  ek__layer_end(&l);
  return y;
}
