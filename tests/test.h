/* SPDX-License-Identifier: Apache-2.0 */
/* What every test includes: cmocka, with the headers it wants before it. */
#ifndef EK_TESTS_TEST_H
#define EK_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
