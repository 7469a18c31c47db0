/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/signature.h"

#include <stdlib.h>
#include <string.h>

typedef struct parser {
  const ek_op_def *def;
  ek__arena *arena;
  const char *at; /* the next character */
  ek_status *st;
} parser;

static ek_code bad(parser *p, const char *wanted) {
  return ek_status_set(p->st, EK_INTERNAL, "op %s: signature: expected %s at '%.20s'", p->def->name, wanted, p->at);
}

static void skip(parser *p) { p->at += strspn(p->at, " \n"); }

static bool eat(parser *p, const char *token) {
  skip(p);
  const size_t n = strlen(token);
  if (strncmp(p->at, token, n) != 0) return false;
  p->at += n;
  return true;
}

static ek_code word(parser *p, const char **out) {
  skip(p);
  const size_t n = strspn(p->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
  if (n == 0) return bad(p, "a name");
  *out = ek__arena_strndup(p->arena, p->at, n);
  if (*out == NULL) return ek__no_memory(p->st, "an op's signature", n);
  p->at += n;
  return EK_OK;
}

static ek_code string(parser *p, ek_text *out) {
  if (!eat(p, "'")) return bad(p, "a quoted string");
  const char *end = strchr(p->at, '\'');
  if (end == NULL) return bad(p, "a closing quote");
  out->size = (size_t)(end - p->at);
  out->data = ek__arena_strndup(p->arena, p->at, out->size);
  if (out->data == NULL) return ek__no_memory(p->st, "an op's signature", out->size);
  p->at = end + 1;
  return EK_OK;
}

static int count(const char *s, const char *end, char c) {
  int n = 1;
  for (; s < end && *s != '\0'; s++) n += *s == c;
  return n;
}

static bool is_attr(const ek__signature *s, const char *name, ek_attr_kind kind) {
  const ek__attr_spec *a = ek__signature_attr(s, name);
  return a != NULL && a->value.kind == kind;
}

/* "x: T", "y: N * T", "ref: Ref(T)", "rest: Tlist" */
static ek_code argument(parser *p, const ek__signature *s, ek__arg *arg) {
  EK_TRY(word(p, &arg->name));
  if (!eat(p, ":")) return bad(p, "':'");
  arg->is_ref = eat(p, "Ref(");
  const char *type = NULL;
  EK_TRY(word(p, &type));
  if (eat(p, "*")) {
    arg->number_attr = type;
    EK_TRY(word(p, &type));
  }
  if (arg->is_ref && !eat(p, ")")) return bad(p, "')'");
  if (is_attr(s, type, EK_ATTR_LIST_TYPE)) {
    arg->list_attr = type;
  } else if (is_attr(s, type, EK_ATTR_TYPE)) {
    arg->type_attr = type;
  } else {
    arg->dtype = ek_dtype_from_name(type);
    if (arg->dtype == EK_INVALID_DTYPE) return bad(p, "a dtype or a type attribute before this");
  }
  return EK_OK;
}

static ek_code arguments(parser *p, const char *text, const ek__signature *s, const ek__arg **out, int *n) {
  if (text == NULL || *text == '\0') return EK_OK;
  p->at = text;
  *n = count(text, text + strlen(text), ',');
  ek__arg *args = ek__arena_array(p->arena, (size_t)*n, sizeof *args);
  if (args == NULL) return ek__no_memory(p->st, "an op's signature", 0);
  *out = args;
  for (int i = 0; i < *n; i++) {
    if (i > 0 && !eat(p, ",")) return bad(p, "','");
    EK_TRY(argument(p, s, &args[i]));
  }
  skip(p);
  return *p->at == '\0' ? EK_OK : bad(p, "the end");
}

/* "{half, float}" or "{'SAME', 'VALID'}" */
static ek_code choices(parser *p, ek__attr_spec *a) {
  const char *end = strchr(p->at, '}');
  if (end == NULL) return bad(p, "'}'");
  const int n = count(p->at, end, ',');
  skip(p);
  if (*p->at == '\'') {
    ek_text *strings = ek__arena_array(p->arena, (size_t)n, sizeof *strings);
    if (strings == NULL) return ek__no_memory(p->st, "an op's signature", 0);
    a->value.kind = EK_ATTR_STRING;
    a->strings = strings;
    a->n_strings = n;
    for (int i = 0; i < n; i++) {
      if (i > 0 && !eat(p, ",")) return bad(p, "','");
      EK_TRY(string(p, &strings[i]));
    }
  } else {
    ek_dtype *types = ek__arena_array(p->arena, (size_t)n, sizeof *types);
    if (types == NULL) return ek__no_memory(p->st, "an op's signature", 0);
    a->value.kind = EK_ATTR_TYPE;
    a->types = types;
    a->n_types = n;
    for (int i = 0; i < n; i++) {
      const char *name = NULL;
      if (i > 0 && !eat(p, ",")) return bad(p, "','");
      EK_TRY(word(p, &name));
      types[i] = ek_dtype_from_name(name);
      if (types[i] == EK_INVALID_DTYPE) return bad(p, "a dtype before this");
    }
  }
  return eat(p, "}") ? EK_OK : bad(p, "'}'");
}

static ek_code kind(parser *p, ek__attr_spec *a) {
  static const struct {
    const char *word;
    ek_attr_kind one, list;
  } kinds[] = {{"string", EK_ATTR_STRING, EK_ATTR_LIST_STRING}, {"int", EK_ATTR_INT, EK_ATTR_LIST_INT},
               {"float", EK_ATTR_FLOAT, EK_ATTR_LIST_FLOAT},    {"bool", EK_ATTR_BOOL, EK_ATTR_LIST_BOOL},
               {"type", EK_ATTR_TYPE, EK_ATTR_LIST_TYPE},       {"shape", EK_ATTR_SHAPE, EK_ATTR_LIST_SHAPE},
               {"tensor", EK_ATTR_TENSOR, EK_ATTR_LIST_TENSOR}, {"func", EK_ATTR_FUNC, EK_ATTR_LIST_FUNC}};
  const bool list = eat(p, "list(");
  if (eat(p, "{")) {
    EK_TRY(choices(p, a));
    if (list) a->value.kind = a->value.kind == EK_ATTR_TYPE ? EK_ATTR_LIST_TYPE : EK_ATTR_LIST_STRING;
  } else {
    const char *name = NULL;
    EK_TRY(word(p, &name));
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
      if (strcmp(name, kinds[i].word) == 0) a->value.kind = list ? kinds[i].list : kinds[i].one;
    if (a->value.kind == EK_ATTR_NONE) return bad(p, "a kind of attribute before this");
  }
  return !list || eat(p, ")") ? EK_OK : bad(p, "')'");
}

static ek_code number(parser *p, double *out) {
  skip(p);
  char *end = NULL;
  *out = strtod(p->at, &end);
  if (end == p->at) return bad(p, "a number");
  p->at = end;
  return EK_OK;
}

static ek_code default_ints(parser *p, ek_attr *v) {
  if (!eat(p, "[")) return bad(p, "'['");
  v->n = 0;
  if (eat(p, "]")) return EK_OK;
  const char *end = strchr(p->at, ']');
  if (end == NULL) return bad(p, "']'");
  const int n = count(p->at, end, ',');
  int64_t *ints = ek__arena_array(p->arena, (size_t)n, sizeof *ints);
  if (ints == NULL) return ek__no_memory(p->st, "an op's signature", 0);
  v->v.ints = ints;
  v->n = n;
  for (int i = 0; i < n; i++) {
    double d = 0;
    if (i > 0 && !eat(p, ",")) return bad(p, "','");
    EK_TRY(number(p, &d));
    ints[i] = (int64_t)d;
  }
  return eat(p, "]") ? EK_OK : bad(p, "']'");
}

static ek_code default_value(parser *p, ek_attr *v) {
  double d = 0;
  const char *name = NULL;
  v->n = 1;
  switch (v->kind) {
  case EK_ATTR_INT:
    EK_TRY(number(p, &d));
    v->v.i = (int64_t)d;
    return EK_OK;
  case EK_ATTR_FLOAT:
    EK_TRY(number(p, &d));
    v->v.f = (float)d;
    return EK_OK;
  case EK_ATTR_BOOL: v->v.b = eat(p, "true"); return v->v.b || eat(p, "false") ? EK_OK : bad(p, "true or false");
  case EK_ATTR_TYPE:
    EK_TRY(word(p, &name));
    v->v.type = ek_dtype_from_name(name);
    return v->v.type != EK_INVALID_DTYPE ? EK_OK : bad(p, "a dtype before this");
  case EK_ATTR_STRING: return string(p, &v->v.s);
  case EK_ATTR_SHAPE:
    v->v.shape = eat(p, "unknown") ? ek_shape_unknown() : ek_shape_scalar();
    return v->v.shape.rank < 0 || eat(p, "[]") ? EK_OK : bad(p, "unknown or []");
  case EK_ATTR_LIST_INT: return default_ints(p, v);
  case EK_ATTR_LIST_STRING:
  case EK_ATTR_LIST_FLOAT:
  case EK_ATTR_LIST_TYPE:
  case EK_ATTR_LIST_SHAPE: v->n = 0; return eat(p, "[]") ? EK_OK : bad(p, "[]");
  default: return bad(p, "no default for this kind");
  }
}

static ek_code attribute(parser *p, ek__attr_spec *a) {
  EK_TRY(word(p, &a->value.name));
  if (!eat(p, ":")) return bad(p, "':'");
  EK_TRY(kind(p, a));
  if (eat(p, ">=")) {
    double d = 0;
    EK_TRY(number(p, &d));
    a->has_minimum = true;
    a->minimum = (int64_t)d;
  }
  a->has_default = eat(p, "=");
  return a->has_default ? default_value(p, &a->value) : EK_OK;
}

static ek_code attributes(parser *p, ek__signature *s) {
  const char *text = p->def->attrs;
  if (text == NULL || *text == '\0') return EK_OK;
  p->at = text;
  s->n_attrs = count(text, text + strlen(text), ';');
  ek__attr_spec *attrs = ek__arena_array(p->arena, (size_t)s->n_attrs, sizeof *attrs);
  if (attrs == NULL) return ek__no_memory(p->st, "an op's signature", 0);
  s->attrs = attrs;
  for (int i = 0; i < s->n_attrs; i++) {
    if (i > 0 && !eat(p, ";")) return bad(p, "';'");
    EK_TRY(attribute(p, &attrs[i]));
  }
  skip(p);
  return *p->at == '\0' ? EK_OK : bad(p, "the end");
}

ek_code ek__signature_parse(const ek_op_def *def, ek__arena *arena, ek__signature *out, ek_status *st) {
  parser p = {.def = def, .arena = arena, .st = st};
  *out = (ek__signature){.def = def};
  EK_TRY(attributes(&p, out));
  EK_TRY(arguments(&p, def->in, out, &out->in, &out->n_in));
  return arguments(&p, def->out, out, &out->out, &out->n_out);
}

const ek__attr_spec *ek__signature_attr(const ek__signature *s, const char *name) {
  for (int i = 0; i < s->n_attrs; i++)
    if (strcmp(s->attrs[i].value.name, name) == 0) return &s->attrs[i];
  return NULL;
}
