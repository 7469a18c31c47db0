/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli), plain and in the masked form that checkpoints and record files store. */
#ifndef EK_IO_CRC32C_H
#define EK_IO_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* The crc of a followed by data, where crc is that of a; crc 0 starts. */
uint32_t ek__crc32c_extend(uint32_t crc, const void *data, size_t size);

static inline uint32_t ek__crc32c(const void *data, size_t size) { return ek__crc32c_extend(0, data, size); }

/* A crc stored inside data whose crc is taken again would be a fixed point; masking avoids that. */
static inline uint32_t ek__crc32c_mask(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

static inline uint32_t ek__crc32c_unmask(uint32_t masked) {
  const uint32_t r = masked - 0xa282ead8u;
  return (r >> 17) | (r << 15);
}

#endif
