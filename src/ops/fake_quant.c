/* SPDX-License-Identifier: Apache-2.0 */
/* FakeQuantWithMinMax...: numbers rounded to those that an integer of num_bits between min and max can stand for, as
 * training for quantization has them (behind batch normalization folded into weights, for example). The ends are moved
 * so that 0 is such a number. The gradient is that of clipping: rounding is passed over. Args: the ends are attributes;
 * Vars: scalars; VarsPerChannel: one for each index of the last dimension. */
#include "ops/grad_util.h"
#include "ops/run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct levels {
  float low, high, step; /* the ends as moved */
  bool empty;            /* no numbers but 0 */
} levels;

static levels levels_between(const ek__node *node, float min, float max) {
  const float first = ek__attr_bool(node, "narrow_range") ? 1.0F : 0.0F;
  const float last = (float)((1 << ek__attr_int(node, "num_bits")) - 1);
  levels l = {.empty = min == 0.0F && max == 0.0F};
  if (l.empty) return l;
  l.step = (max - min) / (last - first);
  const float zero = first - min / l.step;
  const float moved = zero < first ? first : zero > last ? last : roundf(zero);
  l.low = (first - moved) * l.step;
  l.high = (last - moved) * l.step;
  return l;
}

static void round_to(const levels *l, const float *x, float *y, int64_t n, int64_t stride) {
  const float inverse = l->empty ? 0.0F : 1.0F / l->step;
  for (int64_t i = 0; i < n; i++, x += stride, y += stride) {
    const float upper = *x > l->low ? *x : l->low, clipped = (upper < l->high ? upper : l->high) - l->low;
    *y = l->empty ? 0.0F : floorf(clipped * inverse + 0.5F) * l->step + l->low;
  }
}

/* sums: of dy below and above the ends; NULL: nobody wants them. */
static void round_grad(const levels *l, const float *dy, const float *x, float *dx, float *below, float *above,
                       int64_t n, int64_t stride) {
  double sums[2] = {0.0, 0.0};
  for (int64_t i = 0; i < n; i++) {
    const float v = x[i * stride], g = dy[i * stride];
    const bool inside = l->empty || (v >= l->low && v <= l->high);
    dx[i * stride] = inside ? g : 0.0F;
    if (!inside && v < l->low) sums[0] += (double)g;
    if (!inside && v > l->high) sums[1] += (double)g;
  }
  if (below != NULL) *below = (float)sums[0];
  if (above != NULL) *above = (float)sums[1];
}

/* ---- the ops; of a gradient, the first input is dy */

static bool is_gradient(const ek__node *node) { return strstr(node->type, "Gradient") != NULL; }
static bool has_ends(const ek__node *node) { return strstr(node->type, "Args") == NULL; }
static bool per_channel(const ek__node *node) { return strstr(node->type, "PerChannel") != NULL; }

static ek_code infer(ek_infer_context *c) {
  const int x = is_gradient(c->node);
  const int64_t bits = ek__attr_int(c->node, "num_bits");
  ek_shape end = ek_shape_scalar();
  EK_INFER_REQUIRE(c, bits >= 2 && bits <= 16, "num_bits is %" PRId64 "; allowed: 2 to 16", bits);
  c->out[0].shape = c->in[x].shape;
  if (x == 1) EK_TRY(ek__infer_merge(c, c->in[0].shape, c->in[1].shape, &c->out[0].shape));
  if (!has_ends(c->node)) {
    const float min = ek__attr_float(c->node, "min"), max = ek__attr_float(c->node, "max");
    EK_INFER_REQUIRE(c, min < max, "min is %g, max is %g: min must be below", (double)min, (double)max);
    return EK_OK;
  }
  if (per_channel(c->node)) {
    const ek_shape s = c->out[0].shape;
    EK_INFER_REQUIRE(c, s.rank != 0, "a scalar has no channels");
    end = ek_shape(s.rank > 0 ? s.dim[s.rank - 1] : -1);
  }
  for (int i = x + 1; i <= x + 2; i++) EK_TRY(ek__infer_merge(c, end, c->in[i].shape, &end));
  for (int i = 1; i < c->n_out; i++) c->out[i].shape = end;
  return EK_OK;
}

/* The ends of channel k. */
static levels levels_of(const ek_run_context *c, int64_t k) {
  const int first = is_gradient(c->node) + 1;
  if (!has_ends(c->node))
    return levels_between(c->node, ek__attr_float(c->node, "min"), ek__attr_float(c->node, "max"));
  return levels_between(c->node, ((const float *)c->in[first]->data)[k], ((const float *)c->in[first + 1]->data)[k]);
}

static ek_code run(ek_run_context *c) {
  const int x = is_gradient(c->node);
  const ek_value *v = c->in[x];
  const ek_shape s = v->shape;
  const bool channels = per_channel(c->node);
  EK_RUN_REQUIRE(c, !channels || s.rank > 0, "a scalar has no channels");
  const int64_t count = channels ? s.dim[s.rank - 1] : 1, n = count > 0 ? v->n / count : 0;
  EK_RUN_REQUIRE(c, x == 0 || ek_shape_equal(c->in[0]->shape, s), "gradient and input must have one shape");
  for (int i = x + 1; i < c->n_in; i++)
    EK_RUN_REQUIRE(c, c->in[i]->n == count, "an end of the range has %" PRId64 " elements, it must have %" PRId64,
                   c->in[i]->n, count);
  EK_TRY(ek__run_output(c, 0, s));
  for (int i = 1; i < c->n_out; i++) EK_TRY(ek__run_output(c, i, channels ? ek_shape(count) : ek_shape_scalar()));
  for (int64_t k = 0; k < count; k++) {
    const levels l = levels_of(c, k);
    EK_RUN_REQUIRE(c, l.empty || l.step > 0.0F, "the range of channel %" PRId64 " is empty: min must be below max", k);
    const float *in = (const float *)v->data + k;
    float *out = (float *)c->out[0]->data + k;
    if (x == 0)
      round_to(&l, in, out, n, count);
    else
      round_grad(&l, (const float *)c->in[0]->data + k, in, out, c->n_out > 1 ? (float *)c->out[1]->data + k : NULL,
                 c->n_out > 1 ? (float *)c->out[2]->data + k : NULL, n, count);
  }
  return EK_OK;
}

static ek_code grad(ek_grad_context *c) {
  char type[64];
  const ek_out in[] = {c->dy[0], ek__grad_in(c, 0), has_ends(c->node) ? ek__grad_in(c, 1) : c->dy[0],
                       has_ends(c->node) ? ek__grad_in(c, 2) : c->dy[0]};
  ek_attr attrs[] = {EK_INT_ATTR("num_bits", ek__attr_int(c->node, "num_bits")),
                     EK_BOOL_ATTR("narrow_range", ek__attr_bool(c->node, "narrow_range")),
                     {0},
                     {0}};
  if (!has_ends(c->node)) {
    attrs[2] = EK_FLOAT_ATTR("min", ek__attr_float(c->node, "min"));
    attrs[3] = EK_FLOAT_ATTR("max", ek__attr_float(c->node, "max"));
  }
  (void)snprintf(type, sizeof type, "%sGradient", c->node->type);
  const bool ends = has_ends(c->node);
  const ek_op op = ek_build(c->g, type, (ek_outs){in, ends ? 4 : 2}, attrs, ends ? 2 : 4);
  for (int i = 0; i < (ends ? 3 : 1); i++) c->dx[i] = ek_op_output(op, i);
  return EK_OK;
}

#define BITS "num_bits: int = 8; narrow_range: bool = false"
#define ENDS "min: float = -6.0; max: float = 6.0; "
#define FAKE_QUANT(id_, name_, doc_, ends_, attrs_, outs_)                                                             \
  const ek_op_def ek_op_fake_quant_with_min_max_##id_ = {.name = "FakeQuantWithMinMax" name_,                          \
                                                         .doc = doc_,                                                  \
                                                         .in = "inputs: float" ends_,                                  \
                                                         .out = "outputs: float",                                      \
                                                         .attrs = attrs_ BITS,                                         \
                                                         .infer = infer,                                               \
                                                         .run = run,                                                   \
                                                         .grad = grad};                                                \
  const ek_op_def ek_op_fake_quant_with_min_max_##id_##_gradient = {.name = "FakeQuantWithMinMax" name_ "Gradient",    \
                                                                    .doc =                                             \
                                                                        "the gradient of FakeQuantWithMinMax" name_,   \
                                                                    .in = "gradients: float, inputs: float" ends_,     \
                                                                    .out = outs_,                                      \
                                                                    .attrs = attrs_ BITS,                              \
                                                                    .infer = infer,                                    \
                                                                    .run = run}
#define THREE "backprops_wrt_input: float, backprop_wrt_min: float, backprop_wrt_max: float"

FAKE_QUANT(args, "Args", "inputs as num_bits between min and max can hold them", "", ENDS, "backprops: float");
FAKE_QUANT(vars, "Vars", "inputs as num_bits between the scalars min and max can hold them", ", min: float, max: float",
           "", THREE);
FAKE_QUANT(vars_per_channel, "VarsPerChannel", "the same, with a min and max for each channel",
           ", min: float, max: float", "", THREE);
