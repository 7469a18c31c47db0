/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text, as tf.print and tf.as_string write them: AsString, StringFormat, StringLength; PrintV2 says nothing.
 */
#include "ops/index.h"
#include "ops/number.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLAGS EK_OP_NOT_DIFFERENTIABLE

/* Text that grows. */
typedef struct text {
  const ek_allocator *allocator;
  char *data;
  size_t used, cap;
  bool failed;
} text;

static void append(text *t, const char *s, size_t n) {
  if (t->failed) return;
  if (t->used + n + 1 > t->cap) {
    const size_t cap = 2 * (t->used + n + 1);
    char *more = ek__alloc(t->allocator, cap);
    t->failed = more == NULL;
    if (more == NULL) return;
    if (t->used > 0) memcpy(more, t->data, t->used);
    ek__free(t->allocator, t->data, t->cap);
    t->data = more;
    t->cap = cap;
  }
  if (n > 0) memcpy(t->data + t->used, s, n);
  t->used += n;
}

static ek_code put_text(ek_run_context *c, int64_t k, text *t) {
  const ek_code code = t->failed ? ek__no_memory(c->st, c->node->name, t->cap)
                                 : ek__run_set_string(c, 0, k, t->data != NULL ? t->data : "", t->used);
  ek__free(t->allocator, t->data, t->cap);
  return code;
}

#define READ(tag_, unused_)                                                                                            \
  case EK__DTYPE_##tag_: return (double)ek__get_##tag_(((const ek__s_##tag_ *)v->data)[i]);
static double number_at(const ek_value *v, int64_t i) {
  switch (v->dtype) {
    EK_FLOAT_TAGS(READ, )
  default: return 0;
  }
}

/* ---- AsString */

/* %[fill][width][.precision]form */
static ek_code make_format(ek_run_context *c, const char *form, char *format, size_t size) {
  const int64_t width = ek__attr_int(c->node, "width"), precision = ek__attr_int(c->node, "precision");
  const char *fill = ek__attr_string(c->node, "fill");
  const bool has_precision = precision >= 0 && ek_dtype_is_floating(c->in[0]->dtype);
  char w[16] = "", p[16] = "";
  EK_RUN_REQUIRE(c, strlen(fill) <= 1 && strspn(fill, " +-0#") == strlen(fill), "Fill argument not supported: \"%s\"",
                 fill);
  EK_RUN_REQUIRE(c, width <= 100 && precision <= 100, "width %" PRId64 " and precision %" PRId64 " are at most 100",
                 width, precision);
  if (width > -1) (void)snprintf(w, sizeof w, "%d", (int)width);
  if (has_precision) (void)snprintf(p, sizeof p, ".%d", (int)precision);
  (void)snprintf(format, size, "%%%s%s%s%s", fill, w, p, form);
  return EK_OK;
}

static ek_code run_as_string(ek_run_context *c) {
  const ek_value *v = c->in[0];
  const bool floating = ek_dtype_is_floating(v->dtype);
  const char *form = v->dtype == EK_BOOL                    ? "s"
                     : !floating                            ? PRId64
                     : ek__attr_bool(c->node, "scientific") ? "e"
                     : ek__attr_bool(c->node, "shortest")   ? "g"
                                                            : "f";
  char format[64], buffer[512];
  EK_TRY(make_format(c, form, format, sizeof format));
  EK_TRY(ek__run_output(c, 0, v->shape));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  for (int64_t k = 0; k < v->n; k++) {
    int n = 0;
    if (v->dtype == EK_BOOL)
      n = snprintf(buffer, sizeof buffer, format, ((const bool *)v->data)[k] ? "true" : "false");
    else if (floating)
      n = snprintf(buffer, sizeof buffer, format, number_at(v, k));
    else
      n = snprintf(buffer, sizeof buffer, format, ek__value_int(v, k));
    EK_TRY(ek__run_set_string(c, 0, k, buffer, n > 0 ? (size_t)n : 0));
  }
#pragma GCC diagnostic pop
  return EK_OK;
}

const ek_op_def ek_op_as_string = {.name = "AsString",
                                   .doc = "each number as text",
                                   .in = "input: T",
                                   .out = "output: string",
                                   .attrs = "T: {" EK_NUMBER_TYPES ", bool}; precision: int = -1; scientific: bool = "
                                            "false; shortest: bool = false; width: int = -1; fill: string = ''",
                                   .flags = FLAGS,
                                   .infer = ek__infer_same,
                                   .run = run_as_string};

/* ---- StringFormat: the first and last few of each dimension */

/* The shortest of two lengths that reads back as the number. */
static void append_float(text *t, double x, bool wide) {
  char buffer[64];
  if (isnan(x))
    (void)snprintf(buffer, sizeof buffer, "nan");
  else if (wide) {
    (void)snprintf(buffer, sizeof buffer, "%.*g", DBL_DIG, x);
    if (strtod(buffer, NULL) != x) (void)snprintf(buffer, sizeof buffer, "%.*g", DBL_DIG + 2, x);
  } else {
    (void)snprintf(buffer, sizeof buffer, "%.*g", FLT_DIG, x);
    if (strtof(buffer, NULL) != (float)x) (void)snprintf(buffer, sizeof buffer, "%.*g", FLT_DIG + 3, x);
  }
  append(t, buffer, strlen(buffer));
}

static void append_element(text *t, const ek_value *v, int64_t i) {
  char buffer[32];
  if (v->dtype == EK_STRING) {
    const ek__bytes *b = ((ek__bytes *const *)v->data)[i];
    append(t, "\"", 1);
    if (b != NULL) append(t, b->data, b->size);
    append(t, "\"", 1);
  } else if (ek_dtype_is_floating(v->dtype)) {
    append_float(t, number_at(v, i), v->dtype == EK_FLOAT64);
  } else {
    const int64_t x = v->dtype == EK_BOOL ? ((const bool *)v->data)[i] : ek__value_int(v, i);
    (void)snprintf(buffer, sizeof buffer, "%" PRId64, x);
    append(t, buffer, strlen(buffer));
  }
}

/* Between elements a blank; between rows a new line, between matrices two. */
static void append_gap(text *t, int dim, int rank) {
  if (dim == rank - 1) {
    append(t, " ", 1);
    return;
  }
  for (int i = dim; i < rank - 1; i++) append(t, "\n", 1);
  for (int i = 0; i <= dim; i++) append(t, " ", 1);
}

static void append_dim(text *t, const ek_value *v, int dim, int64_t ends, int64_t at) {
  const int rank = v->shape.rank;
  if (dim == rank) {
    append_element(t, v, at);
    return;
  }
  const int64_t n = v->shape.dim[dim], inner = ek__inner(v->shape, dim);
  append(t, "[", 1);
  for (int64_t i = 0; i < n; i++) {
    if (i == ends && n > 2 * ends) {
      append_gap(t, dim, rank);
      append(t, "...", 3);
      i = n - ends;
      if (i == n) break;
    }
    if (i > 0) append_gap(t, dim, rank);
    append_dim(t, v, dim + 1, ends, at + i * inner);
  }
  append(t, "]", 1);
}

static ek_code run_format(ek_run_context *c) {
  const char *template = ek__attr_string(c->node, "template"), *hole = ek__attr_string(c->node, "placeholder");
  const int64_t ends = ek__attr_int(c->node, "summarize");
  text t = {.allocator = c->allocator};
  int used = 0;
  EK_RUN_REQUIRE(c, *hole != '\0', "the placeholder is empty");
  EK_TRY(ek__run_output(c, 0, ek_shape_scalar()));
  for (const char *at = template;;) {
    const char *next = strstr(at, hole);
    append(&t, at, next != NULL ? (size_t)(next - at) : strlen(at));
    if (next == NULL) break;
    if (used < c->n_in) append_dim(&t, c->in[used], 0, ends < 0 ? INT32_MAX : ends, 0);
    used++;
    at = next + strlen(hole);
  }
  if (used != c->n_in) {
    ek__free(t.allocator, t.data, t.cap);
    return ek__run_fail(c, EK_INVALID_ARGUMENT, "num placeholders in template and num inputs must match: %d vs. %d",
                        used, c->n_in);
  }
  return put_text(c, 0, &t);
}

const ek_op_def ek_op_string_format = {.name = "StringFormat",
                                       .doc = "the template with a tensor in each placeholder",
                                       .in = "inputs: T",
                                       .out = "output: string",
                                       .attrs = "T: list(type); template: string = '%s'; placeholder: string = '%s'; "
                                                "summarize: int = 3",
                                       .flags = FLAGS,
                                       .infer = ek__infer_scalar,
                                       .run = run_format};

/* ---- StringLength, PrintV2 */

static ek_code run_length(ek_run_context *c) {
  const bool characters = strcmp(ek__attr_string(c->node, "unit"), "UTF8_CHAR") == 0;
  EK_TRY(ek__run_output(c, 0, c->in[0]->shape));
  for (int64_t k = 0; k < c->in[0]->n; k++) {
    const ek__bytes *b = ((ek__bytes *const *)c->in[0]->data)[k];
    int32_t n = 0;
    for (size_t i = 0; b != NULL && i < b->size; i++) n += !characters || ((unsigned char)b->data[i] & 0xc0) != 0x80;
    ((int32_t *)c->out[0]->data)[k] = n;
  }
  return EK_OK;
}

const ek_op_def ek_op_string_length = {.name = "StringLength",
                                       .doc = "how many bytes, or characters, each string has",
                                       .in = "input: string",
                                       .out = "output: int32",
                                       .attrs = "unit: {'BYTE', 'UTF8_CHAR'} = 'BYTE'",
                                       .flags = FLAGS,
                                       .infer = ek__infer_same,
                                       .run = run_length};

static ek_code run_print(ek_run_context *c) {
  (void)c;
  return EK_OK;
}

const ek_op_def ek_op_print_v2 = {.name = "PrintV2",
                                  .doc = "nothing: a library prints nothing; its input is computed",
                                  .in = "input: string",
                                  .attrs = "output_stream: string = 'stderr'; end: string = ''",
                                  .function = "",
                                  .flags = FLAGS | EK_OP_STATEFUL,
                                  .run = run_print};
