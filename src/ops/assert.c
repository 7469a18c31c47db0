/* SPDX-License-Identifier: Apache-2.0 */
/* Assert, and Print, which prints nothing: the library does not write. */
#include "graph/grad.h"
#include "ops/index.h"
#include "tensor/half.h"

#include <inttypes.h>
#include <stdio.h>

/* "[1 2 3...]": the first few elements. */
static size_t summarize(const ek_value *v, int64_t most, char *text, size_t size) {
  size_t used = (size_t)snprintf(text, size, "[");
  for (int64_t k = 0; k < v->n && (most < 0 || k < most) && used < size; k++) {
    const char *gap = k > 0 ? " " : "";
    char *at = text + used;
    const size_t left = size - used;
    int n = 0;
    switch (v->dtype) {
    case EK_STRING: {
      const ek__bytes *b = ((ek__bytes *const *)v->data)[k];
      n = snprintf(at, left, "%s%s", gap, b != NULL ? b->data : "");
      break;
    }
    case EK_BOOL: n = snprintf(at, left, "%s%d", gap, ((const bool *)v->data)[k]); break;
    case EK_FLOAT32: n = snprintf(at, left, "%s%g", gap, (double)((const float *)v->data)[k]); break;
    case EK_FLOAT64: n = snprintf(at, left, "%s%g", gap, ((const double *)v->data)[k]); break;
    case EK_FLOAT16:
      n = snprintf(at, left, "%s%g", gap, (double)ek__float_of_f16(((const uint16_t *)v->data)[k]));
      break;
    case EK_BFLOAT16:
      n = snprintf(at, left, "%s%g", gap, (double)ek__float_of_bf16(((const uint16_t *)v->data)[k]));
      break;
    default: n = snprintf(at, left, "%s%" PRId64, gap, ek__value_int(v, k)); break;
    }
    used += n > 0 ? (size_t)n : 0;
  }
  if (used < size) used += (size_t)snprintf(text + used, size - used, "%s]", most >= 0 && v->n > most ? "..." : "");
  return used < size ? used : size - 1;
}

static ek_code infer_assert(ek_infer_context *c) { return ek__infer_rank(c, 0, 0); }

static ek_code run_assert(ek_run_context *c) {
  char text[400] = "";
  size_t used = 0;
  EK_RUN_REQUIRE(c, c->in[0]->n == 1, "In[0] should be a scalar");
  if (*(const bool *)c->in[0]->data) return EK_OK;
  for (int i = 1; i < c->n_in && used + 2 < sizeof text; i++) {
    if (i > 1) text[used++] = ' ';
    used += summarize(c->in[i], ek__attr_int(c->node, "summarize"), text + used, sizeof text - used);
  }
  return ek__run_fail(c, EK_INVALID_ARGUMENT, "assertion failed: %s", text);
}

const ek_op_def ek_op_assert = {.name = "Assert",
                                .doc = "an error that shows data unless the condition holds",
                                .in = "condition: bool, data: T",
                                .attrs = "T: list(type) >= 1; summarize: int = 3",
                                .function = "assert_true",
                                .flags = EK_OP_STATEFUL | EK_OP_NOT_DIFFERENTIABLE,
                                .infer = infer_assert,
                                .run = run_assert};

static ek_code grad_print(ek_grad_context *c) {
  c->dx[0] = c->dy[0];
  return EK_OK;
}

const ek_op_def ek_op_print = {.name = "Print",
                               .doc = "its input; TensorFlow also logs data here",
                               .in = "input: T, data: U",
                               .out = "output: T",
                               .attrs = "T: type; U: list(type) >= 0; message: string = ''; first_n: int = -1; "
                                        "summarize: int = 3",
                               .flags = EK_OP_ALIAS | EK_OP_STATEFUL,
                               .infer = ek__infer_same,
                               .grad = grad_print};
