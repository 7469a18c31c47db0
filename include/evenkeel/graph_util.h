/* SPDX-License-Identifier: Apache-2.0 */
/* tf.graph_util: graphs made from graphs. Each function leaves its graph as it is and delivers a new one, with the same
 * node names and the functions of the old one, without its collections. */
#ifndef EVENKEEL_GRAPH_UTIL_H
#define EVENKEEL_GRAPH_UTIL_H

#include "graph.h"
#include "session.h"

#ifdef __cplusplus
extern "C" {
#endif

/* tf.graph_util.extract_sub_graph: the nodes that outputs need, control inputs included, in their old order. *out is
 * the caller's; NULL on failure: INVALID_ARGUMENT if an output is none. */
EK_API ek_code ek_graph_util_extract_sub_graph(const ek_graph *g, ek_ops outputs, ek_graph **out, ek_status *st);

typedef struct ek_freeze_opts {
  uint32_t version;
  const char *const *variable_names_allowlist; /* NULL: every variable becomes a constant */
  int n_allowlist;
  const char *const *variable_names_denylist; /* names of variables' ops that stay variables */
  int n_denylist;
  const ek_feed *constants; /* further outputs that become constants: a placeholder for the training flag, say */
  int n_constants;
} ek_freeze_opts;
#define EK_FREEZE_OPTS_INIT                                                                                            \
  { .version = 1u }

/* tf.graph_util.convert_variables_to_constants: the sub graph of outputs in which variables, by reference and by
 * handle, are constants of the values that the session holds: VariableV2 and VarHandleOp become Const, ReadVariableOp
 * Identity, ResourceGather GatherV2 (with NAME/axis behind all other nodes), ResourceGatherNd GatherNd, VariableShape
 * Shape; what hands a handle on (Identity, Switch, Merge, Enter, ...) hands on the value. A variable that is only read
 * inside a cond is as good as any. opts->constants need op types with one output; a cond that they decide leaves only
 * the branch that is taken, its Switch and Merge nodes becoming Identity. *out is the caller's.
 * INVALID_ARGUMENT: an output is in a branch that is never taken, or needs an op that changes a variable, or one that
 * uses a handle in another way; FAILED_PRECONDITION: a variable without a value; UNIMPLEMENTED: ResourceGather with
 * batch_dims. */
EK_API ek_code ek_graph_util_convert_variables_to_constants(ek_session *s, ek_ops outputs, const ek_freeze_opts *opts,
                                                            ek_graph **out, ek_status *st);

/* The same for values that are in no session: value(ctx, variable) gives the value of a VariableV2 or VarHandleOp, a
 * reference that is taken over; NULL with a status stops everything, NULL without one leaves the variable as it is. */
typedef ek_tensor *(*ek_value_of)(void *ctx, ek_op variable, ek_status *st);
EK_API ek_code ek_graph_util_freeze(const ek_graph *g, ek_ops outputs, const ek_freeze_opts *opts, ek_value_of value,
                                    void *ctx, ek_graph **out, ek_status *st);

#ifdef __cplusplus
}
#endif
#endif
