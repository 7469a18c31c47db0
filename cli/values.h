/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors with names, from files and into files. */
#ifndef EK_CLI_VALUES_H
#define EK_CLI_VALUES_H

#include "model.h"

typedef struct value {
  char *name;
  ek_tensor *tensor;
} value;

typedef struct values {
  value *at;
  int n, cap;
} values;

/* All: false after the one line was printed. values_free accepts what a failure leaves. */
bool values_add(values *v, const char *name, ek_tensor *tensor); /* one more reference; a name twice is an error */
bool values_from_checkpoint(values *v, const char *prefix);
bool values_from_npz(values *v, const char *path);
/* What the session holds for the variables that are saved. Build nothing between model_reads and this. */
bool values_from_session(values *v, const model *m, ek_session *s, const ek_out *reads);
bool values_to_checkpoint(const values *v, const char *prefix); /* sorted by name, as a Saver does it */
bool values_to_npz(const values *v, const char *path);
void values_free(values *v);

#endif
