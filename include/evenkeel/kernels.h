/* SPDX-License-Identifier: Apache-2.0 */
/* Batch normalization as plain functions on pointers and shapes: no graph, no allocation, no input or output, no state.
 * This header and src/kernels build alone. Functions may be called from any number of threads at once. */
#ifndef EVENKEEL_KERNELS_H
#define EVENKEEL_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifndef EK_API
#if defined(EK_BUILDING) && defined(__GNUC__)
#define EK_API __attribute__((visibility("default")))
#else
#define EK_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What every function here returns. After anything but EK_KERNELS_OK no output has been written. */
typedef enum ek_kernels_code {
  EK_KERNELS_OK = 0,
  EK_KERNELS_INVALID_ARGUMENT, /* NULL where data is needed, a negative size, an unknown type, bytes beyond size_t */
  EK_KERNELS_OVERLAP,   /* two arrays overlap, one of them is written, and this is not the in-place use allowed */
  EK_KERNELS_WORKSPACE, /* the workspace is missing, too small or not aligned to 8 bytes */
  EK_KERNELS_NO_ISA     /* no such instruction set, or this processor lacks it */
} ek_kernels_code;

/* "ok", "invalid argument", ...: a constant. */
EK_API const char *ek_kernels_code_name(ek_kernels_code code);

/* The type of the data. Parameters and statistics are double beside EK_KERNELS_F64 and float beside all others. */
typedef enum ek_kernels_type { EK_KERNELS_F32, EK_KERNELS_F64, EK_KERNELS_BF16, EK_KERNELS_F16 } ek_kernels_type;

/* The kernels of one instruction set: a constant, valid for ever. */
typedef struct ek_kernels ek_kernels;

/* Finds kernels by the name of their instruction set: "avx512", "avx2", "sse2", "scalar". NULL: the one named by the
 * environment variable EK_ISA or, if that is unset or empty, the best one of this processor; this choice is made once
 * per process. A set that does not exist or that the processor lacks is EK_KERNELS_NO_ISA, never another set. */
EK_API ek_kernels_code ek_kernels_get(const char *isa, const ek_kernels **out);

/* The name of the instruction set. */
EK_API const char *ek_kernels_name(const ek_kernels *kernels);

/* The name of the i-th set in this build, best first, usable here or not; NULL past the end. */
EK_API const char *ek_kernels_list(int i);

#ifdef __cplusplus
}
#endif
#endif
