/* SPDX-License-Identifier: Apache-2.0 */
/* The blocks that are open while building: name scopes, control dependencies, colocation, init scope. One stack of
 * frames, each of which saves what it changes; a block left by return or goto is seen as a frame that was never popped.
 */
#include "graph/graph.h"

#include <string.h>

ek__frame *ek__push_frame(ek_graph *g, ek__frame_kind kind, const char *what) {
  ek_status st = EK_STATUS_INIT;
  if (ek__grow(g->allocator, &g->frames, &g->cap_frames, g->n_frames + 1, sizeof *g->frames, &st) != EK_OK) {
    (void)ek__graph_take(g, &st);
    return NULL;
  }
  ek__frame *f = &g->frames[g->n_frames++];
  *f = (ek__frame){.kind = kind,
                   .saved_scope = g->scope,
                   .saved_block = g->block,
                   .saved_context = g->context,
                   .saved_colocation = g->n_colocation,
                   .saved_class_scope = g->class_scope,
                   .what = what};
  return f;
}

void ek__pop_frame(ek_graph *g, ek__frame_kind kind) {
  if (g->n_frames == 0 || g->frames[g->n_frames - 1].kind != kind) {
    /* after an error, begins may have failed: only then is an end without its begin no mistake of the caller */
    ek_graph_fail(g, EK_FAILED_PRECONDITION, "a building block ends that is not the innermost open one (%s)",
                  g->n_frames > 0 ? g->frames[g->n_frames - 1].what : "none is open");
    return;
  }
  const ek__frame *f = &g->frames[--g->n_frames];
  g->scope = f->saved_scope;
  g->block = f->saved_block;
  g->context = f->saved_context;
  g->n_colocation = f->saved_colocation;
  g->class_scope = f->saved_class_scope;
}

const char *ek__open_frame(const ek_graph *g) { return g->n_frames > 0 ? g->frames[g->n_frames - 1].what : NULL; }

/* ---- control dependencies */

void ek_control_dependencies_begin(ek_graph *g, ek_ops control_inputs) {
  ek__frame *f = ek__push_frame(g, EK__FRAME_CONTROL, "control dependencies");
  if (f == NULL || !ek__graph_ok(g)) return;
  ek__control_block *b = ek__graph_alloc(g, 1, sizeof *b);
  int32_t *ops = ek__graph_alloc(g, (size_t)(control_inputs.n > 0 ? control_inputs.n : 1), sizeof *ops);
  if (b == NULL || ops == NULL) return;
  *b = (ek__control_block){.parent = g->block, .ops = ops};
  g->mark++; /* marks what outer blocks list, and what this one lists already */
  for (const ek__control_block *p = g->block; p != NULL; p = p->parent)
    for (int i = 0; i < p->n; i++) g->nodes[p->ops[i] - 1].mark = g->mark;
  for (int i = 0; i < control_inputs.n; i++) {
    ek__node *n = ek__node_of(g, control_inputs.at[i]);
    if (n == NULL)
      ek_graph_fail(g, EK_INVALID_ARGUMENT, "control dependencies: item %d is not an op of this graph", i);
    else if (n->mark != g->mark)
      n->mark = g->mark, ops[b->n++] = control_inputs.at[i].id;
  }
  g->block = b;
}

void ek_control_dependencies_clear_begin(ek_graph *g) {
  if (ek__push_frame(g, EK__FRAME_CONTROL, "control dependencies (none)") == NULL) return;
  g->block = NULL;
  g->context = NULL;
}

void ek_control_dependencies_end(ek_graph *g) { ek__pop_frame(g, EK__FRAME_CONTROL); }

void ek_init_scope_begin(ek_graph *g) {
  if (ek__push_frame(g, EK__FRAME_INIT, "init scope") == NULL) return;
  g->block = NULL;
  g->context = NULL;
}

void ek_init_scope_end(ek_graph *g) { ek__pop_frame(g, EK__FRAME_INIT); }

static bool made_inside(const ek__node *n, const ek__control_block *b) {
  for (const ek__control_block *p = n->block; p != NULL; p = p->parent)
    if (p == b) return true;
  return false;
}

static bool is_input(const ek__node *n, int32_t op) {
  for (int i = 0; i < n->n_inputs; i++)
    if (n->inputs[i].op == op) return true;
  return false;
}

/* Outermost first, as TensorFlow lists them. A block is pruned if a direct data input was made inside it: that one
 * waits already. */
static void apply(ek_graph *g, ek_op op, const ek__control_block *b) {
  if (b == NULL) return;
  apply(g, op, b->parent);
  const ek__node *n = ek__node_of(g, op);
  for (int i = 0; i < n->n_inputs; i++)
    if (made_inside(ek__node_of(g, ek_out_op(n->inputs[i])), b)) return;
  for (int i = 0; i < b->n; i++)
    if (!is_input(ek__node_of(g, op), b->ops[i])) ek__node_add_control(g, op, (ek_op){b->ops[i]});
}

void ek__apply_control_block(ek_graph *g, ek_op op) { apply(g, op, g->block); }

/* ---- colocation */

void ek_colocate_with_begin(ek_graph *g, ek_op op, bool ignore_existing) {
  ek__frame *f = ek__push_frame(g, EK__FRAME_COLOCATE, "colocation");
  if (f == NULL || !ek__graph_ok(g)) return;
  ek_status st = EK_STATUS_INIT;
  /* The frame remembers a depth; what ignore_existing hides must come back, so the hidden part stays below and a mark
   * goes on top. */
  if (ek__grow(g->allocator, &g->colocation, &g->cap_colocation, g->n_colocation + 2, sizeof *g->colocation, &st) !=
      EK_OK) {
    (void)ek__graph_take(g, &st);
    return;
  }
  if (ignore_existing) g->colocation[g->n_colocation++] = (ek_op){0};
  g->colocation[g->n_colocation++] = op;
}

void ek_colocate_with_end(ek_graph *g) { ek__pop_frame(g, EK__FRAME_COLOCATE); }
