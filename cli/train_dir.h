/* SPDX-License-Identifier: Apache-2.0 */
/* The folder that a training run writes: model.meta, checkpoints with what else a run needs to go on, and the log. */
#ifndef EK_CLI_TRAIN_DIR_H
#define EK_CLI_TRAIN_DIR_H

#include "cli.h"

#include <jansson.h>

typedef struct train_dir {
  const char *path;
  ek_saver *saver; /* of the graph; built by the caller, who frees it */
  FILE *log;
  bool made; /* the folder was not there */
} train_dir;

/* All: false after the one line was printed. */

/* A new run: refuses a folder that holds one. The folder is made, model.meta written, the log begun. */
bool train_dir_create(train_dir *d, const char *path, ek_graph *g, ek_saver *saver);
/* Going on after step: the log is cut there. */
bool train_dir_resume(train_dir *d, const char *path, ek_saver *saver, int64_t step);
void train_dir_close(train_dir *d);

/* Appends one line. */
bool train_dir_log(train_dir *d, json_t *line);
/* A checkpoint of that step, with state (not taken over) beside it. */
bool train_dir_save(train_dir *d, ek_session *s, int64_t step, const json_t *state);
/* The newest checkpoint that this run has written or found; NULL: none. */
const char *train_dir_latest(const train_dir *d);

/* The newest checkpoint of a folder, and what was saved beside it; *prefix is to be freed. NULL: the one line. */
json_t *train_dir_state(const char *path, char **prefix);

/* The positions of a session's random ops, for that state. */
json_t *random_to_json(ek_session *s);
bool random_from_json(ek_session *s, const json_t *random);

#endif
