/* SPDX-License-Identifier: Apache-2.0 */
/* Files for tests: a fresh folder in the build tree, whole files in and out, hex. */
#ifndef EK_TESTS_IO_FILES_H
#define EK_TESTS_IO_FILES_H

#include "test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GOLDEN(name) EK_SOURCE_DIR "/tests/golden/" name

static inline const char *in_folder(const char *folder, const char *name) { /* valid for the next 8 calls */
  static char paths[8][1024];
  static int next;
  char *path = paths[next++ % 8], text[1024];
  const int length = snprintf(text, sizeof text, "%s/%s", folder, name);
  assert_in_range(length, 1, sizeof text - 1);
  return memcpy(path, text, sizeof text);
}

static inline void empty_folder(const char *folder) {
  DIR *dir = opendir(folder);
  assert_non_null(dir);
  for (const struct dirent *e; (e = readdir(dir)) != NULL;)
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) (void)remove(in_folder(folder, e->d_name));
  (void)closedir(dir);
}

static inline int count_files(const char *folder) {
  int n = 0;
  DIR *dir = opendir(folder);
  assert_non_null(dir);
  for (const struct dirent *e; (e = readdir(dir)) != NULL;)
    n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
  (void)closedir(dir);
  return n;
}

/* A folder of that name, made and emptied. The result lives until the next call. */
static inline const char *fresh_folder(const char *name) {
  static char path[1024];
  (void)snprintf(path, sizeof path, "%s/%s", EK_TEST_TMP, name);
  (void)mkdir(EK_TEST_TMP, 0777);
  (void)mkdir(path, 0777);
  empty_folder(path);
  return path;
}

typedef struct bytes {
  unsigned char *data;
  size_t size;
} bytes;

static inline bytes slurp(const char *path) {
  FILE *f = fopen(path, "rb");
  if (f == NULL) fail_msg("cannot open %s", path);
  bytes b = {NULL, 0};
  assert_int_equal(fseek(f, 0, SEEK_END), 0);
  b.size = (size_t)ftell(f);
  rewind(f);
  b.data = malloc(b.size + 1);
  assert_non_null(b.data);
  assert_int_equal(fread(b.data, 1, b.size, f), b.size);
  (void)fclose(f);
  return b;
}

static inline void spit(const char *path, const void *data, size_t size) {
  FILE *f = fopen(path, "wb");
  if (f == NULL) fail_msg("cannot open %s", path);
  assert_int_equal(fwrite(data, 1, size, f), size);
  assert_int_equal(fclose(f), 0);
}

static inline void assert_same_file(const char *got, const char *want) {
  bytes a = slurp(got), b = slurp(want);
  assert_int_equal(a.size, b.size);
  assert_memory_equal(a.data, b.data, b.size);
  free(a.data);
  free(b.data);
}

/* Hex digits, blanks skipped. */
static inline bytes from_hex(const char *hex) {
  bytes b = {malloc(strlen(hex) / 2 + 1), 0};
  assert_non_null(b.data);
  for (unsigned v = 0; *hex != '\0'; hex++) {
    if (*hex == ' ') continue;
    assert_int_equal(sscanf(hex++, "%2x", &v), 1);
    b.data[b.size++] = (unsigned char)v;
  }
  return b;
}

#endif
