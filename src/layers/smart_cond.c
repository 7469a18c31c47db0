/* SPDX-License-Identifier: Apache-2.0 */
/* tf.layers' smart_cond: a cond only if it must be one. */
#include "evenkeel/cond.h"
#include "evenkeel/session.h"

/* smart_constant_value: a constant, or what TensorFlow's constant folder can compute. */
static ek_flag_value smart_value(ek_graph *g, ek_flag flag) {
  const ek_flag_value value = ek_flag_static_value(g, flag);
  if (value != EK_IS_OPEN || flag.kind != EK_FLAG_OUT || ek_graph_status(g, NULL) != EK_OK) return value;
  ek_tensor *t = ek_constant_value(g, flag.out);
  const bool settled = t != NULL && ek_tensor_dtype(t) == EK_BOOL && ek_tensor_num_elements(t) == 1;
  const bool is_true = settled && ek_tensor_number(t, 0) != 0.0;
  ek_tensor_free(t);
  return !settled ? EK_IS_OPEN : is_true ? EK_IS_TRUE : EK_IS_FALSE;
}

ek_cond_block *ek_smart_cond_begin(ek_cond_block *c, ek_graph *g, ek_flag flag) {
  const ek_flag_value value = smart_value(ek_named(g, NULL), flag);
  return ek_flag_cond_begin(c, g, value == EK_IS_OPEN ? flag : ek_flag_of_bool(value == EK_IS_TRUE));
}

ek_cond_block ek_smart_cond(ek_graph *g, ek_flag flag, ek_cond_fn true_fn, ek_cond_fn false_fn, void *ctx) {
  ek_cond_block c;
  (void)ek_smart_cond_begin(&c, g, flag);
  EK_THEN(c) { true_fn(c.graph, &c, ctx); }
  EK_ELSE(c) { false_fn(c.graph, &c, ctx); }
  (void)ek_cond_end(&c);
  return c;
}
