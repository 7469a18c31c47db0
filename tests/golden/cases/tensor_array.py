# SPDX-License-Identifier: Apache-2.0
"""tf.TensorArray: every method, and what their gradients write."""
import tensorflow.compat.v1 as tf

from . import case


def placeholder(name, *shape):
    return tf.placeholder(tf.float32, list(shape), name=name)


@case
def tensor_array_items():
    x = placeholder("x", 2, 3)
    n = tf.placeholder(tf.int32, [], name="n")
    ta = tf.TensorArray(tf.float32, size=n, tensor_array_name="items")
    ta = ta.write(0, x)
    ta = ta.write(1, tf.tanh(x), name="second")
    a = ta.read(1)
    b = ta.read(n - 1, name="last")
    ta.size()
    ta.size(name="how_many")
    ta.close()
    tf.gradients([a, b], [x])


@case
def tensor_array_stack():
    x = placeholder("x", 4, 2, 3)
    ta = tf.TensorArray(tf.float32, size=4, clear_after_read=False).unstack(x)
    y = ta.stack()
    z = ta.gather([2, 0], name="some")
    tf.gradients([y, z], [x])


@case
def tensor_array_scatter():
    x = placeholder("x", None, 2)
    ta = tf.TensorArray(tf.float32, size=0, dynamic_size=True, element_shape=[2], name="grows")
    ta = ta.scatter([1, 0], x, name="put")
    y = ta.stack(name="all")
    n = ta.size()
    tf.gradients(y, [x])
    tf.identity(n)


@case
def tensor_array_split():
    x = placeholder("x", 6, 2)
    ta = tf.TensorArray(tf.float32, size=3, infer_shape=False)
    ta = ta.split(x, [1, 3, 2])
    y = ta.concat()
    ta2 = tf.TensorArray(tf.float32, size=2).split(x, [3, 3], name="halves")
    z = ta2.concat(name="whole")
    tf.gradients([y, z], [x])


@case
def tensor_array_flow():
    x = placeholder("x", 2)
    ta = tf.TensorArray(tf.float32, size=2, colocate_with_first_write_call=False)
    ta = ta.write(0, x)
    same = ta.identity()
    gradients = same.grad("gradients")
    gradients = gradients.write(0, [1.0, 2.0])
    gradients.read(0)
    again = ta.grad("gradients_1", flow=same.flow, name="of_it")
    again.stack()


@case
def tensor_array_integers():
    ta = tf.TensorArray(tf.int64, size=2, infer_shape=False, element_shape=[])
    ta = ta.write(0, tf.constant(3, tf.int64)).write(1, tf.constant(4, tf.int64))
    ta.stack()


@case
def tensor_array_in_while():
    x = placeholder("x", None, 3)
    n = tf.shape(x)[0]
    rows = tf.TensorArray(tf.float32, size=n).unstack(x)
    sums = tf.TensorArray(tf.float32, size=n)

    def body(i, total, sums):
        total = total + tf.tanh(rows.read(i))
        return i + 1, total, sums.write(i, total)

    _, _, sums = tf.while_loop(lambda i, *_: i < n, body, (0, tf.zeros([3]), sums))
    y = sums.stack()
    tf.gradients(y, [x])
