/* SPDX-License-Identifier: Apache-2.0 */
/* A loop while planning: a node of the IR around it, whose inputs are the Enters' and whose outputs are the Exits'; its
 * body is an IR of its own, of which one pass is one iteration. */
#ifndef EK_PLAN_LOOP_H
#define EK_PLAN_LOOP_H

#include "plan/ir.h"

typedef struct ek__pcarry { /* a Merge of an Enter and a NextIteration */
  ek_op merge;
  int32_t in;         /* the input of the LOOP that it begins with */
  int32_t now, index; /* values of the body: the Merge's two */
  int32_t next;       /* NextIteration's */
  bool coalesced;     /* next is computed where now lies */
  bool in_place;      /* so, or now itself: nothing is to be copied */
  int64_t staged;     /* where next is copied first, since it is another carry; -1: nowhere */
} ek__pcarry;

typedef struct ek__penter { /* by input of the LOOP */
  ek_op op;
  int32_t from;  /* value around the loop */
  int32_t value; /* in the body: the same in every iteration; -1: what a carry begins with */
} ek__penter;

struct ek__ploop {
  const char *frame;
  ek__ir *around, body;
  ek__ploop *next; /* of all loops of the plan */
  ek__penter *enters;
  ek__pcarry *carries;
  int n_enters, n_carries;
  int cap_enters, cap_carries;
  int32_t *exits; /* values of the body, by output of the LOOP */
  bool *exit_used;
  int n_exits;
  int32_t pred; /* of the body: what decides; and how it is when the loop goes on */
  bool go_on;
  int folds;        /* how often fold.c went over it */
  ek__pnode *nodes; /* the body's, as they were before */
  ek__pvalue *values;
  size_t offset; /* of the body's memory in the arena of the IR around it */
};

/* What is fed, by op. */
typedef struct ek__feed_table {
  int32_t *first; /* op id -> first entry of feeds, -1 */
  const ek_out *feeds;
  const int32_t *values; /* of the feeds */
  int n;
} ek__feed_table;

/* build.c */
int32_t ek__fed_value(const ek__feed_table *feeds, ek_out out); /* -1: not fed */
/* The value of out where a node of ir reads it. */
int32_t ek__ir_value_of(const ek__ir *ir, const ek__feed_table *feeds, ek_out out);
int32_t ek__ir_add_value(ek__ir *ir, ek__pvalue v); /* -1 with st set */
int32_t ek__ir_add_node(ek__ir *ir, ek__pnode n);
/* Value i that a node reads; of a reference that it takes as a plain value, a view after the controls. */
int32_t ek__ir_read(ek__ir *ir, const ek__feed_table *feeds, const ek__node *node, int i, const int32_t *controls,
                    int n_controls);
/* A node with its values; all that it reads is there. */
ek_code ek__ir_add_op(ek__ir *ir, const ek__feed_table *feeds, ek_op op);

/* frames.c: which loop every op is in that fetches and targets need. Frame 0 is no loop; an Enter belongs to the loop
 * that it leads into, an Exit to what is around. */
typedef struct ek__op_list {
  ek_op *at;
  int n, cap;
} ek__op_list;
typedef struct ek__frame_of {
  int32_t parent;
  int depth;
  const char *name;
  ek__op_list enters, exits;
} ek__frame_of;
struct ek__frames {
  int32_t *of; /* op id -> frame; -1: not needed */
  ek__frame_of *at;
  int n, cap;
  ek__ploop *loops;  /* all that were made */
  uint8_t *let_go;   /* op -> late_enters.c: an Enter that does not come in, a Const that does not wait */
  ek__op_list extra; /* what has to run besides fetches and targets */
  uint8_t *stacks;   /* handles.c: by op, of a StackV2: one op pushes and one pops; NULL: not looked at yet */
};
ek_code ek__op_list_add(ek__ir *ir, ek__op_list *l, ek_op op);
/* late_enters.c, when frames are known */
ek_code ek__find_late_enters(ek__ir *ir, const ek__feed_table *feeds);
/* ir->frames stays NULL where the graph has no loop. */
ek_code ek__frames_find(ek__ir *ir, const ek__plan_key *key, const ek__feed_table *feeds);
void ek__frames_fini(ek__ir *ir);
/* Input or control input i of the node as far as this run follows it; id 0: cut by a feed. Predicates come early:
 * guards need them. */
ek_op ek__predecessor(const ek__ir *ir, const ek__feed_table *feeds, const ek__node *n, int i);
bool ek__is_enter(const ek__node *n);
bool ek__is_exit(const ek__node *n);
bool ek__is_next_iteration(const ek__node *n);
/* A Merge that takes a NextIteration: where an iteration begins. */
bool ek__is_loop_merge(const ek_graph *g, const ek__node *n);

/* walk.c: from fetches and targets to all nodes in an order, loops and all */
ek_code ek__walk(ek__ir *ir, const ek__plan_key *key, const ek__feed_table *feeds);

ek_code ek__fold_handle(ek__ir *ir, const ek__pnode *n); /* handles.c: of a node with EK_OP_HANDLES */
/* Pushes or pops what is known while planning, and the stack has no other pushes and pops: it need not run. */
bool ek__is_known_stack(const ek__ir *ir, const ek__pnode *n);
/* The op of the graph that alone puts values into the stack or TensorArray; id 0: nobody, several, or not known. */
ek_op ek__only_writer(const ek__pmade *made);
ek_code ek__fold_loop(ek__ir *ir, const ek__pnode *loop); /* fold_loop.c: shapes in it and of what it returns */

#endif
