/* SPDX-License-Identifier: Apache-2.0 */
/* The number types of the kernels, read and filled element by element. */
#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t number_size(ek_kernels_type type) { return type == EK_KERNELS_F64 ? 8 : type == EK_KERNELS_F32 ? 4 : 2; }

double number_tolerance(ek_kernels_type type) {
  switch (type) {
  case EK_KERNELS_F64: return 1e-12;
  case EK_KERNELS_F32: return 1e-5;
  case EK_KERNELS_F16: return 2e-3; /* 11 significant bits */
  case EK_KERNELS_BF16: break;
  }
  return 2e-2; /* 8 significant bits */
}

static double half_get(uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double size = exponent == 0    ? ldexp(fraction, -24)
                      : exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                                       : ldexp(fraction + 1024, exponent - 25);
  return bits >> 15 != 0 ? -size : size;
}

double number_get(ek_kernels_type type, const void *p, int64_t i) {
  if (type == EK_KERNELS_F64) return ((const double *)p)[i];
  if (type == EK_KERNELS_F32) return (double)((const float *)p)[i];
  const uint16_t bits = ((const uint16_t *)p)[i];
  if (type == EK_KERNELS_F16) return half_get(bits);
  const uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, sizeof value);
  return (double)value;
}

/* A value from 0.5 to 2 of either sign, of so few bits that every type holds it. */
static void put(ek_kernels_type type, void *p, int64_t i, uint32_t random) {
  const uint32_t sign = random >> 31, exponent = random >> 30 & 1, fraction = random & 0x7f0000;
  const uint32_t bits = sign << 31 | (126 + exponent) << 23 | fraction;
  float value;
  memcpy(&value, &bits, sizeof value);
  switch (type) {
  case EK_KERNELS_F64: ((double *)p)[i] = (double)value; break;
  case EK_KERNELS_F32: ((float *)p)[i] = value; break;
  case EK_KERNELS_BF16: ((uint16_t *)p)[i] = (uint16_t)(bits >> 16); break;
  case EK_KERNELS_F16: ((uint16_t *)p)[i] = (uint16_t)(sign << 15 | (14 + exponent) << 10 | fraction >> 13); break;
  }
}

void number_fill(ek_kernels_type type, void *p, int64_t n, uint64_t seed) {
  uint64_t state = seed * 2 + 1;
  for (int64_t i = 0; i < n; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    put(type, p, i, (uint32_t)(state >> 32));
  }
}
