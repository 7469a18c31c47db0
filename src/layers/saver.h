/* SPDX-License-Identifier: Apache-2.0 */
/* A saver: its nodes, and the checkpoints it has written. */
#ifndef EK_LAYERS_SAVER_H
#define EK_LAYERS_SAVER_H

#include "evenkeel/saver.h"

typedef struct ek__kept {
  char *path; /* malloc'ed by the saver */
  double time_s;
} ek__kept;

struct ek_saver {
  const ek_allocator *allocator;
  const ek_graph *graph; /* compared with a session's, never looked into */
  ek_saver_def def;      /* strings of its own */
  ek_out filename, save;
  ek_op restore;
  bool is_empty, pad_step_number, save_relative_paths;
  double next_kept_s; /* when the next checkpoint is worth keeping for good */
  char *last;         /* the prefix of the last save */
  ek__kept *kept, *doomed;
  int n_kept, cap_kept, n_doomed, cap_doomed;
};

/* saver_build.c: the nodes of pairs, sorted by name; fills filename, save and restore. False with the error on g. */
bool ek__saver_build(ek_saver *s, ek_graph *g, ek_named_variables pairs, const char *name);

/* saver_keep.c */
char *ek__saver_text(const ek_saver *s, const char *fmt, ...) EK_PRINTF(2, 3); /* NULL: no memory */
void ek__saver_free_text(const ek_saver *s, char *text);                       /* NULL is fine */
double ek__now_s(void);
/* Saver._RecordLastCheckpoint and _MaybeDeleteOldCheckpoints. */
ek_code ek__saver_record(ek_saver *s, const char *path, double time_s, ek_status *st);
void ek__saver_delete_old(ek_saver *s, const char *meta_graph_suffix);
/* PREFIX.meta */
char *ek__saver_meta_path(const ek_saver *s, const char *prefix, const char *suffix);
void ek__saver_forget(ek_saver *s); /* the lists, and their memory */

#endif
