/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of file formats: goldens into memory, and an allocator that counts and can fail. */
#ifndef EK_TESTS_FORMATS_FILES_H
#define EK_TESTS_FORMATS_FILES_H

#include "evenkeel/common.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

/* tests/golden/formats/<name>, with a NUL behind it; free with free(). */
static inline char *read_golden(const char *name, size_t *size) {
  char path[512];
  (void)snprintf(path, sizeof path, "%s/tests/golden/formats/%s", EK_SOURCE_DIR, name);
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  assert_int_equal(fseek(f, 0, SEEK_END), 0);
  *size = (size_t)ftell(f);
  rewind(f);
  char *bytes = malloc(*size + 1);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, *size, f), *size);
  bytes[*size] = '\0';
  (void)fclose(f);
  return bytes;
}

typedef struct counting {
  size_t live, peak;  /* bytes */
  int calls, fail_at; /* the fail_at-th call gives NULL; 0: none does */
} counting;

static inline void *counting_alloc(void *ctx, size_t size, size_t align) {
  counting *c = ctx;
  if (++c->calls == c->fail_at) return NULL;
  void *p = aligned_alloc(align, (size + align - 1) / align * align);
  assert_non_null(p);
  c->live += size;
  if (c->live > c->peak) c->peak = c->live;
  return p;
}

static inline void counting_free(void *ctx, void *ptr, size_t size) {
  counting *c = ctx;
  c->live -= size;
  free(ptr);
}

#endif
