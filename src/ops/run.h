/* SPDX-License-Identifier: Apache-2.0 */
/* What an op's run may touch: its inputs and outputs, variables, random state, scratch memory, the cancel flag. Ops
 * know nothing of sessions and plans; a session fills this in. */
#ifndef EK_OPS_RUN_H
#define EK_OPS_RUN_H

#include "graph/graph.h"
#include "graph/infer.h"
#include "tensor/tensor.h"

typedef enum ek_layout {
  EK_LAYOUT_PLAIN,  /* dense, row-major */
  EK_LAYOUT_NCHW16C /* channels in blocks of 16, for convolutions */
} ek_layout;

/* The state of one variable in one session, keyed by container and shared_name (or node name). */
typedef struct ek_slot {
  const char *key;
  ek_dtype dtype;    /* of the node that made it */
  ek_tensor *tensor; /* NULL: not initialised */
  int32_t index;     /* scratch of whoever plans */
} ek_slot;

/* A value in a plan. data is the arena's, a variable's, a constant's, a feed's or the session's; strings are
 * ek__bytes*. */
typedef struct ek_value {
  ek_dtype dtype;
  ek_layout layout;
  ek_shape shape; /* dims -1 in a plan: known only when the op has run */
  int64_t n;      /* elements; -1: not known */
  void *data;
  ek_slot *slot; /* of a reference or a resource; data is then unused */
} ek_value;

typedef struct ek_container ek_container; /* ops/container.h */

/* What the session does for a running op. */
typedef struct ek_run_services {
  /* Memory for an output whose shape was not known before (bytes from dtype and shape); NULL when there is none. */
  void *(*output)(void *run, ek_value *out, size_t bytes);
  bool (*cancelled)(void *run);
  /* Frees a variable's old contents when the run is over: views of it may still be read. */
  void (*retire)(void *run, ek_tensor *old);
  /* A container that lives as long as the run, as the one before left it but for its allocator, its handle, and its
   * items' memory, which are to be kept; NULL when memory is out. And the one of a handle; NULL: there is none. */
  ek_container *(*new_container)(void *run);
  ek_container *(*container)(void *run, int64_t handle);
} ek_run_services;

typedef struct ek__fused ek__fused; /* ops/fused.h */

struct ek_run_context {
  const ek__node *node;
  const ek__fused *fused; /* of a step that stands for several nodes; else NULL */
  ek_value *const *in;
  ek_value *const *out;
  int n_in, n_out;
  void *state;                   /* made by prepare */
  void *scratch;                 /* as many bytes as prepare asked for, aligned to 64; contents are not kept */
  uint64_t *random;              /* of a stateful op: kept by the session for this node, zero at first */
  int threads;                   /* OpenMP threads the kernels may use */
  const ek_allocator *allocator; /* the session's, for what a variable keeps */
  const ek_run_services *services;
  void *run; /* the services' first argument */
  ek_status *st;
};

struct ek_prepare_context {
  const ek__node *node;
  const ek__fused *fused;
  const ek_value *const *in; /* shapes; data only of constants */
  const ek_value *const *out;
  int n_in, n_out;
  int threads;
  const ek_allocator *allocator;
  size_t scratch_bytes; /* to be set */
  void *state;          /* to be set; def->release frees it */
  ek_status *st;
};

/* An error in the words of the rule: "Reshape 'a/b': ..." with the given code. */
ek_code ek__run_fail(ek_run_context *c, ek_code code, const char *fmt, ...) EK_PRINTF(3, 4);
#define EK_RUN_REQUIRE(c_, cond_, ...)                                                                                 \
  do {                                                                                                                 \
    if (!(cond_)) return ek__run_fail((c_), EK_INVALID_ARGUMENT, __VA_ARGS__);                                         \
  } while (0)

/* Gives output i its shape and memory where planning could not; where it could, checks that the shape is the planned
 * one. */
ek_code ek__run_output(ek_run_context *c, int i, ek_shape shape);
/* Stores a copy of the bytes as element k of string output i. */
ek_code ek__run_set_string(ek_run_context *c, int i, int64_t k, const void *bytes, size_t size);
/* The initialised tensor of reference or resource input i, or FAILED_PRECONDITION in TensorFlow's words. */
ek_code ek__run_variable(ek_run_context *c, int i, ek_tensor **tensor);
/* Makes input i's variable hold dtype and shape with undefined contents, keeping its memory if it fits. */
ek_code ek__run_variable_resize(ek_run_context *c, int i, ek_dtype dtype, ek_shape shape, ek_tensor **tensor);

/* Reads element k of an integer or floating value as int64. */
int64_t ek__value_int(const ek_value *v, int64_t k);

/* How many threads OpenMP would use. */
int ek__default_threads(void);
/* How many threads a kernel over this many bytes is worth: 1 below a threshold. */
int ek__run_threads(const ek_run_context *c, int64_t bytes);

#endif
