/* SPDX-License-Identifier: Apache-2.0 */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

const char *ek_version(void) { return EK_VERSION_STRING; }

ek_code ek_status_set(ek_status *st, ek_code code, const char *fmt, ...) {
  if (st == NULL || st->code != EK_OK) return code;
  va_list ap;
  va_start(ap, fmt);
  st->code = code;
  (void)vsnprintf(st->msg, sizeof st->msg, fmt, ap);
  va_end(ap);
  for (char *p = st->msg; *p != '\0'; p++) /* names from files may hold anything; a message is one line */
    if ((unsigned char)*p < 0x20 || *p == 0x7f) *p = '?';
  return code;
}

void ek_status_clear(ek_status *st) {
  st->code = EK_OK;
  st->msg[0] = '\0';
}

const char *ek_code_name(ek_code code) {
  static const char *const names[] = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS"};
  const size_t i = (size_t)code;
  return i < sizeof names / sizeof names[0] ? names[i] : "UNKNOWN";
}

ek_code ek__no_memory(ek_status *st, const char *what, size_t size) {
  return ek_status_set(st, EK_RESOURCE_EXHAUSTED, "out of memory: %s: %zu bytes", what, size);
}
