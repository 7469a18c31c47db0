/* SPDX-License-Identifier: Apache-2.0 */
/* tf.train.Saver: checkpoints of the variables, written and read by ops of the graph, so that a graph in a file brings
 * its saver along. Files are TensorFlow's (io.h).
 *
 * A saver belongs to its graph and may serve any session of it, one call at a time. */
#ifndef EVENKEEL_SAVER_H
#define EVENKEEL_SAVER_H

#include "formats.h"
#include "session.h"
#include "train.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ek_saver ek_saver;

typedef struct ek_train_saver_opts {
  uint32_t version;
  const ek_allocator *allocator;        /* NULL: the default */
  ek_variables var_list;                /* at NULL: the global variables that there are now */
  ek_named_variables var_map;           /* instead of var_list: each variable with its name in the checkpoint */
  bool sharded;                         /* through a temporary shard and a merge; one shard, for one device */
  int max_to_keep;                      /* 5: older checkpoints are deleted; 0: all are kept */
  double keep_checkpoint_every_n_hours; /* 10000: of those to be deleted, one in so many hours is kept */
  const char *name;                     /* of the scope; NULL: "save" */
  bool allow_empty;                     /* no variables: a saver that does nothing, instead of an error */
  bool pad_step_number;                 /* model-00000020 */
  bool save_relative_paths;             /* in the state file, so that the folder may move */
  const ek_saver_def *saver_def;        /* not NULL: nothing is built, the graph has these nodes already */
} ek_train_saver_opts;
#define EK_TRAIN_SAVER_OPTS_FIELDS_ .version = 1u, .max_to_keep = 5, .keep_checkpoint_every_n_hours = 10000.0
#define EK_TRAIN_SAVER_OPTS_INIT                                                                                       \
  { EK_TRAIN_SAVER_OPTS_FIELDS_ }
#define EK_TRAIN_SAVER(...) EK_OPTS_(ek_train_saver_opts, EK_TRAIN_SAVER_OPTS_FIELDS_, __VA_ARGS__)

/* Builds the nodes that save and restore: save/Const takes the prefix, save/control_dependency saves, save/restore_all
 * restores. A checkpoint knows a variable by its op's name. NULL after an error, which is on the graph: "No variables
 * to save", two variables of one name. Free it with ek_train_saver_free, which accepts NULL; the graph may go first. */
EK_API ek_saver *ek_train_saver_new(ek_graph *g, const ek_train_saver_opts *options);
EK_API void ek_train_saver_free(ek_saver *s);
/* Saver.as_saver_def, for ek_export_meta_graph; borrowed. NULL for a saver of nothing. */
EK_API const ek_saver_def *ek_train_saver_as_def(const ek_saver *s);

#define EK_NO_STEP INT64_MIN
typedef struct ek_train_save_opts {
  uint32_t version;
  int64_t step;                  /* EK_NO_STEP: the prefix as it stands; else "-STEP" is put behind it */
  ek_variable global_step;       /* or its value in the session */
  const char *latest_filename;   /* of the state file; NULL: "checkpoint" */
  const char *meta_graph_suffix; /* "meta" */
  bool write_meta_graph;         /* true: also PREFIX.meta, the graph with its collections and this saver */
  bool write_state;              /* true: note it in the state file, and delete what is over max_to_keep */
} ek_train_save_opts;
#define EK_TRAIN_SAVE_OPTS_FIELDS_                                                                                     \
  .version = 1u, .step = EK_NO_STEP, .meta_graph_suffix = "meta", .write_meta_graph = true, .write_state = true
#define EK_TRAIN_SAVE_OPTS_INIT                                                                                        \
  { EK_TRAIN_SAVE_OPTS_FIELDS_ }
#define EK_TRAIN_SAVE(...) EK_OPTS_(ek_train_save_opts, EK_TRAIN_SAVE_OPTS_FIELDS_, __VA_ARGS__)

/* Saver.save: the data, then the index, then the state file, each replaced in one step, then old checkpoints go (one
 * that cannot be deleted is left), then the meta graph. *path, which may be NULL, receives the prefix of what was
 * written: borrowed until the next save, NULL for a saver of nothing. */
EK_API ek_code ek_train_saver_save(ek_saver *s, ek_session *session, const char *save_path,
                                   const ek_train_save_opts *options, const char **path, ek_status *st);
/* Saver.restore: gives the variables the values of the checkpoint, whether or not they had one before. Names that the
 * file has beyond the saver's are ignored. INVALID_ARGUMENT: no such checkpoint, or a shape differs; NOT_FOUND: a name
 * is missing. */
EK_API ek_code ek_train_saver_restore(ek_saver *s, ek_session *session, const char *save_path, ek_status *st);

/* The prefixes that this saver has written and still keeps, the oldest first (Saver.last_checkpoints); borrowed until
 * the next save. And the inverse, for a run that goes on: those of paths that exist, by the times of their files. */
EK_API int ek_train_saver_num_checkpoints(const ek_saver *s);
EK_API const char *ek_train_saver_checkpoint(const ek_saver *s, int i);
EK_API ek_code ek_train_saver_recover_last_checkpoints(ek_saver *s, const char *const *paths, int n, ek_status *st);

#ifdef __cplusplus
}
#endif
#endif
