/* SPDX-License-Identifier: Apache-2.0 */
/* Labelled images: from four IDX files in a folder, from an NPZ, or the digits that come with the program. */
#ifndef EK_CLI_DATA_H
#define EK_CLI_DATA_H

#include "cli.h"

typedef enum part { PART_TRAIN, PART_TEST } part;

typedef struct examples {
  ek_tensor *images; /* [n, ...]: uint8 until used, or float32, float64 */
  ek_tensor *labels; /* [n], int64 */
  int64_t n, pixels; /* pixels: elements of one image */
} examples;

/* from: a folder, an .npz, or NULL: the bundled digits. Labels must lie in [0, classes); classes 0: at least 0. False:
 * the one line is printed. examples_free accepts what a failure leaves. */
bool examples_load(examples *e, const char *from, part which, int64_t classes);
void examples_free(examples *e);

/* Example index[i] of all n becomes row i: bytes as x / 255, floats as they are. to: [n, pixels]. */
void examples_copy_images(const examples *e, const int64_t *index, int64_t n, float *to);
void examples_copy_labels(const examples *e, const int64_t *index, int64_t n, int64_t *to);

#define OPTION_DATA(value_)                                                                                            \
  {                                                                                                                    \
    "--data", "DIR|FILE.npz", "images and labels (default: the bundled digits)", OPTION_TEXT, (value_), 0, 0, NULL,    \
        NULL                                                                                                           \
  }

#endif
