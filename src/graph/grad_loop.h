/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients of loops. For a loop of the graph a second one is built that goes back over its iterations: the first one
 * counts them (f_count), and pushes on stacks what the second one (b_count) pops. */
#ifndef EK_GRAPH_GRAD_LOOP_H
#define EK_GRAPH_GRAD_LOOP_H

#include "graph/context.h"

struct ek__grad_loop {
  ek__context *forward, *grad;
  ek__grad_loop *outer; /* of the loop around, if gradients go through that one too */
  ek__grad_loop *next;  /* of all loops of a call of gradients */
  ek__context *called_in;
  ek_out forward_index, grad_index; /* NextIteration of the two counters */
  ek_op forward_sync, grad_sync;    /* ControlTriggers; none until they are needed */
  ek__out_map history;              /* value of an iteration -> what it is on the way back */
  ek__out_map switches;             /* output 0 of a forward Switch -> the Merge of its gradient */
  ek__out_list merges;              /* of these, in their order */
  ek__out_list exits;               /* of the forward loop as it was */
  ek__out_list unused, deferred;    /* of these: without a gradient; with one, perhaps, but too early */
  int pending_exits;
};

/* The state of a forward loop, which is new. outer may be NULL. */
ek__grad_loop *ek__grad_loop_new(ek_graph *g, ek__context *forward, ek__grad_loop *outer);

/* Builds in the context in which gradients was called, until the end: TensorFlow leaves the grad context for that. */
void ek__grad_loop_leave(ek_graph *g, const ek__grad_loop *l);
void ek__grad_loop_return(ek_graph *g);

/* A stack onto which the forward loop pushes value in every iteration; and what is popped from it on the way back.
 * dead_branch: the value is there when the other branch of its cond is taken. */
ek_out ek__grad_loop_push(ek_graph *g, ek__grad_loop *l, ek_out value, bool dead_branch);
ek_out ek__grad_loop_pop(ek_graph *g, ek__grad_loop *l, ek_out stack, ek_out value, bool dead_branch);
/* What value of the forward loop is in the iteration that is gone over. Built in the grad context. */
ek_out ek__grad_loop_real_value(ek_graph *g, ek__grad_loop *l, ek_out value);
/* The predicate of a cond in the loop, the same way. */
ek_out ek__grad_loop_real_pred(ek_graph *g, ek__grad_loop *l, ek_out pred);
/* The sum over all iterations of the gradient of a loop invariant, which comes in by that Enter. */
ek_out ek__grad_loop_accumulate(ek_graph *g, ek__grad_loop *l, ek_op enter, ek_out dy);

/* The same of slices (grad_loop_slices.c): the rows of all iterations behind each other, and before them row 0 with
 * zeros, as TensorFlow has it. */
ek_out ek__grad_loop_accumulate_slices(ek_graph *g, ek__grad_loop *l, ek_op enter, ek_indexed_slices s);

/* Adds NextIteration of value and makes it the second input of merge. */
void ek__grad_loop_go_round(ek_graph *g, ek_out merge, ek_out value);

#endif
