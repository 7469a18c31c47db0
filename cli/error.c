/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include "progress.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Whatever a file or an argument smuggles in, an error is one line. */
static void say(const char *text) {
  for (const char *c = text; *c != '\0'; c++) (void)fputc((unsigned char)*c < ' ' || *c == 127 ? '?' : *c, stderr);
}

int fail(const char *what, const char *where, const char *why) {
  if (why == NULL && errno != 0) why = strerror(errno);
  progress_hide();
  (void)fflush(stdout);
  (void)fputs("evenkeel: ", stderr);
  say(what);
  if (where != NULL) (void)fputs(": ", stderr), say(where);
  if (why != NULL && *why != '\0') (void)fputs(": ", stderr), say(why);
  (void)fputc('\n', stderr);
  return EXIT_FAILED;
}

int fail_status(const char *what, const char *where, const ek_status *st) { return fail(what, where, st->msg); }

int fail_file(const char *what, const char *path, const ek_status *st) {
  if (strncmp(st->msg, path, strlen(path)) == 0) return fail(what, NULL, st->msg);
  return strstr(st->msg, path) != NULL ? fail_io(st) : fail_status(what, path, st);
}

int fail_io(const ek_status *st) { return fail(st->msg, NULL, ""); }

int failf(const char *what, const char *where, const char *fmt, ...) {
  char why[600];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(why, sizeof why, fmt, ap);
  va_end(ap);
  return fail(what, where, why);
}

int fail_usage(const command *self, const char *fmt, ...) {
  char why[600];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(why, sizeof why, fmt, ap);
  va_end(ap);
  (void)fprintf(stderr, "evenkeel: %s: ", self->name);
  say(why);
  (void)fprintf(stderr, ": see evenkeel %s --help\n", self->name);
  return EXIT_USAGE;
}

char *textf(const char *fmt, ...) {
  va_list ap, again;
  va_start(ap, fmt);
  va_copy(again, ap);
  const int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  char *text = need_memory((size_t)(n > 0 ? n : 0) + 1, 1);
  (void)vsnprintf(text, (size_t)(n > 0 ? n : 0) + 1, fmt, again);
  va_end(again);
  return text;
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
