# SPDX-License-Identifier: Apache-2.0
"""Names, scopes, control dependencies, cond, variables."""
import tensorflow.compat.v1 as tf

from . import case


@case
def names_ops():
    a = tf.placeholder(tf.float32, [2], name="a")
    tf.identity(a, name="foo")
    tf.identity(a, name="Foo")
    tf.identity(a, name="foo")
    tf.identity(a, name="foo_1")
    tf.identity(a, name="foo")
    tf.identity(a)
    tf.identity(a)
    tf.constant(1.0)
    tf.constant([1, 2], name="c")
    a + a
    a - 1.0
    2.0 * a
    a / a
    tf.add(a, a)
    -a


@case
def names_name_scope():
    a = tf.placeholder(tf.float32, [2], name="a")
    with tf.name_scope("x"):
        tf.identity(a)
        with tf.name_scope("y"):
            tf.identity(a, name="i")
    with tf.name_scope("x") as scope:
        tf.identity(a)
        tf.identity(a, name=scope)
    with tf.name_scope(scope):
        tf.identity(a, name="again")
        with tf.name_scope(None):
            tf.identity(a, name="root")
    with tf.name_scope("X"):
        tf.identity(a, name="case")
    tf.identity(a, name="z")
    with tf.name_scope("z"):
        tf.identity(a, name="i")
    with tf.name_scope(None, "default", [a]):
        tf.identity(a, name="i")
    with tf.name_scope("deep/er"):
        tf.identity(a, name="i/j")


@case
def scopes_variable_scope():
    zeros = tf.zeros_initializer()
    with tf.variable_scope("s", initializer=zeros):
        tf.get_variable("v", [2])
        tf.constant(1.0, name="c")
        with tf.variable_scope("t"):
            tf.get_variable("v", [2], trainable=False)
    with tf.variable_scope("s", reuse=True):
        v = tf.get_variable("v", [2])
        tf.identity(v, name="use")
        with tf.variable_scope("t"):
            tf.identity(tf.get_variable("v", [2]), name="use")
    with tf.variable_scope("s", reuse=tf.AUTO_REUSE) as s:
        tf.get_variable("v", [2])
        tf.get_variable("w", [2], initializer=zeros)
    with tf.variable_scope("other"):
        with tf.variable_scope(s, reuse=True):
            tf.identity(tf.get_variable("w", [2]), name="use")
        with tf.variable_scope(s, auxiliary_name_scope=False):
            tf.constant(1.0, name="c")


@case
def scopes_default_name():
    zeros = tf.zeros_initializer()
    for _ in range(2):
        with tf.variable_scope(None, "d"):
            tf.get_variable("v", [1], initializer=zeros)
    with tf.variable_scope("outer"):
        with tf.variable_scope(None, "d"):
            tf.get_variable("v", [1], initializer=zeros)
        with tf.variable_scope(None, "d"):
            tf.get_variable("v", [1], initializer=zeros)
    with tf.variable_scope("outer", reuse=True):
        with tf.variable_scope(None, "d"):
            tf.identity(tf.get_variable("v", [1]), name="use")


@case
def scopes_get_variable():
    with tf.name_scope("n"):
        tf.get_variable("a", [2], initializer=tf.ones_initializer())
        with tf.variable_scope("s"):
            tf.get_variable("b", initializer=tf.constant([1.0, 2.0]))
            tf.get_variable("c", [2, 3])
            tf.get_variable("d", [2], tf.int32)
            tf.get_variable("e", [], tf.float64, tf.constant_initializer(0.5))
            tf.get_variable("f", [2], initializer=tf.zeros_initializer(), regularizer=lambda v: tf.nn.l2_loss(v))
            tf.get_variable("g", [2], initializer=tf.zeros_initializer(), collections=[tf.GraphKeys.LOCAL_VARIABLES])
    tf.get_variable("big", [1000], initializer=tf.zeros_initializer())
    tf.get_variable("big_ones", [40, 25], initializer=tf.ones_initializer())
    tf.get_variable("res", [2], initializer=tf.zeros_initializer(), use_resource=True)


@case
def scopes_getter():
    def wrap(getter, name, *args, **kwargs):
        return tf.identity(getter(name, *args, **kwargs), name="got")

    with tf.variable_scope("s", custom_getter=wrap, initializer=tf.ones_initializer(), dtype=tf.float64):
        tf.get_variable("v", [2])
        with tf.variable_scope("t", regularizer=lambda v: tf.reduce_sum(v)):
            tf.get_variable("v", [2])


@case
def initializers():
    shape = [4, 3]
    tf.get_variable("uniform", shape, initializer=tf.random_uniform_initializer(-1.0, 1.0, seed=1))
    tf.get_variable("normal", shape, initializer=tf.random_normal_initializer(0.5, 2.0, seed=2))
    tf.get_variable("truncated", shape, initializer=tf.truncated_normal_initializer(stddev=0.1))
    tf.get_variable("glorot_uniform", shape, initializer=tf.glorot_uniform_initializer())
    tf.get_variable("glorot_normal", shape, initializer=tf.glorot_normal_initializer())
    tf.get_variable("he_normal", shape, initializer=tf.initializers.he_normal())
    tf.get_variable("lecun_uniform", shape, initializer=tf.initializers.lecun_uniform())
    scaling = tf.variance_scaling_initializer(2.0, "fan_avg", "untruncated_normal")
    tf.get_variable("scaling", shape, initializer=scaling)
    tf.get_variable("unit_scaling", shape, initializer=tf.uniform_unit_scaling_initializer(1.5))
    tf.get_variable("orthogonal", shape, initializer=tf.orthogonal_initializer())
    tf.get_variable("orthogonal_wide", [3, 4], initializer=tf.orthogonal_initializer(gain=2.0))
    tf.get_variable("eye", shape, initializer=tf.initializers.identity())
    tf.get_variable("constant", shape, initializer=tf.constant_initializer(0.1))
    tf.get_variable("listed", shape, initializer=tf.constant_initializer([1.0, 2.0, 3.0]))


@case
def seeds():
    tf.set_random_seed(42)
    tf.random_uniform([2])
    tf.random_uniform([2], seed=7)
    tf.random_normal([2], 1.0, 2.0)
    tf.truncated_normal([2])
    tf.random_uniform([2], maxval=10, dtype=tf.int32)
    tf.random_uniform([2], -5, 5, dtype=tf.int64, seed=3)
    tf.get_variable("v", [2, 2])


@case
def variables_ref():
    v = tf.Variable([1.0, 2.0], name="v")
    w = tf.Variable(v.initialized_value() * 2.0, name="w", trainable=False)
    tf.Variable(lambda: tf.zeros([2]), name="z", collections=[tf.GraphKeys.LOCAL_VARIABLES])
    tf.assign(v, [3.0, 4.0])
    tf.assign_add(v, w)
    tf.assign_sub(v, w, name="less")
    v.read_value()
    v + w
    tf.is_variable_initialized(v)
    tf.train.get_or_create_global_step()
    tf.global_variables_initializer()
    tf.local_variables_initializer()
    tf.report_uninitialized_variables()


@case
def variables_resource():
    v = tf.Variable([1.0, 2.0], name="v", use_resource=True)
    w = tf.get_variable("w", initializer=v.initialized_value() * 2.0, use_resource=True, trainable=False)
    tf.assign(v, [3.0, 4.0])
    v.assign_add(w)
    v.assign_sub([1.0, 1.0], name="less", read_value=False)
    v.read_value()
    v + w
    tf.global_variables_initializer()


@case
def control_nested():
    a = tf.placeholder(tf.float32, [2], name="a")
    b = tf.identity(a, name="b")
    c = tf.no_op(name="c")
    with tf.control_dependencies([b]):
        d = tf.identity(a, name="d")
        with tf.control_dependencies([c, b, d]):
            tf.identity(a, name="e")
            tf.no_op(name="f")
        with tf.control_dependencies(None):
            tf.identity(a, name="g")
            with tf.control_dependencies([c]):
                tf.identity(a, name="h")
        tf.identity(a, name="i")


@case
def control_pruning():
    a = tf.placeholder(tf.float32, [2], name="a")
    b = tf.identity(a, name="b")
    c = tf.no_op(name="c")
    with tf.control_dependencies([b, c]):
        tf.identity(b, name="data_input_is_control_input")
        d = tf.identity(a, name="d")
        e = tf.identity(d, name="input_made_here")
        tf.add(e, a, name="indirect")
        with tf.control_dependencies([d]):
            tf.identity(d, name="inner")
            tf.identity(e, name="inner_two")


@case
def control_variables():
    a = tf.no_op(name="a")
    with tf.name_scope("n"), tf.control_dependencies([a]):
        v = tf.get_variable("v", [2], initializer=tf.zeros_initializer())
        w = tf.Variable([1.0], name="w")
        tf.identity(v, name="use")
        tf.assign(w, [2.0])
    r = tf.get_variable("r", [2], initializer=tf.zeros_initializer(), use_resource=True)
    with tf.control_dependencies([v, r, v.assign([1.0, 1.0])]):
        tf.no_op(name="after")


@case
def control_helpers():
    a = tf.placeholder(tf.float32, [2], name="a")
    b = tf.placeholder(tf.float32, [], name="b")
    n = tf.no_op(name="n")
    tf.group()
    tf.group(a, n)
    tf.group(a, [b, n], name="g")
    tf.tuple([a, None, b])
    tf.tuple([a, b], name="t", control_inputs=[n])
    tf.no_op()


@case
def cond_simple():
    p = tf.placeholder(tf.bool, [], name="p")
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.cond(p, lambda: x * 2.0, lambda: x + 1.0)
    tf.cond(p, lambda: (x, tf.constant(1.0)), lambda: (y, tf.zeros([])), name="pair")
    tf.cond(p, lambda: 1, lambda: 2)


@case
def cond_nested():
    p = tf.placeholder(tf.bool, [], name="p")
    q = tf.placeholder(tf.bool, [], name="q")
    x = tf.placeholder(tf.float32, [2], name="x")

    def inner():
        h = tf.square(x)
        return tf.cond(q, lambda: h + x, lambda: tf.exp(x))

    tf.cond(p, inner, lambda: x)


@case
def cond_ops():
    p = tf.placeholder(tf.bool, [], name="p")
    v = tf.Variable(1.0, name="v")
    outside = tf.no_op(name="outside")
    tf.cond(p, lambda: tf.assign_add(v, 1.0), lambda: tf.assign(v, 0.0))
    tf.cond(p, lambda: tf.group(tf.assign_add(v, 1.0)), lambda: tf.no_op())
    tf.cond(p, lambda: v, lambda: tf.constant(2.0))
    with tf.control_dependencies([outside]):
        tf.cond(p, lambda: tf.constant(1.0), lambda: v * 2.0)


@case
def cond_resource():
    p = tf.placeholder(tf.bool, [], name="p")
    v = tf.get_variable("v", [], initializer=tf.zeros_initializer(), use_resource=True)
    y = tf.cond(p, lambda: v * 2.0, lambda: v.read_value())
    tf.gradients(y, [v])


@case
def cond_gradients():
    p = tf.placeholder(tf.bool, [], name="p")
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    w = tf.placeholder(tf.float32, [2, 2], name="w")
    y = tf.cond(p, lambda: tf.matmul(x, w), lambda: tf.sigmoid(x))
    tf.gradients(y, [x, w])


@case
def cond_gradients_nested():
    p = tf.placeholder(tf.bool, [], name="p")
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.cond(p, lambda: tf.cond(p, lambda: tf.square(x), lambda: x), lambda: tf.exp(x) * x)
    tf.gradients(y, [x])
