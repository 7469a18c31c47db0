/* SPDX-License-Identifier: Apache-2.0 */
/* float16 and bfloat16 as bit patterns; rounding to nearest even, NaN stays NaN. */
#ifndef EK_TENSOR_HALF_H
#define EK_TENSOR_HALF_H

#include <stdint.h>
#include <string.h>

static inline float ek__float_of_bits(uint32_t bits) {
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

static inline uint32_t ek__bits_of_float(float f) {
  uint32_t bits;
  memcpy(&bits, &f, sizeof bits);
  return bits;
}

static inline float ek__float_of_bf16(uint16_t h) { return ek__float_of_bits((uint32_t)h << 16); }

static inline uint16_t ek__bf16_of_float(float f) {
  const uint32_t bits = ek__bits_of_float(f);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return (uint16_t)((bits >> 16) | 0x40u);
  return (uint16_t)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

static inline float ek__float_of_f16(uint16_t h) {
  const uint32_t sign = (uint32_t)(h & 0x8000u) << 16, rest = h & 0x7fffu;
  if (rest >= 0x7c00u) return ek__float_of_bits(sign | 0x7f800000u | (rest & 0x3ffu) << 13); /* Inf, NaN */
  if (rest >= 0x0400u) return ek__float_of_bits(sign | ((rest << 13) + 0x38000000u));
  const float magnitude = (float)rest * 0x1p-24f; /* zero and denormals: exact */
  return ek__float_of_bits(sign | ek__bits_of_float(magnitude));
}

static inline uint16_t ek__f16_of_float(float f) {
  const uint32_t bits = ek__bits_of_float(f), sign = (bits >> 16) & 0x8000u, rest = bits & 0x7fffffffu;
  if (rest > 0x7f800000u) return (uint16_t)(sign | 0x7e00u | ((rest >> 13) & 0x3ffu));
  if (rest >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u); /* rounds to 65536 or more: Inf */
  if (rest < 0x38800000u) {                                   /* below 2^-14: a denormal or zero */
    const float scaled = ek__float_of_bits(rest) + 0.5f;      /* the sum's last bit is 2^-24: rounds for us */
    return (uint16_t)(sign | (ek__bits_of_float(scaled) - ek__bits_of_float(0.5f)));
  }
  return (uint16_t)(sign | ((rest - 0x38000000u + 0xfffu + ((rest >> 13) & 1u)) >> 13));
}

#endif
