# SPDX-License-Identifier: Apache-2.0
"""Writes graphs/<case>.txt: what TensorFlow builds for each case. Arguments: names of cases (default: all)."""
import importlib
import pathlib
import pkgutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "parity"))

import tf_dump  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402
import cases  # noqa: E402


def main(names):
    for module in sorted(m.name for m in pkgutil.iter_modules(cases.__path__)):
        importlib.import_module("cases." + module)
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    folder = HERE / "graphs"
    folder.mkdir(exist_ok=True)
    if not names:
        for old in folder.glob("*.txt"):
            old.unlink()
    for name in names or cases.CASES:
        with tf.Graph().as_default():
            cases.CASES[name]()
            (folder / f"{name}.txt").write_text(tf_dump.graph_text(), encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1:])
