# SPDX-License-Identifier: Apache-2.0
"""tf_slim's layers: conv2d, separable_conv2d, fully_connected, pooling, flatten; batch_norm as their normalizer; arg_scope."""
import tensorflow.compat.v1 as tf
import tf_slim as slim

from . import case
from .layers import batch, flag

ZEROS = {"weights_initializer": tf.zeros_initializer()}


@case
def slim_conv2d():
    slim.conv2d(batch(8, 8, 3), 4, 3)
    slim.conv2d(batch(8, 8, 3, name="y"), 4, [3, 2], stride=2, padding="VALID", scope="c", activation_fn=None,
                variables_collections=["mine"], outputs_collections="out", biases_regularizer=slim.l2_regularizer(0.5),
                weights_initializer=slim.variance_scaling_initializer())
    slim.conv2d(batch(8, 8, 3, name="z"), 4, 3, rate=2, biases_initializer=None, trainable=False, **ZEROS)
    slim.conv2d(batch(3, 8, 8, name="u"), 4, 3, data_format="NCHW", **ZEROS)


@case
def slim_conv2d_batch_norm():
    slim.conv2d(batch(8, 8, 3), 2, 1, normalizer_fn=slim.batch_norm, scope="c",
                normalizer_params={"is_training": flag(), "scale": True, "decay": 0.9},
                weights_regularizer=slim.l2_regularizer(0.1), **ZEROS)


@case
def slim_conv2d_transpose():
    slim.conv2d_transpose(batch(8, 8, 3), 4, 3, stride=2, **ZEROS)


@case
def slim_fully_connected():
    x = batch(8)
    slim.fully_connected(x, 4)
    slim.fully_connected(x, 2, normalizer_fn=slim.batch_norm, scope="f", activation_fn=None, **ZEROS)


@case
def slim_separable_conv2d():
    slim.separable_conv2d(batch(8, 8, 3), 4, 3, 2, normalizer_fn=slim.batch_norm,
                          normalizer_params={"is_training": False}, **ZEROS)
    slim.separable_conv2d(batch(8, 8, 3, name="y"), None, 3, 1, stride=2, scope="d",
                          variables_collections=["mine"], **ZEROS)
    slim.separable_conv2d(batch(8, 8, 3, name="z"), None, 3, 2, rate=2, biases_initializer=None, **ZEROS)


@case
def slim_pooling():
    x = batch(8, 8, 3)
    with tf.variable_scope("net"):
        y = slim.max_pool2d(x, 2)
        y = slim.avg_pool2d(y, [3, 2], stride=1, padding="SAME", outputs_collections="out")
        slim.flatten(slim.max_pool2d(y, 2, scope="p"))
        slim.flatten(y, scope="f")


@case
def slim_arg_scope():
    x = batch(4, 4, 2)
    with slim.arg_scope([slim.conv2d, slim.fully_connected], normalizer_fn=slim.batch_norm, **ZEROS):
        with slim.arg_scope([slim.batch_norm], is_training=False, center=False):
            with slim.arg_scope([slim.conv2d], stride=2, padding="VALID"):
                y = slim.conv2d(x, 2, 1, scope="a")
                y = slim.conv2d(y, 2, 1, scope="b", stride=1)
            y = slim.conv2d(y, 2, 1, scope="c")
        y = slim.fully_connected(slim.flatten(y), 2, scope="d")
    slim.fully_connected(y, 2, scope="e", **ZEROS)
