/* SPDX-License-Identifier: Apache-2.0 */
/* MaxPoolWithArgmax, which also says where each maximum was, and its gradient. The place is (y * width + x) * channels
 * + channel, in the batch with include_batch_in_index, else in its image. Of equal elements the first one counts. */
#include "ops/grad_util.h"
#include "ops/index.h"
#include "ops/number.h"
#include "ops/pool.h"

#include <inttypes.h>

enum { H = 1, W = 2 }; /* of ek__window.axis */

static bool whole_batch(const ek__node *node) { return ek__attr_bool(node, "include_batch_in_index"); }

static ek_code pool_over(const ek__node *node, ek_shape x, ek_status *st, ek__pool *p) {
  char text[EK_SHAPE_TEXT];
  *p = (ek__pool){.dtype = ek__attr_type(node, "T"), .channels = -1};
  EK_WINDOW_REQUIRE(node, st, x.rank < 0 || x.rank == 4, "input must be 4-dimensional: %s",
                    ek_shape_format(x, text, sizeof text));
  EK_TRY(ek__window_init(node, 2, NULL, st, &p->window));
  EK_TRY(ek__window_size(node, NULL, st, &p->window));
  if (x.rank > 0) p->channels = x.dim[3];
  return ek__window_over(node, x, st, &p->window);
}

static ek_code infer_forward(ek_infer_context *c) {
  ek__pool p;
  EK_TRY(pool_over(c->node, c->in[0].shape, c->st, &p));
  c->out[0].shape = c->out[1].shape = ek__window_shape(&p.window, true, p.channels);
  return EK_OK;
}

static ek_code infer_backward(ek_infer_context *c) {
  ek__pool p;
  ek_shape merged;
  EK_TRY(pool_over(c->node, c->in[0].shape, c->st, &p));
  EK_TRY(ek__infer_merge(c, ek__window_shape(&p.window, true, p.channels), c->in[1].shape, &merged));
  EK_TRY(ek__infer_merge(c, merged, c->in[2].shape, &merged));
  c->out[0].shape = c->in[0].shape;
  return EK_OK;
}

/* One image: x and y are its first elements, whose number in the batch is `first`, and places count from `base`. */
#define IMAGE(tag_, ...)                                                                                               \
  static void image_##tag_(const ek__pool *p, const void *x_, void *y_, ek_value *argmax, int64_t first,               \
                           int64_t base) {                                                                             \
    const ek__window_axis *h = &p->window.axis[H], *w = &p->window.axis[W];                                            \
    const ek__s_##tag_ *x = x_;                                                                                        \
    ek__s_##tag_ *y = y_;                                                                                              \
    for (int64_t place = 0, at = 0; place < h->out * w->out; place++)                                                  \
      for (int64_t c = 0; c < p->channels; c++, at++) {                                                                \
        int64_t best = -1, row, column;                                                                                \
        for (int64_t k = 0; k < h->size; k++)                                                                          \
          for (int64_t l = 0; l < w->size; l++) {                                                                      \
            if (!ek__window_element(h, place / w->out, k, &row)) continue;                                             \
            if (!ek__window_element(w, place % w->out, l, &column)) continue;                                          \
            const int64_t i = (row * w->in + column) * p->channels + c;                                                \
            if (best < 0 || ek__get_##tag_(x[i]) > ek__get_##tag_(x[best])) best = i;                                  \
          }                                                                                                            \
        y[at] = x[best];                                                                                               \
        ek__put_int(argmax, first + at, base + best);                                                                  \
      }                                                                                                                \
  }
EK_FLOAT_TAGS(IMAGE, )
EK_INT_TAGS(IMAGE, )

typedef void image_fn(const ek__pool *p, const void *x, void *y, ek_value *argmax, int64_t first, int64_t base);
static image_fn *const images[EK__DTYPES] = {
#define ENTRY(tag_, ...) [EK__DTYPE_##tag_] = image_##tag_,
    EK_FLOAT_TAGS(ENTRY, ) EK_INT_TAGS(ENTRY, )
#undef ENTRY
};

static ek_code run_forward(ek_run_context *c) {
  ek__pool p;
  const ek_value *x = c->in[0];
  EK_TRY(pool_over(c->node, x->shape, c->st, &p));
  const ek_shape s = ek__window_shape(&p.window, true, p.channels);
  for (int i = 0; i < 2; i++) EK_TRY(ek__run_output(c, i, s));
  const int64_t n = x->shape.dim[0], in = n > 0 ? x->n / n : 0, out = n > 0 ? c->out[0]->n / n : 0;
  EK_RUN_REQUIRE(c, c->out[1]->dtype == EK_INT64 || x->n <= INT32_MAX, "%" PRId64 " elements are too many for int32",
                 x->n);
  const int64_t size = (int64_t)ek_dtype_size(x->dtype);
  for (int64_t b = 0; b < n && out > 0; b++)
    images[x->dtype](&p, (const char *)x->data + b * in * size, (char *)c->out[0]->data + b * out * size, c->out[1],
                     b * out, whole_batch(c->node) ? b * in : 0);
  return EK_OK;
}

/* ---- the gradient: dy goes to the places, wherever they came from */

#define ADD(tag_, ...)                                                                                                 \
  static void add_##tag_(const void *dy, int64_t i, void *dx_, int64_t place) {                                        \
    ek__s_##tag_ *to = (ek__s_##tag_ *)dx_ + place;                                                                    \
    *to = ek__put_##tag_((ek__v_##tag_)(ek__get_##tag_(*to) + ek__get_##tag_(((const ek__s_##tag_ *)dy)[i])));         \
  }
EK_FLOAT_TAGS(ADD, )
EK_INT_TAGS(ADD, )

typedef void add_fn(const void *dy, int64_t i, void *dx, int64_t place);
static add_fn *const adds[EK__DTYPES] = {
#define ENTRY(tag_, ...) [EK__DTYPE_##tag_] = add_##tag_,
    EK_FLOAT_TAGS(ENTRY, ) EK_INT_TAGS(ENTRY, )
#undef ENTRY
};

static ek_code run_backward(ek_run_context *c) {
  const ek_value *x = c->in[0], *dy = c->in[1], *argmax = c->in[2];
  EK_RUN_REQUIRE(c, dy->shape.rank == 4 && ek_shape_equal(dy->shape, argmax->shape),
                 "grad and argmax must have one shape of 4 dimensions");
  EK_RUN_REQUIRE(c, x->shape.rank == 4 && dy->shape.dim[0] == x->shape.dim[0], "input and grad must be one batch");
  EK_TRY(ek__run_output(c, 0, x->shape));
  const int64_t n = x->shape.dim[0], in = n > 0 ? x->n / n : 0, out = n > 0 ? dy->n / n : 0;
  const bool whole = whole_batch(c->node);
  ek__zero(x->dtype, c->out[0]->data, x->n);
  for (int64_t i = 0; i < dy->n; i++) {
    const int64_t place = ek__value_int(argmax, i);
    EK_RUN_REQUIRE(c, place >= 0 && place < (whole ? x->n : in), "argmax %" PRId64 " is outside of the input", place);
    adds[x->dtype](dy->data, i, c->out[0]->data, place + (whole ? 0 : i / out * in));
  }
  return EK_OK;
}

static ek_code grad(ek_grad_context *c) {
  static const char *const names[] = {"ksize", "strides", "padding", "include_batch_in_index"};
  ek_attr attrs[4];
  for (int i = 0; i < 4; i++) attrs[i] = *ek__attr_find(c->node, names[i]);
  const ek_outs in = EK_OUTS(ek__grad_in(c, 0), c->dy[0], ek__grad_out(c, 1));
  c->dx[0] = ek_op_output(ek_build(c->g, "MaxPoolGradWithArgmax", in, attrs, 4), 0);
  return EK_OK;
}

#define ATTRS                                                                                                          \
  "ksize: list(int) >= 4; strides: list(int) >= 4; padding: {'SAME', 'VALID'}; include_batch_in_index: bool = false; " \
  "T: {" EK_NUMBER_TYPES "}; Targmax: {int32, int64}"

const ek_op_def ek_op_max_pool_with_argmax = {.name = "MaxPoolWithArgmax",
                                              .doc = "the largest element of each window, and where in the image it is",
                                              .in = "input: T",
                                              .out = "output: T, argmax: Targmax",
                                              .attrs = ATTRS " = int64",
                                              .infer = infer_forward,
                                              .run = run_forward,
                                              .grad = grad};

const ek_op_def ek_op_max_pool_grad_with_argmax = {.name = "MaxPoolGradWithArgmax",
                                                   .doc = "the gradient of MaxPoolWithArgmax",
                                                   .in = "input: T, grad: T, argmax: Targmax",
                                                   .out = "output: T",
                                                   .attrs = ATTRS,
                                                   .infer = infer_backward,
                                                   .run = run_backward};
