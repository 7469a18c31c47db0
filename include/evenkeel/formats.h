/* SPDX-License-Identifier: Apache-2.0 */
/* Graphs in files: TensorFlow's GraphDef and MetaGraphDef, read and written. A path that ends in ".pbtxt" or ".txt"
 * means the text form, any other the binary form.
 *
 * Whatever a file holds, reading it gives a result or an error; no more memory is taken than 64 MB and a few times the
 * file. Op types that are not known here are kept with their attributes and inputs: only a run that needs one fails.
 * Writing replaces the target in one step. */
#ifndef EVENKEEL_FORMATS_H
#define EVENKEEL_FORMATS_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ek_import_graph_def_opts {
  uint32_t version;
  /* NULL or "": names stay as they are. Else the nodes go into the name scope of this name, made unique ("import" is
   * what TensorFlow's Python takes if it is told nothing). */
  const char *prefix;
  bool clear_devices;
  /* input_map: an input that reads map_from[i] ("node" or "node:k", without prefix) reads map_to[i] instead. */
  const char *const *map_from;
  const ek_out *map_to;
  int n_map;
} ek_import_graph_def_opts;
#define EK_IMPORT_GRAPH_DEF_OPTS_INIT                                                                                  \
  { .version = 1u }

/* tf.import_graph_def: adds the nodes of the GraphDef at path to g. An error in the file itself (bytes, names, inputs
 * that are not there, a cycle) leaves g as it was; a node whose inputs or attributes its op refuses, or no memory,
 * leaves the error on g too. The current name scope, if prefix is given, and no control dependencies apply.
 * INVALID_ARGUMENT inside a cond or a loop. */
EK_API ek_code ek_import_graph_def(ek_graph *g, const char *path, const ek_import_graph_def_opts *opts, ek_status *st);

typedef struct ek_export_graph_def_opts {
  uint32_t version;
  bool add_shapes;    /* every node tells its outputs' shapes: "_output_shapes" */
  bool clear_devices; /* without the nodes' devices */
} ek_export_graph_def_opts;
#define EK_EXPORT_GRAPH_DEF_OPTS_INIT                                                                                  \
  { .version = 1u }

/* tf.io.write_graph, Graph.as_graph_def: the nodes in the order of their creation. The same graph gives the same bytes.
 */
EK_API ek_code ek_export_graph_def(const ek_graph *g, const char *path, const ek_export_graph_def_opts *opts,
                                   ek_status *st);

/* A SaverDef: which tensors and ops of a graph save and restore its variables. Strings borrowed. */
typedef struct ek_saver_def {
  const char *filename_tensor_name; /* "save/Const:0": feed it the prefix */
  const char *save_tensor_name;     /* "save/control_dependency:0": fetch it to save; its value is the prefix */
  const char *restore_op_name;      /* "save/restore_all": run it to restore */
  int max_to_keep;
  bool sharded;
  float keep_checkpoint_every_n_hours;
  int version; /* of the checkpoints: 2 */
} ek_saver_def;

typedef struct ek_import_meta_graph_opts {
  uint32_t version;
  const char *import_scope; /* as prefix of ek_import_graph_def; collections name what is in it */
  bool clear_devices;
  const char *const *map_from; /* as in ek_import_graph_def */
  const ek_out *map_to;
  int n_map;
} ek_import_meta_graph_opts;
#define EK_IMPORT_META_GRAPH_OPTS_INIT                                                                                 \
  { .version = 1u }

/* tf.train.import_meta_graph: the graph of the MetaGraphDef at path, and its collections: variables, conds and loops
 * with them. *saver, which may be NULL, receives its SaverDef, with strings that live as long as g; all NULL and zero
 * if it has none. Errors as for ek_import_graph_def; one in the collections stays on g. */
EK_API ek_code ek_import_meta_graph(ek_graph *g, const char *path, const ek_import_meta_graph_opts *opts,
                                    ek_saver_def *saver, ek_status *st);

typedef struct ek_export_meta_graph_opts {
  uint32_t version;
  const ek_saver_def *saver; /* NULL: none */
  bool clear_devices;
} ek_export_meta_graph_opts;
#define EK_EXPORT_META_GRAPH_OPTS_INIT                                                                                 \
  { .version = 1u }

/* tf.train.export_meta_graph: the graph with the shapes of all outputs, and every collection. A collection whose items
 * are not of one kind is left out, as TensorFlow does. */
EK_API ek_code ek_export_meta_graph(const ek_graph *g, const char *path, const ek_export_meta_graph_opts *opts,
                                    ek_status *st);

#ifdef __cplusplus
}
#endif
#endif
