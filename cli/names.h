/* SPDX-License-Identifier: Apache-2.0 */
/* What layers' variables are called by tf.layers, contrib (slim), Keras and PyTorch, and from one to the other. */
#ifndef EK_CLI_NAMES_H
#define EK_CLI_NAMES_H

#include "cli.h"

#define NAME_STYLES "layers|slim|keras|torch"

typedef struct renamed {
  const char *from;          /* borrowed */
  ek_shape shape;            /* of the tensor under that name */
  char *to;                  /* to be freed; NULL: the other side has no such thing (PyTorch's num_batches_tracked) */
  bool matched;              /* false: not understood, so `to` is the same name */
  int64_t perm[EK_MAX_RANK]; /* the tensor's dimensions in their new order; perm[0] < 0: as they are */
  bool joins;                /* and then the first two become one, with a 1 behind it: a depthwise kernel of PyTorch */
  int64_t splits;            /* > 0: such a kernel on its way back, of so many channels: [..., 1, n] becomes
                                [..., splits, n / splits] */
} renamed;

/* style: one of NAME_STYLES. r[i].from and .shape are given, in the order of creation if that is known; the rest is
 * filled in. */
void names_map(const char *from, const char *to, renamed *r, int n);
void names_free(renamed *r, int n);

/* t with its dimensions as r says; a reference of its own. NULL: the one line is printed. */
ek_tensor *names_apply(const renamed *r, ek_tensor *t);

#endif
