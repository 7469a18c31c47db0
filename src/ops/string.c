/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: StringJoin, StaticRegexFullMatch. */
#include "ops/index.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

static ek__bytes *string_at(const ek_value *v, int64_t k) { return ((ek__bytes *const *)v->data)[v->n == 1 ? 0 : k]; }

/* ---- StringJoin: scalars go with every element of the others. */

static ek_code infer_join(ek_infer_context *c) {
  ek_shape s = ek_shape_scalar();
  for (int i = 0; i < c->n_in; i++) {
    const ek_shape own = c->in[i].shape;
    if (own.rank == 0) continue;
    if (own.rank < 0)
      s = s.rank == 0 ? own : s;
    else if (s.rank <= 0)
      s = own;
    else
      EK_TRY(ek__infer_merge(c, s, own, &s));
  }
  c->out[0].shape = s;
  return EK_OK;
}

static ek_code join_one(ek_run_context *c, int64_t k, const char *separator, char *buffer) {
  const size_t gap = strlen(separator);
  char *at = buffer;
  for (int i = 0; i < c->n_in; i++) {
    const ek__bytes *b = string_at(c->in[i], k);
    if (i > 0) memcpy(at, separator, gap);
    at += i > 0 ? gap : 0;
    if (b != NULL) memcpy(at, b->data, b->size);
    at += b != NULL ? b->size : 0;
  }
  return ek__run_set_string(c, 0, k, buffer, (size_t)(at - buffer));
}

static ek_code run_join(ek_run_context *c) {
  const char *separator = ek__attr_string(c->node, "separator");
  ek_shape s = ek_shape_scalar();
  for (int i = 0; i < c->n_in; i++) {
    const ek_shape own = c->in[i]->shape;
    if (own.rank == 0) continue;
    EK_RUN_REQUIRE(c, s.rank == 0 || ek_shape_equal(s, own), "Input shapes do not match: input %d", i);
    s = own;
  }
  EK_TRY(ek__run_output(c, 0, s));
  for (int64_t k = 0; k < c->out[0]->n; k++) {
    size_t size = 1;
    for (int i = 0; i < c->n_in; i++) {
      const ek__bytes *b = string_at(c->in[i], k);
      size += strlen(separator) + (b != NULL ? b->size : 0);
    }
    char *buffer = ek__alloc(c->allocator, size);
    if (buffer == NULL) return ek__no_memory(c->st, c->node->name, size);
    const ek_code rc = join_one(c, k, separator, buffer);
    ek__free(c->allocator, buffer, size);
    EK_TRY(rc);
  }
  return EK_OK;
}

const ek_op_def ek_op_string_join = {.name = "StringJoin",
                                     .doc = "strings one after another, with a separator between them",
                                     .in = "inputs: N * string",
                                     .out = "output: string",
                                     .attrs = "N: int >= 1; separator: string = ''",
                                     .flags = EK_OP_NOT_DIFFERENTIABLE,
                                     .infer = infer_join,
                                     .run = run_join};

/* ---- StaticRegexFullMatch, by POSIX's extended expressions: what both it and RE2 understand alike is what savers use.
 */

typedef struct pattern {
  regex_t regex;
  const ek_allocator *allocator;
} pattern;

static void release_match(void *state) {
  pattern *p = state;
  regfree(&p->regex);
  ek__free(p->allocator, p, sizeof *p);
}

static ek_code prepare_match(ek_prepare_context *c) {
  const char *text = ek__attr_string(c->node, "pattern");
  const size_t size = strlen(text) + sizeof "^()$";
  char *whole = ek__alloc(c->allocator, size);
  pattern *p = ek__alloc(c->allocator, sizeof *p);
  ek_code rc = EK_OK;
  if (whole == NULL || p == NULL) {
    rc = ek__no_memory(c->st, c->node->name, size);
  } else {
    *whole = '\0';
    strcat(strcat(strcat(whole, "^("), text), ")$");
    p->allocator = c->allocator;
    if (regcomp(&p->regex, whole, REG_EXTENDED | REG_NOSUB) != 0)
      rc =
          ek_status_set(c->st, EK_INVALID_ARGUMENT, "%s '%s': Invalid pattern: %s", c->node->type, c->node->name, text);
  }
  if (rc == EK_OK)
    c->state = p;
  else if (p != NULL)
    ek__free(c->allocator, p, sizeof *p);
  ek__free(c->allocator, whole, size);
  return rc;
}

static ek_code run_match(ek_run_context *c) {
  const pattern *p = c->state;
  EK_TRY(ek__run_output(c, 0, c->in[0]->shape));
  for (int64_t k = 0; k < c->in[0]->n; k++) {
    const ek__bytes *b = string_at(c->in[0], k);
    ((bool *)c->out[0]->data)[k] = regexec(&p->regex, b != NULL ? b->data : "", 0, NULL, 0) == 0;
  }
  return EK_OK;
}

const ek_op_def ek_op_static_regex_full_match = {.name = "StaticRegexFullMatch",
                                                 .doc = "whether the whole string matches the pattern",
                                                 .in = "input: string",
                                                 .out = "output: bool",
                                                 .attrs = "pattern: string",
                                                 .flags = EK_OP_NOT_DIFFERENTIABLE,
                                                 .infer = ek__infer_same,
                                                 .prepare = prepare_match,
                                                 .release = release_match,
                                                 .run = run_match};
