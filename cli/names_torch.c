/* SPDX-License-Identifier: Apache-2.0 */
/* PyTorch's names, which tell less than their tensors do: neighbours and shapes decide what a weight is. It keeps a
 * kernel with its outputs first. */
#include "names_parts.h"

#include <stdlib.h>

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
  const int parent = (int)(last - p->scope), which = strcmp(last, halves[1]) == 0;
  if (parent == 0 || strcmp(last, halves[which]) != 0) return;
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
void torch_take(const renamed *all, int n, renamed *r, part *p) {
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

/* A separable convolution is two layers there, of which the second one has the bias. */
char *torch_name(const part *all, int n, const part *p) {
  const bool separable = has_role(all, n, p->scope, DEPTHWISE) && has_role(all, n, p->scope, POINTWISE);
  for (int i = 0; i < N_ROLES; i++) {
    const role r = p->role == DEPTHWISE || p->role == POINTWISE ? KERNEL : p->role;
    if (roles[i].role != r || roles[i].torch == NULL) continue;
    const char *inner = !separable ? "" : p->role == DEPTHWISE ? ".depthwise" : ".pointwise";
    char *scope = textf("%s%s", p->scope, inner);
    for (char *c = scope; *c != '\0'; c++)
      if (*c == '/') *c = '.';
    char *name = name_of(scope, roles[i].torch, "", '.');
    free(scope);
    return name;
  }
  return NULL;
}

/* ---- dimensions */

void torch_dimensions(renamed *r, role which, bool to_torch) {
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
