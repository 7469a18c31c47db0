# SPDX-License-Identifier: Apache-2.0
"""Does in TensorFlow what `evenkeel run MODEL.meta` does, as far as run.py asks for it, to try run.py itself.

PARITY_BREAK=loss|variable makes it wrong on purpose.
"""
import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["run"])
    parser.add_argument("model")
    parser.add_argument("--init", action="store_true")
    parser.add_argument("--repeat", type=int, default=1)
    for name in ("--restore", "--out", "--save"):
        parser.add_argument(name)
    for name in ("--feed", "--fetch", "--target"):
        parser.add_argument(name, action="append", default=[])
    options = parser.parse_args()
    broken = os.environ.get("PARITY_BREAK")

    tf.disable_v2_behavior()
    saver = tf.train.import_meta_graph(options.model)
    with tf.Session() as session:
        if options.init:
            session.run([v.initializer for v in tf.global_variables() + tf.local_variables()])
        if options.restore:
            saver.restore(session, options.restore)
        feeds = {f"{name}:0": np.load(path) for name, path in (f.split("=", 1) for f in options.feed)}
        for _ in range(options.repeat if options.fetch or options.target else 0):
            fetched, _ = session.run(({f: f"{f}:0" for f in options.fetch}, options.target), feeds)
        if broken == "variable":
            session.run(tf.assign_add(tf.trainable_variables()[0], tf.ones_like(tf.trainable_variables()[0])))
        if options.out:
            error = np.float32(1.01 if broken == "loss" else 1)
            np.savez(options.out, **{name: value * error for name, value in fetched.items()})
        if options.save:
            tf.train.Saver().save(session, options.save, write_meta_graph=False, write_state=False)


if __name__ == "__main__":
    main()
