/* SPDX-License-Identifier: Apache-2.0 */
/* A GraphDef as the graph it describes, and back. */
#ifndef EK_FORMATS_GRAPH_DEF_H
#define EK_FORMATS_GRAPH_DEF_H

#include "evenkeel/formats.h"
#include "formats/attr_value.h"

#include "graph.pb-c.h"

/* ---- graph_def_links.c: what the inputs of the nodes refer to, checked before the graph is touched */

typedef struct ek__link {
  int32_t node; /* its place in the file; -1: mapped to an output that is already in the graph */
  int32_t port; /* -1: a control input */
  ek_out mapped;
} ek__link;

typedef struct ek__links {
  ek__link *at;   /* all inputs of all nodes, in the order of the file */
  size_t *first;  /* those of node i: at[first[i]] up to at[first[i + 1]], data before control */
  int32_t *order; /* every node after what it reads, except for NextIteration -> Merge */
} ek__links;

/* All of *links lies in arena. INVALID_ARGUMENT: names that are none or come twice, inputs that are not there, cycles,
 * an entry of the input map that nothing reads. */
ek_code ek__links_read(const Ek__GraphDef *def, const char *what, const ek_import_graph_def_opts *o, ek__arena *arena,
                       ek__links *links, ek_status *st);
/* NextIteration -> Merge: the edge that closes a loop. */
bool ek__is_back_edge(const Ek__GraphDef *def, const ek__link *link, size_t reader);

/* ---- graph_def_read.c. size: of the file. scope: NULL, or receives the unique scope of o->prefix, kept by g. */
ek_code ek__graph_def_import(ek_graph *g, const Ek__GraphDef *def, size_t size, const char *what,
                             const ek_import_graph_def_opts *o, const char **scope, ek_status *st);

/* ---- graph_def_write.c. *out lies in arena and borrows from g. */
ek_code ek__graph_def_export(const ek_graph *g, const ek_export_graph_def_opts *o, ek__arena *arena, Ek__GraphDef **out,
                             ek_status *st);

/* ---- graph_file.c: any message as a file, in the form that the path asks for */
ek_code ek__message_read(const ProtobufCMessageDescriptor *d, const char *path, const ek_allocator *a,
                         ProtobufCMessage **out, size_t *size, ek_status *st);
ek_code ek__message_write(const ProtobufCMessage *m, const char *path, const ek_allocator *a, ek_status *st);

#endif
