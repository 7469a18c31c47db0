/* SPDX-License-Identifier: Apache-2.0 */
/* The network of the paper that introduced batch normalization, on the bundled digits: three layers of 100 sigmoid
 * units, normalized in front of each sigmoid, then tested with the moving averages.
 *
 * usage: mlp [FOLDER OF THE DIGITS] */
#include "digits.h"

int main(int argc, char **argv) {
  ek_graph *g = ek_graph_new(NULL);
  ek_set_random_seed(g, 42);
  ek_out images = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 64), "images");
  ek_out labels = ek_placeholder(g, EK_INT64, ek_shape(-1), "labels");
  ek_out training = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training");

  ek_out h = images;
  for (int layer = 0; layer < 3; layer++) {
    h = ek_layers_dense(g, h, 100, EK_LAYERS_DENSE(.use_bias = false));
    h = ek_layers_batch_normalization(g, h,
                                      EK_LAYERS_BATCH_NORMALIZATION(.training = ek_flag_of(training), .momentum = 0.9));
    h = ek_sigmoid(g, h);
  }
  ek_out logits = ek_layers_dense(g, h, 10, NULL);
  ek_out loss = ek_losses_sparse_softmax_cross_entropy(g, labels, logits, NULL);
  ek_out hits = ek_equal(g, ek_argmax(g, logits, ek_integer(g, 1), NULL), labels, NULL);
  ek_out accuracy = ek_reduce_mean_all(g, ek_cast(g, hits, EK_FLOAT32, NULL));

  ek_ops update_ops = ek_get_collection_ops(g, EK_UPDATE_OPS, NULL);
  ek_op train = {0};
  EK_CONTROL_DEPENDENCIES (g, update_ops) {
    train = ek_train_minimize(ek_train_gradient_descent(g, 0.5), loss, NULL);
  }
  ek_op init = ek_global_variables_initializer(g);

  const network n = {images, labels, training, loss, accuracy, train, init};
  train_and_test(g, &n, 300, argc > 1 ? argv[1] : "data/digits");
  ek_graph_free(g);
  return 0;
}
