/* SPDX-License-Identifier: Apache-2.0 */
/* Control-flow contexts: which branch of which cond an op was built in. */
#ifndef EK_GRAPH_CONTEXT_H
#define EK_GRAPH_CONTEXT_H

#include "graph/graph.h"

typedef enum ek__context_kind { EK__COND, EK__WHILE } ek__context_kind;

typedef struct ek__external { /* an outside value, and what stands for it inside */
  ek_out from, to;
} ek__external;

struct ek__context {
  ek__context_kind kind;
  ek__context *parent;
  int number;              /* in g->contexts */
  const char *name;        /* "cond/cond_text" */
  ek_out pred;             /* pred_id of a cond */
  ek_out pivot;            /* switch_t or switch_f of a cond; the pivot of a loop */
  int branch;              /* 1: true */
  ek__external *externals; /* open addressing by from */
  int n_externals, cap_externals;
  ek_text imported; /* a WhileContextDef as it was in the file */
};

/* A context registered with the graph; parent: the current one. name is made unique ("cond_text"). */
ek__context *ek__context_new(ek_graph *g, ek__context_kind kind, const char *name);
/* What stands for value inside c: itself if it was made there, else a Switch output, made on first use. */
ek_out ek__context_add_value(ek_graph *g, ek__context *c, ek_out value);
/* Is the op inside c or a context within it? */
bool ek__context_holds(const ek_graph *g, const ek__context *c, ek_op op);
/* The outside-to-inside map, for files and for branch results. none if from is not in it. */
ek_out ek__context_external(const ek__context *c, ek_out from);
void ek__context_set_external(ek_graph *g, ek__context *c, ek_out from, ek_out to);
/* _SwitchRefOrTensor: Switch or RefSwitch of data by pred, colocated with data; "Switch" or ek_named's name. */
ek_op ek__switch_ref_or_tensor(ek_graph *g, ek_out data, ek_out pred);
/* The same with control dependencies cleared; output of branch. */
ek_out ek__switch_for(ek_graph *g, ek_out data, ek_out pred, int branch);

#endif
