/* SPDX-License-Identifier: Apache-2.0 */
/* Channels that lie in blocks (nChw16c), of which the last may be filled up. */
#ifndef EK_KERNELS_BLOCKS_H
#define EK_KERNELS_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Neighbouring channels; and columns, when rows of them are joined. */
#define EK__BLOCK     16
#define EK__BLOCK_ROW 64

/* What a shape may say of itself: no blocks, or these. */
static inline bool ek__is_block(int64_t block) { return block == 0 || block == EK__BLOCK; }

/* Zeros in what fills rows up: values [n, width), the rows lying `stride` values of so many bytes from each other. */
static inline void ek__fill_up(void *out, int64_t rows, int64_t stride, int64_t n, int64_t width, size_t size) {
  char *const first = (char *)out + n * (int64_t)size;
  if (n == width) return;
  for (int64_t r = 0; r < rows; r++) memset(first + r * stride * (int64_t)size, 0, (size_t)(width - n) * size);
}

#endif
