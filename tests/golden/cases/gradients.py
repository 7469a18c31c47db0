# SPDX-License-Identifier: Apache-2.0
"""Gradient graphs: of every differentiable op that a dense net uses, and of tf.gradients' own arguments.

A case has one gradient call per op, so that one line of C mirrors one of Python.
"""
import tensorflow.compat.v1 as tf

from . import case


def grads(name, build, *inputs, **kwargs):
    """Builds ys, then their gradients with respect to `inputs` under d_`name`."""
    return tf.gradients(build(*inputs), list(inputs), name=f"d_{name}", **kwargs)


def unknown(name, shape):
    return tf.placeholder(tf.float32, shape, name=name)


@case
def grad_matmul():
    square = unknown("square", [3, 3])
    other = unknown("other", [3, 3])
    for a in (False, True):
        for b in (False, True):
            grads(f"matmul_{int(a)}{int(b)}", lambda x, y: tf.matmul(x, y, a, b), square, other)


@case
def grad_activations():
    x = unknown("x", [None, 2])
    grads("relu", tf.nn.relu, x)
    grads("relu6", tf.nn.relu6, x)
    grads("leaky_relu", tf.nn.leaky_relu, x)
    grads("elu", tf.nn.elu, x)
    grads("selu", tf.nn.selu, x)
    grads("softplus", tf.nn.softplus, x)
    grads("sigmoid", tf.sigmoid, x)
    grads("tanh", tf.tanh, x)
    grads("softmax", tf.nn.softmax, x)
    grads("log_softmax", tf.nn.log_softmax, x)


@case
def grad_unary():
    x = unknown("x", [2])
    grads("neg", tf.negative, x)
    grads("exp", tf.exp, x)
    grads("log", tf.log, x)
    grads("square", tf.square, x)
    grads("sqrt", tf.sqrt, x)
    grads("rsqrt", tf.rsqrt, x)
    grads("reciprocal", tf.reciprocal, x)
    grads("abs", tf.abs, x)
    grads("log1p", tf.log1p, x)
    grads("sign", tf.sign, x)
    grads("floor", tf.floor, x)
    grads("identity", tf.identity, x)
    grads("l2_loss", tf.nn.l2_loss, x)


def binary_ops():
    return [
        ("add", tf.add),
        ("sub", tf.subtract),
        ("mul", tf.multiply),
        ("realdiv", tf.divide),
        ("div_no_nan", tf.div_no_nan),
        ("maximum", tf.maximum),
        ("minimum", tf.minimum),
        ("pow", tf.pow),
        ("squared_difference", tf.squared_difference),
        ("floormod", tf.floormod),
    ]


@case
def grad_binary_same():
    x = unknown("x", [2, 3])
    y = unknown("y", [2, 3])
    for name, build in binary_ops():
        grads(name, build, x, y)


@case
def grad_binary_broadcast():
    x = unknown("x", [2, 3])
    y = unknown("y", [3])
    for name, build in binary_ops()[:3]:
        grads(name, build, x, y)


@case
def grad_binary_unknown_batch():
    x = unknown("x", [None, 3])
    y = unknown("y", [3])
    for name, build in binary_ops():
        grads(name, build, x, y)


@case
def grad_binary_scalar_const():
    x = unknown("x", [None, 3])
    grads("rsub", lambda x: 1.0 - x, x)
    grads("div", lambda x: x / 3.0, x)
    grads("rdiv", lambda x: 3.0 / x, x)
    grads("pow", lambda x: x**2.0, x)
    grads("maximum", lambda x: tf.maximum(x, 0.0), x)


@case
def grad_bias_add():
    x = unknown("x", [None, 3])
    image = unknown("image", [None, 3, 2, 2])
    b = unknown("b", [3])
    grads("bias", tf.nn.bias_add, x, b)
    grads("bias_nchw", lambda x, b: tf.nn.bias_add(x, b, data_format="NCHW"), image, b)


def reductions():
    return [("sum", tf.reduce_sum), ("mean", tf.reduce_mean), ("prod", tf.reduce_prod), ("max", tf.reduce_max)]


@case
def grad_reduce_known():
    x = unknown("x", [2, 3])
    for name, build in reductions():
        grads(f"{name}_all", lambda x: build(x), x)
        grads(f"{name}_0", lambda x: build(x, 0), x)
    grads("keep", lambda x: tf.reduce_sum(x, [1], keepdims=True), x)


@case
def grad_reduce_unknown():
    x = unknown("x", [None, 3])
    for name, build in reductions():
        grads(f"{name}_all", lambda x: build(x), x)
        grads(f"{name}_0", lambda x: build(x, 0), x)


@case
def grad_reduce_fed_axis():
    x = unknown("x", [2, 3])
    axis = tf.placeholder(tf.int32, [1], name="axis")
    for name, build in reductions()[:2]:
        grads(name, lambda x: build(x, axis), x)


@case
def grad_shapes():
    x = unknown("x", [2, 1, 3])
    b = unknown("b", [None, 3])
    grads("reduce_min", lambda b: tf.reduce_min(b, 0), b)
    grads("reshape", lambda x: tf.reshape(x, [3, 2]), x)
    grads("reshape_unknown", lambda b: tf.reshape(b, [-1, 1, 3]), b)
    grads("squeeze", tf.squeeze, x)
    grads("squeeze_axis", lambda x: tf.squeeze(x, [1]), x)
    grads("expand_dims", lambda b: tf.expand_dims(b, 1), b)
    grads("transpose", lambda x: tf.transpose(x, [2, 0, 1]), x)
    grads("transpose_default", tf.transpose, b)
    grads("tile", lambda x: tf.tile(x, [1, 2, 1]), x)
    grads("broadcast_to", lambda x: tf.broadcast_to(x, [2, 4, 3]), x)
    grads("cast", lambda x: tf.cast(x, tf.float64), x)
    grads("slice", lambda x: tf.slice(x, [0, 0, 1], [2, 1, 2]), x)
    grads("strided_slice", lambda x: x[1:, 0, ::2], x)
    grads("pad", lambda b: tf.pad(b, [[0, 1], [2, 0]]), b)
    grads("fill", lambda s: tf.fill([2, 2], s), unknown("scalar", []))


@case
def grad_joins():
    x = unknown("x", [2, 3])
    y = unknown("y", [2, 3])
    b = unknown("b", [None, 3])
    p = tf.placeholder(tf.bool, [2, 3], name="p")
    grads("concat", lambda x, y: tf.concat([x, y], 1), x, y)
    grads("concat_unknown", lambda x, b: tf.concat([x, b], 0), x, b)
    grads("stack", lambda x, y: tf.stack([x, y], 1), x, y)
    grads("unstack", lambda x: tf.unstack(x)[0], x)
    grads("split", lambda x: tf.split(x, 3, 1)[1], x)
    grads("select", lambda x, y: tf.where(p, x, y), x, y)
    grads("select_v2", lambda x, y: tf.where_v2(p, x, y), x, y)
    grads("select_v2_broadcast", lambda x: tf.where_v2(p, x, 0.0), x)
    grads("add_n", lambda x, y: tf.add_n([x, y, x]), x, y)
    grads("gather", lambda x: tf.gather(x, [0, 1, 0]), x)


@case
def grad_gather_axis():
    wide, tall = unknown("wide", [2, 5, 3]), unknown("tall", [None, None, 4])
    grads("gather_known", lambda x: tf.gather(x, [[4, 0], [1, 1]], axis=1), wide)
    indices, axis = tf.placeholder(tf.int32, [None], name="indices"), tf.placeholder(tf.int32, [], name="axis")
    grads("gather_fed", lambda x: tf.gather(x, indices, axis=-1), tall)
    grads("gather_any", lambda x: tf.gather(x, indices, axis=axis), tall)


@case
def grad_diagonals():
    line, square = unknown("line", [3]), unknown("square", [3, 3])
    lines, some = unknown("lines", [None, 3]), unknown("some", [2, None, None])
    fixed, known = unknown("fixed", [2, 3, 3]), unknown("known", [2, 3])
    grads("diag", tf.linalg.tensor_diag, line)
    grads("diag_part", tf.linalg.tensor_diag_part, square)
    grads("matrix_diag", tf.linalg.diag, lines)
    grads("part", tf.linalg.diag_part, some)
    grads("part_known", lambda x: tf.linalg.diag_part(x, k=1), fixed)
    grads("set", tf.linalg.set_diag, fixed, known)
    band = unknown("band", [2, 2, 3])
    grads("band", lambda x: tf.linalg.diag(x, k=(0, 1)), band)
    grads("band_part", lambda x: tf.linalg.diag_part(x, k=(-1, 0), align="LEFT_RIGHT"), fixed)
    grads("band_set", lambda x, d: tf.linalg.set_diag(x, d, k=(0, 1)), fixed, band)


@case
def grad_einsum():
    a, b = unknown("a", [None, 2, 3]), unknown("b", [None, 3, 4])
    w, square = unknown("w", [5, 3]), unknown("square", [4, 4])
    grads("dots", lambda a, b: tf.einsum("...ij,...jk->...ik", a, b), a, b)
    grads("one_side", lambda a, w: tf.einsum("...ij,kj->...ik", a, w), a, w)
    grads("same", lambda w: tf.einsum("...j,...j->...", w, w), w)
    grads("trace", lambda x: tf.einsum("ii->", x), square)
    grads("diagonal", lambda x: tf.einsum("ii->i", x), square)
    grads("columns", lambda x: tf.einsum("ij->j", x), w)
    grads("rows", lambda a: tf.einsum("aij->ai", a), a)
    grads("turned", lambda a: tf.einsum("aij->ja", a), a)
    grads("summed", lambda a, w: tf.einsum("aij,kj->ak", a, w), a, w)


@case
def grad_segments():
    x, ids = unknown("x", [None, 3]), tf.placeholder(tf.int32, [None], name="ids")
    for name in ("sum", "mean", "max", "prod"):
        grads(name, lambda x: getattr(tf.math, "segment_" + name)(x, ids), x)
    for name in ("sum", "max", "prod"):
        grads("unsorted_" + name, lambda x: getattr(tf.math, "unsorted_segment_" + name)(x, ids, 4), x)


@case
def grad_sparse_segments():
    x, ids = unknown("x", [None, 3]), tf.placeholder(tf.int32, [None], name="ids")
    places, many = tf.placeholder(tf.int64, [None], name="places"), unknown("many", [7, 2])
    for name in ("sum", "mean", "sqrt_n"):
        grads(name, lambda x: getattr(tf.sparse, "segment_" + name)(x, places, ids), x)
    grads("numbered", lambda x: tf.sparse.segment_mean(x, places, ids, num_segments=5), many)


@case
def grad_gather_batches():
    wide, tall = unknown("wide", [2, 5, 3]), unknown("tall", [None, None, 4])
    indices, any_rank = tf.placeholder(tf.int64, [2, 2], name="indices"), tf.placeholder(tf.int32, name="any")
    grads("two", lambda x: tf.gather(x, tf.placeholder(tf.int32, [None, None, None], name="ids"), batch_dims=2), tall)
    grads("any", lambda x: tf.gather(x, any_rank, axis=-1, batch_dims=1), tall)
    grads("negative", lambda x: tf.gather(x, indices, axis=2, batch_dims=-1), wide)


@case
def grad_cross_entropies():
    logits = unknown("logits", [None, 4])
    labels = unknown("labels", [None, 4])
    sparse = tf.placeholder(tf.int64, [None], name="sparse")
    xent = tf.nn.softmax_cross_entropy_with_logits
    xent_v2 = tf.nn.softmax_cross_entropy_with_logits_v2
    grads("softmax", lambda z: xent(labels=labels, logits=z), logits)
    grads("softmax_v2", lambda z, t: xent_v2(labels=t, logits=z), logits, labels)
    grads("sparse", lambda z: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=sparse, logits=z), logits)
    grads("sigmoid", lambda z, t: tf.nn.sigmoid_cross_entropy_with_logits(labels=t, logits=z), logits, labels)


@case
def grad_fused_batch_norm():
    x = unknown("x", [None, 2, 2, 3])
    s, o, m, v = (unknown(name, [3]) for name in "somv")
    norm = tf.nn.fused_batch_norm
    grads("train", lambda x, s, o: norm(x, s, o)[0], x, s, o)
    grads("infer", lambda x, s, o: norm(x, s, o, m, v, is_training=False)[0], x, s, o)
    flipped = unknown("nchw", [None, 3, 2, 2])
    grads("train_nchw", lambda x, s, o: norm(x, s, o, data_format="NCHW")[0], flipped, s, o)
    grads("infer_nchw", lambda x, s, o: norm(x, s, o, m, v, data_format="NCHW", is_training=False)[0], flipped, s, o)


@case
def grad_moments_batch_normalization():
    x = unknown("x", [None, 3])
    m, v, o, s = (unknown(name, [3]) for name in "mvos")
    grads("moments", lambda x: tf.nn.moments(x, [0]), x)
    grads("norm", lambda *args: tf.nn.batch_normalization(*args, 1e-3), x, m, v, o, s)
    grads("norm_plain", lambda x, m, v: tf.nn.batch_normalization(x, m, v, None, None, 1e-3), x, m, v)


@case
def gradients_sums_and_none():
    x = unknown("x", [2])
    y = unknown("y", [2])
    a = tf.square(x)
    tf.gradients([a + a * x, tf.reduce_sum(a)], [x, y])
    tf.gradients(tf.stop_gradient(a) * x, [x], name="stopped")
    tf.gradients(a, [x, y], unconnected_gradients="zero", name="zero")
    tf.gradients([x], [x], name="self")
    tf.gradients(tf.unstack(a)[0] + tf.split(a, 2)[1], [x], name="some_outputs")


@case
def gradients_arguments():
    x = unknown("x", [2])
    g = unknown("g", [2])
    y = tf.square(x)
    z = tf.exp(y)
    tf.gradients(z, [x], grad_ys=[g])
    tf.gradients([z, y], [x], grad_ys=[g, None], name="two")
    tf.gradients(z * y, [x, y], stop_gradients=[y], name="stop")
    with tf.name_scope("scope"):
        tf.gradients(z, [x])


@case
def gradients_gates():
    x = unknown("x", [None, 2])
    w = tf.get_variable("w", [2, 2], initializer=tf.zeros_initializer())
    loss = tf.reduce_sum(tf.matmul(tf.matmul(x, w), w))
    for gate in (tf.train.Optimizer.GATE_NONE, tf.train.Optimizer.GATE_OP, tf.train.Optimizer.GATE_GRAPH):
        with tf.name_scope(f"g{gate}"):
            tf.train.GradientDescentOptimizer(0.1).compute_gradients(loss, gate_gradients=gate)
