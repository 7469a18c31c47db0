/* SPDX-License-Identifier: Apache-2.0 */
#if !EK_HAS_TARGET && defined(__clang__)
#pragma clang attribute pop
#endif
