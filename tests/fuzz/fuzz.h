/* SPDX-License-Identifier: Apache-2.0 */
/* A fuzz target is one file fuzz_NAME.c with this function over one parser of foreign bytes; its corpus is the folder
 * corpus/NAME. The normal run links it with replay.c, the preset fuzz with libFuzzer. */
#ifndef EK_TESTS_FUZZ_H
#define EK_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Must come back, whatever the bytes are, and leave nothing behind. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
