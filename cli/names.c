/* SPDX-License-Identifier: Apache-2.0 */
/* Names of tf.layers, slim and Keras taken apart and put together again; those of PyTorch are left to names_torch.c. */
#include "names_parts.h"

#include <stdlib.h>

const role_words roles[N_ROLES] = {{KERNEL, "kernel", "weights", "weight"},
                                   {DEPTHWISE, "depthwise_kernel", "depthwise_weights", NULL},
                                   {POINTWISE, "pointwise_kernel", "pointwise_weights", NULL},
                                   {BIAS, "bias", "biases", "bias"},
                                   {GAMMA, "gamma", "gamma", "weight"},
                                   {BETA, "beta", "beta", "bias"},
                                   {MEAN, "moving_mean", "moving_mean", "running_mean"},
                                   {VARIANCE, "moving_variance", "moving_variance", "running_var"},
                                   {TRACKED, NULL, NULL, "num_batches_tracked"}};

static bool is(const char *style, const char *name) { return strcmp(style, name) == 0; }

bool has_role(const part *p, int n, const char *scope, role wanted) {
  for (int i = 0; i < n; i++)
    if (p[i].scope != NULL && p[i].role == wanted && strcmp(p[i].scope, scope) == 0) return true;
  return false;
}

/* ---- taking names apart */

/* "scope/ROLE" and what comes behind it: the last component that is a role. */
static void take_apart(const char *name, bool slim, part *p) {
  const char *end = name + strlen(name);
  for (const char *at = end; at > name;) {
    const char *begin = at;
    while (begin > name && begin[-1] != '/') begin--;
    for (int i = 0; i < N_ROLES; i++) {
      const char *word = slim ? roles[i].slim : roles[i].layers;
      if (word == NULL || strlen(word) != (size_t)(at - begin) || strncmp(begin, word, (size_t)(at - begin)) != 0)
        continue;
      *p = (part){textf("%.*s", begin > name ? (int)(begin - name - 1) : 0, name), at, roles[i].role};
      return;
    }
    at = begin > name ? begin - 1 : name;
  }
}

/* Keras: "dense/kernel:0", in its files "dense/dense/kernel:0". */
static void take_keras(const char *name, part *p) {
  take_apart(name, false, p);
  if (p->scope == NULL) {
    char *plain = textf("%s", name);
    char *colon = strrchr(plain, ':');
    if (colon != NULL) *colon = '\0';
    take_apart(plain, false, p);
    if (p->scope != NULL && *p->rest != '\0') { /* a slot: files of Keras have none */
      free(p->scope);
      *p = (part){0};
    }
    p->rest = "";
    free(plain);
  }
  const size_t n = p->scope != NULL ? strlen(p->scope) : 0, half = n / 2;
  if (n % 2 == 1 && p->scope[half] == '/' && strncmp(p->scope, p->scope + half + 1, half) == 0) p->scope[half] = '\0';
}

/* ---- putting names together */

static const char *word_of(role which, bool slim) {
  for (int i = 0; i < N_ROLES; i++)
    if (roles[i].role == which) return slim ? roles[i].slim : roles[i].layers;
  return NULL;
}

char *name_of(const char *scope, const char *word, const char *rest, char separator) {
  char *name = *scope != '\0' ? textf("%s%c%s%s", scope, separator, word, rest) : textf("%s%s", word, rest);
  return name;
}

static char *put_together(const part *all, int n, const part *p, const char *to) {
  if (is(to, "torch")) return *p->rest == '\0' ? torch_name(all, n, p) : NULL;
  if (p->role == TRACKED) return NULL;
  if (is(to, "keras"))
    return textf("%s%s%s%s:0", p->scope, *p->scope != '\0' ? "/" : "", word_of(p->role, false), p->rest);
  if (!is(to, "slim")) return name_of(p->scope, word_of(p->role, false), p->rest, '/');
  char *scope = p->role >= GAMMA ? slim_norm_scope(all, n, p->scope) : NULL;
  if (scope == NULL) scope = slim_words(p->scope, true);
  char *name = name_of(scope, word_of(p->role, true), p->rest, '/');
  free(scope);
  return name;
}

/* ---- the whole */

void names_map(const char *from, const char *to, renamed *r, int n) {
  part *p = need_memory((size_t)n, sizeof *p);
  for (int i = 0; i < n; i++) {
    r[i].splits = 0;
    if (is(from, "torch"))
      torch_take(r, n, &r[i], &p[i]);
    else if (is(from, "keras"))
      take_keras(r[i].from, &p[i]);
    else
      take_apart(r[i].from, is(from, "slim"), &p[i]);
  }
  if (is(from, "slim")) {
    slim_take_out_norms(p, n);
    for (int i = 0; i < n; i++) {
      char *scope = p[i].scope != NULL ? slim_words(p[i].scope, false) : NULL;
      free(p[i].scope);
      p[i].scope = scope;
    }
  }
  for (int i = 0; i < n; i++) {
    r[i].perm[0] = -1;
    r[i].joins = false;
    r[i].to = p[i].scope != NULL ? put_together(p, n, &p[i], to) : NULL;
    r[i].matched = r[i].to != NULL || p[i].role == TRACKED;
    if (!r[i].matched) r[i].to = textf("%s", r[i].from);
    if (r[i].matched && is(from, "torch") != is(to, "torch")) torch_dimensions(&r[i], p[i].role, is(to, "torch"));
  }
  for (int i = 0; i < n; i++) free(p[i].scope);
  free(p);
}

void names_free(renamed *r, int n) {
  for (int i = 0; i < n; i++) free(r[i].to);
}
