# SPDX-License-Identifier: Apache-2.0
"""tf_slim's normalizations beyond batch_norm's plain forms, and the functions of tf.nn that they rest on."""
import tensorflow.compat.v1 as tf
import tf_slim as slim
from tensorflow.python.training import moving_averages
from tf_slim.layers.normalization import group_norm, instance_norm

from . import case
from .batch_norm import CLIPPING, adjust
from .layers import batch, flag
from .slim import norm


@case
def zero_debias_a():
    norm(batch(3), zero_debias_moving_mean=True)
    norm(batch(3, name="y"), reuse=True, zero_debias_moving_mean=True)


@case
def zero_debias_a_flag():
    norm(batch(3), is_training=flag(), zero_debias_moving_mean=True, updates_collections=None)


@case
def zero_debias_c():
    x = tf.placeholder(tf.float16, [None, 4, 3], name="x")
    norm(x, zero_debias_moving_mean=True)
    norm(x, "bn2", zero_debias_moving_mean=True, updates_collections=None, trainable=False)


@case
def zero_debias_resource():
    with tf.variable_scope("s", use_resource=True):
        norm(batch(3), zero_debias_moving_mean=True)


@case
def zero_debias_again():
    v = tf.get_variable("v", [2], initializer=tf.zeros_initializer(), trainable=False)
    for _ in range(2):
        moving_averages.assign_moving_average(v, [1.0, 2.0], 0.9)


@case
def batch_weights_train():
    norm(batch(3), batch_weights=tf.placeholder(tf.float32, [None], name="w"), scale=True)


@case
def batch_weights_nchw_flag():
    x = tf.placeholder(tf.float16, [4, 3, 2], name="x")
    norm(x, batch_weights=[1.0, 0.0, 2.0, 1.0], data_format="NCHW", is_training=flag())


@case
def slim_renorm():
    norm(batch(3), renorm=True, renorm_clipping=CLIPPING, renorm_decay=0.9, variables_collections=["mine"])


@case
def slim_adjustment():
    norm(batch(3), adjustment=adjust, scale=True)


@case
def layer_norm():
    slim.layer_norm(batch(3))
    slim.layer_norm(batch(2, 4), center=False, begin_norm_axis=-2, begin_params_axis=2, activation_fn=tf.nn.relu,
                    scope="ln", outputs_collections="outs", variables_collections={"gamma": ["g"]}, trainable=False)
    slim.layer_norm(tf.placeholder(tf.float16, [None, 3], name="half"), scale=False)


@case
def instance_norm_both():
    instance_norm(batch(4, 4, 3))
    instance_norm(batch(3, 4), data_format="NCHW", activation_fn=tf.nn.relu, epsilon=0.01, outputs_collections="outs",
                  param_initializers={"beta": tf.constant_initializer(0.5)}, variables_collections=["mine"])
    instance_norm(batch(4, 3), center=False, scale=False, scope="in", trainable=False)


@case
def group_norm_both():
    group_norm(batch(4, 4, 6), groups=2)
    group_norm(batch(4, 5, 4), groups=2, channels_axis=-3, reduction_axes=(-2, -1), scale=False, scope="gn",
               outputs_collections="outs", activation_fn=tf.nn.relu)
    group_norm(tf.placeholder(tf.float32, [2, 6], name="flat"), groups=3, reduction_axes=[], center=False,
               mean_close_to_zero=True, param_initializers={"gamma": tf.constant_initializer(2.0)})


@case
def weighted_moments():
    x = batch(4, 3)
    w = tf.placeholder(tf.float32, [None, 1, 1], name="w")
    tf.nn.weighted_moments(x, [0, 1], w)
    tf.nn.weighted_moments(x, [1], tf.placeholder(tf.int32, [4, 1], name="counts"), keep_dims=True, name="kept")
    tf.nn.weighted_moments(tf.placeholder(tf.float16, [2, 3], name="half"), [0], 2.0)


@case
def sufficient_statistics():
    x = batch(4, 3)
    count, mean, var, shift = tf.nn.sufficient_statistics(x, [1])
    tf.nn.normalize_moments(count, mean, var, shift)
    shift = tf.placeholder(tf.float32, [3], name="shift")
    count, mean, var, shift = tf.nn.sufficient_statistics(x, [0, 1], shift)
    tf.nn.normalize_moments(count, mean, var, shift, name="moved")
    tf.nn.sufficient_statistics(x, [-3, 1, 1], 0.5, keep_dims=True, name="kept")
    tf.nn.sufficient_statistics(tf.placeholder(tf.float32, name="any"), [0])


@case
def global_normalization():
    x, c = batch(2, 2, 3), [tf.placeholder(tf.float32, [3], name=n) for n in ("mean", "variance", "beta", "gamma")]
    tf.nn.batch_norm_with_global_normalization(x, *c, 0.01, True)
    tf.nn.batch_norm_with_global_normalization(x, *c, 0.01, False, name="plain")
