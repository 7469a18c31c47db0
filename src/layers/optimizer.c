/* SPDX-License-Identifier: Apache-2.0 */
/* The optimizers: one row and one constructor each. */
#include "layers/optimizer.h"

#include <string.h>

static const ek__optimizer_kind gradient_descent = {
    .op = "ApplyGradientDescent", .hypers = {"learning_rate"}, .inputs = "0g", .sparse = ek__sparse_gradient_descent};
static const ek__optimizer_kind momentum = {.op = "ApplyMomentum",
                                            .slots = {"momentum"},
                                            .hypers = {"learning_rate", "momentum"},
                                            .inputs = "A0g1",
                                            .nesterov = true};
static const ek__optimizer_kind adam = {.op = "ApplyAdam",
                                        .slots = {"m", "v"},
                                        .hypers = {"learning_rate", "beta1", "beta2", "epsilon"},
                                        .inputs = "ABpq0123g",
                                        .sparse = ek__sparse_adam};
static const ek__optimizer_kind rmsprop = {.op = "ApplyRMSProp",
                                           .slots = {"rms", "momentum"},
                                           .hypers = {"learning_rate", "decay", "momentum", "epsilon"},
                                           .inputs = "AB0123g"};
static const ek__optimizer_kind rmsprop_centered = {.op = "ApplyCenteredRMSProp",
                                                    .slots = {"rms", "mg", "momentum"},
                                                    .hypers = {"learning_rate", "decay", "momentum", "epsilon"},
                                                    .inputs = "BAC0123g"};
static const ek__optimizer_kind adagrad = {
    .op = "ApplyAdagrad", .slots = {"accumulator"}, .hypers = {"learning_rate"}, .inputs = "A0g"};

static ek_optimizer *make(ek_graph *g, const ek__optimizer_kind *kind, uint32_t version, const char *name) {
  g = ek_named(g, NULL);
  if (version != 1u) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "optimizer %s: options of version %u; start from ..._OPTS_INIT", kind->op,
                  version);
    return NULL;
  }
  if (name == NULL || *name == '\0') {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "optimizer %s: must specify the optimizer name", kind->op);
    return NULL;
  }
  ek_optimizer *o = ek_graph_alloc(g, sizeof *o);
  const char *copy = ek_graph_text(g, "%s", name);
  if (o == NULL || copy == NULL) return NULL;
  *o = (ek_optimizer){.graph = g, .kind = kind, .name = copy};
  for (int i = 0; kind->slots[i] != NULL; i++) o->first[i] = ek_zeros_initializer();
  return o;
}

ek_optimizer *ek_train_gradient_descent_with(ek_graph *g, double learning_rate,
                                             const ek_train_gradient_descent_opts *options) {
  static const ek_train_gradient_descent_opts defaults = EK_TRAIN_GRADIENT_DESCENT_OPTS_INIT;
  const ek_train_gradient_descent_opts *p = options != NULL ? options : &defaults;
  ek_optimizer *o = make(g, &gradient_descent, p->version, p->name);
  if (o == NULL) return NULL;
  o->hypers[0] = (ek__hyper){learning_rate, p->learning_rate_tensor};
  o->use_locking = p->use_locking;
  return o;
}

ek_optimizer *ek_train_gradient_descent(ek_graph *g, double learning_rate) {
  return ek_train_gradient_descent_with(g, learning_rate, NULL);
}

ek_optimizer *ek_train_momentum(ek_graph *g, double learning_rate, double factor,
                                const ek_train_momentum_opts *options) {
  static const ek_train_momentum_opts defaults = EK_TRAIN_MOMENTUM_OPTS_INIT;
  const ek_train_momentum_opts *p = options != NULL ? options : &defaults;
  ek_optimizer *o = make(g, &momentum, p->version, p->name);
  if (o == NULL) return NULL;
  o->hypers[0] = (ek__hyper){learning_rate, p->learning_rate_tensor};
  o->hypers[1] = (ek__hyper){factor, p->momentum_tensor};
  o->use_locking = p->use_locking;
  o->use_nesterov = p->use_nesterov;
  return o;
}

ek_optimizer *ek_train_adam(ek_graph *g, const ek_train_adam_opts *options) {
  static const ek_train_adam_opts defaults = EK_TRAIN_ADAM_OPTS_INIT;
  const ek_train_adam_opts *p = options != NULL ? options : &defaults;
  ek_optimizer *o = make(g, &adam, p->version, p->name);
  if (o == NULL) return NULL;
  o->hypers[0] = (ek__hyper){p->learning_rate, p->learning_rate_tensor};
  o->hypers[1] = (ek__hyper){p->beta1, p->beta1_tensor};
  o->hypers[2] = (ek__hyper){p->beta2, p->beta2_tensor};
  o->hypers[3] = (ek__hyper){p->epsilon, p->epsilon_tensor};
  o->use_locking = p->use_locking;
  return o;
}

ek_optimizer *ek_train_rmsprop(ek_graph *g, double learning_rate, const ek_train_rmsprop_opts *options) {
  static const ek_train_rmsprop_opts defaults = EK_TRAIN_RMSPROP_OPTS_INIT;
  const ek_train_rmsprop_opts *p = options != NULL ? options : &defaults;
  ek_optimizer *o = make(g, p->centered ? &rmsprop_centered : &rmsprop, p->version, p->name);
  if (o == NULL) return NULL;
  o->hypers[0] = (ek__hyper){learning_rate, p->learning_rate_tensor};
  o->hypers[1] = (ek__hyper){p->decay, p->decay_tensor};
  o->hypers[2] = (ek__hyper){p->momentum, p->momentum_tensor};
  o->hypers[3] = (ek__hyper){p->epsilon, p->epsilon_tensor};
  o->first[0] = ek_ones_initializer();
  o->use_locking = p->use_locking;
  return o;
}

ek_optimizer *ek_train_adagrad(ek_graph *g, double learning_rate, const ek_train_adagrad_opts *options) {
  static const ek_train_adagrad_opts defaults = EK_TRAIN_ADAGRAD_OPTS_INIT;
  const ek_train_adagrad_opts *p = options != NULL ? options : &defaults;
  ek_optimizer *o = make(g, &adagrad, p->version, p->name);
  if (o == NULL) return NULL;
  if (!(p->initial_accumulator_value > 0.0)) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "Adagrad: initial_accumulator_value must be positive: %g",
                  p->initial_accumulator_value);
    return NULL;
  }
  o->hypers[0] = (ek__hyper){learning_rate, p->learning_rate_tensor};
  o->first[0] = ek_constant_initializer(p->initial_accumulator_value);
  o->use_locking = p->use_locking;
  return o;
}

/* ---- looking */

const char *ek_train_slot_name(const ek_optimizer *o, int i) {
  return o != NULL && i >= 0 && i < EK__MAX_SLOTS ? o->kind->slots[i] : NULL;
}

ek_variable ek_train_get_slot(const ek_optimizer *o, ek_variable v, const char *name) {
  const ek__slots *s = o != NULL ? ek__slots_of(o, v) : NULL;
  for (int i = 0; s != NULL && name != NULL && o->kind->slots[i] != NULL; i++)
    if (strcmp(o->kind->slots[i], name) == 0) return s->at[i];
  return (ek_variable){0};
}
