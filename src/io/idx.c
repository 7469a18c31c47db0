/* SPDX-License-Identifier: Apache-2.0 */
/* IDX: two zero bytes, a type code, the rank, a big-endian uint32 for each dimension, the elements, big-endian. */
#include "evenkeel/io.h"
#include "io/bytes.h"
#include "io/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static const char WHAT[] = "idx";
enum { DEFLATE_RATIO = 1032 }; /* no deflate stream grows by more */

static ek_dtype dtype_of(uint8_t code) {
  switch (code) {
  case 0x08: return EK_UINT8;
  case 0x09: return EK_INT8;
  case 0x0b: return EK_INT16;
  case 0x0c: return EK_INT32;
  case 0x0d: return EK_FLOAT32;
  case 0x0e: return EK_FLOAT64;
  default: return EK_INVALID_DTYPE;
  }
}

/* Up to size bytes; fewer only at the end. */
static ek_code read_some(gzFile gz, const char *path, void *bytes, size_t size, size_t *got, ek_status *st) {
  const size_t chunk = (size_t)1 << 30;
  *got = 0;
  while (*got < size) {
    const size_t want = size - *got < chunk ? size - *got : chunk;
    errno = 0;
    const int n = gzread(gz, (char *)bytes + *got, (unsigned)want);
    int error = Z_OK;
    const char *why = gzerror(gz, &error), *told = strstr(why, ">: "); /* "<fd:3>: unexpected end of file" */
    if (error == Z_ERRNO) return ek__file_error(st, WHAT, path, errno);
    if (error == Z_MEM_ERROR) return ek__no_memory(st, path, want);
    EK_REQUIRE(n >= 0 && error == Z_OK, st, EK_DATA_LOSS, "%s: %s: gzip: %s", WHAT, path,
               told != NULL ? told + 3 : why);
    if (n == 0) break;
    *got += (size_t)n;
  }
  return EK_OK;
}

static ek_code read_all(gzFile gz, const char *path, void *bytes, size_t size, ek_status *st) {
  size_t got = 0;
  EK_TRY(read_some(gz, path, bytes, size, &got, st));
  EK_REQUIRE(got == size, st, EK_DATA_LOSS, "%s: %s: the data end %zu bytes too early", WHAT, path, size - got);
  return EK_OK;
}

static ek_code read_header(gzFile gz, const char *path, ek_dtype *dtype, ek_shape *shape, ek_status *st) {
  uint8_t head[4], dims[EK_MAX_RANK * 4];
  EK_TRY(read_all(gz, path, head, sizeof head, st));
  *dtype = dtype_of(head[2]);
  EK_REQUIRE(head[0] == 0 && head[1] == 0 && *dtype != EK_INVALID_DTYPE, st, EK_DATA_LOSS,
             "%s: %s: not an IDX file (it begins with %02x %02x %02x %02x)", WHAT, path, head[0], head[1], head[2],
             head[3]);
  EK_REQUIRE(head[3] <= EK_MAX_RANK, st, EK_UNIMPLEMENTED, "%s: %s: %d dimensions, at most %d are read", WHAT, path,
             head[3], EK_MAX_RANK);
  EK_TRY(read_all(gz, path, dims, (size_t)head[3] * 4, st));
  ek__swap_bytes(dims, head[3], 4);
  shape->rank = head[3];
  for (int i = 0; i < shape->rank; i++) shape->dim[i] = ek__get_u32(dims + 4 * i);
  return EK_OK;
}

static ek_code read_tensor(gzFile gz, const char *path, uint64_t file_size, ek_tensor **out, ek_status *st) {
  ek_dtype dtype = EK_INVALID_DTYPE;
  ek_shape shape = ek_shape_scalar();
  char text[EK_SHAPE_TEXT];
  EK_TRY(read_header(gz, path, &dtype, &shape, st));
  const int64_t n = ek_shape_num_elements(shape);
  const uint64_t most = gzdirect(gz)                             ? file_size
                        : file_size < UINT64_MAX / DEFLATE_RATIO ? file_size * DEFLATE_RATIO
                                                                 : UINT64_MAX;
  EK_REQUIRE(n >= 0 && (uint64_t)n <= most / ek_dtype_size(dtype), st, EK_DATA_LOSS,
             "%s: %s: the header says %s of %s, more than a file of %llu bytes holds", WHAT, path,
             ek_shape_format(shape, text, sizeof text), ek_dtype_name(dtype), (unsigned long long)file_size);
  *out = ek_tensor_new(dtype, shape, NULL, st);
  if (*out == NULL) return EK_RESOURCE_EXHAUSTED;
  void *data = ek_tensor_mutable_data(*out);
  EK_TRY(read_all(gz, path, data, ek_tensor_size_bytes(*out), st));
  if (ek_dtype_size(dtype) > 1) ek__swap_bytes(data, (size_t)n, ek_dtype_size(dtype));
  size_t more = 0;
  char byte = 0;
  EK_TRY(read_some(gz, path, &byte, 1, &more, st)); /* reads gzip's checksum too */
  EK_REQUIRE(more == 0, st, EK_DATA_LOSS, "%s: %s: more data than the header's %s", WHAT, path,
             ek_shape_format(shape, text, sizeof text));
  return EK_OK;
}

ek_tensor *ek_idx_load(const char *path, ek_status *st) {
  int fd = -1;
  uint64_t size = 0;
  ek_tensor *t = NULL;
  if (ek__file_open(WHAT, path, &fd, &size, st) != EK_OK) return NULL;
  gzFile gz = gzdopen(fd, "rb"); /* passes a plain file through */
  if (gz == NULL) {
    (void)close(fd);
    (void)ek__no_memory(st, path, 0);
    return NULL;
  }
  (void)gzbuffer(gz, 128 << 10);
  if (read_tensor(gz, path, size, &t, st) != EK_OK) {
    ek_tensor_free(t);
    t = NULL;
  }
  (void)gzclose(gz);
  return t;
}
