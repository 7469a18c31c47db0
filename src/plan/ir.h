/* SPDX-License-Identifier: Apache-2.0 */
/* The copy of the graph on which a plan is made. Nodes stand in a topological order from the beginning, so every pass
 * is a loop over them. Nothing is ever taken out: what need not be computed stays as an order-only node, since "after"
 * is transitive through it. */
#ifndef EK_PLAN_IR_H
#define EK_PLAN_IR_H

#include "plan/plan.h"

typedef enum ek__pkind { EK__P_OP, EK__P_VIEW, EK__P_LATCH, EK__P_FETCH, EK__P_LOOP } ek__pkind;

typedef struct ek__ploop ek__ploop;
typedef struct ek__pmade ek__pmade; /* handles.c */

typedef struct ek__pnode {
  ek__pkind kind;
  ek_op op;               /* in the graph; of a VIEW: the reference's producer; of a LATCH, FETCH: of their input */
  const ek__node *node;   /* the same */
  const ek_op_def *def;   /* NULL unless kind is OP */
  int32_t *in, *controls; /* values, nodes */
  int n_in, n_controls;
  int32_t first_out; /* its outputs are values first_out .. first_out + n_out - 1 */
  int n_out;
  int32_t guard;       /* when it is alive */
  int32_t run_guard;   /* when its step runs: guard, or more once sunk into a branch */
  int32_t index;       /* LATCH: predicate; FETCH: fetch */
  bool needed;         /* has a step; else order-only */
  bool writes;         /* changes a variable */
  bool view_read;      /* a ReadVariableOp that need not copy */
  bool alias;          /* found to be one while folding: a reduction over no axis */
  const char *lacking; /* it cannot run here: why (lacking.c) */
  bool late;           /* in a branch, and impossible or huge: a matter of the run that takes the branch, if any does */
  int nodes;           /* of the graph that it stands for */
  const ek__fused *fused; /* if several */
  ek__ploop *loop;        /* of a LOOP */
} ek__pnode;

typedef struct ek__pvalue {
  int32_t node; /* its producer; -1: a feed, or what a loop begins its iterations with */
  int32_t feed; /* -1: not fed */
  ek_op op;     /* the Enter or Merge, of what a loop begins with */
  ek_dtype dtype;
  bool is_ref;
  ek_shape shape;
  ek_tensor *constant; /* borrowed from the graph or owned by the plan */
  int32_t guard;
  ek_slot *slot;    /* of a reference or a resource */
  ek_slot *view_of; /* its memory is this variable's */
  ek__pmade *made;  /* of a handle: the stack or TensorArray that it is of, if that is known */
  int32_t pred;     /* index of its latch; -1: none */
  int32_t fetch;    /* it is copied to this fetch; -1: none */
  /* Memory, decided by memory.c */
  int32_t root; /* the value whose memory this is; itself unless an alias */
  bool dynamic; /* its place or size is known only while running */
  bool carried; /* from one iteration of a loop to the next */
} ek__pvalue;

typedef struct ek__frames ek__frames; /* frames.c */

typedef struct ek__ir {
  const ek__plan_env *env;
  ek__plan *plan;     /* being made */
  ek__arena *scratch; /* gone when planning is done */
  ek_status *st;
  ek__pnode *nodes;
  int n_nodes, cap_nodes;
  ek__pvalue *values;
  int n_values, cap_values;
  int32_t *node_of_op;  /* graph op id -> node, -1; the same array in all loops, an op is in one */
  int32_t *value_of_op; /* graph op id -> its first value, where it is read */
  ek__frames *frames;   /* NULL: the graph has no loop */
  ek__ploop *loop;      /* whose body this is; NULL: the plan itself */
  int32_t *latch_of;    /* predicate -> its LATCH node */
  int32_t *order;       /* node indices in the order of execution (order.c) */
  int32_t *position;    /* node -> place in order */
} ek__ir;

void *ek__ir_alloc(ek__ir *ir, size_t count, size_t size); /* scratch; NULL with st set */

ek_code ek__ir_build(ek__ir *ir,
                     const ek__plan_key *key); /* build.c: prune to ancestors, order, insert views, latches, fetches */
ek_code ek__ir_guards(ek__ir *ir);             /* guard.c */
ek_code ek__ir_lacking(ek__ir *ir);            /* lacking.c: what cannot run here */
ek_code ek__ir_lacking_needed(const ek__ir *ir); /* the same, once it is known what is needed and where */
ek_code ek__ir_fold(ek__ir *ir);                 /* fold.c: shapes, constants */
ek_code ek__ir_needed(ek__ir *ir);               /* needed.c: what has a step; sinking into branches */
ek_code ek__ir_fuse(ek__ir *ir);                 /* fuse.c: groups of nodes that become one */
ek_code ek__ir_order(ek__ir *ir);                /* order.c */
ek_code ek__ir_memory(ek__ir *ir);               /* memory.c: bindings and the arena */
ek_code ek__ir_emit(ek__ir *ir);                 /* emit.c: steps */

static inline const ek__pnode *ek__producer(const ek__ir *ir, int32_t value) {
  return ir->values[value].node >= 0 ? &ir->nodes[ir->values[value].node] : NULL;
}
/* It stands for a variable and has no memory of its own. Any other resource is a handle: a pointer to what the run
 * made. */
static inline bool ek__is_variable(const ek__pvalue *v) {
  return v->is_ref || (v->dtype == EK_RESOURCE && v->slot != NULL);
}
static inline bool ek__is_type(const ek__pnode *n, const ek_op_def *def) {
  return n->kind == EK__P_OP && n->def == def;
}
/* Output 0 shares input 0's memory: Identity, Reshape, and Switch, whose outputs both do. */
bool ek__is_alias(const ek__pnode *n);
bool ek__reads_resource(
    const ek__pnode *n); /* ReadVariableOp: a view if no write comes between it and its readers, else a copy */
bool ek__has_late_shape(const ek__ir *ir, const ek__pnode *n); /* emit.c: some output gets its memory while running */
size_t ek__element_size(ek_dtype dtype);                       /* memory.c: in memory; a handle's is a pointer's */
bool ek__is_huge(const ek__ir *ir, const ek__pnode *n);        /* memory.c: some output had better not be had in vain */
bool ek__is_pure(const ek__pnode *n);                          /* no state read or changed, nothing seen outside */

/* guard.c */
int32_t ek__guard_and(ek__ir *ir, int32_t a, int32_t b);           /* -1 with st set */
bool ek__guard_implies(const ek__guards *g, int32_t a, int32_t b); /* whenever a is alive, b is */

/* Calls visit for every predicate that guard's atoms mention. */
void ek__guard_preds(const ek__guards *g, int32_t guard, void (*visit)(void *ctx, int32_t pred), void *ctx);

/* fold.c: runs the shape rule of a late step on the inputs that it has now: step->late->out[i].shape. */
ek_code ek__infer_late(const ek_graph *g, const ek__step *step);

extern const ek_op_def ek_op_switch, ek_op_ref_switch, ek_op_merge, ek_op_ref_merge, ek_op_const, ek_op_identity,
    ek_op_loop_cond, ek_op_control_trigger;
static inline bool ek__is_merge(const ek__pnode *n) {
  return ek__is_type(n, &ek_op_merge) || ek__is_type(n, &ek_op_ref_merge);
}

#endif
