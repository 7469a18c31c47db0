/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes that cannot run here: of a type or dtype that we do not have, or without the reference that they want. They are
 * an error only where a run needs them: at once if every run would, else when the branch that they are in is taken. The
 * code is EK_UNIMPLEMENTED whenever it comes: with any other, import has refused the node (graph_def_read.c). */
#include "plan/loop.h"

#include <string.h>

static ek_code run_lacking(ek_run_context *c) {
  return ek_status_set(c->st, EK_UNIMPLEMENTED, "%s", (const char *)c->state);
}

/* Never folded or merged, and without a name, so that no pattern holds it for something else. */
const ek_op_def ek__op_lacking = {.name = "", .flags = EK_OP_CONTROL_FLOW, .run = run_lacking};

static ek_code make_lacking(ek__ir *ir, ek__pnode *n, bool waited_for) {
  static const char more[] = ", and this run needs it";
  ek_status why = EK_STATUS_INIT;
  (void)ek_op_can_run(ir->env->graph, n->op, &why);
  /* What it makes may be wanted in a branch only: a queue that the branch takes from. needed.c will tell. */
  const bool always = n->guard == 0 && (n->needed || waited_for || n->n_out == 0);
  EK_REQUIRE(!always, ir->st, EK_UNIMPLEMENTED, "%s%s", why.msg, more);
  const size_t size = strlen(why.msg) + sizeof more;
  char *text = ek__arena_array(&ir->plan->memory, size, 1);
  if (text == NULL) return ek__no_memory(ir->st, "a plan", size);
  memcpy(text, why.msg, strlen(why.msg));
  memcpy(text + strlen(why.msg), more, sizeof more);
  n->lacking = text;
  n->def = &ek__op_lacking;
  n->needed = n->guard != 0 && !ir->plan->guards.at[n->guard].never;
  return EK_OK;
}

ek_code ek__ir_lacking(ek__ir *ir) {
  bool *waited_for = NULL;
  for (int i = 0; i < ir->n_nodes; i++) {
    ek__pnode *n = &ir->nodes[i];
    if (n->kind == EK__P_LOOP) EK_TRY(ek__ir_lacking(&n->loop->body));
    if (n->kind != EK__P_OP || n->def != NULL) continue;
    if (waited_for == NULL) {
      waited_for = ek__ir_alloc(ir, (size_t)ir->n_nodes, sizeof *waited_for);
      if (waited_for == NULL) return ir->st->code;
      for (int k = 0; k < ir->n_nodes; k++)
        for (int j = 0; j < ir->nodes[k].n_controls; j++) waited_for[ir->nodes[k].controls[j]] = true;
    }
    EK_TRY(make_lacking(ir, n, waited_for[i]));
  }
  return EK_OK;
}

ek_code ek__ir_lacking_needed(const ek__ir *ir) {
  for (int i = 0; i < ir->n_nodes; i++) {
    const ek__pnode *n = &ir->nodes[i];
    if (n->kind == EK__P_LOOP) EK_TRY(ek__ir_lacking_needed(&n->loop->body));
    EK_REQUIRE(n->lacking == NULL || !n->needed || n->run_guard != 0, ir->st, EK_UNIMPLEMENTED, "%s", n->lacking);
  }
  return EK_OK;
}
