/* SPDX-License-Identifier: Apache-2.0 */
/* A graph as text, through the public API, in the form of tests/golden/README.md (without its short form of variables).
 */
#ifndef EK_TESTS_GRAPH_DUMP_H
#define EK_TESTS_GRAPH_DUMP_H

#include "evenkeel/evenkeel.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct text {
  char *data; /* ends with NUL */
  size_t size, capacity;
} text;

static inline void text_bytes(text *t, const char *s, size_t n) {
  if (t->size + n + 1 > t->capacity) {
    t->capacity = 2 * (t->size + n + 1);
    t->data = realloc(t->data, t->capacity);
    assert_non_null(t->data);
  }
  memcpy(t->data + t->size, s, n);
  t->size += n;
  t->data[t->size] = '\0';
}

static inline void text_add(text *t, const char *s) { text_bytes(t, s, strlen(s)); }

static inline void text_printf(text *t, const char *fmt, ...) EK_PRINTF(2, 3);
static inline void text_printf(text *t, const char *fmt, ...) {
  char line[1024];
  va_list ap;
  va_start(ap, fmt);
  const int n = vsnprintf(line, sizeof line, fmt, ap);
  va_end(ap);
  assert_in_range(n, 0, sizeof line - 1);
  text_add(t, line);
}

static inline void dump_quoted(text *t, const char *s, size_t n) {
  text_add(t, "\"");
  for (size_t i = 0; i < n; i++) {
    const unsigned char c = (unsigned char)s[i];
    if (c == '"' || c == '\\')
      text_printf(t, "\\%c", c);
    else if (c == '\n')
      text_add(t, "\\n");
    else if (c >= 32 && c < 127)
      text_bytes(t, s + i, 1);
    else
      text_printf(t, "\\x%02x", c);
  }
  text_add(t, "\"");
}

static inline void dump_shape(text *t, ek_shape s) {
  if (s.rank < 0) {
    text_add(t, "?");
    return;
  }
  text_add(t, "[");
  for (int i = 0; i < s.rank; i++) {
    if (i > 0) text_add(t, ",");
    if (s.dim[i] < 0)
      text_add(t, "?");
    else
      text_printf(t, "%lld", (long long)s.dim[i]);
  }
  text_add(t, "]");
}

static inline void dump_float(text *t, int digits, double v) {
  if (v != v)
    text_add(t, "nan");
  else
    text_printf(t, "%.*g", digits, v);
}

static inline void dump_element(text *t, const ek_tensor *v, int64_t i) {
  const ek_dtype dtype = ek_tensor_dtype(v);
  size_t size = 0;
  if (dtype == EK_STRING) {
    const char *s = ek_tensor_string(v, i, &size);
    dump_quoted(t, s, size);
  } else if (dtype == EK_BOOL) {
    text_add(t, ek_tensor_number(v, i) != 0.0 ? "true" : "false");
  } else if (ek_dtype_is_floating(dtype)) {
    dump_float(t, dtype == EK_FLOAT64 ? 17 : 9, ek_tensor_number(v, i));
  } else if (dtype == EK_INT64) {
    text_printf(t, "%lld", (long long)((const int64_t *)ek_tensor_data(v))[i]);
  } else {
    text_printf(t, "%.0f", ek_tensor_number(v, i));
  }
}

static inline uint32_t dump_crc32(const unsigned char *p, size_t n) {
  uint32_t crc = 0xFFFFFFFFu;
  for (size_t i = 0; i < n; i++) {
    crc ^= p[i];
    for (int k = 0; k < 8; k++) crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
  }
  return ~crc;
}

/* DTYPE[SHAPE]:VALUES */
static inline void dump_tensor(text *t, const ek_tensor *v) {
  enum { MAX_VALUES = 16 };
  const ek_dtype dtype = ek_tensor_dtype(v);
  const int64_t n = ek_tensor_num_elements(v);
  text_add(t, ek_dtype_name(dtype));
  dump_shape(t, ek_tensor_shape(v));
  text_add(t, ":");
  if (n <= MAX_VALUES || dtype == EK_STRING) {
    for (int64_t i = 0; i < n; i++) {
      if (i > 0) text_add(t, ",");
      dump_element(t, v, i);
    }
    return;
  }
  const unsigned char *p = ek_tensor_data(v);
  const size_t size = ek_dtype_size(dtype);
  bool same = true;
  for (int64_t i = 1; i < n; i++) same = same && memcmp(p, p + (size_t)i * size, size) == 0;
  if (same) {
    text_add(t, "all=");
    dump_element(t, v, 0);
  } else {
    text_printf(t, "crc32=%08x", dump_crc32(p, (size_t)n * size));
  }
}

/* One value of an attribute; element i of a list. */
static inline void dump_value(text *t, const ek_attr *a, int i) {
  switch (a->kind) {
  case EK_ATTR_STRING:
  case EK_ATTR_LIST_STRING: {
    const ek_text *s = a->kind == EK_ATTR_STRING ? &a->v.s : &a->v.strings[i];
    text_add(t, "s:");
    dump_quoted(t, s->data, s->size);
    break;
  }
  case EK_ATTR_INT: text_printf(t, "i:%lld", (long long)a->v.i); break;
  case EK_ATTR_LIST_INT: text_printf(t, "i:%lld", (long long)a->v.ints[i]); break;
  case EK_ATTR_FLOAT: text_printf(t, "f:%.9g", (double)a->v.f); break;
  case EK_ATTR_LIST_FLOAT: text_printf(t, "f:%.9g", (double)a->v.floats[i]); break;
  case EK_ATTR_BOOL: text_add(t, a->v.b ? "b:true" : "b:false"); break;
  case EK_ATTR_LIST_BOOL: text_add(t, a->v.bools[i] ? "b:true" : "b:false"); break;
  case EK_ATTR_TYPE: text_add(t, ek_dtype_name(a->v.type)); break;
  case EK_ATTR_LIST_TYPE: text_add(t, ek_dtype_name(a->v.types[i])); break;
  case EK_ATTR_SHAPE:
    text_add(t, "shape:");
    dump_shape(t, a->v.shape);
    break;
  case EK_ATTR_LIST_SHAPE:
    text_add(t, "shape:");
    dump_shape(t, a->v.shapes[i]);
    break;
  case EK_ATTR_TENSOR:
    text_add(t, "tensor:");
    dump_tensor(t, a->v.tensor);
    break;
  default: fail_msg("an attribute of kind %d has no text", (int)a->kind);
  }
}

static inline void dump_attr(text *t, const ek_attr *a) {
  const bool colocation = strcmp(a->name, "_class") == 0;
  if (a->kind < EK_ATTR_LIST_STRING) {
    dump_value(t, a, 0);
    return;
  }
  if (!colocation) text_add(t, "[");
  for (int i = 0; i < a->n; i++) {
    if (i > 0) text_add(t, ",");
    if (colocation)
      text_printf(t, "@%s", a->v.strings[i].data + strlen("loc:@"));
    else
      dump_value(t, a, i);
  }
  if (!colocation) text_add(t, "]");
}

/* Attributes that keep their most frequent value are not shown. */
static inline bool dump_hides(const char *op_type, const char *name, const char *value) {
  static const char *const int32[] = {"Index", "Tdim",   "Tidx",       "Tmultiples",
                                      "Tperm", "Tshape", "index_type", "out_type"};
  if (strcmp(op_type, "Const") == 0 && strcmp(name, "dtype") == 0) return true;
  if (strcmp(name, "T") == 0) return strcmp(value, "float32") == 0;
  if (strcmp(name, "container") == 0 || strcmp(name, "shared_name") == 0) return strcmp(value, "s:\"\"") == 0;
  for (size_t i = 0; i < sizeof int32 / sizeof int32[0]; i++)
    if (strcmp(name, int32[i]) == 0) return strcmp(value, "int32") == 0;
  return false;
}

/* The name, shortened if it lies in folder (with its slash). */
static inline void dump_name(text *t, const char *name, const char *folder, size_t n) {
  if (n > 0 && strncmp(name, folder, n) == 0)
    text_printf(t, "./%s", name + n);
  else
    text_add(t, name);
}

static inline int dump_order(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static inline void dump_node(text *t, const ek_graph *g, ek_op op) {
  const char *name = ek_op_name(g, op), *slash = strrchr(name, '/'), *type = ek_op_type(g, op);
  const size_t folder = slash != NULL ? (size_t)(slash - name) + 1 : 0;
  const int n_controls = ek_op_num_control_inputs(g, op);
  const char *separator = "";
  text_printf(t, "%s %s(", name, type);
  for (int i = 0; i < ek_op_num_inputs(g, op); i++, separator = ", ") {
    const ek_out in = ek_op_input(g, op, i);
    text_add(t, separator);
    dump_name(t, ek_op_name(g, ek_out_op(in)), name, folder);
    if (in.index > 0) text_printf(t, ":%d", (int)in.index);
  }
  const char **controls = calloc((size_t)n_controls + 1, sizeof *controls);
  assert_non_null(controls);
  for (int i = 0; i < n_controls; i++) controls[i] = ek_op_name(g, ek_op_control_input(g, op, i));
  qsort(controls, (size_t)n_controls, sizeof *controls, dump_order);
  for (int i = 0; i < n_controls; i++, separator = ", ") {
    text_printf(t, "%s^", separator);
    dump_name(t, controls[i], name, folder);
  }
  free(controls);
  text_add(t, ") {");
  separator = "";
  for (int i = 0; i < ek_op_num_attrs(g, op); i++) {
    const ek_attr *a = ek_op_attr_at(g, op, i);
    text value = {0};
    text_add(&value, "");
    dump_attr(&value, a);
    if (!dump_hides(type, a->name, value.data)) {
      text_printf(t, "%s%s=", separator, a->name);
      text_add(t, value.data);
      separator = " ";
    }
    free(value.data);
  }
  text_add(t, "}\n");
}

static inline void dump_item(text *t, const ek_graph *g, const ek_item *item) {
  switch (item->kind) {
  case EK_ITEM_OP: text_add(t, ek_op_name(g, item->v.op)); break;
  case EK_ITEM_OUT: text_printf(t, "%s:%d", ek_op_name(g, ek_out_op(item->v.out)), (int)item->v.out.index); break;
  case EK_ITEM_VARIABLE: text_printf(t, "%s:0", ek_variable_name(g, item->v.variable)); break;
  case EK_ITEM_CONTEXT: text_add(t, ek_context_name(g, item->v.i)); break;
  case EK_ITEM_INT: text_printf(t, "%lld", (long long)item->v.i); break;
  case EK_ITEM_FLOAT: text_printf(t, "%g", (double)item->v.f); break;
  default: text_bytes(t, item->v.bytes.data, item->v.bytes.size); break;
  }
}

static inline void dump_collections(text *t, const ek_graph *g) {
  const int n = ek_num_collections(g);
  const char **keys = calloc((size_t)n + 1, sizeof *keys);
  assert_non_null(keys);
  for (int i = 0; i < n; i++) keys[i] = ek_collection_key(g, i);
  qsort(keys, (size_t)n, sizeof *keys, dump_order);
  for (int i = 0; i < n; i++) {
    if (ek_collection_size(g, keys[i]) == 0) continue;
    text_printf(t, "collection %s:", keys[i]);
    for (int k = 0; k < ek_collection_size(g, keys[i]); k++) {
      const ek_item item = ek_collection_item(g, keys[i], k);
      text_add(t, " ");
      dump_item(t, g, &item);
    }
    text_add(t, "\n");
  }
  free(keys);
}

/* Free with free(). */
static inline char *dump_graph(const ek_graph *g) {
  text t = {0};
  text_add(&t, "");
  for (int i = 0; i < ek_graph_num_ops(g); i++) dump_node(&t, g, ek_graph_op(g, i));
  dump_collections(&t, g);
  return t.data;
}

#endif
