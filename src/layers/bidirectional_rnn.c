/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn.bidirectional_dynamic_rnn: two dynamic_rnns, one of them from the end. */
#include "layers/build.h"
#include "layers/layer.h"
#include "layers/rnn.h"

/* Each sequence from its end to its beginning. */
static ek_out reversed(ek_graph *g, ek_out x, const ek_nn_dynamic_rnn_opts *o) {
  const int64_t time = o->time_major ? 0 : 1, batch = 1 - time;
  if (x.op == 0) return x;
  const ek_op op = o->sequence_length.op != 0
                       ? ek_build(g, "ReverseSequence", EK_OUTS(x, o->sequence_length),
                                  EK_ATTRS(EK_INT_ATTR("seq_dim", time), EK_INT_ATTR("batch_dim", batch)))
                       : ek_build(g, "ReverseV2", EK_OUTS(x, ek_integers(g, &time, 1)), EK_NO_ATTRS);
  return ek_op_output(op, 0);
}

ek_rnn_both ek_nn_bidirectional_dynamic_rnn(ek_graph *g, ek_rnn_cell *fw, ek_rnn_cell *bw, ek_out inputs,
                                            const ek_nn_dynamic_rnn_opts *options) {
  static const ek_nn_dynamic_rnn_opts defaults = EK_NN_DYNAMIC_RNN_OPTS_INIT;
  ek_nn_dynamic_rnn_opts o = options != NULL ? *options : defaults;
  const char *name = ek_given_name(g);
  ek_rnn_both both = {.fw = {.outputs = ek__no_out}, .bw = {.outputs = ek__no_out}};
  g = ek_named(g, NULL);
  if (!ek__options_ok(g, "bidirectional_dynamic_rnn", o.version) || !ek__given(g, "inputs", inputs)) return both;
  (void)ek_variable_scope_begin(g, name != NULL ? name : "bidirectional_rnn", EK_SCOPE(.scope = o.scope));
  o.scope = ek_variable_scope_begin(g, "fw", NULL);
  both.fw = ek_nn_dynamic_rnn(g, fw, inputs, &o);
  ek_variable_scope_end(g);
  o.scope = ek_variable_scope_begin(g, "bw", NULL);
  o.initial_state = o.initial_state_bw;
  both.bw = ek_nn_dynamic_rnn(g, bw, reversed(g, inputs, &o), &o);
  ek_variable_scope_end(g);
  ek_variable_scope_end(g);
  both.bw.outputs = reversed(g, both.bw.outputs, &o);
  return both;
}
