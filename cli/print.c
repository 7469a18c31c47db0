/* SPDX-License-Identifier: Apache-2.0 */
#include "print.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *number_to_json(double value) {
  if (isnan(value)) return json_string("NaN");
  if (isinf(value)) return json_string(value > 0 ? "Infinity" : "-Infinity");
  return json_real(value);
}

/* Bytes that are no UTF-8 become the characters of the same numbers. */
static json_t *bytes_to_json(const char *bytes, size_t size) {
  json_t *text = json_stringn(bytes, size);
  if (text != NULL) return text;
  char *wide = need_memory(2 * size + 1, 1);
  size_t n = 0;
  for (size_t i = 0; i < size; i++) {
    const unsigned c = (unsigned char)bytes[i];
    if (c < 0x80)
      wide[n++] = (char)c;
    else
      wide[n++] = (char)(0xc0 | c >> 6), wide[n++] = (char)(0x80 | (c & 0x3f));
  }
  text = json_stringn(wide, n);
  free(wide);
  return text;
}

static json_t *element_to_json(const ek_tensor *t, int64_t i) {
  const void *data = ek_tensor_data(t);
  switch (ek_tensor_dtype(t)) {
  case EK_STRING: {
    size_t size = 0;
    const char *bytes = ek_tensor_string(t, i, &size);
    return bytes_to_json(bytes, size);
  }
  case EK_BOOL: return json_boolean(((const bool *)data)[i]);
  case EK_INT64: return json_integer(((const int64_t *)data)[i]);
  case EK_UINT64: {
    const uint64_t v = ((const uint64_t *)data)[i];
    return v <= INT64_MAX ? json_integer((json_int_t)v) : json_real((double)v);
  }
  case EK_COMPLEX64: {
    const float *v = (const float *)data + 2 * i;
    return json_pack("[o,o]", number_to_json((double)v[0]), number_to_json((double)v[1]));
  }
  case EK_COMPLEX128: {
    const double *v = (const double *)data + 2 * i;
    return json_pack("[o,o]", number_to_json(v[0]), number_to_json(v[1]));
  }
  default: break;
  }
  if (ek_dtype_is_floating(ek_tensor_dtype(t))) return number_to_json(ek_tensor_number(t, i));
  return json_integer((json_int_t)ek_tensor_number(t, i));
}

static json_t *range_to_json(const ek_tensor *t, int64_t from, int64_t to) {
  json_t *list = json_array();
  for (int64_t i = from; i < to; i++)
    if (json_array_append_new(list, element_to_json(t, i)) != 0) return json_decref(list), NULL;
  return list;
}

json_t *values_to_json(const ek_tensor *t, bool rows) {
  const ek_shape shape = ek_tensor_shape(t);
  const int64_t n = ek_tensor_num_elements(t);
  if (!rows || shape.rank < 2) return range_to_json(t, 0, n);
  json_t *list = json_array();
  const int64_t row = shape.dim[0] > 0 ? n / shape.dim[0] : 0;
  for (int64_t i = 0; i < shape.dim[0]; i++)
    if (json_array_append_new(list, range_to_json(t, i * row, (i + 1) * row)) != 0) return json_decref(list), NULL;
  return list;
}

static json_t *dimension_to_json(const ek_tensor *t, int d, int64_t from, int64_t to) {
  const ek_shape shape = ek_tensor_shape(t);
  if (d == shape.rank) return element_to_json(t, from);
  if (d == shape.rank - 1) return range_to_json(t, from, to);
  json_t *list = json_array();
  const int64_t step = shape.dim[d] > 0 ? (to - from) / shape.dim[d] : 0;
  for (int64_t i = 0; i < shape.dim[d]; i++)
    if (json_array_append_new(list, dimension_to_json(t, d + 1, from + i * step, from + (i + 1) * step)) != 0)
      return json_decref(list), NULL;
  return list;
}

json_t *nested_to_json(const ek_tensor *t) { return dimension_to_json(t, 0, 0, ek_tensor_num_elements(t)); }

json_t *tensor_to_json(const ek_tensor *t) {
  const ek_shape shape = ek_tensor_shape(t);
  json_t *dims = json_array();
  for (int i = 0; i < shape.rank; i++) (void)json_array_append_new(dims, json_integer(shape.dim[i]));
  return json_pack("{s:s, s:o, s:o}", "dtype", ek_dtype_name(ek_tensor_dtype(t)), "shape", dims, "data",
                   values_to_json(t, false));
}

int print_json(json_t *document, int indent) {
  if (document == NULL) return fail("out of memory", NULL, "");
  errno = 0;
  const int rc = json_dumpf(document, stdout, indent > 0 ? (size_t)JSON_INDENT(indent) : 0);
  json_decref(document);
  if (rc != 0 || putchar('\n') == EOF) return fail("writing", "standard output", NULL);
  return EXIT_DONE;
}

/* ---- for people */

enum { SHOWN = 64 };

static void print_element(const ek_tensor *t, int64_t i) {
  const ek_dtype dtype = ek_tensor_dtype(t);
  if (dtype == EK_BOOL) {
    (void)fputs(((const bool *)ek_tensor_data(t))[i] ? "true" : "false", stdout);
  } else if (ek_dtype_is_floating(dtype) && isnan(ek_tensor_number(t, i))) {
    (void)fputs("nan", stdout); /* whatever its sign bit */
  } else if (dtype == EK_FLOAT64) {
    (void)printf("%.10g", ek_tensor_number(t, i));
  } else if (ek_dtype_is_floating(dtype)) {
    (void)printf("%.7g", ek_tensor_number(t, i));
  } else {
    json_t *value = element_to_json(t, i);
    (void)json_dumpf(value, stdout, JSON_ENCODE_ANY);
    json_decref(value);
  }
}

/* Where a row of a higher dimension begins or ends before element i: one bracket for each dimension. */
static int brackets(const ek_shape *shape, int64_t i) {
  int n = 0;
  int64_t size = 1;
  for (int d = shape->rank - 1; d >= 0 && i % (size *= shape->dim[d]) == 0; d--) n++;
  return n;
}

void print_tensor(const char *name, const ek_tensor *t) {
  char text[EK_SHAPE_TEXT];
  const ek_shape shape = ek_tensor_shape(t);
  const int64_t n = ek_tensor_num_elements(t), shown = n <= SHOWN ? n : SHOWN;
  (void)printf("%s  %s %s\n ", name, ek_dtype_name(ek_tensor_dtype(t)), ek_shape_format(shape, text, sizeof text));
  for (int64_t i = 0; i < shown; i++) {
    const int open = brackets(&shape, i);
    if (open > 0 && i > 0) (void)printf("\n ");
    (void)putchar(' ');
    for (int k = 0; k < shape.rank && open > 0; k++) (void)putchar(k < shape.rank - open ? ' ' : '[');
    print_element(t, i);
    for (int k = brackets(&shape, i + 1); k > 0; k--) (void)putchar(']');
  }
  if (n == 0) (void)printf(" []");
  if (n > shown) (void)printf(" ... (%lld elements)", (long long)n);
  (void)putchar('\n');
}
