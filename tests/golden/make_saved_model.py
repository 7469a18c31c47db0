# SPDX-License-Identifier: Apache-2.0
"""Writes saved_model/: a SavedModel as TensorFlow 1 programs save it, and what it answers. README.md lists the files."""
import os
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "parity"))

import tf_dump  # noqa: E402,F401  (quiets TensorFlow before its import)
import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402

ONE_THREAD = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)


def build():
    """images -> dense, batch norm -> probabilities; and halves, which a function computes."""
    tf.set_random_seed(7)
    images = tf.placeholder(tf.float32, [None, 4], name="images")
    h = tf.layers.dense(images, 3, name="fc", use_bias=False)
    h = tf.layers.batch_normalization(h, training=False, name="bn")
    probabilities = tf.nn.softmax(h, name="probabilities")
    classes = tf.argmax(probabilities, 1, name="classes")
    halves = tf.identity(tf.function(lambda x: x / 2)(images), name="halves")
    tf.add_to_collection(tf.GraphKeys.ASSET_FILEPATHS, tf.constant("words.txt", name="words"))
    path = tf.Variable("", name="path", collections=[tf.GraphKeys.LOCAL_VARIABLES])
    tf.identity(path, name="words_path")
    return images, probabilities, classes, halves


def signature(inputs, outputs):
    return tf.saved_model.predict_signature_def(inputs, outputs)


def main():
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    folder = HERE / "saved_model"
    shutil.rmtree(folder, ignore_errors=True)
    os.chdir(tempfile.mkdtemp())  # the path of the asset is in the graph
    pathlib.Path("words.txt").write_text("one\ntwo\n")
    with tf.Graph().as_default() as graph, tf.Session(config=ONE_THREAD) as session:
        images, probabilities, classes, halves = build()
        path, words = (graph.get_tensor_by_name(name) for name in ("path:0", "words:0"))
        main_op = tf.group(tf.assign(path, words), name="set_path")
        session.run(tf.global_variables_initializer())
        graph.get_collection("variables", "bn/moving_mean")[0].load([0.5, -0.25, 1.0], session)
        builder = tf.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(
            session, [tf.saved_model.tag_constants.SERVING],
            {"serving_default": signature({"x": images}, {"p": probabilities, "c": classes}),
             "half": signature({"x": images}, {"y": halves})},
            assets_collection=tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS), main_op=main_op)
        builder.add_meta_graph([tf.saved_model.tag_constants.TRAINING])
        builder.save()
        x = np.arange(8, dtype=np.float32).reshape(2, 4) / 4
        np.save(folder / "x.npy", x)
        p, c = session.run([probabilities, classes], {images: x})
        np.savez(folder / "answers.npz", p=p, c=c)


if __name__ == "__main__":
    main()
