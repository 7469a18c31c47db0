/* SPDX-License-Identifier: Apache-2.0 */
/* tf.losses.compute_weighted_loss, and what becomes of the losses that a graph has collected. */
#include "layers/weighted_loss.h"

#include "evenkeel/variable_scope.h"
#include "layers/build.h"
#include "layers/weights.h"

const ek_losses_opts *ek__losses_opts(ek_graph *g, const ek_losses_opts *options) {
  static const ek_losses_opts defaults = EK_LOSSES_OPTS_INIT;
  if (options == NULL) return &defaults;
  if (options->version != 1u)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: options of version %u; start from EK_LOSSES_OPTS_INIT",
                  ek_current_name_scope(g), options->version);
  else if (options->reduction < EK_REDUCTION_NONE || options->reduction > EK_REDUCTION_SUM_BY_NONZERO_WEIGHTS)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: reduction %d is none of ek_reduction", ek_current_name_scope(g),
                  (int)options->reduction);
  else
    return options;
  return NULL;
}

static ek_out safe_mean(ek_graph *g, ek_out sum, ek_out count) {
  const ek_out total = ek__py_reduce_all(g, "Sum", sum);
  return ek__op2(ek_named(g, "value"), "DivNoNan", total, count);
}

static ek_out num_present(ek_graph *g, ek_out losses, ek_out weights) {
  (void)ek_name_scope_begin(g, "num_present");
  const ek_out zero = ek__op2(g, "Equal", weights, ek_number(g, 0.0));
  const ek_out zeros = ek__py_zeros_like(g, weights), ones = ek__py_ones_like(g, weights);
  ek_out present = ek_op_output(ek_build(g, "Select", EK_OUTS(zero, zeros, ones), EK_NO_ATTRS), 0);
  present = ek__broadcast_weights(g, present, losses);
  const ek_out count = ek__py_reduce_all(ek_named_scope(g), "Sum", present);
  ek_name_scope_end(g);
  return count;
}

static ek_out num_elements(ek_graph *g, ek_out losses) {
  (void)ek_name_scope_begin(g, "num_elements");
  const ek_out size = ek__py_size(ek_named_scope(g), losses);
  const ek_out count = ek__py_cast(g, size, ek_out_dtype(g, losses));
  ek_name_scope_end(g);
  return count;
}

static ek_out reduce(ek_graph *g, ek_out weighted, ek_out losses, ek_out weights, ek_reduction reduction) {
  if (reduction == EK_REDUCTION_NONE) return weighted;
  const ek_out sum = ek__py_reduce_all(g, "Sum", weighted);
  if (reduction == EK_REDUCTION_SUM) return sum;
  ek_out count;
  if (reduction == EK_REDUCTION_MEAN) {
    const ek_out ones = ek__py_ones_like(g, losses);
    const ek_out all = ek__op2(ek_named(g, "mul"), "Mul", ones, weights);
    count = ek__py_reduce_all(g, "Sum", all);
  } else {
    count = reduction == EK_REDUCTION_SUM_OVER_BATCH_SIZE ? num_elements(g, losses) : num_present(g, losses, weights);
  }
  return safe_mean(g, sum, count);
}

ek_out ek__weighted_loss(ek_graph *g, ek_out losses, ek_out weights, const ek_losses_opts *o) {
  g = ek_composite_begin(g, "weighted_loss");
  ek_out loss = ek__no_out;
  if (ek__given(g, "losses", losses)) {
    const ek_op check = ek__assert_broadcastable(g, weights, losses);
    ek_control_dependencies_begin(g, EK_OPS(check));
    const ek_dtype dtype = ek_out_dtype(g, losses);
    losses = ek__py_cast(g, losses, EK_FLOAT32);
    weights = ek__py_cast(g, weights, EK_FLOAT32);
    const ek_out weighted = ek__op2(g, "Mul", losses, weights);
    loss = ek__py_cast(g, reduce(g, weighted, losses, weights, o->reduction), dtype);
    if (loss.op > 0 && o->loss_collection != NULL) ek_add_out_to_collection(g, o->loss_collection, loss);
    ek_control_dependencies_end(g);
  }
  ek_name_scope_end(g);
  return loss;
}

ek_out ek_losses_compute_weighted_loss(ek_graph *g, ek_out losses, const ek_losses_opts *options) {
  ek_graph *plain = ek_named(g, NULL);
  const ek_losses_opts *o = ek__losses_opts(plain, options);
  if (o == NULL) return ek__no_out;
  return ek__weighted_loss(g, losses, o->weights.op != 0 ? o->weights : ek_number(plain, 1.0), o);
}

/* ---- what was collected */

void ek_losses_add_loss(ek_graph *g, ek_out loss) { ek_add_out_to_collection(g, EK_LOSSES, loss); }

ek_outs ek_losses_get_losses(ek_graph *g, const char *scope) { return ek_get_collection_outs(g, EK_LOSSES, scope); }

ek_outs ek_losses_get_regularization_losses(ek_graph *g, const char *scope) {
  return ek_get_collection_outs(g, EK_REGULARIZATION_LOSSES, scope);
}

/* tf.add_n of both lists: a single one gets an Identity of that name. */
static ek_out add_n(ek_graph *g, ek_outs losses, ek_outs regularization, const char *name) {
  const int n = losses.n + regularization.n;
  ek_out *all = ek_graph_alloc(g, (size_t)n * sizeof *all);
  if (all == NULL) return ek__no_out;
  for (int i = 0; i < losses.n; i++) all[i] = losses.at[i];
  for (int i = 0; i < regularization.n; i++) all[losses.n + i] = ek_regularization_loss(g, regularization.at[i]);
  if (n == 1) return ek__op1(ek_named(g, name), "Identity", all[0]);
  return ek_op_output(ek_build(ek_named(g, name), "AddN", (ek_outs){all, n}, EK_NO_ATTRS), 0);
}

ek_out ek_losses_get_regularization_loss(ek_graph *g, const char *scope) {
  const char *name = ek_given_name(g);
  g = ek_named(g, NULL);
  const ek_outs losses = ek_losses_get_regularization_losses(g, scope);
  if (losses.n == 0) return ek__py_filled(g, EK_FLOAT32, ek_shape_scalar(), 0.0);
  return add_n(g, (ek_outs){NULL, 0}, losses, name != NULL ? name : "total_regularization_loss");
}

ek_out ek_losses_get_total_loss(ek_graph *g, bool add_regularization_losses, const char *scope) {
  const char *name = ek_given_name(g);
  g = ek_named(g, NULL);
  if (name == NULL) name = "total_loss";
  const ek_outs own = ek_losses_get_losses(g, scope);
  const ek_outs more = add_regularization_losses ? ek_losses_get_regularization_losses(g, scope) : (ek_outs){NULL, 0};
  if (own.n + more.n > 0) return add_n(g, own, more, name);
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "AddN '%s': there are no losses to add; a loss function adds one to '%s'", name,
                EK_LOSSES);
  return ek__no_out;
}
