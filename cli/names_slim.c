/* SPDX-License-Identifier: Apache-2.0 */
/* What slim calls otherwise: layers by default, and a normalization, which it keeps inside of its layer's scope. */
#include "names_parts.h"

#include <stdlib.h>

/* What layers are called if nobody says: the word, then _1, _2, ... */
static const struct {
  const char *layers, *slim;
} words[] = {{"conv2d", "Conv"},
             {"dense", "fully_connected"},
             {"separable_conv2d", "SeparableConv2d"},
             {"conv2d_transpose", "Conv2d_transpose"},
             {"batch_normalization", "BatchNorm"}};
enum { N_WORDS = sizeof words / sizeof words[0], NORM = N_WORDS - 1 };

/* Is text the word, or the word with a number behind it? The number, 0 for none; else -1. */
static int number_behind(const char *text, const char *word) {
  const size_t n = strlen(word);
  char *end = NULL;
  if (strncmp(text, word, n) != 0) return -1;
  if (text[n] == '\0') return 0;
  if (text[n] != '_' || text[n + 1] < '1' || text[n + 1] > '9') return -1;
  const long number = strtol(text + n + 1, &end, 10);
  return *end == '\0' && number < 1000000 ? (int)number : -1;
}

static char *numbered(const char *scope, const char *word, int number) {
  const int parent = (int)(last_of(scope) - scope);
  return number > 0 ? textf("%.*s%s_%d", parent, scope, word, number) : textf("%.*s%s", parent, scope, word);
}

/* The last component, if it is a default name on one side, in the other side's words. */
char *slim_words(const char *scope, bool to_slim) {
  for (int i = 0; i < N_WORDS; i++) {
    const int number = number_behind(last_of(scope), to_slim ? words[i].layers : words[i].slim);
    if (number >= 0) return numbered(scope, to_slim ? words[i].slim : words[i].layers, number);
  }
  return textf("%s", scope);
}

/* The number of the layer's own default name; -1: it has a name of its own. */
static int layer_number(const char *scope, int *word) {
  for (*word = 0; *word < NORM; ++*word) {
    const int number = number_behind(last_of(scope), words[*word].layers);
    if (number >= 0) return number;
  }
  return -1;
}

/* Orders default names in one parent: by kind, then by number. */
static bool comes_before(const char *a, const char *b) {
  int word_a, word_b;
  const int x = layer_number(a, &word_a), y = layer_number(b, &word_b);
  return word_a != word_b ? word_a < word_b : x < y;
}

static bool same_parent(const char *a, const char *b) {
  const size_t n = (size_t)(last_of(a) - a);
  return n == (size_t)(last_of(b) - b) && strncmp(a, b, n) == 0;
}

/* Has the same layer been met before? */
static bool is_again(char *const *inside, int k) {
  for (int i = 0; i < k; i++)
    if (inside[i] != NULL && strcmp(inside[i], inside[k]) == 0) return true;
  return false;
}

/* "Conv_2/BatchNorm": tf.layers numbers normalizations by themselves, so this is the one after all that come before. */
void slim_take_out_norms(part *p, int n) {
  char **inside = need_memory((size_t)n, sizeof *inside); /* of a normalization in a layer: that layer's scope */
  for (int i = 0; i < n; i++) {
    int word = 0;
    if (p[i].scope == NULL || strcmp(last_of(p[i].scope), "BatchNorm") != 0) continue;
    char *layer =
        textf("%.*s", (int)(last_of(p[i].scope) - p[i].scope) - (last_of(p[i].scope) > p[i].scope), p[i].scope);
    char *in_layers = slim_words(layer, false);
    free(layer);
    if (*in_layers != '\0' && layer_number(in_layers, &word) >= 0)
      inside[i] = in_layers;
    else
      free(in_layers);
  }
  for (int i = 0; i < n; i++) {
    int number = 0;
    if (inside[i] == NULL) continue;
    for (int k = 0; k < n; k++)
      if (inside[k] != NULL && !is_again(inside, k) && same_parent(inside[k], inside[i]) &&
          comes_before(inside[k], inside[i]))
        number++;
    free(p[i].scope);
    p[i].scope = numbered(inside[i], words[NORM].layers, number);
  }
  for (int i = 0; i < n; i++) free(inside[i]);
  free(inside);
}

/* The other way: normalization k goes into the layer k of those without a bias; with too few of them it stays. */
char *slim_norm_scope(const part *p, int n, const char *norm) {
  const int number = number_behind(last_of(norm), words[NORM].layers);
  const char *found = NULL;
  if (number < 0) return NULL;
  for (int i = 0; i < n; i++) {
    int word = 0, before = 0;
    const bool layer = p[i].scope != NULL && (p[i].role == KERNEL || p[i].role == POINTWISE) && *p[i].rest == '\0' &&
                       layer_number(p[i].scope, &word) >= 0 && same_parent(p[i].scope, norm) &&
                       !has_role(p, n, p[i].scope, BIAS);
    for (int k = 0; layer && k < n; k++)
      before += p[k].scope != NULL && (p[k].role == KERNEL || p[k].role == POINTWISE) && *p[k].rest == '\0' &&
                layer_number(p[k].scope, &word) >= 0 && same_parent(p[k].scope, p[i].scope) &&
                !has_role(p, n, p[k].scope, BIAS) && comes_before(p[k].scope, p[i].scope);
    if (layer && before == number) found = p[i].scope;
  }
  if (found == NULL) return NULL;
  char *slim = slim_words(found, true), *inside = textf("%s/%s", slim, words[NORM].slim);
  free(slim);
  return inside;
}
