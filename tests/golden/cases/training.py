# SPDX-License-Identifier: Apache-2.0
"""Losses, metrics, optimizers, schedules, averages, savers, and the whole of a small network."""
import tensorflow.compat.v1 as tf
from nets import optimizers

from . import case
from .layers import batch, flag

REDUCTIONS = tf.losses.Reduction.all()


@case
def losses_plain():
    logits, labels = batch(4, name="logits"), batch(4, name="labels")
    tf.losses.mean_squared_error(labels, logits, scope="m")
    total = tf.losses.Reduction.SUM
    tf.losses.absolute_difference(labels, logits, scope="a", reduction=total)
    tf.losses.sigmoid_cross_entropy(labels, logits, label_smoothing=0.1, scope="b", reduction=total)
    tf.losses.softmax_cross_entropy(labels, logits, label_smoothing=0.1, scope="c", reduction=total)
    tf.losses.sparse_softmax_cross_entropy(tf.placeholder(tf.int64, [None], name="classes"), logits)


@case
def losses_other():
    logits, labels = batch(4, name="logits"), batch(4, name="labels")
    none = tf.losses.Reduction.NONE
    tf.losses.hinge_loss(labels, logits, reduction=none)
    tf.losses.huber_loss(labels, logits, delta=0.5, reduction=none)
    tf.losses.log_loss(labels, logits, reduction=none)
    tf.losses.cosine_distance(labels, logits, axis=1, reduction=none)


@case
def losses_reductions():
    logits = tf.placeholder(tf.float32, [2, 4], name="logits")
    labels = tf.placeholder(tf.float32, [2, 4], name="labels")
    for reduction in sorted(REDUCTIONS):
        scope = reduction.removeprefix("weighted_")
        tf.losses.mean_squared_error(labels, logits, scope=scope, reduction=reduction, loss_collection="all")


@case
def losses_weights():
    logits, labels = batch(4, name="logits"), batch(4, name="labels")
    tf.losses.mean_squared_error(labels, logits, weights=0.5, scope="a")
    tf.losses.absolute_difference(tf.ones([2, 4]), tf.zeros([2, 4]), weights=[[1.0], [0.0]], scope="b")
    tf.losses.sparse_softmax_cross_entropy(tf.placeholder(tf.int32, [3], name="classes"),
                                           tf.placeholder(tf.float32, [3, 4], name="known"), weights=[1.0, 0.0, 2.0],
                                           scope="c")


@case
def losses_fed_weights():
    logits, labels = batch(4, name="p"), batch(4, name="l")
    total = tf.losses.Reduction.SUM
    tf.losses.absolute_difference(labels, logits, batch(1, name="w"), scope="a", reduction=total)
    tf.losses.absolute_difference(labels, logits, tf.placeholder(tf.float32, name="any"), scope="b", reduction=total)


@case
def losses_any_weights():
    logits, labels = batch(4, name="p"), batch(4, name="l")
    weights = tf.placeholder(tf.float32, name="any")
    tf.losses.mean_squared_error(labels, logits, weights, scope="a")
    values = tf.placeholder(tf.float32, name="values")
    tf.metrics.mean(values, weights=weights)
    tf.metrics.accuracy(tf.placeholder(tf.int64, name="classes"), tf.placeholder(tf.int64, [None], name="guesses"))


@case
def losses_any_rank():
    classes, weights = tf.placeholder(tf.int64, name="classes"), tf.placeholder(tf.float32, name="any")
    total = tf.losses.Reduction.SUM
    tf.losses.sparse_softmax_cross_entropy(classes, batch(4, name="logits"), weights=1.5, reduction=total)
    known = tf.placeholder(tf.int64, [3], name="known")
    tf.losses.sparse_softmax_cross_entropy(known, batch(4, name="p"), weights=weights, scope="w", reduction=total)


@case
def losses_total():
    logits, labels = batch(4, name="logits"), batch(4, name="labels")
    tf.losses.mean_squared_error(labels, logits, reduction=tf.losses.Reduction.SUM)
    tf.losses.absolute_difference(labels, logits, reduction=tf.losses.Reduction.SUM)
    tf.get_variable("w", [2], initializer=tf.zeros_initializer(), regularizer=tf.nn.l2_loss)
    tf.losses.get_total_loss()


@case
def metrics_mean():
    tf.metrics.mean(tf.placeholder(tf.float32, [None], name="values"))
    tf.metrics.mean(tf.placeholder(tf.float32, [4], name="known"), weights=[1.0, 0.0, 1.0, 1.0], name="weighted")


@case
def metrics_accuracy():
    labels = tf.placeholder(tf.int64, [None], name="labels")
    tf.metrics.accuracy(labels, tf.argmax(batch(4, name="logits"), 1), updates_collections="updates",
                        metrics_collections="metrics")


def minimize(make, **resource):
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer(), **resource)
    w = tf.get_variable("w", [3], initializer=tf.ones_initializer(), **resource)
    optimizer = make()
    optimizer.minimize(tf.nn.l2_loss(v) + tf.nn.l2_loss(w))
    optimizer.minimize(tf.nn.l2_loss(v), tf.train.get_or_create_global_step(), [v], name="stepped")


def add_optimizer_cases():
    for name, make in optimizers().items():
        for suffix, resource in (("", {}), ("_resource", {"use_resource": True})):
            def build(make=make, resource=resource):
                minimize(make, **resource)

            build.__name__ = f"optimizer_{name}{suffix}"
            case(build)


add_optimizer_cases()


@case
def optimizer_twice_in_scope():
    with tf.variable_scope("s"):
        v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
        loss = tf.reduce_sum(tf.square(v))
        tf.train.AdamOptimizer(0.1).minimize(loss)
        tf.train.AdamOptimizer(0.1, name="Second").minimize(loss)


@case
def optimizer_constraint():
    def positive(v):
        return tf.maximum(v, 0.0)

    v = tf.get_variable("v", [2], initializer=tf.ones_initializer(), constraint=positive)
    w = tf.get_variable("w", [2], initializer=tf.ones_initializer(), constraint=positive, use_resource=True)
    tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(v * w))


@case
def optimizer_tensor_rate():
    rate = tf.placeholder(tf.float32, [], name="rate")
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    unused = tf.get_variable("unused", [2], initializer=tf.ones_initializer())
    optimizer = tf.train.MomentumOptimizer(rate, 0.9)
    pairs = optimizer.compute_gradients(tf.reduce_sum(tf.square(v)), [v, unused])
    optimizer.apply_gradients(pairs, name="apply")


@case
def optimizer_options():
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    w = tf.get_variable("w", [2], initializer=tf.ones_initializer())
    step = tf.get_variable("step", [], tf.int64, tf.zeros_initializer(), trainable=False, use_resource=True)
    loss = tf.reduce_sum(v * w)
    optimizer = tf.train.GradientDescentOptimizer(0.1, use_locking=True, name="Descent")
    optimizer.minimize(loss, step, gate_gradients=optimizer.GATE_NONE, grad_loss=tf.constant(2.0))
    optimizer.minimize(loss, gate_gradients=optimizer.GATE_GRAPH, name="gated", colocate_gradients_with_ops=True)


@case
def optimizer_float64():
    for name, resource in ("v", False), ("w", True):
        x = tf.get_variable(name, [2], tf.float64, tf.ones_initializer(), use_resource=resource)
        tf.train.AdamOptimizer(name=f"adam_{name}").minimize(tf.reduce_sum(tf.square(x)), var_list=[x])
        tf.train.AdagradOptimizer(0.1, name=f"adagrad_{name}").apply_gradients([(tf.ones([2], tf.float64), x)])


@case
def schedules():
    step = tf.train.get_or_create_global_step()
    tf.train.exponential_decay(0.1, step, 100, 0.9)
    tf.train.exponential_decay(0.1, step, 100, 0.9, staircase=True, name="stairs")
    tf.train.piecewise_constant(step, [10, 20], [1.0, 0.5, 0.1])


@case
def clipping():
    x, y = batch(2), tf.placeholder(tf.float32, [3], name="y")
    tf.clip_by_global_norm([x, None, y], 5.0)
    tf.global_norm([x, y])
    tf.clip_by_value(y, -1.0, 1.0)
    tf.clip_by_global_norm([y], tf.constant(2.0, name="bound"), use_norm=tf.constant(3.0, name="norm"), name="named")


@case
def moving_average():
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    w = tf.get_variable("w", [2], initializer=tf.ones_initializer(), trainable=False)
    average = tf.train.ExponentialMovingAverage(0.9)
    average.apply([v, w])
    average.average(v)


@case
def moving_average_steps():
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    step = tf.train.get_or_create_global_step()
    train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(tf.square(v)), step)
    with tf.control_dependencies([train]):
        tf.train.ExponentialMovingAverage(0.9, step).apply()


@case
def moving_average_resource():
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer(), use_resource=True)
    x = tf.get_variable("x", [2], tf.float64, tf.ones_initializer())
    step = tf.get_variable("step", [], tf.int64, tf.zeros_initializer(), trainable=False, use_resource=True)
    tf.train.ExponentialMovingAverage(0.9, step, name="ema").apply([v, x])


def two_variables():
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    a = tf.get_variable("a", [2], initializer=tf.ones_initializer(), use_resource=True)
    return v, a


@case
def saver_plain():
    two_variables()
    tf.train.Saver()


@case
def saver_names():
    v, a = two_variables()
    tf.train.Saver({"first": v, "second": a}, name="renamed")


@case
def saver_sharded():
    two_variables()
    tf.train.Saver(sharded=True)


@case
def update_ops_twice():
    """Two towers; each trains with its own updates only."""
    for i, name in enumerate("xy"):
        h = tf.layers.batch_normalization(batch(2, name=name), training=True, name="bn", reuse=i > 0)
        updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS, scope="bn/" if i == 0 else "bn_1/")
        beta = tf.trainable_variables("bn/beta")
        with tf.control_dependencies(updates):
            tf.train.GradientDescentOptimizer(0.1).minimize(tf.nn.l2_loss(h), var_list=beta)


def mlp(training, optimizer):
    """The paper's network, with fewer and smaller layers, trained by the UPDATE_OPS idiom."""
    images = tf.placeholder(tf.float32, [None, 64], name="images")
    labels = tf.placeholder(tf.int64, [None], name="labels")
    h = tf.layers.dense(images, 20, name="fc")
    h = tf.layers.batch_normalization(h, training=training, name="bn")
    h = tf.sigmoid(h)
    logits = tf.layers.dense(h, 10, name="out")
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        optimizer.minimize(loss, tf.train.get_or_create_global_step(), name="train")
    return loss


@case
def mlp_static_sgd():
    mlp(True, tf.train.GradientDescentOptimizer(0.5))


@case
def mlp_flag_adam():
    mlp(flag(), tf.train.AdamOptimizer())
