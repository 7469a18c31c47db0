/* SPDX-License-Identifier: Apache-2.0 */
/* The variables of an optimizer's own: slots beside each variable, and Adam's powers (slot_creator, Optimizer). */
#include "layers/optimizer.h"

#include "evenkeel/variable_scope.h"

#include <string.h>

const ek__slots *ek__slots_of(const ek_optimizer *o, ek_variable v) {
  for (const ek__slots *s = o->slots; s != NULL; s = s->next)
    if (s->variable.id == v.id) return s;
  return NULL;
}

/* slot_creator.create_slot_with_initializer: "w/Adam" inside the variable scope that is open, made unique there. */
static ek_variable create(ek_optimizer *o, ek_variable primary, int i) {
  ek_graph *g = o->graph;
  const ek_op op = ek_variable_op(g, primary);
  ek_variable_scope_opts scope = EK_VARIABLE_SCOPE_OPTS_INIT;
  ek_get_variable_opts opts = EK_GET_VARIABLE_OPTS_INIT;
  scope.default_name = ek_graph_text(g, "%s/%s", ek_variable_name(g, primary), o->name);
  opts.initializer = o->first[i];
  opts.dtype = ek_variable_dtype(g, primary);
  opts.trainable = false;
  opts.use_resource = ek_variable_is_resource(g, primary) ? EK_YES : EK_NO;
  (void)ek_variable_scope_begin(g, NULL, &scope);
  ek_colocate_with_begin(g, op, false);
  const ek_variable slot = ek_get_variable(g, "", ek_variable_shape(g, primary), &opts);
  ek_colocate_with_end(g);
  ek_variable_scope_end(g);
  return slot;
}

/* Optimizer._create_non_slot_variable for the powers of the decays, beside the first variable by name. */
static void create_powers(ek_optimizer *o, ek_variables variables) {
  static const char *const names[EK__MAX_POWERS] = {"beta1_power", "beta2_power"};
  ek_graph *g = o->graph;
  if (strchr(o->kind->inputs, 'p') == NULL || o->powers[0].id != 0) return;
  ek_variable first = variables.at[0];
  for (int i = 1; i < variables.n; i++)
    if (strcmp(ek_variable_name(g, variables.at[i]), ek_variable_name(g, first)) < 0) first = variables.at[i];
  for (int i = 0; i < EK__MAX_POWERS; i++) {
    const ek__hyper *beta = &o->hypers[1 + i];
    ek_variable_opts opts = EK_VARIABLE_OPTS_INIT;
    opts.trainable = false;
    opts.use_resource = ek_variable_is_resource(g, first);
    ek_colocate_with_begin(g, ek_variable_op(g, first), false);
    o->powers[i] =
        ek_variable_new(ek_named(g, names[i]), beta->tensor.op != 0 ? beta->tensor : ek_number(g, beta->value), &opts);
    ek_colocate_with_end(g);
  }
}

void ek__slots_create(ek_optimizer *o, ek_variables variables) {
  ek_graph *g = o->graph;
  ek_init_scope_begin(g);
  create_powers(o, variables);
  for (int k = 0; k < variables.n; k++) {
    const ek_variable v = variables.at[k];
    if (o->kind->slots[0] == NULL || ek__slots_of(o, v) != NULL) continue;
    if (!ek_shape_is_known(ek_variable_shape(g, v))) {
      ek_graph_fail(g, EK_UNIMPLEMENTED, "%s: variable '%s' needs a known shape to have slots", o->name,
                    ek_variable_name(g, v));
      break;
    }
    ek__slots *s = ek_graph_alloc(g, sizeof *s);
    if (s == NULL) break;
    s->variable = v;
    for (int i = 0; o->kind->slots[i] != NULL; i++) s->at[i] = create(o, v, i);
    s->next = o->slots;
    o->slots = s;
  }
  ek_init_scope_end(g);
}
