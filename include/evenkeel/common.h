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
 * later initializers win over the defaults. The warning about exactly that is off from here on, since a macro that
 * turned it off for itself would need a block of its own, and lists made in place (.grad_ys = EK_OUTS(dy)) would not
 * outlive that block. */
#if defined(__GNUC__) && !defined(__cplusplus)
#if defined(__clang__)
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif
#define EK_OPTS_(T, ...) ((const T[1]){{__VA_ARGS__}})
#endif

#ifdef __cplusplus
}
#endif
#endif
