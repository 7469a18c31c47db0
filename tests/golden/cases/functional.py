# SPDX-License-Identifier: Apache-2.0
"""tf.map_fn, tf.scan, tf.foldl, tf.foldr."""
import tensorflow.compat.v1 as tf

from . import case


def placeholder(*shape, name="x"):
    return tf.placeholder(tf.float32, list(shape), name=name)


@case
def functional_map():
    x, y = placeholder(5, 2), placeholder(5, name="y")
    tf.map_fn(lambda e: (tf.tanh(e[0]), e[1] > 0.5), (x, y), dtype=(tf.float32, tf.bool), parallel_iterations=3)


@case
def functional_map_gradient():
    x = placeholder(None, 2)
    w = tf.get_variable("w", [2], initializer=tf.ones_initializer())
    y = tf.map_fn(lambda e: e * w, x, name="each")
    tf.gradients(y, [w])


@case
def functional_scan():
    x = placeholder(None, 2)
    tf.scan(lambda a, e: a * 0.5 + e, x)
    tf.scan(lambda a, e: tf.tanh(a + e), x, initializer=tf.constant([0.0, 1.0]), reverse=True, infer_shape=False, name="back")


@case
def functional_scan_static():
    x = placeholder(4, 2)
    y = tf.scan(lambda a, e: a * e, x, reverse=True, swap_memory=True)
    tf.gradients(y, [x])


@case
def functional_fold():
    x = placeholder(None, 2)
    tf.foldl(lambda a, e: a * e, x)
    tf.foldl(lambda a, e: a + e, x, initializer=tf.constant([0.0, 0.0]), back_prop=False, name="sum")
    tf.foldr(lambda a, e: a * e, x)
    z = placeholder(3, 2, name="z")
    tf.foldr(lambda a, e: a - e, z, initializer=tf.zeros([2]))
    tf.foldr(lambda a, e: a - e, z)
