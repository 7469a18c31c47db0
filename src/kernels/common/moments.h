/* SPDX-License-Identifier: Apache-2.0 */
/* Mean and sum of squared deviations (m2) of two disjoint sets of values, merged. */
#ifndef EK_KERNELS_MOMENTS_H
#define EK_KERNELS_MOMENTS_H

/* The step form keeps a constant channel exact: a difference of zero moves nothing. Where the difference is no number,
 * a sum says what the mean is: infinity if one side has it, NaN if both signs met. */
static inline void add_moments(double n, double more_n, double more_mean, double more_m2, double *mean, double *m2) {
  const double weight = more_n / (n + more_n), difference = more_mean - *mean;
  *mean += difference - difference == 0 ? difference * weight : more_mean;
  *m2 += more_m2 + difference * difference * (n * weight);
}

static void add_all_moments(int64_t channels, double n, double more_n, const double *more_mean, const double *more_m2,
                            double *mean, double *m2) {
  for (int64_t c = 0; c < channels; c++) add_moments(n, more_n, more_mean[c], more_m2[c], &mean[c], &m2[c]);
}

static void add_doubles(int64_t n, const double *more, double *sum) {
  for (int64_t i = 0; i < n; i++) sum[i] += more[i];
}

#endif
