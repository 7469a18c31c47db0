/* SPDX-License-Identifier: Apache-2.0 */
#include "evenkeel/tensor.h"

#include <inttypes.h>
#include <stdio.h>

ek_shape ek_shape_scalar(void) { return (ek_shape){.rank = 0}; }

ek_shape ek_shape_unknown(void) { return (ek_shape){.rank = -1}; }

ek_shape ek_shape_of(const int64_t *dims, int n) {
  ek_shape s = {.rank = n};
  if (n < 0 || n > EK_MAX_RANK) return (ek_shape){.rank = -2};
  for (int i = 0; i < n; i++) {
    if (dims[i] < -1) return (ek_shape){.rank = -2};
    s.dim[i] = dims[i];
  }
  return s;
}

bool ek_shape_equal(ek_shape a, ek_shape b) {
  if (a.rank != b.rank) return false;
  for (int i = 0; i < a.rank; i++)
    if (a.dim[i] != b.dim[i]) return false;
  return true;
}

bool ek_shape_compatible(ek_shape a, ek_shape b) {
  if (a.rank < 0 || b.rank < 0) return a.rank >= -1 && b.rank >= -1;
  if (a.rank != b.rank) return false;
  for (int i = 0; i < a.rank; i++)
    if (a.dim[i] >= 0 && b.dim[i] >= 0 && a.dim[i] != b.dim[i]) return false;
  return true;
}

bool ek_shape_is_known(ek_shape s) {
  for (int i = 0; i < s.rank; i++)
    if (s.dim[i] < 0) return false;
  return s.rank >= 0;
}

int64_t ek_shape_num_elements(ek_shape s) {
  if (!ek_shape_is_known(s)) return -1;
  int64_t n = 1;
  bool empty = false, overflow = false;
  for (int i = 0; i < s.rank; i++) {
    empty = empty || s.dim[i] == 0;
    overflow = overflow || __builtin_mul_overflow(n, s.dim[i], &n);
  }
  return empty ? 0 : overflow ? -1 : n;
}

const char *ek_shape_format(ek_shape s, char *buf, size_t size) {
  if (size == 0) return buf;
  if (s.rank < 0) {
    (void)snprintf(buf, size, "%s", s.rank == -1 ? "<unknown>" : "<invalid>");
    return buf;
  }
  size_t used = (size_t)snprintf(buf, size, "[");
  for (int i = 0; i < s.rank && used < size; i++) {
    const char *comma = i > 0 ? "," : "";
    const int n = s.dim[i] < 0 ? snprintf(buf + used, size - used, "%s?", comma)
                               : snprintf(buf + used, size - used, "%s%" PRId64, comma, s.dim[i]);
    used += (size_t)n;
  }
  if (used < size) (void)snprintf(buf + used, size - used, "]");
  return buf;
}
