/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool can_write(const char *what, const char *path) {
  const char *slash = strrchr(path, '/');
  char *folder = slash == NULL ? textf(".") : textf("%.*s", slash == path ? 1 : (int)(slash - path), path);
  struct stat s;
  errno = 0;
  bool good = access(folder, W_OK | X_OK) == 0;
  if (good && stat(path, &s) == 0 && S_ISDIR(s.st_mode)) good = false, errno = EISDIR;
  if (!good) (void)fail(what, path, strerror(errno));
  free(folder);
  return good;
}
