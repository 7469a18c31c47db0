/* SPDX-License-Identifier: Apache-2.0 */
#include "io/bundle_writer.h"
#include "io/file.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool all_digits(const char *s, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (s[i] < '0' || s[i] > '9') return false;
  return true;
}

/* "NAME.data-00000-of-00001", NAME being base. */
static bool is_shard_of(const char *file, const char *base, size_t base_size) {
  static const char form[] = ".data-00000-of-00001";
  if (strncmp(file, base, base_size) != 0 || strlen(file + base_size) != sizeof form - 1) return false;
  const char *tail = file + base_size;
  return strncmp(tail, ".data-", 6) == 0 && all_digits(tail + 6, 5) && strncmp(tail + 11, "-of-", 4) == 0 &&
         all_digits(tail + 15, 5);
}

static ek_code remove_shards(const char *prefix, const char *folder, const char *base, ek_status *st) {
  DIR *dir = opendir(folder);
  if (dir == NULL) return errno == ENOENT ? EK_OK : ek__file_error(st, "checkpoint", folder, errno);
  ek_code code = EK_OK;
  char path[4096];
  for (const struct dirent *entry; code == EK_OK && (entry = readdir(dir)) != NULL;) {
    if (!is_shard_of(entry->d_name, base, strlen(base))) continue;
    const int n = snprintf(path, sizeof path, "%.*s%s", (int)(base - prefix), prefix, entry->d_name);
    if (n < 0 || (size_t)n >= sizeof path)
      code = ek__file_error(st, "checkpoint", prefix, ENAMETOOLONG);
    else if (unlink(path) != 0 && errno != ENOENT)
      code = ek__file_error(st, "checkpoint", path, errno);
  }
  (void)closedir(dir);
  return code;
}

ek_code ek__bundle_remove(const char *prefix, ek_status *st) {
  const char *slash = strrchr(prefix, '/'), *base = slash != NULL ? slash + 1 : prefix;
  char path[4096]; /* no allocation: what has begun must not stop for lack of memory */
  const int n = snprintf(path, sizeof path, "%s.index", prefix);
  if (n < 0 || (size_t)n >= sizeof path) return ek__file_error(st, "checkpoint", prefix, ENAMETOOLONG);
  EK_TRY(ek__file_remove("checkpoint", path, st));
  if (slash == NULL)
    (void)snprintf(path, sizeof path, ".");
  else
    path[slash == prefix ? 1 : slash - prefix] = '\0';
  return remove_shards(prefix, path, base, st);
}
