/* SPDX-License-Identifier: Apache-2.0 */
/* Which checkpoints a folder holds: tf.train's get_, update_checkpoint_state and latest_checkpoint. */
#include "io/checkpoint_state.h"

#include "io/file.h"
#include "io/path.h"

#include <string.h>

static const char WHAT[] = "checkpoint";
enum { STATE_LIMIT = 16 << 20 };

typedef struct owned_state { /* what a caller of get owns; public first */
  ek_checkpoint_state state;
  ek__arena arena;
} owned_state;

static const char *state_path(ek__arena *arena, const char *dir, const char *latest_filename) {
  return ek__path_join(arena, dir, latest_filename != NULL ? latest_filename : "checkpoint");
}

static ek_code load(owned_state *o, const char *dir, const char *latest_filename, ek_status *st) {
  const ek_allocator *a = ek_allocator_default();
  const char *path = state_path(&o->arena, dir, latest_filename);
  char *text = NULL;
  size_t size = 0;
  if (path == NULL) return ek__no_memory(st, WHAT, strlen(dir));
  EK_TRY(ek__file_read(WHAT, path, STATE_LIMIT, a, &text, &size, st));
  const ek_code code = ek__checkpoint_state_parse(path, text, size, &o->arena, &o->state, st);
  ek__free(a, text, size + 1);
  EK_TRY(code);
  ek_checkpoint_state *s = &o->state;
  EK_REQUIRE(s->model_checkpoint_path != NULL && s->model_checkpoint_path[0] != '\0', st, EK_INVALID_ARGUMENT,
             "%s: %s: model_checkpoint_path is missing", WHAT, path);
  s->model_checkpoint_path = ek__path_join(&o->arena, dir, s->model_checkpoint_path);
  const char **paths = ek__arena_array(&o->arena, (size_t)s->num_paths, sizeof *paths);
  if (s->model_checkpoint_path == NULL || paths == NULL) return ek__no_memory(st, WHAT, size);
  for (int i = 0; i < s->num_paths; i++) {
    paths[i] = ek__path_join(&o->arena, dir, s->all_model_checkpoint_paths[i]);
    if (paths[i] == NULL) return ek__no_memory(st, WHAT, size);
  }
  s->all_model_checkpoint_paths = paths;
  return EK_OK;
}

const ek_checkpoint_state *ek_train_get_checkpoint_state(const char *dir, const char *latest_filename, ek_status *st) {
  const ek_allocator *a = ek_allocator_default();
  owned_state *o = ek__alloc(a, sizeof *o);
  if (o == NULL) {
    (void)ek__no_memory(st, WHAT, sizeof *o);
    return NULL;
  }
  ek__arena_init(&o->arena, a);
  if (load(o, dir, latest_filename, st) == EK_OK) return &o->state;
  ek_checkpoint_state_free(&o->state);
  return NULL;
}

void ek_checkpoint_state_free(const ek_checkpoint_state *state) {
  if (state == NULL) return;
  owned_state *o = (owned_state *)(uintptr_t)state; /* state is its first member, in memory of ours */
  ek__arena_fini(&o->arena);
  ek__free(ek_allocator_default(), o, sizeof *o);
}

bool ek_train_latest_checkpoint(const char *dir, const char *latest_filename, char *path, size_t size) {
  const ek_checkpoint_state *s = ek_train_get_checkpoint_state(dir, latest_filename, NULL);
  if (s == NULL) return false;
  const size_t n = strlen(s->model_checkpoint_path) + 1;
  const bool found = ek_train_checkpoint_exists(s->model_checkpoint_path) && n <= size;
  if (found) memcpy(path, s->model_checkpoint_path, n);
  ek_checkpoint_state_free(s);
  return found;
}

/* As the file should name it. NULL: out of memory. (TensorFlow takes an absolute path that it has made relative to a
 * relative folder for one from the current folder, and makes it relative again: nothing is there.) */
static const char *named_from(ek__arena *arena, const char *path, const char *dir, bool save_relative_paths) {
  const bool rewrite = ek__path_is_absolute(path) ? save_relative_paths : !ek__path_is_absolute(dir);
  return rewrite ? ek__path_relative(arena, path, dir) : path;
}

static ek_code update(ek__arena *arena, const char *dir, const ek_checkpoint_state *in, bool save_relative_paths,
                      const char *latest_filename, ek_status *st) {
  const char *file = state_path(arena, dir, latest_filename);
  const char **paths = ek__arena_array(arena, (size_t)in->num_paths + 1, sizeof *paths);
  if (file == NULL || paths == NULL) return ek__no_memory(st, WHAT, strlen(dir));
  ek_checkpoint_state out = *in;
  out.all_model_checkpoint_paths = paths;
  out.model_checkpoint_path = named_from(arena, in->model_checkpoint_path, dir, save_relative_paths);
  if (out.model_checkpoint_path == NULL) return ek__no_memory(st, WHAT, strlen(dir));
  for (int i = 0; i < in->num_paths; i++) {
    paths[i] = named_from(arena, in->all_model_checkpoint_paths[i], dir, save_relative_paths);
    if (paths[i] == NULL) return ek__no_memory(st, WHAT, strlen(dir));
  }
  if (out.num_paths == 0 || strcmp(paths[out.num_paths - 1], out.model_checkpoint_path) != 0)
    paths[out.num_paths++] = out.model_checkpoint_path;
  EK_REQUIRE(in->num_timestamps == 0 || in->num_timestamps == out.num_paths, st, EK_INVALID_ARGUMENT,
             "%s: %s: %d timestamps for %d checkpoints, one each or none is allowed", WHAT, file, in->num_timestamps,
             out.num_paths);
  const char *absolute = ek__path_join(arena, dir, out.model_checkpoint_path);
  if (absolute == NULL) return ek__no_memory(st, WHAT, strlen(dir));
  EK_REQUIRE(strcmp(absolute, file) != 0, st, EK_INVALID_ARGUMENT,
             "%s: %s: a checkpoint of this name would collide with the state file", WHAT, file);
  ek__buffer text;
  ek__buffer_init(&text, arena->allocator);
  ek_code code = ek__checkpoint_state_format(&out, &text, st);
  if (code == EK_OK) code = ek__file_replace(WHAT, file, text.data, text.size, st);
  ek__buffer_fini(&text);
  return code;
}

ek_code ek_train_update_checkpoint_state(const char *dir, const ek_checkpoint_state *state, bool save_relative_paths,
                                         const char *latest_filename, ek_status *st) {
  EK_REQUIRE(state->model_checkpoint_path != NULL && state->model_checkpoint_path[0] != '\0', st, EK_INVALID_ARGUMENT,
             "%s: %s: model_checkpoint_path is missing", WHAT, dir);
  ek__arena arena;
  ek__arena_init(&arena, ek_allocator_default());
  const ek_code code = update(&arena, dir, state, save_relative_paths, latest_filename, st);
  ek__arena_fini(&arena);
  return code;
}
