# SPDX-License-Identifier: Apache-2.0
"""tf.layers.batch_normalization beyond its plain forms: renorm, virtual batches, adjustment."""
import tensorflow.compat.v1 as tf

from . import case
from .layers import batch, flag, norm

CLIPPING = {"rmin": 0.5, "rmax": 2.0, "dmax": 1.5}


def adjust(shape):
    """Adds nodes: the scale depends on the shape, the bias is a constant."""
    return tf.fill(shape[-1:], 1.25), tf.constant([0.5, 0.25, 0.0])


@case
def renorm_train():
    norm(batch(3), training=True, renorm=True)


@case
def renorm_flag():
    norm(batch(3), training=flag(), renorm=True, renorm_clipping=CLIPPING, renorm_momentum=0.9)


@case
def renorm_infer():
    norm(batch(3), renorm=True, renorm_clipping=CLIPPING)


@case
def renorm_axis():
    rmax = tf.placeholder(tf.float32, [], name="rmax")
    dmax = tf.placeholder(tf.float32, [], name="dmax")
    norm(batch(3, 2, 2), axis=1, training=True, renorm=True, scale=False,
         renorm_clipping={"rmax": rmax, "dmax": dmax})


@case
def renorm_axes():
    norm(tf.placeholder(tf.float16, [None, 2, 4, 3], name="x"), axis=[1, 3], training=True, renorm=True,
         renorm_clipping={"rmin": 0.5}, moving_variance_initializer=tf.constant_initializer(4.0), center=False)


@case
def renorm_resource():
    with tf.variable_scope("s", use_resource=True):
        norm(batch(3), training=flag(), renorm=True)


@case
def renorm_bare():
    norm(batch(3), training=True, renorm=True, center=False, scale=False, fused=True)


@case
def virtual_train():
    norm(batch(3), training=True, virtual_batch_size=2)


@case
def virtual_flag():
    norm(tf.placeholder(tf.float32, [6, 3, 2, 2], name="x"), axis=1, training=flag(), virtual_batch_size=3)


@case
def virtual_infer():
    norm(batch(2, 2, 3), virtual_batch_size=2)


@case
def virtual_renorm():
    norm(batch(3), training=True, virtual_batch_size=2, renorm=True)


@case
def adjustment_train():
    norm(batch(3), training=True, adjustment=adjust)


@case
def adjustment_flag():
    norm(batch(3), training=flag(), adjustment=adjust)


@case
def adjustment_renorm():
    norm(batch(3, 2, 3), training=True, adjustment=adjust, renorm=True, renorm_clipping={"dmax": 3})


@case
def adjustment_infer():
    norm(batch(2, 2, 3), adjustment=adjust)
