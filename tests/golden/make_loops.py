# SPDX-License-Identifier: Apache-2.0
"""Writes loops/: recurrent networks and a loop with batch normalization, as TensorFlow exports and trains them."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "parity"))

import tf_dump  # noqa: E402,F401  (quiets TensorFlow before its import)
import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402

STEPS, BATCH, TIME, DEPTH, UNITS = 8, 3, 5, 4, 3
ONE_THREAD = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)


def inputs():
    return tf.placeholder(tf.float32, [None, None, DEPTH], name="x"), tf.placeholder(tf.int32, [None], name="lengths")


def lstm():
    x, _ = inputs()
    y, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.BasicLSTMCell(UNITS), x, dtype=tf.float32)
    return tf.reduce_mean(tf.square(y)) + tf.reduce_mean(tf.square(state.c - 1))


def gru():
    x, lengths = inputs()
    y, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(UNITS), x, sequence_length=lengths, dtype=tf.float32)
    return tf.reduce_mean(tf.square(y)) + tf.reduce_mean(tf.square(state - 1))


def bn():
    x, lengths = inputs()
    w = tf.get_variable("w", [DEPTH, DEPTH])

    def body(i, y):
        h = tf.layers.batch_normalization(tf.matmul(y, w), training=True, momentum=0.9, name="bn", reuse=tf.AUTO_REUSE)
        with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
            return i + 1, tf.cond(tf.greater(i, 0), lambda: tf.tanh(h), lambda: tf.sigmoid(h))

    _, y = tf.while_loop(lambda i, y: i < tf.reduce_max(lengths), body, (0, x[:, 0, :]), maximum_iterations=4)
    return tf.reduce_mean(tf.square(y - 0.3))


def write(folder, build):
    rng = np.random.RandomState(7)
    feeds = {"x:0": rng.randn(BATCH, TIME, DEPTH).astype(np.float32), "lengths:0": np.array([5, 2, 4], np.int32)}
    with tf.Graph().as_default(), tf.Session(config=ONE_THREAD) as session:
        tf.set_random_seed(42)
        loss = tf.identity(build(), name="loss")
        tf.train.GradientDescentOptimizer(0.5).minimize(loss, name="train")
        variables = tf.global_variables()
        session.run(tf.variables_initializer(variables))
        arrays = {f"initial/{v.op.name}": session.run(v) for v in variables}
        arrays["losses"] = np.array([session.run(["loss:0", "train"], feeds)[0] for _ in range(STEPS)])
        arrays.update({f"final/{v.op.name}": session.run(v) for v in variables})
        arrays.update({f"feed/{k[:-2]}": v for k, v in feeds.items()})
        np.savez_compressed(folder / f"{build.__name__}.npz", **arrays)
        tf.train.export_meta_graph(str(folder / f"{build.__name__}.meta"), strip_default_attrs=True)


def main():
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    folder = HERE / "loops"
    folder.mkdir(exist_ok=True)
    for build in (lstm, gru, bn):
        write(folder, build)


if __name__ == "__main__":
    main()
