/* SPDX-License-Identifier: Apache-2.0 */
/* Einsum's equation, read. */
#ifndef EK_OPS_EINSUM_H
#define EK_OPS_EINSUM_H

#include "graph/grad.h"
#include "ops/run.h"

enum { EK__EINSUM_INPUTS = 2, EK__EINSUM_LABELS = 2 * EK_MAX_RANK * 2 };

/* Labels are numbers; an ellipsis stands for as many of its own as the ranks ask for, counted from the right. */
typedef struct ek__einsum {
  int n_in, n_labels;
  int rank[EK__EINSUM_INPUTS + 1];               /* of the inputs, then of the output */
  int label[EK__EINSUM_INPUTS + 1][EK_MAX_RANK]; /* of each dimension */
  int64_t dim[EK__EINSUM_LABELS];                /* -1: not known */
  char letter[EK__EINSUM_LABELS];                /* 0: of an ellipsis */
  bool has_ellipsis, has_repeats;
} ek__einsum;

/* shapes: of the inputs; a rank that is not known makes *known false, and the rest says nothing. False with the reason
 * in words: what does not follow the syntax, dimensions that differ. */
bool ek__einsum_read(const char *equation, const ek_shape *shapes, int n, ek__einsum *e, bool *known, const char **why);
ek_shape ek__einsum_shape(const ek__einsum *e);

ek_code ek__grad_einsum(ek_grad_context *c); /* einsum_grad.c */

#endif
