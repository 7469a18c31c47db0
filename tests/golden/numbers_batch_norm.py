# SPDX-License-Identifier: Apache-2.0
"""First and second derivatives of the fused op, and the functions of tf.nn that normalize, as TensorFlow computes them."""
import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.core.framework import graph_pb2

EPSILON = 1e-2
SHAPES = {"small": [2, 3, 2, 3], "one": [1, 1, 1, 2], "flat": [6, 1, 1, 4]}
FORMATS = {"NHWC": (0, 1, 2, 3), "NCHW": (0, 3, 1, 2)}


def drawn(seed, *shapes):
    draw = np.random.RandomState(seed)
    return [draw.randn(*s).astype(np.float32) for s in shapes]


def run(outputs, feeds):
    with tf.Session() as session:
        return session.run(outputs, feeds)


def fed(values, dtype=None):
    return {k: tf.placeholder(dtype or v.dtype, v.shape) for k, v in values.items()}


def second_derivatives():
    """y, dx, dscale, doffset of sum(y * a), then the gradients of sum(dx * b) + sum(dscale * c) in x, scale and a."""
    arrays = {}
    for seed, (name, shape) in enumerate(SHAPES.items()):
        channels = shape[-1]
        x, a, b = drawn(seed, shape, shape, shape)
        scale, offset, c, mean = drawn(seed + 10, *[[channels]] * 4)
        variance = np.abs(drawn(seed + 20, [channels])[0]) + np.float32(0.5)
        for layout, order in FORMATS.items():
            values = {"x": x.transpose(order), "a": a.transpose(order), "b": b.transpose(order), "scale": scale,
                      "offset": offset, "c": c, "mean": mean, "variance": variance}
            for training in (True, False):
                for dtype in (tf.float32, tf.float16) if name == "small" else (tf.float32,):
                    case = f"second/{name}_{layout}_{'train' if training else 'infer'}_{dtype.name}"
                    with tf.Graph().as_default():
                        t = fed(values)
                        state = {} if training else {"mean": t["mean"], "variance": t["variance"]}
                        wide = tf.cast(t["x"], dtype), tf.cast(t["a"], dtype)
                        y, _, _ = tf.nn.fused_batch_norm(wide[0], t["scale"], t["offset"], epsilon=EPSILON,
                                                         data_format=layout, is_training=training, **state)
                        first = tf.gradients(y, [t["x"], t["scale"], t["offset"]], wide[1])
                        target = tf.reduce_sum(first[0] * t["b"]) + tf.reduce_sum(first[1] * t["c"])
                        second = tf.gradients(target, [t["x"], t["scale"], t["a"]])
                        out = run([tf.cast(y, tf.float32), *first, *second], {t[k]: v for k, v in values.items()})
                    if layout == "NCHW":  # kept once: the numbers of NHWC, transposed
                        for i in (0, 1, 4, 6):
                            out[i] = out[i].transpose(0, 2, 3, 1)
                        reference = [arrays[case.replace("NCHW", "NHWC") + f"/out/{i}"] for i in range(7)]
                        for got, want in zip(out, reference):
                            np.testing.assert_allclose(got, want, rtol=1e-3, atol=1e-3)
                        continue
                    arrays.update({f"{case}/out/{i}": v for i, v in enumerate(out)})
        arrays.update({f"second/{name}/in/{k}": v for k, v in values.items() if v.ndim == 1})
        arrays.update({f"second/{name}/in/{k}": v for k, v in (("x", x), ("a", a), ("b", b))})
    return arrays


def global_normalization():
    """The op of old graphs, and its gradient: a GraphDef says that it is one."""
    arrays = {}
    x, gy = drawn(30, [2, 2, 1, 3], [2, 2, 1, 3])
    m, beta, gamma = drawn(31, [3], [3], [3])
    v = np.abs(drawn(32, [3])[0]) + np.float32(0.5)
    values = {"t": x, "m": m, "v": v, "beta": beta, "gamma": gamma, "backprop": gy}
    for scale in (True, False):
        old = graph_pb2.GraphDef()
        old.versions.producer = 8
        for name, value in values.items():
            node = old.node.add(name=name, op="Placeholder")
            node.attr["dtype"].type = tf.float32.as_datatype_enum
        for op, inputs in (("BatchNormWithGlobalNormalization", ["t", "m", "v", "beta", "gamma"]),
                           ("BatchNormWithGlobalNormalizationGrad", ["t", "m", "v", "gamma", "backprop"])):
            node = old.node.add(name=op, op=op, input=inputs)
            node.attr["T"].type = tf.float32.as_datatype_enum
            node.attr["variance_epsilon"].f = EPSILON
            node.attr["scale_after_normalization"].b = scale
        with tf.Graph().as_default():
            tf.import_graph_def(old, name="")
            names = ["BatchNormWithGlobalNormalization:0"]
            names += [f"BatchNormWithGlobalNormalizationGrad:{i}" for i in range(5)]
            out = run(names, {f"{k}:0": value for k, value in values.items()})
        arrays.update({f"global/{'scaled' if scale else 'plain'}/out/{i}": value for i, value in enumerate(out)})
    return {**arrays, **{f"global/in/{k}": value for k, value in values.items()}}


def moments():
    """mean and variance, in float16, float32 and float64: tf.nn.moments, weighted_moments and normalize_moments."""
    arrays = {}
    x, = drawn(40, [3, 4, 2])
    x += np.float32(2.0)
    w = np.abs(drawn(41, [3, 4, 1])[0])
    for dtype in (tf.float16, tf.float32, tf.float64):
        with tf.Graph().as_default():
            t = fed({"x": x, "w": w})
            wide, weights = tf.cast(t["x"], dtype), tf.cast(t["w"], dtype)
            results = [*tf.nn.moments(wide, [0, 1]), *tf.nn.weighted_moments(wide, [0, 1], weights)]
            for shift in (None, tf.constant(2.0, dtype)):
                results += tf.nn.normalize_moments(*tf.nn.sufficient_statistics(wide, [0, 1], shift))
            results += tf.gradients(results[3], [t["x"], t["w"]])  # weighted variance
            out = run([tf.cast(r, tf.float64) for r in results], {t["x"]: x, t["w"]: w})
        arrays.update({f"moments/{dtype.name}/out/{i}": value for i, value in enumerate(out)})
    return {**arrays, "moments/in/x": x, "moments/in/w": w}


def batch_norm():
    return {**second_derivatives(), **global_normalization(), **moments()}
