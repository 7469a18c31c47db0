/* SPDX-License-Identifier: Apache-2.0 */
/* Every name is taken apart into a scope, a role and what an optimizer puts behind it, in tf.layers' words, and put
 * together again. PyTorch keeps a kernel with its outputs first. */
#include "names.h"

#include <stdlib.h>
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

static const struct {
  role role;
  const char *layers, *slim, *torch; /* Keras says what tf.layers says */
} roles[] = {{KERNEL, "kernel", "weights", "weight"},
             {DEPTHWISE, "depthwise_kernel", "depthwise_weights", NULL},
             {POINTWISE, "pointwise_kernel", "pointwise_weights", NULL},
             {BIAS, "bias", "biases", "bias"},
             {GAMMA, "gamma", "gamma", "weight"},
             {BETA, "beta", "beta", "bias"},
             {MEAN, "moving_mean", "moving_mean", "running_mean"},
             {VARIANCE, "moving_variance", "moving_variance", "running_var"},
             {TRACKED, NULL, NULL, "num_batches_tracked"}};
enum { N_ROLES = sizeof roles / sizeof roles[0] };

/* What layers are called if nobody says: the word, then _1, _2, ... */
static const struct {
  const char *layers, *slim;
} words[] = {{"conv2d", "Conv"},
             {"dense", "fully_connected"},
             {"separable_conv2d", "SeparableConv2d"},
             {"conv2d_transpose", "Conv2d_transpose"},
             {"batch_normalization", "BatchNorm"}};
enum { N_WORDS = sizeof words / sizeof words[0], NORM = N_WORDS - 1 };

typedef struct part {
  char *scope;      /* with slashes, in tf.layers' words */
  const char *rest; /* "/Adam" or "", in the name itself */
  role role;
} part;

static bool is(const char *style, const char *name) { return strcmp(style, name) == 0; }

/* ---- pieces of names */

static const char *last_of(const char *scope) {
  const char *slash = strrchr(scope, '/');
  return slash != NULL ? slash + 1 : scope;
}

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
static char *in_words(const char *scope, bool to_slim) {
  for (int i = 0; i < N_WORDS; i++) {
    const int number = number_behind(last_of(scope), to_slim ? words[i].layers : words[i].slim);
    if (number >= 0) return numbered(scope, to_slim ? words[i].slim : words[i].layers, number);
  }
  return textf("%s", scope);
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

static const renamed *sibling(const renamed *r, int n, const char *name, size_t scope, const char *word) {
  for (int i = 0; i < n; i++)
    if (strncmp(r[i].from, name, scope) == 0 && strcmp(r[i].from + scope, word) == 0) return &r[i];
  return NULL;
}

/* How many channels come in, where that is one for each: the weight is [outs, 1, ...], and what stands before it gives
 * more than one channel, or its name says it. 0: it is an ordinary kernel. */
static int64_t depthwise_channels(const renamed *all, const renamed *r, const char *scope) {
  const ek_shape shape = r->shape;
  if (shape.rank < 3 || shape.dim[1] != 1) return 0;
  for (const renamed *before = r; before > all;) {
    const char *dot = strrchr((--before)->from, '.');
    if (before->shape.rank < 2 || strcmp(dot != NULL ? dot + 1 : before->from, "weight") != 0) continue;
    const int64_t in = before->shape.dim[0];
    if (in > 1 && shape.dim[0] % in == 0) return in;
    break;
  }
  return strstr(last_of(scope), "depthwise") != NULL ? shape.dim[0] : 0;
}

/* scope is x/LAST: the tensor "x.LAYER.WORD"; NULL: there is none. */
static const renamed *neighbour(const renamed *all, int n, const char *scope, const char *layer, const char *word) {
  char *name = textf("%.*s%s.%s", (int)(last_of(scope) - scope), scope, layer, word);
  for (char *c = name; *c != '\0'; c++)
    if (*c == '/') *c = '.';
  const renamed *found = sibling(all, n, name, strlen(name), "");
  free(name);
  return found;
}

/* "x/depthwise" and "x/pointwise" are one layer, x, unless there is a bias in between. */
static void take_separable(const renamed *all, int n, part *p) {
  static const char *const halves[] = {"depthwise", "pointwise"};
  const char *last = last_of(p->scope);
  const int parent = (int)(last - p->scope), which = is(last, halves[1]);
  if (parent == 0 || !is(last, halves[which])) return;
  const renamed *depthwise = neighbour(all, n, p->scope, halves[0], "weight");
  if (depthwise == NULL || depthwise->shape.rank < 3 || depthwise->shape.dim[1] != 1 ||
      neighbour(all, n, p->scope, halves[1], "weight") == NULL ||
      neighbour(all, n, p->scope, halves[0], "bias") != NULL)
    return;
  if (p->role != BIAS) p->role = which == 0 ? DEPTHWISE : POINTWISE;
  p->scope[parent - 1] = '\0';
}

/* PyTorch: a weight with one dimension beside a bias, or beside running statistics, belongs to a normalization; alone
 * it may be anything. An embedding's is no kernel. */
static void take_torch(const renamed *all, int n, renamed *r, part *p) {
  const char *dot = strrchr(r->from, '.'), *word = dot != NULL ? dot + 1 : r->from;
  const size_t scope = (size_t)(word - r->from);
  const renamed *weight = sibling(all, n, r->from, scope, "weight");
  const bool flat = weight != NULL && weight->shape.rank == 1,
             has_bias = sibling(all, n, r->from, scope, "bias") != NULL;
  const bool norm = sibling(all, n, r->from, scope, "running_mean") != NULL || (flat && has_bias);
  for (int i = 0; i < N_ROLES; i++) {
    if (roles[i].torch == NULL || strcmp(roles[i].torch, word) != 0) continue;
    if ((roles[i].role == KERNEL || roles[i].role == BIAS) && norm) continue; /* gamma and beta come later */
    if (roles[i].role == GAMMA && flat && !norm) continue;
    if (roles[i].role == KERNEL && flat) continue;
    *p = (part){textf("%.*s", (int)(scope > 0 ? scope - 1 : 0), r->from), "", roles[i].role};
    for (char *c = p->scope; *c != '\0'; c++)
      if (*c == '.') *c = '/';
    if (p->role == KERNEL && strstr(last_of(p->scope), "embed") != NULL) {
      free(p->scope);
      *p = (part){0};
      return;
    }
    if (p->role == KERNEL && (r->splits = depthwise_channels(all, r, p->scope)) > 0) p->role = DEPTHWISE;
    take_separable(all, n, p);
    return;
  }
}

/* ---- the normalization that slim keeps inside of a layer's scope */

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
static void take_out_norms(part *p, int n) {
  char **inside = need_memory((size_t)n, sizeof *inside); /* of a normalization in a layer: that layer's scope */
  for (int i = 0; i < n; i++) {
    int word = 0;
    if (p[i].scope == NULL || strcmp(last_of(p[i].scope), "BatchNorm") != 0) continue;
    char *layer =
        textf("%.*s", (int)(last_of(p[i].scope) - p[i].scope) - (last_of(p[i].scope) > p[i].scope), p[i].scope);
    char *in_layers = in_words(layer, false);
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

static bool has_role(const part *p, int n, const char *scope, role wanted) {
  for (int i = 0; i < n; i++)
    if (p[i].scope != NULL && p[i].role == wanted && strcmp(p[i].scope, scope) == 0) return true;
  return false;
}

/* The other way: normalization k goes into the layer k of those without a bias; with too few of them it stays. */
static char *norm_owner(const part *p, int n, const char *norm) {
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
  char *slim = in_words(found, true), *inside = textf("%s/%s", slim, words[NORM].slim);
  free(slim);
  return inside;
}

/* ---- putting names together */

static const char *word_of(role which, bool slim) {
  for (int i = 0; i < N_ROLES; i++)
    if (roles[i].role == which) return slim ? roles[i].slim : roles[i].layers;
  return NULL;
}

static char *join(const char *scope, const char *word, const char *rest, char separator) {
  char *name = *scope != '\0' ? textf("%s%c%s%s", scope, separator, word, rest) : textf("%s%s", word, rest);
  return name;
}

/* A separable convolution is two layers there, of which the second one has the bias. */
static char *put_torch(const part *all, int n, const part *p) {
  const bool separable = has_role(all, n, p->scope, DEPTHWISE) && has_role(all, n, p->scope, POINTWISE);
  for (int i = 0; i < N_ROLES; i++) {
    const role r = p->role == DEPTHWISE || p->role == POINTWISE ? KERNEL : p->role;
    if (roles[i].role != r || roles[i].torch == NULL) continue;
    const char *inner = !separable ? "" : p->role == DEPTHWISE ? ".depthwise" : ".pointwise";
    char *scope = textf("%s%s", p->scope, inner);
    for (char *c = scope; *c != '\0'; c++)
      if (*c == '/') *c = '.';
    char *name = join(scope, roles[i].torch, "", '.');
    free(scope);
    return name;
  }
  return NULL;
}

static char *put_together(const part *all, int n, const part *p, const char *to) {
  if (is(to, "torch")) return *p->rest == '\0' ? put_torch(all, n, p) : NULL;
  if (p->role == TRACKED) return NULL;
  if (is(to, "keras"))
    return textf("%s%s%s%s:0", p->scope, *p->scope != '\0' ? "/" : "", word_of(p->role, false), p->rest);
  if (!is(to, "slim")) return join(p->scope, word_of(p->role, false), p->rest, '/');
  char *scope = p->role >= GAMMA ? norm_owner(all, n, p->scope) : NULL;
  if (scope == NULL) scope = in_words(p->scope, true);
  char *name = join(scope, word_of(p->role, true), p->rest, '/');
  free(scope);
  return name;
}

/* ---- dimensions: [height, width, in, out] here, [out, in, height, width] there */

static void set_perm(renamed *r, role which, bool to_torch) {
  const int rank = r->shape.rank, inner = rank - 2;
  r->perm[0] = -1;
  if (rank < 2 || (which != KERNEL && which != DEPTHWISE && which != POINTWISE)) return;
  if (which == DEPTHWISE && to_torch) { /* [in, times, height, width], the first two joined */
    r->perm[0] = rank - 2, r->perm[1] = rank - 1;
    for (int i = 0; i < inner; i++) r->perm[2 + i] = i;
    r->joins = true;
    return;
  }
  for (int i = 0; i < inner; i++) r->perm[to_torch ? 2 + i : i] = to_torch ? i : 2 + i;
  r->perm[to_torch ? 0 : rank - 1] = to_torch ? rank - 1 : 0;
  r->perm[to_torch ? 1 : rank - 2] = to_torch ? rank - 2 : 1;
}

/* ---- the whole */

void names_map(const char *from, const char *to, renamed *r, int n) {
  part *p = need_memory((size_t)n, sizeof *p);
  for (int i = 0; i < n; i++) {
    r[i].splits = 0;
    if (is(from, "torch"))
      take_torch(r, n, &r[i], &p[i]);
    else if (is(from, "keras"))
      take_keras(r[i].from, &p[i]);
    else
      take_apart(r[i].from, is(from, "slim"), &p[i]);
  }
  if (is(from, "slim")) {
    take_out_norms(p, n);
    for (int i = 0; i < n; i++) {
      char *scope = p[i].scope != NULL ? in_words(p[i].scope, false) : NULL;
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
    if (r[i].matched && is(from, "torch") != is(to, "torch")) set_perm(&r[i], p[i].role, is(to, "torch"));
  }
  for (int i = 0; i < n; i++) free(p[i].scope);
  free(p);
}

void names_free(renamed *r, int n) {
  for (int i = 0; i < n; i++) free(r[i].to);
}

ek_tensor *names_apply(const renamed *r, ek_tensor *t) {
  ek_status st = EK_STATUS_INIT;
  const ek_shape s = ek_tensor_shape(t);
  if (r->perm[0] < 0) return ek_tensor_ref(t);
  ek_shape shape = {.rank = s.rank}, final;
  int64_t stride[EK_MAX_RANK], index[EK_MAX_RANK] = {0}, step = 1;
  for (int i = s.rank; i-- > 0; step *= s.dim[i]) stride[i] = step;
  for (int i = 0; i < s.rank; i++) shape.dim[i] = s.dim[r->perm[i]];
  final = shape;
  if (r->joins) final.dim[0] = shape.dim[0] * shape.dim[1], final.dim[1] = 1;
  if (r->splits > 0) final.dim[s.rank - 2] = r->splits, final.dim[s.rank - 1] = shape.dim[s.rank - 1] / r->splits;
  ek_tensor *out = ek_tensor_new(ek_tensor_dtype(t), final, NULL, &st);
  if (out == NULL || ek_tensor_dtype(t) == EK_STRING) {
    ek_tensor_free(out);
    return fail("convert", r->from, "cannot be transposed"), NULL;
  }
  const size_t size = ek_dtype_size(ek_tensor_dtype(t));
  const char *from = ek_tensor_data(t);
  char *to = ek_tensor_mutable_data(out);
  for (int64_t k = 0; k < ek_tensor_num_elements(t); k++) {
    int64_t at = 0;
    for (int i = 0; i < s.rank; i++) at += index[i] * stride[r->perm[i]];
    memcpy(to + (size_t)k * size, from + (size_t)at * size, size);
    for (int i = s.rank; i-- > 0 && ++index[i] == shape.dim[i];) index[i] = 0;
  }
  return out;
}
