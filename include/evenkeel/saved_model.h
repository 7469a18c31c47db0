/* SPDX-License-Identifier: Apache-2.0 */
/* SavedModels, TensorFlow's form for serving: a folder with saved_model.pb (meta graphs, each found by its tags, with
 * named signatures), the variables in variables/variables.*, and files that the graph reads in assets/.
 *
 * One thread at a time uses an ek_saved_model or a builder. A folder appears in one step when it is complete; a failure
 * leaves nothing behind. */
#ifndef EVENKEEL_SAVED_MODEL_H
#define EVENKEEL_SAVED_MODEL_H

#include "formats.h"
#include "session.h"

#ifdef __cplusplus
extern "C" {
#endif

/* tf.saved_model.tag_constants, signature_constants */
#define EK_TAG_SERVING                   "serve"
#define EK_TAG_TRAINING                  "train"
#define EK_DEFAULT_SERVING_SIGNATURE_KEY "serving_default"
#define EK_PREDICT_METHOD_NAME           "tensorflow/serving/predict"
#define EK_CLASSIFY_METHOD_NAME          "tensorflow/serving/classify"
#define EK_REGRESS_METHOD_NAME           "tensorflow/serving/regress"

/* One input or output of a signature: the name that callers use, and the tensor that it stands for. */
typedef struct ek_tensor_info {
  const char *key;
  const char *name; /* "scope/op:0"; "" for what is no plain tensor (sparse, composite) */
  ek_dtype dtype;
  ek_shape shape;
} ek_tensor_info;

typedef struct ek_signature_def {
  const char *key;
  const char *method_name;
  const ek_tensor_info *inputs; /* sorted by key */
  int n_inputs;
  const ek_tensor_info *outputs;
  int n_outputs;
} ek_signature_def;

/* tf.saved_model.build_tensor_info under a key. Strings borrowed: the name from g, the key from the caller. */
EK_API ek_tensor_info ek_build_tensor_info(ek_graph *g, const char *key, ek_out out);

/* ---- Reading */

typedef struct ek_saved_model ek_saved_model;

/* tf.saved_model.contains_saved_model: is there a saved_model.pb or saved_model.pbtxt in dir? */
EK_API bool ek_saved_model_exists(const char *dir);
/* Reads what dir/saved_model.pb (else .pbtxt) says; variables stay where they are. NULL on failure: NOT_FOUND,
 * DATA_LOSS, RESOURCE_EXHAUSTED. Free with _free, which accepts NULL. */
EK_API ek_saved_model *ek_saved_model_open(const char *dir, ek_status *st);
EK_API void ek_saved_model_free(ek_saved_model *m);

/* Meta graph i of the model: its tags and signatures, by key in ascending order. All borrowed; NULL beyond the end. */
EK_API int ek_saved_model_num_meta_graphs(const ek_saved_model *m);
EK_API const char *ek_saved_model_tag(const ek_saved_model *m, int i, int k);
EK_API const ek_signature_def *ek_saved_model_signature(const ek_saved_model *m, int i, int k);
EK_API const ek_signature_def *ek_saved_model_find_signature(const ek_saved_model *m, int i, const char *key);
/* The meta graph with exactly these tags, in any order; -1 and NOT_FOUND, which lists what there is. */
EK_API int ek_saved_model_find(const ek_saved_model *m, const char *const *tags, int n, ek_status *st);
/* The folder, as it was given, and the prefix of the checkpoint in it; NULL if there is none: no variables. */
EK_API const char *ek_saved_model_dir(const ek_saved_model *m);
EK_API const char *ek_saved_model_variables(const ek_saved_model *m);

/* A file that the graph reads: DIR/assets/filename, and the string tensor that is fed its path. */
typedef struct ek_asset_file {
  const char *tensor_name;
  const char *filename;
} ek_asset_file;
EK_API const ek_asset_file *ek_saved_model_asset(const ek_saved_model *m, int i, int k);
/* The op to be run after loading (signature __saved_model_init_op, collection saved_model_main_op or legacy_init_op);
 * NULL: none. */
EK_API const char *ek_saved_model_init_op(const ek_saved_model *m, int i);

/* The graph of meta graph i with its collections, as ek_import_meta_graph. Signatures name tensors without the import
 * scope. */
EK_API ek_code ek_saved_model_import(const ek_saved_model *m, int i, ek_graph *g, const ek_import_meta_graph_opts *opts,
                                     ek_saver_def *saver, ek_status *st);

/* What remains once meta graph i is imported into the session's graph without a scope: its variables are restored by
 * saver, then its init op runs, fed with the paths of the assets. An init op that needs an op type we lack is left out:
 * whoever needs what it would have made gets an error of its own. */
EK_API ek_code ek_saved_model_restore(const ek_saved_model *m, int i, const ek_saver_def *saver, ek_session *s,
                                      ek_status *st);

/* tf.saved_model.loader.load: open, find, import into the session's graph, restore. *model, which may be NULL, receives
 * the model, for its signatures; the caller frees it. */
EK_API ek_code ek_saved_model_load(ek_session *s, const char *const *tags, int n_tags, const char *dir,
                                   ek_saved_model **model, ek_status *st);

/* ---- Writing */

typedef struct ek_saved_model_builder ek_saved_model_builder;

/* tf.saved_model.Builder: a folder under a temporary name beside dir, until it is saved. NULL and ALREADY_EXISTS: dir
 * is there and not empty. Free with _free, which accepts NULL and removes what was not saved. */
EK_API ek_saved_model_builder *ek_saved_model_builder_new(const char *dir, ek_status *st);
EK_API void ek_saved_model_builder_free(ek_saved_model_builder *b);

typedef struct ek_saved_model_opts {
  uint32_t version;
  const char *const *tags; /* NULL: { EK_TAG_SERVING } */
  int n_tags;
  /* NULL: those that the graph came with, if it was read from a file. Any order; two of one key are an error. */
  const ek_signature_def *signatures;
  int n_signatures;
  const ek_asset_file *assets; /* added to those that the graph came with */
  int n_assets;
  ek_op main_op;             /* run after loading; none: no such op */
  const ek_saver_def *saver; /* how the graph restores its variables; NULL: none, or (with variables) one is built */
  bool clear_devices;
} ek_saved_model_opts;
#define EK_SAVED_MODEL_OPTS_INIT                                                                                       \
  { .version = 1u }

/* Builder.add_meta_graph: the graph as it is now, without values. INVALID_ARGUMENT: a signature names what the graph
 * lacks. opts may be NULL. */
EK_API ek_code ek_saved_model_builder_add_meta_graph(ek_saved_model_builder *b, ek_graph *g,
                                                     const ek_saved_model_opts *opts, ek_status *st);
/* Builder.add_meta_graph_and_variables: with the values of the session's global variables; once for each model. Without
 * opts->saver, a sharded saver's nodes are added to the graph, as TensorFlow does. */
EK_API ek_code ek_saved_model_builder_add_meta_graph_and_variables(ek_saved_model_builder *b, ek_session *s,
                                                                   const ek_saved_model_opts *opts, ek_status *st);
/* The prefix where a caller with values of its own writes the checkpoint (ek_checkpoint_write); borrowed. NULL and a
 * status: the folder cannot be made. */
EK_API const char *ek_saved_model_builder_variables(ek_saved_model_builder *b, ek_status *st);
/* Copies the file at path into the folder as name ("assets/words.txt", "assets.extra/notes"). */
EK_API ek_code ek_saved_model_builder_add_file(ek_saved_model_builder *b, const char *path, const char *name,
                                               ek_status *st);
/* Builder.save: writes saved_model.pb (as_text: saved_model.pbtxt), and the folder gets its name. Nothing can be added
 * afterwards. */
EK_API ek_code ek_saved_model_builder_save(ek_saved_model_builder *b, bool as_text, ek_status *st);

/* tf.saved_model.simple_save: one meta graph for serving, whose signature is EK_DEFAULT_SERVING_SIGNATURE_KEY. */
EK_API ek_code ek_saved_model_simple_save(ek_session *s, const char *dir, const ek_tensor_info *inputs, int n_inputs,
                                          const ek_tensor_info *outputs, int n_outputs, ek_status *st);

#ifdef __cplusplus
}
#endif
#endif
