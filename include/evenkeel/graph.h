/* SPDX-License-Identifier: Apache-2.0 */
/* The graph: ops with TensorFlow's types, attributes, names and collections, built call by call.
 *
 * Values are ids, not pointers: an ek_op names an op, an ek_out one of its outputs; both stay valid while the graph
 * lives and are passed by value. Zero ({0}) is "none". Errors are sticky: the first mistake is kept (op type, node,
 * what was found, what was allowed), every later building call returns "none" and changes nothing, and ek_graph_status
 * or ek_session_new reports it. So calls nest without checks.
 *
 * Threads: building is for one thread at a time; a graph that nobody changes may be read and run by many. */
#ifndef EVENKEEL_GRAPH_H
#define EVENKEEL_GRAPH_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ek_graph ek_graph;

typedef struct ek_op {
  int32_t id; /* 0: none */
} ek_op;

typedef struct ek_out {
  int32_t op;    /* 0: none; below zero: a literal not yet placed, see ek_number */
  int32_t index; /* which output */
} ek_out;

/* Lists, borrowed. EK_OUTS(a, b) and EK_OPS(x, y) make them in place. */
typedef struct ek_outs {
  const ek_out *at;
  int n;
} ek_outs;
typedef struct ek_ops {
  const ek_op *at;
  int n;
} ek_ops;
#define EK_OUTS(...)                                                                                                   \
  ((ek_outs){(const ek_out[]){__VA_ARGS__}, (int)(sizeof((const ek_out[]){__VA_ARGS__}) / sizeof(ek_out))})
#define EK_OPS(...)                                                                                                    \
  ((ek_ops){(const ek_op[]){__VA_ARGS__}, (int)(sizeof((const ek_op[]){__VA_ARGS__}) / sizeof(ek_op))})

/* ---- Life */

typedef struct ek_graph_opts {
  uint32_t version;
  const ek_allocator *allocator; /* NULL: the default; must outlive the graph and all its sessions */
} ek_graph_opts;
#define EK_GRAPH_OPTS_INIT                                                                                             \
  { 1u, NULL }

/* tf.Graph(). NULL only when memory is out. */
EK_API ek_graph *ek_graph_new(const ek_graph_opts *opts);
/* Drops the caller's reference; the graph goes with its last session. NULL is fine. */
EK_API void ek_graph_free(ek_graph *g);

/* The first error made while building, or EK_OK; copied into st, which may be NULL. */
EK_API ek_code ek_graph_status(const ek_graph *g, ek_status *st);
/* Puts an error of the caller's own on the graph, unless there is one already. */
EK_API void ek_graph_fail(ek_graph *g, ek_code code, const char *fmt, ...) EK_PRINTF(3, 4);
/* Graph.finalize(): from now on building anything is an error. */
EK_API void ek_graph_finalize(ek_graph *g);
/* Memory for what is built on top of a graph: zeroed, as old as the graph when it goes, never freed before; and a
 * formatted string there. NULL after putting the error on the graph. */
EK_API void *ek_graph_alloc(ek_graph *g, size_t size);
EK_API const char *ek_graph_text(ek_graph *g, const char *fmt, ...) EK_PRINTF(2, 3);
/* A pointer that lives with the graph, under a name of the caller's; NULL at first. What it points to is the caller's
 * to keep. NULL (the place itself) only when memory is out. */
EK_API void **ek_graph_slot(ek_graph *g, const char *key);
/* tf.set_random_seed. Ops made later without a seed of their own take (seed, number of such ops so far). */
EK_API void ek_set_random_seed(ek_graph *g, int64_t seed);

/* ---- Looking */

EK_API int ek_graph_num_ops(const ek_graph *g);
EK_API ek_op ek_graph_op(const ek_graph *g, int i); /* i in [0, ek_graph_num_ops), in the order of creation */
/* get_operation_by_name, get_tensor_by_name ("op:1"; "op" means "op:0"): none if there is no such thing, which is no
 * error. */
EK_API ek_op ek_graph_find_op(const ek_graph *g, const char *name);
EK_API ek_out ek_graph_find_out(const ek_graph *g, const char *name);

EK_API const char *ek_op_name(const ek_graph *g, ek_op op); /* borrowed, as is all that follows; "" for none */
EK_API const char *ek_op_type(const ek_graph *g, ek_op op);
EK_API const char *ek_op_device(const ek_graph *g, ek_op op);
EK_API int ek_op_num_inputs(const ek_graph *g, ek_op op);
EK_API ek_out ek_op_input(const ek_graph *g, ek_op op, int i);
EK_API int ek_op_num_control_inputs(const ek_graph *g, ek_op op);
EK_API ek_op ek_op_control_input(const ek_graph *g, ek_op op, int i);
EK_API int ek_op_num_outputs(const ek_graph *g, ek_op op);
/* UNIMPLEMENTED, with the reason, if the op came from a file and its type, or a data type that it works on, is not
 * known here: it is kept, its outputs are known as far as something reads them, and a run that needs it fails. */
EK_API ek_code ek_op_can_run(ek_graph *g, ek_op op, ek_status *st);
static inline ek_out ek_op_output(ek_op op, int i) {
  const ek_out out = {op.id, i};
  return out;
}
static inline ek_op ek_out_op(ek_out out) {
  const ek_op op = {out.op > 0 ? out.op : 0};
  return op;
}
EK_API ek_dtype ek_out_dtype(const ek_graph *g, ek_out out);
EK_API bool ek_out_is_ref(const ek_graph *g, ek_out out);
EK_API ek_shape ek_out_shape(const ek_graph *g, ek_out out); /* Tensor.shape: what is known statically */
/* Tensor.set_shape: merges; an error on the graph if they cannot be the same. */
EK_API void ek_out_set_shape(ek_graph *g, ek_out out, ek_shape shape);

/* ---- Attributes */

typedef enum ek_attr_kind {
  EK_ATTR_NONE,
  EK_ATTR_STRING,
  EK_ATTR_INT,
  EK_ATTR_FLOAT,
  EK_ATTR_BOOL,
  EK_ATTR_TYPE,
  EK_ATTR_SHAPE,
  EK_ATTR_TENSOR,
  EK_ATTR_FUNC,        /* bytes: a NameAttrList as it was in the file */
  EK_ATTR_PLACEHOLDER, /* a name, inside function libraries */
  EK_ATTR_LIST_STRING,
  EK_ATTR_LIST_INT,
  EK_ATTR_LIST_FLOAT,
  EK_ATTR_LIST_BOOL,
  EK_ATTR_LIST_TYPE,
  EK_ATTR_LIST_SHAPE,
  EK_ATTR_LIST_TENSOR,
  EK_ATTR_LIST_FUNC
} ek_attr_kind;

typedef struct ek_text {
  const char *data; /* size bytes; what the graph keeps also ends with a NUL */
  size_t size;
} ek_text;

typedef struct ek_attr {
  const char *name;
  ek_attr_kind kind;
  int n; /* elements of a list, else 1 */
  union {
    ek_text s; /* STRING, FUNC, PLACEHOLDER */
    int64_t i;
    float f;
    bool b;
    ek_dtype type;
    ek_shape shape;
    ek_tensor *tensor; /* the graph takes a reference of its own */
    const ek_text *strings;
    const int64_t *ints;
    const float *floats;
    const bool *bools;
    const ek_dtype *types;
    const ek_shape *shapes;
    ek_tensor *const *tensors;
  } v;
} ek_attr;

/* One attribute of ek_build's list. */
#define EK_STRING_ATTR(name_, s_)    ((ek_attr){.name = (name_), .kind = EK_ATTR_STRING, .n = 1, .v.s = {(s_), SIZE_MAX}})
#define EK_INT_ATTR(name_, i_)       ((ek_attr){.name = (name_), .kind = EK_ATTR_INT, .n = 1, .v.i = (i_)})
#define EK_FLOAT_ATTR(name_, f_)     ((ek_attr){.name = (name_), .kind = EK_ATTR_FLOAT, .n = 1, .v.f = (float)(f_)})
#define EK_BOOL_ATTR(name_, b_)      ((ek_attr){.name = (name_), .kind = EK_ATTR_BOOL, .n = 1, .v.b = (b_)})
#define EK_TYPE_ATTR(name_, t_)      ((ek_attr){.name = (name_), .kind = EK_ATTR_TYPE, .n = 1, .v.type = (t_)})
#define EK_SHAPE_ATTR(name_, s_)     ((ek_attr){.name = (name_), .kind = EK_ATTR_SHAPE, .n = 1, .v.shape = (s_)})
#define EK_TENSOR_ATTR(name_, t_)    ((ek_attr){.name = (name_), .kind = EK_ATTR_TENSOR, .n = 1, .v.tensor = (t_)})
#define EK_INTS_ATTR(name_, p_, n_)  ((ek_attr){.name = (name_), .kind = EK_ATTR_LIST_INT, .n = (n_), .v.ints = (p_)})
#define EK_TYPES_ATTR(name_, p_, n_) ((ek_attr){.name = (name_), .kind = EK_ATTR_LIST_TYPE, .n = (n_), .v.types = (p_)})

/* The attribute of that name, defaults filled in; NULL if the op has none. */
EK_API const ek_attr *ek_op_attr(const ek_graph *g, ek_op op, const char *name);
EK_API int ek_op_num_attrs(const ek_graph *g, ek_op op);
EK_API const ek_attr *ek_op_attr_at(const ek_graph *g, ek_op op, int i); /* sorted by name */

/* ---- Building */

/* Any op of any registered type: op_def_library.apply_op. inputs are flat, in the op's order (a list argument takes as
 * many as are left). attrs: those that neither follow from the inputs nor have the wanted default. The name is
 * ek_named's, else the op's type; it is made unique inside the current name scope. Typed functions for every registered
 * op: ops.h. */
EK_API ek_op ek_build(ek_graph *g, const char *type, ek_outs inputs, const ek_attr *attrs, int n_attrs);
#define EK_ATTRS(...) (const ek_attr[]){__VA_ARGS__}, (int)(sizeof((const ek_attr[]){__VA_ARGS__}) / sizeof(ek_attr))
#define EK_NO_ATTRS   NULL, 0

/* The name= of an op, or of a composite's scope: ek_matmul(ek_named(g, "logits"), x, w), as TensorFlow's C++
 * WithOpName. What comes back stands for g in this one building call only; calls that build nothing do not take it. A
 * name that ends in "/" is taken as it stands. NULL gives g itself: no name. */
EK_API ek_graph *ek_named(ek_graph *g, const char *name);
/* The same with the name of the open scope: how a composite names the op that is its result (name=scope). */
EK_API ek_graph *ek_named_scope(ek_graph *g);
/* The name that came with ek_named, borrowed, or NULL: for a composite that hands it on. Does not take it. */
EK_API const char *ek_given_name(ek_graph *g);

/* Literals, as Python's numbers and lists are in TensorFlow calls: they become a Const called after the argument
 * ("mul/y", "Reshape/shape") inside the scope of the op that uses them, with the dtype that the op's other inputs ask
 * for. */
EK_API ek_out ek_number(ek_graph *g, double value);
EK_API ek_out ek_integer(ek_graph *g, int64_t value);
EK_API ek_out ek_integers(ek_graph *g, const int64_t *values, int n);
EK_API ek_out ek_number_list(ek_graph *g, const double *values, int n);
#define ek_numbers(g_, ...)                                                                                            \
  ek_number_list((g_), (const double[]){__VA_ARGS__}, (int)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double)))
/* A nested list of numbers, row-major; and of integers. */
EK_API ek_out ek_number_array(ek_graph *g, ek_shape shape, const double *values);
EK_API ek_out ek_integer_array(ek_graph *g, ek_shape shape, const int64_t *values);
#define ek_ints(g_, ...)                                                                                               \
  ek_integers((g_), (const int64_t[]){__VA_ARGS__}, (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))

/* tf.constant: the value is shared (one more reference), and must not change any more. */
EK_API ek_out ek_constant(ek_graph *g, ek_tensor *value);
EK_API ek_out ek_constant_float32(ek_graph *g, float value);
EK_API ek_out ek_constant_float64(ek_graph *g, double value);
EK_API ek_out ek_constant_int32(ek_graph *g, int32_t value);
EK_API ek_out ek_constant_int64(ek_graph *g, int64_t value);
EK_API ek_out ek_constant_bool(ek_graph *g, bool value);
EK_API ek_out ek_constant_string(ek_graph *g, const char *value);
EK_API ek_out ek_constant_int32s(ek_graph *g, const int64_t *values, int n); /* 1-D */
/* tf.IndexedSlices: of a tensor of dense_shape the rows that are not zero. Row indices[k] is values[k]; a row that is
 * named twice is the sum. values: [n, ...]; indices: [n], int32 or int64; dense_shape may be none. */
typedef struct ek_indexed_slices {
  ek_out values, indices, dense_shape;
} ek_indexed_slices;
/* The slices as an output: a literal, which becomes the tensor (UnsortedSegmentSum, called after the argument) where an
 * op takes it, and needs its dense_shape for that. Gradients of what ek_gather and ek_nn_embedding_lookup read are such
 * outputs, and an optimizer changes only these rows. dtype and shape are those of the tensor. */
EK_API ek_out ek_indexed_slices_out(ek_graph *g, ek_indexed_slices slices);
/* True if out is slices, which are written to *slices. */
EK_API bool ek_indexed_slices_of(const ek_graph *g, ek_out out, ek_indexed_slices *slices);

/* ops.convert_to_tensor: a literal becomes a Const of dtype called name (NULL: "Const"), slices become their tensor;
 * anything else is returned as is. */
EK_API ek_out ek_convert(ek_graph *g, ek_out value, ek_dtype dtype, const char *name);

/* tf.placeholder; name NULL: ek_named's, else "Placeholder". */
EK_API ek_out ek_placeholder(ek_graph *g, ek_dtype dtype, ek_shape shape, const char *name);

/* ---- Name scopes */

/* tf.name_scope: pushes the unique name made of name (NULL or "": back to the root; ending in "/": that absolute scope,
 * not made unique) and returns it without slash, borrowed. Each begin needs its end. */
EK_API const char *ek_name_scope_begin(ek_graph *g, const char *name);
/* How a composite begins: the scope is ek_named's name, else default_name; returns the graph without that name, to go
 * on with. */
EK_API ek_graph *ek_composite_begin(ek_graph *g, const char *default_name);
EK_API void ek_name_scope_end(ek_graph *g);
EK_API const char *ek_current_name_scope(const ek_graph *g); /* without slash; "" at the root */
/* Graph.unique_name: the name that an op called name would get; mark: hand it out. Borrowed. */
EK_API const char *ek_unique_name(ek_graph *g, const char *name, bool mark);
#define EK_NAME_SCOPE(g_, name_) EK_BLOCK_((ek_name_scope_begin((g_), (name_)), (g_)), ek_name_scope_end)

/* ---- Control dependencies */

/* tf.control_dependencies: ops created until the matching end get control inputs on these (spec: nesting is a union;
 * blocks whose condition an input already meets are pruned). */
EK_API void ek_control_dependencies_begin(ek_graph *g, ek_ops control_inputs);
/* tf.control_dependencies(None): an empty set, and outside any cond or while context, until the end. */
EK_API void ek_control_dependencies_clear_begin(ek_graph *g);
EK_API void ek_control_dependencies_end(ek_graph *g);
#define EK_CONTROL_DEPENDENCIES(g_, ops_)                                                                              \
  EK_BLOCK_((ek_control_dependencies_begin((g_), (ops_)), (g_)), ek_control_dependencies_end)
#define EK_NO_CONTROL_DEPENDENCIES(g_)                                                                                 \
  EK_BLOCK_((ek_control_dependencies_clear_begin(g_), (g_)), ek_control_dependencies_end)

/* tf.init_scope in a graph: control dependencies cleared, control-flow contexts left, the name scope kept. */
EK_API void ek_init_scope_begin(ek_graph *g);
EK_API void ek_init_scope_end(ek_graph *g);

/* Graph.colocate_with: ops created until the end carry "_class" = loc:@op's colocation groups. */
EK_API void ek_colocate_with_begin(ek_graph *g, ek_op op, bool ignore_existing);
EK_API void ek_colocate_with_end(ek_graph *g);

/* tf.group: a NoOp called "group_deps" (or the name of ek_named) that runs after all of ops. */
EK_API ek_op ek_group(ek_graph *g, ek_ops ops);
EK_API ek_op ek_no_op(ek_graph *g);
/* control_flow_ops.with_dependencies: an Identity of value called "control_dependency" that runs after ops. */
EK_API ek_out ek_with_dependencies(ek_graph *g, ek_ops ops, ek_out value);
/* tf.tuple: every value through an Identity that waits for all of them and for control_inputs; a "none" stays none.
 * Writes n outs to out, which may be values.at. All none is an error. */
EK_API void ek_tuple(ek_graph *g, ek_outs values, ek_ops control_inputs, ek_out *out);

/* A block that ends itself. Leaving it by break is fine; by return or goto it is left open, which ek_session_new
 * reports. The variable's name holds the line, so blocks nest. */
#define EK_CAT2_(a, b)          a##b
#define EK_CAT_(a, b)           EK_CAT2_(a, b)
#define EK_BLOCK_(begin_, end_) EK_BLOCK_NAMED_(EK_CAT_(ek_block_, __LINE__), begin_, end_)
#define EK_BLOCK_NAMED_(v_, begin_, end_)                                                                              \
  for (ek_graph *v_ = begin_, *EK_CAT_(v_, _once) = v_; EK_CAT_(v_, _once) != NULL; end_(v_), EK_CAT_(v_, _once) = NULL)

/* ---- Collections */

/* tf.GraphKeys: all standard keys, with their strings. */
#define EK_GLOBAL_VARIABLES             "variables"
#define EK_VARIABLES                    EK_GLOBAL_VARIABLES
#define EK_LOCAL_VARIABLES              "local_variables"
#define EK_METRIC_VARIABLES             "metric_variables"
#define EK_MODEL_VARIABLES              "model_variables"
#define EK_TRAINABLE_VARIABLES          "trainable_variables"
#define EK_SUMMARIES                    "summaries"
#define EK_QUEUE_RUNNERS                "queue_runners"
#define EK_TABLE_INITIALIZERS           "table_initializer"
#define EK_ASSET_FILEPATHS              "asset_filepaths"
#define EK_MOVING_AVERAGE_VARIABLES     "moving_average_variables"
#define EK_REGULARIZATION_LOSSES        "regularization_losses"
#define EK_CONCATENATED_VARIABLES       "concatenated_variables"
#define EK_SAVERS                       "savers"
#define EK_WEIGHTS                      "weights"
#define EK_BIASES                       "biases"
#define EK_ACTIVATIONS                  "activations"
#define EK_UPDATE_OPS                   "update_ops"
#define EK_LOSSES                       "losses"
#define EK_SAVEABLE_OBJECTS             "saveable_objects"
#define EK_RESOURCES                    "resources"
#define EK_LOCAL_RESOURCES              "local_resources"
#define EK_TRAINABLE_RESOURCE_VARIABLES "trainable_resource_variables"
#define EK_INIT_OP                      "init_op"
#define EK_LOCAL_INIT_OP                "local_init_op"
#define EK_READY_OP                     "ready_op"
#define EK_READY_FOR_LOCAL_INIT_OP      "ready_for_local_init_op"
#define EK_SUMMARY_OP                   "summary_op"
#define EK_GLOBAL_STEP                  "global_step"
#define EK_EVAL_STEP                    "eval_step"
#define EK_TRAIN_OP                     "train_op"
#define EK_COND_CONTEXT                 "cond_context"
#define EK_WHILE_CONTEXT                "while_context"
#define EK_SUMMARY_COLLECTION           "_SUMMARY_V2"
#define EK_STREAMING_MODEL_PORTS        "streaming_model_ports"

/* A variable of the graph (variables.h says more); id 0: none. */
typedef struct ek_variable {
  int32_t id;
} ek_variable;

typedef enum ek_item_kind {
  EK_ITEM_OP,
  EK_ITEM_OUT,
  EK_ITEM_VARIABLE,
  EK_ITEM_BYTES, /* strings, and serialized messages */
  EK_ITEM_INT,
  EK_ITEM_FLOAT,
  EK_ITEM_ANY,     /* bytes: a google.protobuf.Any, kept as it was */
  EK_ITEM_CONTEXT, /* a cond or while context; i: its number in the graph */
  EK_ITEM_NAME     /* bytes: "op:k" of an op of unknown type, nothing else is known of it */
} ek_item_kind;

typedef struct ek_item {
  ek_item_kind kind;
  union {
    ek_op op;
    ek_out out;
    ek_variable variable;
    ek_text bytes;
    int64_t i;
    float f;
  } v;
} ek_item;

/* Graph.add_to_collection: appended; duplicates are allowed. Bytes are copied. */
EK_API void ek_add_to_collection(ek_graph *g, const char *key, ek_item item);
/* Graph.add_to_collections: to each of n keys, once even if it is named twice. */
EK_API void ek_add_to_collections(ek_graph *g, const char *const *keys, int n, ek_item item);
EK_API void ek_add_op_to_collection(ek_graph *g, const char *key, ek_op op);
EK_API void ek_add_out_to_collection(ek_graph *g, const char *key, ek_out out);
EK_API void ek_add_variable_to_collection(ek_graph *g, const char *key, ek_variable v);
EK_API void ek_clear_collection(ek_graph *g, const char *key);

/* Items in order, and one by one; borrowed until the collection changes. */
EK_API int ek_collection_size(const ek_graph *g, const char *key); /* 0 if there is no such key */
EK_API ek_item ek_collection_item(const ek_graph *g, const char *key, int i);
EK_API int ek_num_collections(const ek_graph *g);
EK_API const char *ek_collection_key(const ek_graph *g, int i); /* get_all_collection_keys, in order of creation */

/* Graph.get_collection(key, scope): a copy, kept by the graph, of the members that are ops (or outputs of ops: their
 * op), outs, variables. scope (NULL: all): a POSIX extended regular expression matched at the start of the item's name;
 * names of outs and variables end in ":0", names of ops do not. */
EK_API ek_ops ek_get_collection_ops(ek_graph *g, const char *key, const char *scope);
EK_API ek_outs ek_get_collection_outs(ek_graph *g, const char *key, const char *scope);
typedef struct ek_variables {
  const ek_variable *at;
  int n;
} ek_variables;
#define EK_VARS(...)                                                                                                   \
  ((ek_variables){(const ek_variable[]){__VA_ARGS__},                                                                  \
                  (int)(sizeof((const ek_variable[]){__VA_ARGS__}) / sizeof(ek_variable))})
EK_API ek_variables ek_get_collection_variables(ek_graph *g, const char *key, const char *scope);

#ifdef __cplusplus
}
#endif
#endif
