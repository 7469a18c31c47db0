/* SPDX-License-Identifier: Apache-2.0 */
/* Control-flow contexts: which branch of which cond, or which loop, an op was built in. */
#ifndef EK_GRAPH_CONTEXT_H
#define EK_GRAPH_CONTEXT_H

#include "graph/graph.h"

typedef enum ek__context_kind { EK__COND, EK__WHILE } ek__context_kind;

enum { EK__ITSELF = -1 };
typedef struct ek__external { /* an outside value, and what stands for it inside; EK__ITSELF: it counts as one of them
                               */
  ek_out from, to;
} ek__external;

typedef struct ek__out_map { /* open addressing by from, in the graph's arena */
  ek__external *at;
  int n, cap;
} ek__out_map;
ek_out ek__out_map_get(const ek__out_map *m, ek_out from); /* none if from is not in it */
void ek__out_map_set(ek_graph *g, ek__out_map *m, ek_out from, ek_out to);

typedef struct ek__out_list {
  ek_out *at; /* in the graph's arena */
  int n, cap;
} ek__out_list;

typedef struct ek__grad_loop ek__grad_loop; /* graph/grad_loop.h */

struct ek__context {
  ek__context_kind kind;
  ek__context *parent;
  int number;       /* in g->contexts */
  const char *name; /* "cond/cond_text", "while/while_context" */
  ek_out pred;      /* pred_id of a cond */
  ek_out pivot;     /* switch_t or switch_f of a cond; LoopCond of a loop */
  int branch;       /* 1: true */
  ek__out_map externals;
  /* of a loop */
  ek_out pivot_for_pred, pivot_for_body; /* what constants of the condition and of the body wait for */
  ek_out maximum_iterations;             /* none: as many as it takes */
  int64_t parallel_iterations;
  bool back_prop, swap_memory;
  ek__out_list enters, exits; /* of its variables */
  ek__grad_loop *grad;        /* of a loop that goes back over another one */
};

/* A context registered with the graph; parent: the current one. name is made unique ("cond_text"). */
ek__context *ek__context_new(ek_graph *g, ek__context_kind kind, const char *name);
/* What stands for value inside c: itself if it was made there, else a Switch output or an Enter, made on first use. */
ek_out ek__context_add_value(ek_graph *g, ek__context *c, ek_out value);
/* Is the op inside c or a context within it? */
bool ek__context_holds(const ek_graph *g, const ek__context *c, ek_op op);
/* The outside-to-inside map, for files and for branch results. none if from is not in it. */
ek_out ek__context_external(const ek__context *c, ek_out from);
void ek__context_set_external(ek_graph *g, ek__context *c, ek_out from, ek_out to);
/* AddName: the value counts as one of c's. */
void ek__context_add_name(ek_graph *g, ek__context *c, ek_out value);
/* _SwitchRefOrTensor: Switch or RefSwitch of data by pred, colocated with data; "Switch" or ek_named's name. */
ek_op ek__switch_ref_or_tensor(ek_graph *g, ek_out data, ek_out pred);
/* The same with control dependencies cleared; output of branch. */
ek_out ek__switch_for(ek_graph *g, ek_out data, ek_out pred, int branch);

/* The innermost loop that c is or is in; NULL: none. */
ek__context *ek__context_loop(ek__context *c);
/* Where the results of the op belong: its context, or what is around the loop that it leaves. */
ek__context *ek__output_context(const ek_graph *g, ek_op op);
bool ek__is_exit_op(const ek_graph *g, ek_op op);
bool ek__is_enter_op(const ek_graph *g, ek_op op);
bool ek__is_constant_enter(const ek_graph *g, ek_op op);

/* ---- loop_context.c */

void ek__out_list_add(ek_graph *g, ek__out_list *l, ek_out out);
/* Enter or RefEnter of value into c's frame, "Enter" or ek_named's name; keep_shape: it has the value's. */
ek_out ek__enter(ek_graph *g, const ek__context *c, ek_out value, bool constant, bool keep_shape);
/* Into c: control inputs of open blocks as far as they reach, and membership. */
void ek__enter_settle(ek_graph *g, ek__context *c, ek_out entered);
ek_out ek__merge(ek_graph *g, ek_out a, ek_out b); /* output 0; "Merge" or ek_named's name */
ek_out ek__exit(ek_graph *g, ek_out value);
ek_out ek__next_iteration(ek_graph *g, ek_out value);
/* ExitResult: a result of c counts as one of what is around it. */
void ek__exit_result(ek_graph *g, const ek__context *c, ek_out result);
ek_out ek__loop_add_value(ek_graph *g, ek__context *c, ek_out value);
void ek__loop_add_op(ek_graph *g, ek__context *c, ek_op op);
void ek__cond_add_op(ek_graph *g, ek__context *c, ek_op op); /* context.c */
/* Control inputs from outside the loop that c is in go; those with results are put into external, n of them. */
int ek__remove_external_controls(ek_graph *g, ek__context *c, ek_op op, ek_op *external, int max);
/* Builds in c until the end: as Enter and Exit of TensorFlow's contexts. */
void ek__context_begin(ek_graph *g, ek__context *c);
void ek__context_end(ek_graph *g);

#endif
