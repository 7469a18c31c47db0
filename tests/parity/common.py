# SPDX-License-Identifier: Apache-2.0
"""What both directions need: the binary, files of numbers, sessions."""
import os
import pathlib
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "golden"))  # digits
STEPS, HUNDRED, BATCH = 20, 100, 60
ONE_THREAD = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
ONE_THREAD.graph_options.rewrite_options.disable_meta_optimizer = True  # the graph as it stands, and in less time


class Failure(Exception):
    """What the other side said instead of giving numbers."""


def evenkeel(binary, *arguments, command="run"):
    done = subprocess.run([binary, command, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise Failure(f"exit {done.returncode}: {lines[-1]}")


def feed_arguments(feeds, folder):
    """The feeds as .npy files in folder, and the options that name them."""
    arguments = []
    for name, value in feeds.items():
        np.save(folder / f"{name}.npy", value)
        arguments += ["--feed", f"{name}={folder / name}.npy"]
    return arguments


def load_npz(path):
    with np.load(path) as archive:
        return dict(archive)


def load_checkpoint(prefix):
    reader = tf.train.load_checkpoint(str(prefix))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


def values(session):
    return {v.op.name: value for v, value in zip(tf.global_variables(), session.run(tf.global_variables()))}
