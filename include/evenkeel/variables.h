/* SPDX-License-Identifier: Apache-2.0 */
/* Variables of a graph. Their values live in sessions: two sessions of one graph train independently. */
#ifndef EVENKEEL_VARIABLES_H
#define EVENKEEL_VARIABLES_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is known of a variable; strings borrowed. Functions accept none and return none. */
EK_API const char *ek_variable_name(const ek_graph *g, ek_variable v); /* the op's name, without ":0" */
EK_API ek_op ek_variable_op(const ek_graph *g, ek_variable v);         /* VariableV2 or VarHandleOp */
EK_API ek_op ek_variable_initializer(const ek_graph *g, ek_variable v);
EK_API ek_out ek_variable_initial_value(const ek_graph *g, ek_variable v);
EK_API ek_dtype ek_variable_dtype(const ek_graph *g, ek_variable v);
EK_API ek_shape ek_variable_shape(const ek_graph *g, ek_variable v);
EK_API bool ek_variable_is_resource(const ek_graph *g, ek_variable v);
EK_API bool ek_variable_trainable(const ek_graph *g, ek_variable v);
/* The variable whose op is op; none if op is no variable. */
EK_API ek_variable ek_variable_of(const ek_graph *g, ek_op op);

#ifdef __cplusplus
}
#endif
#endif
