/* SPDX-License-Identifier: Apache-2.0 */
/* What a MetaGraphDef holds beside its graph: collections, and the variables and contexts in them. */
#ifndef EK_FORMATS_META_GRAPH_H
#define EK_FORMATS_META_GRAPH_H

#include "formats/graph_def.h"
#include "graph/context.h"
#include "graph/variables.h"

#include "control_flow.pb-c.h"
#include "meta_graph.pb-c.h"
#include "variable.pb-c.h"

/* ---- meta_graph_read.c, meta_graph_write.c. size: of the file. What is exported lies in arena and borrows from g. */
ek_code ek__meta_graph_import(ek_graph *g, const Ek__MetaGraphDef *meta, size_t size, const char *what,
                              const ek_import_graph_def_opts *o, ek_saver_def *saver, ek_status *st);
ek_code ek__meta_graph_export(const ek_graph *g, const ek_export_meta_graph_opts *o, ek__arena *arena,
                              Ek__MetaGraphDef **out, ek_status *st);

/* Is key's collection one of variables, which are written as VariableDefs? */
bool ek__is_variable_key(const char *key);

/* ---- context_proto.c: conds and loops. Everything that is written lies in arena. */

/* The context that def describes, and those nested in it, added to g; the nodes in it learn of it. INVALID_ARGUMENT: it
 * names what the graph does not have. */
ek_code ek__context_from_proto(ek_graph *g, const Ek__ControlFlowContextDef *def, ek__context *parent,
                               ek__context **out, ek_status *st);

/* The nodes of every context and the contexts in every context, found once. */
typedef struct ek__context_index {
  int32_t *nodes, *first_node;  /* ids of the nodes of context i: nodes[first_node[i]] up to nodes[first_node[i + 1]] */
  int32_t *inner, *first_inner; /* numbers of the contexts in context i, in the same way */
} ek__context_index;
ek_code ek__context_index_make(const ek_graph *g, ek__arena *arena, ek__context_index *out, ek_status *st);
ek_code ek__context_to_proto(const ek_graph *g, const ek__context *c, const ek__context_index *index, ek__arena *arena,
                             Ek__ControlFlowContextDef **out, ek_status *st);

/* ---- variable_proto.c */
ek_code ek__variable_from_proto(const ek_graph *g, const Ek__VariableDef *def, ek__arena *arena, ek__variable *out,
                                ek_status *st);
ek_code ek__variable_to_proto(const ek_graph *g, const ek__variable *v, ek__arena *arena, Ek__VariableDef **out,
                              ek_status *st);

/* ---- names_in_proto.c: messages whose strings are all names of ops, outputs and contexts */

/* Every string of m that is not empty becomes "scope/string", in arena; scope "": nothing changes. */
ek_code ek__scope_names(ProtobufCMessage *m, const char *scope, ek__arena *arena, ek_status *st);
/* "op:index" in arena, NULL after setting the status. */
char *ek__out_text(const ek_graph *g, ek_out out, ek__arena *arena, ek_status *st);

#endif
