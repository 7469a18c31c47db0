# SPDX-License-Identifier: Apache-2.0
"""20 steps of a small network on the bundled digits, with every optimizer."""
import numpy as np
import tensorflow.compat.v1 as tf

import digits
import nets

STEPS, BATCH, HIDDEN, SEED = 20, 32, (8, 8), 42
VARIANTS = [(False, False), (False, True), (True, False), (True, True)]  # (fused, static training)
ONE_THREAD = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)


def run(make, fused, static):
    """The initial values, the loss of every step, and the final values of all variables."""
    x, y = digits.load()
    with tf.Graph().as_default(), tf.Session(config=ONE_THREAD) as session:
        nets.mlp(make(), fused, static, HIDDEN, bias=False, seed=SEED)
        feeds = {} if static else {"is_training:0": True}
        session.run(tf.global_variables_initializer())
        variables = {v.op.name: v for v in tf.global_variables()}
        initial = session.run(variables)
        losses = []
        for step in range(STEPS):
            part = slice(step * BATCH, (step + 1) * BATCH)
            fed = {"images:0": x[part], "labels:0": y[part], **feeds}
            losses.append(session.run(["loss:0", "train"], fed)[0])
        return initial, np.array(losses, np.float32), session.run(variables)


def is_slot(name):
    return name.split("/")[-1] not in ("kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance")


def training_steps():
    """Members: initial/VARIABLE; of every optimizer OPTIMIZER/losses, [4, STEPS] for the four VARIANTS, and
    OPTIMIZER/VARIABLE, the final values, slots left out. In every variant the trained variables are the same but for
    rounding, which is checked here, so only those of the first are kept. The moving variances of fused and plain
    differ by Bessel's correction: OPTIMIZER/fused/VARIABLE."""
    arrays = {}
    for name, make in nets.optimizers().items():
        runs = [run(make, fused, static) for fused, static in VARIANTS]
        (initial, _, plain), (_, _, fused) = runs[0], runs[2]
        kept = {k: v for k, v in plain.items() if not is_slot(k)}
        for _, _, final in runs[1:]:
            for k, v in kept.items():
                if not k.endswith("moving_variance"):
                    np.testing.assert_allclose(final[k], v, rtol=1e-3, atol=1e-4, err_msg=f"{name} {k}")
        arrays[f"{name}/losses"] = np.stack([losses for _, losses, _ in runs])
        arrays.update({f"{name}/{k}": v for k, v in kept.items()})
        arrays.update({f"{name}/fused/{k}": v for k, v in fused.items() if k.endswith("moving_variance")})
    arrays.update({f"initial/{k}": v for k, v in initial.items() if k.endswith("kernel")})
    return arrays
