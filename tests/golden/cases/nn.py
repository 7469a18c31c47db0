# SPDX-License-Identifier: Apache-2.0
"""tf.nn: softmax over any axis, cross entropies, moments, activations; regularizers; a noise shape."""
import tensorflow.compat.v1 as tf
import tf_slim as slim
from keras import regularizers

from . import case
from .layers import batch


@case
def nn_softmax():
    x = batch(4, 3)
    tf.nn.softmax(x, axis=2)
    tf.nn.softmax(x, axis=1)
    tf.nn.log_softmax(x, axis=-2, name="named")


@case
def nn_softmax_cross_entropy():
    x, y = tf.placeholder(tf.float16, [None, 4, 3], name="x"), tf.placeholder(tf.float16, [None, 4, 3], name="y")
    tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=x, dim=1)
    tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=x, name="named")


@case
def nn_sparse_cross_entropy():
    sparse = tf.nn.sparse_softmax_cross_entropy_with_logits
    sparse(labels=tf.placeholder(tf.int32, [None], name="y"), logits=batch(3))
    sparse(labels=tf.placeholder(tf.int32, [None, 4], name="z"), logits=batch(4, 3, name="u"), name="s")
    sparse(labels=tf.placeholder(tf.int64, [5, 4], name="v"), logits=tf.placeholder(tf.float16, [5, 4, 3], name="w"),
           name="k")


@case
def nn_moments():
    tf.nn.moments(tf.placeholder(tf.float16, [None, 4, 3], name="x"), [0, 1])
    tf.nn.moments(batch(3, name="y"), [0], keep_dims=True, name="named")


@case
def nn_batch_normalization():
    x, m, v = batch(3), batch(3, name="m"), batch(3, name="v")
    tf.nn.batch_normalization(x, m, v, None, v, 1e-3)
    tf.nn.batch_normalization(x, m, v, m, None, 1e-3, name="named")
    tf.nn.batch_normalization(x, m, v, None, None, 1e-3)


@case
def nn_activations():
    x = batch(3)
    for function in (tf.nn.relu, tf.nn.relu6, tf.nn.elu, tf.nn.selu, tf.nn.softplus, tf.nn.sigmoid, tf.nn.tanh):
        function(x)
    tf.nn.leaky_relu(x, 0.1)
    tf.nn.leaky_relu(tf.placeholder(tf.int32, [2], name="i"))
    tf.nn.bias_add(x, [1.0, 2.0, 3.0])
    tf.nn.bias_add(batch(3, 2, name="c"), tf.zeros([3]), data_format="NCHW")
    tf.nn.l2_loss(x)


@case
def nn_dropout():
    x = batch(3)
    tf.nn.dropout(x, rate=0.0)
    tf.layers.dropout(x, 0.25, noise_shape=[None, 1], training=True, seed=1)
    tf.layers.dropout(x, 0.0, training=True)


@case
def nn_regularizers():
    tf.get_variable("a", [3], initializer=tf.zeros_initializer(), regularizer=slim.l1_regularizer(0.1))
    tf.get_variable("b", [3], initializer=tf.zeros_initializer(), regularizer=slim.l2_regularizer(0.1))
    tf.layers.dense(batch(3), 2, kernel_initializer=tf.zeros_initializer(), kernel_regularizer=regularizers.l1(0.1),
                    bias_regularizer=regularizers.l2(0.1))
    tf.losses.get_regularization_loss()
