# SPDX-License-Identifier: Apache-2.0
"""IndexedSlices: gradients of what is read by rows, added up, made tensors, clipped, and applied by every optimizer."""
import tensorflow.compat.v1 as tf
from nets import optimizers

from . import case


def embedding(rows=5, resource=False, name="emb", dtype=tf.float32):
    return tf.get_variable(name, [rows, 3], initializer=tf.ones_initializer(), use_resource=resource, dtype=dtype)


def fed(dtype=tf.int64, name="ids"):
    return tf.placeholder(dtype, [None], name=name)


def minimize(make, resource):
    emb, ids = embedding(resource=resource), fed()
    w = tf.get_variable("w", [3], initializer=tf.ones_initializer(), use_resource=resource)
    h = tf.nn.embedding_lookup(emb, ids) * w
    make().minimize(tf.nn.l2_loss(h))


def add_optimizer_cases():
    for name, make in optimizers().items():
        for suffix, resource in (("", False), ("_resource", True)):
            def build(make=make, resource=resource):
                minimize(make, resource)

            build.__name__ = f"sparse_{name}{suffix}"
            case(build)


add_optimizer_cases()


@case
def sparse_adam_float64():
    emb, ids = embedding(dtype=tf.float64), fed()
    tf.train.AdamOptimizer(use_locking=True).minimize(tf.nn.l2_loss(tf.nn.embedding_lookup(emb, ids)))


@case
def sparse_sums():
    a, b, c, d = (embedding(name=n) for n in "abcd")
    ids, narrow = fed(), fed(tf.int32, "narrow")

    def rows(v, i):
        return tf.nn.l2_loss(tf.gather(v, i))

    loss = tf.add_n([rows(a, ids), rows(a, ids), rows(a, ids),
                     rows(b, ids), rows(b, narrow),
                     rows(c, ids), tf.nn.l2_loss(c)])
    tf.gradients(loss, [a, b, c])
    tf.gradients(loss, [a, b, c], aggregation_method=tf.AggregationMethod.EXPERIMENTAL_TREE)
    tf.gradients(tf.nn.l2_loss(tf.gather(tf.gather(d, ids), narrow)), d)


@case
def sparse_made_dense():
    emb, ids = embedding(), fed()

    def d(name, f):
        tf.gradients(tf.nn.l2_loss(tf.gather(f(emb), ids)), emb, name=name)

    d("tanh", tf.tanh)
    d("add", lambda x: x + x)
    d("product", lambda x: x * 2.0)
    d("minus", tf.negative)
    d("cast", lambda x: tf.cast(x, tf.float64))
    d("reshape", lambda x: tf.reshape(x, [3, 5]))
    d("identity", tf.identity)
    d("norm", lambda x: tf.nn.relu(x - tf.reduce_mean(x, 0)))


@case
def sparse_gather_nd():
    a, b = embedding(name="a"), embedding(name="b", resource=True)
    rows = tf.placeholder(tf.int64, [None, 1], name="rows")
    parts = tf.placeholder(tf.int32, [None, 2], name="parts")
    loss = tf.nn.l2_loss(tf.gather_nd(a, rows)) + tf.nn.l2_loss(tf.gather_nd(a, parts))
    tf.gradients(loss, a)
    tf.gradients(tf.nn.l2_loss(tf.gather_nd(a, rows)), a)
    tf.gradients(tf.nn.l2_loss(tf.gather_nd(b, rows)), b)
    tf.gradients(tf.nn.l2_loss(tf.gather_nd(b, parts)), b)


@case
def sparse_resource_gather():
    emb, ids = embedding(resource=True), tf.placeholder(tf.int32, [None, 2], name="ids")
    tf.train.GradientDescentOptimizer(0.5).minimize(
        tf.nn.l2_loss(tf.gather(emb, ids)), gate_gradients=tf.train.Optimizer.GATE_GRAPH)


@case
def sparse_clipped():
    emb, ids = embedding(), fed()
    optimizer = tf.train.MomentumOptimizer(0.1, 0.9)
    pairs = optimizer.compute_gradients(tf.nn.l2_loss(tf.nn.embedding_lookup(emb, ids)))
    clipped, _ = tf.clip_by_global_norm([g for g, _ in pairs], 0.5)
    optimizer.apply_gradients(zip(clipped, [emb]))
    by_norm = tf.clip_by_norm(pairs[0][0], 2.0)
    optimizer.apply_gradients([(by_norm, emb)], name="by_norm")
    tf.clip_by_norm(emb, 2.0, axes=[1])


@case
def sparse_lookup_max_norm():
    emb, other = embedding(), embedding(name="other", resource=True)
    tf.nn.embedding_lookup(emb, fed(), max_norm=1.0)
    tf.nn.embedding_lookup(other, tf.placeholder(tf.int32, [2, 4], name="square"), max_norm=1.0, name="rows")
    tf.nn.embedding_lookup(emb, [0, 2])


@case
def sparse_cond():
    a, b, ids = embedding(name="a"), embedding(name="b", resource=True), fed()
    flag = tf.placeholder(tf.bool, [], name="flag")
    for v in (a, b):
        h = tf.cond(flag, lambda: tf.gather(v, ids), lambda: 2.0 * tf.gather(v, ids))
        tf.gradients(tf.nn.l2_loss(h), v)


@case
def sparse_loop():
    a, b = embedding(name="a"), embedding(name="b", resource=True)
    ids, known = tf.placeholder(tf.int32, [4, None], name="ids"), tf.placeholder(tf.int32, [4, 2], name="known")
    for v, rows in ((a, ids), (b, known)):
        def body(i, s):
            return i + 1, s + tf.nn.l2_loss(tf.nn.embedding_lookup(v, tf.gather(rows, i)))

        _, sums = tf.while_loop(lambda i, s: i < 4, body, [0, 0.0])
        tf.gradients(sums, v)
