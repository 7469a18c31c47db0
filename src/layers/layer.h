/* SPDX-License-Identifier: Apache-2.0 */
/* tf.layers.Layer: a layer's variable scope and name scope, its weights, its updates. */
#ifndef EK_LAYERS_LAYER_H
#define EK_LAYERS_LAYER_H

#include "evenkeel/layers.h"

typedef struct ek__update_op {
  ek_op op;
  struct ek__update_op *next;
} ek__update_op;

typedef struct ek__layer {
  ek_graph *g;
  const char *base_name;   /* what was given, else the class's */
  ek_variable_scope scope; /* none until it is known */
  ek_reuse reuse;
  bool trainable;
  bool built;             /* its variables are made: from now on they are reused */
  ek__update_op *updates; /* of all calls so far */
} ek__layer;

/* scoped: the scope is opened at once (the functional form with a name: names of ops are made unique, those of
 * variables not); scope: the layer lives in this scope; else the scope is made on the first call. */
void ek__layer_init(ek__layer *l, ek_graph *g, const char *class_name, const char *name, bool scoped,
                    ek_variable_scope scope, ek_reuse reuse, bool trainable);
/* A call of the layer: opens its scopes; and closes them, merging the updates into EK_UPDATE_OPS. */
void ek__layer_begin(ek__layer *l);
void ek__layer_end(ek__layer *l);

/* Layer.add_weight, during a call: get_variable, and for a new variable its regularization loss. */
typedef struct ek__weight {
  const char *name;
  ek_shape shape;
  ek_dtype dtype;
  ek_initializer initializer;
  ek_regularizer regularizer;
  ek_constraint_fn constraint;
  void *constraint_ctx;
  bool not_trainable;
} ek__weight;
ek_variable ek__layer_add_weight(ek__layer *l, const ek__weight *w);
/* Layer.add_update. */
void ek__layer_add_update(ek__layer *l, ek_op op);
/* The loss of a layer's result, over the batch size. */
void ek__layer_add_activity(ek__layer *l, ek_regularizer r, ek_out outputs);

/* smart_constant_value: a flag that follows from constants alone is settled, and known from here on. */
ek_flag ek__layer_flag(ek_graph *g, ek_flag flag);

ek_initializer ek__initializer_or(ek_initializer given, ek_initializer otherwise);
/* Options made by their initializer; else an error on the graph. */
bool ek__options_ok(ek_graph *g, const char *what, uint32_t version);

#endif
