# SPDX-License-Identifier: Apache-2.0
"""Tries run.py on TensorFlow itself: it has to pass, and to fail where the numbers are made wrong on purpose."""
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402

import nets  # noqa: E402
from common import BATCH, ONE_THREAD, STEPS, values  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent


def write_export(folder, name, loss_error=0.0):
    """What a program of ours leaves behind for run.py's second half."""
    draw = np.random.RandomState(2)
    feeds = {"images": draw.rand(STEPS, BATCH, 64).astype(np.float32), "labels": draw.randint(0, 10, (STEPS, BATCH)),
             "is_training": np.ones(STEPS, bool)}
    with tf.Graph().as_default(), tf.Session(config=ONE_THREAD) as session:
        nets.mlp(tf.train.AdamOptimizer())
        saver = tf.train.Saver()
        session.run(tf.global_variables_initializer())
        saver.save(session, str(folder / name), write_state=False)
        losses = [session.run(["loss:0", "train"], {f"{k}:0": v[i] for k, v in feeds.items()})[0] for i in range(STEPS)]
        numbers = {"loss": np.array(losses, np.float32) * np.float32(1 + loss_error), **values(session)}
    np.savez(folder / f"{name}.feeds.npz", **feeds)
    np.savez(folder / f"{name}.numbers.npz", **numbers)


def main():
    tf.disable_v2_behavior()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        command = folder / "evenkeel"
        command.write_text(f'#!/bin/sh\nexec {sys.executable} {HERE / "stand_in.py"} "$@"\n')
        command.chmod(0o755)
        write_export(folder, "right")
        write_export(folder, "wrong", loss_error=1e-3)

        def check(expected, only, **broken):
            arguments = [sys.executable, HERE / "run.py", command, folder, "--only", only]
            done = subprocess.run(arguments, env={**os.environ, **broken}, capture_output=True, text=True)
            last = (done.stdout.strip().splitlines() or [done.stderr])[-1]
            if last != expected:
                raise SystemExit(f"self_test: --only {only} {broken}: {last}, not {expected}\n{done.stdout}")

        check("1 passed, 0 failed", "^right$")
        check("0 passed, 1 failed", "^wrong$")
        check("1 passed, 0 failed", "^sgd_plain_fed$")
        check("0 passed, 1 failed", "^sgd_plain_fed$", PARITY_BREAK="loss")
        check("0 passed, 1 failed", "^sgd_plain_fed$", PARITY_BREAK="variable")
    print("self_test: run.py tells right from wrong")


if __name__ == "__main__":
    main()
