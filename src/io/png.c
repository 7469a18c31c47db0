/* SPDX-License-Identifier: Apache-2.0 */
#include "io/summary.h"

#include <string.h>
#include <zlib.h>

static uint8_t *put32(uint8_t *to, uint32_t x) {
  for (int i = 0; i < 4; i++) to[i] = (uint8_t)(x >> (24 - 8 * i));
  return to + 4;
}

/* length, type, data, checksum of the last two */
static uint8_t *put_chunk(uint8_t *to, const char type[4], const uint8_t *data, uint32_t size) {
  to = put32(to, size);
  const uint8_t *checked = to;
  memcpy(to, type, 4);
  if (size > 0) memcpy(to + 4, data, size);
  return put32(to + 4 + size, (uint32_t)crc32(0, checked, size + 4));
}

ek_code ek__png_encode(const uint8_t *pixels, int64_t height, int64_t width, int64_t channels, ek__arena *arena,
                       uint8_t **bytes, size_t *size, ek_status *st) {
  static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  static const uint8_t colors[] = {0, 0, 4, 2, 6}; /* by channels: grey, grey and alpha, RGB, RGBA */
  size_t row = 0, raw_size = 0;
  EK_REQUIRE(height > 0 && width > 0 && height <= INT32_MAX && width <= INT32_MAX && channels >= 1 && channels <= 4, st,
             EK_INVALID_ARGUMENT, "png: an image of %lld x %lld with %lld channels", (long long)height,
             (long long)width, (long long)channels);
  EK_REQUIRE(ek__mul_size((size_t)width, (size_t)channels, &row) && ek__mul_size(row + 1, (size_t)height, &raw_size) &&
                 raw_size < UINT32_MAX / 2,
             st, EK_INVALID_ARGUMENT, "png: an image of %lld x %lld is too large", (long long)height, (long long)width);
  uint8_t *raw = ek__arena_alloc(arena, raw_size); /* each row behind a byte that names its filter: none */
  uLongf packed_size = compressBound((uLong)raw_size);
  uint8_t *packed = ek__arena_alloc(arena, packed_size);
  if (raw == NULL || packed == NULL) return ek__no_memory(st, "png", raw_size);
  for (int64_t i = 0; i < height; i++) memcpy(raw + (size_t)i * (row + 1) + 1, pixels + (size_t)i * row, row);
  EK_REQUIRE(compress2(packed, &packed_size, raw, (uLong)raw_size, Z_DEFAULT_COMPRESSION) == Z_OK, st,
             EK_RESOURCE_EXHAUSTED, "png: out of memory");
  uint8_t header[13] = {0};
  (void)put32(put32(header, (uint32_t)width), (uint32_t)height);
  header[8] = 8; /* bits */
  header[9] = colors[channels];
  *size = sizeof signature + 3 * 12 + sizeof header + packed_size;
  *bytes = ek__arena_alloc(arena, *size);
  if (*bytes == NULL) return ek__no_memory(st, "png", *size);
  memcpy(*bytes, signature, sizeof signature);
  uint8_t *at = put_chunk(*bytes + sizeof signature, "IHDR", header, sizeof header);
  at = put_chunk(at, "IDAT", packed, (uint32_t)packed_size);
  (void)put_chunk(at, "IEND", NULL, 0);
  return EK_OK;
}
