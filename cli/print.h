/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors for people and for programs. */
#ifndef EK_CLI_PRINT_H
#define EK_CLI_PRINT_H

#include "cli.h"

#include <jansson.h>

/* "name  dtype [shape]" and the values in nested brackets, of more than 64 the first 64 and how many there are. */
void print_tensor(const char *name, const ek_tensor *t);
/* {"dtype": ..., "shape": [...], "data": [...]}: flat, row-major; NaN and infinities as strings. NULL: out of memory.
 */
json_t *tensor_to_json(const ek_tensor *t);
/* The values alone, in a flat array or (rows) in one array for each index of the first dimension. */
json_t *values_to_json(const ek_tensor *t, bool rows);
/* The values as NumPy's tolist gives them: arrays in arrays, a scalar alone. */
json_t *nested_to_json(const ek_tensor *t);
/* A number, "NaN", "Infinity" or "-Infinity". */
json_t *number_to_json(double value);
/* Prints the document and takes it; the exit status. indent 0: on one line. */
int print_json(json_t *document, int indent);

#endif
