/* SPDX-License-Identifier: Apache-2.0 */
/* Loads and stores of halves, the same for every set once v_of_f16 and v_to_f16 exist. Included by isa.h, after vec.h.
 */
#define EK_HALF_MEMORY(name)                                                                                           \
  static inline vf32 v_load_n_##name(const ek__##name *p, int64_t n) {                                                 \
    vu16 h = {0};                                                                                                      \
    memcpy(&h, p, (size_t)n * sizeof *p);                                                                              \
    return v_of_##name(h);                                                                                             \
  }                                                                                                                    \
  static inline vf32 v_load_##name(const ek__##name *p) {                                                              \
    vu16 h;                                                                                                            \
    memcpy(&h, p, sizeof h);                                                                                           \
    return v_of_##name(h);                                                                                             \
  }                                                                                                                    \
  static inline void v_store_n_##name(ek__##name *p, vf32 v, int64_t n) {                                              \
    const vu16 h = v_to_##name(v);                                                                                     \
    memcpy(p, &h, (size_t)n * sizeof *p);                                                                              \
  }                                                                                                                    \
  static inline void v_store_##name(ek__##name *p, vf32 v) {                                                           \
    const vu16 h = v_to_##name(v);                                                                                     \
    memcpy(p, &h, sizeof h);                                                                                           \
  }                                                                                                                    \
  static inline void v_stream_##name(ek__##name *p, vf32 v) { v_stream_u16(&p->bits, v_to_##name(v)); }
EK_HALF_MEMORY(bf16)
EK_HALF_MEMORY(f16)
#undef EK_HALF_MEMORY
