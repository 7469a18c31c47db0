/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int fail(const char *what, const char *where, const char *why) {
  if (why == NULL && errno != 0) why = strerror(errno);
  (void)fflush(stdout);
  (void)fprintf(stderr, "evenkeel: %s%s%s%s%s\n", what, where != NULL ? ": " : "", where != NULL ? where : "",
                why != NULL ? ": " : "", why != NULL ? why : "");
  return EXIT_FAILED;
}

int fail_status(const char *what, const char *where, const ek_status *st) { return fail(what, where, st->msg); }

int fail_usage(const command *self, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  (void)fprintf(stderr, "evenkeel: %s: ", self->name);
  (void)vfprintf(stderr, fmt, ap);
  (void)fprintf(stderr, ": see evenkeel %s --help\n", self->name);
  va_end(ap);
  return EXIT_USAGE;
}

void *need_memory(size_t count, size_t size) {
  void *p = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
  if (p == NULL) exit(fail("out of memory", NULL, ""));
  return p;
}

bool split_pair(const char *pair, char **name, const char **rest) {
  const char *equals = strchr(pair, '=');
  if (equals == NULL || equals == pair || equals[1] == '\0') return false;
  const size_t n = (size_t)(equals - pair);
  *name = need_memory(n + 1, 1);
  memcpy(*name, pair, n);
  *rest = equals + 1;
  return true;
}
