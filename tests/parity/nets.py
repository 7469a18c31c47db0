# SPDX-License-Identifier: Apache-2.0
"""The networks that both sides train: the paper's MLP, small, with every optimizer and form of batch norm."""
import tensorflow.compat.v1 as tf


def optimizers():
    train = tf.train
    return {
        "sgd": lambda: train.GradientDescentOptimizer(0.5),
        "momentum": lambda: train.MomentumOptimizer(0.1, 0.9),
        "nesterov": lambda: train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
        "adam": lambda: train.AdamOptimizer(),
        "rmsprop": lambda: train.RMSPropOptimizer(0.01, momentum=0.5),
        "rmsprop_centered": lambda: train.RMSPropOptimizer(0.01, centered=True),
        "adagrad": lambda: train.AdagradOptimizer(0.1),
    }


def layer(h, units, fused, training, bias):
    """Dense, batch norm, sigmoid; the fused batch norm wants rank 4."""
    h = tf.layers.dense(h, units, use_bias=bias)
    if fused:
        h = tf.reshape(h, [-1, 1, 1, units])
    h = tf.layers.batch_normalization(h, training=training, momentum=0.9)
    if fused:
        h = tf.reshape(h, [-1, units])
    return tf.sigmoid(h)


def mlp(optimizer, fused=False, static=False, hidden=(20, 20), bias=True, seed=42):
    """Builds it in the default graph. Its tensors: images, labels, is_training unless static, logits, loss; its
    operation: train."""
    tf.set_random_seed(seed)
    images = tf.placeholder(tf.float32, [None, 64], name="images")
    labels = tf.placeholder(tf.int64, [None], name="labels")
    training = True if static else tf.placeholder(tf.bool, [], name="is_training")
    h = images
    for units in hidden:
        h = layer(h, units, fused, training, bias)
    logits = tf.identity(tf.layers.dense(h, 10), name="logits")
    loss = tf.identity(tf.losses.sparse_softmax_cross_entropy(labels, logits), name="loss")
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        optimizer.minimize(loss, name="train")
