# SPDX-License-Identifier: Apache-2.0
"""Bits of random ops and initializers, as hexadecimal text."""
import zlib

import tensorflow.compat.v1 as tf

SEEDS = [(0, 7), (42, 0), (87654321, 5), (1 << 40 | 3, (1 << 35) + 1)]
SHAPES = [[1], [7], [10, 100]]


def hexadecimal(values):
    """The elements' bits; of more than 64 elements, the crc32 of their bytes."""
    if values.size > 64:
        return f"crc32={zlib.crc32(values.tobytes()):08x}"
    bits = values.reshape(-1).view(f"u{values.itemsize}")
    return " ".join(f"{b:0{2 * values.itemsize}x}" for b in bits)


def by(shape):
    return "x".join(map(str, shape))


def run_twice(tensor):
    with tf.Session() as session:
        return [session.run(tensor) for _ in range(2)]


def random_bits():
    raw = tf.raw_ops
    float_ops = {"RandomUniform": raw.RandomUniform, "RandomStandardNormal": raw.RandomStandardNormal,
                 "TruncatedNormal": raw.TruncatedNormal}
    lines = []

    def add(head, build, seeds=SEEDS):
        for seed, seed2 in seeds:
            for shape in SHAPES:
                with tf.Graph().as_default():
                    for run, values in enumerate(run_twice(build(shape, seed, seed2)), 1):
                        where = f"seed={seed} seed2={seed2} shape={by(shape)} run={run}"
                        lines.append(f"{head} {where}: {hexadecimal(values)}")

    for name, op in float_ops.items():
        for dtype, seeds in ((tf.float32, SEEDS), (tf.float64, SEEDS[-1:])):
            add(f"{name} {dtype.name}", lambda shape, a, b: op(shape=shape, dtype=dtype, seed=a, seed2=b), seeds)
    for dtype, low, high in ((tf.int32, -5, 5), (tf.int32, 0, 2**31 - 1), (tf.int64, 0, 10), (tf.int64, -5, 1 << 40)):
        add(f"RandomUniformInt {dtype.name} minval={low} maxval={high}",
            lambda shape, a, b: raw.RandomUniformInt(shape=shape, minval=tf.constant(low, dtype),
                                                     maxval=tf.constant(high, dtype), seed=a, seed2=b))
    return "\n".join(lines) + "\n"


def initializers(seed):
    init = tf.initializers
    return {
        "random_uniform(-1,2)": init.random_uniform(-1.0, 2.0, seed=seed),
        "random_normal(0.5,2)": init.random_normal(0.5, 2.0, seed=seed),
        "truncated_normal(0.5,2)": init.truncated_normal(0.5, 2.0, seed=seed),
        "glorot_uniform": init.glorot_uniform(seed=seed),
        "glorot_normal": init.glorot_normal(seed=seed),
        "he_uniform": init.he_uniform(seed=seed),
        "he_normal": init.he_normal(seed=seed),
        "lecun_uniform": init.lecun_uniform(seed=seed),
        "lecun_normal": init.lecun_normal(seed=seed),
        "variance_scaling(2,fan_avg,untruncated_normal)":
            init.variance_scaling(2.0, "fan_avg", "untruncated_normal", seed=seed),
        "variance_scaling(0.5,fan_out,uniform)": init.variance_scaling(0.5, "fan_out", "uniform", seed=seed),
        "uniform_unit_scaling(1.5)": init.uniform_unit_scaling(1.5, seed=seed),
        "orthogonal": init.orthogonal(seed=seed),
        "orthogonal(2)": init.orthogonal(2.0, seed=seed),
    }


def initial_values():
    """Each variable is alone in a graph; seeds are (graph, op), - where not set."""
    lines = []
    for graph_seed, op_seed in ((42, None), (None, 7)):
        for name, initializer in initializers(op_seed).items():
            for shape in ([3, 4], [2, 2, 3, 2]):
                with tf.Graph().as_default(), tf.Session() as session:
                    tf.set_random_seed(graph_seed)
                    v = tf.get_variable("v", shape, initializer=initializer)
                    session.run(v.initializer)
                    seeds = " ".join(f"{k}={'-' if s is None else s}"
                                     for k, s in (("graph_seed", graph_seed), ("op_seed", op_seed)))
                    lines.append(f"{name} shape={by(shape)} {seeds}: {hexadecimal(session.run(v))}")
    return "\n".join(lines) + "\n"
