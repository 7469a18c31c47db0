/* SPDX-License-Identifier: Apache-2.0 */
/* A few bits among others: where they begin and end within bytes, and the rest of these belongs to neighbours. Only one
 * thread may write to a byte at a time. */
#ifndef EK_KERNELS_BITS_H
#define EK_KERNELS_BITS_H

static __attribute__((noinline)) void put_bits_anywhere(unsigned char *all, int64_t at, int64_t n, unsigned bits) {
  unsigned mask = ((1u << n) - 1u) << at % 8;
  bits = bits << at % 8 & mask;
  for (unsigned char *p = all + at / 8; mask != 0; p++, mask >>= 8, bits >>= 8)
    *p = (unsigned char)((*p & ~mask) | bits);
}

static __attribute__((noinline)) unsigned get_bits_anywhere(const unsigned char *all, int64_t at, int64_t n) {
  const int64_t end = (at + n + 7) / 8;
  unsigned bits = 0;
  for (int64_t i = end - 1; i >= at / 8; i--) bits = bits << 8 | all[i];
  return bits >> at % 8;
}

#endif
