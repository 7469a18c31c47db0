# SPDX-License-Identifier: Apache-2.0
"""tf.layers: convolutions and pooling; and the gradients of what they are made of."""
import tensorflow.compat.v1 as tf

from . import case
from .gradients import grads, unknown
from .layers import batch

conv = tf.layers.conv2d


@case
def conv2d_plain():
    conv(batch(8, 8, 3), 4, 3)


@case
def conv2d_options():
    y = conv(batch(8, 8, 3), 4, (3, 2), strides=2, padding="same", activation=tf.nn.relu, use_bias=False, name="c",
             kernel_initializer=tf.zeros_initializer())
    conv(y, 2, 1, name="d", kernel_initializer=tf.ones_initializer(), bias_initializer=tf.ones_initializer(),
         kernel_regularizer=tf.keras.regularizers.l2(0.5), trainable=False)
    conv(y, 2, 1, name="d", reuse=True)


@case
def conv2d_channels_first():
    conv(batch(3, 8, 8), 4, 3, data_format="channels_first", name="c", kernel_initializer=tf.zeros_initializer())


@case
def conv2d_dilated():
    zeros = tf.zeros_initializer()
    conv(batch(7, 8, 3), 4, 3, dilation_rate=(3, 2), padding="same", name="same", kernel_initializer=zeros)
    conv(batch(7, 8, 3, name="y"), 4, 3, dilation_rate=2, name="valid", kernel_initializer=zeros)
    conv(batch(3, 7, 8, name="z"), 4, 3, dilation_rate=2, padding="same", data_format="channels_first", name="first",
         kernel_initializer=zeros)


@case
def conv1d_conv3d():
    zeros = tf.zeros_initializer()
    tf.layers.conv1d(batch(8, 3), 4, 3, kernel_initializer=zeros, strides=2)
    tf.layers.conv1d(batch(8, 3, name="y"), 4, 3, dilation_rate=2, padding="same", kernel_initializer=zeros)
    tf.layers.conv1d(batch(3, 8, name="z"), 4, 3, data_format="channels_first", kernel_initializer=zeros)
    tf.layers.conv3d(batch(4, 4, 4, 2, name="u"), 3, 2, kernel_initializer=zeros)


@case
def separable_conv2d():
    zeros = tf.zeros_initializer()

    def separable(x, name, **kwargs):
        tf.layers.separable_conv2d(x, 4, 3, name=name, depthwise_initializer=zeros, pointwise_initializer=zeros, **kwargs)

    tf.layers.separable_conv2d(batch(8, 8, 3), 4, 3, depth_multiplier=2)
    separable(batch(8, 8, 3, name="y"), "same", strides=2, padding="same", activation=tf.nn.relu)
    separable(batch(8, 8, 3, name="z"), "dilated", dilation_rate=2, padding="same", use_bias=False)
    separable(batch(8, 8, 3, name="u"), "valid", dilation_rate=2)
    separable(batch(3, 8, 8, name="v"), "first", data_format="channels_first")


@case
def conv2d_transpose():
    zeros = tf.zeros_initializer()
    tf.layers.conv2d_transpose(batch(8, 8, 3), 4, 3, strides=2)
    tf.layers.conv2d_transpose(batch(None, 8, 3, name="y"), 4, (3, 2), strides=2, name="valid", activation=tf.nn.relu,
                               kernel_initializer=zeros)
    tf.layers.conv2d_transpose(batch(None, None, 3, name="z"), 4, 3, strides=(2, 1), padding="same", use_bias=False,
                               name="same", kernel_initializer=zeros)


@case
def pooling():
    x = batch(8, 8, 3)
    tf.layers.max_pooling2d(x, 2, 2)
    tf.layers.average_pooling2d(x, (3, 2), 1, padding="same", name="mean")
    tf.layers.max_pooling2d(batch(3, 8, 8, name="y"), 2, 2, data_format="channels_first")
    z = batch(8, 3, name="z")
    tf.layers.max_pooling1d(z, 2, 2)
    tf.layers.average_pooling1d(z, 2, 2)
    u = batch(4, 4, 4, 3, name="u")
    tf.layers.max_pooling3d(u, 2, 2)
    tf.layers.average_pooling3d(u, 2, 2)


ONES = [1, 1, 1, 1]


@case
def grad_convolutions():
    x, w = unknown("x", [2, 4, 4, 3]), unknown("w", [2, 2, 3, 4])
    grads("conv", lambda x, w: tf.nn.conv2d(x, w, ONES, "SAME"), x, w)
    grads("conv_unknown", lambda x, w: tf.nn.conv2d(x, w, [1, 2, 2, 1], "VALID"), unknown("y", [None, 4, 4, 3]), w)
    grads("depthwise", lambda x, w: tf.raw_ops.DepthwiseConv2dNative(input=x, filter=w, strides=ONES, padding="SAME"), x, w)
    dy = unknown("dy", [2, 4, 4, 4])
    grads("to_input", lambda w, dy: tf.raw_ops.Conv2DBackpropInput(
        input_sizes=[2, 4, 4, 3], filter=w, out_backprop=dy, strides=ONES, padding="SAME"), w, dy)
    grads("to_filter", lambda x, dy: tf.raw_ops.Conv2DBackpropFilter(
        input=x, filter_sizes=[2, 2, 3, 4], out_backprop=dy, strides=ONES, padding="SAME"), x, dy)


@case
def grad_pooling():
    x = unknown("x", [2, 4, 4, 3])
    window = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}
    grads("max", lambda x: tf.raw_ops.MaxPool(input=x, **window), x)
    grads("avg", lambda x: tf.raw_ops.AvgPool(value=x, **window), x)
    y, dy = unknown("y", [2, 2, 2, 3]), unknown("dy", [None, 2, 2, 3])
    grads("max_grad", lambda dy: tf.raw_ops.MaxPoolGrad(orig_input=x, orig_output=y, grad=dy, **window), dy)
    grads("avg_grad", lambda dy: tf.raw_ops.AvgPoolGrad(orig_input_shape=[2, 4, 4, 3], grad=dy, **window), dy)


@case
def grad_images():
    x, size = unknown("x", [2, 4, 4, 3]), [8, 2]
    y = unknown("y", [None, None, 4, 3])
    pads = [[0, 0], [1, 2], [1, 1], [0, 0]]
    grads("nearest", lambda x: tf.raw_ops.ResizeNearestNeighbor(images=x, size=size), x)
    grads("nearest_unknown", lambda y: tf.raw_ops.ResizeNearestNeighbor(images=y, size=size), y)
    grads("bilinear", lambda x: tf.raw_ops.ResizeBilinear(images=x, size=size, align_corners=True), x)
    grads("mirror", lambda x: tf.raw_ops.MirrorPad(input=x, paddings=pads, mode="REFLECT"), x)
    grads("lrn", lambda x: tf.raw_ops.LRN(input=x, depth_radius=2), x)
    grads("space_to_batch", lambda x: tf.raw_ops.SpaceToBatchND(input=x, block_shape=[2, 2], paddings=[[0, 0], [0, 0]]), x)
    grads("space_to_depth", lambda x: tf.raw_ops.SpaceToDepth(input=x, block_size=2), x)
