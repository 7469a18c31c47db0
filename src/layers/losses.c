/* SPDX-License-Identifier: Apache-2.0 */
/* tf.losses: one function for each loss; what they share is in weighted_loss.c. */
#include "evenkeel/losses.h"

#include "evenkeel/nn.h"
#include "layers/build.h"
#include "layers/weighted_loss.h"
#include "layers/weights.h"

/* A loss under construction: its scope is open. */
typedef struct loss {
  ek_graph *g;
  const ek_losses_opts *o;
  ek_out labels, predictions;
  ek_out weights;
  bool ok;
} loss;

static loss begin(ek_graph *g, const char *name, const char *labels_are, ek_out labels, const char *predictions_are,
                  ek_out predictions, const ek_losses_opts *options) {
  g = ek_composite_begin(g, name);
  loss l = {.g = g, .o = ek__losses_opts(g, options), .labels = labels, .predictions = predictions};
  l.ok = l.o != NULL && ek__given(g, labels_are, labels) && ek__given(g, predictions_are, predictions);
  if (l.ok) l.weights = l.o->weights.op != 0 ? l.o->weights : ek_number(g, 1.0);
  return l;
}

/* Those that work in float32 whatever they are given. */
static loss begin_float32(ek_graph *g, const char *name, const char *predictions_are, ek_out labels, ek_out predictions,
                          const ek_losses_opts *options) {
  loss l = begin(g, name, "labels", labels, predictions_are, predictions, options);
  if (!l.ok) return l;
  l.predictions = ek__py_cast(l.g, l.predictions, EK_FLOAT32);
  l.labels = ek__py_cast(l.g, l.labels, EK_FLOAT32);
  l.ok = ek__compatible(l.g, "labels", l.labels, predictions_are, l.predictions);
  return l;
}

static ek_out end(loss *l, ek_out losses) {
  const ek_out y = l->ok ? ek__weighted_loss(ek_named_scope(l->g), losses, l->weights, l->o) : ek__no_out;
  ek_name_scope_end(l->g);
  return y;
}

ek_out ek_losses_absolute_difference(ek_graph *g, ek_out labels, ek_out predictions, const ek_losses_opts *options) {
  loss l = begin_float32(g, "absolute_difference", "predictions", labels, predictions, options);
  ek_out y = ek__no_out;
  if (l.ok) {
    const ek_out error = ek__op2(l.g, "Sub", l.predictions, l.labels);
    y = ek__op1(l.g, "Abs", error);
  }
  return end(&l, y);
}

ek_out ek_losses_cosine_distance(ek_graph *g, ek_out labels, ek_out predictions, int axis,
                                 const ek_losses_opts *options) {
  loss l = begin_float32(g, "cosine_distance_loss", "predictions", labels, predictions, options);
  ek_out y = ek__no_out;
  if (l.ok) {
    const int64_t over = axis;
    const ek_out product = ek__op2(l.g, "Mul", l.predictions, l.labels);
    const ek_out cosine = ek__py_reduce(l.g, "Sum", product, &over, 1, true);
    y = ek__op2(ek_named(l.g, "sub"), "Sub", ek_number(l.g, 1.0), cosine);
  }
  return end(&l, y);
}

ek_out ek_losses_hinge_loss(ek_graph *g, ek_out labels, ek_out logits, const ek_losses_opts *options) {
  loss l = begin_float32(g, "hinge_loss", "logits", labels, logits, options);
  ek_out y = ek__no_out;
  if (l.ok) {
    const ek_out ones = ek__py_ones_like(l.g, l.labels);
    const ek_out twice = ek__op2(ek_named(l.g, "mul"), "Mul", ek_number(l.g, 2.0), l.labels);
    const ek_out signs = ek__op2(l.g, "Sub", twice, ones);
    const ek_out margin = ek__op2(l.g, "Mul", signs, l.predictions);
    const ek_out missing = ek__op2(l.g, "Sub", ones, margin);
    y = ek__op1(l.g, "Relu", missing);
  }
  return end(&l, y);
}

ek_out ek_losses_huber_loss(ek_graph *g, ek_out labels, ek_out predictions, const ek_losses_opts *options) {
  loss l = begin_float32(g, "huber_loss", "predictions", labels, predictions, options);
  ek_out y = ek__no_out;
  if (l.ok) {
    const ek_out error = ek__op2(l.g, "Sub", l.predictions, l.labels);
    const ek_out size = ek__op1(l.g, "Abs", error);
    const ek_out quadratic = ek__op2(l.g, "Minimum", size, ek_number(l.g, l.o->delta));
    const ek_out linear = ek__op2(l.g, "Sub", size, quadratic);
    const ek_out half = ek__py_filled(l.g, EK_FLOAT32, ek_shape_scalar(), 0.5);
    const ek_out square = ek__op2(l.g, "Mul", quadratic, quadratic);
    const ek_out inner = ek__op2(l.g, "Mul", half, square);
    const ek_out outer = ek__op2(l.g, "Mul", ek_number(l.g, l.o->delta), linear);
    y = ek__op2(ek_named(l.g, "Add"), "AddV2", inner, outer);
  }
  return end(&l, y);
}

ek_out ek_losses_log_loss(ek_graph *g, ek_out labels, ek_out predictions, const ek_losses_opts *options) {
  loss l = begin_float32(g, "log_loss", "predictions", labels, predictions, options);
  ek_out y = ek__no_out;
  if (l.ok) {
    const ek_out shifted = ek__op2(ek_named(l.g, "add"), "AddV2", l.predictions, ek_number(l.g, l.o->epsilon));
    const ek_out log_p = ek__op1(l.g, "Log", shifted);
    const ek_out hit = ek__op2(l.g, "Mul", l.labels, log_p);
    const ek_out minus_hit = ek__op1(l.g, "Neg", hit);
    const ek_out other_label = ek__op2(ek_named(l.g, "sub"), "Sub", ek_number(l.g, 1.0), l.labels);
    const ek_out other = ek__op2(ek_named(l.g, "sub"), "Sub", ek_number(l.g, 1.0), l.predictions);
    const ek_out other_shifted = ek__op2(ek_named(l.g, "add"), "AddV2", other, ek_number(l.g, l.o->epsilon));
    const ek_out log_other = ek__op1(l.g, "Log", other_shifted);
    const ek_out miss = ek__op2(l.g, "Mul", other_label, log_other);
    y = ek__op2(ek_named(l.g, "sub"), "Sub", minus_hit, miss);
  }
  return end(&l, y);
}

ek_out ek_losses_mean_squared_error(ek_graph *g, ek_out labels, ek_out predictions, const ek_losses_opts *options) {
  loss l = begin_float32(g, "mean_squared_error", "predictions", labels, predictions, options);
  return end(&l, l.ok ? ek__op2(l.g, "SquaredDifference", l.predictions, l.labels) : ek__no_out);
}

/* Those that work in the dtype of the logits. */
static loss begin_logits(ek_graph *g, const char *name, const char *labels_are, ek_out labels, ek_out logits,
                         const ek_losses_opts *options) {
  loss l = begin(g, name, labels_are, labels, "logits", logits, options);
  if (!l.ok) return l;
  l.labels = ek__py_cast(l.g, l.labels, ek_out_dtype(l.g, logits));
  l.ok = ek__compatible(l.g, labels_are, l.labels, "logits", logits);
  return l;
}

ek_out ek_losses_sigmoid_cross_entropy(ek_graph *g, ek_out multi_class_labels, ek_out logits,
                                       const ek_losses_opts *options) {
  loss l = begin_logits(g, "sigmoid_cross_entropy_loss", "multi_class_labels", multi_class_labels, logits, options);
  if (!l.ok) return end(&l, ek__no_out);
  const double smoothing = l.o->label_smoothing;
  ek_out labels = l.labels;
  if (smoothing > 0.0) {
    labels = ek__op2(ek_named(l.g, "mul"), "Mul", labels, ek_number(l.g, 1.0 - smoothing));
    labels = ek__op2(ek_named(l.g, "add"), "AddV2", labels, ek_number(l.g, 0.5 * smoothing));
  }
  return end(&l, ek_nn_sigmoid_cross_entropy_with_logits(ek_named(l.g, "xentropy"), labels, logits));
}

ek_out ek_losses_softmax_cross_entropy(ek_graph *g, ek_out onehot_labels, ek_out logits,
                                       const ek_losses_opts *options) {
  loss l = begin_logits(g, "softmax_cross_entropy_loss", "onehot_labels", onehot_labels, logits, options);
  if (!l.ok) return end(&l, ek__no_out);
  const double smoothing = l.o->label_smoothing;
  ek_out labels = l.labels;
  if (smoothing > 0.0) {
    const ek_out shape = ek__py_shape(l.g, labels);
    const ek_out last = ek__py_element(l.g, shape, -1);
    const ek_out classes = ek__py_cast(l.g, last, ek_out_dtype(l.g, logits));
    const ek_out rest = ek__op2(ek_named(l.g, "truediv"), "RealDiv", ek_number(l.g, smoothing), classes);
    labels = ek__op2(ek_named(l.g, "mul"), "Mul", labels, ek_number(l.g, 1.0 - smoothing));
    labels = ek__op2(ek_named(l.g, "add"), "AddV2", labels, rest);
  }
  labels = ek__op1(ek_named(l.g, "labels_stop_gradient"), "StopGradient", labels);
  return end(&l, ek_nn_softmax_cross_entropy_with_logits_v2(ek_named(l.g, "xentropy"), labels, logits, -1));
}

ek_out ek_losses_sparse_softmax_cross_entropy(ek_graph *g, ek_out labels, ek_out logits,
                                              const ek_losses_opts *options) {
  loss l = begin(g, "sparse_softmax_cross_entropy_loss", "labels", labels, "logits", logits, options);
  if (!l.ok) return end(&l, ek__no_out);
  ek__remove_squeezable(l.g, &l.labels, &l.predictions, 1);
  l.weights = ek__squeeze_weights(l.g, l.weights, l.labels);
  return end(&l, ek_nn_sparse_softmax_cross_entropy_with_logits(ek_named(l.g, "xentropy"), l.labels, l.predictions));
}
