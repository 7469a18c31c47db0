/* SPDX-License-Identifier: Apache-2.0 */
/* What momentum, epsilon and variance of batch normalization mean elsewhere. */
#include "evenkeel/bn.h"

#include <math.h>

static const ek_bn_meaning meanings[] = {
    [EK_BN_TENSORFLOW] = {.name = "TensorFlow", .momentum = 0.99, .epsilon = 1e-3},
    [EK_BN_KERAS] = {.name = "Keras", .momentum = 0.99, .epsilon = 1e-3},
    [EK_BN_PYTORCH] =
        {.name = "PyTorch", .momentum = 0.1, .epsilon = 1e-5, .momentum_is_new = true, .unbiased_average = true},
    [EK_BN_ONNX] = {.name = "ONNX", .momentum = 0.9, .epsilon = 1e-5},
    [EK_BN_CAFFE] = {.name = "Caffe", .momentum = 0.999, .epsilon = 1e-5, .unbiased_average = true},
    [EK_BN_DARKNET] = {.name = "darknet",
                       .momentum = 0.99,
                       .epsilon = 1e-6,
                       .unbiased_average = true,
                       .unbiased_batch = true,
                       .epsilon_outside = true},
};

ek_bn_meaning ek_bn_meaning_of(ek_bn_convention c) {
  const int n = (int)(sizeof meanings / sizeof meanings[0]);
  return meanings[(int)c >= 0 && (int)c < n ? c : EK_BN_TENSORFLOW];
}

double ek_bn_momentum(ek_bn_convention from, ek_bn_convention to, double momentum) {
  return ek_bn_meaning_of(from).momentum_is_new == ek_bn_meaning_of(to).momentum_is_new ? momentum : 1.0 - momentum;
}

void ek_bn_variance(ek_bn_convention from, double epsilon_from, ek_bn_convention to, double epsilon_to,
                    int64_t channels, const float *variance, float *out) {
  const bool outside_from = ek_bn_meaning_of(from).epsilon_outside, outside_to = ek_bn_meaning_of(to).epsilon_outside;
  for (int64_t i = 0; i < channels; i++) {
    const double v = (double)variance[i];
    double converted = v + (epsilon_from - epsilon_to);
    if (outside_from || outside_to) {
      const double divisor = outside_from ? sqrt(v) + epsilon_from : sqrt(v + epsilon_from);
      const double root = outside_to ? fmax(divisor - epsilon_to, 0.0) : divisor;
      converted = outside_to ? root * root : root * root - epsilon_to;
    }
    out[i] = (float)(converted < 0.0 ? 0.0 : converted); /* a NaN stays */
  }
}

void ek_bn_from_caffe(float factor, int64_t channels, const float *sums, float *out) {
  for (int64_t i = 0; i < channels; i++) out[i] = factor == 0.0f ? 0.0f : sums[i] / factor;
}
