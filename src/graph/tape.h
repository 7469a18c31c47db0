/* SPDX-License-Identifier: Apache-2.0 */
/* What a gradient call keeps while it walks: which ops lie between xs and ys, and how many gradients each of them still
 * waits for. Arrays are indexed by the number of an op (index 0 is unused), an output (a slot) or an edge. */
#ifndef EK_GRAPH_TAPE_H
#define EK_GRAPH_TAPE_H

#include "evenkeel/gradients.h"
#include "graph/grad_loop.h"

enum { EK__REACHED = 1, EK__BETWEEN = 2, EK__IS_Y = 4, EK__STOP = 8 };

typedef struct ek__contribution {
  ek_out grad;
  int32_t next; /* in the pool; 0: the last */
} ek__contribution;

/* The gradients that came to one output; made one when its op is visited. */
typedef struct ek__slot {
  int32_t first, last;
} ek__slot;

typedef struct ek__tape {
  ek_graph *g;
  const ek_gradients_opts *o;
  int n_ops, n_slots, n_edges; /* of the graph as it was at the start */
  uint8_t *flags;
  int32_t *base;    /* first slot of an op */
  int32_t *pending; /* gradients that an op still waits for */
  int32_t *queue;
  int32_t head, tail;
  ek__slot *slots;
  int32_t *consumers, *next, *consumer; /* of a slot: its first edge; of an edge: the next one, and who consumes */
  ek__contribution *pool;
  int n_pool, cap_pool;
  ek_out *dy, *dx, *terms; /* of the op under way */
  int cap_dy, cap_dx, cap_terms;
  ek__grad_loop *loops, *last_loop; /* those that gradients go through, in the order in which they were met */
} ek__tape;

/* false, with the error on the graph, when memory is out; ek__tape_fini in any case. */
bool ek__tape_init(ek__tape *t);
void ek__tape_fini(ek__tape *t);

bool ek__trainable(ek_dtype dtype); /* a dtype through which gradients flow */
static inline const ek__node *ek__tape_node(const ek__tape *t, int32_t op) { return &t->g->nodes[op - 1]; }

/* Sets REACHED, BETWEEN, the pending counts, and puts the ys to begin with into the queue; then STOP. */
void ek__tape_plan(ek__tape *t, ek_outs ys, ek_outs xs);
void ek__tape_mark_stops(ek__tape *t, ek_outs xs);
/* Puts an op into the queue. */
void ek__tape_push(ek__tape *t, int32_t op);
/* One more gradient for an output. */
void ek__tape_add(ek__tape *t, ek_out of, ek_out grad);
static inline ek__slot *ek__tape_slot(const ek__tape *t, ek_out of) { return &t->slots[t->base[of.op] + of.index]; }

static inline bool ek__tape_has_gradient(const ek__tape *t, ek_out of) { return ek__tape_slot(t, of)->first != 0; }

/* ---- grad_loops.c: control_flow_state.py's part in it */

/* A loop that the Exit leaves is to be gone through; other Exits of it are put into the queue. */
void ek__tape_add_loop(ek__tape *t, int32_t exit_op);
/* The loop whose grad context an op's gradient is built in. before: while its gradients are added up. */
ek__grad_loop *ek__tape_loop_of(const ek__tape *t, ek_op op, bool before);
/* Exits to which no gradient will come get zeros, if others of their loop get one. */
void ek__tape_unused_exits(ek__tape *t);
/* An Exit that waits for no more gradients: it is visited when all Exits of its loop are there. */
void ek__tape_defer_exit(ek__tape *t, ek_out exit);
bool ek__is_loop_switch(const ek_graph *g, ek_op op);
/* Zeros for output k of an op in a loop that gradients go through, in its grad context; false: it is in none. */
bool ek__tape_zeros_in_loop(ek__tape *t, ek_op op, int k, ek_out *zeros);
/* Closes the loops of gradients that do not depend on the iteration before. */
void ek__tape_close_loops(ek__tape *t);

#endif
