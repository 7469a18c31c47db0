/* SPDX-License-Identifier: Apache-2.0 */
#include "tensor/tensor.h"

#include <string.h>

/* One row a dtype: NumPy's word, TensorFlow's attribute word, the proto's word, bytes of an element. */
static const struct row {
  ek_dtype dtype;
  const char *name, *attr, *proto;
  size_t size;
  char kind; /* f floating, i integer, o other */
} rows[] = {
    {EK_FLOAT32, "float32", "float", "DT_FLOAT", 4, 'f'},
    {EK_FLOAT64, "float64", "double", "DT_DOUBLE", 8, 'f'},
    {EK_INT32, "int32", "int32", "DT_INT32", 4, 'i'},
    {EK_UINT8, "uint8", "uint8", "DT_UINT8", 1, 'i'},
    {EK_INT16, "int16", "int16", "DT_INT16", 2, 'i'},
    {EK_INT8, "int8", "int8", "DT_INT8", 1, 'i'},
    {EK_STRING, "string", "string", "DT_STRING", sizeof(void *), 'o'},
    {EK_COMPLEX64, "complex64", "complex64", "DT_COMPLEX64", 8, 'o'},
    {EK_INT64, "int64", "int64", "DT_INT64", 8, 'i'},
    {EK_BOOL, "bool", "bool", "DT_BOOL", 1, 'o'},
    {EK_BFLOAT16, "bfloat16", "bfloat16", "DT_BFLOAT16", 2, 'f'},
    {EK_UINT16, "uint16", "uint16", "DT_UINT16", 2, 'i'},
    {EK_COMPLEX128, "complex128", "complex128", "DT_COMPLEX128", 16, 'o'},
    {EK_FLOAT16, "float16", "half", "DT_HALF", 2, 'f'},
    {EK_RESOURCE, "resource", "resource", "DT_RESOURCE", 0, 'o'},
    {EK_VARIANT, "variant", "variant", "DT_VARIANT", 0, 'o'},
    {EK_UINT32, "uint32", "uint32", "DT_UINT32", 4, 'i'},
    {EK_UINT64, "uint64", "uint64", "DT_UINT64", 8, 'i'},
};

/* Those that TensorFlow has and we have not: they stand in files, and errors name them. */
static const struct foreign {
  int number;
  const char *name;
} elsewhere[] = {{11, "qint8"},       {12, "quint8"},        {13, "qint32"}, {15, "qint16"}, {16, "quint16"},
                 {24, "float8_e5m2"}, {25, "float8_e4m3fn"}, {29, "int4"},   {30, "uint4"}};

static const struct row *row_of(ek_dtype dtype) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (rows[i].dtype == dtype) return &rows[i];
  return NULL;
}

const char *ek_dtype_name(ek_dtype dtype) {
  const struct row *r = row_of(dtype);
  if (r != NULL) return r->name;
  for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
    if (elsewhere[i].number == (int)dtype) return elsewhere[i].name;
  return "invalid";
}

bool ek__dtype_is_known(ek_dtype dtype) { return row_of(dtype) != NULL; }

bool ek__dtype_is_foreign(ek_dtype dtype) {
  return row_of(dtype) == NULL && strcmp(ek_dtype_name(dtype), "invalid") != 0;
}

ek_dtype ek_dtype_from_name(const char *name) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (strcmp(name, rows[i].name) == 0 || strcmp(name, rows[i].attr) == 0 || strcmp(name, rows[i].proto) == 0)
      return rows[i].dtype;
  return EK_INVALID_DTYPE;
}

size_t ek_dtype_size(ek_dtype dtype) {
  const struct row *r = row_of(dtype);
  return r != NULL ? r->size : 0;
}

bool ek_dtype_is_floating(ek_dtype dtype) {
  const struct row *r = row_of(dtype);
  return r != NULL && r->kind == 'f';
}

bool ek_dtype_is_integer(ek_dtype dtype) {
  const struct row *r = row_of(dtype);
  return r != NULL && r->kind == 'i';
}
