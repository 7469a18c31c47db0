/* SPDX-License-Identifier: Apache-2.0 */
/* Fusing: a group of nodes becomes one node, whose step computes what somebody outside the group still reads. The
 * patterns, one file each, look at a node and describe the group that ends there; fuse.c decides whether that is
 * possible, and does it. */
#ifndef EK_PLAN_FUSE_H
#define EK_PLAN_FUSE_H

#include "ops/fused.h"
#include "plan/ir.h"

enum { EK__GROUP_NODES = 72, EK__GROUP_VALUES = 12 };

typedef struct ek__group {
  const ek_op_def *def;           /* of the new node */
  int32_t name;                   /* the member whose name it goes by in errors and profiles */
  int32_t nodes[EK__GROUP_NODES]; /* in the order of ek__fused.nodes */
  int n_nodes;
  int32_t in[EK__GROUP_VALUES]; /* what the new node reads */
  int n_in;
  int32_t out[EK__GROUP_VALUES]; /* the members' outputs that its outputs replace; all others are gone */
  int n_out;
  ek__fused fused;
} ek__group;

typedef struct ek__fuser {
  ek__ir *ir;
  int32_t *first_reader, *readers; /* value -> the nodes with steps that read it, once for each input */
  int n_values;                    /* of the graph before fusing, which is what patterns look at */
  int32_t *replaced;               /* value -> the output that took its place; itself */
  int32_t *first_write;            /* variable, by its slot's index -> the lowest rank of a node that writes it */
  int32_t *writes;                 /* the same -> how many nodes write it */
  bool *kept;                      /* value -> a fused node reads it */
  int32_t *rank;                   /* node -> its place in an order in which all fused so far stand too */
  uint32_t *mark, epoch;           /* node -> the last group that it was a member of; the group at hand */
  /* Of the group at hand */
  uint32_t *seen, *asked; /* node -> the last group for which is_independent was found, for which it is waited */
  bool *is_independent;   /* node -> it does not wait for the new node */
  int32_t *pulled;        /* nodes that stood behind the first member, and will not */
  int32_t *waits;         /* nodes that the new node waits for */
  int n_pulled, n_waits, budget;
} ek__fuser;

/* Patterns. False: the node is no end of such a group. */
typedef bool ek__pattern(const ek__fuser *f, int32_t node, ek__group *g);
ek__pattern ek__fuse_update;                                                        /* fuse_update.c */
ek__pattern ek__fuse_moving_average;                                                /* fuse_moving_average.c */
ek__pattern ek__fuse_batch_norm_grad;                                               /* fuse_batch_norm_grad.c */
ek__pattern ek__fuse_batch_norm_train, ek__fuse_batch_norm_infer, ek__fuse_moments; /* fuse_batch_norm.c */

/* ---- What patterns ask. "Live" nodes have a step of their own still. */
bool ek__fuse_live(const ek__fuser *f, int32_t node);
/* The live producer of the value if it is of that type, by TensorFlow's name; NULL. */
const ek__pnode *ek__fuse_producer(const ek__fuser *f, int32_t value, const char *type);
/* The value under its first name: behind Identity, Reshape, Squeeze and the like. */
int32_t ek__fuse_origin(const ek__fuser *f, int32_t value);

/* fuse_popped.c, for a loop that goes back over another one. */
/* What the other loop pushed, if the value is popped, as an output of the graph under its first name; none. */
ek_out ek__fuse_popped(const ek__fuser *f, int32_t value);
/* The output of the graph under its first name. */
ek_out ek__fuse_named_first(const ek_graph *g, ek_out out);
/* Is the value what that output of the other loop's body is: popped, or the same in all iterations of both? */
bool ek__fuse_is_forward(const ek__fuser *f, int32_t value, ek_out forward);
/* Both are one value: the same, or popped and once pushed as one. */
bool ek__fuse_same(const ek__fuser *f, int32_t a, int32_t b);

#endif
