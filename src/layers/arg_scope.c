/* SPDX-License-Identifier: Apache-2.0 */
/* tf.contrib.framework.arg_scope: a stack of options on the graph. */
#include "evenkeel/contrib_layers.h"

typedef struct frame {
  ek_contrib_args args;
  struct frame *outer;
} frame;

static frame **innermost(ek_graph *g) {
  union {
    void **any;
    frame **frames;
  } slot = {.any = ek_graph_slot(g, "contrib/arg_scope")};
  return slot.frames;
}

ek_contrib_args ek_contrib_args_of(ek_graph *g) {
  static const ek_contrib_args defaults = {.version = 1u,
                                           .conv2d = EK_CONTRIB_CONV_OPTS_INIT,
                                           .conv2d_transpose = EK_CONTRIB_CONV_OPTS_INIT,
                                           .separable_conv2d = EK_CONTRIB_SEPARABLE_CONV2D_OPTS_INIT,
                                           .fully_connected = EK_CONTRIB_FULLY_CONNECTED_OPTS_INIT,
                                           .max_pool2d = EK_CONTRIB_POOL_OPTS_INIT,
                                           .avg_pool2d = EK_CONTRIB_POOL_OPTS_INIT,
                                           .batch_norm = EK_CONTRIB_BATCH_NORM_OPTS_INIT};
  frame **top = innermost(g);
  return top != NULL && *top != NULL ? (*top)->args : defaults;
}

void ek_arg_scope_begin(ek_graph *g, const ek_contrib_args *args) {
  if (args->version != 1u) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "arg_scope: arguments of version %u; start from ek_contrib_args_of",
                  args->version);
    return;
  }
  frame **top = innermost(g), *fresh = ek_graph_alloc(g, sizeof *fresh);
  if (top == NULL || fresh == NULL) return; /* the graph has its error */
  fresh->args = *args;
  fresh->outer = *top;
  *top = fresh;
}

void ek_arg_scope_end(ek_graph *g) {
  frame **top = innermost(g);
  if (top != NULL && *top != NULL)
    *top = (*top)->outer;
  else
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "arg_scope: the end of a scope that was not begun");
}
