/* SPDX-License-Identifier: Apache-2.0 */
/* Partial vectors for a set without masks. Included by isa.h, after vec.h. */
static inline vf32 v_load_n_f32(const float *p, int64_t n) {
  vf32 v = {0};
  memcpy(&v, p, (size_t)n * sizeof *p);
  return v;
}
static inline vf64 v_load_n_f64(const double *p, int64_t n) {
  vf64 v = {0};
  memcpy(&v, p, (size_t)n * sizeof *p);
  return v;
}
static inline void v_store_n_f32(float *p, vf32 v, int64_t n) { memcpy(p, &v, (size_t)n * sizeof *p); }
static inline void v_store_n_f64(double *p, vf64 v, int64_t n) { memcpy(p, &v, (size_t)n * sizeof *p); }
