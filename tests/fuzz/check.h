/* SPDX-License-Identifier: Apache-2.0 */
/* For fuzz targets that claim something of what a parser accepts, and for parsers that take a path. */
#ifndef EK_TESTS_FUZZ_CHECK_H
#define EK_TESTS_FUZZ_CHECK_H

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Stops the program: an input was handled wrongly. */
#define FUZZ_CHECK(cond)                                                                                               \
  do {                                                                                                                 \
    if (!(cond)) {                                                                                                     \
      (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                                                 \
      abort();                                                                                                         \
    }                                                                                                                  \
  } while (0)

/* The input as a file in the current folder; the name of a suffix stays the same from call to call. */
static inline const char *fuzz_file(const uint8_t *data, size_t size, const char *suffix) {
  static char path[128];
  (void)snprintf(path, sizeof path, "fuzz-%ld%s", (long)getpid(), suffix);
  FILE *f = fopen(path, "wb");
  FUZZ_CHECK(f != NULL);
  FUZZ_CHECK(size == 0 || fwrite(data, 1, size, f) == size);
  FUZZ_CHECK(fclose(f) == 0);
  return path;
}

#endif
