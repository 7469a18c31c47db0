# SPDX-License-Identifier: Apache-2.0
"""Writes numbers/: random bits, initial values, 20 training steps, special values of ops, batch norms. README.md says how."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "parity"))

import tf_dump  # noqa: E402,F401  (quiets TensorFlow before its import)
import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402
from numbers_batch_norm import batch_norm  # noqa: E402
from numbers_images import image_values  # noqa: E402
from numbers_ops import special_values  # noqa: E402
from numbers_random import initial_values, random_bits  # noqa: E402
from numbers_training import training_steps  # noqa: E402


def save(name, arrays):
    np.savez_compressed(HERE / "numbers" / name, **arrays)


def main():
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    (HERE / "numbers").mkdir(exist_ok=True)
    (HERE / "numbers" / "random.txt").write_text(random_bits(), encoding="ascii")
    (HERE / "numbers" / "initializers.txt").write_text(initial_values(), encoding="ascii")
    save("ops.npz", special_values())
    save("images.npz", image_values())
    save("training.npz", training_steps())
    save("batch_norm.npz", batch_norm())


if __name__ == "__main__":
    main()
