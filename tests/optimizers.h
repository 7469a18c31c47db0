/* SPDX-License-Identifier: Apache-2.0 */
/* The optimizers that TensorFlow's numbers and graphs are of, with the arguments that tests/golden/make_*.py gives
 * them. */
#ifndef EK_TESTS_OPTIMIZERS_H
#define EK_TESTS_OPTIMIZERS_H

#include <evenkeel/evenkeel.h>

static inline ek_optimizer *sgd(ek_graph *g) { return ek_train_gradient_descent(g, 0.5); }
static inline ek_optimizer *momentum(ek_graph *g) { return ek_train_momentum(g, 0.1, 0.9, NULL); }
static inline ek_optimizer *nesterov(ek_graph *g) {
  return ek_train_momentum(g, 0.1, 0.9, EK_TRAIN_MOMENTUM(.use_nesterov = true));
}
static inline ek_optimizer *adam(ek_graph *g) { return ek_train_adam(g, NULL); }
static inline ek_optimizer *rmsprop(ek_graph *g) {
  return ek_train_rmsprop(g, 0.01, EK_TRAIN_RMSPROP(.momentum = 0.5));
}
static inline ek_optimizer *rmsprop_centered(ek_graph *g) {
  return ek_train_rmsprop(g, 0.01, EK_TRAIN_RMSPROP(.centered = true));
}
static inline ek_optimizer *adagrad(ek_graph *g) { return ek_train_adagrad(g, 0.1, NULL); }

#endif
