/* SPDX-License-Identifier: Apache-2.0 */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_BYTES = 65536, ATTEMPTS = 100 };

char *ek__file_temp_name(const char *path, const ek_allocator *a, size_t *size) {
  static _Atomic unsigned counter;
  const unsigned serial = atomic_fetch_add_explicit(&counter, 1, memory_order_relaxed);
  *size = strlen(path) + 48;
  char *temp = ek__alloc(a, *size);
  if (temp != NULL) (void)snprintf(temp, *size, "%s.tmp-%ld-%u", path, (long)getpid(), serial);
  return temp;
}

ek_code ek__out_file_open(ek__out_file *f, const char *what, const char *path, const ek_allocator *a, ek_status *st) {
  *f = (ek__out_file){.allocator = a, .what = what, .fd = -1, .path_size = strlen(path) + 1};
  f->path = ek__alloc(a, f->path_size);
  f->buffer = ek__alloc(a, BUFFER_BYTES);
  if (f->path == NULL || f->buffer == NULL) return ek__no_memory(st, path, f->path_size + BUFFER_BYTES);
  memcpy(f->path, path, f->path_size);
  for (int i = 0; f->fd < 0; i++) { /* what a killed process of the same id left behind is stepped over */
    ek__free(a, f->temp, f->temp_size);
    f->temp = ek__file_temp_name(path, a, &f->temp_size);
    if (f->temp == NULL) return ek__no_memory(st, path, f->temp_size);
    f->fd = open(f->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (f->fd < 0 && (errno != EEXIST || i == ATTEMPTS)) return ek__file_error(st, what, path, errno);
  }
  f->named = true;
  return EK_OK;
}

static ek_code write_all(ek__out_file *f, const uint8_t *bytes, size_t size, ek_status *st) {
  const size_t chunk = (size_t)1 << 30;
  while (size > 0) {
    const ssize_t n = write(f->fd, bytes, size < chunk ? size : chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ek__file_error(st, f->what, f->path, errno);
    bytes += n;
    size -= (size_t)n;
  }
  return EK_OK;
}

static ek_code flush(ek__out_file *f, ek_status *st) {
  const size_t used = f->used;
  f->used = 0;
  return write_all(f, f->buffer, used, st);
}

ek_code ek__out_file_write(ek__out_file *f, const void *bytes, size_t size, ek_status *st) {
  if (size > BUFFER_BYTES - f->used) EK_TRY(flush(f, st));
  if (size > BUFFER_BYTES / 2) {
    EK_TRY(flush(f, st));
    return write_all(f, bytes, size, st);
  }
  if (size > 0) memcpy(f->buffer + f->used, bytes, size);
  f->used += size;
  return EK_OK;
}

ek_code ek__out_file_sync(ek__out_file *f, ek_status *st) {
  EK_TRY(flush(f, st));
  if (fsync(f->fd) != 0) return ek__file_error(st, f->what, f->path, errno);
  const int fd = f->fd;
  f->fd = -1;
  return close(fd) == 0 ? EK_OK : ek__file_error(st, f->what, f->path, errno);
}

ek_code ek__out_file_rename(ek__out_file *f, ek_status *st) {
  EK_ASSERT(f->fd < 0 && f->named, st);
  if (rename(f->temp, f->path) != 0) return ek__file_error(st, f->what, f->path, errno);
  f->named = false;
  return ek__file_sync_folder(f->what, f->path, st);
}

void ek__out_file_fini(ek__out_file *f) {
  if (f->fd >= 0) (void)close(f->fd);
  if (f->named) (void)unlink(f->temp);
  ek__free(f->allocator, f->buffer, BUFFER_BYTES);
  ek__free(f->allocator, f->temp, f->temp_size);
  ek__free(f->allocator, f->path, f->path_size);
  *f = (ek__out_file){.allocator = f->allocator, .fd = -1};
}

ek_code ek__file_replace(const char *what, const char *path, const void *bytes, size_t size, ek_status *st) {
  ek__out_file f;
  ek_code code = ek__out_file_open(&f, what, path, ek_allocator_default(), st);
  if (code == EK_OK) code = ek__out_file_write(&f, bytes, size, st);
  if (code == EK_OK) code = ek__out_file_sync(&f, st);
  if (code == EK_OK) code = ek__out_file_rename(&f, st);
  ek__out_file_fini(&f);
  return code;
}
