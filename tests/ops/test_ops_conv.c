/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions and their gradients in float32, which oneDNN computes, against the plain loops in float64; NCHW against
 * NHWC; the same bits for any number of threads. tests/golden/numbers/images.npz holds TensorFlow's numbers. */
#include "ops/build.h"

#include <stdio.h>

#define S(...) ek_shape(__VA_ARGS__)

/* float32 accumulation of k products is within about k epsilon of what |a| |b| sums to; here relative to the largest
 * result. */
#define TOLERANCE 4e-6

typedef struct geometry {
  const char *name;
  int64_t batch, in[2], channels, size[2], out_channels, stride[2], dilation[2];
  const char *padding;
  bool depthwise; /* out_channels is the multiplier */
} geometry;

static const geometry geometries[] = {
    {"1x1", 3, {5, 4}, 6, {1, 1}, 10, {1, 1}, {1, 1}, "SAME", false},
    {"3x3", 5, {9, 8}, 16, {3, 3}, 32, {1, 1}, {1, 1}, "SAME", false},
    {"first layer", 2, {19, 17}, 3, {7, 7}, 16, {2, 2}, {1, 1}, "SAME", false},
    {"strides", 3, {9, 11}, 8, {3, 2}, 5, {2, 3}, {1, 1}, "VALID", false},
    {"gaps", 2, {9, 9}, 4, {1, 1}, 4, {3, 3}, {1, 1}, "VALID", false},
    {"dilated", 3, {12, 13}, 8, {3, 3}, 16, {1, 1}, {2, 3}, "SAME", false},
    {"dilated and strided", 1, {15, 15}, 3, {3, 3}, 7, {2, 2}, {2, 2}, "VALID", false},
    {"explicit", 2, {6, 7}, 5, {3, 3}, 4, {2, 1}, {1, 1}, "EXPLICIT", false},
    {"odd channels", 2, {4, 4}, 17, {2, 2}, 19, {1, 1}, {1, 1}, "VALID", false},
    {"one channel", 2, {6, 6}, 1, {3, 3}, 4, {1, 1}, {1, 1}, "SAME", false},
    {"many pieces", 37, {16, 16}, 16, {3, 3}, 32, {1, 1}, {1, 1}, "SAME", false},
    {"depthwise", 5, {9, 9}, 32, {3, 3}, 1, {1, 1}, {1, 1}, "SAME", true},
    {"depthwise, strides", 5, {9, 9}, 16, {3, 3}, 1, {2, 2}, {1, 1}, "SAME", true},
    {"depthwise, multiplier", 2, {7, 6}, 5, {3, 2}, 3, {1, 1}, {1, 1}, "VALID", true},
    {"depthwise, dilated", 2, {9, 8}, 8, {3, 3}, 2, {1, 1}, {2, 1}, "SAME", true},
};

static float number(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return (float)(*state >> 8) * 0x1p-24f - 0.5f;
}

static ek_tensor *random_tensor(ek_shape s, uint32_t seed) {
  ek_tensor *t = ek_tensor_new(EK_FLOAT32, s, NULL, NULL);
  assert_non_null(t);
  for (int64_t i = 0; i < ek_tensor_num_elements(t); i++) ((float *)t->data)[i] = number(&seed);
  return t;
}

static ek_tensor *as_float64(const ek_tensor *x) {
  ek_tensor *t = ek_tensor_new(EK_FLOAT64, x->shape, NULL, NULL);
  assert_non_null(t);
  for (int64_t i = 0; i < ek_tensor_num_elements(t); i++) ((double *)t->data)[i] = ek_tensor_number(x, i);
  return t;
}

static ek_tensor *shape_of(const ek_tensor *x) {
  ek_tensor *t = ek_tensor_new(EK_INT32, S(x->shape.rank), NULL, NULL);
  for (int i = 0; i < x->shape.rank; i++) ((int32_t *)t->data)[i] = (int32_t)x->shape.dim[i];
  return t;
}

/* NHWC to NCHW, or back. */
static ek_tensor *transposed(const ek_tensor *x, bool to_nchw) {
  const int64_t *d = x->shape.dim;
  const int64_t n = d[0], h = to_nchw ? d[1] : d[2], w = to_nchw ? d[2] : d[3], c = to_nchw ? d[3] : d[1];
  ek_tensor *t = ek_tensor_new(EK_FLOAT32, to_nchw ? S(n, c, h, w) : S(n, h, w, c), NULL, NULL);
  const float *from = x->data;
  float *to = t->data;
  for (int64_t i = 0; i < n; i++)
    for (int64_t p = 0; p < h * w; p++)
      for (int64_t k = 0; k < c; k++) {
        const int64_t last = (i * h * w + p) * c + k, first = (i * c + k) * h * w + p;
        to[to_nchw ? first : last] = from[to_nchw ? last : first];
      }
  return t;
}

static op_test call(const geometry *g, const char *what, bool nchw, ek_tensor *const *in, int n) {
  char type[64];
  (void)snprintf(type, sizeof type, "%s%s", g->depthwise ? "DepthwiseConv2dNative" : "Conv2D", what);
  const int64_t nhwc_strides[] = {1, g->stride[0], g->stride[1], 1},
                nchw_strides[] = {1, 1, g->stride[0], g->stride[1]};
  const int64_t nhwc_dilations[] = {1, g->dilation[0], g->dilation[1], 1},
                nchw_dilations[] = {1, 1, g->dilation[0], g->dilation[1]};
  const int64_t nhwc_pads[] = {0, 0, 1, 2, 0, 1, 0, 0}, nchw_pads[] = {0, 0, 0, 0, 1, 2, 0, 1};
  ek_attr attrs[5] = {EK_INTS_ATTR("strides", nchw ? nchw_strides : nhwc_strides, 4),
                      EK_INTS_ATTR("dilations", nchw ? nchw_dilations : nhwc_dilations, 4),
                      EK_STRING_ATTR("padding", g->padding), EK_STRING_ATTR("data_format", nchw ? "NCHW" : "NHWC")};
  int n_attrs = 4;
  if (strcmp(g->padding, "EXPLICIT") == 0)
    attrs[n_attrs++] = EK_INTS_ATTR("explicit_paddings", nchw ? nchw_pads : nhwc_pads, 8);
  op_test t = op_make(type, in, n, attrs, n_attrs);
  if (t.st.code != EK_OK) fail_msg("%s: %s", g->name, t.st.msg);
  t.threads = 1;
  if (op_run(&t) != EK_OK) fail_msg("%s: %s", g->name, t.st.msg);
  return t;
}

static void close_to(const char *name, const char *what, const ek_tensor *got, const ek_tensor *want) {
  double largest = 0;
  assert_true(ek_shape_equal(got->shape, want->shape));
  for (int64_t i = 0; i < ek_tensor_num_elements(want); i++) largest = fmax(largest, fabs(ek_tensor_number(want, i)));
  for (int64_t i = 0; i < ek_tensor_num_elements(want); i++)
    if (!(fabs(ek_tensor_number(got, i) - ek_tensor_number(want, i)) <= TOLERANCE * largest))
      fail_msg("%s, %s: element %d is %.9g, not %.9g", name, what, (int)i, ek_tensor_number(got, i),
               ek_tensor_number(want, i));
}

/* One of the three ops; a and b in order of its data inputs, sizes: of the output, if it needs them. Returns the
 * output. */
static ek_tensor *check(const geometry *g, const char *what, ek_tensor *a, ek_tensor *b, const ek_tensor *like) {
  const bool input = strstr(what, "Input") != NULL, filter = strstr(what, "Filter") != NULL;
  ek_tensor *f64[3] = {as_float64(a), as_float64(b)}, *f32[3] = {NULL}, *nchw[3] = {NULL};
  f32[0] = ek_tensor_ref(a);
  f32[1] = ek_tensor_ref(b);
  nchw[0] = input ? ek_tensor_ref(f32[0]) : transposed(a, true);
  nchw[1] = input || filter ? transposed(b, true) : ek_tensor_ref(f32[1]);
  if (like != NULL) {
    const int at = input ? 0 : 1;
    ek_tensor **const sets[] = {f64, f32, nchw};
    for (int k = 0; k < 3; k++) {
      sets[k][2] = sets[k][1];
      if (input) sets[k][1] = sets[k][0];
      ek_tensor *turned = k == 2 && input ? transposed(like, true) : NULL;
      sets[k][at] = shape_of(turned != NULL ? turned : like);
      ek_tensor_free(turned);
    }
  }
  const int n = like != NULL ? 3 : 2;
  op_test want = call(g, what, false, f64, n), got = call(g, what, false, f32, n), first = call(g, what, true, nchw, n);
  close_to(g->name, what, got.out[0], want.out[0]);
  ek_tensor *back = filter ? ek_tensor_ref(first.out[0]) : transposed(first.out[0], false);
  close_to(g->name, what, back, want.out[0]);
  ek_tensor *out = ek_tensor_ref(got.out[0]), *out_nchw = ek_tensor_ref(first.out[0]);
  for (int threads = 2; threads < 5; threads++) {
    got.threads = first.threads = threads;
    assert_int_equal(op_run(&got), EK_OK);
    assert_int_equal(op_run(&first), EK_OK);
    if (!ek_tensor_equal(out, got.out[0]) || !ek_tensor_equal(out_nchw, first.out[0]))
      fail_msg("%s, %s: other bits with %d threads", g->name, what, threads);
  }
  ek_tensor_free(back);
  ek_tensor_free(out_nchw);
  op_end(&want);
  op_end(&got);
  op_end(&first);
  return out;
}

static void convolution(void **state) {
  const geometry *g = *state;
  ek_tensor *x = random_tensor(S(g->batch, g->in[0], g->in[1], g->channels), 1);
  ek_tensor *filter = random_tensor(S(g->size[0], g->size[1], g->channels, g->out_channels), 2);
  ek_tensor *y = check(g, "", x, filter, NULL), *dy = random_tensor(y->shape, 3);
  ek_tensor *dx = check(g, "BackpropInput", filter, dy, x), *dfilter = check(g, "BackpropFilter", x, dy, filter);
  ek_tensor *const all[] = {x, filter, y, dy, dx, dfilter};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) ek_tensor_free(all[i]);
}

static void refused(void **state) {
  (void)state;
  static const int64_t ones[] = {1, 1, 1, 1}, batch[] = {2, 1, 1, 1}, zero[] = {1, 0, 1, 1},
                       pads[] = {0, 0, 1, -1, 0, 0, 0, 0};
  const ek_attr plain[] = {EK_INTS_ATTR("strides", ones, 4), EK_STRING_ATTR("padding", "VALID")};
  const ek_attr strided[] = {EK_INTS_ATTR("strides", batch, 4), EK_STRING_ATTR("padding", "VALID")};
  const ek_attr still[] = {EK_INTS_ATTR("strides", zero, 4), EK_STRING_ATTR("padding", "VALID")};
  const ek_attr few[] = {EK_INTS_ATTR("strides", ones, 3), EK_STRING_ATTR("padding", "VALID")};
  const ek_attr given[] = {EK_INTS_ATTR("strides", ones, 4), EK_STRING_ATTR("padding", "EXPLICIT"),
                           EK_INTS_ATTR("explicit_paddings", pads, 8)};
  const ek_shape x = S(1, 3, 3, 2);
  op_refused("Depth of input (2) is not a multiple of input depth of filter (3)", "Conv2D",
             TENSORS(random_tensor(x, 1), random_tensor(S(1, 1, 3, 1), 2)), plain, 2);
  op_refused("Computed output size would be negative", "Conv2D",
             TENSORS(random_tensor(x, 1), random_tensor(S(5, 1, 2, 1), 2)), plain, 2);
  op_refused("input must be 4-dimensional", "Conv2D",
             TENSORS(random_tensor(S(3, 3, 2), 1), random_tensor(S(1, 1, 2, 1), 2)), plain, 2);
  op_refused("strides other than 1 in the batch and depth dimensions are not possible", "Conv2D",
             TENSORS(random_tensor(x, 1), random_tensor(S(1, 1, 2, 1), 2)), strided, 2);
  op_refused("strides must be positive", "Conv2D", TENSORS(random_tensor(x, 1), random_tensor(S(1, 1, 2, 1), 2)), still,
             2);
  op_refused("to contain 4 values, but got: 3", "Conv2D", TENSORS(random_tensor(x, 1), random_tensor(S(1, 1, 2, 1), 2)),
             few, 2);
  op_refused("explicit_paddings must be nonnegative", "Conv2D",
             TENSORS(random_tensor(x, 1), random_tensor(S(1, 1, 2, 1), 2)), given, 3);
  op_refused("input and filter must have the same depth: 2 vs 3", "DepthwiseConv2dNative",
             TENSORS(random_tensor(x, 1), random_tensor(S(1, 1, 3, 1), 2)), plain, 2);
  op_refused("out_backprop has shape [1,2,3,5], but the convolution gives [1,3,3,4]", "Conv2DBackpropInput",
             TENSORS(I32(S(4), 1, 3, 3, 2), random_tensor(S(1, 1, 2, 4), 1), random_tensor(S(1, 2, 3, 5), 2)), plain,
             2);
  op_refused("input_sizes must contain 2 or 4 values, but got: 3", "Conv2DBackpropInput",
             TENSORS(I32(S(3), 1, 3, 3), random_tensor(S(1, 1, 2, 4), 1), random_tensor(S(1, 3, 3, 4), 2)), plain, 2);
}

/* Nothing goes in, or nothing comes out. */
static void empty(void **state) {
  (void)state;
  static const int64_t ones[] = {1, 1, 1, 1};
  const ek_attr attrs[] = {EK_INTS_ATTR("strides", ones, 4), EK_STRING_ATTR("padding", "SAME")};
  op_test t = op_call("Conv2D", TENSORS(random_tensor(S(0, 3, 3, 2), 1), random_tensor(S(1, 1, 2, 4), 2)), attrs, 2);
  assert_true(ek_shape_equal(t.out[0]->shape, S(0, 3, 3, 4)));
  op_end(&t);
  t = op_call("Conv2DBackpropFilter",
              TENSORS(random_tensor(S(0, 3, 3, 1), 1), I32(S(4), 1, 1, 1, 2), random_tensor(S(0, 3, 3, 2), 2)), attrs,
              2);
  EXPECT(t.out[0], S(1, 1, 1, 2), 0, 0);
  op_end(&t);
  t = op_call("Conv2D", TENSORS(random_tensor(S(1, 1, 2, 0), 1), random_tensor(S(1, 1, 0, 1), 2)), attrs, 2);
  EXPECT(t.out[0], S(1, 1, 2, 1), 0, 0);
  op_end(&t);
}

/* Groups: a filter that takes half of the channels, and other dtypes. */
static void groups(void **state) {
  (void)state;
  static const int64_t ones[] = {1, 1, 1, 1};
  static const ek_dtype types[] = {EK_FLOAT32, EK_FLOAT64, EK_FLOAT16, EK_BFLOAT16, EK_INT32};
  const ek_attr attrs[] = {EK_INTS_ATTR("strides", ones, 4), EK_STRING_ATTR("padding", "VALID")};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    op_test t = op_call(
        "Conv2D", TENSORS(NUMBERS(types[i], S(1, 1, 1, 4), 1, 2, 3, 4), NUMBERS(types[i], S(1, 1, 2, 2), 1, 10, 2, 20)),
        attrs, 2);
    EXPECT(t.out[0], S(1, 1, 1, 2), 5, 110); /* 1*1 + 2*2; 3*10 + 4*20 */
    op_end(&t);
  }
}

int main(void) {
  enum { COUNT = sizeof geometries / sizeof geometries[0] };
  struct CMUnitTest tests[COUNT + 3] = {[COUNT] = cmocka_unit_test(refused),
                                        [COUNT + 1] = cmocka_unit_test(empty),
                                        [COUNT + 2] = cmocka_unit_test(groups)};
  for (int i = 0; i < COUNT; i++) {
    union {
      const geometry *in;
      void *out;
    } state = {.in = &geometries[i]};
    tests[i] = (struct CMUnitTest){.name = geometries[i].name, .test_func = convolution, .initial_state = state.out};
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
