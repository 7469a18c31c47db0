/* SPDX-License-Identifier: Apache-2.0 */
/* Compiles what follows, up to target_end.h, for the instructions that EK_TARGET names, where the flags of
 * cmake/kernels.cmake have not said so already (EK_HAS_TARGET): sources that were copied need none. */
#if !EK_HAS_TARGET
#define EK_PRAGMA_(text) _Pragma(#text)
#define EK_PRAGMA(text)  EK_PRAGMA_(text)
#ifdef __clang__
EK_PRAGMA(clang attribute push(__attribute__((target(EK_TARGET))), apply_to = function))
#else
EK_PRAGMA(GCC target(EK_TARGET))
#endif
#endif
