/* SPDX-License-Identifier: Apache-2.0 */
#include "io/path.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool ek__path_is_absolute(const char *path) { return path[0] == '/'; }

const char *ek__path_join(ek__arena *arena, const char *folder, const char *name) {
  const size_t n = strlen(folder), size = n + strlen(name) + 2;
  if (ek__path_is_absolute(name) || n == 0) return ek__arena_strdup(arena, name);
  char *path = ek__arena_alloc(arena, size);
  if (path != NULL) (void)snprintf(path, size, folder[n - 1] == '/' ? "%s%s" : "%s/%s", folder, name);
  return path;
}

/* "/a/b" without "." and ".."; the root is "". */
static char *canonical(ek__arena *arena, const char *path) {
  char cwd[4096];
  if (!ek__path_is_absolute(path)) {
    if (getcwd(cwd, sizeof cwd) == NULL) return NULL;
    path = ek__path_join(arena, cwd, path);
  }
  char *out = path != NULL ? ek__arena_alloc(arena, strlen(path) + 1) : NULL;
  if (out == NULL) return NULL;
  size_t used = 0;
  while (*path != '\0') {
    path += strspn(path, "/");
    const size_t n = strcspn(path, "/");
    if (n == 2 && memcmp(path, "..", 2) == 0) {
      while (used > 0 && out[--used] != '/') {
      }
    } else if (n > 0 && !(n == 1 && path[0] == '.')) {
      out[used++] = '/';
      memcpy(out + used, path, n);
      used += n;
    }
    path += n;
  }
  out[used] = '\0';
  return out;
}

const char *ek__path_relative(ek__arena *arena, const char *path, const char *folder) {
  const char *to = canonical(arena, path), *from = canonical(arena, folder);
  if (to == NULL || from == NULL) return NULL;
  size_t common = 0, i = 0; /* common: after the last component that both share */
  while (to[i] != '\0' && to[i] == from[i]) {
    i++;
    if ((to[i] == '/' || to[i] == '\0') && (from[i] == '/' || from[i] == '\0')) common = i;
  }
  size_t ups = 0;
  for (const char *p = from + common; *p != '\0'; p++) ups += *p == '/';
  const char *rest = to + common;
  rest += *rest == '/';
  if (ups == 0 && *rest == '\0') return ek__arena_strdup(arena, ".");
  char *out = ek__arena_alloc(arena, ups * 3 + strlen(rest) + 1);
  if (out == NULL) return NULL;
  char *p = out;
  for (size_t k = 0; k < ups; k++, p += 3) memcpy(p, "../", 3);
  memcpy(p, rest, strlen(rest) + 1);
  if (*rest == '\0') p[-1] = '\0';
  return out;
}
