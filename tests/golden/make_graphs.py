# SPDX-License-Identifier: Apache-2.0
"""Writes graphs/<case>.txt: what TensorFlow builds for each case. Arguments: names of cases (default: all)."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "parity"))

import tf_dump  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402
from cases import CASES  # noqa: E402
from cases import core, gradients, layers, nn, slim, training  # noqa: E402,F401


def main(names):
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    folder = HERE / "graphs"
    folder.mkdir(exist_ok=True)
    if not names:
        for old in folder.glob("*.txt"):
            old.unlink()
    for name in names or CASES:
        with tf.Graph().as_default():
            CASES[name]()
            (folder / f"{name}.txt").write_text(tf_dump.graph_text(), encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1:])
