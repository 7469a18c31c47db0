/* SPDX-License-Identifier: Apache-2.0 */
/* .npy files, and the image of a tensor that .npz archives share. */
#include "io/npy.h"

#include "evenkeel/io.h"
#include "io/file.h"
#include "tensor/half.h"

#include <string.h>
#include <unistd.h>

typedef struct file_source {
  const char *path;
  int fd;
  uint64_t at;
} file_source;

static ek_code read_file(void *ctx, void *bytes, size_t size, ek_status *st) {
  file_source *f = ctx;
  EK_TRY(ek__file_pread("npy", f->path, f->fd, bytes, size, f->at, st));
  f->at += size;
  return EK_OK;
}

ek_tensor *ek_npy_load(const char *path, ek_status *st) {
  file_source f = {.path = path, .fd = -1};
  ek__npy_source source = {.read = read_file, .ctx = &f, .where = path};
  ek_tensor *t = NULL;
  if (ek__file_open("npy", path, &f.fd, &source.size, st) != EK_OK) return NULL;
  (void)ek__npy_read(&source, ek_allocator_default(), &t, st);
  (void)close(f.fd);
  return t;
}

/* *kind: 'S', which drops zeros at the end when it is read; strings that have some, all of one width, are 'V'. */
static ek_code measure_strings(const char *where, const ek_tensor *t, char *kind, size_t *width, ek_status *st) {
  const int64_t n = ek_tensor_num_elements(t);
  int64_t zero = -1; /* a string that ends with one */
  bool same = true;
  size_t size = 0, first = 0;
  *width = 1; /* at least, as NumPy has it */
  for (int64_t i = 0; i < n; i++) {
    const char *s = ek_tensor_string(t, i, &size);
    if (i == 0) first = size;
    same = same && size == first;
    if (size > 0 && s[size - 1] == '\0') zero = i;
    if (size > *width) *width = size;
  }
  EK_REQUIRE(zero < 0 || same, st, EK_INVALID_ARGUMENT,
             "npy: %s: string %lld ends with a zero byte, which NumPy would drop: it keeps them in strings of one "
             "length only",
             where, (long long)zero);
  *kind = zero < 0 ? 'S' : 'V';
  return EK_OK;
}

static ek_code widen_strings(ek__npy_image *image, const char *where, const ek_tensor *t, size_t width, ek_status *st) {
  const int64_t n = ek_tensor_num_elements(t);
  size_t size = 0, total = 0;
  if (!ek__mul_size((size_t)n, width, &total)) return ek__no_memory(st, where, SIZE_MAX);
  EK_TRY(ek__buffer_reserve(&image->converted, total, st));
  image->converted.size = total;
  for (int64_t i = 0; i < n; i++) {
    const char *s = ek_tensor_string(t, i, &size);
    uint8_t *to = image->converted.data + (size_t)i * width;
    memset(to, 0, width);
    if (size > 0) memcpy(to, s, size);
  }
  return EK_OK;
}

static ek_code widen_bfloat16(ek__npy_image *image, const ek_tensor *t, ek_status *st) {
  const size_t n = (size_t)ek_tensor_num_elements(t);
  const uint16_t *from = ek_tensor_data(t);
  EK_TRY(ek__buffer_reserve(&image->converted, n * sizeof(float), st));
  image->converted.size = n * sizeof(float);
  for (size_t i = 0; i < n; i++) {
    const float f = ek__float_of_bf16(from[i]);
    memcpy(image->converted.data + i * sizeof f, &f, sizeof f);
  }
  return EK_OK;
}

static const char *descr_of(ek_dtype dtype) {
  switch (dtype) {
  case EK_FLOAT16: return "<f2";
  case EK_BFLOAT16:
  case EK_FLOAT32: return "<f4";
  case EK_FLOAT64: return "<f8";
  case EK_INT8: return "|i1";
  case EK_INT16: return "<i2";
  case EK_INT32: return "<i4";
  case EK_INT64: return "<i8";
  case EK_UINT8: return "|u1";
  case EK_UINT16: return "<u2";
  case EK_UINT32: return "<u4";
  case EK_UINT64: return "<u8";
  case EK_BOOL: return "|b1";
  case EK_COMPLEX64: return "<c8";
  case EK_COMPLEX128: return "<c16";
  default: return NULL;
  }
}

ek_code ek__npy_image_init(ek__npy_image *image, const char *where, const ek_tensor *t, const ek_allocator *a,
                           ek_status *st) {
  const char *descr = descr_of(t->dtype);
  char text[32];
  ek__buffer_init(&image->header, a);
  ek__buffer_init(&image->converted, a);
  image->elements = t->data;
  image->size = t->size_bytes;
  if (t->dtype == EK_STRING) {
    size_t width = 0;
    char kind = 'S';
    EK_TRY(measure_strings(where, t, &kind, &width, st));
    EK_TRY(widen_strings(image, where, t, width, st));
    (void)snprintf(text, sizeof text, "|%c%zu", kind, width);
    descr = text;
  }
  EK_REQUIRE(descr != NULL, st, EK_UNIMPLEMENTED, "npy: %s: NumPy has no dtype for %s", where, ek_dtype_name(t->dtype));
  if (t->dtype == EK_BFLOAT16) EK_TRY(widen_bfloat16(image, t, st));
  if (t->dtype == EK_STRING || t->dtype == EK_BFLOAT16) {
    image->elements = image->converted.data;
    image->size = image->converted.size;
  }
  return ek__npy_header_format(descr, t->shape, &image->header, st);
}

void ek__npy_image_fini(ek__npy_image *image) {
  ek__buffer_fini(&image->header);
  ek__buffer_fini(&image->converted);
}

ek_code ek_npy_save(const char *path, const ek_tensor *t, ek_status *st) {
  const ek_allocator *a = ek_allocator_default();
  ek__npy_image image;
  ek__out_file f = {.allocator = a, .fd = -1};
  ek_code code = ek__npy_image_init(&image, path, t, a, st);
  if (code == EK_OK) code = ek__out_file_open(&f, "npy", path, a, st);
  if (code == EK_OK) code = ek__out_file_write(&f, image.header.data, image.header.size, st);
  if (code == EK_OK) code = ek__out_file_write(&f, image.elements, image.size, st);
  if (code == EK_OK) code = ek__out_file_sync(&f, st);
  if (code == EK_OK) code = ek__out_file_rename(&f, st);
  ek__out_file_fini(&f);
  ek__npy_image_fini(&image);
  return code;
}
