# SPDX-License-Identifier: Apache-2.0
"""tf.while_loop (control flow v1): building, nesting, gradients."""
import tensorflow.compat.v1 as tf

from . import case


def x23():
    return tf.placeholder(tf.float32, [2, 3], name="x")


def limit():
    return tf.placeholder(tf.int32, [], name="n")


@case
def while_counter():
    n = limit()
    tf.while_loop(lambda i: i < n, lambda i: i + 1, [0])


@case
def while_invariants():
    x, n = x23(), limit()
    w = tf.get_variable("w", [3, 3], initializer=tf.ones_initializer())
    tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, tf.tanh(tf.matmul(y, w))), [0, x])


@case
def while_shapes():
    x, n = x23(), limit()
    tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, tf.concat([y, y], 0)), [0, x],
                  shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 3])],
                  parallel_iterations=3, swap_memory=True, back_prop=False, name="grow")


@case
def while_maximum():
    x, n = x23(), limit()
    tf.while_loop(lambda y: True, lambda y: tf.tanh(y), [x], maximum_iterations=n)


@case
def while_nested():
    x, n = x23(), limit()

    def body(i, y):
        _, z = tf.while_loop(lambda j, a: j < i, lambda j, a: (j + 1, a * x), [0, y])
        return i + 1, z

    tf.while_loop(lambda i, y: i < n, body, [0, x])


@case
def while_around_cond():
    x, n = x23(), limit()

    def body(i, y):
        return i + 1, tf.cond(tf.greater(i, 2), lambda: tf.tanh(y), lambda: y * x + 1.)

    tf.while_loop(lambda i, y: i < n, body, [0, x])


@case
def while_in_cond():
    x, n = x23(), limit()
    tf.cond(n > 3, lambda: tf.while_loop(lambda y: tf.reduce_sum(y, [0, 1]) < 9., lambda y: y + x, [x]), lambda: x)


@case
def while_control():
    x, n = x23(), limit()
    before = tf.tanh(x, name="before")

    def body(i):
        with tf.control_dependencies([before, i]):
            tf.constant(1.)
            return tf.identity(i + 1)

    with tf.control_dependencies([before]):
        tf.while_loop(lambda i: i < n, body, [0])


@case
def while_assign():
    n = limit()
    v = tf.get_variable("v", [], initializer=tf.zeros_initializer())

    def body(i):
        with tf.control_dependencies([tf.assign_add(v, 2.)]):
            return i + 1

    tf.while_loop(lambda i: i < n, body, [0])


@case
def while_gradient():
    x, n = x23(), limit()
    w = tf.get_variable("w", [3, 3], initializer=tf.ones_initializer())
    _, y = tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, tf.tanh(tf.matmul(y, w)) * 2.), [0, x])
    tf.gradients(y, [x, w])


@case
def while_gradient_two():
    """One result is not used, one variable does not depend on itself, one is no number that has a gradient."""
    x, n = x23(), limit()
    _, y, _, _ = tf.while_loop(lambda i, y, z, u: i < n, lambda i, y, z, u: (i + 1, y * z, z + x, x * 3.),
                               [0, x, x, tf.zeros([2, 3])])
    tf.gradients(y, x)


@case
def while_gradient_cond():
    x, n = x23(), limit()

    def body(i, y):
        return i + 1, tf.cond(tf.greater(i, 2), lambda: tf.tanh(y), lambda: y * x)

    _, y = tf.while_loop(lambda i, y: i < n, body, [0, x])
    tf.gradients(y, x)


@case
def while_gradient_nested():
    x, n = x23(), limit()

    def body(i, y):
        _, z = tf.while_loop(lambda j, a: j < i, lambda j, a: (j + 1, a * x), [0, y])
        return i + 1, tf.tanh(z)

    _, y = tf.while_loop(lambda i, y: i < n, body, [0, x])
    tf.gradients(y, x)


@case
def while_gradient_shapes():
    x, n = tf.placeholder(tf.float32, [None, 3], name="x"), limit()
    _, y = tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, tf.tanh(y * x)), [0, x])
    tf.gradients(y, x)


@case
def while_gradient_stopped():
    x, n = x23(), limit()
    _, y = tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, tf.tanh(y)), [0, x], back_prop=False)
    tf.gradients(y * x, x)


def norm_body(training, **options):
    def body(i, h):
        h = tf.layers.dense(h, 4, use_bias=False, name="fc", kernel_initializer=tf.ones_initializer())
        h = tf.layers.batch_normalization(h, training=training, momentum=0.9, name="bn", **options)
        with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
            return i + 1, tf.sigmoid(h)

    return body


@case
def while_batch_norm():
    x, n = tf.placeholder(tf.float32, [None, 4], name="x"), limit()
    _, y = tf.while_loop(lambda i, h: i < n, norm_body(True), [0, x])
    tf.gradients(y, tf.trainable_variables())


@case
def while_batch_norm_flag():
    x, n = tf.placeholder(tf.float32, [None, 4], name="x"), limit()
    training = tf.placeholder(tf.bool, [], name="is_training")
    _, y = tf.while_loop(lambda i, h: i < n, norm_body(training), [0, x])
    tf.gradients(y, tf.trainable_variables())


@case
def while_batch_norm_resource():
    x, n = tf.placeholder(tf.float32, [None, 4], name="x"), limit()
    with tf.variable_scope(tf.get_variable_scope(), use_resource=True):
        _, y = tf.while_loop(lambda i, h: i < n, norm_body(True), [0, x])
    tf.gradients(y, tf.trainable_variables())
