/* SPDX-License-Identifier: Apache-2.0 */
#include "io/crc32c.h"

#include <isa-l/crc.h>

uint32_t ek__crc32c_extend(uint32_t crc, const void *data, size_t size) {
  const size_t chunk = (size_t)1 << 30; /* the library counts in int */
  const unsigned char *p = data;
  uint32_t state = ~crc;
  while (size > 0) {
    const size_t n = size < chunk ? size : chunk;
    state = crc32_iscsi((unsigned char *)(uintptr_t)p, (int)n, state); /* its parameter only lacks the const */
    p += n;
    size -= n;
  }
  return ~state;
}
