# SPDX-License-Identifier: Apache-2.0
"""Writes serve/: a small network that TensorFlow trained and saved, and what it answers. README.md lists the files."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "parity"))

import tf_dump  # noqa: E402,F401  (quiets TensorFlow before its import)
import digits  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402

STEPS, BATCH, EXAMPLES = 60, 32, 8
ONE_THREAD = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)


def build():
    tf.set_random_seed(42)
    images = tf.placeholder(tf.float32, [None, 64], name="images")
    labels = tf.placeholder(tf.int64, [None], name="labels")
    training = tf.placeholder(tf.bool, [], name="is_training")
    h = tf.layers.dense(images, 16, use_bias=False, name="fc")
    h = tf.layers.batch_normalization(h, training=training, momentum=0.9, name="bn")
    h = tf.sigmoid(h)
    logits = tf.identity(tf.layers.dense(h, 10, name="out"), name="logits")
    tf.nn.softmax(logits, name="probabilities")
    errors = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    loss = tf.reduce_mean(errors, name="loss")
    correct = tf.equal(tf.argmax(logits, 1), labels)
    tf.reduce_mean(tf.cast(correct, tf.float32), name="accuracy")
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        tf.train.GradientDescentOptimizer(0.5).minimize(loss, name="train")


def train(session):
    x, y = digits.load()
    for step in range(STEPS):
        part = slice(step * BATCH % 1408, step * BATCH % 1408 + BATCH)
        session.run("train", {"images:0": x[part], "labels:0": y[part], "is_training:0": True})


def answers(session, images, labels):
    names = ["logits", "probabilities", "loss", "accuracy"]
    feeds = {"images:0": images, "labels:0": labels}
    moving = session.run([f"{n}:0" for n in names], {**feeds, "is_training:0": False})
    batch = session.run([f"{n}:0" for n in names], {**feeds, "is_training:0": True})
    return {**dict(zip(names, moving)), **{f"batch/{n}": v for n, v in zip(names, batch)}}


def main():
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    folder = HERE / "serve"
    folder.mkdir(exist_ok=True)
    x, y = digits.load("t10k")
    np.save(folder / "images.npy", x[:EXAMPLES])
    np.save(folder / "labels.npy", y[:EXAMPLES])
    with tf.Graph().as_default() as graph, tf.Session(config=ONE_THREAD) as session:
        build()
        saver = tf.train.Saver()
        session.run(tf.global_variables_initializer())
        train(session)
        saver.save(session, str(folder / "model"), write_meta_graph=False, write_state=False)
        saver.export_meta_graph(str(folder / "model.meta"), strip_default_attrs=False)
        serving = tf.graph_util.extract_sub_graph(graph.as_graph_def(), ["probabilities"])
        tf.io.write_graph(serving, str(folder), "inference.pbtxt")
        np.savez_compressed(folder / "answers.npz", **answers(session, x[:EXAMPLES], y[:EXAMPLES]))


if __name__ == "__main__":
    main()
