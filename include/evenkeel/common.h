/* SPDX-License-Identifier: Apache-2.0 */
/* What every public header shares: version, symbol visibility, the allocator, and the small macros behind the option
 * structs. */
#ifndef EVENKEEL_COMMON_H
#define EVENKEEL_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EK_VERSION_MAJOR  0
#define EK_VERSION_MINOR  1
#define EK_VERSION_PATCH  0
#define EK_VERSION_STRING "0.1.0"

#if defined(EK_BUILDING) && defined(__GNUC__)
#define EK_API __attribute__((visibility("default")))
#else
#define EK_API
#endif

#if defined(__GNUC__)
#define EK_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define EK_PRINTF(fmt, args)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is running, "MAJOR.MINOR.PATCH"; compare with EK_VERSION_STRING of the headers. */
EK_API const char *ek_version(void);

/* Where a graph, a session or a tensor gets its memory. alloc returns size bytes aligned to align (a power of two), or
 * NULL when there is none; free gets back what alloc returned, with its size. Both may be called from several threads
 * at once if the objects that use the allocator live in several threads. The library's own allocator is
 * ek_allocator_default(). */
typedef struct ek_allocator {
  void *(*alloc)(void *ctx, size_t size, size_t align);
  void (*free)(void *ctx, void *ptr, size_t size);
  void *ctx;
} ek_allocator;

EK_API const ek_allocator *ek_allocator_default(void);

/* One option struct per call. INIT then assign works everywhere; EK_X(.field = value) is sugar for C with GCC or Clang:
 * later initializers win over the defaults, and the warning about exactly that is silenced. A list in an option must be
 * a variable of the caller's: one made in place (EK_OUTS) would not outlive the macro. */
#if defined(__GNUC__) && !defined(__cplusplus)
#if defined(__clang__)
#define EK_QUIET_OVERRIDE_ _Pragma("clang diagnostic ignored \"-Winitializer-overrides\"")
#else
#define EK_QUIET_OVERRIDE_ _Pragma("GCC diagnostic ignored \"-Woverride-init\"")
#endif
#define EK_OPTS_(T, ...)                                                                                               \
  ((const T[1]){__extension__({                                                                                        \
    _Pragma("GCC diagnostic push") EK_QUIET_OVERRIDE_ T o_ = {__VA_ARGS__};                                            \
    _Pragma("GCC diagnostic pop") o_;                                                                                  \
  })})
#endif

#ifdef __cplusplus
}
#endif
#endif
