# SPDX-License-Identifier: Apache-2.0
"""tf.layers: batch_normalization in all its forms, dense, dropout, flatten."""
import tensorflow.compat.v1 as tf

from . import case


def norm(x, name="bn", **kwargs):
    """Short names keep the goldens small; bn_names has the default ones."""
    return tf.layers.batch_normalization(x, name=name, **kwargs)


def batch(*shape, name="x"):
    return tf.placeholder(tf.float32, [None, *shape], name=name)


def flag():
    return tf.placeholder(tf.bool, [], name="is_training")


@case
def bn_rank2_infer():
    norm(batch(3))


@case
def bn_rank2_train():
    norm(batch(3), training=True)


@case
def bn_rank2_flag():
    norm(batch(3), training=flag(), momentum=0.9, epsilon=0.01)


@case
def bn_rank2_variable():
    training = tf.get_variable("training", [], tf.bool, tf.constant_initializer(True), trainable=False)
    norm(batch(3), training=training)


@case
def bn_rank2_default_flag():
    norm(batch(3), training=tf.placeholder_with_default(False, []), center=False, scale=False)


@case
def bn_rank2_constant():
    norm(batch(3), training=tf.constant(True), scale=False)
    norm(batch(3, name="y"), "bn2", training=tf.logical_not(tf.constant(True)), center=False)


@case
def bn_rank2_gradients():
    y = norm(batch(3), training=True)
    tf.gradients(y, tf.trainable_variables())


@case
def bn_rank2_flag_gradients():
    y = norm(batch(3), training=flag())
    tf.gradients(y, tf.trainable_variables())


@case
def bn_rank1():
    norm(tf.placeholder(tf.float32, [3], name="x"), training=True)


@case
def bn_rank3():
    norm(batch(4, 3), training=True)
    norm(batch(3, 4, name="y"), "bn2", axis=1, training=True)


@case
def bn_rank4_infer():
    norm(batch(2, 2, 3))


@case
def bn_rank4_train():
    norm(batch(2, 2, 3), training=True)


@case
def bn_rank4_flag():
    norm(batch(2, 2, 3), training=flag(), momentum=0.9)


@case
def bn_rank4_flag_gradients():
    y = norm(batch(2, 2, 3), training=flag())
    tf.gradients(y, tf.trainable_variables())


@case
def bn_rank4_unfused():
    norm(batch(2, 2, 3), training=True, fused=False)


@case
def bn_rank4_axis():
    norm(batch(3, 2, 2), axis=1, training=True)
    norm(batch(2, 3, 2, name="y"), "bn2", axis=2, training=True)
    norm(batch(3, 2, 2, name="z"), "bn3", axis=-3, training=True, fused=False)


@case
def bn_rank4_parts():
    norm(batch(2, 2, 3), training=True, center=False, scale=False)
    norm(batch(2, 2, 3, name="y"), "bn2", training=flag(), scale=False)


@case
def bn_rank5():
    norm(batch(2, 2, 2, 3), training=True)


@case
def bn_axes():
    norm(batch(2, 4, 3), axis=[1, 3], training=True)
    norm(batch(2, 4, 3, name="y"), "bn2", axis=[-1], training=True)


@case
def bn_float64():
    norm(tf.placeholder(tf.float64, [None, 3], name="x"), training=True)
    norm(tf.placeholder(tf.float64, [None, 2, 2, 3], name="y"), "bn2", training=True)


@case
def bn_float16():
    norm(tf.placeholder(tf.float16, [None, 3], name="x"), training=True)
    norm(tf.placeholder(tf.float16, [None, 2, 2, 3], name="y"), "bn2", training=True)


@case
def bn_layer_twice():
    layer = tf.layers.BatchNormalization(name="bn")
    layer.apply(batch(3), training=True)
    layer.apply(batch(3, name="y"), training=True)
    fused = tf.layers.BatchNormalization(name="bn4d")
    fused.apply(batch(2, 2, 3, name="z"), training=True)
    fused.apply(batch(2, 2, 3, name="u"), training=False)


@case
def bn_reuse():
    norm(batch(3), training=True)
    norm(batch(3, name="y"), training=True, reuse=True)


@case
def bn_scope_reuse():
    for name, reuse in (("x", False), ("y", True)):
        with tf.variable_scope("model", reuse=reuse):
            norm(batch(3, name=name), None)
            norm(batch(3, name=name + "2"), None)


@case
def bn_names():
    tf.layers.batch_normalization(batch(3))
    tf.layers.batch_normalization(batch(2, 2, 3, name="y"), training=True)
    with tf.variable_scope("s"):
        tf.layers.batch_normalization(batch(3, name="z"))
    with tf.name_scope("n"):
        tf.layers.batch_normalization(batch(3, name="u"))


@case
def bn_regularizer_constraint():
    norm(batch(3), training=True, gamma_regularizer=tf.nn.l2_loss, beta_regularizer=lambda b: 0.1 * tf.nn.l2_loss(b),
         gamma_constraint=lambda g: tf.maximum(g, 0.0), beta_initializer=tf.constant_initializer(0.5))
    loss = tf.add_n(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES))
    tf.train.GradientDescentOptimizer(0.1).minimize(loss)


@case
def bn_frozen():
    norm(batch(3), training=True, trainable=False)
    norm(batch(2, 2, 3, name="y"), "bn2", training=True, trainable=False)


@case
def bn_resource():
    with tf.variable_scope("s", use_resource=True):
        norm(batch(3), training=True)
        norm(batch(3, name="y"), "bn2", training=flag())


@case
def bn_resource_fused():
    with tf.variable_scope("s", use_resource=True):
        norm(batch(2, 2, 3), training=flag())


@case
def dense_rank2():
    x = batch(4)
    tf.layers.dense(x, 3)
    tf.layers.dense(x, 3, activation=tf.sigmoid, use_bias=False)
    tf.layers.dense(x, 3, activation=tf.nn.relu, name="named", kernel_initializer=tf.ones_initializer(),
                    kernel_regularizer=tf.nn.l2_loss, bias_initializer=tf.constant_initializer(0.5))
    tf.layers.dense(x, 3, name="named", reuse=True)


@case
def dense_rank3():
    tf.layers.dense(batch(5, 4), 3)
    tf.layers.dense(tf.placeholder(tf.float32, [2, 5, 4], name="known"), 3, activation=tf.tanh)


@case
def dense_constraint_activity():
    tf.layers.dense(batch(4), 3, kernel_constraint=lambda k: tf.clip_by_value(k, -1.0, 1.0),
                    activity_regularizer=tf.nn.l2_loss, trainable=False)


@case
def dropout():
    x = batch(4)
    tf.layers.dropout(x, 0.25)
    tf.layers.dropout(x, 0.25, training=True, seed=5)
    tf.layers.dropout(x, training=flag(), seed=6)
    tf.nn.dropout(x, rate=0.3, seed=7)
    tf.nn.dropout(x, keep_prob=0.6, seed=8, noise_shape=[1, 4])


@case
def flatten():
    tf.layers.flatten(batch(2, 3))
    tf.layers.flatten(tf.placeholder(tf.float32, [5, 2, 3], name="known"))
    tf.layers.flatten(tf.placeholder(tf.float32, [None, None, 3], name="unknown"))
    tf.layers.flatten(tf.placeholder(tf.float32, [None], name="vector"))
