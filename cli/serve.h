/* SPDX-License-Identifier: Apache-2.0 */
/* A signature of a SavedModel, run once. */
#ifndef EK_CLI_SERVE_H
#define EK_CLI_SERVE_H

#include "cli.h"

typedef struct served {
  const char *folder;
  const char *signature; /* NULL: serving_default, else the only one */
  const char *data;      /* images, if nothing is fed */
  const char *out;       /* NPZ for the outputs, or NULL */
  texts feeds;           /* NAME=FILE.npy: inputs of the signature, or tensors */
  int64_t threads;
  bool json;
} served;

int serve(const served *what); /* the exit status */

#endif
