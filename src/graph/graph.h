/* SPDX-License-Identifier: Apache-2.0 */
/* The graph as its own module, the planner and the file formats see it. */
#ifndef EK_GRAPH_GRAPH_H
#define EK_GRAPH_GRAPH_H

#include "base/map.h"
#include "evenkeel/graph.h"
#include "graph/signature.h"
#include "tensor/tensor.h"

#include <stdatomic.h>

typedef struct ek__context ek__context; /* graph/context.h: cond and while */

/* A control_dependencies block: what it adds, and which block it was opened in (NULL after None). Blocks outlive their
 * end, since nodes remember where they were made. */
typedef struct ek__control_block {
  const struct ek__control_block *parent;
  const int32_t *ops;
  int n;
} ek__control_block;

/* What is known of an output. */
typedef struct ek__type {
  ek_dtype dtype;
  bool is_ref;
  ek_shape shape;
} ek__type;

typedef struct ek__node {
  const char *name, *type, *device;
  const ek_op_def *def; /* NULL: a type that we do not have; kept for the file, an error when a run needs it */
  ek_out *inputs;
  int32_t *controls; /* op ids, without duplicates, in the order they came */
  ek_attr *attrs;    /* sorted by name */
  ek__type *outputs;
  int n_inputs, n_controls, n_attrs, n_outputs;
  ek__context *context;
  const ek__control_block *block; /* innermost when it was created */
  bool not_fetchable, not_feedable;
  uint32_t mark; /* equal to the graph's: seen by whoever is walking */
} ek__node;

typedef struct ek__collection {
  const char *key;
  ek_item *items;
  int n, cap;
} ek__collection;

/* A frame of ek_name_scope, control dependencies or colocation; one stack, so that a block left open is seen. */
typedef enum ek__frame_kind {
  EK__FRAME_NAME,
  EK__FRAME_CONTROL,
  EK__FRAME_COLOCATE,
  EK__FRAME_INIT,
  EK__FRAME_VARIABLES,
  EK__FRAME_OTHER
} ek__frame_kind;
typedef struct ek__frame {
  ek__frame_kind kind;
  const char *saved_scope;
  const ek__control_block *saved_block;
  ek__context *saved_context;
  int saved_colocation; /* depth */
  const char *saved_class_scope;
  const char *what; /* for the message about a block left open */
} ek__frame;

/* One of the three. */
typedef struct ek__literal {
  ek_tensor *value;         /* float64 or int64; takes the dtype asked for when placed */
  ek_indexed_slices slices; /* made a tensor where it is placed */
  ek_variable variable;     /* read where it is placed */
} ek__literal;

/* What an ek_graph pointer may point to: the graph itself, or ek_named's stand-in for it. Building calls begin with
 * ek__unname. */
typedef struct ek__handle {
  ek_graph *graph;
  const char *name; /* NULL in the graph itself */
} ek__handle;

typedef struct ek__graph_slot {
  const char *key;
  void *value;
  struct ek__graph_slot *next;
} ek__graph_slot;

struct ek_graph {
  ek__handle handle;
  _Atomic int refs;
  const ek_allocator *allocator;
  ek__arena arena;
  ek_status status; /* the first error */
  bool finalized;
  uint64_t version; /* rises with every change; a part of the key of a plan */

  ek__node *nodes; /* node with id i is nodes[i - 1] */
  int n_nodes, cap_nodes;
  uint32_t mark;        /* of the walk under way */
  ek__map ops_by_name;  /* exact name -> id */
  ek__map names_in_use; /* lower-cased name -> next suffix to try */
  ek__map signatures;   /* op type -> ek__signature*, as an integer */
  ek__map grad_cache;   /* what gradients compute once a graph */

  const char *scope; /* current name scope without slash; "" at the root */
  const ek__control_block *block;
  ek__context *context;
  const char *class_scope; /* "loc:@w" on ops made now: what is made for a variable that does not exist yet; or NULL */
  ek_op *colocation;       /* stack */
  int n_colocation, cap_colocation;
  ek__frame *frames;
  int n_frames, cap_frames;

  ek__literal *literals; /* literal with id -k is literals[k - 1] */
  int n_literals, cap_literals;

  ek__collection *collections;
  int n_collections, cap_collections;

  ek_tensor **tensors; /* references held by attributes */
  int n_tensors, cap_tensors;

  int64_t seed; /* of ek_set_random_seed */
  bool has_seed;
  int64_t n_seedless; /* ops that took their seed from their number */

  struct ek__variable *variables; /* variable with id i is variables[i - 1] */
  int n_variables, cap_variables;
  struct ek__variable_scopes *scopes; /* graph/variable_scope.c */
  ek__context **contexts;             /* all, in the order of creation */
  int n_contexts, cap_contexts;
  ek_text library;       /* a FunctionDefLibrary as it was in the file */
  ek_text meta_rest;     /* a MetaGraphDef with only what the graph does not hold: signatures, assets, its own notes */
  int producer;          /* of the file it came from, else ours (134) */
  ek__graph_slot *slots; /* what others keep with the graph */
};

/* NULL for none or an id out of range. The pointer moves when the graph grows. */
ek__node *ek__node_of(const ek_graph *g, ek_op op);
const ek__type *ek__type_of(const ek_graph *g, ek_out out); /* NULL if there is no such output */

bool ek__graph_ok(ek_graph *g); /* no error so far, not finalized (which becomes the error) */
void ek__graph_ref(ek_graph *g);
/* A fresh status for an inner call, whose error then goes onto the graph: ek__graph_take(g, &st). True if it was EK_OK.
 */
bool ek__graph_take(ek_graph *g, const ek_status *st);
ek_code ek__graph_no_memory(ek_graph *g);

char *ek__graph_strdup(ek_graph *g, const char *s); /* arena; NULL after putting the error on the graph */
char *ek__graph_printf(ek_graph *g, const char *fmt, ...) EK_PRINTF(2, 3);
void *ek__graph_alloc(ek_graph *g, size_t count, size_t size);

const ek__signature *
ek__graph_signature(ek_graph *g, const char *type); /* NULL: no such type (no error), or an error on the graph */

/* ---- node.c */
/* A node as it stands, for files and for control flow: no name made unique, no control inputs of open blocks, no Switch
 * for what a context captures, no inference. It is noted as made in the current context and block. Attributes are
 * copied. Outputs are made when def is known (dtypes set from the signature). */
typedef struct ek__node_spec {
  const char *name, *type, *device;
  const ek_out *inputs;
  int n_inputs;
  const int32_t *controls;
  int n_controls;
  const ek_attr *attrs;
  int n_attrs;
} ek__node_spec;
ek_op ek__node_add(ek_graph *g, const ek__node_spec *spec);
void ek__node_set_input(ek_graph *g, ek_op op, int i, ek_out value);
void ek__node_add_control(ek_graph *g, ek_op op, ek_op control); /* the caller sees to duplicates */
bool ek__node_has_control(const ek_graph *g, ek_op op, ek_op control);
void ek__node_remove_controls(ek_graph *g, ek_op op);
void ek__node_set_attr(ek_graph *g, ek_op op, ek_attr attr);  /* replaces or inserts */
ek_code ek__node_infer(ek_graph *g, ek_op op, ek_status *st); /* runs the shape rule, merging into what is known */
/* Makes room for output index of a node whose type is unknown. */
ek_code ek__node_grow_outputs(ek_graph *g, ek_op op, int n);

/* How many tensors an argument of n stands for; -1 if its attribute is missing or absurd. */
int64_t ek__arg_length(const ek__node *n, const ek__arg *arg);
/* The dtype of tensor i of them; EK_INVALID_DTYPE if its attribute is missing. */
ek_dtype ek__arg_dtype(const ek__node *n, const ek__arg *arg, int i);

/* ---- check.c */
/* Does a node that was not built here (ek__node_add) follow its signature: attributes there, of their kind and in their
 * range, as many inputs as needed, of the right dtypes? Inputs that are none, or of unknown dtype, pass.
 * INVALID_ARGUMENT; UNIMPLEMENTED: all well, but for dtypes that the op does not have here. A type without signature
 * passes. */
ek_code ek__node_check(ek_graph *g, ek_op op, ek_status *st);

/* ---- names.c */
const char *ek__unname(ek_graph **g); /* the name that comes with *g, or NULL; *g becomes the graph itself */
/* The scope string that a name makes here, as ek_name_scope_begin has it. */
const char *ek__scope_for(ek_graph *g, const char *name);
void ek__push_scope(ek_graph *g, const char *full_scope); /* as it stands */

/* ---- control.c */
ek__frame *ek__push_frame(ek_graph *g, ek__frame_kind kind, const char *what); /* saves everything; NULL on error */
void ek__pop_frame(ek_graph *g, ek__frame_kind kind);                          /* restores everything */
void ek__apply_control_block(ek_graph *g, ek_op op); /* adds the control inputs that the current block asks for */
void ek__colocate(ek_graph *g, ek_op op);            /* gives it the "_class" that open colocation blocks ask for */
const char *ek__open_frame(const ek_graph *g);       /* what of the innermost open block, or NULL */

/* ---- literal.c */
ek_out ek__literal_add(ek_graph *g, ek__literal l);
ek_out ek__place_literal(ek_graph *g, ek_out literal, ek_dtype dtype, const char *name);
ek_dtype ek__literal_dtype(const ek_graph *g, ek_out literal); /* int32 or float32: what Python would give */

bool ek__is_number(const ek_graph *g, ek_out out); /* a literal that takes the dtype of its surroundings */
ek_out ek__operand_literal(ek_graph *g, ek_variable v);
/* Element i of a tensor just made; INVALID_ARGUMENT if its dtype cannot hold the value. */
ek_code ek__set_number(ek_tensor *t, int64_t i, double value, ek_status *st);
/* A Const of that shape, every element value (strings: empty). */
ek_out ek__constant_filled(ek_graph *g, ek_dtype dtype, ek_shape shape, double value, const char *name);

/* ---- context.c: makes op's inputs available in the current context (Switch nodes in a cond), marks it as a member. */
void ek__context_add_op(ek_graph *g, ek_op op);

#endif
