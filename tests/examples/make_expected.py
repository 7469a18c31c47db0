# SPDX-License-Identifier: Apache-2.0
"""Writes NAME.expected: what the programs in examples/ print, computed by real TensorFlow (tests/parity/requirements.txt)."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "golden"))

import digits  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402
import tf_slim as slim  # noqa: E402
from tensorflow.python.training import moving_averages  # noqa: E402

BATCH = 60


def update_ops(images, training):
    h = images
    for _ in range(2):
        h = tf.layers.dense(h, 30, use_bias=False)
        h = tf.layers.batch_normalization(h, training=training, momentum=0.9)
        h = tf.sigmoid(h)
    return h


def mlp(images, training):
    h = images
    for _ in range(3):
        h = tf.layers.dense(h, 100, use_bias=False)
        h = tf.layers.batch_normalization(h, training=training, momentum=0.9)
        h = tf.sigmoid(h)
    return h


def contrib_cond(images, training):
    x = tf.layers.dense(images, 30, use_bias=False)

    def norm(is_training, reuse=None):
        return slim.batch_norm(x, 0.9, is_training=is_training, updates_collections=None, scope="bn", reuse=reuse)

    return tf.sigmoid(tf.cond(training, lambda: norm(True), lambda: norm(False, True)))


def run(hidden, steps):
    lines = []
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(42)
        images = tf.placeholder(tf.float32, [None, 64])
        labels = tf.placeholder(tf.int64, [None])
        training = tf.placeholder(tf.bool, [])
        logits = tf.layers.dense(hidden(images, training), 10)
        loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
        accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), labels), tf.float32))
        with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
            train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
        session.run(tf.global_variables_initializer())
        x, y = digits.load()
        for step in range(steps):
            first = step * BATCH % (len(y) - BATCH)
            part = slice(first, first + BATCH)
            value, _ = session.run([loss, train], {images: x[part], labels: y[part], training: True})
            if (step + 1) % (steps // 10) == 0:
                lines.append(f"step {step + 1} loss {value:.5f}")
        x, y = digits.load("t10k")
        value, right = session.run([loss, accuracy], {images: x, labels: y, training: False})
        lines.append(f"test, with moving averages: loss {value:.5f} accuracy {right:.4f}")
    return "".join(line + "\n" for line in lines)


def readme():
    lines = []
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(42)
        images = tf.placeholder(tf.uint8, [None, 8, 8])
        labels = tf.placeholder(tf.uint8, [None])
        h = tf.layers.dense(tf.layers.flatten(tf.cast(images, tf.float32)), 100, use_bias=False)
        h = tf.nn.relu(tf.layers.batch_normalization(h, training=True))
        loss = tf.losses.sparse_softmax_cross_entropy(tf.cast(labels, tf.int64), tf.layers.dense(h, 10))
        with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
            train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
        session.run(tf.global_variables_initializer())
        x, y = digits.load()
        for step in range(51):
            value, _ = session.run([loss, train], {images: (x * 255).round().reshape(-1, 8, 8), labels: y})
            if step % 10 == 0:
                lines.append(f"step {step}: loss {value:.4f}")
    return "".join(line + "\n" for line in lines)


def kernels():
    rows = [[1, 10, -3], [2, 20, 5], [4, 40, 8], [9, 50, 7]]
    dy = [[0.1, -0.5, 1], [0.4, 0.3, 2], [-0.2, 0.6, -1], [0.8, 0.2, 0.5]]
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.reshape(tf.constant(rows, tf.float32), [4, 1, 1, 3])
        scale, offset = tf.constant([1, 2, 0.5]), tf.constant([0.5, 1, -1])
        y, mean, variance = tf.nn.fused_batch_norm(x, scale, offset, epsilon=1e-3)
        moving = [tf.Variable([0.0, 0, 0]), tf.Variable([1.0, 1, 1])]
        moved = [moving_averages.assign_moving_average(m, s, 0.9, zero_debias=False)
                 for m, s in zip(moving, (mean, variance))]
        dx, dscale, doffset = tf.gradients(y, [x, scale, offset], tf.reshape(tf.constant(dy), [4, 1, 1, 3]))
        session.run(tf.global_variables_initializer())
        names = "y", "moving mean", "moving variance", "dx", "dscale", "doffset"
        values = session.run([y, *moved, dx, dscale, doffset])
    return "".join(f"{name} " + " ".join(f"{v:.4f}" for v in row) + "\n"
                   for name, value in zip(names, values) for row in value.reshape(-1, 3))


def write(name, text):
    (HERE / f"{name}.expected").write_text(text, encoding="ascii")


if __name__ == "__main__":
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    for hidden, steps in ((update_ops, 100), (contrib_cond, 100), (mlp, 300)):
        write(hidden.__name__, run(hidden, steps))
    write("readme", readme())
    write("kernels", kernels())
