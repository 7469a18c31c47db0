/* SPDX-License-Identifier: Apache-2.0 */
/* A name in parts: a scope, a role and what an optimizer puts behind it. Each style takes names apart and puts them
 * together; in between, scopes are in tf.layers' words. */
#ifndef EK_CLI_NAMES_PARTS_H
#define EK_CLI_NAMES_PARTS_H

#include "names.h"

#include <string.h>

typedef enum role {
  NO_ROLE,
  KERNEL,
  DEPTHWISE,
  POINTWISE,
  BIAS,
  GAMMA,
  BETA,
  MEAN,
  VARIANCE,
  TRACKED /* PyTorch counts the batches */
} role;

enum { N_ROLES = TRACKED };
typedef struct role_words {
  role role;
  const char *layers, *slim, *torch; /* Keras says what tf.layers says */
} role_words;
extern const role_words roles[N_ROLES];

typedef struct part {
  char *scope;      /* with slashes, in tf.layers' words */
  const char *rest; /* "/Adam" or "", in the name itself */
  role role;
} part;

static inline const char *last_of(const char *scope) {
  const char *slash = strrchr(scope, '/');
  return slash != NULL ? slash + 1 : scope;
}

/* Has one of the parts this scope and this role? */
bool has_role(const part *p, int n, const char *scope, role wanted);

/* scope, a slash or whatever separates, word and rest; a copy to be freed, as are all names that follow. */
char *name_of(const char *scope, const char *word, const char *rest, char separator);

/* ---- slim (names_slim.c) */

/* The last component of a scope, if it is a default name on one side, in the other side's words. */
char *slim_words(const char *scope, bool to_slim);
/* Normalizations that slim keeps inside of a layer's scope get scopes of their own. */
void slim_take_out_norms(part *p, int n);
/* The other way: the scope inside of a layer that slim has for a normalization; NULL: it stays where it is. */
char *slim_norm_scope(const part *p, int n, const char *norm);

/* ---- PyTorch (names_torch.c) */

/* Takes r's name apart, r being one of all; p stays as it is if the name is not understood. */
void torch_take(const renamed *all, int n, renamed *r, part *p);
char *torch_name(const part *all, int n, const part *p); /* NULL: it has no such thing */
/* The order of r's dimensions there: [out, in, height, width], here [height, width, in, out]. */
void torch_dimensions(renamed *r, role which, bool to_torch);

#endif
