/* SPDX-License-Identifier: Apache-2.0 */
/* tf.layers.batch_normalization with UPDATE_OPS: the moving statistics change only because the training op depends on
 * the update ops. Leave the control dependencies out, and training looks the same while inference is garbage.
 *
 * usage: update_ops [FOLDER OF THE DIGITS] */
#include "digits.h"

int main(int argc, char **argv) {
  ek_graph *g = ek_graph_new(NULL);
  ek_set_random_seed(g, 42);
  const ek_out images = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 64), "images");
  const ek_out labels = ek_placeholder(g, EK_INT64, ek_shape(-1), "labels");
  const ek_out training = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training");

  ek_out h = images;
  for (int layer = 0; layer < 2; layer++) {
    h = ek_layers_dense(g, h, 30, EK_LAYERS_DENSE(.use_bias = false)); /* beta is its bias */
    h = ek_layers_batch_normalization(g, h,
                                      EK_LAYERS_BATCH_NORMALIZATION(.training = ek_flag_of(training), .momentum = 0.9));
    h = ek_sigmoid(g, h);
  }
  const ek_out logits = ek_layers_dense(g, h, 10, NULL);
  const ek_out loss = ek_losses_sparse_softmax_cross_entropy(g, labels, logits, NULL);
  const ek_out hits = ek_equal(g, ek_argmax(g, logits, ek_integer(g, 1), NULL), labels, NULL);
  const ek_out accuracy = ek_reduce_mean_all(g, ek_cast(g, hits, EK_FLOAT32, NULL));

  ek_op train = {0};
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL)) {
    train = ek_train_minimize(ek_train_gradient_descent(g, 0.5), loss, NULL);
  }
  const ek_op init = ek_global_variables_initializer(g);

  const network n = {images, labels, training, loss, accuracy, train, init};
  train_and_test(g, &n, 100, argc > 1 ? argv[1] : "data/digits");
  ek_graph_free(g);
  return 0;
}
