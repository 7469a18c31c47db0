/* SPDX-License-Identifier: Apache-2.0 */
/* Summaries: what TensorBoard shows, as serialized messages in string tensors. */
#include "ops/index.h"
#include "ops/number.h"

#include "io/summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define FLAGS EK_OP_NOT_DIFFERENTIABLE

static const char *text_at(const ek_value *v, int64_t k) {
  const ek__bytes *b = ((ek__bytes *const *)v->data)[k];
  return b != NULL ? b->data : "";
}

#define READ(tag_, unused_)                                                                                            \
  case EK__DTYPE_##tag_: return (double)ek__get_##tag_(((const ek__s_##tag_ *)v->data)[i]);
static double number_at(const ek_value *v, int64_t i) {
  switch (v->dtype) {
    EK_FLOAT_TAGS(READ, )
    EK_INT_TAGS(READ, )
  default: return 0;
  }
}

/* The message becomes the scalar output. */
static ek_code finish(ek_run_context *c, ek__summary *s, ek_code code) {
  uint8_t *bytes = NULL;
  size_t size = 0;
  if (code == EK_OK) code = ek__run_output(c, 0, ek_shape_scalar());
  if (code == EK_OK) code = ek__summary_pack(s, &bytes, &size, c->st);
  if (code == EK_OK) code = ek__run_set_string(c, 0, 0, bytes, size);
  ek__summary_fini(s);
  return code;
}

static ek_code run_scalar(ek_run_context *c) {
  const ek_value *tags = c->in[0], *values = c->in[1];
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  ek__summary s;
  ek_code code = EK_OK;
  EK_RUN_REQUIRE(c, ek_shape_equal(tags->shape, values->shape) || (tags->n == 1 && values->n == 1),
                 "tags and values are not the same shape: %s != %s", ek_shape_format(tags->shape, a, sizeof a),
                 ek_shape_format(values->shape, b, sizeof b));
  ek__summary_init(&s, c->allocator);
  for (int64_t i = 0; i < values->n && code == EK_OK; i++)
    code = ek__summary_add_scalar(&s, text_at(tags, i), (float)number_at(values, i), c->st);
  return finish(c, &s, code);
}

#define NUMBERS "{" EK_NUMBER_TYPES "}"
const ek_op_def ek_op_scalar_summary = {.name = "ScalarSummary",
                                        .doc = "a Summary of each value under its tag",
                                        .in = "tags: string, values: T",
                                        .out = "summary: string",
                                        .attrs = "T: " NUMBERS,
                                        .flags = FLAGS,
                                        .infer = ek__infer_scalar,
                                        .run = run_scalar};

static ek_code run_histogram(ek_run_context *c) {
  const ek_value *values = c->in[1];
  ek__summary s;
  EK_RUN_REQUIRE(c, c->in[0]->n == 1, "tags must be scalar");
  const size_t bytes = (size_t)values->n * sizeof(double);
  double *numbers = ek__alloc(c->allocator, bytes);
  if (numbers == NULL) return ek__no_memory(c->st, c->node->name, bytes);
  bool nan = false, inf = false;
  for (int64_t i = 0; i < values->n; i++) {
    numbers[i] = number_at(values, i);
    nan = nan || isnan(numbers[i]);
    inf = inf || isinf(numbers[i]);
  }
  ek__summary_init(&s, c->allocator);
  ek_code code = nan   ? ek__run_fail(c, EK_INVALID_ARGUMENT, "Nan in summary histogram for: %s", c->node->name)
                 : inf ? ek__run_fail(c, EK_INVALID_ARGUMENT, "Infinity in summary histogram for: %s", c->node->name)
                       : ek__summary_add_histogram(&s, text_at(c->in[0], 0), numbers, values->n, c->st);
  ek__free(c->allocator, numbers, bytes);
  return finish(c, &s, code);
}

const ek_op_def ek_op_histogram_summary = {.name = "HistogramSummary",
                                           .doc = "a Summary of how the values are distributed; NaN is an error",
                                           .in = "tag: string, values: T",
                                           .out = "summary: string",
                                           .attrs = "T: " NUMBERS " = float",
                                           .flags = FLAGS,
                                           .infer = ek__infer_scalar,
                                           .run = run_histogram};

static ek_code run_merge(ek_run_context *c) {
  ek__summary s;
  ek_code code = EK_OK;
  ek__summary_init(&s, c->allocator);
  for (int i = 0; i < c->n_in; i++)
    for (int64_t k = 0; k < c->in[i]->n && code == EK_OK; k++) {
      const ek__bytes *b = ((ek__bytes *const *)c->in[i]->data)[k];
      ek_status why = EK_STATUS_INIT;
      if (b == NULL) continue;
      code = ek__summary_merge(&s, b->data, b->size, &why);
      if (code != EK_OK) (void)ek__run_fail(c, code, "%s", why.msg);
    }
  return finish(c, &s, code);
}

const ek_op_def ek_op_merge_summary = {.name = "MergeSummary",
                                       .doc = "all values of its inputs in one Summary; a tag twice is an error",
                                       .in = "inputs: N * string",
                                       .out = "summary: string",
                                       .attrs = "N: int >= 1",
                                       .flags = FLAGS,
                                       .infer = ek__infer_scalar,
                                       .run = run_merge};

/* ---- images */

/* Without negative numbers the largest becomes 255; else 0 becomes 128 and the largest magnitude 127 away from it. */
typedef struct scale {
  float factor, offset;
} scale;

static scale scale_of(const ek_value *x, int64_t first, int64_t n) {
  float low = 0, high = 0, most = 0;
  for (int64_t i = 0; i < n; i++) {
    const float v = (float)number_at(x, first + i);
    if (!isfinite(v)) continue;
    low = v < low ? v : low;
    high = v > high ? v : high;
  }
  most = low < 0 && -low > high ? -low : high;
  if (most < 1e-6F) return (scale){0, low < 0 ? 128 : 0};
  return low < 0 ? (scale){127 / most, 128} : (scale){255 / most, 0};
}

/* A pixel with a number that is not finite gets the bad color. */
static void paint(const ek_value *x, int64_t first, int64_t pixels, int64_t depth, const uint8_t *bad, uint8_t *to) {
  const scale s = scale_of(x, first, pixels * depth);
  for (int64_t i = 0; i < pixels; i++) {
    bool finite = true;
    for (int64_t k = 0; k < depth; k++) finite = finite && isfinite(number_at(x, first + i * depth + k));
    for (int64_t k = 0; k < depth; k++) {
      const float v = finite ? (float)number_at(x, first + i * depth + k) * s.factor + s.offset : 0;
      to[i * depth + k] = finite ? (uint8_t)v : bad[k];
    }
  }
}

static ek_code add_images(ek_run_context *c, ek__summary *s) {
  const ek_value *x = c->in[1];
  const int64_t height = x->shape.dim[1], width = x->shape.dim[2], depth = x->shape.dim[3],
                size = height * width * depth;
  const int64_t most = ek__attr_int(c->node, "max_images"), n = most < x->shape.dim[0] ? most : x->shape.dim[0];
  const ek_attr *given = ek__attr_find(c->node, "bad_color"); /* in files; red where it is not given */
  uint8_t bad[4] = {255, 0, 0, 255};
  const ek_tensor *color = given != NULL && given->kind == EK_ATTR_TENSOR ? given->v.tensor : NULL;
  for (int64_t k = 0; color != NULL && k < 4 && k < ek_tensor_num_elements(color); k++)
    bad[k] = (uint8_t)ek_tensor_number(color, k);
  uint8_t *pixels = ek__arena_alloc(&s->arena, (size_t)size);
  if (pixels == NULL) return ek__no_memory(c->st, c->node->name, (size_t)size);
  for (int64_t i = 0; i < n; i++) {
    const char *base = text_at(c->in[0], 0);
    const size_t room = strlen(base) + 32;
    char *tag = ek__arena_alloc(&s->arena, room);
    if (tag == NULL) return ek__no_memory(c->st, c->node->name, room);
    if (most > 1)
      (void)snprintf(tag, room, "%s/image/%" PRId64, base, i);
    else
      (void)snprintf(tag, room, "%s/image", base);
    if (x->dtype == EK_UINT8)
      memcpy(pixels, (const uint8_t *)x->data + i * size, (size_t)size);
    else
      paint(x, i * size, height * width, depth, bad, pixels);
    EK_TRY(ek__summary_add_image(s, tag, pixels, height, width, depth, c->st));
  }
  return EK_OK;
}

static ek_code run_image(ek_run_context *c) {
  const ek_value *x = c->in[1];
  ek__summary s;
  const int64_t depth = x->shape.rank == 4 ? x->shape.dim[3] : 0;
  EK_RUN_REQUIRE(c, c->in[0]->n == 1, "Tags must be a scalar");
  EK_RUN_REQUIRE(c, depth == 1 || depth == 3 || depth == 4,
                 "Tensor must be 4-D with last dim 1, 3, or 4, not rank %d, last %" PRId64, x->shape.rank, depth);
  ek__summary_init(&s, c->allocator);
  return finish(c, &s, add_images(c, &s));
}

const ek_op_def ek_op_image_summary = {.name = "ImageSummary",
                                       .doc = "a Summary of up to max_images images as PNG",
                                       .in = "tag: string, tensor: T",
                                       .out = "summary: string",
                                       .attrs = "max_images: int >= 1 = 3; T: {uint8, float, half, double} = float",
                                       .flags = FLAGS,
                                       .infer = ek__infer_scalar,
                                       .run = run_image};
