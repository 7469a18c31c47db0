/* SPDX-License-Identifier: Apache-2.0 */
/* The saver as an object: made, saving, restoring. */
#include "layers/saver.h"

#include "base/status.h"
#include "evenkeel/io.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- made and freed */

/* The variables with their names in the checkpoint; their memory is g's. */
static ek_named_variables pairs_of(ek_graph *g, const ek_train_saver_opts *p) {
  if (p->var_map.at != NULL) return p->var_map;
  const ek_variables v =
      p->var_list.at != NULL ? p->var_list : ek_get_collection_variables(g, EK_GLOBAL_VARIABLES, NULL);
  ek_named_variable *at = ek_graph_alloc(g, ((size_t)v.n + 1) * sizeof *at);
  for (int i = 0; at != NULL && i < v.n; i++) at[i] = (ek_named_variable){ek_variable_name(g, v.at[i]), v.at[i]};
  return (ek_named_variables){at, at != NULL ? v.n : 0};
}

/* The names of the nodes, in strings of the saver's own. */
static bool take_names(ek_saver *s, const char *filename, const char *save, const char *restore) {
  s->def.filename_tensor_name = ek__saver_text(s, "%s", filename);
  s->def.save_tensor_name = ek__saver_text(s, "%s", save);
  s->def.restore_op_name = ek__saver_text(s, "%s", restore);
  return s->def.filename_tensor_name != NULL && s->def.save_tensor_name != NULL && s->def.restore_op_name != NULL;
}

/* A saver of nodes that are there. */
static bool adopt(ek_saver *s, ek_graph *g, const ek_saver_def *def) {
  if (def->filename_tensor_name == NULL || def->save_tensor_name == NULL || def->restore_op_name == NULL) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "Saver: saver_def must specify filename_tensor_name, save_tensor_name and "
                  "restore_op_name");
    return false;
  }
  s->filename = ek_graph_find_out(g, def->filename_tensor_name);
  s->save = ek_graph_find_out(g, def->save_tensor_name);
  s->restore = ek_graph_find_op(g, def->restore_op_name);
  if (s->filename.op == 0 || s->save.op == 0 || s->restore.id == 0) {
    ek_graph_fail(g, EK_NOT_FOUND, "Saver: the graph lacks one of '%s', '%s', '%s'", def->filename_tensor_name,
                  def->save_tensor_name, def->restore_op_name);
    return false;
  }
  s->def = *def;
  s->def.filename_tensor_name = s->def.save_tensor_name = s->def.restore_op_name = NULL;
  return take_names(s, def->filename_tensor_name, def->save_tensor_name, def->restore_op_name);
}

static bool build(ek_saver *s, ek_graph *g, const ek_train_saver_opts *p) {
  const ek_named_variables pairs = pairs_of(g, p);
  s->def.max_to_keep = p->max_to_keep;
  s->def.sharded = p->sharded;
  s->def.keep_checkpoint_every_n_hours = (float)p->keep_checkpoint_every_n_hours;
  s->def.version = 2;
  if (pairs.n == 0) {
    s->is_empty = true;
    if (!p->allow_empty) ek_graph_fail(g, EK_INVALID_ARGUMENT, "Saver: No variables to save");
    return p->allow_empty;
  }
  if (!ek__saver_build(s, g, pairs, p->name)) return false;
  const char *filename = ek_graph_text(g, "%s:0", ek_op_name(g, ek_out_op(s->filename)));
  const char *save = ek_graph_text(g, "%s:0", ek_op_name(g, ek_out_op(s->save)));
  return filename != NULL && save != NULL && take_names(s, filename, save, ek_op_name(g, s->restore));
}

ek_saver *ek_train_saver_new(ek_graph *g, const ek_train_saver_opts *options) {
  static const ek_train_saver_opts defaults = EK_TRAIN_SAVER_OPTS_INIT;
  const ek_train_saver_opts *p = options != NULL ? options : &defaults;
  g = ek_named(g, NULL);
  if (ek_graph_status(g, NULL) != EK_OK) return NULL;
  if (p->version != 1u) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "Saver: options of version %u; start from ..._OPTS_INIT", p->version);
    return NULL;
  }
  const ek_allocator *a = p->allocator != NULL ? p->allocator : ek_allocator_default();
  ek_saver *s = a->alloc(a->ctx, sizeof *s, _Alignof(ek_saver));
  if (s == NULL) {
    ek_graph_fail(g, EK_RESOURCE_EXHAUSTED, "Saver: out of memory");
    return NULL;
  }
  *s = (ek_saver){
      .allocator = a, .graph = g, .pad_step_number = p->pad_step_number, .save_relative_paths = p->save_relative_paths};
  if (!(p->saver_def != NULL ? adopt(s, g, p->saver_def) : build(s, g, p))) {
    ek_graph_fail(g, EK_RESOURCE_EXHAUSTED, "Saver: out of memory"); /* unless another error is there */
    ek_train_saver_free(s);
    return NULL;
  }
  s->next_kept_s = ek__now_s() + (double)s->def.keep_checkpoint_every_n_hours * 3600.0;
  return s;
}

static char *own(const char *text) { return (char *)(uintptr_t)text; } /* the saver made it */

void ek_train_saver_free(ek_saver *s) {
  if (s == NULL) return;
  ek__saver_forget(s);
  ek__saver_free_text(s, own(s->def.filename_tensor_name));
  ek__saver_free_text(s, own(s->def.save_tensor_name));
  ek__saver_free_text(s, own(s->def.restore_op_name));
  ek__saver_free_text(s, s->last);
  s->allocator->free(s->allocator->ctx, s, sizeof *s);
}

const ek_saver_def *ek_train_saver_as_def(const ek_saver *s) { return s != NULL && !s->is_empty ? &s->def : NULL; }

/* ---- saving */

/* Does path lie in a folder that is not there? */
static bool lacks_parent(ek_saver *s, const char *path) {
  const char *slash = strrchr(path, '/');
  struct stat info;
  if (slash == NULL || slash == path) return false;
  char *parent = ek__saver_text(s, "%.*s", (int)(slash - path), path);
  const bool lacks = parent != NULL && (stat(parent, &info) != 0 || !S_ISDIR(info.st_mode));
  ek__saver_free_text(s, parent);
  return lacks;
}

/* The prefix with the step behind it; NULL with a status. */
static char *prefix_of(ek_saver *s, ek_session *session, const char *save_path, const ek_train_save_opts *p,
                       ek_status *st) {
  int64_t step = p->step;
  if (p->global_step.id != 0) {
    ek_tensor *value = ek_session_get_variable(session, p->global_step, st);
    if (value == NULL) return NULL;
    step = ek_tensor_dtype(value) == EK_INT64 ? *(const int64_t *)ek_tensor_data(value)
                                              : (int64_t)ek_tensor_number(value, 0);
    ek_tensor_free(value);
  }
  char *prefix = step == EK_NO_STEP
                     ? ek__saver_text(s, "%s", save_path)
                     : ek__saver_text(s, s->pad_step_number ? "%s-%08lld" : "%s-%lld", save_path, (long long)step);
  if (prefix == NULL) (void)ek_status_set(st, EK_RESOURCE_EXHAUSTED, "Saver: out of memory");
  return prefix;
}

static ek_code check_session(const ek_saver *s, const ek_session *session, ek_status *st) {
  EK_REQUIRE(s != NULL && session != NULL, st, EK_INVALID_ARGUMENT, "Saver: no saver or session");
  EK_REQUIRE(ek_session_graph(session) == s->graph, st, EK_INVALID_ARGUMENT, "Saver: the session is of another graph");
  return EK_OK;
}

/* Feeds the prefix, and runs the op that restores, or fetches the tensor that saves. */
static ek_code run(ek_saver *s, ek_session *session, const char *prefix, bool save, ek_status *st) {
  ek_tensor *name = ek_tensor_from_strings(ek_shape_scalar(), &prefix, NULL, st);
  if (name == NULL) return EK_RESOURCE_EXHAUSTED;
  const ek_feed feed = EK_FEED(s->filename, name);
  const ek_fetch fetch = EK_FETCH(s->save);
  ek_tensor *saved = NULL;
  const ek_code code = save ? ek_session_run(session, &feed, 1, &fetch, 1, &saved, NULL, 0, NULL, st)
                            : ek_session_run(session, &feed, 1, NULL, 0, NULL, &s->restore, 1, NULL, st);
  ek_tensor_free(saved);
  ek_tensor_free(name);
  return code;
}

/* The state file beside prefix; then what is over goes. */
static ek_code note(ek_saver *s, const char *prefix, const ek_train_save_opts *p, ek_status *st) {
  const char *slash = strrchr(prefix, '/');
  const int length = slash == NULL ? 0 : slash == prefix ? 1 : (int)(slash - prefix);
  char *dir = ek__saver_text(s, "%.*s", length, prefix);
  const size_t size = ((size_t)s->n_kept + 1) * sizeof(char *);
  const char **paths = s->allocator->alloc(s->allocator->ctx, size, _Alignof(char *));
  ek_code code = EK_RESOURCE_EXHAUSTED;
  if (dir == NULL || paths == NULL) {
    (void)ek_status_set(st, code, "Saver: out of memory");
    goto done;
  }
  for (int i = 0; i < s->n_kept; i++) paths[i] = s->kept[i].path;
  ek_checkpoint_state state = {.model_checkpoint_path = prefix};
  state.all_model_checkpoint_paths = paths;
  state.num_paths = s->n_kept;
  code = ek_train_update_checkpoint_state(dir, &state, s->save_relative_paths, p->latest_filename, st);
  if (code == EK_OK) ek__saver_delete_old(s, p->meta_graph_suffix);
done:
  ek__saver_free_text(s, dir);
  if (paths != NULL) s->allocator->free(s->allocator->ctx, paths, size);
  return code;
}

static ek_code write_meta(ek_saver *s, ek_session *session, const char *prefix, const char *suffix, ek_status *st) {
  ek_export_meta_graph_opts opts = EK_EXPORT_META_GRAPH_OPTS_INIT;
  opts.saver = ek_train_saver_as_def(s);
  char *path = ek__saver_meta_path(s, prefix, suffix);
  EK_REQUIRE(path != NULL, st, EK_RESOURCE_EXHAUSTED, "Saver: out of memory");
  const ek_code code = ek_export_meta_graph(ek_session_graph(session), path, &opts, st);
  ek__saver_free_text(s, path);
  return code;
}

static ek_code write_checkpoint(ek_saver *s, ek_session *session, const char *prefix, const ek_train_save_opts *p,
                                ek_status *st) {
  ek_status why = EK_STATUS_INIT;
  const ek_code code = run(s, session, prefix, true, &why);
  if ((code == EK_NOT_FOUND || code == EK_FAILED_PRECONDITION) && lacks_parent(s, prefix))
    return ek_status_set(st, EK_INVALID_ARGUMENT, "Saver: Parent directory of %s doesn't exist, can't save: %s", prefix,
                         why.msg);
  EK_REQUIRE(code == EK_OK, st, code, "%s", why.msg);
  if (!p->write_state) return EK_OK;
  EK_TRY(ek__saver_record(s, prefix, ek__now_s(), st));
  return note(s, prefix, p, st);
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

static ek_code check_save(const ek_saver *s, const ek_session *session, const char *save_path,
                          const ek_train_save_opts *p, ek_status *st) {
  EK_TRY(check_session(s, session, st));
  EK_REQUIRE(save_path != NULL, st, EK_INVALID_ARGUMENT, "Saver: no path to save to");
  EK_REQUIRE(p->version == 1u, st, EK_INVALID_ARGUMENT, "Saver: options of version %u; start from ..._OPTS_INIT",
             p->version);
  const char *latest = p->latest_filename != NULL ? p->latest_filename : "checkpoint";
  EK_REQUIRE(strchr(latest, '/') == NULL, st, EK_INVALID_ARGUMENT,
             "Saver: 'latest_filename' must not contain path components: '%s'", latest);
  EK_REQUIRE(
      p->step != EK_NO_STEP || p->global_step.id != 0 || s->def.sharded || strcmp(base_name(save_path), latest) != 0,
      st, EK_INVALID_ARGUMENT, "Saver: 'latest_filename' collides with 'save_path': '%s' and '%s'", latest, save_path);
  return EK_OK;
}

ek_code ek_train_saver_save(ek_saver *s, ek_session *session, const char *save_path, const ek_train_save_opts *options,
                            const char **path, ek_status *st) {
  static const ek_train_save_opts defaults = EK_TRAIN_SAVE_OPTS_INIT;
  const ek_train_save_opts *p = options != NULL ? options : &defaults;
  if (path != NULL) *path = NULL;
  EK_TRY(check_save(s, session, save_path, p, st));
  ek_status why = EK_STATUS_INIT;
  char *prefix = prefix_of(s, session, save_path, p, &why);
  EK_REQUIRE(prefix != NULL, st, why.code, "%s", why.msg);
  ek_code code = s->is_empty ? EK_OK : write_checkpoint(s, session, prefix, p, st);
  if (code == EK_OK && p->write_meta_graph) code = write_meta(s, session, prefix, p->meta_graph_suffix, st);
  if (code != EK_OK || s->is_empty) {
    ek__saver_free_text(s, prefix);
    return code;
  }
  ek__saver_free_text(s, s->last);
  s->last = prefix;
  if (path != NULL) *path = prefix;
  return EK_OK;
}

/* ---- restoring */

ek_code ek_train_saver_restore(ek_saver *s, ek_session *session, const char *save_path, ek_status *st) {
  EK_TRY(check_session(s, session, st));
  if (s->is_empty) return EK_OK;
  EK_REQUIRE(save_path != NULL, st, EK_INVALID_ARGUMENT, "Saver: Can't load save_path when it is None.");
  EK_REQUIRE(ek_train_checkpoint_exists(save_path), st, EK_INVALID_ARGUMENT,
             "Saver: The passed save_path is not a valid checkpoint: %s", save_path);
  ek_status why = EK_STATUS_INIT;
  const ek_code code = run(s, session, save_path, false, &why);
  if (code == EK_OK) return EK_OK;
  if (code == EK_NOT_FOUND || code == EK_INVALID_ARGUMENT)
    return ek_status_set(st, code, "Saver: restoring from '%s' failed, most likely due to %s: %s", save_path,
                         code == EK_NOT_FOUND ? "a Variable name that is missing from the checkpoint"
                                              : "a mismatch between the current graph and the checkpoint's",
                         why.msg);
  return ek_status_set(st, code, "%s", why.msg);
}

ek_code ek_train_saver_recover_last_checkpoints(ek_saver *s, const char *const *paths, int n, ek_status *st) {
  EK_REQUIRE(s != NULL, st, EK_INVALID_ARGUMENT, "Saver: no saver");
  ek__saver_forget(s);
  for (int i = 0; i < n; i++) {
    struct stat info;
    char *index = ek__saver_text(s, "%s.index", paths[i]);
    EK_REQUIRE(index != NULL, st, EK_RESOURCE_EXHAUSTED, "Saver: out of memory");
    const bool there = stat(index, &info) == 0;
    ek__saver_free_text(s, index);
    if (there) EK_TRY(ek__saver_record(s, paths[i], (double)info.st_mtime, st));
  }
  return EK_OK;
}
