# SPDX-License-Identifier: Apache-2.0
"""Writes the training graph of slim's ResNet-50 with a fed training flag, which bench_import_graph reads: TensorFlow makes
it, so that nothing of it need be kept. Wants tests/parity/requirements.txt.

usage: resnet50.py FILE.meta
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow.compat.v1 as tf  # noqa: E402
import tf_slim as slim  # noqa: E402
from tf_slim.nets import resnet_utils, resnet_v1  # noqa: E402


def main(path):
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    images = tf.placeholder(tf.float32, [None, 224, 224, 3], name="images")
    labels = tf.placeholder(tf.int64, [None], name="labels")
    training = tf.placeholder(tf.bool, [], name="is_training")
    with slim.arg_scope(resnet_utils.resnet_arg_scope()):
        logits, _ = resnet_v1.resnet_v1_50(images, 1000, is_training=training)
    tf.losses.sparse_softmax_cross_entropy(labels, tf.squeeze(logits, [1, 2]))
    loss = tf.losses.get_total_loss(name="loss")
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss, tf.train.get_or_create_global_step(), name="train")
    tf.global_variables_initializer()
    tf.train.Saver()
    tf.train.export_meta_graph(path)


if __name__ == "__main__":
    main(sys.argv[1])
