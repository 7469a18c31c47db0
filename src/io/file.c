/* SPDX-License-Identifier: Apache-2.0 */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ek_code code_of(int error) {
  switch (error) {
  case ENOENT: return EK_NOT_FOUND;
  case EACCES:
  case EPERM:
  case EROFS: return EK_PERMISSION_DENIED;
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
  case EMFILE:
  case ENFILE:
  case ENOMEM: return EK_RESOURCE_EXHAUSTED;
  case EEXIST: return EK_ALREADY_EXISTS;
  case EISDIR:
  case ENOTDIR:
  case ENOTEMPTY: return EK_FAILED_PRECONDITION;
  case ENAMETOOLONG:
  case ELOOP:
  case EINVAL: return EK_INVALID_ARGUMENT;
  default: return EK_UNKNOWN;
  }
}

ek_code ek__file_error(ek_status *st, const char *what, const char *path, int error) {
  char reason[128];
  if (strerror_r(error, reason, sizeof reason) != 0) (void)snprintf(reason, sizeof reason, "error %d", error);
  return ek_status_set(st, code_of(error), "%s: %s: %s", what, path, reason);
}

bool ek__file_exists(const char *path) {
  struct stat info;
  return lstat(path, &info) == 0;
}

ek_code ek__file_open(const char *what, const char *path, int *fd, uint64_t *size, ek_status *st) {
  struct stat info;
  const int f = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe of that name must not block us */
  if (f < 0) return ek__file_error(st, what, path, errno);
  if (fstat(f, &info) != 0) {
    const int error = errno;
    (void)close(f);
    return ek__file_error(st, what, path, error);
  }
  if (!S_ISREG(info.st_mode)) {
    (void)close(f);
    if (S_ISDIR(info.st_mode)) return ek__file_error(st, what, path, EISDIR);
    return ek_status_set(st, EK_FAILED_PRECONDITION, "%s: %s: not a regular file", what, path);
  }
  *fd = f;
  *size = (uint64_t)info.st_size;
  return EK_OK;
}

ek_code ek__file_pread(const char *what, const char *path, int fd, void *bytes, size_t size, uint64_t offset,
                       ek_status *st) {
  const size_t chunk = (size_t)1 << 30;
  for (size_t done = 0; done < size;) {
    const size_t want = size - done < chunk ? size - done : chunk;
    const ssize_t got = pread(fd, (char *)bytes + done, want, (off_t)(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ek__file_error(st, what, path, errno);
    EK_REQUIRE(got > 0, st, EK_DATA_LOSS, "%s: %s: the file ends at byte %llu, %zu bytes at %llu were due", what, path,
               (unsigned long long)(offset + done), size, (unsigned long long)offset);
    done += (size_t)got;
  }
  return EK_OK;
}

ek_code ek__file_read(const char *what, const char *path, size_t limit, const ek_allocator *a, char **bytes,
                      size_t *size, ek_status *st) {
  int fd = -1;
  uint64_t length = 0;
  EK_TRY(ek__file_open(what, path, &fd, &length, st));
  ek_code code = EK_OK;
  char *block = NULL;
  if (length > limit || length >= SIZE_MAX / 2) {
    code = ek_status_set(st, EK_RESOURCE_EXHAUSTED, "%s: %s: %llu bytes, at most %zu are read", what, path,
                         (unsigned long long)length, limit);
    goto done;
  }
  block = ek__alloc(a, (size_t)length + 1);
  if (block == NULL) {
    code = ek__no_memory(st, path, (size_t)length + 1);
    goto done;
  }
  code = ek__file_pread(what, path, fd, block, (size_t)length, 0, st);
  if (code != EK_OK) goto done;
  *bytes = block;
  *size = (size_t)length;
  block = NULL;
done:
  ek__free(a, block, (size_t)length + 1);
  (void)close(fd);
  return code;
}

ek_code ek__file_sync_folder(const char *what, const char *path, ek_status *st) {
  const char *slash = strrchr(path, '/');
  char folder[4096] = ".";
  if (slash != NULL) {
    const size_t n = slash == path ? 1 : (size_t)(slash - path);
    if (n >= sizeof folder) return ek__file_error(st, what, path, ENAMETOOLONG);
    memcpy(folder, path, n);
    folder[n] = '\0';
  }
  const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno == EACCES ? EK_OK : ek__file_error(st, what, folder, errno); /* writable, yet not readable */
  const int error = fsync(fd) == 0 || errno == EINVAL || errno == EROFS ? 0 : errno;    /* not every file system can */
  (void)close(fd);
  return error == 0 ? EK_OK : ek__file_error(st, what, folder, error);
}

ek_code ek__file_remove(const char *what, const char *path, ek_status *st) {
  if (unlink(path) != 0) return errno == ENOENT ? EK_OK : ek__file_error(st, what, path, errno);
  return ek__file_sync_folder(what, path, st);
}
