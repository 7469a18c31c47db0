/* SPDX-License-Identifier: Apache-2.0 */
#include <evenkeel/evenkeel.h>
#include <stdio.h>

int main(void) {
  ek_graph *g = ek_graph_new(NULL);
  ek_set_random_seed(g, 42);
  ek_out x = ek_placeholder(g, EK_UINT8, ek_shape(-1, 8, 8), "images");
  ek_out y = ek_placeholder(g, EK_UINT8, ek_shape(-1), "labels");
  ek_out h = ek_layers_flatten(g, ek_cast(g, x, EK_FLOAT32, NULL));
  h = ek_layers_dense(g, h, 100, EK_LAYERS_DENSE(.use_bias = false));
  h = ek_layers_batch_normalization(g, h, EK_LAYERS_BATCH_NORMALIZATION(.training = EK_TRUE));
  ek_out logits = ek_layers_dense(g, ek_relu(g, h), 10, NULL);
  ek_out loss = ek_losses_sparse_softmax_cross_entropy(g, ek_cast(g, y, EK_INT64, NULL), logits, NULL);
  ek_op train = {0}, init = ek_global_variables_initializer(g);
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL))
    train = ek_train_minimize(ek_train_gradient_descent(g, 0.5), loss, NULL);

  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(g, NULL, &st); /* a mistake in any call above is reported here */
  ek_feed feeds[] = {EK_FEED(x, ek_idx_load("data/digits/train-images-idx3-ubyte.gz", &st)),
                     EK_FEED(y, ek_idx_load("data/digits/train-labels-idx1-ubyte.gz", &st))};
  if (st.code == EK_OK) ek_session_run_op(s, init, &st);
  for (int step = 0; step <= 50 && st.code == EK_OK; step++) {
    ek_tensor *now;
    if (ek_session_run(s, feeds, 2, &EK_FETCH(loss), 1, &now, &train, 1, NULL, &st) == EK_OK && step % 10 == 0)
      printf("step %d: loss %.4f\n", step, ek_tensor_number(now, 0));
    ek_tensor_free(now);
  }
  if (st.code != EK_OK) fprintf(stderr, "%s\n", st.msg);
  for (int i = 0; i < 2; i++) ek_tensor_free(feeds[i].value);
  ek_session_free(s), ek_graph_free(g);
  return st.code != EK_OK;
}
