/* SPDX-License-Identifier: Apache-2.0 */
/* ResizeNearestNeighbor and ResizeBilinear of images [batch, height, width, channels], and their gradients. */
#include "graph/grad.h"
#include "kernels/schedule.h"
#include "ops/grad_util.h"
#include "ops/index.h"
#include "ops/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct resize {
  int64_t batch, channels, in[2], out[2]; /* height, width */
  float scale[2];
  bool align_corners, half_pixels;
} resize;

static ek_code resize_init(const ek__node *node, ek_shape in, const int64_t out[2], ek_status *st, resize *r) {
  *r = (resize){.batch = in.dim[0],
                .channels = in.dim[3],
                .in = {in.dim[1], in.dim[2]},
                .out = {out[0], out[1]},
                .align_corners = ek__attr_bool(node, "align_corners"),
                .half_pixels = ek__attr_bool(node, "half_pixel_centers")};
  EK_REQUIRE(!(r->align_corners && r->half_pixels), st, EK_INVALID_ARGUMENT,
             "%s '%s': If half_pixel_centers is True, align_corners must be False.", node->type, node->name);
  for (int i = 0; i < 2; i++) {
    EK_REQUIRE(out[i] > 0 && r->in[i] > 0, st, EK_INVALID_ARGUMENT, "%s '%s': %s dimensions must be positive",
               node->type, node->name, out[i] > 0 ? "input image" : "output");
    r->scale[i] =
        r->align_corners && out[i] > 1 ? (float)(r->in[i] - 1) / (float)(out[i] - 1) : (float)r->in[i] / (float)out[i];
  }
  return EK_OK;
}

/* The input element that output element i takes, along axis 0 or 1. */
static int64_t nearest(const resize *r, int axis, int64_t i) {
  const float at = r->half_pixels ? ((float)i + 0.5f) * r->scale[axis] : (float)i * r->scale[axis];
  const int64_t k = (int64_t)(r->align_corners ? roundf(at) : floorf(at));
  return ek__min_i64(ek__max_i64(k, 0), r->in[axis] - 1);
}

/* The two elements between which output element i lies, and how far behind the first. */
typedef struct between {
  int64_t first, second;
  float part;
} between;
static between linear(const resize *r, int axis, int64_t i) {
  const float at = r->half_pixels ? ((float)i + 0.5f) * r->scale[axis] - 0.5f : (float)i * r->scale[axis];
  const float below = floorf(at);
  return (between){ek__max_i64((int64_t)below, 0), ek__min_i64((int64_t)ceilf(at), r->in[axis] - 1), at - below};
}

/* ---- Loops. A forward row is one of the output image; gradients add up an image by itself. */

#define NEAREST(tag_, unused_)                                                                                         \
  static void nearest_##tag_(const resize *r, int64_t row, const void *in, void *out) {                                \
    const int64_t image = row / r->out[0], y = nearest(r, 0, row % r->out[0]), c = r->channels;                        \
    const ek__s_##tag_ *x = (const ek__s_##tag_ *)in + (image * r->in[0] + y) * r->in[1] * c;                          \
    ek__s_##tag_ *to = (ek__s_##tag_ *)out + row * r->out[1] * c;                                                      \
    for (int64_t i = 0; i < r->out[1]; i++) memcpy(to + i * c, x + nearest(r, 1, i) * c, (size_t)c * sizeof *to);      \
  }
#define NEAREST_GRAD(tag_, unused_)                                                                                    \
  static void nearest_grad_##tag_(const resize *r, int64_t image, const void *in, void *out) {                         \
    const int64_t c = r->channels;                                                                                     \
    ek__s_##tag_ *dx = (ek__s_##tag_ *)out + image * r->in[0] * r->in[1] * c;                                          \
    const ek__s_##tag_ *dy = (const ek__s_##tag_ *)in + image * r->out[0] * r->out[1] * c;                             \
    for (int64_t y = 0; y < r->out[0]; y++)                                                                            \
      for (int64_t x = 0; x < r->out[1]; x++, dy += c) {                                                               \
        ek__s_##tag_ *to = dx + (nearest(r, 0, y) * r->in[1] + nearest(r, 1, x)) * c;                                  \
        for (int64_t k = 0; k < c; k++)                                                                                \
          to[k] = ek__put_##tag_((ek__v_##tag_)(ek__get_##tag_(to[k]) + ek__get_##tag_(dy[k])));                       \
      }                                                                                                                \
  }
#define LINEAR(tag_, unused_)                                                                                          \
  static void linear_##tag_(const resize *r, int64_t row, const void *in, void *out) {                                 \
    const int64_t c = r->channels, line = r->in[1] * c;                                                                \
    const ek__s_##tag_ *x = (const ek__s_##tag_ *)in + row / r->out[0] * r->in[0] * line;                              \
    const between v = linear(r, 0, row % r->out[0]);                                                                   \
    float *to = (float *)out + row * r->out[1] * c;                                                                    \
    for (int64_t i = 0; i < r->out[1]; i++)                                                                            \
      for (int64_t k = 0; k < c; k++) {                                                                                \
        const between h = linear(r, 1, i);                                                                             \
        const float tl = (float)ek__get_##tag_(x[v.first * line + h.first * c + k]);                                   \
        const float tr = (float)ek__get_##tag_(x[v.first * line + h.second * c + k]);                                  \
        const float bl = (float)ek__get_##tag_(x[v.second * line + h.first * c + k]);                                  \
        const float br = (float)ek__get_##tag_(x[v.second * line + h.second * c + k]);                                 \
        const float top = tl + (tr - tl) * h.part, bottom = bl + (br - bl) * h.part;                                   \
        to[i * c + k] = top + (bottom - top) * v.part;                                                                 \
      }                                                                                                                \
  }
#define LINEAR_GRAD(tag_, unused_)                                                                                     \
  static void linear_grad_##tag_(const resize *r, int64_t image, const void *in, void *out) {                          \
    const int64_t c = r->channels, line = r->in[1] * c;                                                                \
    ek__s_##tag_ *dx = (ek__s_##tag_ *)out + image * r->in[0] * line;                                                  \
    const float *dy = (const float *)in + image * r->out[0] * r->out[1] * c;                                           \
    for (int64_t y = 0; y < r->out[0]; y++)                                                                            \
      for (int64_t x = 0; x < r->out[1]; x++, dy += c) {                                                               \
        const between v = linear(r, 0, y), h = linear(r, 1, x);                                                        \
        const int64_t at[4] = {v.first * line + h.first * c, v.first * line + h.second * c,                            \
                               v.second * line + h.first * c, v.second * line + h.second * c};                         \
        const float part[4] = {(1 - v.part) * (1 - h.part), (1 - v.part) * h.part, v.part * (1 - h.part),              \
                               v.part * h.part};                                                                       \
        for (int i = 0; i < 4; i++)                                                                                    \
          for (int64_t k = 0; k < c; k++)                                                                              \
            dx[at[i] + k] = ek__put_##tag_(ek__get_##tag_(dx[at[i] + k]) + (ek__v_##tag_)(dy[k] * part[i]));           \
      }                                                                                                                \
  }
EK_FLOAT_TAGS(NEAREST, )
EK_INT_TAGS(NEAREST, )
EK_FLOAT_TAGS(NEAREST_GRAD, )
EK_INT_TAGS(NEAREST_GRAD, )
EK_FLOAT_TAGS(LINEAR, )
EK_INT_TAGS(LINEAR, )
EK_FLOAT_TAGS(LINEAR_GRAD, )

typedef void unit_loop(const resize *r, int64_t unit, const void *in, void *out);
#define ROW(tag_, what_) [EK__DTYPE_##tag_] = what_##_##tag_,
static unit_loop *const nearest_loops[EK__DTYPES] = {EK_FLOAT_TAGS(ROW, nearest) EK_INT_TAGS(ROW, nearest)};
static unit_loop *const nearest_grads[EK__DTYPES] = {EK_FLOAT_TAGS(ROW, nearest_grad) EK_INT_TAGS(ROW, nearest_grad)};
static unit_loop *const linear_loops[EK__DTYPES] = {EK_FLOAT_TAGS(ROW, linear) EK_INT_TAGS(ROW, linear)};
static unit_loop *const linear_grads[EK__DTYPES] = {EK_FLOAT_TAGS(ROW, linear_grad)};

typedef struct job {
  resize r;
  unit_loop *loop;
  const void *in;
  void *out;
} job;
static void unit(void *context, int64_t index) {
  const job *j = context;
  j->loop(&j->r, index, j->in, j->out);
}

/* ---- Shapes and running */

static bool is_linear(const ek__node *node) { return strncmp(node->type, "ResizeB", 7) == 0; }

static ek_code infer_resize(ek_infer_context *c) {
  ek_shape size;
  const ek_shape s = c->in[0].shape;
  EK_TRY(ek__infer_rank(c, 0, 4));
  EK_TRY(ek__infer_shape_from_input(c, 1, &size));
  EK_INFER_REQUIRE(c, size.rank < 0 || size.rank == 2, "size must have 2 elements, not %d", size.rank);
  c->out[0].shape = ek_shape(s.rank == 4 ? s.dim[0] : -1, size.rank == 2 ? size.dim[0] : -1,
                             size.rank == 2 ? size.dim[1] : -1, s.rank == 4 ? s.dim[3] : -1);
  return EK_OK;
}
static ek_code infer_linear_grad(ek_infer_context *c) {
  EK_TRY(ek__infer_rank(c, 0, 4));
  EK_TRY(ek__infer_rank(c, 1, 4));
  c->out[0].shape = c->in[1].shape;
  return EK_OK;
}

static ek_code two_sizes(ek_run_context *c, int64_t size[2]) {
  int n = 0;
  EK_TRY(ek__run_ints(c, 1, 2, size, &n));
  EK_RUN_REQUIRE(c, n == 2, "size must have 2 elements, not %d", n);
  return EK_OK;
}

static ek_code run_forward(ek_run_context *c) {
  const ek_shape s = c->in[0]->shape;
  int64_t size[2];
  job j = {.loop = (is_linear(c->node) ? linear_loops : nearest_loops)[c->in[0]->dtype], .in = c->in[0]->data};
  EK_RUN_REQUIRE(c, s.rank == 4, "input must be 4-dimensional, not of rank %d", s.rank);
  EK_TRY(two_sizes(c, size));
  EK_TRY(resize_init(c->node, s, size, c->st, &j.r));
  EK_TRY(ek__run_output(c, 0, ek_shape(s.dim[0], size[0], size[1], s.dim[3])));
  j.out = c->out[0]->data;
  ek__for_chunks(ek__run_threads(c, c->out[0]->n * (int64_t)sizeof(float)), s.dim[0] * size[0], unit, &j);
  return EK_OK;
}

/* dy in input 0; the image has height and width `size`. */
static ek_code run_backward(ek_run_context *c, const int64_t size[2], unit_loop *loop) {
  const ek_shape dy = c->in[0]->shape;
  job j = {.loop = loop, .in = c->in[0]->data};
  EK_RUN_REQUIRE(c, dy.rank == 4, "grads must be 4-dimensional, not of rank %d", dy.rank);
  const ek_shape x = ek_shape(dy.dim[0], size[0], size[1], dy.dim[3]);
  EK_TRY(resize_init(c->node, x, &dy.dim[1], c->st, &j.r));
  EK_TRY(ek__run_output(c, 0, x));
  ek__zero(c->out[0]->dtype, c->out[0]->data, c->out[0]->n);
  j.out = c->out[0]->data;
  ek__for_chunks(ek__run_threads(c, c->in[0]->n * (int64_t)sizeof(float)), dy.dim[0], unit, &j);
  return EK_OK;
}
static ek_code run_nearest_grad(ek_run_context *c) {
  int64_t size[2];
  EK_TRY(two_sizes(c, size));
  return run_backward(c, size, nearest_grads[c->in[0]->dtype]);
}
static ek_code run_linear_grad(ek_run_context *c) {
  const ek_shape x = c->in[1]->shape, dy = c->in[0]->shape;
  EK_RUN_REQUIRE(c, x.rank == 4 && dy.rank == 4 && x.dim[0] == dy.dim[0] && x.dim[3] == dy.dim[3],
                 "grads and original_image must be 4-dimensional and agree in batch and channels");
  return run_backward(c, &x.dim[1], linear_grads[c->in[1]->dtype]);
}

/* ---- Gradients */

static ek_out middle(ek_graph *g, ek_out shape) { /* shape[1:3] */
  char name[512];
  (void)snprintf(name, sizeof name, "%s/", ek_name_scope_begin(g, "strided_slice"));
  const ek_out begin = ek_convert(g, ek_ints(g, 1), EK_INT32, "stack");
  const ek_out end = ek_convert(g, ek_ints(g, 3), EK_INT32, "stack_1");
  const ek_out by = ek_convert(g, ek_ints(g, 1), EK_INT32, "stack_2");
  ek_name_scope_end(g);
  return ek_op_output(ek_build(ek_named(g, name), "StridedSlice", EK_OUTS(shape, begin, end, by), EK_NO_ATTRS), 0);
}

static ek_code build_grad(ek_grad_context *c, const char *type, ek_out second) {
  const ek_op op = ek_build(c->g, type, EK_OUTS(c->dy[0], second),
                            EK_ATTRS(EK_BOOL_ATTR("align_corners", ek__attr_bool(c->node, "align_corners")),
                                     EK_BOOL_ATTR("half_pixel_centers", ek__attr_bool(c->node, "half_pixel_centers"))));
  c->dx[0] = ek_op_output(op, 0);
  return EK_OK;
}

static ek_code grad_nearest(ek_grad_context *c) {
  const ek_out x = ek__grad_in(c, 0);
  const ek_shape s = ek_out_shape(c->g, x);
  const bool known = s.rank == 4 && s.dim[1] >= 0 && s.dim[2] >= 0;
  const ek_out size = known ? ek_integers(c->g, &s.dim[1], 2) : middle(c->g, ek__grad_shape(c->g, x));
  return build_grad(c, "ResizeNearestNeighborGrad", size);
}
static ek_code grad_linear(ek_grad_context *c) { return build_grad(c, "ResizeBilinearGrad", ek__grad_in(c, 0)); }

#define FLAGS "; align_corners: bool = false; half_pixel_centers: bool = false"

const ek_op_def ek_op_resize_nearest_neighbor = {.name = "ResizeNearestNeighbor",
                                                 .doc = "images of another size, each pixel taken from the nearest",
                                                 .in = "images: T, size: int32",
                                                 .out = "resized_images: T",
                                                 .attrs = "T: {" EK_NUMBER_TYPES "}" FLAGS,
                                                 .infer = infer_resize,
                                                 .run = run_forward,
                                                 .grad = grad_nearest};
const ek_op_def ek_op_resize_nearest_neighbor_grad = {.name = "ResizeNearestNeighborGrad",
                                                      .doc = "the gradient of ResizeNearestNeighbor",
                                                      .in = "grads: T, size: int32",
                                                      .out = "output: T",
                                                      .attrs = "T: {" EK_NUMBER_TYPES "}" FLAGS,
                                                      .infer = infer_resize,
                                                      .run = run_nearest_grad};
const ek_op_def ek_op_resize_bilinear = {.name = "ResizeBilinear",
                                         .doc = "images of another size, interpolated between four pixels",
                                         .in = "images: T, size: int32",
                                         .out = "resized_images: float",
                                         .attrs = "T: {" EK_NUMBER_TYPES "}" FLAGS,
                                         .infer = infer_resize,
                                         .run = run_forward,
                                         .grad = grad_linear};
const ek_op_def ek_op_resize_bilinear_grad = {.name = "ResizeBilinearGrad",
                                              .doc = "the gradient of ResizeBilinear",
                                              .in = "grads: float, original_image: T",
                                              .out = "output: T",
                                              .attrs = "T: {" EK_FLOAT_TYPES "}" FLAGS,
                                              .infer = infer_linear_grad,
                                              .run = run_linear_grad};
