/* SPDX-License-Identifier: Apache-2.0 */
/* Batch renormalization: what happens between a batch's statistics and its normalization, channel by channel, in double
 * and rounded once. */
#include "kernels/batch_norm/plan.h"

#include <math.h>

static bool sound(ek_kernels_type type, int64_t channels, int64_t *bytes) {
  const int64_t size = type == EK_KERNELS_F64 ? 8 : 4;
  if ((int)type < EK_KERNELS_F32 || (int)type > EK_KERNELS_F16 || channels < 0) return false;
  return !__builtin_mul_overflow(channels, size, bytes);
}

static double get(ek_kernels_type type, const void *p, int64_t c, double otherwise) {
  if (p == NULL) return otherwise;
  return type == EK_KERNELS_F64 ? ((const double *)p)[c] : (double)((const float *)p)[c];
}
static void put(ek_kernels_type type, void *p, int64_t c, double value) {
  if (p == NULL) return;
  if (type == EK_KERNELS_F64)
    ((double *)p)[c] = value;
  else
    ((float *)p)[c] = (float)value;
}

/* moving -= (moving - value) * decay */
static void follow(ek_kernels_type type, void *moving, int64_t c, double value, double decay) {
  const double was = get(type, moving, c, 0);
  put(type, moving, c, was - (was - value) * decay);
}

/* A comparison with NaN is false: it stays. */
static double at_least(double x, double bound) { return x < bound ? bound : x; }
static double at_most(double x, double bound) { return x > bound ? bound : x; }

static void renorm_channel(const ek_kernels_renorm_args *a, int64_t c) {
  const ek_kernels_type t = a->type;
  const double mean = get(t, a->mean, c, 0), s = sqrt(get(t, a->variance, c, 0) + a->epsilon);
  const double stddev = at_least(get(t, a->renorm_stddev, c, 0), sqrt(a->epsilon));
  double r = s / stddev, d = (mean - get(t, a->renorm_mean, c, 0)) / stddev;
  if (a->rmin != NULL) r = at_least(r, *a->rmin);
  if (a->rmax != NULL) r = at_most(r, *a->rmax);
  if (a->dmax != NULL) d = at_most(at_least(d, -*a->dmax), *a->dmax);
  put(t, a->r, c, r), put(t, a->d, c, d);
  put(t, a->renorm_scale, c, r * get(t, a->scale, c, 1));
  put(t, a->renorm_offset, c, d * get(t, a->scale, c, 1) + get(t, a->offset, c, 0));
  if (a->renorm_decay != 0) {
    follow(t, a->renorm_mean, c, mean, a->renorm_decay);
    follow(t, a->renorm_stddev, c, s, a->renorm_decay);
  }
  if (a->moving_mean != NULL) follow(t, a->moving_mean, c, mean, a->decay);
  if (a->moving_stddev != NULL) follow(t, a->moving_stddev, c, s, a->decay);
  const double moving = get(t, a->moving_stddev, c, 0);
  if (a->moving_variance != NULL) put(t, a->moving_variance, c, at_least(moving * moving - a->epsilon, 0));
}

ek_kernels_code ek_kernels_renorm(const ek_kernels_renorm_args *a) {
  int64_t bytes;
  if (a == NULL || !sound(a->type, a->channels, &bytes)) return EK_KERNELS_INVALID_ARGUMENT;
  if (a->moving_variance != NULL && a->moving_stddev == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  if (a->channels > 0 && (a->mean == NULL || a->variance == NULL || a->renorm_mean == NULL || a->renorm_stddev == NULL))
    return EK_KERNELS_INVALID_ARGUMENT;
  const ek__array arrays[] = {{a->mean, bytes, false, false},
                              {a->variance, bytes, false, false},
                              {a->scale, bytes, false, false},
                              {a->offset, bytes, false, false},
                              {a->r, bytes, true, false},
                              {a->d, bytes, true, false},
                              {a->renorm_scale, bytes, true, false},
                              {a->renorm_offset, bytes, true, false},
                              {a->renorm_mean, bytes, true, false},
                              {a->renorm_stddev, bytes, true, false},
                              {a->moving_mean, bytes, true, false},
                              {a->moving_stddev, bytes, true, false},
                              {a->moving_variance, bytes, true, false}};
  const ek_kernels_code code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  for (int64_t c = 0; code == EK_KERNELS_OK && c < a->channels; c++) renorm_channel(a, c);
  return code;
}

ek_kernels_code ek_kernels_renorm_grad(const ek_kernels_renorm_grad_args *a) {
  int64_t bytes;
  if (a == NULL || !sound(a->type, a->channels, &bytes)) return EK_KERNELS_INVALID_ARGUMENT;
  if (a->channels > 0 && (a->r == NULL || a->d == NULL || a->doffset == NULL || a->dscale == NULL))
    return EK_KERNELS_INVALID_ARGUMENT;
  const ek__array arrays[] = {{a->r, bytes, false, false},
                              {a->d, bytes, false, false},
                              {a->doffset, bytes, false, false},
                              {a->dscale, bytes, true, false}};
  const ek_kernels_code code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  for (int64_t c = 0; code == EK_KERNELS_OK && c < a->channels; c++)
    put(a->type, a->dscale, c,
        get(a->type, a->r, c, 1) * get(a->type, a->dscale, c, 0) +
            get(a->type, a->d, c, 0) * get(a->type, a->doffset, c, 0));
  return code;
}
