/* SPDX-License-Identifier: Apache-2.0 */
/* A plan: the compiled form of one combination of feeds (with shapes), fetches and targets. Executing it follows a list
 * of steps and allocates nothing. A step is a kernel or one of the small things that a kernel is not: binding a view,
 * choosing at a Merge. */
#ifndef EK_PLAN_PLAN_H
#define EK_PLAN_PLAN_H

#include "evenkeel/session.h"
#include "ops/run.h"

typedef struct ek__plan ek__plan;

typedef enum ek__step_kind {
  EK__STEP_RUN,   /* an op's run */
  EK__STEP_VIEW,  /* out 0 becomes the variable's memory; an error if it has no value */
  EK__STEP_ALIAS, /* out 0 becomes input 0's memory, whose place is known only now */
  EK__STEP_MERGE, /* out 0 becomes the live input's memory */
  EK__STEP_LATCH, /* keeps a predicate for the guards */
  EK__STEP_FETCH, /* copies input 0 into the fetch's tensor */
  EK__STEP_LOOP   /* a plan of its own, again and again */
} ek__step_kind;

/* Of a step some of whose shapes are known only while running. */
typedef struct ek__late {
  ek__type *in, *out; /* room for inference: one for each input and output */
  ek_tensor *views;   /* one for each input */
  ek_shape *prepared; /* of inputs, then outputs: what c.state was made for */
  bool is_prepared;
  size_t scratch_bytes;
} ek__late;
/* What a Merge at the head of a loop holds from one iteration to the next. */
typedef struct ek__carry {
  int32_t in; /* of the step: the first value */
  ek_value *now, *index, *next;
  bool in_place;  /* next lies where now does: nothing is to be copied */
  bool late;      /* its size is known only now */
  int64_t staged; /* offset in the body's memory of a copy made first, since another carry is next; -1: none */
  void *old;      /* of one that is late, between two iterations */
  ek_value fresh;
} ek__carry;
typedef struct ek__loop {
  ek__plan *body;
  size_t offset; /* of the body's memory in the arena of the plan around it */
  const char *name;
  ek_value **constants; /* by input; NULL: a carry's */
  ek__carry *carries;
  int n_carries;
  ek_value **exits; /* by output; NULL: nobody needs it */
  bool *late_exits; /* its size is known only now */
  int32_t pred;     /* of the body */
  bool go_on;       /* as it is when another iteration follows */
} ek__loop;

typedef struct ek__step {
  ek_run_context c;
  ek_code (*run)(ek_run_context *c);
  void (*release)(void *state); /* of c.state; the graph's nodes may have moved when the plan is freed */
  ek__step_kind kind;
  bool dynamic;             /* some output's shape is known only now: infer it first */
  ek__late *late;           /* RUN, ALIAS: not NULL if dynamic, or if some input's shape is: check, prepare now */
  int32_t guard;            /* 0: always */
  int32_t skip_to;          /* the first later step with another guard */
  int32_t index;            /* LATCH: which predicate; FETCH: which fetch */
  const int32_t *in_guards; /* MERGE: of its inputs */
  int nodes;                /* of the graph that it stands for */
  int64_t bytes;            /* of its outputs */
  ek__loop *loop;           /* LOOP */
} ek__step;

/* Guards: under which predicates a step is alive. A guard is a conjunction of atoms; guard 0 has none and is always
 * true. */
typedef struct ek__atom {
  int32_t pred; /* index of a latched predicate; -1: a disjunction of guards */
  bool branch;
  const int32_t *guards; /* of the disjunction */
  int n_guards;
} ek__atom;
typedef struct ek__guard {
  const int32_t *atoms; /* ascending */
  int n;
  bool never; /* contains a contradiction */
} ek__guard;
typedef struct ek__guards {
  ek__guard *at;
  int n, cap;
  ek__atom *atoms;
  int n_atoms, cap_atoms;
} ek__guards;

typedef enum ek__where { EK__IN_ARENA, EK__IN_FEED, EK__IN_FETCH, EK__IN_CONSTANT, EK__IN_STRINGS } ek__where;

/* Where the memory of a value comes from when a run begins; values that steps bind have none. */
typedef struct ek__binding {
  int32_t value;
  ek__where where;
  size_t offset; /* arena */
  int32_t index; /* feed, fetch */
  void *data;    /* constant, strings */
} ek__binding;

typedef struct ek__fetch_slot {
  int32_t value;
  ek_tensor *tensor; /* kept from the last run; used again if the caller has freed it */
  bool direct;       /* the step writes into it: no copy */
} ek__fetch_slot;

typedef struct ek__plan_key {
  uint64_t graph_version;
  unsigned without_passes;
  int n_feeds, n_fetches, n_targets;
  const ek_out *feeds;
  const ek_shape *feed_shapes;
  const ek_out *fetches;
  const ek_op *targets;
} ek__plan_key;

struct ek__plan {
  const ek_allocator *allocator;
  ek__arena memory; /* of everything here but values' contents */
  ek__plan_key key;
  uint64_t last_used;

  ek_value *values;
  int n_values;
  ek__step *steps;
  int n_steps;
  ek__guards guards;
  uint8_t *preds;
  int n_preds;
  ek__binding *bindings;
  int n_bindings;
  ek__fetch_slot *fetches;
  ek_tensor **owned; /* constants and string values */
  int n_owned, cap_owned;

  size_t arena_bytes, scratch_offset;
  const void *bound_arena; /* the arena of the last run: rebinding is skipped while it stays */
  ek__plan **bodies;       /* of its loops */
  int n_bodies, cap_bodies;
};

/* What planning asks of the session. */
typedef struct ek__plan_env {
  ek_graph *graph;
  const ek_allocator *allocator;
  int threads;
  unsigned without_passes;
  const ek_run_services *services;
  void *run;
  ek_status *status;                                                /* of running steps */
  ek_slot *(*slot)(void *run, const ek__node *node, ek_status *st); /* made on first use */
  uint64_t *(*random)(void *run, ek_op op, ek_status *st);          /* the op's counter, made on first use */
} ek__plan_env;

ek__plan *ek__plan_new(const ek__plan_env *env, const ek__plan_key *key, ek_status *st); /* key is copied */
ek__plan *ek__plan_new_body(ek__plan *around, const ek__plan_env *env, ek_status *st);   /* empty; around's */
void ek__plan_free(ek__plan *plan);
bool ek__plan_matches(const ek__plan *plan, const ek__plan_key *key);
bool ek__guard_alive(const ek__plan *plan, int32_t guard);

#endif
