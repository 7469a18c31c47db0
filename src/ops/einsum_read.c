/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/einsum.h"

#include <string.h>

/* The subscripts of one tensor: begin to end, blanks left out. */
typedef struct part {
  char text[2 * EK_MAX_RANK + 4];
  int letters; /* without the ellipsis */
  int before;  /* letters before the ellipsis; -1: there is none */
} part;

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool read_part(const char *begin, const char *end, part *p, const char **why) {
  *p = (part){.before = -1};
  for (const char *c = begin; c < end; c++) {
    if (*c == ' ') continue;
    if (strncmp(c, "...", 3) == 0 && c + 3 <= end) {
      *why = "a second ellipsis";
      if (p->before >= 0) return false;
      p->before = p->letters;
      c += 2;
      continue;
    }
    *why = "subscripts must be letters or an ellipsis";
    if (!is_letter(*c)) return false;
    *why = "too many subscripts";
    if (p->letters == EK_MAX_RANK) return false;
    p->text[p->letters++] = *c;
  }
  return true;
}

static int label_of(ek__einsum *e, char letter) {
  for (int i = 0; i < e->n_labels; i++)
    if (e->letter[i] == letter && letter != 0) return i;
  e->letter[e->n_labels] = letter;
  e->dim[e->n_labels] = -1;
  return e->n_labels++;
}

/* A dimension of 1 goes with any other in an ellipsis only. */
static bool meet(ek__einsum *e, int label, int64_t dim) {
  int64_t *have = &e->dim[label];
  if (dim < 0 || *have == dim) return true;
  if (*have < 0 || (*have == 1 && e->letter[label] == 0)) {
    *have = dim;
    return true;
  }
  return dim == 1 && e->letter[label] == 0;
}

/* The labels of tensor t, whose ellipsis stands for `more` dimensions, the last of them label ellipsis[0]. */
static void set_labels(ek__einsum *e, int t, const part *p, int more, const int *ellipsis) {
  int at = 0;
  for (int i = 0; i <= p->letters; i++) {
    for (int k = 0; i == p->before && k < more; k++) e->label[t][at++] = ellipsis[more - 1 - k];
    if (i < p->letters) e->label[t][at++] = label_of(e, p->text[i]);
  }
  e->rank[t] = at;
}

static bool is_twice(const ek__einsum *e, int t) {
  for (int i = 0; i < e->rank[t]; i++)
    for (int k = 0; k < i; k++)
      if (e->label[t][i] == e->label[t][k]) return true;
  return false;
}

bool ek__einsum_read(const char *equation, const ek_shape *shapes, int n, ek__einsum *e, bool *known,
                     const char **why) {
  part parts[EK__EINSUM_INPUTS + 1];
  const char *arrow = strstr(equation, "->"), *at = equation;
  int ellipsis[EK_MAX_RANK], more[EK__EINSUM_INPUTS] = {0}, most = 0;
  *e = (ek__einsum){.n_in = n};
  *known = true;
  *why = "there is no ->";
  if (arrow == NULL) return false;
  *why = "there must be one or two inputs";
  if (n < 1 || n > EK__EINSUM_INPUTS) return false;
  for (int i = 0; i < n; i++) {
    const char *end = i + 1 < n ? memchr(at, ',', (size_t)(arrow - at)) : arrow;
    *why = "the subscripts are not those of as many inputs";
    if (end == NULL || (i + 1 == n && memchr(at, ',', (size_t)(arrow - at)) != NULL)) return false;
    if (!read_part(at, end, &parts[i], why)) return false;
    at = end + 1;
    if (shapes[i].rank < 0) {
      *known = false;
      continue;
    }
    more[i] = shapes[i].rank - parts[i].letters;
    *why = "the number of subscripts is not the rank of the input";
    if (more[i] < 0 || (parts[i].before < 0 && more[i] != 0)) return false;
    if (parts[i].before >= 0 && more[i] > most) most = more[i];
    e->has_ellipsis = e->has_ellipsis || parts[i].before >= 0;
  }
  if (!read_part(arrow + 2, equation + strlen(equation), &parts[n], why)) return false;
  if (!*known) return true;
  for (int k = 0; k < most; k++) ellipsis[k] = label_of(e, 0);
  for (int i = 0; i < n; i++) {
    set_labels(e, i, &parts[i], parts[i].before >= 0 ? more[i] : 0, ellipsis);
    *why = "dimensions with the same subscript differ";
    for (int d = 0; d < e->rank[i]; d++)
      if (!meet(e, e->label[i][d], shapes[i].dim[d])) return false;
  }
  const int n_labels = e->n_labels;
  *why = "the output would have too many dimensions";
  if (parts[n].letters + (parts[n].before >= 0 ? most : 0) > EK_MAX_RANK) return false;
  set_labels(e, n, &parts[n], parts[n].before >= 0 ? most : 0, ellipsis);
  *why = "the output has a subscript that no input has";
  if (e->n_labels != n_labels) return false;
  for (int t = 0; t <= n; t++) e->has_repeats = e->has_repeats || is_twice(e, t);
  return true;
}

ek_shape ek__einsum_shape(const ek__einsum *e) {
  ek_shape s = {.rank = e->rank[e->n_in]};
  for (int i = 0; i < s.rank; i++) s.dim[i] = e->dim[e->label[e->n_in][i]];
  return s;
}
