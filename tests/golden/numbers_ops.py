# SPDX-License-Identifier: Apache-2.0
"""Ops where a formula does not say everything: special values, ties, N = 1, large means, extreme logits."""
import numpy as np
import tensorflow.compat.v1 as tf

raw = tf.raw_ops
NAN, INF = np.nan, np.inf

BINARY = ["Pow", "FloorMod", "FloorDiv", "DivNoNan", "RealDiv", "Maximum", "Minimum", "Less", "GreaterEqual", "Equal"]
UNARY = ["Exp", "Log", "Log1p", "Sqrt", "Rsqrt", "Reciprocal", "Sigmoid", "Tanh", "Abs", "Sign", "Floor", "IsFinite"]
ACTIVATIONS = ["Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Softplus"]
ACTIVATION_GRADS = ["ReluGrad", "Relu6Grad", "LeakyReluGrad", "SoftplusGrad"]
SHARED = {op: kind for kind, ops in (("pairs", BINARY), ("unary", UNARY), ("activations", ACTIVATIONS),
                                     ("activation_grads", ACTIVATION_GRADS)) for op in ops}


def f32(*values):
    return np.array(values, np.float32)


def pairs():
    """All pairs of special floats, as two vectors."""
    specials = f32(0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, INF, -INF, NAN)
    x, y = np.meshgrid(specials, specials, indexing="ij")
    return x.reshape(-1), y.reshape(-1)


def elementwise():
    x, y = pairs()
    cases = {f"{op}/float32": (getattr(raw, op), {"x": x, "y": y}) for op in BINARY}
    i, j = (v.reshape(-1) for v in np.meshgrid(np.arange(-5, 6), [-3, -2, -1, 1, 2, 3], indexing="ij"))
    for op in ("FloorMod", "FloorDiv"):
        cases[f"{op}/int32"] = (getattr(raw, op), {"x": i.astype(np.int32), "y": j.astype(np.int32)})
    one = f32(0.0, -0.0, 1.0, -1.0, 6.0, 7.0, 20.0, -20.0, 100.0, -100.0, 1e-30, 1e30, INF, -INF, NAN)
    for op in UNARY:
        cases[f"{op}/float32"] = (getattr(raw, op), {"x": one})
    for op in ACTIVATIONS:
        cases[f"{op}/float32"] = (getattr(raw, op), {"features": one})
    for op in ACTIVATION_GRADS:
        cases[f"{op}/float32"] = (getattr(raw, op), {"gradients": np.full_like(one, 2.0), "features": one})
    return cases


def selection():
    condition = np.array([True, False, True, False])
    a, b = f32(1.0, NAN, NAN, 2.0), f32(NAN, 3.0, 4.0, INF)
    rows = np.arange(8, dtype=np.float32).reshape(4, 2)
    return {
        "Select/same": (raw.Select, {"condition": condition, "x": a, "y": b}),
        "Select/rows": (raw.Select, {"condition": condition, "x": rows, "y": -rows}),
        "SelectV2/broadcast": (raw.SelectV2, {"condition": condition[:, None], "t": rows, "e": f32(9.0)}),
        "Max/nan": (raw.Max, {"input": np.stack([a, b]), "axis": np.int32(1)}),
        "Max/empty": (raw.Max, {"input": np.zeros([2, 0], np.float32), "axis": np.int32(1)}),
        "Mean/empty": (raw.Mean, {"input": np.zeros([2, 0], np.float32), "axis": np.int32(1)}),
        "Prod/empty": (raw.Prod, {"input": np.zeros([2, 0], np.float32), "axis": np.int32(1)}),
        "ArgMax/ties": (raw.ArgMax, {"input": f32([1, 3, 3], [2, 2, 2], [-1, -2, -1]), "dimension": np.int32(1)}),
        "Cast/int32": (raw.Cast, {"x": f32(1.9, -1.9, 0.5, -0.5, 2147483520.0), "DstT": tf.int32}),
        "Cast/bool": (raw.Cast, {"x": f32(0.0, -0.0, 0.1, NAN), "DstT": tf.bool}),
        "Cast/half": (raw.Cast, {"x": f32(1.0, 65504.0, 65520.0, 1e-8, 6e-8, 0.1, 2049.0, -INF, NAN),
                                 "DstT": tf.float16}),
    }


def cross_entropies():
    logits = f32([1000.0, -1000.0, 0.0], [0.5, 0.5, 0.5], [-INF, 0.0, 1.0], [1e-3, 2.0, -3.0])
    labels = f32([1.0, 0.0, 0.0], [0.2, 0.3, 0.5], [0.0, 0.5, 0.5], [0.0, 0.0, 2.0])
    sparse = np.array([1, 0, 2, 2], np.int64)
    return {
        "SoftmaxCrossEntropyWithLogits/extreme":
            (raw.SoftmaxCrossEntropyWithLogits, {"features": logits, "labels": labels}),
        "SparseSoftmaxCrossEntropyWithLogits/extreme":
            (raw.SparseSoftmaxCrossEntropyWithLogits, {"features": logits, "labels": sparse}),
        "Softmax/extreme": (raw.Softmax, {"logits": logits}),
        "LogSoftmax/extreme": (raw.LogSoftmax, {"logits": logits}),
    }


def fused_batch_norm():
    draw = np.random.RandomState(7)
    cases = {}
    none = np.zeros(0, np.float32)
    for name, shape, mean in (("small", [2, 2, 2, 3], 0.0), ("one", [1, 1, 1, 3], 0.0), ("mean", [8, 1, 1, 3], 1e4)):
        x = (draw.randn(*shape) + mean).astype(np.float32)
        gy = draw.randn(*shape).astype(np.float32)
        scale, offset, m, v = (draw.rand(3).astype(np.float32) for _ in range(4))
        m += np.float32(mean)
        forward = {"x": x, "scale": scale, "offset": offset, "epsilon": 1e-3}
        for training in (True, False) if name == "small" else (True,):
            kind = f"{name}_{'train' if training else 'infer'}"
            state = {"mean": none, "variance": none} if training else {"mean": m, "variance": v}
            cases[f"FusedBatchNormV3/{kind}"] = (raw.FusedBatchNormV3, {**forward, **state, "is_training": training})
            rest = {"reserve_space_1": x.mean((0, 1, 2)), "reserve_space_2": x.var((0, 1, 2))} if training else {
                "reserve_space_1": m, "reserve_space_2": v}
            cases[f"FusedBatchNormGradV3/{kind}"] = (raw.FusedBatchNormGradV3, {
                "y_backprop": gy, "x": x, "scale": scale, **rest, "reserve_space_3": none, "epsilon": 1e-3,
                "is_training": training})
    average = {**forward, "mean": m, "variance": v, "is_training": True, "exponential_avg_factor": 0.25}
    return {**cases, "FusedBatchNormV3/mean_average": (raw.FusedBatchNormV3, average)}


def max_pool():
    x = np.array([[1, 1, 0, 2], [1, 1, 2, 2], [-1, -1, 5, 5], [-1, -1, 5, 4]], np.float32).reshape(1, 4, 4, 1)
    cases = {}
    for padding, k, s in (("VALID", 2, 2), ("SAME", 3, 2)):
        window = {"ksize": [1, k, k, 1], "strides": [1, s, s, 1], "padding": padding}
        size = -(-4 // s) if padding == "SAME" else (4 - k) // s + 1
        gy = np.arange(1, size * size + 1, dtype=np.float32).reshape(1, size, size, 1)
        name = f"{padding.lower()}_{k}_{s}"
        cases[f"MaxPool/{name}"] = (raw.MaxPool, {"input": x, **window})
        y = np.zeros_like(gy)  # the kernel looks for the maxima itself
        cases[f"MaxPoolGrad/{name}"] = (raw.MaxPoolGrad, {"orig_input": x, "orig_output": y, "grad": gy, **window})
    return cases


def moments():
    x = np.random.RandomState(8).randn(6, 3).astype(np.float32) + np.float32(100.0)
    return {
        "nn.moments/0": (lambda x: tf.nn.moments(x, [0]), {"x": x}),
        "nn.moments/keep": (lambda x: tf.nn.moments(x, [0, 1], keep_dims=True), {"x": x}),
        "nn.moments/one": (lambda x: tf.nn.moments(x, [0]), {"x": x[:1]}),
    }


def special_values():
    """Members CASE/out/K for output K, and CASE/in/NAME for every tensor that goes in; what many cases share is there
    once, as pairs/in/NAME and so on. At most the first three outputs are kept. Attributes stand in this file."""
    arrays = {}
    for cases in (elementwise(), selection(), cross_entropies(), fused_batch_norm(), max_pool(), moments()):
        for case, (op, arguments) in cases.items():
            tensors = {k: v for k, v in arguments.items() if isinstance(v, (np.ndarray, np.generic))}
            with tf.Graph().as_default(), tf.Session() as session:
                fed = {k: tf.placeholder(v.dtype, v.shape) for k, v in tensors.items()}  # so that nothing is folded
                result = op(**{**arguments, **fed})
                outputs = list(result)[:3] if isinstance(result, (tuple, list)) else [result]
                values = session.run(outputs, {fed[k]: v for k, v in tensors.items()})
            kind = SHARED.get(case.removesuffix("/float32"), case)
            arrays.update({f"{kind}/in/{k}": v for k, v in tensors.items()})
            arrays.update({f"{case}/out/{k}": v for k, v in enumerate(values)})
    return arrays
