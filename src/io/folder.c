/* SPDX-License-Identifier: Apache-2.0 */
#include "io/folder.h"

#include "io/file.h"
#include "io/path.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ATTEMPTS = 100 };

static const char *without_slashes(ek__arena *arena, const char *path) {
  size_t n = strlen(path);
  while (n > 1 && path[n - 1] == '/') n--;
  return ek__arena_strndup(arena, path, n);
}

/* Makes every folder on the way to the last component of path. */
static ek_code make_parents(const char *what, char *path, ek_status *st) {
  for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    const bool made = mkdir(path, 0777) == 0 || errno == EEXIST;
    const ek_code code = made ? EK_OK : ek__file_error(st, what, path, errno);
    *slash = '/';
    EK_TRY(code);
  }
  return EK_OK;
}

static bool is_empty_folder(const char *path) {
  DIR *dir = opendir(path);
  bool empty = dir != NULL;
  for (const struct dirent *e; empty && (e = readdir(dir)) != NULL;)
    empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
  if (dir != NULL) (void)closedir(dir);
  return empty;
}

ek_code ek__out_folder_open(ek__out_folder *f, const char *what, const char *path, const ek_allocator *a,
                            ek_status *st) {
  *f = (ek__out_folder){.what = what};
  ek__arena_init(&f->arena, a);
  f->path = without_slashes(&f->arena, path);
  char *parents = f->path != NULL ? ek__arena_strdup(&f->arena, f->path) : NULL;
  if (parents == NULL) return ek__no_memory(st, path, strlen(path));
  EK_REQUIRE(*path != '\0', st, EK_INVALID_ARGUMENT, "%s: the path of the folder is empty", what);
  EK_REQUIRE(!ek__file_exists(f->path) || is_empty_folder(f->path), st, EK_ALREADY_EXISTS,
             "%s: %s: is there already, and no empty folder", what, path);
  EK_TRY(make_parents(what, parents, st));
  for (int i = 0; f->temp == NULL; i++) {
    size_t size = 0;
    char *name = ek__file_temp_name(f->path, a, &size);
    const char *temp = name != NULL ? ek__arena_strdup(&f->arena, name) : NULL;
    ek__free(a, name, size);
    if (temp == NULL) return ek__no_memory(st, path, size);
    if (mkdir(temp, 0777) == 0)
      f->temp = temp;
    else if (errno != EEXIST || i == ATTEMPTS)
      return ek__file_error(st, what, path, errno);
  }
  return EK_OK;
}

const char *ek__out_folder_path(ek__out_folder *f, const char *name, ek_status *st) {
  if (f->temp == NULL || *name == '\0' || *name == '/' || strstr(name, "..") != NULL) {
    (void)ek_status_set(st, EK_INVALID_ARGUMENT, "%s: %s: '%s' is no name of a file in it", f->what, f->path, name);
    return NULL;
  }
  const char *path = ek__path_join(&f->arena, f->temp, name);
  char *parents = path != NULL ? ek__arena_strdup(&f->arena, path) : NULL;
  if (parents == NULL) {
    (void)ek__no_memory(st, f->path, 0);
    return NULL;
  }
  return make_parents(f->what, parents, st) == EK_OK ? path : NULL;
}

ek_code ek__out_folder_rename(ek__out_folder *f, ek_status *st) {
  EK_ASSERT(f->temp != NULL, st);
  if (rename(f->temp, f->path) != 0) return ek__file_error(st, f->what, f->path, errno);
  f->temp = NULL;
  return ek__file_sync_folder(f->what, f->path, st);
}

/* What cannot be removed stays: there is nobody to tell. */
static void remove_tree(ek__arena *arena, const char *path) {
  DIR *dir = opendir(path);
  if (dir == NULL) return;
  for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
    const char *inner = ek__path_join(arena, path, e->d_name);
    struct stat info;
    if (inner == NULL || lstat(inner, &info) != 0) continue;
    if (S_ISDIR(info.st_mode))
      remove_tree(arena, inner);
    else
      (void)unlink(inner);
  }
  (void)closedir(dir);
  (void)rmdir(path);
}

void ek__out_folder_fini(ek__out_folder *f) {
  if (f->temp != NULL) remove_tree(&f->arena, f->temp);
  ek__arena_fini(&f->arena);
  *f = (ek__out_folder){0};
}
