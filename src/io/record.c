/* SPDX-License-Identifier: Apache-2.0 */
#include "io/record.h"

#include "io/bytes.h"
#include "io/crc32c.h"
#include "io/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char WHAT[] = "record file";
enum { HEADER_BYTES = 12, FOOTER_BYTES = 4 };

static char *copy_path(const char *path, const ek_allocator *a) {
  char *copy = ek__alloc(a, strlen(path) + 1);
  return copy != NULL ? memcpy(copy, path, strlen(path) + 1) : NULL;
}

static void free_path(char *path, const ek_allocator *a) {
  if (path != NULL) ek__free(a, path, strlen(path) + 1);
}

struct ek__record_writer {
  const ek_allocator *allocator;
  char *path;
  FILE *file;
};

ek_code ek__record_writer_new(const char *path, const ek_allocator *a, ek__record_writer **out, ek_status *st) {
  *out = NULL;
  ek__record_writer *w = ek__alloc(a, sizeof *w);
  if (w == NULL) return ek__no_memory(st, path, sizeof *w);
  w->allocator = a;
  w->path = copy_path(path, a);
  ek_code code = w->path != NULL ? EK_OK : ek__no_memory(st, path, strlen(path));
  if (code == EK_OK && (w->file = fopen(path, "wb")) == NULL) code = ek__file_error(st, WHAT, path, errno);
  if (code == EK_OK)
    *out = w;
  else
    (void)ek__record_writer_close(w, NULL);
  return code;
}

ek_code ek__record_writer_add(ek__record_writer *w, const void *bytes, size_t size, ek_status *st) {
  uint8_t header[HEADER_BYTES], footer[FOOTER_BYTES];
  ek__put_u64(header, size);
  ek__put_u32(header + 8, ek__crc32c_mask(ek__crc32c(header, 8)));
  ek__put_u32(footer, ek__crc32c_mask(ek__crc32c(bytes, size)));
  errno = 0;
  if (fwrite(header, 1, sizeof header, w->file) != sizeof header ||
      (size > 0 && fwrite(bytes, 1, size, w->file) != size) ||
      fwrite(footer, 1, sizeof footer, w->file) != sizeof footer)
    return ek__file_error(st, WHAT, w->path, errno != 0 ? errno : EIO);
  return EK_OK;
}

ek_code ek__record_writer_flush(ek__record_writer *w, ek_status *st) {
  return fflush(w->file) == 0 ? EK_OK : ek__file_error(st, WHAT, w->path, errno);
}

ek_code ek__record_writer_close(ek__record_writer *w, ek_status *st) {
  if (w == NULL) return EK_OK;
  ek_code code = EK_OK;
  if (w->file != NULL && fclose(w->file) != 0) code = ek__file_error(st, WHAT, w->path, errno);
  free_path(w->path, w->allocator);
  ek__free(w->allocator, w, sizeof *w);
  return code;
}

struct ek__record_reader {
  char *path;
  int fd;
  uint64_t at, size; /* size of the file when it was opened */
  ek__buffer record;
};

ek_code ek__record_reader_new(const char *path, const ek_allocator *a, ek__record_reader **out, ek_status *st) {
  *out = NULL;
  ek__record_reader *r = ek__alloc(a, sizeof *r);
  if (r == NULL) return ek__no_memory(st, path, sizeof *r);
  ek__buffer_init(&r->record, a);
  r->fd = -1;
  r->path = copy_path(path, a);
  ek_code code = r->path != NULL ? EK_OK : ek__no_memory(st, path, strlen(path));
  if (code == EK_OK) code = ek__file_open(WHAT, path, &r->fd, &r->size, st);
  if (code == EK_OK)
    *out = r;
  else
    ek__record_reader_free(r);
  return code;
}

void ek__record_reader_free(ek__record_reader *r) {
  if (r == NULL) return;
  const ek_allocator *a = r->record.allocator;
  if (r->fd >= 0) (void)close(r->fd);
  free_path(r->path, a);
  ek__buffer_fini(&r->record);
  ek__free(a, r, sizeof *r);
}

static ek_code damaged(const ek__record_reader *r, const char *why, ek_status *st) {
  return ek_status_set(st, EK_DATA_LOSS, "%s: %s: record at byte %llu: %s", WHAT, r->path, (unsigned long long)r->at,
                       why);
}

ek_code ek__record_reader_next(ek__record_reader *r, const uint8_t **bytes, size_t *size, ek_status *st) {
  uint8_t header[HEADER_BYTES];
  const uint64_t left = r->size - r->at;
  *bytes = NULL;
  *size = 0;
  if (left == 0) return EK_OK;
  if (left < HEADER_BYTES + FOOTER_BYTES) return damaged(r, "cut off", st);
  EK_TRY(ek__file_pread(WHAT, r->path, r->fd, header, sizeof header, r->at, st));
  if (ek__crc32c_unmask(ek__get_u32(header + 8)) != ek__crc32c(header, 8))
    return damaged(r, "the checksum of its length does not match", st);
  const uint64_t length = ek__get_u64(header);
  if (length > left - HEADER_BYTES - FOOTER_BYTES) return damaged(r, "cut off", st);
  const size_t n = (size_t)length;
  EK_TRY(ek__buffer_reserve(&r->record, n + FOOTER_BYTES, st));
  EK_TRY(ek__file_pread(WHAT, r->path, r->fd, r->record.data, n + FOOTER_BYTES, r->at + HEADER_BYTES, st));
  if (ek__crc32c_unmask(ek__get_u32(r->record.data + n)) != ek__crc32c(r->record.data, n))
    return damaged(r, "its checksum does not match", st);
  r->at += HEADER_BYTES + length + FOOTER_BYTES;
  *bytes = r->record.data;
  *size = n;
  return EK_OK;
}
