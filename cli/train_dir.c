/* SPDX-License-Identifier: Apache-2.0 */
#include "train_dir.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_END ".state.json"

/* ---- files that are replaced in one step */

static bool replace_file(const char *path, const char *text, size_t size) {
  char *fresh = textf("%s.new", path);
  errno = 0;
  FILE *f = fopen(fresh, "wb");
  bool good = f != NULL && fwrite(text, 1, size, f) == size && fflush(f) == 0 && fsync(fileno(f)) == 0;
  int why = errno;
  if (f != NULL && fclose(f) != 0 && good) good = false, why = errno;
  if (good && rename(fresh, path) != 0) good = false, why = errno;
  if (!good) {
    (void)unlink(fresh);
    errno = why;
    (void)fail("train", path, NULL);
  }
  free(fresh);
  return good;
}

static bool make_folders(const char *path, bool *made) {
  char *part = textf("%s", path);
  bool good = true;
  for (char *c = part + 1; good; c++) {
    if (*c != '/' && *c != '\0') continue;
    const char end = *c;
    *c = '\0';
    *made = mkdir(part, 0777) == 0;
    good = *made || errno == EEXIST;
    *c = end;
    if (end == '\0') break;
  }
  struct stat s;
  if (good && stat(path, &s) == 0 && !S_ISDIR(s.st_mode)) good = false, errno = ENOTDIR;
  if (!good) (void)fail("train", path, NULL);
  free(part);
  return good;
}

static bool is_in(const char *folder, const char *name) {
  char *path = textf("%s/%s", folder, name);
  const bool there = access(path, F_OK) == 0;
  free(path);
  return there;
}

/* ---- beginning */

static bool open_log(train_dir *d, const char *mode) {
  char *path = textf("%s/log.jsonl", d->path);
  errno = 0;
  d->log = fopen(path, mode);
  if (d->log == NULL) (void)fail("train", path, NULL);
  free(path);
  return d->log != NULL;
}

bool train_dir_create(train_dir *d, const char *path, ek_graph *g, ek_saver *saver) {
  *d = (train_dir){.path = path, .saver = saver};
  ek_status st = EK_STATUS_INIT;
  ek_export_meta_graph_opts opts = EK_EXPORT_META_GRAPH_OPTS_INIT;
  opts.saver = ek_train_saver_as_def(saver);
  if (is_in(path, "model.meta") || is_in(path, "checkpoint"))
    return fail("train", path, "holds a model already: go on with --resume, or choose another --out"), false;
  if (!make_folders(path, &d->made)) return false;
  char *meta = textf("%s/model.meta", path);
  bool good = ek_export_meta_graph(g, meta, &opts, &st) == EK_OK || (fail_io(&st), false);
  if (good && !open_log(d, "w")) {
    (void)unlink(meta);
    good = false;
  }
  if (!good && d->made) (void)rmdir(path);
  free(meta);
  return good;
}

/* Lines beyond the step from which the run goes on will be written again. */
static bool cut_log(const char *folder, int64_t step) {
  char *path = textf("%s/log.jsonl", folder), *line = NULL, *kept = NULL;
  size_t size = 0, n = 0;
  FILE *f = fopen(path, "r");
  bool good = true;
  if (f != NULL) {
    while (getline(&line, &size, f) > 0) {
      json_t *entry = json_loads(line, 0, NULL);
      const json_t *at = json_object_get(entry, "step");
      const bool keep = json_is_integer(at) && json_integer_value(at) <= step && line[strlen(line) - 1] == '\n';
      json_decref(entry);
      if (!keep) continue;
      char *longer = realloc(kept, n + strlen(line));
      if (longer == NULL) exit(fail("out of memory", NULL, ""));
      kept = longer;
      memcpy(kept + n, line, strlen(line));
      n += strlen(line);
    }
    (void)fclose(f);
    good = replace_file(path, kept != NULL ? kept : "", n);
  }
  free(kept), free(line), free(path);
  return good;
}

bool train_dir_resume(train_dir *d, const char *path, ek_saver *saver, int64_t step) {
  *d = (train_dir){.path = path, .saver = saver};
  ek_status st = EK_STATUS_INIT;
  const ek_checkpoint_state *state = ek_train_get_checkpoint_state(path, NULL, &st);
  if (state == NULL) return fail_io(&st), false;
  const bool good = ek_train_saver_recover_last_checkpoints(saver, state->all_model_checkpoint_paths, state->num_paths,
                                                            &st) == EK_OK ||
                    (fail_io(&st), false);
  ek_checkpoint_state_free(state);
  return good && cut_log(path, step) && open_log(d, "a");
}

void train_dir_close(train_dir *d) {
  if (d->log != NULL) (void)fclose(d->log);
  *d = (train_dir){0};
}

/* ---- writing */

bool train_dir_log(train_dir *d, json_t *line) {
  char *text = json_dumps(line, JSON_REAL_PRECISION(9));
  const long before = ftell(d->log);
  errno = 0;
  const bool good = text != NULL && fprintf(d->log, "%s\n", text) > 0 && fflush(d->log) == 0;
  if (!good) {
    char *path = textf("%s/log.jsonl", d->path);
    (void)fail("train", path, NULL);
    if (before >= 0) (void)truncate(path, before); /* no half of a line stays */
    free(path);
  }
  free(text);
  return good;
}

/* State files whose checkpoint is gone go too. */
static void remove_stale(const char *folder) {
  DIR *dir = opendir(folder);
  for (const struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
    const size_t n = strlen(e->d_name), end = strlen(STATE_END);
    if (n <= end || strncmp(e->d_name, "model-", 6) != 0 || strcmp(e->d_name + n - end, STATE_END) != 0) continue;
    char *prefix = textf("%s/%.*s", folder, (int)(n - end), e->d_name), *state = textf("%s/%s", folder, e->d_name);
    if (!ek_train_checkpoint_exists(prefix)) (void)unlink(state);
    free(prefix), free(state);
  }
  if (dir != NULL) (void)closedir(dir);
}

bool train_dir_save(train_dir *d, ek_session *s, int64_t step, const json_t *state) {
  ek_status st = EK_STATUS_INIT;
  ek_train_save_opts opts = EK_TRAIN_SAVE_OPTS_INIT;
  opts.step = step;
  opts.write_meta_graph = false;
  char *prefix = textf("%s/model", d->path), *beside = textf("%s-%lld" STATE_END, prefix, (long long)step);
  char *text = json_dumps(state, JSON_INDENT(1));
  /* The state first: a checkpoint is not the newest before it is whole. */
  bool good = text != NULL && replace_file(beside, text, strlen(text));
  if (good && ek_train_saver_save(d->saver, s, prefix, &opts, NULL, &st) != EK_OK) {
    good = (fail_io(&st), false);
  }
  remove_stale(d->path);
  free(text), free(beside), free(prefix);
  return good;
}

const char *train_dir_latest(const train_dir *d) {
  const int n = d->saver != NULL ? ek_train_saver_num_checkpoints(d->saver) : 0;
  return n > 0 ? ek_train_saver_checkpoint(d->saver, n - 1) : NULL;
}

/* ---- reading */

static bool is_count(const json_t *n) {
  return json_is_integer(n) && json_integer_value(n) >= 0 && json_integer_value(n) <= 1000000000000000000;
}

json_t *train_dir_state(const char *path, char **prefix) {
  ek_status st = EK_STATUS_INIT;
  char latest[PATH_MAX];
  *prefix = NULL;
  if (!ek_train_latest_checkpoint(path, NULL, latest, sizeof latest)) {
    const ek_checkpoint_state *state = ek_train_get_checkpoint_state(path, NULL, &st);
    if (state == NULL) return (void)fail_io(&st), NULL;
    (void)fail("checkpoint", state->model_checkpoint_path, "is not there");
    ek_checkpoint_state_free(state);
    return NULL;
  }
  char *beside = textf("%s" STATE_END, latest);
  json_error_t error;
  errno = 0;
  json_t *state = json_load_file(beside, 0, &error);
  if (state == NULL) {
    (void)fail("train", beside, error.line > 0 ? error.text : errno != 0 ? strerror(errno) : error.text);
  } else if (!is_count(json_object_get(state, "step")) || !is_count(json_object_get(state, "position")) ||
             !json_is_object(json_object_get(state, "options"))) {
    (void)fail("train", beside, "does not say where the run stood");
    json_decref(state);
    state = NULL;
  }
  if (state != NULL) *prefix = textf("%s", latest);
  free(beside);
  return state;
}

/* ---- random ops */

json_t *random_to_json(ek_session *s) {
  ek_tensor *names = NULL, *counters = NULL;
  json_t *all = json_array();
  if (ek_session_get_random_state(s, &names, &counters, NULL) == EK_OK) {
    const int64_t *at = ek_tensor_data(counters);
    for (int64_t i = 0; i < ek_tensor_num_elements(names); i++) {
      if (at[2 * i] == 0 && at[2 * i + 1] == 0) continue; /* it has drawn nothing */
      (void)json_array_append_new(all, json_pack("[s,I,I]", ek_tensor_string(names, i, NULL), (json_int_t)at[2 * i],
                                                 (json_int_t)at[2 * i + 1]));
    }
  }
  ek_tensor_free(names);
  ek_tensor_free(counters);
  return all;
}

bool random_from_json(ek_session *s, const json_t *random) {
  const size_t n = json_array_size(random);
  const int64_t count = (int64_t)n;
  ek_status st = EK_STATUS_INIT;
  const char **names = need_memory(n, sizeof *names);
  int64_t *counters = need_memory(2 * n, sizeof *counters);
  bool good = true;
  for (size_t i = 0; i < n && good; i++) {
    const json_t *entry = json_array_get(random, i);
    names[i] = json_string_value(json_array_get(entry, 0));
    good = names[i] != NULL;
    for (size_t k = 0; k < 2; k++) counters[2 * i + k] = json_integer_value(json_array_get(entry, k + 1));
  }
  if (!good) (void)ek_status_set(&st, EK_DATA_LOSS, "random state: an op without a name");
  ek_tensor *who = good ? ek_tensor_from_strings(ek_shape(count), names, NULL, &st) : NULL;
  ek_tensor *where = who != NULL ? ek_tensor_from(EK_INT64, ek_shape(count, 2), counters, &st) : NULL;
  good = where != NULL && ek_session_set_random_state(s, who, where, &st) == EK_OK;
  if (!good) (void)fail_status("resume", NULL, &st);
  ek_tensor_free(who);
  ek_tensor_free(where);
  free(names), free(counters);
  return good;
}
