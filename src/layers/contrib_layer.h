/* SPDX-License-Identifier: Apache-2.0 */
/* What the layers of tf.contrib share. */
#ifndef EK_LAYERS_CONTRIB_LAYER_H
#define EK_LAYERS_CONTRIB_LAYER_H

#include "evenkeel/contrib.h"

/* How many names a list of collections has: up to the first NULL. */
int ek__contrib_count(const char *const *names);
/* Opens the scope (otherwise, made unique, without a name); as_model: all variables made in it are model variables. */
ek_variable_scope ek__contrib_scope_begin(ek_graph *g, const char *scope, const char *otherwise, ek_reuse reuse,
                                          bool as_model);
/* model_variable; collections: what is given for this variable alone, and for all. */
ek_variable ek__contrib_variable(ek_graph *g, const char *name, ek_shape shape, ek_dtype dtype, ek_initializer init,
                                 ek_regularizer regularizer, bool trainable, const char *const *own,
                                 const char *const *all);
/* The activation, and the collections for results. */
ek_out ek__contrib_finish(ek_graph *g, ek_out y, ek_activation activation, const char *const *collections);
/* False, with an error on the graph: no inputs, unknown rank, another data_format (NULL: there is none), a reuse
 * without scope. */
bool ek__contrib_check(ek_graph *g, const char *what, ek_out inputs, const char *data_format, ek_reuse reuse,
                       const char *scope);
/* The same for the channels, at axis: they must be known. */
bool ek__contrib_check_channels(ek_graph *g, const char *what, ek_out inputs, int axis);

#endif
