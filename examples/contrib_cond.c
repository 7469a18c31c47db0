/* SPDX-License-Identifier: Apache-2.0 */
/* tf.contrib.layers.batch_norm in both branches of a cond on is_training: the first call makes the variables and
 * updates the moving statistics in place, the second one reuses them. Only the branch that is taken runs.
 *
 * usage: contrib_cond [FOLDER OF THE DIGITS] */
#include "digits.h"

static ek_out batch_norm_layer(ek_graph *g, ek_out x, ek_out is_training, const char *scope) {
  ek_cond_block c;
  EK_COND(g, is_training, c) {
    EK_THEN(c) {
      ek_cond_yield(&c, ek_contrib_batch_norm(g, x,
                                              EK_CONTRIB_BATCH_NORM(.decay = 0.9, .is_training = EK_TRUE,
                                                                    .updates_collections = {NULL}, .scope = scope)));
    }
    EK_ELSE(c) {
      ek_cond_yield(&c, ek_contrib_batch_norm(g, x,
                                              EK_CONTRIB_BATCH_NORM(.decay = 0.9, .is_training = EK_FALSE,
                                                                    .updates_collections = {NULL}, .scope = scope,
                                                                    .reuse = EK_REUSE)));
    }
  }
  return ek_cond_result(&c, 0);
}

int main(int argc, char **argv) {
  ek_graph *g = ek_graph_new(NULL);
  ek_set_random_seed(g, 42);
  const ek_out images = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 64), "images");
  const ek_out labels = ek_placeholder(g, EK_INT64, ek_shape(-1), "labels");
  const ek_out is_training = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training");

  ek_out h = ek_layers_dense(g, images, 30, EK_LAYERS_DENSE(.use_bias = false));
  h = ek_sigmoid(g, batch_norm_layer(g, h, is_training, "bn"));
  const ek_out logits = ek_layers_dense(g, h, 10, NULL);
  const ek_out loss = ek_losses_sparse_softmax_cross_entropy(g, labels, logits, NULL);
  const ek_out hits = ek_equal(g, ek_argmax(g, logits, ek_integer(g, 1), NULL), labels, NULL);
  const ek_out accuracy = ek_reduce_mean_all(g, ek_cast(g, hits, EK_FLOAT32, NULL));
  const ek_op train = ek_train_minimize(ek_train_gradient_descent(g, 0.5), loss, NULL); /* no UPDATE_OPS needed */
  const ek_op init = ek_global_variables_initializer(g);

  const network n = {images, labels, is_training, loss, accuracy, train, init};
  train_and_test(g, &n, 100, argc > 1 ? argv[1] : "data/digits");
  ek_graph_free(g);
  return 0;
}
